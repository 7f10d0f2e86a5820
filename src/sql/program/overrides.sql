-- What-if overrides of one call.

CREATE OR REPLACE FUNCTION tradeup_internal.overrides_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.overrides_support(internal) IS
    'Planner support: drops the functions of overrides from queries that have none';

CREATE OR REPLACE FUNCTION tradeup_internal.require_overrides(overrides tradeup.any_json) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 SUPPORT tradeup_internal.overrides_support AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.require_overrides(tradeup.any_json) IS
    'True for valid what-if overrides or null; otherwise the error that says what is allowed';

CREATE OR REPLACE FUNCTION tradeup_internal.overridden(overrides tradeup.any_json, key text, standing numeric, highest numeric)
RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 SUPPORT tradeup_internal.overrides_support AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.overridden(tradeup.any_json, text, numeric, numeric) IS
    'The figure that what-if overrides give for a key, from 0 to the highest allowed, or else the standing figure';

CREATE OR REPLACE FUNCTION tradeup_internal.term_wanted(overrides tradeup.any_json, term integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.term_wanted(tradeup.any_json, integer) IS
    'Whether what-if overrides leave this term in: they name it, or name no terms';
