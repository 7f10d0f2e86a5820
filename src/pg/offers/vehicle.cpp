/*
 * The price of a vehicle in minor units of its currency, for the columns that are generated from it.
 */
#include <algorithm>

#include "core/number/currency.hpp"
#include "core/number/line.hpp"

#include "pg/glue/numeric.hpp"

extern "C" {
#include "utils/builtins.h"
}

using namespace tradeup;

namespace {

/* The decimals of the currency that an argument names; kUnknownCurrency for a code that is not in use. */
std::int32_t digits_argument(FunctionCallInfo fcinfo, int argument) {
    const text *code = PG_GETARG_TEXT_PP(argument);
    return currency_digits({VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code)});
}

std::int32_t minor_digits_argument(std::int32_t digits) {
    if (digits < 0 || digits > 4) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("minor digits must be between 0 and 4"),
                 errdetail("Minor digits is %d.", static_cast<int>(digits))));
    }
    return digits;
}

/* A price in minor units, kNoMinor for none, and the decimals of its currency. */
struct Price {
    std::int64_t minor;
    std::int32_t digits;
};

/*
 * The price that price_minor(regular_price, promotion_price, rebate, currency) asks for: the lower one less
 * the rebate; none when something is missing, unknown or no whole number of minor units.
 */
Price effective(FunctionCallInfo fcinfo) {
    const std::int32_t digits =
        PG_ARGISNULL(0) || PG_ARGISNULL(3) ? kUnknownCurrency : digits_argument(fcinfo, 3);
    if (digits == kUnknownCurrency) {
        return {kNoMinor, 0};
    }
    const std::int64_t regular = minor_or_none(PG_GETARG_DATUM(0), digits);
    const std::int64_t promotion = PG_ARGISNULL(1) ? regular : minor_or_none(PG_GETARG_DATUM(1), digits);
    const std::int64_t rebate = PG_ARGISNULL(2) ? 0 : minor_or_none(PG_GETARG_DATUM(2), digits);
    if (regular == kNoMinor || promotion == kNoMinor || rebate == kNoMinor) {
        return {kNoMinor, 0};
    }
    return {std::max<std::int64_t>(std::min(regular, promotion) - rebate, 0), digits};
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(currency_digits_of);
PG_FUNCTION_INFO_V1(price_minor);
PG_FUNCTION_INFO_V1(effective_price);
PG_FUNCTION_INFO_V1(minor_at_least_digits);
PG_FUNCTION_INFO_V1(minor_at_most_digits);

Datum currency_digits_of(PG_FUNCTION_ARGS) {
    const std::int32_t digits = digits_argument(fcinfo, 0);
    if (digits == kUnknownCurrency) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT32(digits);
}

Datum price_minor(PG_FUNCTION_ARGS) {
    const Price price = effective(fcinfo);
    if (price.minor == kNoMinor) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT64(price.minor);
}

Datum effective_price(PG_FUNCTION_ARGS) {
    const Price price = effective(fcinfo);
    if (price.minor == kNoMinor) {
        PG_RETURN_NULL();
    }
    return to_numeric(price.minor, price.digits);
}

/* minor_at_least(minor_digits, price), minor_at_most(minor_digits, price): a bound of prices in minor units.
 */
Datum minor_at_least_digits(PG_FUNCTION_ARGS) {
    PG_RETURN_INT64(minor_bound(PG_GETARG_DATUM(1), minor_digits_argument(PG_GETARG_INT32(0)), true));
}

Datum minor_at_most_digits(PG_FUNCTION_ARGS) {
    PG_RETURN_INT64(minor_bound(PG_GETARG_DATUM(1), minor_digits_argument(PG_GETARG_INT32(0)), false));
}

} // extern "C"
