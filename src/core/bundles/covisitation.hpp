/*
 * Whether two items are bought with the same other items.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/base/stop.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* An item that is bought together with another one, and the lift of the two. */
struct Neighbour {
    std::uint32_t item;
    double lift;
};

/*
 * The cosine of the angle between the vectors of lifts of two items, from 0 to 1; both lists are in the order
 * of items. 0 where they have no neighbour in common.
 */
double cosine(std::span<const Neighbour> a, std::span<const Neighbour> b) noexcept;

} // namespace tradeup
