/*
 * Functions that are made of several steps, in PL/pgSQL or SQL: their errors do not list the steps.
 */
#include "pg/glue/context.hpp"

extern "C" {
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"
}

using namespace tradeup;

namespace {

/* tradeup_internal.steps_of_NAME, which has the same arguments and result as NAME; looked up once for each
 * place of a query. */
FmgrInfo *steps_of(FmgrInfo *function) {
    if (function->fn_extra == nullptr) {
        Oid *types = nullptr;
        int count = 0;
        get_func_signature(function->fn_oid, &types, &count);
        char *name = psprintf("steps_of_%s", get_func_name(function->fn_oid));
        List *names = list_make2(makeString(pstrdup("tradeup_internal")), makeString(name));
        auto *steps = static_cast<FmgrInfo *>(MemoryContextAlloc(function->fn_mcxt, sizeof(FmgrInfo)));
        fmgr_info_cxt(LookupFuncName(names, count, types, false), steps, function->fn_mcxt);
        function->fn_extra = steps;
    }
    return static_cast<FmgrInfo *>(function->fn_extra);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(of_steps);

/* NAME(...): what tradeup_internal.steps_of_NAME(...) does and returns, one value or rows. Its errors are
 * told without our context. */
Datum of_steps(PG_FUNCTION_ARGS) {
    FmgrInfo *steps = steps_of(fcinfo->flinfo);
    const int count = PG_NARGS();
    auto *call = static_cast<FunctionCallInfo>(palloc(SizeForFunctionCallInfo(count)));
    InitFunctionCallInfoData(*call, steps, static_cast<short>(count), PG_GET_COLLATION(), nullptr,
                             fcinfo->resultinfo);
    for (int i = 0; i < count; ++i) {
        call->args[i] = fcinfo->args[i];
    }
    Datum result = 0;
    without_context([&] { result = FunctionCallInvoke(call); });
    fcinfo->isnull = call->isnull;
    return result;
}

} // extern "C"
