/*
 * Errors of the core as errors of PostgreSQL, texts as messages show them, and the mark of a loadable
 * library.
 */
#include "pg/glue/glue.hpp"

#include <cstring>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace tradeup {

namespace {

int sqlstate(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::bad_value:
        return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorKind::out_of_range:
        return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case ErrorKind::bad_text:
        return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case ErrorKind::out_of_memory:
        return ERRCODE_OUT_OF_MEMORY;
    case ErrorKind::cancelled:
        return ERRCODE_QUERY_CANCELED;
    case ErrorKind::internal:
        break;
    }
    return ERRCODE_INTERNAL_ERROR;
}

/*
 * A text of the core in the encoding of the database. The core cuts what it repeats by the rules of UTF-8;
 * where the database has another encoding, that may leave half of a character, and then only the ASCII
 * characters are shown.
 */
const char *valid_text(const char *text) {
    if (pg_verifymbstr(text, static_cast<int>(std::strlen(text)), true)) {
        return text;
    }
    char *ascii = pstrdup(text);
    for (char *c = ascii; *c != '\0'; ++c) {
        *c = IS_HIGHBIT_SET(*c) ? '?' : *c;
    }
    return ascii;
}

} // namespace

void report(const Error &error) {
    ereport(ERROR, (errcode(sqlstate(error.kind)), errmsg("%s", valid_text(error.message)),
                    error.detail[0] != '\0' ? errdetail("%s", valid_text(error.detail)) : 0,
                    error.hint[0] != '\0' ? errhint("%s", valid_text(error.hint)) : 0));
    pg_unreachable();
}

char *shown_text(std::string_view words) {
    constexpr int kMostShown = 200;
    const auto kept =
        static_cast<std::size_t>(pg_mbcharcliplen(words.data(), static_cast<int>(words.size()), kMostShown));
    char *shown = pnstrdup(words.data(), kept);
    return kept < words.size() ? psprintf("%s...", shown) : shown;
}

char *shown_text(text *value) {
    return shown_text(view_of(PointerGetDatum(value)));
}

} // namespace tradeup

extern "C" {

TRADEUP_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(shown);

/* shown(value): a text that a user sent, as messages repeat it. */
Datum shown(PG_FUNCTION_ARGS) {
    PG_RETURN_TEXT_P(cstring_to_text(tradeup::shown_text(PG_GETARG_TEXT_PP(0))));
}

} // extern "C"
