/*
 * Beta and gamma densities of rates: what observations make of them, their quantiles, what they predict.
 */
#include "core/leads/rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/guard.hpp"
#include "core/leads/special.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::int64_t kMostPredicted = 1'000'000;

/* Below this logit a rate is its own odds to more digits than a long double has. */
constexpr Wide kFarLogit = -46;
constexpr Wide kMostFarShape = 100;

Error out_of_bounds(const char *what, const char *bounds, double value) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s must be %s", what, bounds), "It is %.15g.",
                       value);
}

bool is_count(double value) noexcept {
    return value >= 0 && value <= kMostShape;
}

Result<bool> check_count(const char *what, double value) noexcept {
    if (!is_count(value)) {
        return tl::unexpected(out_of_bounds(what, "from 0 to 1e9", value));
    }
    return true;
}

/* log(a B(a, b)). For a small a no digits cancel; of a large one, the far tail that needs it is nothing but
 * 0. */
Wide log_scaled_beta(Wide a, Wide b) noexcept {
    const auto log_gamma = [](Wide x) { return boost::math::lgamma(x, kQuiet); };
    return log_gamma(a + 1) + (a < kMostFarShape ? std::log(boost::math::tgamma_delta_ratio(b, a, kQuiet))
                                                 : log_gamma(b) - log_gamma(a + b));
}

/* Whether the far tail of Beta(a, b) below this logit is x^a / (a B(a, b)), but for less than what can be
 * told. */
bool is_far(Wide b, Wide u) noexcept {
    return u + std::log1p(b) < kFarLogit;
}

/* A logit that is near the quantile as a rule. Boost's search for it throws where it does not find its way.
 */
Wide first_guess(Wide a, Wide b, Wide p) noexcept {
    const Result<Wide> found = guarded([&]() -> Result<Wide> {
        Wide rest = 0;
        const Wide rate = boost::math::ibeta_inv(a, b, p, &rest, kQuiet);
        return std::log(rate) - std::log(rest);
    });
    return found && std::isfinite(*found) ? *found : std::log(a) - std::log(b);
}

/* The logit u with P(logit <= u) = p: Newton's method within a bracket, from a guess that is right to half
 * of the digits or better as a rule. */
Wide lower_quantile(Wide a, Wide b, Wide p) noexcept {
    /* The ends of small shapes are beyond what a long double holds, but their logarithms are not. */
    if (a < kMostFarShape) {
        const Wide far = (std::log(p) + log_scaled_beta(a, b)) / a;
        if (is_far(b, far)) {
            return far;
        }
    }
    if (b < kMostFarShape) {
        const Wide far = (std::log1p(-p) + log_scaled_beta(b, a)) / b;
        if (is_far(a, far)) {
            return -far;
        }
    }
    Wide u = first_guess(a, b, p);
    Wide low = -std::numeric_limits<Wide>::infinity();
    Wide high = std::numeric_limits<Wide>::infinity();
    Wide widening = 1;
    constexpr int kMostSteps = 300;
    for (int i = 0; i < kMostSteps; ++i) {
        const BetaRate rate{static_cast<double>(a), static_cast<double>(b)};
        const Wide x = sigmoid(u);
        const Wide y = sigmoid(-u);
        /* From the side on which fewer digits are lost. */
        const Wide excess =
            u <= 0 ? logit_probability(rate, u, false) - p : (1 - p) - logit_probability(rate, u, true);
        const Wide slope = boost::math::ibeta_derivative(a, b, x, kQuiet) * x * y;
        (excess < 0 ? low : high) = u;
        Wide step = excess / slope;
        if (!(u - step >= low && u - step <= high)) {
            if (std::isinf(low) || std::isinf(high)) {
                step = excess < 0 ? -widening : widening;
                widening *= 2;
            } else {
                step = u - (low + high) / 2;
            }
        }
        u -= step;
        constexpr Wide kLast = 1e-17L;
        if (std::abs(step) <= kLast * (1 + std::abs(u))) {
            break;
        }
    }
    return u;
}

/* log of the probability of k failures among m. */
Wide log_exactly(Wide a, Wide b, std::int64_t failures, std::int64_t size) noexcept {
    /* No failure: the product of (b + i) / (a + b + i); then one failure more at a time. */
    Wide sum = 0;
    for (std::int64_t i = 0; i < size; ++i) {
        sum += std::log1p(-a / (a + b + static_cast<Wide>(i)));
    }
    for (std::int64_t k = 0; k < failures; ++k) {
        const auto done = static_cast<Wide>(k);
        const auto left = static_cast<Wide>(size - k);
        sum += std::log(left * (a + done) / ((done + 1) * (b + left - 1)));
    }
    return sum;
}

