/*
 * Days in order, and their times in years.
 */
#include "pg/finance/dated_flows.hpp"

#include <algorithm>

#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"

namespace tradeup {

void merge_days(DatedFlows &flows) {
    (void)uncancelled(sort_days({flows.days, flows.count}, stop_asked));
    Size kept = 0;
    for (Size i = 1; i < flows.count; ++i) {
        end_if_asked(i);
        if (flows.days[i].day == flows.days[kept].day) {
            flows.days[kept].add(flows.days[i]);
        } else {
            flows.days[++kept] = flows.days[i];
        }
    }
    flows.count = flows.count == 0 ? 0 : kept + 1;
}

std::span<const Flow> timed(DatedFlows &flows) {
    merge_days(flows);
    auto *timed = allocated<Flow>(CurrentMemoryContext, flows.count);
    for (Size i = 0; i < flows.count; ++i) {
        end_if_asked(i);
        const YearFraction years =
            exact_year_fraction(flows.day_count, Date{flows.days[0].day}, Date{flows.days[i].day});
        timed[i] = {value_of(flows.days[i].total()),
                    static_cast<Wide>(years.numerator) / static_cast<Wide>(years.denominator)};
    }
    return {timed, flows.count};
}

} // namespace tradeup
