-- Pages and counts of a search, in plain SQL.

-- The prices at which an offer of a deal can meet a filter: its windows, or its whole range where no tier is asked for, cut at
-- the prices and payment changes asked for. price_for_amount finds the changes as they are shown, to 6 decimals. A deal without
-- offers has no range, whatever the filter: greatest and least pass over a null.
CREATE OR REPLACE FUNCTION tradeup_internal.search_ranges(deal tradeup.deal, filter tradeup.offer_filter, price_from numeric,
                                                          price_to numeric)
RETURNS TABLE (lowest bigint, highest bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    SELECT r.lowest, r.highest
    FROM (SELECT greatest(w.lowest, tradeup_internal.minor_at_least(search_ranges.deal, search_ranges.price_from),
                          tradeup_internal.dearest_minor(search_ranges.deal, 'payment_change'::text,
                                                         (ceil(c.change_from * 1000000::numeric) - 1::numeric) / 1000000::numeric)
                          + 1::bigint) AS lowest,
                 least(w.highest, tradeup_internal.minor_at_most(search_ranges.deal, search_ranges.price_to),
                       tradeup_internal.dearest_minor(search_ranges.deal, 'payment_change'::text, c.change_to)) AS highest
          FROM (SELECT x.lowest_minor AS lowest, x.highest_minor AS highest
                FROM tradeup.windows(search_ranges.deal) x
                WHERE tradeup_internal.is_one_of(x.tier, (search_ranges.filter).tiers, (search_ranges.filter).match_case)
                UNION ALL
                SELECT x.lowest, x.highest
                FROM (SELECT tradeup_internal.lowest_minor(search_ranges.deal, false) AS lowest,
                             tradeup_internal.highest_minor(search_ranges.deal, false) AS highest) x
                WHERE (search_ranges.filter).tiers IS NULL AND x.lowest IS NOT NULL) w,
          (SELECT greatest(x.change_from, (search_ranges.filter).change_from) AS change_from,
                  least(x.change_to, (search_ranges.filter).change_to) AS change_to
           FROM (VALUES (NULL, NULL::numeric, NULL::numeric),
                        ('perfect', -tradeup_internal.widest_change('perfect'::text),
                         tradeup_internal.widest_change('perfect'::text)),
                        ('slight', tradeup_internal.widest_change('perfect'::text) + 0.000001,
                         tradeup_internal.widest_change('slight'::text)),
                        ('moderate', tradeup_internal.widest_change('slight'::text) + 0.000001,
                         tradeup_internal.widest_change('moderate'::text)),
                        ('stretch', NULL, -tradeup_internal.widest_change('perfect'::text) - 0.000001),
                        ('stretch', tradeup_internal.widest_change('moderate'::text) + 0.000001, NULL))
                x (category, change_from, change_to)
           WHERE coalesce(x.category = ANY ((search_ranges.filter).categories),
                          x.category IS NULL AND (search_ranges.filter).categories IS NULL)) c
          WHERE c.change_from IS NULL AND c.change_to IS NULL
             OR tradeup_internal.payment_change_minor(search_ranges.deal, 0::bigint) IS NOT NULL) r
    WHERE r.lowest <= r.highest;
END;
COMMENT ON FUNCTION tradeup_internal.search_ranges(tradeup.deal, tradeup.offer_filter, numeric, numeric) IS
    'The closed intervals of prices, in minor units, at which offers of a deal meet the tiers, categories and payment changes of '
    'a filter, within a range of prices';

CREATE OR REPLACE FUNCTION tradeup_internal.search_key(sort text, price_minor bigint, year integer, kilometers integer,
                                                       payment numeric, margin numeric, current_payment numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE sort
    WHEN 'closeness' THEN abs(payment - current_payment)
    WHEN 'payment' THEN payment
    WHEN 'price' THEN price_minor
    WHEN 'dearest' THEN -price_minor
    WHEN 'margin' THEN -margin
    WHEN 'year' THEN -coalesce(year, 0)::numeric
    ELSE coalesce(kilometers, 2147483647)
END;
COMMENT ON FUNCTION tradeup_internal.search_key(text, bigint, integer, integer, numeric, numeric, numeric) IS
    'The number by which a search sorts an offer, the smallest first; prices in minor units, payments those of a month';

-- The key is worked out here: the coalesce keeps it from the server of a foreign table, which would have to read the deal again
-- for each query.
CREATE OR REPLACE FUNCTION tradeup_internal.comes_after(key numeric, downward boolean, price_minor bigint, vehicle_id text,
                                                        term integer, place tradeup_internal.search_place) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE
    WHEN (place).key IS NULL THEN true
    WHEN key <> (place).key THEN key > (place).key
    WHEN downward <> (place).downward THEN (place).downward
    WHEN price_minor <> (place).price_minor THEN (price_minor < (place).price_minor) = downward
    WHEN vehicle_id COLLATE "C" <> (place).vehicle_id THEN (vehicle_id COLLATE "C" < (place).vehicle_id) = downward
    ELSE term > (place).term
END, false);
COMMENT ON FUNCTION tradeup_internal.comes_after(numeric, boolean, bigint, text, integer, tradeup_internal.search_place) IS
    'Whether an offer comes after a place in the order of a search';

-- Where the index on price is entered, so that what comes before the place is not read again. The key rises or falls with
-- the price, so the offers after the place are a range of prices; only offers of an equal key may be read for nothing. Payments
-- have at most 4 decimals; a current payment and a key may have 12, too many with the digits of a large one.
CREATE OR REPLACE FUNCTION tradeup_internal.search_slices(deal tradeup.deal, current_payment numeric, lowest bigint,
                                                          highest bigint, place tradeup_internal.search_place)
RETURNS TABLE (downward boolean, lowest bigint, highest bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 50 ROWS 1
BEGIN ATOMIC
    SELECT false, greatest(search_slices.lowest, (search_slices.place).key::bigint), search_slices.highest
    WHERE (search_slices.place).sort = 'price'
    UNION ALL
    SELECT true, search_slices.lowest, least(search_slices.highest, (-(search_slices.place).key)::bigint)
    WHERE (search_slices.place).sort = 'dearest'
    UNION ALL
    SELECT false, greatest(search_slices.lowest,
                           tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                          (search_slices.place).key - 0.0001)),
           search_slices.highest
    WHERE (search_slices.place).sort = 'payment'
    UNION ALL
    SELECT true, search_slices.lowest,
           least(search_slices.highest,
                 greatest(tradeup_internal.dearest_minor(search_slices.deal, 'margin'::text, -(search_slices.place).key - 0.0001),
                          CASE WHEN (search_slices.place).key IS NOT NULL
                               THEN least(tradeup_internal.dearest_minor(search_slices.deal, 'margin'::text,
                                                                         -(search_slices.place).key),
                                          (search_slices.place).price_minor)
                               ELSE search_slices.highest END))
    WHERE (search_slices.place).sort = 'margin'
    UNION ALL
    SELECT true, search_slices.lowest,
           least(search_slices.highest,
                 coalesce(tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                         trunc(search_slices.current_payment
                                                               - coalesce((search_slices.place).key, 0::numeric), 4)),
                          0::bigint))
    WHERE (search_slices.place).sort = 'closeness'
    UNION ALL
    SELECT false, greatest(search_slices.lowest,
                           tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                          search_slices.current_payment) + 1::bigint,
                           tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                          trunc(search_slices.current_payment + (search_slices.place).key
                                                                - 0.0001, 4))),
           search_slices.highest
    WHERE (search_slices.place).sort = 'closeness' AND search_slices.current_payment IS NOT NULL;
