-- Files in: begun, sent in parts, loaded; or all in one call.

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.result_of(upload_id bigint, repeated boolean)
RETURNS tradeup_bundles.upload_result
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
BEGIN ATOMIC
    SELECT ROW(u.upload_id, result_of.repeated, u.shop, u.kind, u.encoding, u.delimiter, u.rows, u.loaded, u.inserted,
               u.updated, u.unchanged, u.duplicates, u.rejected, u.reasons, u.orders, u.orders_changed, u.columns_used,
               u.columns_not_used, u.advice, u.seconds)::tradeup_bundles.upload_result
    FROM tradeup_bundles.upload r, tradeup_bundles.upload u
    WHERE r.upload_id = result_of.upload_id AND u.upload_id = coalesce(r.repeats, r.upload_id);
END;
COMMENT ON FUNCTION tradeup_bundles_internal.result_of(bigint, boolean) IS
    'What became of an upload; of one that repeats another, what became of that';

CREATE OR REPLACE FUNCTION tradeup_bundles.begin_upload(shop text, kind text DEFAULT NULL::text, run text DEFAULT NULL::text,
                                                        options jsonb DEFAULT '{}'::jsonb, file_name text DEFAULT NULL::text)
RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.begin_upload(text, text, text, jsonb, text) IS
    'Begins an upload and gives its number. Shop null: the file says it. Kind null or auto: the header tells it. Run: what '
    'groups files. Options: those of docs/ingest.md';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.number_line() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.number_line() IS
    'Trigger that writes a number in front of each line of pg_temp.upload_line, so that a load reads them as they came';

CREATE OR REPLACE FUNCTION tradeup_bundles.add_part(upload_id bigint, number integer, bytes bytea) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.add_part(bigint, integer, bytea) IS
    'Keeps a part of a file, numbered from 1, in any order; a part that is sent again replaces the first';

CREATE OR REPLACE FUNCTION tradeup_bundles.load_upload(upload_id bigint) RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.load_upload(bigint) IS
    'Loads the parts of an upload, or with the option lines those of pg_temp.upload_line: rows that are right go into the '
    'tables, others into rejected_row';

CREATE OR REPLACE FUNCTION tradeup_bundles.ingest(shop text, kind text, file bytea, options jsonb DEFAULT '{}'::jsonb,
                                                  run text DEFAULT NULL::text, file_name text DEFAULT NULL::text)
RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.ingest(text, text, bytea, jsonb, text, text) IS
    'Loads a file that is sent as one value: begin_upload and load_upload in one call';

CREATE OR REPLACE FUNCTION tradeup_bundles.ingest_file(shop text, kind text, path text, options jsonb DEFAULT '{}'::jsonb,
                                                       run text DEFAULT NULL::text)
RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.ingest_file(text, text, text, jsonb, text) IS
    'Loads a file of the server; for roles with the privileges of pg_read_server_files';

CREATE OR REPLACE FUNCTION tradeup_bundles.retry_rejected(upload_id bigint, options jsonb DEFAULT '{}'::jsonb)
RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.retry_rejected(bigint, jsonb) IS
    'Loads the rows again that an upload rejected, under its options and these; what then loads leaves rejected_row. Rows that '
    'were cut, or whose structure is broken, stay';
