/*
 * Loans and leases: every figure of random amortizations worked out again in fractions and in a hundred
 * digits, and the dates and domains around them.
 */
#include "core/loans/loans.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <boost/multiprecision/cpp_dec_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <gtest/gtest.h>

namespace tradeup {

namespace {

using Exact = boost::multiprecision::cpp_rational;
using Big = boost::multiprecision::cpp_int;
using Real = boost::multiprecision::cpp_dec_float_100;

constexpr Rounding kEveryRounding[] = {Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down};
constexpr Frequency kFrequencies[] = {Frequency::monthly, Frequency::biweekly, Frequency::weekly};
constexpr DayCount kDayCounts[] = {DayCount::actual_365, DayCount::actual_360, DayCount::actual_actual,
                                   DayCount::thirty_360};

Date day(std::int64_t year, std::int32_t month, std::int32_t day_of_month) {
    return {static_cast<std::int32_t>(days_from_civil({year, month, day_of_month}))};
}

OptionalDate given(Date date) {
    return {true, date};
}

Exact exact(Decimal value) {
    return Exact(Big(value.coefficient), pow(Big(10), static_cast<unsigned>(value.scale)));
}

/* Rounding by its words, from the whole number below and what is left above it. */
std::int64_t rounded(const Exact &value, Rounding rounding) {
    Big below = numerator(value) / denominator(value);
    if (value < 0 && Exact(below) != value) {
        --below;
    }
    const Exact rest = value - Exact(below);
    const Exact half(1, 2);
    const bool up_is_away = value > 0;
    bool up = false;
    switch (rounding) {
    case Rounding::half_up:
        up = rest > half || (rest == half && up_is_away);
        break;
    case Rounding::half_even:
        up = rest > half || (rest == half && below % 2 != 0);
        break;
    case Rounding::up:
        up = rest != 0 && up_is_away;
        break;
    case Rounding::down:
        up = rest != 0 && !up_is_away;
        break;
    }
    return static_cast<std::int64_t>(up ? Big(below + 1) : below);
}

/* A hundred digits as a fraction; what lies within 10^-50 of a half or a whole number is that. */
Exact snapped(const Real &value) {
    const Real doubled = value * 2;
    const Real nearest = round(doubled);
    if (nearest == 0 && abs(doubled) < Real("1e-50")) {
        return 0; // Boost's conversion of zero negates INT_MIN
    }
    if (abs(doubled - nearest) < Real("1e-50")) {
        return Exact(nearest.convert_to<Big>(), Big(2));
    }
    const Real scaled = floor(value * Real("1e60"));
    return Exact(scaled.convert_to<Big>(), pow(Big(10), 60)); // below or above every half as the value is
}

/* Level payments from the sum of powers of the discount, one by one. */
class LevelOracle {
public:
    LevelOracle(const Loan &loan, int longest) : rounding_(loan.rounding) {
        const Real rate =
            Real(loan.annual_rate.coefficient) / pow(Real(10), static_cast<int>(loan.annual_rate.scale));
        const Real v = 1 / (1 + rate / payments_a_year(loan.frequency));
        powers_.push_back(1);
        sums_.push_back(0);
        for (int k = 0; k < longest; ++k) {
            sums_.push_back(sums_.back() + powers_.back());
            powers_.push_back(powers_.back() * v);
        }
    }

