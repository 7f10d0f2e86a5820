-- Limits that a program adds to a deal, and prices from amounts. Only functions, so that updates run this file too.

CREATE OR REPLACE FUNCTION tradeup.restricted(deal tradeup.deal, min_price numeric DEFAULT NULL, max_price numeric DEFAULT NULL,
                                   max_loan_to_value numeric DEFAULT NULL) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.restricted(tradeup.deal, numeric, numeric, numeric) IS
    'The deal with a lowest and a highest price, and a largest amount financed as a multiple of the price; null leaves a limit as it is';

CREATE OR REPLACE FUNCTION tradeup.price_for_amount(deal tradeup.deal, amount text, most numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'price_for_amount_deal';
COMMENT ON FUNCTION tradeup.price_for_amount(tradeup.deal, text, numeric) IS
    'The dearest price whose payment, payment_change, loan_amount, service_fee, opening_fee or margin is at most this; null when there is none. Whether an offer exists there is not asked';
