/*
 * Adding amounts of a day without losing what rounding loses, and bringing the days in order.
 */
#include "core/finance/day_sum.hpp"

#include <algorithm>
#include <cmath>

#include "core/finance/search.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

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

Result<bool> sort_days(std::span<DaySum> days, StopAsked stop) noexcept {
    return searched([&]() -> Result<bool> {
        std::size_t step = 0;
        const auto before = [&](const DaySum &a, const DaySum &b) {
            ask(step++, stop);
            return a.day < b.day;
        };
        if (!std::is_sorted(days.begin(), days.end(), before)) {
            std::sort(days.begin(), days.end(), before);
        }
        return true;
    });
}

} // namespace tradeup
