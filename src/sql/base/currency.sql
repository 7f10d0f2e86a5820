-- Currencies and minor units.

CREATE OR REPLACE FUNCTION tradeup.currency_digits(currency text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'currency_digits_of';
COMMENT ON FUNCTION tradeup.currency_digits(text) IS
    'The decimals of a currency by its ISO 4217 code: 2 for MXN, 0 for JPY, 3 for KWD; null for a code that is not in use';

CREATE OR REPLACE FUNCTION tradeup_internal.price_minor(regular_price numeric, promotion_price numeric, rebate numeric,
                                                        currency text)
RETURNS bigint
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_minor(numeric, numeric, numeric, text) IS
    'The lower of two prices (null: none) less a rebate, in minor units of the currency; null when one of them is no whole '
    'number of these';

CREATE OR REPLACE FUNCTION tradeup_internal.effective_price(regular_price numeric, promotion_price numeric, rebate numeric,
                                                            currency text)
RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.effective_price(numeric, numeric, numeric, text) IS
    'The price of a vehicle in major units, its promotion and rebate counted, with the decimals of the currency';

CREATE OR REPLACE FUNCTION tradeup_internal.minor_at_least(minor_digits integer, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'minor_at_least_digits';
COMMENT ON FUNCTION tradeup_internal.minor_at_least(integer, numeric) IS
    'The lowest price in minor units of so many decimals that is not below this one';

CREATE OR REPLACE FUNCTION tradeup_internal.minor_at_most(minor_digits integer, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'minor_at_most_digits';
COMMENT ON FUNCTION tradeup_internal.minor_at_most(integer, numeric) IS
    'The highest price in minor units of so many decimals that is not above this one; -1 below 0';
