-- Cells of tables that people keep, read as what a column holds.

CREATE OR REPLACE FUNCTION tradeup_internal.filled_cell(cell text, is_text boolean) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'filled_cell_text';
COMMENT ON FUNCTION tradeup_internal.filled_cell(text, boolean) IS
    'A cell without blanks around it; null where it stands for nothing, such as NULL, N/A or a dash';

CREATE OR REPLACE FUNCTION tradeup_internal.read_cell(cell text, kind text, said text, unit text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'read_cell_text';
COMMENT ON FUNCTION tradeup_internal.read_cell(text, text, text, text) IS
    'What a cell of a kind (price, amount, change, kilometers, year, date) holds; null where it holds no such thing. said: the '
    'decimal mark or the order of dates of its column, empty: unknown; unit: currency, km or mi';

CREATE OR REPLACE FUNCTION tradeup_internal.cell_fault(cell text, kind text, said text, unit text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.cell_fault(text, text, text, text) IS
    'Why read_cell gives null for a cell; null where it does not';

CREATE OR REPLACE FUNCTION tradeup_internal.cell_evidence(cell text, kind text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cell_evidence_text';
COMMENT ON FUNCTION tradeup_internal.cell_evidence(text, text) IS
    'What a cell says of its column: the decimal mark, "." or ",", or the order of dates, DMY or MDY; null: nothing';
