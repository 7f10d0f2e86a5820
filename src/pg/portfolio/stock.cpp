/*
 * The aggregate stock_list: prices and vehicles gathered in any order, sorted at the end where they are not.
 */
#include <algorithm>
#include <cstring>

#include "core/number/line.hpp"

#include "pg/portfolio/stock.hpp"

#include "pg/glue/aggregate.hpp"

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
    bool sorted;
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

/* Whether one vehicle comes before another: by price, then by vehicle_id. */
bool before(const Gathered *state, std::size_t a, std::size_t b) {
    return state->prices[a] != state->prices[b] ? state->prices[a] < state->prices[b]
                                                : id_at(state, a) < id_at(state, b);
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
        state->sorted = state->sorted && !before(state, state->count - 1, state->count - 2);
    }
}

/* The places of the vehicles in order; only for those that did not come in order. */
std::uint32_t *sorted_places(const Gathered *state) {
    auto *places = static_cast<std::uint32_t *>(palloc(state->count * sizeof(std::uint32_t)));
    for (std::size_t i = 0; i < state->count; ++i) {
        places[i] = static_cast<std::uint32_t>(i);
    }
    std::sort(places, places + state->count,
              [state](std::uint32_t a, std::uint32_t b) { return before(state, a, b); });
    return places;
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

extern "C" {

PG_FUNCTION_INFO_V1(stock_list_step);
PG_FUNCTION_INFO_V1(stock_list_final);

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
    const std::size_t count = state == nullptr ? 0 : state->count;
    const std::size_t ids = state == nullptr ? 0 : state->starts[count];
    const Size size = stock_size(count, ids);
    if (size > MaxAllocSize) {
        too_large();
    }
    auto *head = static_cast<StockHead *>(palloc(size));
    *head = {0, kStockFormat, static_cast<std::int64_t>(count)};
    SET_VARSIZE(head, size);
    auto *prices = reinterpret_cast<std::int64_t *>(head + 1);
    auto *starts = reinterpret_cast<std::uint32_t *>(prices + count);
    auto *to = reinterpret_cast<char *>(starts + count + 1);
    starts[0] = 0;
    if (state != nullptr && state->sorted) {
        std::memcpy(prices, state->prices, count * sizeof(std::int64_t));
        std::memcpy(starts, state->starts, (count + 1) * sizeof(std::uint32_t));
        std::memcpy(to, state->ids, ids);
    } else if (state != nullptr) {
        const std::uint32_t *places = sorted_places(state);
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view id = id_at(state, places[i]);
            prices[i] = state->prices[places[i]];
            std::memcpy(to + starts[i], id.data(), id.size());
            starts[i + 1] = starts[i] + static_cast<std::uint32_t>(id.size());
        }
    }
    PG_RETURN_BYTEA_P(head);
}

} // extern "C"
