-- What sells together, over any table: aggregates that gather baskets and items and return what is in them as an array.

-- Baskets are gathered in memory, up to work_mem times hash_mem_multiplier; values of any type are told apart by their texts.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.basket_step(gathered internal, basket "any", item "any") RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_step(internal, "any", "any") IS
    'One more item of a basket; step of the aggregates over baskets';
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.basket_step(gathered internal, basket "any", item "any", options jsonb)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_step(internal, "any", "any", jsonb) IS
    'One more item of a basket, with the options of the result; step of the aggregates over baskets';
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.basket_combine(gathered internal, more internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_combine(internal, internal) IS
    'What two parallel workers gathered; step of the aggregates over baskets';
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.basket_serialize(gathered internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_serialize(internal) IS
    'What a parallel worker gathered, as it sends it; step of the aggregates over baskets';
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.basket_deserialize(sent bytea, gathered internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.basket_deserialize(bytea, internal) IS
    'What a parallel worker sent; step of the aggregates over baskets';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.pairs_result(gathered internal) RETURNS tradeup_bundles.mined_pair[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.pairs_result(internal) IS 'Result of the aggregate mine_pairs';
CREATE OR REPLACE AGGREGATE tradeup_bundles.mine_pairs(basket "any", item "any") (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.pairs_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_pairs("any", "any") IS
    'Pairs of items that are in two baskets or more together, with how they are tied; rows of a basket and an item from '
    'any table';
CREATE OR REPLACE AGGREGATE tradeup_bundles.mine_pairs(basket "any", item "any", options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.pairs_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_pairs("any", "any", jsonb) IS
    'Pairs of items in baskets, under options: universe, tests, min_count, min_support, min_confidence, min_lift, max_q, '
    'max_items';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.triples_result(gathered internal) RETURNS tradeup_bundles.mined_triple[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.triples_result(internal) IS 'Result of the aggregate mine_triples';
CREATE OR REPLACE AGGREGATE tradeup_bundles.mine_triples(basket "any", item "any") (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.triples_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_triples("any", "any") IS
    'Triples of items that are in two baskets or more together, with how they are tied; rows of a basket and an item '
    'from any table';
CREATE OR REPLACE AGGREGATE tradeup_bundles.mine_triples(basket "any", item "any", options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.triples_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_triples("any", "any", jsonb) IS
    'Triples of items in baskets, under options: universe, min_count, min_support, min_confidence, min_lift, max_q, max_items';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.covisitation_result(gathered internal)
RETURNS tradeup_bundles.covisited_pair[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.covisitation_result(internal) IS 'Result of the aggregate mine_covisitation';
CREATE OR REPLACE AGGREGATE tradeup_bundles.mine_covisitation(basket "any", item "any") (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.covisitation_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_covisitation("any", "any") IS
    'For pairs of items in three baskets or more together: whether they are bought with the same other items';
CREATE OR REPLACE AGGREGATE tradeup_bundles.mine_covisitation(basket "any", item "any", options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.covisitation_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles.mine_covisitation("any", "any", jsonb) IS
    'Whether items are bought with the same others, under options: universe, min_count, min_support, min_confidence, '
    'min_lift, max_items';

-- The same for texts, so that calls of our own are exact.
CREATE OR REPLACE AGGREGATE tradeup_bundles_internal.mine_pairs(basket text, item text, options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.pairs_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles_internal.mine_pairs(text, text, jsonb) IS
    'Pairs of items in baskets, for functions of shops';
CREATE OR REPLACE AGGREGATE tradeup_bundles_internal.mine_triples(basket text, item text, options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.triples_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles_internal.mine_triples(text, text, jsonb) IS
    'Triples of items in baskets, for functions of shops';
CREATE OR REPLACE AGGREGATE tradeup_bundles_internal.mine_covisitation(basket text, item text, options jsonb) (
    SFUNC = tradeup_bundles_internal.basket_step, STYPE = internal, SSPACE = 1048576,
    FINALFUNC = tradeup_bundles_internal.covisitation_result, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = tradeup_bundles_internal.basket_combine, SERIALFUNC = tradeup_bundles_internal.basket_serialize,
    DESERIALFUNC = tradeup_bundles_internal.basket_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_bundles_internal.mine_covisitation(text, text, jsonb) IS
    'Co-visitation of items in baskets, for functions of shops';
