/*
 * Restrictions of whole numbers along three axes, and what they say when the last axes are left out: the
 * elimination of Fourier and Motzkin (A. Schrijver, Theory of Linear and Integer Programming, section 12.2),
 * in doubles. Whoever uses it relaxes the restrictions first by more than doubles can err.
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/solve/lattice.hpp"
#include "core/solve/subsidy.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* More than what sums and products of a dozen doubles lose, relative to the largest of their terms. */
inline constexpr double kRelaxed = 1e-13;

/* constant + slope . point <= 0, over the indices of a point of the grid. */
struct Linear {
    double constant = 0;
    double slope[kGrids] = {};
};

struct Interval {
    double low = 0;
    double high = 0;
};

/* Cuts an interval of values along one axis by a restriction, the axes before it being fixed. */
inline void cut(Interval &interval, const Linear &linear, int axis, const double *fixed) noexcept {
    double rest = linear.constant;
    for (int i = 0; i < axis; ++i) {
        rest += linear.slope[i] * fixed[i];
    }
    const double slope = linear.slope[axis];
    if (slope > 0) {
        interval.high = std::min(interval.high, std::floor(-rest / slope));
    } else if (slope < 0) {
        interval.low = std::max(interval.low, std::ceil(-rest / slope));
    } else if (rest > 0) {
        interval.high = -1;
    }
}

/* Hands on what a list of restrictions says without one axis. */
template <typename Sink>
void eliminate(const Linear *list, int count, int axis, Sink sink) noexcept {
    for (int i = 0; i < count; ++i) {
        if (list[i].slope[axis] == 0) {
            sink(list[i]);
        }
        if (!(list[i].slope[axis] > 0)) {
            continue;
        }
        for (int j = 0; j < count; ++j) {
            if (!(list[j].slope[axis] < 0)) {
                continue;
            }
            const double left = -list[j].slope[axis];
            const double right = list[i].slope[axis];
            Linear both{left * list[i].constant + right * list[j].constant, {}};
            for (int k = 0; k < axis; ++k) {
                both.slope[k] = left * list[i].slope[k] + right * list[j].slope[k];
            }
            sink(both);
        }
    }
}

/*
 * The first place along the second axis, from one to another, where a whole number may lie between the
 * restrictions that slant across the second and third; past the last when there is none. The first axis is
 * fixed. Those restrictions are parallel, so they bound a strip; on a circle of the size of a whole number,
 * each place turns its upper edge by the same angle.
 */
inline double next_in_strip(const Linear *list, int count, double fixed, double from, double last) noexcept {
    const double places = last - from;
    double tilt = 0;
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    for (int i = 0; i < count; ++i) {
        const Linear &linear = list[i];
        if (linear.slope[1] == 0 || linear.slope[2] == 0) {
            continue;
        }
        const double own = -linear.slope[1] / linear.slope[2];
        tilt = tilt == 0 ? own : tilt;
        const double rest = linear.slope[0] * fixed;
        const double edge = -(linear.constant + rest) / linear.slope[2] + own * from;
        const double size = (std::fabs(linear.constant) + std::fabs(rest)) / std::fabs(linear.slope[2]) +
                            std::fabs(own) * last + 1;
        const double doubt = kRelaxed * size + std::fabs(own - tilt) * places;
        if (linear.slope[2] > 0) {
            high = std::min(high, edge + doubt);
        } else {
            low = std::max(low, edge - doubt);
        }
    }
    const double width = high - low;
    if (!(width < 0.5) || places < 0) {
        return from;
    }
    if (width < 0) {
        return last + 1;
    }
    constexpr WideWhole kCircle = WideWhole{1} << 64;
    const auto angle = [](double value) { return static_cast<WideWhole>(std::ldexp(value, 64)); };
    const auto fraction = [&](double value) { return angle(value - std::floor(value)) % kCircle; };
    /* What the fractions of tilt and edge lose when they are made, and the tilt again at each place. */
    const double lost = (places + 2) * std::numeric_limits<double>::epsilon();
    const WideWhole arc = angle(width + 2 * lost);
    const WideWhole start = fraction(high + lost);
    if (start <= arc) {
        return from;
    }
    const WideWhole steps = first_in_arc(fraction(tilt), kCircle, kCircle - start, kCircle - start + arc);
    return steps > static_cast<WideWhole>(places) ? last + 1 : from + static_cast<double>(steps);
}

} // namespace tradeup
