/*
 * The annual percentage rate: the examples of Regulation Z, appendix J (c), to the two decimals printed there
 * and to sixteen digits of an independent solution of the general equation (mpmath, 40 digits).
 */
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/loans/loans.hpp"

namespace tradeup {

namespace {

Date day(std::int64_t year, std::int32_t month, std::int32_t day_of_month) {
    return {static_cast<std::int32_t>(days_from_civil({year, month, day_of_month}))};
}

bool never() noexcept {
    return false;
}

int questions_left = 0;
bool when_used_up() noexcept {
    return --questions_left < 0;
}

AprFlow advance(double amount, Date date) {
    return {amount, date, 0, 0};
}

AprFlow payment(double amount, Date date) {
    return {-amount, date, 0, 0};
}

void expect_rate(const Result<OptionalApr> &rate, double percent, const char *printed) {
    ASSERT_TRUE(rate) << rate.error().message;
    ASSERT_TRUE(rate->exists);
    EXPECT_NEAR(rate->rate * 100, percent, std::fabs(percent) * 2e-14);
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", rate->rate * 100);
    EXPECT_STREQ(text, printed);
}

/* A loan with payments a number of months, or of days, apart: by the short form where it can say it, and by
 * the general one. */
struct Example {
    const char *name;
    double amount;
    double usual;
    int payments;
    Date start;
    Date first;
    int months;
    int days;
    const char *unit_period;
    const char *frequency; // of the short form, or none
    double first_payment;
    double last_payment;
    double percent;
    const char *printed;
};

const Example kExamples[] = {
    {"(c)(1)(i)", 5000, 230, 24, day(1978, 1, 10), day(1978, 2, 10), 1, 0, "month", "monthly", 230, 230,
     9.6857080622807675, "9.69"},
    {"(c)(1)(ii)", 6000, 200, 36, day(1978, 2, 10), day(1978, 4, 1), 1, 0, "month", "monthly", 200, 200,
     11.816508290826027, "11.82"},
    {"(c)(1)(iv)", 10000, 385, 40, day(1978, 5, 23), day(1978, 10, 1), 3, 0, "quarter", "quarterly", 385, 385,
     8.9707696478009678, "8.97"},
    {"(c)(1)(v)", 500, 17.60, 30, day(1978, 3, 20), day(1978, 4, 21), 0, 7, "week", "weekly", 17.60, 17.60,
     14.962222692846119, "14.96"},
    {"(c)(2)(i)", 5000, 230, 24, day(1978, 1, 10), day(1978, 2, 10), 1, 0, "month", nullptr, 250, 230,
     10.082890027187085, "10.08"},
    {"(c)(2)(ii)", 400, 38.31, 12, day(1978, 3, 18), day(1978, 4, 20), 0, 28, "4 weeks", nullptr, 39.50,
     38.31, 28.497939851897731, "28.50"},
    {"(c)(3)(i)", 5000, 230, 24, day(1978, 1, 10), day(1978, 2, 10), 1, 0, "month", "monthly", 230, 280,
     10.500468857866058, "10.50"},
    {"(c)(3)(ii)", 200, 9.50, 20, day(1978, 4, 3), day(1978, 4, 11), 0, 14, "biweek", "bi-weekly", 9.50, 30,
     12.22485654213247, "12.22"},
    {"(c)(4)(i)", 5000, 230, 24, day(1978, 1, 10), day(1978, 2, 10), 1, 0, "month", nullptr, 250, 280,
     10.895548703471047, "10.90"},
    {"(c)(4)(ii)", 8000, 465, 20, day(1978, 1, 10), day(1978, 3, 1), 2, 0, "2 months", nullptr, 449.36, 200,
     7.3017651592385839, "7.30"},
    {"month-ends", 1000, 350, 3, day(2023, 1, 31), day(2023, 2, 28), 1, 0, "month", "monthly", 350, 350,
     29.757057143065471, "29.76"},
    {"less than lent", 1000, 300, 3, day(2024, 1, 15), day(2024, 2, 15), 1, 0, "month", "monthly", 300, 300,
     -61.062529647144727, "-61.06"},
    {"days", 1000, 220, 5, day(2023, 10, 26), day(2023, 11, 30), 0, 1, "day", nullptr, 220, 220,
     94.149970378188716, "94.15"},
    {"years and days", 1000, 500, 5, day(2023, 10, 26), day(2023, 11, 30), 12, 0, "year", nullptr, 500, 500,
     78.344142569598973, "78.34"},
    {"years and months", 1000, 550, 2, day(2023, 10, 26), day(2024, 4, 26), 12, 0, "year", nullptr, 550, 550,
     10, "10.00"},
};

} // namespace

TEST(Apr, Examples) {
    for (const Example &example : kExamples) {
        SCOPED_TRACE(example.name);
        std::vector<AprFlow> flows = {advance(example.amount, example.start)};
        /* The month-ends' series: 31st of each month, or its last day. */
        const Date anchor =
            std::string_view(example.name) == "month-ends" ? day(2022, 12, 31) : example.first;
        const int offset = anchor == example.first ? 0 : 2;
        for (int k = 0; k < example.payments; ++k) {
            const double amount = k == 0                      ? example.first_payment
                                  : k == example.payments - 1 ? example.last_payment
                                                              : example.usual;
            const std::int64_t due =
                add_months(anchor, std::int64_t{example.months} * (k + offset)) + example.days * k;
            flows.push_back(payment(amount, {static_cast<std::int32_t>(due)}));
        }
        expect_rate(annual_percentage_rate(flows.data(), flows.size(),
                                           *parse_unit_period(example.unit_period), never),
                    example.percent, example.printed);
        if (example.frequency != nullptr) {
            expect_rate(annual_percentage_rate(example.amount, example.usual, example.payments,
                                               example.last_payment, example.start, example.first,
                                               unit_period_of(*parse_frequency(example.frequency))),
                        example.percent, example.printed);
        }
    }
}

TEST(Apr, Semimonthly) {
    std::vector<AprFlow> flows = {advance(5000, day(1978, 2, 23))};
    for (int k = 0; k < 24; ++k) {
        const std::int64_t month = add_months(day(1978, 3, 1), k / 2);
        flows.push_back(payment(219.17, {static_cast<std::int32_t>(month + k % 2 * 15)}));
    }
    expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("semimonth"), never),
                10.337902911127093, "10.34");
    expect_rate(annual_percentage_rate(5000, 219.17, 24, 219.17, day(1978, 2, 23), day(1978, 3, 1),
                                       unit_period_of(*parse_frequency("semimonthly"))),
                10.337902911127093, "10.34");
}

