/*
 * Intervals of risks and probabilities of thresholds, against tables of 25 digits and against identities.
 */
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/leads/risk_spread.hpp"
#include "scorers.hpp"
#include "tables.hpp"

namespace tradeup {
namespace {

RiskSpread spread_with(BetaRate rate, double shift, double variance) {
    return {rate, cumulants_of(rate), shift, variance};
}

double sigmoid_of(double x) {
    return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

/* The scorer of a row of the table: its counts, in the form plain. */
Scorer scorer_of(const Row &row) {
    static const std::string names = "abcdefghij";
    std::vector<StressorParts> stressors;
    for (const std::string &counts : parts_of(row.text("counts"), '|')) {
        if (counts.empty()) {
            continue;
        }
        const std::vector<std::string> numbers = parts_of(counts, ',');
        const StressorCounts of{std::stod(numbers[0]), std::stod(numbers[1]), std::stod(numbers[2]),
                                std::stod(numbers[3])};
        stressors.push_back({std::string_view(names).substr(stressors.size(), 1),
                             {},
                             ratios_of_counts(of, CountsForm::plain).value(),
                             true,
                             false});
    }
    return Scorer({{row.number("a"), row.number("b")}, 0, 1, true, stressors});
}

StoredEvidence evidence_of(const Row &row) {
    EvidenceParts parts(kNoList);
    int at = 0;
    for (const char state : row.text("evidence")) {
        if (state != 'u') {
            parts.set(at, state == 'p' ? 1 : 0);
        }
        ++at;
    }
    return StoredEvidence(parts);
}

TEST(RiskSpread, OfTheTable) {
    for (const Row &row : table("bayes_exact")) {
        const std::string id = "bayes_exact " + row.text("id");
        const Scorer scorer = scorer_of(row);
        const StoredEvidence evidence = evidence_of(row);
        const double level = row.number("level");
        const RiskSpread spread = spread_of(*scorer, *evidence);
        const double sum = row.number("sum_ln_lr");
        EXPECT_NEAR(spread.shift, sum, 1e-12 * std::max(1.0, std::abs(sum))) << id;
        expect_near(spread.variance, row.number("var_ln_lr"), 1e-12, id + " variance");
        expect_near(std::exp(spread.shift), row.number("combined_lr"), 1e-12, id + " ratio");
        expect_near(risk_of(*scorer, *evidence), row.number("posterior_plugin"), 1e-12, id + " point");
        RiskSpread fixed = spread;
        fixed.variance = 0;
        const ProbabilityInterval certain = risk_interval(fixed, level).value();
        expect_near(certain.median, row.number("posterior_median"), 1e-12, id + " median");
        expect_near(certain.mean, row.number("posterior_mean_exact"), 1e-12, id + " mean");
        expect_near(certain.low, row.number("post_ci_lo_lr_fixed"), 1e-12, id + " low, fixed");
        expect_near(certain.high, row.number("post_ci_hi_lr_fixed"), 1e-12, id + " high, fixed");
        const ProbabilityInterval interval = risk_interval(spread, level).value();
        expect_near(interval.low, row.number("post_ci_lo_lr_uncertain"), 1e-10, id + " low");
        expect_near(interval.high, row.number("post_ci_hi_lr_uncertain"), 1e-10, id + " high");
        expect_near(interval.mean, row.number("posterior_mean_exact"), 1e-12, id + " mean");
        for (const auto &[threshold, name] :
             {std::pair{0.05, "p_risk_over_005"}, std::pair{0.2, "p_risk_over_020"}}) {
            const double expected = row.number(name);
            const double over = risk_over(spread, threshold).value();
            EXPECT_NEAR(over, expected, expected < 1e-6 ? 1e-16 : 1e-10 * expected) << id << " " << name;
        }
    }
}

/* Shapes of every kind: sharp, flat, skewed, and with tails that are too long for steps of the density. */
std::vector<RiskSpread> many_spreads() {
    std::vector<RiskSpread> spreads;
    for (const double a : {1e-6, 0.02, 0.5, 1.0, 5.0, 30.0, 4000.0, 1e9}) {
        for (const double b : {1e-6, 0.5, 7.0, 970.0, 1e6}) {
            for (const double variance : {0.0, 1e-8, 0.01, 0.2, 9.0}) {
                spreads.push_back(spread_with({a, b}, 1.5, variance));
            }
        }
    }
    return spreads;
}

std::string shown(const RiskSpread &spread) {
    return std::to_string(spread.rate.a) + " " + std::to_string(spread.rate.b) + " " +
           std::to_string(spread.variance);
}

TEST(RiskSpread, IntervalsAndProbabilitiesAgree) {
    for (const RiskSpread &spread : many_spreads()) {
        for (const double level : {0.5, 0.8, 0.999}) {
            const ProbabilityInterval interval = risk_interval(spread, level).value();
            EXPECT_LE(0, interval.low) << shown(spread);
            EXPECT_LE(interval.low, interval.median) << shown(spread);
            EXPECT_LE(interval.median, interval.high) << shown(spread);
            EXPECT_LE(interval.high, 1) << shown(spread);
            EXPECT_GE(interval.mean, 0) << shown(spread);
            EXPECT_LE(interval.mean, 1) << shown(spread);
            /* Ends that round to 0 or to 1 do not say where they are. */
            const auto agrees = [&](double end, double over) {
                const double deviation = std::sqrt(spread.logit.variance + spread.variance);
                if (end > 1e-300 && end < 0.999 && deviation > 1e-3) {
                    EXPECT_NEAR(risk_over(spread, end).value() / over, 1, 1e-9)
                        << shown(spread) << " " << level;
                }
            };
            agrees(interval.low, (1 + level) / 2);
            agrees(interval.median, 0.5);
            agrees(interval.high, (1 - level) / 2);
        }
    }
}

/* The same by the trapezoid with very small steps, in long doubles. */
TEST(RiskSpread, DistributionIsTheIntegral) {
    for (const double a : {0.5, 3.0, 40.0}) {
        for (const double variance : {0.003, 0.3, 4.0}) {
            const RiskSpread spread = spread_with({a, 2.5 * a}, 0, variance);
            const long double deviation = std::sqrt(static_cast<long double>(variance));
            for (const double threshold : {0.001, 0.1, 0.25, 0.7}) {
                long double below = 0;
                long double all = 0;
                const long double x = std::log(threshold / (1 - static_cast<long double>(threshold)));
                for (long double u = -160; u < 160; u += 0.008L) {
                    const long double density = std::exp(
                        a * u - 3.5L * a * (u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u))));
                    all += density;
                    below += density * std::erfc((x - u) / (deviation * std::sqrt(2.0L))) / 2;
                }
                const auto expected = static_cast<double>(below / all);
                EXPECT_NEAR(risk_over(spread, threshold).value(), expected, std::max(1e-11 * expected, 1e-17))
                    << a << " " << variance << " " << threshold;
            }
        }
    }
}

/* A rate with long tails under a wide uncertainty, by the same integral. */
TEST(RiskSpread, WideUncertaintyOfLongTails) {
    const double a = 0.05;
    for (const auto &[variance, tolerance] : {std::pair{80000.0, 1e-10}, {1.6e7, 1e-5}}) {
        const RiskSpread spread = spread_with({a, 2 * a}, 0, variance);
        const long double deviation = std::sqrt(static_cast<long double>(variance));
        for (const double threshold : {1e-200, 0.1, 0.7}) {
            long double below = 0;
            long double all = 0;
            const long double x = std::log(threshold / (1 - static_cast<long double>(threshold)));
            for (long double u = -1200; u < 600; u += 0.05L) {
                const long double density = std::exp(
                    a * u - 3 * a * (u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u))));
                all += density;
                below += density * std::erfc((x - u) / (deviation * std::sqrt(2.0L))) / 2;
            }
            const auto expected = static_cast<double>(below / all);
            EXPECT_NEAR(risk_over(spread, threshold).value(), expected, tolerance * expected)
                << variance << " " << threshold;
        }
        const ProbabilityInterval middle = risk_interval(spread_with({a, a}, 0, variance), 0.8).value();
        EXPECT_NEAR(middle.median, 0.5, 1e-6);
        EXPECT_NEAR(middle.low + middle.high, 1, 1e-6);
    }
}

