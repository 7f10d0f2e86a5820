/*
 * Long work that its caller may end: it asks now and then, and returns an error of the kind `cancelled`.
 */
#pragma once

#include <cstddef>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Whether the caller wants the work to end. */
using StopAsked = bool (*)() noexcept;

/* So many steps of a loop over prices, at a few nanoseconds each, take well below a tenth of a second. */
inline constexpr std::size_t kStepsBetweenAsking = std::size_t{1} << 18;

/* Asks at the first of a loop's steps and then every kStepsBetweenAsking. */
inline bool stops_at(std::size_t step, StopAsked stop) noexcept {
    return step % kStepsBetweenAsking == 0 && stop();
}

inline Error stopped() noexcept {
    return make_error(ErrorKind::cancelled, "work was cancelled");
}

} // namespace tradeup
