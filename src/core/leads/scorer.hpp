/*
 * The scorer: a cohort compiled for scoring. It holds the density of the cohort's rate and the weight of each
 * stressor's presence and absence, and refers to nothing outside. The risk of a vehicle is
 *
 *     logit P = alpha + logit rate + gamma (sum of weights),
 *
 * where a stressor weighs the logarithm of its likelihood ratio, nothing when it is unknown, and within a
 * dependence group only the weight of the largest magnitude counts.
 */
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/error.hpp"
#include "core/leads/evidence.hpp"
#include "core/leads/rates.hpp"
#include "core/leads/ratios.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A stressor as it is stored in a scorer. */
struct ScorerStressor {
    double counting[4]; // what it adds to the sum: unknown, present, absent, and nothing; 0 when it is off
    double weight[2];   // present, absent
    double variance[2]; // of the weights
    std::uint32_t name_at;
    std::uint32_t group_at;
    std::uint16_t name_size;
    std::uint16_t group_size; // 0: no group
    std::uint32_t assumed;    // whether the variances are assumed, not estimated
};

/* Mean, variance and the next two cumulants of the logit of the rate. */
struct Cumulants {
    double mean;
    double variance;
    double third;
    double fourth;
};
Cumulants cumulants_of(BetaRate rate) noexcept;

/* A scorer as it is stored: this, the stressors, the sets of positions of the dependence groups, the names.
 */
struct RiskScorer {
    std::int32_t header; // PostgreSQL's, of its size
    std::uint32_t format;
    std::uint32_t fingerprint; // of the names of all stressors
    std::uint32_t count;       // of stressors
    std::uint32_t groups;      // that have several enabled stressors
    std::uint32_t names_size;
    std::uint32_t known; // whether the cohort has a prior or outcomes
    std::uint32_t unused;
    Positions enabled;
    Positions grouped; // those that share a group with another enabled one
    BetaRate rate;
    Cumulants logit;
    double alpha;
    double gamma;
    double base; // alpha + logit of the mean rate

    const ScorerStressor *stressors() const noexcept {
        return reinterpret_cast<const ScorerStressor *>(this + 1);
    }
    ScorerStressor *stressors() noexcept { return reinterpret_cast<ScorerStressor *>(this + 1); }
    const Positions *group_sets() const noexcept {
        return reinterpret_cast<const Positions *>(stressors() + count);
    }
    Positions *group_sets() noexcept { return reinterpret_cast<Positions *>(stressors() + count); }
    const char *names() const noexcept { return reinterpret_cast<const char *>(group_sets() + groups); }
    char *names() noexcept { return reinterpret_cast<char *>(group_sets() + groups); }

    std::string_view name(int at) const noexcept {
        return {names() + stressors()[at].name_at, stressors()[at].name_size};
    }
    std::string_view group(int at) const noexcept {
        return {names() + stressors()[at].group_at, stressors()[at].group_size};
    }
    Positions all() const noexcept {
        return count == kMostStressors ? ~Positions{0} : bit_of(static_cast<int>(count)) - 1;
    }
};
inline constexpr std::uint32_t kScorerFormat = 0x31727363;

/* A stressor as it is compiled. */
struct StressorParts {
    std::string_view name;
    std::string_view group; // empty: none
    LogRatios ratios;
    bool enabled;
    bool assumed;
};

/* A scorer as it is compiled. */
struct ScorerParts {
    BetaRate rate;
    double alpha;
    double gamma;
    bool known;
    std::span<const StressorParts> stressors;
};

/* What is said of a stressor's name, or of a group's: up to 63 bytes, no blank, no =. Errors: bad_value. */
inline constexpr std::size_t kMostNameBytes = 63;
Result<bool> check_name(std::string_view name, const char *what) noexcept;

/* The fingerprint of a list of names; never kNoList. */
std::uint32_t fingerprint_of(std::span<const StressorParts> stressors) noexcept;

/* The bytes of a scorer. Errors: bad_value for parts that are out of their domain: a and b as check_beta
 * wants them, alpha finite, gamma above 0, at most 64 stressors with different names, weights finite,
 * variances finite and not negative. */
