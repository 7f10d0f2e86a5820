-- The filters of a search: a JSON object becomes a row of conditions, and a vehicle is asked for them.

CREATE OR REPLACE FUNCTION tradeup.offer_filter(filter tradeup.any_json, scope text DEFAULT 'offers') RETURNS tradeup.offer_filter
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.offer_filter(tradeup.any_json, text) IS
    'The conditions that a JSON filter sets, checked; scope says what they may be about: vehicles, customer (vehicles against '
    'the customer''s own) or offers';

CREATE OR REPLACE FUNCTION tradeup_internal.vehicle_conditions(filter tradeup.offer_filter, current_price numeric,
                                                               current_make text, current_year integer,
                                                               current_kilometers integer)
RETURNS tradeup_internal.vehicle_conditions
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
BEGIN ATOMIC
    SELECT c.price_from, c.price_to, c.year_from, (filter).year_to, c.kilometers_to, (filter).makes,
           c.only_make, c.other_make, (filter).bodies, (filter).regions, (filter).models, (filter).colors,
           (filter).dealers, (filter).fuels, (filter).transmissions, (filter).listed_from, (filter).promotion,
           coalesce((filter).match_case, false),
           num_nonnulls(c.year_from, (filter).year_to, c.kilometers_to, (filter).makes, c.only_make, c.other_make,
                        (filter).bodies, (filter).regions, (filter).dealers) > 0,
           num_nonnulls((filter).models, (filter).colors, (filter).fuels, (filter).transmissions, (filter).listed_from,
                        (filter).promotion) > 0
    FROM (SELECT greatest((filter).price_from, CASE WHEN (filter).better THEN trunc(current_price, 4) + 0.0001 END) AS price_from,
                 least((filter).price_to, (filter).price_ratio * current_price) AS price_to,
                 greatest((filter).year_from, CASE WHEN (filter).better THEN current_year END,
                          CASE WHEN (filter).newer THEN current_year + 1 END) AS year_from,
                 least((filter).kilometers_to, CASE WHEN (filter).better THEN nullif(current_kilometers, 0) - 1 END,
                       floor(CASE WHEN (filter).kilometers_ratio * nullif(current_kilometers, 0) < 2147483647
                                  THEN (filter).kilometers_ratio * nullif(current_kilometers, 0) END)::integer) AS kilometers_to,
                 CASE WHEN (filter).same_make THEN current_make END AS only_make,
                 CASE WHEN NOT (filter).same_make THEN current_make END AS other_make) c;
END;
COMMENT ON FUNCTION tradeup_internal.vehicle_conditions(tradeup.offer_filter, numeric, text, integer, integer) IS
    'What a filter asks of vehicles for a customer who drives such a vehicle; what is not known of hers sets no condition';

CREATE OR REPLACE FUNCTION tradeup_internal.conditions_for(filter tradeup.offer_filter, customer_id text)
RETURNS tradeup_internal.vehicle_conditions
LANGUAGE sql STABLE PARALLEL SAFE COST 20
RETURN (SELECT tradeup_internal.vehicle_conditions(conditions_for.filter, c.current_price, c.current_make, c.current_year,
                                                   c.current_kilometers)
        FROM (SELECT conditions_for.customer_id AS requested) q
        LEFT JOIN tradeup.customer c ON c.customer_id = q.requested);
COMMENT ON FUNCTION tradeup_internal.conditions_for(tradeup.offer_filter, text) IS
    'What a filter asks of vehicles for a customer; of one who is not there, nothing of her own vehicle is known';

CREATE OR REPLACE FUNCTION tradeup_internal.is_listed(value text, list text[]) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.is_listed(text, text[]) IS
    'Whether a text, whatever its case, is in a list that is in lower case';