TEST(Apr, SeveralAdvancesAndSkippedPayments) {
    std::vector<AprFlow> flows = {advance(2000, day(2024, 2, 15)), advance(1000, day(2024, 1, 1))};
    for (int k = 0; k < 7; ++k) {
        flows.push_back(payment(500, {static_cast<std::int32_t>(add_months(day(2024, 4, 1), k))}));
    }
    expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("month"), never),
                37.840797247691725, "37.84");
    flows = {advance(2000, day(2024, 1, 10))};
    for (const std::int32_t month : {2, 3, 4, 5, 6, 10, 11, 12}) {
        flows.push_back(payment(300, day(2024, month, 10)));
    }
    expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("month"), never),
                41.136943479947079, "41.14");
}

TEST(Apr, SkippedPaymentsOfAppendixJ) {
    /* (c)(6)(i): payments 28 days apart, with gaps. */
    std::vector<AprFlow> flows = {advance(2135, day(1978, 1, 25))};
    const std::pair<Date, int> groups[] = {
        {day(1978, 2, 20), 9}, {day(1978, 11, 13), 6}, {day(1979, 5, 14), 6}, {day(1979, 11, 12), 3}};
    for (const auto &[first, count] : groups) {
        for (int k = 0; k < count; ++k) {
            flows.push_back(payment(100, {first.days + 28 * k}));
        }
    }
    expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("4 weeks"), never),
                11.995116291528217, "12.00");
    /* (c)(6)(ii): payments of four sizes. */
    flows = {advance(7350, day(1978, 3, 3))};
    for (const std::int32_t month : {9, 10, 11}) {
        flows.push_back(payment(1000, day(1978, month, 15)));
        flows.push_back(payment(750, day(1979, month, 15)));
    }
    flows.push_back(payment(2000, day(1979, 3, 15)));
    flows.push_back(payment(1000, day(1980, 2, 1)));
    expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("month"), never),
                10.215443945901639, "10.22");
}

/* Payments at month-ends do not move an advance on another day of its month to the month's end. */
TEST(Apr, AnAdvanceKeepsItsDay) {
    const struct {
        std::int32_t day;
        double percent;
        const char *printed;
    } cases[] = {{27, 21.388267505196528, "21.39"},
                 {28, 21.826536537707634, "21.83"},
                 {29, 22.282837172367418, "22.28"},
                 {30, 22.758285473903008, "22.76"},
                 {31, 23.254089749627949, "23.25"}};
    for (const auto &one : cases) {
        std::vector<AprFlow> flows = {advance(100, day(2025, 1, 10)), advance(10'000, day(2025, 3, one.day)),
                                      payment(5200, day(2025, 4, 30)), payment(5200, day(2025, 5, 31))};
        SCOPED_TRACE(one.day);
        expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("month"), never),
                    one.percent, one.printed);
    }
    /* Advances on the 30th of each month, in February on its last day, are whole months apart. */
    std::vector<AprFlow> flows = {advance(1000, day(2023, 1, 30)), advance(1000, day(2023, 2, 28)),
                                  advance(1000, day(2023, 3, 30))};
    for (const std::int32_t month : {6, 7, 8}) {
        flows.push_back(payment(1050, day(2023, month, 15)));
    }
    expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("month"), never),
                12.980939056537459, "12.98");
}

