/*
 * Dates of the proleptic Gregorian calendar, and the day counts by which finance measures time between two
 * of them in years.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/pure.hpp"

namespace tradeup {

/* A date as days since 2000-01-01, which is PostgreSQL's DateADT. Year 0 is 1 BC. */
struct Date {
    std::int32_t days = 0;

    friend constexpr bool operator==(Date, Date) noexcept = default;
    friend constexpr auto operator<=>(Date a, Date b) noexcept { return a.days <=> b.days; }
};

/* The first and the last date of PostgreSQL: 4714-11-24 BC and 5874897-12-31. Infinities lie beyond both. */
inline constexpr Date kFirstDate{-2'451'545};
inline constexpr Date kLastDate{2'145'031'948};

/* Whether the date is one of PostgreSQL's, and no infinity. */
constexpr bool is_finite(Date date) noexcept {
    return date >= kFirstDate && date <= kLastDate;
}

/* A date's parts: year as astronomers count (0 is 1 BC), month 1 to 12, day 1 to 31. */
struct Civil {
    std::int64_t year;
    std::int32_t month;
    std::int32_t day;
};

constexpr bool is_leap(std::int64_t year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* How many days the month (1 to 12) of the year has. */
constexpr std::int32_t days_in_month(std::int64_t year, std::int32_t month) noexcept {
    return month == 2 ? (is_leap(year) ? 29 : 28)
                      : (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31);
}

/*
 * The parts of a date, and days since 2000-01-01 of its parts. Source: H. Hinnant, chrono-compatible
 * low-level date algorithms, civil_from_days and days_from_civil; both hold for every year that 64 bits
 * hold days of.
 */
Civil civil_from_days(std::int64_t days) noexcept;
std::int64_t days_from_civil(Civil civil) noexcept;

/* The date of a text YYYY-MM-DD, which no setting reads differently; nothing for any other text. */
std::optional<Date> parse_iso_date(std::string_view text) noexcept;

/*
 * The date a number of whole months later, or earlier when negative, on the same day of the month or on the
 * month's last day where it has no such day. Counted in 64-bit days, since the last months of the calendar
 * have no date that many months later.
 */
std::int64_t add_months(Date date, std::int64_t months) noexcept;

/*
 * Ways to measure the time between two dates in years. Sources: ISDA 2006 Definitions, section 4.16, by
 * letter; for thirty_360_us the Securities Industry Association's rules (J. J. Mayle, Standard Securities
 * Calculation Methods, vol. 1); for actual_actual_excel basis 1 of the spreadsheet function YEARFRAC as the
 * OpenFormula standard describes it (OASIS OpenDocument 1.2, part 2, section 4.11.7).
 *   actual_365           days / 365                                                      (d), Fixed
 *   actual_360           days / 360                                                      (e)
 *   actual_actual        days in leap years / 366 + days in other years / 365            (b), ISDA
 *   actual_actual_excel  up to a year: days / 366 where the dates enclose a 29 February or lie in one leap
 *                        year, else days / 365; longer: days / the mean length of the years that the dates
 *                        lie in and those between
 *   thirty_360           months of 30 days: a first day 31 counts as 30, a last day 31 as 30
 *                        when the first is 30 or 31                                      (f), bond basis
 *   thirty_360_us        the same, but a first day that is the last of February counts as 30, and a last day
 *                        that is the last of February too
 *   thirty_e_360         months of 30 days: each day 31 counts as 30                     (g), Eurobond basis
 * A day belongs to the year that it begins in; the first date counts, the last one does not.
 */
enum class DayCount : std::int32_t {
    actual_365,
    actual_360,
    actual_actual,
    actual_actual_excel,
    thirty_360,
    thirty_360_us,
    thirty_e_360
};

/* The day count of its name, as people write it: `actual/365`, `Act/365`. Errors: bad_value. */
Result<DayCount> parse_day_count(std::string_view name) noexcept;

/* The names as a sentence lists them. */
inline constexpr const char *kDayCountNames =
    "actual/365, actual/360, actual/actual, actual/actual excel, 30/360, 30/360 us or 30e/360";

/* Whether a year has 360 days by it. */
bool has_360_days(DayCount count) noexcept;

/* The fraction numerator / denominator of a year; exact, not reduced. */
struct YearFraction {
    std::int64_t numerator;
    std::int64_t denominator;
};

/*
 * The time between two dates in years, exactly. Domain: to >= from, both finite. (Under 30/360 one day
 * may count as none: from the 30th to the 31st. Under thirty_360_us and thirty_360 the end of February may
 * count more days than there are.)
 */
YearFraction exact_year_fraction(DayCount count, Date from, Date to) noexcept;

/* The same as a double, correctly rounded. */
double year_fraction(DayCount count, Date from, Date to) noexcept;

} // namespace tradeup
