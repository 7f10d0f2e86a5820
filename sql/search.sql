-- The search of a deal desk: its pages are the sorted offers, its counts those of all offers, its errors say what is allowed.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
BEGIN;
SET LOCAL jit = off;
INSERT INTO vehicle (vehicle_id, currency, make, model, body, region, color, dealer, fuel, transmission, listed_on, year,
                     kilometers, regular_price, promotion_price)
SELECT 'v' || lpad(i::text, 4, '0'), 'MXN', (ARRAY['Audi', 'Seat', 'Skoda', NULL])[1 + i % 4], 'M' || i % 5,
    (ARRAY['suv', 'sedan', 'van'])[1 + i % 3],
       (ARRAY['north', 'south'])[1 + i % 2], (ARRAY['red', 'blue', NULL])[1 + i % 3], 'D' || i % 6,
       (ARRAY['Petrol', 'diesel', 'ELECTRIC', NULL])[1 + i % 4], (ARRAY['manual', 'Automático', NULL])[1 + i % 3],
       CASE WHEN i % 5 > 0 THEN date '2026-01-01' + i % 60 END, nullif(2000 + i % 21, 2000),
       CASE WHEN i % 37 > 0 THEN (i * 7919) % 1000 * 100 END,
       240000 + (i * 7919) % 997 * 500, CASE WHEN i % 10 = 0 THEN 239000 + (i * 7919) % 997 * 500 WHEN i % 10 = 1 THEN 900000 END
FROM generate_series(1, 800) i;
-- The same vehicles in other currencies: programs make offers of those in their own only.
INSERT INTO vehicle (vehicle_id, currency, make, model, body, region, color, dealer, fuel, transmission, listed_on, year,
                     kilometers, regular_price, promotion_price)
SELECT x.prefix || v.vehicle_id, x.currency, v.make, v.model, v.body, v.region, v.color, v.dealer, v.fuel, v.transmission,
       v.listed_on, v.year, v.kilometers,
       v.regular_price, v.promotion_price
FROM vehicle v, (VALUES ('u', 'USD'), ('j', 'JPY'), ('f', 'CLF')) x (prefix, currency);
INSERT INTO vehicle (vehicle_id, currency, make, regular_price, status) VALUES ('sold', 'MXN', 'Audi', 300000, 'sold');
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_year,
    current_kilometers, program) VALUES
    ('C1', 'A1', 100000, 7000, 250000, 'Seat', 2008, 60000, 'mx-reference'),
    ('C2', 'A1', 100000, NULL, NULL, NULL, NULL, 0, 'mx-reference'),
    ('C3', 'prime', 20000, 7000, 260000, 'Audi', 2010, 40000, 'us-simple'),
    ('C4', 'A1', -900000, 7000, 250000.005, 'Seat', 2008, 60000, 'mx-reference'), -- no price makes an offer
    ('C5', 'all', 100000, 7000, 250000.005, 'Seat', 2008, 60000, 'whole'); -- no decimals, no limits: windows go on and on
INSERT INTO program (name, currency, requires_dearer) VALUES ('whole', 'JPY', false);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate) VALUES ('whole', 1, 'all', 0.1, 0);
INSERT INTO program_term (program, version, term) VALUES ('whole', 1, 48), ('whole', 1, 72);
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change) VALUES ('whole', 1, 1, 'Less', NULL, 0),
    ('whole', 1, 2, 'Upgrade', 0, NULL);
SELECT publish_program('whole') IS NOT NULL AS published;

ANALYZE vehicle, customer;

-- All offers with what the filters speak of, the filters written by hand.
CREATE TEMP TABLE hand AS
SELECT o.*, v.model AS m, v.color AS c, v.dealer AS d, v.fuel, v.transmission, v.listed_on,
    v.promotion_price < v.regular_price AS promo,
    category(o.payment_change) AS category,
       u.current_price AS cprice, u.current_make AS cmake, u.current_year AS cyear, u.current_kilometers AS ckm
