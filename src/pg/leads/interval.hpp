/*
 * Intervals as rows.
 */
#pragma once

#include "core/leads/rates.hpp"

#include "pg/glue/rows.hpp"

namespace tradeup {

/* low, median, mean, high. */
inline Datum interval_row(FunctionCallInfo fcinfo, const ProbabilityInterval &interval) {
    Datum values[] = {Float8GetDatum(interval.low), Float8GetDatum(interval.median),
                      Float8GetDatum(interval.mean), Float8GetDatum(interval.high)};
    return one_row(fcinfo, values);
}

} // namespace tradeup
