/*
 * Counting vehicles between edges of prices.
 */
#include <algorithm>

#include "pg/glue/array.hpp"
#include "pg/glue/glue.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(price_bucket);

/* price_bucket(price_minor, edges): how many of the edges, ascending prices, are at most the price. */
Datum price_bucket(PG_FUNCTION_ARGS) {
    const std::int64_t price_minor = PG_GETARG_INT64(0);
    const auto edges = plain_elements<std::int64_t>(PG_GETARG_DATUM(1), "edges");
    PG_RETURN_INT32(
        static_cast<std::int32_t>(std::upper_bound(edges.begin(), edges.end(), price_minor) - edges.begin()));
}

} // extern "C"
