-- What a call is worth.

CREATE OR REPLACE FUNCTION tradeup_leads.expected_value(
    contact_probability double precision, failure_probability double precision, margin_if_needed numeric,
    margin_otherwise numeric, contact_cost numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.expected_value(double precision, double precision, numeric, numeric, numeric) IS
    'contact * (p * margin_if_needed + (1 - p) * margin_otherwise) - cost, exact, rounded to 2 decimals half away from zero';
