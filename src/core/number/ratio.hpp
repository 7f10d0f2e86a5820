/*
 * Exact fractions of integers of any length. Only the slow path uses them: near a rounding boundary or an
 * edge, where doubles cannot decide.
 */
#pragma once

#include <utility>

#include <boost/multiprecision/cpp_int.hpp>

#include "core/base/pure.hpp"
#include "core/number/decimal.hpp"

namespace tradeup {

using Integer = boost::multiprecision::cpp_int;

/*
 * The number numerator / denominator, with denominator > 0. Never reduced: a greatest common divisor costs
 * more than it saves in formulas of a dozen operations. All operations may throw bad_alloc.
 */
struct Ratio {
    Integer numerator = 0;
    Integer denominator = 1;
};

inline Ratio operator+(const Ratio &a, const Ratio &b) {
    return {a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator};
}

inline Ratio operator-(const Ratio &a) {
    return {-a.numerator, a.denominator};
}

inline Ratio operator-(const Ratio &a, const Ratio &b) {
    return {a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator};
}

inline Ratio operator*(const Ratio &a, const Ratio &b) {
    return {a.numerator * b.numerator, a.denominator * b.denominator};
}

/* The quotient; b must not be zero. */
inline Ratio operator/(const Ratio &a, const Ratio &b) {
    Ratio quotient{a.numerator * b.denominator, a.denominator * b.numerator};
    if (quotient.denominator < 0) {
        quotient.numerator = -quotient.numerator;
        quotient.denominator = -quotient.denominator;
    }
    return quotient;
}

/* The same fraction in lowest terms. */
inline Ratio reduced(const Ratio &ratio) {
    const Integer divisor = gcd(ratio.numerator, ratio.denominator);
    return {ratio.numerator / divisor, ratio.denominator / divisor};
}

inline Ratio ratio(Decimal number) {
    return {Integer(number.coefficient), Integer(kPowersOfTen[static_cast<std::size_t>(number.scale)])};
}

} // namespace tradeup
