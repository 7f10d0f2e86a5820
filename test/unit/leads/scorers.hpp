/*
 * What several tests of this room need: scorers and evidence as their stored forms.
 */
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/leads/scorer.hpp"

namespace tradeup {

/* A scorer in memory of its own. */
class Scorer {
public:
    explicit Scorer(const ScorerParts &parts) {
        const Result<std::size_t> size = scorer_size(parts);
        EXPECT_TRUE(size) << size.error().message;
        bytes_.resize((size.value_or(sizeof(RiskScorer)) + 7) / 8);
        size_ = size.value_or(0);
        if (size) {
            build_scorer(parts, *reinterpret_cast<RiskScorer *>(bytes_.data()));
        }
    }
    const RiskScorer &operator*() const { return *reinterpret_cast<const RiskScorer *>(bytes_.data()); }
    const RiskScorer *operator->() const { return &**this; }
    std::size_t size() const { return size_; }

private:
    std::vector<std::uint64_t> bytes_;
    std::size_t size_;
};

/* Evidence in memory of its own. */
class StoredEvidence {
public:
    explicit StoredEvidence(const EvidenceParts &parts) : size_(parts.store(bytes_)) {}
    explicit StoredEvidence(std::string_view text) : StoredEvidence(parse_evidence(text).value()) {}
    Evidence operator*() const { return evidence_at(bytes_); }
    std::string_view bytes() const { return {bytes_, size_}; }

private:
    char bytes_[kMostEvidenceSize];
    std::size_t size_;
};

inline std::string text_of(const Evidence &evidence) {
    char out[kEvidenceTextSize];
    return {out, write_evidence(evidence, out)};
}

inline std::string text_of(const RiskScorer &scorer) {
    std::vector<char> out(scorer_text_size(scorer));
    return {out.data(), write_scorer(scorer, out.data())};
}

inline double risk_of(const Scorer &scorer, std::string_view evidence) {
    return risk_of(*scorer, *StoredEvidence(evidence));
}

} // namespace tradeup
