/*
 * Due dates, and the stretch of the first period.
 */
#include "core/loans/due_dates.hpp"

#include <algorithm>

#include "core/loans/domain.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::int32_t kLongestFirstPeriod = 5; // years

/*
 * Half months later: the day of the month and the one 15 days before or after it take turns, each cut to the
 * end of a shorter month. The 31st goes with the 16th.
 */
std::int64_t half_months_later(Date date, std::int64_t halves) noexcept {
    constexpr std::int32_t kHalf = 15;
    const Civil civil = civil_from_days(date.days);
    const bool second = civil.day > kHalf;
    const std::int64_t from_first = halves + (second ? 1 : 0);
    const std::int64_t months = from_first / 2 - (from_first % 2 < 0 ? 1 : 0);
    const std::int32_t early = second ? civil.day - kHalf : civil.day;
    const auto first_of_month = static_cast<std::int32_t>(days_from_civil({civil.year, civil.month, 1}));
    const Civil month = civil_from_days(add_months({first_of_month}, months));
    const std::int32_t day = from_first - 2 * months == 0 ? early : early + kHalf;
    return days_from_civil({month.year, month.month, std::min(day, days_in_month(month.year, month.month))});
}

/*
 * How many whole periods after the start the first payment is when it falls on a date counted from the start,
 * which may be cut to the end of a month that has no such day; 0 when it does not.
 */
std::int32_t whole_periods(const Loan &loan) noexcept {
    const std::int32_t most = kLongestFirstPeriod * payments_a_year(loan.frequency);
    for (std::int32_t periods = 1; periods <= most; ++periods) {
        const std::int64_t due = period_later(loan.frequency, loan.start.date, periods);
        if (due >= loan.first_payment.date.days) {
            return due == loan.first_payment.date.days ? periods : 0;
        }
    }
    return 0;
}

/* The stretch of a first period between two dates: whole periods, as counted from the start or else back from
 * the payment, and the days that are left. */
YearFraction first_stretch(const Loan &loan, std::int64_t start, std::int32_t from_start) noexcept {
    const std::int32_t a_year = payments_a_year(loan.frequency);
    if (from_start > 0) {
        return {from_start, a_year};
    }
    std::int64_t periods = 0;
    while (period_later(loan.frequency, loan.first_payment.date, -(periods + 1)) >= start) {
        ++periods;
    }
    const auto odd_end =
        static_cast<std::int32_t>(period_later(loan.frequency, loan.first_payment.date, -periods));
    const YearFraction odd = exact_year_fraction(loan.odd_days, loan.start.date, {odd_end});
    return {periods * odd.denominator + odd.numerator * a_year, odd.denominator * a_year};
}

/* Whether dates are given at all. Errors: bad_value for infinite ones, or for none with a day count. */
Result<bool> has_dates(const Loan &loan) noexcept {
    if (!loan.start.given && !loan.first_payment.given) {
        if (loan.by_days) {
            return bad_loan("a day count needs dates",
                            "Neither a start date nor a first payment date is given.",
                            "Give start_date or first_payment, or leave day_count out.");
        }
        return false;
    }
    for (const OptionalDate &date : {loan.start, loan.first_payment}) {
        if (date.given && !is_finite(date.date)) {
            return bad_loan("dates must be finite", "A date is infinite.");
        }
    }
    return true;
}

/* Fills in the date that is missing, and where due dates are counted from. */
void fill_in_dates(Amortization &amortization) noexcept {
    Loan &loan = amortization.loan;
    const bool both = loan.start.given && loan.first_payment.given;
    const std::int64_t first = loan.first_payment.given ? loan.first_payment.date.days
                                                        : period_later(loan.frequency, loan.start.date, 1);
    const std::int64_t start =
        loan.start.given ? loan.start.date.days : period_later(loan.frequency, loan.first_payment.date, -1);
    /* Both are within a year of the calendar, so they fit; whether they lie in it is asked next. */
    loan.first_payment = {true, {static_cast<std::int32_t>(first)}};
    /* Periods to the first payment that are whole as counted from the start. */
    const std::int32_t from_start = both ? whole_periods(loan) : loan.start.given ? 1 : 0;
    /* Where there are such, the months are counted from the start, so that its 31st comes back. */
    amortization.anchor = from_start > 0 ? loan.start.date : loan.first_payment.date;
    amortization.anchor_period = 1 - from_start;
    loan.start = {true, {static_cast<std::int32_t>(start)}};
    amortization.previous = loan.start.date;
}

/* The same of payments in advance, of which the first is due at the start. */
Result<bool> fill_in_advance(Amortization &amortization) noexcept {
    Loan &loan = amortization.loan;
    if (loan.start.given && loan.first_payment.given && loan.start.date != loan.first_payment.date) {
        return bad_loan("payments in advance begin on the start date",
                        "The first payment is on another date than the start.",
                        "Give start_date or first_payment alone.");
    }
    loan.start = loan.start.given ? loan.start : loan.first_payment;
    loan.first_payment = loan.start;
    amortization.anchor = loan.start.date;
    amortization.anchor_period = 1;
    amortization.previous = loan.start.date;
    return true;
}

} // namespace

std::int64_t period_later(Frequency frequency, Date date, std::int64_t periods) noexcept {
    constexpr std::int64_t kWeek = 7;
    switch (frequency) {
    case Frequency::monthly:
        return add_months(date, periods);
    case Frequency::semimonthly:
        return half_months_later(date, periods);
    case Frequency::biweekly:
        return date.days + 2 * kWeek * periods;
    case Frequency::weekly:
        return date.days + kWeek * periods;
    case Frequency::quarterly:
        return add_months(date, 3 * periods);
    case Frequency::semiannually:
        return add_months(date, 6 * periods);
    case Frequency::yearly:
        break;
    }
    return add_months(date, 12 * periods);
}

Date due_date(const Amortization &amortization, std::int32_t period) noexcept {
    if (period == 0) {
        return amortization.loan.start.date;
    }
    return {static_cast<std::int32_t>(period_later(amortization.loan.frequency, amortization.anchor,
                                                   std::int64_t{period} - amortization.anchor_period))};
}

Result<bool> set_dates(Amortization &amortization) noexcept {
    Loan &loan = amortization.loan;
    const bool in_advance = loan.due == Due::begin;
    const bool both = loan.start.given && loan.first_payment.given;
    amortization.first = in_advance ? YearFraction{0, 1} : YearFraction{1, payments_a_year(loan.frequency)};
    const Result<bool> dated = has_dates(loan);
    if (!dated || !*dated) {
        return dated;
    }
    if (in_advance) {
        const Result<bool> filled = fill_in_advance(amortization);
        if (!filled) {
            return filled;
        }
    } else {
        fill_in_dates(amortization);
    }
    const std::int64_t last = period_later(loan.frequency, amortization.anchor,
                                           std::int64_t{loan.term} - amortization.anchor_period);
    if (loan.start.date < kFirstDate || last > kLastDate.days) {
        return tl::unexpected(make_error(ErrorKind::out_of_range, "due dates are beyond the calendar"));
    }
    if (in_advance || !both) {
        return true;
    }
    const std::int64_t start = loan.start.date.days;
    const std::int64_t first = loan.first_payment.date.days;
    if (first <= start || first > add_months(loan.start.date, std::int64_t{12} * kLongestFirstPeriod)) {
        return bad_loan("first payment must be after the start, by at most 5 years",
                        first <= start ? "The first payment is not after the start date."
                                       : "The first payment is more than 5 years after the start date.");
    }
    amortization.first = first_stretch(loan, start, 1 - amortization.anchor_period);
    return true;
}

} // namespace tradeup
