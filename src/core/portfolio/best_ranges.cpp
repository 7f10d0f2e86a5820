/*
 * Ranges of prices from the windows of deals.
 */
#include "core/portfolio/best_ranges.hpp"

#include <algorithm>

#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Ranges that are put one after another; one that begins within or right after the last is joined to it. */
struct Ranges {
    std::span<BestRange> at;
    std::size_t count;
    std::size_t first; // of those that may be joined

    void put(const BestRange &range) noexcept {
        if (count > first && at[count - 1].downward == range.downward &&
            range.lowest <= at[count - 1].highest + 1) {
            at[count - 1].highest = std::max(at[count - 1].highest, range.highest);
        } else {
            at[count++] = range;
        }
    }
};

/* The ranges of one deal: its windows with a tier, cut at the dearest price whose monthly payment is at most
 * the current one where the rank asks for it. */
Result<bool> add_ranges(const Deal &deal, RankBy rank, Ranges &ranges) noexcept {
    std::int64_t even = rank == RankBy::margin ? kMaxPriceMinor : -1;
    if (rank == RankBy::closeness) {
        const std::int64_t now = floor_units(deal.terms.current_payment.value, deal.minor_digits);
        const Result<std::int64_t> dearest = price_for_amount(deal, Amount::monthly, now);
        if (!dearest) {
            return tl::unexpected(dearest.error());
        }
        even = *dearest;
    }
    ranges.first = ranges.count;
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        if (window.tier == kNoTier) {
            continue;
        }
        if (window.lowest <= even) {
            ranges.put({window.lowest, std::min(window.highest, even), true});
        }
        if (window.highest > even) {
            ranges.put({std::max(window.lowest, even + 1), window.highest, false});
        }
    }
    return true;
}

} // namespace

Result<std::size_t> best_ranges(std::span<const Terms> deals, const Buyer &buyer, RankBy rank,
                                std::span<BestRange> ranges) noexcept {
    Ranges found{ranges, 0, 0};
    for (std::size_t i = 0; i < deals.size() && buyer.current_payment.present; ++i) {
        Deal deal;
        Result<bool> done = build_deal(for_customer(deals[i], buyer), deal);
        done = done ? add_ranges(deal, rank, found) : done;
        if (!done) {
            return tl::unexpected(done.error());
        }
    }
    if (rank == RankBy::margin || rank == RankBy::price) {
        const std::span<BestRange> all = ranges.first(found.count);
        std::sort(all.begin(), all.end(),
                  [](const BestRange &a, const BestRange &b) { return a.lowest < b.lowest; });
        Ranges joined{ranges, 0, 0};
        for (const BestRange &range : all) {
            joined.put(BestRange(range));
        }
        return joined.count;
    }
    return found.count;
}

std::size_t read_once(std::span<BestRange> ranges) noexcept {
    const auto start = [](const BestRange &range) { return range.downward ? range.highest : range.lowest; };
    /* In the order in which each direction meets them. */
    std::sort(ranges.begin(), ranges.end(), [start](const BestRange &a, const BestRange &b) {
        return a.downward != b.downward ? b.downward : a.downward ? start(a) > start(b) : start(a) < start(b);
    });
    std::size_t count = 0;
    std::int64_t reach = 0; // how far those go that began so far
    for (const BestRange &range : ranges) {
        const bool first = count == 0 || ranges[count - 1].downward != range.downward;
        if (range.downward) {
            reach = first ? range.lowest : std::min(reach, range.lowest);
        } else {
            reach = first ? range.highest : std::max(reach, range.highest);
        }
        const bool same_start = !first && start(ranges[count - 1]) == start(range);
        if (!first && !same_start && range.downward) {
            ranges[count - 1].lowest = std::max(ranges[count - 1].lowest, range.highest + 1);
        } else if (!first && !same_start) {
            ranges[count - 1].highest = std::min(ranges[count - 1].highest, range.lowest - 1);
        }
        count -= same_start ? 1 : 0;
        ranges[count++] =
            range.downward ? BestRange{reach, range.highest, true} : BestRange{range.lowest, reach, false};
    }
    return count;
}

} // namespace tradeup
