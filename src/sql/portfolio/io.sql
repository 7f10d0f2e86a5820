-- Text and binary forms of price lists, and of the changes of prices.

CREATE OR REPLACE FUNCTION tradeup_internal.price_changes_in(cstring) RETURNS tradeup.price_changes
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.price_changes_out(tradeup.price_changes) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_changes_in(cstring) IS
    'Refuses: changes of prices are made by price_changes(old_prices, new_prices)';
COMMENT ON FUNCTION tradeup_internal.price_changes_out(tradeup.price_changes) IS 'How many vehicles there are';

CREATE OR REPLACE FUNCTION tradeup_internal.price_list_in(cstring) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_out(tradeup.price_list) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_recv(internal) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.price_list_send(tradeup.price_list) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_in(cstring) IS
    'A price list from its text form: v1 and the prices in braces, in any order';
COMMENT ON FUNCTION tradeup_internal.price_list_out(tradeup.price_list) IS
    'The text form of a price list: v1 and the prices in braces, in ascending order';
COMMENT ON FUNCTION tradeup_internal.price_list_recv(internal) IS 'A price list from its binary form, which is its text';
COMMENT ON FUNCTION tradeup_internal.price_list_send(tradeup.price_list) IS 'The binary form of a price list, which is its text';
