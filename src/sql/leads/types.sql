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
