/*
 * The SQL type price_list: how a list is made, and in and out, as text and in binary.
 */
#include "pg/portfolio/price_list.hpp"

#include "pg/glue/interrupt.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

namespace tradeup {

PriceList *new_price_list(std::size_t runs, std::int64_t minor_digits) {
    if (runs > kMaxRuns) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("price list is too long"),
                        errdetail("It would have %zu distinct prices; the most is %zu.", runs, kMaxRuns)));
    }
    const Size size = price_list_size(runs);
    auto *list = static_cast<PriceList *>(palloc_extended(size, MCXT_ALLOC_HUGE));
    SET_VARSIZE(list, size);
    list->format = kPriceListFormat;
    list->minor_digits = minor_digits;
    list->runs = static_cast<std::int64_t>(runs);
    return list;
}

PriceList *list_of_runs(std::span<PriceRun> runs, std::int32_t minor_digits) {
    auto *scratch = static_cast<PriceRun *>(
        palloc_extended(Max(runs.size(), std::size_t{1}) * sizeof(PriceRun), MCXT_ALLOC_HUGE));
    (void)uncancelled(sort_prices(runs, {scratch, runs.size()}, stop_asked));
    pfree(scratch);
    const std::size_t distinct = value_of(joined_runs(runs));
    PriceList *list = new_price_list(distinct, minor_digits);
    (void)uncancelled(fill_list(runs.first(distinct), *list, stop_asked));
    return list;
}

const PriceList &to_price_list(Datum datum) {
    auto *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    if (VARATT_IS_EXTENDED(stored)) {
        stored = pg_detoast_datum(stored);
    }
    const auto &list = *reinterpret_cast<const PriceList *>(stored);
    if (VARSIZE(stored) < price_list_size(0) || list.format != kPriceListFormat ||
        VARSIZE(stored) != price_list_size(static_cast<std::size_t>(list.runs))) {
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
    PriceList *rescaled = new_price_list(static_cast<std::size_t>(list.runs), minor_digits);
    (void)uncancelled(rescale_list(list, minor_digits, *rescaled, stop_asked));
    return *rescaled;
}

PriceList *lists_together(const PriceList &a, const PriceList &b) {
    const PriceList &other = with_digits(b, static_cast<std::int32_t>(a.minor_digits));
    PriceList *both = new_price_list(uncancelled(runs_together(a, other, stop_asked)), a.minor_digits);
    (void)uncancelled(merge_lists(a, other, *both, stop_asked));
    return both;
}

} // namespace tradeup

using namespace tradeup;

namespace {

Datum list_of_text(std::string_view words) {
    const ListHead head = value_of(parse_list_head(words));
    auto *runs = static_cast<PriceRun *>(
        palloc_extended(Max(head.most, std::size_t{1}) * sizeof(PriceRun), MCXT_ALLOC_HUGE));
    const std::size_t count = uncancelled(parse_prices(head, runs, stop_asked));
    return PointerGetDatum(list_of_runs({runs, count}, head.minor_digits));
}

/* The text of a list, which may be longer than what PostgreSQL lets a value be. */
char *text_of(const PriceList &list, std::size_t &length) {
    const std::size_t size = list_text_size(static_cast<std::size_t>(list.runs));
    auto *out = static_cast<char *>(palloc_extended(size, MCXT_ALLOC_HUGE));
    length = uncancelled(write_list(list, out, stop_asked));
    return out;
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
    std::size_t length = 0;
    PG_RETURN_CSTRING(text_of(to_price_list(PG_GETARG_DATUM(0)), length));
}

/* The binary form is the text, as that of a deal. */
Datum price_list_recv(PG_FUNCTION_ARGS) {
    auto *message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int length = 0;
    const char *words = pq_getmsgtext(message, message->len - message->cursor, &length);
    return list_of_text({words, static_cast<std::size_t>(length)});
}

Datum price_list_send(PG_FUNCTION_ARGS) {
    std::size_t length = 0;
    const char *out = text_of(to_price_list(PG_GETARG_DATUM(0)), length);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendtext(&message, out, static_cast<int>(length));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

} // extern "C"
