-- The addresses of the server about tradeup_bundles as functions, for PostgREST and PostGraphile, which show no objects of extensions. Made by
-- describe.js. Functions run with the rights of who calls them; amounts stay numeric. Run once, in the database:
--     psql -d DATABASE -f apps/api/api_schema_bundles.sql
--     GRANT USAGE ON SCHEMA tradeup_http TO ROLE;

CREATE SCHEMA IF NOT EXISTS tradeup_http;
COMMENT ON SCHEMA tradeup_http IS 'Functions of tradeup for servers that show a schema, such as PostgREST and PostGraphile';

CREATE TYPE tradeup_http.column_aliases_row AS (kind text, alias text, column_name text, preference integer, unless text, built_in
    boolean);
COMMENT ON TYPE tradeup_http.column_aliases_row IS 'Rows of the function column_aliases';
CREATE FUNCTION tradeup_http.column_aliases(kind text DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.column_aliases_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.kind, a.alias, a.column_name, a.preference, a.unless, a.built_in FROM tradeup_bundles.column_alias a WHERE $1::text IS
        NULL OR a.kind = $1::text ORDER BY a.built_in, a.kind, a.column_name, a.preference, a.alias LIMIT $2::integer;
END;
COMMENT ON FUNCTION tradeup_http.column_aliases(text, integer) IS 'Headers of files and the columns that they fill, those of this
    house first';

CREATE TYPE tradeup_http.add_column_alias_row AS (kind text, alias text, column_name text, preference integer);
COMMENT ON TYPE tradeup_http.add_column_alias_row IS 'Rows of the function add_column_alias';
CREATE FUNCTION tradeup_http.add_column_alias(kind text, alias text, column_name text, preference integer DEFAULT '1000') RETURNS
    tradeup_http.add_column_alias_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO tradeup_bundles.column_alias AS a (kind, alias, column_name, preference) VALUES ($1::text,
        tradeup_bundles.canonical_column($2::text), $3::text, $4::integer) RETURNING a.kind, a.alias, a.column_name, a.preference;
END;
COMMENT ON FUNCTION tradeup_http.add_column_alias(text, text, text, integer) IS 'A header of files that fills a column from now
    on';

CREATE TYPE tradeup_http.remove_column_alias_row AS (kind text, alias text, column_name text);
COMMENT ON TYPE tradeup_http.remove_column_alias_row IS 'Rows of the function remove_column_alias';
CREATE FUNCTION tradeup_http.remove_column_alias(kind text, alias text, column_name text) RETURNS
    tradeup_http.remove_column_alias_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    DELETE FROM tradeup_bundles.column_alias a WHERE a.kind = $1::text AND a.alias = tradeup_bundles.canonical_column($2::text) AND
        a.column_name = $3::text AND NOT a.built_in RETURNING a.kind, a.alias, a.column_name;
END;
COMMENT ON FUNCTION tradeup_http.remove_column_alias(text, text, text) IS 'Forgets a header; those that are built in stay';

CREATE TYPE tradeup_http.begin_shop_upload_row AS (upload_id bigint);
COMMENT ON TYPE tradeup_http.begin_shop_upload_row IS 'Rows of the function begin_shop_upload';
CREATE FUNCTION tradeup_http.begin_shop_upload(shop text, kind text DEFAULT NULL, run text DEFAULT NULL, options jsonb DEFAULT
    '{}', file_name text DEFAULT NULL) RETURNS tradeup_http.begin_shop_upload_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_bundles.begin_upload($1::text, $2::text, $3::text, $4::jsonb, $5::text) AS upload_id;
END;
COMMENT ON FUNCTION tradeup_http.begin_shop_upload(text, text, text, jsonb, text) IS 'Begins an upload of a CSV file of a shop';

CREATE TYPE tradeup_http.load_shop_upload_row AS (upload_id bigint, repeated boolean, shop text, kind text, encoding text,
    delimiter text, rows bigint, loaded bigint, inserted bigint, updated bigint, unchanged bigint, duplicates bigint, rejected
    bigint, reasons jsonb, orders bigint, orders_changed bigint, columns_used jsonb, columns_not_used text[], advice text, seconds
    jsonb);
COMMENT ON TYPE tradeup_http.load_shop_upload_row IS 'Rows of the function load_shop_upload';
CREATE FUNCTION tradeup_http.load_shop_upload(upload_id bigint, shop text) RETURNS tradeup_http.load_shop_upload_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT r.* FROM tradeup_bundles.upload u, tradeup_bundles.load_upload(u.upload_id) r WHERE u.upload_id = $1::bigint AND u.shop =
        $2::text;
END;
COMMENT ON FUNCTION tradeup_http.load_shop_upload(bigint, text) IS 'Loads the rows of an upload, in one transaction';

CREATE FUNCTION tradeup_http.retry_shop_upload(upload_id bigint, shop text, options jsonb DEFAULT '{}') RETURNS
    tradeup_http.load_shop_upload_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT r.* FROM tradeup_bundles.upload u, tradeup_bundles.retry_rejected(u.upload_id, $3::jsonb) r WHERE u.upload_id = $1::bigint
        AND u.shop = $2::text;
END;
COMMENT ON FUNCTION tradeup_http.retry_shop_upload(bigint, text, jsonb) IS 'Loads rejected rows again under other options';

CREATE TYPE tradeup_http.shop_uploads_row AS (upload_id bigint, kind text, run text, file_name text, state text, repeats bigint,
    retries bigint, bytes bigint, rows bigint, loaded bigint, inserted bigint, updated bigint, unchanged bigint, duplicates
    bigint, rejected bigint, reasons jsonb, advice text, uploaded_by text, begun_at timestamp with time zone, loaded_at timestamp
    with time zone);
COMMENT ON TYPE tradeup_http.shop_uploads_row IS 'Rows of the function shop_uploads';
CREATE FUNCTION tradeup_http.shop_uploads(shop text, before bigint DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.shop_uploads_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT u.upload_id, u.kind, u.run, u.file_name, u.state, u.repeats, u.retries, u.bytes, u.rows, u.loaded, u.inserted, u.updated,
        u.unchanged, u.duplicates, u.rejected, u.reasons, u.advice, u.uploaded_by, u.begun_at, u.loaded_at FROM
        tradeup_bundles.upload u WHERE u.shop = $1::text AND ($2::bigint IS NULL OR u.upload_id < $2::bigint) ORDER BY u.upload_id
        DESC LIMIT $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.shop_uploads(text, bigint, integer) IS 'Uploads of a shop, the latest first';

CREATE TYPE tradeup_http.shop_rejected_row AS ("row" bigint, line bigint, column_name text, reason text, value text, raw text, cut
    boolean);
COMMENT ON TYPE tradeup_http.shop_rejected_row IS 'Rows of the function shop_rejected';
CREATE FUNCTION tradeup_http.shop_rejected(upload_id bigint, shop text, after bigint DEFAULT '0', "limit" integer DEFAULT '100')
    RETURNS SETOF tradeup_http.shop_rejected_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r."row", r.line, r.column_name, r.reason, r.value, r.raw, r.cut FROM tradeup_bundles.upload u, tradeup_bundles.rejected_row
        r WHERE u.upload_id = $1::bigint AND u.shop = $2::text AND r.upload_id = u.upload_id AND r."row" > $3::bigint ORDER BY
        r."row" LIMIT $4::integer;
END;
COMMENT ON FUNCTION tradeup_http.shop_rejected(bigint, text, bigint, integer) IS 'Rows that were rejected, with the reason and
    their own text';

CREATE TYPE tradeup_http.shop_coverage_row AS (orders bigint, lines bigint, lines_without_variant bigint, ordered_variants bigint,
    missing_in_variants bigint, missing_in_catalog bigint, missing_in_inventory bigint, variants_without_catalog bigint,
    never_sold bigint, ratio numeric);
COMMENT ON TYPE tradeup_http.shop_coverage_row IS 'Rows of the function shop_coverage';
CREATE FUNCTION tradeup_http.shop_coverage(shop text) RETURNS tradeup_http.shop_coverage_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.* FROM tradeup_bundles.coverage($1::text) c;
END;
COMMENT ON FUNCTION tradeup_http.shop_coverage(text) IS 'What the data of a shop cover, and what is missing where';

CREATE TYPE tradeup_http.product_flags_row AS (variant_id text, new_launch boolean, seasonal boolean, high_margin boolean,
    slow_mover boolean);
COMMENT ON TYPE tradeup_http.product_flags_row IS 'Rows of the function product_flags';
CREATE FUNCTION tradeup_http.product_flags(shop text, as_of date DEFAULT NULL, "limit" integer DEFAULT '1000') RETURNS SETOF
    tradeup_http.product_flags_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.* FROM tradeup_bundles.product_flags($1::text, coalesce($2::date::timestamptz, now())) f ORDER BY f.variant_id LIMIT
        $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.product_flags(text, date, integer) IS 'New, seasonal, high-margin and slow variants';

CREATE TYPE tradeup_http.shop_pairs_row AS (a text, b text, n bigint, n_a bigint, n_b bigint, n_ab bigint, support double
    precision, confidence_ab double precision, confidence_ba double precision, lift double precision, leverage double precision,
    g2 double precision, p double precision, log10_p double precision, q double precision);
COMMENT ON TYPE tradeup_http.shop_pairs_row IS 'Rows of the function shop_pairs';
CREATE FUNCTION tradeup_http.shop_pairs(shop text, options jsonb DEFAULT '{}', universe text DEFAULT NULL, "limit" integer DEFAULT
    '100') RETURNS SETOF tradeup_http.shop_pairs_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.* FROM tradeup_bundles.pairs($1::text, $2::jsonb, $3::text) m ORDER BY m.log10_p, m.a, m.b LIMIT $4::integer;
END;
COMMENT ON FUNCTION tradeup_http.shop_pairs(text, jsonb, text, integer) IS 'What is bought together, the surest first';

CREATE TYPE tradeup_http.shop_triples_row AS (a text, b text, c text, n bigint, n_a bigint, n_b bigint, n_c bigint, n_ab bigint,
    n_ac bigint, n_bc bigint, n_abc bigint, support double precision, confidence_a_bc double precision, confidence_b_ac double
    precision, confidence_c_ab double precision, confidence_ab_c double precision, confidence_ac_b double precision,
    confidence_bc_a double precision, lift_a_bc double precision, lift_b_ac double precision, lift_c_ab double precision,
    lift_mutual double precision);
COMMENT ON TYPE tradeup_http.shop_triples_row IS 'Rows of the function shop_triples';
CREATE FUNCTION tradeup_http.shop_triples(shop text, options jsonb DEFAULT '{}', universe text DEFAULT NULL, "limit" integer
    DEFAULT '100') RETURNS SETOF tradeup_http.shop_triples_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.* FROM tradeup_bundles.triples($1::text, $2::jsonb, $3::text) m ORDER BY m.n_abc DESC, m.a, m.b, m.c LIMIT $4::integer;
END;
COMMENT ON FUNCTION tradeup_http.shop_triples(text, jsonb, text, integer) IS 'Three that are bought together';

CREATE TYPE tradeup_http.shop_covisitation_row AS (a text, b text, n_ab bigint, cosine double precision);
COMMENT ON TYPE tradeup_http.shop_covisitation_row IS 'Rows of the function shop_covisitation';
CREATE FUNCTION tradeup_http.shop_covisitation(shop text, options jsonb DEFAULT '{}', universe text DEFAULT NULL, "limit" integer
    DEFAULT '100') RETURNS SETOF tradeup_http.shop_covisitation_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.* FROM tradeup_bundles.covisitation($1::text, $2::jsonb, $3::text) m ORDER BY m.cosine DESC, m.a, m.b LIMIT $4::integer;
END;
COMMENT ON FUNCTION tradeup_http.shop_covisitation(text, jsonb, text, integer) IS 'What is bought with the same other things';

CREATE TYPE tradeup_http.shop_statistics_row AS (day date, kind text, files bigint, repeated bigint, rows bigint, loaded bigint,
    rejected bigint, bytes bigint);
COMMENT ON TYPE tradeup_http.shop_statistics_row IS 'Rows of the function shop_statistics';
CREATE FUNCTION tradeup_http.shop_statistics(shop text, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.shop_statistics_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.day, s.kind, s.files, s.repeated, s.rows, s.loaded, s.rejected, s.bytes FROM tradeup_bundles.upload_statistics s WHERE
        s.shop = $1::text ORDER BY s.day DESC, s.kind LIMIT $2::integer;
END;
COMMENT ON FUNCTION tradeup_http.shop_statistics(text, integer) IS 'Uploads by day and kind';

CREATE TYPE tradeup_http.propose_bundles_row AS (rank integer, kind text, objective text, variants text[], quantities integer[],
    prices numeric[], percents numeric[], discounts numeric[], original_total numeric, price numeric, score double precision,
    tiers jsonb, counts jsonb);
COMMENT ON TYPE tradeup_http.propose_bundles_row IS 'Rows of the function propose_bundles';
CREATE FUNCTION tradeup_http.propose_bundles(shop text, as_of date DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS SETOF
    tradeup_http.propose_bundles_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.* FROM tradeup_bundles.propose_bundles($1::text, $2::date, $3::jsonb) b ORDER BY b.rank;
END;
COMMENT ON FUNCTION tradeup_http.propose_bundles(text, date, jsonb) IS 'Bundles that a shop could offer, with the counts that they
    came from';

CREATE TYPE tradeup_http.save_bundles_row AS (saved bigint, kept bigint, removed bigint);
COMMENT ON TYPE tradeup_http.save_bundles_row IS 'Rows of the function save_bundles';
CREATE FUNCTION tradeup_http.save_bundles(shop text, run text, as_of date DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS
    tradeup_http.save_bundles_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT s.saved, s.kept, s.removed FROM tradeup_bundles.save_bundles($1::text, $2::text, (SELECT array_agg(b ORDER BY b.rank) FROM
        tradeup_bundles.propose_bundles($1::text, $3::date, $4::jsonb) b)) s;
END;
COMMENT ON FUNCTION tradeup_http.save_bundles(text, text, date, jsonb) IS 'Saves what would be proposed as the bundles of a run,
    in place of what it had';

CREATE TYPE tradeup_http.bundles_row AS (bundle_id bigint, rank integer, run text, kind text, objective text, variants text[],
    quantities integer[], original_total numeric, price numeric, status text, saved_at timestamp with time zone, titles text[]);
COMMENT ON TYPE tradeup_http.bundles_row IS 'Rows of the function bundles';
CREATE FUNCTION tradeup_http.bundles(shop text, "limit" integer DEFAULT '100', after_rank integer DEFAULT '0', after_id bigint
    DEFAULT '0', run text DEFAULT NULL) RETURNS SETOF tradeup_http.bundles_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.*, ARRAY(SELECT coalesce(c.product_title, v.variant_id) FROM unnest(b.variants) WITH ORDINALITY v (variant_id, position)
        LEFT JOIN tradeup_bundles.catalog_item c ON c.shop = $1::text AND c.variant_id = v.variant_id ORDER BY v.position) AS
        titles FROM tradeup_bundles.bundle_list($1::text, $2::integer, $3::integer, $4::bigint, $5::text) b;
END;
COMMENT ON FUNCTION tradeup_http.bundles(text, integer, integer, bigint, text) IS 'Saved bundles by rank, with what was decided';

CREATE TYPE tradeup_http.bundle_row AS (bundle_id bigint, shop text, run text, rank integer, kind text, objective text,
    variant_set text[], variants text[], quantities integer[], prices numeric[], percents numeric[], discounts numeric[],
    original_total numeric, price numeric, score double precision, tiers jsonb, counts jsonb, saved_by text, saved_at timestamp
    with time zone, verifies boolean);
COMMENT ON TYPE tradeup_http.bundle_row IS 'Rows of the function bundle';
CREATE FUNCTION tradeup_http.bundle(bundle_id bigint, shop text) RETURNS tradeup_http.bundle_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.*, tradeup_bundles.bundle_verifies(b) AS verifies FROM tradeup_bundles.bundle b WHERE b.bundle_id = $1::bigint AND b.shop
        = $2::text;
END;
COMMENT ON FUNCTION tradeup_http.bundle(bigint, text) IS 'One bundle, and whether its counts and price are those of today''s
    orders';

CREATE TYPE tradeup_http.bundle_lines_row AS ("position" integer, variant_id text, product_title text, variant_title text, sku
    text, product_type text, vendor text, quantity integer, unit_price numeric, percent numeric, discount numeric, line_total
    numeric);
COMMENT ON TYPE tradeup_http.bundle_lines_row IS 'Rows of the function bundle_lines';
CREATE FUNCTION tradeup_http.bundle_lines(bundle_id bigint, shop text) RETURNS SETOF tradeup_http.bundle_lines_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.position, l.variant_id, l.product_title, l.variant_title, l.sku, l.product_type, l.vendor, l.quantity, l.unit_price,
        l.percent, l.discount, l.line_total FROM tradeup_bundles.bundle_line l WHERE l.bundle_id = $1::bigint AND l.shop =
        $2::text ORDER BY l.position;
END;
COMMENT ON FUNCTION tradeup_http.bundle_lines(bigint, text) IS 'Its lines with titles and amounts';

CREATE TYPE tradeup_http.bundle_events_row AS (seq integer, event text, happened_at timestamp with time zone, happened_by text,
    note text);
COMMENT ON TYPE tradeup_http.bundle_events_row IS 'Rows of the function bundle_events';
CREATE FUNCTION tradeup_http.bundle_events(bundle_id bigint, shop text) RETURNS SETOF tradeup_http.bundle_events_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.seq, e.event, e.happened_at, e.happened_by, e.note FROM tradeup_bundles.bundle b, tradeup_bundles.bundle_event e WHERE
        b.bundle_id = $1::bigint AND b.shop = $2::text AND e.bundle_id = b.bundle_id ORDER BY e.seq;
END;
COMMENT ON FUNCTION tradeup_http.bundle_events(bigint, text) IS 'What was decided, when and by whom';

CREATE TYPE tradeup_http.approve_bundle_row AS (seq integer);
COMMENT ON TYPE tradeup_http.approve_bundle_row IS 'Rows of the function approve_bundle';
CREATE FUNCTION tradeup_http.approve_bundle(bundle_id bigint, shop text, note text DEFAULT NULL) RETURNS
    tradeup_http.approve_bundle_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_bundles.approve_bundle(b.bundle_id, $3::text) AS seq FROM tradeup_bundles.bundle b WHERE b.bundle_id = $1::bigint
        AND b.shop = $2::text;
END;
COMMENT ON FUNCTION tradeup_http.approve_bundle(bigint, text, text) IS 'Records that a bundle is approved';

CREATE FUNCTION tradeup_http.retire_bundle(bundle_id bigint, shop text, note text DEFAULT NULL) RETURNS
    tradeup_http.approve_bundle_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup_bundles.retire_bundle(b.bundle_id, $3::text) AS seq FROM tradeup_bundles.bundle b WHERE b.bundle_id = $1::bigint
        AND b.shop = $2::text;
END;
COMMENT ON FUNCTION tradeup_http.retire_bundle(bigint, text, text) IS 'Records that a bundle is retired';

CREATE TYPE tradeup_http.bundle_price_row AS (original_total numeric, price numeric, discounts numeric[]);
COMMENT ON TYPE tradeup_http.bundle_price_row IS 'Rows of the function bundle_price';
CREATE FUNCTION tradeup_http.bundle_price(prices numeric[], quantities integer[], percents numeric[], objective text DEFAULT NULL,
    minor_digits integer DEFAULT '2') RETURNS tradeup_http.bundle_price_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.* FROM tradeup_bundles.bundle_price($1::numeric[], $2::integer[], $3::numeric[], $4::text, $5::integer) p;
END;
COMMENT ON FUNCTION tradeup_http.bundle_price(numeric[], integer[], numeric[], text, integer) IS 'What a bundle costs, and the
    discount of each line';