    std::int64_t payment(std::int64_t principal, const Exact &growth, std::int64_t balloon, int n) const {
        const Real grown = Real(principal) * Real(numerator(growth)) / Real(denominator(growth));
        const auto at = static_cast<std::size_t>(n);
        return rounded(snapped((grown - Real(balloon) * powers_[at - 1]) / sums_[at]), rounding_);
    }

private:
    Rounding rounding_;
    std::vector<Real> powers_;
    std::vector<Real> sums_;
};

Date later(Frequency frequency, Date date, int periods) {
    if (frequency == Frequency::monthly) {
        return {static_cast<std::int32_t>(add_months(date, periods))};
    }
    return {date.days + periods * (frequency == Frequency::weekly ? 7 : 14)};
}

std::vector<AmortizationRow> rows_of(const Loan &loan) {
    std::vector<AmortizationRow> rows;
    Result<Amortization> begun = begin_amortization(loan);
    EXPECT_TRUE(begun) << begun.error().message;
    AmortizationRow row;
    while (begun) {
        const Result<bool> more = next_row(*begun, row);
        EXPECT_TRUE(more);
        if (!more || !*more) {
            break;
        }
        rows.push_back(row);
    }
    return rows;
}

/* Every figure of an amortization, worked out again in fractions; the level payment in a hundred digits. */
void expect_amortization(const Loan &loan) {
    const int a_year = payments_a_year(loan.frequency);
    const Exact rate = exact(loan.annual_rate);
    const bool dated = loan.start.given || loan.first_payment.given;
    const Date first = loan.first_payment.given ? loan.first_payment.date
                       : dated                  ? later(loan.frequency, loan.start.date, 1)
                                                : Date{};
    const Date start = loan.start.given ? loan.start.date : dated ? later(loan.frequency, first, -1) : Date{};
    Exact stretch(1, a_year);
    /* Months from the start to the first payment when it is on the start's day, cut to the month or not. */
    int months = loan.first_payment.given ? 0 : 1;
    if (loan.start.given && loan.first_payment.given) {
        for (int k = 1; k <= 60 && loan.frequency == Frequency::monthly; ++k) {
            months = later(loan.frequency, start, k) == first ? k : months;
        }
        int whole = months;
        while (months == 0 && later(loan.frequency, first, -(whole + 1)) >= start) {
            ++whole;
        }
        stretch = Exact(whole, a_year);
        if (months == 0) {
            stretch += Exact(later(loan.frequency, first, -whole).days - start.days, 365);
        }
    }
    const LevelOracle oracle(loan, loan.term);
    std::int64_t level = oracle.payment(loan.principal, 1 + rate * stretch, loan.balloon, loan.term);
    ASSERT_EQ(*level_payment(loan), level);

    const std::vector<AmortizationRow> rows = rows_of(loan);
    ASSERT_FALSE(rows.empty());
    std::int64_t balance = loan.principal;
    std::int64_t repaid = 0;
    Date previous = start;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const AmortizationRow &row = rows[k];
        ASSERT_GT(balance, 0) << "a loan that is repaid has no more rows";
        ASSERT_EQ(row.period, static_cast<int>(k) + 1);
        ASSERT_EQ(row.opening, balance);
        ASSERT_EQ(row.due.given, dated);
        Exact time = k == 0 ? stretch : Exact(1, a_year);
        if (dated) {
            const int period = static_cast<int>(k);
            ASSERT_EQ(row.due.date, months == 0 ? later(loan.frequency, first, period)
                                                : later(loan.frequency, start, period + months));
            if (loan.by_days) {
                const YearFraction fraction = exact_year_fraction(loan.day_count, previous, row.due.date);
                time = Exact(fraction.numerator, fraction.denominator);
            }
            previous = row.due.date;
        }
        ASSERT_EQ(row.interest, rounded(Exact(balance) * rate * time, loan.rounding));
        ASSERT_EQ(row.payment, row.interest + row.principal);
        ASSERT_LE(row.principal, balance);
        if (row.period == loan.term) {
            ASSERT_EQ(row.principal, balance);
        } else if (row.principal < balance) {
            if (row.payment != level) {
                ASSERT_EQ(row.principal, 0) << "only interest above the payment changes it";
                ASSERT_GT(row.interest, level);
            }
            ASSERT_TRUE(row.principal >= 0 || (k == 0 && stretch > Exact(1, a_year)));
        } else {
            ASSERT_LE(row.payment, level);
        }
        ASSERT_EQ(row.extra, std::min(loan.extra, balance - row.principal));
        ASSERT_EQ(row.closing, balance - row.principal - row.extra);
        repaid += row.principal + row.extra;
        balance = row.closing;
        if (loan.extra_keeps == ExtraKeeps::term && row.extra > 0 && balance > 0) {
            level = oracle.payment(balance, 1 + rate / a_year, std::min(loan.balloon, balance),
                                   loan.term - row.period);
        }
    }
    ASSERT_EQ(balance, 0);
    ASSERT_EQ(repaid, loan.principal);
}

class RandomLoans {
public:
    explicit RandomLoans(unsigned seed) : engine_(seed) {}

