/*
 * Dated flows as the array functions and the aggregates gather them.
 */
#pragma once

#include "core/finance/day_sum.hpp"
#include "core/finance/flows.hpp"

#include "pg/finance/finance.hpp"

extern "C" {
#include "utils/palloc.h"
}

namespace tradeup {

/*
 * Flows of any order of dates; the state of the aggregates xirr, xnpv and cat. The flows follow in the same
 * block of memory: each as it came, as long as most of them have a date of their own; then one sum for each
 * date, so that memory follows the dates and not the rows.
 */
struct DatedFlows {
    double rate; // of xnpv
    DayCount day_count;
    std::uint32_t count;
    std::uint32_t capacity;
    bool has_rate;
    bool has_day_count;
    bool summed;    // sums follow, not amounts
    bool ascending; // each day is later than the one before it

    DayAmount *amounts() { return reinterpret_cast<DayAmount *>(this + 1); }
    const DayAmount *amounts() const { return reinterpret_cast<const DayAmount *>(this + 1); }
    DaySum *sums() { return reinterpret_cast<DaySum *>(this + 1); }
};

static_assert(sizeof(DatedFlows) % alignof(DaySum) == 0 && sizeof(DatedFlows) % alignof(DayAmount) == 0);

/* No flows, and room for so many amounts, or sums. */
DatedFlows *new_flows(MemoryContext context, std::size_t capacity, bool summed);

/* Adds an amount, for which there is room. */
inline void put(DatedFlows &flows, double amount, DateADT day) {
    flows.ascending &= flows.count == 0 || flows.amounts()[flows.count - 1].day < day;
    flows.amounts()[flows.count++] = {amount, day};
}

/* Sorts the flows by their dates; sums become one of each date. */
void sort_flows(DatedFlows &flows);

/* How many days sorted amounts are of. */
std::uint32_t days_of(const DatedFlows &flows);

/* The flows, one a day, with their times in years from the earliest date. */
std::span<const Flow> timed(DatedFlows &flows);

/* The rate of return. */
Answer rate_of(DatedFlows &flows);

} // namespace tradeup
