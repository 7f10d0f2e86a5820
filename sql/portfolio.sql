-- The best offers of every customer: both ways to them find what a sort of all offers finds, and a stock is refused unless
-- stock_list made it.
SET search_path = tradeup, public;
SET jit = off;
BEGIN;
INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price)
SELECT c || lpad(i::text, 3, '0'), c, (ARRAY['Audi', 'Seat', NULL])[1 + i % 3], CASE WHEN i % 5 > 0 THEN 2010 + i % 14 END,
       i * 997 % 90000, CASE c WHEN 'JPY' THEN 100 ELSE 1 END * (5000 + i / 3 * 211 % 30000)
FROM generate_series(1, 150) i, unnest('{USD,JPY}'::text[]) c;
UPDATE vehicle SET status = 'sold' WHERE vehicle_id LIKE '%7' AND currency IN ('USD', 'JPY');
INSERT INTO program (name, currency, requires_dearer, service_fee_rate, margin_cost, min_year, makes, rounding) VALUES
    ('usd', 'USD', false, 0.02, 150, NULL, NULL, 'half_up'), ('picky', 'USD', true, 0.01, 0, 2015, '{Audi,Seat}', 'up'),
    ('yen', 'JPY', false, 0, 0, NULL, NULL, 'half_even');
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
SELECT p, 1, f.profile, f.rate, 0.05
FROM unnest('{usd,picky,yen}'::text[]) p, (VALUES ('good', 0.05), ('fair', 0.12)) f (profile, rate);
INSERT INTO program_term (program, version, term, rate_adjustment)
SELECT p, 1, t.term, t.adjustment
FROM unnest('{usd,picky,yen}'::text[]) p, (VALUES (24, 0), (48, 0.005), (60, 0.01)) t (term, adjustment);
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
SELECT p, 1, t.rank, t.name, t.lower, t.upper
FROM unnest('{usd,picky,yen}'::text[]) p,
     (VALUES (1, 'Less', NULL, -0.1), (2, 'Same', -0.05, 0.05), (3, 'More', 0.05, 0.6)) t (rank, name, lower, upper);
SELECT count(publish_program(name)) FROM program WHERE name IN ('usd', 'picky', 'yen');
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT p || i, CASE WHEN i % 4 > 0 THEN 'good' WHEN i % 8 > 0 THEN 'fair' ELSE 'none of them' END,
       m * (i * 173 % 4000 - 500),
       CASE WHEN i % 11 > 0 THEN m * (150 + i * 37 % 500) + CASE WHEN i % 3 = 0 THEN 0.0000123 ELSE 0 END END,
       m * (6000 + i * 331 % 12000), p
FROM generate_series(1, 40) i, (VALUES ('usd', 1), ('picky', 1), ('yen', 100)) p (p, m);

-- What is ranked is listed in full by offers.
CREATE TEMP TABLE ranked AS
SELECT r.rank_by, o.*,
       row_number() OVER (PARTITION BY r.rank_by, o.customer_id
                          ORDER BY tradeup_internal.rank_key(r.rank_by, o.margin, o.price, o.payment, o.current_payment),
                              NOT d.downward, CASE WHEN d.downward THEN -o.price ELSE o.price END,
                              CASE WHEN d.downward THEN o.vehicle_id END COLLATE "C" DESC,
                              o.vehicle_id COLLATE "C", o.term) AS place
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by), customer c, offers(c.customer_id) o,
     LATERAL (SELECT tradeup_internal.ranked_downward(r.rank_by, o.payment, o.current_payment) AS downward) d
WHERE o.tier IS NOT NULL;
SELECT rank_by, count(*) > 5000 AS many, count(DISTINCT customer_id) > 50 AS of_many, count(DISTINCT currency) AS currencies
FROM ranked GROUP BY rank_by ORDER BY rank_by;

