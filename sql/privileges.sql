-- A role without privileges but plain grants; row-level security; a hostile search_path.
\set SHOW_CONTEXT never
INSERT INTO tradeup.vehicle (vehicle_id, currency, dealer, regular_price)
SELECT 'X' || i, 'MXN', CASE i % 2 WHEN 0 THEN 'north' ELSE 'south' END, 260000 + i * 1000 FROM generate_series(1, 100) i;
INSERT INTO tradeup.customer (customer_id, risk_profile, equity, current_payment, current_price, program)
VALUES ('C1', 'A1', 100000, 7000, 250000, 'mx-reference');
CREATE ROLE tradeup_desk NOLOGIN;

SET ROLE tradeup_desk;
SELECT count(*) FROM tradeup.offers('C1');
RESET ROLE;
GRANT USAGE ON SCHEMA tradeup TO tradeup_desk;
SET ROLE tradeup_desk;
SELECT count(*) FROM tradeup.offers('C1');
SELECT tradeup.payment(tradeup.deal(annual_rate => 0.06, term => 60), 20000);
RESET ROLE;
GRANT SELECT ON ALL TABLES IN SCHEMA tradeup TO tradeup_desk;
SET ROLE tradeup_desk;
SELECT count(*) FROM tradeup.offers('C1');
SELECT count(*) FROM tradeup.best_offers('C1', 2);
SELECT count(*) FROM tradeup.portfolio(2);
SELECT count(*) FROM tradeup.why_no_offer('C1', 'X1');
INSERT INTO tradeup.vehicle (vehicle_id, currency, regular_price) VALUES ('new', 'MXN', 1);
UPDATE tradeup.program SET bonus = 1;
SELECT tradeup.publish_program('mx-reference');
SELECT tradeup.set_default_program('mx-reference');
RESET ROLE;

-- Row-level security on the inventory is respected by every function that reads it.
ALTER TABLE tradeup.vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON tradeup.vehicle FOR SELECT TO tradeup_desk USING (dealer = 'north');
SET ROLE tradeup_desk;
SELECT dealer, count(DISTINCT vehicle_id) FROM tradeup.offers('C1') GROUP BY dealer;
SELECT DISTINCT dealer FROM tradeup.best_offers('C1', 5);
SELECT DISTINCT dealer FROM tradeup.portfolio(5);
SELECT count(*) FROM tradeup.why_no_offer('C1', 'X1');
SELECT count(*) > 0 AS visible FROM tradeup.why_no_offer('C1', 'X2');
SELECT facets, facet, value, vehicles
FROM unnest('{plain,multi}'::text[]) facets,
     tradeup.search_counts('C1', '{"dealers": ["north", "south"]}', facets => facets, facet_fields => '{dealer,color}')
