/*
 * Dated flows as the array functions and the aggregates gather them: one sum for each date.
 */
#pragma once

#include "core/finance/day_sum.hpp"
#include "core/finance/flows.hpp"

#include "pg/finance/finance.hpp"

namespace tradeup {

/* Flows of any order of dates; the state of the aggregates xirr and xnpv. */
struct DatedFlows {
    double rate; // of xnpv
    bool has_rate;
    DayCount day_count;
    bool has_day_count;
    Size count;
    Size capacity;
    DaySum *days;
};

/* Sorts the days and makes one sum of each. */
void merge_days(DatedFlows &flows);

/* The flows, one a day, with their times in years from the earliest date. */
std::span<const Flow> timed(DatedFlows &flows);

} // namespace tradeup
