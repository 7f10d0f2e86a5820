/*
 * The aggregate customer_arrays: the figures of customers as arrays, all of them gathered by one step a row.
 * What no customer of a group has is a null and not an array, because these arrays are copied often.
 */
#include "pg/glue/aggregate.hpp"
#include "pg/glue/array_writer.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
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
    ArrayWriter columns[kColumns];
    bool begun[kColumns];
    std::int64_t rows;
};

/* Begins a column whose first value is at hand: the rows before had none. */
void begin_column(Gathered &state, MemoryContext context, int column) {
    state.begun[column] = true;
    state.columns[column] = begin_array(context);
    for (std::int64_t i = 0; i < state.rows; ++i) {
        end_if_asked(i);
        put_null(state.columns[column]);
    }
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
        if (!state->begun[i]) {
            const bool absent =
                null || (i == kBonus && to_decimal(PG_GETARG_DATUM(i + 1), "bonus").coefficient == 0);
            if (absent && i >= kRequired) {
                continue;
            }
            begin_column(*state, context, i);
        }
        if (null) {
            put_null(state->columns[i]);
        } else {
            put_element(state->columns[i], PG_GETARG_DATUM(i + 1));
        }
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
        nulls[i] = !state->begun[i];
        if (!nulls[i]) {
            arrays[i] = array_written(state->columns[i], kTypes[i]);
        }
    }
    return one_row(fcinfo, arrays, nulls);
}

} // extern "C"
