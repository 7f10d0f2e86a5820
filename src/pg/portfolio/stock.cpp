/*
 * Stocks are made here: by the aggregate stock_list, of prices and vehicles gathered in any order, and of a
 * part of another stock.
 */
#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>

#include "core/base/sort.hpp"
#include "core/number/line.hpp"

#include "pg/portfolio/stock.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/array_writer.hpp"
#include "pg/glue/interrupt.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

using namespace tradeup;

namespace {

/* What has been gathered; everything lies in the aggregate's memory. */
struct Gathered {
    MemoryContext context;
    std::size_t count;
    std::size_t capacity;
    std::int64_t *prices;
    std::uint32_t *starts;
    char *ids;
    std::size_t ids_capacity;
    bool ascending; // each comes after the one before
};

constexpr std::size_t kFirstCapacity = 256;
constexpr std::size_t kFirstIds = 4096;

Gathered *new_gathered(MemoryContext context) {
    auto *state = allocated<Gathered>(context, 1);
    *state = {context,
              0,
              kFirstCapacity,
              allocated<std::int64_t>(context, kFirstCapacity),
              allocated<std::uint32_t>(context, kFirstCapacity + 1),
              allocated<char>(context, kFirstIds),
              kFirstIds,
              true};
    state->starts[0] = 0;
    return state;
}

[[noreturn]] void too_large() {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("stock is too large"),
                    errdetail("Its prices and vehicle_ids would take more than a gigabyte.")));
    pg_unreachable();
}

std::string_view id_at(const Gathered *state, std::size_t place) {
    return {state->ids + state->starts[place], state->starts[place + 1] - state->starts[place]};
}

/* A vehicle with what orders most of them beside it. */
struct Placed {
    std::int64_t price;
    std::uint32_t place;
};

/* Whether one vehicle comes before another: by price, then by vehicle_id. */
bool before(const Gathered *state, const Placed &a, const Placed &b) {
    return a.price != b.price ? a.price < b.price : id_at(state, a.place) < id_at(state, b.place);
}

Placed placed(const Gathered *state, std::size_t place) {
    return {state->prices[place], static_cast<std::uint32_t>(place)};
}

void gather(Gathered *state, std::int64_t price, const char *id, std::size_t length) {
    const std::size_t used = state->starts[state->count];
    if (state->count == state->capacity) {
        state->capacity *= 2;
        grow(state->prices, state->capacity);
        grow(state->starts, state->capacity + 1);
    }
    if (used + length > state->ids_capacity) {
        if (used + length > MaxAllocSize) {
            too_large();
        }
        state->ids_capacity = std::max(2 * state->ids_capacity, used + length);
        grow(state->ids, state->ids_capacity);
    }
    std::memcpy(state->ids + used, id, length);
    state->prices[state->count] = price;
    state->starts[++state->count] = static_cast<std::uint32_t>(used + length);
    if (state->count > 1) {
        state->ascending = state->ascending &&
                           before(state, placed(state, state->count - 2), placed(state, state->count - 1));
    }
}

/* The vehicles in order, by price and then by vehicle_id, each once. */
std::span<const Placed> sorted_vehicles(const Gathered *state) {
    auto *vehicles = allocated<Placed>(CurrentMemoryContext, state->count);
    for (std::size_t i = 0; i < state->count; ++i) {
        vehicles[i] = placed(state, i);
    }
    const auto in_order = [state](const Placed &a, const Placed &b) { return before(state, a, b); };
    (void)uncancelled(sort_elements(std::span(vehicles, state->count), in_order, stop_asked));
    const auto same = [state](const Placed &a, const Placed &b) { return !before(state, a, b); };
    return {vehicles, std::unique(vehicles, vehicles + state->count, same)};
}

/* A stock that is being written. */
struct StockWriter {
    StockHead *head;
    std::int64_t *prices;
    std::uint32_t *starts;
    char *ids;
    std::size_t count; // written so far

    void put(std::int64_t price, std::string_view id) {
        prices[count] = price;
        std::memcpy(ids + starts[count], id.data(), id.size());
        starts[count + 1] = starts[count] + static_cast<std::uint32_t>(id.size());
        ++count;
    }
};

/* Room for a stock of so many vehicles whose vehicle_ids have so many bytes. */
StockWriter new_stock(std::size_t count, std::size_t ids) {
    const Size size = stock_size(count, ids);
    if (size > MaxAllocSize) {
        too_large();
    }
    auto *head = static_cast<StockHead *>(palloc(size));
    *head = {0, kStockFormat, static_cast<std::int64_t>(count)};
    SET_VARSIZE(head, size);
    auto *prices = reinterpret_cast<std::int64_t *>(head + 1);
    auto *starts = reinterpret_cast<std::uint32_t *>(prices + count);
    starts[0] = 0;
    return {head, prices, starts, reinterpret_cast<char *>(starts + count + 1), 0};
}

} // namespace

