/*
 * The SQL type price_list, its aggregate, and what a list says of ranges and of deals.
 */
#include "pg/portfolio/price_list.hpp"

extern "C" {
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"
}

using namespace tradeup;

namespace tradeup {

PriceList *new_price_list(std::size_t count, std::int64_t minor_digits) {
    if (count > kMaxListed) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("price list is too long"),
                        errdetail("It would have %zu prices; the most is %zu.", count, kMaxListed)));
    }
    const Size size = price_list_size(count);
    auto *list = static_cast<PriceList *>(palloc(size));
    SET_VARSIZE(list, size);
    list->format = kPriceListFormat;
    list->minor_digits = minor_digits;
    list->count = static_cast<std::int64_t>(count);
    return list;
}

const PriceList &to_price_list(Datum datum) {
    auto *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    if (VARATT_IS_EXTENDED(stored)) {
        stored = pg_detoast_datum(stored);
    }
    const auto &list = *reinterpret_cast<const PriceList *>(stored);
    if (VARSIZE(stored) < price_list_size(0) || list.format != kPriceListFormat ||
        VARSIZE(stored) != price_list_size(static_cast<std::size_t>(list.count))) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("price list is in a format that this version does not read"),
                        errhint("Make it again with the aggregate price_list.")));
    }
    return list;
}

const PriceList &with_digits(const PriceList &list, std::int32_t minor_digits) {
    if (list.minor_digits == minor_digits) {
        return list;
    }
    PriceList *rescaled = new_price_list(static_cast<std::size_t>(list.count), minor_digits);
    (void)uncancelled(rescale_list(list, minor_digits, *rescaled, stop_asked));
    return *rescaled;
}

} // namespace tradeup

namespace {

/* A list's prices in place, unsorted, become a list. */
Datum finished(PriceList *list) {
    const auto count = static_cast<std::size_t>(list->count);
    /* The place of the sums is the second array of the sort. */
    (void)uncancelled(sort_prices({list->prices(), count}, {list->sums(), count}, stop_asked));
    (void)uncancelled(add_up(*list, stop_asked));
    return PointerGetDatum(list);
}

Datum list_of_text(std::string_view words) {
    const ListHead head = value_of(parse_list_head(words));
    PriceList *list = new_price_list(head.most, head.minor_digits);
    (void)uncancelled(parse_prices(head, list->prices(), stop_asked));
    return finished(list);
}

/* The state of the aggregate: prices in any order. */
struct Gathered {
    std::int32_t minor_digits;
    Size count;
    Size capacity;
    std::int64_t *prices;
};

constexpr Size kFirstCapacity = 64;
constexpr std::int32_t kUsualDigits = 2;

MemoryContext aggregate_context(FunctionCallInfo fcinfo) {
    MemoryContext context = nullptr;
    if (AggCheckCallContext(fcinfo, &context) == 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("aggregate function called in non-aggregate context"),
                        errhint("Call the aggregate.")));
    }
    return context;
}

Gathered *new_gathered(MemoryContext context, std::int32_t minor_digits, Size capacity) {
    auto *state = static_cast<Gathered *>(MemoryContextAlloc(context, sizeof(Gathered)));
    *state = {minor_digits, 0, capacity, nullptr};
    state->prices =
        static_cast<std::int64_t *>(MemoryContextAllocHuge(context, capacity * sizeof(std::int64_t)));
    return state;
}

void make_room(Gathered *state, Size more) {
    if (state->count + more > kMaxListed) {
        (void)new_price_list(state->count + more, state->minor_digits); // raises the error
    }
    if (state->count + more > state->capacity) {
        state->capacity = Max(2 * state->capacity, state->count + more);
        state->prices =
            static_cast<std::int64_t *>(repalloc_huge(state->prices, state->capacity * sizeof(std::int64_t)));
    }
}

Gathered *gathered(FunctionCallInfo fcinfo) {
    return PG_ARGISNULL(0) ? nullptr : reinterpret_cast<Gathered *>(PG_GETARG_POINTER(0));
}

