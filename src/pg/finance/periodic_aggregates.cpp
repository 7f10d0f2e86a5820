/*
 * Aggregates of flows that stand at periods 0, 1, ...: irr and npv.
 */
#include "pg/finance/finance.hpp"
#include "pg/finance/flow_aggregates.hpp"
#include "pg/glue/interrupt.hpp"

using namespace tradeup;

namespace {

/* The state of the aggregates of flows in periods. */
struct PeriodicFlows {
    double rate; // of npv
    bool has_rate;
    Size count;
    Size capacity;
    double *amounts;

    std::span<const double> flows() const { return {amounts, count}; }
};

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(irr_step);
PG_FUNCTION_INFO_V1(irr_final);
PG_FUNCTION_INFO_V1(npv_step);
PG_FUNCTION_INFO_V1(npv_final);

/* A missing amount would move all later ones by a period, so it is an error here. */
Datum irr_step(PG_FUNCTION_ARGS) {
    auto *flows = state_or_new<PeriodicFlows>(fcinfo);
    const int at = PG_NARGS() - 1;
    if (PG_ARGISNULL(at)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("amount must not be null"),
                        errhint("Write 0 for a period without a flow: coalesce(amount, 0).")));
    }
    make_room(fcinfo, flows->amounts, flows->count, flows->capacity);
    flows->amounts[flows->count++] = finite_amount(PG_GETARG_FLOAT8(at));
    PG_RETURN_POINTER(flows);
}

Datum irr_final(PG_FUNCTION_ARGS) {
    const auto *flows = state_argument<PeriodicFlows>(fcinfo);
    if (flows == nullptr) {
        PG_RETURN_NULL();
    }
    return answer(fcinfo, uncancelled(rate_of_return(flows->flows(), stop_asked)));
}

Datum npv_step(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("rate must not be null")));
    }
    auto *flows = reinterpret_cast<PeriodicFlows *>(DatumGetPointer(irr_step(fcinfo)));
    take_rate(*flows, PG_GETARG_FLOAT8(1));
    PG_RETURN_POINTER(flows);
}

Datum npv_final(PG_FUNCTION_ARGS) {
    const auto *flows = state_argument<PeriodicFlows>(fcinfo);
    if (flows == nullptr) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(value_of(net_present_value(flows->rate, flows->flows(), 0)));
}

} // extern "C"