CREATE OR REPLACE FUNCTION tradeup_internal.is_one_of(value text, list text[], match_case boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN match_case THEN value = ANY (list) ELSE tradeup_internal.is_listed(value, list) END;
COMMENT ON FUNCTION tradeup_internal.is_one_of(text, text[], boolean) IS
    'Whether a text is in a list of a filter, with the same case where that is asked for';

-- As CASE, so that a search that asks nothing of vehicles pays for one look at a flag, and the planner does not multiply
-- guesses about conditions that are not there. What is not known is asked for by IS NOT NULL rather than coalesce, which would
-- not be sent to the server of a foreign table.
CREATE OR REPLACE FUNCTION tradeup_internal.fits_index(conditions tradeup_internal.vehicle_conditions, vehicle tradeup.vehicle)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN NOT (conditions).of_index THEN true
    ELSE ((conditions).year_from IS NULL OR ((vehicle).year IS NOT NULL AND (vehicle).year >= (conditions).year_from))
         AND ((conditions).year_to IS NULL OR ((vehicle).year IS NOT NULL AND (vehicle).year <= (conditions).year_to))
         AND ((conditions).kilometers_to IS NULL
              OR ((vehicle).kilometers IS NOT NULL AND (vehicle).kilometers <= (conditions).kilometers_to))
         AND ((conditions).makes IS NULL
              OR ((vehicle).make IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).make, (conditions).makes, (conditions).match_case)))
         AND ((conditions).only_make IS NULL OR ((vehicle).make IS NOT NULL AND (vehicle).make = (conditions).only_make))
         AND ((conditions).other_make IS NULL OR ((vehicle).make IS NOT NULL AND (vehicle).make <> (conditions).other_make))
         AND ((conditions).bodies IS NULL
              OR ((vehicle).body IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).body, (conditions).bodies, (conditions).match_case)))
         AND ((conditions).regions IS NULL
              OR ((vehicle).region IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).region, (conditions).regions, (conditions).match_case)))
         AND ((conditions).dealers IS NULL
              OR ((vehicle).dealer IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).dealer, (conditions).dealers, (conditions).match_case)))
END;
COMMENT ON FUNCTION tradeup_internal.fits_index(tradeup_internal.vehicle_conditions, tradeup.vehicle) IS
    'Whether a vehicle meets those conditions, other than on its price, that the index on price can answer';

CREATE OR REPLACE FUNCTION tradeup_internal.fits_table(conditions tradeup_internal.vehicle_conditions, vehicle tradeup.vehicle)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN NOT (conditions).of_table THEN true
    ELSE ((conditions).models IS NULL
              OR ((vehicle).model IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).model, (conditions).models, (conditions).match_case)))
         AND ((conditions).colors IS NULL
              OR ((vehicle).color IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).color, (conditions).colors, (conditions).match_case)))
         AND ((conditions).fuels IS NULL
              OR ((vehicle).fuel IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).fuel, (conditions).fuels, (conditions).match_case)))
         AND ((conditions).transmissions IS NULL
              OR ((vehicle).transmission IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).transmission, (conditions).transmissions, (conditions).match_case)))
         AND ((conditions).listed_from IS NULL
              OR ((vehicle).listed_on IS NOT NULL AND (vehicle).listed_on >= (conditions).listed_from))
         AND ((conditions).promotion IS NULL
              OR ((vehicle).promotion_price IS NOT NULL
                  AND (vehicle).promotion_price < (vehicle).regular_price) = (conditions).promotion)
END;
COMMENT ON FUNCTION tradeup_internal.fits_table(tradeup_internal.vehicle_conditions, tradeup.vehicle) IS
    'Whether a vehicle meets the conditions that only its row in the table can answer';

