\echo Use "CREATE EXTENSION tradeup_bundles" to load this file. \quit

-- This script may run as a superuser for somebody who is none. Every name below is written with its schema, nothing else is
-- looked up anywhere but in pg_catalog, and every call passes arguments of the exact types, so that no overload of it fits
-- better.
SET LOCAL search_path = pg_catalog, pg_temp;

-- What the COST of a C function says, in units of one comparison of two integers, measured on one core:
--    2  an amount at a price: a multiply-add, a rounding, a numeric (35 to 70 ns)
--    5  a schedule row, a rule, a look into overrides (about 100 ns)
--  100  compiling a deal (about 2.5 us)
-- The schemas of the extension, and types that are named before they are complete. Why the script makes the schemas itself is
-- said in base/namespace.

CREATE SCHEMA tradeup_bundles;
COMMENT ON SCHEMA tradeup_bundles IS 'CSV files of a shop into tables, and what sells together';
GRANT USAGE ON SCHEMA tradeup_bundles TO @extowner@ WITH GRANT OPTION;

-- What the functions of tradeup_bundles are made of. Whoever calls a function with a PL/pgSQL body, or fires a trigger, looks
-- names up here with rights of her own: hence PUBLIC. No function runs with its owner's rights.
CREATE SCHEMA tradeup_bundles_internal;
COMMENT ON SCHEMA tradeup_bundles_internal IS
    'What the functions of schema tradeup_bundles are made of; no user needs to call it';
GRANT USAGE ON SCHEMA tradeup_bundles_internal TO @extowner@ WITH GRANT OPTION;
GRANT USAGE ON SCHEMA tradeup_bundles_internal TO PUBLIC;
-- What a load gives back.

CREATE TYPE tradeup_bundles.upload_result AS (
    upload_id bigint,
    repeated boolean,
    shop text,
    kind text,
    encoding text,
    delimiter text,
    rows bigint,
    loaded bigint,
    inserted bigint,
    updated bigint,
    unchanged bigint,
    duplicates bigint,
    rejected bigint,
    reasons jsonb,
    orders bigint,
    orders_changed bigint,
    columns_used jsonb,
    columns_not_used text[],
    advice text,
    seconds jsonb
);
COMMENT ON TYPE tradeup_bundles.upload_result IS
    'What became of a file: rows = loaded + rejected, loaded = inserted + updated + unchanged + duplicates; repeated: the '
    'same file was loaded before, and this is what became of it then; the rest is as in the table upload';
-- Shops, the files that they upload, and what the files hold: orders, lines of orders, variants, inventory and catalogue.

-- Keys compare byte by byte. No foreign key leads from one loaded table to another: files come in any order, and coverage() says
-- what is missing.

CREATE TABLE tradeup_bundles.shop (
    shop text COLLATE "C" NOT NULL,
    currency text,
    time_zone text NOT NULL DEFAULT 'UTC',
    options jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT shop_is_identified PRIMARY KEY (shop),
    CONSTRAINT shop_is_named CHECK (
        shop <> '' AND shop = btrim(shop, E' \t\r\n') AND shop = lower(shop) AND octet_length(shop) <= 255),
    CONSTRAINT shop_currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT shop_options_are_an_object CHECK (jsonb_typeof(options) = 'object')
);

COMMENT ON TABLE tradeup_bundles.shop IS 'Shops whose files are loaded; a first upload adds its shop';
COMMENT ON COLUMN tradeup_bundles.shop.shop IS 'Name of the shop, such as its domain: without blanks around it, in lower case';
COMMENT ON COLUMN tradeup_bundles.shop.currency IS 'ISO 4217 code of the currency of its prices; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop.time_zone IS 'Time zone of times in its files that have none of their own';
COMMENT ON COLUMN tradeup_bundles.shop.options IS 'Options of its uploads, where an upload has none of its own';

CREATE TABLE tradeup_bundles.upload (
    upload_id bigint GENERATED ALWAYS AS IDENTITY,
    shop text COLLATE "C",
    kind text,
    run text,
    file_name text,
    options jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'open',
    repeats bigint,
    retries bigint,
    bytes bigint,
    sha256 bytea,
    encoding text,
    delimiter text,
    rows bigint,
    loaded bigint,
    inserted bigint,
    updated bigint,
    unchanged bigint,
    duplicates bigint,
    rejected bigint,
    reasons jsonb,
    orders bigint,
    orders_changed bigint,
    header text,
    columns_used jsonb,
    columns_not_used text[],
    advice text,
    seconds jsonb,
    uploaded_by text NOT NULL DEFAULT current_user,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    loaded_at timestamptz,
    CONSTRAINT upload_is_identified PRIMARY KEY (upload_id),
    CONSTRAINT upload_kind_is_known CHECK (kind IN ('orders', 'variants', 'inventory_levels', 'catalog')),
    CONSTRAINT upload_state_is_known CHECK (state IN ('open', 'loaded', 'repeated')),
    CONSTRAINT upload_options_are_an_object CHECK (jsonb_typeof(options) = 'object')
);

COMMENT ON TABLE tradeup_bundles.upload IS 'Uploads: a file each, from whom it came, how it was read and what became of its rows';
COMMENT ON COLUMN tradeup_bundles.upload.upload_id IS 'Number of the upload';
COMMENT ON COLUMN tradeup_bundles.upload.shop IS 'Shop; null until the file has said it';
COMMENT ON COLUMN tradeup_bundles.upload.kind IS
    'orders, variants, inventory_levels or catalog; null until the header has said it';
COMMENT ON COLUMN tradeup_bundles.upload.run IS 'What groups files that belong together, as the client calls it; null: nothing';
COMMENT ON COLUMN tradeup_bundles.upload.file_name IS 'Name of the file; null: unknown';
COMMENT ON COLUMN tradeup_bundles.upload.options IS 'Options of this upload';
COMMENT ON COLUMN tradeup_bundles.upload.state IS
    'open: parts may come; loaded: its rows are in the tables; repeated: the same file was loaded before';
COMMENT ON COLUMN tradeup_bundles.upload.repeats IS
    'The upload that loaded the same file before, under the same options; null: none';
COMMENT ON COLUMN tradeup_bundles.upload.retries IS 'The upload whose rejected rows it loads again; null: none';
COMMENT ON COLUMN tradeup_bundles.upload.bytes IS 'Bytes of the file';
COMMENT ON COLUMN tradeup_bundles.upload.sha256 IS 'SHA-256 of the file';
COMMENT ON COLUMN tradeup_bundles.upload.encoding IS 'Encoding in which it was read: UTF8, WIN1252 or LATIN1';
COMMENT ON COLUMN tradeup_bundles.upload.delimiter IS 'What parts its cells';
COMMENT ON COLUMN tradeup_bundles.upload.rows IS 'Rows of data';
COMMENT ON COLUMN tradeup_bundles.upload.loaded IS 'Rows that were taken: inserted, updated, unchanged and duplicates';
COMMENT ON COLUMN tradeup_bundles.upload.inserted IS 'Rows that were new';
COMMENT ON COLUMN tradeup_bundles.upload.updated IS 'Rows that changed what was stored';
COMMENT ON COLUMN tradeup_bundles.upload.unchanged IS 'Rows that were stored already, as they are';
COMMENT ON COLUMN tradeup_bundles.upload.duplicates IS 'Rows whose key came again later in the file; the last one counts';
COMMENT ON COLUMN tradeup_bundles.upload.rejected IS 'Rows that were not taken; see rejected_row';
COMMENT ON COLUMN tradeup_bundles.upload.reasons IS 'How many rows were rejected for each reason';
COMMENT ON COLUMN tradeup_bundles.upload.orders IS 'Orders in a file of orders; null for other kinds';
COMMENT ON COLUMN tradeup_bundles.upload.orders_changed IS 'Orders that were new or changed; null for other kinds';
COMMENT ON COLUMN tradeup_bundles.upload.header IS 'The header as it stands in the file';
COMMENT ON COLUMN tradeup_bundles.upload.columns_used IS 'Columns of ours and the headers of the file that fill them';
COMMENT ON COLUMN tradeup_bundles.upload.columns_not_used IS 'Headers of the file that nothing takes';
COMMENT ON COLUMN tradeup_bundles.upload.advice IS 'What to do when every row was rejected for one reason; null: nothing';
COMMENT ON COLUMN tradeup_bundles.upload.seconds IS 'Seconds that each phase took';
COMMENT ON COLUMN tradeup_bundles.upload.uploaded_by IS 'Role that began it';
COMMENT ON COLUMN tradeup_bundles.upload.begun_at IS 'When it was begun';
COMMENT ON COLUMN tradeup_bundles.upload.loaded_at IS 'When it was loaded; null: not yet';

COMMENT ON SEQUENCE tradeup_bundles.upload_upload_id_seq IS 'Numbers of uploads';
CREATE INDEX upload_of_file ON tradeup_bundles.upload (shop, sha256);
COMMENT ON INDEX tradeup_bundles.upload_of_file IS 'Uploads of a file, to find one that was loaded before';

