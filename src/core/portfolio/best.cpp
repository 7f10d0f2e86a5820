/*
 * The heads of a customer's deals: where they begin, how they move on, and which is the best.
 */
#include "core/portfolio/best.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/words.hpp"
#include "core/portfolio/corners.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr Words<RankBy, 4> kRanks = {{{"margin", RankBy::margin},
                                      {"price", RankBy::price},
                                      {"payment", RankBy::payment},
                                      {"closeness", RankBy::closeness}}};

constexpr std::size_t index(Amount amount) noexcept {
    return static_cast<std::size_t>(amount);
}

/* The line of an amount for a customer. */
Line own_line(const AmountPlan &plan, Amount amount, const Figures &own) noexcept {
    const Bounded intercept = value_at(plan.at_no_price[index(amount)], own);
    return {plan.slope[index(amount)], intercept.value, plan.slope_error[index(amount)],
            intercept.error + kEvaluation * std::fabs(intercept.value)};
}

/* The payment change, in millionths, of a payment in minor units. */
Bounded change_of(Bounded payment, const Figures &own) noexcept {
    constexpr double kMillion = 1e6;
    const double scaled = payment.value * own.per_payment_minor * kMillion;
    return {scaled - kMillion, (payment.error * own.per_payment_minor * kMillion +
                                kEvaluation * (std::fabs(scaled) + kMillion)) *
                                   kBoundSlack};
}

/* Whether the first head is the better one. */
bool better(const Head &a, const Head &b) noexcept {
    if (a.key != b.key) {
        return a.key < b.key;
    }
    if (a.step != b.step) {
        return a.step < b.step;
    }
    if (a.at != b.at) {
        return a.step < 0 ? a.at > b.at : a.at < b.at;
    }
    return a.plan < b.plan;
}

} // namespace

Result<RankBy> parse_rank(std::string_view word) noexcept {
    return value_named(kRanks, word, "rank_by");
}

AmountPlan plan_amounts(const Terms &terms) noexcept {
    const Corners corners(terms);
    AmountPlan plan{};
    const auto add = [&](Amount amount, auto make) {
        const Bounded slope = make(corners.origin).slope;
        plan.slope[index(amount)] = slope.value;
        plan.slope_error[index(amount)] = widened(slope);
        plan.at_no_price[index(amount)] =
            plane_through(corners, [&](const Corner &at) { return make(at).intercept; });
    };
    using Made = Affine<Bounded>;
    add(Amount::payment, [](const Corner &at) -> Made { return at.payment; });
    add(Amount::monthly, [](const Corner &at) -> Made { return at.formula.per_month(at.payment); });
    add(Amount::loan_amount, [](const Corner &at) -> Made { return at.formula.loan_amount(); });
    add(Amount::effective_equity, [](const Corner &at) -> Made { return at.formula.effective_equity(); });
    add(Amount::service_fee, [](const Corner &at) -> Made { return at.formula.service_fee(); });
    add(Amount::opening_fee, [](const Corner &at) -> Made { return at.formula.opening_fee(); });
    add(Amount::margin, [](const Corner &at) -> Made { return at.formula.margin(); });
    return plan;
}

BestOffers::BestOffers(const Profile &profile, std::span<const AmountPlan> amounts, RankBy rank,
                       BestRoom room) noexcept
    : profile_(profile), amounts_(amounts), rank_(rank), room_(room), own_{} {}

/* An amount whose line for the customer is known; that of a change is the line of monthly payments. */
Result<std::int64_t> BestOffers::amount_on(const Line &line, std::int32_t plan, Amount which,
                                           std::size_t place) const noexcept {
    const std::int64_t price = profile_.prices[place];
    const Terms &terms = profile_.plans[plan].terms;
    Bounded value = value_at(line, price);
    Rounding rounding = terms.rounding;
    if (which == Amount::change) {
        value = change_of(value, own_);
        rounding = Rounding::half_up;
    }
    std::int64_t rounded = 0;
    if (round_without_doubt(value, rounding, rounded)) [[likely]] {
        return rounded;
    }
    Deal deal;
    const Result<bool> built = build_deal(for_customer(terms, own_.buyer), deal);
    if (!built) {
        return tl::unexpected(built.error());
    }
    return amount_at(deal, which, price);
}

