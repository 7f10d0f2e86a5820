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