-- Bytes on their way: lost in a crash, and sent again then.
CREATE UNLOGGED TABLE tradeup_bundles.upload_part (
    upload_id bigint NOT NULL,
    number integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT upload_part_is_once_in_its_upload PRIMARY KEY (upload_id, number),
    CONSTRAINT upload_part_is_numbered_from_1 CHECK (number >= 1)
);

COMMENT ON TABLE tradeup_bundles.upload_part IS 'Parts of files that are being sent; a load empties it';
COMMENT ON COLUMN tradeup_bundles.upload_part.upload_id IS 'Upload to which the part belongs';
COMMENT ON COLUMN tradeup_bundles.upload_part.number IS 'Position among the parts, from 1';
COMMENT ON COLUMN tradeup_bundles.upload_part.bytes IS 'Bytes of the part';

ALTER TABLE tradeup_bundles.upload_part ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE tradeup_bundles.rejected_row (
    upload_id bigint NOT NULL,
    row bigint NOT NULL,
    line bigint NOT NULL,
    column_name text,
    reason text NOT NULL,
    value text NOT NULL,
    raw text NOT NULL,
    cut boolean NOT NULL,
    CONSTRAINT rejected_row_is_once_in_its_upload PRIMARY KEY (upload_id, row)
);

COMMENT ON TABLE tradeup_bundles.rejected_row IS 'Rows that were not loaded, each with where it stands, why, and its own text';
COMMENT ON COLUMN tradeup_bundles.rejected_row.upload_id IS 'Upload';
COMMENT ON COLUMN tradeup_bundles.rejected_row.row IS 'Number of the row among the rows of data, from 1';
COMMENT ON COLUMN tradeup_bundles.rejected_row.line IS 'Line of the file where the row begins, from 1';
COMMENT ON COLUMN tradeup_bundles.rejected_row.column_name IS 'First column at fault, as we call it; null: the row as a whole';
COMMENT ON COLUMN tradeup_bundles.rejected_row.reason IS
    'missing, not_a_number, not_an_integer, not_a_date, out_of_range, too_many_decimals, too_many_cells, '
    'unterminated_quote, nul_byte or other_shop';
COMMENT ON COLUMN tradeup_bundles.rejected_row.value IS 'The cell that is at fault; empty where there is none';
COMMENT ON COLUMN tradeup_bundles.rejected_row.raw IS
    'The row as it stands in the file, cut at 8 kB; a NUL byte is shown as U+2400';
COMMENT ON COLUMN tradeup_bundles.rejected_row.cut IS 'Whether raw was cut, so that the row cannot be loaded from it';

CREATE TABLE tradeup_bundles.column_alias (
    kind text NOT NULL,
    alias text NOT NULL,
    column_name text NOT NULL,
    preference integer NOT NULL DEFAULT 1000,
    unless text,
    built_in boolean NOT NULL DEFAULT false,
    CONSTRAINT column_alias_is_once_in_its_kind PRIMARY KEY (kind, alias, column_name),
    CONSTRAINT column_alias_kind_is_known CHECK (kind IN ('orders', 'variants', 'inventory_levels', 'catalog', 'shop'))
);

COMMENT ON TABLE tradeup_bundles.column_alias IS 'Headers of files and the columns that they fill; add your own';
COMMENT ON COLUMN tradeup_bundles.column_alias.kind IS
    'Kind of file: orders, variants, inventory_levels, catalog, or shop for columns of every kind that name the shop';
COMMENT ON COLUMN tradeup_bundles.column_alias.alias IS 'Header as canonical_column() writes it';
COMMENT ON COLUMN tradeup_bundles.column_alias.column_name IS 'Column that it fills';
COMMENT ON COLUMN tradeup_bundles.column_alias.preference IS
    'Where several headers of a file fill one column, the lowest number wins';
COMMENT ON COLUMN tradeup_bundles.column_alias.unless IS 'Column whose presence in the file rules this alias out; null: none';
COMMENT ON COLUMN tradeup_bundles.column_alias.built_in IS 'Whether the extension brought it';

CREATE TABLE tradeup_bundles.shop_order (
    shop text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    order_name text,
    created_at timestamptz,
    currency text,
    subtotal numeric,
    shipping numeric,
    tax numeric,
    total numeric,
    discount numeric,
    email text,
    country text,
    financial_status text,
    fulfillment_status text,
    customer_id text,
    upload_id bigint NOT NULL,
    CONSTRAINT order_is_once_in_its_shop PRIMARY KEY (shop, order_id)
);

COMMENT ON TABLE tradeup_bundles.shop_order IS 'Orders of shops';
COMMENT ON COLUMN tradeup_bundles.shop_order.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.shop_order.order_id IS 'Identifier of the order, or its name where the file has no identifier';
COMMENT ON COLUMN tradeup_bundles.shop_order.order_name IS 'Name of the order, as people quote it; null: none';
COMMENT ON COLUMN tradeup_bundles.shop_order.created_at IS 'When it was placed; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.currency IS 'Currency as the file has it; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.subtotal IS 'Subtotal; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.shipping IS 'Shipping; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.tax IS 'Tax; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.total IS 'Total; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.discount IS 'Discount of the whole order; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.email IS 'Address of the customer; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.country IS 'Country of delivery; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.financial_status IS 'Status of payment; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.fulfillment_status IS 'Status of delivery; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.customer_id IS 'Identifier of the customer; null: unknown';
COMMENT ON COLUMN tradeup_bundles.shop_order.upload_id IS 'Upload that last changed the row';

CREATE TABLE tradeup_bundles.order_line (
    shop text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    line_key text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C",
    sku text COLLATE "C",
    quantity integer NOT NULL,
    unit_price numeric NOT NULL,
    line_total numeric NOT NULL,
    line_discount numeric NOT NULL DEFAULT 0,
    title text,
    product_id text COLLATE "C",
    variant_title text,
    vendor text,
    product_type text,
    upload_id bigint NOT NULL,
    CONSTRAINT line_is_once_in_its_order PRIMARY KEY (shop, order_id, line_key)
);

COMMENT ON TABLE tradeup_bundles.order_line IS 'Lines of orders: what was sold, how often, for how much';
COMMENT ON COLUMN tradeup_bundles.order_line.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.order_line.order_id IS 'Order';
COMMENT ON COLUMN tradeup_bundles.order_line.line_key IS
    'id: with the identifier of the line; without one variant: or sku: with its value and its how-manieth in the order';
COMMENT ON COLUMN tradeup_bundles.order_line.variant_id IS 'Variant that was sold; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.sku IS 'Stock keeping unit; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.quantity IS 'How many; negative: returned';
COMMENT ON COLUMN tradeup_bundles.order_line.unit_price IS 'Price of one';
COMMENT ON COLUMN tradeup_bundles.order_line.line_total IS 'Price of the line less its discount';
COMMENT ON COLUMN tradeup_bundles.order_line.line_discount IS 'Discount of the line';
COMMENT ON COLUMN tradeup_bundles.order_line.title IS 'Name of the line; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.product_id IS 'Product; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.variant_title IS 'Name of the variant; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.vendor IS 'Vendor; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.product_type IS 'Type of product; null: unknown';
COMMENT ON COLUMN tradeup_bundles.order_line.upload_id IS 'Upload that last changed the row';

CREATE INDEX line_of_variant ON tradeup_bundles.order_line (shop, variant_id);
COMMENT ON INDEX tradeup_bundles.line_of_variant IS 'Lines in which a variant was sold';

CREATE TABLE tradeup_bundles.variant (
    shop text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_title text,
    price numeric NOT NULL,
    inventory_item_id text COLLATE "C",
    sku text COLLATE "C",
    compare_at_price numeric,
    created_at timestamptz,
    upload_id bigint NOT NULL,
    CONSTRAINT variant_is_once_in_its_shop PRIMARY KEY (shop, variant_id)
);

COMMENT ON TABLE tradeup_bundles.variant IS 'Variants of products';
COMMENT ON COLUMN tradeup_bundles.variant.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.variant.variant_id IS 'Variant';
COMMENT ON COLUMN tradeup_bundles.variant.product_id IS 'Product';
COMMENT ON COLUMN tradeup_bundles.variant.variant_title IS 'Name of the variant; null: none';
COMMENT ON COLUMN tradeup_bundles.variant.price IS 'Price';
COMMENT ON COLUMN tradeup_bundles.variant.inventory_item_id IS 'Item by which inventory is kept; null: unknown';
COMMENT ON COLUMN tradeup_bundles.variant.sku IS 'Stock keeping unit; null: none';
COMMENT ON COLUMN tradeup_bundles.variant.compare_at_price IS 'Price before a reduction; null: none';
COMMENT ON COLUMN tradeup_bundles.variant.created_at IS 'When it was created; null: unknown';
COMMENT ON COLUMN tradeup_bundles.variant.upload_id IS 'Upload that last changed the row';

CREATE TABLE tradeup_bundles.inventory_level (
    shop text COLLATE "C" NOT NULL,
    inventory_item_id text COLLATE "C" NOT NULL,
    location_id text COLLATE "C" NOT NULL,
    available integer,
    updated_at timestamptz,
    sku text COLLATE "C",
    upload_id bigint NOT NULL,
    CONSTRAINT level_is_once_in_its_location PRIMARY KEY (shop, inventory_item_id, location_id)
);

