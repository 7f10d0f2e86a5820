-- Bundles that a shop could offer: what sells together, what sells in numbers, and what one thing brings for another.

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.bundle_options(options jsonb, OUT objective text, OUT rank_by text,
                                                                   OUT tests text, OUT history boolean,
                                                                   OUT resolve_sku boolean)
RETURNS record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.bundle_options(jsonb) IS
    'Options of bundles with their defaults: objective, rank_by, tests, history, resolve_sku';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.pairs_until(shop text, resolve_sku boolean, as_of date, options jsonb)
RETURNS SETOF tradeup_bundles.mined_pair
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles_internal.mine_pairs(s.order_id, s.variant_id, pairs_until.options)
                 FROM tradeup_bundles_internal.lines_until(pairs_until.shop, pairs_until.resolve_sku, pairs_until.as_of) s
                 WHERE s.quantity > 0)) m;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.pairs_until(text, boolean, date, jsonb) IS 'Pairs of orders of a shop up to a day';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.triples_until(shop text, resolve_sku boolean, as_of date, options jsonb)
RETURNS SETOF tradeup_bundles.mined_triple
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles_internal.mine_triples(s.order_id, s.variant_id, triples_until.options)
                 FROM tradeup_bundles_internal.lines_until(triples_until.shop, triples_until.resolve_sku, triples_until.as_of) s
                 WHERE s.quantity > 0)) m;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.triples_until(text, boolean, date, jsonb) IS
    'Triples of orders of a shop up to a day';

