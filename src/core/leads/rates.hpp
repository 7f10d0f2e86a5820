/*
 * Rates of failure that are not known exactly: of vehicles of which so many failed (beta-binomial), of
 * vehicles that were watched for unequal times (gamma-Poisson), of cohorts whose prior is fitted to all of
 * them together. A. Gelman et al., Bayesian Data Analysis, 3rd ed., chapters 2 and 5. Nothing here needs a
 * model.
 *
 * Rates and probabilities are fractions. Errors are bad_value unless said otherwise.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/error.hpp"
#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A rate with the density of Beta(a, b). */
struct BetaRate {
    double a;
    double b;
};

/* Nothing is known: Jeffreys' prior. */
inline constexpr BetaRate kJeffreysRate{0.5, 0.5};

/* Bounds of a and b, and of counts. */
inline constexpr double kLeastShape = 1e-6;
inline constexpr double kMostShape = 1e9;
Result<bool> check_beta(BetaRate rate) noexcept;

/* The prior of a published rate of so many vehicles: a = d r n, b = d (1 - r) n. Domain: 0 < rate < 1, size >
 * 0, 0 < discount <= 1. */
Result<BetaRate> published_rate(double rate, double size, double discount) noexcept;

/* The rate after so many failures among so many vehicles, each of which counts for `kept`, from 0 to 1. */
Result<BetaRate> rate_after(BetaRate prior, double failures, double size, double kept) noexcept;

double mean_of(BetaRate rate) noexcept;
double deviation_of(BetaRate rate) noexcept;

/* The logit of the rate that is exceeded with the probability 1 - p, or with `upper` p. Domain: 0 < p < 1, a
 * and b as check_beta wants them. */
Wide logit_quantile(BetaRate rate, Wide p, bool upper) noexcept;

/* The probability that the logit of the rate is at most u, or with `upper` more than u. */
template <typename Number>
Number logit_probability(BetaRate rate, Number u, bool upper) noexcept;

/* What many of these probabilities of one rate have in common: the logits from which its tails are nothing
 * but powers, and the logarithms of their factors. */
struct FarTails {
    Wide below;
    Wide above;
    Wide log_lower;
    Wide log_upper;
};
FarTails far_tails(BetaRate rate) noexcept;

/* The same probability. */
double logit_probability(BetaRate rate, const FarTails &tails, double u, bool upper) noexcept;

/* Where a probability lies: half of 1 - level is below low, and as much above high. */
struct ProbabilityInterval {
    double low;
    double median;
    double mean;
    double high;
};

/* Domain: 0 < level < 1. */
Result<bool> check_level(double level) noexcept;
Result<ProbabilityInterval> interval_of(BetaRate rate, double level) noexcept;

/* The probability of so many failures among so many vehicles to come, and of at most so many: the
 * beta-binomial distribution. Domain: 0 <= failures <= size <= 1000000. */
Result<double> failures_exactly(BetaRate rate, std::int64_t failures, std::int64_t size) noexcept;
Result<double> failures_at_most(BetaRate rate, std::int64_t failures, std::int64_t size) noexcept;

/* A rate of failures a year with the density of Gamma(alpha, beta); beta is in vehicle-years. */
struct GammaRate {
    double alpha;
    double beta;
};

/* The rate after so many failures in so many vehicle-years. A prior of Gamma(1/2, 0) is Jeffreys'. */
inline constexpr GammaRate kJeffreysYearlyRate{0.5, 0};
Result<GammaRate> rate_after(GammaRate prior, double failures, double vehicle_years) noexcept;

/* The probability that a vehicle fails within so many years: 1 - (beta / (beta + T))^alpha, with its
 * interval. */
Result<ProbabilityInterval> failure_within(GammaRate rate, double years, double level) noexcept;

/* The probability of a failure within so many years of one that has this probability in one year: 1 - (1 -
 * rate)^years. Domain: 0 <= rate <= 1, years > 0. */
Result<double> rate_over_years(double rate, double years) noexcept;

/* Failures among vehicles of one cohort. */
struct Cohort {
    double failures;
    double size;
};

/* What cohorts have in common: their rate, and the Beta density of their rates, where one is most likely. */
struct FittedRate {
    double rate;
    std::optional<BetaRate> prior;
};

/*
 * The Beta prior under which the failures of all cohorts together are most likely (empirical Bayes, maximum
 * of the beta-binomial marginal likelihood). There is none where cohorts differ no more than by chance (R. E.
 * Tarone, Testing the goodness of fit of the binomial distribution, Biometrika 66, 1979), nor where each has
 * failures only or none. Domain: whole numbers; some failures, some without. Errors: bad_value;
 * out_of_memory.
 */
Result<FittedRate> fitted_rate(std::span<const Cohort> cohorts) noexcept;

} // namespace tradeup
