-- The type deal, the amounts it gives at a price, its windows and schedules.
SET search_path = tradeup, public;
SET extra_float_digits = 0;

-- A deal is useful on its own: a loan of a price less the equity.
SELECT deal(annual_rate => 0.0599, term => 60, equity => 5000);
SELECT payment(deal(annual_rate => 0.0599, term => 60, equity => 5000), 30000);
SELECT payment(deal(annual_rate => 0, term => 36), 36000) AS no_interest,
    payment(deal(annual_rate => 0.24, term => 1), 1000) AS one_month;

-- One offer of the reference program, every amount of it.
CREATE TEMP TABLE d AS SELECT deal(
    annual_rate => 0.1949, term => 48, equity => 241762.5, current_payment => 11333.19, current_price => 292999,
    down_payment_rate => 0.30, service_fee_rate => 0.04,
    terms => '{"interest_tax_rate": 0.16, "opening_fee_rate": 0.04, "protection": 25000, "insurance": 10999,
        "insurance_renewed": true, "gps_installation": 750, "gps_monthly": 350, "gps_tax_rate": 0.16, "installation_from_equity": true,
        "installation_in_first_payment": true, "margin_cost": 2000}') AS deal;
SELECT payment(deal, 384999), round(payment_unrounded(deal, 384999)::numeric, 9) AS unrounded, payment_change(deal, 384999),
    tier(deal, 384999),
       tier_rank(deal, 384999) FROM d;
SELECT payment(deal, 584999), payment_change(deal, 584999), tier(deal, 584999), tier_rank(deal, 584999) FROM d;
SELECT loan_amount(deal, 384999), effective_equity(deal, 384999), service_fee(deal, 384999), opening_fee(deal, 384999),
       margin(deal, 384999), interest_npv(deal, 384999) FROM d;
SELECT round(interest_npv(170945.42, 0.1949, 48, 0.16)::numeric, 6), interest_npv(0, 0.2, 12), interest_npv(1000, 0, 12);

-- Windows are closed intervals of prices; the tier agrees with them to the cent.
SELECT w.* FROM d, windows(deal) w;
SELECT w.rank, w.tier IS NOT DISTINCT FROM tier(deal, w.lowest_price) AS at_lowest,
    w.tier IS NOT DISTINCT FROM tier(deal, w.highest_price) AS at_highest,
       tier(deal, w.lowest_price - 0.01) AS below, tier(deal, w.highest_price + 0.01) AS above
FROM d, windows(deal) w;
SELECT eligible(deal, 292999), eligible(deal, 292999.01), lowest_price(deal), highest_price(deal),
       lowest_price(deal, true) AS lowest_tiered, highest_price(deal, true) AS highest_tiered FROM d;
SELECT p.price, payment(deal, p.price), payment(deal, p.price + 0.01) AS one_cent_dearer
FROM d, LATERAL (SELECT price_for_payment(deal, 11333.19) AS price) p;

-- The same program for another customer, rate and term: as if the deal had been made with them.
SELECT deal_for(deal, 0.2249, 60, 300000, 9000, 250000)::text = replace(replace(replace(replace(replace(deal::text,
           'annual_rate=0.1949', 'annual_rate=0.2249'), 'term=48', 'term=60'), 'equity=241762.5', 'equity=300000'),
           'current_payment=11333.19', 'current_payment=9000'), 'current_price=292999', 'current_price=250000') AS same FROM d;
SELECT deal_for(deal(annual_rate => 0.06, term => 60, current_payment => 500, terms => '{"protection": 25}'), 0.07,
    72) AS without_the_old_customer,
       deal_for(NULL, 0.07, 72) IS NULL AND deal_for(deal(0.06, 60), NULL, 72) IS NULL
           AND deal_for(deal(0.06, 60), 0.07, 72, NULL) IS NULL AS nulls;

-- Without a current payment there is no change and no tier, and one window.
SELECT payment_change(deal(annual_rate => 0.06, term => 60), 30000), tier(deal(annual_rate => 0.06, term => 60), 30000);
SELECT * FROM windows(deal(annual_rate => 0.06, term => 60));
-- All terms by name; nothing, null and an empty object are the defaults; the last of the same objects counts for no other row.
SELECT deal(0.06, 60, terms => '{"interest_tax_rate": 0.16, "sales_tax_rate": 0.01, "document_fee": 2, "opening_fee_rate": 0.03,
    "opening_fee_tax_rate": 0.15, "opening_fee_less_equity": true, "bonus": 4, "protection": 5, "insurance": 6,
    "insurance_months": 7, "insurance_renewed": true, "gps_installation": 8, "gps_monthly": 9, "gps_tax_rate": 0.1,
    "installation_from_equity": true, "installation_financed": true, "installation_in_first_payment": true, "margin_cost": 11,
    "margin_service_fee": false, "margin_opening_fee": false, "margin_protection": true, "max_change": 1.2, "max_component": 13,
    "max_financed": 14, "change_digits": 4, "minor_digits": 3, "rounding": "half_even", "tiers": "All [,]"}');
SELECT deal(0.06, 60)::text = deal(0.06, 60, terms => '{}')::text AS same, deal(0.06, 60, terms => NULL) AS standing,
       deal(0.06, 60, terms => '{"max_change": null, "max_component": null, "max_financed": null, "change_digits": null,
           "tiers": null}');
