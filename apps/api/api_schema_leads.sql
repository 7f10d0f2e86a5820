-- The addresses of the server about tradeup_leads as functions, for PostgREST and PostGraphile, which show no objects of extensions. Made by
-- describe.js. Functions run with the rights of who calls them; amounts stay numeric. Run once, in the database:
--     psql -d DATABASE -f apps/api/api_schema_leads.sql
--     GRANT USAGE ON SCHEMA tradeup_http TO ROLE;

CREATE SCHEMA IF NOT EXISTS tradeup_http;
COMMENT ON SCHEMA tradeup_http IS 'Functions of tradeup for servers that show a schema, such as PostgREST and PostGraphile';

CREATE TYPE tradeup_http.leads_row AS (vehicle_id text, customer_id text, region text, model text, version integer, cohort text,
    risk double precision, low double precision, high double precision, severity text, percentile double precision, priority text,
    reason text, channel text, expected_value numeric, parts numeric, service numeric, revenue numeric, text text);
COMMENT ON TYPE tradeup_http.leads_row IS 'Rows of the function leads';
CREATE FUNCTION tradeup_http.leads(dealer text, filter jsonb DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.leads_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.* FROM tradeup_leads.leads($1::text, $2::jsonb) l LIMIT $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.leads(text, jsonb, integer) IS 'Vehicles worth a call, the best first';

CREATE TYPE tradeup_http.make_leads_row AS (leads bigint);
COMMENT ON TYPE tradeup_http.make_leads_row IS 'Rows of the function make_leads';
CREATE FUNCTION tradeup_http.make_leads(dealer text, as_of date DEFAULT NULL, at_most integer DEFAULT NULL) RETURNS
    tradeup_http.make_leads_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.make_leads($1::text, $2::date, $3::integer) AS leads;
END;
COMMENT ON FUNCTION tradeup_http.make_leads(text, date, integer) IS 'Writes the list as leads, at most as many as capacity
    allows';

CREATE TYPE tradeup_http.open_leads_row AS (lead_id bigint, vehicle_id text, customer_id text, region text, vehicle_class text,
    model text, version integer, as_of date, risk double precision, low double precision, high double precision, severity text,
    priority text, reason text, channel text, expected_value numeric, revenue numeric, created_by text, created_at timestamp with
    time zone, event text, happened_at timestamp with time zone);
COMMENT ON TYPE tradeup_http.open_leads_row IS 'Rows of the function open_leads';
CREATE FUNCTION tradeup_http.open_leads(dealer text, "limit" integer DEFAULT '100') RETURNS SETOF tradeup_http.open_leads_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.lead_id, l.vehicle_id, l.customer_id, l.region, l.vehicle_class, l.model, l.version, l.as_of, l.risk, l.low, l.high,
        l.severity, l.priority, l.reason, l.channel, l.expected_value, l.revenue, l.created_by, l.created_at, e.event,
        e.happened_at FROM tradeup_leads.open_lead o, tradeup_leads.lead l, LATERAL (SELECT x.event, x.happened_at FROM
        tradeup_leads.lead_event x WHERE x.lead_id = l.lead_id ORDER BY x.seq DESC LIMIT 1) e WHERE o.dealer = $1::text AND
        l.lead_id = o.lead_id ORDER BY l.expected_value DESC NULLS LAST, l.lead_id LIMIT $2::integer;
END;
COMMENT ON FUNCTION tradeup_http.open_leads(text, integer) IS 'Leads that have not ended, with their latest event, the most
    valuable first';

CREATE TYPE tradeup_http.lead_statistics_row AS (day date, priority text, leads bigint, contacted bigint, scheduled bigint,
    serviced bigint, abandoned bigint, revenue numeric, messages bigint, waiting bigint, sent bigint, sent_as_template bigint,
    seconds_to_sent numeric);
COMMENT ON TYPE tradeup_http.lead_statistics_row IS 'Rows of the function lead_statistics';
CREATE FUNCTION tradeup_http.lead_statistics(dealer text, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.lead_statistics_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.day, s.priority, s.leads, s.contacted, s.scheduled, s.serviced, s.abandoned, s.revenue, s.messages, s.waiting, s.sent,
        s.sent_as_template, s.seconds_to_sent FROM tradeup_leads.lead_statistics s WHERE s.dealer = $1::text ORDER BY s.day DESC,
        s.priority LIMIT $2::integer;
END;
COMMENT ON FUNCTION tradeup_http.lead_statistics(text, integer) IS 'Leads by day and priority: contacted, serviced, revenue,
    messages';

CREATE TYPE tradeup_http.lead_row AS (lead_id bigint, vehicle_id text, customer_id text, dealer text, region text, vehicle_class
    text, model text, version integer, cohort text, evidence text, as_of date, risk double precision, low double precision, high
    double precision, severity text, percentile double precision, priority text, reason text, channel text, expected_value
    numeric, parts numeric, service numeric, revenue numeric, created_by text, created_at timestamp with time zone);
COMMENT ON TYPE tradeup_http.lead_row IS 'Rows of the function lead';
CREATE FUNCTION tradeup_http.lead(lead_id bigint) RETURNS tradeup_http.lead_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.lead_id, l.vehicle_id, l.customer_id, l.dealer, l.region, l.vehicle_class, l.model, l.version, l.cohort, l.evidence::text
        AS evidence, l.as_of, l.risk, l.low, l.high, l.severity, l.percentile, l.priority, l.reason, l.channel, l.expected_value,
        l.parts, l.service, l.revenue, l.created_by, l.created_at FROM tradeup_leads.lead l WHERE l.lead_id = $1::bigint;
END;
COMMENT ON FUNCTION tradeup_http.lead(bigint) IS 'One lead';

CREATE TYPE tradeup_http.lead_events_row AS (seq integer, event text, happened_at timestamp with time zone, happened_by text, note
    text);
COMMENT ON TYPE tradeup_http.lead_events_row IS 'Rows of the function lead_events';
CREATE FUNCTION tradeup_http.lead_events(lead_id bigint) RETURNS SETOF tradeup_http.lead_events_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.seq, e.event, e.happened_at, e.happened_by, e.note FROM tradeup_leads.lead_event e WHERE e.lead_id = $1::bigint ORDER BY
        e.seq;
END;
COMMENT ON FUNCTION tradeup_http.lead_events(bigint) IS 'What became of a lead';

CREATE TYPE tradeup_http.record_lead_event_row AS (seq integer);
COMMENT ON TYPE tradeup_http.record_lead_event_row IS 'Rows of the function record_lead_event';
CREATE FUNCTION tradeup_http.record_lead_event(lead_id bigint, event text, note text DEFAULT NULL) RETURNS
    tradeup_http.record_lead_event_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.record_lead_event($1::bigint, $2::text, $3::text) AS seq;
END;
COMMENT ON FUNCTION tradeup_http.record_lead_event(bigint, text, text) IS 'Records an event of a lead';

CREATE TYPE tradeup_http.fleet_dealers_row AS (dealer text, vehicles bigint);
COMMENT ON TYPE tradeup_http.fleet_dealers_row IS 'Rows of the function fleet_dealers';
CREATE FUNCTION tradeup_http.fleet_dealers() RETURNS SETOF tradeup_http.fleet_dealers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.dealer, count(*) AS vehicles FROM tradeup_leads.owned_vehicle v GROUP BY v.dealer ORDER BY v.dealer;
END;
COMMENT ON FUNCTION tradeup_http.fleet_dealers() IS 'Dealers that look after vehicles, as far as the role sees them';

CREATE TYPE tradeup_http.fleet_risk_row AS (severity text, vehicles bigint, vehicles_before bigint, moved_here bigint,
    expected_failures numeric, revenue numeric, expected_revenue numeric, top text[]);
COMMENT ON TYPE tradeup_http.fleet_risk_row IS 'Rows of the function fleet_risk';
CREATE FUNCTION tradeup_http.fleet_risk(dealer text, toggles jsonb DEFAULT NULL, at_most integer DEFAULT '0', model text DEFAULT
    NULL) RETURNS SETOF tradeup_http.fleet_risk_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.* FROM tradeup_leads.fleet_risk($1::text, $2::jsonb, $3::integer, $4::text) f;
END;
COMMENT ON FUNCTION tradeup_http.fleet_risk(text, jsonb, integer, text) IS 'What toggles do to a whole fleet, by severity';

CREATE TYPE tradeup_http.idle_toggles_row AS (stressor text, reason text);
COMMENT ON TYPE tradeup_http.idle_toggles_row IS 'Rows of the function idle_toggles';
CREATE FUNCTION tradeup_http.idle_toggles(dealer text, toggles jsonb, model text DEFAULT NULL) RETURNS SETOF
    tradeup_http.idle_toggles_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.stressor, t.reason FROM tradeup_leads.toggles_without_effect($1::text, $2::jsonb, $3::text) t ORDER BY t.stressor;
END;
COMMENT ON FUNCTION tradeup_http.idle_toggles(text, jsonb, text) IS 'Toggles that would change nothing, and why';

CREATE TYPE tradeup_http.toggles_row AS (model text, version integer, stressor text, title text, enabled boolean, vehicles
    bigint);
COMMENT ON TYPE tradeup_http.toggles_row IS 'Rows of the function toggles';
CREATE FUNCTION tradeup_http.toggles(dealer text) RETURNS SETOF tradeup_http.toggles_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.model, t.version, t.stressor, t.title, t.enabled, t.vehicles FROM tradeup_leads.stressor_toggles t WHERE t.dealer =
        $1::text ORDER BY t.model, t.stressor;
END;
COMMENT ON FUNCTION tradeup_http.toggles(text) IS 'Stressors that are on for a dealer, and how many vehicles have them';

CREATE TYPE tradeup_http.set_toggle_row AS (dealer text, model text, stressor text, enabled boolean);
COMMENT ON TYPE tradeup_http.set_toggle_row IS 'Rows of the function set_toggle';
CREATE FUNCTION tradeup_http.set_toggle(dealer text, model text, stressor text, enabled boolean) RETURNS
    tradeup_http.set_toggle_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO tradeup_leads.stressor_toggle AS t (dealer, model, stressor, enabled) VALUES ($1::text, $2::text, $3::text,
        $4::boolean) ON CONFLICT (dealer, model, stressor) DO UPDATE SET enabled = EXCLUDED.enabled RETURNING t.*;
END;
COMMENT ON FUNCTION tradeup_http.set_toggle(text, text, text, boolean) IS 'Keeps a toggle, which leads then follow';

CREATE TYPE tradeup_http.fleet_row AS (vehicle_id text, customer_id text, vehicle_class text, region text, model_year integer,
    odometer integer, model text, cohort text, evidence text, observed_at timestamp with time zone, sold_on date);
COMMENT ON TYPE tradeup_http.fleet_row IS 'Rows of the function fleet';
CREATE FUNCTION tradeup_http.fleet(dealer text, after text DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.fleet_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.vehicle_id, v.customer_id, v.vehicle_class, v.region, v.model_year, v.odometer, v.model, v.cohort, v.evidence::text AS
        evidence, v.observed_at, v.sold_on FROM tradeup_leads.owned_vehicle v WHERE v.dealer = $1::text AND ($2::text IS NULL OR
        v.vehicle_id > $2::text) ORDER BY v.vehicle_id LIMIT $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.fleet(text, text, integer) IS 'Vehicles that a dealer looks after';

CREATE TYPE tradeup_http.explain_risk_row AS ("position" integer, stressor text, state text, probability double precision, weight
    double precision, dependence_group text, counted boolean, assumed boolean, risk double precision, title text);
COMMENT ON TYPE tradeup_http.explain_risk_row IS 'Rows of the function explain_risk';
CREATE FUNCTION tradeup_http.explain_risk(vehicle_id text) RETURNS SETOF tradeup_http.explain_risk_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.*, (SELECT x.title FROM tradeup_leads.current_model m, tradeup_leads.stressor x WHERE m.name = v.model AND x.model =
        m.name AND x.version = m.version AND x.stressor = e.stressor) AS title FROM tradeup_leads.owned_vehicle v,
        tradeup_leads.scorers(v.model) s, tradeup_leads.explain_risk(s.scorer, v.evidence) e WHERE v.vehicle_id = $1::text AND
        s.cohort = v.cohort ORDER BY e.position;
END;
COMMENT ON FUNCTION tradeup_http.explain_risk(text) IS 'Why a vehicle scores as it does, stressor by stressor';

CREATE TYPE tradeup_http.observe_fleet_row AS (vehicles bigint);
COMMENT ON TYPE tradeup_http.observe_fleet_row IS 'Rows of the function observe_fleet';
CREATE FUNCTION tradeup_http.observe_fleet(dealer text, as_of date DEFAULT NULL) RETURNS tradeup_http.observe_fleet_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.observe_vehicles($1::text, $2::date) AS vehicles;
END;
COMMENT ON FUNCTION tradeup_http.observe_fleet(text, date) IS 'Turns the newest measures of a dealer''s vehicles into evidence';

CREATE TYPE tradeup_http.messages_row AS (message_id bigint, lead_id bigint, customer_id text, channel text, priority text, text
    text, fallback boolean, state text, stage text, attempts integer, due_at timestamp with time zone, reason text, queued_at
    timestamp with time zone, written_at timestamp with time zone, sent_at timestamp with time zone);
COMMENT ON TYPE tradeup_http.messages_row IS 'Rows of the function messages';
CREATE FUNCTION tradeup_http.messages(dealer text, state text DEFAULT NULL, before bigint DEFAULT NULL, "limit" integer DEFAULT
    '100') RETURNS SETOF tradeup_http.messages_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.message_id, m.lead_id, m.customer_id, m.channel, m.priority, m.text, m.fallback, m.state, m.stage, m.attempts, m.due_at,
        m.reason, m.queued_at, m.written_at, m.sent_at FROM tradeup_leads.message m WHERE m.dealer = $1::text AND ($2::text IS
        NULL OR m.state = $2::text) AND ($3::bigint IS NULL OR m.message_id < $3::bigint) ORDER BY m.message_id DESC LIMIT
        $4::integer;
END;
COMMENT ON FUNCTION tradeup_http.messages(text, text, bigint, integer) IS 'Messages of a dealer, the latest first';

CREATE TYPE tradeup_http.queue_messages_row AS (queued bigint);
COMMENT ON TYPE tradeup_http.queue_messages_row IS 'Rows of the function queue_messages';
CREATE FUNCTION tradeup_http.queue_messages(dealer text, at_most integer DEFAULT '1000') RETURNS tradeup_http.queue_messages_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.queue_messages($1::text, $2::integer) AS queued;
END;
COMMENT ON FUNCTION tradeup_http.queue_messages(text, integer) IS 'Queues a message for each open lead of a dealer';

CREATE TYPE tradeup_http.take_messages_row AS (message_id bigint, lease integer, key text, channel text, customer_id text, dealer
    text, template text, slots jsonb, text text, fallback boolean);
COMMENT ON TYPE tradeup_http.take_messages_row IS 'Rows of the function take_messages';
CREATE FUNCTION tradeup_http.take_messages(worker text, at_most integer DEFAULT '10', stage text DEFAULT 'write', lease_seconds
    integer DEFAULT '300') RETURNS SETOF tradeup_http.take_messages_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT t.* FROM tradeup_leads.take_messages($1::text, $2::integer, $3::text, $4::integer) t;
END;
COMMENT ON FUNCTION tradeup_http.take_messages(text, integer, text, integer) IS 'Leases messages to a worker that writes or sends
    them';

CREATE TYPE tradeup_http.finish_message_row AS (state text);
COMMENT ON TYPE tradeup_http.finish_message_row IS 'Rows of the function finish_message';
CREATE FUNCTION tradeup_http.finish_message(message_id bigint, lease integer, text text DEFAULT NULL) RETURNS
    tradeup_http.finish_message_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.finish_message($1::bigint, $2::integer, $3::text) AS state;
END;
COMMENT ON FUNCTION tradeup_http.finish_message(bigint, integer, text) IS 'A leased message is written, or sent';

CREATE FUNCTION tradeup_http.fail_message(message_id bigint, lease integer, reason text) RETURNS tradeup_http.finish_message_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.fail_message($1::bigint, $2::integer, $3::text) AS state;
END;
COMMENT ON FUNCTION tradeup_http.fail_message(bigint, integer, text) IS 'An attempt at a leased message has failed';

CREATE TYPE tradeup_http.allow_contact_row AS (permission_id bigint);
COMMENT ON TYPE tradeup_http.allow_contact_row IS 'Rows of the function allow_contact';
CREATE FUNCTION tradeup_http.allow_contact(customer_id text, channel text, allowed boolean, note text DEFAULT NULL) RETURNS
    tradeup_http.allow_contact_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.allow_contact($1::text, $2::text, $3::boolean, $4::text) AS permission_id;
END;
COMMENT ON FUNCTION tradeup_http.allow_contact(text, text, boolean, text) IS 'Records that a customer allows a channel, or does
    not';

CREATE TYPE tradeup_http.predict_row AS (predictions bigint);
COMMENT ON TYPE tradeup_http.predict_row IS 'Rows of the function predict';
CREATE FUNCTION tradeup_http.predict(dealer text, as_of date DEFAULT NULL) RETURNS tradeup_http.predict_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.predict($1::text, $2::date) AS predictions;
END;
COMMENT ON FUNCTION tradeup_http.predict(text, date) IS 'Freezes the risk of every vehicle of a dealer for a day';

CREATE TYPE tradeup_http.record_outcome_row AS (outcome_id bigint);
COMMENT ON TYPE tradeup_http.record_outcome_row IS 'Rows of the function record_outcome';
CREATE FUNCTION tradeup_http.record_outcome(vehicle_id text, cause text, watched_from date, watched_to date, failed_at date
    DEFAULT NULL, note text DEFAULT NULL) RETURNS tradeup_http.record_outcome_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.record_outcome($1::text, $2::text, $3::date, $4::date, $5::date, $6::text) AS outcome_id;
END;
COMMENT ON FUNCTION tradeup_http.record_outcome(text, text, date, date, date, text) IS 'Records what happened to a vehicle';

CREATE FUNCTION tradeup_http.correct_outcome(outcome_id bigint, watched_from date, watched_to date, failed_at date DEFAULT NULL,
    note text DEFAULT NULL) RETURNS tradeup_http.record_outcome_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.correct_outcome($1::bigint, $2::date, $3::date, $4::date, $5::text) AS outcome_id;
END;
COMMENT ON FUNCTION tradeup_http.correct_outcome(bigint, date, date, date, text) IS 'Replaces an outcome by a new one';

CREATE TYPE tradeup_http.outcomes_row AS (outcome_id bigint, vehicle_id text, cause text, watched_from date, watched_to date,
    failed_at date);
COMMENT ON TYPE tradeup_http.outcomes_row IS 'Rows of the function outcomes';
CREATE FUNCTION tradeup_http.outcomes(dealer text, after text DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.outcomes_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.outcome_id, o.vehicle_id, o.cause, o.watched_from, o.watched_to, o.failed_at FROM tradeup_leads.current_outcome o WHERE
        o.dealer = $1::text AND ($2::text IS NULL OR o.vehicle_id > $2::text) ORDER BY o.vehicle_id, o.outcome_id LIMIT
        $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.outcomes(text, text, integer) IS 'Outcomes that stand, by vehicle';

CREATE TYPE tradeup_http.calibration_row AS (size bigint, failures bigint, censored bigint, mean_p double precision, observed_rate
    double precision, brier double precision, reliability double precision, resolution double precision, uncertainty double
    precision, within_bin double precision, brier_skill double precision, ece double precision, log_loss double precision,
    spiegelhalter_z double precision, intercept double precision, slope double precision, intercept_error double precision,
    slope_error double precision, calibration_in_the_large double precision);
COMMENT ON TYPE tradeup_http.calibration_row IS 'Rows of the function calibration';
CREATE FUNCTION tradeup_http.calibration(model text) RETURNS tradeup_http.calibration_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT (c.figures).* FROM (SELECT tradeup_leads.calibration(j.p, CASE WHEN NOT j.censored THEN j.failed END) AS figures FROM
        tradeup_leads.judged_prediction j WHERE j.model = $1::text) c;
END;
COMMENT ON FUNCTION tradeup_http.calibration(text) IS 'Whether a model''s predictions came true, in figures';

CREATE TYPE tradeup_http.reliability_row AS (bin_from double precision, bin_to double precision, size bigint, failures bigint,
    mean_p double precision, observed_rate double precision, low double precision, high double precision);
COMMENT ON TYPE tradeup_http.reliability_row IS 'Rows of the function reliability';
CREATE FUNCTION tradeup_http.reliability(model text, bins integer DEFAULT '10') RETURNS SETOF tradeup_http.reliability_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.* FROM (SELECT tradeup_leads.reliability(j.p, CASE WHEN NOT j.censored THEN j.failed END, $2::integer) AS bins FROM
        tradeup_leads.judged_prediction j WHERE j.model = $1::text) c, unnest(c.bins) r;
END;
COMMENT ON FUNCTION tradeup_http.reliability(text, integer) IS 'The same as a curve: predicted against observed, in bins';

CREATE TYPE tradeup_http.risk_models_row AS (name text, version integer, title text, cause text, horizon_months integer,
    severities text[], severity_from double precision[], source text, published_at timestamp with time zone);
COMMENT ON TYPE tradeup_http.risk_models_row IS 'Rows of the function risk_models';
CREATE FUNCTION tradeup_http.risk_models() RETURNS SETOF tradeup_http.risk_models_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.name, m.version, m.title, m.cause, m.horizon_months, m.severities, m.severity_from, m.source, m.published_at FROM
        tradeup_leads.current_model m ORDER BY m.name;
END;
COMMENT ON FUNCTION tradeup_http.risk_models() IS 'Models in force';

CREATE FUNCTION tradeup_http.risk_model(name text, version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup_leads.model_to_json($1::text, $2::integer) AS document;
END;
COMMENT ON FUNCTION tradeup_http.risk_model(text, integer) IS 'A model as a document';

CREATE TYPE tradeup_http.risk_model_problems_row AS (path text, problem text);
COMMENT ON TYPE tradeup_http.risk_model_problems_row IS 'Rows of the function risk_model_problems';
CREATE FUNCTION tradeup_http.risk_model_problems(document jsonb) RETURNS SETOF tradeup_http.risk_model_problems_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.path, p.problem FROM tradeup_leads.model_problems($1::jsonb) p;
END;
COMMENT ON FUNCTION tradeup_http.risk_model_problems(jsonb) IS 'Everything that is wrong with a model, each with its path';

CREATE TYPE tradeup_http.publish_risk_document_row AS (name text, version integer);
COMMENT ON TYPE tradeup_http.publish_risk_document_row IS 'Rows of the function publish_risk_document';
CREATE FUNCTION tradeup_http.publish_risk_document(document jsonb) RETURNS tradeup_http.publish_risk_document_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT $1::jsonb ->> 'name' AS name, tradeup_leads.model_from_json($1::jsonb) AS version;
END;
COMMENT ON FUNCTION tradeup_http.publish_risk_document(jsonb) IS 'Publishes a model as a new version';

CREATE TYPE tradeup_http.publish_risk_model_row AS (published_at timestamp with time zone);
COMMENT ON TYPE tradeup_http.publish_risk_model_row IS 'Rows of the function publish_risk_model';
CREATE FUNCTION tradeup_http.publish_risk_model(name text, version integer DEFAULT '1') RETURNS
    tradeup_http.publish_risk_model_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_leads.publish_model($1::text, $2::integer) AS published_at;
END;
COMMENT ON FUNCTION tradeup_http.publish_risk_model(text, integer) IS 'Publishes a draft that stands in the tables';
