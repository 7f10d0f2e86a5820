/*
 * Level payments: in doubles that know their error, and in fractions where those are in doubt.
 */
#include "core/loans/annuity.hpp"

#include "core/loans/due_dates.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* level_line_exact in doubles. */
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

/* Calls step(year fraction) for each period after `from`. */
template <typename Step>
void for_each_period(const Amortization &amortization, std::int32_t from, Step step) {
    Date before = due_date(amortization, from);
    for (std::int32_t period = from + 1; period <= amortization.loan.term; ++period) {
        const Date due = due_date(amortization, period);
        step(exact_year_fraction(amortization.loan.day_count, before, due));
        before = due;
    }
}

/* The level payment by days in doubles: the growth over all periods, and what payments of 1 grow to. */
Affine<Bounded> level_line_by_days(const Amortization &amortization, std::int32_t from,
                                   std::int64_t balloon) {
    const Bounded rate = bounded(amortization.loan.annual_rate);
    Bounded growth = whole(1);
    Bounded sum = whole(0);
    for_each_period(amortization, from, [&](YearFraction time) {
        const Bounded factor = whole(1) + rate * whole(static_cast<double>(time.numerator)) /
                                              whole(static_cast<double>(time.denominator));
        growth = growth * factor;
        sum = sum * factor + whole(1);
    });
    return {growth / sum, -whole(static_cast<double>(balloon)) / sum};
}

/* The same in fractions, all of one denominator. */
Affine<Ratio> level_line_by_days_exact(const Amortization &amortization, std::int32_t from,
                                       std::int64_t balloon) {
    const Ratio rate = reduced(ratio(amortization.loan.annual_rate));
    if (rate.numerator == 0) {
        const std::int32_t n = amortization.loan.term - from;
        return {{1, n}, {-balloon, n}};
    }
    Integer growth = 1;
    Integer sum = 0;
    Integer denominator = 1;
    for_each_period(amortization, from, [&](YearFraction time) {
        const Integer below = rate.denominator * time.denominator;
        const Integer above = below + rate.numerator * time.numerator;
        growth *= above;
        denominator *= below;
        sum = sum * above + denominator;
    });
    return {{growth, sum}, {-(denominator * balloon), sum}};
}

} // namespace

Annuity regular_annuity(const Loan &loan, std::int32_t n) noexcept {
    const std::int32_t a_year = payments_a_year(loan.frequency);
    return {loan.annual_rate, a_year, n, {1, a_year}};
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

Result<std::int64_t> level_payment_by_days(const Amortization &amortization, std::int32_t from,
                                           std::int64_t principal, std::int64_t balloon) noexcept {
    return round_at(compiled(level_line_by_days(amortization, from, balloon)), principal,
                    amortization.loan.rounding,
                    [&] { return level_line_by_days_exact(amortization, from, balloon); });
}

} // namespace tradeup
