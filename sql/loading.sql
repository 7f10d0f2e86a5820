-- Tables of texts, as people have them, loaded as vehicles and customers.
SET search_path = public, tradeup;
\set SHOW_CONTEXT never
SET datestyle = 'ISO';
SELECT set_default_program('mx-reference');
-- Tables refuse what a loading refuses.
\set VERBOSITY terse
INSERT INTO vehicle (vehicle_id, regular_price) VALUES ('', 1);
INSERT INTO vehicle (vehicle_id, regular_price) VALUES (E' \t', 1);
INSERT INTO vehicle (vehicle_id, year, regular_price) VALUES ('x', 20244, 1);
INSERT INTO customer (customer_id, risk_profile) VALUES ('', 'A');
INSERT INTO customer (customer_id, risk_profile, current_year) VALUES ('x', 'A', 20244);
\set VERBOSITY default

CREATE VIEW loaded AS
SELECT vehicle_id, make, model, year, kilometers, currency AS cur, regular_price AS price, status, listed_on IS NULL AS no_day
FROM vehicle ORDER BY vehicle_id COLLATE "C";

-- One bad row takes nothing from the others; the same again changes nothing; what changed is updated.
CREATE TABLE rupees ("Stock No" text, "Make" text, model text, "Model-Year" text, "km-s" text, "Asking; DROP TABLE x" text);
INSERT INTO rupees VALUES
    ('A1', 'Toyota', ' ', '2012.0', '45,000 kms', '4,25,000'), ('A2', 'Honda', 'City', '20244', '1,45,000', 'Rs. 5,10,000/-'),
    ('A3', 'Honda', 'City', '2019', '12,000 miles', 'Ask for price'), ('', 'Kia', 'x', '2020', '1', '7,00,000'),
    ('A1', 'Toyota', 'Again', '2012', '1', '99'), ('A5', 'Tata', 'Nexon', '2021', '12.5', '$ 5'),
    ('A6', 'Tata', 'N/A', '2021', '28,000 mi', '9,50,000'), (NULL, NULL, NULL, NULL, NULL, NULL),
    ('A7', 'Tata', 'Punch', '2022', '-5', '6,00,000'), ('A8', 'Tata', 'Tiago', NULL, NULL, '3,50,000.505');
\set columns '"vehicle_id": "Stock No", "year": "Model-Year", "kilometers": "km-s", "regular_price": "Asking; DROP TABLE x"'
\set rupees '''{"columns": {' :columns '}, "currency": "INR"}'''
SELECT * FROM load_vehicles('rupees', :rupees);
TABLE loaded;
SELECT * FROM load_vehicles('rupees', :rupees) WHERE outcome <> 'refused';
UPDATE rupees SET "Asking; DROP TABLE x" = '4,20,000', "km-s" = NULL WHERE model = ' ';
SELECT * FROM load_vehicles('rupees', :rupees) WHERE outcome <> 'refused';
TABLE loaded;
-- Some columns of vehicles that are there, no others.
CREATE TABLE statuses (vehicle_id text, status text);
INSERT INTO statuses VALUES ('A1', 'Sold'), ('A6', 'gone'), ('A9', 'available');
SELECT * FROM load_vehicles('statuses', '{"currency": "INR"}');
SELECT * FROM load_vehicles('statuses', '{"currency": "INR", "values": {"status": {"GONE": "withdrawn", "sold": null}}}');
TABLE loaded;
-- Where nobody says the currency, it is that of the default program for new vehicles, and nothing for others.
INSERT INTO rupees VALUES ('B1', 'Tata', 'Tiago', NULL, NULL, '3,50,000.50');
SELECT * FROM load_vehicles('rupees', :rupees::jsonb - 'currency') WHERE line > 8 OR id IN ('A1', 'A6') OR outcome <> 'refused';
SELECT * FROM load_vehicles('rupees', :rupees::jsonb - 'currency' || '{"defaults": {"currency": "inr"}}')
WHERE line > 8 OR outcome <> 'refused';
TABLE loaded;
DELETE FROM vehicle;

-- One vehicle, one number; which of the two is the key is a matter of the mapping.
CREATE TABLE numbered (vin text, vehicle_id text, regular_price text, status text);
INSERT INTO numbered VALUES ('X1', 'S1', '100', NULL), ('X2', 'S2', '200', NULL), ('X1', 'S3', '300', NULL),
    ('X4', 'S4', '400', 'sold'),
    ('X4', 'S5', '500', NULL), (NULL, 'S6', '600', NULL), (NULL, 'S7', '700', NULL);
