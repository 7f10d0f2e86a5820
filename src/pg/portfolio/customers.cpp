/*
 * The aggregate customer_arrays: the figures of customers as arrays, all of them gathered by one step a row.
 */
#include "pg/glue/aggregate.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

using namespace tradeup;

namespace {

/* The columns in their order: customer_id, equity, current_payment, current_price, trade_value, bonus,
 * income. */
constexpr int kColumns = 7;
constexpr Oid kTypes[kColumns] = {TEXTOID,    NUMERICOID, NUMERICOID, NUMERICOID,
                                  NUMERICOID, NUMERICOID, NUMERICOID};

/* One array a column; everything lies in the aggregate's memory. */
struct Gathered {
    ArrayBuildState *columns[kColumns];
};

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(customer_arrays_step);
PG_FUNCTION_INFO_V1(customer_arrays_final);

/* customer_arrays_step(state, customer_id, equity, current_payment, current_price, trade_value, bonus,
 * income) */
Datum customer_arrays_step(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Gathered *state = state_or_new<Gathered>(fcinfo);
    for (int i = 0; i < kColumns; ++i) {
        if (state->columns[i] == nullptr) {
            state->columns[i] = initArrayResult(kTypes[i], context, false);
        }
        const bool null = PG_ARGISNULL(i + 1);
        (void)accumArrayResult(state->columns[i], null ? Datum{0} : PG_GETARG_DATUM(i + 1), null, kTypes[i],
                               context);
    }
    PG_RETURN_POINTER(state);
}

Datum customer_arrays_final(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const auto *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        PG_RETURN_NULL();
    }
    Datum arrays[kColumns];
    for (int i = 0; i < kColumns; ++i) {
        arrays[i] = makeArrayResult(state->columns[i], CurrentMemoryContext);
    }
    return one_row(fcinfo, arrays);
}

} // extern "C"
