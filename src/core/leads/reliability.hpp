/*
 * The reliability table: predictions in equal bins of p, and what came of those in each bin.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/leads/exact_sum.hpp"
#include "core/leads/judged.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr int kMostBins = 1000;

/* What is counted of a bin; all zero at first. */
struct ReliabilityBin {
    std::int64_t rows;
    std::int64_t failures;
    ExactSum<0> p;
};

/* The bin of p among so many: from k / bins up to below (k + 1) / bins as doubles; the last one holds 1 too.
 */
inline std::size_t bin_of(double p, std::size_t bins) noexcept {
    const auto count = static_cast<double>(bins);
    auto bin = static_cast<std::size_t>(p * count);
    bin = bin < bins ? bin : bins - 1;
    return static_cast<double>(bin) / count > p ? bin - 1 : bin;
}

/* Counts rows in their bins. */
void count_in_bins(std::span<ReliabilityBin> bins, std::span<const Judged> rows) noexcept;

/* A bin of the table. */
struct BinFigures {
    double from;
    double to;
    double mean_p;
    double observed_rate;
    double low; // Jeffreys interval of the rate, 95 %
    double high;
};

/* The figures of bin number `bin` of so many, which has rows. Errors: internal, where a quantile is not
 * found. */
Result<BinFigures> bin_figures(std::size_t bin, std::size_t bins, const ReliabilityBin &counted) noexcept;

} // namespace tradeup
