/*
 * Summing predictions and outcomes block by block, and the figures of the sums.
 */
#include "core/leads/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/guard.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* What is known of the rows of a block: p, 1 for those that failed and 0 for the others, logit p, of those
 * with a p of 0 or 1 NaN. One row more than there are is neutral in every sum. */
struct Block {
    std::size_t rows;
    alignas(Pair) double p[kBlock];
    alignas(Pair) double failed[kBlock];
    alignas(Pair) double x[kBlock];
};

Pair pair_at(const double (&numbers)[kBlock], std::size_t i) noexcept {
    return Pair{numbers[i], numbers[i + 1]};
}

std::span<const Judged> first_of(std::span<const Judged> rows) noexcept {
    return rows.first(std::min(kBlock, rows.size()));
}

/* Reads a block, and counts the rows that have no logit. */
void read_block(CalibrationSums &sums, std::span<const Judged> rows, Block &block) noexcept {
    block.rows = rows.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double p = rows[i].p();
        block.p[i] = p;
        block.failed[i] = static_cast<double>(rows[i].bits & 1U);
        block.x[i] = std::log(p / (1 - p));
        if (std::isinf(block.x[i])) [[unlikely]] {
            ++sums.certain;
            sums.certain_failures += rows[i].failed() ? 1 : 0;
            block.x[i] = std::numeric_limits<double>::quiet_NaN();
        }
    }
    if (rows.size() % 2 == 1) {
        block.p[rows.size()] = block.failed[rows.size()] = 0;
        block.x[rows.size()] = std::numeric_limits<double>::quiet_NaN();
    }
}

/* The edges of the bins; the last is no edge, because the last bin is closed. */
constexpr std::array<double, kCalibrationBins> kEdges = [] {
    std::array<double, kCalibrationBins> edges{};
    for (std::size_t i = 0; i < kCalibrationBins; ++i) {
        edges[i] = static_cast<double>(i) / static_cast<double>(kCalibrationBins);
    }
    return edges;
}();

/* The same as count_in_bins, quicker: what is counted of a block is put among the bins at its end. */
void add_to_bins(CalibrationSums &sums, std::span<const Judged> block) noexcept {
    struct Counted {
        std::int64_t rows;
        std::int64_t failures;
        std::int64_t high;
        std::int64_t low;
    };
    Counted counted[kCalibrationBins] = {};
    constexpr double kUnit = 0x1p40;
    for (const Judged row : block) {
        const double p = row.p();
        auto bin = static_cast<std::size_t>(p * kCalibrationBins);
        bin = bin < kCalibrationBins ? bin : kCalibrationBins - 1;
        bin -= kEdges[bin] > p ? 1 : 0;
        const double scaled = p * kUnit;
        const auto high = static_cast<std::int64_t>(scaled);
        Counted &in = counted[bin];
        ++in.rows;
        in.failures += row.failed() ? 1 : 0;
        in.high += high;
        in.low += static_cast<std::int64_t>((scaled - static_cast<double>(high)) * kUnit);
    }
    for (std::size_t i = 0; i < kCalibrationBins; ++i) {
        sums.bins[i].rows += counted[i].rows;
        sums.bins[i].failures += counted[i].failures;
        sums.bins[i].p.add(ExactSum<0>::of(counted[i].high, counted[i].low));
    }
}

/* The least and the greatest of pairs, NaN left out. */
struct PairReach {
    Pair least{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    Pair greatest = -least;

    void add(Pair x) noexcept {
        least = x < least ? x : least;
        greatest = x > greatest ? x : greatest;
    }
    Reaches::Reach both() const noexcept {
        return {std::min(least[0], least[1]), std::max(greatest[0], greatest[1])};
    }
};

/* Adds what is summed over all rows, and how far x reaches. */
void add_sums(CalibrationSums &sums, const Block &block) noexcept {
    constexpr Pair kNone{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    constexpr Pair kEveryNumber{std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::infinity()};
    PairReach fine_x;
    PairReach failed_x;
    BlockSum<0> squares;
    BlockSum<0> z_excess;
    BlockSum<0> z_variance;
    BlockSum<10> misjudged;
    BlockSum<10> failures_x;
    for (std::size_t i = 0; i < block.rows; i += 2) {
        const Pair p = pair_at(block.p, i);
        const Pair failed = pair_at(block.failed, i);
        const Pair x = pair_at(block.x, i);
        const Pair excess = failed - p;
        const Pair tilt = 1 - 2 * p;
        squares.add(excess * excess);
        z_excess.add(excess * tilt);
        z_variance.add(p * (1 - p) * (tilt * tilt));
        const Pair against = x - 2 * failed * x;
        misjudged.add(against > 0 ? against : Pair{});
        failures_x.add(x <= kEveryNumber ? failed * x : Pair{}); // 0 for a NaN
        fine_x.add(failed > 0 ? kNone : x);
        failed_x.add(failed > 0 ? x : kNone);
    }
    sums.squares.add(squares.total());
    sums.z_excess.add(z_excess.total());
    sums.z_variance.add(z_variance.total());
    sums.misjudged.add(misjudged.total());
    sums.failures_x.add(failures_x.total());
    reach(sums.reaches, Reaches{{fine_x.both(), failed_x.both()}});
}

/* Adds a block of rows to all sums but the cells. */
void add_block(CalibrationSums &sums, std::span<const Judged> rows, Block &block) noexcept {
    read_block(sums, rows, block);
    add_to_bins(sums, rows);
    add_sums(sums, block);
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

Result<bool> add_to_cells(CalibrationTotals &totals, const Block &block, NewCells new_cells,
                          void *where) noexcept {
    for (const double x : std::span(block.x, block.rows)) {
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
    /* -ln of the probability of what came is ln(1 + e^-|x|), and |x| more where it was the less likely. */
    const Wide loss = softplus_sum(terms) + sums.misjudged.value();
    figures.log_loss = static_cast<double>(loss / static_cast<Wide>(figures.rows));
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
    Block block;
    while (!rows.empty()) {
        add_block(totals.sums, first_of(rows), block);
        const Result<bool> added = add_to_cells(totals, block, new_cells, where);
        if (!added) {
            return added;
        }
        rows = rows.subspan(block.rows);
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
    sums.misjudged.add(others.sums.misjudged);
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
        Block block;
        for (std::span<const Judged> rest = sorted; !rest.empty();) {
            add_block(totals.sums, first_of(rest), block);
            for (std::size_t i = 0; i < block.rows; ++i) {
                if (!std::isnan(block.x[i])) {
                    terms.push_back({0, block.x[i], 1, {}});
                }
            }
            rest = rest.subspan(block.rows);
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
