/*
 * Returns of cash flows: roots that are known beforehand, properties over random flows, and the flows on
 * which iterations from a guess go astray.
 */
#include "core/finance/day_sum.hpp"
#include "core/finance/flows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace tradeup {
namespace {

using Amounts = std::vector<double>;

bool never() noexcept {
    return false;
}

/* Stops a search at its n-th question. */
int questions_left = 0;
bool when_used_up() noexcept {
    return --questions_left < 0;
}

class Random {
public:
    explicit Random(std::uint64_t seed) : bits_(seed) {}
    double between(double low, double high) {
        return low + (high - low) * static_cast<double>(bits_() >> 11) * 0x1p-53;
    }
    int whole(int low, int high) { return low + static_cast<int>(bits_() % std::uint64_t(high - low + 1)); }

    Amounts amounts(int most) {
        Amounts amounts(static_cast<std::size_t>(whole(2, most)));
        for (double &amount : amounts) {
            amount = whole(0, 4) == 0 ? 0 : std::round(between(-1e5, 1e5));
        }
        return amounts;
    }

private:
    std::mt19937_64 bits_;
};

Answer irr(const Amounts &amounts) {
    return rate_of_return(amounts, never).value();
}

Amounts irr_all(const Amounts &amounts) {
    const Rates rates = rates_of_return(amounts, never).value();
    return {rates.at, rates.at + rates.count};
}

/* The worth at a rate against the magnitudes of its terms, in units of what the rate's own rounding does. */
double residual(const Amounts &amounts, double rate) {
    Wide sum = 0;
    Wide moved = 0;
    const Wide force = std::log1p(Wide{rate});
    const Wide step =
        (std::nextafter(std::fabs(rate), 2 * std::fabs(rate) + 1) - std::fabs(rate)) / (1 + Wide{rate});
    for (std::size_t j = 0; j < amounts.size(); ++j) {
        const Wide term = amounts[j] * std::exp(-force * static_cast<Wide>(j));
        sum += term;
        moved += std::fabs(term) *
                 (static_cast<Wide>(j) * step + 0x1p-60L * static_cast<Wide>(1 + amounts.size()));
    }
    return static_cast<double>(std::fabs(sum) / moved);
}

int sign_changes(const Amounts &amounts) {
    int changes = 0;
    double last = 0;
    for (const double amount : amounts) {
        changes += amount * last < 0 ? 1 : 0;
        last = amount != 0 ? amount : last;
    }
    return changes;
}

/* The worth just above a root has the sign that the first flow has: the root is of the direction that counts.
 */
bool is_of_the_first_flow(const Amounts &amounts, double rate) {
    const double first = *std::find_if(amounts.begin(), amounts.end(), [](double a) { return a != 0; });
    Wide slope = 0; // of the worth compounded to the last flow, at a root
    for (std::size_t j = 0; j < amounts.size(); ++j) {
        slope -= amounts[j] * static_cast<Wide>(j) * std::exp(-std::log1p(Wide{rate}) * static_cast<Wide>(j));
    }
    return (slope > 0) == (first > 0);
}

TEST(Flows, EveryRateFoundIsARoot) {
    Random random(1);
    int found = 0;
    int several = 0;
    for (int i = 0; i < 3000; ++i) {
        const Amounts amounts = random.amounts(24);
        const Amounts all = irr_all(amounts);
        const Answer one = irr(amounts);
        ASSERT_EQ(one.has_value(), !all.empty()) << ::testing::PrintToString(amounts);
        ASSERT_LE(all.size(), sign_changes(amounts));
        if (sign_changes(amounts) <= kMostSignChanges) {
            /* The worth far below and far above zero tells whether the number of roots is odd. */
            ASSERT_EQ(all.size() % 2, sign_changes(amounts) % 2) << ::testing::PrintToString(amounts);
        }
        if (!one) {
            continue;
        }
        ++found;
        several += all.size() > 1 ? 1 : 0;
        ASSERT_TRUE(std::is_sorted(all.begin(), all.end()));
        for (const double rate : all) {
            EXPECT_LE(residual(amounts, rate), 2) << rate << ' ' << ::testing::PrintToString(amounts);
            if (is_of_the_first_flow(amounts, rate)) {
                EXPECT_LE(std::fabs(std::log1p(*one)), std::fabs(std::log1p(rate)) * (1 + 1e-9))
                    << *one << ' ' << ::testing::PrintToString(amounts);
            }
        }
        EXPECT_TRUE(is_of_the_first_flow(amounts, *one)) << ::testing::PrintToString(amounts);
        EXPECT_TRUE(is_of_the_first_flow(amounts, all.back())) << ::testing::PrintToString(amounts);
        EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](double rate) {
            return std::fabs(rate - *one) <= 1e-12 * (1 + std::fabs(rate));
        }));
    }
    EXPECT_GT(found, 2000);
    EXPECT_GT(several, 200);
}

