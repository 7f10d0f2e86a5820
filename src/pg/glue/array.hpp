/*
 * Arrays as arguments: their elements as Datums, or as they lie in an array of a fixed width without nulls.
 */
#pragma once

#include <cstdint>
#include <span>

#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/array.h"
}

namespace tradeup {

/* The elements of an array, of any number of dimensions, one after another. */
struct Elements {
    Datum *values;
    bool *nulls;
    int count;
};
Elements elements_of(Datum array);

/* The same of an argument that may be null, which is an empty array, and must have one dimension. Errors:
 * 2202E; `what` is its name. */
Elements elements_argument(FunctionCallInfo fcinfo, int argument, const char *what);

/* Raises 2202E for an array of more than one dimension. */
void require_one_dimension(ArrayType *array, const char *what);

/* A one-dimensional array without nulls. Errors: 2202E, 22004, with this hint if any; `what` is its name. */
ArrayType *plain_array(Datum array, const char *what, const char *hint = nullptr);

/* Its elements, of a type that is stored as `Element`. */
template <typename Element>
std::span<const Element> plain_elements(Datum datum, const char *what, const char *hint = nullptr) {
    ArrayType *array = plain_array(datum, what, hint);
    const int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    return {reinterpret_cast<const Element *>(ARR_DATA_PTR(array)), static_cast<std::size_t>(count)};
}

} // namespace tradeup
