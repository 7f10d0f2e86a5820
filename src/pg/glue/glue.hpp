/*
 * What every file of the glue includes: PostgreSQL's headers, their differences between majors, errors of the
 * core as errors of PostgreSQL, and texts. What is needed of numerics, JSON, arrays, rows, aggregates and
 * interrupts has a header of its own beside this one.
 *
 * The rule of this floor: no object with a destructor is alive when a PostgreSQL function is called, because
 * ereport jumps over destructors; and no exception gets here, because every core function is noexcept. So the
 * glue holds plain structs only, and throws nothing itself.
 *
 * Files of the glue include headers of the core first, so that their proof of purity sees no PostgreSQL
 * header.
 */
#pragma once

#include <string_view>

#include "core/base/error.hpp"

extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
}

#include "pg/glue/majors.hpp"

namespace tradeup {

/* Raises what the core could not do as an SQL error; does not return. */
[[noreturn]] void report(const Error &error);

/* The value of a result, or its error raised. */
template <typename T>
const T &value_of(const Result<T> &result) {
    static_assert(std::is_trivially_destructible_v<Result<T>>,
                  "a result must not own anything when ereport jumps");
    if (!result) [[unlikely]] {
        report(result.error());
    }
    return *result;
}

/* The characters of a text, which live as long as the argument that it came in. */
inline std::string_view view_of(Datum words) {
    const text *stored = DatumGetTextPP(words);
    return {VARDATA_ANY(stored), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(stored))};
}

/*
 * A text that a user sent, as messages repeat it: 200 characters, then ... for what is missing.
 * Whoever sends 50 MB does not get them into the server's log.
 */
char *shown_text(std::string_view words);
char *shown_text(text *value);

} // namespace tradeup
