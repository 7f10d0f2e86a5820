-- Text and binary forms of a deal.

CREATE OR REPLACE FUNCTION tradeup_internal.deal_in(cstring) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.deal_out(tradeup.deal) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.deal_recv(internal) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.deal_send(tradeup.deal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.deal_in(cstring) IS 'A deal from its text form: v1 and the terms as name=value';
COMMENT ON FUNCTION tradeup_internal.deal_out(tradeup.deal) IS
    'The text form of a deal: v1 and those terms that differ from their defaults';
COMMENT ON FUNCTION tradeup_internal.deal_recv(internal) IS 'A deal from its binary form, which is its text';
COMMENT ON FUNCTION tradeup_internal.deal_send(tradeup.deal) IS 'The binary form of a deal, which is its text';
