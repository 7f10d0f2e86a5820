-- What may be written into the tables of quotes, what writes it, and what computes a quote again.

CREATE OR REPLACE FUNCTION tradeup_internal.quote_transitions(OUT standing text, OUT event text) RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1 ROWS 11
BEGIN ATOMIC
    VALUES (NULL, 'issued'), ('issued', 'viewed'), ('issued', 'accepted'), ('issued', 'rejected'), ('issued', 'withdrawn'),
           ('issued', 'expired'), ('viewed', 'viewed'), ('viewed', 'accepted'), ('viewed', 'rejected'), ('viewed', 'withdrawn'),
           ('viewed', 'expired');
END;
COMMENT ON FUNCTION tradeup_internal.quote_transitions() IS
    'Which event may follow which standing one of a quote; a standing event that is not listed ends the quote';

-- Reads the version named, not the current one, and no customer and no vehicle: what it gives never changes. Each
-- OFFSET 0 keeps a look-up by key what it is, so that 10,000 quotes cost 10,000 times one, whatever plan was cached.
CREATE OR REPLACE FUNCTION tradeup_internal.quote_figures(program text, version integer, profile text, term integer,
                                                          overrides tradeup.any_json,
                                                          equity numeric, current_payment numeric, current_price numeric,
                                                          price numeric, trade_value numeric DEFAULT NULL,
                                                          customer_bonus numeric DEFAULT 0, income numeric DEFAULT NULL,
                                                          region text DEFAULT NULL)
RETURNS TABLE (annual_rate numeric, tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric,
               effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric, deal text, eligible boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    SELECT d.annual_rate, tradeup.tier(d.deal, d.price), tradeup.tier_rank(d.deal, d.price),
           tradeup.payment(d.deal, d.price), tradeup.payment_change(d.deal, d.price),
           tradeup.loan_amount(d.deal, d.price), tradeup.effective_equity(d.deal, d.price),
           tradeup.service_fee(d.deal, d.price), tradeup.opening_fee(d.deal, d.price),
           tradeup.margin(d.deal, d.price), d.words, tradeup.eligible(d.deal, d.price)
    FROM (SELECT x.annual_rate, x.deal, x.deal::text AS words, quote_figures.price::tradeup.any_number AS price
          FROM (SELECT t.annual_rate,
                       tradeup.deal_for(p.deal, t.annual_rate, t.term, quote_figures.equity, quote_figures.current_payment,
                                        CASE WHEN p.requires_dearer THEN quote_figures.current_price END,
                                        quote_figures.trade_value, quote_figures.customer_bonus, quote_figures.income,
                                        t.residual_rate) AS deal
                FROM tradeup_internal.program_deals(quote_figures.program, quote_figures.version, quote_figures.region,
                                                    quote_figures.overrides) p,
                     LATERAL tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                            quote_figures.overrides) t
                WHERE p.profile = quote_figures.profile AND t.term = quote_figures.term
                  AND tradeup_internal.require_overrides(quote_figures.overrides)
                OFFSET 0) x
          OFFSET 0) d;
END;
COMMENT ON FUNCTION tradeup_internal.quote_figures(text, integer, text, integer, tradeup.any_json, numeric, numeric, numeric,
                                                   numeric, numeric, numeric, numeric, text) IS
    'The figures that a published version of a program makes of a profile, a term, a customer''s figures and a price; no row '
    'when it has no such profile or term';

