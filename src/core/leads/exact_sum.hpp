/*
 * Sums of doubles in which the order of adding does not show, whatever rows come first and however many
 * workers share them.
 */
#pragma once

#include <cmath>
#include <cstddef>

#include "core/number/decimal.hpp"
#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

constexpr double power_of_two(int exponent) noexcept {
    double power = 1;
    for (; exponent > 0; --exponent) {
        power *= 2;
    }
    for (; exponent < 0; ++exponent) {
        power /= 2;
    }
    return power;
}

/*
 * Each term, of a magnitude up to 2^Top, is brought to a multiple of 2^(Top - 80) before it is added, and
 * such multiples are added exactly, as whole numbers of 128 bits: up to 2^46 terms.
 */
template <int Top>
struct ExactSum {
    Int128 units;

    /* Adds one term, cut off at the last unit. */
    void add(double term) noexcept {
        const double scaled = term * power_of_two(40 - Top);
        const auto high = static_cast<std::int64_t>(scaled);
        const auto low = static_cast<std::int64_t>((scaled - static_cast<double>(high)) * power_of_two(40));
        units += (Int128{high} * (Int128{1} << 40)) + low;
    }
    void add(ExactSum other) noexcept { units += other.units; }
    Wide value() const noexcept { return std::ldexp(static_cast<Wide>(units), Top - 80); }
};

/* So many terms fit into a block. */
inline constexpr std::size_t kBlock = 1024;

/*
 * Up to kBlock terms of such a sum. A term is parted into a multiple of 2^(Top - 40) and one of 2^(Top - 80),
 * by adding and subtracting a number so large that its last digit is that multiple; both kinds are added in
 * doubles, exactly, because none of their sums needs more than 53 bits. (J. Demmel, H. D. Nguyen, Parallel
 * Reproducible Summation, IEEE Transactions on Computers 64, 2015.)
 */
template <int Top>
class BlockSum {
public:
    void add(double term) noexcept {
        const double coarse = (term + kCoarse) - kCoarse;
        high_ += coarse;
        low_ += ((term - coarse) + kFine) - kFine;
    }

    ExactSum<Top> total() const noexcept {
        const auto high = static_cast<std::int64_t>(high_ * power_of_two(40 - Top));
        const auto low = static_cast<std::int64_t>(low_ * power_of_two(80 - Top));
        return {Int128{high} * (Int128{1} << 40) + low};
    }

private:
    static constexpr double kCoarse = 1.5 * power_of_two(52 + Top - 40);
    static constexpr double kFine = 1.5 * power_of_two(52 + Top - 80);

    double high_ = 0;
    double low_ = 0;
};

} // namespace tradeup
