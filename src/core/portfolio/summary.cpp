/*
 * What was counted, added up: margins in fractions, and mean changes in 100 digits where doubles leave a
 * doubt.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/portfolio/margins.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

using Real =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float<100>, boost::multiprecision::et_off>;

Real real(const Ratio &value) {
    return Real(value.numerator) / Real(value.denominator);
}

Real real(Decimal value) {
    return Real(value.coefficient) / Real(kPowersOfTen[static_cast<std::size_t>(value.scale)]);
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
        total = reduced(total + sum_of_margins(margin, totals) * Ratio{Integer(kPowersOfTen[shift]), 1});
    });
    return total;
}

/* The sum of the payment changes of a slot in 100 digits: every customer is cut again. */
Result<Real> change_in_100_digits(std::span<const Profile> profiles, std::int32_t slot, StopAsked stop) {
    Real total = 0;
    for (const Profile &profile : profiles) {
        const auto cut = [&](const DealPlan &plan, const Real(&payment)[5]) -> Result<bool> {
            for (std::size_t b = 0; b < profile.buyer_count; ++b) {
                const Buyer &buyer = profile.buyers[b];
                if (!buyer.current_payment.present) {
                    continue;
                }
                Int128 price_sum = 0;
                std::int64_t offers = 0;
                const Result<bool> done =
                    cut_exactly(profile.prices, plan, buyer, [&](std::int64_t tier, Stretch stretch) {
                        if (plan.slots[tier == kNoTier ? kMaxTiers : tier] == slot) {
                            offers += count_of(*profile.list, stretch);
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
                const Real each = payment[1] + payment[2] * real(buyer.equity) +
                                  payment[3] * real(buyer.trade_value.value) + payment[4] * real(buyer.bonus);
                const Real payments = payment[0] * Real(Integer(price_sum)) + each * Real(offers);
                total += payments / (real(buyer.current_payment.value) * unit) - Real(offers);
            }
            return true;
        };
        for (std::size_t p = 0; p < profile.plan_count; ++p) {
            const DealPlan &plan = profile.plans[p];
            const Spread exact = spread(plan.terms, [](const Formula<Ratio> &formula) {
                return formula.per_month(formula.payment());
            });
            const Real payment[5] = {real(exact.slope), real(exact.intercept), real(exact.per_equity),
                                     real(exact.per_trade_value), real(exact.per_bonus)};
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
