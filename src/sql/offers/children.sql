-- One inventory in many tables: those that inherit from tradeup.vehicle, local and foreign. Whatever reads the inventory reads
-- all of them.

-- Children that are leaving are no children any more, and temporary ones of other sessions hold rows that nobody else sees.
CREATE OR REPLACE FUNCTION tradeup_internal.children_of(parent regclass, OUT child regclass, OUT is_foreign boolean)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 ROWS 10
BEGIN ATOMIC
    SELECT c.oid::regclass, c.relkind = 'f'
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = children_of.parent AND NOT i.inhdetachpending AND NOT pg_is_other_temp_schema(c.relnamespace)
    ORDER BY c.oid;
END;
COMMENT ON FUNCTION tradeup_internal.children_of(regclass) IS
    'The partitions of a table, or the tables that inherit from it, without those further below, and whether they are foreign';

CREATE OR REPLACE FUNCTION tradeup_internal.vehicle_tables(OUT relation regclass, OUT is_foreign boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 200 ROWS 10
BEGIN ATOMIC
    WITH RECURSIVE x AS (
        SELECT 'tradeup.vehicle'::regclass AS relation, false AS is_foreign
        UNION
        SELECT c.child, c.is_foreign FROM x CROSS JOIN LATERAL tradeup_internal.children_of(x.relation) c
    )
    SELECT x.relation, x.is_foreign FROM x;
END;
COMMENT ON FUNCTION tradeup_internal.vehicle_tables() IS
    'The tables of the inventory: tradeup.vehicle and all that inherit from it, and whether they are foreign';

-- Indexes of two tables are alike when what follows their name and table is the same.
CREATE OR REPLACE FUNCTION tradeup_internal.index_definition(index_name regclass) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
RETURN (SELECT substr(pg_get_indexdef(i.indexrelid),
                      length(format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, x.relname,
                                    n.nspname, t.relname)) + 1)
        FROM pg_index i
        JOIN pg_class x ON x.oid = i.indexrelid
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE i.indexrelid = index_definition.index_name);
COMMENT ON FUNCTION tradeup_internal.index_definition(regclass) IS
    'Method, columns and condition of an index, without its name and table';

CREATE OR REPLACE FUNCTION tradeup_internal.indexes_lacking(child regclass, OUT like_index text, OUT state text, OUT remedy text)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    SELECT x.relname::text, CASE WHEN o.index_name IS NULL THEN 'missing' ELSE 'invalid' END,
           CASE WHEN o.index_name IS NOT NULL THEN format('REINDEX INDEX %s;', o.index_name)
                WHEN i.indisprimary THEN format('ALTER TABLE %s ADD PRIMARY KEY (vehicle_id);', indexes_lacking.child)
                ELSE format('CREATE %sINDEX ON %s %s;', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END,
                            indexes_lacking.child, tradeup_internal.index_definition(i.indexrelid::regclass)) END
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    LEFT JOIN LATERAL (
        SELECT c.indexrelid::regclass AS index_name, c.indisvalid AND c.indisready AND c.indislive AS serves
        FROM pg_index c
        WHERE c.indrelid = indexes_lacking.child AND c.indisunique >= i.indisunique
          AND tradeup_internal.index_definition(c.indexrelid::regclass)
              = tradeup_internal.index_definition(i.indexrelid::regclass)
        ORDER BY 2 DESC, 1 LIMIT 1) o ON true
    WHERE i.indrelid = 'tradeup.vehicle'::regclass AND i.indisvalid AND o.serves IS NOT TRUE
    ORDER BY i.indisprimary DESC, x.relname;
END;
COMMENT ON FUNCTION tradeup_internal.indexes_lacking(regclass) IS
    'The indexes of tradeup.vehicle that a local table below it lacks or has invalid, and the statements that make them';

-- Of a large table that was analyzed, those that follow one of the identifiers in its statistics. The comparison is one that its
-- server can make.
CREATE OR REPLACE FUNCTION tradeup_internal.some_of_foreign(relation regclass, columns text, most integer) RETURNS text
LANGUAGE sql VOLATILE STRICT COST 1000
RETURN format('SELECT %s FROM ONLY %s v WHERE v.vehicle_id >= %L ORDER BY v.vehicle_id LIMIT %s', columns, relation,
              coalesce((SELECT b.id
                        FROM pg_stats s
                        JOIN pg_class c ON c.oid = some_of_foreign.relation AND c.relname = s.tablename
                        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = s.schemaname,
                        LATERAL unnest(s.histogram_bounds::text::text[]) b (id)
                        WHERE c.reltuples > some_of_foreign.most AND s.attname = 'vehicle_id' AND NOT s.inherited
                        ORDER BY random() LIMIT 1), ''), most);
COMMENT ON FUNCTION tradeup_internal.some_of_foreign(regclass, text, integer) IS
    'The query for columns of some vehicles v of a foreign table';

CREATE OR REPLACE FUNCTION tradeup_internal.wrong_prices(foreign_child regclass, most integer, OUT looked_at bigint,
                                                         OUT wrong bigint, OUT example text)