Result<std::size_t> scorer_size(const ScorerParts &parts) noexcept;

/* Compiles it into so many bytes, all zero. */
void build_scorer(const ScorerParts &parts, RiskScorer &scorer) noexcept;

/* Whether these bytes, of which there are at least sizeof(RiskScorer), can be a scorer that build_scorer
 * made. */
bool is_scorer(const RiskScorer &scorer, std::size_t size) noexcept;

/* The text of a scorer: its numbers, then each stressor after a |, with what is not said being 0, or as it is
 * in most. */
std::size_t scorer_text_size(const RiskScorer &scorer) noexcept;
std::size_t write_scorer(const RiskScorer &scorer, char *out) noexcept;

/* The parts of a scorer's text, which hold views of the text. Errors: bad_text; scorer_size has those of the
 * domain. */
struct ParsedScorer {
    ScorerParts parts; // its stressors are the first of those below
    std::size_t count;
    StressorParts stressors[kMostStressors];
};
Result<bool> parse_scorer(std::string_view text, ParsedScorer &parsed) noexcept;

/* Evidence that a scorer does not take: of another list of stressors. */
Error wrong_list(const RiskScorer &scorer, const Evidence &evidence) noexcept;

inline bool takes(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    return (evidence.fingerprint == scorer.fingerprint || evidence.fingerprint == kNoList) &&
           (evidence.known() & ~scorer.all()) == 0;
}

/* The weight of a known stressor, and its variance. */
[[gnu::always_inline]] inline LogRatio weight_of(const RiskScorer &scorer, const Evidence &evidence,
                                                 int at) noexcept {
    const ScorerStressor &stressor = scorer.stressors()[at];
    if ((evidence.soft() & bit_of(at)) != 0) [[unlikely]] {
        return soft_ratio(
            {{stressor.weight[0], stressor.variance[0]}, {stressor.weight[1], stressor.variance[1]}},
            evidence.probability(at));
    }
    const std::size_t state = (evidence.absent >> at) & 1;
    return {stressor.weight[state], stressor.variance[state]};
}

/* Of the stressors of dependence groups, those that have the largest weight of their group; in a tie the
 * first. */
Positions strongest(const RiskScorer &scorer, const Evidence &evidence) noexcept;

/* The stressors whose weights count. */
inline Positions counted(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    const Positions known = evidence.known() & scorer.enabled;
    const Positions grouped = known & scorer.grouped;
    return grouped == 0 ? known : (known & ~scorer.grouped) | strongest(scorer, evidence);
}

/* The risk: at the mean of the cohort's rate, and at the means of the weights. The scorer takes the evidence.
 */
inline double risk_of(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    double sum = 0;
    /* Few stressors are summed up without asking which are known: the processor need not guess. */
    constexpr std::uint32_t kFew = 12;
    if (scorer.count <= kFew && evidence.soft() == 0 && (evidence.known() & scorer.grouped) == 0) [[likely]] {
        const ScorerStressor *stressors = scorer.stressors();
        for (std::uint32_t at = 0; at < scorer.count; ++at) {
            sum +=
                stressors[at].counting[((evidence.present >> at) & 1) | ((evidence.absent >> at) & 1) << 1];
        }
    } else {
        for_each_position(counted(scorer, evidence),
                          [&](int at) { sum += weight_of(scorer, evidence, at).log; });
    }
    const double x = scorer.base + scorer.gamma * sum;
    const double small = std::exp(-std::abs(x));
    return (x >= 0 ? 1 : small) / (1 + small);
}

/* The stressor that speaks most for a failure: of those that count the one of the largest weight above 0, of
 * equal ones the first; -1 for none. The scorer takes the evidence. */
int strongest_stressor(const RiskScorer &scorer, const Evidence &evidence) noexcept;

/* One stressor of an explanation. */
struct ExplainedStressor {
    double weight; // 0 when unknown
    bool counted;
    double risk; // with this stressor and those before it
};

/* All stressors, in ascending order of position. The scorer takes the evidence. */
void explain(const RiskScorer &scorer, const Evidence &evidence,
             ExplainedStressor (&explained)[kMostStressors]) noexcept;

} // namespace tradeup
