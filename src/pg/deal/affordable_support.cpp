/*
 * What the planner learns of affordable(price, ...): that it is `price <= price_for_payment(...)`, so that
 * statistics, indexes and partitions of the price serve.
 */
#include <utility>

#include "pg/glue/glue.hpp"

extern "C" {
#include "access/stratnum.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "optimizer/plancat.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

using namespace tradeup;

namespace {

/*
 * A price, which the call takes as any_number, as the numeric that it was or became on the way there: that is
 * what an index on it knows.
 */
Expr *as_numeric(Expr *price) {
    if (IsA(price, RelabelType)) {
        return reinterpret_cast<RelabelType *>(price)->arg;
    }
    auto *copy = static_cast<Node *>(copyObjectImpl(price));
    if (IsA(copy, Const)) {
        reinterpret_cast<Const *>(copy)->consttype = NUMERICOID;
        return reinterpret_cast<Expr *>(copy);
    }
    if (IsA(copy, FuncExpr) && get_func_rettype(reinterpret_cast<FuncExpr *>(copy)->funcid) == NUMERICOID) {
        reinterpret_cast<FuncExpr *>(copy)->funcresulttype = NUMERICOID;
        return reinterpret_cast<Expr *>(copy);
    }
    return reinterpret_cast<Expr *>(makeRelabelType(price, NUMERICOID, -1, InvalidOid, COERCE_IMPLICIT_CAST));
}

/* The comparison of prices that a call of affordable stands for. */
struct Comparison {
    Oid less_or_equal; // the operator; invalid when the call cannot be rewritten
    Expr *price;
    Expr *bound; // a call of price_for_payment
};

/*
 * Takes affordable(price, ...) apart. Its inverse is the price_for_payment of the same schema; whoever may
 * not run both gets no rewriting, so that a plan asks for no right that the query would not.
 */
Comparison comparison_of(Oid function, List *arguments) {
    constexpr int kDealForm = 3; // affordable(price, max_payment, deal)
    Oid *types = nullptr;
    int count = 0;
    (void)get_func_signature(function, &types, &count);
    List *bound_arguments = list_copy_tail(arguments, 1);
    if (count == kDealForm) {
        std::swap(types[1], types[2]);
        bound_arguments = list_make2(lthird(arguments), lsecond(arguments));
    }
    const Oid inverse =
        GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("price_for_payment"),
                        PointerGetDatum(buildoidvector(types + 1, count - 1)),
                        ObjectIdGetDatum(get_func_namespace(function)));
    if (!OidIsValid(inverse) || !may_execute(inverse) || !may_execute(function)) {
        return {InvalidOid, nullptr, nullptr};
    }
    const TypeCacheEntry *numeric = lookup_type_cache(NUMERICOID, TYPECACHE_BTREE_OPFAMILY);
    return {get_opfamily_member(numeric->btree_opf, NUMERICOID, NUMERICOID, BTLessEqualStrategyNumber),
            as_numeric(static_cast<Expr *>(linitial(arguments))),
            reinterpret_cast<Expr *>(makeFuncExpr(inverse, NUMERICOID, bound_arguments, InvalidOid,
                                                  InvalidOid, COERCE_EXPLICIT_CALL))};
}

Node *operator_call(const Comparison &comparison, Node *bound) {
    Expr *call = make_opclause(comparison.less_or_equal, BOOLOID, false, comparison.price,
                               reinterpret_cast<Expr *>(bound), InvalidOid, InvalidOid);
    set_opfuncid(reinterpret_cast<OpExpr *>(call));
    return reinterpret_cast<Node *>(call);
}

bool are_constant(List *arguments) {
    ListCell *cell = nullptr;
    for_each_from(cell, arguments, 1) {
        if (!IsA(lfirst(cell), Const)) {
            return false;
        }
    }
    return true;
}

/*
 * With the loan known, the call becomes `price <= constant`, which the planner knows all about: statistics,
 * indexes, partitions. Without a bound it stays: the comparison with null would not be false.
 */
Node *simplified(const SupportRequestSimplify &request) {
    if (!are_constant(request.fcall->args)) {
        return nullptr;
    }
    const Comparison comparison = comparison_of(request.fcall->funcid, request.fcall->args);
    if (!OidIsValid(comparison.less_or_equal)) {
        return nullptr;
    }
    Node *bound = eval_const_expressions(request.root, reinterpret_cast<Node *>(comparison.bound));
    if (!IsA(bound, Const) || reinterpret_cast<Const *>(bound)->constisnull) {
        return nullptr;
    }
    return operator_call(comparison, bound);
}

/* `price <= price_for_payment(...)`, which says exactly the same of a row: without a bound no row is found.
 */
List *index_condition(SupportRequestIndexCondition &request) {
    if (request.indexarg != 0 || !is_funcclause(request.node)) {
        return NIL;
    }
    const auto *call = reinterpret_cast<const FuncExpr *>(request.node);
    const Comparison comparison = comparison_of(call->funcid, call->args);
    if (!OidIsValid(comparison.less_or_equal) ||
        !op_in_opfamily(comparison.less_or_equal, request.opfamily) ||
        !is_pseudo_constant_for_index(request.root, reinterpret_cast<Node *>(comparison.bound),
                                      request.index)) {
        return NIL;
    }
    request.lossy = false;
    return list_make1(operator_call(
        comparison, eval_const_expressions(request.root, reinterpret_cast<Node *>(comparison.bound))));
}

bool estimate(SupportRequestSelectivity &request) {
    const Comparison comparison = comparison_of(request.funcid, request.args);
    if (!OidIsValid(comparison.less_or_equal)) {
        return false;
    }
    List *operands = list_make2(comparison.price, comparison.bound);
    request.selectivity = request.is_join
                              ? join_selectivity(request.root, comparison.less_or_equal, operands,
                                                 request.inputcollid, request.jointype, request.sjinfo)
                              : restriction_selectivity(request.root, comparison.less_or_equal, operands,
                                                        request.inputcollid, request.varRelid);
    return true;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(affordable_support);

/* Planner support of affordable. */
Datum affordable_support(PG_FUNCTION_ARGS) {
    auto *request = reinterpret_cast<Node *>(PG_GETARG_POINTER(0));
    if (IsA(request, SupportRequestSimplify)) {
        PG_RETURN_POINTER(simplified(*reinterpret_cast<SupportRequestSimplify *>(request)));
    }
    if (IsA(request, SupportRequestIndexCondition)) {
        PG_RETURN_POINTER(index_condition(*reinterpret_cast<SupportRequestIndexCondition *>(request)));
    }
    if (IsA(request, SupportRequestSelectivity) &&
        estimate(*reinterpret_cast<SupportRequestSelectivity *>(request))) {
        PG_RETURN_POINTER(request);
    }
    PG_RETURN_POINTER(nullptr);
}

} // extern "C"
