/*
 * The rules that say which concessions are tried.
 */
#pragma once

#include "core/solve/subsidy.hpp"

#include "pg/glue/glue.hpp"

namespace tradeup {

/* subsidy(deals, price, rules, max_service_fee_rate, max_bonus, max_opening_fee_rate) */
enum SubsidyArgument {
    kDealsArgument,
    kPriceArgument,
    kRulesArgument,
    kMaxServiceFee,
    kMaxBonus,
    kMaxOpeningFee
};

/*
 * The rules and limits that a call of subsidy gives, over what stands in its deals; read once for as long as
 * a place of a query gives the same. Errors: 22023, 22003.
 */
const SubsidyRules &subsidy_rules(FunctionCallInfo fcinfo, std::span<const Deal *const> deals);

} // namespace tradeup
