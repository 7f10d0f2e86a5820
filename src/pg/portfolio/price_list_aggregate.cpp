/*
 * The aggregates price_list and price_lists. Their state is a price list, an ordinary type, so that parallel
 * workers, partitions and other servers may each make one, and lists are merged. While prices come it is kept
 * in memory in a form of its own, which PostgreSQL calls expanded: distinct prices with their numbers, and a
 * buffer of those that came last.
 */
#include <algorithm>

#include "pg/portfolio/price_list.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "utils/expandeddatum.h"
}

using namespace tradeup;

namespace {

constexpr int kListMagic = 0x5452'4c32;
constexpr std::size_t kFirstBuffer = 64;
constexpr std::size_t kMostBuffered = 1 << 16;
constexpr std::int32_t kUsualDigits = 2;

/* The expanded form. */
struct Gathered {
    ExpandedObjectHeader header;
    int magic;
    std::int32_t minor_digits;
    std::size_t runs;
    PriceRun *merged; // ascending, distinct
    std::size_t buffered;
    std::size_t room; // of the buffer
    std::int64_t *buffer;
};

/* Takes what is buffered among the distinct prices. The buffer grows with them, so that all merging together
 * stays linear in the prices, times a logarithm. */
void fold(Gathered *list) {
    if (list->buffered == 0) {
        return;
    }
    const MemoryContext context = list->header.eoh_context;
    auto *scratch = allocated<std::int64_t>(context, list->buffered);
    (void)uncancelled(sort_prices({list->buffer, list->buffered}, {scratch, list->buffered}, stop_asked));
    pfree(scratch);
    auto *merged = allocated<PriceRun>(context, list->runs + list->buffered);
    list->runs = uncancelled(
        merge_prices({list->merged, list->runs}, Prices{list->buffer, list->buffered}, merged, stop_asked));
    if (list->merged != nullptr) {
        pfree(list->merged);
    }
    list->merged = merged;
    list->buffered = 0;
}

Size flat_size(ExpandedObjectHeader *header) {
    auto *list = reinterpret_cast<Gathered *>(header);
    fold(list);
    if (list->runs > kMaxRuns) {
        (void)new_price_list(list->runs, list->minor_digits); // raises the error
    }
    return price_list_size(list->runs);
}

void flatten(ExpandedObjectHeader *header, void *result, Size size) {
    const auto *list = reinterpret_cast<const Gathered *>(header);
    auto *flat = static_cast<PriceList *>(result);
    SET_VARSIZE(flat, size);
    flat->format = kPriceListFormat;
    flat->minor_digits = list->minor_digits;
    (void)uncancelled(fill_list({list->merged, list->runs}, *flat, stop_asked));
}

constexpr ExpandedObjectMethods kMethods = {flat_size, flatten};

Gathered *new_gathered(MemoryContext parent, std::int32_t minor_digits) {
    const MemoryContext context = AllocSetContextCreate(parent, "price list", ALLOCSET_SMALL_SIZES);
    auto *list = static_cast<Gathered *>(MemoryContextAllocZero(context, sizeof(Gathered)));
    EOH_init_header(&list->header, &kMethods, context);
    list->magic = kListMagic;
    list->minor_digits = minor_digits;
    list->room = kFirstBuffer;
    list->buffer = allocated<std::int64_t>(context, kFirstBuffer);
    return list;
}

/* The state of a step: the expanded list that the step before returned, or a new one with the prices of the
 * list that was given. */
Gathered *state_of(FunctionCallInfo fcinfo, std::int32_t minor_digits) {
    MemoryContext context = CurrentMemoryContext;
    (void)AggCheckCallContext(fcinfo, &context);
    if (!PG_ARGISNULL(0) &&
        VARATT_IS_EXTERNAL_EXPANDED_RW(reinterpret_cast<struct varlena *>(PG_GETARG_POINTER(0)))) {
        auto *list = reinterpret_cast<Gathered *>(DatumGetEOHP(PG_GETARG_DATUM(0)));
        if (list->magic == kListMagic) {
            return list;
        }
    }
    Gathered *list = new_gathered(context, minor_digits);
    if (!PG_ARGISNULL(0)) {
        const PriceList &flat = to_price_list(PG_GETARG_DATUM(0));
        list->minor_digits = static_cast<std::int32_t>(flat.minor_digits);
        list->runs = static_cast<std::size_t>(flat.runs);
        list->merged = allocated<PriceRun>(list->header.eoh_context, list->runs);
        for (std::size_t run = 0; run < list->runs; ++run) {
            list->merged[run] = {flat.prices()[run], flat.count_at(run)};
        }
    }
    return list;
}

/* The state of a step for prices with these decimals; a list without prices takes them over. */
Gathered *state_with(FunctionCallInfo fcinfo, std::int32_t minor_digits) {
    Gathered *list = state_of(fcinfo, minor_digits);
    if (list->runs == 0 && list->buffered == 0) {
        list->minor_digits = minor_digits;
    }
    if (list->minor_digits != minor_digits) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("minor digits must be the same for all prices of a list"),
                        errdetail("They are %d and %d.", static_cast<int>(list->minor_digits),
                                  static_cast<int>(minor_digits))));
    }
    return list;
}

