/*
 * Likelihood ratios: how much the presence of a stressor, or its absence, multiplies the odds of a failure,
 * as logarithms and with their variances. Counts: D. L. Simel, G. P. Samsa, D. B. Matchar, Likelihood ratios
 * with confidence, Journal of Clinical Epidemiology 44, 1991.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/words.hpp"
#include "core/leads/rates.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The logarithm of a likelihood ratio and the variance of it. */
struct LogRatio {
    double log;
    double variance;
};

struct LogRatios {
    LogRatio present;
    LogRatio absent;
};

/* Vehicles by whether they have a stressor and whether they failed. */
struct StressorCounts {
    double present_failed;
    double absent_failed;
    double present_sound;
    double absent_sound;
};

/* How counts become ratios: as they are, or as posterior means under Jeffreys' prior. */
enum class CountsForm : std::int32_t { plain, jeffreys };
inline constexpr Words<CountsForm, 2> kCountsForms{
    {{"plain", CountsForm::plain}, {"jeffreys", CountsForm::jeffreys}}};

/*
 * The ratios of counts. Domain: counts from 0 to 1e9; none is 0 where they are taken as they are. Errors:
 * bad_value.
 */
Result<LogRatios> ratios_of_counts(const StressorCounts &counts, CountsForm form) noexcept;

/*
 * The ratios of two that are known within a factor k (in 95 of 100 cases): sd = log(k) / 1.96; 1 stands for
 * exactly. Domain: ratios from 1e-300 to 1e300, 1 <= factor. Errors: bad_value.
 */
Result<LogRatios> ratios_within(double present, double absent, double factor) noexcept;

/* The variance of a logarithm that is known within this factor. Errors: bad_value. */
Result<double> variance_within(double factor) noexcept;

/*
 * The ratios of a stressor that a share `prevalence` of all vehicles has and that multiplies their rate of
 * failure by `relative_risk`, among vehicles that fail at `rate`. Domain: relative_risk > 0, rate and
 * prevalence between 0 and 1. Errors: bad_value, also where the vehicles with the stressor, or those without
 * it, would fail at a rate of 1 or more.
 */
Result<LogRatios> ratios_of_relative_risk(double relative_risk, double rate, double prevalence) noexcept;

/*
 * The ratio of evidence that is itself uncertain: p r+ + (1 - p) r-, where p is the probability of the
 * stressor given the signal and that the vehicle does not fail. Its variance is by the delta method, with p
 * fixed and the two ratios independent.
 */
LogRatio soft_ratio(const LogRatios &ratios, double probability) noexcept;

/* The same of plain ratios. Errors: bad_value. */
Result<double> soft_ratio(double present, double absent, double probability) noexcept;

} // namespace tradeup
