-- A desk to try things on: 804 real cars of two dealers, customers of each, one role of each kind and one for each dealer.
-- Needs the variables :login (the role of the server) and runs in the root of the repository.
SET client_min_messages = warning;
CREATE EXTENSION tradeup;
SELECT tradeup.set_default_program('us-simple');
CREATE TEMP TABLE gm (vehicle_id text, make text, body text, year int, cylinders int, doors int, leather bool, miles int, price numeric);
\copy gm FROM 'test/data/gm2005_cars.csv' WITH (FORMAT csv, HEADER)
INSERT INTO tradeup.vehicle (vehicle_id, make, body, year, kilometers, currency, regular_price, dealer, region, listed_on)
SELECT g.vehicle_id, g.make, g.body, g.year, round(g.miles * 1.609344), 'USD', g.price, d.dealer, d.dealer,
       current_date - (substr(g.vehicle_id, 3)::integer * 7 % 200)
FROM gm g, LATERAL (SELECT CASE substr(g.vehicle_id, 3)::integer % 2 WHEN 0 THEN 'north' ELSE 'south' END AS dealer) d;
INSERT INTO tradeup.customer (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_year, current_kilometers, region) VALUES
    ('C1001', 'super_prime', 4200, 438.20, 21500, 'Buick', 2003, 62000, 'north'),
    ('C1002', 'prime', 2600, 389.75, 19000, 'Chevy', 2003, 71000, 'south'),
    ('C1003', 'near_prime', 3100, 412.00, 17500, 'Pontiac', 2002, 88000, 'north'),
    ('C1004', 'subprime', 2900, 345.50, 12800, 'Saturn', 2002, 94000, 'south');
INSERT INTO tradeup.customer (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_year, current_kilometers, region)
SELECT 'D' || 1000 + n, (ARRAY['super_prime', 'prime', 'near_prime', 'subprime'])[1 + n % 4], 1000 + 37 * n % 5000, 250 + 13 * n % 450,
       9000 + 113 * n % 15000, (ARRAY['Buick', 'Chevy', 'Pontiac', 'Saturn', 'Saab', 'Cadillac'])[1 + n % 6], 1998 + n % 7, 20000 + 997 * n % 90000,
       CASE n % 2 WHEN 0 THEN 'north' ELSE 'south' END
FROM generate_series(1, 200) n;
-- A draft that nobody has published.
INSERT INTO tradeup.program (name, version, title, currency) VALUES ('spring', 1, 'Spring offers', 'USD');
INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate) VALUES ('spring', 1, 'prime', 0.0399, 0);
INSERT INTO tradeup.program_term (program, version, term) VALUES ('spring', 1, 48), ('spring', 1, 60);
\ir schema.sql
-- A made-up fleet and shop.
\o /dev/null
\ir ../../examples/leads_fleet.sql
\o
INSERT INTO risk_model (name, cause) VALUES ('tires', 'tires');
INSERT INTO risk_cohort (model, cohort, published_rate, published_size) VALUES ('tires', 'all', 0.05, 1000);
INSERT INTO priority_rule (model, priority, min_risk) VALUES ('tires', 'high', 0.2);
RESET search_path;
CREATE EXTENSION tradeup_bundles;
SELECT tradeup_bundles.begin_upload('corner', 'orders', NULL, '{"lines": true}', 'orders.csv') AS upload \gset
\copy pg_temp.upload_line FROM 'test/data/bundles/small/orders.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT rows FROM tradeup_bundles.load_upload(:'upload');
SELECT tradeup_bundles.begin_upload('corner', 'variants', NULL, '{"lines": true}', 'variants.csv') AS upload \gset
\copy pg_temp.upload_line FROM 'test/data/bundles/small/variants.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT rows FROM tradeup_bundles.load_upload(:'upload');
SELECT tradeup_bundles.begin_upload('corner', 'inventory_levels', NULL, '{"lines": true}', 'inventory_levels.csv') AS upload \gset
\copy pg_temp.upload_line FROM 'test/data/bundles/small/inventory_levels.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT rows FROM tradeup_bundles.load_upload(:'upload');
SELECT tradeup_bundles.begin_upload('corner', 'catalog', NULL, '{"lines": true}', 'catalog_joined.csv') AS upload \gset
\copy pg_temp.upload_line FROM 'test/data/bundles/small/catalog_joined.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT rows FROM tradeup_bundles.load_upload(:'upload');

