/*
 * Summing predictions and outcomes block by block, and the figures of the sums.
 */
#include "core/leads/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/guard.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The logit of each p of a block; NaN stands for those of 0 and 1. */
using Logits = double[kBlock];

/* ln(1 - p) for p below 1, as exact for the least p as for the greatest: the difference q - (1 - p), which
 * rounding made, is known exactly. (log1p says the same and takes three times as long.) */
double log_of_rest(double p) noexcept {
    const double q = 1 - p;
    return std::log(q) + ((1 - q) - p) / q;
}

/* Adds a block of rows to all sums but the cells, and says their logits. */
void add_block(CalibrationSums &sums, std::span<const Judged> block, Logits &logits) noexcept {
    count_in_bins(sums.bins, block);
    BlockSum<0> squares;
    BlockSum<0> z_excess;
    BlockSum<0> z_variance;
    BlockSum<10> loss;
    BlockSum<10> failures_x;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const double p = block[i].p();
        const bool failed = block[i].failed();
        const double distance = failed ? 1 - p : p;
        const double tilt = 1 - 2 * p;
        squares.add(distance * distance);
        z_excess.add((failed ? distance : -distance) * tilt);
        z_variance.add(p * (1 - p) * (tilt * tilt));
        if (p == 0 || p == 1) [[unlikely]] {
            ++sums.certain;
            sums.certain_failures += failed ? 1 : 0;
            logits[i] = std::numeric_limits<double>::quiet_NaN();
            continue;
        }
        const double log_p = std::log(p);
        const double log_rest = log_of_rest(p);
        const double x = log_p - log_rest;
        logits[i] = x;
        loss.add(-(failed ? log_p : log_rest));
        failures_x.add(failed ? x : 0);
        reach(sums.reaches, failed, x);
    }
    sums.squares.add(squares.total());
    sums.z_excess.add(z_excess.total());
    sums.z_variance.add(z_variance.total());
    sums.loss.add(loss.total());
    sums.failures_x.add(failures_x.total());
}

int unit_of(double x) noexcept {
    return static_cast<int>(x - kLeastUnit); // positive, so rounded down
}

CalibrationCell &cell_of(CalibrationCell *cells, int unit, double x, double &distance) noexcept {
    const double start = kLeastUnit + unit;
    const int cell = static_cast<int>((x - start) * kCellsPerUnit);
    distance = x - (start + (cell + 0.5) / kCellsPerUnit);
    return cells[cell];
}

Result<bool> no_room() noexcept {
    return tl::unexpected(make_error(ErrorKind::out_of_memory, "out of memory"));
}

Result<bool> add_to_cells(CalibrationTotals &totals, std::span<const double> logits, NewCells new_cells,
                          void *where) noexcept {
    for (const double x : logits) {
        if (std::isnan(x)) [[unlikely]] {
            continue;
        }
        const int unit = unit_of(x);
        CalibrationCell *&cells = totals.cells[unit];
        if (cells == nullptr) [[unlikely]] {
            cells = new_cells(where);
            if (cells == nullptr) {
                return no_room();
            }
        }
        double d = 0;
        CalibrationCell &cell = cell_of(cells, unit, x, d);
        ++cell.rows;
        cell.first += static_cast<std::int64_t>(d * 0x1p70);
        cell.second += static_cast<std::int64_t>(d * d * 0x1p76);
        cell.third += static_cast<std::int64_t>(d * d * d * 0x1p54);
        cell.fourth += static_cast<std::int64_t>(d * d * (d * d) * 0x1p62);
    }
    return true;
}

/* The terms of the regression that stand for the cells. */
std::vector<LogisticTerm> terms_of(const CalibrationTotals &totals) {
    std::vector<LogisticTerm> terms;
    for (int unit = 0; unit < kUnits; ++unit) {
        const CalibrationCell *cells = totals.cells[unit];
        for (int i = 0; cells != nullptr && i < kCellsPerUnit; ++i) {
            const CalibrationCell &cell = cells[i];
            if (cell.rows > 0) {
                terms.push_back(
                    {0,
                     kLeastUnit + unit + (i + 0.5) / kCellsPerUnit,
                     static_cast<double>(cell.rows),
                     {static_cast<double>(cell.first) * 0x1p-70, static_cast<double>(cell.second) * 0x1p-76,
                      static_cast<double>(cell.third) * 0x1p-54,
                      static_cast<double>(cell.fourth) * 0x1p-62}});
            }
        }
    }
    return terms;
}

/* With a slope beyond this the cells are too wide for the line to be told. */
constexpr Wide kSteepest = 64;

