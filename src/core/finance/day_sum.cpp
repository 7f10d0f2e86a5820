/*
 * Adding amounts of a day without losing what rounding loses, and bringing the days in order.
 */
#include "core/finance/day_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "core/finance/search.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Fewer days are sorted by comparing. */
constexpr std::size_t kFewDays = 1000;

/* Sorts digit by digit of the days since the first one, the last digit first. May throw. */
template <typename Element>
void sort_by_digits(std::span<Element> days, StopAsked stop) {
    constexpr int kBits = 11;
    constexpr std::size_t kDigits = std::size_t{1} << kBits;
    const auto [first, last] = std::minmax_element(
        days.begin(), days.end(), [](const Element &a, const Element &b) { return a.day < b.day; });
    const std::int64_t lowest = first->day;
    const std::int64_t highest = last->day - lowest;
    std::vector<Element> room(days.size());
    std::span<Element> from = days;
    std::span<Element> to = room;
    for (int shift = 0; (highest >> shift) != 0; shift += kBits) {
        const auto digit = [&](const Element &element) {
            return static_cast<std::size_t>((element.day - lowest) >> shift) % kDigits;
        };
        std::array<std::size_t, kDigits + 1> starts{};
        for (std::size_t i = 0; i < from.size(); ++i) {
            ask(i, stop);
            ++starts[digit(from[i]) + 1];
        }
        std::partial_sum(starts.begin(), starts.end(), starts.begin());
        for (std::size_t i = 0; i < from.size(); ++i) {
            ask(i, stop);
            to[starts[digit(from[i])]++] = from[i];
        }
        std::swap(from, to);
    }
    if (from.data() != days.data()) {
        std::copy(from.begin(), from.end(), days.begin());
    }
}

template <typename Element>
Result<bool> sorted(std::span<Element> days, StopAsked stop) {
    std::size_t step = 0;
    const auto before = [&](const Element &a, const Element &b) {
        ask(step++, stop);
        return a.day < b.day;
    };
    if (!std::is_sorted(days.begin(), days.end(), before)) {
        if (days.size() < kFewDays) {
            std::sort(days.begin(), days.end(), before);
        } else {
            sort_by_digits(days, stop);
        }
    }
    return true;
}

} // namespace

/* Divides by 2^kRaise, which loses nothing of sums that are near the end of the doubles. */
void DaySum::raise() noexcept {
    constexpr int kRaise = 256;
    high = std::ldexp(high, -kRaise);
    low = std::ldexp(low, -kRaise);
    rounding = std::ldexp(rounding, -kRaise);
    exponent += kRaise;
}

void DaySum::add(DaySum other) noexcept {
    constexpr double kLargest = 0x1p1000;
    if (std::fabs(high) > kLargest || std::fabs(other.high) > kLargest || exponent != other.exponent) {
        for (DaySum *sum : {this, &other}) {
            if (sum->exponent == 0) {
                sum->raise();
            }
        }
    }
    const double total = high + other.high;
    const double part = total - high;
    const double lost = (high - (total - part)) + (other.high - part);
    high = total;
    low += lost + other.low;
    rounding += other.rounding;
}

Result<Wide> DaySum::total() const noexcept {
    const Wide sum = Wide{high} + low;
    if (std::fabs(sum) <= rounding) {
        return 0;
    }
    const Wide whole = exponent == 0 ? sum : std::ldexp(sum, exponent);
    if (!std::isfinite(static_cast<double>(whole))) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::out_of_range, "sum of the amounts of one date is out of range"),
                        "It is %Lg.", whole));
    }
    return whole;
}

Result<bool> sort_days(std::span<DayAmount> days, StopAsked stop) noexcept {
    return searched([&] { return sorted(days, stop); });
}

Result<bool> sort_days(std::span<DaySum> days, StopAsked stop) noexcept {
    return searched([&] { return sorted(days, stop); });
}

} // namespace tradeup
