-- Inventories in tables of users' own: how they are registered, and the queries that read them. Whoever calls a function over one
-- reads it with rights of her own. What is sent holds constants only, quoted by format(), so that any engine can serve it.

CREATE OR REPLACE FUNCTION tradeup_internal.column_type(relation regclass, column_name text) RETURNS regtype
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
BEGIN ATOMIC
    WITH RECURSIVE x AS (
        SELECT t.oid, t.typtype, t.typbasetype
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = column_type.relation AND a.attname = column_type.column_name AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype FROM x JOIN pg_type t ON x.typtype = 'd' AND t.oid = x.typbasetype
    )
    SELECT x.oid::regtype FROM x WHERE x.typtype <> 'd';
END;
COMMENT ON FUNCTION tradeup_internal.column_type(regclass, text) IS
    'The type of a column, that under a domain; null where there is no such column';

CREATE OR REPLACE FUNCTION tradeup_internal.columns_lacking(inventory tradeup.inventory) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT string_agg(format('"%s"', tradeup_internal.shown(c.name)), ', ' ORDER BY c.place)
        FROM unnest(ARRAY[inventory.id_column, inventory.price_column, inventory.make_column, inventory.model_column,
                          inventory.body_column, inventory.year_column, inventory.kilometers_column, inventory.region_column,
                          inventory.dealer_column, inventory.cost_column, inventory.status_column])
             WITH ORDINALITY c (name, place)
        WHERE c.name IS NOT NULL
          AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = inventory.relation AND a.attname = c.name
                                                       AND a.attnum > 0 AND NOT a.attisdropped));
COMMENT ON FUNCTION tradeup_internal.columns_lacking(tradeup.inventory) IS
    'The columns of a registered inventory that its table has no more; null: none';

CREATE OR REPLACE FUNCTION tradeup_internal.has_price_index(relation regclass, price_column text, with_status boolean)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT c.relkind NOT IN ('r', 'p', 'm')
               OR EXISTS (SELECT FROM pg_index i
                          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                          JOIN pg_class x ON x.oid = i.indexrelid
                          JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
                          WHERE i.indrelid = c.oid AND i.indisvalid AND a.attname = has_price_index.price_column
                            AND (i.indpred IS NULL OR has_price_index.with_status))
        FROM pg_class c WHERE c.oid = has_price_index.relation);
COMMENT ON FUNCTION tradeup_internal.has_price_index(regclass, text, boolean) IS
    'Whether a table has an index that begins with the price, also one of some rows where only those of a status are for sale; '
    'views and foreign tables have none to look at';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_register_inventory(relation regclass, id text, price text, currency text,
                                                                        name text, make text, model text, body text, year text,
                                                                        kilometers text, region text, dealer text, status text,
                                                                        cost text)
RETURNS text
LANGUAGE plpgsql VOLATILE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    kind record;
    looked record;