CREATE OR REPLACE FUNCTION tradeup_internal.quotable(customer_id text, vehicle_id text, program text, version integer,
                                                     term integer, overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS TABLE (make text, model text, dealer text, profile text, region text, equity numeric, current_payment numeric,
               current_price numeric, trade_value numeric,
               customer_bonus numeric, income numeric, price numeric, annual_rate numeric,
               tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric,
               effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric, deal text)
LANGUAGE sql STABLE PARALLEL SAFE COST 200 ROWS 1
BEGIN ATOMIC
    SELECT v.make, v.model, v.dealer,
           c.risk_profile, c.region, c.equity, c.current_payment, c.current_price, c.trade_value, c.bonus, c.income, v.price,
           f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change, f.loan_amount, f.effective_equity, f.service_fee,
           f.opening_fee, f.margin, f.deal
    FROM (SELECT x.risk_profile, x.region, x.equity, x.current_payment, x.current_price, x.trade_value, x.bonus, x.income
          FROM tradeup.customer x WHERE x.customer_id = quotable.customer_id OFFSET 0) c,
    LATERAL (SELECT x.price, x.currency, x.year, x.kilometers, x.make, x.model, x.dealer FROM tradeup.vehicle x
             WHERE x.vehicle_id = quotable.vehicle_id AND x.status = 'available' OFFSET 0) v
    JOIN (SELECT x.name, x.version, x.currency, tradeup_internal.oldest_year(x.min_year, x.max_age) AS min_year, x.max_kilometers,
          x.makes
          FROM tradeup.current_program x) p ON p.name = quotable.program AND p.version = quotable.version
                                           AND p.currency = v.currency,
    LATERAL tradeup_internal.quote_figures(p.name, p.version, c.risk_profile, quotable.term, quotable.overrides,
                                           c.equity, c.current_payment, c.current_price, v.price, c.trade_value, c.bonus,
                                           c.income, c.region) f
    WHERE f.eligible AND tradeup_internal.finances(p.min_year, p.max_kilometers, p.makes, v.year, v.kilometers, v.make);
END;
COMMENT ON FUNCTION tradeup_internal.quotable(text, text, text, integer, integer, tradeup.any_json) IS
    'The inputs and figures that a quote would have now; no row when there is no such offer, or the version is not the current '
    'one';

-- What is written about now must be read now: the snapshot of a transaction above READ COMMITTED may be older than a change of
-- price, and today() is the day on which a transaction began.
CREATE OR REPLACE FUNCTION tradeup_internal.require_current_snapshot(isolation text, began timestamptz, moment timestamptz)
RETURNS void
LANGUAGE plpgsql IMMUTABLE COST 1 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF isolation IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'quotes and their events are written in READ COMMITTED transactions only'
            USING ERRCODE = 'serialization_failure',
                  DETAIL = format('The transaction is %s: what it reads may have changed since it began.', upper(isolation)),
                  HINT = 'Roll back, and try again after BEGIN ISOLATION LEVEL READ COMMITTED.';
    ELSIF (began AT TIME ZONE 'UTC')::date <> (moment AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'the transaction began on another day'
            USING ERRCODE = 'serialization_failure',
                  DETAIL = format('It began on %s, and it is %s now, in UTC; programs may have changed with the day.',
                                  to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
                                      to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD')), HINT = 'Roll back and try again.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_current_snapshot(text, timestamptz, timestamptz) IS
    'The error when a transaction of this isolation that began then may not see what is so at this moment; nothing otherwise';

-- Events read no program, so they may be recorded on a later day than that on which the transaction began.
CREATE OR REPLACE FUNCTION tradeup_internal.require_read_committed() RETURNS void
LANGUAGE sql STABLE COST 1
RETURN tradeup_internal.require_current_snapshot(current_setting('transaction_isolation'::text), NULL::timestamptz,
                                                 NULL::timestamptz);
COMMENT ON FUNCTION tradeup_internal.require_read_committed() IS
    'The error when the transaction is above READ COMMITTED; nothing otherwise';

CREATE OR REPLACE FUNCTION tradeup_internal.commit_in_time(quote_id bigint, valid_until timestamptz) RETURNS void
LANGUAGE c VOLATILE STRICT COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.commit_in_time(bigint, timestamptz) IS
    'Makes the transaction fail when it commits after this moment, at which the quote of this number ends';

-- A quote and its first event come into being together. What is inserted now must be so now: this reads anew, after the
-- statement that inserts. What the owner inserts with a time before this transaction is a restore, and stays as it is. Her
-- other quotes are not forged, so only what they are made of is compared.
CREATE OR REPLACE FUNCTION tradeup_internal.check_quotes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner CONSTANT boolean := (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID);
    wrong record;
BEGIN
    IF NOT owner AND (has_column_privilege('tradeup.quote'::regclass, 'quote_id'::text, 'INSERT'::text)
                      OR has_column_privilege('tradeup.quote'::regclass, 'quoted_by'::text, 'INSERT'::text)
                      OR has_column_privilege('tradeup.quote'::regclass, 'quoted_at'::text, 'INSERT'::text)) THEN
        RAISE EXCEPTION 'a role that may choose number, role or time of a quote cannot save quotes'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('Role "%s" has INSERT on quote_id, quoted_by or quoted_at of tradeup.quote.', current_user),
                  HINT = 'REVOKE INSERT ON tradeup.quote from it, then call grant_desk.';
    END IF;
    IF EXISTS (SELECT FROM tradeup.quote_retention r
               WHERE r.highest >= (SELECT min(n.quote_id) FROM new_quotes n)
                 AND r.numbers && (SELECT range_agg(int8range(n.quote_id, n.quote_id, '[]'::text)) FROM new_quotes n)) THEN
        RAISE EXCEPTION 'number of a quote that was purged cannot be used again'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'quote_retention has these numbers; the sequence tradeup.quote_quote_id_seq must be beyond them.';
    END IF;
    IF EXISTS (SELECT FROM new_quotes n WHERE NOT owner OR n.quoted_at >= now()) THEN
        PERFORM tradeup_internal.require_current_snapshot(current_setting('transaction_isolation'::text), now(),
                                                          clock_timestamp());
        IF owner THEN
            SELECT n.customer_id, n.vehicle_id, n.term, n.payment, NULL::numeric AS right_payment INTO wrong
            FROM new_quotes n
            LEFT JOIN LATERAL (SELECT x.risk_profile, x.region, x.equity, x.current_payment, x.current_price, x.trade_value,
                                      x.bonus, x.income
                               FROM tradeup.customer x WHERE x.customer_id = n.customer_id OFFSET 0) c ON true
            LEFT JOIN LATERAL (SELECT x.price, x.currency, x.year, x.kilometers, x.make, x.model, x.dealer FROM tradeup.vehicle x
                               WHERE x.vehicle_id = n.vehicle_id AND x.status = 'available' OFFSET 0) v ON true
            LEFT JOIN (SELECT x.name, x.version, x.currency, tradeup_internal.oldest_year(x.min_year, x.max_age) AS min_year,
                       x.max_kilometers,
                              x.makes
                       FROM tradeup.current_program x) p ON p.name = n.program AND p.version = n.version
                                                        AND p.currency = v.currency
            WHERE n.quoted_at >= now()
              AND ((n.make, n.model, n.dealer, n.profile, n.region, n.equity, n.current_payment, n.current_price,
                    n.trade_value, n.customer_bonus, n.income, n.price)
                   IS DISTINCT FROM (v.make, v.model, v.dealer, c.risk_profile, c.region, c.equity, c.current_payment,
                                     c.current_price, c.trade_value, c.bonus, c.income, v.price)
                   OR p.name IS NULL
                   OR NOT tradeup_internal.finances(p.min_year, p.max_kilometers, p.makes, v.year, v.kilometers, v.make))
            ORDER BY n.quote_id LIMIT 1;
        ELSE
            SELECT n.customer_id, n.vehicle_id, n.term, n.payment, f.payment AS right_payment INTO wrong
            FROM new_quotes n
            LEFT JOIN LATERAL tradeup_internal.quotable(n.customer_id, n.vehicle_id, n.program, n.version, n.term,
                                                        n.overrides::tradeup.any_json) f ON true
            WHERE (n.make, n.model, n.dealer, n.profile, n.region, n.equity, n.current_payment, n.current_price, n.trade_value,
                   n.customer_bonus, n.income, n.price, n.annual_rate, n.tier, n.tier_rank, n.payment,
                   n.payment_change, n.loan_amount, n.effective_equity, n.service_fee, n.opening_fee, n.margin, n.deal)
                  IS DISTINCT FROM
                  (f.make, f.model, f.dealer, f.profile, f.region, f.equity, f.current_payment, f.current_price, f.trade_value,
                   f.customer_bonus, f.income, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment,
                   f.payment_change, f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal)
            ORDER BY n.quote_id LIMIT 1;
        END IF;
        IF FOUND THEN
            RAISE EXCEPTION 'quote is not what the offer gives'
                USING ERRCODE = 'check_violation',
                      DETAIL = format('Customer "%s", vehicle "%s", %s months: the payment of the quote is %s, that of the offer '
                                      '%s.',
                                      tradeup_internal.shown(wrong.customer_id), tradeup_internal.shown(wrong.vehicle_id),
                                      wrong.term,
                                          wrong.payment,
                                      coalesce(wrong.right_payment::text, CASE WHEN owner THEN 'another' ELSE 'none' END)),
                      HINT = 'Use save_quote, which fills in every figure; if you did, something changed meanwhile: try again.';
        END IF;
    END IF;
    INSERT INTO tradeup.quote_event (quote_id, seq, event, happened_at, happened_by)
    SELECT n.quote_id, 1, 'issued'::text, n.quoted_at, n.quoted_by FROM new_quotes n;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.check_quotes() IS
    'Trigger that refuses quotes that are not what the offer gives, and records that the others are issued';

CREATE OR REPLACE FUNCTION tradeup_internal.stamp_quote_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* The first event has the time and the role of its quote. Others have none of their own but in a restore. */
    IF NEW.event <> 'issued' AND (NEW.happened_at IS NOT NULL OR NEW.happened_by IS NOT NULL)
       AND NOT (coalesce(NEW.happened_at < now(), false)
                AND (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID)) THEN
        RAISE EXCEPTION 'events are recorded in the name of the role that records them'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The event names role %s and time %s; role "%s" records it at %s.',
                                  coalesce('"' || tradeup_internal.shown(NEW.happened_by) || '"', 'null'),
                                      coalesce(NEW.happened_at::text, 'null'), current_user, clock_timestamp()),
                  HINT = 'Leave out happened_at and happened_by, or use record_event.';
    END IF;
    NEW.happened_at := coalesce(NEW.happened_at, greatest(clock_timestamp(), now()));
    NEW.happened_by := coalesce(NEW.happened_by, current_user::text);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_internal.stamp_quote_event() IS
    'Trigger that gives events their time and role, and refuses any other';

-- An event is checked against the one before it, which can no longer change; that two sessions cannot both follow it is the
-- primary key's business, so no lock is taken.
CREATE OR REPLACE FUNCTION tradeup_internal.check_quote_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner CONSTANT boolean := (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID);
    wrong record;
BEGIN
    /* What the owner inserts with a time before this transaction is a restore, which may come before its quotes do. */
    SELECT n.*, q.quote_id IS NOT NULL AS known, q.valid_until, p.event AS standing, p.happened_by AS standing_by,
           p.happened_at AS standing_at
    INTO wrong
    FROM (SELECT x.*, owner AND x.happened_at < now() AS restored FROM new_events x) n
    LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote x WHERE x.quote_id = n.quote_id OFFSET 0) q ON true
    LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote_event x WHERE x.quote_id = n.quote_id AND x.seq = n.seq - 1 OFFSET 0) p
        ON true
    WHERE CASE WHEN q.quote_id IS NULL THEN NOT n.restored
          ELSE NOT EXISTS (SELECT FROM tradeup_internal.quote_transitions() t WHERE t.standing IS NOT DISTINCT
                           FROM p.event AND t.event = n.event)
            OR CASE n.event
                   WHEN 'issued' THEN (n.happened_at, n.happened_by) IS DISTINCT FROM (q.quoted_at, q.quoted_by)
                   WHEN 'accepted' THEN n.happened_at > q.valid_until OR (NOT n.restored AND clock_timestamp() > q.valid_until)
                   WHEN 'expired' THEN n.happened_at <= q.valid_until
                   ELSE false
               END
          END
    ORDER BY n.quote_id, n.seq LIMIT 1;
    IF NOT FOUND THEN
        IF EXISTS (SELECT FROM new_events n WHERE n.event <> 'issued' AND NOT (owner AND n.happened_at < now())) THEN
            PERFORM tradeup_internal.require_read_committed();
            PERFORM tradeup_internal.commit_in_time(q.quote_id, q.valid_until)
            FROM new_events n JOIN tradeup.quote q ON q.quote_id = n.quote_id
            WHERE n.event = 'accepted' AND NOT (owner AND n.happened_at < now());
        END IF;
        RETURN NULL;
    ELSIF NOT wrong.known THEN
        PERFORM tradeup_internal.require_known('quote'::text, wrong.quote_id::text, NULL::text, true);
    ELSIF wrong.standing IS NULL THEN
        RAISE EXCEPTION 'event % of quote % must follow another', wrong.seq, wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The quote has no event %s.', wrong.seq - 1),
                  HINT = 'Use record_event, which numbers events.';
    ELSIF wrong.standing NOT IN ('issued', 'viewed') THEN
        RAISE EXCEPTION 'quote % is already %', wrong.quote_id, wrong.standing
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was %s by "%s" at %s; it cannot be %s any more.', wrong.standing, wrong.standing_by,
                                  wrong.standing_at, wrong.event),
                  HINT = 'A quote ends once; save a new one.';
    ELSIF wrong.event = 'accepted' THEN
        RAISE EXCEPTION 'quote % is no longer valid', wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It was valid until %s.', wrong.valid_until),
                  HINT = 'Save a new quote.';
    END IF;
    RAISE EXCEPTION 'quote % is still valid', wrong.quote_id
        USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is valid until %s.', wrong.valid_until),
              HINT = 'Withdraw it, or wait.';
