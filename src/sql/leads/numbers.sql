-- Where numbers go on after logical replication, which copies rows and no sequences.

CREATE OR REPLACE FUNCTION tradeup_leads.advance_numbers() RETURNS TABLE (table_name text, next_number bigint)
LANGUAGE sql VOLATILE COST 10000 ROWS 5 SET row_security = off
BEGIN ATOMIC
    SELECT n.table_name, setval(n.sequence, n.highest) + 1::bigint
    FROM (SELECT 'tradeup_leads.contact_permission'::text AS table_name,
                 'tradeup_leads.contact_permission_permission_id_seq'::regclass AS sequence,
                 (SELECT max(x.permission_id) FROM tradeup_leads.contact_permission x) AS highest,
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.contact_permission_permission_id_seq s) AS next
          UNION ALL
          SELECT 'tradeup_leads.lead'::text, 'tradeup_leads.lead_lead_id_seq'::regclass,
                 (SELECT max(x.lead_id) FROM tradeup_leads.lead x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.lead_lead_id_seq s)
          UNION ALL
          SELECT 'tradeup_leads.message'::text, 'tradeup_leads.message_message_id_seq'::regclass,
                 (SELECT max(x.message_id) FROM tradeup_leads.message x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.message_message_id_seq s)
          UNION ALL
          SELECT 'tradeup_leads.outcome'::text, 'tradeup_leads.outcome_outcome_id_seq'::regclass,
                 (SELECT max(x.outcome_id) FROM tradeup_leads.outcome x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.outcome_outcome_id_seq s)
          UNION ALL
          SELECT 'tradeup_leads.prediction'::text, 'tradeup_leads.prediction_prediction_id_seq'::regclass,
                 (SELECT max(x.prediction_id) FROM tradeup_leads.prediction x),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup_leads.prediction_prediction_id_seq s)) n
    WHERE n.highest >= n.next;
END;
COMMENT ON FUNCTION tradeup_leads.advance_numbers() IS
    'Lets the numbers of leads, messages, outcomes, predictions and permissions go on after the highest that is taken, where '
    'rows came by logical replication';
