/*
 * The terms of a deal that few deals have, as a JSON object.
 */
#pragma once

#include "core/deal/terms.hpp"
#include "pg/glue/json.hpp"

namespace tradeup {

/* The terms that are arguments of their own of the SQL function `deal`, in their order. */
inline constexpr const char *kDealArguments[] = {
    "annual_rate",      "term", "equity", "current_payment", "current_price", "down_payment_rate",
    "service_fee_rate",
};

/*
 * The default terms with those that a JSON object gives: its keys are the names of terms that are no
 * arguments of `deal`; null takes a limit, the digits of changes or the tiers away. Errors: 22023 for
 * anything else than an object, for unknown keys, and for values of another kind or beyond their range; 22003
 * for numbers of more than 18 digits; 22P02 for tiers that are no list.
 */
Terms terms_of(Jsonb *given);

} // namespace tradeup
