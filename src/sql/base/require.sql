-- Arguments that must be known, or the error that says so.

CREATE OR REPLACE FUNCTION tradeup.require_known(kind text, requested text, found text) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.require_known(text, text, text) IS
    'True when something was found; otherwise the error that nothing of this kind has the requested name';

CREATE OR REPLACE FUNCTION tradeup.require_not_negative(what text, value integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.require_not_negative(text, integer) IS
    'True for a count of 0 or more; otherwise the error that says so';

CREATE OR REPLACE FUNCTION tradeup.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';
