/*
 * The rules of tiers for those who check a program before there is a deal.
 */
#include "core/deal/terms.hpp"

#include "pg/glue/glue.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(tiers_problem);

/* tiers_problem(tiers): the message of the error that a deal with this list of tiers would give, or NULL. */
Datum tiers_problem(PG_FUNCTION_ARGS) {
    Terms terms = default_terms();
    const tradeup::Result<bool> taken = set_tiers(terms, view_of(PG_GETARG_DATUM(0)));
    if (taken) {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text(taken.error().message));
}

} // extern "C"
