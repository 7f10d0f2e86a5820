/*
 * The ways to round, by a table, against 50-digit arithmetic, and around ties.
 */
#include <cstdint>

#include <boost/multiprecision/cpp_int.hpp>
#include <gtest/gtest.h>

#include "core/number/line.hpp"
#include "core/number/rounding.hpp"
#include "random_terms.hpp"

namespace tradeup {

constexpr Rounding kModes[] = {Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down};

TEST(Rounding, TableOfQuarters) {
    struct Row {
        int quarters;
        int rounded[4]; // half_up, half_even, up, down
    };
    const Row rows[] = {
        {0, {0, 0, 0, 0}},       {1, {0, 0, 1, 0}},       {2, {1, 0, 1, 0}},      {3, {1, 1, 1, 0}},
        {4, {1, 1, 1, 1}},       {6, {2, 2, 2, 1}},       {10, {3, 2, 3, 2}},     {-1, {0, 0, -1, 0}},
        {-2, {-1, 0, -1, 0}},    {-3, {-1, -1, -1, 0}},   {-4, {-1, -1, -1, -1}}, {-6, {-2, -2, -2, -1}},
        {-10, {-3, -2, -3, -2}}, {-11, {-3, -3, -3, -2}},
    };
    for (const Row &row : rows) {
        for (int mode = 0; mode < 4; ++mode) {
            EXPECT_EQ(static_cast<int>(round_ratio<Int128>(row.quarters, 4, kModes[mode])), row.rounded[mode])
                << row.quarters << "/4 " << rounding_name(kModes[mode]);
            EXPECT_EQ(round_ratio<Integer>(row.quarters, 4, kModes[mode]), row.rounded[mode]);
        }
    }
}

TEST(Rounding, AgreesWithTheOracle) {
    RandomTerms random(2);
    for (int i = 0; i < 100'000; ++i) {
        const std::int64_t numerator = random.between(-10'000, 10'000);
        const std::int64_t denominator = random.between(1, 60);
        for (const Rounding mode : kModes) {
            const auto got = static_cast<std::int64_t>(round_ratio<Int128>(numerator, denominator, mode));
            ASSERT_EQ(oracle::Real(got), oracle::rounded(oracle::Real(numerator) / denominator, mode))
                << numerator << "/" << denominator << " " << rounding_name(mode);
        }
    }
}

/* Against trying: an eighth of a unit either side of the edge decides whether the edge is right. */
TEST(Rounding, EdgeOfRoundsToAtMostIsWhereTryingFindsIt) {
    for (const Rounding mode : kModes) {
        for (std::int64_t whole = -6; whole <= 6; ++whole) {
            const RoundingEdge edge = rounds_to_at_most(whole, mode);
            for (std::int64_t eighths = -80; eighths <= 80; ++eighths) {
                const bool tried = round_ratio<Int128>(eighths, 8, mode) <= whole;
                const Int128 edge_eighths = edge.doubled * 4;
                const bool stated = edge.inclusive ? eighths <= edge_eighths : eighths < edge_eighths;
                EXPECT_EQ(tried, stated) << eighths << "/8 at most " << whole << " " << rounding_name(mode);
            }
        }
    }
}

TEST(Rounding, ADoubleIsOnlyTrustedAwayFromABoundary) {
    std::int64_t rounded = 0;
    EXPECT_TRUE(round_without_doubt({2.4, 0.05}, Rounding::half_up, rounded));
    EXPECT_EQ(rounded, 2);
    EXPECT_FALSE(round_without_doubt({2.4, 0.11}, Rounding::half_up, rounded));
    EXPECT_FALSE(round_without_doubt({2.5, 0}, Rounding::half_up, rounded));
    EXPECT_FALSE(round_without_doubt({3, 0}, Rounding::up, rounded));
    EXPECT_TRUE(round_without_doubt({3, 0.01}, Rounding::half_even, rounded));
    EXPECT_FALSE(round_without_doubt({-2.95, 0.06}, Rounding::down, rounded));
    EXPECT_TRUE(round_without_doubt({-2.95, 0.04}, Rounding::down, rounded));
    EXPECT_EQ(rounded, -2);
    EXPECT_FALSE(round_without_doubt({0.01, 0.02}, Rounding::up, rounded)) << "the sign is in doubt";
    EXPECT_FALSE(round_without_doubt({5e15, 0}, Rounding::half_up, rounded));
    EXPECT_FALSE(round_without_doubt({std::nan(""), 0}, Rounding::half_up, rounded));
    EXPECT_FALSE(round_without_doubt({1, std::nan("")}, Rounding::half_up, rounded));
    EXPECT_FALSE(round_without_doubt({1, HUGE_VAL}, Rounding::up, rounded));
}

TEST(Rounding, TrustedDoublesRoundAsTheOracleDoes) {
    RandomTerms random(3);
    int trusted = 0;
    for (int i = 0; i < 200'000; ++i) {
        const double eighths = static_cast<double>(random.between(-4000, 4000)) / 8;
        const double value = eighths + static_cast<double>(random.between(-2, 2)) * 1e-3;
        const Rounding mode = kModes[i % 4];
        std::int64_t rounded = 0;
        if (round_without_doubt({value, 1e-9}, mode, rounded)) {
            ++trusted;
            ASSERT_EQ(oracle::Real(rounded), oracle::rounded(oracle::Real(value), mode))
                << value << rounding_name(mode);
        }
    }
    EXPECT_GT(trusted, 150'000);
}

} // namespace tradeup