/* A month from the 29th, 30th or 31st of January is over at the end of February, whichever form says so. */
TEST(Apr, AMonthToTheEndOfFebruary) {
    for (const std::int32_t start : {28, 29, 30, 31}) {
        SCOPED_TRACE(start);
        expect_rate(annual_percentage_rate(1000, 350, 3, 350, day(2023, 1, start), day(2023, 2, 28),
                                           unit_period_of(*parse_frequency("monthly"))),
                    29.757057143065471, "29.76");
        AprFlow single[] = {advance(1000, day(2023, 1, start)), payment(1010, day(2023, 2, 28))};
        expect_rate(annual_percentage_rate(single, 2, *parse_unit_period("month"), never), 12, "12.00");
        std::vector<AprFlow> flows = {advance(1000, day(2023, 1, start))};
        for (int k = 1; k <= 3; ++k) {
            flows.push_back(payment(350, {static_cast<std::int32_t>(add_months(day(2023, 1, start), k))}));
        }
        expect_rate(annual_percentage_rate(flows.data(), flows.size(), *parse_unit_period("month"), never),
                    29.757057143065471, "29.76");
    }
}

/* 1000 - 2300 v + 1320 v^2 is 0 at 10 and at 20 percent; it rises with the rate at the latter only. */
TEST(Apr, OfTwoRatesTheOneOfTheAdvance) {
    AprFlow flows[] = {advance(1000, day(2020, 1, 1)), payment(2300, day(2021, 1, 1)),
                       advance(1320, day(2022, 1, 1))};
    expect_rate(annual_percentage_rate(flows, 3, *parse_unit_period("year"), never), 20, "20.00");
}

TEST(Apr, SinglePayment) {
    const auto single = [](double amount, Date start, Date due) {
        AprFlow flows[] = {advance(1000, start), payment(amount, due)};
        return annual_percentage_rate(flows, 2, *parse_unit_period("month"), never);
    };
    expect_rate(single(1080, day(1978, 1, 3), day(1978, 9, 15)), 11.450980392156863, "11.45"); // (c)(5)(i)
    expect_rate(single(1044, day(1978, 7, 15), day(1979, 1, 15)), 8.8, "8.80");
    expect_rate(single(1135.19, day(1978, 1, 17), day(1979, 7, 17)), 8.7570470876804889, "8.76");
    expect_rate(single(1240, day(1978, 1, 3), day(1980, 1, 3)), 11.355287256600438, "11.36");
    expect_rate(annual_percentage_rate(1000, 5, 1, 1080, day(1978, 1, 3), day(1978, 9, 15),
                                       unit_period_of(*parse_frequency("monthly"))),
                11.450980392156863, "11.45");
    EXPECT_FALSE(single(0, day(2024, 1, 1), day(2024, 2, 1))->exists);
    EXPECT_FALSE(single(1100, day(2024, 1, 1), day(2024, 1, 1))->exists);
}

TEST(Apr, LevelLoansHaveTheirRate) {
    for (const int term : {1, 2, 12, 480}) {
        for (const double rate : {1e-6, 0.01, 0.2, 3.0, 20.0}) {
            const double i = rate / 12;
            const double level = 1000 * i / -std::expm1(-term * std::log1p(i));
            const Result<OptionalApr> found =
                annual_percentage_rate(1000, level, term, level, day(2024, 1, 1), day(2024, 2, 1),
                                       unit_period_of(*parse_frequency("monthly")));
            ASSERT_TRUE(found && found->exists) << term << " at " << rate;
            EXPECT_NEAR(found->rate, rate, 1e-12 * rate + 1e-14 * 12 / term) << term;
        }
    }
    EXPECT_EQ(annual_percentage_rate(1200, 100, 12, 100, day(2024, 1, 1), day(2024, 2, 1),
                                     unit_period_of(*parse_frequency("monthly")))
                  ->rate,
              0);
}

