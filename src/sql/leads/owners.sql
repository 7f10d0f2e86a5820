-- Owners of rows that belong in a dump. Whoever creates the extension owns its tables: she loads them, grants them and puts
-- policies on them. Views stay with whoever runs this script: their owner could replace what they select.

ALTER TABLE tradeup_leads.risk_model OWNER TO @extowner@;
ALTER TABLE tradeup_leads.risk_cohort OWNER TO @extowner@;
ALTER TABLE tradeup_leads.stressor OWNER TO @extowner@;
ALTER TABLE tradeup_leads.stressor_rule OWNER TO @extowner@;
ALTER TABLE tradeup_leads.priority_rule OWNER TO @extowner@;
ALTER TABLE tradeup_leads.repair_value OWNER TO @extowner@;
ALTER TABLE tradeup_leads.contact_channel OWNER TO @extowner@;
ALTER TABLE tradeup_leads.message_template OWNER TO @extowner@;
ALTER TABLE tradeup_leads.owned_vehicle OWNER TO @extowner@;
ALTER TABLE tradeup_leads.vehicle_measure OWNER TO @extowner@;
ALTER TABLE tradeup_leads.stressor_toggle OWNER TO @extowner@;
ALTER TABLE tradeup_leads.lead_capacity OWNER TO @extowner@;
ALTER TABLE tradeup_leads.dealer_slots OWNER TO @extowner@;
ALTER TABLE tradeup_leads.outcome OWNER TO @extowner@;
ALTER TABLE tradeup_leads.prediction OWNER TO @extowner@;
ALTER TABLE tradeup_leads.contact_permission OWNER TO @extowner@;
ALTER TABLE tradeup_leads.lead OWNER TO @extowner@;
ALTER TABLE tradeup_leads.open_lead OWNER TO @extowner@;
ALTER TABLE tradeup_leads.lead_event OWNER TO @extowner@;
ALTER TABLE tradeup_leads.message OWNER TO @extowner@;

-- A constraint trigger cannot be replaced, so it is made once.
CREATE CONSTRAINT TRIGGER require_lead_of_open AFTER INSERT ON tradeup_leads.open_lead DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.require_lead_of_open();

GRANT SELECT ON tradeup_leads.current_model TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.current_outcome TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.judged_prediction TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.lead_statistics TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.evidence_row TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_leads.stressor_toggles TO @extowner@ WITH GRANT OPTION;

-- The first event of a lead is not dumped: it says what the lead says, and restoring the lead records it anew.
SELECT pg_extension_config_dump('tradeup_leads.risk_model', '');
SELECT pg_extension_config_dump('tradeup_leads.risk_cohort', '');
SELECT pg_extension_config_dump('tradeup_leads.stressor', '');
SELECT pg_extension_config_dump('tradeup_leads.stressor_rule', '');
SELECT pg_extension_config_dump('tradeup_leads.priority_rule', '');
SELECT pg_extension_config_dump('tradeup_leads.repair_value', '');
SELECT pg_extension_config_dump('tradeup_leads.contact_channel', '');
SELECT pg_extension_config_dump('tradeup_leads.message_template', '');
SELECT pg_extension_config_dump('tradeup_leads.owned_vehicle', '');
SELECT pg_extension_config_dump('tradeup_leads.vehicle_measure', '');
SELECT pg_extension_config_dump('tradeup_leads.stressor_toggle', '');
SELECT pg_extension_config_dump('tradeup_leads.lead_capacity', '');
SELECT pg_extension_config_dump('tradeup_leads.dealer_slots', '');
SELECT pg_extension_config_dump('tradeup_leads.outcome', '');
SELECT pg_extension_config_dump('tradeup_leads.prediction', '');
SELECT pg_extension_config_dump('tradeup_leads.contact_permission', '');
SELECT pg_extension_config_dump('tradeup_leads.lead', '');
SELECT pg_extension_config_dump('tradeup_leads.open_lead', '');
SELECT pg_extension_config_dump('tradeup_leads.lead_event', 'WHERE seq > 1');
SELECT pg_extension_config_dump('tradeup_leads.message', '');
SELECT pg_extension_config_dump('tradeup_leads.outcome_outcome_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.prediction_prediction_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.contact_permission_permission_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.lead_lead_id_seq', '');
SELECT pg_extension_config_dump('tradeup_leads.message_message_id_seq', '');
