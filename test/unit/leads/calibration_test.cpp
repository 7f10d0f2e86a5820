/*
 * Figures of predictions and outcomes against tables of 40-digit arithmetic; totals that are added in any
 * order; few rows against many; and where figures do not exist.
 */
#include "core/leads/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/leads/ranking.hpp"
#include "core/leads/recalibration.hpp"

namespace tradeup {
namespace {

using Rows = std::vector<Judged>;

bool never() noexcept {
    return false;
}

std::string file(const char *name) {
    std::ifstream in(std::string(TRADEUP_TEST_DATA "/leads/") + name);
    EXPECT_TRUE(in) << name;
    std::stringstream words;
    words << in.rdbuf();
    return words.str();
}

std::vector<std::vector<double>> table(const char *name) {
    std::istringstream in(file(name));
    std::string line;
    std::getline(in, line);
    std::vector<std::vector<double>> rows;
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        rows.emplace_back();
        for (std::string cell; std::getline(cells, cell, ',');) {
            rows.back().push_back(std::strtod(cell.c_str(), nullptr));
        }
    }
    return rows;
}

Rows input() {
    Rows rows;
    for (const auto &line : table("calibration_input.csv")) {
        rows.emplace_back(line[1], line[2] != 0);
    }
    return rows;
}

/* A number of the file of expected figures. */
double expected(const std::string &name) {
    static const std::string text = file("calibration_expected.json");
    const std::size_t at = text.find("\"" + name + "\": ");
    EXPECT_NE(at, std::string::npos) << name;
    const std::size_t number = text.find_first_of("-0123456789", at + name.size() + 4);
    return std::strtod(text.c_str() + number, nullptr);
}

void expect_near(double found, const std::string &name, double tolerance) {
    EXPECT_NEAR(found, expected(name), tolerance * std::fabs(expected(name))) << name;
}

/* Totals with memory of their own. */
struct Totals {
    CalibrationTotals totals;
    std::vector<std::unique_ptr<CalibrationCell[]>> blocks;
    std::size_t room = SIZE_MAX;

    Totals() { clear(totals); }
    static CalibrationCell *more(void *where) noexcept {
        auto &self = *static_cast<Totals *>(where);
        if (self.room-- == 0) {
            return nullptr;
        }
        self.blocks.push_back(std::make_unique<CalibrationCell[]>(kCellsPerUnit));
        return self.blocks.back().get();
    }
    Result<bool> add(std::span<const Judged> rows) { return add_rows(totals, rows, more, this); }
    Result<bool> add(const Totals &others) { return add_totals(totals, others.totals, more, this); }
};

/* Rows whose x is spread around -2.5 and whose true slope and intercept are these. */
Rows made_up(std::size_t count, double intercept, double slope, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    const auto unit = [&] { return static_cast<double>(bits() >> 11) * 0x1p-53; };
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = -2.5 + 6 * (unit() + unit() + unit() - 1.5);
        rows.emplace_back(1 / (1 + std::exp(-x)), unit() < 1 / (1 + std::exp(-intercept - slope * x)));
    }
    return rows;
}

void expect_same(const CalibrationFigures &a, const CalibrationFigures &b) {
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.failures, b.failures);
    EXPECT_EQ(a.mean_p, b.mean_p);
    EXPECT_EQ(a.brier, b.brier);
    EXPECT_EQ(a.reliability, b.reliability);
    EXPECT_EQ(a.within_bin, b.within_bin);
    EXPECT_EQ(a.expected_error, b.expected_error);
    EXPECT_EQ(a.log_loss, b.log_loss);
    EXPECT_EQ(a.spiegelhalter_z, b.spiegelhalter_z);
    ASSERT_EQ(a.line.has_value(), b.line.has_value());
    if (a.line) {
        EXPECT_EQ(a.line->intercept, b.line->intercept);
        EXPECT_EQ(a.line->slope, b.line->slope);
        EXPECT_EQ(a.line->intercept_error, b.line->intercept_error);
        EXPECT_EQ(a.line->slope_error, b.line->slope_error);
    }
    EXPECT_EQ(a.in_the_large, b.in_the_large);
}

