/*
 * Newton's method for the two figures of a logistic regression, over rows or over groups of rows whose x are
 * nearly alike.
 */
#include "core/leads/logistic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The log likelihood at a line, its slopes and its curvatures with the sign turned. */
struct Likelihood {
    Wide value;
    Wide slopes[2];      // by intercept, by slope
    Wide information[3]; // intercept twice, intercept and slope, slope twice
};

/* Adds the part of ln(1 + e^y) of one term, where y = offset + intercept + slope x. */
void add_term(Likelihood &sum, const LogisticTerm &term, Wide intercept, Wide slope) noexcept {
    const Wide y = term.offset + intercept + slope * term.x;
    const Wide small = std::exp(-std::fabs(y));
    const Wide softplus = std::max<Wide>(y, 0) + std::log1p(small);
    const Wide near = 1 / (1 + small);
    const Wide far = small / (1 + small);
    const Wide sigmoid = y >= 0 ? near : far;
    /* The derivatives of the sigmoid, as polynomials in its first. */
    const Wide d1 = near * far;
    const Wide tilt = y >= 0 ? far - near : near - far;
    const Wide d2 = d1 * tilt;
    const Wide d3 = d1 * (1 - 6 * d1);
    const Wide d4 = d2 * (1 - 12 * d1);
    const Wide d5 = d1 * (1 - 30 * d1 + 120 * d1 * d1);

    const Wide b1 = slope;
    const Wide b2 = slope * slope / 2;
    const Wide b3 = b2 * slope / 3;
    const Wide b4 = b3 * slope / 4;
    const Wide n = term.rows;
    const auto &m = term.moments;
    const Wide expected = n * sigmoid + b1 * d1 * m[0] + b2 * d2 * m[1] + b3 * d3 * m[2] + b4 * d4 * m[3];
    const Wide beside = sigmoid * m[0] + b1 * d1 * m[1] + b2 * d2 * m[2] + b3 * d3 * m[3];
    const Wide w0 = n * d1 + b1 * d2 * m[0] + b2 * d3 * m[1] + b3 * d4 * m[2] + b4 * d5 * m[3];
    const Wide w1 = d1 * m[0] + b1 * d2 * m[1] + b2 * d3 * m[2] + b3 * d4 * m[3];
    const Wide w2 = d1 * m[1] + b1 * d2 * m[2] + b2 * d3 * m[3];

    sum.value -= n * softplus + b1 * sigmoid * m[0] + b2 * d1 * m[1] + b3 * d2 * m[2] + b4 * d3 * m[3];
    sum.slopes[0] -= expected;
    sum.slopes[1] -= term.x * expected + beside;
    sum.information[0] += w0;
    sum.information[1] += term.x * w0 + w1;
    sum.information[2] += term.x * term.x * w0 + 2 * term.x * w1 + w2;
}

Likelihood likelihood(std::span<const LogisticTerm> terms, const LogisticTotals &totals, Wide intercept,
                      Wide slope) noexcept {
    Likelihood sum{
        intercept * totals.failures + slope * totals.failures_x, {totals.failures, totals.failures_x}, {}};
    for (const LogisticTerm &term : terms) {
        add_term(sum, term, intercept, slope);
    }
    return sum;
}

struct Step {
    Wide intercept;
    Wide slope;
};

/* The step to the top of the parabola; of the intercept alone where the slope is given. */
Step newton_step(const Likelihood &at, bool slope_given) noexcept {
    if (slope_given) {
        return {at.slopes[0] / at.information[0], 0};
    }
    /* About the mean of x, so that the two equations are each one of its own. */
    const Wide mean = at.information[1] / at.information[0];
    const Wide spread = at.information[2] - mean * at.information[1];
    const Wide slope = (at.slopes[1] - mean * at.slopes[0]) / spread;
    return {at.slopes[0] / at.information[0] - mean * slope, slope};
}

struct Place {
    Wide intercept;
    Wide slope;
    Likelihood at;
};

