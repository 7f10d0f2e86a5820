-- The best offers of every customer over an inventory in a table of users' own.

CREATE OR REPLACE FUNCTION tradeup_internal.inventory_stock(source tradeup_internal.inventory_source) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1000000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    stock bytea;
BEGIN
    EXECUTE format('SELECT tradeup_internal.stock_list(tradeup_internal.price_minor(v.price, NULL::numeric, NULL::numeric, '
                   '%L::text), v.id) '
                   'FROM (SELECT %s::numeric AS price, %s::text AS id FROM %s AND %s ORDER BY %s, %s OFFSET 0) v',
                   source.currency, source.price, source.id, source.vehicles,
                   tradeup_internal.inventory_within(source, 1::bigint, 100000000000000::bigint), source.price,
                   source.id || CASE WHEN source.ordered_by_id THEN '' ELSE '::text COLLATE "C"' END)
    INTO stock;
    RETURN stock;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_stock(tradeup_internal.inventory_source) IS
    'All vehicles of an inventory with their prices, sorted, as best_in_stock searches them';

-- By a sorted list of all prices, or customer by customer, which costs as much as 3,000 vehicles of the list each. The vehicles
-- that were chosen from the list are then asked for all at once.
CREATE OR REPLACE FUNCTION tradeup.portfolio_in(inventory text, per_customer integer DEFAULT 3, program text DEFAULT NULL,
                                                overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    WITH i AS MATERIALIZED (
        SELECT i, tradeup_internal.list_pays(3000, i.relation) AS list_pays
        FROM tradeup_internal.inventory_named(portfolio_in.inventory) i
        WHERE tradeup_internal.require_not_negative('per_customer'::text, portfolio_in.per_customer)
          AND tradeup_internal.require_one_of('rank_by'::text, portfolio_in.rank_by, '{margin,price,payment,closeness}'::text[])
    ), b AS MATERIALIZED (
        SELECT r.profiles, b.vehicles, b.picks
        FROM i,
        LATERAL (SELECT r.* FROM tradeup_internal.profiles_by_stock(portfolio_in.program, portfolio_in.overrides) r
                 WHERE i.list_pays OFFSET 0) r,
        LATERAL (SELECT tradeup_internal.inventory_source(i.i, r.min_year, r.max_kilometers, r.makes,
                                                          NULL::tradeup_internal.vehicle_conditions) AS source
                 WHERE r.currency = (i.i).currency OFFSET 0) s,
        LATERAL tradeup_internal.best_in_stock(tradeup_internal.inventory_stock(s.source), r.profiles, portfolio_in.per_customer,
                                               portfolio_in.rank_by) b
    )
    SELECT o.customer_id, o.program, o.version, o.profile, o.term, o.annual_rate, (v.vehicle).vehicle_id, (v.vehicle).make,
           (v.vehicle).model, (v.vehicle).body, (v.vehicle).year, (v.vehicle).kilometers, (v.vehicle).color, (v.vehicle).region,
           (v.vehicle).dealer, (v.vehicle).currency, (v.vehicle).price, (v.vehicle).price, v.price_minor, o.tier, o.tier_rank,
           o.current_payment, o.payment, o.payment_frequency, o.monthly_payment, o.payment_change, o.loan_amount,
           o.effective_equity, o.service_fee, o.opening_fee, o.margin,
           round((v.vehicle).price - (v.vehicle).cost, scale((v.vehicle).price))
    FROM (SELECT tradeup_internal.inventory_source(i.i, NULL::integer, NULL::integer, NULL::text[],
                                                   NULL::tradeup_internal.vehicle_conditions) AS source,
                 ARRAY[ROW(0, 1, 100000000000000, NULL, NULL,
                           ARRAY(SELECT DISTINCT unnest(tradeup_internal.vehicles_in_stock(b.vehicles)) FROM b),
                           NULL, NULL)::tradeup_internal.inventory_branch] AS branches
          FROM i WHERE EXISTS (SELECT FROM b WHERE b.picks <> '{}'::integer[]) OFFSET 0) s,
    LATERAL tradeup_internal.inventory_vehicles(s.source, s.branches) v,
    b, LATERAL tradeup_internal.offers_picked(b.profiles, b.vehicles, b.picks) o
    WHERE (v.vehicle).vehicle_id = o.vehicle_id
    UNION ALL
    SELECT o.*
    FROM i, tradeup.customer c,
    LATERAL (SELECT ARRAY(SELECT d FROM tradeup.deals(c.customer_id, portfolio_in.program, portfolio_in.overrides) d) AS deals
             WHERE NOT i.list_pays OFFSET 0) d,
    LATERAL (
        SELECT o.*
        FROM tradeup_internal.best_of_inventory(i.i, d.deals, portfolio_in.per_customer, portfolio_in.rank_by, NULL::text) o,
             LATERAL (SELECT tradeup_internal.ranked_downward(portfolio_in.rank_by, o.monthly_payment,
                                                              o.current_payment) AS downward) k
        ORDER BY tradeup_internal.rank_key(portfolio_in.rank_by, o.margin, o.price, o.monthly_payment, o.current_payment),
                 NOT k.downward, CASE WHEN k.downward THEN -o.price ELSE o.price END,
                 CASE WHEN k.downward THEN o.vehicle_id END DESC, o.vehicle_id, o.term
        LIMIT portfolio_in.per_customer) o;
END;
COMMENT ON FUNCTION tradeup.portfolio_in(text, integer, text, tradeup.any_json, text) IS
    'The best offers of every customer over a registered inventory, whatever their tier, ranked as best_offers ranks them';
