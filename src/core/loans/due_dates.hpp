/*
 * When the payments of a loan are due.
 */
#pragma once

#include "core/loans/loans.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The date a number of periods later, or earlier when negative, in 64-bit days. */
std::int64_t period_later(Frequency frequency, Date date, std::int64_t periods) noexcept;

/* When a payment is due; for 0, the start. Only with dates. */
Date due_date(const Amortization &amortization, std::int32_t period) noexcept;

/*
 * Fills in the dates of an amortization that follow from the ones given, and the stretch of the first period.
 * Errors: bad_value for dates that do not fit, out_of_range beyond the calendar.
 */
Result<bool> set_dates(Amortization &amortization) noexcept;

} // namespace tradeup
