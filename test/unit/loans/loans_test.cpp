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

#include "core/loans/interest.hpp"

namespace tradeup {

namespace {

using Exact = boost::multiprecision::cpp_rational;
using Big = boost::multiprecision::cpp_int;
using Real = boost::multiprecision::cpp_dec_float_100;

constexpr Rounding kEveryRounding[] = {Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down};
constexpr Frequency kEveryFrequency[] = {Frequency::monthly, Frequency::semimonthly, Frequency::biweekly,
                                         Frequency::weekly,  Frequency::quarterly,   Frequency::semiannually,
                                         Frequency::yearly};
constexpr DayCount kEveryDayCount[] = {
    DayCount::actual_365, DayCount::actual_360,    DayCount::actual_actual, DayCount::actual_actual_excel,
    DayCount::thirty_360, DayCount::thirty_360_us, DayCount::thirty_e_360};

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

Real digits_of(const Exact &value) {
    return Real(numerator(value)) / Real(denominator(value));
}

/*
 * Level payments from what each period makes of a debt and of payments of 1, one by one from the last: after
 * period k a debt grows to `debt[k]` by the end, and the payments after it to `ones[k]`.
 */
class LevelOracle {
public:
    LevelOracle(Rounding rounding, const Exact &rate, const std::vector<Exact> &times)
        : rounding_(rounding), debt_(times.size() + 1, Real(1)), ones_(times.size() + 1, Real(0)) {
        for (std::size_t k = times.size(); k-- > 0;) {
            ones_[k] = ones_[k + 1] + debt_[k + 1];
            debt_[k] = debt_[k + 1] * digits_of(Exact(1 + rate * times[k]));
        }
    }

