/*
 * Deals compiled for every customer at once: each edge as a plane over equity and payment.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>
#include <cmath>

#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Where planes are measured: the least and the largest equity and payment that a customer may have. */
constexpr Decimal kMuch = decimal(1'000'000'000'000);

/* The terms at the three corners that determine a plane, and at one with another current price. */
struct Corners {
    Terms origin;
    Terms rich;
    Terms paying;
    Terms dear;
    Formula<Bounded> at_origin;
    Formula<Bounded> at_rich;
    Formula<Bounded> at_paying;
    Formula<Bounded> at_dear;

    explicit Corners(const Terms &terms) noexcept
        : origin(for_customer(terms, {{}, {kUnitAmount, 1}, {{}, 1}})),
          rich(for_customer(terms, {kMuch, {kUnitAmount, 1}, {{}, 1}})),
          paying(for_customer(terms, {{}, {kMuch, 1}, {{}, 1}})),
          dear(for_customer(terms, {{}, {kUnitAmount, 1}, {kMuch, 1}})), at_origin(origin), at_rich(rich),
          at_paying(paying), at_dear(dear) {}
    Corners(const Corners &) = delete;
    Corners &operator=(const Corners &) = delete;
};

/* The plane through the values at the three corners. */
Plane plane_through(Bounded origin, Bounded rich, Bounded paying) noexcept {
    const Bounded much = bounded(kMuch);
    const Bounded per_equity = (rich - origin) / much;
    const Bounded per_payment = (paying - origin) / (much - whole(1));
    const Bounded constant = origin - per_payment;
    const auto widened = [](Bounded coefficient) {
        return coefficient.error * kBoundSlack + kEvaluation * std::fabs(coefficient.value);
    };
    return {constant.value,    per_equity.value,    per_payment.value,
            widened(constant), widened(per_equity), widened(per_payment)};
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

/*
 * A rule for all customers: fixed in the plan when it does not depend on them, or else an edge. Errors: those
 * of rule_cut.
 */
Result<bool> plan_rule(const Corners &corners, Rule rule, Prices prices, const DealPlan *before,
                       DealPlan &plan) noexcept {
    if (!rule_applies(corners.origin, rule)) {
        return true;
    }
    Terms without = corners.origin;
    without.current_payment = {};
    const bool needs_payment = !rule_applies(without, rule);
    without = corners.origin;
    without.current_price = {};
    const bool needs_price = !rule_applies(without, rule);

    const Affine<Bounded> origin = rule_margin(corners.at_origin, corners.origin, rule);
    const Affine<Bounded> rich = rule_margin(corners.at_rich, corners.rich, rule);
    const Affine<Bounded> paying = rule_margin(corners.at_paying, corners.paying, rule);
    const Affine<Bounded> dear = rule_margin(corners.at_dear, corners.dear, rule);
    const Result<Cut> cut = rule_cut(corners.origin, corners.at_origin, rule, {});
    if (!cut) {
        return tl::unexpected(cut.error());
    }
    /* On which side a rule cuts is a matter of slopes, which are the same for all customers. */
    const bool sets_lowest = cut->sets_lowest;
    if (!needs_payment && !needs_price && same_bits(origin, rich) && same_bits(origin, paying) &&
        same_bits(origin, dear)) {
        const std::size_t place = prices_below(prices, cut->price);
        (sets_lowest ? plan.fixed.first : plan.fixed.last) =
            sets_lowest ? std::max(plan.fixed.first, place) : std::min(plan.fixed.last, place);
        return true;
    }
    RuleEdge edge{rule, EdgeKind::exact, sets_lowest, needs_payment, needs_price, false, {}};
    const bool crosses = certainly_crosses(origin) && certainly_crosses(rich) && certainly_crosses(paying);
    const bool level = origin.slope.value == 0 && origin.slope.error == 0 &&
                       same_bits(origin.slope, rich.slope) && same_bits(origin.slope, paying.slope);
    if (same_bits(origin, dear) && crosses && same_bits(origin.slope, rich.slope)) {
        edge.kind = EdgeKind::moving;
        edge.plane = plane_through(root(origin), root(rich), root(paying));
    } else if (same_bits(origin, dear) && level && !needs_payment) {
        edge.kind = EdgeKind::flat;
        edge.plane = plane_through(origin.intercept, rich.intercept, paying.intercept);
    } else if (rule == Rule::dearer) {
        edge.kind = EdgeKind::dearer;
    }
    const RuleEdge *last = nullptr;
    for (std::int32_t i = 0; before != nullptr && i < before->rule_count; ++i) {
        last = before->rules[i].rule == rule ? &before->rules[i] : last;
    }
    edge.shared = last != nullptr && !needs_payment && last->kind == edge.kind && last->plane == edge.plane &&
                  same_but_for_the_loan(before->terms, plan.terms);
    plan.rules[plan.rule_count++] = edge;
    return true;
}

/* The number of the edge of a tier's bound; bounds at the same change share one. */
std::int32_t plan_bound(const Corners &corners, const Affine<Bounded> (&changes)[3], const TierBound &bound,
                        bool bound_is_within, DealPlan &plan, Decimal (&limits)[2 * kMaxTiers]) noexcept {
    if (!bound.present) {
        return kNoEdge;
    }
    const ChangeLimit limit = change_limit(corners.origin, bound.change, bound_is_within);
    for (std::int32_t i = 0; i < plan.edge_count; ++i) {
        if (compare(limits[i], limit.edge) == 0) {
            return i;
        }
    }
    const Bounded edge = bounded(limit.edge);
    const auto price = [&](const Affine<Bounded> &change) {
        return root(Affine<Bounded>{change.slope, change.intercept - edge});
    };
    limits[plan.edge_count] = limit.edge;
    plan.edges[plan.edge_count] = plane_through(price(changes[0]), price(changes[1]), price(changes[2]));
    return plan.edge_count++;
}

void plan_payment(const Corners &corners, DealPlan &plan) noexcept {
    const Affine<Bounded> payment = corners.at_origin.payment();
    const Affine<Bounded> rich = corners.at_rich.payment();
    const Affine<Bounded> changes[3] = {corners.at_origin.change_of(payment), corners.at_rich.change_of(rich),
                                        corners.at_paying.change_of(corners.at_paying.payment())};
    Decimal limits[2 * kMaxTiers];
    for (std::int32_t i = 0; i < plan.terms.tier_count; ++i) {
        const Tier &tier = plan.terms.tiers[i];
        plan.lower_edge[i] = plan_bound(corners, changes, tier.lower, !tier.lower.inclusive, plan, limits);
        plan.upper_edge[i] =
            plan_bound(corners, changes, tier.upper, tier.upper.inclusive != 0, plan, limits);
    }
    const auto widened = [](Bounded value) {
        return value.error * kBoundSlack + kEvaluation * std::fabs(value.value);
    };
    const Bounded per_equity = (rich.intercept - payment.intercept) / bounded(kMuch);
    plan.payment = {payment.slope.value, payment.intercept.value, widened(payment.slope),
                    widened(payment.intercept)};
    plan.payment_per_equity = per_equity.value;
    plan.payment_per_equity_error = widened(per_equity);
}

} // namespace

Result<bool> plan_deal(const Terms &terms, Prices prices, const DealPlan *before, DealPlan &plan) noexcept {
    const Result<bool> checked = check_terms(terms);
    if (!checked) {
        return checked;
    }
    plan = DealPlan{};
    plan.terms = for_customer(terms, {});
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
