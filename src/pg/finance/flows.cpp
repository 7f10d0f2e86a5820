/*
 * Cash flows as arrays: of periods, or of dates.
 */
#include "core/finance/flows.hpp"

#include "pg/finance/dated_flows.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"

using namespace tradeup;

namespace {

std::span<const double> amounts_argument(FunctionCallInfo fcinfo, int argument) {
    return plain_elements<double>(PG_GETARG_DATUM(argument), "amounts",
                                  "Write 0 for a period without a flow.");
}

/* Flows from the two arrays and the day count of a function. */
DatedFlows &dated_arguments(FunctionCallInfo fcinfo, int first) {
    const std::span<const double> amounts = amounts_argument(fcinfo, first);
    const auto dates = plain_elements<DateADT>(PG_GETARG_DATUM(first + 1), "dates");
    if (dates.size() != amounts.size()) {
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("amounts and dates must have the same length"),
                        errdetail("There are %zu amounts and %zu dates.", amounts.size(), dates.size())));
    }
    DatedFlows &flows = *new_flows(CurrentMemoryContext, dates.size(), false);
    flows.day_count = day_count_argument(fcinfo, first + 2);
    for (std::size_t i = 0; i < dates.size(); ++i) {
        end_if_asked(i);
        require_finite(dates[i]);
        put(flows, amounts[i], dates[i]);
    }
    return flows;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(npv_array);
PG_FUNCTION_INFO_V1(irr_array);
PG_FUNCTION_INFO_V1(irr_all);
PG_FUNCTION_INFO_V1(mirr);
PG_FUNCTION_INFO_V1(xnpv_array);
PG_FUNCTION_INFO_V1(xirr_array);
PG_FUNCTION_INFO_V1(xirr_all);

Datum npv_array(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(
        value_of(net_present_value(PG_GETARG_FLOAT8(0), amounts_argument(fcinfo, 1), PG_GETARG_INT32(2))));
}

Datum irr_array(PG_FUNCTION_ARGS) {
    const std::span<const double> amounts = amounts_argument(fcinfo, 0);
    return answer(fcinfo, uncancelled(rate_of_return(amounts, stop_asked)));
}

Datum irr_all(PG_FUNCTION_ARGS) {
    const std::span<const double> amounts = amounts_argument(fcinfo, 0);
    return array_of(uncancelled(rates_of_return(amounts, stop_asked)));
}

Datum mirr(PG_FUNCTION_ARGS) {
    return answer(fcinfo, value_of(modified_rate(amounts_argument(fcinfo, 0), PG_GETARG_FLOAT8(1),
                                                 PG_GETARG_FLOAT8(2))));
}

Datum xnpv_array(PG_FUNCTION_ARGS) {
    DatedFlows &flows = dated_arguments(fcinfo, 1);
    PG_RETURN_FLOAT8(uncancelled(net_present_value(PG_GETARG_FLOAT8(0), timed(flows), stop_asked)));
}

Datum xirr_array(PG_FUNCTION_ARGS) {
    DatedFlows &flows = dated_arguments(fcinfo, 0);
    return answer(fcinfo, rate_of(flows));
}

Datum xirr_all(PG_FUNCTION_ARGS) {
    DatedFlows &flows = dated_arguments(fcinfo, 0);
    const std::span<const Flow> series = timed(flows);
    return array_of(uncancelled(rates_of_return(series, stop_asked)));
}

} // extern "C"
