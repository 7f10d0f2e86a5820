/*
 * Sorting prices, lists made of them, their index, and lists put together and taken apart.
 */
#include "core/portfolio/price_list.hpp"

#include <algorithm>
#include <array>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr int kDigitBits = 11;
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;

Error not_in_list(const PriceList &list, std::int64_t price) noexcept {
    return with_hint(with_detail(make_error(ErrorKind::bad_value,
                                            "price list does not have the prices that are to be removed"),
                                 "It has no %s, or fewer of them.",
                                 to_text(normalized({price, list.minor_digits})).text),
                     "Make the list anew with the aggregate price_list.");
}

Error too_many() noexcept {
    return with_detail(make_error(ErrorKind::out_of_range, "price list has too many prices"),
                       "It may have 9223372036854775807.");
}

std::int64_t price_of(std::int64_t price) noexcept {
    return price;
}

std::int64_t price_of(const PriceRun &run) noexcept {
    return run.price;
}

/* Digit by digit from the lowest (D. E. Knuth, The Art of Computer Programming 3, 5.2.5). */
template <typename Priced>
Result<bool> sort_by_price(std::span<Priced> prices, std::span<Priced> scratch, StopAsked stop) noexcept {
    const auto before = [](const Priced &a, const Priced &b) { return price_of(a) < price_of(b); };
    if (std::is_sorted(prices.begin(), prices.end(), before)) {
        return true;
    }
    const std::int64_t largest = price_of(*std::max_element(prices.begin(), prices.end(), before));
    std::span<Priced> from = prices;
    std::span<Priced> to = scratch;
    for (int shift = 0; shift < 63 && (largest >> shift) > 0; shift += kDigitBits) {
        std::array<std::size_t, kBuckets + 1> starts{};
        const auto digit = [shift](const Priced &priced) {
            return static_cast<std::size_t>(price_of(priced) >> shift) % kBuckets;
        };
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (stops_at(i, stop)) {
                return tl::unexpected(stopped());
            }
            ++starts[digit(from[i]) + 1];
        }
        for (std::size_t i = 1; i < kBuckets; ++i) {
            starts[i] += starts[i - 1];
        }
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (stops_at(i, stop)) {
                return tl::unexpected(stopped());
            }
            to[starts[digit(from[i])]++] = from[i];
        }
        std::swap(from, to);
    }
    if (from.data() != prices.data()) {
        std::copy(from.begin(), from.end(), prices.begin());
    }
    return true;
}

/* Writes the runs of a list one after another, with their totals. */
class ListWriter {
public:
    explicit ListWriter(PriceList &list) noexcept : price_(list.prices()), total_(list.totals()) {
        *total_ = running_total(0, 0);
    }

    /* False when the prices become too many. */
    bool put(std::int64_t price, std::int64_t count) noexcept {
        const RunningTotal &last = *total_;
        std::int64_t counted = 0;
        if (__builtin_add_overflow(last.count, count, &counted)) {
            return false;
        }
        *price_++ = price;
        const Int128 sum = last.sum() + Int128{price} * count;
        *++total_ = running_total(counted, sum);
        return true;
    }

private:
    std::int64_t *price_;
    RunningTotal *total_;
};

/*
 * Walks through the distinct prices of two lists: put(price, count in a, count in b), which says whether to
 * go on. Errors: cancelled; what `put` makes of it when it says no.
 */
template <typename Put>
Result<bool> walk(const PriceList &a, const PriceList &b, StopAsked stop, Put put) noexcept {
    const Prices of_a = prices_of(a);
    const Prices of_b = prices_of(b);
    std::size_t i = 0;
    std::size_t j = 0;
    for (std::size_t step = 0; i < of_a.size() || j < of_b.size(); ++step) {
        if (stops_at(step, stop)) {
            return tl::unexpected(stopped());
        }
        const bool from_a = i < of_a.size() && (j == of_b.size() || of_a[i] <= of_b[j]);
        const bool from_b = j < of_b.size() && (i == of_a.size() || of_b[j] <= of_a[i]);
        const std::int64_t price = from_a ? of_a[i] : of_b[j];
        const std::int64_t in_a = from_a ? a.count_at(i++) : 0;
        const std::int64_t in_b = from_b ? b.count_at(j++) : 0;
        const Result<bool> done = put(price, in_a, in_b);
        if (!done) {
            return done;
        }
    }
    return true;
}

} // namespace

Result<bool> sort_prices(std::span<std::int64_t> prices, std::span<std::int64_t> scratch,
                         StopAsked stop) noexcept {
    return sort_by_price(prices, scratch, stop);
}

Result<bool> sort_prices(std::span<PriceRun> runs, std::span<PriceRun> scratch, StopAsked stop) noexcept {
    return sort_by_price(runs, scratch, stop);
}

Result<std::size_t> joined_runs(std::span<PriceRun> ascending) noexcept {
    std::size_t count = 0;
    for (const PriceRun &run : ascending) {
        if (count > 0 && ascending[count - 1].price == run.price) {
            std::int64_t &joined = ascending[count - 1].count;
            if (__builtin_add_overflow(joined, run.count, &joined)) {
                return tl::unexpected(too_many());
            }
        } else {
            ascending[count++] = run;
        }
    }
    return count;
}

