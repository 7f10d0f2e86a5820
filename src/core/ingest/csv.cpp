/*
 * The CSV reader: blocks of 64 bytes are searched for bytes that mean something, and a small automaton looks
 * at those only.
 */
#include "core/ingest/csv.hpp"

#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "core/base/blank.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr bool is_special(char c, char delimiter) noexcept {
    return c == delimiter || c == '"' || c == '\n' || c == '\r' || c == '\0';
}

/* A bit for each byte that means something, of up to 64 bytes. */
std::uint64_t specials_of(const char *bytes, std::size_t size, char delimiter) noexcept {
    std::uint64_t mask = 0;
    std::size_t i = 0;
#ifdef __SSE2__
    const __m128i wanted[] = {_mm_set1_epi8(delimiter), _mm_set1_epi8('"'), _mm_set1_epi8('\n'),
                              _mm_set1_epi8('\r'), _mm_setzero_si128()};
    for (; i + 16 <= size; i += 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes + i));
        __m128i found = _mm_cmpeq_epi8(block, wanted[0]);
        for (int k = 1; k < 5; ++k) {
            found = _mm_or_si128(found, _mm_cmpeq_epi8(block, wanted[k]));
        }
        mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(found))) << i;
    }
#endif
    for (; i < size; ++i) {
        mask |= std::uint64_t{is_special(bytes[i], delimiter)} << i;
    }
    return mask;
}

/* The cell that ends before `end`. */
void end_cell(CsvReader &reader, std::size_t end) noexcept {
    if (reader.count < reader.room) {
        reader.cells[reader.count] = {static_cast<std::uint32_t>(reader.cell),
                                      static_cast<std::uint32_t>(end), reader.quoted};
    }
    ++reader.count;
    reader.cell = end + 1;
    reader.quoted = false;
}

CsvStep end_row(CsvReader &reader, std::string_view data, std::size_t end, std::size_t taken, CsvRow &row,
                bool unterminated) noexcept {
    const bool quoted = reader.quoted;
    end_cell(reader, end);
    row = {reader.line,
           end,
           taken,
           reader.count,
           reader.nul,
           unterminated,
           reader.count == 1 && !quoted && trimmed(data.substr(0, end)).empty()};
    reader.line += reader.breaks + (taken > end ? 1 : 0);
    reader.breaks = 0;
    reader.at = 0;
    reader.cell = 0;
    reader.count = 0;
    reader.in_quotes = false;
    reader.quoted = false;
    reader.nul = false;
    return CsvStep::row;
}

bool is_too_long(const CsvReader &reader, std::size_t end) noexcept {
    return end - reader.cell > reader.longest_cell || end > kLongestCsvRow;
}

} // namespace

CsvStep next_row(CsvReader &reader, std::string_view data, bool last, CsvRow &row) noexcept {
    const char *const bytes = data.data();
    const std::size_t size = data.size();
    if (size == 0 && last) {
        return CsvStep::end;
    }
    std::size_t at = reader.at;
    while (at < size) {
        const std::size_t length = size - at < kBlock ? size - at : kBlock;
        std::uint64_t mask = specials_of(bytes + at, length, reader.delimiter);
        while (mask != 0) {
            const std::size_t here = at + static_cast<std::size_t>(std::countr_zero(mask));
            mask &= mask - 1;
            const char c = bytes[here];
            if (c == reader.delimiter && c != '"') {
                if (!reader.in_quotes) {
                    if (is_too_long(reader, here)) {
                        return CsvStep::long_cell;
                    }
                    end_cell(reader, here);
                }
            } else if (c == '"') {
                if (!reader.in_quotes) {
                    if (here == reader.cell) {
                        reader.in_quotes = true;
                        reader.quoted = true;
                    }
                } else if (here + 1 < size && bytes[here + 1] == '"') {
                    /* A pair: its second half means nothing, and may stand in the next block. */
                    if (here + 1 < at + length) {
                        mask &= mask - 1;
                    } else {
                        at = here + 2 - length;
                    }
                } else if (here + 1 < size || last) {
                    reader.in_quotes = false;
                } else {
                    reader.at = here;
                    reader.maybe_closed = is_too_long(reader, here);
                    return reader.maybe_closed ? CsvStep::endless_cell : CsvStep::more;
                }
            } else if (c == '\0') {
                reader.nul = true;
            } else if (reader.in_quotes) {
                reader.breaks += c == '\r' || here == 0 || bytes[here - 1] != '\r' ? 1 : 0;
            } else {
                if (c == '\r' && here + 1 == size && !last) {
                    reader.at = here;
                    return is_too_long(reader, here) ? CsvStep::long_cell : CsvStep::more;
                }
                if (is_too_long(reader, here)) {
                    return CsvStep::long_cell;
                }
                const std::size_t end_bytes = c == '\r' && here + 1 < size && bytes[here + 1] == '\n' ? 2 : 1;
                return end_row(reader, data, here, here + end_bytes, row, false);
            }
        }
        at += length;
    }
    reader.at = at;
    if (!last) {
        return !is_too_long(reader, at) ? CsvStep::more
               : reader.in_quotes       ? CsvStep::endless_cell
                                        : CsvStep::long_cell;
    }
    if (is_too_long(reader, size) && !reader.in_quotes) {
        return CsvStep::long_cell;
    }
    return end_row(reader, data, size, size, row, reader.in_quotes);
}