END
$$;
COMMENT ON FUNCTION tradeup_internal.check_quote_events() IS
    'Trigger that refuses events that may not follow the standing one, or come too late or too early';

CREATE OR REPLACE FUNCTION tradeup_internal.refuse_quote_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'quotes, their events and records of purges are never changed'
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'Record an event, or save a new quote. The owner deletes old quotes by purge_quotes.';
END
$$;
COMMENT ON FUNCTION tradeup_internal.refuse_quote_change() IS
    'Trigger that refuses to change quotes, their events and records of purges';

CREATE OR REPLACE FUNCTION tradeup_internal.check_quote_deletion() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* Quotes go when a purge has their numbers, and with them their events. */
    IF (CASE WHEN TG_TABLE_NAME = 'quote'
            THEN EXISTS (SELECT FROM old_rows o)
                 AND NOT EXISTS (SELECT FROM tradeup.quote_retention r
                                 WHERE r.numbers @> (SELECT range_agg(int8range(o.quote_id, o.quote_id, '[]'::text))
                                                     FROM old_rows o))
            ELSE EXISTS (SELECT FROM old_rows o JOIN tradeup.quote q ON q.quote_id = o.quote_id) END) THEN
        RAISE EXCEPTION 'quotes and their events are never deleted but by purge_quotes'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'The owner calls purge_quotes.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.check_quote_deletion() IS
    'Trigger that refuses to delete quotes that no purge has recorded, and events of quotes that are there';

