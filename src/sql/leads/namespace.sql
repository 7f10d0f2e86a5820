-- The schemas of the extension, and types that are named before they are complete. Why the script makes the schemas itself is
-- said in base/namespace.

CREATE SCHEMA tradeup_leads;
COMMENT ON SCHEMA tradeup_leads IS 'Risk of failure of vehicles, leads from it, and whether it was right';
GRANT USAGE ON SCHEMA tradeup_leads TO @extowner@ WITH GRANT OPTION;

-- What the functions of tradeup_leads are made of. Whoever calls a function with a PL/pgSQL body, or fires a trigger, looks names
-- up here with rights of her own: hence PUBLIC. No function runs with its owner's rights.
CREATE SCHEMA tradeup_leads_internal;
COMMENT ON SCHEMA tradeup_leads_internal IS 'What the functions of schema tradeup_leads are made of; no user needs to call it';
GRANT USAGE ON SCHEMA tradeup_leads_internal TO @extowner@ WITH GRANT OPTION;
GRANT USAGE ON SCHEMA tradeup_leads_internal TO PUBLIC;

CREATE TYPE tradeup_leads.evidence;
CREATE TYPE tradeup_leads.risk_scorer;
