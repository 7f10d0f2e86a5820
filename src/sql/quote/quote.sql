-- What may be written into the tables of quotes, what writes it, and what computes a quote again.

CREATE OR REPLACE FUNCTION tradeup.quote_transitions(OUT standing text, OUT event text) RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1 ROWS 11
BEGIN ATOMIC
    VALUES (NULL, 'issued'), ('issued', 'viewed'), ('issued', 'accepted'), ('issued', 'rejected'), ('issued', 'withdrawn'),
           ('issued', 'expired'), ('viewed', 'viewed'), ('viewed', 'accepted'), ('viewed', 'rejected'), ('viewed', 'withdrawn'),
           ('viewed', 'expired');
END;
COMMENT ON FUNCTION tradeup.quote_transitions() IS
    'Which event may follow which standing one of a quote; a standing event that is not listed ends the quote';

-- Reads the version named, not the current one, and no customer and no vehicle: what it gives never changes. Each
-- OFFSET 0 keeps a look-up by key what it is, so that 10,000 quotes cost 10,000 times one, whatever plan was cached.
CREATE OR REPLACE FUNCTION tradeup.quote_figures(program text, version integer, profile text, term integer, overrides jsonb, equity numeric,
                              current_payment numeric, current_price numeric, price numeric)
RETURNS TABLE (annual_rate numeric, tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric,
               effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric, deal text, eligible boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    SELECT d.annual_rate, tradeup.tier(d.deal, quote_figures.price), tradeup.tier_rank(d.deal, quote_figures.price),
           tradeup.payment(d.deal, quote_figures.price), tradeup.payment_change(d.deal, quote_figures.price),
           tradeup.loan_amount(d.deal, quote_figures.price), tradeup.effective_equity(d.deal, quote_figures.price),
           tradeup.service_fee(d.deal, quote_figures.price), tradeup.opening_fee(d.deal, quote_figures.price),
           tradeup.margin(d.deal, quote_figures.price), d.words, tradeup.eligible(d.deal, quote_figures.price)
    FROM (SELECT x.annual_rate, x.deal, x.deal::text AS words
          FROM (SELECT r.annual_rate,
                       tradeup.restricted(
                           tradeup.deal_of(p, t.term, r.annual_rate, f.down_payment_rate, f.insurance, quote_figures.equity,
                                           quote_figures.current_payment, quote_figures.current_price, quote_figures.overrides),
                           p.min_price, p.max_price, f.max_loan_to_value) AS deal
                FROM tradeup.program p
                JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = quote_figures.profile
                JOIN tradeup.program_term t ON t.program = p.name AND t.version = p.version AND t.term = quote_figures.term
                CROSS JOIN LATERAL (
                    SELECT tradeup.overridden(quote_figures.overrides, 'annual_rate', f.annual_rate, p.max_annual_rate) + t.rate_adjustment
                           AS annual_rate) r
                WHERE p.name = quote_figures.program AND p.version = quote_figures.version AND p.published_at IS NOT NULL
                  AND tradeup.require_overrides(quote_figures.overrides) AND tradeup.term_wanted(quote_figures.overrides, t.term)
                  AND (p.max_adjusted_rate IS NULL OR r.annual_rate <= p.max_adjusted_rate)
                OFFSET 0) x
          OFFSET 0) d;
END;
COMMENT ON FUNCTION tradeup.quote_figures(text, integer, text, integer, jsonb, numeric, numeric, numeric, numeric) IS
    'The figures that a published version of a program makes of a profile, a term, a customer''s figures and a price; no row when it has no such profile or term';

CREATE OR REPLACE FUNCTION tradeup.quotable(customer_id text, vehicle_id text, program text, version integer, term integer, overrides jsonb DEFAULT NULL)
RETURNS TABLE (profile text, equity numeric, current_payment numeric, current_price numeric, price numeric, annual_rate numeric,
               tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric, effective_equity numeric,
               service_fee numeric, opening_fee numeric, margin numeric, deal text)
LANGUAGE sql STABLE PARALLEL SAFE COST 200 ROWS 1
BEGIN ATOMIC
    SELECT c.risk_profile, c.equity, c.current_payment, c.current_price, v.price, f.annual_rate, f.tier, f.tier_rank, f.payment,
           f.payment_change, f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal
    FROM (SELECT x.risk_profile, x.equity, x.current_payment, x.current_price
          FROM tradeup.customer x WHERE x.customer_id = quotable.customer_id OFFSET 0) c
    CROSS JOIN LATERAL (SELECT x.price, x.year, x.kilometers, x.make FROM tradeup.vehicle x
                        WHERE x.vehicle_id = quotable.vehicle_id AND x.status = 'available' OFFSET 0) v
    CROSS JOIN LATERAL (SELECT x.name, x.version, tradeup.oldest_year(x.min_year, x.max_age) AS min_year, x.max_kilometers, x.makes
                        FROM tradeup.current_program x
                        WHERE x.name = quotable.program AND x.version = quotable.version OFFSET 0) p
    CROSS JOIN LATERAL tradeup.quote_figures(p.name, p.version, c.risk_profile, quotable.term, quotable.overrides, c.equity,
                                             c.current_payment, c.current_price, v.price) f
    WHERE f.eligible AND tradeup.finances(p.min_year, p.max_kilometers, p.makes, v.year, v.kilometers, v.make);
END;
COMMENT ON FUNCTION tradeup.quotable(text, text, text, integer, integer, jsonb) IS
    'The inputs and figures that a quote would have now; no row when there is no such offer, or the version is not the current one';

-- A quote and its first event come into being together. What anyone but the owner of the table inserts must be what
-- quotable gives, in her name and now; the owner's rows stay as they are, because a restore inserts them.
CREATE OR REPLACE FUNCTION tradeup.check_quotes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
    highest bigint;
BEGIN
    IF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = TG_RELID) THEN
        SELECT n.* INTO wrong FROM new_quotes n
        WHERE (n.quoted_by, n.quoted_at) IS DISTINCT FROM (current_user::text, statement_timestamp()) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'quotes are saved in the name of the role that saves them'
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = format('The quote is by "%s" at %s; role "%s" saves it at %s.', wrong.quoted_by, wrong.quoted_at,
                                      current_user, statement_timestamp()),
                      HINT = 'Leave out quoted_by and quoted_at, or use save_quote.';
        END IF;
        SELECT max(n.quote_id) INTO highest FROM new_quotes n;
        IF highest > coalesce(pg_sequence_last_value('tradeup.quote_quote_id_seq'), 0) THEN
            RAISE EXCEPTION 'quotes are numbered by their sequence'
                USING ERRCODE = 'insufficient_privilege', DETAIL = format('The number of the quote is %s.', highest),
                      HINT = 'Leave out quote_id, or use save_quote; the role needs SELECT on the sequence tradeup.quote_quote_id_seq.';
        END IF;
        SELECT n.customer_id, n.vehicle_id, n.term, n.payment, f.payment AS right_payment INTO wrong
        FROM new_quotes n
        LEFT JOIN LATERAL tradeup.quotable(n.customer_id, n.vehicle_id, n.program, n.version, n.term, n.overrides) f ON true
        WHERE (n.profile, n.equity, n.current_payment, n.current_price, n.price, n.annual_rate, n.tier, n.tier_rank, n.payment,
               n.payment_change, n.loan_amount, n.effective_equity, n.service_fee, n.opening_fee, n.margin, n.deal)
              IS DISTINCT FROM
              (f.profile, f.equity, f.current_payment, f.current_price, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment,
               f.payment_change, f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal)
        ORDER BY n.quote_id LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'quote is not what the offer gives'
                USING ERRCODE = 'check_violation',
                      DETAIL = format('Customer "%s", vehicle "%s", %s months: the payment of the quote is %s, that of the offer %s.',
                                      tradeup.shown(wrong.customer_id), tradeup.shown(wrong.vehicle_id), wrong.term, wrong.payment,
                                      coalesce(wrong.right_payment::text, 'none')),
                      HINT = 'Use save_quote, which fills in every figure.';
        END IF;
    END IF;
    INSERT INTO tradeup.quote_event (quote_id, seq, event, happened_at, happened_by)
    SELECT n.quote_id, 1, 'issued', n.quoted_at, n.quoted_by FROM new_quotes n;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup.check_quotes() IS
    'Trigger that refuses quotes that are not what the offer gives, and records that the others are issued';

