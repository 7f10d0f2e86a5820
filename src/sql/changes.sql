-- Which customers gain or lose offers when prices change, and a trigger that tells whoever listens.

CREATE TYPE tradeup.price_changes;

CREATE FUNCTION tradeup.price_changes_in(cstring) RETURNS tradeup.price_changes LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup.price_changes_out(tradeup.price_changes) RETURNS cstring LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';

CREATE TYPE tradeup.price_changes (
    INPUT = tradeup.price_changes_in,
    OUTPUT = tradeup.price_changes_out,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

COMMENT ON TYPE tradeup.price_changes IS
    'Old and new prices of vehicles, sorted for many customers; made by price_changes(old_prices, new_prices), not meant to be kept in tables';
COMMENT ON FUNCTION tradeup.price_changes_in(cstring) IS 'Refuses: changes of prices are made by price_changes(old_prices, new_prices)';
COMMENT ON FUNCTION tradeup.price_changes_out(tradeup.price_changes) IS 'How many vehicles there are';

CREATE OR REPLACE FUNCTION tradeup.price_changes(old_prices numeric[], new_prices numeric[]) RETURNS tradeup.price_changes
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_changes(numeric[], numeric[]) IS
    'The changes of vehicles, whose old and new prices stand at the same positions; a null price: not for sale then';

CREATE OR REPLACE FUNCTION tradeup.tier_changes(deals tradeup.deal[], changes tradeup.price_changes, OUT gained boolean, OUT lost boolean)
RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier_changes(tradeup.deal[], tradeup.price_changes) IS
    'Whether, for some vehicle, the deals of a customer make a tier that none of them made before, or no longer make one';

-- The deals are those of portfolio: each program's figures are read once for a profile, and a customer adds her own. What a
-- program asks of vehicles beside their prices is not known here.
CREATE OR REPLACE FUNCTION tradeup.offer_changes(old_prices numeric[], new_prices numeric[])
RETURNS TABLE (customer_id text, gained boolean, lost boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1000
BEGIN ATOMIC
    SELECT c.customer_id, (x.change).gained, (x.change).lost
    FROM (SELECT c.customer_id, c.equity, c.current_payment, CASE WHEN p.requires_dearer THEN c.current_price END AS current_price,
                 p.terms, p.rates, p.deal
          FROM tradeup.customer c
          JOIN (SELECT p.name, p.requires_dearer, f.profile,
                       tradeup.restricted(
                           tradeup.deal_of(p, 1, 0, f.down_payment_rate, f.insurance, 0, NULL, NULL, NULL),
                           p.min_price, p.max_price, f.max_loan_to_value) AS deal,
                       t.terms, t.rates
                FROM tradeup.current_program w
                JOIN tradeup.program p ON p.name = w.name AND p.version = w.version
                JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version
                CROSS JOIN LATERAL (
                    SELECT array_agg(t.term) AS terms, array_agg(f.annual_rate + t.rate_adjustment) AS rates
                    FROM tradeup.program_term t
                    WHERE t.program = p.name AND t.version = p.version
                      AND (p.max_adjusted_rate IS NULL OR f.annual_rate + t.rate_adjustment <= p.max_adjusted_rate)) t
                WHERE p.name IN (SELECT x.program FROM tradeup.program_default x
                                 UNION ALL SELECT x.program FROM tradeup.customer x WHERE x.program IS NOT NULL)
                OFFSET 0) p
            ON p.name = coalesce(c.program, (SELECT d.program FROM tradeup.program_default d)) AND p.profile = c.risk_profile
          WHERE c.current_payment IS NOT NULL) c
    CROSS JOIN LATERAL (
        SELECT tradeup.tier_changes(
                   ARRAY(SELECT tradeup.deal_for(c.deal, t.annual_rate, t.term, c.equity, c.current_payment, c.current_price)
                         FROM (SELECT unnest(c.terms) AS term, unnest(c.rates) AS annual_rate) t),
                   (SELECT tradeup.price_changes(offer_changes.old_prices, offer_changes.new_prices))) AS change
        OFFSET 0) x
    WHERE (x.change).gained OR (x.change).lost;
END;
COMMENT ON FUNCTION tradeup.offer_changes(numeric[], numeric[]) IS
    'The customers who gain or lose an offer with a tier when vehicles change from old to new prices; a null price: not for sale then';

-- Rights: it runs with those of whoever changes the inventory. What fails here must neither stop her nor go unnoticed: she
-- gets a warning, and whoever listens is told that something changed. Only what ends the transaction anyway (a
-- cancellation, a serialization failure, a deadlock) is passed on. Without JIT, which would take longer than the search.
CREATE OR REPLACE FUNCTION tradeup.notify_offer_changes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    id_column CONSTANT text := TG_ARGV[0];
    price_column CONSTANT text := TG_ARGV[1];
    status_column CONSTANT text := TG_ARGV[2];
    for_sale CONSTANT text := TG_ARGV[3];
    channel CONSTANT text := TG_ARGV[4];
    max_named CONSTANT integer := TG_ARGV[5];
    max_vehicles CONSTANT integer := TG_ARGV[6];
    bytes_of_names CONSTANT integer := 3400; /* twice, with the rest, stays below the 8000 bytes of a payload */
    rows_of CONSTANT text := format('SELECT x.%I AS id, x.%I::numeric AS price FROM %%I x', id_column, price_column)
        || CASE WHEN status_column <> '' THEN format(' WHERE x.%I::text = %L', status_column, for_sale) ELSE '' END;
    none CONSTANT text := 'SELECT NULL AS id, NULL::numeric AS price WHERE false';
    joined CONSTANT text := CASE TG_OP WHEN 'UPDATE' THEN 'o FULL JOIN (%s) n ON n.id = o.id' ELSE 'o FULL JOIN (%s) n ON false' END;
    payload jsonb := jsonb_build_object('table', TG_RELID::regclass);
    vehicles integer;
    old_prices numeric[];
    new_prices numeric[];
    gained jsonb;
    lost jsonb;
    more_gained integer;
    more_lost integer;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify(channel, (payload || '{"truncated": true}')::text);
        RETURN NULL;
    END IF;
    BEGIN
        EXECUTE 'SELECT count(*), array_agg(o.price), array_agg(n.price) FROM ('
            || CASE WHEN TG_OP = 'INSERT' THEN none ELSE format(rows_of, 'old_rows') END || ') '
            || format(joined, CASE WHEN TG_OP = 'DELETE' THEN none ELSE format(rows_of, 'new_rows') END)
            || ' WHERE o.price IS DISTINCT FROM n.price'
            INTO vehicles, old_prices, new_prices;
        IF vehicles = 0 THEN
            RETURN NULL;
        END IF;
        payload := payload || jsonb_build_object('vehicles', vehicles);
        IF vehicles > max_vehicles THEN
            PERFORM pg_notify(channel, (payload || '{"too_many": true}')::text);
            RETURN NULL;
        END IF;
        WITH changed AS MATERIALIZED (
            SELECT c.customer_id, c.gained, c.lost FROM tradeup.offer_changes(old_prices, new_prices) c
        ), numbered AS (
            SELECT w.gains, w.customer_id,
                   row_number() OVER (PARTITION BY w.gains ORDER BY w.customer_id COLLATE "C") <= max_named
                   AND sum(octet_length(to_json(w.customer_id)::text) + 2)
                       OVER (PARTITION BY w.gains ORDER BY w.customer_id COLLATE "C") <= bytes_of_names AS named
            FROM (SELECT true AS gains, c.customer_id FROM changed c WHERE c.gained
                  UNION ALL SELECT false, c.customer_id FROM changed c WHERE c.lost) w
        )
        SELECT coalesce(jsonb_agg(n.customer_id ORDER BY n.customer_id COLLATE "C") FILTER (WHERE n.gains AND n.named), '[]'),
               coalesce(jsonb_agg(n.customer_id ORDER BY n.customer_id COLLATE "C") FILTER (WHERE NOT n.gains AND n.named), '[]'),
               count(*) FILTER (WHERE n.gains AND NOT n.named), count(*) FILTER (WHERE NOT n.gains AND NOT n.named)
        INTO gained, lost, more_gained, more_lost FROM numbered n;
        IF jsonb_array_length(gained) + jsonb_array_length(lost) + more_gained + more_lost > 0 THEN
            PERFORM pg_notify(channel, (payload || jsonb_build_object('gained', gained, 'lost', lost,
                                                                      'more_gained', more_gained, 'more_lost', more_lost))::text);
        END IF;
    EXCEPTION
        WHEN transaction_rollback THEN
            RAISE;
        WHEN OTHERS THEN
            RAISE WARNING 'it is not known which customers gain or lose offers'
                USING ERRCODE = SQLSTATE,
                      DETAIL = format('The change of table %s succeeded, but not the search for them: %s.', TG_RELID::regclass, SQLERRM),
                      HINT = CASE SQLSTATE WHEN '42501' THEN
                          'Grant SELECT on the customers and programs of schema tradeup, or stop with unwatch_inventory.' ELSE
                          'Watch the table anew with watch_inventory, or stop with unwatch_inventory.' END;
            PERFORM pg_notify(channel, (payload || jsonb_build_object('failed', SQLSTATE))::text);
    END;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup.notify_offer_changes() IS
    'Trigger that notifies a channel of the customers who gain or lose offers by a statement; put on a table by watch_inventory';

CREATE OR REPLACE FUNCTION tradeup.watch_inventory(
    table_name regclass DEFAULT 'tradeup.vehicle',
    id_column name DEFAULT 'vehicle_id',
    price_column name DEFAULT 'price',
    status_column name DEFAULT 'status',
    for_sale text DEFAULT 'available',
    channel text DEFAULT 'tradeup_offers',
    max_named integer DEFAULT 100,
    max_vehicles integer DEFAULT 100000
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    missing name;
    event text;
BEGIN
    IF table_name IS NULL OR id_column IS NULL OR price_column IS NULL OR channel IS NULL OR max_named IS NULL
       OR max_vehicles IS NULL OR (status_column IS NOT NULL AND for_sale IS NULL) THEN
        RAISE EXCEPTION 'only the status column may be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Without a status column every row is for sale.';
    END IF;
    IF octet_length(channel) NOT BETWEEN 1 AND 63 THEN
        RAISE EXCEPTION 'channel must be named by 1 to 63 bytes'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is named "%s".', channel);
    END IF;
    IF max_named NOT BETWEEN 0 AND 1000 THEN
        RAISE EXCEPTION 'max_named must be between 0 and 1000'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', max_named);
    END IF;
    IF max_vehicles NOT BETWEEN 0 AND 10000000 THEN
        RAISE EXCEPTION 'max_vehicles must be between 0 and 10000000'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', max_vehicles);
    END IF;
    SELECT c INTO missing FROM unnest(ARRAY[id_column, price_column, status_column]) c
    WHERE c IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
                                        WHERE a.attrelid = table_name AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
    LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'table % has no column "%"', table_name, missing
            USING ERRCODE = 'undefined_column',
                  HINT = 'Name the columns of identifier, price and status; a status_column of null means that every row is for sale.';
    END IF;
    IF (SELECT t.typcategory FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = table_name AND a.attname = price_column) <> 'N' THEN
        RAISE EXCEPTION 'column "%" is no number', price_column
            USING ERRCODE = 'datatype_mismatch', HINT = 'Name the column of the price.';
    END IF;
    /* What the trigger will ask of the columns is asked once now: identifiers that compare, prices that become numerics. */
    EXECUTE format('SELECT FROM (SELECT x.%1$I AS id, x.%2$I::numeric AS price FROM %3$s x LIMIT 0) o '
                   'FULL JOIN (SELECT x.%1$I AS id FROM %3$s x LIMIT 0) n ON n.id = o.id', id_column, price_column, table_name);
    FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER tradeup_offer_changes_%1$s AFTER %1$s ON %2$s %3$s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION tradeup.notify_offer_changes(%4$L, %5$L, %6$L, %7$L, %8$L, %9$L, %10$L)',
                       event, table_name,
                       CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
                                  WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                                  WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows' ELSE '' END,
                       id_column, price_column, coalesce(status_column, ''), coalesce(for_sale, ''), channel, max_named, max_vehicles);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup.watch_inventory(regclass, name, name, name, text, text, integer, integer) IS
    'From now on each statement that changes prices of this table notifies a channel of the customers who gain or lose offers';

CREATE OR REPLACE FUNCTION tradeup.unwatch_inventory(table_name regclass DEFAULT 'tradeup.vehicle') RETURNS boolean
LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    watching name;
    found_any boolean := false;
BEGIN
    FOR watching IN SELECT t.tgname FROM pg_trigger t
                    WHERE t.tgrelid = table_name AND NOT t.tgisinternal AND t.tgfoid = 'tradeup.notify_offer_changes()'::regprocedure LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', watching, table_name);
        found_any := true;
    END LOOP;
    RETURN found_any;
END
$$;
COMMENT ON FUNCTION tradeup.unwatch_inventory(regclass) IS 'Undoes watch_inventory; false when the table was not watched';
