/*
 * Due dates, and the stretch of the first period.
 */
#include "core/loans/due_dates.hpp"

#include "core/loans/domain.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::int32_t kLongestFirstPeriod = 5; // years

/*
 * How many months after the start the first payment is when it falls on the start's day, or on the last day
 * of a month that has no such day; 0 when it does not, or is not monthly.
 */
std::int32_t whole_periods(const Loan &loan) noexcept {
    if (loan.frequency != Frequency::monthly) {
        return 0;
    }
    const Civil start = civil_from_days(loan.start.date.days);
    const Civil first = civil_from_days(loan.first_payment.date.days);
    const std::int64_t months = (first.year - start.year) * 12 + first.month - start.month;
    const bool on_the_day = add_months(loan.start.date, months) == loan.first_payment.date.days;
    return on_the_day && months > 0 && months <= std::int64_t{12} * kLongestFirstPeriod
               ? static_cast<std::int32_t>(months)
               : 0;
}

/* The stretch of a first period between two dates: whole periods, as counted from the start or else back from
 * the payment, and the days that are left. */
YearFraction first_stretch(const Loan &loan, std::int64_t start, std::int32_t from_start) noexcept {
    const std::int32_t a_year = payments_a_year(loan.frequency);
    std::int64_t periods = from_start;
    std::int64_t odd_days = 0;
    if (periods == 0) {
        while (period_later(loan.frequency, loan.first_payment.date, -(periods + 1)) >= start) {
            ++periods;
        }
        odd_days = period_later(loan.frequency, loan.first_payment.date, -periods) - start;
    }
    return {periods * kDaysAYear + odd_days * a_year, kDaysAYear * a_year};
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

/* Fills in the date that is missing, and where due dates are counted from. Errors: out_of_range. */
Result<bool> fill_in_dates(Amortization &amortization) noexcept {
    Loan &loan = amortization.loan;
    const bool both = loan.start.given && loan.first_payment.given;
    const std::int64_t first = loan.first_payment.given ? loan.first_payment.date.days
                                                        : period_later(loan.frequency, loan.start.date, 1);
    const std::int64_t start =
        loan.start.given ? loan.start.date.days : period_later(loan.frequency, loan.first_payment.date, -1);
    /* Both are within a month of the calendar, so they fit; whether they lie in it is asked next. */
    loan.first_payment = {true, {static_cast<std::int32_t>(first)}};
    /* Periods to the first payment that are whole as counted from the start. */
    const std::int32_t from_start = both ? whole_periods(loan) : loan.start.given ? 1 : 0;
    /* Where there are such, the months are counted from the start, so that its 31st comes back. */
    amortization.anchor = from_start > 0 ? loan.start.date : loan.first_payment.date;
    amortization.anchor_period = 1 - from_start;
    const std::int64_t last =
        period_later(loan.frequency, amortization.anchor, loan.term - amortization.anchor_period);
    if (start < kFirstDate.days || last > kLastDate.days) {
        return tl::unexpected(make_error(ErrorKind::out_of_range, "due dates are beyond the calendar"));
    }
    loan.start = {true, {static_cast<std::int32_t>(start)}};
    amortization.previous = loan.start.date;
    return true;
}

} // namespace

std::int64_t period_later(Frequency frequency, Date date, std::int64_t periods) noexcept {
    constexpr std::int64_t kWeek = 7;
    switch (frequency) {
    case Frequency::monthly:
        return add_months(date, periods);
    case Frequency::biweekly:
        return date.days + 2 * kWeek * periods;
    case Frequency::weekly:
        break;
    }
    return date.days + kWeek * periods;
}

Result<bool> set_dates(Amortization &amortization) noexcept {
    Loan &loan = amortization.loan;
    const bool both = loan.start.given && loan.first_payment.given;
    amortization.first = {1, payments_a_year(loan.frequency)};
    const Result<bool> dated = has_dates(loan);
    if (!dated || !*dated) {
        return dated;
    }
    const Result<bool> filled = fill_in_dates(amortization);
    if (!filled || !both) {
        return filled;
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
