/*
 * The tiers of a tally. Each window is a stretch of buckets, whose vehicles are the difference of two running
 * sums; the stretches of a tier are walked once more in order, so that no vehicle is counted twice.
 */
#include "core/offers/tally.hpp"

#include <algorithm>
#include <functional>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

Error no_tally() noexcept {
    return with_hint(make_error(ErrorKind::bad_value, "list is not a tally of offers"),
                     "Make it with offer_tally(price_minor, deals).");
}

Error of_other_deals(const Window &window) noexcept {
    return with_hint(with_detail(make_error(ErrorKind::bad_value, "tally is not of these deals"),
                                 "It has no edges at the window from %lld to %lld minor units.",
                                 static_cast<long long>(window.lowest),
                                 static_cast<long long>(window.highest)),
                     "Give the deals that offer_tally counted with, or some of them.");
}

Error too_many() noexcept {
    return make_error(ErrorKind::out_of_range, "count of offers is too large");
}

/* The running sums of the counts: below[i] vehicles lie in the buckets before i. */
Result<bool> sum_counts(std::span<const std::int64_t> counts, std::int64_t *below) noexcept {
    below[0] = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] < 0) {
            return tl::unexpected(
                with_detail(no_tally(), "It has a count of %lld.", static_cast<long long>(counts[i])));
        }
        if (__builtin_add_overflow(below[i], counts[i], &below[i + 1])) {
            return tl::unexpected(too_many());
        }
    }
    return true;
}

bool comes_first(const TierCount &a, const TierCount &b) noexcept {
    return a.rank != b.rank ? a.rank < b.rank : a.name < b.name;
}

TierCount tier_of(const Deal &deal, std::int64_t tier) noexcept {
    return {static_cast<std::int32_t>(tier) + 1, deal.terms.tiers[tier].name, 0, 0};
}

/* The tiers of all deals, each once, in order, and last the record of no tier. */
std::size_t list_tiers(std::span<const Deal *const> deals, TierCount *tiers) noexcept {
    TierCount *end = tiers;
    for (const Deal *deal : deals) {
        for (std::int32_t i = 0; i < deal->terms.tier_count; ++i) {
            *end++ = tier_of(*deal, i);
        }
    }
    std::sort(tiers, end, comes_first);
    end = std::unique(tiers, end, [](const TierCount &a, const TierCount &b) {
        return a.rank == b.rank && a.name == b.name;
    });
    *end++ = {0, {}, 0, 0};
    return static_cast<std::size_t>(end - tiers);
}

/* The stretch of buckets between two edges; empty where one of them is none of the tally's. */
TierStretch stretch_of(std::span<const std::int64_t> edges, const Window &window) noexcept {
    const std::size_t first = bucket_of(edges, window.lowest);
    const std::size_t last = bucket_of(edges, window.highest + 1);
    const bool known =
        first > 0 && edges[first - 1] == window.lowest && edges[last - 1] == window.highest + 1;
    return {0, first, known ? last : first};
}

} // namespace

bool add_tally(std::span<std::int64_t> tally, std::span<const std::int64_t> added) noexcept {
    if (tally.size() != added.size() || !std::ranges::equal(edges_of(tally), edges_of(added))) {
        return false;
    }
    for (std::size_t i = tally.size() / 2; i < tally.size(); ++i) {
        tally[i] += added[i];
    }
    return true;
}

std::size_t most_tiers(std::span<const Deal *const> deals) noexcept {
    std::size_t most = 1;
    for (const Deal *deal : deals) {
        most += static_cast<std::size_t>(deal->terms.tier_count);
    }
    return most;
}

Result<std::size_t> count_tiers(std::span<const std::int64_t> tally, std::span<const Deal *const> deals,
                                const TierRoom &room) noexcept {
    const std::span<const std::int64_t> edges = edges_of(tally);
    if (tally.size() % 2 == 0 || std::ranges::adjacent_find(edges, std::greater_equal{}) != edges.end()) {
        return tl::unexpected(no_tally());
    }
    if (const Result<bool> summed = sum_counts(tally.subspan(edges.size()), room.below); !summed) {
        return tl::unexpected(summed.error());
    }
    const std::size_t count = list_tiers(deals, room.tiers);
    TierCount *const no_tier = room.tiers + count - 1;
    TierStretch *end = room.stretches;
    for (const Deal *deal : deals) {
        for (std::int64_t i = 0; i < deal->window_count; ++i) {
            const Window &window = deal->windows[i];
            TierStretch stretch = stretch_of(edges, window);
            if (stretch.first == stretch.last) {
                return tl::unexpected(of_other_deals(window));
            }
            const TierCount *tier =
                window.tier == kNoTier
                    ? no_tier
                    : std::lower_bound(room.tiers, no_tier, tier_of(*deal, window.tier), comes_first);
            stretch.tier = static_cast<std::size_t>(tier - room.tiers);
            *end++ = stretch;
        }
    }
    std::sort(room.stretches, end, [](const TierStretch &a, const TierStretch &b) {
        return a.tier != b.tier ? a.tier < b.tier : a.first < b.first;
    });
    std::size_t counted = 0; /* the first bucket of this tier whose vehicles are not counted */
    for (const TierStretch *stretch = room.stretches; stretch < end; ++stretch) {
        if (stretch == room.stretches || stretch->tier != stretch[-1].tier) {
            counted = 0;
        }
        TierCount &tier = room.tiers[stretch->tier];
        if (__builtin_add_overflow(tier.offers, room.below[stretch->last] - room.below[stretch->first],
                                   &tier.offers)) {
            return tl::unexpected(too_many());
        }
        const std::size_t first = std::max(stretch->first, counted);
        counted = std::max(stretch->last, counted);
        tier.vehicles += first < counted ? room.below[counted] - room.below[first] : 0;
    }
    return count;
}

} // namespace tradeup
