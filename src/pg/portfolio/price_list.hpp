/*
 * Price lists as Datums, for whatever makes them or counts over them.
 */
#pragma once

#include "core/portfolio/price_list.hpp"

#include "pg/glue/glue.hpp"

namespace tradeup {

/* A list with room for so many distinct prices, which the caller fills. Errors: 54000 when they are too many.
 */
PriceList *new_price_list(std::size_t runs, std::int64_t minor_digits);

/* The list of runs in any order, which are sorted in place. Errors: 54000; those of fill_list. */
PriceList *list_of_runs(std::span<PriceRun> runs, std::int32_t minor_digits);

/* A price list from its datum. Errors: 22023 for one in a format of another version of the library. */
const PriceList &to_price_list(Datum datum);

/* The list itself, or a copy with these decimals. Errors: those of rescale_list. */
const PriceList &with_digits(const PriceList &list, std::int32_t minor_digits);

/* The prices of both lists, in the decimals of the first; and those of the first without those of the second.
 */
PriceList *lists_together(const PriceList &a, const PriceList &b);

} // namespace tradeup
