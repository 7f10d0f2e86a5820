-- Which customers gain or lose offers when prices change, and a trigger that tells whoever listens.

CREATE OR REPLACE FUNCTION tradeup.price_changes(old_prices tradeup.any_number[],
                                                 new_prices tradeup.any_number[]) RETURNS tradeup.price_changes
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_changes(tradeup.any_number[], tradeup.any_number[]) IS
    'The changes of vehicles, whose old and new prices stand at the same positions; a null price: not for sale then';

CREATE OR REPLACE FUNCTION tradeup.tier_changes(deals tradeup.deal[], changes tradeup.price_changes, OUT gained boolean,
                                                OUT lost boolean)
RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier_changes(tradeup.deal[], tradeup.price_changes) IS
    'Whether, for some vehicle, the deals of a customer make a tier that none of them made before, or no longer make one';

CREATE OR REPLACE FUNCTION tradeup_internal.require_as_many(what text, of_them integer, prices integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_as_many(text, integer, integer) IS
    'True when there are as many of them as prices, or none are given; otherwise the error that says so';

-- All current programs are numbered, so that the numbers do not depend on who uses them; a program is looked up among the
-- customers by index, because there are few programs and many customers.
CREATE OR REPLACE FUNCTION tradeup_internal.vehicle_restrictions(OUT program text, OUT version integer, OUT min_year integer,
                                                                 OUT max_kilometers integer, OUT makes text[],
                                                                 OUT place integer, OUT in_use boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 10
BEGIN ATOMIC
    SELECT p.name, p.version, p.min_year, p.max_kilometers, p.makes,
           dense_rank() OVER (ORDER BY p.min_year, p.max_kilometers, p.makes)::integer,
           p.name IN (SELECT d.program FROM tradeup.program_default d)
           OR EXISTS (SELECT FROM tradeup.customer c WHERE c.program = p.name)
    FROM (SELECT x.name, x.version, tradeup_internal.oldest_year(x.min_year, x.max_age) AS min_year, x.max_kilometers, x.makes
          FROM tradeup.current_program x) p;
END;
COMMENT ON FUNCTION tradeup_internal.vehicle_restrictions() IS
    'What each current program asks of vehicles beside their price, the number of that set of restrictions, and whether the '
    'program is the default or some customer''s';

-- Each program's figures are read once for a profile and region, and deal_for puts a customer's in. The changes are sorted once
-- for each set of restrictions in use (most programs have none): to a program, a vehicle that it does not finance is one that is
-- not for sale.
CREATE OR REPLACE FUNCTION tradeup.offer_changes(old_prices tradeup.any_number[], new_prices tradeup.any_number[],
                                                 old_years integer[] DEFAULT NULL, new_years integer[] DEFAULT NULL,
                                                 old_kilometers integer[] DEFAULT NULL, new_kilometers integer[] DEFAULT NULL,
                                                 old_makes text[] DEFAULT NULL, new_makes text[] DEFAULT NULL,
                                                 currency text DEFAULT NULL)
RETURNS SETOF tradeup.offer_change
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1000
BEGIN ATOMIC
    SELECT c.customer_id, (x.change).gained, (x.change).lost
    FROM (SELECT c.customer_id, c.equity, c.current_payment, c.trade_value, c.bonus, c.income,
                 CASE WHEN p.requires_dearer THEN c.current_price END AS current_price, p.terms, p.rates, p.residuals, p.deal,
                 p.place
          FROM tradeup.customer c
          JOIN (SELECT p.*, t.terms, t.rates, t.residuals, w.place
                FROM tradeup_internal.vehicle_restrictions() w,
                     LATERAL tradeup_internal.program_regions(w.program, w.version) g,
                     LATERAL tradeup_internal.program_deals(w.program, w.version, g.region,
                                                            NULL::tradeup.any_json) p,
                     LATERAL (SELECT array_agg(t.term) AS terms, array_agg(t.annual_rate) AS rates,
                                     array_agg(t.residual_rate) AS residuals
                              FROM tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                                  NULL::tradeup.any_json) t) t
                WHERE w.in_use AND (offer_changes.currency IS NULL OR p.currency = offer_changes.currency)
                OFFSET 0) p
            ON p.program = coalesce(c.program, (SELECT d.program FROM tradeup.program_default d)) AND p.profile = c.risk_profile
           AND coalesce(p.region, '') = coalesce(
                   (SELECT r.region
                    FROM (SELECT coalesce(c.program, (SELECT d.program FROM tradeup.program_default d)) AS program) x,
                         tradeup.program_region r
                    WHERE r.program = x.program AND r.region = c.region
                      AND r.version = ((SELECT tradeup_internal.versions_with_regions()) ->> x.program)::integer), '')
          WHERE c.current_payment IS NOT NULL) c,
    LATERAL (
        SELECT tradeup.tier_changes(
                   ARRAY(SELECT tradeup.deal_for(c.deal, t.annual_rate, t.term, c.equity, c.current_payment, c.current_price,
                                                 c.trade_value, c.bonus, c.income, t.residual_rate)
                         FROM (SELECT unnest(c.terms) AS term, unnest(c.rates) AS annual_rate,
                                      unnest(c.residuals) AS residual_rate) t),
                   (ARRAY(SELECT CASE
                              WHEN NOT r.in_use THEN NULL
                              WHEN num_nonnulls(r.min_year, r.max_kilometers, r.makes) = 0
                              THEN tradeup.price_changes(offer_changes.old_prices, offer_changes.new_prices)
                              ELSE (SELECT tradeup.price_changes(
                                               array_agg(CASE
                                                         WHEN tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes,
                                                                                        u.old_year, u.old_kilometers,
                                                                                        u.old_make) THEN u.old_price END),
                                               array_agg(CASE
                                                         WHEN tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes,
                                                                                        u.new_year, u.new_kilometers,
                                                                                        u.new_make) THEN u.new_price END))
                                    FROM unnest(offer_changes.old_prices, offer_changes.new_prices, offer_changes.old_years,
                                                offer_changes.new_years, offer_changes.old_kilometers,
                                                    offer_changes.new_kilometers,
                                                offer_changes.old_makes, offer_changes.new_makes)
                                         u (old_price, new_price, old_year, new_year, old_kilometers, new_kilometers, old_make,
                                            new_make))
                          END
                          FROM (SELECT w.place, w.min_year, w.max_kilometers, w.makes, bool_or(w.in_use) AS in_use
                                FROM tradeup_internal.vehicle_restrictions() w
                                GROUP BY w.place, w.min_year, w.max_kilometers, w.makes
                                ORDER BY w.place OFFSET 0) r))[c.place]) AS change
        OFFSET 0) x
    WHERE ((x.change).gained OR (x.change).lost)
      AND offer_changes.old_prices IS NOT NULL AND offer_changes.new_prices IS NOT NULL
      AND tradeup_internal.require_as_many('new prices'::text, cardinality(offer_changes.new_prices),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('old years'::text, cardinality(offer_changes.old_years),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('new years'::text, cardinality(offer_changes.new_years),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('old kilometers'::text, cardinality(offer_changes.old_kilometers),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('new kilometers'::text, cardinality(offer_changes.new_kilometers),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('old makes'::text, cardinality(offer_changes.old_makes),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('new makes'::text, cardinality(offer_changes.new_makes),
                                           cardinality(offer_changes.old_prices));
END;
COMMENT ON FUNCTION tradeup.offer_changes(tradeup.any_number[], tradeup.any_number[], integer[], integer[], integer[], integer[],
                                          text[], text[], text)
    IS
    'The customers who gain or lose an offer with a tier when vehicles change from old to new prices, years, kilometres and '
    'makes, all priced in one currency (null: that of each customer''s program); a null price: not for sale then';

-- Years are compared from below and kilometres from above, so rounding them that way to whole numbers changes no answer.
CREATE OR REPLACE FUNCTION tradeup_internal.watched_rows(of_table text, id_column text, price_column text, status_column text,
                                                         for_sale text, year_column text, kilometers_column text,
                                                         make_column text, currency_column text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN format('SELECT x.%I AS id, x.%I::numeric AS price, ', id_column, price_column)
    || coalesce(replace('CASE WHEN $::numeric > 2147483647 THEN 2147483647 WHEN $::numeric < -2147483648 THEN -2147483648 '
                        'ELSE floor($::numeric) END::integer', '$', 'x.' || quote_ident(year_column)),
                            'NULL::integer') || ' AS year, '
    || coalesce(replace('CASE WHEN $::numeric > 2147483647 THEN 2147483647 WHEN $::numeric < -2147483648 THEN -2147483648 '
                        'ELSE ceil($::numeric) END::integer', '$', 'x.' || quote_ident(kilometers_column)), 'NULL::integer')
    || ' AS kilometers, ' || coalesce('x.' || quote_ident(make_column) || '::text', 'NULL::text') || ' AS make, '
    || coalesce('coalesce(x.' || quote_ident(currency_column) || '::text, '''')', '''''::text') || ' AS currency FROM '
    || of_table || ' x'
    || CASE WHEN status_column <> '' THEN format(' WHERE x.%I::text = %L', status_column, for_sale) ELSE '' END;
COMMENT ON FUNCTION tradeup_internal.watched_rows(text, text, text, text, text, text, text, text, text) IS
    'The query for the vehicles of a watched table, named as in SQL, that are for sale; for watch_inventory and its trigger';

-- Rights: it runs with those of whoever changes the inventory. What fails here must neither stop her nor go unnoticed: she
-- gets a warning, and whoever listens is told that something changed. Only what ends the transaction anyway (a
-- cancellation, a serialization failure, a deadlock) is passed on. Without JIT, which would take longer than the search.
CREATE OR REPLACE FUNCTION tradeup_internal.notify_offer_changes() RETURNS trigger
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
    year_column text := nullif(TG_ARGV[7], '');
    kilometers_column text := nullif(TG_ARGV[8], '');
    make_column text := nullif(TG_ARGV[9], '');
    currency_column CONSTANT text := nullif(TG_ARGV[10], '');
    bytes_of_names CONSTANT integer := 3400; /* twice, with the rest, stays below the 8000 bytes of a payload */
    old_vehicles text := 'SELECT NULL AS id, NULL::numeric AS price, NULL::integer AS year, NULL::integer AS kilometers, '
                         'NULL::text AS make, ''''::text AS currency WHERE false';
    new_vehicles text := old_vehicles;
    all_of CONSTANT text := ', array_agg(o.year) AS old_years, array_agg(n.year) AS new_years, '
                            'array_agg(o.kilometers) AS old_kilometers, array_agg(n.kilometers) AS new_kilometers, '
                            'array_agg(o.make) AS old_makes, array_agg(n.make) AS new_makes';
    none_of CONSTANT text := ', NULL::integer[] AS old_years, NULL::integer[] AS new_years, NULL::integer[] AS old_kilometers, '
                             'NULL::integer[] AS new_kilometers, NULL::text[] AS old_makes, NULL::text[] AS new_makes';
    restricted boolean := false; /* whether anything beside the price matters to somebody; where it does not, it is not read */
    payload jsonb := jsonb_build_object('table', TG_RELID::regclass);
    part record; /* what changed in one currency */
    gaining text[] := '{}';
    losing text[] := '{}';
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
        IF num_nonnulls(year_column, kilometers_column, make_column) > 0 THEN
            BEGIN
                restricted := EXISTS (SELECT FROM tradeup_internal.vehicle_restrictions() r
                                      WHERE r.in_use AND num_nonnulls(r.min_year, r.max_kilometers, r.makes) > 0);
            EXCEPTION WHEN insufficient_privilege THEN
                NULL; /* the search for customers fails for the same reason, but then the vehicles have been counted */
            END;
        END IF;
        IF NOT restricted THEN
            year_column := NULL;
            kilometers_column := NULL;
            make_column := NULL;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            old_vehicles := tradeup_internal.watched_rows('old_rows'::text, id_column, price_column, status_column, for_sale,
                                                          year_column, kilometers_column, make_column, currency_column);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            new_vehicles := tradeup_internal.watched_rows('new_rows'::text, id_column, price_column, status_column, for_sale,
                                                          year_column, kilometers_column, make_column, currency_column);
        END IF;
        /* A vehicle whose currency changes leaves the one and comes into the other. A customer is in one, that of her program. */
        FOR part IN EXECUTE
            'SELECT coalesce(o.currency, n.currency) AS currency, (sum(count(*)) OVER ())::integer AS vehicles, '
            'array_agg(o.price) AS old_prices, array_agg(n.price) AS new_prices'
            || CASE WHEN restricted THEN all_of ELSE none_of END || ' FROM ('
            || old_vehicles || ') o FULL JOIN (' || new_vehicles || ') n ON '
            || CASE TG_OP WHEN 'UPDATE' THEN 'n.id = o.id AND n.currency = o.currency' ELSE 'false' END
            || ' WHERE o.price IS DISTINCT FROM n.price'
            || CASE WHEN restricted THEN ' OR o.year IS DISTINCT FROM n.year OR o.kilometers IS DISTINCT FROM n.kilometers'
                                         ' OR o.make IS DISTINCT FROM n.make' ELSE '' END
            || ' GROUP BY 1 ORDER BY 1'
        LOOP
            payload := payload || jsonb_build_object('vehicles', part.vehicles);
            IF part.vehicles > max_vehicles THEN
                PERFORM pg_notify(channel, (payload || '{"too_many": true}')::text);
                RETURN NULL;
            END IF;
            SELECT gaining || coalesce(array_agg(c.customer_id) FILTER (WHERE c.gained), '{}'),
                   losing || coalesce(array_agg(c.customer_id) FILTER (WHERE c.lost), '{}')
            INTO gaining, losing
            FROM tradeup.offer_changes(part.old_prices::tradeup.any_number[], part.new_prices::tradeup.any_number[],
                                       part.old_years,
                                       part.new_years, part.old_kilometers, part.new_kilometers, part.old_makes, part.new_makes,
                                       nullif(part.currency, ''::text)) c;
        END LOOP;
        WITH numbered AS (
            SELECT w.gains, w.customer_id,
                   row_number() OVER (PARTITION BY w.gains ORDER BY w.customer_id COLLATE "C") <= max_named
                   AND sum(octet_length(to_json(w.customer_id)::text) + 2)
                       OVER (PARTITION BY w.gains ORDER BY w.customer_id COLLATE "C") <= bytes_of_names AS named
            FROM (SELECT true AS gains, c.customer_id FROM unnest(gaining) c (customer_id)
                  UNION ALL SELECT false, c.customer_id FROM unnest(losing) c (customer_id)) w
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
                      DETAIL = format('The change of table %s succeeded, but not the search for them: %s.', TG_RELID::regclass,
                                      tradeup_internal.shown(SQLERRM)), HINT = CASE SQLSTATE WHEN '42501' THEN
                          'Grant SELECT on the customers and programs of schema tradeup, or stop with unwatch_inventory.' ELSE
                          'Watch the table anew with watch_inventory, or stop with unwatch_inventory.' END;
            PERFORM pg_notify(channel, (payload || jsonb_build_object('failed', SQLSTATE))::text);
    END;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.notify_offer_changes() IS
    'Trigger that notifies a channel of the customers who gain or lose offers by a statement; put on a table by watch_inventory';

-- The options of watch_inventory, of which few watchers need one: two limits and the names of three columns.
CREATE OR REPLACE FUNCTION tradeup_internal.require_watch_options(options tradeup.any_json) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known CONSTANT text := 'max_named, max_vehicles, year_column, kilometers_column, make_column and '
                           'currency_column';
    unknown text;
BEGIN
    IF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION 'options must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('They are %s.', tradeup_internal.json_shown(options::jsonb)),
                  HINT = format('The keys of options may be %s.', known);
    END IF;
    SELECT min(k.key COLLATE "C") INTO unknown
    FROM jsonb_object_keys(options) k (key)
    WHERE k.key <> ALL ('{max_named,max_vehicles,year_column,kilometers_column,make_column,currency_column}'::text[]);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'unknown key "%"', tradeup_internal.shown(unknown)
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is options.%s.', tradeup_internal.shown(unknown)),
                  HINT = format('The keys of options may be %s.', known);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_watch_options(tradeup.any_json) IS
    'True for options of watch_inventory with known keys, or null; otherwise the error that names what is allowed';

CREATE OR REPLACE FUNCTION tradeup_internal.watch_limit(options tradeup.any_json, key text, standing integer, highest integer)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    given CONSTANT jsonb := options -> key;
BEGIN
    IF given IS NULL THEN
        RETURN standing;
    END IF;
    IF jsonb_typeof(given) = 'number' THEN
        IF given::numeric BETWEEN 0 AND highest AND given::numeric = trunc(given::numeric) THEN
            RETURN given::integer;
        END IF;
    END IF;
    RAISE EXCEPTION '% must be a whole number between 0 and %', key, highest
        USING ERRCODE = 'invalid_parameter_value', DETAIL = format('options.%s is %s.', key, tradeup_internal.json_shown(given)),
              HINT = format('Without it, it is %s.', standing);
END
$$;
COMMENT ON FUNCTION tradeup_internal.watch_limit(tradeup.any_json, text, integer, integer) IS
    'A limit among the options of watch_inventory, or the standing one; an error beyond 0 and the highest';

CREATE OR REPLACE FUNCTION tradeup_internal.watch_column(options tradeup.any_json, key text) RETURNS name
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(options -> key) NOT IN ('string', 'null') THEN
        RAISE EXCEPTION '% must be the name of a column', key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('options.%s is %s.', key, tradeup_internal.json_shown(options -> key)),
                  HINT = 'It may be a text, or null for none.';
    END IF;
    RETURN (options ->> key)::name;
END
$$;
COMMENT ON FUNCTION tradeup_internal.watch_column(tradeup.any_json, text) IS
    'The name of a column among the options of watch_inventory, or null';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_watch_inventory(table_name regclass, id_column name, price_column name,
                                                                     status_column name, for_sale text, channel text,
                                                                     options tradeup.any_json)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    max_named CONSTANT integer := tradeup_internal.watch_limit(options, 'max_named'::text, 100, 1000);
    max_vehicles CONSTANT integer := tradeup_internal.watch_limit(options, 'max_vehicles'::text, 100000, 10000000);
    year_column name := tradeup_internal.watch_column(options, 'year_column'::text);
    kilometers_column name := tradeup_internal.watch_column(options, 'kilometers_column'::text);
    make_column name := tradeup_internal.watch_column(options, 'make_column'::text);
    currency_column name := tradeup_internal.watch_column(options, 'currency_column'::text);
    missing name;
    vehicles text;
    event text;
    watched regclass[] := ARRAY[table_name];
    place integer := 0;
    foreign_child regclass;
BEGIN
    PERFORM tradeup_internal.require_watch_options(options);
    IF table_name IS NULL OR id_column IS NULL OR price_column IS NULL OR channel IS NULL
       OR (status_column IS NOT NULL AND for_sale IS NULL) THEN
        RAISE EXCEPTION 'only the column of status and the options may be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Without a status column every row is for sale.';
    END IF;
    IF octet_length(channel) NOT BETWEEN 1 AND 63 THEN
        RAISE EXCEPTION 'channel must be named by 1 to 63 bytes'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is named "%s".', tradeup_internal.shown(channel));
    END IF;
    IF table_name IN (SELECT t.relation FROM tradeup_internal.vehicle_tables() t) THEN
        year_column := coalesce(year_column, 'year');
        kilometers_column := coalesce(kilometers_column, 'kilometers');
        make_column := coalesce(make_column, 'make');
        currency_column := coalesce(currency_column, 'currency');
    END IF;
    SELECT c INTO missing
    FROM unnest(ARRAY[id_column, price_column, status_column, year_column, kilometers_column, make_column, currency_column])
         WITH ORDINALITY x (c, place)
    WHERE c IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
                                        WHERE a.attrelid = table_name AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
    ORDER BY place LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'table % has no column "%"', table_name, missing
            USING ERRCODE = 'undefined_column',
                  HINT = 'Name the columns of identifier, price and status; a status_column of null means that every row is for '
                         'sale. '
                         'The columns of year, kilometres, make and currency are those that programs ask about.';
    END IF;
    SELECT c INTO missing
    FROM unnest(ARRAY[price_column, year_column, kilometers_column]) WITH ORDINALITY x (c, place)
    JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = c
    JOIN pg_type t ON t.oid = a.atttypid AND t.typcategory <> 'N'
    ORDER BY place LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'column "%" is not a number', missing
            USING ERRCODE = 'datatype_mismatch', HINT = 'The columns of price, year and kilometres must be numbers.';
    END IF;
    /* Of two sessions that watch or unwatch at once, one waits for the other; to lock the tables takes more rights. */
    PERFORM pg_advisory_xact_lock('tradeup_internal.notify_offer_changes()'::regprocedure::oid::bigint);
    /* To create a trigger locks its table, and nobody adds children any more; so they are looked up afterwards. */
    WHILE place < cardinality(watched) LOOP
        place := place + 1;
        FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
            EXECUTE format('CREATE OR REPLACE TRIGGER tradeup_offer_changes_%1$s AFTER %1$s ON %2$s %3$s FOR EACH STATEMENT '
                           'EXECUTE FUNCTION tradeup_internal.notify_offer_changes(%4$L, %5$L, %6$L, %7$L, %8$L, %9$L, %10$L, '
                           '%11$L, %12$L, %13$L, %14$L)', event, watched[place],
                           CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
                                      WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                                      WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows' ELSE '' END,
                           id_column, price_column, coalesce(status_column, ''), coalesce(for_sale, ''), channel, max_named,
                           max_vehicles, coalesce(year_column, ''), coalesce(kilometers_column, ''), coalesce(make_column, ''),
                           coalesce(currency_column, ''));
        END LOOP;
        SELECT c.child INTO foreign_child FROM tradeup_internal.children_of(watched[place]) c WHERE c.is_foreign LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'table % cannot be watched', table_name
                USING ERRCODE = 'wrong_object_type',
                      DETAIL = format('Below it is the foreign table %s, and PostgreSQL does not collect the rows that a '
                                      'statement changes there.', foreign_child),
                      HINT = 'Watch the local tables below it one by one, and the foreign table where its rows are stored.';
        END IF;
        watched := watched
            || ARRAY(SELECT c.child FROM tradeup_internal.children_of(watched[place]) c WHERE c.child <> ALL (watched));
    END LOOP;
    /* What the trigger will ask of the columns is asked once now: identifiers that compare, prices that become numerics. */
    vehicles := tradeup_internal.watched_rows(table_name::text, id_column::text, price_column::text, status_column::text,
                                              for_sale,
                                              year_column::text, kilometers_column::text, make_column::text,
                                              currency_column::text);
    EXECUTE format('SELECT FROM (SELECT x.* FROM (%1$s) x LIMIT 0) o FULL JOIN (SELECT x.* FROM (%1$s) x LIMIT 0) n ON n.id = '
                   'o.id', vehicles);
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_watch_inventory(regclass, name, name, name, text, text, tradeup.any_json) IS
    'The steps of watch_inventory';

CREATE OR REPLACE FUNCTION tradeup.watch_inventory(
    table_name regclass DEFAULT 'tradeup.vehicle',
    id_column name DEFAULT 'vehicle_id',
    price_column name DEFAULT 'price',
    status_column name DEFAULT 'status',
    for_sale text DEFAULT 'available',
    channel text DEFAULT 'tradeup_offers',
    options tradeup.any_json DEFAULT NULL::jsonb
) RETURNS void
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.watch_inventory(regclass, name, name, name, text, text, tradeup.any_json) IS
    'From now on each statement that changes this inventory or a table below it notifies a channel of who gains or loses offers';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_unwatch_inventory(table_name regclass)
RETURNS boolean
LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    watched regclass;
    watching name;
    found_any boolean := false;
BEGIN
    PERFORM pg_advisory_xact_lock('tradeup_internal.notify_offer_changes()'::regprocedure::oid::bigint);
    FOR watched, watching IN
        WITH RECURSIVE tables AS (
            SELECT table_name AS relation, 0 AS depth
            UNION
            SELECT c.child, t.depth + 1 FROM tables t, LATERAL tradeup_internal.children_of(t.relation) c
        )
        SELECT t.tgrelid, t.tgname
        FROM (SELECT x.relation, min(x.depth) AS depth FROM tables x GROUP BY x.relation) x
        JOIN pg_trigger t ON t.tgrelid = x.relation
        WHERE NOT t.tgisinternal AND t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure
        ORDER BY x.depth, t.tgrelid, t.tgname
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', watching, watched);
        found_any := true;
    END LOOP;
    RETURN found_any;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_unwatch_inventory(regclass) IS 'The steps of unwatch_inventory';

CREATE OR REPLACE FUNCTION tradeup.unwatch_inventory(table_name regclass DEFAULT 'tradeup.vehicle') RETURNS boolean
LANGUAGE c STRICT COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.unwatch_inventory(regclass) IS
    'Undoes watch_inventory, for the tables below as well; false when none of them was watched';
