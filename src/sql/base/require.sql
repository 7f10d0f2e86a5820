-- Checks of arguments, for use inside queries: true, or the error that says what is wrong.

CREATE OR REPLACE FUNCTION tradeup_internal.asked_for_one_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.asked_for_one_support(internal) IS
    'Planner support: makes asked_for_one false where its argument has a column';

CREATE OR REPLACE FUNCTION tradeup_internal.asked_for_one(value text) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 SUPPORT tradeup_internal.asked_for_one_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.asked_for_one(text) IS
    'Whether a query asks for one value, a constant or a parameter, and not for each value of a column';

CREATE OR REPLACE FUNCTION tradeup_internal.shown(value text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.shown(text) IS
    'A text that a user sent, as messages repeat it: at most 200 characters, then ...';

CREATE OR REPLACE FUNCTION tradeup_internal.require_known(kind text, requested text, found text, needed boolean DEFAULT true)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_known(text, text, text, boolean) IS
    'Whether something was found; where it is needed, the error that nothing of this kind has the requested name';

CREATE OR REPLACE FUNCTION tradeup_internal.require_not_negative(what text, value integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_not_negative(text, integer) IS
    'True for a count of 0 or more; otherwise the error that says so';

CREATE OR REPLACE FUNCTION tradeup_internal.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';
