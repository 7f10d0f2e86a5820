-- The addresses of the server about tradeup as functions, for PostgREST and PostGraphile, which show no objects of extensions. Made by
-- describe.js. Functions run with the rights of who calls them; amounts stay numeric. Run once, in the database:
--     psql -d DATABASE -f apps/api/api_schema.sql
--     GRANT USAGE ON SCHEMA tradeup_http TO ROLE;

CREATE SCHEMA IF NOT EXISTS tradeup_http;
COMMENT ON SCHEMA tradeup_http IS 'Functions of tradeup for servers that show a schema, such as PostgREST and PostGraphile';

CREATE TYPE tradeup_http.session_row AS (role text, may_read boolean, may_quote boolean, may_load boolean, may_publish boolean,
    may_read_leads boolean, may_follow_leads boolean, may_load_shops boolean, may_map_columns boolean, sees_some_vehicles boolean,
    sees_some_customers boolean);
COMMENT ON TYPE tradeup_http.session_row IS 'Rows of the function session';
CREATE FUNCTION tradeup_http.session() RETURNS tradeup_http.session_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT current_user::text AS role, has_table_privilege('tradeup.vehicle', 'SELECT') AS may_read,
        has_table_privilege('tradeup.quote_event', 'INSERT') AS may_quote, has_table_privilege('tradeup.vehicle', 'INSERT') AS
        may_load, has_table_privilege('tradeup.program', 'INSERT') AS may_publish, coalesce((SELECT has_table_privilege(c.oid,
        'SELECT') AND has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n WHERE n.nspname =
        'tradeup_leads' AND c.relnamespace = n.oid AND c.relname = 'owned_vehicle'), false) AS may_read_leads, coalesce((SELECT
        has_table_privilege(c.oid, 'INSERT') AND has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_class c,
        pg_catalog.pg_namespace n WHERE n.nspname = 'tradeup_leads' AND c.relnamespace = n.oid AND c.relname = 'lead_event'),
        false) AS may_follow_leads, coalesce((SELECT has_table_privilege(c.oid, 'INSERT') AND has_schema_privilege(n.oid, 'USAGE')
        FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n WHERE n.nspname = 'tradeup_bundles' AND c.relnamespace = n.oid AND
        c.relname = 'upload_part'), false) AS may_load_shops, coalesce((SELECT has_table_privilege(c.oid, 'INSERT') AND
        has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n WHERE n.nspname =
        'tradeup_bundles' AND c.relnamespace = n.oid AND c.relname = 'column_alias'), false) AS may_map_columns,
        row_security_active('tradeup.vehicle') AS sees_some_vehicles, row_security_active('tradeup.customer') AS
        sees_some_customers;
END;
COMMENT ON FUNCTION tradeup_http.session() IS 'The role of the token, and what it may do';

CREATE TYPE tradeup_http.customers_row AS (customer_id text, risk_profile text, equity numeric, current_payment numeric,
    current_price numeric, current_make text, current_model text, current_year integer, current_kilometers integer, region text,
    program text, trade_value numeric, payoff numeric, bonus numeric, income numeric);
