/*
 * What is asked of price lists: their sum and difference, counts and sums between two prices, the prices.
 */
#include "pg/portfolio/price_list.hpp"
#include "pg/portfolio/price_list_reader.hpp"

#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

/* What a list has within two bounds, either of which may be null: no bound. */
RunningTotal between(FunctionCallInfo fcinfo, const PriceListReader &list) {
    /* A lowest price between two minor units leaves out the lower one. */
    std::size_t first = 0;
    if (!PG_ARGISNULL(1)) {
        const std::int64_t lowest = to_minor(PG_GETARG_DATUM(1), list.minor_digits(), "lowest", true);
        const bool whole = DatumGetBool(
            DirectFunctionCall2(numeric_eq, to_numeric(lowest, list.minor_digits()), PG_GETARG_DATUM(1)));
        first = list.below(whole ? lowest : lowest + 1);
    }
    std::size_t last = list.runs();
    if (!PG_ARGISNULL(2)) {
        last = list.below(to_minor(PG_GETARG_DATUM(2), list.minor_digits(), "highest", true) + 1);
    }
    if (first >= last) {
        return running_total(0, 0);
    }
    const RunningTotal before = list.total(first);
    const RunningTotal up_to = list.total(last);
    return running_total(up_to.count - before.count, up_to.sum() - before.sum());
}

/* The prices of a list without those of another, whose decimals may be others. */
PriceList *without(const PriceList &list, const PriceList &other) {
    const PriceList &removed = with_digits(other, static_cast<std::int32_t>(list.minor_digits));
    if (removed.all().count > list.all().count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("price list does not have the prices that are to be removed"),
                        errdetail("It has %lld prices, of which %lld are to be removed.",
                                  static_cast<long long>(list.all().count),
                                  static_cast<long long>(removed.all().count)),
                        errhint("Make the list anew with the aggregate price_list.")));
    }
    PriceList *rest = new_price_list(uncancelled(runs_left(list, removed, stop_asked)), list.minor_digits);
    (void)uncancelled(remove_list(list, removed, *rest, stop_asked));
    return rest;
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
    PG_RETURN_POINTER(lists_together(to_price_list(PG_GETARG_DATUM(0)), to_price_list(PG_GETARG_DATUM(1))));
}

Datum price_list_remove(PG_FUNCTION_ARGS) {
    PG_RETURN_POINTER(without(to_price_list(PG_GETARG_DATUM(0)), to_price_list(PG_GETARG_DATUM(1))));
}

Datum price_count(PG_FUNCTION_ARGS) {
    const PriceListReader list(PG_GETARG_DATUM(0));
    PG_RETURN_INT64(list.total(list.runs()).count);
}

Datum price_sum(PG_FUNCTION_ARGS) {
    const PriceListReader list(PG_GETARG_DATUM(0));
    return wide_numeric(list.total(list.runs()).sum(), list.minor_digits());
}

Datum count_between(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const PriceListReader list(PG_GETARG_DATUM(0));
    PG_RETURN_INT64(between(fcinfo, list).count);
}

Datum sum_between(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const PriceListReader list(PG_GETARG_DATUM(0));
    return wide_numeric(between(fcinfo, list).sum(), list.minor_digits());
}

Datum prices(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    const RowSink rows = begin_values(fcinfo);
    for (std::size_t run = 0; run < static_cast<std::size_t>(list.runs); ++run) {
        Datum values[] = {to_numeric(list.prices()[run], static_cast<int>(list.minor_digits))};
        bool nulls[] = {false};
        for (std::int64_t left = list.count_at(run); left > 0; --left) {
            CHECK_FOR_INTERRUPTS();
            rows.put(values, nulls);
        }
        pfree(DatumGetPointer(values[0]));
    }
    return static_cast<Datum>(0);
}

} // extern "C"
