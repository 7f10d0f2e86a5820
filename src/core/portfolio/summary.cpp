/*
 * The compiled edges of a deal for any customer, and the counts between two of them.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Where planes are measured: the least and the largest equity and payment that a customer may have. */
constexpr Decimal kMuch = decimal(1'000'000'000'000);
constexpr Decimal kOne = decimal(1);

/*
 * What an evaluation of a plane may lose beside the errors of its coefficients: the two figures themselves
 * (3 roundings each), two products and two sums; doubled.
 */
constexpr double kEvaluation = 16 * kUnitRoundoff;

Terms for_customer(const Terms &terms, const Buyer &buyer) noexcept {
    Terms own = terms;
    own.equity = buyer.equity;
    own.current_payment = buyer.current_payment;
    own.current_price = buyer.current_price;
    return own;
}

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
        : origin(for_customer(terms, {{}, {kOne, 1}, {{}, 1}})),
          rich(for_customer(terms, {kMuch, {kOne, 1}, {{}, 1}})),
          paying(for_customer(terms, {{}, {kMuch, 1}, {{}, 1}})),
          dear(for_customer(terms, {{}, {kOne, 1}, {kMuch, 1}})), at_origin(origin), at_rich(rich),
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

bool same_bits(const Plane &a, const Plane &b) noexcept {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

/* Whether the root of a line can be computed in doubles. */
bool certainly_crosses(const Affine<Bounded> &line) noexcept {
    return std::fabs(line.slope.value) > line.slope.error * kBoundSlack;
}

Bounded root(const Affine<Bounded> &line) noexcept {
    return -line.intercept / line.slope;
}

/* Whether two deals differ in rate and term at most. */
bool same_but_for_the_loan(const Terms &a, const Terms &b) noexcept {
    Terms other = b;
    other.annual_rate = a.annual_rate;
    other.term = a.term;
    return std::memcmp(&a, &other, sizeof a) == 0;
}

/*
 * A rule for all customers: fixed in the plan when it does not depend on them, or else an edge. Errors: those
 * of rule_cut.
 */
Result<bool> plan_rule(const Corners &corners, Rule rule, const PriceList &list, const DealPlan *before,
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
        const std::size_t place = prices_below(list, cut->price);
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
    edge.shared = last != nullptr && !needs_payment && last->kind == edge.kind &&
                  same_bits(last->plane, edge.plane) && same_but_for_the_loan(before->terms, plan.terms);
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

/* Calls `put(tier, stretch)` for the stretches of the windows of a deal that is built for the customer. */
template <typename Put>
Result<bool> cut_exactly(const PriceList &list, const DealPlan &plan, const Buyer &buyer, Put put) noexcept {
    Deal deal;
    const Result<bool> done = build_deal(for_customer(plan.terms, buyer), deal);
    for (std::int64_t i = 0; done && i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        put(window.tier, prices_between(list, window.lowest, window.highest));
    }
    return done;
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

/* Sum2 of T. Ogita, S. M. Rump and S. Oishi, Accurate Sum and Dot Product, SIAM J. Sci. Comput. 26 (2005). */
void add(CarefulSum &to, double value, double error) noexcept {
    const double sum = to.sum + value;
    const double part = sum - to.sum;
    to.lost += (to.sum - (sum - part)) + (value - part);
    to.sum = sum;
    to.error += error;
    to.magnitude += std::fabs(value);
    ++to.terms;
}

/* The sum with its error: that of its terms, of the last addition, and the square of n u (eq. 4.4 there). */
Bounded value_of_sum(const CarefulSum &sum) noexcept {
    const double value = sum.sum + sum.lost;
    const double all = kUnitRoundoff * static_cast<double>(sum.terms + 1);
    return {value,
            (sum.error + kUnitRoundoff * std::fabs(value) + 2 * all * all * sum.magnitude) * (1 + 4 * all)};
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

Result<bool> plan_deal(const Terms &terms, const PriceList &list, const DealPlan *before,
                       DealPlan &plan) noexcept {
    const Result<bool> checked = check_terms(terms);
    if (!checked) {
        return checked;
    }
    plan = DealPlan{};
    plan.terms = for_customer(terms, {});
    plan.fixed = {prices_below(list, 1), static_cast<std::size_t>(list.count)};
    const Corners corners(terms);
    for (std::int32_t i = 0; i < kRules; ++i) {
        const Result<bool> done = plan_rule(corners, static_cast<Rule>(i), list, before, plan);
        if (!done) {
            return done;
        }
    }
    plan_payment(corners, plan);
    return true;
}

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

namespace {

using Real =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float<100>, boost::multiprecision::et_off>;

Real real(const Ratio &value) {
    return Real(value.numerator) / Real(value.denominator);
}

Real real(Decimal value) {
    return Real(value.coefficient) / Real(kPowersOfTen[static_cast<std::size_t>(value.scale)]);
}

/* Terms of a customer who pays something, with this equity. */
Terms with_equity(const Terms &terms, Decimal equity) noexcept {
    return for_customer(terms, {equity, {kOne, 1}, {}});
}

/* An affine amount of a plan: its slope, its intercept without equity, and what a unit of equity adds. */
struct Spread {
    Ratio slope;
    Ratio intercept;
    Ratio per_equity;
};

template <typename Amount>
Spread spread(const Terms &terms, Amount amount) {
    const Terms without = with_equity(terms, {});
    const Terms with = with_equity(terms, kOne);
    const Affine<Ratio> plain = amount(Formula<Ratio>(without));
    const Affine<Ratio> rich = amount(Formula<Ratio>(with));
    return {reduced(plain.slope), reduced(plain.intercept), reduced(rich.intercept - plain.intercept)};
}

Integer integer(Int128 value) {
    return Integer(value);
}

/* The margins of a plan's offers in one tier, in minor units. */
Ratio margins(const Spread &margin, const PlanTotals &totals) {
    const Ratio equity{integer(totals.equity_whole) * kPowersOfTen[kMaxScale] + integer(totals.equity_part),
                       Integer(kPowersOfTen[kMaxScale])};
    return margin.slope * Ratio{integer(totals.price_sum), 1} +
           margin.intercept * Ratio{integer(totals.offers), 1} + margin.per_equity * equity;
}

/* Calls `visit(profile, plan, totals)` for the totals of each plan that counts something into the slot. */
template <typename Visit>
void for_totals(std::span<const Profile> profiles, std::int32_t slot, Visit visit) {
    for (const Profile &profile : profiles) {
        for (std::size_t p = 0; p < profile.plan_count; ++p) {
            for (std::size_t t = 0; t <= kMaxTiers; ++t) {
                const PlanTotals &totals = profile.totals[p * (kMaxTiers + 1) + t];
                if (profile.plans[p].slots[t] == slot && totals.offers > 0) {
                    visit(profile, profile.plans[p], totals);
                }
            }
        }
    }
}

/* The margins of a slot, exactly. Plans that differ in rate and term have the same margins. */
Ratio exact_margin(std::span<const Profile> profiles, std::int32_t slot, std::int32_t digits) {
    Ratio total{};
    const DealPlan *known = nullptr;
    Spread margin{};
    for_totals(profiles, slot, [&](const Profile &, const DealPlan &plan, const PlanTotals &totals) {
        if (known == nullptr || !same_but_for_the_loan(known->terms, plan.terms)) {
            margin = spread(plan.terms, [](const Formula<Ratio> &formula) { return formula.margin(); });
            known = &plan;
        }
        const auto shift = static_cast<std::size_t>(digits - plan.terms.minor_digits);
        total = reduced(total + margins(margin, totals) * Ratio{Integer(kPowersOfTen[shift]), 1});
    });
    return total;
}

/* The sum of the payment changes of a slot in 100 digits: every customer is cut again. */
Result<Real> change_in_100_digits(std::span<const Profile> profiles, std::int32_t slot, StopAsked stop) {
    Real total = 0;
    for (const Profile &profile : profiles) {
        const auto cut = [&](const DealPlan &plan, const Real(&payment)[3]) -> Result<bool> {
            for (std::size_t b = 0; b < profile.buyer_count; ++b) {
                const Buyer &buyer = profile.buyers[b];
                if (!buyer.current_payment.present) {
                    continue;
                }
                Int128 price_sum = 0;
                std::int64_t offers = 0;
                const Result<bool> done =
                    cut_exactly(*profile.list, plan, buyer, [&](std::int64_t tier, Stretch stretch) {
                        if (plan.slots[tier == kNoTier ? kMaxTiers : tier] == slot) {
                            offers += count_of(stretch);
                            price_sum += sum_of(*profile.list, stretch);
                        }
                    });
                if (!done) {
                    return done;
                }
                if (b % 256 == 0 && stop()) {
                    return tl::unexpected(stopped());
                }
                const Real unit(kPowersOfTen[static_cast<std::size_t>(plan.terms.minor_digits)]);
                const Real payments = payment[0] * Real(integer(price_sum)) +
                                      (payment[1] + payment[2] * real(buyer.equity)) * Real(offers);
                total += payments / (real(buyer.current_payment.value) * unit) - Real(offers);
            }
            return true;
        };
        for (std::size_t p = 0; p < profile.plan_count; ++p) {
            const DealPlan &plan = profile.plans[p];
            const Spread exact =
                spread(plan.terms, [](const Formula<Ratio> &formula) { return formula.payment(); });
            const Real payment[3] = {real(exact.slope), real(exact.intercept), real(exact.per_equity)};
            const Result<bool> done = cut(plan, payment);
            if (!done) {
                return tl::unexpected(done.error());
            }
        }
    }
    return total;
}

/* A number rounded half up to a whole one; what is as good as a half counts as a half. */
Integer half_up(const Real &value) {
    const Real shifted = abs(value) + Real("0.5") + Real("1e-40");
    const auto rounded = static_cast<Integer>(floor(shifted));
    return value < 0 ? Integer(-rounded) : rounded;
}

} // namespace

Result<SlotSummary> summarize(std::span<const Profile> profiles, std::int32_t slot, StopAsked stop) noexcept {
    SlotSummary summary{};
    CarefulSum change{};
    for_totals(profiles, slot, [&](const Profile &, const DealPlan &plan, const PlanTotals &totals) {
        summary.offers += totals.offers;
        summary.changes += totals.changes;
        summary.margin_digits = std::max(summary.margin_digits, plan.terms.minor_digits);
        const Bounded sum = value_of_sum(totals.change);
        add(change, sum.value, sum.error);
    });
    bool certain = true;
    if (summary.changes > 0) {
        Bounded mean = value_of_sum(change) * whole(1e6) / whole(static_cast<double>(summary.changes));
        mean.error *= kBoundSlack;
        certain = round_without_doubt(mean, Rounding::half_up, summary.mean_change);
    }
    return guarded([&]() -> Result<SlotSummary> {
        if (!certain) {
            const Result<Real> sum = change_in_100_digits(profiles, slot, stop);
            if (!sum) {
                return tl::unexpected(sum.error());
            }
            const Result<std::int64_t> mean =
                narrowed(half_up(*sum * Real(1'000'000) / Real(summary.changes)));
            /* One who pays next to nothing now must not take the counts from everybody. */
            summary.changes = mean ? summary.changes : 0;
            summary.mean_change = mean ? *mean : 0;
        }
        const Ratio total = exact_margin(profiles, slot, summary.margin_digits);
        const Result<std::int64_t> margin =
            narrowed(round_ratio(total.numerator, total.denominator, Rounding::half_up));
        if (!margin) {
            return tl::unexpected(margin.error());
        }
        summary.margin = *margin;
        return summary;
    });
}

} // namespace tradeup
