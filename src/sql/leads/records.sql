-- What is recorded and never changed: outcomes, predictions, permissions, leads and their events.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of "%" are never changed', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = CASE TG_TABLE_NAME
                         WHEN 'outcome' THEN 'Add a row that corrects this one: correct_outcome.'
                         WHEN 'contact_permission' THEN 'Add a row: the newest holds.'
                         WHEN 'prediction' THEN 'Add a prediction of another day.'
                         ELSE 'Record an event: record_lead_event.' END;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.refuse_change() IS 'Trigger that refuses to change what was recorded';

-- Who recorded a row, and when, is not the caller's to say. What the owner inserts with a time before this transaction is a
-- restore, and stays as it is.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.is_restored(relation oid, at_time timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN coalesce(at_time < now(), false) AND tradeup_leads_internal.may_restore(relation);
COMMENT ON FUNCTION tradeup_leads_internal.is_restored(oid, timestamptz) IS
    'Whether a row of this time is loaded from a dump: by the owner, and older than the transaction';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_own_name(by_role text, at_time timestamptz) RETURNS void
LANGUAGE plpgsql STABLE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF by_role <> current_user::text OR at_time < now() OR at_time > clock_timestamp() THEN
        RAISE EXCEPTION 'rows are recorded in the name of the role that records them, at the present time'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The row names role "%s" and time %s; role "%s" records it.',
                                  tradeup_leads_internal.shown(by_role), at_time, current_user),
                  HINT = 'Leave both columns out.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_own_name(text, timestamptz) IS
    'The error when a row names another role than the one that records it, or another time; nothing otherwise';

-- The dealer of a row is that of its vehicle: nobody writes into the rows of another.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.dealer_of_vehicle(vehicle_id text) RETURNS text
LANGUAGE plpgsql STABLE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    of_vehicle text := (SELECT v.dealer FROM tradeup_leads.owned_vehicle v WHERE v.vehicle_id = dealer_of_vehicle.vehicle_id);
BEGIN
    PERFORM tradeup_leads_internal.require_vehicle(vehicle_id, of_vehicle);
    RETURN of_vehicle;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.dealer_of_vehicle(text) IS
    'The dealer who looks after a vehicle; the error that there is no such vehicle';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.stamp_outcome() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    corrected tradeup_leads.outcome;
BEGIN
    IF tradeup_leads_internal.is_restored(TG_RELID, NEW.entered_at) THEN
        RETURN NEW;
    END IF;
    PERFORM tradeup_leads_internal.require_own_name(NEW.entered_by, NEW.entered_at);
    NEW.entered_at := clock_timestamp();
    IF NEW.watched_to > tradeup_leads_internal.today() THEN
        RAISE EXCEPTION 'watch must not end in the future'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It ends on %s.', NEW.watched_to);
    ELSIF NEW.watched_from > NEW.watched_to THEN
        RAISE EXCEPTION 'watch must begin before it ends'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is from %s to %s.', NEW.watched_from, NEW.watched_to);
    ELSIF NEW.failed_at NOT BETWEEN NEW.watched_from AND NEW.watched_to THEN
        RAISE EXCEPTION 'failure must lie within the watch'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is on %s, the watch from %s to %s.', NEW.failed_at, NEW.watched_from, NEW.watched_to);
    END IF;
    IF NEW.corrects IS NULL THEN
        NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
        RETURN NEW;
    END IF;
    SELECT * INTO corrected FROM tradeup_leads.outcome o
    WHERE o.outcome_id = NEW.corrects AND o.vehicle_id = NEW.vehicle_id AND o.cause = NEW.cause;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'outcome "%" of this vehicle and cause does not exist', NEW.corrects
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup_leads.outcome.';
    END IF;
    NEW.dealer := corrected.dealer;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_outcome() IS
    'Trigger that refuses outcomes in another''s name, of days to come, and corrections of what is not there';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.stamp_prediction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.is_restored(TG_RELID, NEW.predicted_at) THEN
        PERFORM tradeup_leads_internal.require_own_name(NEW.predicted_by, NEW.predicted_at);
        NEW.predicted_at := clock_timestamp();
        NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_prediction() IS 'Trigger that refuses predictions in another''s name';

