/*
 * How two or three things are tied, from the numbers of baskets that they are in.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/stop.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Numbers of baskets: all, with a, with b, with both. All are at most 2^31. */
struct PairCounts {
    std::int64_t n;
    std::int64_t n_a;
    std::int64_t n_b;
    std::int64_t n_ab;
};

inline double ratio(std::int64_t part, std::int64_t whole) noexcept {
    return static_cast<double>(part) / static_cast<double>(whole);
}

/* How many times as often a and b are together as by chance: n_ab n / (n_a n_b). */
inline double lift(const PairCounts &pair) noexcept {
    return ratio(pair.n_ab * pair.n, pair.n_a * pair.n_b);
}

/* The share of baskets by which a and b are together more often than by chance: n_ab / n - n_a n_b / n^2. */
inline double leverage(const PairCounts &pair) noexcept {
    return ratio(pair.n_ab * pair.n - pair.n_a * pair.n_b, pair.n) / static_cast<double>(pair.n);
}

/*
 * The statistic G of the likelihood ratio test of independence, which R. R. Sokal and F. J. Rohlf (Biometry)
 * call G and others G squared: 2 times the sum of O log(O / E) over the four cells, where 0 log 0 is 0. The
 * terms are of the size of n and may cancel: the error is absolute, about 1e-16 n; where a and b are
 * independent, the result may be as far below 0.
 */
double g_squared(const PairCounts &pair) noexcept;

/* The numbers of baskets of three things. */
struct TripleCounts {
    std::int64_t n;
    std::int64_t n_a, n_b, n_c;
    std::int64_t n_ab, n_ac, n_bc;
    std::int64_t n_abc;
};

/* n_abc n^2 / (n_a n_b n_c). */
double mutual_lift(const TripleCounts &triple) noexcept;

/*
 * The expected share of false findings when a test of this p, and all that have a smaller one, count as
 * findings: among `tests` tests, of which `sorted` has the logarithms of p in ascending order; the other
 * tests have p = 1. Writes q for each of them, which may be the same place as `sorted`. (Y. Benjamini, Y.
 * Hochberg, Controlling the False Discovery Rate, 1995.)
 */
void false_discovery_rates(std::span<const double> sorted, double tests, double *q) noexcept;

/*
 * Sorts logarithms of probabilities (none above 0) in ascending order; `scratch` is as long. Errors:
 * cancelled.
 */
Result<bool> sort_logs(std::span<double> logs, std::span<double> scratch, StopAsked stop) noexcept;

} // namespace tradeup
