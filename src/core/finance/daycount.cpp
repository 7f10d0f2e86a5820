/*
 * Dates as numbers of days and back, months later, and each day count's fraction of a year.
 */
#include "core/finance/daycount.hpp"

#include <algorithm>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Days from 0000-03-01, with which Hinnant's eras of 400 years begin, to 2000-01-01. */
constexpr std::int64_t kEraToEpoch = 730'425;
constexpr std::int64_t kEraDays = 146'097;

constexpr std::int64_t floor_divided(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b < 0 ? 1 : 0);
}

/* How many leap years lie before a year, counted from the year 1; negative before it. */
constexpr std::int64_t leap_years_before(std::int64_t year) noexcept {
    return floor_divided(year - 1, 4) - floor_divided(year - 1, 100) + floor_divided(year - 1, 400);
}

/* How many days of leap years lie before a date, counted from the year 1. */
std::int64_t leap_days_before(Date date) noexcept {
    const std::int64_t year = civil_from_days(date.days).year;
    const std::int64_t day_of_year = date.days - days_from_civil({year, 1, 1});
    return leap_years_before(year) * 366 + (is_leap(year) ? day_of_year : 0);
}

bool is_end_of_february(Civil civil) noexcept {
    return civil.month == 2 && civil.day == days_in_month(civil.year, 2);
}

/* The days between two dates in months of 30 days. */
std::int64_t thirty_360_days(DayCount count, Date from, Date to) noexcept {
    const Civil first = civil_from_days(from.days);
    const Civil last = civil_from_days(to.days);
    std::int32_t first_day = std::min(first.day, 30);
    std::int32_t last_day = last.day;
    if (count == DayCount::thirty_360_us && is_end_of_february(first)) {
        first_day = 30;
        last_day = is_end_of_february(last) ? 30 : last_day;
    }
    if (last_day == 31 && (first_day == 30 || count == DayCount::thirty_e_360)) {
        last_day = 30;
    }
    const std::int64_t months = 12 * (last.year - first.year) + (last.month - first.month);
    return 30 * months + (last_day - first_day);
}

/* Whether two dates, the later one not after the day of the year that the earlier one has in the next year,
 * span a leap day: lie in one leap year, or have a 29 February from the one to the other, both included. */
bool spans_leap_day(Civil first, Civil last) noexcept {
    if (first.year == last.year) {
        return is_leap(first.year);
    }
    return (is_leap(first.year) && first.month <= 2) ||
           (is_leap(last.year) && (last.month > 2 || (last.month == 2 && last.day == 29)));
}

YearFraction actual_actual_excel(Date from, Date to) noexcept {
    const Civil first = civil_from_days(from.days);
    const Civil last = civil_from_days(to.days);
    const std::int64_t days = std::int64_t{to.days} - from.days;
    const bool within_a_year =
        first.year == last.year ||
        (first.year + 1 == last.year &&
         (first.month > last.month || (first.month == last.month && first.day >= last.day)));
    if (within_a_year) {
        return {days, spans_leap_day(first, last) ? 366 : 365};
    }
    const std::int64_t years = last.year - first.year + 1;
    return {days * years, days_from_civil({last.year + 1, 1, 1}) - days_from_civil({first.year, 1, 1})};
}

constexpr Words<DayCount, 16> kDayCounts{{{"actual/365", DayCount::actual_365},
                                          {"actual/360", DayCount::actual_360},
                                          {"actual/actual", DayCount::actual_actual},
                                          {"actual/actual excel", DayCount::actual_actual_excel},
                                          {"30/360", DayCount::thirty_360},
                                          {"30/360 us", DayCount::thirty_360_us},
                                          {"30e/360", DayCount::thirty_e_360},
                                          {"act/365", DayCount::actual_365},
                                          {"actual/365 fixed", DayCount::actual_365},
                                          {"act/360", DayCount::actual_360},
                                          {"act/act", DayCount::actual_actual},
                                          {"actual/actual isda", DayCount::actual_actual},
                                          {"act/act isda", DayCount::actual_actual},
                                          {"act/act excel", DayCount::actual_actual_excel},
                                          {"30u/360", DayCount::thirty_360_us},
                                          {"30/360 european", DayCount::thirty_e_360}}};

} // namespace

