/*
 * What the functions of level payments and those of cash flows take and return: day counts and dates; a rate
 * that may not exist, or several.
 */
#pragma once

#include "core/finance/daycount.hpp"
#include "core/finance/finance.hpp"

#include "pg/glue/glue.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/date.h"
}

namespace tradeup {

inline DayCount day_count_argument(FunctionCallInfo fcinfo, int argument) {
    return value_of(parse_day_count(view_of(PG_GETARG_DATUM(argument))));
}

inline void require_finite(DateADT date) {
    if (!is_finite(Date{date})) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("date must be finite")));
    }
}

/* A number, or null where there is none. */
inline Datum answer(FunctionCallInfo fcinfo, Answer found) {
    if (!found) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(*found);
}

/* Rates as an array of double precision. */
inline Datum array_of(const Rates &rates) {
    Datum values[kMostRoots];
    for (int i = 0; i < rates.count; ++i) {
        values[i] = Float8GetDatum(rates.at[i]);
    }
    PG_RETURN_ARRAYTYPE_P(
        construct_array(values, rates.count, FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

} // namespace tradeup
