/*
 * Level payments and amortization in whole units: the payment as a line in the principal, rounded exactly;
 * due dates; row by row; payoff; and the questions turned around.
 */
#include "core/loans/loans.hpp"

#include <algorithm>

#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::int32_t kLongestFirstPeriod = 5; // years
constexpr std::int64_t kDaysAYear = 365;

/* The level payment's time: the yearly rate, periods a year, their number, and the stretch of the first. */
struct Annuity {
    Decimal annual_rate;
    std::int32_t a_year;
    std::int32_t n;
    YearFraction first;
};

Annuity regular_annuity(const Loan &loan, std::int32_t n) noexcept {
    const std::int32_t a_year = payments_a_year(loan.frequency);
    return {loan.annual_rate, a_year, n, {1, a_year}};
}

/* A level payment is slope * principal + intercept; see level_payment of the header. */
Affine<Bounded> level_line(const Annuity &annuity, std::int64_t balloon) noexcept {
    const Bounded rate = bounded(annuity.annual_rate);
    const Bounded i = rate / whole(annuity.a_year);
    const Bounded growth = whole(1) + rate * whole(static_cast<double>(annuity.first.numerator)) /
                                          whole(static_cast<double>(annuity.first.denominator));
    if (i.value == 0) {
        const Bounded n = whole(annuity.n);
        return {whole(1) / n, -whole(static_cast<double>(balloon)) / n};
    }
    const Bounded discounted = expm1(-(whole(annuity.n - 1) * log1p(i))); // v^(n-1) - 1
    const Bounded sum = whole(1) - discounted / i;
    return {growth / sum, -(whole(static_cast<double>(balloon)) * (whole(1) + discounted)) / sum};
}

Affine<Ratio> level_line_exact(const Annuity &annuity, std::int64_t balloon) {
    const Ratio rate = ratio(annuity.annual_rate);
    if (rate.numerator == 0) {
        return {{1, annuity.n}, {-balloon, annuity.n}};
    }
    const Ratio growth = Ratio{1, 1} + rate * Ratio{annuity.first.numerator, annuity.first.denominator};
    const Ratio i = reduced(rate / Ratio{annuity.a_year, 1});
    const auto exponent = static_cast<unsigned>(annuity.n - 1);
    const Integer grown = pow(Integer(i.denominator + i.numerator), exponent);
    const Integer still = pow(i.denominator, exponent);
    const Integer divisor = (i.numerator + i.denominator) * grown - i.denominator * still;
    return {reduced(growth) * Ratio{i.numerator * grown, divisor},
            {-(i.numerator * still * balloon), divisor}};
}

Result<std::int64_t> level_payment(const Annuity &annuity, std::int64_t principal, std::int64_t balloon,
                                   Rounding rounding) noexcept {
    return round_at(compiled(level_line(annuity, balloon)), principal, rounding,
                    [&] { return level_line_exact(annuity, balloon); });
}

/* The date a number of periods later, or earlier when negative, in 64-bit days. */
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

/* amount * rate * time, rounded. Amounts are below 10^16, rates at most 10 with 18 digits, and times at most
 * 5 years over at most 365 * 366, so 128 bits hold. */
std::int64_t interest_of(std::int64_t amount, Decimal rate, YearFraction time, Rounding rounding) noexcept {
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(rate.scale)];
    return static_cast<std::int64_t>(round_ratio<Int128>(Int128{amount} * rate.coefficient * time.numerator,
                                                         power * time.denominator, rounding));
}

tl::unexpected<Error> bad(const char *message, const char *detail, const char *hint = "") noexcept {
    return tl::unexpected(
        with_hint(with_detail(make_error(ErrorKind::bad_value, "%s", message), "%s", detail), "%s", hint));
}

Result<bool> check_rate(Decimal rate) noexcept {
    if (rate.coefficient < 0 || compare(rate, kMaxLoanRate) > 0) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_value, "annual rate must be between 0 and 10"),
                                  "Annual rate is %s.", to_text(rate).text),
                      "Rates are fractions: 0.12 is twelve percent."));
    }
    return true;
}

Result<bool> check_term(std::int32_t term, Frequency frequency) noexcept {
    if (term < 1 || term > longest_term(frequency)) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "term must be between 1 and %d payments",
                                   static_cast<int>(longest_term(frequency))),
                        "Term is %d.", static_cast<int>(term)));
    }
    return true;
}

