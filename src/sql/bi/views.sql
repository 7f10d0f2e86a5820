-- Views for analysts and their tools: columns have a type of a size, and no key is null.

CREATE VIEW tradeup_bi.offers_today WITH (security_invoker = true) AS
SELECT tradeup_internal.today() AS day, r.currency::varchar(3) AS currency, o.program::varchar(255) AS program,
       o.version AS program_version, s.names[o.group_number]::varchar(255) AS dealer, o.term,
       coalesce(o.tier, 'no tier')::varchar(255) AS tier, coalesce(o.tier_rank, 0) AS tier_rank, o.offers,
       o.margin::numeric(24,4) AS margin
FROM tradeup_internal.profiles_by_stock(NULL::text, NULL::tradeup.any_json) r,
     LATERAL tradeup_internal.grouped_stock(r.currency, r.min_year, r.max_kilometers, r.makes, NULL::bigint) s,
     LATERAL tradeup_internal.offers_by_group(s.prices, s.groups, r.profiles) o;
COMMENT ON VIEW tradeup_bi.offers_today IS
    'The offers of today, all customers by all available vehicles by all terms, counted by program, dealer, term and tier';
COMMENT ON COLUMN tradeup_bi.offers_today.day IS 'Today, in UTC';
COMMENT ON COLUMN tradeup_bi.offers_today.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.offers_today.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.offers_today.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.offers_today.dealer IS 'Dealer that has the vehicles, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.offers_today.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.offers_today.tier IS 'Tier of the offers, or "no tier"';
COMMENT ON COLUMN tradeup_bi.offers_today.tier_rank IS 'Rank of the tier; 0: no tier';
COMMENT ON COLUMN tradeup_bi.offers_today.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup_bi.offers_today.margin IS 'Sum of their margins';

CREATE VIEW tradeup_bi.price_by_term WITH (security_invoker = true) AS
SELECT o.currency::varchar(3) AS currency, o.program::varchar(255) AS program, o.version AS program_version, o.term,
       (o.lowest / power(10::numeric, o.digits))::numeric(18,4) AS price_from,
       ((o.lowest + o.step) / power(10::numeric, o.digits))::numeric(18,4) AS price_to, o.vehicles,
       sum(o.offers)::bigint AS offers, coalesce(sum(o.offers) FILTER (WHERE o.tier IS NOT NULL), 0)::bigint AS offers_in_tier,
       sum(o.margin)::numeric(24,4) AS margin
FROM (SELECT r.currency, tradeup.currency_digits(r.currency) AS digits, b.step, s.names[x.group_number]::numeric AS lowest,
             s.vehicles[x.group_number] AS vehicles, x.program, x.version, x.term, x.tier, x.offers, x.margin
      FROM tradeup_internal.profiles_by_stock(NULL::text, NULL::tradeup.any_json) r,
           LATERAL (SELECT tradeup_internal.round_step(max(v.price_minor) - min(v.price_minor), 25) AS step
                    FROM tradeup.vehicle v WHERE v.status = 'available' AND v.currency = r.currency) b,
           LATERAL tradeup_internal.grouped_stock(r.currency, r.min_year, r.max_kilometers, r.makes, b.step) s,
           LATERAL tradeup_internal.offers_by_group(s.prices, s.groups, r.profiles) x
      WHERE b.step IS NOT NULL) o
GROUP BY o.currency, o.program, o.version, o.term, o.lowest, o.step, o.digits, o.vehicles;
COMMENT ON VIEW tradeup_bi.price_by_term IS
    'The offers of today by band of prices and term, for a heat map; at most 26 bands in a currency';
COMMENT ON COLUMN tradeup_bi.price_by_term.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.price_by_term.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.price_by_term.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.price_by_term.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.price_by_term.price_from IS 'Lowest price of the band';
COMMENT ON COLUMN tradeup_bi.price_by_term.price_to IS 'First price above it';
COMMENT ON COLUMN tradeup_bi.price_by_term.vehicles IS 'Available vehicles of the band that the program finances';
COMMENT ON COLUMN tradeup_bi.price_by_term.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup_bi.price_by_term.offers_in_tier IS 'Number of those that are in a tier';
COMMENT ON COLUMN tradeup_bi.price_by_term.margin IS 'Sum of the margins of all';

