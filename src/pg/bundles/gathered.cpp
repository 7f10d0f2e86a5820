/*
 * Steps of the aggregates over baskets. A state may be sent by a parallel worker and added to another one.
 */
#include "core/base/sort.hpp"

#include <algorithm>
#include <cstring>

#include "pg/bundles/gathered.hpp"

#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
}

namespace tradeup {

namespace {

constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::uint32_t kMostKeys = UINT32_MAX - 1;

std::uint64_t hash_of(std::string_view key) {
    constexpr std::uint64_t kFactor = 0x9E37'79B9'7F4A'7C15U;
    const auto mixed = [](std::uint64_t hash, std::uint64_t word) {
        hash = (hash ^ word) * kFactor;
        return hash ^ (hash >> 29);
    };
    std::uint64_t hash = mixed(key.size(), 0x51ED'270B);
    for (; key.size() > 8; key.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, key.data(), sizeof word);
        hash = mixed(hash, word);
    }
    std::uint64_t word = 0;
    std::memcpy(&word, key.data(), key.size());
    return mixed(mixed(hash, word), 0);
}

/* An array of the state that is to hold more elements. */
template <typename T>
void reserve(Gathered *state, T *&array, std::uint64_t &room, std::uint64_t wanted) {
    if (wanted <= room) {
        return;
    }
    const std::uint64_t more = std::max<std::uint64_t>({wanted, room * 2, 64});
    const Size bytes = (more - room) * sizeof(T);
    require_memory(state->taken + bytes);
    if (array == nullptr) {
        array = allocated<T>(state->context, more);
    } else {
        grow(array, more);
    }
    state->taken += bytes;
    room = more;
}

std::uint64_t *slot_of(const Keys &keys, std::uint64_t hash, std::string_view key) {
    const std::uint64_t mask = keys.slot_count - 1;
    for (std::uint64_t at = hash & mask;; at = (at + 1) & mask) {
        std::uint64_t *slot = keys.slots + at;
        if (*slot == 0 ||
            ((*slot ^ hash) >> 32 == 0 && keys.key(static_cast<std::uint32_t>(*slot) - 1) == key)) {
            return slot;
        }
    }
}

/* More slots, of which at most half are taken. */
void more_slots(Gathered *state, Keys &keys) {
    const std::uint64_t more = std::max<std::uint64_t>(keys.slot_count * 2, 128);
    require_memory(state->taken + more * sizeof(std::uint64_t));
    if (keys.slots != nullptr) {
        pfree(keys.slots);
    }
    keys.slots = allocated<std::uint64_t>(state->context, more);
    std::memset(keys.slots, 0, more * sizeof(std::uint64_t));
    state->taken += (more - keys.slot_count) * sizeof(std::uint64_t);
    keys.slot_count = more;
    for (std::uint32_t number = 0; number < keys.count; ++number) {
        const std::uint64_t hash = hash_of(keys.key(number));
        std::uint64_t at = hash & (more - 1);
        while (keys.slots[at] != 0) {
            at = (at + 1) & (more - 1);
        }
        keys.slots[at] = (hash >> 32 << 32) | (number + 1);
    }
}

/* The number of a key, which is a new one when the key is. */
std::uint32_t number_of(Gathered *state, Keys &keys, std::string_view key) {
    if (keys.slot_count < 2 * (std::uint64_t{keys.count} + 1)) {
        more_slots(state, keys);
    }
    const std::uint64_t hash = hash_of(key);
    std::uint64_t *slot = slot_of(keys, hash, key);
    if (*slot != 0) {
        return static_cast<std::uint32_t>(*slot) - 1;
    }
    if (keys.count == kMostKeys) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many baskets or items"),
                        errdetail("There may be %u of each.", kMostKeys)));
    }
    reserve(state, keys.ends, keys.room, std::uint64_t{keys.count} + 1);
    reserve(state, keys.bytes, keys.bytes_room, keys.used + key.size());
    std::memcpy(keys.bytes + keys.used, key.data(), key.size());
    keys.used += key.size();
    keys.ends[keys.count] = keys.used;
    *slot = (hash >> 32 << 32) | ++keys.count;
    return keys.count - 1;
}

void add_row(Gathered *state, std::uint32_t basket, std::uint32_t item) {
    reserve(state, state->row, state->room, state->rows + 1);
    state->row[state->rows++] = basket_row(basket, item);
}

Gathered *new_gathered(MemoryContext context, KeyKind baskets, KeyKind items) {
    auto *state = static_cast<Gathered *>(MemoryContextAllocZero(context, sizeof(Gathered)));
    state->context = context;
    state->baskets.kind = baskets;
    state->items.kind = items;
    state->last_basket = kNone;
    return state;
}

