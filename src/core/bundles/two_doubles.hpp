/*
 * Numbers of twice the precision of a double, as the sum of two, and their logarithms. For sums whose terms
 * cancel, such as logarithms of factorials. (T. J. Dekker, A Floating-Point Technique for Extending the
 * Available Precision, 1971; D. E. Knuth, The Art of Computer Programming 2, 4.2.2.)
 */
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "core/base/pure.hpp"

namespace tradeup {

/* A number high + low, where low is at most half of the last digit of high. */
struct TwoDoubles {
    double high;
    double low;
};

/* The exact sum of two doubles. */
constexpr TwoDoubles exact_sum(double a, double b) noexcept {
    const double sum = a + b;
    const double of_b = sum - a;
    return {sum, (a - (sum - of_b)) + (b - of_b)};
}

/* The exact product of two doubles of a magnitude below 2^990. */
constexpr TwoDoubles exact_product(double a, double b) noexcept {
    constexpr double kSplit = 134217729; // 2^27 + 1
    const double a_high = kSplit * a - (kSplit * a - a);
    const double b_high = kSplit * b - (kSplit * b - b);
    const double a_low = a - a_high;
    const double b_low = b - b_high;
    const double product = a * b;
    return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

constexpr TwoDoubles operator+(TwoDoubles a, TwoDoubles b) noexcept {
    const TwoDoubles high = exact_sum(a.high, b.high);
    const TwoDoubles low = exact_sum(a.low, b.low);
    const TwoDoubles sum = exact_sum(high.high, high.low + low.high);
    return exact_sum(sum.high, sum.low + low.low);
}

constexpr TwoDoubles operator-(TwoDoubles a) noexcept {
    return {-a.high, -a.low};
}

constexpr TwoDoubles operator-(TwoDoubles a, TwoDoubles b) noexcept {
    return a + -b;
}

constexpr TwoDoubles operator*(TwoDoubles a, double b) noexcept {
    const TwoDoubles product = exact_product(a.high, b);
    return exact_sum(product.high, product.low + a.low * b);
}

constexpr TwoDoubles operator*(TwoDoubles a, TwoDoubles b) noexcept {
    const TwoDoubles product = exact_product(a.high, b.high);
    return exact_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

constexpr TwoDoubles operator/(TwoDoubles a, double b) noexcept {
    const double first = a.high / b;
    const TwoDoubles rest = a - exact_product(first, b);
    const double second = rest.high / b;
    return exact_sum(first, second);
}

/* The logarithms of 1 + i / 128, for i from 0 to 128: each is the one before it plus
 * log((k + 1) / k) = 2 (x + x^3 / 3 + x^5 / 5 ...) with x = 1 / (2k + 1) for k = 128 + i. */
inline constexpr std::array<TwoDoubles, 129> kLogs = [] {
    std::array<TwoDoubles, 129> logs{};
    for (std::size_t i = 1; i <= 128; ++i) {
        const TwoDoubles x = TwoDoubles{1, 0} / static_cast<double>(2 * (127 + i) + 1);
        const TwoDoubles square = x * x;
        TwoDoubles series{0, 0};
        for (int power = 15; power >= 1; power -= 2) {
            series = series * square + TwoDoubles{1, 0} / power;
        }
        logs[i] = logs[i - 1] + series * x * 2.0;
    }
    return logs;
}();

/* The natural logarithm of a whole number from 1 to 2^53, with an error below 2^-77. */
constexpr TwoDoubles log_of(std::uint64_t number) noexcept {
    const int exponent = static_cast<int>(std::bit_width(number)) - 1;
    const double scaled = static_cast<double>(number) / static_cast<double>(std::uint64_t{1} << exponent);
    const std::size_t nearest = (static_cast<std::size_t>((scaled - 1) * 256) + 1) / 2;
    const double known = 1 + static_cast<double>(nearest) / 128;
    /* log(1 + x) with |x| <= 2^-8; the difference is exact. */
    const TwoDoubles x = TwoDoubles{scaled - known, 0} / known;
    double series = 0;
    for (int power = 11; power >= 3; --power) {
        series = 1.0 / power - series * x.high;
    }
    const TwoDoubles square = x * x;
    const TwoDoubles rest = (x - square * 0.5) + TwoDoubles{series * x.high * square.high, 0};
    return kLogs[128] * exponent + kLogs[nearest] + rest;
}

} // namespace tradeup