COMMENT ON TABLE tradeup_bundles.inventory_level IS 'Stock of items, by location';
COMMENT ON COLUMN tradeup_bundles.inventory_level.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.inventory_level.inventory_item_id IS 'Item';
COMMENT ON COLUMN tradeup_bundles.inventory_level.location_id IS 'Location';
COMMENT ON COLUMN tradeup_bundles.inventory_level.available IS 'How many are available; null: unknown; may be negative';
COMMENT ON COLUMN tradeup_bundles.inventory_level.updated_at IS 'When it was counted; null: unknown';
COMMENT ON COLUMN tradeup_bundles.inventory_level.sku IS 'Stock keeping unit; null: unknown';
COMMENT ON COLUMN tradeup_bundles.inventory_level.upload_id IS 'Upload that last changed the row';

CREATE TABLE tradeup_bundles.catalog_item (
    shop text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    product_title text,
    price numeric NOT NULL,
    inventory_item_id text COLLATE "C",
    product_status text,
    variant_title text,
    sku text COLLATE "C",
    compare_at_price numeric,
    product_type text,
    vendor text,
    tags text,
    available integer,
    product_created_at timestamptz,
    published_at timestamptz,
    upload_id bigint NOT NULL,
    CONSTRAINT catalog_item_is_once_in_its_shop PRIMARY KEY (shop, variant_id)
);

COMMENT ON TABLE tradeup_bundles.catalog_item IS 'Catalogue of a shop: variants with their products, prices and stock';
COMMENT ON COLUMN tradeup_bundles.catalog_item.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.catalog_item.variant_id IS 'Variant';
COMMENT ON COLUMN tradeup_bundles.catalog_item.product_id IS 'Product';
COMMENT ON COLUMN tradeup_bundles.catalog_item.product_title IS 'Name of the product; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.price IS 'Price';
COMMENT ON COLUMN tradeup_bundles.catalog_item.inventory_item_id IS 'Item by which inventory is kept; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.product_status IS 'Status in upper case: ACTIVE is for sale; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.variant_title IS 'Name of the variant; null: none';
COMMENT ON COLUMN tradeup_bundles.catalog_item.sku IS 'Stock keeping unit; null: none';
COMMENT ON COLUMN tradeup_bundles.catalog_item.compare_at_price IS 'Price before a reduction; null: none';
COMMENT ON COLUMN tradeup_bundles.catalog_item.product_type IS 'Type of product; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.vendor IS 'Vendor; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.tags IS 'Tags, as the file lists them; null: none';
COMMENT ON COLUMN tradeup_bundles.catalog_item.available IS 'Stock over all locations; null: not tracked; may be negative';
COMMENT ON COLUMN tradeup_bundles.catalog_item.product_created_at IS 'When the product was created; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.published_at IS 'When the product was published; null: unknown';
COMMENT ON COLUMN tradeup_bundles.catalog_item.upload_id IS 'Upload that last changed the row';
-- Rows of CSV for everybody, names of columns, and the kind that a header tells.