-- A record of a purge is the purge, so no record is there without its deletion, and nothing is deleted without a record.
CREATE OR REPLACE FUNCTION tradeup_internal.delete_purged_quotes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    purged bigint[];
    open bigint;
BEGIN
    IF NEW.quotes IS DISTINCT FROM (SELECT coalesce(sum(upper(u) - lower(u)), 0::numeric)::bigint FROM unnest(NEW.numbers) u)
       OR lower_inf(NEW.numbers) OR upper_inf(NEW.numbers) THEN
        RAISE EXCEPTION 'record of a purge must have as many numbers as quotes'
            USING ERRCODE = 'check_violation', DETAIL = format('Quotes: %s.', NEW.quotes), HINT = 'Use purge_quotes.';
    END IF;
    purged := ARRAY(SELECT q.quote_id
                    FROM unnest(NEW.numbers) u,
                    LATERAL generate_series(greatest(lower(u), 1::bigint),
                                            least(upper(u) - 1::bigint,
                                                  (SELECT max(x.quote_id) FROM tradeup.quote x))) n
                    JOIN tradeup.quote q ON q.quote_id = n);
    SELECT min(p.quote_id) INTO open
    FROM unnest(purged) p (quote_id)
    WHERE NOT EXISTS (SELECT FROM tradeup.quote_event e
                      WHERE e.quote_id = p.quote_id AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired')
                        AND e.happened_at < NEW.ended_before AND (e.event <> 'accepted' OR NEW.accepted_too));
    IF open IS NOT NULL THEN
        RAISE EXCEPTION 'quote % has not ended before that time', open
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The time is %s.', NEW.ended_before),
                  HINT = 'Use purge_quotes.';
    END IF;
    DELETE FROM tradeup.quote q USING unnest(purged) p (quote_id) WHERE q.quote_id = p.quote_id;
    DELETE FROM tradeup.quote_event e USING unnest(purged) p (quote_id) WHERE e.quote_id = p.quote_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.delete_purged_quotes() IS
    'Trigger that deletes the quotes whose numbers a record of a purge has, and their events';

