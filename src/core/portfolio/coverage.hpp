/*
 * Offers of many customers counted by price, and from there by whatever vehicles are grouped by: a dealer, a
 * band of prices. A customer's offers of one deal in one tier are a stretch of a sorted list, so she adds
 * something where it begins and takes it away where it ends, and running sums along the list say what each
 * vehicle has of all customers.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/portfolio/summary.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What begins at a place of the list, less what ended there: offers, and the equities of who has them. */
struct Coverage {
    std::int64_t offers;
    Int128 equity_whole; // major units
    Int128 equity_part;  // and 10^-18 of them
};

/* What the offers of a group of vehicles add up to. */
struct GroupTotals {
    std::int64_t offers;
    Int128 price_sum;
    Int128 equity_whole;
    Int128 equity_part;
};

/*
 * Adds the offers that the profile's customers have of one of its plans, which was compiled without one
 * before it. `coverage` has, for each tier of the plan and last for none, one place more than there are
 * prices. Errors: cancelled, out_of_memory.
 */
Result<bool> cover_offers(const Profile &profile, const DealPlan &plan, std::span<Coverage> coverage,
                          StopAsked stop) noexcept;

/* Adds what each vehicle has of one tier to the totals of its group, by number. Each price belongs to one
 * vehicle. */
void add_to_groups(std::span<const Coverage> coverage, Prices prices, std::span<const std::int32_t> groups,
                   std::span<GroupTotals> totals) noexcept;

/* Whether two deals have the same margin at every price and equity. Errors: out_of_memory. */
Result<bool> same_margins(const Terms &a, const Terms &b) noexcept;

/* Offers of one deal by group of vehicles, for the sums of their margins. */
struct MarginPart {
    const Terms *terms;
    const GroupTotals *totals; // of each group
};

/*
 * The sums of the unrounded margins of offers in one currency, by group, in minor units, each rounded half up
 * once. Errors: out_of_range, out_of_memory.
 */
Result<bool> sum_margins(std::span<const MarginPart> parts, std::span<std::int64_t> margins) noexcept;

/* What begins at a place of the list, less what ended there: customers who have an offer there at any term,
 * and those who have one in a tier. */
struct Reach {
    std::int64_t customers;
    std::int64_t in_tier;
};

/* The most stretches that a customer has of one deal. */
inline constexpr std::size_t kMostStretches = 2 * kMaxTiers + 1;

/*
 * Adds the profile's customers; `reach` has one place more than there are prices, `room` two times
 * kMostStretches for each deal. Errors: cancelled, out_of_memory.
 */
Result<bool> reach_prices(const Profile &profile, std::span<Reach> reach, std::span<Stretch> room,
                          StopAsked stop) noexcept;

} // namespace tradeup
