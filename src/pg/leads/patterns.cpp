/*
 * What lists of leads and fleets ask of a scorer and evidence besides the risk.
 */
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
PG_FUNCTION_INFO_V1(rate_is_known);
PG_FUNCTION_INFO_V1(strongest_stressor);
PG_FUNCTION_INFO_V1(stressor_weighs);
PG_FUNCTION_INFO_V1(stressor_probability);

/* takes_evidence(scorer, evidence): whether the evidence is of the scorer's list of stressors. */
Datum takes_evidence(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(takes(to_scorer(PG_GETARG_DATUM(0)), to_evidence(PG_GETARG_DATUM(1))));
}

/* rate_is_known(scorer): whether its cohort has a published rate or outcomes. */
Datum rate_is_known(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(to_scorer(PG_GETARG_DATUM(0)).known != 0);
}

/* strongest_stressor(scorer, evidence): the name of the stressor with the largest weight that counts, where
 * one is above zero; of equal ones the first. */
Datum strongest_stressor(PG_FUNCTION_ARGS) {
    const Scored both = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    double most = 0;
    int strongest = -1;
    for_each_position(counted(both.scorer, both.evidence), [&](int at) {
        const double weight = weight_of(both.scorer, both.evidence, at).log;
        if (weight > most) {
            most = weight;
            strongest = at;
        }
    });
    if (strongest < 0) {
        PG_RETURN_NULL();
    }
    const std::string_view name = both.scorer.name(strongest);
    PG_RETURN_TEXT_P(cstring_to_text_with_len(name.data(), static_cast<int>(name.size())));
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

} // extern "C"
