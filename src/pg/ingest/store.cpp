/*
 * Comparing and writing in sets.
 */
#include "pg/ingest/store.hpp"

#include <algorithm>
#include <cstring>

#include "pg/ingest/blocks.hpp"
#include "pg/ingest/mapping.hpp"

extern "C" {
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "tcop/dest.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/queryenvironment.h"
}

namespace tradeup {

namespace {

/* The value of a column for a row r, beside a stored row t or none. A line's total that the file does not
 * give is computed from the discount that is then stored. */
void append_value(StringInfo query, const RowStore &store, const StoredColumn &column, bool stored) {
    if (store.keeps_stored && stored) {
        appendStringInfo(query, "coalesce(t.%s, r.%s)", column.name, column.name);
    } else if (std::strcmp(column.name, "line_total") == 0) {
        const bool has_discount =
            std::any_of(store.columns, store.columns + store.count, [](const StoredColumn &other) {
                return std::strcmp(other.name, "line_discount") == 0;
            });
        appendStringInfo(
            query,
            "coalesce(r.line_total, (r.unit_price OPERATOR(pg_catalog.*) r.quantity::pg_catalog.numeric) "
            "OPERATOR(pg_catalog.-) %s)",
            has_discount ? "r.line_discount"
            : stored     ? "t.line_discount"
                         : "0::pg_catalog.numeric");
    } else {
        appendStringInfo(query, "r.%s", column.name);
    }
}

void append_key_condition(StringInfo query, const RowStore &store) {
    appendStringInfoString(query, "t.shop OPERATOR(pg_catalog.=) $1");
    for (int i = 1; i < store.count; ++i) {
        if (store.columns[i].is_key) {
            appendStringInfo(query, " AND t.%s OPERATOR(pg_catalog.=) r.%s", store.columns[i].name,
                             store.columns[i].name);
        }
    }
}

/* Runs a statement with the shop as $1 and the upload as $2; returns how many rows it wrote. */
std::int64_t run(const char *query, Datum shop, std::int64_t upload_id) {
    Oid types[] = {TEXTOID, INT8OID};
    Datum values[] = {shop, Int64GetDatum(upload_id)};
    const int result = SPI_execute_with_args(query, 2, types, values, nullptr, false, 0);
    if (result < 0) {
        elog(ERROR, "a load failed: %s", SPI_result_code_string(result));
    }
    return static_cast<std::int64_t>(SPI_processed);
}

/* Runs a query with the shop as $1 and the upload as $2, which gives its rows to a receiver. */
void give_rows(const char *query, DestReceiver *receiver, Datum shop, std::int64_t upload_id,
               int cursor_options) {
    Oid types[] = {TEXTOID, INT8OID};
    const SPIPlanPtr plan = SPI_prepare_cursor(query, lengthof(types), types, cursor_options);
    if (plan == nullptr) {
        elog(ERROR, "a load failed: %s", SPI_result_code_string(SPI_result));
    }
    const ParamListInfo parameters = makeParamList(lengthof(types));
    parameters->params[0] = {shop, false, PARAM_FLAG_CONST, TEXTOID};
    parameters->params[1] = {Int64GetDatum(upload_id), false, PARAM_FLAG_CONST, INT8OID};
    SPIExecuteOptions options{};
    options.params = parameters;
    options.dest = receiver;
    const int result = SPI_execute_plan_extended(plan, &options);
    if (result < 0) {
        elog(ERROR, "a load failed: %s", SPI_result_code_string(result));
    }
    SPI_freeplan(plan);
}

/* A store of the same columns without rows. */
RowStore without_rows(const RowStore &store) {
    RowStore none = store;
    none.rows = tuplestore_begin_heap(false, false, work_mem);
    none.size = 0;
    return none;
}

std::int64_t insert_rows(const RowStore &store, Datum shop, std::int64_t upload_id) {
    StringInfoData insert;
    StringInfoData query;
    initStringInfo(&insert);
    initStringInfo(&query);
    appendStringInfo(&insert, "INSERT INTO tradeup_bundles.%s (shop", store.table);
    appendStringInfoString(&query, "SELECT $1");
    for (int i = 1; i < store.count; ++i) {
        appendStringInfo(&insert, ", %s", store.columns[i].name);
        appendStringInfoString(&query, ", ");
        append_value(&query, store, store.columns[i], false);
    }
    appendStringInfoString(&query, ", $2 FROM file_rows r");
    appendStringInfo(&insert, ", upload_id) %s", query.data);
    std::int64_t inserted = 0;
    if (Blocks *blocks = begin_blocks(store)) {
        /* An INSERT of no rows raises what a missing privilege or a read-only transaction would. */
        RowStore none = without_rows(store);
        show_rows(none, "file_rows");
        run(insert.data, shop, upload_id);
        hide_rows("file_rows");
        end_store(none);
        show_rows(store, "file_rows");
        give_rows(query.data, receiver_of(blocks), shop, upload_id, 0);
        inserted = end_blocks(blocks);
    } else {
        show_rows(store, "file_rows");
        inserted = run(insert.data, shop, upload_id);
    }
    hide_rows("file_rows");
    return inserted;
}

std::int64_t update_rows(const RowStore &store, Datum shop, std::int64_t upload_id) {
    StringInfoData query;
    initStringInfo(&query);
    appendStringInfo(&query, "UPDATE tradeup_bundles.%s t SET ", store.table);
    for (int i = 1; i < store.count; ++i) {
        if (!store.columns[i].is_key) {
            appendStringInfo(&query, "%s = ", store.columns[i].name);
            append_value(&query, store, store.columns[i], true);
            appendStringInfoString(&query, ", ");
        }
    }
    appendStringInfoString(&query, "upload_id = $2 FROM file_rows r WHERE ");
    append_key_condition(&query, store);
    show_rows(store, "file_rows");
    const std::int64_t updated = run(query.data, shop, upload_id);
    hide_rows("file_rows");
    return updated;
}

bool has_rows(const RowStore &store, Datum shop) {
    Oid type = TEXTOID;
    SPI_execute_with_args(
        psprintf("SELECT FROM tradeup_bundles.%s t WHERE t.shop OPERATOR(pg_catalog.=) $1 LIMIT 1",
                 store.table),
        1, &type, &shop, nullptr, false, 1);
    return SPI_processed > 0;
}

/* Where the query that compares puts what it found. */
struct Differences {
    DestReceiver receiver;
    NumberSet added;
    NumberSet changed;
};

bool receive_difference(TupleTableSlot *slot, DestReceiver *receiver) {
    auto *differences = reinterpret_cast<Differences *>(receiver);
    slot_getallattrs(slot);
    include(DatumGetBool(slot->tts_values[1]) ? differences->added : differences->changed,
            DatumGetInt64(slot->tts_values[0]));
    return true;
}

/* Finds the rows that are not stored, and those that are stored otherwise. */
Differences compare(const RowStore &store, Datum shop) {
    StringInfoData query;
    initStringInfo(&query);
    appendStringInfo(&query,
                     "SELECT r.number, t.shop IS NULL FROM file_rows r LEFT JOIN tradeup_bundles.%s t ON ",
                     store.table);
    append_key_condition(&query, store);
    appendStringInfoString(&query, " WHERE t.shop IS NULL");
    for (int i = 1; i < store.count; ++i) {
        if (!store.columns[i].is_key) {
            appendStringInfo(&query, " OR t.%s IS DISTINCT FROM ", store.columns[i].name);
            append_value(&query, store, store.columns[i], true);
        }
    }
    Differences found{};
    found.added.context = found.changed.context = CurrentMemoryContext;
    found.receiver = {receive_difference, [](DestReceiver *, int, TupleDesc) {}, [](DestReceiver *) {},
                      [](DestReceiver *) {}, DestNone};
    /* A join of the whole file may use as much memory as making an index may. */
    const int level = begin_safe_path();
    if (maintenance_work_mem > work_mem) {
        (void)set_config_option("work_mem", psprintf("%d", maintenance_work_mem), PGC_USERSET, PGC_S_SESSION,
                                GUC_ACTION_SAVE, true, 0, false);
    }
    show_rows(store, "file_rows");
    give_rows(query.data, &found.receiver, shop, 0, CURSOR_OPT_CUSTOM_PLAN);
    hide_rows("file_rows");
    end_safe_path(level);
    return found;
}

double seconds_since(instr_time start) {
    instr_time now;
    INSTR_TIME_SET_CURRENT(now);
    INSTR_TIME_SUBTRACT(now, start);
    return INSTR_TIME_GET_DOUBLE(now);
}

} // namespace

void add_column(RowStore &store, const char *name, Oid type, bool is_key) {
    if (store.count == 0) {
        store.columns[store.count++] = {"number", INT8OID, false};
    }
    Assert(store.count < kMostStored);
    store.columns[store.count++] = {name, type, is_key};
}

void begin_store(RowStore &store) {
    store.row = CreateTemplateTupleDesc(store.count);
    for (int i = 0; i < store.count; ++i) {
        const StoredColumn &column = store.columns[i];
        const auto number = static_cast<AttrNumber>(i + 1);
        TupleDescInitEntry(store.row, number, column.name, column.type, -1, 0);
        if (column.type == TEXTOID && column.is_key) {
            TupleDescInitEntryCollation(store.row, number, C_COLLATION_OID);
        }
    }
    store.rows = tuplestore_begin_heap(false, false, std::max(work_mem, maintenance_work_mem));
}

void put_row(RowStore &store, Datum *values, bool *nulls) {
    values[0] = Int64GetDatum(store.size++);
    nulls[0] = false;
    tuplestore_putvalues(store.rows, store.row, values, nulls);
}

void end_store(RowStore &store) {
    if (store.rows != nullptr) {
        tuplestore_end(store.rows);
        store.rows = nullptr;
    }
}

void include(NumberSet &set, std::int64_t number) {
    const std::int64_t word = number / 64;
    if (word >= set.size) {
        const std::int64_t size = std::max<std::int64_t>(2 * word, 64);
        const std::size_t bytes = sizeof(std::uint64_t) * static_cast<std::size_t>(size);
        auto *words = static_cast<std::uint64_t *>(
            MemoryContextAllocExtended(set.context, bytes, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO));
        if (set.words != nullptr) {
            std::memcpy(words, set.words, sizeof(std::uint64_t) * static_cast<std::size_t>(set.size));
            pfree(set.words);
        }
        set.words = words;
        set.size = size;
    }
    set.words[word] |= std::uint64_t{1} << (number % 64);
    ++set.count;
}

bool includes(const NumberSet &set, std::int64_t number) {
    return number / 64 < set.size && (set.words[number / 64] >> (number % 64) & 1) != 0;
}

RowStore selected(const RowStore &store, const NumberSet &set, bool are_in) {
    RowStore chosen = store;
    chosen.rows = tuplestore_begin_heap(false, false, std::max(work_mem, maintenance_work_mem));
    chosen.size = 0;
    TupleTableSlot *slot = MakeSingleTupleTableSlot(store.row, &TTSOpsMinimalTuple);
    tuplestore_rescan(store.rows);
    while (tuplestore_gettupleslot(store.rows, true, false, slot)) {
        bool is_null = false;
        if (includes(set, DatumGetInt64(slot_getattr(slot, 1, &is_null))) == are_in) {
            tuplestore_puttupleslot(chosen.rows, slot);
            ++chosen.size;
        }
        CHECK_FOR_INTERRUPTS();
    }
    ExecDropSingleTupleTableSlot(slot);
    return chosen;
}

void show_rows(const RowStore &store, const char *name) {
    auto *shown = static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
    shown->md.name = pstrdup(name);
    shown->md.reliddesc = InvalidOid;
    shown->md.tupdesc = store.row;
    shown->md.enrtype = ENR_NAMED_TUPLESTORE;
    shown->md.enrtuples = static_cast<double>(store.size);
    shown->reldata = store.rows;
    if (SPI_register_relation(shown) != SPI_OK_REL_REGISTER) {
        elog(ERROR, "rows of a file cannot be shown");
    }
}

void hide_rows(const char *name) {
    (void)SPI_unregister_relation(name);
}

Written write_rows(const RowStore &store, Datum shop, std::int64_t upload_id) {
    Written written{};
    if (store.size == 0) {
        return written;
    }
    instr_time start;
    INSTR_TIME_SET_CURRENT(start);
    if (!has_rows(store, shop)) {
        written.inserted = insert_rows(store, shop, upload_id);
        written.write_seconds = seconds_since(start);
        return written;
    }
    const Differences found = compare(store, shop);
    written.compare_seconds = seconds_since(start);
    INSTR_TIME_SET_CURRENT(start);
    if (found.changed.count > 0) {
        RowStore changed = selected(store, found.changed, true);
        written.updated = update_rows(changed, shop, upload_id);
        end_store(changed);
    }
    if (found.added.count == store.size) {
        written.inserted = insert_rows(store, shop, upload_id);
    } else if (found.added.count > 0) {
        RowStore added = selected(store, found.added, true);
        written.inserted = insert_rows(added, shop, upload_id);
        end_store(added);
    }
    written.unchanged = store.size - found.changed.count - found.added.count;
    written.write_seconds = seconds_since(start);
    return written;
}

} // namespace tradeup
