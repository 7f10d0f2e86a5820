/*
 * Scorers: their text, dependence groups, shrinkage, explanations, and identities of the risk.
 */
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scorers.hpp"

namespace tradeup {
namespace {

const std::vector<StressorParts> kStressors{
    {"soc_decline", "charge", {{1.9, 0.01}, {-1.4, 0.02}}, true, false},
    {"towing", "load", {{0.7, 0.3}, {-0.1, 0}}, true, true},
    {"heat", "", {{0.5, 0}, {-0.6, 0.125}}, true, false},
    {"deep_discharge", "charge", {{2.2, 0.04}, {-0.2, 0.01}}, true, false},
    {"trips", "charge", {{1.4, 0.04}, {-1.4, 0.01}}, true, false},
};

ScorerParts parts_of(const std::vector<StressorParts> &stressors) {
    return {{30, 970}, 0, 1, true, stressors};
}

double logit_of(double p) {
    return std::log(p / (1 - p));
}

TEST(Scorer, TextComesBack) {
    std::vector<StressorParts> stressors = kStressors;
    stressors[2].enabled = false;
    ScorerParts parts = parts_of(stressors);
    parts.alpha = -0.1;
    parts.gamma = 0.7;
    parts.known = false;
    const Scorer scorer(parts);
    const std::string text = text_of(*scorer);
    EXPECT_EQ(
        text,
        "v1 a=30 b=970 alpha=-0.1 gamma=0.7 known=0"
        " | soc_decline present=1.9 absent=-1.4 present_variance=0.01 absent_variance=0.02 group=charge"
        " | towing present=0.7 absent=-0.1 present_variance=0.3 assumed=1 group=load"
        " | heat present=0.5 absent=-0.6 absent_variance=0.125 enabled=0"
        " | deep_discharge present=2.2 absent=-0.2 present_variance=0.04 absent_variance=0.01 group=charge"
        " | trips present=1.4 absent=-1.4 present_variance=0.04 absent_variance=0.01 group=charge");
    ParsedScorer parsed;
    ASSERT_TRUE(parse_scorer(text, parsed));
    const Scorer again(parsed.parts);
    EXPECT_EQ(text_of(*again), text);
    ASSERT_EQ(again.size(), scorer.size());
    EXPECT_EQ(std::memcmp(&*again, &*scorer, scorer.size()), 0);
    EXPECT_TRUE(is_scorer(*scorer, scorer.size()));
    EXPECT_FALSE(is_scorer(*scorer, scorer.size() - 1));
}

TEST(Scorer, TextThatIsNone) {
    ParsedScorer parsed;
    for (const char *wrong :
         {"", "v2 a=1 b=1", "v1 a=x b=1", "v1 a=1 b=inf", "v1 a=1 b=1 c=1", "v1 a=1 b=1 group=x",
          "v1 a=1 b=1 towing", "v1 a=1 b=1 | towing present", "v1 a=1 b=1 | towing present=1e999"}) {
        const Result<bool> read = parse_scorer(wrong, parsed);
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().kind, ErrorKind::bad_text) << wrong;
    }
    std::string long_list = "v1 a=1 b=1";
    for (int i = 1; i <= kMostStressors; ++i) {
        long_list += " | s" + std::to_string(i) + " present=1 absent=-1";
    }
    EXPECT_TRUE(parse_scorer(long_list, parsed));
    EXPECT_STREQ(parse_scorer(long_list + " | more present=1 absent=-1", parsed).error().message,
                 "a model has at most 64 stressors");
    ASSERT_TRUE(parse_scorer("v1 a=1", parsed));
    EXPECT_FALSE(scorer_size(parsed.parts)) << "b is missing";
}

TEST(Scorer, RefusesWhatIsNone) {
    const auto refused = [](auto change) {
        std::vector<StressorParts> stressors = kStressors;
        ScorerParts parts = parts_of(stressors);
        change(parts, stressors);
        parts.stressors = stressors;
        const Result<std::size_t> size = scorer_size(parts);
        return !size && size.error().kind == ErrorKind::bad_value;
    };
    using Parts = ScorerParts;
    using List = std::vector<StressorParts>;
    const double nan = std::nan("");
    EXPECT_FALSE(refused([](Parts &, List &) {}));
    EXPECT_TRUE(refused([](Parts &parts, List &) { parts.rate.a = 0; }));
    EXPECT_TRUE(refused([&](Parts &parts, List &) { parts.rate.b = nan; }));
    EXPECT_TRUE(refused([&](Parts &parts, List &) { parts.alpha = nan; }));
    EXPECT_TRUE(refused([](Parts &parts, List &) { parts.gamma = 0; }));
    /* Squared, such a gamma is infinite. */
    EXPECT_TRUE(refused([](Parts &parts, List &) { parts.gamma = 1e308; }));
    EXPECT_TRUE(refused([](Parts &parts, List &) { parts.gamma = 5.01; }));
    EXPECT_TRUE(refused([](Parts &parts, List &) { parts.alpha = -20.01; }));
    EXPECT_FALSE(refused([](Parts &parts, List &) {
        parts.alpha = 20;
        parts.gamma = 5;
    }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list[1].name = "heat"; }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list[1].name = ""; }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list[1].name = "a b"; }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list[1].name = "a=b"; }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list[1].group = "a\tb"; }));
    EXPECT_TRUE(refused([&](Parts &, List &list) { list[1].ratios.present.log = nan; }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list[1].ratios.absent.variance = -1; }));
    EXPECT_TRUE(refused([](Parts &, List &list) { list.resize(65, list[0]); }));
}

