/*
 * The aggregate customer_arrays: the figures of customers as arrays, all of them gathered by one step a row.
 * What no customer of a group has is a null and not an array, because these arrays are copied often.
 */
#include "pg/glue/aggregate.hpp"
#include "pg/glue/numeric.hpp"
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

constexpr int kRequired = 2; // these are never null; nor is the bonus, whose absence is a 0
constexpr int kBonus = 5;

/* One array a column, from its first value on; everything lies in the aggregate's memory. */
struct Gathered {
    ArrayBuildState *columns[kColumns];
    std::int64_t rows;
};

/* A column whose first value is at hand: the rows before had none. */
ArrayBuildState *begun(MemoryContext context, int column, std::int64_t rows_before) {
    ArrayBuildState *values = initArrayResult(kTypes[column], context, false);
    for (std::int64_t i = 0; i < rows_before; ++i) {
        (void)accumArrayResult(values, Datum{0}, true, kTypes[column], context);
    }
    return values;
}

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
        const bool null = PG_ARGISNULL(i + 1);
        if (state->columns[i] == nullptr) {
            const bool absent =
                null || (i == kBonus && to_decimal(PG_GETARG_DATUM(i + 1), "bonus").coefficient == 0);
            if (absent && i >= kRequired) {
                continue;
            }
            state->columns[i] = begun(context, i, state->rows);
        }
        (void)accumArrayResult(state->columns[i], null ? Datum{0} : PG_GETARG_DATUM(i + 1), null, kTypes[i],
                               context);
    }
    ++state->rows;
    PG_RETURN_POINTER(state);
}

Datum customer_arrays_final(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const auto *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        PG_RETURN_NULL();
    }
    Datum arrays[kColumns] = {};
    bool nulls[kColumns];
    for (int i = 0; i < kColumns; ++i) {
        nulls[i] = state->columns[i] == nullptr;
        if (!nulls[i]) {
            arrays[i] = makeArrayResult(state->columns[i], CurrentMemoryContext);
        }
    }
    return one_row(fcinfo, arrays, nulls);
}

} // extern "C"