void expect_all_near(const CalibrationFigures &figures) {
    EXPECT_EQ(figures.rows, 500);
    EXPECT_EQ(figures.failures, 73);
    expect_near(figures.brier, "brier", 1e-13);
    expect_near(figures.reliability, "reliability", 1e-13);
    expect_near(figures.resolution, "resolution", 1e-13);
    expect_near(figures.uncertainty, "uncertainty", 1e-13);
    expect_near(figures.within_bin, "within_bin", 1e-13);
    expect_near(*figures.brier_skill, "brier_skill", 1e-13);
    expect_near(figures.expected_error, "ece10", 1e-13);
    expect_near(figures.log_loss, "log_loss", 1e-13);
    expect_near(*figures.spiegelhalter_z, "spiegelhalter_z", 1e-13);
    expect_near(static_cast<double>(figures.line->intercept), "calibration_intercept", 1e-10);
    expect_near(static_cast<double>(figures.line->slope), "calibration_slope", 1e-10);
    expect_near(static_cast<double>(figures.line->intercept_error), "intercept_standard_error", 1e-10);
    expect_near(static_cast<double>(figures.line->slope_error), "slope_standard_error", 1e-10);
    expect_near(*figures.in_the_large, "calibration_in_the_large", 1e-10);
}

} // namespace

TEST(Calibration, IsThatOfTheTable) {
    expect_all_near(calibration(input()).value());
    Totals totals;
    ASSERT_TRUE(totals.add(input()));
    expect_all_near(calibration(totals.totals).value());
}

TEST(Calibration, BinsAreThoseOfTheTable) {
    std::vector<ReliabilityBin> bins(10);
    count_in_bins(bins, input());
    const auto wanted = table("reliability_expected.csv");
    std::size_t found = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        if (bins[i].rows == 0) {
            continue;
        }
        const BinFigures figures = bin_figures(i, bins.size(), bins[i]).value();
        const auto &line = wanted.at(found++);
        EXPECT_EQ(figures.from, line[0]);
        EXPECT_EQ(figures.to, line[1]);
        EXPECT_EQ(static_cast<double>(bins[i].rows), line[2]);
        EXPECT_EQ(static_cast<double>(bins[i].failures), line[3]);
        EXPECT_NEAR(figures.mean_p, line[4], 1e-13 * line[4]);
        EXPECT_NEAR(figures.observed_rate, line[5], 1e-13 * line[5]);
        EXPECT_NEAR(figures.low, line[6], 1e-13 * line[6]);
        EXPECT_NEAR(figures.high, line[7], 1e-13 * line[7]);
    }
    EXPECT_EQ(found, wanted.size());
}

TEST(Calibration, BinsMeetWhereTheirEdgesAreAsDoubles) {
    for (const std::size_t bins : {1U, 3U, 7U, 10U, 1000U}) {
        for (std::size_t k = 0; k < bins; ++k) {
            const double edge = static_cast<double>(k) / static_cast<double>(bins);
            EXPECT_EQ(bin_of(edge, bins), k);
            EXPECT_EQ(bin_of(std::nextafter(edge, 0), bins), k == 0 ? 0 : k - 1);
        }
        EXPECT_EQ(bin_of(1, bins), bins - 1);
    }
}

TEST(Calibration, DoesNotDependOnTheOrder) {
    Rows rows = made_up(20000, -0.3, 0.8, 1);
    for (const double p : {0x1p-1074, 1e-300, 0x1p-53, 0.5, 1 - 0x1p-53}) {
        rows.emplace_back(p, p > 0.4);
    }
    rows.emplace_back(0, false);
    rows.emplace_back(1, true);
    Totals all;
    ASSERT_TRUE(all.add(rows));
    const CalibrationFigures wanted = calibration(all.totals).value();
    std::mt19937_64 bits(2);
    for (int round = 0; round < 10; ++round) {
        std::shuffle(rows.begin(), rows.end(), bits);
        std::vector<Totals> parts(1 + bits() % 7);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::size_t from = rows.size() * i / parts.size();
            const std::size_t to = rows.size() * (i + 1) / parts.size();
            ASSERT_TRUE(parts[i].add(std::span(rows).subspan(from, to - from)));
        }
        std::shuffle(parts.begin(), parts.end(), bits);
        Totals together;
        for (const Totals &part : parts) {
            ASSERT_TRUE(together.add(part));
        }
        expect_same(calibration(together.totals).value(), wanted);

        const auto few = std::span(rows).first(1000);
        Rows turned(few.begin(), few.end());
        std::reverse(turned.begin(), turned.end());
        expect_same(calibration(few).value(), calibration(turned).value());
    }
}

