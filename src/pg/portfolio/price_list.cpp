/*
 * The SQL type price_list: how a list is made, and in and out, as text and in binary.
 */
#include "pg/portfolio/price_list.hpp"

#include "pg/glue/interrupt.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

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

Datum finished(PriceList *list) {
    const auto count = static_cast<std::size_t>(list->count);
    /* The place of the sums is the second array of the sort. */
    (void)uncancelled(sort_prices({list->prices(), count}, {list->sums(), count}, stop_asked));
    (void)uncancelled(add_up(*list, stop_asked));
    return PointerGetDatum(list);
}

} // namespace tradeup

using namespace tradeup;

namespace {

Datum list_of_text(std::string_view words) {
    const ListHead head = value_of(parse_list_head(words));
    PriceList *list = new_price_list(head.most, head.minor_digits);
    (void)uncancelled(parse_prices(head, list->prices(), stop_asked));
    return finished(list);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(price_list_in);
PG_FUNCTION_INFO_V1(price_list_out);
PG_FUNCTION_INFO_V1(price_list_recv);
PG_FUNCTION_INFO_V1(price_list_send);

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

} // extern "C"
