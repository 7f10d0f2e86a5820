/*
 * What a call to an owner is worth: contact (p margin_if_needed + (1 - p) margin_otherwise) - cost.
 */
#pragma once

#include <cstdint>
#include <optional>

#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

struct Call {
    double contact;    // probability that the owner is reached and comes
    double failure;    // probability that the repair is needed
    Decimal if_needed; // margins
    Decimal otherwise;
    Decimal cost;
};

/*
 * The expected value in units of 0.01, rounded half away from zero, where doubles are certain of it. None
 * where rounding depends on more digits than they have, or where the value is beyond them.
 */
std::optional<std::int64_t> certain_value(const Call &call) noexcept;

} // namespace tradeup
