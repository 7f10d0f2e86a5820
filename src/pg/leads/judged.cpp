/*
 * Arrays of rows as results of aggregates.
 */
#include "pg/leads/judged.hpp"

extern "C" {
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

namespace tradeup {

RowArray::RowArray(FunctionCallInfo fcinfo, std::size_t most)
    : element_(get_element_type(get_fn_expr_rettype(fcinfo->flinfo))),
      row_(BlessTupleDesc(lookup_rowtype_tupdesc_copy(element_, -1))),
      rows_(allocated<Datum>(CurrentMemoryContext, most)) {}

void RowArray::put(Datum *values) {
    bool nulls[8] = {};
    Assert(row_->natts <= 8);
    put(values, nulls);
}

void RowArray::put(Datum *values, bool *nulls) {
    rows_[count_++] = HeapTupleGetDatum(heap_form_tuple(row_, values, nulls));
}

Datum RowArray::array() const {
    return PointerGetDatum(construct_array(rows_, count_, element_, -1, false, TYPALIGN_DOUBLE));
}

} // namespace tradeup
