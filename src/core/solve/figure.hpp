/*
 * Where a figure lies in the terms of a deal.
 */
#pragma once

#include "core/solve/solve.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The figure as the deal has it; a down payment of 0. */
Decimal standing_value(Figure figure, const Terms &terms, std::int64_t price_minor) noexcept;

/*
 * Sets a figure, which is not the price, in terms that are otherwise the standing ones. The down payment is
 * added to their equity. Errors: bad_value, out_of_range.
 */
Result<bool> place(Figure figure, Decimal value, const Terms &standing, Terms &terms) noexcept;

} // namespace tradeup