-- What is predicted is what the model says of the vehicle as it is.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.check_predictions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT n.vehicle_id, n.p, r.risk INTO wrong
    FROM new_predictions n
    LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = n.vehicle_id AND v.model = n.model AND v.cohort = n.cohort
    LEFT JOIN (SELECT d.dealer, d.model, d.version, x.cohort, x.scorer
               FROM (SELECT DISTINCT y.dealer, y.model, y.version FROM new_predictions y) d
               CROSS JOIN LATERAL tradeup_leads.scorers(
                   d.model, d.version, tradeup_leads_internal.stored_toggles(d.dealer, d.model, d.version)) x) s
        ON s.dealer = n.dealer AND s.model = n.model AND s.version = n.version AND s.cohort = n.cohort
    CROSS JOIN LATERAL (SELECT CASE WHEN tradeup_leads_internal.takes_evidence(s.scorer, v.evidence)
                                    THEN tradeup_leads.risk(s.scorer, v.evidence) END) r (risk)
    WHERE NOT tradeup_leads_internal.is_restored(TG_RELID, n.predicted_at) AND r.risk IS DISTINCT FROM n.p
    ORDER BY n.prediction_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'prediction is not what the model gives'
            USING ERRCODE = 'check_violation',
                  DETAIL = format('For vehicle "%s" it says %s, the model %s.', tradeup_leads_internal.shown(wrong.vehicle_id),
                                  wrong.p, coalesce(wrong.risk::text, 'nothing')),
                  HINT = 'Use predict, which fills in every figure.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.check_predictions() IS 'Trigger that refuses predictions that the model does not make';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.stamp_permission() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.is_restored(TG_RELID, NEW.since) THEN
        PERFORM tradeup_leads_internal.require_own_name(NEW.entered_by, NEW.since);
        NEW.since := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_permission() IS 'Trigger that refuses permissions in another''s name';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.stamp_lead() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.is_restored(TG_RELID, NEW.created_at) THEN
        PERFORM tradeup_leads_internal.require_own_name(NEW.created_by, NEW.created_at);
        NEW.created_at := clock_timestamp();
        NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_lead() IS 'Trigger that refuses leads in another''s name';

-- A lead and its first event come into being together. What is not restored must be open, and what the list says of its vehicle.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.begin_leads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT n.lead_id, n.vehicle_id INTO wrong
    FROM new_leads n
    LEFT JOIN tradeup_leads.open_lead o ON o.lead_id = n.lead_id AND o.vehicle_id = n.vehicle_id AND o.model = n.model
    LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = n.vehicle_id
    LEFT JOIN (SELECT d.dealer, x.*, coalesce(y.title, x.stressor) AS reason
               FROM (SELECT DISTINCT z.dealer FROM new_leads z
                     WHERE NOT tradeup_leads_internal.is_restored(TG_RELID, z.created_at)) d
               CROSS JOIN LATERAL tradeup_leads_internal.lead_patterns(d.dealer) x
               LEFT JOIN tradeup_leads.stressor y ON y.model = x.model AND y.version = x.version AND y.stressor = x.stressor) p
        ON p.dealer = n.dealer AND p.version = n.version
       AND p.key = tradeup_leads_internal.pattern_key(n.model, v.cohort, v.vehicle_class, v.evidence)
    WHERE NOT tradeup_leads_internal.is_restored(TG_RELID, n.created_at)
      AND (o.lead_id IS NULL OR n.as_of < tradeup_leads_internal.today() OR n.as_of > tradeup_leads_internal.today() + 366
           OR p.model IS NULL OR n.evidence OPERATOR(tradeup_leads.<>) v.evidence
           OR (n.customer_id, n.region, n.vehicle_class, n.cohort, n.risk, n.low, n.high, n.severity, n.percentile, n.priority,
               n.reason, n.channel, n.expected_value, n.parts, n.service)
              IS DISTINCT FROM (v.customer_id, v.region, v.vehicle_class, v.cohort, p.risk, p.low, p.high, p.severity,
                                p.percentile, p.priority, p.reason, p.channel, p.expected_value, p.parts, p.service))
    ORDER BY n.lead_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'lead % is not what the list gives', wrong.lead_id
            USING ERRCODE = 'check_violation', DETAIL = format('It is of vehicle "%s".',
                                                               tradeup_leads_internal.shown(wrong.vehicle_id)),
                  HINT = 'Leads are made by make_leads.';
    END IF;
    INSERT INTO tradeup_leads.lead_event (lead_id, seq, dealer, event, happened_at, happened_by)
    SELECT n.lead_id, 1, n.dealer, 'created'::text, n.created_at, n.created_by FROM new_leads n;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.begin_leads() IS
    'Trigger that refuses leads that are not what the list gives, and records that the others are created';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.check_lead_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    restored CONSTANT boolean := coalesce(NEW.happened_at < now(), false) AND tradeup_leads_internal.may_restore(TG_RELID);
    standing tradeup_leads.lead_event;
    dealer text;