FROM customer u CROSS JOIN LATERAL offers(u.customer_id) o JOIN vehicle v USING (vehicle_id);
CREATE TEMP TABLE filters (n int, filter jsonb, condition text);
INSERT INTO filters VALUES
    (1, NULL, 'true'), (2, '{}', 'true'),
    (3, '{"makes": ["Audi", "Skoda"], "bodies": ["suv"]}', $$make IN ('Audi', 'Skoda') AND body = 'suv'$$),
    (4, '{"price_from": 300000, "price_to": 400000.5, "terms": [48, 72]}',
    'price BETWEEN 300000 AND 400000.5 AND term IN (48, 72)'),
    (5, '{"tiers": ["Upgrade", "Refresh"], "regions": ["north"]}', $$tier IN ('Upgrade', 'Refresh') AND region = 'north'$$),
    (6, '{"change_from": 0.1000005, "change_to": 0.2000005}', 'payment_change BETWEEN 0.1000005 AND 0.2000005'),
    (7, '{"categories": ["perfect", "stretch"]}', $$category IN ('perfect', 'stretch')$$),
    (8, '{"categories": ["slight", "moderate"], "tiers": ["upGrade"], "change_to": 0.2}',
    $$category IN ('slight', 'moderate') AND tier = 'Upgrade' AND payment_change <= 0.2$$),
    (9, '{"year_from": 2005, "year_to": 2010, "kilometers_to": 50000}', 'year BETWEEN 2005 AND 2010 AND kilometers <= 50000'),
    (10, '{"better": true}', 'year >= coalesce(cyear, year, 0) IS NOT FALSE AND (cyear IS NULL OR year IS NOT NULL) AND price > coalesce(cprice, 0) AND (coalesce(ckm, 0) = 0 OR kilometers < ckm)'),
    (11, '{"newer": true, "kilometers_ratio": 0.5, "price_ratio": 1.2}', '(cyear IS NULL OR year > cyear) AND (coalesce(ckm, 0) = 0 OR kilometers <= 0.5 * ckm) AND (cprice IS NULL OR price <= 1.2 * cprice)'),
    (12, '{"same_make": true}', 'cmake IS NULL OR make = cmake'), (13, '{"same_make": false}', 'cmake IS NULL OR make <> cmake'),
    (14, '{"promotion": true, "colors": ["red", "blue"]}', $$promo AND c IN ('red', 'blue')$$),
    (15, '{"promotion": false, "models": ["M1"], "dealers": ["D1", "D2"]}',
    $$promo IS NOT TRUE AND m = 'M1' AND d IN ('D1', 'D2')$$),
    (16, '{"tiers": ["no such tier"]}', 'false'), (17, '{"makes": null, "terms": [12]}', 'term = 12'),
    (18, '{"price_to": 300000}', 'price <= 300000'), (19, '{"price_ratio": 2}', 'cprice IS NULL OR price <= 2 * cprice'),
    (20, '{"change_to": 5}', 'payment_change <= 5'),
    (21, '{"categories": ["perfect", "slight", "moderate", "stretch"]}', 'category IS NOT NULL'),
    (22, '{"fuels": ["petrol", "Electric"]}', $$fuel IN ('Petrol', 'ELECTRIC')$$),
    (23, '{"fuels": ["petrol", "Electric", "diesel"], "match_case": true}', $$fuel = 'diesel'$$),
    (24, '{"transmissions": ["AUTOMÁTICO"]}', $$transmission = 'Automático'$$),
    (25, '{"transmissions": ["AUTOMÁTICO"], "match_case": true}', 'false'),
    (26, '{"listed_from": "2026-02-10"}', $$listed_on >= '2026-02-10'$$),
    (27, '{"makes": ["AUDI", "sKODA"], "bodies": ["SUV", "Van"], "regions": ["NORTH"], "dealers": ["d0", "d1", "D4"], "models": ["m1", "m3"],
           "colors": ["Red", "BLUE"]}',
    $$make IN ('Audi', 'Skoda') AND body IN ('suv', 'van') AND region = 'north' AND d IN ('D0', 'D1', 'D4') AND m IN ('M1', 'M3')
      AND c IN ('red', 'blue')$$),
    (28, '{"makes": ["AUDI", "Skoda"], "match_case": true}', $$make = 'Skoda'$$),
    (29, '{"makes": ["AUDI"], "match_case": false}', $$make = 'Audi'$$),
    (30, '{"models": ["m1"], "match_case": null, "makes": null}', $$m = 'M1'$$);
CREATE TEMP TABLE wanted (n int, customer_id text, vehicle_id text, term int);
SELECT count(*) AS filters FROM filters;
DO $$
DECLARE
    f filters;
BEGIN
    FOR f IN SELECT * FROM filters LOOP
        EXECUTE format('INSERT INTO wanted SELECT %s, customer_id, vehicle_id, term FROM hand WHERE %s', f.n, f.condition);
    END LOOP;
END $$;
ANALYZE hand, wanted;
-- The filtered offers are those that the conditions by hand leave.
SELECT f.n, count(w.vehicle_id) AS by_hand, count(o.vehicle_id) AS matching,
    count(*) FILTER (WHERE w.vehicle_id IS NULL OR o.vehicle_id IS NULL) AS differ
