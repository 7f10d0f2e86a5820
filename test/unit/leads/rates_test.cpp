/*
 * Rates and likelihood ratios against tables of 25 digits, and what they refuse.
 */
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/leads/rates.hpp"
#include "core/leads/ratios.hpp"
#include "tables.hpp"

namespace tradeup {
namespace {

BetaRate posterior_of(const Row &row) {
    return rate_after({row.number("a0"), row.number("b0")}, row.number("failures"), row.number("trials"), 1)
        .value();
}

TEST(Rates, OfTheTable) {
    for (const Row &row : table("bayes_exact")) {
        const std::string id = "bayes_exact " + row.text("id");
        const BetaRate rate = posterior_of(row);
        expect_near(rate.a, row.number("a"), 1e-15, id + " a");
        expect_near(rate.b, row.number("b"), 1e-15, id + " b");
        const ProbabilityInterval interval = interval_of(rate, row.number("level")).value();
        expect_near(mean_of(rate), row.number("post_mean"), 1e-15, id + " mean");
        expect_near(deviation_of(rate), row.number("post_sd"), 1e-15, id + " sd");
        expect_near(interval.median, row.number("post_median"), 1e-12, id + " median");
        expect_near(interval.low, row.number("ci_lo"), 1e-12, id + " low");
        expect_near(interval.high, row.number("ci_hi"), 1e-12, id + " high");
        const auto vehicles = static_cast<std::int64_t>(row.number("pred_m"));
        const auto failures = static_cast<std::int64_t>(row.number("pred_k"));
        expect_near(failures_exactly(rate, failures, vehicles).value(), row.number("betabinom_pmf"), 1e-12,
                    id + " pmf");
        expect_near(failures_at_most(rate, failures, vehicles).value(), row.number("betabinom_cdf"), 1e-12,
                    id + " cdf");
    }
}

TEST(Rates, QuantilesAndProbabilitiesAreInverse) {
    for (const double a : {1e-6, 0.01, 0.5, 1.0, 7.5, 3e3, 1e7, 1e9}) {
        for (const double b : {1e-6, 0.3, 1.0, 40.0, 1e5, 1e9}) {
            for (const Wide p : {1e-300L, 1e-9L, 0.025L, 0.5L}) {
                const Wide low = logit_quantile({a, b}, p, false);
                EXPECT_TRUE(std::isfinite(low)) << a << " " << b << " " << p;
                const Wide back = logit_probability(BetaRate{a, b}, low, false);
                EXPECT_NEAR(static_cast<double>(back / p), 1, 1e-9) << a << " " << b << " " << p;
                EXPECT_EQ(logit_quantile({b, a}, p, true), -low);
                const auto rounded = logit_probability(BetaRate{a, b}, static_cast<double>(low), false);
                EXPECT_NEAR(static_cast<double>(rounded / p), 1, 1e-6) << a << " " << b << " " << p;
            }
        }
    }
}

TEST(Rates, NoFailuresAndOnlyFailures) {
    const ProbabilityInterval none = interval_of(rate_after(kJeffreysRate, 0, 50, 1).value(), 0.95).value();
    const ProbabilityInterval all = interval_of(rate_after(kJeffreysRate, 50, 50, 1).value(), 0.95).value();
    EXPECT_GT(none.low, 0);
    EXPECT_LT(none.low, 1e-5);
    EXPECT_NEAR(none.low + all.high, 1, 1e-15);
    const ProbabilityInterval tiny = interval_of({1.0 / 190, 1}, 0.95).value();
    EXPECT_NEAR(tiny.low / std::pow(0.025, 190), 1, 1e-11);
    EXPECT_EQ(interval_of({1e-4, 1}, 0.95).value().low, 0);
}

TEST(Rates, ForgetsAndDiscounts) {
    const BetaRate prior = published_rate(0.05, 2000, 0.5).value();
    EXPECT_EQ(prior.a, 50);
    EXPECT_EQ(prior.b, 950);
    const BetaRate half = rate_after(prior, 10, 100, 0.5).value();
    EXPECT_EQ(half.a, 55);
    EXPECT_EQ(half.b, 995);
}

TEST(Rates, PredictionsAddUp) {
    const BetaRate rate{0.7, 31};
    double sum = 0;
    for (int k = 0; k <= 200; ++k) {
        sum += failures_exactly(rate, k, 200).value();
        EXPECT_NEAR(failures_at_most(rate, k, 200).value(), sum, 1e-13);
    }
    EXPECT_NEAR(sum, 1, 1e-13);
    EXPECT_EQ(failures_at_most({1e9, 1e-6}, 0, 1000000).value(), 0);
    EXPECT_EQ(failures_at_most({1e-6, 1e9}, 1000000, 1000000).value(), 1);
}

TEST(Rates, OfYears) {
    for (const Row &row : table("horizon")) {
        const std::string id = "horizon " + row.text("id");
        /* The table writes twelfths of a year with 25 digits. */
        const double years = row.number("years");
        const GammaRate rate = rate_after({row.number("alpha"), row.number("beta")}, row.number("failures"),
                                          row.number("vehicle_years"))
                                   .value();
        const ProbabilityInterval within = failure_within(rate, years, 0.9).value();
        expect_near(within.mean, row.number("failure_probability"), 1e-13, id);
        EXPECT_LT(within.low, within.median);
        EXPECT_LT(within.median, within.high);
        expect_near(rate_over_years(row.number("rate"), years).value(), row.number("rate_over_years"), 1e-13,
                    id);
    }
    EXPECT_EQ(rate_over_years(0, 3).value(), 0);
    EXPECT_EQ(rate_over_years(1, 3).value(), 1);
}

/* The median of Gamma(1, beta) is log(2) / beta. */
TEST(Rates, OfYearsHaveIntervals) {
    const ProbabilityInterval within = failure_within({1, 100}, 2, 0.5).value();
    expect_near(within.median, -std::expm1(-std::log(2) / 50), 1e-15, "median");
    expect_near(within.low, -std::expm1(std::log1p(-0.25) / 50), 1e-15, "low");
    expect_near(within.high, -std::expm1(std::log(0.25) / 50), 1e-15, "high");
}

/* The derivatives of the likelihood, from sums of fractions, for whole numbers. */
double slope_of(const std::vector<Cohort> &cohorts, BetaRate prior, bool of_a) {
    double sum = 0;
    for (const Cohort &cohort : cohorts) {
        for (int i = 0; i < static_cast<int>(of_a ? cohort.failures : cohort.size - cohort.failures); ++i) {
            sum += 1 / ((of_a ? prior.a : prior.b) + i);
        }
        for (int i = 0; i < static_cast<int>(cohort.size); ++i) {
            sum -= 1 / (prior.a + prior.b + i);
        }
    }
    return sum;
}

TEST(FittedRate, IsMostLikely) {
    const std::vector<Cohort> cohorts{{1, 50}, {9, 60}, {3, 20}, {0, 80}, {14, 55}, {0, 0}};
    const FittedRate fitted = fitted_rate(cohorts).value();
    ASSERT_TRUE(fitted.prior);
    EXPECT_NEAR(slope_of(cohorts, *fitted.prior, true), 0, 1e-11);
    EXPECT_NEAR(slope_of(cohorts, *fitted.prior, false), 0, 1e-11);
    EXPECT_EQ(fitted.rate, mean_of(*fitted.prior));
}

/* Whole steps would go beyond the top of the likelihood, and not come back. */
TEST(FittedRate, OfFewVehicles) {
    for (const std::vector<Cohort> &cohorts :
         {std::vector<Cohort>{{2, 2}, {0, 3}, {2, 3}}, {{0, 4}, {0, 1}, {0, 1}, {2, 2}, {1, 3}, {1, 4}}}) {
        const FittedRate fitted = fitted_rate(cohorts).value();
        ASSERT_TRUE(fitted.prior);
        EXPECT_NEAR(slope_of(cohorts, *fitted.prior, true), 0, 1e-11);
        EXPECT_NEAR(slope_of(cohorts, *fitted.prior, false), 0, 1e-11);
    }
}

/* The likelihood is flat where cohorts differ a little only: Newton's method has far to go. */
TEST(FittedRate, OfManyCohortsThatDifferALittle) {
    std::vector<Cohort> cohorts;
    for (int i = 0; i < 400; ++i) {
        cohorts.push_back({static_cast<double>(20 + (i * 7) % 23), 1000});
    }
    const FittedRate fitted = fitted_rate(cohorts).value();
    ASSERT_TRUE(fitted.prior);
    EXPECT_NEAR(slope_of(cohorts, *fitted.prior, true), 0, 1e-6);
    EXPECT_NEAR(slope_of(cohorts, *fitted.prior, false), 0, 1e-6);
}

TEST(FittedRate, HasNoPriorWhereCohortsAreAlike) {
    const std::vector<Cohort> alike{{5, 100}, {5, 100}, {6, 120}};
    EXPECT_FALSE(fitted_rate(alike).value().prior);
    EXPECT_DOUBLE_EQ(fitted_rate(alike).value().rate, 0.05);
    EXPECT_FALSE(fitted_rate(std::vector<Cohort>{{0, 9}, {7, 7}, {0, 3}}).value().prior) << "all or none";
    EXPECT_FALSE(fitted_rate(std::vector<Cohort>{{1, 1}, {0, 1}, {0, 1}}).value().prior)
        << "one vehicle each";
    for (const auto &[failures, size] : {std::pair{2, 3}, {2, 5}, {3, 5}, {4, 5}, {2, 7}, {499, 1000}}) {
        std::vector<Cohort> single(static_cast<std::size_t>(size), Cohort{0, 1});
        std::fill_n(single.begin(), failures, Cohort{1, 1});
        EXPECT_FALSE(fitted_rate(single).value().prior) << failures << " of " << size << ", one vehicle each";
    }
    EXPECT_FALSE(fitted_rate(std::vector<Cohort>{{1, 10}}).value().prior) << "one cohort";
}

TEST(Rates, RefuseWhatIsNone) {
    const double nan = std::nan("");
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(published_rate(0, 100, 1));
    EXPECT_FALSE(published_rate(1, 100, 1));
    EXPECT_FALSE(published_rate(nan, 100, 1));
    EXPECT_FALSE(published_rate(0.1, 0, 1));
    EXPECT_FALSE(published_rate(0.1, infinity, 1));
    EXPECT_FALSE(published_rate(0.1, 100, 0));
    EXPECT_FALSE(published_rate(0.1, 100, 1.1));
    EXPECT_FALSE(rate_after(kJeffreysRate, 3, 2, 1));
    EXPECT_FALSE(rate_after(kJeffreysRate, -1, 2, 1));
    EXPECT_FALSE(rate_after(kJeffreysRate, 1, nan, 1));
    EXPECT_FALSE(rate_after(kJeffreysRate, 1, 2, 2));
    EXPECT_FALSE(rate_after({0, 1}, 1, 2, 1));
    EXPECT_FALSE(interval_of(kJeffreysRate, 0));
    EXPECT_FALSE(interval_of(kJeffreysRate, 1));
    EXPECT_FALSE(interval_of({nan, 1}, 0.5));
    EXPECT_FALSE(failures_exactly(kJeffreysRate, 3, 2));
    EXPECT_FALSE(failures_at_most(kJeffreysRate, 0, 2'000'000));
    EXPECT_FALSE(rate_after(GammaRate{0.5, 0}, 1, 0));
    EXPECT_FALSE(rate_after(GammaRate{0, 1}, 1, 1));
    EXPECT_FALSE(rate_after(GammaRate{1, 1}, nan, 1));
    EXPECT_FALSE(rate_after(GammaRate{1, -1}, 1, 2));
    EXPECT_FALSE(rate_after(GammaRate{1, 1}, 1, -0.5));
    EXPECT_FALSE(failure_within({1, 1}, 0, 0.9));
    EXPECT_FALSE(failure_within({1, 1}, 1, 1));
    EXPECT_FALSE(rate_over_years(1.1, 1));
    EXPECT_FALSE(rate_over_years(0.1, infinity));
    EXPECT_FALSE(fitted_rate({}));
    EXPECT_FALSE(fitted_rate(std::vector<Cohort>{{0, 10}}));
    EXPECT_FALSE(fitted_rate(std::vector<Cohort>{{10, 10}}));
    EXPECT_FALSE(fitted_rate(std::vector<Cohort>{{1.5, 10}}));
}

TEST(Ratios, OfCounts) {
    for (const Row &row : table("lr_from_counts")) {
        const std::string id = "lr_from_counts " + row.text("id");
        const StressorCounts counts{row.number("present_failed"), row.number("absent_failed"),
                                    row.number("present_sound"), row.number("absent_sound")};
        const Result<LogRatios> plain = ratios_of_counts(counts, CountsForm::plain);
        const bool defined = !row.text("var_ln_lr_present").empty() && !row.text("var_ln_lr_absent").empty();
        ASSERT_EQ(plain.has_value(), defined) << id;
        if (plain) {
            expect_near(std::exp(plain->present.log), row.number("lr_present"), 1e-13, id);
            expect_near(std::exp(plain->absent.log), row.number("lr_absent"), 1e-13, id);
            expect_near(plain->present.variance, row.number("var_ln_lr_present"), 1e-13, id);
            expect_near(plain->absent.variance, row.number("var_ln_lr_absent"), 1e-13, id);
        }
        const LogRatios jeffreys = ratios_of_counts(counts, CountsForm::jeffreys).value();
        expect_near(jeffreys.present.log, row.number("jeffreys_ln_lr_present"), 1e-13, id);
        expect_near(jeffreys.present.variance, row.number("jeffreys_var_present"), 1e-13, id);
        expect_near(jeffreys.absent.log, row.number("jeffreys_ln_lr_absent"), 1e-13, id);
        expect_near(jeffreys.absent.variance, row.number("jeffreys_var_absent"), 1e-13, id);
    }
}

TEST(Ratios, OfRelativeRisk) {
    for (const Row &row : table("relative_risk")) {
        const std::string id = "relative_risk " + row.text("id");
        const Result<LogRatios> ratios = ratios_of_relative_risk(
            row.number("relative_risk"), row.number("rate"), row.number("prevalence"));
        ASSERT_EQ(ratios.has_value(), row.text("lr_present") != "error") << id;
        if (ratios) {
            expect_near(std::exp(ratios->present.log), row.number("lr_present"), 1e-13, id);
            expect_near(std::exp(ratios->absent.log), row.number("lr_absent"), 1e-13, id);
        }
    }
}

TEST(Ratios, OfSoftEvidence) {
    for (const Row &row : table("soft_evidence")) {
        const std::string id = "soft_evidence " + row.text("id");
        const double present = row.number("lr_present");
        const double absent = row.number("lr_absent");
        const double probability = row.number("probability_present");
        expect_near(soft_ratio(present, absent, probability).value(), row.number("multiplier"), 1e-13, id);
        const LogRatio soft = soft_ratio(ratios_within(present, absent, 1).value(), probability);
        expect_near(std::exp(soft.log), row.number("multiplier"), 1e-13, id);
        const double odds = row.number("rate") / (1 - row.number("rate")) * std::exp(soft.log);
        expect_near(odds / (1 + odds), row.number("posterior"), 1e-13, id);
    }
}

TEST(Ratios, OfSoftEvidenceEndAtThoseOfCertainEvidence) {
    const LogRatios ratios{{3, 0.5}, {-700, 0.25}};
    EXPECT_EQ(soft_ratio(ratios, 1).log, 3);
    EXPECT_EQ(soft_ratio(ratios, 1).variance, 0.5);
    EXPECT_EQ(soft_ratio(ratios, 0).log, -700);
    EXPECT_EQ(soft_ratio(ratios, 0).variance, 0.25);
    const LogRatio half = soft_ratio({{1, 0.3}, {1, 0.1}}, 0.5);
    EXPECT_DOUBLE_EQ(half.log, 1);
    EXPECT_DOUBLE_EQ(half.variance, 0.1);
}

TEST(Ratios, WithinAFactor) {
    const LogRatios ratios = ratios_within(3, 1, 2).value();
    EXPECT_DOUBLE_EQ(ratios.present.log, std::log(3));
    EXPECT_EQ(ratios.absent.log, 0);
    EXPECT_DOUBLE_EQ(std::sqrt(ratios.present.variance) * 1.96, std::log(2));
    EXPECT_EQ(ratios_within(3, 1, 1)->present.variance, 0);
}

TEST(Ratios, RefuseWhatIsNone) {
    const double nan = std::nan("");
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double wrong : {0.0, -1.0, nan, infinity}) {
        EXPECT_FALSE(ratios_within(wrong, 1, 2)) << wrong;
        EXPECT_FALSE(ratios_within(2, wrong, 2)) << wrong;
        EXPECT_FALSE(ratios_within(2, 0.5, wrong)) << wrong;
        EXPECT_FALSE(ratios_of_relative_risk(wrong, 0.1, 0.1)) << wrong;
        EXPECT_FALSE(ratios_of_relative_risk(2, wrong, 0.1)) << wrong;
        EXPECT_FALSE(ratios_of_relative_risk(2, 0.1, wrong)) << wrong;
        EXPECT_FALSE(soft_ratio(wrong, 0.5, 0.5)) << wrong;
        EXPECT_FALSE(ratios_of_counts({1, 1, wrong, 1}, CountsForm::plain)) << wrong;
    }
    EXPECT_FALSE(soft_ratio(2, 0.5, 1.5));
    EXPECT_FALSE(ratios_of_relative_risk(0.1, 0.9, 0.9)) << "without the stressor all would fail";
    EXPECT_FALSE(ratios_of_counts({-1, 1, 1, 1}, CountsForm::jeffreys));
}

} // namespace
} // namespace tradeup