/* What all but dates must be. */
Result<bool> check(const Loan &loan) noexcept {
    const Result<bool> rate = check_rate(loan.annual_rate);
    if (!rate) {
        return rate;
    }
    const Result<bool> term = check_term(loan.term, loan.frequency);
    if (!term) {
        return term;
    }
    if (loan.principal < 1) {
        return bad("principal must be greater than 0", "Nothing is lent.");
    }
    if (loan.balloon < 0 || loan.balloon > loan.principal) {
        return bad("balloon must be between 0 and the principal",
                   "The balloon is larger than the principal.");
    }
    if (loan.extra < 0) {
        return bad("extra must not be negative", "Extra is negative.");
    }
    if (loan.extra > 0 && loan.balloon > 0 && loan.extra_keeps == ExtraKeeps::term) {
        return bad("extra payments that keep the term do not go with a balloon",
                   "The payment could fall below the interest.",
                   "Keep the payment: extra_keeps => 'payment'.");
    }
    return true;
}

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

/* Fills in the dates that follow from the ones given, and the stretch of the first period. */
Result<bool> set_dates(Amortization &amortization) noexcept {
    Loan &loan = amortization.loan;
    amortization.first = {1, payments_a_year(loan.frequency)};
    if (!loan.start.given && !loan.first_payment.given) {
        if (loan.by_days) {
            return bad("a day count needs dates", "Neither a start date nor a first payment date is given.",
                       "Give start_date or first_payment, or leave day_count out.");
        }
        return true;
    }
    for (const OptionalDate &date : {loan.start, loan.first_payment}) {
        if (date.given && !is_finite(date.date)) {
            return bad("dates must be finite", "A date is infinite.");
        }
    }
    const bool stretched = loan.start.given && loan.first_payment.given;
    const std::int64_t first = loan.first_payment.given ? loan.first_payment.date.days
                                                        : period_later(loan.frequency, loan.start.date, 1);
    const std::int64_t start =
        loan.start.given ? loan.start.date.days : period_later(loan.frequency, loan.first_payment.date, -1);
    /* Both are within a month of the calendar, so they fit; whether they lie in it is asked next. */
    loan.first_payment = {true, {static_cast<std::int32_t>(first)}};
    /* Periods to the first payment that are whole as counted from the start. */
    const std::int32_t from_start = stretched ? whole_periods(loan) : loan.start.given ? 1 : 0;
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
    if (!stretched) {
        return true;
    }
    if (first <= start || first > add_months(loan.start.date, std::int64_t{12} * kLongestFirstPeriod)) {
        return bad("first payment must be after the start, by at most 5 years",
                   first <= start ? "The first payment is not after the start date."
                                  : "The first payment is more than 5 years after the start date.");
    }
    amortization.first = first_stretch(loan, start, from_start);
    return true;
}

} // namespace

Result<std::int64_t> level_payment(const Loan &loan) noexcept {
    const Result<Amortization> begun = begin_amortization(loan);
    if (!begun) {
        return tl::unexpected(begun.error());
    }
    return begun->payment;
}

Result<Amortization> begin_amortization(const Loan &loan) noexcept {
    Amortization amortization{};
    amortization.loan = loan;
    amortization.balance = loan.principal;
    const Result<bool> sound = check(loan);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    const Result<bool> dated = set_dates(amortization);
    if (!dated) {
        return tl::unexpected(dated.error());
    }
    const Annuity annuity{loan.annual_rate, payments_a_year(loan.frequency), loan.term, amortization.first};
    const Result<std::int64_t> payment = level_payment(annuity, loan.principal, loan.balloon, loan.rounding);
    if (!payment) {
        return tl::unexpected(payment.error());
    }
    amortization.payment = *payment;
    return amortization;
}

Result<bool> next_row(Amortization &amortization, AmortizationRow &row) noexcept {
    const Loan &loan = amortization.loan;
    if (amortization.period == loan.term || amortization.balance == 0) {
        return false;
    }
    row = {};
    row.period = ++amortization.period;
    row.opening = amortization.balance;
    YearFraction time{1, payments_a_year(loan.frequency)};
    const YearFraction regular = time;
    const bool first = row.period == 1;
    if (first) {
        time = amortization.first;
    }
    if (loan.start.given) {
        row.due = {true,
                   {static_cast<std::int32_t>(period_later(loan.frequency, amortization.anchor,
                                                           row.period - amortization.anchor_period))}};
        if (loan.by_days) {
            time = exact_year_fraction(loan.day_count, amortization.previous, row.due.date);
        }
        amortization.previous = row.due.date;
    }
    row.interest = interest_of(row.opening, loan.annual_rate, time, loan.rounding);
    const bool stretched =
        first && amortization.first.numerator * regular.denominator > amortization.first.denominator;
    const bool last = row.period == loan.term;
    const std::int64_t covered = amortization.payment - row.interest;
    row.principal =
        last ? row.opening : std::min(stretched ? covered : std::max<std::int64_t>(covered, 0), row.opening);
    row.payment = row.interest + row.principal;
    row.extra = std::min(loan.extra, row.opening - row.principal);
    row.closing = row.opening - row.principal - row.extra;
    amortization.balance = row.closing;
    if (row.extra > 0 && row.closing > 0 && loan.extra_keeps == ExtraKeeps::term) {
        const Result<std::int64_t> payment =
            level_payment(regular_annuity(loan, loan.term - row.period), row.closing,
                          std::min(loan.balloon, row.closing), loan.rounding);
        if (!payment) {
            return tl::unexpected(payment.error());
        }
        amortization.payment = *payment;
    }
    return true;
}

