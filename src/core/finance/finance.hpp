/*
 * Time value of money: level payments, interest at a steady rate. Signs as in spreadsheets: cash paid is
 * negative, cash received positive. All amounts, rates and results are doubles; inside, calculations run in
 * long doubles (64 bits of mantissa or more), so that a result is off by its last rounding and little else.
 *
 * All formulas follow from one equation, S. G. Kellison, The Theory of Interest, 3rd ed., chapter 3:
 *     pv (1 + r)^n + pmt (1 + r w) ((1 + r)^n - 1) / r + fv = 0,    w = 1 for payments at the beginning.
 *
 * Common domain and errors: every number finite, rate > -1, else bad_value; out_of_range when the result is
 * beyond the largest double.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/error.hpp"
#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* When a period's payment is made. */
enum class Due { end, begin };

/* `end` or `begin`, as people write them. Errors: bad_value for another word. */
Result<Due> parse_due(std::string_view word) noexcept;

/* Several rates, in ascending order. */
inline constexpr int kMostRoots = 640; // more than points of the grid on which roots are looked for
struct Rates {
    int count;
    double at[kMostRoots];
};

/* What `periods` payments and a value at the end are worth at the beginning. Domain: periods >= 0. */
Result<double> present_value(double rate, double periods, double payment, double future, Due due) noexcept;

/* What a value at the beginning and `periods` payments are worth at the end. Domain: periods >= 0. */
Result<double> future_value(double rate, double periods, double payment, double present, Due due) noexcept;

/* The level payment that turns a value at the beginning into one at the end. Domain: periods > 0. */
Result<double> level_payment(double rate, double periods, double present, double future, Due due) noexcept;

/* The interest in the payment of one period, and the rest of it. Domain: period whole, 1 <= period <=
 * periods.
 */
Result<double> interest_payment(double rate, double period, double periods, double present, double future,
                                Due due) noexcept;
Result<double> principal_payment(double rate, double period, double periods, double present, double future,
                                 Due due) noexcept;

/*
 * The number of payments that turn one value into the other, a fraction as a rule; negative when the flows
 * run the other way; nothing when no number of payments does.
 */
Result<Answer> number_of_periods(double rate, double payment, double present, double future,
                                 Due due) noexcept;

/*
 * The rate per period, above -1, that satisfies the equation; nothing when there is none. By Descartes' rule
 * of signs there is none without a change of sign in the flows, one with one change, none or two with two; of
 * two it is the larger one, at which the equation's left side crosses zero towards the sign of the first
 * flow, as `chosen` in root.hpp chooses. A root at which the left side only touches zero counts when there is
 * no other. A part of a payment, with a number of periods that is not whole, is no flow of its own: then
 * roots are looked for on a grid whose points lie 5 percent apart. Domain: periods > 0. Errors: bad_value;
 * out_of_memory.
 */
Result<Answer> rate_of_return(double periods, double payment, double present, double future,
                              Due due) noexcept;

/* All such rates, ascending. */
Result<Rates> rates_of_return(double periods, double payment, double present, double future,
                              Due due) noexcept;

/*
 * The sums of interest_payment and principal_payment over the periods first..last. Domain: whole numbers
 * with 1 <= first <= last <= periods <= 10^9.
 */
Result<double> cumulative_interest(double rate, double periods, double present, double first, double last,
                                   Due due) noexcept;
Result<double> cumulative_principal(double rate, double periods, double present, double first, double last,
                                    Due due) noexcept;

/*
 * The yearly rate with compounding that a nominal yearly rate amounts to, and back. Domain: periods a year a
 * whole number >= 1; nominal / periods > -1; effective > -1.
 */
Result<double> effective_rate(double nominal, std::int32_t periods) noexcept;
Result<double> nominal_rate(double effective, std::int32_t periods) noexcept;

/* Errors that the functions of flows share: not finite, and not above -1. */
Error not_finite(const char *what, double value) noexcept;
Error rate_too_low(double rate) noexcept;

/* A result as a double. Errors: out_of_range when it is too large for one. */
Result<double> narrow(Wide value) noexcept;

} // namespace tradeup
