-- What a loading gives back, and what it is made of.

CREATE TYPE tradeup.load_result AS (
    outcome text,
    rows bigint,
    line bigint,
    id text,
    column_name text,
    reason text,
    value text
);
COMMENT ON TYPE tradeup.load_result IS
    'What became of rows that were loaded: how many were inserted, updated, unchanged (one row for each); and each row that was '
    'refused, with its line, its id, the first column at fault, the reason and the value';

CREATE TYPE tradeup_internal.loading_column AS (
    name text,
    kind text,
    type text,
    required boolean,
    source text,
    numeric_source boolean,
    translated boolean,
    blank text,
    said text
);
COMMENT ON TYPE tradeup_internal.loading_column IS
    'A column to load: its name, kind of cell and type; whether it must be there; its cell in the source as SQL (null: none) and '
    'whether that is a number; whether words of it are translated; what an empty cell becomes, as SQL; decimal mark or order of '
    'dates';

CREATE TYPE tradeup_internal.loading_row AS (
    line bigint,
    id text,
    cells text[],
    column_name text,
    reason text,
    value text
);
COMMENT ON TYPE tradeup_internal.loading_row IS
    'A row that was read: its line, its id, its cells as their columns read them; and, if it is refused, where and why';
