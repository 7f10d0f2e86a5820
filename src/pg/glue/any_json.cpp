/*
 * The binary form of the type any_json.
 */
#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

extern "C" {

PG_FUNCTION_INFO_V1(any_json_recv);

/* any_json_recv(bytes): as a jsonb comes. Bytes of another form are a mistake of who sends them, and
 * jsonb_recv would call them an internal error. */
Datum any_json_recv(PG_FUNCTION_ARGS) {
    constexpr int kVersion = 1;
    const auto *message = reinterpret_cast<const StringInfoData *>(PG_GETARG_POINTER(0));
    if (message->cursor < message->len) {
        const int version = static_cast<unsigned char>(message->data[message->cursor]);
        if (version != kVersion) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                            errmsg("unsupported jsonb version number %d", version)));
        }
    }
    return jsonb_recv(fcinfo);
}

} // extern "C"
