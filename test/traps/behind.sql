-- Plants overloads right behind each object that a script makes, before the next one can call it; and takes the defaults of the
-- arguments of the script's own functions, so that a call that leaves arguments out finds none. For a superuser's session.
CREATE FUNCTION trap.after_command() RETURNS event_trigger LANGUAGE plpgsql
SET client_min_messages = error SET check_function_bodies = off SET session_replication_role = replica AS $$
DECLARE
    made record;
    plant record;
BEGIN
    FOR made IN SELECT * FROM pg_catalog.pg_event_trigger_ddl_commands() c WHERE c.schema_name ~ '^tradeup' AND c.command_tag ~ '^CREATE' LOOP
        IF made.object_type IN ('function', 'aggregate') THEN
            UPDATE pg_catalog.pg_proc SET pronargdefaults = 0, proargdefaults = NULL WHERE oid = made.objid AND pronargdefaults > 0;
        END IF;
        FOR plant IN
            SELECT s.n, s.statement FROM trap.statement s
            WHERE NOT s.done
              AND CASE made.object_type
                  WHEN 'operator' THEN s.target = made.objid::regoperator::text
                  WHEN 'type' THEN EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.oid::regprocedure::text = s.target)
                  ELSE s.target = made.objid::regprocedure::text END
            ORDER BY s.n
        LOOP
            BEGIN
                EXECUTE plant.statement;
                UPDATE trap.statement s SET done = true WHERE s.n = plant.n;
            EXCEPTION WHEN invalid_function_definition OR feature_not_supported OR wrong_object_type THEN
                NULL; -- a type of it is not complete yet: planted when it is
            END;
        END LOOP;
    END LOOP;
END
$$;
CREATE EVENT TRIGGER plant_overloads ON ddl_command_end
    WHEN TAG IN ('CREATE FUNCTION', 'CREATE AGGREGATE', 'CREATE OPERATOR', 'CREATE TYPE') EXECUTE FUNCTION trap.after_command();
