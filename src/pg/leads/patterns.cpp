/*
 * What lists of leads and fleets ask of a scorer and evidence besides the risk.
 */
#include <cstring>

#include "pg/leads/risk.hpp"

using namespace tradeup;

namespace {

/* A position from 1 as the glue takes it, as one from 0. */
int position_argument(FunctionCallInfo fcinfo, int number) {
    const int position = PG_GETARG_INT32(number);
    if (position < 1 || position > kMostStressors) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("position must be 1 to %d", kMostStressors),
                 errdetail("It is %d.", position)));
    }
    return position - 1;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(takes_evidence);
PG_FUNCTION_INFO_V1(pattern_key);
PG_FUNCTION_INFO_V1(stressor_weighs);
PG_FUNCTION_INFO_V1(stressor_probability);

/* takes_evidence(scorer, evidence): whether the evidence is of the scorer's list of stressors. */
Datum takes_evidence(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(takes(to_scorer(PG_GETARG_DATUM(0)), to_evidence(PG_GETARG_DATUM(1))));
}

/* stressor_weighs(scorer, evidence, position): whether what is known of a stressor has a weight, counted or
 * not. */
Datum stressor_weighs(PG_FUNCTION_ARGS) {
    const auto [scorer, evidence] = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    const int at = position_argument(fcinfo, 2);
    PG_RETURN_BOOL((evidence.known() & scorer.all() & bit_of(at)) != 0 &&
                   weight_of(scorer, evidence, at).log != 0);
}

/* stressor_probability(evidence, position): 1 when it is present, 0 when absent, a probability, or null for
 * unknown. */
Datum stressor_probability(PG_FUNCTION_ARGS) {
    const Evidence evidence = to_evidence(PG_GETARG_DATUM(0));
    const int at = position_argument(fcinfo, 1);
    if ((evidence.known() & bit_of(at)) == 0) {
        PG_RETURN_NULL();
    }
    if ((evidence.soft() & bit_of(at)) != 0) {
        PG_RETURN_FLOAT8(evidence.probability(at));
    }
    PG_RETURN_FLOAT8((evidence.present & bit_of(at)) != 0 ? 1.0 : 0.0);
}

/* pattern_key(model, cohort, vehicle_class, evidence): all of them as bytes, each behind its length, so that
 * one comparison tells patterns apart; null where one of them but the class is. */
Datum pattern_key(PG_FUNCTION_ARGS) {
    constexpr int kParts = 4;
    constexpr int kClass = 2;
    constexpr std::int32_t kNone = -1;
    std::string_view parts[kParts];
    Size size = VARHDRSZ;
    for (int i = 0; i < kParts; ++i) {
        if (!PG_ARGISNULL(i)) {
            /* Evidence is a varlena too, as a text. */
            parts[i] = view_of(PG_GETARG_DATUM(i));
        } else if (i != kClass) {
            PG_RETURN_NULL();
        }
        size += sizeof(std::int32_t) + parts[i].size();
    }
    auto *key = static_cast<bytea *>(palloc(size));
    SET_VARSIZE(key, size);
    char *to = VARDATA(key);
    for (int i = 0; i < kParts; ++i) {
        const std::int32_t length = PG_ARGISNULL(i) ? kNone : static_cast<std::int32_t>(parts[i].size());
        std::memcpy(to, &length, sizeof length);
        to += sizeof length;
        if (!parts[i].empty()) {
            std::memcpy(to, parts[i].data(), parts[i].size());
            to += parts[i].size();
        }
    }
    PG_RETURN_BYTEA_P(key);
}

} // extern "C"
