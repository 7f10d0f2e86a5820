/*
 * Distribution, quantiles and mean of a risk. Three ways lead to the distribution F(x) of U + S:
 *
 * 1. Where S is certain, it is the incomplete beta function.
 * 2. Else the trapezoid over u of f_U(u) Phi((x - u) / s), whose error falls exponentially with the step,
 * because the density is analytic in the strip |Im u| < pi (L. N. Trefethen, J. A. C. Weideman, The
 * exponentially convergent trapezoidal rule, SIAM Review 56, 2014). Where b is large, it grows beyond |Im u|
 * = pi / 2, as that of a Gumbel distribution does: the error at a step h is about e^(-pi^2 / h), 1e-17 for a
 * step of 1/4.
 * 3. Where the tails of U are so long that this takes too many steps, as for a or b far below 1, the
 * trapezoid over the deviate z of S of phi(z) F_U(x - s z).
 */
#include "core/leads/risk_spread.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/leads/special.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Of each density as many steps as this lie in its standard deviation, and a step is at most so long. */
constexpr double kSteps = 3;
constexpr double kLongestStep = 0.25;
/* Densities end where they are e^-58 of their largest value. */
constexpr double kEnd = -58;
/* Beyond so many deviations a normal distribution is 0 or 1. */
constexpr double kFar = 9;
constexpr int kMostNodes = 4096;
constexpr int kMiddleNode = kMostNodes / 2;
/* Of deviates on either side of 0. So many serve deviations up to 455 in logits, more than a model has that
 * is of any use; of larger ones the steps are longer, and the last digits are lost. */
constexpr double kMostDeviates = 16384;

constexpr double kRootOfHalf = 0.70710678118654752440;
constexpr double kRootOfTwoPi = 2.50662827463100050242;

/* P(Z <= z), and the density of Z. */
double normal(double z) noexcept {
    return 0.5 * std::erfc(-z * kRootOfHalf);
}
double normal_density(double z) noexcept {
    return std::exp(-0.5 * z * z) / kRootOfTwoPi;
}

/* The deviate that a normal number exceeds with this probability. */
double deviate_above(double tail) noexcept {
    return boost::math::erfc_inv(2 * tail, kQuiet) / kRootOfHalf;
}

/*
 * log of the density of U at its mode + d, over that at its mode: a d - (a + b) log(1 + mean (e^d - 1)), or
 * the same with a and b exchanged and the sign of d. Terms of the size of a d cancel: the smaller shape
 * leaves more digits. Far out, e^d overflows on one side only.
 */
template <typename Number>
Number log_density(BetaRate rate, Number d) noexcept {
    constexpr Number kFarOut = 500;
    const bool turned = std::abs(d) < kFarOut ? rate.b < rate.a : d > 0;
    const Number a = turned ? rate.b : rate.a;
    const Number b = turned ? rate.a : rate.b;
    const Number e = turned ? -d : d;
    return a * e - (a + b) * std::log1p(a / (a + b) * std::expm1(e));
}

/* The step for a density of this variance, and narrower ones. */
double step_of(double variance) noexcept {
    return std::min(std::sqrt(variance) / kSteps, kLongestStep);
}

/* Of two large shapes doubles would leave too few digits. */
bool is_sharp(BetaRate rate) noexcept {
    constexpr double kSharp = 1e4;
    return std::min(rate.a, rate.b) > kSharp;
}

double log_density_in_doubles(BetaRate rate, double d) noexcept {
    return is_sharp(rate) ? static_cast<double>(log_density<Wide>(rate, d)) : log_density<double>(rate, d);
}

/* The density of U at equal steps from end to end, in parts of 1, and its sums from below and from above. */
class Nodes {
public:
    /* Returns false where there would be too many. */
    bool place(BetaRate rate, double step) noexcept {
        step_ = step;
        if (tails_are_long(rate)) {
            return false;
        }
        weight_[kMiddleNode] = 1; // the mode
        last_ = outwards(rate, 1);
        first_ = outwards(rate, -1);
        at_first_ = std::log(rate.a) - std::log(rate.b) - step * (kMiddleNode - first_);
        sum_up();
        return true;
    }

    /* The mean of the risk over the density of U. */
    double mean_risk(double shift) const noexcept {
        double sum = 0;
        for (int i = first_; i <= last_; ++i) {
            sum += weight_[i] * sigmoid(place_of(i) + shift);
        }
        return sum;
    }

    double place_of(int i) const noexcept { return at_first_ + step_ * (i - first_); }
    double weight(int i) const noexcept { return weight_[i]; }