SELECT * FROM load_vehicles('numbered', '{"currency": "USD"}');
SELECT * FROM load_vehicles('numbered', '{"currency": "USD"}');
SELECT vehicle_id, vin, price, status FROM vehicle ORDER BY vehicle_id;
DELETE FROM numbered;
INSERT INTO numbered VALUES ('X1', 'T1', '110', NULL), ('X9', 'S2', '210', NULL), ('X2', 'S9', '220', 'sold');
SELECT * FROM load_vehicles('numbered', '{"currency": "USD"}');
SELECT vehicle_id, vin, price, status FROM vehicle ORDER BY vehicle_id;
DELETE FROM vehicle WHERE vehicle_id IN ('S9', 'T1');
UPDATE vehicle SET vin = 'X2' WHERE vehicle_id = 'S2';
TRUNCATE numbered;
INSERT INTO numbered VALUES ('X1', 'T1', '111', NULL), ('X9', 'S2', '210', NULL), ('X4', 'T4', '444', NULL),
    (NULL, 'T5', '5', NULL), ('X7', NULL, '7', NULL);
SELECT * FROM load_vehicles('numbered', '{"currency": "USD", "key": "vin"}');
SELECT * FROM load_vehicles('numbered', '{"currency": "USD", "key": "vin"}');
SELECT vehicle_id, vin, price, status FROM vehicle ORDER BY vehicle_id;
DELETE FROM vehicle;

-- Thousands or decimals: the whole column decides, or nobody.
CREATE TABLE numbers (vehicle_id integer, regular_price text, kilometers text);
INSERT INTO numbers VALUES (1, '12.500', '45.000'), (2, '9.800', '12.500');
SELECT * FROM load_vehicles('numbers', '{"currency": "EUR"}');
SELECT * FROM load_vehicles('numbers', '{"currency": "EUR", "decimal_mark": ","}');
SELECT vehicle_id, price, kilometers FROM loaded;
SELECT * FROM load_vehicles('numbers', '{"currency": "EUR", "decimal_mark": {"regular_price": ".", "kilometers": ","}}');
SELECT vehicle_id, price, kilometers FROM loaded;
INSERT INTO numbers VALUES (3, '1.249,00 €', '7');
SELECT * FROM load_vehicles('numbers', '{"currency": "EUR"}');
INSERT INTO numbers VALUES (4, '9,900.50', '1.5 km');
SELECT * FROM load_vehicles('numbers', '{"currency": "EUR"}');
SELECT vehicle_id, price, kilometers FROM loaded;
SELECT outcome, line, id, reason, value FROM load_vehicles('numbers', '{"currency": "EUR", "decimal_mark": ","}');
SELECT * FROM load_vehicles('numbers', '{"currency": "EUR", "decimal_mark": ",", "distance_unit": "mi"}')
WHERE outcome = 'updated';
SELECT vehicle_id, price, kilometers FROM loaded;
DELETE FROM vehicle;

-- Types of their own; no setting of the session shows.
CREATE TYPE color AS ENUM ('red', 'blue');
CREATE DOMAIN amount AS numeric(10,3);
CREATE TABLE typed (id uuid, price double precision, promo amount, km real, year smallint, color color,
                    listed timestamptz, sold date);
INSERT INTO typed VALUES
    ('00000000-0000-0000-0000-000000000001', 12500.5, 1.249, 45000, 2012, 'red', '2024-03-04 23:30+00', NULL),
    ('00000000-0000-0000-0000-000000000002', 'NaN', NULL, 1e6, 2012, 'blue', NULL, '2024-03-05');
SET datestyle = 'SQL, DMY';
SET timezone = 'Pacific/Auckland';
SELECT * FROM load_vehicles('typed', '{"columns": {"vehicle_id": "id", "regular_price": "price", "promotion_price": "promo",
    "kilometers": "km", "listed_on": "listed", "sold_on": "sold"}, "currency": "KWD"}');
SET datestyle = 'ISO';
RESET timezone;
SELECT vehicle_id, regular_price, promotion_price, kilometers, year, color, listed_on FROM vehicle;
DELETE FROM vehicle;
-- Days: the year first, or an order that the whole column shows or that is said.
CREATE TABLE days (vehicle_id text, regular_price text, listed_on text);
INSERT INTO days VALUES ('1', '100', '03/04/2024'), ('2', '100', '2024-05-06'), ('3', '100', 'yesterday');
SELECT * FROM load_vehicles('days', '{"currency": "USD"}');
INSERT INTO days VALUES ('4', '100', '25.12.2024');
SELECT * FROM load_vehicles('days', '{"currency": "USD"}');
SELECT vehicle_id, listed_on FROM vehicle ORDER BY vehicle_id;
SELECT * FROM load_vehicles('days', '{"currency": "USD", "date_order": "MDY"}');
SELECT vehicle_id, listed_on FROM vehicle ORDER BY vehicle_id;
DELETE FROM vehicle;

