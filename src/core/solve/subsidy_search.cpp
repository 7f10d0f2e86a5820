/*
 * How the grid of one deal is searched: bounds in doubles pass over what cannot be, fractions decide the
 * rest.
 */
#include "core/solve/subsidy_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/solve/subsidy_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* So many combinations are tried in less time than exact fractions take to say how far apart they are. */
constexpr double kFewCombinations = 2000;

Ratio magnitude(const Ratio &value) {
    return value.numerator < 0 ? -value : value;
}

/* Whether a payment is farther off the current one than the best: 1 farther, 0 as far, -1 nearer. */
Result<int> farther(const Terms &terms, Bounded off, bool same_deal, const Candidate &best,
                    std::int64_t price_minor) noexcept {
    const auto absolute = [](Bounded value) { return value.value < 0 ? -value : value; };
    const Bounded difference = absolute(off) - absolute(best.off);
    const bool same_side = has_sign(off) && has_sign(best.off) && (off.value < 0) == (best.off.value < 0);
    return sign_of(difference, [&]() -> Ratio {
        const Formula<Ratio> here(terms);
        const Formula<Ratio> there(best.terms);
        if (same_deal && same_side) {
            /* At one rate and term the payment rises with what is financed; no annuity is needed. */
            const Ratio more =
                at_price(here.loan_amount(), price_minor) - at_price(there.loan_amount(), price_minor);
            return off.value < 0 ? -more : more;
        }
        return magnitude(off_current(here, terms, price_minor)) -
               magnitude(off_current(there, best.terms, price_minor));
    });
}

} // namespace

SubsidySearch::SubsidySearch(const Deal &deal, std::int64_t price_minor, const SubsidyRules &rules,
                             StopAsked stop_asked) noexcept
    : rules_(rules), price_minor_(price_minor), stop_asked_(stop_asked), tried_(asked_terms(deal, rules)) {
    Point corner{};
    const Measures base = measure(corner);
    Measures far[kGrids];
    for (int k = 0; k < kGrids; ++k) {
        far[k] = base;
        if (rules.grids[k].last > 0) {
            corner[static_cast<std::size_t>(k)] = rules.grids[k].last;
            far[k] = measure(corner);
            corner[static_cast<std::size_t>(k)] = 0;
        }
    }
    rule_count_ = base.rules;
    gate_count_ = base.gates;
    for (int i = 0; i < rule_count_ + gate_count_; ++i) {
        linear_[i] = linear_through(base, far, i, relaxed_[i]);
        linear_[i].constant -= relaxed_[i];
    }
    off_ = linear_through(base, far, rule_count_ + gate_count_, off_relaxed_);
    double combinations = 1;
    for (const Grid &grid : rules.grids) {
        combinations *= static_cast<double>(grid.last + 1);
    }
    few_ = combinations <= kFewCombinations;
}

Result<bool> SubsidySearch::first(const Axes &axes, Point &point) noexcept {
    Projections projections;
    Cursor cursor;
    while (project(axes, Sought::passing, projections)) {
        bool learned = false;
        while (!learned) {
            const Result<bool> found = seek(projections, cursor);
            if (!found || !*found) {
                return found;
            }
            point = point_of(axes, cursor.at);
            (void)terms_at(point);
            const Result<int> restriction = failed(Sought::passing);
            if (!restriction) {
                return tl::unexpected(restriction.error());
            }
            if (*restriction < 0) {
                return true;
            }
            const Result<bool> taught = learn(*restriction, point);
            if (!taught) {
                return taught;
            }
            learned = *taught;
            cursor.at[2] += learned ? 0 : 1;
        }
    }
    return false;
}

Result<bool> SubsidySearch::nearest(std::int32_t deal, std::int32_t term_place, Candidate &best) noexcept {
    const Axes axes = toward_nearest();
    Projections projections;
    Cursor cursor;
    restrict_to(best);
    while (project(axes, Sought::nearer, projections)) {
        for (bool learned = false, nearer = false; !learned && !nearer;) {
            const Result<bool> found = seek(projections, cursor);
            if (!found || !*found) {
                return found;
            }
            const Point before_it = best.point;
            const bool had = best.found;
            const Result<bool> done = nearest_on_line(projections, cursor, deal, term_place, best, learned);
            if (!done) {
                return done;
            }
            nearer = best.found && (!had || best.deal != deal || best.point != before_it);
            cursor.raise(1, cursor.at[1] + (learned ? 0 : 1));
        }
    }
    return true;
}