Result<bool> check_predicted(BetaRate rate, std::int64_t failures, std::int64_t size) noexcept {
    if (size < 0 || size > kMostPredicted) {
        return tl::unexpected(out_of_bounds("size", "from 0 to 1000000", static_cast<double>(size)));
    }
    if (failures < 0 || failures > size) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "failures must be from 0 to size"),
                                          "They are %lld of %lld.", static_cast<long long>(failures),
                                          static_cast<long long>(size)));
    }
    return check_beta(rate);
}

} // namespace

Result<bool> check_beta(BetaRate rate) noexcept {
    for (const double shape : {rate.a, rate.b}) {
        if (!(shape >= kLeastShape && shape <= kMostShape)) {
            return tl::unexpected(out_of_bounds("a and b", "from 1e-6 to 1e9", shape));
        }
    }
    return true;
}

Result<bool> check_level(double level) noexcept {
    if (!(level > 0 && level < 1)) {
        return tl::unexpected(out_of_bounds("level", "between 0 and 1", level));
    }
    return true;
}

Result<BetaRate> published_rate(double rate, double size, double discount) noexcept {
    if (!(rate > 0 && rate < 1)) {
        return tl::unexpected(
            with_hint(out_of_bounds("rate", "between 0 and 1", rate), "Rates are fractions: 0.03 is 3 %%."));
    }
    if (!(size > 0 && size <= kMostShape)) {
        return tl::unexpected(out_of_bounds("size", "above 0 and at most 1e9", size));
    }
    if (!(discount > 0 && discount <= 1)) {
        return tl::unexpected(out_of_bounds("discount", "above 0 and at most 1", discount));
    }
    const Wide weight = static_cast<Wide>(discount) * size;
    const BetaRate prior{static_cast<double>(weight * rate),
                         static_cast<double>(weight * (1 - static_cast<Wide>(rate)))};
    return check_beta(prior).map([&](bool) { return prior; });
}

Result<BetaRate> rate_after(BetaRate prior, double failures, double size, double kept) noexcept {
    if (const Result<bool> right = check_beta(prior); !right) {
        return tl::unexpected(right.error());
    }
    if (const Result<bool> right = check_count("size", size); !right) {
        return tl::unexpected(right.error());
    }
    if (!(failures >= 0 && failures <= size)) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "failures must be from 0 to size"),
                                          "They are %.15g of %.15g.", failures, size));
    }
    if (!(kept >= 0 && kept <= 1)) {
        return tl::unexpected(out_of_bounds("kept", "from 0 to 1", kept));
    }
    const BetaRate rate{
        static_cast<double>(prior.a + static_cast<Wide>(kept) * failures),
        static_cast<double>(prior.b + static_cast<Wide>(kept) * (static_cast<Wide>(size) - failures))};
    return check_beta(rate).map([&](bool) { return rate; });
}

double mean_of(BetaRate rate) noexcept {
    return static_cast<double>(rate.a / (static_cast<Wide>(rate.a) + rate.b));
}

double deviation_of(BetaRate rate) noexcept {
    const Wide a = rate.a;
    const Wide b = rate.b;
    return static_cast<double>(std::sqrt(a * b / (a + b + 1)) / (a + b));
}

Wide logit_quantile(BetaRate rate, Wide p, bool upper) noexcept {
    return upper ? -lower_quantile(rate.b, rate.a, p) : lower_quantile(rate.a, rate.b, p);
}

template <typename Number>
Number logit_probability(BetaRate rate, Number u, bool upper) noexcept {
    if (upper) {
        return logit_probability(BetaRate{rate.b, rate.a}, -u, false);
    }
    const Number a = rate.a;
    const Number b = rate.b;
    if (is_far(b, u)) {
        return static_cast<Number>(std::exp(a * static_cast<Wide>(u) - log_scaled_beta(a, b)));
    }
    if (is_far(a, -u)) {
        return static_cast<Number>(-std::expm1(-b * static_cast<Wide>(u) - log_scaled_beta(b, a)));
    }
    if (u > 0) {
        return boost::math::ibetac(b, a, sigmoid(-u), kQuiet);
    }
    return boost::math::ibeta(a, b, sigmoid(u), kQuiet);
}
template double logit_probability(BetaRate, double, bool) noexcept;
template Wide logit_probability(BetaRate, Wide, bool) noexcept;

FarTails far_tails(BetaRate rate) noexcept {
    return {kFarLogit - std::log1p(static_cast<Wide>(rate.b)),
            std::log1p(static_cast<Wide>(rate.a)) - kFarLogit, log_scaled_beta(rate.a, rate.b),
            log_scaled_beta(rate.b, rate.a)};
}

double logit_probability(BetaRate rate, const FarTails &tails, double u, bool upper) noexcept {
    if (u < tails.below) {
        const Wide log = rate.a * static_cast<Wide>(u) - tails.log_lower;
        return static_cast<double>(upper ? -std::expm1(log) : std::exp(log));
    }
    if (u > tails.above) {
        const Wide log = -rate.b * static_cast<Wide>(u) - tails.log_upper;
        return static_cast<double>(upper ? std::exp(log) : -std::expm1(log));
    }
    return logit_probability(rate, u, upper);
}

