-- The outbox: queueing, taking, writing, failing, sending, opt-outs, leases that run out.
SET client_min_messages = warning;
BEGIN;
\i examples/leads_fleet.sql
-- The numbers below are those of a first run, whatever ran before.
ALTER SEQUENCE lead_lead_id_seq RESTART;
ALTER TABLE message ALTER message_id RESTART;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN format('%s %s', SQLSTATE, SQLERRM);
END $$;
\pset footer off
SELECT make_leads('north', at_most => 6) AS leads;
-- Customers who have opted out before are left out.
SELECT allow_contact(customer_id, channel, false) > 0 AS opted_out FROM lead ORDER BY lead_id LIMIT 1;
SELECT queue_messages('north', 4) AS queued, queue_messages('north') AS the_rest, queue_messages('north') AS none;
SELECT channel, priority, fallback, state, stage, text, length(key) AS key FROM message ORDER BY message_id LIMIT 2;
SELECT count(*) = count(DISTINCT key) AS keys_differ FROM message;
SELECT event, count(*) FROM lead_event GROUP BY 1 ORDER BY 1;

-- Two workers take different rows; who opted out meanwhile is dropped when his message is taken.
SELECT allow_contact(customer_id, channel, false) > 0 AS opted_out FROM message ORDER BY message_id DESC LIMIT 1;
CREATE TEMP TABLE taken AS SELECT 'a' AS worker, t.* FROM take_messages('a', 2) t;
INSERT INTO taken SELECT 'b', t.* FROM take_messages('b', 10) t;
SELECT worker, count(*), count(DISTINCT message_id) FROM taken GROUP BY 1 ORDER BY 1;
SELECT state, reason, count(*) FROM message GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) AS nothing_left FROM take_messages('c', 10);
SELECT min(message_id) AS first, max(message_id) AS last FROM taken \gset m_
-- Written, and then to be sent.
SELECT finish_message(:m_first, 1, 'Dear owner'), pg_temp.refused(format('SELECT finish_message(%s, 1, ''again'')', :m_first));
SELECT pg_temp.refused(format('SELECT finish_message(%s, 2, ''another lease'')', :m_last)),
       pg_temp.refused(format('SELECT finish_message(%s, 1, '''')', :m_last)),
           pg_temp.refused('SELECT finish_message(-1, 1, ''x'')');
SELECT state, stage, fallback, text FROM message WHERE message_id = :m_first;
SELECT message_id = :m_first AS it, text FROM take_messages('s', 10, 'send');
SELECT finish_message(:m_first, 2);
SELECT state, fallback, sent_at IS NOT NULL AS sent FROM message WHERE message_id = :m_first;
SELECT event FROM lead_event e JOIN message m USING (lead_id) WHERE m.message_id = :m_first ORDER BY seq;
-- Failed: again after a minute, then two, four; after the eighth the template goes out.
SELECT fail_message(:m_last, 1, 'service is down'), state, attempts, round(extract(epoch FROM due_at - clock_timestamp()),
    -1) AS seconds FROM message WHERE message_id = :m_last;
SELECT state, attempts, reason, round(extract(epoch FROM due_at - clock_timestamp()), -1) AS seconds FROM message
    WHERE message_id = :m_last;
CREATE FUNCTION pg_temp.fail(message bigint, times integer, at_stage text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    taken record;
    state text;
BEGIN
    FOR i IN 1..times LOOP
        UPDATE tradeup_leads.message m SET due_at = clock_timestamp() WHERE m.message_id = message;
        SELECT * INTO taken FROM tradeup_leads.take_messages('w', 1000, at_stage) t WHERE t.message_id = message;
        state := tradeup_leads.fail_message(message, taken.lease, 'down again');
    END LOOP;
    RETURN state;
END $$;
SELECT pg_temp.fail(:m_last, 6, 'write') AS after_seven, pg_temp.fail(:m_last, 1, 'write') AS after_eight;
SELECT state, stage, fallback, attempts FROM message WHERE message_id = :m_last;
SELECT pg_temp.fail(:m_last, 7, 'send') AS seven, pg_temp.fail(:m_last, 1, 'send') AS eighth;
SELECT state, reason FROM message WHERE message_id = :m_last;
SELECT check_name, status, value FROM health() WHERE check_name = 'messages';
-- A worker takes the channels that it serves.
SELECT count(*) FROM take_messages('e', 10, 'write', 300, '{email}');
-- A lease that runs out makes the row free; whoever comes late is refused, and the key is the same.
SELECT message_id, lease, key FROM taken WHERE message_id NOT IN (:m_first, :m_last) ORDER BY 1 LIMIT 1 \gset l_
UPDATE message SET leased_until = clock_timestamp() - interval '1 second' WHERE message_id = :l_message_id;
SELECT pg_temp.refused(format('SELECT finish_message(%s, %s, ''late'')', :l_message_id, :l_lease)),
       pg_temp.refused(format('SELECT fail_message(%s, %s, ''late'')', :l_message_id, :l_lease));
SELECT key = :'l_key' AS same_key, lease FROM take_messages('d', 1) WHERE message_id = :l_message_id;
SELECT pg_temp.refused('SELECT take_messages(''a'', -1)'), pg_temp.refused('SELECT take_messages('''', 1)'),
       pg_temp.refused('SELECT take_messages(''a'', 1, ''post'')'),
           pg_temp.refused('SELECT take_messages(''a'', 1, ''write'', 0)');
-- A priority without a template cannot be published, so none is missing. A slot without a text makes no message, and no error.
DELETE FROM dealer_slots WHERE dealer = 'south';
SELECT make_leads('south', at_most => 20) > 0 AS made, queue_messages('south') AS queued, (SELECT count(*)
    FROM leads('south') WHERE text IS NULL) > 0 AS without_text;
SELECT dealer, messages, waiting, sent, sent_as_template, seconds_to_sent >= 0 AS seconds FROM lead_statistics WHERE sent > 0;
SELECT forget_messages(clock_timestamp() + interval '1 second') AS forgotten;
SELECT state, count(*) FROM message GROUP BY 1 ORDER BY 1;
-- A worker needs no more than its level.
CREATE ROLE regress_leads_worker;
SELECT grant_worker('regress_leads_worker');
SET LOCAL ROLE regress_leads_worker;
SELECT count(*) >= 0 AS may_take FROM take_messages('w', 1);
SELECT pg_temp.refused('SELECT make_leads(''north'')'), pg_temp.refused('DELETE FROM message');
SELECT pg_temp.refused('UPDATE message SET customer_id = ''C1'''),
    pg_temp.refused(format('SELECT record_lead_event(%s, ''serviced'')',
    (SELECT min(lead_id) FROM open_lead)));
-- What it has taken is its own: another role cannot finish it, though it reads the number of the lease; nor the other way round.
RESET ROLE;
UPDATE message SET state = 'queued', stage = 'write', due_at = clock_timestamp() - interval '1 day', attempts = 0,
    sent_at = NULL, leased_by = NULL, leased_role = NULL, leased_until = NULL
WHERE message_id = (SELECT min(m.message_id) FROM message m, open_lead o WHERE o.lead_id = m.lead_id);
SET LOCAL ROLE regress_leads_worker;
SELECT message_id AS first, lease FROM take_messages('w', 1) \gset other_
RESET ROLE;
SELECT pg_temp.refused(format('SELECT finish_message(%s, %s, ''forged'')', :other_first, :other_lease)) ~ '^55000' AS refused,
       pg_temp.refused(format('SELECT fail_message(%s, %s, ''forged'')', :other_first, :other_lease)) ~ '^55000' AS refused;
SET LOCAL ROLE regress_leads_worker;
SELECT finish_message(:other_first, :other_lease, 'Dear owner');
RESET ROLE;
SELECT revoke_grants('regress_leads_worker');
SELECT pg_temp.refused('SELECT grant_desk(''nobody_there'')'),
    pg_temp.refused('SELECT tradeup_leads_internal.grant_level(''regress_leads_worker'', ''king'')');
ROLLBACK;
