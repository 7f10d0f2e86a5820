-- Checks of arguments and figures, used by tables and functions. They are those of extension tradeup, which need not be there.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.shown(value text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.shown(text) IS
    'A text that a user sent, as messages repeat it: at most 200 characters, then ...';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.rise_within_0_and_1(figures double precision[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT coalesce(bool_and(coalesce(f.value > f.before AND f.value > 0 AND f.value < 1, false)), true)
        FROM (SELECT x.value, coalesce(lag(x.value) OVER (ORDER BY x.place), 0) AS before
              FROM unnest(figures) WITH ORDINALITY x (value, place)) f);
COMMENT ON FUNCTION tradeup_leads_internal.rise_within_0_and_1(double precision[]) IS
    'Whether these figures lie between 0 and 1 and each is above the one before';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE 'UTC')::date;
COMMENT ON FUNCTION tradeup_leads_internal.today() IS
    'The day on which the transaction began, in UTC, whatever the time zone of the session';
