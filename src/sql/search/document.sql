-- A search as one JSON document.

CREATE OR REPLACE FUNCTION tradeup_internal.search_digest(customer_id text, filter tradeup.any_json, program text,
                                                          overrides tradeup.any_json)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(encode(sha256(convert_to(jsonb_build_array(customer_id, filter::jsonb, program, overrides::jsonb)::text, 'UTF8')),
                   'hex'), 16);
COMMENT ON FUNCTION tradeup_internal.search_digest(text, tradeup.any_json, text, tradeup.any_json) IS
    'What tells one search from another in the token of a page';

-- The sort and the last offer of a page, as text that an application hands back unread. Reading it catches errors, which takes a
-- subtransaction; so it is not for parallel plans, nor is what calls it.
CREATE OR REPLACE FUNCTION tradeup_internal.search_token(place tradeup_internal.search_place, digest text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(convert_to(jsonb_build_array((place).sort, (place).key, (place).downward, (place).price_minor,
                                                     (place).vehicle_id, (place).term, digest)::text, 'UTF8'), 'base64'),
                 E'\n', '');
COMMENT ON FUNCTION tradeup_internal.search_token(tradeup_internal.search_place, text) IS
    'The token of a page that ends at this place';

CREATE OR REPLACE FUNCTION tradeup_internal.search_place(token text, sort text, digest text) RETURNS tradeup_internal.search_place
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts jsonb;
    place tradeup_internal.search_place;
    greatest_key numeric;
    key_digits integer;
BEGIN
    BEGIN
        parts := convert_from(decode(token, 'base64'), 'UTF8')::jsonb;
        place := ROW(parts ->> 0, (parts ->> 1)::numeric, (parts ->> 2)::boolean, (parts ->> 3)::bigint, parts ->> 4,
                     (parts ->> 5)::integer);
    EXCEPTION WHEN data_exception THEN
        place := NULL;
    END;
    greatest_key := CASE WHEN place.sort IN ('year', 'kilometers') THEN 2147483647
                         WHEN place.sort IN ('price', 'dearest') THEN 100000000000000 ELSE 10000000000000 END;
    /* A current payment, to which closeness is measured, may have more decimals than a currency. */
    key_digits := CASE WHEN place.sort IN ('year', 'kilometers', 'price', 'dearest') THEN 0
                       WHEN place.sort = 'closeness' THEN 12 ELSE 4 END;
    IF NOT coalesce(jsonb_typeof(parts) = 'array'
                    AND num_nulls(place.sort, place.key, place.downward, place.price_minor, place.vehicle_id, place.term) = 0
                    AND abs(place.key) <= greatest_key AND place.key = trunc(place.key, key_digits)
                    AND place.price_minor BETWEEN 0 AND 100000000000000, false) THEN
        RAISE EXCEPTION 'page token is not valid'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is "%s".', tradeup_internal.shown(token)),
                  HINT = 'Give the "next" of the page before, as it is.';
    END IF;
    IF place.sort <> sort OR parts ->> 6 IS DISTINCT FROM digest THEN
        RAISE EXCEPTION 'page token is of another search'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It continues a search sorted by %s.', tradeup_internal.shown(place.sort)),
                  HINT = 'Keep customer, filter, sort, program and overrides from page to page, or begin without a token.';
    END IF;
    RETURN place;
END
$$;
COMMENT ON FUNCTION tradeup_internal.search_place(text, text, text) IS
    'The place at which the page with this token ends, of the search with this sort and digest';