/*
 * Climbs to the top. A step that would lead down is halved: the likelihood is concave, so a shorter one leads
 * up, until rounding hides it.
 */
std::optional<Place> climbed(std::span<const LogisticTerm> terms, const LogisticTotals &totals,
                             Wide intercept, Wide slope, bool slope_given) noexcept {
    constexpr int kMostSteps = 200;
    constexpr int kMostHalvings = 60;
    constexpr Wide kSettled = 0x1p-58L;
    constexpr Wide kNoise = 0x1p-52L;
    Place place{intercept, slope, likelihood(terms, totals, intercept, slope)};
    Wide size_before = std::numeric_limits<Wide>::infinity();
    for (int i = 0; i < kMostSteps; ++i) {
        Step step = newton_step(place.at, slope_given);
        if (!std::isfinite(step.intercept) || !std::isfinite(step.slope)) {
            return std::nullopt;
        }
        const Wide size = std::fabs(step.intercept) + std::fabs(step.slope);
        const Wide scale = 1 + std::fabs(place.intercept) + std::fabs(place.slope);
        /* Near the top each step is the square of the one before, until only rounding is left. */
        const bool last = size <= kSettled * scale || (size < kNoise * scale && size >= size_before / 2);
        size_before = size;
        Place next{};
        for (int halvings = 0; halvings <= kMostHalvings; ++halvings) {
            next = {place.intercept + step.intercept, place.slope + step.slope, {}};
            next.at = likelihood(terms, totals, next.intercept, next.slope);
            if (next.at.value >= place.at.value - kNoise * std::fabs(place.at.value)) {
                break;
            }
            step = {step.intercept / 2, step.slope / 2};
        }
        place = next;
        if (last) {
            return place;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<Wide> fitted_intercept(std::span<const LogisticTerm> terms, Wide failures,
                                     Wide slope) noexcept {
    Wide rows = 0;
    for (const LogisticTerm &term : terms) {
        rows += term.rows;
    }
    if (failures <= 0 || failures >= rows) {
        return std::nullopt;
    }
    const std::optional<Place> top = climbed(terms, {failures, 0}, 0, slope, true);
    return top ? std::optional(top->intercept) : std::nullopt;
}

std::optional<LogisticLine> fitted_line(std::span<const LogisticTerm> terms,
                                        const LogisticTotals &totals) noexcept {
    const std::optional<Wide> start = fitted_intercept(terms, totals.failures, 1);
    if (!start) {
        return std::nullopt;
    }
    const std::optional<Place> top = climbed(terms, totals, *start, 1, false);
    if (!top) {
        return std::nullopt;
    }
    const auto &information = top->at.information;
    const Wide spread = information[2] - information[1] * (information[1] / information[0]);
    const LogisticLine line{top->intercept, top->slope, std::sqrt(information[2] / information[0] / spread),
                            std::sqrt(1 / spread)};
    return std::isfinite(line.intercept_error) && std::isfinite(line.slope_error) ? std::optional(line)
                                                                                  : std::nullopt;
}

Reaches no_reaches() noexcept {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    return {{{kFar, -kFar}, {kFar, -kFar}}};
}

void reach(Reaches &reaches, bool failed, double x) noexcept {
    Reaches::Reach &of = reaches.of[failed ? 1 : 0];
    of.least = std::min(of.least, x);
    of.greatest = std::max(of.greatest, x);
}

void reach(Reaches &reaches, const Reaches &others) noexcept {
    for (int i = 0; i < 2; ++i) {
        reaches.of[i].least = std::min(reaches.of[i].least, others.of[i].least);
        reaches.of[i].greatest = std::max(reaches.of[i].greatest, others.of[i].greatest);
    }
}

bool overlap(const Reaches &reaches) noexcept {
    const auto &[fine, failed] = reaches.of;
    return fine.least <= fine.greatest && failed.least <= failed.greatest && fine.least < failed.greatest &&
           failed.least < fine.greatest;
}

} // namespace tradeup
