-- Health of watched tables.

CREATE OR REPLACE FUNCTION tradeup_internal.health_watched_tables() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.in_part IS NULL THEN 'ok' ELSE 'warning' END, coalesce(x.tables, 'none'),
           'Triggers of ' || x.in_part || ' are disabled or missing: enable them, or call watch_inventory again.'
    FROM (SELECT string_agg(w.relation || CASE WHEN w.whole THEN ' watched' ELSE ' watched in part' END, ', '
                            ORDER BY w.relation::text COLLATE "C") AS tables,
                 string_agg(w.relation::text, ', ' ORDER BY w.relation::text COLLATE "C") FILTER (WHERE NOT w.whole) AS in_part
          FROM (SELECT t.tgrelid::regclass AS relation, count(*) FILTER (WHERE t.tgenabled IN ('O', 'A')) = 4 AS whole
                FROM pg_trigger t WHERE t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure AND NOT t.tgisinternal
                GROUP BY t.tgrelid) w
          /* Children that are watched with their parent are counted by a check of their own. */
          WHERE NOT w.whole
             OR NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_trigger t ON t.tgrelid = i.inhparent
                            WHERE i.inhrelid = w.relation AND NOT t.tgisinternal
                              AND t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure)) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_watched_tables() IS
    'Health: the triggers of watch_inventory are there and enabled';

CREATE OR REPLACE FUNCTION tradeup_internal.health_children_of_watched_tables()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE watched AS (
        SELECT DISTINCT t.tgrelid::regclass AS relation
        FROM pg_trigger t WHERE t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure AND NOT t.tgisinternal
    ), below AS (
        SELECT w.relation AS parent, c.child, c.is_foreign FROM watched w
               CROSS JOIN LATERAL tradeup_internal.children_of(w.relation) c
        UNION
        SELECT b.parent, c.child, c.is_foreign FROM below b CROSS JOIN LATERAL tradeup_internal.children_of(b.child) c
    ), judged AS (
        SELECT b.parent::text AS parent, b.child::text AS child, b.is_foreign, w.relation IS NOT NULL AS watched
        FROM below b LEFT JOIN watched w ON w.relation = b.child
        WHERE b.parent NOT IN (SELECT x.child FROM below x)
    ), named AS (
        SELECT j.child, row_number() OVER (ORDER BY j.child COLLATE "C") AS place
        FROM (SELECT DISTINCT j.child FROM judged j WHERE NOT j.watched) j
    ), found AS (
        SELECT (SELECT count(DISTINCT j.child) FROM judged j WHERE j.watched) AS watched,
               (SELECT string_agg(n.child, ', ' ORDER BY n.place) FILTER (WHERE n.place <= 5)
                       || CASE WHEN max(n.place) > 5 THEN format(' and %s more', max(n.place) - 5) ELSE '' END
                FROM named n) AS unwatched,
               (SELECT string_agg(DISTINCT j.parent, ', ') FROM judged j WHERE NOT j.watched AND NOT j.is_foreign) AS again,
               (SELECT string_agg(DISTINCT j.parent, ', ') FROM judged j WHERE j.is_foreign) AS impossible
    )
    SELECT CASE WHEN f.impossible IS NOT NULL THEN 'failed' WHEN f.again IS NOT NULL THEN 'warning' ELSE 'ok' END,
           CASE WHEN f.watched = 0 AND f.unwatched IS NULL THEN 'none'
                ELSE concat_ws('; ', f.watched || ' watched', 'not watched: ' || f.unwatched) END,
           nullif(concat_ws(' ',
               'Statements on them tell nothing: call watch_inventory again, with the same arguments, for ' || f.again || '.',
               'Statements that change foreign tables through ' || f.impossible || ' fail: call unwatch_inventory for it, and '
               'watch the local tables below it one by one.'), '')
    FROM found f;
END;
COMMENT ON FUNCTION tradeup_internal.health_children_of_watched_tables() IS
    'Health: partitions and children of watched tables are watched themselves';
