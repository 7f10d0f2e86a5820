/*
 * What is read as a decimal, what is not, and how it is written.
 */
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/number/decimal.hpp"
#include "random_terms.hpp"

namespace tradeup {

struct Parsed {
    const char *text;
    std::int64_t coefficient;
    std::int64_t scale;
    const char *printed;
};

TEST(Decimal, ParsesToTheShortestForm) {
    const Parsed cases[] = {
        {"0", 0, 0, "0"},
        {"-0.00", 0, 0, "0"},
        {"0.1949", 1949, 4, "0.1949"},
        {"+12.50", 125, 1, "12.5"},
        {"-0.05", -5, 2, "-0.05"},
        {"-1.05", -105, 2, "-1.05"},
        {"007", 7, 0, "7"},
        {".5", 5, 1, "0.5"},
        {"5.", 5, 0, "5"},
        {"1200", 1200, 0, "1200"},
        {"0.000000000000000001", 1, 18, "0.000000000000000001"},
        {"999999999999999999", kMaxCoefficient, 0, "999999999999999999"},
        {"-0.999999999999999999", -kMaxCoefficient, 18, "-0.999999999999999999"},
    };
    for (const Parsed &c : cases) {
        const Result<Decimal> number = parse_decimal(c.text);
        ASSERT_TRUE(number) << c.text;
        EXPECT_EQ(number->coefficient, c.coefficient) << c.text;
        EXPECT_EQ(number->scale, c.scale) << c.text;
        EXPECT_STREQ(to_text(*number).text, c.printed);
    }
}

TEST(Decimal, RefusesWhatIsNoNumber) {
    for (const char *text : {"", "-", "+", ".", "-.", "1e5", "1,5", "--1", "1-", " 1", "1 ", "0x10", "1.2.3",
                             "NaN", "Infinity"}) {
        const Result<Decimal> number = parse_decimal(text);
        ASSERT_FALSE(number) << text;
        EXPECT_EQ(number.error().kind, ErrorKind::bad_text) << text;
    }
}

TEST(Decimal, RefusesMoreThan18Digits) {
    for (const char *text :
         {"1000000000000000000", "-1000000000000000000", "0.0000000000000000001", "99999999999999999.99"}) {
        const Result<Decimal> number = parse_decimal(text);
        ASSERT_FALSE(number) << text;
        EXPECT_EQ(number.error().kind, ErrorKind::out_of_range) << text;
    }
}

TEST(Decimal, ErrorShowsAtMost60BytesOfTheText) {
    const Result<Decimal> number = parse_decimal(std::string(1000, 'x'));
    ASSERT_FALSE(number);
    EXPECT_EQ(std::string(number.error().detail), "The text is \"" + std::string(60, 'x') + "\".");
}

TEST(Decimal, ReadsNoFurtherThanTheView) {
    EXPECT_EQ(parse_decimal(std::string_view("123456", 3))->coefficient, 123);
}

TEST(Decimal, PrintedFormParsesBackToTheSameBytes) {
    RandomTerms random(1);
    for (int i = 0; i < 100'000; ++i) {
        const std::int64_t size = kPowersOfTen[static_cast<std::size_t>(random.between(0, 18))];
        const Decimal number = normalized({random.between(1 - size, size - 1), random.between(0, kMaxScale)});
        const DecimalText text = to_text(number);
        const Result<Decimal> again = parse_decimal(text.text);
        ASSERT_TRUE(again) << text.text;
        ASSERT_EQ(again->coefficient, number.coefficient) << text.text;
        ASSERT_EQ(again->scale, number.scale) << text.text;
    }
}

TEST(Decimal, ComparesExactlyAcrossScales) {
    const std::vector<Decimal> ascending = {decimal(-kMaxCoefficient),
                                            decimal(-1),
                                            decimal(-1, 18),
                                            decimal(0, 7),
                                            decimal(1, 18),
                                            decimal(kMaxCoefficient - 1, 18),
                                            decimal(kMaxCoefficient, 18),
                                            decimal(1),
                                            decimal(1000001, 6),
                                            decimal(kMaxCoefficient - 1),
                                            decimal(kMaxCoefficient)};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            EXPECT_EQ(compare(ascending[i], ascending[j]), i < j ? -1 : i > j ? 1 : 0) << i << " " << j;
        }
    }
    EXPECT_EQ(compare(decimal(100, 2), decimal(1)), 0);
}

TEST(Decimal, FixedTextHasAllItsDecimals) {
    EXPECT_STREQ(fixed_text(4500, 2).text, "45.00");
    EXPECT_STREQ(fixed_text(-5, 2).text, "-0.05");
    EXPECT_STREQ(fixed_text(-4'041'307, 2).text, "-40413.07");
    EXPECT_STREQ(fixed_text(120, 0).text, "120");
    EXPECT_STREQ(fixed_text(0, 6).text, "0.000000");
    EXPECT_STREQ(fixed_text(kMaxCoefficient, 18).text, "0.999999999999999999");
}

TEST(Decimal, FloorUnits) {
    EXPECT_EQ(floor_units(decimal(12345, 3), 2), 1234);
    EXPECT_EQ(floor_units(decimal(-12341, 3), 2), -1235);
    EXPECT_EQ(floor_units(decimal(-1234, 2), 2), -1234);
    EXPECT_EQ(floor_units(decimal(7), 6), 7'000'000);
    EXPECT_EQ(floor_units(decimal(kMaxCoefficient), 9), 200'000'000'000'000'000);
    EXPECT_EQ(floor_units(decimal(-kMaxCoefficient), 9), -200'000'000'000'000'000);
}

} // namespace tradeup
