/*
 * The type any_term: what is given as a number of months or payments must be whole.
 */
#include "pg/glue/numeric.hpp"

extern "C" {
#include "utils/numeric.h"
}

using namespace tradeup;

namespace {

/* A number as a term. Errors: 22023 with a fraction, 22003 beyond the integers. */
Datum term_of(Datum number) {
    const Datum whole = DirectFunctionCall2(numeric_trunc, number, Int32GetDatum(0));
    if (numeric_is_nan(DatumGetNumeric(number)) ||
        !DatumGetBool(DirectFunctionCall2(numeric_eq, number, whole))) {
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("term must be a whole number"),
                errdetail("Term is %s.", shown_text(shown_numeric(number))),
                errhint("Give the number of months or payments without a fraction, as in round(term)."));
    }
    return DirectFunctionCall1(numeric_int4, whole);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(whole_term);
PG_FUNCTION_INFO_V1(any_term_in);

/* whole_term(number) */
Datum whole_term(PG_FUNCTION_ARGS) {
    return term_of(PG_GETARG_DATUM(0));
}

/* any_term_in(text): as a numeric is written. */
Datum any_term_in(PG_FUNCTION_ARGS) {
    return term_of(
        DirectFunctionCall3(numeric_in, PG_GETARG_DATUM(0), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

} // extern "C"