Result<Payoff> payoff_on(const Loan &loan, Date date, Decimal unit) noexcept {
    Result<Amortization> begun = begin_amortization(loan);
    if (!begun) {
        return tl::unexpected(begun.error());
    }
    if (!begun->loan.start.given) {
        return bad("a payoff needs dates", "No start date is given.", "Give start_date.");
    }
    if (!is_finite(date) || date < begun->loan.start.date) {
        return bad("payoff date must be a date on or after the start date",
                   is_finite(date) ? "The date is before the start date." : "The date is infinite.",
                   is_finite(date) ? "" : "Give on_date.");
    }
    Payoff payoff{};
    payoff.balance = loan.principal;
    payoff.accrued_from = begun->loan.start.date;
    AmortizationRow row;
    while (true) {
        const Result<bool> more = next_row(*begun, row);
        if (!more) {
            return tl::unexpected(more.error());
        }
        if (!*more || row.due.date > date) {
            break;
        }
        payoff.paid_periods = row.period;
        payoff.balance = row.closing;
        payoff.accrued_from = row.due.date;
    }
    const bool by_360 =
        loan.by_days && (loan.day_count == DayCount::actual_360 || loan.day_count == DayCount::thirty_360);
    const std::int64_t days_a_year = by_360 ? 360 : kDaysAYear;
    return guarded([&]() -> Result<Payoff> {
        payoff.days = static_cast<std::int32_t>(std::int64_t{date.days} - payoff.accrued_from.days);
        const Ratio per_diem = Ratio{payoff.balance, 1} * ratio(loan.annual_rate) / Ratio{days_a_year, 1};
        const Ratio shown = per_diem * ratio(unit) * Ratio{1'000'000, 1};
        const Ratio accrued = per_diem * Ratio{payoff.days, 1};
        const auto millionths = narrowed(round_ratio(shown.numerator, shown.denominator, Rounding::half_up));
        const auto interest = narrowed(round_ratio(accrued.numerator, accrued.denominator, loan.rounding));
        if (!millionths || !interest) {
            return tl::unexpected(millionths ? interest.error() : millionths.error());
        }
        payoff.per_diem_millionths = *millionths;
        payoff.interest = *interest;
        payoff.payoff = payoff.balance + payoff.interest;
        return payoff;
    });
}

Result<OptionalUnits> principal_for_payment(const Loan &loan, std::int64_t payment,
                                            std::int64_t most) noexcept {
    Loan asked = loan;
    asked.principal = std::max<std::int64_t>(loan.balloon, 1);
    const Result<bool> sound = check(asked);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    return guarded([&]() -> Result<OptionalUnits> {
        const Affine<Ratio> line = level_line_exact(regular_annuity(loan, loan.term), loan.balloon);
        const RoundingEdge edge =
            payment > 0 ? rounds_to_at_most(payment, loan.rounding) : RoundingEdge{0, true};
        const Ratio root = (Ratio{Integer(edge.doubled), 2} - line.intercept) / line.slope;
        if (root.numerator < 0) {
            return OptionalUnits{};
        }
        Integer principal = root.numerator / root.denominator;
        if (!edge.inclusive && root.numerator % root.denominator == 0) {
            --principal;
        }
        if (principal < asked.principal) {
            return OptionalUnits{};
        }
        if (principal > most) {
            return tl::unexpected(make_error(ErrorKind::out_of_range, "principal is out of range"));
        }
        return OptionalUnits{true, static_cast<std::int64_t>(principal)};
    });
}

Result<OptionalUnits> term_for_payment(const Loan &loan, std::int64_t payment) noexcept {
    Loan asked = loan;
    asked.term = longest_term(loan.frequency);
    const Result<bool> sound = check(asked);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    if (payment <= 0) {
        return OptionalUnits{};
    }
    /* The payment falls as the term grows. */
    std::int32_t least = 1;
    std::int32_t above = asked.term + 1;
    while (least < above) {
        const std::int32_t middle = least + (above - least) / 2;
        const Result<std::int64_t> level =
            level_payment(regular_annuity(loan, middle), loan.principal, loan.balloon, loan.rounding);
        if (!level) {
            return tl::unexpected(level.error());
        }
        if (*level <= payment) {
            above = middle;
        } else {
            least = middle + 1;
        }
    }
    return OptionalUnits{least <= asked.term, least};
}

} // namespace tradeup
