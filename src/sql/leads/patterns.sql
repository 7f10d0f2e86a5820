-- What lists of leads and fleets ask of scorers and evidence besides the risk.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.takes_evidence(scorer tradeup_leads.risk_scorer,
                                                                 evidence tradeup_leads.evidence) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.takes_evidence(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'Whether evidence belongs to the stressors of a scorer';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.stressor_weighs(scorer tradeup_leads.risk_scorer,
                                                                  evidence tradeup_leads.evidence, "position" integer)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.stressor_weighs(tradeup_leads.risk_scorer, tradeup_leads.evidence, integer) IS
    'Whether what is known of a stressor has a weight, whether or not it counts in its group';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.stressor_probability(evidence tradeup_leads.evidence, "position" integer)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.stressor_probability(tradeup_leads.evidence, integer) IS
    'Whether evidence has a stressor: 1 present, 0 absent, or a probability; null: unknown';

-- Vehicles of one cohort and class with the same evidence are scored once: the step counts them. Cohorts and their scorers are
-- two arrays in the same order; the first row of a group says what holds for all.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.fleet_step(
    internal, text, text, tradeup_leads.evidence, text[], tradeup_leads.risk_scorer[], tradeup_leads.risk_scorer[],
    double precision[], double precision, integer
) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.fleet_step(
    internal, text, text, tradeup_leads.evidence, text[], tradeup_leads.risk_scorer[], tradeup_leads.risk_scorer[],
    double precision[], double precision, integer
) IS
    'Step of the aggregates scored_patterns and fleet_shares';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.scored_patterns_final(internal)
RETURNS tradeup_leads_internal.scored_pattern[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.scored_patterns_final(internal) IS 'End of the aggregate scored_patterns';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.fleet_shares_final(internal) RETURNS tradeup_leads_internal.fleet_share[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.fleet_shares_final(internal) IS 'End of the aggregate fleet_shares';
CREATE OR REPLACE AGGREGATE tradeup_leads_internal.scored_patterns(
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
CREATE OR REPLACE AGGREGATE tradeup_leads_internal.fleet_shares(
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
CREATE OR REPLACE FUNCTION tradeup_leads_internal.pattern_rows(patterns tradeup_leads_internal.scored_pattern[])
RETURNS SETOF tradeup_leads_internal.scored_pattern
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 200 AS 'array_unnest';
COMMENT ON FUNCTION tradeup_leads_internal.pattern_rows(tradeup_leads_internal.scored_pattern[]) IS
    'The patterns of an array as rows';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.pattern_key(model text, cohort text, vehicle_class text,
                                                              evidence tradeup_leads.evidence) RETURNS bytea
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.pattern_key(text, text, text, tradeup_leads.evidence) IS
    'Model, cohort, class and evidence of a vehicle as one key; null where one of them but the class is not known';