TEST(RiskSpread, UncertaintyThatVanishesChangesNothing) {
    for (const double a : {1e-3, 0.5, 12.0, 5000.0}) {
        const ProbabilityInterval certain = risk_interval(spread_with({a, 200}, 0.7, 0), 0.9).value();
        const ProbabilityInterval nearly = risk_interval(spread_with({a, 200}, 0.7, 1e-14), 0.9).value();
        expect_near(nearly.low, certain.low, 1e-9, "low");
        expect_near(nearly.median, certain.median, 1e-9, "median");
        expect_near(nearly.high, certain.high, 1e-9, "high");
    }
}

TEST(RiskSpread, WithoutEvidenceIsTheCohorts) {
    const BetaRate rate{7.5, 312};
    const ProbabilityInterval risk = risk_interval(spread_with(rate, 0, 0), 0.95).value();
    const ProbabilityInterval cohort = interval_of(rate, 0.95).value();
    EXPECT_EQ(risk.low, cohort.low);
    EXPECT_EQ(risk.median, cohort.median);
    EXPECT_EQ(risk.mean, cohort.mean);
    EXPECT_EQ(risk.high, cohort.high);
}

TEST(RiskSpread, ShrinkageWeakensTheUncertaintyToo) {
    const std::vector<StressorParts> stressors{{"a", {}, {{2, 0.5}, {-1, 0.25}}, true, false}};
    const Scorer scorer({{20, 400}, 0.125, 0.5, true, stressors});
    const RiskSpread spread = spread_of(*scorer, *StoredEvidence("1=present"));
    EXPECT_EQ(spread.shift, 1.125);
    EXPECT_EQ(spread.variance, 0.125);
}