TEST(Scorer, FingerprintIsThatOfTheNames) {
    std::vector<StressorParts> off = kStressors;
    off[0].enabled = false;
    off[1].ratios.present.log = 9;
    EXPECT_EQ(fingerprint_of(off), fingerprint_of(kStressors));
    std::swap(off[0], off[1]);
    EXPECT_NE(fingerprint_of(off), fingerprint_of(kStressors));
    EXPECT_NE(fingerprint_of({}), kNoList);
}

TEST(Scorer, RiskWithoutEvidenceIsTheRate) {
    const Scorer scorer(parts_of(kStressors));
    EXPECT_NEAR(risk_of(scorer, ""), 0.03, 1e-16);
    EXPECT_NEAR(risk_of(Scorer(parts_of({})), ""), 0.03, 1e-16);
}

TEST(Scorer, OfAGroupOnlyTheLargestWeightCounts) {
    const Scorer scorer(parts_of(kStressors));
    const double base = logit_of(0.03);
    EXPECT_NEAR(logit_of(risk_of(scorer, "1=present 4=present")), base + 2.2, 1e-12);
    EXPECT_NEAR(logit_of(risk_of(scorer, "1=absent 4=absent")), base - 1.4, 1e-12);
    EXPECT_NEAR(logit_of(risk_of(scorer, "1=present 2=present 3=absent 4=absent")), base + 1.9 + 0.7 - 0.6,
                1e-12);
    /* A tie: the first. */
    EXPECT_EQ(counted(*scorer, *StoredEvidence("1=absent 5=present")), bit_of(0));
    EXPECT_EQ(counted(*scorer, *StoredEvidence("4=present 5=absent 3=present")), bit_of(3) | bit_of(2));
    /* Uncertain evidence has the weight of its own. */
    EXPECT_EQ(counted(*scorer, *StoredEvidence("1=0.5 5=present")), bit_of(4));
}

TEST(Scorer, StressorsThatAreOffCountForNothing) {
    std::vector<StressorParts> stressors = kStressors;
    stressors[3].enabled = false;
    const Scorer scorer(parts_of(stressors));
    EXPECT_NEAR(logit_of(risk_of(scorer, "1=present 4=present")), logit_of(0.03) + 1.9, 1e-12);
    stressors[0].enabled = false;
    EXPECT_NEAR(risk_of(Scorer(parts_of(stressors)), "1=present 4=present"), 0.03, 1e-16);
    EXPECT_EQ(Scorer(parts_of(stressors))->groups, 0U);
}

TEST(Scorer, AllEvidenceIsShrunk) {
    ScorerParts parts = parts_of(kStressors);
    parts.alpha = -0.25;
    parts.gamma = 0.5;
    const Scorer scorer(parts);
    EXPECT_NEAR(logit_of(risk_of(scorer, "")), logit_of(0.03) - 0.25, 1e-12);
    EXPECT_NEAR(logit_of(risk_of(scorer, "2=present 3=present")), logit_of(0.03) - 0.25 + 0.6, 1e-12);
}

TEST(Scorer, ExplainsEveryStressor) {
    const Scorer scorer(parts_of(kStressors));
    const StoredEvidence evidence("1=present 2=absent 3=0.25 4=absent");
    ExplainedStressor rows[kMostStressors];
    explain(*scorer, *evidence, rows);
    EXPECT_EQ(rows[0].weight, 1.9);
    EXPECT_TRUE(rows[0].counted && rows[1].counted && rows[2].counted);
    EXPECT_EQ(rows[3].weight, -0.2);
    EXPECT_FALSE(rows[3].counted || rows[4].counted);
    EXPECT_EQ(rows[4].weight, 0);
    EXPECT_NEAR(rows[2].weight, std::log(0.25 * std::exp(0.5) + 0.75 * std::exp(-0.6)), 1e-15);
    EXPECT_NEAR(logit_of(rows[1].risk), logit_of(0.03) + 1.8, 1e-12);
    EXPECT_EQ(rows[4].risk, risk_of(*scorer, *evidence));
}