FROM customer c CROSS JOIN filters f
CROSS JOIN LATERAL (SELECT * FROM tradeup_internal.offers_matching(c.customer_id, f.filter) o
                    FULL JOIN (SELECT w.vehicle_id, w.term FROM wanted w WHERE w.n = f.n AND w.customer_id = c.customer_id) w
                        USING (vehicle_id, term)) x
LEFT JOIN wanted w ON w.n = f.n AND w.customer_id = c.customer_id AND (w.vehicle_id, w.term) = (x.vehicle_id, x.term)
LEFT JOIN hand o ON o.customer_id = x.customer_id AND (o.vehicle_id, o.term) = (x.vehicle_id, x.term)
GROUP BY f.n ORDER BY f.n;

-- A bound between two changes as they are shown lets neither in on its wrong side.
SELECT count(*) AS changes, count(*) FILTER (WHERE f.least <= c.change OR t.most >= c.change) AS wrong
FROM (SELECT payment_change AS change FROM hand WHERE customer_id = 'C1' AND term = 48 ORDER BY payment_change LIMIT 40) c
CROSS JOIN LATERAL (SELECT min(payment_change) AS least
    FROM tradeup_internal.offers_matching('C1', jsonb_build_object('change_from', c.change + 0.0000004))) f
CROSS JOIN LATERAL (SELECT max(payment_change) AS most
    FROM tradeup_internal.offers_matching('C1', jsonb_build_object('change_to', c.change - 0.0000004))) t;

-- Every page of every sort, put together, is the sorted list.
CREATE FUNCTION pg_temp.pages(customer text, filter jsonb, sort text, size int) RETURNS TABLE (place bigint, vehicle_id text,
    term int) LANGUAGE plpgsql AS $$
DECLARE
    document jsonb;
    token text;
BEGIN
    place := 0;
    LOOP
        document := search_offers(customer, filter, sort, size, token, counts => false);
        FOR vehicle_id, term IN SELECT i ->> 'vehicle_id', (i ->> 'term')::int
        FROM jsonb_array_elements(document -> 'items') i LOOP
            place := place + 1;
            RETURN NEXT;
        END LOOP;
        token := document ->> 'next';
        EXIT WHEN token IS NULL;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.sorted(customer text, n int, sort text) RETURNS TABLE (place bigint, vehicle_id text,
    term int) LANGUAGE sql AS $$
    SELECT row_number() OVER (ORDER BY k.key, k.down DESC, CASE WHEN k.down THEN -h.price ELSE h.price END,
                              CASE WHEN k.down THEN h.vehicle_id END COLLATE "C" DESC, h.vehicle_id COLLATE "C", h.term),
           h.vehicle_id, h.term
    FROM hand h JOIN wanted w USING (customer_id, vehicle_id, term)
    CROSS JOIN LATERAL (SELECT CASE sort WHEN 'price' THEN h.price WHEN 'dearest' THEN -h.price WHEN 'payment' THEN h.payment
                                         WHEN 'margin' THEN -h.margin
                                         WHEN 'year' THEN -coalesce(h.year, 0)
                                         WHEN 'kilometers' THEN coalesce(h.kilometers, 2147483647)
                                         ELSE abs(h.payment - h.current_payment) END AS key,
                               sort IN ('dearest', 'margin', 'year')
                               OR sort = 'closeness' AND h.payment <= h.current_payment AS down) k
    WHERE w.n = sorted.n AND h.customer_id = customer
$$;
CREATE TEMP TABLE asked AS
SELECT s.sort, t.* FROM unnest('{price,dearest,payment,margin,closeness,year,kilometers}'::text[]) s (sort)
CROSS JOIN (VALUES ('C1', 3, 97), ('C1', 5, 50), ('C1', 8, 33), ('C3', 4, 100), ('C2', 9, 1000), ('C3', 10, 333), ('C4', 18, 10),
    ('C5', 18, 100)) t (customer, n, size)
WHERE s.sort <> 'closeness' OR t.customer <> 'C2';
CREATE TEMP TABLE paged AS SELECT a.sort, a.customer, a.n, p.* FROM asked a JOIN filters f USING (n),
    pg_temp.pages(a.customer, f.filter, a.sort, a.size) p;
CREATE TEMP TABLE sorted AS SELECT a.sort, a.customer, a.n, p.* FROM asked a, pg_temp.sorted(a.customer, a.n, a.sort) p;
SELECT sort, count(*) AS offers, count(*) FILTER (WHERE p.place IS DISTINCT FROM s.place) AS misplaced
FROM paged p FULL JOIN sorted s USING (sort, customer, n, vehicle_id, term) GROUP BY sort ORDER BY sort;

