/*
 * Deals compiled for every customer at once: each edge as a plane over the customer's own figures.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>
#include <cmath>

#include "core/portfolio/corners.hpp"
#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

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
    bool same_slope_paying = true;
    bool crosses = certainly_crosses(origin);
    for (std::size_t i = 0; i < kOwn; ++i) {
        const Affine<Bounded> there = margin(corners.large[i]);
        same = same && same_bits(origin, there);
        (i == static_cast<std::size_t>(Own::payment) ? same_slope_paying : same_slope) &=
            same_bits(origin.slope, there.slope);
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
    const bool level = origin.slope.value == 0 && origin.slope.error == 0 && same_slope && same_slope_paying;
    if (rule == Rule::dearer || rule == Rule::price_below_trade_value) {
        edge.kind = EdgeKind::price;
    } else if (for_any_price && crosses && same_slope) {
        /* The current payment may move the slope, because a change is divided by it; the root is a plane
         * still. */
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
