/*
 * The aggregate failure_rate, whose state is an array of bigint: how many failed, and how many there are.
 */
#include <cstdint>

#include "pg/glue/array.hpp"
#include "pg/glue/glue.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

using namespace tradeup;

namespace {

struct Failures {
    std::int64_t failures;
    std::int64_t size;
};

/* The numbers of a state; one of an aggregate's own may be changed in place. */
Failures *failures_argument(FunctionCallInfo fcinfo, int argument, bool change, ArrayType *&array) {
    array = change && AggCheckCallContext(fcinfo, nullptr) == 0 ? PG_GETARG_ARRAYTYPE_P_COPY(argument)
                                                                : PG_GETARG_ARRAYTYPE_P(argument);
    if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != 2 || ARR_HASNULL(array) ||
        ARR_ELEMTYPE(array) != INT8OID) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("failures must be an array of two numbers")));
    }
    return reinterpret_cast<Failures *>(ARR_DATA_PTR(array));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(failure_rate_step);
PG_FUNCTION_INFO_V1(failure_rate_combine);

Datum failure_rate_step(PG_FUNCTION_ARGS) {
    ArrayType *array = nullptr;
    Failures *counted = failures_argument(fcinfo, 0, true, array);
    counted->failures += PG_GETARG_BOOL(1) ? 1 : 0;
    ++counted->size;
    PG_RETURN_ARRAYTYPE_P(array);
}

Datum failure_rate_combine(PG_FUNCTION_ARGS) {
    ArrayType *array = nullptr;
    ArrayType *other = nullptr;
    Failures *counted = failures_argument(fcinfo, 0, true, array);
    const Failures *added = failures_argument(fcinfo, 1, false, other);
    counted->failures += added->failures;
    counted->size += added->size;
    PG_RETURN_ARRAYTYPE_P(array);
}

} // extern "C"
