/*
 * Price lists as Datums, for whatever makes them or counts over them.
 */
#pragma once

#include "core/portfolio/price_list.hpp"

#include "pg/glue/glue.hpp"

namespace tradeup {

/* A list with room for `count` prices and their sums, which the caller fills. Errors: 54000 when too long. */
PriceList *new_price_list(std::size_t count, std::int64_t minor_digits);

/* The list whose prices lie in their place in any order: sorts them and adds them up. */
Datum finished(PriceList *list);

/* A price list from its datum. Errors: 22023 for one in a format of another version of the library. */
const PriceList &to_price_list(Datum datum);

/* The list itself, or a copy with these decimals. Errors: those of rescale_list. */
const PriceList &with_digits(const PriceList &list, std::int32_t minor_digits);

} // namespace tradeup
