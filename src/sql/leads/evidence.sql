-- Evidence: from names, as rows, compared.

CREATE OR REPLACE FUNCTION tradeup_leads.evidence(scorer tradeup_leads.risk_scorer, states text) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'evidence_named';
COMMENT ON FUNCTION tradeup_leads.evidence(tradeup_leads.risk_scorer, text) IS
    'Evidence from the names of stressors, such as soc_decline=present towing=absent heat=0.7; the scorer holds the names';

CREATE OR REPLACE FUNCTION tradeup_leads.evidence_rows(scorer tradeup_leads.risk_scorer, evidence tradeup_leads.evidence)
RETURNS SETOF tradeup_leads.stressor_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 16 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.evidence_rows(tradeup_leads.risk_scorer, tradeup_leads.evidence) IS
    'What evidence says of each stressor of the scorer';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_of(stressors text[], states text[]) RETURNS tradeup_leads.evidence
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'evidence_of_list';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_of(text[], text[]) IS
    'Evidence of a whole list of stressors, in the order of their positions, with the state of each: present, absent, a '
    'probability, or null for unknown';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_eq(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_eq(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether two pieces of evidence are equal';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_ne(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_ne(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether two pieces of evidence differ';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_lt(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_lt(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts before other evidence; the order says nothing about risk';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_le(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_le(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts before other evidence or is equal to it';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_gt(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_gt(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts after other evidence';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_ge(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_ge(tradeup_leads.evidence, tradeup_leads.evidence) IS
    'Whether evidence sorts after other evidence or is equal to it';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_cmp(a tradeup_leads.evidence, b tradeup_leads.evidence)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_cmp(tradeup_leads.evidence, tradeup_leads.evidence) IS
    '-1, 0 or 1 as evidence sorts before other evidence, is equal to it, or sorts after it';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_hash(value tradeup_leads.evidence) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_hash(tradeup_leads.evidence) IS 'A hash of evidence, for grouping';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.evidence_hash_extended(value tradeup_leads.evidence, seed bigint)
RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.evidence_hash_extended(tradeup_leads.evidence, bigint) IS
    'A hash of evidence with a seed, for hash partitions';
