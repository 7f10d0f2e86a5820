/*
 * Offers of many customers, counted between the places of edges in a sorted list.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>
#include <cmath>

#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* A customer's figures as they are needed for each edge. */
struct Figures {
    const Buyer &buyer;
    double equity;
    double payment;
    double per_payment_minor; // one over the current payment in minor units
    std::int64_t equity_whole;
    std::int64_t equity_part; // 10^-18 of a major unit
};

Figures figures_of(const Buyer &buyer, std::int32_t minor_digits) noexcept {
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(buyer.equity.scale)];
    const bool pays = buyer.current_payment.present != 0;
    const double payment = pays ? bounded(buyer.current_payment.value).value : 0;
    const auto unit = static_cast<double>(kPowersOfTen[static_cast<std::size_t>(minor_digits)]);
    return {buyer,
            bounded(buyer.equity).value,
            payment,
            pays ? 1 / (payment * unit) : 0,
            buyer.equity.coefficient / power,
            buyer.equity.coefficient % power *
                kPowersOfTen[static_cast<std::size_t>(kMaxScale - buyer.equity.scale)]};
}

Bounded value_at(const Plane &plane, const Figures &own) noexcept {
    return {plane.constant + plane.per_equity * own.equity + plane.per_payment * own.payment,
            (plane.constant_error + plane.per_equity_error * std::fabs(own.equity) +
             plane.per_payment_error * own.payment) *
                kBoundSlack};
}

/* The prices that are searched. */
struct Searched {
    const PriceList &list;
    const PriceIndex &index;
};

/* The number of prices below an edge; false when a price lies within its error. */
bool place_of(const Searched &searched, Bounded edge, std::size_t &place) noexcept {
    const double low = edge.value - edge.error;
    const double high = edge.value + edge.error;
    if (high < 0) {
        place = 0;
        return true;
    }
    const auto count = static_cast<std::size_t>(searched.list.count);
    if (!(low <= static_cast<double>(kMaxPriceMinor))) {
        place = count;
        return low > static_cast<double>(kMaxPriceMinor);
    }
    auto least = low > 0 ? static_cast<std::int64_t>(low) : 0;
    least += static_cast<double>(least) < low ? 1 : 0;
    place = prices_below(searched.list, searched.index, least);
    return place == count || static_cast<double>(searched.list.prices()[place]) > high;
}

/* The places of the rules' edges, kept from one deal of a customer to the next. */
struct RulePlaces {
    std::size_t at[kRules];
};

Result<std::size_t> place_exactly(const PriceList &list, const DealPlan &plan, const RuleEdge &edge,
                                  const Buyer &buyer) noexcept {
    const Terms own = for_customer(plan.terms, buyer);
    const Result<Cut> cut = rule_cut(own, Formula<Bounded>(own), edge.rule, {});
    if (!cut) {
        return tl::unexpected(cut.error());
    }
    return prices_below(list, cut->price);
}

