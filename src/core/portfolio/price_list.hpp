/*
 * The price list: the distinct prices of an inventory in ascending order, each with how many prices there are
 * up to it and what they add up to, so that how many lie in a range, and their sum, are two binary searches.
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

inline constexpr std::int32_t kPriceListFormat = 2;

/* The most distinct prices of a list; with their totals they stay below the gigabyte that a value in the
 * database may have. */
inline constexpr std::size_t kMaxRuns = 33'000'000;

/* A price and how many there are of it. */
struct PriceRun {
    std::int64_t price; // in minor units
    std::int64_t count;
};

/* The number of some prices and their sum, which may need 128 bits: in two words, since what is stored begins
 * at any eighth byte. */
struct RunningTotal {
    std::int64_t count;
    std::uint64_t sum_low;
    std::int64_t sum_high;

    Int128 sum() const noexcept { return Int128{sum_high} << 64 | sum_low; }
};

inline RunningTotal running_total(std::int64_t count, Int128 sum) noexcept {
    return {count, static_cast<std::uint64_t>(sum), static_cast<std::int64_t>(sum >> 64)};
}

/*
 * A price list as it is stored: a length word for the database, which the core does not touch, then the
 * distinct prices in ascending order, then a total more than prices: number i is that of the first i.
 * There may be 2^63 - 1 prices in all, counted with their repetitions.
 */
struct PriceList {
    std::int32_t length_word;
    std::int32_t format;
    std::int64_t minor_digits; // decimals of the prices, 0 to 4
    std::int64_t runs;

    std::int64_t *prices() noexcept { return reinterpret_cast<std::int64_t *>(this + 1); }
    const std::int64_t *prices() const noexcept { return reinterpret_cast<const std::int64_t *>(this + 1); }
    RunningTotal *totals() noexcept { return reinterpret_cast<RunningTotal *>(prices() + runs); }
    const RunningTotal *totals() const noexcept {
        return reinterpret_cast<const RunningTotal *>(prices() + runs);
    }

    /* All prices of the list. */
    const RunningTotal &all() const noexcept { return totals()[runs]; }
    /* How many prices the run at a place has. */
    std::int64_t count_at(std::size_t run) const noexcept {
        return totals()[run + 1].count - totals()[run].count;
    }
};

constexpr std::size_t price_list_size(std::size_t runs) noexcept {
    return sizeof(PriceList) + runs * sizeof(std::int64_t) + (runs + 1) * sizeof(RunningTotal);
}

/* Ascending prices that are searched: the distinct ones of a list, or those of vehicles one by one. */
using Prices = std::span<const std::int64_t>;

inline Prices prices_of(const PriceList &list) noexcept {
    return {list.prices(), static_cast<std::size_t>(list.runs)};
}

/* The number of ascending prices below one, which is also the place of the first price that is not. */
inline std::size_t prices_below(Prices prices, std::int64_t price_minor) noexcept {
    const std::int64_t *first = prices.data();
    std::size_t rest = prices.size();
    /* Without a branch that depends on the prices: searches of several edges then overlap. */
    while (rest > 1) {
        const std::size_t half = rest / 2;
        first += half & (std::size_t{0} - static_cast<std::size_t>(first[half - 1] < price_minor));
        rest -= half;
    }
    const auto before = static_cast<std::size_t>(first - prices.data());
    return before + (rest == 1 && *first < price_minor ? 1 : 0);
}

/*
 * A table in front of prices for many searches: their range is cut into buckets of 2^shift minor units, and
 * `starts` has the place of the first price of each, and last the number of prices. One with no starts
 * searches all prices.
 */
struct PriceIndex {
    const std::uint32_t *starts;
    std::int64_t buckets;
    std::int64_t lowest;
    std::int32_t shift;
};

/* An index of prices whose starts are still to be filled: buckets + 1 of them. */
PriceIndex planned_index(Prices prices) noexcept;

/* Fills the starts of a planned index. */
void fill_index(Prices prices, PriceIndex &index, std::uint32_t *starts) noexcept;

/* prices_below with the help of the prices' index. */
inline std::size_t prices_below(Prices prices, const PriceIndex &index, std::int64_t price_minor) noexcept {
    if (index.starts == nullptr) {
        return prices_below(prices, price_minor);
    }
    const std::int64_t above = price_minor - index.lowest;
    if (above <= 0) {
        return 0;
    }
    const std::int64_t bucket = above >> index.shift;
    if (bucket >= index.buckets) {
        return prices.size();
    }
    const std::size_t start = index.starts[bucket];
    return start + prices_below(prices.subspan(start, index.starts[bucket + 1] - start), price_minor);
}