    /* The payment after period k that leaves the balloon; its own interest is none when it is discounted. */
    std::int64_t payment(std::size_t k, std::int64_t balance, std::int64_t balloon) const {
        return rounded(snapped((Real(balance) * debt_[k] - Real(balloon)) / ones_[k]), rounding_);
    }

private:
    Rounding rounding_;
    std::vector<Real> debt_;
    std::vector<Real> ones_;
};

/* Dates so many periods later: of months by the calendar, of half months on two days that take turns. */
Date later(Frequency frequency, Date date, int periods) {
    const auto months = [date](std::int64_t count) {
        return Date{static_cast<std::int32_t>(add_months(date, count))};
    };
    switch (frequency) {
    case Frequency::monthly:
        return months(periods);
    case Frequency::quarterly:
        return months(3 * periods);
    case Frequency::semiannually:
        return months(6 * periods);
    case Frequency::yearly:
        return months(12 * periods);
    case Frequency::weekly:
        return {date.days + periods * 7};
    case Frequency::biweekly:
        return {date.days + periods * 14};
    case Frequency::semimonthly:
        break;
    }
    Civil civil = civil_from_days(date.days);
    bool late = civil.day > 15;
    const int early_day = late ? civil.day - 15 : civil.day;
    for (int k = 0; k < std::abs(periods); ++k) {
        if (late == (periods > 0)) { // into another month
            civil.month += periods > 0 ? 1 : -1;
            if (civil.month == 0 || civil.month == 13) {
                civil.year += civil.month == 0 ? -1 : 1;
                civil.month = civil.month == 0 ? 12 : 1;
            }
        }
        late = !late;
    }
    civil.day = std::min(late ? early_day + 15 : early_day, days_in_month(civil.year, civil.month));
    return {static_cast<std::int32_t>(days_from_civil(civil))};
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

Exact fraction_of(DayCount count, Date from, Date to) {
    const YearFraction fraction = exact_year_fraction(count, from, to);
    return Exact(fraction.numerator, fraction.denominator);
}

/* The dates of a loan, worked out again: the start, and each payment's; none where there are none. */
struct Calendar {
    std::vector<Date> due; // from the start on
    Exact stretch;         // of the first period without a day count
};

Calendar calendar_of(const Loan &loan, int term) {
    const int a_year = payments_a_year(loan.frequency);
    const bool advance = loan.due == Due::begin;
    Calendar calendar{{}, advance ? Exact(0) : Exact(1, a_year)};
    if (!loan.start.given && !loan.first_payment.given) {
        return calendar;
    }
    const Date first = loan.first_payment.given ? loan.first_payment.date
                       : advance                ? loan.start.date
                                                : later(loan.frequency, loan.start.date, 1);
    const Date start = loan.start.given ? loan.start.date
                       : advance        ? first
                                        : later(loan.frequency, first, -1);
    /* Periods from the start to the first payment when it is on a date that is counted from the start. */
    int periods = loan.first_payment.given ? 0 : 1;
    if (!advance && loan.start.given && loan.first_payment.given) {
        for (int k = 1; k <= 5 * a_year; ++k) {
            periods = later(loan.frequency, start, k) == first ? k : periods;
        }
        int whole = periods;
        while (periods == 0 && later(loan.frequency, first, -(whole + 1)) >= start) {
            ++whole;
        }
        calendar.stretch = Exact(whole, a_year);
        if (periods == 0) {
            calendar.stretch += fraction_of(loan.odd_days, start, later(loan.frequency, first, -whole));
        }
    }
    calendar.due.push_back(start);
    for (int k = 0; k < term; ++k) {
        calendar.due.push_back(advance || periods == 0 ? later(loan.frequency, first, k)
                                                       : later(loan.frequency, start, k + periods));
    }
    return calendar;
}

/* Every figure of an amortization, worked out again in fractions; the level payment in a hundred digits. */
void expect_amortization(const Loan &loan) {
    const int a_year = payments_a_year(loan.frequency);
    const int term = loan.term == 0 ? longest_term(loan.frequency) : loan.term;
    const Exact rate = exact(loan.annual_rate);
    const Calendar calendar = calendar_of(loan, term);
    const bool dated = !calendar.due.empty();
    const bool level_by_days = loan.by_days && !loan.level_by_periods;
    const bool stretched = calendar.stretch > Exact(1, a_year);
    std::vector<Exact> times;
    for (int k = 1; k <= term; ++k) {
        const auto at = static_cast<std::size_t>(k);
        times.push_back(level_by_days ? fraction_of(loan.day_count, calendar.due[at - 1], calendar.due[at])
                        : k == 1      ? calendar.stretch
                                      : Exact(1, a_year));
    }
    const LevelOracle oracle(loan.rounding, rate, times);
    const auto level_after = [&](int period, std::int64_t balance) {
        return oracle.payment(static_cast<std::size_t>(std::max(period, loan.interest_only)), balance,
                              std::min(loan.balloon, balance));
    };
    const auto ceiling_at = [&](std::int64_t balance) {
        return level_by_days && !loan.payment_given
                   ? balance + rounded(Exact(balance) * rate / a_year, Rounding::down)
                   : 0;
    };
    std::int64_t level = loan.payment_given ? loan.payment : level_after(0, loan.principal);
    std::int64_t ceiling = ceiling_at(loan.principal);
    Result<Amortization> begun = begin_amortization(loan);
    ASSERT_TRUE(begun) << begun.error().message;
    ASSERT_EQ(begun->payment, level);

    std::int64_t balance = loan.principal;
    std::int64_t repaid = 0;
    int period = 0;
    AmortizationRow row{};
    while (true) {
        const Result<bool> more = next_row(*begun, row);
        if (more && !*more) {
            break;
        }
        ASSERT_GT(balance, 0) << "a loan that is repaid has no more rows";
        ++period;
        const auto at = static_cast<std::size_t>(period);
        std::int64_t left = balance;
        Exact interest = loan.by_days
                             ? Exact(0)
                             : Exact(balance) * rate * (period == 1 ? calendar.stretch : Exact(1, a_year));
        Date since = dated ? calendar.due[at - 1] : Date{};
        for (const DatedExtra &extra : loan.dated) {
            const bool within = extra.date <= calendar.due[at] &&
                                (extra.date > calendar.due[at - 1] || (period == 1 && extra.date == since));
            if (within) {
                interest +=
                    loan.by_days ? Exact(left) * rate * fraction_of(loan.day_count, since, extra.date) : 0;
                left -= std::min(extra.amount, left);
                since = extra.date;
            }
        }
        interest +=
            loan.by_days ? Exact(left) * rate * fraction_of(loan.day_count, since, calendar.due[at]) : 0;
        const std::int64_t due = rounded(interest, loan.rounding);
        const std::int64_t covered = level - due;
        std::int64_t principal = left;
        if (period < term && period <= loan.interest_only) {
            principal = 0;
        } else if (period < term && period == 1 && stretched) {
            principal = std::min(covered, left);
        } else if (period < term) {
            if (loan.payment_given && covered < 0) {
                ASSERT_FALSE(more);
                ASSERT_STREQ(more.error().message, "payment does not cover the interest");
                return;
            }
            principal = std::min(std::max(covered, std::min<std::int64_t>(left - ceiling, 0)), left);
        } else if (loan.term == 0 && covered < left) {
            ASSERT_FALSE(more);
            ASSERT_STREQ(more.error().message, "payment does not repay the loan in 40 years");
            return;
        }
        std::int64_t extra = balance - left;
        std::int64_t with_payment = loan.extra;
        for (const NumberedExtra &one : loan.numbered) {
            with_payment += one.number == period ? one.amount : 0;
        }
        extra += std::min(with_payment, left - principal);
        ASSERT_TRUE(more) << more.error().message;
        ASSERT_EQ(row.period, period);
        ASSERT_EQ(row.opening, balance);
        ASSERT_EQ(row.due.given, dated);
        if (dated) {
            ASSERT_EQ(row.due.date, calendar.due[at]);
        }
        ASSERT_EQ(row.interest, due);
        ASSERT_EQ(row.principal, principal);
        ASSERT_EQ(row.payment, due + principal);
        ASSERT_EQ(row.extra, extra);
        balance -= principal + extra;
        ASSERT_EQ(row.closing, balance);
        repaid += principal + extra;
        if (extra > 0 && balance > 0 && period < term && loan.extra_keeps == ExtraKeeps::term) {
            level = level_after(period, balance);
            ceiling = ceiling_at(balance);
        } else if (period == 1 && principal < 0) {
            ceiling = ceiling_at(balance);
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
        loan.frequency = kEveryFrequency[between(0, 6)];
        const std::int64_t longest = longest_term(loan.frequency);
        const std::int64_t most = between(0, 9) == 0 ? longest : std::min<std::int64_t>(longest, 84);
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
            loan.day_count = kEveryDayCount[between(0, 6)];
        }
        return loan;
    }

    /* With everything that a loan may have; its extras are this object's, until the next one. */
    Loan draw_any() {
        Loan loan = draw();
        loan.level_by_periods = between(0, 1) == 0;
        loan.odd_days = kEveryDayCount[between(0, 6)];
        if (between(0, 5) == 0) {
            loan.due = Due::begin;
            loan.first_payment.given = loan.first_payment.given && !loan.start.given;
        } else if (between(0, 4) == 0) {
            loan.interest_only = static_cast<std::int32_t>(between(0, loan.term - 1));
        }
        const bool dated = loan.start.given || loan.first_payment.given;
        if (between(0, 5) == 0) {
            loan.balloon = 0;
            loan.extra_keeps = ExtraKeeps::payment;
            loan.payment = std::max<std::int64_t>(*level_payment(loan) * between(95, 200) / 100, 1);
            loan.payment_given = true;
            loan.term = between(0, 1) == 0 ? 0 : loan.term;
        }
        numbered_.clear();
        dated_.clear();
        const std::int64_t payments = loan.term == 0 ? 60 : loan.term;
        const std::int64_t most = std::min<std::int64_t>(payments, longest_term(loan.frequency));
        for (auto i = between(-6, 4); i > 0; --i) {
            numbered_.push_back(
                {static_cast<std::int32_t>(between(1, most)), between(0, loan.principal / 3)});
        }
        if (dated) {
            const Amortization begun = *begin_amortization(loan);
            const std::int64_t days =
                std::max<std::int64_t>(most * 365 / payments_a_year(loan.frequency) - 400, 0);
            for (auto i = between(-6, 4); i > 0; --i) {
                dated_.push_back({{begun.loan.start.date.days + static_cast<std::int32_t>(between(0, days))},
                                  between(0, loan.principal / 3)});
            }
        }
        std::sort(numbered_.begin(), numbered_.end(),
                  [](const NumberedExtra &a, const NumberedExtra &b) { return a.number < b.number; });
        std::sort(dated_.begin(), dated_.end(),
                  [](const DatedExtra &a, const DatedExtra &b) { return a.date < b.date; });
        loan.numbered = numbered_;
        loan.dated = dated_;
        if (loan.balloon > 0) {
            loan.extra_keeps = ExtraKeeps::payment;
        }
        return loan;
    }

private:
    std::vector<NumberedExtra> numbered_;
    std::vector<DatedExtra> dated_;
    static constexpr std::int64_t kSizes[] = {1'000, 10'000'000, 100'000'000, kMaxLoanDigits};
    std::mt19937_64 engine_;
};

bool never() noexcept {
    return false;
}

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
    for (int i = 0; i < 4'000; ++i) {
        const Loan loan = random.draw_any();
        expect_amortization(loan);
        ASSERT_FALSE(testing::Test::HasFatalFailure())
            << i << ": " << loan.principal << " at " << to_text(loan.annual_rate).text << " over "
            << loan.term << " frequency " << static_cast<int>(loan.frequency) << " balloon " << loan.balloon
            << " extra " << loan.extra << " rounding " << static_cast<int>(loan.rounding);
    }
}

/* Whatever a loan has: rows follow each other, the parts add up, and in the end nothing is left. */
TEST(Amortization, PartsOfRandomLoansAddUp) {
    RandomLoans random(6);
    int refused = 0;
    int with_extras = 0;
    for (int i = 0; i < 100'000; ++i) {
        const Loan loan = random.draw_any();
        Result<Amortization> begun = begin_amortization(loan);
        ASSERT_TRUE(begun) << begun.error().message;
        std::int64_t balance = loan.principal;
        std::int64_t repaid = 0;
        std::int64_t payment = 0;
        std::int64_t interest = 0;
        std::int64_t principal = 0;
        std::int64_t extra = 0;
        std::int32_t period = 0;
        AmortizationRow row{};
        Result<bool> more = next_row(*begun, row);
        for (; more && *more; more = next_row(*begun, row)) {
            ASSERT_EQ(row.period, ++period);
            ASSERT_EQ(row.opening, balance);
            ASSERT_EQ(row.closing, row.opening - row.principal - row.extra);
            ASSERT_EQ(row.payment, row.interest + row.principal);
            ASSERT_GE(row.closing, 0);
            ASSERT_GE(row.extra, 0);
            ASSERT_GE(row.interest, 0);
            ASSERT_LE(row.principal, row.opening);
            balance = row.closing;
            payment += row.payment;
            interest += row.interest;
            principal += row.principal;
            extra += row.extra;
            repaid += row.principal + row.extra;
        }
        if (!more) {
            ASSERT_TRUE(loan.payment_given) << more.error().message;
            ++refused;
            continue;
        }
        ASSERT_LE(period, loan.term == 0 ? longest_term(loan.frequency) : loan.term);
        ASSERT_EQ(balance, 0) << i;
        ASSERT_EQ(repaid, loan.principal);
        ASSERT_EQ(payment, interest + principal);
        with_extras += extra > 0 ? 1 : 0;
    }
    EXPECT_LT(refused, 20'000);
    EXPECT_GT(with_extras, 20'000);
}

/* 12,000 at 7.9 % from 2027-03-10, 12 months by actual/365: all payments 1,043.56 but the last, 1,043.51;
 * worked out in fractions by Python. At 15 % over 360 months long months cost more than the payment, which
 * stays equal. */
TEST(Amortization, LevelByDaysIsLevel) {
    Loan loan = plain(1'200'000, decimal(79, 3), 12);
    loan.start = given(day(2027, 3, 10));
    loan.by_days = true;
    std::vector<AmortizationRow> rows = rows_of(loan);
    for (const AmortizationRow &row : rows) {
        EXPECT_EQ(row.payment, row.period == 12 ? 104'351 : 104'356);
    }
    loan.level_by_periods = true;
    EXPECT_EQ(*level_payment(loan), *level_payment(plain(1'200'000, decimal(79, 3), 12)));
    loan = plain(20'000'000, decimal(15, 2), 360);
    loan.start = given(day(2027, 7, 1));
    loan.by_days = true;
    rows = rows_of(loan);
    EXPECT_EQ(rows[0].principal, -1'632);
    EXPECT_EQ(rows[1].principal, -1'652);
    EXPECT_EQ(rows[2].principal, 6'547);
    for (const AmortizationRow &row : rows) {
        EXPECT_EQ(row.payment, row.period == 360 ? 251'092 : 253'163) << row.period;
    }
    expect_amortization(loan);
}

/* Half of the monthly payment every two weeks: 200,000 at 6 %, 300 months; by Python, in fractions. */
TEST(Amortization, AcceleratedBiweekly) {
    const std::int64_t monthly = *level_payment(plain(20'000'000, decimal(6, 2), 300));
    EXPECT_EQ(monthly, 128'860);
    Loan loan = plain(20'000'000, decimal(6, 2), 0);
    loan.frequency = Frequency::biweekly;
    loan.payment_given = true;
    loan.payment = monthly / 2;
    const std::vector<AmortizationRow> rows = rows_of(loan);
    std::int64_t interest = 0;
    for (const AmortizationRow &row : rows) {
        interest += row.interest;
    }
    EXPECT_EQ(rows.size(), 547U);
    EXPECT_EQ(rows.back().payment, 40'115);
    EXPECT_EQ(interest, 15'218'895);
}

/* 10,000 at 12 % over 12 months in advance: 879.69..., as PMT(0.01, 12, 10000, 0, 1); 20,000 at 6 % over 60,
 * the first 12 of interest alone: 100.00, then 469.70. */
TEST(Amortization, InAdvanceAndInterestOnly) {
    Loan loan = plain(1'000'000, decimal(12, 2), 12);
    loan.due = Due::begin;
    loan.start = given(day(2027, 1, 31));
    std::vector<AmortizationRow> rows = rows_of(loan);
    EXPECT_EQ(rows[0].payment, 87'969);
    EXPECT_EQ(rows[0].interest, 0);
    EXPECT_EQ(rows[0].due.date, day(2027, 1, 31));
    EXPECT_EQ(rows[1].due.date, day(2027, 2, 28));
    EXPECT_EQ(rows[11].due.date, day(2027, 12, 31));
    loan = plain(2'000'000, decimal(6, 2), 60);
    loan.interest_only = 12;
    rows = rows_of(loan);
    EXPECT_EQ(rows[11].payment, 10'000);
    EXPECT_EQ(rows[11].closing, 2'000'000);
    EXPECT_EQ(rows[12].payment, 46'970);
    EXPECT_EQ(rows.size(), 60U);
}

/* An extra on a date saves the interest of the days that are left of its period, where interest is by days.
 */
TEST(Amortization, ExtrasByDateAndNumber) {
    Loan loan = plain(1'000'000, decimal(365, 4), 12);
    loan.start = given(day(2027, 1, 1));
    const DatedExtra dated[] = {{day(2027, 1, 11), 100'000}};
    loan.dated = dated;
    EXPECT_EQ(rows_of(loan)[0].interest, 3'042);
    EXPECT_EQ(rows_of(loan)[0].extra, 100'000);
    loan.by_days = true;
    EXPECT_EQ(rows_of(loan)[0].interest, 10 * 100 + 21 * 90);
    const NumberedExtra numbered[] = {{2, 5'000}, {2, 1'000}, {12, 9'000}};
    loan.numbered = numbered;
    loan.extra = 700;
    EXPECT_EQ(rows_of(loan)[0].extra, 100'700);
    EXPECT_EQ(rows_of(loan)[1].extra, 6'700);
    expect_amortization(loan);
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

/* The factors' product takes 130 bits. The value is 8625137273713175.2766..., by fractions. */
TEST(Interest, OfTheLargestNumbersIsExact) {
    const YearFraction seven_years{2557 * 365 + 3, std::int64_t{365} * 366};
    const auto interest = [&](Rounding rounding) {
        return *interest_of(9'999'999'999'999'999, {123'456'789'012'345'678, 18}, seven_years, rounding);
    };
    EXPECT_EQ(interest(Rounding::half_up), 8'625'137'273'713'175);
    EXPECT_EQ(interest(Rounding::down), 8'625'137'273'713'175);
    EXPECT_EQ(interest(Rounding::up), 8'625'137'273'713'176);
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
            loan->level_by_periods = true;
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

/* Half months take turns between a day and the one 15 days away, and come back after short months. */
TEST(Amortization, DueDatesOfEachFrequency) {
    const struct {
        Frequency frequency;
        Date first;
        Date later[4];
    } cases[] = {
        {Frequency::semimonthly,
         day(2027, 1, 15),
         {day(2027, 1, 30), day(2027, 2, 15), day(2027, 2, 28), day(2027, 3, 15)}},
        {Frequency::semimonthly,
         day(2027, 1, 31),
         {day(2027, 2, 16), day(2027, 2, 28), day(2027, 3, 16), day(2027, 3, 31)}},
        {Frequency::semimonthly,
         day(2027, 12, 16),
         {day(2028, 1, 1), day(2028, 1, 16), day(2028, 2, 1), day(2028, 2, 16)}},
        {Frequency::quarterly,
         day(2027, 8, 31),
         {day(2027, 11, 30), day(2028, 2, 29), day(2028, 5, 31), day(2028, 8, 31)}},
        {Frequency::semiannually,
         day(2027, 8, 31),
         {day(2028, 2, 29), day(2028, 8, 31), day(2029, 2, 28), day(2029, 8, 31)}},
        {Frequency::yearly,
         day(2028, 2, 29),
         {day(2029, 2, 28), day(2030, 2, 28), day(2031, 2, 28), day(2032, 2, 29)}},
    };
    for (const auto &one : cases) {
        Loan loan = plain(1'000'000, decimal(6, 2), 5);
        loan.frequency = one.frequency;
        loan.first_payment = given(one.first);
        const std::vector<AmortizationRow> rows = rows_of(loan);
        for (std::size_t k = 0; k < 4; ++k) {
            EXPECT_EQ(rows[k + 1].due.date, one.later[k]) << static_cast<int>(one.frequency) << " " << k;
        }
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
    loan = sound;
    loan.interest_only = 12;
    expect_bad(loan, "interest-only payments must be at least 0 and fewer than all");
    loan.interest_only = 11;
    ASSERT_TRUE(begin_amortization(loan));
    loan.due = Due::begin;
    expect_bad(loan, "interest-only payments do not go with payments in advance");
    loan = sound;
    loan.due = Due::begin;
    loan.start = given(day(2024, 1, 1));
    loan.first_payment = given(day(2024, 1, 1));
    ASSERT_TRUE(begin_amortization(loan));
    loan.first_payment = given(day(2024, 1, 2));
    expect_bad(loan, "payments in advance begin on the start date");
    loan = sound;
    loan.payment_given = true;
    expect_bad(loan, "payment must be greater than 0");
    loan.payment = 1'000;
    loan.balloon = 1;
    expect_bad(loan, "a given payment does not go with a balloon");
    loan.balloon = 0;
    loan.extra = 1;
    loan.extra_keeps = ExtraKeeps::term;
    expect_bad(loan, "a given payment does not go with extra payments that keep the term");
    loan = sound;
    const NumberedExtra numbered[] = {{1, 5}, {13, 5}};
    loan.numbered = numbered;
    expect_bad(loan, "number of an extra payment must be between 1 and 12");
    loan = sound;
    DatedExtra dated[] = {{day(2024, 1, 1), 5}};
    loan.dated = dated;
    expect_bad(loan, "extra payments on a date need the dates of the loan");
    loan.start = given(day(2024, 1, 1));
    ASSERT_TRUE(begin_amortization(loan));
    loan.start = given(day(2024, 1, 2));
    expect_bad(loan, "extra payments must be from the start date to the last payment");
    dated[0].date = day(2025, 1, 2);
    ASSERT_TRUE(begin_amortization(loan));
    dated[0].date = day(2025, 1, 3);
    expect_bad(loan, "extra payments must be from the start date to the last payment");
}

TEST(Payoff, BetweenDueDates) {
    RandomLoans random(2);
    int asked = 0;
    for (int i = 0; i < 1'000; ++i) {
        Loan loan = random.draw_any();
        if (!loan.start.given || loan.payment_given) {
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
        Exact balance_days = 0;
        Date since = from;
        for (const DatedExtra &extra : loan.dated) {
            if (extra.date <= on && (paid == 0 || extra.date > from)) {
                balance_days += Exact(balance) * (extra.date.days - since.days);
                balance -= std::min(extra.amount, balance);
                since = extra.date;
            }
        }
        balance_days += Exact(balance) * (on.days - since.days);
        const bool by_360 = loan.by_days && has_360_days(loan.day_count);
        const Exact rate = exact(loan.annual_rate) / (by_360 ? 360 : 365);
        const Exact daily = Exact(balance) * rate;
        const Result<Payoff> payoff = payoff_on(loan, on, decimal(1, 2), never);
        ASSERT_TRUE(payoff) << payoff.error().message;
        ASSERT_EQ(payoff->paid_periods, paid);
        ASSERT_EQ(payoff->balance, balance);
        ASSERT_EQ(payoff->accrued_from, from);
        ASSERT_EQ(payoff->days, on.days - from.days);
        ASSERT_EQ(static_cast<std::int64_t>(payoff->per_diem_millionths),
                  rounded(daily * 10'000, Rounding::half_up));
        ASSERT_EQ(payoff->interest, rounded(balance_days * rate, loan.rounding));
        ASSERT_EQ(payoff->payoff, payoff->balance + payoff->interest);
    }
    EXPECT_GT(asked, 200);
    Loan loan = plain(10'000, decimal(1, 1), 12);
    EXPECT_STREQ(payoff_on(loan, day(2024, 1, 1), decimal(1, 2), never).error().message,
                 "a payoff needs dates");
    loan.start = given(day(2024, 1, 2));
    EXPECT_FALSE(payoff_on(loan, day(2024, 1, 1), decimal(1, 2), never));
    EXPECT_TRUE(payoff_on(loan, day(2024, 1, 2), decimal(1, 2), never));
    EXPECT_EQ(payoff_on(loan, day(2024, 3, 2), decimal(1, 2), []() noexcept { return true; }).error().kind,
              ErrorKind::cancelled);
    /* The largest loan of whole units at the highest rate: a day's interest has 21 digits. */
    loan = plain(kMaxLoanDigits, decimal(10), 12);
    loan.start = given(day(2024, 1, 1));
    const Payoff largest = *payoff_on(loan, day(2024, 1, 2), decimal(1), never);
    EXPECT_EQ(largest.per_diem_millionths, (Int128{kMaxLoanDigits} * 10'000'000 * 2 / 365 + 1) / 2);
    EXPECT_EQ(largest.interest, 2'739'726'027'397);
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