BEGIN
    IF restored THEN
        RETURN NEW;
    ELSIF NEW.event = 'created' THEN
        IF NOT EXISTS (SELECT FROM tradeup_leads.lead l
                       WHERE (l.lead_id, l.dealer, l.created_at, l.created_by)
                             = (NEW.lead_id, NEW.dealer, NEW.happened_at, NEW.happened_by)) THEN
            RAISE EXCEPTION 'events are recorded in the name of the role that records them'
                USING ERRCODE = 'insufficient_privilege', HINT = 'The first event of a lead comes with it: make_leads.';
        END IF;
        RETURN NEW;
    ELSIF NEW.event <> 'contacted' AND NOT has_table_privilege('tradeup_leads.lead'::text, 'INSERT'::text) THEN
        RAISE EXCEPTION 'a role that makes no leads records only that a customer was contacted'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    ELSIF NEW.happened_at IS NOT NULL OR NEW.happened_by IS NOT NULL THEN
        RAISE EXCEPTION 'events are recorded in the name of the role that records them'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Leave out happened_at and happened_by, or use record_lead_event.';
    END IF;
    NEW.happened_at := greatest(clock_timestamp(), now());
    NEW.happened_by := current_user::text;
    SELECT l.dealer INTO dealer FROM tradeup_leads.lead l WHERE l.lead_id = NEW.lead_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lead "%" does not exist', NEW.lead_id
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup_leads.lead; row-level security may hide rows.';
    END IF;
    NEW.dealer := dealer;
    SELECT * INTO standing FROM tradeup_leads.lead_event e WHERE e.lead_id = NEW.lead_id AND e.seq = NEW.seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % of lead % must follow another', NEW.seq, NEW.lead_id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Use record_lead_event, which numbers events.';
    ELSIF tradeup_leads_internal.ends_lead(standing.event) THEN
        RAISE EXCEPTION 'lead % is already %', NEW.lead_id, standing.event
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was %s by "%s" at %s.', standing.event, standing.happened_by, standing.happened_at),
                  HINT = 'A lead ends once; make_leads makes a new one.';
    ELSIF tradeup_leads_internal.lead_event_rank(NEW.event) <= tradeup_leads_internal.lead_event_rank(standing.event) THEN
        RAISE EXCEPTION 'event "%" cannot follow "%"', tradeup_leads_internal.shown(NEW.event), standing.event
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Lead %s is %s.', NEW.lead_id, standing.event),
                  HINT = format('The order is %s; steps may be left out.',
                                array_to_string((tradeup_leads_internal.lead_events())[2:], ', '::text));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.check_lead_event() IS
    'Trigger that gives events their time and role, and refuses those that may not follow the standing one';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.end_leads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* A worker records that it has sent a message, and may not end a lead. */
    IF EXISTS (SELECT FROM new_events n WHERE tradeup_leads_internal.ends_lead(n.event)) THEN
        DELETE FROM tradeup_leads.open_lead o USING new_events n
        WHERE o.lead_id = n.lead_id AND tradeup_leads_internal.ends_lead(n.event);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.end_leads() IS
    'Trigger that makes room for another lead of a vehicle when one has ended';

