-- Statistics of uploads.

CREATE VIEW tradeup_bundles.upload_statistics AS
SELECT (u.loaded_at AT TIME ZONE 'UTC'::text)::date AS "day", u.shop, u.kind, count(*) AS files,
       count(*) FILTER (WHERE u.state = 'repeated') AS repeated, sum(u.rows)::bigint AS "rows", sum(u.loaded)::bigint AS loaded,
       sum(u.rejected)::bigint AS rejected, sum(u.bytes)::bigint AS bytes,
       round(1000 * sum((u.seconds ->> 'read')::numeric + (u.seconds ->> 'compare')::numeric
                        + (u.seconds ->> 'write')::numeric) / nullif(sum(u.rows), 0), 4) AS milliseconds_per_row
FROM tradeup_bundles.upload u
WHERE u.loaded_at IS NOT NULL
GROUP BY 1, u.shop, u.kind;

COMMENT ON VIEW tradeup_bundles.upload_statistics IS 'Uploads by day (in UTC), shop and kind';
COMMENT ON COLUMN tradeup_bundles.upload_statistics."day" IS 'Day on which they were loaded, in UTC';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.kind IS 'Kind of file';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.files IS 'Number of files';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.repeated IS 'Files that were loaded before, so that nothing was done';
COMMENT ON COLUMN tradeup_bundles.upload_statistics."rows" IS 'Rows of data';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.loaded IS 'Rows that were taken';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.rejected IS 'Rows that were not taken';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.bytes IS 'Bytes of the files';
COMMENT ON COLUMN tradeup_bundles.upload_statistics.milliseconds_per_row IS 'Milliseconds that a row took';
