/*
 * Rows as results: many, by a set-returning function, or one of a composite type.
 */
#pragma once

#include "pg/glue/glue.hpp"

extern "C" {
#include "funcapi.h"
}

namespace tradeup {

/* A materialized set-returning function's sink of rows. */
struct RowSink {
    Tuplestorestate *store;
    TupleDesc description;

    void put(Datum *values, bool *nulls) const { tuplestore_putvalues(store, description, values, nulls); }
};

/* Prepares the sink of the set-returning function that is called. */
RowSink begin_rows(FunctionCallInfo fcinfo);

/* The same for a function that returns a set of plain values: rows of one column. */
RowSink begin_values(FunctionCallInfo fcinfo);

/*
 * What a function that returns one row keeps for one place of a query, in fn_extra: its row's type, looked up
 * once. A function that keeps more derives from it. All zero at first.
 */
struct RowState {
    TupleDesc row;
};
RowState *row_state(FunctionCallInfo fcinfo, Size size);

template <typename State>
State *row_state(FunctionCallInfo fcinfo) {
    return static_cast<State *>(row_state(fcinfo, sizeof(State)));
}

/* The row of these values, as the result of the function that is called. Errors: 0A000 where the call has no
 * row type. */
template <std::size_t Columns>
Datum one_row(FunctionCallInfo fcinfo, Datum (&values)[Columns], bool (&nulls)[Columns]) {
    const RowState *state = row_state<RowState>(fcinfo);
    Assert(state->row->natts == static_cast<int>(Columns));
    return HeapTupleGetDatum(heap_form_tuple(state->row, values, nulls));
}

/* The same of a row without nulls. */
template <std::size_t Columns>
Datum one_row(FunctionCallInfo fcinfo, Datum (&values)[Columns]) {
    bool nulls[Columns] = {};
    return one_row(fcinfo, values, nulls);
}

} // namespace tradeup
