/*
 * A file that is read: its bytes checked and brought to UTF-8, its header, its rows one after another.
 */
#pragma once

#include "core/ingest/rows.hpp"

#include "pg/ingest/options.hpp"
#include "pg/ingest/source.hpp"

extern "C" {
#include "common/cryptohash.h"
#include "common/sha2.h"
}

namespace tradeup {

struct ReadFile {
    FileSource *source;
    const UploadOptions *options;
    FileEncoding encoding;   // the one that is used: never `automatic`
    pg_cryptohash_ctx *hash; // of the bytes so far, or nullptr
    std::int64_t taken;      // bytes so far
    /* What was not read yet: data[front] to data[size - 1]. */
    char *data;
    std::size_t front;
    std::size_t size;
    std::size_t capacity;
    bool last; // no bytes come any more
    Utf8Check check;
    CsvReader reader;
    CsvRow row;
    char *scratch; // room for texts of the row
    std::size_t scratch_capacity;
    /* The header: its cells, trimmed, as the file has them and as canonical_column writes them. */
    std::string_view *headers;
    std::string_view *names;
    std::int32_t header_cells;
    std::string_view header; // as it stands
};

/* Opens the file and reads its header. Errors: 22023 for a file without one, 22021 for bytes that its
 * encoding does not have. */
ReadFile open_file(FileSource &source, const UploadOptions &options, bool hashed);

/* The next row that is not blank, in file.row and file.reader.cells; its bytes, or nullptr behind the last.
 */
const char *next_file_row(ReadFile &file);

/* Room for as many bytes in file.scratch. */
void need_scratch(ReadFile &file, std::size_t bytes);

/* A text of a file in the encoding of the database. */
std::string_view to_server(std::string_view text);

/* The same as a value that lives in the current memory context. */
Datum text_of_file(std::string_view text);

} // namespace tradeup