END;
COMMENT ON FUNCTION tradeup_internal.search_slices(tradeup.deal, numeric, bigint, bigint, tradeup_internal.search_place) IS
    'The prices of a range, in minor units, that may come after a place of a search, and the direction in which they come';

-- Sorts that follow the price read each slice of the index on price in order and stop at a page; year and kilometres read
-- their own index and ask of each vehicle whether some deal makes an offer of it; vehicles of unknown year or kilometres come
-- last, from a scan of their own. The branches that are not asked for drop out of the plan, or out of its execution where the
-- sort is a parameter. Deals whose slices are the same, as on the first page by most sorts, are served by one reading (the
-- OFFSET 0 keeps it to that). The limits are sub-selects, so that the planner does not know them: otherwise, where it expects few
-- vehicles, it would rather fetch all in a range and sort them. The vehicles of the page are looked up all at once. What is
-- compared with an identifier has no collation of its own (COLLATE "default"), because otherwise the comparison would not be sent
-- to the server of a foreign table. The bounds of the price that stand in a CASE are for that server too; plainly, they would
-- lead the planner to the index on price.
CREATE OR REPLACE FUNCTION tradeup_internal.page_of(deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                    conditions tradeup_internal.vehicle_conditions, sort text,
                                                    page_size integer, after tradeup_internal.search_place)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 5000 ROWS 20
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT (page_of.conditions).*
          WHERE tradeup_internal.require_one_of('sort'::text, page_of.sort,
                                                '{closeness,payment,price,dearest,margin,year,kilometers}'::text[])
            AND tradeup_internal.require_not_negative('page_size'::text, page_of.page_size)
          OFFSET 0) q,
    (SELECT page_of.sort, (page_of.after).key, (page_of.after).downward, (page_of.after).price_minor,
            (page_of.after).vehicle_id, (page_of.after).term OFFSET 0) p,
    (SELECT coalesce(-k.key, 2147483647::numeric)::integer AS year, coalesce(k.key, 0::numeric)::integer AS kilometers,
            coalesce(k.price_minor, 0::bigint) AS lowest, coalesce(k.price_minor, 9223372036854775807) AS highest,
            CASE WHEN k.key = 2147483647::numeric THEN k.price_minor ELSE 0::bigint END AS lowest_of_unknown,
            CASE WHEN k.key = 0::numeric THEN k.price_minor ELSE 9223372036854775807 END AS highest_of_unknown,
            coalesce(k.vehicle_id, ''::text) AS vehicle_id
     FROM (SELECT CASE WHEN page_of.sort IN ('year', 'kilometers') THEN (page_of.after).key END AS key,
                  (page_of.after).price_minor, (page_of.after).vehicle_id) k
     OFFSET 0) f,
    LATERAL (
        WITH s AS MATERIALIZED (
            SELECT d.*, r.lowest, r.highest
            FROM unnest(page_of.deals) d,
            LATERAL tradeup_internal.search_ranges(d.deal, page_of.filter, q.price_from, q.price_to) r
            WHERE (page_of.filter).terms IS NULL OR d.term = ANY ((page_of.filter).terms)
        ), l AS MATERIALIZED (
            SELECT s.*, l.downward, l.lowest AS first_minor, l.highest AS last_minor
            FROM s,
            LATERAL tradeup_internal.search_slices(s.deal, s.current_payment, s.lowest, s.highest,
                                                   p::tradeup_internal.search_place) l
        ), b AS MATERIALIZED (
            SELECT u.*
            FROM (
                SELECT l.*, v.vehicle_id, v.price_minor, k.key
                FROM (SELECT l.downward, l.first_minor, l.last_minor, l.term, v.vehicle_id, v.price_minor
                      FROM (SELECT l.*
                            FROM l
                            WHERE NOT EXISTS (SELECT FROM l e
                                              WHERE e.term < l.term AND e.downward = l.downward AND e.first_minor = l.first_minor
                                                AND e.last_minor = l.last_minor AND p.key IS NULL)
                            OFFSET 0) l,
                      LATERAL (
                          SELECT x.*
                          FROM (SELECT v.vehicle_id, v.price_minor
                                FROM tradeup.vehicle v,
                                LATERAL (SELECT tradeup_internal.search_key(
                                             page_of.sort, v.price_minor, NULL::integer, NULL::integer,
                                             tradeup_internal.monthly_payment_minor(l.deal, v.price_minor),
                                             tradeup_internal.margin_minor(l.deal, v.price_minor), l.current_payment) AS key) k
                                WHERE v.status = 'available' AND v.currency = l.currency AND v.price_minor >= l.first_minor
                                  AND v.price_minor <= l.last_minor
                                  AND tradeup_internal.finances(l.min_year, l.max_kilometers, l.makes, v.year, v.kilometers,
                                                                v.make)
                                  AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                                  AND CASE WHEN NOT q.of_table THEN true
                                           ELSE (SELECT tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, x)
                                                 FROM (SELECT v.vehicle_id COLLATE "default" AS vehicle_id) i,
                                                      tradeup.vehicle x
                                                 WHERE x.vehicle_id = i.vehicle_id) END
                                  AND tradeup_internal.comes_after(k.key, false, v.price_minor, v.vehicle_id, l.term,
                                                                   p::tradeup_internal.search_place)
                                ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT page_of.page_size)) x
                          WHERE NOT l.downward
                          UNION ALL
                          SELECT x.*
                          FROM (SELECT v.vehicle_id, v.price_minor
                                FROM tradeup.vehicle v,
                                LATERAL (SELECT tradeup_internal.search_key(
                                             page_of.sort, v.price_minor, NULL::integer, NULL::integer,
                                             tradeup_internal.monthly_payment_minor(l.deal, v.price_minor),
                                             tradeup_internal.margin_minor(l.deal, v.price_minor), l.current_payment) AS key) k
                                WHERE v.status = 'available' AND v.currency = l.currency AND v.price_minor >= l.first_minor
                                  AND v.price_minor <= l.last_minor
                                  AND tradeup_internal.finances(l.min_year, l.max_kilometers, l.makes, v.year, v.kilometers,
                                                                v.make)
                                  AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                                  AND CASE WHEN NOT q.of_table THEN true
                                           ELSE (SELECT tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, x)
                                                 FROM (SELECT v.vehicle_id COLLATE "default" AS vehicle_id) i,
                                                      tradeup.vehicle x
                                                 WHERE x.vehicle_id = i.vehicle_id) END
                                  AND tradeup_internal.comes_after(k.key, true, v.price_minor, v.vehicle_id, l.term,
                                                                   p::tradeup_internal.search_place)
                                ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT page_of.page_size)) x
                          WHERE l.downward
                      ) v
                      OFFSET 0) v, l,
                LATERAL (SELECT tradeup_internal.search_key(page_of.sort, v.price_minor, NULL::integer, NULL::integer,
                                                            tradeup_internal.monthly_payment_minor(l.deal, v.price_minor),
                                                            tradeup_internal.margin_minor(l.deal, v.price_minor),
                                                            l.current_payment) AS key) k
                WHERE l.downward = v.downward AND l.first_minor = v.first_minor AND l.last_minor = v.last_minor
                  AND (p.key IS NULL OR l.term = v.term)
                UNION ALL
                SELECT s.*, true, NULL::bigint, NULL::bigint, v.vehicle_id, v.price_minor, k.key
                FROM ((SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1) AND v.year <= f.year
                         AND CASE WHEN v.price_minor >= (SELECT min(s.lowest) FROM s)
                                   AND v.price_minor <= (SELECT max(s.highest) FROM s) THEN true ELSE false END
                         AND (v.year, v.price_minor, v.vehicle_id) <= (f.year, f.highest, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.year DESC NULLS LAST, v.price_minor DESC, v.vehicle_id DESC
                       LIMIT (SELECT page_of.page_size + 1))
                      UNION ALL
                      (SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1) AND v.year IS NULL
                         AND v.price_minor <= f.highest_of_unknown
                         AND CASE WHEN v.price_minor >= (SELECT min(s.lowest) FROM s) THEN true ELSE false END
                         AND (v.price_minor, v.vehicle_id) <= (f.highest_of_unknown, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.year DESC NULLS LAST, v.price_minor DESC, v.vehicle_id DESC
                       LIMIT (SELECT page_of.page_size + 1))) v, s,
                LATERAL (SELECT tradeup_internal.search_key(page_of.sort, NULL::bigint, v.year, v.kilometers, NULL::numeric,
                                                            NULL::numeric, NULL::numeric) AS key) k
                WHERE v.price_minor BETWEEN s.lowest AND s.highest
                  AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year, v.kilometers, v.make)
                  AND page_of.sort = 'year'
                  AND tradeup_internal.comes_after(k.key, true, v.price_minor, v.vehicle_id, s.term,
                                                   p::tradeup_internal.search_place)
                UNION ALL
                SELECT s.*, false, NULL::bigint, NULL::bigint, v.vehicle_id, v.price_minor, k.key
                FROM ((SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1)
                         AND v.kilometers >= f.kilometers
                         AND CASE WHEN v.price_minor >= (SELECT min(s.lowest) FROM s)
                                   AND v.price_minor <= (SELECT max(s.highest) FROM s) THEN true ELSE false END
                         AND (v.kilometers, v.price_minor, v.vehicle_id) >= (f.kilometers, f.lowest, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.kilometers, v.price_minor, v.vehicle_id LIMIT (SELECT page_of.page_size + 1))
                      UNION ALL
                      (SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1) AND v.kilometers IS NULL
                         AND v.price_minor >= f.lowest_of_unknown
                         AND CASE WHEN v.price_minor <= (SELECT max(s.highest) FROM s) THEN true ELSE false END
                         AND (v.price_minor, v.vehicle_id) >= (f.lowest_of_unknown, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.kilometers, v.price_minor, v.vehicle_id LIMIT (SELECT page_of.page_size + 1))) v, s,
                LATERAL (SELECT tradeup_internal.search_key(page_of.sort, NULL::bigint, v.year, v.kilometers, NULL::numeric,
                                                            NULL::numeric, NULL::numeric) AS key) k
                WHERE v.price_minor BETWEEN s.lowest AND s.highest
                  AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year, v.kilometers, v.make)
                  AND page_of.sort = 'kilometers'
                  AND tradeup_internal.comes_after(k.key, false, v.price_minor, v.vehicle_id, s.term,
                                                   p::tradeup_internal.search_place)
            ) u
            ORDER BY u.key, u.downward DESC, CASE WHEN u.downward THEN -u.price_minor ELSE u.price_minor END,
                     CASE WHEN u.downward THEN u.vehicle_id END DESC, u.vehicle_id, u.term
            LIMIT page_of.page_size
        ), w AS MATERIALIZED (
            SELECT v.vehicle_id, v AS vehicle
            FROM tradeup.vehicle v
            WHERE v.vehicle_id = ANY (ARRAY(SELECT b.vehicle_id COLLATE "default" FROM b))
        )
        SELECT b.*, w.vehicle FROM b, w WHERE w.vehicle_id = b.vehicle_id
    ) b,
    LATERAL tradeup_internal.priced(
        ROW(b.customer_id, b.program, b.version, b.profile, b.term, b.annual_rate, b.current_payment, b.deal, b.min_year,
            b.max_kilometers, b.makes, b.currency)::tradeup.customer_deal, b.vehicle,
        tradeup_internal.tier_minor(b.deal, b.price_minor), tradeup_internal.tier_rank_minor(b.deal, b.price_minor)) o
    ORDER BY b.key, b.downward DESC, CASE WHEN b.downward THEN -b.price_minor ELSE b.price_minor END,
             CASE WHEN b.downward THEN b.vehicle_id END DESC, b.vehicle_id, b.term;