    std::int64_t between(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(engine_);
    }

    Loan draw() {
        Loan loan{};
        loan.frequency = kFrequencies[between(0, 2)];
        const std::int64_t most = between(0, 9) == 0 ? longest_term(loan.frequency) : 84;
        loan.term = static_cast<std::int32_t>(between(1, most));
        loan.principal = between(1, kSizes[between(0, 3)]);
        switch (between(0, 5)) {
        case 0:
            break;
        case 1:
            loan.annual_rate = decimal(between(1, 2'000'000'000), 9);
            break;
        case 2:
            loan.annual_rate = decimal(between(1, 999), 12);
            break;
        default:
            loan.annual_rate = decimal(between(1, 5'000), 4);
        }
        loan.rounding = kEveryRounding[between(0, 3)];
        if (between(0, 2) == 0) {
            loan.balloon = between(0, 4) == 0 ? loan.principal : between(0, loan.principal);
        }
        if (between(0, 2) == 0) {
            loan.extra = between(0, loan.principal / loan.term + 1);
            loan.extra_keeps =
                between(0, 1) == 0 || loan.balloon > 0 ? ExtraKeeps::payment : ExtraKeeps::term;
        }
        if (between(0, 1) == 0) {
            const Date start = {static_cast<std::int32_t>(between(-30'000, 15'000))};
            const auto kind = between(0, 2);
            loan.start = {kind != 0, start};
            const Date first = {start.days +
                                static_cast<std::int32_t>(between(1, between(0, 9) == 0 ? 1'800 : 75))};
            loan.first_payment = {kind != 1, first};
            loan.by_days = between(0, 1) == 0;
            loan.day_count = kDayCounts[between(0, 3)];
        }
        return loan;
    }

private:
    static constexpr std::int64_t kSizes[] = {1'000, 10'000'000, 100'000'000, kMaxLoanDigits};
    std::mt19937_64 engine_;
};

Loan plain(std::int64_t principal, Decimal rate, std::int32_t term) {
    Loan loan{};
    loan.principal = principal;
    loan.annual_rate = rate;
    loan.term = term;
    return loan;
}

} // namespace

TEST(Amortization, RandomLoansToTheLastUnit) {
    RandomLoans random(1);
    for (int i = 0; i < 3'000; ++i) {
        const Loan loan = random.draw();
        expect_amortization(loan);
        ASSERT_FALSE(testing::Test::HasFatalFailure())
            << i << ": " << loan.principal << " at " << to_text(loan.annual_rate).text << " over "
            << loan.term << " frequency " << static_cast<int>(loan.frequency) << " balloon " << loan.balloon
            << " extra " << loan.extra << " rounding " << static_cast<int>(loan.rounding);
    }
}

/* Payments at which rounding can only be decided exactly. */
TEST(Amortization, TiesAreDecidedExactly) {
    for (const Rounding rounding : kEveryRounding) {
        for (const std::int64_t principal : {1, 3, 5, 1'000'001, 1'000'003}) {
            for (const std::int32_t term : {1, 2, 4, 480}) {
                Loan loan = plain(principal, decimal(0), term);
                loan.rounding = rounding;
                expect_amortization(loan);
                loan.annual_rate = decimal(6); // half a principal a month
                loan.balloon = principal;
                expect_amortization(loan);
                ASSERT_FALSE(testing::Test::HasFatalFailure()) << principal << " over " << term;
            }
        }
    }
}

TEST(Amortization, LongFirstPeriodAddsUnpaidInterest) {
    Loan loan = plain(1'000'000, decimal(24, 2), 60);
    loan.start = given(day(2024, 1, 1));
    loan.first_payment = given(day(2025, 1, 1));
    const std::vector<AmortizationRow> rows = rows_of(loan);
    EXPECT_EQ(rows[0].interest, 240'000);
    EXPECT_LT(rows[0].principal, 0);
    EXPECT_EQ(rows[0].payment, rows[1].payment);
    EXPECT_EQ(rows.size(), 60U);
    expect_amortization(loan);
}

TEST(Amortization, ExtraEndsTheLoanEarlierOrLowersThePayment) {
    Loan loan = plain(1'000'000, decimal(12, 2), 48);
    loan.extra = 5'000;
    const std::vector<AmortizationRow> earlier = rows_of(loan);
    EXPECT_LT(earlier.size(), 48U);
    EXPECT_EQ(earlier[10].payment, earlier[0].payment);
    loan.extra_keeps = ExtraKeeps::term;
    const std::vector<AmortizationRow> lower = rows_of(loan);
    EXPECT_GT(lower.size(), earlier.size());
    EXPECT_LT(lower[10].payment, lower[0].payment);
}

TEST(Amortization, DueDatesKeepTheirDay) {
    Loan loan = plain(10'000, decimal(1, 1), 14);
    loan.first_payment = given(day(2024, 1, 31));
    const std::vector<AmortizationRow> rows = rows_of(loan);
    EXPECT_EQ(rows[1].due.date, day(2024, 2, 29));
    EXPECT_EQ(rows[2].due.date, day(2024, 3, 31));
    EXPECT_EQ(rows[13].due.date, day(2025, 2, 28));
}

/* A first payment that is the start's day one period on, cut to the month's end, is a full period. */
TEST(Amortization, AFirstPaymentAtTheMonthsEndIsAFullPeriod) {
    Loan derived = plain(1'850'000, decimal(875, 4), 36);
    derived.start = given(day(2027, 1, 31));
    Loan stated = derived;
    stated.first_payment = given(day(2027, 2, 28));
    EXPECT_EQ(*level_payment(derived), 58'614);
    for (Loan *loan : {&derived, &stated}) {
        for (const bool by_days : {false, true}) {
            loan->by_days = by_days;
            loan->day_count = DayCount::actual_365;
            expect_amortization(*loan);
            const std::vector<AmortizationRow> rows = rows_of(*loan);
            EXPECT_EQ(rows[0].due.date, day(2027, 2, 28));
            EXPECT_EQ(rows[0].payment, 58'614);
            EXPECT_EQ(rows[1].due.date, day(2027, 3, 31));
            EXPECT_EQ(rows[2].due.date, day(2027, 4, 30));
        }
    }
    /* From the 30th and the 29th; over several months; and not where the day is another one. */
    const struct {
        Date start;
        Date first;
        Date second;
        std::int64_t numerator; // of the stretch, over 12 * 365
    } cases[] = {{day(2027, 1, 30), day(2027, 2, 28), day(2027, 3, 30), 365},
                 {day(2027, 1, 29), day(2027, 2, 28), day(2027, 3, 29), 365},
                 {day(2028, 1, 31), day(2028, 2, 29), day(2028, 3, 31), 365},
                 {day(2027, 1, 31), day(2027, 4, 30), day(2027, 5, 31), 3 * 365},
                 {day(2027, 1, 28), day(2027, 2, 28), day(2027, 3, 28), 365},
                 {day(2027, 1, 31), day(2027, 2, 27), day(2027, 3, 27), 27 * 12},
                 {day(2027, 1, 31), day(2027, 3, 30), day(2027, 4, 30), 365 + 28 * 12},
                 {day(2028, 1, 31), day(2028, 2, 28), day(2028, 3, 28), 28 * 12},
                 {day(2027, 2, 28), day(2027, 3, 31), day(2027, 4, 30), 365}};
    for (const auto &one : cases) {
        Loan loan = plain(1'850'000, decimal(875, 4), 36);
        loan.start = given(one.start);
        loan.first_payment = given(one.first);
        const Result<Amortization> begun = begin_amortization(loan);
        ASSERT_TRUE(begun);
        EXPECT_EQ(begun->first.numerator * (12 * 365), one.numerator * begun->first.denominator)
            << one.start.days;
        EXPECT_EQ(rows_of(loan)[1].due.date, one.second) << one.start.days;
        expect_amortization(loan);
    }
}

TEST(Amortization, Errors) {
    const Loan sound = plain(10'000, decimal(1, 1), 12);
    const auto expect_bad = [](const Loan &loan, const char *message, ErrorKind kind = ErrorKind::bad_value) {
        const Result<Amortization> begun = begin_amortization(loan);
        ASSERT_FALSE(begun) << message;
        EXPECT_STREQ(begun.error().message, message);
        EXPECT_EQ(begun.error().kind, kind);
    };
    Loan loan = sound;
    ASSERT_TRUE(begin_amortization(loan));
    loan.annual_rate = decimal(10'000'001, 6);
    expect_bad(loan, "annual rate must be between 0 and 10");
    loan.annual_rate = decimal(-1, 18);
    expect_bad(loan, "annual rate must be between 0 and 10");
    loan = sound;
    loan.term = 0;
    expect_bad(loan, "term must be between 1 and 480 payments");
    loan.term = 2'081;
    loan.frequency = Frequency::weekly;
    expect_bad(loan, "term must be between 1 and 2080 payments");
    loan = sound;
    loan.principal = 0;
    expect_bad(loan, "principal must be greater than 0");
    loan = sound;
    loan.balloon = 10'001;
    expect_bad(loan, "balloon must be between 0 and the principal");
    loan = sound;
    loan.extra = -1;
    expect_bad(loan, "extra must not be negative");
    /* The payment that keeps the term with a balloon may fall below the interest. */
    loan = sound;
    loan.extra = 100;
    loan.balloon = 5'000;
    ASSERT_TRUE(begin_amortization(loan));
    loan.extra_keeps = ExtraKeeps::term;
    expect_bad(loan, "extra payments that keep the term do not go with a balloon");
    loan.extra = 0;
    ASSERT_TRUE(begin_amortization(loan));
    loan = sound;
    loan.by_days = true;
    expect_bad(loan, "a day count needs dates");
    loan = sound;
    loan.start = given({std::numeric_limits<std::int32_t>::max()});
    expect_bad(loan, "dates must be finite");
    loan.start = given(day(2024, 1, 1));
    loan.first_payment = loan.start;
    expect_bad(loan, "first payment must be after the start, by at most 5 years");
    loan.first_payment = given(day(2029, 1, 2));
    expect_bad(loan, "first payment must be after the start, by at most 5 years");
    loan.first_payment = given(day(2029, 1, 1));
    ASSERT_TRUE(begin_amortization(loan));
    loan = sound;
    loan.start = given(kLastDate);
    expect_bad(loan, "due dates are beyond the calendar", ErrorKind::out_of_range);
    loan = sound;
    loan.first_payment = given(kFirstDate);
    expect_bad(loan, "due dates are beyond the calendar", ErrorKind::out_of_range);
}

TEST(Payoff, BetweenDueDates) {
    RandomLoans random(2);
    int asked = 0;
    for (int i = 0; i < 1'000; ++i) {
        Loan loan = random.draw();
        if (!loan.start.given) {
            continue;
        }
        ++asked;
        const std::vector<AmortizationRow> rows = rows_of(loan);
        const std::int32_t span = rows.back().due.date.days - loan.start.date.days + 40;
        const Date on = {loan.start.date.days + static_cast<std::int32_t>(random.between(0, span))};
        int paid = 0;
        std::int64_t balance = loan.principal;
        Date from = loan.start.date;
        for (const AmortizationRow &row : rows) {
            if (row.due.date <= on) {
                paid = row.period;
                balance = row.closing;
                from = row.due.date;
            }
        }
        const bool by_360 = loan.by_days && (loan.day_count == DayCount::actual_360 ||
                                             loan.day_count == DayCount::thirty_360);
        const Exact daily = Exact(balance) * exact(loan.annual_rate) / (by_360 ? 360 : 365);
        const Result<Payoff> payoff = payoff_on(loan, on, decimal(1, 2));
        ASSERT_TRUE(payoff) << payoff.error().message;
        ASSERT_EQ(payoff->paid_periods, paid);
        ASSERT_EQ(payoff->balance, balance);
        ASSERT_EQ(payoff->accrued_from, from);
        ASSERT_EQ(payoff->days, on.days - from.days);
        ASSERT_EQ(payoff->per_diem_millionths, rounded(daily * 10'000, Rounding::half_up));
        ASSERT_EQ(payoff->interest, rounded(daily * (on.days - from.days), loan.rounding));
        ASSERT_EQ(payoff->payoff, payoff->balance + payoff->interest);
    }
    EXPECT_GT(asked, 200);
    Loan loan = plain(10'000, decimal(1, 1), 12);
    EXPECT_STREQ(payoff_on(loan, day(2024, 1, 1), decimal(1, 2)).error().message, "a payoff needs dates");
    loan.start = given(day(2024, 1, 2));
    EXPECT_FALSE(payoff_on(loan, day(2024, 1, 1), decimal(1, 2)));
    EXPECT_TRUE(payoff_on(loan, day(2024, 1, 2), decimal(1, 2)));
}

TEST(PrincipalForPayment, IsTheLargest) {
    RandomLoans random(3);
    int found = 0;
    for (int i = 0; i < 1'500; ++i) {
        Loan loan = random.draw();
        loan.start = {};
        loan.first_payment = {};
        loan.by_days = false;
        if (loan.principal > kMaxLoanDigits / 10) {
            continue;
        }
        const std::int64_t payment = std::max<std::int64_t>(*level_payment(loan) + random.between(-1, 1), 1);
        const Result<OptionalUnits> principal = principal_for_payment(loan, payment);
        const bool tiny = loan.principal < 2'000; // where a payment of 0 repays much
        if (!principal) {
            ASSERT_EQ(principal.error().kind, ErrorKind::out_of_range);
            continue;
        }
        if (!principal->exists) {
            loan.principal = std::max<std::int64_t>(loan.balloon, 1);
            ASSERT_GT(*level_payment(loan), payment);
            continue;
        }
        found += tiny ? 0 : 1;
        loan.principal = principal->units;
        ASSERT_LE(*level_payment(loan), payment);
        ++loan.principal;
        ASSERT_GT(*level_payment(loan), payment);
    }
    EXPECT_GT(found, 500);
}

/* A payment of nothing repays nothing, however small what rounds to it; a balloon at no interest repays
 * itself. */
TEST(PrincipalForPayment, NothingRepaysNothing) {
    for (const Rounding rounding : kEveryRounding) {
        for (const Decimal rate : {decimal(0), decimal(6, 2)}) {
            Loan loan = plain(0, rate, 60);
            loan.rounding = rounding;
            EXPECT_FALSE(principal_for_payment(loan, 0)->exists);
            loan.principal = 1;
            EXPECT_FALSE(term_for_payment(loan, 0)->exists);
            loan.balloon = 100'000;
            const OptionalUnits balloon = *principal_for_payment(loan, 0);
            EXPECT_EQ(balloon.exists, rate.coefficient == 0);
            EXPECT_EQ(balloon.units, rate.coefficient == 0 ? 100'000 : 0);
        }
    }
}

TEST(TermForPayment, IsTheLeast) {
    RandomLoans random(4);
    int found = 0;
    for (int i = 0; i < 500; ++i) {
        Loan loan = random.draw();
        loan.start = {};
        loan.first_payment = {};
        loan.by_days = false;
        loan.balloon = 0;
        const std::int64_t payment = std::max<std::int64_t>(*level_payment(loan) - random.between(0, 1), 1);
        const Result<OptionalUnits> term = term_for_payment(loan, payment);
        ASSERT_TRUE(term);
        if (!term->exists) {
            loan.term = longest_term(loan.frequency);
            ASSERT_GT(*level_payment(loan), payment);
            continue;
        }
        ++found;
        loan.term = static_cast<std::int32_t>(term->units);
        ASSERT_LE(*level_payment(loan), payment);
        if (loan.term > 1) {
            --loan.term;
            ASSERT_GT(*level_payment(loan), payment);
        }
    }
    EXPECT_GT(found, 300);
}

TEST(Lease, ExactAndRoundedOnce) {
    /* (30000 - 18000) / 36 + 48000 * 0.0025 = 453.33..., with 7 % tax 485.0666... */
    const auto lease = [](Rounding rounding, Decimal unit) {
        return *lease_payment(decimal(30'000), decimal(18'000), 36, decimal(25, 4), decimal(7, 2), rounding,
                              unit);
    };
    EXPECT_EQ(lease(Rounding::half_up, decimal(1, 2)), 48'507);
    EXPECT_EQ(lease(Rounding::down, decimal(1, 2)), 48'506);
    EXPECT_EQ(lease(Rounding::half_up, decimal(5, 2)), 9'701);
    EXPECT_EQ(lease(Rounding::up, decimal(1)), 486);
    RandomLoans random(5);
    for (int i = 0; i < 2'000; ++i) {
        const Decimal cost = decimal(random.between(1, 10'000'000), 2);
        const Decimal residual = decimal(random.between(0, cost.coefficient), 2);
        const auto term = static_cast<std::int32_t>(random.between(1, 84));
        const Decimal factor = decimal(random.between(0, 10'000), 6);
        const Decimal tax = decimal(random.between(0, 25), 2);
        const Rounding rounding = kEveryRounding[random.between(0, 3)];
        const Exact c = exact(cost);
        const Exact r = exact(residual);
        ASSERT_EQ(*lease_payment(cost, residual, term, factor, tax, rounding, decimal(1, 2)),
                  rounded(((c - r) / term + (c + r) * exact(factor)) * (1 + exact(tax)) * 100, rounding));
    }
    EXPECT_FALSE(lease_payment(decimal(1), decimal(2), 12, decimal(0), decimal(0), {}, decimal(1, 2)));
    EXPECT_FALSE(lease_payment(decimal(0), decimal(0), 12, decimal(0), decimal(0), {}, decimal(1, 2)));
    EXPECT_FALSE(lease_payment(decimal(2), decimal(1), 0, decimal(0), decimal(0), {}, decimal(1, 2)));
    EXPECT_FALSE(lease_payment(decimal(2), decimal(1), 12, decimal(-1), decimal(0), {}, decimal(1, 2)));
    EXPECT_FALSE(lease_payment(decimal(2), decimal(1), 12, decimal(0), decimal(11), {}, decimal(1, 2)));
}

TEST(Lease, MoneyFactorsAreATwentyFourth) {
    const auto expect_factor = [](Decimal rate, const char *factor) {
        EXPECT_STREQ(to_text(*money_factor(rate)).text, factor);
    };
    expect_factor(decimal(0), "0");
    expect_factor(decimal(6, 2), "0.0025");
    expect_factor(decimal(599, 4), "0.0024958333333333");
    expect_factor(decimal(10), "0.4166666666666667");
    expect_factor(decimal(1, 18), "0");
    expect_factor(decimal(12, 16), "0.0000000000000001"); // a half goes up
    EXPECT_STREQ(money_factor(decimal(-1, 18)).error().message, "annual rate must be between 0 and 10");
    EXPECT_FALSE(money_factor(decimal(100'001, 4)));
    EXPECT_TRUE(check_money_factor(decimal(10)));
    EXPECT_STREQ(check_money_factor(decimal(-1, 4)).error().message, "money factor must be between 0 and 10");
    EXPECT_FALSE(check_money_factor(decimal(11)));
}

TEST(Units, AmountsAreMultiples) {
    const Decimal rappen = *money_unit(decimal(50, 3));
    EXPECT_EQ(rappen.scale, 2);
    EXPECT_EQ(*to_units(decimal(1005, 2), rappen, "principal"), 201);
    EXPECT_EQ(*to_units(decimal(7), decimal(1), "principal"), 7);
    EXPECT_EQ(*to_units(decimal(70'000, 4), decimal(1), "principal"), 7);
    const Result<std::int64_t> odd = to_units(decimal(1001, 2), rappen, "principal");
    ASSERT_FALSE(odd);
    EXPECT_STREQ(odd.error().message, "principal is not a multiple of the unit");
    EXPECT_STREQ(odd.error().detail, "It is 10.01, the unit is 0.05.");
    EXPECT_EQ(*to_units(decimal(kMaxLoanDigits, 2), decimal(1, 2), "principal"), kMaxLoanDigits);
    EXPECT_EQ(to_units(decimal(kMaxLoanDigits + 1, 2), decimal(1, 2), "principal").error().kind,
              ErrorKind::out_of_range);
    EXPECT_EQ(to_units(decimal(kMaxCoefficient), decimal(1, 6), "principal").error().kind,
              ErrorKind::out_of_range);
    EXPECT_FALSE(to_units(decimal(-1), decimal(1), "principal"));
    EXPECT_FALSE(money_unit(decimal(0)));
    EXPECT_FALSE(money_unit(decimal(-1, 2)));
    EXPECT_FALSE(money_unit(decimal(1001)));
    EXPECT_FALSE(money_unit(decimal(1, 7)));
}

} // namespace tradeup
