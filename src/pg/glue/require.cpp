/*
 * Checks of arguments for SQL: each is true, or the error that says what is wrong.
 */
#include <cstring>

#include "core/base/words.hpp"

#include "pg/glue/array.hpp"

using namespace tradeup;

namespace {

/* A text argument of a function that may be called with nulls. */
const char *text_argument(FunctionCallInfo fcinfo, int number) {
    return PG_ARGISNULL(number) ? "value" : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(require_known);
PG_FUNCTION_INFO_V1(require_not_negative);
PG_FUNCTION_INFO_V1(require_one_of);
PG_FUNCTION_INFO_V1(require_as_many);

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
    const bool program = std::strcmp(kind, "program") == 0;
    if (PG_ARGISNULL(1)) {
        ereport(ERROR,
                (errcode(ERRCODE_NO_DATA_FOUND), errmsg("no %s is given", kind),
                 program
                     ? errhint("Name a program, give the customer one, or call set_default_program.")
                     : errhint("Name %s %s.", std::strchr("aeiou", kind[0]) != nullptr ? "an" : "a", kind)));
    }
    ereport(ERROR,
            (errcode(ERRCODE_NO_DATA_FOUND),
             errmsg("%s \"%s\" does not exist", kind, shown_text(PG_GETARG_TEXT_PP(1))),
             program ? errhint("Look in the table tradeup.program: drafts and versions not valid today "
                               "make no offers, and row-level security may hide rows.")
                     : errhint("Look in the table tradeup.%s; row-level security may hide rows.", kind)));
    PG_RETURN_BOOL(false);
}

/* require_not_negative(what, value): true, or the error that a count is negative or null. */
Datum require_not_negative(PG_FUNCTION_ARGS) {
    if (!PG_ARGISNULL(1) && PG_GETARG_INT32(1) >= 0) {
        PG_RETURN_BOOL(true);
    }
    if (PG_ARGISNULL(1)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                        errmsg("%s must not be null", text_argument(fcinfo, 0)),
                        errhint("Give a number, or leave the argument out.")));
    }
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("%s must not be negative", text_argument(fcinfo, 0)),
                    errdetail("It is %d.", static_cast<int>(PG_GETARG_INT32(1)))));
    PG_RETURN_BOOL(false);
}

/* require_one_of(what, value, allowed): true, or the error that the value is none of the allowed words. */
Datum require_one_of(PG_FUNCTION_ARGS) {
    const Elements words = PG_ARGISNULL(2) ? Elements{} : elements_of(PG_GETARG_DATUM(2));
    const auto count = static_cast<std::size_t>(words.count);
    auto **allowed = static_cast<const char **>(palloc(sizeof(const char *) * (count + 1)));
    const char *value = PG_ARGISNULL(1) ? nullptr : text_argument(fcinfo, 1);
    for (std::size_t i = 0; i < count; ++i) {
        allowed[i] = words.nulls[i] ? "" : TextDatumGetCString(words.values[i]);
        if (value != nullptr && std::strcmp(value, allowed[i]) == 0) {
            PG_RETURN_BOOL(true);
        }
    }
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             value == nullptr ? errmsg("%s must not be null", text_argument(fcinfo, 0))
                              : errmsg("unknown %s \"%s\"", text_argument(fcinfo, 0), shown_text(value)),
             errhint("Use %s.", listed({allowed, count}).text)));
    PG_RETURN_BOOL(false);
}

/* require_as_many(what, of_them, prices): true, or the error that they are not as many; null: none are given.
 */
Datum require_as_many(PG_FUNCTION_ARGS) {
    if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && PG_GETARG_INT32(1) != PG_GETARG_INT32(2)) {
        const char *what = PG_ARGISNULL(0) ? "values" : text_to_cstring(PG_GETARG_TEXT_PP(0));
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("%s and old prices must have the same length", what),
                        errdetail("There are %d, and %d old prices.", PG_GETARG_INT32(1), PG_GETARG_INT32(2)),
                        errhint("Give null for what is not known, or for a vehicle that was not, or is no "
                                "longer, for sale.")));
    }
    PG_RETURN_BOOL(true);
}

} // extern "C"
