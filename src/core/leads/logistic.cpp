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

/*
 * Adds the part of ln(1 + e^y) of one term, where y = offset + intercept + slope (x - centre): in doubles,
 * whose roundings are far below what outcomes leave open; the sums are wide, so that they do not pile up.
 */
void add_term(Likelihood &sum, const LogisticTerm &term, double intercept, double slope,
              double centre) noexcept {
    const double distance = term.x - centre;
    const double y = term.offset + intercept + slope * distance;
    const double small = std::exp(-std::fabs(y));
    const double softplus = std::max(y, 0.0) + std::log1p(small);
    const double near = 1 / (1 + small);
    const double far = small * near;
    const double sigmoid = y >= 0 ? near : far;
    /* The derivatives of the sigmoid, as polynomials in its first. */
    const double d1 = near * far;
    const double tilt = y >= 0 ? far - near : near - far;
    const double n = term.rows;
    double expected = n * sigmoid;
    double beside = 0;
    double value = n * softplus;
    double w0 = n * d1;
    double w1 = 0;
    double w2 = 0;
    const auto &m = term.moments;
    if (m[0] != 0 || m[1] != 0) {
        const double d2 = d1 * tilt;
        const double d3 = d1 * (1 - 6 * d1);
        const double d4 = d2 * (1 - 12 * d1);
        const double d5 = d1 * (1 - 30 * d1 + 120 * d1 * d1);
        const double b1 = slope;
        const double b2 = slope * slope / 2;
        const double b3 = b2 * slope / 3;
        const double b4 = b3 * slope / 4;
        expected += b1 * d1 * m[0] + b2 * d2 * m[1] + b3 * d3 * m[2] + b4 * d4 * m[3];
        beside = sigmoid * m[0] + b1 * d1 * m[1] + b2 * d2 * m[2] + b3 * d3 * m[3];
        value += b1 * sigmoid * m[0] + b2 * d1 * m[1] + b3 * d2 * m[2] + b4 * d3 * m[3];
        w0 += b1 * d2 * m[0] + b2 * d3 * m[1] + b3 * d4 * m[2] + b4 * d5 * m[3];
        w1 = d1 * m[0] + b1 * d2 * m[1] + b2 * d3 * m[2] + b3 * d4 * m[3];
        w2 = d1 * m[1] + b1 * d2 * m[2] + b2 * d3 * m[3];
    }
    const Wide x = distance;
    sum.value -= value;
    sum.slopes[0] -= expected;
    sum.slopes[1] -= x * expected + beside;
    sum.information[0] += w0;
    sum.information[1] += x * w0 + w1;
    sum.information[2] += x * (x * w0 + 2 * w1) + w2;
}

Likelihood likelihood(std::span<const LogisticTerm> terms, const LogisticTotals &totals, Wide intercept,
                      Wide slope, double centre) noexcept {
    Likelihood sum{
        intercept * totals.failures + slope * totals.failures_x, {totals.failures, totals.failures_x}, {}};
    for (const LogisticTerm &term : terms) {
        add_term(sum, term, static_cast<double>(intercept), static_cast<double>(slope), centre);
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
                             Wide intercept, Wide slope, bool slope_given, double centre) noexcept {
    constexpr int kMostSteps = 200;
    constexpr int kMostHalvings = 60;
    /* Near the top each step leaves about the square of itself. */
    constexpr Wide kSettled = 0x1p-30L;
    constexpr Wide kNoise = 0x1p-50L;
    Place place{intercept, slope, likelihood(terms, totals, intercept, slope, centre)};
    for (int i = 0; i < kMostSteps; ++i) {
        Step step = newton_step(place.at, slope_given);
        if (!std::isfinite(step.intercept) || !std::isfinite(step.slope)) {
            return std::nullopt;
        }
        const Wide size = std::fabs(step.intercept) + std::fabs(step.slope);
        const Wide scale = 1 + std::fabs(place.intercept) + std::fabs(place.slope);
        const bool last = size <= kSettled * scale;
        Place next{};
        for (int halvings = 0; halvings <= kMostHalvings; ++halvings) {
            next = {place.intercept + step.intercept, place.slope + step.slope, {}};
            next.at = likelihood(terms, totals, next.intercept, next.slope, centre);
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
    const std::optional<Place> top = climbed(terms, {failures, 0}, 0, slope, true, 0);
    return top ? std::optional(top->intercept) : std::nullopt;
}

std::optional<LogisticLine> fitted_line(std::span<const LogisticTerm> terms, const LogisticTotals &totals,
                                        Wide start) noexcept {
    /* About the middle of x, so that x that lie close together still part from each other. */
    Wide rows = 0;
    Wide sum = 0;
    for (const LogisticTerm &term : terms) {
        rows += term.rows;
        sum += term.rows * term.x;
    }
    const auto centre = static_cast<double>(sum / rows);
    const LogisticTotals about{totals.failures, totals.failures_x - centre * totals.failures};
    const std::optional<Place> top = climbed(terms, about, start + centre, 1, false, centre);
    if (!top) {
        return std::nullopt;
    }
    const auto &information = top->at.information;
    const Wide mean = information[1] / information[0];
    const Wide spread = information[2] - information[1] * mean;
    const Wide from_zero = centre + mean;
    const LogisticLine line{top->intercept - top->slope * centre, top->slope,
                            std::sqrt(1 / information[0] + from_zero * from_zero / spread),
                            std::sqrt(1 / spread)};
    return std::isfinite(line.intercept_error) && std::isfinite(line.slope_error) ? std::optional(line)
                                                                                  : std::nullopt;
}

Wide softplus_sum(std::span<const LogisticTerm> terms) noexcept {
    Likelihood sum{};
    for (const LogisticTerm &term : terms) {
        add_term(sum, term, 0, term.x > 0 ? -1 : 1, 0);
    }
    return -sum.value;
}

Reaches no_reaches() noexcept {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    return {{{kFar, -kFar}, {kFar, -kFar}}};
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
