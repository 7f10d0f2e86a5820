/*
 * What the sentences of the two searches of the room solve share.
 */
#pragma once

#include "core/deal/eligibility.hpp"
#include "pg/glue/glue.hpp"

namespace tradeup {

/* An amount, as the texts of explanations show it. */
char *shown_amount(std::int64_t units, int scale);

/* `rule down_payment requires 60000.00 and there is 42000.00`. */
char *shown_refusal(const Refusal &refusal, std::int32_t minor_digits);

} // namespace tradeup
