/*
 * Rules and gates as restrictions of the grid, measured at its corners, and their projections.
 */
#include "core/solve/subsidy_parts.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/pure.hpp"

namespace tradeup {

SubsidySearch::Measures SubsidySearch::measure(const Point &point) noexcept {
    const Terms &terms = terms_at(point);
    const Formula<Bounded> formula(terms);
    Measures measures;
    Bounded beyond[kRules];
    measures.rules = beyond_edges(terms, formula, price_minor_, beyond);
    std::copy(beyond, beyond + measures.rules, measures.values);
    for (const Verdict gate : kGateOrder) {
        if (asked(terms, rules_, gate)) {
            measures.values[measures.rules + measures.gates++] =
                beyond_gate(formula, terms, rules_, gate, price_minor_);
        }
    }
    measures.values[measures.rules + measures.gates] = off_current(formula, terms, price_minor_);
    return measures;
}

/* A measure as an affine function of the indices, and how far it may be off anywhere on the grid. */
Linear SubsidySearch::linear_through(const Measures &base, const Measures *far, int i,
                                     double &relaxed) const noexcept {
    Linear linear{base.values[i].value, {}};
    double size = std::fabs(linear.constant);
    relaxed = (kGrids + 1) * base.values[i].error;
    for (int k = 0; k < kGrids; ++k) {
        const double rise = far[k].values[i].value - base.values[i].value;
        const auto steps = static_cast<double>(rules_.grids[k].last);
        linear.slope[k] = steps > 0 ? rise / steps : 0;
        size += std::fabs(rise);
        relaxed += far[k].values[i].error;
    }
    relaxed += kRelaxed * size;
    if (!std::isfinite(relaxed)) {
        /* Doubles say nothing here, so they restrict nothing. */
        return Linear{-1, {}};
    }
    return linear;
}

/* A restriction along the axes of a search. */
Linear SubsidySearch::along(const Axes &axes, const Linear &linear) const noexcept {
    Linear turned{linear.constant, {}};
    for (int k = 0; k < kGrids; ++k) {
        const Axis axis = axes[static_cast<std::size_t>(k)];
        const double slope = linear.slope[axis.grid];
        turned.constant += axis.from_last ? slope * last(axes, k) : 0;
        turned.slope[k] = axis.from_last ? -slope : slope;
    }
    return turned;
}

Point SubsidySearch::point_of(const Axes &axes, const double *at) const noexcept {
    Point point{};
    for (int k = 0; k < kGrids; ++k) {
        const Axis axis = axes[static_cast<std::size_t>(k)];
        const auto index = static_cast<std::int64_t>(at[k]);
        point[static_cast<std::size_t>(axis.grid)] =
            axis.from_last ? rules_.grids[axis.grid].last - index : index;
    }
    return point;
}

double SubsidySearch::last(const Axes &axes, int axis) const noexcept {
    return static_cast<double>(rules_.grids[axes[static_cast<std::size_t>(axis)].grid].last);
}

double SubsidySearch::value_at(const Linear &linear, const Point &point) const noexcept {
    double value = linear.constant;
    for (int k = 0; k < kGrids; ++k) {
        value += linear.slope[k] * static_cast<double>(point[static_cast<std::size_t>(k)]);
    }
    return value;
}

/* The projections of the restrictions of a search; false when they leave nothing. */
bool SubsidySearch::project(const Axes &axes, Sought sought, Projections &out) const noexcept {
    out.axes = axes;
    out.all_count = out.two_count = 0;
    const auto put = [&](const Linear &restriction) {
        const Linear linear = along(axes, restriction);
        const bool varies =
            std::any_of(linear.slope, linear.slope + kGrids, [](double slope) { return slope != 0; });
        if (varies) {
            out.all[out.all_count++] = linear;
        }
        return varies || !(linear.constant > 0);
    };
    bool possible = true;
    for (int i = 0; i < rule_count_; ++i) {
        possible = put(linear_[i]) && possible;
    }
    for (int i = 0; sought == Sought::passing && i < gate_count_; ++i) {
        possible = put(linear_[rule_count_ + i]) && possible;
    }
    for (int i = kAbove; sought == Sought::nearer && i <= kBelow; ++i) {
        possible = put(linear_[i]) && possible;
    }
    if (!possible) {
        return false;
    }
    for (int k = 0; k < kGrids; ++k) {
        Linear least{};
        least.slope[k] = -1;
        Linear most{-last(axes, k), {}};
        most.slope[k] = 1;
        out.all[out.all_count++] = least;
        out.all[out.all_count++] = most;
    }
    out.off = along(axes, off_);
    eliminate(out.all, out.all_count, 2, [&](const Linear &linear) { out.two[out.two_count++] = linear; });
    out.outermost = {0, last(axes, 0)};
    eliminate(out.two, out.two_count, 1,
              [&](const Linear &linear) { cut(out.outermost, linear, 0, nullptr); });
    return out.outermost.low <= out.outermost.high;
}

} // namespace tradeup
