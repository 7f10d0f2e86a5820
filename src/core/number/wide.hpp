/*
 * The floating-point numbers of financial functions: wide inside, doubles outside, and none where there is no
 * answer.
 */
#pragma once

#include <limits>
#include <optional>

#include "core/base/pure.hpp"

namespace tradeup {

/* The arithmetic inside. */
using Wide = long double;
static_assert(std::numeric_limits<Wide>::digits >= 64, "the accuracy promised needs 64 bits of mantissa");

/* A number that may not exist: a rate or a number of periods. */
using Answer = std::optional<double>;

} // namespace tradeup
