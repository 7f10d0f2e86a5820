/*
 * Four kinds of sources.
 */
#include "pg/ingest/source.hpp"

#include <algorithm>
#include <sys/stat.h>

#include "pg/glue/interrupt.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
}

namespace tradeup {

namespace {

FileSource source_of(SourceKind kind) {
    FileSource source{};
    source.kind = kind;
    source.part = AllocSetContextCreate(CurrentMemoryContext, "part of a file", ALLOCSET_DEFAULT_SIZES);
    return source;
}

/* A short part of a line is read without the rest of it where that is long. */
constexpr const char *kLines = "SELECT l.line FROM pg_temp.upload_line l "
                               "ORDER BY pg_catalog.substr(l.line, 1, 14) COLLATE pg_catalog.\"C\"";
static_assert(kNumberOfLine == 14);
constexpr const char *kParts =
    "SELECT p.number, p.bytes FROM tradeup_bundles.upload_part p WHERE p.upload_id OPERATOR(pg_catalog.=) $1 "
    "ORDER BY p.number";
constexpr long kLinesAtOnce = 2000;

void open_cursor(FileSource &source, const char *query, int count, Datum value, int scroll) {
    Oid type = INT8OID;
    source.cursor = SPI_cursor_open_with_args(nullptr, query, count, &type, &value, nullptr, false, scroll);
}

bool next_of_memory(FileSource &source, std::string_view &part) {
    part = source.memory.substr(source.at, kPartBytes);
    source.at += part.size();
    return !part.empty();
}

bool next_of_parts(FileSource &source, std::string_view &part) {
    MemoryContextReset(source.part);
    SPI_cursor_fetch(source.cursor, true, 1);
    if (SPI_processed == 0) {
        return false;
    }
    bool is_null = false;
    const HeapTuple row = SPI_tuptable->vals[0];
    const std::int32_t number = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &is_null));
    if (number != source.number + 1) {
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errmsg("part %d of the upload is missing", source.number + 1),
                        errdetail("Part %d is there.", number), errhint("Send it with add_part.")));
    }
    source.number = number;
    const MemoryContext caller = MemoryContextSwitchTo(source.part);
    part = view_of(
        PointerGetDatum(PG_DETOAST_DATUM_COPY(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &is_null))));
    MemoryContextSwitchTo(caller);
    SPI_freetuptable(SPI_tuptable);
    return true;
}

/* errcode_for_file_access, which takes a path that can be none, or a file that cannot be read so, for an
 * internal error. */
int errcode_for_file(int number) {
    switch (number) {
    case ENAMETOOLONG:
    case ELOOP:
        return errcode(ERRCODE_INVALID_PARAMETER_VALUE);
    case EINVAL:
    case ENXIO:
        return errcode(ERRCODE_IO_ERROR);
    default:
        return errcode_for_file_access();
    }
}

bool next_of_file(FileSource &source, std::string_view &part) {
    const std::size_t read = fread(source.buffer, 1, kPartBytes, source.file);
    if (ferror(source.file) != 0) {
        const int number = errno;
        ereport(ERROR, (errcode_for_file(number), errmsg("could not read file \"%s\": %m", source.path)));
    }
    part = {source.buffer, read};
    return read > 0;
}

/* A line of the table in UTF-8, without its number, with its end. */
void append_line(StringInfo text, Datum line) {
    const std::string_view numbered = view_of(line);
    const std::string_view words = numbered.substr(std::min(kNumberOfLine, numbered.size()));
    char *utf8 = pg_server_to_any(const_cast<char *>(words.data()), static_cast<int>(words.size()), PG_UTF8);
    if (utf8 == words.data()) {
        appendBinaryStringInfo(text, words.data(), static_cast<int>(words.size()));
    } else {
        appendStringInfoString(text, utf8);
    }
    appendStringInfoChar(text, '\n');
}