TEST(Calibration, OfManyRowsIsThatOfFew) {
    for (const double slope : {-0.5, 0.3, 1.0, 1.7, 3.0}) {
        const Rows rows = made_up(3000, 0.4, slope, 3);
        Totals totals;
        ASSERT_TRUE(totals.add(rows));
        const CalibrationFigures few = calibration(rows).value();
        const CalibrationFigures many = calibration(totals.totals).value();
        EXPECT_EQ(few.brier, many.brier);
        EXPECT_EQ(few.log_loss, many.log_loss);
        EXPECT_NEAR(static_cast<double>(few.line->intercept), static_cast<double>(many.line->intercept),
                    1e-12);
        EXPECT_NEAR(static_cast<double>(few.line->slope), static_cast<double>(many.line->slope), 1e-12);
        EXPECT_NEAR(static_cast<double>(few.line->slope_error), static_cast<double>(many.line->slope_error),
                    1e-12);
        EXPECT_NEAR(*few.in_the_large, *many.in_the_large, 1e-12);
    }
}

TEST(Calibration, FindsTheTruthOfMadeUpRows) {
    const CalibrationFigures figures = calibration(made_up(100000, -0.3, 0.8, 4)).value();
    const LogisticLine line = figures.line.value();
    EXPECT_LT(std::fabs(line.intercept + 0.3L), 4 * line.intercept_error);
    EXPECT_LT(std::fabs(line.slope - 0.8L), 4 * line.slope_error);
    EXPECT_LT(line.slope_error, 0.02L);
}

TEST(Calibration, AddsUp) {
    for (std::uint64_t seed = 10; seed < 30; ++seed) {
        const CalibrationFigures f = calibration(made_up(2 + 7 * seed, 0.2, 0.9, seed)).value();
        EXPECT_NEAR(f.reliability - f.resolution + f.uncertainty + f.within_bin, f.brier, 1e-15);
    }
    /* One p in each bin: nothing within the bins. */
    Rows rows;
    for (int i = 0; i < 1000; ++i) {
        rows.emplace_back(0.1 * (i % 10) + 0.037, i % 3 == 0);
    }
    EXPECT_EQ(calibration(rows).value().within_bin, 0);
}

TEST(Calibration, HasNoLineWhereOutcomesLeaveItOpen) {
    const auto line = [](Rows rows) { return calibration(rows).value().line.has_value(); };
    EXPECT_FALSE(line({{0.1, false}, {0.2, false}}));
    EXPECT_FALSE(line({{0.1, true}, {0.2, true}}));
    EXPECT_FALSE(line({{0.1, false}, {0.1, true}}));
    EXPECT_FALSE(line({{0.1, false}, {0.2, true}}));
    EXPECT_FALSE(line({{0.1, true}, {0.2, false}}));
    EXPECT_FALSE(line({{0.1, false}, {0.2, false}, {0.2, true}, {0.3, true}}));
    EXPECT_TRUE(line({{0.1, false}, {0.2, true}, {0.3, false}}));
    EXPECT_TRUE(line({{0.1, true}, {0.1, false}, {0.2, true}, {0.2, false}}));
    EXPECT_FALSE(line({{0, false}, {1, true}}));

    const CalibrationFigures none = calibration(Rows{{0, false}, {0.5, false}}).value();
    EXPECT_FALSE(none.brier_skill);
    EXPECT_FALSE(none.spiegelhalter_z);
    EXPECT_FALSE(none.in_the_large);
    const CalibrationFigures half = calibration(Rows{{0.1, false}, {0.1, true}}).value();
    EXPECT_NEAR(*half.in_the_large, std::log(9.0), 1e-15);
}

TEST(Calibration, TotalsKnowHowFarEitherOutcomeReaches) {
    const auto x = [](double p) { return std::log(p / (1 - p)); };
    /* An odd number of rows above 1/2, so that nothing but a row may lie at x = 0; those without a logit are
     * left out. */
    Totals totals;
    ASSERT_TRUE(totals.add(
        Rows{{0.9, false}, {0.7, true}, {0.6, true}, {0.95, false}, {1, true}, {0.8, false}, {0.75, true}}));
    const auto &[fine, failed] = totals.totals.sums.reaches.of;
    EXPECT_EQ(fine.least, x(0.8));
    EXPECT_EQ(fine.greatest, x(0.95));
    EXPECT_EQ(failed.least, x(0.6));
    EXPECT_EQ(failed.greatest, x(0.75));
    EXPECT_FALSE(calibration(totals.totals).value().line);
}