/* Adds the price of argument 1, if any, to the state. */
Datum step(FunctionCallInfo fcinfo, std::int32_t minor_digits) {
    const MemoryContext context = aggregate_context(fcinfo);
    Gathered *state = gathered(fcinfo);
    if (state == nullptr) {
        state = new_gathered(context, minor_digits, kFirstCapacity);
    }
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

/* The prices of a list within two bounds, either of which may be null: no bound. */
Stretch stretch_argument(FunctionCallInfo fcinfo, const PriceList &list) {
    const auto digits = static_cast<std::int32_t>(list.minor_digits);
    /* A lowest price between two minor units leaves out the lower one. */
    std::size_t first = 0;
    if (!PG_ARGISNULL(1)) {
        const std::int64_t lowest = to_minor(PG_GETARG_DATUM(1), digits, "lowest", true);
        const bool whole =
            DatumGetBool(DirectFunctionCall2(numeric_eq, to_numeric(lowest, digits), PG_GETARG_DATUM(1)));
        first = prices_below(list, whole ? lowest : lowest + 1);
    }
    std::size_t last = static_cast<std::size_t>(list.count);
    if (!PG_ARGISNULL(2)) {
        last = prices_below(list, to_minor(PG_GETARG_DATUM(2), digits, "highest", true) + 1);
    }
    return {first, Max(first, last)};
}

/* A sum of prices, which may have more digits than to_numeric takes. */
Datum sum_datum(std::int64_t sum, std::int64_t digits) {
    return to_numeric(sum, static_cast<int>(digits));
}

/* The list of an operator's second argument in the decimals of the first. */
const PriceList &second_list(FunctionCallInfo fcinfo, const PriceList &first) {
    return with_digits(to_price_list(PG_GETARG_DATUM(1)), static_cast<std::int32_t>(first.minor_digits));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(price_list_in);
PG_FUNCTION_INFO_V1(price_list_out);
PG_FUNCTION_INFO_V1(price_list_recv);
PG_FUNCTION_INFO_V1(price_list_send);
PG_FUNCTION_INFO_V1(price_list_step);
PG_FUNCTION_INFO_V1(price_list_step_digits);
PG_FUNCTION_INFO_V1(price_list_final);
PG_FUNCTION_INFO_V1(price_list_combine);
PG_FUNCTION_INFO_V1(price_list_serialize);
PG_FUNCTION_INFO_V1(price_list_deserialize);
PG_FUNCTION_INFO_V1(price_list_add);
PG_FUNCTION_INFO_V1(price_list_remove);
PG_FUNCTION_INFO_V1(price_count);
PG_FUNCTION_INFO_V1(price_sum);
PG_FUNCTION_INFO_V1(count_between);
PG_FUNCTION_INFO_V1(sum_between);
PG_FUNCTION_INFO_V1(prices);
PG_FUNCTION_INFO_V1(offer_counts);

Datum price_list_in(PG_FUNCTION_ARGS) {
    const char *words = PG_GETARG_CSTRING(0);
    return list_of_text(words);
}

Datum price_list_out(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    auto *out = static_cast<char *>(palloc(list_text_size(static_cast<std::size_t>(list.count))));
    (void)uncancelled(write_list(list, out, stop_asked));
    PG_RETURN_CSTRING(out);
}

/* The binary form is the text, as that of a deal. */
Datum price_list_recv(PG_FUNCTION_ARGS) {
    auto *message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int length = 0;
    const char *words = pq_getmsgtext(message, message->len - message->cursor, &length);
    return list_of_text({words, static_cast<std::size_t>(length)});
}

Datum price_list_send(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    auto *out = static_cast<char *>(palloc(list_text_size(static_cast<std::size_t>(list.count))));
    const std::size_t length = uncancelled(write_list(list, out, stop_asked));
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendtext(&message, out, static_cast<int>(length));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum price_list_step(PG_FUNCTION_ARGS) {
    return step(fcinfo, kUsualDigits);
}

Datum price_list_step_digits(PG_FUNCTION_ARGS) {
    const std::int32_t digits = digits_argument(fcinfo, 2);
    const Gathered *state = gathered(fcinfo);
    if (state != nullptr && state->minor_digits != digits) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("minor digits must be the same for all prices of a list"),
                        errdetail("They are %d and %d.", static_cast<int>(state->minor_digits),
                                  static_cast<int>(digits))));
    }
    return step(fcinfo, digits);
}

Datum price_list_final(PG_FUNCTION_ARGS) {
    const Gathered *state = gathered(fcinfo);
    if (state == nullptr) {
        return finished(new_price_list(0, kUsualDigits));
    }
    PriceList *list = new_price_list(state->count, state->minor_digits);
    std::memcpy(list->prices(), state->prices, state->count * sizeof(std::int64_t));
    return finished(list);
}

