/*
 * How many offers a deal makes over a price list, by tier.
 */
#include "pg/portfolio/price_list.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(offer_counts);

/* offer_counts(prices, deal): tier, rank, offers, price_sum, mean_change, margin; the last row is no tier's.
 */
Datum offer_counts(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(1));
    const PriceList &list = with_digits(to_price_list(PG_GETARG_DATUM(0)), deal.minor_digits);
    TierOffers tiers[kMaxTiers + 1];
    const std::int32_t count = value_of(count_offers(deal, list, tiers));
    const RowSink rows = begin_rows(fcinfo);
    for (std::int32_t i = 0; i < count; ++i) {
        const TierOffers &found = tiers[i];
        const bool tiered = found.tier != kNoTier;
        Datum values[6] = {};
        bool nulls[6] = {!tiered, !tiered, false, false, true, false};
        if (tiered) {
            values[0] = CStringGetTextDatum(deal.terms.tiers[found.tier].name);
            values[1] = Int32GetDatum(static_cast<std::int32_t>(found.tier) + 1);
        }
        values[2] = Int64GetDatum(found.offers);
        values[3] = wide_numeric(found.price_sum, deal.minor_digits);
        if (found.offers > 0 && deal.terms.current_payment.present) {
            values[4] = to_numeric(found.mean_change, kChangeScale);
            nulls[4] = false;
        }
        values[5] = to_numeric(found.margin, deal.minor_digits);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
