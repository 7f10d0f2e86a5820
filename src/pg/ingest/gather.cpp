/*
 * From values of the core to rows of tables.
 */
#include "pg/ingest/gather.hpp"

#include <algorithm>
#include <cstring>

#include "pg/glue/numeric.hpp"
#include "pg/ingest/file.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "mb/pg_wchar.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
}

namespace tradeup {

namespace {

constexpr std::size_t kFirstKeys = 1024;
constexpr std::size_t kArenaBlock = std::size_t{1} << 20;

/* Keys that are made or moved between two looks at whether the load is to end: 4 MB of them. */
constexpr std::size_t kKeysAtOnce = std::size_t{1} << 18;

/* A table without keys. */
KeyTable key_table(MemoryContext context, std::size_t size) {
    auto *entries = static_cast<KeyEntry *>(
        MemoryContextAllocExtended(context, sizeof(KeyEntry) * size, MCXT_ALLOC_HUGE));
    for (std::size_t i = 0; i < size; i += kKeysAtOnce) {
        CHECK_FOR_INTERRUPTS();
        std::fill_n(entries + i, std::min(kKeysAtOnce, size - i), KeyEntry{});
    }
    return {entries, size, 0};
}

/* The same keys with room for more. */
KeyTable larger_table(MemoryContext context, const KeyTable &table) {
    KeyTable larger = key_table(context, 2 * table.size);
    for (std::size_t i = 0; i < table.size; i += kKeysAtOnce) {
        CHECK_FOR_INTERRUPTS();
        move_keys({table.entries + i, std::min(kKeysAtOnce, table.size - i), 0}, larger);
    }
    return larger;
}

/* The entry of a key of two parts. */
KeyEntry &entry_of_key(Gathered &gathered, KeyTable &table, std::string_view first, std::string_view kind,
                       std::string_view second, bool &is_new) {
    if (is_full(table)) {
        const KeyTable larger = larger_table(gathered.lasting, table);
        pfree(table.entries);
        table = larger;
    }
    Fingerprint print = fingerprint(first, gathered.seed);
    if (!kind.empty()) {
        print = fingerprint(second, fingerprint(kind, print));
    }
    return entry_of(table, print, is_new);
}

const char *kept_text(Gathered &gathered, std::string_view text) {
    Arena &arena = gathered.arena;
    if (text.size() > arena.left) {
        if (text.size() > kArenaBlock / 4) {
            return static_cast<const char *>(
                std::memcpy(MemoryContextAllocHuge(gathered.lasting, text.size()), text.data(), text.size()));
        }
        arena = {static_cast<char *>(MemoryContextAlloc(gathered.lasting, kArenaBlock)), kArenaBlock};
    }
    char *kept = arena.block;
    std::memcpy(kept, text.data(), text.size());
    arena.block += text.size();
    arena.left -= text.size();
    return kept;
}

Oid type_of(ColumnType type) {
    switch (type) {
    case ColumnType::key:
    case ColumnType::text:
    case ColumnType::status:
        return TEXTOID;
    case ColumnType::amount:
    case ColumnType::compared_amount:
        return NUMERICOID;
    case ColumnType::count:
    case ColumnType::stock:
        return INT4OID;
    case ColumnType::moment:
        break;
    }
    return TIMESTAMPTZOID;
}

bool is_text(ColumnType type) {
    return type_of(type) == TEXTOID;
}

/* A time without a zone is one of the time zone of the upload. */
std::int64_t in_utc(const Moment &moment, pg_tz *zone) {
    if (moment.in_utc || zone == nullptr) {
        return moment.microseconds;
    }
    struct pg_tm parts {};
    fsec_t fraction = 0;
    if (timestamp2tm(moment.microseconds, nullptr, &parts, &fraction, nullptr, nullptr) != 0) {
        return moment.microseconds;
    }
    return moment.microseconds + DetermineTimeZoneOffset(&parts, zone) * USECS_PER_SEC;
}

/* A text as a value, written at `to`, where there is room for it and 8 bytes; `to` moves on. */
Datum text_at(char *&to, std::string_view text, bool upper) {
    text = to_server(text);
    char *begin = nullptr;
    if (text.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX) {
        begin = to;
        SET_VARSIZE_SHORT(begin, text.size() + VARHDRSZ_SHORT);
        to += VARHDRSZ_SHORT;
    } else {
        begin = to + (INTALIGN(reinterpret_cast<std::uintptr_t>(to)) - reinterpret_cast<std::uintptr_t>(to));
        SET_VARSIZE(begin, text.size() + VARHDRSZ);
        to = begin + VARHDRSZ;
    }
    std::memcpy(to, text.data(), text.size());
    if (upper) {
        std::transform(to, to + text.size(), to,
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    }
    to += text.size();
    return PointerGetDatum(begin);
}

/* Room for the texts of a row's values in the encoding of the database. */
char *room_for_texts(Gathered &gathered, const FileValue *values, std::size_t count, std::size_t more) {
    std::size_t bytes = more;
    for (std::size_t i = 0; i < count; ++i) {
        bytes += 2 * values[i].text.size() + 8;
    }
    bytes *= GetDatabaseEncoding() == PG_UTF8 ? 1 : MAX_CONVERSION_GROWTH;
    if (bytes > gathered.texts_capacity) {
        if (gathered.texts != nullptr) {
            pfree(gathered.texts);
        }
        gathered.texts_capacity = 2 * bytes;
        gathered.texts =
            static_cast<char *>(MemoryContextAllocHuge(gathered.lasting, gathered.texts_capacity));
    }
    return gathered.texts;
}

Datum value_of_column(const Gathered &gathered, const FileColumn &column, const FileValue &value, char *&to) {
    switch (column.type) {
    case ColumnType::key:
    case ColumnType::text:
    case ColumnType::status:
        return text_at(to, value.text, column.type == ColumnType::status);
    case ColumnType::amount:
    case ColumnType::compared_amount:
        return to_numeric(value.amount.units, value.amount.scale);
    case ColumnType::count:
    case ColumnType::stock:
        return Int32GetDatum(value.count);
    case ColumnType::moment:
        break;
    }
    return TimestampTzGetDatum(in_utc(value.moment, gathered.time_zone));
}

/* The columns of an order's line that come from the file as they are. */
bool is_plain_line_column(std::size_t i) {
    return i != order_column::order_id && i != order_column::line_item_id && i != order_column::line_total;
}

void begin_lines(Gathered &gathered) {
    const RowRules &rules = *gathered.rules;
    const std::span<const FileColumn> columns = columns_of(rules.kind);
    gathered.rows.table = "order_line";
    add_column(gathered.rows, "order_id", TEXTOID, true);
    add_column(gathered.rows, "line_key", TEXTOID, true);
    add_column(gathered.rows, "line_total", NUMERICOID);
    gathered.orders.table = "shop_order";
    add_column(gathered.orders, "order_id", TEXTOID, true);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (rules.cell_of[i] < 0) {
            continue;
        }
        if (columns[i].of_order) {
            add_column(gathered.orders, columns[i].name, type_of(columns[i].type));
            gathered.order_columns[gathered.order_column_count++] = static_cast<std::int32_t>(i);
        } else if (is_plain_line_column(i)) {
            add_column(gathered.rows, columns[i].name, type_of(columns[i].type));
        }
    }
    gathered.order_keys = key_table(gathered.lasting, kFirstKeys);
    begin_store(gathered.orders);
}

/* The order of a row, and what the row says of it that no row before said. */
std::size_t gather_order(Gathered &gathered, const FileValue *values, std::string_view order) {
    const std::size_t width = gathered.order_column_count + 1;
    bool is_new = false;
    KeyEntry &entry = entry_of_key(gathered, gathered.order_keys, order, {}, {}, is_new);
    if (is_new) {
        if (gathered.order_count == gathered.order_capacity) {
            gathered.order_capacity = std::max<std::size_t>(256, 2 * gathered.order_capacity);
            const std::size_t bytes = sizeof(KeptValue) * width * gathered.order_capacity;
            gathered.kept = static_cast<KeptValue *>(gathered.kept == nullptr
                                                         ? MemoryContextAllocHuge(gathered.lasting, bytes)
                                                         : repalloc_huge(gathered.kept, bytes));
        }
        entry.value = static_cast<std::uint32_t>(gathered.order_count++);
        KeptValue *kept = gathered.kept + entry.value * width;
        std::fill_n(kept, width, KeptValue{});
        kept[0].text = kept_text(gathered, order);
        kept[0].size = static_cast<std::int32_t>(order.size());
    }
    KeptValue *kept = gathered.kept + entry.value * width + 1;
    const std::span<const FileColumn> columns = columns_of(gathered.rules->kind);
    for (std::size_t i = 0; i < gathered.order_column_count; ++i) {
        const auto column = static_cast<std::size_t>(gathered.order_columns[i]);
        const FileValue &value = values[column];
        if (kept[i].filled || !value.filled) {
            continue;
        }
        kept[i].filled = true;
        if (is_text(columns[column].type)) {
            kept[i].text = kept_text(gathered, value.text);
            kept[i].size = static_cast<std::int32_t>(value.text.size());
        } else if (columns[column].type == ColumnType::moment) {
            kept[i].number = in_utc(value.moment, gathered.time_zone);
        } else {
            kept[i].number = value.amount.units;
            kept[i].size = value.amount.scale;
        }
    }
    return entry.value;
}

/* The row with this number is replaced by a later one. */
void supersede(Gathered &gathered, std::uint32_t number) {
    include(gathered.superseded, number);
    ++gathered.duplicates;
}

/* Notes that a key comes with the next row. */
void note_key(Gathered &gathered, KeyEntry &entry, bool is_new) {
    if (!is_new) {
        supersede(gathered, entry.value);
    }
    entry.value = static_cast<std::uint32_t>(gathered.rows.size);
}

/* The key of a line, written at `to`: by its identifier, or counted within its order. */
Datum line_key(Gathered &gathered, const FileValue *values, std::string_view order, char *&to) {
    const FileValue &id = values[order_column::line_item_id];
    const FileValue &variant = values[order_column::variant_id];
    const std::string_view kind = id.filled ? "id:" : variant.filled ? "variant:" : "sku:";
    const std::string_view value = id.filled        ? id.text
                                   : variant.filled ? variant.text
                                                    : values[order_column::sku].text;
    char *text = static_cast<char *>(palloc(kind.size() + value.size() + 16));
    std::memcpy(text, kind.data(), kind.size());
    std::memcpy(text + kind.size(), value.data(), value.size());
    std::size_t length = kind.size() + value.size();
    bool is_new = false;
    KeyEntry &entry = entry_of_key(gathered, gathered.keys, order, kind, value, is_new);
    if (id.filled) {
        note_key(gathered, entry, is_new);
    } else {
        text[length++] = '#';
        if (is_new && gathered.stored_lines != nullptr) {
            entry.value = gathered.stored_lines(gathered.stored_context, order, {text, length});
        }
        length += static_cast<std::size_t>(pg_ultoa_n(++entry.value, text + length));
    }
    return text_at(to, {text, length}, false);
}

void gather_line(Gathered &gathered, const FileValue *values) {
    const FileValue &id = values[order_column::order_id];
    const std::string_view order = id.filled ? id.text : values[order_column::order_name].text;
    gather_order(gathered, values, order);
    const std::span<const FileColumn> columns = columns_of(gathered.rules->kind);
    char *to = room_for_texts(gathered, values, columns.size(), 3 * kLongestKey + 100);
    Datum row[kMostStored];
    bool nulls[kMostStored] = {};
    row[1] = text_at(to, order, false);
    row[2] = line_key(gathered, values, order, to);
    const FileValue &total = values[order_column::line_total];
    row[3] = total.filled ? to_numeric(total.amount.units, total.amount.scale) : 0;
    nulls[3] = !total.filled;
    int at = 4;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (gathered.rules->cell_of[i] < 0 || columns[i].of_order || !is_plain_line_column(i)) {
            continue;
        }
        nulls[at] = !values[i].filled;
        row[at] = values[i].filled ? value_of_column(gathered, columns[i], values[i], to) : 0;
        ++at;
    }
    put_row(gathered.rows, row, nulls);
}

void begin_plain(Gathered &gathered) {
    const RowRules &rules = *gathered.rules;
    const std::span<const FileColumn> columns = columns_of(rules.kind);
    gathered.rows.table = rules.kind == FileKind::variants           ? "variant"
                          : rules.kind == FileKind::inventory_levels ? "inventory_level"
                                                                     : "catalog_item";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (rules.cell_of[i] >= 0) {
            /* The key is the variant, or the item and its location; a variant's product is an attribute. */
            const bool is_key = i == 0 || (i == 1 && rules.kind == FileKind::inventory_levels);
            add_column(gathered.rows, columns[i].name, type_of(columns[i].type), is_key);
        }
    }
}

