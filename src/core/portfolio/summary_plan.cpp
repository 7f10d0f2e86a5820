/*
 * Deals compiled for every customer at once: each edge as a plane over the customer's own figures.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>
#include <cmath>

#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Where planes are measured: the largest figure that a customer may have. */
constexpr Decimal kMuch = decimal(1'000'000'000'000);

/* The terms with one of the figures that a customer may have at its largest, and the others at their least.
 */
Buyer corner(int large) noexcept {
    const auto is = [large](Own figure) { return large == static_cast<int>(figure); };
    return {is(Own::equity) ? kMuch : Decimal{},
            {is(Own::payment) ? kMuch : kUnitAmount, 1},
            {{}, 1},
            {is(Own::trade_value) ? kMuch : Decimal{}, 1},
            {is(Own::income) ? kMuch : Decimal{}, 1},
            is(Own::bonus) ? kMuch : Decimal{}};
}

/* Terms at a corner of what customers may be, with their formula and their payment. */
struct Corner {
    Terms terms;
    Formula<Bounded> formula;
    Affine<Bounded> payment;

    explicit Corner(const Terms &own) noexcept : terms(own), formula(terms), payment(formula.payment()) {}
    Corner(const Corner &) = delete;
    Corner &operator=(const Corner &) = delete;
};

/* The corners that determine a plane: the origin, and one for each figure; and one with another current
 * price. */
struct Corners {
    Corner origin;
    Corner dear;
    Corner large[kOwn];

    explicit Corners(const Terms &terms) noexcept
        : origin(for_customer(terms, corner(-1))),
          dear(with_price(origin.terms)), large{Corner(for_customer(terms, corner(0))),
                                                Corner(for_customer(terms, corner(1))),
                                                Corner(for_customer(terms, corner(2))),
                                                Corner(for_customer(terms, corner(3))),
                                                Corner(for_customer(terms, corner(4)))} {}

private:
    static Terms with_price(Terms terms) noexcept {
        terms.current_price.value = kMuch;
        return terms;
    }
};

double widened(Bounded coefficient) noexcept {
    return coefficient.error * kBoundSlack + kEvaluation * std::fabs(coefficient.value);
}

/* The plane through a value at the origin and one at each corner. */
template <typename Value>
Plane plane_through(const Corners &corners, Value value_at_corner) noexcept {
    const Bounded origin = value_at_corner(corners.origin);
    Plane plane{};
    Bounded constant = origin;
    for (std::size_t i = 0; i < kOwn; ++i) {
        const bool payment = i == static_cast<std::size_t>(Own::payment);
        const Bounded much = payment ? bounded(kMuch) - whole(1) : bounded(kMuch);
        const Bounded per = (value_at_corner(corners.large[i]) - origin) / much;
        plane.per[i] = per.value;
        plane.per_error[i] = widened(per);
        constant = payment ? origin - per : constant;
    }
    plane.constant = constant.value;
    plane.constant_error = widened(constant);
    return plane;
}

bool same_bits(Bounded a, Bounded b) noexcept {
    return a.value == b.value && a.error == b.error;
}

bool same_bits(const Affine<Bounded> &a, const Affine<Bounded> &b) noexcept {
    return same_bits(a.slope, b.slope) && same_bits(a.intercept, b.intercept);
}

/* Whether the root of a line can be computed in doubles. */
bool certainly_crosses(const Affine<Bounded> &line) noexcept {
    return std::fabs(line.slope.value) > line.slope.error * kBoundSlack;
}

Bounded root(const Affine<Bounded> &line) noexcept {
    return -line.intercept / line.slope;
}

/* Whether no figure but the current payment, by which a change is divided, moves the slope of a margin. */
template <typename Margin>
bool slope_of_payment_aside(const Corners &corners, Margin margin) noexcept {
    const Bounded slope = margin(corners.origin).slope;
    for (std::size_t i = 0; i < kOwn; ++i) {
        if (i != static_cast<std::size_t>(Own::payment) &&
            !same_bits(slope, margin(corners.large[i]).slope)) {
            return false;
        }
    }
    return true;
}

/*
 * A rule for all customers: fixed in the plan when it does not depend on them, or else an edge. Errors: those
 * of rule_cut.
 */