TEST(RiskSpread, IntervalContainsThePoint) {
    std::mt19937_64 random(2);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (int i = 0; i < 2000; ++i) {
        const BetaRate rate{0.5 + 60 * uniform(random), 0.5 + 2000 * uniform(random)};
        const RiskSpread spread =
            spread_with(rate, 8 * uniform(random) - 4, uniform(random) < 0.3 ? 0 : uniform(random));
        const double point = sigmoid_of(std::log(rate.a / rate.b) + spread.shift);
        const ProbabilityInterval interval = risk_interval(spread, 0.8).value();
        EXPECT_LE(interval.low, point) << shown(spread);
        EXPECT_GE(interval.high, point) << shown(spread);
        EXPECT_GE(interval.mean, interval.low) << shown(spread);
        EXPECT_LE(interval.mean, interval.high) << shown(spread);
    }
}

TEST(RiskSpread, MeanOfLongTails) {
    /* Nearly all rates are 0 or 1: the mean risk is the mean rate. */
    EXPECT_NEAR(risk_interval(spread_with({1e-6, 3e-6}, 2, 0), 0.5)->mean, 0.25, 1e-5);
    /* Of Beta(1, b), whose 1 - theta is uniform to the power 1 / b; both ways of the mean, from either side.
     */
    for (const double b : {0.02, 0.0425, 0.0427, 0.08, 0.6}) {
        long double expected = 0;
        constexpr long double kStep = 0.01L;
        for (long double v = -60 / static_cast<long double>(b); v < 60; v += kStep) {
            const long double sound = 1 / (1 + std::exp(-v));
            const long double failing = 1 / (1 + std::exp(v));
            const long double density = b * std::pow(sound, static_cast<long double>(b)) * failing;
            expected += density * kStep * std::exp(1.0L) * failing / (sound + std::exp(1.0L) * failing);
        }
        expect_near(risk_interval(spread_with({1, b}, 1, 0), 0.5)->mean, static_cast<double>(expected), 1e-10,
                    "mean");
    }
}