/* Between two roots the worth has one sign, beyond them the other: compared at points on both sides. */
TEST(Flows, EveryRateFoundIsAChangeOfSign) {
    Random random(2);
    for (int i = 0; i < 2000; ++i) {
        const Amounts amounts = random.amounts(12);
        const Amounts all = irr_all(amounts);
        if (all.empty()) {
            continue;
        }
        std::vector<double> factors; // 1 + rate, between and beside the roots
        factors.push_back((1 + all.front()) * 0.999);
        for (std::size_t k = 1; k < all.size(); ++k) {
            factors.push_back(std::sqrt((1 + all[k - 1]) * (1 + all[k])));
        }
        factors.push_back((1 + all.back()) * 1.001);
        double last = 0;
        for (const double factor : factors) {
            double worth = 0; // compounded to the last flow, so that it does not overflow
            for (const double amount : amounts) {
                worth = worth * factor + amount;
            }
            EXPECT_LE(worth * last, 0) << factor << ' ' << ::testing::PrintToString(amounts);
            last = worth;
        }
    }
}

Amounts from_roots(const std::vector<Wide> &rates, const std::vector<Wide> &negative) {
    std::vector<Wide> product{1};
    const auto multiply = [&](Wide by) { // by 1 + by v
        product.push_back(0);
        for (std::size_t j = product.size() - 1; j > 0; --j) {
            product[j] += by * product[j - 1];
        }
    };
    for (const Wide rate : rates) {
        multiply(-(1 + rate));
    }
    for (const Wide by : negative) {
        multiply(by);
    }
    Amounts amounts;
    for (const Wide value : product) {
        amounts.push_back(static_cast<double>(value));
    }
    return amounts;
}

TEST(Flows, KnownRootsAreFound) {
    Random random(3);
    for (int i = 0; i < 2000; ++i) {
        std::vector<Wide> rates;
        Wide growth = random.between(0.05, 0.9);
        for (int k = random.whole(1, 8); k > 0; --k) {
            rates.push_back(growth - 1);
            growth *= random.between(1.5, 3);
        }
        std::vector<Wide> negative; // roots at rates below -1, which do not count
        for (int k = random.whole(0, 3); k > 0; --k) {
            negative.push_back(random.between(0.1, 3));
        }
        const Amounts amounts = from_roots(rates, negative);
        const Amounts found = irr_all(amounts);
        ASSERT_EQ(found.size(), rates.size()) << ::testing::PrintToString(amounts);
        /* From the largest root down every other one is of the first flow's direction. */
        Wide nearest = rates.back();
        for (std::size_t k = 0; k < rates.size(); ++k) {
            EXPECT_NEAR(found[k], rates[k], 1e-9 * (1 + rates[k])) << ::testing::PrintToString(amounts);
            if ((rates.size() - 1 - k) % 2 == 0 &&
                std::fabs(std::log1p(rates[k])) < std::fabs(std::log1p(nearest))) {
                nearest = rates[k];
            }
        }
        EXPECT_NEAR(*irr(amounts), nearest, 1e-9 * (1 + nearest)) << ::testing::PrintToString(amounts);
    }
}

TEST(Flows, ManyKnownRoots) {
    for (const int count : {12, 16, 18, 24}) { // the last two are beyond kMostSignChanges
        std::vector<Wide> rates;
        for (int k = 1; k <= count; ++k) {
            rates.push_back(std::exp2(Wide(k)) - 1);
        }
        const Amounts amounts = from_roots(rates, {});
        ASSERT_EQ(sign_changes(amounts), count);
        const Amounts found = irr_all(amounts);
        ASSERT_EQ(found.size(), rates.size());
        for (std::size_t k = 0; k < rates.size(); ++k) {
            EXPECT_NEAR(found[k], rates[k], 1e-9 * (1 + rates[k]));
        }
        EXPECT_NEAR(*irr(amounts), 3,
                    1e-9); // of 1, 3, 7, ... the nearest that is an even number of roots below the last
    }
}