/* How the values of an argument are told apart; kept for one place of a query. */
struct KeyReader {
    KeyKind kind;
    Oid type;
    FmgrInfo output;
};
struct Readers {
    KeyReader basket;
    KeyReader item;
};

KeyReader reader_of(FunctionCallInfo fcinfo, int argument) {
    KeyReader reader{};
    reader.type = get_fn_expr_argtype(fcinfo->flinfo, argument);
    if (!OidIsValid(reader.type)) {
        elog(ERROR, "could not determine data type of argument %d", argument);
    }
    switch (getBaseType(reader.type)) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
        reader.kind = KeyKind::integer;
        reader.type = getBaseType(reader.type);
        break;
    case TEXTOID:
    case VARCHAROID:
        reader.kind = KeyKind::bytes;
        break;
    default:
        reader.kind = KeyKind::as_written;
        Oid output = InvalidOid;
        bool is_varlena = false;
        getTypeOutputInfo(reader.type, &output, &is_varlena);
        fmgr_info_cxt(output, &reader.output, fcinfo->flinfo->fn_mcxt);
    }
    return reader;
}

/* The key of a value; `room` holds that of an integer. */
std::string_view key_of(KeyReader &reader, Datum value, std::int64_t &room) {
    switch (reader.kind) {
    case KeyKind::integer:
        room = reader.type == INT8OID   ? DatumGetInt64(value)
               : reader.type == INT4OID ? DatumGetInt32(value)
                                        : DatumGetInt16(value);
        return {reinterpret_cast<const char *>(&room), sizeof room};
    case KeyKind::bytes:
        return view_of(value);
    case KeyKind::as_written:
        break;
    }
    return OutputFunctionCall(&reader.output, value);
}

Readers *readers_of(FunctionCallInfo fcinfo) {
    if (fcinfo->flinfo->fn_extra == nullptr) {
        auto *readers =
            static_cast<Readers *>(MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Readers)));
        readers->basket = reader_of(fcinfo, 1);
        readers->item = reader_of(fcinfo, 2);
        fcinfo->flinfo->fn_extra = readers;
    }
    return static_cast<Readers *>(fcinfo->flinfo->fn_extra);
}

/* Options count when they first come, and must stay what they are. */
void take_options(Gathered *state, Jsonb *options) {
    if (state->options == nullptr) {
        state->options = static_cast<Jsonb *>(MemoryContextAlloc(state->context, VARSIZE(options)));
        std::memcpy(state->options, options, VARSIZE(options));
        (void)mining_options(options, {});
    } else if (VARSIZE(state->options) != VARSIZE(options) ||
               std::memcmp(state->options, options, VARSIZE(options)) != 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("options must be the same for all rows of a group"),
                        errdetail("They are %s and %s.", shown_json(state->options), shown_json(options))));
    }
}

constexpr const char *kUniverses[] = {"several", "all"};
constexpr const char *kTests[] = {"occurring", "all"};

enum Option : std::size_t {
    kUniverse,
    kTestsOption,
    kMinCount,
    kMinSupport,
    kMinConfidence,
    kMinLift,
    kMaxQ,
    kMaxItems
};
constexpr JsonKey kOptionKeys[] = {
    {"universe", JsonKind::any_text, "\"several\" or \"all\""},
    {"tests", JsonKind::any_text, "\"occurring\" or \"all\""},
    {"min_count", JsonKind::whole_number, "a whole number from 1 to 2147483647", decimal(1),
     decimal(2147483647)},
    {"min_support", JsonKind::number, "a number from 0 to 1", decimal(0), decimal(1)},
    {"min_confidence", JsonKind::number, "a number from 0 to 1", decimal(0), decimal(1)},
    {"min_lift", JsonKind::number, "a number from 0 to 1000000000", decimal(0), decimal(1000000000)},
    {"max_q", JsonKind::number, "a number from 0 to 1", decimal(0), decimal(1)},
    {"max_items", JsonKind::whole_number, "a whole number from 2 to 2147483647", decimal(2),
     decimal(2147483647)}};
constexpr JsonObject kOptions = {
    .whole = "options",
    .are = "They are",
    .entry = "option",
    .keys = kOptionKeys,
    .hint = "Options are universe, tests, min_count, min_support, min_confidence, min_lift, max_q and "
            "max_items, as in {\"min_count\": 5}."};

/* Which of two words a value is. */
bool is_second(const JsonKey &key, std::span<const char *const> words, JsonbValue *value) {
    const std::size_t index = index_among(words, text_of(value));
    if (index == words.size()) {
        refuse_value(kOptions, key, key.must, value);
    }
    return index == 1;
}