-- Names and words that would be SQL if they were not quoted.
CREATE SCHEMA "the 'lot'";
CREATE TABLE "the 'lot'"."cars""; DROP TABLE tradeup.vehicle; --" ("id'" text, "p %s $1 \" text, "m''); --" text);
INSERT INTO "the 'lot'"."cars""; DROP TABLE tradeup.vehicle; --" VALUES
    (''' OR 1 = 1; --', '100', '%L $1'), ('2', '1''; DROP TABLE x', NULL);
SELECT * FROM load_vehicles($$"the 'lot'"."cars""; DROP TABLE tradeup.vehicle; --"$$,
    $${"columns": {"vehicle_id": "id'", "regular_price": "p %s $1 \\", "make": "m''); --"}, "currency": "USD",
       "defaults": {"make": "'); DROP TABLE tradeup.vehicle; --", "dealer": "$1 %I ' \" \\"},
       "values": {"make": {"'%l $1": "x", "%l $1": "'; SELECT 1; --"}}}$$);
SELECT vehicle_id, make, dealer, regular_price FROM vehicle ORDER BY vehicle_id;
DELETE FROM vehicle;

-- Mappings that cannot be.
SELECT load_vehicles(NULL);
SELECT load_vehicles('numbers', NULL);
SELECT load_vehicles('numbers', '[]');
SELECT load_vehicles('numbers', '{"colums": {}}');
SELECT load_vehicles('numbers', '{"columns": {"price": "regular_price"}}');
SELECT load_vehicles('numbers', '{"columns": {"make": "brand"}}');
SELECT load_vehicles('numbers', '{"columns": {"make": 5}}');
SELECT load_vehicles('numbers', '{"columns": "make"}');
SELECT load_vehicles('numbers', '{"columns": {"make": "ctid"}}');
SELECT load_vehicles('numbers', '{"columns": {"vehicle_id": null}}');
SELECT load_vehicles('numbers', '{"defaults": {"make": ["x"]}}');
SELECT load_vehicles('numbers', '{"values": {"make": "x"}}');
SELECT load_vehicles('numbers', '{"decimal_mark": ";"}');
SELECT load_vehicles('numbers', '{"decimal_mark": {"kilometers": "x"}}');
SELECT load_vehicles('numbers', '{"decimal_mark": 1}');
SELECT load_vehicles('numbers', '{"date_order": "YMD"}');
SELECT load_vehicles('numbers', '{"distance_unit": "leagues"}');
SELECT load_vehicles('numbers', '{"currency": "EURO"}');
SELECT load_vehicles('numbers', '{"key": "make"}');
SELECT load_vehicles('numbers', '{"line": "kilometers"}');
SELECT load_vehicles('numbers', '{"line": "nowhere"}');
SELECT load_customers('numbers', '{"key": "vin"}');
SELECT load_customers('numbers');
SELECT load_vehicles('vehicle_available_by_price');
CREATE TABLE twice ("Vehicle ID" text, "vehicle-id" text, regular_price text);
SELECT load_vehicles('twice');
SELECT outcome, rows FROM load_vehicles('twice', '{"columns": {"vehicle_id": "vehicle-id"}}');

-- What constraints, triggers and rules of the owner refuse is refused row by row.
CREATE TABLE many AS
SELECT i AS line, 'V' || i AS vehicle_id, i::text AS regular_price, 'd' || i % 3 AS dealer FROM generate_series(1, 40) i;
ALTER TABLE vehicle ADD CONSTRAINT even_seven CHECK (price_minor <> 700);
CREATE FUNCTION house_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.vehicle_id = 'V13' THEN RAISE EXCEPTION 'unlucky';
    ELSIF NEW.vehicle_id = 'V20' THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER house_rules BEFORE INSERT OR UPDATE ON vehicle FOR EACH ROW EXECUTE FUNCTION house_rules();
SELECT * FROM load_vehicles('many', '{"currency": "USD", "line": "line"}');
UPDATE many SET regular_price = regular_price::integer + 1;
SELECT * FROM load_vehicles('many', '{"currency": "USD", "line": "line"}');
SELECT count(*), min(price), max(price) FROM vehicle;
DROP TRIGGER house_rules ON vehicle;
-- An error that is about no row ends the loading.
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM nowhere; RETURN NEW; END $$;
CREATE TRIGGER broken BEFORE UPDATE ON vehicle FOR EACH ROW EXECUTE FUNCTION broken();
UPDATE many SET regular_price = regular_price::integer + 1;
SELECT * FROM load_vehicles('many', '{"currency": "USD", "line": "line"}');
DROP TRIGGER broken ON vehicle;
ALTER TABLE vehicle DROP CONSTRAINT even_seven;

-- Whoever loads has rights of her own: grants, and policies of the table.
CREATE ROLE regress_loader;
GRANT USAGE ON SCHEMA public, tradeup TO regress_loader;
SET ROLE regress_loader;
SELECT * FROM load_vehicles('many', '{"currency": "USD"}');
RESET ROLE;
GRANT SELECT ON many TO regress_loader;
SET ROLE regress_loader;
SELECT * FROM load_vehicles('many', '{"currency": "USD"}');
RESET ROLE;
SELECT grant_admin('regress_loader');
ALTER TABLE vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON vehicle FOR SELECT TO regress_loader USING (dealer <> 'd2');
CREATE POLICY added ON vehicle FOR INSERT TO regress_loader WITH CHECK (dealer = 'd0');
CREATE POLICY changed ON vehicle FOR UPDATE TO regress_loader USING (dealer = 'd0');
DELETE FROM many WHERE line > 6;
INSERT INTO many VALUES (7, 'W1', '5', 'd0'), (8, 'W2', '5', 'd1');
UPDATE many SET regular_price = 10 * line;
SET ROLE regress_loader;
SELECT * FROM load_vehicles('many', '{"currency": "USD", "line": "line"}');
SELECT * FROM load_vehicles('many', '{"currency": "USD", "line": "line"}');
RESET ROLE;
SELECT vehicle_id, dealer, price FROM vehicle WHERE vehicle_id IN ('V1', 'V2', 'V3', 'V5', 'V6', 'W1', 'W2') ORDER BY vehicle_id;
DROP POLICY seen ON vehicle;
DROP POLICY added ON vehicle;
DROP POLICY changed ON vehicle;
ALTER TABLE vehicle DISABLE ROW LEVEL SECURITY;
SELECT revoke_grants('regress_loader');
REVOKE ALL ON many FROM regress_loader;
REVOKE ALL ON SCHEMA public, tradeup FROM regress_loader;
DROP ROLE regress_loader;
DELETE FROM vehicle;

-- Views, parts, temporary tables; and vehicles that a child of the table has.
CREATE TABLE lot2 () INHERITS (vehicle);
ALTER TABLE lot2 ADD PRIMARY KEY (vehicle_id);
INSERT INTO lot2 (vehicle_id, currency, regular_price) VALUES ('P1', 'USD', 50), ('P2', 'USD', 20);
CREATE TABLE parted (vehicle_id text, regular_price text) PARTITION BY LIST (vehicle_id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN ('P1', 'P2');
CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
INSERT INTO parted VALUES ('P1', '10'), ('P2', '20'), ('P3', '30'), ('P4', 'x');
CREATE VIEW shown AS SELECT * FROM parted WHERE vehicle_id <> 'P4';
CREATE TEMPORARY TABLE for_now AS SELECT * FROM shown;
SELECT * FROM load_vehicles('parted', '{"currency": "USD"}');
SELECT * FROM load_vehicles('shown', '{"currency": "USD"}');
SELECT * FROM load_vehicles('for_now', '{"currency": "USD"}');
SELECT tableoid::regclass, vehicle_id, price FROM vehicle ORDER BY vehicle_id;
DROP TABLE lot2;
DELETE FROM vehicle;

-- Customers.
CREATE TABLE people ("Customer ID" text, risk_profile text, equity text, income text, trade_value text, payoff text,
                     current_payment text);
INSERT INTO people VALUES
    ('c1', 'A', '-1.200,50', '12.000,00', NULL, NULL, '320'), ('c2', NULL, '5', 'x', NULL, NULL, NULL),
    ('c3', 'B', NULL, '1e5', '', '', NULL),
    ('c4', 'B', NULL, '', '10.000,00 €', '4.000,00', NULL), ('c5', 'B', '1', '', '10.000,00 €', '4.000,00', NULL),
    ('c1', 'A', '', '', '', '', '');
SELECT * FROM load_customers('people');
SELECT * FROM load_customers('people', '{"currency": "USD"}') WHERE id = 'c4';
SELECT customer_id, risk_profile, equity, income, trade_value, payoff, current_payment, bonus FROM customer ORDER BY customer_id;
SELECT * FROM load_customers('people') WHERE outcome <> 'refused';
UPDATE people SET payoff = '4.500,00', equity = '' WHERE "Customer ID" = 'c4';
SELECT * FROM load_customers('people') WHERE outcome <> 'refused';
SELECT customer_id, equity, trade_value, payoff FROM customer WHERE customer_id = 'c4';
DELETE FROM customer;

DROP VIEW loaded, shown;
DROP TABLE rupees, statuses, numbered, numbers, typed, days, twice, many, people, parted, for_now;
DROP SCHEMA "the 'lot'" CASCADE;
DROP FUNCTION house_rules, broken;
DROP TYPE color;
DROP DOMAIN amount;
DELETE FROM program_default;