CREATE OR REPLACE TRIGGER check_quotes AFTER INSERT ON tradeup.quote
    REFERENCING NEW TABLE AS new_quotes FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quotes();
CREATE OR REPLACE TRIGGER refuse_quote_change BEFORE UPDATE OR TRUNCATE ON tradeup.quote
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_quote_change();
CREATE OR REPLACE TRIGGER check_quote_deletion AFTER DELETE ON tradeup.quote
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quote_deletion();
CREATE OR REPLACE TRIGGER stamp_quote_event BEFORE INSERT ON tradeup.quote_event
    FOR EACH ROW WHEN (NEW.event <> 'issued' OR NEW.happened_at IS NULL OR NEW.happened_by IS NULL)
    EXECUTE FUNCTION tradeup_internal.stamp_quote_event();
CREATE OR REPLACE TRIGGER check_quote_events AFTER INSERT ON tradeup.quote_event
    REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quote_events();
CREATE OR REPLACE TRIGGER refuse_quote_change BEFORE UPDATE OR TRUNCATE ON tradeup.quote_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_quote_change();
CREATE OR REPLACE TRIGGER check_quote_deletion AFTER DELETE ON tradeup.quote_event
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quote_deletion();
CREATE OR REPLACE TRIGGER delete_purged_quotes AFTER INSERT ON tradeup.quote_retention
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.delete_purged_quotes();
CREATE OR REPLACE TRIGGER refuse_quote_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tradeup.quote_retention
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_quote_change();

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_save_quotes(offers tradeup.offer[], overrides tradeup.any_json,
                                                                 valid_for interval)
RETURNS SETOF bigint
LANGUAGE plpgsql COST 10000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    saved bigint;
    wrong record;
    moment CONSTANT timestamptz := clock_timestamp();
    until CONSTANT timestamptz := CASE WHEN valid_for BETWEEN interval '-400 days' AND interval '400 days'
                                       THEN (moment AT TIME ZONE 'UTC' + valid_for) AT TIME ZONE 'UTC' END;
