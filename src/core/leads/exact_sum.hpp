/*
 * Sums of doubles in which the order of adding does not show, whatever rows come first and however many
 * workers share them.
 */
#pragma once

#include <cstddef>
#include <cstdint>

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

    static constexpr double kHigh = power_of_two(40 - Top);
    static constexpr double kLow = power_of_two(80 - Top);

    /* The sum of whole multiples of 2^(Top - 40) and of 2^(Top - 80). */
    static ExactSum of(std::int64_t high, std::int64_t low) noexcept {
        return {Int128{high} * (Int128{1} << 40) + low};
    }

    /* Adds one term, cut off at the last unit. */
    void add(double term) noexcept {
        const auto high = static_cast<std::int64_t>(term * kHigh);
        const double rest = term * kHigh - static_cast<double>(high);
        add(of(high, static_cast<std::int64_t>(rest * (kLow / kHigh))));
    }
    void add(ExactSum other) noexcept { units += other.units; }
    Wide value() const noexcept { return static_cast<Wide>(units) / kLow; }
};

/* So many terms fit into a block. */
inline constexpr std::size_t kBlock = 1024;

/* Two doubles, with which processors do the same at once. */
using Pair = double __attribute__((vector_size(16)));

/*
 * Up to kBlock terms of such a sum, two at a time. A term is parted into a multiple of 2^(Top - 40) and one
 * of 2^(Top - 80), by adding and subtracting a number so large that its last digit is that multiple; both
 * kinds are added in doubles, exactly, because none of their sums needs more than 53 bits. (J. Demmel, H. D.
 * Nguyen, Parallel Reproducible Summation, IEEE Transactions on Computers 64, 2015.)
 */
template <int Top>
class BlockSum {
public:
    void add(Pair terms) noexcept {
        const Pair coarse = (terms + kCoarse) - kCoarse;
        high_ += coarse;
        low_ += ((terms - coarse) + kFine) - kFine;
    }

    ExactSum<Top> total() const noexcept {
        using Sum = ExactSum<Top>;
        return Sum::of(static_cast<std::int64_t>((high_[0] + high_[1]) * Sum::kHigh),
                       static_cast<std::int64_t>((low_[0] + low_[1]) * Sum::kLow));
    }

private:
    static constexpr double kCoarse = 1.5 * power_of_two(52 + Top - 40);
    static constexpr double kFine = 1.5 * power_of_two(52 + Top - 80);

    Pair high_{};
    Pair low_{};
};

} // namespace tradeup
