/*
 * Affine functions of a price, in each kind of number that an amount is computed with: doubles that know
 * their error, and exact fractions.
 */
#pragma once

#include <cstdint>

#include "core/number/bounded.hpp"
#include "core/number/ratio.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The function slope * P + intercept of a price P in minor units. */
template <typename Number>
struct Affine {
    Number slope;
    Number intercept;
};

template <typename Number>
Affine<Number> operator+(const Affine<Number> &a, const Affine<Number> &b) {
    return {a.slope + b.slope, a.intercept + b.intercept};
}

template <typename Number>
Affine<Number> operator-(const Affine<Number> &a, const Affine<Number> &b) {
    return {a.slope - b.slope, a.intercept - b.intercept};
}

template <typename Number>
Affine<Number> operator-(const Affine<Number> &a) {
    return {-a.slope, -a.intercept};
}

template <typename Number>
Affine<Number> operator*(const Number &factor, const Affine<Number> &a) {
    return {factor * a.slope, factor * a.intercept};
}

/* The same decimal in either kind of number. */
template <typename Number>
Number number(Decimal value);
template <>
inline Bounded number(Decimal value) {
    return bounded(value);
}
template <>
inline Ratio number(Decimal value) {
    return ratio(value);
}

/* A whole number in either kind of number. */
template <typename Number>
Number whole_number(std::int64_t value) {
    return number<Number>(decimal(value));
}

/* An affine function at a price in minor units. */
template <typename Number>
Number at_price(const Affine<Number> &affine, std::int64_t price_minor) {
    return affine.slope * whole_number<Number>(price_minor) + affine.intercept;
}

} // namespace tradeup