-- An event is checked against the one before it, which can no longer change; that two sessions cannot both follow it is the
-- primary key's business. So it holds at every isolation level, without a lock.
CREATE OR REPLACE FUNCTION tradeup.check_quote_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner CONSTANT boolean := (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID);
    wrong record;
BEGIN
    /* What the owner inserts with a time before this transaction is a restore, which may come before its quotes do. */
    SELECT n.*, q.quote_id IS NOT NULL AS known, q.valid_until, p.event AS standing, p.happened_by AS standing_by,
           p.happened_at AS standing_at,
           EXISTS (SELECT FROM tradeup.quote_transitions() t WHERE t.standing IS NOT DISTINCT FROM p.event AND t.event = n.event) AS legal
    INTO wrong
    FROM (SELECT x.*, owner AND x.happened_at < now() AS restored FROM new_events x) n
    LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote x WHERE x.quote_id = n.quote_id OFFSET 0) q ON true
    LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote_event x WHERE x.quote_id = n.quote_id AND x.seq = n.seq - 1 OFFSET 0) p ON true
    WHERE CASE WHEN q.quote_id IS NULL THEN NOT n.restored
          ELSE NOT EXISTS (SELECT FROM tradeup.quote_transitions() t WHERE t.standing IS NOT DISTINCT FROM p.event AND t.event = n.event)
            OR CASE n.event
                   WHEN 'issued' THEN (n.happened_at, n.happened_by) IS DISTINCT FROM (q.quoted_at, q.quoted_by)
                   WHEN 'accepted' THEN n.happened_at > q.valid_until OR (NOT n.restored AND clock_timestamp() > q.valid_until)
                   WHEN 'expired' THEN n.happened_at <= q.valid_until
                   ELSE false
               END
            OR (n.event <> 'issued' AND NOT owner
                AND (n.happened_at, n.happened_by) IS DISTINCT FROM (statement_timestamp(), current_user::text))
          END
    ORDER BY n.quote_id, n.seq LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF NOT wrong.known THEN
        PERFORM tradeup.require_known('quote'::text, wrong.quote_id::text, NULL);
    ELSIF wrong.standing IS NULL AND NOT wrong.legal THEN
        RAISE EXCEPTION 'event % of quote % must follow another', wrong.seq, wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The quote has no event %s.', wrong.seq - 1),
                  HINT = 'Use record_event, which numbers events.';
    ELSIF NOT wrong.legal THEN
        RAISE EXCEPTION 'quote % is already %', wrong.quote_id, wrong.standing
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was %s by "%s" at %s; it cannot be %s any more.', wrong.standing, wrong.standing_by,
                                  wrong.standing_at, wrong.event),
                  HINT = 'A quote ends once; save a new one.';
    ELSIF wrong.event = 'accepted' AND clock_timestamp() > wrong.valid_until THEN
        RAISE EXCEPTION 'quote % is no longer valid', wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It was valid until %s.', wrong.valid_until),
                  HINT = 'Save a new quote.';
    ELSIF wrong.event = 'expired' AND wrong.happened_at <= wrong.valid_until THEN
        RAISE EXCEPTION 'quote % is still valid', wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is valid until %s.', wrong.valid_until),
                  HINT = 'Withdraw it, or wait.';
    END IF;
    RAISE EXCEPTION 'events are recorded in the name of the role that records them'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = format('The event is by "%s" at %s; role "%s" records it at %s.', wrong.happened_by, wrong.happened_at,
                              current_user, statement_timestamp()),
              HINT = 'Leave out happened_at and happened_by, or use record_event.';
