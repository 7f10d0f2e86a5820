/*
 * Makes flows of a deal's schedule for the equation of the annual percentage rate.
 */
#include "core/loans/deal_apr.hpp"

#include <vector>

#include "core/base/guard.hpp"
#include "core/deal/schedule.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

Result<OptionalApr> deal_apr(const Deal &deal, std::int64_t price_minor, std::int64_t prepaid_minor,
                             StopAsked stop) noexcept {
    const Terms &terms = deal.terms;
    Result<Schedule> schedule = begin_schedule(deal, price_minor);
    if (!schedule) {
        return tl::unexpected(schedule.error());
    }
    if (terms.kind == DealKind::lease) {
        return OptionalApr{};
    }
    return guarded([&]() -> Result<OptionalApr> {
        const std::int32_t period = days_of_period(terms.payment_frequency);
        const std::int32_t first = terms.first_payment_days == kAbsent ? period : terms.first_payment_days;
        const std::int32_t whole_periods = first / period;
        const double fraction = static_cast<double>(first % period) / period;
        std::vector<AprFlow> flows;
        flows.reserve(static_cast<std::size_t>(schedule->periods) + 1);
        std::int64_t advance = -prepaid_minor;
        ScheduleRow row{};
        while (next_row(*schedule, row)) {
            const std::int64_t gps = gps_charge_in(*schedule, row.number) + gps_tax_in(*schedule, row.number);
            /* A renewal is financed on the day of the payment before it. */
            if (row.number == 1) {
                advance += row.financed;
                flows.push_back({static_cast<double>(advance), {}, 0, 0});
            } else {
                flows.back().amount += static_cast<double>(row.financed);
            }
            flows.push_back({static_cast<double>(gps - row.payment),
                             {},
                             static_cast<double>(whole_periods + row.number - 1),
                             fraction});
        }
        if (advance <= 0) {
            return OptionalApr{};
        }
        return annual_percentage_rate_of_periods(flows.data(), flows.size(), terms.payment_frequency, stop);
    });
}

} // namespace tradeup
