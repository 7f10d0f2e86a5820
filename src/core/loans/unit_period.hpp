/*
 * Time in unit-periods, as Regulation Z counts it: 12 CFR 1026, appendix J, (b)(5).
 */
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/loans/loans.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The day of the month that is asked for when months are counted; 31 is the last day of every month. */
inline constexpr std::int32_t kMonthEnd = 31;

constexpr bool is_month_end(Civil civil) noexcept {
    return civil.day == days_in_month(civil.year, civil.month);
}

/* Whether a date falls on a day of the month, or on the last day of a month that has no such day. */
inline bool is_cut_to(Civil civil, std::int32_t day) noexcept {
    return civil.day == std::min(day, days_in_month(civil.year, civil.month));
}

/* Full months measured back from the later date, and the days left before them. */
struct Months {
    std::int64_t full;
    std::int64_t odd_days;
};

/* Months are counted back from the later date, on the scheduled day of the month. */
Months months_between(Date earlier, Date later, std::int32_t scheduled_day) noexcept;

/* Unit-periods: whole ones, and a fraction of one. */
struct Elapsed {
    double whole;
    double fraction;
};

/* Unit-periods between two dates: appendix J (b)(5)(ii) to (v). */
Elapsed elapsed(Date earlier, Date later, UnitPeriod period, std::int32_t scheduled_day) noexcept;

/*
 * The day of the month on which a payment after a start is scheduled: the last one from month-end to
 * month-end; the start's, where the payment's month may lack it; else the payment's own.
 */
std::int32_t day_between(Date start, Date payment) noexcept;

double periods_a_year(UnitPeriod period) noexcept;

} // namespace tradeup
