/*
 * The aggregate price_list: prices gathered in any order, by parallel workers too, and sorted at the end.
 */
#include <cstring>

#include "pg/portfolio/price_list.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

using namespace tradeup;

namespace {

/* The state of the aggregate: prices in any order. */
struct Gathered {
    std::int32_t minor_digits;
    Size count;
    Size capacity;
    std::int64_t *prices;
};

constexpr Size kFirstCapacity = 64;
constexpr std::int32_t kUsualDigits = 2;

Gathered *new_gathered(MemoryContext context, std::int32_t minor_digits, Size capacity) {
    auto *state = static_cast<Gathered *>(MemoryContextAlloc(context, sizeof(Gathered)));
    *state = {minor_digits, 0, capacity, nullptr};
    state->prices = allocated<std::int64_t>(context, capacity);
    return state;
}

void make_room(Gathered *state, Size more) {
    if (state->count + more > kMaxListed) {
        (void)new_price_list(state->count + more, state->minor_digits); // raises the error
    }
    if (state->count + more > state->capacity) {
        state->capacity = Max(2 * state->capacity, state->count + more);
        grow(state->prices, state->capacity);
    }
}

/* The state of the aggregate, which begins at the first price; all prices must have the same digits. */
Gathered *state_with(FunctionCallInfo fcinfo, std::int32_t minor_digits) {
    const MemoryContext context = aggregate_context(fcinfo);
    Gathered *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        return new_gathered(context, minor_digits, kFirstCapacity);
    }
    if (state->minor_digits != minor_digits) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("minor digits must be the same for all prices of a list"),
                        errdetail("They are %d and %d.", static_cast<int>(state->minor_digits),
                                  static_cast<int>(minor_digits))));
    }
    return state;
}

/* Adds the price of argument 1, if any, to the state. */
Datum step(FunctionCallInfo fcinfo, std::int32_t minor_digits) {
    Gathered *state = state_with(fcinfo, minor_digits);
    if (!PG_ARGISNULL(1)) {
        std::int64_t price = common_price(PG_GETARG_DATUM(1), state->minor_digits);
        if (price < 0) {
            price = to_minor(PG_GETARG_DATUM(1), state->minor_digits, "price");
        }
        make_room(state, 1);
        state->prices[state->count++] = price;
    }
    PG_RETURN_POINTER(state);
}

std::int32_t digits_argument(FunctionCallInfo fcinfo, int argument) {
    const std::int32_t digits = PG_ARGISNULL(argument) ? -1 : PG_GETARG_INT32(argument);
    if (digits < 0 || digits > 4) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("minor digits must be between 0 and 4"),
                 digits == -1 && PG_ARGISNULL(argument)
                     ? errdetail("They are null.")
                     : errdetail("They are %d.", static_cast<int>(digits))));
    }
    return digits;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(price_list_step);
PG_FUNCTION_INFO_V1(price_list_step_digits);
PG_FUNCTION_INFO_V1(price_list_step_minor);
PG_FUNCTION_INFO_V1(price_list_final);
PG_FUNCTION_INFO_V1(price_list_combine);
PG_FUNCTION_INFO_V1(price_list_serialize);
PG_FUNCTION_INFO_V1(price_list_deserialize);

Datum price_list_step(PG_FUNCTION_ARGS) {
    return step(fcinfo, kUsualDigits);
}

Datum price_list_step_digits(PG_FUNCTION_ARGS) {
    return step(fcinfo, digits_argument(fcinfo, 2));
}

/* price_list_step(state, price_minor, minor_digits): the price as it is stored. */
Datum price_list_step_minor(PG_FUNCTION_ARGS) {
    Gathered *state = state_with(fcinfo, digits_argument(fcinfo, 2));
    if (!PG_ARGISNULL(1)) {
        const std::int64_t price = PG_GETARG_INT64(1);
        if (price < 0) {
            ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("price must not be negative"),
                            errdetail("It is %lld minor units.", static_cast<long long>(price))));
        }
        make_room(state, 1);
        state->prices[state->count++] = price;
    }
    PG_RETURN_POINTER(state);
}

Datum price_list_final(PG_FUNCTION_ARGS) {
    const Gathered *state = state_argument<Gathered>(fcinfo);
    if (state == nullptr) {
        return finished(new_price_list(0, kUsualDigits));
    }
    PriceList *list = new_price_list(state->count, state->minor_digits);
    std::memcpy(list->prices(), state->prices, state->count * sizeof(std::int64_t));
    return finished(list);
}

Datum price_list_combine(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Gathered *into = state_argument<Gathered>(fcinfo);
    if (PG_ARGISNULL(1)) {
        if (into == nullptr) {
            PG_RETURN_NULL();
        }
        PG_RETURN_POINTER(into);
    }
    const auto *from = reinterpret_cast<const Gathered *>(PG_GETARG_POINTER(1));
    if (into == nullptr) {
        into = new_gathered(context, from->minor_digits, Max(from->count, kFirstCapacity));
    }
    make_room(into, from->count);
    std::memcpy(into->prices + into->count, from->prices, from->count * sizeof(std::int64_t));
    into->count += from->count;
    PG_RETURN_POINTER(into);
}

Datum price_list_serialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const Gathered *state = state_argument<Gathered>(fcinfo);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendint32(&message, static_cast<std::uint32_t>(state->minor_digits));
    pq_sendbytes(&message, reinterpret_cast<const char *>(state->prices),
                 static_cast<int>(state->count * sizeof(std::int64_t)));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum price_list_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    StringInfoData message = sent_argument(fcinfo, 0);
    const auto digits = static_cast<std::int32_t>(pq_getmsgint(&message, 4));
    const auto size = static_cast<Size>(message.len - message.cursor);
    const Size count = size / sizeof(std::int64_t);
    Gathered *state = new_gathered(CurrentMemoryContext, digits, Max(count, kFirstCapacity));
    std::memcpy(state->prices, pq_getmsgbytes(&message, static_cast<int>(size)), size);
    state->count = count;
    PG_RETURN_POINTER(state);
}

} // extern "C"
