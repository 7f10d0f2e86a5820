-- The outbox: messages of leads, which workers take, have written by a text service, and send.
-- Times here are those of the clock: leases run out by the clock, whenever the transaction of a worker began.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.tell_workers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('tradeup_leads'::text, 'message'::text);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.tell_workers() IS
    'Trigger that tells workers, by NOTIFY tradeup_leads, of new messages';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.may_contact(customer_id text, channel text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN coalesce((SELECT p.allowed FROM tradeup_leads.contact_permission p
                 WHERE p.customer_id = may_contact.customer_id AND p.channel = may_contact.channel
                 ORDER BY p.since DESC, p.permission_id DESC LIMIT 1), true);
COMMENT ON FUNCTION tradeup_leads_internal.may_contact(text, text) IS
    'Whether the newest permission of a customer and channel allows it; without one: yes';

CREATE OR REPLACE FUNCTION tradeup_leads.queue_messages(dealer text, at_most integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
BEGIN
    IF at_most IS NULL OR at_most < 0 THEN
        RAISE EXCEPTION 'at_most must not be negative'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(at_most::text, 'null'));
    END IF;
    /* A lead without a customer, or whose template lacks a slot, has no message; health() counts them. The event comes first:
       who cannot record it, because another session has just recorded one, queues nothing for that lead. */
    WITH wanted AS MATERIALIZED (
        SELECT l.lead_id, l.vehicle_id, l.customer_id, l.dealer, l.channel, l.priority, l.model, l.version, l.risk,
               l.expected_value, t.body, t.defaults || jsonb_strip_nulls(x.slots) AS slots, r.text
        FROM tradeup_leads.open_lead o
        JOIN tradeup_leads.lead l ON l.lead_id = o.lead_id
        JOIN tradeup_leads.message_template t ON t.model = l.model AND t.version = l.version AND t.priority = l.priority
                                             AND t.channel = l.channel
        JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = l.vehicle_id AND v.customer_id = l.customer_id
                                          AND v.dealer = l.dealer
        LEFT JOIN tradeup_leads.dealer_slots s ON s.dealer = l.dealer
        CROSS JOIN LATERAL (SELECT coalesce(s.slots, '{}'::jsonb) || tradeup_leads_internal.lead_slots(
                                       l.vehicle_class, v.model_year, l.reason, l.percentile)) x (slots)
        CROSS JOIN LATERAL (SELECT tradeup_leads_internal.lead_text(t.body, t.defaults, s.slots, l.vehicle_class, v.model_year,
                                                                    l.reason, l.percentile)) r (text)
        WHERE o.dealer = queue_messages.dealer AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
          AND tradeup_leads_internal.may_contact(l.customer_id, l.channel)
          AND NOT EXISTS (SELECT FROM tradeup_leads.lead_event e WHERE e.lead_id = l.lead_id AND e.seq > 1)
          AND NOT EXISTS (SELECT FROM tradeup_leads.message m WHERE m.lead_id = l.lead_id AND m.channel = l.channel)
          AND r.text IS NOT NULL
        ORDER BY l.expected_value DESC NULLS LAST, l.risk DESC, l.vehicle_id
        LIMIT at_most
    ), recorded AS (
        INSERT INTO tradeup_leads.lead_event (lead_id, seq, event)
        SELECT w.lead_id, 2, 'queued'::text FROM wanted w
        ORDER BY w.lead_id
        ON CONFLICT ON CONSTRAINT event_is_once_in_its_lead DO NOTHING
        RETURNING lead_event.lead_id
    ), queued AS (
        INSERT INTO tradeup_leads.message (lead_id, customer_id, dealer, channel, priority, model, version, template, slots, key,
                                           text)
        SELECT w.lead_id, w.customer_id, w.dealer, w.channel, w.priority, w.model, w.version, w.body, w.slots,
               tradeup_leads_internal.message_key(ARRAY[w.lead_id::text, w.channel, w.model, w.version::text, w.body], w.slots),
               w.text
        FROM wanted w JOIN recorded e ON e.lead_id = w.lead_id
        ORDER BY w.expected_value DESC NULLS LAST, w.risk DESC, w.vehicle_id
        ON CONFLICT ON CONSTRAINT lead_has_one_message_by_a_channel DO NOTHING
        RETURNING message.lead_id
    )
    SELECT count(*) INTO made FROM queued;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_leads.queue_messages(text, integer) IS
    'Puts messages of a dealer''s open leads that nobody has acted on into the outbox, best first, and returns how many';

-- Opt-outs, leads and vehicles are looked at when a message is taken, because they may have changed after it was queued. What
-- row-level security hides is not gone: of a vehicle or lead that may be hidden nothing is concluded.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.drop_reason(message tradeup_leads.message) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 300
BEGIN ATOMIC
    SELECT CASE WHEN NOT tradeup_leads_internal.may_contact(message.customer_id, message.channel)
                THEN 'the customer does not want it'
                WHEN o.lead_id IS NULL
                THEN CASE WHEN NOT row_security_active('tradeup_leads.open_lead'::text) THEN 'the lead has ended' END
                WHEN v.vehicle_id IS NULL
                THEN CASE WHEN NOT row_security_active('tradeup_leads.owned_vehicle'::text) THEN 'the vehicle is gone' END
                WHEN NOT tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today()) THEN 'the vehicle is sold'
                WHEN v.customer_id IS DISTINCT FROM message.customer_id OR v.dealer <> message.dealer
                THEN 'the vehicle has another customer or dealer' END
    FROM (SELECT message.lead_id) q (lead_id)
    LEFT JOIN tradeup_leads.open_lead o ON o.lead_id = q.lead_id
    LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = o.vehicle_id;