BEGIN
    IF num_nulls(relation, id, price, currency) > 0 THEN
        RAISE EXCEPTION 'relation, id, price and currency must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT c.relname, c.relkind, c.relpersistence INTO kind FROM pg_class c WHERE c.oid = relation;
    IF NOT FOUND OR kind.relkind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        RAISE EXCEPTION '% is no table or view', relation USING ERRCODE = 'wrong_object_type';
    ELSIF kind.relpersistence = 't' THEN
        RAISE EXCEPTION 'table % is temporary', relation
            USING ERRCODE = 'wrong_object_type', HINT = 'An inventory is there for all sessions: register a permanent table.';
    END IF;
    FOR looked IN
        SELECT x.*, tradeup_internal.column_type(relation, x.column_name) AS is_a
        FROM (VALUES (1, 'id', id), (2, 'price', price), (3, 'make', make), (4, 'model', model), (5, 'body', body),
                     (6, 'year', year), (7, 'kilometers', kilometers), (8, 'region', region), (9, 'dealer', dealer),
                     (10, 'status', status), (11, 'cost', cost)) x (place, argument, column_name)
        WHERE x.column_name IS NOT NULL ORDER BY x.place
    LOOP
        IF looked.is_a IS NULL THEN
            RAISE EXCEPTION 'relation % has no column "%"', relation, tradeup_internal.shown(looked.column_name)
                USING ERRCODE = 'undefined_column', DETAIL = format('It is named by %s.', looked.argument),
                      HINT = 'Write the name of a column as it is stored: lower case unless it was made in double quotes.';
        ELSIF NOT has_column_privilege(relation, looked.column_name, 'SELECT') THEN
            RAISE EXCEPTION 'permission denied for column "%" of relation %', tradeup_internal.shown(looked.column_name), relation
                USING ERRCODE = 'insufficient_privilege', HINT = format('GRANT SELECT ON %s TO %I;', relation, current_user);
        ELSIF looked.argument IN ('price', 'cost')
              AND looked.is_a <> ALL ('{smallint,integer,bigint,numeric,double precision}'::regtype[]) THEN
            RAISE EXCEPTION 'column "%" is no %', tradeup_internal.shown(looked.column_name), looked.argument
                USING ERRCODE = 'datatype_mismatch', DETAIL = format('Its type is %s.', looked.is_a),
                      HINT = 'An amount is a numeric, integer, bigint, smallint or double precision. For another type register a '
                             'view that casts it.';
        ELSIF looked.argument IN ('year', 'kilometers') AND looked.is_a <> ALL ('{smallint,integer,bigint}'::regtype[]) THEN
            RAISE EXCEPTION 'column "%" is no whole number', tradeup_internal.shown(looked.column_name)
                USING ERRCODE = 'datatype_mismatch', DETAIL = format('It is named by %s. Its type is %s.', looked.argument,
                                                                     looked.is_a),
                      HINT = 'It must be an integer, bigint or smallint. For another type register a view that casts it.';
        ELSIF looked.argument = 'id' AND looked.is_a <> ALL ('{text,varchar,uuid,smallint,integer,bigint}'::regtype[]) THEN
            RAISE EXCEPTION 'column "%" identifies nothing', tradeup_internal.shown(looked.column_name)
                USING ERRCODE = 'datatype_mismatch', DETAIL = format('Its type is %s.', looked.is_a),
                      HINT = 'An id is a text, varchar, uuid or whole number. For another type register a view that casts it.';
        END IF;
    END LOOP;
    IF tradeup.currency_digits(currency) IS NULL THEN
        RAISE EXCEPTION 'unknown currency "%"', tradeup_internal.shown(currency)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use an ISO 4217 code in capitals, such as USD, EUR or MXN.';
    ELSIF name = '' THEN
        RAISE EXCEPTION 'name of an inventory must not be empty' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT tradeup_internal.has_price_index(relation, price, status IS NOT NULL) THEN
        RAISE NOTICE 'relation % has no index that begins with the price', relation
            USING HINT = format('Without it every question reads all vehicles: CREATE INDEX ON %s (%I, %I);', relation, price,
                                id);
    END IF;
    name := coalesce(name, kind.relname::text);
    INSERT INTO tradeup.inventory AS i (name, relation, currency, id_column, price_column, make_column, model_column, body_column,
                                        year_column, kilometers_column, region_column, dealer_column, cost_column,
                                        status_column)
    VALUES (name, relation, currency, id, price, make, model, body, year, kilometers, region, dealer, cost, status)
    ON CONFLICT ON CONSTRAINT inventory_is_identified DO UPDATE
    SET relation = excluded.relation, currency = excluded.currency, id_column = excluded.id_column,
        price_column = excluded.price_column, make_column = excluded.make_column, model_column = excluded.model_column,
        body_column = excluded.body_column, year_column = excluded.year_column,
        kilometers_column = excluded.kilometers_column, region_column = excluded.region_column,
        dealer_column = excluded.dealer_column, cost_column = excluded.cost_column, status_column = excluded.status_column;
    RETURN name;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_register_inventory(regclass, text, text, text, text, text, text, text, text, text,
                                                                 text, text, text, text) IS 'The steps of register_inventory';

CREATE OR REPLACE FUNCTION tradeup.register_inventory(
    relation regclass, id text, price text, currency text, name text DEFAULT NULL, make text DEFAULT NULL,
    model text DEFAULT NULL, body text DEFAULT NULL, year text DEFAULT NULL, kilometers text DEFAULT NULL,
    region text DEFAULT NULL, dealer text DEFAULT NULL, status text DEFAULT NULL, cost text DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE COST 1000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.register_inventory(regclass, text, text, text, text, text, text, text, text, text, text, text, text,
                                               text) IS
    'Records a table, view, partitioned or foreign table as an inventory, by the names of its columns, under a name (default: '
    'that of the table), which is returned; one of that name is replaced';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_unregister_inventory(name text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT COST 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    DELETE FROM tradeup.inventory i WHERE i.name = name;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_unregister_inventory(text) IS 'The steps of unregister_inventory';

CREATE OR REPLACE FUNCTION tradeup.unregister_inventory(name text) RETURNS boolean
LANGUAGE c VOLATILE STRICT COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.unregister_inventory(text) IS
    'Forgets an inventory; its table stays as it is. False when none has that name';
