/*
 * The identities that tie the functions of level payments to each other, over random cases; limits and
 * errors.
 */
#include "core/finance/finance.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tradeup {
namespace {

constexpr int kCases = 5000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/* A level payment's terms. The draws are made one after another, so that every compiler makes the same. */
struct Terms {
    double rate;
    double periods;
    double present;
    double future;
    Due due;
};

class Random {
public:
    explicit Random(std::uint64_t seed) : bits_(seed) {}

    double between(double low, double high) {
        return low + (high - low) * static_cast<double>(bits_() >> 11) * 0x1p-53;
    }
    int whole(int low, int high) { return low + static_cast<int>(bits_() % std::uint64_t(high - low + 1)); }

    /* Rates of every size, some below zero, some nothing. */
    double rate() {
        const int kind = whole(0, 9);
        const double size = std::pow(10, between(-12, -0.5));
        return kind == 0 ? 0 : kind <= 2 ? -size : size;
    }

    Terms terms() {
        Terms terms{};
        terms.rate = rate();
        terms.periods = whole(1, 120);
        terms.present = between(-1e6, 1e6);
        terms.future = whole(0, 1) == 0 ? 0 : between(-1e6, 1e6);
        terms.due = whole(0, 1) == 0 ? Due::end : Due::begin;
        return terms;
    }

private:
    std::mt19937_64 bits_;
};

std::string shown(const Terms &t) {
    char text[160];
    std::snprintf(text, sizeof text, "rate %.17g periods %g present %.17g future %.17g %s", t.rate, t.periods,
                  t.present, t.future, t.due == Due::end ? "end" : "begin");
    return text;
}

double payment_of(const Terms &t) {
    return level_payment(t.rate, t.periods, t.present, t.future, t.due).value();
}

TEST(Finance, PresentAndFutureValueAreInverse) {
    Random random(1);
    for (int i = 0; i < kCases; ++i) {
        const Terms t = random.terms();
        const double payment = random.between(-1e4, 1e4);
        const double growth = std::pow(1 + t.rate, t.periods);
        const double scale = (std::fabs(t.present) + std::fabs(payment) * t.periods) * std::fmax(growth, 1);
        const double future = future_value(t.rate, t.periods, payment, t.present, t.due).value();
        const double back = present_value(t.rate, t.periods, payment, future, t.due).value();
        EXPECT_NEAR(back * growth, t.present * growth, 1e-14 * scale) << shown(t);
        const double worth = present_value(t.rate, t.periods, payment, t.future, t.due).value();
        EXPECT_NEAR(future_value(t.rate, t.periods, payment, worth, t.due).value(), t.future,
                    1e-14 * (std::fabs(worth) * growth + std::fabs(t.future) + scale))
            << shown(t);
    }
}

TEST(Finance, ThePaymentMeetsBothValues) {
    Random random(2);
    for (int i = 0; i < kCases; ++i) {
        const Terms t = random.terms();
        const double faded = t.future * std::pow(1 + t.rate, -t.periods);
        EXPECT_NEAR(present_value(t.rate, t.periods, payment_of(t), t.future, t.due).value(), t.present,
                    1e-14 * (std::fabs(t.present) + std::fabs(faded)))
            << shown(t);
    }
}

TEST(Finance, PeriodsAndRateComeBackFromThePayment) {
    Random random(3);
    for (int i = 0; i < kCases; ++i) {
        Terms t = random.terms();
        t.present = std::fabs(t.present) + 1;
        t.future = -random.between(0, 0.9) * t.present; // a balloon
        t.rate = random.between(0.0001, 0.05);
        const double payment = payment_of(t);
        const Answer periods = number_of_periods(t.rate, payment, t.present, t.future, t.due).value();
        ASSERT_TRUE(periods) << shown(t);
        EXPECT_NEAR(*periods, t.periods, 1e-9 * t.periods) << shown(t);
        if (t.due == Due::begin && t.periods == 1 && t.future == 0) {
            continue; // paid back at once: any rate will do
        }
        const Answer rate = rate_of_return(t.periods, payment, t.present, t.future, t.due).value();
        ASSERT_TRUE(rate) << shown(t);
        EXPECT_NEAR(*rate, t.rate, 1e-9) << shown(t);
    }
}

TEST(Finance, RatesOfEverySizeComeBack) {
    Random random(4);
    for (int i = 0; i < kCases; ++i) {
        Terms t = random.terms();
        t.periods = random.whole(2, 120);
        t.present = std::fabs(t.present) + 1;
        t.future = 0;
        t.rate = i % 2 == 0 ? std::pow(10, random.between(-6, 6)) : random.between(-0.5, 0.5);
        const double payment = payment_of(t);
        const Answer rate = rate_of_return(t.periods, payment, t.present, 0, t.due).value();
        ASSERT_TRUE(rate) << shown(t);
        /* With payments at the beginning a high rate hides in the first one; judge by the payment. */
        const double again = level_payment(*rate, t.periods, t.present, 0, t.due).value();
        EXPECT_NEAR(again, payment, 1e-13 * std::fabs(payment)) << shown(t);
        if (t.due == Due::end && t.rate * t.periods < 20) {
            EXPECT_NEAR(*rate, t.rate, 1e-9 * std::fabs(t.rate) + 1e-14) << shown(t);
        }
    }
}

TEST(Finance, InterestAndPrincipalAreThePayment) {
    Random random(5);
    for (int i = 0; i < kCases; ++i) {
        const Terms t = random.terms();
        const double period = random.whole(1, static_cast<int>(t.periods));
        const double interest =
            interest_payment(t.rate, period, t.periods, t.present, t.future, t.due).value();
        const double principal =
            principal_payment(t.rate, period, t.periods, t.present, t.future, t.due).value();
        EXPECT_NEAR(interest + principal, payment_of(t), 1e-15 * (std::fabs(interest) + std::fabs(principal)))
            << shown(t) << " period " << period;
    }
}

/* All principal together leads from the present value to what stands after the last payment. */
TEST(Finance, PrincipalAddsUp) {
    Random random(6);
    for (int i = 0; i < kCases / 5; ++i) {
        const Terms t = random.terms();
        double sum = 0;
        double size = 0;
        for (int period = 1; period <= t.periods; ++period) {
            const double principal =
                principal_payment(t.rate, period, t.periods, t.present, t.future, t.due).value();
            sum += principal;
            size += std::fabs(principal);
        }
        const double left = t.due == Due::begin ? t.future / (1 + t.rate) : t.future;
        EXPECT_NEAR(sum, -(t.present + left), 1e-14 * (size + std::fabs(t.present) + std::fabs(t.future)))
            << shown(t);
    }
}

TEST(Finance, CumulativeIsTheSum) {
    Random random(7);
    for (int i = 0; i < kCases / 5; ++i) {
        const Terms t = random.terms();
        const int first = random.whole(1, static_cast<int>(t.periods));
        const int last = random.whole(first, static_cast<int>(t.periods));
        double interest = 0;
        double principal = 0;
        for (int period = first; period <= last; ++period) {
            interest += interest_payment(t.rate, period, t.periods, t.present, 0, t.due).value();
            principal += principal_payment(t.rate, period, t.periods, t.present, 0, t.due).value();
        }
        EXPECT_NEAR(cumulative_interest(t.rate, t.periods, t.present, first, last, t.due).value(), interest,
                    2e-14 * std::fabs(interest))
            << shown(t) << ' ' << first << ".." << last;
        EXPECT_NEAR(cumulative_principal(t.rate, t.periods, t.present, first, last, t.due).value(), principal,
                    2e-14 * std::fabs(principal))
            << shown(t) << ' ' << first << ".." << last;
    }
}

TEST(Finance, CumulativeOverABillionPeriods) {
    const double interest = cumulative_interest(1e-9, 1e9, 1000, 1, 1e9, Due::end).value();
    const double principal = cumulative_principal(1e-9, 1e9, 1000, 1, 1e9, Due::end).value();
    const double payment = level_payment(1e-9, 1e9, 1000, 0, Due::end).value();
    EXPECT_NEAR(principal, -1000, 1e-11);
    EXPECT_NEAR(interest + principal, 1e9 * payment, 1e-10);
}

TEST(Finance, EffectiveAndNominalAreInverse) {
    Random random(8);
    for (int i = 0; i < kCases; ++i) {
        const double rate = i % 2 == 0 ? random.rate() : random.between(-0.9, 10);
        const int periods = random.whole(1, 366);
        const double nominal = nominal_rate(rate, periods).value();
        EXPECT_NEAR(effective_rate(nominal, periods).value(), rate,
                    2e-15 * (std::fabs(rate) + rate * rate * 4))
            << rate << ' ' << periods;
        EXPECT_GE(rate - nominal, -1e-15 * std::fabs(rate)) << "compounding adds: " << rate << ' ' << periods;
    }
}

TEST(Finance, ThePaymentRisesWithTheRate) {
    Random random(9);
    for (int i = 0; i < kCases; ++i) {
        Terms t = random.terms();
        t.present = std::fabs(t.present) + 1;
        t.future = 0;
        t.periods = random.whole(2, 480);
        const double payment = payment_of(t);
        t.rate += (1 + t.rate) * 1e-6;
        EXPECT_LT(payment_of(t), payment) << shown(t);
    }
}

TEST(Finance, TinyAndHugeRates) {
    EXPECT_DOUBLE_EQ(level_payment(1e-300, 12, 1200, 0, Due::end).value(), -100);
    EXPECT_DOUBLE_EQ(level_payment(1e300, 12, 1, 0, Due::end).value(), -1e300);
    EXPECT_DOUBLE_EQ(level_payment(1e300, 12, 1, 0, Due::begin).value(), -1);
    /* One unit lent at nearly total loss: only the last payment counts. */
    EXPECT_NEAR(level_payment(-1 + 0x1p-53, 12, 1, 0, Due::end).value(), 0, 1e-150);
    EXPECT_EQ(level_payment(1e300, 1e300, 1e10, 0, Due::end).error().kind, ErrorKind::out_of_range);
    EXPECT_EQ(future_value(1, 2000, 0, 1, Due::end).error().kind, ErrorKind::out_of_range);
    EXPECT_EQ(present_value(1, 2000, 0, 1, Due::end).value(), -std::pow(2.0, -1000) * std::pow(2.0, -1000));
    EXPECT_EQ(present_value(0.1, 0, 5, 100, Due::end).value(), -100);
}

TEST(Finance, NoAnswer) {
    EXPECT_FALSE(*number_of_periods(0.1, -10, 1000, 0, Due::end)); // interest is 100
    EXPECT_FALSE(*number_of_periods(0.1, -100, 1000, 0, Due::end));
    EXPECT_FALSE(*number_of_periods(0, 0, 1000, 0, Due::end));
    EXPECT_EQ(*number_of_periods(0, -100, 1000, 0, Due::end).value(), 10);
    EXPECT_FALSE(*rate_of_return(12, 100, 1000, 0, Due::end)); // all received
    EXPECT_FALSE(*rate_of_return(12, 0, 1000, 0, Due::end));
    EXPECT_FALSE(*rate_of_return(12, 0, 0, 0, Due::end));
    EXPECT_FALSE(*rate_of_return(12, -100, 1000, 1e9, Due::end)); // two changes, no root
    EXPECT_EQ(*rate_of_return(10, -100, 1000, 0, Due::end).value(), 0);
}

std::vector<double> all_rates(double periods, double payment, double present, double future, Due due) {
    const Rates rates = rates_of_return(periods, payment, present, future, due).value();
    return {rates.at, rates.at + rates.count};
}

/* Of two rates the one at which the value crosses zero towards the sign of the first flow, which is the
 * larger. */
TEST(Finance, OfTwoRatesTheOneOfTheFirstFlow) {
    /* (1 - v)(1 - 1.25 v) = 1 - 2.25 v + 1.25 v^2 */
    EXPECT_NEAR(*rate_of_return(2, -2.25, 1, 3.5, Due::end).value(), 0.25, 1e-15);
    EXPECT_EQ(all_rates(2, -2.25, 1, 3.5, Due::end), (std::vector<double>{0, 0.25}));
    const struct {
        double low;
        double high;
    } cases[] = {{0.1, 0.5}, {-0.05, 0.5}, {-0.9, -0.5}, {-0.5, 1}, {-0.99, 0.01}, {1, 1e6}};
    for (const auto &[low, high] : cases) {
        for (const double sign : {1.0, -1.0}) {
            for (const Due due : {Due::end, Due::begin}) {
                /* The flows (1 - (1 + low) v)(1 - (1 + high) v), as a value now, two payments and one at the
                 * end. */
                const double middle = -sign * (2 + low + high);
                const double last = sign * (1 + low) * (1 + high);
                const double present = due == Due::end ? sign : sign - middle;
                const double future = due == Due::end ? last - middle : last;
                const std::vector<double> all = all_rates(2, middle, present, future, due);
                ASSERT_EQ(all.size(), 2U) << low << ' ' << high;
                EXPECT_NEAR(all[0], low, 1e-12 * (1 + std::fabs(low)));
                EXPECT_NEAR(all[1], high, 1e-9 * (1 + high));
                EXPECT_EQ(*rate_of_return(2, middle, present, future, due).value(), all[1]);
            }
        }
    }
}

/* Where the value only touches zero there is one rate, to all digits; a little to one side two, or none. */
TEST(Finance, ARateThatOnlyTouches) {
    for (const double rate : {0.0, 0.1, 0.25, 0.5, 3.0, -0.2, -0.75}) {
        const double middle = -2 * (1 + rate);
        const double last = (1 + rate) * (1 + rate);
        EXPECT_NEAR(*rate_of_return(2, middle, 1, last - middle, Due::end).value(), rate, 2e-8) << rate;
        if (last == 1 || rate == 0.25 || rate == 0.5 || rate == 3 || rate == -0.75) { // exact in doubles
            EXPECT_NEAR(*rate_of_return(2, middle, 1, last - middle, Due::end).value(), rate, 1e-15) << rate;
            EXPECT_EQ(all_rates(2, middle, 1, last - middle, Due::end).size(), 1U) << rate;
        }
        EXPECT_EQ(all_rates(2, middle * (1 + 1e-12), 1, last - middle * (1 + 1e-12), Due::end).size(), 2U);
        EXPECT_TRUE(all_rates(2, middle * (1 - 1e-12), 1, last - middle * (1 - 1e-12), Due::end).empty());
    }
    /* A rate of zero is zero itself, of every compiler. */
    for (int size = 1; size <= 40; ++size) {
        EXPECT_EQ(rate_of_return(2, -2.0 * size, size, 3.0 * size, Due::end).value(), Answer(0.0)) << size;
    }
}

TEST(Finance, AllRatesHoldTheRate) {
    Random random(10);
    int two = 0;
    for (int i = 0; i < kCases; ++i) {
        Terms t = random.terms();
        t.future = random.between(0, 2) * t.present; // of the sign of the first flow: up to two roots
        t.periods = i % 4 == 0 ? t.periods + 0.5 : t.periods;
        const double payment = -(t.present + t.future) / t.periods * random.between(0.5, 1.6);
        const Answer rate = rate_of_return(t.periods, payment, t.present, t.future, t.due).value();
        const std::vector<double> all = all_rates(t.periods, payment, t.present, t.future, t.due);
        ASSERT_LE(all.size(), 2U) << shown(t);
        ASSERT_EQ(rate.has_value(), !all.empty()) << shown(t);
        if (rate) {
            ASSERT_EQ(*rate, all.back()) << shown(t);
        }
        two += all.size() == 2 ? 1 : 0;
    }
    EXPECT_GT(two, 500);
}

TEST(Finance, NothingIsNeverBelowZero) {
    EXPECT_FALSE(std::signbit(present_value(0, 0, 100, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(future_value(0, 0, 100, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(future_value(0, 12, 0, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(level_payment(0.01, 12, 0, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(interest_payment(0, 1, 12, 100, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(principal_payment(0, 1, 12, 0, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(cumulative_interest(0.01, 12, 0, 1, 2, Due::end).value()));
    EXPECT_FALSE(std::signbit(cumulative_principal(0.01, 12, 0, 1, 2, Due::begin).value()));
    EXPECT_FALSE(std::signbit(*number_of_periods(0, 100, 0, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(*number_of_periods(0.01, 100, 0, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(*rate_of_return(10, -100, 1000, 0, Due::end).value()));
    EXPECT_FALSE(std::signbit(effective_rate(-0.0, 12).value()));
    EXPECT_FALSE(std::signbit(nominal_rate(-0.0, 12).value()));
}

void expect_error(const Error &error, ErrorKind kind, const char *message, const char *detail,
                  const char *hint = "") {
    EXPECT_EQ(error.kind, kind) << message;
    EXPECT_STREQ(error.message, message);
    EXPECT_STREQ(error.detail, detail);
    EXPECT_STREQ(error.hint, hint);
}

TEST(Finance, Errors) {
    const ErrorKind bad = ErrorKind::bad_value;
    const char *fraction = "A rate is a fraction per period: 1 percent is 0.01.";
    expect_error(present_value(-1, 1, 1, 1, Due::end).error(), bad, "rate must be greater than -1",
                 "Rate is -1.", fraction);
    expect_error(future_value(-1.5, 1, 1, 1, Due::end).error(), bad, "rate must be greater than -1",
                 "Rate is -1.5.", fraction);
    expect_error(level_payment(kNaN, 1, 1, 1, Due::end).error(), bad, "rate must be a finite number",
                 "It is nan.");
    expect_error(level_payment(0, kInfinity, 1, 1, Due::end).error(), bad,
                 "number of periods must be a finite number", "It is inf.");
    expect_error(level_payment(0, 0, 1, 1, Due::end).error(), bad, "number of periods must be greater than 0",
                 "Number of periods is 0.");
    expect_error(present_value(0, -1, 1, 1, Due::end).error(), bad, "number of periods must not be negative",
                 "Number of periods is -1.");
    expect_error(present_value(0, 1, -kInfinity, 1, Due::end).error(), bad, "payment must be a finite number",
                 "It is -inf.");
    expect_error(number_of_periods(0, 1, kNaN, 1, Due::end).error(), bad,
                 "present value must be a finite number", "It is nan.");
    expect_error(rate_of_return(1, 1, 1, kNaN, Due::end).error(), bad, "future value must be a finite number",
                 "It is nan.");
    for (const double period : {0.0, 1.5, 13.0, -1.0}) {
        const Error error = interest_payment(0.1, period, 12, 1, 0, Due::end).error();
        EXPECT_STREQ(error.message, "period must be a whole number from 1 to the number of periods");
        EXPECT_STREQ(principal_payment(0.1, period, 12, 1, 0, Due::end).error().message, error.message);
    }
    expect_error(cumulative_interest(0.1, 12, 1, 3, 2, Due::end).error(), bad,
                 "periods must be whole numbers with 1 <= first <= last <= number of periods",
                 "First is 3, last is 2 of 12.");
    expect_error(cumulative_interest(0.1, 12, 1, 1, kInfinity, Due::end).error(), bad,
                 "last period must be a finite number", "It is inf.");
    EXPECT_FALSE(cumulative_principal(0.1, 12, 1, 0, 2, Due::end));
    EXPECT_FALSE(cumulative_principal(0.1, 12, 1, 1, 13, Due::end));
    EXPECT_FALSE(cumulative_principal(0.1, 12.5, 1, 1, 12, Due::end));
    EXPECT_FALSE(cumulative_principal(0.1, 2e9, 1, 1, 12, Due::end));
    expect_error(effective_rate(0.1, 0).error(), bad, "periods a year must be at least 1", "Periods is 0.");
    expect_error(effective_rate(-12, 12).error(), bad,
                 "nominal rate must be greater than minus the periods a year", "Rate is -12.");
    expect_error(effective_rate(kNaN, 12).error(), bad, "nominal rate must be a finite number", "It is nan.");
    expect_error(nominal_rate(-1, 12).error(), bad, "effective rate must be greater than -1", "Rate is -1.");
    expect_error(nominal_rate(kInfinity, 12).error(), bad, "effective rate must be a finite number",
                 "It is inf.");
    expect_error(nominal_rate(0.1, -1).error(), bad, "periods a year must be at least 1", "Periods is -1.");
    expect_error(parse_due("start").error(), bad, "unknown due \"start\"", "", "Use end or begin.");
    EXPECT_EQ(*parse_due("END"), Due::end);
    EXPECT_EQ(*parse_due(" Begin"), Due::begin);
    expect_error(future_value(1e300, 2, 0, 1, Due::end).error(), ErrorKind::out_of_range,
                 "result is out of range", "");
}

} // namespace
} // namespace tradeup
