/*
 * Prices of bundles, from arrays with an element for each line.
 */
#include "core/bundles/price.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

using namespace tradeup;

namespace {

/* The elements of an argument that must be an array without nulls. */
Elements lines_argument(FunctionCallInfo fcinfo, int argument, const char *what) {
    if (PG_ARGISNULL(argument)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
    }
    return elements_of(PointerGetDatum(plain_array(PG_GETARG_DATUM(argument), what)));
}

void require_as_many(const Elements &some, const Elements &prices, const char *what) {
    if (some.count != prices.count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("%s and prices must have the same length", what),
                        errdetail("There are %d, and %d prices.", some.count, prices.count)));
    }
}

PercentUnits percent_of(Datum numeric) {
    const Decimal percent = to_decimal(numeric, "percent");
    const std::int64_t units = floor_units(percent, kPercentDigits);
    if (compare(percent, decimal(0)) < 0 || compare(percent, decimal(100)) > 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("percent must be between 0 and 100"),
                        errdetail("It is %s.", to_text(percent).text)));
    }
    if (compare(percent, decimal(units, kPercentDigits)) != 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("percent has more than %d decimals", kPercentDigits),
                        errdetail("It is %s.", to_text(percent).text)));
    }
    return units;
}

std::int64_t quantity_of(Datum datum) {
    constexpr std::int32_t kMost = 1'000'000;
    const std::int32_t quantity = DatumGetInt32(datum);
    if (quantity < 1 || quantity > kMost) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("quantity must be between 1 and %d", static_cast<int>(kMost)),
                        errdetail("It is %d.", static_cast<int>(quantity))));
    }
    return quantity;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(bundle_price);
PG_FUNCTION_INFO_V1(objectives);

/* bundle_price(prices, quantities, percents, objective, minor_digits) */
Datum bundle_price(PG_FUNCTION_ARGS) {
    const Elements prices = lines_argument(fcinfo, 0, "prices");
    const Elements quantities = lines_argument(fcinfo, 1, "quantities");
    const Elements percents = lines_argument(fcinfo, 2, "percents");
    require_as_many(quantities, prices, "quantities");
    require_as_many(percents, prices, "percents");
    Objective objective{};
    if (!PG_ARGISNULL(3)) {
        objective = value_of(objective_named(view_of(PG_GETARG_DATUM(3))));
    }
    const std::int32_t digits = PG_ARGISNULL(4) ? 2 : PG_GETARG_INT32(4);
    if (digits < 0 || digits > 4) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("minor digits must be between 0 and 4"),
                 errdetail("They are %d.", static_cast<int>(digits))));
    }
    const auto count = static_cast<std::size_t>(prices.count);
    auto *lines = static_cast<BundleLine *>(palloc0(sizeof(BundleLine) * (count + 1)));
    for (std::size_t i = 0; i < count && i < kMostLines; ++i) {
        lines[i] = {to_minor(prices.values[i], digits, "price"), quantity_of(quantities.values[i]),
                    percent_of(percents.values[i])};
    }
    std::int64_t discounts[kMostLines];
    const BundlePrice price = value_of(
        tradeup::bundle_price({lines, count}, PG_ARGISNULL(3) ? nullptr : &objective, digits, discounts));
    Datum shares[kMostLines];
    for (std::size_t i = 0; i < count; ++i) {
        shares[i] = to_numeric(discounts[i], digits);
    }
    Datum values[] = {to_numeric(price.total_minor, digits), to_numeric(price.price_minor, digits),
                      PointerGetDatum(construct_array(shares, static_cast<int>(count), NUMERICOID, -1, false,
                                                      TYPALIGN_INT))};
    return one_row(fcinfo, values);
}

/* objectives(): the bounds of percents of each. */
Datum objectives(PG_FUNCTION_ARGS) {
    const RowSink rows = begin_rows(fcinfo);
    for (const Objective &objective : kObjectives) {
        Datum values[] = {CStringGetTextDatum(objective.name), to_numeric(objective.lowest_percent, 0),
                          to_numeric(objective.highest_percent, 0)};
        bool nulls[3] = {};
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