BEGIN
    PERFORM tradeup_internal.require_current_snapshot(current_setting('transaction_isolation'::text), now(), moment);
    IF until IS NULL OR until <= moment OR until - moment > interval '366 days' THEN
        RAISE EXCEPTION 'valid_for must be greater than 0 and at most 366 days'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(valid_for::text, 'null'));
    END IF;
    RETURN QUERY
    INSERT INTO tradeup.quote AS q (customer_id, vehicle_id, make, model, dealer, program, version, profile, region, term,
                                    overrides, equity, current_payment, current_price, trade_value, customer_bonus, income,
                                    price, annual_rate, tier, tier_rank, payment, payment_change, loan_amount, effective_equity,
                                    service_fee, opening_fee, margin, deal, valid_for)
    SELECT f.customer_id, f.vehicle_id, f.make, f.model, f.dealer, f.program, f.version, f.profile, f.region, f.term, overrides,
           f.equity, f.current_payment,
           f.current_price, f.trade_value, f.customer_bonus, f.income, f.price, f.annual_rate, f.tier, f.tier_rank,
           f.payment, f.payment_change, f.loan_amount,
           f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal, valid_for
    FROM (SELECT o.customer_id, o.vehicle_id, o.program, o.version, o.term, f.*,
                 ROW(o.profile, o.current_payment, o.price, o.annual_rate, o.tier, o.tier_rank, o.payment, o.payment_change,
                     o.loan_amount, o.effective_equity, o.service_fee, o.opening_fee, o.margin)
                 IS NOT DISTINCT FROM
                 ROW(f.profile, f.current_payment, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change,
                     f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin) AS same
          FROM unnest(offers) o,
          LATERAL tradeup_internal.quotable(o.customer_id, o.vehicle_id, o.program, o.version, o.term, overrides) f
          OFFSET 0) f
    WHERE f.same
    RETURNING q.quote_id;
    GET DIAGNOSTICS saved = ROW_COUNT;
    IF saved <> coalesce(cardinality(offers), 0) THEN
        SELECT o.customer_id, o.vehicle_id, o.term, o.payment, f.payment AS payment_now INTO wrong
        FROM unnest(offers) o
        LEFT JOIN LATERAL tradeup_internal.quotable(o.customer_id, o.vehicle_id, o.program, o.version, o.term,
                                                    overrides) f ON true
        WHERE (o.profile, o.current_payment, o.price, o.annual_rate, o.tier, o.tier_rank, o.payment, o.payment_change,
               o.loan_amount, o.effective_equity, o.service_fee, o.opening_fee, o.margin)
              IS DISTINCT FROM
              (f.profile, f.current_payment, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change,
               f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin)
        ORDER BY o.customer_id COLLATE "C", o.vehicle_id COLLATE "C", o.term, o.program COLLATE "C", o.version, o.payment LIMIT 1;
        RAISE EXCEPTION 'offer is not what the tables give now'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Customer "%s", vehicle "%s", %s months: the payment of the offer is %s, that of the tables '
                                  '%s.',
                                  tradeup_internal.shown(wrong.customer_id), tradeup_internal.shown(wrong.vehicle_id), wrong.term,
                                  wrong.payment, coalesce(wrong.payment_now::text, 'none')),
                  HINT = 'Ask for the offers again, and give save_quotes the same overrides.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_save_quotes(tradeup.offer[], tradeup.any_json, interval) IS
    'The steps of save_quotes';

CREATE OR REPLACE FUNCTION tradeup.save_quotes(offers tradeup.offer[], overrides tradeup.any_json DEFAULT NULL::jsonb,
                                               valid_for interval DEFAULT '7 days')
RETURNS SETOF bigint
LANGUAGE c COST 10000 ROWS 1000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.save_quotes(tradeup.offer[], tradeup.any_json, interval) IS
    'Saves offers, as offers(...) gives them under the same overrides, as quotes; gives their numbers in the same order';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_save_quote(customer_id text, vehicle_id text, term tradeup.any_term,
                                                                program text, overrides tradeup.any_json, valid_for interval)
RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    found tradeup.offer[] := ARRAY(SELECT o FROM tradeup.offers(customer_id, program, overrides, NULL::tradeup.any_number,
                                                               NULL::tradeup.any_number) o
                                   WHERE o.vehicle_id = steps_of_save_quote.vehicle_id AND o.term = steps_of_save_quote.term);
    refused record;
BEGIN
    IF cardinality(found) = 1 THEN
        RETURN (SELECT s.quote_id FROM tradeup.save_quotes(found, overrides, valid_for) s (quote_id));
    END IF;
    IF term IS NULL THEN
        RAISE EXCEPTION 'no term is given' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the months of the term.';
    END IF;
    SELECT w.rule, w.explanation INTO refused
    FROM tradeup.why_no_offer(customer_id, vehicle_id, program, overrides) w WHERE w.term = steps_of_save_quote.term;
    RAISE EXCEPTION 'no offer of vehicle "%" for customer "%" at % months', tradeup_internal.shown(vehicle_id),
        tradeup_internal.shown(customer_id), term
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('Rule %s: %s.', coalesce(refused.rule, 'term'),
                              coalesce(refused.explanation, 'the program has no term of ' || term || ' months')),
              HINT = 'why_no_offer gives the figures, for each term.';
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_save_quote(text, text, tradeup.any_term, text, tradeup.any_json, interval) IS
    'The steps of save_quote';