END;
COMMENT ON FUNCTION tradeup_internal.page_of(tradeup.customer_deal[], tradeup.offer_filter,
                                             tradeup_internal.vehicle_conditions, text, integer,
                                             tradeup_internal.search_place) IS
    'A page of the offers that the deals of a customer make and a filter lets through, sorted, after a place';

-- The filter is read once, and so is the customer.
-- The filter's tiers and terms can only be checked against a program.
CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_require_tiers_and_terms(filter tradeup.offer_filter, program text,
                                                                             needed boolean)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    tiers text[];
    terms text[];
    what text;
    unknown text;
    known text[];
BEGIN
    IF NOT needed OR num_nonnulls(filter.tiers, filter.terms) = 0 THEN
        RETURN true;
    END IF;
    SELECT ARRAY(SELECT t.name FROM tradeup.program_tier t WHERE t.program = p.name AND t.version = p.version ORDER BY t.rank),
           ARRAY(SELECT t.term::text FROM tradeup.program_term t WHERE t.program = p.name AND t.version = p.version
                 ORDER BY t.term)
    INTO tiers, terms
    FROM tradeup.current_program p WHERE p.name = program;
    SELECT x.what, x.asked, x.known INTO what, unknown, known
    FROM (SELECT 1 AS n, 'tier' AS what, a.asked, tiers AS known
          FROM unnest(filter.tiers) a (asked)
          WHERE cardinality(tiers) > 0
            AND NOT EXISTS (SELECT FROM unnest(tiers) t (name)
                            WHERE tradeup_internal.is_one_of(t.name, ARRAY[a.asked], filter.match_case))
          UNION ALL
          SELECT 2, 'term', a.asked::text, terms
          FROM unnest(filter.terms) a (asked)
          WHERE cardinality(terms) > 0 AND a.asked::text <> ALL (terms)) x
    ORDER BY x.n, x.asked COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'program "%" has no such % as the filter asks for', tradeup_internal.shown(program), what
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is "%s".', tradeup_internal.shown(unknown)),
                HINT = format('Use %s.', tradeup_internal.shown(array_to_string(known, ', ')));
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_require_tiers_and_terms(tradeup.offer_filter, text, boolean) IS
    'The steps of require_tiers_and_terms';

