-- What a shop's data cover, and what its products are: by sets, and only when asked for.

-- One pass over the lines in the order of the index on (shop, variant_id); all else is a join of variants.
CREATE OR REPLACE FUNCTION tradeup_bundles.coverage(shop text)
RETURNS TABLE (orders bigint, lines bigint, lines_without_variant bigint, ordered_variants bigint, missing_in_variants bigint,
               missing_in_catalog bigint, missing_in_inventory bigint, variants_without_catalog bigint, never_sold bigint,
               ratio numeric)
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    WITH sold AS MATERIALIZED (
        SELECT l.variant_id, count(*) AS lines FROM tradeup_bundles.order_line l WHERE l.shop = coverage.shop
        GROUP BY l.variant_id
    ), found AS MATERIALIZED (
        SELECT s.variant_id, v.variant_id IS NOT NULL AS in_variants, c.variant_id IS NOT NULL AS in_catalog,
               EXISTS (SELECT FROM tradeup_bundles.inventory_level i
                       WHERE i.shop = coverage.shop AND i.inventory_item_id IN (v.inventory_item_id, c.inventory_item_id))
               AS in_inventory
        FROM sold s
            LEFT JOIN tradeup_bundles.variant v ON v.shop = coverage.shop AND v.variant_id = s.variant_id
            LEFT JOIN tradeup_bundles.catalog_item c ON c.shop = coverage.shop AND c.variant_id = s.variant_id
        WHERE s.variant_id IS NOT NULL
    ), missing AS (
        SELECT count(*) AS ordered, count(*) FILTER (WHERE NOT f.in_variants) AS variants,
               count(*) FILTER (WHERE NOT f.in_catalog) AS catalog, count(*) FILTER (WHERE NOT f.in_inventory) AS inventory,
               count(*) FILTER (WHERE f.in_variants AND f.in_catalog AND f.in_inventory) AS complete
        FROM found f
    ), total AS (
        SELECT coalesce(sum(s.lines), 0)::bigint AS lines,
               coalesce(sum(s.lines) FILTER (WHERE s.variant_id IS NULL), 0)::bigint AS without
        FROM sold s
    )
    SELECT (SELECT count(*) FROM tradeup_bundles.shop_order o WHERE o.shop = coverage.shop), t.lines, t.without, m.ordered,
           m.variants, m.catalog, m.inventory,
           (SELECT count(*) FROM tradeup_bundles.variant v
            WHERE v.shop = coverage.shop
              AND NOT EXISTS (SELECT FROM tradeup_bundles.catalog_item c
                              WHERE c.shop = coverage.shop AND c.variant_id = v.variant_id)),
           (SELECT count(*) FROM tradeup_bundles.catalog_item c
            WHERE c.shop = coverage.shop AND NOT EXISTS (SELECT FROM sold s WHERE s.variant_id = c.variant_id)),
           CASE WHEN m.ordered > 0 THEN trim_scale(round(m.complete::numeric / m.ordered::numeric, 6)) END
    FROM missing m, total t;
END;
COMMENT ON FUNCTION tradeup_bundles.coverage(text) IS
    'What a shop''s data cover: its orders and lines, lines without a variant, variants that were ordered and how many of '
    'them are missing in each table, variants without a catalogue item, items that were never sold, and the share of '
    'ordered variants that is in all three tables';

CREATE OR REPLACE FUNCTION tradeup_bundles.product_flags(shop text, as_of timestamptz DEFAULT now())
RETURNS TABLE (variant_id text, new_launch boolean, seasonal boolean, high_margin boolean, slow_mover boolean)
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    WITH since AS MATERIALIZED (
        SELECT product_flags.as_of - interval '2160 hours' AS earliest, min(o.created_at) AS first_order
        FROM tradeup_bundles.shop_order o WHERE o.shop = product_flags.shop
    ), sold AS MATERIALIZED (
        SELECT l.variant_id, sum(l.quantity) AS units
        FROM since s, tradeup_bundles.shop_order o, tradeup_bundles.order_line l
        WHERE s.first_order <= s.earliest AND o.shop = product_flags.shop AND o.created_at > s.earliest
          AND o.created_at <= product_flags.as_of AND l.shop = product_flags.shop AND l.order_id = o.order_id
          AND l.variant_id IS NOT NULL
        GROUP BY l.variant_id
    )
    SELECT c.variant_id,
           c.product_created_at > product_flags.as_of - interval '720 hours' AND c.product_created_at <= product_flags.as_of,
           coalesce(lower(c.tags) ~ 'holiday|festive|gift|christmas|halloween|valentine', false),
           coalesce(c.compare_at_price - c.price > 0.3 * c.compare_at_price, false),
           CASE WHEN s.first_order <= s.earliest
                THEN coalesce(d.units, 0) <= 0 OR (d.units <= 2 AND coalesce(c.available > 0, false)) END
    FROM since s CROSS JOIN tradeup_bundles.catalog_item c LEFT JOIN sold d ON d.variant_id = c.variant_id
    WHERE c.shop = product_flags.shop;
END;
COMMENT ON FUNCTION tradeup_bundles.product_flags(text, timestamptz) IS
    'Flags of each catalogue item. new_launch: created in the last 30 days (null: no date); seasonal: by its tags; '
    'high_margin: more than 30 % below its price before; slow_mover: no unit sold in the last 90 days, or at most 2 with '
    'stock (null: orders do not reach back so far)';
