/*
 * Where the best offers of one customer come from when there is no list to search: ranges of prices, each
 * read from the end where its offers are the best.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/portfolio/best.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A range of prices in minor units, both ends included. */
struct BestRange {
    std::int64_t lowest;
    std::int64_t highest;
    bool downward; // the dearest offers are the best ones
};

/* The most ranges of one deal: its windows with a tier, one of them cut in two. */
inline constexpr std::size_t kMostBestRanges = kMaxTiers + 1;

/*
 * The ranges of the prices at which some deals make offers with a tier; returns how many. Of any vehicles
 * that are priced, the customer's `k` best offers are among the first `k` vehicles of each range, in the
 * order that BestOffers has for equal ranks. By margin and by price the deals share ranges; otherwise each
 * deal has its own. `ranges` has room for kMostBestRanges of each deal. Errors: those of build_deal.
 */
Result<std::size_t> best_ranges(std::span<const Terms> deals, const Buyer &buyer, RankBy rank,
                                std::span<BestRange> ranges) noexcept;

/*
 * Cuts the ranges of many customers so that no price is read twice in one direction: each ends where the next
 * begins, and those that begin together are one. The first `k` vehicles of a range as it was are then among
 * the first `k` of each piece of it. A piece is short, so that the index is read no further than needed.
 * Returns how many pieces there are, at most as many as there were ranges.
 */
std::size_t read_once(std::span<BestRange> ranges) noexcept;

} // namespace tradeup
