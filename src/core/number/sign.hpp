/*
 * Signs of amounts at one price, exactly: doubles with their error first, fractions in doubt.
 */
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/guard.hpp"
#include "core/deal/formula.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

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

/* Whether the sign of a number is beyond doubt. */
inline bool has_sign(Bounded value) noexcept {
    return std::fabs(value.value) > value.error * kBoundSlack;
}

/* -1, 0 or 1: the sign of a number. `exact` makes it in fractions; it is called only in doubt and may throw.
 * Errors: out_of_memory. */
template <typename Exact>
Result<int> sign_of(Bounded value, Exact exact) noexcept {
    if (has_sign(value)) {
        return value.value < 0 ? -1 : 1;
    }
    return guarded([&]() -> Result<int> { return exact().numerator.sign(); });
}

} // namespace tradeup
