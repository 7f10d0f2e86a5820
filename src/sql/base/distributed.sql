-- Tables of the extension that Citus has distributed. What they hold is then elsewhere, and functions that the planner takes
-- apart would read the empty table that is left: an error, rather than silent zeros. A distributed table of a user's own can be
-- an inventory.

CREATE OR REPLACE FUNCTION tradeup_internal.distributed_table() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    citus CONSTANT regclass := to_regclass('pg_catalog.pg_dist_partition');
    distributed text;
BEGIN
    IF citus IS NOT NULL THEN
        /* Composed, because where there is no Citus nothing could be said of this query before it runs. */
        EXECUTE format('SELECT min(c.oid::regclass::text COLLATE "C") FROM %s p JOIN pg_class c ON c.oid = p.logicalrel '
                       'WHERE c.relnamespace = ''tradeup''::regnamespace '
                       'OR c.oid IN (SELECT t.relation FROM tradeup_internal.vehicle_tables() t)', citus) INTO distributed;
    END IF;
    RETURN distributed;
END
$$;
COMMENT ON FUNCTION tradeup_internal.distributed_table() IS
    'A table of the extension, or one below tradeup.vehicle, that Citus has distributed; null: none';

CREATE OR REPLACE FUNCTION tradeup_internal.refuse_distributed() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    distributed CONSTANT text := tradeup_internal.distributed_table();
BEGIN
    IF distributed IS NOT NULL THEN
        RAISE EXCEPTION 'table % is distributed', distributed
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = 'Its rows are on the nodes of Citus, and offers would be made without them.',
                  HINT = format('SELECT undistribute_table(%L); and let a distributed table of your own be an inventory: see '
                                'register_inventory.', distributed);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_internal.refuse_distributed() IS
    'True where no table of the extension is distributed; otherwise the error that says which is';

-- Where there is no Citus, this is one look into the catalogue.
CREATE OR REPLACE FUNCTION tradeup_internal.require_undistributed() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN to_regclass('pg_catalog.pg_dist_partition'::text) IS NULL THEN true
            ELSE tradeup_internal.refuse_distributed() END;
COMMENT ON FUNCTION tradeup_internal.require_undistributed() IS
    'True where no table of the extension is distributed; otherwise the error that says which is';
