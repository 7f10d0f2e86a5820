/*
 * How the grid of one deal is searched: bounds in doubles pass over what cannot be, fractions decide the
 * rest.
 */
#include "core/solve/subsidy_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr int kSides = 2;
constexpr int kMostLinear = kRules + (kGates > kSides ? kGates : kSides) + 2 * kGrids;
constexpr int kMostProjected = kMostLinear * kMostLinear / 4 + kMostLinear;

template <typename Number>
Number off_current(const Formula<Number> &formula, const Terms &terms, std::int64_t price_minor) {
    Number off = at_price(formula.payment(), price_minor);
    if (terms.current_payment.present) {
        off = off - formula.constant(terms.current_payment.value).intercept;
    }
    return off;
}

/* How far a combination is beyond a gate, not positive when it passes: it may be zero but for a change whose
 * limit leaves it out. */
template <typename Number>
Number beyond_gate(const Formula<Number> &formula, const Terms &terms, const SubsidyRules &rules,
                   Verdict gate, std::int64_t price_minor) {
    if (gate == Verdict::change) {
        return at_price(formula.change_of(formula.payment()), price_minor) -
               number<Number>(change_limit(terms, rules.max_change.value, true).edge);
    }
    if (gate == Verdict::margin) {
        return formula.constant(rules.min_margin.value).intercept + formula.constant(terms.bonus).intercept -
               at_price(formula.margin(), price_minor);
    }
    return at_price(formula.loan_amount(), price_minor) -
           number<Number>(rules.max_financed_to_price.value) * whole_number<Number>(price_minor);
}

bool asked(const Terms &terms, const SubsidyRules &rules, Verdict gate) noexcept {
    switch (gate) {
    case Verdict::change:
        return rules.max_change.present && terms.current_payment.present;
    case Verdict::margin:
        return rules.min_margin.present != 0;
    default:
        return rules.max_financed_to_price.present != 0;
    }
}

constexpr Verdict kGateOrder[kGates] = {Verdict::change, Verdict::margin, Verdict::financed};

/* The restrictions on how far the payment may be above the current one, and how far below it. */
constexpr int kAbove = kRules + kGates;
constexpr int kBelow = kAbove + 1;

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

Terms asked_terms(const Deal &deal, const SubsidyRules &rules) noexcept {
    Terms terms = deal.terms;
    if (!rules.require_dearer) {
        terms.current_price = {};
    }
    return terms;
}

bool before(const SubsidyRules &rules, std::int32_t term_place, const Point &point, std::int32_t other_place,
            const Point &other) noexcept {
    for (const Concession concession : rules.order) {
        const auto at = static_cast<std::size_t>(grid_index(concession));
        const bool term = concession == Concession::term;
        const std::int64_t a = term ? term_place : point[at];
        const std::int64_t b = term ? other_place : other[at];
        if (a != b) {
            return a < b;
        }
    }
    return false;
}

Result<Verdict> first_failed(const Terms &terms, const SubsidyRules &rules,
                             std::int64_t price_minor) noexcept {
    const Formula<Bounded> formula(terms);
    for (const Verdict gate : kGateOrder) {
        if (!asked(terms, rules, gate)) {
            continue;
        }
        const Result<int> sign = sign_of(beyond_gate(formula, terms, rules, gate, price_minor), [&] {
            return beyond_gate(Formula<Ratio>(terms), terms, rules, gate, price_minor);
        });
        if (!sign) {
            return tl::unexpected(sign.error());
        }
        const bool edge_fails =
            gate == Verdict::change && !change_limit(terms, rules.max_change.value, true).inclusive;
        if (*sign > 0 || (*sign == 0 && edge_fails)) {
            return gate;
        }
    }
    return Verdict::passes;
}

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
        for (bool learned = false; !learned; cursor.at[2] += learned ? 0 : 1) {
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
        for (bool learned = false; !learned; cursor.at[2] += learned ? 0 : 1) {
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
        }
    }
    return true;
}

const Terms &SubsidySearch::terms_at(const Point &point) noexcept {
    tried_.service_fee_rate = rules_.grids[0].value(point[0]);
    tried_.bonus = rules_.grids[1].value(point[1]);
    tried_.opening_fee_rate = rules_.grids[2].value(point[2]);
    return tried_;
}

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

/* What each step of a grid adds to the amount financed, exactly. Every restriction that depends on a grid
 * does so by the same, up to a factor for all grids. */
Result<bool> SubsidySearch::measure_spacing() noexcept {
    if (spacing_known_) {
        return true;
    }
    return guarded([&]() -> Result<bool> {
        const auto financed = [&](const Point &point) {
            return at_price(Formula<Ratio>(terms_at(point)).loan_amount(), price_minor_);
        };
        const Ratio base = reduced(financed({}));
        Ratio steps[kGrids];
        Integer all = 1;
        for (std::size_t k = 0; k < kGrids; ++k) {
            const std::int64_t last = rules_.grids[k].last;
            if (last > 0) {
                Point corner{};
                corner[k] = last;
                steps[k] = reduced((financed(corner) - base) / Ratio{last, 1});
                all *= steps[k].denominator / gcd(all, steps[k].denominator);
            }
        }
        for (std::size_t k = 0; k < kGrids; ++k) {
            steps_of_[k] = steps[k].numerator * (all / steps[k].denominator);
        }
        spacing_known_ = true;
        return true;
    });
}

/* A little less than how far apart the values of a restriction on the grid are; 0 when that is not known. */
double SubsidySearch::spacing(const Linear &linear, double relaxed) const noexcept {
    int longest = -1;
    double most = 0;
    Integer common = 0;
    for (int k = 0; k < kGrids; ++k) {
        if (linear.slope[k] != 0 && steps_of_[k] != 0) {
            common = gcd(common, steps_of_[k]);
            const double rise = std::fabs(linear.slope[k]) * static_cast<double>(rules_.grids[k].last);
            longest = rise > most ? k : longest;
            most = std::max(most, rise);
        }
    }
    /* So the slope is right to a hundredth. */
    if (longest < 0 || most < 100 * relaxed) {
        return 0;
    }
    const Integer parts = abs(steps_of_[longest]) / common;
    return 0.9 * std::fabs(linear.slope[longest]) / parts.convert_to<double>();
}

/* Leaves out whatever has the same value as a combination that fails a restriction exactly. Says whether that
 * is possible: where values are too close together for doubles it is not. */
Result<bool> SubsidySearch::learn(int restriction, const Point &point) noexcept {
    if (few_) {
        return false;
    }
    const Result<bool> measured = measure_spacing();
    if (!measured) {
        return measured;
    }
    return guarded([&]() -> Result<bool> {
        Linear &linear = linear_[restriction];
        const double relaxed = relaxed_[restriction];
        const double apart = spacing(linear, relaxed) - 2 * relaxed;
        const double value = value_at(linear, point);
        if (!(apart > 2 * relaxed) || value >= apart) {
            return false;
        }
        linear.constant += apart - value;
        return true;
    });
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
    for (at[2] = std::min(top, z.high); at[2] >= z.low && !learned; --at[2]) {
        const Result<bool> offer = taken();
        if (!offer) {
            return offer;
        }
        if (*offer && at[2] <= root - spread) {
            break;
        }
    }
    for (at[2] = std::max(top + 1, z.low); at[2] <= z.high && !learned; ++at[2]) {
        const Result<bool> offer = taken();
        if (!offer) {
            return offer;
        }
        if (*offer) {
            break;
        }
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