    /* The nodes from low to high, as numbers of nodes, cut to those that there are. */
    struct Range {
        int first;
        int last;
    };
    Range between(double low, double high) const noexcept {
        const auto cut = [this](double i) {
            return static_cast<int>(
                std::clamp(i, static_cast<double>(first_) - 1, static_cast<double>(last_) + 1));
        };
        return {std::max(cut(std::ceil((low - at_first_) / step_) + first_), first_),
                std::min(cut(std::floor((high - at_first_) / step_) + first_), last_)};
    }

    /* The weight of all nodes below this one, and of all above it. */
    double below(int i) const noexcept { return i > first_ ? below_[i - 1] : 0; }
    double above(int i) const noexcept { return i < last_ ? above_[i + 1] : 0; }

private:
    bool tails_are_long(BetaRate rate) const noexcept {
        const double half = step_ * (kMiddleNode - 1);
        return log_density_in_doubles(rate, -half) > kEnd || log_density_in_doubles(rate, half) > kEnd;
    }

    /* The last node before the density ends, on one side of the mode. */
    int outwards(BetaRate rate, int direction) noexcept {
        for (int i = kMiddleNode + direction;; i += direction) {
            const double log = log_density_in_doubles(rate, step_ * (i - kMiddleNode));
            if (log < kEnd) {
                return i - direction;
            }
            weight_[i] = std::exp(log);
        }
    }

    void sum_up() noexcept {
        double sum = 0;
        for (int i = first_; i <= last_; ++i) {
            below_[i] = sum += weight_[i];
        }
        const double all = sum;
        sum = 0;
        for (int i = last_; i >= first_; --i) {
            above_[i] = (sum += weight_[i]) / all;
            below_[i] /= all;
            weight_[i] /= all;
        }
    }

    int first_ = 0;
    int last_ = 0;
    double step_ = 0;
    double at_first_ = 0;
    double weight_[kMostNodes];
    double below_[kMostNodes];
    double above_[kMostNodes];
};

/* A distribution at a place: its value, and the first two derivatives of it. */
struct Valued {
    double value;
    double slope;
    double bend;
};

/* The mean of the risk over the density of U where its tails are long: by parts, from the density of the
 * logistic distribution and P(U > u). */
double mean_of_long_tails(const RiskSpread &spread) noexcept {
    constexpr double kLogisticEnd = 120;
    constexpr int kStepsToEnd = static_cast<int>(kLogisticEnd / kLongestStep);
    double sum = 0;
    for (int i = -kStepsToEnd; i <= kStepsToEnd; ++i) {
        const double x = kLongestStep * i;
        sum += sigmoid(x) * sigmoid(-x) * logit_probability(spread.rate, x - spread.shift, true);
    }
    return sum * kLongestStep;
}

/* The distribution of U + S where S is uncertain. */
class Distribution {
public:
    explicit Distribution(const RiskSpread &spread) noexcept
        : rate_(spread.rate), tails_(far_tails(spread.rate)), deviation_(std::sqrt(spread.variance)) {
        by_nodes_ = nodes_.place(spread.rate, step_of(std::min(spread.logit.variance, spread.variance)));
    }

    /* P(U + S <= x), or with `upper` P(U + S > x), whose derivatives are negative. */
    Valued at(double x, bool upper) const noexcept {
        const Valued lower = by_nodes_ ? of_nodes(x, upper) : of_deviates(x, upper);
        return upper ? Valued{lower.value, -lower.slope, -lower.bend} : lower;
    }

private:
    /* The derivatives are those of the lower distribution in either case. */
    Valued of_nodes(double x, bool upper) const noexcept {
        const auto [first, last] = nodes_.between(x - kFar * deviation_, x + kFar * deviation_);
        double value = 0;
        double slope = 0;
        double bend = 0;
        for (int i = first; i <= last; ++i) {
            const double z = (x - nodes_.place_of(i)) / deviation_;
            const double density = nodes_.weight(i) * normal_density(z);
            value += nodes_.weight(i) * normal(upper ? -z : z);
            slope += density;
            bend -= density * z;
        }
        value += upper ? nodes_.above(last) : nodes_.below(first);
        return {value, slope / deviation_, bend / (deviation_ * deviation_)};
    }

    Valued of_deviates(double x, bool upper) const noexcept {
        /* F_U is as smooth as U; in deviates its steps are by so much smaller. */
        const double longest = std::min(1 / kSteps, kLongestStep / deviation_);
        const int count = static_cast<int>(std::min(std::ceil(kFar / longest), kMostDeviates));
        const double step = kFar / count;
        double value = 0;
        double slope = 0;
        double bend = 0;
        for (int i = -count; i <= count; ++i) {
            const double z = step * i;
            const double weight = step * normal_density(z);
            const double probability = logit_probability(rate_, tails_, x - deviation_ * z, upper);
            value += weight * probability;
            /* By parts: the derivatives of phi instead of those of F_U. */
            slope -= weight * z * probability;
            bend += weight * (z * z - 1) * probability;
        }
        const double sign = upper ? -1 : 1;
        return {value, sign * slope / deviation_, sign * bend / (deviation_ * deviation_)};
    }

