-- The schemas of the extension, and types that are named before they are complete.
-- A schema that is there already is refused, even an empty one: whoever made it could have put functions into it that calls
-- of this script resolve to. It belongs to whoever runs this script, for a trusted extension the bootstrap superuser; so the role
-- that creates the extension cannot add objects to it later either, and DROP EXTENSION takes it along.

CREATE SCHEMA tradeup;
COMMENT ON SCHEMA tradeup IS 'Loan payments and offer tiers inside the database';
GRANT USAGE ON SCHEMA tradeup TO @extowner@ WITH GRANT OPTION;

-- What the functions of tradeup are made of: steps of aggregates, input and output of types, triggers, checks, helpers.
-- Whoever calls a function with a PL/pgSQL body, or fires a trigger, looks names up here with rights of her own: hence PUBLIC.
-- This opens nothing: no function runs with its owner's rights; what has to be granted are the schema tradeup and its tables.
CREATE SCHEMA tradeup_internal;
COMMENT ON SCHEMA tradeup_internal IS 'What the functions of schema tradeup are made of; no user needs to call it';
GRANT USAGE ON SCHEMA tradeup_internal TO @extowner@ WITH GRANT OPTION;
GRANT USAGE ON SCHEMA tradeup_internal TO PUBLIC;

-- Views for analysts and their tools.
CREATE SCHEMA tradeup_bi;
COMMENT ON SCHEMA tradeup_bi IS 'Views for analysts: offers, customers, inventory and quotes in columns of fixed types';
GRANT USAGE ON SCHEMA tradeup_bi TO @extowner@ WITH GRANT OPTION;

CREATE TYPE tradeup.any_number;
CREATE TYPE tradeup.any_json;
CREATE TYPE tradeup.any_date;
CREATE TYPE tradeup.deal;
CREATE TYPE tradeup.price_list;
CREATE TYPE tradeup.price_changes;
