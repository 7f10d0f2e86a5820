/*
 * Blocks of rows and sorted entries of indexes.
 */
#include "core/base/radix.hpp"

#include "pg/ingest/blocks.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pg/glue/interrupt.hpp"

extern "C" {
#include "access/genam.h"
#include "access/heapam.h"
#include "access/itup.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
}

namespace tradeup {

namespace {

/* A block has as many rows as COPY takes at once, and less where they are long. */
constexpr int kBlockRows = 1000;
constexpr Size kBlockBytes = Size{1} << 20;
/* Entries of an index that are sorted at once: a million lines in four steps. Keys may be long, so the bytes
 * of all entries have a limit of their own. */
constexpr std::size_t kMostEntries = std::size_t{1} << 18;
constexpr Size kMostEntryBytes = Size{64} << 20;
constexpr Size kEntryBlock = Size{1} << 20;

/* An entry of an index: where it stands among others, and itself. */
struct Entry {
    std::uint64_t place;
    IndexTuple tuple;
};

struct SortedIndex {
    Relation relation;
    IndexInfo *info;
    Entry *entries; // and as many again, to sort by
    std::size_t count;
    std::size_t common; // bytes at the front of all keys that are the same
};

} // namespace

struct Blocks {
    DestReceiver receiver;
    MemoryContext lasting;
    MemoryContext of_block;
    MemoryContext of_entries;
    Relation table;
    ResultRelInfo *result;
    EState *state;
    BulkInsertState bulk;
    CommandId command;
    /* A row of constants, and which of its columns each column of the query is. */
    Datum *standard;
    bool *standard_nulls;
    AttrNumber columns[kMostStored + 2];
    int column_count;
    TupleTableSlot *slots[kBlockRows];
    int slot_count;
    Size slot_bytes;
    SortedIndex *indexes;
    std::size_t index_count;
    std::size_t most_entries; // of each
    char *entry_block;
    Size entry_left;
    Size entry_bytes;
    std::int64_t inserted;
};

namespace {

/* Whether a rule of the table may look at other rows, of which those of a block are not there yet. */
bool has_mutable_check(Relation table) {
    const TupleConstr *rules = RelationGetDescr(table)->constr;
    return rules != nullptr &&
           std::any_of(rules->check, rules->check + rules->num_check, [](const ConstrCheck &check) {
               return contain_mutable_functions(static_cast<Node *>(stringToNode(check.ccbin)));
           });
}

/* Whether no trigger, rule, policy or partition changes what an INSERT does. */
bool stands_alone(Relation table) {
    const int policies = check_enable_rls(RelationGetRelid(table), InvalidOid, true);
    return table->rd_rel->relkind == RELKIND_RELATION && !table->rd_rel->relispartition &&
           table->rd_tableam == GetHeapamTableAmRoutine() && table->trigdesc == nullptr &&
           table->rd_rules == nullptr && (policies == RLS_NONE || policies == RLS_NONE_ENV) &&
           !has_mutable_check(table);
}

/* Fills the row of constants, for the columns that the query does not give; false where one must be
 * computed. */
bool find_standard(Blocks &blocks) {
    const TupleDesc row = RelationGetDescr(blocks.table);
    blocks.standard = static_cast<Datum *>(palloc0(sizeof(Datum) * static_cast<Size>(row->natts)));
    blocks.standard_nulls = static_cast<bool *>(palloc(sizeof(bool) * static_cast<Size>(row->natts)));
    std::fill_n(blocks.standard_nulls, row->natts, true);
    for (int i = 0; i < row->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(row, i);
        if (column->attgenerated != '\0') {
            return false;
        }
        const AttrNumber *first = blocks.columns;
        const AttrNumber *last = first + blocks.column_count;
        if (column->attisdropped || std::find(first, last, column->attnum) != last) {
            continue;
        }
        if (get_typtype(column->atttypid) == TYPTYPE_DOMAIN) {
            return false;
        }
        Node *value = build_column_default(blocks.table, column->attnum);
        if (value == nullptr) {
            continue;
        }
        value = reinterpret_cast<Node *>(expression_planner(reinterpret_cast<Expr *>(value)));
        if (!IsA(value, Const)) {
            return false;
        }
        const auto *constant = reinterpret_cast<const Const *>(value);
        blocks.standard[i] = constant->constvalue;
        blocks.standard_nulls[i] = constant->constisnull;
    }
    return true;
}

/* Adds a column of the query; false where the table has it otherwise. */
bool find_column(Blocks &blocks, const char *name, Oid type) {
    const AttrNumber number = get_attnum(RelationGetRelid(blocks.table), name);
    if (number == InvalidAttrNumber) {
        return false;
    }
    const Form_pg_attribute column = TupleDescAttr(RelationGetDescr(blocks.table), number - 1);
    blocks.columns[blocks.column_count++] = number;
    return column->atttypid == type && column->atttypmod == -1;
}

bool find_columns(Blocks &blocks, const RowStore &store) {
    bool same = find_column(blocks, "shop", TEXTOID);
    for (int i = 1; i < store.count; ++i) {
        same = same && find_column(blocks, store.columns[i].name, store.columns[i].type);
    }
    return same && find_column(blocks, "upload_id", INT8OID);
}

bool is_plain(Relation index, const IndexInfo *info) {
    return index->rd_rel->relam == BTREE_AM_OID && info->ii_Expressions == NIL && info->ii_Predicate == NIL &&
           info->ii_ExclusionOps == nullptr && (!info->ii_Unique || index->rd_index->indimmediate) &&
           std::all_of(info->ii_IndexAttrNumbers, info->ii_IndexAttrNumbers + info->ii_NumIndexAttrs,
                       [](AttrNumber number) { return number > 0; });
}

/* Opens the indexes; false where one is not plain. */
bool open_indexes(Blocks &blocks) {
    List *oids = RelationGetIndexList(blocks.table);
    blocks.indexes =
        static_cast<SortedIndex *>(palloc0(sizeof(SortedIndex) * static_cast<Size>(list_length(oids) + 1)));
    bool plain = true;
    ListCell *cell = nullptr;
    foreach (cell, oids) {
        const Relation relation = index_open(lfirst_oid(cell), RowExclusiveLock);
        IndexInfo *info = BuildIndexInfo(relation);
        /* One that is being made and does not take entries yet is left alone, as by INSERT. */
        if (!info->ii_ReadyForInserts) {
            index_close(relation, NoLock);
            continue;
        }
        blocks.indexes[blocks.index_count++] = {relation, info, nullptr, 0, SIZE_MAX};
        plain = plain && is_plain(relation, info);
    }
    list_free(oids);
    return plain;
}

void close(Blocks &blocks) {
    for (std::size_t i = 0; i < blocks.index_count; ++i) {
        index_close(blocks.indexes[i].relation, NoLock);
    }
    table_close(blocks.table, NoLock);
}

std::string_view key_bytes(IndexTuple tuple) {
    const Size front = IndexInfoFindDataOffset(tuple->t_info);
    return {reinterpret_cast<const char *>(tuple) + front, IndexTupleSize(tuple) - front};
}

/*
 * Adds the entry of a row to those of an index. They are sorted by eight bytes behind those that are the same
 * in all: by the bytes as they are stored, for this decides nothing but which pages are met one after the
 * other.
 */
void add_entry(Blocks &blocks, SortedIndex &index, TupleTableSlot *slot) {
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
    for (int i = 0; i < index.info->ii_NumIndexAttrs; ++i) {
        values[i] = slot_getattr(slot, index.info->ii_IndexAttrNumbers[i], &nulls[i]);
    }
    const IndexTuple formed = index_form_tuple(RelationGetDescr(index.relation), values, nulls);
    const Size size = IndexTupleSize(formed);
    if (size > blocks.entry_left) {
        blocks.entry_block = static_cast<char *>(MemoryContextAlloc(blocks.of_entries, kEntryBlock));
        blocks.entry_left = kEntryBlock;
        blocks.entry_bytes += kEntryBlock;
    }
    auto *tuple = reinterpret_cast<IndexTuple>(blocks.entry_block);
    std::memcpy(tuple, formed, size);
    blocks.entry_block += size;
    blocks.entry_left -= size;
    tuple->t_tid = slot->tts_tid;
    if (index.count > 0) {
        const std::string_view first = key_bytes(index.entries[0].tuple);
        const std::string_view key = key_bytes(tuple);
        const std::size_t same = std::min({index.common, first.size(), key.size()});
        index.common = static_cast<std::size_t>(
            std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(same), key.begin())
                .first -
            first.begin());
    }
    index.entries[index.count++] = {0, tuple};
}

std::uint64_t place_of(IndexTuple tuple, std::size_t common) {
    std::string_view key = key_bytes(tuple);
    key.remove_prefix(std::min(common, key.size()));
    std::uint64_t place = 0;
    std::memcpy(&place, key.data(), std::min(sizeof place, key.size()));
    return std::endian::native == std::endian::little ? __builtin_bswap64(place) : place;
}

/* Writes the entries of an index, sorted. */
void write_entries(const Blocks &blocks, SortedIndex &index) {
    for (std::size_t i = 0; i < index.count; ++i) {
        index.entries[i].place = place_of(index.entries[i].tuple, index.common);
    }
    (void)uncancelled(sort_by_key(
        std::span(index.entries, index.count), std::span(index.entries + blocks.most_entries, index.count),
        64, [](const Entry &entry) { return entry.place; }, stop_asked));
    const IndexUniqueCheck check = index.info->ii_Unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
    const MemoryContext caller = MemoryContextSwitchTo(blocks.of_block);
    for (std::size_t i = 0; i < index.count; ++i) {
        CHECK_FOR_INTERRUPTS();
        Datum values[INDEX_MAX_KEYS];
        bool nulls[INDEX_MAX_KEYS];
        const IndexTuple tuple = index.entries[i].tuple;
        index_deform_tuple(tuple, RelationGetDescr(index.relation), values, nulls);
        index_insert(index.relation, values, nulls, &tuple->t_tid, blocks.table, check, false, index.info);
        if (i % kBlockRows == 0) {
            MemoryContextReset(blocks.of_block);
        }
    }
    MemoryContextSwitchTo(caller);
    MemoryContextReset(blocks.of_block);
    index.count = 0;
    index.common = SIZE_MAX;
}

void write_all_entries(Blocks &blocks) {
    for (std::size_t i = 0; i < blocks.index_count; ++i) {
        write_entries(blocks, blocks.indexes[i]);
    }
    MemoryContextReset(blocks.of_entries);
    blocks.entry_left = 0;
    blocks.entry_bytes = 0;
}

/* Writes the rows at hand. */
void write_block(Blocks &blocks) {
    if (blocks.slot_count == 0) {
        return;
    }
    CHECK_FOR_INTERRUPTS();
    const MemoryContext caller = MemoryContextSwitchTo(blocks.of_block);
    table_multi_insert(blocks.table, blocks.slots, blocks.slot_count, blocks.command, 0, blocks.bulk);
    MemoryContextReset(blocks.of_block);
    for (int i = 0; i < blocks.slot_count; ++i) {
        for (std::size_t j = 0; j < blocks.index_count; ++j) {
            add_entry(blocks, blocks.indexes[j], blocks.slots[i]);
        }
        ExecClearTuple(blocks.slots[i]);
    }
    MemoryContextSwitchTo(caller);
    MemoryContextReset(blocks.of_block);
    blocks.inserted += blocks.slot_count;
    blocks.slot_count = 0;
    blocks.slot_bytes = 0;
    if (blocks.index_count > 0 &&
        (blocks.indexes[0].count + kBlockRows > kMostEntries || blocks.entry_bytes > kMostEntryBytes)) {
        write_all_entries(blocks);
    }
}

/* The rows are those of the statement that gives them. */
void begin_receiving(DestReceiver *receiver, int /* operation */, TupleDesc /* row */) {
    reinterpret_cast<Blocks *>(receiver)->command = GetCurrentCommandId(true);
}

bool receive_row(TupleTableSlot *given, DestReceiver *receiver) {
    Blocks &blocks = *reinterpret_cast<Blocks *>(receiver);
    if (blocks.slot_count == kBlockRows || blocks.slot_bytes > kBlockBytes) {
        write_block(blocks);
    }
    const auto columns = static_cast<std::size_t>(RelationGetDescr(blocks.table)->natts);
    TupleTableSlot *slot = blocks.slots[blocks.slot_count];
    if (slot == nullptr) {
        const MemoryContext caller = MemoryContextSwitchTo(blocks.lasting);
        slot = blocks.slots[blocks.slot_count] = table_slot_create(blocks.table, nullptr);
        MemoryContextSwitchTo(caller);
    }
    slot_getallattrs(given);
    std::memcpy(slot->tts_values, blocks.standard, sizeof(Datum) * columns);
    std::memcpy(slot->tts_isnull, blocks.standard_nulls, sizeof(bool) * columns);
    for (int i = 0; i < blocks.column_count; ++i) {
        slot->tts_values[blocks.columns[i] - 1] = given->tts_values[i];
        slot->tts_isnull[blocks.columns[i] - 1] = given->tts_isnull[i];
    }
    ExecStoreVirtualTuple(slot);
    if (RelationGetDescr(blocks.table)->constr != nullptr) {
        ExecConstraints(blocks.result, slot, blocks.state);
        ResetPerTupleExprContext(blocks.state);
    }
    ExecMaterializeSlot(slot);
    ++blocks.slot_count;
    blocks.slot_bytes += reinterpret_cast<const HeapTupleTableSlot *>(slot)->tuple->t_len;
    return true;
}

} // namespace

