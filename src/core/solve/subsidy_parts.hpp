/*
 * What the parts of a search for a subsidy share: the gates, what is measured at a combination, and the
 * restrictions that follow.
 */
#pragma once

#include <algorithm>

#include "core/solve/subsidy_search.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr int kSides = 2;
inline constexpr int kMostLinear = kRules + (kGates > kSides ? kGates : kSides) + 2 * kGrids;
inline constexpr int kMostProjected = kMostLinear * kMostLinear / 4 + kMostLinear;

/* The restrictions on how far the payment may be above the current one, and how far below it. */
inline constexpr int kAbove = kRules + kGates;
inline constexpr int kBelow = kAbove + 1;

/* How far a payment, per month, is above the current one. */
template <typename Number>
Number off_current(const Formula<Number> &formula, const Terms &terms, std::int64_t price_minor) {
    Number off = at_price(formula.per_month(formula.payment()), price_minor);
    if (terms.current_payment.present) {
        off = off - formula.constant(terms.current_payment.value).intercept;
    }
    return off;
}

/* Whether terms are asked to pass a gate. */
bool asked(const Terms &terms, const SubsidyRules &rules, Verdict gate) noexcept;

/* How far terms are beyond a gate; see subsidy_gates.cpp. */
Bounded beyond_gate(const Formula<Bounded> &formula, const Terms &terms, const SubsidyRules &rules,
                    Verdict gate, std::int64_t price_minor) noexcept;

inline constexpr Verdict kGateOrder[kGates] = {Verdict::change, Verdict::margin, Verdict::financed};

/* What is measured at a combination in order to know it everywhere: rules, gates, and how far the payment is
 * off the current one. */
struct SubsidySearch::Measures {
    Bounded values[kRules + kGates + 1];
    int rules = 0;
    int gates = 0;
};

/* The restrictions of a search and their projections, by axis. */
struct SubsidySearch::Projections {
    Axes axes;
    Linear all[kMostLinear];
    int all_count = 0;
    Linear two[kMostProjected];
    int two_count = 0;
    Interval outermost;
    Linear off;

    Interval along(int axis, const double *fixed, double last) const noexcept {
        Interval interval = axis == 0 ? outermost : Interval{0, last};
        const Linear *const list = axis == 1 ? two : all;
        const int count = axis == 1 ? two_count : all_count;
        for (int i = 0; axis > 0 && i < count; ++i) {
            cut(interval, list[i], axis, fixed);
        }
        return interval;
    }

    /* How far the payment is off the current one, with the first axes fixed and the others 0. */
    double off_at(const double *at, int fixed) const noexcept {
        double value = off.constant;
        for (int k = 0; k < fixed; ++k) {
            value += off.slope[k] * at[k];
        }
        return value;
    }
};

/* Where a search is, along its axes, and the values along the last axis that are left there. */
struct SubsidySearch::Cursor {
    double at[kGrids] = {};
    Interval z{};

    /* Raises the value along an axis; the axes after it begin anew. */
    void raise(int axis, double value) noexcept {
        if (at[axis] < value) {
            at[axis] = value;
            std::fill(at + axis + 1, at + kGrids, 0.0);
        }
    }
};

} // namespace tradeup
