-- Every function of tradeup that is marked safe runs in a parallel worker.
SET search_path = tradeup, public;
SET client_min_messages = warning;
SET jit = off;
\getenv dir PG_ABS_SRCDIR
\set generic :dir '/test/data/calls/parallel.sql'
\set rows :dir '/test/data/calls/tradeup/rows.sql'
\set load '\\copy line (text) from ' :dir '/test/data/calls/tradeup/list with (format csv, delimiter E''\\x01'', quote E''\\x02'')'
BEGIN;
SET calls.extension = 'tradeup';
\set ECHO none
\o /dev/null
ALTER SEQUENCE tradeup.quote_quote_id_seq RESTART;
\i :rows
\o
\set ECHO all
CREATE TABLE public.example AS SELECT deal(annual_rate => 0, term => 36, equity => 1000, current_payment => 8000) AS d;
\i :generic
-- What no worker may do is seen.
INSERT INTO line (text) VALUES ('pure UPDATE tradeup.customer SET equity = 0') RETURNING n \gset
SELECT public.state(format('SELECT public.run(query) FROM line WHERE n = %s', :n));
ROLLBACK;
