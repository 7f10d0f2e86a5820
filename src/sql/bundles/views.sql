-- Objectives, and bundles by line.

CREATE VIEW tradeup_bundles.objective WITH (security_invoker = true) AS
SELECT o.objective, o.lowest_percent, o.highest_percent FROM tradeup_bundles_internal.objectives() o;
COMMENT ON VIEW tradeup_bundles.objective IS 'What a shop may want of a bundle, and the percents of discount that this allows';
COMMENT ON COLUMN tradeup_bundles.objective.objective IS 'Name, as the option objective takes it';
COMMENT ON COLUMN tradeup_bundles.objective.lowest_percent IS 'Percents below this are raised to it';
COMMENT ON COLUMN tradeup_bundles.objective.highest_percent IS
    'Percents above this are cut to it; the price is never lower by more';

CREATE VIEW tradeup_bundles.bundle_item WITH (security_invoker = true) AS
SELECT b.bundle_id, l.position::integer AS position, l.variant_id, l.quantity, l.price, l.percent, l.discount
FROM tradeup_bundles.bundle b,
     LATERAL unnest(b.variants, b.quantities, b.prices, b.percents, b.discounts) WITH ORDINALITY
         l (variant_id, quantity, price, percent, discount, position);
COMMENT ON VIEW tradeup_bundles.bundle_item IS 'The lines of each bundle: variant, quantity, price of one, percent and discount';
COMMENT ON COLUMN tradeup_bundles.bundle_item.bundle_id IS 'Number of the bundle';
COMMENT ON COLUMN tradeup_bundles.bundle_item.position IS 'Position of the line, from 1';
COMMENT ON COLUMN tradeup_bundles.bundle_item.variant_id IS 'Variant';
COMMENT ON COLUMN tradeup_bundles.bundle_item.quantity IS 'How many';
COMMENT ON COLUMN tradeup_bundles.bundle_item.price IS 'Price of one';
COMMENT ON COLUMN tradeup_bundles.bundle_item.percent IS 'Percent of discount, before it is cut to bounds';
COMMENT ON COLUMN tradeup_bundles.bundle_item.discount IS 'Discount of the line';

CREATE VIEW tradeup_bundles.bundle_line WITH (security_invoker = true) AS
SELECT b.shop, b.run, b.bundle_id, b.rank, b.kind, b.objective,
       coalesce(e.event, 'proposed') AS status, l.position::integer AS position, l.variant_id, c.product_title,
       c.variant_title, c.sku, c.product_type, c.vendor, l.quantity, l.price::numeric(14, 2) AS unit_price,
       l.percent::numeric(7, 4) AS percent,
       l.discount::numeric(14, 2) AS discount, (l.price * l.quantity - l.discount)::numeric(14, 2) AS line_total,
       b.original_total::numeric(14, 2) AS bundle_total, b.price::numeric(14, 2) AS bundle_price, b.saved_at
FROM tradeup_bundles.bundle b
CROSS JOIN LATERAL unnest(b.variants, b.quantities, b.prices, b.percents, b.discounts) WITH ORDINALITY
    l (variant_id, quantity, price, percent, discount, position)
LEFT JOIN tradeup_bundles.catalog_item c ON c.shop = b.shop AND c.variant_id = l.variant_id
LEFT JOIN LATERAL (SELECT x.event FROM tradeup_bundles.bundle_event x
                   WHERE x.bundle_id = b.bundle_id ORDER BY x.seq DESC LIMIT 1) e ON true;
COMMENT ON VIEW tradeup_bundles.bundle_line IS
    'Bundles for reports, one row an item: what it is, what it costs within the bundle, and what was decided';
COMMENT ON COLUMN tradeup_bundles.bundle_line.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.bundle_line.run IS 'Run in which the bundle was saved';
COMMENT ON COLUMN tradeup_bundles.bundle_line.bundle_id IS 'Number of the bundle';
COMMENT ON COLUMN tradeup_bundles.bundle_line.rank IS 'Position of the bundle in its run, from 1';
COMMENT ON COLUMN tradeup_bundles.bundle_line.kind IS 'together, volume or buy_x_get_y';
COMMENT ON COLUMN tradeup_bundles.bundle_line.objective IS 'What the shop wants of it';
COMMENT ON COLUMN tradeup_bundles.bundle_line.status IS 'proposed, approved or retired';
COMMENT ON COLUMN tradeup_bundles.bundle_line.position IS 'Position of the line, from 1';
COMMENT ON COLUMN tradeup_bundles.bundle_line.variant_id IS 'Variant';
COMMENT ON COLUMN tradeup_bundles.bundle_line.product_title IS 'Name of the product; null: unknown';
COMMENT ON COLUMN tradeup_bundles.bundle_line.variant_title IS 'Name of the variant; null: none';
COMMENT ON COLUMN tradeup_bundles.bundle_line.sku IS 'Stock keeping unit; null: none';
COMMENT ON COLUMN tradeup_bundles.bundle_line.product_type IS 'Type of product; null: unknown';
COMMENT ON COLUMN tradeup_bundles.bundle_line.vendor IS 'Vendor; null: unknown';
COMMENT ON COLUMN tradeup_bundles.bundle_line.quantity IS 'How many';
COMMENT ON COLUMN tradeup_bundles.bundle_line.unit_price IS 'Price of one';
COMMENT ON COLUMN tradeup_bundles.bundle_line.percent IS 'Percent of discount, before it is cut to bounds';
COMMENT ON COLUMN tradeup_bundles.bundle_line.discount IS 'Discount of the line';
COMMENT ON COLUMN tradeup_bundles.bundle_line.line_total IS 'Price of the line within the bundle';
COMMENT ON COLUMN tradeup_bundles.bundle_line.bundle_total IS 'Sum of all lines without discounts';
COMMENT ON COLUMN tradeup_bundles.bundle_line.bundle_price IS 'Price of the whole bundle';
COMMENT ON COLUMN tradeup_bundles.bundle_line.saved_at IS 'When the bundle was saved';