CREATE OR REPLACE FUNCTION tradeup_internal.require_tiers_and_terms(filter tradeup.offer_filter, program text, needed boolean)
RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.require_tiers_and_terms(tradeup.offer_filter, text, boolean) IS
    'True when a program has the tiers and terms that a filter names, or that is not needed; otherwise the error that lists '
    'those it has';

CREATE OR REPLACE FUNCTION tradeup.search_page(customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                               sort text DEFAULT 'payment',
                                               page_size integer DEFAULT 20, after tradeup_internal.search_place DEFAULT NULL,
                                               program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 5000 ROWS 20 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT f.f, tradeup_internal.conditions_for(f.f, search_page.customer_id) AS c,
                 ARRAY(SELECT d
                       FROM tradeup.deals(search_page.customer_id, search_page.program, search_page.overrides) d) AS deals
          FROM (SELECT tradeup.offer_filter(search_page.filter, 'offers'::text) AS f OFFSET 0) f
          OFFSET 0) x,
    LATERAL tradeup_internal.page_of(x.deals, x.f, x.c, search_page.sort, search_page.page_size, search_page.after) o
    WHERE tradeup_internal.require_tiers_and_terms(x.f, (x.deals[1]).program,
                                                   tradeup_internal.asked_for_one(search_page.customer_id));