    BetaRate rate_;
    FarTails tails_;
    double deviation_;
    bool by_nodes_;
    Nodes nodes_;
};

/*
 * The x with F(x) = p, or 1 - F(x) = p: E. Halley's method within a bracket, which it halves where it would
 * leave it. An error e becomes about e^3, so the step after which a millionth of the deviation is left is the
 * last.
 */
double quantile(const Distribution &distribution, double p, bool upper, double start,
                double deviation) noexcept {
    constexpr double kLast = 1e-6;
    constexpr int kMostSteps = 200;
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    double x = start;
    double widening = deviation;
    for (int i = 0; i < kMostSteps; ++i) {
        const Valued now = distribution.at(x, upper);
        const double excess = upper ? p - now.value : now.value - p;
        const double slope = std::abs(now.slope);
        const double bend = upper ? -now.bend : now.bend;
        (excess < 0 ? low : high) = x;
        const double newton = excess / slope;
        double step = newton / (1 - std::clamp(newton * bend / (2 * slope), -0.5, 0.5));
        /* In a tail the distribution is flat: from there the bracket finds the way. */
        if (!(x - step >= low && x - step <= high) || !(std::abs(step) < 4 * deviation)) {
            if (std::isinf(low) || std::isinf(high)) {
                step = excess < 0 ? -widening : widening;
                widening *= 2;
            } else {
                step = x - (low + high) / 2;
            }
        }
        x -= step;
        if (std::abs(step) <= kLast * deviation || high - low <= 1e-15 * (1 + std::abs(x))) {
            break;
        }
    }
    return x;
}

/* The mean of the risk over the density of U. */
double mean_risk(const RiskSpread &spread) noexcept {
    if (spread.shift == 0) {
        return mean_of(spread.rate);
    }
    Nodes nodes;
    return nodes.place(spread.rate, step_of(spread.logit.variance)) ? nodes.mean_risk(spread.shift)
                                                                    : mean_of_long_tails(spread);
}

/* P(U <= x), or P(U > x). */
double risk_of_rate(BetaRate rate, double x, bool upper) noexcept {
    return static_cast<double>(logit_probability(rate, static_cast<Wide>(x), upper));
}

double deviation_of(const RiskSpread &spread) noexcept {
    return std::sqrt(spread.logit.variance + spread.variance);
}

/* The expansion of Cornish and Fisher, for several quantiles of one spread. */
class RoughQuantiles {
public:
    explicit RoughQuantiles(const RiskSpread &spread) noexcept
        : mean_(spread.shift + spread.logit.mean), deviation_(deviation_of(spread)) {
        const double part = 1 / (deviation_ * deviation_);
        skew_ = spread.logit.third * part / deviation_;
        excess_ = spread.logit.fourth * part * part;
    }
    double at(double z) const noexcept {
        const double squared = z * z;
        return mean_ + deviation_ *
                           (z + skew_ * (squared - 1) * (1.0 / 6) + excess_ * z * (squared - 3) * (1.0 / 24) -
                            skew_ * skew_ * z * (2 * squared - 5) * (1.0 / 36));
    }
    double deviation() const noexcept { return deviation_; }

private:
    double mean_;
    double deviation_;
    double skew_;
    double excess_;
};

constexpr int kQuantiles = 3;

/* What share of the risks lies below each threshold says which quantiles reach it: those that have no less
 * below them. */
[[gnu::noinline]] RiskClasses exact_classes(const RiskSpread &spread, const ClassBounds &bounds) noexcept {
    const double below[kQuantiles] = {bounds.tail, 0.5, 1 - bounds.tail};
    int reached[kQuantiles] = {};
    const auto count = [&](auto share) {
        for (std::size_t i = 0; i < bounds.count; ++i) {
            const double found = share(bounds.at[i] - spread.shift);
            for (int q = 0; q < kQuantiles; ++q) {
                reached[q] += found <= below[q] ? 1 : 0;
            }
        }
    };
    if (spread.variance > 0) {
        const Distribution distribution(spread);
        count([&](double x) { return distribution.at(x, false).value; });
    } else {
        count([&](double x) { return risk_of_rate(spread.rate, x, false); });
    }
    return {reached[0], reached[1], reached[2]};
}

} // namespace

RiskSpread spread_of(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    double sum = 0;
    double variance = 0;
    for_each_position(counted(scorer, evidence), [&](int at) {
        const LogRatio weight = weight_of(scorer, evidence, at);
        sum += weight.log;
        variance += weight.variance;
    });
    return {scorer.rate, scorer.logit, scorer.alpha + scorer.gamma * sum,
            scorer.gamma * scorer.gamma * variance};
}