END
$$;
COMMENT ON FUNCTION tradeup.check_quote_events() IS
    'Trigger that refuses events that may not follow the standing one, come too late or too early, or name another role or time';

CREATE OR REPLACE FUNCTION tradeup.refuse_quote_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* A purge that has not said yet how much it deleted is the one of this transaction: purge_quotes, under way. */
    IF TG_OP = 'DELETE' AND (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = TG_RELID)
       AND EXISTS (SELECT FROM tradeup.quote_retention r WHERE r.quotes IS NULL) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'quotes and their events are never changed'
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'Record an event, or save a new quote. The owner deletes old quotes by purge_quotes.';
END
$$;
COMMENT ON FUNCTION tradeup.refuse_quote_change() IS 'Trigger that refuses to change quotes or events, or to delete them but by purge_quotes';

CREATE OR REPLACE TRIGGER check_quotes AFTER INSERT ON tradeup.quote
    REFERENCING NEW TABLE AS new_quotes FOR EACH STATEMENT EXECUTE FUNCTION tradeup.check_quotes();
CREATE OR REPLACE TRIGGER refuse_quote_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tradeup.quote
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup.refuse_quote_change();
CREATE OR REPLACE TRIGGER check_quote_events AFTER INSERT ON tradeup.quote_event
    REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION tradeup.check_quote_events();
