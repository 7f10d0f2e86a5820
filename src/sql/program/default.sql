-- Defaults of columns that are read from tables.

-- In PL/pgSQL, whose plan is kept: it is called once for each row that is loaded.
CREATE OR REPLACE FUNCTION tradeup_internal.default_currency() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 50 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    currency CONSTANT text := (SELECT p.currency
                               FROM tradeup.program_default d JOIN tradeup.program p ON p.name = d.program
                               WHERE p.published_at IS NOT NULL ORDER BY p.version DESC LIMIT 1);
BEGIN
    IF currency IS NULL THEN
        RAISE EXCEPTION 'currency of the vehicle is not known'
            USING ERRCODE = 'null_value_not_allowed', DETAIL = 'None is given, and there is no default program to take it from.',
                  HINT = 'Give the currency, an ISO 4217 code such as MXN, or call set_default_program first.';
    END IF;
    RETURN currency;
END
$$;
COMMENT ON FUNCTION tradeup_internal.default_currency() IS
    'The currency of the default program, in its latest published version';
