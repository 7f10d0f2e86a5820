-- What lists of leads and fleets ask of a scorer and evidence besides the risk.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.takes_evidence(scorer tradeup_leads.risk_scorer,
                                                                 evidence tradeup_leads.evidence) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.takes_evidence(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'Whether evidence belongs to the stressors of a scorer';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.rate_is_known(scorer tradeup_leads.risk_scorer) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.rate_is_known(tradeup_leads.risk_scorer) IS
    'Whether the cohort of a scorer has a published rate or outcomes';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.strongest_stressor(scorer tradeup_leads.risk_scorer,
                                                                     evidence tradeup_leads.evidence) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.strongest_stressor(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'The stressor that speaks most for a failure; null: none does';

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