TEST(RiskSpread, RoughQuantilesAreAsRoughAsTheySay) {
    double worst = 0;
    for (const double a : {kEvenShape, 12.0, 20.0, 300.0, 1e6}) {
        for (const double b : {kEvenShape, 15.0, 30.0, 1000.0, 1e7}) {
            for (const double variance : {0.0, 0.001, 0.02, 0.1, 0.5, 4.0}) {
                const RiskSpread spread = spread_with({a, b}, 0, variance);
                for (const double z : {0.1, 0.5, 1.0, 1.2815515655446004, kRoughDeviations}) {
                    const double level = std::erf(z / std::sqrt(2.0));
                    const ProbabilityInterval interval = risk_interval(spread, level).value();
                    const double deviation = std::sqrt(spread.logit.variance + variance);
                    const auto off = [&](double risk, double rough) {
                        worst = std::max(worst, std::abs(std::log(risk / (1 - risk)) - rough) / deviation);
                    };
                    off(interval.low, rough_quantile(spread, -z));
                    off(interval.median, rough_quantile(spread, 0));
                    off(interval.high, rough_quantile(spread, z));
                }
            }
        }
    }
    /* The bound is several times what is seen. */
    EXPECT_LT(worst, kRoughness / 4);
}

TEST(RiskClasses, AreThoseOfTheInterval) {
    const std::vector<double> thresholds{0.02, 0.05, 0.12, 0.3};
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (const double level : {0.5, 0.8, 0.95}) {
        const ClassBounds bounds = class_bounds(thresholds, level).value();
        for (int i = 0; i < 4000; ++i) {
            const BetaRate rate{0.4 + 40 * uniform(random) * uniform(random), 1 + 900 * uniform(random)};
            const RiskSpread spread = spread_with(
                rate, 6 * uniform(random) - 2, uniform(random) < 0.2 ? 0 : uniform(random) * uniform(random));
            const ProbabilityInterval interval = risk_interval(spread, level).value();
            const auto reached = [&](double risk) {
                return static_cast<int>(
                    std::count_if(thresholds.begin(), thresholds.end(), [&](double t) { return risk >= t; }));
            };
            const RiskClasses classes = classes_of(spread, bounds);
            ASSERT_EQ(classes.low, reached(interval.low)) << shown(spread);
            ASSERT_EQ(classes.median, reached(interval.median)) << shown(spread);
            ASSERT_EQ(classes.high, reached(interval.high)) << shown(spread);
        }
    }
}

TEST(RiskClasses, NearAThresholdAreDecidedExactly) {
    for (const double variance : {0.0, 0.04}) {
        for (const BetaRate rate : {BetaRate{30, 900}, BetaRate{2, 40}}) {
            const RiskSpread spread = spread_with(rate, 1, variance);
            const ProbabilityInterval interval = risk_interval(spread, 0.8).value();
            for (const double factor : {1 - 1e-9, 1 + 1e-9}) {
                const std::vector<double> thresholds{interval.low * factor, interval.median * factor,
                                                     interval.high * factor};
                const RiskClasses classes = classes_of(spread, class_bounds(thresholds, 0.8).value());
                const int less = factor > 1 ? 1 : 0;
                EXPECT_EQ(classes.low, 1 - less);
                EXPECT_EQ(classes.median, 2 - less);
                EXPECT_EQ(classes.high, 3 - less);
            }
        }
    }
}

TEST(RiskSpread, RefusesWhatIsNone) {
    const RiskSpread spread = spread_with({1, 1}, 0, 0.1);
    const double nan = std::nan("");
    for (const double wrong : {0.0, 1.0, -1.0, nan}) {
        EXPECT_FALSE(risk_interval(spread, wrong)) << wrong;
        EXPECT_FALSE(class_bounds(std::vector<double>{0.5}, wrong)) << wrong;
    }
    for (const double wrong : {-0.1, 1.1, nan}) {
        EXPECT_FALSE(risk_over(spread, wrong)) << wrong;
    }
    EXPECT_EQ(risk_over(spread, 0).value(), 1);
    EXPECT_EQ(risk_over(spread, 1).value(), 0);
    for (const std::vector<double> &wrong :
         {std::vector<double>{0.2, 0.1}, {0.1, 0.1}, {0}, {1}, {nan}, std::vector<double>(17, 0.1)}) {
        EXPECT_FALSE(class_bounds(wrong, 0.8));
    }
    EXPECT_TRUE(class_bounds({}, 0.8));
}

} // namespace
} // namespace tradeup