TEST(Flows, ScaleDoesNotMatter) {
    Random random(4);
    for (int i = 0; i < 2000; ++i) {
        const Amounts amounts = random.amounts(20);
        const Answer rate = irr(amounts);
        for (const double by : {0x1p-500, 0x1p500, -1.0, 1e-150, 1e150}) {
            Amounts scaled = amounts;
            for (double &amount : scaled) {
                amount *= by;
            }
            const Answer other = irr(scaled);
            ASSERT_EQ(rate.has_value(), other.has_value()) << by << ::testing::PrintToString(amounts);
            if (rate && by != 1e-150 && by != 1e150) { // exact scaling
                EXPECT_EQ(*rate, *other) << by << ::testing::PrintToString(amounts);
            } else if (rate) {
                EXPECT_NEAR(*rate, *other, 1e-9 * (1 + std::fabs(*rate)))
                    << ::testing::PrintToString(amounts);
            }
        }
    }
}

TEST(Flows, YearlyDatesAreThePeriods) {
    Random random(5);
    for (int i = 0; i < 2000; ++i) {
        const Amounts amounts = random.amounts(20);
        std::vector<Flow> flows;
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            flows.push_back({amounts[j], static_cast<Wide>(j)});
        }
        const Answer periodic = irr(amounts);
        const Answer dated = rate_of_return(flows, never).value();
        ASSERT_EQ(periodic.has_value(), dated.has_value()) << ::testing::PrintToString(amounts);
        if (periodic) {
            EXPECT_NEAR(*periodic, *dated, 1e-12 * (1 + std::fabs(*periodic)))
                << ::testing::PrintToString(amounts);
        }
        const Rates all = rates_of_return(flows, never).value();
        const Amounts of_periods = irr_all(amounts);
        ASSERT_EQ(static_cast<std::size_t>(all.count), of_periods.size())
            << ::testing::PrintToString(amounts);
        for (int k = 0; k < all.count; ++k) {
            EXPECT_NEAR(all.at[k], of_periods[static_cast<std::size_t>(k)],
                        1e-9 * (1 + std::fabs(all.at[k])));
        }
        const double rate = random.between(-0.5, 1);
        double size = 0;
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            size += std::fabs(amounts[j]) * std::pow(1 + rate, -static_cast<double>(j));
        }
        EXPECT_NEAR(net_present_value(rate, amounts, 0).value(),
                    net_present_value(rate, flows, never).value(), 1e-15 * size);
        EXPECT_NEAR(net_present_value(rate, amounts, 1).value() * (1 + rate),
                    net_present_value(rate, amounts, 0).value(), 1e-15 * size);
    }
}

TEST(Flows, ModifiedAtTheReturnIsTheReturn) {
    Random random(6);
    int compared = 0;
    for (int i = 0; i < 3000; ++i) {
        const Amounts amounts = random.amounts(20);
        const Answer rate = irr(amounts);
        if (rate) {
            const Answer modified = modified_rate(amounts, *rate, *rate).value();
            ASSERT_TRUE(modified);
            EXPECT_NEAR(*modified, *rate, 1e-12 * (1 + std::fabs(*rate)))
                << ::testing::PrintToString(amounts);
            ++compared;
        }
    }
    EXPECT_GT(compared, 2000);
    EXPECT_FALSE(*modified_rate(Amounts{}, 0.1, 0.1));
    EXPECT_FALSE(*modified_rate(Amounts{-1}, 0.1, 0.1));
    EXPECT_FALSE(*modified_rate(Amounts{1, 2}, 0.1, 0.1));
    EXPECT_FALSE(*modified_rate(Amounts{-1, -2}, 0.1, 0.1));
    EXPECT_NEAR(*modified_rate(Amounts{-100, 0, 121}, 0.5, 0.5).value(), 0.1, 1e-15);
}

TEST(Flows, NoRate) {
    for (const Amounts &amounts :
         {Amounts{}, Amounts{0}, Amounts{0, 0, 0}, Amounts{-1}, Amounts{5}, Amounts{1, 2, 3},
          Amounts{-1, 0, -1}, Amounts{1, -1, 1}, Amounts{100, -10, 100}}) {
        EXPECT_FALSE(irr(amounts)) << ::testing::PrintToString(amounts);
        EXPECT_TRUE(irr_all(amounts).empty()) << ::testing::PrintToString(amounts) << irr_all(amounts).size();
    }
}

std::vector<Flow> dated(const Amounts &amounts, const std::vector<int> &days) {
    std::vector<Flow> flows;
    for (std::size_t j = 0; j < amounts.size(); ++j) {
        flows.push_back({amounts[j], static_cast<Wide>(days[j]) / 365});
    }
    return flows;
}

