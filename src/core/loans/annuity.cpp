/*
 * Level payments: in doubles that know their error, and in fractions where those are in doubt.
 */
#include "core/loans/annuity.hpp"

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

} // namespace tradeup
