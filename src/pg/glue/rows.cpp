/*
 * Functions that return rows: where they put them, and of which type a single one is.
 */
#include "pg/glue/rows.hpp"

namespace tradeup {

namespace {

RowSink sink(FunctionCallInfo fcinfo, bits32 flags) {
    InitMaterializedSRF(fcinfo, flags);
    auto *info = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    return {info->setResult, info->setDesc};
}

} // namespace

RowSink begin_rows(FunctionCallInfo fcinfo) {
    return sink(fcinfo, 0);
}

RowSink begin_values(FunctionCallInfo fcinfo) {
    return sink(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
}

RowState *row_state(FunctionCallInfo fcinfo, Size size) {
    FmgrInfo *info = fcinfo->flinfo;
    if (info->fn_extra == nullptr) {
        TupleDesc row = nullptr;
        if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) {
            ereport(ERROR,
                    (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                     errmsg("function returning record called in context that cannot accept type record")));
        }
        const MemoryContext caller = MemoryContextSwitchTo(info->fn_mcxt);
        auto *state = static_cast<RowState *>(palloc0(size));
        state->row = BlessTupleDesc(CreateTupleDescCopy(row));
        MemoryContextSwitchTo(caller);
        info->fn_extra = state;
    }
    return static_cast<RowState *>(info->fn_extra);
}

} // namespace tradeup
