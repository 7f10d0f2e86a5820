-- What sells together in a shop: its orders as baskets, its variants as items.

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.require_shop(shop text, found boolean) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.require_shop(text, boolean) IS
    'True for a shop that was found; otherwise the error that there is no such shop';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.known_shop(shop text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN tradeup_bundles_internal.require_shop(known_shop.shop, EXISTS (SELECT FROM tradeup_bundles.shop s
                                                                      WHERE s.shop = known_shop.shop));
COMMENT ON FUNCTION tradeup_bundles_internal.known_shop(text) IS
    'True for a shop that there is; otherwise the error that says so';

-- Lines without a variant are found by their SKU where asked, if one item of the catalogue has it and no other. An order without
-- a time counts on every day.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.lines_until(shop text, resolve_sku boolean, as_of date)
RETURNS TABLE (order_id text, variant_id text, quantity integer, unit_price numeric, line_discount numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 10000
BEGIN ATOMIC
    SELECT l.order_id, l.variant_id, l.quantity, l.unit_price, l.line_discount FROM tradeup_bundles.order_line l
    WHERE l.shop = lines_until.shop AND l.variant_id IS NOT NULL
      AND l.order_id NOT IN (SELECT o.order_id FROM tradeup_bundles.shop_order o
                             WHERE o.shop = lines_until.shop
                               AND o.created_at >= (lines_until.as_of + 1)::timestamp AT TIME ZONE 'UTC'::text)
    UNION ALL
    SELECT l.order_id, c.variant_id, l.quantity, l.unit_price, l.line_discount
    FROM tradeup_bundles.order_line l,
         (SELECT i.sku, min(i.variant_id) AS variant_id FROM tradeup_bundles.catalog_item i
          WHERE i.shop = lines_until.shop AND i.sku IS NOT NULL GROUP BY i.sku HAVING count(*) = 1) c
    WHERE lines_until.resolve_sku AND l.shop = lines_until.shop AND l.variant_id IS NULL AND l.sku = c.sku
      AND l.order_id NOT IN (SELECT o.order_id FROM tradeup_bundles.shop_order o
                             WHERE o.shop = lines_until.shop
                               AND o.created_at >= (lines_until.as_of + 1)::timestamp AT TIME ZONE 'UTC'::text);
END;
COMMENT ON FUNCTION tradeup_bundles_internal.lines_until(text, boolean, date) IS
    'Lines of a shop with a variant, by their SKU where asked, of orders up to a day; null: all';

CREATE OR REPLACE FUNCTION tradeup_bundles.pairs(shop text, options jsonb DEFAULT '{}'::jsonb,
    universe text DEFAULT NULL::text)
RETURNS SETOF tradeup_bundles.mined_pair
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 10000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles_internal.mine_pairs(
                            s.order_id, s.variant_id,
                            CASE WHEN pairs.universe IS NULL THEN coalesce(pairs.options, '{}'::jsonb)
                                 ELSE coalesce(pairs.options, '{}'::jsonb)
                                      || jsonb_build_object('universe', pairs.universe) END - 'resolve_sku'::text)
                 FROM tradeup_bundles_internal.lines_until(
                          pairs.shop, coalesce((pairs.options ->> 'resolve_sku'::text)::boolean, false),
                          NULL::date) s
                 WHERE s.quantity > 0)) m
    WHERE tradeup_bundles_internal.known_shop(pairs.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.pairs(text, jsonb, text) IS
    'Pairs of variants that are bought together in a shop; '
    'options: universe, tests, min_count, min_support, min_confidence, min_lift, max_q, max_items, resolve_sku; universe, '
    'which may also stand by itself: several, orders with two variants or more, or all';

CREATE OR REPLACE FUNCTION tradeup_bundles.triples(shop text, options jsonb DEFAULT '{}'::jsonb,
    universe text DEFAULT NULL::text)
RETURNS SETOF tradeup_bundles.mined_triple
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 10000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles_internal.mine_triples(
                            s.order_id, s.variant_id,
                            CASE WHEN triples.universe IS NULL THEN coalesce(triples.options, '{}'::jsonb)
                                 ELSE coalesce(triples.options, '{}'::jsonb)
                                      || jsonb_build_object('universe', triples.universe) END - 'resolve_sku'::text)
                 FROM tradeup_bundles_internal.lines_until(
                          triples.shop, coalesce((triples.options ->> 'resolve_sku'::text)::boolean, false),
                          NULL::date) s
                 WHERE s.quantity > 0)) m
    WHERE tradeup_bundles_internal.known_shop(triples.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.triples(text, jsonb, text) IS
    'Triples of variants that are bought together in a shop; '
    'options: universe, min_count, min_support, min_confidence, min_lift, max_q, max_items, resolve_sku; '
    'universe, which may also stand by itself: several, orders with two variants or more, or all';

CREATE OR REPLACE FUNCTION tradeup_bundles.covisitation(shop text, options jsonb DEFAULT '{}'::jsonb,
    universe text DEFAULT NULL::text)
RETURNS SETOF tradeup_bundles.covisited_pair
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 10000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles_internal.mine_covisitation(
                            s.order_id, s.variant_id,
                            CASE WHEN covisitation.universe IS NULL THEN coalesce(covisitation.options, '{}'::jsonb)
                                 ELSE coalesce(covisitation.options, '{}'::jsonb)
                                      || jsonb_build_object('universe', covisitation.universe) END - 'resolve_sku'::text)
                 FROM tradeup_bundles_internal.lines_until(
                          covisitation.shop, coalesce((covisitation.options ->> 'resolve_sku'::text)::boolean, false),
                          NULL::date) s
                 WHERE s.quantity > 0)) m
    WHERE tradeup_bundles_internal.known_shop(covisitation.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.covisitation(text, jsonb, text) IS
    'For pairs of variants of a shop in three orders or more together: whether the same others are bought with them; '
    'options: universe, min_count, min_support, min_confidence, min_lift, max_q, max_items, resolve_sku; '
    'universe, which may also stand by itself: several, orders with two variants or more, or all';
