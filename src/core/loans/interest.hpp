/*
 * Interest over a time, exact and rounded once.
 */
#pragma once

#include "core/loans/loans.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* amount * rate * time, rounded. Errors: out_of_range, out_of_memory. */
Result<std::int64_t> interest_of(std::int64_t amount, Decimal rate, YearFraction time,
                                 Rounding rounding) noexcept;

/* The sum of extras, at most a balance. */
std::int64_t total_of(std::span<const DatedExtra> extras, std::int64_t balance) noexcept;

/* The interest of a period, and the extras that were taken within it. */
struct Accrued {
    std::int64_t interest;
    std::int64_t extra;
};

/* The interest of a balance between two dates by the loan's day count, where extras within them, ascending,
 * reduce it from their dates on. Errors: out_of_range, out_of_memory. */
Result<Accrued> accrued_by_days(const Loan &loan, std::int64_t balance, Date from, Date to,
                                std::span<const DatedExtra> extras) noexcept;

} // namespace tradeup
