-- Plain loans and leases, exact to the unit of money; and the annual percentage rate of Regulation Z.

-- The terms that few loans have are keys of terms: balloon, payment, interest_only, due, extras, extra_keeps, day_count, level,
-- odd_days, rounding, unit.
CREATE OR REPLACE FUNCTION tradeup.amortization(
    principal tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    frequency text DEFAULT 'monthly',
    start_date tradeup.any_date DEFAULT NULL::date,
    first_payment tradeup.any_date DEFAULT NULL::date,
    extra tradeup.any_number DEFAULT 0,
    terms tradeup.any_json DEFAULT NULL::jsonb,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS SETOF tradeup.installment
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.amortization(tradeup.any_number, tradeup.any_number, tradeup.any_term, text, tradeup.any_date,
                                         tradeup.any_date, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'The payments of a loan, exact to the unit: interest on the opening balance, level payments, the last one pays what is left '
    'and the balloon. The rate is a fraction (0.0875) or annual_percent => 8.75; rare terms are a JSON object. Null for '
    'start_date, first_payment or terms means none; any other null gives no rows';

CREATE OR REPLACE FUNCTION tradeup.loan_totals(
    principal tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    frequency text DEFAULT 'monthly'::text,
    start_date tradeup.any_date DEFAULT NULL::date,
    first_payment tradeup.any_date DEFAULT NULL::date,
    extra tradeup.any_number DEFAULT 0,
    terms tradeup.any_json DEFAULT NULL::jsonb,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS SETOF tradeup.loan_year
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 250 ROWS 6
BEGIN ATOMIC
    SELECT extract(year FROM a.due_date)::integer, count(*)::integer, sum(a.payment), sum(a.interest), sum(a.principal),
           sum(a.extra), (array_agg(a.closing ORDER BY a.period DESC))[1]
    FROM tradeup.amortization(loan_totals.principal, loan_totals.annual_rate, loan_totals.term, loan_totals.frequency,
                              loan_totals.start_date, loan_totals.first_payment, loan_totals.extra, loan_totals.terms,
                              loan_totals.annual_percent) a
    GROUP BY 1 ORDER BY 1;
END;
COMMENT ON FUNCTION tradeup.loan_totals(tradeup.any_number, tradeup.any_number, tradeup.any_term, text, tradeup.any_date,
                                        tradeup.any_date, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'What is paid on a loan in each calendar year: the payments of amortization added up by the year of their due date, and the '
    'balance after the last of them. A loan without dates has one row, without year';

CREATE OR REPLACE FUNCTION tradeup.payoff(
    principal tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    on_date tradeup.any_date DEFAULT '-infinity',
    start_date tradeup.any_date DEFAULT NULL::date,
    first_payment tradeup.any_date DEFAULT NULL::date,
    frequency text DEFAULT 'monthly',
    extra tradeup.any_number DEFAULT 0,
    terms tradeup.any_json DEFAULT NULL::jsonb,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS tradeup.payoff_statement
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payoff(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_date, tradeup.any_date,
                                   tradeup.any_date, text, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'What pays off a loan on a date when all payments due so far were made: the balance, and interest by the day since the last '
    'due date. The rate is a fraction (0.0875) or annual_percent => 8.75; rare terms are a JSON object. Null for first_payment '
    'or terms means none; any other null but start_date gives null';

CREATE OR REPLACE FUNCTION tradeup.lease_payment(
    capitalized_cost tradeup.any_number,
    residual tradeup.any_number,
    term tradeup.any_term,
    money_factor tradeup.any_number,
    tax_rate tradeup.any_number DEFAULT 0,
    rounding text DEFAULT 'half_up'::text,
    unit tradeup.any_number DEFAULT 0.01
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.lease_payment(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_number,
                                          tradeup.any_number, text, tradeup.any_number) IS
    'The monthly payment of a lease: depreciation (cost less residual, over the term) and rent (cost plus residual, times the '
    'money factor), with tax, rounded once';

CREATE OR REPLACE FUNCTION tradeup.money_factor(
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.money_factor(tradeup.any_number, tradeup.any_number) IS
    'The money factor of a lease at a yearly rate, a fraction (0.042) or annual_percent => 4.2: a twenty-fourth of it, to 16 '
    'decimals';

CREATE OR REPLACE FUNCTION tradeup.money_factor_to_apr(money_factor tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.money_factor_to_apr(tradeup.any_number) IS
    'The yearly rate that a lease''s money factor stands for: 24 times it';

CREATE OR REPLACE FUNCTION tradeup.principal_for_payment(
    payment tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    frequency text DEFAULT 'monthly'::text,
    balloon tradeup.any_number DEFAULT 0,
    rounding text DEFAULT 'half_up'::text,
    unit tradeup.any_number DEFAULT 0.01,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.principal_for_payment(tradeup.any_number, tradeup.any_number, tradeup.any_term, text,
                                                  tradeup.any_number, text, tradeup.any_number, tradeup.any_number) IS
    'The largest loan whose level payment, rounded, is at most this one; null when there is none. The rate is a fraction '
    '(0.0875) or annual_percent => 8.75';

CREATE OR REPLACE FUNCTION tradeup.term_for_payment(
    principal tradeup.any_number,
    payment tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    frequency text DEFAULT 'monthly'::text,
    rounding text DEFAULT 'half_up'::text,
    unit tradeup.any_number DEFAULT 0.01,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS integer
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.term_for_payment(tradeup.any_number, tradeup.any_number, tradeup.any_number, text, text,
                                             tradeup.any_number, tradeup.any_number) IS
    'The least number of payments whose level payment, rounded, is at most this one, up to 40 years; null when there is none. '
    'The rate is a fraction (0.0875) or annual_percent => 8.75';

CREATE OR REPLACE FUNCTION tradeup.apr(
    amount tradeup.any_number,
    payment tradeup.any_number,
    payments tradeup.any_term,
    start_date tradeup.any_date,
    first_payment tradeup.any_date,
    frequency text DEFAULT 'monthly'::text,
    prepaid_finance_charge tradeup.any_number DEFAULT 0,
    last_payment tradeup.any_number DEFAULT NULL::numeric
) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.apr(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_date, tradeup.any_date,
                                text, tradeup.any_number, tradeup.any_number) IS
    'The annual percentage rate of equal payments by the actuarial method of US Regulation Z, Appendix J, as a fraction. Null '
    'for last_payment means a payment like the others; any other null gives null, and so does a loan that no rate explains';

CREATE OR REPLACE FUNCTION tradeup.apr_of_flows(
    advances tradeup.any_number[],
    advance_dates tradeup.any_date[],
    payments tradeup.any_number[],
    payment_dates tradeup.any_date[],
    unit_period text DEFAULT 'month'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'apr_flows';
COMMENT ON FUNCTION tradeup.apr_of_flows(tradeup.any_number[], tradeup.any_date[], tradeup.any_number[], tradeup.any_date[],
                                         text) IS
    'The annual percentage rate of any advances and payments by the actuarial method of US Regulation Z, Appendix J, as a '
    'fraction; null when no rate explains them';
