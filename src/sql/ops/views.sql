-- Statistics of functions, inventory, customers, offers and quotes.

CREATE VIEW tradeup.function_stats WITH (security_invoker = true) AS
SELECT p.oid::regprocedure AS function, s.calls, s.total_time AS total_ms, s.self_time AS self_ms,
    s.total_time / nullif(s.calls, 0) AS ms_per_call
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('tradeup', 'tradeup_bi', 'tradeup_internal')
JOIN pg_catalog.pg_stat_user_functions s ON s.funcid = p.oid;
COMMENT ON VIEW tradeup.function_stats IS
    'Calls and times of the functions since statistics were reset, by track_functions = all; functions that the planner takes '
    'apart are not among them';
COMMENT ON COLUMN tradeup.function_stats.function IS 'The function, with the types of its arguments';
COMMENT ON COLUMN tradeup.function_stats.calls IS 'How often it was called';
COMMENT ON COLUMN tradeup.function_stats.total_ms IS 'Milliseconds spent in it and in what it called';
COMMENT ON COLUMN tradeup.function_stats.self_ms IS 'Milliseconds spent in itself';
COMMENT ON COLUMN tradeup.function_stats.ms_per_call IS 'Mean milliseconds of a call';

CREATE VIEW tradeup.quote_stats WITH (security_invoker = true) AS
SELECT x.day, x.tier, count(*) AS quotes, count(*) FILTER (WHERE x.status IN ('issued', 'viewed')) AS open,
       count(*) FILTER (WHERE x.status = 'accepted') AS accepted, count(*) FILTER (WHERE x.status = 'rejected') AS rejected,
       count(*) FILTER (WHERE x.status = 'withdrawn') AS withdrawn, count(*) FILTER (WHERE x.status = 'expired') AS expired
FROM (SELECT (s.quoted_at AT TIME ZONE 'UTC')::date AS day, s.tier, s.status
      FROM tradeup.quote_status s WHERE s.quoted_at >= (tradeup_internal.today() - 29)::timestamp AT TIME ZONE 'UTC') x
GROUP BY x.day, x.tier;
COMMENT ON VIEW tradeup.quote_stats IS 'Quotes of the last 30 days by day (in UTC) and tier, and how they stand now';
COMMENT ON COLUMN tradeup.quote_stats.day IS 'Day of the quotes, in UTC';
COMMENT ON COLUMN tradeup.quote_stats.tier IS 'Tier of the offers that were quoted; null: none of the tiers';
COMMENT ON COLUMN tradeup.quote_stats.quotes IS 'Number of quotes';
COMMENT ON COLUMN tradeup.quote_stats.open IS 'Quotes that are issued or viewed, and still valid';
COMMENT ON COLUMN tradeup.quote_stats.accepted IS 'Quotes that were accepted';
COMMENT ON COLUMN tradeup.quote_stats.rejected IS 'Quotes that were rejected';
COMMENT ON COLUMN tradeup.quote_stats.withdrawn IS 'Quotes that were withdrawn';
COMMENT ON COLUMN tradeup.quote_stats.expired IS 'Quotes that ran out, recorded or not';

CREATE VIEW tradeup.offer_stats WITH (security_invoker = true) AS
SELECT tradeup_internal.today() AS day, s.currency, s.tier, s.tier_rank, s.offers, s.customers, s.mean_change, s.margin
FROM tradeup.portfolio_summary(NULL::text, NULL::tradeup.any_json, NULL::tradeup.any_json) s;
COMMENT ON VIEW tradeup.offer_stats IS
    'The offers of today by currency and tier: all customers, available vehicles and terms, counted by portfolio_summary';
COMMENT ON COLUMN tradeup.offer_stats.day IS 'Today, in UTC';
COMMENT ON COLUMN tradeup.offer_stats.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup.offer_stats.tier IS 'Tier of the offers; null: none of the tiers';
COMMENT ON COLUMN tradeup.offer_stats.tier_rank IS 'Rank of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.offer_stats.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup.offer_stats.customers IS 'Number of customers with such an offer';
COMMENT ON COLUMN tradeup.offer_stats.mean_change IS 'Mean payment change of the offers, as a fraction';
COMMENT ON COLUMN tradeup.offer_stats.margin IS 'Sum of the margins of the offers';

CREATE VIEW tradeup.stats WITH (security_invoker = true) AS
WITH customers AS MATERIALIZED (
    SELECT c.program, count(*) AS customers, count(*) FILTER (WHERE c.current_payment IS NULL) AS without_payment
    FROM tradeup.customer c GROUP BY c.program
), inventory AS MATERIALIZED (
    SELECT v.currency, count(*) AS vehicles, count(*) FILTER (WHERE v.status = 'available') AS available,
           count(*) FILTER (WHERE v.status = 'reserved') AS reserved, count(*) FILTER (WHERE v.status = 'sold') AS sold,
           count(*) FILTER (WHERE v.status = 'withdrawn') AS withdrawn,
           min(v.price) FILTER (WHERE v.status = 'available') AS lowest,
           max(v.price) FILTER (WHERE v.status = 'available') AS highest,
           sum(v.price) FILTER (WHERE v.status = 'available') AS worth
    FROM tradeup.vehicle v GROUP BY v.currency
)
SELECT 'inventory' AS topic, x.name, x.value
FROM (SELECT coalesce(sum(i.vehicles), 0) AS vehicles, coalesce(sum(i.available), 0) AS available,
             coalesce(sum(i.reserved), 0) AS reserved, coalesce(sum(i.sold), 0) AS sold,
             coalesce(sum(i.withdrawn), 0) AS withdrawn
      FROM inventory i) i
