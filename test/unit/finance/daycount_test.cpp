/*
 * Days and day counts that are known from calendars and from the conventions' own examples.
 */
#include "core/finance/daycount.hpp"

#include <string>

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

TEST(Date, IsoTexts) {
    EXPECT_EQ(parse_iso_date("2024-02-29"), date_of(2024, 2, 29));
    EXPECT_EQ(parse_iso_date("0001-01-01"), date_of(1, 1, 1));
    EXPECT_EQ(parse_iso_date("9999-12-31"), date_of(9999, 12, 31));
    for (const char *bad :
         {"", "2024", "2024-02", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00",
          "0000-01-01", "24-01-01", "2024-1-01", "2024-01-1", "2024-01-011", " 2024-01-01", "2024/01/01",
          "01-02-2024", "2024-01-01 ", "20240-1-01", "infinity"}) {
        EXPECT_FALSE(parse_iso_date(bad)) << bad;
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

/*
 * The end of February under 30/360 us, against the rules in their order: both dates last of February, then
 * the first one, then a last day 31 after a first of 30, then a first day 31 (Mayle, vol. 1).
 */
TEST(DayCount, EndOfFebruary) {
    const struct {
        Civil from;
        Civil to;
        std::int64_t us;
        std::int64_t bond;
        std::int64_t european;
    } cases[] = {{{2023, 2, 28}, {2024, 2, 29}, 360, 361, 361}, {{2024, 2, 29}, {2025, 2, 28}, 360, 359, 359},
                 {{2024, 2, 28}, {2024, 2, 29}, 1, 1, 1},       {{2023, 2, 28}, {2023, 3, 31}, 30, 33, 32},
                 {{2024, 2, 29}, {2024, 3, 31}, 30, 32, 31},    {{2023, 2, 28}, {2023, 3, 30}, 30, 32, 32},
                 {{2023, 8, 31}, {2024, 2, 29}, 179, 179, 179}, {{2024, 2, 28}, {2024, 8, 31}, 183, 183, 182},
                 {{2023, 1, 29}, {2023, 3, 31}, 62, 62, 61},    {{2023, 1, 30}, {2023, 3, 31}, 60, 60, 60},
                 {{2023, 2, 28}, {2023, 2, 28}, 0, 0, 0}};
    for (const auto &one : cases) {
        const Date from = date_of(one.from.year, one.from.month, one.from.day);
        const Date to = date_of(one.to.year, one.to.month, one.to.day);
        EXPECT_EQ(exact_year_fraction(DayCount::thirty_360_us, from, to).numerator, one.us) << from.days;
        EXPECT_EQ(exact_year_fraction(DayCount::thirty_360, from, to).numerator, one.bond) << from.days;
        EXPECT_EQ(exact_year_fraction(DayCount::thirty_e_360, from, to).numerator, one.european) << from.days;
    }
}

/*
 * What YEARFRAC gives by its bases 0 to 4. Published: Microsoft's page on YEARFRAC (2012), Apple's manual of
 * iWork '09, page 63 (2009), and the mail of R. Weir to the OpenFormula committee of 2010-09-27 (2001). The
 * others by hand from the rules of OASIS OpenDocument 1.2, part 2, section 4.11.7, whose wording of basis 1
 * is: in one year that year's days; up to a year apart, 366 where 29 February lies between the dates; else
 * the mean length of all years from that of the first date to that of the last.
 */
TEST(DayCount, SpreadsheetsYearFraction) {
    constexpr double kNone = -1;
    const struct {
        Civil from;
        Civil to;
        double basis[5];
    } cases[] = {
        {{2012, 1, 1}, {2012, 7, 30}, {0.58055556, 0.57650273, 0.58611111, 0.57808219, 0.58055556}},
        {{2009, 12, 15}, {2010, 6, 30}, {0.541666667, 0.539726027, 0.547222222, 0.539726027, 0.541666667}},
        {{2001, 1, 1}, {2004, 1, 1}, {3, 2.997946612, kNone, 3, 3}},
        {{2007, 1, 1}, {2007, 12, 31}, {1, 364.0 / 365, 364.0 / 360, 364.0 / 365, 359.0 / 360}},
        {{2007, 1, 31}, {2007, 3, 31}, {60.0 / 360, 59.0 / 365, 59.0 / 360, 59.0 / 365, 60.0 / 360}},
        {{2007, 2, 28}, {2008, 2, 29}, {1, 366 / 365.5, 366.0 / 360, 366.0 / 365, 361.0 / 360}},
        {{2008, 2, 29}, {2009, 2, 28}, {1, 365.0 / 366, 365.0 / 360, 1, 359.0 / 360}},
        {{2007, 3, 1}, {2008, 2, 29}, {358.0 / 360, 365.0 / 366, 365.0 / 360, 1, 358.0 / 360}},
        {{2007, 3, 1}, {2008, 2, 28}, {357.0 / 360, 364.0 / 365, 364.0 / 360, 364.0 / 365, 357.0 / 360}},
        {{2008, 3, 1}, {2009, 3, 1}, {1, 1, 365.0 / 360, 1, 1}},
        {{2008, 1, 1}, {2009, 1, 1}, {1, 1, 366.0 / 360, 366.0 / 365, 1}},
        {{2008, 1, 1}, {2009, 1, 2}, {361.0 / 360, 367 / 365.5, 367.0 / 360, 367.0 / 365, 361.0 / 360}},
        {{1999, 12, 31},
         {2101, 1, 1},
         {36361.0 / 360, 36891.0 * 103 / 37620, 36891.0 / 360, 36891.0 / 365, 36361.0 / 360}},
    };
    constexpr DayCount kBases[] = {DayCount::thirty_360_us, DayCount::actual_actual_excel,
                                   DayCount::actual_360, DayCount::actual_365, DayCount::thirty_e_360};
    for (const auto &one : cases) {
        const Date from = date_of(one.from.year, one.from.month, one.from.day);
        const Date to = date_of(one.to.year, one.to.month, one.to.day);
        for (int basis = 0; basis < 5; ++basis) {
            if (one.basis[basis] != kNone) {
                EXPECT_NEAR(year_fraction(kBases[basis], from, to), one.basis[basis], 5e-9)
                    << one.from.year << "-" << one.from.month << "-" << one.from.day << " by basis " << basis;
            }
        }
    }
}

/* The mean length of years makes later dates no earlier. */
TEST(DayCount, SpreadsheetsYearsGrow) {
    for (const Civil start :
         {Civil{2019, 2, 28}, Civil{2020, 2, 29}, Civil{2023, 12, 31}, Civil{2023, 3, 1}}) {
        const Date from = date_of(start.year, start.month, start.day);
        double before = 0;
        for (std::int32_t days = 1; days < 60'000; ++days) {
            const double years = year_fraction(DayCount::actual_actual_excel, from, {from.days + days});
            ASSERT_GT(years, before) << start.year << " and " << days;
            before = years;
        }
    }
}

TEST(DayCount, Names) {
    EXPECT_EQ(*parse_day_count("actual/365"), DayCount::actual_365);
    EXPECT_EQ(*parse_day_count("actual/360"), DayCount::actual_360);
    EXPECT_EQ(*parse_day_count("actual/actual"), DayCount::actual_actual);
    EXPECT_EQ(*parse_day_count("30/360"), DayCount::thirty_360);
    for (const char *name : {"Actual/365", "act/365", "ACT / 365", "Actual/365 Fixed", "actual/365fixed"}) {
        EXPECT_EQ(*parse_day_count(name), DayCount::actual_365) << name;
    }
    EXPECT_EQ(*parse_day_count("Act/Act"), DayCount::actual_actual);
    EXPECT_EQ(*parse_day_count("Act/Act ISDA"), DayCount::actual_actual);
    EXPECT_EQ(*parse_day_count("Actual/Actual Excel"), DayCount::actual_actual_excel);
    EXPECT_EQ(*parse_day_count("30/360 US"), DayCount::thirty_360_us);
    EXPECT_EQ(*parse_day_count("30U/360"), DayCount::thirty_360_us);
    EXPECT_EQ(*parse_day_count("30E/360"), DayCount::thirty_e_360);
    EXPECT_EQ(*parse_day_count("30/360 European"), DayCount::thirty_e_360);
    for (const char *bad : {"", "actual/366", "30/365", "actual 365", "365", "act"}) {
        const Result<DayCount> unknown = parse_day_count(bad);
        ASSERT_FALSE(unknown) << bad;
        EXPECT_EQ(unknown.error().kind, ErrorKind::bad_value);
        EXPECT_EQ(unknown.error().hint, "Use " + std::string(kDayCountNames) + ".");
    }
}

} // namespace tradeup
