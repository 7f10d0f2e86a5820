-- Loading tables of texts, as people have them, as vehicles and customers.

CREATE OR REPLACE FUNCTION tradeup_internal.require_loadable(target text, columns tradeup_internal.loading_column[])
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    destination CONSTANT regclass := CASE target WHEN 'vehicle' THEN 'tradeup.vehicle'::regclass
                                                 ELSE 'tradeup.customer'::regclass END;
BEGIN
    IF EXISTS (SELECT FROM unnest(columns) c, unnest('{SELECT,INSERT,UPDATE}'::text[]) p (privilege)
               WHERE NOT has_column_privilege(destination, c.name, p.privilege)
                 AND NOT (p.privilege = 'UPDATE' AND c.name = target || '_id'))
    THEN
        RAISE EXCEPTION 'permission denied for table %', target
            USING ERRCODE = 'insufficient_privilege', DETAIL = 'Loading reads, inserts and updates.',
                  HINT = format('GRANT SELECT, INSERT, UPDATE ON %s TO %I; or grant_admin.', destination, current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_loadable(text, tradeup_internal.loading_column[]) IS
    'The error when the caller may not write what is to be loaded; nothing otherwise';

-- One bad row must not take the others: where a batch fails, by a constraint, a policy or a trigger of somebody else, it is
-- halved until the row stands alone. The order of the source is kept, and no parallel worker changes it.
CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_load_rows(target text, relation regclass, mapping jsonb)
RETURNS SETOF tradeup.load_result
LANGUAGE plpgsql VOLATILE COST 100000 ROWS 100
SET search_path = pg_catalog, pg_temp SET synchronize_seqscans = off SET max_parallel_workers_per_gather = 0 SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    columns tradeup_internal.loading_column[];
    said text[];
    words jsonb;
    writing text;
    batch tradeup_internal.loading_row[];
    part tradeup_internal.loading_row[];
    refused tradeup_internal.loading_row[];
    starts integer[];
    ends integer[];
    first integer;
    last integer;
    one_inserted bigint;
    one_updated bigint;
    one_unchanged bigint;
    inserted bigint := 0;
    updated bigint := 0;
    unchanged bigint := 0;
    state text;
    message text;
    wrong_column text;
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION 'relation must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) THEN
        RAISE EXCEPTION '% is no table or view', relation USING ERRCODE = 'wrong_object_type';
    END IF;
    PERFORM tradeup_internal.require_mapping(target, mapping);
    words := tradeup_internal.loading_words(mapping);
    columns := tradeup_internal.loading_of(target, relation, mapping);
    IF NOT mapping ? 'currency' AND EXISTS (SELECT FROM unnest(columns) c
                                            WHERE c.name = 'currency'
                                              AND (c.source IS NULL OR EXISTS (SELECT FROM tradeup.program_default)))
    THEN
        mapping := jsonb_set(mapping, '{currency}'::text[], to_jsonb(coalesce(mapping #>> '{defaults,currency}'::text[],
                                                                              tradeup_internal.default_currency())));
    END IF;
    PERFORM tradeup_internal.require_loadable(target, columns);
    EXECUTE tradeup_internal.evidence_query(relation, columns) INTO said;
    columns := ARRAY(SELECT ROW(c.name, c.kind, c.type, c.required, c.source, c.numeric_source, c.translated, c.blank,
                                said[c.n])::tradeup_internal.loading_column
                     FROM unnest(columns) WITH ORDINALITY
                         c (name, kind, type, required, source, numeric_source, translated, blank, said, n) ORDER BY c.n);
    writing := tradeup_internal.writing_query(target, mapping, columns);
    FOR batch IN EXECUTE tradeup_internal.reading_query(target, relation, mapping, columns) USING mapping, words LOOP
        RETURN QUERY SELECT 'refused'::text, 1::bigint, b.line, b.id, b.column_name, b.reason, b.value
                     FROM unnest(batch) b WHERE b.reason IS NOT NULL;
        batch := ARRAY(SELECT b FROM unnest(batch) b WHERE b.reason IS NULL);
        starts := ARRAY[1];
        ends := ARRAY[cardinality(batch)];
        WHILE cardinality(starts) > 0 LOOP
            first := starts[cardinality(starts)];
            last := ends[cardinality(ends)];
            starts := starts[:cardinality(starts) - 1];
            ends := ends[:cardinality(ends) - 1];
            CONTINUE WHEN first > last;
            part := batch[first:last];
            state := NULL;
            BEGIN
                EXECUTE writing INTO one_inserted, one_updated, one_unchanged, refused USING part;
            EXCEPTION WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, wrong_column = COLUMN_NAME;
                /* Bad data, constraints, policies, and what triggers raise are about rows; anything else is about the loading. */
                IF left(state, 2) <> ALL ('{22,23,44,P0}'::text[]) AND state <> '42501' THEN
                    RAISE;
                END IF;
            END;
            IF state IS NULL THEN
                inserted := inserted + one_inserted;
                updated := updated + one_updated;
                unchanged := unchanged + one_unchanged;
                RETURN QUERY SELECT 'refused'::text, 1::bigint, r.line, r.id, r.column_name, r.reason, r.value
                             FROM unnest(refused) r;
            ELSIF first = last THEN
                RETURN QUERY SELECT 'refused'::text, 1::bigint, batch[first].line, batch[first].id, nullif(wrong_column, ''),
                                    tradeup_internal.shown(message), NULL::text;
            ELSE
                starts := starts || ARRAY[(first + last) / 2 + 1, first];
                ends := ends || ARRAY[last, (first + last) / 2];
            END IF;
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT x.outcome, x.rows, NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::text
                 FROM (VALUES (1, 'inserted'::text, inserted), (2, 'updated', updated),
                              (3, 'unchanged', unchanged)) x (n, outcome, rows)
                 ORDER BY x.n;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_load_rows(text, regclass, jsonb) IS 'The steps of load_rows';

CREATE OR REPLACE FUNCTION tradeup_internal.load_rows(target text, relation regclass, mapping jsonb)
RETURNS SETOF tradeup.load_result
LANGUAGE c VOLATILE COST 100000 ROWS 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.load_rows(text, regclass, jsonb) IS 'What load_vehicles and load_customers do';

CREATE OR REPLACE FUNCTION tradeup.load_vehicles(relation regclass, mapping tradeup.any_json DEFAULT '{}')
RETURNS SETOF tradeup.load_result
LANGUAGE sql VOLATILE COST 100000 ROWS 100
BEGIN ATOMIC
    SELECT r.* FROM tradeup_internal.load_rows('vehicle'::text, load_vehicles.relation, load_vehicles.mapping::jsonb) r;
END;
COMMENT ON FUNCTION tradeup.load_vehicles(regclass, tradeup.any_json) IS
    'Loads a table or view of texts as vehicles, as a mapping says: which column is which, defaults, decimal mark, units. Rows '
    'that are refused come back with the reason; then how many were inserted, updated and unchanged';

CREATE OR REPLACE FUNCTION tradeup.load_customers(relation regclass, mapping tradeup.any_json DEFAULT '{}')
RETURNS SETOF tradeup.load_result
LANGUAGE sql VOLATILE COST 100000 ROWS 100
BEGIN ATOMIC
    SELECT r.* FROM tradeup_internal.load_rows('customer'::text, load_customers.relation, load_customers.mapping::jsonb) r;
END;
COMMENT ON FUNCTION tradeup.load_customers(regclass, tradeup.any_json) IS
    'Loads a table or view of texts as customers, as a mapping says; rows that are refused come back with the reason';