Result<std::int64_t> BestOffers::amount(Amount which, const Pick &pick) const noexcept {
    const Amount line = which == Amount::change ? Amount::monthly : which;
    return amount_on(own_line(amounts_[static_cast<std::size_t>(pick.plan)], line, own_), pick.plan, which,
                     pick.place);
}

/* The rounded payments of a month at a place, by the line that begin() kept. */
Result<std::int64_t> BestOffers::monthly(std::int32_t plan, std::size_t place) const noexcept {
    return amount_on(room_.lines[static_cast<std::size_t>(plan)], plan, Amount::monthly, place);
}

/* The payments of a month in minor units less the current one, in units of 10^-kMaxScale. */
Int128 BestOffers::distance(std::int32_t plan, std::int64_t payment) const noexcept {
    const Decimal now = own_.buyer.current_payment.value;
    const std::int64_t digits = profile_.plans[plan].terms.minor_digits;
    return Int128{payment} * kPowersOfTen[static_cast<std::size_t>(kMaxScale - digits)] -
           Int128{now.coefficient} * kPowersOfTen[static_cast<std::size_t>(kMaxScale - now.scale)];
}

Result<bool> BestOffers::rank_head(Head &head) const noexcept {
    const std::int64_t price = profile_.prices[head.at];
    if (rank_ == RankBy::margin || rank_ == RankBy::price) {
        head.key = rank_ == RankBy::margin ? -price : price;
        return true;
    }
    const Result<std::int64_t> payment = monthly(head.plan, head.at);
    if (!payment) {
        return tl::unexpected(payment.error());
    }
    head.key = rank_ == RankBy::payment ? Int128{*payment} : distance(head.plan, *payment);
    head.key = rank_ == RankBy::closeness && head.key < 0 ? -head.key : head.key;
    return true;
}

Result<bool> BestOffers::begin_upward(std::int32_t plan, std::size_t from) noexcept {
    const Pieces &pieces = room_.pieces[static_cast<std::size_t>(plan)];
    for (std::int32_t i = 0; i < pieces.count; ++i) {
        if (pieces.at[i].last > from) {
            Head &head = room_.heads[static_cast<std::size_t>(heads_++)];
            head = {0, plan, i, 1, std::max(from, pieces.at[i].first)};
            return rank_head(head);
        }
    }
    return true;
}

Result<bool> BestOffers::begin_downward(std::int32_t plan, std::size_t below) noexcept {
    const Pieces &pieces = room_.pieces[static_cast<std::size_t>(plan)];
    for (std::int32_t i = pieces.count; i-- > 0;) {
        if (pieces.at[i].first < below) {
            Head &head = room_.heads[static_cast<std::size_t>(heads_++)];
            head = {0, plan, i, -1, std::min(below, pieces.at[i].last) - 1};
            return rank_head(head);
        }
    }
    return true;
}

/* Whether the rounded payments of a month at a place are above the current one. */
Result<bool> BestOffers::is_above_current(std::int32_t plan, std::size_t place) const noexcept {
    const Result<std::int64_t> payment = monthly(plan, place);
    if (!payment) {
        return tl::unexpected(payment.error());
    }
    return distance(plan, *payment) > 0;
}

/* The place of the first price whose rounded monthly payment is above the current one. Doubles give a guess;
 * from it, steps that double find a place on its other side, and halving finds the one between. */
