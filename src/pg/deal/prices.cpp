/*
 * Which prices a deal makes offers at, and which an amount allows.
 */
#include "pg/deal/deal.hpp"

#include <algorithm>
#include <optional>

#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

/* The prices of an SQL function's range: of every offer, or only of those with a tier. */
PriceRange price_range(FunctionCallInfo fcinfo) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    return PG_GETARG_BOOL(1) ? tiered_range(deal) : PriceRange{deal.lowest, deal.highest};
}

/* The tier and the rank of a window, the first two columns of a row; null where it has no tier. */
void set_tier(const Deal &deal, const Window &window, Datum *values, bool *nulls) {
    const bool tiered = window.tier != kNoTier;
    nulls[0] = !tiered;
    nulls[1] = !tiered;
    if (tiered) {
        values[0] = CStringGetTextDatum(deal.terms.tiers[window.tier].name);
        values[1] = Int32GetDatum(static_cast<std::int32_t>(window.tier) + 1);
    }
}

/*
 * The dearest price of price_for_amount(deal, amount, most), negative when there is none; nothing for a
 * payment change without a current payment.
 */
std::optional<std::int64_t> dearest(FunctionCallInfo fcinfo) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
    const Amount amount = value_of(parse_amount(name));
    if (amount == Amount::change && !deal.terms.current_payment.present) {
        return std::nullopt;
    }
    const int scale = amount == Amount::change ? kChangeScale : deal.minor_digits;
    const std::int64_t most = floor_units(to_decimal(PG_GETARG_DATUM(2), name), scale);
    return value_of(price_for_amount(deal, amount, most));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(lowest_price);
PG_FUNCTION_INFO_V1(highest_price);
PG_FUNCTION_INFO_V1(price_for_payment_deal);
PG_FUNCTION_INFO_V1(price_for_amount_deal);
PG_FUNCTION_INFO_V1(windows);
PG_FUNCTION_INFO_V1(windows_within);
PG_FUNCTION_INFO_V1(dearest_minor);
PG_FUNCTION_INFO_V1(lowest_minor);
PG_FUNCTION_INFO_V1(highest_minor);
PG_FUNCTION_INFO_V1(minor_at_least);
PG_FUNCTION_INFO_V1(minor_at_most);

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
    const std::optional<std::int64_t> price = dearest(fcinfo);
    if (!price || *price < 0) {
        PG_RETURN_NULL();
    }
    return money(to_deal(PG_GETARG_DATUM(0)), *price);
}

/* The same in minor units, and -1 for none. */
Datum dearest_minor(PG_FUNCTION_ARGS) {
    const std::optional<std::int64_t> price = dearest(fcinfo);
    if (!price) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT64(*price < 0 ? kNoMinor : *price);
}

Datum windows(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const RowSink rows = begin_rows(fcinfo);
    const std::int64_t unit = kPowersOfTen[static_cast<std::size_t>(deal.minor_digits)];
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const auto [lowest, highest, tier] = deal.windows[i];
        Datum values[8] = {};
        bool nulls[8] = {};
        set_tier(deal, deal.windows[i], values, nulls);
        values[2] = money(deal, lowest);
        values[3] = money(deal, highest);
        values[4] = Int64GetDatum(lowest);
        values[5] = Int64GetDatum(highest);
        values[6] = Int64GetDatum((lowest + unit - 1) / unit);
        values[7] = Int64GetDatum(highest / unit);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

/* windows_within(deal, price_from, price_to, deal_currency): the windows between two prices. */
Datum windows_within(PG_FUNCTION_ARGS) {
    const RowSink rows = begin_rows(fcinfo);
    if (PG_ARGISNULL(0)) {
        return static_cast<Datum>(0);
    }
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int64_t from = PG_ARGISNULL(1) ? 0 : minor_bound(PG_GETARG_DATUM(1), deal.minor_digits, true);
    const std::int64_t to =
        PG_ARGISNULL(2) ? kMaxPriceMinor : minor_bound(PG_GETARG_DATUM(2), deal.minor_digits, false);
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const std::int64_t lowest = std::max(deal.windows[i].lowest, from);
        const std::int64_t highest = std::min(deal.windows[i].highest, to);
        if (lowest > highest) {
            continue;
        }
        Datum values[5] = {};
        bool nulls[5] = {};
        set_tier(deal, deal.windows[i], values, nulls);
        values[2] = Int64GetDatum(lowest);
        values[3] = Int64GetDatum(highest);
        values[4] = PG_ARGISNULL(3) ? Datum{0} : PG_GETARG_DATUM(3);
        nulls[4] = PG_ARGISNULL(3);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

Datum lowest_minor(PG_FUNCTION_ARGS) {
    const PriceRange range = price_range(fcinfo);
    if (range.lowest > range.highest) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT64(range.lowest);
}

Datum highest_minor(PG_FUNCTION_ARGS) {
    const PriceRange range = price_range(fcinfo);
    if (range.lowest > range.highest) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT64(range.highest);
}

/* minor_at_least(deal, price), minor_at_most(deal, price): a bound of prices in the deal's minor units. */
Datum minor_at_least(PG_FUNCTION_ARGS) {
    PG_RETURN_INT64(minor_bound(PG_GETARG_DATUM(1), to_deal(PG_GETARG_DATUM(0)).minor_digits, true));
}

Datum minor_at_most(PG_FUNCTION_ARGS) {
    PG_RETURN_INT64(minor_bound(PG_GETARG_DATUM(1), to_deal(PG_GETARG_DATUM(0)).minor_digits, false));
}

} // extern "C"
