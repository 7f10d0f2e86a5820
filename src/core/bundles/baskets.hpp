/*
 * What was bought together: rows of a basket and an item, the pairs and triples in them, and how often each
 * occurs. All memory is the caller's, who is told how much before.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/stop.hpp"
#include "core/bundles/hypergeometric.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* An item in a basket, both numbered from 0: sorted as whole numbers they are in the order of baskets. */
using BasketRow = std::uint64_t;
constexpr BasketRow basket_row(std::uint32_t basket, std::uint32_t item) noexcept {
    return std::uint64_t{basket} << 32 | item;
}
constexpr std::uint32_t basket_of(BasketRow row) noexcept {
    return static_cast<std::uint32_t>(row >> 32);
}
constexpr std::uint32_t item_of(BasketRow row) noexcept {
    return static_cast<std::uint32_t>(row);
}

/* Which baskets count. */
struct Universe {
    std::size_t fewest_items; // 1 or 2
    std::size_t most_items;
};

struct BasketCounts {
    std::size_t rows;
    std::size_t baskets;
};

/*
 * Sorts rows, leaves out those that say again what another says and those of baskets that do not count, and
 * adds to `n_of` the number of baskets of each item. Errors: cancelled.
 */
Result<BasketCounts> keep_universe(std::span<BasketRow> rows, std::span<BasketRow> scratch,
                                   const Universe &universe, std::span<std::uint32_t> n_of,
                                   StopAsked stop) noexcept;

/* How many pairs the rows of keep_universe have, each as often as it occurs. */
std::size_t pairs_in(std::span<const BasketRow> rows) noexcept;

/* A pair of items, the lower number first: sorted as whole numbers they are in the order of items. */
using Pair = std::uint64_t;

/* Writes the pairs of each basket, as many as pairs_in says. Errors: cancelled. */
Result<bool> write_pairs(std::span<const BasketRow> rows, Pair *pairs, StopAsked stop) noexcept;

/*
 * Sorts keys, which are of so many bits in each of two halves of 32, keeps each once, and writes how often it
 * occurs. Returns how many there are. `counts` may be the same place as `scratch`. Errors: cancelled.
 */
Result<std::size_t> count_keys(std::span<std::uint64_t> keys, std::span<std::uint64_t> scratch, int high_bits,
                               int low_bits, std::uint32_t *counts, StopAsked stop) noexcept;

/*
 * The logarithms of the probabilities that pairs are together at least as often by chance, by FisherTest.
 * Errors: cancelled.
 */
Result<bool> write_log_tails(std::span<const Pair> pairs, const std::uint32_t *counts, const FisherTest &test,
                             const Marginal *marginals, double *logs, StopAsked stop) noexcept;

/* Where a pair is among sorted pairs, or their number. */
class PairIndex {
public:
    /* Slots that so many pairs need: a power of two. */
    static std::size_t slots_for(std::size_t pairs) noexcept;

    PairIndex(std::span<const Pair> pairs, std::span<std::uint32_t> slots) noexcept;
    std::size_t find(Pair pair) const noexcept;

private:
    std::span<const Pair> pairs_;
    std::span<std::uint32_t> slots_;
};

/*
 * Calls for each triple of items of one basket of which all three pairs are in the index. Such a triple is
 * the number of its pair (a, b) in the index, and c, in halves of 32 bits, where a < b < c. With nullptr only
 * counts them. Errors: cancelled.
 */
Result<std::size_t> write_triples(std::span<const BasketRow> rows, const PairIndex &index, std::size_t pairs,
                                  std::uint64_t *triples, StopAsked stop) noexcept;

} // namespace tradeup
