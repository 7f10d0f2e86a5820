/*
 * Interest over a time: in 128 bits where they hold, else in integers of any length.
 */
#include "core/loans/interest.hpp"

#include <algorithm>

#include "core/base/guard.hpp"
#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* sum * rate, rounded. */
Result<std::int64_t> rounded_interest(const Ratio &sum, Decimal rate, Rounding rounding) {
    const Ratio interest = sum * ratio(rate);
    return narrowed(round_ratio(interest.numerator, interest.denominator, rounding));
}

/* Adds amount * time to a sum, whose denominator stays that of the day count. */
void add(Ratio &sum, std::int64_t amount, YearFraction time) {
    const Integer product = Integer(amount) * time.numerator;
    if (sum.denominator == time.denominator) {
        sum.numerator += product;
    } else {
        sum = reduced(sum + Ratio{product, time.denominator});
    }
}

} // namespace

Result<std::int64_t> interest_of(std::int64_t amount, Decimal rate, YearFraction time,
                                 Rounding rounding) noexcept {
    /* Amounts are below 10^16 and coefficients below 10^18. */
    const Int128 a_year = Int128{amount} * rate.coefficient;
    Int128 numerator = 0;
    if (!__builtin_mul_overflow(a_year, Int128{time.numerator}, &numerator)) {
        const Int128 power = kPowersOfTen[static_cast<std::size_t>(rate.scale)];
        return static_cast<std::int64_t>(round_ratio<Int128>(numerator, power * time.denominator, rounding));
    }
    return guarded([&] {
        return rounded_interest(Ratio{Integer(amount) * time.numerator, time.denominator}, rate, rounding);
    });
}

std::int64_t total_of(std::span<const DatedExtra> extras, std::int64_t balance) noexcept {
    std::int64_t total = 0;
    for (const DatedExtra &extra : extras) {
        total += std::min(extra.amount, balance - total);
    }
    return total;
}

Result<Accrued> accrued_by_days(const Loan &loan, std::int64_t balance, Date from, Date to,
                                std::span<const DatedExtra> extras) noexcept {
    if (extras.empty()) {
        return interest_of(balance, loan.annual_rate, exact_year_fraction(loan.day_count, from, to),
                           loan.rounding)
            .map([](std::int64_t interest) {
                return Accrued{interest, 0};
            });
    }
    return guarded([&]() -> Result<Accrued> {
        Ratio sum{0, 1};
        std::int64_t left = balance;
        Date since = from;
        for (const DatedExtra &extra : extras) {
            add(sum, left, exact_year_fraction(loan.day_count, since, extra.date));
            left -= std::min(extra.amount, left);
            since = extra.date;
        }
        add(sum, left, exact_year_fraction(loan.day_count, since, to));
        return rounded_interest(sum, loan.annual_rate, loan.rounding).map([&](std::int64_t interest) {
            return Accrued{interest, balance - left};
        });
    });
}

} // namespace tradeup
