-- Every function of tradeup_leads that is marked safe runs in a parallel worker.
SET search_path = tradeup_leads, public;
SET client_min_messages = warning;
SET jit = off;
\getenv dir PG_ABS_SRCDIR
\set generic :dir '/test/data/calls/parallel.sql'
\set rows :dir '/test/data/calls/tradeup_leads/rows.sql'
\set load '\\copy line (text) from ' :dir '/test/data/calls/tradeup_leads/list with (format csv, delimiter E''\\x01'', quote E''\\x02'')'
BEGIN;
SET calls.extension = 'tradeup_leads';
\set ECHO none
\o /dev/null
ALTER SEQUENCE tradeup_leads.message_message_id_seq RESTART;
ALTER SEQUENCE tradeup_leads.lead_lead_id_seq RESTART;
ALTER SEQUENCE tradeup_leads.outcome_outcome_id_seq RESTART;
\i :rows
\o
\set ECHO all
CREATE TABLE public.example AS SELECT 'v1 a=30 b=970 | towing present=0.7 absent=-0.1'::tradeup_leads.risk_scorer AS s;
\i :generic
ROLLBACK;
