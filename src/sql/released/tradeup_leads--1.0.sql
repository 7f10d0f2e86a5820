\echo Use "CREATE EXTENSION tradeup_leads" to load this file. \quit

-- This script may run as a superuser for somebody who is none. Every name below is written with its schema, nothing else is
-- looked up anywhere but in pg_catalog, and every call passes arguments of the exact types, so that no overload of it fits
-- better.
SET LOCAL search_path = pg_catalog, pg_temp;

-- What the COST of a C function says, in units of one comparison of two integers, measured on one core:
--    2  an amount at a price: a multiply-add, a rounding, a numeric (35 to 70 ns)
--    5  a schedule row, a rule, a look into overrides (about 100 ns)
--  100  compiling a deal (about 2.5 us)
-- The schemas of the extension, and types that are named before they are complete. Why the script makes the schemas itself is
-- said in base/namespace.

CREATE SCHEMA tradeup_leads;
COMMENT ON SCHEMA tradeup_leads IS 'Risk of failure of vehicles, leads from it, and whether it was right';
GRANT USAGE ON SCHEMA tradeup_leads TO @extowner@ WITH GRANT OPTION;

-- What the functions of tradeup_leads are made of. Whoever calls a function with a PL/pgSQL body, or fires a trigger, looks names
-- up here with rights of her own: hence PUBLIC. No function runs with its owner's rights.
CREATE SCHEMA tradeup_leads_internal;
COMMENT ON SCHEMA tradeup_leads_internal IS 'What the functions of schema tradeup_leads are made of; no user needs to call it';
GRANT USAGE ON SCHEMA tradeup_leads_internal TO @extowner@ WITH GRANT OPTION;
GRANT USAGE ON SCHEMA tradeup_leads_internal TO PUBLIC;

CREATE TYPE tradeup_leads.evidence;
CREATE TYPE tradeup_leads.risk_scorer;
-- Text and binary forms of evidence and of scorers.

CREATE FUNCTION tradeup_leads_internal.evidence_in(cstring) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_leads_internal.evidence_out(tradeup_leads.evidence) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_leads_internal.evidence_recv(internal) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_leads_internal.evidence_send(tradeup_leads.evidence) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_in(cstring) IS
    'Evidence from its text form: states by position, such as 1=present 2=absent 3=0.7';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_out(tradeup_leads.evidence) IS
    'The text form of evidence: the fingerprint of its list of stressors, and what is known by position';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_recv(internal) IS 'Evidence from its binary form';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_send(tradeup_leads.evidence) IS
    'The binary form of evidence: fingerprint, the sets of positions that are present and absent, probabilities';

CREATE FUNCTION tradeup_leads_internal.risk_scorer_in(cstring) RETURNS tradeup_leads.risk_scorer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_leads_internal.risk_scorer_out(tradeup_leads.risk_scorer) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_leads_internal.risk_scorer_recv(internal) RETURNS tradeup_leads.risk_scorer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_leads_internal.risk_scorer_send(tradeup_leads.risk_scorer) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_in(cstring) IS
    'A scorer from its text form: v1, the rate as a and b, and each stressor after a |, with its weights';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_out(tradeup_leads.risk_scorer) IS
    'The text form of a scorer: v1, the rate as a and b, and each stressor after a |, with its weights';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_recv(internal) IS 'A scorer from its binary form, which is its text';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_send(tradeup_leads.risk_scorer) IS
    'The binary form of a scorer, which is its text';
-- Evidence and scorers, and the rows that functions of rates, risks, predictions and outcomes return.

CREATE TYPE tradeup_leads.evidence (
    INPUT = tradeup_leads_internal.evidence_in,
    OUTPUT = tradeup_leads_internal.evidence_out,
    RECEIVE = tradeup_leads_internal.evidence_recv,
    SEND = tradeup_leads_internal.evidence_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = main
);
COMMENT ON TYPE tradeup_leads.evidence IS
    'What is known of each stressor of a vehicle, by position: present, absent, or a probability; what is left out is unknown';

-- A scorer is used with many vehicles: compressed, it would be unpacked for each of them.
CREATE TYPE tradeup_leads.risk_scorer (
    INPUT = tradeup_leads_internal.risk_scorer_in,
    OUTPUT = tradeup_leads_internal.risk_scorer_out,
    RECEIVE = tradeup_leads_internal.risk_scorer_recv,
    SEND = tradeup_leads_internal.risk_scorer_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = external
);
COMMENT ON TYPE tradeup_leads.risk_scorer IS
    'A cohort of a model compiled for scoring: its rate, and what each stressor weighs when it is present and when it is absent';

-- An application keeps them as texts, and a driver sends those back as text or varchar.
CREATE CAST (text AS tradeup_leads.evidence) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tradeup_leads.evidence) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS tradeup_leads.risk_scorer) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tradeup_leads.risk_scorer) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS tradeup_leads.evidence) IS 'Evidence from its text form';
COMMENT ON CAST (varchar AS tradeup_leads.evidence) IS 'Evidence from its text form';
COMMENT ON CAST (text AS tradeup_leads.risk_scorer) IS 'A scorer from its text form';
COMMENT ON CAST (varchar AS tradeup_leads.risk_scorer) IS 'A scorer from its text form';

CREATE TYPE tradeup_leads.beta_rate AS (
    a double precision,
    b double precision,
    mean double precision,
    deviation double precision
);
COMMENT ON TYPE tradeup_leads.beta_rate IS
    'A rate that is not known exactly: Beta(a, b), its mean and its standard deviation';

CREATE TYPE tradeup_leads.probability_interval AS (
    low double precision,
    median double precision,
    mean double precision,
    high double precision
);
COMMENT ON TYPE tradeup_leads.probability_interval IS
    'Where a probability lies: as much of what is left of the level lies below low as above high';

CREATE TYPE tradeup_leads.yearly_rate AS (
    alpha double precision,
    beta double precision,
    a_year double precision,
    low double precision,
    median double precision,
    mean double precision,
    high double precision
);
COMMENT ON TYPE tradeup_leads.yearly_rate IS
    'Failures a year: Gamma(alpha, beta) and its mean; and where the probability of a failure within some years lies';

CREATE TYPE tradeup_leads.fitted_rate AS (
    rate double precision,
    size double precision,
    a double precision,
    b double precision
);
COMMENT ON TYPE tradeup_leads.fitted_rate IS
    'What cohorts have in common: their rate, and the prior Beta(a, b) of each, which counts as a cohort of this size; size, a '
    'and b are null where cohorts differ no more than by chance';

CREATE TYPE tradeup_leads.likelihood AS (
    ratio_present double precision,
    ratio_absent double precision,
    log_present double precision,
    log_absent double precision,
    variance_present double precision,
    variance_absent double precision
);
COMMENT ON TYPE tradeup_leads.likelihood IS
    'By how much the presence of a stressor multiplies the odds of a failure, and its absence; their logarithms, and the '
    'variances of those';

CREATE TYPE tradeup_leads.stressor_state AS (
    position integer,
    stressor text,
    state text,
    probability double precision
);
COMMENT ON TYPE tradeup_leads.stressor_state IS
    'What is known of a stressor of a vehicle: present, absent, probable or unknown, and the probability that it is present';

CREATE TYPE tradeup_leads.scorer_stressor AS (
    position integer,
    stressor text,
    log_present double precision,
    log_absent double precision,
    variance_present double precision,
    variance_absent double precision,
    dependence_group text,
    enabled boolean,
    assumed boolean
);
COMMENT ON TYPE tradeup_leads.scorer_stressor IS
    'A stressor of a scorer: logarithms of its likelihood ratios, their variances, its dependence group, whether it is on, and '
    'whether the variances are assumed';

CREATE TYPE tradeup_leads.explained_stressor AS (
    position integer,
    stressor text,
    state text,
    probability double precision,
    weight double precision,
    dependence_group text,
    counted boolean,
    assumed boolean,
    risk double precision
);
COMMENT ON TYPE tradeup_leads.explained_stressor IS
    'What a stressor does to a risk: its state, its weight, whether it counted, and the risk with it and the stressors before it';

CREATE TYPE tradeup_leads.failure_count AS (failures bigint, size bigint);
COMMENT ON TYPE tradeup_leads.failure_count IS 'How many vehicles failed, and of how many; two of them add up';

CREATE TYPE tradeup_leads.calibration_figures AS (
    size bigint,
    failures bigint,
    censored bigint,
    mean_p double precision,
    observed_rate double precision,
    brier double precision,
    reliability double precision,
    resolution double precision,
    uncertainty double precision,
    within_bin double precision,
    brier_skill double precision,
    ece double precision,
    log_loss double precision,
    spiegelhalter_z double precision,
    intercept double precision,
    slope double precision,
    intercept_error double precision,
    slope_error double precision,
    calibration_in_the_large double precision
);
COMMENT ON TYPE tradeup_leads.calibration_figures IS
    'How right predictions were: Brier score and its parts, log loss, calibration error, z, intercept and slope with errors';

CREATE TYPE tradeup_leads.reliability_bin AS (
    bin_from double precision,
    bin_to double precision,
    size bigint,
    failures bigint,
    mean_p double precision,
    observed_rate double precision,
    low double precision,
    high double precision
);
COMMENT ON TYPE tradeup_leads.reliability_bin IS
    'Predictions from bin_from to below bin_to: their mean, and the rate that was observed with its 95 % interval';

CREATE TYPE tradeup_leads.isotonic_step AS (
    p_from double precision,
    p_to double precision,
    size bigint,
    failures bigint,
    recalibrated double precision
);
COMMENT ON TYPE tradeup_leads.isotonic_step IS 'Predictions from p_from to p_to, and the rate that stands for all of them';

CREATE TYPE tradeup_leads.fitted_evidence AS (
    size bigint,
    failures bigint,
    alpha double precision,
    gamma double precision,
    alpha_error double precision,
    gamma_error double precision
);
COMMENT ON TYPE tradeup_leads.fitted_evidence IS
    'How strongly evidence should count by the outcomes: logit P = alpha + logit rate + gamma * weight, with standard errors';

CREATE TYPE tradeup_leads_internal.valued_call AS (
    channel text,
    expected_value numeric
);
COMMENT ON TYPE tradeup_leads_internal.valued_call IS 'A channel, and what a call by it is worth';

CREATE TYPE tradeup_leads_internal.scored_pattern AS (
    cohort text,
    vehicle_class text,
    evidence tradeup_leads.evidence,
    known boolean,
    informed boolean,
    stressor text,
    risk double precision,
    low double precision,
    high double precision,
    severity integer,
    percentile double precision
);
COMMENT ON TYPE tradeup_leads_internal.scored_pattern IS
    'What vehicles of one cohort, class and evidence have in common: risk, interval, class of severity, percentile, reason';

CREATE TYPE tradeup_leads_internal.fleet_share AS (
    severity_before integer,
    severity integer,
    vehicle_class text,
    vehicles bigint,
    expected_failures double precision
);
COMMENT ON TYPE tradeup_leads_internal.fleet_share IS
    'How many vehicles of a class move from one class of severity to another, and how many of them are expected to fail';
-- Checks of arguments and figures, used by tables and functions. They are those of extension tradeup, which need not be there.

