-- Counts of a search as rows, over tradeup.vehicle.

CREATE OR REPLACE FUNCTION tradeup.search_counts(customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                 program text DEFAULT NULL,
                                                 overrides tradeup.any_json DEFAULT NULL::jsonb, facets text DEFAULT 'plain',
                                                 facet_fields text[] DEFAULT NULL)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 50 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    SELECT o.facet, o.value, o.place, o.offers, o.vehicles
    FROM (SELECT f.f, tradeup_internal.conditions_for(f.f, search_counts.customer_id) AS c,
                 ARRAY(SELECT d
                       FROM tradeup.deals(search_counts.customer_id, search_counts.program, search_counts.overrides) d) AS deals,
                 a.fields, a.multi, a.standard
          FROM (SELECT tradeup.offer_filter(search_counts.filter, 'offers'::text) AS f OFFSET 0) f,
               tradeup_internal.facets_asked(search_counts.facets, search_counts.facet_fields, search_counts.filter) a
          OFFSET 0) x,
    LATERAL (SELECT c.* FROM tradeup_internal.counts_of(x.deals, x.f, x.c) c
             WHERE x.standard AND (c.facet IN ('all', 'tier', 'category') OR c.facet = ANY (x.fields))
             UNION ALL
             SELECT c.*
             FROM tradeup_internal.facets_of(search_counts.customer_id, search_counts.filter, x.deals, x.fields, x.multi,
                                             NULL::text) c
             WHERE NOT x.standard) o
    WHERE tradeup_internal.require_tiers_and_terms(x.f, (x.deals[1]).program,
                                                   tradeup_internal.asked_for_one(search_counts.customer_id));
END;
COMMENT ON FUNCTION tradeup.search_counts(text, tradeup.any_json, text, tradeup.any_json, text, text[]) IS
    'How many offers, and vehicles with an offer, a filter lets through: in all, in each tier and category, and by make, body, '
    'region and band of 5 years, or by the fields that are named';

CREATE OR REPLACE FUNCTION tradeup_internal.kept_search_counts(customer_id text, filter tradeup.any_json, program text,
                                                               overrides tradeup.any_json, facets text, facet_fields text[])
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE c STABLE PARALLEL SAFE COST 10000 ROWS 50 SET search_path = pg_catalog, pg_temp
SET enable_sort = off SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_search_counts(text, tradeup.any_json, text, tradeup.any_json, text, text[]) IS
    'search_counts, by a plan that the session keeps';
