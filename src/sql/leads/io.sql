-- Text and binary forms of evidence and of scorers.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_in(cstring) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_out(tradeup_leads.evidence) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_recv(internal) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_send(tradeup_leads.evidence) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_in(cstring) IS
    'Evidence from its text form: states by position, such as 1=present 2=absent 3=0.7';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_out(tradeup_leads.evidence) IS
    'The text form of evidence: the fingerprint of its list of stressors, and what is known by position';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_recv(internal) IS 'Evidence from its binary form';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_send(tradeup_leads.evidence) IS
    'The binary form of evidence: fingerprint, the sets of positions that are present and absent, probabilities';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.risk_scorer_in(cstring) RETURNS tradeup_leads.risk_scorer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.risk_scorer_out(tradeup_leads.risk_scorer) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.risk_scorer_recv(internal) RETURNS tradeup_leads.risk_scorer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_leads_internal.risk_scorer_send(tradeup_leads.risk_scorer) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_in(cstring) IS
    'A scorer from its text form: v1, the rate as a and b, and each stressor after a |, with its weights';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_out(tradeup_leads.risk_scorer) IS
    'The text form of a scorer: v1, the rate as a and b, and each stressor after a |, with its weights';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_recv(internal) IS 'A scorer from its binary form, which is its text';
COMMENT ON FUNCTION tradeup_leads_internal.risk_scorer_send(tradeup_leads.risk_scorer) IS
    'The binary form of a scorer, which is its text';
