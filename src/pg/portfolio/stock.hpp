/*
 * A stock as a Datum: a bytea that the aggregate stock_list makes.
 */
#pragma once

#include "core/portfolio/stock.hpp"

#include "pg/glue/glue.hpp"

namespace tradeup {

/* The stock in a bytea. Errors: 22023 for bytes that stock_list did not make. */
Stock to_stock(Datum bytes);

/* A stock of those vehicles whose entry in `places` is not negative; each such entry becomes the vehicle's
 * place in it. */
Datum kept_in_stock(const Stock &stock, std::int32_t *places);

} // namespace tradeup
