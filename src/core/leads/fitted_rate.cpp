/*
 * The prior of cohorts, fitted to all of them: Newton's method on the logarithms of a and b, with the exact
 * derivatives, and a line search, so that the likelihood never falls.
 */
#include <algorithm>
#include <cmath>

#include "core/base/guard.hpp"
#include "core/leads/rates.hpp"
#include "core/leads/special.hpp"
#include "core/number/ratio.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

using Cohorts = std::span<const Cohort>;

/* log a and log b, or a step of them. */
struct Pair {
    Wide a;
    Wide b;
};

/* log of the Beta function, but for a factor that does not depend on a and b. */
Wide log_likelihood(Cohorts cohorts, Pair at) noexcept {
    const Wide a = std::exp(at.a);
    const Wide b = std::exp(at.b);
    const auto log_gamma = [](Wide x) { return boost::math::lgamma(x, kQuiet); };
    Wide sum = 0;
    for (const Cohort &cohort : cohorts) {
        sum += (log_gamma(a + cohort.failures) - log_gamma(a)) +
               (log_gamma(b + (cohort.size - cohort.failures)) - log_gamma(b)) -
               (log_gamma(a + b + cohort.size) - log_gamma(a + b));
    }
    return sum;
}

/* The step of Newton's method, or along the gradient where that does not lead up. */
Pair step_up(Cohorts cohorts, Pair at) noexcept {
    const Wide a = std::exp(at.a);
    const Wide b = std::exp(at.b);
    const auto digamma = [](Wide x) { return boost::math::digamma(x, kQuiet); };
    const auto trigamma = [](Wide x) { return boost::math::trigamma(x, kQuiet); };
    Pair slope{0, 0};
    Wide bend_a = 0;
    Wide bend_b = 0;
    Wide bend_both = 0;
    for (const Cohort &cohort : cohorts) {
        const Wide sound = cohort.size - cohort.failures;
        const Wide all = digamma(a + b) - digamma(a + b + cohort.size);
        slope.a += digamma(a + cohort.failures) - digamma(a) + all;
        slope.b += digamma(b + sound) - digamma(b) + all;
        const Wide all_bend = trigamma(a + b) - trigamma(a + b + cohort.size);
        bend_a += trigamma(a + cohort.failures) - trigamma(a) + all_bend;
        bend_b += trigamma(b + sound) - trigamma(b) + all_bend;
        bend_both += all_bend;
    }
    slope = {a * slope.a, b * slope.b};
    const Wide aa = a * a * bend_a + slope.a;
    const Wide bb = b * b * bend_b + slope.b;
    const Wide ab = a * b * bend_both;
    const Wide determinant = aa * bb - ab * ab;
    Pair step = slope;
    if (aa < 0 && determinant > 0) {
        step = {-(bb * slope.a - ab * slope.b) / determinant, -(aa * slope.b - ab * slope.a) / determinant};
    }
    const Wide longest = std::max(std::abs(step.a), std::abs(step.b));
    return longest > 2 ? Pair{step.a * 2 / longest, step.b * 2 / longest} : step;
}

/*
 * Whether cohorts differ by more than chance, that is, whether Tarone's score is above 0. With f failures of
 * n vehicles in a cohort, and F of N in all, it is where
 *
 *   sum (f N - n F)^2 > N F (N - F)
 *
 * Compared in whole numbers, because both sides are often equal: always where each cohort is one vehicle.
 * Errors: out_of_memory.
 */
Result<bool> differ(Cohorts cohorts) noexcept {
    Int128 all_failures = 0;
    Int128 all = 0;
    Int128 failures_squared = 0;
    Int128 product = 0;
    Int128 size_squared = 0;
    for (const Cohort &cohort : cohorts) {
        const auto failures = static_cast<Int128>(cohort.failures);
        const auto size = static_cast<Int128>(cohort.size);
        all_failures += failures;
        all += size;
        failures_squared += failures * failures;
        product += failures * size;
        size_squared += size * size;
    }
    return guarded([&]() -> Result<bool> {
        const Integer f(all_failures);
        const Integer n(all);
        return n * n * Integer(failures_squared) - 2 * n * f * Integer(product) +
                   f * f * Integer(size_squared) >
               n * f * (n - f);
    });
}

Result<Cohort> sum_of(Cohorts cohorts) noexcept {
    Cohort sum{0, 0};
    for (const Cohort &cohort : cohorts) {
        const bool whole =
            std::floor(cohort.failures) == cohort.failures && std::floor(cohort.size) == cohort.size;
        if (!whole ||
            !(cohort.failures >= 0 && cohort.failures <= cohort.size && cohort.size <= kMostShape)) {
            return tl::unexpected(with_detail(
                make_error(ErrorKind::bad_value, "failures must be a whole number from 0 to size"),
                "They are %.15g of %.15g.", cohort.failures, cohort.size));
        }
        sum.failures += cohort.failures;
        sum.size += cohort.size;
    }
    if (!(sum.failures > 0 && sum.failures < sum.size)) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "a prior needs vehicles that failed and vehicles that did not"),
            "Of %.15g vehicles %.15g failed.", sum.size, sum.failures));
    }
    return sum;
}

} // namespace

Result<FittedRate> fitted_rate(std::span<const Cohort> cohorts) noexcept {
    const Result<Cohort> sum = sum_of(cohorts);
    if (!sum) {
        return tl::unexpected(sum.error());
    }
    const Wide rate = static_cast<Wide>(sum->failures) / sum->size;
    const FittedRate common{static_cast<double>(rate), {}};
    const Result<bool> differing = differ(cohorts);
    if (!differing) {
        return tl::unexpected(differing.error());
    }
    if (!*differing) {
        return common;
    }
    constexpr Wide kFirstSize = 20;
    constexpr int kMostSteps = 500;
    constexpr Wide kClose = 1e-13L;
    Pair at{std::log(kFirstSize * rate), std::log(kFirstSize * (1 - rate))};
    Wide likelihood = log_likelihood(cohorts, at);
    for (int i = 0; i < kMostSteps; ++i) {
        Pair step = step_up(cohorts, at);
        /* The last step is taken whatever the likelihood says, which is flat to its last digits there. */
        if (std::max(std::abs(step.a), std::abs(step.b)) < 1e-6L) {
            at = {at.a + step.a, at.b + step.b};
            if (std::max(std::abs(step.a), std::abs(step.b)) < kClose) {
                break;
            }
            continue;
        }
        Pair next{at.a + step.a, at.b + step.b};
        Wide then = log_likelihood(cohorts, next);
        for (int halved = 0; halved < 60 && !(then >= likelihood); ++halved) {
            step = {step.a / 2, step.b / 2};
            next = {at.a + step.a, at.b + step.b};
            then = log_likelihood(cohorts, next);
        }
        at = next;
        likelihood = then;
        /* Towards cohorts that are all alike, or each all failures or none: there is no most likely prior. */
        if (std::max(at.a, at.b) > std::log(static_cast<Wide>(kMostShape)) ||
            std::min(at.a, at.b) < std::log(static_cast<Wide>(kLeastShape))) {
            return common;
        }
    }
    const BetaRate prior{static_cast<double>(std::exp(at.a)), static_cast<double>(std::exp(at.b))};
    return FittedRate{mean_of(prior), prior};
}

} // namespace tradeup
