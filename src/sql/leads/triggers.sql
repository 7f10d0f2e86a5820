-- The triggers of models and of what is recorded.

CREATE OR REPLACE TRIGGER protect_published_model BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.risk_model
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_published_model();
CREATE OR REPLACE TRIGGER carry_model_parts AFTER UPDATE OR DELETE ON tradeup_leads.risk_model
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.carry_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.risk_model
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.risk_cohort
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.risk_cohort
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.stressor
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.stressor
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.stressor_rule
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.stressor_rule
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.priority_rule
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.priority_rule
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.repair_value
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.repair_value
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.contact_channel
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.contact_channel
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER protect_model_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup_leads.message_template
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.protect_model_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.message_template
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER stamp_outcome BEFORE INSERT ON tradeup_leads.outcome
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_outcome();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.outcome
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.outcome
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER stamp_prediction BEFORE INSERT ON tradeup_leads.prediction
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_prediction();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.prediction
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.prediction
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER stamp_permission BEFORE INSERT ON tradeup_leads.contact_permission
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_permission();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.contact_permission
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.contact_permission
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER stamp_lead BEFORE INSERT ON tradeup_leads.lead
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_lead();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.lead
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.lead
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER check_lead_event BEFORE INSERT ON tradeup_leads.lead_event
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.check_lead_event();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tradeup_leads.lead_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup_leads.lead_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.refuse_truncate();

CREATE OR REPLACE TRIGGER check_predictions AFTER INSERT ON tradeup_leads.prediction REFERENCING NEW TABLE AS new_predictions
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.check_predictions();
CREATE OR REPLACE TRIGGER stamp_open_lead BEFORE INSERT OR DELETE ON tradeup_leads.open_lead
    FOR EACH ROW EXECUTE FUNCTION tradeup_leads_internal.stamp_open_lead();
CREATE OR REPLACE TRIGGER begin_leads AFTER INSERT ON tradeup_leads.lead REFERENCING NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.begin_leads();
CREATE OR REPLACE TRIGGER end_leads AFTER INSERT ON tradeup_leads.lead_event REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.end_leads();
CREATE OR REPLACE TRIGGER tell_workers AFTER INSERT ON tradeup_leads.message
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_leads_internal.tell_workers();
CREATE OR REPLACE TRIGGER abandon_leads AFTER UPDATE OF dealer ON tradeup_leads.owned_vehicle
    FOR EACH ROW WHEN (OLD.dealer <> NEW.dealer) EXECUTE FUNCTION tradeup_leads_internal.abandon_leads();