END;
COMMENT ON FUNCTION tradeup.search_page(text, tradeup.any_json, text, integer, tradeup_internal.search_place, text,
                                        tradeup.any_json) IS
    'A page of the offers for a customer that a filter lets through, sorted by closeness, payment, price, dearest, margin, year '
    'or kilometers, after a place';

-- With sorts off, because a plan that knows no bounds of prices would sort rather than read an index in order.
CREATE OR REPLACE FUNCTION tradeup_internal.kept_search_page(customer_id text, filter tradeup.any_json, sort text,
                                                             page_size integer,
                                                             after tradeup_internal.search_place, program text,
                                                             overrides tradeup.any_json)
RETURNS SETOF tradeup.offer
LANGUAGE c STABLE PARALLEL SAFE COST 5000 ROWS 20 SET search_path = pg_catalog, pg_temp
SET enable_sort = off SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_search_page(text, tradeup.any_json, text, integer, tradeup_internal.search_place, text,
                                                      tradeup.any_json) IS
    'search_page, by a plan that the session keeps';

CREATE OR REPLACE FUNCTION tradeup_internal.offers_matching(customer_id text, filter tradeup.any_json, program text DEFAULT NULL,
                                                            overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1000
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT f.f, tradeup_internal.conditions_for(f.f, offers_matching.customer_id) AS c
          FROM (SELECT tradeup.offer_filter(offers_matching.filter, 'offers'::text) AS f OFFSET 0) f
          OFFSET 0) x,
    LATERAL (SELECT (x.c).* OFFSET 0) q,
    LATERAL tradeup.deals(offers_matching.customer_id, offers_matching.program, offers_matching.overrides) d,
    LATERAL tradeup_internal.search_ranges(d.deal, x.f, q.price_from, q.price_to) r,
    tradeup.vehicle v,
    LATERAL tradeup_internal.priced(d, v, tradeup_internal.tier_minor(d.deal, v.price_minor),
                                    tradeup_internal.tier_rank_minor(d.deal, v.price_minor)) o
    WHERE ((x.f).terms IS NULL OR d.term = ANY ((x.f).terms))
      AND v.currency = ANY (ARRAY[d.currency]) AND v.price_minor >= r.lowest AND v.price_minor <= r.highest
      AND v.status = 'available'
      AND tradeup_internal.finances(d.min_year, d.max_kilometers, d.makes, v.year, v.kilometers, v.make)
      AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
      AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v);
END;
COMMENT ON FUNCTION tradeup_internal.offers_matching(text, tradeup.any_json, text, tradeup.any_json) IS
    'Every offer for a customer that a filter of a search lets through';

CREATE OR REPLACE FUNCTION tradeup_internal.price_bucket(price_minor bigint, edges bigint[]) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_bucket(bigint, bigint[]) IS
    'How many of the edges, ascending prices in minor units, are at most this price';

CREATE OR REPLACE FUNCTION tradeup_internal.search_tally_step(internal, bigint, bigint[], bigint[], text, text, text, integer)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.search_tally_step(internal, bigint, bigint[], bigint[], text, text, text, integer) IS
    'Step of the aggregate search_tally';