CREATE FUNCTION tradeup_bundles.csv_rows(file bytea, options jsonb DEFAULT '{}'::jsonb)
RETURNS TABLE ("row" bigint, line bigint, cells text[], fault text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.csv_rows(bytea, jsonb) IS
    'The rows of a CSV file as they stand; row 0 is the header; fault: unterminated_quote or nul_byte. Options: encoding, '
    'delimiter, max_bytes, max_cell_bytes, max_columns';

CREATE FUNCTION tradeup_bundles.canonical_column(header text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'canonical_column_text';
COMMENT ON FUNCTION tradeup_bundles.canonical_column(text) IS
    'The name of a column as all its spellings have it: Variant Price (USD), variantPrice and variant-price are variant_price';

CREATE FUNCTION tradeup_bundles.detect_kind(header text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.detect_kind(text) IS
    'The kind of file that a header line tells: orders, inventory_levels, catalog or variants; an error where none is certain';

CREATE FUNCTION tradeup_bundles_internal.column_aliases()
RETURNS TABLE (kind text, alias text, column_name text, preference integer, unless text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 80 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.column_aliases() IS 'The aliases that the extension brings';
-- The aliases that the extension brings.

INSERT INTO tradeup_bundles.column_alias (kind, alias, column_name, preference, unless, built_in)
SELECT a.kind, a.alias, a.column_name, a.preference, a.unless, true FROM tradeup_bundles_internal.column_aliases() a;
-- Files in: begun, sent in parts, loaded; or all in one call.

CREATE FUNCTION tradeup_bundles_internal.result_of(upload_id bigint, repeated boolean)
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

CREATE FUNCTION tradeup_bundles.begin_upload(shop text, kind text DEFAULT NULL::text, run text DEFAULT NULL::text,
                                                        options jsonb DEFAULT '{}'::jsonb, file_name text DEFAULT NULL::text)
RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.begin_upload(text, text, text, jsonb, text) IS
    'Begins an upload and gives its number. Shop null: the file says it. Kind null or auto: the header tells it. Run: what '
    'groups files. Options: those of docs/ingest.md';

CREATE FUNCTION tradeup_bundles_internal.number_line() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.number_line() IS
    'Trigger that writes a number in front of each line of pg_temp.upload_line, so that a load reads them as they came';

CREATE FUNCTION tradeup_bundles.add_part(upload_id bigint, number integer, bytes bytea) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.add_part(bigint, integer, bytea) IS
    'Keeps a part of a file, numbered from 1, in any order; a part that is sent again replaces the first';

CREATE FUNCTION tradeup_bundles.load_upload(upload_id bigint) RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.load_upload(bigint) IS
    'Loads the parts of an upload, or with the option lines those of pg_temp.upload_line: rows that are right go into the '
    'tables, others into rejected_row';

CREATE FUNCTION tradeup_bundles.ingest(shop text, kind text, file bytea, options jsonb DEFAULT '{}'::jsonb,
                                                  run text DEFAULT NULL::text, file_name text DEFAULT NULL::text)
RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.ingest(text, text, bytea, jsonb, text, text) IS
    'Loads a file that is sent as one value: begin_upload and load_upload in one call';

CREATE FUNCTION tradeup_bundles.ingest_file(shop text, kind text, path text, options jsonb DEFAULT '{}'::jsonb,
                                                       run text DEFAULT NULL::text)
RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.ingest_file(text, text, text, jsonb, text) IS
    'Loads a file of the server; for roles with the privileges of pg_read_server_files';

CREATE FUNCTION tradeup_bundles.retry_rejected(upload_id bigint, options jsonb DEFAULT '{}'::jsonb)
RETURNS tradeup_bundles.upload_result
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.retry_rejected(bigint, jsonb) IS
    'Loads the rows again that an upload rejected, under its options and these; what then loads leaves rejected_row. Rows that '
    'were cut, or whose structure is broken, stay';
-- What a shop's data cover, and what its products are: by sets, and only when asked for.

-- One pass over the lines in the order of the index on (shop, variant_id); all else is a join of variants.
CREATE FUNCTION tradeup_bundles.coverage(shop text)
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

CREATE FUNCTION tradeup_bundles.product_flags(shop text, as_of timestamptz DEFAULT now())
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
-- Health, for operators: one function a check, and the list of them. The columns are those of tradeup.health().

CREATE FUNCTION tradeup_bundles_internal.health_uploads_not_loaded()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.late = 0 THEN 'ok' ELSE 'warning' END,
           format('%s begun more than a day ago', x.late),
           CASE WHEN x.late > 0
                THEN format('Load upload %s with load_upload, or delete it from tradeup_bundles.upload.', x.first) END
    FROM (SELECT count(*) AS late, min(u.upload_id) AS first FROM tradeup_bundles.upload u
          WHERE u.state = 'open' AND u.begun_at < statement_timestamp() - interval '1 day') x;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.health_uploads_not_loaded() IS
    'Health: uploads that were begun are loaded within a day';

CREATE FUNCTION tradeup_bundles_internal.health_parts_without_upload()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.parts = 0 THEN 'ok' ELSE 'warning' END, format('%s parts', x.parts),
           CASE WHEN x.parts > 0 THEN 'Delete them from tradeup_bundles.upload_part: no open upload has their number.' END
    FROM (SELECT count(*) AS parts FROM tradeup_bundles.upload_part p
          WHERE NOT EXISTS (SELECT FROM tradeup_bundles.upload u WHERE u.upload_id = p.upload_id AND u.state = 'open')) x;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.health_parts_without_upload() IS
    'Health: every part that is kept belongs to an upload that is open';

CREATE FUNCTION tradeup_bundles_internal.health_rejected_rows()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.bad = 0 THEN 'ok' ELSE 'warning' END,
           format('%s of %s uploads of the last 7 days lost more than 5 %% of their rows', x.bad, x.uploads),
           CASE WHEN x.bad > 0
                THEN format('SELECT reason, count(*) FROM tradeup_bundles.rejected_row WHERE upload_id = %s GROUP BY reason;',
                            x.worst) END
    FROM (SELECT count(*) AS uploads, count(*) FILTER (WHERE u.rejected > 0.05 * u.rows) AS bad,
                 (array_agg(u.upload_id ORDER BY u.rejected DESC, u.upload_id))[1] AS worst
          FROM tradeup_bundles.upload u
          WHERE u.state = 'loaded' AND u.loaded_at > statement_timestamp() - interval '7 days') x;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.health_rejected_rows() IS
    'Health: uploads of the last 7 days were loaded but for 5 % of their rows';

CREATE FUNCTION tradeup_bundles.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 30000 ROWS 3 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    reads text[];
    unreadable text;
    hidden text;
BEGIN
    FOR check_name, reads IN VALUES
        ('uploads not loaded', '{upload}'::text[]),
        ('parts without upload', '{upload,upload_part}'),
        ('rejected rows', '{upload}')
    LOOP
        unreadable := (SELECT string_agg('tradeup_bundles.' || t.name, ', ' ORDER BY t.place)
                       FROM unnest(reads) WITH ORDINALITY t (name, place)
                       WHERE NOT has_table_privilege('tradeup_bundles.' || quote_ident(t.name), 'SELECT'));
        IF unreadable IS NOT NULL THEN
            status := 'unknown';
            value := NULL;
            advice := format('GRANT SELECT ON %s TO %I;', unreadable, current_user);
        ELSE
            EXECUTE format('SELECT h.status, h.value, h.advice FROM tradeup_bundles_internal.health_%s() h',
                           translate(check_name, ' ', '_'))
            INTO STRICT status, value, advice;
            hidden := (SELECT string_agg('tradeup_bundles.' || t.name, ', ' ORDER BY t.name)
                       FROM unnest(reads) t (name) WHERE row_security_active('tradeup_bundles.' || quote_ident(t.name)));
            IF hidden IS NOT NULL THEN
                status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
                advice := concat_ws(' ', advice, 'Row-level security may hide rows of ' || hidden
                                                 || ': ask as a role that sees all of them.');
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_bundles.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
-- What is found in baskets.

CREATE TYPE tradeup_bundles.mined_pair AS (
    a text, b text, n bigint, n_a bigint, n_b bigint, n_ab bigint, support double precision, confidence_ab double precision,
    confidence_ba double precision, lift double precision, leverage double precision, g2 double precision, p double precision,
    log10_p double precision, q double precision
);
COMMENT ON TYPE tradeup_bundles.mined_pair IS 'Two items that are bought together, a before b in order, and how they are tied';
COMMENT ON COLUMN tradeup_bundles.mined_pair.a IS 'First item';
COMMENT ON COLUMN tradeup_bundles.mined_pair.b IS 'Second item';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n IS 'Baskets of the universe';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n_a IS 'Baskets with a';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n_b IS 'Baskets with b';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n_ab IS 'Baskets with both';
COMMENT ON COLUMN tradeup_bundles.mined_pair.support IS 'Share of baskets with both: n_ab / n';
COMMENT ON COLUMN tradeup_bundles.mined_pair.confidence_ab IS 'Share of the baskets with a that have b too: n_ab / n_a';
COMMENT ON COLUMN tradeup_bundles.mined_pair.confidence_ba IS 'Share of the baskets with b that have a too: n_ab / n_b';
COMMENT ON COLUMN tradeup_bundles.mined_pair.lift IS 'How many times as often as by chance: n_ab n / (n_a n_b)';
COMMENT ON COLUMN tradeup_bundles.mined_pair.leverage IS
    'Share of baskets by which they are together more often than by chance: n_ab / n - n_a n_b / n^2';
COMMENT ON COLUMN tradeup_bundles.mined_pair.g2 IS 'Statistic G squared of the likelihood ratio test of independence';
COMMENT ON COLUMN tradeup_bundles.mined_pair.p IS
    'Probability that they are together at least n_ab times by chance: Fisher''s exact test, one-sided; 0 below 1e-308';
COMMENT ON COLUMN tradeup_bundles.mined_pair.log10_p IS 'Decimal logarithm of p, which is right below 1e-308 too';
COMMENT ON COLUMN tradeup_bundles.mined_pair.q IS
    'False discovery rate of Benjamini and Hochberg: the share of false findings among pairs with this p or a lower one';

CREATE TYPE tradeup_bundles.mined_triple AS (
    a text, b text, c text, n bigint, n_a bigint, n_b bigint, n_c bigint, n_ab bigint, n_ac bigint, n_bc bigint, n_abc bigint,
    support double precision, confidence_a_bc double precision, confidence_b_ac double precision,
    confidence_c_ab double precision, confidence_ab_c double precision, confidence_ac_b double precision,
    confidence_bc_a double precision, lift_a_bc double precision, lift_b_ac double precision, lift_c_ab double precision,
    lift_mutual double precision
);
COMMENT ON TYPE tradeup_bundles.mined_triple IS
    'Three items that are bought together, in the order a, b, c, and how they are tied; each three of items once';
COMMENT ON COLUMN tradeup_bundles.mined_triple.a IS 'First item';
COMMENT ON COLUMN tradeup_bundles.mined_triple.b IS 'Second item';
COMMENT ON COLUMN tradeup_bundles.mined_triple.c IS 'Third item';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n IS 'Baskets of the universe';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_a IS 'Baskets with a';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_b IS 'Baskets with b';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_c IS 'Baskets with c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_ab IS 'Baskets with a and b';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_ac IS 'Baskets with a and c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_bc IS 'Baskets with b and c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_abc IS 'Baskets with all three';
COMMENT ON COLUMN tradeup_bundles.mined_triple.support IS 'Share of baskets with all three: n_abc / n';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_a_bc IS
    'Share of the baskets with a that have b and c too: n_abc / n_a';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_b_ac IS
    'Share of the baskets with b that have a and c too: n_abc / n_b';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_c_ab IS
    'Share of the baskets with c that have a and b too: n_abc / n_c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_ab_c IS
    'Share of the baskets with a and b that have c too: n_abc / n_ab';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_ac_b IS
    'Share of the baskets with a and c that have b too: n_abc / n_ac';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_bc_a IS
    'Share of the baskets with b and c that have a too: n_abc / n_bc';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_a_bc IS
    'How many times as often as by chance a comes to b and c: n_abc n / (n_a n_bc)';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_b_ac IS
    'How many times as often as by chance b comes to a and c: n_abc n / (n_b n_ac)';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_c_ab IS
    'How many times as often as by chance c comes to a and b: n_abc n / (n_c n_ab)';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_mutual IS
    'How many times as often as if each came by itself: n_abc n^2 / (n_a n_b n_c)';

CREATE TYPE tradeup_bundles.covisited_pair AS (a text, b text, n_ab bigint, cosine double precision);
COMMENT ON TYPE tradeup_bundles.covisited_pair IS
    'Two items that are bought together, and whether the same others are bought with them';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.a IS 'First item';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.b IS 'Second item';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.n_ab IS 'Baskets with both';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.cosine IS
    'Cosine of the angle between the vectors of their lifts with all other items: from 0, no neighbour in common, to 1';

CREATE TYPE tradeup_bundles.priced_bundle AS (original_total numeric, price numeric, discounts numeric[]);
COMMENT ON TYPE tradeup_bundles.priced_bundle IS 'What a bundle costs';
COMMENT ON COLUMN tradeup_bundles.priced_bundle.original_total IS 'Sum of prices times quantities';
COMMENT ON COLUMN tradeup_bundles.priced_bundle.price IS 'Price of the bundle, never above the sum';
COMMENT ON COLUMN tradeup_bundles.priced_bundle.discounts IS 'Discount of each line; together they are the sum less the price';

CREATE TYPE tradeup_bundles.proposed_bundle AS (
    rank integer, kind text, objective text, variants text[], quantities integer[], prices numeric[], percents numeric[],
    discounts numeric[], original_total numeric, price numeric, score double precision, tiers jsonb, counts jsonb
);
COMMENT ON TYPE tradeup_bundles.proposed_bundle IS
    'A bundle as propose_bundles makes it and save_bundles takes it; arrays have an element a line';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.rank IS 'Position in the list, from 1';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.kind IS 'together, volume or buy_x_get_y';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.objective IS 'What the shop wants of it, which bounds its percents';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.variants IS
    'Variants of the lines: in order; of buy x get y first what is bought, then what is given';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.quantities IS
    'Quantity of each line; of volume that of the first tier with a discount';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.prices IS 'Price of one, of each line';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.percents IS 'Percent of discount of each line, before it is cut to bounds';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.discounts IS 'Discount of each line';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.original_total IS 'Sum of prices times quantities';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.price IS 'Price of the bundle';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.score IS 'What it was ranked by within its kind';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.tiers IS 'Of volume: quantity, percent and price of each tier; null otherwise';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.counts IS 'The counts of orders that it came from, and how they were counted';
-- Bundles that were saved, and what became of them.

CREATE TABLE tradeup_bundles.bundle (
    bundle_id bigint GENERATED BY DEFAULT AS IDENTITY,
    shop text COLLATE "C" NOT NULL,
    run text COLLATE "C" NOT NULL,
    rank integer NOT NULL,
    kind text NOT NULL,
    objective text NOT NULL,
    /* Which variants it has, in order: what tells it apart from others of its kind. */
    variant_set text[] COLLATE "C" NOT NULL,
    variants text[] COLLATE "C" NOT NULL,
    quantities integer[] NOT NULL,
    prices numeric[] NOT NULL,
    percents numeric[] NOT NULL,
    discounts numeric[] NOT NULL,
    original_total numeric NOT NULL,
    price numeric NOT NULL,
    score double precision NOT NULL,
    tiers jsonb,
    counts jsonb NOT NULL,
    saved_by text NOT NULL DEFAULT current_user,
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT bundle_is_identified PRIMARY KEY (bundle_id),
    CONSTRAINT bundle_is_once_in_its_run UNIQUE (shop, run, kind, variant_set, objective),
    CONSTRAINT bundle_kind_is_known CHECK (kind IN ('together', 'volume', 'buy_x_get_y')),
    CONSTRAINT bundle_has_lines CHECK (
        cardinality(variants) > 0 AND cardinality(variants) = cardinality(variant_set)
        AND cardinality(variants) = cardinality(quantities) AND cardinality(variants) = cardinality(prices)
        AND cardinality(variants) = cardinality(percents) AND cardinality(variants) = cardinality(discounts)),
    CONSTRAINT bundle_costs_no_more_than_its_lines CHECK (price >= 0 AND price <= original_total)
);

COMMENT ON TABLE tradeup_bundles.bundle IS
    'Bundles of shops, by run: what they hold, what they cost, and the counts that they came from';
COMMENT ON COLUMN tradeup_bundles.bundle.bundle_id IS 'Number of the bundle; a bundle that is changed gets another one';
COMMENT ON COLUMN tradeup_bundles.bundle.shop IS 'Shop';
COMMENT ON COLUMN tradeup_bundles.bundle.run IS 'What groups bundles that were saved together, as the client calls it';
COMMENT ON COLUMN tradeup_bundles.bundle.rank IS 'Position in its run, from 1';
COMMENT ON COLUMN tradeup_bundles.bundle.kind IS 'together, volume or buy_x_get_y';
COMMENT ON COLUMN tradeup_bundles.bundle.objective IS 'What the shop wants of it, which bounds its percents';
COMMENT ON COLUMN tradeup_bundles.bundle.variant_set IS 'Variants of the bundle, in order';
COMMENT ON COLUMN tradeup_bundles.bundle.variants IS
    'Variants of its lines; of buy x get y first what is bought, then what is given';
COMMENT ON COLUMN tradeup_bundles.bundle.quantities IS 'Quantity of each line';
COMMENT ON COLUMN tradeup_bundles.bundle.prices IS 'Price of one, of each line';
COMMENT ON COLUMN tradeup_bundles.bundle.percents IS 'Percent of discount of each line, before it is cut to bounds';
COMMENT ON COLUMN tradeup_bundles.bundle.discounts IS 'Discount of each line';
COMMENT ON COLUMN tradeup_bundles.bundle.original_total IS 'Sum of prices times quantities';
COMMENT ON COLUMN tradeup_bundles.bundle.price IS 'Price of the bundle';
COMMENT ON COLUMN tradeup_bundles.bundle.score IS 'What it was ranked by within its kind';
COMMENT ON COLUMN tradeup_bundles.bundle.tiers IS 'Of volume: quantity, percent and price of each tier; null otherwise';
COMMENT ON COLUMN tradeup_bundles.bundle.counts IS 'The counts of orders that it came from, and how they were counted';
COMMENT ON COLUMN tradeup_bundles.bundle.saved_by IS 'Role that saved it';
COMMENT ON COLUMN tradeup_bundles.bundle.saved_at IS 'When it was saved';
COMMENT ON SEQUENCE tradeup_bundles.bundle_bundle_id_seq IS 'Numbers of bundles';

CREATE INDEX bundle_by_rank ON tradeup_bundles.bundle (shop, rank, bundle_id);
COMMENT ON INDEX tradeup_bundles.bundle_by_rank IS 'Bundles of a shop by rank, for lists';

-- No foreign key leads to the bundle: what was approved stays on record when a run is replaced.
CREATE TABLE tradeup_bundles.bundle_event (
    bundle_id bigint NOT NULL,
    seq integer NOT NULL,
    event text NOT NULL,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    happened_by text NOT NULL DEFAULT current_user,
    note text,
    CONSTRAINT bundle_event_is_once_in_its_bundle PRIMARY KEY (bundle_id, seq),
    CONSTRAINT bundle_event_is_known CHECK (event IN ('approved', 'retired') AND seq > 0)
);

COMMENT ON TABLE tradeup_bundles.bundle_event IS 'What was decided about each bundle; rows are added and never changed';
COMMENT ON COLUMN tradeup_bundles.bundle_event.bundle_id IS 'Number of the bundle';
COMMENT ON COLUMN tradeup_bundles.bundle_event.seq IS 'Position of the event among those of its bundle, from 1';
COMMENT ON COLUMN tradeup_bundles.bundle_event.event IS 'approved or retired';
COMMENT ON COLUMN tradeup_bundles.bundle_event.happened_at IS 'When it was recorded';
COMMENT ON COLUMN tradeup_bundles.bundle_event.happened_by IS 'Role that recorded it';
COMMENT ON COLUMN tradeup_bundles.bundle_event.note IS 'What there is to say about it; null: nothing';
-- What sells together, over any table: aggregates that gather baskets and items and return what is in them as an array.

-- Baskets are gathered in memory, up to work_mem times hash_mem_multiplier; values of any type are told apart by their texts.
CREATE FUNCTION tradeup_bundles_internal.basket_step(gathered internal, basket "any", item "any") RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_step(internal, "any", "any") IS
    'One more item of a basket; step of the aggregates over baskets';
CREATE FUNCTION tradeup_bundles_internal.basket_step(gathered internal, basket "any", item "any", options jsonb)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_step(internal, "any", "any", jsonb) IS
    'One more item of a basket, with the options of the result; step of the aggregates over baskets';
CREATE FUNCTION tradeup_bundles_internal.basket_combine(gathered internal, more internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_combine(internal, internal) IS
    'What two parallel workers gathered; step of the aggregates over baskets';
CREATE FUNCTION tradeup_bundles_internal.basket_serialize(gathered internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_serialize(internal) IS
    'What a parallel worker gathered, as it sends it; step of the aggregates over baskets';
CREATE FUNCTION tradeup_bundles_internal.basket_deserialize(sent bytea, gathered internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_deserialize(bytea, internal) IS
    'What a parallel worker sent; step of the aggregates over baskets';

CREATE FUNCTION tradeup_bundles_internal.pairs_result(gathered internal) RETURNS tradeup_bundles.mined_pair[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.pairs_result(internal) IS 'Result of the aggregate mine_pairs';
CREATE AGGREGATE tradeup_bundles.mine_pairs(basket "any", item "any") (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.pairs_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_pairs("any", "any") IS
    'Pairs of items that are in two baskets or more together, with how they are tied; rows of a basket and an item from '
    'any table';
CREATE AGGREGATE tradeup_bundles.mine_pairs(basket "any", item "any", options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.pairs_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_pairs("any", "any", jsonb) IS
    'Pairs of items in baskets, under options: universe, tests, min_count, min_support, min_confidence, min_lift, max_q, '
    'max_items';

CREATE FUNCTION tradeup_bundles_internal.triples_result(gathered internal) RETURNS tradeup_bundles.mined_triple[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.triples_result(internal) IS 'Result of the aggregate mine_triples';
CREATE AGGREGATE tradeup_bundles.mine_triples(basket "any", item "any") (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.triples_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_triples("any", "any") IS
    'Triples of items that are in two baskets or more together, with how they are tied; rows of a basket and an item '
    'from any table';
CREATE AGGREGATE tradeup_bundles.mine_triples(basket "any", item "any", options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.triples_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_triples("any", "any", jsonb) IS
    'Triples of items in baskets, under options: universe, min_count, min_support, min_confidence, min_lift, max_q, max_items';

CREATE FUNCTION tradeup_bundles_internal.covisitation_result(gathered internal)
RETURNS tradeup_bundles.covisited_pair[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.covisitation_result(internal) IS 'Result of the aggregate mine_covisitation';
CREATE AGGREGATE tradeup_bundles.mine_covisitation(basket "any", item "any") (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.covisitation_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_covisitation("any", "any") IS
    'For pairs of items in three baskets or more together: whether they are bought with the same other items';
CREATE AGGREGATE tradeup_bundles.mine_covisitation(basket "any", item "any", options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.covisitation_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_covisitation("any", "any", jsonb) IS
    'Whether items are bought with the same others, under options: universe, min_count, min_support, min_confidence, '
    'min_lift, max_items';

-- The same for texts, so that calls of our own are exact.
CREATE AGGREGATE tradeup_bundles_internal.mine_pairs(basket text, item text, options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.pairs_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles_internal.mine_pairs(text, text, jsonb) IS
    'Pairs of items in baskets, for functions of shops';
CREATE AGGREGATE tradeup_bundles_internal.mine_triples(basket text, item text, options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.triples_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles_internal.mine_triples(text, text, jsonb) IS
    'Triples of items in baskets, for functions of shops';
CREATE AGGREGATE tradeup_bundles_internal.mine_covisitation(basket text, item text, options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.covisitation_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles_internal.mine_covisitation(text, text, jsonb) IS
    'Co-visitation of items in baskets, for functions of shops';
-- What sells together in a shop: its orders as baskets, its variants as items.

CREATE FUNCTION tradeup_bundles_internal.require_shop(shop text, found boolean) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.require_shop(text, boolean) IS
    'True for a shop that was found; otherwise the error that there is no such shop';

CREATE FUNCTION tradeup_bundles_internal.known_shop(shop text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN tradeup_bundles_internal.require_shop(known_shop.shop, EXISTS (SELECT FROM tradeup_bundles.shop s
                                                                      WHERE s.shop = known_shop.shop));
COMMENT ON FUNCTION tradeup_bundles_internal.known_shop(text) IS
    'True for a shop that there is; otherwise the error that says so';

-- Lines without a variant are found by their SKU where asked, if one item of the catalogue has it and no other. An order without
-- a time counts on every day.
CREATE FUNCTION tradeup_bundles_internal.lines_until(shop text, resolve_sku boolean, as_of date)
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

CREATE FUNCTION tradeup_bundles.pairs(shop text, options jsonb DEFAULT '{}'::jsonb,
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

CREATE FUNCTION tradeup_bundles.triples(shop text, options jsonb DEFAULT '{}'::jsonb,
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

CREATE FUNCTION tradeup_bundles.covisitation(shop text, options jsonb DEFAULT '{}'::jsonb,
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
-- What bundles cost.

CREATE FUNCTION tradeup_bundles.bundle_price(prices numeric[], quantities integer[], percents numeric[],
                                                        objective text DEFAULT NULL::text, minor_digits integer DEFAULT 2)
RETURNS tradeup_bundles.priced_bundle
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.bundle_price(numeric[], integer[], numeric[], text, integer) IS
    'What a bundle costs: percents cut to the bounds of the objective, a price with a nice ending, never above the sum, and the '
    'discounts of the lines; without an objective percents are not cut and the price is the plain one';

CREATE FUNCTION tradeup_bundles_internal.objectives(OUT objective text, OUT lowest_percent numeric,
                                                               OUT highest_percent numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 ROWS 9 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.objectives() IS
    'The objectives of bundles, with their bounds; behind the view objective';

CREATE FUNCTION tradeup_bundles_internal.currency_digits(currency text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'currency_digits_of';
COMMENT ON FUNCTION tradeup_bundles_internal.currency_digits(text) IS
    'The decimals of a currency by its ISO 4217 code; null for a code that is not in use';
-- Bundles that a shop could offer: what sells together, what sells in numbers, and what one thing brings for another.

CREATE FUNCTION tradeup_bundles_internal.bundle_options(options jsonb, OUT objective text, OUT rank_by text,
                                                                   OUT tests text, OUT history boolean,
                                                                   OUT resolve_sku boolean)
RETURNS record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.bundle_options(jsonb) IS
    'Options of bundles with their defaults: objective, rank_by, tests, history, resolve_sku';

CREATE FUNCTION tradeup_bundles_internal.pairs_until(shop text, resolve_sku boolean, as_of date, options jsonb)
RETURNS SETOF tradeup_bundles.mined_pair
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    SELECT m.*
    FROM unnest((SELECT tradeup_bundles_internal.mine_pairs(s.order_id, s.variant_id, pairs_until.options)
                 FROM tradeup_bundles_internal.lines_until(pairs_until.shop, pairs_until.resolve_sku, pairs_until.as_of) s
                 WHERE s.quantity > 0)) m;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.pairs_until(text, boolean, date, jsonb) IS 'Pairs of orders of a shop up to a day';

CREATE FUNCTION tradeup_bundles_internal.triples_until(shop text, resolve_sku boolean, as_of date, options jsonb)
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
CREATE FUNCTION tradeup_bundles_internal.variant_sales(shop text, resolve_sku boolean, as_of date)
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

CREATE FUNCTION tradeup_bundles.volume_tiers(shop text, as_of date DEFAULT NULL::date,
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
CREATE FUNCTION tradeup_bundles_internal.each_pair(pairs tradeup_bundles.mined_pair[])
RETURNS SETOF tradeup_bundles.mined_pair
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 ROWS 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.each_pair(tradeup_bundles.mined_pair[]) IS
    'The elements of an array of pairs, as unnest gives them, planned as very many';

CREATE FUNCTION tradeup_bundles_internal.each_once(firsts integer[], seconds integer[]) RETURNS boolean[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.each_once(integer[], integer[]) IS
    'Of pairs of numbers from 1 on, in the order of their rank, whether each has none of the numbers of those chosen before it';

-- Each variant is in one bundle: the best one first, and of equal ones the one of more orders. What is chosen of the best so many
-- is what is chosen of all, as far as they go, so a list of a few bundles need not put millions of pairs in order. Nothing is
-- known of how many pairs a shop has and how many share a variant, so the settings say how to join: variants are hashed, pairs
-- read once.
CREATE FUNCTION tradeup_bundles_internal.best_directions(shop text, as_of date, resolve_sku boolean, most bigint)
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

CREATE FUNCTION tradeup_bundles.buy_x_get_y(shop text, as_of date DEFAULT NULL::date,
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

CREATE FUNCTION tradeup_bundles.sold_together(shop text, as_of date DEFAULT NULL::date,
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
CREATE FUNCTION tradeup_bundles_internal.bundles_of_kinds(catalog_size bigint)
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

CREATE FUNCTION tradeup_bundles.propose_bundles(shop text, as_of date DEFAULT NULL::date,
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
-- Bundles saved, approved, listed and checked.

CREATE FUNCTION tradeup_bundles_internal.sorted_variants(variants text[]) RETURNS text[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.sorted_variants(text[]) IS
    'Variants in the order of their bytes, which tells bundles of the same ones from others; of none (null) an empty array';

-- One statement takes the place of what the run had. A bundle that is as it was keeps its number, and so what was decided about
-- it; one that costs or holds something else gets a new one. In PL/pgSQL, which plans it once for a session: planning takes a
-- third of the time of saving 40 bundles.
CREATE FUNCTION tradeup_bundles.save_bundles(shop text, run text, bundles tradeup_bundles.proposed_bundle[],
                                                        OUT saved bigint, OUT kept bigint, OUT removed bigint)
RETURNS record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known CONSTANT boolean := EXISTS (SELECT FROM tradeup_bundles.shop x WHERE x.shop = save_bundles.shop);
BEGIN
    /* Asked alone, so that the error does not list the statement. */
    IF NOT tradeup_bundles_internal.require_shop(save_bundles.shop, known) THEN
        RETURN;
    END IF;
    WITH given AS MATERIALIZED (
        SELECT DISTINCT ON (s.variant_set, b.kind, b.objective)
               s.variant_set, b.rank, b.kind, b.objective, b.variants, b.quantities, b.prices, b.percents, b.discounts,
               b.original_total, b.price, b.score, b.tiers, b.counts
        FROM unnest(save_bundles.bundles) b,
             LATERAL (SELECT tradeup_bundles_internal.sorted_variants(b.variants) COLLATE "C" AS variant_set) s
        ORDER BY s.variant_set, b.kind, b.objective, b.rank
    ), gone AS (
        DELETE FROM tradeup_bundles.bundle b
        WHERE b.shop = save_bundles.shop AND b.run = save_bundles.run
          AND (b.kind, b.variant_set, b.objective) NOT IN (SELECT g.kind, g.variant_set, g.objective FROM given g)
        RETURNING b.bundle_id
    ), written AS (
        INSERT INTO tradeup_bundles.bundle AS b (shop, run, rank, kind, objective, variant_set, variants, quantities, prices,
                                                 percents, discounts, original_total, price, score, tiers, counts)
        SELECT save_bundles.shop, save_bundles.run, g.rank, g.kind, g.objective, g.variant_set, g.variants, g.quantities,
               g.prices, g.percents, g.discounts, g.original_total, g.price, g.score, g.tiers, g.counts
        FROM given g
        ON CONFLICT ON CONSTRAINT bundle_is_once_in_its_run DO UPDATE
        SET rank = excluded.rank, variants = excluded.variants, quantities = excluded.quantities, prices = excluded.prices,
            percents = excluded.percents, discounts = excluded.discounts, original_total = excluded.original_total,
            price = excluded.price, score = excluded.score, tiers = excluded.tiers, counts = excluded.counts
        /* What differs as a rule comes first: the comparison ends there. */
        WHERE (b.price, b.original_total, b.score, b.rank, b.prices, b.discounts, b.percents, b.quantities, b.variants, b.tiers,
               b.counts)
              IS DISTINCT FROM (excluded.price, excluded.original_total, excluded.score, excluded.rank, excluded.prices,
                                excluded.discounts, excluded.percents, excluded.quantities, excluded.variants, excluded.tiers,
                                excluded.counts)
        RETURNING b.bundle_id
    )
    SELECT (SELECT count(*) FROM written w), (SELECT count(*) FROM given g) - (SELECT count(*) FROM written w),
           (SELECT count(*) FROM gone g)
    INTO saved, kept, removed;
END
$$;
COMMENT ON FUNCTION tradeup_bundles.save_bundles(text, text, tradeup_bundles.proposed_bundle[]) IS
    'Saves bundles as those of a run, in place of what the run had, also by none (null); what is as it was keeps its number and '
    'its approval. Returns how many were written, how many were there already, and how many are gone';

-- An approval is of a number, so what is sold under it must stay as it was: whoever changes a bundle, by save_bundles or by hand,
-- gets another number for it.
CREATE FUNCTION tradeup_bundles_internal.number_bundle() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.number_bundle() IS
    'Trigger that gives a bundle that is changed another number, and says who saved it and when';
CREATE TRIGGER number_bundle BEFORE UPDATE ON tradeup_bundles.bundle
    FOR EACH ROW WHEN ((OLD.price, OLD.original_total, OLD.prices, OLD.discounts, OLD.percents, OLD.quantities, OLD.variants,
                        OLD.tiers, OLD.shop, OLD.kind, OLD.objective)
                       IS DISTINCT FROM (NEW.price, NEW.original_total, NEW.prices, NEW.discounts, NEW.percents, NEW.quantities,
                                         NEW.variants, NEW.tiers, NEW.shop, NEW.kind, NEW.objective))
    EXECUTE FUNCTION tradeup_bundles_internal.number_bundle();

-- Events are numbered: two sessions cannot both write the next one.
CREATE FUNCTION tradeup_bundles_internal.check_bundle_event() RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    standing text;
    owner boolean;
BEGIN
    SELECT pg_has_role(current_user, c.relowner, 'USAGE') INTO owner FROM pg_class c WHERE c.oid = TG_RELID;
    /* What comes back from a dump has its time and its role; anything else is recorded now, by who records it. */
    IF owner AND NEW.happened_at < now() THEN
        RETURN NEW;
    END IF;
    NEW.happened_at = clock_timestamp();
    NEW.happened_by = current_user;
    PERFORM FROM tradeup_bundles.bundle b WHERE b.bundle_id = NEW.bundle_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'bundle "%" does not exist', NEW.bundle_id
            USING ERRCODE = 'no_data_found',
                  HINT = 'Look in the table tradeup_bundles.bundle: saving a run may have replaced it, and row-level security '
                         'may hide rows.';
    END IF;
    SELECT e.event INTO standing FROM tradeup_bundles.bundle_event e
    WHERE e.bundle_id = NEW.bundle_id AND e.seq = NEW.seq - 1;
    IF NEW.seq > 1 AND standing IS NULL THEN
        RAISE EXCEPTION 'event % of bundle % must follow another', NEW.seq, NEW.bundle_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The bundle has no event %s.', NEW.seq - 1),
                  HINT = 'Use approve_bundle and retire_bundle, which number events.';
    ELSIF standing = 'retired' OR standing = NEW.event THEN
        RAISE EXCEPTION 'bundle % cannot be %', NEW.bundle_id, NEW.event
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is %s.', standing);
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.check_bundle_event() IS
    'Trigger that gives events of bundles their time and role, and refuses those that may not follow the standing one';

CREATE FUNCTION tradeup_bundles_internal.refuse_event_change() RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'events of bundles are never changed'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Record another event with approve_bundle or retire_bundle.';
END;
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.refuse_event_change() IS
    'Trigger that refuses to change or delete events of bundles';

CREATE TRIGGER check_bundle_event BEFORE INSERT ON tradeup_bundles.bundle_event
    FOR EACH ROW EXECUTE FUNCTION tradeup_bundles_internal.check_bundle_event();
CREATE TRIGGER refuse_event_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tradeup_bundles.bundle_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_bundles_internal.refuse_event_change();

CREATE FUNCTION tradeup_bundles.approve_bundle(bundle_id bigint, note text DEFAULT NULL::text) RETURNS integer
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
BEGIN ATOMIC
    INSERT INTO tradeup_bundles.bundle_event AS e (bundle_id, seq, event, note)
    SELECT approve_bundle.bundle_id, coalesce(max(x.seq), 0) + 1, 'approved', approve_bundle.note
    FROM tradeup_bundles.bundle_event x WHERE x.bundle_id = approve_bundle.bundle_id
    RETURNING e.seq;
END;
COMMENT ON FUNCTION tradeup_bundles.approve_bundle(bigint, text) IS
    'Records that a bundle is approved; returns the number of the event';

CREATE FUNCTION tradeup_bundles.retire_bundle(bundle_id bigint, note text DEFAULT NULL::text) RETURNS integer
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
BEGIN ATOMIC
    INSERT INTO tradeup_bundles.bundle_event AS e (bundle_id, seq, event, note)
    SELECT retire_bundle.bundle_id, coalesce(max(x.seq), 0) + 1, 'retired', retire_bundle.note
    FROM tradeup_bundles.bundle_event x WHERE x.bundle_id = retire_bundle.bundle_id
    RETURNING e.seq;
END;
COMMENT ON FUNCTION tradeup_bundles.retire_bundle(bigint, text) IS
    'Records that a bundle is retired, which ends it; returns the number of the event';

CREATE FUNCTION tradeup_bundles.bundle_list(shop text, rows integer DEFAULT 50, after_rank integer DEFAULT 0,
                                                       after_id bigint DEFAULT 0, run text DEFAULT NULL::text)
RETURNS TABLE (bundle_id bigint, rank integer, run text, kind text, objective text, variants text[], quantities integer[],
               original_total numeric, price numeric, status text, saved_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 50
BEGIN ATOMIC
    SELECT b.bundle_id, b.rank, b.run, b.kind, b.objective, b.variants, b.quantities, b.original_total, b.price,
           coalesce((SELECT e.event FROM tradeup_bundles.bundle_event e
                     WHERE e.bundle_id = b.bundle_id ORDER BY e.seq DESC LIMIT 1), 'proposed'), b.saved_at
    FROM tradeup_bundles.bundle b
    WHERE b.shop = bundle_list.shop AND (b.rank, b.bundle_id) > (bundle_list.after_rank, bundle_list.after_id)
      AND (bundle_list.run IS NULL OR b.run = bundle_list.run)
      AND tradeup_bundles_internal.known_shop(bundle_list.shop)
    ORDER BY b.rank, b.bundle_id LIMIT bundle_list.rows;
END;
COMMENT ON FUNCTION tradeup_bundles.bundle_list(text, integer, integer, bigint, text) IS
    'A page of the bundles of a shop by rank: those after the rank and number of the last one of the page before; of one run, or '
    'of all (null). status is proposed, approved or retired';

-- The counts are counted anew, from the orders that are there now.
CREATE FUNCTION tradeup_bundles_internal.bundle_counts(shop text, kind text, variants text[], as_of date,
                                                                  resolve_sku boolean)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 100000
BEGIN ATOMIC
    WITH line AS MATERIALIZED (
        SELECT l.order_id, l.variant_id, l.quantity
        FROM tradeup_bundles_internal.lines_until(bundle_counts.shop, bundle_counts.resolve_sku, bundle_counts.as_of) l
    ), basket AS MATERIALIZED (
        SELECT l.order_id, array_agg(l.variant_id) FILTER (WHERE l.variant_id = ANY (bundle_counts.variants)) AS has,
               min(l.variant_id) <> max(l.variant_id) AS several
        FROM line l WHERE l.quantity > 0 GROUP BY l.order_id
    )
    SELECT CASE bundle_counts.kind
           WHEN 'together' THEN
               jsonb_strip_nulls(jsonb_build_object(
                   'n', count(*) FILTER (WHERE b.several),
                   'n_of', (SELECT jsonb_agg((SELECT count(*) FROM basket x WHERE x.several AND v.v = ANY (x.has)) ORDER BY v.i)
                            FROM unnest(bundle_counts.variants) WITH ORDINALITY v (v, i)),
                   'n_pairs', (SELECT jsonb_agg((SELECT count(*) FROM basket x
                                                 WHERE x.several AND ARRAY[v.v, w.v] <@ x.has) ORDER BY v.i, w.i)
                               FROM unnest(bundle_counts.variants) WITH ORDINALITY v (v, i),
                                    unnest(bundle_counts.variants) WITH ORDINALITY w (v, i)
                               WHERE v.i < w.i AND cardinality(bundle_counts.variants) > 2),
                   'n_together', count(*) FILTER (WHERE b.several AND bundle_counts.variants <@ b.has)))
           WHEN 'buy_x_get_y' THEN
               jsonb_build_object('n_buy', count(*) FILTER (WHERE bundle_counts.variants[1] = ANY (b.has)),
                                  'n_together', count(*) FILTER (WHERE bundle_counts.variants <@ b.has))
           ELSE
               (SELECT jsonb_build_object(
                           'lines', count(*) FILTER (WHERE l.quantity > 0), 'units', sum(l.quantity),
                           'max_quantity', max(l.quantity),
                           'lines_2', count(*) FILTER (WHERE l.quantity >= 2), 'lines_3', count(*) FILTER (WHERE l.quantity >= 3),
                           'lines_5', count(*) FILTER (WHERE l.quantity >= 5),
                           'p75', q.sorted[least(cardinality(q.sorted) * 3 / 4, cardinality(q.sorted) - 1) + 1],
                           'p90', q.sorted[least(cardinality(q.sorted) * 9 / 10, cardinality(q.sorted) - 1) + 1])
                FROM line l, (SELECT array_agg(x.quantity ORDER BY x.quantity) AS sorted FROM line x
                              WHERE x.variant_id = bundle_counts.variants[1] AND x.quantity > 0) q
                WHERE l.variant_id = bundle_counts.variants[1] GROUP BY q.sorted) END
           || jsonb_build_object('as_of', bundle_counts.as_of, 'resolve_sku', bundle_counts.resolve_sku)
    FROM basket b;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.bundle_counts(text, text, text[], date, boolean) IS
    'The counts that a bundle of these variants has in the orders of a shop up to a day';

CREATE FUNCTION tradeup_bundles.bundle_verifies(bundle tradeup_bundles.bundle) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100000
BEGIN ATOMIC
    SELECT bundle.counts = tradeup_bundles_internal.bundle_counts(bundle.shop, bundle.kind, bundle.variants,
                                                                   (bundle.counts ->> 'as_of'::text)::date,
                                                                   (bundle.counts ->> 'resolve_sku'::text)::boolean)
           AND (bundle.original_total, bundle.price, bundle.discounts)
               IS NOT DISTINCT FROM (p.original_total, p.price, p.discounts)
    FROM (SELECT coalesce(tradeup_bundles_internal.currency_digits(s.currency), 2) AS digits
          FROM tradeup_bundles.shop s WHERE s.shop = bundle.shop) d,
         LATERAL tradeup_bundles.bundle_price(bundle.prices, bundle.quantities, bundle.percents,
                                              CASE WHEN bundle.kind <> 'buy_x_get_y' THEN bundle.objective END, d.digits) p;
END;
COMMENT ON FUNCTION tradeup_bundles.bundle_verifies(tradeup_bundles.bundle) IS
    'Whether a saved bundle has the counts that the orders give today, and the price that follows from its lines';
-- Where numbers go on after logical replication, which copies rows and no sequences.

-- A number that was given once is not given again, as long as anything speaks of it: what was approved stays on record when its
-- bundle is gone, and rows know the upload that brought them. Those tables are read from end to end.
CREATE FUNCTION tradeup_bundles.advance_numbers() RETURNS TABLE (table_name text, next_number bigint)
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
-- The grants of readers, desks and administrators. A desk sends files, saves bundles and decides about them; it chooses neither
-- the number nor the role nor the time of an upload or a bundle.

CREATE FUNCTION tradeup_bundles_internal.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';

CREATE FUNCTION tradeup_bundles_internal.grants_of(level text)
RETURNS TABLE (kind text, object text, privileges text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 20
BEGIN ATOMIC
    SELECT 'SCHEMA', 'tradeup_bundles', 'USAGE'
    WHERE tradeup_bundles_internal.require_one_of('level'::text, grants_of.level, '{reader,desk,admin}'::text[])
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           concat_ws(', ', 'SELECT',
                     CASE WHEN grants_of.level IN ('desk', 'admin') THEN
                         CASE WHEN c.relname = 'upload' THEN
                                  (SELECT format('INSERT (shop, kind, run, file_name, options, retries), UPDATE (%s)',
                                                 string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum))
                                   FROM pg_catalog.pg_attribute a
                                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                     AND a.attname NOT IN ('upload_id', 'uploaded_by', 'begun_at'))
                              WHEN c.relname = 'bundle' THEN
                                  (SELECT format('INSERT (%1$s), UPDATE (%1$s), DELETE',
                                                 string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum))
                                   FROM pg_catalog.pg_attribute a
                                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                     AND a.attname NOT IN ('bundle_id', 'saved_by', 'saved_at'))
                              WHEN c.relname IN ('upload_part', 'rejected_row') THEN 'INSERT, UPDATE, DELETE'
                              WHEN c.relname IN ('shop_order', 'order_line', 'variant', 'inventory_level', 'catalog_item')
                              THEN 'INSERT, UPDATE'
                              WHEN c.relname IN ('shop', 'bundle_event') THEN 'INSERT' END END,
                     CASE WHEN grants_of.level = 'admin' THEN
                         CASE WHEN c.relname IN ('upload', 'shop_order', 'order_line', 'variant', 'inventory_level',
                                                 'catalog_item') THEN 'DELETE'
                              WHEN c.relname = 'shop' THEN 'UPDATE, DELETE'
                              WHEN c.relname = 'column_alias' THEN 'INSERT, UPDATE, DELETE' END END)
    FROM pg_catalog.pg_extension e, pg_catalog.pg_depend d, pg_catalog.pg_class c, pg_catalog.pg_namespace n
    WHERE e.extname = 'tradeup_bundles' AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
      AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'v')
      AND n.oid = c.relnamespace
    UNION ALL
    /* A bundle that changes gets another number. */
    SELECT 'SEQUENCE', 'tradeup_bundles.bundle_bundle_id_seq', 'USAGE' WHERE grants_of.level IN ('desk', 'admin');
END;
COMMENT ON FUNCTION tradeup_bundles_internal.grants_of(text) IS
    'The privileges that a reader, a desk or an admin has, object by object';

CREATE FUNCTION tradeup_bundles_internal.require_grantable(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'role must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Create it first: CREATE ROLE. Upper and lower case differ here.';
    ELSIF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c
               WHERE c.oid = 'tradeup_bundles.order_line'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the tables can grant rights on them'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.require_grantable(name) IS
    'The error when a role does not exist, or the caller does not own the tables; nothing otherwise';

-- GRANT takes no parameters, hence statements from strings; grants_of quotes its objects.
CREATE FUNCTION tradeup_bundles_internal.grant_level(role name, level text) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_bundles_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object, g.privileges FROM tradeup_bundles_internal.grants_of(level) g LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', given.privileges, given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.grant_level(name, text) IS
    'Grants a role the privileges of a level: reader, desk or admin';

CREATE FUNCTION tradeup_bundles.grant_reader(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_bundles_internal.grant_level(role, 'reader'::text);
COMMENT ON FUNCTION tradeup_bundles.grant_reader(name) IS
    'Grants a role to read all: shops, uploads, orders, pairs, proposed and saved bundles, health';

CREATE FUNCTION tradeup_bundles.grant_desk(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_bundles_internal.grant_level(role, 'desk'::text);
COMMENT ON FUNCTION tradeup_bundles.grant_desk(name) IS
    'Grants a role to read all, to upload files, and to save, approve and retire bundles';

CREATE FUNCTION tradeup_bundles.grant_admin(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_bundles_internal.grant_level(role, 'admin'::text);
COMMENT ON FUNCTION tradeup_bundles.grant_admin(name) IS
    'Grants a role what a desk has, to write shops and aliases, and to delete what was loaded; decisions about bundles stay as '
    'they are';

CREATE FUNCTION tradeup_bundles.revoke_grants(role name) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_bundles_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object FROM tradeup_bundles_internal.grants_of('admin'::text) g LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_bundles.revoke_grants(name) IS
    'Takes from a role whatever the owner granted on the schema, its tables, views and the sequence of bundles';
-- Owners of shops and of what their files hold. Whoever creates the extension owns the rows: she loads them, grants them and puts
-- policies on them. All rows belong in a dump, but for the aliases that the extension brings and for parts on their way.

ALTER TABLE tradeup_bundles.shop OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.upload OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.upload_part OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.rejected_row OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.column_alias OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.shop_order OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.order_line OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.variant OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.inventory_level OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.catalog_item OWNER TO @extowner@;
-- Views stay with whoever runs this script.
GRANT SELECT ON tradeup_bundles.upload_statistics TO @extowner@ WITH GRANT OPTION;

SELECT pg_extension_config_dump('tradeup_bundles.shop', '');
SELECT pg_extension_config_dump('tradeup_bundles.upload', '');
SELECT pg_extension_config_dump('tradeup_bundles.upload_upload_id_seq', '');
SELECT pg_extension_config_dump('tradeup_bundles.rejected_row', '');
SELECT pg_extension_config_dump('tradeup_bundles.column_alias', 'WHERE NOT built_in');
SELECT pg_extension_config_dump('tradeup_bundles.shop_order', '');
SELECT pg_extension_config_dump('tradeup_bundles.order_line', '');
SELECT pg_extension_config_dump('tradeup_bundles.variant', '');
SELECT pg_extension_config_dump('tradeup_bundles.inventory_level', '');
SELECT pg_extension_config_dump('tradeup_bundles.catalog_item', '');
-- Owners of bundles, whose rows belong in a dump.

ALTER TABLE tradeup_bundles.bundle OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.bundle_event OWNER TO @extowner@;
-- Views stay with whoever runs this script.
GRANT SELECT ON tradeup_bundles.objective TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bundles.bundle_item TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bundles.bundle_line TO @extowner@ WITH GRANT OPTION;

SELECT pg_extension_config_dump('tradeup_bundles.bundle', '');
SELECT pg_extension_config_dump('tradeup_bundles.bundle_bundle_id_seq', '');
SELECT pg_extension_config_dump('tradeup_bundles.bundle_event', '');
