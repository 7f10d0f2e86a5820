#include "core/subsidy_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/pure.hpp"

namespace tradeup {

namespace {

/* More than what sums and products of a dozen doubles lose, relative to the largest of their terms. */
constexpr double kRelaxed = 1e-13;

constexpr int kMostLinear = kRules + kGates + 2 * kGrids;
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

Point point_of(const Axes &axes, const double *at) noexcept {
    Point point{};
    for (int k = 0; k < kGrids; ++k) {
        point[static_cast<std::size_t>(axes[static_cast<std::size_t>(k)])] = static_cast<std::int64_t>(at[k]);
    }
    return point;
}

Error given_up() noexcept {
    return make_error(ErrorKind::cancelled, "the search for a subsidy was stopped");
}

Ratio magnitude(const Ratio &value) {
    return value.numerator < 0 ? -value : value;
}

/* The sign of |off the current payment| of one combination less that of the best. */
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

/* What is measured at a combination in order to know it everywhere: rules, gates, the payment off the current
 * one. */
struct Search::Measures {
    Bounded values[kRules + kGates + 1];
    int rules = 0;
    int gates = 0;
};

/* The restrictions of a search and their projections, by axis. */
struct Search::Projections {
    Axes axes;
    Linear all[kMostLinear];
    int all_count = 0;
    Linear two[kMostProjected];
    int two_count = 0;
    Interval outermost;

