-- The deal: everything of an offer but the vehicle, compiled. All amounts are functions of a deal and a price.

CREATE OR REPLACE FUNCTION tradeup.deal(annual_rate tradeup.any_number DEFAULT NULL::numeric, term tradeup.any_term DEFAULT 0,
                                        equity tradeup.any_number DEFAULT 0,
                                        current_payment tradeup.any_number DEFAULT NULL::numeric,
                                        current_price tradeup.any_number DEFAULT NULL::numeric,
                                        down_payment_rate tradeup.any_number DEFAULT 0,
                                        service_fee_rate tradeup.any_number DEFAULT 0,
                                        terms tradeup.any_json DEFAULT NULL::jsonb,
                                        annual_percent tradeup.any_number DEFAULT NULL::numeric) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal(tradeup.any_number, tradeup.any_term, tradeup.any_number, tradeup.any_number, tradeup.any_number,
                                 tradeup.any_number, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'Compiles a deal; amounts in major units, rates as fractions (0.049, or annual_percent => 4.9), term in months, all other '
    'terms by name in a JSON object. Null for current_payment, current_price or terms means none; any other null gives null';

-- All terms of a deal, each with its type: what deals of programs are made by. Null for current_payment, current_price,
-- trade_value, income, min_*, max_*, first_payment_days, change_digits or tiers means none; any other null gives null. The rate
-- is a fraction that adjustments may take above 1.
CREATE OR REPLACE FUNCTION tradeup_internal.compiled_deal(
    annual_rate numeric, term integer, equity numeric, current_payment numeric, current_price numeric, trade_value numeric,
    income numeric, customer_bonus numeric, down_payment_rate numeric, interest_tax_rate numeric, service_fee_rate numeric,
    sales_tax_rate numeric, sales_tax_base text, sales_tax_financed boolean, document_fee numeric, fees_financed boolean,
    opening_fee_rate numeric, opening_fee_tax_rate numeric, opening_fee_less_equity boolean,
    bonus numeric, protection numeric, insurance numeric, insurance_months integer, insurance_renewed boolean,
    gps_installation numeric, gps_monthly numeric, gps_tax_rate numeric, installation_from_equity boolean,
    installation_financed boolean, installation_in_first_payment boolean, margin_cost numeric, margin_service_fee boolean,
    margin_opening_fee boolean, margin_protection boolean, kind text, residual_rate numeric, acquisition_fee numeric,
    end_fee numeric, lease_tax text, payments_in_advance boolean, payment_frequency text, first_payment_days integer,
    max_change numeric, max_component numeric, max_financed numeric, min_payment numeric, max_payment_to_income numeric,
    change_digits integer, minor_digits integer, rounding text, tiers text, min_price numeric, max_price numeric,
    max_loan_to_value numeric
) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.compiled_deal(numeric, integer, numeric, numeric, numeric, numeric, numeric, numeric,
                                                   numeric, numeric, numeric, numeric, text, boolean, numeric, boolean, numeric,
                                                   numeric, boolean, numeric, numeric, numeric, integer, boolean, numeric,
                                                   numeric, numeric, boolean, boolean, boolean, numeric, boolean, boolean,
                                                   boolean, text, numeric, numeric, numeric, text, boolean, text, integer,
                                                   numeric, numeric, numeric, numeric, numeric, integer, integer, text, text,
                                                   numeric, numeric, numeric) IS
    'Compiles a deal from all its terms, as programs hold them';

CREATE OR REPLACE FUNCTION tradeup.deal_for(deal tradeup.deal, annual_rate numeric, term integer,
                                            equity numeric DEFAULT 0,
                                            current_payment numeric DEFAULT NULL,
                                            current_price numeric DEFAULT NULL,
                                            trade_value numeric DEFAULT NULL, bonus numeric DEFAULT 0,
                                            income numeric DEFAULT NULL, residual_rate numeric DEFAULT NULL)
RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal_for(tradeup.deal, numeric, integer, numeric, numeric,
                                     numeric, numeric, numeric, numeric,
                                     numeric) IS
    'The deal of another customer, rate and term under the same program: all else is as in the deal given, the residual too if '
    'none is given. The bonus is the customer''s own. Null for current_payment, current_price, trade_value or income means none; '
    'any other null gives null';

CREATE OR REPLACE FUNCTION tradeup.payment(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment(tradeup.deal, tradeup.any_number) IS
    'The first payment for a vehicle of this price, exact to the cent';

CREATE OR REPLACE FUNCTION tradeup.payment_unrounded(deal tradeup.deal, price tradeup.any_number) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_unrounded(tradeup.deal, tradeup.any_number) IS
    'The first payment, unrounded, for analysis';

CREATE OR REPLACE FUNCTION tradeup.payment_change(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_change(tradeup.deal, tradeup.any_number) IS
    'The payment against the current one as a fraction (0.1 is ten percent more), to 6 decimals; null without a current payment';

CREATE OR REPLACE FUNCTION tradeup.tier(deal tradeup.deal, price tradeup.any_number) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier(tradeup.deal, tradeup.any_number) IS
    'The tier of an offer at this price; null when there is no offer, or none of the tiers';

CREATE OR REPLACE FUNCTION tradeup.tier_rank(deal tradeup.deal, price tradeup.any_number) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier_rank(tradeup.deal, tradeup.any_number) IS
    'The rank of the tier of an offer at this price: 1 for the tier of the smallest payment changes; null where there is no tier';

CREATE OR REPLACE FUNCTION tradeup.loan_amount(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.loan_amount(tradeup.deal, tradeup.any_number) IS
    'The amount financed: loan, fees, protection and insurance';

CREATE OR REPLACE FUNCTION tradeup.effective_equity(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.effective_equity(tradeup.deal, tradeup.any_number) IS
    'The equity left for the down payment: equity and bonus less the opening fee and what else is taken from it';

CREATE OR REPLACE FUNCTION tradeup.service_fee(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.service_fee(tradeup.deal, tradeup.any_number) IS 'The service fee, which is financed';

CREATE OR REPLACE FUNCTION tradeup.opening_fee(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.opening_fee(tradeup.deal, tradeup.any_number) IS
    'The opening fee with its tax, which is taken from the equity';

CREATE OR REPLACE FUNCTION tradeup.margin(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.margin(tradeup.deal, tradeup.any_number) IS
    'The fees that count as margin less the margin cost; offers are ranked by it';

CREATE OR REPLACE FUNCTION tradeup.monthly_payment(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.monthly_payment(tradeup.deal, tradeup.any_number) IS
    'The payments of a month, which a payment change compares: payments a year times the payment, by 12; with monthly payments '
    'the payment itself';

CREATE OR REPLACE FUNCTION tradeup.payment_frequency(deal tradeup.deal) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_frequency(tradeup.deal) IS
    'How often the payment is due: monthly, semimonthly, bi-weekly, weekly, quarterly, semiannually or yearly';

CREATE OR REPLACE FUNCTION tradeup.due_at_signing(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.due_at_signing(tradeup.deal, tradeup.any_number) IS
    'What is paid when the contract is signed, beside the vehicle traded in: sales tax and fees that are not financed, the tax '
    'of a lease if it is due upfront, and a payment in advance';

CREATE OR REPLACE FUNCTION tradeup.interest_npv(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'interest_npv_deal';
COMMENT ON FUNCTION tradeup.interest_npv(tradeup.deal, tradeup.any_number) IS
    'Net present value of the taxed interest on the loan amount over the term, exact to the cent';

CREATE OR REPLACE FUNCTION tradeup.interest_npv(loan_amount double precision, annual_rate double precision, term tradeup.any_term,
                                                interest_tax_rate double precision DEFAULT 0) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'interest_npv_loan';
COMMENT ON FUNCTION tradeup.interest_npv(double precision, double precision, tradeup.any_term, double precision) IS
    'Net present value of the taxed interest on a loan, discounted at the taxed rate, unrounded';

CREATE OR REPLACE FUNCTION tradeup.eligible(deal tradeup.deal, price tradeup.any_number) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.eligible(tradeup.deal, tradeup.any_number) IS 'Whether an offer exists at this price';

CREATE OR REPLACE FUNCTION tradeup.lowest_price(deal tradeup.deal, tiered boolean DEFAULT false) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.lowest_price(tradeup.deal, boolean) IS
    'The lowest price of an offer, or of an offer with a tier; null when there is none';

CREATE OR REPLACE FUNCTION tradeup.highest_price(deal tradeup.deal, tiered boolean DEFAULT false) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.highest_price(tradeup.deal, boolean) IS
    'The highest price of an offer, or of an offer with a tier; null when there is none';

CREATE OR REPLACE FUNCTION tradeup.price_for_payment(deal tradeup.deal, payment tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'price_for_payment_deal';
COMMENT ON FUNCTION tradeup.price_for_payment(tradeup.deal, tradeup.any_number) IS
    'The dearest price whose payment is at most this one; null when even a free vehicle costs more. Whether an offer exists '
    'there is not asked';

CREATE OR REPLACE FUNCTION tradeup.windows(deal tradeup.deal, OUT tier text, OUT rank integer, OUT lowest_price numeric,
                                           OUT highest_price numeric, OUT lowest_minor bigint, OUT highest_minor bigint,
                                           OUT lowest_whole bigint, OUT highest_whole bigint)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.windows(tradeup.deal) IS
    'The closed intervals of prices, in ascending order, at which offers exist, in major units, in minor units (cents) and in '
    'whole units rounded inward, each for a price column of its kind; tier and rank are null where an offer has no tier';

-- Each window carries the currency, so that vehicles are joined to windows alone: joined to deals by it, they would all be read.
CREATE OR REPLACE FUNCTION tradeup_internal.windows_within(deal tradeup.deal, price_from tradeup.any_number,
                                                           price_to tradeup.any_number,
                                                           deal_currency text, OUT tier text, OUT rank integer,
                                                           OUT lowest_minor bigint, OUT highest_minor bigint, OUT currency text)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.windows_within(tradeup.deal, tradeup.any_number, tradeup.any_number, text) IS
    'The windows of a deal, cut at a lowest and a highest price (null: none), in minor units, each with the currency given';

CREATE OR REPLACE FUNCTION tradeup.schedule(deal tradeup.deal, price tradeup.any_number, OUT number integer, OUT financed numeric,
                                            OUT opening_balance numeric, OUT principal numeric, OUT interest numeric,
                                            OUT charges numeric, OUT tax numeric, OUT payment numeric,
                                            OUT closing_balance numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.schedule(tradeup.deal, tradeup.any_number) IS
    'The amortization schedule in exact cents: the first payment is the quoted one (but for terms of one payment), the principal '
    'adds up to what is financed, the last balance is 0. The last payment of a balloon loan is the balloon too, the balance of a '
    'lease ends at what the vehicle is worth then';

CREATE OR REPLACE FUNCTION tradeup.deal_sheet(deal tradeup.deal, price tradeup.any_number, OUT place integer, OUT part text,
                                              OUT name text, OUT amount numeric, OUT settled text)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal_sheet(tradeup.deal, tradeup.any_number) IS
    'The worksheet of a deal, line by line: each line''s amount and how it is settled (financed, due at signing, monthly, over '
    'the term, at the end). The lines of a part add up to its sum to the cent; the last line is a rate';

CREATE OR REPLACE FUNCTION tradeup.reference_schedule(deal tradeup.deal, price tradeup.any_number)
RETURNS SETOF tradeup.reference_installment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 400 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.reference_schedule(tradeup.deal, tradeup.any_number) IS
    'The schedule of the audited spreadsheet, unrounded: principal at the taxed rate, interest at the untaxed one';
CREATE OR REPLACE FUNCTION tradeup.restricted(deal tradeup.deal, min_price tradeup.any_number DEFAULT NULL::numeric,
                                              max_price tradeup.any_number DEFAULT NULL::numeric,
                                              max_loan_to_value tradeup.any_number DEFAULT NULL::numeric) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.restricted(tradeup.deal, tradeup.any_number, tradeup.any_number, tradeup.any_number) IS
    'The deal with a lowest and a highest price, and a largest amount financed as a multiple of the price; null leaves a limit '
    'as it is';

CREATE OR REPLACE FUNCTION tradeup.price_for_amount(deal tradeup.deal, amount text, most tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'price_for_amount_deal';
COMMENT ON FUNCTION tradeup.price_for_amount(tradeup.deal, text, tradeup.any_number) IS
    'The dearest price whose payment, monthly_payment, payment_change, loan_amount, service_fee, opening_fee or margin is at '
    'most this; null when there is none. Whether an offer exists there is not asked';

-- The same at a price in minor units, for what reads vehicles by their index on it.
CREATE OR REPLACE FUNCTION tradeup_internal.payment_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.payment_minor(tradeup.deal, bigint) IS 'The payment at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.monthly_payment_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.monthly_payment_minor(tradeup.deal, bigint) IS
    'The payments of a month at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.payment_change_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.payment_change_minor(tradeup.deal, bigint) IS 'The payment change at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.tier_minor(deal tradeup.deal, price_minor bigint) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.tier_minor(tradeup.deal, bigint) IS 'The tier at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.tier_rank_minor(deal tradeup.deal, price_minor bigint) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.tier_rank_minor(tradeup.deal, bigint) IS 'The rank of the tier at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.loan_amount_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.loan_amount_minor(tradeup.deal, bigint) IS 'The amount financed at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.effective_equity_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.effective_equity_minor(tradeup.deal, bigint) IS
    'The effective equity at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.service_fee_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.service_fee_minor(tradeup.deal, bigint) IS 'The service fee at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.opening_fee_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.opening_fee_minor(tradeup.deal, bigint) IS 'The opening fee at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.margin_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.margin_minor(tradeup.deal, bigint) IS 'The margin at a price in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.lowest_minor(deal tradeup.deal, tiered boolean) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.lowest_minor(tradeup.deal, boolean) IS 'What lowest_price gives, in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.highest_minor(deal tradeup.deal, tiered boolean) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.highest_minor(tradeup.deal, boolean) IS 'What highest_price gives, in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.minor_at_least(deal tradeup.deal, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.minor_at_least(tradeup.deal, numeric) IS
    'The lowest price in minor units of the deal that is not below this one';

CREATE OR REPLACE FUNCTION tradeup_internal.minor_at_most(deal tradeup.deal, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.minor_at_most(tradeup.deal, numeric) IS
    'The highest price in minor units of the deal that is not above this one; -1 below 0';

CREATE OR REPLACE FUNCTION tradeup_internal.dearest_minor(deal tradeup.deal, amount text, most numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dearest_minor(tradeup.deal, text, numeric) IS
    'What price_for_amount gives, in minor units; -1 when there is no such price; null for payment_change without a '
    'current payment';