-- Whom another dealer looks after now is not called by this one: the lead ends, so that the other can make one.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.abandon_leads() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tradeup_leads.record_lead_event(o.lead_id, 'abandoned'::text, 'another dealer looks after the vehicle'::text)
    FROM tradeup_leads.open_lead o WHERE o.vehicle_id = NEW.vehicle_id AND o.dealer <> NEW.dealer;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.abandon_leads() IS
    'Trigger that ends the open leads of a vehicle which another dealer looks after now';

-- What says that a lead is open is written with the lead, and goes when the lead has ended.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.stamp_open_lead() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT tradeup_leads_internal.may_restore(TG_RELID) THEN
            NEW.dealer := tradeup_leads_internal.dealer_of_vehicle(NEW.vehicle_id);
        END IF;
        RETURN NEW;
    ELSIF EXISTS (SELECT FROM tradeup_leads.lead_event e
                  WHERE e.lead_id = OLD.lead_id AND tradeup_leads_internal.ends_lead(e.event)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'lead % has not ended', OLD.lead_id
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Record an event: record_lead_event(lead_id, ''closed'').';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.stamp_open_lead() IS
    'Trigger that gives open leads the dealer of their vehicle, and keeps them until they have ended';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_lead_of_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tradeup_leads_internal.may_restore(TG_RELID)
       AND NOT EXISTS (SELECT FROM tradeup_leads.lead l
                       WHERE l.lead_id = NEW.lead_id AND l.vehicle_id = NEW.vehicle_id AND l.model = NEW.model
                         AND NOT EXISTS (SELECT FROM tradeup_leads.lead_event e
                                         WHERE e.lead_id = l.lead_id AND tradeup_leads_internal.ends_lead(e.event)))
       AND EXISTS (SELECT FROM tradeup_leads.open_lead o WHERE o.lead_id = NEW.lead_id) THEN
        RAISE EXCEPTION 'open lead % has no lead', NEW.lead_id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Leads are made by make_leads.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_lead_of_open() IS
    'Trigger at the end of a transaction that refuses open leads without a lead';

CREATE OR REPLACE FUNCTION tradeup_leads.record_outcome(vehicle_id text, cause text, watched_from date, watched_to date,
                                                        failed_at date DEFAULT NULL::date, note text DEFAULT NULL::text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM tradeup_leads.risk_model m WHERE m.cause = record_outcome.cause) THEN
        RAISE EXCEPTION 'no model has the cause "%"', tradeup_leads_internal.shown(cause)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use ' || (SELECT coalesce(string_agg(DISTINCT m.cause, ', '), 'a cause of a model')
                                    FROM tradeup_leads.risk_model m) || '.';
    END IF;
    INSERT INTO tradeup_leads.outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at, note)
    SELECT v.vehicle_id, v.dealer, cause, watched_from, watched_to, failed_at, note
    FROM tradeup_leads.owned_vehicle v WHERE v.vehicle_id = record_outcome.vehicle_id
    RETURNING outcome_id INTO number;
    PERFORM tradeup_leads_internal.require_vehicle(vehicle_id, number::text);
    RETURN number;
