-- What the aggregates of predictions and outcomes return.

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
