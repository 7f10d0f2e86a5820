/*
 * Offers of many customers, counted between the places of edges in a sorted list.
 */
#include "core/portfolio/summary.hpp"

#include <cmath>

#include "core/portfolio/stretches.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Adds the offers of a stretch to the totals of its tier. */
void add_offers(const PriceList &list, const DealPlan &plan, const Figures &own, Stretch stretch,
                PlanTotals &to) noexcept {
    const std::int64_t offers = count_of(list, stretch);
    const Int128 price_sum = sum_of(list, stretch);
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
    const Bounded intercept = value_at(plan.payment, own);
    /* The errors of the coefficients were widened by what these operations lose. */
    const double payments = (plan.payment_slope * sum + intercept.value * count) * own.per_payment_minor;
    const double error = (plan.payment_slope_error * sum + intercept.error * count) * own.per_payment_minor +
                         kEvaluation * (std::fabs(payments) + count);
    add(to.change, payments - count, error * (1 + kEvaluation));
}

} // namespace

Result<bool> count_customers(const Profile &profile, std::span<Slot> slots, std::int64_t counted,
                             StopAsked stop) noexcept {
    constexpr std::size_t kAskEvery = 1024;
    const Searched searched{profile.prices, profile.index};
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