Result<std::size_t> BestOffers::first_above_current(std::int32_t plan) const noexcept {
    const auto count = profile_.prices.size();
    const Line &line = room_.lines[static_cast<std::size_t>(plan)];
    const double root = (1 / own_.per_payment_minor - line.intercept) / line.slope;
    std::size_t probe = !(root > 0) ? 0
                        : root > static_cast<double>(kMaxPriceMinor)
                            ? count
                            : prices_below(profile_.prices, profile_.index, static_cast<std::int64_t>(root));
    std::size_t low = 0;
    std::size_t high = count;
    for (std::size_t step = 1; low < high; step *= 2) {
        const std::size_t at = std::clamp(probe, low, high - 1);
        const Result<bool> above = is_above_current(plan, at);
        if (!above) {
            return tl::unexpected(above.error());
        }
        (*above ? high : low) = *above ? at : at + 1;
        probe = low > 0 && high < count ? low + (high - low) / 2
                : *above                ? at - std::min(at, step)
                                        : at + step;
    }
    return low;
}

void BestOffers::turn_to(std::size_t buyer) noexcept {
    heads_ = 0;
    own_ = figures_of(profile_.buyers[buyer], profile_.plans[0].terms.minor_digits);
}

/* The first heads of a plan whose pieces are known. */
Result<bool> BestOffers::begin_heads(std::int32_t plan) noexcept {
    const auto p = static_cast<std::size_t>(plan);
    if (room_.pieces[p].count == 0) {
        return true;
    }
    if (rank_ == RankBy::margin) {
        return begin_downward(plan, profile_.prices.size());
    }
    if (rank_ == RankBy::price) {
        return begin_upward(plan, 0);
    }
    room_.lines[p] = own_line(amounts_[p], Amount::monthly, own_);
    if (rank_ == RankBy::payment) {
        return begin_upward(plan, 0);
    }
    const Result<std::size_t> place = first_above_current(plan);
    if (!place) {
        return tl::unexpected(place.error());
    }
    const Result<bool> begun = begin_downward(plan, *place);
    if (!begun) {
        return begun;
    }
    return begin_upward(plan, *place);
}

Result<bool> BestOffers::begin(std::size_t buyer) noexcept {
    turn_to(buyer);
    if (!own_.buyer.current_payment.present) {
        return true;
    }
    const Searched searched{profile_.prices, profile_.index};
    RulePlaces places{};
    for (std::size_t p = 0; p < profile_.plan_count; ++p) {
        Pieces &pieces = room_.pieces[p];
        pieces.count = 0;
        const auto put = [&](std::int64_t tier, Stretch stretch) {
            if (tier != kNoTier && stretch.first < stretch.last) {
                pieces.at[pieces.count] = stretch;
                pieces.tier[pieces.count++] = static_cast<std::int32_t>(tier);
            }
        };
        /* Two results, not one that is assigned again: that would copy the 800 bytes of its error. */
        const Result<bool> cut = cut_stretches(searched, profile_.plans[p], own_, places, put);
        if (!cut) {
            return cut;
        }
        const Result<bool> begun = begin_heads(static_cast<std::int32_t>(p));
        if (!begun) {
            return begun;
        }
    }
    return true;
}

/* Moves a head to its next place; false when there is none. */
bool BestOffers::advance(Head &head) const noexcept {
    const Pieces &pieces = room_.pieces[static_cast<std::size_t>(head.plan)];
    const Stretch &stretch = pieces.at[head.piece];
    if (head.step > 0) {
        if (++head.at < stretch.last) {
            return true;
        }
        if (++head.piece == pieces.count) {
            return false;
        }
        head.at = pieces.at[head.piece].first;
        return true;
    }
    if (head.at > stretch.first) {
        --head.at;
        return true;
    }
    if (head.piece-- == 0) {
        return false;
    }
    head.at = pieces.at[head.piece].last - 1;
    return true;
}

Result<bool> BestOffers::next(Pick &pick) noexcept {
    if (heads_ == 0) {
        return false;
    }
    Head *best = room_.heads.data();
    for (std::int32_t i = 1; i < heads_; ++i) {
        Head *head = &room_.heads[static_cast<std::size_t>(i)];
        best = better(*head, *best) ? head : best;
    }
    pick = {best->plan, room_.pieces[static_cast<std::size_t>(best->plan)].tier[best->piece], best->at};
    if (!advance(*best)) {
        *best = room_.heads[static_cast<std::size_t>(--heads_)];
        return true;
    }
    return rank_head(*best);
}

} // namespace tradeup
