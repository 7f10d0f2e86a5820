-- Bad input: an error with its SQLSTATE, the value in the detail, the remedy in the hint; nothing changed, the session alive.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on

-- What a statement raises: SQLSTATE, message, detail, and the beginning of the hint.
CREATE FUNCTION pg_temp.raised(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
    result text;
BEGIN
    EXECUTE statement INTO result;
    RETURN 'no error: ' || coalesce(result, 'null');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(left(detail, 100), ''), nullif(left(hint, 60), ''));
END $$;

-- Terms of a deal.
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 0)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 1000)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => -1, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 11, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 4.9, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 1.0000000000000001, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_percent => 1000.1, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_percent => -1, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_percent => 0.12345678901234567, term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.049, term => 12, annual_percent => 4.9)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.049)$$);
SELECT pg_temp.raised($$SELECT concat_ws(' ', deal(annual_percent => 4.9, term => 12), deal(annual_percent => 150, term => 12), deal(1, 12))$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => NULL, term => 12)$$);
SELECT pg_temp.raised($$SELECT affordable(20000, 400, 4.9, 60)$$);
SELECT pg_temp.raised($$SELECT price_for_payment(400, 1.01, 60)$$);
SELECT pg_temp.raised($$SELECT interest_npv(1000, 4.9, 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 'NaN', term => 12)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, equity => 'Infinity')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, equity => 1e13)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, equity => 1e100)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, equity => 0.1234567890123456789)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, current_payment => 0)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, current_payment => -5000)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, down_payment_rate => 1.01)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"bonus": -1}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"minor_digits": 5}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"change_digits": 10}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"rounding": "nearest"}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"tiers": "Refresh"}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"tiers": "A [0,1], A (1,2]"}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"tiers": "A [0,1], B [1,2]"}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"tiers": "A [1,0]"}')$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => '{"tiers": "A [0,x]"}')$$);

-- Null: absent where that means something, otherwise no deal.
SELECT deal(annual_rate => 0.1, term => NULL) IS NULL AS no_term,
    deal(annual_rate => 0.1, term => 12, equity => NULL) IS NULL AS no_equity,
       deal(annual_rate => 0.1, term => 12, current_payment => NULL) IS NULL AS no_payment;
SELECT payment(NULL, 1) IS NULL AS no_deal, payment(deal(annual_rate => 0.1, term => 12), NULL) IS NULL AS no_price;

-- Prices.
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), -1)$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 100.123)$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 250000.00000000003)$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12, terms => '{"minor_digits": 0}'), 100.5)$$);
-- The rare terms as JSON: what is wrong, where, and what is allowed.
SELECT pg_temp.raised(format('SELECT deal(0.1, 12, terms => %L)', t)) FROM unnest(ARRAY['5', '[]', 'null', '"v1"',
    '{"bonuss": 1}', '{"equity": 1}', '{"annual_percent": 5}', '{"max_price": 1}', '{"bonus": "1"}', '{"bonus": null}',
    '{"bonus": {"a": 1}}', '{"bonus": 1e30}', '{"bonus": 1.0000000000000000001}', '{"insurance_months": 1.5}',
    '{"insurance_months": 0}', '{"insurance_renewed": 1}', '{"max_financed": "all"}',
    '{"rounding": 1}', '{"rounding": null}', '{"tiers": ["A"]}',
    '{"change_digits": 2.5}', '{"insurance_renewed": null}']) t;
SELECT deal(0.1, 12, terms => '{"max_change": 200000}');
SELECT deal(0.1, 12, terms => '{"gps": 1}');
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 'NaN')$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 'Infinity')$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), '-Infinity')$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 1000000000000.01)$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 1e50)$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 1e-50)$$);
SELECT pg_temp.raised($$SELECT payment_change(deal(annual_rate => 0.1, term => 12, current_payment => 0.000000000000000001), 1e9)$$);
SELECT pg_temp.raised($$SELECT tier(deal(annual_rate => 0.1, term => 12), 100.123)$$);
SELECT pg_temp.raised($$SELECT price_for_payment(deal(annual_rate => 0.1, term => 12), -1)$$);
SELECT pg_temp.raised($$SELECT price_for_payment(deal(annual_rate => 0.1, term => 60, equity => 5000), -0.005)$$);
SELECT pg_temp.raised($$SELECT price_for_payment(deal(annual_rate => 0, term => 1), 10.999999999999999999999)$$);
SELECT pg_temp.raised($$SELECT payment(deal(annual_rate => 0.1, term => 12), 12345.000000000000000001)$$);
SELECT pg_temp.raised($$SELECT deal(annual_rate => 0.1, term => 12, terms => jsonb_build_object('rounding', 'x' || repeat('é', 100)))$$);
SELECT pg_temp.raised($$INSERT INTO customer (customer_id, risk_profile, equity) VALUES ('C9', 'A', 3000.00000000000000001)$$);
SELECT pg_temp.raised($$SELECT count(*) FROM schedule(deal(annual_rate => 0.1, term => 12, equity => 100), 100)$$);
SELECT pg_temp.raised($$SELECT interest_npv(-1, 0.1, 12)$$);
SELECT pg_temp.raised($$SELECT interest_npv('NaN', 0.1, 12)$$);
SELECT pg_temp.raised($$SELECT interest_npv(1000, 'NaN', 12)$$);
SELECT pg_temp.raised($$SELECT interest_npv(1000, 0.1, 0)$$);

