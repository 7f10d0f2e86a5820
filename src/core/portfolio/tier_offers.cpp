/*
 * The offers of one deal over a price list, counted and added up by tier.
 */
#include "core/portfolio/price_list.hpp"

#include "core/deal/formula.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* slope * sum + intercept * count, the sum of an affine function over prices. */
Bounded summed(const Line &line, const TierOffers &tier) noexcept {
    const Bounded sum{static_cast<double>(tier.price_sum),
                      kUnitRoundoff * static_cast<double>(tier.price_sum)};
    const Bounded count = whole(static_cast<double>(tier.offers));
    return Bounded{line.slope, line.slope_error} * sum +
           Bounded{line.intercept, line.intercept_error} * count;
}

Ratio summed(const Affine<Ratio> &line, const TierOffers &tier) {
    return line.slope * Ratio{Integer(tier.price_sum), 1} + line.intercept * Ratio{tier.offers, 1};
}

/* Rounds in doubles where they leave no doubt, or else in fractions. */
template <typename Exact>
Result<std::int64_t> rounded(Bounded value, Rounding rounding, Exact exact) noexcept {
    value.error *= kBoundSlack;
    std::int64_t whole = 0;
    if (round_without_doubt(value, rounding, whole)) [[likely]] {
        return whole;
    }
    return guarded([&]() -> Result<std::int64_t> {
        const Ratio ratio = exact();
        return narrowed(round_ratio(ratio.numerator, ratio.denominator, rounding));
    });
}

} // namespace

Result<std::int32_t> count_offers(const Deal &deal, const PriceList &list,
                                  TierOffers (&tiers)[kMaxTiers + 1]) noexcept {
    const Terms &terms = deal.terms;
    const std::int32_t records = terms.tier_count + 1;
    for (std::int32_t i = 0; i < records; ++i) {
        tiers[i] = {i < terms.tier_count ? i : kNoTier, 0, 0, 0, 0};
    }
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        const Stretch stretch = prices_between(prices_of(list), window.lowest, window.highest);
        TierOffers &tier = tiers[window.tier == kNoTier ? terms.tier_count : window.tier];
        tier.offers += count_of(list, stretch);
        tier.price_sum += sum_of(list, stretch);
    }
    for (std::int32_t i = 0; i < records; ++i) {
        TierOffers &tier = tiers[i];
        if (tier.offers == 0) {
            continue;
        }
        const auto line = [&](Amount amount) { return deal.lines[static_cast<std::size_t>(amount)]; };
        const Result<std::int64_t> margin = rounded(summed(line(Amount::margin), tier), terms.rounding, [&] {
            return summed(Formula<Ratio>(terms).margin(), tier);
        });
        if (!margin) {
            return tl::unexpected(margin.error());
        }
        tier.margin = *margin;
        if (!terms.current_payment.present) {
            continue;
        }
        const Bounded mean = summed(line(Amount::change), tier) / whole(static_cast<double>(tier.offers));
        const Result<std::int64_t> change = rounded(mean, Rounding::half_up, [&] {
            const Formula<Ratio> formula(terms);
            return ratio(decimal(kPowersOfTen[kChangeScale])) *
                   summed(formula.change_of(formula.payment()), tier) / Ratio{tier.offers, 1};
        });
        if (!change) {
            return tl::unexpected(change.error());
        }
        tier.mean_change = *change;
    }
    return records;
}

} // namespace tradeup
