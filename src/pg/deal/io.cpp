/*
 * The SQL type deal: in and out, as text and in binary.
 */
#include "pg/deal/deal.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(deal_in);
PG_FUNCTION_INFO_V1(deal_out);
PG_FUNCTION_INFO_V1(deal_recv);
PG_FUNCTION_INFO_V1(deal_send);

Datum deal_in(PG_FUNCTION_ARGS) {
    const char *words = PG_GETARG_CSTRING(0);
    PG_RETURN_DATUM(deal_datum(compiled(value_of(parse_deal(words)))));
}

Datum deal_out(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    auto *out = static_cast<char *>(palloc(kDealTextSize));
    (void)write_deal(deal, out, kDealTextSize);
    PG_RETURN_CSTRING(out);
}

/* The binary form is the text: coefficients compiled by another machine's math library have no business here.
 */
Datum deal_recv(PG_FUNCTION_ARGS) {
    auto *message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int length = 0;
    const char *words = pq_getmsgtext(message, message->len - message->cursor, &length);
    PG_RETURN_DATUM(deal_datum(compiled(value_of(parse_deal({words, static_cast<std::size_t>(length)})))));
}

Datum deal_send(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    char out[kDealTextSize];
    const std::size_t length = write_deal(deal, out, sizeof out);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendtext(&message, out, static_cast<int>(length));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

} // extern "C"