CREATE FUNCTION tradeup_leads_internal.shown(value text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.shown(text) IS
    'A text that a user sent, as messages repeat it: at most 200 characters, then ...';

CREATE FUNCTION tradeup_leads_internal.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';

CREATE FUNCTION tradeup_leads_internal.rise_within_0_and_1(figures double precision[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT coalesce(bool_and(coalesce(f.value > f.before AND f.value > 0 AND f.value < 1, false)), true)
        FROM (SELECT x.value, coalesce(lag(x.value) OVER (ORDER BY x.place), 0) AS before
              FROM unnest(figures) WITH ORDINALITY x (value, place)) f);
COMMENT ON FUNCTION tradeup_leads_internal.rise_within_0_and_1(double precision[]) IS
    'Whether these figures lie between 0 and 1 and each is above the one before';

CREATE FUNCTION tradeup_leads_internal.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE 'UTC')::date;
COMMENT ON FUNCTION tradeup_leads_internal.today() IS
    'The day on which the transaction began, in UTC, whatever the time zone of the session';

CREATE FUNCTION tradeup_leads_internal.is_kept(sold_on date, day date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN is_kept.sold_on IS NULL OR is_kept.sold_on > is_kept.day;
COMMENT ON FUNCTION tradeup_leads_internal.is_kept(date, date) IS
    'Whether the owner of a vehicle still has it on a day; the planner takes it apart';

-- The life of a lead: none of these events follows one of a higher or the same place, and the last two end it.
CREATE FUNCTION tradeup_leads_internal.lead_events() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN '{created,queued,contacted,engaged,scheduled,arrived,serviced,closed,abandoned}'::text[];
COMMENT ON FUNCTION tradeup_leads_internal.lead_events() IS
    'The events in the life of a lead, in their order; the last two end it';

CREATE FUNCTION tradeup_leads_internal.lead_event_rank(event text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN array_position(tradeup_leads_internal.lead_events(), event);
COMMENT ON FUNCTION tradeup_leads_internal.lead_event_rank(text) IS
    'Place of an event in the life of a lead; none follows one of a higher or the same place, and the last two end it';

CREATE FUNCTION tradeup_leads_internal.ends_lead(event text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN tradeup_leads_internal.lead_event_rank(event) >= tradeup_leads_internal.lead_event_rank('closed'::text);
COMMENT ON FUNCTION tradeup_leads_internal.ends_lead(text) IS 'Whether an event ends the life of a lead';
-- Rates of failure that are not known exactly. No table is needed.

CREATE FUNCTION tradeup_leads.beta_binomial(
    failures double precision DEFAULT 0::double precision, size double precision DEFAULT 0::double precision,
    prior_rate double precision DEFAULT NULL::double precision, prior_size double precision DEFAULT NULL::double precision,
    discount double precision DEFAULT 1::double precision, kept double precision DEFAULT 1::double precision
) RETURNS tradeup_leads.beta_rate
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads.beta_binomial(
        double precision, double precision, double precision, double precision, double precision, double precision
    ) IS
    'The rate of failure after so many failures among so many vehicles, each of which counts for kept; from a published '
    'rate of prior_size vehicles, which count for discount, or from nothing (Jeffreys)';

CREATE FUNCTION tradeup_leads.rate_interval(
    failures double precision DEFAULT 0::double precision, size double precision DEFAULT 0::double precision,
    prior_rate double precision DEFAULT NULL::double precision, prior_size double precision DEFAULT NULL::double precision,
    discount double precision DEFAULT 1::double precision, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.probability_interval
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads.rate_interval(
        double precision, double precision, double precision, double precision, double precision, double precision
    ) IS
    'Where the rate of failure lies after so many failures among so many vehicles; from a published rate of prior_size vehicles, '
    'which count for discount, or from nothing (Jeffreys)';

CREATE FUNCTION tradeup_leads.beta_interval(
    a double precision, b double precision, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.probability_interval
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.beta_interval(double precision, double precision, double precision) IS
    'Where a rate lies that has the density of Beta(a, b)';

CREATE FUNCTION tradeup_leads.failures_exactly(a double precision, b double precision, failures bigint, size bigint)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.failures_exactly(double precision, double precision, bigint, bigint) IS
    'The probability that exactly so many of so many vehicles fail, where the rate has the density of Beta(a, b)';

CREATE FUNCTION tradeup_leads.failures_at_most(a double precision, b double precision, failures bigint, size bigint)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.failures_at_most(double precision, double precision, bigint, bigint) IS
    'The probability that at most so many of so many vehicles fail, where the rate has the density of Beta(a, b)';

CREATE FUNCTION tradeup_leads.gamma_poisson(
    failures double precision DEFAULT 0::double precision, vehicle_years double precision DEFAULT 0::double precision,
    years double precision DEFAULT 1::double precision, alpha double precision DEFAULT NULL::double precision,
    beta double precision DEFAULT NULL::double precision, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.yearly_rate
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads.gamma_poisson(
        double precision, double precision, double precision, double precision, double precision, double precision
    ) IS
    'The rate a year after so many failures in so many vehicle-years, from a prior Gamma(alpha, beta) or from nothing '
    '(Jeffreys), and where the probability of a failure within years lies: for vehicles that were watched for unequal times';

CREATE FUNCTION tradeup_leads.rate_over_years(rate double precision, years double precision) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.rate_over_years(double precision, double precision) IS
    'The probability of a failure within so many years, where rate is that of one year: 1 - (1 - rate)^years';

CREATE FUNCTION tradeup_leads.fitted_rate(failures bigint[], sizes bigint[]) RETURNS tradeup_leads.fitted_rate
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.fitted_rate(bigint[], bigint[]) IS
    'The rate that cohorts have in common, and the prior under which their failures are most likely (empirical Bayes); null '
    'where cohorts differ no more than by chance';
-- Likelihood ratios of stressors. No table is needed.

CREATE FUNCTION tradeup_leads.likelihood_ratio(
    present_failed double precision, absent_failed double precision, present_sound double precision,
    absent_sound double precision, counts_form text DEFAULT 'plain'::text
) RETURNS tradeup_leads.likelihood
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'likelihood_ratio_of_counts';
COMMENT ON FUNCTION
    tradeup_leads.likelihood_ratio(double precision, double precision, double precision, double precision, text) IS
    'The likelihood ratios of a stressor, from vehicles by whether they have it and whether they failed; counts_form is '
    'plain, where no count may be 0, or jeffreys';

CREATE FUNCTION tradeup_leads.likelihood_ratio(
    relative_risk double precision, rate double precision, prevalence double precision
) RETURNS tradeup_leads.likelihood
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'likelihood_ratio_of_relative_risk';
COMMENT ON FUNCTION tradeup_leads.likelihood_ratio(double precision, double precision, double precision) IS
    'The likelihood ratios of a stressor that multiplies the rate of failure by relative_risk, where all vehicles fail at '
    'rate and a share prevalence of them has it';

CREATE FUNCTION tradeup_leads.soft_ratio(
    ratio_present double precision, ratio_absent double precision, probability double precision
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.soft_ratio(double precision, double precision, double precision) IS
    'The likelihood ratio of a stressor that is present with a probability, given the signal and that the vehicle does not '
    'fail';
-- Evidence: from names, as rows, compared.

CREATE FUNCTION tradeup_leads.evidence(scorer tradeup_leads.risk_scorer, states text) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'evidence_named';
COMMENT ON FUNCTION tradeup_leads.evidence(tradeup_leads.risk_scorer, text) IS
    'Evidence from the names of stressors, such as soc_decline=present towing=absent heat=0.7; the scorer holds the names';

CREATE FUNCTION tradeup_leads.evidence_rows(scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence)
RETURNS SETOF tradeup_leads.stressor_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.evidence_rows(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'What evidence says of each stressor of the scorer';

CREATE FUNCTION tradeup_leads_internal.evidence_of(stressors text[], states text[]) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'evidence_of_list';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_of(text[], text[]) IS
    'Evidence of a whole list of stressors, in the order of their positions, with the state of each: present, absent, a '
    'probability, or null for unknown';

CREATE FUNCTION tradeup_leads_internal.evidence_eq(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_eq(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether two pieces of evidence are equal';

CREATE FUNCTION tradeup_leads_internal.evidence_ne(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_ne(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether two pieces of evidence differ';

CREATE FUNCTION tradeup_leads_internal.evidence_lt(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_lt(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts before other evidence; the order says nothing about risk';

CREATE FUNCTION tradeup_leads_internal.evidence_le(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_le(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts before other evidence or is equal to it';

CREATE FUNCTION tradeup_leads_internal.evidence_gt(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_gt(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts after other evidence';

CREATE FUNCTION tradeup_leads_internal.evidence_ge(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_ge(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts after other evidence or is equal to it';

CREATE FUNCTION tradeup_leads_internal.evidence_cmp(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_cmp(tradeup_leads.evidence, tradeup_leads.evidence) IS
    '-1, 0 or 1 as evidence sorts before other evidence, is equal to it, or sorts after it';

CREATE FUNCTION tradeup_leads_internal.evidence_hash(value tradeup_leads.evidence) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_hash(tradeup_leads.evidence) IS 'A hash of evidence, for grouping';

CREATE FUNCTION tradeup_leads_internal.evidence_hash_extended(value tradeup_leads.evidence, seed bigint)
RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_hash_extended(tradeup_leads.evidence, bigint) IS
    'A hash of evidence with a seed, for hash partitions';
-- Operators of evidence, so that rows can be grouped by it: each pattern of a cohort is then scored once.

CREATE OPERATOR tradeup_leads.= (
    FUNCTION = tradeup_leads_internal.evidence_eq, LEFTARG = tradeup_leads.evidence, RIGHTARG = tradeup_leads.evidence,
    COMMUTATOR = OPERATOR(tradeup_leads.=), NEGATOR = OPERATOR(tradeup_leads.<>), RESTRICT = eqsel, JOIN = eqjoinsel,
    HASHES, MERGES
);
CREATE OPERATOR tradeup_leads.<> (
    FUNCTION = tradeup_leads_internal.evidence_ne, LEFTARG = tradeup_leads.evidence, RIGHTARG = tradeup_leads.evidence,
    COMMUTATOR = OPERATOR(tradeup_leads.<>), NEGATOR = OPERATOR(tradeup_leads.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR tradeup_leads.< (
    FUNCTION = tradeup_leads_internal.evidence_lt, LEFTARG = tradeup_leads.evidence, RIGHTARG = tradeup_leads.evidence,
    COMMUTATOR = OPERATOR(tradeup_leads.>), NEGATOR = OPERATOR(tradeup_leads.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR tradeup_leads.<= (
    FUNCTION = tradeup_leads_internal.evidence_le, LEFTARG = tradeup_leads.evidence, RIGHTARG = tradeup_leads.evidence,
    COMMUTATOR = OPERATOR(tradeup_leads.>=), NEGATOR = OPERATOR(tradeup_leads.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR tradeup_leads.> (
    FUNCTION = tradeup_leads_internal.evidence_gt, LEFTARG = tradeup_leads.evidence, RIGHTARG = tradeup_leads.evidence,
    COMMUTATOR = OPERATOR(tradeup_leads.<), NEGATOR = OPERATOR(tradeup_leads.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR tradeup_leads.>= (
    FUNCTION = tradeup_leads_internal.evidence_ge, LEFTARG = tradeup_leads.evidence, RIGHTARG = tradeup_leads.evidence,
    COMMUTATOR = OPERATOR(tradeup_leads.<=), NEGATOR = OPERATOR(tradeup_leads.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR tradeup_leads.= (tradeup_leads.evidence, tradeup_leads.evidence) IS 'Equal evidence, stressor by stressor';
COMMENT ON OPERATOR tradeup_leads.<> (tradeup_leads.evidence, tradeup_leads.evidence) IS 'Something else is known';
COMMENT ON OPERATOR tradeup_leads.< (tradeup_leads.evidence, tradeup_leads.evidence) IS 'Sorts before; nothing about risk';
COMMENT ON OPERATOR tradeup_leads.<= (tradeup_leads.evidence, tradeup_leads.evidence) IS 'Sorts before or is equal';
COMMENT ON OPERATOR tradeup_leads.> (tradeup_leads.evidence, tradeup_leads.evidence) IS 'Sorts after; nothing about risk';
COMMENT ON OPERATOR tradeup_leads.>= (tradeup_leads.evidence, tradeup_leads.evidence) IS 'Sorts after or is equal';

CREATE OPERATOR FAMILY tradeup_leads.evidence_order USING btree;
CREATE OPERATOR CLASS tradeup_leads.evidence_order DEFAULT FOR TYPE tradeup_leads.evidence USING btree
    FAMILY tradeup_leads.evidence_order AS
    OPERATOR 1 tradeup_leads.<, OPERATOR 2 tradeup_leads.<=, OPERATOR 3 tradeup_leads.=, OPERATOR 4 tradeup_leads.>=,
    OPERATOR 5 tradeup_leads.>, FUNCTION 1 tradeup_leads_internal.evidence_cmp(tradeup_leads.evidence, tradeup_leads.evidence);
CREATE OPERATOR FAMILY tradeup_leads.evidence_hashes USING hash;
CREATE OPERATOR CLASS tradeup_leads.evidence_hashes DEFAULT FOR TYPE tradeup_leads.evidence USING hash
    FAMILY tradeup_leads.evidence_hashes AS
    OPERATOR 1 tradeup_leads.=, FUNCTION 1 tradeup_leads_internal.evidence_hash(tradeup_leads.evidence),
    FUNCTION 2 tradeup_leads_internal.evidence_hash_extended(tradeup_leads.evidence, bigint);
COMMENT ON OPERATOR FAMILY tradeup_leads.evidence_order USING btree IS 'Evidence in some order, for sorting and grouping';
COMMENT ON OPERATOR CLASS tradeup_leads.evidence_order USING btree IS 'Evidence in some order, for sorting and grouping';
COMMENT ON OPERATOR FAMILY tradeup_leads.evidence_hashes USING hash IS 'Hashes of evidence, for grouping and joining';
COMMENT ON OPERATOR CLASS tradeup_leads.evidence_hashes USING hash IS 'Hashes of evidence, for grouping and joining';
-- Scorers, and what they make of evidence: risks, how sure they are, and why.

-- One element of each array for each stressor, in the order of positions; null where a stressor is given in another way, and
-- where nothing is said. A stressor is given by four counts, or by two ratios, or by a relative risk and a prevalence; the latter
-- two may have an uncertainty, a factor within which the ratios are right in 95 of 100 cases, and are then marked as assumed. An
-- array that is null says nothing of any stressor: no group, all enabled. Weights of a relative risk are those at the mean rate.
CREATE FUNCTION tradeup_leads_internal.compiled_scorer(
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

CREATE FUNCTION tradeup_leads_internal.scorer_problem(
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

CREATE FUNCTION tradeup_leads.scorer_stressors(scorer tradeup_leads.risk_scorer)
RETURNS SETOF tradeup_leads.scorer_stressor
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.scorer_stressors(tradeup_leads.risk_scorer) IS
    'The stressors of a scorer, with what they weigh';

CREATE FUNCTION tradeup_leads.risk(scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.risk(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'The probability that a vehicle with this evidence fails within the horizon of the model: at the mean of the rate of '
    'its cohort and of the weights';

CREATE FUNCTION tradeup_leads.risk_interval(
    scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.probability_interval
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.risk_interval(tradeup_leads.risk_scorer, tradeup_leads.evidence, double precision) IS
    'Where the risk lies, for what is not known exactly of the rate and of the weights; the mean is over the rate';

CREATE FUNCTION tradeup_leads.risk_over(
    scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence, threshold double precision
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.risk_over(tradeup_leads.risk_scorer, tradeup_leads.evidence, double precision) IS
    'The probability that the risk is at least threshold';

CREATE FUNCTION tradeup_leads.explain_risk(scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence)
RETURNS SETOF tradeup_leads.explained_stressor
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.explain_risk(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'Why a risk is as it is: each stressor with its state, its weight, whether it counted, and the risk up to it';

CREATE FUNCTION tradeup_leads.explain_risk(scorer tradeup_leads.risk_scorer, states text)
RETURNS SETOF tradeup_leads.explained_stressor
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME', 'explain_risk_named';
COMMENT ON FUNCTION tradeup_leads.explain_risk(tradeup_leads.risk_scorer, text) IS
    'Why a risk is as it is, of evidence by names, such as soc_decline=present towing=absent heat=0.7';

CREATE FUNCTION tradeup_leads_internal.risk_class(
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

CREATE FUNCTION tradeup_leads_internal.risk_severity(
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
-- What lists of leads and fleets ask of scorers and evidence besides the risk.

CREATE FUNCTION tradeup_leads_internal.takes_evidence(scorer tradeup_leads.risk_scorer,
                                                                 evidence tradeup_leads.evidence) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.takes_evidence(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'Whether evidence belongs to the stressors of a scorer';

CREATE FUNCTION tradeup_leads_internal.stressor_weighs(scorer tradeup_leads.risk_scorer,
                                                                  evidence tradeup_leads.evidence, "position" integer)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.stressor_weighs(tradeup_leads.risk_scorer, tradeup_leads.evidence, integer) IS
    'Whether what is known of a stressor has a weight, whether or not it counts in its group';

CREATE FUNCTION tradeup_leads_internal.stressor_probability(evidence tradeup_leads.evidence, "position" integer)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.stressor_probability(tradeup_leads.evidence, integer) IS
    'Whether evidence has a stressor: 1 present, 0 absent, or a probability; null: unknown';

-- Vehicles of one cohort and class with the same evidence are scored once: the step counts them. Cohorts and their scorers are
-- two arrays in the same order; the first row of a group says what holds for all.
CREATE FUNCTION tradeup_leads_internal.fleet_step(
    internal, text, text, tradeup_leads.evidence, text[], tradeup_leads.risk_scorer[], tradeup_leads.risk_scorer[],
    double precision[], double precision, integer
) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.fleet_step(
    internal, text, text, tradeup_leads.evidence, text[], tradeup_leads.risk_scorer[], tradeup_leads.risk_scorer[],
    double precision[], double precision, integer
) IS
    'Step of the aggregates scored_patterns and fleet_shares';
CREATE FUNCTION tradeup_leads_internal.scored_patterns_final(internal)
RETURNS tradeup_leads_internal.scored_pattern[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.scored_patterns_final(internal) IS 'End of the aggregate scored_patterns';
CREATE FUNCTION tradeup_leads_internal.fleet_shares_final(internal) RETURNS tradeup_leads_internal.fleet_share[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.fleet_shares_final(internal) IS 'End of the aggregate fleet_shares';
CREATE AGGREGATE tradeup_leads_internal.scored_patterns(
    cohort text, vehicle_class text, evidence tradeup_leads.evidence, cohorts text[], scorers tradeup_leads.risk_scorer[],
    scorers_before tradeup_leads.risk_scorer[], thresholds double precision[], level double precision, most_classes integer
) (
    SFUNC = tradeup_leads_internal.fleet_step, STYPE = internal, SSPACE = 65536,
    FINALFUNC = tradeup_leads_internal.scored_patterns_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads_internal.scored_patterns(
    text, text, tradeup_leads.evidence, text[], tradeup_leads.risk_scorer[], tradeup_leads.risk_scorer[], double precision[],
    double precision, integer
) IS
    'What each cohort, class and evidence of vehicles scores; those without cohort, evidence or scorer are left out';
CREATE AGGREGATE tradeup_leads_internal.fleet_shares(
    cohort text, vehicle_class text, evidence tradeup_leads.evidence, cohorts text[], scorers tradeup_leads.risk_scorer[],
    scorers_before tradeup_leads.risk_scorer[], thresholds double precision[], level double precision, most_classes integer
) (
    SFUNC = tradeup_leads_internal.fleet_step, STYPE = internal, SSPACE = 65536,
    FINALFUNC = tradeup_leads_internal.fleet_shares_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads_internal.fleet_shares(
    text, text, tradeup_leads.evidence, text[], tradeup_leads.risk_scorer[], tradeup_leads.risk_scorer[], double precision[],
    double precision, integer
) IS
    'Vehicles by class of severity under other scorers and under these, from 1; the last but one is uncertain, the last unscored';

-- unnest by another name: planning takes 200 rows for as many as there are different ones, which makes joins with them as large
-- as the other side.
CREATE FUNCTION tradeup_leads_internal.pattern_rows(patterns tradeup_leads_internal.scored_pattern[])
RETURNS SETOF tradeup_leads_internal.scored_pattern
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 200 AS 'array_unnest';
COMMENT ON FUNCTION tradeup_leads_internal.pattern_rows(tradeup_leads_internal.scored_pattern[]) IS
    'The patterns of an array as rows';

CREATE FUNCTION tradeup_leads_internal.pattern_key(model text, cohort text, vehicle_class text,
                                                              evidence tradeup_leads.evidence) RETURNS bytea
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.pattern_key(text, text, text, tradeup_leads.evidence) IS
    'Model, cohort, class and evidence of a vehicle as one key; null where one of them but the class is not known';
-- Were we right: aggregates of predictions and what came of them. p is the probability that was stated, failed what happened, or
-- null where that is not known (a censored row).

CREATE FUNCTION tradeup_leads_internal.failure_rate_step(bigint[], boolean) RETURNS bigint[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.failure_rate_step(bigint[], boolean) IS 'Step of the aggregate failure_rate';
CREATE FUNCTION tradeup_leads_internal.failure_rate_combine(bigint[], bigint[]) RETURNS bigint[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.failure_rate_combine(bigint[], bigint[]) IS
    'Joins what parallel workers have of the aggregate failure_rate';
CREATE FUNCTION tradeup_leads_internal.failure_rate_final(counted bigint[]) RETURNS tradeup_leads.failure_count
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2
RETURN ROW(counted[1], counted[2])::tradeup_leads.failure_count;
COMMENT ON FUNCTION tradeup_leads_internal.failure_rate_final(bigint[]) IS 'End of the aggregate failure_rate';
CREATE AGGREGATE tradeup_leads.failure_rate(failed boolean) (
    SFUNC = tradeup_leads_internal.failure_rate_step, STYPE = bigint[], INITCOND = '{0,0}',
    FINALFUNC = tradeup_leads_internal.failure_rate_final, COMBINEFUNC = tradeup_leads_internal.failure_rate_combine,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.failure_rate(boolean) IS
    'How many failed, and of how many; rows whose outcome is not known are left out';

CREATE FUNCTION tradeup_leads_internal.calibration_step(internal, double precision, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_step(internal, double precision, boolean) IS
    'Step of the aggregate calibration';
CREATE FUNCTION tradeup_leads_internal.calibration_final(internal) RETURNS tradeup_leads.calibration_figures
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_final(internal) IS 'End of the aggregate calibration';
CREATE FUNCTION tradeup_leads_internal.calibration_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregate calibration';
CREATE FUNCTION tradeup_leads_internal.calibration_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_serialize(internal) IS
    'Sends what a parallel worker has of the aggregate calibration';
CREATE FUNCTION tradeup_leads_internal.calibration_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregate calibration';
CREATE AGGREGATE tradeup_leads.calibration(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.calibration_step, STYPE = internal, SSPACE = 4096,
    FINALFUNC = tradeup_leads_internal.calibration_final, COMBINEFUNC = tradeup_leads_internal.calibration_combine,
    SERIALFUNC = tradeup_leads_internal.calibration_serialize, DESERIALFUNC = tradeup_leads_internal.calibration_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.calibration(double precision, boolean) IS
    'How right predictions were: Brier score and its parts, log loss, calibration error, z, intercept and slope';

CREATE FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean) IS
    'Step of the aggregate reliability';
CREATE FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean, integer)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean, integer) IS
    'Step of the aggregate reliability with a number of bins';
CREATE FUNCTION tradeup_leads_internal.reliability_final(internal) RETURNS tradeup_leads.reliability_bin[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_final(internal) IS 'End of the aggregate reliability';
CREATE FUNCTION tradeup_leads_internal.reliability_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregate reliability';
CREATE FUNCTION tradeup_leads_internal.reliability_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_serialize(internal) IS
    'Sends what a parallel worker has of the aggregate reliability';
CREATE FUNCTION tradeup_leads_internal.reliability_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregate reliability';
CREATE AGGREGATE tradeup_leads.reliability(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.reliability_step, STYPE = internal, SSPACE = 512,
    FINALFUNC = tradeup_leads_internal.reliability_final, COMBINEFUNC = tradeup_leads_internal.reliability_combine,
    SERIALFUNC = tradeup_leads_internal.reliability_serialize, DESERIALFUNC = tradeup_leads_internal.reliability_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.reliability(double precision, boolean) IS
    'The reliability table: predictions in 10 equal bins, and how many failed in each that has some; unnest it for rows';
CREATE AGGREGATE tradeup_leads.reliability(p double precision, failed boolean, bins integer) (
    SFUNC = tradeup_leads_internal.reliability_step, STYPE = internal, SSPACE = 512,
    FINALFUNC = tradeup_leads_internal.reliability_final, COMBINEFUNC = tradeup_leads_internal.reliability_combine,
    SERIALFUNC = tradeup_leads_internal.reliability_serialize, DESERIALFUNC = tradeup_leads_internal.reliability_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.reliability(double precision, boolean, integer) IS
    'The reliability table with so many equal bins, from 1 to 1000';

-- What needs all rows in the order of p.
CREATE FUNCTION tradeup_leads_internal.judged_step(internal, double precision, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_step(internal, double precision, boolean) IS
    'Step of the aggregates auc and isotonic';
CREATE FUNCTION tradeup_leads_internal.judged_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregates auc and isotonic';
CREATE FUNCTION tradeup_leads_internal.judged_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_serialize(internal) IS
    'Sends what a parallel worker has of the aggregates auc and isotonic';
CREATE FUNCTION tradeup_leads_internal.judged_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregates auc and isotonic';
CREATE FUNCTION tradeup_leads_internal.auc_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.auc_final(internal) IS 'End of the aggregate auc';
CREATE FUNCTION tradeup_leads_internal.isotonic_final(internal) RETURNS tradeup_leads.isotonic_step[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.isotonic_final(internal) IS 'End of the aggregate isotonic';
CREATE AGGREGATE tradeup_leads.auc(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.judged_step, STYPE = internal, SSPACE = 4096, FINALFUNC = tradeup_leads_internal.auc_final,
    COMBINEFUNC = tradeup_leads_internal.judged_combine, SERIALFUNC = tradeup_leads_internal.judged_serialize,
    DESERIALFUNC = tradeup_leads_internal.judged_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.auc(double precision, boolean) IS
    'How well p ranks: the chance that one that failed had a greater p than one that did not; equal p count one half';
CREATE AGGREGATE tradeup_leads.isotonic(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.judged_step, STYPE = internal, SSPACE = 4096,
    FINALFUNC = tradeup_leads_internal.isotonic_final, COMBINEFUNC = tradeup_leads_internal.judged_combine,
    SERIALFUNC = tradeup_leads_internal.judged_serialize, DESERIALFUNC = tradeup_leads_internal.judged_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.isotonic(double precision, boolean) IS
    'The rates that rise with p and fit the outcomes best, step by step; unnest it for rows';

CREATE FUNCTION tradeup_leads_internal.recalibration_step(internal, double precision, double precision, boolean)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_step(internal, double precision, double precision, boolean) IS
    'Step of the aggregate recalibration';
CREATE FUNCTION tradeup_leads_internal.recalibration_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregate recalibration';
CREATE FUNCTION tradeup_leads_internal.recalibration_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_serialize(internal) IS
    'Sends what a parallel worker has of the aggregate recalibration';
CREATE FUNCTION tradeup_leads_internal.recalibration_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregate recalibration';
CREATE FUNCTION tradeup_leads_internal.recalibration_final(internal) RETURNS tradeup_leads.fitted_evidence
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_final(internal) IS 'End of the aggregate recalibration';
CREATE AGGREGATE tradeup_leads.recalibration(rate double precision, p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.recalibration_step, STYPE = internal, SSPACE = 4096,
    FINALFUNC = tradeup_leads_internal.recalibration_final, COMBINEFUNC = tradeup_leads_internal.recalibration_combine,
    SERIALFUNC = tradeup_leads_internal.recalibration_serialize,
    DESERIALFUNC = tradeup_leads_internal.recalibration_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.recalibration(double precision, double precision, boolean) IS
    'How strongly evidence should count: alpha and gamma, from the cohort''s rate, the p that evidence made of it, and failed';
-- Templates of messages, such as 'Hello {name}'. {{ and }} stand for braces.

CREATE FUNCTION tradeup_leads.render(template text, slots jsonb, defaults jsonb DEFAULT '{}'::jsonb) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.render(text, jsonb, jsonb) IS
    'The text of a template with its slots filled; an absent slot takes its default, and without one it is an error';

CREATE FUNCTION tradeup_leads.template_slots(template text) RETURNS text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.template_slots(text) IS
    'The names of the slots of a template; an error for a template with a fault';

CREATE FUNCTION tradeup_leads_internal.template_problem(template text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.template_problem(text) IS
    'What is wrong with a template; null: nothing';

CREATE FUNCTION tradeup_leads_internal.lead_text(template text, defaults jsonb, dealer_slots jsonb,
                                                            vehicle_class text, model_year integer, reason text,
                                                            percentile double precision) RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.lead_text(text, jsonb, jsonb, text, integer, text, double precision) IS
    'The text of a lead: a template filled with the vehicle, the reason, the percentile and the slots of the dealer; null where '
    'one is missing';

CREATE FUNCTION tradeup_leads_internal.lead_slots(vehicle_class text, model_year integer, reason text,
                                                             percentile double precision) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.lead_slots(text, integer, text, double precision) IS
    'The slots of a message that its lead fills: the vehicle, the reason, the percentile; null where it is not known';

CREATE FUNCTION tradeup_leads_internal.message_key(parts text[], slots jsonb) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.message_key(text[], jsonb) IS
    'The key of a message: SHA-256 of what names its template and of all slots, so that other slots have another key';
-- What a call is worth.

CREATE FUNCTION tradeup_leads.expected_value(
    contact_probability double precision, failure_probability double precision, margin_if_needed numeric,
    margin_otherwise numeric, contact_cost numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.expected_value(double precision, double precision, numeric, numeric, numeric) IS
    'contact * (p * margin_if_needed + (1 - p) * margin_otherwise) - cost, exact, rounded to 2 decimals half away from zero';

CREATE FUNCTION tradeup_leads_internal.best_call(
    failure_probability double precision, margin_if_needed numeric, margin_otherwise numeric, channels text[],
    contact_probabilities double precision[], contact_costs numeric[]
) RETURNS tradeup_leads_internal.valued_call
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.best_call(
    double precision, numeric, numeric, text[], double precision[], numeric[]
) IS
    'The channel by which a call is worth most, of equal ones the first, and what it is worth there; null: there is no channel';
-- Models as data: rates of cohorts, stressors, rules, priorities, values and texts, in versions that never change once published;
-- vehicles with their evidence; outcomes, and what was predicted before them; leads, their events and their messages.

CREATE TABLE tradeup_leads.risk_model (
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    title text,
    cause text NOT NULL,
    horizon_months integer NOT NULL DEFAULT 12,
    counts_form text NOT NULL DEFAULT 'jeffreys',
    intercept double precision NOT NULL DEFAULT 0,
    slope double precision NOT NULL DEFAULT 1,
    absent_counts boolean NOT NULL DEFAULT true,
    severities text[] NOT NULL DEFAULT '{low,moderate,high,critical,severe}',
    severity_from double precision[] NOT NULL DEFAULT '{0.03,0.07,0.12,0.2}',
    uncertain_level double precision NOT NULL DEFAULT 0.8,
    uncertain_classes integer NOT NULL DEFAULT 2,
    source text,
    published_at timestamptz,
    parts jsonb,
    CONSTRAINT model_is_identified_by_name_and_version PRIMARY KEY (name, version),
    CONSTRAINT name_is_not_empty CHECK (name <> ''),
    CONSTRAINT version_is_positive CHECK (version > 0),
    CONSTRAINT cause_is_not_empty CHECK (cause <> ''),
    CONSTRAINT horizon_is_1_to_240_months CHECK (horizon_months BETWEEN 1 AND 240),
    CONSTRAINT form_of_counts_is_known CHECK (counts_form IN ('plain', 'jeffreys')),
    CONSTRAINT recalibration_is_finite CHECK (intercept BETWEEN -20 AND 20 AND slope > 0 AND slope <= 5),
    CONSTRAINT there_is_a_severity_more_than_thresholds CHECK (
        cardinality(severities) BETWEEN 1 AND 10 AND cardinality(severities) = cardinality(severity_from) + 1
        AND array_position(severities, NULL) IS NULL AND array_position(severities, 'uncertain') IS NULL),
    CONSTRAINT thresholds_of_severities_rise CHECK (tradeup_leads_internal.rise_within_0_and_1(severity_from)),
    CONSTRAINT uncertain_level_is_a_fraction CHECK (uncertain_level > 0 AND uncertain_level < 1),
    CONSTRAINT uncertain_classes_are_positive CHECK (uncertain_classes >= 1),
    CONSTRAINT published_model_knows_its_parts CHECK (published_at IS NULL OR coalesce(jsonb_typeof(parts) = 'object', false))
);

COMMENT ON TABLE tradeup_leads.risk_model IS
    'Models of risk: one row for each version, with its horizon, form and classes. A published version never changes.';
COMMENT ON COLUMN tradeup_leads.risk_model.name IS 'Name by which vehicles, predictions and leads refer to the model';
COMMENT ON COLUMN tradeup_leads.risk_model.version IS 'Version; leads use the highest published one';
COMMENT ON COLUMN tradeup_leads.risk_model.title IS 'What people call the model';
COMMENT ON COLUMN tradeup_leads.risk_model.cause IS 'Cause of failure that it predicts; outcomes name it';
COMMENT ON COLUMN tradeup_leads.risk_model.horizon_months IS 'Months within which the failure is predicted';
COMMENT ON COLUMN tradeup_leads.risk_model.counts_form IS
    'How counts become ratios: plain, where a zero is an error, or jeffreys, which adds a half to each';
COMMENT ON COLUMN tradeup_leads.risk_model.intercept IS 'Alpha of the recalibration: what is added to the log odds; 0: none';
COMMENT ON COLUMN tradeup_leads.risk_model.slope IS 'Gamma of the recalibration: what all evidence is multiplied by; 1: none';
COMMENT ON COLUMN tradeup_leads.risk_model.absent_counts IS
    'Whether an absent stressor lowers the risk; false only in models kept for comparison, which come out too high';
COMMENT ON COLUMN tradeup_leads.risk_model.severities IS 'Names of the classes of risk, from the lowest up';
COMMENT ON COLUMN tradeup_leads.risk_model.severity_from IS 'Risk from which each class but the lowest begins';
COMMENT ON COLUMN tradeup_leads.risk_model.uncertain_level IS
    'Level of the interval that decides whether severity is uncertain';
COMMENT ON COLUMN tradeup_leads.risk_model.uncertain_classes IS
    'Classes that this interval may reach over; where it reaches over more, severity is uncertain';
COMMENT ON COLUMN tradeup_leads.risk_model.source IS 'Where the model comes from';
COMMENT ON COLUMN tradeup_leads.risk_model.published_at IS
    'When the version was published; null while it is a draft that may be changed. Set by publish_model';
COMMENT ON COLUMN tradeup_leads.risk_model.parts IS
    'Number of rows of each part, recorded when the version is published';

CREATE TABLE tradeup_leads.risk_cohort (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    cohort text NOT NULL,
    published_rate double precision,
    published_size double precision,
    discount double precision NOT NULL DEFAULT 1,
    local_failures integer NOT NULL DEFAULT 0,
    local_size integer NOT NULL DEFAULT 0,
    factors text[] NOT NULL DEFAULT '{}',
    source text,
    rated_on date,
    verified boolean NOT NULL DEFAULT false,
    CONSTRAINT cohort_is_once_in_its_version PRIMARY KEY (model, version, cohort),
    CONSTRAINT cohort_is_not_empty CHECK (cohort <> ''),
    CONSTRAINT published_rate_is_a_probability CHECK (published_rate > 0 AND published_rate < 1),
    CONSTRAINT published_size_is_positive CHECK (published_size > 0 AND published_size <= 1e9),
    CONSTRAINT rate_comes_with_its_size CHECK ((published_rate IS NULL) = (published_size IS NULL)),
    CONSTRAINT discount_is_above_0_up_to_1 CHECK (discount > 0 AND discount <= 1),
    CONSTRAINT local_failures_are_within_the_local_size CHECK (local_failures BETWEEN 0 AND local_size),
    CONSTRAINT local_size_is_at_most_a_billion CHECK (local_size <= 1000000000),
    CONSTRAINT factors_are_named CHECK (array_position(factors, NULL) IS NULL)
);

COMMENT ON TABLE tradeup_leads.risk_cohort IS 'Vehicles with a common rate of failure: a published rate, and outcomes of our own';
COMMENT ON COLUMN tradeup_leads.risk_cohort.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.risk_cohort.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.risk_cohort.cohort IS 'Name of the cohort';
COMMENT ON COLUMN tradeup_leads.risk_cohort.published_rate IS
    'Published probability of a failure within the horizon; null: none, and the rate is known from outcomes only';
COMMENT ON COLUMN tradeup_leads.risk_cohort.published_size IS 'Number of vehicles behind the published rate';
COMMENT ON COLUMN tradeup_leads.risk_cohort.discount IS
    'What a published vehicle counts against one of our own; 1 lets a large old table drown local data';
COMMENT ON COLUMN tradeup_leads.risk_cohort.local_failures IS 'Failures among our own closed outcomes';
COMMENT ON COLUMN tradeup_leads.risk_cohort.local_size IS 'Number of our own closed outcomes';
COMMENT ON COLUMN tradeup_leads.risk_cohort.factors IS 'Factors that the rate contains already; no stressor may have one of them';
COMMENT ON COLUMN tradeup_leads.risk_cohort.source IS 'Where the rate was published';
COMMENT ON COLUMN tradeup_leads.risk_cohort.rated_on IS 'Day on which the rate was published; null: unknown';
COMMENT ON COLUMN tradeup_leads.risk_cohort.verified IS 'Whether somebody has checked the source';

CREATE TABLE tradeup_leads.stressor (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    stressor text NOT NULL,
    position integer NOT NULL,
    title text,
    present_failed double precision,
    absent_failed double precision,
    present_sound double precision,
    absent_sound double precision,
    ratio_present double precision,
    ratio_absent double precision,
    uncertainty_factor double precision NOT NULL DEFAULT 1,
    relative_risk double precision,
    prevalence double precision,
    dependence_group text,
    factor text,
    enabled boolean NOT NULL DEFAULT true,
    source text,
    verified boolean NOT NULL DEFAULT false,
    CONSTRAINT stressor_is_once_in_its_version PRIMARY KEY (model, version, stressor),
    CONSTRAINT position_is_taken_once UNIQUE (model, version, position),
    CONSTRAINT stressor_is_a_word CHECK (stressor ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT position_is_1_to_64 CHECK (position BETWEEN 1 AND 64),
    CONSTRAINT counts_are_not_negative CHECK (
        present_failed BETWEEN 0 AND 1e9 AND absent_failed BETWEEN 0 AND 1e9
        AND present_sound BETWEEN 0 AND 1e9 AND absent_sound BETWEEN 0 AND 1e9),
    CONSTRAINT ratios_are_positive CHECK (ratio_present BETWEEN 1e-9 AND 1e9 AND ratio_absent BETWEEN 1e-9 AND 1e9),
    CONSTRAINT uncertainty_factor_is_at_least_1 CHECK (uncertainty_factor BETWEEN 1 AND 1e6),
    CONSTRAINT relative_risk_is_positive CHECK (relative_risk BETWEEN 1e-9 AND 1e9),
    CONSTRAINT prevalence_is_a_probability CHECK (prevalence > 0 AND prevalence < 1),
    CONSTRAINT dependence_group_is_a_word CHECK (
        dependence_group ~ '^[^\x01-\x20"=\x7F]+$' AND octet_length(dependence_group) <= 63),
    CONSTRAINT strength_is_given_in_one_way CHECK (
        num_nonnulls(present_failed, absent_failed, present_sound, absent_sound) IN (0, 4)
        AND num_nonnulls(ratio_present, ratio_absent) IN (0, 2) AND num_nonnulls(relative_risk, prevalence) IN (0, 2)
        AND num_nonnulls(present_failed, ratio_present, relative_risk) = 1)
);

COMMENT ON TABLE tradeup_leads.stressor IS 'Facts that make a failure more or less likely, and how strongly';
COMMENT ON COLUMN tradeup_leads.stressor.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.stressor.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.stressor.stressor IS 'Name of the stressor, as evidence writes it';
COMMENT ON COLUMN tradeup_leads.stressor.position IS 'Place in values of type evidence, 1 to 64';
COMMENT ON COLUMN tradeup_leads.stressor.title IS 'What people call the stressor; it is the reason of a lead';
COMMENT ON COLUMN tradeup_leads.stressor.present_failed IS 'Vehicles that had it and failed';
COMMENT ON COLUMN tradeup_leads.stressor.absent_failed IS 'Vehicles that did not have it and failed';
COMMENT ON COLUMN tradeup_leads.stressor.present_sound IS 'Vehicles that had it and did not fail';
COMMENT ON COLUMN tradeup_leads.stressor.absent_sound IS 'Vehicles that did not have it and did not fail';
COMMENT ON COLUMN tradeup_leads.stressor.ratio_present IS 'Likelihood ratio when present, where there are no counts';
COMMENT ON COLUMN tradeup_leads.stressor.ratio_absent IS 'Likelihood ratio when absent, where there are no counts';
COMMENT ON COLUMN tradeup_leads.stressor.uncertainty_factor IS
    'The ratios, or the relative risk, are right within this factor with 95 percent; an assumption; 1: taken as exact';
COMMENT ON COLUMN tradeup_leads.stressor.relative_risk IS
    'Probability of failure with it against without it, where neither counts nor ratios are known';
COMMENT ON COLUMN tradeup_leads.stressor.prevalence IS 'Share of vehicles that have it, for a relative risk';
COMMENT ON COLUMN tradeup_leads.stressor.dependence_group IS
    'Of stressors of one group only the strongest counts; null: it stands for itself';
COMMENT ON COLUMN tradeup_leads.stressor.factor IS 'What it measures, as the factors of cohorts name it';
COMMENT ON COLUMN tradeup_leads.stressor.enabled IS 'Whether it counts; off means unknown for every vehicle';
COMMENT ON COLUMN tradeup_leads.stressor.source IS 'Where its strength was published';
COMMENT ON COLUMN tradeup_leads.stressor.verified IS 'Whether somebody has checked the source';

CREATE TABLE tradeup_leads.stressor_rule (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    stressor text NOT NULL,
    rule integer NOT NULL DEFAULT 1,
    measure text NOT NULL,
    comparison text NOT NULL,
    threshold numeric,
    words text[],
    probability double precision,
    CONSTRAINT rule_is_once_in_its_stressor PRIMARY KEY (model, version, stressor, rule),
    CONSTRAINT measure_is_not_empty CHECK (measure <> ''),
    CONSTRAINT comparison_is_known CHECK (comparison IN ('<', '<=', '=', '>=', '>', 'in')),
    CONSTRAINT numbers_have_a_threshold_and_words_a_list CHECK (
        CASE WHEN comparison = 'in' THEN threshold IS NULL AND coalesce(cardinality(words) > 0, false)
             ELSE threshold IS NOT NULL AND words IS NULL END),
    CONSTRAINT probability_is_between_0_and_1 CHECK (probability > 0 AND probability < 1)
);

COMMENT ON TABLE tradeup_leads.stressor_rule IS
    'How measures make evidence: present when a rule of the stressor holds, absent when all its measures are known and none does';
COMMENT ON COLUMN tradeup_leads.stressor_rule.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.stressor_rule.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.stressor_rule.stressor IS 'Stressor that becomes present';
COMMENT ON COLUMN tradeup_leads.stressor_rule.rule IS 'Number of the rule among those of its stressor';
COMMENT ON COLUMN tradeup_leads.stressor_rule.measure IS 'Name of the measure';
COMMENT ON COLUMN tradeup_leads.stressor_rule.comparison IS 'How it is compared: <, <=, =, >=, > with a number, or in with words';
COMMENT ON COLUMN tradeup_leads.stressor_rule.threshold IS 'Number with which the measure is compared';
COMMENT ON COLUMN tradeup_leads.stressor_rule.words IS 'Words of which the measure must be one';
COMMENT ON COLUMN tradeup_leads.stressor_rule.probability IS
    'Probability that the stressor is there when the rule holds and the vehicle will not fail; null: it is certain';

CREATE TABLE tradeup_leads.priority_rule (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    priority text NOT NULL,
    min_risk double precision,
    max_risk double precision,
    min_percentile double precision,
    min_value numeric,
    CONSTRAINT priority_is_once_in_its_version PRIMARY KEY (model, version, priority),
    CONSTRAINT priority_is_known CHECK (priority IN ('high', 'moderate', 'follow_up', 'retention')),
    CONSTRAINT limits_of_risk_are_probabilities CHECK (min_risk BETWEEN 0 AND 1 AND max_risk BETWEEN 0 AND 1),
    CONSTRAINT percentile_is_a_fraction CHECK (min_percentile BETWEEN 0 AND 1),
    CONSTRAINT value_is_an_amount CHECK (min_value BETWEEN -1000000000 AND 1000000000)
);

COMMENT ON TABLE tradeup_leads.priority_rule IS
    'What makes a lead: the first of high, moderate, follow_up, retention whose conditions all hold; none: no lead';
COMMENT ON COLUMN tradeup_leads.priority_rule.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.priority_rule.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.priority_rule.priority IS 'high, moderate, follow_up or retention';
COMMENT ON COLUMN tradeup_leads.priority_rule.min_risk IS 'Lowest risk; null: any';
COMMENT ON COLUMN tradeup_leads.priority_rule.max_risk IS 'Highest risk; null: any';
COMMENT ON COLUMN tradeup_leads.priority_rule.min_percentile IS
    'Lowest percentile of the risk within its cohort; null: any. A vehicle of a cohort of fewer than ten has none';
COMMENT ON COLUMN tradeup_leads.priority_rule.min_value IS 'Lowest expected value of a call; null: any';

CREATE TABLE tradeup_leads.repair_value (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    vehicle_class text NOT NULL,
    parts numeric NOT NULL,
    service numeric NOT NULL,
    margin_if_needed numeric NOT NULL,
    margin_otherwise numeric NOT NULL DEFAULT 0,
    CONSTRAINT value_is_once_for_a_class PRIMARY KEY (model, version, vehicle_class),
    CONSTRAINT prices_are_cents CHECK (
        parts BETWEEN 0 AND 1000000000 AND service BETWEEN 0 AND 1000000000
        AND parts = round(parts, 2) AND service = round(service, 2)),
    CONSTRAINT margins_are_amounts CHECK (
        margin_if_needed BETWEEN -1000000000 AND 1000000000 AND margin_otherwise BETWEEN -1000000000 AND 1000000000)
);

COMMENT ON TABLE tradeup_leads.repair_value IS 'What the repair of a class of vehicle brings';
COMMENT ON COLUMN tradeup_leads.repair_value.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.repair_value.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.repair_value.vehicle_class IS 'Class of vehicle';
COMMENT ON COLUMN tradeup_leads.repair_value.parts IS 'Price of the parts';
COMMENT ON COLUMN tradeup_leads.repair_value.service IS 'Price of the work';
COMMENT ON COLUMN tradeup_leads.repair_value.margin_if_needed IS 'Margin of a visit when the repair is needed';
COMMENT ON COLUMN tradeup_leads.repair_value.margin_otherwise IS 'Margin of a visit when it is not';

CREATE TABLE tradeup_leads.contact_channel (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    channel text NOT NULL,
    cost numeric NOT NULL DEFAULT 0,
    succeeded integer NOT NULL DEFAULT 0,
    tried integer NOT NULL DEFAULT 0,
    CONSTRAINT channel_is_once_in_its_version PRIMARY KEY (model, version, channel),
    CONSTRAINT channel_is_not_empty CHECK (channel <> ''),
    CONSTRAINT cost_is_an_amount CHECK (cost BETWEEN 0 AND 1000000),
    CONSTRAINT succeeded_is_within_tried CHECK (succeeded BETWEEN 0 AND tried)
);

COMMENT ON TABLE tradeup_leads.contact_channel IS 'Ways to reach a customer, what they cost and how often they succeed';
COMMENT ON COLUMN tradeup_leads.contact_channel.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.contact_channel.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.contact_channel.channel IS 'Channel, such as email, sms or phone';
COMMENT ON COLUMN tradeup_leads.contact_channel.cost IS 'Cost of one contact';
COMMENT ON COLUMN tradeup_leads.contact_channel.succeeded IS
    'Contacts that led to a visit; the chance of one is (succeeded + 0.5) / (tried + 1)';
COMMENT ON COLUMN tradeup_leads.contact_channel.tried IS 'Contacts that were tried';

CREATE TABLE tradeup_leads.message_template (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    priority text NOT NULL,
    channel text NOT NULL,
    body text NOT NULL,
    defaults jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT template_is_once_in_its_version PRIMARY KEY (model, version, priority, channel),
    CONSTRAINT priority_is_known CHECK (priority IN ('high', 'moderate', 'follow_up', 'retention')),
    CONSTRAINT defaults_are_an_object CHECK (jsonb_typeof(defaults) = 'object'),
    CONSTRAINT defaults_are_not_nested CHECK (
        NOT jsonb_path_exists(defaults, '$.*.type() ? (@ == "object" || @ == "array")'::jsonpath, '{}'::jsonb, true))
);

COMMENT ON TABLE tradeup_leads.message_template IS 'Texts of messages by priority and channel, with {slots}';
COMMENT ON COLUMN tradeup_leads.message_template.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.message_template.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.message_template.priority IS 'Priority of the leads that it is for';
COMMENT ON COLUMN tradeup_leads.message_template.channel IS 'Channel that it is for';
COMMENT ON COLUMN tradeup_leads.message_template.body IS 'Text with {slots}; {{ and }} are braces';
COMMENT ON COLUMN tradeup_leads.message_template.defaults IS 'What stands for slots that are not given';

CREATE TABLE tradeup_leads.owned_vehicle (
    vehicle_id text NOT NULL,
    customer_id text,
    dealer text NOT NULL,
    vehicle_class text,
    region text,
    model_year integer,
    odometer integer,
    model text,
    cohort text,
    evidence tradeup_leads.evidence,
    observed_at timestamptz,
    sold_on date,
    CONSTRAINT vehicle_is_identified PRIMARY KEY (vehicle_id),
    CONSTRAINT vehicle_id_is_not_empty CHECK (vehicle_id <> ''),
    CONSTRAINT dealer_is_not_empty CHECK (dealer <> ''),
    CONSTRAINT model_year_is_1886_to_2200 CHECK (model_year BETWEEN 1886 AND 2200),
    CONSTRAINT odometer_is_not_negative CHECK (odometer >= 0)
);

COMMENT ON TABLE tradeup_leads.owned_vehicle IS 'Vehicles that dealers look after, with what is known of them';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.vehicle_id IS 'Name of the vehicle';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.customer_id IS 'Owner of the vehicle; null: unknown';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.dealer IS 'Dealer who looks after it';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.vehicle_class IS 'Class of vehicle, for the value of its repair';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.region IS 'Region, for the capacity of workshops';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.model_year IS 'Model year';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.odometer IS 'Reading of the odometer';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.model IS 'Model of risk whose stressors the evidence holds';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.cohort IS 'Cohort of that model';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.evidence IS 'Stressors: present, absent, unknown, or a probability of each';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.observed_at IS 'When the newest measure behind the evidence was taken';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.sold_on IS
    'First day on which its owner no longer has it; from then on it makes no lead';

CREATE INDEX vehicles_of_dealer ON tradeup_leads.owned_vehicle (dealer, vehicle_id);
COMMENT ON INDEX tradeup_leads.vehicles_of_dealer IS 'Vehicles by dealer';
CREATE INDEX models_of_dealer ON tradeup_leads.owned_vehicle (dealer, model);
COMMENT ON INDEX tradeup_leads.models_of_dealer IS 'Models of a dealer''s vehicles';

CREATE TABLE tradeup_leads.vehicle_measure (
    vehicle_id text NOT NULL,
    measure text NOT NULL,
    measured_on date NOT NULL,
    value jsonb NOT NULL,
    CONSTRAINT measure_is_once_a_day PRIMARY KEY (vehicle_id, measure, measured_on),
    CONSTRAINT value_is_a_number_a_text_or_a_truth CHECK (jsonb_typeof(value) IN ('number', 'string', 'boolean'))
);

COMMENT ON TABLE tradeup_leads.vehicle_measure IS
    'Figures measured on vehicles, with their days; rules make evidence of the newest';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.measure IS 'Name of the measure, as rules write it';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.measured_on IS 'Day of the measurement';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.value IS 'What was measured: a number, a text, true or false';

CREATE TABLE tradeup_leads.stressor_toggle (
    dealer text NOT NULL,
    model text NOT NULL,
    stressor text NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT toggle_is_once_for_a_dealer PRIMARY KEY (dealer, model, stressor)
);

COMMENT ON TABLE tradeup_leads.stressor_toggle IS 'Stressors that a dealer has switched on or off, against what the model says';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.stressor IS 'Stressor';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.enabled IS 'Whether it counts for vehicles of this dealer';

CREATE TABLE tradeup_leads.lead_capacity (
    dealer text NOT NULL,
    region text NOT NULL,
    leads_a_day integer NOT NULL,
    CONSTRAINT capacity_is_once_for_a_region PRIMARY KEY (dealer, region),
    CONSTRAINT capacity_is_not_negative CHECK (leads_a_day >= 0)
);

COMMENT ON TABLE tradeup_leads.lead_capacity IS 'How many leads a dealer can take in a day and region; without a row: any number';
COMMENT ON COLUMN tradeup_leads.lead_capacity.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.lead_capacity.region IS 'Region of the vehicles';
COMMENT ON COLUMN tradeup_leads.lead_capacity.leads_a_day IS 'Leads a day';

CREATE TABLE tradeup_leads.dealer_slots (
    dealer text NOT NULL,
    slots jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT slots_are_once_for_a_dealer PRIMARY KEY (dealer),
    CONSTRAINT slots_are_an_object CHECK (jsonb_typeof(slots) = 'object'),
    CONSTRAINT slots_are_not_nested CHECK (
        NOT jsonb_path_exists(slots, '$.*.type() ? (@ == "object" || @ == "array")'::jsonpath, '{}'::jsonb, true))
);

COMMENT ON TABLE tradeup_leads.dealer_slots IS 'What goes into the slots of all messages of a dealer: its name, its advisor';
COMMENT ON COLUMN tradeup_leads.dealer_slots.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.dealer_slots.slots IS 'Slots and their texts, such as dealer and advisor';

CREATE TABLE tradeup_leads.outcome (
    outcome_id bigint GENERATED ALWAYS AS IDENTITY,
    vehicle_id text NOT NULL,
    dealer text NOT NULL,
    cause text NOT NULL,
    watched_from date NOT NULL,
    watched_to date NOT NULL,
    failed_at date,
    corrects bigint,
    note text,
    entered_by text NOT NULL DEFAULT current_user,
    entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT outcome_is_identified PRIMARY KEY (outcome_id),
    CONSTRAINT outcome_is_corrected_once UNIQUE (corrects),
    CONSTRAINT watch_begins_before_it_ends CHECK (
        watched_from <= watched_to AND watched_from >= '1900-01-01'::date AND watched_to <= '2200-01-01'::date),
    CONSTRAINT failure_lies_in_the_watch CHECK (failed_at BETWEEN watched_from AND watched_to),
    CONSTRAINT outcome_corrects_an_earlier_one CHECK (corrects < outcome_id)
);

COMMENT ON TABLE tradeup_leads.outcome IS
    'Whether a vehicle failed while it was watched; rows are added and never changed, a correction is a new row';
COMMENT ON COLUMN tradeup_leads.outcome.outcome_id IS 'Number of the outcome';
COMMENT ON COLUMN tradeup_leads.outcome.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.outcome.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.outcome.cause IS 'Cause that was watched for, as models name it';
COMMENT ON COLUMN tradeup_leads.outcome.watched_from IS 'First day of the watch';
COMMENT ON COLUMN tradeup_leads.outcome.watched_to IS 'Last day of the watch';
COMMENT ON COLUMN tradeup_leads.outcome.failed_at IS 'Day of the failure; null: it did not fail';
COMMENT ON COLUMN tradeup_leads.outcome.corrects IS 'Number of the outcome that this one replaces; null: none';
COMMENT ON COLUMN tradeup_leads.outcome.note IS 'What there is to say about it';
COMMENT ON COLUMN tradeup_leads.outcome.entered_by IS 'Role that entered it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.outcome.entered_at IS 'When it was entered; a trigger fills it in';
CREATE INDEX outcomes_of_vehicle ON tradeup_leads.outcome (vehicle_id, cause, watched_to);
COMMENT ON INDEX tradeup_leads.outcomes_of_vehicle IS 'Outcomes of a vehicle by time';

CREATE TABLE tradeup_leads.prediction (
    prediction_id bigint GENERATED ALWAYS AS IDENTITY,
    vehicle_id text NOT NULL,
    dealer text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    cohort text NOT NULL,
    as_of date NOT NULL,
    p double precision NOT NULL,
    low double precision,
    high double precision,
    predicted_by text NOT NULL DEFAULT current_user,
    predicted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT prediction_is_identified PRIMARY KEY (prediction_id),
    CONSTRAINT vehicle_is_predicted_once_a_day UNIQUE (vehicle_id, model, version, as_of),
    CONSTRAINT prediction_is_a_probability CHECK (p >= 0 AND p <= 1),
    CONSTRAINT interval_is_in_order CHECK (low BETWEEN 0 AND high AND high <= 1),
    CONSTRAINT nothing_is_predicted_after_the_fact CHECK (as_of >= (predicted_at AT TIME ZONE 'UTC')::date),
    CONSTRAINT day_is_at_most_a_year_ahead CHECK (as_of <= (predicted_at AT TIME ZONE 'UTC')::date + 366)
);

COMMENT ON TABLE tradeup_leads.prediction IS 'Risks as they were predicted, frozen; rows are added and never changed';
COMMENT ON COLUMN tradeup_leads.prediction.prediction_id IS 'Number of the prediction';
COMMENT ON COLUMN tradeup_leads.prediction.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.prediction.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.prediction.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.prediction.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.prediction.cohort IS 'Cohort of the vehicle at that moment';
COMMENT ON COLUMN tradeup_leads.prediction.as_of IS
    'Day after which the failure is predicted; never before the day on which the row was written';
COMMENT ON COLUMN tradeup_leads.prediction.p IS 'Probability of a failure within the horizon';
COMMENT ON COLUMN tradeup_leads.prediction.low IS 'Low end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.prediction.high IS 'High end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.prediction.predicted_by IS 'Role that predicted it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.prediction.predicted_at IS 'When it was predicted; a trigger fills it in';

CREATE TABLE tradeup_leads.contact_permission (
    permission_id bigint GENERATED ALWAYS AS IDENTITY,
    customer_id text NOT NULL,
    channel text NOT NULL,
    allowed boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    entered_by text NOT NULL DEFAULT current_user,
    note text,
    CONSTRAINT permission_is_identified PRIMARY KEY (permission_id)
);

COMMENT ON TABLE tradeup_leads.contact_permission IS
    'Whether a customer may be contacted by a channel: the newest row decides; without a row it is allowed. Rows never change';
COMMENT ON COLUMN tradeup_leads.contact_permission.permission_id IS 'Number of the permission';
COMMENT ON COLUMN tradeup_leads.contact_permission.customer_id IS 'Customer';
COMMENT ON COLUMN tradeup_leads.contact_permission.channel IS 'Channel';
COMMENT ON COLUMN tradeup_leads.contact_permission.allowed IS 'Whether the customer may be contacted';
COMMENT ON COLUMN tradeup_leads.contact_permission.since IS 'Since when; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.contact_permission.entered_by IS 'Role that entered it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.contact_permission.note IS 'What there is to say about it';
CREATE INDEX permissions_of_customer ON tradeup_leads.contact_permission (customer_id, channel, since, permission_id);
COMMENT ON INDEX tradeup_leads.permissions_of_customer IS 'Permissions of a customer by channel and time';

CREATE TABLE tradeup_leads.lead (
    lead_id bigint GENERATED BY DEFAULT AS IDENTITY,
    vehicle_id text NOT NULL,
    customer_id text,
    dealer text NOT NULL,
    region text,
    vehicle_class text,
    model text NOT NULL,
    version integer NOT NULL,
    cohort text NOT NULL,
    evidence tradeup_leads.evidence NOT NULL,
    as_of date NOT NULL,
    risk double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    severity text NOT NULL,
    percentile double precision,
    priority text NOT NULL,
    reason text,
    channel text,
    expected_value numeric,
    parts numeric,
    service numeric,
    revenue numeric GENERATED ALWAYS AS (parts + service) STORED,
    created_by text NOT NULL DEFAULT current_user,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT lead_is_identified PRIMARY KEY (lead_id),
    CONSTRAINT priority_is_known CHECK (priority IN ('high', 'moderate', 'follow_up', 'retention')),
    CONSTRAINT risk_and_interval_are_probabilities CHECK (
        risk BETWEEN 0 AND 1 AND low BETWEEN 0 AND high AND high <= 1 AND percentile BETWEEN 0 AND 1)
);

COMMENT ON TABLE tradeup_leads.lead IS 'Leads as they were made: vehicles worth a call; rows are added and never changed';
COMMENT ON COLUMN tradeup_leads.lead.lead_id IS 'Number of the lead';
COMMENT ON COLUMN tradeup_leads.lead.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.lead.customer_id IS 'Owner of the vehicle; null: unknown';
COMMENT ON COLUMN tradeup_leads.lead.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.lead.region IS 'Region of the vehicle';
COMMENT ON COLUMN tradeup_leads.lead.vehicle_class IS 'Class of the vehicle';
COMMENT ON COLUMN tradeup_leads.lead.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.lead.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.lead.cohort IS 'Cohort of the vehicle';
COMMENT ON COLUMN tradeup_leads.lead.evidence IS 'Evidence at that moment';
COMMENT ON COLUMN tradeup_leads.lead.as_of IS 'Day for which it was made';
COMMENT ON COLUMN tradeup_leads.lead.risk IS 'Probability of a failure within the horizon of the model';
COMMENT ON COLUMN tradeup_leads.lead.low IS 'Low end of the interval of the risk';
COMMENT ON COLUMN tradeup_leads.lead.high IS 'High end of the interval of the risk';
COMMENT ON COLUMN tradeup_leads.lead.severity IS 'Class of the risk, or uncertain';
COMMENT ON COLUMN tradeup_leads.lead.percentile IS 'Share of vehicles of the cohort with a lower risk; null: fewer than ten';
COMMENT ON COLUMN tradeup_leads.lead.priority IS 'high, moderate, follow_up or retention';
COMMENT ON COLUMN tradeup_leads.lead.reason IS 'The strongest stressor that speaks for a failure; null: none does';
COMMENT ON COLUMN tradeup_leads.lead.channel IS 'Channel with the highest expected value';
COMMENT ON COLUMN tradeup_leads.lead.expected_value IS 'Expected value of a contact; null: the class has no value';
COMMENT ON COLUMN tradeup_leads.lead.parts IS 'Price of the parts';
COMMENT ON COLUMN tradeup_leads.lead.service IS 'Price of the work';
COMMENT ON COLUMN tradeup_leads.lead.revenue IS 'Parts and work';
COMMENT ON COLUMN tradeup_leads.lead.created_by IS 'Role that made it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.lead.created_at IS 'When it was made; a trigger fills it in';
CREATE INDEX leads_by_dealer ON tradeup_leads.lead (dealer, created_at);
COMMENT ON INDEX tradeup_leads.leads_by_dealer IS 'Leads of a dealer by time';

CREATE TABLE tradeup_leads.open_lead (
    vehicle_id text NOT NULL,
    model text NOT NULL,
    dealer text NOT NULL,
    lead_id bigint NOT NULL,
    CONSTRAINT vehicle_has_one_open_lead_of_a_model PRIMARY KEY (vehicle_id, model),
    CONSTRAINT lead_is_open_once UNIQUE (lead_id)
);

COMMENT ON TABLE tradeup_leads.open_lead IS 'Leads that have not ended; a vehicle has at most one of each model';
COMMENT ON COLUMN tradeup_leads.open_lead.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.open_lead.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.open_lead.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.open_lead.lead_id IS 'Number of the lead';

CREATE TABLE tradeup_leads.lead_event (
    lead_id bigint NOT NULL,
    seq integer NOT NULL,
    dealer text NOT NULL,
    event text NOT NULL,
    happened_at timestamptz NOT NULL,
    happened_by text NOT NULL,
    note text,
    CONSTRAINT event_is_once_in_its_lead PRIMARY KEY (lead_id, seq),
    CONSTRAINT event_is_known CHECK (event = ANY (tradeup_leads_internal.lead_events())),
    CONSTRAINT first_event_is_created CHECK (seq > 0 AND (seq = 1) = (event = 'created'))
);

COMMENT ON TABLE tradeup_leads.lead_event IS 'The life of each lead, event by event; rows are added and never changed';
COMMENT ON COLUMN tradeup_leads.lead_event.lead_id IS 'Number of the lead';
COMMENT ON COLUMN tradeup_leads.lead_event.seq IS 'Position of the event among those of its lead, from 1';
COMMENT ON COLUMN tradeup_leads.lead_event.dealer IS 'Dealer of the lead';
COMMENT ON COLUMN tradeup_leads.lead_event.event IS
    'created, queued, contacted, engaged, scheduled, arrived, serviced, closed or abandoned';
COMMENT ON COLUMN tradeup_leads.lead_event.happened_at IS 'When it was recorded; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.lead_event.happened_by IS 'Role that recorded it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.lead_event.note IS 'What there is to say about it';

CREATE TABLE tradeup_leads.message (
    message_id bigint GENERATED ALWAYS AS IDENTITY,
    lead_id bigint NOT NULL,
    customer_id text NOT NULL,
    dealer text NOT NULL,
    channel text NOT NULL,
    priority text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    template text NOT NULL,
    slots jsonb NOT NULL,
    key text NOT NULL,
    text text NOT NULL,
    fallback boolean NOT NULL DEFAULT true,
    state text NOT NULL DEFAULT 'queued',
    stage text NOT NULL DEFAULT 'write',
    attempts integer NOT NULL DEFAULT 0,
    lease integer NOT NULL DEFAULT 0,
    leased_by text,
    leased_role text,
    leased_until timestamptz,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    written_at timestamptz,
    sent_at timestamptz,
    CONSTRAINT message_is_identified PRIMARY KEY (message_id),
    CONSTRAINT lead_has_one_message_by_a_channel UNIQUE (lead_id, channel),
    CONSTRAINT state_is_known CHECK (state IN ('queued', 'taken', 'written', 'sent', 'failed', 'dropped')),
    CONSTRAINT stage_is_known CHECK (stage IN ('write', 'send')),
    CONSTRAINT taken_message_is_leased CHECK ((state = 'taken') = (leased_until IS NOT NULL)
                                              AND (leased_until IS NULL) = (leased_by IS NULL)
                                              AND (leased_until IS NULL) = (leased_role IS NULL)),
    CONSTRAINT slots_are_an_object CHECK (jsonb_typeof(slots) = 'object')
);

COMMENT ON TABLE tradeup_leads.message IS
    'The outbox: messages to be written by a text service and sent by a gateway, which workers take and finish';
COMMENT ON COLUMN tradeup_leads.message.message_id IS 'Number of the message';
COMMENT ON COLUMN tradeup_leads.message.lead_id IS 'Lead that it belongs to';
COMMENT ON COLUMN tradeup_leads.message.customer_id IS 'Customer to whom it goes';
COMMENT ON COLUMN tradeup_leads.message.dealer IS 'Dealer in whose name it goes';
COMMENT ON COLUMN tradeup_leads.message.channel IS 'Channel by which it goes';
COMMENT ON COLUMN tradeup_leads.message.priority IS 'Priority of the lead';
COMMENT ON COLUMN tradeup_leads.message.model IS 'Model whose template it has';
COMMENT ON COLUMN tradeup_leads.message.version IS 'Version of the model whose template it has';
COMMENT ON COLUMN tradeup_leads.message.template IS 'Body of the template';
COMMENT ON COLUMN tradeup_leads.message.slots IS 'What goes into the slots of the template';
COMMENT ON COLUMN tradeup_leads.message.key IS
    'Hash of the template, its version, the lead and all slots: the same in each attempt, so that a service answers it once';
COMMENT ON COLUMN tradeup_leads.message.text IS 'The text: that of the service, or the rendered template until there is one';
COMMENT ON COLUMN tradeup_leads.message.fallback IS 'Whether the text is the rendered template';
COMMENT ON COLUMN tradeup_leads.message.state IS 'queued, taken, written, sent, failed or dropped';
COMMENT ON COLUMN tradeup_leads.message.stage IS 'What is to be done next: write or send';
COMMENT ON COLUMN tradeup_leads.message.attempts IS 'Failed attempts at this stage';
COMMENT ON COLUMN tradeup_leads.message.lease IS 'Number of the lease; each taking has another';
COMMENT ON COLUMN tradeup_leads.message.leased_by IS 'Worker that has taken it';
COMMENT ON COLUMN tradeup_leads.message.leased_role IS 'Role of that worker: no other finishes it';
COMMENT ON COLUMN tradeup_leads.message.leased_until IS 'When its lease runs out';
COMMENT ON COLUMN tradeup_leads.message.due_at IS 'When it may be taken';
COMMENT ON COLUMN tradeup_leads.message.reason IS 'Why the last attempt failed, or why it was dropped';
COMMENT ON COLUMN tradeup_leads.message.queued_at IS 'When it was queued';
COMMENT ON COLUMN tradeup_leads.message.written_at IS 'When its text was written';
COMMENT ON COLUMN tradeup_leads.message.sent_at IS 'When it was sent';
CREATE INDEX messages_due ON tradeup_leads.message (due_at, message_id) WHERE state IN ('queued', 'taken', 'written');
COMMENT ON INDEX tradeup_leads.messages_due IS 'Messages that are to be written or sent';
CREATE INDEX messages_by_time ON tradeup_leads.message (queued_at);
COMMENT ON INDEX tradeup_leads.messages_by_time IS 'Messages by time, for statistics and for removing old ones';
COMMENT ON SEQUENCE tradeup_leads.outcome_outcome_id_seq IS 'Numbers of outcomes';
COMMENT ON SEQUENCE tradeup_leads.prediction_prediction_id_seq IS 'Numbers of predictions';
COMMENT ON SEQUENCE tradeup_leads.contact_permission_permission_id_seq IS 'Numbers of permissions';
COMMENT ON SEQUENCE tradeup_leads.lead_lead_id_seq IS 'Numbers of leads';
COMMENT ON SEQUENCE tradeup_leads.message_message_id_seq IS 'Numbers of messages';
-- What guards, publishes and finds models.

CREATE FUNCTION tradeup_leads_internal.model_parts(model text, version integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'risk_cohort'::text, (SELECT count(*) FROM tradeup_leads.risk_cohort x
                              WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'stressor'::text, (SELECT count(*) FROM tradeup_leads.stressor x
                           WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'stressor_rule'::text, (SELECT count(*) FROM tradeup_leads.stressor_rule x
                                WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'priority_rule'::text, (SELECT count(*) FROM tradeup_leads.priority_rule x
                                WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'repair_value'::text, (SELECT count(*) FROM tradeup_leads.repair_value x
                               WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'contact_channel'::text, (SELECT count(*) FROM tradeup_leads.contact_channel x
                                  WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'message_template'::text, (SELECT count(*) FROM tradeup_leads.message_template x
                                   WHERE x.model = model_parts.model AND x.version = model_parts.version));
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_parts(text, integer) IS 'Number of rows of each part of a version of a model';

-- A row that was inserted as published, as a restore does, is believed only when it has the parts that it says.
CREATE FUNCTION tradeup_leads.model_is_whole(version tradeup_leads.risk_model) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
RETURN coalesce((version).parts = tradeup_leads_internal.model_parts((version).name, (version).version), false);
COMMENT ON FUNCTION tradeup_leads.model_is_whole(tradeup_leads.risk_model) IS
    'Whether a published version has as many cohorts, stressors, rules, values, channels and texts as its row says';

CREATE FUNCTION tradeup_leads_internal.may_restore(relation oid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = relation);
COMMENT ON FUNCTION tradeup_leads_internal.may_restore(oid) IS
    'Whether the role owns this table, and so may load rows as they were in a dump';

CREATE FUNCTION tradeup_leads_internal.protect_published_model() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown text;
    problems bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL
       AND NOT (TG_OP = 'DELETE' AND NOT tradeup_leads.model_is_whole(OLD::tradeup_leads.risk_model)) THEN
        RAISE EXCEPTION 'published version of a model cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Model "%s" version %s is published.', tradeup_leads_internal.shown(OLD.name), OLD.version),
                  HINT = 'Add a new version, change it, and publish it.';
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.published_at IS NOT NULL AND NOT tradeup_leads_internal.may_restore(TG_RELID) THEN
            RAISE EXCEPTION 'model must be published by publish_model'
                USING ERRCODE = 'insufficient_privilege', HINT = 'Leave out published_at, and call publish_model.';
        END IF;
        RETURN NEW;
    ELSIF NEW.published_at IS NULL THEN
        RETURN NEW;
    END IF;
    /* Waits for whoever is changing parts, and keeps others from it until this version is published or not. */
    LOCK TABLE tradeup_leads.risk_cohort, tradeup_leads.stressor, tradeup_leads.stressor_rule, tradeup_leads.priority_rule,
        tradeup_leads.repair_value, tradeup_leads.contact_channel, tradeup_leads.message_template IN SHARE ROW EXCLUSIVE MODE;
    NEW.parts := tradeup_leads_internal.model_parts(OLD.name, OLD.version);
    SELECT count(*), string_agg(p.path || ': ' || p.problem, E'\n' ORDER BY p.n) FILTER (WHERE p.n <= 20)
    INTO problems, shown
    FROM tradeup_leads.model_problems(tradeup_leads_internal.model_document(NEW::tradeup_leads.risk_model))
             WITH ORDINALITY p (path, problem, n);
    IF problems > 0 THEN
        RAISE EXCEPTION 'model cannot be published: % %', problems, CASE WHEN problems = 1 THEN 'problem' ELSE 'problems' END
            USING ERRCODE = 'check_violation',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'model_problems(model_to_json(name, version)) lists them as rows.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.protect_published_model() IS
    'Trigger that refuses a change of a published version, and that checks and measures a version when it is published';

CREATE FUNCTION tradeup_leads_internal.protect_model_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old_key record;
    new_key record;
    whole tradeup_leads.risk_model;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT OLD.model AS name, OLD.version AS version INTO old_key;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT NEW.model AS name, NEW.version AS version INTO new_key;
        /* Keeps the model from being deleted meanwhile. A restore inserts as the owner, parts first if it so happens. */
        PERFORM FROM tradeup_leads.risk_model x WHERE (x.name, x.version) = (new_key.name, new_key.version) FOR KEY SHARE;
        IF NOT FOUND AND NOT tradeup_leads_internal.may_restore(TG_RELID) THEN
            RAISE EXCEPTION 'model "%" version % does not exist', tradeup_leads_internal.shown(new_key.name), new_key.version
                USING ERRCODE = 'no_data_found', HINT = 'Add it to tradeup_leads.risk_model first.';
        END IF;
    END IF;
    /* An old snapshot does not show what was published since: this lock fails then, and in READ COMMITTED is not needed. */
    IF current_setting('transaction_isolation'::text) IN ('repeatable read', 'serializable') THEN
        IF TG_OP <> 'INSERT' THEN
            PERFORM FROM tradeup_leads.risk_model x WHERE (x.name, x.version) = (old_key.name, old_key.version) FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM FROM tradeup_leads.risk_model x WHERE (x.name, x.version) = (new_key.name, new_key.version) FOR SHARE;
        END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        SELECT * INTO whole FROM tradeup_leads.risk_model x
        WHERE (x.name, x.version) = (old_key.name, old_key.version) AND x.published_at IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' AND whole.name IS NULL THEN
        SELECT * INTO whole FROM tradeup_leads.risk_model x
        WHERE (x.name, x.version) = (new_key.name, new_key.version) AND x.published_at IS NOT NULL;
        /* A restore brings the parts of a published version back, as many as it had. */
        IF TG_OP = 'INSERT' AND (tradeup_leads_internal.model_parts(new_key.name, new_key.version)
                                 ->> TG_TABLE_NAME::text)::bigint < (whole.parts ->> TG_TABLE_NAME::text)::bigint THEN
            RETURN NEW;
        END IF;
    END IF;
    IF whole.name IS NOT NULL THEN
        RAISE EXCEPTION 'published version of a model cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Model "%s" version %s is published.', tradeup_leads_internal.shown(whole.name), whole.version),
                  HINT = 'Add a new version, change it, and publish it.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.protect_model_parts() IS
    'Trigger that refuses a change of the parts of a published version';

CREATE FUNCTION tradeup_leads_internal.carry_model_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM tradeup_leads.risk_cohort x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.stressor x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.stressor_rule x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.priority_rule x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.repair_value x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.contact_channel x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.message_template x WHERE (x.model, x.version) = (OLD.name, OLD.version);
    ELSIF (NEW.name, NEW.version) <> (OLD.name, OLD.version) THEN
        UPDATE tradeup_leads.risk_cohort x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.stressor x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.stressor_rule x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.priority_rule x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.repair_value x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.contact_channel x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.message_template x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.carry_model_parts() IS
    'Trigger that deletes the parts of a draft with it, and renames them with it';

CREATE FUNCTION tradeup_leads_internal.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table "%" cannot be truncated', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Published models and what was recorded are kept.';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.refuse_truncate() IS
    'Trigger that keeps TRUNCATE from what is never changed, which no row trigger would see';

CREATE FUNCTION tradeup_leads_internal.require_model(model text, version integer, known text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF known IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN version IS NULL
                                  THEN format('model "%s" has no published version', tradeup_leads_internal.shown(model))
                                  ELSE format('model "%s" version %s does not exist', tradeup_leads_internal.shown(model),
                                              version) END
            USING ERRCODE = 'no_data_found',
                  HINT = CASE WHEN version IS NULL THEN 'Publish a version, or give the version of a draft.'
                              ELSE 'Look in the table tradeup_leads.risk_model.' END;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_model(text, integer, text) IS
    'True when a model was found; otherwise the error that there is none of this name and version';

CREATE FUNCTION tradeup_leads.publish_model(model text, version integer DEFAULT 1) RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    published timestamptz;
BEGIN
    IF EXISTS (SELECT FROM tradeup_leads.risk_model x
               WHERE x.name = model AND x.version = publish_model.version AND x.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'model "%" version % is already published', tradeup_leads_internal.shown(model), version
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Add a new version, change it, and publish it.';
    END IF;
    UPDATE tradeup_leads.risk_model x SET published_at = now()
    WHERE x.name = model AND x.version = publish_model.version
    RETURNING x.published_at INTO published;
    PERFORM tradeup_leads_internal.require_model(model, coalesce(version, 0), published::text);
    RETURN published;
END
$$;
COMMENT ON FUNCTION tradeup_leads.publish_model(text, integer) IS
    'Publishes a draft version of a model: from now on leads use it, and nothing can change it';
-- Views over published models and over outcomes.


CREATE VIEW tradeup_leads.current_model WITH (security_invoker = true) AS
SELECT m.*
FROM tradeup_leads.risk_model m
WHERE m.published_at IS NOT NULL
  AND m.version = (SELECT max(x.version) FROM tradeup_leads.risk_model x
                   WHERE x.name = m.name AND x.published_at IS NOT NULL AND tradeup_leads.model_is_whole(x));
COMMENT ON VIEW tradeup_leads.current_model IS 'The version of each model that leads use: the highest published one';
COMMENT ON COLUMN tradeup_leads.current_model.name IS 'Name by which vehicles, predictions and leads refer to the model';
COMMENT ON COLUMN tradeup_leads.current_model.version IS 'Version: the highest published one';
COMMENT ON COLUMN tradeup_leads.current_model.title IS 'What people call the model';
COMMENT ON COLUMN tradeup_leads.current_model.cause IS 'Cause of failure that it predicts; outcomes name it';
COMMENT ON COLUMN tradeup_leads.current_model.horizon_months IS 'Months within which the failure is predicted';
COMMENT ON COLUMN tradeup_leads.current_model.counts_form IS
    'How counts become ratios: plain, where a zero is an error, or jeffreys, which adds a half to each';
COMMENT ON COLUMN tradeup_leads.current_model.intercept IS 'Alpha of the recalibration: what is added to the log odds; 0: none';
COMMENT ON COLUMN tradeup_leads.current_model.slope IS 'Gamma of the recalibration: what all evidence is multiplied by; 1: none';
COMMENT ON COLUMN tradeup_leads.current_model.absent_counts IS
    'Whether an absent stressor lowers the risk; false only in models kept for comparison, which come out too high';
COMMENT ON COLUMN tradeup_leads.current_model.severities IS 'Names of the classes of risk, from the lowest up';
COMMENT ON COLUMN tradeup_leads.current_model.severity_from IS 'Risk from which each class but the lowest begins';
COMMENT ON COLUMN tradeup_leads.current_model.uncertain_level IS
    'Probability that the interval holds by which severity is uncertain';
COMMENT ON COLUMN tradeup_leads.current_model.uncertain_classes IS
    'Classes that this interval may reach over; where it reaches over more, severity is uncertain';
COMMENT ON COLUMN tradeup_leads.current_model.source IS 'Where the model comes from';
COMMENT ON COLUMN tradeup_leads.current_model.published_at IS 'When the version was published';
COMMENT ON COLUMN tradeup_leads.current_model.parts IS 'Number of rows of each part, recorded when the version is published';

CREATE VIEW tradeup_leads.current_outcome WITH (security_invoker = true) AS
SELECT o.outcome_id, o.vehicle_id, o.dealer, o.cause, o.watched_from, o.watched_to, o.failed_at
FROM tradeup_leads.outcome o
WHERE NOT EXISTS (SELECT FROM tradeup_leads.outcome c WHERE c.corrects = o.outcome_id);
COMMENT ON VIEW tradeup_leads.current_outcome IS 'Outcomes without those that a correction replaces';
COMMENT ON COLUMN tradeup_leads.current_outcome.outcome_id IS 'Number of the outcome';
COMMENT ON COLUMN tradeup_leads.current_outcome.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.current_outcome.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.current_outcome.cause IS 'Cause that was watched for, as models name it';
COMMENT ON COLUMN tradeup_leads.current_outcome.watched_from IS 'First day of the watch';
COMMENT ON COLUMN tradeup_leads.current_outcome.watched_to IS 'Last day of the watch';
COMMENT ON COLUMN tradeup_leads.current_outcome.failed_at IS 'Day of the failure; null: it did not fail';

CREATE VIEW tradeup_leads.judged_prediction WITH (security_invoker = true) AS
SELECT p.prediction_id, p.vehicle_id, p.dealer, p.model, p.version, p.cohort, p.as_of, p.p, p.low, p.high,
       (p.as_of + make_interval(months => m.horizon_months))::date AS judged_on,
       CASE WHEN o.failed OR o.sound THEN o.failed END AS failed,
       NOT coalesce(o.failed OR o.sound, false) AS censored
FROM tradeup_leads.prediction p
JOIN tradeup_leads.risk_model m ON m.name = p.model AND m.version = p.version
LEFT JOIN LATERAL (
    SELECT bool_or(coalesce(x.failed_at > p.as_of
                            AND x.failed_at <= p.as_of + make_interval(months => m.horizon_months), false)) AS failed,
           range_agg(daterange(x.watched_from, x.watched_to, '[]'::text))
               @> daterange(p.as_of + 1, (p.as_of + make_interval(months => m.horizon_months))::date, '[]'::text) AS sound
    FROM tradeup_leads.current_outcome x
    WHERE x.vehicle_id = p.vehicle_id AND x.cause = m.cause) o ON true;
COMMENT ON VIEW tradeup_leads.judged_prediction IS
    'Each prediction and what came of it: failed within the horizon, sound when watched to its end, otherwise censored';
COMMENT ON COLUMN tradeup_leads.judged_prediction.prediction_id IS 'Number of the prediction';
COMMENT ON COLUMN tradeup_leads.judged_prediction.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.judged_prediction.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.judged_prediction.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.judged_prediction.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.judged_prediction.cohort IS 'Cohort of the vehicle at that moment';
COMMENT ON COLUMN tradeup_leads.judged_prediction.as_of IS
    'Day after which the failure is predicted; never before the day on which the row was written';
COMMENT ON COLUMN tradeup_leads.judged_prediction.p IS 'Probability of a failure within the horizon';
COMMENT ON COLUMN tradeup_leads.judged_prediction.low IS 'Low end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.judged_prediction.high IS 'High end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.judged_prediction.judged_on IS 'Last day of the horizon';
COMMENT ON COLUMN tradeup_leads.judged_prediction.failed IS
    'Whether it failed after as_of, within the horizon; null: not known (censored)';
COMMENT ON COLUMN tradeup_leads.judged_prediction.censored IS
    'Whether it is not known: it did not fail, and was not watched to the end of the horizon';
-- Scorers of models' cohorts, and evidence from measures.

-- Names of toggles that are no stressors of the model are an error; values are true or false.
CREATE FUNCTION tradeup_leads_internal.require_toggles(toggles jsonb, names text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF toggles IS NULL THEN
        RETURN true;
    ELSIF jsonb_typeof(toggles) <> 'object' THEN
        RAISE EXCEPTION 'toggles must be an object such as {"towing_load": false}'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', tradeup_leads_internal.shown(toggles::text));
    END IF;
    SELECT t.key, t.value INTO wrong FROM jsonb_each(toggles) t
    WHERE t.key <> ALL (names) OR jsonb_typeof(t.value) <> 'boolean' ORDER BY t.key LIMIT 1;
    IF NOT FOUND THEN
        RETURN true;
    ELSIF wrong.key = ANY (names) THEN
        RAISE EXCEPTION 'toggle "%" must be true or false', wrong.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', tradeup_leads_internal.shown(wrong.value::text));
    END IF;
    RAISE EXCEPTION 'unknown stressor "%"', tradeup_leads_internal.shown(wrong.key)
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Use ' || left(array_to_string(names, ', '::text), 1000) || '.';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_toggles(jsonb, text[]) IS
    'True when toggles are an object of stressors that are on or off; otherwise the error that says what is wrong';

-- Arrays in the order of positions. A cohort that makes a relative risk a probability of 1 or more has no scorer; health names
-- it.
CREATE FUNCTION tradeup_leads.scorers(model text, version integer DEFAULT NULL::integer,
                                                 toggles jsonb DEFAULT NULL::jsonb)
RETURNS TABLE (model_version integer, cohort text, scorer tradeup_leads.risk_scorer)
LANGUAGE sql STABLE PARALLEL SAFE COST 20000 ROWS 20
BEGIN ATOMIC
    SELECT m.version, c.cohort,
           CASE WHEN s.worst IS NULL
                     OR s.worst * (c.a / (c.a + c.b)) < 1
                THEN tradeup_leads_internal.compiled_scorer(
                         s.names, c.a, c.b, s.present_failed, s.absent_failed, s.present_sound, s.absent_sound, s.ratio_present,
                         s.ratio_absent, s.uncertainty_factor, s.relative_risk, s.prevalence, s.groups, s.enabled, m.counts_form,
                         m.intercept, m.slope, c.known) END
    FROM (SELECT scorers.model, scorers.version, scorers.toggles) q (model, version, toggles)
    LEFT JOIN tradeup_leads.risk_model m
           ON m.name = q.model
          AND m.version = coalesce(q.version, (SELECT x.version FROM tradeup_leads.current_model x WHERE x.name = q.model)),
    LATERAL (SELECT x.cohort,
                    coalesce(x.discount * x.published_rate * x.published_size, 0.5::double precision) + x.local_failures AS a,
                    coalesce(x.discount * (1::double precision - x.published_rate) * x.published_size, 0.5::double precision)
                        + (x.local_size - x.local_failures) AS b,
                    x.published_rate IS NOT NULL OR x.local_size > 0 AS known
             FROM tradeup_leads.risk_cohort x WHERE x.model = m.name AND x.version = m.version) c,
    LATERAL (SELECT array_agg(x.stressor ORDER BY x.position) AS names,
                    array_agg(x.present_failed ORDER BY x.position) AS present_failed,
                    array_agg(x.absent_failed ORDER BY x.position) AS absent_failed,
                    array_agg(x.present_sound ORDER BY x.position) AS present_sound,
                    array_agg(x.absent_sound ORDER BY x.position) AS absent_sound,
                    array_agg(x.ratio_present ORDER BY x.position) AS ratio_present,
                    array_agg(x.ratio_absent ORDER BY x.position) AS ratio_absent,
                    array_agg(CASE WHEN x.present_failed IS NULL THEN x.uncertainty_factor END ORDER BY x.position)
                        AS uncertainty_factor,
                    array_agg(x.relative_risk ORDER BY x.position) AS relative_risk,
                    array_agg(x.prevalence ORDER BY x.position) AS prevalence,
                    array_agg(x.dependence_group ORDER BY x.position) AS groups,
                    array_agg(CASE jsonb_typeof(q.toggles -> x.stressor) WHEN 'boolean' THEN (q.toggles -> x.stressor)::boolean
                                   ELSE x.enabled END ORDER BY x.position) AS enabled,
                    max(greatest(x.relative_risk, 1::double precision)
                        / (1::double precision + x.prevalence * (x.relative_risk - 1::double precision)))
                        FILTER (WHERE x.relative_risk IS NOT NULL) AS worst
             FROM tradeup_leads.stressor x WHERE x.model = m.name AND x.version = m.version) s
    WHERE tradeup_leads_internal.require_model(q.model, q.version, m.name)
      AND tradeup_leads_internal.require_toggles(q.toggles, coalesce(s.names, '{}'::text[]))
    /* A scorer is compiled once, and not for each vehicle that it is joined with. */
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup_leads.scorers(text, integer, jsonb) IS
    'The scorers of all cohorts of a model; null for a cohort whose rate a relative risk makes a probability of 1 or more';

CREATE FUNCTION tradeup_leads.scorer(model text, version integer, cohort text, toggles jsonb DEFAULT NULL::jsonb)
RETURNS tradeup_leads.risk_scorer
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    answer record;
BEGIN
    SELECT s.scorer INTO answer FROM tradeup_leads.scorers(model, version, toggles) s WHERE s.cohort = scorer.cohort;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'cohort "%" does not exist', tradeup_leads_internal.shown(cohort)
            USING ERRCODE = 'no_data_found',
                  DETAIL = format('Model "%s" version %s has no such cohort.', tradeup_leads_internal.shown(model),
                                  coalesce(version::text, 'null')),
                  HINT = 'Look in the table tradeup_leads.risk_cohort.';
    ELSIF answer.scorer IS NULL THEN
        RAISE EXCEPTION 'relative risk makes a probability of 1 or more'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is that of a stressor in cohort "%s".', tradeup_leads_internal.shown(cohort)),
                  HINT = 'Give the stressor counts or ratios, or a lower relative risk, in a new version.';
    END IF;
    RETURN answer.scorer;
END
$$;
COMMENT ON FUNCTION tradeup_leads.scorer(text, integer, text, jsonb) IS
    'The scorer of a cohort of a model; toggles such as {"towing_load": false} switch stressors off, or on';

-- A rule holds for numbers by comparison, for texts and truths as one of its words. A measure of another kind is not known to it.
CREATE FUNCTION tradeup_leads_internal.rule_holds(rule tradeup_leads.stressor_rule, measures jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10
RETURN CASE
    WHEN (rule).comparison = 'in' THEN
        CASE WHEN jsonb_typeof(measures -> (rule).measure) IN ('string', 'boolean', 'number')
             THEN (measures ->> (rule).measure) = ANY ((rule).words) END
    WHEN jsonb_typeof(measures -> (rule).measure) = 'number' THEN
        CASE (rule).comparison
            WHEN '<' THEN (measures -> (rule).measure)::numeric < (rule).threshold
            WHEN '<=' THEN (measures -> (rule).measure)::numeric <= (rule).threshold
            WHEN '=' THEN (measures -> (rule).measure)::numeric = (rule).threshold
            WHEN '>=' THEN (measures -> (rule).measure)::numeric >= (rule).threshold
            WHEN '>' THEN (measures -> (rule).measure)::numeric > (rule).threshold END END;
COMMENT ON FUNCTION tradeup_leads_internal.rule_holds(tradeup_leads.stressor_rule, jsonb) IS
    'Whether a rule holds for measures; null: its measure is not known';

CREATE FUNCTION tradeup_leads_internal.observed_text(model text, version integer, measures jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN (SELECT coalesce(string_agg(x.stressor || '=' || CASE WHEN x.holds THEN coalesce(x.probability::text, 'present')
                                                             ELSE 'absent' END, ' '::text ORDER BY x.stressor), '')
        FROM (SELECT r.stressor, bool_or(h.holds) AS holds, bool_and(h.holds IS NOT NULL) AS known,
                     max(coalesce(r.probability, 1::double precision)) FILTER (WHERE h.holds) AS strongest,
                     CASE WHEN bool_or(h.holds AND r.probability IS NULL) THEN NULL
                          ELSE max(r.probability) FILTER (WHERE h.holds) END AS probability
              FROM tradeup_leads.stressor_rule r,
                   LATERAL (SELECT tradeup_leads_internal.rule_holds(r, observed_text.measures)) h (holds)
              WHERE r.model = observed_text.model AND r.version = observed_text.version
              GROUP BY r.stressor) x
        WHERE x.holds OR x.known);
COMMENT ON FUNCTION tradeup_leads_internal.observed_text(text, integer, jsonb) IS
    'What measures say of the stressors of a model, as evidence is written with names';

CREATE FUNCTION tradeup_leads.observe(model text, version integer, measures jsonb) RETURNS tradeup_leads.evidence
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    any_scorer CONSTANT tradeup_leads.risk_scorer :=
        (SELECT s.scorer FROM tradeup_leads.scorers(model, version, NULL::jsonb) s WHERE s.scorer IS NOT NULL LIMIT 1);
BEGIN
    IF jsonb_typeof(measures) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'measures must be an object such as {"trips": 45}'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', coalesce(tradeup_leads_internal.shown(measures::text), 'null'));
    END IF;
    RETURN tradeup_leads.evidence(any_scorer, tradeup_leads_internal.observed_text(
        model, coalesce(version, (SELECT m.version FROM tradeup_leads.current_model m WHERE m.name = model)), measures));
END
$$;
COMMENT ON FUNCTION tradeup_leads.observe(text, integer, jsonb) IS
    'Evidence that the rules of a model make of measures such as {"trips": 45, "region": "Texas"}; version null: the current one';

CREATE FUNCTION tradeup_leads.observe_vehicles(dealer text, as_of date DEFAULT NULL::date) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    changed bigint;
    last_day CONSTANT date := coalesce(as_of, tradeup_leads_internal.today());
BEGIN
    UPDATE tradeup_leads.owned_vehicle v
    SET evidence = n.evidence, observed_at = n.measured_on AT TIME ZONE 'UTC'
    FROM (SELECT x.vehicle_id, tradeup_leads.evidence(p.scorer, tradeup_leads_internal.observed_text(x.model, c.version,
                                                                                                   g.measures)) AS evidence,
                 g.measured_on
          FROM tradeup_leads.owned_vehicle x
          JOIN tradeup_leads.current_model c ON c.name = x.model
          JOIN LATERAL (SELECT s.scorer FROM tradeup_leads.scorers(c.name, c.version, NULL::jsonb) s
                        WHERE s.scorer IS NOT NULL LIMIT 1) p ON true
          JOIN LATERAL (SELECT jsonb_object_agg(y.measure, y.value) AS measures, max(y.measured_on)::timestamp AS measured_on
                        FROM (SELECT DISTINCT ON (w.measure) w.measure, w.value, w.measured_on
                              FROM tradeup_leads.vehicle_measure w
                              WHERE w.vehicle_id = x.vehicle_id AND w.measured_on <= last_day
                              ORDER BY w.measure, w.measured_on DESC) y) g ON g.measures IS NOT NULL
          WHERE x.dealer = observe_vehicles.dealer) n
    WHERE v.vehicle_id = n.vehicle_id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION tradeup_leads.observe_vehicles(text, date) IS
    'Makes evidence of the newest measures of a dealer''s vehicles until a day, and returns how many vehicles have any';
-- Views over evidence, leads and messages.

-- Leads and messages are each counted by themselves: a lead with two messages is one lead.
CREATE VIEW tradeup_leads.lead_statistics WITH (security_invoker = true) AS
SELECT l.dealer, l.day, l.priority, l.leads, l.contacted, l.scheduled, l.serviced, l.abandoned, l.revenue,
       coalesce(m.messages, 0::bigint) AS messages, coalesce(m.waiting, 0::bigint) AS waiting, m.oldest_waiting,
       coalesce(m.sent, 0::bigint) AS sent, coalesce(m.sent_as_template, 0::bigint) AS sent_as_template,
       m.seconds_to_sent, m.seconds_to_sent_squared, m.seconds_to_sent_quantiles
FROM (SELECT x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date AS day, x.priority,
             count(*) AS leads,
             count(*) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('contacted'::text)) AS contacted,
             count(*) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('scheduled'::text)) AS scheduled,
             count(*) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('serviced'::text)) AS serviced,
             count(*) FILTER (WHERE e.abandoned) AS abandoned,
             sum(x.revenue) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('serviced'::text)) AS revenue
      FROM tradeup_leads.lead x
      LEFT JOIN LATERAL (
          SELECT max(tradeup_leads_internal.lead_event_rank(y.event))
                     FILTER (WHERE NOT tradeup_leads_internal.ends_lead(y.event)) AS reached,
                 bool_or(y.event = 'abandoned') AS abandoned
          FROM tradeup_leads.lead_event y
          WHERE y.lead_id = x.lead_id) e ON true
      GROUP BY x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date, x.priority) l
LEFT JOIN (
    SELECT x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date AS day, x.priority,
           count(*) AS messages,
           count(*) FILTER (WHERE y.state IN ('queued', 'taken', 'written')) AS waiting,
           min(y.queued_at) FILTER (WHERE y.state IN ('queued', 'taken', 'written')) AS oldest_waiting,
           count(*) FILTER (WHERE y.state = 'sent') AS sent,
           count(*) FILTER (WHERE y.state = 'sent' AND y.fallback) AS sent_as_template,
           sum(extract(epoch FROM y.sent_at - y.queued_at)) AS seconds_to_sent,
           sum(extract(epoch FROM y.sent_at - y.queued_at) * extract(epoch FROM y.sent_at - y.queued_at))
               AS seconds_to_sent_squared,
           percentile_cont(ARRAY[0.5, 0.9, 0.99]::double precision[])
               WITHIN GROUP (ORDER BY extract(epoch FROM y.sent_at - y.queued_at)::double precision)
               AS seconds_to_sent_quantiles
    FROM tradeup_leads.lead x
    JOIN tradeup_leads.message y ON y.lead_id = x.lead_id
    GROUP BY x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date, x.priority
) m ON m.dealer = l.dealer AND m.day = l.day AND m.priority = l.priority;
COMMENT ON VIEW tradeup_leads.lead_statistics IS
    'Leads and what came of them by dealer, day and priority, with their messages: waiting, fallbacks, seconds to sent';
COMMENT ON COLUMN tradeup_leads.lead_statistics.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.lead_statistics.day IS 'Day on which the leads were made, in UTC';
COMMENT ON COLUMN tradeup_leads.lead_statistics.priority IS 'Priority of the leads';
COMMENT ON COLUMN tradeup_leads.lead_statistics.leads IS 'Number of leads';
COMMENT ON COLUMN tradeup_leads.lead_statistics.contacted IS 'Leads whose customer was contacted, or that went further';
COMMENT ON COLUMN tradeup_leads.lead_statistics.scheduled IS 'Leads with a visit scheduled, or that went further';
COMMENT ON COLUMN tradeup_leads.lead_statistics.serviced IS 'Leads whose vehicle was serviced';
COMMENT ON COLUMN tradeup_leads.lead_statistics.abandoned IS 'Leads that were abandoned';
COMMENT ON COLUMN tradeup_leads.lead_statistics.revenue IS 'Parts and work of the leads whose vehicle was serviced';
COMMENT ON COLUMN tradeup_leads.lead_statistics.messages IS 'Number of messages';
COMMENT ON COLUMN tradeup_leads.lead_statistics.waiting IS 'Messages that are neither sent nor failed nor dropped';
COMMENT ON COLUMN tradeup_leads.lead_statistics.oldest_waiting IS 'When the oldest of them was queued';
COMMENT ON COLUMN tradeup_leads.lead_statistics.sent IS 'Messages that were sent';
COMMENT ON COLUMN tradeup_leads.lead_statistics.sent_as_template IS 'Sent messages whose text is the rendered template';
COMMENT ON COLUMN tradeup_leads.lead_statistics.seconds_to_sent IS 'Seconds from queued to sent, summed over sent messages';
COMMENT ON COLUMN tradeup_leads.lead_statistics.seconds_to_sent_squared IS 'Squares of these seconds, summed';
COMMENT ON COLUMN tradeup_leads.lead_statistics.seconds_to_sent_quantiles IS
    'Median, 90th and 99th percentile of these seconds';

CREATE VIEW tradeup_leads.evidence_row WITH (security_invoker = true) AS
SELECT v.vehicle_id, v.dealer, v.model, e.stressor, e.state, e.probability
FROM tradeup_leads.current_model m
CROSS JOIN LATERAL tradeup_leads.scorers(m.name, m.version, NULL::jsonb) s
JOIN tradeup_leads.owned_vehicle v ON v.model = m.name AND v.cohort = s.cohort
CROSS JOIN LATERAL tradeup_leads.evidence_rows(
    CASE WHEN tradeup_leads_internal.takes_evidence(s.scorer, v.evidence) THEN s.scorer END, v.evidence) e
WHERE e.state <> 'unknown';
COMMENT ON VIEW tradeup_leads.evidence_row IS 'Evidence of vehicles, one row for each stressor whose state is known';
COMMENT ON COLUMN tradeup_leads.evidence_row.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.evidence_row.dealer IS 'Dealer who looks after it';
COMMENT ON COLUMN tradeup_leads.evidence_row.model IS 'Model of risk';
COMMENT ON COLUMN tradeup_leads.evidence_row.stressor IS 'Stressor';
COMMENT ON COLUMN tradeup_leads.evidence_row.state IS 'present, absent or probable';
COMMENT ON COLUMN tradeup_leads.evidence_row.probability IS 'Probability that it is present: 1, 0 or between';

CREATE VIEW tradeup_leads.stressor_toggles WITH (security_invoker = true) AS
SELECT d.dealer, m.name AS model, m.version, s.stressor, s.title, coalesce(t.enabled, s.enabled) AS enabled, d.vehicles
FROM tradeup_leads.current_model m
JOIN tradeup_leads.stressor s ON s.model = m.name AND s.version = m.version
JOIN (SELECT v.dealer, v.model, x.stressor,
             count(*) FILTER (WHERE tradeup_leads_internal.takes_evidence(c.scorer, v.evidence)
                                AND tradeup_leads_internal.stressor_probability(v.evidence, x.position) > 0.5) AS vehicles
      FROM (SELECT y.name, y.version, z.scorer
            FROM tradeup_leads.current_model y
            LEFT JOIN LATERAL (SELECT w.scorer FROM tradeup_leads.scorers(y.name, y.version, NULL::jsonb) w
                               WHERE w.scorer IS NOT NULL LIMIT 1) z ON true) c
      JOIN tradeup_leads.owned_vehicle v ON v.model = c.name
      JOIN tradeup_leads.stressor x ON x.model = c.name AND x.version = c.version
      WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
      GROUP BY v.dealer, v.model, x.stressor) d ON d.model = m.name AND d.stressor = s.stressor
LEFT JOIN tradeup_leads.stressor_toggle t ON t.dealer = d.dealer AND t.model = m.name AND t.stressor = s.stressor;
COMMENT ON VIEW tradeup_leads.stressor_toggles IS
    'Each stressor of each dealer, on or off, and how many vehicles have it, for certain or probably';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.model IS 'Model of risk';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.stressor IS 'Stressor';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.title IS 'What people call the stressor';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.enabled IS 'Whether it counts for vehicles of the dealer';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.vehicles IS 'Vehicles of the dealer that have it, for certain or probably';
-- A whole model as one JSON document: what is wrong with it, import, export.

-- Kinds: text, word (a name as evidence writes it), group (as scorers write it), number, integer, cents, probability (above 0,
-- below 1), boolean, date, slots (an object), texts and numbers (arrays), or the allowed words.
CREATE FUNCTION tradeup_leads_internal.model_fields()
RETURNS TABLE (section text, key text, kind text, required boolean, lowest numeric, highest numeric, standard jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 65
BEGIN ATOMIC
    SELECT f.section, f.key, f.kind, f.required, f.lowest::numeric, f.highest::numeric, f.standard::jsonb
    FROM (VALUES
           ('', 'name', 'text', true, NULL, NULL, NULL), ('', 'title', 'text', false, NULL, NULL, NULL),
           ('', 'cause', 'text', true, NULL, NULL, NULL), ('', 'horizon_months', 'integer', false, 1, 240, '12'),
           ('', 'counts_form', 'plain|jeffreys', false, NULL, NULL, '"jeffreys"'),
           ('', 'intercept', 'number', false, -20, 20, '0'), ('', 'slope', 'number', false, 0.000000001, 5, '1'),
           ('', 'absent_counts', 'boolean', false, NULL, NULL, 'true'),
           ('', 'severities', 'texts', false, NULL, NULL, '["low", "moderate", "high", "critical", "severe"]'),
           ('', 'severity_from', 'numbers', false, NULL, NULL, '[0.03, 0.07, 0.12, 0.2]'),
           ('', 'uncertain_level', 'probability', false, NULL, NULL, '0.8'),
           ('', 'uncertain_classes', 'integer', false, 1, 100, '2'), ('', 'source', 'text', false, NULL, NULL, NULL),
           ('cohorts', 'cohort', 'text', true, NULL, NULL, NULL),
           ('cohorts', 'published_rate', 'probability', false, NULL, NULL, NULL),
           ('cohorts', 'published_size', 'number', false, 0.000000001, 1000000000, NULL),
           ('cohorts', 'discount', 'number', false, 0.000000001, 1, '1'),
           ('cohorts', 'local_failures', 'integer', false, 0, 1000000000, '0'),
           ('cohorts', 'local_size', 'integer', false, 0, 1000000000, '0'),
           ('cohorts', 'factors', 'texts', false, NULL, NULL, '[]'), ('cohorts', 'source', 'text', false, NULL, NULL, NULL),
           ('cohorts', 'rated_on', 'date', false, NULL, NULL, NULL),
           ('cohorts', 'verified', 'boolean', false, NULL, NULL, 'false'),
           ('stressors', 'stressor', 'word', true, NULL, NULL, NULL), ('stressors', 'position', 'integer', true, 1, 64, NULL),
           ('stressors', 'title', 'text', false, NULL, NULL, NULL),
           ('stressors', 'present_failed', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'absent_failed', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'present_sound', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'absent_sound', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'ratio_present', 'number', false, 0.000000001, 1000000000, NULL),
           ('stressors', 'ratio_absent', 'number', false, 0.000000001, 1000000000, NULL),
           ('stressors', 'uncertainty_factor', 'number', false, 1, 1000000, '1'),
           ('stressors', 'relative_risk', 'number', false, 0.000000001, 1000000000, NULL),
           ('stressors', 'prevalence', 'probability', false, NULL, NULL, NULL),
           ('stressors', 'dependence_group', 'group', false, NULL, NULL, NULL),
           ('stressors', 'factor', 'text', false, NULL, NULL, NULL),
           ('stressors', 'enabled', 'boolean', false, NULL, NULL, 'true'),
           ('stressors', 'source', 'text', false, NULL, NULL, NULL),
           ('stressors', 'verified', 'boolean', false, NULL, NULL, 'false'),
           ('rules', 'stressor', 'word', true, NULL, NULL, NULL),
           ('rules', 'rule', 'integer', false, -2147483648, 2147483647, '1'),
           ('rules', 'measure', 'text', true, NULL, NULL, NULL),
           ('rules', 'comparison', '<|<=|=|>=|>|in', true, NULL, NULL, NULL),
           ('rules', 'threshold', 'number', false, -1000000000000000, 1000000000000000, NULL),
           ('rules', 'words', 'texts', false, NULL, NULL, NULL),
           ('rules', 'probability', 'probability', false, NULL, NULL, NULL),
           ('priorities', 'priority', 'high|moderate|follow_up|retention', true, NULL, NULL, NULL),
           ('priorities', 'min_risk', 'number', false, 0, 1, NULL), ('priorities', 'max_risk', 'number', false, 0, 1, NULL),
           ('priorities', 'min_percentile', 'number', false, 0, 1, NULL),
           ('priorities', 'min_value', 'number', false, -1000000000, 1000000000, NULL),
           ('values', 'vehicle_class', 'text', true, NULL, NULL, NULL), ('values', 'parts', 'cents', true, 0, 1000000000, NULL),
           ('values', 'service', 'cents', true, 0, 1000000000, NULL),
           ('values', 'margin_if_needed', 'number', true, -1000000000, 1000000000, NULL),
           ('values', 'margin_otherwise', 'number', false, -1000000000, 1000000000, '0'),
           ('channels', 'channel', 'text', true, NULL, NULL, NULL), ('channels', 'cost', 'number', false, 0, 1000000, '0'),
           ('channels', 'succeeded', 'integer', false, 0, 2147483647, '0'),
           ('channels', 'tried', 'integer', false, 0, 2147483647, '0'),
           ('templates', 'priority', 'high|moderate|follow_up|retention', true, NULL, NULL, NULL),
           ('templates', 'channel', 'text', true, NULL, NULL, NULL), ('templates', 'body', 'text', true, NULL, NULL, NULL),
           ('templates', 'defaults', 'slots', false, NULL, NULL, '{}'))
        f (section, key, kind, required, lowest, highest, standard);
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_fields() IS
    'What a document of a model may hold, section by section: keys, kinds, limits and defaults';

CREATE FUNCTION tradeup_leads_internal.value_fits(value jsonb, kind text, lowest numeric, highest numeric)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
RETURN CASE
    WHEN kind IN ('text', 'word') THEN
        jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] <> ''
        AND (kind <> 'word' OR value #>> '{}'::text[] ~ '^[a-z][a-z0-9_]{0,62}$')
    WHEN kind = 'group' THEN
        jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] ~ '^[^\x01-\x20"=\x7F]+$'
        AND octet_length(value #>> '{}'::text[]) <= 63
    WHEN kind IN ('number', 'integer', 'cents', 'probability') THEN
        CASE WHEN jsonb_typeof(value) = 'number'
             THEN value::numeric BETWEEN coalesce(lowest, -1e300) AND coalesce(highest, 1e300)
                  AND (value::numeric = 0 OR abs(value::numeric) >= 1e-300)
                  AND CASE kind WHEN 'integer' THEN value::numeric = trunc(value::numeric)
                                WHEN 'cents' THEN value::numeric = round(value::numeric, 2)
                                WHEN 'probability' THEN value::numeric > 1e-12 AND value::numeric < 1 - 1e-12
                                ELSE true END
             ELSE false END
    WHEN kind = 'boolean' THEN jsonb_typeof(value) = kind
    WHEN kind = 'slots' THEN
        CASE WHEN jsonb_typeof(value) = 'object'
             THEN NOT EXISTS (SELECT FROM jsonb_each(value) e WHERE jsonb_typeof(e.value) IN ('object', 'array'))
             ELSE false END
    WHEN kind = 'date' THEN
        jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] ~ '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
        AND (substr(value #>> '{}'::text[], 9)::integer
             <= CASE substr(value #>> '{}'::text[], 6, 2)
                    WHEN '02' THEN CASE WHEN date_part('day'::text, make_date(
                                                       greatest(substr(value #>> '{}'::text[], 1, 4)::integer, 1), 3, 1) - 1)
                                             = 29 THEN 29 ELSE 28 END
                    WHEN '04' THEN 30 WHEN '06' THEN 30 WHEN '09' THEN 30 WHEN '11' THEN 30 ELSE 31 END)
        AND substr(value #>> '{}'::text[], 1, 4) >= '1900'
    WHEN kind IN ('texts', 'numbers') THEN
        CASE WHEN jsonb_typeof(value) = 'array'
             THEN (SELECT coalesce(bool_and(CASE WHEN kind = 'texts' THEN jsonb_typeof(e.item) = 'string'
                                                 WHEN jsonb_typeof(e.item) = 'number'
                                                 THEN abs(e.item::numeric) <= 1e300
                                                      AND (e.item::numeric = 0 OR abs(e.item::numeric) >= 1e-300)
                                                 ELSE false END), true)
                   FROM jsonb_array_elements(value) e (item))
             ELSE false END
    ELSE jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] = ANY (string_to_array(kind, '|'::text)) END;
COMMENT ON FUNCTION tradeup_leads_internal.value_fits(jsonb, text, numeric, numeric) IS
    'Whether a value of a document is of the kind, and within the limits, of its key';

CREATE FUNCTION tradeup_leads_internal.kind_words(kind text, lowest numeric, highest numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
RETURN CASE kind
    WHEN 'text' THEN 'a text that is not empty'
    WHEN 'word' THEN 'a word of small letters, digits and _'
    WHEN 'cents' THEN format('an amount of %s to %s in whole cents', lowest, highest)
    WHEN 'probability' THEN 'a number above 0 and below 1'
    WHEN 'boolean' THEN 'true or false'
    WHEN 'group' THEN 'a word of 1 to 63 bytes without =, " and blanks'
    WHEN 'slots' THEN 'an object of texts, numbers and flags'
    WHEN 'date' THEN 'a date such as 2026-01-31'
    WHEN 'texts' THEN 'an array of texts'
    WHEN 'numbers' THEN 'an array of numbers'
    WHEN 'number' THEN format('a number of %s to %s', lowest, highest)
    WHEN 'integer' THEN format('a whole number of %s to %s', lowest, highest)
    ELSE 'one of ' || replace(kind, '|'::text, ', '::text) END;
COMMENT ON FUNCTION tradeup_leads_internal.kind_words(text, numeric, numeric) IS 'What a key allows, in words';

-- A section with the defaults of its keys; what is no object becomes an empty one.
CREATE FUNCTION tradeup_leads_internal.model_section(document jsonb, section text)
RETURNS TABLE (place bigint, item jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100 ROWS 20
BEGIN ATOMIC
    SELECT e.place, f.standard || CASE WHEN jsonb_typeof(e.item) = 'object' THEN jsonb_strip_nulls(e.item) ELSE '{}'::jsonb END
    FROM (SELECT coalesce(jsonb_object_agg(x.key, x.standard) FILTER (WHERE x.standard IS NOT NULL), '{}'::jsonb)
          FROM tradeup_leads_internal.model_fields() x WHERE x.section = model_section.section) f (standard),
         jsonb_array_elements(CASE WHEN model_section.section = '' THEN jsonb_build_array(model_section.document)
                                   WHEN jsonb_typeof(model_section.document -> model_section.section) = 'array'
                                   THEN model_section.document -> model_section.section
                                   ELSE '[]'::jsonb END) WITH ORDINALITY e (item, place);
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_section(jsonb, text) IS
    'The items of a section of a document, with what is left out filled in; section "" is the document itself';

-- Every value is judged by itself; what depends on several values only where each of them is right, so that no mistake is told
-- twice.
CREATE FUNCTION tradeup_leads.model_problems(document jsonb) RETURNS TABLE (path text, problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 20000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH field AS MATERIALIZED (
        SELECT * FROM tradeup_leads_internal.model_fields()
    ), section (section) AS (
        SELECT DISTINCT f.section FROM field f WHERE f.section <> ''
    ), item (section, place, path, item) AS MATERIALIZED (
        SELECT ''::text, 0::bigint, '$'::text, coalesce(model_problems.document, 'null')
        UNION ALL
        SELECT s.section, e.place, format('$.%s[%s]', s.section, e.place - 1), e.item
        FROM section s,
             jsonb_array_elements(CASE WHEN jsonb_typeof(model_problems.document -> s.section) = 'array'
                                       THEN model_problems.document -> s.section ELSE '[]' END) WITH ORDINALITY e (item, place)
    ), given (section, place, path, key, value) AS MATERIALIZED (
        SELECT i.section, i.place, i.path, k.key, k.value
        FROM item i, jsonb_each(CASE WHEN jsonb_typeof(i.item) = 'object' THEN i.item ELSE '{}' END) k
        WHERE k.value <> 'null'
    ), judged (section, place, path, key, value, kind, lowest, highest, fits) AS MATERIALIZED (
        SELECT g.section, g.place, g.path, g.key, g.value, f.kind, f.lowest, f.highest,
               tradeup_leads_internal.value_fits(g.value, f.kind, f.lowest, f.highest)
        FROM given g JOIN field f ON f.section = g.section AND f.key = g.key
    ), sound (section, place, path, item) AS MATERIALIZED (
        /* Items of which every value is right and nothing is missing, with their defaults. */
        SELECT i.section, i.place, i.path,
               (SELECT coalesce(jsonb_object_agg(f.key, f.standard) FILTER (WHERE f.standard IS NOT NULL), '{}')
                FROM field f WHERE f.section = i.section) || jsonb_strip_nulls(i.item)
        FROM item i
        WHERE jsonb_typeof(i.item) = 'object'
          AND NOT EXISTS (SELECT FROM judged j WHERE j.section = i.section AND j.place = i.place AND NOT j.fits)
          AND NOT EXISTS (SELECT FROM field f WHERE f.section = i.section AND f.required
                            AND coalesce(i.item -> f.key, 'null') = 'null')
    ), model (item) AS MATERIALIZED (
        SELECT s.item FROM sound s WHERE s.section = ''
    ), cohort AS MATERIALIZED (
        SELECT s.place, s.path, r.* FROM sound s, jsonb_populate_record(NULL::tradeup_leads.risk_cohort, s.item) r
        WHERE s.section = 'cohorts'
    ), stressor AS MATERIALIZED (
        SELECT s.place, s.path, r.* FROM sound s, jsonb_populate_record(NULL::tradeup_leads.stressor, s.item) r
        WHERE s.section = 'stressors'
    ), found (section, place, kind, path, problem) AS (
        SELECT i.section, i.place, 1, i.path, 'must be an object; it is ' || left(i.item::text, 40)
        FROM item i WHERE jsonb_typeof(i.item) <> 'object'
        UNION ALL
        SELECT '', 0, 1, '$.' || s.section, 'must be an array of objects; it is ' || left(g.value::text, 40)
        FROM section s JOIN given g ON g.section = '' AND g.key = s.section WHERE jsonb_typeof(g.value) <> 'array'
        UNION ALL
        SELECT j.section, j.place, 1, j.path || '.' || j.key,
               format('must be %s; it is %s', tradeup_leads_internal.kind_words(j.kind, j.lowest, j.highest),
                      left(j.value::text, 40))
        FROM judged j WHERE NOT j.fits
        UNION ALL
        SELECT i.section, i.place, 2, i.path || '.' || f.key,
               format('is missing; it must be %s', tradeup_leads_internal.kind_words(f.kind, f.lowest, f.highest))
        FROM item i JOIN field f ON f.section = i.section AND f.required
        WHERE jsonb_typeof(i.item) = 'object' AND coalesce(i.item -> f.key, 'null') = 'null'
        UNION ALL
        SELECT '', 0, 2, '$.' || n.section, 'is missing; there must be at least one'
        FROM (VALUES ('cohorts'), ('priorities')) n (section)
        WHERE jsonb_typeof(model_problems.document) = 'object'
          AND NOT EXISTS (SELECT FROM item i WHERE i.section = n.section)
          AND NOT EXISTS (SELECT FROM given g WHERE g.section = '' AND g.key = n.section AND jsonb_typeof(g.value) <> 'array')
        UNION ALL
        SELECT g.section, g.place, 3, g.path || '.' || left(g.key, 60),
               'is unknown; allowed are ' || (SELECT string_agg(a.key, ', ' ORDER BY a.key)
                                              FROM (SELECT f.key FROM field f WHERE f.section = g.section
                                                    UNION ALL SELECT s.section FROM section s WHERE g.section = '') a (key))
        FROM given g
        WHERE NOT EXISTS (SELECT FROM field f WHERE f.section = g.section AND f.key = g.key)
          AND NOT (g.section = '' AND EXISTS (SELECT FROM section s WHERE s.section = g.key))
        UNION ALL
        SELECT d.section, d.place, 4, d.path, 'says again what ' || d.first || ' says: ' || left(d.name, 60)
        FROM (SELECT s.section, s.place, s.path, n.name,
                     first_value(s.path) OVER (PARTITION BY s.section, u.part, n.name ORDER BY s.place) AS first
              FROM sound s
              JOIN (VALUES ('cohorts', 1, '{cohort}'::text[]), ('stressors', 1, '{stressor}'), ('stressors', 2, '{position}'),
                           ('rules', 1, '{stressor,rule}'), ('priorities', 1, '{priority}'), ('values', 1, '{vehicle_class}'),
                           ('channels', 1, '{channel}'), ('templates', 1, '{priority,channel}')) u (section, part, keys)
                   ON u.section = s.section
              CROSS JOIN LATERAL (SELECT string_agg(s.item ->> k.key, ', ' ORDER BY k.n)
                                  FROM unnest(u.keys) WITH ORDINALITY k (key, n)) n (name)) d
        WHERE d.path <> d.first
        UNION ALL
        SELECT '', 0, 5, '$.severity_from', p.problem
        FROM model m CROSS JOIN LATERAL (
            SELECT 'must rise within 0 and 1'
            WHERE NOT tradeup_leads_internal.rise_within_0_and_1(
                ARRAY(SELECT e.item::double precision FROM jsonb_array_elements(m.item -> 'severity_from') e (item)))
            UNION ALL
            SELECT format('must have one threshold less than there are severities; there are %s and %s',
                          jsonb_array_length(m.item -> 'severity_from'), jsonb_array_length(m.item -> 'severities'))
            WHERE jsonb_array_length(m.item -> 'severity_from') + 1 <> jsonb_array_length(m.item -> 'severities')
            UNION ALL
            SELECT 'has a severity "uncertain", which is the name of what has none'
            WHERE m.item -> 'severities' ? 'uncertain') p (problem)
        UNION ALL
        SELECT '', 0, 5, '$.severities', format('has "%s" %s times', left(e.item, 40), count(*))
        FROM model m, jsonb_array_elements_text(m.item -> 'severities') e (item) GROUP BY e.item HAVING count(*) > 1
        UNION ALL
        SELECT 'cohorts', c.place, 5, c.path, p.problem
        FROM cohort c CROSS JOIN LATERAL (
            SELECT 'needs both published_rate and published_size, or neither'
            WHERE (c.published_rate IS NULL) <> (c.published_size IS NULL)
            UNION ALL
            SELECT format('has %s local failures of %s', c.local_failures, c.local_size) WHERE c.local_failures > c.local_size
            UNION ALL
            SELECT format('contains factor "%s", which stressor "%s" has too', s.factor, s.stressor)
            FROM stressor s WHERE s.factor = ANY (c.factors)
            UNION ALL
            SELECT format('contains factor "%s", which is stressor "%s" itself', s.stressor, s.stressor)
            FROM stressor s WHERE s.stressor = ANY (c.factors) AND s.factor IS DISTINCT FROM s.stressor
            UNION ALL
            SELECT format('counts %s failing and %s sound vehicles; each must be from 0.000001 to 1000000000', r.failing, r.sound)
            FROM (SELECT coalesce(c.discount * c.published_rate * c.published_size, 0.5) + c.local_failures,
                         coalesce(c.discount * (1 - c.published_rate) * c.published_size, 0.5)
                         + (c.local_size - c.local_failures)) r (failing, sound)
            WHERE c.local_failures <= c.local_size
              AND NOT (r.failing BETWEEN 1e-6 AND 1e9 AND r.sound BETWEEN 1e-6 AND 1e9)
            UNION ALL
            SELECT format('makes relative risk %s of stressor "%s" a probability of 1 or more', s.relative_risk, s.stressor)
            FROM stressor s, model m
            WHERE s.relative_risk IS NOT NULL
              AND greatest(s.relative_risk, 1) * coalesce(c.published_rate, 0)
                  >= 1 + coalesce(s.prevalence, 0) * (s.relative_risk - 1)) p (problem)
        UNION ALL
        SELECT 'stressors', s.place, 5, s.path, p.problem
        FROM stressor s CROSS JOIN model m CROSS JOIN LATERAL (
            SELECT 'must have four counts, or two ratios, or a relative risk and its prevalence'
            WHERE NOT (num_nonnulls(s.present_failed, s.absent_failed, s.present_sound, s.absent_sound) IN (0, 4)
                       AND num_nonnulls(s.ratio_present, s.ratio_absent) IN (0, 2)
                       AND num_nonnulls(s.relative_risk, s.prevalence) IN (0, 2)
                       AND num_nonnulls(s.present_failed, s.ratio_present, s.relative_risk) = 1)
            UNION ALL
            SELECT 'has a count of 0, which only counts_form "jeffreys" allows'
            WHERE m.item ->> 'counts_form' = 'plain'
              AND least(s.present_failed, s.absent_failed, s.present_sound, s.absent_sound) = 0
            UNION ALL
            SELECT 'has a count below 0.001 that is not 0'
            WHERE EXISTS (SELECT FROM unnest(ARRAY[s.present_failed, s.absent_failed, s.present_sound, s.absent_sound]) n (count)
                          WHERE n.count > 0 AND n.count < 0.001)
            UNION ALL
            SELECT 'makes a failure more likely both when present and when absent, or less likely both'
            WHERE (m.item -> 'absent_counts')::boolean
              AND (sign(ln(s.ratio_present)) <> -sign(ln(s.ratio_absent)))
            UNION ALL
            SELECT format('makes a failure %s likely both when present and when absent: its counts make ratios of %s and %s',
                          CASE WHEN l.log_present > 0 THEN 'more' ELSE 'less' END, round(l.ratio_present::numeric, 4),
                          round(l.ratio_absent::numeric, 4))
            FROM tradeup_leads.likelihood_ratio(
                     CASE WHEN m.item ->> 'counts_form' = 'jeffreys'
                               OR least(s.present_failed, s.absent_failed, s.present_sound, s.absent_sound) > 0
                          THEN s.present_failed END,
                     s.absent_failed, s.present_sound, s.absent_sound, m.item ->> 'counts_form') l
            WHERE (m.item -> 'absent_counts')::boolean AND sign(l.log_present) <> -sign(l.log_absent)
            UNION ALL
            SELECT 'must have ratio_absent 1, because absent_counts is false'
            WHERE NOT (m.item -> 'absent_counts')::boolean AND s.ratio_absent IS DISTINCT FROM 1) p (problem)
        UNION ALL
        SELECT 'stressors', 0, 6, '$.stressors', format('positions must be 1 to %s, each once', count(*))
        FROM stressor s HAVING count(*) > 0 AND max(s.position) <> count(*) AND count(*) = count(DISTINCT s.position)
        UNION ALL
        SELECT s.section, s.place, 5, s.path, p.problem
        FROM sound s CROSS JOIN LATERAL (
            SELECT CASE WHEN s.item ->> 'comparison' = 'in' THEN 'compares with words, so it needs words and no threshold'
                        ELSE 'compares with a number, so it needs a threshold and no words' END
            WHERE (s.item ->> 'comparison' = 'in') <> (s.item ? 'words' AND s.item -> 'words' <> '[]')
               OR (s.item ->> 'comparison' = 'in') = (s.item ? 'threshold')
            UNION ALL
            SELECT format('names stressor "%s", which is not there', s.item ->> 'stressor')
            WHERE NOT EXISTS (SELECT FROM item i WHERE i.section = 'stressors' AND i.item -> 'stressor' = s.item -> 'stressor'))
            p (problem)
        WHERE s.section = 'rules'
        UNION ALL
        SELECT s.section, s.place, 5, s.path, 'has a highest risk below the lowest'
        FROM sound s WHERE s.section = 'priorities' AND (s.item ->> 'min_risk')::numeric > (s.item ->> 'max_risk')::numeric
        UNION ALL
        SELECT s.section, s.place, 5, s.path, 'has more successes than trials'
        FROM sound s WHERE s.section = 'channels' AND (s.item ->> 'succeeded')::numeric > (s.item ->> 'tried')::numeric
        UNION ALL
        SELECT s.section, s.place, 5, s.path || '.body', tradeup_leads_internal.template_problem(s.item ->> 'body')
        FROM sound s WHERE s.section = 'templates' AND tradeup_leads_internal.template_problem(s.item ->> 'body') IS NOT NULL
        UNION ALL
        SELECT '', 0, 6, '$.templates',
               format('lack one of priority %s for channel "%s"', p.item ->> 'priority', c.item ->> 'channel')
        FROM sound p, sound c
        WHERE p.section = 'priorities' AND c.section = 'channels'
          AND NOT EXISTS (SELECT FROM item t WHERE t.section = 'templates' AND t.item -> 'priority' = p.item -> 'priority'
                            AND t.item -> 'channel' = c.item -> 'channel')
    ), compiled (section, place, kind, path, problem) AS (
        /* What makes no scorer must not become what leads use; said where nothing else is wrong. */
        SELECT 'cohorts', c.place, 7, c.path, 'makes no scorer: ' || p.problem
        FROM cohort c CROSS JOIN model m
        CROSS JOIN LATERAL (SELECT array_agg(s.stressor ORDER BY s.position) AS names,
                                   array_agg(s.present_failed ORDER BY s.position) AS present_failed,
                                   array_agg(s.absent_failed ORDER BY s.position) AS absent_failed,
                                   array_agg(s.present_sound ORDER BY s.position) AS present_sound,
                                   array_agg(s.absent_sound ORDER BY s.position) AS absent_sound,
                                   array_agg(s.ratio_present ORDER BY s.position) AS ratio_present,
                                   array_agg(s.ratio_absent ORDER BY s.position) AS ratio_absent,
                                   array_agg(CASE WHEN s.present_failed IS NULL THEN s.uncertainty_factor END
                                             ORDER BY s.position) AS uncertainty_factor,
                                   array_agg(s.relative_risk ORDER BY s.position) AS relative_risk,
                                   array_agg(s.prevalence ORDER BY s.position) AS prevalence,
                                   array_agg(s.dependence_group ORDER BY s.position) AS groups,
                                   array_agg(s.enabled ORDER BY s.position) AS enabled,
                                   max(greatest(s.relative_risk, 1) / (1 + s.prevalence * (s.relative_risk - 1))) AS worst
                            FROM stressor s) a
        CROSS JOIN LATERAL (SELECT coalesce(c.discount * c.published_rate * c.published_size, 0.5) + c.local_failures,
                                   coalesce(c.discount * (1 - c.published_rate) * c.published_size, 0.5)
                                   + (c.local_size - c.local_failures)) r (failing, sound)
        CROSS JOIN LATERAL (SELECT tradeup_leads_internal.scorer_problem(
            a.names, r.failing, r.sound, a.present_failed, a.absent_failed, a.present_sound, a.absent_sound, a.ratio_present,
            a.ratio_absent, a.uncertainty_factor, a.relative_risk, a.prevalence, a.groups, a.enabled, m.item ->> 'counts_form',
            (m.item ->> 'intercept')::double precision, (m.item ->> 'slope')::double precision, true)) p (problem)
        /* A cohort whose own outcomes make a relative risk impossible has no scorer, and health names it. */
        WHERE p.problem IS NOT NULL AND coalesce(a.worst * (r.failing / (r.failing + r.sound)) < 1, true)
          AND NOT EXISTS (SELECT FROM found)
    )
    SELECT f.path, f.problem FROM (SELECT * FROM found UNION ALL SELECT * FROM compiled) f
    ORDER BY f.section, f.place, f.kind, f.path COLLATE "C", f.problem COLLATE "C";
END
$$;
COMMENT ON FUNCTION tradeup_leads.model_problems(jsonb) IS
    'Everything that keeps a JSON document from being a model: the path of each wrong value and what is allowed there';

CREATE FUNCTION tradeup_leads_internal.model_document(model tradeup_leads.risk_model) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 2000
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(to_jsonb(model) - '{version,published_at,parts}'::text[])
           || jsonb_build_object(
               'cohorts'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                           ORDER BY x.cohort COLLATE "C"), '[]'::jsonb)
                                 FROM tradeup_leads.risk_cohort x
                                 WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'stressors'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                             ORDER BY x.position), '[]'::jsonb)
                                   FROM tradeup_leads.stressor x
                                   WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'rules'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                         ORDER BY x.stressor COLLATE "C", x.rule), '[]'::jsonb)
                               FROM tradeup_leads.stressor_rule x
                               WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'priorities'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                              ORDER BY x.priority COLLATE "C"), '[]'::jsonb)
                                    FROM tradeup_leads.priority_rule x
                                    WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'values'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                          ORDER BY x.vehicle_class COLLATE "C"), '[]'::jsonb)
                                FROM tradeup_leads.repair_value x
                                WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'channels'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                            ORDER BY x.channel COLLATE "C"), '[]'::jsonb)
                                  FROM tradeup_leads.contact_channel x
                                  WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'templates'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                             ORDER BY x.priority COLLATE "C", x.channel COLLATE "C"), '[]'::jsonb)
                                   FROM tradeup_leads.message_template x
                                   WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version));
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_document(tradeup_leads.risk_model) IS
    'A version of a model with all its parts, as a JSON document';

CREATE FUNCTION tradeup_leads.model_to_json(model text, version integer DEFAULT NULL::integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 2000
BEGIN ATOMIC
    SELECT tradeup_leads_internal.model_document(m)
    FROM (SELECT model_to_json.model, model_to_json.version) q (model, version)
    LEFT JOIN tradeup_leads.risk_model m
           ON m.name = q.model
          AND m.version = coalesce(q.version, (SELECT c.version FROM tradeup_leads.current_model c WHERE c.name = q.model))
    WHERE tradeup_leads_internal.require_model(q.model, q.version, m.name);
END;
COMMENT ON FUNCTION tradeup_leads.model_to_json(text, integer) IS
    'A version of a model, or the current one, as a JSON document';

CREATE FUNCTION tradeup_leads.model_from_json(document jsonb) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    model_name CONSTANT text := document ->> 'name';
    problems bigint;
    shown text;
    number integer;
    key jsonb;
BEGIN
    SELECT count(*), string_agg(p.path || ': ' || p.problem, E'\n' ORDER BY p.n) FILTER (WHERE p.n <= 20)
    INTO problems, shown
    FROM tradeup_leads.model_problems(document) WITH ORDINALITY p (path, problem, n);
    IF problems > 0 THEN
        RAISE EXCEPTION 'document is not a model of risk: % %', problems, CASE WHEN problems = 1 THEN 'problem'
            ELSE 'problems' END
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'model_problems(document) lists them as rows.';
    END IF;
    /* Two imports at once take different versions. */
    LOCK TABLE tradeup_leads.risk_model IN SHARE ROW EXCLUSIVE MODE;
    number := coalesce((SELECT max(m.version) FROM tradeup_leads.risk_model m WHERE m.name = model_name), 0) + 1;
    key := jsonb_build_object('model', model_name, 'version', number);
    BEGIN
        INSERT INTO tradeup_leads.risk_model
        SELECT r.* FROM tradeup_leads_internal.model_section(document, ''::text) s,
             jsonb_populate_record(NULL::tradeup_leads.risk_model, s.item || jsonb_build_object('version', number)) r;
    EXCEPTION WHEN unique_violation THEN
        /* A transaction that sees the tables as they were cannot see the version of another. */
        RAISE EXCEPTION 'another session added a version of model "%"', tradeup_leads_internal.shown(model_name)
            USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
    END;
    INSERT INTO tradeup_leads.risk_cohort
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'cohorts'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.risk_cohort, s.item || key) r;
    INSERT INTO tradeup_leads.stressor
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'stressors'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.stressor, s.item || key) r;
    INSERT INTO tradeup_leads.stressor_rule
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'rules'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.stressor_rule, s.item || key) r;
    INSERT INTO tradeup_leads.priority_rule
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'priorities'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.priority_rule, s.item || key) r;
    INSERT INTO tradeup_leads.repair_value
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'values'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.repair_value, s.item || key) r;
    INSERT INTO tradeup_leads.contact_channel
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'channels'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.contact_channel, s.item || key) r;
    INSERT INTO tradeup_leads.message_template
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'templates'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.message_template, s.item || key) r;
    PERFORM tradeup_leads.publish_model(model_name, number);
    RETURN number;
END
$$;
COMMENT ON FUNCTION tradeup_leads.model_from_json(jsonb) IS
    'Publishes a JSON document as a new version of its model and returns the version; or one error with all that is wrong';
-- What is recorded and never changed: outcomes, predictions, permissions, leads and their events.

CREATE FUNCTION tradeup_leads_internal.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of "%" are never changed', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = CASE TG_TABLE_NAME
                         WHEN 'outcome' THEN 'Add a row that corrects this one: correct_outcome.'
                         WHEN 'contact_permission' THEN 'Add a row: the newest holds.'
                         WHEN 'prediction' THEN 'Add a prediction of another day.'
                         ELSE 'Record an event: record_lead_event.' END;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.refuse_change() IS 'Trigger that refuses to change what was recorded';

-- Who recorded a row, and when, is not the caller's to say. What the owner inserts with a time before this transaction is a
-- restore, and stays as it is.
CREATE FUNCTION tradeup_leads_internal.is_restored(relation oid, at_time timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN coalesce(at_time < now(), false) AND tradeup_leads_internal.may_restore(relation);
COMMENT ON FUNCTION tradeup_leads_internal.is_restored(oid, timestamptz) IS
    'Whether a row of this time is loaded from a dump: by the owner, and older than the transaction';

CREATE FUNCTION tradeup_leads_internal.require_own_name(by_role text, at_time timestamptz) RETURNS void
LANGUAGE plpgsql STABLE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF by_role <> current_user::text OR at_time < now() OR at_time > clock_timestamp() THEN
        RAISE EXCEPTION 'rows are recorded in the name of the role that records them, at the present time'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The row names role "%s" and time %s; role "%s" records it.',
                                  tradeup_leads_internal.shown(by_role), at_time, current_user),
                  HINT = 'Leave both columns out.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_own_name(text, timestamptz) IS
    'The error when a row names another role than the one that records it, or another time; nothing otherwise';

-- The dealer of a row is that of its vehicle: nobody writes into the rows of another.
CREATE FUNCTION tradeup_leads_internal.dealer_of_vehicle(vehicle_id text) RETURNS text
LANGUAGE plpgsql STABLE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    of_vehicle text := (SELECT v.dealer FROM tradeup_leads.owned_vehicle v WHERE v.vehicle_id = dealer_of_vehicle.vehicle_id);
BEGIN
    PERFORM tradeup_leads_internal.require_vehicle(vehicle_id, of_vehicle);
    RETURN of_vehicle;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.dealer_of_vehicle(text) IS
    'The dealer who looks after a vehicle; the error that there is no such vehicle';

CREATE FUNCTION tradeup_leads_internal.stamp_outcome() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    corrected tradeup_leads.outcome;
BEGIN
    IF tradeup_leads_internal.is_restored(TG_RELID, NEW.entered_at) THEN
        RETURN NEW;
    END IF;
    PERFORM tradeup_leads_internal.require_own_name(NEW.entered_by, NEW.entered_at);
    NEW.entered_at := clock_timestamp();
    IF NEW.watched_to > tradeup_leads_internal.today() THEN
        RAISE EXCEPTION 'watch must not end in the future'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It ends on %s.', NEW.watched_to);
    ELSIF NEW.watched_from > NEW.watched_to THEN
        RAISE EXCEPTION 'watch must begin before it ends'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is from %s to %s.', NEW.watched_from, NEW.watched_to);
    ELSIF NEW.failed_at NOT BETWEEN NEW.watched_from AND NEW.watched_to THEN
        RAISE EXCEPTION 'failure must lie within the watch'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is on %s, the watch from %s to %s.', NEW.failed_at, NEW.watched_from, NEW.watched_to);
    END IF;
    IF NEW.corrects IS NULL THEN
        NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
        RETURN NEW;
    END IF;
    SELECT * INTO corrected FROM tradeup_leads.outcome o
    WHERE o.outcome_id = NEW.corrects AND o.vehicle_id = NEW.vehicle_id AND o.cause = NEW.cause;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'outcome "%" of this vehicle and cause does not exist', NEW.corrects
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup_leads.outcome.';
    END IF;
    NEW.dealer := corrected.dealer;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_outcome() IS
    'Trigger that refuses outcomes in another''s name, of days to come, and corrections of what is not there';

CREATE FUNCTION tradeup_leads_internal.stamp_prediction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.is_restored(TG_RELID, NEW.predicted_at) THEN
        PERFORM tradeup_leads_internal.require_own_name(NEW.predicted_by, NEW.predicted_at);
        NEW.predicted_at := clock_timestamp();
        NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_prediction() IS 'Trigger that refuses predictions in another''s name';

-- What is predicted is what the model says of the vehicle as it is.
CREATE FUNCTION tradeup_leads_internal.check_predictions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT n.vehicle_id, n.p, r.risk INTO wrong
    FROM new_predictions n
    LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = n.vehicle_id AND v.model = n.model AND v.cohort = n.cohort
    LEFT JOIN (SELECT d.dealer, d.model, d.version, x.cohort, x.scorer
               FROM (SELECT DISTINCT y.dealer, y.model, y.version FROM new_predictions y) d
               CROSS JOIN LATERAL tradeup_leads.scorers(
                   d.model, d.version, tradeup_leads_internal.stored_toggles(d.dealer, d.model, d.version)) x) s
        ON s.dealer = n.dealer AND s.model = n.model AND s.version = n.version AND s.cohort = n.cohort
    CROSS JOIN LATERAL (SELECT CASE WHEN tradeup_leads_internal.takes_evidence(s.scorer, v.evidence)
                                    THEN tradeup_leads.risk(s.scorer, v.evidence) END) r (risk)
    WHERE NOT tradeup_leads_internal.is_restored(TG_RELID, n.predicted_at) AND r.risk IS DISTINCT FROM n.p
    ORDER BY n.prediction_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'prediction is not what the model gives'
            USING ERRCODE = 'check_violation',
                  DETAIL = format('For vehicle "%s" it says %s, the model %s.', tradeup_leads_internal.shown(wrong.vehicle_id),
                                  wrong.p, coalesce(wrong.risk::text, 'nothing')),
                  HINT = 'Use predict, which fills in every figure.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.check_predictions() IS 'Trigger that refuses predictions that the model does not make';

CREATE FUNCTION tradeup_leads_internal.stamp_permission() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.is_restored(TG_RELID, NEW.since) THEN
        PERFORM tradeup_leads_internal.require_own_name(NEW.entered_by, NEW.since);
        NEW.since := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_permission() IS 'Trigger that refuses permissions in another''s name';

CREATE FUNCTION tradeup_leads_internal.stamp_lead() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.is_restored(TG_RELID, NEW.created_at) THEN
        PERFORM tradeup_leads_internal.require_own_name(NEW.created_by, NEW.created_at);
        NEW.created_at := clock_timestamp();
        NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_lead() IS 'Trigger that refuses leads in another''s name';

-- A lead and its first event come into being together. What is not restored must be open, and what the list says of its vehicle.
CREATE FUNCTION tradeup_leads_internal.begin_leads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT n.lead_id, n.vehicle_id INTO wrong
    FROM new_leads n
    LEFT JOIN tradeup_leads.open_lead o ON o.lead_id = n.lead_id AND o.vehicle_id = n.vehicle_id AND o.model = n.model
    LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = n.vehicle_id
    LEFT JOIN (SELECT d.dealer, x.*, coalesce(y.title, x.stressor) AS reason
               FROM (SELECT DISTINCT z.dealer FROM new_leads z
                     WHERE NOT tradeup_leads_internal.is_restored(TG_RELID, z.created_at)) d
               CROSS JOIN LATERAL tradeup_leads_internal.lead_patterns(d.dealer) x
               LEFT JOIN tradeup_leads.stressor y ON y.model = x.model AND y.version = x.version AND y.stressor = x.stressor) p
        ON p.dealer = n.dealer AND p.version = n.version
       AND p.key = tradeup_leads_internal.pattern_key(n.model, v.cohort, v.vehicle_class, v.evidence)
    WHERE NOT tradeup_leads_internal.is_restored(TG_RELID, n.created_at)
      AND (o.lead_id IS NULL OR n.as_of < tradeup_leads_internal.today() OR n.as_of > tradeup_leads_internal.today() + 366
           OR p.model IS NULL OR n.evidence OPERATOR(tradeup_leads.<>) v.evidence
           OR (n.customer_id, n.region, n.vehicle_class, n.cohort, n.risk, n.low, n.high, n.severity, n.percentile, n.priority,
               n.reason, n.channel, n.expected_value, n.parts, n.service)
              IS DISTINCT FROM (v.customer_id, v.region, v.vehicle_class, v.cohort, p.risk, p.low, p.high, p.severity,
                                p.percentile, p.priority, p.reason, p.channel, p.expected_value, p.parts, p.service))
    ORDER BY n.lead_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'lead % is not what the list gives', wrong.lead_id
            USING ERRCODE = 'check_violation', DETAIL = format('It is of vehicle "%s".',
                                                               tradeup_leads_internal.shown(wrong.vehicle_id)),
                  HINT = 'Leads are made by make_leads.';
    END IF;
    INSERT INTO tradeup_leads.lead_event (lead_id, seq, dealer, event, happened_at, happened_by)
    SELECT n.lead_id, 1, n.dealer, 'created'::text, n.created_at, n.created_by FROM new_leads n;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.begin_leads() IS
    'Trigger that refuses leads that are not what the list gives, and records that the others are created';

CREATE FUNCTION tradeup_leads_internal.check_lead_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    restored CONSTANT boolean := coalesce(NEW.happened_at < now(), false) AND tradeup_leads_internal.may_restore(TG_RELID);
    standing tradeup_leads.lead_event;
    dealer text;
BEGIN
    IF restored THEN
        RETURN NEW;
    ELSIF NEW.event = 'created' THEN
        IF NOT EXISTS (SELECT FROM tradeup_leads.lead l
                       WHERE (l.lead_id, l.dealer, l.created_at, l.created_by)
                             = (NEW.lead_id, NEW.dealer, NEW.happened_at, NEW.happened_by)) THEN
            RAISE EXCEPTION 'events are recorded in the name of the role that records them'
                USING ERRCODE = 'insufficient_privilege', HINT = 'The first event of a lead comes with it: make_leads.';
        END IF;
        RETURN NEW;
    ELSIF NEW.event <> 'contacted' AND NOT has_table_privilege('tradeup_leads.lead'::text, 'INSERT'::text) THEN
        RAISE EXCEPTION 'a role that makes no leads records only that a customer was contacted'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    ELSIF NEW.happened_at IS NOT NULL OR NEW.happened_by IS NOT NULL THEN
        RAISE EXCEPTION 'events are recorded in the name of the role that records them'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Leave out happened_at and happened_by, or use record_lead_event.';
    END IF;
    NEW.happened_at := greatest(clock_timestamp(), now());
    NEW.happened_by := current_user::text;
    SELECT l.dealer INTO dealer FROM tradeup_leads.lead l WHERE l.lead_id = NEW.lead_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lead "%" does not exist', NEW.lead_id
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup_leads.lead; row-level security may hide rows.';
    END IF;
    NEW.dealer := dealer;
    SELECT * INTO standing FROM tradeup_leads.lead_event e WHERE e.lead_id = NEW.lead_id AND e.seq = NEW.seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % of lead % must follow another', NEW.seq, NEW.lead_id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Use record_lead_event, which numbers events.';
    ELSIF tradeup_leads_internal.ends_lead(standing.event) THEN
        RAISE EXCEPTION 'lead % is already %', NEW.lead_id, standing.event
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was %s by "%s" at %s.', standing.event, standing.happened_by, standing.happened_at),
                  HINT = 'A lead ends once; make_leads makes a new one.';
    ELSIF tradeup_leads_internal.lead_event_rank(NEW.event) <= tradeup_leads_internal.lead_event_rank(standing.event) THEN
        RAISE EXCEPTION 'event "%" cannot follow "%"', tradeup_leads_internal.shown(NEW.event), standing.event
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Lead %s is %s.', NEW.lead_id, standing.event),
                  HINT = format('The order is %s; steps may be left out.',
                                array_to_string((tradeup_leads_internal.lead_events())[2:], ', '::text));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.check_lead_event() IS
    'Trigger that gives events their time and role, and refuses those that may not follow the standing one';

CREATE FUNCTION tradeup_leads_internal.end_leads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* A worker records that it has sent a message, and may not end a lead. */
    IF EXISTS (SELECT FROM new_events n WHERE tradeup_leads_internal.ends_lead(n.event)) THEN
        DELETE FROM tradeup_leads.open_lead o USING new_events n
        WHERE o.lead_id = n.lead_id AND tradeup_leads_internal.ends_lead(n.event);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.end_leads() IS
    'Trigger that makes room for another lead of a vehicle when one has ended';

-- Whom another dealer looks after now is not called by this one: the lead ends, so that the other can make one.
CREATE FUNCTION tradeup_leads_internal.abandon_leads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tradeup_leads.record_lead_event(o.lead_id, 'abandoned'::text, 'another dealer looks after the vehicle'::text)
    FROM tradeup_leads.open_lead o WHERE o.vehicle_id = NEW.vehicle_id AND o.dealer <> NEW.dealer;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.abandon_leads() IS
    'Trigger that ends the open leads of a vehicle which another dealer looks after now';

-- What says that a lead is open is written with the lead, and goes when the lead has ended.
CREATE FUNCTION tradeup_leads_internal.stamp_open_lead() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT tradeup_leads_internal.may_restore(TG_RELID) THEN
            NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
        END IF;
        RETURN NEW;
    ELSIF EXISTS (SELECT FROM tradeup_leads.lead_event e
                  WHERE e.lead_id = OLD.lead_id AND tradeup_leads_internal.ends_lead(e.event)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'lead % has not ended', OLD.lead_id
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Record an event: record_lead_event(lead_id, ''closed'').';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_open_lead() IS
    'Trigger that gives open leads the dealer of their vehicle, and keeps them until they have ended';

CREATE FUNCTION tradeup_leads_internal.require_lead_of_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.may_restore(TG_RELID)
       AND NOT EXISTS (SELECT FROM tradeup_leads.lead l
                       WHERE l.lead_id = NEW.lead_id AND l.vehicle_id = NEW.vehicle_id AND l.model = NEW.model
                         AND NOT EXISTS (SELECT FROM tradeup_leads.lead_event e
                                         WHERE e.lead_id = l.lead_id AND tradeup_leads_internal.ends_lead(e.event)))
       AND EXISTS (SELECT FROM tradeup_leads.open_lead o WHERE o.lead_id = NEW.lead_id) THEN
        RAISE EXCEPTION 'open lead % has no lead', NEW.lead_id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Leads are made by make_leads.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_lead_of_open() IS
    'Trigger at the end of a transaction that refuses open leads without a lead';

CREATE FUNCTION tradeup_leads.record_outcome(vehicle_id text, cause text, watched_from date, watched_to date,
                                                        failed_at date DEFAULT NULL::date, note text DEFAULT NULL::text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM tradeup_leads.risk_model m WHERE m.cause = record_outcome.cause) THEN
        RAISE EXCEPTION 'no model has the cause "%"', tradeup_leads_internal.shown(cause)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use ' || (SELECT coalesce(string_agg(DISTINCT m.cause, ', '), 'a cause of a model')
                                    FROM tradeup_leads.risk_model m) || '.';
    END IF;
    INSERT INTO tradeup_leads.outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at, note)
    SELECT v.vehicle_id, v.dealer, cause, watched_from, watched_to, failed_at, note
    FROM tradeup_leads.owned_vehicle v WHERE v.vehicle_id = record_outcome.vehicle_id
    RETURNING outcome_id INTO number;
    PERFORM tradeup_leads_internal.require_vehicle(vehicle_id, number::text);
    RETURN number;
END
$$;
COMMENT ON FUNCTION tradeup_leads.record_outcome(text, text, date, date, date, text) IS
    'Records whether a vehicle failed of a cause while it was watched, and returns the number of the outcome';

CREATE FUNCTION tradeup_leads_internal.require_vehicle(vehicle_id text, known text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF known IS NULL THEN
        RAISE EXCEPTION 'vehicle "%" does not exist', tradeup_leads_internal.shown(vehicle_id)
            USING ERRCODE = 'no_data_found',
                  HINT = 'Look in the table tradeup_leads.owned_vehicle; row-level security may hide rows.';
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_vehicle(text, text) IS
    'True when a vehicle was found; otherwise the error that there is none of this name';

CREATE FUNCTION tradeup_leads.correct_outcome(outcome_id bigint, watched_from date, watched_to date,
                                                         failed_at date DEFAULT NULL::date, note text DEFAULT NULL::text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number bigint;
BEGIN
    INSERT INTO tradeup_leads.outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at, corrects, note)
    SELECT o.vehicle_id, o.dealer, o.cause, watched_from, watched_to, failed_at, o.outcome_id, note
    FROM tradeup_leads.outcome o WHERE o.outcome_id = correct_outcome.outcome_id
    RETURNING outcome.outcome_id INTO number;
    IF number IS NULL THEN
        RAISE EXCEPTION 'outcome "%" does not exist', outcome_id
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup_leads.outcome.';
    END IF;
    RETURN number;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'outcome % is corrected already', outcome_id
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Correct the newest one; see tradeup_leads.current_outcome.';
END
$$;
COMMENT ON FUNCTION tradeup_leads.correct_outcome(bigint, date, date, date, text) IS
    'Replaces an outcome by a new row, and returns its number; the old row stays';

CREATE FUNCTION tradeup_leads.allow_contact(customer_id text, channel text, allowed boolean,
                                                       note text DEFAULT NULL::text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM tradeup_leads.contact_channel c WHERE c.channel = allow_contact.channel) THEN
        RAISE EXCEPTION 'unknown channel "%"', tradeup_leads_internal.shown(channel)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use ' || (SELECT coalesce(string_agg(DISTINCT c.channel, ', '), 'a channel of a model')
                                    FROM tradeup_leads.contact_channel c) || '.';
    END IF;
    INSERT INTO tradeup_leads.contact_permission (customer_id, channel, allowed, note)
    VALUES (customer_id, channel, allowed, note) RETURNING permission_id INTO number;
    RETURN number;
END
$$;
COMMENT ON FUNCTION tradeup_leads.allow_contact(text, text, boolean, text) IS
    'Records that a customer may, or may no longer, be contacted by a channel';

CREATE FUNCTION tradeup_leads.record_lead_event(lead_id bigint, event text, note text DEFAULT NULL::text)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number integer;
BEGIN
    PERFORM tradeup_leads_internal.require_one_of(
        'event'::text, event, (tradeup_leads_internal.lead_events())[2:]);
    INSERT INTO tradeup_leads.lead_event (lead_id, seq, event, note)
    SELECT record_lead_event.lead_id, coalesce(max(e.seq), 0) + 1, event, note
    FROM tradeup_leads.lead_event e WHERE e.lead_id = record_lead_event.lead_id
    RETURNING seq INTO number;
    RETURN number;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'another session recorded an event of lead % at the same time', lead_id
        USING ERRCODE = 'serialization_failure', HINT = 'Look what it was, and try again if yours still fits.';
END
$$;
COMMENT ON FUNCTION tradeup_leads.record_lead_event(bigint, text, text) IS
    'Records what became of a lead, and returns the position of the event among those of its lead';

-- For the local figures of a model's next version. An outcome counts in the cohort that its vehicle has now.
CREATE FUNCTION tradeup_leads.cohort_outcomes(model text, as_of date DEFAULT NULL::date)
RETURNS TABLE (cohort text, failures bigint, size bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 20
BEGIN ATOMIC
    SELECT v.cohort,
           count(*) FILTER (WHERE o.failed_at <= o.watched_from + make_interval(months => m.horizon_months)), count(*)
    FROM tradeup_leads.current_model m, tradeup_leads.current_outcome o, tradeup_leads.owned_vehicle v
    WHERE m.name = cohort_outcomes.model AND o.cause = m.cause AND v.vehicle_id = o.vehicle_id AND v.model = m.name
      AND v.cohort IS NOT NULL
      /* Before the horizon has passed, only the failures would be closed, and the rate far too high. */
      AND o.watched_from + make_interval(months => m.horizon_months)
          <= coalesce(cohort_outcomes.as_of, tradeup_leads_internal.today()) + 1
      AND (o.failed_at IS NOT NULL AND o.failed_at <= o.watched_from + make_interval(months => m.horizon_months)
           OR o.watched_to + 1 >= o.watched_from + make_interval(months => m.horizon_months))
    GROUP BY v.cohort;
END;
COMMENT ON FUNCTION tradeup_leads.cohort_outcomes(text, date) IS
    'Outcomes of each cohort of a model whose horizon had passed on a day: failures, and failures with those watched to its end';
-- Leads: which vehicles are worth a call. Scores are worked out once for each cohort and evidence that occurs, not for each
-- vehicle.

-- The toggles that a dealer has stored, for scorers.
CREATE FUNCTION tradeup_leads_internal.stored_toggles(dealer text, model text, version integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT jsonb_object_agg(t.stressor, t.enabled)
        FROM tradeup_leads.stressor_toggle t
        JOIN tradeup_leads.stressor s ON s.model = t.model AND s.version = stored_toggles.version AND s.stressor = t.stressor
        WHERE t.dealer = stored_toggles.dealer AND t.model = stored_toggles.model);
COMMENT ON FUNCTION tradeup_leads_internal.stored_toggles(text, text, integer) IS
    'The toggles that a dealer has stored for a model, as scorers take them; null: none';

-- The current models as leads read them. Conditions of priorities are arrays, so that a pattern is judged by comparing and not by
-- looking rows up; a priority without a rule has conditions that nothing fulfils.
CREATE FUNCTION tradeup_leads_internal.lead_models()
RETURNS TABLE (model text, version integer, level double precision, severities text[], severity_from double precision[],
               uncertain_classes integer, min_risk double precision[], max_risk double precision[],
               min_percentile double precision[], min_value numeric[])
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 2
BEGIN ATOMIC
    SELECT m.name, m.version, m.uncertain_level, m.severities, m.severity_from, m.uncertain_classes, r.min_risk, r.max_risk,
           r.min_percentile, r.min_value
    FROM tradeup_leads.current_model m,
    LATERAL (SELECT array_agg(CASE WHEN x.priority IS NULL THEN 2 ELSE coalesce(x.min_risk, -1) END ORDER BY p.place) AS min_risk,
                    array_agg(coalesce(x.max_risk, 2) ORDER BY p.place) AS max_risk,
                    array_agg(coalesce(x.min_percentile, -1) ORDER BY p.place) AS min_percentile,
                    array_agg(coalesce(x.min_value, '-Infinity'::numeric) ORDER BY p.place) AS min_value
             FROM unnest('{high,moderate,follow_up,retention}'::text[]) WITH ORDINALITY p (priority, place)
             LEFT JOIN tradeup_leads.priority_rule x ON x.model = m.name AND x.version = m.version AND x.priority = p.priority) r
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup_leads_internal.lead_models() IS
    'The current models as leads read them: thresholds, and the conditions of the priorities in arrays';

-- What is worked out once for all vehicles of a cohort, a class and an evidence. The percentile is the share of the dealer's
-- other vehicles of the cohort with a lower risk. A cohort whose rate is not known makes no lead, and a vehicle of which nothing
-- is known is not praised.
CREATE FUNCTION tradeup_leads_internal.lead_patterns(dealer text)
RETURNS TABLE (key bytea, model text, version integer, cohort text, evidence tradeup_leads.evidence, vehicle_class text,
               risk double precision, low double precision, high double precision, severity text, percentile double precision,
               priority text, stressor text, channel text, expected_value numeric, parts numeric, service numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 200
BEGIN ATOMIC
    WITH m AS MATERIALIZED (
        SELECT l.*, s.cohorts, s.scorers
        FROM tradeup_leads_internal.lead_models() l,
             LATERAL (SELECT array_agg(x.cohort) AS cohorts, array_agg(x.scorer) AS scorers
                      FROM tradeup_leads.scorers(l.model, l.version, tradeup_leads_internal.stored_toggles(
                          lead_patterns.dealer, l.model, l.version)) x) s
        /* Two looks into the index leave out the models that the dealer does not use. */
        WHERE l.model BETWEEN (SELECT min(v.model) FROM tradeup_leads.owned_vehicle v WHERE v.dealer = lead_patterns.dealer)
                          AND (SELECT max(v.model) FROM tradeup_leads.owned_vehicle v WHERE v.dealer = lead_patterns.dealer)
    ), valued AS MATERIALIZED (
        SELECT r.model, r.version, r.vehicle_class, r.parts, r.service, r.margin_if_needed, r.margin_otherwise, h.channels,
               h.contacts, h.costs
        FROM tradeup_leads.repair_value r,
             LATERAL (SELECT array_agg(x.channel ORDER BY x.channel COLLATE "C") AS channels,
                             array_agg((x.succeeded + 0.5::double precision) / (x.tried + 1::double precision)
                                       ORDER BY x.channel COLLATE "C") AS contacts,
                             array_agg(x.cost ORDER BY x.channel COLLATE "C") AS costs
                      FROM tradeup_leads.contact_channel x WHERE x.model = r.model AND x.version = r.version) h
    ), called AS (
        SELECT f.*, m.model, m.version, m.severities, m.min_risk, m.max_risk, m.min_percentile, m.min_value, v.parts, v.service,
               tradeup_leads_internal.best_call(f.risk, v.margin_if_needed, v.margin_otherwise, v.channels, v.contacts,
                                                v.costs) AS call
        FROM (SELECT x.model, tradeup_leads_internal.scored_patterns(
                         v.cohort, v.vehicle_class, v.evidence, x.cohorts, x.scorers, NULL::tradeup_leads.risk_scorer[],
                         x.severity_from, x.level, x.uncertain_classes) AS patterns
              FROM m x, tradeup_leads.owned_vehicle v
              WHERE v.dealer = lead_patterns.dealer AND v.model = x.model
                AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
              GROUP BY x.model) g
        JOIN m ON m.model = g.model
        CROSS JOIN LATERAL tradeup_leads_internal.pattern_rows(g.patterns) f
        LEFT JOIN valued v ON v.model = m.model AND v.version = m.version AND v.vehicle_class = f.vehicle_class
        OFFSET 0
    ), judged AS (
        SELECT c.*, (c.call).channel, (c.call).expected_value,
               coalesce((c.call).expected_value, '-Infinity'::numeric) AS value, coalesce(c.percentile, -1) AS rank
        FROM called c
        OFFSET 0
    )
    SELECT tradeup_leads_internal.pattern_key(j.model, j.cohort, j.vehicle_class, j.evidence),
           j.model, j.version, j.cohort, j.evidence, j.vehicle_class, j.risk, j.low, j.high,
           coalesce(j.severities[j.severity], 'uncertain'), j.percentile,
           CASE WHEN NOT j.known THEN NULL
                WHEN j.risk >= j.min_risk[1] AND j.risk <= j.max_risk[1] AND j.rank >= j.min_percentile[1]
                     AND j.value >= j.min_value[1] THEN 'high'
                WHEN j.risk >= j.min_risk[2] AND j.risk <= j.max_risk[2] AND j.rank >= j.min_percentile[2]
                     AND j.value >= j.min_value[2] THEN 'moderate'
                WHEN j.risk >= j.min_risk[3] AND j.risk <= j.max_risk[3] AND j.rank >= j.min_percentile[3]
                     AND j.value >= j.min_value[3] THEN 'follow_up'
                WHEN j.risk >= j.min_risk[4] AND j.risk <= j.max_risk[4] AND j.rank >= j.min_percentile[4]
                     AND j.value >= j.min_value[4] AND j.informed
                THEN 'retention' END,
           j.stressor, j.channel, j.expected_value, j.parts, j.service
    FROM judged j;
END;
COMMENT ON FUNCTION tradeup_leads_internal.lead_patterns(text) IS
    'Scores, percentiles, values and priorities of each cohort, class and evidence that vehicles of a dealer have';

CREATE FUNCTION tradeup_leads_internal.require_lead_filter(filter jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF filter IS NULL THEN
        RETURN true;
    ELSIF jsonb_typeof(filter) <> 'object' THEN
        RAISE EXCEPTION 'filter must be an object such as {"priorities": ["high"]}'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', tradeup_leads_internal.shown(filter::text));
    END IF;
    SELECT f.key, f.value, k.kind INTO wrong
    FROM jsonb_each(filter) f
    LEFT JOIN (VALUES ('priorities', 'texts'), ('severities', 'texts'), ('regions', 'texts'), ('vehicle_classes', 'texts'),
                      ('min_risk', 'number'), ('min_value', 'number')) k (key, kind) ON k.key = f.key
    WHERE k.kind IS NULL OR NOT tradeup_leads_internal.value_fits(f.value, k.kind, -1e15, 1e15)
    ORDER BY f.key LIMIT 1;
    IF NOT FOUND THEN
        RETURN true;
    ELSIF wrong.kind IS NULL THEN
        RAISE EXCEPTION 'unknown filter "%"', tradeup_leads_internal.shown(wrong.key)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use min_risk, min_value, priorities, regions, severities, vehicle_classes.';
    END IF;
    RAISE EXCEPTION 'filter "%" must be %', wrong.key, tradeup_leads_internal.kind_words(wrong.kind, -1e15, 1e15)
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('It is %s.', tradeup_leads_internal.shown(wrong.value::text));
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_lead_filter(jsonb) IS
    'True when a filter of leads is one; otherwise the error that says what is wrong';

CREATE FUNCTION tradeup_leads.leads(dealer text, filter jsonb DEFAULT NULL::jsonb)
RETURNS TABLE (vehicle_id text, customer_id text, region text, model text, version integer, cohort text,
               risk double precision, low double precision, high double precision, severity text, percentile double precision,
               priority text, reason text, channel text, expected_value numeric, parts numeric, service numeric, revenue numeric,
               "text" text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    /* Vehicles are sorted while their rows are short, by the place of their pattern; then they meet the patterns, in the order of
       places too. Patterns of one value and risk share a place. */
    WITH pattern AS MATERIALIZED (
        SELECT p.*, row_number() OVER () AS number, rank() OVER (ORDER BY p.expected_value DESC NULLS LAST, p.risk DESC) AS place
        FROM tradeup_leads_internal.lead_patterns(leads.dealer) p
        WHERE p.priority IS NOT NULL
          AND tradeup_leads_internal.require_lead_filter(leads.filter)
          AND (leads.filter -> 'priorities' IS NULL OR leads.filter -> 'priorities' ? p.priority)
          AND (leads.filter -> 'severities' IS NULL OR leads.filter -> 'severities' ? p.severity)
          AND (leads.filter -> 'vehicle_classes' IS NULL OR coalesce(leads.filter -> 'vehicle_classes' ? p.vehicle_class, false))
          AND (leads.filter -> 'min_risk' IS NULL
               OR p.risk >= CASE jsonb_typeof(leads.filter -> 'min_risk')
                                WHEN 'number' THEN (leads.filter -> 'min_risk')::double precision END)
          AND (leads.filter -> 'min_value' IS NULL
               OR coalesce(p.expected_value >= CASE jsonb_typeof(leads.filter -> 'min_value')
                                                   WHEN 'number' THEN (leads.filter -> 'min_value')::numeric END, false))
    )
    SELECT v.vehicle_id, v.customer_id, v.region, p.model, p.version, p.cohort, p.risk, p.low, p.high,
           p.severity, p.percentile, p.priority, p.reason, p.channel, p.expected_value, p.parts, p.service, p.parts + p.service,
           tradeup_leads_internal.lead_text(p.body, p.defaults,
                                            (SELECT d.slots FROM tradeup_leads.dealer_slots d WHERE d.dealer = leads.dealer),
                                            v.vehicle_class, v.model_year, p.reason, p.percentile)
    FROM (SELECT x.vehicle_id, x.customer_id, x.region, x.vehicle_class, x.model_year, k.number, k.place
          FROM (SELECT y.key, y.number, y.place FROM pattern y) k, tradeup_leads.owned_vehicle x
          WHERE x.dealer = leads.dealer
            AND tradeup_leads_internal.pattern_key(x.model, x.cohort, x.vehicle_class, x.evidence) = k.key
            AND tradeup_leads_internal.is_kept(x.sold_on, tradeup_leads_internal.today())
            AND (leads.filter -> 'regions' IS NULL OR coalesce(leads.filter -> 'regions' ? x.region, false))
          ORDER BY k.place, x.vehicle_id COLLATE "C") v,
         (SELECT z.*, coalesce(s.title, z.stressor) AS reason, t.body, t.defaults
          FROM pattern z
          LEFT JOIN tradeup_leads.stressor s ON s.model = z.model AND s.version = z.version AND s.stressor = z.stressor
          LEFT JOIN tradeup_leads.message_template t ON t.model = z.model AND t.version = z.version AND t.priority = z.priority
                                                    AND t.channel = z.channel) p
    /* As a function, so that planning does not take it for rare. */
    WHERE p.place = v.place AND int8eq(p.number, v.number)
    ORDER BY v.place, v.vehicle_id COLLATE "C";
END;
COMMENT ON FUNCTION tradeup_leads.leads(text, jsonb) IS
    'The vehicles of a dealer that are worth a call now, best first, with risk, interval, priority, value, reason and text';
-- What writes leads and predictions.

-- One statement. Two sessions at once make the same list once: whoever comes second waits at the key of open_lead, and then
-- leaves out what the first has opened.
CREATE FUNCTION tradeup_leads.make_leads(dealer text, as_of date DEFAULT NULL::date,
                                                    at_most integer DEFAULT NULL::integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
    day CONSTANT date := coalesce(as_of, tradeup_leads_internal.today());
BEGIN
    IF at_most < 0 THEN
        RAISE EXCEPTION 'at_most must not be negative'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', at_most);
    ELSIF day < tradeup_leads_internal.today() THEN
        RAISE EXCEPTION 'leads cannot be made for a day that is over'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The day is %s.', day),
                  HINT = 'Leave out as_of, or give today or a later day: nothing is scored after the fact.';
    END IF;
    /* One after the other for a dealer, so that capacities hold. */
    PERFORM pg_advisory_xact_lock(hashtextextended('tradeup_leads.make_leads '::text || make_leads.dealer, 0::bigint));
    WITH listed AS MATERIALIZED (
        SELECT l.*, v.vehicle_class, v.evidence
        FROM tradeup_leads.leads(make_leads.dealer, NULL::jsonb) l
        JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = l.vehicle_id
        WHERE tradeup_leads_internal.is_kept(v.sold_on, day)
          AND NOT EXISTS (SELECT FROM tradeup_leads.open_lead o WHERE o.vehicle_id = l.vehicle_id AND o.model = l.model)
    ), capped AS MATERIALIZED (
        SELECT x.*
        FROM (SELECT l.*, row_number() OVER (PARTITION BY l.region
                                             ORDER BY l.expected_value DESC NULLS LAST, l.risk DESC,
                                                      l.vehicle_id COLLATE "C") AS place
              FROM listed l) x
        LEFT JOIN tradeup_leads.lead_capacity c ON c.dealer = make_leads.dealer AND c.region = x.region
        WHERE c.leads_a_day IS NULL
           OR x.place <= c.leads_a_day - (SELECT count(*)
                                          FROM tradeup_leads.lead y
                                          /* Who has gone to another dealer since is not called by this one. */
                                          JOIN tradeup_leads.owned_vehicle z ON z.vehicle_id = y.vehicle_id
                                                                            AND z.dealer = y.dealer
                                          WHERE y.dealer = make_leads.dealer AND y.region = x.region AND y.as_of = day)
        ORDER BY x.expected_value DESC NULLS LAST, x.risk DESC, x.vehicle_id COLLATE "C"
        LIMIT at_most
    ), numbered AS MATERIALIZED (
        SELECT c.vehicle_id, c.model, nextval('tradeup_leads.lead_lead_id_seq'::regclass) AS lead_id
        FROM (SELECT x.vehicle_id, x.model FROM capped x
              ORDER BY x.expected_value DESC NULLS LAST, x.risk DESC, x.vehicle_id COLLATE "C") c
    ), opened AS (
        INSERT INTO tradeup_leads.open_lead (vehicle_id, model, dealer, lead_id)
        SELECT c.vehicle_id, c.model, make_leads.dealer, c.lead_id
        FROM numbered c
        ORDER BY c.vehicle_id COLLATE "C"
        ON CONFLICT ON CONSTRAINT vehicle_has_one_open_lead_of_a_model DO NOTHING
        RETURNING open_lead.vehicle_id, open_lead.model, open_lead.lead_id
    ), written AS (
        INSERT INTO tradeup_leads.lead (lead_id, vehicle_id, customer_id, dealer, region, vehicle_class, model, version, cohort,
                                        evidence, as_of, risk, low, high, severity, percentile, priority, reason, channel,
                                        expected_value, parts, service)
        SELECT o.lead_id, c.vehicle_id, c.customer_id, make_leads.dealer, c.region, c.vehicle_class, c.model, c.version, c.cohort,
               c.evidence, day, c.risk, c.low, c.high, c.severity, c.percentile, c.priority, c.reason, c.channel,
               c.expected_value, c.parts, c.service
        FROM capped c JOIN opened o ON o.vehicle_id = c.vehicle_id AND o.model = c.model
        RETURNING lead.lead_id
    )
    SELECT count(*) INTO made FROM written;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_leads.make_leads(text, date, integer) IS
    'Makes leads of the vehicles of a dealer that are worth a call and have no open one, best first, within its capacity';

CREATE FUNCTION tradeup_leads.predict(dealer text, as_of date DEFAULT NULL::date) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
    day CONSTANT date := coalesce(as_of, tradeup_leads_internal.today());
BEGIN
    IF day < tradeup_leads_internal.today() THEN
        RAISE EXCEPTION 'nothing can be predicted for a day that is over'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The day is %s.', day),
                  HINT = 'Leave out as_of, or give today or a later day.';
    END IF;
    INSERT INTO tradeup_leads.prediction (vehicle_id, dealer, model, version, cohort, as_of, p, low, high)
    SELECT v.vehicle_id, v.dealer, p.model, p.version, p.cohort, day, p.risk, p.low, p.high
    FROM tradeup_leads_internal.lead_patterns(predict.dealer) p
    JOIN tradeup_leads.owned_vehicle v
         ON v.dealer = predict.dealer
        AND tradeup_leads_internal.pattern_key(v.model, v.cohort, v.vehicle_class, v.evidence) = p.key
        AND tradeup_leads_internal.is_kept(v.sold_on, day)
    ON CONFLICT ON CONSTRAINT vehicle_is_predicted_once_a_day DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_leads.predict(text, date) IS
    'Freezes the risk of every vehicle of a dealer for a day, to be judged by outcomes later, and returns how many are new';
-- The risk of a fleet under toggles.

-- No body of SQL groups by evidence: pg_upgrade makes it again before the operator class that says when two are equal.
CREATE FUNCTION tradeup_leads_internal.fleet_patterns(dealer text, model text)
RETURNS TABLE (cohort text, evidence tradeup_leads.evidence, vehicle_class text, vehicles bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.cohort, v.evidence, v.vehicle_class, count(*)
    FROM tradeup_leads.owned_vehicle v
    WHERE v.dealer = fleet_patterns.dealer AND v.model = fleet_patterns.model AND v.evidence IS NOT NULL
      AND v.cohort IS NOT NULL AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
    GROUP BY v.cohort, v.evidence, v.vehicle_class;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.fleet_patterns(text, text) IS
    'Vehicles of a dealer by cohort, evidence and class';

-- Each toggle alone, against what is stored; the first reason that holds.
CREATE FUNCTION tradeup_leads.toggles_without_effect(dealer text, toggles jsonb, model text DEFAULT NULL::text)
RETURNS TABLE (stressor text, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 5 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_model CONSTANT text := tradeup_leads_internal.model_of_dealer(toggles_without_effect.dealer, toggles_without_effect.model);
    of_version CONSTANT integer := (SELECT m.version FROM tradeup_leads.current_model m WHERE m.name = of_model);
    stored CONSTANT jsonb := coalesce(
        tradeup_leads_internal.stored_toggles(toggles_without_effect.dealer, of_model, of_version), '{}');
BEGIN
    /* What is no toggle is an error also where nobody has a vehicle. */
    PERFORM FROM tradeup_leads.scorers(of_model, of_version, toggles_without_effect.toggles);
    RETURN QUERY
    WITH pattern AS MATERIALIZED (
        SELECT p.cohort, p.evidence, sum(p.vehicles) AS vehicles
        FROM tradeup_leads_internal.fleet_patterns(toggles_without_effect.dealer, of_model) p
        GROUP BY p.cohort, p.evidence
    ), toggle AS MATERIALIZED (
        SELECT s.stressor, s.position, coalesce((stored -> s.stressor)::boolean, s.enabled) AS before, t.value::boolean AS now
        FROM jsonb_each(toggles_without_effect.toggles) t
        JOIN tradeup_leads.stressor s ON s.model = of_model AND s.version = of_version AND s.stressor = t.key
    ), moved AS (
        SELECT t.stressor,
               bool_or(tradeup_leads.risk(b.scorer, p.evidence) <> tradeup_leads.risk(a.scorer, p.evidence)) AS moves,
               bool_or(tradeup_leads_internal.stressor_weighs(a.scorer, p.evidence, t.position)
                       OR tradeup_leads_internal.stressor_weighs(b.scorer, p.evidence, t.position)) AS weighs,
               bool_or(tradeup_leads_internal.stressor_probability(p.evidence, t.position) > 0) AS known
        FROM toggle t
        CROSS JOIN LATERAL (SELECT s.cohort, s.scorer FROM tradeup_leads.scorers(of_model, of_version, stored) s OFFSET 0) a
        JOIN LATERAL (SELECT s.cohort, s.scorer
                      FROM tradeup_leads.scorers(of_model, of_version, stored || jsonb_build_object(t.stressor, t.now)) s
                      OFFSET 0) b ON b.cohort = a.cohort
        JOIN pattern p ON p.cohort = a.cohort
        WHERE a.scorer IS NOT NULL AND tradeup_leads_internal.takes_evidence(a.scorer, p.evidence)
        GROUP BY t.stressor
    )
    SELECT t.stressor,
           CASE WHEN t.before = t.now THEN 'it is ' || CASE WHEN t.now THEN 'on' ELSE 'off' END || ' already'
                WHEN m.known IS NOT TRUE THEN 'nobody has it'
                WHEN m.weighs IS NOT TRUE THEN 'its ratio is 1'
                ELSE 'its group has a stronger one' END
    FROM toggle t LEFT JOIN moved m ON m.stressor = t.stressor
    WHERE m.moves IS NOT TRUE
    ORDER BY t.stressor COLLATE "C";
END
$$;
COMMENT ON FUNCTION tradeup_leads.toggles_without_effect(text, jsonb, text) IS
    'Which toggles change no risk of a dealer''s vehicles, and why';

CREATE FUNCTION tradeup_leads_internal.model_of_dealer(dealer text, model text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN coalesce(model_of_dealer.model,
                /* As a rule there is one: two looks into the index say so, and nobody counts. */
                (SELECT CASE WHEN e.first = e.last THEN e.first
                             ELSE (SELECT v.model FROM tradeup_leads.owned_vehicle v
                                   WHERE v.dealer = model_of_dealer.dealer AND v.model IS NOT NULL
                                   GROUP BY v.model ORDER BY count(*) DESC, v.model COLLATE "C" LIMIT 1) END
                 FROM (SELECT min(v.model) AS first, max(v.model) AS last FROM tradeup_leads.owned_vehicle v
                       WHERE v.dealer = model_of_dealer.dealer OFFSET 0) e),
                (SELECT m.name FROM tradeup_leads.current_model m ORDER BY m.name COLLATE "C" LIMIT 1));
COMMENT ON FUNCTION tradeup_leads_internal.model_of_dealer(text, text) IS
    'The model asked for; otherwise that of most vehicles of a dealer';

CREATE FUNCTION tradeup_leads.fleet_risk(dealer text, toggles jsonb DEFAULT NULL::jsonb,
                                                    at_most integer DEFAULT 0, model text DEFAULT NULL::text)
RETURNS TABLE (severity text, vehicles bigint, vehicles_before bigint, moved_here bigint, expected_failures numeric,
               revenue numeric, expected_revenue numeric, top text[])
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 6
BEGIN ATOMIC
    WITH model AS MATERIALIZED (
        SELECT l.*, tradeup_leads_internal.stored_toggles(fleet_risk.dealer, l.model, l.version) AS stored,
               l.severities || '{uncertain,unscored}'::text[] AS names
        FROM (SELECT tradeup_leads_internal.model_of_dealer(fleet_risk.dealer, fleet_risk.model) OFFSET 0) w (model)
        LEFT JOIN tradeup_leads_internal.lead_models() l ON l.model = w.model
        /* What is no model or no toggle is an error also where nobody has a vehicle. */
        WHERE CASE WHEN w.model IS NULL THEN false
                   WHEN tradeup_leads_internal.require_model(w.model, NULL::integer, l.model)
                   THEN tradeup_leads_internal.require_toggles(fleet_risk.toggles,
                                                               ARRAY(SELECT x.stressor FROM tradeup_leads.stressor x
                                                                     WHERE x.model = l.model AND x.version = l.version
                                                                     ORDER BY x.position)) END
    ), compiled AS MATERIALIZED (
        SELECT m.*, b.scorers AS before, a.cohorts, a.scorers
        FROM model m,
             LATERAL (SELECT array_agg(s.scorer ORDER BY s.cohort) AS scorers
                      FROM tradeup_leads.scorers(m.model, m.version, m.stored) s) b,
             LATERAL (SELECT array_agg(s.cohort ORDER BY s.cohort) AS cohorts, array_agg(s.scorer ORDER BY s.cohort) AS scorers
                      FROM tradeup_leads.scorers(m.model, m.version,
                                                 CASE WHEN fleet_risk.toggles IS NULL THEN m.stored
                                                      ELSE coalesce(m.stored, '{}'::jsonb) || fleet_risk.toggles END) s) a
    ), share AS MATERIALIZED (
        SELECT s.*, r.parts + r.service AS revenue
        FROM compiled m
        CROSS JOIN LATERAL (
            SELECT tradeup_leads_internal.fleet_shares(
                       CASE WHEN v.model IS NOT NULL THEN v.cohort END, v.vehicle_class, v.evidence, m.cohorts, m.scorers,
                       m.before, m.severity_from, m.level, m.uncertain_classes) AS shares
            FROM tradeup_leads.owned_vehicle v
            WHERE v.dealer = fleet_risk.dealer AND (v.model = m.model OR v.model IS NULL)
              AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())) g
        CROSS JOIN LATERAL unnest(g.shares) s
        LEFT JOIN tradeup_leads.repair_value r ON r.model = m.model AND r.version = m.version
                                              AND r.vehicle_class = s.vehicle_class
    ), ranked AS (
        SELECT x.severity, x.vehicle_id,
               row_number() OVER (PARTITION BY x.severity ORDER BY x.risk DESC NULLS LAST, x.vehicle_id COLLATE "C") AS place
        FROM (SELECT v.vehicle_id,
                     CASE WHEN t.takes THEN tradeup_leads.risk(c.scorer, v.evidence) END AS risk,
                     CASE WHEN t.takes
                          THEN coalesce(tradeup_leads_internal.risk_class(c.scorer, v.evidence, m.severity_from, m.level,
                                                                          m.uncertain_classes),
                                        cardinality(m.names) - 1)
                          ELSE cardinality(m.names) END AS severity
              FROM compiled m
              JOIN tradeup_leads.owned_vehicle v ON v.dealer = fleet_risk.dealer AND (v.model = m.model OR v.model IS NULL)
              LEFT JOIN LATERAL unnest(m.cohorts, m.scorers) c (cohort, scorer) ON v.model IS NOT NULL AND c.cohort = v.cohort
              CROSS JOIN LATERAL (SELECT coalesce(tradeup_leads_internal.takes_evidence(c.scorer, v.evidence), false)) t (takes)
              WHERE fleet_risk.at_most > 0
                AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())) x
    )
    SELECT n.severity, coalesce(a.vehicles, 0::bigint), coalesce(b.vehicles, 0::bigint), coalesce(a.moved_here, 0::bigint),
           CASE WHEN n.is_scored THEN coalesce(a.expected_failures, 0::numeric) END,
           CASE WHEN n.is_scored THEN coalesce(a.revenue, 0::numeric) END,
           CASE WHEN n.is_scored THEN coalesce(a.expected_revenue, 0::numeric) END,
           CASE WHEN fleet_risk.at_most > 0
                THEN ARRAY(SELECT r.vehicle_id FROM ranked r WHERE r.severity = n.place AND r.place <= fleet_risk.at_most
                           ORDER BY r.place) END
    FROM (SELECT s.name, s.place, s.place < cardinality(m.names)
          FROM model m, unnest(m.names) WITH ORDINALITY s (name, place)) n (severity, place, is_scored)
    LEFT JOIN (SELECT s.severity, sum(s.vehicles)::bigint AS vehicles,
                      coalesce(sum(s.vehicles) FILTER (WHERE s.severity_before <> s.severity), 0::numeric)::bigint AS moved_here,
                      round(sum(s.expected_failures::numeric), 6) AS expected_failures, sum(s.vehicles * s.revenue) AS revenue,
                      round(sum(s.expected_failures::numeric * s.revenue), 2) AS expected_revenue
               FROM share s GROUP BY s.severity) a ON a.severity = n.place
    LEFT JOIN (SELECT s.severity_before, sum(s.vehicles)::bigint AS vehicles FROM share s GROUP BY s.severity_before) b
         ON b.severity_before = n.place
    ORDER BY n.place;
END;
COMMENT ON FUNCTION tradeup_leads.fleet_risk(text, jsonb, integer, text) IS
    'Vehicles of a dealer by severity, with expected failures and revenue, under toggles such as {"towing_load": false}';
-- The outbox: messages of leads, which workers take, have written by a text service, and send.
-- Times here are those of the clock: leases run out by the clock, whenever the transaction of a worker began.

CREATE FUNCTION tradeup_leads_internal.tell_workers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('tradeup_leads'::text, 'message'::text);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.tell_workers() IS
    'Trigger that tells workers, by NOTIFY tradeup_leads, of new messages';

CREATE FUNCTION tradeup_leads_internal.may_contact(customer_id text, channel text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN coalesce((SELECT p.allowed FROM tradeup_leads.contact_permission p
                 WHERE p.customer_id = may_contact.customer_id AND p.channel = may_contact.channel
                 ORDER BY p.since DESC, p.permission_id DESC LIMIT 1), true);
COMMENT ON FUNCTION tradeup_leads_internal.may_contact(text, text) IS
    'Whether the newest permission of a customer and channel allows it; without one: yes';

CREATE FUNCTION tradeup_leads.queue_messages(dealer text, at_most integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
BEGIN
    IF at_most IS NULL OR at_most < 0 THEN
        RAISE EXCEPTION 'at_most must not be negative'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(at_most::text, 'null'));
    END IF;
    /* A lead without a customer, or whose template lacks a slot, has no message; health() counts them. The event comes first:
       who cannot record it, because another session has just recorded one, queues nothing for that lead. */
    WITH wanted AS MATERIALIZED (
        SELECT l.lead_id, l.vehicle_id, l.customer_id, l.dealer, l.channel, l.priority, l.model, l.version, l.risk,
               l.expected_value, t.body, t.defaults || jsonb_strip_nulls(x.slots) AS slots, r.text
        FROM tradeup_leads.open_lead o
        JOIN tradeup_leads.lead l ON l.lead_id = o.lead_id
        JOIN tradeup_leads.message_template t ON t.model = l.model AND t.version = l.version AND t.priority = l.priority
                                             AND t.channel = l.channel
        JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = l.vehicle_id AND v.customer_id = l.customer_id
                                          AND v.dealer = l.dealer
        LEFT JOIN tradeup_leads.dealer_slots s ON s.dealer = l.dealer
        CROSS JOIN LATERAL (SELECT coalesce(s.slots, '{}'::jsonb) || tradeup_leads_internal.lead_slots(
                                       l.vehicle_class, v.model_year, l.reason, l.percentile)) x (slots)
        CROSS JOIN LATERAL (SELECT tradeup_leads_internal.lead_text(t.body, t.defaults, s.slots, l.vehicle_class, v.model_year,
                                                                    l.reason, l.percentile)) r (text)
        WHERE o.dealer = queue_messages.dealer AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
          AND tradeup_leads_internal.may_contact(l.customer_id, l.channel)
          AND NOT EXISTS (SELECT FROM tradeup_leads.lead_event e WHERE e.lead_id = l.lead_id AND e.seq > 1)
          AND NOT EXISTS (SELECT FROM tradeup_leads.message m WHERE m.lead_id = l.lead_id AND m.channel = l.channel)
          AND r.text IS NOT NULL
        ORDER BY l.expected_value DESC NULLS LAST, l.risk DESC, l.vehicle_id
        LIMIT at_most
    ), recorded AS (
        INSERT INTO tradeup_leads.lead_event (lead_id, seq, event)
        SELECT w.lead_id, 2, 'queued'::text FROM wanted w
        ORDER BY w.lead_id
        ON CONFLICT ON CONSTRAINT event_is_once_in_its_lead DO NOTHING
        RETURNING lead_event.lead_id
    ), queued AS (
        INSERT INTO tradeup_leads.message (lead_id, customer_id, dealer, channel, priority, model, version, template, slots, key,
                                           text)
        SELECT w.lead_id, w.customer_id, w.dealer, w.channel, w.priority, w.model, w.version, w.body, w.slots,
               tradeup_leads_internal.message_key(ARRAY[w.lead_id::text, w.channel, w.model, w.version::text, w.body], w.slots),
               w.text
        FROM wanted w JOIN recorded e ON e.lead_id = w.lead_id
        ORDER BY w.expected_value DESC NULLS LAST, w.risk DESC, w.vehicle_id
        ON CONFLICT ON CONSTRAINT lead_has_one_message_by_a_channel DO NOTHING
        RETURNING message.lead_id
    )
    SELECT count(*) INTO made FROM queued;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_leads.queue_messages(text, integer) IS
    'Puts messages of a dealer''s open leads that nobody has acted on into the outbox, best first, and returns how many';

-- Opt-outs, leads and vehicles are looked at when a message is taken, because they may have changed after it was queued. What
-- row-level security hides is not gone: of a vehicle or lead that may be hidden nothing is concluded.
CREATE FUNCTION tradeup_leads_internal.drop_reason(message tradeup_leads.message) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 300
BEGIN ATOMIC
    SELECT CASE WHEN NOT tradeup_leads_internal.may_contact(message.customer_id, message.channel)
                THEN 'the customer does not want it'
                WHEN o.lead_id IS NULL
                THEN CASE WHEN NOT row_security_active('tradeup_leads.open_lead'::text) THEN 'the lead has ended' END
                WHEN v.vehicle_id IS NULL
                THEN CASE WHEN NOT row_security_active('tradeup_leads.owned_vehicle'::text) THEN 'the vehicle is gone' END
                WHEN NOT tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today()) THEN 'the vehicle is sold'
                WHEN v.customer_id IS DISTINCT FROM message.customer_id OR v.dealer <> message.dealer
                THEN 'the vehicle has another customer or dealer' END
    FROM (SELECT message.lead_id) q (lead_id)
    LEFT JOIN tradeup_leads.open_lead o ON o.lead_id = q.lead_id
    LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = o.vehicle_id;
END;
COMMENT ON FUNCTION tradeup_leads_internal.drop_reason(tradeup_leads.message) IS
    'Why a message is no longer to be sent: opt-out, ended lead, vehicle sold or of another owner; null: it is';

CREATE FUNCTION tradeup_leads_internal.most_attempts() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN 8;
COMMENT ON FUNCTION tradeup_leads_internal.most_attempts() IS
    'After so many failed attempts a message goes out as its template reads, or cannot be sent';

-- SKIP LOCKED: two workers never take the same row. A lease that ran out makes a row free again, and counts as an attempt that
-- failed, so that a message that kills its worker comes to an end.
CREATE FUNCTION tradeup_leads.take_messages(worker text, at_most integer DEFAULT 10, stage text DEFAULT 'write',
                                                       lease_seconds integer DEFAULT 300, channels text[] DEFAULT NULL::text[])
RETURNS TABLE (message_id bigint, lease integer, key text, channel text, customer_id text, dealer text, template text,
               slots jsonb, text text, fallback boolean)
LANGUAGE plpgsql ROWS 10 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    begun CONSTANT timestamptz := clock_timestamp();
    wanted integer := take_messages.at_most;
    given integer;
    picked bigint[];
BEGIN
    PERFORM tradeup_leads_internal.require_one_of('stage'::text, take_messages.stage, '{write,send}'::text[]);
    IF take_messages.worker IS NULL OR take_messages.worker = '' THEN
        RAISE EXCEPTION 'worker must have a name' USING ERRCODE = 'invalid_parameter_value';
    ELSIF take_messages.at_most IS NULL OR take_messages.at_most < 0 OR take_messages.lease_seconds IS NULL
          OR take_messages.lease_seconds NOT BETWEEN 1 AND 86400 THEN
        RAISE EXCEPTION 'at_most must not be negative, and a lease lasts 1 to 86400 seconds'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('They are %s and %s.', coalesce(take_messages.at_most::text, 'null'),
                                  coalesce(take_messages.lease_seconds::text, 'null'));
    END IF;
    /* Those that are not to be taken make room for others. */
    LOOP
        picked := ARRAY(
            SELECT m.message_id FROM tradeup_leads.message m
            WHERE m.stage = take_messages.stage AND m.state IN ('queued', 'taken', 'written')
              AND (take_messages.channels IS NULL OR m.channel = ANY (take_messages.channels))
              AND CASE m.state WHEN 'taken' THEN m.leased_until ELSE m.due_at END <= begun
            ORDER BY m.due_at, m.message_id
            LIMIT wanted
            FOR UPDATE SKIP LOCKED);
        EXIT WHEN picked = '{}'::bigint[];
        UPDATE tradeup_leads.message m
        SET state = 'dropped', reason = d.reason, leased_by = NULL, leased_role = NULL, leased_until = NULL
        FROM (SELECT x.message_id, tradeup_leads_internal.drop_reason(x) AS reason
              FROM tradeup_leads.message x WHERE x.message_id = ANY (picked)) d
        WHERE m.message_id = d.message_id AND d.reason IS NOT NULL;
        UPDATE tradeup_leads.message m
        SET state = CASE m.stage WHEN 'write' THEN 'written' ELSE 'failed' END, stage = 'send',
            attempts = CASE m.stage WHEN 'write' THEN 0 ELSE m.attempts + 1 END, reason = 'the lease ran out',
            due_at = clock_timestamp(), leased_by = NULL, leased_role = NULL, leased_until = NULL
        WHERE m.message_id = ANY (picked) AND m.state = 'taken' AND m.attempts + 1 >= tradeup_leads_internal.most_attempts();
        RETURN QUERY
        WITH taken AS (
            UPDATE tradeup_leads.message m
            SET state = 'taken', lease = m.lease + 1, leased_by = take_messages.worker, leased_role = current_user::text,
                attempts = m.attempts + CASE m.state WHEN 'taken' THEN 1 ELSE 0 END,
                reason = CASE m.state WHEN 'taken' THEN 'the lease ran out' ELSE m.reason END,
                leased_until = clock_timestamp() + make_interval(secs => take_messages.lease_seconds)
            WHERE m.message_id = ANY (picked) AND m.stage = take_messages.stage AND m.state IN ('queued', 'taken', 'written')
            RETURNING m.*
        )
        SELECT t.message_id, t.lease, t.key, t.channel, t.customer_id, t.dealer, t.template, t.slots, t.text, t.fallback
        FROM taken t ORDER BY t.message_id;
        GET DIAGNOSTICS given = ROW_COUNT;
        wanted := wanted - given;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads.take_messages(text, integer, text, integer, text[]) IS
    'Messages for a worker to write or to send, which are its own until the lease runs out';

CREATE FUNCTION tradeup_leads_internal.leased_message(message_id bigint, lease integer) RETURNS tradeup_leads.message
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    leased tradeup_leads.message;
BEGIN
    SELECT * INTO leased FROM tradeup_leads.message m WHERE m.message_id = leased_message.message_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'message "%" does not exist', message_id
            USING ERRCODE = 'no_data_found',
                  HINT = 'Look in the table tradeup_leads.message; row-level security may hide rows.';
    ELSIF leased.state <> 'taken' OR leased.leased_role <> current_user::text
          OR leased.lease IS DISTINCT FROM leased_message.lease
          OR leased.leased_until <= clock_timestamp() THEN
        RAISE EXCEPTION 'message % is not leased under number %', message_id, coalesce(lease::text, 'null')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It is %s; %s.', leased.state,
                                  CASE WHEN leased.leased_until IS NULL THEN 'nobody has it'
                                       ELSE format('worker "%s" of role "%s" has it under number %s until %s', leased.leased_by,
                                                   leased.leased_role, leased.lease, leased.leased_until) END),
                  HINT = 'A lease that has run out is gone: take messages again. Only the role that took one finishes it.';
    END IF;
    RETURN leased;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.leased_message(bigint, integer) IS
    'A message that this role has leased under this number, locked; otherwise the error that it has not, or no longer';

-- What was sent stays sent, whatever becomes of its event: a message that is not marked as sent would be sent again. Events that
-- other sessions record at the same time are waited for.
CREATE FUNCTION tradeup_leads_internal.record_contact(lead_id bigint, channel text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    FOR attempt IN 1..5 LOOP
        BEGIN
            IF (SELECT max(tradeup_leads_internal.lead_event_rank(e.event)) FROM tradeup_leads.lead_event e
                WHERE e.lead_id = record_contact.lead_id) < tradeup_leads_internal.lead_event_rank('contacted'::text) THEN
                PERFORM tradeup_leads.record_lead_event(lead_id, 'contacted'::text, channel);
            END IF;
            RETURN;
        EXCEPTION WHEN serialization_failure OR deadlock_detected OR lock_not_available OR object_not_in_prerequisite_state THEN
            NULL;
        END;
    END LOOP;
    RAISE WARNING 'event "contacted" of lead % could not be recorded', lead_id
        USING DETAIL = 'Its message is marked as sent.';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.record_contact(bigint, text) IS
    'Records that a customer was contacted, unless the lead is further already; where other sessions prevent it, a warning';

CREATE FUNCTION tradeup_leads.finish_message(message_id bigint, lease integer, text text DEFAULT NULL::text)
RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    message CONSTANT tradeup_leads.message := tradeup_leads_internal.leased_message(message_id, lease);
BEGIN
    IF message.stage = 'write' AND coalesce(finish_message.text, '') = '' THEN
        RAISE EXCEPTION 'text of a written message must not be empty' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'To send the template as it is, pass the text that take_messages returned.';
    END IF;
    UPDATE tradeup_leads.message m
    SET state = CASE message.stage WHEN 'write' THEN 'written' ELSE 'sent' END, stage = 'send', attempts = 0, reason = NULL,
        text = CASE message.stage WHEN 'write' THEN finish_message.text ELSE m.text END,
        fallback = m.fallback AND (message.stage = 'send' OR finish_message.text = m.text),
        written_at = CASE message.stage WHEN 'write' THEN clock_timestamp() ELSE m.written_at END,
        sent_at = CASE message.stage WHEN 'send' THEN clock_timestamp() END,
        due_at = clock_timestamp(), leased_by = NULL, leased_role = NULL, leased_until = NULL
    WHERE m.message_id = finish_message.message_id;
    IF message.stage = 'send' THEN
        PERFORM tradeup_leads_internal.record_contact(message.lead_id, message.channel);
    END IF;
    RETURN CASE message.stage WHEN 'write' THEN 'written' ELSE 'sent' END;
END
$$;
COMMENT ON FUNCTION tradeup_leads.finish_message(bigint, integer, text) IS
    'Stores the text of a written message, or records that it was sent; refused when the lease has run out';

-- Attempts come later and later: after 1, 2, 4 ... minutes, at most 6 hours, until there were most_attempts.
CREATE FUNCTION tradeup_leads.fail_message(message_id bigint, lease integer, reason text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    message CONSTANT tradeup_leads.message := tradeup_leads_internal.leased_message(message_id, lease);
    last_one CONSTANT boolean := message.attempts + 1 >= tradeup_leads_internal.most_attempts();
    next_state CONSTANT text := CASE WHEN message.stage = 'send' THEN CASE WHEN last_one THEN 'failed' ELSE 'written' END
                                     WHEN last_one THEN 'written' ELSE 'queued' END;
BEGIN
    UPDATE tradeup_leads.message m
    SET state = next_state, stage = CASE WHEN last_one THEN 'send' ELSE m.stage END,
        attempts = CASE WHEN last_one AND m.stage = 'write' THEN 0 ELSE m.attempts + 1 END,
        reason = left(fail_message.reason, 1000), leased_by = NULL, leased_role = NULL, leased_until = NULL,
        due_at = clock_timestamp()
                 + CASE WHEN last_one THEN interval '0' ELSE least(interval '1 minute' * 2 ^ m.attempts, interval '6 hours') END
    WHERE m.message_id = fail_message.message_id;
    RETURN next_state;
END
$$;
COMMENT ON FUNCTION tradeup_leads.fail_message(bigint, integer, text) IS
    'Records why an attempt failed, and when the next one is; after the last one the template stands, or sending has failed';

CREATE FUNCTION tradeup_leads.forget_messages(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    gone bigint;
BEGIN
    DELETE FROM tradeup_leads.message m
    WHERE m.queued_at < forget_messages.before AND m.state IN ('sent', 'failed', 'dropped');
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION tradeup_leads.forget_messages(timestamptz) IS
    'Removes messages that were queued before a time and are done with, and returns how many';
-- Where numbers go on after logical replication, which copies rows and no sequences.

CREATE FUNCTION tradeup_leads.advance_numbers() RETURNS TABLE (table_name text, next_number bigint)
LANGUAGE sql VOLATILE COST 10000 ROWS 5 SET row_security = off
BEGIN ATOMIC
    SELECT n.table_name, setval(n.sequence, n.highest) + 1::bigint
    FROM (SELECT 'tradeup_leads.contact_permission'::text AS table_name,
                 'tradeup_leads.contact_permission_permission_id_seq'::regclass AS sequence,
                 (SELECT max(x.permission_id) FROM tradeup_leads.contact_permission x) AS highest,
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.contact_permission_permission_id_seq s) AS next
          UNION ALL
          SELECT 'tradeup_leads.lead'::text, 'tradeup_leads.lead_lead_id_seq'::regclass,
                 (SELECT max(x.lead_id) FROM tradeup_leads.lead x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.lead_lead_id_seq s)
          UNION ALL
          SELECT 'tradeup_leads.message'::text, 'tradeup_leads.message_message_id_seq'::regclass,
                 (SELECT max(x.message_id) FROM tradeup_leads.message x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.message_message_id_seq s)
          UNION ALL
          SELECT 'tradeup_leads.outcome'::text, 'tradeup_leads.outcome_outcome_id_seq'::regclass,
                 (SELECT max(x.outcome_id) FROM tradeup_leads.outcome x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.outcome_outcome_id_seq s)
          UNION ALL
          SELECT 'tradeup_leads.prediction'::text, 'tradeup_leads.prediction_prediction_id_seq'::regclass,
                 (SELECT max(x.prediction_id) FROM tradeup_leads.prediction x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.prediction_prediction_id_seq s)) n
    WHERE n.highest >= n.next;
END;
COMMENT ON FUNCTION tradeup_leads.advance_numbers() IS
    'Lets the numbers of leads, messages, outcomes, predictions and permissions go on after the highest that is taken, where '
    'rows came by logical replication';
-- The triggers of models and of what is recorded.

CREATE TRIGGER protect_published_model BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.risk_model
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_published_model();
CREATE TRIGGER carry_model_parts AFTER UPDATE OR DELETE ON tradeup_leads.risk_model
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.carry_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.risk_model
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.risk_cohort
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.risk_cohort
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.stressor
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.stressor
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.stressor_rule
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.stressor_rule
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.priority_rule
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.priority_rule
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.repair_value
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.repair_value
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.contact_channel
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.contact_channel
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.message_template
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.message_template
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER stamp_outcome BEFORE INSERT ON tradeup_leads.outcome
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_outcome();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.outcome
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.outcome
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER stamp_prediction BEFORE INSERT ON tradeup_leads.prediction
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_prediction();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.prediction
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.prediction
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER stamp_permission BEFORE INSERT ON tradeup_leads.contact_permission
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_permission();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.contact_permission
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.contact_permission
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER stamp_lead BEFORE INSERT ON tradeup_leads.lead
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_lead();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.lead
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.lead
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER check_lead_event BEFORE INSERT ON tradeup_leads.lead_event
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.check_lead_event();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.lead_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.lead_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE TRIGGER check_predictions AFTER INSERT ON tradeup_leads.prediction REFERENCING NEW TABLE AS new_predictions
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.check_predictions();
CREATE TRIGGER stamp_open_lead BEFORE INSERT OR DELETE ON tradeup_leads.open_lead
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_open_lead();
CREATE TRIGGER begin_leads AFTER INSERT ON tradeup_leads.lead REFERENCING NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.begin_leads();
CREATE TRIGGER end_leads AFTER INSERT ON tradeup_leads.lead_event REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.end_leads();
CREATE TRIGGER tell_workers AFTER INSERT ON tradeup_leads.message
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.tell_workers();
CREATE TRIGGER abandon_leads AFTER UPDATE OF dealer ON tradeup_leads.owned_vehicle
    FOR EACH ROW WHEN (OLD.dealer <> NEW.dealer) EXECUTE FUNCTION tradeup_leads_internal.abandon_leads();
-- Health, for operators: one function a check, and the list of them. The columns are those of tradeup.health().

CREATE FUNCTION tradeup_leads_internal.health_vehicles_without_cohort_or_evidence()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.bare = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s', x.bare, x.vehicles),
           CASE WHEN x.bare > 0 THEN 'They make no leads: fill in model, cohort and evidence, or call observe_vehicles.' END
    FROM (SELECT count(*) AS vehicles,
                 count(*) FILTER (WHERE v.evidence IS NULL
                                     OR NOT EXISTS (SELECT FROM tradeup_leads.current_model m
                                                    JOIN tradeup_leads.risk_cohort c ON c.model = m.name
                                                                                    AND c.version = m.version
                                                    WHERE m.name = v.model AND c.cohort = v.cohort)) AS bare
          FROM tradeup_leads.owned_vehicle v WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_vehicles_without_cohort_or_evidence() IS
    'Health: vehicles have a cohort of a published model, and evidence';

CREATE FUNCTION tradeup_leads_internal.health_evidence_of_other_stressors()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.others = 0 THEN 'ok' ELSE 'warning' END, x.others::text,
           CASE WHEN x.others > 0 THEN 'The list of stressors has changed since: call observe_vehicles for the dealers.' END
    FROM (SELECT count(*) AS others
          FROM tradeup_leads.current_model m
          CROSS JOIN LATERAL (SELECT s.scorer FROM tradeup_leads.scorers(m.name, m.version, NULL::jsonb) s
                              WHERE s.scorer IS NOT NULL LIMIT 1) s
          JOIN tradeup_leads.owned_vehicle v ON v.model = m.name
          WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
            AND NOT tradeup_leads_internal.takes_evidence(s.scorer, v.evidence)) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_evidence_of_other_stressors() IS
    'Health: evidence belongs to the stressors of the current model';

CREATE FUNCTION tradeup_leads_internal.health_old_evidence() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.old = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s older than 30 days', x.old, x.vehicles),
           CASE WHEN x.old > 0 THEN 'Load new measures, and call observe_vehicles.' END
    FROM (SELECT count(*) AS vehicles,
                 count(*) FILTER (WHERE v.observed_at < statement_timestamp() - interval '30 days') AS old
          FROM tradeup_leads.owned_vehicle v
          WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today()) AND v.evidence IS NOT NULL) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_old_evidence() IS 'Health: evidence is not older than 30 days';

CREATE FUNCTION tradeup_leads_internal.health_published_rates() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.old + x.unverified = 0 THEN 'ok' ELSE 'warning' END,
           format('%s of %s older than a year, %s unverified', x.old, x.cohorts, x.unverified),
           CASE WHEN x.old + x.unverified > 0 THEN 'Check the sources, and publish a version with rated_on and verified.' END
    FROM (SELECT count(*) AS cohorts,
                 count(*) FILTER (WHERE c.rated_on < tradeup_leads_internal.today() - 365) AS old,
                 count(*) FILTER (WHERE NOT c.verified) AS unverified
          FROM tradeup_leads.current_model m
          JOIN tradeup_leads.risk_cohort c ON c.model = m.name AND c.version = m.version AND c.published_rate IS NOT NULL) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_published_rates() IS
    'Health: published rates are of this year, and somebody has checked them';

CREATE FUNCTION tradeup_leads_internal.health_cohorts_without_scorer()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           left(coalesce(string_agg(format('%s: %s', m.name, s.cohort), ', '::text ORDER BY m.name, s.cohort), '0'), 200),
           CASE WHEN count(*) > 0 THEN 'A relative risk makes a probability of 1 or more there: publish a version without it.' END
    FROM tradeup_leads.current_model m
    CROSS JOIN LATERAL tradeup_leads.scorers(m.name, m.version, NULL::jsonb) s
    WHERE s.scorer IS NULL;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_cohorts_without_scorer() IS 'Health: every cohort can be scored';

CREATE FUNCTION tradeup_leads_internal.health_outcomes_overdue() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.overdue = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s past their horizon', x.overdue, x.past),
           CASE WHEN x.overdue > 0 THEN 'Record what happened: record_outcome.' END
    FROM (SELECT count(*) AS past, count(*) FILTER (WHERE j.censored) AS overdue
          FROM tradeup_leads.judged_prediction j WHERE j.judged_on < tradeup_leads_internal.today()) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_outcomes_overdue() IS
    'Health: predictions past their horizon have an outcome';

CREATE FUNCTION tradeup_leads_internal.health_calibration() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    /* Where all predictions are alike there is neither z nor slope; the number of failures tells then, and of 0 and 1 always. */
    SELECT CASE WHEN x.wrong IS NOT NULL THEN 'failed' WHEN x.models IS NULL OR x.open THEN 'unknown' ELSE 'ok' END,
           left(coalesce(x.wrong, x.models, 'no model has more than 50 failures judged'), 200),
           CASE WHEN x.wrong IS NOT NULL THEN 'Publish a version with the intercept and slope that recalibration gives.'
                WHEN x.open THEN 'The number of failures agrees; predictions are too much alike for more to be said.' END
    FROM (SELECT string_agg(z.said, ', '::text ORDER BY z.model, z.version) AS models,
                 string_agg(z.said, ', '::text ORDER BY z.model, z.version) FILTER (WHERE z.wrong) AS wrong,
                 bool_or(z.open) AS open
          FROM (SELECT y.model, y.version,
                       format('%s version %s: z %s, slope %s, %s failed of %s expected', y.model, y.version,
                              coalesce(round((y.c).spiegelhalter_z::numeric, 1)::text, 'unknown'),
                              coalesce(round((y.c).slope::numeric, 2)::text, 'unknown'), y.failures,
                              round(y.expected::numeric, 1)) AS said,
                       coalesce(abs((y.c).spiegelhalter_z) > 3, false) OR coalesce((y.c).slope NOT BETWEEN 0.7 AND 1.3, false)
                           OR abs(y.failures - y.expected) > 3 * sqrt(y.variance) AS wrong,
                       (y.c).spiegelhalter_z IS NULL OR (y.c).slope IS NULL AS open
                FROM (SELECT j.model, j.version, count(*) FILTER (WHERE j.failed) AS failures, sum(j.p) AS expected,
                             sum(j.p * (1 - j.p)) AS variance,
                             tradeup_leads.calibration(j.p, j.failed) FILTER (WHERE j.p > 0 AND j.p < 1) AS c
                      FROM tradeup_leads.judged_prediction j
                      WHERE NOT j.censored
                      GROUP BY j.model, j.version HAVING count(*) FILTER (WHERE j.failed) > 50) y) z) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_calibration() IS
    'Health: predictions with more than 50 failures agree with outcomes, by Spiegelhalter''s z, by slope and in number';

CREATE FUNCTION tradeup_leads_internal.health_messages() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.late + x.failed + x.waiting = 0 THEN 'ok' ELSE 'warning' END,
           format('%s leases ran out, %s failed, %s waiting for more than a day', x.late, x.failed, x.waiting),
           CASE WHEN x.late + x.failed + x.waiting > 0
                THEN 'See whether workers run; column reason of tradeup_leads.message says what failed.' END
    FROM (SELECT count(*) FILTER (WHERE m.state = 'taken' AND m.leased_until < statement_timestamp()) AS late,
                 count(*) FILTER (WHERE m.state = 'failed') AS failed,
                 count(*) FILTER (WHERE m.state IN ('queued', 'written')
                                    AND m.queued_at < statement_timestamp() - interval '1 day') AS waiting
          FROM tradeup_leads.message m) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_messages() IS
    'Health: no lease of a message has run out, none has failed, none waits for more than a day';

CREATE FUNCTION tradeup_leads_internal.health_leads_without_text()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.bare = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s open leads', x.bare, x.leads),
           CASE WHEN x.bare > 0
                THEN 'They get no message, as vehicle ' || tradeup_leads_internal.shown(x.example)
                     || ': the customer, the value of the class, a template or one of its slots is missing.' END
    FROM (SELECT count(*) AS leads, count(*) FILTER (WHERE y.text IS NULL) AS bare,
                 min(y.vehicle_id) FILTER (WHERE y.text IS NULL) AS example
          FROM (SELECT o.vehicle_id,
                       CASE WHEN l.customer_id IS NOT NULL
                            THEN tradeup_leads_internal.lead_text(t.body, t.defaults, s.slots, l.vehicle_class, v.model_year,
                                                                  l.reason, l.percentile) END AS text
                FROM tradeup_leads.open_lead o
                JOIN tradeup_leads.lead l ON l.lead_id = o.lead_id
                LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = l.vehicle_id
                LEFT JOIN tradeup_leads.dealer_slots s ON s.dealer = l.dealer
                LEFT JOIN tradeup_leads.message_template t ON t.model = l.model AND t.version = l.version
                                                          AND t.priority = l.priority AND t.channel = l.channel) y) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_leads_without_text() IS 'Health: open leads have a text';

-- Where who moved a vehicle did not see its lead, row-level security has left the lead open.
CREATE FUNCTION tradeup_leads_internal.health_leads_of_another_dealer()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
           left(coalesce(string_agg(format('%s: lead %s of %s', o.dealer, o.lead_id, tradeup_leads_internal.shown(o.vehicle_id)),
                                    ', '::text ORDER BY o.lead_id), '0'), 200),
           CASE WHEN count(*) > 0
                THEN format('Another dealer looks after the vehicle. End each, as with SELECT tradeup_leads.record_lead_event('
                            '%s, ''abandoned''); and let roles that move vehicles see and end the leads of all dealers.',
                            min(o.lead_id)) END
    FROM tradeup_leads.open_lead o
    JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = o.vehicle_id AND v.dealer <> o.dealer;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_leads_of_another_dealer() IS
    'Health: open leads are of the dealer who looks after the vehicle';

CREATE FUNCTION tradeup_leads_internal.health_toggles_without_stressor()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
           left(coalesce(string_agg(format('%s: %s of %s', t.dealer, t.stressor, t.model), ', '::text
                                    ORDER BY t.dealer, t.model, t.stressor), '0'), 200),
           CASE WHEN count(*) > 0
                THEN 'The current model has no such stressor, so they do nothing: correct or delete rows of stressor_toggle.' END
    FROM tradeup_leads.stressor_toggle t
    WHERE NOT EXISTS (SELECT FROM tradeup_leads.current_model m, tradeup_leads.stressor s
                      WHERE m.name = t.model AND s.model = m.name AND s.version = m.version AND s.stressor = t.stressor);
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_toggles_without_stressor() IS
    'Health: what dealers have switched on or off is a stressor of the current model';

CREATE FUNCTION tradeup_leads.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 200000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    reads text[];
    unreadable text;
    hidden text;
BEGIN
    FOR check_name, reads IN VALUES
        ('vehicles without cohort or evidence', '{owned_vehicle,risk_model,risk_cohort,current_model}'::text[]),
        ('evidence of other stressors', '{owned_vehicle,risk_model,risk_cohort,stressor,current_model}'),
        ('old evidence', '{owned_vehicle}'),
        ('published rates', '{risk_model,risk_cohort,current_model}'),
        ('cohorts without scorer', '{risk_model,risk_cohort,stressor,current_model}'),
        ('outcomes overdue', '{prediction,outcome,risk_model,current_outcome,judged_prediction}'),
        ('calibration', '{prediction,outcome,risk_model,current_outcome,judged_prediction}'),
        ('leads without text', '{open_lead,lead,owned_vehicle,dealer_slots,message_template}'),
        ('leads of another dealer', '{open_lead,owned_vehicle}'),
        ('toggles without stressor', '{stressor_toggle,stressor,risk_model,risk_cohort,current_model}'),
        ('messages', '{message}')
    LOOP
        unreadable := (SELECT string_agg('tradeup_leads.' || t.name, ', ' ORDER BY t.place)
                       FROM unnest(reads) WITH ORDINALITY t (name, place)
                       WHERE NOT has_table_privilege('tradeup_leads.' || quote_ident(t.name), 'SELECT'));
        IF unreadable IS NOT NULL THEN
            status := 'unknown';
            value := NULL;
            advice := format('GRANT SELECT ON %s TO %I;', unreadable, current_user);
        ELSE
            EXECUTE format('SELECT h.status, h.value, h.advice FROM tradeup_leads_internal.health_%s() h',
                           translate(check_name, ' ', '_'))
            INTO STRICT status, value, advice;
            hidden := (SELECT string_agg('tradeup_leads.' || t.name, ', ' ORDER BY t.name)
                       FROM unnest(reads) t (name) WHERE row_security_active('tradeup_leads.' || quote_ident(t.name)));
            IF hidden IS NOT NULL THEN
                status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
                advice := concat_ws(' ', advice, 'Row-level security may hide rows of ' || hidden
                                                 || ': ask as a role that sees all of them.');
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
-- The grants of readers, desks, workers and administrators.

-- A desk makes leads, records events, outcomes and permissions, and sets toggles. A worker takes messages, sends them and says
-- so.
CREATE FUNCTION tradeup_leads_internal.grants_of(level text) RETURNS TABLE (kind text, object text, privileges text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 30
BEGIN ATOMIC
    SELECT 'SCHEMA', 'tradeup_leads', 'USAGE'
    WHERE tradeup_leads_internal.require_one_of('level'::text, grants_of.level, '{reader,desk,worker,admin}'::text[])
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           concat_ws(', ', 'SELECT',
                     CASE WHEN grants_of.level IN ('desk', 'admin')
                               AND c.relname IN ('lead', 'outcome', 'prediction', 'contact_permission') THEN 'INSERT' END,
                     CASE WHEN grants_of.level IN ('desk', 'worker', 'admin') AND c.relname = 'lead_event' THEN 'INSERT' END,
                     CASE WHEN grants_of.level IN ('desk', 'admin') AND c.relname = 'open_lead' THEN 'INSERT, DELETE' END,
                     CASE WHEN grants_of.level IN ('desk', 'admin') AND c.relname = 'stressor_toggle'
                          THEN 'INSERT, UPDATE, DELETE' END,
                     CASE WHEN grants_of.level IN ('desk', 'admin') AND c.relname = 'message'
                          THEN 'INSERT (lead_id, customer_id, dealer, channel, priority, model, version, template, slots, '
                               'key, text)' END,
                     CASE WHEN grants_of.level IN ('worker', 'admin') AND c.relname = 'message'
                          THEN 'UPDATE (text, fallback, state, stage, attempts, lease, leased_by, leased_role, leased_until, '
                               'due_at, reason, written_at, sent_at)' END,
                     CASE WHEN grants_of.level = 'desk' AND c.relname = 'owned_vehicle' THEN 'UPDATE (evidence, observed_at)' END,
                     CASE WHEN grants_of.level = 'admin' AND c.relname = 'message' THEN 'DELETE' END,
                     CASE WHEN grants_of.level = 'admin'
                               AND c.relname IN ('risk_model', 'risk_cohort', 'stressor', 'stressor_rule', 'priority_rule',
                                                 'repair_value', 'contact_channel', 'message_template', 'owned_vehicle',
                                                 'vehicle_measure', 'lead_capacity', 'dealer_slots')
                          THEN 'INSERT, UPDATE, DELETE' END)
    FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
                               AND d.classid = 'pg_catalog.pg_class'::regclass
    JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'v')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE e.extname = 'tradeup_leads'
    UNION ALL
    SELECT 'SEQUENCE', 'tradeup_leads.lead_lead_id_seq', 'USAGE' WHERE grants_of.level IN ('desk', 'admin');
END;
COMMENT ON FUNCTION tradeup_leads_internal.grants_of(text) IS
    'The privileges that a reader, a desk, a worker or an admin has, object by object';

CREATE FUNCTION tradeup_leads_internal.require_grantable(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'role must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Create it first: CREATE ROLE. Upper and lower case differ here.';
    ELSIF NOT tradeup_leads_internal.may_restore('tradeup_leads.lead'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the tables can grant rights on them'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_grantable(name) IS
    'The error when a role does not exist, or the caller does not own the tables; nothing otherwise';

-- GRANT takes no parameters, hence statements from strings; grants_of quotes its objects.
CREATE FUNCTION tradeup_leads_internal.grant_level(role name, level text) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_leads_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object, g.privileges FROM tradeup_leads_internal.grants_of(level) g LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', given.privileges, given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.grant_level(name, text) IS
    'Grants a role what a reader, a desk, a worker (of messages) or an admin needs';

CREATE FUNCTION tradeup_leads.grant_reader(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'reader'::text);
COMMENT ON FUNCTION tradeup_leads.grant_reader(name) IS
    'Grants a role to read all: models, vehicles, leads, messages, outcomes, health';

CREATE FUNCTION tradeup_leads.grant_desk(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'desk'::text);
COMMENT ON FUNCTION tradeup_leads.grant_desk(name) IS
    'Grants a role to read all, to make leads, to record events, outcomes and permissions, and to queue messages';

CREATE FUNCTION tradeup_leads.grant_worker(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'worker'::text);
COMMENT ON FUNCTION tradeup_leads.grant_worker(name) IS
    'Grants a role to read all, and to take and finish messages';

CREATE FUNCTION tradeup_leads.grant_admin(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'admin'::text);
COMMENT ON FUNCTION tradeup_leads.grant_admin(name) IS
    'Grants a role what a desk and a worker have, and to write models, vehicles, measures, capacities and slots';

CREATE FUNCTION tradeup_leads.revoke_grants(role name) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_leads_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object FROM tradeup_leads_internal.grants_of('admin'::text) g LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads.revoke_grants(name) IS
    'Takes from a role whatever the owner granted on the schema, its tables and views';
-- Owners of rows that belong in a dump. Whoever creates the extension owns its tables: she loads them, grants them and puts
-- policies on them. Views stay with whoever runs this script: their owner could replace what they select.

ALTER TABLE tradeup_leads.risk_model OWNER TO @extowner@;
ALTER TABLE tradeup_leads.risk_cohort OWNER TO @extowner@;
ALTER TABLE tradeup_leads.stressor OWNER TO @extowner@;
ALTER TABLE tradeup_leads.stressor_rule OWNER TO @extowner@;
ALTER TABLE tradeup_leads.priority_rule OWNER TO @extowner@;
ALTER TABLE tradeup_leads.repair_value OWNER TO @extowner@;
ALTER TABLE tradeup_leads.contact_channel OWNER TO @extowner@;
ALTER TABLE tradeup_leads.message_template OWNER TO @extowner@;
ALTER TABLE tradeup_leads.owned_vehicle OWNER TO @extowner@;
ALTER TABLE tradeup_leads.vehicle_measure OWNER TO @extowner@;
ALTER TABLE tradeup_leads.stressor_toggle OWNER TO @extowner@;
ALTER TABLE tradeup_leads.lead_capacity OWNER TO @extowner@;
ALTER TABLE tradeup_leads.dealer_slots OWNER TO @extowner@;
ALTER TABLE tradeup_leads.outcome OWNER TO @extowner@;
ALTER TABLE tradeup_leads.prediction OWNER TO @extowner@;
ALTER TABLE tradeup_leads.contact_permission OWNER TO @extowner@;
ALTER TABLE tradeup_leads.lead OWNER TO @extowner@;
ALTER TABLE tradeup_leads.open_lead OWNER TO @extowner@;
ALTER TABLE tradeup_leads.lead_event OWNER TO @extowner@;
ALTER TABLE tradeup_leads.message OWNER TO @extowner@;

-- A constraint trigger cannot be replaced, so it is made once.
CREATE CONSTRAINT TRIGGER require_lead_of_open AFTER INSERT ON tradeup_leads.open_lead DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.require_lead_of_open();

GRANT SELECT ON tradeup_leads.current_model TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.current_outcome TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.judged_prediction TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.lead_statistics TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.evidence_row TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.stressor_toggles TO @extowner@ WITH GRANT OPTION;

-- The first event of a lead is not dumped: it says what the lead says, and restoring the lead records it anew.
SELECT pg_extension_config_dump('tradeup_leads.risk_model', '');
SELECT pg_extension_config_dump('tradeup_leads.risk_cohort', '');
SELECT pg_extension_config_dump('tradeup_leads.stressor', '');
SELECT pg_extension_config_dump('tradeup_leads.stressor_rule', '');
SELECT pg_extension_config_dump('tradeup_leads.priority_rule', '');
SELECT pg_extension_config_dump('tradeup_leads.repair_value', '');
SELECT pg_extension_config_dump('tradeup_leads.contact_channel', '');
SELECT pg_extension_config_dump('tradeup_leads.message_template', '');
SELECT pg_extension_config_dump('tradeup_leads.owned_vehicle', '');
SELECT pg_extension_config_dump('tradeup_leads.vehicle_measure', '');
SELECT pg_extension_config_dump('tradeup_leads.stressor_toggle', '');
SELECT pg_extension_config_dump('tradeup_leads.lead_capacity', '');
SELECT pg_extension_config_dump('tradeup_leads.dealer_slots', '');
SELECT pg_extension_config_dump('tradeup_leads.outcome', '');
SELECT pg_extension_config_dump('tradeup_leads.prediction', '');
SELECT pg_extension_config_dump('tradeup_leads.contact_permission', '');
SELECT pg_extension_config_dump('tradeup_leads.lead', '');
SELECT pg_extension_config_dump('tradeup_leads.open_lead', '');
SELECT pg_extension_config_dump('tradeup_leads.lead_event', 'WHERE seq > 1');
SELECT pg_extension_config_dump('tradeup_leads.message', '');
SELECT pg_extension_config_dump('tradeup_leads.outcome_outcome_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.prediction_prediction_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.contact_permission_permission_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.lead_lead_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.message_message_id_seq', '');
