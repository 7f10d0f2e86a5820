/*
 * The decimals of currencies.
 */
#include "core/number/currency.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/base/pure.hpp"

using namespace tradeup;

TEST(Currency, HasItsDecimals) {
    EXPECT_EQ(currency_digits("MXN"), 2);
    EXPECT_EQ(currency_digits("USD"), 2);
    EXPECT_EQ(currency_digits("COP"), 2);
    EXPECT_EQ(currency_digits("JPY"), 0);
    EXPECT_EQ(currency_digits("CLP"), 0);
    EXPECT_EQ(currency_digits("KWD"), 3);
    EXPECT_EQ(currency_digits("CLF"), 4);
    EXPECT_EQ(currency_digits("AED"), 2);
    EXPECT_EQ(currency_digits("ZWG"), 2);
}

TEST(Currency, IsACodeInUse) {
    for (const char *code : {"", "M", "MX", "mxn", "MXNN", "XXX", "XAU", "DEM", "ED ", " AE", "D A"}) {
        EXPECT_EQ(currency_digits(code), kUnknownCurrency) << code;
    }
}

TEST(Currency, CountsOfTheList) {
    int found[5] = {};
    for (char a = 'A'; a <= 'Z'; ++a) {
        for (char b = 'A'; b <= 'Z'; ++b) {
            for (char c = 'A'; c <= 'Z'; ++c) {
                const std::int32_t digits = currency_digits(std::string{a, b, c});
                if (digits != kUnknownCurrency) {
                    ++found[digits];
                }
            }
        }
    }
    EXPECT_EQ(found[0], 17);
    EXPECT_EQ(found[1], 0);
    EXPECT_EQ(found[3], 7);
    EXPECT_EQ(found[4], 2);
}
