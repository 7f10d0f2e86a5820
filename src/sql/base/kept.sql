-- Plans that are kept.

CREATE OR REPLACE FUNCTION tradeup_internal.kept_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.kept_support(internal) IS
    'Planner support: a call with constants only is answered by the function of the same name that begins with kept_';
