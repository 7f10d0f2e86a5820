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
