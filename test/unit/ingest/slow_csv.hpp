/*
 * A CSV parser of the tests' own, one byte after another, and what the reader of the core gives for a file
 * in parts, in the same form: what unit tests and the fuzzer compare.
 */
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ingest/csv.hpp"

namespace tradeup::test {

struct ReadRow {
    std::uint64_t line = 0;
    std::vector<std::string> cells;
    bool nul = false;
    bool unterminated = false;
    bool long_cell = false; // where reading ended

    friend bool operator==(const ReadRow &, const ReadRow &) = default;
};

/* Whether there is nothing but blanks. */
inline bool is_blank(std::string_view text) {
    bool found = true;
    while (found) {
        found = false;
        for (const std::string_view blank :
             {" ", "\t", "\n", "\v", "\f", "\r", "\u00A0", "\u2009", "\u202F"}) {
            if (text.starts_with(blank)) {
                text.remove_prefix(blank.size());
                found = true;
            }
        }
    }
    return text.empty();
}

/* The rows of a file that are not blank. Reading ends at a cell that is too long, but for one whose quote is
 * never closed. */
inline std::vector<ReadRow> slow_rows(std::string_view file, char delimiter, std::size_t longest) {
    std::vector<ReadRow> rows;
    std::size_t i = 0;
    std::uint64_t line = 1;
    while (i < file.size()) {
        ReadRow row;
        row.line = line;
        bool row_ends = false;
        bool any_quoted = false;
        while (!row_ends) {
            std::string cell;
            const std::size_t begin = i;
            bool quoted = false;
            bool cell_ends = false;
            while (!cell_ends) {
                if (i == file.size()) {
                    row.unterminated = quoted;
                    cell_ends = row_ends = true;
                    break;
                }
                const char c = file[i];
                row.nul = row.nul || c == '\0';
                if (quoted) {
                    if (c == '"' && i + 1 < file.size() && file[i + 1] == '"') {
                        cell += '"';
                        i += 2;
                        continue;
                    }
                    if (c == '"') {
                        quoted = false;
                    } else {
                        cell += c;
                        line += c == '\n' && (i == 0 || file[i - 1] != '\r' || i == begin) ? 1 : 0;
                        line += c == '\r' ? 1 : 0;
                    }
                    ++i;
                } else if (c == '"' && i == begin && delimiter != '"') {
                    quoted = any_quoted = true;
                    ++i;
                } else if (c == delimiter) {
                    cell_ends = true;
                } else if (c == '\n' || c == '\r') {
                    cell_ends = row_ends = true;
                } else {
                    cell += c;
                    ++i;
                }
            }
            if (i - begin > longest && !row.unterminated) {
                row.cells.clear();
                row.nul = false;
                row.long_cell = true;
                rows.push_back(row);
                return rows;
            }
            row.cells.push_back(cell);
            if (!row_ends) {
                ++i; // the delimiter
            }
        }
        if (i < file.size()) {
            i += file.substr(i).starts_with("\r\n") ? 2 : 1;
            ++line;
        }
        const bool blank = row.cells.size() == 1 && !any_quoted && is_blank(row.cells[0]);
        if (!blank) {
            rows.push_back(row);
        }
    }
    return rows;
}

/* The same by the reader, which gets the file in parts that end at `borders`, in ascending order. */
inline std::vector<ReadRow> rows_by_reader(std::string_view file, char delimiter, std::size_t longest,
                                           std::span<const std::size_t> borders, std::size_t room = 5000) {
    std::vector<CsvCell> cells(room);
    CsvReader reader{cells.data(), static_cast<std::uint32_t>(cells.size()),
                     static_cast<std::uint32_t>(longest), delimiter};
    std::vector<ReadRow> rows;
    std::string data; // exactly the bytes at hand, so that a sanitizer sees reads beyond them
    std::size_t given = 0;
    std::size_t part = 0;
    while (true) {
        const bool last = given == file.size();
        CsvRow row{};
        switch (next_row(reader, data, last, row)) {
        case CsvStep::end:
            return rows;
        case CsvStep::long_cell:
            rows.push_back({reader.line, {}, false, false, true});
            return rows;
        case CsvStep::endless_cell: {
            const bool closed = closes_endless_cell(reader, file.substr(given)) || reader.maybe_closed;
            if (closed) {
                rows.push_back({reader.line, {}, false, false, true});
            } else {
                rows.push_back({reader.line, {"endless"}, false, true, false});
            }
            return rows;
        }
        case CsvStep::more: {
            const std::size_t end = part < borders.size() ? borders[part++] : file.size();
            const std::size_t to = end < given ? given : end;
            data.append(file.substr(given, to - given));
            given = to;
            data.shrink_to_fit();
            break;
        }
        case CsvStep::row:
            if (!row.blank) {
                ReadRow read{row.line, {}, row.nul, row.unterminated, false};
                std::string scratch(row.bytes + 1, '\0');
                for (std::uint32_t i = 0; i < row.count && i < reader.room; ++i) {
                    read.cells.emplace_back(cell_text(cells[i], data.data(), scratch.data()));
                }
                rows.push_back(read);
            }
            data.erase(0, row.taken);
            data.shrink_to_fit();
            break;
        }
    }
}

} // namespace tradeup::test