CROSS JOIN LATERAL (VALUES ('vehicles', i.vehicles), ('available', i.available), ('reserved', i.reserved), ('sold', i.sold),
                           ('withdrawn', i.withdrawn)) x (name, value)
UNION ALL
SELECT 'prices in ' || i.currency, x.name, x.value
FROM inventory i
CROSS JOIN LATERAL (VALUES ('lowest', i.lowest), ('highest', i.highest), ('sum', i.worth)) x (name, value)
WHERE i.lowest IS NOT NULL
UNION ALL
SELECT 'customers', x.name, x.value
FROM (SELECT coalesce(sum(c.customers), 0) AS customers, coalesce(sum(c.without_payment), 0) AS without_payment
      FROM customers c) i
CROSS JOIN LATERAL (VALUES ('customers', i.customers), ('without a current payment', i.without_payment)) x (name, value)
UNION ALL
SELECT 'customers by program', coalesce(c.program, 'default'), c.customers FROM customers c
UNION ALL
SELECT 'programs', x.name, x.value
FROM (SELECT count(*) FILTER (WHERE p.published_at IS NOT NULL) AS published,
      count(*) FILTER (WHERE p.published_at IS NULL) AS drafts
      FROM tradeup.program p) i
CROSS JOIN LATERAL (VALUES ('published versions', i.published::numeric), ('drafts', i.drafts),
                           ('valid today', (SELECT count(*) FROM tradeup.current_program))) x (name, value)
UNION ALL
SELECT 'quotes of 30 days', x.name, x.value
FROM (SELECT sum(q.quotes) AS quotes, sum(q.open) AS open, sum(q.accepted) AS accepted, sum(q.rejected) AS rejected,
             sum(q.withdrawn) AS withdrawn, sum(q.expired) AS expired FROM tradeup.quote_stats q) i
CROSS JOIN LATERAL (VALUES ('quotes', coalesce(i.quotes, 0)), ('open', coalesce(i.open, 0)),
                    ('accepted', coalesce(i.accepted, 0)),
                           ('rejected', coalesce(i.rejected, 0)), ('withdrawn', coalesce(i.withdrawn, 0)),
                               ('expired', coalesce(i.expired, 0))) x (name, value)
UNION ALL
SELECT 'functions', x.name, x.value
FROM (SELECT sum(f.calls) AS calls, sum(f.self_ms) AS ms FROM tradeup.function_stats f) i
CROSS JOIN LATERAL (VALUES ('calls', i.calls), ('milliseconds', round(i.ms::numeric, 3))) x (name, value)
WHERE i.calls IS NOT NULL;
COMMENT ON VIEW tradeup.stats IS
    'Totals of inventory, customers, programs, quotes and calls of functions; one scan of each table';
COMMENT ON COLUMN tradeup.stats.topic IS
    'What is counted: inventory, prices in a currency, customers, programs, quotes or functions';
COMMENT ON COLUMN tradeup.stats.name IS 'Name of the figure';
COMMENT ON COLUMN tradeup.stats.value IS 'The figure';

-- Columns of views that show those of a table mean the same; where several tables have one, the first.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT v.attrelid::regclass AS shown, v.attname AS name, (array_agg(d.description ORDER BY s.place))[1] AS comment
        FROM (VALUES (1, 'tradeup.current_program'::regclass, 'tradeup.program'::regclass),
                     (2, 'tradeup.rate_sheet', 'tradeup.program'), (3, 'tradeup.rate_sheet', 'tradeup.program_profile'),
                     (4, 'tradeup.rate_sheet', 'tradeup.program_term'), (5, 'tradeup.rate_sheet', 'tradeup.program_region'),
                     (6, 'tradeup.quote_status', 'tradeup.quote'), (7, 'tradeup.quote_status', 'tradeup.quote_event'))
                 s (place, shown, source),
             pg_catalog.pg_attribute v, pg_catalog.pg_attribute t, pg_catalog.pg_description d
        WHERE v.attrelid = s.shown AND v.attnum > 0 AND t.attrelid = s.source AND t.attname = v.attname
          AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = t.attrelid AND d.objsubid = t.attnum
        GROUP BY v.attrelid, v.attname
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', c.shown, c.name, c.comment);
    END LOOP;
END
$$;
COMMENT ON COLUMN tradeup.rate_sheet.region IS 'Region of the customers; null: all that the program does not name';
COMMENT ON COLUMN tradeup.rate_sheet.sales_tax_rate IS 'Sales tax in the region, as a fraction';
COMMENT ON COLUMN tradeup.rate_sheet.document_fee IS 'Document fee in the region';
COMMENT ON COLUMN tradeup.quote_status.status IS 'The latest event, or expired when the quote is open and no longer valid';
