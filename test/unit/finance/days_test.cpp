/*
 * Amounts of days: their order, the rate of those that change sign once, and the powers of e it is made of.
 */
#include "core/finance/day_sum.hpp"
#include "core/finance/discount.hpp"
#include "core/finance/flows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <gtest/gtest.h>

#include "core/finance/daycount.hpp"

namespace tradeup {
namespace {

using High = boost::multiprecision::cpp_bin_float_50;
using Days = std::vector<DayAmount>;

bool never() noexcept {
    return false;
}

int questions_left = 0;
bool when_used_up() noexcept {
    return --questions_left < 0;
}

Answer xirr(const Days &days, Wide year = 365) {
    return rate_of_return(days, year, never).value();
}

Answer by_times(const Days &days, Wide year = 365) {
    std::vector<Flow> flows;
    for (const DayAmount &day : days) {
        flows.push_back({day.amount, static_cast<Wide>(std::int64_t{day.day} - days[0].day) / year});
    }
    return rate_of_return(flows, never).value();
}

/* The worth at a rate in 50 digits, against what half a unit of the rate's last place moves it by and what
 * the rounding of its terms does. */
double residual(const Days &days, double rate, Wide year = 365) {
    const High force = log1p(High(rate));
    const double last_place = std::nextafter(rate, INFINITY) - rate;
    High worth = 0;
    High slope = 0;
    High size = 0;
    for (const DayAmount &day : days) {
        const High time = High(std::int64_t{day.day} - days[0].day) / High(year);
        const High term = High(day.amount) * exp(-force * time);
        worth += term;
        slope += term * time;
        size += abs(term);
    }
    return static_cast<double>(abs(worth) /
                               (abs(slope) / (1 + High(rate)) * last_place / 2 + size * 0x1p-61));
}

TEST(Days, DiscountsAreExactToTwoUnits) {
    std::mt19937_64 bits(1);
    double worst = 0;
    for (int i = 0; i < 100000; ++i) {
        const Wide share = static_cast<Wide>(bits()) * 0x1p-64L;
        const Wide x = i % 2 == 0 ? kLeastExponent * share : -std::exp2(-40 * share);
        const Wide expected = static_cast<Wide>(exp(High(x)));
        worst = std::max(worst, static_cast<double>(std::fabs(discount(x) / expected - 1)));
    }
    EXPECT_LE(worst, 2 * 0x1p-63);
    EXPECT_EQ(discount(0), 1);
    EXPECT_NEAR(static_cast<double>(discount(kLeastExponent) / std::exp(Wide{kLeastExponent})), 1, 0x1p-60);
    for (int i = 0; i < kRootsOfTwo; ++i) {
        EXPECT_EQ(kRootOfTwo[i], static_cast<Wide>(pow(High(2), High(i) / kRootsOfTwo))) << i;
    }
}

template <typename Element>
void sorts() {
    std::mt19937_64 bits(2);
    const std::int64_t widest = std::int64_t{kLastDate.days} - kFirstDate.days;
    for (const std::size_t count : {0, 1, 2, 999, 1000, 5000, 300000}) {
        for (const std::int64_t range : {std::int64_t{0}, std::int64_t{1}, std::int64_t{2047},
                                         std::int64_t{2048}, std::int64_t{5000000}, widest}) {
            std::vector<Element> days(count);
            std::vector<std::int32_t> expected;
            for (Element &element : days) {
                element.day = static_cast<std::int32_t>(
                    kFirstDate.days +
                    static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(range + 1)));
                expected.push_back(element.day);
                if constexpr (requires { element.amount; }) {
                    element.amount = element.day;
                } else {
                    element.high = element.day;
                }
            }
            std::sort(expected.begin(), expected.end());
            ASSERT_TRUE(sort_days(std::span(days), never));
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(days[i].day, expected[i]);
                if constexpr (requires { days[i].amount; }) {
                    ASSERT_EQ(days[i].amount, expected[i]);
                } else {
                    ASSERT_EQ(days[i].high, expected[i]);
                }
            }
        }
    }
    std::vector<Element> days(3000);
    for (Element &element : days) {
        element.day = static_cast<std::int32_t>(bits() % 100000);
    }
    for (const int questions : {0, 1, 2, 3}) {
        std::vector<Element> copy = days;
        questions_left = questions;
        const Result<bool> result = sort_days(std::span(copy), when_used_up);
        ASSERT_FALSE(result) << questions;
        EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
    }
}

TEST(Days, AreSorted) {
    sorts<DayAmount>();
    sorts<DaySum>();
}