WHERE facet IN ('all', 'dealer', 'color') ORDER BY 1, 2, 3;
SELECT f ->> 'value' AS dealer
FROM tradeup.search_offers('C1', '{"dealers": ["south"]}', facets => 'multi', facet_fields => '{dealer}') d,
     jsonb_array_elements(d #> '{facets,dealer}') f;
SELECT DISTINCT i ->> 'dealer' AS dealer
FROM tradeup.search_offers('C1', per_tier => 1000) d, jsonb_array_elements(d -> 'columns') c,
     jsonb_array_elements(c -> 'items') i;
RESET ROLE;
-- A customer who is hidden is one who is unknown.
INSERT INTO tradeup.customer (customer_id, risk_profile, equity, current_payment, program)
VALUES ('C2', 'A1', 100000, 7000, 'mx-reference');
ALTER TABLE tradeup.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customer ON tradeup.customer FOR SELECT TO tradeup_desk USING (customer_id = 'C1');
SET ROLE tradeup_desk;
SELECT d -> 'unknown' AS unknown, c.key AS customer, count(*) > 0 AS offers, min(i ->> 'dealer') AS dealer, max(i ->> 'dealer')
FROM tradeup.search_offers_for('{C1,C2}', page_size => 1000, counts => false) d, jsonb_each(d -> 'customers') c,
     jsonb_array_elements(c.value -> 'items') i GROUP BY 1, 2;
RESET ROLE;
SELECT DISTINCT c.key AS customer, i ->> 'dealer' AS dealer
FROM tradeup.search_offers_for('{C1,C2}', page_size => 1000, counts => false) d, jsonb_each(d -> 'customers') c,
     jsonb_array_elements(c.value -> 'items') i ORDER BY 1, 2;
DROP POLICY own_customer ON tradeup.customer;
ALTER TABLE tradeup.customer DISABLE ROW LEVEL SECURITY;
DELETE FROM tradeup.customer WHERE customer_id = 'C2';
SELECT dealer, count(DISTINCT vehicle_id) FROM tradeup.offers('C1') GROUP BY dealer ORDER BY dealer;
DROP POLICY own_dealer ON tradeup.vehicle;
ALTER TABLE tradeup.vehicle DISABLE ROW LEVEL SECURITY;

-- What a vehicle cost is confidential: a role without that column has no offers of tradeup.vehicle, which show the gross, and all
-- offers of a view without it, as an inventory; saved as quotes, and with the policies of the table.
UPDATE tradeup.vehicle SET cost = 200000;
CREATE VIEW public.lot WITH (security_invoker = true) AS
SELECT v.vehicle_id, v.make, v.dealer, v.price, v.status FROM tradeup.vehicle v WHERE v.currency = 'MXN';
SELECT tradeup.register_inventory('public.lot', 'vehicle_id', 'price', 'MXN', make => 'make', dealer => 'dealer',
                                  status => 'status');
SELECT tradeup.grant_desk('tradeup_desk');
REVOKE SELECT ON tradeup.vehicle FROM tradeup_desk;
SELECT format('GRANT SELECT (%s) ON tradeup.vehicle TO tradeup_desk', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum))
FROM pg_attribute a
WHERE a.attrelid = 'tradeup.vehicle'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'cost' \gexec
GRANT SELECT ON public.lot TO tradeup_desk;
CREATE TEMP TABLE of_owner AS SELECT * FROM tradeup.offers('C1') WHERE dealer = 'north';
GRANT SELECT ON of_owner TO tradeup_desk;
CREATE POLICY own_dealer ON tradeup.vehicle FOR SELECT TO tradeup_desk USING (dealer = 'north');
ALTER TABLE tradeup.vehicle ENABLE ROW LEVEL SECURITY;
SET ROLE tradeup_desk;
SELECT cost FROM tradeup.vehicle;
SELECT count(*) FROM tradeup.offers('C1');
SELECT tradeup.save_quote('C1', 'X2', 60);
SELECT count(*) FROM tradeup.portfolio(2);
SELECT count(*) > 0 AS some, count(gross) AS gross FROM of_owner;
SELECT count(*) > 0 AS some, count(o.gross) AS gross,
       count(*) FILTER (WHERE to_jsonb(w) - 'gross' IS DISTINCT FROM to_jsonb(o) - 'gross') AS wrong
FROM tradeup.offers_in('lot', 'C1') o FULL JOIN of_owner w USING (vehicle_id, term);
SELECT count(*) FROM tradeup.best_offers_in('lot', 'C1', 2);
SELECT jsonb_array_length(tradeup.search_offers_in('lot', 'C1', page_size => 5, counts => false) -> 'items') AS found;
BEGIN;
SELECT count(*) FROM tradeup.save_quotes(ARRAY(SELECT o FROM tradeup.best_offers_in('lot', 'C1', 1) o));
ROLLBACK;
SELECT count(*) FROM tradeup.why_no_offer('C1', 'X2');
RESET ROLE;
DROP POLICY own_dealer ON tradeup.vehicle;
ALTER TABLE tradeup.vehicle DISABLE ROW LEVEL SECURITY;
SELECT tradeup.unregister_inventory('lot');
SELECT tradeup.revoke_grants('tradeup_desk');
DROP TABLE of_owner;
DROP VIEW public.lot;
GRANT USAGE ON SCHEMA tradeup TO tradeup_desk;