CREATE OR REPLACE FUNCTION tradeup_internal.search_tally_final(internal) RETURNS tradeup_internal.search_tally
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.search_tally_final(internal) IS 'End of the aggregate search_tally';
CREATE OR REPLACE AGGREGATE tradeup_internal.search_tally(price_minor bigint, edges bigint[], offers bigint[], make text,
                                                          body text, region text, year integer) (
    SFUNC = tradeup_internal.search_tally_step, STYPE = internal, SSPACE = 65536,
    FINALFUNC = tradeup_internal.search_tally_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.search_tally(bigint, bigint[], bigint[], text, text, text, integer) IS
    'Vehicles counted by bucket of prices, and those of buckets that make offers by make, body, region and band of 5 years; '
    'offers says how many a vehicle of each bucket makes, one more than there are edges';

-- A server counts its own vehicles where postgres_fdw may send it functions of this extension, which an option says. Tables that
-- are counted by their names must be open, in full, to whoever asks.
CREATE OR REPLACE FUNCTION tradeup_internal.tallied_by_table() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = 'tradeup.vehicle'::regclass) THEN
        RETURN false;
    END IF;
    RETURN (SELECT bool_or('tradeup' = ANY (regexp_split_to_array(o.option_value, '\s*,\s*')))
                   AND bool_and(has_table_privilege(t.relation, 'SELECT') AND NOT row_security_active(t.relation))
            FROM tradeup_internal.vehicle_tables() t
            LEFT JOIN pg_foreign_table f ON f.ftrelid = t.relation
            LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
            LEFT JOIN LATERAL pg_options_to_table(s.srvoptions) o ON o.option_name = 'extensions') IS TRUE;
END
$$;
COMMENT ON FUNCTION tradeup_internal.tallied_by_table() IS
    'Whether the vehicles of a search are counted table by table: the server of some foreign table has this extension among its '
    'extensions, and the caller may read all tables in full by their names';

-- An aggregate is sent to the server of a foreign table, but not through the table above it, hence a query made of names. The
-- vehicle is a row of columns, so that what is asked of it is asked of columns, which is sent too.
CREATE OR REPLACE FUNCTION tradeup_internal.tally_by_table(edges bigint[], offers bigint[], currency text, lowest bigint,
                                                           highest bigint,
                                                           conditions tradeup_internal.vehicle_conditions,
                                                           min_year integer, max_kilometers integer, makes text[])
RETURNS tradeup_internal.search_tally
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    parts text := (
        SELECT string_agg(format('SELECT tradeup_internal.search_tally(v.price_minor, $1, $2, v.make, v.body, v.region, v.year) '
                                 'FROM ONLY %s v WHERE v.status = ''available'' AND v.currency = $3 AND v.price_minor >= $4 '
                                 'AND v.price_minor <= $5 AND tradeup_internal.fits_index($6, %s) '
                                 'AND tradeup_internal.fits_table($6, %2$s) '
                                 'AND tradeup_internal.finances($7, $8, $9, v.year, v.kilometers, v.make)', t.relation,
                                 'ROW(v.vehicle_id, v.make, v.model, v.body, v.year, v.kilometers, v.color, v.fuel, '
                                 'v.transmission, v.vin, v.region, v.dealer, v.currency, v.regular_price, v.promotion_price, '
                                 'v.rebate, v.price, v.price_minor, v.cost, v.status, v.listed_on, '
                                 'v.sold_on)::tradeup.vehicle'), ' UNION ALL ')
        FROM tradeup_internal.vehicle_tables() t);
    tallies tradeup_internal.search_tally[];
BEGIN
    EXECUTE format('SELECT array_agg(t) FROM (%s) x (t)', parts) INTO tallies
    USING edges, offers, currency, lowest, highest, conditions, min_year, max_kilometers, makes;
    RETURN (
        SELECT ROW((SELECT array_agg(b.vehicles ORDER BY b.place)
                    FROM (SELECT b.place, sum(b.vehicles)::bigint AS vehicles
                          FROM unnest(tallies) t, unnest(t.buckets) WITH ORDINALITY b (vehicles, place)
                          GROUP BY b.place) b),
                   array_agg(f.facet), array_agg(f.value), array_agg(f.offers),
                   array_agg(f.vehicles))::tradeup_internal.search_tally
        FROM (SELECT f.facet, f.value, sum(f.offers)::bigint AS offers, sum(f.vehicles)::bigint AS vehicles
              FROM unnest(tallies) t,
                   unnest(t.facets, t."values", t.offers, t.vehicles) f (facet, value, offers, vehicles)
              GROUP BY f.facet, f.value) f);
END
$$;
COMMENT ON FUNCTION tradeup_internal.tally_by_table(bigint[], bigint[], text, bigint, bigint, tradeup_internal.vehicle_conditions,
                                                    integer, integer, text[]) IS
    'What search_tally counts of the available vehicles in a range of prices that meet conditions and are financed, each table '
    'of the inventory by itself, added up';