-- Counts and facets are those of counting the offers.
CREATE TEMP TABLE counted AS
SELECT c.customer_id, f.n, x.* FROM customer c, filters f, LATERAL search_counts(c.customer_id, f.filter) x;
CREATE TEMP TABLE counted_by_hand AS
SELECT w.customer_id, w.n, x.facet, x.value, count(*) AS offers, count(DISTINCT h.vehicle_id) AS vehicles
FROM wanted w JOIN hand h USING (customer_id, vehicle_id, term)
CROSS JOIN LATERAL (VALUES ('all', NULL), ('tier', h.tier), ('category', h.category), ('make', h.make), ('body', h.body),
    ('region', h.region),
                           ('year', h.year / 5 * 5 || '-' || h.year / 5 * 5 + 4)) x (facet, value)
GROUP BY 1, 2, 3, 4;
SELECT coalesce(a.facet, b.facet) AS facet, count(*) AS counts,
    count(*) FILTER (WHERE (a.offers, a.vehicles) IS DISTINCT FROM (b.offers, b.vehicles)) AS wrong
FROM (SELECT * FROM counted WHERE facet <> 'all' OR offers > 0) a
FULL JOIN counted_by_hand b ON (a.customer_id, a.n, a.facet) = (b.customer_id, b.n, b.facet)
    AND a.value IS NOT DISTINCT FROM b.value
GROUP BY 1 ORDER BY 1;
SELECT facet, value, offers, vehicles FROM search_counts('C1', '{"makes": ["Audi"]}') ORDER BY facet, place;
SELECT facet, value, offers, vehicles FROM search_counts('C1', '{"makes": ["Audi"]}', facet_fields => '{}') ORDER BY facet, place;

-- Facets by any field, with and without the field's own condition, are those of counting the offers.
CREATE FUNCTION pg_temp.facets_by_hand(customer text, filter jsonb, fields text[], multi boolean)
RETURNS TABLE (facet text, value text, offers bigint, vehicles bigint) LANGUAGE sql AS $$
    SELECT f, CASE WHEN f = 'year' THEN v.year / 5 * 5 || '-' || v.year / 5 * 5 + 4 ELSE to_jsonb(v) ->> f END, count(*),
           count(DISTINCT v.vehicle_id)
    FROM unnest(fields) f,
         LATERAL tradeup_internal.offers_matching(customer, CASE WHEN multi THEN coalesce(filter, '{}')
             - CASE f WHEN 'body' THEN '{bodies}'::text[] WHEN 'year' THEN '{year_from,year_to}' ELSE ARRAY[f || 's'] END
             ELSE filter END) o,
         vehicle v
    WHERE v.vehicle_id = o.vehicle_id GROUP BY 1, 2
$$;
CREATE TEMP TABLE faceted AS
SELECT c.customer_id, f.n, m.multi, l.fields,
       search_offers(c.customer_id, f.filter, page_size => 1, facets => CASE WHEN m.multi THEN 'multi' ELSE 'plain' END,
                     facet_fields => l.fields) AS d,
       f.filter
FROM (SELECT n, filter FROM filters
      UNION ALL VALUES (31, jsonb '{"makes": ["Audi"], "bodies": ["suv"], "year_from": 2005, "year_to": 2012, "newer": true,
                                    "tiers": ["Upgrade"]}'),
                       (32, '{"colors": ["red"], "models": ["M1", "M2"], "fuels": ["Petrol"], "match_case": true, "price_to": 500000}'))
         f,
     (VALUES ('C1'), ('C3')) c (customer_id), (VALUES (true), (false)) m (multi),
     (VALUES (NULL::text[]), ('{transmission,color,make,year,model,dealer,fuel}')) l (fields)
WHERE f.n > 21 OR f.n IN (2, 5, 9, 10, 15);
SELECT coalesce(a.multi, b.multi) AS multi, coalesce(a.facet, b.facet) AS facet, count(*) AS counts,
       count(*) FILTER (WHERE (a.offers, a.vehicles) IS DISTINCT FROM (b.offers, b.vehicles)) AS wrong
FROM (SELECT x.customer_id, x.n, x.multi, x.fields, e.key AS facet, i ->> 'value' AS value, (i ->> 'offers')::bigint AS offers,
             (i ->> 'vehicles')::bigint AS vehicles
      FROM faceted x, jsonb_each(x.d -> 'facets') e, jsonb_array_elements(e.value) i) a
FULL JOIN (SELECT x.customer_id, x.n, x.multi, x.fields, b.*
           FROM faceted x, pg_temp.facets_by_hand(x.customer_id, x.filter, coalesce(x.fields, '{make,body,region,year}'),
                                                  x.multi) b) b
    ON (a.customer_id, a.n, a.multi, a.facet) = (b.customer_id, b.n, b.multi, b.facet)
       AND a.value IS NOT DISTINCT FROM b.value AND a.fields IS NOT DISTINCT FROM b.fields
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS searches,
       count(*) FILTER (WHERE x.d -> 'facets' IS DISTINCT FROM n.none || coalesce(r.facets, '{}')) AS other_rows
