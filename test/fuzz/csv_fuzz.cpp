/*
 * libFuzzer: bytes as a CSV file. The reader gives the same rows for the file as a whole and in parts, and
 * those of a slow parser; and cells as numbers, moments, headers and rows of each kind break no promise. Run
 * with -dict=test/fuzz/csv_fuzz.dict test/fuzz/corpus/csv_fuzz.
 */
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/ingest/encoding.hpp"
#include "core/ingest/header.hpp"
#include "core/ingest/rows.hpp"
#include "ingest/slow_csv.hpp"

namespace {

using namespace tradeup;
using namespace tradeup::test;

void require(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

void check_cell(std::string_view cell) {
    for (const char mark : {'.', ','}) {
        Amount amount{};
        if (read_amount(cell, mark, amount) == Reason::none) {
            require(amount.scale >= 0 && amount.scale <= 4 && amount.units < 100'000'000'000'000 &&
                        amount.units > -100'000'000'000'000,
                    "an amount is out of range");
            char text[48];
            std::snprintf(text, sizeof text, "%llde-%d", static_cast<long long>(amount.units), amount.scale);
            Amount again{};
            require(read_amount(text, '.', again) == Reason::none, "an amount cannot be written");
            const auto scaled = [](Amount a) {
                for (; a.scale < 4; ++a.scale) {
                    a.units *= 10;
                }
                return a.units;
            };
            require(scaled(again) == scaled(amount), "an amount is not itself");
        }
        std::int32_t count = 0;
        if (read_count(cell, mark, count) == Reason::none) {
            std::int32_t again = 0;
            require(read_count(std::to_string(count), mark, again) == Reason::none && again == count,
                    "a count is not itself");
        }
    }
    Moment moment{};
    (void)read_moment(cell, cell.size() % 2 == 0, moment);
    std::string out(2 * cell.size() + 1, '\0');
    const std::string name(canonical_column(cell, out.data()));
    std::string again(2 * name.size() + 1, '\0');
    require(canonical_column(name, again.data()).size() <= name.size(), "a canonical name grows");
}

void check_rows(std::string_view file, std::uint8_t seed) {
    std::vector<CsvCell> cells(8);
    CsvReader reader{cells.data(), static_cast<std::uint32_t>(cells.size()), 1000, ','};
    RowRules rules{};
    rules.kind = static_cast<FileKind>(seed % 4);
    rules.decimal_mark = seed % 8 < 4 ? '.' : ',';
    rules.day_first = seed % 16 < 8;
    rules.header_cells = 1 + seed % 7U;
    for (std::size_t i = 0; i < kMostColumns; ++i) {
        rules.cell_of[i] = static_cast<std::int32_t>(i % 9) - 1;
    }
    rules.shop_cell = seed % 3 - 1;
    rules.shop = "a";
    CsvRow row{};
    std::vector<FileValue> values(kMostColumns);
    while (next_row(reader, file, true, row) == CsvStep::row) {
        const std::string bytes(file.substr(0, row.bytes));
        std::vector<char> scratch(row.bytes + 1);
        const RowFault fault = read_row(rules, reader, row, bytes.data(), scratch.data(), values.data());
        require(fault.column < static_cast<std::int32_t>(columns_of(rules.kind).size()), "no such column");
        (void)shop_of_row(rules, reader, row, bytes.data(), scratch.data());
        file.remove_prefix(row.taken);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size) {
    if (size < 4) {
        return 0;
    }
    const std::string_view file(reinterpret_cast<const char *>(bytes) + 4, size - 4);
    const char delimiter = ",;\t|"[bytes[0] % 4];
    constexpr std::size_t kRoom = 32;
    const std::size_t longest = bytes[1] % 4 == 0 ? 5 : 1 << 20;
    std::vector<std::size_t> borders;
    for (std::size_t at = bytes[2] % 8; at < file.size(); at += 1 + bytes[3] % 70U) {
        borders.push_back(at);
    }
    const std::vector<ReadRow> whole = rows_by_reader(file, delimiter, longest, {}, kRoom);
    const std::vector<ReadRow> parts = rows_by_reader(file, delimiter, longest, borders, kRoom);
    std::vector<ReadRow> slow = slow_rows(file, delimiter, longest);
    for (ReadRow &row : slow) {
        row.cells.resize(std::min(row.cells.size(), kRoom));
    }
    const auto without_endless = [](std::vector<ReadRow> rows) {
        for (ReadRow &row : rows) {
            if (row.unterminated) {
                row.cells.clear();
                row.nul = false;
            }
        }
        return rows;
    };
    require(without_endless(whole) == without_endless(slow), "the reader and the slow parser differ");
    require(without_endless(parts) == without_endless(slow), "parts make other rows");
    /* A few cells of each file: their readers take longer than all else here. */
    std::size_t unchecked = 12;
    for (std::size_t i = bytes[2] / 8U; i < whole.size() && unchecked > 0; ++i) {
        for (const std::string &cell : whole[i].cells) {
            if (unchecked > 0) {
                check_cell(cell);
                --unchecked;
            }
        }
    }
    check_rows(file, bytes[3]);
    (void)find_header(file, bytes[0] % 2 == 0);

    Utf8Check at_once{};
    const std::uint64_t first = first_invalid_utf8(at_once, file, true);
    Utf8Check in_parts{};
    std::uint64_t found = kAllValid;
    for (std::size_t i = 0; i < file.size() && found == kAllValid; ++i) {
        found = first_invalid_utf8(in_parts, file.substr(i, 1), i + 1 == file.size());
    }
    require(found == first, "parts make other characters");
    return 0;
}
