/*
 * Margins of offers that were counted and not listed: an amount of a plan, exactly, as a function of the
 * price and of the customer's own figures. What is here may throw, and belongs inside `guarded`.
 */
#pragma once

#include "core/portfolio/summary_parts.hpp"

#include "core/deal/formula.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* An affine amount of a plan: its slope, its intercept for a customer of whom nothing is known but that she
 * pays, and what a unit of each figure of hers adds. */
struct Spread {
    Ratio slope;
    Ratio intercept;
    Ratio per_equity;
    Ratio per_trade_value;
    Ratio per_bonus;
};

template <typename Amount>
Spread spread(const Terms &terms, Amount amount) {
    const auto of = [&](Decimal equity, Decimal trade_value, Decimal bonus) {
        const Terms own = for_customer(terms, {equity, {kUnitAmount, 1}, {}, {trade_value, 1}, {}, bonus});
        return amount(Formula<Ratio>(own));
    };
    const Affine<Ratio> plain = of({}, {}, {});
    const auto added = [&](const Affine<Ratio> &rich) { return reduced(rich.intercept - plain.intercept); };
    return {reduced(plain.slope), reduced(plain.intercept), added(of(kUnitAmount, {}, {})),
            added(of({}, kUnitAmount, {})), added(of({}, {}, kUnitAmount))};
}

/* The sum of an amount like the margin, which no trade value and no bonus moves, over offers, in minor units.
 * `Totals` has their number, the sum of their prices and of their equities. */
template <typename Totals>
Ratio sum_of_margins(const Spread &margin, const Totals &totals) {
    const Ratio equity{Integer(totals.equity_whole) * kPowersOfTen[kMaxScale] + Integer(totals.equity_part),
                       Integer(kPowersOfTen[kMaxScale])};
    return margin.slope * Ratio{Integer(totals.price_sum), 1} +
           margin.intercept * Ratio{Integer(totals.offers), 1} + margin.per_equity * equity;
}

} // namespace tradeup
