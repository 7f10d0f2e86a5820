/*
 * Whether a function is asked for one customer, vehicle or program, which must be there then, or for each of
 * many, where those that are not there have no row.
 */
#include "pg/glue/glue.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
}

namespace {

/* Whether an expression takes another value in another row: it has a column, of any level of the query, or
 * what the planner made of one. */
bool varies(Node *node, void *context) {
    if (node == nullptr) {
        return false;
    }
    if (IsA(node, Var) || (IsA(node, Param) && reinterpret_cast<Param *>(node)->paramkind != PARAM_EXTERN)) {
        return true;
    }
    return tradeup::walk_expression(node, varies, context);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(asked_for_one);
PG_FUNCTION_INFO_V1(asked_for_one_support);

/* asked_for_one(value): true. The planner replaces it by false where the value is that of a column. */
Datum asked_for_one(PG_FUNCTION_ARGS) {
    (void)fcinfo;
    PG_RETURN_BOOL(true);
}

/*
 * Planner support of asked_for_one: false where its argument takes a value of its own in each row. Functions
 * that are inlined into the query of their caller see the caller's expression, so they know whether they are
 * asked for one customer, by a constant or a parameter, or for each of many.
 */
Datum asked_for_one_support(PG_FUNCTION_ARGS) {
    auto *request = reinterpret_cast<Node *>(PG_GETARG_POINTER(0));
    if (!IsA(request, SupportRequestSimplify)) {
        PG_RETURN_POINTER(nullptr);
    }
    const FuncExpr *call = reinterpret_cast<SupportRequestSimplify *>(request)->fcall;
    PG_RETURN_POINTER(makeBoolConst(!varies(static_cast<Node *>(linitial(call->args)), nullptr), false));
}

} // extern "C"