TEST(Flows, OfSeveralRatesTheOneOfTheFirstFlow) {
    /* Bought, sold two months later, a small fee after that: not the loss of everything that also solves it.
     */
    const std::vector<Flow> trade = dated({-11415.93, 14788.63, -120.10}, {0, 59, 114});
    EXPECT_NEAR(*rate_of_return(trade, never).value(), 3.766052, 5e-7);
    const Rates both = rates_of_return(trade, never).value();
    ASSERT_EQ(both.count, 2);
    EXPECT_LT(both.at[0], -0.99);
    EXPECT_EQ(both.at[1], *rate_of_return(trade, never).value());
    /* The same for who received first. */
    EXPECT_EQ(*rate_of_return(dated({11415.93, -14788.63, 120.10}, {0, 59, 114}), never).value(), both.at[1]);
    EXPECT_NEAR(*irr({-1000, 2300, -1320}), 0.2, 1e-13);
    EXPECT_NEAR(*irr({1000, -2300, 1320}), 0.2, 1e-13);
    EXPECT_NEAR(*irr({0, 0, -1000, 2300, -1320}), 0.2, 1e-13);
    /* Distance is of growth: -0.4 is farther than 0.5, since 1 / 0.6 is more than 1.5; and 1 / 0.7 is less.
     */
    EXPECT_NEAR(*irr(from_roots({-0.4L, 0, 0.5L}, {})), 0.5, 1e-12);
    EXPECT_NEAR(*irr(from_roots({-0.3L, 0, 0.5L}, {})), -0.3, 1e-12);
    /* Equally near: the positive one. */
    EXPECT_NEAR(*irr(from_roots({-0.5L, 0.1L, 1}, {})), 1, 1e-12);
    EXPECT_NEAR(*irr(from_roots({-0.2L, 0, 0.25L}, {1})), 0.25, 1e-12);
}

TEST(Flows, ARateThatOnlyTouchesCountsWhenThereIsNoOther) {
    EXPECT_EQ(*irr({1, -2, 1}), 0);
    EXPECT_EQ(*irr({-1, 2, -1}), 0);
    EXPECT_EQ(irr_all({1, -2, 1}), Amounts{0});
    EXPECT_NEAR(*irr({1, -4, 6, -4, 1}), 0, 1e-6);
    EXPECT_EQ(irr_all({1, -4, 6, -4, 1}).size(), 1U);
    EXPECT_NEAR(*irr({-100, 220, -121}), 0.1, 1e-15);
    EXPECT_NEAR(*irr({-100, 160, -64}), -0.2, 1e-15);
    EXPECT_NEAR(*irr({-1000.1, 2200.22, -1210.121}), 0.1, 2e-8); // as far as doubles hold it
    EXPECT_NEAR(*rate_of_return(dated({-100, 220, -121}, {0, 365, 730}), never).value(), 0.1, 1e-15);
    /* Nearly touching is not touching: in one case two rates, in the other none. */
    EXPECT_EQ(irr_all({-100, 220.000001, -121}).size(), 2U);
    EXPECT_TRUE(irr_all({-100, 219.999999, -121}).empty());
    /* (1 - v)^2 (1 - 1.5 v): it crosses at 0.5, and that counts, though it touches nearer to zero. */
    EXPECT_NEAR(*irr(from_roots({0, 0, 0.5L}, {})), 0.5, 1e-13);
    const Amounts all = irr_all(from_roots({0, 0, 0.5L}, {}));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_NEAR(all[0], 0, 1e-13);
    EXPECT_NEAR(all[1], 0.5, 1e-13);
    EXPECT_EQ(irr_all({1, -3, 3, -1}).size(), 1U); // a threefold root crosses once
}

