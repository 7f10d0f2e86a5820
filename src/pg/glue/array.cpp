/*
 * What arrays must be, and taking them apart.
 */
#include "pg/glue/array.hpp"

extern "C" {
#include "utils/lsyscache.h"
}

namespace tradeup {

Elements elements_of(Datum array) {
    ArrayType *stored = DatumGetArrayTypeP(array);
    int16 length = 0;
    bool by_value = false;
    char alignment = 0;
    get_typlenbyvalalign(ARR_ELEMTYPE(stored), &length, &by_value, &alignment);
    Elements elements{};
    deconstruct_array(stored, ARR_ELEMTYPE(stored), length, by_value, alignment, &elements.values,
                      &elements.nulls, &elements.count);
    return elements;
}

Elements elements_argument(FunctionCallInfo fcinfo, int argument, const char *what) {
    if (PG_ARGISNULL(argument)) {
        return {};
    }
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(argument);
    require_one_dimension(array, what);
    return elements_of(PointerGetDatum(array));
}

void require_one_dimension(ArrayType *array, const char *what) {
    if (ARR_NDIM(array) > 1) {
        ereport(ERROR,
                (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("%s must be a one-dimensional array", what),
                 errdetail("It has %d dimensions.", ARR_NDIM(array))));
    }
}

ArrayType *plain_array(Datum datum, const char *what, const char *hint) {
    ArrayType *array = DatumGetArrayTypeP(datum);
    require_one_dimension(array, what);
    if (array_contains_nulls(array)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not contain nulls", what),
                        hint != nullptr ? errhint("%s", hint) : 0));
    }
    return array;
}

} // namespace tradeup
