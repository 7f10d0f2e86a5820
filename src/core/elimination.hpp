/*
 * Restrictions of whole numbers along three axes, and what they say when the last axes are left out: the
 * elimination of Fourier and Motzkin (A. Schrijver, Theory of Linear and Integer Programming, section 12.2),
 * in doubles. Whoever uses it relaxes the restrictions first by more than doubles can err.
 */
#pragma once

#include <algorithm>
#include <cmath>

#include "core/subsidy.hpp"

#include "core/pure.hpp"

namespace tradeup {

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

} // namespace tradeup