Datum price_list_combine(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Gathered *into = gathered(fcinfo);
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
    const Gathered *state = gathered(fcinfo);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendint32(&message, static_cast<std::uint32_t>(state->minor_digits));
    pq_sendbytes(&message, reinterpret_cast<const char *>(state->prices),
                 static_cast<int>(state->count * sizeof(std::int64_t)));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum price_list_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const bytea *bytes = PG_GETARG_BYTEA_PP(0);
    StringInfoData message;
    initStringInfo(&message);
    appendBinaryStringInfo(&message, VARDATA_ANY(bytes), static_cast<int>(VARSIZE_ANY_EXHDR(bytes)));
    const auto digits = static_cast<std::int32_t>(pq_getmsgint(&message, 4));
    const auto size = static_cast<Size>(message.len - message.cursor);
    const Size count = size / sizeof(std::int64_t);
    Gathered *state = new_gathered(CurrentMemoryContext, digits, Max(count, kFirstCapacity));
    std::memcpy(state->prices, pq_getmsgbytes(&message, static_cast<int>(size)), size);
    state->count = count;
    PG_RETURN_POINTER(state);
}

Datum price_list_add(PG_FUNCTION_ARGS) {
    const PriceList &a = to_price_list(PG_GETARG_DATUM(0));
    const PriceList &b = second_list(fcinfo, a);
    PriceList *both = new_price_list(static_cast<std::size_t>(a.count + b.count), a.minor_digits);
    (void)uncancelled(merge_lists(a, b, *both, stop_asked));
    PG_RETURN_POINTER(both);
}

Datum price_list_remove(PG_FUNCTION_ARGS) {
    const PriceList &a = to_price_list(PG_GETARG_DATUM(0));
    const PriceList &b = second_list(fcinfo, a);
    if (b.count > a.count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("price list does not have the prices that are to be removed"),
                        errdetail("It has %lld prices, of which %lld are to be removed.",
                                  static_cast<long long>(a.count), static_cast<long long>(b.count)),
                        errhint("Make the list anew with the aggregate price_list.")));
    }
    PriceList *rest = new_price_list(static_cast<std::size_t>(a.count - b.count), a.minor_digits);
    (void)uncancelled(remove_list(a, b, *rest, stop_asked));
    PG_RETURN_POINTER(rest);
}

Datum price_count(PG_FUNCTION_ARGS) {
    PG_RETURN_INT64(to_price_list(PG_GETARG_DATUM(0)).count);
}

Datum price_sum(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    return sum_datum(list.sums()[list.count], list.minor_digits);
}

Datum count_between(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    PG_RETURN_INT64(count_of(stretch_argument(fcinfo, list)));
}

Datum sum_between(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    return sum_datum(sum_of(list, stretch_argument(fcinfo, list)), list.minor_digits);
}

Datum prices(PG_FUNCTION_ARGS) {
    const PriceList &list = to_price_list(PG_GETARG_DATUM(0));
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *info = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const RowSink rows{info->setResult, info->setDesc};
    const MemoryContext one = AllocSetContextCreate(CurrentMemoryContext, "price", ALLOCSET_SMALL_SIZES);
    for (std::int64_t i = 0; i < list.count; ++i) {
        CHECK_FOR_INTERRUPTS();
        const MemoryContext before = MemoryContextSwitchTo(one);
        Datum values[] = {to_numeric(list.prices()[i], static_cast<int>(list.minor_digits))};
        bool nulls[] = {false};
        MemoryContextSwitchTo(before);
        rows.put(values, nulls);
        MemoryContextReset(one);
    }
    MemoryContextDelete(one);
    return static_cast<Datum>(0);
}

/* offer_counts(prices, deal): tier, rank, offers, price_sum, mean_change, margin; the last row is no tier's.
 */
Datum offer_counts(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(1));
    const PriceList &list = with_digits(to_price_list(PG_GETARG_DATUM(0)), deal.minor_digits);
    TierOffers tiers[kMaxTiers + 1];
    const std::int32_t count = value_of(count_offers(deal, list, tiers));
    const RowSink rows = begin_rows(fcinfo);
    for (std::int32_t i = 0; i < count; ++i) {
        const TierOffers &found = tiers[i];
        const bool tiered = found.tier != kNoTier;
        Datum values[6] = {};
        bool nulls[6] = {!tiered, !tiered, false, false, true, false};
        if (tiered) {
            values[0] = CStringGetTextDatum(deal.terms.tiers[found.tier].name);
            values[1] = Int32GetDatum(static_cast<std::int32_t>(found.tier) + 1);
        }
        values[2] = Int64GetDatum(found.offers);
        values[3] = sum_datum(found.price_sum, deal.minor_digits);
        if (found.offers > 0 && deal.terms.current_payment.present) {
            values[4] = to_numeric(found.mean_change, kChangeScale);
            nulls[4] = false;
        }
        values[5] = to_numeric(found.margin, deal.minor_digits);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
