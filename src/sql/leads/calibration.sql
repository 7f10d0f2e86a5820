-- Were we right: aggregates of predictions and what came of them. p is the probability that was stated, failed what happened, or
-- null where that is not known (a censored row).

CREATE OR REPLACE FUNCTION tradeup_leads_internal.failure_rate_step(bigint[], boolean) RETURNS bigint[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.failure_rate_step(bigint[], boolean) IS 'Step of the aggregate failure_rate';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.failure_rate_combine(bigint[], bigint[]) RETURNS bigint[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.failure_rate_combine(bigint[], bigint[]) IS
    'Joins what parallel workers have of the aggregate failure_rate';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.failure_rate_final(counted bigint[]) RETURNS tradeup_leads.failure_count
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2
RETURN ROW(counted[1], counted[2])::tradeup_leads.failure_count;
COMMENT ON FUNCTION tradeup_leads_internal.failure_rate_final(bigint[]) IS 'End of the aggregate failure_rate';
CREATE OR REPLACE AGGREGATE tradeup_leads.failure_rate(failed boolean) (
    SFUNC = tradeup_leads_internal.failure_rate_step, STYPE = bigint[], INITCOND = '{0,0}',
    FINALFUNC = tradeup_leads_internal.failure_rate_final, COMBINEFUNC = tradeup_leads_internal.failure_rate_combine,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.failure_rate(boolean) IS
    'How many failed, and of how many; rows whose outcome is not known are left out';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.calibration_step(internal, double precision, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_step(internal, double precision, boolean) IS
    'Step of the aggregate calibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.calibration_final(internal) RETURNS tradeup_leads.calibration_figures
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_final(internal) IS 'End of the aggregate calibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.calibration_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregate calibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.calibration_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_serialize(internal) IS
    'Sends what a parallel worker has of the aggregate calibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.calibration_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.calibration_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregate calibration';
CREATE OR REPLACE AGGREGATE tradeup_leads.calibration(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.calibration_step, STYPE = internal, SSPACE = 4096,
    FINALFUNC = tradeup_leads_internal.calibration_final, COMBINEFUNC = tradeup_leads_internal.calibration_combine,
    SERIALFUNC = tradeup_leads_internal.calibration_serialize, DESERIALFUNC = tradeup_leads_internal.calibration_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.calibration(double precision, boolean) IS
    'How right predictions were: Brier score and its parts, log loss, calibration error, z, intercept and slope';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean) IS
    'Step of the aggregate reliability';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean, integer)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_step(internal, double precision, boolean, integer) IS
    'Step of the aggregate reliability with a number of bins';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.reliability_final(internal) RETURNS tradeup_leads.reliability_bin[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_final(internal) IS 'End of the aggregate reliability';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.reliability_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregate reliability';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.reliability_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_serialize(internal) IS
    'Sends what a parallel worker has of the aggregate reliability';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.reliability_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.reliability_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregate reliability';
CREATE OR REPLACE AGGREGATE tradeup_leads.reliability(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.reliability_step, STYPE = internal, SSPACE = 512,
    FINALFUNC = tradeup_leads_internal.reliability_final, COMBINEFUNC = tradeup_leads_internal.reliability_combine,
    SERIALFUNC = tradeup_leads_internal.reliability_serialize, DESERIALFUNC = tradeup_leads_internal.reliability_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.reliability(double precision, boolean) IS
    'The reliability table: predictions in 10 equal bins, and how many failed in each that has some; unnest it for rows';
CREATE OR REPLACE AGGREGATE tradeup_leads.reliability(p double precision, failed boolean, bins integer) (
    SFUNC = tradeup_leads_internal.reliability_step, STYPE = internal, SSPACE = 512,
    FINALFUNC = tradeup_leads_internal.reliability_final, COMBINEFUNC = tradeup_leads_internal.reliability_combine,
    SERIALFUNC = tradeup_leads_internal.reliability_serialize, DESERIALFUNC = tradeup_leads_internal.reliability_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.reliability(double precision, boolean, integer) IS
    'The reliability table with so many equal bins, from 1 to 1000';

-- What needs all rows in the order of p.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.judged_step(internal, double precision, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_step(internal, double precision, boolean) IS
    'Step of the aggregates auc and isotonic';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.judged_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregates auc and isotonic';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.judged_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_serialize(internal) IS
    'Sends what a parallel worker has of the aggregates auc and isotonic';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.judged_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.judged_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregates auc and isotonic';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.auc_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.auc_final(internal) IS 'End of the aggregate auc';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.isotonic_final(internal) RETURNS tradeup_leads.isotonic_step[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.isotonic_final(internal) IS 'End of the aggregate isotonic';
CREATE OR REPLACE AGGREGATE tradeup_leads.auc(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.judged_step, STYPE = internal, SSPACE = 4096, FINALFUNC = tradeup_leads_internal.auc_final,
    COMBINEFUNC = tradeup_leads_internal.judged_combine, SERIALFUNC = tradeup_leads_internal.judged_serialize,
    DESERIALFUNC = tradeup_leads_internal.judged_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.auc(double precision, boolean) IS
    'How well p ranks: the chance that one that failed had a greater p than one that did not; equal p count one half';
CREATE OR REPLACE AGGREGATE tradeup_leads.isotonic(p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.judged_step, STYPE = internal, SSPACE = 4096,
    FINALFUNC = tradeup_leads_internal.isotonic_final, COMBINEFUNC = tradeup_leads_internal.judged_combine,
    SERIALFUNC = tradeup_leads_internal.judged_serialize, DESERIALFUNC = tradeup_leads_internal.judged_deserialize,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.isotonic(double precision, boolean) IS
    'The rates that rise with p and fit the outcomes best, step by step; unnest it for rows';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.recalibration_step(internal, double precision, double precision, boolean)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_step(internal, double precision, double precision, boolean) IS
    'Step of the aggregate recalibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.recalibration_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_combine(internal, internal) IS
    'Joins what parallel workers have of the aggregate recalibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.recalibration_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_serialize(internal) IS
    'Sends what a parallel worker has of the aggregate recalibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.recalibration_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of the aggregate recalibration';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.recalibration_final(internal) RETURNS tradeup_leads.fitted_evidence
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.recalibration_final(internal) IS 'End of the aggregate recalibration';
CREATE OR REPLACE AGGREGATE tradeup_leads.recalibration(rate double precision, p double precision, failed boolean) (
    SFUNC = tradeup_leads_internal.recalibration_step, STYPE = internal, SSPACE = 4096,
    FINALFUNC = tradeup_leads_internal.recalibration_final, COMBINEFUNC = tradeup_leads_internal.recalibration_combine,
    SERIALFUNC = tradeup_leads_internal.recalibration_serialize,
    DESERIALFUNC = tradeup_leads_internal.recalibration_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_leads.recalibration(double precision, double precision, boolean) IS
    'How strongly evidence should count: alpha and gamma, from the cohort''s rate, the p that evidence made of it, and failed';
