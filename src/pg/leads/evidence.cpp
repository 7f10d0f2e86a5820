/*
 * The SQL type evidence: in and out, as text and in binary, compared and hashed; made from names, taken apart
 * into rows.
 */
#include <algorithm>
#include <cstring>

#include "core/leads/text_words.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/rows.hpp"
#include "pg/leads/risk.hpp"

extern "C" {
#include "common/hashfn.h"
#include "libpq/pqformat.h"
}

namespace tradeup {

void refuse_evidence_format() {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("evidence is in a format that this version does not read"),
                    errhint("Observe the vehicle again.")));
    pg_unreachable();
}

Datum evidence_datum(const EvidenceParts &parts) {
    char bytes[kMostEvidenceSize];
    const std::size_t size = parts.store(bytes);
    auto *stored = static_cast<struct varlena *>(palloc(VARHDRSZ + size));
    SET_VARSIZE(stored, VARHDRSZ + size);
    std::memcpy(VARDATA(stored), bytes, size);
    return PointerGetDatum(stored);
}

EvidenceParts named_evidence(const RiskScorer &scorer, std::string_view words) {
    std::string_view names[kMostStressors];
    for (std::uint32_t i = 0; i < scorer.count; ++i) {
        names[i] = scorer.name(static_cast<int>(i));
    }
    return value_of(parse_named_evidence(words, {names, scorer.count}, scorer.fingerprint));
}

} // namespace tradeup

using namespace tradeup;

namespace {

std::string_view bytes_of(Datum evidence) {
    const struct varlena *stored = PG_DETOAST_DATUM_PACKED(evidence);
    return {VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)};
}

/* As bytes: an order that tells equal from different, and nothing about risk. */
int order_of(FunctionCallInfo fcinfo) {
    return bytes_of(PG_GETARG_DATUM(0)).compare(bytes_of(PG_GETARG_DATUM(1)));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(evidence_in);
PG_FUNCTION_INFO_V1(evidence_out);
PG_FUNCTION_INFO_V1(evidence_recv);
PG_FUNCTION_INFO_V1(evidence_send);
PG_FUNCTION_INFO_V1(evidence_eq);
PG_FUNCTION_INFO_V1(evidence_ne);
PG_FUNCTION_INFO_V1(evidence_lt);
PG_FUNCTION_INFO_V1(evidence_le);
PG_FUNCTION_INFO_V1(evidence_gt);
PG_FUNCTION_INFO_V1(evidence_ge);
PG_FUNCTION_INFO_V1(evidence_cmp);
PG_FUNCTION_INFO_V1(evidence_hash);
PG_FUNCTION_INFO_V1(evidence_hash_extended);
PG_FUNCTION_INFO_V1(evidence_named);
PG_FUNCTION_INFO_V1(evidence_of_list);
PG_FUNCTION_INFO_V1(evidence_rows);

Datum evidence_in(PG_FUNCTION_ARGS) {
    const char *words = PG_GETARG_CSTRING(0);
    PG_RETURN_DATUM(evidence_datum(value_of(parse_evidence(words))));
}

Datum evidence_out(PG_FUNCTION_ARGS) {
    char out[kEvidenceTextSize];
    (void)write_evidence(to_evidence(PG_GETARG_DATUM(0)), out);
    PG_RETURN_CSTRING(pstrdup(out));
}

/* Fingerprint, both sets of positions, probabilities. */
Datum evidence_recv(PG_FUNCTION_ARGS) {
    auto *message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    EvidenceParts parts(pq_getmsgint(message, 4));
    const auto present = static_cast<Positions>(pq_getmsgint64(message));
    const auto absent = static_cast<Positions>(pq_getmsgint64(message));
    bool right = true;
    for (int at = 0; at < kMostStressors; ++at) {
        if (((present & absent) & bit_of(at)) != 0) {
            const double probability = pq_getmsgfloat8(message);
            right = right && probability > 0 && probability < 1;
            parts.set(at, probability);
        } else if (((present | absent) & bit_of(at)) != 0) {
            parts.set(at, (present & bit_of(at)) != 0 ? 1 : 0);
        }
    }
    if (!right) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                        errmsg("probability of evidence must be between 0 and 1")));
    }
    PG_RETURN_DATUM(evidence_datum(parts));
}

