/*
 * What the functions of loans ask of a loan, and how they refuse one.
 */
#pragma once

#include "core/loans/loans.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A refusal in fixed words. */
tl::unexpected<Error> bad_loan(const char *message, const char *detail, const char *hint = "") noexcept;

/* Whether a loan is within the domain of begin_amortization, dates left out. Errors: bad_value. */
Result<bool> check_loan(const Loan &loan) noexcept;

/* Whether extras of a date are within the loan, whose dates are filled in. Errors: bad_value. */
Result<bool> check_dated_extras(const Loan &loan, Date last_due) noexcept;

} // namespace tradeup
