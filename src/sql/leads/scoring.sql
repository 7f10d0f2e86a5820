-- Scorers, and what they make of evidence: risks, how sure they are, and why.

-- One element of each array for each stressor, in the order of positions; null where a stressor is given in another way, and
-- where nothing is said. A stressor is given by four counts, or by two ratios, or by a relative risk and a prevalence; the latter
-- two may have an uncertainty, a factor within which the ratios are right in 95 of 100 cases, and are then marked as assumed. An
-- array that is null says nothing of any stressor: no group, all enabled. Weights of a relative risk are those at the mean rate.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.compiled_scorer(
    stressors text[], rate_a double precision, rate_b double precision, present_failed double precision[],
    absent_failed double precision[], present_sound double precision[], absent_sound double precision[],
    ratio_present double precision[], ratio_absent double precision[], uncertainty double precision[],
    relative_risk double precision[], prevalence double precision[], dependence_groups text[], enabled boolean[],
    counts_form text, alpha double precision, gamma double precision, known boolean
) RETURNS tradeup_leads.risk_scorer
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads_internal.compiled_scorer(
        text[], double precision, double precision, double precision[], double precision[], double precision[],
        double precision[], double precision[], double precision[], double precision[], double precision[],
        double precision[], text[], boolean[], text, double precision, double precision, boolean
    ) IS
    'A scorer of a rate Beta(rate_a, rate_b) and of stressors, one element of each array for each: four counts, two ratios, '
    'or a relative risk and a prevalence, with an uncertainty factor of the latter two; counts_form is plain or jeffreys, '
    'alpha and gamma shrink all evidence, known is whether the cohort has a prior or outcomes';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.scorer_problem(
    stressors text[], rate_a double precision, rate_b double precision, present_failed double precision[],
    absent_failed double precision[], present_sound double precision[], absent_sound double precision[],
    ratio_present double precision[], ratio_absent double precision[], uncertainty double precision[],
    relative_risk double precision[], prevalence double precision[], dependence_groups text[], enabled boolean[],
    counts_form text, alpha double precision, gamma double precision, known boolean
) RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads_internal.scorer_problem(
        text[], double precision, double precision, double precision[], double precision[], double precision[],
        double precision[], double precision[], double precision[], double precision[], double precision[],
        double precision[], text[], boolean[], text, double precision, double precision, boolean
    ) IS
    'What keeps these figures from being a scorer, of which compiled_scorer makes an error; null: nothing';

CREATE OR REPLACE FUNCTION tradeup_leads.scorer_stressors(scorer tradeup_leads.risk_scorer)
RETURNS SETOF tradeup_leads.scorer_stressor
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.scorer_stressors(tradeup_leads.risk_scorer) IS
    'The stressors of a scorer, with what they weigh';

CREATE OR REPLACE FUNCTION tradeup_leads.risk(scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.risk(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'The probability that a vehicle with this evidence fails within the horizon of the model: at the mean of the rate of '
    'its cohort and of the weights';

CREATE OR REPLACE FUNCTION tradeup_leads.risk_interval(
    scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.probability_interval
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.risk_interval(tradeup_leads.risk_scorer, tradeup_leads.evidence, double precision) IS
    'Where the risk lies, for what is not known exactly of the rate and of the weights; the mean is over the rate';

CREATE OR REPLACE FUNCTION tradeup_leads.risk_over(
    scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence, threshold double precision
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.risk_over(tradeup_leads.risk_scorer, tradeup_leads.evidence, double precision) IS
    'The probability that the risk is at least threshold';

CREATE OR REPLACE FUNCTION tradeup_leads.explain_risk(scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence)
RETURNS SETOF tradeup_leads.explained_stressor
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.explain_risk(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'Why a risk is as it is: each stressor with its state, its weight, whether it counted, and the risk up to it';

CREATE OR REPLACE FUNCTION tradeup_leads.explain_risk(scorer tradeup_leads.risk_scorer, states text)
RETURNS SETOF tradeup_leads.explained_stressor
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME', 'explain_risk_named';
COMMENT ON FUNCTION tradeup_leads.explain_risk(tradeup_leads.risk_scorer, text) IS
    'Why a risk is as it is, of evidence by names, such as soc_decline=present towing=absent heat=0.7';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.risk_class(
    scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence, thresholds double precision[], level double precision,
    most_classes integer
) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads_internal.risk_class(
        tradeup_leads.risk_scorer, tradeup_leads.evidence, double precision[], double precision, integer
    ) IS
    'The class in which the median of the risk lies: 1 below all thresholds, which ascend; null (uncertain) where the '
    'interval of this level reaches over more than most_classes, or nothing is known of the cohort';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.risk_severity(
    scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence, thresholds double precision[], severities text[],
    level double precision DEFAULT 0.8::double precision, most_classes integer DEFAULT 2
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    severities[tradeup_leads_internal.risk_class(scorer, evidence, thresholds, level, most_classes)], 'uncertain'::text
);
COMMENT ON FUNCTION
    tradeup_leads_internal.risk_severity(
        tradeup_leads.risk_scorer, tradeup_leads.evidence, double precision[], text[], double precision, integer
    ) IS
    'The severity of a risk: of its class, as risk_class tells it, or uncertain; severities, the lowest first, are one more than '
    'thresholds';
