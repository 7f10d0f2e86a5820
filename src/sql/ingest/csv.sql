-- Rows of CSV for everybody, names of columns, and the kind that a header tells.

CREATE OR REPLACE FUNCTION tradeup_bundles.csv_rows(file bytea, options jsonb DEFAULT '{}'::jsonb)
RETURNS TABLE ("row" bigint, line bigint, cells text[], fault text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.csv_rows(bytea, jsonb) IS
    'The rows of a CSV file as they stand; row 0 is the header; fault: unterminated_quote or nul_byte. Options: encoding, '
    'delimiter, max_bytes, max_cell_bytes, max_columns';

CREATE OR REPLACE FUNCTION tradeup_bundles.canonical_column(header text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'canonical_column_text';
COMMENT ON FUNCTION tradeup_bundles.canonical_column(text) IS
    'The name of a column as all its spellings have it: Variant Price (USD), variantPrice and variant-price are variant_price';

CREATE OR REPLACE FUNCTION tradeup_bundles.detect_kind(header text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.detect_kind(text) IS
    'The kind of file that a header line tells: orders, inventory_levels, catalog or variants; an error where none is certain';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.column_aliases()
RETURNS TABLE (kind text, alias text, column_name text, preference integer, unless text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 80 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.column_aliases() IS 'The aliases that the extension brings';
