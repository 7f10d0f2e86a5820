/*
 * The level payment of a loan as a line in the principal.
 */
#pragma once

#include "core/loans/loans.hpp"
#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The level payment's time: the yearly rate, periods a year, their number, and the stretch of the first. */
struct Annuity {
    Decimal annual_rate;
    std::int32_t a_year;
    std::int32_t n;
    YearFraction first;
};

/* The annuity of a loan of n payments whose first period is regular. */
Annuity regular_annuity(const Loan &loan, std::int32_t n) noexcept;

/* A level payment is slope * principal + intercept, exactly; see level_payment of loans.hpp. May throw. */
Affine<Ratio> level_line_exact(const Annuity &annuity, std::int64_t balloon);

/* The level payment, rounded exactly. Errors: out_of_range, out_of_memory. */
Result<std::int64_t> level_payment(const Annuity &annuity, std::int64_t principal, std::int64_t balloon,
                                   Rounding rounding) noexcept;

/*
 * The same of a loan with a day count whose payments after period `from` are level: by the year fractions
 * between their due dates.
 */
Result<std::int64_t> level_payment_by_days(const Amortization &amortization, std::int32_t from,
                                           std::int64_t principal, std::int64_t balloon) noexcept;

} // namespace tradeup