-- By steps from one currency to the next, each a look into the index on price.
CREATE OR REPLACE FUNCTION tradeup_internal.currencies_in_stock() RETURNS TABLE (currency text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE c (currency) AS (
        (SELECT v.currency FROM tradeup.vehicle v WHERE v.status = 'available' ORDER BY v.currency LIMIT 1)
        UNION ALL
        SELECT (SELECT v.currency FROM tradeup.vehicle v WHERE v.status = 'available' AND v.currency > c.currency
                ORDER BY v.currency LIMIT 1)
        FROM c WHERE c.currency IS NOT NULL
    )
    SELECT c.currency FROM c WHERE c.currency IS NOT NULL;
END;
COMMENT ON FUNCTION tradeup_internal.currencies_in_stock() IS 'The currencies in which available vehicles are priced';

-- Prices are looked up in the index, currency by currency; where none are asked for, all vehicles are read.
CREATE OR REPLACE FUNCTION tradeup.vehicles_matching(filter tradeup.any_json,
                                                     customer_id text DEFAULT NULL) RETURNS SETOF tradeup.vehicle
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1000
BEGIN ATOMIC
    WITH s AS MATERIALIZED (
        SELECT tradeup_internal.vehicle_conditions(f.f, c.current_price, c.current_make, c.current_year,
                                                   c.current_kilometers) AS c
        FROM (SELECT tradeup.offer_filter(vehicles_matching.filter,
                                          CASE WHEN vehicles_matching.customer_id IS NULL THEN 'vehicles'::text
                                               ELSE 'customer'::text END) AS f
              OFFSET 0) f
        LEFT JOIN tradeup.customer c ON c.customer_id = vehicles_matching.customer_id
        WHERE (vehicles_matching.customer_id IS NULL
               OR tradeup_internal.require_known('customer'::text, vehicles_matching.customer_id, c.customer_id,
                                                 tradeup_internal.asked_for_one(vehicles_matching.customer_id)))
          AND tradeup_internal.require_undistributed()
    )
    SELECT v.*
    FROM s, tradeup.vehicle v
    WHERE (s.c).price_from IS NULL AND (s.c).price_to IS NULL
      AND v.status = 'available' AND tradeup_internal.fits_index(s.c, v) AND tradeup_internal.fits_table(s.c, v)
    UNION ALL
    SELECT v.*
    FROM s,
    LATERAL tradeup_internal.currencies_in_stock() c,
    LATERAL (
        SELECT tradeup_internal.minor_at_least(tradeup.currency_digits(c.currency),
                                               coalesce((s.c).price_from, 0::numeric)) AS lowest,
               tradeup_internal.minor_at_most(tradeup.currency_digits(c.currency),
                                              coalesce((s.c).price_to, 1000000000000::numeric)) AS highest
        OFFSET 0) b,
    tradeup.vehicle v
    WHERE ((s.c).price_from IS NOT NULL OR (s.c).price_to IS NOT NULL)
      AND v.currency = ANY (ARRAY[c.currency]) AND v.price_minor >= b.lowest AND v.price_minor <= b.highest
      AND v.status = 'available' AND tradeup_internal.fits_index(s.c, v) AND tradeup_internal.fits_table(s.c, v);
END;
COMMENT ON FUNCTION tradeup.vehicles_matching(tradeup.any_json, text) IS
    'The available vehicles that a filter of a search lets through; with a customer it may compare them with hers';

-- The one place of these bounds. Payment changes have at most 6 decimals, so what is above one of them is 0.000001 more.
CREATE OR REPLACE FUNCTION tradeup_internal.widest_change(category text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE category WHEN 'perfect' THEN 0.05 WHEN 'slight' THEN 0.15 WHEN 'moderate' THEN 0.25 END;
COMMENT ON FUNCTION tradeup_internal.widest_change(text) IS
    'The highest payment change of a category, for perfect the lowest too, with a minus; stretch is the rest';

CREATE OR REPLACE FUNCTION tradeup.category(payment_change tradeup.any_number) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN payment_change < -tradeup_internal.widest_change('perfect'::text) THEN 'stretch'
    WHEN payment_change <= tradeup_internal.widest_change('perfect'::text) THEN 'perfect'
    WHEN payment_change <= tradeup_internal.widest_change('slight'::text) THEN 'slight'
    WHEN payment_change <= tradeup_internal.widest_change('moderate'::text) THEN 'moderate'
    ELSE 'stretch'
END;
COMMENT ON FUNCTION tradeup.category(tradeup.any_number) IS
    'How a payment change feels: perfect within 5 percent, slight up to 15, moderate up to 25, otherwise stretch';