CREATE FUNCTION pg_temp.different(way text, rank_by text, per_customer integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (
        (SELECT o.* FROM tradeup_internal.portfolio_by(%1$L, $1, NULL::text, NULL::jsonb, $2) o EXCEPT ALL
         SELECT (ROW(%2$s)::tradeup.offer).* FROM ranked o WHERE o.rank_by = $2 AND o.place <= $1)
        UNION ALL
        (SELECT (ROW(%2$s)::tradeup.offer).* FROM ranked o WHERE o.rank_by = $2 AND o.place <= $1 EXCEPT ALL
         SELECT o.* FROM tradeup_internal.portfolio_by(%1$L, $1, NULL::text, NULL::jsonb, $2) o)) x', way,
        (SELECT string_agg('o.' || quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = 'tradeup.offer'::regclass AND a.attnum > 0)) INTO found USING per_customer, rank_by;
    RETURN found;
END $$;
SELECT w.way, r.rank_by, k.per_customer, pg_temp.different(w.way, r.rank_by, k.per_customer)
FROM unnest('{list,index,NULL}'::text[]) w (way),
     unnest('{margin,price,payment,closeness}'::text[]) r (rank_by), unnest('{1,7,1000}'::integer[]) k (per_customer)
WHERE pg_temp.different(w.way, r.rank_by, k.per_customer) > 0;
SELECT count(*) FROM portfolio(0);

-- The way depends on the number of vehicles for each customer, as they were last counted.
ANALYZE customer, vehicle;
SELECT tradeup_internal.list_pays(50);
-- However many customers there are, a list that would not fit into one value is not begun. Nothing is that large here: the
-- catalogue is told so, also of a table two steps below.
SAVEPOINT large;
CREATE TABLE public.lot () INHERITS (vehicle);
CREATE TABLE public.corner () INHERITS (public.lot);
UPDATE pg_class SET reltuples = 1e9 WHERE oid = 'customer'::regclass;
SELECT tradeup_internal.list_pays(50);
UPDATE pg_class SET reltuples = 3e7 WHERE oid = 'public.corner'::regclass;
SELECT tradeup_internal.list_pays(50);
ROLLBACK TO large;
DELETE FROM customer WHERE customer_id NOT IN ('usd1', 'usd2');
INSERT INTO vehicle (vehicle_id, currency, regular_price) SELECT 'more' || i, 'USD', 9000 + i FROM generate_series(1, 100) i;
ANALYZE customer, vehicle;
SELECT n, tradeup_internal.list_pays(n) FROM unnest('{50,170,250}'::integer[]) n;
ROLLBACK;

-- A stock in any order is sorted; its bytes are no place for tricks.
CREATE FUNCTION pg_temp.raised(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text; hint text; message text; state text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN others THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                            hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, detail, hint);
END $$;
SELECT tradeup_internal.stock_list(p, v) = tradeup_internal.stock_list(p, v ORDER BY p DESC, v DESC) AS same,
       length(tradeup_internal.stock_list(p, v))
FROM (VALUES (5, 'a'), (3, 'b'), (5, 'B'), (NULL, 'c'), (4, NULL)) x (p, v);
CREATE TEMP TABLE stock AS SELECT tradeup_internal.stock_list(g, 'V' || g) AS s FROM generate_series(1, 3) g;
CREATE FUNCTION pg_temp.chosen(stock bytea, rank_by text DEFAULT 'price',
                               deals deal[] DEFAULT ARRAY['v1 annual_rate=0 term=1 tiers="All [,]"'::deal],
                               ids text[] DEFAULT '{c}', rates numeric[] DEFAULT '{0.1}') RETURNS text
LANGUAGE sql AS $$
    SELECT string_agg(o.vehicle_id, ' ')
    FROM (SELECT ARRAY[ROW('p', 1, 'A', deals, rates, ids, '{0}'::numeric[], '{0.01}'::numeric[], NULL, NULL, NULL, NULL)
                       ::tradeup_internal.profile_customers] AS profiles) p,
         tradeup_internal.best_in_stock(stock, p.profiles, 9, rank_by) b,
         tradeup_internal.offers_picked(p.profiles, b.vehicles, b.picks) o
$$;
SELECT pg_temp.chosen(s), pg_temp.chosen(s, 'margin') FROM stock;
SELECT DISTINCT pg_temp.raised(format('SELECT pg_temp.chosen(%L)', substr(s, 1, n)))
FROM stock, generate_series(0, length(s) - 1, 7) n ORDER BY 1;
SELECT pg_temp.raised(format('SELECT pg_temp.chosen(%L)', set_byte(s, 4, 255))) FROM stock;
SELECT pg_temp.raised($$SELECT tradeup_internal.stock_list(-1, 'x')$$);
SELECT pg_temp.raised(format('SELECT pg_temp.chosen(%L, ''colour'')', s)) FROM stock;
SELECT pg_temp.raised(format('SELECT pg_temp.chosen(%L, ids => ''{a,b}'')', s)) FROM stock;
SELECT pg_temp.raised(format('SELECT pg_temp.chosen(%L, rates => ''{}'')', s)) FROM stock;
SELECT pg_temp.raised(format('SELECT pg_temp.chosen(%L, deals => ARRAY[NULL]::tradeup.deal[])', s)) FROM stock;
SELECT pg_temp.raised(format('SELECT pg_temp.chosen(%L, deals => ARRAY[''v1 annual_rate=0 term=1'',
    ''v1 annual_rate=0 term=1 minor_digits=0'']::tradeup.deal[], rates => ''{0,0}'')', s)) FROM stock;

-- Picks are refused unless they fit their profiles and vehicles; what a profile does not say is null.
CREATE FUNCTION pg_temp.picked(picks integer[], payments numeric[] DEFAULT '{0.01,9}') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', o.customer_id, coalesce(o.profile, 'no profile'), o.term, o.vehicle_id, o.tier, o.payment),
                      ', ')
    FROM stock s,
         tradeup_internal.offers_picked(
             ARRAY[NULL, ROW('p', 1, NULL, ARRAY['v1 annual_rate=0 term=1 tiers="All [,]"',
                                                 'v1 annual_rate=0 term=2 tiers="A [,0), B [0,]"']::tradeup.deal[],
                             '{0.1,NULL}', '{a,b}', '{0,0}', payments, NULL, NULL, NULL, NULL)
                   ::tradeup_internal.profile_customers], s.s, picks) o
