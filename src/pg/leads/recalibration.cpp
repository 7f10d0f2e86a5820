/*
 * The aggregate recalibration, which keeps all rows of its group.
 */
#include "core/leads/recalibration.hpp"

#include <cstring>

#include "pg/glue/rows.hpp"
#include "pg/leads/judged.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(recalibration_step);
PG_FUNCTION_INFO_V1(recalibration_combine);
PG_FUNCTION_INFO_V1(recalibration_serialize);
PG_FUNCTION_INFO_V1(recalibration_deserialize);
PG_FUNCTION_INFO_V1(recalibration_final);

/* recalibration_step(state, rate, p, failed): rows that lack one of them are left out. */
Datum recalibration_step(PG_FUNCTION_ARGS) {
    auto *state = kept_state<RatedOutcome>(fcinfo);
    if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3)) {
        state->kept.put(state->context,
                        value_of(rated_outcome(PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), PG_GETARG_BOOL(3))));
    }
    PG_RETURN_POINTER(state);
}

Datum recalibration_combine(PG_FUNCTION_ARGS) {
    return kept_combine<RatedOutcome>(fcinfo);
}

Datum recalibration_serialize(PG_FUNCTION_ARGS) {
    return kept_serialize<RatedOutcome>(fcinfo);
}

Datum recalibration_deserialize(PG_FUNCTION_ARGS) {
    return kept_deserialize<RatedOutcome>(fcinfo);
}

Datum recalibration_final(PG_FUNCTION_ARGS) {
    auto *state = state_argument<KeptState<RatedOutcome>>(fcinfo);
    if (state == nullptr) {
        PG_RETURN_NULL();
    }
    const std::span<RatedOutcome> rows = state->kept.all();
    const auto line = value_of(recalibration(rows));
    if (!line) {
        PG_RETURN_NULL();
    }
    std::int64_t failures = 0;
    for (const RatedOutcome &row : rows) {
        failures += row.failed ? 1 : 0;
    }
    Datum values[] = {Int64GetDatum(static_cast<std::int64_t>(rows.size())),
                      Int64GetDatum(failures),
                      Float8GetDatum(static_cast<double>(line->intercept)),
                      Float8GetDatum(static_cast<double>(line->slope)),
                      Float8GetDatum(static_cast<double>(line->intercept_error)),
                      Float8GetDatum(static_cast<double>(line->slope_error))};
    return one_row(fcinfo, values);
}

} // extern "C"
