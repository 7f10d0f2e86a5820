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
