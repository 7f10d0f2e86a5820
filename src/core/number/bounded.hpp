/*
 * Doubles that know how wrong they may be: running error analysis (N. J. Higham, Accuracy and Stability of
 * Numerical Algorithms, 2nd ed., section 3.3). Each operation adds its own rounding error, at most one unit
 * roundoff of the result, to what its operands carried in. So the bound of a long formula is derived by the
 * program and not by hand.
 */
#pragma once

#include <cmath>
#include <limits>

#include "core/base/pure.hpp"
#include "core/number/decimal.hpp"

namespace tradeup {

/* Half the distance from 1 to the next double: the relative error of one correctly rounded operation. */
inline constexpr double kUnitRoundoff = std::numeric_limits<double>::epsilon() / 2;

/*
 * The relative error granted to the C library's expm1 and log1p: 4 ulp. The GNU C Library documents 1 ulp for
 * both; four leave room for others.
 */
inline constexpr double kLibraryError = 8 * kUnitRoundoff;

/*
 * The error terms are themselves computed in doubles. A chain of fewer than 2^20 operations cannot shrink
 * them by more than this factor, so each use of a bound multiplies by it.
 */
inline constexpr double kBoundSlack = 1 + 1e-9;

/* A value whose true counterpart lies within `error` of it. */
struct Bounded {
    double value = 0;
    double error = 0;
};

inline Bounded operator+(Bounded a, Bounded b) noexcept {
    const double sum = a.value + b.value;
    return {sum, a.error + b.error + kUnitRoundoff * std::fabs(sum)};
}

inline Bounded operator-(Bounded a) noexcept {
    return {-a.value, a.error};
}

inline Bounded operator-(Bounded a, Bounded b) noexcept {
    return a + -b;
}

inline Bounded operator*(Bounded a, Bounded b) noexcept {
    const double product = a.value * b.value;
    return {product, std::fabs(a.value) * b.error + std::fabs(b.value) * a.error + a.error * b.error +
                         kUnitRoundoff * std::fabs(product)};
}

/* The quotient; its error is infinite or NaN, and so never trusted, when zero lies within the divisor's
 * error. */
inline Bounded operator/(Bounded a, Bounded b) noexcept {
    const double quotient = a.value / b.value;
    const double least = std::fabs(b.value) - b.error;
    if (!(least > 0)) {
        return {quotient, std::numeric_limits<double>::infinity()};
    }
    return {quotient,
            (a.error + std::fabs(quotient) * b.error) / least + 2 * kUnitRoundoff * std::fabs(quotient)};
}

/* A whole number below 2^53, which a double holds exactly. */
inline Bounded whole(double value) noexcept {
    return {value, 0};
}

/* A decimal; powers of ten up to 10^22 are exact doubles, so only the conversion and the division round. */
inline Bounded bounded(Decimal number) noexcept {
    const auto coefficient = static_cast<double>(number.coefficient);
    if (number.scale == 0) {
        return {coefficient, kUnitRoundoff * std::fabs(coefficient)};
    }
    const double value =
        coefficient / static_cast<double>(kPowersOfTen[static_cast<std::size_t>(number.scale)]);
    return {value, 3 * kUnitRoundoff * std::fabs(value)};
}

/* log(1 + x) for x > -1; the derivative 1 / (1 + x) carries the operand's error. */
inline Bounded log1p(Bounded x) noexcept {
    const double value = std::log1p(x.value);
    return {value, x.error / (1 + x.value - x.error) + kLibraryError * std::fabs(value)};
}

/* e^x - 1; the derivative, largest at the upper end of the operand's interval, carries the operand's error.
 */
inline Bounded expm1(Bounded x) noexcept {
    const double value = std::expm1(x.value);
    return {value, (value + 1) * (1 + 2 * x.error) * x.error * (1 + kLibraryError) +
                       kLibraryError * std::fabs(value)};
}

} // namespace tradeup
