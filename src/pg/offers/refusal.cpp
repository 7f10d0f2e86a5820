/*
 * Why an offer does not exist.
 */
#include "core/deal/eligibility.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(refusal);

/* refusal(deal, price): the first rule that fails with what it asks, what there is, the difference and a
 * sentence, or NULL. */
Datum refusal(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int32_t digits = deal.terms.minor_digits;
    const std::int64_t price = to_minor(PG_GETARG_DATUM(1), digits, "price");
    const Refusal found = value_of(refusal_at(deal.terms, price));
    if (!found.failed) {
        PG_RETURN_NULL();
    }
    const int scale = refusal_scale(found, digits);
    Datum values[] = {CStringGetTextDatum(rule_name(found.rule)), to_numeric(found.required, scale),
                      to_numeric(found.actual, scale), to_numeric(found.short_by, scale),
                      CStringGetTextDatum(explained(found, digits).text)};
    return one_row(fcinfo, values);
}

} // extern "C"
