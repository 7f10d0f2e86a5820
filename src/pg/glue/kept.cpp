/*
 * Functions whose plan takes longer to make than to run: asked for one customer, they are served from a plan
 * that the session keeps.
 */
#include "pg/glue/glue.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"
}

extern "C" {

PG_FUNCTION_INFO_V1(kept_support);

/*
 * Planner support of a function NAME of SQL: a call with constants only becomes one of
 * tradeup_internal.kept_NAME, which has the same arguments and result. Other calls stay, and are inlined into
 * the query: parameters are those of a plan that is kept already, such as that of kept_NAME itself, and
 * columns are of many rows.
 */
Datum kept_support(PG_FUNCTION_ARGS) {
    auto *request = reinterpret_cast<Node *>(PG_GETARG_POINTER(0));
    if (!IsA(request, SupportRequestSimplify)) {
        PG_RETURN_POINTER(nullptr);
    }
    const FuncExpr *call = reinterpret_cast<SupportRequestSimplify *>(request)->fcall;
    ListCell *cell = nullptr;
    foreach (cell, call->args) {
        if (!IsA(lfirst(cell), Const)) {
            PG_RETURN_POINTER(nullptr);
        }
    }
    Oid *types = nullptr;
    int count = 0;
    get_func_signature(call->funcid, &types, &count);
    char *name = psprintf("kept_%s", get_func_name(call->funcid));
    List *names = list_make2(makeString(pstrdup("tradeup_internal")), makeString(name));
    FuncExpr *kept = makeFuncExpr(LookupFuncName(names, count, types, false), call->funcresulttype,
                                  call->args, call->funccollid, call->inputcollid, call->funcformat);
    kept->funcretset = call->funcretset;
    PG_RETURN_POINTER(kept);
}

} // extern "C"