END;
COMMENT ON FUNCTION tradeup_leads_internal.drop_reason(tradeup_leads.message) IS
    'Why a message is no longer to be sent: opt-out, ended lead, vehicle sold or of another owner; null: it is';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.most_attempts() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
RETURN 8;
COMMENT ON FUNCTION tradeup_leads_internal.most_attempts() IS
    'After so many failed attempts a message goes out as its template reads, or cannot be sent';

-- SKIP LOCKED: two workers never take the same row. A lease that ran out makes a row free again, and counts as an attempt that
-- failed, so that a message that kills its worker comes to an end.
CREATE OR REPLACE FUNCTION tradeup_leads.take_messages(worker text, at_most integer DEFAULT 10, stage text DEFAULT 'write',
                                                       lease_seconds integer DEFAULT 300, channels text[] DEFAULT NULL::text[])
RETURNS TABLE (message_id bigint, lease integer, key text, channel text, customer_id text, dealer text, template text,
               slots jsonb, text text, fallback boolean)
LANGUAGE plpgsql ROWS 10 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    begun CONSTANT timestamptz := clock_timestamp();
    wanted integer := take_messages.at_most;
    given integer;
    picked bigint[];
BEGIN
    PERFORM tradeup_leads_internal.require_one_of('stage'::text, take_messages.stage, '{write,send}'::text[]);
    IF take_messages.worker IS NULL OR take_messages.worker = '' THEN
        RAISE EXCEPTION 'worker must have a name' USING ERRCODE = 'invalid_parameter_value';
    ELSIF take_messages.at_most IS NULL OR take_messages.at_most < 0 OR take_messages.lease_seconds IS NULL
          OR take_messages.lease_seconds NOT BETWEEN 1 AND 86400 THEN
        RAISE EXCEPTION 'at_most must not be negative, and a lease lasts 1 to 86400 seconds'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('They are %s and %s.', coalesce(take_messages.at_most::text, 'null'),
                                  coalesce(take_messages.lease_seconds::text, 'null'));
    END IF;
    /* Those that are not to be taken make room for others. */
    LOOP
        picked := ARRAY(
            SELECT m.message_id FROM tradeup_leads.message m
            WHERE m.stage = take_messages.stage AND m.state IN ('queued', 'taken', 'written')
              AND (take_messages.channels IS NULL OR m.channel = ANY (take_messages.channels))
              AND CASE m.state WHEN 'taken' THEN m.leased_until ELSE m.due_at END <= begun
            ORDER BY m.due_at, m.message_id
            LIMIT wanted
            FOR UPDATE SKIP LOCKED);
        EXIT WHEN picked = '{}'::bigint[];
        UPDATE tradeup_leads.message m
        SET state = 'dropped', reason = d.reason, leased_by = NULL, leased_role = NULL, leased_until = NULL
        FROM (SELECT x.message_id, tradeup_leads_internal.drop_reason(x) AS reason
              FROM tradeup_leads.message x WHERE x.message_id = ANY (picked)) d
        WHERE m.message_id = d.message_id AND d.reason IS NOT NULL;
        UPDATE tradeup_leads.message m
        SET state = CASE m.stage WHEN 'write' THEN 'written' ELSE 'failed' END, stage = 'send',
            attempts = CASE m.stage WHEN 'write' THEN 0 ELSE m.attempts + 1 END, reason = 'the lease ran out',
            due_at = clock_timestamp(), leased_by = NULL, leased_role = NULL, leased_until = NULL
        WHERE m.message_id = ANY (picked) AND m.state = 'taken' AND m.attempts + 1 >= tradeup_leads_internal.most_attempts();
        RETURN QUERY
        WITH taken AS (
            UPDATE tradeup_leads.message m
            SET state = 'taken', lease = m.lease + 1, leased_by = take_messages.worker, leased_role = current_user::text,
                attempts = m.attempts + CASE m.state WHEN 'taken' THEN 1 ELSE 0 END,
                reason = CASE m.state WHEN 'taken' THEN 'the lease ran out' ELSE m.reason END,
                leased_until = clock_timestamp() + make_interval(secs => take_messages.lease_seconds)
            WHERE m.message_id = ANY (picked) AND m.stage = take_messages.stage AND m.state IN ('queued', 'taken', 'written')
            RETURNING m.*
        )
        SELECT t.message_id, t.lease, t.key, t.channel, t.customer_id, t.dealer, t.template, t.slots, t.text, t.fallback
        FROM taken t ORDER BY t.message_id;
        GET DIAGNOSTICS given = ROW_COUNT;
        wanted := wanted - given;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads.take_messages(text, integer, text, integer, text[]) IS
    'Messages for a worker to write or to send, which are its own until the lease runs out';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.leased_message(message_id bigint, lease integer) RETURNS tradeup_leads.message
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    leased tradeup_leads.message;
BEGIN
    SELECT * INTO leased FROM tradeup_leads.message m WHERE m.message_id = leased_message.message_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'message "%" does not exist', message_id
            USING ERRCODE = 'no_data_found',
                  HINT = 'Look in the table tradeup_leads.message; row-level security may hide rows.';
    ELSIF leased.state <> 'taken' OR leased.leased_role <> current_user::text
          OR leased.lease IS DISTINCT FROM leased_message.lease
          OR leased.leased_until <= clock_timestamp() THEN
        RAISE EXCEPTION 'message % is not leased under number %', message_id, coalesce(lease::text, 'null')
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It is %s; %s.', leased.state,
                                  CASE WHEN leased.leased_until IS NULL THEN 'nobody has it'
                                       ELSE format('worker "%s" of role "%s" has it under number %s until %s', leased.leased_by,
                                                   leased.leased_role, leased.lease, leased.leased_until) END),
                  HINT = 'A lease that has run out is gone: take messages again. Only the role that took one finishes it.';
    END IF;
    RETURN leased;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.leased_message(bigint, integer) IS
    'A message that this role has leased under this number, locked; otherwise the error that it has not, or no longer';