$$;
SELECT pg_temp.picked('{0,0,0,0,0,1,1,2,1,1,0,1}');
SELECT p AS picks, pg_temp.raised(format('SELECT pg_temp.picked(%L)', p))
FROM unnest('{"{0,0,0,0,0}","{2,0,0,0}","{-1,0,0,0}","{0,2,0,0}","{0,0,1,0}","{0,1,2,0}","{0,0,0,3}","{0,0,0,-1}"}'::text[]
            || '{"{1,0,0,0,0,0,0,-1}","{0,0,0,NULL}","{}"}') p;
SELECT pg_temp.raised($$SELECT pg_temp.picked('{0,0,0,0}', '{NULL,9}')$$);
-- Customers as arrays are, to the last byte, what array_agg makes; what none of them has is no array.
WITH customers AS MATERIALIZED (
    SELECT n AS most, i, 'C' || repeat('x', i % 5) || i AS id, i * 1.01 AS equity,
           CASE WHEN i % 3 > 0 THEN i / 100.0 END AS payment, CASE WHEN i > n / 2 THEN 1e20 + i END AS price,
           i % 7 * 0.5 AS bonus, CASE WHEN i <> 9000 THEN i END AS income
    FROM unnest('{1,2,7,8,9,16,17,8191,8192,8193,16384,16385,20001}'::integer[]) n, generate_series(1, n) i
)
SELECT c.most, c.a *= c.b AS same, (c.a).trade_values IS NULL AS no_trade_values, pg_column_size(c.a) AS bytes
FROM (SELECT c.most,
             tradeup_internal.customer_arrays(c.id, c.equity, c.payment, c.price, NULL, c.bonus, c.income ORDER BY c.i) AS a,
             ROW(array_agg(c.id ORDER BY c.i), array_agg(c.equity ORDER BY c.i), array_agg(c.payment ORDER BY c.i),
                 array_agg(c.price ORDER BY c.i), NULL, array_agg(c.bonus ORDER BY c.i),
                 array_agg(c.income ORDER BY c.i))::tradeup_internal.customer_arrays AS b
      FROM customers c GROUP BY c.most) c
ORDER BY 1;
-- A vehicle is in a stock once.
SELECT tradeup_internal.vehicles_in_stock(tradeup_internal.stock_list(p, v))
FROM (VALUES (5, 'a'), (5, 'b'), (5, 'a'), (4, 'a'), (5, 'b')) x (p, v);
-- Vehicles are named in the order of their bytes, not of their prices.
SELECT tradeup_internal.vehicles_in_stock(tradeup_internal.stock_list(p, v))
FROM (VALUES (1, 'b'), (2, 'a'), (3, 'é'), (4, 'B'), (5, 'aa'), (6, '~')) x (p, v);
SELECT tradeup_internal.vehicles_in_stock(tradeup_internal.stock_list(NULL, NULL));
-- Ranges that touch are one, unless each deal is to have its own; those of closeness part where the payment is the current one.
SELECT r.rank_by, b.*
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
     tradeup_internal.best_prices(
         ARRAY[ROW('p', 1, NULL, ARRAY['v1 annual_rate=0 term=10 tiers="A [-0.5,0], B (0,0.2], C [0.5,0.6]"',
                                       'v1 annual_rate=0 term=11 tiers="A [-0.5,0]"']::tradeup.deal[],
                   NULL, NULL, '{0,0}', '{10,NULL}', NULL, NULL, NULL, NULL)::tradeup_internal.profile_customers], r.rank_by) b
ORDER BY r.rank_by, b.lowest, b.highest;