-- The settings: JIT would take longer than the search. The plans of both queries are made once a session and kept, because making
-- them takes longer than the search. A kept plan knows no bounds of prices, so the planner expects few rows and would sort them;
-- with sorts off it reads pages in the order of an index, and hashes the counts.
CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_search_document(customer_id text, filter tradeup.any_json, sort text,
                                                                     page_size integer, after text, program text,
                                                                     overrides tradeup.any_json, counts boolean, facets text,
                                                                     facet_fields text[], per_tier integer,
                                                                     asked_for_one boolean, inventory text)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000 SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_sort = off SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    digest text := tradeup_internal.search_digest(customer_id, filter, program, overrides) || coalesce(' ' || inventory, '');
    conditions tradeup.offer_filter := tradeup.offer_filter(filter, 'offers'::text);
    customer record; /* whether she is known, her current payment, her program and what the filter asks of vehicles for her */
    deals tradeup.customer_deal[];
    place tradeup_internal.search_place;
    page tradeup.offer[];
    items jsonb;
    next_token text;
    counted jsonb := '{}';
    fields text[];
    multi boolean;
    standard boolean;
    tier text;
    tier_rank integer;
    rows integer := coalesce(per_tier, page_size);
    tier_filter tradeup.offer_filter := conditions;
    tier_digest text := digest;
    columns jsonb := '[]';
