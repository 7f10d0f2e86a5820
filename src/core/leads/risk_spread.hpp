/*
 * How sure a risk is. The logit of the risk is U + S, where U is the logit of the cohort's rate and S, the
 * sum of the weights, is normal with variance v, independent of U. All of it works on the logit scale, where
 * the density of U is e^(a u) (1 + e^u)^-(a + b) / B(a, b).
 */
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/error.hpp"
#include "core/leads/rates.hpp"
#include "core/leads/scorer.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What the spread of a risk follows from. */
struct RiskSpread {
    BetaRate rate;
    Cumulants logit; // of the rate
    double shift;    // alpha + gamma (sum of weights)
    double variance; // gamma^2 (sum of the variances of the weights)
};

/* Of a vehicle. The scorer takes the evidence. */
RiskSpread spread_of(const RiskScorer &scorer, const Evidence &evidence) noexcept;

/*
 * The interval of the risk, its median and its mean. The mean is over the cohort's rate, at the means of the
 * weights. Errors: bad_value for a level that is not between 0 and 1.
 */
Result<ProbabilityInterval> risk_interval(const RiskSpread &spread, double level) noexcept;

/* Quantiles of the logit of a rate: the ends of the interval of a level, and the median. They hold for all
 * vehicles of a cohort whose weights are known exactly. Domain: 0 < level < 1. */
struct RateQuantiles {
    BetaRate rate;
    double level;
    Wide low;
    Wide median;
    Wide high;
};
RateQuantiles rate_quantiles(BetaRate rate, double level) noexcept;

/* The interval without its mean. Domain: as of rate_quantiles, which were made of the rate of the spread. */
struct RiskEnds {
    double low;
    double median;
    double high;
};
RiskEnds risk_ends(const RiskSpread &spread, const RateQuantiles &quantiles) noexcept;

/* The probability that the risk is at least so high. Errors: bad_value for a threshold that is not from 0
 * to 1. */
Result<double> risk_over(const RiskSpread &spread, double threshold) noexcept;

/* The class of a risk is how many thresholds it reaches; here of its median and of the ends of its interval.
 */
struct RiskClasses {
    int low;
    int median;
    int high;
};

/* Thresholds of risks and an interval of them, prepared for many spreads. */
inline constexpr std::size_t kMostThresholds = 16;
struct ClassBounds {
    std::size_t count;
    double at[kMostThresholds]; // logits, ascending
    double tail;                // what lies above the interval, and below it
    double deviations;          // as far from the mean lies the end of such an interval of a normal density
};

/* Errors: bad_value for thresholds that do not ascend or are not between 0 and 1, more than kMostThresholds
 * of them, or a level that is not between 0 and 1. */
Result<ClassBounds> class_bounds(std::span<const double> thresholds, double level) noexcept;

/* The classes of a spread: those that risk_interval and risk_over tell, found without either as a rule. */
RiskClasses classes_of(const RiskSpread &spread, const ClassBounds &bounds) noexcept;

/* The severity of a risk: the class of its median, from 0; none where its interval reaches over more than
 * most_classes, or where nothing is known of the cohort. The scorer takes the evidence. */
std::optional<int> severity_of(const RiskScorer &scorer, const Evidence &evidence, const ClassBounds &bounds,
                               int most_classes) noexcept;

/* About where the quantile of U + S lies whose normal deviate is z, by the expansion of E. A. Cornish and R.
 * A. Fisher (Moments and cumulants in the specification of distributions, 1938). For starting values and for
 * what is far from any doubt. */
double rough_quantile(const RiskSpread &spread, double z) noexcept;

/* How far off it is at most, in standard deviations of U + S, where a and b are at least kEvenShape and z at
 * most kRoughDeviations. */
inline constexpr double kEvenShape = 10;
inline constexpr double kRoughDeviations = 1.7;
inline constexpr double kRoughness = 0.01;

} // namespace tradeup
