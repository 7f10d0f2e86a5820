/*
 * Log-factorials by a table and by Stirling's series, and tails of the hypergeometric distribution summed
 * from the term where they begin.
 */
#include "core/bundles/hypergeometric.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::size_t kTabled = 4096;

/* The first log-factorials, made when they are first wanted. */
const std::array<TwoDoubles, kTabled> &first_log_factorials() noexcept {
    static const std::array<TwoDoubles, kTabled> kTable = [] {
        std::array<TwoDoubles, kTabled> logs{};
        for (std::size_t n = 2; n < kTabled; ++n) {
            logs[n] = logs[n - 1] + log_of(n);
        }
        return logs;
    }();
    return kTable;
}

constexpr TwoDoubles kHalfLogOfTwoPi{0.9189385332046728, -3.8782941580672414e-17};

/* 1 + r(0) + r(0) r(1) + ..., where the ratios fall; the end is reached when the rest cannot be seen. */
template <typename Ratio>
double sum_of_products(std::uint64_t most, Ratio ratio) noexcept {
    double sum = 1;
    double term = 1;
    for (std::uint64_t i = 0; i < most; ++i) {
        const double next = ratio(static_cast<double>(i));
        term *= next;
        sum += term;
        if (next < 1 && term < 1e-18 * sum * (1 - next)) {
            break;
        }
    }
    return sum;
}

} // namespace

TwoDoubles log_factorial(std::uint64_t n) noexcept {
    if (n < kTabled) {
        return first_log_factorials()[n];
    }
    const auto x = static_cast<double>(n);
    const double square = 1 / (x * x);
    const double series = (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680))) / x;
    return (log_of(n) * (x + 0.5) - TwoDoubles{x, 0}) + (kHalfLogOfTwoPi + TwoDoubles{series, 0});
}

FisherTest::FisherTest(std::uint64_t n, std::span<TwoDoubles> near_n) noexcept
    : n_(n), log_all_(log_factorial(n)), near_n_(near_n) {
    for (std::size_t less = 0; less < near_n.size(); ++less) {
        near_n[less] = log_factorial(n - less);
    }
}

Tail FisherTest::upper_tail(const Marginal &a, const Marginal &b, std::uint64_t both) const noexcept {
    const std::uint64_t least = a.count + b.count > n_ ? a.count + b.count - n_ : 0;
    if (both <= least) {
        return {1, 0};
    }
    if (both == 1) {
        /* All but where they are never together, which needs no sum. */
        const TwoDoubles never = a.log_without + b.log_without - log_all_ - log_near(a.count + b.count);
        const double p = -std::expm1(never.high) - std::exp(never.high) * never.low;
        return {p, p < 0.5 ? std::log(p) : std::log1p(-std::exp(never.high)) + 0.0};
    }
    const auto n_a = static_cast<double>(a.count);
    const auto n_b = static_cast<double>(b.count);
    const auto neither = static_cast<double>(n_) - n_a - n_b; // where they are never together
    const auto log_term = [&](std::uint64_t k) {
        return a.log_ways + b.log_ways - log_all_ -
               (log_factorial(k) + log_factorial(a.count - k) + log_factorial(b.count - k) +
                log_near(a.count + b.count - k));
    };
    const auto k = static_cast<double>(both);
    if (k * static_cast<double>(n_) > n_a * n_b) {
        const TwoDoubles first = log_term(both);
        const double sum = sum_of_products(std::min(a.count, b.count) - both, [&](double i) {
            return (n_a - k - i) * (n_b - k - i) / ((k + i + 1) * (neither + k + i + 1));
        });
        const double p = std::exp(first.high) * (1 + first.low) * sum;
        if (p < 0.5) {
            return {p, first.high + (first.low + std::log(sum))};
        }
    }
    /* What is below is the smaller part. */
    const TwoDoubles first = log_term(both - 1);
    const double sum = sum_of_products(both - 1 - least, [&](double i) {
        return (k - 1 - i) * (neither + k - 1 - i) / ((n_a - k + 2 + i) * (n_b - k + 2 + i));
    });
    const double below = std::min(std::exp(first.high) * (1 + first.low) * sum, 1.0);
    return {1 - below, std::log1p(-below) + 0.0}; // 0, never -0
}

} // namespace tradeup