double rough_quantile(const RiskSpread &spread, double z) noexcept {
    return RoughQuantiles(spread).at(z);
}

RateQuantiles rate_quantiles(BetaRate rate, double level) noexcept {
    const Wide tail = (1 - static_cast<Wide>(level)) / 2;
    return {rate, level, logit_quantile(rate, tail, false), logit_quantile(rate, 0.5L, false),
            logit_quantile(rate, tail, true)};
}

RiskEnds risk_ends(const RiskSpread &spread, const RateQuantiles &quantiles) noexcept {
    if (spread.variance == 0) {
        const auto risk = [&](Wide at) { return static_cast<double>(sigmoid(at + spread.shift)); };
        return {risk(quantiles.low), risk(quantiles.median), risk(quantiles.high)};
    }
    const double tail = (1 - quantiles.level) / 2;
    const double z = deviate_above(tail);
    const RoughQuantiles rough(spread);
    const Distribution distribution(spread);
    const auto risk = [&](double p, bool upper, double deviate) {
        const double start = rough.at(deviate) - spread.shift;
        return sigmoid(quantile(distribution, p, upper, start, rough.deviation()) + spread.shift);
    };
    return {risk(tail, false, -z), risk(0.5, false, 0), risk(tail, true, z)};
}

Result<ProbabilityInterval> risk_interval(const RiskSpread &spread, double level) noexcept {
    if (const Result<bool> right = check_level(level); !right) {
        return tl::unexpected(right.error());
    }
    RateQuantiles quantiles{spread.rate, level, 0, 0, 0};
    if (spread.variance == 0) {
        quantiles = rate_quantiles(spread.rate, level);
    }
    const RiskEnds ends = risk_ends(spread, quantiles);
    return ProbabilityInterval{ends.low, ends.median, std::min(mean_risk(spread), 1.0), ends.high};
}

Result<double> risk_over(const RiskSpread &spread, double threshold) noexcept {
    if (!(threshold >= 0 && threshold <= 1)) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "threshold must be from 0 to 1"),
                                          "It is %.15g.", threshold));
    }
    if (threshold == 0 || threshold == 1) {
        return 1 - threshold;
    }
    /* Sums of parts that make up 1 may be above it in their last digit. */
    const double x = logit(threshold) - spread.shift;
    return std::min(spread.variance == 0 ? risk_of_rate(spread.rate, x, true)
                                         : Distribution(spread).at(x, true).value,
                    1.0);
}

Result<ClassBounds> class_bounds(std::span<const double> thresholds, double level) noexcept {
    if (const Result<bool> right = check_level(level); !right) {
        return tl::unexpected(right.error());
    }
    if (thresholds.size() > kMostThresholds) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "thresholds must be at most 16"),
                                          "They are %zu.", thresholds.size()));
    }
    ClassBounds bounds{thresholds.size(), {}, (1 - level) / 2, 0};
    double last = 0;
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
        if (!(thresholds[i] > last && thresholds[i] < 1)) {
            return tl::unexpected(
                with_detail(make_error(ErrorKind::bad_value, "thresholds must ascend between 0 and 1"),
                            "After %.15g comes %.15g.", last, thresholds[i]));
        }
        last = thresholds[i];
        bounds.at[i] = logit(last);
    }
    bounds.deviations = deviate_above(bounds.tail);
    return bounds;
}

RiskClasses classes_of(const RiskSpread &spread, const ClassBounds &bounds) noexcept {
    if (std::min(spread.rate.a, spread.rate.b) < kEvenShape || bounds.deviations > kRoughDeviations) {
        return exact_classes(spread, bounds);
    }
    const RoughQuantiles rough(spread);
    const double quantiles[kQuantiles] = {rough.at(-bounds.deviations), rough.at(0),
                                          rough.at(bounds.deviations)};
    const double doubt = kRoughness * rough.deviation();
    int reached[kQuantiles] = {};
    for (std::size_t i = 0; i < bounds.count; ++i) {
        for (int q = 0; q < kQuantiles; ++q) {
            const double above = quantiles[q] - bounds.at[i];
            if (std::abs(above) <= doubt) [[unlikely]] {
                return exact_classes(spread, bounds);
            }
            reached[q] += above > 0 ? 1 : 0;
        }
    }
    return {reached[0], reached[1], reached[2]};
}

std::optional<int> severity_of(const RiskScorer &scorer, const Evidence &evidence, const ClassBounds &bounds,
                               int most_classes) noexcept {
    if (scorer.known == 0) {
        return std::nullopt;
    }
    const RiskClasses classes = classes_of(spread_of(scorer, evidence), bounds);
    return classes.high - classes.low < most_classes ? std::optional(classes.median) : std::nullopt;
}

} // namespace tradeup
