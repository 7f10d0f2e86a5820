/*
 * Where the bytes of a file come from: a value in memory, parts that were sent, a file of the server, or
 * lines that COPY put into a table. Each gives them in parts, as often as it is asked to begin anew.
 */
#pragma once

#include <cstdint>

#include "pg/glue/glue.hpp"

extern "C" {
#include "executor/spi.h"
#include "storage/fd.h"
}

namespace tradeup {

/* The most bytes of a part: between two, a query may end. */
inline constexpr std::size_t kPartBytes = std::size_t{1} << 20;

/* Digits in front of each line of pg_temp.upload_line, which say where it stands. */
inline constexpr std::size_t kNumberOfLine = 14;

enum class SourceKind { memory, parts, server_file, lines };

struct FileSource {
    SourceKind kind;
    std::string_view memory; // `memory`
    std::int64_t upload_id;  // `parts`
    const char *path;        // `server_file`
    std::int64_t bytes;      // of the whole file; of `lines` 0 until they were read
    /* What is open. */
    std::size_t at;
    Portal cursor;
    std::int32_t number; // of the last part
    FILE *file;
    char *buffer;
    MemoryContext part;    // what one part of a client needs
    std::string_view rest; // what is left of it
};

FileSource memory_source(std::string_view bytes);
/* Errors: 55000 where parts are missing. Within SPI only, as all that follows. */
FileSource parts_source(std::int64_t upload_id);
/* Errors: those of opening the file. */
FileSource server_file_source(const char *path);
/* Errors: 42P01 where the table pg_temp.upload_line is not there. */
FileSource lines_source();

/* Begins at the first byte. */
void begin_source(FileSource &source);

/* The next bytes, which live until the next call; false: there are none. Ends a query that is to end. */
bool next_part(FileSource &source, std::string_view &part);

/* Closes what is open. */
void end_source(FileSource &source);

} // namespace tradeup