Stock tradeup::to_stock(Datum bytes) {
    const char *stored = reinterpret_cast<const char *>(PG_DETOAST_DATUM(bytes));
    const Size size = VARSIZE(stored);
    if (reinterpret_cast<std::uintptr_t>(stored) % alignof(StockHead) != 0) {
        /* A bytea in a row begins at any fourth byte. */
        stored = static_cast<const char *>(std::memcpy(palloc(size), stored, size));
    }
    const Result<Stock> stock = read_stock(stored, size);
    if (!stock) {
        report(with_hint(with_detail(stock.error(), "It has %zu bytes.", size),
                         "Make it with stock_list(price_minor, vehicle_id)."));
    }
    return *stock;
}

Datum tradeup::kept_in_stock(const Stock &stock, std::int32_t *places) {
    std::size_t count = 0;
    std::size_t ids = 0;
    for (std::size_t i = 0; i < stock.count; ++i) {
        if (places[i] >= 0) {
            places[i] = static_cast<std::int32_t>(count++);
            ids += stock.vehicle_id(i).size();
        }
    }
    StockWriter kept = new_stock(count, ids);
    for (std::size_t i = 0; i < stock.count; ++i) {
        if (places[i] >= 0) {
            kept.put(stock.prices[i], stock.vehicle_id(i));
        }
    }
    return PointerGetDatum(kept.head);
}

extern "C" {

PG_FUNCTION_INFO_V1(stock_list_step);
PG_FUNCTION_INFO_V1(stock_list_final);
PG_FUNCTION_INFO_V1(vehicles_in_stock);

/* stock_list_step(state, price_minor, vehicle_id): vehicles of which either is null are left out. */
Datum stock_list_step(PG_FUNCTION_ARGS) {
    Gathered *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        state = new_gathered(aggregate_context(fcinfo));
    }
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) {
        PG_RETURN_POINTER(state);
    }
    const std::int64_t price = PG_GETARG_INT64(1);
    if (price < 0 || price > kMaxPriceMinor) {
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        errmsg("price must be between 0 and %lld minor units",
                               static_cast<long long>(kMaxPriceMinor)),
                        errdetail("It is %lld.", static_cast<long long>(price))));
    }
    const text *id = PG_GETARG_TEXT_PP(2);
    gather(state, price, VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id));
    PG_RETURN_POINTER(state);
}

Datum stock_list_final(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const Gathered *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        PG_RETURN_BYTEA_P(new_stock(0, 0).head);
    }
    if (state->ascending) {
        const StockWriter all = new_stock(state->count, state->starts[state->count]);
        std::memcpy(all.prices, state->prices, state->count * sizeof(std::int64_t));
        std::memcpy(all.starts, state->starts, (state->count + 1) * sizeof(std::uint32_t));
        std::memcpy(all.ids, state->ids, state->starts[state->count]);
        PG_RETURN_BYTEA_P(all.head);
    }
    const std::span<const Placed> vehicles = sorted_vehicles(state);
    std::size_t ids = 0;
    for (const Placed &one : vehicles) {
        ids += id_at(state, one.place).size();
    }
    StockWriter sorted = new_stock(vehicles.size(), ids);
    for (const Placed &one : vehicles) {
        sorted.put(one.price, id_at(state, one.place));
    }
    PG_RETURN_BYTEA_P(sorted.head);
}

/* vehicles_in_stock(stock): their vehicle_ids in the order of their bytes, because the server sorts what
 * `= ANY` looks up, and is slower at it. */
Datum vehicles_in_stock(PG_FUNCTION_ARGS) {
    const Stock stock = to_stock(PG_GETARG_DATUM(0));
    auto *names = allocated<std::string_view>(CurrentMemoryContext, stock.count);
    for (std::size_t i = 0; i < stock.count; ++i) {
        names[i] = stock.vehicle_id(i);
    }
    (void)uncancelled(sort_elements(std::span(names, stock.count), std::less<>{}, stop_asked));
    ArrayWriter ids = begin_array(CurrentMemoryContext);
    for (std::size_t i = 0; i < stock.count; ++i) {
        put_text(ids, names[i]);
    }
    PG_RETURN_DATUM(array_written(ids, TEXTOID));
}

} // extern "C"
