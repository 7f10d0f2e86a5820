-- Whether a payment is affordable, as a condition on the price that an index of any table serves.

CREATE OR REPLACE FUNCTION tradeup_internal.affordable_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.affordable_support(internal) IS
    'Planner support: turns affordable(price, ...) into price <= price_for_payment(...), for indexes and estimates';

CREATE OR REPLACE FUNCTION tradeup.price_for_payment(
    max_payment tradeup.any_number,
    annual_rate tradeup.any_number,
    term tradeup.any_term,
    equity tradeup.any_number DEFAULT 0,
    interest_tax_rate tradeup.any_number DEFAULT 0,
    service_fee_rate tradeup.any_number DEFAULT 0,
    sales_tax_rate tradeup.any_number DEFAULT 0,
    document_fee tradeup.any_number DEFAULT 0,
    minor_digits integer DEFAULT 2,
    rounding text DEFAULT 'half_up'
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'price_for_payment_plain';
COMMENT ON FUNCTION tradeup.price_for_payment(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_number,
                                              tradeup.any_number, tradeup.any_number, tradeup.any_number, tradeup.any_number,
                                              integer,
                                              text) IS
    'The dearest price whose monthly payment is at most this one, for a plain loan; null when even a free vehicle costs more';

CREATE OR REPLACE FUNCTION tradeup.affordable(
    price tradeup.any_number,
    max_payment tradeup.any_number,
    annual_rate tradeup.any_number,
    term tradeup.any_term,
    equity tradeup.any_number DEFAULT 0,
    interest_tax_rate tradeup.any_number DEFAULT 0,
    service_fee_rate tradeup.any_number DEFAULT 0,
    sales_tax_rate tradeup.any_number DEFAULT 0,
    document_fee tradeup.any_number DEFAULT 0,
    minor_digits integer DEFAULT 2,
    rounding text DEFAULT 'half_up'
) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 SUPPORT tradeup_internal.affordable_support AS 'MODULE_PATHNAME',
    'affordable_plain';
COMMENT ON FUNCTION tradeup.affordable(tradeup.any_number, tradeup.any_number, tradeup.any_number, tradeup.any_term,
                                       tradeup.any_number, tradeup.any_number, tradeup.any_number, tradeup.any_number,
                                       tradeup.any_number, integer, text) IS
    'Whether the monthly payment of a plain loan on this price is at most max_payment, to the cent; an index on the price serves '
    'it';

CREATE OR REPLACE FUNCTION tradeup.affordable(price tradeup.any_number, max_payment tradeup.any_number,
                                              deal tradeup.deal) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 SUPPORT tradeup_internal.affordable_support AS 'MODULE_PATHNAME',
    'affordable_deal';
COMMENT ON FUNCTION tradeup.affordable(tradeup.any_number, tradeup.any_number, tradeup.deal) IS
    'Whether the payment of a deal at this price is at most max_payment, to the cent; an index on the price serves it. Whether '
    'an offer exists there is not asked';
