/*
 * Measures that need more than one division.
 */
#include "core/bundles/measures.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/radix.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

double g_squared(const PairCounts &pair) noexcept {
    const auto cell = [&](std::int64_t seen, std::int64_t row, std::int64_t column) {
        const auto observed = static_cast<double>(seen);
        const double expected = static_cast<double>(row * column) / static_cast<double>(pair.n);
        return seen == 0 ? 0 : observed * std::log(observed / expected);
    };
    const std::int64_t not_a = pair.n - pair.n_a;
    const std::int64_t not_b = pair.n - pair.n_b;
    const double sum = cell(pair.n_ab, pair.n_a, pair.n_b) + cell(pair.n_a - pair.n_ab, pair.n_a, not_b) +
                       cell(pair.n_b - pair.n_ab, not_a, pair.n_b) +
                       cell(not_a - (pair.n_b - pair.n_ab), not_a, not_b);
    return 2 * sum;
}

double mutual_lift(const TripleCounts &triple) noexcept {
    const auto n = static_cast<double>(triple.n);
    return static_cast<double>(triple.n_abc * triple.n) / static_cast<double>(triple.n_a * triple.n_b) *
           (n / static_cast<double>(triple.n_c));
}

void false_discovery_rates(std::span<const double> sorted, double tests, double *q) noexcept {
    double least = 1;
    for (std::size_t rank = sorted.size(); rank >= 1; --rank) {
        const double log_p = sorted[rank - 1];
        const double factor = tests / static_cast<double>(rank);
        const double p = std::exp(log_p);
        const double here = p > 1e-290 ? p * factor : std::exp(log_p + std::log(factor));
        least = std::min(least, here);
        q[rank - 1] = least;
    }
}

Result<bool> sort_logs(std::span<double> logs, std::span<double> scratch, StopAsked stop) noexcept {
    /* Of negative numbers the one with the greater bits is the smaller; 0 is -0 for this. */
    const auto key = [](double log) { return ~std::bit_cast<std::uint64_t>(log == 0 ? -0.0 : log); };
    return sort_by_key(logs, scratch, 63, key, stop);
}

} // namespace tradeup
