/*
 * Unit-periods from their names, and how many of them lie between two dates.
 */
#include "core/loans/unit_period.hpp"

#include <algorithm>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

using Interval = UnitPeriod::Interval;

constexpr Words<UnitPeriod, 11> kUnitPeriods{{{"day", {Interval::day, 1}},
                                              {"week", {Interval::week, 1}},
                                              {"biweek", {Interval::week, 2}},
                                              {"4 weeks", {Interval::week, 4}},
                                              {"semimonth", {Interval::semimonth, 1}},
                                              {"month", {Interval::month, 1}},
                                              {"2 months", {Interval::month, 2}},
                                              {"quarter", {Interval::month, 3}},
                                              {"4 months", {Interval::month, 4}},
                                              {"6 months", {Interval::month, 6}},
                                              {"year", {Interval::year, 1}}}};

/* A date's months back, on the scheduled day of the month. */
std::int64_t months_back(Civil later, std::int32_t scheduled_day, std::int64_t months) noexcept {
    const auto first = static_cast<std::int32_t>(days_from_civil({later.year, later.month, 1}));
    const Civil month = civil_from_days(add_months({first}, -months));
    return days_from_civil(
        {month.year, month.month, std::min(scheduled_day, days_in_month(month.year, month.month))});
}

Elapsed divided(std::int64_t count, std::int64_t by) noexcept {
    const std::int64_t whole = count / by;
    return {static_cast<double>(whole), static_cast<double>(count % by) / static_cast<double>(by)};
}

} // namespace

Result<UnitPeriod> parse_unit_period(std::string_view name) noexcept {
    return value_as_written(kUnitPeriods, name, "unit period");
}

UnitPeriod unit_period_of(Frequency frequency) noexcept {
    switch (frequency) {
    case Frequency::monthly:
        return {Interval::month, 1};
    case Frequency::semimonthly:
        return {Interval::semimonth, 1};
    case Frequency::biweekly:
        return {Interval::week, 2};
    case Frequency::weekly:
        return {Interval::week, 1};
    case Frequency::quarterly:
        return {Interval::month, 3};
    case Frequency::semiannually:
        return {Interval::month, 6};
    case Frequency::yearly:
        break;
    }
    return {Interval::year, 1};
}

double periods_a_year(UnitPeriod period) noexcept {
    switch (period.interval) {
    case Interval::day:
        return 365;
    case Interval::week:
        return 52.0 / period.multiple;
    case Interval::semimonth:
        return 24;
    case Interval::month:
        return 12.0 / period.multiple;
    case Interval::year:
        break;
    }
    return 1;
}

Months months_between(Date earlier, Date later, std::int32_t scheduled_day) noexcept {
    const Civil from = civil_from_days(earlier.days);
    const Civil to = civil_from_days(later.days);
    std::int64_t full = (to.year - from.year) * 12 + (to.month - from.month);
    if (months_back(to, scheduled_day, full) < earlier.days) {
        --full;
    }
    /* A day scheduled later than the date itself may reach a month back, but not before it. */
    full = std::max<std::int64_t>(full, 0);
    const std::int64_t reached = full == 0 ? later.days : months_back(to, scheduled_day, full);
    return {full, reached - earlier.days};
}

Elapsed elapsed(Date earlier, Date later, UnitPeriod period, std::int32_t scheduled_day) noexcept {
    constexpr std::int64_t kMonth = 30;
    const std::int64_t days = std::int64_t{later.days} - earlier.days;
    switch (period.interval) {
    case Interval::day:
        return divided(days, 1);
    case Interval::week:
        return divided(days, std::int64_t{7} * period.multiple);
    default:
        break;
    }
    const Months months = months_between(earlier, later, scheduled_day);
    const std::int64_t counted = kMonth * months.full + months.odd_days;
    switch (period.interval) {
    case Interval::semimonth:
        return divided(counted, kMonth / 2);
    case Interval::month:
        if (period.multiple == 1) {
            return {static_cast<double>(months.full), static_cast<double>(months.odd_days) / kMonth};
        }
        return divided(counted, kMonth * period.multiple);
    default:
        break;
    }
    const std::int64_t years = months.full / 12;
    if (months.odd_days == 0) {
        return {static_cast<double>(years), static_cast<double>(months.full % 12) / 12};
    }
    const std::int64_t reached =
        years == 0 ? later.days : months_back(civil_from_days(later.days), scheduled_day, years * 12);
    return {static_cast<double>(years), static_cast<double>(reached - earlier.days) / 365};
}

std::int32_t day_between(Date start, Date payment) noexcept {
    const Civil begun = civil_from_days(start.days);
    const Civil due = civil_from_days(payment.days);
    return is_month_end(begun) && is_month_end(due) ? kMonthEnd
           : is_cut_to(due, begun.day)              ? begun.day
                                                    : due.day;
}

} // namespace tradeup