bool next_of_lines(FileSource &source, std::string_view &part) {
    MemoryContextReset(source.part);
    SPI_cursor_fetch(source.cursor, true, kLinesAtOnce);
    if (SPI_processed == 0) {
        return false;
    }
    const MemoryContext caller = MemoryContextSwitchTo(source.part);
    StringInfoData text;
    initStringInfo(&text);
    for (std::uint64_t i = 0; i < SPI_processed; ++i) {
        bool is_null = false;
        const Datum line = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &is_null);
        if (is_null) {
            appendStringInfoChar(&text, '\n');
        } else {
            append_line(&text, line);
        }
    }
    MemoryContextSwitchTo(caller);
    SPI_freetuptable(SPI_tuptable);
    part = {text.data, static_cast<std::size_t>(text.len)};
    return true;
}

/* The next bytes as the source has them. */
bool fetch(FileSource &source, std::string_view &part) {
    switch (source.kind) {
    case SourceKind::memory:
        return next_of_memory(source, part);
    case SourceKind::parts:
        return next_of_parts(source, part);
    case SourceKind::server_file:
        return next_of_file(source, part);
    case SourceKind::lines:
        break;
    }
    return next_of_lines(source, part);
}

} // namespace

FileSource memory_source(std::string_view bytes) {
    FileSource source = source_of(SourceKind::memory);
    source.memory = bytes;
    source.bytes = static_cast<std::int64_t>(bytes.size());
    return source;
}

FileSource parts_source(std::int64_t upload_id) {
    FileSource source = source_of(SourceKind::parts);
    source.upload_id = upload_id;
    Oid type = INT8OID;
    Datum value = Int64GetDatum(upload_id);
    SPI_execute_with_args("SELECT pg_catalog.sum(pg_catalog.octet_length(p.bytes))::pg_catalog.int8 "
                          "FROM tradeup_bundles.upload_part p WHERE p.upload_id OPERATOR(pg_catalog.=) $1",
                          1, &type, &value, nullptr, false, 1);
    bool is_null = false;
    value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
    source.bytes = is_null ? 0 : DatumGetInt64(value);
    return source;
}

FileSource server_file_source(const char *path) {
    FileSource source = source_of(SourceKind::server_file);
    source.path = path;
    source.buffer = static_cast<char *>(palloc(kPartBytes));
    /* Asked before it is opened: opening a pipe waits for who writes to it, and no cancellation ends that.
     * What is not there is reported by the opening. */
    struct stat status {};
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        S_ISDIR(status.st_mode) ? errmsg("\"%s\" is a directory", path)
                                                : errmsg("\"%s\" is not a regular file", path)));
    }
    begin_source(source);
    if (fstat(fileno(source.file), &status) != 0) {
        const int number = errno;
        ereport(ERROR, (errcode_for_file(number), errmsg("could not stat file \"%s\": %m", path)));
    }
    source.bytes = status.st_size;
    return source;
}

FileSource lines_source() {
    return source_of(SourceKind::lines);
}

void begin_source(FileSource &source) {
    if (source.kind == SourceKind::lines && source.cursor != nullptr) {
        /* They are sorted already. */
        source.rest = {};
        SPI_scroll_cursor_move(source.cursor, FETCH_ABSOLUTE, 0);
        return;
    }
    end_source(source);
    source.rest = {};
    source.at = 0;
    source.number = 0;
    switch (source.kind) {
    case SourceKind::memory:
        break;
    case SourceKind::parts:
        open_cursor(source, kParts, 1, Int64GetDatum(source.upload_id), CURSOR_OPT_NO_SCROLL);
        break;
    case SourceKind::server_file:
        source.file = AllocateFile(source.path, "rb");
        if (source.file == nullptr) {
            const int number = errno;
            ereport(ERROR, (errcode_for_file(number),
                            errmsg("could not open file \"%s\" for reading: %m", source.path)));
        }
        break;
    case SourceKind::lines:
        open_cursor(source, kLines, 0, 0, CURSOR_OPT_SCROLL);
        break;
    }
}

bool next_part(FileSource &source, std::string_view &part) {
    CHECK_FOR_INTERRUPTS();
    if (source.rest.empty() && !fetch(source, source.rest)) {
        return false;
    }
    part = source.rest.substr(0, kPartBytes);
    source.rest.remove_prefix(part.size());
    return true;
}

void end_source(FileSource &source) {
    if (source.cursor != nullptr) {
        SPI_cursor_close(source.cursor);
        source.cursor = nullptr;
    }
    if (source.file != nullptr) {
        FreeFile(source.file);
        source.file = nullptr;
    }
}

} // namespace tradeup
