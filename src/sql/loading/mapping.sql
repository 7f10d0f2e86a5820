-- From the mapping that a caller gives to the columns that are loaded.

CREATE OR REPLACE FUNCTION tradeup_internal.loading_columns(target text)
RETURNS TABLE (place integer, name text, kind text, type text, required boolean, blank text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT x.place, x.name, x.kind, x.type, x.required, x.blank
    FROM (VALUES ('vehicle'::text, 1, 'vehicle_id'::text, 'text'::text, 'text'::text, true, NULL::text),
                 ('vehicle', 2, 'vin', 'text', 'text', false, NULL),
                 ('vehicle', 3, 'make', 'text', 'text', false, NULL),
                 ('vehicle', 4, 'model', 'text', 'text', false, NULL),
                 ('vehicle', 5, 'body', 'text', 'text', false, NULL),
                 ('vehicle', 6, 'year', 'year', 'integer', false, NULL),
                 ('vehicle', 7, 'kilometers', 'kilometers', 'integer', false, NULL),
                 ('vehicle', 8, 'color', 'text', 'text', false, NULL),
                 ('vehicle', 9, 'fuel', 'text', 'text', false, NULL),
                 ('vehicle', 10, 'transmission', 'text', 'text', false, NULL),
                 ('vehicle', 11, 'region', 'text', 'text', false, NULL),
                 ('vehicle', 12, 'dealer', 'text', 'text', false, NULL),
                 ('vehicle', 13, 'currency', 'currency', 'text', false, NULL),
                 ('vehicle', 14, 'regular_price', 'price', 'numeric', true, NULL),
                 ('vehicle', 15, 'promotion_price', 'price', 'numeric', false, NULL),
                 ('vehicle', 16, 'rebate', 'amount', 'numeric', false, NULL),
                 ('vehicle', 17, 'cost', 'amount', 'numeric', false, NULL),
                 ('vehicle', 18, 'status', 'status', 'text', false, '''available''::text'),
                 ('vehicle', 19, 'listed_on', 'date', 'date', false, NULL),
                 ('vehicle', 20, 'sold_on', 'date', 'date', false, NULL),
                 ('customer', 1, 'customer_id', 'text', 'text', true, NULL),
                 ('customer', 2, 'risk_profile', 'text', 'text', true, NULL),
                 ('customer', 3, 'equity', 'change', 'numeric', false, NULL),
                 ('customer', 4, 'current_payment', 'price', 'numeric', false, NULL),
                 ('customer', 5, 'current_price', 'amount', 'numeric', false, NULL),
                 ('customer', 6, 'current_make', 'text', 'text', false, NULL),
                 ('customer', 7, 'current_model', 'text', 'text', false, NULL),
                 ('customer', 8, 'current_year', 'year', 'integer', false, NULL),
                 ('customer', 9, 'current_kilometers', 'kilometers', 'integer', false, NULL),
                 ('customer', 10, 'region', 'text', 'text', false, NULL),
                 ('customer', 11, 'program', 'text', 'text', false, NULL),
                 ('customer', 12, 'trade_value', 'amount', 'numeric', false, NULL),
                 ('customer', 13, 'payoff', 'amount', 'numeric', false, NULL),
                 ('customer', 14, 'bonus', 'amount', 'numeric', false, '''0''::text'),
                 ('customer', 15, 'income', 'amount', 'numeric', false, NULL))
         x (target, place, name, kind, type, required, blank)
    WHERE x.target = loading_columns.target;
END;
COMMENT ON FUNCTION tradeup_internal.loading_columns(text) IS
    'The columns of a table (vehicle or customer) that can be loaded, in the order in which they are looked at: the kind of '
    'cell, the type, whether a row needs it, and what an empty cell becomes, as SQL (null: null)';

CREATE OR REPLACE FUNCTION tradeup_internal.require_mapping(target text, mapping jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    fields CONSTANT text[] := CASE target
        WHEN 'vehicle' THEN '{columns,defaults,values,decimal_mark,date_order,distance_unit,currency,key,line}'::text[]
        ELSE '{columns,defaults,values,decimal_mark,date_order,distance_unit,currency,line}'::text[] END;
    known CONSTANT text[] := ARRAY(SELECT c.name FROM tradeup_internal.loading_columns(target) c ORDER BY c.place);
    field text;
    value jsonb;
    inner_name text;
    inner_value jsonb;
BEGIN
    IF jsonb_typeof(mapping) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'mapping must be a JSON object' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'For example {"columns": {"vehicle_id": "Stock No", "regular_price": "Price"}}.';
    END IF;
    FOR field, value IN SELECT m.key, m.value FROM jsonb_each(mapping) m LOOP
        IF field <> ALL (fields) THEN
            RAISE EXCEPTION 'unknown field of a mapping "%"', tradeup_internal.shown(field)
                USING ERRCODE = 'invalid_parameter_value', HINT = format('Use %s.', array_to_string(fields, ', '));
        ELSIF field IN ('columns', 'defaults', 'values') OR field IN ('decimal_mark', 'date_order')
              AND jsonb_typeof(value) = 'object' THEN
            IF jsonb_typeof(value) <> 'object' THEN
                RAISE EXCEPTION '"%" of a mapping must be an object', field USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = format('It is %s.', tradeup_internal.shown(value::text));
            END IF;
            FOR inner_name, inner_value IN SELECT m.key, m.value FROM jsonb_each(value) m LOOP
                IF inner_name <> ALL (known) THEN
                    RAISE EXCEPTION 'unknown column to load "%"', tradeup_internal.shown(inner_name)
                        USING ERRCODE = 'undefined_column', DETAIL = format('It stands in "%s".', field),
                              HINT = format('Use %s.', array_to_string(known, ', '));
                ELSIF field = 'columns' AND jsonb_typeof(inner_value) NOT IN ('string', 'null')
                      OR field = 'defaults' AND jsonb_typeof(inner_value) NOT IN ('string', 'number')
                      OR field = 'values' AND jsonb_typeof(inner_value) <> 'object'
                      OR field IN ('decimal_mark', 'date_order') AND jsonb_typeof(inner_value) <> 'string' THEN
                    RAISE EXCEPTION 'bad value of "%" in "%" of a mapping', inner_name, field
                        USING ERRCODE = 'invalid_parameter_value',
                              DETAIL = format('It is %s.', tradeup_internal.shown(inner_value::text)),
                              HINT = CASE field WHEN 'columns' THEN 'Give the name of a column of the source, or null for none.'
                                                WHEN 'defaults' THEN 'Give a text or a number.'
                                                WHEN 'values' THEN 'Give an object: a word of the source, and what it stands for.'
                                                ELSE 'Give a text.' END;
                END IF;
            END LOOP;
        ELSIF jsonb_typeof(value) <> 'string' THEN
            RAISE EXCEPTION '"%" of a mapping must be a text', field USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('It is %s.', tradeup_internal.shown(value::text));
        END IF;
    END LOOP;
    IF mapping ? 'distance_unit' THEN
        PERFORM tradeup_internal.require_one_of('distance_unit'::text, mapping ->> 'distance_unit'::text, '{km,mi}'::text[]);
    END IF;
    IF mapping ? 'key' THEN
        PERFORM tradeup_internal.require_one_of('key'::text, mapping ->> 'key'::text, '{vehicle_id,vin}'::text[]);
    END IF;
    IF mapping ? 'currency' AND tradeup.currency_digits(mapping ->> 'currency'::text) IS NULL THEN
        RAISE EXCEPTION 'unknown currency "%"', tradeup_internal.shown(mapping ->> 'currency'::text)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use an ISO 4217 code in capitals, such as USD, EUR or MXN.';
    END IF;
    PERFORM tradeup_internal.require_one_of('decimal_mark'::text, said.word, '{.,","}'::text[])
    FROM (SELECT mapping ->> 'decimal_mark'::text AS word WHERE jsonb_typeof(mapping -> 'decimal_mark'::text) = 'string'
          UNION ALL SELECT m.value FROM jsonb_each_text(CASE jsonb_typeof(mapping -> 'decimal_mark'::text) WHEN 'object'
                                                        THEN mapping -> 'decimal_mark'::text END) m) said;
    PERFORM tradeup_internal.require_one_of('date_order'::text, said.word, '{DMY,MDY}'::text[])
    FROM (SELECT mapping ->> 'date_order'::text AS word WHERE jsonb_typeof(mapping -> 'date_order'::text) = 'string'
          UNION ALL SELECT m.value FROM jsonb_each_text(CASE jsonb_typeof(mapping -> 'date_order'::text) WHEN 'object'
                                                        THEN mapping -> 'date_order'::text END) m) said;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_mapping(text, jsonb) IS
    'The error when a mapping has unknown fields, columns or words; nothing otherwise';

CREATE OR REPLACE FUNCTION tradeup_internal.source_column(relation regclass, wanted text, exactly boolean) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    alike text[];
BEGIN
    alike := ARRAY(SELECT a.attname::text FROM pg_attribute a
                   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
                     AND (a.attname = wanted
                          OR NOT exactly AND lower(translate(a.attname::text, ' -_', '')) = translate(wanted, '_', ''))
                   ORDER BY a.attname <> wanted, a.attnum);
    IF alike[1] = wanted OR cardinality(alike) = 1 THEN
        RETURN alike[1];
    ELSIF exactly THEN
        RAISE EXCEPTION 'relation % has no column "%"', relation, tradeup_internal.shown(wanted)
            USING ERRCODE = 'undefined_column',
                  HINT = 'Write the name of a column as it is stored: lower case unless it was made in double quotes.';
    ELSIF cardinality(alike) > 1 THEN
        RAISE EXCEPTION 'relation % has several columns for "%"', relation, wanted
            USING ERRCODE = 'ambiguous_column', DETAIL = format('They are "%s".', array_to_string(alike, '", "')),
                  HINT = 'Say in "columns" of the mapping which one it is.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.source_column(regclass, text, boolean) IS
    'The column of a table with this name, which must be there; or one whose name is the same but for case, blanks, hyphens and '
    'underscores, null: none';

-- A number or a day of a type of its own is written so that no setting of the session shows in it.
CREATE OR REPLACE FUNCTION tradeup_internal.source_cell(relation regclass, column_name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT format(CASE WHEN t.type = ANY ('{real,double precision}'::regtype[]) THEN 's.%I::numeric::text'
                           WHEN t.type = ANY ('{date,timestamp without time zone}'::regtype[])
                           THEN 'to_char(s.%I, ''YYYY-MM-DD''::text)'
                           WHEN t.type = 'timestamp with time zone'::regtype
                           THEN 'to_char(timezone(''UTC''::text, s.%I), ''YYYY-MM-DD''::text)'
                           ELSE 's.%I::text' END, source_cell.column_name)
        FROM (SELECT tradeup_internal.column_type(source_cell.relation, source_cell.column_name) AS type) t);
COMMENT ON FUNCTION tradeup_internal.source_cell(regclass, text) IS 'The cells of a column as texts, as SQL over s';

CREATE OR REPLACE FUNCTION tradeup_internal.loading_of(target text, relation regclass, mapping jsonb)
RETURNS tradeup_internal.loading_column[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    columns tradeup_internal.loading_column[];
    by_vin CONSTANT boolean := mapping ->> 'key'::text IS NOT DISTINCT FROM 'vin';
    id CONSTANT text := target || '_id';
BEGIN
    PERFORM tradeup_internal.require_one_of('target'::text, target, '{vehicle,customer}'::text[]);
    SELECT array_agg(ROW(x.name, x.kind, x.type, x.required AND NOT (by_vin AND x.name = id) OR by_vin AND x.name = 'vin',
                         CASE WHEN x.source IS NOT NULL THEN tradeup_internal.source_cell(relation, x.source) END,
                         tradeup_internal.column_type(relation, x.source)
                             = ANY ('{smallint,integer,bigint,numeric,real,double precision}'::regtype[]),
                         mapping #> ARRAY['values'::text, x.name] IS NOT NULL, x.blank,
                         CASE WHEN x.kind IN ('price', 'amount', 'change', 'kilometers') THEN x.decimal_mark
                              WHEN x.kind = 'date' THEN x.date_order
                              WHEN x.kind = 'currency' AND x.source IS NULL AND NOT mapping ? 'currency'
                                   AND mapping #> '{defaults,currency}'::text[] IS NULL THEN 'default'
                              ELSE '' END)::tradeup_internal.loading_column
                     ORDER BY x.place)
    INTO columns
    FROM (SELECT y.*, y.source IS NOT NULL OR mapping #> ARRAY['defaults'::text, y.name] IS NOT NULL AS given,
                 bool_or(y.kind IN ('price', 'amount')
                         AND (y.source IS NOT NULL OR mapping #> ARRAY['defaults'::text, y.name] IS NOT NULL)) OVER () AS priced
          FROM (SELECT c.place, c.name, c.kind, c.type, c.required, c.blank,
                 CASE WHEN mapping #> ARRAY['columns'::text, c.name] IS NULL
                      THEN tradeup_internal.source_column(relation, c.name, false)
                      WHEN jsonb_typeof(mapping #> ARRAY['columns'::text, c.name]) = 'string'
                      THEN tradeup_internal.source_column(relation, mapping #>> ARRAY['columns'::text, c.name], true)
                      END AS source,
                 CASE jsonb_typeof(mapping -> 'decimal_mark'::text) WHEN 'string' THEN mapping ->> 'decimal_mark'::text
                      ELSE mapping #>> ARRAY['decimal_mark'::text, c.name] END AS decimal_mark,
                 CASE jsonb_typeof(mapping -> 'date_order'::text) WHEN 'string' THEN mapping ->> 'date_order'::text
                      ELSE mapping #>> ARRAY['date_order'::text, c.name] END AS date_order
          FROM tradeup_internal.loading_columns(target) c) y) x
    /* A price says nothing without its currency; and a vehicle that is known by its number needs an identifier when it is new. */
    WHERE x.given OR x.name = 'currency' AND x.priced OR by_vin AND x.name = id;
    IF NOT EXISTS (SELECT FROM unnest(columns) c
                   WHERE c.name = CASE WHEN by_vin THEN 'vin' ELSE id END AND c.source IS NOT NULL) THEN
        RAISE EXCEPTION 'no column of relation % is %', relation, tradeup_internal.shown(CASE WHEN by_vin THEN 'vin' ELSE id END)
            USING ERRCODE = 'undefined_column', HINT = 'Say in "columns" of the mapping which one it is.';
    END IF;
    RETURN columns;
END
$$;
COMMENT ON FUNCTION tradeup_internal.loading_of(text, regclass, jsonb) IS
    'The columns to load from a table under a mapping; an error where the mapping names what is not there, or nothing identifies '
    'a row';

CREATE OR REPLACE FUNCTION tradeup_internal.loading_words(mapping jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN (SELECT coalesce(jsonb_object_agg(c.key, (SELECT coalesce(jsonb_object_agg(lower(w.key), w.value), '{}'::jsonb)
                                                 FROM jsonb_each_text(c.value) w)), '{}'::jsonb)
        FROM jsonb_each(coalesce(loading_words.mapping -> 'values'::text, '{}'::jsonb)) c);
COMMENT ON FUNCTION tradeup_internal.loading_words(jsonb) IS
    'What words of a source stand for, by column and word in lower case, as a mapping says';
