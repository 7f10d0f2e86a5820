/*
 * Why an offer does not exist, and what becomes of a customer, a vehicle or a program that is not there: an
 * error where a query asks for that one, no row where it asks for many.
 */
#include "core/deal/eligibility.hpp"

#include "pg/glue/glue.hpp"

#include <cstring>

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/array.h"
}

using namespace tradeup;

namespace {

/* A text argument of a function that may be called with nulls. */
const char *text_argument(FunctionCallInfo fcinfo, int number) {
    return PG_ARGISNULL(number) ? "value" : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/* Whether an expression takes another value in another row: it has a column, of any level of the query, or
 * what the planner made of one. */
bool varies(Node *node, void *context) {
    if (node == nullptr) {
        return false;
    }
    if (IsA(node, Var) || (IsA(node, Param) && reinterpret_cast<Param *>(node)->paramkind != PARAM_EXTERN)) {
        return true;
    }
#if PG_VERSION_NUM >= 160000
    return expression_tree_walker(node, varies, context);
#else
    /* A walker without a prototype, in the C of these majors; by way of the type that matches every other. */
    return expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(varies)),
                                  context);
#endif
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(refusal);
PG_FUNCTION_INFO_V1(require_known);
PG_FUNCTION_INFO_V1(require_not_negative);
PG_FUNCTION_INFO_V1(require_one_of);
PG_FUNCTION_INFO_V1(asked_for_one);
PG_FUNCTION_INFO_V1(asked_for_one_support);

/* refusal(deal, price): the first rule that fails with what it asks, what there is and the difference, or
 * NULL. */
Datum refusal(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int32_t digits = deal.terms.minor_digits;
    const std::int64_t price = to_minor(PG_GETARG_DATUM(1), digits, "price");
    const Refusal found = value_of(refusal_at(deal, price));
    if (!found.failed) {
        PG_RETURN_NULL();
    }
    const int scale = found.rule == Rule::max_change ? kChangeScale : digits;
    TupleDesc description = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE) {
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("refusal must be called as a row function")));
    }
    Datum values[] = {CStringGetTextDatum(rule_name(found.rule)), to_numeric(found.required, scale),
                      to_numeric(found.actual, scale), to_numeric(found.short_by, scale)};
    bool nulls[sizeof values / sizeof values[0]] = {};
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}

/* require_known(kind, requested, found, needed): whether something was found; where it is needed, the error
 * that nothing of this kind has the requested name. */
Datum require_known(PG_FUNCTION_ARGS) {
    if (!PG_ARGISNULL(2)) {
        PG_RETURN_BOOL(true);
    }
    if (!PG_ARGISNULL(3) && !PG_GETARG_BOOL(3)) {
        PG_RETURN_BOOL(false);
    }
    const char *kind = text_argument(fcinfo, 0);
    if (PG_ARGISNULL(1)) {
        const bool program = std::strcmp(kind, "program") == 0;
        ereport(ERROR,
                (errcode(ERRCODE_NO_DATA_FOUND), errmsg("no %s is given", kind),
                 program ? errhint("Name a program, give the customer one, or call set_default_program.")
                         : errhint("Name a %s.", kind)));
    }
    ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND),
                    errmsg("%s \"%s\" does not exist", kind, shown_text(PG_GETARG_TEXT_PP(1))),
                    errhint("Look in the table tradeup.%s; row-level security may hide rows.", kind)));
    PG_RETURN_BOOL(false);
}

/* require_not_negative(what, value): true, or the error that a count is negative or null. */
Datum require_not_negative(PG_FUNCTION_ARGS) {
    if (!PG_ARGISNULL(1) && PG_GETARG_INT32(1) >= 0) {
        PG_RETURN_BOOL(true);
    }
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("%s must not be negative", text_argument(fcinfo, 0)),
                    PG_ARGISNULL(1) ? errdetail("It is null.")
                                    : errdetail("It is %d.", static_cast<int>(PG_GETARG_INT32(1)))));
    PG_RETURN_BOOL(false);
}

/* require_one_of(what, value, allowed): true, or the error that the value is none of the allowed words. */
Datum require_one_of(PG_FUNCTION_ARGS) {
    Datum *words = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    if (!PG_ARGISNULL(2)) {
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &words, &nulls, &count);
    }
    StringInfoData list;
    initStringInfo(&list);
    const char *value = PG_ARGISNULL(1) ? nullptr : text_argument(fcinfo, 1);
    for (int i = 0; i < count; ++i) {
        const char *word = nulls[i] ? "" : TextDatumGetCString(words[i]);
        if (value != nullptr && std::strcmp(value, word) == 0) {
            PG_RETURN_BOOL(true);
        }
        appendStringInfo(&list, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", shown_text(word));
    }
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             value == nullptr ? errmsg("%s must not be null", text_argument(fcinfo, 0))
                              : errmsg("unknown %s \"%s\"", text_argument(fcinfo, 0), shown_text(value)),
             errhint("Use %s.", list.data)));
    PG_RETURN_BOOL(false);
}

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