CREATE VIEW tradeup_bi.affordability WITH (security_invoker = true) AS
WITH grid AS MATERIALIZED (
    SELECT x.currency, x.digits, array_agg(p ORDER BY p) AS prices
    FROM (SELECT v.currency, tradeup.currency_digits(v.currency) AS digits, min(v.price_minor) AS lowest,
                 max(v.price_minor) AS highest, tradeup_internal.round_step(max(v.price_minor) - min(v.price_minor), 50) AS step
          FROM tradeup.vehicle v WHERE v.status = 'available' GROUP BY v.currency) x,
         LATERAL generate_series(x.lowest / x.step * x.step,
                                 least((x.highest + x.step - 1) / x.step * x.step, 100000000000000), x.step) p
    GROUP BY x.currency, x.digits
), reached AS (
    SELECT g.currency, c.price_minor, sum(c.customers)::bigint AS customers, sum(c.in_tier)::bigint AS in_tier,
           sum(n.customers)::bigint AS all_customers
    FROM grid g, tradeup_internal.profiles_by_stock(NULL::text, NULL::tradeup.any_json) r,
         LATERAL tradeup_internal.customers_by_price(g.prices, r.profiles) c,
         LATERAL (SELECT sum(cardinality(f.customer_ids)) AS customers FROM unnest(r.profiles) f) n
    WHERE r.currency = g.currency
    GROUP BY g.currency, c.price_minor
), up_to AS MATERIALIZED (
    SELECT v.currency, width_bucket(v.price_minor - 1, g.prices) AS place, count(*) AS vehicles
    FROM tradeup.vehicle v, grid g WHERE v.status = 'available' AND g.currency = v.currency
    GROUP BY v.currency, width_bucket(v.price_minor - 1, g.prices)
)
SELECT c.currency::varchar(3) AS currency, (c.price_minor / power(10::numeric, g.digits))::numeric(18,4) AS price,
       c.customers, c.in_tier AS customers_in_tier, c.all_customers,
       coalesce(c.customers::numeric / nullif(c.all_customers, 0), 0::numeric)::numeric(7,6) AS share,
       (SELECT coalesce(sum(u.vehicles), 0) FROM up_to u
        WHERE u.currency = c.currency AND u.place < array_position(g.prices, c.price_minor))::bigint AS vehicles
FROM reached c, grid g
WHERE g.currency = c.currency;
COMMENT ON VIEW tradeup_bi.affordability IS
    'How many customers can have a vehicle at each price, at any term; at most 52 prices in a currency';
COMMENT ON COLUMN tradeup_bi.affordability.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.affordability.price IS 'A price';
COMMENT ON COLUMN tradeup_bi.affordability.customers IS 'Customers for whom a vehicle at this price makes an offer, at any term';
COMMENT ON COLUMN tradeup_bi.affordability.customers_in_tier IS 'Customers for whom it makes an offer in a tier';
COMMENT ON COLUMN tradeup_bi.affordability.all_customers IS 'All customers whose program is in this currency';
COMMENT ON COLUMN tradeup_bi.affordability.share IS 'Part of all customers, 0 to 1, for whom it makes an offer';
COMMENT ON COLUMN tradeup_bi.affordability.vehicles IS 'Available vehicles up to this price';

CREATE VIEW tradeup_bi.best_offer WITH (security_invoker = true) AS
SELECT o.customer_id::varchar(255) AS customer_id, o.currency::varchar(3) AS currency, o.program::varchar(255) AS program,
       o.version AS program_version, o.profile::varchar(255) AS profile, o.vehicle_id::varchar(255) AS vehicle_id,
       coalesce(o.make, 'unknown')::varchar(255) AS make, coalesce(o.model, 'unknown')::varchar(255) AS model,
       coalesce(o.dealer, 'no dealer')::varchar(255) AS dealer, o.price::numeric(18,4) AS price, o.term,
       o.annual_rate::numeric(20,18) AS annual_rate, coalesce(o.tier, 'no tier')::varchar(255) AS tier,
       coalesce(o.tier_rank, 0) AS tier_rank, o.current_payment::numeric(26,12) AS current_payment,
       o.monthly_payment::numeric(18,4) AS monthly_payment, o.payment_change::numeric(24,6) AS payment_change,
       o.loan_amount::numeric(18,4) AS loan_amount, o.margin::numeric(18,4) AS margin
