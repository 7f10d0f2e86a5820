/*
 * Where the windows of a customer's deal lie in a sorted list of prices: places instead of prices.
 */
#pragma once

#include <algorithm>
#include <cmath>

#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A customer's figures in the forms that the edges of rules and tiers are computed from. */
struct Figures {
    Buyer buyer;
    double own[kOwn];
    std::size_t used;         // of them; the others are 0
    double per_payment_minor; // one over the current payment in minor units
    std::int64_t equity_whole;
    std::int64_t equity_part; // 10^-18 of a major unit
};

inline Figures figures_of(const Buyer &buyer, std::int32_t minor_digits) noexcept {
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(buyer.equity.scale)];
    const bool pays = buyer.current_payment.present != 0;
    const double payment = pays ? bounded(buyer.current_payment.value).value : 0;
    const auto unit = static_cast<double>(kPowersOfTen[static_cast<std::size_t>(minor_digits)]);
    const double trade_value = bounded(buyer.trade_value.value).value;
    const double income = bounded(buyer.income.value).value;
    const double bonus = bounded(buyer.bonus).value;
    return {buyer,
            {bounded(buyer.equity).value, payment, trade_value, bonus, income},
            trade_value != 0 || bonus != 0 || income != 0 ? kOwn : kUsualOwn,
            pays ? 1 / (payment * unit) : 0,
            buyer.equity.coefficient / power,
            buyer.equity.coefficient % power *
                kPowersOfTen[static_cast<std::size_t>(kMaxScale - buyer.equity.scale)]};
}

inline Bounded value_at(const Plane &plane, const Figures &own) noexcept {
    double value = plane.constant;
    double error = plane.constant_error;
    for (std::size_t i = 0; i < own.used; ++i) {
        value += plane.per[i] * own.own[i];
        error += plane.per_error[i] * std::fabs(own.own[i]);
    }
    return {value, error * kBoundSlack};
}

/* The prices that are searched. */
struct Searched {
    Prices prices;
    const PriceIndex &index;
};

/* The number of prices below an edge; false when a price lies within its error. */
inline bool place_of(const Searched &searched, Bounded edge, std::size_t &place) noexcept {
    const double low = edge.value - edge.error;
    const double high = edge.value + edge.error;
    if (high < 0) {
        place = 0;
        return true;
    }
    const auto count = searched.prices.size();
    if (!(low <= static_cast<double>(kMaxPriceMinor))) {
        place = count;
        return low > static_cast<double>(kMaxPriceMinor);
    }
    auto least = low > 0 ? static_cast<std::int64_t>(low) : 0;
    least += static_cast<double>(least) < low ? 1 : 0;
    place = prices_below(searched.prices, searched.index, least);
    return place == count || static_cast<double>(searched.prices[place]) > high;
}

/* The places of the rules' edges, kept from one deal of a customer to the next. */
struct RulePlaces {
    std::size_t at[kRules];
};

/* The prices that the rules leave a customer. Errors: out_of_memory. */
Result<Stretch> eligible_stretch(const Searched &searched, const DealPlan &plan, const Figures &own,
                                 RulePlaces &places) noexcept;

/*
 * Calls `put(tier, stretch)` for the stretches of a customer's windows, in ascending order; some are empty.
 * The same walk as that of build_deal, over places in the list instead of prices.
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
        return cut_exactly(searched.prices, plan, own.buyer, put);
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

} // namespace tradeup
