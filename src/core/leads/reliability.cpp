/*
 * Counting by bins of p, and the interval of a rate without any table.
 */
#include "core/leads/reliability.hpp"

#include "core/leads/rates.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

void count_in_bins(std::span<ReliabilityBin> bins, std::span<const Judged> rows) noexcept {
    for (const Judged row : rows) {
        ReliabilityBin &bin = bins[bin_of(row.p(), bins.size())];
        ++bin.rows;
        bin.failures += row.failed() ? 1 : 0;
        bin.p.add(row.p());
    }
}

Result<BinFigures> bin_figures(std::size_t bin, std::size_t bins, const ReliabilityBin &counted) noexcept {
    constexpr double kLevel = 0.95;
    const auto rows = static_cast<double>(counted.rows);
    const auto failures = static_cast<double>(counted.failures);
    const Result<BetaRate> rate = rate_after(kJeffreysRate, failures, rows, 1);
    if (!rate) {
        return tl::unexpected(rate.error());
    }
    const Result<ProbabilityInterval> interval = interval_of(*rate, kLevel);
    if (!interval) {
        return tl::unexpected(interval.error());
    }
    const auto count = static_cast<double>(bins);
    return BinFigures{static_cast<double>(bin) / count,
                      static_cast<double>(bin + 1) / count,
                      static_cast<double>(counted.p.value() / rows),
                      failures / rows,
                      interval->low,
                      interval->high};
}

} // namespace tradeup
