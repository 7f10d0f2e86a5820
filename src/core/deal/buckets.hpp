/*
 * Prices parted by the edges of the windows of many deals: between two edges every deal makes the same of
 * every price, so whatever is counted by such a bucket can be told apart by deal and tier afterwards.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* How many edges deals may have: two for each window. */
std::size_t most_edges(std::span<const Deal *const> deals) noexcept;

/*
 * The first price of each window and the first one beyond it, in ascending order, each once. `edges` has room
 * for most_edges; returned is how many there are.
 */
std::size_t merge_edges(std::span<const Deal *const> deals, std::int64_t *edges) noexcept;

/*
 * How many of the edges, in ascending order, are at most the price: 0 below the first of them. Without a
 * branch that depends on the price, because prices that come in no order would mislead each one.
 */
inline std::size_t bucket_of(std::span<const std::int64_t> edges, std::int64_t price) noexcept {
    const std::int64_t *first = edges.data();
    std::size_t rest = edges.size();
    while (rest > 1) {
        const std::size_t half = rest / 2;
        first += half * static_cast<std::size_t>(first[half - 1] <= price);
        rest -= half;
    }
    const auto before = static_cast<std::size_t>(first - edges.data());
    return before + static_cast<std::size_t>(rest == 1 && *first <= price);
}

/* Whether a bucket is the one of a price: an index is read in the order of prices, where it mostly is the
 * last. */
inline bool in_bucket(std::span<const std::int64_t> edges, std::size_t bucket, std::int64_t price) noexcept {
    return (bucket == 0 || edges[bucket - 1] <= price) && (bucket == edges.size() || price < edges[bucket]);
}

} // namespace tradeup
