/*
 * Prices of bundles against a table, and their rules on random bundles.
 */
#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/bundles/price.hpp"
#include "core/number/decimal.hpp"

#include "tables.hpp"

namespace tradeup {
namespace {

std::int64_t units_of(const std::string &number, int digits) {
    const auto parsed = parse_decimal(number);
    EXPECT_TRUE(parsed) << number;
    const std::int64_t units = floor_units(*parsed, digits);
    EXPECT_EQ(compare(decimal(units, digits), *parsed), 0) << number;
    return units;
}

std::vector<std::int64_t> units(const std::string &list, int digits) {
    std::vector<std::int64_t> numbers;
    for (const std::string &part : parts_of(list, ';')) {
        numbers.push_back(units_of(part, digits));
    }
    return numbers;
}

TEST(BundlePrice, IsAsInTheTable) {
    std::size_t rows = 0;
    for (const Row &row : table_at("bundles/prices")) {
        const auto objective = objective_named(row.text("objective"));
        ASSERT_TRUE(objective);
        const auto prices = units(row.text("prices"), 2);
        const auto quantities = units(row.text("quantities"), 0);
        const auto percents = units(row.text("percents"), kPercentDigits);
        std::vector<BundleLine> lines;
        for (std::size_t i = 0; i < prices.size(); ++i) {
            lines.push_back({prices[i], quantities[i], percents[i]});
        }
        std::vector<std::int64_t> discounts(lines.size());
        const auto price = bundle_price(lines, &*objective, 2, discounts.data());
        ASSERT_TRUE(price);
        EXPECT_EQ(price->total_minor, units_of(row.text("original_total"), 2)) << row.text("id");
        EXPECT_EQ(price->price_minor, units_of(row.text("bundle_price"), 2)) << row.text("id");
        EXPECT_EQ(discounts, units(row.text("discounts"), 2)) << row.text("id");
        ++rows;
    }
    EXPECT_EQ(rows, 122U);
}

TEST(BundlePrice, KeepsItsRules) {
    std::mt19937_64 random(3);
    const auto upto = [&](std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(0, most)(random);
    };
    for (int round = 0; round < 200000; ++round) {
        std::vector<BundleLine> lines(static_cast<std::size_t>(1 + upto(4)));
        const std::int64_t dearest = round % 3 == 0 ? 300 : round % 3 == 1 ? 20000 : 10'000'000'000;
        for (BundleLine &line : lines) {
            line = {upto(dearest), 1 + upto(3), upto(1) * upto(kWhole)};
        }
        const std::size_t which = static_cast<std::size_t>(upto(kObjectives.size()));
        const Objective *objective = which < kObjectives.size() ? &kObjectives[which] : nullptr;
        const int digits = static_cast<int>(upto(3));
        std::vector<std::int64_t> discounts(lines.size());
        const auto price = bundle_price(lines, objective, digits, discounts.data());
        ASSERT_TRUE(price);
        ASSERT_LE(price->price_minor, price->total_minor);
        ASSERT_GE(price->price_minor, 0);
        ASSERT_EQ(std::accumulate(discounts.begin(), discounts.end(), std::int64_t{0}),
                  price->total_minor - price->price_minor);
        if (objective != nullptr) {
            ASSERT_GE(price->price_minor * 100, price->total_minor * (100 - objective->highest_percent));
        }
        for (std::size_t i = 0; i < lines.size(); ++i) {
            ASSERT_GE(discounts[i], 0);
        }
    }
}

TEST(BundlePrice, RefusesWhatIsTooMuch) {
    std::vector<BundleLine> lines(kMostLines + 1, BundleLine{1, 1, 0});
    std::vector<std::int64_t> discounts(lines.size());
    EXPECT_EQ(bundle_price(lines, nullptr, 2, discounts.data()).error().kind, ErrorKind::bad_value);
    EXPECT_EQ(bundle_price({}, nullptr, 2, discounts.data()).error().kind, ErrorKind::bad_value);
    lines.resize(1);
    lines[0] = {kMostTotal, 2, 0};
    EXPECT_EQ(bundle_price(lines, nullptr, 2, discounts.data()).error().kind, ErrorKind::out_of_range);
    EXPECT_EQ(objective_named("all").error().kind, ErrorKind::bad_value);
}

TEST(BundlePrice, ShareOfTheOneWhoGetsItFree) {
    const std::vector<BundleLine> lines{{11481, 1, 0}, {3574, 1, kWhole}};
    std::vector<std::int64_t> discounts(2);
    EXPECT_EQ(bundle_price(lines, nullptr, 2, discounts.data())->price_minor, 11481);
    EXPECT_EQ(discounts, (std::vector<std::int64_t>{0, 3574}));
}

} // namespace
} // namespace tradeup