void gather_plain(Gathered &gathered, const FileValue *values) {
    const std::span<const FileColumn> columns = columns_of(gathered.rules->kind);
    const bool two = gathered.rules->kind == FileKind::inventory_levels;
    bool is_new = false;
    KeyEntry &entry = entry_of_key(gathered, gathered.keys, values[0].text, two ? "location" : "",
                                   two ? values[1].text : "", is_new);
    note_key(gathered, entry, is_new);
    char *to = room_for_texts(gathered, values, columns.size(), 0);
    Datum row[kMostStored];
    bool nulls[kMostStored] = {};
    int at = 1;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (gathered.rules->cell_of[i] >= 0) {
            nulls[at] = !values[i].filled;
            row[at] = values[i].filled ? value_of_column(gathered, columns[i], values[i], to) : 0;
            ++at;
        }
    }
    put_row(gathered.rows, row, nulls);
}

} // namespace

Gathered begin_gathering(const RowRules &rules, pg_tz *time_zone) {
    Gathered gathered{};
    gathered.rules = &rules;
    gathered.time_zone = time_zone;
    gathered.lasting = CurrentMemoryContext;
    gathered.of_row = AllocSetContextCreate(CurrentMemoryContext, "row of a file", ALLOCSET_DEFAULT_SIZES);
    gathered.seed = {pg_prng_uint64(&pg_global_prng_state), pg_prng_uint64(&pg_global_prng_state)};
    gathered.superseded.context = CurrentMemoryContext;
    gathered.keys = key_table(gathered.lasting, kFirstKeys);
    if (rules.kind == FileKind::orders) {
        begin_lines(gathered);
    } else {
        begin_plain(gathered);
    }
    begin_store(gathered.rows);
    return gathered;
}

