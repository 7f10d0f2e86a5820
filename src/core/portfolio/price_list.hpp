/*
 * The price list: the prices of an inventory in ascending order with their running sums, so that how many
 * prices lie in a range, and what they add up to, are two binary searches.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/stop.hpp"
#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr std::int32_t kPriceListFormat = 1;

/* The longest list; with its sums it stays below the gigabyte that a value in the database may have. */
inline constexpr std::size_t kMaxListed = 60'000'000;

/*
 * A price list as it is stored: a length word for the database, which the core does not touch, then `count`
 * prices in ascending order, then `count + 1` sums, of which number i is the sum of the first i prices. All
 * in minor units. Sums are 64 bits wide: a list whose total does not fit (9 * 10^18 minor units) is refused.
 */
struct PriceList {
    std::int32_t length_word;
    std::int32_t format;
    std::int64_t minor_digits; // decimals of the prices, 0 to 4
    std::int64_t count;

    std::int64_t *prices() noexcept { return reinterpret_cast<std::int64_t *>(this + 1); }
    const std::int64_t *prices() const noexcept { return reinterpret_cast<const std::int64_t *>(this + 1); }
    std::int64_t *sums() noexcept { return prices() + count; }
    const std::int64_t *sums() const noexcept { return prices() + count; }
};

inline std::span<const std::int64_t> prices_of(const PriceList &list) noexcept {
    return {list.prices(), static_cast<std::size_t>(list.count)};
}

constexpr std::size_t price_list_size(std::size_t count) noexcept {
    return sizeof(PriceList) + (2 * count + 1) * sizeof(std::int64_t);
}

/* The number of `rest` ascending prices that are below one. */
inline std::size_t prices_below(const std::int64_t *prices, std::size_t rest,
                                std::int64_t price_minor) noexcept {
    const std::int64_t *first = prices;
    /* Without a branch that depends on the prices: searches of several edges then overlap. */
    while (rest > 1) {
        const std::size_t half = rest / 2;
        first += half & (std::size_t{0} - static_cast<std::size_t>(first[half - 1] < price_minor));
        rest -= half;
    }
    const auto before = static_cast<std::size_t>(first - prices);
    return before + (rest == 1 && *first < price_minor ? 1 : 0);
}

/* The number of prices below one, which is also the place of the first price that is not. */
inline std::size_t prices_below(const PriceList &list, std::int64_t price_minor) noexcept {
    return prices_below(list.prices(), static_cast<std::size_t>(list.count), price_minor);
}

/*
 * A table in front of a list for many searches: the range of its prices is cut into buckets of 2^shift minor
 * units, and `starts` has the place of the first price of each, and last the number of prices. One with no
 * starts searches the whole list.
 */
struct PriceIndex {
    const std::uint32_t *starts;
    std::int64_t buckets;
    std::int64_t lowest;
    std::int32_t shift;
};

/* An index of a list whose starts are still to be filled: buckets + 1 of them. */
PriceIndex planned_index(const PriceList &list) noexcept;

/* Fills the starts of a planned index. */
void fill_index(const PriceList &list, PriceIndex &index, std::uint32_t *starts) noexcept;

/* prices_below with the help of the list's index. */
inline std::size_t prices_below(const PriceList &list, const PriceIndex &index,
                                std::int64_t price_minor) noexcept {
    if (index.starts == nullptr) {
        return prices_below(list, price_minor);
    }
    const std::int64_t above = price_minor - index.lowest;
    if (above <= 0) {
        return 0;
    }
    const std::int64_t bucket = above >> index.shift;
    if (bucket >= index.buckets) {
        return static_cast<std::size_t>(list.count);
    }
    const std::size_t start = index.starts[bucket];
    return start + prices_below(list.prices() + start, index.starts[bucket + 1] - start, price_minor);
}

/* Places in a list from `first` to before `last`. */
struct Stretch {
    std::size_t first;
    std::size_t last;
};

/* The prices from lowest to highest, both included; empty when lowest is above highest. */
inline Stretch prices_between(const PriceList &list, std::int64_t lowest, std::int64_t highest) noexcept {
    const std::size_t first = prices_below(list, lowest);
    const std::size_t last = lowest > highest ? first : prices_below(list, highest + 1);
    return {first, last};
}

inline std::int64_t count_of(Stretch stretch) noexcept {
    return static_cast<std::int64_t>(stretch.last - stretch.first);
}

inline std::int64_t sum_of(const PriceList &list, Stretch stretch) noexcept {
    return list.sums()[stretch.last] - list.sums()[stretch.first];
}

/* Sorts prices (not negative) in ascending order with a second array of the same size. Errors: cancelled. */
Result<bool> sort_prices(std::span<std::int64_t> prices, std::span<std::int64_t> scratch,
                         StopAsked stop) noexcept;

/* Fills the sums of a list whose prices are in place. Errors: cancelled; out_of_range when the total does not
 * fit. */
Result<bool> add_up(PriceList &list, StopAsked stop) noexcept;

/* Merges two lists of the same digits into one with room for both. Errors: those of add_up. */
Result<bool> merge_lists(const PriceList &a, const PriceList &b, PriceList &merged, StopAsked stop) noexcept;

/*
 * Takes the prices of `b`, each as often as it is there, out of those of `a`, into a list with room for the
 * rest. Errors: cancelled; bad_value when `a` does not have them.
 */
Result<bool> remove_list(const PriceList &a, const PriceList &b, PriceList &rest, StopAsked stop) noexcept;

/*
 * The same prices with other decimals. Errors: bad_value for a price that has more, out_of_range for one that
 * becomes too large, those of add_up.
 */
Result<bool> rescale_list(const PriceList &list, std::int32_t minor_digits, PriceList &rescaled,
                          StopAsked stop) noexcept;

/* An upper bound of the length of a list's text, with its terminator. */
std::size_t list_text_size(std::size_t count) noexcept;

/*
 * The text of a list: `v1 {249999.00,310000.50}`, with `minor_digits=0` and the like before the brace when
 * the decimals are not 2. Returns the length. Errors: cancelled.
 */
Result<std::size_t> write_list(const PriceList &list, char *out, StopAsked stop) noexcept;

/* What stands before the prices of a text, and how many there may be. */
struct ListHead {
    std::string_view prices; // between the braces
    std::int32_t minor_digits;
    std::size_t most;
};

/* Errors: bad_text for text of another form. */
Result<ListHead> parse_list_head(std::string_view text) noexcept;

/*
 * The prices of a text, in its order, into an array of head.most. Returns their number. Errors: bad_text for
 * what is no price; bad_value for a negative price or one with more decimals than the list; out_of_range;
 * cancelled.
 */
Result<std::size_t> parse_prices(const ListHead &head, std::int64_t *prices, StopAsked stop) noexcept;

/* Totals of a deal's offers in one tier over a price list. */
struct TierOffers {
    std::int64_t tier; // index into the terms' tiers, or kNoTier
    std::int64_t offers;
    std::int64_t price_sum;
    std::int64_t mean_change; // in millionths; only when the deal has a current payment and there are offers
    std::int64_t margin;      // of all offers together, in minor units
};

/*
 * The offers of a deal over a list with the same decimals, one record for each tier in order of rank, and the
 * last for offers with none. The mean of the unrounded changes is rounded half up, the sum of the unrounded
 * margins as the terms say. Errors: out_of_range, out_of_memory. Returns the number of records.
 */
Result<std::int32_t> count_offers(const Deal &deal, const PriceList &list,
                                  TierOffers (&tiers)[kMaxTiers + 1]) noexcept;

} // namespace tradeup
