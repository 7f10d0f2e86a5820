/*
 * How strongly a model's evidence should count: logit P(failed) = alpha + logit rate + gamma weight, fitted
 * to outcomes, where the rate is the cohort's and the weight is the sum of the evidence's logarithms.
 */
#pragma once

#include <optional>
#include <span>

#include "core/base/error.hpp"
#include "core/leads/logistic.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* One outcome: the cohort's rate, and the probability that the model made of it. */
struct RatedOutcome {
    double rate;
    double p;
    bool failed;
};

/* Such a row. Errors: bad_value unless both lie between 0 and 1, the ends left out. */
Result<RatedOutcome> rated_outcome(double rate, double p, bool failed) noexcept;

/*
 * Alpha (the intercept) and gamma (the slope) with standard errors, in whatever order the rows are, which are
 * sorted. None where the outcomes leave them open: all or none failed, the weights are all alike, or they set
 * those that failed apart from the others. Errors: out_of_memory.
 */
Result<std::optional<LogisticLine>> recalibration(std::span<RatedOutcome> rows) noexcept;

} // namespace tradeup