/* The prices that the rules leave a customer. */
Result<Stretch> eligible_stretch(const Searched &searched, const DealPlan &plan, const Figures &own,
                                 RulePlaces &places) noexcept {
    Stretch left = plan.fixed;
    for (std::int32_t i = 0; i < plan.rule_count; ++i) {
        const RuleEdge &edge = plan.rules[i];
        if ((edge.needs_payment && !own.buyer.current_payment.present) ||
            (edge.needs_price && !own.buyer.current_price.present)) {
            continue;
        }
        std::size_t &place = places.at[static_cast<std::size_t>(edge.rule)];
        bool known = edge.shared;
        if (!known && edge.kind == EdgeKind::moving) {
            known = place_of(searched, value_at(edge.plane, own), place);
        } else if (!known && edge.kind == EdgeKind::dearer) {
            known = true;
            place = prices_below(
                searched.list, searched.index,
                first_price_above(plan.terms.minor_digits, own.buyer.current_price.value, false));
        } else if (!known && edge.kind == EdgeKind::flat) {
            const Bounded beyond = value_at(edge.plane, own);
            known = std::fabs(beyond.value) > beyond.error;
            place = beyond.value > 0 ? 0 : static_cast<std::size_t>(searched.list.count);
        }
        if (!known) {
            const Result<std::size_t> exact = place_exactly(searched.list, plan, edge, own.buyer);
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

/*
 * Calls `put(tier, stretch)` for the stretches of a customer's windows, in ascending order; some are empty.
 * The same walk as that of build_deal, over places in the list in the stead of prices.
 */
template <typename Put>
Result<bool> cut_stretches(const Searched &searched, const DealPlan &plan, const Figures &own,
                           RulePlaces &places, Put put) noexcept {
    const Result<Stretch> left = eligible_stretch(searched, plan, own, places);
    if (!left) {
        return tl::unexpected(left.error());
    }
    if (left->first >= left->last) {
        return true;
    }
    if (!own.buyer.current_payment.present) {
        put(kNoTier, *left);
        return true;
    }
    std::size_t edges[2 * kMaxTiers];
    bool certain = true;
    for (std::int32_t i = 0; i < plan.edge_count; ++i) {
        certain = place_of(searched, value_at(plan.edges[i], own), edges[i]) && certain;
    }
    if (!certain) [[unlikely]] {
        return cut_exactly(searched.list, plan, own.buyer, put);
    }
    std::size_t next = left->first;
    for (std::int32_t i = 0; i < plan.terms.tier_count; ++i) {
        const std::int32_t lower = plan.lower_edge[i];
        const std::int32_t upper = plan.upper_edge[i];
        const std::size_t first = lower == kNoEdge ? next : std::clamp(edges[lower], next, left->last);
        const std::size_t last = upper == kNoEdge ? left->last : std::clamp(edges[upper], next, left->last);
        if (first < last) {
            put(kNoTier, Stretch{next, first});
            put(i, Stretch{first, last});
            next = last;
        }
    }
    put(kNoTier, Stretch{next, left->last});
    return true;
}

/* Adds the offers of a stretch to the totals of its tier. */
void add_offers(const PriceList &list, const DealPlan &plan, const Figures &own, Stretch stretch,
                PlanTotals &to) noexcept {
    const std::int64_t offers = count_of(stretch);
    const std::int64_t price_sum = sum_of(list, stretch);
    to.offers += offers;
    to.price_sum += price_sum;
    to.equity_whole += Int128{own.equity_whole} * offers;
    to.equity_part += Int128{own.equity_part} * offers;
    if (!own.buyer.current_payment.present) {
        return;
    }
    to.changes += offers;
    const auto sum = static_cast<double>(price_sum);
    const auto count = static_cast<double>(offers);
    const double intercept = plan.payment.intercept + plan.payment_per_equity * own.equity;
    const double intercept_error =
        plan.payment.intercept_error + plan.payment_per_equity_error * std::fabs(own.equity);
    /* The errors of the coefficients were widened by what these operations lose. */
    const double payments = (plan.payment.slope * sum + intercept * count) * own.per_payment_minor;
    const double error = (plan.payment.slope_error * sum + intercept_error * count) * own.per_payment_minor +
                         kEvaluation * (std::fabs(payments) + count);
    add(to.change, payments - count, error * (1 + kEvaluation));
}

} // namespace

Result<bool> count_customers(const Profile &profile, std::span<Slot> slots, std::int64_t counted,
                             StopAsked stop) noexcept {
    constexpr std::size_t kAskEvery = 1024;
    const Searched searched{*profile.list, profile.index};
    for (std::size_t b = 0; b < profile.buyer_count && profile.plan_count > 0; ++b) {
        if (b % kAskEvery == 0 && stop()) {
            return tl::unexpected(stopped());
        }
        const std::int64_t customer = counted + static_cast<std::int64_t>(b) + 1;
        const Figures own = figures_of(profile.buyers[b], profile.plans[0].terms.minor_digits);
        RulePlaces places{};
        for (std::size_t p = 0; p < profile.plan_count; ++p) {
            const DealPlan &plan = profile.plans[p];
            PlanTotals *totals = profile.totals + p * (kMaxTiers + 1);
            const auto put = [&](std::int64_t tier, Stretch stretch) {
                if (stretch.first >= stretch.last) {
                    return;
                }
                const auto index = static_cast<std::size_t>(tier == kNoTier ? kMaxTiers : tier);
                add_offers(*profile.list, plan, own, stretch, totals[index]);
                Slot &slot = slots[static_cast<std::size_t>(plan.slots[index])];
                slot.customers += slot.last_customer != customer ? 1 : 0;
                slot.last_customer = customer;
            };
            const Result<bool> done = cut_stretches(searched, plan, own, places, put);
            if (!done) {
                return done;
            }
        }
    }
    return true;
}

} // namespace tradeup
