-- The shape of plans: offers are inlined, tiers prune windows, the best offers read the price index from its end.
SET search_path = tradeup, public;
SET jit = off;
-- A bitmap of the same index is as good; whether it is used depends on costs, which this test does not pin.
SET enable_bitmapscan = off;
INSERT INTO vehicle (vehicle_id, currency, regular_price)
SELECT 'X' || i, 'MXN', 200000 + i * 11 FROM generate_series(1, 20000) i;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT 'C' || i, 'A1', 100000 + i, 7000 + i, 250000, 'mx-reference' FROM generate_series(1, 200) i;
ANALYZE;

-- The lines of a plan that say something of its shape: nodes and conditions on vehicles, no costs.
CREATE FUNCTION pg_temp.shape(query text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
DECLARE
    plan text;
BEGIN
    FOR plan IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF plan ~ 'Function Scan|vehicle|Limit|Memoize|WindowAgg|w\.tier|\(tier = |Index Cond: \(\((price|currency)'
           AND plan !~ '^ *(Window|Hash Cond|Group Key):' THEN -- the first is one that PostgreSQL 18 adds
            line := regexp_replace(regexp_replace(
                regexp_replace(plan, 'vehicle_id = ANY \(.*', 'vehicle_id = ANY (...'), '^ +(-> +)?(Incremental )?', ''),
                '\(deal_for\(\(tradeup_internal.compiled_deal\(.*', '(deal ...');
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;

SELECT * FROM pg_temp.shape('SELECT * FROM offers(''C1'')');
SELECT * FROM pg_temp.shape('SELECT vehicle_id, payment FROM offers(''C1'') WHERE tier = ''Upgrade''');
-- One customer by a constant is served by a kept plan, which looks like that of one whose name the planner does not know.
SELECT * FROM pg_temp.shape('SELECT * FROM best_offers(''C1'', 20)');
SELECT * FROM pg_temp.shape('SELECT * FROM search_page(''C1'')');
SELECT * FROM pg_temp.shape('SELECT * FROM best_offers(concat(''C1''), 20)');
SELECT * FROM pg_temp.shape('SELECT * FROM best_offers(concat(''C1''), 20, rank_by => ''payment'')');
SELECT * FROM pg_temp.shape('SELECT * FROM best_offers(concat(''C1''), 20, rank_by => ''closeness'')');
SELECT * FROM pg_temp.shape('SELECT * FROM best_offers(concat(''C1''), 20) WHERE tier = ''Upgrade''');
SELECT * FROM pg_temp.shape('SELECT * FROM portfolio(3)');

-- A generic plan of a prepared statement has the same shape.
SET plan_cache_mode = force_generic_plan;
PREPARE by_customer (text) AS SELECT vehicle_id, tier, payment FROM offers($1) WHERE tier = 'Refresh';
SELECT * FROM pg_temp.shape('EXECUTE by_customer(''C2'')');
RESET plan_cache_mode;

-- Columns that nobody asks for are not computed: neither margin nor loan_amount is in this plan.
CREATE FUNCTION pg_temp.computed(query text) RETURNS TABLE (function text) LANGUAGE plpgsql AS $$
DECLARE
    plan text := '';
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF, VERBOSE) ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN QUERY SELECT f
    FROM unnest('{payment,payment_change,loan_amount,effective_equity,service_fee,opening_fee,margin}'::text[]) f
                 WHERE plan ~ ('\m' || f || '_minor\(');
END $$;
SELECT * FROM pg_temp.computed('SELECT vehicle_id, payment FROM offers(''C1'')');
SELECT * FROM pg_temp.computed('SELECT * FROM offers(''C1'')');

-- A pruned tier touches no vehicle outside its windows: none is read and thrown away.
CREATE FUNCTION pg_temp.vehicles(query text) RETURNS TABLE (read bigint, removed bigint) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT json) ' || query INTO plan;
    RETURN QUERY
        WITH RECURSIVE node (n) AS (
            SELECT plan -> 0 -> 'Plan'
            UNION ALL
            SELECT child FROM node, json_array_elements(n -> 'Plans') child WHERE n -> 'Plans' IS NOT NULL)
        SELECT sum(round((n ->> 'Actual Rows')::numeric * (n ->> 'Actual Loops')::numeric))::bigint,
               sum(coalesce((n ->> 'Rows Removed by Filter')::bigint, 0))::bigint
        FROM node WHERE n ->> 'Relation Name' = 'vehicle';
END $$;
SELECT read > 0 AS some_read, read < 20000 * 6 / 2 AS fewer_than_half, removed
FROM pg_temp.vehicles('SELECT * FROM offers(''C1'') WHERE tier = ''Upgrade''');
SELECT read BETWEEN 1 AND 6 * 3 * 20 AS few_read, removed FROM pg_temp.vehicles('SELECT * FROM best_offers(concat(''C1''), 20)');
-- A portfolio reads the vehicles that were picked once, not for each offer.
SELECT read BETWEEN 1 AND 300 AS picked_once, (SELECT count(*) FROM portfolio(3)) AS offers
FROM pg_temp.vehicles('SELECT * FROM portfolio(3)');

-- A session that wants no generic plans: the kept ones find their own parameters, not constants, and do not call themselves.
SET plan_cache_mode = force_custom_plan;
SELECT count(*) FROM deals('C1');
SELECT count(*) > 0 AS some FROM best_offers('C1', 2);
SELECT count(*) > 0 AS some FROM search_page('C1', NULL, 'price', 3);
SELECT count(*) > 0 AS some FROM search_counts('C1');
RESET plan_cache_mode;

DELETE FROM customer;
DELETE FROM vehicle;
