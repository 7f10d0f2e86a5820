-- What the views for analysts are made of.

CREATE OR REPLACE FUNCTION tradeup_internal.round_step(span bigint, most integer) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT (s.unit * CASE WHEN s.least <= s.unit THEN 1 WHEN s.least <= 2 * s.unit THEN 2 WHEN s.least <= 5 * s.unit THEN 5
                              ELSE 10 END)::bigint
        FROM (SELECT x.least, power(10::numeric, floor(log(x.least))) AS unit
              FROM (SELECT greatest(ceil(round_step.span::numeric / round_step.most), 1::numeric) AS least) x) s);
COMMENT ON FUNCTION tradeup_internal.round_step(bigint, integer) IS
    'The smallest of 1, 2, 5, 10, 20, ... by which at most so many steps make a span';

-- The vehicles for sale that a program finances, as arrays in the order of their prices: what groups them is a text, and its
-- number the place among those texts.
CREATE OR REPLACE FUNCTION tradeup_internal.grouped_stock(currency text, min_year integer, max_kilometers integer, makes text[],
                                                          step bigint DEFAULT NULL, OUT prices bigint[], OUT groups integer[],
                                                          OUT names text[], OUT vehicles bigint[])
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
BEGIN ATOMIC
    WITH for_sale AS MATERIALIZED (
        SELECT v.price_minor, CASE WHEN grouped_stock.step IS NULL THEN coalesce(v.dealer, 'no dealer'::text)
                                   ELSE (v.price_minor / grouped_stock.step * grouped_stock.step)::text END AS name
        FROM tradeup.vehicle v
        WHERE v.status = 'available' AND v.currency = grouped_stock.currency
          AND tradeup_internal.finances(grouped_stock.min_year, grouped_stock.max_kilometers, grouped_stock.makes, v.year,
                                        v.kilometers, v.make)
    ), named AS MATERIALIZED (
        SELECT n.name, n.vehicles, row_number() OVER (ORDER BY n.name COLLATE "C")::integer AS number
        FROM (SELECT f.name, count(*) AS vehicles FROM for_sale f GROUP BY f.name) n
    ), numbered AS (
        SELECT array_agg(f.price_minor ORDER BY f.price_minor, n.number) AS prices,
               array_agg(n.number ORDER BY f.price_minor, n.number) AS groups
        FROM for_sale f, named n WHERE n.name = f.name
    )
    SELECT x.prices, x.groups, y.names, y.vehicles
    FROM numbered x, (SELECT array_agg(n.name ORDER BY n.number) AS names, array_agg(n.vehicles ORDER BY n.number) AS vehicles
                      FROM named n) y;
END;
COMMENT ON FUNCTION tradeup_internal.grouped_stock(text, integer, integer, text[], bigint) IS
    'Available vehicles of a currency that a program finances, grouped by dealer, or by bands of prices of a width in minor '
    'units: their prices, ascending, the number of the group of each, and the groups with how many vehicles they have';