Result<bool> SubsidySearch::first_as_near(const Axes &axes, std::int32_t deal, std::int32_t term_place,
                                          Candidate &best) noexcept {
    Projections projections;
    Cursor cursor;
    restrict_to(best);
    while (project(axes, Sought::nearer, projections)) {
        bool learned = false;
        while (!learned) {
            const Result<bool> found = seek(projections, cursor);
            if (!found || !*found) {
                return found;
            }
            const Point point = point_of(axes, cursor.at);
            if (!before(rules_, term_place, point, best.term_place, best.point)) {
                return true;
            }
            const Terms &terms = terms_at(point);
            Result<int> restriction = failed(Sought::nearer);
            if (!restriction) {
                return tl::unexpected(restriction.error());
            }
            if (*restriction < 0) {
                const Bounded off = off_current(Formula<Bounded>(terms), terms, price_minor_);
                const Result<int> order = farther(terms, off, best.deal == deal, best, price_minor_);
                if (!order) {
                    return tl::unexpected(order.error());
                }
                if (*order <= 0) {
                    best = {true, deal, term_place, point, terms, off};
                    return true;
                }
                restriction = side_of(off);
            }
            const Result<bool> taught = learn(*restriction, point);
            if (!taught) {
                return taught;
            }
            learned = *taught;
            cursor.at[2] += learned ? 0 : 1;
        }
    }
    return true;
}

const Terms &SubsidySearch::terms_at(const Point &point) noexcept {
    for (int i = 0; i < kGrids; ++i) {
        tried_.*conceded(grid_concession(i)) = rules_.grids[i].value(point[static_cast<std::size_t>(i)]);
    }
    return tried_;
}

bool SubsidySearch::stopped() noexcept {
    return steps_++ % 256 == 0 && stop_asked_();
}

/* Moves on to the first place, from where the search is, that the restrictions seem to leave. */
Result<bool> SubsidySearch::seek(const Projections &projections, Cursor &cursor) noexcept {
    const double last_of[kGrids] = {last(projections.axes, 0), last(projections.axes, 1),
                                    last(projections.axes, 2)};
    double *const at = cursor.at;
    for (cursor.raise(0, projections.outermost.low); at[0] <= projections.outermost.high;
         cursor.raise(0, at[0] + 1)) {
        const Interval y = projections.along(1, at, last_of[1]);
        cursor.raise(1, y.low);
        while (at[1] <= y.high) {
            if (stopped()) {
                return tl::unexpected(tradeup::stopped());
            }
            cursor.z = projections.along(2, at, last_of[2]);
            cursor.raise(2, cursor.z.low);
            if (at[2] <= cursor.z.high) {
                return true;
            }
            cursor.raise(1, at[1] + 1);
            cursor.raise(1, next_in_strip(projections.all, projections.all_count, at[0], at[1], y.high));
        }
        if (stopped()) {
            return tl::unexpected(tradeup::stopped());
        }
    }
    return false;
}

/* The first rule, or gate where these are sought, that the terms being tried fail; -1 when there is none. */
Result<int> SubsidySearch::failed(Sought sought) noexcept {
    const Formula<Bounded> formula(tried_);
    Bounded beyond[kRules];
    (void)beyond_edges(tried_, formula, price_minor_, beyond);
    int place = 0;
    for (int i = 0; i < kRules; ++i) {
        const auto rule = static_cast<Rule>(i);
        if (!rule_applies(tried_, rule)) {
            continue;
        }
        bool fails = beyond[place].value > 0;
        if (!has_sign(beyond[place])) {
            const Result<Cut> cut = rule_cut(tried_, formula, rule, {});
            if (!cut) {
                return tl::unexpected(cut.error());
            }
            fails = (price_minor_ >= cut->price) != cut->sets_lowest;
        }
        if (fails) {
            return place;
        }
        ++place;
    }
    if (sought == Sought::nearer) {
        return -1;
    }
    const Result<Verdict> gate = first_failed(tried_, rules_, price_minor_);
    if (!gate) {
        return tl::unexpected(gate.error());
    }
    for (int i = 0; i < kGates && kGateOrder[i] != *gate; ++i) {
        place += asked(tried_, rules_, kGateOrder[i]) ? 1 : 0;
    }
    return *gate == Verdict::passes ? -1 : place;
}