BEGIN
    SELECT a.fields, a.multi, a.standard INTO fields, multi, standard
    FROM tradeup_internal.facets_asked(facets, facet_fields, filter) a;
    IF per_tier NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'per_tier must be between 1 and 1000'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', per_tier);
    END IF;
    IF per_tier IS NOT NULL AND after IS NOT NULL THEN
        RAISE EXCEPTION 'a token continues one tier, not all of them'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('per_tier is %s, and after is "%s".', per_tier, tradeup_internal.shown(after)),
                  HINT = 'Leave out per_tier, and give the filter the one tier in "tiers".';
    END IF;
    IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'page_size must be between 1 and 1000'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(page_size::text, 'null'));
    END IF;
    SELECT c.customer_id IS NOT NULL AS known, c.current_payment,
           coalesce(steps_of_search_document.program, c.program, (SELECT d.program FROM tradeup.program_default d)) AS program,
           tradeup_internal.vehicle_conditions(conditions, c.current_price, c.current_make, c.current_year,
                                               c.current_kilometers) AS conditions
    INTO customer
    FROM (SELECT steps_of_search_document.customer_id AS requested) q LEFT JOIN tradeup.customer c ON c.customer_id = q.requested;
    IF NOT asked_for_one THEN
        IF NOT EXISTS (SELECT FROM tradeup.current_program p WHERE customer.known AND p.name = customer.program) THEN
            RETURN NULL;
        END IF;
        sort := CASE WHEN sort = 'closeness' AND customer.current_payment IS NULL THEN 'payment' ELSE sort END;
    END IF;
    deals := ARRAY(SELECT d FROM tradeup.deals(customer_id, program, overrides) d);
    sort := coalesce(sort, CASE WHEN customer.current_payment IS NULL THEN 'payment' ELSE 'closeness' END);
    IF sort = 'closeness' AND customer.current_payment IS NULL AND customer.known THEN
        RAISE EXCEPTION 'customer has no current payment to be close to'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Customer is "%s".', tradeup_internal.shown(customer_id)),
                  HINT = 'Sort by payment, price, dearest, margin, year or kilometers.';
    END IF;
    PERFORM tradeup_internal.require_tiers_and_terms(conditions, customer.program, asked_for_one);
    IF after IS NOT NULL THEN
        place := tradeup_internal.search_place(after, sort, digest);
    END IF;
    FOR tier, tier_rank IN
        SELECT t.name, t.rank
        FROM tradeup.current_program p, tradeup.program_tier t
        WHERE per_tier IS NOT NULL AND p.name = customer.program AND t.program = p.name AND t.version = p.version
          AND (conditions.tiers IS NULL OR tradeup_internal.is_one_of(t.name, conditions.tiers, conditions.match_case))
        UNION ALL
        SELECT NULL, 0 WHERE per_tier IS NULL
        ORDER BY 2
    LOOP
        IF tier IS NOT NULL THEN
            tier_filter.tiers := ARRAY[tier];
            tier_filter.match_case := true;
            tier_digest := tradeup_internal.search_digest(customer_id, (coalesce(filter::jsonb, '{}')
                                                                        || jsonb_build_object('tiers', ARRAY[tier]))
                                                                       ::tradeup.any_json,
                                                          program, overrides) || coalesce(' ' || inventory, '');
        END IF;
        IF inventory IS NULL THEN
            page := ARRAY(SELECT o FROM tradeup_internal.page_of(deals, tier_filter, customer.conditions, sort, rows + 1,
                                                                 place) o);
        ELSE
            page := ARRAY(SELECT o FROM tradeup_internal.page_in(inventory, deals, tier_filter, customer.conditions, sort,
                                                                 rows + 1, place) o);
        END IF;
        SELECT jsonb_agg(to_jsonb(x.o) ORDER BY x.n) FILTER (WHERE x.n <= rows),
               max(tradeup_internal.search_token(ROW(sort,
                                                     tradeup_internal.search_key(sort, (x.o).price_minor, (x.o).year,
                                                                                 (x.o).kilometers, (x.o).monthly_payment,
                                                                                 (x.o).margin, (x.o).current_payment),
                                                     sort IN ('dearest', 'margin', 'year')
                                                     OR (sort = 'closeness' AND (x.o).monthly_payment <= (x.o).current_payment),
                                                     (x.o).price_minor, (x.o).vehicle_id, (x.o).term)
                                                     ::tradeup_internal.search_place,
                                                     tier_digest))
                   FILTER (WHERE x.n = rows AND cardinality(page) > rows)
        INTO items, next_token
        FROM (SELECT page[n] AS o, n FROM generate_subscripts(page, 1) n) x;
        IF tier IS NOT NULL THEN
            columns := columns || jsonb_build_object('tier', tier, 'items', coalesce(items, '[]'), 'next', next_token);
        END IF;
    END LOOP;
    IF counts THEN
        SELECT jsonb_build_object(
                   'counts', jsonb_build_object(
                       'offers', max(g.offers) FILTER (WHERE g.facet = 'all'),
                       'vehicles', max(g.vehicles) FILTER (WHERE g.facet = 'all'),
                       'tiers', coalesce(jsonb_agg(g.listed) FILTER (WHERE g.facet = 'tier') -> 0, '[]'),
                       'categories', coalesce(jsonb_agg(g.listed) FILTER (WHERE g.facet = 'category') -> 0, '[]')),
                   'facets', (SELECT coalesce(jsonb_object_agg(f.f, '[]'::jsonb), '{}') FROM unnest(fields) f (f))
                             || coalesce(jsonb_object_agg(g.facet, g.listed) FILTER (WHERE g.facet = ANY (fields)), '{}'))
        INTO counted
        FROM (SELECT c.facet, max(c.offers) AS offers, max(c.vehicles) AS vehicles,
                     jsonb_agg(c.counted ORDER BY c.place) AS listed
              FROM (SELECT x.facet, x.place, x.offers, x.vehicles,
                           jsonb_build_object('value', x.value, 'offers', x.offers, 'vehicles', x.vehicles) AS counted
                    FROM tradeup_internal.counts_of(deals, conditions, customer.conditions) x
                    WHERE standard AND inventory IS NULL
                    UNION ALL
                    SELECT x.facet, x.place, x.offers, x.vehicles,
                           jsonb_build_object('value', x.value, 'offers', x.offers, 'vehicles', x.vehicles)
                    FROM tradeup_internal.counts_in(inventory, deals, conditions, customer.conditions) x
                    WHERE standard AND inventory IS NOT NULL
                    UNION ALL
                    SELECT x.facet, x.place, x.offers, x.vehicles,
                           jsonb_build_object('value', x.value, 'offers', x.offers, 'vehicles', x.vehicles)
                    FROM tradeup_internal.facets_of(customer_id, filter, deals, fields, multi, inventory) x
                    WHERE NOT standard) c
              GROUP BY c.facet) g;
    END IF;
    RETURN CASE WHEN per_tier IS NULL THEN jsonb_build_object('items', coalesce(items, '[]'), 'next', next_token)
                ELSE jsonb_build_object('columns', columns) END || jsonb_build_object('sort', sort) || counted;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_search_document(text, tradeup.any_json, text, integer, text, text,
                                                              tradeup.any_json, boolean, text, text[], integer, boolean,
                                                              text) IS
    'The steps of search_document';

