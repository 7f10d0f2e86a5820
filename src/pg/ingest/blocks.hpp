/*
 * Rows that go into a table as COPY puts them, a page at a time, and into each of its indexes sorted by the
 * bytes of their keys, so that neighbours meet the same page: entries in no order each meet another, which
 * the processor's caches no longer have.
 */
#pragma once

#include <cstdint>

#include "pg/ingest/store.hpp"

extern "C" {
#include "tcop/dest.h"
}

namespace tradeup {

struct Blocks;

/*
 * Opens the table of a store for rows that a query gives: the shop, the columns of the store behind its
 * number, the upload. nullptr where that could do other than INSERT does: where the table has triggers,
 * policies, rules, checks that may look at other rows, generated columns, defaults that must be computed,
 * columns of another type, or indexes that are not plain ones. Who may insert is the caller's to ask.
 */
Blocks *begin_blocks(const RowStore &store);

/* What the query gives its rows to. */
DestReceiver *receiver_of(Blocks *blocks);

/* Writes what is left; returns how many rows there were. */
std::int64_t end_blocks(Blocks *blocks);

} // namespace tradeup