/* Leaves only what may be as near as the best candidate, or everything when there is none. */
void SubsidySearch::restrict_to(const Candidate &best) noexcept {
    linear_[kAbove] = linear_[kBelow] = Linear{-1, {}};
    if (!best.found || !std::isfinite(off_relaxed_)) {
        return;
    }
    const double most = std::fabs(best.off.value) + best.off.error * kBoundSlack;
    linear_[kAbove] = linear_[kBelow] = off_;
    for (double &slope : linear_[kBelow].slope) {
        slope = -slope;
    }
    linear_[kAbove].constant = off_.constant - most - off_relaxed_;
    linear_[kBelow].constant = -off_.constant - most - off_relaxed_;
    relaxed_[kAbove] = relaxed_[kBelow] = off_relaxed_;
}

int SubsidySearch::side_of(Bounded off) const noexcept {
    return off.value < 0 ? kBelow : kAbove;
}

/* The axes of a search for the nearest: the shortest grid outermost, each from the end whose payment is
 * nearer. */
Axes SubsidySearch::toward_nearest() const noexcept {
    Axes axes{};
    for (int k = 0; k < kGrids; ++k) {
        const double end = off_.constant + off_.slope[k] * static_cast<double>(rules_.grids[k].last);
        axes[static_cast<std::size_t>(k)] = {k, std::fabs(end) < std::fabs(off_.constant)};
    }
    std::sort(axes.begin(), axes.end(), [&](const Axis &a, const Axis &b) {
        return rules_.grids[a.grid].last < rules_.grids[b.grid].last;
    });
    return axes;
}

/* The values along the last axis that are next to the current payment on either side, as far as there are
 * offers; and all those that doubles cannot tell from these. */
Result<bool> SubsidySearch::nearest_on_line(const Projections &projections, const Cursor &cursor,
                                            std::int32_t deal, std::int32_t term_place, Candidate &best,
                                            bool &learned) noexcept {
    double at[kGrids] = {cursor.at[0], cursor.at[1], 0};
    const Interval z = cursor.z;
    const auto taken = [&]() -> Result<bool> {
        if (stopped()) {
            return tl::unexpected(tradeup::stopped());
        }
        return take(point_of(projections.axes, at), deal, term_place, best, learned);
    };
    const double slope = projections.off.slope[2];
    /* With four times the error as its rise, the slope is right to one half, and twice the error of the
     * payment leaves the place in doubt; within half a step, the two values beside it hold the nearest. */
    const bool rises = std::fabs(slope) * last(projections.axes, 2) > 4 * off_relaxed_;
    const double root = rises ? -projections.off_at(at, 2) / slope : z.low;
    const double doubt =
        rises ? 2 * off_relaxed_ / std::fabs(slope) : std::numeric_limits<double>::infinity();
    const double spread = doubt < 0.5 ? 0 : doubt;
    const double top = std::floor(root + spread);
    at[2] = std::min(top, z.high);
    while (at[2] >= z.low && !learned) {
        const Result<bool> offer = taken();
        if (!offer) {
            return offer;
        }
        if (*offer && at[2] <= root - spread) {
            break;
        }
        --at[2];
    }
    at[2] = std::max(top + 1, z.low);
    while (at[2] <= z.high && !learned) {
        const Result<bool> offer = taken();
        if (!offer) {
            return offer;
        }
        if (*offer) {
            break;
        }
        ++at[2];
    }
    return true;
}

/* Compares a combination with the best so far; false when it makes no offer. */
Result<bool> SubsidySearch::take(const Point &point, std::int32_t deal, std::int32_t term_place,
                                 Candidate &best, bool &learned) noexcept {
    const Terms &terms = terms_at(point);
    Result<int> restriction = failed(Sought::nearer);
    if (!restriction) {
        return tl::unexpected(restriction.error());
    }
    const bool offer = *restriction < 0;
    if (offer) {
        const Bounded off = off_current(Formula<Bounded>(terms), terms, price_minor_);
        Result<int> order = -1;
        if (best.found) {
            order = farther(terms, off, best.deal == deal, best, price_minor_);
        }
        if (!order) {
            return tl::unexpected(order.error());
        }
        if (*order < 0) {
            best = {true, deal, term_place, point, terms, off};
            restrict_to(best);
        }
        restriction = side_of(off);
    }
    const Result<bool> taught = learn(*restriction, point);
    if (!taught) {
        return taught;
    }
    learned = *taught;
    return offer;
}

} // namespace tradeup
