/*
 * The two orders of the changed vehicles, and the stretches of them that a window covers.
 */
#include "core/portfolio/changes.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/base/pure.hpp"

namespace tradeup {

static_assert(kMaxTiers <= 8, "the tiers of a price are the bits of a byte");

namespace {

/* Sets a bit in each byte of a stretch; eight at a time, because this is most of the work for a customer. */
void add_bit(std::uint8_t *first, const std::uint8_t *last, std::uint8_t bit) noexcept {
    const std::uint64_t bits = 0x0101010101010101 * bit;
    for (; last - first >= static_cast<std::ptrdiff_t>(sizeof bits); first += sizeof bits) {
        std::uint64_t word = 0;
        std::memcpy(&word, first, sizeof word);
        word |= bits;
        std::memcpy(first, &word, sizeof word);
    }
    for (; first != last; ++first) {
        *first |= bit;
    }
}

} // namespace

void sort_changes(std::span<PriceChange> changes, std::span<std::uint32_t> order,
                  std::span<std::int64_t> before, std::span<std::int64_t> after,
                  std::span<std::uint32_t> position_before) noexcept {
    std::sort(changes.begin(), changes.end(),
              [](const PriceChange &a, const PriceChange &b) { return a.after < b.after; });
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [changes](std::uint32_t a, std::uint32_t b) { return changes[a].before < changes[b].before; });
    for (std::size_t i = 0; i < changes.size(); ++i) {
        after[i] = changes[i].after;
        before[i] = changes[order[i]].before;
        position_before[order[i]] = static_cast<std::uint32_t>(i);
    }
}

void mark_tiers(const Deal &deal, std::span<const std::int64_t> prices, std::uint8_t *tiers) noexcept {
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        if (window.tier == kNoTier) {
            continue;
        }
        const auto first =
            std::lower_bound(prices.begin(), prices.end(), place_of(window.lowest, deal.minor_digits));
        const auto last = std::upper_bound(first, prices.end(), place_of(window.highest, deal.minor_digits));
        add_bit(tiers + (first - prices.begin()), tiers + (last - prices.begin()),
                static_cast<std::uint8_t>(1U << window.tier));
    }
}

TierChange compare_tiers(const SortedChanges &changes, const std::uint8_t *tiers_before,
                         const std::uint8_t *tiers_after) noexcept {
    /* Once both have been found there is nothing more to find; asking seldom keeps the loop short. */
    constexpr std::size_t kStretch = 1024;
    const std::size_t count = changes.position_before.size();
    unsigned gained = 0;
    unsigned lost = 0;
    for (std::size_t i = 0; i < count && (gained == 0 || lost == 0);) {
        const std::size_t end = std::min(count, i + kStretch);
        for (; i < end; ++i) {
            const unsigned before = tiers_before[changes.position_before[i]];
            const unsigned after = tiers_after[i];
            gained |= after & ~before;
            lost |= before & ~after;
        }
    }
    return {gained != 0, lost != 0};
}

} // namespace tradeup
