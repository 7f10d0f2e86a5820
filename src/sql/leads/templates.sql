-- Templates of messages, such as 'Hello {name}'. {{ and }} stand for braces.

CREATE OR REPLACE FUNCTION tradeup_leads.render(template text, slots jsonb, defaults jsonb DEFAULT '{}'::jsonb) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.render(text, jsonb, jsonb) IS
    'The text of a template with its slots filled; an absent slot takes its default, and without one it is an error';

CREATE OR REPLACE FUNCTION tradeup_leads.template_slots(template text) RETURNS text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.template_slots(text) IS
    'The names of the slots of a template; an error for a template with a fault';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.template_problem(template text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.template_problem(text) IS
    'What is wrong with a template; null: nothing';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_text(template text, defaults jsonb, dealer_slots jsonb,
                                                            vehicle_class text, model_year integer, reason text,
                                                            percentile double precision) RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.lead_text(text, jsonb, jsonb, text, integer, text, double precision) IS
    'The text of a lead: a template filled with the vehicle, the reason, the percentile and the slots of the dealer; null where '
    'one is missing';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_slots(vehicle_class text, model_year integer, reason text,
                                                             percentile double precision) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.lead_slots(text, integer, text, double precision) IS
    'The slots of a message that its lead fills: the vehicle, the reason, the percentile; null where it is not known';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.message_key(parts text[], slots jsonb) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.message_key(text[], jsonb) IS
    'The key of a message: SHA-256 of what names its template and of all slots, so that other slots have another key';