CREATE OR REPLACE TRIGGER refuse_quote_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tradeup.quote_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup.refuse_quote_change();

CREATE OR REPLACE FUNCTION tradeup.save_quotes(offers tradeup.offer[], overrides jsonb DEFAULT NULL, valid_for interval DEFAULT '7 days')
RETURNS SETOF bigint
LANGUAGE plpgsql COST 10000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    saved bigint;
    wrong record;
    /* In UTC, because in the time zone of the session a day may have 23 hours. */
    until CONSTANT timestamptz := CASE WHEN valid_for BETWEEN interval '-400 days' AND interval '400 days'
                                       THEN (statement_timestamp() AT TIME ZONE 'UTC' + valid_for) AT TIME ZONE 'UTC' END;
BEGIN
    IF until IS NULL OR until <= statement_timestamp() OR until - statement_timestamp() > interval '366 days' THEN
        RAISE EXCEPTION 'valid_for must be positive and at most 366 days'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(valid_for::text, 'null'));
    END IF;
    RETURN QUERY
    INSERT INTO tradeup.quote AS q (customer_id, vehicle_id, program, version, profile, term, overrides, equity, current_payment,
                                    current_price, price, annual_rate, tier, tier_rank, payment, payment_change, loan_amount,
                                    effective_equity, service_fee, opening_fee, margin, deal, valid_until)
    SELECT f.customer_id, f.vehicle_id, f.program, f.version, f.profile, f.term, overrides, f.equity, f.current_payment,
           f.current_price, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change, f.loan_amount,
           f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal, until
    FROM (SELECT o.customer_id, o.vehicle_id, o.program, o.version, o.term, f.*,
                 ROW(o.profile, o.current_payment, o.price, o.annual_rate, o.tier, o.tier_rank, o.payment, o.payment_change,
                     o.loan_amount, o.effective_equity, o.service_fee, o.opening_fee, o.margin)
                 IS NOT DISTINCT FROM
                 ROW(f.profile, f.current_payment, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change,
                     f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin) AS same
          FROM unnest(offers) o
          CROSS JOIN LATERAL tradeup.quotable(o.customer_id, o.vehicle_id, o.program, o.version, o.term, overrides) f
          OFFSET 0) f
    WHERE f.same
    RETURNING q.quote_id;
    GET DIAGNOSTICS saved = ROW_COUNT;
    IF saved <> coalesce(cardinality(offers), 0) THEN
        SELECT o.customer_id, o.vehicle_id, o.term, o.payment, f.payment AS payment_now INTO wrong
        FROM unnest(offers) o
        LEFT JOIN LATERAL tradeup.quotable(o.customer_id, o.vehicle_id, o.program, o.version, o.term, overrides) f ON true
        WHERE (o.profile, o.current_payment, o.price, o.annual_rate, o.tier, o.tier_rank, o.payment, o.payment_change, o.loan_amount,
               o.effective_equity, o.service_fee, o.opening_fee, o.margin)
              IS DISTINCT FROM
              (f.profile, f.current_payment, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change, f.loan_amount,
               f.effective_equity, f.service_fee, f.opening_fee, f.margin)
        ORDER BY o.customer_id COLLATE "C", o.vehicle_id COLLATE "C", o.term, o.program COLLATE "C", o.version, o.payment LIMIT 1;
        RAISE EXCEPTION 'offer is not what the tables give now'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Customer "%s", vehicle "%s", %s months: the payment of the offer is %s, that of the tables %s.',
                                  tradeup.shown(wrong.customer_id), tradeup.shown(wrong.vehicle_id), wrong.term, wrong.payment,
                                  coalesce(wrong.payment_now::text, 'none')),
                  HINT = 'Ask for the offers again, and give save_quotes the same overrides.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup.save_quotes(tradeup.offer[], jsonb, interval) IS
    'Saves offers, as offers(...) gives them under the same overrides, as quotes; gives their numbers in the same order';

