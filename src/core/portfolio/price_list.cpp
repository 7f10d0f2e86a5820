/*
 * Sorting prices, their running sums and index, and lists put together and taken apart.
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

} // namespace

/* Digit by digit from the lowest (D. E. Knuth, The Art of Computer Programming 3, 5.2.5). */
Result<bool> sort_prices(std::span<std::int64_t> prices, std::span<std::int64_t> scratch,
                         StopAsked stop) noexcept {
    if (std::is_sorted(prices.begin(), prices.end())) {
        return true;
    }
    const std::int64_t largest = *std::max_element(prices.begin(), prices.end());
    std::span<std::int64_t> from = prices;
    std::span<std::int64_t> to = scratch;
    for (int shift = 0; shift < 63 && (largest >> shift) > 0; shift += kDigitBits) {
        std::array<std::size_t, kBuckets + 1> starts{};
        const auto digit = [shift](std::int64_t price) {
            return static_cast<std::size_t>(price >> shift) % kBuckets;
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

Result<bool> add_up(PriceList &list, StopAsked stop) noexcept {
    std::int64_t sum = 0;
    const auto count = static_cast<std::size_t>(list.count);
    const std::int64_t *prices = list.prices();
    std::int64_t *sums = list.sums();
    sums[0] = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        if (__builtin_add_overflow(sum, prices[i], &sum)) {
            return tl::unexpected(
                with_detail(make_error(ErrorKind::out_of_range, "sum of the prices is too large"),
                            "A price list holds up to 9223372036854775807 minor units."));
        }
        sums[i + 1] = sum;
    }
    return true;
}

PriceIndex planned_index(const PriceList &list) noexcept {
    /* Two buckets a price, but no more than stay in the processor's nearer memory. */
    constexpr std::int64_t kMostBuckets = 1 << 16;
    PriceIndex index{nullptr, 0, 0, 0};
    if (list.count > 0) {
        index.lowest = list.prices()[0];
        const std::int64_t range = list.prices()[list.count - 1] - index.lowest;
        while ((range >> index.shift) >= std::min(2 * list.count, kMostBuckets)) {
            ++index.shift;
        }
        index.buckets = (range >> index.shift) + 1;
    }
    return index;
}

void fill_index(const PriceList &list, PriceIndex &index, std::uint32_t *starts) noexcept {
    std::int64_t bucket = 0;
    for (std::int64_t i = 0; i < list.count; ++i) {
        for (; bucket <= (list.prices()[i] - index.lowest) >> index.shift; ++bucket) {
            starts[bucket] = static_cast<std::uint32_t>(i);
        }
    }
    starts[index.buckets] = static_cast<std::uint32_t>(list.count);
    index.starts = starts;
}

Result<bool> merge_lists(const PriceList &a, const PriceList &b, PriceList &merged, StopAsked stop) noexcept {
    merged.minor_digits = a.minor_digits;
    merged.count = a.count + b.count;
    const std::int64_t *from_a = a.prices();
    const std::int64_t *from_b = b.prices();
    const std::int64_t *const end_a = from_a + a.count;
    const std::int64_t *const end_b = from_b + b.count;
    std::int64_t *out = merged.prices();
    for (std::size_t i = 0; from_a != end_a && from_b != end_b; ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        *out++ = *from_b < *from_a ? *from_b++ : *from_a++;
    }
    std::copy(from_b, end_b, std::copy(from_a, end_a, out));
    return add_up(merged, stop);
}

Result<bool> remove_list(const PriceList &a, const PriceList &b, PriceList &rest, StopAsked stop) noexcept {
    rest.minor_digits = a.minor_digits;
    rest.count = a.count - b.count;
    std::int64_t *out = rest.prices();
    const std::int64_t *const out_end = out + rest.count;
    const std::span<const std::int64_t> listed = prices_of(a);
    const std::span<const std::int64_t> removed = prices_of(b);
    std::size_t next = 0; // of those to be removed
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        if (next < removed.size() && removed[next] == listed[i]) {
            ++next;
        } else if (next < removed.size() && removed[next] < listed[i]) {
            return tl::unexpected(not_in_list(a, removed[next]));
        } else if (out == out_end) { // the lengths say that one of those to be removed is missing
            return tl::unexpected(not_in_list(a, removed.back()));
        } else {
            *out++ = listed[i];
        }
    }
    if (next < removed.size()) {
        return tl::unexpected(not_in_list(a, removed[next]));
    }
    return add_up(rest, stop);
}

Result<bool> rescale_list(const PriceList &list, std::int32_t minor_digits, PriceList &rescaled,
                          StopAsked stop) noexcept {
    rescaled.minor_digits = minor_digits;
    rescaled.count = list.count;
    const auto shift = static_cast<int>(minor_digits - list.minor_digits);
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(shift < 0 ? -shift : shift)];
    const std::span<const std::int64_t> prices = prices_of(list);
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
                          "Round it to %d decimals first.", static_cast<int>(minor_digits)));
        }
        if (shift > 0 && price > kMaxPriceMinor / power) {
            return tl::unexpected(with_detail(make_error(ErrorKind::out_of_range, "price is too large"),
                                              "Price is %s.", shown().text));
        }
        rescaled.prices()[i] = shift < 0 ? price / power : price * power;
    }
    return add_up(rescaled, stop);
}

} // namespace tradeup