bool closes_endless_cell(CsvReader &reader, std::string_view part) noexcept {
    std::size_t at = 0;
    while (at < part.size()) {
        if (reader.maybe_closed) {
            if (part[at] != '"') {
                return true;
            }
            reader.maybe_closed = false;
            ++at;
            continue;
        }
        at = part.find('"', at);
        if (at == std::string_view::npos) {
            return false;
        }
        reader.maybe_closed = true;
        ++at;
    }
    return false;
}

std::string_view cell_text(const CsvCell &cell, const char *row, char *scratch) noexcept {
    const std::string_view raw(row + cell.begin, cell.end - cell.begin);
    if (!cell.quoted) {
        return raw;
    }
    std::string_view rest = raw.substr(1);
    const std::size_t first = rest.find('"');
    if (first == std::string_view::npos || first + 1 == rest.size()) {
        return rest.substr(0, first);
    }
    /* Pairs become one quote; a single one closes, and what comes behind it is as it stands. */
    char *end = scratch;
    while (true) {
        const std::size_t quote = rest.find('"');
        const std::size_t plain = quote == std::string_view::npos ? rest.size() : quote;
        std::memcpy(end, rest.data(), plain);
        end += plain;
        if (quote == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(quote + 1);
        if (!rest.starts_with('"')) {
            std::memcpy(end, rest.data(), rest.size());
            end += rest.size();
            break;
        }
        *end++ = '"';
        rest.remove_prefix(1);
    }
    return {scratch, static_cast<std::size_t>(end - scratch)};
}

CsvHeader find_header(std::string_view data, bool last) noexcept {
    constexpr std::string_view kDelimiters = ",;\t|";
    CsvHeader header{CsvHeader::State::more, 0, 1, ','};
    std::size_t at = 0;
    /* Blank lines, and the header's own leading blanks, which count only before a byte order mark. */
    while (at < data.size()) {
        const char c = data[at];
        if (c == '\n' || c == '\r') {
            if (c == '\r' && at + 1 == data.size() && !last) {
                return header;
            }
            at += c == '\r' && data.substr(at).starts_with("\r\n") ? 2 : 1;
            header.begin = at;
            ++header.line;
        } else if (const std::size_t blank = blank_at_front(data.substr(at))) {
            at += blank;
        } else if (data.substr(at).starts_with(kByteOrderMark)) {
            at += kByteOrderMark.size();
            header.begin = at;
        } else {
            break;
        }
    }
    if (at == data.size()) {
        header.state = last ? CsvHeader::State::none : CsvHeader::State::more;
        return header;
    }
    if (!last && data.size() - at < kByteOrderMark.size()) {
        return header;
    }
    std::size_t counts[kDelimiters.size()] = {};
    bool in_quotes = false;
    bool at_front = true;
    for (at = header.begin; at < data.size(); ++at) {
        const char c = data[at];
        if (in_quotes) {
            in_quotes = c != '"';
            continue;
        }
        if (c == '\n' || c == '\r') {
            break;
        }
        const std::size_t which = kDelimiters.find(c);
        in_quotes = c == '"' && (at_front || data[at - 1] == '"');
        at_front = which != std::string_view::npos;
        if (at_front) {
            ++counts[which];
        }
    }
    if (at == data.size() && !last) {
        return header;
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < kDelimiters.size(); ++i) {
        best = counts[i] > counts[best] ? i : best;
    }
    header.delimiter = kDelimiters[best];
    header.state = CsvHeader::State::found;
    return header;
}

} // namespace tradeup