END
$$;
COMMENT ON FUNCTION tradeup_leads.record_outcome(text, text, date, date, date, text) IS
    'Records whether a vehicle failed of a cause while it was watched, and returns the number of the outcome';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_vehicle(vehicle_id text, known text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF known IS NULL THEN
        RAISE EXCEPTION 'vehicle "%" does not exist', tradeup_leads_internal.shown(vehicle_id)
            USING ERRCODE = 'no_data_found',
                  HINT = 'Look in the table tradeup_leads.owned_vehicle; row-level security may hide rows.';
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_vehicle(text, text) IS
    'True when a vehicle was found; otherwise the error that there is none of this name';

CREATE OR REPLACE FUNCTION tradeup_leads.correct_outcome(outcome_id bigint, watched_from date, watched_to date,
                                                         failed_at date DEFAULT NULL::date, note text DEFAULT NULL::text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number bigint;
BEGIN
    INSERT INTO tradeup_leads.outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at, corrects, note)
    SELECT o.vehicle_id, o.dealer, o.cause, watched_from, watched_to, failed_at, o.outcome_id, note
    FROM tradeup_leads.outcome o WHERE o.outcome_id = correct_outcome.outcome_id
    RETURNING outcome.outcome_id INTO number;
    IF number IS NULL THEN
        RAISE EXCEPTION 'outcome "%" does not exist', outcome_id
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup_leads.outcome.';
    END IF;
    RETURN number;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'outcome % is corrected already', outcome_id
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Correct the newest one; see tradeup_leads.current_outcome.';
END
$$;
COMMENT ON FUNCTION tradeup_leads.correct_outcome(bigint, date, date, date, text) IS
    'Replaces an outcome by a new row, and returns its number; the old row stays';

CREATE OR REPLACE FUNCTION tradeup_leads.allow_contact(customer_id text, channel text, allowed boolean,
                                                       note text DEFAULT NULL::text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM tradeup_leads.contact_channel c WHERE c.channel = allow_contact.channel) THEN
        RAISE EXCEPTION 'unknown channel "%"', tradeup_leads_internal.shown(channel)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use ' || (SELECT coalesce(string_agg(DISTINCT c.channel, ', '), 'a channel of a model')
                                    FROM tradeup_leads.contact_channel c) || '.';
    END IF;
    INSERT INTO tradeup_leads.contact_permission (customer_id, channel, allowed, note)
    VALUES (customer_id, channel, allowed, note) RETURNING permission_id INTO number;
    RETURN number;
END
$$;
COMMENT ON FUNCTION tradeup_leads.allow_contact(text, text, boolean, text) IS
    'Records that a customer may, or may no longer, be contacted by a channel';

CREATE OR REPLACE FUNCTION tradeup_leads.record_lead_event(lead_id bigint, event text, note text DEFAULT NULL::text)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number integer;
BEGIN
    PERFORM tradeup_leads_internal.require_one_of(
        'event'::text, event, (tradeup_leads_internal.lead_events())[2:]);
    INSERT INTO tradeup_leads.lead_event (lead_id, seq, event, note)
    SELECT record_lead_event.lead_id, coalesce(max(e.seq), 0) + 1, event, note
    FROM tradeup_leads.lead_event e WHERE e.lead_id = record_lead_event.lead_id
    RETURNING seq INTO number;
    RETURN number;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'another session recorded an event of lead % at the same time', lead_id
        USING ERRCODE = 'serialization_failure', HINT = 'Look what it was, and try again if yours still fits.';
END
$$;
COMMENT ON FUNCTION tradeup_leads.record_lead_event(bigint, text, text) IS
    'Records what became of a lead, and returns the position of the event among those of its lead';

-- For the local figures of a model's next version. An outcome counts in the cohort that its vehicle has now.
CREATE OR REPLACE FUNCTION tradeup_leads.cohort_outcomes(model text, as_of date DEFAULT NULL::date)
RETURNS TABLE (cohort text, failures bigint, size bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 20
BEGIN ATOMIC
    SELECT v.cohort,
           count(*) FILTER (WHERE o.failed_at <= o.watched_from + make_interval(months => m.horizon_months)), count(*)
    FROM tradeup_leads.current_model m, tradeup_leads.current_outcome o, tradeup_leads.owned_vehicle v
    WHERE m.name = cohort_outcomes.model AND o.cause = m.cause AND v.vehicle_id = o.vehicle_id AND v.model = m.name
      AND v.cohort IS NOT NULL
      /* Before the horizon has passed, only the failures would be closed, and the rate far too high. */
      AND o.watched_from + make_interval(months => m.horizon_months)
          <= coalesce(cohort_outcomes.as_of, tradeup_leads_internal.today()) + 1
      AND (o.failed_at IS NOT NULL AND o.failed_at <= o.watched_from + make_interval(months => m.horizon_months)
           OR o.watched_to + 1 >= o.watched_from + make_interval(months => m.horizon_months))
    GROUP BY v.cohort;
END;
COMMENT ON FUNCTION tradeup_leads.cohort_outcomes(text, date) IS
    'Outcomes of each cohort of a model whose horizon had passed on a day: failures, and failures with those watched to its end';
