/*
 * Numbers, moments, headers, encodings and keys of a shop's files.
 */
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "core/ingest/encoding.hpp"
#include "core/ingest/header.hpp"
#include "core/ingest/keys.hpp"
#include "core/ingest/values.hpp"

namespace {

using namespace tradeup;

std::string amount(std::string_view text, char mark = '.') {
    Amount read{};
    const Reason reason = read_amount(text, mark, read);
    return reason != Reason::none ? word_for(kReasons, reason)
                                  : std::to_string(read.units) + "/" + std::to_string(read.scale);
}

std::string count(std::string_view text, char mark = '.') {
    std::int32_t read = 0;
    const Reason reason = read_count(text, mark, read);
    return reason != Reason::none ? word_for(kReasons, reason) : std::to_string(read);
}

std::string moment(std::string_view text, bool day_first = false) {
    Moment read{};
    const Reason reason = read_moment(text, day_first, read);
    if (reason != Reason::none) {
        return word_for(kReasons, reason);
    }
    return read.none ? "none" : std::to_string(read.microseconds) + (read.in_utc ? "Z" : "");
}

TEST(Amount, IsReadByOneGrammar) {
    for (const auto &[text, expected] :
         std::map<std::string, std::string>{{"29.99", "2999/2"},
                                            {" 1,234.50 ", "123450/2"},
                                            {"1,234,567", "1234567/0"},
                                            {"$5", "5/0"},
                                            {"-$5.10", "-510/2"},
                                            {"$ -5", "-5/0"},
                                            {"5 \u20AC", "5/0"},
                                            {"5\u00A0\u20AC", "5/0"},
                                            {"EUR 5", "5/0"},
                                            {"5USD", "5/0"},
                                            {"US$5", "5/0"},
                                            {"R$ 5", "5/0"},
                                            {"\u20B95", "5/0"},
                                            {"+.5", "5/1"},
                                            {"5.", "5/0"},
                                            {"1e2", "100/0"},
                                            {"1.5e-3", "15/4"},
                                            {"1.50000", "15000/4"},
                                            {"0.00000", "0/4"},
                                            {"$0.00", "0/2"},
                                            {"-0", "0/0"},
                                            {"0e999999999999", "0/0"},
                                            {"9999999999.9999", "99999999999999/4"},
                                            {"000000000000000000000001.5", "15/1"}}) {
        EXPECT_EQ(amount(text), expected) << text;
    }
    for (const char *text :
         {"",       "abc",       "NaN",      "Infinity", "inf",  "(12.00)",  "12-",      "0x10", "1_000",
          "12,34",  "1,2345",    "1234,567", "0,123",    ",123", "1,234,56", "1.234,50", "1..2", "--5",
          "$5 USD", "$$5",       "5 EURO",   "5 eur",    "'-1",  "1;2",      "e5",       "5e",   "5 5",
          "\u0665", "1,234.5,6", "$",        "USD",      "-",    "."}) {
        EXPECT_EQ(amount(text), "not_a_number") << text;
    }
    EXPECT_EQ(amount("10000000000"), "out_of_range");
    EXPECT_EQ(amount("1e10"), "out_of_range");
    EXPECT_EQ(amount("1e999999999999"), "out_of_range");
    EXPECT_EQ(amount("-99999999999999999999999999"), "out_of_range");
    EXPECT_EQ(amount("10000000000.00001"), "out_of_range");
    EXPECT_EQ(amount("1.00001"), "too_many_decimals");
    EXPECT_EQ(amount("1.0000000000000000000000000001"), "too_many_decimals");
    EXPECT_EQ(amount("1e-300"), "too_many_decimals");
}

TEST(Amount, CommaMayBeTheDecimalMark) {
    EXPECT_EQ(amount("1.249,00 \u20AC", ','), "124900/2");
    EXPECT_EQ(amount("19,90", ','), "1990/2");
    EXPECT_EQ(amount("7,5", ','), "75/1");
    EXPECT_EQ(amount("1.249", ','), "1249/0");
    EXPECT_EQ(amount("19.90", ','), "not_a_number");
    EXPECT_EQ(amount("1,249.00", ','), "not_a_number");
}

TEST(Count, IsWhole) {
    for (const auto &[text, expected] :
         std::map<std::string, std::string>{{"3", "3"},
                                            {"-3", "-3"},
                                            {"3.0", "3"},
                                            {"1e2", "100"},
                                            {"1200e-2", "12"},
                                            {"1,000", "1000"},
                                            {"2147483647", "2147483647"},
                                            {"-2147483648", "-2147483648"},
                                            {"0.000", "0"},
                                            {"2147483648", "out_of_range"},
                                            {"1e40", "out_of_range"},
                                            {"3.7", "not_an_integer"},
                                            {"12.9", "not_an_integer"},
                                            {"3.00000000000000000000001", "not_an_integer"},
                                            {"1e-5", "not_an_integer"},
                                            {"abc", "not_a_number"}}) {
        EXPECT_EQ(count(text), expected) << text;
    }
}

TEST(Moment, IsReadByOneGrammar) {
    constexpr std::int64_t kSecond = 1'000'000;
    const std::int64_t day = 9146 * 86'400 * kSecond; // 2025-01-15
    const std::int64_t half_past_ten = day + 37'800 * kSecond;
    for (const auto &[text, expected] : std::map<std::string, std::string>{
             {"2025-01-15", std::to_string(day)},
             {"2025/01/15", std::to_string(day)},
             {"2025/1/15 10:30", std::to_string(half_past_ten)},
             {"2025-01-15T10:30:00Z", std::to_string(half_past_ten) + "Z"},
             {"2025-01-15  10:30:00 UTC", std::to_string(half_past_ten) + "Z"},
             {"2025-01-15 10:30 GMT", std::to_string(half_past_ten) + "Z"},
             {"2025-01-15T10:30:00+05:30", std::to_string(half_past_ten - 19'800 * kSecond) + "Z"},
             {"2025-01-15 10:30:00 -0130", std::to_string(half_past_ten + 5'400 * kSecond) + "Z"},
             {"2025-01-15T10:30:00.123Z", std::to_string(half_past_ten + 123'000) + "Z"},
             {"2025-01-15 10:30:00.1234569", std::to_string(half_past_ten + 123'456)},
             {"1/15/2025", std::to_string(day)},
             {"1-15-25 10:30", std::to_string(half_past_ten)},
             {"01.15.2025 10:30 AM", std::to_string(half_past_ten)},
             {"1/15/2025 10:30:00pm", std::to_string(half_past_ten + 43'200 * kSecond)},
             {"1/15/2025 12:00 AM", std::to_string(day)},
             {"0000-00-00", "none"},
             {"0000-00-00 00:00:00", "none"},
             {"1900-01-01", "none"},
             {"1900-01-01T00:00:00Z", "none"}}) {
        EXPECT_EQ(moment(text), expected) << text;
    }
    EXPECT_EQ(moment("15.01.2025", true), std::to_string(day));
    EXPECT_EQ(moment("12/1/69"), moment("2069-12-01"));
    EXPECT_EQ(moment("12/1/70"), moment("1970-12-01"));
    for (const char *text : {"",
                             "yesterday",
                             "25/04/2025",
                             "13/1/10 14:32",
                             "2025-02-29",
                             "2025-13-01",
                             "2025-00-10",
                             "2025-01-15T",
                             "2025-01-15 24:00",
                             "2025-01-15 10",
                             "2025-01-15 10:60",
                             "2025-01-15 10:30:60",
                             "2025-01-15 10:30:5",
                             "2025-01-15 13:00 PM",
                             "2025-01-15 0:10 AM",
                             "2025-01-15x",
                             "20250115",
                             "2025-01/15",
                             "1/15",
                             "1/15/125",
                             "2025-01-15 10:30+5",
                             "2025-01-15 10:30+16:00",
                             "2025-01-15 10:30 CET",
                             "2025.01.15",
                             "45000",
                             "0000-01-00",
                             "12025-01-15",
                             "2025-01-15T10:30:00."}) {
        EXPECT_EQ(moment(text), "not_a_date") << text;
    }
    EXPECT_EQ(moment("31.02.2025", true), "not_a_date");
}

TEST(Filled, KnowsWhatStandsForNothing) {
    EXPECT_EQ(filled("  x y ", true), "x y");
    EXPECT_EQ(filled(" Null ", true), "");
    EXPECT_EQ(filled("NA", true), "NA");
    EXPECT_EQ(filled("na", false), "");
    EXPECT_EQ(filled("N/A", false), "");
    EXPECT_EQ(filled("None", false), "");
    EXPECT_EQ(filled("none", true), "none");
    EXPECT_EQ(filled("\u00A0", true), "");
}

TEST(CanonicalColumn, BringsSpellingsTogether) {
    for (const auto &[header, expected] :
         std::map<std::string, std::string>{{"Variant Price", "variant_price"},
                                            {"variantPrice", "variant_price"},
                                            {"variant-price", "variant_price"},
                                            {" Variant  Price (USD) ", "variant_price"},
                                            {"\uFEFForderId", "order_id"},
                                            {"  \uFEFF ID", "id"},
                                            {"Body (HTML)", "body"},
                                            {"InvoiceNo", "invoice_no"},
                                            {"Inventory Item ID", "inventory_item_id"},
                                            {"inventoryItemID", "inventory_item_id"},
                                            {"HTMLBody", "html_body"},
                                            {"\u0426\u0415\u041D\u0410", "\u0446\u0435\u043D\u0430"},
                                            {"\u0406\u0402\u0490", "\u0456\u0452\u0491"},
                                            {"\u0139\u017D", "\u013A\u017E"},
                                            {"a/b:c.d__e", "a_b_c_d_e"},
                                            {"_x_", "x"},
                                            {"Option1 Name", "option1_name"},
                                            {"SKU", "sku"},
                                            {"(only)", ""},
                                            {"a (b", "a_(b"},
                                            {"((a) b", "(_b"},
                                            {"a (b (c) d) e", "a_e"},
                                            {"a) (b) (c", "a)_(c"},
                                            {"W\u00E4hrung", "w\u00E4hrung"},
                                            {"\u00C4rger", "\u00E4rger"},
                                            {"\u0426\u0435\u043D\u0430", "\u0446\u0435\u043D\u0430"},
                                            {"Lineitem sku", "lineitem_sku"}}) {
        std::string out(2 * header.size() + 1, '\0');
        EXPECT_EQ(canonical_column(header, out.data()), expected) << header;
    }
    /* Each bracket is looked at a few times, not once for each that stands before it. */
    const std::string open(2'000'000, '(');
    std::string room(2 * open.size() + 1, '\0');
    EXPECT_EQ(canonical_column(open, room.data()), open);
    char out[32];
    EXPECT_EQ(canonical_shop("  Demo-Shop.Example.COM ", out), "demo-shop.example.com");
}

TEST(Utf8, IsCheckedInParts) {
    const auto check = [](std::string_view text, std::size_t border) {
        Utf8Check state{};
        const std::uint64_t first = first_invalid_utf8(state, text.substr(0, border), false);
        return first != kAllValid ? first : first_invalid_utf8(state, text.substr(border), true);
    };
    using namespace std::string_literals;
    const std::map<std::string, std::uint64_t> cases{
        {"", kAllValid},
        {"plain", kAllValid},
        {"\u00FC\u6F22\U0001F600 and more text, long enough for the fast path", kAllValid},
        {"ab\xFF", 2},
        {"ab\xC3", 2},
        {"\xC0\x80", 0},
        {"x\xED\xA0\x80", 1},
        {"\xF4\x90\x80\x80", 0},
        {"\xE0\x80\x80", 0},
        {"\xF0\x90\x8D", 0},
        {"0123456789012345678901234567890123456789\x80", 40},
        {"a\xE6\xBC"
         "b",
         1}};
    for (const auto &[text, expected] : cases) {
        for (std::size_t border = 0; border <= text.size(); ++border) {
            EXPECT_EQ(check(text, border), expected) << text << " at " << border;
        }
    }
}

TEST(OneByteEncodings, BecomeUtf8) {
    char out[64];
    EXPECT_EQ(std::string_view(out, to_utf8("19,90 \x80 \xFC", FileEncoding::win1252, out)),
              "19,90 \u20AC \u00FC");
    EXPECT_EQ(std::string_view(out, to_utf8("\x80\xE9", FileEncoding::latin1, out)), "\u0080\u00E9");
    EXPECT_EQ(first_undefined("ab\x81", FileEncoding::win1252), 2U);
    EXPECT_EQ(first_undefined("ab\x81", FileEncoding::latin1), 3U);
    EXPECT_STREQ(wide_encoding("\xFF\xFE"
                               "a"),
                 "UTF-16");
    using namespace std::string_view_literals;
    EXPECT_STREQ(wide_encoding("\xFF\xFE\0\0a\0\0\0"sv), "UTF-32");
    EXPECT_STREQ(wide_encoding("\0\0\xFE\xFF\0\0\0a"sv), "UTF-32");
    EXPECT_STREQ(wide_encoding("abc"), "");
    EXPECT_EQ(without_cut_character("ab\xE6\xBC"), 2U);
    EXPECT_EQ(without_cut_character("\x80\x80\x80\x80"), 4U) << "of no character";
    EXPECT_EQ(without_cut_character("ab\xC3\xBC"), 4U);
}

TEST(Keys, AreCountedOnce) {
    const Fingerprint seed{12345, 67890};
    std::vector<KeyEntry> entries(64);
    KeyTable table{entries.data(), entries.size(), 0};
    std::vector<KeyEntry> larger;
    std::mt19937 random(7);
    std::map<std::string, std::uint32_t> counts;
    for (int i = 0; i < 20'000; ++i) {
        const std::string key(random() % 40, static_cast<char>('a' + random() % 3));
        const std::string whole = key + std::to_string(random() % 500);
        if (is_full(table)) {
            larger.assign(table.size * 2, {});
            KeyTable moved{larger.data(), larger.size(), 0};
            move_keys(table, moved);
            entries.swap(larger);
            table = moved;
        }
        bool is_new = false;
        KeyEntry &entry = entry_of(table, fingerprint(whole, seed), is_new);
        EXPECT_EQ(is_new, counts.count(whole) == 0);
        EXPECT_EQ(++entry.value, ++counts[whole]);
    }
    EXPECT_EQ(table.used, counts.size());
}

} // namespace