-- What of a count does not depend on the vehicles, and what is told of them once they are counted.
CREATE OR REPLACE FUNCTION tradeup_internal.counts_asked(deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                         conditions tradeup_internal.vehicle_conditions)
RETURNS TABLE (edges bigint[], terms bigint[], currency text, lowest bigint, highest bigint, min_year integer,
               max_kilometers integer, makes text[], cover tradeup_internal.search_cover[])
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    WITH d AS MATERIALIZED (
        SELECT d.*
        FROM unnest(counts_asked.deals) d
        WHERE (counts_asked.filter).terms IS NULL OR d.term = ANY ((counts_asked.filter).terms)
    ), category AS MATERIALIZED (
        SELECT d.term, x.category, x.lowest, x.highest
        FROM d,
        LATERAL (
            SELECT tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  -tradeup_internal.widest_change('perfect'::text) - 0.000001) AS less,
                   tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  tradeup_internal.widest_change('perfect'::text)) AS perfect,
                   tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  tradeup_internal.widest_change('slight'::text)) AS slight,
                   tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  tradeup_internal.widest_change('moderate'::text)) AS moderate) e,
        LATERAL (VALUES ('stretch', 0::bigint, e.less), ('perfect', e.less + 1, e.perfect),
                        ('slight', e.perfect + 1, e.slight), ('moderate', e.slight + 1, e.moderate),
                        ('stretch', e.moderate + 1, 9223372036854775807))
            x (category, lowest, highest)
        WHERE d.current_payment IS NOT NULL
        UNION ALL
        SELECT d.term, NULL, 0, 9223372036854775807 FROM d WHERE d.current_payment IS NULL
    ), piece AS MATERIALIZED (
        SELECT d.currency, w.tier, w.rank, c.category, x.lowest, x.highest
        FROM d, category c,
             LATERAL tradeup_internal.search_ranges(d.deal, counts_asked.filter, (counts_asked.conditions).price_from,
                                                    (counts_asked.conditions).price_to) r,
             LATERAL tradeup.windows(d.deal) w,
             LATERAL (SELECT greatest(r.lowest, w.lowest_minor, c.lowest) AS lowest,
                             least(r.highest, w.highest_minor, c.highest) AS highest) x
        WHERE c.term = d.term AND x.lowest <= x.highest
    ), edge AS MATERIALIZED (
        SELECT array_agg(DISTINCT e.edge ORDER BY e.edge) AS edges, min(p.lowest) AS lowest, max(p.highest) AS highest,
               min(p.currency) AS currency
        FROM piece p, LATERAL (VALUES (p.lowest), (p.highest + 1)) e (edge)
    ), cover AS MATERIALIZED (
        SELECT b.bucket, p.tier, p.rank, p.category, count(*) AS terms
        FROM piece p, edge e,
             LATERAL generate_series(tradeup_internal.price_bucket(p.lowest, e.edges),
                                     tradeup_internal.price_bucket(p.highest, e.edges)) b (bucket)
        GROUP BY b.bucket, p.tier, p.rank, p.category
    ), offer AS MATERIALIZED (
        SELECT array_agg(coalesce(v.terms, 0::bigint) ORDER BY b.bucket) AS terms
        FROM edge e, LATERAL generate_series(0, cardinality(e.edges)) b (bucket)
        LEFT JOIN (SELECT v.bucket, sum(v.terms)::bigint AS terms FROM cover v GROUP BY v.bucket) v ON v.bucket = b.bucket
    )
    SELECT e.edges, o.terms, e.currency, e.lowest, e.highest, d.min_year, d.max_kilometers, d.makes,
           (SELECT array_agg(ROW(c.bucket, c.tier, c.rank, c.category, c.terms)::tradeup_internal.search_cover) FROM cover c)
    FROM edge e, offer o, (SELECT d.min_year, d.max_kilometers, d.makes FROM d LIMIT 1) d;
END;
COMMENT ON FUNCTION tradeup_internal.counts_asked(tradeup.customer_deal[], tradeup.offer_filter,
                                                  tradeup_internal.vehicle_conditions) IS
    'How the vehicles of a search are counted: the edges of their buckets by price, how many offers a vehicle of each makes, the '
    'range of all, what the program asks of vehicles, and what each bucket is counted as; no row without deals';

CREATE OR REPLACE FUNCTION tradeup_internal.counts_told(tally tradeup_internal.search_tally, terms bigint[],
                                                        cover tradeup_internal.search_cover[])
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 50
BEGIN ATOMIC
    WITH bucket AS MATERIALIZED (
        SELECT b.place - 1 AS bucket, b.vehicles, counts_told.terms[b.place] AS terms
        FROM unnest((counts_told.tally).buckets) WITH ORDINALITY b (vehicles, place)
        WHERE b.vehicles > 0
    )
    SELECT 'all', NULL, 1, coalesce(sum(b.vehicles * b.terms)::bigint, 0), coalesce(sum(b.vehicles)::bigint, 0)
    FROM bucket b
    UNION ALL
    SELECT 'tier', x.tier, x.rank, sum(b.vehicles * x.terms)::bigint, sum(b.vehicles)::bigint
    FROM (SELECT v.bucket, v.tier, v.rank, sum(v.terms) AS terms FROM unnest(counts_told.cover) v GROUP BY 1, 2, 3) x
    JOIN bucket b USING (bucket)
    GROUP BY x.tier, x.rank
    UNION ALL
    SELECT 'category', x.category, array_position('{perfect,slight,moderate,stretch}', x.category),
           sum(b.vehicles * x.terms)::bigint, sum(b.vehicles)::bigint
    FROM (SELECT v.bucket, v.category, sum(v.terms) AS terms FROM unnest(counts_told.cover) v GROUP BY 1, 2) x
    JOIN bucket b USING (bucket)
    GROUP BY x.category
    UNION ALL
    SELECT x.facet, x.value, row_number() OVER (PARTITION BY x.facet ORDER BY CASE WHEN x.facet <> 'year' THEN -x.vehicles END,
                                                x.value COLLATE "C")::integer, x.offers, x.vehicles
    FROM unnest((counts_told.tally).facets, (counts_told.tally)."values", (counts_told.tally).offers,
                (counts_told.tally).vehicles) x (facet, value, offers, vehicles);
