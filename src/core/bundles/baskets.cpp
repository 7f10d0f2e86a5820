/*
 * Sorting rows into baskets, and listing what is in them.
 */
#include "core/bundles/baskets.hpp"

#include <algorithm>
#include <bit>

#include "core/base/radix.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Calls take(first, last) for the rows of each basket. */
template <typename Take>
void for_each_basket(std::span<const BasketRow> rows, Take take) noexcept {
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first + 1;
        while (last < rows.size() && basket_of(rows[last]) == basket_of(rows[first])) {
            ++last;
        }
        take(first, last);
        first = last;
    }
}

/* Sorts numbers of so many bits in each of two halves of 32. */
Result<bool> sort_halves(std::span<std::uint64_t> numbers, std::span<std::uint64_t> scratch, int high_bits,
                         int low_bits, StopAsked stop) noexcept {
    const std::uint64_t low = (std::uint64_t{1} << low_bits) - 1;
    return sort_by_key(
        numbers, scratch, high_bits + low_bits,
        [low_bits, low](std::uint64_t number) { return (number >> 32) << low_bits | (number & low); }, stop);
}

std::uint64_t spread(Pair pair) noexcept {
    return (pair * 0x9E37'79B9'7F4A'7C15U) >> 24;
}

} // namespace

Result<BasketCounts> keep_universe(std::span<BasketRow> rows, std::span<BasketRow> scratch,
                                   const Universe &universe, std::span<std::uint32_t> n_of,
                                   StopAsked stop) noexcept {
    std::uint64_t used = 0;
    for (const BasketRow row : rows) {
        used |= row;
    }
    const Result<bool> sorted = sort_halves(rows, scratch, static_cast<int>(std::bit_width(used >> 32)),
                                            static_cast<int>(std::bit_width(used & 0xFFFF'FFFFU)), stop);
    if (!sorted) {
        return tl::unexpected(sorted.error());
    }
    rows = rows.first(static_cast<std::size_t>(std::unique(rows.begin(), rows.end()) - rows.begin()));
    BasketCounts kept{};
    for_each_basket(rows, [&](std::size_t first, std::size_t last) {
        const std::size_t items = last - first;
        if (items < universe.fewest_items || items > universe.most_items) {
            return;
        }
        ++kept.baskets;
        for (std::size_t i = first; i < last; ++i) {
            ++n_of[item_of(rows[i])];
            rows[kept.rows++] = rows[i];
        }
    });
    return kept;
}

std::size_t pairs_in(std::span<const BasketRow> rows) noexcept {
    std::size_t pairs = 0;
    for_each_basket(
        rows, [&](std::size_t first, std::size_t last) { pairs += (last - first) * (last - first - 1) / 2; });
    return pairs;
}

Result<bool> write_pairs(std::span<const BasketRow> rows, Pair *pairs, StopAsked stop) noexcept {
    bool stopping = false;
    for_each_basket(rows, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last && !stopping; ++i) {
            stopping = stops_at(i, stop);
            for (std::size_t j = i + 1; j < last; ++j) {
                *pairs++ = Pair{item_of(rows[i])} << 32 | item_of(rows[j]);
            }
        }
    });
    if (stopping) {
        return tl::unexpected(stopped());
    }
    return true;
}

Result<std::size_t> count_keys(std::span<std::uint64_t> keys, std::span<std::uint64_t> scratch, int high_bits,
                               int low_bits, std::uint32_t *counts, StopAsked stop) noexcept {
    const Result<bool> sorted = sort_halves(keys, scratch, high_bits, low_bits, stop);
    if (!sorted) {
        return tl::unexpected(sorted.error());
    }
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < keys.size();) {
        const std::size_t first = i;
        while (i < keys.size() && keys[i] == keys[first]) {
            ++i;
        }
        keys[distinct] = keys[first];
        counts[distinct++] = static_cast<std::uint32_t>(i - first);
    }
    return distinct;
}

Result<bool> write_log_tails(std::span<const Pair> pairs, const std::uint32_t *counts, const FisherTest &test,
                             const Marginal *marginals, double *logs, StopAsked stop) noexcept {
    constexpr std::size_t kOftener = 16; // a tail takes longer than a step of other loops
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (stops_at(i * kOftener, stop)) {
            return tl::unexpected(stopped());
        }
        logs[i] = test.upper_tail(marginals[pairs[i] >> 32], marginals[item_of(pairs[i])], counts[i]).log_p;
    }
    return true;
}

std::size_t PairIndex::slots_for(std::size_t pairs) noexcept {
    return std::bit_ceil(2 * pairs + 1);
}

PairIndex::PairIndex(std::span<const Pair> pairs, std::span<std::uint32_t> slots) noexcept
    : pairs_(pairs), slots_(slots) {
    std::fill(slots.begin(), slots.end(), UINT32_MAX);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        std::size_t slot = spread(pairs[i]) & (slots.size() - 1);
        while (slots[slot] != UINT32_MAX) {
            slot = (slot + 1) & (slots.size() - 1);
        }
        slots[slot] = static_cast<std::uint32_t>(i);
    }
}

std::size_t PairIndex::find(Pair pair) const noexcept {
    for (std::size_t slot = spread(pair) & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
        if (slots_[slot] == UINT32_MAX) {
            return pairs_.size();
        }
        if (pairs_[slots_[slot]] == pair) {
            return slots_[slot];
        }
    }
}

Result<std::size_t> write_triples(std::span<const BasketRow> rows, const PairIndex &index, std::size_t pairs,
                                  std::uint64_t *triples, StopAsked stop) noexcept {
    std::size_t count = 0;
    std::size_t step = 0;
    bool stopping = false;
    const auto found = [&](std::size_t i, std::size_t j) {
        return index.find(Pair{item_of(rows[i])} << 32 | item_of(rows[j]));
    };
    for_each_basket(rows, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            for (std::size_t j = i + 1; j < last && !stopping; ++j) {
                stopping = stops_at(step++, stop);
                const std::size_t pair = found(i, j);
                if (pair == pairs) {
                    continue;
                }
                for (std::size_t k = j + 1; k < last; ++k) {
                    if (found(i, k) != pairs && found(j, k) != pairs) {
                        if (triples != nullptr) {
                            triples[count] = std::uint64_t{pair} << 32 | item_of(rows[k]);
                        }
                        ++count;
                    }
                }
            }
        }
    });
    if (stopping) {
        return tl::unexpected(stopped());
    }
    return count;
}

} // namespace tradeup
