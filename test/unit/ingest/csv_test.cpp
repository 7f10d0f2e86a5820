/*
 * The CSV reader: examples of RFC 4180 and of the world, and random files in random parts against a slow
 * parser.
 */
#include "core/ingest/csv.hpp"

#include <random>

#include <gtest/gtest.h>

#include "ingest/slow_csv.hpp"

namespace {

using namespace tradeup;
using namespace std::literals;
using namespace tradeup::test;

constexpr std::size_t kLongest = 1 << 20;

std::vector<std::vector<std::string>> cells_of(std::string_view file, char delimiter = ',') {
    std::vector<std::vector<std::string>> cells;
    for (const ReadRow &row : rows_by_reader(file, delimiter, kLongest, {})) {
        cells.push_back(row.cells);
    }
    return cells;
}

using Cells = std::vector<std::vector<std::string>>;

TEST(Csv, ReadsWhatRfc4180Writes) {
    EXPECT_EQ(cells_of("a,b\r\n1,2\r\n"), (Cells{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(cells_of("a,b"), (Cells{{"a", "b"}}));
    EXPECT_EQ(cells_of("\"a\",\"b \"\"c\"\" d\",\"x\r\ny\"\n"), (Cells{{"a", "b \"c\" d", "x\r\ny"}}));
    EXPECT_EQ(cells_of(",,\n"), (Cells{{"", "", ""}}));
    EXPECT_EQ(cells_of(""), Cells{});
}

TEST(Csv, ReadsWhatTheWorldWrites) {
    EXPECT_EQ(cells_of("a\rb\nc\r\nd"), (Cells{{"a"}, {"b"}, {"c"}, {"d"}}));
    EXPECT_EQ(cells_of("7\" disc,\"8\" disc\",\"\"\"\"\n"), (Cells{{"7\" disc", "8 disc\"", "\""}}));
    EXPECT_EQ(cells_of("\"a\"b\"c,d\n"), (Cells{{"ab\"c", "d"}}));
    EXPECT_EQ(cells_of("a\n\n  \n\r\nb\n\"\"\n"), (Cells{{"a"}, {"b"}, {""}}));
    EXPECT_EQ(cells_of("a;b,c\n", ';'), (Cells{{"a", "b,c"}}));
}

/* The reader looks at 64 bytes at a time; a pair may stand on the border between two of these. */
TEST(Csv, APairOfQuotesMeansOneWhereverItStands) {
    for (std::size_t before = 60; before <= 66; ++before) {
        const std::string letters(before, 'a');
        EXPECT_EQ(cells_of("\"" + letters + "\"\"b\",c\n"), (Cells{{letters + "\"b", "c"}})) << before;
        EXPECT_EQ(cells_of("\"" + letters + "\"\"\",c\n"), (Cells{{letters + "\"", "c"}})) << before;
    }
}

TEST(Csv, SaysWhereARowBeginsAndWhatIsWrongWithIt) {
    const std::string file = "a\n\"x\ny\r\nz\rw\",1\n\nb\0c\n\"open\n1,2\n"s;
    const std::vector<ReadRow> rows = rows_by_reader(file, ',', kLongest, {});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[1].line, 2U);
    EXPECT_EQ(rows[2].line, 7U);
    EXPECT_TRUE(rows[2].nul);
    EXPECT_EQ(rows[3].line, 8U);
    EXPECT_TRUE(rows[3].unterminated);
    EXPECT_TRUE(rows_by_reader("a,\"", ',', kLongest, {})[0].unterminated);
}

TEST(Csv, CellsHaveALongestLength) {
    EXPECT_TRUE(rows_by_reader("aaaa,b\n", ',', 3, {})[0].long_cell);
    EXPECT_FALSE(rows_by_reader("aaa,b\n", ',', 3, {})[0].long_cell);
    EXPECT_TRUE(rows_by_reader("\"aaaa\",b\n", ',', 3, {})[0].long_cell);
    EXPECT_TRUE(rows_by_reader("a,\"aaaa", ',', 3, {})[0].unterminated);
    for (const char *last_of_row : {"b,aaaa\n", "b,aaaa"}) {
        EXPECT_TRUE(rows_by_reader(last_of_row, ',', 3, {})[0].long_cell) << last_of_row;
    }
    const std::size_t borders[] = {5, 6};
    EXPECT_TRUE(rows_by_reader("\"aaaa\"\"a\"", ',', 3, borders)[0].long_cell);
    EXPECT_TRUE(rows_by_reader("\"aaaa\"\"a", ',', 3, borders)[0].unterminated);
}

TEST(Csv, AnEndlessCellIsClosedByAQuoteThatHasNoOtherBehindIt) {
    const auto closed_by = [](bool maybe_closed, std::initializer_list<std::string_view> parts) {
        CsvReader reader{nullptr, 0, 3, ','};
        reader.maybe_closed = maybe_closed;
        bool closed = false;
        for (const std::string_view part : parts) {
            closed = closed || closes_endless_cell(reader, part);
        }
        return closed;
    };
    EXPECT_TRUE(closed_by(true, {",b"}));
    EXPECT_TRUE(closed_by(false, {"a\"", ",b"}));
    EXPECT_FALSE(closed_by(false, {"a\"", "\"b"}));
    EXPECT_FALSE(closed_by(true, {"\"", "b\"\""}));
}

TEST(Csv, PartsAndTheSlowParserAgree) {
    constexpr std::string_view kBytes = "a,,\"\"\"\n\n\r\rb ;\t\0x"sv;
    std::mt19937 random(20251120);
    for (int i = 0; i < 20'000; ++i) {
        std::string file;
        const std::size_t size = random() % (i % 10 == 0 ? 700 : 40);
        const bool few_quotes = random() % 2 == 0;
        while (file.size() < size) {
            const char c = kBytes[random() % kBytes.size()];
            file += few_quotes && c == '"' && random() % 8 != 0 ? 'q' : c;
        }
        std::vector<std::size_t> borders;
        for (std::size_t at = 0; at < size; at += 1 + random() % (i % 3 == 0 ? 2 : 90)) {
            borders.push_back(at);
        }
        const char delimiter = i % 2 == 0 ? ',' : ';';
        const std::vector<ReadRow> slow = slow_rows(file, delimiter, kLongest);
        ASSERT_EQ(rows_by_reader(file, delimiter, kLongest, {}), slow) << file;
        ASSERT_EQ(rows_by_reader(file, delimiter, kLongest, borders), slow) << file;
    }
}

TEST(Csv, ManyCells) {
    std::string file;
    for (int i = 0; i < 4000; ++i) {
        file.append(i > 0 ? "," : "").append(std::to_string(i));
    }
    const auto rows = rows_by_reader(file, ',', kLongest, {});
    ASSERT_EQ(rows[0].cells.size(), 4000U);
    EXPECT_EQ(rows[0].cells[3999], "3999");
}

TEST(Header, IsFoundBehindBlankLinesAndAByteOrderMark) {
    const auto found = [](std::string_view file) { return find_header(file, true); };
    EXPECT_EQ(found("a;b;c,d\n1\n").delimiter, ';');
    EXPECT_EQ(found("a,b;c\n").delimiter, ',');
    EXPECT_EQ(found("a|b|c").delimiter, '|');
    EXPECT_EQ(found("\"x;y;z\",b\n").delimiter, ',');
    EXPECT_EQ(found("\xEF\xBB\xBF"
                    "a\tb")
                  .begin,
              3U);
    EXPECT_EQ(found("\xEF\xBB\xBF"
                    "a\tb")
                  .delimiter,
              '\t');
    const CsvHeader late = found("\n\t\xEF\xBB\xBFID,b\n");
    EXPECT_EQ(late.begin, 5U);
    EXPECT_EQ(late.line, 2U);
    EXPECT_EQ(found("\r\n\r  \n\tx\ty\n").begin, 6U);
    EXPECT_EQ(found("\r\n\r  \n\tx\ty\n").line, 4U);
    EXPECT_EQ(found("").state, CsvHeader::State::none);
    EXPECT_EQ(found(" \n\n").state, CsvHeader::State::none);
    EXPECT_EQ(find_header("a,b", false).state, CsvHeader::State::more);
    EXPECT_EQ(find_header("\xEF\xBB", false).state, CsvHeader::State::more);
}

} // namespace