double double_of(const JsonbValue *value) {
    return DatumGetFloat8(DirectFunctionCall1(numeric_float8, numeric_of(value)));
}

/* What is sent of a state: this, then the arrays. */
struct SentState {
    KeyKind kinds[2];
    std::uint32_t counts[2];
    std::uint64_t used[2];
    std::uint64_t rows;
    std::uint64_t options; // bytes
};

} // namespace

void require_memory(Size bytes) {
    const Size allowed = get_hash_memory_limit();
    if (bytes > allowed) {
        /* Most of the memory is needed once all rows are there. */
        constexpr double kMore = 4;
        const auto wanted =
            static_cast<Size>(kMore * static_cast<double>(bytes) / static_cast<double>(allowed) * work_mem);
        ereport(ERROR, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
                        errmsg("baskets need more memory than work_mem allows"),
                        errdetail("They need %zu kB or more; work_mem times hash_mem_multiplier is %zu kB.",
                                  bytes / 1024, allowed / 1024),
                        errhint("Set work_mem to '%zuMB'.", wanted / 1024 + 1)));
    }
}

MiningOptions mining_options(Jsonb *options, MiningOptions standard) {
    if (options == nullptr) {
        return standard;
    }
    read_object(kOptions, options, [&](std::size_t index, JsonbValue *value) {
        const JsonKey &key = kOptionKeys[index];
        require_value(kOptions, key, value);
        switch (static_cast<Option>(index)) {
        case kUniverse:
            standard.universe.fewest_items = is_second(key, kUniverses, value) ? 1 : 2;
            break;
        case kTestsOption:
            standard.all_tests = is_second(key, kTests, value);
            break;
        case kMinCount:
            standard.min_count = whole_of(value);
            break;
        case kMinSupport:
            standard.min_support = double_of(value);
            break;
        case kMinConfidence:
            standard.min_confidence = double_of(value);
            break;
        case kMinLift:
            standard.min_lift = double_of(value);
            break;
        case kMaxQ:
            standard.max_q = double_of(value);
            break;
        case kMaxItems:
            standard.universe.most_items = static_cast<std::size_t>(whole_of(value));
            break;
        }
    });
    return standard;
}

Datum *order_items(Gathered *state) {
    const Keys &items = state->items;
    require_memory(state->taken + items.count * (2 * sizeof(std::uint32_t) + sizeof(Datum)));
    auto *order = allocated<std::uint32_t>(CurrentMemoryContext, items.count);
    auto *rank = allocated<std::uint32_t>(CurrentMemoryContext, items.count);
    auto *words = allocated<Datum>(CurrentMemoryContext, items.count);
    for (std::uint32_t i = 0; i < items.count; ++i) {
        order[i] = i;
    }
    const auto integer = [&](std::uint32_t number) {
        std::int64_t value = 0;
        std::memcpy(&value, items.key(number).data(), sizeof value);
        return value;
    };
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
        return items.kind == KeyKind::integer ? integer(a) < integer(b) : items.key(a) < items.key(b);
    };
    (void)uncancelled(sort_elements(std::span(order, items.count), before, stop_asked));
    for (std::uint32_t i = 0; i < items.count; ++i) {
        end_if_asked(i);
        const std::string_view key = items.key(order[i]);
        rank[order[i]] = i;
        words[i] = items.kind == KeyKind::integer
                       ? CStringGetTextDatum(psprintf("%lld", static_cast<long long>(integer(order[i]))))
                       : PointerGetDatum(cstring_to_text_with_len(key.data(), static_cast<int>(key.size())));
    }
    for (BasketRow &row : state->all()) {
        row = basket_row(basket_of(row), rank[item_of(row)]);
    }
    pfree(order);
    pfree(rank);
    return words;
}

} // namespace tradeup

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(basket_step);
PG_FUNCTION_INFO_V1(basket_combine);
PG_FUNCTION_INFO_V1(basket_serialize);
PG_FUNCTION_INFO_V1(basket_deserialize);

/* basket_step(state, basket, item [, options]): rows without a basket or an item count for nothing. */
Datum basket_step(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Readers *readers = readers_of(fcinfo);
    Gathered *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        state = new_gathered(context, readers->basket.kind, readers->item.kind);
    }
    if (PG_NARGS() > 3 && !PG_ARGISNULL(3)) {
        take_options(state, PG_GETARG_JSONB_P(3));
    }
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) {
        PG_RETURN_POINTER(state);
    }
    std::int64_t room = 0;
    const std::string_view basket = key_of(readers->basket, PG_GETARG_DATUM(1), room);
    if (state->last_basket == kNone || state->baskets.key(state->last_basket) != basket) {
        state->last_basket = number_of(state, state->baskets, basket);
    }
    const std::string_view item = key_of(readers->item, PG_GETARG_DATUM(2), room);
    add_row(state, state->last_basket, number_of(state, state->items, item));
    PG_RETURN_POINTER(state);
}

