/*
 * What the sentences of the two searches of the room solve share.
 */
#pragma once

#include "core/deal/eligibility.hpp"
#include "pg/glue/glue.hpp"

namespace tradeup {

/* An amount, as the texts of explanations show it. */
char *shown_amount(std::int64_t units, int scale);

} // namespace tradeup