FROM tradeup.portfolio(1, NULL::text, NULL::tradeup.any_json, 'margin'::text) o;
COMMENT ON VIEW tradeup_bi.best_offer IS
    'The best offer of each customer who has one, by margin';
COMMENT ON COLUMN tradeup_bi.best_offer.customer_id IS 'Identifier of the customer';
COMMENT ON COLUMN tradeup_bi.best_offer.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.best_offer.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.best_offer.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.best_offer.profile IS 'Risk profile of the customer';
COMMENT ON COLUMN tradeup_bi.best_offer.vehicle_id IS 'Identifier of the vehicle';
COMMENT ON COLUMN tradeup_bi.best_offer.make IS 'Make, or "unknown"';
COMMENT ON COLUMN tradeup_bi.best_offer.model IS 'Model, or "unknown"';
COMMENT ON COLUMN tradeup_bi.best_offer.dealer IS 'Dealer that has the vehicle, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.best_offer.price IS 'Price of the vehicle';
COMMENT ON COLUMN tradeup_bi.best_offer.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.best_offer.annual_rate IS 'Annual rate as a fraction';
COMMENT ON COLUMN tradeup_bi.best_offer.tier IS 'Tier of the offer, or "no tier"';
COMMENT ON COLUMN tradeup_bi.best_offer.tier_rank IS 'Rank of the tier; 0: no tier';
COMMENT ON COLUMN tradeup_bi.best_offer.current_payment IS 'Monthly payment now; null: unknown';
COMMENT ON COLUMN tradeup_bi.best_offer.monthly_payment IS 'What the payments of the offer come to in a month';
COMMENT ON COLUMN tradeup_bi.best_offer.payment_change IS 'Payment against the current one, as a fraction; null: unknown';
COMMENT ON COLUMN tradeup_bi.best_offer.loan_amount IS 'Amount financed';
COMMENT ON COLUMN tradeup_bi.best_offer.margin IS 'Margin of the offer';

CREATE VIEW tradeup_bi.inventory_age WITH (security_invoker = true) AS
SELECT x.currency::varchar(3) AS currency, x.dealer::varchar(255) AS dealer, x.make::varchar(255) AS make,
       (ARRAY['0-30', '31-60', '61-90', '91-180', 'over 180', 'unknown'])[x.age_rank]::varchar(8) AS age, x.age_rank,
       count(*) AS vehicles, sum(x.price)::numeric(24,4) AS value, sum(x.days)::bigint AS days,
       avg(x.days)::numeric(12,1) AS mean_days
FROM (SELECT v.currency, coalesce(v.dealer, 'no dealer') AS dealer, coalesce(v.make, 'unknown') AS make, v.price, d.days,
             CASE WHEN d.days <= 30 THEN 1 WHEN d.days <= 60 THEN 2 WHEN d.days <= 90 THEN 3 WHEN d.days <= 180 THEN 4
                  WHEN d.days IS NOT NULL THEN 5 ELSE 6 END AS age_rank
      FROM tradeup.vehicle v,
           LATERAL (SELECT CASE WHEN isfinite(v.listed_on)
                                THEN greatest(tradeup_internal.today() - v.listed_on, 0) END AS days) d
      WHERE v.status IN ('available', 'reserved')) x
GROUP BY x.currency, x.dealer, x.make, x.age_rank;
COMMENT ON VIEW tradeup_bi.inventory_age IS
    'Vehicles that are available or reserved, by dealer, make and how long they have been listed';
