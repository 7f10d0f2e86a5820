/*
 * From a source's bytes to rows.
 */
#include "core/base/blank.hpp"
#include "core/ingest/header.hpp"

#include "pg/ingest/file.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
}

namespace tradeup {

namespace {

/* Refuses the file for a byte: counts lines up to it, from the beginning. */
[[noreturn]] void refuse_byte(ReadFile &file, std::uint64_t at) {
    std::uint64_t line = 1;
    std::uint64_t before = 0;
    char last = '\0';
    unsigned byte = 0;
    begin_source(*file.source);
    std::string_view part;
    while (before <= at && next_part(*file.source, part)) {
        for (std::size_t i = 0; i < part.size() && before + i <= at; ++i) {
            const char c = part[i];
            byte = static_cast<unsigned char>(c);
            line += before + i < at && (c == '\r' || (c == '\n' && last != '\r')) ? 1 : 0;
            last = c;
        }
        before += part.size();
    }
    ereport(ERROR,
            (errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
             errmsg("invalid byte sequence for encoding \"%s\"", word_for(kFileEncodings, file.encoding)),
             errdetail("Line %llu, byte %llu of the file: 0x%02x.", static_cast<unsigned long long>(line),
                       static_cast<unsigned long long>(at + 1), byte),
             errhint("Use the option encoding: UTF8, WIN1252, LATIN1 or auto.")));
    pg_unreachable();
}

void reserve(ReadFile &file, std::size_t more) {
    if (file.front > 0) {
        std::memmove(file.data, file.data + file.front, file.size - file.front);
        file.size -= file.front;
        file.front = 0;
    }
    if (file.size + more > file.capacity) {
        file.capacity = std::max(file.size + more, 2 * file.capacity);
        file.data = file.data == nullptr
                        ? static_cast<char *>(MemoryContextAllocHuge(CurrentMemoryContext, file.capacity))
                        : static_cast<char *>(repalloc_huge(file.data, file.capacity));
    }
}

void require_size(const ReadFile &file) {
    if (std::max(file.taken, file.source->bytes) > file.options->most_bytes) {
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the file is too large"),
                 errdetail("It has more than %lld bytes.", static_cast<long long>(file.options->most_bytes)),
                 errhint("Use the option max_bytes.")));
    }
}

/* The next part of the source behind the bytes at hand. */
void take_part(ReadFile &file) {
    std::string_view part;
    if (!next_part(*file.source, part)) {
        file.last = true;
        if (file.encoding == FileEncoding::utf8) {
            const std::uint64_t invalid = first_invalid_utf8(file.check, {}, true);
            if (invalid != kAllValid) {
                refuse_byte(file, invalid);
            }
        }
        return;
    }
    file.taken += static_cast<std::int64_t>(part.size());
    require_size(file);
    if (file.hash != nullptr &&
        pg_cryptohash_update(file.hash, reinterpret_cast<const uint8 *>(part.data()), part.size()) < 0) {
        elog(ERROR, "a hash failed");
    }
    if (file.encoding == FileEncoding::utf8) {
        const std::uint64_t invalid = first_invalid_utf8(file.check, part, false);
        if (invalid != kAllValid) {
            refuse_byte(file, invalid);
        }
        reserve(file, part.size());
        std::memcpy(file.data + file.size, part.data(), part.size());
        file.size += part.size();
        return;
    }
    const std::size_t undefined = first_undefined(part, file.encoding);
    if (undefined < part.size()) {
        refuse_byte(file, static_cast<std::uint64_t>(file.taken) - part.size() + undefined);
    }
    reserve(file, 3 * part.size());
    file.size += to_utf8(part, file.encoding, file.data + file.size);
}

/* `auto`: UTF-8 where all bytes are. Refuses UTF-16. */
FileEncoding encoding_of(FileSource &source, FileEncoding asked) {
    std::string_view part;
    begin_source(source);
    if (!next_part(source, part)) {
        return asked == FileEncoding::automatic ? FileEncoding::utf8 : asked;
    }
    if (const char *wide = wide_encoding(part); *wide != '\0') {
        ereport(ERROR, (errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE), errmsg("the file is in %s", wide),
                        errhint("Save it as UTF-8.")));
    }
    if (asked != FileEncoding::automatic) {
        return asked;
    }
    Utf8Check check{};
    do {
        if (first_invalid_utf8(check, part, false) != kAllValid) {
            return FileEncoding::win1252;
        }
    } while (next_part(source, part));
    return first_invalid_utf8(check, {}, true) == kAllValid ? FileEncoding::utf8 : FileEncoding::win1252;
}

/* A copy that lives as long as the current memory context. */
std::string_view copied(std::string_view text) {
    return {pnstrdup(text.data(), text.size()), text.size()};
}

void find_header_of(ReadFile &file) {
    CsvHeader header{};
    while ((header = find_header({file.data, file.size}, file.last)).state == CsvHeader::State::more) {
        if (file.size > static_cast<std::size_t>(file.options->longest_cell)) {
            break;
        }
        take_part(file);
    }
    if (header.state != CsvHeader::State::found) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        header.state == CsvHeader::State::none ? errmsg("the file is empty")
                                                               : errmsg("the file has no header"),
                        errhint("The first line of a file names its columns.")));
    }
    file.front = header.begin;
    file.reader.line = header.line;
    file.reader.delimiter = file.options->delimiter != '\0' ? file.options->delimiter : header.delimiter;
}

