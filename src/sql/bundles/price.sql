-- What bundles cost.

CREATE OR REPLACE FUNCTION tradeup_bundles.bundle_price(prices numeric[], quantities integer[], percents numeric[],
                                                        objective text DEFAULT NULL::text, minor_digits integer DEFAULT 2)
RETURNS tradeup_bundles.priced_bundle
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles.bundle_price(numeric[], integer[], numeric[], text, integer) IS
    'What a bundle costs: percents cut to the bounds of the objective, a price with a nice ending, never above the sum, and the '
    'discounts of the lines; without an objective percents are not cut and the price is the plain one';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.objectives(OUT objective text, OUT lowest_percent numeric,
                                                               OUT highest_percent numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 ROWS 9 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.objectives() IS
    'The objectives of bundles, with their bounds; behind the view objective';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.currency_digits(currency text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'currency_digits_of';
COMMENT ON FUNCTION tradeup_bundles_internal.currency_digits(text) IS
    'The decimals of a currency by its ISO 4217 code; null for a code that is not in use';
