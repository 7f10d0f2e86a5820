-- Rows for the calls of this folder.
\i examples/leads_fleet.sql
INSERT INTO tradeup_leads.risk_model (name, cause) VALUES ('draft', 'c');
INSERT INTO tradeup_leads.risk_cohort (model, cohort) VALUES ('draft', 'a');
INSERT INTO tradeup_leads.priority_rule (model, priority) VALUES ('draft', 'high');
SELECT tradeup_leads.make_leads('north', at_most => 3), tradeup_leads.queue_messages('north'),
       tradeup_leads.record_outcome('V0002', 'battery', '2026-01-01', '2026-02-01'),
       tradeup_leads.record_outcome('V0003', 'battery', '2025-01-01', '2026-01-15');
UPDATE tradeup_leads.message SET state = 'taken', lease = 1, leased_by = 'worker', leased_role = current_user, leased_until = clock_timestamp() + interval '1 day'
WHERE message_id = 1;
RESET search_path;