/* basket_combine(state, other): the rows of both. */
Datum basket_combine(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Gathered *state = state_argument<Gathered>(fcinfo);
    if (PG_ARGISNULL(1)) {
        if (state == nullptr) {
            PG_RETURN_NULL();
        }
        PG_RETURN_POINTER(state);
    }
    const auto *other = reinterpret_cast<const Gathered *>(PG_GETARG_POINTER(1));
    if (state == nullptr) {
        state = new_gathered(context, other->baskets.kind, other->items.kind);
    }
    if (other->options != nullptr) {
        take_options(state, other->options);
    }
    const auto numbers = [&](const Keys &theirs, Keys &ours) {
        auto *map = allocated<std::uint32_t>(CurrentMemoryContext, theirs.count);
        for (std::uint32_t i = 0; i < theirs.count; ++i) {
            end_if_asked(i);
            map[i] = number_of(state, ours, theirs.key(i));
        }
        return map;
    };
    std::uint32_t *baskets = numbers(other->baskets, state->baskets);
    std::uint32_t *items = numbers(other->items, state->items);
    for (const BasketRow row : other->all()) {
        add_row(state, baskets[basket_of(row)], items[item_of(row)]);
    }
    pfree(baskets);
    pfree(items);
    PG_RETURN_POINTER(state);
}

Datum basket_serialize(PG_FUNCTION_ARGS) {
    const auto *state = reinterpret_cast<const Gathered *>(PG_GETARG_POINTER(0));
    const SentState head{{state->baskets.kind, state->items.kind},
                         {state->baskets.count, state->items.count},
                         {state->baskets.used, state->items.used},
                         state->rows,
                         state->options == nullptr ? 0 : VARSIZE(state->options)};
    const Size bytes = sizeof head + head.options + head.used[0] + head.used[1] +
                       (std::uint64_t{head.counts[0]} + head.counts[1] + head.rows) * sizeof(std::uint64_t);
    if (bytes > MaxAllocSize - VARHDRSZ) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("baskets are too many for a parallel worker to send"),
                        errdetail("They take %zu bytes, and 1 GB is the most.", bytes),
                        errhint("Set max_parallel_workers_per_gather to 0.")));
    }
    auto *sent = static_cast<bytea *>(palloc(VARHDRSZ + bytes));
    SET_VARSIZE(sent, VARHDRSZ + bytes);
    char *to = VARDATA(sent);
    const auto put = [&to](const void *from, Size size) {
        if (size > 0) {
            std::memcpy(to, from, size);
        }
        to += size;
    };
    put(&head, sizeof head);
    put(state->options, head.options);
    for (const Keys *keys : {&state->baskets, &state->items}) {
        put(keys->ends, keys->count * sizeof(std::uint64_t));
        put(keys->bytes, keys->used);
    }
    put(state->row, state->rows * sizeof(BasketRow));
    PG_RETURN_BYTEA_P(sent);
}

Datum basket_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const bytea *sent = PG_GETARG_BYTEA_PP(0);
    const char *from = VARDATA_ANY(sent);
    SentState head;
    std::memcpy(&head, from, sizeof head);
    from += sizeof head;
    const auto take = [&from](Size size) {
        auto *copy = allocated<char>(CurrentMemoryContext, size);
        if (size > 0) {
            std::memcpy(copy, from, size);
        }
        from += size;
        return copy;
    };
    Gathered *state = new_gathered(CurrentMemoryContext, head.kinds[0], head.kinds[1]);
    if (head.options > 0) {
        state->options = reinterpret_cast<Jsonb *>(take(head.options));
    }
    Keys *const both[] = {&state->baskets, &state->items};
    for (int i = 0; i < 2; ++i) {
        both[i]->count = head.counts[i];
        both[i]->ends = reinterpret_cast<std::uint64_t *>(take(head.counts[i] * sizeof(std::uint64_t)));
        both[i]->used = head.used[i];
        both[i]->bytes = take(head.used[i]);
    }
    state->rows = head.rows;
    state->row = reinterpret_cast<BasketRow *>(take(head.rows * sizeof(BasketRow)));
    PG_RETURN_POINTER(state);
}

} // extern "C"
