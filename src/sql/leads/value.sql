-- What a call is worth.

CREATE OR REPLACE FUNCTION tradeup_leads.expected_value(
    contact_probability double precision, failure_probability double precision, margin_if_needed numeric,
    margin_otherwise numeric, contact_cost numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.expected_value(double precision, double precision, numeric, numeric, numeric) IS
    'contact * (p * margin_if_needed + (1 - p) * margin_otherwise) - cost, exact, rounded to 2 decimals half away from zero';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.best_call(
    failure_probability double precision, margin_if_needed numeric, margin_otherwise numeric, channels text[],
    contact_probabilities double precision[], contact_costs numeric[]
) RETURNS tradeup_leads_internal.valued_call
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads_internal.best_call(
    double precision, numeric, numeric, text[], double precision[], numeric[]
) IS
    'The channel by which a call is worth most, of equal ones the first, and what it is worth there; null: there is no channel';