-- Units are net of returns; lines, orders and quantities are of sales only.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.variant_sales(shop text, resolve_sku boolean, as_of date)
RETURNS TABLE (variant_id text, price numeric, minor_digits integer, stock integer, for_sale boolean, category text,
               catalog_size bigint, units bigint, lines bigint, orders bigint, quantities integer[], discount numeric,
               revenue numeric, is_slow boolean, is_fast boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    WITH sold AS MATERIALIZED (
        SELECT l.variant_id, sum(l.quantity) AS units
        FROM tradeup_bundles_internal.lines_until(variant_sales.shop, variant_sales.resolve_sku, variant_sales.as_of) l
        GROUP BY l.variant_id
    ), sale AS (
        /* Used once, so that a caller that asks for some of the columns only has no others computed. */
        SELECT l.variant_id, count(*) FILTER (WHERE l.quantity > 0) AS lines,
               count(DISTINCT l.order_id) FILTER (WHERE l.quantity > 0) AS orders,
               array_agg(l.quantity ORDER BY l.quantity) FILTER (WHERE l.quantity > 0) AS quantities,
               sum(l.line_discount) FILTER (WHERE l.quantity > 0) AS discount,
               sum(l.unit_price * l.quantity) FILTER (WHERE l.quantity > 0) AS revenue
        FROM tradeup_bundles_internal.lines_until(variant_sales.shop, variant_sales.resolve_sku, variant_sales.as_of) l
        GROUP BY l.variant_id
    ), item AS MATERIALIZED (
        SELECT c.variant_id, round(c.price, d.digits) AS price, d.digits, c.available, c.product_status, c.product_type,
               count(*) OVER () AS catalog_size
        FROM tradeup_bundles.catalog_item c,
             (SELECT coalesce(tradeup_bundles_internal.currency_digits(s.currency), 2) AS digits
              FROM tradeup_bundles.shop s WHERE s.shop = variant_sales.shop) d
        WHERE c.shop = variant_sales.shop
    ), sorted AS (
        SELECT array_agg(s.units ORDER BY s.units) AS units, count(*) AS n
        FROM item i, sold s WHERE s.variant_id = i.variant_id AND i.price > 0 AND s.units > 0
    )
    SELECT i.variant_id, i.price, i.digits, i.available,
           coalesce(i.product_status = 'ACTIVE' AND i.price > 0 AND i.available IS DISTINCT FROM 0, false), i.product_type,
           i.catalog_size, coalesce(u.units, 0), coalesce(s.lines, 0), coalesce(s.orders, 0),
           coalesce(s.quantities, '{}'::integer[]), coalesce(s.discount, 0), coalesce(s.revenue, 0),
           coalesce(u.units, 0) <= t.units[greatest(0, t.n / 4 - 1) + 1],
           coalesce(u.units, 0) >= t.units[greatest(0, t.n * 3 / 4 - 1) + 1]
    FROM item i LEFT JOIN sold u ON u.variant_id = i.variant_id LEFT JOIN sale s ON s.variant_id = i.variant_id, sorted t;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.variant_sales(text, boolean, date) IS
    'The catalogue of a shop with what was sold of each variant up to a day, and whether that is little or much';

CREATE OR REPLACE FUNCTION tradeup_bundles.volume_tiers(shop text, as_of date DEFAULT NULL::date,
                                                        options jsonb DEFAULT '{}'::jsonb)
RETURNS TABLE (variant_id text, price numeric, stock integer, units bigint, lines bigint, max_quantity integer,
               share_2 double precision, share_3 double precision, share_5 double precision, p75 integer, p90 integer,
               score double precision, quantities integer[], percents numeric[])
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    SELECT v.variant_id, v.price, v.stock, v.units, v.lines, a.most, a.share_2, a.share_3, a.share_5, a.p75, a.p90,
           CASE WHEN v.is_fast THEN 0.4::double precision ELSE 0 END + CASE WHEN a.most >= 3 THEN 0.3::double precision ELSE 0 END
           + CASE WHEN a.share_2 > 0.2 THEN 0.2::double precision ELSE 0 END
           + least(0.1::double precision, v.units / 100::double precision),
           ARRAY[1, 2] || CASE WHEN b.third > 2 THEN ARRAY[b.third] ELSE '{}'::integer[] END
           || CASE WHEN c.fourth > greatest(2, b.third) THEN ARRAY[c.fourth] ELSE '{}'::integer[] END,
           ARRAY[0, CASE WHEN a.share_2 > 0.3 THEN 8 ELSE 5 END]::numeric[]
           || CASE WHEN b.third > 2 THEN ARRAY[CASE WHEN a.share_3 > 0.15 THEN 10 ELSE 12 END]::numeric[] ELSE '{}'::numeric[] END
           || CASE WHEN c.fourth > greatest(2, b.third)
                   THEN ARRAY[CASE WHEN a.share_5 > 0.1 THEN 15 WHEN a.most >= 5 THEN 18 ELSE 20 END]::numeric[]
                   ELSE '{}'::numeric[] END
    FROM tradeup_bundles_internal.bundle_options(volume_tiers.options) o,
         LATERAL tradeup_bundles_internal.variant_sales(volume_tiers.shop, o.resolve_sku, volume_tiers.as_of) v,
         LATERAL (SELECT v.quantities[v.lines] AS most,
                         v.quantities[least(v.lines * 3 / 4, v.lines - 1) + 1] AS p75,
                         v.quantities[least(v.lines * 9 / 10, v.lines - 1) + 1] AS p90,
                         count(*) FILTER (WHERE q.q >= 2) / v.lines::double precision AS share_2,
                         count(*) FILTER (WHERE q.q >= 3) / v.lines::double precision AS share_3,
                         count(*) FILTER (WHERE q.q >= 5) / v.lines::double precision AS share_5
                  FROM unnest(v.quantities) q (q)) a,
         LATERAL (SELECT least(CASE WHEN a.p75 > 2 THEN greatest(3, a.p75) ELSE 3 END, v.stock / 2, 5) AS third) b,
         LATERAL (SELECT least(CASE WHEN a.p90 > b.third THEN greatest(5, a.p90) ELSE greatest(5, b.third + 2) END,
                               v.stock / 2, 10) AS fourth) c
    WHERE v.for_sale AND (v.stock IS NULL OR v.stock >= 3) AND v.lines > 0
      AND tradeup_bundles_internal.known_shop(volume_tiers.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.volume_tiers(text, date, jsonb) IS
    'Variants for sale that were sold, and from which quantity on which percent could be taken off; options: resolve_sku';

-- A planner thinks of an array whose length it does not know as of ten elements, and would hash the pairs of a shop.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.each_pair(pairs tradeup_bundles.mined_pair[])
RETURNS SETOF tradeup_bundles.mined_pair
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.each_pair(tradeup_bundles.mined_pair[]) IS
    'The elements of an array of pairs, as unnest gives them, planned as very many';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.each_once(firsts integer[], seconds integer[]) RETURNS boolean[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.each_once(integer[], integer[]) IS
    'Of pairs of numbers from 1 on, in the order of their rank, whether each has none of the numbers of those chosen before it';

-- Each variant is in one bundle: the best one first, and of equal ones the one of more orders. What is chosen of the best so many
-- is what is chosen of all, as far as they go, so a list of a few bundles need not put millions of pairs in order. Nothing is
-- known of how many pairs a shop has and how many share a variant, so the settings say how to join: variants are hashed, pairs
-- read once.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.best_directions(shop text, as_of date, resolve_sku boolean, most bigint)
RETURNS TABLE (place bigint, buy text, get text, n_both bigint, n_buy bigint, strength double precision, get_is_slow boolean,
               buy_is_fast boolean, buy_price numeric, get_price numeric, score double precision, discount_percent integer,
               minor_digits integer, chosen boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 200000 ROWS 100
SET enable_nestloop = off SET enable_mergejoin = off SET join_collapse_limit = 1 SET jit = off
BEGIN ATOMIC
    WITH variant AS MATERIALIZED (
        SELECT v.variant_id, v.price, 2 * v.price AS twice, v.minor_digits, v.orders::double precision AS orders,
               v.catalog_size::double precision AS catalog_size, v.is_slow, v.is_fast, (row_number() OVER ())::integer AS number
        FROM tradeup_bundles_internal.variant_sales(best_directions.shop, best_directions.resolve_sku, best_directions.as_of) v
        WHERE v.for_sale
    ), pair AS MATERIALIZED (
        /* By numbers, since there are millions: so they are kept in little room and found again fast. */
        SELECT a.number AS a, b.number AS b, p.n_ab
        FROM tradeup_bundles_internal.each_pair((
                 SELECT tradeup_bundles_internal.mine_pairs(s.order_id, s.variant_id,
                                                            '{"min_count": 1, "min_lift": 1, "max_q": 0.05}'::jsonb)
                 FROM tradeup_bundles_internal.lines_until(best_directions.shop, best_directions.resolve_sku,
                                                           best_directions.as_of) s
                 WHERE s.quantity > 0)) p
             JOIN variant a ON a.variant_id = p.a
             JOIN variant b ON b.variant_id = p.b
        WHERE p.lift > 1
    ), direction AS (
        SELECT p.a AS x, p.b AS y, p.n_ab FROM pair p
        UNION ALL
        SELECT p.b, p.a, p.n_ab FROM pair p
    ), best AS (
        SELECT x.variant_id AS x, y.variant_id AS y, d.n_ab, x.orders::bigint AS orders, s.strength, y.is_slow, x.is_fast,
               x.price AS x_price, y.price AS y_price, z.score, x.minor_digits, x.number AS x_number, y.number AS y_number
        FROM direction d JOIN variant x ON x.number = d.x JOIN variant y ON y.number = d.y,
             LATERAL (SELECT least(1, greatest(0, (d.n_ab + 1) / (x.orders + x.catalog_size)
                                                  - 0.2::double precision * (x.orders - d.n_ab) / x.orders))
                             AS strength) s,
             LATERAL (SELECT s.strength + CASE WHEN y.is_slow THEN 0.3::double precision ELSE 0 END
                             + CASE WHEN x.is_fast THEN 0.2::double precision ELSE 0 END
                             + CASE WHEN y.twice < x.price THEN 0.2::double precision
                                    WHEN y.price < x.price THEN 0.1::double precision ELSE 0 END AS score) z
        ORDER BY z.score DESC, d.n_ab DESC, x.variant_id COLLATE "C", y.variant_id COLLATE "C"
        LIMIT best_directions.most
    ), ranked AS MATERIALIZED (
        SELECT b.*, row_number() OVER (ORDER BY b.score DESC, b.n_ab DESC, b.x COLLATE "C", b.y COLLATE "C") AS place FROM best b
    )
    SELECT r.place, r.x, r.y, r.n_ab, r.orders, r.strength, r.is_slow, r.is_fast, r.x_price, r.y_price, r.score,
           CASE WHEN r.strength > 0.15 AND 2 * r.y_price < r.x_price THEN 100
                WHEN r.strength > 0.1 AND r.y_price < r.x_price THEN 50 ELSE 25 END,
           r.minor_digits, g.chosen
    FROM ranked r,
         unnest((SELECT tradeup_bundles_internal.each_once(array_agg(a.x_number ORDER BY a.place),
                                                           array_agg(a.y_number ORDER BY a.place))
                 FROM ranked a)) WITH ORDINALITY g (chosen, place)
    WHERE g.place = r.place;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.best_directions(text, date, boolean, bigint) IS
    'Significant pairs of variants for sale, in both directions, the best so many (null: all), and whether each is chosen';

CREATE OR REPLACE FUNCTION tradeup_bundles.buy_x_get_y(shop text, as_of date DEFAULT NULL::date,
                                                       options jsonb DEFAULT '{}'::jsonb)
RETURNS TABLE (buy text, get text, n_both bigint, n_buy bigint, strength double precision, get_is_slow boolean,
               buy_is_fast boolean, buy_price numeric, get_price numeric, score double precision, discount_percent integer,
               price numeric, chosen boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 200000 ROWS 100
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT o.resolve_sku FROM tradeup_bundles_internal.bundle_options(buy_x_get_y.options) o
        WHERE tradeup_bundles_internal.known_shop(buy_x_get_y.shop)
    )
    SELECT x.buy, x.get, x.n_both, x.n_buy, x.strength, x.get_is_slow, x.buy_is_fast, x.buy_price, x.get_price, x.score,
           x.discount_percent,
           (tradeup_bundles.bundle_price(ARRAY[x.buy_price, x.get_price], ARRAY[1, 1], ARRAY[0, x.discount_percent]::numeric[],
                                         NULL::text, x.minor_digits)).price,
           x.chosen
    FROM wanted w, LATERAL tradeup_bundles_internal.best_directions(buy_x_get_y.shop, buy_x_get_y.as_of, w.resolve_sku,
                                                                    NULL::bigint) x
    ORDER BY x.place;
END;
COMMENT ON FUNCTION tradeup_bundles.buy_x_get_y(text, date, jsonb) IS
    'What brings what: significant pairs of variants for sale, in both directions, with the percent off the second; chosen are '
    'the best ones, each variant once; options: resolve_sku';

CREATE OR REPLACE FUNCTION tradeup_bundles.sold_together(shop text, as_of date DEFAULT NULL::date,
                                                         options jsonb DEFAULT '{}'::jsonb)
RETURNS TABLE (variants text[], n bigint, n_together bigint, lift double precision, leverage double precision,
               log10_p double precision, q double precision, prices numeric[], percents numeric[], original_total numeric,
               price numeric, discounts numeric[], score double precision, counts jsonb)
LANGUAGE sql STABLE PARALLEL SAFE COST 200000 ROWS 100
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT o.objective, o.rank_by, o.tests, o.history, o.resolve_sku
        FROM tradeup_bundles_internal.bundle_options(sold_together.options) o
        WHERE tradeup_bundles_internal.known_shop(sold_together.shop)
    ), variant AS MATERIALIZED (
        SELECT v.variant_id, v.price, v.minor_digits, v.for_sale,
               CASE WHEN w.history
                    THEN round(100 * (least(1, v.lines / 20.0) * CASE WHEN v.revenue > 0 THEN v.discount / v.revenue ELSE 0 END
                                      + (1 - least(1, v.lines / 20.0))
                                        * (CASE WHEN sum(v.lines) OVER category >= 5 AND sum(v.revenue) OVER category > 0
                                                THEN sum(v.discount) OVER category / sum(v.revenue) OVER category
                                                ELSE 0.1 END
                                           + CASE WHEN sum(v.revenue) OVER () > 0
                                                  THEN sum(v.discount) OVER () / sum(v.revenue) OVER () ELSE 0.12 END) / 2), 2)
                    ELSE 10 END AS percent
        FROM wanted w, LATERAL tradeup_bundles_internal.variant_sales(sold_together.shop, w.resolve_sku, sold_together.as_of) v
        WINDOW category AS (PARTITION BY v.category)
    ), pair AS MATERIALIZED (
        SELECT p.a, p.b, p.n, p.n_a, p.n_b, p.n_ab, p.support, p.lift, p.log10_p, p.q
        FROM wanted w,
             LATERAL tradeup_bundles_internal.pairs_until(
                 sold_together.shop, w.resolve_sku, sold_together.as_of,
                 '{"min_count": 3, "min_lift": 1, "max_q": 0.05}'::jsonb || jsonb_build_object('tests', w.tests)) p
        WHERE p.lift > 1
    ), found (variants, n, n_together, support, lift, log10_p, q, counts) AS MATERIALIZED (
        SELECT ARRAY[p.a, p.b], p.n, p.n_ab, p.support, p.lift, p.log10_p, p.q,
               jsonb_build_object('n', p.n, 'n_of', ARRAY[p.n_a, p.n_b], 'n_together', p.n_ab)
        FROM pair p
        UNION ALL
        SELECT ARRAY[t.a, t.b, t.c], t.n, t.n_abc, t.support, least(t.lift_a_bc, t.lift_b_ac, t.lift_c_ab),
               greatest(ab.log10_p, ac.log10_p, bc.log10_p), greatest(ab.q, ac.q, bc.q),
               jsonb_build_object('n', t.n, 'n_of', ARRAY[t.n_a, t.n_b, t.n_c], 'n_pairs', ARRAY[t.n_ab, t.n_ac, t.n_bc],
                                  'n_together', t.n_abc)
        FROM wanted w,
             LATERAL tradeup_bundles_internal.triples_until(sold_together.shop, w.resolve_sku, sold_together.as_of,
                                                            '{"min_count": 3, "min_lift": 1}'::jsonb) t,
             pair ab, pair ac, pair bc
        WHERE least(t.lift_a_bc, t.lift_b_ac, t.lift_c_ab) > 1 AND ab.a = t.a AND ab.b = t.b AND ac.a = t.a AND ac.b = t.c
          AND bc.a = t.b AND bc.b = t.c
    ), line AS (
        SELECT f.variants, array_agg(x.price ORDER BY x.variant_id) AS prices,
               array_agg(x.percent ORDER BY x.variant_id) AS percents, min(x.minor_digits) AS digits, count(*) AS lines
        FROM found f, unnest(f.variants) u (variant_id), variant x
        WHERE x.variant_id = u.variant_id AND x.for_sale GROUP BY f.variants
    ), priced AS (
        SELECT f.variants, f.n, f.n_together, f.support, f.lift, f.log10_p, f.q, f.counts, l.prices, l.percents, l.digits
        FROM found f, line l WHERE l.variants = f.variants AND l.lines = cardinality(f.variants)
    )
    SELECT p.variants, p.n, p.n_together, p.lift, p.support * (1 - 1 / p.lift), p.log10_p, p.q, p.prices, p.percents,
           b.original_total, b.price, b.discounts,
           CASE w.rank_by WHEN 'lift' THEN p.lift WHEN 'significance' THEN -p.log10_p
                ELSE p.support * (1 - 1 / p.lift) * b.original_total::double precision END,
           p.counts || jsonb_build_object('as_of', sold_together.as_of, 'resolve_sku', w.resolve_sku)
    FROM wanted w, priced p,
         LATERAL tradeup_bundles.bundle_price(p.prices, array_fill(1, ARRAY[cardinality(p.prices)]), p.percents, w.objective,
                                              p.digits) b;
END;
COMMENT ON FUNCTION tradeup_bundles.sold_together(text, date, jsonb) IS
    'Pairs and triples of variants for sale that are bought together at least 3 times, more often than by chance, q at most '
    '0.05, with their prices; options: objective, rank_by, tests, history, resolve_sku';

-- The number of bundles follows from the size of the catalogue: two of each kind, and of the rest half together.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.bundles_of_kinds(catalog_size bigint)
RETURNS TABLE (kind text, bundles integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 3
BEGIN ATOMIC
    SELECT s.kind, least(15, 2 + s.whole + CASE WHEN row_number() OVER (ORDER BY s.left DESC, s.place)
                                                     <= s.rest - sum(s.whole) OVER () THEN 1 ELSE 0 END)::integer
    FROM (SELECT k.kind, k.place, a.rest, a.rest / k.part AS whole, a.rest % k.part * (4 / k.part) AS left
          FROM (SELECT CASE WHEN bundles_of_kinds.catalog_size < 50 THEN 10 WHEN bundles_of_kinds.catalog_size < 100 THEN 12
                            WHEN bundles_of_kinds.catalog_size < 200 THEN 14 WHEN bundles_of_kinds.catalog_size < 500 THEN 16
                            WHEN bundles_of_kinds.catalog_size < 1000 THEN 18 ELSE 20 END - 6 AS rest) a,
               (VALUES ('together'::text, 1, 2), ('volume', 2, 4), ('buy_x_get_y', 3, 4)) k (kind, place, part)) s;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.bundles_of_kinds(bigint) IS
    'How many bundles of each kind a catalogue of this size gets at most';

CREATE OR REPLACE FUNCTION tradeup_bundles.propose_bundles(shop text, as_of date DEFAULT NULL::date,
                                                           options jsonb DEFAULT '{}'::jsonb)
RETURNS SETOF tradeup_bundles.proposed_bundle
LANGUAGE sql STABLE PARALLEL SAFE COST 500000 ROWS 20
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT o.objective, o.resolve_sku, k.kind, k.bundles, 10000::bigint AS directions,
               coalesce(tradeup_bundles_internal.currency_digits(s.currency), 2) AS digits
        FROM tradeup_bundles_internal.bundle_options(propose_bundles.options) o, tradeup_bundles.shop s,
             LATERAL (SELECT count(*) AS items FROM tradeup_bundles.catalog_item c WHERE c.shop = s.shop) c,
             LATERAL tradeup_bundles_internal.bundles_of_kinds(c.items) k
        WHERE s.shop = propose_bundles.shop
    ), best AS MATERIALIZED (
        SELECT x.*, w.bundles
        FROM wanted w,
             LATERAL tradeup_bundles_internal.best_directions(propose_bundles.shop, propose_bundles.as_of, w.resolve_sku,
                                                              w.directions) x
        WHERE w.kind = 'buy_x_get_y'
    ), brings AS (
        SELECT b.buy, b.get, b.buy_price, b.get_price, b.discount_percent, b.score, b.n_both, b.n_buy FROM best b WHERE b.chosen
        UNION ALL
        /* Where so few of the best are chosen that more are needed, all are looked at. */
        SELECT x.buy, x.get, x.buy_price, x.get_price, x.discount_percent, x.score, x.n_both, x.n_buy
        FROM wanted w,
             LATERAL tradeup_bundles_internal.best_directions(propose_bundles.shop, propose_bundles.as_of, w.resolve_sku,
                                                              NULL::bigint) x
        WHERE w.kind = 'buy_x_get_y' AND x.chosen AND x.place > w.directions
          AND (SELECT count(*) = w.directions AND count(*) FILTER (WHERE b.chosen) < min(b.bundles) FROM best b)
    ), candidate AS (
        SELECT w.kind, w.objective, t.variants, array_fill(1, ARRAY[cardinality(t.variants)]) AS quantities, t.prices, t.percents,
               t.discounts, t.original_total, t.price, t.score, t.n_together AS count, NULL::jsonb AS tiers, t.counts, w.bundles
        FROM wanted w, tradeup_bundles.sold_together(propose_bundles.shop, propose_bundles.as_of, propose_bundles.options) t
        WHERE w.kind = 'together'
        UNION ALL
        SELECT w.kind, w.objective, ARRAY[v.variant_id], v.quantities[2:2], ARRAY[v.price], v.percents[2:2], b.discounts,
               b.original_total, b.price, v.score, v.lines,
               (SELECT jsonb_agg(jsonb_build_object(
                                     'quantity', q.quantity, 'percent', q.percent,
                                     'price', (tradeup_bundles.bundle_price(ARRAY[v.price], ARRAY[q.quantity], ARRAY[q.percent],
                                                                            CASE WHEN q.percent > 0 THEN w.objective END,
                                                                            w.digits)).price)
                                 ORDER BY q.quantity)
                FROM unnest(v.quantities, v.percents) q (quantity, percent)),
               jsonb_build_object('lines', v.lines, 'units', v.units, 'max_quantity', v.max_quantity,
                                  'lines_2', round(v.share_2 * v.lines), 'lines_3', round(v.share_3 * v.lines),
                                  'lines_5', round(v.share_5 * v.lines), 'p75', v.p75, 'p90', v.p90,
                                  'as_of', propose_bundles.as_of, 'resolve_sku', w.resolve_sku), w.bundles
        FROM wanted w,
             /* No others are priced than those that can come into the list. */
             (SELECT t.* FROM tradeup_bundles.volume_tiers(propose_bundles.shop, propose_bundles.as_of, propose_bundles.options) t
              ORDER BY t.score DESC, t.lines DESC, t.variant_id COLLATE "C"
              LIMIT (SELECT k.bundles FROM wanted k WHERE k.kind = 'volume')) v,
             LATERAL tradeup_bundles.bundle_price(ARRAY[v.price], v.quantities[2:2], v.percents[2:2], w.objective, w.digits) b
        WHERE w.kind = 'volume'
        UNION ALL
        SELECT w.kind, w.objective, ARRAY[x.buy, x.get], ARRAY[1, 1], ARRAY[x.buy_price, x.get_price],
               ARRAY[0, x.discount_percent]::numeric[], b.discounts, b.original_total, b.price, x.score, x.n_both, NULL,
               jsonb_build_object('n_buy', x.n_buy, 'n_together', x.n_both, 'as_of', propose_bundles.as_of,
                                  'resolve_sku', w.resolve_sku), w.bundles
        FROM wanted w, brings x,
             LATERAL tradeup_bundles.bundle_price(ARRAY[x.buy_price, x.get_price], ARRAY[1, 1],
                                                  ARRAY[0, x.discount_percent]::numeric[], NULL::text, w.digits) b
        WHERE w.kind = 'buy_x_get_y'
    ), chosen AS (
        SELECT s.*, percent_rank() OVER (PARTITION BY s.kind ORDER BY s.score) AS standing
        FROM (SELECT c.*, row_number() OVER (PARTITION BY c.kind
                                             ORDER BY c.score DESC, c.count DESC, c.variants COLLATE "C") AS place
              FROM candidate c) s
        WHERE s.place <= s.bundles
    )
    SELECT (row_number() OVER listed)::integer, c.kind, c.objective, c.variants, c.quantities, c.prices, c.percents, c.discounts,
           c.original_total, c.price, c.score, c.tiers, c.counts
    FROM chosen c
    WHERE tradeup_bundles_internal.known_shop(propose_bundles.shop)
    WINDOW listed AS (ORDER BY c.standing DESC, c.kind COLLATE "C", c.variants COLLATE "C")
    ORDER BY 1;
END;
COMMENT ON FUNCTION tradeup_bundles.propose_bundles(text, date, jsonb) IS
    'Bundles that a shop could offer, from its orders up to a day (null: all): the best of each kind, ranked; options: '
    'objective, rank_by, tests, history, resolve_sku';