CREATE OR REPLACE FUNCTION tradeup.save_quote(customer_id text, vehicle_id text, term tradeup.any_term, program text DEFAULT NULL,
                                              overrides tradeup.any_json DEFAULT NULL::jsonb,
                                              valid_for interval DEFAULT '7 days') RETURNS bigint
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.save_quote(text, text, tradeup.any_term, text, tradeup.any_json, interval) IS
    'Saves one offer as a quote and gives its number; when there is no such offer, the error names the rule that fails';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_record_event(quote_id bigint, event text, note text)
RETURNS integer
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    recorded integer;
    latest integer;
    latest_before integer;
BEGIN
    PERFORM tradeup_internal.require_read_committed();
    PERFORM tradeup_internal.require_one_of('event'::text, event, '{viewed,accepted,rejected,withdrawn,expired}'::text[]);
    LOOP
        /* Waits for a session that is recording an event of this quote, and then looks again. */
        INSERT INTO tradeup.quote_event AS e (quote_id, seq, event, note)
        SELECT steps_of_record_event.quote_id, max(x.seq) + 1, steps_of_record_event.event, steps_of_record_event.note
        FROM tradeup.quote_event x WHERE x.quote_id = steps_of_record_event.quote_id
        HAVING tradeup_internal.require_known('quote'::text, steps_of_record_event.quote_id::text, max(x.seq)::text, true)
        ON CONFLICT ON CONSTRAINT event_is_once_in_its_quote DO NOTHING
        RETURNING e.seq INTO recorded;
        IF FOUND THEN
            RETURN recorded;
        END IF;
        /* What took the number is to be seen now, unless a policy hides it: then it would be so for ever. */
        latest_before := latest;
        SELECT max(x.seq) INTO latest FROM tradeup.quote_event x WHERE x.quote_id = steps_of_record_event.quote_id;
        IF latest = latest_before THEN
            RAISE EXCEPTION 'quote % has events that are hidden', quote_id
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = format('Role "%s" sees its events up to number %s, and there are others.', current_user, latest),
                      HINT = 'A policy on tradeup.quote_event must show all events of a quote or none.';
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_record_event(bigint, text, text) IS 'The steps of record_event';

CREATE OR REPLACE FUNCTION tradeup.record_event(quote_id bigint, event text, note text DEFAULT NULL) RETURNS integer
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.record_event(bigint, text, text) IS
    'Records that a quote was viewed, accepted, rejected, withdrawn or expired, and gives the position of the event';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_expire_quotes()
RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moment timestamptz;
    expired bigint;
BEGIN
    PERFORM tradeup_internal.require_read_committed();
    LOOP
        moment := clock_timestamp();
        BEGIN
            INSERT INTO tradeup.quote_event (quote_id, seq, event)
            SELECT q.quote_id, (SELECT max(x.seq) FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id) + 1, 'expired'::text
            FROM tradeup.quote q
            WHERE q.valid_until < moment
              /* A policy may show a quote and hide its events: whoever sees them may expire it. */
              AND EXISTS (SELECT FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id)
              AND NOT EXISTS (SELECT FROM tradeup.quote_event x
                              WHERE x.quote_id = q.quote_id AND x.event IN ('accepted', 'rejected', 'withdrawn', 'expired'))
            ON CONFLICT ON CONSTRAINT event_is_once_in_its_quote DO NOTHING;
            GET DIAGNOSTICS expired = ROW_COUNT;
            RETURN expired;
        EXCEPTION WHEN no_data_found THEN
            NULL; /* Another session ended a quote and purged it while this one waited: look again. */
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_expire_quotes() IS 'The steps of expire_quotes';

CREATE OR REPLACE FUNCTION tradeup.expire_quotes() RETURNS bigint
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.expire_quotes() IS
    'Records the end of every open quote that is no longer valid, and gives their number';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_purge_quotes(ended_before timestamptz, accepted_too boolean)
RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    purged bigint;
BEGIN
    PERFORM tradeup_internal.require_read_committed();
    IF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'tradeup.quote'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the table tradeup.quote can purge quotes'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
    IF ended_before IS NULL OR accepted_too IS NULL OR ended_before > statement_timestamp() THEN
        RAISE EXCEPTION 'ended_before must be a time in the past'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(ended_before::text, 'null'));
    END IF;
    /* Another purge may have the same quotes. */
    LOCK TABLE tradeup.quote_retention IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO tradeup.quote_retention AS r (ended_before, accepted_too, quotes, numbers)
    SELECT steps_of_purge_quotes.ended_before, steps_of_purge_quotes.accepted_too, count(*),
           coalesce(range_agg(int8range(x.quote_id, x.quote_id, '[]'::text)), '{}'::int8multirange)
    FROM (SELECT DISTINCT e.quote_id
          FROM tradeup.quote_event e JOIN tradeup.quote q ON q.quote_id = e.quote_id
          WHERE e.happened_at < steps_of_purge_quotes.ended_before
            AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired')
                AND (e.event <> 'accepted' OR steps_of_purge_quotes.accepted_too)) x
    RETURNING r.quotes INTO purged;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_purge_quotes(timestamptz, boolean) IS 'The steps of purge_quotes';

