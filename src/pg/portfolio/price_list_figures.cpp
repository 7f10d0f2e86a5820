/*
 * What is asked of price lists: their sum and difference, counts and sums between two prices, the prices.
 */
#include "pg/portfolio/price_list.hpp"

#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "utils/memutils.h"
}

using namespace tradeup;

namespace {

/* The prices of a list within two bounds, either of which may be null: no bound. */
Stretch stretch_argument(FunctionCallInfo fcinfo, const PriceList &list) {
    const auto digits = static_cast<std::int32_t>(list.minor_digits);
    /* A lowest price between two minor units leaves out the lower one. */
    std::size_t first = 0;
    if (!PG_ARGISNULL(1)) {
        const std::int64_t lowest = to_minor(PG_GETARG_DATUM(1), digits, "lowest", true);
        const bool whole =
            DatumGetBool(DirectFunctionCall2(numeric_eq, to_numeric(lowest, digits), PG_GETARG_DATUM(1)));
        first = prices_below(list, whole ? lowest : lowest + 1);
    }
    std::size_t last = static_cast<std::size_t>(list.count);
    if (!PG_ARGISNULL(2)) {
        last = prices_below(list, to_minor(PG_GETARG_DATUM(2), digits, "highest", true) + 1);
    }
    return {first, Max(first, last)};
}

/* The list of an operator's second argument in the decimals of the first. */
const PriceList &second_list(FunctionCallInfo fcinfo, const PriceList &first) {
    return with_digits(to_price_list(PG_GETARG_DATUM(1)), static_cast<std::int32_t>(first.minor_digits));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(price_list_add);
PG_FUNCTION_INFO_V1(price_list_remove);
PG_FUNCTION_INFO_V1(price_count);
PG_FUNCTION_INFO_V1(price_sum);
PG_FUNCTION_INFO_V1(count_between);
PG_FUNCTION_INFO_V1(sum_between);
PG_FUNCTION_INFO_V1(prices);

Datum price_list_add(PG_FUNCTION_ARGS) {
    const PriceList &a = to_price_list(PG_GETARG_DATUM(0));
    const PriceList &b = second_list(fcinfo, a);
    PriceList *both = new_price_list(static_cast<std::size_t>(a.count + b.count), a.minor_digits);
    (void)uncancelled(merge_lists(a, b, *both, stop_asked));
    PG_RETURN_POINTER(both);
}

Datum price_list_remove(PG_FUNCTION_ARGS) {
    const PriceList &a = to_price_list(PG_GETARG_DATUM(0));
    const PriceList &b = second_list(fcinfo, a);
    if (b.count > a.count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("price list does not have the prices that are to be removed"),
                        errdetail("It has %lld prices, of which %lld are to be removed.",
                                  static_cast<long long>(a.count), static_cast<long long>(b.count)),
                        errhint("Make the list anew with the aggregate price_list.")));
    }
    PriceList *rest = new_price_list(static_cast<std::size_t>(a.count - b.count), a.minor_digits);
    (void)uncancelled(remove_list(a, b, *rest, stop_asked));
    PG_RETURN_POINTER(rest);
}

Datum price_count(PG_FUNCTION_ARGS) {
    PG_RETURN_INT64(to_price_list(PG_GETARG_DATUM(0)).count);
}

Datum price_sum(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    return to_numeric(list.sums()[list.count], static_cast<int>(list.minor_digits));
}

Datum count_between(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    PG_RETURN_INT64(count_of(stretch_argument(fcinfo, list)));
}

Datum sum_between(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    return to_numeric(sum_of(list, stretch_argument(fcinfo, list)), static_cast<int>(list.minor_digits));
}

Datum prices(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    const RowSink rows = begin_values(fcinfo);
    const MemoryContext one = AllocSetContextCreate(CurrentMemoryContext, "price", ALLOCSET_SMALL_SIZES);
    for (std::int64_t i = 0; i < list.count; ++i) {
        CHECK_FOR_INTERRUPTS();
        const MemoryContext before = MemoryContextSwitchTo(one);
        Datum values[] = {to_numeric(list.prices()[i], static_cast<int>(list.minor_digits))};
        bool nulls[] = {false};
        MemoryContextSwitchTo(before);
        rows.put(values, nulls);
        MemoryContextReset(one);
    }
    MemoryContextDelete(one);
    return static_cast<Datum>(0);
}

} // extern "C"