FROM faceted x,
     LATERAL (SELECT jsonb_object_agg(k, '[]'::jsonb) AS none FROM jsonb_object_keys(x.d -> 'facets') k) n,
     LATERAL (SELECT jsonb_object_agg(f.facet, f.listed) AS facets
              FROM (SELECT c.facet, jsonb_agg(jsonb_build_object('value', c.value, 'offers', c.offers, 'vehicles', c.vehicles)
                                              ORDER BY c.place) AS listed
                    FROM search_counts(x.customer_id, x.filter, facets => CASE WHEN x.multi THEN 'multi' ELSE 'plain' END,
                                       facet_fields => x.fields) c
                    WHERE c.facet NOT IN ('all', 'tier', 'category') GROUP BY c.facet) f) r;
SELECT count(*) AS filters, count(*) FILTER (WHERE x.different > 1) AS with_other_counts
FROM (SELECT count(DISTINCT d -> 'counts') AS different FROM faceted GROUP BY customer_id, n) x;
SELECT e.key, e.value FROM jsonb_each(search_offers('C1', '{"makes": ["Audi"], "bodies": ["van"]}', page_size => 1,
    facets => 'multi', facet_fields => '{body,make,color}') -> 'facets') e;

-- A column for each tier, each with the token of its own next page.
SELECT c ->> 'tier' AS tier, jsonb_array_length(c -> 'items') AS items,
       c - 'tier' = search_offers('C1', jsonb_build_object('bodies', ARRAY['van'], 'tiers', ARRAY[c ->> 'tier']), sort, 7,
                                  counts => false) - 'sort' AS alone,
       search_offers('C1', jsonb_build_object('bodies', ARRAY['van'], 'tiers', ARRAY[c ->> 'tier']), sort, 7, c ->> 'next',
                     counts => false) -> 'items' -> 0 ->> 'tier' AS next_page, d -> 'counts' = p.counts AS same_counts
FROM unnest('{closeness,year}'::text[]) sort,
     LATERAL (SELECT search_offers('C1', '{"bodies": ["van"]}', sort, page_size => 1) -> 'counts' AS counts) p,
     search_offers('C1', '{"bodies": ["van"]}', sort, per_tier => 7) d,
     jsonb_array_elements(d -> 'columns') WITH ORDINALITY c (c, n)
ORDER BY sort, n;
SELECT c ->> 'tier' AS tier, jsonb_array_length(c -> 'items') AS items
FROM search_offers('C1', '{"tiers": ["Max Upgrade", "Refresh"]}', per_tier => 2, counts => false) d,
     jsonb_array_elements(d -> 'columns') c;

-- Several customers at once; who is not known is named.
INSERT INTO customer (customer_id, risk_profile, equity, program) VALUES ('C6', 'A1', 1000, 'no such program');
SELECT array_agg(k ORDER BY k) AS customers, d -> 'unknown' AS unknown, d -> 'without_program' AS without_program,
       bool_and(d -> 'customers' -> k = search_offers(k, '{"makes": ["audi"]}', page_size => 3, facets => 'multi')) AS as_alone
FROM search_offers_for('{C1,nobody,C3,C1,C6,C2,None}', '{"makes": ["audi"]}', page_size => 3, facets => 'multi') d,
     jsonb_object_keys(d -> 'customers') k
GROUP BY d;
SELECT search_offers_for('{}'), search_offers_for(NULL), search_offers_for('{nobody}');
DELETE FROM customer WHERE customer_id = 'C6';

-- Counted table by table: the same as at once, of tables below the inventory too.
CREATE TABLE lot () INHERITS (vehicle);
INSERT INTO lot (vehicle_id, make, currency, regular_price, year)
VALUES ('L1', 'Lotus', 'MXN', 300000, 2008), ('L2', NULL, 'MXN', 310000, NULL);
SELECT count(*) AS filters, count(*) FILTER (WHERE t.buckets IS DISTINCT FROM (a.tally).buckets) AS other_buckets,
       count(*) FILTER (WHERE f.facets IS DISTINCT FROM g.facets) AS other_facets, count(f.facets) AS with_facets