-- What was sent stays sent, whatever becomes of its event: a message that is not marked as sent would be sent again. Events that
-- other sessions record at the same time are waited for.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.record_contact(lead_id bigint, channel text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    FOR attempt IN 1..5 LOOP
        BEGIN
            IF (SELECT max(tradeup_leads_internal.lead_event_rank(e.event)) FROM tradeup_leads.lead_event e
                WHERE e.lead_id = record_contact.lead_id) < tradeup_leads_internal.lead_event_rank('contacted'::text) THEN
                PERFORM tradeup_leads.record_lead_event(lead_id, 'contacted'::text, channel);
            END IF;
            RETURN;
        EXCEPTION WHEN serialization_failure OR deadlock_detected OR lock_not_available OR object_not_in_prerequisite_state THEN
            NULL;
        END;
    END LOOP;
    RAISE WARNING 'event "contacted" of lead % could not be recorded', lead_id
        USING DETAIL = 'Its message is marked as sent.';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.record_contact(bigint, text) IS
    'Records that a customer was contacted, unless the lead is further already; where other sessions prevent it, a warning';

CREATE OR REPLACE FUNCTION tradeup_leads.finish_message(message_id bigint, lease integer, text text DEFAULT NULL::text)
RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    message CONSTANT tradeup_leads.message := tradeup_leads_internal.leased_message(message_id, lease);
BEGIN
    IF message.stage = 'write' AND coalesce(finish_message.text, '') = '' THEN
        RAISE EXCEPTION 'text of a written message must not be empty' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'To send the template as it is, pass the text that take_messages returned.';
    END IF;
    UPDATE tradeup_leads.message m
    SET state = CASE message.stage WHEN 'write' THEN 'written' ELSE 'sent' END, stage = 'send', attempts = 0, reason = NULL,
        text = CASE message.stage WHEN 'write' THEN finish_message.text ELSE m.text END,
        fallback = m.fallback AND (message.stage = 'send' OR finish_message.text = m.text),
        written_at = CASE message.stage WHEN 'write' THEN clock_timestamp() ELSE m.written_at END,
        sent_at = CASE message.stage WHEN 'send' THEN clock_timestamp() END,
        due_at = clock_timestamp(), leased_by = NULL, leased_role = NULL, leased_until = NULL
    WHERE m.message_id = finish_message.message_id;
    IF message.stage = 'send' THEN
        PERFORM tradeup_leads_internal.record_contact(message.lead_id, message.channel);
    END IF;
    RETURN CASE message.stage WHEN 'write' THEN 'written' ELSE 'sent' END;
END
$$;
COMMENT ON FUNCTION tradeup_leads.finish_message(bigint, integer, text) IS
    'Stores the text of a written message, or records that it was sent; refused when the lease has run out';

-- Attempts come later and later: after 1, 2, 4 ... minutes, at most 6 hours, until there were most_attempts.
CREATE OR REPLACE FUNCTION tradeup_leads.fail_message(message_id bigint, lease integer, reason text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    message CONSTANT tradeup_leads.message := tradeup_leads_internal.leased_message(message_id, lease);
    last_one CONSTANT boolean := message.attempts + 1 >= tradeup_leads_internal.most_attempts();
    next_state CONSTANT text := CASE WHEN message.stage = 'send' THEN CASE WHEN last_one THEN 'failed' ELSE 'written' END
                                     WHEN last_one THEN 'written' ELSE 'queued' END;
BEGIN
    UPDATE tradeup_leads.message m
    SET state = next_state, stage = CASE WHEN last_one THEN 'send' ELSE m.stage END,
        attempts = CASE WHEN last_one AND m.stage = 'write' THEN 0 ELSE m.attempts + 1 END,
        reason = left(fail_message.reason, 1000), leased_by = NULL, leased_role = NULL, leased_until = NULL,
        due_at = clock_timestamp()
                 + CASE WHEN last_one THEN interval '0' ELSE least(interval '1 minute' * 2 ^ m.attempts, interval '6 hours') END
    WHERE m.message_id = fail_message.message_id;
    RETURN next_state;
END
$$;
COMMENT ON FUNCTION tradeup_leads.fail_message(bigint, integer, text) IS
    'Records why an attempt failed, and when the next one is; after the last one the template stands, or sending has failed';

CREATE OR REPLACE FUNCTION tradeup_leads.forget_messages(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    gone bigint;
BEGIN
    DELETE FROM tradeup_leads.message m
    WHERE m.queued_at < forget_messages.before AND m.state IN ('sent', 'failed', 'dropped');
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION tradeup_leads.forget_messages(timestamptz) IS
    'Removes messages that were queued before a time and are done with, and returns how many';