Result<ProbabilityInterval> interval_of(BetaRate rate, double level) noexcept {
    if (const Result<bool> right = check_beta(rate); !right) {
        return tl::unexpected(right.error());
    }
    if (const Result<bool> right = check_level(level); !right) {
        return tl::unexpected(right.error());
    }
    const Wide tail = (1 - static_cast<Wide>(level)) / 2;
    return ProbabilityInterval{static_cast<double>(sigmoid(logit_quantile(rate, tail, false))),
                               static_cast<double>(sigmoid(logit_quantile(rate, 0.5L, false))), mean_of(rate),
                               static_cast<double>(sigmoid(logit_quantile(rate, tail, true)))};
}

Result<double> failures_exactly(BetaRate rate, std::int64_t failures, std::int64_t size) noexcept {
    if (const Result<bool> right = check_predicted(rate, failures, size); !right) {
        return tl::unexpected(right.error());
    }
    return static_cast<double>(std::exp(log_exactly(rate.a, rate.b, failures, size)));
}

Result<double> failures_at_most(BetaRate rate, std::int64_t failures, std::int64_t size) noexcept {
    if (const Result<bool> right = check_predicted(rate, failures, size); !right) {
        return tl::unexpected(right.error());
    }
    /* From the probability of exactly so many downwards: each by its ratio to the one before. Where that is
     * too small for a long double, so many are far more than can be, or far fewer. */
    const Wide most = log_exactly(rate.a, rate.b, failures, size);
    constexpr Wide kLeastLog = -11000;
    if (most < kLeastLog) {
        return static_cast<Wide>(failures) > mean_of(rate) * static_cast<double>(size) ? 1.0 : 0.0;
    }
    Wide term = 1;
    Wide sum = 1;
    for (std::int64_t k = failures; k > 0; --k) {
        const auto now = static_cast<Wide>(k);
        const auto left = static_cast<Wide>(size - k);
        term *= now * (rate.b + left) / ((left + 1) * (rate.a + now - 1));
        sum += term;
    }
    return std::min(static_cast<double>(std::exp(most + std::log(sum))), 1.0);
}

Result<GammaRate> rate_after(GammaRate prior, double failures, double vehicle_years) noexcept {
    if (!(prior.alpha > 0 && prior.alpha <= kMostShape)) {
        return tl::unexpected(out_of_bounds("alpha", "above 0 and at most 1e9", prior.alpha));
    }
    if (const Result<bool> right = check_count("beta", prior.beta); !right) {
        return tl::unexpected(right.error());
    }
    if (const Result<bool> right = check_count("failures", failures); !right) {
        return tl::unexpected(right.error());
    }
    if (const Result<bool> right = check_count("vehicle years", vehicle_years); !right) {
        return tl::unexpected(right.error());
    }
    const GammaRate rate{prior.alpha + failures, prior.beta + vehicle_years};
    if (!(rate.beta > 0)) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "vehicle years must be above 0"),
                                          "Without a prior, a rate needs vehicles that were watched."));
    }
    return rate;
}

Result<ProbabilityInterval> failure_within(GammaRate rate, double years, double level) noexcept {
    if (!(years > 0 && years <= kMostShape)) {
        return tl::unexpected(out_of_bounds("years", "above 0 and at most 1e9", years));
    }
    if (const Result<bool> right = check_level(level); !right) {
        return tl::unexpected(right.error());
    }
    const Wide alpha = rate.alpha;
    const Wide time = static_cast<Wide>(years) / rate.beta;
    const auto within = [&](Wide scaled_rate) {
        return static_cast<double>(-std::expm1(-scaled_rate * time));
    };
    const Wide tail = (1 - static_cast<Wide>(level)) / 2;
    return guarded([&]() -> Result<ProbabilityInterval> {
        return ProbabilityInterval{within(boost::math::gamma_p_inv(alpha, tail, kQuiet)),
                                   within(boost::math::gamma_p_inv(alpha, 0.5L, kQuiet)),
                                   static_cast<double>(-std::expm1(-alpha * std::log1p(time))),
                                   within(boost::math::gamma_q_inv(alpha, tail, kQuiet))};
    });
}

Result<double> rate_over_years(double rate, double years) noexcept {
    if (!(rate >= 0 && rate <= 1)) {
        return tl::unexpected(out_of_bounds("rate", "from 0 to 1", rate));
    }
    if (!(years > 0 && years <= kMostShape)) {
        return tl::unexpected(out_of_bounds("years", "above 0 and at most 1e9", years));
    }
    return static_cast<double>(-std::expm1(years * std::log1p(-static_cast<Wide>(rate))));
}

} // namespace tradeup
