/*
 * Arrays of texts or numerics, made element by element: values are written one after another into one buffer
 * that grows, where accumArrayResult allocates each of them.
 */
#pragma once

#include <string_view>

#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/array.h"
}

namespace tradeup {

/* An array of one dimension that grows. All of it lies in `context`. */
struct ArrayWriter {
    MemoryContext context;
    char *elements; // as an array holds them: aligned, with lengths of 4 bytes
    Size used;
    Size capacity;
    bits8 *present; // a bit for each element; nullptr as long as none is null
    Size present_capacity;
    int count;
};

ArrayWriter begin_array(MemoryContext context);

/* Adds a value of a type of variable length that is aligned as an integer. Errors: 54000 beyond 1 GB. */
void put_element(ArrayWriter &array, Datum value);

/* Adds a text. */
void put_text(ArrayWriter &array, std::string_view text);

void put_null(ArrayWriter &array);

/* The array, in the current memory. It has no dimension where nothing was added. Errors: 54000. */
Datum array_written(const ArrayWriter &array, Oid element_type);

} // namespace tradeup