void gather(Gathered &gathered, const FileValue *values) {
    const MemoryContext caller = MemoryContextSwitchTo(gathered.of_row);
    if (gathered.rules->kind == FileKind::orders) {
        gather_line(gathered, values);
    } else {
        gather_plain(gathered, values);
    }
    MemoryContextSwitchTo(caller);
    MemoryContextReset(gathered.of_row);
}

void end_gathering(Gathered &gathered) {
    if (gathered.duplicates > 0) {
        const RowStore kept = selected(gathered.rows, gathered.superseded, false);
        end_store(gathered.rows);
        gathered.rows = kept;
    }
    const std::span<const FileColumn> columns = columns_of(gathered.rules->kind);
    const std::size_t width = gathered.order_column_count + 1;
    for (std::size_t order = 0; order < gathered.order_count; ++order) {
        const MemoryContext caller = MemoryContextSwitchTo(gathered.of_row);
        const KeptValue *kept = gathered.kept + order * width;
        Datum row[kMostStored];
        bool nulls[kMostStored] = {};
        row[1] = text_of_file({kept[0].text, static_cast<std::size_t>(kept[0].size)});
        for (std::size_t i = 1; i < width; ++i) {
            const ColumnType type = columns[static_cast<std::size_t>(gathered.order_columns[i - 1])].type;
            nulls[i + 1] = !kept[i].filled;
            row[i + 1] = !kept[i].filled ? 0
                         : is_text(type)
                             ? text_of_file({kept[i].text, static_cast<std::size_t>(kept[i].size)})
                         : type == ColumnType::moment ? TimestampTzGetDatum(kept[i].number)
                                                      : to_numeric(kept[i].number, kept[i].size);
        }
        put_row(gathered.orders, row, nulls);
        MemoryContextSwitchTo(caller);
        MemoryContextReset(gathered.of_row);
        CHECK_FOR_INTERRUPTS();
    }
}

} // namespace tradeup
