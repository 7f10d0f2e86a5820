/*
 * The best offers of each of many customers over one sorted list of prices. Payment and margin rise with the
 * price, so in a stretch of the list that has a tier the best offer stands at an end, or where the payment
 * passes the current one. From there a head, the next offer of one deal, moves on by one price at a time. The
 * best of all heads is the next offer of the customer.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/portfolio/stretches.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What makes an offer the best: the highest margin, the lowest price, the lowest payment, or the payment
 * closest to the current one. Payments are those of a month. */
enum class RankBy : std::int32_t { margin, price, payment, closeness };

/* The ranking that a word names. Errors: bad_value. */
Result<RankBy> parse_rank(std::string_view word) noexcept;

/* The amounts of a deal for any customer: affine in the price and in the customer's own figures.
 * Amount::change has none: it is computed from Amount::monthly. */
struct AmountPlan {
    double slope[kAmounts];
    double slope_error[kAmounts];
    Plane at_no_price[kAmounts];
};

/* The amounts of a deal with these terms; the customer's figures in them are not read. */
AmountPlan plan_amounts(const Terms &terms) noexcept;

/* An offer that was chosen. */
struct Pick {
    std::int32_t plan; // of the profile
    std::int32_t tier; // index into its terms' tiers
    std::size_t place; // of the price in the list
};

/* The stretches of one plan that have a tier, in ascending order. */
struct Pieces {
    std::int32_t count;
    std::int32_t tier[kMaxTiers];
    Stretch at[kMaxTiers];
};

/* The next offer of one plan in one direction, and by what it is ranked: the smallest key is the best. */
struct Head {
    Int128 key; // a price or a payment in minor units, or a distance in 10^-kMaxScale of a major unit
    std::int32_t plan;
    std::int32_t piece;
    std::int32_t step; // 1: dearer ones follow, -1: cheaper ones
    std::size_t at;
};

/* Memory for the work on one customer: for each plan its pieces, the line of her monthly payments, and two
 * heads. */
struct BestRoom {
    std::span<Pieces> pieces;
    std::span<Line> lines;
    std::span<Head> heads;
};

/*
 * Chooses the offers of one customer after another. Of equal ranks the dearer vehicle comes first where the
 * list is walked downward (by margin; by closeness at and below the current payment), otherwise the cheaper
 * one; then the place in the list in the same direction; then the plan that stands first.
 */
class BestOffers {
public:
    /* The profile's plans and the amounts of each; `amounts` is as long as they are. */
    BestOffers(const Profile &profile, std::span<const AmountPlan> amounts, RankBy rank,
               BestRoom room) noexcept;

    /* Begins with a customer of the profile. Errors: out_of_memory; out_of_range for a payment of more than
     * 18 digits. */
    Result<bool> begin(std::size_t buyer) noexcept;

    /* The next best offer of the customer; false when there is none left. Errors: as before. */
    Result<bool> next(Pick &pick) noexcept;

    /* Turns to a customer of whom only amounts are asked. */
    void turn_to(std::size_t buyer) noexcept;

    /* An amount of an offer of the customer, as amount_at gives it. Errors: the same. */
    Result<std::int64_t> amount(Amount which, const Pick &pick) const noexcept;

private:
    Result<std::int64_t> amount_on(const Line &line, std::int32_t plan, Amount which,
                                   std::size_t place) const noexcept;
    Result<std::int64_t> monthly(std::int32_t plan, std::size_t place) const noexcept;
    Int128 distance(std::int32_t plan, std::int64_t payment) const noexcept;
    Result<bool> is_above_current(std::int32_t plan, std::size_t place) const noexcept;
    Result<bool> rank_head(Head &head) const noexcept;
    Result<bool> begin_upward(std::int32_t plan, std::size_t from) noexcept;
    Result<bool> begin_downward(std::int32_t plan, std::size_t below) noexcept;
    Result<bool> begin_heads(std::int32_t plan) noexcept;
    Result<std::size_t> first_above_current(std::int32_t plan) const noexcept;
    bool advance(Head &head) const noexcept;

    const Profile &profile_;
    std::span<const AmountPlan> amounts_;
    RankBy rank_;
    BestRoom room_;
    Figures own_;
    std::int32_t heads_ = 0;
};

} // namespace tradeup
