SELECT b.shop, b.run, b.rank, replace(b.kind, '_', ' ') AS kind, b.original_total::float8 AS original_total, b.price::float8 AS price, 1 - b.price::float8 / nullif(b.original_total, 0)::float8 AS saving,
       coalesce((SELECT e.event FROM tradeup_bundles.bundle_event e WHERE e.bundle_id = b.bundle_id ORDER BY e.seq DESC LIMIT 1), 'proposed') AS status
FROM tradeup_bundles.bundle b ORDER BY b.shop, b.run, b.rank;
