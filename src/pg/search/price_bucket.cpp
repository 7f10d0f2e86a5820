/*
 * Counting vehicles between edges of prices.
 */
#include <algorithm>

#include "pg/glue/array.hpp"
#include "pg/glue/numeric.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(price_bucket);

/* price_bucket(price, edges): how many of the edges, ascending counts of cents, are at most the price. */
Datum price_bucket(PG_FUNCTION_ARGS) {
    std::int64_t cents = common_price(PG_GETARG_DATUM(0), 2);
    if (cents < 0) {
        cents = to_minor(PG_GETARG_DATUM(0), 2, "price");
    }
    const auto edges = plain_elements<std::int64_t>(PG_GETARG_DATUM(1), "edges");
    PG_RETURN_INT32(
        static_cast<std::int32_t>(std::upper_bound(edges.begin(), edges.end(), cents) - edges.begin()));
}

} // extern "C"
