/*
 * libFuzzer: a text as evidence, as a scorer, and bytes as stored evidence. What is read comes back from its
 * text, byte for byte, and whatever a scorer makes of evidence is a probability.
 */
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/leads/risk_spread.hpp"
#include "core/leads/scorer.hpp"

namespace {

using namespace tradeup;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::string stored(const EvidenceParts &parts) {
    char bytes[kMostEvidenceSize];
    return {bytes, parts.store(bytes)};
}

bool is_probability(double p) {
    return p >= 0 && p <= 1;
}

/* The bytes of evidence, if any. */
std::string evidence_of(std::string_view text) {
    const Result<EvidenceParts> parts = parse_evidence(text);
    if (!parts) {
        return {};
    }
    const std::string bytes = stored(*parts);
    require(is_evidence(bytes.data(), bytes.size()));
    char out[kEvidenceTextSize];
    const std::size_t length = write_evidence(evidence_at(bytes.data()), out);
    const Result<EvidenceParts> again = parse_evidence({out, length});
    require(again.has_value() && stored(*again) == bytes);
    return bytes;
}

void score(const RiskScorer &scorer, const std::string &bytes) {
    const Evidence evidence = evidence_at(bytes.data());
    if (!takes(scorer, evidence)) {
        return;
    }
    ExplainedStressor rows[kMostStressors];
    explain(scorer, evidence, rows);
    require(is_probability(risk_of(scorer, evidence)));
    const RiskSpread spread = spread_of(scorer, evidence);
    const Result<ProbabilityInterval> interval = risk_interval(spread, 0.8);
    require(interval && is_probability(interval->low) && is_probability(interval->high) &&
            is_probability(interval->mean) && interval->low <= interval->median &&
            interval->median <= interval->high);
    require(is_probability(risk_over(spread, 0.1).value()));
}

void scorer_of(std::string_view text, const std::string &evidence) {
    ParsedScorer parsed;
    if (!parse_scorer(text, parsed)) {
        return;
    }
    const Result<std::size_t> size = scorer_size(parsed.parts);
    if (!size) {
        return;
    }
    std::vector<std::uint64_t> room(*size / sizeof(std::uint64_t) + 1);
    auto &scorer = *reinterpret_cast<RiskScorer *>(room.data());
    build_scorer(parsed.parts, scorer);
    require(is_scorer(scorer, *size));
    std::vector<char> out(scorer_text_size(scorer));
    const std::size_t length = write_scorer(scorer, out.data());
    require(length < out.size());
    ParsedScorer again;
    require(parse_scorer({out.data(), length}, again).has_value());
    std::vector<std::uint64_t> same(room.size());
    build_scorer(again.parts, *reinterpret_cast<RiskScorer *>(same.data()));
    require(std::memcmp(same.data(), room.data(), *size) == 0);
    EvidenceParts all(kNoList);
    for (std::uint32_t at = 0; at < scorer.count; ++at) {
        all.set(static_cast<int>(at), at % 3 == 0 ? 1 : at % 3 == 1 ? 0 : 0.25);
    }
    score(scorer, stored(all));
    if (!evidence.empty()) {
        score(scorer, evidence);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    (void)is_evidence(text.data(), text.size());
    /* A scorer and evidence for it may stand in two lines. */
    const std::size_t line = text.find('\n');
    const std::string evidence = evidence_of(line == std::string_view::npos ? text : text.substr(line + 1));
    scorer_of(text.substr(0, line), evidence);
    return 0;
}
