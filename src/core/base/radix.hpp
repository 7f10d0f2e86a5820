/*
 * Sorting by whole numbers, digit by digit from the lowest (D. E. Knuth, The Art of Computer Programming 3,
 * 5.2.5).
 */
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/stop.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * Sorts elements by key(element), a number below 2^bits; `scratch` is as long. Elements of equal keys keep
 * their order. Errors: cancelled.
 */
template <typename Element, typename Key>
Result<bool> sort_by_key(std::span<Element> elements, std::span<Element> scratch, int bits, Key key,
                         StopAsked stop) noexcept {
    constexpr int kDigitBits = 11;
    constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;
    const auto before = [&](const Element &a, const Element &b) { return key(a) < key(b); };
    if (std::is_sorted(elements.begin(), elements.end(), before)) {
        return true;
    }
    std::span<Element> from = elements;
    std::span<Element> to = scratch.first(elements.size());
    for (int shift = 0; shift < bits; shift += kDigitBits) {
        std::array<std::size_t, kBuckets> starts{};
        const auto digit = [&](const Element &element) {
            return static_cast<std::size_t>(key(element) >> shift) % kBuckets;
        };
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (stops_at(i, stop)) {
                return tl::unexpected(stopped());
            }
            ++starts[digit(from[i])];
        }
        std::size_t start = 0;
        for (std::size_t &bucket : starts) {
            start += std::exchange(bucket, start);
        }
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (stops_at(i, stop)) {
                return tl::unexpected(stopped());
            }
            to[starts[digit(from[i])]++] = from[i];
        }
        std::swap(from, to);
    }
    if (from.data() != elements.data()) {
        std::copy(from.begin(), from.end(), elements.begin());
    }
    return true;
}

} // namespace tradeup
