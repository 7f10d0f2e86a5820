/*
 * The tally: vehicles counted between the edges of the windows of many deals, as a plain list of numbers, and
 * the offers of each tier that it stands for. The list holds the edges, in ascending order, and then the
 * count of each bucket: below the first edge, between two edges, from the last one on.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/deal/buckets.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The numbers of a tally of so many edges. */
constexpr std::size_t tally_size(std::size_t edges) noexcept {
    return 2 * edges + 1;
}

constexpr std::span<const std::int64_t> edges_of(std::span<const std::int64_t> tally) noexcept {
    return tally.first(tally.size() / 2);
}

/* Counts one vehicle of this price. */
inline void count_price(std::int64_t *tally, std::size_t size, std::int64_t price) noexcept {
    const std::size_t edges = size / 2;
    ++tally[edges + bucket_of({tally, edges}, price)];
}

/* Adds the counts of another tally; false where its edges are others. */
bool add_tally(std::span<std::int64_t> tally, std::span<const std::int64_t> added) noexcept;

/* Offers and vehicles of one tier, or of none: those have no rank. */
struct TierCount {
    std::int32_t rank; // 1 for the first tier of its deal, 0 for no tier
    std::string_view name;
    std::int64_t offers;   // vehicles times the deals that make an offer in this tier
    std::int64_t vehicles; // those that some deal makes an offer of in this tier
};

/* A window of a deal as a stretch of buckets, and where its tier is counted. */
struct TierStretch {
    std::size_t tier;
    std::size_t first;
    std::size_t last; // the first bucket that does not belong to it
};

/* Room that count_tiers needs. */
struct TierRoom {
    TierCount *tiers;       // most_tiers of the deals
    TierStretch *stretches; // half of their most_edges
    std::int64_t *below;    // half of the tally's numbers and one more
};
std::size_t most_tiers(std::span<const Deal *const> deals) noexcept;

/*
 * The offers and vehicles of a tally by tier, in room.tiers: tiers of the same rank and name in several deals
 * are one; they are in the order of rank and name, those without vehicles too, and offers in no tier come
 * last. Returned is their number. Errors: bad_value for a list that is no tally or lacks an edge of the
 * deals; out_of_range.
 */
Result<std::size_t> count_tiers(std::span<const std::int64_t> tally, std::span<const Deal *const> deals,
                                const TierRoom &room) noexcept;

} // namespace tradeup
