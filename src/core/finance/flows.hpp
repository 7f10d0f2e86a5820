/*
 * Cash flows: what they are worth at a rate, and the rates at which they are worth nothing. A flow is an
 * amount (cash paid negative) at a time: the number of a period, or years from the first date. Long doubles
 * inside, as in finance.hpp.
 *
 * How many rates there are: by Descartes' rule of signs, which holds for real times too (E. N. Laguerre,
 * 1883), no more than the amounts change sign in the order of time. None without a change; exactly one with
 * one.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/stop.hpp"
#include "core/finance/day_sum.hpp"
#include "core/finance/finance.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A flow at a time in years. As doubles, a sum or a time of 60 years would cost the worth some digits. */
struct Flow {
    Wide amount; // of a double's range
    Wide time;
};

/* With more changes of sign than this, roots are looked for on a grid (see rates_of_return). */
inline constexpr int kMostSignChanges = 16;

/*
 * What amounts at periods first, first + 1, ... are worth at period 0. The sum is wrong by at most a few
 * units of 2^-64 of the sum of the magnitudes for each doubling of the number of flows. Errors: bad_value for
 * numbers that are not finite or a rate not above -1; out_of_range.
 */
Result<double> net_present_value(double rate, std::span<const double> amounts, double first) noexcept;

/* The same of flows at times, which must be at least 0. Errors: cancelled too. */
Result<double> net_present_value(double rate, std::span<const Flow> flows, StopAsked stop) noexcept;

/*
 * The rate above -1 at which the flows are worth nothing; nothing when there is none. Of several, one at
 * which the worth crosses zero in the direction that the first flow that is not 0 asks for (falling as the
 * rate rises when it is paid, rising when it is received), the nearest to zero in |log(1 + rate)|, of two
 * equally near the positive one; see `chosen` in root.hpp. Amounts stand at periods 0, 1, ...; flows must be
 * in ascending order of time. Errors: bad_value for numbers that are not finite; out_of_range for a sum of
 * one time; cancelled; out_of_memory.
 */
Result<Answer> rate_of_return(std::span<const double> amounts, StopAsked stop) noexcept;
Result<Answer> rate_of_return(std::span<const Flow> flows, StopAsked stop) noexcept;

/* The same of finite amounts of days, in strictly ascending order, where a year has always so many days. */
Result<Answer> rate_of_return(std::span<const DayAmount> days, Wide year, StopAsked stop) noexcept;

/*
 * All such rates, ascending, those at which the worth only touches zero too. Up to kMostSignChanges changes
 * of sign every one is found: between neighbouring extrema of the worth, or of the worth compounded to
 * another time, there is at most one, and the extrema are the roots of flows with fewer changes of sign. With
 * more changes the signs are compared on a grid whose points lie 5 percent apart, outward from zero; two
 * roots between neighbouring points are not seen, nor one that only touches zero.
 */
Result<Rates> rates_of_return(std::span<const double> amounts, StopAsked stop) noexcept;
Result<Rates> rates_of_return(std::span<const Flow> flows, StopAsked stop) noexcept;

/*
 * The modified rate of return: positive flows are reinvested at one rate until the last period, negative ones
 * financed at another, and one rate leads from the cost to the proceeds. Nothing without flows of both signs.
 * Errors: bad_value for numbers that are not finite and rates not above -1.
 */
Result<Answer> modified_rate(std::span<const double> amounts, double finance_rate,
                             double reinvest_rate) noexcept;

} // namespace tradeup
