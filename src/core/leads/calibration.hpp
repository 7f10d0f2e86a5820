/*
 * Were we right: figures of many predictions and their outcomes, worked out from totals that never grow with
 * the rows, in which no order shows, and which add up.
 *
 * The regression of the outcomes on x = logit p would need all rows in each of its steps. Instead they are
 * gathered in cells of x, 1/128 wide, with the sums of the powers of their distance from the middle of the
 * cell. With a slope B the step from them is off by about (B / 804)^5 of what it should be. Where there are
 * few rows they are kept and taken one by one.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/leads/exact_sum.hpp"
#include "core/leads/judged.hpp"
#include "core/leads/logistic.hpp"
#include "core/leads/reliability.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr std::size_t kCalibrationBins = 10;

/* So many rows are few. */
inline constexpr std::size_t kFewRows = 4096;

/* Sums over rows. All zero at first, but for the reaches. */
struct CalibrationSums {
    ReliabilityBin bins[kCalibrationBins];
    std::int64_t certain; // rows with a p of 0 or 1, which are in no regression
    std::int64_t certain_failures;
    ExactSum<0> squares;     // (p - y)^2, where y is 1 for a failure
    ExactSum<0> z_excess;    // (y - p) (1 - 2p)
    ExactSum<0> z_variance;  // p (1 - p) (1 - 2p)^2
    ExactSum<10> misjudged;  // |x| of those that failed below 1/2 or did not fail above
    ExactSum<10> failures_x; // x of those that failed
    Reaches reaches;         // of x
};

/* The rows of a cell: their number and the sums of powers of their distance d from its middle, |d| <= 2^-8,
 * in units that leave room for 2^33 rows. */
struct CalibrationCell {
    std::int64_t rows;
    std::int64_t third;  // of 2^-54
    std::int64_t fourth; // of 2^-62
    Int128 first;        // of 2^-70
    Int128 second;       // of 2^-76
};

inline constexpr int kCellsPerUnit = 128;
inline constexpr int kLeastUnit = -745; // the logit of the least double above 0, rounded down
inline constexpr int kUnits = 745 + 37; // up to that of the greatest below 1

/* The cells of all x, those of one unit in a block of their own, which is there when it has rows. */
struct CalibrationTotals {
    CalibrationSums sums;
    CalibrationCell *cells[kUnits];
};

/* Makes room for the cells of a unit, all zero; nullptr where there is none. */
using NewCells = CalibrationCell *(*)(void *where) noexcept;

/* Makes the totals those of no rows. */
void clear(CalibrationTotals &totals) noexcept;

/* Adds rows. Errors: out_of_memory. */
Result<bool> add_rows(CalibrationTotals &totals, std::span<const Judged> rows, NewCells new_cells,
                      void *where) noexcept;

/* Adds other totals. Errors: out_of_memory. */
Result<bool> add_totals(CalibrationTotals &totals, const CalibrationTotals &others, NewCells new_cells,
                        void *where) noexcept;

struct CalibrationFigures {
    std::int64_t rows;
    std::int64_t failures;
    double mean_p;
    double observed_rate;
    /* brier = reliability - resolution + uncertainty + within_bin (D. B. Stephenson, C. A. S. Coelho, I. T.
     * Jolliffe, Weather and Forecasting 23, 2008). */
    double brier;
    double reliability;
    double resolution;
    double uncertainty;
    double within_bin;
    std::optional<double> brier_skill; // none where all or none failed
    double expected_error;             // mean distance of rate and p over the bins, weighted by rows
    double log_loss;
    std::optional<double> spiegelhalter_z; // none where every p is 0, 1/2 or 1
    std::optional<LogisticLine> line;      // none where the outcomes leave it open
    std::optional<double> in_the_large;    // the intercept at slope 1; none where all or none failed
};

/* Figures of few rows, or of totals, with at least one row. Errors: out_of_memory. */
Result<CalibrationFigures> calibration(std::span<const Judged> rows) noexcept;
Result<CalibrationFigures> calibration(const CalibrationTotals &totals) noexcept;

} // namespace tradeup