COMMENT ON COLUMN tradeup_bi.inventory_age.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.inventory_age.dealer IS 'Dealer that has the vehicles, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.inventory_age.make IS 'Make, or "unknown"';
COMMENT ON COLUMN tradeup_bi.inventory_age.age IS 'Days since they were listed: 0-30, 31-60, 61-90, 91-180, over 180 or unknown';
COMMENT ON COLUMN tradeup_bi.inventory_age.age_rank IS 'Order of these words, from 1';
COMMENT ON COLUMN tradeup_bi.inventory_age.vehicles IS 'Number of vehicles';
COMMENT ON COLUMN tradeup_bi.inventory_age.value IS 'Sum of their prices';
COMMENT ON COLUMN tradeup_bi.inventory_age.days IS 'Sum of their days in stock; null: unknown';
COMMENT ON COLUMN tradeup_bi.inventory_age.mean_days IS 'Mean of their days in stock; null: unknown';

CREATE VIEW tradeup_bi.inventory_turn WITH (security_invoker = true) AS
SELECT y.currency::varchar(3) AS currency, y.dealer::varchar(255) AS dealer, y.in_stock, y.value::numeric(24,4) AS value,
       y.in_stock_a_year_ago, y.sold_30_days, y.sold_90_days, y.sold_365_days,
       y.mean_days_to_sell::numeric(12,1) AS mean_days_to_sell,
       (2 * y.sold_365_days::numeric / nullif(y.in_stock + y.in_stock_a_year_ago, 0))::numeric(14,3) AS turn_rate,
       (90 * y.in_stock::numeric / nullif(y.sold_90_days, 0))::numeric(14,1) AS days_of_supply
FROM (SELECT x.currency, x.dealer, count(*) FILTER (WHERE x.here) AS in_stock,
             coalesce(sum(x.price) FILTER (WHERE x.here), 0) AS value,
             count(*) FILTER (WHERE x.listed_on <= x.today - 365 AND (x.here OR x.sold_on > x.today - 365))
                 AS in_stock_a_year_ago,
             count(*) FILTER (WHERE x.sold_on > x.today - 30) AS sold_30_days,
             count(*) FILTER (WHERE x.sold_on > x.today - 90) AS sold_90_days,
             count(*) FILTER (WHERE x.sold_on > x.today - 365) AS sold_365_days,
             avg(x.sold_on - x.listed_on) FILTER (WHERE x.sold_on > x.today - 365 AND x.sold_on >= x.listed_on)
                 AS mean_days_to_sell
      FROM (SELECT v.currency, coalesce(v.dealer, 'no dealer') AS dealer, v.price, tradeup_internal.today() AS today,
                   v.status IN ('available', 'reserved') AS here,
                   CASE WHEN isfinite(v.listed_on) THEN v.listed_on END AS listed_on,
                   CASE WHEN v.status = 'sold' AND v.sold_on <= tradeup_internal.today() AND isfinite(v.sold_on)
                        THEN v.sold_on END AS sold_on
            FROM tradeup.vehicle v) x
      GROUP BY x.currency, x.dealer) y
WHERE y.in_stock > 0 OR y.sold_365_days > 0;
COMMENT ON VIEW tradeup_bi.inventory_turn IS
    'What each dealer has in stock and sold in a year, and how often the stock turns over';
COMMENT ON COLUMN tradeup_bi.inventory_turn.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.inventory_turn.dealer IS 'Dealer, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.inventory_turn.in_stock IS 'Vehicles that are available or reserved';
COMMENT ON COLUMN tradeup_bi.inventory_turn.value IS 'Sum of their prices';
COMMENT ON COLUMN tradeup_bi.inventory_turn.in_stock_a_year_ago IS 'Vehicles that were listed by then, and sold later or not yet';
COMMENT ON COLUMN tradeup_bi.inventory_turn.sold_30_days IS 'Vehicles sold in the last 30 days';
COMMENT ON COLUMN tradeup_bi.inventory_turn.sold_90_days IS 'Vehicles sold in the last 90 days';
COMMENT ON COLUMN tradeup_bi.inventory_turn.sold_365_days IS 'Vehicles sold in the last 365 days';
COMMENT ON COLUMN tradeup_bi.inventory_turn.mean_days_to_sell IS
    'Mean days from listing to sale of those sold in 365 days; null: none';
COMMENT ON COLUMN tradeup_bi.inventory_turn.turn_rate IS
    'Vehicles sold in 365 days for each that was in stock, by the mean of now and a year ago; null: none';
COMMENT ON COLUMN tradeup_bi.inventory_turn.days_of_supply IS
    'Days for which the stock lasts at the pace of the last 90 days; null: none was sold';