/* Everything about the bins. */
void fill_bins(const CalibrationSums &sums, CalibrationFigures &figures) noexcept {
    Wide rows = 0;
    Wide failures = 0;
    Wide p = 0;
    for (const ReliabilityBin &bin : sums.bins) {
        rows += static_cast<Wide>(bin.rows);
        failures += static_cast<Wide>(bin.failures);
        p += bin.p.value();
    }
    const Wide rate = failures / rows;
    Wide reliability = 0;
    Wide resolution = 0;
    Wide distance = 0;
    for (const ReliabilityBin &bin : sums.bins) {
        if (bin.rows > 0) {
            const auto in_bin = static_cast<Wide>(bin.rows);
            const auto failed = static_cast<Wide>(bin.failures);
            const Wide excess = bin.p.value() - failed;
            reliability += excess * excess / in_bin;
            resolution += (failed / in_bin - rate) * (failed - rate * in_bin);
            distance += std::fabs(excess);
        }
    }
    const Wide brier = sums.squares.value() / rows;
    const Wide uncertainty = rate * (1 - rate);
    const Wide within = brier - (reliability - resolution) / rows - uncertainty;
    figures.rows = static_cast<std::int64_t>(rows);
    figures.failures = static_cast<std::int64_t>(failures);
    figures.mean_p = static_cast<double>(p / rows);
    figures.observed_rate = static_cast<double>(rate);
    figures.brier = static_cast<double>(brier);
    figures.reliability = static_cast<double>(reliability / rows);
    figures.resolution = static_cast<double>(resolution / rows);
    figures.uncertainty = static_cast<double>(uncertainty);
    /* What is no larger than the roundings of the squares is nothing: every p is its bin's mean. */
    figures.within_bin =
        std::fabs(within) <= 0x1p-52L * (brier + uncertainty) ? 0 : static_cast<double>(within);
    if (uncertainty > 0) {
        figures.brier_skill = static_cast<double>(1 - brier / uncertainty);
    }
    figures.expected_error = static_cast<double>(distance / rows);
}

CalibrationFigures figures_of(const CalibrationSums &sums, std::span<const LogisticTerm> terms) noexcept {
    CalibrationFigures figures{};
    fill_bins(sums, figures);
    figures.log_loss = static_cast<double>(sums.loss.value() / static_cast<Wide>(figures.rows));
    const Wide variance = sums.z_variance.value();
    if (variance > 0) {
        figures.spiegelhalter_z = static_cast<double>(sums.z_excess.value() / std::sqrt(variance));
    }
    const auto failures = static_cast<Wide>(figures.failures - sums.certain_failures);
    const std::optional<Wide> large = fitted_intercept(terms, failures, 1);
    if (large) {
        figures.in_the_large = static_cast<double>(*large);
    }
    if (large && overlap(sums.reaches)) {
        figures.line = fitted_line(terms, {failures, sums.failures_x.value()}, *large);
    }
    return figures;
}

} // namespace

void clear(CalibrationTotals &totals) noexcept {
    totals = {};
    totals.sums.reaches = no_reaches();
}

Result<bool> add_rows(CalibrationTotals &totals, std::span<const Judged> rows, NewCells new_cells,
                      void *where) noexcept {
    Logits logits;
    while (!rows.empty()) {
        const std::span<const Judged> block = rows.first(std::min(kBlock, rows.size()));
        add_block(totals.sums, block, logits);
        const Result<bool> added = add_to_cells(totals, {logits, block.size()}, new_cells, where);
        if (!added) {
            return added;
        }
        rows = rows.subspan(block.size());
    }
    return true;
}

Result<bool> add_totals(CalibrationTotals &totals, const CalibrationTotals &others, NewCells new_cells,
                        void *where) noexcept {
    CalibrationSums &sums = totals.sums;
    for (std::size_t i = 0; i < kCalibrationBins; ++i) {
        sums.bins[i].rows += others.sums.bins[i].rows;
        sums.bins[i].failures += others.sums.bins[i].failures;
        sums.bins[i].p.add(others.sums.bins[i].p);
    }
    sums.certain += others.sums.certain;
    sums.certain_failures += others.sums.certain_failures;
    sums.squares.add(others.sums.squares);
    sums.z_excess.add(others.sums.z_excess);
    sums.z_variance.add(others.sums.z_variance);
    sums.loss.add(others.sums.loss);
    sums.failures_x.add(others.sums.failures_x);
    reach(sums.reaches, others.sums.reaches);
    for (int unit = 0; unit < kUnits; ++unit) {
        const CalibrationCell *added = others.cells[unit];
        CalibrationCell *&cells = totals.cells[unit];
        if (added == nullptr) {
            continue;
        }
        if (cells == nullptr) {
            cells = new_cells(where);
            if (cells == nullptr) {
                return no_room();
            }
        }
        for (int i = 0; i < kCellsPerUnit; ++i) {
            cells[i].rows += added[i].rows;
            cells[i].first += added[i].first;
            cells[i].second += added[i].second;
            cells[i].third += added[i].third;
            cells[i].fourth += added[i].fourth;
        }
    }
    return true;
}

Result<CalibrationFigures> calibration(std::span<const Judged> rows) noexcept {
    return guarded([&]() -> Result<CalibrationFigures> {
        std::vector<Judged> sorted(rows.begin(), rows.end());
        std::sort(sorted.begin(), sorted.end(),
                  [](const Judged &a, const Judged &b) { return a.bits < b.bits; });
        CalibrationTotals totals;
        clear(totals);
        std::vector<LogisticTerm> terms;
        Logits logits;
        for (std::span<const Judged> rest = sorted; !rest.empty();) {
            const std::span<const Judged> block = rest.first(std::min(kBlock, rest.size()));
            add_block(totals.sums, block, logits);
            for (std::size_t i = 0; i < block.size(); ++i) {
                if (!std::isnan(logits[i])) {
                    terms.push_back({0, logits[i], 1, {}});
                }
            }
            rest = rest.subspan(block.size());
        }
        return figures_of(totals.sums, terms);
    });
}

Result<CalibrationFigures> calibration(const CalibrationTotals &totals) noexcept {
    return guarded([&]() -> Result<CalibrationFigures> {
        CalibrationFigures figures = figures_of(totals.sums, terms_of(totals));
        if (figures.line && std::fabs(figures.line->slope) > kSteepest) {
            figures.line.reset();
        }
        return figures;
    });
}

} // namespace tradeup
