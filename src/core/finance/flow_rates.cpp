/*
 * The rates at which flows are worth nothing: the roots of a series, by derivatives that have fewer of them.
 */
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/finance/checks.hpp"
#include "core/finance/flows.hpp"
#include "core/finance/series.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/*
 * How far Newton's method goes from a force: the worth divided by its slope, in the numbers of a series or of
 * its rough copy.
 */
template <typename Number, typename Numbers>
Number newton_step(const Numbers &series, Number force) {
    Number value = 0;
    Number slope = 0;
    const Number origin = force >= 0 ? series.times.front() : series.times.back();
    for (std::size_t j = 0; j < series.amounts.size(); ++j) {
        ask(j, series.stop);
        const Number time = origin - series.times[j];
        const Number term = series.amounts[j] * std::exp(time * force);
        value += term;
        slope += term * time;
    }
    return value / slope;
}

/*
 * A force near the only root: Newton's method in doubles from the force at which the inflows, taken together
 * at their mean time, are worth the outflows at theirs. Nothing when it does not settle quickly.
 */
Force guessed(const Rough &rough) {
    double in = 0;
    double out = 0;
    double time_in = 0;
    double time_out = 0;
    for (std::size_t j = 0; j < rough.amounts.size(); ++j) {
        const double amount = rough.amounts[j];
        (amount > 0 ? in : out) += std::fabs(amount);
        (amount > 0 ? time_in : time_out) += std::fabs(amount) * rough.times[j];
    }
    double force = std::log(in / out) / (time_in / in - time_out / out);
    constexpr int kMostSteps = 12;
    constexpr double kSettled = 0x1p-36;
    constexpr double kMostForce = 30;
    for (int i = 0; i < kMostSteps && std::fabs(force) < kMostForce; ++i) {
        const double step = newton_step(rough, force);
        force -= step;
        if (std::fabs(step) <= kSettled * std::fabs(force)) {
            return force;
        }
    }
    return {};
}

/*
 * The only root of a series with one change of sign. It is bracketed in doubles, by signs that are beyond the
 * rounding of doubles; one step of Newton's method in long doubles adds the last digits, and counts only
 * where it stays in the bracket. Else the search starts anew in long doubles.
 */
Force proved_root(const Series &series) {
    const int first_sign = sign(series.amounts.front());
    if (series.periodic) {
        return the_root(series, first_sign); // Horner's rule is as fast
    }
    constexpr int kRoughBits = 36;
    constexpr Wide kBracket = 0x1p-34L;
    const Rough rough(series);
    const Force guess = guessed(rough);
    const Force near = guess ? guess : the_root(rough, first_sign, kRoughBits);
    if (near && *near != 0) {
        const Wide beside = std::fabs(*near) * kBracket;
        if (certain_sign(rough(*near - beside), Rough::kNoise) *
                certain_sign(rough(*near + beside), Rough::kNoise) ==
            -1) {
            const Wide step = newton_step(series, *near);
            if (std::fabs(step) <= beside) {
                return *near - step;
            }
        }
    }
    return the_root(series, first_sign);
}

/* The roots between neighbours of these forces; where the forces are the worth's extrema, those there too. */
void add_roots(const Series &series, bool extrema, const std::vector<Wide> &points,
               std::vector<Root> &roots) {
    add_roots(series, Precise{series}, series.amounts.size() <= kMostPrecise, extrema, points, roots);
}

/* All roots, ascending. */
std::vector<Root> all_roots(const Series &series) {
    const int changes = series.sign_changes();
    std::vector<Root> roots;
    if (changes == 0) {
        return roots;
    }
    if (changes == 1) {
        const int first_sign = sign(series.amounts.front());
        const Force root = the_root(series, first_sign);
        if (root) {
            roots.push_back({*root, first_sign});
        }
        return roots;
    }
    std::vector<Wide> points{kLowestForce};
    for (const Root &extremum : all_roots(series.derivative(series.middle_change()))) {
        points.push_back(extremum.force);
    }
    points.push_back(kHighestForce);
    /* Zero among the points keeps a root near it from being taken for the noise around it. */
    points.insert(std::upper_bound(points.begin(), points.end(), Wide{0}), Wide{0});
    add_roots(series, true, points, roots);
    return roots;
}

/* The root that an answer of one rate means, of flows with any number of changes of sign. */
Answer chosen_root(const Series &dense) {
    const bool zeros = std::find(dense.amounts.begin(), dense.amounts.end(), 0) != dense.amounts.end();
    const Series series = zeros ? without_zeros(dense) : Series();
    const Series &sparse = zeros ? series : dense;
    const Series &quick = dense.periodic ? dense : sparse; // Horner's rule wants the zeros
    const int changes = sparse.sign_changes();
    if (changes == 0) {
        return {};
    }
    if (changes == 1) {
        return rate_from(proved_root(quick));
    }
    const int first_sign = sign(sparse.amounts.front());
    if (changes > kMostSignChanges) {
        return rate_from(chosen_on_grid(quick, Rough(quick), Rough::kNoise, first_sign));
    }
    return rate_from(chosen(all_roots(sparse), first_sign));
}

/* All roots of flows with any number of changes of sign, as rates. */
Rates rates_of(const Series &dense) {
    const bool zeros = std::find(dense.amounts.begin(), dense.amounts.end(), 0) != dense.amounts.end();
    const Series series = zeros ? without_zeros(dense) : Series();
    const Series &sparse = zeros ? series : dense;
    std::vector<Root> roots;
    if (sparse.sign_changes() <= kMostSignChanges) {
        roots = all_roots(sparse);
    } else {
        add_roots(dense.periodic ? dense : sparse, false, grid(), roots);
    }
    return rates_from(roots);
}

} // namespace

Result<Answer> rate_of_return(std::span<const double> amounts, StopAsked stop) noexcept {
    const Result<bool> checked = check_amounts(amounts);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&]() -> Result<Answer> { return chosen_root(series_of(amounts, stop)); });
}

Result<Answer> rate_of_return(std::span<const Flow> flows, StopAsked stop) noexcept {
    const Result<bool> checked = check_flows(flows);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&] { return series_of(flows, stop).map(chosen_root); });
}

Result<Rates> rates_of_return(std::span<const double> amounts, StopAsked stop) noexcept {
    const Result<bool> checked = check_amounts(amounts);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&]() -> Result<Rates> { return rates_of(series_of(amounts, stop)); });
}

Result<Rates> rates_of_return(std::span<const Flow> flows, StopAsked stop) noexcept {
    const Result<bool> checked = check_flows(flows);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&] { return series_of(flows, stop).map(rates_of); });
}

} // namespace tradeup
