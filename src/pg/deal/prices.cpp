/*
 * Which prices a deal makes offers at, and which an amount allows.
 */
#include "pg/deal/deal.hpp"

#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

/* The prices of an SQL function's range: of every offer, or only of those with a tier. */
PriceRange price_range(FunctionCallInfo fcinfo) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    return PG_GETARG_BOOL(1) ? tiered_range(deal) : PriceRange{deal.lowest, deal.highest};
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(lowest_price);
PG_FUNCTION_INFO_V1(highest_price);
PG_FUNCTION_INFO_V1(price_for_payment_deal);
PG_FUNCTION_INFO_V1(price_for_amount_deal);
PG_FUNCTION_INFO_V1(windows);

Datum lowest_price(PG_FUNCTION_ARGS) {
    const PriceRange range = price_range(fcinfo);
    if (range.lowest > range.highest) {
        PG_RETURN_NULL();
    }
    return money(to_deal(PG_GETARG_DATUM(0)), range.lowest);
}

Datum highest_price(PG_FUNCTION_ARGS) {
    const PriceRange range = price_range(fcinfo);
    if (range.lowest > range.highest) {
        PG_RETURN_NULL();
    }
    return money(to_deal(PG_GETARG_DATUM(0)), range.highest);
}

Datum price_for_payment_deal(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int64_t price =
        value_of(price_for_payment(deal, to_minor(PG_GETARG_DATUM(1), deal.minor_digits, "payment", true)));
    if (price < 0) {
        PG_RETURN_NULL();
    }
    return money(deal, price);
}

/* price_for_amount(deal, amount, most): the dearest price whose amount is at most this one, or NULL. */
Datum price_for_amount_deal(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
    const Amount amount = value_of(parse_amount(name));
    if (amount == Amount::change && !deal.terms.current_payment.present) {
        PG_RETURN_NULL();
    }
    const int scale = amount == Amount::change ? kChangeScale : deal.minor_digits;
    const std::int64_t most = floor_units(to_decimal(PG_GETARG_DATUM(2), name), scale);
    const std::int64_t price = value_of(price_for_amount(deal, amount, most));
    if (price < 0) {
        PG_RETURN_NULL();
    }
    return money(deal, price);
}

Datum windows(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const RowSink rows = begin_rows(fcinfo);
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        const bool tiered = window.tier != kNoTier;
        Datum values[4] = {};
        bool nulls[4] = {!tiered, !tiered, false, false};
        if (tiered) {
            values[0] = CStringGetTextDatum(deal.terms.tiers[window.tier].name);
            values[1] = Int32GetDatum(static_cast<std::int32_t>(window.tier) + 1);
        }
        values[2] = money(deal, window.lowest);
        values[3] = money(deal, window.highest);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