LANGUAGE plpgsql VOLATILE STRICT COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE x.is_wrong), min(x.vehicle_id) FILTER (WHERE x.is_wrong) '
                   'FROM (SELECT v.vehicle_id, v.price_minor IS NULL OR v.price IS NULL OR v.price_minor <> '
                   'tradeup_internal.price_minor(v.regular_price, v.promotion_price, v.rebate, v.currency) OR v.price <> '
                   'tradeup_internal.effective_price(v.regular_price, v.promotion_price, v.rebate, v.currency) AS is_wrong '
                   'FROM (%s) v) x', tradeup_internal.some_of_foreign(foreign_child, '*'::text, most))
    INTO looked_at, wrong, example;
END
$$;
COMMENT ON FUNCTION tradeup_internal.wrong_prices(regclass, integer) IS
    'Of some vehicles of a foreign table, those whose price or price_minor, which is read and not computed, is not what its '
    'regular price, promotion and rebate say';

-- CREATE TABLE takes no parameters, hence statements from strings. The table is made here, because one that is there already
-- cannot inherit the computed columns.
CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_add_vehicle_child(child text, server name, options tradeup.any_json)
RETURNS regclass
LANGUAGE plpgsql COST 100000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    names text[] := parse_ident(child);
    given text;
    made regclass;
    statement text;
    found record;
    watching CONSTANT oid := 'tradeup_internal.notify_offer_changes()'::regprocedure;
BEGIN
    IF child IS NULL THEN
        RAISE EXCEPTION 'child must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF cardinality(names) <> 2 THEN
        RAISE EXCEPTION 'child must be named with its schema'
            USING ERRCODE = 'invalid_name', DETAIL = format('It is named "%s".', tradeup_internal.shown(child)),
                  HINT = 'Write schema.table, each in double quotes where SQL needs them.';
    ELSIF names[1] IN ('tradeup', 'tradeup_bi', 'tradeup_internal') THEN
        RAISE EXCEPTION 'schema "%" holds the objects of the extension alone', names[1]
            USING ERRCODE = 'invalid_schema_name', HINT = 'Make the table in a schema of yours.';
    ELSIF options IS NOT NULL AND server IS NULL THEN
        RAISE EXCEPTION 'options are those of a foreign table, and no server is named'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION 'options must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('They are %s.',
            tradeup_internal.json_shown(options::jsonb)),
                  HINT = 'Its keys are options of the foreign table, such as schema_name and table_name.';
    ELSIF server IS NOT NULL AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'tradeup.vehicle'::regclass
                                                                   AND t.tgfoid = watching AND NOT t.tgisinternal) THEN
        RAISE EXCEPTION 'tradeup.vehicle is watched, and a foreign table below it cannot be'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Statements on tradeup.vehicle that change its rows would fail.',
                  HINT = 'Call unwatch_inventory first, and watch the inventory of each server on that server.';
    END IF;
    IF server IS NULL THEN
        EXECUTE format('CREATE TABLE %I.%I () INHERITS (tradeup.vehicle)', names[1], names[2]);
        made := format('%I.%I', names[1], names[2])::regclass;
        FOR statement IN SELECT l.remedy FROM tradeup_internal.indexes_lacking(made) l LOOP
            EXECUTE statement;
        END LOOP;
        /* A statement fires the triggers of the table that it names alone. */
        FOR statement IN SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
                         WHERE t.tgrelid = 'tradeup.vehicle'::regclass AND t.tgfoid = watching AND NOT t.tgisinternal LOOP
            EXECUTE overlay(statement PLACING format(' ON %s ', made) FROM position(' ON tradeup.vehicle ' IN statement)
                            FOR length(' ON tradeup.vehicle '));
        END LOOP;
        RETURN made;
    END IF;
    IF EXISTS (SELECT FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
               WHERE s.srvname = server AND w.fdwname = 'postgres_fdw') THEN
        options := '{"schema_name": "tradeup", "table_name": "vehicle"}'::jsonb || coalesce(options, '{}');
    END IF;
    SELECT string_agg(format('%I %L', o.key, o.value), ', ' ORDER BY o.key COLLATE "C") INTO given
    FROM jsonb_each_text(options) o;
    EXECUTE format('CREATE FOREIGN TABLE %I.%I () INHERITS (tradeup.vehicle) SERVER %I%s', names[1], names[2], server,
                   ' OPTIONS (' || given || ')');
    made := format('%I.%I', names[1], names[2])::regclass;
    /* Without statistics no bounds are sent to the server. */
    EXECUTE format('ANALYZE %s', made);
    SELECT p.* INTO found FROM tradeup_internal.wrong_prices(made, 1000) p;
    IF found.wrong > 0 THEN
        RAISE EXCEPTION 'prices of foreign table % are not what offers need', made
            USING ERRCODE = 'data_exception',
                  DETAIL = format('Of vehicle "%s", price and price_minor are not its effective price.',
                                  tradeup_internal.shown(found.example)),
                  HINT = 'Let the table on the server be tradeup.vehicle, whose price and price_minor are computed.';
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_add_vehicle_child(text, name, tradeup.any_json) IS
    'The steps of add_vehicle_child';

CREATE OR REPLACE FUNCTION tradeup.add_vehicle_child(child text, server name DEFAULT NULL,
                                                     options tradeup.any_json DEFAULT NULL::jsonb)
RETURNS regclass
LANGUAGE c COST 100000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.add_vehicle_child(text, name, tradeup.any_json) IS
    'Makes a table below tradeup.vehicle whose vehicles belong to the inventory: a local one with all its indexes, or a foreign '
    'one on a server, whose options default to the inventory of that server';
