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

CREATE OR REPLACE FUNCTION tradeup_leads_internal.is_kept(sold_on date, day date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN is_kept.sold_on IS NULL OR is_kept.sold_on > is_kept.day;
COMMENT ON FUNCTION tradeup_leads_internal.is_kept(date, date) IS
    'Whether the owner of a vehicle still has it on a day; the planner takes it apart';

-- The life of a lead: none of these events follows one of a higher or the same place, and the last two end it.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_events() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN '{created,queued,contacted,engaged,scheduled,arrived,serviced,closed,abandoned}'::text[];
COMMENT ON FUNCTION tradeup_leads_internal.lead_events() IS
    'The events in the life of a lead, in their order; the last two end it';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_event_rank(event text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN array_position(tradeup_leads_internal.lead_events(), event);
COMMENT ON FUNCTION tradeup_leads_internal.lead_event_rank(text) IS
    'Place of an event in the life of a lead; none follows one of a higher or the same place, and the last two end it';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.ends_lead(event text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN tradeup_leads_internal.lead_event_rank(event) >= tradeup_leads_internal.lead_event_rank('closed'::text);
COMMENT ON FUNCTION tradeup_leads_internal.ends_lead(text) IS 'Whether an event ends the life of a lead';