/* Places of prices from `first` to before `last`. */
struct Stretch {
    std::size_t first;
    std::size_t last;
};

/* The prices from lowest to highest, both included; empty when lowest is above highest. */
inline Stretch prices_between(Prices prices, std::int64_t lowest, std::int64_t highest) noexcept {
    const std::size_t first = prices_below(prices, lowest);
    const std::size_t last = lowest > highest ? first : prices_below(prices, highest + 1);
    return {first, last};
}

/* How many prices of a list, with their repetitions, a stretch of its distinct ones stands for. */
inline std::int64_t count_of(const PriceList &list, Stretch stretch) noexcept {
    return list.totals()[stretch.last].count - list.totals()[stretch.first].count;
}

inline Int128 sum_of(const PriceList &list, Stretch stretch) noexcept {
    return list.totals()[stretch.last].sum() - list.totals()[stretch.first].sum();
}

/* Sorts prices, or runs by their price (none negative), in ascending order with a second array of the same
 * size. Errors: cancelled. */
Result<bool> sort_prices(std::span<std::int64_t> prices, std::span<std::int64_t> scratch,
                         StopAsked stop) noexcept;
Result<bool> sort_prices(std::span<PriceRun> runs, std::span<PriceRun> scratch, StopAsked stop) noexcept;

/* Makes one of neighbours with the same price, in place. Returns how many runs there are then. Errors:
 * out_of_range for more than 2^63 - 1 of a price. */
Result<std::size_t> joined_runs(std::span<PriceRun> ascending) noexcept;

/*
 * Merges ascending prices into ascending runs, with room for the sum of their numbers. Returns how many runs
 * there are then. Errors: cancelled, out_of_range.
 */
Result<std::size_t> merge_prices(std::span<const PriceRun> runs, Prices prices, PriceRun *merged,
                                 StopAsked stop) noexcept;

/* Fills a list that has room for these ascending runs. Errors: cancelled; out_of_range for more than 2^63 - 1
 * prices. */
Result<bool> fill_list(std::span<const PriceRun> runs, PriceList &list, StopAsked stop) noexcept;

/* How many distinct prices two lists have together. Errors: cancelled. */
Result<std::size_t> runs_together(const PriceList &a, const PriceList &b, StopAsked stop) noexcept;

/* Merges two lists of the same digits into one with room for their runs together. Errors: cancelled;
 * out_of_range. */
Result<bool> merge_lists(const PriceList &a, const PriceList &b, PriceList &merged, StopAsked stop) noexcept;

/* How many distinct prices are left of `a` without those of `b`. Errors: cancelled; bad_value when `a` does
 * not have them. */
Result<std::size_t> runs_left(const PriceList &a, const PriceList &b, StopAsked stop) noexcept;

/* Takes the prices of `b`, each as often as it is there, out of those of `a`, into a list with room for the
 * runs that are left, as runs_left has counted them. Errors: cancelled. */
Result<bool> remove_list(const PriceList &a, const PriceList &b, PriceList &rest, StopAsked stop) noexcept;

/*
 * The same prices with other decimals, into a list with as many runs. Errors: bad_value for a price that has
 * more, out_of_range for one that becomes too large; cancelled.
 */
Result<bool> rescale_list(const PriceList &list, std::int32_t minor_digits, PriceList &rescaled,
                          StopAsked stop) noexcept;

/* An upper bound of the length of a list's text, with its terminator. */
std::size_t list_text_size(std::size_t runs) noexcept;

/*
 * The text of a list: `v1 {249999.00,310000.50*3}`, the last three times, with `minor_digits=0` and the like
 * before the brace when the decimals are not 2. Returns the length. Errors: cancelled.
 */
Result<std::size_t> write_list(const PriceList &list, char *out, StopAsked stop) noexcept;

/* What stands before the prices of a text, and how many of them are written. */
struct ListHead {
    std::string_view prices; // between the braces
    std::int32_t minor_digits;
    std::size_t most;
};

/* Errors: bad_text for text of another form. */
Result<ListHead> parse_list_head(std::string_view text) noexcept;

/*
 * The prices of a text, in its order, into an array of head.most. Returns their number. Errors: bad_text for
 * what is no price or no number of them; bad_value for a negative price, one with more decimals than the
 * list, or a number that is not from 1 to 2^63 - 1; out_of_range; cancelled.
 */
Result<std::size_t> parse_prices(const ListHead &head, PriceRun *runs, StopAsked stop) noexcept;

/* Totals of a deal's offers in one tier over a price list. */
struct TierOffers {
    std::int64_t tier; // index into the terms' tiers, or kNoTier
    std::int64_t offers;
    Int128 price_sum;
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
