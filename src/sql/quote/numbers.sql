-- Where numbers go on after logical replication, which copies rows and no sequences.

-- A number that was given once is not given again: purges have those of quotes that are gone.
CREATE OR REPLACE FUNCTION tradeup.advance_numbers() RETURNS TABLE (table_name text, next_number bigint)
LANGUAGE sql VOLATILE COST 10000 ROWS 2 SET row_security = off
BEGIN ATOMIC
    SELECT n.table_name, setval(n.sequence, n.highest) + 1::bigint
    FROM (SELECT 'tradeup.quote'::text AS table_name, 'tradeup.quote_quote_id_seq'::regclass AS sequence,
                 greatest((SELECT max(q.quote_id) FROM tradeup.quote q),
                          (SELECT max(r.highest) FROM tradeup.quote_retention r)) AS highest,
                 (SELECT s.last_value + s.is_called::integer FROM tradeup.quote_quote_id_seq s) AS next
          UNION ALL
          SELECT 'tradeup.quote_retention'::text, 'tradeup.quote_retention_purge_id_seq'::regclass,
                 (SELECT max(r.purge_id) FROM tradeup.quote_retention r),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup.quote_retention_purge_id_seq s)) n
    WHERE n.highest >= n.next;
END;
COMMENT ON FUNCTION tradeup.advance_numbers() IS
    'Lets the numbers of quotes and purges go on after the highest that is taken, where rows came by logical replication';
