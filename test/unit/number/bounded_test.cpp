/*
 * The true value of every formula in doubles must lie within its stated error, and the error must be small
 * enough to be of use.
 */
#include <cmath>

#include <gtest/gtest.h>

#include "core/deal/formula.hpp"
#include "core/number/line.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"

namespace tradeup {

using oracle::Real;

bool holds(Bounded bounded, const Real &truth) {
    return abs(Real(bounded.value) - truth) <= Real(bounded.error) * Real(kBoundSlack);
}

Decimal random_decimal(RandomTerms &random) {
    const std::int64_t size = kPowersOfTen[static_cast<std::size_t>(random.between(1, 18))];
    return {random.between(1 - size, size - 1), random.between(0, kMaxScale)};
}

TEST(Bounded, ConversionOfDecimals) {
    RandomTerms random(1);
    for (int i = 0; i < 100'000; ++i) {
        const Decimal number = random_decimal(random);
        ASSERT_TRUE(holds(bounded(number), oracle::real(number))) << to_text(number).text;
    }
}

TEST(Bounded, RandomFormulasContainTheTruth) {
    RandomTerms random(2);
    for (int i = 0; i < 20'000; ++i) {
        const Decimal first = random_decimal(random);
        Bounded b = bounded(first);
        Real truth = oracle::real(first);
        for (int step = 0; step < 20; ++step) {
            const Decimal next = random_decimal(random);
            const Real other = oracle::real(next);
            switch (random.between(0, 3)) {
            case 0:
                b = b + bounded(next);
                truth += other;
                break;
            case 1:
                b = b - bounded(next);
                truth -= other;
                break;
            case 2:
                b = b * bounded(next);
                truth *= other;
                break;
            default:
                if (next.coefficient != 0) {
                    b = b / bounded(next);
                    truth /= other;
                }
            }
            if (!(std::fabs(b.value) < 1e200) || std::fabs(b.value) < 1e-200) {
                break; // beyond what the formulas of an offer can reach
            }
            ASSERT_TRUE(holds(b, truth)) << i << " step " << step;
        }
    }
}

/* Exact operands, so that nothing but the operation's own rounding is within the error. */
TEST(Bounded, EachOperationCountsItsOwnRounding) {
    RandomTerms random(7);
    for (int i = 0; i < 10'000; ++i) {
        const auto a = static_cast<double>(random.between(-9'007'199'254'740'992, 9'007'199'254'740'992));
        const auto b = static_cast<double>(random.between(1, 9'007'199'254'740'992));
        ASSERT_TRUE(holds(whole(a) + whole(b), Real(a) + b));
        ASSERT_TRUE(holds(whole(a) - whole(b), Real(a) - b));
        ASSERT_TRUE(holds(whole(a) * whole(b), Real(a) * b));
        ASSERT_TRUE(holds(whole(a) / whole(b), Real(a) / b));
        const double x = random.spread(1e-12, 100) * (i % 2 == 0 ? 1 : -0.009);
        ASSERT_TRUE(holds(log1p(whole(x)), log(1 + Real(x)))) << x;
        ASSERT_TRUE(holds(expm1(whole(x)), exp(Real(x)) - 1)) << x;
    }
}

/* Inexact operands: the result must hold what both ends of their intervals lead to. */
TEST(Bounded, EachOperationCarriesItsOperandsErrors) {
    RandomTerms random(8);
    for (int i = 0; i < 10'000; ++i) {
        const Bounded a{random.spread(1e-6, 10) * (i % 2 == 0 ? 1 : -0.09), random.spread(1e-12, 1e-7)};
        const Bounded b{random.spread(1e-3, 1e3), random.spread(1e-12, 1e-4)};
        for (const int left : {-1, 1}) {
            for (const int right : {-1, 1}) {
                const Real x = Real(a.value) + left * Real(a.error);
                const Real y = Real(b.value) + right * Real(b.error);
                ASSERT_TRUE(holds(a + b, x + y));
                ASSERT_TRUE(holds(a - b, x - y));
                ASSERT_TRUE(holds(a * b, x * y));
                ASSERT_TRUE(holds(a / b, x / y));
                ASSERT_TRUE(holds(log1p(a), log(1 + x)));
                ASSERT_TRUE(holds(expm1(a), exp(x) - 1));
            }
        }
    }
}

TEST(Bounded, DivisorThatMayBeZeroIsNeverTrusted) {
    EXPECT_TRUE(std::isinf((whole(1) / Bounded{1e-20, 1e-19}).error));
    EXPECT_FALSE((whole(0) / whole(0)).error < 1);
}

/* -2/3, with its sign above, where comparisons look for it. */
TEST(Ratio, QuotientsHaveTheirSignAbove) {
    const Ratio quotient = Ratio{1, 2} / Ratio{-3, 4};
    EXPECT_EQ(quotient.numerator * 3, quotient.denominator * -2);
    EXPECT_GT(quotient.denominator, 0);
}

TEST(Bounded, AnnuityAtEveryRateAndTerm) {
    RandomTerms random(3);
    for (int i = 0; i < 30'000; ++i) {
        const Decimal rate = i % 3 == 0   ? RandomTerms::cut(random.spread(1e-18, 1e-9), 18)
                             : i % 3 == 1 ? RandomTerms::cut(random.spread(1e-9, 2), 18)
                                          : RandomTerms::cut(random.spread(0.1, 10), 4);
        const Decimal tax = random.share(1);
        const auto n = static_cast<int>(random.between(1, 480));
        const Real q = oracle::real(rate) * (1 + oracle::real(tax)) / 12;
        const Bounded f = annuity(monthly_rate<Bounded>(rate, tax), n);
        ASSERT_TRUE(holds(f, oracle::annuity(q, n)))
            << to_text(rate).text << " " << to_text(tax).text << " " << n;
        ASSERT_LT(f.error, 1e-14 * f.value) << to_text(rate).text << " " << n;
    }
}

TEST(Bounded, AnnuityWithoutInterestIsTheShareOfAMonth) {
    for (int n = 1; n <= 480; ++n) {
        const Bounded f = annuity(monthly_rate<Bounded>(Decimal{}, decimal(16, 2)), n);
        EXPECT_EQ(f.value, 1.0 / n);
        EXPECT_EQ(annuity(monthly_rate<Ratio>(Decimal{}, decimal(16, 2)), n).denominator, n);
    }
}

TEST(Bounded, ExactAnnuityIsTheOracles) {
    RandomTerms random(4);
    for (int i = 0; i < 300; ++i) {
        const Decimal rate = random.annual_rate();
        const Decimal tax = random.share(0.2);
        const auto n = static_cast<int>(random.between(1, 120));
        const Ratio f = annuity(monthly_rate<Ratio>(rate, tax), n);
        const Real q = oracle::real(rate) * (1 + oracle::real(tax)) / 12;
        ASSERT_TRUE(oracle::same(Real(f.numerator) / Real(f.denominator), oracle::annuity(q, n)))
            << to_text(rate).text;
    }
}

TEST(Bounded, ExactInterestNpvIsTheOracles) {
    RandomTerms random(9);
    for (int i = 0; i < 100; ++i) {
        const Decimal rate = random.annual_rate();
        const Decimal tax = random.share(0.2);
        const auto n = static_cast<int>(random.between(1, 60));
        const Ratio npv = interest_npv_factor_exact(rate, tax, n);
        const Real truth = oracle::interest_npv(1, oracle::real(rate), oracle::real(tax), n);
        ASSERT_TRUE(oracle::same(Real(npv.numerator) / Real(npv.denominator), truth))
            << to_text(rate).text << " " << n;
    }
}

TEST(Bounded, LineCountsItsOwnRounding) {
    RandomTerms random(10);
    for (int i = 0; i < 10'000; ++i) {
        const Line line{random.spread(1e-6, 10), -random.spread(1e-3, 1e12), 0, 0};
        const std::int64_t price = random.between(1, kMaxPriceMinor);
        ASSERT_TRUE(holds(value_at(line, price), Real(line.slope) * price + Real(line.intercept)));
    }
}

TEST(Bounded, InterestNpvContainsTheTruth) {
    RandomTerms random(5);
    for (int i = 0; i < 1000; ++i) {
        const Decimal rate = i % 2 == 0 ? random.annual_rate() : RandomTerms::cut(random.spread(1, 10), 3);
        const Decimal tax = random.share(1);
        const auto n = static_cast<int>(random.between(1, 480));
        const Real truth = oracle::interest_npv(1, oracle::real(rate), oracle::real(tax), n);
        ASSERT_TRUE(holds(interest_npv_factor(rate, tax, n), truth)) << to_text(rate).text << " " << n;
    }
}

TEST(Bounded, InterestNpvIsAccurateFromOnePercentOn) {
    RandomTerms random(6);
    for (int i = 0; i < 1000; ++i) {
        const Decimal rate = RandomTerms::cut(random.spread(0.01, 10), 4);
        const Decimal tax = random.share(1);
        const auto n = static_cast<int>(random.between(1, 480));
        const Real truth = oracle::interest_npv(1, oracle::real(rate), oracle::real(tax), n);
        const double relative =
            (Real(interest_npv_factor(rate, tax, n).value) / truth - 1).convert_to<double>();
        ASSERT_LT(std::fabs(relative), 1e-12) << to_text(rate).text << " " << n;
    }
}

/* Loan, yearly rate, months and the net present value of the audited engine (tax 16 percent). */
TEST(Bounded, InterestNpvOfTheReference) {
    struct Row {
        double loan;
        Decimal rate;
        int months;
        double npv;
    };
    const Row rows[] = {{20454.47, decimal(2549, 4), 24, 5656.616678744908},
                        {609282.41, decimal(3049, 4), 13, 117601.25632081564},
                        {11891.93, decimal(2399, 4), 8, 1203.697615710208}};
    for (const Row &row : rows) {
        EXPECT_NEAR(interest_npv(row.loan, row.rate, decimal(16, 2), row.months), row.npv, 1e-10 * row.npv);
    }
    EXPECT_EQ(interest_npv(1000, Decimal{}, decimal(16, 2), 12), 0);
    EXPECT_EQ(interest_npv(0, decimal(2, 1), decimal(16, 2), 12), 0);
}

} // namespace tradeup