-- The text of a deal.
SELECT pg_temp.raised($$SELECT 'nonsense'::deal$$);
SELECT pg_temp.raised($$SELECT ''::deal$$);
SELECT pg_temp.raised($$SELECT 'v1'::deal$$);
SELECT pg_temp.raised($$SELECT 'v2 annual_rate=0.1 term=12'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1 term=12 term=13'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1 term=12 colour=red'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1x term=12'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1 term=1.5'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1 term=12 tiers="A [0,1]'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1 term=12 insurance_renewed=maybe'::deal$$);
SELECT pg_temp.raised($$SELECT 'v1 annual_rate=0.1 term=12 equity=1234567890123456789012345'::deal$$);

-- Names that nothing bears.
SELECT pg_temp.raised($$SELECT count(*) FROM offers('nobody', 'mx-reference')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM deals(NULL, 'mx-reference')$$);
INSERT INTO customer (customer_id, risk_profile, current_payment) VALUES ('C1', 'no such profile', 100);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'no-such-program')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM why_no_offer('C1', 'no such vehicle', 'mx-reference')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM why_no_offer('nobody', 'no such vehicle', 'mx-reference')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM best_offers('C1', 3, 'mx-reference', rank_by => 'luck')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM best_offers('C1', 3, 'mx-reference', rank_by => NULL)$$);
SELECT pg_temp.raised($$SELECT count(*) FROM portfolio(3, rank_by => 'luck')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM portfolio(3, 'no-such-program')$$);
-- An unknown profile is no error: there is no offer, and why_no_offer says so.
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference')$$);

-- Overrides.
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonos": 5000}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '[1]')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '"bonus"')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', 'null')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"terms": 48}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"terms": []}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"terms": [48.5]}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"terms": ["48"]}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"terms": [[48]]}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"terms": [1e30, 48.0000000000000000000001]}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM portfolio(3, 'mx-reference', '{"x": {"y": [1, {"z": null}]}}')$$);
UPDATE customer SET risk_profile = 'A1';
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": 10000.01}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": "5000"}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": null}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": true}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": {"a": 1}}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": 1e400}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonus": 0.1234567890123456789012345}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"annual_rate": -0.1}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"annual_percent": 100.01}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"annual_rate": 1.9}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"annual_rate": 0.049, "annual_percent": 4.9}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"annual_percent": "4.9"}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"annual_percent": 0.12345678901234567}')$$);
SELECT o, (SELECT d.annual_rate FROM deals('C1', 'mx-reference', o) d WHERE d.term = 48) AS rate
FROM unnest(ARRAY['{"annual_rate": 0.9}', '{"annual_rate": 1}', '{"annual_percent": 0.9}', '{"annual_percent": 1}',
    '{"annual_percent": 1.9}',
                  '{"annual_percent": 100}']::jsonb[]) o;
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"service_fee_rate": 0.0501}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"protection": "on"}')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM offers('C1', 'mx-reference', '{"insurance": -0.01}')$$);

SELECT pg_temp.raised($$SELECT count(*) FROM portfolio(-1, 'mx-reference')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM best_offers('C1', -1, 'mx-reference')$$);
SELECT pg_temp.raised($$SELECT count(*) FROM best_offers('C1', NULL, 'mx-reference')$$);

-- Functions that take nulls, called with them.
SELECT pg_temp.raised(format('SELECT tradeup_internal.%s(%s)', f, concat_ws(', ', a, b, c)))
FROM (VALUES ('require_not_negative', '''what''', '-1', NULL), ('require_one_of', '''what''', '''x''', '''{a}'''),
    ('require_known', '''kind''', '''x''', '''y'''),
             ('term_wanted', '''{"terms": [1]}''', '1', NULL), ('overridden', '''{"bonus": 1}''', '''bonus''', '1, 2'),
             ('require_overrides', '''{}''', NULL, NULL)) v (f, x, y, z),
     LATERAL (VALUES (x, y, z), ('NULL', y, z), (x, 'NULL', z), (x, y, 'NULL' || substr(z, 0, 0)), ('NULL', 'NULL', z),
         ('NULL', 'NULL', 'NULL' || substr(z, 0, 0))) n (a, b, c)
WHERE (f <> 'overridden' OR c LIKE '%,%') AND (f <> 'require_overrides' OR b IS NULL);

-- The hint in full, once.
SELECT count(*) FROM offers('C1', 'mx-reference', '{"bonos": 5000}');

-- The session is as it was.
SELECT payment(deal(annual_rate => 0.1, term => 12), 1000), (SELECT count(*) FROM customer) AS customers;
DELETE FROM customer;