Civil civil_from_days(std::int64_t days) noexcept {
    const std::int64_t z = days + kEraToEpoch;
    const std::int64_t era = floor_divided(z, kEraDays);
    const std::int64_t day_of_era = z - era * kEraDays;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153; // from March, 0 to 11
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), static_cast<std::int32_t>(month),
            static_cast<std::int32_t>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

std::int64_t days_from_civil(Civil civil) noexcept {
    const std::int64_t year = civil.year - (civil.month <= 2 ? 1 : 0);
    const std::int64_t era = floor_divided(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year =
        (153 * (civil.month > 2 ? civil.month - 3 : civil.month + 9) + 2) / 5 + civil.day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kEraDays + day_of_era - kEraToEpoch;
}

std::optional<Date> parse_iso_date(std::string_view text) noexcept {
    constexpr std::size_t kLength = 10; // of YYYY-MM-DD
    std::int32_t parts[3] = {};
    std::size_t part = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 4 || i == 7) {
            ++part;
            if (text[i] != '-') {
                return {};
            }
        } else if (i >= kLength || text[i] < '0' || text[i] > '9') {
            return {};
        } else {
            parts[part] = 10 * parts[part] + (text[i] - '0');
        }
    }
    const bool is_date = text.size() == kLength && parts[0] >= 1 && parts[1] >= 1 && parts[1] <= 12 &&
                         parts[2] >= 1 && parts[2] <= days_in_month(parts[0], parts[1]);
    return is_date ? std::optional(
                         Date{static_cast<std::int32_t>(days_from_civil({parts[0], parts[1], parts[2]}))})
                   : std::nullopt;
}

std::int64_t add_months(Date date, std::int64_t months) noexcept {
    const Civil civil = civil_from_days(date.days);
    const std::int64_t from_year_0 = civil.year * 12 + civil.month - 1 + months;
    const std::int64_t year = floor_divided(from_year_0, 12);
    const auto month = static_cast<std::int32_t>(from_year_0 - year * 12 + 1);
    return days_from_civil({year, month, std::min(civil.day, days_in_month(year, month))});
}

Result<DayCount> parse_day_count(std::string_view name) noexcept {
    return value_as_written(kDayCounts, name, "day count");
}

bool has_360_days(DayCount count) noexcept {
    switch (count) {
    case DayCount::actual_360:
    case DayCount::thirty_360:
    case DayCount::thirty_360_us:
    case DayCount::thirty_e_360:
        return true;
    case DayCount::actual_365:
    case DayCount::actual_actual:
    case DayCount::actual_actual_excel:
        break;
    }
    return false;
}

YearFraction exact_year_fraction(DayCount count, Date from, Date to) noexcept {
    const std::int64_t days = std::int64_t{to.days} - from.days;
    switch (count) {
    case DayCount::actual_365:
        return {days, 365};
    case DayCount::actual_360:
        return {days, 360};
    case DayCount::actual_actual: {
        const std::int64_t leap_days = leap_days_before(to) - leap_days_before(from);
        return {leap_days * 365 + (days - leap_days) * 366, std::int64_t{365} * 366};
    }
    case DayCount::actual_actual_excel:
        return actual_actual_excel(from, to);
    case DayCount::thirty_360:
    case DayCount::thirty_360_us:
    case DayCount::thirty_e_360:
        return {thirty_360_days(count, from, to), 360};
    }
    return {days, 365};
}

double year_fraction(DayCount count, Date from, Date to) noexcept {
    const YearFraction exact = exact_year_fraction(count, from, to);
    return static_cast<double>(exact.numerator) / static_cast<double>(exact.denominator);
}

} // namespace tradeup
