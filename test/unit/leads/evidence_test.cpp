/*
 * Evidence: its text, its stored form, what neither may be.
 */
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scorers.hpp"

namespace tradeup {
namespace {

std::string again(std::string_view text) {
    return text_of(*StoredEvidence(text));
}

TEST(Evidence, OfText) {
    EXPECT_EQ(again(""), "");
    EXPECT_EQ(again("1=present 3=0.7"), "1=present 3=0.7");
    EXPECT_EQ(again("  list=1f2e3d4c\n 64=absent\t2=present "), "list=1f2e3d4c 2=present 64=absent");
    EXPECT_EQ(again("list=ffffffff"), "list=ffffffff");
    EXPECT_EQ(again("3=unknown 4=present"), "4=present");
}

TEST(Evidence, CertainProbabilitiesAreWords) {
    EXPECT_EQ(again("1=1 2=0 3=1.0 4=-0 5=0e0"), "1=present 2=absent 3=present 4=absent 5=absent");
    EXPECT_EQ(StoredEvidence("1=1").bytes(), StoredEvidence("1=present").bytes());
}

TEST(Evidence, ProbabilitiesComeBack) {
    EXPECT_EQ(again("1=0.1 2=5e-324 3=0.9999999999999999"), "1=0.1 2=5e-324 3=0.9999999999999999");
}

TEST(Evidence, OfAllPositions) {
    std::ostringstream text;
    for (int i = 1; i <= kMostStressors; ++i) {
        text << (i > 1 ? " " : "") << i;
        if (i % 3 == 2) {
            text << "=0.1" << i << "1";
        } else {
            text << (i % 3 == 0 ? "=present" : "=absent");
        }
    }
    EXPECT_EQ(again(text.str()), text.str());
    std::ostringstream longest;
    longest << "list=ffffffff";
    for (int i = 1; i <= kMostStressors; ++i) {
        longest << " " << i << "=2.2250738585072014e-308";
    }
    EXPECT_EQ(again(longest.str()), longest.str());
}

TEST(Evidence, TakesTwentyBytesWithoutProbabilities) {
    EXPECT_EQ(StoredEvidence("1=present 2=absent").bytes().size(), 20U);
    EXPECT_EQ(StoredEvidence("1=present 2=0.5 3=0.25").bytes().size(), 36U);
    EXPECT_EQ((*StoredEvidence("2=0.5 63=present 64=0.25")).probability(63), 0.25);
}

TEST(Evidence, OfNames) {
    const std::vector<std::string_view> names{"soc_decline", "towing", "heat"};
    const EvidenceParts parts =
        parse_named_evidence("heat=0.7 soc_decline=present towing=absent", names, 0xabc).value();
    EXPECT_EQ(text_of(*StoredEvidence(parts)), "list=abc 1=present 2=absent 3=0.7");
    const auto refused = parse_named_evidence("cold=present", names, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::bad_value);
    EXPECT_STREQ(refused.error().message, "unknown stressor \"cold\"");
    EXPECT_STREQ(refused.error().hint, "Use one of these: soc_decline towing heat.");
    const std::string longest(63, 'x');
    EXPECT_FALSE(parse_named_evidence("cold=present", std::vector<std::string_view>(64, longest), 1));
    EXPECT_FALSE(parse_named_evidence("heat=present heat=absent", names, 1));
    EXPECT_FALSE(parse_named_evidence("heat", names, 1));
}

TEST(Evidence, RefusesWhatIsNone) {
    for (const char *wrong : {"1",
                              "=present",
                              "1=",
                              "0=present",
                              "65=present",
                              "99999999999999999999=present",
                              "-1=present",
                              "1=yes",
                              "1=1.5",
                              "1=-0.1",
                              "1=nan",
                              "1=inf",
                              "1=0.5x",
                              "1=present 1=absent",
                              "towing=present",
                              "list=",
                              "list=xyz",
                              "list=123456789",
                              "1=present list=1",
                              "1=present,2=absent"}) {
        const Result<EvidenceParts> parts = parse_evidence(wrong);
        ASSERT_FALSE(parts) << wrong;
        EXPECT_EQ(parts.error().kind, ErrorKind::bad_text) << wrong;
    }
}

TEST(Evidence, StoredFormIsChecked) {
    const StoredEvidence stored("1=present 2=0.5");
    std::string bytes(stored.bytes());
    EXPECT_TRUE(is_evidence(bytes.data(), bytes.size()));
    EXPECT_FALSE(is_evidence(bytes.data(), bytes.size() - 1));
    EXPECT_FALSE(is_evidence(bytes.data(), kPlainEvidenceSize));
    EXPECT_FALSE(is_evidence(bytes.data(), 3));
    const double certain = 1;
    std::memcpy(bytes.data() + kPlainEvidenceSize, &certain, sizeof certain);
    EXPECT_FALSE(is_evidence(bytes.data(), bytes.size()));
}

} // namespace
} // namespace tradeup
