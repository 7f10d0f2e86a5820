/*
 * The rows of a file gathered for their tables: keys that come again are found, lines are numbered within
 * their orders, and an order's own columns are taken from the first of its lines that has them.
 */
#pragma once

#include "core/ingest/keys.hpp"
#include "core/ingest/rows.hpp"

#include "pg/ingest/options.hpp"
#include "pg/ingest/store.hpp"

namespace tradeup {

/* A value that is kept until the end of the file. */
struct KeptValue {
    union {
        std::int64_t number; // units or microseconds
        const char *text;
    };
    std::int32_t size; // the scale of units, or bytes of a text
    bool filled;
};

/* Bytes that live until the end of the load, packed. */
struct Arena {
    char *block;
    std::size_t left;
};

/* How many lines of an order are stored whose key begins so; for rows that were rejected before. */
using StoredLines = std::uint32_t (*)(void *context, std::string_view order, std::string_view prefix);

struct Gathered {
    const RowRules *rules;
    pg_tz *time_zone;
    MemoryContext lasting; // until the end of the load
    MemoryContext of_row;
    char *texts; // of the row's values
    std::size_t texts_capacity;
    Fingerprint seed;

    RowStore rows; // the kind's own table; of orders their lines
    KeyTable keys; // of rows: the number of the last row, or how many lines have the key
    NumberSet superseded;
    std::int64_t duplicates;

    RowStore orders;
    KeyTable order_keys; // the place of the order in `kept`
    std::int32_t order_columns[kMostColumns];
    std::size_t order_column_count;
    KeptValue *kept; // of each order: its identifier, then its columns
    std::size_t order_count;
    std::size_t order_capacity;
    Arena arena;

    StoredLines stored_lines; // nullptr: none count
    void *stored_context;
};

/* Prepares for the rows of a file. */
Gathered begin_gathering(const RowRules &rules, pg_tz *time_zone);

/* Takes a row that was read. */
void gather(Gathered &gathered, const FileValue *values);

/* Behind the last row: the store of orders is filled, and rows that a later one replaces are gone. */
void end_gathering(Gathered &gathered);

} // namespace tradeup