Blocks *begin_blocks(const RowStore &store) {
    const Oid oid = get_relname_relid(store.table, get_namespace_oid("tradeup_bundles", false));
    auto *blocks = static_cast<Blocks *>(palloc0(sizeof(Blocks)));
    blocks->table = table_open(oid, RowExclusiveLock);
    if (!stands_alone(blocks->table) || !find_columns(*blocks, store) || !find_standard(*blocks) ||
        !open_indexes(*blocks)) {
        close(*blocks);
        return nullptr;
    }
    blocks->lasting = CurrentMemoryContext;
    blocks->of_block =
        AllocSetContextCreate(CurrentMemoryContext, "rows for a table", ALLOCSET_DEFAULT_SIZES);
    blocks->of_entries =
        AllocSetContextCreate(CurrentMemoryContext, "entries for indexes", ALLOCSET_DEFAULT_SIZES);
    blocks->most_entries = std::min(static_cast<std::size_t>(store.size), kMostEntries);
    for (std::size_t i = 0; i < blocks->index_count; ++i) {
        blocks->indexes[i].entries = static_cast<Entry *>(
            MemoryContextAlloc(CurrentMemoryContext, 2 * blocks->most_entries * sizeof(Entry)));
    }
    blocks->state = CreateExecutorState();
    blocks->result = makeNode(ResultRelInfo);
    InitResultRelInfo(blocks->result, blocks->table, 0, nullptr, 0);
    blocks->bulk = GetBulkInsertState();
    blocks->receiver = {receive_row, begin_receiving, [](DestReceiver *) {}, [](DestReceiver *) {}, DestNone};
    return blocks;
}

DestReceiver *receiver_of(Blocks *blocks) {
    return &blocks->receiver;
}

std::int64_t end_blocks(Blocks *blocks) {
    write_block(*blocks);
    write_all_entries(*blocks);
    FreeBulkInsertState(blocks->bulk);
    FreeExecutorState(blocks->state);
    std::for_each(blocks->slots, blocks->slots + kBlockRows, [](TupleTableSlot *slot) {
        if (slot != nullptr) {
            ExecDropSingleTupleTableSlot(slot);
        }
    });
    close(*blocks);
    return blocks->inserted;
}

} // namespace tradeup
