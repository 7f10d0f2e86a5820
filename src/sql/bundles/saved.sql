-- Bundles saved, approved, listed and checked.

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.sorted_variants(variants text[]) RETURNS text[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.sorted_variants(text[]) IS
    'Variants in the order of their bytes, which tells bundles of the same ones from others; of none (null) an empty array';

-- One statement takes the place of what the run had. A bundle that is as it was keeps its number, and so what was decided about
-- it; one that costs or holds something else gets a new one. In PL/pgSQL, which plans it once for a session: planning takes a
-- third of the time of saving 40 bundles.
CREATE OR REPLACE FUNCTION tradeup_bundles.save_bundles(shop text, run text, bundles tradeup_bundles.proposed_bundle[],
                                                        OUT saved bigint, OUT kept bigint, OUT removed bigint)
RETURNS record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known CONSTANT boolean := EXISTS (SELECT FROM tradeup_bundles.shop x WHERE x.shop = save_bundles.shop);
BEGIN
    /* Asked alone, so that the error does not list the statement. */
    IF NOT tradeup_bundles_internal.require_shop(save_bundles.shop, known) THEN
        RETURN;
    END IF;
    WITH given AS MATERIALIZED (
        SELECT DISTINCT ON (s.variant_set, b.kind, b.objective)
               s.variant_set, b.rank, b.kind, b.objective, b.variants, b.quantities, b.prices, b.percents, b.discounts,
               b.original_total, b.price, b.score, b.tiers, b.counts
        FROM unnest(save_bundles.bundles) b,
             LATERAL (SELECT tradeup_bundles_internal.sorted_variants(b.variants) COLLATE "C" AS variant_set) s
        ORDER BY s.variant_set, b.kind, b.objective, b.rank
    ), gone AS (
        DELETE FROM tradeup_bundles.bundle b
        WHERE b.shop = save_bundles.shop AND b.run = save_bundles.run
          AND (b.kind, b.variant_set, b.objective) NOT IN (SELECT g.kind, g.variant_set, g.objective FROM given g)
        RETURNING b.bundle_id
    ), written AS (
        INSERT INTO tradeup_bundles.bundle AS b (shop, run, rank, kind, objective, variant_set, variants, quantities, prices,
                                                 percents, discounts, original_total, price, score, tiers, counts)
        SELECT save_bundles.shop, save_bundles.run, g.rank, g.kind, g.objective, g.variant_set, g.variants, g.quantities,
               g.prices, g.percents, g.discounts, g.original_total, g.price, g.score, g.tiers, g.counts
        FROM given g
        ON CONFLICT ON CONSTRAINT bundle_is_once_in_its_run DO UPDATE
        SET rank = excluded.rank, variants = excluded.variants, quantities = excluded.quantities, prices = excluded.prices,
            percents = excluded.percents, discounts = excluded.discounts, original_total = excluded.original_total,
            price = excluded.price, score = excluded.score, tiers = excluded.tiers, counts = excluded.counts
        /* What differs as a rule comes first: the comparison ends there. */
        WHERE (b.price, b.original_total, b.score, b.rank, b.prices, b.discounts, b.percents, b.quantities, b.variants, b.tiers,
               b.counts)
              IS DISTINCT FROM (excluded.price, excluded.original_total, excluded.score, excluded.rank, excluded.prices,
                                excluded.discounts, excluded.percents, excluded.quantities, excluded.variants, excluded.tiers,
                                excluded.counts)
        RETURNING b.bundle_id
    )
    SELECT (SELECT count(*) FROM written w), (SELECT count(*) FROM given g) - (SELECT count(*) FROM written w),
           (SELECT count(*) FROM gone g)
    INTO saved, kept, removed;
END
$$;
COMMENT ON FUNCTION tradeup_bundles.save_bundles(text, text, tradeup_bundles.proposed_bundle[]) IS
    'Saves bundles as those of a run, in place of what the run had, also by none (null); what is as it was keeps its number and '
    'its approval. Returns how many were written, how many were there already, and how many are gone';

-- An approval is of a number, so what is sold under it must stay as it was: whoever changes a bundle, by save_bundles or by hand,
-- gets another number for it.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.number_bundle() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.number_bundle() IS
    'Trigger that gives a bundle that is changed another number, and says who saved it and when';
CREATE OR REPLACE TRIGGER number_bundle BEFORE UPDATE ON tradeup_bundles.bundle
    FOR EACH ROW WHEN ((OLD.price, OLD.original_total, OLD.prices, OLD.discounts, OLD.percents, OLD.quantities, OLD.variants,
                        OLD.tiers, OLD.shop, OLD.kind, OLD.objective)
                       IS DISTINCT FROM (NEW.price, NEW.original_total, NEW.prices, NEW.discounts, NEW.percents, NEW.quantities,
                                         NEW.variants, NEW.tiers, NEW.shop, NEW.kind, NEW.objective))
    EXECUTE FUNCTION tradeup_bundles_internal.number_bundle();

-- Events are numbered: two sessions cannot both write the next one.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.check_bundle_event() RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    standing text;
    owner boolean;
BEGIN
    SELECT pg_has_role(current_user, c.relowner, 'USAGE') INTO owner FROM pg_class c WHERE c.oid = TG_RELID;
    /* What comes back from a dump has its time and its role; anything else is recorded now, by who records it. */
    IF owner AND NEW.happened_at < now() THEN
        RETURN NEW;
    END IF;
    NEW.happened_at = clock_timestamp();
    NEW.happened_by = current_user;
    PERFORM FROM tradeup_bundles.bundle b WHERE b.bundle_id = NEW.bundle_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'bundle "%" does not exist', NEW.bundle_id
            USING ERRCODE = 'no_data_found',
                  HINT = 'Look in the table tradeup_bundles.bundle: saving a run may have replaced it, and row-level security '
                         'may hide rows.';
    END IF;
    SELECT e.event INTO standing FROM tradeup_bundles.bundle_event e
    WHERE e.bundle_id = NEW.bundle_id AND e.seq = NEW.seq - 1;
    IF NEW.seq > 1 AND standing IS NULL THEN
        RAISE EXCEPTION 'event % of bundle % must follow another', NEW.seq, NEW.bundle_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The bundle has no event %s.', NEW.seq - 1),
                  HINT = 'Use approve_bundle and retire_bundle, which number events.';
    ELSIF standing = 'retired' OR standing = NEW.event THEN
        RAISE EXCEPTION 'bundle % cannot be %', NEW.bundle_id, NEW.event
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is %s.', standing);
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.check_bundle_event() IS
    'Trigger that gives events of bundles their time and role, and refuses those that may not follow the standing one';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.refuse_event_change() RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'events of bundles are never changed'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Record another event with approve_bundle or retire_bundle.';
END;
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.refuse_event_change() IS
    'Trigger that refuses to change or delete events of bundles';

CREATE OR REPLACE TRIGGER check_bundle_event BEFORE INSERT ON tradeup_bundles.bundle_event
    FOR EACH ROW EXECUTE FUNCTION tradeup_bundles_internal.check_bundle_event();
CREATE OR REPLACE TRIGGER refuse_event_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tradeup_bundles.bundle_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_bundles_internal.refuse_event_change();

CREATE OR REPLACE FUNCTION tradeup_bundles.approve_bundle(bundle_id bigint, note text DEFAULT NULL::text) RETURNS integer
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
BEGIN ATOMIC
    INSERT INTO tradeup_bundles.bundle_event AS e (bundle_id, seq, event, note)
    SELECT approve_bundle.bundle_id, coalesce(max(x.seq), 0) + 1, 'approved', approve_bundle.note
    FROM tradeup_bundles.bundle_event x WHERE x.bundle_id = approve_bundle.bundle_id
    RETURNING e.seq;
END;
COMMENT ON FUNCTION tradeup_bundles.approve_bundle(bigint, text) IS
    'Records that a bundle is approved; returns the number of the event';

CREATE OR REPLACE FUNCTION tradeup_bundles.retire_bundle(bundle_id bigint, note text DEFAULT NULL::text) RETURNS integer
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
BEGIN ATOMIC
    INSERT INTO tradeup_bundles.bundle_event AS e (bundle_id, seq, event, note)
    SELECT retire_bundle.bundle_id, coalesce(max(x.seq), 0) + 1, 'retired', retire_bundle.note
    FROM tradeup_bundles.bundle_event x WHERE x.bundle_id = retire_bundle.bundle_id
    RETURNING e.seq;
END;
COMMENT ON FUNCTION tradeup_bundles.retire_bundle(bigint, text) IS
    'Records that a bundle is retired, which ends it; returns the number of the event';

CREATE OR REPLACE FUNCTION tradeup_bundles.bundle_list(shop text, rows integer DEFAULT 50, after_rank integer DEFAULT 0,
                                                       after_id bigint DEFAULT 0, run text DEFAULT NULL::text)
RETURNS TABLE (bundle_id bigint, rank integer, run text, kind text, objective text, variants text[], quantities integer[],
               original_total numeric, price numeric, status text, saved_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 50
BEGIN ATOMIC
    SELECT b.bundle_id, b.rank, b.run, b.kind, b.objective, b.variants, b.quantities, b.original_total, b.price,
           coalesce((SELECT e.event FROM tradeup_bundles.bundle_event e
                     WHERE e.bundle_id = b.bundle_id ORDER BY e.seq DESC LIMIT 1), 'proposed'), b.saved_at
    FROM tradeup_bundles.bundle b
    WHERE b.shop = bundle_list.shop AND (b.rank, b.bundle_id) > (bundle_list.after_rank, bundle_list.after_id)
      AND (bundle_list.run IS NULL OR b.run = bundle_list.run)
      AND tradeup_bundles_internal.known_shop(bundle_list.shop)
    ORDER BY b.rank, b.bundle_id LIMIT bundle_list.rows;
END;
COMMENT ON FUNCTION tradeup_bundles.bundle_list(text, integer, integer, bigint, text) IS
    'A page of the bundles of a shop by rank: those after the rank and number of the last one of the page before; of one run, or '
    'of all (null). status is proposed, approved or retired';

-- The counts are counted anew, from the orders that are there now.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.bundle_counts(shop text, kind text, variants text[], as_of date,
                                                                  resolve_sku boolean)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 100000
BEGIN ATOMIC
    WITH line AS MATERIALIZED (
        SELECT l.order_id, l.variant_id, l.quantity
        FROM tradeup_bundles_internal.lines_until(bundle_counts.shop, bundle_counts.resolve_sku, bundle_counts.as_of) l
    ), basket AS MATERIALIZED (
        SELECT l.order_id, array_agg(l.variant_id) FILTER (WHERE l.variant_id = ANY (bundle_counts.variants)) AS has,
               min(l.variant_id) <> max(l.variant_id) AS several
        FROM line l WHERE l.quantity > 0 GROUP BY l.order_id
    )
    SELECT CASE bundle_counts.kind
           WHEN 'together' THEN
               jsonb_strip_nulls(jsonb_build_object(
                   'n', count(*) FILTER (WHERE b.several),
                   'n_of', (SELECT jsonb_agg((SELECT count(*) FROM basket x WHERE x.several AND v.v = ANY (x.has)) ORDER BY v.i)
                            FROM unnest(bundle_counts.variants) WITH ORDINALITY v (v, i)),
                   'n_pairs', (SELECT jsonb_agg((SELECT count(*) FROM basket x
                                                 WHERE x.several AND ARRAY[v.v, w.v] <@ x.has) ORDER BY v.i, w.i)
                               FROM unnest(bundle_counts.variants) WITH ORDINALITY v (v, i),
                                    unnest(bundle_counts.variants) WITH ORDINALITY w (v, i)
                               WHERE v.i < w.i AND cardinality(bundle_counts.variants) > 2),
                   'n_together', count(*) FILTER (WHERE b.several AND bundle_counts.variants <@ b.has)))
           WHEN 'buy_x_get_y' THEN
               jsonb_build_object('n_buy', count(*) FILTER (WHERE bundle_counts.variants[1] = ANY (b.has)),
                                  'n_together', count(*) FILTER (WHERE bundle_counts.variants <@ b.has))
           ELSE
               (SELECT jsonb_build_object(
                           'lines', count(*) FILTER (WHERE l.quantity > 0), 'units', sum(l.quantity),
                           'max_quantity', max(l.quantity),
                           'lines_2', count(*) FILTER (WHERE l.quantity >= 2), 'lines_3', count(*) FILTER (WHERE l.quantity >= 3),
                           'lines_5', count(*) FILTER (WHERE l.quantity >= 5),
                           'p75', q.sorted[least(cardinality(q.sorted) * 3 / 4, cardinality(q.sorted) - 1) + 1],
                           'p90', q.sorted[least(cardinality(q.sorted) * 9 / 10, cardinality(q.sorted) - 1) + 1])
                FROM line l, (SELECT array_agg(x.quantity ORDER BY x.quantity) AS sorted FROM line x
                              WHERE x.variant_id = bundle_counts.variants[1] AND x.quantity > 0) q
                WHERE l.variant_id = bundle_counts.variants[1] GROUP BY q.sorted) END
           || jsonb_build_object('as_of', bundle_counts.as_of, 'resolve_sku', bundle_counts.resolve_sku)
    FROM basket b;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.bundle_counts(text, text, text[], date, boolean) IS
    'The counts that a bundle of these variants has in the orders of a shop up to a day';

CREATE OR REPLACE FUNCTION tradeup_bundles.bundle_verifies(bundle tradeup_bundles.bundle) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100000
BEGIN ATOMIC
    SELECT bundle.counts = tradeup_bundles_internal.bundle_counts(bundle.shop, bundle.kind, bundle.variants,
                                                                   (bundle.counts ->> 'as_of'::text)::date,
                                                                   (bundle.counts ->> 'resolve_sku'::text)::boolean)
           AND (bundle.original_total, bundle.price, bundle.discounts)
               IS NOT DISTINCT FROM (p.original_total, p.price, p.discounts)
    FROM (SELECT coalesce(tradeup_bundles_internal.currency_digits(s.currency), 2) AS digits
          FROM tradeup_bundles.shop s WHERE s.shop = bundle.shop) d,
         LATERAL tradeup_bundles.bundle_price(bundle.prices, bundle.quantities, bundle.percents,
                                              CASE WHEN bundle.kind <> 'buy_x_get_y' THEN bundle.objective END, d.digits) p;
END;
COMMENT ON FUNCTION tradeup_bundles.bundle_verifies(tradeup_bundles.bundle) IS
    'Whether a saved bundle has the counts that the orders give today, and the price that follows from its lines';