TEST(Flows, SumsOfOneDate) {
    const auto total = [](const Amounts &amounts) {
        DaySum sum = DaySum::of(amounts[0]);
        for (std::size_t j = 1; j < amounts.size(); ++j) {
            sum.add(DaySum::of(amounts[j]));
        }
        return sum.total();
    };
    EXPECT_EQ(*total({1e308, 1e308, -1.5e308}), 1e308 + (1e308 - 1.5e308));
    EXPECT_EQ(*total({1e308, 1e308, 1e308, -1e308, -1e308, -1e308, 5}), 0); // within the rounding of 1e308
    EXPECT_EQ(*total({5e-324}), 5e-324);
    EXPECT_EQ(*total({0.1, 0.2, -0.3}), 0);
    EXPECT_EQ(*total({1e16, 3, -1e16, 64}), 67);
    EXPECT_EQ(total({1e308, 1e308}).error().kind, ErrorKind::out_of_range);
    EXPECT_EQ(total({-1e308, -1e308}).error().kind, ErrorKind::out_of_range);
    /* Flows of one time. */
    const std::vector<int> days{0, 0, 0, 365};
    EXPECT_NEAR(*rate_of_return(dated({1e308, 1e308, -1.7e308, -3.3e307}, days), never).value(), 0.1, 1e-9);
    EXPECT_EQ(rate_of_return(dated({1e308, 1e308, 1e308, -1}, days), never).error().kind,
              ErrorKind::out_of_range);
    EXPECT_EQ(rates_of_return(dated({1e308, 1e308, 1e308, -1}, days), never).error().kind,
              ErrorKind::out_of_range);
    /* What is left of decimals that cancel is no first flow. */
    EXPECT_NEAR(*rate_of_return(dated({0.1, 0.2, -0.3, -100, 110}, {0, 0, 0, 10, 375}), never).value(), 0.1,
                1e-14);
    EXPECT_NEAR(*rate_of_return(dated({-1e308, -1e308, 1.7e308, 1.7e308}, {0, 1, 2, 3}), never).value(),
                std::pow(1.7L, 365 / 2.0L) - 1, 1e35);
}

TEST(Flows, SimpleOnesAreExact) {
    EXPECT_EQ(*irr({-100, 110}), static_cast<double>(0.1L));
    EXPECT_EQ(*irr({-100, 100}), 0);
    EXPECT_EQ(*irr({-100, 50, 50}), 0);
    EXPECT_EQ(*irr({0, 0, -100, 150}), 0.5);
    EXPECT_EQ(*irr({-100, 0, 400}), 1);
    EXPECT_EQ(irr_all({-1, 5, -6}), (Amounts{1, 2}));
    EXPECT_EQ(irr_all({-1, 2.25, -1.25}), (Amounts{0, 0.25}));
}

TEST(Flows, WhereIterationsGoAstray) {
    EXPECT_NEAR(*irr({-1000, 1e-6}) + 1, 1e-9, 1e-16); // nearly a total loss
    EXPECT_NEAR(*irr({-1e6, 0, 0, 1}), -0.99, 1e-14);
    EXPECT_NEAR(*irr({-1, 1e12}), 1e12 - 1, 1e-3);
    EXPECT_NEAR(*irr({-1e-9, 1e200}), 1e209, 1e194);
    EXPECT_NEAR(*irr({-1e15, 1e15 + 1}), 1e-15, 1e-19);
    EXPECT_NEAR(*irr({0, 0, 0, -50, 60}), 0.2, 1e-15);
    EXPECT_FALSE(irr({-1, 1e-20}) && *irr({-1, 1e-20}) <= -1);
    /* Daily flows over 27 years: one change of sign. */
    Amounts daily(10000, 1.0);
    daily[0] = -5000;
    EXPECT_LE(residual(daily, *irr(daily)), 2);
    /* A long loss. */
    daily.assign(10000, 0.01);
    daily[0] = -1000;
    EXPECT_LT(*irr(daily), 0);
    EXPECT_LE(residual(daily, *irr(daily)), 2);
    /* Signs that change with every flow: the sum at any rate is half of the first. */
    Amounts alternating(10000);
    for (std::size_t j = 0; j < alternating.size(); ++j) {
        alternating[j] = j % 2 == 0 ? -1 : 1;
    }
    ASSERT_EQ(sign_changes(alternating), 9999);
    EXPECT_EQ(*irr(alternating), 0);
    EXPECT_EQ(irr_all(alternating), Amounts{0});
    alternating.push_back(-1);
    EXPECT_FALSE(irr(alternating));
    /* As many changes as are isolated exactly, over many flows. */
    Amounts sixteen(4000);
    for (std::size_t j = 0; j < sixteen.size(); ++j) {
        sixteen[j] = (j * 17 / sixteen.size()) % 2 == 0 ? -1 : 1;
    }
    ASSERT_EQ(sign_changes(sixteen), 16);
    for (const double rate : irr_all(sixteen)) {
        EXPECT_LE(residual(sixteen, rate), 2);
    }
}