TEST(Calibration, TellsNearlyAlikeApart) {
    /* x within a few millionths: at the best line the residuals balance all the same. */
    std::mt19937_64 bits(9);
    const auto unit = [&] { return static_cast<double>(bits() >> 11) * 0x1p-53; };
    int lines = 0;
    for (int round = 0; round < 200; ++round) {
        Rows rows;
        for (int i = 0; i < 30; ++i) {
            rows.emplace_back(0.1 + 1e-6 * unit(), i % 3 == 0);
        }
        const auto line = calibration(rows).value().line;
        if (!line) {
            continue;
        }
        ++lines;
        long double balance = 0;
        long double moment = 0;
        for (const Judged &row : rows) {
            const long double x = std::log(row.p() / (1 - row.p()));
            const long double residual =
                (row.failed() ? 1 : 0) - 1 / (1 + std::exp(-line->intercept - line->slope * x));
            balance += residual;
            moment += residual * (x + std::log(9.0L)) / 1e-5L;
        }
        EXPECT_LT(std::fabs(balance), 1e-9L);
        EXPECT_LT(std::fabs(moment), 1e-9L);
    }
    EXPECT_GT(lines, 190);
}

TEST(Calibration, IsSteepOnlyWhereItCanTell) {
    /* p around 0.1 within a thousandth, outcomes that depend on it strongly. */
    std::mt19937_64 bits(5);
    Rows rows;
    for (int i = 0; i < 4000; ++i) {
        const double u = static_cast<double>(bits() >> 11) * 0x1p-53;
        const double v = static_cast<double>(bits() >> 11) * 0x1p-53;
        rows.emplace_back(0.1 + 0.001 * u, v < 1 / (1 + std::exp(5 - 10 * u)));
    }
    EXPECT_GT(calibration(rows).value().line.value().slope, 500);
    Totals totals;
    ASSERT_TRUE(totals.add(rows));
    EXPECT_FALSE(calibration(totals.totals).value().line);
}

/* All predictions within a few cells: rows still tell a slope of hundreds, their sums cannot. */
TEST(Calibration, SumsTellNoLineThatIsTooSteepForTheirCells) {
    Rows rows;
    for (int i = 0; i < 2000; ++i) {
        const double p = 0.495 + 0.000005 * i;
        rows.emplace_back(p, (p > 0.5) != (i % 10 == 0));
    }
    const CalibrationFigures of_rows = calibration(rows).value();
    ASSERT_TRUE(of_rows.line);
    EXPECT_GT(of_rows.line->slope, 100);
    Totals totals;
    ASSERT_TRUE(totals.add(rows));
    const CalibrationFigures of_sums = calibration(totals.totals).value();
    EXPECT_FALSE(of_sums.line);
    EXPECT_EQ(of_sums.mean_p, of_rows.mean_p);
}

TEST(Calibration, SaysWhenThereIsNoRoom) {
    const Rows rows = made_up(5000, 0, 1, 6);
    for (std::size_t room = 0; room < 6; ++room) {
        Totals totals;
        totals.room = room;
        EXPECT_EQ(totals.add(rows).error().kind, ErrorKind::out_of_memory);
    }
    Totals whole;
    ASSERT_TRUE(whole.add(rows));
    Totals full;
    full.room = 2;
    EXPECT_EQ(full.add(whole).error().kind, ErrorKind::out_of_memory);
}

TEST(Ranking, IsThatOfTheTable) {
    Rows rows = input();
    ASSERT_TRUE(sort_judged(rows, never));
    expect_near(*area_under_curve(rows), "auc", 1e-13);
    std::vector<IsotonicBlock> blocks(rows.size());
    blocks.resize(isotonic_blocks(rows, blocks.data()));
    const auto wanted = table("isotonic_expected.csv");
    ASSERT_EQ(blocks.size(), wanted.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        EXPECT_EQ(blocks[i].p_from, wanted[i][0]);
        EXPECT_EQ(blocks[i].p_to, wanted[i][1]);
        EXPECT_EQ(static_cast<double>(blocks[i].rows), wanted[i][2]);
        EXPECT_EQ(static_cast<double>(blocks[i].failures), wanted[i][3]);
        EXPECT_NEAR(static_cast<double>(blocks[i].failures) / static_cast<double>(blocks[i].rows),
                    wanted[i][4], 1e-15);
    }
}