-- A search_path with traps before everything: functions and operators of the same names change nothing.
CREATE TEMP TABLE honest AS SELECT * FROM tradeup.offers('C1');
CREATE TEMP TABLE honest_best AS SELECT * FROM tradeup.best_offers('C1', 3);
CREATE SCHEMA trap;
CREATE FUNCTION trap.trap() RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trap was sprung'; END $$;
CREATE FUNCTION trap.least_trap(numeric, numeric) RETURNS boolean LANGUAGE sql AS 'SELECT trap.trap() IS NULL';
CREATE OPERATOR trap.<= (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = trap.least_trap);
CREATE OPERATOR trap.>= (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = trap.least_trap);
CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.textne);
CREATE FUNCTION trap.payment(tradeup.deal, numeric) RETURNS numeric LANGUAGE sql AS 'SELECT trap.trap()';
CREATE FUNCTION trap.abs(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT trap.trap()';
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT trap.trap()::text::timestamptz';
CREATE FUNCTION trap.count(text) RETURNS bigint LANGUAGE sql AS 'SELECT trap.trap()::bigint';
CREATE TABLE trap.vehicle (LIKE tradeup.vehicle);
CREATE TABLE trap.customer (LIKE tradeup.customer);
CREATE TEMP TABLE program (LIKE tradeup.program);
SET search_path = trap, pg_temp, tradeup, pg_catalog;
CREATE TEMP TABLE hostile AS SELECT * FROM tradeup.offers('C1');
CREATE TEMP TABLE hostile_best AS SELECT * FROM tradeup.best_offers('C1', 3);
INSERT INTO tradeup.program (name, currency) VALUES ('trapped', 'MXN');
INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('trapped', 1, 'x', 0.1, 0);
INSERT INTO tradeup.program_term (program, version, term) VALUES ('trapped', 1, 12);
SELECT tradeup.publish_program('trapped') IS NOT NULL AS published;
UPDATE tradeup.program_term SET term = 13 WHERE program OPERATOR(pg_catalog.=) 'trapped';
RESET search_path;
SELECT (SELECT count(*) FROM (TABLE honest EXCEPT TABLE hostile) x) AS missing,
    (SELECT count(*) FROM (TABLE hostile EXCEPT TABLE honest) x) AS added,
       (SELECT count(*) FROM hostile) > 0 AS some;
SELECT (SELECT count(*) FROM (TABLE honest_best EXCEPT TABLE hostile_best) x) AS missing,
    (SELECT count(*) FROM hostile_best) > 0 AS some;

-- No function runs with its owner's rights, and every plpgsql function pins its search_path.
SELECT count(*) FILTER (WHERE p.prosecdef) AS security_definer,
       count(*) FILTER (WHERE l.lanname = 'plpgsql'
           AND (p.proconfig @> '{"search_path=pg_catalog, pg_temp"}') IS NOT TRUE) AS unpinned,
       count(*) FILTER (WHERE l.lanname = 'sql' AND p.prosqlbody IS NULL) AS sql_bodies_as_text
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace::regnamespace::text LIKE 'tradeup%';

ALTER TABLE tradeup.program DISABLE TRIGGER protect_published_program;
ALTER TABLE tradeup.program_profile DISABLE TRIGGER protect_published_parts;
ALTER TABLE tradeup.program_term DISABLE TRIGGER protect_published_parts;
DELETE FROM tradeup.program WHERE name = 'trapped';
ALTER TABLE tradeup.program ENABLE TRIGGER protect_published_program;
ALTER TABLE tradeup.program_profile ENABLE TRIGGER protect_published_parts;
ALTER TABLE tradeup.program_term ENABLE TRIGGER protect_published_parts;
DROP TABLE pg_temp.program;
SET client_min_messages = warning;
DROP SCHEMA trap CASCADE;
DELETE FROM tradeup.customer;
DELETE FROM tradeup.vehicle;
REVOKE ALL ON ALL TABLES IN SCHEMA tradeup FROM tradeup_desk;
REVOKE ALL ON SCHEMA tradeup FROM tradeup_desk;
DROP ROLE tradeup_desk;