TEST(Flows, TimesOfAnyKind) {
    EXPECT_FALSE(*rate_of_return(std::vector<Flow>{}, never));
    EXPECT_FALSE(*rate_of_return(std::vector<Flow>{{-1, 0}}, never));
    EXPECT_FALSE(*rate_of_return(std::vector<Flow>{{-1, 0}, {1, 0}}, never)); // at once: nothing at any rate
    EXPECT_FALSE(*rate_of_return(std::vector<Flow>{{-1, 0}, {2, 0}}, never));
    EXPECT_NEAR(*rate_of_return(std::vector<Flow>{{-100, 0}, {121, 2}}, never).value(), 0.1, 1e-15);
    EXPECT_NEAR(*rate_of_return(std::vector<Flow>{{-100, 0}, {101, 1.0L / 365}}, never).value(),
                std::pow(1.01L, 365) - 1, 1e-13);
    EXPECT_NEAR(
        *rate_of_return(std::vector<Flow>{{-100, 0}, {0, 1}, {-21, 2}, {242, 2}, {-100, 2}}, never).value(),
        0.1, 1e-15); // one date's flows are one flow
    EXPECT_EQ(net_present_value(0.1, std::vector<Flow>{}, never).value(), 0);
    EXPECT_EQ(net_present_value(0.1, Amounts{}, 0).value(), 0);
}

TEST(Flows, ASearchStopsWhenAsked) {
    Random random(7);
    Amounts amounts(200);
    for (double &amount : amounts) {
        amount = random.between(-1, 1);
    }
    const Amounts few{-1, 5, -6.5, 2, 1};
    std::vector<Flow> flows;
    for (std::size_t j = 0; j < few.size(); ++j) {
        flows.push_back({few[j], static_cast<Wide>(j) / 3});
    }
    const auto check = [](auto search) {
        for (const int questions : {0, 1, 2, 3, 10}) {
            questions_left = questions;
            const auto result = search();
            ASSERT_FALSE(result) << questions;
            EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
            EXPECT_LT(questions_left, 0);
            EXPECT_GT(questions_left, -3) << "asked on after the answer";
        }
    };
    check([&] { return rate_of_return(amounts, when_used_up); });
    check([&] { return rates_of_return(amounts, when_used_up); });
    check([&] { return rate_of_return(few, when_used_up); });
    check([&] { return rates_of_return(few, when_used_up); });
    check([&] { return rate_of_return(flows, when_used_up); });
    check([&] { return rates_of_return(flows, when_used_up); });
    questions_left = 0;
    EXPECT_EQ(net_present_value(0.1, flows, when_used_up).error().kind, ErrorKind::cancelled);
}

TEST(Flows, Errors) {
    const double bad[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                          -std::numeric_limits<double>::infinity()};
    for (const double value : bad) {
        const Amounts amounts{-1, value, 2};
        const std::vector<Flow> flows{{-1, 0}, {value, 1}};
        for (const Error &error :
             {rate_of_return(amounts, never).error(), rates_of_return(amounts, never).error(),
              rate_of_return(flows, never).error(), rates_of_return(flows, never).error(),
              net_present_value(0.1, amounts, 0).error(), net_present_value(0.1, flows, never).error(),
              modified_rate(amounts, 0.1, 0.1).error()}) {
            EXPECT_EQ(error.kind, ErrorKind::bad_value);
            EXPECT_STREQ(error.message, "amount must be a finite number");
        }
        EXPECT_STREQ(net_present_value(value, Amounts{1}, 0).error().message, "rate must be a finite number");
        EXPECT_STREQ(net_present_value(0.1, Amounts{1}, value).error().message,
                     "first period must be a finite number");
        EXPECT_FALSE(modified_rate(Amounts{-1, 1}, value, 0.1));
        EXPECT_FALSE(modified_rate(Amounts{-1, 1}, 0.1, value));
    }
    for (const double rate : {-1.0, -2.0}) {
        EXPECT_STREQ(net_present_value(rate, Amounts{1}, 0).error().message, "rate must be greater than -1");
        EXPECT_STREQ(net_present_value(rate, std::vector<Flow>{{1, 0}}, never).error().message,
                     "rate must be greater than -1");
        EXPECT_STREQ(modified_rate(Amounts{-1, 1}, 0.1, rate).error().message,
                     "rate must be greater than -1");
    }
    EXPECT_EQ(net_present_value(-0.9, Amounts(400, 1.0), 0).error().kind, ErrorKind::out_of_range);
    EXPECT_EQ(net_present_value(0, Amounts{1e308, 1e308}, 0).error().kind, ErrorKind::out_of_range);
}

} // namespace
} // namespace tradeup