void read_header(ReadFile &file) {
    const char *bytes = next_file_row(file);
    if (bytes == nullptr || file.row.unterminated || file.row.nul) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the file has no header"),
                        file.row.nul ? errdetail("Its first line has a NUL byte.")
                                     : errdetail("A quote of its first line is never closed."),
                        errhint("The first line of a file names its columns.")));
    }
    if (file.row.count > static_cast<std::uint32_t>(file.options->most_columns)) {
        ereport(ERROR,
                (errcode(ERRCODE_TOO_MANY_COLUMNS), errmsg("the file has too many columns"),
                 errdetail("It has %u; at most %d are allowed.", file.row.count, file.options->most_columns),
                 errhint("Use the option max_columns, or another delimiter.")));
    }
    file.header = copied({bytes, file.row.bytes});
    file.header_cells = static_cast<std::int32_t>(file.row.count);
    file.headers = static_cast<std::string_view *>(palloc(sizeof(std::string_view) * file.row.count));
    file.names = static_cast<std::string_view *>(palloc(sizeof(std::string_view) * file.row.count));
    for (std::uint32_t i = 0; i < file.row.count; ++i) {
        file.headers[i] = copied(trimmed(cell_text(file.reader.cells[i], bytes, file.scratch)));
        char *name =
            static_cast<char *>(MemoryContextAllocHuge(CurrentMemoryContext, 2 * file.headers[i].size() + 1));
        file.names[i] = canonical_column(file.headers[i], name);
    }
}

[[noreturn]] void refuse_long_cell(const ReadFile &file) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("a cell is too long"),
                    errdetail("The row at line %llu has a cell of more than %d bytes.",
                              static_cast<unsigned long long>(file.reader.line), file.options->longest_cell),
                    errhint("Look for a quote that is not closed there, or use the option max_cell_bytes.")));
    pg_unreachable();
}

/* The row of a quoted cell that is longer than allowed: unterminated where the quote is never closed. */
void read_endless_row(ReadFile &file) {
    const std::size_t kept = file.size - file.front;
    while (!file.last) {
        take_part(file);
        /* take_part may have moved what is at hand to the front. */
        const std::size_t from = file.front + kept;
        if (closes_endless_cell(file.reader, {file.data + from, file.size - from})) {
            refuse_long_cell(file);
        }
        file.size = from;
    }
    if (file.reader.maybe_closed) {
        refuse_long_cell(file);
    }
    file.row = {file.reader.line, kept, kept, file.reader.count + 1, file.reader.nul, true, false};
}

} // namespace

ReadFile open_file(FileSource &source, const UploadOptions &options, bool hashed) {
    ReadFile file{};
    file.source = &source;
    file.options = &options;
    file.encoding = encoding_of(source, options.encoding);
    begin_source(source);
    if (hashed) {
        file.hash = pg_cryptohash_create(PG_SHA256);
        if (file.hash == nullptr || pg_cryptohash_init(file.hash) < 0) {
            elog(ERROR, "a hash failed");
        }
    }
    const auto room = static_cast<std::uint32_t>(options.most_columns) + 1;
    file.reader = {
        static_cast<CsvCell *>(MemoryContextAllocHuge(CurrentMemoryContext, sizeof(CsvCell) * room)), room,
        static_cast<std::uint32_t>(options.longest_cell), ','};
    require_size(file);
    find_header_of(file);
    read_header(file);
    return file;
}

void need_scratch(ReadFile &file, std::size_t bytes) {
    if (bytes > file.scratch_capacity) {
        if (file.scratch != nullptr) {
            pfree(file.scratch);
        }
        file.scratch_capacity = 2 * bytes;
        file.scratch =
            static_cast<char *>(MemoryContextAllocHuge(CurrentMemoryContext, file.scratch_capacity));
    }
}

const char *next_file_row(ReadFile &file) {
    while (true) {
        const std::string_view data(file.data + file.front, file.size - file.front);
        switch (next_row(file.reader, data, file.last, file.row)) {
        case CsvStep::end:
            return nullptr;
        case CsvStep::more:
            take_part(file);
            continue;
        case CsvStep::long_cell:
            refuse_long_cell(file);
        case CsvStep::endless_cell:
            read_endless_row(file);
            break;
        case CsvStep::row:
            break;
        }
        const char *bytes = file.data + file.front;
        file.front += file.row.taken;
        if (!file.row.blank) {
            need_scratch(file, file.row.bytes + 1);
            return bytes;
        }
    }
}

std::string_view to_server(std::string_view text) {
    if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII || text.empty()) {
        return text;
    }
    char *server = pg_any_to_server(const_cast<char *>(text.data()), static_cast<int>(text.size()), PG_UTF8);
    return server == text.data() ? text : std::string_view(server);
}

Datum text_of_file(std::string_view text) {
    const std::string_view server = to_server(text);
    return PointerGetDatum(cstring_to_text_with_len(server.data(), static_cast<int>(server.size())));
}

} // namespace tradeup
