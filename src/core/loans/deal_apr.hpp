/*
 * The annual percentage rate of a deal, from the flows of its schedule.
 */
#pragma once

#include <cstdint>

#include "core/base/stop.hpp"
#include "core/deal/deal.hpp"
#include "core/loans/loans.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * The annual percentage rate, a fraction and unrounded, at which the payments of a deal's schedule, without
 * those for GPS, repay what it finances, the first advance being less by `prepaid_minor`, the part of the
 * finance charge that is taken before the first payment. The unit-period is the period of the payments; an
 * odd first period counts by its days as the deal does, of months with 30 days. The equation is that of
 * annual_percentage_rate. None for a lease, whose payments repay no loan, where nothing is advanced, and
 * where no rate balances the flows. Errors: those of begin_schedule; cancelled; out_of_memory.
 */
Result<OptionalApr> deal_apr(const Deal &deal, std::int64_t price_minor, std::int64_t prepaid_minor,
                             StopAsked stop) noexcept;

} // namespace tradeup
