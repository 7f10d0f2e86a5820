/*
 * Logistic regression of outcomes on one figure: logit P(failed) = offset + intercept + slope x.
 */
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr int kMoments = 4;

/* Rows whose x are nearly alike: their number, and the sums of (their x - this x) to the powers 1 to 4; of a
 * single row its own x. */
struct LogisticTerm {
    double offset;
    double x;
    double rows;
    double moments[kMoments];
};

/* Figures of all rows. */
struct LogisticTotals {
    Wide failures;
    Wide failures_x; // the sum of x over those that failed
};

struct LogisticLine {
    Wide intercept;
    Wide slope;
    Wide intercept_error; // standard errors
    Wide slope_error;
};

/*
 * The intercept under which, at this slope, as many failures are expected as there were. None where all or
 * none failed.
 */
std::optional<Wide> fitted_intercept(std::span<const LogisticTerm> terms, Wide failures, Wide slope) noexcept;

/*
 * The line of the greatest likelihood, by Newton's method from an intercept at slope 1, with standard errors
 * from the information at it. None where the search leads nowhere: the caller sees to it that neither outcome
 * stands apart from the other by x alone, where no line is the best one.
 */
std::optional<LogisticLine> fitted_line(std::span<const LogisticTerm> terms, const LogisticTotals &totals,
                                        Wide start) noexcept;

/* The sum of ln(1 + e^-|x|) over all rows, whose offsets are 0. */
Wide softplus_sum(std::span<const LogisticTerm> terms) noexcept;

/* The least and the greatest x of either outcome. */
struct Reaches {
    struct Reach {
        double least;
        double greatest;
    };
    Reach of[2]; // of those that did not fail, and of those that did
};

/* No x yet. */
Reaches no_reaches() noexcept;
inline void reach(Reaches &reaches, bool failed, double x) noexcept {
    Reaches::Reach &of = reaches.of[failed ? 1 : 0];
    of = {std::min(of.least, x), std::max(of.greatest, x)};
}
void reach(Reaches &reaches, const Reaches &others) noexcept;

/* Whether the outcomes overlap, so that there is a best line (A. Albert, J. A. Anderson, Biometrika 71,
 * 1984). */
bool overlap(const Reaches &reaches) noexcept;

} // namespace tradeup