CREATE ROLE :login LOGIN NOINHERIT;
CREATE ROLE desk_reader;
CREATE ROLE desk_north;
CREATE ROLE desk_south;
CREATE ROLE desk_admin;
GRANT desk_reader, desk_north, desk_south, desk_admin TO :login;
SELECT tradeup.grant_reader('desk_reader'), tradeup.grant_desk('desk_north'), tradeup.grant_desk('desk_south'), tradeup.grant_admin('desk_admin'),
       tradeup_api.grant_loader('desk_admin');
SELECT tradeup_leads.grant_reader('desk_reader'), tradeup_leads.grant_desk('desk_north'), tradeup_leads.grant_desk('desk_south'),
       tradeup_leads.grant_admin('desk_admin');
SELECT tradeup_bundles.grant_reader('desk_reader'), tradeup_bundles.grant_desk('desk_north'), tradeup_bundles.grant_desk('desk_south'),
       tradeup_bundles.grant_admin('desk_admin');
GRANT USAGE ON SCHEMA tradeup_internal TO :login;

-- The role of each dealer sees its own vehicles, customers and quotes; reader and admin see all.
CREATE TABLE public.desk_dealer (role name, dealer text);
INSERT INTO public.desk_dealer VALUES ('desk_north', 'north'), ('desk_south', 'south');
GRANT SELECT ON public.desk_dealer TO desk_north, desk_south, desk_reader, desk_admin;
CREATE INDEX vehicle_available_by_dealer ON tradeup.vehicle (dealer, currency, price_minor, vehicle_id) WHERE status = 'available';
ALTER TABLE tradeup.vehicle ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup.customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup.quote ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup.quote_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON tradeup.vehicle FOR SELECT TO desk_north, desk_south
    USING (dealer = ANY (ARRAY(SELECT d.dealer FROM public.desk_dealer d WHERE d.role = current_user)));
CREATE POLICY own_dealer ON tradeup.customer FOR SELECT TO desk_north, desk_south
    USING (region = ANY (ARRAY(SELECT d.dealer FROM public.desk_dealer d WHERE d.role = current_user)));
CREATE POLICY own_dealer ON tradeup.quote FOR SELECT TO desk_north, desk_south
    USING (EXISTS (SELECT FROM tradeup.vehicle v WHERE v.vehicle_id = quote.vehicle_id));
CREATE POLICY any_true_quote ON tradeup.quote FOR INSERT TO desk_north, desk_south WITH CHECK (true);
CREATE POLICY of_its_quotes ON tradeup.quote_event TO desk_north, desk_south
    USING (EXISTS (SELECT FROM tradeup.quote q WHERE q.quote_id = quote_event.quote_id));
CREATE POLICY all_rows ON tradeup.vehicle TO desk_reader, desk_admin USING (true);
CREATE POLICY all_rows ON tradeup.customer TO desk_reader, desk_admin USING (true);
CREATE POLICY all_rows ON tradeup.quote TO desk_reader, desk_admin USING (true);
CREATE POLICY all_rows ON tradeup.quote_event TO desk_reader, desk_admin USING (true);

DO $$
DECLARE
    kept text;
BEGIN
    FOR kept IN SELECT c.oid::regclass FROM pg_class c, pg_attribute a
                WHERE c.relnamespace = 'tradeup_leads'::regnamespace AND c.relkind = 'r' AND a.attrelid = c.oid AND a.attname = 'dealer' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY all_rows ON %s TO desk_reader, desk_admin USING (true)', kept);
        EXECUTE format('CREATE POLICY own_dealer ON %s TO desk_north, desk_south
                        USING (dealer = ANY (ARRAY(SELECT d.dealer FROM public.desk_dealer d WHERE d.role = current_user)))', kept);
    END LOOP;
END
$$;

SELECT tradeup.watch_inventory(options => '{"year_column": "year", "kilometers_column": "kilometers", "make_column": "make", "currency_column": "currency"}');
VACUUM ANALYZE tradeup.vehicle, tradeup.customer;
