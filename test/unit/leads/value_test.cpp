/*
 * The value of a call: certain ones are those of the table, and ties are left to those who can tell.
 */
#include "core/leads/value.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tradeup {

TEST(Value, IsThatOfTheTable) {
    std::ifstream in(TRADEUP_TEST_DATA "/leads/expected_value.csv");
    std::string line;
    std::getline(in, line);
    int rows = 0;
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        std::vector<double> cell;
        for (std::string word; std::getline(cells, word, ',');) {
            cell.push_back(std::strtod(word.c_str(), nullptr));
        }
        const auto money = [&](std::size_t at) { return decimal(std::llround(cell[at] * 100), 2); };
        const auto value = certain_value({cell[1], cell[2], money(3), money(4), money(5)});
        ASSERT_TRUE(value) << line;
        EXPECT_EQ(*value, std::llround(cell[6] * 100)) << line;
        ++rows;
    }
    EXPECT_EQ(rows, 38);
}

TEST(Value, IsExactOrLeftOpen) {
    /* Probabilities of three decimals and amounts of two: the value has eight, and is a whole number of them.
     */
    std::mt19937_64 bits(1);
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(high - low + 1));
    };
    int open = 0;
    for (int i = 0; i < 200000; ++i) {
        const std::int64_t contact = between(0, 1000);
        const std::int64_t failure = between(0, 1000);
        const std::int64_t needed = between(-10, 1000000);
        const std::int64_t otherwise = between(-100000, 100000);
        const std::int64_t cost = between(0, 5000);
        const std::int64_t exact =
            contact * (failure * needed + (1000 - failure) * otherwise) - 1000000 * cost;
        const std::int64_t magnitude = (std::llabs(exact) + 500000) / 1000000;
        const std::int64_t wanted = exact < 0 ? -magnitude : magnitude;
        const auto value =
            certain_value({static_cast<double>(contact) / 1000, static_cast<double>(failure) / 1000,
                           decimal(needed, 2), decimal(otherwise, 2), decimal(cost, 2)});
        if (value) {
            EXPECT_EQ(*value, wanted);
        } else {
            EXPECT_EQ(std::llabs(exact) % 1000000, 500000);
            ++open;
        }
    }
    EXPECT_GT(open, 0);
    EXPECT_FALSE(certain_value({1, 0.5, decimal(1, 2), decimal(0), decimal(0)}));
    EXPECT_FALSE(certain_value({1, 1, decimal(kMaxCoefficient), decimal(0), decimal(0)}));
}

} // namespace tradeup