Datum with_price(Gathered *list, std::int64_t price) {
    if (list->buffered == list->room) {
        if (list->room < std::max(kMostBuffered, list->runs)) {
            list->room *= 2;
            grow(list->buffer, list->room);
        } else {
            fold(list);
        }
    }
    list->buffer[list->buffered++] = price;
    return EOHPGetRWDatum(&list->header);
}

/* Adds the price of argument 1, if any, to the state. */
Datum step(FunctionCallInfo fcinfo, std::int32_t minor_digits) {
    Gathered *list = state_with(fcinfo, minor_digits);
    if (PG_ARGISNULL(1)) {
        return EOHPGetRWDatum(&list->header);
    }
    std::int64_t price = common_price(PG_GETARG_DATUM(1), minor_digits);
    if (price < 0) {
        price = to_minor(PG_GETARG_DATUM(1), minor_digits, "price");
    }
    return with_price(list, price);
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
PG_FUNCTION_INFO_V1(price_list_combine);

Datum price_list_step(PG_FUNCTION_ARGS) {
    return step(fcinfo, kUsualDigits);
}

Datum price_list_step_digits(PG_FUNCTION_ARGS) {
    return step(fcinfo, digits_argument(fcinfo, 2));
}

/* price_list_step(list, price_minor, minor_digits): the price as it is stored. */
Datum price_list_step_minor(PG_FUNCTION_ARGS) {
    Gathered *list = state_with(fcinfo, digits_argument(fcinfo, 2));
    if (PG_ARGISNULL(1)) {
        return EOHPGetRWDatum(&list->header);
    }
    const std::int64_t price = PG_GETARG_INT64(1);
    if (price < 0 || price > kMaxPriceMinor) {
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        errmsg("price must be between 0 and %lld minor units",
                               static_cast<long long>(kMaxPriceMinor)),
                        errdetail("It is %lld.", static_cast<long long>(price))));
    }
    return with_price(list, price);
}

/* price_list_combine(a, b): the prices of both; one without prices has no say about the decimals. */
Datum price_list_combine(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0) && PG_ARGISNULL(1)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(PG_ARGISNULL(0) ? 1 : 0));
    }
    const PriceList &a = to_price_list(PG_GETARG_DATUM(0));
    const PriceList &b = to_price_list(PG_GETARG_DATUM(1));
    if (a.runs == 0 || b.runs == 0) {
        PG_RETURN_DATUM(PG_GETARG_DATUM(a.runs == 0 ? 1 : 0));
    }
    PG_RETURN_POINTER(lists_together(a, b));
}

} // extern "C"