TEST(Apr, ExtremesHaveAnAnswer) {
    const UnitPeriod month = *parse_unit_period("month");
    /* Little of a large advance comes back, late. */
    std::vector<AprFlow> flows = {advance(1e9, day(2000, 1, 1)), payment(1, day(2000, 2, 1)),
                                  payment(1, day(2040, 1, 1))};
    const Result<OptionalApr> lost = annual_percentage_rate(flows.data(), flows.size(), month, never);
    ASSERT_TRUE(lost && lost->exists);
    EXPECT_LT(lost->rate, 0);
    EXPECT_GT(lost->rate, -12);
    /* Both kinds of flows would be infinite at the root, 480 months before it. */
    flows = {advance(1, day(2000, 1, 1)), advance(1e9, day(2039, 1, 1)), payment(1, day(2040, 1, 1))};
    const Result<OptionalApr> late = annual_percentage_rate(flows.data(), flows.size(), month, never);
    ASSERT_TRUE(late && late->exists);
    EXPECT_NEAR(late->rate, 12 * (std::pow(1e9, -1.0 / 12) - 1), 1e-9);
    flows = {advance(1, day(2000, 1, 1)), payment(1e9, day(2000, 2, 1)), payment(1e9, day(2040, 1, 1))};
    const Result<OptionalApr> usurious = annual_percentage_rate(flows.data(), flows.size(), month, never);
    ASSERT_TRUE(usurious && usurious->exists);
    EXPECT_NEAR(usurious->rate, 12 * (1e9 - 1), 1);
    flows = {advance(1, day(2000, 1, 1)), payment(0, day(2000, 2, 1)), payment(0, day(2000, 3, 1))};
    EXPECT_FALSE(annual_percentage_rate(flows.data(), flows.size(), month, never)->exists);
    EXPECT_FALSE(annual_percentage_rate(1000, 0, 12, 0, day(2024, 1, 1), day(2024, 2, 1),
                                        unit_period_of(*parse_frequency("monthly")))
                     ->exists);
}

/* Of flows with one change of sign, and with several, before any pass over them; no question follows the
 * answer. */
TEST(Apr, StopsWhenAsked) {
    const UnitPeriod month = *parse_unit_period("month");
    for (const Date more : {day(2024, 1, 2), day(2024, 2, 2)}) {
        for (const int questions : {0, 1, 2, 3, 10}) {
            AprFlow flows[] = {advance(1000, day(2024, 1, 1)), payment(1, day(2024, 2, 1)), advance(7, more),
                               payment(2000, day(2024, 3, 1))};
            questions_left = questions;
            const Result<OptionalApr> stopped = annual_percentage_rate(flows, 4, month, when_used_up);
            ASSERT_FALSE(stopped) << questions;
            EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
            EXPECT_EQ(questions_left, -1);
        }
    }
}

TEST(Apr, Errors) {
    const UnitPeriod month = *parse_unit_period("month");
    AprFlow no_payment[] = {advance(1, day(2024, 1, 1)), advance(1, day(2024, 2, 1))};
    EXPECT_FALSE(annual_percentage_rate(no_payment, 2, month, never));
    AprFlow no_advance[] = {payment(1, day(2024, 1, 1))};
    EXPECT_FALSE(annual_percentage_rate(no_advance, 1, month, never));
    AprFlow early[] = {advance(1, day(2024, 1, 2)), payment(1, day(2024, 1, 1)), payment(1, day(2024, 2, 1))};
    EXPECT_FALSE(annual_percentage_rate(early, 3, month, never));
    AprFlow infinite[] = {advance(1, day(2024, 1, 2)), payment(1, {2'147'483'647})};
    EXPECT_STREQ(annual_percentage_rate(infinite, 2, month, never).error().message, "dates must be finite");
    AprFlow endless[] = {advance(1, day(2024, 1, 2)), payment(INFINITY, day(2024, 2, 2))};
    EXPECT_STREQ(annual_percentage_rate(endless, 2, month, never).error().message,
                 "amount must be a finite number");
    std::vector<AprFlow> many(kMaxAprFlows + 1, payment(1, day(2024, 2, 2)));
    EXPECT_STREQ(annual_percentage_rate(many.data(), many.size(), month, never).error().message,
                 "too many advances and payments");
    EXPECT_STREQ(annual_percentage_rate(1, 1, 12, 1, day(2024, 1, 1), {2'147'483'647}, month).error().message,
                 "dates must be finite");
    EXPECT_STREQ(annual_percentage_rate(1, 1, 12, 1, day(2024, 1, 1), day(2024, 1, 1), month).error().message,
                 "first payment must be after the start");
    EXPECT_FALSE(annual_percentage_rate(0, 1, 12, 1, day(2024, 1, 1), day(2024, 2, 1), month));
    EXPECT_FALSE(annual_percentage_rate(1, 1, 0, 1, day(2024, 1, 1), day(2024, 2, 1), month));
    EXPECT_FALSE(annual_percentage_rate(1, 1, 2081, 1, day(2024, 1, 1), day(2024, 2, 1), month));
    EXPECT_FALSE(parse_unit_period("fortnight"));
    EXPECT_FALSE(parse_frequency("daily"));
    EXPECT_EQ(unit_period_of(*parse_frequency("Semi-Annually")), *parse_unit_period("6 months"));
    EXPECT_EQ(unit_period_of(*parse_frequency("annual")), *parse_unit_period("Year"));
}

} // namespace tradeup