Result<std::size_t> merge_prices(std::span<const PriceRun> runs, Prices prices, PriceRun *merged,
                                 StopAsked stop) noexcept {
    std::size_t count = 0;
    std::size_t next = 0; // of the prices
    const auto put = [&](std::int64_t price, std::int64_t of_it) {
        if (count > 0 && merged[count - 1].price == price) {
            return !__builtin_add_overflow(merged[count - 1].count, of_it, &merged[count - 1].count);
        }
        merged[count++] = {price, of_it};
        return true;
    };
    for (std::size_t i = 0; i <= runs.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        for (; next < prices.size() && (i == runs.size() || prices[next] < runs[i].price); ++next) {
            if (!put(prices[next], 1)) {
                return tl::unexpected(too_many());
            }
        }
        if (i < runs.size() && !put(runs[i].price, runs[i].count)) {
            return tl::unexpected(too_many());
        }
    }
    return count;
}

Result<bool> fill_list(std::span<const PriceRun> runs, PriceList &list, StopAsked stop) noexcept {
    list.runs = static_cast<std::int64_t>(runs.size());
    ListWriter writer(list);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        if (!writer.put(runs[i].price, runs[i].count)) {
            return tl::unexpected(too_many());
        }
    }
    return true;
}

PriceIndex planned_index(Prices prices) noexcept {
    /* Two buckets a price, but no more than stay in the processor's nearer memory. */
    constexpr std::int64_t kMostBuckets = 1 << 16;
    PriceIndex index{nullptr, 0, 0, 0};
    if (!prices.empty()) {
        index.lowest = prices.front();
        const std::int64_t range = prices.back() - index.lowest;
        const std::int64_t buckets = std::min(2 * static_cast<std::int64_t>(prices.size()), kMostBuckets);
        while ((range >> index.shift) >= buckets) {
            ++index.shift;
        }
        index.buckets = (range >> index.shift) + 1;
    }
    return index;
}

void fill_index(Prices prices, PriceIndex &index, std::uint32_t *starts) noexcept {
    std::int64_t bucket = 0;
    for (std::size_t i = 0; i < prices.size(); ++i) {
        for (; bucket <= (prices[i] - index.lowest) >> index.shift; ++bucket) {
            starts[bucket] = static_cast<std::uint32_t>(i);
        }
    }
    starts[index.buckets] = static_cast<std::uint32_t>(prices.size());
    index.starts = starts;
}

Result<std::size_t> runs_together(const PriceList &a, const PriceList &b, StopAsked stop) noexcept {
    std::size_t count = 0;
    const Result<bool> done = walk(a, b, stop, [&](std::int64_t, std::int64_t, std::int64_t) -> Result<bool> {
        ++count;
        return true;
    });
    return done ? Result<std::size_t>(count) : tl::unexpected(done.error());
}

Result<bool> merge_lists(const PriceList &a, const PriceList &b, PriceList &merged, StopAsked stop) noexcept {
    merged.minor_digits = a.minor_digits;
    ListWriter writer(merged);
    return walk(a, b, stop, [&](std::int64_t price, std::int64_t in_a, std::int64_t in_b) -> Result<bool> {
        std::int64_t count = 0;
        if (__builtin_add_overflow(in_a, in_b, &count) || !writer.put(price, count)) {
            return tl::unexpected(too_many());
        }
        return true;
    });
}

Result<std::size_t> runs_left(const PriceList &a, const PriceList &b, StopAsked stop) noexcept {
    std::size_t count = 0;
    const auto put = [&](std::int64_t price, std::int64_t in_a, std::int64_t in_b) -> Result<bool> {
        if (in_a < in_b) {
            return tl::unexpected(not_in_list(a, price));
        }
        count += in_a > in_b ? 1 : 0;
        return true;
    };
    const Result<bool> done = walk(a, b, stop, put);
    return done ? Result<std::size_t>(count) : tl::unexpected(done.error());
}

Result<bool> remove_list(const PriceList &a, const PriceList &b, PriceList &rest, StopAsked stop) noexcept {
    rest.minor_digits = a.minor_digits;
    ListWriter writer(rest);
    return walk(a, b, stop, [&](std::int64_t price, std::int64_t in_a, std::int64_t in_b) -> Result<bool> {
        return in_a == in_b || writer.put(price, in_a - in_b);
    });
}

Result<bool> rescale_list(const PriceList &list, std::int32_t minor_digits, PriceList &rescaled,
                          StopAsked stop) noexcept {
    rescaled.minor_digits = minor_digits;
    rescaled.runs = list.runs;
    ListWriter writer(rescaled);
    const auto shift = static_cast<int>(minor_digits - list.minor_digits);
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(shift < 0 ? -shift : shift)];
    const Prices prices = prices_of(list);
    for (std::size_t i = 0; i < prices.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        const std::int64_t price = prices[i];
        const auto shown = [&] { return to_text(normalized({price, list.minor_digits})); };
        if (shift < 0 && price % power != 0) {
            return tl::unexpected(
                with_hint(with_detail(make_error(ErrorKind::bad_value, "price has more than %d decimals",
                                                 static_cast<int>(minor_digits)),
                                      "Price is %s.", shown().text),
                          "Round it to %d decimals: round(x::numeric, %d).", static_cast<int>(minor_digits),
                          static_cast<int>(minor_digits)));
        }
        if (shift > 0 && price > kMaxPriceMinor / power) {
            return tl::unexpected(with_detail(make_error(ErrorKind::out_of_range, "price is too large"),
                                              "Price is %s.", shown().text));
        }
        (void)writer.put(shift < 0 ? price / power : price * power, list.count_at(i));
    }
    return true;
}

} // namespace tradeup
