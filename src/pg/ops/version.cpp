/*
 * What an operator asks of the library itself.
 */
#include "pg/glue/glue.hpp"

namespace {

/* The version whose SQL this library was built with; health() compares it with the extension's. */
constexpr char kVersion[] = TRADEUP_VERSION;

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(library_version);

/* library_version(): the version of the library that this session has loaded. */
Datum library_version(PG_FUNCTION_ARGS) {
    (void)fcinfo;
    PG_RETURN_TEXT_P(cstring_to_text(kVersion));
}

} // extern "C"