/* Flows of one change of sign, in any direction, with zeros. */
Days loan(std::mt19937_64 &bits, std::size_t count, int gap) {
    Days days;
    std::int32_t day = static_cast<std::int32_t>(bits() % 20000);
    const std::size_t change = 1 + bits() % (count - 1);
    const double sign = bits() % 2 == 0 ? 1 : -1;
    for (std::size_t j = 0; j < count; ++j) {
        const double size = bits() % 8 == 0 ? 0 : 1 + static_cast<double>(bits() % 100000) / 100;
        days.push_back({j < change ? -sign * size : sign * size, day});
        day += 1 + static_cast<std::int32_t>(bits() % static_cast<std::uint64_t>(gap));
    }
    return days;
}

TEST(Days, TheRateIsTheOneOfTheirTimes) {
    std::mt19937_64 bits(3);
    int found = 0;
    int below_zero = 0;
    for (int i = 0; i < 5000; ++i) {
        const Days days = loan(bits, 2 + bits() % 40, i % 3 == 0 ? 2 : 60);
        const Wide year = i % 2 == 0 ? 365 : 360;
        const Answer rate = xirr(days, year);
        const Answer expected = by_times(days, year);
        ASSERT_EQ(rate.has_value(), expected.has_value());
        if (!rate) {
            continue;
        }
        ++found;
        below_zero += *rate < 0 ? 1 : 0;
        EXPECT_NEAR(*rate, *expected, 0x1p-49 * std::fabs(*expected) + 0x1p-60) << i;
        if (*rate > -0.9999) { // nearer to -1 the rate itself is all rounding
            EXPECT_LE(residual(days, *rate, year), 1.1) << i << ' ' << *rate;
        }
    }
    EXPECT_GT(found, 4000);
    EXPECT_GT(below_zero, 1000);
}

TEST(Days, TheRateOfMany) {
    std::mt19937_64 bits(4);
    for (const int gap : {1, 3, 1000}) { // of the last the tables would be as long as the flows
        for (int i = 0; i < 4; ++i) {
            Days days = loan(bits, 6000, gap);
            const Answer rate = xirr(days);
            ASSERT_TRUE(rate);
            EXPECT_NEAR(*rate, *by_times(days), 0x1p-50 * std::fabs(*rate));
            if (std::fabs(*rate) > 1e-6 && *rate > -0.9999) {
                EXPECT_LE(residual(days, *rate), 1.1) << gap << ' ' << *rate;
            }
        }
    }
    /* So long, and at such a rate, that the last flows are worth nothing in doubles. */
    Days long_ago;
    for (int j = 0; j < 20000; ++j) {
        long_ago.push_back({j == 0 ? -20 : 1.0, 50 * j});
    }
    const Answer rate = xirr(long_ago);
    ASSERT_TRUE(rate);
    EXPECT_GT(std::log1p(*rate) * 1000000 / 365, 800);
    EXPECT_LE(residual(long_ago, *rate), 1.1);
}

TEST(Days, RatesThatDoublesCannotProve) {
    EXPECT_FALSE(xirr({}));
    EXPECT_FALSE(xirr({{-1, 5}}));
    EXPECT_FALSE(xirr({{-1, 5}, {0, 6}, {-1, 7}}));
    EXPECT_FALSE(xirr({{100, 0}, {-10, 5}, {100, 9}}));
    EXPECT_EQ(*xirr({{-100, 0}, {100, 365}}), 0);
    EXPECT_EQ(*xirr({{0, -700}, {-100, 0}, {0, 1}, {110, 365}, {0, 900}}), static_cast<double>(0.1L));
    EXPECT_EQ(*xirr({{-1e15, 0}, {1e15 + 1, 365}}), *by_times({{-1e15, 0}, {1e15 + 1, 365}}));
    EXPECT_NEAR(*xirr({{-1000, 0}, {2300, 365}, {-1320, 730}}), 0.2, 1e-13); // of several the first flow's
    for (const double first : {1e-300, 1e-9, 1e300}) {
        for (const double last : {1e-300, 1e9, 1e300}) {
            for (const std::int32_t day : {1, 40, 4000, 2000000000}) {
                const Days days{{-first, -7}, {last, day}};
                const Answer rate = xirr(days);
                const Answer expected = by_times(days);
                ASSERT_EQ(rate.has_value(), expected.has_value()) << first << ' ' << last << ' ' << day;
                if (rate) {
                    EXPECT_NEAR(*rate, *expected, 0x1p-51 * std::fabs(*expected))
                        << first << ' ' << last << ' ' << day;
                }
            }
        }
    }
}

TEST(Days, ASearchStopsWhenAsked) {
    const Days one{{-100, 0}, {60, 200}, {60, 400}};
    const Days two{{-1000, 0}, {2300, 365}, {-1320, 730}};
    for (const Days &days : {one, two}) {
        for (const int questions : {0, 1, 2, 3, 5}) {
            questions_left = questions;
            const Result<Answer> result = rate_of_return(days, 365, when_used_up);
            ASSERT_FALSE(result) << questions;
            EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
        }
    }
}

} // namespace
} // namespace tradeup
