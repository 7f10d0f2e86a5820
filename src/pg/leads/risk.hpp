/*
 * Evidence and scorers as Datums.
 */
#pragma once

#include "core/leads/evidence.hpp"
#include "core/leads/scorer.hpp"

#include "pg/glue/glue.hpp"

namespace tradeup {

[[noreturn]] void refuse_evidence_format();
[[noreturn]] void refuse_scorer_format();
struct varlena *detoasted(struct varlena *stored);

/* Evidence, where it lies as a rule: in a row of a table, without a copy. Errors: 22023 for one in a format
 * of another version of the library. */
inline Evidence to_evidence(Datum datum) {
    auto *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    if (VARATT_IS_COMPRESSED(stored) || VARATT_IS_EXTERNAL(stored)) [[unlikely]] {
        stored = detoasted(stored);
    }
    const char *bytes = VARDATA_ANY(stored);
    const std::size_t size = VARSIZE_ANY_EXHDR(stored);
    if (size < kPlainEvidenceSize) [[unlikely]] {
        refuse_evidence_format();
    }
    const Evidence evidence = evidence_at(bytes);
    if (size != kPlainEvidenceSize || evidence.soft() != 0) [[unlikely]] {
        if (!is_evidence(bytes, size)) {
            refuse_evidence_format();
        }
    }
    return evidence;
}

/* A scorer. Errors: 22023 for one in a format of another version of the library. */
inline const RiskScorer &to_scorer(Datum datum) {
    auto *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    if (VARATT_IS_EXTENDED(stored)) [[unlikely]] {
        stored = detoasted(stored);
    }
    const auto &scorer = *reinterpret_cast<const RiskScorer *>(stored);
    if (VARSIZE(stored) < sizeof(RiskScorer) || !is_scorer(scorer, VARSIZE(stored))) [[unlikely]] {
        refuse_scorer_format();
    }
    return scorer;
}

/* Both arguments of a function of a scorer and evidence. Errors: 22023 for evidence of another list of
 * stressors. */
struct Scored {
    const RiskScorer &scorer;
    Evidence evidence;
};
[[gnu::always_inline]] inline Scored scored(Datum scorer, Datum evidence) {
    const Scored both{to_scorer(scorer), to_evidence(evidence)};
    if (!takes(both.scorer, both.evidence)) [[unlikely]] {
        report(wrong_list(both.scorer, both.evidence));
    }
    return both;
}

/* Evidence as a Datum. */
Datum evidence_datum(const EvidenceParts &parts);

/* Evidence from names, as the scorer has them. Errors: 22P02, 22023. */
EvidenceParts named_evidence(const RiskScorer &scorer, std::string_view words);

} // namespace tradeup
