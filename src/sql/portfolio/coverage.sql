-- The offers of all customers, counted by what vehicles are grouped by, and by price.

CREATE OR REPLACE FUNCTION tradeup_internal.offers_by_group(prices bigint[], groups integer[],
                                                            profiles tradeup_internal.profile_customers[])
RETURNS TABLE (program text, version integer, term integer, tier text, tier_rank integer, group_number integer, offers bigint,
               margin numeric)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 ROWS 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offers_by_group(bigint[], integer[], tradeup_internal.profile_customers[]) IS
    'The offers of customers over vehicles, given by their prices in minor units, ascending, and the number of the group of '
    'each, from 1: how many there are by program, term, tier and group, and the sum of their margins';

CREATE OR REPLACE FUNCTION tradeup_internal.customers_by_price(prices bigint[], profiles tradeup_internal.profile_customers[])
RETURNS TABLE (price_minor bigint, customers bigint, in_tier bigint)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 ROWS 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.customers_by_price(bigint[], tradeup_internal.profile_customers[]) IS
    'How many customers have an offer at each of ascending prices in minor units, at any term, and how many one in a tier';