END;
COMMENT ON FUNCTION tradeup_internal.counts_told(tradeup_internal.search_tally, bigint[], tradeup_internal.search_cover[]) IS
    'The counts and facets that a tally stands for, counted as counts_asked says; zeros for a null';

-- Tiers and categories are ranges of prices, so the vehicles are read once, whatever the number of terms: each falls into a
-- bucket between two edges of any deal's ranges, and what all deals make of a bucket is worked out once. The table itself is
-- asked only of vehicles that meet all other conditions, and only where the filter asks for something that it alone has.
CREATE OR REPLACE FUNCTION tradeup_internal.counts_of(deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                      conditions tradeup_internal.vehicle_conditions)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 50
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT a.*,
               (counts_of.conditions).of_index OR (counts_of.conditions).of_table
                   OR num_nonnulls(a.min_year, a.max_kilometers, a.makes) > 0 AS picky,
               tradeup_internal.tallied_by_table() AS by_table
        FROM tradeup_internal.counts_asked(counts_of.deals, counts_of.filter, counts_of.conditions) a
    ), counted AS MATERIALIZED (
        SELECT x.tally
        FROM (SELECT (counts_of.conditions).* OFFSET 0) q, asked a,
             LATERAL (
                 SELECT tradeup_internal.search_tally(v.price_minor, a.edges, a.terms, v.make, v.body, v.region, v.year) AS tally
                 FROM tradeup.vehicle v
                 WHERE v.currency = ANY (ARRAY[a.currency]) AND v.price_minor >= a.lowest AND v.price_minor <= a.highest
                   AND v.status = 'available'
                   AND CASE WHEN NOT a.picky THEN true
                            ELSE tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                                 AND CASE WHEN NOT q.of_table THEN true
                                          ELSE (SELECT tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, x)
                                                FROM (SELECT v.vehicle_id COLLATE "default" AS vehicle_id) i,
                                                     tradeup.vehicle x
                                                WHERE x.vehicle_id = i.vehicle_id) END
                                 AND tradeup_internal.finances(a.min_year, a.max_kilometers, a.makes, v.year, v.kilometers,
                                                               v.make) END) x
        WHERE NOT a.by_table
        UNION ALL
        SELECT tradeup_internal.tally_by_table(a.edges, a.terms, a.currency, a.lowest, a.highest, counts_of.conditions,
                                               a.min_year, a.max_kilometers, a.makes)
        FROM asked a WHERE a.by_table
    )
    SELECT t.facet, t.value, t.place, t.offers, t.vehicles
    FROM (SELECT (SELECT c.tally FROM counted c) AS tally, (SELECT a.terms FROM asked a) AS terms,
                 (SELECT a.cover FROM asked a) AS cover OFFSET 0) x,
    LATERAL tradeup_internal.counts_told(x.tally, x.terms, x.cover) t;
END;
COMMENT ON FUNCTION tradeup_internal.counts_of(tradeup.customer_deal[], tradeup.offer_filter,
                                               tradeup_internal.vehicle_conditions) IS
    'How many offers, and vehicles with an offer, the deals of a customer make and a filter lets through, in all and by facet';

CREATE OR REPLACE FUNCTION tradeup_internal.facet_keys(field text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE field WHEN 'body' THEN '{bodies}' WHEN 'year' THEN '{year_from,year_to}'
                  ELSE ARRAY[field || 's'] END;
COMMENT ON FUNCTION tradeup_internal.facet_keys(text) IS 'The keys of a filter that are the condition of a facet';

CREATE OR REPLACE FUNCTION tradeup_internal.facets_asked(facets text, facet_fields text[], filter tradeup.any_json)
RETURNS TABLE (fields text[], multi boolean, standard boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT f.fields, f.multi, NOT f.multi AND f.fields <@ '{make,body,region,year}'::text[]
    FROM (SELECT f.fields,
                 coalesce(facets_asked.facets = 'multi'
                          AND facets_asked.filter::jsonb ?| ARRAY(SELECT k
                                                                  FROM unnest(f.fields) x,
                                                                       unnest(tradeup_internal.facet_keys(x)) k), false) AS multi
          FROM (SELECT coalesce(facets_asked.facet_fields, '{make,body,region,year}'::text[]) AS fields) f) f
    WHERE tradeup_internal.require_one_of('facets'::text, coalesce(facets_asked.facets, 'plain'::text), '{plain,multi}'::text[])
      AND (SELECT coalesce(bool_and(tradeup_internal.require_one_of('facet_fields'::text, x,
                                                                    '{make,body,region,year,dealer,model,color,fuel,transmission}'
                                                                    ::text[])), true)
           FROM unnest(f.fields) x);
END;
COMMENT ON FUNCTION tradeup_internal.facets_asked(text, text[], tradeup.any_json) IS
    'The fields to count by; whether one of them is counted without its own condition; and whether counts_of counts them all';
