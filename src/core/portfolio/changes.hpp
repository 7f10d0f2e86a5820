/*
 * Which tiers of offers a change of prices makes and takes away, for one customer. The changed vehicles are
 * sorted once, by their old prices and by their new ones; each window of each deal is then a stretch of
 * either order.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * Prices on one line, whatever the decimals of a deal's currency: twice the price in units of 10^-4, plus one
 * where the price lies between two such units. So a price is compared exactly with every window's ends, which
 * have at most 4 decimals.
 */
inline constexpr int kStepDigits = 4;
inline constexpr std::int64_t kNoPrice = -1; // in no window: not for sale, or beyond every offer

/* The place of a price that is `minor` whole minor units. Domain: 0 <= minor <= kMaxPriceMinor. */
inline std::int64_t place_of(std::int64_t minor, std::int32_t minor_digits) noexcept {
    return 2 * minor * kPowersOfTen[static_cast<std::size_t>(kStepDigits - minor_digits)];
}

/* A vehicle's places before and after. */
struct PriceChange {
    std::int64_t before;
    std::int64_t after;
};

/*
 * The changes of n vehicles: their old places in ascending order, their new places in ascending order, and
 * for each vehicle in the order of its new place its position in the other order.
 */
struct SortedChanges {
    std::span<const std::int64_t> before;
    std::span<const std::int64_t> after;
    std::span<const std::uint32_t> position_before;
};

/*
 * Fills the arrays of a SortedChanges, each as long as `changes`, which are put into the order of their new
 * places. `order` is room for as many numbers. Fewer than 2^32 changes.
 */
void sort_changes(std::span<PriceChange> changes, std::span<std::uint32_t> order,
                  std::span<std::int64_t> before, std::span<std::int64_t> after,
                  std::span<std::uint32_t> position_before) noexcept;

/*
 * Adds the tiers that a deal makes of prices, as bits of their ranks, to `tiers`: prices in ascending order,
 * tiers in the same.
 */
void mark_tiers(const Deal &deal, std::span<const std::int64_t> prices, std::uint8_t *tiers) noexcept;

struct TierChange {
    bool gained; // some vehicle has a tier that it did not have
    bool lost;   // some vehicle has no longer a tier that it had
};

/* Compares the marks of old and new places vehicle by vehicle. */
TierChange compare_tiers(const SortedChanges &changes, const std::uint8_t *tiers_before,
                         const std::uint8_t *tiers_after) noexcept;

} // namespace tradeup