CREATE VIEW tradeup_bi.quote_funnel WITH (security_invoker = true) AS
SELECT x.day, x.currency::varchar(3) AS currency, x.dealer::varchar(255) AS dealer, x.quoted_by::varchar(255) AS user_name,
       x.program::varchar(255) AS program, x.make::varchar(255) AS make, x.model::varchar(255) AS model,
       count(*) AS issued, count(*) FILTER (WHERE x.viewed) AS viewed,
       count(*) FILTER (WHERE x.ended IS NULL AND x.is_valid) AS open, count(*) FILTER (WHERE x.ended = 'accepted') AS accepted,
       count(*) FILTER (WHERE x.ended = 'rejected') AS rejected, count(*) FILTER (WHERE x.ended = 'withdrawn') AS withdrawn,
       count(*) FILTER (WHERE x.ended = 'expired' OR x.ended IS NULL AND NOT x.is_valid) AS expired,
       sum(x.price)::numeric(24,4) AS value,
       coalesce(sum(x.price) FILTER (WHERE x.ended = 'accepted'), 0)::numeric(24,4) AS accepted_value,
       coalesce(sum(x.margin) FILTER (WHERE x.ended = 'accepted'), 0)::numeric(24,4) AS accepted_margin
FROM (SELECT (q.quoted_at AT TIME ZONE 'UTC')::date AS day, coalesce(p.currency, 'XXX') AS currency,
             coalesce(q.dealer, 'no dealer') AS dealer, q.quoted_by, q.program, coalesce(q.make, 'unknown') AS make,
             coalesce(q.model, 'unknown') AS model, q.price, q.margin, q.valid_until >= statement_timestamp() AS is_valid,
             e.viewed, e.ended
      FROM tradeup.quote q
      LEFT JOIN tradeup.program p ON p.name = q.program AND p.version = q.version
      LEFT JOIN (SELECT y.quote_id, bool_or(y.event = 'viewed') AS viewed,
                        max(y.event) FILTER (WHERE y.event IN ('accepted', 'rejected', 'withdrawn', 'expired')) AS ended
                 FROM tradeup.quote_event y GROUP BY y.quote_id) e ON e.quote_id = q.quote_id) x
GROUP BY x.day, x.currency, x.dealer, x.quoted_by, x.program, x.make, x.model;
COMMENT ON VIEW tradeup_bi.quote_funnel IS
    'Quotes by day, dealer, user, program, make and model, and what became of them';
COMMENT ON COLUMN tradeup_bi.quote_funnel.day IS 'Day on which they were saved, in UTC';
COMMENT ON COLUMN tradeup_bi.quote_funnel.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.quote_funnel.dealer IS 'Dealer that had the vehicle, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.quote_funnel.user_name IS 'Role that saved them';
COMMENT ON COLUMN tradeup_bi.quote_funnel.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.quote_funnel.make IS 'Make, or "unknown"';
COMMENT ON COLUMN tradeup_bi.quote_funnel.model IS 'Model, or "unknown"';
COMMENT ON COLUMN tradeup_bi.quote_funnel.issued IS 'Quotes that were saved';
COMMENT ON COLUMN tradeup_bi.quote_funnel.viewed IS 'Quotes that were viewed';
COMMENT ON COLUMN tradeup_bi.quote_funnel.open IS 'Quotes that are still open';
COMMENT ON COLUMN tradeup_bi.quote_funnel.accepted IS 'Quotes that were accepted';
COMMENT ON COLUMN tradeup_bi.quote_funnel.rejected IS 'Quotes that were rejected';
COMMENT ON COLUMN tradeup_bi.quote_funnel.withdrawn IS 'Quotes that were withdrawn';
COMMENT ON COLUMN tradeup_bi.quote_funnel.expired IS 'Quotes that expired';
COMMENT ON COLUMN tradeup_bi.quote_funnel.value IS 'Sum of the prices of all';
COMMENT ON COLUMN tradeup_bi.quote_funnel.accepted_value IS 'Sum of the prices of those accepted';
COMMENT ON COLUMN tradeup_bi.quote_funnel.accepted_margin IS 'Sum of the margins of those accepted';