CREATE OR REPLACE FUNCTION tradeup.purge_quotes(ended_before timestamptz, accepted_too boolean DEFAULT false) RETURNS bigint
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.purge_quotes(timestamptz, boolean) IS
    'Deletes quotes that were rejected, withdrawn or expired before a moment, accepted ones only when asked to; for the owner of '
    'the table, and recorded in quote_retention';

CREATE OR REPLACE FUNCTION tradeup.quote_verification(quote tradeup.quote)
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
        FROM tradeup_internal.quote_figures(quote.program, quote.version, quote.profile, quote.term,
                                            quote.overrides::tradeup.any_json,
                                            quote.equity, quote.current_payment, quote.current_price, quote.price,
                                            quote.trade_value, quote.customer_bonus, quote.income, quote.region) f;
        problem := CASE WHEN NOT FOUND THEN format('no published version %s of program "%s" with profile "%s" and %s months',
                                                   quote.version, tradeup_internal.shown(quote.program),
                                                   tradeup_internal.shown(quote.profile),
                                                       quote.term)
                        WHEN NOT now.eligible THEN 'no offer at this price' END;
    EXCEPTION WHEN data_exception THEN
        problem := SQLERRM;
        SELECT f.* INTO now
        FROM (SELECT NULL::numeric AS annual_rate, NULL::text AS tier, NULL::integer AS tier_rank, NULL::numeric AS payment,
                     NULL::numeric AS payment_change, NULL::numeric AS loan_amount, NULL::numeric AS effective_equity,
                     NULL::numeric AS service_fee, NULL::numeric AS opening_fee, NULL::numeric AS margin, NULL::text AS deal,
                         false AS eligible) f;
    END;
    RETURN QUERY VALUES
        ('inputs', NULL, problem, problem IS NULL),
        ('annual_rate', quote.annual_rate::text, now.annual_rate::text, quote.annual_rate IS NOT DISTINCT FROM now.annual_rate),
        ('tier', quote.tier, now.tier, quote.tier IS NOT DISTINCT FROM now.tier),
        ('tier_rank', quote.tier_rank::text, now.tier_rank::text, quote.tier_rank IS NOT DISTINCT FROM now.tier_rank),
        ('payment', quote.payment::text, now.payment::text, quote.payment IS NOT DISTINCT FROM now.payment),
        ('payment_change', quote.payment_change::text, now.payment_change::text, quote.payment_change IS NOT DISTINCT
         FROM now.payment_change),
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
COMMENT ON FUNCTION tradeup.quote_verification(tradeup.quote) IS
    'Each figure of a quote as it is stored and as the stored inputs and that version of the program give it; who issued it and '
    'when, as its first event says';

CREATE OR REPLACE FUNCTION tradeup.verify_quote(quote_id bigint)
RETURNS TABLE (field text, stored text, recomputed text, equal boolean)
LANGUAGE sql STABLE COST 1000 ROWS 14
BEGIN ATOMIC
    SELECT v.field, v.stored, v.recomputed, v.equal
    FROM (SELECT x AS quote
          FROM (SELECT verify_quote.quote_id AS requested) r LEFT JOIN tradeup.quote x ON x.quote_id = r.requested
          WHERE tradeup_internal.require_known('quote'::text, verify_quote.quote_id::text, x.quote_id::text, true)
          OFFSET 0) q,
    LATERAL tradeup.quote_verification(q.quote) v;
END;
COMMENT ON FUNCTION tradeup.verify_quote(bigint) IS
    'Each figure of the quote of this number, as it was stored and computed anew, and whether both are equal';

CREATE OR REPLACE FUNCTION tradeup.deal_sheet(quote tradeup.quote, OUT place integer, OUT part text, OUT name text,
                                              OUT amount numeric, OUT settled text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 20
BEGIN ATOMIC
    SELECT s.* FROM tradeup.deal_sheet((deal_sheet.quote).deal::tradeup.deal,
                                        (deal_sheet.quote).price::tradeup.any_number) s;
END;
COMMENT ON FUNCTION tradeup.deal_sheet(tradeup.quote) IS 'The worksheet of the deal that a quote promised, at its price';

CREATE OR REPLACE FUNCTION tradeup.quote_verifies(quote tradeup.quote) RETURNS boolean
LANGUAGE sql STABLE COST 1000
RETURN (SELECT bool_and(v.equal) FROM tradeup.quote_verification(quote) v);
COMMENT ON FUNCTION tradeup.quote_verifies(tradeup.quote) IS
    'Whether every figure of a quote is what its stored inputs give, and its first event is there';
