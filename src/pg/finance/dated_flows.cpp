/*
 * Days in order, and their times in years.
 */
#include "pg/finance/dated_flows.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"

namespace tradeup {

namespace {

void merge_sums(DatedFlows &flows) {
    DaySum *sums = flows.sums();
    (void)uncancelled(sort_days(std::span(sums, flows.count), stop_asked));
    std::uint32_t kept = 0;
    for (std::uint32_t i = 1; i < flows.count; ++i) {
        end_if_asked(i);
        if (sums[i].day == sums[kept].day) {
            sums[kept].add(sums[i]);
        } else {
            sums[++kept] = sums[i];
        }
    }
    flows.count = flows.count == 0 ? 0 : kept + 1;
}

/* How many days a year always has; 0 where that depends. */
int days_a_year(DayCount day_count) {
    switch (day_count) {
    case DayCount::actual_365:
        return 365;
    case DayCount::actual_360:
        return 360;
    case DayCount::actual_actual:
    case DayCount::actual_actual_excel:
    case DayCount::thirty_360:
    case DayCount::thirty_360_us:
    case DayCount::thirty_e_360:
        break;
    }
    return 0;
}

} // namespace

DatedFlows *new_flows(MemoryContext context, std::size_t capacity, bool summed) {
    const Size size = sizeof(DatedFlows) + capacity * (summed ? sizeof(DaySum) : sizeof(DayAmount));
    auto *flows = static_cast<DatedFlows *>(MemoryContextAllocHuge(context, size));
    *flows = {};
    flows->capacity = static_cast<std::uint32_t>(capacity);
    flows->summed = summed;
    flows->ascending = true;
    return flows;
}

void sort_flows(DatedFlows &flows) {
    if (flows.summed) {
        merge_sums(flows);
    } else if (!flows.ascending) {
        (void)uncancelled(sort_days(std::span(flows.amounts(), flows.count), stop_asked));
        flows.ascending = days_of(flows) == flows.count;
    }
}

std::uint32_t days_of(const DatedFlows &flows) {
    std::uint32_t days = flows.count == 0 ? 0 : 1;
    for (std::uint32_t i = 1; i < flows.count; ++i) {
        end_if_asked(i);
        days += flows.amounts()[i].day != flows.amounts()[i - 1].day ? 1 : 0;
    }
    return days;
}

std::span<const Flow> timed(DatedFlows &flows) {
    sort_flows(flows);
    auto *timed = allocated<Flow>(CurrentMemoryContext, flows.count);
    Size count = 0;
    const auto add = [&](std::int32_t first_day, const DaySum &sum) {
        const YearFraction years = exact_year_fraction(flows.day_count, Date{first_day}, Date{sum.day});
        timed[count++] = {value_of(sum.total()),
                          static_cast<Wide>(years.numerator) / static_cast<Wide>(years.denominator)};
    };
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < flows.count; i = next) {
        end_if_asked(count);
        next = i + 1;
        if (flows.summed) {
            add(flows.sums()[0].day, flows.sums()[i]);
            continue;
        }
        const DayAmount *amounts = flows.amounts();
        DaySum sum = DaySum::of(amounts[i].amount, amounts[i].day);
        for (; next < flows.count && amounts[next].day == amounts[i].day; ++next) {
            end_if_asked(next);
            sum.add(DaySum::of(amounts[next].amount, amounts[i].day));
        }
        add(amounts[0].day, sum);
    }
    return {timed, count};
}

Answer rate_of(DatedFlows &flows) {
    sort_flows(flows);
    const int year = days_a_year(flows.day_count);
    if (!flows.summed && flows.ascending && year != 0) {
        return uncancelled(
            rate_of_return(std::span<const DayAmount>(flows.amounts(), flows.count), year, stop_asked));
    }
    return uncancelled(rate_of_return(timed(flows), stop_asked));
}

} // namespace tradeup
