/*
 * Rows of a CSV file, as RFC 4180 and the world write them, found in bytes that come in parts of any length.
 * The reader holds no bytes and allocates nothing: its caller keeps the row at hand, and hands it again,
 * longer, while its end has not come.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

/* Where a cell stands, in bytes from the beginning of its row; with its quotes, if it begins with one. */
struct CsvCell {
    std::uint32_t begin;
    std::uint32_t end;
    bool quoted;
};

/* The longest row, in bytes: what 32 bits and PostgreSQL's largest value hold. */
inline constexpr std::size_t kLongestCsvRow = std::size_t{1} << 30;

/*
 * A reader of rows. The first three are its caller's to set; all else is zero at first, but for `line`.
 * `cells` has room for `room` cells: of a longer row the others are counted and not kept.
 */
struct CsvReader {
    CsvCell *cells;
    std::uint32_t room;
    std::uint32_t longest_cell; // in bytes
    char delimiter;

    std::uint64_t line = 1; // where the row at hand begins
    /* The row at hand, as far as it was read. */
    std::uint64_t breaks = 0; // line breaks in it
    std::size_t at = 0;       // bytes of it that were read
    std::size_t cell = 0;     // where its last cell begins
    std::uint32_t count = 0;  // cells before that
    bool in_quotes = false;
    bool quoted = false; // the last cell begins with a quote
    bool nul = false;    // there is a NUL byte
    /* After CsvStep::endless_cell: the bytes so far end with a quote, which closes it unless another follows.
     */
    bool maybe_closed = false;
};

enum class CsvStep {
    row,          // a row was read
    more,         // the row goes on beyond these bytes
    end,          // no bytes are left
    long_cell,    // a cell is longer than longest_cell, or a row than kLongestCsvRow
    endless_cell, // the same of a quoted cell whose end has not come: see closes_endless_cell
};

/* A row that was read. Blank lines are rows too. */
struct CsvRow {
    std::uint64_t line;  // where it begins
    std::size_t bytes;   // without its line end
    std::size_t taken;   // with it
    std::uint32_t count; // cells, also those that had no room
    bool nul;            // it has a NUL byte
    bool unterminated;   // a quote is still open where the file ends
    bool blank;          // one cell without a quote, of blanks only
};

/*
 * Reads a row. `data` begins where the row begins, and is all that is there of the file from then on: after
 * `row` the caller removes `row.taken` bytes from its front, after `more` it adds bytes to its end. `last`:
 * no bytes come any more. A line ends with LF, CRLF or CR. A quote within a cell that does not begin with one
 * is a letter; letters after a closing quote belong to the cell.
 */
CsvStep next_row(CsvReader &reader, std::string_view data, bool last, CsvRow &row) noexcept;

/*
 * After CsvStep::endless_cell, for the bytes that come after `data`, part by part: whether the quote of the
 * cell is closed in them. Where it never is, also not by `maybe_closed`, the row is unterminated; where it
 * is, the cell is too long.
 */
bool closes_endless_cell(CsvReader &reader, std::string_view part) noexcept;

/*
 * What a cell of the row says: without its quotes, doubled quotes as one, not trimmed. `scratch` has room for
 * as many bytes as the cell has; the text lies in it or in the row.
 */
std::string_view cell_text(const CsvCell &cell, const char *row, char *scratch) noexcept;

/* Where the header of a file is. */
struct CsvHeader {
    enum class State { found, more, none } state;
    std::size_t begin;  // its first byte, behind blank lines and a byte order mark
    std::uint64_t line; // its line
    char delimiter;     // the one of , ; tab | that it has most often outside of quotes
};

/*
 * Finds the header at the front of a file: the first line that is not blank. Where a byte order mark stands
 * behind blanks, the header begins behind it. State `none`: there is no such line; `more`: its end has not
 * come.
 */
CsvHeader find_header(std::string_view data, bool last) noexcept;

} // namespace tradeup
