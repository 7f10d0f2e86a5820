/*
 * Functions whose plan takes longer to make than to run: asked for one customer, they are served from a plan
 * that the session keeps.
 */
#include <cstring>

#include "pg/glue/context.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"
}

using namespace tradeup;

namespace {

/* The plans of a session, by the functions that keep them and their queries: a handful. An extension that is
 * made anew has other functions, whose arguments are of other types. */
struct KeptPlan {
    Oid function;
    char *query;
    SPIPlanPtr plan;
    KeptPlan *next;
};
KeptPlan *kept_plans = nullptr;

/* The plan of a query, made once in a session and generic at once. Calls within SPI only. */
SPIPlanPtr kept_plan(Oid function, const char *query, int count, Oid *types) {
    for (KeptPlan *kept = kept_plans; kept != nullptr; kept = kept->next) {
        if (kept->function == function && std::strcmp(kept->query, query) == 0) {
            return kept->plan;
        }
    }
    SPIPlanPtr plan =
        SPI_prepare_cursor(query, count, types, CURSOR_OPT_GENERIC_PLAN | CURSOR_OPT_PARALLEL_OK);
    if (plan == nullptr || SPI_keepplan(plan) != 0) {
        elog(ERROR, "no plan can be kept: %s", SPI_result_code_string(SPI_result));
    }
    auto *kept = static_cast<KeptPlan *>(MemoryContextAlloc(TopMemoryContext, sizeof(KeptPlan)));
    kept->function = function;
    kept->query = MemoryContextStrdup(TopMemoryContext, query);
    kept->plan = plan;
    kept->next = kept_plans;
    kept_plans = kept;
    return plan;
}

/* The schema of the function NAME: tradeup, or tradeup_internal if it is not there. */
const char *schema_of(const char *name, int count, const Oid *types) {
    List *names = list_make2(makeString(pstrdup("tradeup")), makeString(pstrdup(name)));
    return OidIsValid(LookupFuncName(names, count, types, true)) ? "tradeup" : "tradeup_internal";
}

/*
 * `SELECT x.* FROM tradeup.NAME($1, ...) x` of the function kept_NAME. A way of ranking is part of the query,
 * because a plan for all of them would have to set up the branches of all; any other word is a parameter, so
 * that wrong ones do not fill the memory.
 */
char *kept_query(FunctionCallInfo fcinfo, int count, const Oid *types) {
    StringInfoData query;
    initStringInfo(&query);
    const char *name = get_func_name(fcinfo->flinfo->fn_oid) + std::strlen("kept_");
    appendStringInfo(&query, "SELECT x.* FROM %s.%s(", schema_of(name, count, types), name);
    for (int i = 0; i < count; ++i) {
        appendStringInfoString(&query, i > 0 ? ", " : "");
        const bool ranking = std::strcmp(name, "best_offers") == 0 && i == 4 && !PG_ARGISNULL(i);
        const char *word = ranking ? text_to_cstring(PG_GETARG_TEXT_PP(i)) : "";
        if (std::strcmp(word, "margin") == 0 || std::strcmp(word, "closeness") == 0) {
            appendStringInfo(&query, "'%s'::pg_catalog.text", word);
        } else {
            appendStringInfo(&query, "$%d", i + 1);
        }
    }
    appendStringInfoString(&query, ") x");
    return query.data;
}

/* Runs the query of a kept function and puts its rows into the sink. */
void run_kept(FunctionCallInfo fcinfo, const RowSink &sink) {
    Oid *types = nullptr;
    int count = 0;
    get_func_signature(fcinfo->flinfo->fn_oid, &types, &count);
    const MemoryContext lasting =
        reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo)->econtext->ecxt_per_query_memory;
    SPI_connect();
    SPIPlanPtr plan = kept_plan(fcinfo->flinfo->fn_oid, kept_query(fcinfo, count, types), count, types);
    ParamListInfo parameters = makeParamList(count);
    /* Not PARAM_FLAG_CONST: plan_cache_mode = force_custom_plan wins over CURSOR_OPT_GENERIC_PLAN, and a plan
     * with our parameters as constants would call us again, without end. */
    for (int i = 0; i < count; ++i) {
        parameters->params[i] = {PG_ARGISNULL(i) ? 0 : PG_GETARG_DATUM(i), PG_ARGISNULL(i), 0, types[i]};
    }
    DestReceiver *rows = CreateDestReceiver(DestTuplestore);
    SetTuplestoreDestReceiverParams(rows, sink.store, lasting, false, sink.description,
                                    "kept plan has other columns");
    SPIExecuteOptions options{};
    options.params = parameters;
    options.read_only = true;
    options.dest = rows;
    const int result = SPI_execute_plan_extended(plan, &options);
    if (result < 0) {
        elog(ERROR, "a kept plan failed: %s", SPI_result_code_string(result));
    }
    rows->rDestroy(rows);
    SPI_finish();
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(kept);
PG_FUNCTION_INFO_V1(kept_support);

/*
 * kept_NAME(...): the rows of NAME(...), by a plan that the session keeps. Its errors are those of NAME,
 * without our context.
 */
Datum kept(PG_FUNCTION_ARGS) {
    const RowSink sink = begin_rows(fcinfo);
    without_context([&] { run_kept(fcinfo, sink); });
    return static_cast<Datum>(0);
}

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