SELECT deal(0.06, 60, terms => t)
FROM (VALUES (1, '{"bonus": 1}'::jsonb), (2, '{"bonus": 1}'), (3, '{"bonus": 2}'), (4, NULL), (5, '{"bonus": 1}'),
             (6, '{}')) x (n, t)
ORDER BY n;
SELECT * FROM windows(deal(annual_rate => 0.06, term => 60, current_payment => 500,
                           terms => '{"tiers": "Less (,0), Same [0,0], More (0,)"}'));
SELECT * FROM windows(deal(annual_rate => 0.06, term => 60, current_payment => 500, terms => '{"tiers": null}'));
-- An empty range: the equity covers less than the down payment of any vehicle that is dear enough.
SELECT count(*)
FROM windows(deal(annual_rate => 0.06, term => 60, current_price => 50000, equity => 1000, down_payment_rate => 0.5));
SELECT lowest_price(deal(annual_rate => 0.06, term => 60, current_price => 50000, equity => 1000,
    down_payment_rate => 0.5)) IS NULL AS none;

-- The text of a deal comes back as the same value, also in binary.
SELECT deal FROM d;
SELECT deal::text::deal::text = deal::text AS same_text,
       tradeup_internal.deal_send(deal::text::deal) = tradeup_internal.deal_send(deal) AS same_binary FROM d;
SELECT 'v1 annual_rate=0.1 term=12 tiers="Plain [0,1]" rounding=down minor_digits=0 change_digits=4 current_payment=100'::deal;
SELECT 'v1 term=12 annual_rate=0.100 equity=5.0'::deal;

-- Rounding modes, at a payment of exactly 0.125, 0.135 and of minus half a cent.
SELECT r AS rounding, payment(deal(annual_rate => 0, term => 2, terms => jsonb_build_object('rounding', r)), 0.25) AS "0.125",
    payment(deal(annual_rate => 0, term => 2, terms => jsonb_build_object('rounding', r)), 0.27) AS "0.135",
       payment(deal(annual_rate => 0, term => 2, equity => 0.26, terms => jsonb_build_object('rounding', r)), 0.25) AS "-0.005"
FROM unnest('{half_up,half_even,up,down}'::text[]) r;
-- Currencies with 0, 3 and 4 decimals.
SELECT m AS minor_digits, payment(deal(annual_rate => 0.05, term => 36, terms => jsonb_build_object('minor_digits', m)), 1000000)
FROM unnest('{0,2,3,4}'::int[]) m;

-- A tier decided on the rounded change: 5.004 percent is 5.00 percent with 4 decimals.
SELECT c AS change_digits, payment_change(x, 1.05004 * 36000), tier(x, 1.05004 * 36000)
FROM unnest('{4,5,NULL}'::int[]) c, LATERAL deal(annual_rate => 0, term => 36, current_payment => 1000,
    terms => jsonb_build_object('change_digits', c)) x;

-- Schedules: the first payment is the quoted one, the principal adds up, the last balance is zero.
SELECT s.* FROM d, schedule(deal, 384999) s WHERE s.number IN (1, 2, 12, 13, 47, 48);
SELECT sum(principal) = sum(financed) AS principal_is_what_was_financed, min(closing_balance), max(number),
       bool_or(number = 1 AND s.payment = payment(deal, 384999)) AS first_is_quoted,
       bool_and(s.payment = principal + interest + charges + tax) AS adds_up
FROM d, schedule(deal, 384999) s;
SELECT * FROM schedule(deal(annual_rate => 0, term => 3), 100);
SELECT month, round(principal::numeric, 6) AS principal, round(interest::numeric, 6) AS interest,
    round(payment::numeric, 6) AS payment,
       round(closing_balance::numeric, 6) AS closing FROM d, reference_schedule(deal, 384999) WHERE month IN (1, 13, 48);

-- Why there is no offer.
SELECT (refusal(deal, price)).* FROM d, unnest('{200000, 384999, 900000}'::numeric[]) price;

-- Numerics are written digit by digit: bit for bit what PostgreSQL's own input makes of the same digits.
SELECT count(*) AS compared, count(*) FILTER (WHERE numeric_send(x) = numeric_send(x::text::numeric)
                                                AND hash_numeric(x) = hash_numeric(x::text::numeric)) AS same
FROM (SELECT payment(deal(annual_rate => 0, term => 1, equity => e, terms => jsonb_build_object('minor_digits', m)),
                     p / power(10::numeric, m)) AS x
      FROM generate_series(0, 4) m, unnest('{0,1,1000,5000.5,10000000}'::numeric[]) e,
           unnest('{0,1,9,10,99,100,101,9999,10000,10001,99999999,100000000,1234567890123,99999999999999}'::numeric[]) p
      WHERE e = round(e, m)
      UNION ALL
      SELECT payment_change(deal(annual_rate => 0, term => 1, current_payment => 7), p)
      FROM unnest('{0,0.01,6.99,7,7.01,70000,7000000000}'::numeric[]) p) x;
-- Prices in every form that a numeric takes on disk.
CREATE TEMP TABLE prices AS SELECT price
FROM unnest('{0, 0.00, 0.01, 1e3, 100000.00, 10000, 10000.10, 99999999999.99, 1000000000000}'::numeric[]) price;
SELECT price, payment(deal(annual_rate => 0, term => 1), price) FROM prices;
