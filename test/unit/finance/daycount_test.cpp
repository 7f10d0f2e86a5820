/*
 * Days and day counts that are known from calendars and from the conventions' own examples.
 */
#include "core/finance/daycount.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace tradeup {

namespace {

Date date_of(std::int64_t year, std::int32_t month, std::int32_t day) {
    return {static_cast<std::int32_t>(days_from_civil({year, month, day}))};
}

} // namespace

TEST(Date, KnownDays) {
    EXPECT_EQ(date_of(2000, 1, 1).days, 0);
    EXPECT_EQ(date_of(1970, 1, 1).days, -10'957);
    EXPECT_EQ(date_of(2024, 2, 29).days, 8'825);
    EXPECT_EQ(date_of(-4713, 11, 24), kFirstDate) << "Julian day 0";
    EXPECT_EQ(date_of(5'874'897, 12, 31), kLastDate);
}

/* Every day of 800 years around the year 0, and of 100 years from 1950, follows the one before it. */
TEST(Date, DaysFollowEachOther) {
    for (const std::int64_t first_year : {-400, 1950, 5'874'700}) {
        Civil civil{first_year, 1, 1};
        std::int64_t days = days_from_civil(civil);
        while (civil.year < first_year + 400) {
            ASSERT_EQ(days_from_civil(civil), days);
            const Civil back = civil_from_days(days);
            ASSERT_TRUE(back.year == civil.year && back.month == civil.month && back.day == civil.day)
                << civil.year << "-" << civil.month << "-" << civil.day;
            ++days;
            if (++civil.day > days_in_month(civil.year, civil.month)) {
                civil.day = 1;
                if (++civil.month > 12) {
                    civil.month = 1;
                    ++civil.year;
                }
            }
        }
    }
}

TEST(Date, MonthsLater) {
    EXPECT_EQ(add_months(date_of(2024, 1, 31), 1), days_from_civil({2024, 2, 29}));
    EXPECT_EQ(add_months(date_of(2023, 1, 31), 1), days_from_civil({2023, 2, 28}));
    EXPECT_EQ(add_months(date_of(2023, 1, 31), 2), days_from_civil({2023, 3, 31}));
    EXPECT_EQ(add_months(date_of(2023, 3, 31), -1), days_from_civil({2023, 2, 28}));
    EXPECT_EQ(add_months(date_of(2023, 1, 15), -1), days_from_civil({2022, 12, 15}));
    EXPECT_EQ(add_months(date_of(1, 1, 15), -1), days_from_civil({0, 12, 15}));
    EXPECT_EQ(add_months(date_of(0, 1, 15), -13), days_from_civil({-2, 12, 15}));
    EXPECT_EQ(add_months(date_of(2023, 12, 31), 480), days_from_civil({2063, 12, 31}));
}

struct Span {
    Civil from;
    Civil to;
    std::int64_t actual;     // days
    std::int64_t leap;       // of which in leap years
    std::int64_t thirty_360; // days of 30/360
};

/* By hand, from calendars and the rules; days in leap years checked with Python's datetime. */
constexpr Span kSpans[] = {
    {{2023, 1, 1}, {2024, 1, 1}, 365, 0, 360},
    {{2024, 1, 1}, {2025, 1, 1}, 366, 366, 360},
    {{2023, 12, 31}, {2024, 1, 1}, 1, 0, 1},
    {{2024, 12, 31}, {2025, 1, 1}, 1, 1, 1},
    {{2003, 11, 1}, {2004, 5, 1}, 182, 121, 180}, // the example of ISDA's EMU and market conventions memo
    {{1999, 2, 1}, {1999, 7, 1}, 150, 0, 150},
    {{1999, 7, 1}, {2000, 7, 1}, 366, 182, 360},
    {{2024, 1, 31}, {2024, 2, 29}, 29, 29, 29},
    {{2024, 2, 29}, {2024, 3, 31}, 31, 31, 32}, // no day 30 or 31 begins it, so 31 stays
    {{2023, 2, 28}, {2023, 3, 31}, 31, 0, 33},
    {{2023, 1, 30}, {2023, 1, 31}, 1, 0, 0},
    {{2023, 1, 31}, {2023, 3, 31}, 59, 0, 60},
    {{2023, 1, 29}, {2023, 3, 31}, 61, 0, 62},
    {{2023, 5, 5}, {2023, 5, 5}, 0, 0, 0},
    {{1900, 1, 1}, {1901, 1, 1}, 365, 0, 360}, // no leap year
    {{0, 1, 1}, {1, 1, 1}, 366, 366, 360},     // 1 BC is one
    {{-4, 12, 31}, {0, 1, 1}, 1096, 1, 1081},  // 5 BC, a leap year, to 1 BC
};

TEST(DayCount, Table) {
    for (const Span &span : kSpans) {
        const Date from = date_of(span.from.year, span.from.month, span.from.day);
        const Date to = date_of(span.to.year, span.to.month, span.to.day);
        const auto expect = [&](DayCount count, std::int64_t numerator, std::int64_t denominator) {
            const YearFraction got = exact_year_fraction(count, from, to);
            EXPECT_EQ(got.numerator * denominator, numerator * got.denominator)
                << span.from.year << "-" << span.from.month << "-" << span.from.day << " by "
                << static_cast<int>(count);
            EXPECT_EQ(year_fraction(count, from, to),
                      static_cast<double>(numerator) / static_cast<double>(denominator));
        };
        expect(DayCount::actual_365, span.actual, 365);
        expect(DayCount::actual_360, span.actual, 360);
        expect(DayCount::actual_actual, span.leap * 365 + (span.actual - span.leap) * 366, 365 * 366);
        expect(DayCount::thirty_360, span.thirty_360, 360);
    }
}

TEST(DayCount, WholeYearsAreWhole) {
    for (std::int64_t year : {-4712, -1, 0, 1, 1600, 1900, 1999, 2000, 2024, 5'874'800}) {
        EXPECT_EQ(year_fraction(DayCount::actual_actual, date_of(year, 1, 1), date_of(year + 97, 1, 1)), 97);
        EXPECT_EQ(year_fraction(DayCount::thirty_360, date_of(year, 1, 1), date_of(year + 97, 1, 1)), 97);
    }
}

TEST(DayCount, WholeCalendarFits) {
    const std::int64_t days = std::int64_t{kLastDate.days} - kFirstDate.days;
    EXPECT_EQ(exact_year_fraction(DayCount::actual_365, kFirstDate, kLastDate).numerator, days);
    EXPECT_NEAR(year_fraction(DayCount::actual_actual, kFirstDate, kLastDate), 5'879'610.1, 0.1);
    EXPECT_NEAR(year_fraction(DayCount::thirty_360, kFirstDate, kLastDate), 5'879'610.1, 0.1);
}

TEST(DayCount, Names) {
    EXPECT_EQ(*parse_day_count("actual/365"), DayCount::actual_365);
    EXPECT_EQ(*parse_day_count("actual/360"), DayCount::actual_360);
    EXPECT_EQ(*parse_day_count("actual/actual"), DayCount::actual_actual);
    EXPECT_EQ(*parse_day_count("30/360"), DayCount::thirty_360);
    for (const char *bad : {"", "actual/366", "30/360 ", "ACTUAL/365"}) {
        const Result<DayCount> unknown = parse_day_count(bad);
        ASSERT_FALSE(unknown) << bad;
        EXPECT_EQ(unknown.error().kind, ErrorKind::bad_value);
        EXPECT_NE(std::strstr(unknown.error().hint, "actual/actual or 30/360"), nullptr);
    }
}

} // namespace tradeup
