-- Health of quotes, in samples.

-- As many pages as quotes, so that neighbours do not make up the sample.
CREATE OR REPLACE FUNCTION tradeup_internal.some_quotes(most integer) RETURNS SETOF bigint
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED COST 1000 ROWS 100
BEGIN ATOMIC
    SELECT q.quote_id
    FROM tradeup.quote q
        TABLESAMPLE system (100 * tradeup_internal.share_of_pages('tradeup.quote'::regclass, some_quotes.most))
    ORDER BY random() LIMIT some_quotes.most;
END;
COMMENT ON FUNCTION tradeup_internal.some_quotes(integer) IS
    'Numbers of quotes picked at random, at most so many; all of them when there are no more';

CREATE OR REPLACE FUNCTION tradeup_internal.health_quotes_verify() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.wrong = 0 THEN 'ok' ELSE 'failed' END, format('%s of %s in a sample fail', x.wrong, x.sampled),
           'Somebody changed figures of quote ' || left(x.examples, 100)
           || ': SELECT * FROM verify_quote(...) WHERE NOT equal.'
    FROM (SELECT count(*) AS sampled, count(*) FILTER (WHERE NOT v.verifies) AS wrong,
                 string_agg(v.quote_id::text, ', ' ORDER BY v.quote_id) FILTER (WHERE NOT v.verifies) AS examples
          FROM (SELECT q.quote_id, tradeup.quote_verifies(q) AS verifies
                FROM tradeup_internal.some_quotes(100) s (quote_id) JOIN tradeup.quote q ON q.quote_id = s.quote_id) v) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_quotes_verify() IS
    'Health: quotes are what their inputs give';

CREATE OR REPLACE FUNCTION tradeup_internal.health_open_quotes_past_their_time()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.late = 0 THEN 'ok' ELSE 'warning' END,
           format('%s of %s in a sample, by more than a day', x.late, x.sampled),
           CASE WHEN x.late > 0 THEN 'SELECT tradeup.expire_quotes(); run it every day.' END
    FROM (SELECT count(*) AS sampled,
                 count(*) FILTER (WHERE q.valid_until < statement_timestamp() - interval '1 day'
                                    AND NOT EXISTS (SELECT FROM tradeup.quote_event e
                                                    WHERE e.quote_id = q.quote_id
                                                      AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired'))) AS late
          FROM tradeup_internal.some_quotes(1000) s (quote_id) JOIN tradeup.quote q ON q.quote_id = s.quote_id) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_open_quotes_past_their_time() IS
    'Health: quotes that are no longer valid are not open';

-- Two samples: of events, to find those without a quote; of quotes, to find those whose events cannot follow one another.
CREATE OR REPLACE FUNCTION tradeup_internal.events_of_quotes_problems(most integer) RETURNS TABLE (quote_id bigint, problem text)
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT e.quote_id, 'events of no quote'::text
    FROM (SELECT DISTINCT x.quote_id
          FROM tradeup.quote_event x TABLESAMPLE system (
              100 * tradeup_internal.share_of_pages('tradeup.quote_event'::regclass, events_of_quotes_problems.most))
          LIMIT 50 * events_of_quotes_problems.most) e
    WHERE NOT EXISTS (SELECT FROM tradeup.quote q WHERE q.quote_id = e.quote_id)
    UNION ALL
    SELECT s.quote_id, 'no first event'::text
    FROM tradeup_internal.some_quotes(events_of_quotes_problems.most) s (quote_id)
    WHERE NOT EXISTS (SELECT FROM tradeup.quote_event e WHERE e.quote_id = s.quote_id AND e.seq = 1)
    UNION ALL
    SELECT e.quote_id, format('event %s cannot follow'::text, e.seq)
    FROM tradeup_internal.some_quotes(events_of_quotes_problems.most) s (quote_id)
    JOIN tradeup.quote_event e ON e.quote_id = s.quote_id AND e.seq > 1
    LEFT JOIN tradeup.quote_event b ON b.quote_id = e.quote_id AND b.seq = e.seq - 1
    WHERE NOT EXISTS (SELECT FROM tradeup_internal.quote_transitions() t WHERE t.standing = b.event AND t.event = e.event);
END;
COMMENT ON FUNCTION tradeup_internal.events_of_quotes_problems(integer) IS
    'Events without a quote, quotes without a first event, and events that cannot follow the one before, in samples of at most '
    'so many pages or quotes';

-- Where policies hide some quotes, their events would seem to have none.
CREATE OR REPLACE FUNCTION tradeup_internal.health_events_of_quotes() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.hidden THEN 'unknown' WHEN x.problems IS NULL THEN 'ok' ELSE 'failed' END,
           CASE WHEN NOT x.hidden THEN coalesce(x.problems, 'complete in a sample') END,
           CASE WHEN x.problems IS NOT NULL THEN 'Quotes or events were lost, for instance in a restore: restore them again.' END
    FROM (SELECT h.hidden,
                 CASE WHEN NOT h.hidden
                      THEN (SELECT string_agg(format('quote %s: %s', p.quote_id, p.problem), '; ' ORDER BY p.quote_id, p.problem)
                            FROM (SELECT y.* FROM tradeup_internal.events_of_quotes_problems(100) y LIMIT 10) p) END AS problems
          FROM (SELECT row_security_active('tradeup.quote') OR row_security_active('tradeup.quote_event') AS hidden) h) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_events_of_quotes() IS
    'Health: quotes have their events, in an order in which they can follow, and no event is without a quote';
