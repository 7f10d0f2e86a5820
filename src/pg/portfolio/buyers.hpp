/*
 * The customers of a risk profile, who come as arrays of the same length.
 */
#pragma once

#include <span>

#include "core/portfolio/summary.hpp"

#include "pg/glue/array.hpp"

namespace tradeup {

/* The figures of deals' customers; nulls, or no array at all, are what is not known, and no bonus. */
struct Customers {
    Elements equities;
    Elements current_payments;
    Elements current_prices;
    Elements trade_values;
    Elements bonuses;
    Elements incomes;
};

/*
 * The customers, in the given memory; those whose equity is unknown have no deal and are left out. Errors:
 * 22023 for arrays of other lengths, those of deal(...) for a figure outside of its domain.
 */
std::span<const Buyer> read_buyers(MemoryContext context, const Customers &customers);

} // namespace tradeup