TEST(Scorer, TakesEvidenceOfItsListOnly) {
    const Scorer scorer(parts_of(kStressors));
    EXPECT_TRUE(takes(*scorer, *StoredEvidence("5=present")));
    EXPECT_FALSE(takes(*scorer, *StoredEvidence("6=present")));
    EXPECT_FALSE(takes(*scorer, *StoredEvidence("list=1 5=present")));
    EXPECT_STREQ(wrong_list(*scorer, *StoredEvidence("list=1 5=present")).message,
                 "evidence belongs to another list of stressors");
    EXPECT_STREQ(wrong_list(*scorer, *StoredEvidence("6=present")).detail,
                 "It knows position 6, the last of the scorer is 5.");
}

TEST(Scorer, OfSixtyFourStressors) {
    std::vector<std::string> names;
    for (int i = 0; i < kMostStressors; ++i) {
        names.push_back(std::to_string(i));
    }
    std::vector<StressorParts> stressors;
    for (int i = 0; i < kMostStressors; ++i) {
        stressors.push_back({names[static_cast<std::size_t>(i)], {}, {{0.125, 0}, {-0.25, 0}}, true, false});
    }
    const Scorer scorer(parts_of(stressors));
    EvidenceParts all(kNoList);
    for (int i = 0; i < kMostStressors; ++i) {
        all.set(i, i < 32 ? 1 : 0);
    }
    EXPECT_NEAR(logit_of(risk_of(*scorer, *StoredEvidence(all))), logit_of(0.03) + 4 - 8, 1e-12);
    EXPECT_FALSE(scorer_size(parts_of(std::vector<StressorParts>(65, stressors[0]))));
}

/* Of each of k stressors: a share of the vehicles that fail has it, another of those that do not. */
TEST(Scorer, RisksOfAllPatternsAddUpToTheRate) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> share(0.02, 0.98);
    const double rate = 0.03;
    for (int repeat = 0; repeat < 20; ++repeat) {
        constexpr int kCount = 10;
        const std::string names = "abcdefghij";
        std::vector<StressorParts> stressors;
        double failing[kCount];
        double sound[kCount];
        for (int i = 0; i < kCount; ++i) {
            failing[i] = share(random);
            sound[i] = share(random);
            stressors.push_back(
                {std::string_view(names).substr(static_cast<std::size_t>(i), 1),
                 {},
                 {{std::log(failing[i] / sound[i]), 0}, {std::log((1 - failing[i]) / (1 - sound[i])), 0}},
                 true,
                 false});
        }
        const Scorer scorer(parts_of(stressors));
        double sum = 0;
        for (std::uint64_t pattern = 0; pattern < (1U << kCount); ++pattern) {
            EvidenceParts parts(kNoList);
            double fails = rate;
            double holds = 1 - rate;
            for (int i = 0; i < kCount; ++i) {
                const bool present = (pattern & bit_of(i)) != 0;
                parts.set(i, present ? 1 : 0);
                fails *= present ? failing[i] : 1 - failing[i];
                holds *= present ? sound[i] : 1 - sound[i];
            }
            const double risk = risk_of(*scorer, *StoredEvidence(parts));
            EXPECT_NEAR(risk, fails / (fails + holds), 1e-13);
            sum += (fails + holds) * risk;
        }
        EXPECT_NEAR(sum, rate, 1e-14);
    }
}

TEST(Scorer, RiskRisesWithEachWeight) {
    for (std::size_t i = 0; i < kStressors.size(); ++i) {
        std::vector<StressorParts> stressors = kStressors;
        double last = 0;
        for (double weight = -30; weight <= 30; weight += 0.5) {
            for (StressorParts &stressor : stressors) {
                stressor.group = {};
            }
            stressors[i].ratios.present.log = weight;
            const double risk =
                risk_of(Scorer(parts_of(stressors)), "1=present 2=present 3=present 4=present 5=present");
            EXPECT_GT(risk, last) << i << " " << weight;
            last = risk;
        }
    }
}

TEST(Scorer, RiskDoesNotOverflow) {
    const std::vector<StressorParts> stressors{{"huge", {}, {{9000, 0}, {-9000, 0}}, true, false}};
    EXPECT_EQ(risk_of(Scorer(parts_of(stressors)), "1=present"), 1);
    EXPECT_EQ(risk_of(Scorer(parts_of(stressors)), "1=absent"), 0);
    EXPECT_NEAR(risk_of(Scorer(parts_of(stressors)), "1=0.5"), 1, 1e-15);
}

} // namespace
} // namespace tradeup
