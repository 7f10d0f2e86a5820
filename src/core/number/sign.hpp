/*
 * Signs of amounts at one price, exactly: doubles with their error first, fractions in doubt.
 */
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/guard.hpp"
#include "core/number/affine.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

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
