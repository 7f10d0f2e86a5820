/*
 * The offers of many customers over one list of prices, counted and not listed. The edges of every rule and
 * tier are affine functions of the customer's own figures, so what does not depend on the customer is
 * compiled once for a deal, and a customer costs two multiplications, or five, and one binary search an edge.
 *
 * The root in the price of slope P + intercept(own figures) = 0 is affine in them for every rule: equity,
 * trade value, bonus and income enter each amount linearly, and the payment change divides slope and
 * intercept by the same current payment. Where an edge is not of this kind, or a price of the list lies
 * within an edge's error, the edge is asked exactly for the customer at hand.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/deal/eligibility.hpp"
#include "core/portfolio/price_list.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What differs between customers of one risk profile. */
struct Buyer {
    Decimal equity;
    OptionalDecimal current_payment;
    OptionalDecimal current_price;
    OptionalDecimal trade_value;
    OptionalDecimal income;
    Decimal bonus;
};

/* The figures of a customer that edges and amounts are affine in, all in major units. Most customers have
 * none but the first two. */
enum class Own : std::int32_t { equity, payment, trade_value, bonus, income };

inline constexpr std::size_t kOwn = 5;
inline constexpr std::size_t kUsualOwn = 2;

/* A figure that is affine in the customer's own. */
struct Plane {
    double constant;
    double constant_error;
    double per[kOwn]; // what one major unit of each adds
    double per_error[kOwn];

    friend constexpr bool operator==(const Plane &, const Plane &) noexcept = default;
};

/* How the edge of a rule is found for a customer. */
enum class EdgeKind : std::int32_t {
    moving, // its price is a Plane
    flat,   // no price decides, but the sign of a Plane: all prices are beyond the edge, or none is
    price,  // it is a price of hers: that of the current vehicle, or the trade value
    exact   // it is asked of the rule itself
};

struct RuleEdge {
    Rule rule;
    EdgeKind kind;
    bool sets_lowest;
    bool needs_payment; // applies to customers with a current payment only
    bool needs_price;   // the same for the price of the current vehicle
    bool needs_income;  // the same for an income
    bool shared;        // the same as in the deal before, whatever the customer
    Plane plane;
};

inline constexpr std::int32_t kNoEdge = -1;

/* A deal made ready for many customers of one list of prices. */
struct DealPlan {
    Terms terms;
    bool needs_trade_value; // without one there is no offer
    Stretch fixed;          // what the rules that do not depend on the customer allow
    std::int32_t rule_count;
    RuleEdge rules[kRules];
    std::int32_t edge_count;
    Plane edges[2 * kMaxTiers]; // of the tiers; neighbours share one
    std::int32_t lower_edge[kMaxTiers];
    std::int32_t upper_edge[kMaxTiers];
    double payment_slope;
    double payment_slope_error;
    Plane payment;                     // what it is at a price of 0
    std::int32_t slots[kMaxTiers + 1]; // where each tier, and last no tier, is counted
};

/* A sum of doubles with what its additions lost, and bounds of what its terms may be wrong by. */
struct CarefulSum {
    double sum;
    double lost;
    double error;
    double magnitude;
    std::int64_t terms;
};

/* What the offers of one deal's plan in one tier add up to. */
struct PlanTotals {
    std::int64_t offers;
    std::int64_t changes; // offers with a payment change
    Int128 price_sum;
    Int128 equity_whole; // the equity of each offer, added up: whole major units
    Int128 equity_part;  // and 10^-18 of them
    CarefulSum change;   // of the unrounded payment changes
};

/* What is counted of a tier over all plans. */
struct Slot {
    std::int64_t customers;
    std::int64_t last_customer; // the number of the one counted last; they begin with 1
};

/* The plans of one profile with their customers and prices, as the end needs them again. */
struct Profile {
    Prices prices;         // that are searched
    const PriceList *list; // whose distinct prices they are; not needed where nothing is counted
    DealPlan *plans;
    PlanTotals *totals; // kMaxTiers + 1 for each plan
    std::size_t plan_count;
    const Buyer *buyers;
    std::size_t buyer_count;
    PriceIndex index; // of the prices
};

/*
 * Compiles terms for ascending prices with the same decimals; equity and current vehicle of the terms do not
 * matter. `before` is the plan of the deal before in the same profile, or nullptr. Slots are the caller's.
 * Errors: those of check_terms; out_of_memory.
 */
Result<bool> plan_deal(const Terms &terms, Prices prices, const DealPlan *before, DealPlan &plan) noexcept;

/*
 * Counts the offers of the profile's customers into its totals and the slots; `counted` is the number of
 * customers that were counted before. Errors: cancelled, out_of_memory.
 */
Result<bool> count_customers(const Profile &profile, std::span<Slot> slots, std::int64_t counted,
                             StopAsked stop) noexcept;

/* A tier, or no tier, of all profiles together. */
struct SlotSummary {
    std::int64_t offers;
    std::int64_t changes;     // 0 also when their mean has more than 18 digits
    std::int64_t mean_change; // in millionths, rounded half up; only when there are changes
    std::int64_t margin;      // in units of 10^-margin_digits, rounded half up once
    std::int32_t margin_digits;
};

/*
 * The sums of one slot. The mean of the payment changes is decided in doubles with a known error, or else in
 * 100 digits, where what lies within 10^-40 of a half counts as a half; the margin is exact. Errors:
 * cancelled, out_of_range, out_of_memory.
 */
Result<SlotSummary> summarize(std::span<const Profile> profiles, std::int32_t slot, StopAsked stop) noexcept;

} // namespace tradeup
