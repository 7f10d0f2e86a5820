-- Every function of tradeup_bundles that is marked safe runs in a parallel worker.
SET search_path = tradeup_bundles, public;
SET client_min_messages = warning;
SET jit = off;
\getenv dir PG_ABS_SRCDIR
\set generic :dir '/test/data/calls/parallel.sql'
\set rows :dir '/test/data/calls/tradeup_bundles/rows.sql'
\set load '\\copy line (text) from ' :dir '/test/data/calls/tradeup_bundles/list with (format csv, delimiter E''\\x01'', quote E''\\x02'')'
BEGIN;
SET calls.extension = 'tradeup_bundles';
\set ECHO none
\o /dev/null
\i :rows
\o
\set ECHO all
CREATE TABLE public.example AS SELECT 1 AS x;
\i :generic
ROLLBACK;
