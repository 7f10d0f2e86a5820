/*
 * What the two searches of the module solve share: rows with a deal, and their sentences.
 */
#pragma once

#include "core/deal/eligibility.hpp"
#include "pg/glue/glue.hpp"

namespace tradeup {

/* The deal of terms that come from another deal, so that the names of its tiers are texts already. */
const Deal &deal_of_terms(const Terms &terms);

/* The row type of the function that is called, looked up once for each place of a query. `size` bytes after
 * it, all zero at first, are the caller's own. */
struct CallState {
    TupleDesc row;
};
CallState *call_state(FunctionCallInfo fcinfo, Size size, const char *function);

/* An amount, as the texts of explanations show it. */
char *shown_amount(std::int64_t units, int scale);

/* `rule down_payment requires 60000.00 and there is 42000.00`. */
char *shown_refusal(const Refusal &refusal, std::int32_t minor_digits);

} // namespace tradeup