Result<bool> plan_rule(const Corners &corners, Rule rule, Prices prices, const DealPlan *before,
                       DealPlan &plan) noexcept {
    if (!rule_applies(corners.origin.terms, rule)) {
        return true;
    }
    const auto needs = [&](OptionalDecimal Terms::*figure) {
        Terms without = corners.origin.terms;
        without.*figure = {};
        return !rule_applies(without, rule);
    };
    const bool needs_payment = needs(&Terms::current_payment);
    const bool needs_price = needs(&Terms::current_price);
    const bool needs_income = needs(&Terms::income);

    const auto margin = [&](const Corner &at) { return rule_margin(at.formula, at.terms, rule); };
    const Affine<Bounded> origin = margin(corners.origin);
    const bool for_any_price = same_bits(origin, margin(corners.dear));
    bool same = for_any_price;
    bool same_slope = true;
    bool crosses = certainly_crosses(origin);
    for (const Corner &large : corners.large) {
        const Affine<Bounded> there = margin(large);
        same = same && same_bits(origin, there);
        same_slope = same_slope && same_bits(origin.slope, there.slope);
        crosses = crosses && certainly_crosses(there);
    }
    const Result<Cut> cut = rule_cut(corners.origin.terms, corners.origin.formula, rule, {});
    if (!cut) {
        return tl::unexpected(cut.error());
    }
    /* On which side a rule cuts is a matter of slopes, which are the same for all customers. */
    const bool sets_lowest = cut->sets_lowest;
    if (!needs_payment && !needs_price && !needs_income && same) {
        const std::size_t place = prices_below(prices, cut->price);
        (sets_lowest ? plan.fixed.first : plan.fixed.last) =
            sets_lowest ? std::max(plan.fixed.first, place) : std::min(plan.fixed.last, place);
        return true;
    }
    RuleEdge edge{rule, EdgeKind::exact, sets_lowest, needs_payment, needs_price, needs_income, false, {}};
    const bool level = origin.slope.value == 0 && origin.slope.error == 0 && same_slope;
    if (rule == Rule::dearer || rule == Rule::price_below_trade_value) {
        edge.kind = EdgeKind::price;
    } else if (for_any_price && crosses && slope_of_payment_aside(corners, margin)) {
        edge.kind = EdgeKind::moving;
        edge.plane = plane_through(corners, [&](const Corner &at) { return root(margin(at)); });
    } else if (for_any_price && level && !needs_payment) {
        edge.kind = EdgeKind::flat;
        edge.plane = plane_through(corners, [&](const Corner &at) { return margin(at).intercept; });
    }
    const bool of_payment = needs_payment || rule == Rule::min_payment || rule == Rule::payment_to_income;
    const RuleEdge *last = nullptr;
    for (std::int32_t i = 0; before != nullptr && i < before->rule_count; ++i) {
        last = before->rules[i].rule == rule ? &before->rules[i] : last;
    }
    edge.shared = last != nullptr && !of_payment && last->kind == edge.kind && last->plane == edge.plane &&
                  same_but_for_the_loan(before->terms, plan.terms);
    plan.rules[plan.rule_count++] = edge;
    return true;
}

/* The number of the edge of a tier's bound; bounds at the same change share one. */
std::int32_t plan_bound(const Corners &corners, const TierBound &bound, bool bound_is_within, DealPlan &plan,
                        Decimal (&limits)[2 * kMaxTiers]) noexcept {
    if (!bound.present) {
        return kNoEdge;
    }
    const ChangeLimit limit = change_limit(corners.origin.terms, bound.change, bound_is_within);
    for (std::int32_t i = 0; i < plan.edge_count; ++i) {
        if (compare(limits[i], limit.edge) == 0) {
            return i;
        }
    }
    const Bounded edge = bounded(limit.edge);
    limits[plan.edge_count] = limit.edge;
    plan.edges[plan.edge_count] = plane_through(corners, [&](const Corner &at) {
        const Affine<Bounded> change = at.formula.change_of(at.payment);
        return root(Affine<Bounded>{change.slope, change.intercept - edge});
    });
    return plan.edge_count++;
}

void plan_payment(const Corners &corners, DealPlan &plan) noexcept {
    Decimal limits[2 * kMaxTiers];
    for (std::int32_t i = 0; i < plan.terms.tier_count; ++i) {
        const Tier &tier = plan.terms.tiers[i];
        plan.lower_edge[i] = plan_bound(corners, tier.lower, !tier.lower.inclusive, plan, limits);
        plan.upper_edge[i] = plan_bound(corners, tier.upper, tier.upper.inclusive != 0, plan, limits);
    }
    const auto monthly = [](const Corner &at) { return at.formula.per_month(at.payment); };
    const Bounded slope = monthly(corners.origin).slope;
    plan.payment_slope = slope.value;
    plan.payment_slope_error = widened(slope);
    plan.payment = plane_through(corners, [&](const Corner &at) { return monthly(at).intercept; });
}

} // namespace

Result<bool> plan_deal(const Terms &terms, Prices prices, const DealPlan *before, DealPlan &plan) noexcept {
    const Result<bool> checked = check_terms(terms);
    if (!checked) {
        return checked;
    }
    plan = DealPlan{};
    plan.terms = for_customer(terms, {});
    plan.needs_trade_value = terms.sales_tax_base == SalesTaxBase::difference;
    plan.fixed = {prices_below(prices, 1), prices.size()};
    const Corners corners(terms);
    for (std::int32_t i = 0; i < kRules; ++i) {
        const Result<bool> done = plan_rule(corners, static_cast<Rule>(i), prices, before, plan);
        if (!done) {
            return done;
        }
    }
    plan_payment(corners, plan);
    return true;
}

} // namespace tradeup