FROM filters x,
     LATERAL tradeup_internal.vehicle_conditions(offer_filter(x.filter), 300000, 'Audi', 2006, 60000) c,
     LATERAL tradeup_internal.tally_by_table('{25000000,35000000}', '{0,3,2}', 'MXN', 10000000, 90000000, c, 2004, 100000,
                                             '{Audi,Skoda,Lotus}') t,
     LATERAL (SELECT tradeup_internal.search_tally(v.price_minor, '{25000000,35000000}', '{0,3,2}', v.make, v.body, v.region,
                                                   v.year) AS tally
              FROM vehicle v
              WHERE v.status = 'available' AND v.currency = 'MXN' AND v.price_minor BETWEEN 10000000 AND 90000000
                AND tradeup_internal.fits_index(c, v) AND tradeup_internal.fits_table(c, v)
                AND tradeup_internal.finances(2004, 100000, '{Audi,Skoda,Lotus}', v.year, v.kilometers, v.make)) a,
     LATERAL (SELECT string_agg(y::text, ' ' ORDER BY y) AS facets
              FROM unnest(t.facets, t."values", t.offers, t.vehicles) y) f,
     LATERAL (SELECT string_agg(y::text, ' ' ORDER BY y) AS facets
              FROM unnest((a.tally).facets, (a.tally)."values", (a.tally).offers, (a.tally).vehicles) y) g;
DROP TABLE lot;

