-- The price list: the prices of an inventory, sorted and added up, so that offers are counted by binary search.

-- The state of the aggregates is a price list, an ordinary type with a function that combines two: so the lists of parallel
-- workers, partitions or other servers become one.
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_step(prices tradeup.price_list,
                                                            price tradeup.any_number) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_step(tradeup.price_list, tradeup.any_number) IS
    'A list with one more price, in a currency with 2 decimals; step of the aggregate price_list';
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_step(prices tradeup.price_list, price tradeup.any_number,
                                                            minor_digits integer)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'price_list_step_digits';
COMMENT ON FUNCTION tradeup_internal.price_list_step(tradeup.price_list, tradeup.any_number, integer) IS
    'A list with one more price; step of the aggregate price_list with decimals';
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_step_minor(prices tradeup.price_list, price_minor bigint,
                                                                  minor_digits integer) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_step_minor(tradeup.price_list, bigint, integer) IS
    'A list with one more price, in minor units; step of the aggregate price_list_minor';
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_combine(prices tradeup.price_list, more tradeup.price_list)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_combine(tradeup.price_list, tradeup.price_list) IS
    'The prices of both lists; null, and a list without prices, add nothing. Step of the aggregate price_lists';

CREATE OR REPLACE AGGREGATE tradeup.price_list(price tradeup.any_number) (
    SFUNC = tradeup_internal.price_list_step, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.price_list(tradeup.any_number) IS
    'The list of all prices, nulls left out, in a currency with 2 decimals; an empty list when there are none';
CREATE OR REPLACE AGGREGATE tradeup.price_list(price tradeup.any_number, minor_digits integer) (
    SFUNC = tradeup_internal.price_list_step, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.price_list(tradeup.any_number, integer) IS
    'The list of all prices, nulls left out, in a currency with this number of decimals (0 to 4)';
CREATE OR REPLACE AGGREGATE tradeup_internal.price_list_minor(price_minor bigint, minor_digits integer) (
    SFUNC = tradeup_internal.price_list_step_minor, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.price_list_minor(bigint, integer) IS
    'The list of all prices, nulls left out, which come in minor units of a currency with this number of decimals (0 to 4)';
CREATE OR REPLACE AGGREGATE tradeup.price_lists(prices tradeup.price_list) (
    SFUNC = tradeup_internal.price_list_combine, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.price_lists(tradeup.price_list) IS
    'The prices of all lists, nulls left out, in the decimals of the first; an empty list when there are none';

CREATE OR REPLACE FUNCTION tradeup_internal.price_list_add(prices tradeup.price_list, added tradeup.price_list)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_add(tradeup.price_list, tradeup.price_list) IS
    'The prices of both lists; behind the operator +';

CREATE OR REPLACE FUNCTION tradeup_internal.price_list_remove(prices tradeup.price_list, removed tradeup.price_list)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_remove(tradeup.price_list, tradeup.price_list) IS
    'The prices of the first list without those of the second, each as often as it is there; an error when the first does not '
    'have them. Behind the operator -';

CREATE OR REPLACE FUNCTION tradeup.price_count(prices tradeup.price_list) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_count(tradeup.price_list) IS 'The number of prices in a list';

CREATE OR REPLACE FUNCTION tradeup.price_sum(prices tradeup.price_list) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_sum(tradeup.price_list) IS 'The sum of the prices of a list';

CREATE OR REPLACE FUNCTION tradeup.count_between(prices tradeup.price_list, lowest tradeup.any_number,
                                                 highest tradeup.any_number) RETURNS bigint
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.count_between(tradeup.price_list, tradeup.any_number, tradeup.any_number) IS
    'How many prices of a list lie from lowest to highest, both included; null for a bound: none';

CREATE OR REPLACE FUNCTION tradeup.sum_between(prices tradeup.price_list, lowest tradeup.any_number,
                                               highest tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.sum_between(tradeup.price_list, tradeup.any_number, tradeup.any_number) IS
    'The sum of the prices of a list from lowest to highest, both included; null for a bound: none';

CREATE OR REPLACE FUNCTION tradeup.prices(prices tradeup.price_list) RETURNS SETOF numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.prices(tradeup.price_list) IS 'The prices of a list as rows, in ascending order';

CREATE OR REPLACE FUNCTION tradeup.offer_counts(prices tradeup.price_list, deal tradeup.deal, OUT tier text, OUT rank integer,
                                                OUT offers bigint, OUT price_sum numeric, OUT mean_change numeric,
                                                OUT margin numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.offer_counts(tradeup.price_list, tradeup.deal) IS
    'The offers that a deal makes of the prices of a list, counted by tier: their number, the sum of their prices, the mean '
    'payment change and the sum of the margins; the last row, of offers in no tier, has a null tier';
