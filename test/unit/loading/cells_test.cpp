/*
 * Cells as people write them; what they hold was worked out by hand.
 */
#include "core/loading/cells.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/loading/numbers.hpp"

namespace tradeup {

namespace {

/* What a cell holds, or "! " and its fault. */
std::string read(std::string_view cell, CellKind kind, std::string_view said = "",
                 std::string_view unit = "") {
    const Cell found = read_cell(cell, kind, said, unit);
    return found.fault != nullptr ? std::string("! ") + found.fault : std::string(found.text);
}
std::string price(std::string_view cell, std::string_view said = "", std::string_view currency = "") {
    return read(cell, CellKind::price, said, currency);
}
std::string kilometers(std::string_view cell, std::string_view said = "", std::string_view unit = "km") {
    return read(cell, CellKind::kilometers, said, unit);
}
std::string date(std::string_view cell, std::string_view said = "") {
    return read(cell, CellKind::date, said);
}

constexpr const char *kAmbiguous = "! thousands or decimals? say decimal_mark";

TEST(Cells, PricesThatSayTheirDecimalMark) {
    EXPECT_EQ(price("4,25,000"), "425000");
    EXPECT_EQ(price("12,34,56,789.5"), "123456789.5");
    EXPECT_EQ(price("1.249,00 \u20AC", "", "EUR"), "1249.00");
    EXPECT_EQ(price("$12,500.50", "", "USD"), "12500.50");
    EXPECT_EQ(price("1249"), "1249");
    EXPECT_EQ(price("1249.5"), "1249.5");
    EXPECT_EQ(price("1249,5"), "1249.5");
    EXPECT_EQ(price("1249.500"), "1249.500");
    EXPECT_EQ(price("0.249"), "0.249");
    EXPECT_EQ(price("0,249"), "0.249");
    EXPECT_EQ(price(".5"), "0.5");
    EXPECT_EQ(price(",5"), "0.5");
    EXPECT_EQ(price("1.249.000"), "1249000");
    EXPECT_EQ(price("1,249,000"), "1249000");
    EXPECT_EQ(price("1'249'000.50"), "1249000.50");
    EXPECT_EQ(price("1\u2019249,5"), "1249.5");
    EXPECT_EQ(price("12 500"), "12500");
    EXPECT_EQ(price("12\u00A0500,00"), "12500.00");
    EXPECT_EQ(price("12\u202F500"), "12500");
    EXPECT_EQ(price("1 249,500"), "1249.500");
    EXPECT_EQ(price("1.249,-"), "1249");
    EXPECT_EQ(price("12,\u2014"), "12");
    EXPECT_EQ(price("  +12.5\u00A0"), "12.5");
}

TEST(Cells, NumbersThatCouldMeanTwoThingsAreNotGuessed) {
    for (const char *cell : {"1.249", "1,249", "999.999", "12,500", "$ 12.500"}) {
        EXPECT_EQ(price(cell), kAmbiguous) << cell;
        EXPECT_STREQ(cell_evidence(cell, CellKind::price), "") << cell;
    }
    EXPECT_EQ(price("1.249", "."), "1.249");
    EXPECT_EQ(price("1.249", ","), "1249");
    EXPECT_EQ(price("1,249", "."), "1249");
    EXPECT_EQ(price("1,249", ","), "1.249");
    EXPECT_EQ(price("12.5", ","), "! not a number with the decimal mark \",\"");
    EXPECT_EQ(price("1.249,00", "."), "! not a number with the decimal mark \".\"");
    EXPECT_EQ(price("1249", ","), "1249");
}

TEST(Cells, WhatIsNoNumber) {
    for (const char *cell : {"",          " ",          "Ask for price", "abc",        "12-",
                             "(12.00)",   "0x10",       "1_000",         "1e5",        "12,000 - 13,000",
                             "1.2.3",     "1.249,00.5", "12,5,000,",     "1,2345,678", "4,2500,000",
                             "0,249,000", "1'249 000",  "12 50",         "$",          "12 or so",
                             "NaN",       "Infinity",   "--5",           "5 5",        ".-",
                             "1.",        "1..2",       "\xFF\xFE"}) {
        EXPECT_EQ(price(cell), "! not a number") << cell;
    }
    EXPECT_EQ(price(std::string(101, '1')), "! not a number");
    EXPECT_EQ(price("1234567890123456789"), "! more than 18 digits");
    EXPECT_EQ(price("1.234567890123456789"), "! more than 18 digits");
}

TEST(Cells, CurrenciesOfPrices) {
    EXPECT_EQ(price("Rs. 4,25,000/-", "", "INR"), "425000");
    EXPECT_EQ(price("Rs.425000", "", "INR"), "425000");
    EXPECT_EQ(price("\u20B9 4,25,000", "", "INR"), "425000");
    EXPECT_EQ(price("12500 usd", "", "USD"), "12500");
    EXPECT_EQ(price("US$ 12500", "", "USD"), "12500");
    EXPECT_EQ(price("$12500 USD", "", "USD"), "12500");
    EXPECT_EQ(price("$12500", "", "MXN"), "12500");
    EXPECT_EQ(price("$12500", "", "EUR"), "! in another currency");
    EXPECT_EQ(price("12500 EUR", "", "USD"), "! in another currency");
    EXPECT_EQ(price("12500 XYZ", "", "USD"), "! not a number");
    EXPECT_EQ(price("12500 EUR"), "12500");
}

TEST(Cells, DomainsOfAmounts) {
    EXPECT_EQ(price("0"), "! not above 0");
    EXPECT_EQ(price("-5"), "! not above 0");
    EXPECT_EQ(price("1000000000000"), "1000000000000");
    EXPECT_EQ(price("1000000000000.01"), "! above 1000000000000");
    EXPECT_EQ(price("12.505", ".", "USD"), "! more decimals than its currency has");
    EXPECT_EQ(price("12.500", ".", "USD"), "12.500");
    EXPECT_EQ(price("12.505", ".", "KWD"), "12.505");
    EXPECT_EQ(price("12.5", "", "JPY"), "! more decimals than its currency has");
    EXPECT_EQ(price("0.0000000000001"), "! more than 12 decimals");
    EXPECT_EQ(read("0", CellKind::amount), "0");
    EXPECT_EQ(read("-1", CellKind::amount), "! negative");
    EXPECT_EQ(read("-1.5", CellKind::change), "-1.5");
    EXPECT_EQ(read("-$1.5", CellKind::change), "-1.5");
    EXPECT_EQ(read("$ -1.5", CellKind::change), "-1.5");
    EXPECT_EQ(read("\u22121.5", CellKind::change), "-1.5");
    EXPECT_EQ(read("-1000000000001", CellKind::change), "! above 1000000000000");
}

TEST(Cells, Kilometers) {
    EXPECT_EQ(kilometers("45,000 kms", "."), "45000");
    EXPECT_EQ(kilometers("45,000 kms"), kAmbiguous);
    EXPECT_EQ(kilometers("1,45,000 kms"), "145000");
    EXPECT_EQ(kilometers("45000KM."), "45000");
    EXPECT_EQ(kilometers("28,000 miles", "."), "45062"); // 45061.632
    EXPECT_EQ(kilometers("100 mi"), "161");              // 160.9344
    EXPECT_EQ(kilometers("100", "", "mi"), "161");
    EXPECT_EQ(kilometers("100 km", "", "mi"), "100");
    EXPECT_EQ(kilometers("12000.5"), "12001");
    EXPECT_EQ(kilometers("12000.4999"), "12000");
    EXPECT_EQ(kilometers("0"), "0");
    EXPECT_EQ(kilometers("-1"), "! negative");
    EXPECT_EQ(kilometers("2147483647"), "2147483647");
    EXPECT_EQ(kilometers("2147483648"), "! above 2147483647 km");
    EXPECT_EQ(kilometers("999999999999999999 mi"), "! above 2147483647 km");
    EXPECT_EQ(kilometers("45 leagues"), "! not a number");
    EXPECT_EQ(kilometers("km 45"), "! not a number");
    EXPECT_EQ(kilometers("45k"), "! not a number");
}

TEST(Cells, Years) {
    const auto year = [](std::string_view cell) { return read(cell, CellKind::year); };
    EXPECT_EQ(year("2012"), "2012");
    EXPECT_EQ(year(" 2012.0 "), "2012");
    EXPECT_EQ(year("2012,00"), "2012");
    EXPECT_EQ(year("1886"), "1886");
    EXPECT_EQ(year("1885"), "! not 1886 to 2200");
    EXPECT_EQ(year("20244"), "! not 1886 to 2200");
    EXPECT_EQ(year("12"), "! not 1886 to 2200");
    for (const char *cell :
         {"", "2012.5", "2,012", "2012.", "MY2012", "2012/13", "-2012", "2012-05-01", "1000000000"}) {
        EXPECT_EQ(year(cell), "! not a year") << cell;
    }
}

TEST(Cells, Dates) {
    for (const char *cell :
         {"2024-02-29", "2024/2/29", "2024.02.29", "20240229", "2024-02-29 10:15", "2024-02-29T10:15:00Z",
          "29/02/2024", "29.2.2024", "2-29-2024", "2/29/2024 10:15"}) {
        EXPECT_EQ(date(cell), "2024-02-29") << cell;
    }
    EXPECT_EQ(date("03/04/2024"), "! day or month first? say date_order");
    EXPECT_EQ(date("04/04/2024"), "2024-04-04");
    EXPECT_EQ(date("03/04/2024", "DMY"), "2024-04-03");
    EXPECT_EQ(date("03/04/2024", "MDY"), "2024-03-04");
    EXPECT_EQ(date("13/04/2024", "MDY"), "! not a date with the month first");
    EXPECT_EQ(date("04/13/2024", "DMY"), "! not a date with the day first");
    EXPECT_EQ(date("2024-03-04", "DMY"), "2024-03-04");
    for (const char *cell :
         {"", "2023-02-29", "31/02/2024", "13/13/2024", "0000-00-00", "00/00/0000", "3/4/24", "2024-02-29x",
          "2024-02/29", "Feb 29, 2024", "2024", "2024-02", "202402299", "2024-02-29 -----x", "1/2/3/2024"}) {
        EXPECT_EQ(date(cell), "! not a date") << cell;
    }
}

TEST(Cells, EvidenceForColumns) {
    EXPECT_STREQ(cell_evidence("1.249,00 \u20AC", CellKind::price), ",");
    EXPECT_STREQ(cell_evidence("4,25,000", CellKind::price), ".");
    EXPECT_STREQ(cell_evidence("1249", CellKind::price), "");
    EXPECT_STREQ(cell_evidence("call 1.5", CellKind::price), "");
    EXPECT_STREQ(cell_evidence("1.5 km", CellKind::kilometers), ".");
    EXPECT_STREQ(cell_evidence("1.5 EUR", CellKind::kilometers), "");
    EXPECT_STREQ(cell_evidence("2012.0", CellKind::year), "");
    EXPECT_STREQ(cell_evidence("13/04/2024", CellKind::date), "DMY");
    EXPECT_STREQ(cell_evidence("04/13/2024", CellKind::date), "MDY");
    EXPECT_STREQ(cell_evidence("03/04/2024", CellKind::date), "");
    EXPECT_STREQ(cell_evidence("2024-03-04", CellKind::date), "");
}

TEST(Cells, WhatStandsForNothing) {
    for (const char *cell : {"", " \t", "NULL", "n/a", "N/A ", "-", "--", "\u2014", "?", "\u00A0"}) {
        EXPECT_EQ(filled_cell(cell, true), "") << cell;
        EXPECT_EQ(filled_cell(cell, false), "") << cell;
    }
    for (const char *cell : {"NA", "none", "Nil", "TBD"}) {
        EXPECT_EQ(filled_cell(cell, true), cell);
        EXPECT_EQ(filled_cell(cell, false), "") << cell;
    }
    EXPECT_EQ(filled_cell(" a b\u00A0", true), "a b");
    EXPECT_EQ(filled_cell("0", false), "0");
}

} // namespace

} // namespace tradeup