CREATE OR REPLACE FUNCTION tradeup_internal.search_document(customer_id text, filter tradeup.any_json, sort text,
                                                            page_size integer,
                                                            after text, program text, overrides tradeup.any_json, counts boolean,
                                                            facets text, facet_fields text[], per_tier integer,
                                                            asked_for_one boolean, inventory text)
RETURNS jsonb
LANGUAGE c STABLE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.search_document(text, tradeup.any_json, text, integer, text, text, tradeup.any_json,
                                                     boolean, text, text[], integer, boolean, text) IS
    'The document of search_offers, over tradeup.vehicle or an inventory (null: none). Where it is asked for many customers, it '
    'is null for one who is not known or has no valid program, and tiers and terms that the program does not have are no error';

-- A SQL function that the planner takes apart, because only so can asked_for_one see whether customer_id is a column.
CREATE OR REPLACE FUNCTION tradeup.search_offers(customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                 sort text DEFAULT NULL,
                                                 page_size integer DEFAULT 20, after text DEFAULT NULL,
                                                 program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                 counts boolean DEFAULT true, facets text DEFAULT 'plain',
                                                 facet_fields text[] DEFAULT NULL, per_tier integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000
RETURN tradeup_internal.search_document(customer_id, filter, sort, page_size, after, program, overrides, counts, facets,
                                        facet_fields, per_tier, tradeup_internal.asked_for_one(customer_id), NULL::text);
COMMENT ON FUNCTION tradeup.search_offers(text, tradeup.any_json, text, integer, text, text, tradeup.any_json, boolean, text,
                                         text[], integer) IS
    'One JSON document of a search: a page of offers, the token of the next page, and counts by tier, category, make, body, '
    'region and years';

CREATE OR REPLACE FUNCTION tradeup.search_offers_for(customer_ids text[], filter tradeup.any_json DEFAULT NULL::jsonb,
                                                     sort text DEFAULT NULL, page_size integer DEFAULT 20,
                                                     program text DEFAULT NULL,
                                                     overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                     counts boolean DEFAULT true, facets text DEFAULT 'plain',
                                                     facet_fields text[] DEFAULT NULL, per_tier integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000
RETURN (
    SELECT jsonb_build_object(
               'customers', coalesce(jsonb_object_agg(x.id, x.document) FILTER (WHERE x.document IS NOT NULL), '{}'),
               'unknown', coalesce(jsonb_agg(x.id ORDER BY x.id) FILTER (WHERE x.customer_id IS NULL), '[]'),
               'without_program', coalesce(jsonb_agg(x.id ORDER BY x.id)
                                           FILTER (WHERE x.customer_id IS NOT NULL AND x.document IS NULL), '[]'))
    FROM (SELECT i.id COLLATE "C" AS id, c.customer_id,
                 tradeup_internal.search_document(i.id, search_offers_for.filter, search_offers_for.sort,
                                                  search_offers_for.page_size, NULL::text, search_offers_for.program,
                                                  search_offers_for.overrides, search_offers_for.counts,
                                                  search_offers_for.facets, search_offers_for.facet_fields,
                                                  search_offers_for.per_tier, false, NULL::text) AS document
          FROM (SELECT DISTINCT u.id FROM unnest(search_offers_for.customer_ids) u (id)) i
          LEFT JOIN tradeup.customer c ON c.customer_id = i.id
          OFFSET 0) x);
COMMENT ON FUNCTION tradeup.search_offers_for(text[], tradeup.any_json, text, integer, text, tradeup.any_json, boolean, text,
                                              text[], integer) IS
    'The documents of search_offers for several customers, by customer_id, with lists of ids that are unknown and of customers '
    'without a valid program';
