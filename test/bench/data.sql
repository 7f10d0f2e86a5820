-- A deterministic inventory and customers, distributed as a used-car dealer's: no random numbers, only hashes of a count.
-- mix(i, salt) is an even fraction in [0, 1); bell(i, salt) is the mean of four, near 0.5 as a rule.
CREATE FUNCTION mix(i bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(i, salt) & 2147483647)::float8 / 2147483648;
CREATE FUNCTION bell(i bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (mix(i, salt) + mix(i, salt + 1) + mix(i, salt + 2) + mix(i, salt + 3)) / 4;

-- Prices from about 150,000 to 900,000, most near 300,000.
CREATE FUNCTION list_price(i bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round((90000 + 130000 * exp(2.6 * bell(i, 10) - 0.6))::numeric);

CREATE FUNCTION fill_vehicles(lowest bigint, highest bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO vehicle (vehicle_id, make, body, year, kilometers, color, region, currency, regular_price)
    SELECT 'V' || lpad(i::text, 8, '0'),
           (ARRAY['Nissan', 'Volkswagen', 'Chevrolet', 'Toyota', 'Honda', 'KIA', 'MAZDA', 'Ford', 'Seat', 'BMW', 'Audi', 'RAM'])[1 + floor(mix(i, 1) * 12)::int],
           (ARRAY['sedan', 'hatchback', 'suv', 'pickup'])[1 + floor(mix(i, 2) * 4)::int], 2012 + floor(sqrt(mix(i, 3)) * 13)::int,
           floor(5000 + 145000 * bell(i, 4))::int, (ARRAY['Blanco', 'Gris', 'Negro', 'Azul', 'Rojo'])[1 + floor(mix(i, 8) * 5)::int],
           (ARRAY['CDMX', 'MTY', 'GDL', 'PUE', 'QRO'])[1 + floor(mix(i, 9) * 5)::int], 'MXN', list_price(i)
    FROM generate_series(lowest, highest) i
$$;

-- Customers of all risk profiles; the current payment is about what their vehicle costs now, the equity about 85 % of it.
CREATE FUNCTION fill_customers(lowest bigint, highest bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO customer (customer_id, risk_profile, current_price, equity, current_payment)
    SELECT 'C' || lpad(i::text, 6, '0'), f.profile, p.price, round((p.price * (0.55 + 0.45 * mix(i, 21)))::numeric, 2),
           round((p.price * (0.015 + 0.03 * bell(i, 22)))::numeric, 2)
    FROM generate_series(lowest, highest) i
    JOIN (SELECT profile, row_number() OVER (ORDER BY profile) - 1 AS n FROM program_profile WHERE program = 'mx-reference') f
      ON f.n = floor(mix(i, 20) * 26)
    CROSS JOIN LATERAL (SELECT round((90 + 130 * exp(2.6 * bell(i, 23) - 0.9))::numeric) * 1000 - 1 AS price) p
$$;
SELECT fill_customers(1, 5000);
-- The customer of the first cases: 1,583 of 4,000 vehicles are dearer than hers, and her equity affords them all.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price)
SELECT 'ONE', 'A1', 400000, 9000, price FROM (SELECT list_price(i) AS price FROM generate_series(1, 4000) i ORDER BY 1 DESC OFFSET 1583 LIMIT 1) v;
SELECT set_default_program('mx-reference');