Datum evidence_send(PG_FUNCTION_ARGS) {
    const Evidence evidence = to_evidence(PG_GETARG_DATUM(0));
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendint32(&message, evidence.fingerprint);
    pq_sendint64(&message, evidence.present);
    pq_sendint64(&message, evidence.absent);
    for (int at = 0; at < kMostStressors; ++at) {
        if ((evidence.soft() & bit_of(at)) != 0) {
            pq_sendfloat8(&message, evidence.probability(at));
        }
    }
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum evidence_eq(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(bytes_of(PG_GETARG_DATUM(0)) == bytes_of(PG_GETARG_DATUM(1)));
}

Datum evidence_ne(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(bytes_of(PG_GETARG_DATUM(0)) != bytes_of(PG_GETARG_DATUM(1)));
}

Datum evidence_lt(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(order_of(fcinfo) < 0);
}

Datum evidence_le(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(order_of(fcinfo) <= 0);
}

Datum evidence_gt(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(order_of(fcinfo) > 0);
}

Datum evidence_ge(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(order_of(fcinfo) >= 0);
}

Datum evidence_cmp(PG_FUNCTION_ARGS) {
    const int order = order_of(fcinfo);
    PG_RETURN_INT32(order < 0 ? -1 : order > 0 ? 1 : 0);
}

Datum evidence_hash(PG_FUNCTION_ARGS) {
    const std::string_view bytes = bytes_of(PG_GETARG_DATUM(0));
    return hash_any(reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
}

Datum evidence_hash_extended(PG_FUNCTION_ARGS) {
    const std::string_view bytes = bytes_of(PG_GETARG_DATUM(0));
    return hash_any_extended(reinterpret_cast<const unsigned char *>(bytes.data()),
                             static_cast<int>(bytes.size()), static_cast<uint64>(PG_GETARG_INT64(1)));
}

/* evidence(scorer, text) */
Datum evidence_named(PG_FUNCTION_ARGS) {
    PG_RETURN_DATUM(
        evidence_datum(named_evidence(to_scorer(PG_GETARG_DATUM(0)), view_of(PG_GETARG_DATUM(1)))));
}

/* evidence_of(stressors, states): the names of a whole list in its order, and a state of each, null for
 * unknown. */
Datum evidence_of_list(PG_FUNCTION_ARGS) {
    const Elements names = elements_argument(fcinfo, 0, "stressors");
    const Elements states = elements_argument(fcinfo, 1, "states");
    if (names.count != states.count || names.count > kMostStressors) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("stressors and states must have the same length, at most 64"),
                        errdetail("They have %d and %d.", names.count, states.count)));
    }
    StressorParts list[kMostStressors] = {};
    const auto count = static_cast<std::size_t>(names.count);
    for (std::size_t i = 0; i < count; ++i) {
        if (names.nulls[i]) {
            ereport(ERROR,
                    (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("stressors must not contain nulls")));
        }
        list[i].name = view_of(names.values[i]);
    }
    EvidenceParts parts(fingerprint_of({list, count}));
    for (std::size_t i = 0; i < count; ++i) {
        const double probability = states.nulls[i] ? -1 : value_of(parse_state(view_of(states.values[i])));
        if (probability >= 0) {
            parts.set(static_cast<int>(i), probability);
        }
    }
    PG_RETURN_DATUM(evidence_datum(parts));
}

/* evidence_rows(scorer, evidence): position, stressor, state, probability. */
Datum evidence_rows(PG_FUNCTION_ARGS) {
    const auto [scorer, evidence] = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    const RowSink sink = begin_rows(fcinfo);
    for (int at = 0; at < static_cast<int>(scorer.count); ++at) {
        const std::string_view name = scorer.name(at);
        const char *state = state_of(evidence, at);
        const bool known = (evidence.known() & bit_of(at)) != 0;
        const double probability =
            state == nullptr ? evidence.probability(at) : static_cast<double>((evidence.present >> at) & 1);
        Datum values[] = {
            Int32GetDatum(at + 1),
            PointerGetDatum(cstring_to_text_with_len(name.data(), static_cast<int>(name.size()))),
            CStringGetTextDatum(state == nullptr ? "probable" : state), Float8GetDatum(probability)};
        bool nulls[] = {false, false, false, !known};
        sink.put(values, nulls);
    }
    return 0;
}

} // extern "C"