    Interval along(int axis, const double *fixed, double last) const noexcept {
        Interval interval = axis == 0 ? outermost : Interval{0, last};
        const Linear *const list = axis == 1 ? two : all;
        const int count = axis == 1 ? two_count : all_count;
        for (int i = 0; axis > 0 && i < count; ++i) {
            cut(interval, list[i], axis, fixed);
        }
        return interval;
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

Search::Search(const Deal &deal, std::int64_t price_minor, const SubsidyRules &rules,
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
        double relaxed = 0;
        linear_[i] = linear_through(base, far, i, relaxed);
        linear_[i].constant -= relaxed;
    }
    off_ = linear_through(base, far, rule_count_ + gate_count_, off_relaxed_);
}

Result<bool> Search::first(const Axes &axes, Point &point) noexcept {
    Projections projections;
    if (!project(axes, rule_count_ + gate_count_, projections)) {
        return false;
    }
    double at[kGrids] = {};
    const Interval x = projections.along(0, at, last(axes, 0));
    for (at[0] = x.low; at[0] <= x.high; ++at[0]) {
        const Interval y = projections.along(1, at, last(axes, 1));
        for (at[1] = y.low; at[1] <= y.high; ++at[1]) {
            if (stopped()) {
                return tl::unexpected(given_up());
            }
            const Interval z = projections.along(2, at, last(axes, 2));
            for (at[2] = z.low; at[2] <= z.high; ++at[2]) {
                if (stopped()) {
                    return tl::unexpected(given_up());
                }
                const Result<bool> decided = passes(point_of(axes, at), point);
                if (!decided || *decided) {
                    return decided;
                }
            }
        }
    }
    return false;
}

Result<bool> Search::nearest(std::int32_t deal, std::int32_t term_place, Candidate &best) noexcept {
    Axes axes{0, 1, 2};
    std::sort(axes.begin(), axes.end(),
              [&](int a, int b) { return rules_.grids[a].last < rules_.grids[b].last; });
    Projections projections;
    if (!project(axes, rule_count_, projections)) {
        return true;
    }
    double at[kGrids] = {};
    const Interval x = projections.along(0, at, last(axes, 0));
    /* From the greatest concession, where the nearest most often is. */
    for (at[0] = x.high; at[0] >= x.low; --at[0]) {
        if (hopeless(axes, at, 1, best)) {
            continue;
        }
        const Interval y = projections.along(1, at, last(axes, 1));
        for (at[1] = y.high; at[1] >= y.low; --at[1]) {
            if (stopped()) {
                return tl::unexpected(given_up());
            }
            if (hopeless(axes, at, 2, best)) {
                continue;
            }
            const Result<bool> done =
                nearest_along(axes, at, projections.along(2, at, last(axes, 2)), deal, term_place, best);
            if (!done) {
                return done;
            }
        }
    }
    return true;
}

const Terms &Search::terms_at(const Point &point) noexcept {
    tried_.service_fee_rate = rules_.grids[0].value(point[0]);
    tried_.bonus = rules_.grids[1].value(point[1]);
    tried_.opening_fee_rate = rules_.grids[2].value(point[2]);
    return tried_;
}

Search::Measures Search::measure(const Point &point) noexcept {
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
Linear Search::linear_through(const Measures &base, const Measures *far, int i,
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

double Search::last(const Axes &axes, int axis) const noexcept {
    return static_cast<double>(rules_.grids[axes[static_cast<std::size_t>(axis)]].last);
}

/* The projections of the first so many restrictions; false when they leave nothing. */
bool Search::project(const Axes &axes, int count, Projections &out) const noexcept {
    out.axes = axes;
    for (int i = 0; i < count; ++i) {
        Linear along{linear_[i].constant, {}};
        bool varies = false;
        for (int k = 0; k < kGrids; ++k) {
            along.slope[k] = linear_[i].slope[axes[static_cast<std::size_t>(k)]];
            varies = varies || along.slope[k] != 0;
        }
        if (varies) {
            out.all[out.all_count++] = along;
        } else if (along.constant > 0) {
            return false;
        }
    }
    for (int k = 0; k < kGrids; ++k) {
        Linear least{};
        least.slope[k] = -1;
        Linear most{-last(axes, k), {}};
        most.slope[k] = 1;
        out.all[out.all_count++] = least;
        out.all[out.all_count++] = most;
    }
    eliminate(out.all, out.all_count, 2, [&](const Linear &linear) { out.two[out.two_count++] = linear; });
    out.outermost = {0, last(axes, 0)};
    eliminate(out.two, out.two_count, 1,
              [&](const Linear &linear) { cut(out.outermost, linear, 0, nullptr); });
    return out.outermost.low <= out.outermost.high;
}

bool Search::stopped() noexcept {
    return steps_++ % 256 == 0 && stop_asked_();
}

/* Whether an offer exists with the terms being tried. */
Result<bool> Search::exists(const Formula<Bounded> &formula) const noexcept {
    const Result<PriceRange> range = eligible_range(tried_, formula);
    if (!range) {
        return tl::unexpected(range.error());
    }
    return range->lowest <= price_minor_ && price_minor_ <= range->highest;
}

Result<bool> Search::passes(const Point &candidate, Point &point) noexcept {
    (void)terms_at(candidate);
    const Result<bool> offer = exists(Formula<Bounded>(tried_));
    if (!offer || !*offer) {
        return offer;
    }
    const Result<Verdict> failed = first_failed(tried_, rules_, price_minor_);
    if (!failed) {
        return tl::unexpected(failed.error());
    }
    point = candidate;
    return *failed == Verdict::passes;
}

/* The values along the last axis that are next to the current payment on either side, as far as there are
 * offers; and all those that doubles cannot tell from these. */
Result<bool> Search::nearest_along(const Axes &axes, double *at, Interval z, std::int32_t deal,
                                   std::int32_t term_place, Candidate &best) noexcept {
    const auto taken = [&]() -> Result<bool> {
        if (stopped()) {
            return tl::unexpected(given_up());
        }
        return take(point_of(axes, at), deal, term_place, best);
    };
    const double slope = off_.slope[axes[2]];
    /* With four times the error as its rise, the slope is right to one half, and twice the error of the
     * payment leaves the place in doubt; within half a step, the two values beside it hold the nearest. */
    const bool rises = std::fabs(slope) * last(axes, 2) > 4 * off_relaxed_;
    const double root = rises ? -off_at(axes, at, 2) / slope : z.low;
    const double doubt =
        rises ? 2 * off_relaxed_ / std::fabs(slope) : std::numeric_limits<double>::infinity();
    const double spread = doubt < 0.5 ? 0 : doubt;
    const double top = std::floor(root + spread);
    for (at[2] = std::min(top, z.high); at[2] >= z.low; --at[2]) {
        const Result<bool> offer = taken();
        if (!offer) {
            return offer;
        }
        if (*offer && at[2] <= root - spread) {
            break;
        }
    }
    for (at[2] = std::max(top + 1, z.low); at[2] <= z.high; ++at[2]) {
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
Result<bool> Search::take(const Point &point, std::int32_t deal, std::int32_t term_place,
                          Candidate &best) noexcept {
    const Terms &terms = terms_at(point);
    const Formula<Bounded> formula(terms);
    const Result<bool> offer = exists(formula);
    if (!offer || !*offer) {
        return offer;
    }
    const Bounded off = off_current(formula, terms, price_minor_);
    if (best.found) {
        const Result<int> order = farther(terms, off, best.deal == deal, best, price_minor_);
        if (!order) {
            return tl::unexpected(order.error());
        }
        if (*order > 0 || (*order == 0 && !before(rules_, term_place, point, best.term_place, best.point))) {
            return true;
        }
    }
    best = {true, deal, term_place, point, terms, off};
    return true;
}

/* The payment off the current one where the first axes are fixed and the others 0. */
double Search::off_at(const Axes &axes, const double *at, int fixed) const noexcept {
    double off = off_.constant;
    for (int k = 0; k < fixed; ++k) {
        off += off_.slope[axes[static_cast<std::size_t>(k)]] * at[k];
    }
    return off;
}

/* Whether no combination with these first axes can be as near as the best so far. */
bool Search::hopeless(const Axes &axes, const double *at, int fixed, const Candidate &best) const noexcept {
    if (!best.found) {
        return false;
    }
    double low = off_at(axes, at, fixed);
    double high = low;
    for (int k = fixed; k < kGrids; ++k) {
        const double rise = off_.slope[axes[static_cast<std::size_t>(k)]] * last(axes, k);
        (rise < 0 ? low : high) += rise;
    }
    const double least = low > 0 ? low : high < 0 ? -high : 0;
    return least - off_relaxed_ > std::fabs(best.off.value) + best.off.error * kBoundSlack;
}

} // namespace tradeup