CREATE OR REPLACE FUNCTION tradeup.save_quote(customer_id text, vehicle_id text, term integer, program text DEFAULT NULL,
                           overrides jsonb DEFAULT NULL, valid_for interval DEFAULT '7 days') RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    found tradeup.offer[] := ARRAY(SELECT o FROM tradeup.offers(customer_id, program, overrides) o
                                   WHERE o.vehicle_id = save_quote.vehicle_id AND o.term = save_quote.term);
    refused record;
BEGIN
    IF cardinality(found) = 1 THEN
        RETURN (SELECT s.quote_id FROM tradeup.save_quotes(found, overrides, valid_for) s (quote_id));
    END IF;
    IF term IS NULL THEN
        RAISE EXCEPTION 'no term is given' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the months of the term.';
    END IF;
    SELECT w.rule, w.explanation INTO refused
    FROM tradeup.why_no_offer(customer_id, vehicle_id, program, overrides) w WHERE w.term = save_quote.term;
    RAISE EXCEPTION 'no offer of vehicle "%" for customer "%" at % months', tradeup.shown(vehicle_id), tradeup.shown(customer_id), term
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('Rule %s: %s.', coalesce(refused.rule, 'term'),
                              coalesce(refused.explanation, 'the program has no term of ' || term || ' months')),
              HINT = 'why_no_offer gives the figures, for each term.';
END
$$;
COMMENT ON FUNCTION tradeup.save_quote(text, text, integer, text, jsonb, interval) IS
    'Saves one offer as a quote and gives its number; when there is no such offer, the error names the rule that fails';

