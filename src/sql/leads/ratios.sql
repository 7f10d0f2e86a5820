-- Likelihood ratios of stressors. No table is needed.

CREATE OR REPLACE FUNCTION tradeup_leads.likelihood_ratio(
    present_failed double precision, absent_failed double precision, present_sound double precision,
    absent_sound double precision, counts_form text DEFAULT 'plain'::text
) RETURNS tradeup_leads.likelihood
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'likelihood_ratio_of_counts';
COMMENT ON FUNCTION
    tradeup_leads.likelihood_ratio(double precision, double precision, double precision, double precision, text) IS
    'The likelihood ratios of a stressor, from vehicles by whether they have it and whether they failed; counts_form is '
    'plain, where no count may be 0, or jeffreys';

CREATE OR REPLACE FUNCTION tradeup_leads.likelihood_ratio(
    relative_risk double precision, rate double precision, prevalence double precision
) RETURNS tradeup_leads.likelihood
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'likelihood_ratio_of_relative_risk';
COMMENT ON FUNCTION tradeup_leads.likelihood_ratio(double precision, double precision, double precision) IS
    'The likelihood ratios of a stressor that multiplies the rate of failure by relative_risk, where all vehicles fail at '
    'rate and a share prevalence of them has it';

CREATE OR REPLACE FUNCTION tradeup_leads.soft_ratio(
    ratio_present double precision, ratio_absent double precision, probability double precision
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.soft_ratio(double precision, double precision, double precision) IS
    'The likelihood ratio of a stressor that is present with a probability, given the signal and that the vehicle does not '
    'fail';
