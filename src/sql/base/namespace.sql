-- The schema of the extension, and types that are named before they are complete.
-- A schema that is there already is refused, even an empty one: whoever made it could have put functions into it that calls
-- of this script resolve to. It belongs to whoever runs this script, for a trusted extension the bootstrap superuser; so the role
-- that creates the extension cannot add objects to it later either, and DROP EXTENSION takes it along.

CREATE SCHEMA tradeup;
COMMENT ON SCHEMA tradeup IS 'Loan payments and offer tiers inside the database';
GRANT USAGE ON SCHEMA tradeup TO @extowner@ WITH GRANT OPTION;

CREATE TYPE tradeup.deal;
CREATE TYPE tradeup.price_list;
CREATE TYPE tradeup.price_changes;
