/*
 * What the rules leave a customer of a sorted list of prices.
 */
#include "core/portfolio/stretches.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

Result<std::size_t> place_exactly(Prices prices, const DealPlan &plan, const RuleEdge &edge,
                                  const Buyer &buyer) noexcept {
    const Terms own = for_customer(plan.terms, buyer);
    const Result<Cut> cut = rule_cut(own, Formula<Bounded>(own), edge.rule, {});
    if (!cut) {
        return tl::unexpected(cut.error());
    }
    return prices_below(prices, cut->price);
}

} // namespace

Result<Stretch> eligible_stretch(const Searched &searched, const DealPlan &plan, const Figures &own,
                                 RulePlaces &places) noexcept {
    Stretch left = plan.fixed;
    if (plan.needs_trade_value && !own.buyer.trade_value.present) {
        return Stretch{0, 0};
    }
    for (std::int32_t i = 0; i < plan.rule_count; ++i) {
        const RuleEdge &edge = plan.rules[i];
        if ((edge.needs_payment && !own.buyer.current_payment.present) ||
            (edge.needs_price && !own.buyer.current_price.present) ||
            (edge.needs_income && !own.buyer.income.present)) {
            continue;
        }
        std::size_t &place = places.at[static_cast<std::size_t>(edge.rule)];
        bool known = edge.shared;
        if (!known && edge.kind == EdgeKind::moving) {
            known = place_of(searched, value_at(edge.plane, own), place);
        } else if (!known && edge.kind == EdgeKind::price) {
            known = true;
            const bool dearer = edge.rule == Rule::dearer;
            place = prices_below(
                searched.prices, searched.index,
                first_price_above(plan.terms.minor_digits,
                                  dearer ? own.buyer.current_price.value : own.buyer.trade_value.value,
                                  !dearer));
        } else if (!known && edge.kind == EdgeKind::flat) {
            const Bounded beyond = value_at(edge.plane, own);
            known = std::fabs(beyond.value) > beyond.error;
            place = beyond.value > 0 ? 0 : searched.prices.size();
        }
        if (!known) {
            const Result<std::size_t> exact = place_exactly(searched.prices, plan, edge, own.buyer);
            if (!exact) {
                return tl::unexpected(exact.error());
            }
            place = *exact;
        }
        if (edge.sets_lowest) {
            left.first = std::max(left.first, place);
        } else {
            left.last = std::min(left.last, place);
        }
    }
    return left;
}

} // namespace tradeup
