-- What the constraints of programs ask: figures that deals can hold. A row that gets past them makes no query of others fail.

CREATE OR REPLACE FUNCTION tradeup_internal.tiers_problem(tiers text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.tiers_problem(text) IS
    'What deal(...) would say against a list of tiers; null when it would take it';

CREATE OR REPLACE FUNCTION tradeup_internal.have_at_most_18_digits(figures numeric[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(bool_and(scale(trim_scale(f.figure)) <= 18
                             AND abs(f.figure) * power(10::numeric, scale(trim_scale(f.figure))) < 1000000000000000000), true)
    FROM unnest(have_at_most_18_digits.figures) f (figure);
END;

COMMENT ON FUNCTION tradeup_internal.have_at_most_18_digits(numeric[]) IS
    'Whether figures have at most 18 significant digits and 18 decimals, as deals hold them; null is no figure';
