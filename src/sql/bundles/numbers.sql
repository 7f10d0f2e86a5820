-- Where numbers go on after logical replication, which copies rows and no sequences.

-- A number that was given once is not given again, as long as anything speaks of it: what was approved stays on record when its
-- bundle is gone, and rows know the upload that brought them. Those tables are read from end to end.
CREATE OR REPLACE FUNCTION tradeup_bundles.advance_numbers() RETURNS TABLE (table_name text, next_number bigint)
LANGUAGE sql VOLATILE COST 100000 ROWS 2 SET row_security = off
BEGIN ATOMIC
    SELECT n.table_name, setval(n.sequence, n.highest) + 1::bigint
    FROM (SELECT 'tradeup_bundles.bundle'::text AS table_name, 'tradeup_bundles.bundle_bundle_id_seq'::regclass AS sequence,
                 greatest((SELECT max(b.bundle_id) FROM tradeup_bundles.bundle b),
                          (SELECT max(e.bundle_id) FROM tradeup_bundles.bundle_event e)) AS highest,
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_bundles.bundle_bundle_id_seq s) AS next
          UNION ALL
          SELECT 'tradeup_bundles.upload'::text, 'tradeup_bundles.upload_upload_id_seq'::regclass,
                 greatest((SELECT max(u.upload_id) FROM tradeup_bundles.upload u),
                          (SELECT max(r.upload_id) FROM tradeup_bundles.rejected_row r),
                          (SELECT max(o.upload_id) FROM tradeup_bundles.shop_order o),
                          (SELECT max(l.upload_id) FROM tradeup_bundles.order_line l),
                          (SELECT max(v.upload_id) FROM tradeup_bundles.variant v),
                          (SELECT max(i.upload_id) FROM tradeup_bundles.inventory_level i),
                          (SELECT max(c.upload_id) FROM tradeup_bundles.catalog_item c)),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_bundles.upload_upload_id_seq s)) n
    WHERE n.highest >= n.next;
END;
COMMENT ON FUNCTION tradeup_bundles.advance_numbers() IS
    'Lets the numbers of bundles and uploads go on after the highest that is taken, where rows came by logical replication';