-- A document, and the next page after the inventory has changed: nothing twice, nothing left out.
SELECT jsonb_pretty(search_offers('C1', '{"tiers": ["Upgrade"], "bodies": ["van"], "year_from": 2005}', page_size => 1)
                    #- '{items,0,dealer}' #- '{items,0,color}' #- '{items,0,model}' #- '{next}');
CREATE TEMP TABLE first_page AS SELECT search_offers('C1', NULL, 'payment', 5) AS document;
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('new', 'MXN', 250100);
DELETE FROM vehicle WHERE vehicle_id = (SELECT document #>> '{items,4,vehicle_id}' FROM first_page);
SELECT string_agg(i ->> 'vehicle_id' || ' ' || (i ->> 'payment'), ', ') AS first
FROM first_page, jsonb_array_elements(document -> 'items') i;
SELECT string_agg(i ->> 'vehicle_id' || ' ' || (i ->> 'payment'), ', ') AS second
FROM first_page p, jsonb_array_elements(search_offers('C1', NULL, 'payment', 3, p.document ->> 'next') -> 'items') i;

-- Vehicles by the same filters, without a customer and against hers.
SELECT (SELECT count(*) FROM vehicles_matching(NULL)) AS all_of_them,
    (SELECT count(*) FROM vehicles_matching('{"makes": ["Audi"], "price_to": 300000}')) AS audis,
       (SELECT count(*) FROM vehicle WHERE status = 'available' AND make = 'Audi' AND price <= 300000) AS by_hand,
       (SELECT count(*) FROM vehicles_matching('{"newer": true, "same_make": true}', 'C1')) AS newer,
       (SELECT count(*) FROM vehicle WHERE status = 'available' AND make = 'Seat' AND year > 2008) AS by_hand;
SELECT (SELECT count(*) FROM vehicles_matching('{"fuels": ["DIESEL"], "transmissions": ["Manual"], "listed_from": "2026-02-01"}'))
           AS diesels,
       (SELECT count(*) FROM vehicle
        WHERE status = 'available' AND fuel = 'diesel' AND transmission = 'manual' AND listed_on >= '2026-02-01') AS by_hand,
       (SELECT sum(s.offers) FROM portfolio_summary('mx-reference', filter => '{"fuels": ["DIESEL"]}') s) =
           (SELECT sum(s.offers) FROM portfolio_summary('mx-reference', filter => '{"fuels": ["diesel"], "match_case": true}') s)
           AS same_summary,
       (SELECT sum(s.offers) FROM portfolio_summary('mx-reference', filter => '{"fuels": ["DIESEL"], "match_case": true}') s)
           AS none;
-- Texts whatever their case, longer ones and those with letters beyond ASCII too.
SELECT value, tradeup_internal.is_listed(value, (offer_filter(jsonb_build_object('makes', jsonb_build_array('x', list)))).makes)
FROM (VALUES ('Audi', 'AUDI'), ('Audi', 'Audi '), ('', ''), ('ŠKODA', 'škoda'), (repeat('A', 64), repeat('a', 64)),
             (repeat('A', 65), repeat('a', 65)), (repeat('A', 65), repeat('a', 64))) x (value, list);
SELECT category(c) FROM unnest(ARRAY[-0.050001, -0.05, 0.05, 0.050001, 0.15, 0.150001, 0.25, 0.250001, NULL]) c;
SELECT search_offers('C2', page_size => 1, counts => false) ->> 'sort' AS sort,
    search_offers('C2', '{"change_to": 1}', page_size => 1) #> '{counts,offers}' AS offers,
       search_offers('C1', page_size => 1, counts => NULL) ? 'counts' AS counts;
SELECT tradeup_internal.price_bucket(1001, '{1000,1001,1002}') AS two, tradeup_internal.price_bucket(999, '{1000}') AS none,
       tradeup_internal.price_bucket(5, '{}') AS no_edges,
    tradeup_internal.price_bucket(12345678901250, '{1000}') AS long;

-- The index on price is read in order up to a page, from the place where the page before has ended; counts read it alone.
ANALYZE vehicle, customer;
CREATE FUNCTION pg_temp.vehicle_scans(query text) RETURNS TABLE (scan text, index text,
    most_rows_of_a_loop numeric) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT json) ' || query INTO plan;
    RETURN QUERY
        WITH RECURSIVE node (n) AS (
            SELECT plan -> 0 -> 'Plan'
            UNION ALL SELECT child FROM node, json_array_elements(n -> 'Plans') child WHERE n -> 'Plans' IS NOT NULL)
        SELECT (n ->> 'Node Type') || CASE n ->> 'Scan Direction' WHEN 'Backward' THEN ' Backward' ELSE '' END,
        n ->> 'Index Name',
               round((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0))
        FROM node WHERE n ->> 'Relation Name' = 'vehicle' AND (n ->> 'Actual Loops')::numeric > 0
            AND n ->> 'Index Name' <> 'vehicle_is_identified';
END $$;
SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
SELECT s.sort, v.scan, v.index, v.most_rows_of_a_loop <= CASE WHEN s.sort IN ('year', 'kilometers') THEN 100
    ELSE 12 END AS few_rows
FROM unnest('{price,dearest,payment,margin,closeness,year,kilometers}'::text[]) s (sort),
     LATERAL pg_temp.vehicle_scans(format('SELECT * FROM search_page(concat(''C1''), NULL, %L, 10)', s.sort)) v
ORDER BY s.sort, v.scan;
SELECT s.sort, v.most_rows_of_a_loop <= 15 AS few_rows
FROM (VALUES ('price', 45000000, false), ('dearest', -30000000, true), ('payment', 9000, false),
    ('margin', -22000, true)) s (sort, key, down),
     LATERAL pg_temp.vehicle_scans(format('SELECT * FROM search_page(concat(''C1''), NULL, %L, 10, ROW(%L, %s, %L, %s, '''', 0)::tradeup_internal.search_place)', s.sort, s.sort, s.key, s.down,
                                          CASE s.sort WHEN 'margin' THEN 30000000 ELSE abs(s.key) END)) v ORDER BY s.sort;

-- Bounds that are no whole cents, and a program whose minor unit is smaller than a cent: counts are those of what is listed.
INSERT INTO program
SELECT (jsonb_populate_record(p, '{"name": "four", "currency": "CLF", "published_at": null, "built_in": false}')).*
FROM current_program p WHERE name = 'mx-reference';
INSERT INTO program_profile SELECT 'four', 1, f.profile, f.annual_rate, f.down_payment_rate, f.insurance FROM program_profile f
WHERE f.program = 'mx-reference';
INSERT INTO program_term SELECT 'four', 1, t.term, t.rate_adjustment FROM program_term t WHERE t.program = 'mx-reference';
INSERT INTO program_tier SELECT 'four', 1, t.rank, t.name, t.lower_change, t.lower_inclusive, t.upper_change, t.upper_inclusive
FROM program_tier t WHERE t.program = 'mx-reference';
SELECT publish_program('four') IS NOT NULL AS published;
SELECT p AS program, x.filter,
    (search_offers('C1', x.filter, program => p, page_size => 1) #>> '{counts,offers}')::bigint = o.offers AS counted,
       (SELECT count(*) FROM tradeup_internal.offers_matching('C1', x.filter, p)) = o.offers AS listed, o.offers > 0 AS some
FROM unnest('{mx-reference,four}'::text[]) p
CROSS JOIN (VALUES (jsonb '{}', 0, 1e12, -1e6, 1e6), ('{"price_to": 330000.005}', 0, 330000.005, -1e6, 1e6),
    ('{"price_from": 300000.00000001}', 300000.00000001, 1e12, -1e6, 1e6),
                   ('{"price_ratio": 1.2345678901}', 0,
                   1.2345678901 * (SELECT current_price FROM customer WHERE customer_id = 'C1'), -1e6, 1e6),
                   ('{"categories": ["moderate"]}', 0, 1e12, 0.150001, 0.25)) x (filter, lowest, highest, least, most)
CROSS JOIN LATERAL (SELECT count(*) AS offers FROM offers('C1', p) o
    WHERE o.price BETWEEN x.lowest AND x.highest AND o.payment_change BETWEEN x.least AND x.most) o
ORDER BY p COLLATE "C" DESC, x.filter;

-- What is not possible.
\set ON_ERROR_ROLLBACK on
SELECT search_offers('nobody');
\echo :SQLSTATE
SELECT search_offers(NULL);
\echo :SQLSTATE
SELECT search_offers('C1', '{"make": ["Audi"]}');
\echo :SQLSTATE
SELECT search_offers('C1', '["Audi"]');
SELECT search_offers('C1', '{"makes": "Audi"}');
SELECT search_offers('C1', '{"makes": []}');
SELECT search_offers('C1', '{"makes": [1]}');
SELECT search_offers('C1', '{"terms": [12.5]}');
SELECT search_offers('C1', '{"categories": ["perfect", "good"]}');
SELECT search_offers('C1', '{"tiers": ["Upgrade", "Upgraded"]}');
SELECT search_offers('C1', '{"terms": [12, 13], "tiers": ["Upgrade"]}');
SELECT search_offers('C1', '{"tiers": ["upgrade"], "match_case": true}');
SELECT * FROM search_page('C1', '{"tiers": ["Upgraded"]}');
SELECT * FROM search_counts('C1', '{"tiers": ["Upgraded"]}');
SELECT count(*) FROM customer c, search_page(c.customer_id, '{"tiers": ["Upgraded"]}');
SELECT * FROM search_counts('C1', facets => 'many');
SELECT * FROM search_counts('C1', facet_fields => '{price}');
SELECT search_offers('C3', '{"terms": [12]}', program => 'mx-reference', page_size => 1) #>> '{counts,offers}' AS offers;
SELECT search_offers('C1', '{"year_from": 20055}');
SELECT search_offers('C1', facets => 'many');
\echo :SQLSTATE
SELECT search_offers('C1', facet_fields => '{make,price}');
SELECT search_offers('C1', per_tier => 0);
\echo :SQLSTATE
SELECT search_offers('C1', per_tier => 2, after => 'what?');
SELECT search_offers_for('{C1,nobody}', '{"make": ["Audi"]}');
SELECT search_offers('C1', '{"price_to": -1}');
SELECT search_offers('C1', '{"listed_from": "2026-02-30"}');
\echo :SQLSTATE
SELECT search_offers('C1', '{"listed_from": "10/02/2026"}');
SELECT search_offers('C1', '{"listed_from": 20260210}');
SELECT search_offers('C1', '{"match_case": "no"}');
SELECT search_offers('C1', '{"fuels": "diesel"}');
SELECT search_offers('C1', '{"better": "yes"}');
SELECT search_offers('C1', '{"change_from": "0.1"}');
SELECT search_offers('C1', sort => 'colour');
SELECT search_offers('C1', page_size => 0);
SELECT search_offers('C1', page_size => NULL);
SELECT search_offers('C2', sort => 'closeness');
SELECT search_offers('C1', after => 'what?');
SELECT search_offers('C1', after => 'WzFd');
-- Tokens that somebody made up.
SELECT tradeup_internal.search_place(encode(convert_to(jsonb_build_array(sort, key, false, price, 'V1', 12, 'digest')::text,
                                                       'UTF8'),
    'base64'), sort, 'digest')
FROM (VALUES ('payment', '100.25', '1')) x (sort, key, price);
CREATE FUNCTION pg_temp.made_up(sort text, key text, price text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN tradeup_internal.search_place(encode(convert_to(jsonb_build_array(sort, key, false, price, 'V1', 12, 'digest')::text,
                                                           'UTF8'),
        'base64'), sort, 'digest');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT x.*, pg_temp.made_up(sort, key, price)
FROM (VALUES ('payment', 'NaN', '1'), ('payment', 'Infinity', '1'), ('margin', '-1e300', '1'), ('payment', '1e-30', '1'),
    ('year', '-2e10', '1'),
    ('kilometers', '1.5', '1'), ('kilometers', '5', 'NaN'), ('year', '-2020', '-Infinity')) x (sort, key, price);
SELECT search_offers('C1', NULL, 'price', 5, (SELECT document ->> 'next' FROM first_page));
SELECT search_offers('C3', NULL, 'payment', 5, (SELECT document ->> 'next' FROM first_page));
SELECT search_offers('C1', program => 'nothing');
SELECT search_offers('C1', overrides => '{"bonuss": 1}');
SELECT vehicles_matching('{"newer": true}');
SELECT vehicles_matching('{"tiers": ["Upgrade"]}', 'C1');
SELECT vehicles_matching('{}', 'nobody');
SELECT offer_filter('{}', 'elsewhere');
SELECT search_page('C1', page_size => -1);
SELECT tradeup_internal.price_bucket(1, '{{1}}');
ROLLBACK;