CREATE OR REPLACE FUNCTION tradeup.record_event(quote_id bigint, event text, note text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    recorded integer;
BEGIN
    PERFORM tradeup.require_one_of('event'::text, event, '{viewed,accepted,rejected,withdrawn,expired}'::text[]);
    LOOP
        /* Waits for a session that is recording an event of this quote, and then looks again. */
        INSERT INTO tradeup.quote_event AS e (quote_id, seq, event, note)
        SELECT record_event.quote_id, max(x.seq) + 1, record_event.event, record_event.note
        FROM tradeup.quote_event x WHERE x.quote_id = record_event.quote_id
        HAVING tradeup.require_known('quote'::text, record_event.quote_id::text, max(x.seq)::text)
        ON CONFLICT ON CONSTRAINT event_is_once_in_its_quote DO NOTHING
        RETURNING e.seq INTO recorded;
        IF FOUND THEN
            RETURN recorded;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup.record_event(bigint, text, text) IS
    'Records that a quote was viewed, accepted, rejected, withdrawn or expired, and gives the position of the event';

CREATE OR REPLACE FUNCTION tradeup.expire_quotes() RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expired bigint;
BEGIN
    INSERT INTO tradeup.quote_event (quote_id, seq, event)
    SELECT q.quote_id, (SELECT max(x.seq) FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id) + 1, 'expired'
    FROM tradeup.quote q
    WHERE q.valid_until < statement_timestamp()
      AND NOT EXISTS (SELECT FROM tradeup.quote_event x
                      WHERE x.quote_id = q.quote_id AND x.event IN ('accepted', 'rejected', 'withdrawn', 'expired'))
    ON CONFLICT ON CONSTRAINT event_is_once_in_its_quote DO NOTHING;
    GET DIAGNOSTICS expired = ROW_COUNT;
    RETURN expired;
END
$$;
COMMENT ON FUNCTION tradeup.expire_quotes() IS
    'Records the end of every open quote that is no longer valid, and gives their number';

CREATE OR REPLACE FUNCTION tradeup.purge_quotes(ended_before timestamptz, accepted_too boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    purge bigint;
    purged bigint;
BEGIN
    IF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'tradeup.quote'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the table tradeup.quote can purge quotes'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
    IF ended_before IS NULL OR accepted_too IS NULL OR ended_before > statement_timestamp() THEN
        RAISE EXCEPTION 'ended_before must be a time in the past'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(ended_before::text, 'null'));
    END IF;
    INSERT INTO tradeup.quote_retention AS r (ended_before, accepted_too) VALUES (ended_before, accepted_too)
    RETURNING r.purge_id INTO purge;
    WITH ended AS MATERIALIZED (
        SELECT e.quote_id FROM tradeup.quote_event e
        WHERE e.happened_at < purge_quotes.ended_before
          AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired') AND (e.event <> 'accepted' OR purge_quotes.accepted_too)
    ), events AS (
        DELETE FROM tradeup.quote_event e USING ended x WHERE e.quote_id = x.quote_id
    )
    DELETE FROM tradeup.quote q USING ended x WHERE q.quote_id = x.quote_id;
    GET DIAGNOSTICS purged = ROW_COUNT;
    UPDATE tradeup.quote_retention r SET quotes = purged WHERE r.purge_id = purge;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION tradeup.purge_quotes(timestamptz, boolean) IS
    'Deletes quotes that were rejected, withdrawn or expired before a moment, accepted ones only when asked to; for the owner of the table, and recorded in quote_retention';

CREATE OR REPLACE FUNCTION tradeup.verify_quote(quote tradeup.quote)
RETURNS TABLE (field text, stored text, recomputed text, equal boolean)
LANGUAGE plpgsql STABLE COST 1000 ROWS 14 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    now record;
    issued record;
    problem text;
BEGIN
    SELECT e.happened_at, e.happened_by INTO issued FROM tradeup.quote_event e WHERE e.quote_id = quote.quote_id AND e.seq = 1;
    /* Inputs that were tampered with may be none that a deal can be made of. */
    BEGIN
        SELECT f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change, f.loan_amount, f.effective_equity, f.service_fee,
               f.opening_fee, f.margin, f.deal, f.eligible INTO now
        FROM tradeup.quote_figures(quote.program, quote.version, quote.profile, quote.term, quote.overrides, quote.equity,
                                   quote.current_payment, quote.current_price, quote.price) f;
        problem := CASE WHEN NOT FOUND THEN format('no published version %s of program "%s" with profile "%s" and %s months',
                                                   quote.version, tradeup.shown(quote.program), tradeup.shown(quote.profile), quote.term)
                        WHEN NOT now.eligible THEN 'no offer at this price' END;
    EXCEPTION WHEN data_exception THEN
        problem := SQLERRM;
        SELECT f.* INTO now
        FROM (SELECT NULL::numeric AS annual_rate, NULL::text AS tier, NULL::integer AS tier_rank, NULL::numeric AS payment,
                     NULL::numeric AS payment_change, NULL::numeric AS loan_amount, NULL::numeric AS effective_equity,
                     NULL::numeric AS service_fee, NULL::numeric AS opening_fee, NULL::numeric AS margin, NULL::text AS deal, false AS eligible) f;
    END;
    RETURN QUERY VALUES
        ('inputs', NULL, problem, problem IS NULL),
        ('annual_rate', quote.annual_rate::text, now.annual_rate::text, quote.annual_rate IS NOT DISTINCT FROM now.annual_rate),
        ('tier', quote.tier, now.tier, quote.tier IS NOT DISTINCT FROM now.tier),
        ('tier_rank', quote.tier_rank::text, now.tier_rank::text, quote.tier_rank IS NOT DISTINCT FROM now.tier_rank),
        ('payment', quote.payment::text, now.payment::text, quote.payment IS NOT DISTINCT FROM now.payment),
        ('payment_change', quote.payment_change::text, now.payment_change::text, quote.payment_change IS NOT DISTINCT FROM now.payment_change),
        ('loan_amount', quote.loan_amount::text, now.loan_amount::text, quote.loan_amount IS NOT DISTINCT FROM now.loan_amount),
        ('effective_equity', quote.effective_equity::text, now.effective_equity::text,
         quote.effective_equity IS NOT DISTINCT FROM now.effective_equity),
        ('service_fee', quote.service_fee::text, now.service_fee::text, quote.service_fee IS NOT DISTINCT FROM now.service_fee),
        ('opening_fee', quote.opening_fee::text, now.opening_fee::text, quote.opening_fee IS NOT DISTINCT FROM now.opening_fee),
        ('margin', quote.margin::text, now.margin::text, quote.margin IS NOT DISTINCT FROM now.margin),
        ('deal', quote.deal, now.deal, quote.deal IS NOT DISTINCT FROM now.deal),
        ('quoted_by', quote.quoted_by, issued.happened_by, quote.quoted_by IS NOT DISTINCT FROM issued.happened_by),
        ('quoted_at', quote.quoted_at::text, issued.happened_at::text, quote.quoted_at IS NOT DISTINCT FROM issued.happened_at);
END
$$;
COMMENT ON FUNCTION tradeup.verify_quote(tradeup.quote) IS
    'Each figure of a quote as it is stored and as the stored inputs and that version of the program give it; who issued it and when, as its first event says';

CREATE OR REPLACE FUNCTION tradeup.verify_quote(quote_id bigint)
RETURNS TABLE (field text, stored text, recomputed text, equal boolean)
LANGUAGE sql STABLE COST 1000 ROWS 14
BEGIN ATOMIC
    SELECT v.field, v.stored, v.recomputed, v.equal
    FROM (SELECT x AS quote
          FROM (SELECT verify_quote.quote_id AS requested) r LEFT JOIN tradeup.quote x ON x.quote_id = r.requested
          WHERE tradeup.require_known('quote'::text, verify_quote.quote_id::text, x.quote_id::text)
          OFFSET 0) q
    CROSS JOIN LATERAL tradeup.verify_quote(q.quote) v;
END;
COMMENT ON FUNCTION tradeup.verify_quote(bigint) IS
    'The same of the quote of this number';

CREATE OR REPLACE FUNCTION tradeup.quote_verifies(quote tradeup.quote) RETURNS boolean
LANGUAGE sql STABLE COST 1000
RETURN (SELECT bool_and(v.equal) FROM tradeup.verify_quote(quote) v);
COMMENT ON FUNCTION tradeup.quote_verifies(tradeup.quote) IS
    'Whether every figure of a quote is what its stored inputs give, and its first event is there';
