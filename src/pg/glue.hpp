/*
 * What every file of the glue includes: PostgreSQL's headers, their differences between majors, and the ways in and
 * out of Datums.
 *
 * The rule of this floor: no object with a destructor is alive when a PostgreSQL function is called, because ereport
 * jumps over destructors; and no exception gets here, because every core function is noexcept. So the glue holds
 * plain structs only, and throws nothing itself.
 */
#pragma once

/* The core comes first, so that its proof of purity sees no PostgreSQL header. */
#include "core/deal.hpp"

extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
}

namespace tradeup {

/* Raises what the core could not do as an SQL error; does not return. */
[[noreturn]] void report(const Error &error);

/* The value of a result, or its error raised. */
template <typename T> const T &value_of(const Result<T> &result) {
    static_assert(std::is_trivially_destructible_v<Result<T>>, "a result must not own anything when ereport jumps");
    if (!result) [[unlikely]] {
        report(result.error());
    }
    return *result;
}

/* A numeric as an exact decimal. Errors: 22023 for NaN and infinities, 22003 beyond 18 digits; `what` is its name. */
Decimal to_decimal(Datum numeric, const char *what);

/*
 * A numeric as a whole number of minor units, for amounts that the caller gives: not negative, at most the dearest
 * price, no more decimals than the currency. Errors: 22023 and 22003 as it breaks these; `what` is its name.
 */
std::int64_t to_minor(Datum numeric, std::int32_t minor_digits, const char *what);

/* The numeric units * 10^-scale, shown with scale decimals (0 to 18). */
Datum to_numeric(std::int64_t units, int scale);

/* A deal from its datum. Errors: 22023 for a deal in a format of another version of the library. */
const Deal &to_deal(Datum datum);

/* A materialized set-returning function's sink of rows. */
struct RowSink {
    Tuplestorestate *store;
    TupleDesc description;

    void put(Datum *values, bool *nulls) const { tuplestore_putvalues(store, description, values, nulls); }
};

/* Prepares the sink of the set-returning function that is called. */
RowSink begin_rows(FunctionCallInfo fcinfo);

} // namespace tradeup
