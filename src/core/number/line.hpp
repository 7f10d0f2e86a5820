/*
 * Questions about affine functions of a price, answered exactly: the fast path in doubles with a known error,
 * the slow path in fractions only where that error leaves a doubt.
 */
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/guard.hpp"
#include "core/number/affine.hpp"
#include "core/number/rounding.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The dearest vehicle, in minor units: a trillion in a currency with two decimals. Doubles hold it exactly.
 */
inline constexpr std::int64_t kMaxPriceMinor = 100'000'000'000'000;

/* A closed interval of prices in minor units; lowest > highest when it holds none. */
struct PriceRange {
    std::int64_t lowest;
    std::int64_t highest;
};

/* A compiled affine function with the largest error of each coefficient. */
struct Line {
    double slope;
    double intercept;
    double slope_error;
    double intercept_error;
};

inline Line compiled(const Affine<Bounded> &affine) noexcept {
    return {affine.slope.value, affine.intercept.value, affine.slope.error, affine.intercept.error};
}

/* The unrounded value at a price with its error. */
inline Bounded value_at(const Line &line, std::int64_t price_minor) noexcept {
    const auto price = static_cast<double>(price_minor);
    const double product = line.slope * price;
    const double value = product + line.intercept;
    return {value, (line.slope_error * price + line.intercept_error +
                    kUnitRoundoff * (std::fabs(product) + std::fabs(value))) *
                       kBoundSlack};
}

/* Doubles beyond this hold no fraction to round by. */
inline constexpr double kLargestRoundable = 2e15;

/*
 * The value rounded to a whole number when its error leaves no doubt: the value must be farther than the
 * error from every point where the rounded value jumps (the halves, or the whole numbers for up and down).
 * False otherwise.
 */
inline bool round_without_doubt(Bounded value, Rounding rounding, std::int64_t &rounded) noexcept {
    if (!(std::fabs(value.value) < kLargestRoundable)) {
        return false;
    }
    if (rounding == Rounding::half_up || rounding == Rounding::half_even) [[likely]] {
        /* Adding and taking away 1.5 * 2^52 leaves the nearest whole number, and what is left is exact. */
        constexpr double kWhole = 6755399441055744.0;
        const double nearest = (value.value + kWhole) - kWhole;
        rounded = static_cast<std::int64_t>(nearest);
        return 0.5 - std::fabs(value.value - nearest) > value.error;
    }
    if (value.value == 0 && value.error == 0) {
        rounded = 0;
        return true;
    }
    auto below = static_cast<std::int64_t>(value.value);
    below -= static_cast<double>(below) > value.value ? 1 : 0;
    const double fraction = value.value - static_cast<double>(below);
    const bool away = (rounding == Rounding::up) == (value.value > 0);
    rounded = below + (away ? 1 : 0);
    return fraction > value.error && 1 - fraction > value.error;
}

/* An exact whole number as 64 bits. Errors: out_of_range. */
inline Result<std::int64_t> narrowed(const Integer &number) {
    if (number > kMaxCoefficient || number < -kMaxCoefficient) {
        return tl::unexpected(make_error(ErrorKind::out_of_range, "amount is out of range"));
    }
    return static_cast<std::int64_t>(number);
}

/*
 * The exactly rounded value of a line at a price. `exact` makes the same function in fractions; it is called
 * only in doubt and may throw.
 */
template <typename Exact>
Result<std::int64_t> round_at(const Line &line, std::int64_t price_minor, Rounding rounding,
                              Exact exact) noexcept {
    std::int64_t rounded = 0;
    if (round_without_doubt(value_at(line, price_minor), rounding, rounded)) [[likely]] {
        return rounded;
    }
    return guarded([&]() -> Result<std::int64_t> {
        const Affine<Ratio> affine = exact();
        const Ratio value = affine.slope * Ratio{price_minor, 1} + affine.intercept;
        return narrowed(round_ratio(value.numerator, value.denominator, rounding));
    });
}

/* Whether a threshold is passed by reaching it or only by exceeding it. */
enum class Passing { at_least, above };

/* Prices from `least` to `most`, as far as an answer matters. */
struct PriceBounds {
    std::int64_t least = 0;
    std::int64_t most = kMaxPriceMinor + 1;
};

/*
 * The lowest price at which a non-decreasing affine function is >= 0 (at_least) or > 0 (above), cut to
 * `bounds`: an answer beyond them is not worth exact arithmetic. With the standing bounds, kMaxPriceMinor + 1
 * means never.
 */
template <typename Exact>
Result<std::int64_t> first_price(const Affine<Bounded> &affine, Passing passing, PriceBounds bounds,
                                 Exact exact) noexcept {
    if (affine.slope.value > affine.slope.error) {
        const Bounded root = -affine.intercept / affine.slope;
        const double error = root.error * kBoundSlack + kUnitRoundoff * std::fabs(root.value);
        const double low = root.value - error;
        const double high = root.value + error;
        if (low > static_cast<double>(bounds.most)) {
            return bounds.most;
        }
        if (high < static_cast<double>(bounds.least)) {
            return bounds.least;
        }
        if (std::floor(high) < low) {
            return static_cast<std::int64_t>(std::ceil(root.value));
        }
    } else if (affine.slope.value == 0 && affine.slope.error == 0 &&
               std::fabs(affine.intercept.value) > affine.intercept.error * kBoundSlack) {
        return affine.intercept.value > 0 ? bounds.least : bounds.most;
    }
    return guarded([&]() -> Result<std::int64_t> {
        const Affine<Ratio> line = exact();
        if (line.slope.numerator == 0) {
            const int sign = line.intercept.numerator.sign();
            return sign > 0 || (sign == 0 && passing == Passing::at_least) ? bounds.least : bounds.most;
        }
        const Ratio root = -line.intercept / line.slope;
        Integer price = root.numerator / root.denominator;
        const Integer rest = root.numerator % root.denominator;
        if (rest > 0 || (rest == 0 && passing == Passing::above)) {
            ++price;
        }
        return price < bounds.least  ? bounds.least
               : price > bounds.most ? bounds.most
                                     : static_cast<std::int64_t>(price);
    });
}

} // namespace tradeup
