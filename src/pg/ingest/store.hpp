/*
 * Rows on their way into a table: kept beside it until all are known, then compared with what is stored and
 * written by plain statements, so that triggers, policies and generated columns do what they do.
 */
#pragma once

#include <cstdint>

#include "pg/glue/glue.hpp"

extern "C" {
#include "access/tupdesc.h"
#include "executor/spi.h"
#include "utils/tuplestore.h"
}

namespace tradeup {

/* A column of a table that a file fills. */
struct StoredColumn {
    const char *name;
    Oid type;
    bool is_key;
};

inline constexpr int kMostStored = 32;

/* The rows of a file for one table: its number, from 0, and its columns. */
struct RowStore {
    const char *table; // in schema tradeup_bundles
    StoredColumn columns[kMostStored];
    int count;
    bool keeps_stored; // what is stored already stays; only nulls are filled
    TupleDesc row;
    Tuplestorestate *rows;
    std::int64_t size;
};

/* Adds a column; before begin_store only. */
void add_column(RowStore &store, const char *name, Oid type, bool is_key = false);

/* Prepares for rows, which live as long as the current memory context. */
void begin_store(RowStore &store);

/* Adds a row: values and nulls of its columns, of which the first is its number and is filled in here. */
void put_row(RowStore &store, Datum *values, bool *nulls);

/* Frees the rows and closes the file that they may be in. */
void end_store(RowStore &store);

/* A set of numbers. All zero at first, but for the context in which it grows. */
struct NumberSet {
    MemoryContext context;
    std::uint64_t *words;
    std::int64_t size; // in words
    std::int64_t count;
};
void include(NumberSet &set, std::int64_t number);
bool includes(const NumberSet &set, std::int64_t number);

/* The rows whose numbers are in the set, or are not. */
RowStore selected(const RowStore &store, const NumberSet &set, bool are_in);

struct Written {
    std::int64_t inserted;
    std::int64_t updated;
    std::int64_t unchanged;
    double compare_seconds;
    double write_seconds;
};

/*
 * Writes the rows of a shop, each key of which occurs once. Within SPI only. A row that is stored already as
 * it is, is not touched.
 */
Written write_rows(const RowStore &store, Datum shop, std::int64_t upload_id);

/* Makes the rows visible to the next statements under a name, and takes them away. */
void show_rows(const RowStore &store, const char *name);
void hide_rows(const char *name);

} // namespace tradeup