TEST(Ranking, CountsPairs) {
    Rows rows = made_up(300, 0, 1, 7);
    for (std::size_t i = 0; i < 100; ++i) {
        rows.emplace_back(static_cast<double>(i % 5) / 4, i % 3 == 0);
    }
    double pairs = 0;
    double won = 0;
    for (const Judged &a : rows) {
        for (const Judged &b : rows) {
            if (a.failed() && !b.failed()) {
                pairs += 2;
                won += a.p() > b.p() ? 2 : a.p() == b.p() ? 1 : 0;
            }
        }
    }
    ASSERT_TRUE(sort_judged(rows, never));
    EXPECT_DOUBLE_EQ(*area_under_curve(rows), won / pairs);
    EXPECT_FALSE(area_under_curve(Rows{{0.5, true}}));
    EXPECT_FALSE(area_under_curve(Rows{}));
    EXPECT_EQ(sort_judged(rows, []() noexcept { return true; }).error().kind, ErrorKind::cancelled);
}

TEST(Ranking, RatesRiseStrictly) {
    for (std::uint64_t seed = 40; seed < 60; ++seed) {
        Rows rows = made_up(200, 0, 0.2, seed);
        ASSERT_TRUE(sort_judged(rows, never));
        std::vector<IsotonicBlock> blocks(rows.size());
        blocks.resize(isotonic_blocks(rows, blocks.data()));
        std::int64_t all = 0;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            all += blocks[i].rows;
            if (i > 0) {
                EXPECT_LT(blocks[i - 1].failures * blocks[i].rows, blocks[i].failures * blocks[i - 1].rows);
                EXPECT_LT(blocks[i - 1].p_to, blocks[i].p_from);
            }
        }
        EXPECT_EQ(all, 200);
    }
}

TEST(Recalibration, FindsTheTruthInAnyOrder) {
    std::mt19937_64 bits(8);
    const auto unit = [&] { return static_cast<double>(bits() >> 11) * 0x1p-53; };
    std::vector<RatedOutcome> rows;
    for (int i = 0; i < 40000; ++i) {
        const double offset = -3 + unit();
        const double weight = 3 * (unit() - 0.5) + 2 * unit();
        rows.push_back({1 / (1 + std::exp(-offset)), 1 / (1 + std::exp(-offset - weight)),
                        unit() < 1 / (1 + std::exp(-0.2 - offset - 0.7 * weight))});
    }
    const LogisticLine line = recalibration(rows).value().value();
    EXPECT_LT(std::fabs(line.intercept - 0.2L), 4 * line.intercept_error);
    EXPECT_LT(std::fabs(line.slope - 0.7L), 4 * line.slope_error);
    std::shuffle(rows.begin(), rows.end(), bits);
    const LogisticLine again = recalibration(rows).value().value();
    EXPECT_EQ(again.intercept, line.intercept);
    EXPECT_EQ(again.slope, line.slope);
}

TEST(Recalibration, OfOneRateIsTheCalibration) {
    /* With a rate of 1/2 the offset is nothing and the weight is x. */
    std::vector<RatedOutcome> rows;
    for (const Judged &row : input()) {
        rows.push_back({0.5, row.p(), row.failed()});
    }
    const LogisticLine line = recalibration(rows).value().value();
    expect_near(static_cast<double>(line.intercept), "calibration_intercept", 1e-10);
    expect_near(static_cast<double>(line.slope), "calibration_slope", 1e-10);
    expect_near(static_cast<double>(line.slope_error), "slope_standard_error", 1e-10);
    std::vector<RatedOutcome> alike(10, {0.1, 0.2, true});
    alike[0].failed = false;
    EXPECT_FALSE(recalibration(alike).value());
    EXPECT_EQ(rated_outcome(0, 0.5, true).error().kind, ErrorKind::bad_value);
    EXPECT_EQ(rated_outcome(0.5, std::nan(""), true).error().kind, ErrorKind::bad_value);
}

} // namespace tradeup