COMMENT ON TYPE tradeup_http.customers_row IS 'Rows of the function customers';
CREATE FUNCTION tradeup_http.customers(search text DEFAULT NULL, after text DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS
    SETOF tradeup_http.customers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.* FROM tradeup.customer c WHERE ($1::text IS NULL OR starts_with(lower(c.customer_id), lower($1::text)) OR
        starts_with(lower(c.current_make), lower($1::text)) OR starts_with(lower(c.current_model), lower($1::text))) AND ($2::text
        IS NULL OR c.customer_id > $2::text) ORDER BY c.customer_id LIMIT $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.customers(text, text, integer) IS 'Customers by identifier';

CREATE FUNCTION tradeup_http.customer(customer_id text) RETURNS tradeup_http.customers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.* FROM tradeup.customer c WHERE c.customer_id = $1::text;
END;
COMMENT ON FUNCTION tradeup_http.customer(text) IS 'One customer';

CREATE FUNCTION tradeup_http.put_customer(customer_id text, risk_profile text, equity numeric DEFAULT '0', current_payment numeric
    DEFAULT NULL, current_price numeric DEFAULT NULL, current_make text DEFAULT NULL, current_model text DEFAULT NULL,
    current_year integer DEFAULT NULL, current_kilometers integer DEFAULT NULL, region text DEFAULT NULL, program text DEFAULT
    NULL, trade_value numeric DEFAULT NULL, payoff numeric DEFAULT NULL, bonus numeric DEFAULT '0', income numeric DEFAULT NULL)
    RETURNS tradeup_http.customers_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO tradeup.customer AS c (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_model,
        current_year, current_kilometers, region, program, trade_value, payoff, bonus, income) VALUES ($1::text, $2::text,
        $3::numeric, $4::numeric, $5::numeric, $6::text, $7::text, $8::integer, $9::integer, $10::text, $11::text, $12::numeric,
        $13::numeric, $14::numeric, $15::numeric) ON CONFLICT (customer_id) DO UPDATE SET risk_profile = EXCLUDED.risk_profile,
        equity = EXCLUDED.equity, current_payment = EXCLUDED.current_payment, current_price = EXCLUDED.current_price, current_make
        = EXCLUDED.current_make, current_model = EXCLUDED.current_model, current_year = EXCLUDED.current_year, current_kilometers
        = EXCLUDED.current_kilometers, region = EXCLUDED.region, program = EXCLUDED.program, trade_value = EXCLUDED.trade_value,
        payoff = EXCLUDED.payoff, bonus = EXCLUDED.bonus, income = EXCLUDED.income RETURNING c.*;
END;
COMMENT ON FUNCTION tradeup_http.put_customer(text, text, numeric, numeric, numeric, text, text, integer, integer, text, text,
    numeric, numeric, numeric, numeric) IS 'Stores a customer, new or in place of what is stored';

CREATE TYPE tradeup_http.delete_customer_row AS (customer_id text);
COMMENT ON TYPE tradeup_http.delete_customer_row IS 'Rows of the function delete_customer';
CREATE FUNCTION tradeup_http.delete_customer(customer_id text) RETURNS tradeup_http.delete_customer_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    DELETE FROM tradeup.customer c WHERE c.customer_id = $1::text RETURNING c.customer_id;
END;
COMMENT ON FUNCTION tradeup_http.delete_customer(text) IS 'Deletes a customer; her quotes stay';

CREATE TYPE tradeup_http.offers_row AS (customer_id text, program text, version integer, profile text, term integer, annual_rate
    numeric, vehicle_id text, make text, model text, body text, year integer, kilometers integer, color text, region text, dealer
    text, currency text, price_before_rebate numeric, price numeric, price_minor bigint, tier text, tier_rank integer,
    current_payment numeric, payment numeric, payment_frequency text, monthly_payment numeric, payment_change numeric, loan_amount
    numeric, effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric, gross numeric);
COMMENT ON TYPE tradeup_http.offers_row IS 'Rows of the function offers';
CREATE FUNCTION tradeup_http.offers(customer_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL, price_from numeric
    DEFAULT NULL, price_to numeric DEFAULT NULL, tier text DEFAULT NULL, terms integer[] DEFAULT NULL, make text DEFAULT NULL,
    "limit" integer DEFAULT '100') RETURNS SETOF tradeup_http.offers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.* FROM tradeup.offers($1::text, $2::text, $3::jsonb, $4::numeric, $5::numeric) o WHERE ($6::text IS NULL OR o.tier =
        $6::text) AND ($7::integer[] IS NULL OR o.term = ANY ($7::integer[])) AND ($8::text IS NULL OR o.make = $8::text) ORDER BY
        o.price_minor, o.vehicle_id, o.term LIMIT $9::integer;
END;
COMMENT ON FUNCTION tradeup_http.offers(text, text, jsonb, numeric, numeric, text, integer[], text, integer) IS 'Offers for a
    customer, the cheapest first';

CREATE FUNCTION tradeup_http.best_offers(customer_id text, per_tier integer DEFAULT '3', program text DEFAULT NULL, overrides
    jsonb DEFAULT NULL, rank_by text DEFAULT 'margin', tier text DEFAULT NULL) RETURNS SETOF tradeup_http.offers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.* FROM tradeup.best_offers($1::text, $2::integer, $3::text, $4::jsonb, $5::text, $6::text) o;
END;
COMMENT ON FUNCTION tradeup_http.best_offers(text, integer, text, jsonb, text, text) IS 'The best offers of each tier, or of one';

CREATE TYPE tradeup_http.counts_row AS (facet text, value text, place integer, offers bigint, vehicles bigint);
COMMENT ON TYPE tradeup_http.counts_row IS 'Rows of the function counts';
CREATE FUNCTION tradeup_http.counts(customer_id text, filter jsonb DEFAULT NULL, program text DEFAULT NULL, overrides jsonb
    DEFAULT NULL) RETURNS SETOF tradeup_http.counts_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles FROM tradeup.search_counts($1::text, $2::jsonb, $3::text, $4::jsonb) c
        ORDER BY c.facet, c.place;
END;
COMMENT ON FUNCTION tradeup_http.counts(text, jsonb, text, jsonb) IS 'How many offers and vehicles there are by tier, category,
    make, body, region and years';

CREATE TYPE tradeup_http.deals_row AS (program text, version integer, profile text, term integer, annual_rate numeric,
    current_payment numeric, currency text, min_year integer, max_kilometers integer, makes text[], lowest_price numeric,
    highest_price numeric, deal text);
COMMENT ON TYPE tradeup_http.deals_row IS 'Rows of the function deals';
CREATE FUNCTION tradeup_http.deals(customer_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL) RETURNS SETOF
    tradeup_http.deals_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.program, d.version, d.profile, d.term, d.annual_rate, d.current_payment, d.currency, d.min_year, d.max_kilometers,
        d.makes, tradeup.lowest_price(d.deal, false) AS lowest_price, tradeup.highest_price(d.deal, false) AS highest_price,
        d.deal::text AS deal FROM tradeup.deals($1::text, $2::text, $3::jsonb) d ORDER BY d.term;
END;
COMMENT ON FUNCTION tradeup_http.deals(text, text, jsonb) IS 'Her terms: rates, the prices at which offers exist, what the program
    finances';

CREATE TYPE tradeup_http.windows_row AS (term integer, tier text, rank integer, lowest_price numeric, highest_price numeric);
COMMENT ON TYPE tradeup_http.windows_row IS 'Rows of the function windows';
CREATE FUNCTION tradeup_http.windows(customer_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL) RETURNS SETOF
    tradeup_http.windows_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.term, w.tier, w.rank, w.lowest_price, w.highest_price FROM tradeup.deals($1::text, $2::text, $3::jsonb) d,
        tradeup.windows(d.deal) w ORDER BY d.term, w.lowest_price;
END;
COMMENT ON FUNCTION tradeup_http.windows(text, text, jsonb) IS 'The prices at which each tier begins and ends, for each term';

CREATE TYPE tradeup_http.why_no_offer_row AS (term integer, offer_exists boolean, rule text, required numeric, actual numeric,
    short_by numeric, explanation text);
COMMENT ON TYPE tradeup_http.why_no_offer_row IS 'Rows of the function why_no_offer';
CREATE FUNCTION tradeup_http.why_no_offer(customer_id text, vehicle_id text, program text DEFAULT NULL, overrides jsonb DEFAULT
    NULL) RETURNS SETOF tradeup_http.why_no_offer_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.* FROM tradeup.why_no_offer($1::text, $2::text, $3::text, $4::jsonb) w ORDER BY w.term;
END;
COMMENT ON FUNCTION tradeup_http.why_no_offer(text, text, text, jsonb) IS 'For each term, whether an offer exists, or the rule
    that refuses it';

CREATE TYPE tradeup_http.terms_row AS (term integer, annual_rate numeric, currency text, price numeric, payment numeric,
    monthly_payment numeric, payment_frequency text, payment_change numeric, tier text, eligible boolean, loan_amount numeric);
COMMENT ON TYPE tradeup_http.terms_row IS 'Rows of the function terms';
CREATE FUNCTION tradeup_http.terms(customer_id text, vehicle_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL)
    RETURNS SETOF tradeup_http.terms_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.term, d.annual_rate, d.currency, v.price, tradeup.payment(d.deal, v.price) AS payment, tradeup.monthly_payment(d.deal,
        v.price) AS monthly_payment, tradeup.payment_frequency(d.deal) AS payment_frequency, tradeup.payment_change(d.deal,
        v.price) AS payment_change, tradeup.tier(d.deal, v.price) AS tier, tradeup.eligible(d.deal, v.price) AS eligible,
        tradeup.loan_amount(d.deal, v.price) AS loan_amount FROM tradeup.deals($1::text, $3::text, $4::jsonb) d, tradeup.vehicle v
        WHERE v.vehicle_id = $2::text AND v.currency = d.currency ORDER BY d.term;
END;
COMMENT ON FUNCTION tradeup_http.terms(text, text, text, jsonb) IS 'What one vehicle costs at each term';

CREATE TYPE tradeup_http.deal_sheet_row AS (place integer, part text, name text, amount numeric, settled text);
COMMENT ON TYPE tradeup_http.deal_sheet_row IS 'Rows of the function deal_sheet';
CREATE FUNCTION tradeup_http.deal_sheet(customer_id text, term integer, vehicle_id text, program text DEFAULT NULL, overrides
    jsonb DEFAULT NULL) RETURNS SETOF tradeup_http.deal_sheet_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.deals($1::text, $4::text, $5::jsonb) d, tradeup.vehicle v, tradeup.deal_sheet(d.deal, v.price) s WHERE
        d.term = $2::integer AND v.vehicle_id = $3::text AND v.currency = d.currency ORDER BY s.place;
END;
COMMENT ON FUNCTION tradeup_http.deal_sheet(text, integer, text, text, jsonb) IS 'The worksheet of a deal, line by line';

CREATE TYPE tradeup_http.schedule_row AS (number integer, financed numeric, opening_balance numeric, principal numeric, interest
    numeric, charges numeric, tax numeric, payment numeric, closing_balance numeric);
COMMENT ON TYPE tradeup_http.schedule_row IS 'Rows of the function schedule';
CREATE FUNCTION tradeup_http.schedule(customer_id text, term integer, vehicle_id text, program text DEFAULT NULL, overrides jsonb
    DEFAULT NULL) RETURNS SETOF tradeup_http.schedule_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.deals($1::text, $4::text, $5::jsonb) d, tradeup.vehicle v, tradeup.schedule(d.deal, v.price) s WHERE
        d.term = $2::integer AND v.vehicle_id = $3::text AND v.currency = d.currency ORDER BY s.number;
END;
COMMENT ON FUNCTION tradeup_http.schedule(text, integer, text, text, jsonb) IS 'The payments of a deal, to the cent';

CREATE TYPE tradeup_http.solve_row AS (solve_for text, value numeric, possible boolean, eligible boolean, price numeric, payment
    numeric, payment_change numeric, tier text, deal text, explanation text);
COMMENT ON TYPE tradeup_http.solve_row IS 'Rows of the function solve';
CREATE FUNCTION tradeup_http.solve(solve_for text, customer_id text, term integer, vehicle_id text, program text DEFAULT NULL,
    overrides jsonb DEFAULT NULL, payment numeric DEFAULT NULL, payment_change numeric DEFAULT NULL, tier text DEFAULT NULL,
    lowest numeric DEFAULT NULL, highest numeric DEFAULT NULL) RETURNS tradeup_http.solve_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT $1::text AS solve_for, s.value, s.possible, s.eligible, s.price, s.payment, s.payment_change, s.tier, s.deal::text AS deal,
        s.explanation FROM tradeup.deals($2::text, $5::text, $6::jsonb) d, tradeup.vehicle v, tradeup.solve(d.deal, v.price,
        $1::text, $7::numeric, $8::numeric, $9::text, $10::numeric, $11::numeric) s WHERE d.term = $3::integer AND v.vehicle_id =
        $4::text AND v.currency = d.currency;
END;
COMMENT ON FUNCTION tradeup_http.solve(text, text, integer, text, text, jsonb, numeric, numeric, text, numeric, numeric) IS 'The
    bonus, down payment, fee, rate, term or price that leads to a payment, a change or a tier';

CREATE TYPE tradeup_http.least_subsidy_row AS (viable boolean, term integer, service_fee_rate numeric, bonus numeric,
    opening_fee_rate numeric, payment numeric, payment_change numeric, margin_less_bonus numeric, financed_to_price numeric,
    failed_gate text, deal text, explanation text);
COMMENT ON TYPE tradeup_http.least_subsidy_row IS 'Rows of the function least_subsidy';
CREATE FUNCTION tradeup_http.least_subsidy(customer_id text, vehicle_id text, rules jsonb DEFAULT NULL, program text DEFAULT NULL,
    overrides jsonb DEFAULT NULL) RETURNS tradeup_http.least_subsidy_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.viable, m.term, m.service_fee_rate, m.bonus, m.opening_fee_rate, m.payment, m.payment_change, m.margin_less_bonus,
        m.financed_to_price, m.failed_gate, m.deal::text AS deal, m.explanation FROM tradeup.min_subsidy($1::text, $2::text,
        $3::jsonb, $4::text, $5::jsonb) m;
END;
COMMENT ON FUNCTION tradeup_http.least_subsidy(text, text, jsonb, text, jsonb) IS 'The least that must be conceded so that a
    vehicle becomes an offer that passes the gates';

CREATE TYPE tradeup_http.least_subsidies_row AS (vehicle_id text, price numeric, viable boolean, term integer, service_fee_rate
    numeric, bonus numeric, opening_fee_rate numeric, payment numeric, payment_change numeric, margin_less_bonus numeric,
    failed_gate text, explanation text);
COMMENT ON TYPE tradeup_http.least_subsidies_row IS 'Rows of the function least_subsidies';
CREATE FUNCTION tradeup_http.least_subsidies(customer_id text, rules jsonb DEFAULT NULL, program text DEFAULT NULL, overrides
    jsonb DEFAULT NULL, viable boolean DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF tradeup_http.least_subsidies_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.vehicle_id, m.price, m.viable, m.term, m.service_fee_rate, m.bonus, m.opening_fee_rate, m.payment, m.payment_change,
        m.margin_less_bonus, m.failed_gate, m.explanation FROM tradeup.min_subsidies($1::text, $2::jsonb, $3::text, $4::jsonb) m
        WHERE $5::boolean IS NULL OR m.viable = $5::boolean ORDER BY m.viable DESC, m.bonus, m.price, m.vehicle_id LIMIT
        $6::integer;
END;
COMMENT ON FUNCTION tradeup_http.least_subsidies(text, jsonb, text, jsonb, boolean, integer) IS 'The least subsidy of each
    available vehicle';

CREATE FUNCTION tradeup_http.program_offers(customer_id text, programs text[], overrides jsonb DEFAULT NULL, price_from numeric
    DEFAULT NULL, price_to numeric DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF tradeup_http.offers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.* FROM tradeup.program_offers($1::text, $2::text[], $3::jsonb, $4::numeric, $5::numeric) o ORDER BY o.price_minor,
        o.vehicle_id, o.program, o.term LIMIT $6::integer;
END;
COMMENT ON FUNCTION tradeup_http.program_offers(text, text[], jsonb, numeric, numeric, integer) IS 'Offers under several programs
    side by side';

CREATE FUNCTION tradeup_http.best_programs(customer_id text, programs text[], overrides jsonb DEFAULT NULL, rank_by text DEFAULT
    'payment', "limit" integer DEFAULT '100') RETURNS SETOF tradeup_http.offers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.* FROM tradeup.best_programs($1::text, $2::text[], $3::jsonb, $4::text) o ORDER BY o.price_minor, o.vehicle_id LIMIT
        $5::integer;
END;
COMMENT ON FUNCTION tradeup_http.best_programs(text, text[], jsonb, text, integer) IS 'Of each vehicle, the offer of the program
    that is best for it';

CREATE TYPE tradeup_http.program_refusals_row AS (program text, version integer, term integer, offer_exists boolean, rule text,
    required numeric, actual numeric, short_by numeric, explanation text);
COMMENT ON TYPE tradeup_http.program_refusals_row IS 'Rows of the function program_refusals';
CREATE FUNCTION tradeup_http.program_refusals(customer_id text, vehicle_id text, programs text[], overrides jsonb DEFAULT NULL)
    RETURNS SETOF tradeup_http.program_refusals_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.* FROM tradeup.program_refusals($1::text, $2::text, $3::text[], $4::jsonb) r ORDER BY r.program, r.term;
END;
COMMENT ON FUNCTION tradeup_http.program_refusals(text, text, text[], jsonb) IS 'Which of several programs offer a vehicle, and
    why the others do not';

CREATE FUNCTION tradeup_http.search(customer_id text, filter jsonb DEFAULT NULL, sort text DEFAULT NULL, page_size integer DEFAULT
    '20', after text DEFAULT NULL, program text DEFAULT NULL, overrides jsonb DEFAULT NULL, counts boolean DEFAULT 'true', facets
    text DEFAULT 'plain', facet_fields text[] DEFAULT NULL, per_tier integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup.search_offers($1::text, $2::jsonb, $3::text, $4::integer, $5::text, $6::text, $7::jsonb, $8::boolean, $9::text,
        $10::text[], $11::integer) AS document;
END;
COMMENT ON FUNCTION tradeup_http.search(text, jsonb, text, integer, text, text, jsonb, boolean, text, text[], integer) IS 'A page
    of offers with counts and facets';

CREATE FUNCTION tradeup_http.search_many(customer_ids text[], filter jsonb DEFAULT NULL, sort text DEFAULT NULL, page_size integer
    DEFAULT '20', program text DEFAULT NULL, overrides jsonb DEFAULT NULL, counts boolean DEFAULT 'true', facets text DEFAULT
    'plain', facet_fields text[] DEFAULT NULL, per_tier integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup.search_offers_for($1::text[], $2::jsonb, $3::text, $4::integer, $5::text, $6::jsonb, $7::boolean, $8::text,
        $9::text[], $10::integer) AS document;
END;
COMMENT ON FUNCTION tradeup_http.search_many(text[], jsonb, text, integer, text, jsonb, boolean, text, text[], integer) IS 'The
    same search for several customers';

CREATE TYPE tradeup_http.price_deal_row AS (price numeric, payment numeric, payment_frequency text, monthly_payment numeric,
    payment_change numeric, tier text, eligible boolean, loan_amount numeric, effective_equity numeric, service_fee numeric,
    opening_fee numeric, margin numeric, due_at_signing numeric, deal text);
COMMENT ON TYPE tradeup_http.price_deal_row IS 'Rows of the function price_deal';
CREATE FUNCTION tradeup_http.price_deal(price numeric, term integer, annual_rate numeric DEFAULT NULL, equity numeric DEFAULT '0',
    current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric DEFAULT '0',
    service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS
    tradeup_http.price_deal_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT $1::numeric AS price, tradeup.payment(d, $1::numeric) AS payment, tradeup.payment_frequency(d) AS payment_frequency,
        tradeup.monthly_payment(d, $1::numeric) AS monthly_payment, tradeup.payment_change(d, $1::numeric) AS payment_change,
        tradeup.tier(d, $1::numeric) AS tier, tradeup.eligible(d, $1::numeric) AS eligible, tradeup.loan_amount(d, $1::numeric) AS
        loan_amount, tradeup.effective_equity(d, $1::numeric) AS effective_equity, tradeup.service_fee(d, $1::numeric) AS
        service_fee, tradeup.opening_fee(d, $1::numeric) AS opening_fee, tradeup.margin(d, $1::numeric) AS margin,
        tradeup.due_at_signing(d, $1::numeric) AS due_at_signing, d::text AS deal FROM tradeup.deal($3::numeric, $2::integer,
        $4::numeric, $5::numeric, $6::numeric, $7::numeric, $8::numeric, $9::jsonb, $10::numeric) d;
END;
COMMENT ON FUNCTION tradeup_http.price_deal(numeric, integer, numeric, numeric, numeric, numeric, numeric, numeric, jsonb,
    numeric) IS 'Every amount of a deal at a price';

CREATE FUNCTION tradeup_http.solve_deal(solve_for text, term integer, price numeric, annual_rate numeric DEFAULT NULL, equity
    numeric DEFAULT '0', current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric
    DEFAULT '0', service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL, payment
    numeric DEFAULT NULL, payment_change numeric DEFAULT NULL, tier text DEFAULT NULL, lowest numeric DEFAULT NULL, highest
    numeric DEFAULT NULL) RETURNS tradeup_http.solve_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT $1::text AS solve_for, s.value, s.possible, s.eligible, s.price, s.payment, s.payment_change, s.tier, s.deal::text AS deal,
        s.explanation FROM tradeup.solve(tradeup.deal($4::numeric, $2::integer, $5::numeric, $6::numeric, $7::numeric,
        $8::numeric, $9::numeric, $10::jsonb, $11::numeric), $3::numeric, $1::text, $12::numeric, $13::numeric, $14::text,
        $15::numeric, $16::numeric) s;
END;
COMMENT ON FUNCTION tradeup_http.solve_deal(text, integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb,
    numeric, numeric, numeric, text, numeric, numeric) IS 'The figure of a deal that leads to a payment, a change or a tier';

CREATE FUNCTION tradeup_http.schedule_deal(term integer, price numeric, annual_rate numeric DEFAULT NULL, equity numeric DEFAULT
    '0', current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric DEFAULT '0',
    service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS SETOF
    tradeup_http.schedule_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.schedule(tradeup.deal($3::numeric, $1::integer, $4::numeric, $5::numeric, $6::numeric, $7::numeric,
        $8::numeric, $9::jsonb, $10::numeric), $2::numeric) s ORDER BY s.number;
END;
COMMENT ON FUNCTION tradeup_http.schedule_deal(integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb,
    numeric) IS 'The payments of a deal';

CREATE FUNCTION tradeup_http.sheet_deal(term integer, price numeric, annual_rate numeric DEFAULT NULL, equity numeric DEFAULT '0',
    current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric DEFAULT '0',
    service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS SETOF
    tradeup_http.deal_sheet_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.deal_sheet(tradeup.deal($3::numeric, $1::integer, $4::numeric, $5::numeric, $6::numeric, $7::numeric,
        $8::numeric, $9::jsonb, $10::numeric), $2::numeric) s ORDER BY s.place;
END;
COMMENT ON FUNCTION tradeup_http.sheet_deal(integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb,
    numeric) IS 'The worksheet of a deal';

CREATE TYPE tradeup_http.windows_deal_row AS (tier text, rank integer, lowest_price numeric, highest_price numeric);
COMMENT ON TYPE tradeup_http.windows_deal_row IS 'Rows of the function windows_deal';
CREATE FUNCTION tradeup_http.windows_deal(term integer, annual_rate numeric DEFAULT NULL, equity numeric DEFAULT '0',
    current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric DEFAULT '0',
    service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS SETOF
    tradeup_http.windows_deal_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.tier, w.rank, w.lowest_price, w.highest_price FROM tradeup.windows(tradeup.deal($2::numeric, $1::integer, $3::numeric,
        $4::numeric, $5::numeric, $6::numeric, $7::numeric, $8::jsonb, $9::numeric)) w ORDER BY w.lowest_price;
END;
COMMENT ON FUNCTION tradeup_http.windows_deal(integer, numeric, numeric, numeric, numeric, numeric, numeric, jsonb, numeric) IS
    'The prices at which each tier of a deal begins and ends';

CREATE TYPE tradeup_http.refusal_deal_row AS (rule text, required numeric, actual numeric, short_by numeric, explanation text);
COMMENT ON TYPE tradeup_http.refusal_deal_row IS 'Rows of the function refusal_deal';
CREATE FUNCTION tradeup_http.refusal_deal(term integer, price numeric, annual_rate numeric DEFAULT NULL, equity numeric DEFAULT
    '0', current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric DEFAULT '0',
    service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS
    tradeup_http.refusal_deal_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.* FROM tradeup.refusal(tradeup.deal($3::numeric, $1::integer, $4::numeric, $5::numeric, $6::numeric, $7::numeric,
        $8::numeric, $9::jsonb, $10::numeric), $2::numeric) r;
END;
COMMENT ON FUNCTION tradeup_http.refusal_deal(integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb,
    numeric) IS 'Why a deal makes no offer at a price; rule is null when it does';

CREATE TYPE tradeup_http.dearest_price_row AS (price numeric);
COMMENT ON TYPE tradeup_http.dearest_price_row IS 'Rows of the function dearest_price';
CREATE FUNCTION tradeup_http.dearest_price(term integer, payment numeric, annual_rate numeric DEFAULT NULL, equity numeric DEFAULT
    '0', current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL, down_payment_rate numeric DEFAULT '0',
    service_fee_rate numeric DEFAULT '0', terms jsonb DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS
    tradeup_http.dearest_price_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup.price_for_payment(tradeup.deal($3::numeric, $1::integer, $4::numeric, $5::numeric, $6::numeric, $7::numeric,
        $8::numeric, $9::jsonb, $10::numeric), $2::numeric) AS price;
END;
COMMENT ON FUNCTION tradeup_http.dearest_price(integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb,
    numeric) IS 'The dearest price whose payment is at most this one';

CREATE TYPE tradeup_http.amortization_row AS (period integer, due_date date, opening numeric, payment numeric, interest numeric,
    principal numeric, extra numeric, closing numeric);
COMMENT ON TYPE tradeup_http.amortization_row IS 'Rows of the function amortization';
CREATE FUNCTION tradeup_http.amortization(principal numeric, term integer, annual_rate numeric DEFAULT NULL, frequency text
    DEFAULT 'monthly', start_date date DEFAULT NULL, first_payment date DEFAULT NULL, extra numeric DEFAULT '0', terms jsonb
    DEFAULT NULL, annual_percent numeric DEFAULT NULL) RETURNS SETOF tradeup_http.amortization_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.* FROM tradeup.amortization($1::numeric, $3::numeric, $2::integer, $4::text, $5::date, $6::date, $7::numeric, $8::jsonb,
        $9::numeric) a ORDER BY a.period;
END;
COMMENT ON FUNCTION tradeup_http.amortization(numeric, integer, numeric, text, date, date, numeric, jsonb, numeric) IS 'The
    payments of a plain loan';

CREATE TYPE tradeup_http.loan_years_row AS (year integer, payments integer, payment numeric, interest numeric, principal numeric,
    extra numeric, closing numeric);
COMMENT ON TYPE tradeup_http.loan_years_row IS 'Rows of the function loan_years';
CREATE FUNCTION tradeup_http.loan_years(principal numeric, term integer, start_date date, annual_rate numeric DEFAULT NULL,
    frequency text DEFAULT 'monthly', first_payment date DEFAULT NULL, extra numeric DEFAULT '0', terms jsonb DEFAULT NULL,
    annual_percent numeric DEFAULT NULL) RETURNS SETOF tradeup_http.loan_years_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.* FROM tradeup.loan_totals($1::numeric, $4::numeric, $2::integer, $5::text, $3::date, $6::date, $7::numeric, $8::jsonb,
        $9::numeric) a ORDER BY a.year;
END;
COMMENT ON FUNCTION tradeup_http.loan_years(numeric, integer, date, numeric, text, date, numeric, jsonb, numeric) IS 'The same,
    added up by calendar year';

CREATE TYPE tradeup_http.payoff_row AS (paid_periods integer, balance numeric, accrued_from date, days integer, per_diem numeric,
    interest numeric, payoff numeric);
COMMENT ON TYPE tradeup_http.payoff_row IS 'Rows of the function payoff';
CREATE FUNCTION tradeup_http.payoff(principal numeric, term integer, on_date date, start_date date, annual_rate numeric DEFAULT
    NULL, first_payment date DEFAULT NULL, frequency text DEFAULT 'monthly', extra numeric DEFAULT '0', terms jsonb DEFAULT NULL,
    annual_percent numeric DEFAULT NULL) RETURNS tradeup_http.payoff_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.* FROM tradeup.payoff($1::numeric, $5::numeric, $2::integer, $3::date, $4::date, $6::date, $7::text, $8::numeric,
        $9::jsonb, $10::numeric) p;
END;
COMMENT ON FUNCTION tradeup_http.payoff(numeric, integer, date, date, numeric, date, text, numeric, jsonb, numeric) IS 'What pays
    off a loan on a day';

CREATE TYPE tradeup_http.apr_row AS (apr double precision);
COMMENT ON TYPE tradeup_http.apr_row IS 'Rows of the function apr';
CREATE FUNCTION tradeup_http.apr(amount numeric, payment numeric, payments integer, start_date date, first_payment date, frequency
    text DEFAULT 'monthly', prepaid_finance_charge numeric DEFAULT '0', last_payment numeric DEFAULT NULL) RETURNS
    tradeup_http.apr_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup.apr($1::numeric, $2::numeric, $3::integer, $4::date, $5::date, $6::text, $7::numeric, $8::numeric) AS apr;
END;
COMMENT ON FUNCTION tradeup_http.apr(numeric, numeric, integer, date, date, text, numeric, numeric) IS 'Annual percentage rate of
    equal payments (Regulation Z), a fraction';

CREATE TYPE tradeup_http.portfolio_summary_row AS (currency text, tier text, tier_rank integer, offers bigint, customers bigint,
    mean_change numeric, margin numeric);
COMMENT ON TYPE tradeup_http.portfolio_summary_row IS 'Rows of the function portfolio_summary';
CREATE FUNCTION tradeup_http.portfolio_summary(program text DEFAULT NULL, overrides jsonb DEFAULT NULL, filter jsonb DEFAULT NULL)
    RETURNS SETOF tradeup_http.portfolio_summary_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.portfolio_summary($1::text, $2::jsonb, $3::jsonb) s ORDER BY s.currency, s.tier_rank NULLS LAST;
END;
COMMENT ON FUNCTION tradeup_http.portfolio_summary(text, jsonb, jsonb) IS 'Offers, customers and margin of all customers, by
    currency and tier';

CREATE TYPE tradeup_http.portfolio_compare_row AS (currency text, tier text, tier_rank integer, offers_a bigint, offers_b bigint,
    more_offers bigint, customers_a bigint, customers_b bigint, more_customers bigint, mean_change_a numeric, mean_change_b
    numeric, mean_change_difference numeric, margin_a numeric, margin_b numeric, more_margin numeric);
COMMENT ON TYPE tradeup_http.portfolio_compare_row IS 'Rows of the function portfolio_compare';
CREATE FUNCTION tradeup_http.portfolio_compare(program text DEFAULT NULL, overrides_a jsonb DEFAULT NULL, overrides_b jsonb
    DEFAULT NULL, filter jsonb DEFAULT NULL) RETURNS SETOF tradeup_http.portfolio_compare_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.* FROM tradeup.portfolio_compare($1::text, $2::jsonb, $3::jsonb, $4::jsonb) c ORDER BY c.currency, c.tier_rank NULLS LAST;
END;
COMMENT ON FUNCTION tradeup_http.portfolio_compare(text, jsonb, jsonb, jsonb) IS 'Two what-ifs side by side';

CREATE FUNCTION tradeup_http.portfolio(per_customer integer DEFAULT '3', program text DEFAULT NULL, overrides jsonb DEFAULT NULL,
    rank_by text DEFAULT 'margin') RETURNS SETOF tradeup_http.offers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.* FROM tradeup.portfolio($1::integer, $2::text, $3::jsonb, $4::text) o;
END;
COMMENT ON FUNCTION tradeup_http.portfolio(integer, text, jsonb, text) IS 'The best offers of every customer, a line each
    (NDJSON)';

CREATE FUNCTION tradeup_http.bulk_offers(customer_ids text[], per_tier integer DEFAULT '3', program text DEFAULT NULL, overrides
    jsonb DEFAULT NULL, rank_by text DEFAULT 'margin', tier text DEFAULT NULL) RETURNS SETOF tradeup_http.offers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.* FROM unnest($1::text[]) WITH ORDINALITY c (customer_id, place), LATERAL tradeup.best_offers(c.customer_id, $2::integer,
        $3::text, $4::jsonb, $5::text, $6::text) o;
END;
COMMENT ON FUNCTION tradeup_http.bulk_offers(text[], integer, text, jsonb, text, text) IS 'The best offers of the customers named,
    a line each (NDJSON)';

CREATE TYPE tradeup_http.bulk_deals_row AS (customer_id text, term integer, price numeric, payment numeric, payment_change
    numeric, tier text, eligible boolean);
COMMENT ON TYPE tradeup_http.bulk_deals_row IS 'Rows of the function bulk_deals';
CREATE FUNCTION tradeup_http.bulk_deals(customer_ids text[], vehicle_id text, program text DEFAULT NULL, overrides jsonb DEFAULT
    NULL) RETURNS SETOF tradeup_http.bulk_deals_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.customer_id, d.term, v.price, tradeup.payment(d.deal, v.price) AS payment, tradeup.payment_change(d.deal, v.price) AS
        payment_change, tradeup.tier(d.deal, v.price) AS tier, tradeup.eligible(d.deal, v.price) AS eligible FROM tradeup.vehicle
        v, unnest($1::text[]) WITH ORDINALITY c (customer_id, place), LATERAL tradeup.deals(c.customer_id, $3::text, $4::jsonb) d
        WHERE v.vehicle_id = $2::text AND v.currency = d.currency;
END;
COMMENT ON FUNCTION tradeup_http.bulk_deals(text[], text, text, jsonb) IS 'What one vehicle costs the customers named at each
    term, a line each (NDJSON)';

CREATE TYPE tradeup_http.save_quote_row AS (quote_id bigint);
COMMENT ON TYPE tradeup_http.save_quote_row IS 'Rows of the function save_quote';
CREATE FUNCTION tradeup_http.save_quote(customer_id text, vehicle_id text, term integer, program text DEFAULT NULL, overrides
    jsonb DEFAULT NULL, valid_for interval DEFAULT '7 days') RETURNS tradeup_http.save_quote_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup.save_quote($1::text, $2::text, $3::integer, $4::text, $5::jsonb, $6::interval) AS quote_id;
END;
COMMENT ON FUNCTION tradeup_http.save_quote(text, text, integer, text, jsonb, interval) IS 'Saves the offer of a vehicle to a
    customer at a term';

CREATE TYPE tradeup_http.quotes_row AS (quote_id bigint, customer_id text, vehicle_id text, program text, version integer, term
    integer, price numeric, tier text, payment numeric, quoted_by text, quoted_at timestamp with time zone, valid_until timestamp
    with time zone, seq integer, event text, status text, happened_at timestamp with time zone, happened_by text, note text);
COMMENT ON TYPE tradeup_http.quotes_row IS 'Rows of the function quotes';
CREATE FUNCTION tradeup_http.quotes(customer_id text DEFAULT NULL, vehicle_id text DEFAULT NULL, status text DEFAULT NULL, before
    bigint DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF tradeup_http.quotes_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.quote_status s WHERE ($1::text IS NULL OR s.customer_id = $1::text) AND ($2::text IS NULL OR s.vehicle_id
        = $2::text) AND ($3::text IS NULL OR s.status = $3::text) AND ($4::bigint IS NULL OR s.quote_id < $4::bigint) ORDER BY
        s.quote_id DESC LIMIT $5::integer;
END;
COMMENT ON FUNCTION tradeup_http.quotes(text, text, text, bigint, integer) IS 'Quotes with their state, the latest first';

CREATE TYPE tradeup_http.quote_row AS (quote_id bigint, customer_id text, vehicle_id text, make text, model text, dealer text,
    program text, version integer, profile text, region text, term integer, overrides jsonb, equity numeric, current_payment
    numeric, current_price numeric, trade_value numeric, customer_bonus numeric, income numeric, price numeric, annual_rate
    numeric, tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric, effective_equity numeric,
    service_fee numeric, opening_fee numeric, margin numeric, deal text, quoted_by text, quoted_at timestamp with time zone,
    valid_for interval, valid_until timestamp with time zone, status text);
COMMENT ON TYPE tradeup_http.quote_row IS 'Rows of the function quote';
CREATE FUNCTION tradeup_http.quote(quote_id bigint) RETURNS tradeup_http.quote_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT q.*, s.status FROM tradeup.quote q, tradeup.quote_status s WHERE q.quote_id = $1::bigint AND s.quote_id = q.quote_id;
END;
COMMENT ON FUNCTION tradeup_http.quote(bigint) IS 'One quote with all that it was made of';

CREATE TYPE tradeup_http.quote_events_row AS (seq integer, event text, happened_at timestamp with time zone, happened_by text,
    note text);
COMMENT ON TYPE tradeup_http.quote_events_row IS 'Rows of the function quote_events';
CREATE FUNCTION tradeup_http.quote_events(quote_id bigint) RETURNS SETOF tradeup_http.quote_events_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.seq, e.event, e.happened_at, e.happened_by, e.note FROM tradeup.quote_event e WHERE e.quote_id = $1::bigint ORDER BY
        e.seq;
END;
COMMENT ON FUNCTION tradeup_http.quote_events(bigint) IS 'What became of a quote';

CREATE TYPE tradeup_http.record_event_row AS (seq integer);
COMMENT ON TYPE tradeup_http.record_event_row IS 'Rows of the function record_event';
CREATE FUNCTION tradeup_http.record_event(quote_id bigint, event text, note text DEFAULT NULL) RETURNS
    tradeup_http.record_event_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup.record_event($1::bigint, $2::text, $3::text) AS seq;
END;
COMMENT ON FUNCTION tradeup_http.record_event(bigint, text, text) IS 'Records an event of a quote';

CREATE TYPE tradeup_http.verify_quote_row AS (field text, stored text, recomputed text, equal boolean);
COMMENT ON TYPE tradeup_http.verify_quote_row IS 'Rows of the function verify_quote';
CREATE FUNCTION tradeup_http.verify_quote(quote_id bigint) RETURNS SETOF tradeup_http.verify_quote_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.* FROM tradeup.verify_quote($1::bigint) v;
END;
COMMENT ON FUNCTION tradeup_http.verify_quote(bigint) IS 'A quote computed again, field by field';

CREATE FUNCTION tradeup_http.quote_sheet(quote_id bigint) RETURNS SETOF tradeup_http.deal_sheet_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.quote q, tradeup.deal_sheet(q) s WHERE q.quote_id = $1::bigint ORDER BY s.place;
END;
COMMENT ON FUNCTION tradeup_http.quote_sheet(bigint) IS 'The worksheet of a quote';

CREATE FUNCTION tradeup_http.quote_schedule(quote_id bigint) RETURNS SETOF tradeup_http.schedule_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM tradeup.quote q, tradeup.schedule(q.deal::tradeup.deal, q.price) s WHERE q.quote_id = $1::bigint ORDER BY s.number;
END;
COMMENT ON FUNCTION tradeup_http.quote_schedule(bigint) IS 'The payments of a quote';

CREATE TYPE tradeup_http.expire_quotes_row AS (expired bigint);
COMMENT ON TYPE tradeup_http.expire_quotes_row IS 'Rows of the function expire_quotes';
CREATE FUNCTION tradeup_http.expire_quotes() RETURNS tradeup_http.expire_quotes_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup.expire_quotes() AS expired;
END;
COMMENT ON FUNCTION tradeup_http.expire_quotes() IS 'Records the end of all quotes past their time';

CREATE TYPE tradeup_http.programs_row AS (name text, version integer, title text, currency text, published_at timestamp with time
    zone, profile_count integer, term_count integer, tier_count integer, tiers text, is_default boolean);
COMMENT ON TYPE tradeup_http.programs_row IS 'Rows of the function programs';
CREATE FUNCTION tradeup_http.programs() RETURNS SETOF tradeup_http.programs_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.name, p.version, p.title, p.currency, p.published_at, p.profile_count, p.term_count, p.tier_count, p.tiers, EXISTS
        (SELECT FROM tradeup.program_default d WHERE d.program = p.name) AS is_default FROM tradeup.current_program p UNION ALL
        SELECT p.name, p.version, p.title, p.currency, NULL, NULL, NULL, NULL, NULL, false FROM tradeup.program p WHERE
        p.published_at IS NULL AND NOT EXISTS (SELECT FROM tradeup.program q WHERE q.name = p.name AND q.published_at IS NOT NULL)
        ORDER BY name, version;
END;
COMMENT ON FUNCTION tradeup_http.programs() IS 'Programs in force, each in its current version, and drafts of new programs, which
    have no published_at';

CREATE FUNCTION tradeup_http.program_schema() RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup.program_schema() AS document;
END;
COMMENT ON FUNCTION tradeup_http.program_schema() IS 'The JSON schema of a program';

CREATE TYPE tradeup_http.default_program_row AS (program text);
COMMENT ON TYPE tradeup_http.default_program_row IS 'Rows of the function default_program';
CREATE FUNCTION tradeup_http.default_program() RETURNS tradeup_http.default_program_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.program FROM tradeup.program_default d;
END;
COMMENT ON FUNCTION tradeup_http.default_program() IS 'The program of customers that have none of their own';

CREATE FUNCTION tradeup_http.set_default_program(program text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup.set_default_program($1::text);
END;
COMMENT ON FUNCTION tradeup_http.set_default_program(text) IS 'Marks the default program';

CREATE TYPE tradeup_http.program_problems_row AS (path text, problem text);
COMMENT ON TYPE tradeup_http.program_problems_row IS 'Rows of the function program_problems';
CREATE FUNCTION tradeup_http.program_problems(document jsonb) RETURNS SETOF tradeup_http.program_problems_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.path, p.problem FROM tradeup.program_problems($1::jsonb) p;
END;
COMMENT ON FUNCTION tradeup_http.program_problems(jsonb) IS 'Everything that is wrong with a program, each with its path';

CREATE TYPE tradeup_http.publish_document_row AS (name text, version integer);
COMMENT ON TYPE tradeup_http.publish_document_row IS 'Rows of the function publish_document';
CREATE FUNCTION tradeup_http.publish_document(document jsonb) RETURNS tradeup_http.publish_document_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT $1::jsonb ->> 'name' AS name, tradeup.program_from_json($1::jsonb) AS version;
END;
COMMENT ON FUNCTION tradeup_http.publish_document(jsonb) IS 'Publishes a program as a new version';

CREATE TYPE tradeup_http.compare_documents_row AS (path text, value_a jsonb, value_b jsonb);
COMMENT ON TYPE tradeup_http.compare_documents_row IS 'Rows of the function compare_documents';
CREATE FUNCTION tradeup_http.compare_documents(a jsonb, b jsonb) RETURNS SETOF tradeup_http.compare_documents_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.path, d.value_a, d.value_b FROM tradeup.program_diff($1::jsonb, $2::jsonb) d;
END;
COMMENT ON FUNCTION tradeup_http.compare_documents(jsonb, jsonb) IS 'What differs between two programs';

CREATE TYPE tradeup_http.versions_row AS (version integer, title text, currency text, published_at timestamp with time zone,
    valid_from date, valid_to date);
COMMENT ON TYPE tradeup_http.versions_row IS 'Rows of the function versions';
CREATE FUNCTION tradeup_http.versions(name text) RETURNS SETOF tradeup_http.versions_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.version, p.title, p.currency, p.published_at, p.valid_from, p.valid_to FROM tradeup.program p WHERE p.name = $1::text
        ORDER BY p.version DESC;
END;
COMMENT ON FUNCTION tradeup_http.versions(text) IS 'All versions of a program, drafts included';

CREATE FUNCTION tradeup_http.program(name text, version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tradeup.program_to_json($1::text, $2::integer) AS document;
END;
COMMENT ON FUNCTION tradeup_http.program(text, integer) IS 'A program as a document';

CREATE TYPE tradeup_http.rate_sheet_row AS (profile text, term integer, annual_rate numeric, down_payment_rate numeric, insurance
    numeric);
COMMENT ON TYPE tradeup_http.rate_sheet_row IS 'Rows of the function rate_sheet';
CREATE FUNCTION tradeup_http.rate_sheet(name text) RETURNS SETOF tradeup_http.rate_sheet_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.profile, r.term, r.annual_rate + r.rate_adjustment AS annual_rate, r.down_payment_rate, r.insurance FROM
        tradeup.rate_sheet r, tradeup.current_program p WHERE p.name = $1::text AND r.name = p.name AND r.version = p.version
        ORDER BY r.profile, r.term;
END;
COMMENT ON FUNCTION tradeup_http.rate_sheet(text) IS 'Rates by profile and term';

CREATE FUNCTION tradeup_http.program_diff(name text, from_version integer, to_version integer DEFAULT NULL) RETURNS SETOF
    tradeup_http.compare_documents_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.path, d.value_a, d.value_b FROM tradeup.program_diff($1::text, $2::integer, $3::integer) d;
END;
COMMENT ON FUNCTION tradeup_http.program_diff(text, integer, integer) IS 'What differs between two versions of a program';

CREATE TYPE tradeup_http.publish_program_row AS (published_at timestamp with time zone);
COMMENT ON TYPE tradeup_http.publish_program_row IS 'Rows of the function publish_program';
CREATE FUNCTION tradeup_http.publish_program(name text, version integer DEFAULT '1') RETURNS tradeup_http.publish_program_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tradeup.publish_program($1::text, $2::integer) AS published_at;
END;
COMMENT ON FUNCTION tradeup_http.publish_program(text, integer) IS 'Publishes a draft that stands in the tables';

CREATE TYPE tradeup_http.vehicles_row AS (vehicle_id text, make text, model text, body text, year integer, kilometers integer,
    color text, fuel text, transmission text, vin text, region text, dealer text, currency text, regular_price numeric,
    promotion_price numeric, rebate numeric, price numeric, price_minor bigint, cost numeric, status text, listed_on date, sold_on
    date);
COMMENT ON TYPE tradeup_http.vehicles_row IS 'Rows of the function vehicles';
CREATE FUNCTION tradeup_http.vehicles(filter jsonb DEFAULT '{}', after text DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS
    SETOF tradeup_http.vehicles_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.* FROM tradeup.vehicles_matching($1::jsonb) v WHERE $2::text IS NULL OR v.vehicle_id > $2::text ORDER BY v.vehicle_id
        LIMIT $3::integer;
END;
COMMENT ON FUNCTION tradeup_http.vehicles(jsonb, text, integer) IS 'Available vehicles that a filter lets through';

CREATE FUNCTION tradeup_http.vehicle(vehicle_id text) RETURNS tradeup_http.vehicles_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.* FROM tradeup.vehicle v WHERE v.vehicle_id = $1::text;
END;
COMMENT ON FUNCTION tradeup_http.vehicle(text) IS 'One vehicle, whatever its status';

CREATE FUNCTION tradeup_http.put_vehicle(vehicle_id text, currency text, regular_price numeric, make text DEFAULT NULL, model text
    DEFAULT NULL, body text DEFAULT NULL, year integer DEFAULT NULL, kilometers integer DEFAULT NULL, color text DEFAULT NULL,
    fuel text DEFAULT NULL, transmission text DEFAULT NULL, vin text DEFAULT NULL, region text DEFAULT NULL, dealer text DEFAULT
    NULL, promotion_price numeric DEFAULT NULL, rebate numeric DEFAULT NULL, cost numeric DEFAULT NULL, status text DEFAULT
    'available', listed_on date DEFAULT NULL, sold_on date DEFAULT NULL) RETURNS tradeup_http.vehicles_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO tradeup.vehicle AS v (vehicle_id, make, model, body, year, kilometers, color, fuel, transmission, vin, region, dealer,
        currency, regular_price, promotion_price, rebate, cost, status, listed_on, sold_on) VALUES ($1::text, $4::text, $5::text,
        $6::text, $7::integer, $8::integer, $9::text, $10::text, $11::text, $12::text, $13::text, $14::text, $2::text,
        $3::numeric, $15::numeric, $16::numeric, $17::numeric, $18::text, coalesce($19::date, (now() AT TIME ZONE 'UTC')::date),
        $20::date) ON CONFLICT (vehicle_id) DO UPDATE SET make = EXCLUDED.make, model = EXCLUDED.model, body = EXCLUDED.body, year
        = EXCLUDED.year, kilometers = EXCLUDED.kilometers, color = EXCLUDED.color, fuel = EXCLUDED.fuel, transmission =
        EXCLUDED.transmission, vin = EXCLUDED.vin, region = EXCLUDED.region, dealer = EXCLUDED.dealer, currency =
        EXCLUDED.currency, regular_price = EXCLUDED.regular_price, promotion_price = EXCLUDED.promotion_price, rebate =
        EXCLUDED.rebate, cost = EXCLUDED.cost, status = EXCLUDED.status, listed_on = coalesce($19::date, v.listed_on), sold_on =
        EXCLUDED.sold_on RETURNING v.*;
END;
COMMENT ON FUNCTION tradeup_http.put_vehicle(text, text, numeric, text, text, text, integer, integer, text, text, text, text,
    text, text, numeric, numeric, numeric, text, date, date) IS 'Stores a vehicle, new or in place of what is stored';

CREATE FUNCTION tradeup_http.change_vehicle(changes jsonb, vehicle_id text) RETURNS tradeup_http.vehicles_row
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE tradeup.vehicle v SET (status, regular_price, promotion_price, rebate, cost, dealer, region, kilometers, color, sold_on) =
        (SELECT CASE WHEN $1::jsonb ? 'status' THEN n.status ELSE v.status END, CASE WHEN $1::jsonb ? 'regular_price' THEN
        n.regular_price ELSE v.regular_price END, CASE WHEN $1::jsonb ? 'promotion_price' THEN n.promotion_price ELSE
        v.promotion_price END, CASE WHEN $1::jsonb ? 'rebate' THEN n.rebate ELSE v.rebate END, CASE WHEN $1::jsonb ? 'cost' THEN
        n.cost ELSE v.cost END, CASE WHEN $1::jsonb ? 'dealer' THEN n.dealer ELSE v.dealer END, CASE WHEN $1::jsonb ? 'region'
        THEN n.region ELSE v.region END, CASE WHEN $1::jsonb ? 'kilometers' THEN n.kilometers ELSE v.kilometers END, CASE WHEN
        $1::jsonb ? 'color' THEN n.color ELSE v.color END, CASE WHEN $1::jsonb ? 'sold_on' THEN n.sold_on ELSE v.sold_on END FROM
        jsonb_to_record($1::jsonb) n (status text, regular_price numeric, promotion_price numeric, rebate numeric, cost numeric,
        dealer text, region text, kilometers integer, color text, sold_on date)) WHERE v.vehicle_id = $2::text RETURNING v.*;
END;
COMMENT ON FUNCTION tradeup_http.change_vehicle(jsonb, text) IS 'Changes some columns of a vehicle: its status, its prices';

CREATE TYPE tradeup_http.statistics_row AS (topic text, name text, value numeric);
COMMENT ON TYPE tradeup_http.statistics_row IS 'Rows of the function statistics';
CREATE FUNCTION tradeup_http.statistics("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.statistics_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup.stats x ORDER BY x.topic, x.name LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.statistics(integer) IS 'Totals: inventory, prices, customers, programs, quotes';

CREATE TYPE tradeup_http.offer_statistics_row AS (day date, currency text, tier text, tier_rank integer, offers bigint, customers
    bigint, mean_change numeric, margin numeric);
COMMENT ON TYPE tradeup_http.offer_statistics_row IS 'Rows of the function offer_statistics';
CREATE FUNCTION tradeup_http.offer_statistics("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.offer_statistics_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup.offer_stats x ORDER BY x.currency, x.tier_rank NULLS LAST LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.offer_statistics(integer) IS 'Offers of today by currency and tier';

CREATE TYPE tradeup_http.quote_statistics_row AS (day date, tier text, quotes bigint, open bigint, accepted bigint, rejected
    bigint, withdrawn bigint, expired bigint);
COMMENT ON TYPE tradeup_http.quote_statistics_row IS 'Rows of the function quote_statistics';
CREATE FUNCTION tradeup_http.quote_statistics("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.quote_statistics_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup.quote_stats x ORDER BY x.day DESC, x.tier LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.quote_statistics(integer) IS 'Quotes of 30 days by day and tier';

CREATE TYPE tradeup_http.offers_today_row AS (day date, currency character varying, program character varying, program_version
    integer, dealer character varying, term integer, tier character varying, tier_rank integer, offers bigint, margin numeric);
COMMENT ON TYPE tradeup_http.offers_today_row IS 'Rows of the function offers_today';
CREATE FUNCTION tradeup_http.offers_today("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.offers_today_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup_bi.offers_today x ORDER BY x.currency, x.program, x.dealer, x.term, x.tier_rank NULLS LAST LIMIT
        $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.offers_today(integer) IS 'Offers of today by program, dealer, term and tier';

CREATE TYPE tradeup_http.price_by_term_row AS (currency character varying, program character varying, program_version integer,
    term integer, price_from numeric, price_to numeric, vehicles bigint, offers bigint, offers_in_tier bigint, margin numeric);
COMMENT ON TYPE tradeup_http.price_by_term_row IS 'Rows of the function price_by_term';
CREATE FUNCTION tradeup_http.price_by_term("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.price_by_term_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup_bi.price_by_term x ORDER BY x.currency, x.program, x.term, x.price_from LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.price_by_term(integer) IS 'Offers by ranges of prices and terms';

CREATE TYPE tradeup_http.affordability_row AS (currency character varying, price numeric, customers bigint, customers_in_tier
    bigint, all_customers bigint, share numeric, vehicles bigint);
COMMENT ON TYPE tradeup_http.affordability_row IS 'Rows of the function affordability';
CREATE FUNCTION tradeup_http.affordability("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.affordability_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup_bi.affordability x ORDER BY x.currency, x.price LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.affordability(integer) IS 'How many customers have an offer at each price';

CREATE TYPE tradeup_http.inventory_age_row AS (currency character varying, dealer character varying, make character varying, age
    character varying, age_rank integer, vehicles bigint, value numeric, days bigint, mean_days numeric);
COMMENT ON TYPE tradeup_http.inventory_age_row IS 'Rows of the function inventory_age';
CREATE FUNCTION tradeup_http.inventory_age("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.inventory_age_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup_bi.inventory_age x ORDER BY x.currency, x.dealer, x.make, x.age_rank LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.inventory_age(integer) IS 'Age of the inventory';

CREATE TYPE tradeup_http.inventory_turn_row AS (currency character varying, dealer character varying, in_stock bigint, value
    numeric, in_stock_a_year_ago bigint, sold_30_days bigint, sold_90_days bigint, sold_365_days bigint, mean_days_to_sell
    numeric, turn_rate numeric, days_of_supply numeric);
COMMENT ON TYPE tradeup_http.inventory_turn_row IS 'Rows of the function inventory_turn';
CREATE FUNCTION tradeup_http.inventory_turn("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.inventory_turn_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup_bi.inventory_turn x ORDER BY x.currency, x.dealer LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.inventory_turn(integer) IS 'Turn of the inventory by dealer';

CREATE TYPE tradeup_http.quote_funnel_row AS (day date, currency character varying, dealer character varying, user_name character
    varying, program character varying, make character varying, model character varying, issued bigint, viewed bigint, open
    bigint, accepted bigint, rejected bigint, withdrawn bigint, expired bigint, value numeric, accepted_value numeric,
    accepted_margin numeric);
COMMENT ON TYPE tradeup_http.quote_funnel_row IS 'Rows of the function quote_funnel';
CREATE FUNCTION tradeup_http.quote_funnel("limit" integer DEFAULT '1000') RETURNS SETOF tradeup_http.quote_funnel_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.* FROM tradeup_bi.quote_funnel x ORDER BY x.day DESC, x.dealer, x.user_name LIMIT $1::integer;
END;
COMMENT ON FUNCTION tradeup_http.quote_funnel(integer) IS 'What became of quotes';

CREATE TYPE tradeup_http.best_of_customers_row AS (customer_id character varying, currency character varying, program character
    varying, program_version integer, profile character varying, vehicle_id character varying, make character varying, model
    character varying, dealer character varying, price numeric, term integer, annual_rate numeric, tier character varying,
    tier_rank integer, current_payment numeric, monthly_payment numeric, payment_change numeric, loan_amount numeric, margin
    numeric);
COMMENT ON TYPE tradeup_http.best_of_customers_row IS 'Rows of the function best_of_customers';
CREATE FUNCTION tradeup_http.best_of_customers(after text DEFAULT NULL, "limit" integer DEFAULT '100') RETURNS SETOF
    tradeup_http.best_of_customers_row
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.* FROM tradeup_bi.best_offer b WHERE $1::text IS NULL OR b.customer_id > $1::text ORDER BY b.customer_id LIMIT
        $2::integer;
END;
COMMENT ON FUNCTION tradeup_http.best_of_customers(text, integer) IS 'The best offer of each customer';
