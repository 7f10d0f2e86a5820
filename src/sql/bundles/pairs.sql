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

-- Lines without a variant are found by the SKU where asked, if one item of the catalogue has it and no other.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.sold(shop text, resolve_sku boolean)
RETURNS TABLE (order_id text, variant_id text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 10000
BEGIN ATOMIC
    SELECT l.order_id, l.variant_id FROM tradeup_bundles.order_line l
    WHERE l.shop = sold.shop AND l.quantity > 0 AND l.variant_id IS NOT NULL
    UNION ALL
    SELECT l.order_id, c.variant_id
    FROM tradeup_bundles.order_line l,
         (SELECT i.sku, min(i.variant_id) AS variant_id FROM tradeup_bundles.catalog_item i
          WHERE i.shop = sold.shop AND i.sku IS NOT NULL GROUP BY i.sku HAVING count(*) = 1) c
    WHERE sold.resolve_sku AND l.shop = sold.shop AND l.quantity > 0 AND l.variant_id IS NULL AND l.sku = c.sku;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.sold(text, boolean) IS
    'Orders of a shop and variants in them, of lines with a positive quantity; lines without a variant by their SKU where asked';

CREATE OR REPLACE FUNCTION tradeup_bundles.pairs(shop text, options jsonb DEFAULT '{}'::jsonb,
    universe text DEFAULT NULL::text)
RETURNS SETOF tradeup_bundles.mined_pair
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 10000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles.mine_pairs(
                            s.order_id, s.variant_id,
                            CASE WHEN pairs.universe IS NULL THEN coalesce(pairs.options, '{}'::jsonb)
                                 ELSE coalesce(pairs.options, '{}'::jsonb)
                                      || jsonb_build_object('universe', pairs.universe) END - 'resolve_sku'::text)
                 FROM tradeup_bundles_internal.sold(
                          pairs.shop, coalesce((pairs.options ->> 'resolve_sku'::text)::boolean, false)) s)) m
    WHERE tradeup_bundles_internal.known_shop(pairs.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.pairs(text, jsonb, text) IS
    'Pairs of variants that are bought together in a shop; '
    'options: universe, tests, min_count, min_support, min_confidence, max_items, resolve_sku; '
    'universe, which may also stand by itself: several, orders with two variants or more, or all';

CREATE OR REPLACE FUNCTION tradeup_bundles.triples(shop text, options jsonb DEFAULT '{}'::jsonb,
    universe text DEFAULT NULL::text)
RETURNS SETOF tradeup_bundles.mined_triple
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 10000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles.mine_triples(
                            s.order_id, s.variant_id,
                            CASE WHEN triples.universe IS NULL THEN coalesce(triples.options, '{}'::jsonb)
                                 ELSE coalesce(triples.options, '{}'::jsonb)
                                      || jsonb_build_object('universe', triples.universe) END - 'resolve_sku'::text)
                 FROM tradeup_bundles_internal.sold(
                          triples.shop, coalesce((triples.options ->> 'resolve_sku'::text)::boolean, false)) s)) m
    WHERE tradeup_bundles_internal.known_shop(triples.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.triples(text, jsonb, text) IS
    'Triples of variants that are bought together in a shop; '
    'options: universe, min_count, min_support, min_confidence, max_items, resolve_sku; '
    'universe, which may also stand by itself: several, orders with two variants or more, or all';

CREATE OR REPLACE FUNCTION tradeup_bundles.covisitation(shop text, options jsonb DEFAULT '{}'::jsonb,
    universe text DEFAULT NULL::text)
RETURNS SETOF tradeup_bundles.covisited_pair
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 10000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles.mine_covisitation(
                            s.order_id, s.variant_id,
                            CASE WHEN covisitation.universe IS NULL THEN coalesce(covisitation.options, '{}'::jsonb)
                                 ELSE coalesce(covisitation.options, '{}'::jsonb)
                                      || jsonb_build_object('universe', covisitation.universe) END - 'resolve_sku'::text)
                 FROM tradeup_bundles_internal.sold(
                          covisitation.shop, coalesce((covisitation.options ->> 'resolve_sku'::text)::boolean, false)) s)) m
    WHERE tradeup_bundles_internal.known_shop(covisitation.shop);
END;
COMMENT ON FUNCTION tradeup_bundles.covisitation(text, jsonb, text) IS
    'For pairs of variants of a shop in three orders or more together: whether the same others are bought with them; '
    'options: universe, min_count, min_support, min_confidence, max_items, resolve_sku; '
    'universe, which may also stand by itself: several, orders with two variants or more, or all';
