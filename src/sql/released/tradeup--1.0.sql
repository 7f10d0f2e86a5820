\echo Use "CREATE EXTENSION tradeup" to load this file. \quit

-- This script may run as a superuser for somebody who is none. Every name below is written with its schema, nothing else is
-- looked up anywhere but in pg_catalog, and every call passes arguments of the exact types, so that no overload of it fits
-- better.
SET LOCAL search_path = pg_catalog, pg_temp;

-- What the COST of a C function says, in units of one comparison of two integers, measured on one core:
--    2  an amount at a price: a multiply-add, a rounding, a numeric (35 to 70 ns)
--    5  a schedule row, a rule, a look into overrides (about 100 ns)
--  100  compiling a deal (about 2.5 us)
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
-- Text and binary forms of the types of arguments: those of the types that they stand for.

CREATE FUNCTION tradeup_internal.any_number_in(cstring, oid, integer) RETURNS tradeup.any_number
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_in';
CREATE FUNCTION tradeup_internal.any_number_out(tradeup.any_number) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_out';
CREATE FUNCTION tradeup_internal.any_number_recv(internal, oid, integer) RETURNS tradeup.any_number
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_recv';
CREATE FUNCTION tradeup_internal.any_number_send(tradeup.any_number) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_send';
COMMENT ON FUNCTION tradeup_internal.any_number_in(cstring, oid, integer) IS 'A number from its text form';
COMMENT ON FUNCTION tradeup_internal.any_number_out(tradeup.any_number) IS 'The text form of a number';
COMMENT ON FUNCTION tradeup_internal.any_number_recv(internal, oid, integer) IS
    'A number from its binary form, that of a numeric';
COMMENT ON FUNCTION tradeup_internal.any_number_send(tradeup.any_number) IS 'The binary form of a number, that of a numeric';

CREATE FUNCTION tradeup_internal.any_json_in(cstring) RETURNS tradeup.any_json
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'jsonb_in';
CREATE FUNCTION tradeup_internal.any_json_out(tradeup.any_json) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'jsonb_out';
CREATE FUNCTION tradeup_internal.any_json_recv(internal) RETURNS tradeup.any_json
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.any_json_send(tradeup.any_json) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'jsonb_send';
COMMENT ON FUNCTION tradeup_internal.any_json_in(cstring) IS 'JSON from its text form';
COMMENT ON FUNCTION tradeup_internal.any_json_out(tradeup.any_json) IS 'The text form of JSON';
COMMENT ON FUNCTION tradeup_internal.any_json_recv(internal) IS 'JSON from its binary form, that of a jsonb';
COMMENT ON FUNCTION tradeup_internal.any_json_send(tradeup.any_json) IS 'The binary form of JSON, that of a jsonb';

CREATE FUNCTION tradeup_internal.any_date_in(cstring) RETURNS tradeup.any_date
LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'date_in';
CREATE FUNCTION tradeup_internal.any_date_out(tradeup.any_date) RETURNS cstring
LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'date_out';
CREATE FUNCTION tradeup_internal.any_date_recv(internal) RETURNS tradeup.any_date
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'date_recv';
CREATE FUNCTION tradeup_internal.any_date_send(tradeup.any_date) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'date_send';
COMMENT ON FUNCTION tradeup_internal.any_date_in(cstring) IS 'A date from its text form, which may have a time of day';
COMMENT ON FUNCTION tradeup_internal.any_date_out(tradeup.any_date) IS 'The text form of a date';
COMMENT ON FUNCTION tradeup_internal.any_date_recv(internal) IS 'A date from its binary form, that of a date';
COMMENT ON FUNCTION tradeup_internal.any_date_send(tradeup.any_date) IS 'The binary form of a date, that of a date';

CREATE FUNCTION tradeup_internal.any_term_in(cstring) RETURNS tradeup.any_term
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.any_term_out(tradeup.any_term) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4out';
CREATE FUNCTION tradeup_internal.any_term_recv(internal) RETURNS tradeup.any_term
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4recv';
CREATE FUNCTION tradeup_internal.any_term_send(tradeup.any_term) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4send';
COMMENT ON FUNCTION tradeup_internal.any_term_in(cstring) IS 'A term from its text form, a whole number';
COMMENT ON FUNCTION tradeup_internal.any_term_out(tradeup.any_term) IS 'The text form of a term';
COMMENT ON FUNCTION tradeup_internal.any_term_recv(internal) IS 'A term from its binary form, that of an integer';
COMMENT ON FUNCTION tradeup_internal.any_term_send(tradeup.any_term) IS 'The binary form of a term, that of an integer';
CREATE FUNCTION tradeup_internal.whole_term(term numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.whole_term(numeric) IS 'A whole number as an integer; an error with a fraction';
CREATE FUNCTION tradeup_internal.whole_term(term double precision) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1
RETURN tradeup_internal.whole_term(pg_catalog.numeric(term));
COMMENT ON FUNCTION tradeup_internal.whole_term(double precision) IS 'A whole float as an integer; an error with a fraction';
CREATE FUNCTION tradeup_internal.whole_term(term real) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1
RETURN tradeup_internal.whole_term(pg_catalog.numeric(term));
COMMENT ON FUNCTION tradeup_internal.whole_term(real) IS 'A whole float as an integer; an error with a fraction';
-- Types of arguments. PostgreSQL refuses a float where a numeric is asked for, a json where a jsonb is, a timestamp where a date
-- is; but that is what drivers send, and what columns hold. Overloads would not help: with two of them, a whole number, a literal
-- or a value that a driver sends without a type would resolve to the wrong one, or to none. So there is one function, and its
-- arguments are of types that all these turn into by themselves. They are stored as the types they stand for: those cost nothing.

CREATE TYPE tradeup.any_number (
    INPUT = tradeup_internal.any_number_in,
    OUTPUT = tradeup_internal.any_number_out,
    RECEIVE = tradeup_internal.any_number_recv,
    SEND = tradeup_internal.any_number_send,
    LIKE = pg_catalog.numeric,
    CATEGORY = 'N'
);
COMMENT ON TYPE tradeup.any_number IS
    'A number as an argument: a numeric, an integer or a float, which is rounded to the 15 digits (of real: 6) that it surely '
    'has';

CREATE TYPE tradeup.any_json (
    INPUT = tradeup_internal.any_json_in,
    OUTPUT = tradeup_internal.any_json_out,
    RECEIVE = tradeup_internal.any_json_recv,
    SEND = tradeup_internal.any_json_send,
    LIKE = pg_catalog.jsonb
);
COMMENT ON TYPE tradeup.any_json IS 'JSON as an argument: jsonb, json or text';

CREATE TYPE tradeup.any_date (
    INPUT = tradeup_internal.any_date_in,
    OUTPUT = tradeup_internal.any_date_out,
    RECEIVE = tradeup_internal.any_date_recv,
    SEND = tradeup_internal.any_date_send,
    LIKE = pg_catalog.date,
    CATEGORY = 'D'
);
COMMENT ON TYPE tradeup.any_date IS 'A date as an argument: date or a timestamp, whose time of day is left out';

CREATE TYPE tradeup.any_term (
    INPUT = tradeup_internal.any_term_in,
    OUTPUT = tradeup_internal.any_term_out,
    RECEIVE = tradeup_internal.any_term_recv,
    SEND = tradeup_internal.any_term_send,
    LIKE = pg_catalog.int4,
    CATEGORY = 'N'
);
COMMENT ON TYPE tradeup.any_term IS
    'A number of months or payments as an argument: an integer, or a numeric or float without a fraction';

CREATE CAST (numeric AS tradeup.any_number) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_number AS numeric) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (smallint AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(smallint) AS IMPLICIT;
CREATE CAST (integer AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(integer) AS IMPLICIT;
CREATE CAST (bigint AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(bigint) AS IMPLICIT;
CREATE CAST (real AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(real) AS IMPLICIT;
CREATE CAST (double precision AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(double precision) AS IMPLICIT;

CREATE CAST (jsonb AS tradeup.any_json) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_json AS jsonb) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (json AS tradeup.any_json) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS tradeup.any_json) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tradeup.any_json) WITH INOUT AS IMPLICIT;

CREATE CAST (date AS tradeup.any_date) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_date AS date) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (timestamp AS tradeup.any_date) WITH FUNCTION pg_catalog.date(timestamp) AS IMPLICIT;
CREATE CAST (timestamptz AS tradeup.any_date) WITH FUNCTION pg_catalog.date(timestamptz) AS IMPLICIT;

CREATE CAST (integer AS tradeup.any_term) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_term AS integer) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (smallint AS tradeup.any_term) WITH FUNCTION pg_catalog.int4(smallint) AS IMPLICIT;
CREATE CAST (bigint AS tradeup.any_term) WITH FUNCTION pg_catalog.int4(bigint) AS IMPLICIT;
CREATE CAST (numeric AS tradeup.any_term) WITH FUNCTION tradeup_internal.whole_term(numeric) AS IMPLICIT;
CREATE CAST (real AS tradeup.any_term) WITH FUNCTION tradeup_internal.whole_term(real) AS IMPLICIT;
CREATE CAST (double precision AS tradeup.any_term) WITH FUNCTION tradeup_internal.whole_term(double precision) AS IMPLICIT;

COMMENT ON CAST (numeric AS tradeup.any_number) IS 'A numeric as an argument, as it is';
COMMENT ON CAST (tradeup.any_number AS numeric) IS 'A number that was an argument, as it is';
COMMENT ON CAST (smallint AS tradeup.any_number) IS 'A whole number as an argument';
COMMENT ON CAST (integer AS tradeup.any_number) IS 'A whole number as an argument';
COMMENT ON CAST (bigint AS tradeup.any_number) IS 'A whole number as an argument';
COMMENT ON CAST (real AS tradeup.any_number) IS 'A float as an argument: rounded to 6 digits';
COMMENT ON CAST (double precision AS tradeup.any_number) IS 'A float as an argument: rounded to 15 digits';
COMMENT ON CAST (jsonb AS tradeup.any_json) IS 'JSON as an argument, as it is';
COMMENT ON CAST (tradeup.any_json AS jsonb) IS 'JSON that was an argument, as it is';
COMMENT ON CAST (json AS tradeup.any_json) IS 'JSON as an argument';
COMMENT ON CAST (text AS tradeup.any_json) IS 'JSON as an argument, from its text';
COMMENT ON CAST (varchar AS tradeup.any_json) IS 'JSON as an argument, from its text';
COMMENT ON CAST (date AS tradeup.any_date) IS 'A date as an argument, as it is';
COMMENT ON CAST (tradeup.any_date AS date) IS 'A date that was an argument, as it is';
COMMENT ON CAST (timestamp AS tradeup.any_date) IS 'The day of a moment as an argument';
COMMENT ON CAST (timestamptz AS tradeup.any_date) IS 'The day of a moment as an argument, in the time zone of the session';
COMMENT ON CAST (integer AS tradeup.any_term) IS 'A term as an argument, as it is';
COMMENT ON CAST (tradeup.any_term AS integer) IS 'A term that was an argument, as it is';
COMMENT ON CAST (smallint AS tradeup.any_term) IS 'A whole number as a term';
COMMENT ON CAST (bigint AS tradeup.any_term) IS 'A whole number as a term';
COMMENT ON CAST (numeric AS tradeup.any_term) IS 'A whole number as a term; an error with a fraction';
COMMENT ON CAST (real AS tradeup.any_term) IS 'A whole number as a term; an error with a fraction';
COMMENT ON CAST (double precision AS tradeup.any_term) IS 'A whole number as a term; an error with a fraction';
-- Checks of arguments, for use inside queries: true, or the error that says what is wrong.

CREATE FUNCTION tradeup_internal.asked_for_one_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.asked_for_one_support(internal) IS
    'Planner support: makes asked_for_one false where its argument has a column';

CREATE FUNCTION tradeup_internal.asked_for_one(value text) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 SUPPORT tradeup_internal.asked_for_one_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.asked_for_one(text) IS
    'Whether a query asks for one value, a constant or a parameter, and not for each value of a column';

CREATE FUNCTION tradeup_internal.shown(value text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.shown(text) IS
    'A text that a user sent, as messages repeat it: at most 200 characters, then ...';

CREATE FUNCTION tradeup_internal.require_known(kind text, requested text, found text, needed boolean DEFAULT true)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_known(text, text, text, boolean) IS
    'Whether something was found; where it is needed, the error that nothing of this kind has the requested name';

CREATE FUNCTION tradeup_internal.require_not_negative(what text, value integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_not_negative(text, integer) IS
    'True for a count of 0 or more; otherwise the error that says so';

CREATE FUNCTION tradeup_internal.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';
-- Plans that are kept.

CREATE FUNCTION tradeup_internal.kept_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.kept_support(internal) IS
    'Planner support: a call with constants only is answered by the function of the same name that begins with kept_';
-- How much of a table a sample of some pages is.

CREATE FUNCTION tradeup_internal.share_of_pages(relation regclass, pages integer) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN least(1::double precision,
             share_of_pages.pages / greatest(pg_relation_size(share_of_pages.relation)
                                             / current_setting('block_size'::text)::double precision, 1::double precision));
COMMENT ON FUNCTION tradeup_internal.share_of_pages(regclass, integer) IS
    'The share of a table that so many of its pages are, 1 when it has no more';
-- Currencies and minor units.

CREATE FUNCTION tradeup.currency_digits(currency text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'currency_digits_of';
COMMENT ON FUNCTION tradeup.currency_digits(text) IS
    'The decimals of a currency by its ISO 4217 code: 2 for MXN, 0 for JPY, 3 for KWD; null for a code that is not in use';

CREATE FUNCTION tradeup_internal.price_minor(regular_price numeric, promotion_price numeric, rebate numeric,
                                                        currency text)
RETURNS bigint
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_minor(numeric, numeric, numeric, text) IS
    'The lower of two prices (null: none) less a rebate, in minor units of the currency; null when one of them is no whole '
    'number of these';

CREATE FUNCTION tradeup_internal.effective_price(regular_price numeric, promotion_price numeric, rebate numeric,
                                                            currency text)
RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.effective_price(numeric, numeric, numeric, text) IS
    'The price of a vehicle in major units, its promotion and rebate counted, with the decimals of the currency';

CREATE FUNCTION tradeup_internal.minor_at_least(minor_digits integer, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'minor_at_least_digits';
COMMENT ON FUNCTION tradeup_internal.minor_at_least(integer, numeric) IS
    'The lowest price in minor units of so many decimals that is not below this one';

CREATE FUNCTION tradeup_internal.minor_at_most(minor_digits integer, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'minor_at_most_digits';
COMMENT ON FUNCTION tradeup_internal.minor_at_most(integer, numeric) IS
    'The highest price in minor units of so many decimals that is not above this one; -1 below 0';
-- Tables of the extension that Citus has distributed. What they hold is then elsewhere, and functions that the planner takes
-- apart would read the empty table that is left: an error, rather than silent zeros. A distributed table of a user's own can be
-- an inventory.

CREATE FUNCTION tradeup_internal.distributed_table() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    citus CONSTANT regclass := to_regclass('pg_catalog.pg_dist_partition');
    distributed text;
BEGIN
    IF citus IS NOT NULL THEN
        /* Composed, because where there is no Citus nothing could be said of this query before it runs. */
        EXECUTE format('SELECT min(c.oid::regclass::text COLLATE "C") FROM %s p JOIN pg_class c ON c.oid = p.logicalrel '
                       'WHERE c.relnamespace = ''tradeup''::regnamespace '
                       'OR c.oid IN (SELECT t.relation FROM tradeup_internal.vehicle_tables() t)', citus) INTO distributed;
    END IF;
    RETURN distributed;
END
$$;
COMMENT ON FUNCTION tradeup_internal.distributed_table() IS
    'A table of the extension, or one below tradeup.vehicle, that Citus has distributed; null: none';

CREATE FUNCTION tradeup_internal.refuse_distributed() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    distributed CONSTANT text := tradeup_internal.distributed_table();
BEGIN
    IF distributed IS NOT NULL THEN
        RAISE EXCEPTION 'table % is distributed', distributed
            USING ERRCODE = 'feature_not_supported',
                  DETAIL = 'Its rows are on the nodes of Citus, and offers would be made without them.',
                  HINT = format('SELECT undistribute_table(%L); and let a distributed table of your own be an inventory: see '
                                'register_inventory.', distributed);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_internal.refuse_distributed() IS
    'True where no table of the extension is distributed; otherwise the error that says which is';

-- Where there is no Citus, this is one look into the catalogue.
CREATE FUNCTION tradeup_internal.require_undistributed() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN to_regclass('pg_catalog.pg_dist_partition'::text) IS NULL THEN true
            ELSE tradeup_internal.refuse_distributed() END;
COMMENT ON FUNCTION tradeup_internal.require_undistributed() IS
    'True where no table of the extension is distributed; otherwise the error that says which is';
-- What the constraints of programs ask: figures that deals can hold. A row that gets past them makes no query of others fail.

CREATE FUNCTION tradeup_internal.tiers_problem(tiers text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.tiers_problem(text) IS
    'What deal(...) would say against a list of tiers; null when it would take it';

CREATE FUNCTION tradeup_internal.have_at_most_18_digits(figures numeric[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(bool_and(scale(trim_scale(f.figure)) <= 18
                             AND abs(f.figure) * power(10::numeric, scale(trim_scale(f.figure))) < 1000000000000000000), true)
    FROM unnest(have_at_most_18_digits.figures) f (figure);
END;

COMMENT ON FUNCTION tradeup_internal.have_at_most_18_digits(numeric[]) IS
    'Whether figures have at most 18 significant digits and 18 decimals, as deals hold them; null is no figure';
-- Finance programs: rates, fees, taxes, down payments and tiers, as data.

CREATE TABLE tradeup.program (
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    title text,
    currency text NOT NULL,
    built_in boolean NOT NULL DEFAULT false,
    published_at timestamptz,
    profile_count integer,
    term_count integer,
    tier_count integer,
    region_count integer,
    tiers text,
    rounding text NOT NULL DEFAULT 'half_up',
    change_digits integer,
    interest_tax_rate numeric NOT NULL DEFAULT 0,
    service_fee_rate numeric NOT NULL DEFAULT 0,
    sales_tax_rate numeric NOT NULL DEFAULT 0,
    document_fee numeric NOT NULL DEFAULT 0,
    opening_fee_rate numeric NOT NULL DEFAULT 0,
    opening_fee_tax_rate numeric NOT NULL DEFAULT 0,
    opening_fee_less_equity boolean NOT NULL DEFAULT false,
    bonus numeric NOT NULL DEFAULT 0,
    protection numeric NOT NULL DEFAULT 0,
    insurance_months integer NOT NULL DEFAULT 12,
    insurance_renewed boolean NOT NULL DEFAULT false,
    gps_installation numeric NOT NULL DEFAULT 0,
    gps_monthly numeric NOT NULL DEFAULT 0,
    gps_tax_rate numeric NOT NULL DEFAULT 0,
    installation_from_equity boolean NOT NULL DEFAULT false,
    installation_financed boolean NOT NULL DEFAULT false,
    installation_in_first_payment boolean NOT NULL DEFAULT false,
    margin_cost numeric NOT NULL DEFAULT 0,
    margin_service_fee boolean NOT NULL DEFAULT true,
    margin_opening_fee boolean NOT NULL DEFAULT true,
    margin_protection boolean NOT NULL DEFAULT false,
    requires_dearer boolean NOT NULL DEFAULT true,
    max_change numeric,
    max_component numeric,
    max_financed numeric,
    max_annual_rate numeric NOT NULL DEFAULT 1,
    max_adjusted_rate numeric,
    max_service_fee_rate numeric NOT NULL DEFAULT 0.05,
    max_opening_fee_rate numeric NOT NULL DEFAULT 0.04,
    max_bonus numeric,
    max_what_if_bonus numeric,
    max_insurance numeric,
    max_term integer NOT NULL DEFAULT 120,
    valid_from date,
    valid_to date,
    min_year integer,
    max_age integer,
    max_kilometers integer,
    makes text[],
    min_price numeric,
    max_price numeric,
    subsidy_rules jsonb,
    kind text NOT NULL DEFAULT 'loan',
    sales_tax_base text NOT NULL DEFAULT 'price',
    sales_tax_financed boolean NOT NULL DEFAULT true,
    fees_financed boolean NOT NULL DEFAULT true,
    acquisition_fee numeric NOT NULL DEFAULT 0,
    end_fee numeric NOT NULL DEFAULT 0,
    lease_tax text NOT NULL DEFAULT 'payment',
    payments_in_advance boolean NOT NULL DEFAULT false,
    payment_frequency text NOT NULL DEFAULT 'monthly',
    first_payment_days integer,
    kilometers_per_year integer,
    min_payment numeric,
    max_payment_to_income numeric,
    CONSTRAINT program_is_identified_by_name_and_version PRIMARY KEY (name, version),
    CONSTRAINT name_is_not_empty CHECK (name <> ''),
    CONSTRAINT version_is_positive CHECK (version > 0),
    CONSTRAINT published_program_knows_its_size CHECK (
        published_at IS NULL OR coalesce(profile_count > 0 AND term_count > 0 AND tier_count >= 0 AND region_count >= 0, false)),
    CONSTRAINT currency_is_known CHECK (tradeup.currency_digits(currency) IS NOT NULL),
    CONSTRAINT change_digits_are_0_to_9 CHECK (change_digits BETWEEN 0 AND 9),
    CONSTRAINT rounding_is_known CHECK (rounding IN ('half_up', 'half_even', 'up', 'down')),
    CONSTRAINT interest_tax_rate_is_a_fraction CHECK (interest_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT gps_tax_rate_is_a_fraction CHECK (gps_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT sales_tax_rate_is_a_fraction CHECK (sales_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT opening_fee_tax_rate_is_a_fraction CHECK (opening_fee_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT service_fee_rate_is_within_its_limit CHECK (
        service_fee_rate BETWEEN 0 AND max_service_fee_rate AND max_service_fee_rate <= 1),
    CONSTRAINT opening_fee_rate_is_within_its_limit CHECK (
        opening_fee_rate BETWEEN 0 AND max_opening_fee_rate AND max_opening_fee_rate <= 1),
    CONSTRAINT bonus_is_within_its_limit CHECK (
        bonus BETWEEN 0 AND 1000000000000 AND bonus <= max_bonus AND max_bonus <= 1000000000000),
    CONSTRAINT what_if_bonus_is_at_least_the_bonus CHECK (
        max_what_if_bonus BETWEEN 0 AND 1000000000000 AND max_what_if_bonus >= max_bonus AND max_what_if_bonus >= bonus),
    CONSTRAINT fees_are_amounts CHECK (
        document_fee BETWEEN 0 AND 1000000000000 AND protection BETWEEN 0 AND 1000000000000
        AND gps_installation BETWEEN 0 AND 1000000000000 AND gps_monthly BETWEEN 0 AND 1000000000000
        AND margin_cost BETWEEN 0 AND 1000000000000 AND max_insurance BETWEEN 0 AND 1000000000000),
    CONSTRAINT limits_are_amounts CHECK (
        max_component BETWEEN 0 AND 1000000000000 AND max_financed BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_change_is_at_least_minus_1 CHECK (max_change BETWEEN -1 AND 1000000),
    CONSTRAINT max_annual_rate_is_at_most_9 CHECK (max_annual_rate BETWEEN 0 AND 9),
    CONSTRAINT max_adjusted_rate_is_at_most_10 CHECK (max_adjusted_rate BETWEEN 0 AND 10),
    CONSTRAINT terms_are_1_to_480_months CHECK (max_term BETWEEN 1 AND 480 AND insurance_months BETWEEN 1 AND 480),
    CONSTRAINT program_begins_before_it_ends CHECK (valid_from < valid_to),
    CONSTRAINT years_of_vehicles_are_1886_to_2200 CHECK (min_year BETWEEN 1886 AND 2200),
    CONSTRAINT max_age_is_0_to_200_years CHECK (max_age BETWEEN 0 AND 200),
    CONSTRAINT max_kilometers_are_not_negative CHECK (max_kilometers >= 0),
    CONSTRAINT makes_are_named CHECK (cardinality(makes) > 0 AND array_position(makes, NULL) IS NULL),
    CONSTRAINT subsidy_rules_are_an_object CHECK (jsonb_typeof(subsidy_rules) = 'object'),
    CONSTRAINT prices_of_vehicles_are_a_range CHECK (
        min_price BETWEEN 0 AND 1000000000000 AND max_price BETWEEN 0 AND 1000000000000 AND min_price <= max_price),
    CONSTRAINT kind_is_known CHECK (kind IN ('loan', 'balloon', 'lease')),
    CONSTRAINT sales_tax_base_is_known CHECK (sales_tax_base IN ('price', 'difference')),
    CONSTRAINT lease_tax_is_known CHECK (lease_tax IN ('payment', 'upfront')),
    CONSTRAINT lease_is_taxed_by_its_payments CHECK (kind <> 'lease' OR sales_tax_base = 'price'),
    CONSTRAINT only_a_lease_is_taxed_upfront_or_paid_in_advance CHECK (
        kind = 'lease' OR (lease_tax = 'payment' AND NOT payments_in_advance AND kilometers_per_year IS NULL)),
    CONSTRAINT loan_has_no_fee_at_its_end CHECK (kind <> 'loan' OR end_fee = 0),
    CONSTRAINT payment_frequency_is_known CHECK (payment_frequency IN ('monthly', 'semimonthly', 'bi-weekly', 'weekly')),
    CONSTRAINT lease_is_paid_monthly CHECK (kind <> 'lease' OR payment_frequency = 'monthly'),
    CONSTRAINT first_payment_of_a_lease_is_a_month_away CHECK (kind <> 'lease' OR first_payment_days IS NULL),
    CONSTRAINT first_payment_days_are_1_to_366 CHECK (first_payment_days BETWEEN 1 AND 366),
    CONSTRAINT kilometers_per_year_are_not_negative CHECK (kilometers_per_year >= 0),
    CONSTRAINT min_payment_is_an_amount CHECK (min_payment BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_payment_to_income_is_0_to_10 CHECK (max_payment_to_income BETWEEN 0 AND 10),
    CONSTRAINT fees_of_kinds_are_amounts CHECK (
        acquisition_fee BETWEEN 0 AND 1000000000000 AND end_fee BETWEEN 0 AND 1000000000000),
    CONSTRAINT figures_have_at_most_18_digits CHECK (tradeup_internal.have_at_most_18_digits(ARRAY[
        acquisition_fee, end_fee, min_payment, max_payment_to_income,
        interest_tax_rate, service_fee_rate, sales_tax_rate, document_fee, opening_fee_rate, opening_fee_tax_rate, bonus,
            protection,
        gps_installation, gps_monthly, gps_tax_rate, margin_cost, max_change, max_component, max_financed, max_annual_rate,
        max_adjusted_rate, max_service_fee_rate, max_opening_fee_rate, max_bonus, max_what_if_bonus, max_insurance, min_price,
            max_price])),
    CONSTRAINT tiers_are_a_list_that_deals_read CHECK (tradeup_internal.tiers_problem(tiers) IS NULL)
);

COMMENT ON TABLE tradeup.program IS
    'Finance programs: one row for each version, with its fees, taxes, limits and rules. A published version never changes.';
COMMENT ON COLUMN tradeup.program.name IS 'Name by which customers, offers and quotes refer to the program';
COMMENT ON COLUMN tradeup.program.version IS 'Version; offers use the highest published one';
COMMENT ON COLUMN tradeup.program.title IS 'What people call the program';
COMMENT ON COLUMN tradeup.program.currency IS
    'ISO 4217 code of the currency of all amounts, of its customers and of the vehicles that it finances';
COMMENT ON COLUMN tradeup.program.built_in IS 'Shipped with the extension, therefore not part of a dump';
COMMENT ON COLUMN tradeup.program.published_at IS
    'When the version was published; null while it is a draft that may be changed. Set by publish_program; a row that is '
    'inserted with it counts only when its profiles, terms and regions are as many as it says';
COMMENT ON COLUMN tradeup.program.profile_count IS 'Number of risk profiles, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.term_count IS 'Number of terms, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.tier_count IS 'Number of tiers, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.region_count IS 'Number of regions, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.tiers IS 'The tiers as deal(tiers => ...) reads them, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.rounding IS 'How amounts are rounded: half_up, half_even, up (away from zero) or down';
COMMENT ON COLUMN tradeup.program.change_digits IS
    'Decimals to which the payment change is rounded before it decides a tier; null: not rounded';
COMMENT ON COLUMN tradeup.program.interest_tax_rate IS 'Tax on interest, as a fraction';
COMMENT ON COLUMN tradeup.program.service_fee_rate IS 'Service fee as a fraction of the price, financed';
COMMENT ON COLUMN tradeup.program.sales_tax_rate IS 'Sales tax as a fraction of the price, financed';
COMMENT ON COLUMN tradeup.program.document_fee IS 'Document fee, an amount, financed';
COMMENT ON COLUMN tradeup.program.opening_fee_rate IS 'Opening fee as a fraction, taken from the customer''s equity';
COMMENT ON COLUMN tradeup.program.opening_fee_tax_rate IS 'Tax on the opening fee, as a fraction';
COMMENT ON COLUMN tradeup.program.opening_fee_less_equity IS
    'Whether the opening fee is on the price less the equity rather than on the price';
COMMENT ON COLUMN tradeup.program.bonus IS 'Bonus added to the customer''s equity';
COMMENT ON COLUMN tradeup.program.protection IS 'Protection plan, an amount, financed over the term';
COMMENT ON COLUMN tradeup.program.insurance_months IS 'Months over which an insurance policy is financed';
COMMENT ON COLUMN tradeup.program.insurance_renewed IS 'Whether schedules renew the insurance while the term runs';
COMMENT ON COLUMN tradeup.program.gps_installation IS 'GPS installation before tax';
COMMENT ON COLUMN tradeup.program.gps_monthly IS 'GPS fee of each month before tax';
COMMENT ON COLUMN tradeup.program.gps_tax_rate IS 'Tax on GPS fees, as a fraction';
COMMENT ON COLUMN tradeup.program.installation_from_equity IS 'Whether the GPS installation is taken from the equity';
COMMENT ON COLUMN tradeup.program.installation_financed IS 'Whether the GPS installation is added to the amount financed';
COMMENT ON COLUMN tradeup.program.installation_in_first_payment IS
    'Whether the GPS installation is part of the first, quoted, payment';
COMMENT ON COLUMN tradeup.program.margin_cost IS 'Cost that is taken from the fees to give the margin';
COMMENT ON COLUMN tradeup.program.margin_service_fee IS 'Whether the service fee is part of the margin';
COMMENT ON COLUMN tradeup.program.margin_opening_fee IS 'Whether the opening fee is part of the margin';
COMMENT ON COLUMN tradeup.program.margin_protection IS 'Whether the protection plan is part of the margin';
COMMENT ON COLUMN tradeup.program.requires_dearer IS 'Whether an offer must be dearer than the customer''s current vehicle';
COMMENT ON COLUMN tradeup.program.max_change IS 'Largest payment change of an offer, as a fraction; null: no limit';
COMMENT ON COLUMN tradeup.program.max_component IS
    'Largest of each of loan, service fee, protection and insurance; null: no limit';
COMMENT ON COLUMN tradeup.program.max_financed IS 'Largest amount financed; null: no limit';
COMMENT ON COLUMN tradeup.program.max_annual_rate IS
    'Largest annual rate that a profile or a what-if may have, before the adjustment of the term';
COMMENT ON COLUMN tradeup.program.max_adjusted_rate IS
    'Largest annual rate with the adjustment of the term; a term beyond it makes no offer; null: no limit';
COMMENT ON COLUMN tradeup.program.max_service_fee_rate IS 'Largest service fee of a what-if, as a fraction';
COMMENT ON COLUMN tradeup.program.max_opening_fee_rate IS 'Largest opening fee of a what-if, as a fraction';
COMMENT ON COLUMN tradeup.program.max_bonus IS 'Largest bonus that the program itself may give; null: no limit';
COMMENT ON COLUMN tradeup.program.max_what_if_bonus IS 'Largest bonus of a what-if; null: no limit';
COMMENT ON COLUMN tradeup.program.max_insurance IS 'Largest insurance premium; null: no limit';
COMMENT ON COLUMN tradeup.program.max_term IS 'Longest term in months';
COMMENT ON COLUMN tradeup.program.valid_from IS 'First day on which offers use this version, in UTC; null: from its publication';
COMMENT ON COLUMN tradeup.program.valid_to IS 'First day on which offers no longer use it, in UTC; null: no end';
COMMENT ON COLUMN tradeup.program.min_year IS 'Oldest model year that is financed; null: any';
COMMENT ON COLUMN tradeup.program.max_age IS
    'Largest age of a vehicle, in years: this year, in UTC, less its model year; null: any';
COMMENT ON COLUMN tradeup.program.max_kilometers IS 'Most kilometres of a vehicle; null: any';
COMMENT ON COLUMN tradeup.program.makes IS 'Makes that are financed; null: any';
COMMENT ON COLUMN tradeup.program.min_price IS 'Lowest price that is financed; null: any';
COMMENT ON COLUMN tradeup.program.max_price IS 'Highest price that is financed; null: any';
COMMENT ON COLUMN tradeup.program.subsidy_rules IS
    'What min_subsidy may concede and which gates must hold, as its rules; null: only another term is conceded';
COMMENT ON COLUMN tradeup.program.kind IS
    'What the program is: loan, balloon (a share of the price is due with the last payment) or lease';
COMMENT ON COLUMN tradeup.program.sales_tax_base IS
    'What sales tax is taken of: price, or difference (the price less the trade value)';
COMMENT ON COLUMN tradeup.program.sales_tax_financed IS
    'Whether sales tax is financed; otherwise it is due at signing';
COMMENT ON COLUMN tradeup.program.fees_financed IS
    'Whether service, document and acquisition fee are financed; otherwise they are due at signing';
COMMENT ON COLUMN tradeup.program.acquisition_fee IS
    'Acquisition fee, an amount';
COMMENT ON COLUMN tradeup.program.end_fee IS
    'Fee that is due with the last payment of a balloon loan or a lease';
COMMENT ON COLUMN tradeup.program.lease_tax IS
    'When a lease is taxed: payment (each of them) or upfront (all of them at signing)';
COMMENT ON COLUMN tradeup.program.payments_in_advance IS
    'Whether the first payment of a lease is due at signing';
COMMENT ON COLUMN tradeup.program.payment_frequency IS
    'How often the payment of a loan is due: monthly, semimonthly, bi-weekly or weekly';
COMMENT ON COLUMN tradeup.program.first_payment_days IS
    'Days to the first payment of a loan, where they are not a whole period (a month of 30); null: a whole one';
COMMENT ON COLUMN tradeup.program.kilometers_per_year IS
    'Kilometres a year that a lease allows; null: nothing is said';
COMMENT ON COLUMN tradeup.program.min_payment IS
    'Lowest payment of an offer; null: no limit';
COMMENT ON COLUMN tradeup.program.max_payment_to_income IS
    'Largest payment of an offer as a share of the customer''s monthly income; null: no limit';

-- No foreign key leads from the parts of a program to it: a dump is restored table by table, in parallel in any order. Triggers
-- keep program and parts together; health() tells when a restore lost one of them.
CREATE TABLE tradeup.program_profile (
    program text NOT NULL,
    version integer NOT NULL,
    profile text NOT NULL,
    annual_rate numeric NOT NULL,
    down_payment_rate numeric NOT NULL,
    insurance numeric NOT NULL DEFAULT 0,
    max_loan_to_value numeric,
    CONSTRAINT profile_is_once_in_its_program PRIMARY KEY (program, version, profile),
    CONSTRAINT annual_rate_is_0_to_9 CHECK (annual_rate BETWEEN 0 AND 9),
    CONSTRAINT annual_rate_has_at_most_15_decimals CHECK (annual_rate = round(annual_rate, 15)),
    CONSTRAINT down_payment_rate_is_a_fraction CHECK (down_payment_rate BETWEEN 0 AND 1),
    CONSTRAINT insurance_is_an_amount CHECK (insurance BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_loan_to_value_is_0_to_10 CHECK (max_loan_to_value BETWEEN 0 AND 10),
    CONSTRAINT figures_have_at_most_18_digits CHECK (
        tradeup_internal.have_at_most_18_digits(ARRAY[down_payment_rate, insurance, max_loan_to_value]))
);

COMMENT ON TABLE tradeup.program_profile IS 'What a program asks of each risk profile';
COMMENT ON COLUMN tradeup.program_profile.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_profile.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_profile.profile IS 'Risk profile, as customers have it';
COMMENT ON COLUMN tradeup.program_profile.annual_rate IS 'Annual rate as a fraction, before the adjustment of the term';
COMMENT ON COLUMN tradeup.program_profile.down_payment_rate IS 'Least down payment as a fraction of the price';
COMMENT ON COLUMN tradeup.program_profile.insurance IS
    'Insurance premium, an amount, financed over the program''s insurance_months';
COMMENT ON COLUMN tradeup.program_profile.max_loan_to_value IS
    'Largest amount financed as a multiple of the price; null: no limit';

CREATE TABLE tradeup.program_term (
    program text NOT NULL,
    version integer NOT NULL,
    term integer NOT NULL,
    rate_adjustment numeric NOT NULL DEFAULT 0,
    residual_rate numeric NOT NULL DEFAULT 0,
    CONSTRAINT term_is_once_in_its_program PRIMARY KEY (program, version, term),
    CONSTRAINT term_is_1_to_480_months CHECK (term BETWEEN 1 AND 480),
    CONSTRAINT residual_rate_is_0_to_1 CHECK (residual_rate BETWEEN 0 AND 1),
    CONSTRAINT residual_rate_has_at_most_15_decimals CHECK (residual_rate = round(residual_rate, 15)),
    CONSTRAINT rate_adjustment_is_0_to_1 CHECK (rate_adjustment BETWEEN 0 AND 1),
    CONSTRAINT rate_adjustment_has_at_most_15_decimals CHECK (rate_adjustment = round(rate_adjustment, 15))
);

COMMENT ON TABLE tradeup.program_term IS 'The terms that a program offers';
COMMENT ON COLUMN tradeup.program_term.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_term.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_term.term IS 'Term in months';
COMMENT ON COLUMN tradeup.program_term.rate_adjustment IS 'What this term adds to the annual rate, as a fraction';
COMMENT ON COLUMN tradeup.program_term.residual_rate IS
    'Share of the price that is due at the end of a balloon loan, or that a leased vehicle is worth then';

CREATE TABLE tradeup.program_tier (
    program text NOT NULL,
    version integer NOT NULL,
    rank integer NOT NULL,
    name text NOT NULL,
    lower_change numeric,
    lower_inclusive boolean NOT NULL DEFAULT false,
    upper_change numeric,
    upper_inclusive boolean NOT NULL DEFAULT true,
    CONSTRAINT rank_is_once_in_its_program PRIMARY KEY (program, version, rank),
    CONSTRAINT tier_name_is_once_in_its_program UNIQUE (program, version, name),
    CONSTRAINT rank_is_1_to_8 CHECK (rank BETWEEN 1 AND 8),
    CONSTRAINT tier_name_is_plain CHECK (octet_length(name) BETWEEN 1 AND 39 AND name !~ '[]["(),]'
                                         AND name = btrim(name, E' \t\r\n')),
    CONSTRAINT tier_is_not_empty CHECK (lower_change <= upper_change)
);

COMMENT ON TABLE tradeup.program_tier IS
    'The tiers of a program: named intervals of the payment change, in ascending order of rank';
COMMENT ON COLUMN tradeup.program_tier.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_tier.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_tier.rank IS 'Position of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.program_tier.name IS 'Name of the tier, as offers show it';
COMMENT ON COLUMN tradeup.program_tier.lower_change IS 'Smallest payment change as a fraction; null: no bound';
COMMENT ON COLUMN tradeup.program_tier.lower_inclusive IS 'Whether the smallest payment change itself belongs to the tier';
COMMENT ON COLUMN tradeup.program_tier.upper_change IS 'Largest payment change as a fraction; null: no bound';
COMMENT ON COLUMN tradeup.program_tier.upper_inclusive IS 'Whether the largest payment change itself belongs to the tier';

CREATE TABLE tradeup.program_region (
    program text NOT NULL,
    version integer NOT NULL,
    region text NOT NULL,
    sales_tax_rate numeric,
    document_fee numeric,
    CONSTRAINT region_is_once_in_its_program PRIMARY KEY (program, version, region),
    CONSTRAINT region_is_not_empty CHECK (region <> ''),
    CONSTRAINT sales_tax_rate_is_a_fraction CHECK (sales_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT document_fee_is_an_amount CHECK (document_fee BETWEEN 0 AND 1000000000000),
    CONSTRAINT figures_have_at_most_18_digits CHECK (
        tradeup_internal.have_at_most_18_digits(ARRAY[sales_tax_rate, document_fee]))
);

COMMENT ON TABLE tradeup.program_region IS
    'Sales tax and document fee of a program for customers of a region; all other customers have those of the program';
COMMENT ON COLUMN tradeup.program_region.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_region.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_region.region IS 'Region, as customers have it';
COMMENT ON COLUMN tradeup.program_region.sales_tax_rate IS 'Sales tax there, as a fraction; null: that of the program';
COMMENT ON COLUMN tradeup.program_region.document_fee IS 'Document fee there, an amount; null: that of the program';

CREATE TABLE tradeup.program_default (
    only_one boolean NOT NULL DEFAULT true,
    program text NOT NULL,
    CONSTRAINT there_is_one_default PRIMARY KEY (only_one),
    CONSTRAINT there_is_only_one_default CHECK (only_one)
);

COMMENT ON TABLE tradeup.program_default IS 'The program of customers that have none of their own: one row, or none';
COMMENT ON COLUMN tradeup.program_default.only_one IS 'Always true: it keeps the table to one row';
COMMENT ON COLUMN tradeup.program_default.program IS 'Name of the default program';
-- What guards, publishes and reads finance programs.

CREATE FUNCTION tradeup_internal.tier_text(tier tradeup.program_tier) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN tier.name || CASE WHEN tier.lower_inclusive THEN ' [' ELSE ' (' END
    || coalesce(tier.lower_change::text, '') || ',' || coalesce(tier.upper_change::text, '')
    || CASE WHEN tier.upper_inclusive THEN ']' ELSE ')' END;

COMMENT ON FUNCTION tradeup_internal.tier_text(tradeup.program_tier) IS
    'A tier as deal(...) reads it: its name and its interval of payment changes';

-- Publication checks and measures a version. A row that was inserted as published, as a restore does, is believed only when what
-- it says of itself is so: otherwise nobody gets offers of it, and it may be deleted.
-- Tiers are not counted: deals read them from the row, whose constraint has read them too. Nor are regions where there should be
-- none: then deals read none.
-- The cost is what it takes, so that the planner asks it of the one version that is wanted, and of no other.
CREATE FUNCTION tradeup.program_is_whole(version tradeup.program) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT count(*) = version.profile_count
                   AND coalesce(bool_and(f.annual_rate <= version.max_annual_rate
                                         AND (version.max_insurance IS NULL OR f.insurance <= version.max_insurance)),
                                false)
            FROM tradeup.program_profile f WHERE f.program = version.name AND f.version = version.version)
       AND (SELECT count(*) = version.term_count AND coalesce(bool_and(t.term <= version.max_term), false)
            FROM tradeup.program_term t WHERE t.program = version.name AND t.version = version.version)
       AND (version.region_count = 0
            OR (SELECT count(*) = version.region_count
                FROM tradeup.program_region r WHERE r.program = version.name AND r.version = version.version));
END
$$;

COMMENT ON FUNCTION tradeup.program_is_whole(tradeup.program) IS
    'Whether a published version has the profiles, terms and regions that its row says, within its own limits';

-- A published version must give the same offers for ever, so that a quote can be computed again. A restore inserts the
-- rows of published versions anew; the sizes recorded at publication tell it from an addition.
CREATE FUNCTION tradeup_internal.protect_published_program() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    beyond text;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL
       AND NOT (TG_OP = 'DELETE' AND NOT tradeup.program_is_whole(OLD::tradeup.program)) THEN
        RAISE EXCEPTION 'published version of a program cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Program "%s" version %s is published.', tradeup_internal.shown(OLD.name), OLD.version),
                  HINT = 'Add a new version, change it, and publish it.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    /* Only what the extension itself brings is left out of dumps. */
    NEW.built_in := TG_OP = 'UPDATE' AND OLD.built_in;
    IF TG_OP = 'UPDATE' AND NEW.published_at IS NOT NULL THEN
        /* Waits for whoever is changing parts, and keeps others from it until this version is published or not. */
        LOCK TABLE tradeup.program_profile, tradeup.program_term, tradeup.program_tier, tradeup.program_region
            IN SHARE ROW EXCLUSIVE MODE;
        SELECT count(*) INTO NEW.profile_count FROM tradeup.program_profile x
            WHERE (x.program, x.version) = (OLD.name, OLD.version);
        SELECT count(*) INTO NEW.term_count FROM tradeup.program_term x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        SELECT count(*), string_agg(tradeup_internal.tier_text(x), ', ' ORDER BY x.rank) INTO NEW.tier_count, NEW.tiers
            FROM tradeup.program_tier x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        SELECT count(*) INTO NEW.region_count FROM tradeup.program_region x
            WHERE (x.program, x.version) = (OLD.name, OLD.version);
        IF NEW.profile_count = 0 OR NEW.term_count = 0 THEN
            RAISE EXCEPTION 'program needs a risk profile and a term before it is published'
                USING ERRCODE = 'check_violation',
                      DETAIL = format('Program "%s" version %s has %s risk profiles and %s terms.',
                                      tradeup_internal.shown(NEW.name), NEW.version, NEW.profile_count, NEW.term_count),
                      HINT = 'Add them to tradeup.program_profile and tradeup.program_term.';
        END IF;
        SELECT format('Risk profile "%s" has an annual rate of %s and an insurance of %s.', tradeup_internal.shown(x.profile),
                      x.annual_rate, x.insurance)
            INTO beyond FROM tradeup.program_profile x
            WHERE (x.program, x.version) = (OLD.name, OLD.version)
              AND (x.annual_rate > NEW.max_annual_rate OR x.insurance > NEW.max_insurance)
            ORDER BY x.profile LIMIT 1;
        IF beyond IS NULL THEN
            SELECT format('Term is %s months.', x.term) INTO beyond FROM tradeup.program_term x
                WHERE (x.program, x.version) = (OLD.name, OLD.version) AND x.term > NEW.max_term
                ORDER BY x.term LIMIT 1;
        END IF;
        IF beyond IS NOT NULL THEN
            RAISE EXCEPTION 'program has a profile or term beyond its own limits'
                USING ERRCODE = 'check_violation', DETAIL = beyond,
                      HINT = 'A rate is a fraction: 4.9 percent is 0.049. Or raise max_annual_rate, max_insurance or max_term of '
                             'the program.';
        END IF;
        /* Reading the rules is all that is done where there are no deals. */
        PERFORM tradeup.subsidy('{}'::tradeup.deal[], 1::tradeup.any_number, NEW.subsidy_rules::tradeup.any_json,
                                NULL::tradeup.any_number, NULL::tradeup.any_number, NULL::tradeup.any_number);
        PERFORM tradeup.deal_for(tradeup_internal.deal_of(NEW::tradeup.program, f::tradeup.program_profile,
                                                          NULL::tradeup.program_region, NULL::tradeup.any_json),
                                 f.annual_rate + t.rate_adjustment, t.term, 0::numeric, NULL::numeric, NULL::numeric,
                                 NULL::numeric, 0::numeric, NULL::numeric, t.residual_rate)
            FROM tradeup.program_profile f, tradeup.program_term t
            WHERE (f.program, f.version) = (OLD.name, OLD.version) AND (t.program, t.version) = (OLD.name, OLD.version)
              /* All of them would be as many as profiles times terms. */
              AND (f.profile = (SELECT min(x.profile) FROM tradeup.program_profile x
                                WHERE (x.program, x.version) = (OLD.name, OLD.version))
                   OR t.term = (SELECT min(x.term) FROM tradeup.program_term x
                                WHERE (x.program, x.version) = (OLD.name, OLD.version)));
        PERFORM tradeup_internal.deal_of(NEW::tradeup.program, f::tradeup.program_profile, r::tradeup.program_region,
                                         NULL::tradeup.any_json)
            FROM (SELECT x.* FROM tradeup.program_profile x WHERE (x.program, x.version) = (OLD.name, OLD.version)
                  ORDER BY x.profile LIMIT 1) f,
                 tradeup.program_region r
            WHERE (r.program, r.version) = (OLD.name, OLD.version);
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION tradeup_internal.protect_published_program() IS
    'Trigger that refuses a change of a published version, and that checks and measures a version when it is published';
CREATE FUNCTION tradeup_internal.protect_published_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whole tradeup.program;
    complete boolean := true;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        /* Keeps the program from being deleted meanwhile. A restore inserts as the owner, parts first if it so happens. */
        PERFORM FROM tradeup.program x WHERE (x.name, x.version) = (NEW.program, NEW.version) FOR KEY SHARE;
        IF NOT FOUND AND NOT (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID) THEN
            RAISE EXCEPTION 'program "%" version "%" does not exist', tradeup_internal.shown(NEW.program), NEW.version
                USING ERRCODE = 'no_data_found', HINT = 'Add it to tradeup.program first.';
        END IF;
    END IF;
    /* An old snapshot does not show what was published since: this lock fails then, and in READ COMMITTED is not needed. */
    IF current_setting('transaction_isolation'::text) IN ('repeatable read', 'serializable') THEN
        IF TG_OP <> 'INSERT' THEN
            PERFORM FROM tradeup.program x WHERE (x.name, x.version) = (OLD.program, OLD.version) FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM FROM tradeup.program x WHERE (x.name, x.version) = (NEW.program, NEW.version) FOR SHARE;
        END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        SELECT * INTO whole FROM tradeup.program x
        WHERE (x.name, x.version) = (OLD.program, OLD.version) AND x.published_at IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' AND whole.name IS NULL THEN
        SELECT * INTO whole FROM tradeup.program x
        WHERE (x.name, x.version) = (NEW.program, NEW.version) AND x.published_at IS NOT NULL;
    END IF;
    IF TG_OP = 'INSERT' AND whole.name IS NOT NULL THEN
        complete := CASE TG_TABLE_NAME
            WHEN 'program_profile' THEN whole.profile_count <= (SELECT count(*) FROM tradeup.program_profile x
                                                                WHERE (x.program, x.version) = (NEW.program, NEW.version))
            WHEN 'program_term' THEN whole.term_count <= (SELECT count(*) FROM tradeup.program_term x
                                                          WHERE (x.program, x.version) = (NEW.program, NEW.version))
            WHEN 'program_region' THEN whole.region_count <= (SELECT count(*) FROM tradeup.program_region x
                                                              WHERE (x.program, x.version) = (NEW.program, NEW.version))
            ELSE whole.tier_count <= (SELECT count(*) FROM tradeup.program_tier x
                                      WHERE (x.program, x.version) = (NEW.program, NEW.version))
        END;
    END IF;
    IF whole.name IS NOT NULL AND complete THEN
        RAISE EXCEPTION 'published version of a program cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Program "%s" version %s is published.', tradeup_internal.shown(whole.name), whole.version),
                  HINT = 'Add a new version, change it, and publish it.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

COMMENT ON FUNCTION tradeup_internal.protect_published_parts() IS
    'Trigger that refuses a change of the profiles, terms, tiers and regions of a published version';

CREATE FUNCTION tradeup_internal.carry_program_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM tradeup.program_profile x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup.program_term x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup.program_tier x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup.program_region x WHERE (x.program, x.version) = (OLD.name, OLD.version);
    ELSIF (NEW.name, NEW.version) <> (OLD.name, OLD.version) THEN
        UPDATE tradeup.program_profile x SET program = NEW.name, version = NEW.version
            WHERE (x.program, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup.program_term x SET program = NEW.name, version = NEW.version
            WHERE (x.program, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup.program_tier x SET program = NEW.name, version = NEW.version
            WHERE (x.program, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup.program_region x SET program = NEW.name, version = NEW.version
            WHERE (x.program, x.version) = (OLD.name, OLD.version);
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION tradeup_internal.carry_program_parts() IS
    'Trigger that deletes the profiles, terms, tiers and regions of a draft with it, and renames them with it';

CREATE FUNCTION tradeup_internal.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'finance programs cannot be truncated'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Delete the drafts that are not needed.';
END
$$;

COMMENT ON FUNCTION tradeup_internal.refuse_truncate() IS
    'Trigger that keeps TRUNCATE from published programs, which no row trigger would see';

CREATE FUNCTION tradeup_internal.steps_of_publish_program(program text, version integer)
RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    published timestamptz;
BEGIN
    UPDATE tradeup.program x SET published_at = now()
    WHERE x.name = program AND x.version = steps_of_publish_program.version
    RETURNING x.published_at INTO published;
    IF published IS NULL THEN
        PERFORM tradeup_internal.require_known('program'::text, program || '" version "' || coalesce(version::text, 'null'),
                                               NULL::text, true);
    END IF;
    RETURN published;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_publish_program(text, integer) IS 'The steps of publish_program';

CREATE FUNCTION tradeup.publish_program(program text, version integer DEFAULT 1) RETURNS timestamptz
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.publish_program(text, integer) IS
    'Publishes a draft version of a program: from now on offers use it, and nothing can change it';

CREATE FUNCTION tradeup_internal.steps_of_set_default_program(program text)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF NOT EXISTS (SELECT FROM tradeup.program x WHERE x.name = program AND x.published_at IS NOT NULL
                   AND tradeup.program_is_whole(x)) THEN
        RAISE EXCEPTION 'program "%" does not exist', tradeup_internal.shown(program)
            USING ERRCODE = 'no_data_found', HINT = 'Only a published program can be the default.';
    END IF;
    INSERT INTO tradeup.program_default (program) VALUES (steps_of_set_default_program.program)
    ON CONFLICT ON CONSTRAINT there_is_one_default DO UPDATE SET program = EXCLUDED.program;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_set_default_program(text) IS 'The steps of set_default_program';

CREATE FUNCTION tradeup.set_default_program(program text) RETURNS void
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.set_default_program(text) IS
    'Marks the program of all customers that have none of their own';

CREATE FUNCTION tradeup_internal.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE 'UTC')::date;

COMMENT ON FUNCTION tradeup_internal.today() IS
    'The day on which the transaction began, in UTC, whatever the time zone of the session';

CREATE FUNCTION tradeup_internal.oldest_year(min_year integer, max_age integer) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN greatest(min_year, extract(year FROM tradeup_internal.today())::integer - max_age);

COMMENT ON FUNCTION tradeup_internal.oldest_year(integer, integer) IS
    'The oldest model year that a program with this lowest year and largest age finances today; null: any';
-- Published programs as views.

CREATE VIEW tradeup.current_program WITH (security_invoker = true) AS
SELECT p.*
FROM tradeup.program p
WHERE p.published_at IS NOT NULL
  AND (p.valid_from IS NULL OR p.valid_from <= tradeup_internal.today())
  AND (p.valid_to IS NULL OR p.valid_to > tradeup_internal.today())
  AND NOT EXISTS (SELECT FROM tradeup.program newer
                  WHERE newer.name = p.name AND newer.version > p.version AND newer.published_at IS NOT NULL
                    AND (newer.valid_from IS NULL OR newer.valid_from <= tradeup_internal.today())
                    AND (newer.valid_to IS NULL OR newer.valid_to > tradeup_internal.today()) AND tradeup.program_is_whole(newer))
  AND tradeup.program_is_whole(p);

COMMENT ON VIEW tradeup.current_program IS 'The highest published version of each program that is valid today';

-- Columns in the order of their coming, because replacing a view can only add to its end.
CREATE VIEW tradeup.rate_sheet WITH (security_invoker = true) AS
SELECT p.name, p.version, p.title, p.currency, p.built_in, p.published_at, p.profile_count, p.term_count,
       p.tier_count, p.tiers, p.rounding, p.change_digits, p.interest_tax_rate, p.service_fee_rate,
       r.sales_tax_rate, r.document_fee, p.opening_fee_rate, p.opening_fee_tax_rate, p.opening_fee_less_equity,
       p.bonus, p.protection, p.insurance_months, p.insurance_renewed, p.gps_installation, p.gps_monthly,
       p.gps_tax_rate, p.installation_from_equity, p.installation_financed, p.installation_in_first_payment,
       p.margin_cost, p.margin_service_fee, p.margin_opening_fee, p.margin_protection, p.requires_dearer,
       p.max_change, p.max_component, p.max_financed, p.max_annual_rate, p.max_adjusted_rate, p.max_service_fee_rate,
       p.max_opening_fee_rate, p.max_bonus, p.max_what_if_bonus, p.max_insurance, p.max_term,
       f.profile, f.annual_rate, f.down_payment_rate, f.insurance, t.term, t.rate_adjustment,
       p.valid_from, p.valid_to, p.min_year, p.max_age, p.max_kilometers, p.makes, p.min_price, p.max_price,
       f.max_loan_to_value,
       p.kind, t.residual_rate, p.sales_tax_base, p.sales_tax_financed, p.fees_financed, p.acquisition_fee, p.end_fee,
       p.lease_tax, p.payments_in_advance, p.first_payment_days, p.kilometers_per_year, p.min_payment, p.max_payment_to_income,
       r.region, p.payment_frequency
FROM tradeup.program p
JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version
JOIN tradeup.program_term t ON t.program = p.name AND t.version = p.version
CROSS JOIN LATERAL (SELECT NULL::text AS region, p.sales_tax_rate, p.document_fee
                    UNION ALL
                    SELECT x.region, coalesce(x.sales_tax_rate, p.sales_tax_rate), coalesce(x.document_fee, p.document_fee)
                    FROM tradeup.program_region x WHERE x.program = p.name AND x.version = p.version AND p.region_count > 0) r
WHERE p.published_at IS NOT NULL AND tradeup.program_is_whole(p);

COMMENT ON VIEW tradeup.rate_sheet IS
    'The published programs, one row for each risk profile, term and region (null: all regions that the program does not name), '
    'with all that a deal needs of them';
-- What-if overrides of one call.

CREATE FUNCTION tradeup_internal.overrides_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.overrides_support(internal) IS
    'Planner support: drops the functions of overrides from queries that have none';

CREATE FUNCTION tradeup_internal.require_overrides(overrides tradeup.any_json) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 SUPPORT tradeup_internal.overrides_support AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.require_overrides(tradeup.any_json) IS
    'True for valid what-if overrides or null; otherwise the error that says what is allowed';

CREATE FUNCTION tradeup_internal.overridden(overrides tradeup.any_json, key text, standing numeric, highest numeric)
RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 SUPPORT tradeup_internal.overrides_support AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.overridden(tradeup.any_json, text, numeric, numeric) IS
    'The figure that what-if overrides give for a key, from 0 to the highest allowed, or else the standing figure';

CREATE FUNCTION tradeup_internal.term_wanted(overrides tradeup.any_json, term integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup_internal.term_wanted(tradeup.any_json, integer) IS
    'Whether what-if overrides leave this term in: they name it, or name no terms';
-- Text and binary forms of a deal.

CREATE FUNCTION tradeup_internal.deal_in(cstring) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.deal_out(tradeup.deal) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.deal_recv(internal) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.deal_send(tradeup.deal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.deal_in(cstring) IS 'A deal from its text form: v1 and the terms as name=value';
COMMENT ON FUNCTION tradeup_internal.deal_out(tradeup.deal) IS
    'The text form of a deal: v1 and those terms that differ from their defaults';
COMMENT ON FUNCTION tradeup_internal.deal_recv(internal) IS 'A deal from its binary form, which is its text';
COMMENT ON FUNCTION tradeup_internal.deal_send(tradeup.deal) IS 'The binary form of a deal, which is its text';
-- The type deal. It is complete only after the functions that read and write it.

CREATE TYPE tradeup.deal (
    INPUT = tradeup_internal.deal_in,
    OUTPUT = tradeup_internal.deal_out,
    RECEIVE = tradeup_internal.deal_recv,
    SEND = tradeup_internal.deal_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE tradeup.deal IS
    'What one customer, one finance program and one term make of any vehicle: every amount as a function of the price, and the '
    'prices of every tier';

-- An application keeps a deal as its text, and a driver sends that back as text or varchar.
CREATE CAST (text AS tradeup.deal) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tradeup.deal) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS tradeup.deal) IS 'A deal from its text form';
COMMENT ON CAST (varchar AS tradeup.deal) IS 'A deal from its text form';

CREATE TYPE tradeup.reference_installment AS (
    month integer,
    opening_balance double precision,
    principal double precision,
    interest double precision,
    charges double precision,
    tax double precision,
    payment double precision,
    closing_balance double precision,
    closing_loan double precision,
    closing_service double precision,
    closing_protection double precision,
    closing_insurance double precision
);
COMMENT ON TYPE tradeup.reference_installment IS 'A month of the schedule of the audited spreadsheet, unrounded';
-- The deal: everything of an offer but the vehicle, compiled. All amounts are functions of a deal and a price.

CREATE FUNCTION tradeup.deal(annual_rate tradeup.any_number DEFAULT NULL::numeric, term tradeup.any_term DEFAULT 0,
                                        equity tradeup.any_number DEFAULT 0,
                                        current_payment tradeup.any_number DEFAULT NULL::numeric,
                                        current_price tradeup.any_number DEFAULT NULL::numeric,
                                        down_payment_rate tradeup.any_number DEFAULT 0,
                                        service_fee_rate tradeup.any_number DEFAULT 0,
                                        terms tradeup.any_json DEFAULT NULL::jsonb,
                                        annual_percent tradeup.any_number DEFAULT NULL::numeric) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal(tradeup.any_number, tradeup.any_term, tradeup.any_number, tradeup.any_number, tradeup.any_number,
                                 tradeup.any_number, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'Compiles a deal; amounts in major units, rates as fractions (0.049, or annual_percent => 4.9), term in months, all other '
    'terms by name in a JSON object. Null for current_payment, current_price or terms means none; any other null gives null';

-- All terms of a deal, each with its type: what deals of programs are made by. Null for current_payment, current_price,
-- trade_value, income, min_*, max_*, first_payment_days, change_digits or tiers means none; any other null gives null. The rate
-- is a fraction that adjustments may take above 1.
CREATE FUNCTION tradeup_internal.compiled_deal(
    annual_rate numeric, term integer, equity numeric, current_payment numeric, current_price numeric, trade_value numeric,
    income numeric, customer_bonus numeric, down_payment_rate numeric, interest_tax_rate numeric, service_fee_rate numeric,
    sales_tax_rate numeric, sales_tax_base text, sales_tax_financed boolean, document_fee numeric, fees_financed boolean,
    opening_fee_rate numeric, opening_fee_tax_rate numeric, opening_fee_less_equity boolean,
    bonus numeric, protection numeric, insurance numeric, insurance_months integer, insurance_renewed boolean,
    gps_installation numeric, gps_monthly numeric, gps_tax_rate numeric, installation_from_equity boolean,
    installation_financed boolean, installation_in_first_payment boolean, margin_cost numeric, margin_service_fee boolean,
    margin_opening_fee boolean, margin_protection boolean, kind text, residual_rate numeric, acquisition_fee numeric,
    end_fee numeric, lease_tax text, payments_in_advance boolean, payment_frequency text, first_payment_days integer,
    max_change numeric, max_component numeric, max_financed numeric, min_payment numeric, max_payment_to_income numeric,
    change_digits integer, minor_digits integer, rounding text, tiers text, min_price numeric, max_price numeric,
    max_loan_to_value numeric
) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.compiled_deal(numeric, integer, numeric, numeric, numeric, numeric, numeric, numeric,
                                                   numeric, numeric, numeric, numeric, text, boolean, numeric, boolean, numeric,
                                                   numeric, boolean, numeric, numeric, numeric, integer, boolean, numeric,
                                                   numeric, numeric, boolean, boolean, boolean, numeric, boolean, boolean,
                                                   boolean, text, numeric, numeric, numeric, text, boolean, text, integer,
                                                   numeric, numeric, numeric, numeric, numeric, integer, integer, text, text,
                                                   numeric, numeric, numeric) IS
    'Compiles a deal from all its terms, as programs hold them';

CREATE FUNCTION tradeup.deal_for(deal tradeup.deal, annual_rate numeric, term integer,
                                            equity numeric DEFAULT 0,
                                            current_payment numeric DEFAULT NULL,
                                            current_price numeric DEFAULT NULL,
                                            trade_value numeric DEFAULT NULL, bonus numeric DEFAULT 0,
                                            income numeric DEFAULT NULL, residual_rate numeric DEFAULT NULL)
RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal_for(tradeup.deal, numeric, integer, numeric, numeric,
                                     numeric, numeric, numeric, numeric,
                                     numeric) IS
    'The deal of another customer, rate and term under the same program: all else is as in the deal given, the residual too if '
    'none is given. The bonus is the customer''s own. Null for current_payment, current_price, trade_value or income means none; '
    'any other null gives null';

CREATE FUNCTION tradeup.payment(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment(tradeup.deal, tradeup.any_number) IS
    'The first payment for a vehicle of this price, exact to the cent';

CREATE FUNCTION tradeup.payment_unrounded(deal tradeup.deal, price tradeup.any_number) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_unrounded(tradeup.deal, tradeup.any_number) IS
    'The first payment, unrounded, for analysis';

CREATE FUNCTION tradeup.payment_change(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_change(tradeup.deal, tradeup.any_number) IS
    'The payment against the current one as a fraction (0.1 is ten percent more), to 6 decimals; null without a current payment';

CREATE FUNCTION tradeup.tier(deal tradeup.deal, price tradeup.any_number) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier(tradeup.deal, tradeup.any_number) IS
    'The tier of an offer at this price; null when there is no offer, or none of the tiers';

CREATE FUNCTION tradeup.tier_rank(deal tradeup.deal, price tradeup.any_number) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier_rank(tradeup.deal, tradeup.any_number) IS
    'The rank of the tier of an offer at this price: 1 for the tier of the smallest payment changes; null where there is no tier';

CREATE FUNCTION tradeup.loan_amount(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.loan_amount(tradeup.deal, tradeup.any_number) IS
    'The amount financed: loan, fees, protection and insurance';

CREATE FUNCTION tradeup.effective_equity(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.effective_equity(tradeup.deal, tradeup.any_number) IS
    'The equity left for the down payment: equity and bonus less the opening fee and what else is taken from it';

CREATE FUNCTION tradeup.service_fee(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.service_fee(tradeup.deal, tradeup.any_number) IS 'The service fee, which is financed';

CREATE FUNCTION tradeup.opening_fee(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.opening_fee(tradeup.deal, tradeup.any_number) IS
    'The opening fee with its tax, which is taken from the equity';

CREATE FUNCTION tradeup.margin(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.margin(tradeup.deal, tradeup.any_number) IS
    'The fees that count as margin less the margin cost; offers are ranked by it';

CREATE FUNCTION tradeup.monthly_payment(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.monthly_payment(tradeup.deal, tradeup.any_number) IS
    'The payments of a month, which a payment change compares: payments a year times the payment, by 12; with monthly payments '
    'the payment itself';

CREATE FUNCTION tradeup.payment_frequency(deal tradeup.deal) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_frequency(tradeup.deal) IS
    'How often the payment is due: monthly, semimonthly, bi-weekly, weekly, quarterly, semiannually or yearly';

CREATE FUNCTION tradeup.due_at_signing(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.due_at_signing(tradeup.deal, tradeup.any_number) IS
    'What is paid when the contract is signed, beside the vehicle traded in: sales tax and fees that are not financed, the tax '
    'of a lease if it is due upfront, and a payment in advance';

CREATE FUNCTION tradeup.interest_npv(deal tradeup.deal, price tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'interest_npv_deal';
COMMENT ON FUNCTION tradeup.interest_npv(tradeup.deal, tradeup.any_number) IS
    'Net present value of the taxed interest on the loan amount over the term, exact to the cent';

CREATE FUNCTION tradeup.interest_npv(loan_amount double precision, annual_rate double precision, term tradeup.any_term,
                                                interest_tax_rate double precision DEFAULT 0) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'interest_npv_loan';
COMMENT ON FUNCTION tradeup.interest_npv(double precision, double precision, tradeup.any_term, double precision) IS
    'Net present value of the taxed interest on a loan, discounted at the taxed rate, unrounded';

CREATE FUNCTION tradeup.eligible(deal tradeup.deal, price tradeup.any_number) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.eligible(tradeup.deal, tradeup.any_number) IS 'Whether an offer exists at this price';

CREATE FUNCTION tradeup.lowest_price(deal tradeup.deal, tiered boolean DEFAULT false) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.lowest_price(tradeup.deal, boolean) IS
    'The lowest price of an offer, or of an offer with a tier; null when there is none';

CREATE FUNCTION tradeup.highest_price(deal tradeup.deal, tiered boolean DEFAULT false) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.highest_price(tradeup.deal, boolean) IS
    'The highest price of an offer, or of an offer with a tier; null when there is none';

CREATE FUNCTION tradeup.price_for_payment(deal tradeup.deal, payment tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'price_for_payment_deal';
COMMENT ON FUNCTION tradeup.price_for_payment(tradeup.deal, tradeup.any_number) IS
    'The dearest price whose payment is at most this one; null when even a free vehicle costs more. Whether an offer exists '
    'there is not asked';

CREATE FUNCTION tradeup.windows(deal tradeup.deal, OUT tier text, OUT rank integer, OUT lowest_price numeric,
                                           OUT highest_price numeric, OUT lowest_minor bigint, OUT highest_minor bigint,
                                           OUT lowest_whole bigint, OUT highest_whole bigint)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.windows(tradeup.deal) IS
    'The closed intervals of prices, in ascending order, at which offers exist, in major units, in minor units (cents) and in '
    'whole units rounded inward, each for a price column of its kind; tier and rank are null where an offer has no tier';

-- Each window carries the currency, so that vehicles are joined to windows alone: joined to deals by it, they would all be read.
CREATE FUNCTION tradeup_internal.windows_within(deal tradeup.deal, price_from tradeup.any_number,
                                                           price_to tradeup.any_number,
                                                           deal_currency text, OUT tier text, OUT rank integer,
                                                           OUT lowest_minor bigint, OUT highest_minor bigint, OUT currency text)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.windows_within(tradeup.deal, tradeup.any_number, tradeup.any_number, text) IS
    'The windows of a deal, cut at a lowest and a highest price (null: none), in minor units, each with the currency given';

CREATE FUNCTION tradeup.schedule(deal tradeup.deal, price tradeup.any_number, OUT number integer, OUT financed numeric,
                                            OUT opening_balance numeric, OUT principal numeric, OUT interest numeric,
                                            OUT charges numeric, OUT tax numeric, OUT payment numeric,
                                            OUT closing_balance numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.schedule(tradeup.deal, tradeup.any_number) IS
    'The amortization schedule in exact cents: the first payment is the quoted one (but for terms of one payment), the principal '
    'adds up to what is financed, the last balance is 0. The last payment of a balloon loan is the balloon too, the balance of a '
    'lease ends at what the vehicle is worth then';

CREATE FUNCTION tradeup.deal_sheet(deal tradeup.deal, price tradeup.any_number, OUT place integer, OUT part text,
                                              OUT name text, OUT amount numeric, OUT settled text)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal_sheet(tradeup.deal, tradeup.any_number) IS
    'The worksheet of a deal, line by line: each line''s amount and how it is settled (financed, due at signing, monthly, over '
    'the term, at the end). The lines of a part add up to its sum to the cent; the last line is a rate';

CREATE FUNCTION tradeup.reference_schedule(deal tradeup.deal, price tradeup.any_number)
RETURNS SETOF tradeup.reference_installment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 400 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.reference_schedule(tradeup.deal, tradeup.any_number) IS
    'The schedule of the audited spreadsheet, unrounded: principal at the taxed rate, interest at the untaxed one';
CREATE FUNCTION tradeup.restricted(deal tradeup.deal, min_price tradeup.any_number DEFAULT NULL::numeric,
                                              max_price tradeup.any_number DEFAULT NULL::numeric,
                                              max_loan_to_value tradeup.any_number DEFAULT NULL::numeric) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.restricted(tradeup.deal, tradeup.any_number, tradeup.any_number, tradeup.any_number) IS
    'The deal with a lowest and a highest price, and a largest amount financed as a multiple of the price; null leaves a limit '
    'as it is';

CREATE FUNCTION tradeup.price_for_amount(deal tradeup.deal, amount text, most tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'price_for_amount_deal';
COMMENT ON FUNCTION tradeup.price_for_amount(tradeup.deal, text, tradeup.any_number) IS
    'The dearest price whose payment, monthly_payment, payment_change, loan_amount, service_fee, opening_fee or margin is at '
    'most this; null when there is none. Whether an offer exists there is not asked';

-- The same at a price in minor units, for what reads vehicles by their index on it.
CREATE FUNCTION tradeup_internal.payment_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.payment_minor(tradeup.deal, bigint) IS 'The payment at a price in minor units';

CREATE FUNCTION tradeup_internal.monthly_payment_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.monthly_payment_minor(tradeup.deal, bigint) IS
    'The payments of a month at a price in minor units';

CREATE FUNCTION tradeup_internal.payment_change_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.payment_change_minor(tradeup.deal, bigint) IS 'The payment change at a price in minor units';

CREATE FUNCTION tradeup_internal.tier_minor(deal tradeup.deal, price_minor bigint) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.tier_minor(tradeup.deal, bigint) IS 'The tier at a price in minor units';

CREATE FUNCTION tradeup_internal.tier_rank_minor(deal tradeup.deal, price_minor bigint) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.tier_rank_minor(tradeup.deal, bigint) IS 'The rank of the tier at a price in minor units';

CREATE FUNCTION tradeup_internal.loan_amount_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.loan_amount_minor(tradeup.deal, bigint) IS 'The amount financed at a price in minor units';

CREATE FUNCTION tradeup_internal.effective_equity_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.effective_equity_minor(tradeup.deal, bigint) IS
    'The effective equity at a price in minor units';

CREATE FUNCTION tradeup_internal.service_fee_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.service_fee_minor(tradeup.deal, bigint) IS 'The service fee at a price in minor units';

CREATE FUNCTION tradeup_internal.opening_fee_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.opening_fee_minor(tradeup.deal, bigint) IS 'The opening fee at a price in minor units';

CREATE FUNCTION tradeup_internal.margin_minor(deal tradeup.deal, price_minor bigint) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.margin_minor(tradeup.deal, bigint) IS 'The margin at a price in minor units';

CREATE FUNCTION tradeup_internal.lowest_minor(deal tradeup.deal, tiered boolean) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.lowest_minor(tradeup.deal, boolean) IS 'What lowest_price gives, in minor units';

CREATE FUNCTION tradeup_internal.highest_minor(deal tradeup.deal, tiered boolean) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.highest_minor(tradeup.deal, boolean) IS 'What highest_price gives, in minor units';

CREATE FUNCTION tradeup_internal.minor_at_least(deal tradeup.deal, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.minor_at_least(tradeup.deal, numeric) IS
    'The lowest price in minor units of the deal that is not below this one';

CREATE FUNCTION tradeup_internal.minor_at_most(deal tradeup.deal, price numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.minor_at_most(tradeup.deal, numeric) IS
    'The highest price in minor units of the deal that is not above this one; -1 below 0';

CREATE FUNCTION tradeup_internal.dearest_minor(deal tradeup.deal, amount text, most numeric) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dearest_minor(tradeup.deal, text, numeric) IS
    'What price_for_amount gives, in minor units; -1 when there is no such price; null for payment_change without a '
    'current payment';
-- Whether a payment is affordable, as a condition on the price that an index of any table serves.

CREATE FUNCTION tradeup_internal.affordable_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.affordable_support(internal) IS
    'Planner support: turns affordable(price, ...) into price <= price_for_payment(...), for indexes and estimates';

CREATE FUNCTION tradeup.price_for_payment(
    max_payment tradeup.any_number,
    annual_rate tradeup.any_number,
    term tradeup.any_term,
    equity tradeup.any_number DEFAULT 0,
    interest_tax_rate tradeup.any_number DEFAULT 0,
    service_fee_rate tradeup.any_number DEFAULT 0,
    sales_tax_rate tradeup.any_number DEFAULT 0,
    document_fee tradeup.any_number DEFAULT 0,
    minor_digits integer DEFAULT 2,
    rounding text DEFAULT 'half_up'
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'price_for_payment_plain';
COMMENT ON FUNCTION tradeup.price_for_payment(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_number,
                                              tradeup.any_number, tradeup.any_number, tradeup.any_number, tradeup.any_number,
                                              integer,
                                              text) IS
    'The dearest price whose monthly payment is at most this one, for a plain loan; null when even a free vehicle costs more';

CREATE FUNCTION tradeup.affordable(
    price tradeup.any_number,
    max_payment tradeup.any_number,
    annual_rate tradeup.any_number,
    term tradeup.any_term,
    equity tradeup.any_number DEFAULT 0,
    interest_tax_rate tradeup.any_number DEFAULT 0,
    service_fee_rate tradeup.any_number DEFAULT 0,
    sales_tax_rate tradeup.any_number DEFAULT 0,
    document_fee tradeup.any_number DEFAULT 0,
    minor_digits integer DEFAULT 2,
    rounding text DEFAULT 'half_up'
) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 SUPPORT tradeup_internal.affordable_support AS 'MODULE_PATHNAME',
    'affordable_plain';
COMMENT ON FUNCTION tradeup.affordable(tradeup.any_number, tradeup.any_number, tradeup.any_number, tradeup.any_term,
                                       tradeup.any_number, tradeup.any_number, tradeup.any_number, tradeup.any_number,
                                       tradeup.any_number, integer, text) IS
    'Whether the monthly payment of a plain loan on this price is at most max_payment, to the cent; an index on the price serves '
    'it';

CREATE FUNCTION tradeup.affordable(price tradeup.any_number, max_payment tradeup.any_number,
                                              deal tradeup.deal) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 SUPPORT tradeup_internal.affordable_support AS 'MODULE_PATHNAME',
    'affordable_deal';
COMMENT ON FUNCTION tradeup.affordable(tradeup.any_number, tradeup.any_number, tradeup.deal) IS
    'Whether the payment of a deal at this price is at most max_payment, to the cent; an index on the price serves it. Whether '
    'an offer exists there is not asked';
-- Defaults of columns that are read from tables.

-- In PL/pgSQL, whose plan is kept: it is called once for each row that is loaded.
CREATE FUNCTION tradeup_internal.default_currency() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 50 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    currency CONSTANT text := (SELECT p.currency
                               FROM tradeup.program_default d JOIN tradeup.program p ON p.name = d.program
                               WHERE p.published_at IS NOT NULL ORDER BY p.version DESC LIMIT 1);
BEGIN
    IF currency IS NULL THEN
        RAISE EXCEPTION 'currency of the vehicle is not known'
            USING ERRCODE = 'null_value_not_allowed', DETAIL = 'None is given, and there is no default program to take it from.',
                  HINT = 'Give the currency, an ISO 4217 code such as MXN, or call set_default_program first.';
    END IF;
    RETURN currency;
END
$$;
COMMENT ON FUNCTION tradeup_internal.default_currency() IS
    'The currency of the default program, in its latest published version';
-- Which deals a program makes: the one source of all that offers, portfolios, quotes and changes are computed from.

-- Program, profile and region come as whole rows of their tables: the planner reads each column of them directly.
CREATE FUNCTION tradeup_internal.deal_of(program tradeup.program, profile tradeup.program_profile,
                                                    region tradeup.program_region, overrides tradeup.any_json)
RETURNS tradeup.deal
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tradeup_internal.compiled_deal(
    annual_rate => 0::numeric,
    term => 1,
    equity => 0::numeric,
    current_payment => NULL::numeric,
    current_price => NULL::numeric,
    trade_value => NULL::numeric,
    income => NULL::numeric,
    customer_bonus => 0::numeric,
    down_payment_rate => profile.down_payment_rate,
    interest_tax_rate => program.interest_tax_rate,
    service_fee_rate => tradeup_internal.overridden(overrides, 'service_fee_rate'::text, program.service_fee_rate,
                                                    program.max_service_fee_rate),
    sales_tax_rate => coalesce(region.sales_tax_rate, program.sales_tax_rate),
    sales_tax_base => program.sales_tax_base,
    sales_tax_financed => program.sales_tax_financed,
    document_fee => coalesce(region.document_fee, program.document_fee),
    fees_financed => program.fees_financed,
    opening_fee_rate => tradeup_internal.overridden(overrides, 'opening_fee_rate'::text, program.opening_fee_rate,
                                                    program.max_opening_fee_rate),
    opening_fee_tax_rate => program.opening_fee_tax_rate,
    opening_fee_less_equity => program.opening_fee_less_equity,
    bonus => tradeup_internal.overridden(overrides, 'bonus'::text, program.bonus,
                                         coalesce(program.max_what_if_bonus, 1000000000000)),
    protection => tradeup_internal.overridden(overrides, 'protection'::text, program.protection,
                                              coalesce(program.max_component, 1000000000000)),
    insurance => tradeup_internal.overridden(overrides, 'insurance'::text, profile.insurance,
                                             coalesce(program.max_insurance, 1000000000000)),
    insurance_months => program.insurance_months,
    insurance_renewed => program.insurance_renewed,
    gps_installation => tradeup_internal.overridden(overrides, 'gps_installation'::text, program.gps_installation,
                                                    coalesce(program.max_component, 1000000000000)),
    gps_monthly => tradeup_internal.overridden(overrides, 'gps_monthly'::text, program.gps_monthly,
                                               coalesce(program.max_component, 1000000000000)),
    gps_tax_rate => program.gps_tax_rate,
    installation_from_equity => program.installation_from_equity,
    installation_financed => program.installation_financed,
    installation_in_first_payment => program.installation_in_first_payment,
    margin_cost => program.margin_cost,
    margin_service_fee => program.margin_service_fee,
    margin_opening_fee => program.margin_opening_fee,
    margin_protection => program.margin_protection,
    kind => program.kind,
    residual_rate => 0::numeric,
    acquisition_fee => program.acquisition_fee,
    end_fee => program.end_fee,
    lease_tax => program.lease_tax,
    payments_in_advance => program.payments_in_advance,
    payment_frequency => program.payment_frequency,
    first_payment_days => program.first_payment_days,
    max_change => program.max_change,
    max_component => program.max_component,
    max_financed => program.max_financed,
    min_payment => program.min_payment,
    max_payment_to_income => program.max_payment_to_income,
    change_digits => program.change_digits,
    minor_digits => tradeup.currency_digits(program.currency),
    rounding => program.rounding,
    tiers => program.tiers,
    min_price => program.min_price,
    max_price => program.max_price,
    max_loan_to_value => profile.max_loan_to_value);
COMMENT ON FUNCTION tradeup_internal.deal_of(tradeup.program, tradeup.program_profile, tradeup.program_region,
                                             tradeup.any_json) IS
    'The deal that a program''s row and one of its profiles make in one of its regions (null: elsewhere) under what-if '
    'overrides, before it is any customer''s: of one month, without equity and interest; deal_for puts in the customer, the rate '
    'and the term';

-- In PL/pgSQL, whose plan is kept, so that queries of programs without regions neither plan nor open the table.
CREATE FUNCTION tradeup_internal.region_of_program(program text, version integer, region text)
RETURNS tradeup.program_region
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 50 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT r FROM tradeup.program_region r
            WHERE r.program = region_of_program.program AND r.version = region_of_program.version
              AND r.region = region_of_program.region);
END
$$;
COMMENT ON FUNCTION tradeup_internal.region_of_program(text, integer, text) IS
    'The row of a region of a program; null where the program does not know it';

CREATE FUNCTION tradeup_internal.program_deals(program text, version integer, region text,
                                                          overrides tradeup.any_json)
RETURNS TABLE (program text, version integer, profile text, region text, requires_dearer boolean, currency text,
               min_year integer, max_kilometers integer, makes text[], annual_rate numeric, max_adjusted_rate numeric,
               deal tradeup.deal)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 26
BEGIN ATOMIC
    SELECT p.name, p.version, f.profile, (r.r).region, p.requires_dearer, p.currency,
           tradeup_internal.oldest_year(p.min_year, p.max_age), p.max_kilometers, p.makes,
           tradeup_internal.overridden(program_deals.overrides, 'annual_rate'::text, f.annual_rate, p.max_annual_rate),
           p.max_adjusted_rate, tradeup_internal.deal_of(p, f, r.r, program_deals.overrides)
    FROM tradeup.program p, tradeup.program_profile f,
         LATERAL (SELECT CASE WHEN p.region_count > 0
                              THEN tradeup_internal.region_of_program(p.name, p.version, program_deals.region) END AS r
                  OFFSET 0) r
    WHERE p.name = program_deals.program AND p.version = program_deals.version AND p.published_at IS NOT NULL
      AND f.program = program_deals.program AND f.version = program_deals.version;
END;
COMMENT ON FUNCTION tradeup_internal.program_deals(text, integer, text, tradeup.any_json) IS
    'Each profile of a published version of a program for customers of a region, under what-if overrides: the deal into which '
    'deal_for puts a customer, the rate that program_terms adjusts, and which vehicles are financed; region is null where the '
    'program does not know it';

CREATE FUNCTION tradeup_internal.program_regions(program text, version integer) RETURNS TABLE (region text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 2
BEGIN ATOMIC
    SELECT NULL::text
    UNION ALL
    SELECT r.region FROM tradeup.program p, tradeup.program_region r
    WHERE p.name = program_regions.program AND p.version = program_regions.version AND p.region_count > 0
      AND r.program = p.name AND r.version = p.version;
END;
COMMENT ON FUNCTION tradeup_internal.program_regions(text, integer) IS
    'The regions that a version of a program knows, and null for all others';

CREATE FUNCTION tradeup_internal.versions_with_regions() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
RETURN (SELECT coalesce(jsonb_object_agg(p.name, p.version), '{}') FROM tradeup.current_program p WHERE p.region_count > 0);
COMMENT ON FUNCTION tradeup_internal.versions_with_regions() IS
    'The current versions of programs that have regions, by name: where the region of a customer is to be looked up';

-- With its adjustment a term's rate may be above 1, unless the program limits it.
CREATE FUNCTION tradeup_internal.program_terms(program text, version integer, annual_rate numeric,
                                                          max_adjusted_rate numeric, overrides tradeup.any_json)
RETURNS TABLE (term integer, annual_rate numeric, residual_rate numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 6
BEGIN ATOMIC
    SELECT t.term, r.annual_rate, t.residual_rate
    FROM tradeup.program_term t,
         LATERAL (SELECT program_terms.annual_rate + t.rate_adjustment AS annual_rate) r
    WHERE t.program = program_terms.program AND t.version = program_terms.version
      AND tradeup_internal.term_wanted(program_terms.overrides, t.term)
      AND (program_terms.max_adjusted_rate IS NULL OR r.annual_rate <= program_terms.max_adjusted_rate);
END;
COMMENT ON FUNCTION tradeup_internal.program_terms(text, integer, numeric, numeric, tradeup.any_json) IS
    'The terms of a version of a program that what-if overrides leave in, each with a profile''s rate and its own adjustment, '
    'and the residual share; without terms whose rate is then above the highest allowed';
-- Customers and vehicles, and the shape of a deal and of an offer between them.

CREATE TABLE tradeup.customer (
    customer_id text NOT NULL,
    risk_profile text NOT NULL,
    equity numeric NOT NULL DEFAULT 0,
    current_payment numeric,
    current_price numeric,
    current_make text,
    current_model text,
    current_year integer,
    current_kilometers integer,
    region text,
    program text,
    trade_value numeric,
    payoff numeric,
    bonus numeric NOT NULL DEFAULT 0,
    income numeric,
    CONSTRAINT customer_is_identified PRIMARY KEY (customer_id),
    CONSTRAINT customer_id_is_not_empty CHECK (btrim(customer_id, E' \t\r\n') <> ''),
    CONSTRAINT equity_is_an_amount CHECK (equity BETWEEN -1000000000000 AND 1000000000000),
    CONSTRAINT current_payment_is_positive CHECK (current_payment BETWEEN 0.0001 AND 1000000000000),
    CONSTRAINT current_price_is_an_amount CHECK (current_price BETWEEN 0 AND 1000000000000),
    CONSTRAINT trade_value_and_payoff_are_amounts CHECK (
        trade_value BETWEEN 0 AND 1000000000000 AND payoff BETWEEN 0 AND 1000000000000),
    CONSTRAINT bonus_is_an_amount CHECK (bonus BETWEEN 0 AND 1000000000000),
    CONSTRAINT income_is_an_amount CHECK (income BETWEEN 0 AND 1000000000000),
    CONSTRAINT equity_is_the_trade_value_less_the_payoff CHECK (equity = trade_value - payoff),
    CONSTRAINT amounts_have_at_most_12_decimals CHECK (
        trade_value = round(trade_value, 12) AND payoff = round(payoff, 12) AND bonus = round(bonus, 12)
        AND income = round(income, 12) AND equity = round(equity, 12)
        AND current_payment = round(current_payment, 12) AND current_price = round(current_price, 12)),
    CONSTRAINT amounts_have_at_most_18_digits CHECK (
        trade_value * power(10::numeric, scale(trim_scale(trade_value))) < 1000000000000000000
        AND bonus * power(10::numeric, scale(trim_scale(bonus))) < 1000000000000000000
        AND income * power(10::numeric, scale(trim_scale(income))) < 1000000000000000000
        AND abs(equity) * power(10::numeric, scale(trim_scale(equity))) < 1000000000000000000
        AND current_payment * power(10::numeric, scale(trim_scale(current_payment))) < 1000000000000000000
        AND current_price * power(10::numeric, scale(trim_scale(current_price))) < 1000000000000000000),
    CONSTRAINT current_year_is_1886_to_2200 CHECK (current_year BETWEEN 1886 AND 2200),
    CONSTRAINT current_kilometers_are_not_negative CHECK (current_kilometers >= 0)
);

COMMENT ON TABLE tradeup.customer IS 'Customers with the vehicle that they drive and pay now';
COMMENT ON COLUMN tradeup.customer.customer_id IS 'Identifier, yours';
COMMENT ON COLUMN tradeup.customer.risk_profile IS 'Risk profile, one of those of the program';
COMMENT ON COLUMN tradeup.customer.equity IS
    'What the current vehicle is worth less what is owed on it; may be negative; of trade_value and payoff, if both are given';
COMMENT ON COLUMN tradeup.customer.current_payment IS
    'Monthly payment now; null: unknown, so offers have no payment change and no tier';
COMMENT ON COLUMN tradeup.customer.current_price IS 'Price of the current vehicle; null: unknown, so no offer has to be dearer';
COMMENT ON COLUMN tradeup.customer.current_make IS 'Make of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_model IS 'Model of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_year IS 'Model year of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_kilometers IS 'Kilometres of the current vehicle; 0 or null: unknown';
COMMENT ON COLUMN tradeup.customer.region IS
    'Region of the customer, by which programs may have a sales tax and a document fee of their own; null: none of theirs';
COMMENT ON COLUMN tradeup.customer.program IS 'Finance program of this customer; null: the default one';
COMMENT ON COLUMN tradeup.customer.trade_value IS
    'What the dealer allows for the current vehicle, 0 where there is none; null: only the equity is known';
COMMENT ON COLUMN tradeup.customer.payoff IS 'What is owed on the current vehicle; null: only the equity is known';
COMMENT ON COLUMN tradeup.customer.bonus IS
    'Rebate of this customer''s own, as for loyalty or conquest, after tax; it adds to the bonus of the program';
COMMENT ON COLUMN tradeup.customer.income IS 'Income in a month; null: unknown, so no payment is too large a share of it';

CREATE TABLE tradeup.vehicle (
    vehicle_id text COLLATE "C" NOT NULL,
    make text,
    model text,
    body text,
    year integer,
    kilometers integer,
    color text,
    fuel text,
    transmission text,
    vin text,
    region text,
    dealer text,
    currency text NOT NULL DEFAULT tradeup_internal.default_currency(),
    regular_price numeric NOT NULL,
    promotion_price numeric,
    rebate numeric,
    price numeric GENERATED ALWAYS AS (tradeup_internal.effective_price(regular_price, promotion_price, rebate, currency)) STORED,
    price_minor bigint GENERATED ALWAYS AS (tradeup_internal.price_minor(regular_price, promotion_price, rebate,
                                                                         currency)) STORED,
    cost numeric,
    status text NOT NULL DEFAULT 'available',
    listed_on date DEFAULT (now() AT TIME ZONE 'UTC')::date,
    sold_on date,
    CONSTRAINT vehicle_is_identified PRIMARY KEY (vehicle_id),
    CONSTRAINT vehicle_id_is_not_empty CHECK (btrim(vehicle_id, E' \t\r\n') <> ''),
    CONSTRAINT regular_price_is_an_amount CHECK (regular_price > 0 AND regular_price <= 1000000000000),
    CONSTRAINT promotion_price_is_an_amount CHECK (promotion_price > 0 AND promotion_price <= 1000000000000),
    CONSTRAINT rebate_is_less_than_the_price CHECK (rebate >= 0 AND price_minor > 0),
    CONSTRAINT currency_is_known CHECK (tradeup.currency_digits(currency) IS NOT NULL),
    CONSTRAINT vehicle_is_priced_in_whole_minor_units CHECK (price_minor IS NOT NULL),
    CONSTRAINT cost_is_an_amount CHECK (cost BETWEEN 0 AND 1000000000000),
    CONSTRAINT cost_is_in_whole_minor_units CHECK (cost = round(cost, tradeup.currency_digits(currency))),
    CONSTRAINT year_is_1886_to_2200 CHECK (year BETWEEN 1886 AND 2200),
    CONSTRAINT kilometers_are_not_negative CHECK (kilometers >= 0),
    CONSTRAINT vin_is_not_empty CHECK (vin <> '' AND vin = btrim(vin, E' \t\r\n')),
    CONSTRAINT status_is_known CHECK (status IN ('available', 'reserved', 'sold', 'withdrawn'))
);

COMMENT ON TABLE tradeup.vehicle IS 'The inventory; offers are made of its available vehicles';
COMMENT ON COLUMN tradeup.vehicle.vehicle_id IS 'Identifier, yours; equal prices are ordered by it, byte by byte';
COMMENT ON COLUMN tradeup.vehicle.make IS 'Make';
COMMENT ON COLUMN tradeup.vehicle.model IS 'Model';
COMMENT ON COLUMN tradeup.vehicle.body IS 'Body class';
COMMENT ON COLUMN tradeup.vehicle.year IS 'Model year';
COMMENT ON COLUMN tradeup.vehicle.kilometers IS 'Kilometres driven';
COMMENT ON COLUMN tradeup.vehicle.color IS 'Colour';
COMMENT ON COLUMN tradeup.vehicle.fuel IS 'What it is driven by: petrol, diesel, hybrid, electric, in words of yours';
COMMENT ON COLUMN tradeup.vehicle.transmission IS 'Transmission: manual, automatic, in words of yours';
COMMENT ON COLUMN tradeup.vehicle.vin IS
    'Vehicle identification number, or the number of the chassis; of the vehicles that are available or reserved no two have the '
    'same; null: unknown';
COMMENT ON COLUMN tradeup.vehicle.region IS 'Region where the vehicle stands';
COMMENT ON COLUMN tradeup.vehicle.dealer IS 'Dealer that has the vehicle';
COMMENT ON COLUMN tradeup.vehicle.regular_price IS 'Price without promotion';
COMMENT ON COLUMN tradeup.vehicle.promotion_price IS 'Price of a promotion; null: none';
COMMENT ON COLUMN tradeup.vehicle.currency IS
    'ISO 4217 code of the currency of its prices, by default that of the default program; only programs in it make offers';
COMMENT ON COLUMN tradeup.vehicle.rebate IS
    'Cash of the manufacturer on this vehicle, before tax, which lowers its price; null: none';
COMMENT ON COLUMN tradeup.vehicle.price IS
    'Effective price: the promotion price when there is one and it is lower, otherwise the regular one, less the rebate';
COMMENT ON COLUMN tradeup.vehicle.price_minor IS
    'The effective price in minor units of the currency (cents); what offers and searches look for';
COMMENT ON COLUMN tradeup.vehicle.cost IS
    'What the dealer paid for it, with what was spent on it since; offers show the price less it as gross; null: unknown';
COMMENT ON COLUMN tradeup.vehicle.status IS 'available, reserved, sold or withdrawn';
COMMENT ON COLUMN tradeup.vehicle.listed_on IS
    'Day on which it came into the inventory, in UTC, by default that of its loading; null: unknown';
COMMENT ON COLUMN tradeup.vehicle.sold_on IS 'Day on which it was sold; null: not sold, or unknown';

-- The index that every offer reads: ranges of prices, forward or backward, ties in a fixed order. It carries what programs
-- and searches ask of vehicles, so that only the vehicles that are shown are looked up in the table.
CREATE INDEX vehicle_available_by_price ON tradeup.vehicle (currency, price_minor, vehicle_id)
    INCLUDE (make, body, region, dealer, year, kilometers)
    WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_price IS 'Available vehicles by currency and price, for offers';
-- Vehicles from before 1981, and from some countries to this day, have numbers of another form than the 17 characters of
-- ISO 3779, so only what is the same twice is refused; and one that was sold may come back as a trade-in. Without the nulls, so
-- that an inventory without these numbers pays nothing.
CREATE UNIQUE INDEX vehicle_in_stock_by_vin ON tradeup.vehicle (vin)
    WHERE vin IS NOT NULL AND status IN ('available', 'reserved');
COMMENT ON INDEX tradeup.vehicle_in_stock_by_vin IS
    'Vehicles that are available or reserved by identification number, each once';
CREATE INDEX customer_by_program_and_profile ON tradeup.customer (program, risk_profile);
COMMENT ON INDEX tradeup.customer_by_program_and_profile IS 'Customers by program and risk profile, for portfolios';

CREATE TYPE tradeup.customer_deal AS (
    customer_id text,
    program text,
    version integer,
    profile text,
    term integer,
    annual_rate numeric,
    current_payment numeric,
    deal tradeup.deal,
    min_year integer,
    max_kilometers integer,
    makes text[],
    currency text
);
COMMENT ON TYPE tradeup.customer_deal IS
    'The deal of a customer for one term of a program, and which vehicles the program finances: those from a model year, with '
    'kilometres up to, of makes (null: any), priced in its currency';

CREATE TYPE tradeup.offer AS (
    customer_id text,
    program text,
    version integer,
    profile text,
    term integer,
    annual_rate numeric,
    vehicle_id text COLLATE "C",
    make text,
    model text,
    body text,
    year integer,
    kilometers integer,
    color text,
    region text,
    dealer text,
    currency text,
    price_before_rebate numeric,
    price numeric,
    price_minor bigint,
    tier text,
    tier_rank integer,
    current_payment numeric,
    payment numeric,
    payment_frequency text,
    monthly_payment numeric,
    payment_change numeric,
    loan_amount numeric,
    effective_equity numeric,
    service_fee numeric,
    opening_fee numeric,
    margin numeric,
    gross numeric
);
COMMENT ON TYPE tradeup.offer IS
    'One vehicle for one customer at one term, with all its amounts, in the currency of vehicle and program; gross is its price '
    'less its cost, null where the cost is not known';
-- What keeps the figures of customers together.

-- The default of the equity cannot be told from an equity of 0 that somebody wrote: both give way to the other two.
CREATE FUNCTION tradeup_internal.set_equity() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    right_one CONSTANT numeric := NEW.trade_value - NEW.payoff;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.equity IS DISTINCT FROM 0::numeric AND NEW.equity <> right_one
       OR TG_OP = 'UPDATE' AND NEW.equity IS DISTINCT FROM OLD.equity AND NEW.equity <> right_one THEN
        RAISE EXCEPTION 'equity is not the trade value less the payoff'
            USING ERRCODE = 'check_violation',
                  DETAIL = format('Equity is %s, trade value %s, payoff %s.', NEW.equity, NEW.trade_value, NEW.payoff),
                  HINT = 'Leave the equity out, or give it alone.';
    END IF;
    NEW.equity := right_one;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_internal.set_equity() IS
    'Trigger that sets the equity of a customer whose trade value and payoff are both known';

CREATE TRIGGER set_equity BEFORE INSERT OR UPDATE ON tradeup.customer
    FOR EACH ROW WHEN (NEW.trade_value IS NOT NULL AND NEW.payoff IS NOT NULL)
    EXECUTE FUNCTION tradeup_internal.set_equity();
-- One inventory in many tables: those that inherit from tradeup.vehicle, local and foreign. Whatever reads the inventory reads
-- all of them.

-- Children that are leaving are no children any more, and temporary ones of other sessions hold rows that nobody else sees.
CREATE FUNCTION tradeup_internal.children_of(parent regclass, OUT child regclass, OUT is_foreign boolean)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 ROWS 10
BEGIN ATOMIC
    SELECT c.oid::regclass, c.relkind = 'f'
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = children_of.parent AND NOT i.inhdetachpending AND NOT pg_is_other_temp_schema(c.relnamespace)
    ORDER BY c.oid;
END;
COMMENT ON FUNCTION tradeup_internal.children_of(regclass) IS
    'The partitions of a table, or the tables that inherit from it, without those further below, and whether they are foreign';

CREATE FUNCTION tradeup_internal.vehicle_tables(OUT relation regclass, OUT is_foreign boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 200 ROWS 10
BEGIN ATOMIC
    WITH RECURSIVE x AS (
        SELECT 'tradeup.vehicle'::regclass AS relation, false AS is_foreign
        UNION
        SELECT c.child, c.is_foreign FROM x CROSS JOIN LATERAL tradeup_internal.children_of(x.relation) c
    )
    SELECT x.relation, x.is_foreign FROM x;
END;
COMMENT ON FUNCTION tradeup_internal.vehicle_tables() IS
    'The tables of the inventory: tradeup.vehicle and all that inherit from it, and whether they are foreign';

-- Indexes of two tables are alike when what follows their name and table is the same.
CREATE FUNCTION tradeup_internal.index_definition(index_name regclass) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
RETURN (SELECT substr(pg_get_indexdef(i.indexrelid),
                      length(format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, x.relname,
                                    n.nspname, t.relname)) + 1)
        FROM pg_index i
        JOIN pg_class x ON x.oid = i.indexrelid
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE i.indexrelid = index_definition.index_name);
COMMENT ON FUNCTION tradeup_internal.index_definition(regclass) IS
    'Method, columns and condition of an index, without its name and table';

CREATE FUNCTION tradeup_internal.indexes_lacking(child regclass, OUT like_index text, OUT state text, OUT remedy text)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    SELECT x.relname::text, CASE WHEN o.index_name IS NULL THEN 'missing' ELSE 'invalid' END,
           CASE WHEN o.index_name IS NOT NULL THEN format('REINDEX INDEX %s;', o.index_name)
                WHEN i.indisprimary THEN format('ALTER TABLE %s ADD PRIMARY KEY (vehicle_id);', indexes_lacking.child)
                ELSE format('CREATE %sINDEX ON %s %s;', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END,
                            indexes_lacking.child, tradeup_internal.index_definition(i.indexrelid::regclass)) END
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    LEFT JOIN LATERAL (
        SELECT c.indexrelid::regclass AS index_name, c.indisvalid AND c.indisready AND c.indislive AS serves
        FROM pg_index c
        WHERE c.indrelid = indexes_lacking.child AND c.indisunique >= i.indisunique
          AND tradeup_internal.index_definition(c.indexrelid::regclass)
              = tradeup_internal.index_definition(i.indexrelid::regclass)
        ORDER BY 2 DESC, 1 LIMIT 1) o ON true
    WHERE i.indrelid = 'tradeup.vehicle'::regclass AND i.indisvalid AND o.serves IS NOT TRUE
    ORDER BY i.indisprimary DESC, x.relname;
END;
COMMENT ON FUNCTION tradeup_internal.indexes_lacking(regclass) IS
    'The indexes of tradeup.vehicle that a local table below it lacks or has invalid, and the statements that make them';

-- Of a large table that was analyzed, those that follow one of the identifiers in its statistics. The comparison is one that its
-- server can make.
CREATE FUNCTION tradeup_internal.some_of_foreign(relation regclass, columns text, most integer) RETURNS text
LANGUAGE sql VOLATILE STRICT COST 1000
RETURN format('SELECT %s FROM ONLY %s v WHERE v.vehicle_id >= %L ORDER BY v.vehicle_id LIMIT %s', columns, relation,
              coalesce((SELECT b.id
                        FROM pg_stats s
                        JOIN pg_class c ON c.oid = some_of_foreign.relation AND c.relname = s.tablename
                        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = s.schemaname,
                        LATERAL unnest(s.histogram_bounds::text::text[]) b (id)
                        WHERE c.reltuples > some_of_foreign.most AND s.attname = 'vehicle_id' AND NOT s.inherited
                        ORDER BY random() LIMIT 1), ''), most);
COMMENT ON FUNCTION tradeup_internal.some_of_foreign(regclass, text, integer) IS
    'The query for columns of some vehicles v of a foreign table';

CREATE FUNCTION tradeup_internal.wrong_prices(foreign_child regclass, most integer, OUT looked_at bigint,
                                                         OUT wrong bigint, OUT example text)
LANGUAGE plpgsql VOLATILE STRICT COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE x.is_wrong), min(x.vehicle_id) FILTER (WHERE x.is_wrong) '
                   'FROM (SELECT v.vehicle_id, v.price_minor IS NULL OR v.price IS NULL OR v.price_minor <> '
                   'tradeup_internal.price_minor(v.regular_price, v.promotion_price, v.rebate, v.currency) OR v.price <> '
                   'tradeup_internal.effective_price(v.regular_price, v.promotion_price, v.rebate, v.currency) AS is_wrong '
                   'FROM (%s) v) x', tradeup_internal.some_of_foreign(foreign_child, '*'::text, most))
    INTO looked_at, wrong, example;
END
$$;
COMMENT ON FUNCTION tradeup_internal.wrong_prices(regclass, integer) IS
    'Of some vehicles of a foreign table, those whose price or price_minor, which is read and not computed, is not what its '
    'regular price, promotion and rebate say';

-- CREATE TABLE takes no parameters, hence statements from strings. The table is made here, because one that is there already
-- cannot inherit the computed columns.
CREATE FUNCTION tradeup_internal.steps_of_add_vehicle_child(child text, server name, options tradeup.any_json)
RETURNS regclass
LANGUAGE plpgsql COST 100000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    names text[] := parse_ident(child);
    given text;
    made regclass;
    statement text;
    found record;
    watching CONSTANT oid := 'tradeup_internal.notify_offer_changes()'::regprocedure;
BEGIN
    IF child IS NULL THEN
        RAISE EXCEPTION 'child must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF cardinality(names) <> 2 THEN
        RAISE EXCEPTION 'child must be named with its schema'
            USING ERRCODE = 'invalid_name', DETAIL = format('It is named "%s".', tradeup_internal.shown(child)),
                  HINT = 'Write schema.table, each in double quotes where SQL needs them.';
    ELSIF names[1] IN ('tradeup', 'tradeup_bi', 'tradeup_internal') THEN
        RAISE EXCEPTION 'schema "%" holds the objects of the extension alone', names[1]
            USING ERRCODE = 'invalid_schema_name', HINT = 'Make the table in a schema of yours.';
    ELSIF options IS NOT NULL AND server IS NULL THEN
        RAISE EXCEPTION 'options are those of a foreign table, and no server is named'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION 'options must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('They are %s.',
            tradeup_internal.json_shown(options::jsonb)),
                  HINT = 'Its keys are options of the foreign table, such as schema_name and table_name.';
    ELSIF server IS NOT NULL AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'tradeup.vehicle'::regclass
                                                                   AND t.tgfoid = watching AND NOT t.tgisinternal) THEN
        RAISE EXCEPTION 'tradeup.vehicle is watched, and a foreign table below it cannot be'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Statements on tradeup.vehicle that change its rows would fail.',
                  HINT = 'Call unwatch_inventory first, and watch the inventory of each server on that server.';
    END IF;
    IF server IS NULL THEN
        EXECUTE format('CREATE TABLE %I.%I () INHERITS (tradeup.vehicle)', names[1], names[2]);
        made := format('%I.%I', names[1], names[2])::regclass;
        FOR statement IN SELECT l.remedy FROM tradeup_internal.indexes_lacking(made) l LOOP
            EXECUTE statement;
        END LOOP;
        /* A statement fires the triggers of the table that it names alone. */
        FOR statement IN SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
                         WHERE t.tgrelid = 'tradeup.vehicle'::regclass AND t.tgfoid = watching AND NOT t.tgisinternal LOOP
            EXECUTE overlay(statement PLACING format(' ON %s ', made) FROM position(' ON tradeup.vehicle ' IN statement)
                            FOR length(' ON tradeup.vehicle '));
        END LOOP;
        RETURN made;
    END IF;
    IF EXISTS (SELECT FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
               WHERE s.srvname = server AND w.fdwname = 'postgres_fdw') THEN
        options := '{"schema_name": "tradeup", "table_name": "vehicle"}'::jsonb || coalesce(options, '{}');
    END IF;
    SELECT string_agg(format('%I %L', o.key, o.value), ', ' ORDER BY o.key COLLATE "C") INTO given
    FROM jsonb_each_text(options) o;
    EXECUTE format('CREATE FOREIGN TABLE %I.%I () INHERITS (tradeup.vehicle) SERVER %I%s', names[1], names[2], server,
                   ' OPTIONS (' || given || ')');
    made := format('%I.%I', names[1], names[2])::regclass;
    /* Without statistics no bounds are sent to the server. */
    EXECUTE format('ANALYZE %s', made);
    SELECT p.* INTO found FROM tradeup_internal.wrong_prices(made, 1000) p;
    IF found.wrong > 0 THEN
        RAISE EXCEPTION 'prices of foreign table % are not what offers need', made
            USING ERRCODE = 'data_exception',
                  DETAIL = format('Of vehicle "%s", price and price_minor are not its effective price.',
                                  tradeup_internal.shown(found.example)),
                  HINT = 'Let the table on the server be tradeup.vehicle, whose price and price_minor are computed.';
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_add_vehicle_child(text, name, tradeup.any_json) IS
    'The steps of add_vehicle_child';

CREATE FUNCTION tradeup.add_vehicle_child(child text, server name DEFAULT NULL,
                                                     options tradeup.any_json DEFAULT NULL::jsonb)
RETURNS regclass
LANGUAGE c COST 100000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.add_vehicle_child(text, name, tradeup.any_json) IS
    'Makes a table below tradeup.vehicle whose vehicles belong to the inventory: a local one with all its indexes, or a foreign '
    'one on a server, whose options default to the inventory of that server';
-- The offers between customers and vehicles.

CREATE FUNCTION tradeup.refusal(deal tradeup.deal, price tradeup.any_number, OUT rule text, OUT required numeric,
                                           OUT actual numeric, OUT short_by numeric, OUT explanation text) RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.refusal(tradeup.deal, tradeup.any_number) IS
    'Why no offer exists at this price: the first rule that fails, what it requires, what there is, the difference, and all '
    'of it in a sentence; null when an offer exists';

-- A customer who is not known, or whose program has no valid version, has no deals. Where one customer is asked for, that is an
-- error; where many are, as in FROM customer c, LATERAL deals(c.customer_id), the others must get their answer. The same holds
-- for a program that is named.
CREATE FUNCTION tradeup.deals(customer_id text, program text DEFAULT NULL,
                                         overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.customer_deal
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 6 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    SELECT c.customer_id, p.program, p.version, p.profile, t.term, t.annual_rate, c.current_payment,
           tradeup.deal_for(p.deal, t.annual_rate, t.term, c.equity, c.current_payment,
                            CASE WHEN p.requires_dearer THEN c.current_price END, c.trade_value, c.bonus, c.income,
                            t.residual_rate),
           p.min_year, p.max_kilometers, p.makes, p.currency
    FROM (SELECT x.customer_id, x.risk_profile, x.region, x.equity, x.current_payment, x.current_price, x.trade_value, x.bonus,
                 x.income, p.name AS program, p.version
          FROM (SELECT deals.customer_id AS requested) q
          LEFT JOIN tradeup.customer x ON x.customer_id = q.requested
          LEFT JOIN (SELECT y.name, y.version FROM tradeup.current_program y) p
                 ON p.name = coalesce(deals.program, x.program, (SELECT d.program FROM tradeup.program_default d))
          WHERE tradeup_internal.require_known('customer'::text, deals.customer_id, x.customer_id,
                                               tradeup_internal.asked_for_one(deals.customer_id))
            AND CASE WHEN deals.program IS NOT NULL
                     THEN tradeup_internal.require_known('program'::text, deals.program, p.name,
                                                         tradeup_internal.asked_for_one(deals.program))
                     ELSE tradeup_internal.require_known('program'::text,
                                                         coalesce(x.program, (SELECT d.program FROM tradeup.program_default d)),
                                                         p.name, tradeup_internal.asked_for_one(deals.customer_id)) END
            AND tradeup_internal.require_overrides(deals.overrides)
            AND tradeup_internal.require_undistributed()
          OFFSET 0) c,
         LATERAL (SELECT x.* FROM tradeup_internal.program_deals(c.program, c.version, c.region, deals.overrides) x
                  WHERE x.profile = c.risk_profile OFFSET 0) p,
         LATERAL tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate, deals.overrides) t
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup.deals(text, text, tradeup.any_json) IS
    'The deals of a customer, one for each term of the program: the one named, or the customer''s own, or the default';

-- The settings: a generic plan is made once a session, and JIT would take longer than the query. The customer is a parameter, and
-- not a column: so one who is not known is an error here too.
CREATE FUNCTION tradeup_internal.kept_deals(customer_id text, program text, overrides tradeup.any_json)
RETURNS SETOF tradeup.customer_deal
LANGUAGE c STABLE PARALLEL SAFE COST 1000 ROWS 6 SET search_path = pg_catalog, pg_temp
SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_deals(text, text, tradeup.any_json) IS 'deals, by a plan that the session keeps';

CREATE FUNCTION tradeup_internal.priced(deal tradeup.customer_deal, vehicle tradeup.vehicle, tier text,
                                                   tier_rank integer)
RETURNS SETOF tradeup.offer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT (priced.deal).customer_id, (priced.deal).program, (priced.deal).version, (priced.deal).profile,
           (priced.deal).term, (priced.deal).annual_rate,
           (priced.vehicle).vehicle_id, (priced.vehicle).make, (priced.vehicle).model, (priced.vehicle).body,
           (priced.vehicle).year, (priced.vehicle).kilometers, (priced.vehicle).color, (priced.vehicle).region,
           (priced.vehicle).dealer, (priced.vehicle).currency,
           (priced.vehicle).price + coalesce((priced.vehicle).rebate, 0::numeric), (priced.vehicle).price,
           (priced.vehicle).price_minor, priced.tier, priced.tier_rank, (priced.deal).current_payment,
           tradeup_internal.payment_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup.payment_frequency((priced.deal).deal),
           tradeup_internal.monthly_payment_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.payment_change_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.loan_amount_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.effective_equity_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.service_fee_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.opening_fee_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.margin_minor((priced.deal).deal, (priced.vehicle).price_minor),
           round((priced.vehicle).price - (priced.vehicle).cost, scale((priced.vehicle).price));
END;
COMMENT ON FUNCTION tradeup_internal.priced(tradeup.customer_deal, tradeup.vehicle, text, integer) IS
    'The offer that a deal makes of a vehicle; whether it exists is the caller''s business';

-- A vehicle whose year, kilometres or make is not known is not financed where they matter. (As a CASE, because the planner would
-- assume of three conditions that they leave one row in thirty; and with IS NOT NULL, because coalesce would not be sent to the
-- server of a foreign table.)
CREATE FUNCTION tradeup_internal.finances(min_year integer, max_kilometers integer, makes text[], year integer,
                                                     kilometers integer, make text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN min_year IS NULL AND max_kilometers IS NULL AND makes IS NULL THEN true
    ELSE (min_year IS NULL OR (year IS NOT NULL AND year >= min_year))
         AND (max_kilometers IS NULL OR (kilometers IS NOT NULL AND kilometers <= max_kilometers))
         AND (makes IS NULL OR (make IS NOT NULL AND make = ANY (makes)))
END;
COMMENT ON FUNCTION tradeup_internal.finances(integer, integer, text[], integer, integer, text) IS
    'Whether a program with these restrictions (null: none) finances a vehicle of this year, kilometres and make';

-- The bounds are plain columns of bigint: only so do they stay conditions of the index, also behind a policy of row-level
-- security.
-- The second branch is empty and reads no table, so that it drops out of the plan, also behind a policy. It makes the vehicles a
-- query of their own, for which the bounds are parameters: so they reach the server of a foreign table, and no hash join can
-- read the whole inventory.
-- The columns are those of priced. They are written out, and no others are read, because the body is read and planned with each
-- query: by priced, planning takes half as long again.
CREATE FUNCTION tradeup.offers(customer_id text, program text DEFAULT NULL,
                                          overrides tradeup.any_json DEFAULT NULL::jsonb,
                                          price_from tradeup.any_number DEFAULT NULL::numeric,
                                          price_to tradeup.any_number DEFAULT NULL::numeric)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1000
BEGIN ATOMIC
    SELECT d.customer_id, d.program, d.version, d.profile, d.term, d.annual_rate, v.vehicle_id, v.make, v.model, v.body, v.year,
           v.kilometers, v.color, v.region, v.dealer, v.currency, v.price + coalesce(v.rebate, 0::numeric), v.price,
           v.price_minor, w.tier, w.rank, d.current_payment, tradeup_internal.payment_minor(d.deal, v.price_minor),
           tradeup.payment_frequency(d.deal), tradeup_internal.monthly_payment_minor(d.deal, v.price_minor),
           tradeup_internal.payment_change_minor(d.deal, v.price_minor),
           tradeup_internal.loan_amount_minor(d.deal, v.price_minor),
           tradeup_internal.effective_equity_minor(d.deal, v.price_minor),
           tradeup_internal.service_fee_minor(d.deal, v.price_minor), tradeup_internal.opening_fee_minor(d.deal, v.price_minor),
           tradeup_internal.margin_minor(d.deal, v.price_minor), round(v.price - v.cost, scale(v.price))
    FROM tradeup.deals(offers.customer_id, offers.program, offers.overrides) d,
    LATERAL tradeup_internal.windows_within(d.deal, offers.price_from, offers.price_to, d.currency) w,
    LATERAL (SELECT v.vehicle_id, v.make, v.model, v.body, v.year, v.kilometers, v.color, v.region, v.dealer, v.currency,
                    v.price, v.price_minor, v.rebate, v.cost
             FROM tradeup.vehicle v
             WHERE v.currency = w.currency AND v.price_minor >= w.lowest_minor AND v.price_minor <= w.highest_minor
               AND v.status = 'available'
               AND tradeup_internal.finances(d.min_year, d.max_kilometers, d.makes, v.year, v.kilometers, v.make)
             UNION ALL
             SELECT NULL::text, NULL::text, NULL::text, NULL::text, NULL::integer, NULL::integer, NULL::text, NULL::text,
                    NULL::text, NULL::text, NULL::numeric, NULL::bigint, NULL::numeric, NULL::numeric
             WHERE false) v;
END;
COMMENT ON FUNCTION tradeup.offers(text, text, tradeup.any_json, tradeup.any_number, tradeup.any_number) IS
    'Every offer for a customer, available vehicles times terms, within a range of prices (null: any); tier is null where the '
    'payment change is in no tier';

-- Vehicles counted once, whatever the number of deals: each falls between two edges of the deals' windows, and the tiers are
-- told of the counts. The state is what is returned, an array of a common type, so that parts of an inventory can be counted
-- by workers, partitions and other servers and added up.
CREATE FUNCTION tradeup_internal.offer_tally_step(tally bigint[], price_minor bigint, deals tradeup.deal[])
RETURNS bigint[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offer_tally_step(bigint[], bigint, tradeup.deal[]) IS 'Step of the aggregate offer_tally';
CREATE FUNCTION tradeup_internal.offer_tally_combine(tally bigint[], added bigint[]) RETURNS bigint[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offer_tally_combine(bigint[], bigint[]) IS
    'Adds up what parts of the vehicles have of the aggregate offer_tally';
CREATE AGGREGATE tradeup.offer_tally(price_minor bigint, deals tradeup.deal[]) (
    SFUNC = tradeup_internal.offer_tally_step, STYPE = bigint[], SSPACE = 1024,
    COMBINEFUNC = tradeup_internal.offer_tally_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.offer_tally(bigint, tradeup.deal[]) IS
    'Vehicles counted by price, in minor units, between the edges of the windows of deals, nulls left out: the edges and then '
    'the counts, for offer_counts';

CREATE FUNCTION tradeup.tally_counts(tally bigint[], deals tradeup.deal[], OUT tier text, OUT rank integer,
                                                OUT offers bigint, OUT vehicles bigint)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 ROWS 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tally_counts(bigint[], tradeup.deal[]) IS
    'The offers that deals make of the vehicles of a tally (null: none), and the vehicles with such an offer, by tier; the last '
    'row, of offers in no tier, has a null tier';

CREATE FUNCTION tradeup_internal.programs_asked(programs text[], customer_id text) RETURNS TABLE (program text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 2
BEGIN ATOMIC
    SELECT DISTINCT x.program
    FROM unnest(programs_asked.programs) x (program)
    WHERE x.program IS NOT NULL
       OR NOT coalesce((SELECT coalesce(c.program, (SELECT d.program FROM tradeup.program_default d))
                               = ANY (programs_asked.programs)
                        FROM tradeup.customer c WHERE c.customer_id = programs_asked.customer_id), false);
END;
COMMENT ON FUNCTION tradeup_internal.programs_asked(text[], text) IS
    'Several programs, each once; null, for the customer''s own or the default one, only where that is not named too';

CREATE FUNCTION tradeup.program_offers(customer_id text, programs text[],
                                                  overrides tradeup.any_json DEFAULT NULL::jsonb,
                                          price_from tradeup.any_number DEFAULT NULL::numeric,
                                          price_to tradeup.any_number DEFAULT NULL::numeric)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 2000
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT x.program FROM tradeup_internal.programs_asked(program_offers.programs, program_offers.customer_id) x
          WHERE x.program IS NULL
             OR tradeup_internal.require_known('program'::text, x.program,
                                               (SELECT c.name FROM tradeup.current_program c WHERE c.name = x.program),
                                               tradeup_internal.asked_for_one(program_offers.programs[1]))) p,
    LATERAL tradeup.offers(program_offers.customer_id, p.program, program_offers.overrides, program_offers.price_from,
                           program_offers.price_to) o;
END;
COMMENT ON FUNCTION tradeup.program_offers(text, text[], tradeup.any_json, tradeup.any_number, tradeup.any_number) IS
    'Every offer for a customer by each of several programs; null among them stands for the customer''s own or the default one';

-- How offers are ranked: by the key, then by price and vehicle_id in the direction in which the price index is read, then by
-- term. Payments are ranked by those of a month. Both take single figures rather than an offer, because only then does the
-- planner inline them.
CREATE FUNCTION tradeup_internal.rank_key(rank_by text, margin numeric, price numeric, payment numeric,
                                                     current_payment numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE rank_by
    WHEN 'margin' THEN -margin
    WHEN 'price' THEN price
    WHEN 'payment' THEN payment
    ELSE abs(payment - current_payment)
END;
COMMENT ON FUNCTION tradeup_internal.rank_key(text, numeric, numeric, numeric, numeric) IS
    'The number by which an offer is ranked; the smallest is the best';

CREATE FUNCTION tradeup_internal.ranked_downward(rank_by text, payment numeric, current_payment numeric)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rank_by = 'margin' OR (rank_by = 'closeness' AND payment <= current_payment);
COMMENT ON FUNCTION tradeup_internal.ranked_downward(text, numeric, numeric) IS
    'Whether, of two offers of equal rank, the dearer vehicle comes first';

-- The best offers come from the ends of ranges of prices, so each branch reads a few entries of the price index in one
-- direction: the margin rises with the price, and so does the payment. The test of rank_by stands outside the LIMIT, so
-- that the branches not asked for drop out of the plan. The limits are sub-selects, so that the planner does not know them:
-- otherwise, where it expects few vehicles, it would rather fetch all and sort them.
-- Whether a price has a tier is worked out here: the coalesce keeps it from the server of a foreign table, which would have to
-- read the deal again for each query.
-- For closeness, `even` is the dearest price whose monthly payment is at most the current one, -1 where there is none.
CREATE FUNCTION tradeup_internal.best_vehicles(deal tradeup.deal, current_payment numeric, currency text,
                                                          lowest bigint, highest bigint, most integer, rank_by text,
                                                          min_year integer, max_kilometers integer, makes text[])
RETURNS TABLE (vehicle_id text, price_minor bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 3
BEGIN ATOMIC
    SELECT x.vehicle_id, x.price_minor
    FROM (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
          WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= best_vehicles.lowest
            AND v.price_minor <= best_vehicles.highest
            AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
            AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                          v.kilometers, v.make)
          ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT best_vehicles.most)) x
    WHERE best_vehicles.rank_by = 'margin'
    UNION ALL
    SELECT x.vehicle_id, x.price_minor
    FROM (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
          WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= best_vehicles.lowest
            AND v.price_minor <= best_vehicles.highest
            AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
            AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                          v.kilometers, v.make)
          ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT best_vehicles.most)) x
    WHERE best_vehicles.rank_by IN ('price', 'payment')
    UNION ALL
    SELECT x.vehicle_id, x.price_minor
    FROM (SELECT least(best_vehicles.highest, e.even) AS highest, greatest(best_vehicles.lowest, e.even + 1) AS lowest
          FROM (SELECT coalesce(tradeup_internal.dearest_minor(best_vehicles.deal, 'monthly_payment'::text,
                                                               best_vehicles.current_payment), -1::bigint) AS even) e
          OFFSET 0) b,
    LATERAL (
        (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
         WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= best_vehicles.lowest
           AND v.price_minor <= b.highest
           AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
           AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                         v.kilometers, v.make)
         ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT best_vehicles.most))
        UNION ALL
        (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
         WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= b.lowest
           AND v.price_minor <= best_vehicles.highest
           AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
           AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                         v.kilometers, v.make)
         ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT best_vehicles.most))) x
    WHERE best_vehicles.rank_by = 'closeness';
END;
COMMENT ON FUNCTION tradeup_internal.best_vehicles(tradeup.deal, numeric, text, bigint, bigint, integer, text, integer, integer,
                                                   text[]) IS
    'The available vehicles of a currency, with their prices in minor units, that have a tier at the best ends of a range of '
    'prices and are financed, at most so many from each end';

-- The best are chosen by what the price index holds; only they are looked up in the table, those of a tier at once: of a
-- foreign table that is one query, with the identifiers as its parameter. They are gathered by tier, so that a condition on the
-- tier of the offers still reaches the windows. What is sorted and gathered names its deal by the term. Deals and vehicles come
-- as rows of columns, because taking a row apart costs more than the arithmetic.
CREATE FUNCTION tradeup.best_offers(customer_id text, per_tier integer DEFAULT 3, program text DEFAULT NULL,
                                               overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin',
                                               tier text DEFAULT NULL)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 9 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    WITH d AS MATERIALIZED (
        SELECT d.*
        FROM tradeup.deals(best_offers.customer_id, best_offers.program, best_offers.overrides) d
        WHERE tradeup_internal.require_not_negative('per_tier'::text, best_offers.per_tier)
          AND tradeup_internal.require_one_of('rank_by'::text, best_offers.rank_by,
                                              '{margin,price,payment,closeness}'::text[])
          AND CASE WHEN best_offers.tier IS NULL OR NOT tradeup_internal.asked_for_one(best_offers.customer_id) THEN true
                   ELSE (SELECT count(*) = 0 OR tradeup_internal.require_one_of('tier'::text, best_offers.tier,
                                                                                array_agg(t.name ORDER BY t.rank))
                         FROM tradeup.program_tier t WHERE t.program = d.program AND t.version = d.version) END
    )
    SELECT o.*
    FROM (
        SELECT b.tier, b.rank, array_agg(b.vehicle_id) AS vehicle_ids, array_agg(b.place) AS places,
               array_agg(b.term) AS terms
        FROM (SELECT d.term, w.tier, w.rank, v.vehicle_id,
                     row_number() OVER (
                         PARTITION BY w.rank, w.tier
                         ORDER BY tradeup_internal.rank_key(best_offers.rank_by, k.margin, v.price_minor::numeric, k.payment,
                                                            d.current_payment),
                                  NOT k.downward, CASE WHEN k.downward THEN -v.price_minor ELSE v.price_minor END,
                                  CASE WHEN k.downward THEN v.vehicle_id END COLLATE "C" DESC, v.vehicle_id COLLATE "C",
                                  d.term) AS place
              FROM d,
              LATERAL tradeup.windows(d.deal) w,
              LATERAL tradeup_internal.best_vehicles(d.deal, d.current_payment, d.currency, w.lowest_minor, w.highest_minor,
                                                     best_offers.per_tier, best_offers.rank_by, d.min_year, d.max_kilometers,
                                                     d.makes) v,
              LATERAL (
                  SELECT tradeup_internal.margin_minor(d.deal, v.price_minor) AS margin,
                         tradeup_internal.monthly_payment_minor(d.deal, v.price_minor) AS payment,
                         tradeup_internal.ranked_downward(best_offers.rank_by,
                                                          tradeup_internal.monthly_payment_minor(d.deal, v.price_minor),
                                                          d.current_payment) AS downward) k
              WHERE w.tier IS NOT NULL AND (best_offers.tier IS NULL OR w.tier = best_offers.tier)) b
        WHERE b.place <= best_offers.per_tier
        GROUP BY b.rank, b.tier) b,
    LATERAL (
        WITH v AS MATERIALIZED (SELECT v.* FROM tradeup.vehicle v WHERE v.vehicle_id = ANY (b.vehicle_ids))
        SELECT c.place, c.term, v.*
        FROM unnest(b.vehicle_ids, b.places, b.terms) c (vehicle_id, place, term), v
        WHERE v.vehicle_id = c.vehicle_id) v,
    d,
    LATERAL tradeup_internal.priced(
        ROW(d.customer_id, d.program, d.version, d.profile, d.term, d.annual_rate, d.current_payment, d.deal, d.min_year,
            d.max_kilometers, d.makes, d.currency)::tradeup.customer_deal,
        ROW(v.vehicle_id, v.make, v.model, v.body, v.year, v.kilometers, v.color, v.fuel, v.transmission, v.vin, v.region,
            v.dealer, v.currency, v.regular_price, v.promotion_price, v.rebate, v.price, v.price_minor, v.cost, v.status,
            v.listed_on, v.sold_on)::tradeup.vehicle,
        b.tier, b.rank) o
    WHERE d.term = v.term
    ORDER BY b.rank, v.place;
END;
COMMENT ON FUNCTION tradeup.best_offers(text, integer, text, tradeup.any_json, text, text) IS
    'The best offers of each tier, or of one, for a customer, ranked by margin (highest first), price, monthly payment (lowest '
    'first) or its closeness to the current one';

-- One plan for each way of ranking, because one for all would have to set up the branches of all.
CREATE FUNCTION tradeup_internal.kept_best_offers(customer_id text, per_tier integer, program text,
                                                             overrides tradeup.any_json,
                                                             rank_by text, tier text)
RETURNS SETOF tradeup.offer
LANGUAGE c STABLE PARALLEL SAFE COST 1000 ROWS 9 SET search_path = pg_catalog, pg_temp
SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_best_offers(text, integer, text, tradeup.any_json, text, text) IS
    'best_offers, by a plan that the session keeps';

CREATE FUNCTION tradeup.best_programs(customer_id text, programs text[],
                                                 overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                 rank_by text DEFAULT 'payment')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 5000 ROWS 1000
BEGIN ATOMIC
    SELECT DISTINCT ON (o.vehicle_id, o.tier) o.*
    FROM tradeup.program_offers(best_programs.customer_id, best_programs.programs, best_programs.overrides,
                        NULL::tradeup.any_number, NULL::tradeup.any_number) o
    WHERE o.tier IS NOT NULL
      AND tradeup_internal.require_one_of('rank_by'::text, best_programs.rank_by, '{margin,payment,closeness}'::text[])
    ORDER BY o.vehicle_id, o.tier,
             tradeup_internal.rank_key(best_programs.rank_by, o.margin, o.price, o.monthly_payment, o.current_payment),
             o.monthly_payment, o.term, o.program;
END;
COMMENT ON FUNCTION tradeup.best_programs(text, text[], tradeup.any_json, text) IS
    'For each vehicle and tier the offer of the best of several programs: the lowest monthly payment, the highest margin, or the '
    'monthly payment closest to the current one';

CREATE FUNCTION tradeup.program_refusals(customer_id text, vehicle_id text, programs text[],
                                                overrides tradeup.any_json DEFAULT NULL::jsonb, OUT program text,
                                                OUT version integer,
                                                OUT term integer, OUT offer_exists boolean, OUT rule text, OUT required numeric,
                                                OUT actual numeric, OUT short_by numeric, OUT explanation text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 12
BEGIN ATOMIC
    SELECT e.program, e.version, e.term, e.rule IS NULL, e.rule, e.required, e.actual, e.short_by,
           CASE e.rule
               WHEN 'program'
                   THEN coalesce('the program "' || e.program || '" has no published version that is valid today',
                                 'the customer has no program')
               WHEN 'profile' THEN 'the program has no risk profile "' || e.risk_profile || '"'
               WHEN 'term' THEN 'the program has no term of ' || e.term || ' months'
               WHEN 'term_not_wanted' THEN 'the overrides leave this term out'
               WHEN 'rate' THEN 'the annual rate of ' || e.actual || ' is above ' || e.required
               WHEN 'status' THEN 'the vehicle is ' || e.status
               WHEN 'currency' THEN 'the vehicle is priced in ' || e.currency || ', the program is in ' || e.program_currency
               WHEN 'min_year' THEN 'the year is ' || coalesce(e.actual || ', before ' || e.required, 'not known')
               WHEN 'max_kilometers' THEN 'the kilometres are ' || coalesce(e.actual || ', above ' || e.required, 'not known')
               WHEN 'makes' THEN 'the program does not finance '
                   || coalesce('the make "' || e.make || '"', 'a vehicle of unknown make')
               ELSE coalesce(e.refusal, 'an offer exists' || coalesce(' in tier ' || e.tier, ', in no tier'))
           END
    FROM (
        SELECT c.program, p.version, t.term, c.risk_profile, v.status, v.make, v.currency, p.currency AS program_currency,
               CASE WHEN v.currency = p.currency THEN tradeup_internal.tier_minor(d.deal, v.price_minor) END AS tier,
               CASE WHEN p.name IS NULL THEN 'program'
                    WHEN f.profile IS NULL THEN 'profile'
                    WHEN NOT t.in_program THEN 'term'
                    WHEN NOT tradeup_internal.term_wanted(program_refusals.overrides, t.term) THEN 'term_not_wanted'
                    WHEN d.deal IS NULL THEN 'rate'
                    WHEN v.status <> 'available' THEN 'status'
                    WHEN v.currency <> p.currency THEN 'currency'
                    ELSE coalesce(x.restriction, (r.refusal).rule) END AS rule,
               CASE WHEN x.rate_refused THEN p.max_adjusted_rate
                    WHEN v.status <> 'available' OR v.currency <> p.currency THEN NULL
                    WHEN x.restriction = 'min_year' THEN d.min_year
                    WHEN x.restriction = 'max_kilometers' THEN d.max_kilometers
                    WHEN x.restriction IS NULL THEN (r.refusal).required END AS required,
               CASE WHEN x.rate_refused
                    THEN tradeup_internal.overridden(program_refusals.overrides, 'annual_rate'::text, f.annual_rate,
                                                     p.max_annual_rate)
                         + t.rate_adjustment
                    WHEN v.status <> 'available' OR v.currency <> p.currency THEN NULL
                    WHEN x.restriction = 'min_year' THEN v.year
                    WHEN x.restriction = 'max_kilometers' THEN v.kilometers
                    WHEN x.restriction IS NULL THEN (r.refusal).actual END AS actual,
               CASE WHEN v.status <> 'available' OR v.currency <> p.currency THEN NULL
                    WHEN x.restriction = 'min_year' THEN d.min_year - v.year
                    WHEN x.restriction = 'max_kilometers' THEN v.kilometers - d.max_kilometers
                    WHEN x.restriction IS NULL THEN (r.refusal).short_by END AS short_by,
               (r.refusal).explanation AS refusal
        FROM (SELECT x.customer_id, x.risk_profile, q.program AS named,
                     coalesce(q.program, x.program, (SELECT d.program FROM tradeup.program_default d)) AS program
              FROM (SELECT program_refusals.customer_id AS requested, y.program
                    FROM tradeup_internal.programs_asked(program_refusals.programs, program_refusals.customer_id) y) q
              LEFT JOIN tradeup.customer x ON x.customer_id = q.requested
              WHERE tradeup_internal.require_known('customer'::text, program_refusals.customer_id, x.customer_id,
                                                   tradeup_internal.asked_for_one(program_refusals.customer_id))
                AND tradeup_internal.require_overrides(program_refusals.overrides)
                AND tradeup_internal.require_undistributed()
              OFFSET 0) c
        CROSS JOIN (SELECT x.make, x.year, x.kilometers, x.currency, x.price, x.price_minor, x.status
                    FROM (SELECT program_refusals.vehicle_id AS requested) q
                    LEFT JOIN tradeup.vehicle x ON x.vehicle_id = q.requested
                    WHERE tradeup_internal.require_known('vehicle'::text, program_refusals.vehicle_id, x.vehicle_id,
                                                         tradeup_internal.asked_for_one(program_refusals.vehicle_id))
                    OFFSET 0) v
        CROSS JOIN LATERAL (SELECT x.*
                            FROM (SELECT c.program AS requested) q
                            LEFT JOIN (SELECT y.name, y.version, y.currency, y.max_adjusted_rate, y.max_annual_rate
                                       FROM tradeup.current_program y) x ON x.name = q.requested
                            WHERE c.named IS NULL
                               OR tradeup_internal.require_known('program'::text, c.named, x.name,
                                                                 tradeup_internal.asked_for_one(program_refusals.programs[1]))
                            OFFSET 0) p
        LEFT JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = c.risk_profile
        CROSS JOIN LATERAL (
            SELECT x.term, x.rate_adjustment, true AS in_program
            FROM tradeup.program_term x WHERE x.program = p.name AND x.version = p.version
            UNION ALL
            SELECT w.term, 0, false
            FROM (SELECT DISTINCT e.term::numeric::integer AS term
                  FROM jsonb_array_elements_text(program_refusals.overrides -> 'terms') e (term)) w
            WHERE p.name IS NOT NULL
              AND NOT EXISTS (SELECT FROM tradeup.program_term x
                              WHERE x.program = p.name AND x.version = p.version AND x.term = w.term)
            UNION ALL
            SELECT NULL::integer, NULL::numeric, true WHERE p.name IS NULL) t
        /* The empty name stands for no program: no deals, and no error, because it comes from a column. */
        LEFT JOIN tradeup.deals(program_refusals.customer_id, coalesce(c.program, ''::text), program_refusals.overrides) d
            ON d.term = t.term
        CROSS JOIN LATERAL (SELECT tradeup.refusal(CASE WHEN v.currency = p.currency THEN d.deal END,
                                                  v.price::tradeup.any_number) AS refusal) r
        CROSS JOIN LATERAL (SELECT d.deal IS NULL AND f.profile IS NOT NULL AND t.in_program
                                   AND tradeup_internal.term_wanted(program_refusals.overrides, t.term) AS rate_refused,
                                   CASE WHEN NOT tradeup_internal.finances(d.min_year, NULL::integer, NULL::text[], v.year,
                                                                           NULL::integer, NULL::text)
                                        THEN 'min_year'
                                        WHEN NOT tradeup_internal.finances(NULL::integer, d.max_kilometers, NULL::text[],
                                                                           NULL::integer, v.kilometers, NULL::text)
                                        THEN 'max_kilometers'
                                        WHEN NOT tradeup_internal.finances(NULL::integer, NULL::integer, d.makes,
                                                                           NULL::integer, NULL::integer, v.make)
                                        THEN 'makes' END AS restriction) x) e
    ORDER BY e.program, e.term;
END;
COMMENT ON FUNCTION tradeup.program_refusals(text, text, text[], tradeup.any_json) IS
    'For each of several programs and each term, whether an offer exists, or else the first rule that fails, what it requires, '
    'what there is, and by how much it fails';

CREATE FUNCTION tradeup.why_no_offer(customer_id text, vehicle_id text, program text DEFAULT NULL,
                                                overrides tradeup.any_json DEFAULT NULL::jsonb, OUT term integer,
                                                OUT offer_exists boolean,
                                                OUT rule text, OUT required numeric, OUT actual numeric, OUT short_by numeric,
                                                OUT explanation text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 6
BEGIN ATOMIC
    SELECT w.term, w.offer_exists, w.rule, w.required, w.actual, w.short_by, w.explanation
    FROM tradeup.program_refusals(why_no_offer.customer_id, why_no_offer.vehicle_id, ARRAY[why_no_offer.program],
                              why_no_offer.overrides) w;
END;
COMMENT ON FUNCTION tradeup.why_no_offer(text, text, text, tradeup.any_json) IS
    'For each term, whether an offer exists, or else the first rule that fails, what it requires, what there is, and by how much '
    'it fails';
-- Time value of money, as spreadsheets and numpy-financial have it: cash paid is negative, rates are fractions per period.

CREATE FUNCTION tradeup.pv(
    rate double precision, nper double precision, pmt double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.pv(double precision, double precision, double precision, double precision, text) IS
    'Present value: what nper payments and a value at the end are worth now';

CREATE FUNCTION tradeup.fv(
    rate double precision, nper double precision, pmt double precision, pv double precision, due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.fv(double precision, double precision, double precision, double precision, text) IS
    'Future value: what a value now and nper payments grow to';

CREATE FUNCTION tradeup.pmt(
    rate double precision, nper double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.pmt(double precision, double precision, double precision, double precision, text) IS
    'The level payment of a loan or a savings plan of nper periods';

CREATE FUNCTION tradeup.ipmt(
    rate double precision, per double precision, nper double precision, pv double precision,
    fv double precision DEFAULT 0::double precision, due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.ipmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The interest in the level payment of one period';

CREATE FUNCTION tradeup.ppmt(
    rate double precision, per double precision, nper double precision, pv double precision,
    fv double precision DEFAULT 0::double precision, due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.ppmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The principal in the level payment of one period';

CREATE FUNCTION tradeup.nper(
    rate double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.nper(double precision, double precision, double precision, double precision, text) IS
    'The number of periods after which payments have paid off a loan or reached a value; null when they never do';

CREATE FUNCTION tradeup.rate(
    nper double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate(double precision, double precision, double precision, double precision, text) IS
    'The rate per period of a loan or a savings plan, the larger one of two; null when there is none';

CREATE FUNCTION tradeup.rate_all(
    nper double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate_all(double precision, double precision, double precision, double precision, text) IS
    'All rates per period above -1 of a loan or a savings plan, ascending';

CREATE FUNCTION tradeup.cumipmt(
    rate double precision, nper double precision, pv double precision, first double precision, last double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.cumipmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The interest paid from one period to another, both included';

CREATE FUNCTION tradeup.cumprinc(
    rate double precision, nper double precision, pv double precision, first double precision, last double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.cumprinc(double precision, double precision, double precision, double precision, double precision, text) IS
    'The principal paid from one period to another, both included';

CREATE FUNCTION tradeup.effect(nominal double precision, periods integer) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.effect(double precision, integer) IS
    'The effective yearly rate of a nominal one that is compounded so many times a year';

CREATE FUNCTION tradeup.nominal(effective double precision, periods integer) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.nominal(double precision, integer) IS
    'The nominal yearly rate, compounded so many times a year, of an effective one';

CREATE FUNCTION tradeup.rate_for_payment(
    principal double precision, payment double precision, term tradeup.any_term, frequency text DEFAULT 'monthly'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate_for_payment(double precision, double precision, tradeup.any_term, text) IS
    'The yearly rate of a loan with level payments; null when the payments do not cover the principal in any way';
-- Cash flows, as arrays and as rows: what they are worth, and what they yield.

CREATE FUNCTION tradeup.year_fraction(from_date tradeup.any_date, to_date tradeup.any_date,
                                                 day_count text DEFAULT 'actual/365'::text)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'year_fraction_of_dates';
COMMENT ON FUNCTION tradeup.year_fraction(tradeup.any_date, tradeup.any_date, text) IS
    'The years between two dates under a day count: actual/365, actual/360, actual/actual, actual/actual excel, 30/360, '
    '30/360 us or 30e/360';

CREATE FUNCTION tradeup.npv(rate double precision, amounts double precision[], first_period integer DEFAULT 0)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'npv_array';
COMMENT ON FUNCTION tradeup.npv(double precision, double precision[], integer) IS
    'Net present value of amounts one period apart, the first at period 0 (1 is what spreadsheets do)';

CREATE FUNCTION tradeup.irr(amounts double precision[]) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'irr_array';
COMMENT ON FUNCTION tradeup.irr(double precision[]) IS
    'Internal rate of return of amounts one period apart, one of them when there are several; null when there is none';

CREATE FUNCTION tradeup.irr_all(amounts double precision[]) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.irr_all(double precision[]) IS 'All internal rates of return above -1, ascending';

CREATE FUNCTION tradeup.mirr(amounts double precision[], finance_rate double precision, reinvest_rate double precision)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.mirr(double precision[], double precision, double precision) IS
    'Modified internal rate of return: costs financed at one rate, proceeds reinvested at another';

CREATE FUNCTION tradeup.xnpv(
    rate double precision, amounts double precision[], dates tradeup.any_date[], day_count text DEFAULT 'actual/365'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'xnpv_array';
COMMENT ON FUNCTION tradeup.xnpv(double precision, double precision[], tradeup.any_date[], text) IS
    'Net present value of dated amounts on the earliest of the dates';

CREATE FUNCTION tradeup.xirr(amounts double precision[], dates tradeup.any_date[],
                                        day_count text DEFAULT 'actual/365'::text)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'xirr_array';
COMMENT ON FUNCTION tradeup.xirr(double precision[], tradeup.any_date[], text) IS
    'Yearly internal rate of return of dated amounts, one of them when there are several; null when there is none';

CREATE FUNCTION tradeup.xirr_all(
    amounts double precision[], dates tradeup.any_date[], day_count text DEFAULT 'actual/365'::text
) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xirr_all(double precision[], tradeup.any_date[], text) IS
    'All yearly internal rates of return above -1 of dated amounts, ascending';

CREATE FUNCTION tradeup.cat(amounts double precision[], dates tradeup.any_date[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500
RETURN tradeup.xirr(amounts, dates, 'actual/365'::text);
COMMENT ON FUNCTION tradeup.cat(double precision[], tradeup.any_date[]) IS
    'Mexico''s total annual cost (costo anual total) of a credit, as a fraction: the effective yearly rate of its dated flows';

CREATE FUNCTION tradeup.cat_all(amounts double precision[], dates tradeup.any_date[]) RETURNS double precision[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN tradeup.xirr_all(amounts, dates, 'actual/365'::text);
COMMENT ON FUNCTION tradeup.cat_all(double precision[], tradeup.any_date[]) IS
    'All rates above -1 at which the dated flows of a credit are worth nothing, ascending';

-- Rows of flows in periods: the order of the rows is the order of the periods.
CREATE FUNCTION tradeup_internal.irr_step(internal, double precision) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.irr_step(internal, double precision) IS 'Step of the aggregate irr_agg';
CREATE FUNCTION tradeup_internal.irr_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.irr_final(internal) IS 'End of the aggregate irr_agg';
CREATE AGGREGATE tradeup.irr_agg(amount double precision) (
    SFUNC = tradeup_internal.irr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.irr_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.irr_agg(double precision) IS
    'Internal rate of return of rows one period apart, in their order: irr_agg(amount ORDER BY period)';

CREATE FUNCTION tradeup_internal.npv_step(internal, double precision, double precision) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.npv_step(internal, double precision, double precision) IS 'Step of the aggregate npv_agg';
CREATE FUNCTION tradeup_internal.npv_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.npv_final(internal) IS 'End of the aggregate npv_agg';
CREATE AGGREGATE tradeup.npv_agg(rate double precision, amount double precision) (
    SFUNC = tradeup_internal.npv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.npv_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.npv_agg(double precision, double precision) IS
    'Net present value of rows one period apart, the first at period 0, in their order: npv_agg(rate, amount ORDER BY period)';

-- Rows of dated flows: their order does not matter, and parallel workers can share them.
CREATE FUNCTION tradeup_internal.dated_flows_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dated_flows_combine(internal, internal) IS
    'Joins what parallel workers have of an aggregate of dated flows';
CREATE FUNCTION tradeup_internal.dated_flows_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dated_flows_serialize(internal) IS
    'Sends what a parallel worker has of an aggregate of dated flows';
CREATE FUNCTION tradeup_internal.dated_flows_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dated_flows_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of an aggregate of dated flows';
CREATE FUNCTION tradeup_internal.xirr_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xirr_final(internal) IS 'End of the aggregate xirr_agg';
CREATE FUNCTION tradeup_internal.xnpv_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xnpv_final(internal) IS 'End of the aggregate xnpv_agg';

CREATE FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date) IS 'Step of the aggregate xirr_agg';
CREATE AGGREGATE tradeup.xirr_agg(amount double precision, date tradeup.any_date) (
    SFUNC = tradeup_internal.xirr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xirr_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xirr_agg(double precision, tradeup.any_date) IS
    'Yearly internal rate of return of dated rows (actual/365), one of them when there are several; null when there is none';

CREATE FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date, text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date, text) IS
    'Step of the aggregate xirr_agg with a day count';
CREATE AGGREGATE tradeup.xirr_agg(amount double precision, date tradeup.any_date, day_count text) (
    SFUNC = tradeup_internal.xirr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xirr_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xirr_agg(double precision, tradeup.any_date, text) IS
    'Yearly internal rate of return of dated rows under a day count';

CREATE FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision,
                                                      tradeup.any_date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision, tradeup.any_date) IS
    'Step of the aggregate xnpv_agg';
CREATE AGGREGATE tradeup.xnpv_agg(rate double precision, amount double precision, date tradeup.any_date) (
    SFUNC = tradeup_internal.xnpv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xnpv_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xnpv_agg(double precision, double precision, tradeup.any_date) IS
    'Net present value of dated rows on the earliest date (actual/365)';

CREATE FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision, tradeup.any_date,
                                                      text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision, tradeup.any_date, text) IS
    'Step of the aggregate xnpv_agg with a day count';
CREATE AGGREGATE tradeup.xnpv_agg(rate double precision, amount double precision, date tradeup.any_date,
                                             day_count text) (
    SFUNC = tradeup_internal.xnpv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xnpv_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xnpv_agg(double precision, double precision, tradeup.any_date, text) IS
    'Net present value of dated rows on the earliest date under a day count';

CREATE AGGREGATE tradeup.cat_agg(amount double precision, date tradeup.any_date) (
    SFUNC = tradeup_internal.xirr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xirr_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.cat_agg(double precision, tradeup.any_date) IS
    'Mexico''s total annual cost (costo anual total) of dated rows, as a fraction';
-- Rows of schedules of loans.

CREATE TYPE tradeup.installment AS (
    period integer,
    due_date date,
    opening numeric,
    payment numeric,
    interest numeric,
    principal numeric,
    extra numeric,
    closing numeric
);
COMMENT ON TYPE tradeup.installment IS 'A payment of a loan, what it is made of, and the balance before and after it';

CREATE TYPE tradeup.loan_year AS (
    year integer,
    payments integer,
    payment numeric,
    interest numeric,
    principal numeric,
    extra numeric,
    closing numeric
);
COMMENT ON TYPE tradeup.loan_year IS 'What is paid on a loan in a calendar year, what it is made of, and the balance at its end';

CREATE TYPE tradeup.payoff_statement AS (
    paid_periods integer,
    balance numeric,
    accrued_from date,
    days integer,
    per_diem numeric,
    interest numeric,
    payoff numeric
);
COMMENT ON TYPE tradeup.payoff_statement IS 'What pays off a loan on a day: the balance, interest by the day, and their sum';
-- Plain loans and leases, exact to the unit of money; and the annual percentage rate of Regulation Z.

-- The terms that few loans have are keys of terms: balloon, payment, interest_only, due, extras, extra_keeps, day_count, level,
-- odd_days, rounding, unit.
CREATE FUNCTION tradeup.amortization(
    principal tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    frequency text DEFAULT 'monthly',
    start_date tradeup.any_date DEFAULT NULL::date,
    first_payment tradeup.any_date DEFAULT NULL::date,
    extra tradeup.any_number DEFAULT 0,
    terms tradeup.any_json DEFAULT NULL::jsonb,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS SETOF tradeup.installment
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.amortization(tradeup.any_number, tradeup.any_number, tradeup.any_term, text, tradeup.any_date,
                                         tradeup.any_date, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'The payments of a loan, exact to the unit: interest on the opening balance, level payments, the last one pays what is left '
    'and the balloon. The rate is a fraction (0.0875) or annual_percent => 8.75; rare terms are a JSON object. Null for '
    'start_date, first_payment or terms means none; any other null gives no rows';

CREATE FUNCTION tradeup.loan_totals(
    principal tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    frequency text DEFAULT 'monthly'::text,
    start_date tradeup.any_date DEFAULT NULL::date,
    first_payment tradeup.any_date DEFAULT NULL::date,
    extra tradeup.any_number DEFAULT 0,
    terms tradeup.any_json DEFAULT NULL::jsonb,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS SETOF tradeup.loan_year
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 250 ROWS 6
BEGIN ATOMIC
    SELECT extract(year FROM a.due_date)::integer, count(*)::integer, sum(a.payment), sum(a.interest), sum(a.principal),
           sum(a.extra), (array_agg(a.closing ORDER BY a.period DESC))[1]
    FROM tradeup.amortization(loan_totals.principal, loan_totals.annual_rate, loan_totals.term, loan_totals.frequency,
                              loan_totals.start_date, loan_totals.first_payment, loan_totals.extra, loan_totals.terms,
                              loan_totals.annual_percent) a
    GROUP BY 1 ORDER BY 1;
END;
COMMENT ON FUNCTION tradeup.loan_totals(tradeup.any_number, tradeup.any_number, tradeup.any_term, text, tradeup.any_date,
                                        tradeup.any_date, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'What is paid on a loan in each calendar year: the payments of amortization added up by the year of their due date, and the '
    'balance after the last of them. A loan without dates has one row, without year';

CREATE FUNCTION tradeup.payoff(
    principal tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    on_date tradeup.any_date DEFAULT '-infinity',
    start_date tradeup.any_date DEFAULT NULL::date,
    first_payment tradeup.any_date DEFAULT NULL::date,
    frequency text DEFAULT 'monthly',
    extra tradeup.any_number DEFAULT 0,
    terms tradeup.any_json DEFAULT NULL::jsonb,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS tradeup.payoff_statement
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payoff(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_date, tradeup.any_date,
                                   tradeup.any_date, text, tradeup.any_number, tradeup.any_json, tradeup.any_number) IS
    'What pays off a loan on a date when all payments due so far were made: the balance, and interest by the day since the last '
    'due date. The rate is a fraction (0.0875) or annual_percent => 8.75; rare terms are a JSON object. Null for first_payment '
    'or terms means none; any other null but start_date gives null';

CREATE FUNCTION tradeup.lease_payment(
    capitalized_cost tradeup.any_number,
    residual tradeup.any_number,
    term tradeup.any_term,
    money_factor tradeup.any_number,
    tax_rate tradeup.any_number DEFAULT 0,
    rounding text DEFAULT 'half_up'::text,
    unit tradeup.any_number DEFAULT 0.01
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.lease_payment(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_number,
                                          tradeup.any_number, text, tradeup.any_number) IS
    'The monthly payment of a lease: depreciation (cost less residual, over the term) and rent (cost plus residual, times the '
    'money factor), with tax, rounded once';

CREATE FUNCTION tradeup.money_factor(
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.money_factor(tradeup.any_number, tradeup.any_number) IS
    'The money factor of a lease at a yearly rate, a fraction (0.042) or annual_percent => 4.2: a twenty-fourth of it, to 16 '
    'decimals';

CREATE FUNCTION tradeup.money_factor_to_apr(money_factor tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.money_factor_to_apr(tradeup.any_number) IS
    'The yearly rate that a lease''s money factor stands for: 24 times it';

CREATE FUNCTION tradeup.principal_for_payment(
    payment tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    term tradeup.any_term DEFAULT 0,
    frequency text DEFAULT 'monthly'::text,
    balloon tradeup.any_number DEFAULT 0,
    rounding text DEFAULT 'half_up'::text,
    unit tradeup.any_number DEFAULT 0.01,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.principal_for_payment(tradeup.any_number, tradeup.any_number, tradeup.any_term, text,
                                                  tradeup.any_number, text, tradeup.any_number, tradeup.any_number) IS
    'The largest loan whose level payment, rounded, is at most this one; null when there is none. The rate is a fraction '
    '(0.0875) or annual_percent => 8.75';

CREATE FUNCTION tradeup.term_for_payment(
    principal tradeup.any_number,
    payment tradeup.any_number,
    annual_rate tradeup.any_number DEFAULT NULL::numeric,
    frequency text DEFAULT 'monthly'::text,
    rounding text DEFAULT 'half_up'::text,
    unit tradeup.any_number DEFAULT 0.01,
    annual_percent tradeup.any_number DEFAULT NULL::numeric
) RETURNS integer
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.term_for_payment(tradeup.any_number, tradeup.any_number, tradeup.any_number, text, text,
                                             tradeup.any_number, tradeup.any_number) IS
    'The least number of payments whose level payment, rounded, is at most this one, up to 40 years; null when there is none. '
    'The rate is a fraction (0.0875) or annual_percent => 8.75';

CREATE FUNCTION tradeup.apr(
    amount tradeup.any_number,
    payment tradeup.any_number,
    payments tradeup.any_term,
    start_date tradeup.any_date,
    first_payment tradeup.any_date,
    frequency text DEFAULT 'monthly'::text,
    prepaid_finance_charge tradeup.any_number DEFAULT 0,
    last_payment tradeup.any_number DEFAULT NULL::numeric
) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.apr(tradeup.any_number, tradeup.any_number, tradeup.any_term, tradeup.any_date, tradeup.any_date,
                                text, tradeup.any_number, tradeup.any_number) IS
    'The annual percentage rate of equal payments by the actuarial method of US Regulation Z, Appendix J, as a fraction. Null '
    'for last_payment means a payment like the others; any other null gives null, and so does a loan that no rate explains';

CREATE FUNCTION tradeup.apr_of_flows(
    advances tradeup.any_number[],
    advance_dates tradeup.any_date[],
    payments tradeup.any_number[],
    payment_dates tradeup.any_date[],
    unit_period text DEFAULT 'month'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'apr_flows';
COMMENT ON FUNCTION tradeup.apr_of_flows(tradeup.any_number[], tradeup.any_date[], tradeup.any_number[], tradeup.any_date[],
                                         text) IS
    'The annual percentage rate of any advances and payments by the actuarial method of US Regulation Z, Appendix J, as a '
    'fraction; null when no rate explains them';
-- What solving and the search for the least concession answer.

CREATE TYPE tradeup.solution AS (
    value numeric,
    possible boolean,
    eligible boolean,
    price numeric,
    payment numeric,
    payment_change numeric,
    tier text,
    deal tradeup.deal,
    explanation text
);
COMMENT ON TYPE tradeup.solution IS
    'The figure that solve found, whether it does what was asked and makes an offer, and the deal with that figure';

CREATE TYPE tradeup.concession AS (
    viable boolean,
    term integer,
    service_fee_rate numeric,
    bonus numeric,
    opening_fee_rate numeric,
    payment numeric,
    payment_change numeric,
    margin_less_bonus numeric,
    financed_to_price numeric,
    failed_gate text,
    deal tradeup.deal,
    explanation text
);
COMMENT ON TYPE tradeup.concession IS
    'A combination of term, service fee, bonus and opening fee, what it gives, and the gate that it fails if it is not viable';

CREATE TYPE tradeup.vehicle_concession AS (
    vehicle_id text,
    price numeric,
    viable boolean,
    term integer,
    service_fee_rate numeric,
    bonus numeric,
    opening_fee_rate numeric,
    payment numeric,
    payment_change numeric,
    margin_less_bonus numeric,
    financed_to_price numeric,
    failed_gate text,
    deal tradeup.deal,
    explanation text
);
COMMENT ON TYPE tradeup.vehicle_concession IS 'The least concession on a vehicle of this price';
-- Solving: one figure of a deal from what its payment should be, and the least concession on a vehicle.

CREATE FUNCTION tradeup.solve(deal tradeup.deal, price tradeup.any_number, solve_for text,
                                         payment tradeup.any_number DEFAULT NULL::numeric,
                                         payment_change tradeup.any_number DEFAULT NULL::numeric, tier text DEFAULT NULL,
                                         lowest tradeup.any_number DEFAULT NULL::numeric,
                                         highest tradeup.any_number DEFAULT NULL::numeric) RETURNS tradeup.solution
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'solve_deal';
COMMENT ON FUNCTION tradeup.solve(tradeup.deal, tradeup.any_number, text, tradeup.any_number, tradeup.any_number, text,
                                  tradeup.any_number, tradeup.any_number) IS
    'The bonus, down_payment, service_fee, opening_fee, rate, term or price that keeps the payment at or below a payment or a '
    'payment change, or leads to a tier; with the deal it makes, or the nearest when impossible';

CREATE FUNCTION tradeup.subsidy(deals tradeup.deal[], price tradeup.any_number,
                                           rules tradeup.any_json DEFAULT NULL::jsonb,
                                           max_service_fee_rate tradeup.any_number DEFAULT NULL::numeric,
                                           max_bonus tradeup.any_number DEFAULT NULL::numeric,
                                           max_opening_fee_rate tradeup.any_number DEFAULT NULL::numeric)
RETURNS tradeup.concession
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.subsidy(tradeup.deal[], tradeup.any_number, tradeup.any_json, tradeup.any_number, tradeup.any_number,
                                    tradeup.any_number) IS
    'The first combination of term, service fee, bonus and opening fee, in the order of the rules, that passes their gates over '
    'the deals of a customer; or the nearest one and the gate that it fails';

-- The parts of a grid are replaced one by one. What is no object is left for the error that says so.
CREATE FUNCTION tradeup.subsidy_rules(standing tradeup.any_json, rules tradeup.any_json) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN CASE WHEN jsonb_typeof(rules) <> 'object'::text THEN rules
            ELSE coalesce(standing, '{}'::jsonb) || coalesce(rules, '{}'::jsonb)
                 || (SELECT coalesce(jsonb_object_agg(k.key, (standing -> k.key) || (rules -> k.key)), '{}'::jsonb)
                     FROM unnest('{service_fee_rate,bonus,opening_fee_rate}'::text[]) k (key)
                     WHERE jsonb_typeof(standing -> k.key) = 'object'::text
                       AND jsonb_typeof(rules -> k.key) = 'object'::text) END;
COMMENT ON FUNCTION tradeup.subsidy_rules(tradeup.any_json, tradeup.any_json) IS
    'The rules of a subsidy: those of a call, and where they say nothing those of the program';

CREATE FUNCTION tradeup_internal.has_program(customer_id text, program text DEFAULT NULL) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN EXISTS (SELECT
               FROM tradeup.customer c
               JOIN tradeup.current_program p
                 ON p.name = coalesce(has_program.program, c.program, (SELECT d.program FROM tradeup.program_default d))
               WHERE c.customer_id = has_program.customer_id);
COMMENT ON FUNCTION tradeup_internal.has_program(text, text) IS
    'Whether a customer is known, and the program named, or else her own, or else the default, has a version that is valid today';

-- Each program sets its own limits of concessions; where a customer has no deal, the failed gate is no_offer. Customers, programs
-- and vehicles that come from a column and are not known have no rows, as in deals.
CREATE FUNCTION tradeup.min_subsidy(customer_id text, vehicle_id text, rules tradeup.any_json DEFAULT NULL::jsonb,
                                               program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.concession
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 1
BEGIN ATOMIC
    SELECT s.viable, s.term, s.service_fee_rate, s.bonus, s.opening_fee_rate, s.payment, s.payment_change, s.margin_less_bonus,
           s.financed_to_price, s.failed_gate, s.deal,
           CASE WHEN f.financed THEN s.explanation ELSE 'the program does not finance this vehicle' END
    FROM (SELECT coalesce(array_agg(d.deal ORDER BY d.term), '{}') AS deals, min(d.program) AS program, min(d.version) AS version
          FROM tradeup.deals(min_subsidy.customer_id, min_subsidy.program, min_subsidy.overrides) d
          HAVING count(*) > 0 OR tradeup_internal.has_program(min_subsidy.customer_id, min_subsidy.program)
          OFFSET 0) c,
    (SELECT x.price, x.currency, x.year, x.kilometers, x.make
     FROM (SELECT min_subsidy.vehicle_id AS requested) q
     LEFT JOIN tradeup.vehicle x ON x.vehicle_id = q.requested
     WHERE tradeup_internal.require_known('vehicle'::text, min_subsidy.vehicle_id, x.vehicle_id,
                                          tradeup_internal.asked_for_one(min_subsidy.vehicle_id))
     OFFSET 0) v,
    LATERAL (
        SELECT p.*, tradeup.subsidy_rules(p.subsidy_rules::tradeup.any_json, min_subsidy.rules) AS rules
        FROM (SELECT c.program, c.version) x LEFT JOIN tradeup.program p ON p.name = x.program AND p.version = x.version
        OFFSET 0) p,
    LATERAL (
        SELECT (p.currency IS NULL OR v.currency = p.currency)
               AND tradeup_internal.finances(tradeup_internal.oldest_year(p.min_year, p.max_age), p.max_kilometers, p.makes,
                                             v.year, v.kilometers, v.make) AS financed) f,
    LATERAL tradeup.subsidy(CASE WHEN f.financed THEN c.deals ELSE '{}' END, v.price::tradeup.any_number,
                            p.rules::tradeup.any_json, p.max_service_fee_rate::tradeup.any_number,
                            p.max_what_if_bonus::tradeup.any_number, p.max_opening_fee_rate::tradeup.any_number) s;
END;
COMMENT ON FUNCTION tradeup.min_subsidy(text, text, tradeup.any_json, text, tradeup.any_json) IS
    'The least concession that makes a vehicle pass the gates of the rules for a customer: term, service fee, bonus and opening '
    'fee; or the nearest and the gate that it fails';

CREATE FUNCTION tradeup.min_subsidies(customer_id text, rules tradeup.any_json DEFAULT NULL::jsonb,
                                                 program text DEFAULT NULL,
                                                 overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.vehicle_concession
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 1000
BEGIN ATOMIC
    SELECT v.vehicle_id, v.price, s.viable, s.term, s.service_fee_rate, s.bonus, s.opening_fee_rate, s.payment, s.payment_change,
           s.margin_less_bonus, s.financed_to_price, s.failed_gate, s.deal,
           CASE WHEN f.financed THEN s.explanation ELSE 'the program does not finance this vehicle' END
    FROM (SELECT coalesce(array_agg(d.deal ORDER BY d.term), '{}') AS deals, min(d.program) AS program, min(d.version) AS version
          FROM tradeup.deals(min_subsidies.customer_id, min_subsidies.program, min_subsidies.overrides) d
          HAVING count(*) > 0 OR tradeup_internal.has_program(min_subsidies.customer_id, min_subsidies.program)
          OFFSET 0) c,
    LATERAL (
        SELECT p.*, tradeup.subsidy_rules(p.subsidy_rules::tradeup.any_json, min_subsidies.rules) AS rules
        FROM (SELECT c.program, c.version) x LEFT JOIN tradeup.program p ON p.name = x.program AND p.version = x.version
        OFFSET 0) p,
    tradeup.vehicle v,
    LATERAL (
        SELECT (p.currency IS NULL OR v.currency = p.currency)
               AND tradeup_internal.finances(tradeup_internal.oldest_year(p.min_year, p.max_age), p.max_kilometers, p.makes,
                                             v.year, v.kilometers, v.make) AS financed) f,
    LATERAL tradeup.subsidy(CASE WHEN f.financed THEN c.deals ELSE '{}' END, v.price::tradeup.any_number,
                            p.rules::tradeup.any_json, p.max_service_fee_rate::tradeup.any_number,
                            p.max_what_if_bonus::tradeup.any_number, p.max_opening_fee_rate::tradeup.any_number) s
    WHERE v.status = 'available' AND (p.currency IS NULL OR v.currency = p.currency);
END;
COMMENT ON FUNCTION tradeup.min_subsidies(text, tradeup.any_json, text, tradeup.any_json) IS
    'The least concession on every available vehicle for a customer, one row each, as min_subsidy gives it';
-- The programs that the extension brings. mx-2025 differs from mx-reference in columns only.

INSERT INTO tradeup.program (name, title, currency, built_in, interest_tax_rate, service_fee_rate, opening_fee_rate, protection,
                             insurance_renewed, gps_installation, gps_monthly, gps_tax_rate, installation_from_equity,
                             installation_in_first_payment, margin_cost, max_adjusted_rate, max_component, max_financed,
                             max_bonus, max_what_if_bonus, max_insurance, subsidy_rules)
VALUES ('mx-reference', 'Mexican trade-up program', 'MXN', true, 0.16, 0.04, 0.04, 25000,
        true, 750, 350, 0.16, true, true, 2000, 1, 10000000, 15000000, 5000, 10000,
        100000,
        '{"terms": [48, 60, 36, 72], "service_fee_rate": {"from": 0.05, "to": 0.02, "step": 0.005},
          "bonus": {"from": 0, "to": 10000, "step": 500}, "opening_fee_rate": {"from": 0.04, "to": 0.01, "step": 0.005},
          "min_margin": 5000}');

INSERT INTO tradeup.program (name, title, currency, built_in, interest_tax_rate, service_fee_rate, opening_fee_rate,
                             opening_fee_tax_rate, opening_fee_less_equity, protection, gps_installation, gps_monthly,
                             gps_tax_rate, installation_from_equity, installation_financed, margin_opening_fee,
                             margin_protection, requires_dearer, change_digits, max_change, max_adjusted_rate, max_component,
                             max_financed, max_bonus, max_what_if_bonus, max_insurance, subsidy_rules)
VALUES ('mx-2025', 'Mexican trade-up program of 2025', 'MXN', true, 0.16, 0.04, 0.0399,
        0.16, true, 17599, 750, 350,
        0.16, true, true, false,
        true, false, 4, 1.00, 1, 10000000,
        15000000, 5000, 10000, 100000,
        '{"terms": [48, 60, 36, 72], "service_fee_rate": {"from": 0.05, "to": 0.02, "step": 0.005},
          "bonus": {"from": 0, "to": 10000, "step": 500}, "opening_fee_rate": {"from": 0.04, "to": 0.01, "step": 0.005},
          "min_margin": 5000}');

INSERT INTO tradeup.program (name, title, currency, built_in, sales_tax_rate, document_fee, requires_dearer)
VALUES ('us-simple', 'United States simple interest loan', 'USD', true, 0.07, 299, false);

-- What a dealer of the United States offers side by side: one lender's loan, balloon loan and lease. Sales tax is on the
-- difference to the trade-in, and of a lease on its payments; 12,000 miles are 19,312 kilometres.
INSERT INTO tradeup.program (name, title, currency, built_in, kind, sales_tax_rate, sales_tax_base, document_fee,
                             acquisition_fee, end_fee, payments_in_advance, kilometers_per_year, max_kilometers,
                             requires_dearer, max_payment_to_income)
VALUES ('us-dealer', 'United States dealer: loan', 'USD', true, 'loan', 0.06, 'difference', 299,
        0, 0, false, NULL, NULL, false, 0.20),
       ('us-dealer-balloon', 'United States dealer: balloon loan', 'USD', true, 'balloon', 0.06, 'difference', 299,
        0, 250, false, NULL, 60000, false, 0.20),
       ('us-dealer-lease', 'United States dealer: lease', 'USD', true, 'lease', 0.06, 'price', 299,
        695, 395, true, 19312, 20000, false, 0.15);

INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate, insurance)
SELECT p.name, 1, f.profile, f.annual_rate, f.down_payment_rate, 10999
FROM (VALUES ('mx-reference'), ('mx-2025')) p (name),
     (VALUES ('AAA', 0.1949, 0.30), ('AA', 0.1949, 0.25), ('A', 0.1949, 0.20), ('A1', 0.1949, 0.15),
             ('A2', 0.2099, 0.15), ('B', 0.2249, 0.20), ('C1', 0.2299, 0.20), ('C2', 0.2349, 0.20),
             ('C3', 0.2549, 0.20), ('D1', 0.2949, 0.20), ('D2', 0.3249, 0.25), ('D3', 0.3249, 0.30),
             ('E1', 0.2399, 0.35), ('E2', 0.31, 0.35), ('E3', 0.3399, 0.35), ('E4', 0.3649, 0.35),
             ('E5', 0.4399, 0.75), ('F1', 0.3649, 0.35), ('F2', 0.3899, 0.35), ('F3', 0.4149, 0.35),
             ('F4', 0.4399, 0.75), ('B_SB', 0.2349, 0.25), ('C1_SB', 0.2449, 0.30), ('C2_SB', 0.27, 0.30),
             ('E5_SB', 0.4399, 0.75), ('Z', 0.4399, 0.9999)) f (profile, annual_rate, down_payment_rate);

INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('us-simple', 1, 'super_prime', 0.0549, 0), ('us-simple', 1, 'prime', 0.0699, 0.05),
       ('us-simple', 1, 'near_prime', 0.0999, 0.10), ('us-simple', 1, 'subprime', 0.1499, 0.15),
       ('us-simple', 1, 'deep_subprime', 0.1999, 0.20);

INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate, max_loan_to_value)
VALUES ('us-dealer', 1, 'super_prime', 0.0549, 0, 1.30), ('us-dealer', 1, 'prime', 0.0699, 0, 1.25),
       ('us-dealer', 1, 'near_prime', 0.0999, 0.05, 1.20), ('us-dealer', 1, 'subprime', 0.1499, 0.10, 1.15),
       ('us-dealer', 1, 'deep_subprime', 0.1999, 0.15, 1.10),
       ('us-dealer-balloon', 1, 'super_prime', 0.0599, 0, 1.25), ('us-dealer-balloon', 1, 'prime', 0.0749, 0.05, 1.20),
       ('us-dealer-balloon', 1, 'near_prime', 0.1049, 0.10, 1.15),
       ('us-dealer-lease', 1, 'super_prime', 0.0475, 0, NULL), ('us-dealer-lease', 1, 'prime', 0.0575, 0, NULL),
       ('us-dealer-lease', 1, 'near_prime', 0.0799, 0.05, NULL);

INSERT INTO tradeup.program_region (program, version, region, sales_tax_rate, document_fee)
SELECT p.name, 1, r.region, r.sales_tax_rate, r.document_fee
FROM (VALUES ('us-dealer'), ('us-dealer-balloon'), ('us-dealer-lease')) p (name),
     (VALUES ('TX', 0.0625, 225), ('FL', 0.06, 899)) r (region, sales_tax_rate, document_fee);

INSERT INTO tradeup.program_term (program, version, term, rate_adjustment)
SELECT p.name, 1, t.term, t.rate_adjustment
FROM (VALUES ('mx-reference'), ('mx-2025')) p (name),
     (VALUES (12, 0), (24, 0), (36, 0), (48, 0), (60, 0.01), (72, 0.015)) t (term, rate_adjustment);

INSERT INTO tradeup.program_term (program, version, term)
SELECT 'us-simple', 1, term FROM unnest(ARRAY[36, 48, 60, 72, 84]) term;

INSERT INTO tradeup.program_term (program, version, term, rate_adjustment, residual_rate)
VALUES ('us-dealer', 1, 36, 0, 0), ('us-dealer', 1, 48, 0, 0), ('us-dealer', 1, 60, 0, 0),
       ('us-dealer', 1, 72, 0.005, 0), ('us-dealer', 1, 84, 0.01, 0),
       ('us-dealer-balloon', 1, 36, 0, 0.48), ('us-dealer-balloon', 1, 48, 0, 0.40), ('us-dealer-balloon', 1, 60, 0, 0.32),
       ('us-dealer-lease', 1, 24, 0, 0.66), ('us-dealer-lease', 1, 36, 0, 0.58), ('us-dealer-lease', 1, 48, 0, 0.48);

INSERT INTO tradeup.program_tier (program, version, rank, name, lower_change, lower_inclusive, upper_change)
SELECT p.name, 1, t.rank, t.name, t.lower_change, t.rank = 1, t.upper_change
FROM (VALUES ('mx-reference'), ('mx-2025'), ('us-simple'), ('us-dealer'), ('us-dealer-balloon'), ('us-dealer-lease')) p (name),
     (VALUES (1, 'Refresh', -0.05, 0.05), (2, 'Upgrade', 0.05, 0.25), (3, 'Max Upgrade', 0.25, 1.00))
         t (rank, name, lower_change, upper_change);
-- The triggers of finance programs. They come after the rows that the extension brings: they let nobody mark a program as built
-- in.

CREATE TRIGGER protect_published_program BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_program();
CREATE TRIGGER carry_program_parts AFTER UPDATE OR DELETE ON tradeup.program
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.carry_program_parts();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_profile
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_term
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_tier
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_region
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_profile
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_term
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_tier
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_region
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
-- Publishes the programs that the extension brings, through the same checks as any other.

UPDATE tradeup.program SET published_at = now();
-- The JSON schema of a program, and what reads it.

-- The schema is the only place that knows what a document may hold. Keywords that begin with x- are our own, for what JSON
-- Schema has no word: x-digits and x-written-digits (significant digits and decimals, without and with zeros at the end),
-- x-decimals, x-bytes (length), x-words (what it is, in words), x-at-most (another figure of the program, or several) and
-- x-before (another one), x-percent-of (the key that it stands for, 100 times as large), x-unique, x-currency (a currency in
-- use), x-kinds (the kinds of programs that have it).
CREATE FUNCTION tradeup.program_schema() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $schema${
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Finance program",
  "description": "One version of a finance program: amounts in major units of the currency, rates as fractions, terms in months",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "currency", "profiles", "terms", "tiers"],
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 300,
      "description": "Name by which customers, offers and quotes refer to the program"},
    "title": {"type": ["string", "null"], "default": null,
      "description": "What people call the program"},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "x-currency": true,
        "x-words": "that is the ISO 4217 code of a currency in use, such as MXN",
      "description": "ISO 4217 code of the currency of all amounts, of its customers and of the vehicles that it finances"},
    "rounding": {"type": "string", "enum": ["half_up", "half_even", "up", "down"], "default": "half_up",
      "description": "How amounts are rounded: half_up, half_even, up (away from zero) or down"},
    "change_digits": {"type": ["integer", "null"], "minimum": 0, "maximum": 9, "default": null,
      "description": "Decimals to which the payment change is rounded before it decides a tier; null: not rounded"},
    "interest_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on interest, as a fraction"},
    "service_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "x-at-most": "max_service_fee_rate",
        "default": 0,
      "description": "Service fee as a fraction of the price, financed"},
    "sales_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Sales tax as a fraction of the price, financed"},
    "document_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Document fee, an amount, financed"},
    "opening_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "x-at-most": "max_opening_fee_rate",
        "default": 0,
      "description": "Opening fee as a fraction, taken from the customer's equity"},
    "opening_fee_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on the opening fee, as a fraction"},
    "opening_fee_less_equity": {"type": "boolean", "default": false,
      "description": "Whether the opening fee is on the price less the equity rather than on the price"},
    "bonus": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
        "x-at-most": ["max_bonus", "max_what_if_bonus"], "default": 0,
      "description": "Bonus added to the customer's equity"},
    "protection": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Protection plan, an amount, financed over the term"},
    "insurance_months": {"type": "integer", "minimum": 1, "maximum": 480, "default": 12,
      "description": "Months over which an insurance policy is financed"},
    "insurance_renewed": {"type": "boolean", "default": false,
      "description": "Whether schedules renew the insurance while the term runs"},
    "gps_installation": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "GPS installation before tax"},
    "gps_monthly": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "GPS fee of each month before tax"},
    "gps_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on GPS fees, as a fraction"},
    "installation_from_equity": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is taken from the equity"},
    "installation_financed": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is added to the amount financed"},
    "installation_in_first_payment": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is part of the first, quoted, payment"},
    "margin_cost": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Cost that is taken from the fees to give the margin"},
    "margin_service_fee": {"type": "boolean", "default": true,
      "description": "Whether the service fee is part of the margin"},
    "margin_opening_fee": {"type": "boolean", "default": true,
      "description": "Whether the opening fee is part of the margin"},
    "margin_protection": {"type": "boolean", "default": false,
      "description": "Whether the protection plan is part of the margin"},
    "requires_dearer": {"type": "boolean", "default": true,
      "description": "Whether an offer must be dearer than the customer's current vehicle"},
    "max_change": {"type": ["number", "null"], "minimum": -1, "maximum": 1000000, "x-digits": 18, "default": null,
      "description": "Largest payment change of an offer, as a fraction; null: no limit"},
    "max_component": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest of each of loan, service fee, protection and insurance; null: no limit"},
    "max_financed": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest amount financed; null: no limit"},
    "max_annual_rate": {"type": "number", "minimum": 0, "maximum": 9, "x-digits": 18, "default": 1,
      "description": "Largest annual rate that a profile or a what-if may have, before the adjustment of the term"},
    "max_adjusted_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
      "description": "Largest annual rate with the adjustment of the term; a term beyond it makes no offer; null: no limit"},
    "max_service_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0.05,
      "description": "Largest service fee of a what-if, as a fraction"},
    "max_opening_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0.04,
      "description": "Largest opening fee of a what-if, as a fraction"},
    "max_bonus": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
        "x-at-most": "max_what_if_bonus", "default": null,
      "description": "Largest bonus that the program itself may give; null: no limit"},
    "max_what_if_bonus": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest bonus of a what-if; null: no limit"},
    "max_insurance": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest insurance premium; null: no limit"},
    "max_term": {"type": "integer", "minimum": 1, "maximum": 480, "default": 120,
      "description": "Longest term in months"},
    "valid_from": {"type": ["string", "null"], "format": "date", "x-before": "valid_to", "default": null,
      "description": "First day on which offers use this version, in UTC; null: from its publication"},
    "valid_to": {"type": ["string", "null"], "format": "date", "default": null,
      "description": "First day on which offers no longer use it, in UTC; null: no end"},
    "min_year": {"type": ["integer", "null"], "minimum": 1886, "maximum": 2200, "default": null,
      "description": "Oldest model year that is financed; null: any"},
    "max_age": {"type": ["integer", "null"], "minimum": 0, "maximum": 200, "default": null,
      "description": "Largest age of a vehicle, in years: this year, in UTC, less its model year; null: any"},
    "max_kilometers": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647, "default": null,
      "description": "Most kilometres of a vehicle; null: any"},
    "makes": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string"}, "default": null,
      "description": "Makes that are financed; null: any"},
    "min_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_price",
        "default": null,
      "description": "Lowest price that is financed; null: any"},
    "max_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Highest price that is financed; null: any"},
    "kind": {"type": "string", "enum": ["loan", "balloon", "lease"], "default": "loan",
      "description": "What the program is: loan, balloon (a share of the price is due with the last payment) or lease"},
    "sales_tax_base": {"type": "string", "enum": ["price", "difference"], "default": "price",
        "x-kinds": ["loan", "balloon"],
      "description": "What sales tax is taken of: price, or difference (the price less the trade value)"},
    "sales_tax_financed": {"type": "boolean", "default": true,
      "description": "Whether sales tax is financed; otherwise it is due at signing"},
    "fees_financed": {"type": "boolean", "default": true,
      "description": "Whether service, document and acquisition fee are financed; otherwise they are due at signing"},
    "acquisition_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Acquisition fee, an amount"},
    "end_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
        "x-kinds": ["balloon", "lease"],
      "description": "Fee that is due with the last payment of a balloon loan or a lease"},
    "lease_tax": {"type": "string", "enum": ["payment", "upfront"], "default": "payment",
        "x-kinds": ["lease"],
      "description": "When a lease is taxed: payment (each of them) or upfront (all of them at signing)"},
    "payments_in_advance": {"type": "boolean", "default": false,
        "x-kinds": ["lease"],
      "description": "Whether the first payment of a lease is due at signing"},
    "payment_frequency": {"type": "string", "enum": ["monthly", "semimonthly", "bi-weekly", "weekly"], "default": "monthly",
        "x-kinds": ["loan", "balloon"],
      "description": "How often the payment of a loan is due: monthly, semimonthly, bi-weekly or weekly"},
    "first_payment_days": {"type": ["integer", "null"], "minimum": 1, "maximum": 366, "default": null,
        "x-kinds": ["loan", "balloon"],
      "description": "Days to the first payment of a loan, where they are not a whole period (a month of 30); null: a whole one"},
    "kilometers_per_year": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647, "default": null,
        "x-kinds": ["lease"],
      "description": "Kilometres a year that a lease allows; null: nothing is said"},
    "min_payment": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Lowest payment of an offer; null: no limit"},
    "max_payment_to_income": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
      "description": "Largest payment of an offer as a share of the customer's monthly income; null: no limit"},
    "subsidy_rules": {"type": ["object", "null"], "additionalProperties": false, "default": null,
      "description": "What min_subsidy may concede and which gates must hold, as its rules; null: only another term is conceded",
      "properties": {
        "terms": {"type": "array", "minItems": 1, "maxItems": 60, "items": {"type": "integer", "minimum": 1, "maximum": 480},
          "description": "Terms that are tried, in this order"},
        "order": {"type": "array", "minItems": 4, "maxItems": 4,
          "items": {"type": "string", "enum": ["term", "service_fee_rate", "bonus", "opening_fee_rate"]},
          "description": "What is conceded, from what changes last to what changes first"},
        "service_fee_rate": {"type": ["number", "object"], "minimum": 0, "maximum": 1, "x-digits": 18,
            "additionalProperties": false,
          "description": "Service fee: a number, or from, to and step; what is left out is the program's own",
          "properties": {
            "from": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is tried first"},
            "to": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is conceded at most"},
            "step": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
                "description": "From one value to the next, above 0"}
          }},
        "bonus": {"type": ["number", "object"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
            "additionalProperties": false,
          "description": "Bonus: a number, or from, to and step; what is left out is the program's own",
          "properties": {
            "from": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
                "description": "What is tried first"},
            "to": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
                "description": "What is conceded at most"},
            "step": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
                "description": "From one value to the next, above 0"}
          }},
        "opening_fee_rate": {"type": ["number", "object"], "minimum": 0, "maximum": 1, "x-digits": 18,
            "additionalProperties": false,
          "description": "Opening fee: a number, or from, to and step; what is left out is the program's own",
          "properties": {
            "from": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is tried first"},
            "to": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is conceded at most"},
            "step": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
                "description": "From one value to the next, above 0"}
          }},
        "max_change": {"type": ["number", "null"], "minimum": -1, "maximum": 1000000, "x-digits": 18,
          "description": "Largest payment change; null: not asked"},
        "min_margin": {"type": ["number", "null"], "minimum": -1000000000000, "maximum": 1000000000000, "x-digits": 18,
          "description": "Least margin less the bonus; null: not asked"},
        "max_financed_to_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000, "x-digits": 18,
          "description": "Largest share of the price that is financed; null: not asked"},
        "require_dearer": {"type": "boolean",
          "description": "Whether the vehicle must be dearer than the current one, where the program asks that"}
      }},
    "profiles": {"type": "array", "minItems": 1, "x-unique": "profile",
      "description": "What a program asks of each risk profile",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["profile", "down_payment_rate"],
        "oneOf": [{"required": ["annual_rate"]}, {"required": ["annual_percent"]}],
        "properties": {
          "profile": {"type": "string", "maxLength": 300,
            "description": "Risk profile, as customers have it"},
          "annual_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-decimals": 15,
              "x-words": "a fraction: 4.9 percent is 0.049",
            "x-at-most": "max_annual_rate",
            "description": "Annual rate as a fraction, before the adjustment of the term"},
          "annual_percent": {"type": "number", "minimum": 0, "maximum": 900, "x-decimals": 13, "x-percent-of": "annual_rate",
            "x-at-most": "max_annual_rate",
            "description": "Annual rate as a percentage, in place of annual_rate; a rate above 100 percent is written so"},
          "down_payment_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
            "description": "Least down payment as a fraction of the price"},
          "insurance": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_insurance",
              "default": 0,
            "description": "Insurance premium, an amount, financed over the program's insurance_months"},
          "max_loan_to_value": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
            "description": "Largest amount financed as a multiple of the price; null: no limit"}
        }
      }},
    "terms": {"type": "array", "minItems": 1, "maxItems": 480, "x-unique": "term",
      "description": "The terms that a program offers",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["term"],
        "properties": {
          "term": {"type": "integer", "minimum": 1, "maximum": 480, "x-at-most": "max_term",
            "description": "Term in months"},
          "rate_adjustment": {"type": "number", "minimum": 0, "maximum": 1, "x-decimals": 15, "default": 0,
            "description": "What this term adds to the annual rate, as a fraction"},
          "residual_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-decimals": 15, "default": 0,
              "x-kinds": ["balloon", "lease"],
            "description": "Share of the price that is due at the end of a balloon loan, or that a leased vehicle is worth then"}
        }
      }},
    "tiers": {"type": "array", "maxItems": 8, "x-unique": "name",
      "description": "The tiers of a program: named intervals of the payment change, in ascending order of rank",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
          "name": {"type": "string", "minLength": 1, "maxLength": 39, "x-bytes": 39,
            "pattern": "^(?![ \\t\\r\\n])[^\\]\\[\"(),]*(?<![ \\t\\r\\n])$",
            "x-words": "without commas, quotes, brackets, parentheses and outer blanks",
            "description": "Name of the tier, as offers show it"},
          "lower_change": {"type": ["number", "null"], "minimum": -1000000, "maximum": 1000000, "x-written-digits": 18,
              "default": null,
            "description": "Smallest payment change as a fraction; null: no bound"},
          "lower_inclusive": {"type": "boolean", "default": false,
            "description": "Whether the smallest payment change itself belongs to the tier"},
          "upper_change": {"type": ["number", "null"], "minimum": -1000000, "maximum": 1000000, "x-written-digits": 18,
              "default": null,
            "description": "Largest payment change as a fraction; null: no bound"},
          "upper_inclusive": {"type": "boolean", "default": true,
            "description": "Whether the largest payment change itself belongs to the tier"}
        }
      }},
    "regions": {"type": "array", "maxItems": 100000, "x-unique": "region", "default": [],
      "description": "Sales tax and document fee for customers of a region; all other customers have those of the program",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["region"],
        "properties": {
          "region": {"type": "string", "minLength": 1, "maxLength": 300,
            "description": "Region, as customers have it"},
          "sales_tax_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 1, "x-digits": 18, "default": null,
            "description": "Sales tax there, as a fraction; null: that of the program"},
          "document_fee": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
            "description": "Document fee there, an amount; null: that of the program"}
        }
      }}
  }
}$schema$::jsonb;

COMMENT ON FUNCTION tradeup.program_schema() IS
    'The JSON schema (draft 2020-12) of the documents that program_from_json reads and program_to_json writes';

CREATE FUNCTION tradeup_internal.schema_words(schema jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN schema ? 'enum' THEN 'one of ' || translate((schema -> 'enum')::text, '[]"', '')
    WHEN schema ->> 'format' = 'date' THEN 'a date such as 2026-01-31'
    WHEN schema -> 'type' ? 'string' THEN 'a text'
        || CASE WHEN schema ? 'maxLength'
                THEN format(' of %s to %s %s', coalesce(schema ->> 'minLength', '0'),
                            coalesce(schema ->> 'x-bytes', schema ->> 'maxLength'),
                            CASE WHEN schema ? 'x-bytes' THEN 'bytes' ELSE 'characters' END)
                ELSE '' END
        || coalesce(' ' || (schema ->> 'x-words'), '')
    WHEN schema -> 'type' ? 'boolean' THEN 'true or false'
    WHEN schema -> 'type' ? 'object' THEN 'an object'
    WHEN schema -> 'type' ? 'array' THEN 'an array'
        || CASE WHEN schema ? 'maxItems' THEN format(' of %s to %s items', coalesce(schema ->> 'minItems', '0'),
                                                     schema ->> 'maxItems')
                WHEN schema ? 'minItems' THEN format(' of at least %s item', schema ->> 'minItems') ELSE '' END
    ELSE CASE WHEN schema -> 'type' ? 'integer' THEN 'a whole number' ELSE 'a number' END
        || coalesce(' from ' || (schema ->> 'minimum') || ' to ' || (schema ->> 'maximum'), '')
        || coalesce(' of at most ' || (schema ->> 'x-digits') || ' digits', '')
        || coalesce(' of at most ' || (schema ->> 'x-decimals') || ' decimals', '')
            || coalesce(', ' || (schema ->> 'x-words'), '')
        || coalesce(' of at most ' || (schema ->> 'x-written-digits') || ' digits, zeros at the end included', '')
    END
    || CASE WHEN schema -> 'type' ? 'null' THEN ', or null' ELSE '' END;

COMMENT ON FUNCTION tradeup_internal.schema_words(jsonb) IS 'What a part of the schema of programs asks of a value, in words';

-- Arrays and objects are judged by their kind and size only: their parts are values of their own.
CREATE FUNCTION tradeup_internal.schema_fits(value jsonb, schema jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text := jsonb_typeof(value);
    words text := value #>> '{}';
    number numeric;
BEGIN
    IF kind = 'number' THEN
        number := words::numeric;
        IF NOT schema -> 'type' ?| '{number,integer}' OR value < schema -> 'minimum' OR value > schema -> 'maximum' THEN
            RETURN false;
        END IF;
        IF NOT schema ? 'x-written-digits' THEN
            number := trim_scale(number);
        END IF;
        RETURN (schema -> 'type' ? 'number' OR scale(trim_scale(number)) = 0)
            AND (NOT schema ? 'x-decimals' OR scale(trim_scale(number)) <= (schema ->> 'x-decimals')::integer)
            AND (NOT schema ?| '{x-digits,x-written-digits}'
                 OR (scale(number) <= 18 AND length(ltrim(translate(number::text, '-.', ''), '0')) <= 18));
    ELSIF kind <> 'string' OR NOT schema -> 'type' ? 'string' THEN
        RETURN schema -> 'type' ? kind
            AND (kind <> 'array' OR jsonb_array_length(value) BETWEEN coalesce((schema ->> 'minItems')::integer, 0)
                                    AND coalesce((schema ->> 'maxItems')::integer, 2147483647));
    ELSIF schema ->> 'format' = 'date' THEN
        RETURN words ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-\d\d$'
            AND CASE WHEN words ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-\d\d$'
                     THEN right(words, 2)::integer BETWEEN 1 AND extract(day FROM
                          make_date(left(words, 4)::integer, substr(words, 6, 2)::integer, 1) + interval '1 month - 1 day') END;
    END IF;
    RETURN length(words) BETWEEN coalesce((schema ->> 'minLength')::integer, 0)
                         AND coalesce((schema ->> 'maxLength')::integer, 2147483647)
        AND octet_length(words) <= coalesce((schema ->> 'x-bytes')::integer, 2147483647)
        AND coalesce(schema -> 'enum' ? words, true)
        AND coalesce(words ~ (schema ->> 'pattern'), true)
        AND (NOT schema ? 'x-currency' OR tradeup.currency_digits(words) IS NOT NULL);
END
$$;

COMMENT ON FUNCTION tradeup_internal.schema_fits(jsonb, jsonb) IS
    'Whether a value has the kind, size, range, digits and form that a part of the schema of programs asks';

CREATE FUNCTION tradeup_internal.with_defaults(value jsonb, schema jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    key text;
    part jsonb;
BEGIN
    IF jsonb_typeof(value) <> 'object' THEN
        RETURN value;
    END IF;
    /* A whole number may be written 48.0 or 4.8e1 in JSON, but not in SQL. */
    FOR key, part IN SELECT p.key, p.value FROM jsonb_each(schema -> 'properties') p WHERE p.value ? 'x-percent-of' LOOP
        IF jsonb_typeof(value -> key) = 'number' AND NOT value ? (part ->> 'x-percent-of') THEN
            value := value - key || jsonb_build_object(part ->> 'x-percent-of', trim_scale((value -> key)::numeric * 0.01));
        END IF;
    END LOOP;
    RETURN value || coalesce((
        SELECT jsonb_object_agg(p.key, CASE WHEN p.value -> 'type' ? 'integer' AND jsonb_typeof(v.value) = 'number'
                                            THEN to_jsonb(trim_scale(v.value::numeric)) ELSE v.value END)
        FROM jsonb_each(schema -> 'properties') p
        CROSS JOIN LATERAL (SELECT coalesce(with_defaults.value -> p.key, p.value -> 'default')) v (value)
        WHERE v.value IS NOT NULL), '{}');
END
$$;

COMMENT ON FUNCTION tradeup_internal.with_defaults(jsonb, jsonb) IS
    'An object with the default, from its schema, of every key that it lacks, and with fractions in place of percentages';

CREATE FUNCTION tradeup_internal.nearest_word(word text, words text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* Pairs of letters in common, as a share of the pairs of both. */
    RETURN (
        SELECT w.word
        FROM unnest(words) w (word)
        CROSS JOIN LATERAL (
            SELECT 2.0 * count(*) / (length(nearest_word.word) + length(w.word) + 2) AS likeness
            FROM generate_series(0, length(w.word)) i
            WHERE strpos(' ' || lower(left(nearest_word.word, 100)) || ' ', substr(' ' || w.word || ' ', i + 1, 2)) > 0) l
        WHERE l.likeness > 0.6
        ORDER BY l.likeness DESC, w.word
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION tradeup_internal.nearest_word(text, text[]) IS
    'The known word that looks most like a mistyped one; null when none does';

CREATE FUNCTION tradeup_internal.json_shown(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
    WHEN 'array' THEN format('an array of %s items', jsonb_array_length(value))
    WHEN 'object' THEN 'an object'
    ELSE left(value::text, 60) || CASE WHEN length(value::text) > 60 THEN '...' ELSE '' END
END;

COMMENT ON FUNCTION tradeup_internal.json_shown(jsonb) IS 'A JSON value as messages show it: cut where it is long';

-- The planner takes every array for one of 100 items, within each other: here and below, compiling the plan would take a hundred
-- times as long as running it.
CREATE FUNCTION tradeup_internal.program_parts(document jsonb)
RETURNS TABLE (path text, key text, place bigint[], value jsonb, schema jsonb, kind text, fits boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 ROWS 200 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    root jsonb := tradeup.program_schema();
BEGIN
    RETURN QUERY
    WITH RECURSIVE part (path, key, place, value, schema) AS (
        SELECT '$', NULL, ARRAY[]::bigint[], tradeup_internal.with_defaults(coalesce(program_parts.document, 'null'), root), root
        UNION ALL
        SELECT p.path || c.step, c.key, p.place || c.n, c.value, c.schema
        FROM part p
        CROSS JOIN LATERAL (
            SELECT '.' || e.key, e.key, e.n, e.value, p.schema #> ARRAY['properties', e.key]
            FROM jsonb_each(CASE WHEN jsonb_typeof(p.value) = 'object' THEN p.value ELSE '{}' END)
                     WITH ORDINALITY e (key, value, n)
            UNION ALL
            SELECT format('[%s]', e.n - 1), p.key, e.n, e.value, p.schema -> 'items'
            FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p.value) = 'array' THEN p.value ELSE '[]' END)
                     WITH ORDINALITY e (value, n)) c (step, key, n, value, schema)
        WHERE c.schema IS NOT NULL
    )
    SELECT p.*, jsonb_typeof(p.value), tradeup_internal.schema_fits(p.value, p.schema) FROM part p;
END
$$;

COMMENT ON FUNCTION tradeup_internal.program_parts(jsonb) IS
    'Every known value of a document of a program, defaults of the program included, with its part of the schema and whether it '
    'fits';
-- A whole program as one JSON document: what is wrong with it, import, export, differences.

-- Every value is judged by itself; then what depends on several values, only where each of them is right, so that no mistake is
-- told twice.
CREATE FUNCTION tradeup.program_problems(document tradeup.any_json) RETURNS TABLE (path text, problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT * FROM tradeup_internal.program_parts(program_problems.document::jsonb)
    ), program (sound) AS MATERIALIZED (
        SELECT coalesce(jsonb_object_agg(j.key, j.value), '{}') FROM judged j
        WHERE cardinality(j.place) = 1 AND j.fits AND j.kind IN ('number', 'string')
    ), wrong (place) AS MATERIALIZED (
        SELECT DISTINCT j.place[1:2] FROM judged j WHERE NOT j.fits AND cardinality(j.place) >= 2
    ), keys (schema, keys) AS MATERIALIZED (
        SELECT DISTINCT j.schema, ARRAY(SELECT jsonb_object_keys(j.schema -> 'properties') ORDER BY 1)
        FROM judged j WHERE j.kind = 'object' AND j.fits
    ), found (place, kind, path, problem) AS (
        SELECT j.place, 1, j.path,
               format('must be %s; it is %s', tradeup_internal.schema_words(j.schema), tradeup_internal.json_shown(j.value))
        FROM judged j
        WHERE NOT j.fits
        UNION ALL
        SELECT j.place, 2, j.path || '.' || r.key,
               format('is missing; it must be %s', tradeup_internal.schema_words(j.schema #> ARRAY['properties', r.key]))
        FROM judged j CROSS JOIN jsonb_array_elements_text(j.schema -> 'required') r (key)
        WHERE j.kind = 'object' AND NOT j.value ? r.key
        UNION ALL
        /* Keys of which one is needed. */
        SELECT j.place, 2, j.path || '.' || o.keys[CASE WHEN o.given = 0 THEN 1 ELSE 2 END],
               CASE WHEN o.given = 0
                    THEN format('is missing; it must be %s; or give %s',
                                tradeup_internal.schema_words(j.schema #> ARRAY['properties', o.keys[1]]), o.keys[2])
                    ELSE format('says again what %s says; give one of them', o.keys[1]) END
        FROM judged j
        CROSS JOIN LATERAL (SELECT array_agg(k.value #>> '{required,0}' ORDER BY k.n),
                            count(*) FILTER (WHERE j.value ? (k.value #>> '{required,0}'))
                            FROM jsonb_array_elements(j.schema -> 'oneOf') WITH ORDINALITY k (value, n)) o (keys, given)
        WHERE j.kind = 'object' AND j.schema ? 'oneOf'
          AND (o.given = 0
               OR (o.given = 2
                   AND tradeup_internal.schema_fits(j.value -> o.keys[2], j.schema #> ARRAY['properties', o.keys[2]])))
        UNION ALL
        SELECT j.place, 3,
               j.path || CASE WHEN u.key ~ '^\w{1,60}$' THEN '.' || u.key
                              ELSE format('[%s]', tradeup_internal.json_shown(to_jsonb(u.key))) END,
               'is unknown' || coalesce('; perhaps ' || tradeup_internal.nearest_word(u.key, k.keys) || ' is meant', '')
               || '; allowed are ' || array_to_string(k.keys, ', ')
        FROM judged j
        JOIN keys k ON k.schema = j.schema
        CROSS JOIN jsonb_object_keys(CASE WHEN j.kind = 'object' THEN j.value ELSE '{}' END) u (key)
        WHERE NOT u.key = ANY (k.keys)
        UNION ALL
        SELECT j.place, 4, j.path, format('must be at most %s, %sthe %s of the program; it is %s%s',
                                          CASE l.times WHEN 1 THEN p.sound ->> l.key
                                                       ELSE trim_scale(l.times * (p.sound -> l.key)::numeric)::text END,
                                          CASE l.times WHEN 1 THEN '' ELSE l.times || ' times ' END, l.key, j.value,
                                          CASE WHEN cardinality(j.place) = 1 AND NOT program_problems.document::jsonb ? j.key
                                               THEN ' by default' ELSE '' END)
        FROM judged j CROSS JOIN program p
        CROSS JOIN LATERAL (
            /* The lowest of several limits. */
            SELECT k.key #>> '{}', CASE WHEN j.schema ? 'x-percent-of' THEN 100 ELSE 1 END
            FROM jsonb_path_query(j.schema, '$."x-at-most"[*]') WITH ORDINALITY k (key, n)
            WHERE jsonb_typeof(p.sound -> (k.key #>> '{}')) = 'number'
            ORDER BY p.sound -> (k.key #>> '{}'), k.n LIMIT 1) l (key, times)
        WHERE j.fits AND j.kind = 'number' AND j.value::numeric > l.times * (p.sound -> l.key)::numeric
        UNION ALL
        SELECT j.place, 4, j.path,
            format('belongs to a %s only; the kind of the program is %s',
                   (SELECT string_agg(k.kind, ' or a ' ORDER BY k.n)
                    FROM jsonb_array_elements_text(j.schema -> 'x-kinds') WITH ORDINALITY k (kind, n)), p.sound ->> 'kind')
        FROM judged j CROSS JOIN program p
        WHERE j.fits AND j.schema ? 'x-kinds' AND p.sound ? 'kind' AND j.value <> j.schema -> 'default'
          AND NOT j.schema -> 'x-kinds' ? (p.sound ->> 'kind')
        UNION ALL
        SELECT j.place, 5, j.path,
            format('must be before %s, the %s of the program; it is %s', p.sound ->> l.key, l.key, j.value #>> '{}')
        FROM judged j CROSS JOIN program p CROSS JOIN LATERAL (SELECT j.schema ->> 'x-before') l (key)
        WHERE j.fits AND (j.value #>> '{}') >= (p.sound ->> l.key) COLLATE "C"
        UNION ALL
        SELECT d.place, 6, format('%s[%s].%s', d.path, d.n - 1, d.key),
               format('is the same as that of %s[%s]: %s', d.path, d.first - 1, tradeup_internal.json_shown(d.value))
        FROM (SELECT j.place, j.path, e.n, l.key, e.value -> l.key AS value,
              min(e.n) OVER (PARTITION BY j.path, e.value -> l.key) AS first
              FROM judged j CROSS JOIN LATERAL (SELECT j.schema ->> 'x-unique') l (key)
              CROSS JOIN jsonb_array_elements(CASE WHEN j.kind = 'array' THEN j.value ELSE '[]' END) WITH ORDINALITY e (value, n)
              WHERE j.schema ? 'x-unique' AND e.value ? l.key) d
        WHERE d.n > d.first
        UNION ALL
        SELECT t.place, 7, t.path, p.problem
        FROM (SELECT x.*, lag(x.interval) OVER (ORDER BY x.place) AS before
              FROM (SELECT j.place, j.path, t.list, substr(t.list, length(j.value ->> 'name') + 1) AS interval
                    FROM judged j
                    CROSS JOIN LATERAL (
                        SELECT tradeup_internal.tier_text(jsonb_populate_record(NULL::tradeup.program_tier,
                                                                                tradeup_internal.with_defaults(j.value,
                                                                                                               j.schema)))
                        /* Only values of the right kind make a row. */
                        WHERE j.place NOT IN (SELECT w.place FROM wrong w)) t (list)
                    WHERE j.key = 'tiers' AND cardinality(j.place) = 2 AND j.value ? 'name') x) t
        CROSS JOIN LATERAL (SELECT tradeup_internal.tiers_problem(t.list)) own (problem)
        CROSS JOIN LATERAL (
            SELECT own.problem || ':' || t.interval
            UNION ALL
            SELECT tradeup_internal.tiers_problem('before' || t.before || ', this' || t.interval)
                || format(':%s comes after%s', t.interval, t.before)
            WHERE own.problem IS NULL AND tradeup_internal.tiers_problem('before' || t.before) IS NULL) p (problem)
        WHERE p.problem IS NOT NULL
    )
    SELECT f.path, f.problem FROM found f ORDER BY f.place, f.kind, f.path COLLATE "C";
END
$$;

COMMENT ON FUNCTION tradeup.program_problems(tradeup.any_json) IS
    'Everything that keeps a JSON document from being a program: the path of each wrong value and what is allowed there';

CREATE FUNCTION tradeup_internal.steps_of_program_from_json(document tradeup.any_json)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    schema jsonb := tradeup.program_schema();
    whole jsonb := tradeup_internal.with_defaults(document::jsonb, schema);
    problems bigint;
    shown text;
    key jsonb;
    latest integer;
BEGIN
    SELECT count(*), string_agg(CASE WHEN length(p.path || p.problem) > 300 THEN left(p.path || ': ' || p.problem, 300) || '...'
                                     ELSE p.path || ': ' || p.problem END, E'\n' ORDER BY p.n) FILTER (WHERE p.n <= 20)
    INTO problems, shown
    FROM tradeup.program_problems(document) WITH ORDINALITY p (path, problem, n);
    IF problems > 0 THEN
        RAISE EXCEPTION 'document is not a finance program: % %', problems, CASE WHEN problems = 1 THEN 'problem'
            ELSE 'problems' END
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'program_problems(document) lists them as rows; program_schema() says all that is allowed.';
    END IF;
    /* Two imports at once take different versions. The locks come in the order in which a publication takes them. */
    LOCK TABLE tradeup.program, tradeup.program_profile, tradeup.program_term, tradeup.program_tier, tradeup.program_region
        IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(p.version) INTO latest FROM tradeup.program p WHERE p.name = whole ->> 'name';
    IF latest = 2147483647 THEN
        RAISE EXCEPTION 'program "%" has no version left', tradeup_internal.shown(whole ->> 'name')
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Import it under another name.';
    END IF;
    latest := coalesce(latest, 0) + 1;
    key := jsonb_build_object('program', whole -> 'name', 'version', latest);
    BEGIN
        INSERT INTO tradeup.program
        SELECT x.* FROM jsonb_populate_record(NULL::tradeup.program, whole - '{profiles,terms,tiers,regions}'::text[]
                                                                     || jsonb_build_object('version', latest, 'built_in',
                                                                                           false)) x;
    EXCEPTION WHEN unique_violation THEN
        /* A transaction that sees the tables as they were cannot see the version of another. */
        RAISE EXCEPTION 'another session added a version of program "%"', tradeup_internal.shown(whole ->> 'name')
            USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
    END;
    INSERT INTO tradeup.program_profile
    SELECT x.* FROM jsonb_array_elements(whole -> 'profiles') i (value),
         jsonb_populate_record(NULL::tradeup.program_profile,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,profiles,items}') || key) x;
    INSERT INTO tradeup.program_term
    SELECT x.* FROM jsonb_array_elements(whole -> 'terms') i (value),
         jsonb_populate_record(NULL::tradeup.program_term,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,terms,items}') || key) x;
    INSERT INTO tradeup.program_tier
    SELECT x.* FROM jsonb_array_elements(whole -> 'tiers') WITH ORDINALITY i (value, n),
         jsonb_populate_record(NULL::tradeup.program_tier,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,tiers,items}') || key
                               || jsonb_build_object('rank', i.n)) x;
    INSERT INTO tradeup.program_region
    SELECT x.* FROM jsonb_array_elements(whole -> 'regions') i (value),
         jsonb_populate_record(NULL::tradeup.program_region,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,regions,items}') || key) x;
    PERFORM tradeup.publish_program(whole ->> 'name', latest);
    RETURN latest;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_program_from_json(tradeup.any_json) IS 'The steps of program_from_json';

CREATE FUNCTION tradeup.program_from_json(document tradeup.any_json) RETURNS integer
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.program_from_json(tradeup.any_json) IS
    'Publishes a JSON document as a new version of its program and returns the version; or one error with everything that is '
    'wrong';

CREATE FUNCTION tradeup.program_to_json(name text, version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT to_jsonb(p)
           - '{version,built_in,published_at,profile_count,term_count,tier_count,region_count,tiers}'::text[]
           || jsonb_build_object(
               'profiles', (SELECT coalesce(jsonb_agg(
                                       CASE WHEN f.annual_rate > 1
                                            THEN to_jsonb(f) - '{program,version,annual_rate}'::text[]
                                                 || jsonb_build_object('annual_percent', trim_scale(100 * f.annual_rate))
                                            ELSE to_jsonb(f) - '{program,version}'::text[] END ORDER BY f.profile COLLATE "C"),
                                                '[]')
                            FROM tradeup.program_profile f WHERE f.program = p.name AND f.version = p.version),
               'terms', (SELECT coalesce(jsonb_agg(to_jsonb(t) - '{program,version}'::text[] ORDER BY t.term), '[]')
                         FROM tradeup.program_term t WHERE t.program = p.name AND t.version = p.version),
               'tiers', (SELECT coalesce(jsonb_agg(to_jsonb(r) - '{program,version,rank}'::text[] ORDER BY r.rank), '[]')
                         FROM tradeup.program_tier r WHERE r.program = p.name AND r.version = p.version),
               'regions', (SELECT coalesce(jsonb_agg(to_jsonb(g) - '{program,version}'::text[] ORDER BY g.region COLLATE "C"),
                                           '[]')
                           FROM tradeup.program_region g WHERE g.program = p.name AND g.version = p.version))
    FROM (SELECT program_to_json.name, program_to_json.version) q (name, version)
    LEFT JOIN tradeup.program p
           ON p.name = q.name
          AND p.version = coalesce(q.version, (SELECT c.version FROM tradeup.current_program c WHERE c.name = q.name))
    WHERE tradeup_internal.require_known('program'::text, q.name || coalesce('" version "' || q.version, ''), p.name,
                                         true);
END;

COMMENT ON FUNCTION tradeup.program_to_json(text, integer) IS
    'A version of a program, or the current one, as a JSON document with every field written out';

-- Profiles, terms, tiers and regions are compared by their names, not by their places.
CREATE FUNCTION tradeup.program_diff(a tradeup.any_json, b tradeup.any_json)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    schema jsonb := tradeup.program_schema();
BEGIN
    RETURN QUERY
    WITH side (side, value) AS (
        SELECT s.side, tradeup_internal.with_defaults(coalesce(s.value, 'null'), schema)
        FROM (VALUES (1, program_diff.a::jsonb), (2, program_diff.b::jsonb)) s (side, value)
    ), item (side, section, path, n, place, value) AS (
        SELECT s.side, '', '$', 1::bigint, 0::bigint, s.value
        FROM side s WHERE jsonb_typeof(s.value) <> 'object'
        UNION ALL
        SELECT s.side, '', '$.' || f.key, 1, 0, f.value
        FROM side s, jsonb_each(CASE WHEN jsonb_typeof(s.value) = 'object' THEN s.value ELSE '{}' END) f
        WHERE jsonb_typeof(f.value) <> 'array' OR schema #>> ARRAY['properties', f.key, 'x-unique'] IS NULL
        UNION ALL
        SELECT s.side, l.key, k.path, row_number() OVER (PARTITION BY s.side, k.path ORDER BY i.n), i.n,
               tradeup_internal.with_defaults(i.value, l.schema -> 'items')
        FROM side s
        CROSS JOIN jsonb_each(schema -> 'properties') l (key, schema)
        CROSS JOIN jsonb_array_elements(CASE WHEN jsonb_typeof(s.value -> l.key) = 'array' THEN s.value -> l.key ELSE '[]' END)
                       WITH ORDINALITY i (value, n)
        CROSS JOIN LATERAL (
            SELECT format('$.%s[%s]', l.key,
                          CASE WHEN jsonb_typeof(x.key) = 'number' THEN to_jsonb(trim_scale(x.key::numeric)::text) ELSE x.key END)
            FROM (SELECT coalesce(i.value -> (l.schema ->> 'x-unique'), i.value)) x (key)) k (path)
        WHERE l.schema ? 'x-unique'
    ), pair AS (
        SELECT i.section, i.path, i.n, max(i.place) FILTER (WHERE i.side = 2) AS place_b, min(i.place) AS place,
               (array_agg(i.value) FILTER (WHERE i.side = 1))[1] AS a, (array_agg(i.value) FILTER (WHERE i.side = 2))[1] AS b
        FROM item i
        GROUP BY i.section, i.path, i.n
    )
    SELECT p.path || d.step, d.a, d.b
    FROM pair p
    CROSS JOIN LATERAL (
        SELECT '', p.a, p.b
        WHERE (jsonb_typeof(p.a) = 'object' AND jsonb_typeof(p.b) = 'object') IS NOT TRUE
        UNION ALL
        SELECT '.' || f.key, p.a -> f.key, p.b -> f.key
        FROM jsonb_object_keys(CASE WHEN jsonb_typeof(p.a) = 'object' AND jsonb_typeof(p.b) = 'object' THEN p.a || p.b
                               ELSE '{}' END) f (key)
    ) d (step, a, b)
    WHERE d.a IS DISTINCT FROM d.b
    ORDER BY p.section COLLATE "C", coalesce(p.place_b, p.place), p.path COLLATE "C", p.n, d.step COLLATE "C";
END
$$;

COMMENT ON FUNCTION tradeup.program_diff(tradeup.any_json, tradeup.any_json) IS
    'What differs between two documents of programs, by path; null on the side that lacks it; a figure left out counts as its '
    'default';

CREATE FUNCTION tradeup_internal.steps_of_program_diff(program text, from_version integer, to_version integer)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 10
BEGIN ATOMIC
    SELECT d.path, d.value_a, d.value_b
    FROM tradeup.program_diff(tradeup.program_to_json(steps_of_program_diff.program, steps_of_program_diff.from_version)
                                  ::tradeup.any_json,
                              tradeup.program_to_json(steps_of_program_diff.program, steps_of_program_diff.to_version)
                                  ::tradeup.any_json) d;
END;

COMMENT ON FUNCTION tradeup_internal.steps_of_program_diff(text, integer, integer) IS 'The steps of program_diff';

CREATE FUNCTION tradeup.program_diff(program text, from_version integer, to_version integer)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE c STABLE PARALLEL SAFE COST 2000 ROWS 10 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.program_diff(text, integer, integer) IS
    'What differs between two versions of a program; null is the current one';
-- The indexes of searches, and their filters and places as rows.

CREATE TYPE tradeup_internal.search_place AS (
    sort text,
    key numeric,
    downward boolean,
    price_minor bigint,
    vehicle_id text,
    term integer
);
COMMENT ON TYPE tradeup_internal.search_place IS
    'The place of an offer in a sorted search: the key of the sort, the smallest first, then the price and vehicle_id in one '
    'direction, then the term';
-- The nulls come first, so that backward, from the newest on, they come last.
CREATE INDEX vehicle_available_by_year ON tradeup.vehicle (currency, year NULLS FIRST, price_minor, vehicle_id)
    INCLUDE (make, dealer, kilometers) WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_year IS 'Available vehicles by year, for searches sorted by it';
CREATE INDEX vehicle_available_by_kilometers ON tradeup.vehicle (currency, kilometers, price_minor, vehicle_id)
    INCLUDE (make, dealer, year) WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_kilometers IS 'Available vehicles by kilometres, for searches sorted by them';

CREATE TYPE tradeup.offer_filter AS (
    price_from numeric,
    price_to numeric,
    makes text[],
    models text[],
    bodies text[],
    colors text[],
    regions text[],
    dealers text[],
    fuels text[],
    transmissions text[],
    year_from integer,
    year_to integer,
    kilometers_to integer,
    listed_from date,
    promotion boolean,
    match_case boolean,
    better boolean,
    newer boolean,
    same_make boolean,
    kilometers_ratio numeric,
    price_ratio numeric,
    change_from numeric,
    change_to numeric,
    terms integer[],
    tiers text[],
    categories text[]
);
COMMENT ON TYPE tradeup.offer_filter IS
    'The conditions of a search as a row, its lists about vehicles in lower case unless match_case is true; null is no condition';

CREATE TYPE tradeup_internal.vehicle_conditions AS (
    price_from numeric,
    price_to numeric,
    year_from integer,
    year_to integer,
    kilometers_to numeric,
    makes text[],
    only_make text,
    other_make text,
    bodies text[],
    regions text[],
    models text[],
    colors text[],
    dealers text[],
    fuels text[],
    transmissions text[],
    listed_from date,
    promotion boolean,
    match_case boolean,
    of_index boolean,
    of_table boolean
);
COMMENT ON TYPE tradeup_internal.vehicle_conditions IS
    'What a search asks of vehicles, with the customer''s own vehicle worked in; null is no condition. of_index and of_table say '
    'whether it asks anything beside the price that the index on price holds, and anything that only the table holds';

CREATE TYPE tradeup_internal.search_tally AS (
    buckets bigint[],
    facets text[],
    "values" text[],
    offers bigint[],
    vehicles bigint[]
);
COMMENT ON TYPE tradeup_internal.search_tally IS
    'The vehicles of a search, counted: those of each bucket of prices; and facet, value, offers and vehicles of each value of '
    'make, body, region and band of years';

CREATE TYPE tradeup_internal.search_cover AS (
    bucket integer,
    tier text,
    rank integer,
    category text,
    terms bigint
);
COMMENT ON TYPE tradeup_internal.search_cover IS
    'How many offers a vehicle of a bucket of prices makes in a tier and category';
-- The filters of a search: a JSON object becomes a row of conditions, and a vehicle is asked for them.

CREATE FUNCTION tradeup.offer_filter(filter tradeup.any_json, scope text DEFAULT 'offers') RETURNS tradeup.offer_filter
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.offer_filter(tradeup.any_json, text) IS
    'The conditions that a JSON filter sets, checked; scope says what they may be about: vehicles, customer (vehicles against '
    'the customer''s own) or offers';

CREATE FUNCTION tradeup_internal.vehicle_conditions(filter tradeup.offer_filter, current_price numeric,
                                                               current_make text, current_year integer,
                                                               current_kilometers integer)
RETURNS tradeup_internal.vehicle_conditions
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
BEGIN ATOMIC
    SELECT c.price_from, c.price_to, c.year_from, (filter).year_to, c.kilometers_to, (filter).makes,
           c.only_make, c.other_make, (filter).bodies, (filter).regions, (filter).models, (filter).colors,
           (filter).dealers, (filter).fuels, (filter).transmissions, (filter).listed_from, (filter).promotion,
           coalesce((filter).match_case, false),
           num_nonnulls(c.year_from, (filter).year_to, c.kilometers_to, (filter).makes, c.only_make, c.other_make,
                        (filter).bodies, (filter).regions, (filter).dealers) > 0,
           num_nonnulls((filter).models, (filter).colors, (filter).fuels, (filter).transmissions, (filter).listed_from,
                        (filter).promotion) > 0
    FROM (SELECT greatest((filter).price_from, CASE WHEN (filter).better THEN trunc(current_price, 4) + 0.0001 END) AS price_from,
                 least((filter).price_to, (filter).price_ratio * current_price) AS price_to,
                 greatest((filter).year_from, CASE WHEN (filter).better THEN current_year END,
                          CASE WHEN (filter).newer THEN current_year + 1 END) AS year_from,
                 least((filter).kilometers_to, CASE WHEN (filter).better THEN nullif(current_kilometers, 0) - 1 END,
                       floor(CASE WHEN (filter).kilometers_ratio * nullif(current_kilometers, 0) < 2147483647
                                  THEN (filter).kilometers_ratio * nullif(current_kilometers, 0) END)::integer) AS kilometers_to,
                 CASE WHEN (filter).same_make THEN current_make END AS only_make,
                 CASE WHEN NOT (filter).same_make THEN current_make END AS other_make) c;
END;
COMMENT ON FUNCTION tradeup_internal.vehicle_conditions(tradeup.offer_filter, numeric, text, integer, integer) IS
    'What a filter asks of vehicles for a customer who drives such a vehicle; what is not known of hers sets no condition';

CREATE FUNCTION tradeup_internal.conditions_for(filter tradeup.offer_filter, customer_id text)
RETURNS tradeup_internal.vehicle_conditions
LANGUAGE sql STABLE PARALLEL SAFE COST 20
RETURN (SELECT tradeup_internal.vehicle_conditions(conditions_for.filter, c.current_price, c.current_make, c.current_year,
                                                   c.current_kilometers)
        FROM (SELECT conditions_for.customer_id AS requested) q
        LEFT JOIN tradeup.customer c ON c.customer_id = q.requested);
COMMENT ON FUNCTION tradeup_internal.conditions_for(tradeup.offer_filter, text) IS
    'What a filter asks of vehicles for a customer; of one who is not there, nothing of her own vehicle is known';

CREATE FUNCTION tradeup_internal.is_listed(value text, list text[]) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.is_listed(text, text[]) IS
    'Whether a text, whatever its case, is in a list that is in lower case';

CREATE FUNCTION tradeup_internal.is_one_of(value text, list text[], match_case boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN match_case THEN value = ANY (list) ELSE tradeup_internal.is_listed(value, list) END;
COMMENT ON FUNCTION tradeup_internal.is_one_of(text, text[], boolean) IS
    'Whether a text is in a list of a filter, with the same case where that is asked for';

-- As CASE, so that a search that asks nothing of vehicles pays for one look at a flag, and the planner does not multiply
-- guesses about conditions that are not there. What is not known is asked for by IS NOT NULL rather than coalesce, which would
-- not be sent to the server of a foreign table.
CREATE FUNCTION tradeup_internal.fits_index(conditions tradeup_internal.vehicle_conditions, vehicle tradeup.vehicle)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN NOT (conditions).of_index THEN true
    ELSE ((conditions).year_from IS NULL OR ((vehicle).year IS NOT NULL AND (vehicle).year >= (conditions).year_from))
         AND ((conditions).year_to IS NULL OR ((vehicle).year IS NOT NULL AND (vehicle).year <= (conditions).year_to))
         AND ((conditions).kilometers_to IS NULL
              OR ((vehicle).kilometers IS NOT NULL AND (vehicle).kilometers <= (conditions).kilometers_to))
         AND ((conditions).makes IS NULL
              OR ((vehicle).make IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).make, (conditions).makes, (conditions).match_case)))
         AND ((conditions).only_make IS NULL OR ((vehicle).make IS NOT NULL AND (vehicle).make = (conditions).only_make))
         AND ((conditions).other_make IS NULL OR ((vehicle).make IS NOT NULL AND (vehicle).make <> (conditions).other_make))
         AND ((conditions).bodies IS NULL
              OR ((vehicle).body IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).body, (conditions).bodies, (conditions).match_case)))
         AND ((conditions).regions IS NULL
              OR ((vehicle).region IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).region, (conditions).regions, (conditions).match_case)))
         AND ((conditions).dealers IS NULL
              OR ((vehicle).dealer IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).dealer, (conditions).dealers, (conditions).match_case)))
END;
COMMENT ON FUNCTION tradeup_internal.fits_index(tradeup_internal.vehicle_conditions, tradeup.vehicle) IS
    'Whether a vehicle meets those conditions, other than on its price, that the index on price can answer';

CREATE FUNCTION tradeup_internal.fits_table(conditions tradeup_internal.vehicle_conditions, vehicle tradeup.vehicle)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN NOT (conditions).of_table THEN true
    ELSE ((conditions).models IS NULL
              OR ((vehicle).model IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).model, (conditions).models, (conditions).match_case)))
         AND ((conditions).colors IS NULL
              OR ((vehicle).color IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).color, (conditions).colors, (conditions).match_case)))
         AND ((conditions).fuels IS NULL
              OR ((vehicle).fuel IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).fuel, (conditions).fuels, (conditions).match_case)))
         AND ((conditions).transmissions IS NULL
              OR ((vehicle).transmission IS NOT NULL
                  AND tradeup_internal.is_one_of((vehicle).transmission, (conditions).transmissions, (conditions).match_case)))
         AND ((conditions).listed_from IS NULL
              OR ((vehicle).listed_on IS NOT NULL AND (vehicle).listed_on >= (conditions).listed_from))
         AND ((conditions).promotion IS NULL
              OR ((vehicle).promotion_price IS NOT NULL
                  AND (vehicle).promotion_price < (vehicle).regular_price) = (conditions).promotion)
END;
COMMENT ON FUNCTION tradeup_internal.fits_table(tradeup_internal.vehicle_conditions, tradeup.vehicle) IS
    'Whether a vehicle meets the conditions that only its row in the table can answer';

-- By steps from one currency to the next, each a look into the index on price.
CREATE FUNCTION tradeup_internal.currencies_in_stock() RETURNS TABLE (currency text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE c (currency) AS (
        (SELECT v.currency FROM tradeup.vehicle v WHERE v.status = 'available' ORDER BY v.currency LIMIT 1)
        UNION ALL
        SELECT (SELECT v.currency FROM tradeup.vehicle v WHERE v.status = 'available' AND v.currency > c.currency
                ORDER BY v.currency LIMIT 1)
        FROM c WHERE c.currency IS NOT NULL
    )
    SELECT c.currency FROM c WHERE c.currency IS NOT NULL;
END;
COMMENT ON FUNCTION tradeup_internal.currencies_in_stock() IS 'The currencies in which available vehicles are priced';

-- Prices are looked up in the index, currency by currency; where none are asked for, all vehicles are read.
CREATE FUNCTION tradeup.vehicles_matching(filter tradeup.any_json,
                                                     customer_id text DEFAULT NULL) RETURNS SETOF tradeup.vehicle
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1000
BEGIN ATOMIC
    WITH s AS MATERIALIZED (
        SELECT tradeup_internal.vehicle_conditions(f.f, c.current_price, c.current_make, c.current_year,
                                                   c.current_kilometers) AS c
        FROM (SELECT tradeup.offer_filter(vehicles_matching.filter,
                                          CASE WHEN vehicles_matching.customer_id IS NULL THEN 'vehicles'::text
                                               ELSE 'customer'::text END) AS f
              OFFSET 0) f
        LEFT JOIN tradeup.customer c ON c.customer_id = vehicles_matching.customer_id
        WHERE (vehicles_matching.customer_id IS NULL
               OR tradeup_internal.require_known('customer'::text, vehicles_matching.customer_id, c.customer_id,
                                                 tradeup_internal.asked_for_one(vehicles_matching.customer_id)))
          AND tradeup_internal.require_undistributed()
    )
    SELECT v.*
    FROM s, tradeup.vehicle v
    WHERE (s.c).price_from IS NULL AND (s.c).price_to IS NULL
      AND v.status = 'available' AND tradeup_internal.fits_index(s.c, v) AND tradeup_internal.fits_table(s.c, v)
    UNION ALL
    SELECT v.*
    FROM s,
    LATERAL tradeup_internal.currencies_in_stock() c,
    LATERAL (
        SELECT tradeup_internal.minor_at_least(tradeup.currency_digits(c.currency),
                                               coalesce((s.c).price_from, 0::numeric)) AS lowest,
               tradeup_internal.minor_at_most(tradeup.currency_digits(c.currency),
                                              coalesce((s.c).price_to, 1000000000000::numeric)) AS highest
        OFFSET 0) b,
    tradeup.vehicle v
    WHERE ((s.c).price_from IS NOT NULL OR (s.c).price_to IS NOT NULL)
      AND v.currency = ANY (ARRAY[c.currency]) AND v.price_minor >= b.lowest AND v.price_minor <= b.highest
      AND v.status = 'available' AND tradeup_internal.fits_index(s.c, v) AND tradeup_internal.fits_table(s.c, v);
END;
COMMENT ON FUNCTION tradeup.vehicles_matching(tradeup.any_json, text) IS
    'The available vehicles that a filter of a search lets through; with a customer it may compare them with hers';

-- The one place of these bounds. Payment changes have at most 6 decimals, so what is above one of them is 0.000001 more.
CREATE FUNCTION tradeup_internal.widest_change(category text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE category WHEN 'perfect' THEN 0.05 WHEN 'slight' THEN 0.15 WHEN 'moderate' THEN 0.25 END;
COMMENT ON FUNCTION tradeup_internal.widest_change(text) IS
    'The highest payment change of a category, for perfect the lowest too, with a minus; stretch is the rest';

CREATE FUNCTION tradeup.category(payment_change tradeup.any_number) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN payment_change < -tradeup_internal.widest_change('perfect'::text) THEN 'stretch'
    WHEN payment_change <= tradeup_internal.widest_change('perfect'::text) THEN 'perfect'
    WHEN payment_change <= tradeup_internal.widest_change('slight'::text) THEN 'slight'
    WHEN payment_change <= tradeup_internal.widest_change('moderate'::text) THEN 'moderate'
    ELSE 'stretch'
END;
COMMENT ON FUNCTION tradeup.category(tradeup.any_number) IS
    'How a payment change feels: perfect within 5 percent, slight up to 15, moderate up to 25, otherwise stretch';
-- Pages and counts of a search, in plain SQL.

-- The prices at which an offer of a deal can meet a filter: its windows, or its whole range where no tier is asked for, cut at
-- the prices and payment changes asked for. price_for_amount finds the changes as they are shown, to 6 decimals. A deal without
-- offers has no range, whatever the filter: greatest and least pass over a null.
CREATE FUNCTION tradeup_internal.search_ranges(deal tradeup.deal, filter tradeup.offer_filter, price_from numeric,
                                                          price_to numeric)
RETURNS TABLE (lowest bigint, highest bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    SELECT r.lowest, r.highest
    FROM (SELECT greatest(w.lowest, tradeup_internal.minor_at_least(search_ranges.deal, search_ranges.price_from),
                          tradeup_internal.dearest_minor(search_ranges.deal, 'payment_change'::text,
                                                         (ceil(c.change_from * 1000000::numeric) - 1::numeric) / 1000000::numeric)
                          + 1::bigint) AS lowest,
                 least(w.highest, tradeup_internal.minor_at_most(search_ranges.deal, search_ranges.price_to),
                       tradeup_internal.dearest_minor(search_ranges.deal, 'payment_change'::text, c.change_to)) AS highest
          FROM (SELECT x.lowest_minor AS lowest, x.highest_minor AS highest
                FROM tradeup.windows(search_ranges.deal) x
                WHERE tradeup_internal.is_one_of(x.tier, (search_ranges.filter).tiers, (search_ranges.filter).match_case)
                UNION ALL
                SELECT x.lowest, x.highest
                FROM (SELECT tradeup_internal.lowest_minor(search_ranges.deal, false) AS lowest,
                             tradeup_internal.highest_minor(search_ranges.deal, false) AS highest) x
                WHERE (search_ranges.filter).tiers IS NULL AND x.lowest IS NOT NULL) w,
          (SELECT greatest(x.change_from, (search_ranges.filter).change_from) AS change_from,
                  least(x.change_to, (search_ranges.filter).change_to) AS change_to
           FROM (VALUES (NULL, NULL::numeric, NULL::numeric),
                        ('perfect', -tradeup_internal.widest_change('perfect'::text),
                         tradeup_internal.widest_change('perfect'::text)),
                        ('slight', tradeup_internal.widest_change('perfect'::text) + 0.000001,
                         tradeup_internal.widest_change('slight'::text)),
                        ('moderate', tradeup_internal.widest_change('slight'::text) + 0.000001,
                         tradeup_internal.widest_change('moderate'::text)),
                        ('stretch', NULL, -tradeup_internal.widest_change('perfect'::text) - 0.000001),
                        ('stretch', tradeup_internal.widest_change('moderate'::text) + 0.000001, NULL))
                x (category, change_from, change_to)
           WHERE coalesce(x.category = ANY ((search_ranges.filter).categories),
                          x.category IS NULL AND (search_ranges.filter).categories IS NULL)) c
          WHERE c.change_from IS NULL AND c.change_to IS NULL
             OR tradeup_internal.payment_change_minor(search_ranges.deal, 0::bigint) IS NOT NULL) r
    WHERE r.lowest <= r.highest;
END;
COMMENT ON FUNCTION tradeup_internal.search_ranges(tradeup.deal, tradeup.offer_filter, numeric, numeric) IS
    'The closed intervals of prices, in minor units, at which offers of a deal meet the tiers, categories and payment changes of '
    'a filter, within a range of prices';

CREATE FUNCTION tradeup_internal.search_key(sort text, price_minor bigint, year integer, kilometers integer,
                                                       payment numeric, margin numeric, current_payment numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE sort
    WHEN 'closeness' THEN abs(payment - current_payment)
    WHEN 'payment' THEN payment
    WHEN 'price' THEN price_minor
    WHEN 'dearest' THEN -price_minor
    WHEN 'margin' THEN -margin
    WHEN 'year' THEN -coalesce(year, 0)::numeric
    ELSE coalesce(kilometers, 2147483647)
END;
COMMENT ON FUNCTION tradeup_internal.search_key(text, bigint, integer, integer, numeric, numeric, numeric) IS
    'The number by which a search sorts an offer, the smallest first; prices in minor units, payments those of a month';

-- The key is worked out here: the coalesce keeps it from the server of a foreign table, which would have to read the deal again
-- for each query.
CREATE FUNCTION tradeup_internal.comes_after(key numeric, downward boolean, price_minor bigint, vehicle_id text,
                                                        term integer, place tradeup_internal.search_place) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE
    WHEN (place).key IS NULL THEN true
    WHEN key <> (place).key THEN key > (place).key
    WHEN downward <> (place).downward THEN (place).downward
    WHEN price_minor <> (place).price_minor THEN (price_minor < (place).price_minor) = downward
    WHEN vehicle_id COLLATE "C" <> (place).vehicle_id THEN (vehicle_id COLLATE "C" < (place).vehicle_id) = downward
    ELSE term > (place).term
END, false);
COMMENT ON FUNCTION tradeup_internal.comes_after(numeric, boolean, bigint, text, integer, tradeup_internal.search_place) IS
    'Whether an offer comes after a place in the order of a search';

-- Where the index on price is entered, so that what comes before the place is not read again. The key rises or falls with
-- the price, so the offers after the place are a range of prices; only offers of an equal key may be read for nothing. Payments
-- have at most 4 decimals; a current payment and a key may have 12, too many with the digits of a large one.
CREATE FUNCTION tradeup_internal.search_slices(deal tradeup.deal, current_payment numeric, lowest bigint,
                                                          highest bigint, place tradeup_internal.search_place)
RETURNS TABLE (downward boolean, lowest bigint, highest bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 50 ROWS 1
BEGIN ATOMIC
    SELECT false, greatest(search_slices.lowest, (search_slices.place).key::bigint), search_slices.highest
    WHERE (search_slices.place).sort = 'price'
    UNION ALL
    SELECT true, search_slices.lowest, least(search_slices.highest, (-(search_slices.place).key)::bigint)
    WHERE (search_slices.place).sort = 'dearest'
    UNION ALL
    SELECT false, greatest(search_slices.lowest,
                           tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                          (search_slices.place).key - 0.0001)),
           search_slices.highest
    WHERE (search_slices.place).sort = 'payment'
    UNION ALL
    SELECT true, search_slices.lowest,
           least(search_slices.highest,
                 greatest(tradeup_internal.dearest_minor(search_slices.deal, 'margin'::text, -(search_slices.place).key - 0.0001),
                          CASE WHEN (search_slices.place).key IS NOT NULL
                               THEN least(tradeup_internal.dearest_minor(search_slices.deal, 'margin'::text,
                                                                         -(search_slices.place).key),
                                          (search_slices.place).price_minor)
                               ELSE search_slices.highest END))
    WHERE (search_slices.place).sort = 'margin'
    UNION ALL
    SELECT true, search_slices.lowest,
           least(search_slices.highest,
                 coalesce(tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                         trunc(search_slices.current_payment
                                                               - coalesce((search_slices.place).key, 0::numeric), 4)),
                          0::bigint))
    WHERE (search_slices.place).sort = 'closeness'
    UNION ALL
    SELECT false, greatest(search_slices.lowest,
                           tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                          search_slices.current_payment) + 1::bigint,
                           tradeup_internal.dearest_minor(search_slices.deal, 'monthly_payment'::text,
                                                          trunc(search_slices.current_payment + (search_slices.place).key
                                                                - 0.0001, 4))),
           search_slices.highest
    WHERE (search_slices.place).sort = 'closeness' AND search_slices.current_payment IS NOT NULL;
END;
COMMENT ON FUNCTION tradeup_internal.search_slices(tradeup.deal, numeric, bigint, bigint, tradeup_internal.search_place) IS
    'The prices of a range, in minor units, that may come after a place of a search, and the direction in which they come';

-- Sorts that follow the price read each slice of the index on price in order and stop at a page; year and kilometres read
-- their own index and ask of each vehicle whether some deal makes an offer of it; vehicles of unknown year or kilometres come
-- last, from a scan of their own. The branches that are not asked for drop out of the plan, or out of its execution where the
-- sort is a parameter. Deals whose slices are the same, as on the first page by most sorts, are served by one reading (the
-- OFFSET 0 keeps it to that). The limits are sub-selects, so that the planner does not know them: otherwise, where it expects few
-- vehicles, it would rather fetch all in a range and sort them. The vehicles of the page are looked up all at once. What is
-- compared with an identifier has no collation of its own (COLLATE "default"), because otherwise the comparison would not be sent
-- to the server of a foreign table. The bounds of the price that stand in a CASE are for that server too; plainly, they would
-- lead the planner to the index on price.
CREATE FUNCTION tradeup_internal.page_of(deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                    conditions tradeup_internal.vehicle_conditions, sort text,
                                                    page_size integer, after tradeup_internal.search_place)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 5000 ROWS 20
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT (page_of.conditions).*
          WHERE tradeup_internal.require_one_of('sort'::text, page_of.sort,
                                                '{closeness,payment,price,dearest,margin,year,kilometers}'::text[])
            AND tradeup_internal.require_not_negative('page_size'::text, page_of.page_size)
          OFFSET 0) q,
    (SELECT page_of.sort, (page_of.after).key, (page_of.after).downward, (page_of.after).price_minor,
            (page_of.after).vehicle_id, (page_of.after).term OFFSET 0) p,
    (SELECT coalesce(-k.key, 2147483647::numeric)::integer AS year, coalesce(k.key, 0::numeric)::integer AS kilometers,
            coalesce(k.price_minor, 0::bigint) AS lowest, coalesce(k.price_minor, 9223372036854775807) AS highest,
            CASE WHEN k.key = 2147483647::numeric THEN k.price_minor ELSE 0::bigint END AS lowest_of_unknown,
            CASE WHEN k.key = 0::numeric THEN k.price_minor ELSE 9223372036854775807 END AS highest_of_unknown,
            coalesce(k.vehicle_id, ''::text) AS vehicle_id
     FROM (SELECT CASE WHEN page_of.sort IN ('year', 'kilometers') THEN (page_of.after).key END AS key,
                  (page_of.after).price_minor, (page_of.after).vehicle_id) k
     OFFSET 0) f,
    LATERAL (
        WITH s AS MATERIALIZED (
            SELECT d.*, r.lowest, r.highest
            FROM unnest(page_of.deals) d,
            LATERAL tradeup_internal.search_ranges(d.deal, page_of.filter, q.price_from, q.price_to) r
            WHERE (page_of.filter).terms IS NULL OR d.term = ANY ((page_of.filter).terms)
        ), l AS MATERIALIZED (
            SELECT s.*, l.downward, l.lowest AS first_minor, l.highest AS last_minor
            FROM s,
            LATERAL tradeup_internal.search_slices(s.deal, s.current_payment, s.lowest, s.highest,
                                                   p::tradeup_internal.search_place) l
        ), b AS MATERIALIZED (
            SELECT u.*
            FROM (
                SELECT l.*, v.vehicle_id, v.price_minor, k.key
                FROM (SELECT l.downward, l.first_minor, l.last_minor, l.term, v.vehicle_id, v.price_minor
                      FROM (SELECT l.*
                            FROM l
                            WHERE NOT EXISTS (SELECT FROM l e
                                              WHERE e.term < l.term AND e.downward = l.downward AND e.first_minor = l.first_minor
                                                AND e.last_minor = l.last_minor AND p.key IS NULL)
                            OFFSET 0) l,
                      LATERAL (
                          SELECT x.*
                          FROM (SELECT v.vehicle_id, v.price_minor
                                FROM tradeup.vehicle v,
                                LATERAL (SELECT tradeup_internal.search_key(
                                             page_of.sort, v.price_minor, NULL::integer, NULL::integer,
                                             tradeup_internal.monthly_payment_minor(l.deal, v.price_minor),
                                             tradeup_internal.margin_minor(l.deal, v.price_minor), l.current_payment) AS key) k
                                WHERE v.status = 'available' AND v.currency = l.currency AND v.price_minor >= l.first_minor
                                  AND v.price_minor <= l.last_minor
                                  AND tradeup_internal.finances(l.min_year, l.max_kilometers, l.makes, v.year, v.kilometers,
                                                                v.make)
                                  AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                                  AND CASE WHEN NOT q.of_table THEN true
                                           ELSE (SELECT tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, x)
                                                 FROM (SELECT v.vehicle_id COLLATE "default" AS vehicle_id) i,
                                                      tradeup.vehicle x
                                                 WHERE x.vehicle_id = i.vehicle_id) END
                                  AND tradeup_internal.comes_after(k.key, false, v.price_minor, v.vehicle_id, l.term,
                                                                   p::tradeup_internal.search_place)
                                ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT page_of.page_size)) x
                          WHERE NOT l.downward
                          UNION ALL
                          SELECT x.*
                          FROM (SELECT v.vehicle_id, v.price_minor
                                FROM tradeup.vehicle v,
                                LATERAL (SELECT tradeup_internal.search_key(
                                             page_of.sort, v.price_minor, NULL::integer, NULL::integer,
                                             tradeup_internal.monthly_payment_minor(l.deal, v.price_minor),
                                             tradeup_internal.margin_minor(l.deal, v.price_minor), l.current_payment) AS key) k
                                WHERE v.status = 'available' AND v.currency = l.currency AND v.price_minor >= l.first_minor
                                  AND v.price_minor <= l.last_minor
                                  AND tradeup_internal.finances(l.min_year, l.max_kilometers, l.makes, v.year, v.kilometers,
                                                                v.make)
                                  AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                                  AND CASE WHEN NOT q.of_table THEN true
                                           ELSE (SELECT tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, x)
                                                 FROM (SELECT v.vehicle_id COLLATE "default" AS vehicle_id) i,
                                                      tradeup.vehicle x
                                                 WHERE x.vehicle_id = i.vehicle_id) END
                                  AND tradeup_internal.comes_after(k.key, true, v.price_minor, v.vehicle_id, l.term,
                                                                   p::tradeup_internal.search_place)
                                ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT page_of.page_size)) x
                          WHERE l.downward
                      ) v
                      OFFSET 0) v, l,
                LATERAL (SELECT tradeup_internal.search_key(page_of.sort, v.price_minor, NULL::integer, NULL::integer,
                                                            tradeup_internal.monthly_payment_minor(l.deal, v.price_minor),
                                                            tradeup_internal.margin_minor(l.deal, v.price_minor),
                                                            l.current_payment) AS key) k
                WHERE l.downward = v.downward AND l.first_minor = v.first_minor AND l.last_minor = v.last_minor
                  AND (p.key IS NULL OR l.term = v.term)
                UNION ALL
                SELECT s.*, true, NULL::bigint, NULL::bigint, v.vehicle_id, v.price_minor, k.key
                FROM ((SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1) AND v.year <= f.year
                         AND CASE WHEN v.price_minor >= (SELECT min(s.lowest) FROM s)
                                   AND v.price_minor <= (SELECT max(s.highest) FROM s) THEN true ELSE false END
                         AND (v.year, v.price_minor, v.vehicle_id) <= (f.year, f.highest, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.year DESC NULLS LAST, v.price_minor DESC, v.vehicle_id DESC
                       LIMIT (SELECT page_of.page_size + 1))
                      UNION ALL
                      (SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1) AND v.year IS NULL
                         AND v.price_minor <= f.highest_of_unknown
                         AND CASE WHEN v.price_minor >= (SELECT min(s.lowest) FROM s) THEN true ELSE false END
                         AND (v.price_minor, v.vehicle_id) <= (f.highest_of_unknown, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.year DESC NULLS LAST, v.price_minor DESC, v.vehicle_id DESC
                       LIMIT (SELECT page_of.page_size + 1))) v, s,
                LATERAL (SELECT tradeup_internal.search_key(page_of.sort, NULL::bigint, v.year, v.kilometers, NULL::numeric,
                                                            NULL::numeric, NULL::numeric) AS key) k
                WHERE v.price_minor BETWEEN s.lowest AND s.highest
                  AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year, v.kilometers, v.make)
                  AND page_of.sort = 'year'
                  AND tradeup_internal.comes_after(k.key, true, v.price_minor, v.vehicle_id, s.term,
                                                   p::tradeup_internal.search_place)
                UNION ALL
                SELECT s.*, false, NULL::bigint, NULL::bigint, v.vehicle_id, v.price_minor, k.key
                FROM ((SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1)
                         AND v.kilometers >= f.kilometers
                         AND CASE WHEN v.price_minor >= (SELECT min(s.lowest) FROM s)
                                   AND v.price_minor <= (SELECT max(s.highest) FROM s) THEN true ELSE false END
                         AND (v.kilometers, v.price_minor, v.vehicle_id) >= (f.kilometers, f.lowest, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.kilometers, v.price_minor, v.vehicle_id LIMIT (SELECT page_of.page_size + 1))
                      UNION ALL
                      (SELECT v.vehicle_id, v.price_minor, v.year, v.kilometers, v.make
                       FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = (SELECT s.currency FROM s LIMIT 1) AND v.kilometers IS NULL
                         AND v.price_minor >= f.lowest_of_unknown
                         AND CASE WHEN v.price_minor <= (SELECT max(s.highest) FROM s) THEN true ELSE false END
                         AND (v.price_minor, v.vehicle_id) >= (f.lowest_of_unknown, f.vehicle_id)
                         AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                         AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v)
                         AND EXISTS (SELECT FROM s WHERE v.price_minor BETWEEN s.lowest AND s.highest
                                                     AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year,
                                                                                   v.kilometers, v.make))
                       ORDER BY v.kilometers, v.price_minor, v.vehicle_id LIMIT (SELECT page_of.page_size + 1))) v, s,
                LATERAL (SELECT tradeup_internal.search_key(page_of.sort, NULL::bigint, v.year, v.kilometers, NULL::numeric,
                                                            NULL::numeric, NULL::numeric) AS key) k
                WHERE v.price_minor BETWEEN s.lowest AND s.highest
                  AND tradeup_internal.finances(s.min_year, s.max_kilometers, s.makes, v.year, v.kilometers, v.make)
                  AND page_of.sort = 'kilometers'
                  AND tradeup_internal.comes_after(k.key, false, v.price_minor, v.vehicle_id, s.term,
                                                   p::tradeup_internal.search_place)
            ) u
            ORDER BY u.key, u.downward DESC, CASE WHEN u.downward THEN -u.price_minor ELSE u.price_minor END,
                     CASE WHEN u.downward THEN u.vehicle_id END DESC, u.vehicle_id, u.term
            LIMIT page_of.page_size
        ), w AS MATERIALIZED (
            SELECT v.vehicle_id, v AS vehicle
            FROM tradeup.vehicle v
            WHERE v.vehicle_id = ANY (ARRAY(SELECT b.vehicle_id COLLATE "default" FROM b))
        )
        SELECT b.*, w.vehicle FROM b, w WHERE w.vehicle_id = b.vehicle_id
    ) b,
    LATERAL tradeup_internal.priced(
        ROW(b.customer_id, b.program, b.version, b.profile, b.term, b.annual_rate, b.current_payment, b.deal, b.min_year,
            b.max_kilometers, b.makes, b.currency)::tradeup.customer_deal, b.vehicle,
        tradeup_internal.tier_minor(b.deal, b.price_minor), tradeup_internal.tier_rank_minor(b.deal, b.price_minor)) o
    ORDER BY b.key, b.downward DESC, CASE WHEN b.downward THEN -b.price_minor ELSE b.price_minor END,
             CASE WHEN b.downward THEN b.vehicle_id END DESC, b.vehicle_id, b.term;
END;
COMMENT ON FUNCTION tradeup_internal.page_of(tradeup.customer_deal[], tradeup.offer_filter,
                                             tradeup_internal.vehicle_conditions, text, integer,
                                             tradeup_internal.search_place) IS
    'A page of the offers that the deals of a customer make and a filter lets through, sorted, after a place';

-- The filter is read once, and so is the customer.
-- The filter's tiers and terms can only be checked against a program.
CREATE FUNCTION tradeup_internal.steps_of_require_tiers_and_terms(filter tradeup.offer_filter, program text,
                                                                             needed boolean)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    tiers text[];
    terms text[];
    what text;
    unknown text;
    known text[];
BEGIN
    IF NOT needed OR num_nonnulls(filter.tiers, filter.terms) = 0 THEN
        RETURN true;
    END IF;
    SELECT ARRAY(SELECT t.name FROM tradeup.program_tier t WHERE t.program = p.name AND t.version = p.version ORDER BY t.rank),
           ARRAY(SELECT t.term::text FROM tradeup.program_term t WHERE t.program = p.name AND t.version = p.version
                 ORDER BY t.term)
    INTO tiers, terms
    FROM tradeup.current_program p WHERE p.name = program;
    SELECT x.what, x.asked, x.known INTO what, unknown, known
    FROM (SELECT 1 AS n, 'tier' AS what, a.asked, tiers AS known
          FROM unnest(filter.tiers) a (asked)
          WHERE cardinality(tiers) > 0
            AND NOT EXISTS (SELECT FROM unnest(tiers) t (name)
                            WHERE tradeup_internal.is_one_of(t.name, ARRAY[a.asked], filter.match_case))
          UNION ALL
          SELECT 2, 'term', a.asked::text, terms
          FROM unnest(filter.terms) a (asked)
          WHERE cardinality(terms) > 0 AND a.asked::text <> ALL (terms)) x
    ORDER BY x.n, x.asked COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'program "%" has no such % as the filter asks for', tradeup_internal.shown(program), what
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is "%s".', tradeup_internal.shown(unknown)),
                HINT = format('Use %s.', tradeup_internal.shown(array_to_string(known, ', ')));
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_require_tiers_and_terms(tradeup.offer_filter, text, boolean) IS
    'The steps of require_tiers_and_terms';

CREATE FUNCTION tradeup_internal.require_tiers_and_terms(filter tradeup.offer_filter, program text, needed boolean)
RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.require_tiers_and_terms(tradeup.offer_filter, text, boolean) IS
    'True when a program has the tiers and terms that a filter names, or that is not needed; otherwise the error that lists '
    'those it has';

CREATE FUNCTION tradeup.search_page(customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                               sort text DEFAULT 'payment',
                                               page_size integer DEFAULT 20, after tradeup_internal.search_place DEFAULT NULL,
                                               program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 5000 ROWS 20 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT f.f, tradeup_internal.conditions_for(f.f, search_page.customer_id) AS c,
                 ARRAY(SELECT d
                       FROM tradeup.deals(search_page.customer_id, search_page.program, search_page.overrides) d) AS deals
          FROM (SELECT tradeup.offer_filter(search_page.filter, 'offers'::text) AS f OFFSET 0) f
          OFFSET 0) x,
    LATERAL tradeup_internal.page_of(x.deals, x.f, x.c, search_page.sort, search_page.page_size, search_page.after) o
    WHERE tradeup_internal.require_tiers_and_terms(x.f, (x.deals[1]).program,
                                                   tradeup_internal.asked_for_one(search_page.customer_id));
END;
COMMENT ON FUNCTION tradeup.search_page(text, tradeup.any_json, text, integer, tradeup_internal.search_place, text,
                                        tradeup.any_json) IS
    'A page of the offers for a customer that a filter lets through, sorted by closeness, payment, price, dearest, margin, year '
    'or kilometers, after a place';

-- With sorts off, because a plan that knows no bounds of prices would sort rather than read an index in order.
CREATE FUNCTION tradeup_internal.kept_search_page(customer_id text, filter tradeup.any_json, sort text,
                                                             page_size integer,
                                                             after tradeup_internal.search_place, program text,
                                                             overrides tradeup.any_json)
RETURNS SETOF tradeup.offer
LANGUAGE c STABLE PARALLEL SAFE COST 5000 ROWS 20 SET search_path = pg_catalog, pg_temp
SET enable_sort = off SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_search_page(text, tradeup.any_json, text, integer, tradeup_internal.search_place, text,
                                                      tradeup.any_json) IS
    'search_page, by a plan that the session keeps';

CREATE FUNCTION tradeup_internal.offers_matching(customer_id text, filter tradeup.any_json, program text DEFAULT NULL,
                                                            overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1000
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT f.f, tradeup_internal.conditions_for(f.f, offers_matching.customer_id) AS c
          FROM (SELECT tradeup.offer_filter(offers_matching.filter, 'offers'::text) AS f OFFSET 0) f
          OFFSET 0) x,
    LATERAL (SELECT (x.c).* OFFSET 0) q,
    LATERAL tradeup.deals(offers_matching.customer_id, offers_matching.program, offers_matching.overrides) d,
    LATERAL tradeup_internal.search_ranges(d.deal, x.f, q.price_from, q.price_to) r,
    tradeup.vehicle v,
    LATERAL tradeup_internal.priced(d, v, tradeup_internal.tier_minor(d.deal, v.price_minor),
                                    tradeup_internal.tier_rank_minor(d.deal, v.price_minor)) o
    WHERE ((x.f).terms IS NULL OR d.term = ANY ((x.f).terms))
      AND v.currency = ANY (ARRAY[d.currency]) AND v.price_minor >= r.lowest AND v.price_minor <= r.highest
      AND v.status = 'available'
      AND tradeup_internal.finances(d.min_year, d.max_kilometers, d.makes, v.year, v.kilometers, v.make)
      AND tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
      AND tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, v);
END;
COMMENT ON FUNCTION tradeup_internal.offers_matching(text, tradeup.any_json, text, tradeup.any_json) IS
    'Every offer for a customer that a filter of a search lets through';

CREATE FUNCTION tradeup_internal.price_bucket(price_minor bigint, edges bigint[]) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_bucket(bigint, bigint[]) IS
    'How many of the edges, ascending prices in minor units, are at most this price';

CREATE FUNCTION tradeup_internal.search_tally_step(internal, bigint, bigint[], bigint[], text, text, text, integer)
RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.search_tally_step(internal, bigint, bigint[], bigint[], text, text, text, integer) IS
    'Step of the aggregate search_tally';
CREATE FUNCTION tradeup_internal.search_tally_final(internal) RETURNS tradeup_internal.search_tally
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.search_tally_final(internal) IS 'End of the aggregate search_tally';
CREATE AGGREGATE tradeup_internal.search_tally(price_minor bigint, edges bigint[], offers bigint[], make text,
                                                          body text, region text, year integer) (
    SFUNC = tradeup_internal.search_tally_step, STYPE = internal, SSPACE = 65536,
    FINALFUNC = tradeup_internal.search_tally_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.search_tally(bigint, bigint[], bigint[], text, text, text, integer) IS
    'Vehicles counted by bucket of prices, and those of buckets that make offers by make, body, region and band of 5 years; '
    'offers says how many a vehicle of each bucket makes, one more than there are edges';

-- A server counts its own vehicles where postgres_fdw may send it functions of this extension, which an option says. Tables that
-- are counted by their names must be open, in full, to whoever asks.
CREATE FUNCTION tradeup_internal.tallied_by_table() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = 'tradeup.vehicle'::regclass) THEN
        RETURN false;
    END IF;
    RETURN (SELECT bool_or('tradeup' = ANY (regexp_split_to_array(o.option_value, '\s*,\s*')))
                   AND bool_and(has_table_privilege(t.relation, 'SELECT') AND NOT row_security_active(t.relation))
            FROM tradeup_internal.vehicle_tables() t
            LEFT JOIN pg_foreign_table f ON f.ftrelid = t.relation
            LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
            LEFT JOIN LATERAL pg_options_to_table(s.srvoptions) o ON o.option_name = 'extensions') IS TRUE;
END
$$;
COMMENT ON FUNCTION tradeup_internal.tallied_by_table() IS
    'Whether the vehicles of a search are counted table by table: the server of some foreign table has this extension among its '
    'extensions, and the caller may read all tables in full by their names';

-- An aggregate is sent to the server of a foreign table, but not through the table above it, hence a query made of names. The
-- vehicle is a row of columns, so that what is asked of it is asked of columns, which is sent too.
CREATE FUNCTION tradeup_internal.tally_by_table(edges bigint[], offers bigint[], currency text, lowest bigint,
                                                           highest bigint,
                                                           conditions tradeup_internal.vehicle_conditions,
                                                           min_year integer, max_kilometers integer, makes text[])
RETURNS tradeup_internal.search_tally
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    parts text := (
        SELECT string_agg(format('SELECT tradeup_internal.search_tally(v.price_minor, $1, $2, v.make, v.body, v.region, v.year) '
                                 'FROM ONLY %s v WHERE v.status = ''available'' AND v.currency = $3 AND v.price_minor >= $4 '
                                 'AND v.price_minor <= $5 AND tradeup_internal.fits_index($6, %s) '
                                 'AND tradeup_internal.fits_table($6, %2$s) '
                                 'AND tradeup_internal.finances($7, $8, $9, v.year, v.kilometers, v.make)', t.relation,
                                 'ROW(v.vehicle_id, v.make, v.model, v.body, v.year, v.kilometers, v.color, v.fuel, '
                                 'v.transmission, v.vin, v.region, v.dealer, v.currency, v.regular_price, v.promotion_price, '
                                 'v.rebate, v.price, v.price_minor, v.cost, v.status, v.listed_on, '
                                 'v.sold_on)::tradeup.vehicle'), ' UNION ALL ')
        FROM tradeup_internal.vehicle_tables() t);
    tallies tradeup_internal.search_tally[];
BEGIN
    EXECUTE format('SELECT array_agg(t) FROM (%s) x (t)', parts) INTO tallies
    USING edges, offers, currency, lowest, highest, conditions, min_year, max_kilometers, makes;
    RETURN (
        SELECT ROW((SELECT array_agg(b.vehicles ORDER BY b.place)
                    FROM (SELECT b.place, sum(b.vehicles)::bigint AS vehicles
                          FROM unnest(tallies) t, unnest(t.buckets) WITH ORDINALITY b (vehicles, place)
                          GROUP BY b.place) b),
                   array_agg(f.facet), array_agg(f.value), array_agg(f.offers),
                   array_agg(f.vehicles))::tradeup_internal.search_tally
        FROM (SELECT f.facet, f.value, sum(f.offers)::bigint AS offers, sum(f.vehicles)::bigint AS vehicles
              FROM unnest(tallies) t,
                   unnest(t.facets, t."values", t.offers, t.vehicles) f (facet, value, offers, vehicles)
              GROUP BY f.facet, f.value) f);
END
$$;
COMMENT ON FUNCTION tradeup_internal.tally_by_table(bigint[], bigint[], text, bigint, bigint, tradeup_internal.vehicle_conditions,
                                                    integer, integer, text[]) IS
    'What search_tally counts of the available vehicles in a range of prices that meet conditions and are financed, each table '
    'of the inventory by itself, added up';

-- What of a count does not depend on the vehicles, and what is told of them once they are counted.
CREATE FUNCTION tradeup_internal.counts_asked(deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                         conditions tradeup_internal.vehicle_conditions)
RETURNS TABLE (edges bigint[], terms bigint[], currency text, lowest bigint, highest bigint, min_year integer,
               max_kilometers integer, makes text[], cover tradeup_internal.search_cover[])
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    WITH d AS MATERIALIZED (
        SELECT d.*
        FROM unnest(counts_asked.deals) d
        WHERE (counts_asked.filter).terms IS NULL OR d.term = ANY ((counts_asked.filter).terms)
    ), category AS MATERIALIZED (
        SELECT d.term, x.category, x.lowest, x.highest
        FROM d,
        LATERAL (
            SELECT tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  -tradeup_internal.widest_change('perfect'::text) - 0.000001) AS less,
                   tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  tradeup_internal.widest_change('perfect'::text)) AS perfect,
                   tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  tradeup_internal.widest_change('slight'::text)) AS slight,
                   tradeup_internal.dearest_minor(d.deal, 'payment_change'::text,
                                                  tradeup_internal.widest_change('moderate'::text)) AS moderate) e,
        LATERAL (VALUES ('stretch', 0::bigint, e.less), ('perfect', e.less + 1, e.perfect),
                        ('slight', e.perfect + 1, e.slight), ('moderate', e.slight + 1, e.moderate),
                        ('stretch', e.moderate + 1, 9223372036854775807))
            x (category, lowest, highest)
        WHERE d.current_payment IS NOT NULL
        UNION ALL
        SELECT d.term, NULL, 0, 9223372036854775807 FROM d WHERE d.current_payment IS NULL
    ), piece AS MATERIALIZED (
        SELECT d.currency, w.tier, w.rank, c.category, x.lowest, x.highest
        FROM d, category c,
             LATERAL tradeup_internal.search_ranges(d.deal, counts_asked.filter, (counts_asked.conditions).price_from,
                                                    (counts_asked.conditions).price_to) r,
             LATERAL tradeup.windows(d.deal) w,
             LATERAL (SELECT greatest(r.lowest, w.lowest_minor, c.lowest) AS lowest,
                             least(r.highest, w.highest_minor, c.highest) AS highest) x
        WHERE c.term = d.term AND x.lowest <= x.highest
    ), edge AS MATERIALIZED (
        SELECT array_agg(DISTINCT e.edge ORDER BY e.edge) AS edges, min(p.lowest) AS lowest, max(p.highest) AS highest,
               min(p.currency) AS currency
        FROM piece p, LATERAL (VALUES (p.lowest), (p.highest + 1)) e (edge)
    ), cover AS MATERIALIZED (
        SELECT b.bucket, p.tier, p.rank, p.category, count(*) AS terms
        FROM piece p, edge e,
             LATERAL generate_series(tradeup_internal.price_bucket(p.lowest, e.edges),
                                     tradeup_internal.price_bucket(p.highest, e.edges)) b (bucket)
        GROUP BY b.bucket, p.tier, p.rank, p.category
    ), offer AS MATERIALIZED (
        SELECT array_agg(coalesce(v.terms, 0::bigint) ORDER BY b.bucket) AS terms
        FROM edge e, LATERAL generate_series(0, cardinality(e.edges)) b (bucket)
        LEFT JOIN (SELECT v.bucket, sum(v.terms)::bigint AS terms FROM cover v GROUP BY v.bucket) v ON v.bucket = b.bucket
    )
    SELECT e.edges, o.terms, e.currency, e.lowest, e.highest, d.min_year, d.max_kilometers, d.makes,
           (SELECT array_agg(ROW(c.bucket, c.tier, c.rank, c.category, c.terms)::tradeup_internal.search_cover) FROM cover c)
    FROM edge e, offer o, (SELECT d.min_year, d.max_kilometers, d.makes FROM d LIMIT 1) d;
END;
COMMENT ON FUNCTION tradeup_internal.counts_asked(tradeup.customer_deal[], tradeup.offer_filter,
                                                  tradeup_internal.vehicle_conditions) IS
    'How the vehicles of a search are counted: the edges of their buckets by price, how many offers a vehicle of each makes, the '
    'range of all, what the program asks of vehicles, and what each bucket is counted as; no row without deals';

CREATE FUNCTION tradeup_internal.counts_told(tally tradeup_internal.search_tally, terms bigint[],
                                                        cover tradeup_internal.search_cover[])
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 50
BEGIN ATOMIC
    WITH bucket AS MATERIALIZED (
        SELECT b.place - 1 AS bucket, b.vehicles, counts_told.terms[b.place] AS terms
        FROM unnest((counts_told.tally).buckets) WITH ORDINALITY b (vehicles, place)
        WHERE b.vehicles > 0
    )
    SELECT 'all', NULL, 1, coalesce(sum(b.vehicles * b.terms)::bigint, 0), coalesce(sum(b.vehicles)::bigint, 0)
    FROM bucket b
    UNION ALL
    SELECT 'tier', x.tier, x.rank, sum(b.vehicles * x.terms)::bigint, sum(b.vehicles)::bigint
    FROM (SELECT v.bucket, v.tier, v.rank, sum(v.terms) AS terms FROM unnest(counts_told.cover) v GROUP BY 1, 2, 3) x
    JOIN bucket b USING (bucket)
    GROUP BY x.tier, x.rank
    UNION ALL
    SELECT 'category', x.category, array_position('{perfect,slight,moderate,stretch}', x.category),
           sum(b.vehicles * x.terms)::bigint, sum(b.vehicles)::bigint
    FROM (SELECT v.bucket, v.category, sum(v.terms) AS terms FROM unnest(counts_told.cover) v GROUP BY 1, 2) x
    JOIN bucket b USING (bucket)
    GROUP BY x.category
    UNION ALL
    SELECT x.facet, x.value, row_number() OVER (PARTITION BY x.facet ORDER BY CASE WHEN x.facet <> 'year' THEN -x.vehicles END,
                                                x.value COLLATE "C")::integer, x.offers, x.vehicles
    FROM unnest((counts_told.tally).facets, (counts_told.tally)."values", (counts_told.tally).offers,
                (counts_told.tally).vehicles) x (facet, value, offers, vehicles);
END;
COMMENT ON FUNCTION tradeup_internal.counts_told(tradeup_internal.search_tally, bigint[], tradeup_internal.search_cover[]) IS
    'The counts and facets that a tally stands for, counted as counts_asked says; zeros for a null';

-- Tiers and categories are ranges of prices, so the vehicles are read once, whatever the number of terms: each falls into a
-- bucket between two edges of any deal's ranges, and what all deals make of a bucket is worked out once. The table itself is
-- asked only of vehicles that meet all other conditions, and only where the filter asks for something that it alone has.
CREATE FUNCTION tradeup_internal.counts_of(deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                      conditions tradeup_internal.vehicle_conditions)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 50
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT a.*,
               (counts_of.conditions).of_index OR (counts_of.conditions).of_table
                   OR num_nonnulls(a.min_year, a.max_kilometers, a.makes) > 0 AS picky,
               tradeup_internal.tallied_by_table() AS by_table
        FROM tradeup_internal.counts_asked(counts_of.deals, counts_of.filter, counts_of.conditions) a
    ), counted AS MATERIALIZED (
        SELECT x.tally
        FROM (SELECT (counts_of.conditions).* OFFSET 0) q, asked a,
             LATERAL (
                 SELECT tradeup_internal.search_tally(v.price_minor, a.edges, a.terms, v.make, v.body, v.region, v.year) AS tally
                 FROM tradeup.vehicle v
                 WHERE v.currency = ANY (ARRAY[a.currency]) AND v.price_minor >= a.lowest AND v.price_minor <= a.highest
                   AND v.status = 'available'
                   AND CASE WHEN NOT a.picky THEN true
                            ELSE tradeup_internal.fits_index(q::tradeup_internal.vehicle_conditions, v)
                                 AND CASE WHEN NOT q.of_table THEN true
                                          ELSE (SELECT tradeup_internal.fits_table(q::tradeup_internal.vehicle_conditions, x)
                                                FROM (SELECT v.vehicle_id COLLATE "default" AS vehicle_id) i,
                                                     tradeup.vehicle x
                                                WHERE x.vehicle_id = i.vehicle_id) END
                                 AND tradeup_internal.finances(a.min_year, a.max_kilometers, a.makes, v.year, v.kilometers,
                                                               v.make) END) x
        WHERE NOT a.by_table
        UNION ALL
        SELECT tradeup_internal.tally_by_table(a.edges, a.terms, a.currency, a.lowest, a.highest, counts_of.conditions,
                                               a.min_year, a.max_kilometers, a.makes)
        FROM asked a WHERE a.by_table
    )
    SELECT t.facet, t.value, t.place, t.offers, t.vehicles
    FROM (SELECT (SELECT c.tally FROM counted c) AS tally, (SELECT a.terms FROM asked a) AS terms,
                 (SELECT a.cover FROM asked a) AS cover OFFSET 0) x,
    LATERAL tradeup_internal.counts_told(x.tally, x.terms, x.cover) t;
END;
COMMENT ON FUNCTION tradeup_internal.counts_of(tradeup.customer_deal[], tradeup.offer_filter,
                                               tradeup_internal.vehicle_conditions) IS
    'How many offers, and vehicles with an offer, the deals of a customer make and a filter lets through, in all and by facet';

CREATE FUNCTION tradeup_internal.facet_keys(field text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE field WHEN 'body' THEN '{bodies}' WHEN 'year' THEN '{year_from,year_to}'
                  ELSE ARRAY[field || 's'] END;
COMMENT ON FUNCTION tradeup_internal.facet_keys(text) IS 'The keys of a filter that are the condition of a facet';

CREATE FUNCTION tradeup_internal.facets_asked(facets text, facet_fields text[], filter tradeup.any_json)
RETURNS TABLE (fields text[], multi boolean, standard boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT f.fields, f.multi, NOT f.multi AND f.fields <@ '{make,body,region,year}'::text[]
    FROM (SELECT f.fields,
                 coalesce(facets_asked.facets = 'multi'
                          AND facets_asked.filter::jsonb ?| ARRAY(SELECT k
                                                                  FROM unnest(f.fields) x,
                                                                       unnest(tradeup_internal.facet_keys(x)) k), false) AS multi
          FROM (SELECT coalesce(facets_asked.facet_fields, '{make,body,region,year}'::text[]) AS fields) f) f
    WHERE tradeup_internal.require_one_of('facets'::text, coalesce(facets_asked.facets, 'plain'::text), '{plain,multi}'::text[])
      AND (SELECT coalesce(bool_and(tradeup_internal.require_one_of('facet_fields'::text, x,
                                                                    '{make,body,region,year,dealer,model,color,fuel,transmission}'
                                                                    ::text[])), true)
           FROM unnest(f.fields) x);
END;
COMMENT ON FUNCTION tradeup_internal.facets_asked(text, text[], tradeup.any_json) IS
    'The fields to count by; whether one of them is counted without its own condition; and whether counts_of counts them all';
-- A search as one JSON document.

CREATE FUNCTION tradeup_internal.search_digest(customer_id text, filter tradeup.any_json, program text,
                                                          overrides tradeup.any_json)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(encode(sha256(convert_to(jsonb_build_array(customer_id, filter::jsonb, program, overrides::jsonb)::text, 'UTF8')),
                   'hex'), 16);
COMMENT ON FUNCTION tradeup_internal.search_digest(text, tradeup.any_json, text, tradeup.any_json) IS
    'What tells one search from another in the token of a page';

-- The sort and the last offer of a page, as text that an application hands back unread. Reading it catches errors, which takes a
-- subtransaction; so it is not for parallel plans, nor is what calls it.
CREATE FUNCTION tradeup_internal.search_token(place tradeup_internal.search_place, digest text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(convert_to(jsonb_build_array((place).sort, (place).key, (place).downward, (place).price_minor,
                                                     (place).vehicle_id, (place).term, digest)::text, 'UTF8'), 'base64'),
                 E'\n', '');
COMMENT ON FUNCTION tradeup_internal.search_token(tradeup_internal.search_place, text) IS
    'The token of a page that ends at this place';

CREATE FUNCTION tradeup_internal.search_place(token text, sort text, digest text) RETURNS tradeup_internal.search_place
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts jsonb;
    place tradeup_internal.search_place;
    greatest_key numeric;
    key_digits integer;
BEGIN
    BEGIN
        parts := convert_from(decode(token, 'base64'), 'UTF8')::jsonb;
        place := ROW(parts ->> 0, (parts ->> 1)::numeric, (parts ->> 2)::boolean, (parts ->> 3)::bigint, parts ->> 4,
                     (parts ->> 5)::integer);
    EXCEPTION WHEN data_exception THEN
        place := NULL;
    END;
    greatest_key := CASE WHEN place.sort IN ('year', 'kilometers') THEN 2147483647
                         WHEN place.sort IN ('price', 'dearest') THEN 100000000000000 ELSE 10000000000000 END;
    /* A current payment, to which closeness is measured, may have more decimals than a currency. */
    key_digits := CASE WHEN place.sort IN ('year', 'kilometers', 'price', 'dearest') THEN 0
                       WHEN place.sort = 'closeness' THEN 12 ELSE 4 END;
    IF NOT coalesce(jsonb_typeof(parts) = 'array'
                    AND num_nulls(place.sort, place.key, place.downward, place.price_minor, place.vehicle_id, place.term) = 0
                    AND abs(place.key) <= greatest_key AND place.key = trunc(place.key, key_digits)
                    AND place.price_minor BETWEEN 0 AND 100000000000000, false) THEN
        RAISE EXCEPTION 'page token is not valid'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is "%s".', tradeup_internal.shown(token)),
                  HINT = 'Give the "next" of the page before, as it is.';
    END IF;
    IF place.sort <> sort OR parts ->> 6 IS DISTINCT FROM digest THEN
        RAISE EXCEPTION 'page token is of another search'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It continues a search sorted by %s.', tradeup_internal.shown(place.sort)),
                  HINT = 'Keep customer, filter, sort, program and overrides from page to page, or begin without a token.';
    END IF;
    RETURN place;
END
$$;
COMMENT ON FUNCTION tradeup_internal.search_place(text, text, text) IS
    'The place at which the page with this token ends, of the search with this sort and digest';

-- The settings: JIT would take longer than the search. The plans of both queries are made once a session and kept, because making
-- them takes longer than the search. A kept plan knows no bounds of prices, so the planner expects few rows and would sort them;
-- with sorts off it reads pages in the order of an index, and hashes the counts.
CREATE FUNCTION tradeup_internal.steps_of_search_document(customer_id text, filter tradeup.any_json, sort text,
                                                                     page_size integer, after text, program text,
                                                                     overrides tradeup.any_json, counts boolean, facets text,
                                                                     facet_fields text[], per_tier integer,
                                                                     asked_for_one boolean, inventory text)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000 SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_sort = off SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    digest text := tradeup_internal.search_digest(customer_id, filter, program, overrides) || coalesce(' ' || inventory, '');
    conditions tradeup.offer_filter := tradeup.offer_filter(filter, 'offers'::text);
    customer record; /* whether she is known, her current payment, her program and what the filter asks of vehicles for her */
    deals tradeup.customer_deal[];
    place tradeup_internal.search_place;
    page tradeup.offer[];
    items jsonb;
    next_token text;
    counted jsonb := '{}';
    fields text[];
    multi boolean;
    standard boolean;
    tier text;
    tier_rank integer;
    rows integer := coalesce(per_tier, page_size);
    tier_filter tradeup.offer_filter := conditions;
    tier_digest text := digest;
    columns jsonb := '[]';
BEGIN
    SELECT a.fields, a.multi, a.standard INTO fields, multi, standard
    FROM tradeup_internal.facets_asked(facets, facet_fields, filter) a;
    IF per_tier NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'per_tier must be between 1 and 1000'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', per_tier);
    END IF;
    IF per_tier IS NOT NULL AND after IS NOT NULL THEN
        RAISE EXCEPTION 'a token continues one tier, not all of them'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('per_tier is %s, and after is "%s".', per_tier, tradeup_internal.shown(after)),
                  HINT = 'Leave out per_tier, and give the filter the one tier in "tiers".';
    END IF;
    IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'page_size must be between 1 and 1000'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(page_size::text, 'null'));
    END IF;
    SELECT c.customer_id IS NOT NULL AS known, c.current_payment,
           coalesce(steps_of_search_document.program, c.program, (SELECT d.program FROM tradeup.program_default d)) AS program,
           tradeup_internal.vehicle_conditions(conditions, c.current_price, c.current_make, c.current_year,
                                               c.current_kilometers) AS conditions
    INTO customer
    FROM (SELECT steps_of_search_document.customer_id AS requested) q LEFT JOIN tradeup.customer c ON c.customer_id = q.requested;
    IF NOT asked_for_one THEN
        IF NOT EXISTS (SELECT FROM tradeup.current_program p WHERE customer.known AND p.name = customer.program) THEN
            RETURN NULL;
        END IF;
        sort := CASE WHEN sort = 'closeness' AND customer.current_payment IS NULL THEN 'payment' ELSE sort END;
    END IF;
    deals := ARRAY(SELECT d FROM tradeup.deals(customer_id, program, overrides) d);
    sort := coalesce(sort, CASE WHEN customer.current_payment IS NULL THEN 'payment' ELSE 'closeness' END);
    IF sort = 'closeness' AND customer.current_payment IS NULL AND customer.known THEN
        RAISE EXCEPTION 'customer has no current payment to be close to'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Customer is "%s".', tradeup_internal.shown(customer_id)),
                  HINT = 'Sort by payment, price, dearest, margin, year or kilometers.';
    END IF;
    PERFORM tradeup_internal.require_tiers_and_terms(conditions, customer.program, asked_for_one);
    IF after IS NOT NULL THEN
        place := tradeup_internal.search_place(after, sort, digest);
    END IF;
    FOR tier, tier_rank IN
        SELECT t.name, t.rank
        FROM tradeup.current_program p, tradeup.program_tier t
        WHERE per_tier IS NOT NULL AND p.name = customer.program AND t.program = p.name AND t.version = p.version
          AND (conditions.tiers IS NULL OR tradeup_internal.is_one_of(t.name, conditions.tiers, conditions.match_case))
        UNION ALL
        SELECT NULL, 0 WHERE per_tier IS NULL
        ORDER BY 2
    LOOP
        IF tier IS NOT NULL THEN
            tier_filter.tiers := ARRAY[tier];
            tier_filter.match_case := true;
            tier_digest := tradeup_internal.search_digest(customer_id, (coalesce(filter::jsonb, '{}')
                                                                        || jsonb_build_object('tiers', ARRAY[tier]))
                                                                       ::tradeup.any_json,
                                                          program, overrides) || coalesce(' ' || inventory, '');
        END IF;
        IF inventory IS NULL THEN
            page := ARRAY(SELECT o FROM tradeup_internal.page_of(deals, tier_filter, customer.conditions, sort, rows + 1,
                                                                 place) o);
        ELSE
            page := ARRAY(SELECT o FROM tradeup_internal.page_in(inventory, deals, tier_filter, customer.conditions, sort,
                                                                 rows + 1, place) o);
        END IF;
        SELECT jsonb_agg(to_jsonb(x.o) ORDER BY x.n) FILTER (WHERE x.n <= rows),
               max(tradeup_internal.search_token(ROW(sort,
                                                     tradeup_internal.search_key(sort, (x.o).price_minor, (x.o).year,
                                                                                 (x.o).kilometers, (x.o).monthly_payment,
                                                                                 (x.o).margin, (x.o).current_payment),
                                                     sort IN ('dearest', 'margin', 'year')
                                                     OR (sort = 'closeness' AND (x.o).monthly_payment <= (x.o).current_payment),
                                                     (x.o).price_minor, (x.o).vehicle_id, (x.o).term)
                                                     ::tradeup_internal.search_place,
                                                     tier_digest))
                   FILTER (WHERE x.n = rows AND cardinality(page) > rows)
        INTO items, next_token
        FROM (SELECT page[n] AS o, n FROM generate_subscripts(page, 1) n) x;
        IF tier IS NOT NULL THEN
            columns := columns || jsonb_build_object('tier', tier, 'items', coalesce(items, '[]'), 'next', next_token);
        END IF;
    END LOOP;
    IF counts THEN
        SELECT jsonb_build_object(
                   'counts', jsonb_build_object(
                       'offers', max(g.offers) FILTER (WHERE g.facet = 'all'),
                       'vehicles', max(g.vehicles) FILTER (WHERE g.facet = 'all'),
                       'tiers', coalesce(jsonb_agg(g.listed) FILTER (WHERE g.facet = 'tier') -> 0, '[]'),
                       'categories', coalesce(jsonb_agg(g.listed) FILTER (WHERE g.facet = 'category') -> 0, '[]')),
                   'facets', (SELECT coalesce(jsonb_object_agg(f.f, '[]'::jsonb), '{}') FROM unnest(fields) f (f))
                             || coalesce(jsonb_object_agg(g.facet, g.listed) FILTER (WHERE g.facet = ANY (fields)), '{}'))
        INTO counted
        FROM (SELECT c.facet, max(c.offers) AS offers, max(c.vehicles) AS vehicles,
                     jsonb_agg(c.counted ORDER BY c.place) AS listed
              FROM (SELECT x.facet, x.place, x.offers, x.vehicles,
                           jsonb_build_object('value', x.value, 'offers', x.offers, 'vehicles', x.vehicles) AS counted
                    FROM tradeup_internal.counts_of(deals, conditions, customer.conditions) x
                    WHERE standard AND inventory IS NULL
                    UNION ALL
                    SELECT x.facet, x.place, x.offers, x.vehicles,
                           jsonb_build_object('value', x.value, 'offers', x.offers, 'vehicles', x.vehicles)
                    FROM tradeup_internal.counts_in(inventory, deals, conditions, customer.conditions) x
                    WHERE standard AND inventory IS NOT NULL
                    UNION ALL
                    SELECT x.facet, x.place, x.offers, x.vehicles,
                           jsonb_build_object('value', x.value, 'offers', x.offers, 'vehicles', x.vehicles)
                    FROM tradeup_internal.facets_of(customer_id, filter, deals, fields, multi, inventory) x
                    WHERE NOT standard) c
              GROUP BY c.facet) g;
    END IF;
    RETURN CASE WHEN per_tier IS NULL THEN jsonb_build_object('items', coalesce(items, '[]'), 'next', next_token)
                ELSE jsonb_build_object('columns', columns) END || jsonb_build_object('sort', sort) || counted;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_search_document(text, tradeup.any_json, text, integer, text, text,
                                                              tradeup.any_json, boolean, text, text[], integer, boolean,
                                                              text) IS
    'The steps of search_document';

CREATE FUNCTION tradeup_internal.search_document(customer_id text, filter tradeup.any_json, sort text,
                                                            page_size integer,
                                                            after text, program text, overrides tradeup.any_json, counts boolean,
                                                            facets text, facet_fields text[], per_tier integer,
                                                            asked_for_one boolean, inventory text)
RETURNS jsonb
LANGUAGE c STABLE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.search_document(text, tradeup.any_json, text, integer, text, text, tradeup.any_json,
                                                     boolean, text, text[], integer, boolean, text) IS
    'The document of search_offers, over tradeup.vehicle or an inventory (null: none). Where it is asked for many customers, it '
    'is null for one who is not known or has no valid program, and tiers and terms that the program does not have are no error';

-- A SQL function that the planner takes apart, because only so can asked_for_one see whether customer_id is a column.
CREATE FUNCTION tradeup.search_offers(customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                 sort text DEFAULT NULL,
                                                 page_size integer DEFAULT 20, after text DEFAULT NULL,
                                                 program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                 counts boolean DEFAULT true, facets text DEFAULT 'plain',
                                                 facet_fields text[] DEFAULT NULL, per_tier integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000
RETURN tradeup_internal.search_document(customer_id, filter, sort, page_size, after, program, overrides, counts, facets,
                                        facet_fields, per_tier, tradeup_internal.asked_for_one(customer_id), NULL::text);
COMMENT ON FUNCTION tradeup.search_offers(text, tradeup.any_json, text, integer, text, text, tradeup.any_json, boolean, text,
                                         text[], integer) IS
    'One JSON document of a search: a page of offers, the token of the next page, and counts by tier, category, make, body, '
    'region and years';

CREATE FUNCTION tradeup.search_offers_for(customer_ids text[], filter tradeup.any_json DEFAULT NULL::jsonb,
                                                     sort text DEFAULT NULL, page_size integer DEFAULT 20,
                                                     program text DEFAULT NULL,
                                                     overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                     counts boolean DEFAULT true, facets text DEFAULT 'plain',
                                                     facet_fields text[] DEFAULT NULL, per_tier integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000
RETURN (
    SELECT jsonb_build_object(
               'customers', coalesce(jsonb_object_agg(x.id, x.document) FILTER (WHERE x.document IS NOT NULL), '{}'),
               'unknown', coalesce(jsonb_agg(x.id ORDER BY x.id) FILTER (WHERE x.customer_id IS NULL), '[]'),
               'without_program', coalesce(jsonb_agg(x.id ORDER BY x.id)
                                           FILTER (WHERE x.customer_id IS NOT NULL AND x.document IS NULL), '[]'))
    FROM (SELECT i.id COLLATE "C" AS id, c.customer_id,
                 tradeup_internal.search_document(i.id, search_offers_for.filter, search_offers_for.sort,
                                                  search_offers_for.page_size, NULL::text, search_offers_for.program,
                                                  search_offers_for.overrides, search_offers_for.counts,
                                                  search_offers_for.facets, search_offers_for.facet_fields,
                                                  search_offers_for.per_tier, false, NULL::text) AS document
          FROM (SELECT DISTINCT u.id FROM unnest(search_offers_for.customer_ids) u (id)) i
          LEFT JOIN tradeup.customer c ON c.customer_id = i.id
          OFFSET 0) x);
COMMENT ON FUNCTION tradeup.search_offers_for(text[], tradeup.any_json, text, integer, text, tradeup.any_json, boolean, text,
                                              text[], integer) IS
    'The documents of search_offers for several customers, by customer_id, with lists of ids that are unknown and of customers '
    'without a valid program';
-- Text and binary forms of price lists, and of the changes of prices.

CREATE FUNCTION tradeup_internal.price_changes_in(cstring) RETURNS tradeup.price_changes
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.price_changes_out(tradeup.price_changes) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_changes_in(cstring) IS
    'Refuses: changes of prices are made by price_changes(old_prices, new_prices)';
COMMENT ON FUNCTION tradeup_internal.price_changes_out(tradeup.price_changes) IS 'How many vehicles there are';

CREATE FUNCTION tradeup_internal.price_list_in(cstring) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.price_list_out(tradeup.price_list) RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.price_list_recv(internal) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup_internal.price_list_send(tradeup.price_list) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_in(cstring) IS
    'A price list from its text form: v1 and the prices in braces, in any order';
COMMENT ON FUNCTION tradeup_internal.price_list_out(tradeup.price_list) IS
    'The text form of a price list: v1 and the prices in braces, in ascending order';
COMMENT ON FUNCTION tradeup_internal.price_list_recv(internal) IS 'A price list from its binary form, which is its text';
COMMENT ON FUNCTION tradeup_internal.price_list_send(tradeup.price_list) IS 'The binary form of a price list, which is its text';
-- Price lists, changes of prices, and the rows of summaries.

CREATE TYPE tradeup.price_changes (
    INPUT = tradeup_internal.price_changes_in,
    OUTPUT = tradeup_internal.price_changes_out,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

COMMENT ON TYPE tradeup.price_changes IS
    'Old and new prices of vehicles, sorted for many customers; made by price_changes(old_prices, new_prices), not meant to be '
    'kept in tables';

-- Sorted numbers compress a little and cost a copy each time that they are read: they are kept as they are.
CREATE TYPE tradeup.price_list (
    INPUT = tradeup_internal.price_list_in,
    OUTPUT = tradeup_internal.price_list_out,
    RECEIVE = tradeup_internal.price_list_recv,
    SEND = tradeup_internal.price_list_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = external
);

COMMENT ON TYPE tradeup.price_list IS
    'Prices in ascending order with their running sums: how many lie in a range, and what they add up to, are two binary '
    'searches';
CREATE TYPE tradeup.offer_change AS (
    customer_id text,
    gained boolean,
    lost boolean
);
COMMENT ON TYPE tradeup.offer_change IS 'Whether a customer gains an offer with a tier, or loses one, when vehicles change';

CREATE TYPE tradeup_internal.tier_count AS (
    tier text,
    tier_rank integer,
    offers bigint,
    customers bigint,
    mean_change numeric,
    margin numeric
);
COMMENT ON TYPE tradeup_internal.tier_count IS
    'The offers of one tier, counted: their number, how many customers have one, the mean payment change and the sum of the '
    'margins';

CREATE TYPE tradeup.tier_summary AS (
    currency text,
    tier text,
    tier_rank integer,
    offers bigint,
    customers bigint,
    mean_change numeric,
    margin numeric
);
COMMENT ON TYPE tradeup.tier_summary IS
    'The offers of one tier in one currency, counted: their number, how many customers have one, the mean payment change and the '
    'sum of the margins';

CREATE TYPE tradeup.tier_comparison AS (
    currency text,
    tier text,
    tier_rank integer,
    offers_a bigint,
    offers_b bigint,
    more_offers bigint,
    customers_a bigint,
    customers_b bigint,
    more_customers bigint,
    mean_change_a numeric,
    mean_change_b numeric,
    mean_change_difference numeric,
    margin_a numeric,
    margin_b numeric,
    more_margin numeric
);
COMMENT ON TYPE tradeup.tier_comparison IS
    'What portfolio_summary says of one tier in one currency under two sets of overrides, and the differences, b less a';

CREATE TYPE tradeup_internal.customer_arrays AS (
    customer_ids text[],
    equities numeric[],
    current_payments numeric[],
    current_prices numeric[],
    trade_values numeric[],
    bonuses numeric[],
    incomes numeric[]
);
COMMENT ON TYPE tradeup_internal.customer_arrays IS 'Customers as arrays of the same length; null is what is not known';

CREATE TYPE tradeup_internal.profile_customers AS (
    program text,
    version integer,
    profile text,
    deals tradeup.deal[],
    rates numeric[],
    customer_ids text[],
    equities numeric[],
    current_payments numeric[],
    current_prices numeric[],
    trade_values numeric[],
    bonuses numeric[],
    incomes numeric[]
);
COMMENT ON TYPE tradeup_internal.profile_customers IS
    'A risk profile of a program with its deals and their annual rates, one for each term, and its customers as arrays';
-- The price list: the prices of an inventory, sorted and added up, so that offers are counted by binary search.

-- The state of the aggregates is a price list, an ordinary type with a function that combines two: so the lists of parallel
-- workers, partitions or other servers become one.
CREATE FUNCTION tradeup_internal.price_list_step(prices tradeup.price_list,
                                                            price tradeup.any_number) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_step(tradeup.price_list, tradeup.any_number) IS
    'A list with one more price, in a currency with 2 decimals; step of the aggregate price_list';
CREATE FUNCTION tradeup_internal.price_list_step(prices tradeup.price_list, price tradeup.any_number,
                                                            minor_digits integer)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'price_list_step_digits';
COMMENT ON FUNCTION tradeup_internal.price_list_step(tradeup.price_list, tradeup.any_number, integer) IS
    'A list with one more price; step of the aggregate price_list with decimals';
CREATE FUNCTION tradeup_internal.price_list_step_minor(prices tradeup.price_list, price_minor bigint,
                                                                  minor_digits integer) RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_step_minor(tradeup.price_list, bigint, integer) IS
    'A list with one more price, in minor units; step of the aggregate price_list_minor';
CREATE FUNCTION tradeup_internal.price_list_combine(prices tradeup.price_list, more tradeup.price_list)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_combine(tradeup.price_list, tradeup.price_list) IS
    'The prices of both lists; null, and a list without prices, add nothing. Step of the aggregate price_lists';

CREATE AGGREGATE tradeup.price_list(price tradeup.any_number) (
    SFUNC = tradeup_internal.price_list_step, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.price_list(tradeup.any_number) IS
    'The list of all prices, nulls left out, in a currency with 2 decimals; an empty list when there are none';
CREATE AGGREGATE tradeup.price_list(price tradeup.any_number, minor_digits integer) (
    SFUNC = tradeup_internal.price_list_step, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.price_list(tradeup.any_number, integer) IS
    'The list of all prices, nulls left out, in a currency with this number of decimals (0 to 4)';
CREATE AGGREGATE tradeup_internal.price_list_minor(price_minor bigint, minor_digits integer) (
    SFUNC = tradeup_internal.price_list_step_minor, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.price_list_minor(bigint, integer) IS
    'The list of all prices, nulls left out, which come in minor units of a currency with this number of decimals (0 to 4)';
CREATE AGGREGATE tradeup.price_lists(prices tradeup.price_list) (
    SFUNC = tradeup_internal.price_list_combine, STYPE = tradeup.price_list, SSPACE = 65536, INITCOND = 'v1 {}',
    COMBINEFUNC = tradeup_internal.price_list_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.price_lists(tradeup.price_list) IS
    'The prices of all lists, nulls left out, in the decimals of the first; an empty list when there are none';

CREATE FUNCTION tradeup_internal.price_list_add(prices tradeup.price_list, added tradeup.price_list)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_add(tradeup.price_list, tradeup.price_list) IS
    'The prices of both lists; behind the operator +';

CREATE FUNCTION tradeup_internal.price_list_remove(prices tradeup.price_list, removed tradeup.price_list)
RETURNS tradeup.price_list
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.price_list_remove(tradeup.price_list, tradeup.price_list) IS
    'The prices of the first list without those of the second, each as often as it is there; an error when the first does not '
    'have them. Behind the operator -';

CREATE FUNCTION tradeup.price_count(prices tradeup.price_list) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_count(tradeup.price_list) IS 'The number of prices in a list';

CREATE FUNCTION tradeup.price_sum(prices tradeup.price_list) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_sum(tradeup.price_list) IS 'The sum of the prices of a list';

CREATE FUNCTION tradeup.count_between(prices tradeup.price_list, lowest tradeup.any_number,
                                                 highest tradeup.any_number) RETURNS bigint
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.count_between(tradeup.price_list, tradeup.any_number, tradeup.any_number) IS
    'How many prices of a list lie from lowest to highest, both included; null for a bound: none';

CREATE FUNCTION tradeup.sum_between(prices tradeup.price_list, lowest tradeup.any_number,
                                               highest tradeup.any_number) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.sum_between(tradeup.price_list, tradeup.any_number, tradeup.any_number) IS
    'The sum of the prices of a list from lowest to highest, both included; null for a bound: none';

CREATE FUNCTION tradeup.prices(prices tradeup.price_list) RETURNS SETOF numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.prices(tradeup.price_list) IS 'The prices of a list as rows, in ascending order';

CREATE FUNCTION tradeup.offer_counts(prices tradeup.price_list, deal tradeup.deal, OUT tier text, OUT rank integer,
                                                OUT offers bigint, OUT price_sum numeric, OUT mean_change numeric,
                                                OUT margin numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.offer_counts(tradeup.price_list, tradeup.deal) IS
    'The offers that a deal makes of the prices of a list, counted by tier: their number, the sum of their prices, the mean '
    'payment change and the sum of the margins; the last row, of offers in no tier, has a null tier';
-- Operators of price lists.

CREATE OPERATOR tradeup.+ (FUNCTION = tradeup_internal.price_list_add, LEFTARG = tradeup.price_list,
                           RIGHTARG = tradeup.price_list, COMMUTATOR = OPERATOR(tradeup.+));
COMMENT ON OPERATOR tradeup.+ (tradeup.price_list, tradeup.price_list) IS 'The prices of both lists';
CREATE OPERATOR tradeup.- (FUNCTION = tradeup_internal.price_list_remove, LEFTARG = tradeup.price_list,
                           RIGHTARG = tradeup.price_list);
COMMENT ON OPERATOR tradeup.- (tradeup.price_list, tradeup.price_list) IS
    'The prices of the first list without those of the second';
-- The best offers of every customer.

-- There are few programs and many customers, so a program is looked up among the customers by index.
CREATE FUNCTION tradeup_internal.programs_wanted(program text) RETURNS TABLE (program text, version integer)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 2
BEGIN ATOMIC
    SELECT p.name, p.version
    FROM (SELECT x.name, x.version FROM tradeup.current_program x) p
    WHERE CASE WHEN programs_wanted.program IS NOT NULL THEN p.name = programs_wanted.program
               ELSE EXISTS (SELECT FROM tradeup.program_default d WHERE d.program = p.name)
                    OR EXISTS (SELECT FROM tradeup.customer c WHERE c.program = p.name) END
      AND tradeup_internal.require_undistributed();
END;
COMMENT ON FUNCTION tradeup_internal.programs_wanted(text) IS
    'The current version of the program named, or of all programs that customers have';

-- The deals of each risk profile and region, one for each term, and what its program asks of vehicles: what all customers there
-- share.
CREATE FUNCTION tradeup_internal.profile_deals(program text DEFAULT NULL,
                                                          overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                          OUT program_name text, OUT version integer, OUT profile text,
                                                          OUT region text, OUT requires_dearer boolean, OUT min_year integer,
                                                          OUT max_kilometers integer, OUT makes text[], OUT currency text,
                                                          OUT deals tradeup.deal[], OUT rates numeric[])
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 26
BEGIN ATOMIC
    SELECT p.program, p.version, p.profile, p.region, p.requires_dearer, p.min_year, p.max_kilometers, p.makes, p.currency,
           t.deals, t.rates
    FROM tradeup_internal.programs_wanted(profile_deals.program) w,
         LATERAL tradeup_internal.program_regions(w.program, w.version) g,
         LATERAL (SELECT x.* FROM tradeup_internal.program_deals(w.program, w.version, g.region, profile_deals.overrides) x
                  OFFSET 0) p,
         LATERAL (SELECT array_agg(tradeup.deal_for(p.deal, x.annual_rate, x.term, 0::numeric, NULL::numeric, NULL::numeric,
                                                   NULL::numeric, 0::numeric, NULL::numeric, x.residual_rate)
                                   ORDER BY x.term) AS deals, array_agg(x.annual_rate ORDER BY x.term) AS rates
                  FROM tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                      profile_deals.overrides) x) t
    WHERE (profile_deals.program IS NULL
           OR tradeup_internal.require_known('program'::text, profile_deals.program,
                                             (SELECT x.name FROM tradeup.current_program x
                                              WHERE x.name = profile_deals.program), true))
      AND tradeup_internal.require_overrides(profile_deals.overrides);
END;
COMMENT ON FUNCTION tradeup_internal.profile_deals(text, tradeup.any_json) IS
    'The deals of each risk profile and region (null: all that the program does not know), one for each term, of the program '
    'named or of all programs that customers have, without the customer, whom summary_by_tier and best_in_stock put in; and '
    'which vehicles the program finances';

CREATE FUNCTION tradeup_internal.customer_arrays_step(internal, text, numeric, numeric, numeric, numeric, numeric,
                                                                 numeric) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.customer_arrays_step(internal, text, numeric, numeric, numeric, numeric, numeric, numeric) IS
    'Step of the aggregate customer_arrays';
CREATE FUNCTION tradeup_internal.customer_arrays_final(internal) RETURNS tradeup_internal.customer_arrays
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.customer_arrays_final(internal) IS 'End of the aggregate customer_arrays';
-- There are few groups, whatever the planner guesses: a small SSPACE lets it hash them, where it would sort all customers.
CREATE AGGREGATE tradeup_internal.customer_arrays(customer_id text, equity numeric, current_payment numeric,
                                                             current_price numeric, trade_value numeric, bonus numeric,
                                                             income numeric) (
    SFUNC = tradeup_internal.customer_arrays_step, STYPE = internal, SSPACE = 64,
    FINALFUNC = tradeup_internal.customer_arrays_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.customer_arrays(text, numeric, numeric, numeric, numeric, numeric, numeric) IS
    'Customers as arrays: their ids, equities, current payments, current prices, trade values, bonuses and incomes; null where '
    'none of them has one';

-- Most programs restrict nothing, and then all profiles of a currency stand in one row. Customers are told apart by their region
-- only where a program knows it: only one of the two branches reads them.
CREATE FUNCTION tradeup_internal.profiles_by_stock(program text, overrides tradeup.any_json)
RETURNS TABLE (currency text, min_year integer, max_kilometers integer, makes text[],
               profiles tradeup_internal.profile_customers[])
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 2 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    WITH p AS MATERIALIZED (
        SELECT p.* FROM tradeup_internal.profile_deals(profiles_by_stock.program, profiles_by_stock.overrides) p
    ), k AS MATERIALIZED (
        SELECT DISTINCT p.program_name AS program, p.region FROM p WHERE p.region IS NOT NULL
    )
    SELECT p.currency, p.min_year, p.max_kilometers, p.makes,
           array_agg(ROW(p.program_name, p.version, p.profile, p.deals, p.rates, (c.a).customer_ids, (c.a).equities,
                         (c.a).current_payments, CASE WHEN p.requires_dearer THEN (c.a).current_prices END,
                         (c.a).trade_values, (c.a).bonuses, (c.a).incomes)::tradeup_internal.profile_customers)
    FROM p
    LEFT JOIN (SELECT c.program, c.risk_profile, NULL::text AS region,
                      tradeup_internal.customer_arrays(c.customer_id, c.equity, c.current_payment, c.current_price,
                                                       c.trade_value, c.bonus, c.income) AS a
               FROM tradeup.customer c
               WHERE NOT EXISTS (SELECT FROM k)
               GROUP BY c.risk_profile, c.program
               UNION ALL
               SELECT c.program, c.risk_profile, k.region,
                      tradeup_internal.customer_arrays(c.customer_id, c.equity, c.current_payment, c.current_price,
                                                       c.trade_value, c.bonus, c.income)
               FROM tradeup.customer c
               LEFT JOIN k ON k.program = coalesce(profiles_by_stock.program, c.program,
                                                   (SELECT d.program FROM tradeup.program_default d))
                              AND k.region = c.region
               WHERE EXISTS (SELECT FROM k)
               GROUP BY c.risk_profile, c.program, k.region
               OFFSET 0) c
           ON p.program_name = coalesce(profiles_by_stock.program, c.program, (SELECT d.program FROM tradeup.program_default d))
              AND p.profile = c.risk_profile AND coalesce(p.region, '') = coalesce(c.region, '')
    GROUP BY p.currency, p.min_year, p.max_kilometers, p.makes;
END;
COMMENT ON FUNCTION tradeup_internal.profiles_by_stock(text, tradeup.any_json) IS
    'The risk profiles and regions of the program named, or of all programs that customers have, with their deals and customers: '
    'one row for each currency and set of restrictions of vehicles, which are what a list of prices is made for';

CREATE FUNCTION tradeup_internal.kept_profiles_by_stock(program text, overrides tradeup.any_json)
RETURNS TABLE (currency text, min_year integer, max_kilometers integer, makes text[],
               profiles tradeup_internal.profile_customers[])
LANGUAGE c STABLE PARALLEL SAFE COST 10000 ROWS 2 SET search_path = pg_catalog, pg_temp
SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_profiles_by_stock(text, tradeup.any_json) IS
    'profiles_by_stock, by a plan that the session keeps';

-- The stock: what is for sale of one currency and set of restrictions, as one value.
CREATE FUNCTION tradeup_internal.stock_list_step(internal, bigint, text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.stock_list_step(internal, bigint, text) IS 'Step of the aggregate stock_list';
CREATE FUNCTION tradeup_internal.stock_list_final(internal) RETURNS bytea
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.stock_list_final(internal) IS 'End of the aggregate stock_list';
CREATE AGGREGATE tradeup_internal.stock_list(price_minor bigint, vehicle_id text) (
    SFUNC = tradeup_internal.stock_list_step, STYPE = internal, SSPACE = 65536,
    FINALFUNC = tradeup_internal.stock_list_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.stock_list(bigint, text) IS
    'Vehicles with their prices in minor units, sorted, as best_in_stock searches them; nulls are left out';

CREATE FUNCTION tradeup_internal.best_in_stock(stock bytea, profiles tradeup_internal.profile_customers[],
                                                          per_customer integer, rank_by text, OUT vehicles bytea,
                                                          OUT picks integer[])
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.best_in_stock(bytea, tradeup_internal.profile_customers[], integer, text) IS
    'The best offers of every customer of some risk profiles over a stock, ranked as best_offers ranks them: the vehicles that '
    'were picked, a stock of their own, and four numbers for each pick';
CREATE FUNCTION tradeup_internal.vehicles_in_stock(stock bytea) RETURNS text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.vehicles_in_stock(bytea) IS
    'The identifiers of the vehicles of a stock, in the order of their bytes';
CREATE FUNCTION tradeup_internal.offers_picked(profiles tradeup_internal.profile_customers[], vehicles bytea,
                                                          picks integer[])
RETURNS TABLE (customer_id text, program text, version integer, profile text, term integer, annual_rate numeric,
               current_payment numeric, vehicle_id text, tier text, tier_rank integer, payment numeric, payment_change numeric,
               loan_amount numeric, effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric,
               monthly_payment numeric, payment_frequency text)
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 ROWS 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offers_picked(tradeup_internal.profile_customers[], bytea, integer[]) IS
    'The offers that best_in_stock picked, for the same profiles, with their amounts';
CREATE FUNCTION tradeup_internal.best_prices(profiles tradeup_internal.profile_customers[], rank_by text)
RETURNS TABLE (lowest bigint, highest bigint, downward boolean)
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 ROWS 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.best_prices(tradeup_internal.profile_customers[], text) IS
    'Ranges of prices, in minor units, at whose lower or upper (downward) ends are the best offers of the customers of some risk '
    'profiles';

-- In PL/pgSQL, whose plan is kept: planning took two fifths of its time.
-- A table that was never analysed has -1 rows here, and so counts as small, as do views. A stock is one value, which holds 20
-- million vehicles with identifiers of 40 bytes: more are never put into one.
CREATE FUNCTION tradeup_internal.list_pays(per_customer integer, relation regclass DEFAULT 'tradeup.vehicle')
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (WITH RECURSIVE x AS (
                SELECT list_pays.relation AS relation
                UNION
                SELECT c.child FROM x, LATERAL tradeup_internal.children_of(x.relation) c
            )
            SELECT coalesce(sum(c.reltuples), 0)
            FROM x, pg_catalog.pg_class c WHERE c.oid = x.relation AND c.relkind IN ('r', 'm', 'f'))
           <= least(20000000, list_pays.per_customer * greatest(1, (SELECT c.reltuples FROM pg_catalog.pg_class c
                                                                    WHERE c.oid = 'tradeup.customer'::regclass)));
END $$;
COMMENT ON FUNCTION tradeup_internal.list_pays(integer, regclass) IS
    'Whether there are at most so many vehicles for each customer, in a table and those below it, and no more than a sorted list '
    'of all their prices holds: it is then the shorter way to a portfolio';

-- The prices are searched as portfolio_summary searches them: a customer's tiers are stretches of a sorted list, the stock, and
-- her best offers stand at the ends of these. There is a stock for each currency and set of restrictions. Either it holds all
-- that is for sale, or only what the index on price has at the ends of the ranges where the customers' best offers are: so many
-- vehicles from each range that no other vehicle can be among the best. (Those limits are sub-selects, so that the planner does
-- not know them: otherwise, where it expects few vehicles, it would rather fetch all and sort them.) Of each
-- stock only the vehicles that were picked are read from the table, all of them at once, and what is worked out of a vehicle
-- alone is worked out once for each stock.
-- Making the list of all reads every vehicle, whatever is asked of it; looking one customer up in the index costs as much as 50
-- vehicles of the list; by payment, where her deals have ranges of their own but often share the price they begin at, as much
-- as 120; by closeness, which reads in both directions, as much as 250.
CREATE FUNCTION tradeup_internal.portfolio_by(way text, per_customer integer, program text,
                                                         overrides tradeup.any_json, rank_by text)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    WITH w AS MATERIALIZED (
        SELECT coalesce(portfolio_by.way,
                        CASE WHEN tradeup_internal.list_pays(CASE portfolio_by.rank_by WHEN 'closeness' THEN 250
                                                                                       WHEN 'payment' THEN 120 ELSE 50 END,
                                                             'tradeup.vehicle'::regclass) THEN 'list'::text
                             ELSE 'index'::text END) AS way
    ), b AS MATERIALIZED (
        SELECT r.profiles, b.vehicles, b.picks, tradeup_internal.vehicles_in_stock(b.vehicles) AS chosen
        FROM tradeup_internal.profiles_by_stock(portfolio_by.program, portfolio_by.overrides) r,
        LATERAL (SELECT tradeup_internal.stock_list(x.price_minor, x.vehicle_id) AS stock
                 FROM ((SELECT x.price_minor, x.vehicle_id
                        FROM tradeup.vehicle x
                        WHERE (SELECT w.way FROM w) = 'list' AND x.status = 'available' AND x.currency = r.currency
                          AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, x.year, x.kilometers, x.make)
                        ORDER BY x.price_minor, x.vehicle_id OFFSET 0)
                       UNION ALL
                       SELECT x.price_minor, x.vehicle_id
                       FROM (SELECT p.* FROM tradeup_internal.best_prices(r.profiles, portfolio_by.rank_by) p
                             WHERE (SELECT w.way FROM w) = 'index' OFFSET 0) p,
                       LATERAL ((SELECT v.price_minor, v.vehicle_id
                                 FROM tradeup.vehicle v
                                 WHERE p.downward AND v.status = 'available' AND v.currency = r.currency
                                   AND v.price_minor >= p.lowest AND v.price_minor <= p.highest
                                   AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, v.year, v.kilometers,
                                                                 v.make)
                                 ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT portfolio_by.per_customer))
                                UNION ALL
                                (SELECT v.price_minor, v.vehicle_id
                                 FROM tradeup.vehicle v
                                 WHERE NOT p.downward AND v.status = 'available' AND v.currency = r.currency
                                   AND v.price_minor >= p.lowest AND v.price_minor <= p.highest
                                   AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, v.year, v.kilometers,
                                                                 v.make)
                                 ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT portfolio_by.per_customer))) x) x) s,
        LATERAL tradeup_internal.best_in_stock(s.stock, r.profiles, portfolio_by.per_customer, portfolio_by.rank_by) b
        WHERE tradeup_internal.require_not_negative('per_customer'::text, portfolio_by.per_customer)
          AND tradeup_internal.require_one_of('rank_by'::text, portfolio_by.rank_by,
                                              '{margin,price,payment,closeness}'::text[])
    )
    SELECT o.customer_id, o.program, o.version, o.profile, o.term, o.annual_rate, v.vehicle_id, v.make, v.model, v.body, v.year,
           v.kilometers, v.color, v.region, v.dealer, v.currency, v.before_rebate, v.price, v.price_minor, o.tier, o.tier_rank,
           o.current_payment, o.payment, o.payment_frequency, o.monthly_payment, o.payment_change, o.loan_amount,
           o.effective_equity, o.service_fee, o.opening_fee, o.margin, v.markup
    FROM b,
         LATERAL tradeup_internal.offers_picked(b.profiles, b.vehicles, b.picks) o,
         LATERAL (SELECT x.*, x.price + coalesce(x.rebate, 0::numeric) AS before_rebate,
                         round(x.price - x.cost, scale(x.price)) AS markup
                  FROM tradeup.vehicle x
                  WHERE x.vehicle_id = ANY (b.chosen)
                  OFFSET 0) v
    WHERE v.vehicle_id = o.vehicle_id;
END;
COMMENT ON FUNCTION tradeup_internal.portfolio_by(text, integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, searched in a sorted list of all prices (way: list) or of those that the index on price '
    'has at the ends of ranges (index), or by the shorter way (null); all ways find the same';

CREATE FUNCTION tradeup.portfolio(per_customer integer DEFAULT 3, program text DEFAULT NULL,
                                             overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    SELECT o.* FROM tradeup_internal.portfolio_by(NULL::text, portfolio.per_customer, portfolio.program, portfolio.overrides,
                                                  portfolio.rank_by) o;
END;
COMMENT ON FUNCTION tradeup.portfolio(integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, whatever their tier, ranked as best_offers ranks them';
-- What all customers, vehicles and terms make together, counted over a price list and not listed.

CREATE FUNCTION tradeup_internal.summary_by_tier_step(internal, tradeup.price_list,
                                                                 tradeup_internal.profile_customers[]) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.summary_by_tier_step(internal, tradeup.price_list, tradeup_internal.profile_customers[]) IS
    'Step of the aggregate summary_by_tier';
CREATE FUNCTION tradeup_internal.summary_by_tier_final(internal) RETURNS tradeup_internal.tier_count[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.summary_by_tier_final(internal) IS 'End of the aggregate summary_by_tier';

-- All profiles that are counted over a list come in one row, because a list may have a million prices and is copied wherever a
-- row is stored. The work is a few milliseconds for thousands of customers; it is not shared between workers.
CREATE AGGREGATE tradeup_internal.summary_by_tier(prices tradeup.price_list,
                                                             profiles tradeup_internal.profile_customers[]) (
    SFUNC = tradeup_internal.summary_by_tier_step, STYPE = internal, SSPACE = 262144,
    FINALFUNC = tradeup_internal.summary_by_tier_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.summary_by_tier(tradeup.price_list, tradeup_internal.profile_customers[]) IS
    'The offers of customers over prices, by tier: a row gives a list and the risk profiles that are counted over it, each with '
    'its deals, one for each term, and the figures of its customers (null: unknown); each customer '
    'must be in one profile only';
CREATE FUNCTION tradeup.portfolio_summary_of(prices tradeup.price_list, program text DEFAULT NULL,
                                                        overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.tier_summary
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 4
BEGIN ATOMIC
    WITH r AS MATERIALIZED (
        SELECT x.* FROM tradeup_internal.profiles_by_stock(portfolio_summary_of.program, portfolio_summary_of.overrides) x
    )
    SELECT y.currency, s.tier, s.tier_rank, s.offers, s.customers, s.mean_change, s.margin
    FROM (SELECT DISTINCT r.currency FROM r) y,
    LATERAL (SELECT tradeup_internal.summary_by_tier(portfolio_summary_of.prices, r.profiles) AS tiers
             FROM r WHERE r.currency = y.currency) x,
    LATERAL unnest(x.tiers) s
    ORDER BY y.currency, s.tier_rank, s.tier;
END;
COMMENT ON FUNCTION tradeup.portfolio_summary_of(tradeup.price_list, text, tradeup.any_json) IS
    'The offers of all customers at all terms over given prices, counted by currency and tier; the program and overrides as in '
    'portfolio. The prices are taken as they are, in the currency of each program: which vehicles a program finances is '
    'not asked';

-- Planned for its arguments each time: what they do not ask for costs nothing, so that most lists are read from the index on
-- price alone; and a million vehicles are shared between workers, as a part of a larger query cannot be.
CREATE FUNCTION tradeup_internal.prices_in_stock(currency text, min_year integer, max_kilometers integer, makes text[],
                                                            filter tradeup.any_json)
RETURNS SETOF tradeup.price_list
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 1
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    digits integer := tradeup.currency_digits(prices_in_stock.currency);
    conditions tradeup_internal.vehicle_conditions := tradeup_internal.vehicle_conditions(
        tradeup.offer_filter(prices_in_stock.filter, 'vehicles'::text), NULL::numeric, NULL::text, NULL::integer, NULL::integer);
    lowest bigint := tradeup_internal.minor_at_least(digits, coalesce(conditions.price_from, 0::numeric));
    highest bigint := tradeup_internal.minor_at_most(digits, coalesce(conditions.price_to, 1000000000000::numeric));
BEGIN
    RETURN QUERY
    SELECT tradeup_internal.price_list_minor(v.price_minor, digits)
    FROM tradeup.vehicle v
    WHERE v.status = 'available' AND v.currency = prices_in_stock.currency
      AND v.price_minor >= lowest AND v.price_minor <= highest
      AND tradeup_internal.finances(prices_in_stock.min_year, prices_in_stock.max_kilometers, prices_in_stock.makes, v.year,
                                    v.kilometers, v.make)
      AND tradeup_internal.fits_index(conditions, v) AND tradeup_internal.fits_table(conditions, v);
END $$;
COMMENT ON FUNCTION tradeup_internal.prices_in_stock(text, integer, integer, text[], tradeup.any_json) IS
    'The list of the prices of available vehicles in a currency, which a program finances and which meet the conditions of a '
    'filter';

-- One price list for each currency and set of restrictions; most programs restrict nothing. The filter is checked first, so that
-- a wrong one is an error even where no program needs a list. The profiles come in the order of their currencies and are joined
-- to nothing else, so that their many customers need not be stored to be grouped.
CREATE FUNCTION tradeup.portfolio_summary(program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                     filter tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.tier_summary
LANGUAGE sql STABLE PARALLEL SAFE COST 20000 ROWS 4
BEGIN ATOMIC
    SELECT x.currency, s.tier, s.tier_rank, s.offers, s.customers, s.mean_change, s.margin
    FROM (SELECT r.currency, tradeup_internal.summary_by_tier(l.prices, r.profiles) AS tiers
          FROM tradeup_internal.profiles_by_stock(portfolio_summary.program, portfolio_summary.overrides) r,
          LATERAL tradeup_internal.prices_in_stock(r.currency, r.min_year, r.max_kilometers, r.makes,
                                                   portfolio_summary.filter) l (prices)
          WHERE tradeup.offer_filter(portfolio_summary.filter, 'vehicles'::text) IS DISTINCT FROM NULL
          GROUP BY r.currency) x,
    LATERAL unnest(x.tiers) s
    ORDER BY x.currency, s.tier_rank, s.tier;
END;
COMMENT ON FUNCTION tradeup.portfolio_summary(text, tradeup.any_json, tradeup.any_json) IS
    'The offers of all customers, available vehicles that a filter lets through and terms, counted by currency and tier and not '
    'listed: their number, the customers that have one, the mean payment change and the sum of the margins; the last row of a '
    'currency, of offers in no tier, has a null tier';

CREATE FUNCTION tradeup.portfolio_compare(program text DEFAULT NULL, overrides_a tradeup.any_json DEFAULT NULL::jsonb,
                                                     overrides_b tradeup.any_json DEFAULT NULL::jsonb,
                                                     filter tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.tier_comparison
LANGUAGE sql STABLE PARALLEL SAFE COST 40000 ROWS 4
BEGIN ATOMIC
    SELECT coalesce(a.currency, b.currency), coalesce(a.tier, b.tier), coalesce(a.tier_rank, b.tier_rank),
           coalesce(a.offers, 0), coalesce(b.offers, 0), coalesce(b.offers, 0) - coalesce(a.offers, 0),
           coalesce(a.customers, 0), coalesce(b.customers, 0), coalesce(b.customers, 0) - coalesce(a.customers, 0),
           a.mean_change, b.mean_change, b.mean_change - a.mean_change,
           coalesce(a.margin, 0), coalesce(b.margin, 0), coalesce(b.margin, 0) - coalesce(a.margin, 0)
    FROM tradeup.portfolio_summary(portfolio_compare.program, portfolio_compare.overrides_a, portfolio_compare.filter) a
    FULL JOIN tradeup.portfolio_summary(portfolio_compare.program, portfolio_compare.overrides_b, portfolio_compare.filter) b
           ON a.currency = b.currency AND coalesce(a.tier_rank, 0) = coalesce(b.tier_rank, 0)
              AND coalesce(a.tier, '') = coalesce(b.tier, '')
    ORDER BY coalesce(a.currency, b.currency), coalesce(a.tier_rank, b.tier_rank), coalesce(a.tier, b.tier);
END;
COMMENT ON FUNCTION tradeup.portfolio_compare(text, tradeup.any_json, tradeup.any_json, tradeup.any_json) IS
    'What portfolio_summary says under two sets of what-if overrides, tier by tier, and the differences';
-- The offers of all customers, counted by what vehicles are grouped by, and by price.

CREATE FUNCTION tradeup_internal.offers_by_group(prices bigint[], groups integer[],
                                                            profiles tradeup_internal.profile_customers[])
RETURNS TABLE (program text, version integer, term integer, tier text, tier_rank integer, group_number integer, offers bigint,
               margin numeric)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 ROWS 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offers_by_group(bigint[], integer[], tradeup_internal.profile_customers[]) IS
    'The offers of customers over vehicles, given by their prices in minor units, ascending, and the number of the group of '
    'each, from 1: how many there are by program, term, tier and group, and the sum of their margins';

CREATE FUNCTION tradeup_internal.customers_by_price(prices bigint[], profiles tradeup_internal.profile_customers[])
RETURNS TABLE (price_minor bigint, customers bigint, in_tier bigint)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 ROWS 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.customers_by_price(bigint[], tradeup_internal.profile_customers[]) IS
    'How many customers have an offer at each of ascending prices in minor units, at any term, and how many one in a tier';
-- Which customers gain or lose offers when prices change, and a trigger that tells whoever listens.

CREATE FUNCTION tradeup.price_changes(old_prices tradeup.any_number[],
                                                 new_prices tradeup.any_number[]) RETURNS tradeup.price_changes
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.price_changes(tradeup.any_number[], tradeup.any_number[]) IS
    'The changes of vehicles, whose old and new prices stand at the same positions; a null price: not for sale then';

CREATE FUNCTION tradeup.tier_changes(deals tradeup.deal[], changes tradeup.price_changes, OUT gained boolean,
                                                OUT lost boolean)
RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier_changes(tradeup.deal[], tradeup.price_changes) IS
    'Whether, for some vehicle, the deals of a customer make a tier that none of them made before, or no longer make one';

CREATE FUNCTION tradeup_internal.require_as_many(what text, of_them integer, prices integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.require_as_many(text, integer, integer) IS
    'True when there are as many of them as prices, or none are given; otherwise the error that says so';

-- All current programs are numbered, so that the numbers do not depend on who uses them; a program is looked up among the
-- customers by index, because there are few programs and many customers.
CREATE FUNCTION tradeup_internal.vehicle_restrictions(OUT program text, OUT version integer, OUT min_year integer,
                                                                 OUT max_kilometers integer, OUT makes text[],
                                                                 OUT place integer, OUT in_use boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 10
BEGIN ATOMIC
    SELECT p.name, p.version, p.min_year, p.max_kilometers, p.makes,
           dense_rank() OVER (ORDER BY p.min_year, p.max_kilometers, p.makes)::integer,
           p.name IN (SELECT d.program FROM tradeup.program_default d)
           OR EXISTS (SELECT FROM tradeup.customer c WHERE c.program = p.name)
    FROM (SELECT x.name, x.version, tradeup_internal.oldest_year(x.min_year, x.max_age) AS min_year, x.max_kilometers, x.makes
          FROM tradeup.current_program x) p;
END;
COMMENT ON FUNCTION tradeup_internal.vehicle_restrictions() IS
    'What each current program asks of vehicles beside their price, the number of that set of restrictions, and whether the '
    'program is the default or some customer''s';

-- Each program's figures are read once for a profile and region, and deal_for puts a customer's in. The changes are sorted once
-- for each set of restrictions in use (most programs have none): to a program, a vehicle that it does not finance is one that is
-- not for sale.
CREATE FUNCTION tradeup.offer_changes(old_prices tradeup.any_number[], new_prices tradeup.any_number[],
                                                 old_years integer[] DEFAULT NULL, new_years integer[] DEFAULT NULL,
                                                 old_kilometers integer[] DEFAULT NULL, new_kilometers integer[] DEFAULT NULL,
                                                 old_makes text[] DEFAULT NULL, new_makes text[] DEFAULT NULL,
                                                 currency text DEFAULT NULL)
RETURNS SETOF tradeup.offer_change
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1000
BEGIN ATOMIC
    SELECT c.customer_id, (x.change).gained, (x.change).lost
    FROM (SELECT c.customer_id, c.equity, c.current_payment, c.trade_value, c.bonus, c.income,
                 CASE WHEN p.requires_dearer THEN c.current_price END AS current_price, p.terms, p.rates, p.residuals, p.deal,
                 p.place
          FROM tradeup.customer c
          JOIN (SELECT p.*, t.terms, t.rates, t.residuals, w.place
                FROM tradeup_internal.vehicle_restrictions() w,
                     LATERAL tradeup_internal.program_regions(w.program, w.version) g,
                     LATERAL tradeup_internal.program_deals(w.program, w.version, g.region,
                                                            NULL::tradeup.any_json) p,
                     LATERAL (SELECT array_agg(t.term) AS terms, array_agg(t.annual_rate) AS rates,
                                     array_agg(t.residual_rate) AS residuals
                              FROM tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                                  NULL::tradeup.any_json) t) t
                WHERE w.in_use AND (offer_changes.currency IS NULL OR p.currency = offer_changes.currency)
                OFFSET 0) p
            ON p.program = coalesce(c.program, (SELECT d.program FROM tradeup.program_default d)) AND p.profile = c.risk_profile
           AND coalesce(p.region, '') = coalesce(
                   (SELECT r.region
                    FROM (SELECT coalesce(c.program, (SELECT d.program FROM tradeup.program_default d)) AS program) x,
                         tradeup.program_region r
                    WHERE r.program = x.program AND r.region = c.region
                      AND r.version = ((SELECT tradeup_internal.versions_with_regions()) ->> x.program)::integer), '')
          WHERE c.current_payment IS NOT NULL) c,
    LATERAL (
        SELECT tradeup.tier_changes(
                   ARRAY(SELECT tradeup.deal_for(c.deal, t.annual_rate, t.term, c.equity, c.current_payment, c.current_price,
                                                 c.trade_value, c.bonus, c.income, t.residual_rate)
                         FROM (SELECT unnest(c.terms) AS term, unnest(c.rates) AS annual_rate,
                                      unnest(c.residuals) AS residual_rate) t),
                   (ARRAY(SELECT CASE
                              WHEN NOT r.in_use THEN NULL
                              WHEN num_nonnulls(r.min_year, r.max_kilometers, r.makes) = 0
                              THEN tradeup.price_changes(offer_changes.old_prices, offer_changes.new_prices)
                              ELSE (SELECT tradeup.price_changes(
                                               array_agg(CASE
                                                         WHEN tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes,
                                                                                        u.old_year, u.old_kilometers,
                                                                                        u.old_make) THEN u.old_price END),
                                               array_agg(CASE
                                                         WHEN tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes,
                                                                                        u.new_year, u.new_kilometers,
                                                                                        u.new_make) THEN u.new_price END))
                                    FROM unnest(offer_changes.old_prices, offer_changes.new_prices, offer_changes.old_years,
                                                offer_changes.new_years, offer_changes.old_kilometers,
                                                    offer_changes.new_kilometers,
                                                offer_changes.old_makes, offer_changes.new_makes)
                                         u (old_price, new_price, old_year, new_year, old_kilometers, new_kilometers, old_make,
                                            new_make))
                          END
                          FROM (SELECT w.place, w.min_year, w.max_kilometers, w.makes, bool_or(w.in_use) AS in_use
                                FROM tradeup_internal.vehicle_restrictions() w
                                GROUP BY w.place, w.min_year, w.max_kilometers, w.makes
                                ORDER BY w.place OFFSET 0) r))[c.place]) AS change
        OFFSET 0) x
    WHERE ((x.change).gained OR (x.change).lost)
      AND offer_changes.old_prices IS NOT NULL AND offer_changes.new_prices IS NOT NULL
      AND tradeup_internal.require_as_many('new prices'::text, cardinality(offer_changes.new_prices),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('old years'::text, cardinality(offer_changes.old_years),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('new years'::text, cardinality(offer_changes.new_years),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('old kilometers'::text, cardinality(offer_changes.old_kilometers),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('new kilometers'::text, cardinality(offer_changes.new_kilometers),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('old makes'::text, cardinality(offer_changes.old_makes),
                                           cardinality(offer_changes.old_prices))
      AND tradeup_internal.require_as_many('new makes'::text, cardinality(offer_changes.new_makes),
                                           cardinality(offer_changes.old_prices));
END;
COMMENT ON FUNCTION tradeup.offer_changes(tradeup.any_number[], tradeup.any_number[], integer[], integer[], integer[], integer[],
                                          text[], text[], text)
    IS
    'The customers who gain or lose an offer with a tier when vehicles change from old to new prices, years, kilometres and '
    'makes, all priced in one currency (null: that of each customer''s program); a null price: not for sale then';

-- Years are compared from below and kilometres from above, so rounding them that way to whole numbers changes no answer.
CREATE FUNCTION tradeup_internal.watched_rows(of_table text, id_column text, price_column text, status_column text,
                                                         for_sale text, year_column text, kilometers_column text,
                                                         make_column text, currency_column text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN format('SELECT x.%I AS id, x.%I::numeric AS price, ', id_column, price_column)
    || coalesce(replace('CASE WHEN $::numeric > 2147483647 THEN 2147483647 WHEN $::numeric < -2147483648 THEN -2147483648 '
                        'ELSE floor($::numeric) END::integer', '$', 'x.' || quote_ident(year_column)),
                            'NULL::integer') || ' AS year, '
    || coalesce(replace('CASE WHEN $::numeric > 2147483647 THEN 2147483647 WHEN $::numeric < -2147483648 THEN -2147483648 '
                        'ELSE ceil($::numeric) END::integer', '$', 'x.' || quote_ident(kilometers_column)), 'NULL::integer')
    || ' AS kilometers, ' || coalesce('x.' || quote_ident(make_column) || '::text', 'NULL::text') || ' AS make, '
    || coalesce('coalesce(x.' || quote_ident(currency_column) || '::text, '''')', '''''::text') || ' AS currency FROM '
    || of_table || ' x'
    || CASE WHEN status_column <> '' THEN format(' WHERE x.%I::text = %L', status_column, for_sale) ELSE '' END;
COMMENT ON FUNCTION tradeup_internal.watched_rows(text, text, text, text, text, text, text, text, text) IS
    'The query for the vehicles of a watched table, named as in SQL, that are for sale; for watch_inventory and its trigger';

-- Rights: it runs with those of whoever changes the inventory. What fails here must neither stop her nor go unnoticed: she
-- gets a warning, and whoever listens is told that something changed. Only what ends the transaction anyway (a
-- cancellation, a serialization failure, a deadlock) is passed on. Without JIT, which would take longer than the search.
CREATE FUNCTION tradeup_internal.notify_offer_changes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    id_column CONSTANT text := TG_ARGV[0];
    price_column CONSTANT text := TG_ARGV[1];
    status_column CONSTANT text := TG_ARGV[2];
    for_sale CONSTANT text := TG_ARGV[3];
    channel CONSTANT text := TG_ARGV[4];
    max_named CONSTANT integer := TG_ARGV[5];
    max_vehicles CONSTANT integer := TG_ARGV[6];
    year_column text := nullif(TG_ARGV[7], '');
    kilometers_column text := nullif(TG_ARGV[8], '');
    make_column text := nullif(TG_ARGV[9], '');
    currency_column CONSTANT text := nullif(TG_ARGV[10], '');
    bytes_of_names CONSTANT integer := 3400; /* twice, with the rest, stays below the 8000 bytes of a payload */
    old_vehicles text := 'SELECT NULL AS id, NULL::numeric AS price, NULL::integer AS year, NULL::integer AS kilometers, '
                         'NULL::text AS make, ''''::text AS currency WHERE false';
    new_vehicles text := old_vehicles;
    all_of CONSTANT text := ', array_agg(o.year) AS old_years, array_agg(n.year) AS new_years, '
                            'array_agg(o.kilometers) AS old_kilometers, array_agg(n.kilometers) AS new_kilometers, '
                            'array_agg(o.make) AS old_makes, array_agg(n.make) AS new_makes';
    none_of CONSTANT text := ', NULL::integer[] AS old_years, NULL::integer[] AS new_years, NULL::integer[] AS old_kilometers, '
                             'NULL::integer[] AS new_kilometers, NULL::text[] AS old_makes, NULL::text[] AS new_makes';
    restricted boolean := false; /* whether anything beside the price matters to somebody; where it does not, it is not read */
    payload jsonb := jsonb_build_object('table', TG_RELID::regclass);
    part record; /* what changed in one currency */
    gaining text[] := '{}';
    losing text[] := '{}';
    gained jsonb;
    lost jsonb;
    more_gained integer;
    more_lost integer;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify(channel, (payload || '{"truncated": true}')::text);
        RETURN NULL;
    END IF;
    BEGIN
        IF num_nonnulls(year_column, kilometers_column, make_column) > 0 THEN
            BEGIN
                restricted := EXISTS (SELECT FROM tradeup_internal.vehicle_restrictions() r
                                      WHERE r.in_use AND num_nonnulls(r.min_year, r.max_kilometers, r.makes) > 0);
            EXCEPTION WHEN insufficient_privilege THEN
                NULL; /* the search for customers fails for the same reason, but then the vehicles have been counted */
            END;
        END IF;
        IF NOT restricted THEN
            year_column := NULL;
            kilometers_column := NULL;
            make_column := NULL;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            old_vehicles := tradeup_internal.watched_rows('old_rows'::text, id_column, price_column, status_column, for_sale,
                                                          year_column, kilometers_column, make_column, currency_column);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            new_vehicles := tradeup_internal.watched_rows('new_rows'::text, id_column, price_column, status_column, for_sale,
                                                          year_column, kilometers_column, make_column, currency_column);
        END IF;
        /* A vehicle whose currency changes leaves the one and comes into the other. A customer is in one, that of her program. */
        FOR part IN EXECUTE
            'SELECT coalesce(o.currency, n.currency) AS currency, (sum(count(*)) OVER ())::integer AS vehicles, '
            'array_agg(o.price) AS old_prices, array_agg(n.price) AS new_prices'
            || CASE WHEN restricted THEN all_of ELSE none_of END || ' FROM ('
            || old_vehicles || ') o FULL JOIN (' || new_vehicles || ') n ON '
            || CASE TG_OP WHEN 'UPDATE' THEN 'n.id = o.id AND n.currency = o.currency' ELSE 'false' END
            || ' WHERE o.price IS DISTINCT FROM n.price'
            || CASE WHEN restricted THEN ' OR o.year IS DISTINCT FROM n.year OR o.kilometers IS DISTINCT FROM n.kilometers'
                                         ' OR o.make IS DISTINCT FROM n.make' ELSE '' END
            || ' GROUP BY 1 ORDER BY 1'
        LOOP
            payload := payload || jsonb_build_object('vehicles', part.vehicles);
            IF part.vehicles > max_vehicles THEN
                PERFORM pg_notify(channel, (payload || '{"too_many": true}')::text);
                RETURN NULL;
            END IF;
            SELECT gaining || coalesce(array_agg(c.customer_id) FILTER (WHERE c.gained), '{}'),
                   losing || coalesce(array_agg(c.customer_id) FILTER (WHERE c.lost), '{}')
            INTO gaining, losing
            FROM tradeup.offer_changes(part.old_prices::tradeup.any_number[], part.new_prices::tradeup.any_number[],
                                       part.old_years,
                                       part.new_years, part.old_kilometers, part.new_kilometers, part.old_makes, part.new_makes,
                                       nullif(part.currency, ''::text)) c;
        END LOOP;
        WITH numbered AS (
            SELECT w.gains, w.customer_id,
                   row_number() OVER (PARTITION BY w.gains ORDER BY w.customer_id COLLATE "C") <= max_named
                   AND sum(octet_length(to_json(w.customer_id)::text) + 2)
                       OVER (PARTITION BY w.gains ORDER BY w.customer_id COLLATE "C") <= bytes_of_names AS named
            FROM (SELECT true AS gains, c.customer_id FROM unnest(gaining) c (customer_id)
                  UNION ALL SELECT false, c.customer_id FROM unnest(losing) c (customer_id)) w
        )
        SELECT coalesce(jsonb_agg(n.customer_id ORDER BY n.customer_id COLLATE "C") FILTER (WHERE n.gains AND n.named), '[]'),
               coalesce(jsonb_agg(n.customer_id ORDER BY n.customer_id COLLATE "C") FILTER (WHERE NOT n.gains AND n.named), '[]'),
               count(*) FILTER (WHERE n.gains AND NOT n.named), count(*) FILTER (WHERE NOT n.gains AND NOT n.named)
        INTO gained, lost, more_gained, more_lost FROM numbered n;
        IF jsonb_array_length(gained) + jsonb_array_length(lost) + more_gained + more_lost > 0 THEN
            PERFORM pg_notify(channel, (payload || jsonb_build_object('gained', gained, 'lost', lost,
                                                                      'more_gained', more_gained, 'more_lost', more_lost))::text);
        END IF;
    EXCEPTION
        WHEN transaction_rollback THEN
            RAISE;
        WHEN OTHERS THEN
            RAISE WARNING 'it is not known which customers gain or lose offers'
                USING ERRCODE = SQLSTATE,
                      DETAIL = format('The change of table %s succeeded, but not the search for them: %s.', TG_RELID::regclass,
                                      tradeup_internal.shown(SQLERRM)), HINT = CASE SQLSTATE WHEN '42501' THEN
                          'Grant SELECT on the customers and programs of schema tradeup, or stop with unwatch_inventory.' ELSE
                          'Watch the table anew with watch_inventory, or stop with unwatch_inventory.' END;
            PERFORM pg_notify(channel, (payload || jsonb_build_object('failed', SQLSTATE))::text);
    END;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.notify_offer_changes() IS
    'Trigger that notifies a channel of the customers who gain or lose offers by a statement; put on a table by watch_inventory';

-- The options of watch_inventory, of which few watchers need one: two limits and the names of three columns.
CREATE FUNCTION tradeup_internal.require_watch_options(options tradeup.any_json) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known CONSTANT text := 'max_named, max_vehicles, year_column, kilometers_column, make_column and '
                           'currency_column';
    unknown text;
BEGIN
    IF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION 'options must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('They are %s.', tradeup_internal.json_shown(options::jsonb)),
                  HINT = format('The keys of options may be %s.', known);
    END IF;
    SELECT min(k.key COLLATE "C") INTO unknown
    FROM jsonb_object_keys(options) k (key)
    WHERE k.key <> ALL ('{max_named,max_vehicles,year_column,kilometers_column,make_column,currency_column}'::text[]);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'unknown key "%"', tradeup_internal.shown(unknown)
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is options.%s.', tradeup_internal.shown(unknown)),
                  HINT = format('The keys of options may be %s.', known);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_watch_options(tradeup.any_json) IS
    'True for options of watch_inventory with known keys, or null; otherwise the error that names what is allowed';

CREATE FUNCTION tradeup_internal.watch_limit(options tradeup.any_json, key text, standing integer, highest integer)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    given CONSTANT jsonb := options -> key;
BEGIN
    IF given IS NULL THEN
        RETURN standing;
    END IF;
    IF jsonb_typeof(given) = 'number' THEN
        IF given::numeric BETWEEN 0 AND highest AND given::numeric = trunc(given::numeric) THEN
            RETURN given::integer;
        END IF;
    END IF;
    RAISE EXCEPTION '% must be a whole number between 0 and %', key, highest
        USING ERRCODE = 'invalid_parameter_value', DETAIL = format('options.%s is %s.', key, tradeup_internal.json_shown(given)),
              HINT = format('Without it, it is %s.', standing);
END
$$;
COMMENT ON FUNCTION tradeup_internal.watch_limit(tradeup.any_json, text, integer, integer) IS
    'A limit among the options of watch_inventory, or the standing one; an error beyond 0 and the highest';

CREATE FUNCTION tradeup_internal.watch_column(options tradeup.any_json, key text) RETURNS name
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(options -> key) NOT IN ('string', 'null') THEN
        RAISE EXCEPTION '% must be the name of a column', key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('options.%s is %s.', key, tradeup_internal.json_shown(options -> key)),
                  HINT = 'It may be a text, or null for none.';
    END IF;
    RETURN (options ->> key)::name;
END
$$;
COMMENT ON FUNCTION tradeup_internal.watch_column(tradeup.any_json, text) IS
    'The name of a column among the options of watch_inventory, or null';

CREATE FUNCTION tradeup_internal.steps_of_watch_inventory(table_name regclass, id_column name, price_column name,
                                                                     status_column name, for_sale text, channel text,
                                                                     options tradeup.any_json)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    max_named CONSTANT integer := tradeup_internal.watch_limit(options, 'max_named'::text, 100, 1000);
    max_vehicles CONSTANT integer := tradeup_internal.watch_limit(options, 'max_vehicles'::text, 100000, 10000000);
    year_column name := tradeup_internal.watch_column(options, 'year_column'::text);
    kilometers_column name := tradeup_internal.watch_column(options, 'kilometers_column'::text);
    make_column name := tradeup_internal.watch_column(options, 'make_column'::text);
    currency_column name := tradeup_internal.watch_column(options, 'currency_column'::text);
    missing name;
    vehicles text;
    event text;
    watched regclass[] := ARRAY[table_name];
    place integer := 0;
    foreign_child regclass;
BEGIN
    PERFORM tradeup_internal.require_watch_options(options);
    IF table_name IS NULL OR id_column IS NULL OR price_column IS NULL OR channel IS NULL
       OR (status_column IS NOT NULL AND for_sale IS NULL) THEN
        RAISE EXCEPTION 'only the column of status and the options may be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Without a status column every row is for sale.';
    END IF;
    IF octet_length(channel) NOT BETWEEN 1 AND 63 THEN
        RAISE EXCEPTION 'channel must be named by 1 to 63 bytes'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is named "%s".', tradeup_internal.shown(channel));
    END IF;
    IF table_name IN (SELECT t.relation FROM tradeup_internal.vehicle_tables() t) THEN
        year_column := coalesce(year_column, 'year');
        kilometers_column := coalesce(kilometers_column, 'kilometers');
        make_column := coalesce(make_column, 'make');
        currency_column := coalesce(currency_column, 'currency');
    END IF;
    SELECT c INTO missing
    FROM unnest(ARRAY[id_column, price_column, status_column, year_column, kilometers_column, make_column, currency_column])
         WITH ORDINALITY x (c, place)
    WHERE c IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
                                        WHERE a.attrelid = table_name AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
    ORDER BY place LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'table % has no column "%"', table_name, missing
            USING ERRCODE = 'undefined_column',
                  HINT = 'Name the columns of identifier, price and status; a status_column of null means that every row is for '
                         'sale. '
                         'The columns of year, kilometres, make and currency are those that programs ask about.';
    END IF;
    SELECT c INTO missing
    FROM unnest(ARRAY[price_column, year_column, kilometers_column]) WITH ORDINALITY x (c, place)
    JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = c
    JOIN pg_type t ON t.oid = a.atttypid AND t.typcategory <> 'N'
    ORDER BY place LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'column "%" is not a number', missing
            USING ERRCODE = 'datatype_mismatch', HINT = 'The columns of price, year and kilometres must be numbers.';
    END IF;
    /* Of two sessions that watch or unwatch at once, one waits for the other; to lock the tables takes more rights. */
    PERFORM pg_advisory_xact_lock('tradeup_internal.notify_offer_changes()'::regprocedure::oid::bigint);
    /* To create a trigger locks its table, and nobody adds children any more; so they are looked up afterwards. */
    WHILE place < cardinality(watched) LOOP
        place := place + 1;
        FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
            EXECUTE format('CREATE OR REPLACE TRIGGER tradeup_offer_changes_%1$s AFTER %1$s ON %2$s %3$s FOR EACH STATEMENT '
                           'EXECUTE FUNCTION tradeup_internal.notify_offer_changes(%4$L, %5$L, %6$L, %7$L, %8$L, %9$L, %10$L, '
                           '%11$L, %12$L, %13$L, %14$L)', event, watched[place],
                           CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
                                      WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                                      WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows' ELSE '' END,
                           id_column, price_column, coalesce(status_column, ''), coalesce(for_sale, ''), channel, max_named,
                           max_vehicles, coalesce(year_column, ''), coalesce(kilometers_column, ''), coalesce(make_column, ''),
                           coalesce(currency_column, ''));
        END LOOP;
        SELECT c.child INTO foreign_child FROM tradeup_internal.children_of(watched[place]) c WHERE c.is_foreign LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'table % cannot be watched', table_name
                USING ERRCODE = 'wrong_object_type',
                      DETAIL = format('Below it is the foreign table %s, and PostgreSQL does not collect the rows that a '
                                      'statement changes there.', foreign_child),
                      HINT = 'Watch the local tables below it one by one, and the foreign table where its rows are stored.';
        END IF;
        watched := watched
            || ARRAY(SELECT c.child FROM tradeup_internal.children_of(watched[place]) c WHERE c.child <> ALL (watched));
    END LOOP;
    /* What the trigger will ask of the columns is asked once now: identifiers that compare, prices that become numerics. */
    vehicles := tradeup_internal.watched_rows(table_name::text, id_column::text, price_column::text, status_column::text,
                                              for_sale,
                                              year_column::text, kilometers_column::text, make_column::text,
                                              currency_column::text);
    EXECUTE format('SELECT FROM (SELECT x.* FROM (%1$s) x LIMIT 0) o FULL JOIN (SELECT x.* FROM (%1$s) x LIMIT 0) n ON n.id = '
                   'o.id', vehicles);
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_watch_inventory(regclass, name, name, name, text, text, tradeup.any_json) IS
    'The steps of watch_inventory';

CREATE FUNCTION tradeup.watch_inventory(
    table_name regclass DEFAULT 'tradeup.vehicle',
    id_column name DEFAULT 'vehicle_id',
    price_column name DEFAULT 'price',
    status_column name DEFAULT 'status',
    for_sale text DEFAULT 'available',
    channel text DEFAULT 'tradeup_offers',
    options tradeup.any_json DEFAULT NULL::jsonb
) RETURNS void
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.watch_inventory(regclass, name, name, name, text, text, tradeup.any_json) IS
    'From now on each statement that changes this inventory or a table below it notifies a channel of who gains or loses offers';

CREATE FUNCTION tradeup_internal.steps_of_unwatch_inventory(table_name regclass)
RETURNS boolean
LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    watched regclass;
    watching name;
    found_any boolean := false;
BEGIN
    PERFORM pg_advisory_xact_lock('tradeup_internal.notify_offer_changes()'::regprocedure::oid::bigint);
    FOR watched, watching IN
        WITH RECURSIVE tables AS (
            SELECT table_name AS relation, 0 AS depth
            UNION
            SELECT c.child, t.depth + 1 FROM tables t, LATERAL tradeup_internal.children_of(t.relation) c
        )
        SELECT t.tgrelid, t.tgname
        FROM (SELECT x.relation, min(x.depth) AS depth FROM tables x GROUP BY x.relation) x
        JOIN pg_trigger t ON t.tgrelid = x.relation
        WHERE NOT t.tgisinternal AND t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure
        ORDER BY x.depth, t.tgrelid, t.tgname
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', watching, watched);
        found_any := true;
    END LOOP;
    RETURN found_any;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_unwatch_inventory(regclass) IS 'The steps of unwatch_inventory';

CREATE FUNCTION tradeup.unwatch_inventory(table_name regclass DEFAULT 'tradeup.vehicle') RETURNS boolean
LANGUAGE c STRICT COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.unwatch_inventory(regclass) IS
    'Undoes watch_inventory, for the tables below as well; false when none of them was watched';
-- Inventories in tables of users' own, and what is asked of them.

CREATE TABLE tradeup.inventory (
    name text NOT NULL,
    relation regclass NOT NULL,
    currency text NOT NULL,
    id_column text NOT NULL,
    price_column text NOT NULL,
    make_column text,
    model_column text,
    body_column text,
    year_column text,
    kilometers_column text,
    region_column text,
    dealer_column text,
    cost_column text,
    status_column text,
    CONSTRAINT inventory_is_identified PRIMARY KEY (name),
    CONSTRAINT inventory_is_named CHECK (name <> ''),
    CONSTRAINT inventory_currency_is_known CHECK (tradeup.currency_digits(currency) IS NOT NULL)
);
COMMENT ON TABLE tradeup.inventory IS 'Inventories in tables of your own, as register_inventory records them';
COMMENT ON COLUMN tradeup.inventory.name IS 'Name by which functions such as best_offers_in find it';
COMMENT ON COLUMN tradeup.inventory.relation IS 'Table, view, partitioned or foreign table with the vehicles';
COMMENT ON COLUMN tradeup.inventory.currency IS 'ISO 4217 code of the currency of all its prices';
COMMENT ON COLUMN tradeup.inventory.id_column IS 'Column of what identifies a vehicle';
COMMENT ON COLUMN tradeup.inventory.price_column IS 'Column of the price, in major units';
COMMENT ON COLUMN tradeup.inventory.make_column IS 'Column of the make; null: none';
COMMENT ON COLUMN tradeup.inventory.model_column IS 'Column of the model; null: none';
COMMENT ON COLUMN tradeup.inventory.body_column IS 'Column of the body class; null: none';
COMMENT ON COLUMN tradeup.inventory.year_column IS 'Column of the model year; null: none';
COMMENT ON COLUMN tradeup.inventory.kilometers_column IS 'Column of the kilometres driven; null: none';
COMMENT ON COLUMN tradeup.inventory.region_column IS 'Column of the region; null: none';
COMMENT ON COLUMN tradeup.inventory.dealer_column IS 'Column of the dealer; null: none';
COMMENT ON COLUMN tradeup.inventory.cost_column IS
    'Column of what the dealer paid, in major units; null: none, so offers have no gross';
COMMENT ON COLUMN tradeup.inventory.status_column IS
    'Column of the status, "available" or true for what is for sale; null: none, so every vehicle is';

CREATE TYPE tradeup_internal.inventory_source AS (
    columns text,
    vehicles text,
    currency text,
    digits integer,
    price text,
    price_type text,
    id text,
    id_type text,
    year text,
    kilometers text,
    ordered_by_id boolean
);
COMMENT ON TYPE tradeup_internal.inventory_source IS
    'The pieces of queries of an inventory, as SQL: its columns, what follows FROM, with the conditions other than on the price, '
    'price and id with their types, year and kilometers (null: none); and whether ids in their own order are in that of their '
    'bytes';

CREATE TYPE tradeup_internal.inventory_branch AS (
    number integer,
    lowest bigint,
    highest bigint,
    downward boolean,
    most integer,
    ids text[],
    condition text,
    sorted_by text
);
COMMENT ON TYPE tradeup_internal.inventory_branch IS
    'One query of an inventory: its number, the lowest and highest price in minor units, and, null for all vehicles, from which '
    'end at most how many, the vehicles with some ids, a condition, and what comes before the price in the order, as SQL';
-- Inventories in tables of users' own: how they are registered, and the queries that read them. Whoever calls a function over one
-- reads it with rights of her own. What is sent holds constants only, quoted by format(), so that any engine can serve it.

CREATE FUNCTION tradeup_internal.column_type(relation regclass, column_name text) RETURNS regtype
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
BEGIN ATOMIC
    WITH RECURSIVE x AS (
        SELECT t.oid, t.typtype, t.typbasetype
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = column_type.relation AND a.attname = column_type.column_name AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype FROM x JOIN pg_type t ON x.typtype = 'd' AND t.oid = x.typbasetype
    )
    SELECT x.oid::regtype FROM x WHERE x.typtype <> 'd';
END;
COMMENT ON FUNCTION tradeup_internal.column_type(regclass, text) IS
    'The type of a column, that under a domain; null where there is no such column';

CREATE FUNCTION tradeup_internal.columns_lacking(inventory tradeup.inventory) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT string_agg(format('"%s"', tradeup_internal.shown(c.name)), ', ' ORDER BY c.place)
        FROM unnest(ARRAY[inventory.id_column, inventory.price_column, inventory.make_column, inventory.model_column,
                          inventory.body_column, inventory.year_column, inventory.kilometers_column, inventory.region_column,
                          inventory.dealer_column, inventory.cost_column, inventory.status_column])
             WITH ORDINALITY c (name, place)
        WHERE c.name IS NOT NULL
          AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = inventory.relation AND a.attname = c.name
                                                       AND a.attnum > 0 AND NOT a.attisdropped));
COMMENT ON FUNCTION tradeup_internal.columns_lacking(tradeup.inventory) IS
    'The columns of a registered inventory that its table has no more; null: none';

CREATE FUNCTION tradeup_internal.has_price_index(relation regclass, price_column text, with_status boolean)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT c.relkind NOT IN ('r', 'p', 'm')
               OR EXISTS (SELECT FROM pg_index i
                          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                          JOIN pg_class x ON x.oid = i.indexrelid
                          JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
                          WHERE i.indrelid = c.oid AND i.indisvalid AND a.attname = has_price_index.price_column
                            AND (i.indpred IS NULL OR has_price_index.with_status))
        FROM pg_class c WHERE c.oid = has_price_index.relation);
COMMENT ON FUNCTION tradeup_internal.has_price_index(regclass, text, boolean) IS
    'Whether a table has an index that begins with the price, also one of some rows where only those of a status are for sale; '
    'views and foreign tables have none to look at';

CREATE FUNCTION tradeup_internal.steps_of_register_inventory(relation regclass, id text, price text, currency text,
                                                                        name text, make text, model text, body text, year text,
                                                                        kilometers text, region text, dealer text, status text,
                                                                        cost text)
RETURNS text
LANGUAGE plpgsql VOLATILE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    kind record;
    looked record;
BEGIN
    IF num_nulls(relation, id, price, currency) > 0 THEN
        RAISE EXCEPTION 'relation, id, price and currency must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT c.relname, c.relkind, c.relpersistence INTO kind FROM pg_class c WHERE c.oid = relation;
    IF NOT FOUND OR kind.relkind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        RAISE EXCEPTION '% is no table or view', relation USING ERRCODE = 'wrong_object_type';
    ELSIF kind.relpersistence = 't' THEN
        RAISE EXCEPTION 'table % is temporary', relation
            USING ERRCODE = 'wrong_object_type', HINT = 'An inventory is there for all sessions: register a permanent table.';
    END IF;
    FOR looked IN
        SELECT x.*, tradeup_internal.column_type(relation, x.column_name) AS is_a
        FROM (VALUES (1, 'id', id), (2, 'price', price), (3, 'make', make), (4, 'model', model), (5, 'body', body),
                     (6, 'year', year), (7, 'kilometers', kilometers), (8, 'region', region), (9, 'dealer', dealer),
                     (10, 'status', status), (11, 'cost', cost)) x (place, argument, column_name)
        WHERE x.column_name IS NOT NULL ORDER BY x.place
    LOOP
        IF looked.is_a IS NULL THEN
            RAISE EXCEPTION 'relation % has no column "%"', relation, tradeup_internal.shown(looked.column_name)
                USING ERRCODE = 'undefined_column', DETAIL = format('It is named by %s.', looked.argument),
                      HINT = 'Write the name of a column as it is stored: lower case unless it was made in double quotes.';
        ELSIF NOT has_column_privilege(relation, looked.column_name, 'SELECT') THEN
            RAISE EXCEPTION 'permission denied for column "%" of relation %', tradeup_internal.shown(looked.column_name), relation
                USING ERRCODE = 'insufficient_privilege', HINT = format('GRANT SELECT ON %s TO %I;', relation, current_user);
        ELSIF looked.argument IN ('price', 'cost')
              AND looked.is_a <> ALL ('{smallint,integer,bigint,numeric,double precision}'::regtype[]) THEN
            RAISE EXCEPTION 'column "%" is no %', tradeup_internal.shown(looked.column_name), looked.argument
                USING ERRCODE = 'datatype_mismatch', DETAIL = format('Its type is %s.', looked.is_a),
                      HINT = 'An amount is a numeric, integer, bigint, smallint or double precision. For another type register a '
                             'view that casts it.';
        ELSIF looked.argument IN ('year', 'kilometers') AND looked.is_a <> ALL ('{smallint,integer,bigint}'::regtype[]) THEN
            RAISE EXCEPTION 'column "%" is no whole number', tradeup_internal.shown(looked.column_name)
                USING ERRCODE = 'datatype_mismatch', DETAIL = format('It is named by %s. Its type is %s.', looked.argument,
                                                                     looked.is_a),
                      HINT = 'It must be an integer, bigint or smallint. For another type register a view that casts it.';
        ELSIF looked.argument = 'id' AND looked.is_a <> ALL ('{text,varchar,uuid,smallint,integer,bigint}'::regtype[]) THEN
            RAISE EXCEPTION 'column "%" identifies nothing', tradeup_internal.shown(looked.column_name)
                USING ERRCODE = 'datatype_mismatch', DETAIL = format('Its type is %s.', looked.is_a),
                      HINT = 'An id is a text, varchar, uuid or whole number. For another type register a view that casts it.';
        END IF;
    END LOOP;
    IF tradeup.currency_digits(currency) IS NULL THEN
        RAISE EXCEPTION 'unknown currency "%"', tradeup_internal.shown(currency)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use an ISO 4217 code in capitals, such as USD, EUR or MXN.';
    ELSIF name = '' THEN
        RAISE EXCEPTION 'name of an inventory must not be empty' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT tradeup_internal.has_price_index(relation, price, status IS NOT NULL) THEN
        RAISE NOTICE 'relation % has no index that begins with the price', relation
            USING HINT = format('Without it every question reads all vehicles: CREATE INDEX ON %s (%I, %I);', relation, price,
                                id);
    END IF;
    name := coalesce(name, kind.relname::text);
    INSERT INTO tradeup.inventory AS i (name, relation, currency, id_column, price_column, make_column, model_column, body_column,
                                        year_column, kilometers_column, region_column, dealer_column, cost_column,
                                        status_column)
    VALUES (name, relation, currency, id, price, make, model, body, year, kilometers, region, dealer, cost, status)
    ON CONFLICT ON CONSTRAINT inventory_is_identified DO UPDATE
    SET relation = excluded.relation, currency = excluded.currency, id_column = excluded.id_column,
        price_column = excluded.price_column, make_column = excluded.make_column, model_column = excluded.model_column,
        body_column = excluded.body_column, year_column = excluded.year_column,
        kilometers_column = excluded.kilometers_column, region_column = excluded.region_column,
        dealer_column = excluded.dealer_column, cost_column = excluded.cost_column, status_column = excluded.status_column;
    RETURN name;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_register_inventory(regclass, text, text, text, text, text, text, text, text, text,
                                                                 text, text, text, text) IS 'The steps of register_inventory';

CREATE FUNCTION tradeup.register_inventory(
    relation regclass, id text, price text, currency text, name text DEFAULT NULL, make text DEFAULT NULL,
    model text DEFAULT NULL, body text DEFAULT NULL, year text DEFAULT NULL, kilometers text DEFAULT NULL,
    region text DEFAULT NULL, dealer text DEFAULT NULL, status text DEFAULT NULL, cost text DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE COST 1000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.register_inventory(regclass, text, text, text, text, text, text, text, text, text, text, text, text,
                                               text) IS
    'Records a table, view, partitioned or foreign table as an inventory, by the names of its columns, under a name (default: '
    'that of the table), which is returned; one of that name is replaced';

CREATE FUNCTION tradeup_internal.steps_of_unregister_inventory(name text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT COST 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    DELETE FROM tradeup.inventory i WHERE i.name = name;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_unregister_inventory(text) IS 'The steps of unregister_inventory';

CREATE FUNCTION tradeup.unregister_inventory(name text) RETURNS boolean
LANGUAGE c VOLATILE STRICT COST 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.unregister_inventory(text) IS
    'Forgets an inventory; its table stays as it is. False when none has that name';
-- The queries that read an inventory. They are composed of quoted names and constants alone, so that partitions are pruned,
-- other servers sort and cut, and an engine that spreads a table over machines takes them. Vehicles that tradeup.vehicle would
-- not take, for want of a price in whole minor units, say, make no offers.

CREATE FUNCTION tradeup_internal.inventory_named(inventory text) RETURNS SETOF tradeup.inventory
LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 1
BEGIN ATOMIC
    SELECT i.*
    FROM (SELECT inventory_named.inventory AS requested) q LEFT JOIN tradeup.inventory i ON i.name = q.requested
    WHERE tradeup_internal.require_known('inventory'::text, inventory_named.inventory, i.name,
                                         tradeup_internal.asked_for_one(inventory_named.inventory))
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup_internal.inventory_named(text) IS
    'The inventory of this name; an error where one is asked for that is not registered';

CREATE FUNCTION tradeup_internal.inventory_source(inventory tradeup.inventory, min_year integer,
                                                             max_kilometers integer, makes text[],
                                                             conditions tradeup_internal.vehicle_conditions)
RETURNS tradeup_internal.inventory_source
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    source tradeup_internal.inventory_source;
    missing text;
    id CONSTANT text := 'x.' || quote_ident(inventory.id_column);
    price CONSTANT text := 'x.' || quote_ident(inventory.price_column);
    make CONSTANT text := 'x.' || quote_ident(inventory.make_column) || '::text';
    model CONSTANT text := 'x.' || quote_ident(inventory.model_column) || '::text';
    body CONSTANT text := 'x.' || quote_ident(inventory.body_column) || '::text';
    year CONSTANT text := 'x.' || quote_ident(inventory.year_column);
    kilometers CONSTANT text := 'x.' || quote_ident(inventory.kilometers_column);
    region CONSTANT text := 'x.' || quote_ident(inventory.region_column) || '::text';
    dealer CONSTANT text := 'x.' || quote_ident(inventory.dealer_column) || '::text';
    cost CONSTANT text := 'x.' || quote_ident(inventory.cost_column);
    status CONSTANT text := 'x.' || quote_ident(inventory.status_column);
    folded CONSTANT text := CASE WHEN conditions.match_case THEN '(' ELSE 'lower(' END;
    filtered text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = inventory.relation) THEN
        RAISE EXCEPTION 'the relation of inventory "%" is gone', tradeup_internal.shown(inventory.name)
            USING ERRCODE = 'undefined_table', HINT = 'Register another one by this name, or call unregister_inventory.';
    END IF;
    missing := tradeup_internal.columns_lacking(inventory);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'inventory "%" lacks columns', tradeup_internal.shown(inventory.name)
            USING ERRCODE = 'undefined_column', DETAIL = format('Relation %s has no column %s.', inventory.relation, missing),
                  HINT = 'Register it again, with the columns that it has now.';
    END IF;
    source.currency := inventory.currency;
    source.digits := tradeup.currency_digits(inventory.currency);
    source.price := price;
    source.price_type := tradeup_internal.column_type(inventory.relation, inventory.price_column)::text;
    source.id := id;
    source.id_type := tradeup_internal.column_type(inventory.relation, inventory.id_column)::text;
    source.year := year;
    source.kilometers := kilometers;
    source.ordered_by_id := source.id_type = 'uuid' OR EXISTS (
        SELECT FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
        JOIN pg_database d ON d.datname = current_database()
        WHERE a.attrelid = inventory.relation AND a.attname = inventory.id_column
          AND CASE WHEN c.collprovider = 'd' THEN d.datlocprovider = 'c' AND d.datcollate IN ('C', 'POSIX')
                   ELSE c.collprovider = 'c' AND c.collcollate IN ('C', 'POSIX') END);
    source.columns := concat_ws(', ', id || '::text', coalesce(make, 'NULL::text'), coalesce(model, 'NULL::text'),
                                coalesce(body, 'NULL::text'), coalesce(year, 'NULL') || '::integer',
                                coalesce(kilometers, 'NULL') || '::integer', coalesce(region, 'NULL::text'),
                                coalesce(dealer, 'NULL::text'), price || '::numeric', coalesce(cost, 'NULL') || '::numeric');
    SELECT min(f.argument) FILTER (WHERE f.column_name IS NULL),
           string_agg(f.column_name || f.condition, ' AND ' ORDER BY f.place)
    INTO missing, filtered
    FROM (VALUES (1, 'year', year, ' >= ' || conditions.year_from),
                 (2, 'year', year, ' <= ' || conditions.year_to),
                 (3, 'kilometers', kilometers, ' <= ' || floor(conditions.kilometers_to)),
                 (4, 'make', folded || make || ')', ' = ANY (' || quote_literal(conditions.makes::text) || '::text[])'),
                 (5, 'make', make, ' = ' || quote_literal(conditions.only_make) || '::text'),
                 (6, 'make', make, ' <> ' || quote_literal(conditions.other_make) || '::text'),
                 (7, 'body', folded || body || ')', ' = ANY (' || quote_literal(conditions.bodies::text) || '::text[])'),
                 (8, 'region', folded || region || ')', ' = ANY (' || quote_literal(conditions.regions::text) || '::text[])'),
                 (9, 'model', folded || model || ')', ' = ANY (' || quote_literal(conditions.models::text) || '::text[])'),
                 (10, 'dealer', folded || dealer || ')', ' = ANY (' || quote_literal(conditions.dealers::text) || '::text[])'),
                 (11, 'color', NULL, conditions.colors::text),
                 (12, 'fuel', NULL, conditions.fuels::text),
                 (13, 'transmission', NULL, conditions.transmissions::text),
                 (14, 'day of listing', NULL, conditions.listed_from::text),
                 (15, 'promotion', NULL, conditions.promotion::text)) f (place, argument, column_name, condition)
    WHERE f.condition IS NOT NULL;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'inventory "%" has no column of %', tradeup_internal.shown(inventory.name), missing
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The filter asks for the %s.', missing),
                  HINT = CASE WHEN missing IN ('color', 'fuel', 'transmission', 'day of listing', 'promotion')
                              THEN 'It is known of tradeup.vehicle only: leave it out of the filter.'
                              ELSE format('Leave it out of the filter, or register the inventory again with %s => ''...''.',
                                          missing) END;
    END IF;
    source.vehicles := inventory.relation || ' x WHERE ' || concat_ws(' AND ',
        /* As a CASE, because the planner would assume of an equation that it leaves one row in 200, and sort them. */
        format('CASE WHEN ' || CASE source.price_type WHEN 'numeric' THEN '%1$s = round(%1$s, %2$s)'
                                    WHEN 'double precision' THEN '%1$s = round(%1$s::numeric, %2$s)::double precision' END
               || ' THEN true ELSE false END', price, source.digits),
        CASE WHEN status IS NULL THEN NULL
             WHEN tradeup_internal.column_type(inventory.relation, inventory.status_column) = 'boolean'::regtype THEN status
             ELSE status || '::text = ''available''' END,
        id || ' IS NOT NULL',
        replace('($ IS NULL OR $ >= 1886 AND $ <= 2200)', '$', year),
        replace('($ IS NULL OR $ >= 0 AND $ <= 2147483647)', '$', kilometers),
        CASE WHEN min_year IS NOT NULL THEN coalesce(year || ' >= ' || min_year, 'false') END,
        CASE WHEN max_kilometers IS NOT NULL THEN coalesce(kilometers || ' <= ' || max_kilometers, 'false') END,
        CASE WHEN makes IS NOT NULL THEN coalesce(make || ' = ANY (' || quote_literal(makes::text) || '::text[])', 'false') END,
        filtered);
    RETURN source;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_source(tradeup.inventory, integer, integer, text[],
                                                      tradeup_internal.vehicle_conditions) IS
    'The pieces of queries of an inventory''s vehicles that a program with these restrictions finances and that meet the '
    'conditions of a search, all null for none; of the prices in conditions nothing is asked';

-- The bounds have the type of the column, or of one that its index compares with: whole numbers are compared as bigint. A double
-- precision is a price when it is the one nearest to it in whole minor units, and so are the bounds.
CREATE FUNCTION tradeup_internal.inventory_prices(source tradeup_internal.inventory_source, prices bigint[])
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10
RETURN (SELECT array_agg(CASE (source).price_type
                             WHEN 'numeric' THEN format('%L::numeric', p.price)
                             WHEN 'double precision' THEN format('%L::double precision', p.price)
                             ELSE format('%s::bigint', ceil(p.price)) END ORDER BY p.place)
        FROM (SELECT m.place, round(m.minor / power(10::numeric, (source).digits), (source).digits) AS price
              FROM unnest(prices) WITH ORDINALITY m (minor, place)) p);
COMMENT ON FUNCTION tradeup_internal.inventory_prices(tradeup_internal.inventory_source, bigint[]) IS
    'Prices in minor units as constants of the type of an inventory''s price, rounded up where it is a whole number';

CREATE FUNCTION tradeup_internal.inventory_within(source tradeup_internal.inventory_source, lowest bigint,
                                                             highest bigint)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
RETURN (SELECT format('%1$s >= %2$s AND %1$s < %3$s', (source).price, p.p[1], p.p[2])
        FROM (SELECT tradeup_internal.inventory_prices(source, ARRAY[greatest(lowest, 1::bigint),
                                                                     least(highest, 100000000000000) + 1]) AS p) p);
COMMENT ON FUNCTION tradeup_internal.inventory_within(tradeup_internal.inventory_source, bigint, bigint) IS
    'The condition that the price of an inventory''s vehicle is within a range, in minor units';

-- Of vehicles of equal price the best are those first or last by the bytes of their ids. Where the column sorts so, an index on
-- price and id gives them; elsewhere all vehicles of the last price come along.
CREATE FUNCTION tradeup_internal.inventory_rows(source tradeup_internal.inventory_source,
                                                           branches tradeup_internal.inventory_branch[])
RETURNS TABLE (number integer, vehicle_id text, make text, model text, body text, year integer, kilometers integer, region text,
               dealer text, price numeric, cost numeric)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000 ROWS 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    branch tradeup_internal.inventory_branch;
    direction text;
BEGIN
    FOREACH branch IN ARRAY coalesce(branches, '{}') LOOP
        direction := CASE WHEN branch.downward THEN ' DESC' ELSE '' END;
        RETURN QUERY EXECUTE concat_ws(' ',
            'SELECT', branch.number || ',', source.columns, 'FROM', source.vehicles, 'AND',
            tradeup_internal.inventory_within(source, branch.lowest, branch.highest),
            'AND ' || source.id || ' = ANY (' || quote_literal(branch.ids::text) || '::' || source.id_type || '[])',
            'AND ' || branch.condition,
            CASE WHEN branch.most IS NULL THEN NULL
                 WHEN source.ordered_by_id
                 THEN format('ORDER BY %5$s%1$s%3$s, %2$s%3$s LIMIT %4$s', source.price, source.id, direction, branch.most,
                             branch.sorted_by || ', ')
                 ELSE format('ORDER BY %4$s%1$s%2$s FETCH FIRST %3$s ROWS WITH TIES', source.price, direction, branch.most,
                             branch.sorted_by || ', ') END);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_rows(tradeup_internal.inventory_source, tradeup_internal.inventory_branch[]) IS
    'What the queries of an inventory find, each row with the number of its query; vehicles of an equal last price may be more '
    'than were asked for';

CREATE FUNCTION tradeup_internal.inventory_vehicles(source tradeup_internal.inventory_source,
                                                               branches tradeup_internal.inventory_branch[])
RETURNS TABLE (number integer, price_minor bigint, vehicle tradeup.vehicle)
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 100
BEGIN ATOMIC
    SELECT r.number, tradeup_internal.price_minor(r.price, NULL::numeric, NULL::numeric, (inventory_vehicles.source).currency),
           ROW(r.vehicle_id, r.make, r.model, r.body, r.year, r.kilometers, NULL, NULL, NULL, NULL, r.region, r.dealer,
               (inventory_vehicles.source).currency, r.price, NULL, NULL,
               tradeup_internal.effective_price(r.price, NULL::numeric, NULL::numeric, (inventory_vehicles.source).currency),
               tradeup_internal.price_minor(r.price, NULL::numeric, NULL::numeric, (inventory_vehicles.source).currency),
               CASE WHEN r.cost BETWEEN 0::numeric AND 1000000000000::numeric
                    THEN round(r.cost, (inventory_vehicles.source).digits) END,
               'available', NULL, NULL)::tradeup.vehicle
    FROM tradeup_internal.inventory_rows(inventory_vehicles.source, inventory_vehicles.branches) r;
END;
COMMENT ON FUNCTION tradeup_internal.inventory_vehicles(tradeup_internal.inventory_source, tradeup_internal.inventory_branch[])
    IS 'What inventory_rows finds, as rows of tradeup.vehicle with their prices in minor units';
-- Offers over inventories in tables of users' own: what offers, best_offers and offer_counts say of tradeup.vehicle.

CREATE FUNCTION tradeup.offers_in(inventory text, customer_id text, program text DEFAULT NULL,
                                             overrides tradeup.any_json DEFAULT NULL::jsonb,
                                             price_from tradeup.any_number DEFAULT NULL::numeric,
                                             price_to tradeup.any_number DEFAULT NULL::numeric)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 1000
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT ARRAY(SELECT d FROM tradeup.deals(offers_in.customer_id, offers_in.program, offers_in.overrides) d) AS deals
          OFFSET 0) x,
    LATERAL (SELECT tradeup_internal.inventory_source(i, (x.deals[1]).min_year, (x.deals[1]).max_kilometers, (x.deals[1]).makes,
                                                      NULL::tradeup_internal.vehicle_conditions) AS source
             FROM tradeup_internal.inventory_named(offers_in.inventory) i OFFSET 0) s,
    LATERAL (
        WITH w AS MATERIALIZED (
            SELECT d, w.tier, w.rank, w.lowest_minor, w.highest_minor
            FROM unnest(x.deals) d,
                 LATERAL tradeup_internal.windows_within(d.deal, offers_in.price_from, offers_in.price_to, d.currency) w
            WHERE d.currency = (s.source).currency
        )
        SELECT w.*, v.vehicle
        FROM (SELECT array_agg(ROW(0, lower(r.r), upper(r.r) - 1, NULL, NULL, NULL, NULL, NULL)::tradeup_internal.inventory_branch
                               ORDER BY lower(r.r)) AS branches
              FROM (SELECT range_agg(int8range(w.lowest_minor, w.highest_minor, '[]'::text)) AS prices FROM w) p,
                   LATERAL unnest(p.prices) r (r)) b,
        LATERAL tradeup_internal.inventory_vehicles(s.source, b.branches) v, w
        WHERE v.price_minor >= w.lowest_minor AND v.price_minor <= w.highest_minor) v,
    LATERAL tradeup_internal.priced(v.d, v.vehicle, v.tier, v.rank) o;
END;
COMMENT ON FUNCTION tradeup.offers_in(text, text, text, tradeup.any_json, tradeup.any_number, tradeup.any_number) IS
    'Every offer for a customer, vehicles for sale in a registered inventory times terms, as offers makes them';

CREATE FUNCTION tradeup_internal.best_ranges(deal tradeup.deal, current_payment numeric, lowest bigint,
                                                        highest bigint, rank_by text)
RETURNS TABLE (lowest bigint, highest bigint, downward boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT r.lowest, r.highest, r.downward
    FROM (SELECT coalesce(tradeup_internal.dearest_minor(best_ranges.deal, 'monthly_payment'::text, best_ranges.current_payment),
                          -1::bigint) AS even OFFSET 0) e,
         LATERAL (VALUES ('{margin}'::text[], best_ranges.lowest, best_ranges.highest, true),
                         ('{price,payment}', best_ranges.lowest, best_ranges.highest, false),
                         ('{closeness}', best_ranges.lowest, least(best_ranges.highest, e.even), true),
                         ('{closeness}', greatest(best_ranges.lowest, e.even + 1), best_ranges.highest, false))
             r (ranks, lowest, highest, downward)
    WHERE best_ranges.rank_by = ANY (r.ranks) AND r.lowest <= r.highest;
END;
COMMENT ON FUNCTION tradeup_internal.best_ranges(tradeup.deal, numeric, bigint, bigint, text) IS
    'The parts of a range of prices that are read from one end, and from which, for the best by margin, price, payment or '
    'closeness';

CREATE FUNCTION tradeup_internal.best_of_inventory(inventory tradeup.inventory, deals tradeup.customer_deal[],
                                                              most integer, rank_by text, tier text)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 9
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT best_of_inventory.deals AS deals,
                 tradeup_internal.inventory_source(best_of_inventory.inventory, (best_of_inventory.deals[1]).min_year,
                                                   (best_of_inventory.deals[1]).max_kilometers,
                                                   (best_of_inventory.deals[1]).makes,
                                                   NULL::tradeup_internal.vehicle_conditions) AS source
          OFFSET 0) x,
    LATERAL (SELECT array_agg(ROW(d.number, r.lowest, r.highest, r.downward, best_of_inventory.most, NULL, NULL, NULL)
                              ::tradeup_internal.inventory_branch) AS branches
             FROM unnest(x.deals) WITH ORDINALITY
                      d (customer_id, program, version, profile, term, annual_rate, current_payment, deal, min_year,
                         max_kilometers, makes, currency, number),
                  LATERAL tradeup.windows(d.deal) w,
                  LATERAL tradeup_internal.best_ranges(d.deal, d.current_payment, w.lowest_minor, w.highest_minor,
                                                       best_of_inventory.rank_by) r
             WHERE w.tier IS NOT NULL AND (best_of_inventory.tier IS NULL OR w.tier = best_of_inventory.tier)
               AND d.currency = (x.source).currency) b,
    LATERAL (
        SELECT v.vehicle, d.deal, k.tier, k.rank,
               row_number() OVER (
                   PARTITION BY k.rank, k.tier
                   ORDER BY tradeup_internal.rank_key(best_of_inventory.rank_by, k.margin, v.price_minor::numeric, k.payment,
                                                      (d.deal).current_payment),
                            NOT k.downward, CASE WHEN k.downward THEN -v.price_minor ELSE v.price_minor END,
                            CASE WHEN k.downward THEN (v.vehicle).vehicle_id END COLLATE "C" DESC,
                            (v.vehicle).vehicle_id COLLATE "C", (d.deal).term) AS place
        FROM tradeup_internal.inventory_vehicles(x.source, b.branches) v,
        LATERAL (SELECT x.deals[v.number] AS deal OFFSET 0) d,
        LATERAL (
            SELECT tradeup_internal.tier_minor((d.deal).deal, v.price_minor) AS tier,
                   tradeup_internal.tier_rank_minor((d.deal).deal, v.price_minor) AS rank,
                   tradeup_internal.margin_minor((d.deal).deal, v.price_minor) AS margin,
                   tradeup_internal.monthly_payment_minor((d.deal).deal, v.price_minor) AS payment,
                   tradeup_internal.ranked_downward(best_of_inventory.rank_by,
                                                    tradeup_internal.monthly_payment_minor((d.deal).deal, v.price_minor),
                                                    (d.deal).current_payment) AS downward) k) c,
    LATERAL tradeup_internal.priced(c.deal, c.vehicle, c.tier, c.rank) o
    WHERE c.place <= best_of_inventory.most
    ORDER BY c.rank, c.place;
END;
COMMENT ON FUNCTION tradeup_internal.best_of_inventory(tradeup.inventory, tradeup.customer_deal[], integer, text, text) IS
    'The best offers of each tier, or of one, that the deals of a customer make over a registered inventory';

CREATE FUNCTION tradeup.best_offers_in(inventory text, customer_id text, per_tier integer DEFAULT 3,
                                                  program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                  rank_by text DEFAULT 'margin', tier text DEFAULT NULL)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 9
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT ARRAY(SELECT d FROM tradeup.deals(best_offers_in.customer_id, best_offers_in.program,
                                                   best_offers_in.overrides) d) AS deals
          WHERE tradeup_internal.require_not_negative('per_tier'::text, best_offers_in.per_tier)
            AND tradeup_internal.require_one_of('rank_by'::text, best_offers_in.rank_by,
                                                '{margin,price,payment,closeness}'::text[])
          OFFSET 0) x,
    LATERAL (SELECT i FROM tradeup_internal.inventory_named(best_offers_in.inventory) i OFFSET 0) i,
    LATERAL tradeup_internal.best_of_inventory(i.i, x.deals, best_offers_in.per_tier, best_offers_in.rank_by,
                                               best_offers_in.tier) o
    WHERE CASE WHEN best_offers_in.tier IS NULL OR NOT tradeup_internal.asked_for_one(best_offers_in.customer_id) THEN true
               ELSE (SELECT count(*) = 0 OR tradeup_internal.require_one_of('tier'::text, best_offers_in.tier,
                                                                            array_agg(t.name ORDER BY t.rank))
                     FROM tradeup.program_tier t
                     WHERE t.program = (x.deals[1]).program AND t.version = (x.deals[1]).version) END;
END;
COMMENT ON FUNCTION tradeup.best_offers_in(text, text, integer, text, tradeup.any_json, text, text) IS
    'The best offers of each tier, or of one, for a customer over a registered inventory, ranked as best_offers ranks them';

-- The vehicles are counted where they are: what is sent asks for the number of vehicles between two edges.
CREATE FUNCTION tradeup_internal.inventory_tally(source tradeup_internal.inventory_source, deals tradeup.deal[])
RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 100000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    edges bigint[] := tradeup_internal.offer_tally_step(NULL::bigint[], 0::bigint, deals);
    counts bigint[];
    bucket integer;
    vehicles bigint;
BEGIN
    edges := edges[1:cardinality(edges) / 2];
    IF coalesce(cardinality(edges), 0) = 0 THEN
        RETURN NULL;
    END IF;
    counts := array_fill(0::bigint, ARRAY[cardinality(edges) + 1]);
    FOR bucket, vehicles IN
        EXECUTE format('SELECT width_bucket(%s, ARRAY[%s]), count(*) FROM %s AND %s GROUP BY 1',
                       CASE WHEN source.price_type IN ('smallint', 'integer') THEN source.price || '::bigint'
                            ELSE source.price END,
                       array_to_string(tradeup_internal.inventory_prices(source, edges), ', '), source.vehicles,
                       tradeup_internal.inventory_within(source, edges[1], edges[cardinality(edges)] - 1)) LOOP
        counts[bucket + 1] := vehicles;
    END LOOP;
    RETURN edges || counts;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_tally(tradeup_internal.inventory_source, tradeup.deal[]) IS
    'What offer_tally gives of the vehicles of an inventory; null when the deals have no windows';

CREATE FUNCTION tradeup.offer_counts_in(inventory text, customer_id text, program text DEFAULT NULL,
                                                   overrides tradeup.any_json DEFAULT NULL::jsonb, OUT tier text,
                                                   OUT rank integer,
                                                   OUT offers bigint, OUT vehicles bigint)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000 ROWS 4
BEGIN ATOMIC
    SELECT c.tier, c.rank, c.offers, c.vehicles
    FROM (SELECT array_agg(d.deal) AS deals, min(d.currency) AS currency, min(d.min_year) AS min_year,
                 min(d.max_kilometers) AS max_kilometers, min(d.makes) AS makes
          FROM tradeup.deals(offer_counts_in.customer_id, offer_counts_in.program, offer_counts_in.overrides) d OFFSET 0) d,
    LATERAL (SELECT CASE WHEN i.currency = d.currency
                         THEN tradeup_internal.inventory_tally(
                                  tradeup_internal.inventory_source(i, d.min_year, d.max_kilometers, d.makes,
                                                                    NULL::tradeup_internal.vehicle_conditions), d.deals) END
                    AS tally
             FROM tradeup_internal.inventory_named(offer_counts_in.inventory) i OFFSET 0) t,
    LATERAL tradeup.tally_counts(t.tally, d.deals) c
    WHERE d.deals IS NOT NULL;
END;
COMMENT ON FUNCTION tradeup.offer_counts_in(text, text, text, tradeup.any_json) IS
    'How many offers a customer has over a registered inventory, and of how many vehicles, by tier; the last row, of offers in '
    'no tier, has a null tier';
-- The best offers of every customer over an inventory in a table of users' own.

CREATE FUNCTION tradeup_internal.inventory_stock(source tradeup_internal.inventory_source) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1000000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    stock bytea;
BEGIN
    EXECUTE format('SELECT tradeup_internal.stock_list(tradeup_internal.price_minor(v.price, NULL::numeric, NULL::numeric, '
                   '%L::text), v.id) '
                   'FROM (SELECT %s::numeric AS price, %s::text AS id FROM %s AND %s ORDER BY %s, %s OFFSET 0) v',
                   source.currency, source.price, source.id, source.vehicles,
                   tradeup_internal.inventory_within(source, 1::bigint, 100000000000000::bigint), source.price,
                   source.id || CASE WHEN source.ordered_by_id THEN '' ELSE '::text COLLATE "C"' END)
    INTO stock;
    RETURN stock;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_stock(tradeup_internal.inventory_source) IS
    'All vehicles of an inventory with their prices, sorted, as best_in_stock searches them';

-- By a sorted list of all prices, or customer by customer, which costs as much as 3,000 vehicles of the list each. The vehicles
-- that were chosen from the list are then asked for all at once.
CREATE FUNCTION tradeup.portfolio_in(inventory text, per_customer integer DEFAULT 3, program text DEFAULT NULL,
                                                overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    WITH i AS MATERIALIZED (
        SELECT i, tradeup_internal.list_pays(3000, i.relation) AS list_pays
        FROM tradeup_internal.inventory_named(portfolio_in.inventory) i
        WHERE tradeup_internal.require_not_negative('per_customer'::text, portfolio_in.per_customer)
          AND tradeup_internal.require_one_of('rank_by'::text, portfolio_in.rank_by, '{margin,price,payment,closeness}'::text[])
    ), b AS MATERIALIZED (
        SELECT r.profiles, b.vehicles, b.picks
        FROM i,
        LATERAL (SELECT r.* FROM tradeup_internal.profiles_by_stock(portfolio_in.program, portfolio_in.overrides) r
                 WHERE i.list_pays OFFSET 0) r,
        LATERAL (SELECT tradeup_internal.inventory_source(i.i, r.min_year, r.max_kilometers, r.makes,
                                                          NULL::tradeup_internal.vehicle_conditions) AS source
                 WHERE r.currency = (i.i).currency OFFSET 0) s,
        LATERAL tradeup_internal.best_in_stock(tradeup_internal.inventory_stock(s.source), r.profiles, portfolio_in.per_customer,
                                               portfolio_in.rank_by) b
    )
    SELECT o.customer_id, o.program, o.version, o.profile, o.term, o.annual_rate, (v.vehicle).vehicle_id, (v.vehicle).make,
           (v.vehicle).model, (v.vehicle).body, (v.vehicle).year, (v.vehicle).kilometers, (v.vehicle).color, (v.vehicle).region,
           (v.vehicle).dealer, (v.vehicle).currency, (v.vehicle).price, (v.vehicle).price, v.price_minor, o.tier, o.tier_rank,
           o.current_payment, o.payment, o.payment_frequency, o.monthly_payment, o.payment_change, o.loan_amount,
           o.effective_equity, o.service_fee, o.opening_fee, o.margin,
           round((v.vehicle).price - (v.vehicle).cost, scale((v.vehicle).price))
    FROM (SELECT tradeup_internal.inventory_source(i.i, NULL::integer, NULL::integer, NULL::text[],
                                                   NULL::tradeup_internal.vehicle_conditions) AS source,
                 ARRAY[ROW(0, 1, 100000000000000, NULL, NULL,
                           ARRAY(SELECT DISTINCT unnest(tradeup_internal.vehicles_in_stock(b.vehicles)) FROM b),
                           NULL, NULL)::tradeup_internal.inventory_branch] AS branches
          FROM i WHERE EXISTS (SELECT FROM b WHERE b.picks <> '{}'::integer[]) OFFSET 0) s,
    LATERAL tradeup_internal.inventory_vehicles(s.source, s.branches) v,
    b, LATERAL tradeup_internal.offers_picked(b.profiles, b.vehicles, b.picks) o
    WHERE (v.vehicle).vehicle_id = o.vehicle_id
    UNION ALL
    SELECT o.*
    FROM i, tradeup.customer c,
    LATERAL (SELECT ARRAY(SELECT d FROM tradeup.deals(c.customer_id, portfolio_in.program, portfolio_in.overrides) d) AS deals
             WHERE NOT i.list_pays OFFSET 0) d,
    LATERAL (
        SELECT o.*
        FROM tradeup_internal.best_of_inventory(i.i, d.deals, portfolio_in.per_customer, portfolio_in.rank_by, NULL::text) o,
             LATERAL (SELECT tradeup_internal.ranked_downward(portfolio_in.rank_by, o.monthly_payment,
                                                              o.current_payment) AS downward) k
        ORDER BY tradeup_internal.rank_key(portfolio_in.rank_by, o.margin, o.price, o.monthly_payment, o.current_payment),
                 NOT k.downward, CASE WHEN k.downward THEN -o.price ELSE o.price END,
                 CASE WHEN k.downward THEN o.vehicle_id END DESC, o.vehicle_id, o.term
        LIMIT portfolio_in.per_customer) o;
END;
COMMENT ON FUNCTION tradeup.portfolio_in(text, integer, text, tradeup.any_json, text) IS
    'The best offers of every customer over a registered inventory, whatever their tier, ranked as best_offers ranks them';
-- Searches over inventories in tables of users' own.

-- Where sorts follow the price, each slice of it is asked for its first vehicles in the order of the price; by year and
-- kilometres the relation sorts by these first. What a page begins after is cut by the price, and what is left of it at that
-- price falls away here; if too few remain, more are asked for.
CREATE FUNCTION tradeup_internal.page_in(inventory text, deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                    conditions tradeup_internal.vehicle_conditions, sort text,
                                                    page_size integer, after tradeup_internal.search_place)
RETURNS SETOF tradeup.offer
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 100000 ROWS 20 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    source tradeup_internal.inventory_source;
    by_price CONSTANT boolean := sort NOT IN ('year', 'kilometers');
    branches tradeup_internal.inventory_branch[];
    branch_deals integer[];
    key integer := (after).key;
    condition text;
    sorted_by text;
    page tradeup.offer[];
    short boolean;
    most integer := page_size;
BEGIN
    PERFORM tradeup_internal.require_one_of('sort'::text, sort,
                                            '{closeness,payment,price,dearest,margin,year,kilometers}'::text[]);
    source := (SELECT tradeup_internal.inventory_source(i, (deals[1]).min_year, (deals[1]).max_kilometers, (deals[1]).makes,
                                                        conditions)
               FROM tradeup_internal.inventory_named(inventory) i);
    IF sort = 'year' AND source.year IS NOT NULL THEN
        sorted_by := source.year || ' DESC NULLS LAST';
        condition := CASE WHEN key = 0 THEN replace('$ IS NULL', '$', source.year)
                          ELSE replace(format('($ < %s OR $ = %s AND %s <= %s OR $ IS NULL)', -key, -key, source.price,
                                              (tradeup_internal.inventory_prices(source, ARRAY[(after).price_minor]))[1]),
                                       '$', source.year) END;
    ELSIF sort = 'kilometers' AND source.kilometers IS NOT NULL THEN
        sorted_by := source.kilometers;
        condition := CASE WHEN key = 2147483647 THEN replace('$ IS NULL', '$', source.kilometers)
                          ELSE replace(format('($ > %s OR $ = %s AND %s >= %s OR $ IS NULL)', key, key, source.price,
                                              (tradeup_internal.inventory_prices(source, ARRAY[(after).price_minor]))[1]),
                                       '$', source.kilometers) END;
    END IF;
    condition := CASE WHEN key IS NOT NULL THEN condition END;
    LOOP
        WITH s AS MATERIALIZED (
            SELECT d.number, r.lowest, r.highest
            FROM unnest(deals) WITH ORDINALITY
                     d (customer_id, program, version, profile, term, annual_rate, current_payment, deal, min_year,
                        max_kilometers, makes, currency, number),
                 LATERAL tradeup_internal.search_ranges(d.deal, filter, conditions.price_from, conditions.price_to) r
            WHERE (filter.terms IS NULL OR d.term = ANY (filter.terms)) AND d.currency = source.currency
        ), b AS (
            SELECT s.number, l.lowest, l.highest, l.downward
            FROM s,
                 LATERAL tradeup_internal.search_slices((deals[s.number]).deal, (deals[s.number]).current_payment, s.lowest,
                                                        s.highest, ROW(sort, (after).key, (after).downward, (after).price_minor,
                                                                       (after).vehicle_id, (after).term)
                                                                   ::tradeup_internal.search_place) l
            WHERE by_price AND l.lowest <= l.highest
            UNION ALL
            SELECT NULL, lower(r.r), upper(r.r) - 1, sort = 'year'
            FROM (SELECT range_agg(int8range(s.lowest, s.highest, '[]'::text)) AS prices FROM s) p, unnest(p.prices) r (r)
            WHERE NOT by_price
        )
        SELECT array_agg(ROW(n.n, n.lowest, n.highest, n.downward, most, NULL, condition, sorted_by)
                         ::tradeup_internal.inventory_branch ORDER BY n.n),
               array_agg(n.number ORDER BY n.n)
        INTO branches, branch_deals
        FROM (SELECT b.*, row_number() OVER () AS n FROM b) n;
        WITH v AS MATERIALIZED (
            SELECT v.number, v.price_minor, v.vehicle
            FROM tradeup_internal.inventory_vehicles(source, branches) v
        ), c AS MATERIALIZED (
            SELECT v.number, v.vehicle, v.price_minor, d.d, k.key, (branches[v.number]).downward AS downward
            FROM v,
                 LATERAL (SELECT deals[n.n] AS d
                          FROM generate_subscripts(deals, 1) n (n)
                          WHERE CASE WHEN by_price THEN n.n = branch_deals[v.number]
                                     ELSE (filter.terms IS NULL OR (deals[n.n]).term = ANY (filter.terms))
                                          AND EXISTS (SELECT FROM tradeup_internal.search_ranges((deals[n.n]).deal, filter,
                                                                                                 conditions.price_from,
                                                                                                 conditions.price_to) r
                                                      WHERE v.price_minor >= r.lowest AND v.price_minor <= r.highest) END
                          OFFSET 0) d,
                 LATERAL (SELECT tradeup_internal.search_key(sort, v.price_minor, (v.vehicle).year, (v.vehicle).kilometers,
                                                             tradeup_internal.monthly_payment_minor((d.d).deal, v.price_minor),
                                                             tradeup_internal.margin_minor((d.d).deal, v.price_minor),
                                                             (d.d).current_payment) AS key) k
            WHERE tradeup_internal.comes_after(k.key, (branches[v.number]).downward, v.price_minor, (v.vehicle).vehicle_id,
                                               (d.d).term, after)
        )
        SELECT ARRAY(SELECT o
                     FROM (SELECT c.* FROM c
                           ORDER BY c.key, c.downward DESC, CASE WHEN c.downward THEN -c.price_minor ELSE c.price_minor END,
                                    CASE WHEN c.downward THEN (c.vehicle).vehicle_id END COLLATE "C" DESC,
                                    (c.vehicle).vehicle_id COLLATE "C", (c.d).term
                           LIMIT page_size) c,
                     LATERAL tradeup_internal.priced(c.d, c.vehicle, tradeup_internal.tier_minor((c.d).deal, c.price_minor),
                                                     tradeup_internal.tier_rank_minor((c.d).deal, c.price_minor)) o
                     ORDER BY c.key, c.downward DESC, CASE WHEN c.downward THEN -c.price_minor ELSE c.price_minor END,
                              CASE WHEN c.downward THEN (c.vehicle).vehicle_id END COLLATE "C" DESC,
                              (c.vehicle).vehicle_id COLLATE "C", (c.d).term),
               EXISTS (SELECT FROM (SELECT v.number, count(*) AS found FROM v GROUP BY v.number) f
                       WHERE f.found >= most
                         AND (SELECT count(*) FROM c WHERE c.number = f.number) < page_size)
        INTO page, short;
        EXIT WHEN NOT short OR page_size = 0 OR most > 1000000000;
        most := 4 * most;
    END LOOP;
    RETURN QUERY SELECT p.* FROM unnest(page) p;
END
$$;
COMMENT ON FUNCTION tradeup_internal.page_in(text, tradeup.customer_deal[], tradeup.offer_filter,
                                             tradeup_internal.vehicle_conditions, text, integer,
                                             tradeup_internal.search_place) IS
    'A page of the offers that the deals of a customer make over a registered inventory, as page_of makes them';

CREATE FUNCTION tradeup_internal.inventory_search_tally(source tradeup_internal.inventory_source, edges bigint[],
                                                                   terms bigint[], lowest bigint, highest bigint)
RETURNS tradeup_internal.search_tally
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1000000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    tally tradeup_internal.search_tally;
BEGIN
    EXECUTE format('SELECT (t.t).* FROM (SELECT tradeup_internal.search_tally(tradeup_internal.price_minor(v.price, '
                   'NULL::numeric, NULL::numeric, %L::text), %L::bigint[], %L::bigint[], v.make, v.body, v.region, v.year) AS t '
                   'FROM (SELECT %s FROM %s AND %s OFFSET 0) v (id, make, model, body, year, kilometers, region, dealer, price, '
                   'cost)) t',
                   source.currency, edges, terms, source.columns, source.vehicles,
                   tradeup_internal.inventory_within(source, lowest, highest))
    INTO tally;
    RETURN tally;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_search_tally(tradeup_internal.inventory_source, bigint[], bigint[], bigint,
                                                            bigint) IS
    'What search_tally gives of the vehicles of an inventory within a range of prices, in minor units';

CREATE FUNCTION tradeup_internal.counts_in(inventory text, deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                      conditions tradeup_internal.vehicle_conditions)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL UNSAFE COST 1000000 ROWS 50
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT a.* FROM tradeup_internal.counts_asked(counts_in.deals, counts_in.filter, counts_in.conditions) a
    )
    SELECT t.facet, t.value, t.place, t.offers, t.vehicles
    FROM (SELECT (SELECT tradeup_internal.inventory_search_tally(
                             tradeup_internal.inventory_source(i, a.min_year, a.max_kilometers, a.makes, counts_in.conditions),
                             a.edges, a.terms, a.lowest, a.highest)
                  FROM asked a, tradeup_internal.inventory_named(counts_in.inventory) i
                  WHERE a.currency = i.currency) AS tally,
                 (SELECT a.terms FROM asked a) AS terms, (SELECT a.cover FROM asked a) AS cover OFFSET 0) x,
    LATERAL tradeup_internal.counts_told(x.tally, x.terms, x.cover) t;
END;
COMMENT ON FUNCTION tradeup_internal.counts_in(text, tradeup.customer_deal[], tradeup.offer_filter,
                                               tradeup_internal.vehicle_conditions) IS
    'How many offers, and vehicles with an offer, the deals of a customer make over a registered inventory, as counts_of says';

-- A query made of what is asked for, so that a column of the table is read only for a facet that needs it, and what the filter
-- asks of vehicles is constant. Each vehicle is read once: fails adds up a bit for each facet whose own condition it does not
-- meet, and one that fails a single condition counts in that facet alone.
CREATE FUNCTION tradeup_internal.facets_counted(customer_id text, filter tradeup.any_json,
                                                           deals tradeup.customer_deal[], fields text[], multi boolean,
                                                           inventory text)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 50 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    standard CONSTANT text[] := '{make,body,region,year}';
    conditions tradeup.offer_filter := tradeup.offer_filter(filter, 'offers'::text);
    own text[] := ARRAY(SELECT k FROM unnest(fields) f, unnest(tradeup_internal.facet_keys(f)) k WHERE multi);
    rest tradeup_internal.vehicle_conditions;
    asked record;
    source tradeup_internal.inventory_source;
    vehicles text;
    vehicle text := 'v';
    price text := 'v.price_minor';
    fails text := '0';
    bits text := '0';
    tallied text;
    named text[] := '{}';
    bit integer := 1;
    field text;
    tallies tradeup_internal.search_tally[];
    merged tradeup_internal.search_tally;
BEGIN
    rest := tradeup_internal.conditions_for(
        tradeup.offer_filter((coalesce(filter::jsonb, '{}') - own)::tradeup.any_json, 'offers'::text), customer_id);
    SELECT a.edges, a.terms, a.currency, a.lowest, a.highest, a.min_year, a.max_kilometers, a.makes, a.cover
    INTO asked
    FROM (SELECT) one LEFT JOIN tradeup_internal.counts_asked(deals, conditions, rest) a ON true;
    IF inventory IS NULL THEN
        vehicles := format('tradeup.vehicle v WHERE v.status = ''available'' AND v.currency = %L AND v.price_minor >= %L::bigint '
                           'AND v.price_minor <= %L::bigint '
                           'AND tradeup_internal.finances(%L::integer, %L::integer, %L::text[], v.year, v.kilometers, v.make)',
                           asked.currency, asked.lowest, asked.highest, asked.min_year, asked.max_kilometers, asked.makes);
    ELSE
        /* Called first for the errors of conditions that the inventory has no column for. */
        PERFORM tradeup_internal.inventory_source(i, asked.min_year, asked.max_kilometers, asked.makes,
                                                  tradeup_internal.conditions_for(conditions, customer_id))
        FROM tradeup_internal.inventory_named(inventory) i;
        SELECT (s.s).* INTO source
        FROM (SELECT tradeup_internal.inventory_source(i, asked.min_year, asked.max_kilometers, asked.makes, rest) AS s
              FROM tradeup_internal.inventory_named(inventory) i OFFSET 0) s;
        vehicles := format('(SELECT %s FROM %s AND %s OFFSET 0) v (id, make, model, body, year, kilometers, region, '
                           'dealer, price, cost) WHERE %L', source.columns, source.vehicles,
                           tradeup_internal.inventory_within(source, asked.lowest, asked.highest),
                           asked.currency IS NOT DISTINCT FROM source.currency);
        vehicle := 'ROW(NULL, v.make, v.model, v.body, v.year, v.kilometers, NULL, NULL, NULL, NULL, v.region, v.dealer, NULL, '
                   'NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::tradeup.vehicle';
        price := format('tradeup_internal.price_minor(v.price, NULL::numeric, NULL::numeric, %L::text) AS price_minor',
                        source.currency);
    END IF;
    tallied := 'tradeup_internal.search_tally(v.price_minor, $1, $2, v.make, v.body, v.region, v.year) '
               'FILTER (WHERE v.fails = 0)';
    FOREACH field IN ARRAY fields LOOP
        IF inventory IS NOT NULL AND field IN ('color', 'fuel', 'transmission') THEN
            RAISE EXCEPTION 'inventory "%" has no column of %', tradeup_internal.shown(inventory), field
                USING ERRCODE = 'invalid_parameter_value', DETAIL = format('A facet is asked for the %s.', field),
                      HINT = 'It is known of tradeup.vehicle only: leave it out of facet_fields.';
        END IF;
        IF multi AND coalesce(filter::jsonb, '{}') ?| tradeup_internal.facet_keys(field) THEN
            fails := format('%1$s + CASE WHEN tradeup_internal.fits_index(%2$L::tradeup_internal.vehicle_conditions, %3$s) '
                            'AND tradeup_internal.fits_table(%2$L::tradeup_internal.vehicle_conditions, %3$s) '
                            'THEN 0 ELSE %4$s END',
                            fails,
                            (SELECT tradeup_internal.vehicle_conditions(
                                        tradeup.offer_filter(jsonb_object_agg(k.key, k.value)::tradeup.any_json,
                                                             'vehicles'::text),
                                        NULL::numeric, NULL::text, NULL::integer, NULL::integer)
                             FROM jsonb_each(filter::jsonb) k
                             WHERE k.key = ANY (tradeup_internal.facet_keys(field) || 'match_case'::text)), vehicle, bit);
            bits := bits || ', ' || bit;
        ELSIF field = ANY (standard) THEN
            CONTINUE;
        END IF;
        tallied := format('%s, tradeup_internal.search_tally(v.price_minor, $1, $2, %s) FILTER (WHERE v.fails IN (%s))', tallied,
                          CASE WHEN field = 'year' THEN 'NULL::text, NULL::text, NULL::text, v.year'
                               ELSE format('v.%I, NULL::text, NULL::text, NULL::integer', field) END,
                          concat_ws(', ', CASE WHEN field <> ALL (standard) THEN 0 END, bit));
        named := named || field;
        bit := 2 * bit;
    END LOOP;
    EXECUTE format('SELECT ARRAY[%1$s] FROM (SELECT %2$s, v.make, v.body, v.region, v.year%3$s, %4$s AS fails FROM %5$s '
                   'AND tradeup_internal.fits_index(%6$L::tradeup_internal.vehicle_conditions, %7$s) '
                   'AND tradeup_internal.fits_table(%6$L::tradeup_internal.vehicle_conditions, %7$s) OFFSET 0) v '
                   'WHERE v.fails IN (%8$s)', tallied, price,
                   (SELECT string_agg(format(', v.%I', f), '') FROM unnest(fields) f WHERE f <> ALL (standard)), fails, vehicles,
                   rest, vehicle, bits)
    INTO tallies USING asked.edges, asked.terms;
    SELECT (tallies[1]).buckets, array_agg(x.facet), array_agg(x.value), array_agg(x.offers), array_agg(x.vehicles)
    INTO merged
    FROM (SELECT f.facet, f.value, sum(f.offers)::bigint AS offers, sum(f.vehicles)::bigint AS vehicles
          FROM (SELECT CASE WHEN n.n = 1 THEN t.facet
                            WHEN t.facet = CASE WHEN named[n.n - 1] = 'year' THEN 'year' ELSE 'make' END THEN named[n.n - 1] END
                           AS facet, t.value, t.offers, t.vehicles
                FROM generate_subscripts(tallies, 1) n (n),
                     unnest((tallies[n.n]).facets, (tallies[n.n])."values", (tallies[n.n]).offers, (tallies[n.n]).vehicles)
                         t (facet, value, offers, vehicles)) f
          WHERE f.facet = ANY (fields)
          GROUP BY f.facet, f.value) x;
    RETURN QUERY SELECT t.facet, t.value, t.place, t.offers, t.vehicles
                 FROM tradeup_internal.counts_told(merged, asked.terms, asked.cover) t;
END
$$;
COMMENT ON FUNCTION tradeup_internal.facets_counted(text, tradeup.any_json, tradeup.customer_deal[], text[], boolean, text) IS
    'What facets_of gives';

-- The planner takes rows of the table to be as cheap as those of the index, which are much narrower.
CREATE FUNCTION tradeup_internal.facets_by_index(customer_id text, filter tradeup.any_json,
                                                            deals tradeup.customer_deal[], fields text[], multi boolean,
                                                            inventory text)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 50 SET enable_seqscan = off
BEGIN ATOMIC
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles
    FROM tradeup_internal.facets_counted(facets_by_index.customer_id, facets_by_index.filter, facets_by_index.deals,
                                         facets_by_index.fields, facets_by_index.multi, facets_by_index.inventory) c;
END;
COMMENT ON FUNCTION tradeup_internal.facets_by_index(text, tradeup.any_json, tradeup.customer_deal[], text[], boolean, text) IS
    'What facets_of gives where the index on price has all that is asked for';

CREATE FUNCTION tradeup_internal.facets_of(customer_id text, filter tradeup.any_json, deals tradeup.customer_deal[],
                                                      fields text[], multi boolean, inventory text)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 50
BEGIN ATOMIC
    WITH x AS MATERIALIZED (
        SELECT facets_of.fields <@ '{make,body,region,year,dealer}'::text[]
               AND num_nonnulls(f.models, f.colors, f.fuels, f.transmissions, f.listed_from, f.promotion) = 0 AS by_index
        FROM tradeup.offer_filter(facets_of.filter, 'offers'::text) f
    )
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles
    FROM tradeup_internal.facets_by_index(facets_of.customer_id, facets_of.filter, facets_of.deals, facets_of.fields,
                                          facets_of.multi, facets_of.inventory) c
    WHERE (SELECT x.by_index FROM x)
    UNION ALL
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles
    FROM tradeup_internal.facets_counted(facets_of.customer_id, facets_of.filter, facets_of.deals, facets_of.fields,
                                         facets_of.multi, facets_of.inventory) c
    WHERE (SELECT NOT x.by_index FROM x);
END;
COMMENT ON FUNCTION tradeup_internal.facets_of(text, tradeup.any_json, tradeup.customer_deal[], text[], boolean, text) IS
    'The counts of counts_of with facets by the fields asked for, over tradeup.vehicle or an inventory (null: none); with multi '
    'each facet without the condition of the filter on it';

-- A null must not stand for tradeup.vehicle: no inventory has the empty name.
CREATE FUNCTION tradeup.search_offers_in(inventory text, customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                    sort text DEFAULT NULL, page_size integer DEFAULT 20,
                                                    after text DEFAULT NULL, program text DEFAULT NULL,
                                                    overrides tradeup.any_json DEFAULT NULL::jsonb, counts boolean DEFAULT true,
                                                    facets text DEFAULT 'plain', facet_fields text[] DEFAULT NULL,
                                                    per_tier integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000
RETURN tradeup_internal.search_document(customer_id, filter, sort, page_size, after, program, overrides, counts, facets,
                                        facet_fields, per_tier, tradeup_internal.asked_for_one(customer_id),
                                        coalesce(inventory, ''::text));
COMMENT ON FUNCTION tradeup.search_offers_in(text, text, tradeup.any_json, text, integer, text, text, tradeup.any_json,
                                             boolean, text, text[], integer) IS
    'The document of search_offers over a registered inventory';
-- Counts of a search as rows, over tradeup.vehicle.

CREATE FUNCTION tradeup.search_counts(customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                 program text DEFAULT NULL,
                                                 overrides tradeup.any_json DEFAULT NULL::jsonb, facets text DEFAULT 'plain',
                                                 facet_fields text[] DEFAULT NULL)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 50 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    SELECT o.facet, o.value, o.place, o.offers, o.vehicles
    FROM (SELECT f.f, tradeup_internal.conditions_for(f.f, search_counts.customer_id) AS c,
                 ARRAY(SELECT d
                       FROM tradeup.deals(search_counts.customer_id, search_counts.program, search_counts.overrides) d) AS deals,
                 a.fields, a.multi, a.standard
          FROM (SELECT tradeup.offer_filter(search_counts.filter, 'offers'::text) AS f OFFSET 0) f,
               tradeup_internal.facets_asked(search_counts.facets, search_counts.facet_fields, search_counts.filter) a
          OFFSET 0) x,
    LATERAL (SELECT c.* FROM tradeup_internal.counts_of(x.deals, x.f, x.c) c
             WHERE x.standard AND (c.facet IN ('all', 'tier', 'category') OR c.facet = ANY (x.fields))
             UNION ALL
             SELECT c.*
             FROM tradeup_internal.facets_of(search_counts.customer_id, search_counts.filter, x.deals, x.fields, x.multi,
                                             NULL::text) c
             WHERE NOT x.standard) o
    WHERE tradeup_internal.require_tiers_and_terms(x.f, (x.deals[1]).program,
                                                   tradeup_internal.asked_for_one(search_counts.customer_id));
END;
COMMENT ON FUNCTION tradeup.search_counts(text, tradeup.any_json, text, tradeup.any_json, text, text[]) IS
    'How many offers, and vehicles with an offer, a filter lets through: in all, in each tier and category, and by make, body, '
    'region and band of 5 years, or by the fields that are named';

CREATE FUNCTION tradeup_internal.kept_search_counts(customer_id text, filter tradeup.any_json, program text,
                                                               overrides tradeup.any_json, facets text, facet_fields text[])
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE c STABLE PARALLEL SAFE COST 10000 ROWS 50 SET search_path = pg_catalog, pg_temp
SET enable_sort = off SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_search_counts(text, tradeup.any_json, text, tradeup.any_json, text, text[]) IS
    'search_counts, by a plan that the session keeps';
-- Quotes: what was promised to whom, by whom and until when, in figures that can be computed again; and what became of it.

-- The deal is kept as text, because the binary form belongs to one version of the library and a quote to none. No foreign
-- key leads to the program: it would lock one row of it in every session that saves a quote; and a published version cannot go.
CREATE TABLE tradeup.quote (
    quote_id bigint GENERATED ALWAYS AS IDENTITY,
    customer_id text NOT NULL,
    vehicle_id text NOT NULL,
    make text,
    model text,
    dealer text,
    program text NOT NULL,
    version integer NOT NULL,
    profile text NOT NULL,
    region text,
    term integer NOT NULL,
    overrides jsonb,
    equity numeric NOT NULL,
    current_payment numeric,
    current_price numeric,
    trade_value numeric,
    customer_bonus numeric NOT NULL DEFAULT 0,
    income numeric,
    price numeric NOT NULL,
    annual_rate numeric NOT NULL,
    tier text,
    tier_rank integer,
    payment numeric NOT NULL,
    payment_change numeric,
    loan_amount numeric NOT NULL,
    effective_equity numeric NOT NULL,
    service_fee numeric NOT NULL,
    opening_fee numeric NOT NULL,
    margin numeric NOT NULL,
    deal text NOT NULL,
    quoted_by text NOT NULL DEFAULT current_user,
    quoted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid_for interval NOT NULL,
    /* In UTC, because in the time zone of a session a day may have 23 hours. */
    valid_until timestamptz NOT NULL GENERATED ALWAYS AS
        ((quoted_at AT TIME ZONE 'UTC'::text + valid_for) AT TIME ZONE 'UTC'::text) STORED,
    CONSTRAINT quote_is_identified PRIMARY KEY (quote_id),
    CONSTRAINT quote_id_is_positive CHECK (quote_id > 0),
    CONSTRAINT quote_is_valid_for_up_to_366_days CHECK (
        CASE WHEN isfinite(quoted_at) AND isfinite(valid_until)
             THEN valid_until > quoted_at AND valid_until - quoted_at <= interval '366 days' ELSE false END)
);

COMMENT ON TABLE tradeup.quote IS
    'Quotes: every input and every figure of an offer as it was promised; rows are added and never changed';
COMMENT ON COLUMN tradeup.quote.quote_id IS 'Number of the quote';
COMMENT ON COLUMN tradeup.quote.customer_id IS 'Customer to whom it was promised';
COMMENT ON COLUMN tradeup.quote.vehicle_id IS 'Vehicle that was offered';
COMMENT ON COLUMN tradeup.quote.make IS 'Make of the vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.model IS 'Model of the vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.dealer IS 'Dealer that had the vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup.quote.version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup.quote.profile IS 'Risk profile of the customer at that moment';
COMMENT ON COLUMN tradeup.quote.region IS 'Region of the customer at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.term IS 'Term in months';
COMMENT ON COLUMN tradeup.quote.overrides IS 'What-if overrides under which it was made; null: none';
COMMENT ON COLUMN tradeup.quote.equity IS 'Equity of the customer at that moment';
COMMENT ON COLUMN tradeup.quote.current_payment IS 'Payment of the customer at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.current_price IS 'Price of the customer''s vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.trade_value IS 'What was allowed for the customer''s vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.customer_bonus IS 'Rebate of the customer''s own at that moment';
COMMENT ON COLUMN tradeup.quote.income IS 'Monthly income of the customer at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.price IS 'Price of the vehicle at that moment';
COMMENT ON COLUMN tradeup.quote.annual_rate IS 'Annual rate as a fraction, with the adjustment of the term';
COMMENT ON COLUMN tradeup.quote.tier IS 'Tier of the offer; null: none';
COMMENT ON COLUMN tradeup.quote.tier_rank IS 'Rank of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.quote.payment IS 'First monthly payment';
COMMENT ON COLUMN tradeup.quote.payment_change IS
    'Payment against the current one, as a fraction; null without a current payment';
COMMENT ON COLUMN tradeup.quote.loan_amount IS 'Amount financed';
COMMENT ON COLUMN tradeup.quote.effective_equity IS 'Equity left for the down payment';
COMMENT ON COLUMN tradeup.quote.service_fee IS 'Service fee';
COMMENT ON COLUMN tradeup.quote.opening_fee IS 'Opening fee with its tax';
COMMENT ON COLUMN tradeup.quote.margin IS 'Margin of the offer';
COMMENT ON COLUMN tradeup.quote.deal IS 'The whole deal as text; quote.deal::deal gives schedules and every other figure';
COMMENT ON COLUMN tradeup.quote.quoted_by IS 'Role that saved it';
COMMENT ON COLUMN tradeup.quote.quoted_at IS 'When it was saved';
COMMENT ON COLUMN tradeup.quote.valid_for IS 'How long it is valid, in days of 24 hours';
COMMENT ON COLUMN tradeup.quote.valid_until IS 'Last moment at which it can be accepted';

CREATE INDEX quote_of_customer ON tradeup.quote (customer_id, quoted_at);
COMMENT ON INDEX tradeup.quote_of_customer IS 'Quotes of a customer by time';
CREATE INDEX quote_by_time ON tradeup.quote USING brin (quoted_at);
COMMENT ON INDEX tradeup.quote_by_time IS 'Quotes by day, for statistics; they are stored in the order of time';

-- No foreign key leads to the quote, because a dump may be restored in parallel, events first. Triggers and health() check it.
CREATE TABLE tradeup.quote_event (
    quote_id bigint NOT NULL,
    seq integer NOT NULL,
    event text NOT NULL,
    happened_at timestamptz NOT NULL,
    happened_by text NOT NULL,
    note text,
    CONSTRAINT event_is_once_in_its_quote PRIMARY KEY (quote_id, seq),
    CONSTRAINT event_is_known CHECK (event IN ('issued', 'viewed', 'accepted', 'rejected', 'withdrawn', 'expired')),
    CONSTRAINT first_event_is_issued CHECK (seq > 0 AND (seq = 1) = (event = 'issued'))
);

COMMENT ON TABLE tradeup.quote_event IS 'What became of each quote, event by event; rows are added and never changed';
COMMENT ON COLUMN tradeup.quote_event.quote_id IS 'Number of the quote';
COMMENT ON COLUMN tradeup.quote_event.seq IS 'Position of the event among those of its quote, from 1';
COMMENT ON COLUMN tradeup.quote_event.event IS 'issued, viewed, accepted, rejected, withdrawn or expired';
COMMENT ON COLUMN tradeup.quote_event.happened_at IS 'When it was recorded; a trigger fills it in';
COMMENT ON COLUMN tradeup.quote_event.happened_by IS 'Role that recorded it; a trigger fills it in';
COMMENT ON COLUMN tradeup.quote_event.note IS 'What there is to say about it';

CREATE INDEX quote_ends ON tradeup.quote_event (quote_id)
    WHERE event IN ('accepted', 'rejected', 'withdrawn', 'expired');
COMMENT ON INDEX tradeup.quote_ends IS 'The events that end quotes';

CREATE TABLE tradeup.quote_retention (
    purge_id bigint GENERATED ALWAYS AS IDENTITY,
    ended_before timestamptz NOT NULL,
    accepted_too boolean NOT NULL,
    purged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    purged_by text NOT NULL DEFAULT current_user,
    quotes bigint NOT NULL,
    numbers int8multirange NOT NULL,
    highest bigint GENERATED ALWAYS AS (upper(numbers) - 1::bigint) STORED,
    CONSTRAINT purge_is_identified PRIMARY KEY (purge_id)
);

COMMENT ON TABLE tradeup.quote_retention IS 'Every purge of old quotes: what it deleted, who ran it and when';
COMMENT ON COLUMN tradeup.quote_retention.purge_id IS 'Number of the purge';
COMMENT ON COLUMN tradeup.quote_retention.ended_before IS 'Quotes that ended before this moment were deleted';
COMMENT ON COLUMN tradeup.quote_retention.accepted_too IS 'Whether accepted quotes were deleted too';
COMMENT ON COLUMN tradeup.quote_retention.purged_at IS 'When it ran';
COMMENT ON COLUMN tradeup.quote_retention.purged_by IS 'Role that ran it';
COMMENT ON COLUMN tradeup.quote_retention.quotes IS 'Number of quotes deleted';
COMMENT ON COLUMN tradeup.quote_retention.numbers IS 'Numbers of the quotes deleted; none of them is used again';
COMMENT ON COLUMN tradeup.quote_retention.highest IS 'The highest of these numbers; null: none';
COMMENT ON SEQUENCE tradeup.quote_quote_id_seq IS 'Numbers of quotes';
COMMENT ON SEQUENCE tradeup.quote_retention_purge_id_seq IS 'Numbers of purges';
-- Quotes with what became of them.

CREATE VIEW tradeup.quote_status WITH (security_invoker = true) AS
SELECT q.quote_id, q.customer_id, q.vehicle_id, q.program, q.version, q.term, q.price, q.tier, q.payment, q.quoted_by,
    q.quoted_at,
       q.valid_until, e.seq, e.event,
       CASE WHEN e.event IN ('issued', 'viewed') AND q.valid_until < statement_timestamp() THEN 'expired'
           ELSE e.event END AS status,
       e.happened_at, e.happened_by, e.note
FROM tradeup.quote q
LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id ORDER BY x.seq DESC LIMIT 1) e ON true;

COMMENT ON VIEW tradeup.quote_status IS
    'Each quote with its latest event; status is that event, or expired when the quote is open and no longer valid';
-- What may be written into the tables of quotes, what writes it, and what computes a quote again.

CREATE FUNCTION tradeup_internal.quote_transitions(OUT standing text, OUT event text) RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1 ROWS 11
BEGIN ATOMIC
    VALUES (NULL, 'issued'), ('issued', 'viewed'), ('issued', 'accepted'), ('issued', 'rejected'), ('issued', 'withdrawn'),
           ('issued', 'expired'), ('viewed', 'viewed'), ('viewed', 'accepted'), ('viewed', 'rejected'), ('viewed', 'withdrawn'),
           ('viewed', 'expired');
END;
COMMENT ON FUNCTION tradeup_internal.quote_transitions() IS
    'Which event may follow which standing one of a quote; a standing event that is not listed ends the quote';

-- Reads the version named, not the current one, and no customer and no vehicle: what it gives never changes. Each
-- OFFSET 0 keeps a look-up by key what it is, so that 10,000 quotes cost 10,000 times one, whatever plan was cached.
CREATE FUNCTION tradeup_internal.quote_figures(program text, version integer, profile text, term integer,
                                                          overrides tradeup.any_json,
                                                          equity numeric, current_payment numeric, current_price numeric,
                                                          price numeric, trade_value numeric DEFAULT NULL,
                                                          customer_bonus numeric DEFAULT 0, income numeric DEFAULT NULL,
                                                          region text DEFAULT NULL)
RETURNS TABLE (annual_rate numeric, tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric,
               effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric, deal text, eligible boolean)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1
BEGIN ATOMIC
    SELECT d.annual_rate, tradeup.tier(d.deal, d.price), tradeup.tier_rank(d.deal, d.price),
           tradeup.payment(d.deal, d.price), tradeup.payment_change(d.deal, d.price),
           tradeup.loan_amount(d.deal, d.price), tradeup.effective_equity(d.deal, d.price),
           tradeup.service_fee(d.deal, d.price), tradeup.opening_fee(d.deal, d.price),
           tradeup.margin(d.deal, d.price), d.words, tradeup.eligible(d.deal, d.price)
    FROM (SELECT x.annual_rate, x.deal, x.deal::text AS words, quote_figures.price::tradeup.any_number AS price
          FROM (SELECT t.annual_rate,
                       tradeup.deal_for(p.deal, t.annual_rate, t.term, quote_figures.equity, quote_figures.current_payment,
                                        CASE WHEN p.requires_dearer THEN quote_figures.current_price END,
                                        quote_figures.trade_value, quote_figures.customer_bonus, quote_figures.income,
                                        t.residual_rate) AS deal
                FROM tradeup_internal.program_deals(quote_figures.program, quote_figures.version, quote_figures.region,
                                                    quote_figures.overrides) p,
                     LATERAL tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                            quote_figures.overrides) t
                WHERE p.profile = quote_figures.profile AND t.term = quote_figures.term
                  AND tradeup_internal.require_overrides(quote_figures.overrides)
                OFFSET 0) x
          OFFSET 0) d;
END;
COMMENT ON FUNCTION tradeup_internal.quote_figures(text, integer, text, integer, tradeup.any_json, numeric, numeric, numeric,
                                                   numeric, numeric, numeric, numeric, text) IS
    'The figures that a published version of a program makes of a profile, a term, a customer''s figures and a price; no row '
    'when it has no such profile or term';

CREATE FUNCTION tradeup_internal.quotable(customer_id text, vehicle_id text, program text, version integer,
                                                     term integer, overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS TABLE (make text, model text, dealer text, profile text, region text, equity numeric, current_payment numeric,
               current_price numeric, trade_value numeric,
               customer_bonus numeric, income numeric, price numeric, annual_rate numeric,
               tier text, tier_rank integer, payment numeric, payment_change numeric, loan_amount numeric,
               effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric, deal text)
LANGUAGE sql STABLE PARALLEL SAFE COST 200 ROWS 1
BEGIN ATOMIC
    SELECT v.make, v.model, v.dealer,
           c.risk_profile, c.region, c.equity, c.current_payment, c.current_price, c.trade_value, c.bonus, c.income, v.price,
           f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change, f.loan_amount, f.effective_equity, f.service_fee,
           f.opening_fee, f.margin, f.deal
    FROM (SELECT x.risk_profile, x.region, x.equity, x.current_payment, x.current_price, x.trade_value, x.bonus, x.income
          FROM tradeup.customer x WHERE x.customer_id = quotable.customer_id OFFSET 0) c,
    LATERAL (SELECT x.price, x.currency, x.year, x.kilometers, x.make, x.model, x.dealer FROM tradeup.vehicle x
             WHERE x.vehicle_id = quotable.vehicle_id AND x.status = 'available' OFFSET 0) v
    JOIN (SELECT x.name, x.version, x.currency, tradeup_internal.oldest_year(x.min_year, x.max_age) AS min_year, x.max_kilometers,
          x.makes
          FROM tradeup.current_program x) p ON p.name = quotable.program AND p.version = quotable.version
                                           AND p.currency = v.currency,
    LATERAL tradeup_internal.quote_figures(p.name, p.version, c.risk_profile, quotable.term, quotable.overrides,
                                           c.equity, c.current_payment, c.current_price, v.price, c.trade_value, c.bonus,
                                           c.income, c.region) f
    WHERE f.eligible AND tradeup_internal.finances(p.min_year, p.max_kilometers, p.makes, v.year, v.kilometers, v.make);
END;
COMMENT ON FUNCTION tradeup_internal.quotable(text, text, text, integer, integer, tradeup.any_json) IS
    'The inputs and figures that a quote would have now; no row when there is no such offer, or the version is not the current '
    'one';

-- What is written about now must be read now: the snapshot of a transaction above READ COMMITTED may be older than a change of
-- price, and today() is the day on which a transaction began.
CREATE FUNCTION tradeup_internal.require_current_snapshot(isolation text, began timestamptz, moment timestamptz)
RETURNS void
LANGUAGE plpgsql IMMUTABLE COST 1 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF isolation IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'quotes and their events are written in READ COMMITTED transactions only'
            USING ERRCODE = 'serialization_failure',
                  DETAIL = format('The transaction is %s: what it reads may have changed since it began.', upper(isolation)),
                  HINT = 'Roll back, and try again after BEGIN ISOLATION LEVEL READ COMMITTED.';
    ELSIF (began AT TIME ZONE 'UTC')::date <> (moment AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'the transaction began on another day'
            USING ERRCODE = 'serialization_failure',
                  DETAIL = format('It began on %s, and it is %s now, in UTC; programs may have changed with the day.',
                                  to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
                                      to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD')), HINT = 'Roll back and try again.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_current_snapshot(text, timestamptz, timestamptz) IS
    'The error when a transaction of this isolation that began then may not see what is so at this moment; nothing otherwise';

-- Events read no program, so they may be recorded on a later day than that on which the transaction began.
CREATE FUNCTION tradeup_internal.require_read_committed() RETURNS void
LANGUAGE sql STABLE COST 1
RETURN tradeup_internal.require_current_snapshot(current_setting('transaction_isolation'::text), NULL::timestamptz,
                                                 NULL::timestamptz);
COMMENT ON FUNCTION tradeup_internal.require_read_committed() IS
    'The error when the transaction is above READ COMMITTED; nothing otherwise';

CREATE FUNCTION tradeup_internal.commit_in_time(quote_id bigint, valid_until timestamptz) RETURNS void
LANGUAGE c VOLATILE STRICT COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.commit_in_time(bigint, timestamptz) IS
    'Makes the transaction fail when it commits after this moment, at which the quote of this number ends';

-- A quote and its first event come into being together. What is inserted now must be so now: this reads anew, after the
-- statement that inserts. What the owner inserts with a time before this transaction is a restore, and stays as it is. Her
-- other quotes are not forged, so only what they are made of is compared.
CREATE FUNCTION tradeup_internal.check_quotes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner CONSTANT boolean := (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID);
    wrong record;
BEGIN
    IF NOT owner AND (has_column_privilege('tradeup.quote'::regclass, 'quote_id'::text, 'INSERT'::text)
                      OR has_column_privilege('tradeup.quote'::regclass, 'quoted_by'::text, 'INSERT'::text)
                      OR has_column_privilege('tradeup.quote'::regclass, 'quoted_at'::text, 'INSERT'::text)) THEN
        RAISE EXCEPTION 'a role that may choose number, role or time of a quote cannot save quotes'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('Role "%s" has INSERT on quote_id, quoted_by or quoted_at of tradeup.quote.', current_user),
                  HINT = 'REVOKE INSERT ON tradeup.quote from it, then call grant_desk.';
    END IF;
    IF EXISTS (SELECT FROM tradeup.quote_retention r
               WHERE r.highest >= (SELECT min(n.quote_id) FROM new_quotes n)
                 AND r.numbers && (SELECT range_agg(int8range(n.quote_id, n.quote_id, '[]'::text)) FROM new_quotes n)) THEN
        RAISE EXCEPTION 'number of a quote that was purged cannot be used again'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'quote_retention has these numbers; the sequence tradeup.quote_quote_id_seq must be beyond them.';
    END IF;
    IF EXISTS (SELECT FROM new_quotes n WHERE NOT owner OR n.quoted_at >= now()) THEN
        PERFORM tradeup_internal.require_current_snapshot(current_setting('transaction_isolation'::text), now(),
                                                          clock_timestamp());
        IF owner THEN
            SELECT n.customer_id, n.vehicle_id, n.term, n.payment, NULL::numeric AS right_payment INTO wrong
            FROM new_quotes n
            LEFT JOIN LATERAL (SELECT x.risk_profile, x.region, x.equity, x.current_payment, x.current_price, x.trade_value,
                                      x.bonus, x.income
                               FROM tradeup.customer x WHERE x.customer_id = n.customer_id OFFSET 0) c ON true
            LEFT JOIN LATERAL (SELECT x.price, x.currency, x.year, x.kilometers, x.make, x.model, x.dealer FROM tradeup.vehicle x
                               WHERE x.vehicle_id = n.vehicle_id AND x.status = 'available' OFFSET 0) v ON true
            LEFT JOIN (SELECT x.name, x.version, x.currency, tradeup_internal.oldest_year(x.min_year, x.max_age) AS min_year,
                       x.max_kilometers,
                              x.makes
                       FROM tradeup.current_program x) p ON p.name = n.program AND p.version = n.version
                                                        AND p.currency = v.currency
            WHERE n.quoted_at >= now()
              AND ((n.make, n.model, n.dealer, n.profile, n.region, n.equity, n.current_payment, n.current_price,
                    n.trade_value, n.customer_bonus, n.income, n.price)
                   IS DISTINCT FROM (v.make, v.model, v.dealer, c.risk_profile, c.region, c.equity, c.current_payment,
                                     c.current_price, c.trade_value, c.bonus, c.income, v.price)
                   OR p.name IS NULL
                   OR NOT tradeup_internal.finances(p.min_year, p.max_kilometers, p.makes, v.year, v.kilometers, v.make))
            ORDER BY n.quote_id LIMIT 1;
        ELSE
            SELECT n.customer_id, n.vehicle_id, n.term, n.payment, f.payment AS right_payment INTO wrong
            FROM new_quotes n
            LEFT JOIN LATERAL tradeup_internal.quotable(n.customer_id, n.vehicle_id, n.program, n.version, n.term,
                                                        n.overrides::tradeup.any_json) f ON true
            WHERE (n.make, n.model, n.dealer, n.profile, n.region, n.equity, n.current_payment, n.current_price, n.trade_value,
                   n.customer_bonus, n.income, n.price, n.annual_rate, n.tier, n.tier_rank, n.payment,
                   n.payment_change, n.loan_amount, n.effective_equity, n.service_fee, n.opening_fee, n.margin, n.deal)
                  IS DISTINCT FROM
                  (f.make, f.model, f.dealer, f.profile, f.region, f.equity, f.current_payment, f.current_price, f.trade_value,
                   f.customer_bonus, f.income, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment,
                   f.payment_change, f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal)
            ORDER BY n.quote_id LIMIT 1;
        END IF;
        IF FOUND THEN
            RAISE EXCEPTION 'quote is not what the offer gives'
                USING ERRCODE = 'check_violation',
                      DETAIL = format('Customer "%s", vehicle "%s", %s months: the payment of the quote is %s, that of the offer '
                                      '%s.',
                                      tradeup_internal.shown(wrong.customer_id), tradeup_internal.shown(wrong.vehicle_id),
                                      wrong.term,
                                          wrong.payment,
                                      coalesce(wrong.right_payment::text, CASE WHEN owner THEN 'another' ELSE 'none' END)),
                      HINT = 'Use save_quote, which fills in every figure; if you did, something changed meanwhile: try again.';
        END IF;
    END IF;
    INSERT INTO tradeup.quote_event (quote_id, seq, event, happened_at, happened_by)
    SELECT n.quote_id, 1, 'issued'::text, n.quoted_at, n.quoted_by FROM new_quotes n;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.check_quotes() IS
    'Trigger that refuses quotes that are not what the offer gives, and records that the others are issued';

CREATE FUNCTION tradeup_internal.stamp_quote_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* The first event has the time and the role of its quote. Others have none of their own but in a restore. */
    IF NEW.event <> 'issued' AND (NEW.happened_at IS NOT NULL OR NEW.happened_by IS NOT NULL)
       AND NOT (coalesce(NEW.happened_at < now(), false)
                AND (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID)) THEN
        RAISE EXCEPTION 'events are recorded in the name of the role that records them'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The event names role %s and time %s; role "%s" records it at %s.',
                                  coalesce('"' || tradeup_internal.shown(NEW.happened_by) || '"', 'null'),
                                      coalesce(NEW.happened_at::text, 'null'), current_user, clock_timestamp()),
                  HINT = 'Leave out happened_at and happened_by, or use record_event.';
    END IF;
    NEW.happened_at := coalesce(NEW.happened_at, greatest(clock_timestamp(), now()));
    NEW.happened_by := coalesce(NEW.happened_by, current_user::text);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_internal.stamp_quote_event() IS
    'Trigger that gives events their time and role, and refuses any other';

-- An event is checked against the one before it, which can no longer change; that two sessions cannot both follow it is the
-- primary key's business, so no lock is taken.
CREATE FUNCTION tradeup_internal.check_quote_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner CONSTANT boolean := (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = TG_RELID);
    wrong record;
BEGIN
    /* What the owner inserts with a time before this transaction is a restore, which may come before its quotes do. */
    SELECT n.*, q.quote_id IS NOT NULL AS known, q.valid_until, p.event AS standing, p.happened_by AS standing_by,
           p.happened_at AS standing_at
    INTO wrong
    FROM (SELECT x.*, owner AND x.happened_at < now() AS restored FROM new_events x) n
    LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote x WHERE x.quote_id = n.quote_id OFFSET 0) q ON true
    LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote_event x WHERE x.quote_id = n.quote_id AND x.seq = n.seq - 1 OFFSET 0) p
        ON true
    WHERE CASE WHEN q.quote_id IS NULL THEN NOT n.restored
          ELSE NOT EXISTS (SELECT FROM tradeup_internal.quote_transitions() t WHERE t.standing IS NOT DISTINCT
                           FROM p.event AND t.event = n.event)
            OR CASE n.event
                   WHEN 'issued' THEN (n.happened_at, n.happened_by) IS DISTINCT FROM (q.quoted_at, q.quoted_by)
                   WHEN 'accepted' THEN n.happened_at > q.valid_until OR (NOT n.restored AND clock_timestamp() > q.valid_until)
                   WHEN 'expired' THEN n.happened_at <= q.valid_until
                   ELSE false
               END
          END
    ORDER BY n.quote_id, n.seq LIMIT 1;
    IF NOT FOUND THEN
        IF EXISTS (SELECT FROM new_events n WHERE n.event <> 'issued' AND NOT (owner AND n.happened_at < now())) THEN
            PERFORM tradeup_internal.require_read_committed();
            PERFORM tradeup_internal.commit_in_time(q.quote_id, q.valid_until)
            FROM new_events n JOIN tradeup.quote q ON q.quote_id = n.quote_id
            WHERE n.event = 'accepted' AND NOT (owner AND n.happened_at < now());
        END IF;
        RETURN NULL;
    ELSIF NOT wrong.known THEN
        PERFORM tradeup_internal.require_known('quote'::text, wrong.quote_id::text, NULL::text, true);
    ELSIF wrong.standing IS NULL THEN
        RAISE EXCEPTION 'event % of quote % must follow another', wrong.seq, wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The quote has no event %s.', wrong.seq - 1),
                  HINT = 'Use record_event, which numbers events.';
    ELSIF wrong.standing NOT IN ('issued', 'viewed') THEN
        RAISE EXCEPTION 'quote % is already %', wrong.quote_id, wrong.standing
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was %s by "%s" at %s; it cannot be %s any more.', wrong.standing, wrong.standing_by,
                                  wrong.standing_at, wrong.event),
                  HINT = 'A quote ends once; save a new one.';
    ELSIF wrong.event = 'accepted' THEN
        RAISE EXCEPTION 'quote % is no longer valid', wrong.quote_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It was valid until %s.', wrong.valid_until),
                  HINT = 'Save a new quote.';
    END IF;
    RAISE EXCEPTION 'quote % is still valid', wrong.quote_id
        USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is valid until %s.', wrong.valid_until),
              HINT = 'Withdraw it, or wait.';
END
$$;
COMMENT ON FUNCTION tradeup_internal.check_quote_events() IS
    'Trigger that refuses events that may not follow the standing one, or come too late or too early';

CREATE FUNCTION tradeup_internal.refuse_quote_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'quotes, their events and records of purges are never changed'
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'Record an event, or save a new quote. The owner deletes old quotes by purge_quotes.';
END
$$;
COMMENT ON FUNCTION tradeup_internal.refuse_quote_change() IS
    'Trigger that refuses to change quotes, their events and records of purges';

CREATE FUNCTION tradeup_internal.check_quote_deletion() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* Quotes go when a purge has their numbers, and with them their events. */
    IF (CASE WHEN TG_TABLE_NAME = 'quote'
            THEN EXISTS (SELECT FROM old_rows o)
                 AND NOT EXISTS (SELECT FROM tradeup.quote_retention r
                                 WHERE r.numbers @> (SELECT range_agg(int8range(o.quote_id, o.quote_id, '[]'::text))
                                                     FROM old_rows o))
            ELSE EXISTS (SELECT FROM old_rows o JOIN tradeup.quote q ON q.quote_id = o.quote_id) END) THEN
        RAISE EXCEPTION 'quotes and their events are never deleted but by purge_quotes'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'The owner calls purge_quotes.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.check_quote_deletion() IS
    'Trigger that refuses to delete quotes that no purge has recorded, and events of quotes that are there';

-- A record of a purge is the purge, so no record is there without its deletion, and nothing is deleted without a record.
CREATE FUNCTION tradeup_internal.delete_purged_quotes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    purged bigint[];
    open bigint;
BEGIN
    IF NEW.quotes IS DISTINCT FROM (SELECT coalesce(sum(upper(u) - lower(u)), 0::numeric)::bigint FROM unnest(NEW.numbers) u)
       OR lower_inf(NEW.numbers) OR upper_inf(NEW.numbers) THEN
        RAISE EXCEPTION 'record of a purge must have as many numbers as quotes'
            USING ERRCODE = 'check_violation', DETAIL = format('Quotes: %s.', NEW.quotes), HINT = 'Use purge_quotes.';
    END IF;
    purged := ARRAY(SELECT q.quote_id
                    FROM unnest(NEW.numbers) u,
                    LATERAL generate_series(greatest(lower(u), 1::bigint),
                                            least(upper(u) - 1::bigint,
                                                  (SELECT max(x.quote_id) FROM tradeup.quote x))) n
                    JOIN tradeup.quote q ON q.quote_id = n);
    SELECT min(p.quote_id) INTO open
    FROM unnest(purged) p (quote_id)
    WHERE NOT EXISTS (SELECT FROM tradeup.quote_event e
                      WHERE e.quote_id = p.quote_id AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired')
                        AND e.happened_at < NEW.ended_before AND (e.event <> 'accepted' OR NEW.accepted_too));
    IF open IS NOT NULL THEN
        RAISE EXCEPTION 'quote % has not ended before that time', open
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The time is %s.', NEW.ended_before),
                  HINT = 'Use purge_quotes.';
    END IF;
    DELETE FROM tradeup.quote q USING unnest(purged) p (quote_id) WHERE q.quote_id = p.quote_id;
    DELETE FROM tradeup.quote_event e USING unnest(purged) p (quote_id) WHERE e.quote_id = p.quote_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.delete_purged_quotes() IS
    'Trigger that deletes the quotes whose numbers a record of a purge has, and their events';

CREATE TRIGGER check_quotes AFTER INSERT ON tradeup.quote
    REFERENCING NEW TABLE AS new_quotes FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quotes();
CREATE TRIGGER refuse_quote_change BEFORE UPDATE OR TRUNCATE ON tradeup.quote
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_quote_change();
CREATE TRIGGER check_quote_deletion AFTER DELETE ON tradeup.quote
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quote_deletion();
CREATE TRIGGER stamp_quote_event BEFORE INSERT ON tradeup.quote_event
    FOR EACH ROW WHEN (NEW.event <> 'issued' OR NEW.happened_at IS NULL OR NEW.happened_by IS NULL)
    EXECUTE FUNCTION tradeup_internal.stamp_quote_event();
CREATE TRIGGER check_quote_events AFTER INSERT ON tradeup.quote_event
    REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quote_events();
CREATE TRIGGER refuse_quote_change BEFORE UPDATE OR TRUNCATE ON tradeup.quote_event
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_quote_change();
CREATE TRIGGER check_quote_deletion AFTER DELETE ON tradeup.quote_event
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.check_quote_deletion();
CREATE TRIGGER delete_purged_quotes AFTER INSERT ON tradeup.quote_retention
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.delete_purged_quotes();
CREATE TRIGGER refuse_quote_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tradeup.quote_retention
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_quote_change();

CREATE FUNCTION tradeup_internal.steps_of_save_quotes(offers tradeup.offer[], overrides tradeup.any_json,
                                                                 valid_for interval)
RETURNS SETOF bigint
LANGUAGE plpgsql COST 10000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    saved bigint;
    wrong record;
    moment CONSTANT timestamptz := clock_timestamp();
    until CONSTANT timestamptz := CASE WHEN valid_for BETWEEN interval '-400 days' AND interval '400 days'
                                       THEN (moment AT TIME ZONE 'UTC' + valid_for) AT TIME ZONE 'UTC' END;
BEGIN
    PERFORM tradeup_internal.require_current_snapshot(current_setting('transaction_isolation'::text), now(), moment);
    IF until IS NULL OR until <= moment OR until - moment > interval '366 days' THEN
        RAISE EXCEPTION 'valid_for must be greater than 0 and at most 366 days'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(valid_for::text, 'null'));
    END IF;
    RETURN QUERY
    INSERT INTO tradeup.quote AS q (customer_id, vehicle_id, make, model, dealer, program, version, profile, region, term,
                                    overrides, equity, current_payment, current_price, trade_value, customer_bonus, income,
                                    price, annual_rate, tier, tier_rank, payment, payment_change, loan_amount, effective_equity,
                                    service_fee, opening_fee, margin, deal, valid_for)
    SELECT f.customer_id, f.vehicle_id, f.make, f.model, f.dealer, f.program, f.version, f.profile, f.region, f.term, overrides,
           f.equity, f.current_payment,
           f.current_price, f.trade_value, f.customer_bonus, f.income, f.price, f.annual_rate, f.tier, f.tier_rank,
           f.payment, f.payment_change, f.loan_amount,
           f.effective_equity, f.service_fee, f.opening_fee, f.margin, f.deal, valid_for
    FROM (SELECT o.customer_id, o.vehicle_id, o.program, o.version, o.term, f.*,
                 ROW(o.profile, o.current_payment, o.price, o.annual_rate, o.tier, o.tier_rank, o.payment, o.payment_change,
                     o.loan_amount, o.effective_equity, o.service_fee, o.opening_fee, o.margin)
                 IS NOT DISTINCT FROM
                 ROW(f.profile, f.current_payment, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change,
                     f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin) AS same
          FROM unnest(offers) o,
          LATERAL tradeup_internal.quotable(o.customer_id, o.vehicle_id, o.program, o.version, o.term, overrides) f
          OFFSET 0) f
    WHERE f.same
    RETURNING q.quote_id;
    GET DIAGNOSTICS saved = ROW_COUNT;
    IF saved <> coalesce(cardinality(offers), 0) THEN
        SELECT o.customer_id, o.vehicle_id, o.term, o.payment, f.payment AS payment_now INTO wrong
        FROM unnest(offers) o
        LEFT JOIN LATERAL tradeup_internal.quotable(o.customer_id, o.vehicle_id, o.program, o.version, o.term,
                                                    overrides) f ON true
        WHERE (o.profile, o.current_payment, o.price, o.annual_rate, o.tier, o.tier_rank, o.payment, o.payment_change,
               o.loan_amount, o.effective_equity, o.service_fee, o.opening_fee, o.margin)
              IS DISTINCT FROM
              (f.profile, f.current_payment, f.price, f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change,
               f.loan_amount, f.effective_equity, f.service_fee, f.opening_fee, f.margin)
        ORDER BY o.customer_id COLLATE "C", o.vehicle_id COLLATE "C", o.term, o.program COLLATE "C", o.version, o.payment LIMIT 1;
        RAISE EXCEPTION 'offer is not what the tables give now'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('Customer "%s", vehicle "%s", %s months: the payment of the offer is %s, that of the tables '
                                  '%s.',
                                  tradeup_internal.shown(wrong.customer_id), tradeup_internal.shown(wrong.vehicle_id), wrong.term,
                                  wrong.payment, coalesce(wrong.payment_now::text, 'none')),
                  HINT = 'Ask for the offers again, and give save_quotes the same overrides.';
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_save_quotes(tradeup.offer[], tradeup.any_json, interval) IS
    'The steps of save_quotes';

CREATE FUNCTION tradeup.save_quotes(offers tradeup.offer[], overrides tradeup.any_json DEFAULT NULL::jsonb,
                                               valid_for interval DEFAULT '7 days')
RETURNS SETOF bigint
LANGUAGE c COST 10000 ROWS 1000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.save_quotes(tradeup.offer[], tradeup.any_json, interval) IS
    'Saves offers, as offers(...) gives them under the same overrides, as quotes; gives their numbers in the same order';

CREATE FUNCTION tradeup_internal.steps_of_save_quote(customer_id text, vehicle_id text, term tradeup.any_term,
                                                                program text, overrides tradeup.any_json, valid_for interval)
RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    found tradeup.offer[] := ARRAY(SELECT o FROM tradeup.offers(customer_id, program, overrides, NULL::tradeup.any_number,
                                                               NULL::tradeup.any_number) o
                                   WHERE o.vehicle_id = steps_of_save_quote.vehicle_id AND o.term = steps_of_save_quote.term);
    refused record;
BEGIN
    IF cardinality(found) = 1 THEN
        RETURN (SELECT s.quote_id FROM tradeup.save_quotes(found, overrides, valid_for) s (quote_id));
    END IF;
    IF term IS NULL THEN
        RAISE EXCEPTION 'no term is given' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the months of the term.';
    END IF;
    SELECT w.rule, w.explanation INTO refused
    FROM tradeup.why_no_offer(customer_id, vehicle_id, program, overrides) w WHERE w.term = steps_of_save_quote.term;
    RAISE EXCEPTION 'no offer of vehicle "%" for customer "%" at % months', tradeup_internal.shown(vehicle_id),
        tradeup_internal.shown(customer_id), term
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('Rule %s: %s.', coalesce(refused.rule, 'term'),
                              coalesce(refused.explanation, 'the program has no term of ' || term || ' months')),
              HINT = 'why_no_offer gives the figures, for each term.';
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_save_quote(text, text, tradeup.any_term, text, tradeup.any_json, interval) IS
    'The steps of save_quote';

CREATE FUNCTION tradeup.save_quote(customer_id text, vehicle_id text, term tradeup.any_term, program text DEFAULT NULL,
                                              overrides tradeup.any_json DEFAULT NULL::jsonb,
                                              valid_for interval DEFAULT '7 days') RETURNS bigint
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.save_quote(text, text, tradeup.any_term, text, tradeup.any_json, interval) IS
    'Saves one offer as a quote and gives its number; when there is no such offer, the error names the rule that fails';

CREATE FUNCTION tradeup_internal.steps_of_record_event(quote_id bigint, event text, note text)
RETURNS integer
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    recorded integer;
    latest integer;
    latest_before integer;
BEGIN
    PERFORM tradeup_internal.require_read_committed();
    PERFORM tradeup_internal.require_one_of('event'::text, event, '{viewed,accepted,rejected,withdrawn,expired}'::text[]);
    LOOP
        /* Waits for a session that is recording an event of this quote, and then looks again. */
        INSERT INTO tradeup.quote_event AS e (quote_id, seq, event, note)
        SELECT steps_of_record_event.quote_id, max(x.seq) + 1, steps_of_record_event.event, steps_of_record_event.note
        FROM tradeup.quote_event x WHERE x.quote_id = steps_of_record_event.quote_id
        HAVING tradeup_internal.require_known('quote'::text, steps_of_record_event.quote_id::text, max(x.seq)::text, true)
        ON CONFLICT ON CONSTRAINT event_is_once_in_its_quote DO NOTHING
        RETURNING e.seq INTO recorded;
        IF FOUND THEN
            RETURN recorded;
        END IF;
        /* What took the number is to be seen now, unless a policy hides it: then it would be so for ever. */
        latest_before := latest;
        SELECT max(x.seq) INTO latest FROM tradeup.quote_event x WHERE x.quote_id = steps_of_record_event.quote_id;
        IF latest = latest_before THEN
            RAISE EXCEPTION 'quote % has events that are hidden', quote_id
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = format('Role "%s" sees its events up to number %s, and there are others.', current_user, latest),
                      HINT = 'A policy on tradeup.quote_event must show all events of a quote or none.';
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_record_event(bigint, text, text) IS 'The steps of record_event';

CREATE FUNCTION tradeup.record_event(quote_id bigint, event text, note text DEFAULT NULL) RETURNS integer
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.record_event(bigint, text, text) IS
    'Records that a quote was viewed, accepted, rejected, withdrawn or expired, and gives the position of the event';

CREATE FUNCTION tradeup_internal.steps_of_expire_quotes()
RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moment timestamptz;
    expired bigint;
BEGIN
    PERFORM tradeup_internal.require_read_committed();
    LOOP
        moment := clock_timestamp();
        BEGIN
            INSERT INTO tradeup.quote_event (quote_id, seq, event)
            SELECT q.quote_id, (SELECT max(x.seq) FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id) + 1, 'expired'::text
            FROM tradeup.quote q
            WHERE q.valid_until < moment
              /* A policy may show a quote and hide its events: whoever sees them may expire it. */
              AND EXISTS (SELECT FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id)
              AND NOT EXISTS (SELECT FROM tradeup.quote_event x
                              WHERE x.quote_id = q.quote_id AND x.event IN ('accepted', 'rejected', 'withdrawn', 'expired'))
            ON CONFLICT ON CONSTRAINT event_is_once_in_its_quote DO NOTHING;
            GET DIAGNOSTICS expired = ROW_COUNT;
            RETURN expired;
        EXCEPTION WHEN no_data_found THEN
            NULL; /* Another session ended a quote and purged it while this one waited: look again. */
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_expire_quotes() IS 'The steps of expire_quotes';

CREATE FUNCTION tradeup.expire_quotes() RETURNS bigint
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.expire_quotes() IS
    'Records the end of every open quote that is no longer valid, and gives their number';

CREATE FUNCTION tradeup_internal.steps_of_purge_quotes(ended_before timestamptz, accepted_too boolean)
RETURNS bigint
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    purged bigint;
BEGIN
    PERFORM tradeup_internal.require_read_committed();
    IF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'tradeup.quote'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the table tradeup.quote can purge quotes'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
    IF ended_before IS NULL OR accepted_too IS NULL OR ended_before > statement_timestamp() THEN
        RAISE EXCEPTION 'ended_before must be a time in the past'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(ended_before::text, 'null'));
    END IF;
    /* Another purge may have the same quotes. */
    LOCK TABLE tradeup.quote_retention IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO tradeup.quote_retention AS r (ended_before, accepted_too, quotes, numbers)
    SELECT steps_of_purge_quotes.ended_before, steps_of_purge_quotes.accepted_too, count(*),
           coalesce(range_agg(int8range(x.quote_id, x.quote_id, '[]'::text)), '{}'::int8multirange)
    FROM (SELECT DISTINCT e.quote_id
          FROM tradeup.quote_event e JOIN tradeup.quote q ON q.quote_id = e.quote_id
          WHERE e.happened_at < steps_of_purge_quotes.ended_before
            AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired')
                AND (e.event <> 'accepted' OR steps_of_purge_quotes.accepted_too)) x
    RETURNING r.quotes INTO purged;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_purge_quotes(timestamptz, boolean) IS 'The steps of purge_quotes';

CREATE FUNCTION tradeup.purge_quotes(ended_before timestamptz, accepted_too boolean DEFAULT false) RETURNS bigint
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.purge_quotes(timestamptz, boolean) IS
    'Deletes quotes that were rejected, withdrawn or expired before a moment, accepted ones only when asked to; for the owner of '
    'the table, and recorded in quote_retention';

CREATE FUNCTION tradeup.quote_verification(quote tradeup.quote)
RETURNS TABLE (field text, stored text, recomputed text, equal boolean)
LANGUAGE plpgsql STABLE COST 1000 ROWS 14 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    now record;
    issued record;
    problem text;
BEGIN
    SELECT e.happened_at, e.happened_by INTO issued FROM tradeup.quote_event e WHERE e.quote_id = quote.quote_id AND e.seq = 1;
    /* Inputs that were tampered with may be none that a deal can be made of. */
    BEGIN
        SELECT f.annual_rate, f.tier, f.tier_rank, f.payment, f.payment_change, f.loan_amount, f.effective_equity, f.service_fee,
               f.opening_fee, f.margin, f.deal, f.eligible INTO now
        FROM tradeup_internal.quote_figures(quote.program, quote.version, quote.profile, quote.term,
                                            quote.overrides::tradeup.any_json,
                                            quote.equity, quote.current_payment, quote.current_price, quote.price,
                                            quote.trade_value, quote.customer_bonus, quote.income, quote.region) f;
        problem := CASE WHEN NOT FOUND THEN format('no published version %s of program "%s" with profile "%s" and %s months',
                                                   quote.version, tradeup_internal.shown(quote.program),
                                                   tradeup_internal.shown(quote.profile),
                                                       quote.term)
                        WHEN NOT now.eligible THEN 'no offer at this price' END;
    EXCEPTION WHEN data_exception THEN
        problem := SQLERRM;
        SELECT f.* INTO now
        FROM (SELECT NULL::numeric AS annual_rate, NULL::text AS tier, NULL::integer AS tier_rank, NULL::numeric AS payment,
                     NULL::numeric AS payment_change, NULL::numeric AS loan_amount, NULL::numeric AS effective_equity,
                     NULL::numeric AS service_fee, NULL::numeric AS opening_fee, NULL::numeric AS margin, NULL::text AS deal,
                         false AS eligible) f;
    END;
    RETURN QUERY VALUES
        ('inputs', NULL, problem, problem IS NULL),
        ('annual_rate', quote.annual_rate::text, now.annual_rate::text, quote.annual_rate IS NOT DISTINCT FROM now.annual_rate),
        ('tier', quote.tier, now.tier, quote.tier IS NOT DISTINCT FROM now.tier),
        ('tier_rank', quote.tier_rank::text, now.tier_rank::text, quote.tier_rank IS NOT DISTINCT FROM now.tier_rank),
        ('payment', quote.payment::text, now.payment::text, quote.payment IS NOT DISTINCT FROM now.payment),
        ('payment_change', quote.payment_change::text, now.payment_change::text, quote.payment_change IS NOT DISTINCT
         FROM now.payment_change),
        ('loan_amount', quote.loan_amount::text, now.loan_amount::text, quote.loan_amount IS NOT DISTINCT FROM now.loan_amount),
        ('effective_equity', quote.effective_equity::text, now.effective_equity::text,
         quote.effective_equity IS NOT DISTINCT FROM now.effective_equity),
        ('service_fee', quote.service_fee::text, now.service_fee::text, quote.service_fee IS NOT DISTINCT FROM now.service_fee),
        ('opening_fee', quote.opening_fee::text, now.opening_fee::text, quote.opening_fee IS NOT DISTINCT FROM now.opening_fee),
        ('margin', quote.margin::text, now.margin::text, quote.margin IS NOT DISTINCT FROM now.margin),
        ('deal', quote.deal, now.deal, quote.deal IS NOT DISTINCT FROM now.deal),
        ('quoted_by', quote.quoted_by, issued.happened_by, quote.quoted_by IS NOT DISTINCT FROM issued.happened_by),
        ('quoted_at', quote.quoted_at::text, issued.happened_at::text, quote.quoted_at IS NOT DISTINCT FROM issued.happened_at);
END
$$;
COMMENT ON FUNCTION tradeup.quote_verification(tradeup.quote) IS
    'Each figure of a quote as it is stored and as the stored inputs and that version of the program give it; who issued it and '
    'when, as its first event says';

CREATE FUNCTION tradeup.verify_quote(quote_id bigint)
RETURNS TABLE (field text, stored text, recomputed text, equal boolean)
LANGUAGE sql STABLE COST 1000 ROWS 14
BEGIN ATOMIC
    SELECT v.field, v.stored, v.recomputed, v.equal
    FROM (SELECT x AS quote
          FROM (SELECT verify_quote.quote_id AS requested) r LEFT JOIN tradeup.quote x ON x.quote_id = r.requested
          WHERE tradeup_internal.require_known('quote'::text, verify_quote.quote_id::text, x.quote_id::text, true)
          OFFSET 0) q,
    LATERAL tradeup.quote_verification(q.quote) v;
END;
COMMENT ON FUNCTION tradeup.verify_quote(bigint) IS
    'Each figure of the quote of this number, as it was stored and computed anew, and whether both are equal';

CREATE FUNCTION tradeup.deal_sheet(quote tradeup.quote, OUT place integer, OUT part text, OUT name text,
                                              OUT amount numeric, OUT settled text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 20
BEGIN ATOMIC
    SELECT s.* FROM tradeup.deal_sheet((deal_sheet.quote).deal::tradeup.deal,
                                        (deal_sheet.quote).price::tradeup.any_number) s;
END;
COMMENT ON FUNCTION tradeup.deal_sheet(tradeup.quote) IS 'The worksheet of the deal that a quote promised, at its price';

CREATE FUNCTION tradeup.quote_verifies(quote tradeup.quote) RETURNS boolean
LANGUAGE sql STABLE COST 1000
RETURN (SELECT bool_and(v.equal) FROM tradeup.quote_verification(quote) v);
COMMENT ON FUNCTION tradeup.quote_verifies(tradeup.quote) IS
    'Whether every figure of a quote is what its stored inputs give, and its first event is there';
-- Where numbers go on after logical replication, which copies rows and no sequences.

-- A number that was given once is not given again: purges have those of quotes that are gone.
CREATE FUNCTION tradeup.advance_numbers() RETURNS TABLE (table_name text, next_number bigint)
LANGUAGE sql VOLATILE COST 10000 ROWS 2 SET row_security = off
BEGIN ATOMIC
    SELECT n.table_name, setval(n.sequence, n.highest) + 1::bigint
    FROM (SELECT 'tradeup.quote'::text AS table_name, 'tradeup.quote_quote_id_seq'::regclass AS sequence,
                 greatest((SELECT max(q.quote_id) FROM tradeup.quote q),
                          (SELECT max(r.highest) FROM tradeup.quote_retention r)) AS highest,
                 (SELECT s.last_value + s.is_called::integer FROM tradeup.quote_quote_id_seq s) AS next
          UNION ALL
          SELECT 'tradeup.quote_retention'::text, 'tradeup.quote_retention_purge_id_seq'::regclass,
                 (SELECT max(r.purge_id) FROM tradeup.quote_retention r),
                 (SELECT s.last_value + s.is_called::integer FROM tradeup.quote_retention_purge_id_seq s)) n
    WHERE n.highest >= n.next;
END;
COMMENT ON FUNCTION tradeup.advance_numbers() IS
    'Lets the numbers of quotes and purges go on after the highest that is taken, where rows came by logical replication';
-- What a loading gives back, and what it is made of.

CREATE TYPE tradeup.load_result AS (
    outcome text,
    rows bigint,
    line bigint,
    id text,
    column_name text,
    reason text,
    value text
);
COMMENT ON TYPE tradeup.load_result IS
    'What became of rows that were loaded: how many were inserted, updated, unchanged (one row for each); and each row that was '
    'refused, with its line, its id, the first column at fault, the reason and the value';

CREATE TYPE tradeup_internal.loading_column AS (
    name text,
    kind text,
    type text,
    required boolean,
    source text,
    numeric_source boolean,
    translated boolean,
    blank text,
    said text
);
COMMENT ON TYPE tradeup_internal.loading_column IS
    'A column to load: its name, kind of cell and type; whether it must be there; its cell in the source as SQL (null: none) and '
    'whether that is a number; whether words of it are translated; what an empty cell becomes, as SQL; decimal mark or order of '
    'dates';

CREATE TYPE tradeup_internal.loading_row AS (
    line bigint,
    id text,
    cells text[],
    column_name text,
    reason text,
    value text
);
COMMENT ON TYPE tradeup_internal.loading_row IS
    'A row that was read: its line, its id, its cells as their columns read them; and, if it is refused, where and why';
-- Cells of tables that people keep, read as what a column holds.

CREATE FUNCTION tradeup_internal.filled_cell(cell text, is_text boolean) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'filled_cell_text';
COMMENT ON FUNCTION tradeup_internal.filled_cell(text, boolean) IS
    'A cell without blanks around it; null where it stands for nothing, such as NULL, N/A or a dash';

CREATE FUNCTION tradeup_internal.read_cell(cell text, kind text, said text, unit text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'read_cell_text';
COMMENT ON FUNCTION tradeup_internal.read_cell(text, text, text, text) IS
    'What a cell of a kind (price, amount, change, kilometers, year, date) holds; null where it holds no such thing. said: the '
    'decimal mark or the order of dates of its column, empty: unknown; unit: currency, km or mi';

CREATE FUNCTION tradeup_internal.cell_fault(cell text, kind text, said text, unit text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.cell_fault(text, text, text, text) IS
    'Why read_cell gives null for a cell; null where it does not';

CREATE FUNCTION tradeup_internal.cell_evidence(cell text, kind text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cell_evidence_text';
COMMENT ON FUNCTION tradeup_internal.cell_evidence(text, text) IS
    'What a cell says of its column: the decimal mark, "." or ",", or the order of dates, DMY or MDY; null: nothing';
-- From the mapping that a caller gives to the columns that are loaded.

CREATE FUNCTION tradeup_internal.loading_columns(target text)
RETURNS TABLE (place integer, name text, kind text, type text, required boolean, blank text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT x.place, x.name, x.kind, x.type, x.required, x.blank
    FROM (VALUES ('vehicle'::text, 1, 'vehicle_id'::text, 'text'::text, 'text'::text, true, NULL::text),
                 ('vehicle', 2, 'vin', 'text', 'text', false, NULL),
                 ('vehicle', 3, 'make', 'text', 'text', false, NULL),
                 ('vehicle', 4, 'model', 'text', 'text', false, NULL),
                 ('vehicle', 5, 'body', 'text', 'text', false, NULL),
                 ('vehicle', 6, 'year', 'year', 'integer', false, NULL),
                 ('vehicle', 7, 'kilometers', 'kilometers', 'integer', false, NULL),
                 ('vehicle', 8, 'color', 'text', 'text', false, NULL),
                 ('vehicle', 9, 'fuel', 'text', 'text', false, NULL),
                 ('vehicle', 10, 'transmission', 'text', 'text', false, NULL),
                 ('vehicle', 11, 'region', 'text', 'text', false, NULL),
                 ('vehicle', 12, 'dealer', 'text', 'text', false, NULL),
                 ('vehicle', 13, 'currency', 'currency', 'text', false, NULL),
                 ('vehicle', 14, 'regular_price', 'price', 'numeric', true, NULL),
                 ('vehicle', 15, 'promotion_price', 'price', 'numeric', false, NULL),
                 ('vehicle', 16, 'rebate', 'amount', 'numeric', false, NULL),
                 ('vehicle', 17, 'cost', 'amount', 'numeric', false, NULL),
                 ('vehicle', 18, 'status', 'status', 'text', false, '''available''::text'),
                 ('vehicle', 19, 'listed_on', 'date', 'date', false, NULL),
                 ('vehicle', 20, 'sold_on', 'date', 'date', false, NULL),
                 ('customer', 1, 'customer_id', 'text', 'text', true, NULL),
                 ('customer', 2, 'risk_profile', 'text', 'text', true, NULL),
                 ('customer', 3, 'equity', 'change', 'numeric', false, NULL),
                 ('customer', 4, 'current_payment', 'price', 'numeric', false, NULL),
                 ('customer', 5, 'current_price', 'amount', 'numeric', false, NULL),
                 ('customer', 6, 'current_make', 'text', 'text', false, NULL),
                 ('customer', 7, 'current_model', 'text', 'text', false, NULL),
                 ('customer', 8, 'current_year', 'year', 'integer', false, NULL),
                 ('customer', 9, 'current_kilometers', 'kilometers', 'integer', false, NULL),
                 ('customer', 10, 'region', 'text', 'text', false, NULL),
                 ('customer', 11, 'program', 'text', 'text', false, NULL),
                 ('customer', 12, 'trade_value', 'amount', 'numeric', false, NULL),
                 ('customer', 13, 'payoff', 'amount', 'numeric', false, NULL),
                 ('customer', 14, 'bonus', 'amount', 'numeric', false, '''0''::text'),
                 ('customer', 15, 'income', 'amount', 'numeric', false, NULL))
         x (target, place, name, kind, type, required, blank)
    WHERE x.target = loading_columns.target;
END;
COMMENT ON FUNCTION tradeup_internal.loading_columns(text) IS
    'The columns of a table (vehicle or customer) that can be loaded, in the order in which they are looked at: the kind of '
    'cell, the type, whether a row needs it, and what an empty cell becomes, as SQL (null: null)';

CREATE FUNCTION tradeup_internal.require_mapping(target text, mapping jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    fields CONSTANT text[] := CASE target
        WHEN 'vehicle' THEN '{columns,defaults,values,decimal_mark,date_order,distance_unit,currency,key,line}'::text[]
        ELSE '{columns,defaults,values,decimal_mark,date_order,distance_unit,currency,line}'::text[] END;
    known CONSTANT text[] := ARRAY(SELECT c.name FROM tradeup_internal.loading_columns(target) c ORDER BY c.place);
    field text;
    value jsonb;
    inner_name text;
    inner_value jsonb;
BEGIN
    IF jsonb_typeof(mapping) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'mapping must be a JSON object' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'For example {"columns": {"vehicle_id": "Stock No", "regular_price": "Price"}}.';
    END IF;
    FOR field, value IN SELECT m.key, m.value FROM jsonb_each(mapping) m LOOP
        IF field <> ALL (fields) THEN
            RAISE EXCEPTION 'unknown field of a mapping "%"', tradeup_internal.shown(field)
                USING ERRCODE = 'invalid_parameter_value', HINT = format('Use %s.', array_to_string(fields, ', '));
        ELSIF field IN ('columns', 'defaults', 'values') OR field IN ('decimal_mark', 'date_order')
              AND jsonb_typeof(value) = 'object' THEN
            IF jsonb_typeof(value) <> 'object' THEN
                RAISE EXCEPTION '"%" of a mapping must be an object', field USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = format('It is %s.', tradeup_internal.shown(value::text));
            END IF;
            FOR inner_name, inner_value IN SELECT m.key, m.value FROM jsonb_each(value) m LOOP
                IF inner_name <> ALL (known) THEN
                    RAISE EXCEPTION 'unknown column to load "%"', tradeup_internal.shown(inner_name)
                        USING ERRCODE = 'undefined_column', DETAIL = format('It stands in "%s".', field),
                              HINT = format('Use %s.', array_to_string(known, ', '));
                ELSIF field = 'columns' AND jsonb_typeof(inner_value) NOT IN ('string', 'null')
                      OR field = 'defaults' AND jsonb_typeof(inner_value) NOT IN ('string', 'number')
                      OR field = 'values' AND jsonb_typeof(inner_value) <> 'object'
                      OR field IN ('decimal_mark', 'date_order') AND jsonb_typeof(inner_value) <> 'string' THEN
                    RAISE EXCEPTION 'bad value of "%" in "%" of a mapping', inner_name, field
                        USING ERRCODE = 'invalid_parameter_value',
                              DETAIL = format('It is %s.', tradeup_internal.shown(inner_value::text)),
                              HINT = CASE field WHEN 'columns' THEN 'Give the name of a column of the source, or null for none.'
                                                WHEN 'defaults' THEN 'Give a text or a number.'
                                                WHEN 'values' THEN 'Give an object: a word of the source, and what it stands for.'
                                                ELSE 'Give a text.' END;
                END IF;
            END LOOP;
        ELSIF jsonb_typeof(value) <> 'string' THEN
            RAISE EXCEPTION '"%" of a mapping must be a text', field USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('It is %s.', tradeup_internal.shown(value::text));
        END IF;
    END LOOP;
    IF mapping ? 'distance_unit' THEN
        PERFORM tradeup_internal.require_one_of('distance_unit'::text, mapping ->> 'distance_unit'::text, '{km,mi}'::text[]);
    END IF;
    IF mapping ? 'key' THEN
        PERFORM tradeup_internal.require_one_of('key'::text, mapping ->> 'key'::text, '{vehicle_id,vin}'::text[]);
    END IF;
    IF mapping ? 'currency' AND tradeup.currency_digits(mapping ->> 'currency'::text) IS NULL THEN
        RAISE EXCEPTION 'unknown currency "%"', tradeup_internal.shown(mapping ->> 'currency'::text)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use an ISO 4217 code in capitals, such as USD, EUR or MXN.';
    END IF;
    PERFORM tradeup_internal.require_one_of('decimal_mark'::text, said.word, '{.,","}'::text[])
    FROM (SELECT mapping ->> 'decimal_mark'::text AS word WHERE jsonb_typeof(mapping -> 'decimal_mark'::text) = 'string'
          UNION ALL SELECT m.value FROM jsonb_each_text(CASE jsonb_typeof(mapping -> 'decimal_mark'::text) WHEN 'object'
                                                        THEN mapping -> 'decimal_mark'::text END) m) said;
    PERFORM tradeup_internal.require_one_of('date_order'::text, said.word, '{DMY,MDY}'::text[])
    FROM (SELECT mapping ->> 'date_order'::text AS word WHERE jsonb_typeof(mapping -> 'date_order'::text) = 'string'
          UNION ALL SELECT m.value FROM jsonb_each_text(CASE jsonb_typeof(mapping -> 'date_order'::text) WHEN 'object'
                                                        THEN mapping -> 'date_order'::text END) m) said;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_mapping(text, jsonb) IS
    'The error when a mapping has unknown fields, columns or words; nothing otherwise';

CREATE FUNCTION tradeup_internal.source_column(relation regclass, wanted text, exactly boolean) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    alike text[];
BEGIN
    alike := ARRAY(SELECT a.attname::text FROM pg_attribute a
                   WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
                     AND (a.attname = wanted
                          OR NOT exactly AND lower(translate(a.attname::text, ' -_', '')) = translate(wanted, '_', ''))
                   ORDER BY a.attname <> wanted, a.attnum);
    IF alike[1] = wanted OR cardinality(alike) = 1 THEN
        RETURN alike[1];
    ELSIF exactly THEN
        RAISE EXCEPTION 'relation % has no column "%"', relation, tradeup_internal.shown(wanted)
            USING ERRCODE = 'undefined_column',
                  HINT = 'Write the name of a column as it is stored: lower case unless it was made in double quotes.';
    ELSIF cardinality(alike) > 1 THEN
        RAISE EXCEPTION 'relation % has several columns for "%"', relation, wanted
            USING ERRCODE = 'ambiguous_column', DETAIL = format('They are "%s".', array_to_string(alike, '", "')),
                  HINT = 'Say in "columns" of the mapping which one it is.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_internal.source_column(regclass, text, boolean) IS
    'The column of a table with this name, which must be there; or one whose name is the same but for case, blanks, hyphens and '
    'underscores, null: none';

-- A number or a day of a type of its own is written so that no setting of the session shows in it.
CREATE FUNCTION tradeup_internal.source_cell(relation regclass, column_name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT format(CASE WHEN t.type = ANY ('{real,double precision}'::regtype[]) THEN 's.%I::numeric::text'
                           WHEN t.type = ANY ('{date,timestamp without time zone}'::regtype[])
                           THEN 'to_char(s.%I, ''YYYY-MM-DD''::text)'
                           WHEN t.type = 'timestamp with time zone'::regtype
                           THEN 'to_char(timezone(''UTC''::text, s.%I), ''YYYY-MM-DD''::text)'
                           ELSE 's.%I::text' END, source_cell.column_name)
        FROM (SELECT tradeup_internal.column_type(source_cell.relation, source_cell.column_name) AS type) t);
COMMENT ON FUNCTION tradeup_internal.source_cell(regclass, text) IS 'The cells of a column as texts, as SQL over s';

CREATE FUNCTION tradeup_internal.loading_of(target text, relation regclass, mapping jsonb)
RETURNS tradeup_internal.loading_column[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    columns tradeup_internal.loading_column[];
    by_vin CONSTANT boolean := mapping ->> 'key'::text IS NOT DISTINCT FROM 'vin';
    id CONSTANT text := target || '_id';
BEGIN
    PERFORM tradeup_internal.require_one_of('target'::text, target, '{vehicle,customer}'::text[]);
    SELECT array_agg(ROW(x.name, x.kind, x.type, x.required AND NOT (by_vin AND x.name = id) OR by_vin AND x.name = 'vin',
                         CASE WHEN x.source IS NOT NULL THEN tradeup_internal.source_cell(relation, x.source) END,
                         tradeup_internal.column_type(relation, x.source)
                             = ANY ('{smallint,integer,bigint,numeric,real,double precision}'::regtype[]),
                         mapping #> ARRAY['values'::text, x.name] IS NOT NULL, x.blank,
                         CASE WHEN x.kind IN ('price', 'amount', 'change', 'kilometers') THEN x.decimal_mark
                              WHEN x.kind = 'date' THEN x.date_order
                              WHEN x.kind = 'currency' AND x.source IS NULL AND NOT mapping ? 'currency'
                                   AND mapping #> '{defaults,currency}'::text[] IS NULL THEN 'default'
                              ELSE '' END)::tradeup_internal.loading_column
                     ORDER BY x.place)
    INTO columns
    FROM (SELECT y.*, y.source IS NOT NULL OR mapping #> ARRAY['defaults'::text, y.name] IS NOT NULL AS given,
                 bool_or(y.kind IN ('price', 'amount')
                         AND (y.source IS NOT NULL OR mapping #> ARRAY['defaults'::text, y.name] IS NOT NULL)) OVER () AS priced
          FROM (SELECT c.place, c.name, c.kind, c.type, c.required, c.blank,
                 CASE WHEN mapping #> ARRAY['columns'::text, c.name] IS NULL
                      THEN tradeup_internal.source_column(relation, c.name, false)
                      WHEN jsonb_typeof(mapping #> ARRAY['columns'::text, c.name]) = 'string'
                      THEN tradeup_internal.source_column(relation, mapping #>> ARRAY['columns'::text, c.name], true)
                      END AS source,
                 CASE jsonb_typeof(mapping -> 'decimal_mark'::text) WHEN 'string' THEN mapping ->> 'decimal_mark'::text
                      ELSE mapping #>> ARRAY['decimal_mark'::text, c.name] END AS decimal_mark,
                 CASE jsonb_typeof(mapping -> 'date_order'::text) WHEN 'string' THEN mapping ->> 'date_order'::text
                      ELSE mapping #>> ARRAY['date_order'::text, c.name] END AS date_order
          FROM tradeup_internal.loading_columns(target) c) y) x
    /* A price says nothing without its currency; and a vehicle that is known by its number needs an identifier when it is new. */
    WHERE x.given OR x.name = 'currency' AND x.priced OR by_vin AND x.name = id;
    IF NOT EXISTS (SELECT FROM unnest(columns) c
                   WHERE c.name = CASE WHEN by_vin THEN 'vin' ELSE id END AND c.source IS NOT NULL) THEN
        RAISE EXCEPTION 'no column of relation % is %', relation, tradeup_internal.shown(CASE WHEN by_vin THEN 'vin' ELSE id END)
            USING ERRCODE = 'undefined_column', HINT = 'Say in "columns" of the mapping which one it is.';
    END IF;
    RETURN columns;
END
$$;
COMMENT ON FUNCTION tradeup_internal.loading_of(text, regclass, jsonb) IS
    'The columns to load from a table under a mapping; an error where the mapping names what is not there, or nothing identifies '
    'a row';

CREATE FUNCTION tradeup_internal.loading_words(mapping jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN (SELECT coalesce(jsonb_object_agg(c.key, (SELECT coalesce(jsonb_object_agg(lower(w.key), w.value), '{}'::jsonb)
                                                 FROM jsonb_each_text(c.value) w)), '{}'::jsonb)
        FROM jsonb_each(coalesce(loading_words.mapping -> 'values'::text, '{}'::jsonb)) c);
COMMENT ON FUNCTION tradeup_internal.loading_words(jsonb) IS
    'What words of a source stand for, by column and word in lower case, as a mapping says';
-- The queries of a loading. They are composed of names that are quoted and words of our own; what a mapping says comes as
-- parameters: $1 is the mapping, $2 its translated words.

CREATE FUNCTION tradeup_internal.loading_cells(columns tradeup_internal.loading_column[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN (SELECT string_agg(format('tradeup_internal.filled_cell(%s, %L::boolean) AS c%s', coalesce(c.source, 'NULL::text'),
                                 c.kind = 'text', c.n), ', ' ORDER BY c.n)
        FROM unnest(loading_cells.columns)
             WITH ORDINALITY c (name, kind, type, required, source, numeric_source, translated, blank, said, n));
COMMENT ON FUNCTION tradeup_internal.loading_cells(tradeup_internal.loading_column[]) IS
    'The cells c1, c2, ... of a source s, as SQL';

CREATE FUNCTION tradeup_internal.evidence_query(relation regclass, columns tradeup_internal.loading_column[])
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN (SELECT format('SELECT ARRAY[%s]::text[] FROM (SELECT %s FROM %s s OFFSET 0) x',
                      string_agg(CASE WHEN c.said IS NOT NULL THEN format('%L', c.said)
                                      WHEN c.numeric_source THEN quote_literal('.')
                                      ELSE format('CASE WHEN min(tradeup_internal.cell_evidence(x.c%1$s, %2$L::text))'
                                                  ' = max(tradeup_internal.cell_evidence(x.c%1$s, %2$L::text))'
                                                  ' THEN min(tradeup_internal.cell_evidence(x.c%1$s, %2$L::text)) ELSE '''' END',
                                                  c.n, c.kind) END, ', ' ORDER BY c.n),
                      tradeup_internal.loading_cells(evidence_query.columns), evidence_query.relation)
        FROM unnest(evidence_query.columns)
             WITH ORDINALITY c (name, kind, type, required, source, numeric_source, translated, blank, said, n));
COMMENT ON FUNCTION tradeup_internal.evidence_query(regclass, tradeup_internal.loading_column[]) IS
    'The query of what is said of each column: what the mapping says, or what its cells agree on; empty: nothing';

CREATE FUNCTION tradeup_internal.reading_query(target text, relation regclass, mapping jsonb,
                                                          columns tradeup_internal.loading_column[])
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    rows_of_batch CONSTANT integer := 10000;
    key CONSTANT text := target || '_id';
    by_vin CONSTANT boolean := mapping ->> 'key'::text IS NOT DISTINCT FROM 'vin';
    vin_place CONSTANT integer := array_position(ARRAY(SELECT k.name FROM unnest(columns) k), 'vin');
    currency_place CONSTANT integer := array_position(ARRAY(SELECT k.name FROM unnest(columns) k), 'currency');
    line_column CONSTANT text := tradeup_internal.source_column(relation, mapping ->> 'line'::text, true);
    has_id boolean := false;
    id text;
    in_stock text := 'true';
    cells text[];   /* c1, c2, ...: translated, with defaults */
    texts text[];   /* t1, t2, ...: as their columns read them */
    written text[];
    wrong text := '';
    reasons text := '';
    c tradeup_internal.loading_column;
    n integer := 0;
    cell text;
    reading text;
    fault text;
BEGIN
    IF line_column IS NOT NULL
       AND tradeup_internal.column_type(relation, line_column) <> ALL ('{smallint,integer,bigint}'::regtype[]) THEN
        RAISE EXCEPTION 'column "%" is no whole number', tradeup_internal.shown(line_column)
            USING ERRCODE = 'datatype_mismatch', DETAIL = 'It is named by "line" of the mapping.';
    END IF;
    FOREACH c IN ARRAY columns LOOP
        n := n + 1;
        cell := 'x.c' || n;
        IF c.translated THEN
            cell := format('CASE WHEN jsonb_exists($2 -> %1$L::text, lower(%2$s))'
                           ' THEN tradeup_internal.filled_cell($2 #>> ARRAY[%1$L::text, lower(%2$s)], %3$L::boolean)'
                           ' ELSE %2$s END', c.name, cell, c.kind = 'text');
        END IF;
        cells := cells || format('coalesce(%s, tradeup_internal.filled_cell($1 #>> %L::text[], %L::boolean)) AS c%s', cell,
                                 CASE WHEN c.name = 'currency' THEN '{currency}' ELSE '{defaults,' || c.name || '}' END,
                                 c.kind = 'text', n);
        cell := 'x.c' || n;
        reading := cell;
        fault := quote_literal('missing');
        IF c.kind = 'currency' THEN
            reading := format('upper(%s)', cell);
            wrong := wrong || format('WHEN x.t%1$s IS NULL OR tradeup.currency_digits(x.t%1$s) IS NULL THEN %1$s ', n);
            fault := format('CASE WHEN %s IS NULL THEN ''missing'' ELSE ''unknown currency'' END', cell);
        ELSIF c.kind = 'status' THEN
            reading := format('coalesce(lower(%s), %s)', cell, c.blank);
            wrong := wrong || format('WHEN x.t%1$s <> ALL (''{available,reserved,sold,withdrawn}''::text[]) THEN %1$s ', n);
            fault := quote_literal('unknown status');
            IF NOT by_vin THEN
                in_stock := format('x.t%s = ANY (''{available,reserved}''::text[])', n);
            END IF;
        ELSIF c.kind <> 'text' THEN
            reading := format('%s, %L::text, %L::text, %s', cell, c.kind, c.said,
                              CASE WHEN c.kind IN ('price', 'amount', 'change') AND currency_place IS NOT NULL
                                   THEN format('upper(x.c%s)', currency_place)
                                   ELSE format('%L::text', CASE WHEN c.kind = 'kilometers'
                                                                THEN coalesce(mapping ->> 'distance_unit'::text, 'km')
                                                                WHEN c.kind IN ('price', 'amount', 'change')
                                                                THEN coalesce(mapping ->> 'currency'::text, '')
                                                                ELSE '' END) END);
            fault := format('coalesce(tradeup_internal.cell_fault(%s), ''missing'')', reading);
            reading := format('tradeup_internal.read_cell(%s)', reading);
            IF c.blank IS NOT NULL THEN
                reading := format('CASE WHEN %s IS NULL THEN %s ELSE %s END', cell, c.blank, reading);
            END IF;
            IF NOT c.required THEN
                wrong := wrong || format('WHEN %s IS NOT NULL AND x.t%s IS NULL THEN %s ', cell, n, n);
            END IF;
        END IF;
        IF c.required THEN
            wrong := wrong || format('WHEN x.t%1$s IS NULL THEN %1$s ', n);
        END IF;
        texts := texts || format('%s AS t%s', reading, n);
        reasons := reasons || format('WHEN %s THEN %s ', n, fault);
        IF c.name = key THEN
            has_id := c.source IS NOT NULL;
            id := CASE WHEN by_vin THEN format('coalesce(x.t%s, x.t%s)', n, vin_place) ELSE 'x.t' || n END;
            written := written || id;
        ELSE
            written := written || ('x.t' || n);
        END IF;
    END LOOP;
    RETURN format($query$
        SELECT array_agg(ROW(y.line, y.id, y.cells,
                             CASE WHEN y.reason IS NOT NULL THEN y.column_name
                                  WHEN y.id_line IS NOT NULL THEN %1$L WHEN y.vin_line IS NOT NULL THEN 'vin' END,
                             CASE WHEN y.reason IS NOT NULL THEN y.reason
                                  WHEN y.id_line IS NOT NULL THEN 'same ' || %1$L || ' as in line ' || y.id_line
                                  WHEN y.vin_line IS NOT NULL THEN 'same vin as in line ' || y.vin_line END,
                             CASE WHEN y.reason IS NOT NULL THEN tradeup_internal.shown(y.value)
                                  WHEN y.id_line IS NOT NULL THEN tradeup_internal.shown(y.id)
                                  WHEN y.vin_line IS NOT NULL THEN tradeup_internal.shown(y.vin) END
                             )::tradeup_internal.loading_row ORDER BY y.n)
        FROM (SELECT x.n, x.line, x.id, x.vin, x.cells, x.value, x.reason, (%2$L::text[])[x.wrong] AS column_name,
                     %3$s AS id_line, %4$s AS vin_line
              FROM (SELECT x.n, x.line, x.wrong, %5$s AS id, %6$s AS vin, %7$s AS in_stock, ARRAY[%8$s]::text[] AS cells,
                           (ARRAY[%9$s]::text[])[x.wrong] AS value, CASE x.wrong %10$s END AS reason
                    FROM (SELECT x.*, CASE %11$s END AS wrong
                          FROM (SELECT x.*, %12$s
                                FROM (SELECT x.n, x.line, %13$s
                                      FROM (SELECT row_number() OVER (%14$s) AS n, %15$s AS line, %16$s FROM %17$s s) x
                                      OFFSET 0) x
                                OFFSET 0) x
                          OFFSET 0) x
                    OFFSET 0) x
              WINDOW same_id AS (PARTITION BY x.wrong IS NULL, x.id ORDER BY x.n)%18$s
              OFFSET 0) y
        GROUP BY (y.n - 1) / %19$s ORDER BY (y.n - 1) / %19$s$query$,
        key, ARRAY(SELECT k.name FROM unnest(columns) k),
        CASE WHEN by_vin AND NOT has_id THEN 'NULL::bigint'
             ELSE 'CASE WHEN x.id IS NOT NULL AND row_number() OVER same_id > 1 THEN first_value(x.line) OVER same_id END' END,
        CASE WHEN vin_place IS NULL THEN 'NULL::bigint'
             ELSE 'CASE WHEN x.vin IS NOT NULL AND x.in_stock AND row_number() OVER same_vin > 1'
                  ' THEN first_value(x.line) OVER same_vin END' END,
        id, coalesce('x.t' || vin_place, 'NULL::text'), in_stock, array_to_string(written, ', '),
        (SELECT string_agg('x.c' || i, ', ' ORDER BY i) FROM generate_series(1, n) i), reasons, wrong,
        array_to_string(texts, ', '), array_to_string(cells, ', '),
        coalesce('ORDER BY s.' || quote_ident(line_column), ''),
        coalesce('s.' || quote_ident(line_column) || '::bigint', 'row_number() OVER ()'),
        tradeup_internal.loading_cells(columns), relation,
        CASE WHEN vin_place IS NULL THEN ''
             ELSE ', same_vin AS (PARTITION BY x.wrong IS NULL, x.in_stock, x.vin ORDER BY x.n)' END,
        rows_of_batch);
END
$$;
COMMENT ON FUNCTION tradeup_internal.reading_query(text, regclass, jsonb, tradeup_internal.loading_column[]) IS
    'The query that reads a source in batches of rows, each with its cells read, or with the reason why it is refused';

CREATE FUNCTION tradeup_internal.writing_query(target text, mapping jsonb, columns tradeup_internal.loading_column[])
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    by_vin CONSTANT boolean := mapping ->> 'key'::text IS NOT DISTINCT FROM 'vin';
    id CONSTANT text := target || '_id';
    has_vin CONSTANT boolean := EXISTS (SELECT FROM unnest(columns) c WHERE c.name = 'vin');
    has_status CONSTANT boolean := EXISTS (SELECT FROM unnest(columns) c WHERE c.name = 'status');
    lacking CONSTANT text := (SELECT k.name FROM tradeup_internal.loading_columns(target) k
        WHERE k.required AND NOT EXISTS (SELECT FROM unnest(columns) c WHERE c.name = k.name) ORDER BY k.place LIMIT 1);
    defaulted CONSTANT boolean := EXISTS (SELECT FROM unnest(columns) c WHERE c.name = 'currency' AND c.said = 'default');
    difference CONSTANT text := (SELECT format(', (g.cells)[%s]::numeric - (g.cells)[%s]::numeric',
                                               min(c.n) FILTER (WHERE c.name = 'trade_value'),
                                               min(c.n) FILTER (WHERE c.name = 'payoff'))
                                 FROM unnest(columns) WITH ORDINALITY
                                     c (name, kind, type, required, source, numeric_source, translated, blank, said, n)
                                 WHERE c.name IN ('trade_value', 'payoff') HAVING count(*) = 2);
    checks text := '';
    typed text;
    names text;
    new_values text;
    assigned text;
    old_row text;
    new_row text;
BEGIN
    SELECT string_agg(format(CASE WHEN c.name = 'equity' THEN 'coalesce((g.cells)[%s]::%s%s, 0::numeric) AS %I'
                                  ELSE '(g.cells)[%1$s]::%2$s AS %4$I' END, c.n, c.type, difference, c.name), ', ' ORDER BY c.n),
           string_agg(quote_ident(c.name), ', ' ORDER BY c.n), string_agg(format('m.%I', c.name), ', ' ORDER BY c.n),
           string_agg(format('%1$I = m.%1$I', c.name), ', ' ORDER BY c.n) FILTER (WHERE c.name <> id),
           string_agg(format('v.%I', c.name), ', ' ORDER BY c.n) FILTER (WHERE c.name <> id),
           string_agg(format('g.%I', c.name), ', ' ORDER BY c.n) FILTER (WHERE c.name <> id)
    INTO typed, names, new_values, assigned, old_row, new_row
    FROM unnest(columns) WITH ORDINALITY c (name, kind, type, required, source, numeric_source, translated, blank, said, n);
    /* What is refused, each as a condition, a column, a reason and a value. */
    IF lacking IS NOT NULL THEN
        checks := format('WHEN v.%I IS NULL THEN ARRAY[%L, ''missing'', NULL] ', id, lacking);
    END IF;
    IF defaulted THEN
        checks := checks || 'WHEN v.currency <> g.currency THEN'
                            ' ARRAY[''currency'', ''another one so far: say currency'', v.currency] ';
    END IF;
    IF by_vin THEN
        checks := checks || format('WHEN v.%1$I IS NULL AND o.%1$I IS NOT NULL THEN'
                                   ' ARRAY[%1$L, ''that of another vehicle'', g.%1$I] ', id);
    ELSIF has_vin THEN
        checks := checks || format('WHEN o.%1$I IS NOT NULL AND %2$s = ANY (''{available,reserved}''::text[]) THEN'
                                   ' ARRAY[''vin'', ''that of vehicle "'' || tradeup_internal.shown(o.%1$I::text) || ''"'','
                                   ' g.vin] ',
                                   id, CASE WHEN has_status THEN 'g.status' ELSE 'coalesce(v.status, ''available''::text)' END);
    END IF;
    RETURN format($query$
        WITH given AS MATERIALIZED (
            SELECT g.n, %1$s
            FROM unnest($1::tradeup_internal.loading_row[]) WITH ORDINALITY g (line, id, cells, column_name, reason, value, n)
        ), matched AS MATERIALIZED (
            SELECT DISTINCT ON (g.n) g.*, v.%2$I AS found, v.%2$I IS NOT NULL AND ROW(%3$s) IS DISTINCT FROM ROW(%4$s) AS differs,
                   CASE %5$s WHEN false THEN NULL END::text[] AS refused
            FROM given g LEFT JOIN tradeup.%6$I v ON %7$s %8$s
            ORDER BY g.n%9$s
        ), changed AS (
            UPDATE tradeup.%6$I v SET %10$s FROM matched m
            WHERE v.%2$I = m.found AND m.differs AND m.refused IS NULL RETURNING m.n
        ), added AS (
            INSERT INTO tradeup.%6$I (%11$s) SELECT %12$s FROM matched m WHERE m.found IS NULL AND m.refused IS NULL
            ORDER BY m.n RETURNING %2$I AS id
        )
        SELECT (SELECT count(*) FROM added), (SELECT count(DISTINCT c.n) FROM changed c),
               (SELECT count(*) FROM matched m WHERE m.found IS NOT NULL AND NOT m.differs AND m.refused IS NULL),
               (SELECT array_agg(ROW(($1)[m.n].line, ($1)[m.n].id, NULL::text[], m.refused[1],
                                     coalesce(m.refused[2], CASE WHEN m.found IS NULL THEN 'left out by a trigger'
                                                                 ELSE 'left as it is by a policy or a trigger' END),
                                     tradeup_internal.shown(m.refused[3]))::tradeup_internal.loading_row ORDER BY m.n)
                FROM matched m LEFT JOIN added a ON a.id = m.%2$I LEFT JOIN (SELECT DISTINCT c.n FROM changed c) c ON c.n = m.n
                WHERE m.refused IS NOT NULL OR (m.found IS NULL AND a.id IS NULL) OR (m.differs AND c.n IS NULL))$query$,
        typed, id, old_row, new_row, checks, target,
        CASE WHEN by_vin THEN 'v.vin = g.vin' ELSE format('v.%1$I = g.%1$I', id) END,
        CASE WHEN by_vin THEN format('LEFT JOIN tradeup.%1$I o ON o.%2$I = g.%2$I', target, id)
             WHEN has_vin THEN format('LEFT JOIN tradeup.%1$I o ON o.vin = g.vin AND o.%2$I <> g.%2$I'
                                      ' AND o.status = ANY (''{available,reserved}''::text[])', target, id)
             ELSE '' END,
        CASE WHEN by_vin THEN ', v.status = ANY (''{available,reserved}''::text[]) DESC, v.listed_on DESC NULLS LAST, found'
             ELSE '' END,
        assigned, names, new_values);
END
$$;
COMMENT ON FUNCTION tradeup_internal.writing_query(text, jsonb, tradeup_internal.loading_column[]) IS
    'The query that writes the rows of a batch, $1: how many it inserts, updates and finds unchanged, and the rows that it '
    'refuses';
-- Loading tables of texts, as people have them, as vehicles and customers.

CREATE FUNCTION tradeup_internal.require_loadable(target text, columns tradeup_internal.loading_column[])
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    destination CONSTANT regclass := CASE target WHEN 'vehicle' THEN 'tradeup.vehicle'::regclass
                                                 ELSE 'tradeup.customer'::regclass END;
BEGIN
    IF EXISTS (SELECT FROM unnest(columns) c, unnest('{SELECT,INSERT,UPDATE}'::text[]) p (privilege)
               WHERE NOT has_column_privilege(destination, c.name, p.privilege)
                 AND NOT (p.privilege = 'UPDATE' AND c.name = target || '_id'))
    THEN
        RAISE EXCEPTION 'permission denied for table %', target
            USING ERRCODE = 'insufficient_privilege', DETAIL = 'Loading reads, inserts and updates.',
                  HINT = format('GRANT SELECT, INSERT, UPDATE ON %s TO %I; or grant_admin.', destination, current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_loadable(text, tradeup_internal.loading_column[]) IS
    'The error when the caller may not write what is to be loaded; nothing otherwise';

-- One bad row must not take the others: where a batch fails, by a constraint, a policy or a trigger of somebody else, it is
-- halved until the row stands alone. The order of the source is kept, and no parallel worker changes it.
CREATE FUNCTION tradeup_internal.steps_of_load_rows(target text, relation regclass, mapping jsonb)
RETURNS SETOF tradeup.load_result
LANGUAGE plpgsql VOLATILE COST 100000 ROWS 100
SET search_path = pg_catalog, pg_temp SET synchronize_seqscans = off SET max_parallel_workers_per_gather = 0 SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    columns tradeup_internal.loading_column[];
    said text[];
    words jsonb;
    writing text;
    batch tradeup_internal.loading_row[];
    part tradeup_internal.loading_row[];
    refused tradeup_internal.loading_row[];
    starts integer[];
    ends integer[];
    first integer;
    last integer;
    one_inserted bigint;
    one_updated bigint;
    one_unchanged bigint;
    inserted bigint := 0;
    updated bigint := 0;
    unchanged bigint := 0;
    state text;
    message text;
    wrong_column text;
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION 'relation must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) THEN
        RAISE EXCEPTION '% is no table or view', relation USING ERRCODE = 'wrong_object_type';
    END IF;
    PERFORM tradeup_internal.require_mapping(target, mapping);
    words := tradeup_internal.loading_words(mapping);
    columns := tradeup_internal.loading_of(target, relation, mapping);
    IF NOT mapping ? 'currency' AND EXISTS (SELECT FROM unnest(columns) c
                                            WHERE c.name = 'currency'
                                              AND (c.source IS NULL OR EXISTS (SELECT FROM tradeup.program_default)))
    THEN
        mapping := jsonb_set(mapping, '{currency}'::text[], to_jsonb(coalesce(mapping #>> '{defaults,currency}'::text[],
                                                                              tradeup_internal.default_currency())));
    END IF;
    PERFORM tradeup_internal.require_loadable(target, columns);
    EXECUTE tradeup_internal.evidence_query(relation, columns) INTO said;
    columns := ARRAY(SELECT ROW(c.name, c.kind, c.type, c.required, c.source, c.numeric_source, c.translated, c.blank,
                                said[c.n])::tradeup_internal.loading_column
                     FROM unnest(columns) WITH ORDINALITY
                         c (name, kind, type, required, source, numeric_source, translated, blank, said, n) ORDER BY c.n);
    writing := tradeup_internal.writing_query(target, mapping, columns);
    FOR batch IN EXECUTE tradeup_internal.reading_query(target, relation, mapping, columns) USING mapping, words LOOP
        RETURN QUERY SELECT 'refused'::text, 1::bigint, b.line, b.id, b.column_name, b.reason, b.value
                     FROM unnest(batch) b WHERE b.reason IS NOT NULL;
        batch := ARRAY(SELECT b FROM unnest(batch) b WHERE b.reason IS NULL);
        starts := ARRAY[1];
        ends := ARRAY[cardinality(batch)];
        WHILE cardinality(starts) > 0 LOOP
            first := starts[cardinality(starts)];
            last := ends[cardinality(ends)];
            starts := starts[:cardinality(starts) - 1];
            ends := ends[:cardinality(ends) - 1];
            CONTINUE WHEN first > last;
            part := batch[first:last];
            state := NULL;
            BEGIN
                EXECUTE writing INTO one_inserted, one_updated, one_unchanged, refused USING part;
            EXCEPTION WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, wrong_column = COLUMN_NAME;
                /* Bad data, constraints, policies, and what triggers raise are about rows; anything else is about the loading. */
                IF left(state, 2) <> ALL ('{22,23,44,P0}'::text[]) AND state <> '42501' THEN
                    RAISE;
                END IF;
            END;
            IF state IS NULL THEN
                inserted := inserted + one_inserted;
                updated := updated + one_updated;
                unchanged := unchanged + one_unchanged;
                RETURN QUERY SELECT 'refused'::text, 1::bigint, r.line, r.id, r.column_name, r.reason, r.value
                             FROM unnest(refused) r;
            ELSIF first = last THEN
                RETURN QUERY SELECT 'refused'::text, 1::bigint, batch[first].line, batch[first].id, nullif(wrong_column, ''),
                                    tradeup_internal.shown(message), NULL::text;
            ELSE
                starts := starts || ARRAY[(first + last) / 2 + 1, first];
                ends := ends || ARRAY[last, (first + last) / 2];
            END IF;
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT x.outcome, x.rows, NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::text
                 FROM (VALUES (1, 'inserted'::text, inserted), (2, 'updated', updated),
                              (3, 'unchanged', unchanged)) x (n, outcome, rows)
                 ORDER BY x.n;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_load_rows(text, regclass, jsonb) IS 'The steps of load_rows';

CREATE FUNCTION tradeup_internal.load_rows(target text, relation regclass, mapping jsonb)
RETURNS SETOF tradeup.load_result
LANGUAGE c VOLATILE COST 100000 ROWS 100 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.load_rows(text, regclass, jsonb) IS 'What load_vehicles and load_customers do';

CREATE FUNCTION tradeup.load_vehicles(relation regclass, mapping tradeup.any_json DEFAULT '{}')
RETURNS SETOF tradeup.load_result
LANGUAGE sql VOLATILE COST 100000 ROWS 100
BEGIN ATOMIC
    SELECT r.* FROM tradeup_internal.load_rows('vehicle'::text, load_vehicles.relation, load_vehicles.mapping::jsonb) r;
END;
COMMENT ON FUNCTION tradeup.load_vehicles(regclass, tradeup.any_json) IS
    'Loads a table or view of texts as vehicles, as a mapping says: which column is which, defaults, decimal mark, units. Rows '
    'that are refused come back with the reason; then how many were inserted, updated and unchanged';

CREATE FUNCTION tradeup.load_customers(relation regclass, mapping tradeup.any_json DEFAULT '{}')
RETURNS SETOF tradeup.load_result
LANGUAGE sql VOLATILE COST 100000 ROWS 100
BEGIN ATOMIC
    SELECT r.* FROM tradeup_internal.load_rows('customer'::text, load_customers.relation, load_customers.mapping::jsonb) r;
END;
COMMENT ON FUNCTION tradeup.load_customers(regclass, tradeup.any_json) IS
    'Loads a table or view of texts as customers, as a mapping says; rows that are refused come back with the reason';
-- What is kept for analysts: the offers of each day.

CREATE TABLE tradeup_bi.offer_history (
    day date NOT NULL,
    currency varchar(3) NOT NULL,
    program varchar(255) NOT NULL,
    program_version integer NOT NULL,
    dealer varchar(255) NOT NULL,
    term integer NOT NULL,
    tier varchar(255) NOT NULL,
    tier_rank integer NOT NULL,
    offers bigint NOT NULL,
    margin numeric(24,4) NOT NULL,
    CONSTRAINT snapshot_has_each_once PRIMARY KEY (day, program, program_version, dealer, term, tier_rank)
);
COMMENT ON TABLE tradeup_bi.offer_history IS 'The offers of past days, as snapshot_offers counted them';
COMMENT ON COLUMN tradeup_bi.offer_history.day IS 'Day on which they were counted, in UTC';
COMMENT ON COLUMN tradeup_bi.offer_history.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.offer_history.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.offer_history.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.offer_history.dealer IS 'Dealer that had the vehicles, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.offer_history.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.offer_history.tier IS 'Tier of the offers, or "no tier"';
COMMENT ON COLUMN tradeup_bi.offer_history.tier_rank IS 'Rank of the tier; 0: no tier';
COMMENT ON COLUMN tradeup_bi.offer_history.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup_bi.offer_history.margin IS 'Sum of their margins';
-- What the views for analysts are made of.

CREATE FUNCTION tradeup_internal.round_step(span bigint, most integer) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT (s.unit * CASE WHEN s.least <= s.unit THEN 1 WHEN s.least <= 2 * s.unit THEN 2 WHEN s.least <= 5 * s.unit THEN 5
                              ELSE 10 END)::bigint
        FROM (SELECT x.least, power(10::numeric, floor(log(x.least))) AS unit
              FROM (SELECT greatest(ceil(round_step.span::numeric / round_step.most), 1::numeric) AS least) x) s);
COMMENT ON FUNCTION tradeup_internal.round_step(bigint, integer) IS
    'The smallest of 1, 2, 5, 10, 20, ... by which at most so many steps make a span';

-- The vehicles for sale that a program finances, as arrays in the order of their prices: what groups them is a text, and its
-- number the place among those texts.
CREATE FUNCTION tradeup_internal.grouped_stock(currency text, min_year integer, max_kilometers integer, makes text[],
                                                          step bigint DEFAULT NULL, OUT prices bigint[], OUT groups integer[],
                                                          OUT names text[], OUT vehicles bigint[])
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
BEGIN ATOMIC
    WITH for_sale AS MATERIALIZED (
        SELECT v.price_minor, CASE WHEN grouped_stock.step IS NULL THEN coalesce(v.dealer, 'no dealer'::text)
                                   ELSE (v.price_minor / grouped_stock.step * grouped_stock.step)::text END AS name
        FROM tradeup.vehicle v
        WHERE v.status = 'available' AND v.currency = grouped_stock.currency
          AND tradeup_internal.finances(grouped_stock.min_year, grouped_stock.max_kilometers, grouped_stock.makes, v.year,
                                        v.kilometers, v.make)
    ), named AS MATERIALIZED (
        SELECT n.name, n.vehicles, row_number() OVER (ORDER BY n.name COLLATE "C")::integer AS number
        FROM (SELECT f.name, count(*) AS vehicles FROM for_sale f GROUP BY f.name) n
    ), numbered AS (
        SELECT array_agg(f.price_minor ORDER BY f.price_minor, n.number) AS prices,
               array_agg(n.number ORDER BY f.price_minor, n.number) AS groups
        FROM for_sale f, named n WHERE n.name = f.name
    )
    SELECT x.prices, x.groups, y.names, y.vehicles
    FROM numbered x, (SELECT array_agg(n.name ORDER BY n.number) AS names, array_agg(n.vehicles ORDER BY n.number) AS vehicles
                      FROM named n) y;
END;
COMMENT ON FUNCTION tradeup_internal.grouped_stock(text, integer, integer, text[], bigint) IS
    'Available vehicles of a currency that a program finances, grouped by dealer, or by bands of prices of a width in minor '
    'units: their prices, ascending, the number of the group of each, and the groups with how many vehicles they have';
-- Views for analysts and their tools: columns have a type of a size, and no key is null.

CREATE VIEW tradeup_bi.offers_today WITH (security_invoker = true) AS
SELECT tradeup_internal.today() AS day, r.currency::varchar(3) AS currency, o.program::varchar(255) AS program,
       o.version AS program_version, s.names[o.group_number]::varchar(255) AS dealer, o.term,
       coalesce(o.tier, 'no tier')::varchar(255) AS tier, coalesce(o.tier_rank, 0) AS tier_rank, o.offers,
       o.margin::numeric(24,4) AS margin
FROM tradeup_internal.profiles_by_stock(NULL::text, NULL::tradeup.any_json) r,
     LATERAL tradeup_internal.grouped_stock(r.currency, r.min_year, r.max_kilometers, r.makes, NULL::bigint) s,
     LATERAL tradeup_internal.offers_by_group(s.prices, s.groups, r.profiles) o;
COMMENT ON VIEW tradeup_bi.offers_today IS
    'The offers of today, all customers by all available vehicles by all terms, counted by program, dealer, term and tier';
COMMENT ON COLUMN tradeup_bi.offers_today.day IS 'Today, in UTC';
COMMENT ON COLUMN tradeup_bi.offers_today.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.offers_today.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.offers_today.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.offers_today.dealer IS 'Dealer that has the vehicles, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.offers_today.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.offers_today.tier IS 'Tier of the offers, or "no tier"';
COMMENT ON COLUMN tradeup_bi.offers_today.tier_rank IS 'Rank of the tier; 0: no tier';
COMMENT ON COLUMN tradeup_bi.offers_today.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup_bi.offers_today.margin IS 'Sum of their margins';

CREATE VIEW tradeup_bi.price_by_term WITH (security_invoker = true) AS
SELECT o.currency::varchar(3) AS currency, o.program::varchar(255) AS program, o.version AS program_version, o.term,
       (o.lowest / power(10::numeric, o.digits))::numeric(18,4) AS price_from,
       ((o.lowest + o.step) / power(10::numeric, o.digits))::numeric(18,4) AS price_to, o.vehicles,
       sum(o.offers)::bigint AS offers, coalesce(sum(o.offers) FILTER (WHERE o.tier IS NOT NULL), 0)::bigint AS offers_in_tier,
       sum(o.margin)::numeric(24,4) AS margin
FROM (SELECT r.currency, tradeup.currency_digits(r.currency) AS digits, b.step, s.names[x.group_number]::numeric AS lowest,
             s.vehicles[x.group_number] AS vehicles, x.program, x.version, x.term, x.tier, x.offers, x.margin
      FROM tradeup_internal.profiles_by_stock(NULL::text, NULL::tradeup.any_json) r,
           LATERAL (SELECT tradeup_internal.round_step(max(v.price_minor) - min(v.price_minor), 25) AS step
                    FROM tradeup.vehicle v WHERE v.status = 'available' AND v.currency = r.currency) b,
           LATERAL tradeup_internal.grouped_stock(r.currency, r.min_year, r.max_kilometers, r.makes, b.step) s,
           LATERAL tradeup_internal.offers_by_group(s.prices, s.groups, r.profiles) x
      WHERE b.step IS NOT NULL) o
GROUP BY o.currency, o.program, o.version, o.term, o.lowest, o.step, o.digits, o.vehicles;
COMMENT ON VIEW tradeup_bi.price_by_term IS
    'The offers of today by band of prices and term, for a heat map; at most 26 bands in a currency';
COMMENT ON COLUMN tradeup_bi.price_by_term.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.price_by_term.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.price_by_term.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.price_by_term.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.price_by_term.price_from IS 'Lowest price of the band';
COMMENT ON COLUMN tradeup_bi.price_by_term.price_to IS 'First price above it';
COMMENT ON COLUMN tradeup_bi.price_by_term.vehicles IS 'Available vehicles of the band that the program finances';
COMMENT ON COLUMN tradeup_bi.price_by_term.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup_bi.price_by_term.offers_in_tier IS 'Number of those that are in a tier';
COMMENT ON COLUMN tradeup_bi.price_by_term.margin IS 'Sum of the margins of all';

CREATE VIEW tradeup_bi.affordability WITH (security_invoker = true) AS
WITH grid AS MATERIALIZED (
    SELECT x.currency, x.digits, array_agg(p ORDER BY p) AS prices
    FROM (SELECT v.currency, tradeup.currency_digits(v.currency) AS digits, min(v.price_minor) AS lowest,
                 max(v.price_minor) AS highest, tradeup_internal.round_step(max(v.price_minor) - min(v.price_minor), 50) AS step
          FROM tradeup.vehicle v WHERE v.status = 'available' GROUP BY v.currency) x,
         LATERAL generate_series(x.lowest / x.step * x.step,
                                 least((x.highest + x.step - 1) / x.step * x.step, 100000000000000), x.step) p
    GROUP BY x.currency, x.digits
), reached AS (
    SELECT g.currency, c.price_minor, sum(c.customers)::bigint AS customers, sum(c.in_tier)::bigint AS in_tier,
           sum(n.customers)::bigint AS all_customers
    FROM grid g, tradeup_internal.profiles_by_stock(NULL::text, NULL::tradeup.any_json) r,
         LATERAL tradeup_internal.customers_by_price(g.prices, r.profiles) c,
         LATERAL (SELECT sum(cardinality(f.customer_ids)) AS customers FROM unnest(r.profiles) f) n
    WHERE r.currency = g.currency
    GROUP BY g.currency, c.price_minor
), up_to AS MATERIALIZED (
    SELECT v.currency, width_bucket(v.price_minor - 1, g.prices) AS place, count(*) AS vehicles
    FROM tradeup.vehicle v, grid g WHERE v.status = 'available' AND g.currency = v.currency
    GROUP BY v.currency, width_bucket(v.price_minor - 1, g.prices)
)
SELECT c.currency::varchar(3) AS currency, (c.price_minor / power(10::numeric, g.digits))::numeric(18,4) AS price,
       c.customers, c.in_tier AS customers_in_tier, c.all_customers,
       coalesce(c.customers::numeric / nullif(c.all_customers, 0), 0::numeric)::numeric(7,6) AS share,
       (SELECT coalesce(sum(u.vehicles), 0) FROM up_to u
        WHERE u.currency = c.currency AND u.place < array_position(g.prices, c.price_minor))::bigint AS vehicles
FROM reached c, grid g
WHERE g.currency = c.currency;
COMMENT ON VIEW tradeup_bi.affordability IS
    'How many customers can have a vehicle at each price, at any term; at most 52 prices in a currency';
COMMENT ON COLUMN tradeup_bi.affordability.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.affordability.price IS 'A price';
COMMENT ON COLUMN tradeup_bi.affordability.customers IS 'Customers for whom a vehicle at this price makes an offer, at any term';
COMMENT ON COLUMN tradeup_bi.affordability.customers_in_tier IS 'Customers for whom it makes an offer in a tier';
COMMENT ON COLUMN tradeup_bi.affordability.all_customers IS 'All customers whose program is in this currency';
COMMENT ON COLUMN tradeup_bi.affordability.share IS 'Part of all customers, 0 to 1, for whom it makes an offer';
COMMENT ON COLUMN tradeup_bi.affordability.vehicles IS 'Available vehicles up to this price';

CREATE VIEW tradeup_bi.best_offer WITH (security_invoker = true) AS
SELECT o.customer_id::varchar(255) AS customer_id, o.currency::varchar(3) AS currency, o.program::varchar(255) AS program,
       o.version AS program_version, o.profile::varchar(255) AS profile, o.vehicle_id::varchar(255) AS vehicle_id,
       coalesce(o.make, 'unknown')::varchar(255) AS make, coalesce(o.model, 'unknown')::varchar(255) AS model,
       coalesce(o.dealer, 'no dealer')::varchar(255) AS dealer, o.price::numeric(18,4) AS price, o.term,
       o.annual_rate::numeric(20,18) AS annual_rate, coalesce(o.tier, 'no tier')::varchar(255) AS tier,
       coalesce(o.tier_rank, 0) AS tier_rank, o.current_payment::numeric(26,12) AS current_payment,
       o.monthly_payment::numeric(18,4) AS monthly_payment, o.payment_change::numeric(24,6) AS payment_change,
       o.loan_amount::numeric(18,4) AS loan_amount, o.margin::numeric(18,4) AS margin
FROM tradeup.portfolio(1, NULL::text, NULL::tradeup.any_json, 'margin'::text) o;
COMMENT ON VIEW tradeup_bi.best_offer IS
    'The best offer of each customer who has one, by margin';
COMMENT ON COLUMN tradeup_bi.best_offer.customer_id IS 'Identifier of the customer';
COMMENT ON COLUMN tradeup_bi.best_offer.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.best_offer.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.best_offer.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.best_offer.profile IS 'Risk profile of the customer';
COMMENT ON COLUMN tradeup_bi.best_offer.vehicle_id IS 'Identifier of the vehicle';
COMMENT ON COLUMN tradeup_bi.best_offer.make IS 'Make, or "unknown"';
COMMENT ON COLUMN tradeup_bi.best_offer.model IS 'Model, or "unknown"';
COMMENT ON COLUMN tradeup_bi.best_offer.dealer IS 'Dealer that has the vehicle, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.best_offer.price IS 'Price of the vehicle';
COMMENT ON COLUMN tradeup_bi.best_offer.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.best_offer.annual_rate IS 'Annual rate as a fraction';
COMMENT ON COLUMN tradeup_bi.best_offer.tier IS 'Tier of the offer, or "no tier"';
COMMENT ON COLUMN tradeup_bi.best_offer.tier_rank IS 'Rank of the tier; 0: no tier';
COMMENT ON COLUMN tradeup_bi.best_offer.current_payment IS 'Monthly payment now; null: unknown';
COMMENT ON COLUMN tradeup_bi.best_offer.monthly_payment IS 'What the payments of the offer come to in a month';
COMMENT ON COLUMN tradeup_bi.best_offer.payment_change IS 'Payment against the current one, as a fraction; null: unknown';
COMMENT ON COLUMN tradeup_bi.best_offer.loan_amount IS 'Amount financed';
COMMENT ON COLUMN tradeup_bi.best_offer.margin IS 'Margin of the offer';

CREATE VIEW tradeup_bi.inventory_age WITH (security_invoker = true) AS
SELECT x.currency::varchar(3) AS currency, x.dealer::varchar(255) AS dealer, x.make::varchar(255) AS make,
       (ARRAY['0-30', '31-60', '61-90', '91-180', 'over 180', 'unknown'])[x.age_rank]::varchar(8) AS age, x.age_rank,
       count(*) AS vehicles, sum(x.price)::numeric(24,4) AS value, sum(x.days)::bigint AS days,
       avg(x.days)::numeric(12,1) AS mean_days
FROM (SELECT v.currency, coalesce(v.dealer, 'no dealer') AS dealer, coalesce(v.make, 'unknown') AS make, v.price, d.days,
             CASE WHEN d.days <= 30 THEN 1 WHEN d.days <= 60 THEN 2 WHEN d.days <= 90 THEN 3 WHEN d.days <= 180 THEN 4
                  WHEN d.days IS NOT NULL THEN 5 ELSE 6 END AS age_rank
      FROM tradeup.vehicle v,
           LATERAL (SELECT CASE WHEN isfinite(v.listed_on)
                                THEN greatest(tradeup_internal.today() - v.listed_on, 0) END AS days) d
      WHERE v.status IN ('available', 'reserved')) x
GROUP BY x.currency, x.dealer, x.make, x.age_rank;
COMMENT ON VIEW tradeup_bi.inventory_age IS
    'Vehicles that are available or reserved, by dealer, make and how long they have been listed';
COMMENT ON COLUMN tradeup_bi.inventory_age.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.inventory_age.dealer IS 'Dealer that has the vehicles, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.inventory_age.make IS 'Make, or "unknown"';
COMMENT ON COLUMN tradeup_bi.inventory_age.age IS 'Days since they were listed: 0-30, 31-60, 61-90, 91-180, over 180 or unknown';
COMMENT ON COLUMN tradeup_bi.inventory_age.age_rank IS 'Order of these words, from 1';
COMMENT ON COLUMN tradeup_bi.inventory_age.vehicles IS 'Number of vehicles';
COMMENT ON COLUMN tradeup_bi.inventory_age.value IS 'Sum of their prices';
COMMENT ON COLUMN tradeup_bi.inventory_age.days IS 'Sum of their days in stock; null: unknown';
COMMENT ON COLUMN tradeup_bi.inventory_age.mean_days IS 'Mean of their days in stock; null: unknown';

CREATE VIEW tradeup_bi.inventory_turn WITH (security_invoker = true) AS
SELECT y.currency::varchar(3) AS currency, y.dealer::varchar(255) AS dealer, y.in_stock, y.value::numeric(24,4) AS value,
       y.in_stock_a_year_ago, y.sold_30_days, y.sold_90_days, y.sold_365_days,
       y.mean_days_to_sell::numeric(12,1) AS mean_days_to_sell,
       (2 * y.sold_365_days::numeric / nullif(y.in_stock + y.in_stock_a_year_ago, 0))::numeric(14,3) AS turn_rate,
       (90 * y.in_stock::numeric / nullif(y.sold_90_days, 0))::numeric(14,1) AS days_of_supply
FROM (SELECT x.currency, x.dealer, count(*) FILTER (WHERE x.here) AS in_stock,
             coalesce(sum(x.price) FILTER (WHERE x.here), 0) AS value,
             count(*) FILTER (WHERE x.listed_on <= x.today - 365 AND (x.here OR x.sold_on > x.today - 365))
                 AS in_stock_a_year_ago,
             count(*) FILTER (WHERE x.sold_on > x.today - 30) AS sold_30_days,
             count(*) FILTER (WHERE x.sold_on > x.today - 90) AS sold_90_days,
             count(*) FILTER (WHERE x.sold_on > x.today - 365) AS sold_365_days,
             avg(x.sold_on - x.listed_on) FILTER (WHERE x.sold_on > x.today - 365 AND x.sold_on >= x.listed_on)
                 AS mean_days_to_sell
      FROM (SELECT v.currency, coalesce(v.dealer, 'no dealer') AS dealer, v.price, tradeup_internal.today() AS today,
                   v.status IN ('available', 'reserved') AS here,
                   CASE WHEN isfinite(v.listed_on) THEN v.listed_on END AS listed_on,
                   CASE WHEN v.status = 'sold' AND v.sold_on <= tradeup_internal.today() AND isfinite(v.sold_on)
                        THEN v.sold_on END AS sold_on
            FROM tradeup.vehicle v) x
      GROUP BY x.currency, x.dealer) y
WHERE y.in_stock > 0 OR y.sold_365_days > 0;
COMMENT ON VIEW tradeup_bi.inventory_turn IS
    'What each dealer has in stock and sold in a year, and how often the stock turns over';
COMMENT ON COLUMN tradeup_bi.inventory_turn.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.inventory_turn.dealer IS 'Dealer, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.inventory_turn.in_stock IS 'Vehicles that are available or reserved';
COMMENT ON COLUMN tradeup_bi.inventory_turn.value IS 'Sum of their prices';
COMMENT ON COLUMN tradeup_bi.inventory_turn.in_stock_a_year_ago IS 'Vehicles that were listed by then, and sold later or not yet';
COMMENT ON COLUMN tradeup_bi.inventory_turn.sold_30_days IS 'Vehicles sold in the last 30 days';
COMMENT ON COLUMN tradeup_bi.inventory_turn.sold_90_days IS 'Vehicles sold in the last 90 days';
COMMENT ON COLUMN tradeup_bi.inventory_turn.sold_365_days IS 'Vehicles sold in the last 365 days';
COMMENT ON COLUMN tradeup_bi.inventory_turn.mean_days_to_sell IS
    'Mean days from listing to sale of those sold in 365 days; null: none';
COMMENT ON COLUMN tradeup_bi.inventory_turn.turn_rate IS
    'Vehicles sold in 365 days for each that was in stock, by the mean of now and a year ago; null: none';
COMMENT ON COLUMN tradeup_bi.inventory_turn.days_of_supply IS
    'Days for which the stock lasts at the pace of the last 90 days; null: none was sold';

CREATE VIEW tradeup_bi.quote_funnel WITH (security_invoker = true) AS
SELECT x.day, x.currency::varchar(3) AS currency, x.dealer::varchar(255) AS dealer, x.quoted_by::varchar(255) AS user_name,
       x.program::varchar(255) AS program, x.make::varchar(255) AS make, x.model::varchar(255) AS model,
       count(*) AS issued, count(*) FILTER (WHERE x.viewed) AS viewed,
       count(*) FILTER (WHERE x.ended IS NULL AND x.is_valid) AS open, count(*) FILTER (WHERE x.ended = 'accepted') AS accepted,
       count(*) FILTER (WHERE x.ended = 'rejected') AS rejected, count(*) FILTER (WHERE x.ended = 'withdrawn') AS withdrawn,
       count(*) FILTER (WHERE x.ended = 'expired' OR x.ended IS NULL AND NOT x.is_valid) AS expired,
       sum(x.price)::numeric(24,4) AS value,
       coalesce(sum(x.price) FILTER (WHERE x.ended = 'accepted'), 0)::numeric(24,4) AS accepted_value,
       coalesce(sum(x.margin) FILTER (WHERE x.ended = 'accepted'), 0)::numeric(24,4) AS accepted_margin
FROM (SELECT (q.quoted_at AT TIME ZONE 'UTC')::date AS day, coalesce(p.currency, 'XXX') AS currency,
             coalesce(q.dealer, 'no dealer') AS dealer, q.quoted_by, q.program, coalesce(q.make, 'unknown') AS make,
             coalesce(q.model, 'unknown') AS model, q.price, q.margin, q.valid_until >= statement_timestamp() AS is_valid,
             e.viewed, e.ended
      FROM tradeup.quote q
      LEFT JOIN tradeup.program p ON p.name = q.program AND p.version = q.version
      LEFT JOIN (SELECT y.quote_id, bool_or(y.event = 'viewed') AS viewed,
                        max(y.event) FILTER (WHERE y.event IN ('accepted', 'rejected', 'withdrawn', 'expired')) AS ended
                 FROM tradeup.quote_event y GROUP BY y.quote_id) e ON e.quote_id = q.quote_id) x
GROUP BY x.day, x.currency, x.dealer, x.quoted_by, x.program, x.make, x.model;
COMMENT ON VIEW tradeup_bi.quote_funnel IS
    'Quotes by day, dealer, user, program, make and model, and what became of them';
COMMENT ON COLUMN tradeup_bi.quote_funnel.day IS 'Day on which they were saved, in UTC';
COMMENT ON COLUMN tradeup_bi.quote_funnel.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.quote_funnel.dealer IS 'Dealer that had the vehicle, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.quote_funnel.user_name IS 'Role that saved them';
COMMENT ON COLUMN tradeup_bi.quote_funnel.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.quote_funnel.make IS 'Make, or "unknown"';
COMMENT ON COLUMN tradeup_bi.quote_funnel.model IS 'Model, or "unknown"';
COMMENT ON COLUMN tradeup_bi.quote_funnel.issued IS 'Quotes that were saved';
COMMENT ON COLUMN tradeup_bi.quote_funnel.viewed IS 'Quotes that were viewed';
COMMENT ON COLUMN tradeup_bi.quote_funnel.open IS 'Quotes that are still open';
COMMENT ON COLUMN tradeup_bi.quote_funnel.accepted IS 'Quotes that were accepted';
COMMENT ON COLUMN tradeup_bi.quote_funnel.rejected IS 'Quotes that were rejected';
COMMENT ON COLUMN tradeup_bi.quote_funnel.withdrawn IS 'Quotes that were withdrawn';
COMMENT ON COLUMN tradeup_bi.quote_funnel.expired IS 'Quotes that expired';
COMMENT ON COLUMN tradeup_bi.quote_funnel.value IS 'Sum of the prices of all';
COMMENT ON COLUMN tradeup_bi.quote_funnel.accepted_value IS 'Sum of the prices of those accepted';
COMMENT ON COLUMN tradeup_bi.quote_funnel.accepted_margin IS 'Sum of the margins of those accepted';
-- The offers of a day, kept.

CREATE FUNCTION tradeup_internal.steps_of_snapshot_offers()
RETURNS bigint
LANGUAGE plpgsql VOLATILE COST 100000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept bigint;
BEGIN
    /* Two snapshots of one day: the later waits, and replaces the other. */
    LOCK TABLE tradeup_bi.offer_history IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM tradeup_bi.offer_history h WHERE h.day = tradeup_internal.today();
    INSERT INTO tradeup_bi.offer_history (day, currency, program, program_version, dealer, term, tier, tier_rank, offers, margin)
    /* Dealers whose names begin with the same 255 characters are one. */
    SELECT o.day, o.currency, o.program, o.program_version, o.dealer, o.term, o.tier, o.tier_rank, sum(o.offers)::bigint,
           sum(o.margin)::numeric(24,4)
    FROM tradeup_bi.offers_today o
    GROUP BY o.day, o.currency, o.program, o.program_version, o.dealer, o.term, o.tier, o.tier_rank;
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_snapshot_offers() IS 'The steps of snapshot_offers';

CREATE FUNCTION tradeup_bi.snapshot_offers() RETURNS bigint
LANGUAGE c VOLATILE COST 100000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_bi.snapshot_offers() IS
    'Keeps the counts and sums of the offers of today in offer_history, in place of what it has of today, and gives how many '
    'rows they are';
-- Statistics of functions, inventory, customers, offers and quotes.

CREATE VIEW tradeup.function_stats WITH (security_invoker = true) AS
SELECT p.oid::regprocedure AS function, s.calls, s.total_time AS total_ms, s.self_time AS self_ms,
    s.total_time / nullif(s.calls, 0) AS ms_per_call
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('tradeup', 'tradeup_bi', 'tradeup_internal')
JOIN pg_catalog.pg_stat_user_functions s ON s.funcid = p.oid;
COMMENT ON VIEW tradeup.function_stats IS
    'Calls and times of the functions since statistics were reset, by track_functions = all; functions that the planner takes '
    'apart are not among them';
COMMENT ON COLUMN tradeup.function_stats.function IS 'The function, with the types of its arguments';
COMMENT ON COLUMN tradeup.function_stats.calls IS 'How often it was called';
COMMENT ON COLUMN tradeup.function_stats.total_ms IS 'Milliseconds spent in it and in what it called';
COMMENT ON COLUMN tradeup.function_stats.self_ms IS 'Milliseconds spent in itself';
COMMENT ON COLUMN tradeup.function_stats.ms_per_call IS 'Mean milliseconds of a call';

CREATE VIEW tradeup.quote_stats WITH (security_invoker = true) AS
SELECT x.day, x.tier, count(*) AS quotes, count(*) FILTER (WHERE x.status IN ('issued', 'viewed')) AS open,
       count(*) FILTER (WHERE x.status = 'accepted') AS accepted, count(*) FILTER (WHERE x.status = 'rejected') AS rejected,
       count(*) FILTER (WHERE x.status = 'withdrawn') AS withdrawn, count(*) FILTER (WHERE x.status = 'expired') AS expired
FROM (SELECT (s.quoted_at AT TIME ZONE 'UTC')::date AS day, s.tier, s.status
      FROM tradeup.quote_status s WHERE s.quoted_at >= (tradeup_internal.today() - 29)::timestamp AT TIME ZONE 'UTC') x
GROUP BY x.day, x.tier;
COMMENT ON VIEW tradeup.quote_stats IS 'Quotes of the last 30 days by day (in UTC) and tier, and how they stand now';
COMMENT ON COLUMN tradeup.quote_stats.day IS 'Day of the quotes, in UTC';
COMMENT ON COLUMN tradeup.quote_stats.tier IS 'Tier of the offers that were quoted; null: none of the tiers';
COMMENT ON COLUMN tradeup.quote_stats.quotes IS 'Number of quotes';
COMMENT ON COLUMN tradeup.quote_stats.open IS 'Quotes that are issued or viewed, and still valid';
COMMENT ON COLUMN tradeup.quote_stats.accepted IS 'Quotes that were accepted';
COMMENT ON COLUMN tradeup.quote_stats.rejected IS 'Quotes that were rejected';
COMMENT ON COLUMN tradeup.quote_stats.withdrawn IS 'Quotes that were withdrawn';
COMMENT ON COLUMN tradeup.quote_stats.expired IS 'Quotes that ran out, recorded or not';

CREATE VIEW tradeup.offer_stats WITH (security_invoker = true) AS
SELECT tradeup_internal.today() AS day, s.currency, s.tier, s.tier_rank, s.offers, s.customers, s.mean_change, s.margin
FROM tradeup.portfolio_summary(NULL::text, NULL::tradeup.any_json, NULL::tradeup.any_json) s;
COMMENT ON VIEW tradeup.offer_stats IS
    'The offers of today by currency and tier: all customers, available vehicles and terms, counted by portfolio_summary';
COMMENT ON COLUMN tradeup.offer_stats.day IS 'Today, in UTC';
COMMENT ON COLUMN tradeup.offer_stats.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup.offer_stats.tier IS 'Tier of the offers; null: none of the tiers';
COMMENT ON COLUMN tradeup.offer_stats.tier_rank IS 'Rank of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.offer_stats.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup.offer_stats.customers IS 'Number of customers with such an offer';
COMMENT ON COLUMN tradeup.offer_stats.mean_change IS 'Mean payment change of the offers, as a fraction';
COMMENT ON COLUMN tradeup.offer_stats.margin IS 'Sum of the margins of the offers';

CREATE VIEW tradeup.stats WITH (security_invoker = true) AS
WITH customers AS MATERIALIZED (
    SELECT c.program, count(*) AS customers, count(*) FILTER (WHERE c.current_payment IS NULL) AS without_payment
    FROM tradeup.customer c GROUP BY c.program
), inventory AS MATERIALIZED (
    SELECT v.currency, count(*) AS vehicles, count(*) FILTER (WHERE v.status = 'available') AS available,
           count(*) FILTER (WHERE v.status = 'reserved') AS reserved, count(*) FILTER (WHERE v.status = 'sold') AS sold,
           count(*) FILTER (WHERE v.status = 'withdrawn') AS withdrawn,
           min(v.price) FILTER (WHERE v.status = 'available') AS lowest,
           max(v.price) FILTER (WHERE v.status = 'available') AS highest,
           sum(v.price) FILTER (WHERE v.status = 'available') AS worth
    FROM tradeup.vehicle v GROUP BY v.currency
)
SELECT 'inventory' AS topic, x.name, x.value
FROM (SELECT coalesce(sum(i.vehicles), 0) AS vehicles, coalesce(sum(i.available), 0) AS available,
             coalesce(sum(i.reserved), 0) AS reserved, coalesce(sum(i.sold), 0) AS sold,
             coalesce(sum(i.withdrawn), 0) AS withdrawn
      FROM inventory i) i
CROSS JOIN LATERAL (VALUES ('vehicles', i.vehicles), ('available', i.available), ('reserved', i.reserved), ('sold', i.sold),
                           ('withdrawn', i.withdrawn)) x (name, value)
UNION ALL
SELECT 'prices in ' || i.currency, x.name, x.value
FROM inventory i
CROSS JOIN LATERAL (VALUES ('lowest', i.lowest), ('highest', i.highest), ('sum', i.worth)) x (name, value)
WHERE i.lowest IS NOT NULL
UNION ALL
SELECT 'customers', x.name, x.value
FROM (SELECT coalesce(sum(c.customers), 0) AS customers, coalesce(sum(c.without_payment), 0) AS without_payment
      FROM customers c) i
CROSS JOIN LATERAL (VALUES ('customers', i.customers), ('without a current payment', i.without_payment)) x (name, value)
UNION ALL
SELECT 'customers by program', coalesce(c.program, 'default'), c.customers FROM customers c
UNION ALL
SELECT 'programs', x.name, x.value
FROM (SELECT count(*) FILTER (WHERE p.published_at IS NOT NULL) AS published,
      count(*) FILTER (WHERE p.published_at IS NULL) AS drafts
      FROM tradeup.program p) i
CROSS JOIN LATERAL (VALUES ('published versions', i.published::numeric), ('drafts', i.drafts),
                           ('valid today', (SELECT count(*) FROM tradeup.current_program))) x (name, value)
UNION ALL
SELECT 'quotes of 30 days', x.name, x.value
FROM (SELECT sum(q.quotes) AS quotes, sum(q.open) AS open, sum(q.accepted) AS accepted, sum(q.rejected) AS rejected,
             sum(q.withdrawn) AS withdrawn, sum(q.expired) AS expired FROM tradeup.quote_stats q) i
CROSS JOIN LATERAL (VALUES ('quotes', coalesce(i.quotes, 0)), ('open', coalesce(i.open, 0)),
                    ('accepted', coalesce(i.accepted, 0)),
                           ('rejected', coalesce(i.rejected, 0)), ('withdrawn', coalesce(i.withdrawn, 0)),
                               ('expired', coalesce(i.expired, 0))) x (name, value)
UNION ALL
SELECT 'functions', x.name, x.value
FROM (SELECT sum(f.calls) AS calls, sum(f.self_ms) AS ms FROM tradeup.function_stats f) i
CROSS JOIN LATERAL (VALUES ('calls', i.calls), ('milliseconds', round(i.ms::numeric, 3))) x (name, value)
WHERE i.calls IS NOT NULL;
COMMENT ON VIEW tradeup.stats IS
    'Totals of inventory, customers, programs, quotes and calls of functions; one scan of each table';
COMMENT ON COLUMN tradeup.stats.topic IS
    'What is counted: inventory, prices in a currency, customers, programs, quotes or functions';
COMMENT ON COLUMN tradeup.stats.name IS 'Name of the figure';
COMMENT ON COLUMN tradeup.stats.value IS 'The figure';

-- Columns of views that show those of a table mean the same; where several tables have one, the first.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT v.attrelid::regclass AS shown, v.attname AS name, (array_agg(d.description ORDER BY s.place))[1] AS comment
        FROM (VALUES (1, 'tradeup.current_program'::regclass, 'tradeup.program'::regclass),
                     (2, 'tradeup.rate_sheet', 'tradeup.program'), (3, 'tradeup.rate_sheet', 'tradeup.program_profile'),
                     (4, 'tradeup.rate_sheet', 'tradeup.program_term'), (5, 'tradeup.rate_sheet', 'tradeup.program_region'),
                     (6, 'tradeup.quote_status', 'tradeup.quote'), (7, 'tradeup.quote_status', 'tradeup.quote_event'))
                 s (place, shown, source),
             pg_catalog.pg_attribute v, pg_catalog.pg_attribute t, pg_catalog.pg_description d
        WHERE v.attrelid = s.shown AND v.attnum > 0 AND t.attrelid = s.source AND t.attname = v.attname
          AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = t.attrelid AND d.objsubid = t.attnum
        GROUP BY v.attrelid, v.attname
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', c.shown, c.name, c.comment);
    END LOOP;
END
$$;
COMMENT ON COLUMN tradeup.rate_sheet.region IS 'Region of the customers; null: all that the program does not name';
COMMENT ON COLUMN tradeup.rate_sheet.sales_tax_rate IS 'Sales tax in the region, as a fraction';
COMMENT ON COLUMN tradeup.rate_sheet.document_fee IS 'Document fee in the region';
COMMENT ON COLUMN tradeup.quote_status.status IS 'The latest event, or expired when the quote is open and no longer valid';
-- Health, for operators: the table of contents of its checks. A check is a function health_NAME(), in the file health.sql of the
-- room that it looks after. Their work is bounded: look-ups in the catalogue, by key, and samples.

CREATE FUNCTION tradeup_internal.unreadable(table_names text[]) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT string_agg('tradeup.' || t.name, ', ' ORDER BY t.place)
        FROM unnest(table_names) WITH ORDINALITY t (name, place)
        WHERE NOT has_table_privilege('tradeup.' || quote_ident(t.name), 'SELECT'));
COMMENT ON FUNCTION tradeup_internal.unreadable(text[]) IS
    'Those of these tables of the extension that the role may not read; null: it may read all';

-- A check is called only when the role may read all its tables: otherwise its error would take the answers of the others.
CREATE FUNCTION tradeup.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE plpgsql VOLATILE COST 200000 ROWS 27 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    reads text[];
    unreadable text;
    hidden text;
BEGIN
    FOR check_name, reads IN VALUES
        ('version', '{}'::text[]),
        ('price indexes', '{}'),
        ('protection', '{}'),
        ('schema', '{}'),
        ('watched tables', '{}'),
        ('row-level security', '{}'),
        ('children of watched tables', '{}'),
        ('default program', '{program,program_default,program_profile,program_term,program_region,current_program}'),
        ('programs that end', '{program,program_profile,program_term,program_region,current_program}'),
        ('programs of customers',
         '{customer,program,program_profile,program_term,program_default,program_region,current_program}'),
        ('payments of customers', '{customer}'),
        ('trade values of customers',
         '{customer,program,program_default,program_profile,program_term,program_region,current_program}'),
        ('regions of customers',
         '{customer,program,program_region,program_default,program_profile,program_term,current_program}'),
        ('vehicles that programs ask about',
         '{vehicle,customer,program,program_default,program_profile,program_term,program_region,current_program}'),
        ('price index is used', '{}'),
        ('planner statistics', '{}'),
        ('visibility map', '{}'),
        ('inventory', '{vehicle}'),
        ('quotes verify', '{quote,quote_event,program,program_profile,program_term,program_region}'),
        ('open quotes past their time', '{quote,quote_event}'),
        ('parts of programs', '{program,program_profile,program_term,program_tier,program_region}'),
        ('events of quotes', '{quote,quote_event}'),
        ('policies on what follows', '{}'),
        ('foreign tables', '{}'),
        ('repeated vehicles', '{vehicle}'),
        ('registered inventories', '{inventory}'),
        ('distributed tables', '{}')
    LOOP
        unreadable := tradeup_internal.unreadable(reads);
        IF unreadable IS NOT NULL THEN
            status := 'unknown';
            value := NULL;
            advice := format('GRANT SELECT ON %s TO %I;', unreadable, current_user);
        ELSE
            EXECUTE format('SELECT h.status, h.value, h.advice FROM tradeup_internal.health_%s() h',
                           translate(check_name, ' -', '__'))
            INTO STRICT status, value, advice;
            hidden := (SELECT string_agg('tradeup.' || t.name, ', ' ORDER BY t.name)
                       FROM unnest(reads) t (name) WHERE row_security_active('tradeup.' || quote_ident(t.name)));
            IF hidden IS NOT NULL THEN
                status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
                advice := concat_ws(' ', advice, 'Row-level security may hide rows of ' || hidden
                                                 || ': ask as a role that sees all of them.');
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
-- Health of what was installed: versions, indexes, triggers, privileges, policies.

CREATE FUNCTION tradeup_internal.library_version() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.library_version() IS 'The version of the library that this session has loaded';

CREATE FUNCTION tradeup_internal.health_version() RETURNS TABLE (status text, value text, advice text)
LANGUAGE plpgsql STABLE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    installed text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'tradeup');
    library text := tradeup_internal.library_version();
    leads_to text;
BEGIN
    status := 'failed';
    /* The files that are installed tell to which versions this one can be updated. */
    BEGIN
        SELECT max(p.target) FILTER (WHERE p.target = library OR library = installed) INTO leads_to
        FROM pg_extension_update_paths('tradeup') p
        WHERE p.source = installed AND p.path IS NOT NULL AND p.target <> installed;
        value := format('library %s, extension %s', library, coalesce(installed, 'none'));
        IF installed IS NULL THEN
            advice := 'The objects belong to no extension: restore a dump into a new database.';
        ELSIF leads_to = library THEN
            status := 'warning';
            advice := 'ALTER EXTENSION tradeup UPDATE;';
        ELSIF library <> installed THEN
            advice := 'The library of this session is of another version: connect anew; if it stays, install the files again.';
        ELSIF leads_to IS NOT NULL THEN
            status := 'warning';
            advice := format('Files of version %s are there: connect anew, then ALTER EXTENSION tradeup UPDATE;', leads_to);
        ELSE
            status := 'ok';
        END IF;
    EXCEPTION WHEN OTHERS THEN
        value := SQLERRM;
        advice := 'The files of the extension are not to be read: install them again.';
    END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup_internal.health_version() IS
    'Health: library, extension and the files on the server are of one version';

CREATE FUNCTION tradeup_internal.health_price_indexes() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH lacking AS (
        SELECT 1 AS place, x.name,
               x.name || ' is ' || CASE WHEN i.indexrelid IS NULL THEN 'missing' ELSE 'invalid' END AS problem,
               CASE WHEN i.indexrelid IS NULL
                    THEN format('CREATE INDEX %s ON tradeup.vehicle %s WHERE status = ''available'';', x.name, x.columns)
                    ELSE format('REINDEX INDEX tradeup.%s;', x.name) END AS remedy
        FROM (VALUES ('vehicle_available_by_price',
                      '(currency, price_minor, vehicle_id) INCLUDE (make, body, region, dealer, year, kilometers)'),
                     ('vehicle_available_by_year',
                      '(currency, year NULLS FIRST, price_minor, vehicle_id) INCLUDE (make, dealer, kilometers)'),
                     ('vehicle_available_by_kilometers',
                      '(currency, kilometers, price_minor, vehicle_id) INCLUDE (make, dealer, year)'))
                 x (name, columns)
        LEFT JOIN pg_index i ON i.indexrelid = to_regclass('tradeup.' || x.name) AND i.indrelid = 'tradeup.vehicle'::regclass
        WHERE i.indexrelid IS NULL OR NOT i.indisvalid OR NOT i.indisready OR NOT i.indislive
        UNION ALL
        SELECT 2, t.relation || ' ' || l.like_index, format('%s of %s is %s', l.like_index, t.relation, l.state), l.remedy
        FROM tradeup_internal.vehicle_tables() t CROSS JOIN LATERAL tradeup_internal.indexes_lacking(t.relation) l
        WHERE NOT t.is_foreign AND t.relation <> 'tradeup.vehicle'::regclass
    )
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce(string_agg(l.problem, ', ' ORDER BY l.place, l.name COLLATE "C"), 'present and valid'),
           string_agg(l.remedy, ' ' ORDER BY l.place, l.name COLLATE "C")
    FROM lacking l;
END;
COMMENT ON FUNCTION tradeup_internal.health_price_indexes() IS
    'Health: the indexes of available vehicles are there and valid, those of the tables below as well';

CREATE FUNCTION tradeup_internal.health_protection() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce(string_agg(format('%s on %s is %s', x.trigger, x.relation,
                                      CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'disabled' END), ', '
                               ORDER BY x.relation, x.trigger), 'triggers enabled'),
           CASE WHEN count(*) > 0
                THEN 'Published programs, quotes or events can be changed: ALTER TABLE ... ENABLE TRIGGER ...; then look at what '
                     'changed.' END
    FROM (VALUES ('program', 'protect_published_program'), ('program', 'carry_program_parts'), ('program', 'refuse_truncate'),
                 ('program_profile', 'protect_published_parts'), ('program_profile', 'refuse_truncate'),
                 ('program_term', 'protect_published_parts'), ('program_term', 'refuse_truncate'),
                 ('program_tier', 'protect_published_parts'), ('program_tier', 'refuse_truncate'),
                 ('program_region', 'protect_published_parts'), ('program_region', 'refuse_truncate'),
                 ('quote', 'check_quotes'), ('quote', 'refuse_quote_change'), ('quote', 'check_quote_deletion'),
                 ('quote_event', 'stamp_quote_event'), ('quote_event', 'check_quote_events'),
                 ('quote_event', 'refuse_quote_change'), ('quote_event', 'check_quote_deletion'),
                 ('quote_retention', 'delete_purged_quotes'), ('quote_retention', 'refuse_quote_change')) x (relation, trigger)
    LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('tradeup.' || x.relation) AND t.tgname = x.trigger AND NOT t.tgisinternal
    WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A');
END;
COMMENT ON FUNCTION tradeup_internal.health_protection() IS
    'Health: the triggers that guard published programs, quotes and events are there and enabled';

CREATE FUNCTION tradeup_internal.health_schema() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH schemas AS (
        SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n
        WHERE n.nspname IN ('tradeup', 'tradeup_bi', 'tradeup_internal')
    )
    SELECT CASE WHEN x.creators IS NULL AND x.strangers IS NULL THEN 'ok' ELSE 'failed' END,
           coalesce(nullif(concat_ws('; ', 'CREATE for ' || x.creators, 'not of the extension: ' || x.strangers), ''),
                    'objects of the extension alone'),
           nullif(concat_ws(' ',
               'Whoever may create objects there runs code as whoever calls: REVOKE CREATE ON SCHEMA ' || x.open || ' FROM ...;',
               CASE WHEN x.strangers IS NOT NULL
                    THEN 'Look who made the objects that are no part of the extension, and drop or move them.' END), '')
    FROM (SELECT (SELECT string_agg(DISTINCT coalesce(r.rolname::text, 'PUBLIC'), ', ')
                  FROM schemas s CROSS JOIN LATERAL aclexplode(s.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
                  WHERE a.privilege_type = 'CREATE' AND a.grantee <> s.nspowner) AS creators,
                 (SELECT string_agg(DISTINCT s.nspname::text, ', ')
                  FROM schemas s CROSS JOIN LATERAL aclexplode(s.nspacl) a
                  WHERE a.privilege_type = 'CREATE' AND a.grantee <> s.nspowner) AS open,
                 (SELECT string_agg(o.object, ', ' ORDER BY o.object COLLATE "C")
                  FROM (SELECT pg_describe_object(d.classid, d.objid, 0) AS object
                        FROM pg_depend d JOIN schemas s ON d.refobjid = s.oid
                        WHERE d.refclassid = 'pg_namespace'::regclass AND d.deptype = 'n'
                          AND NOT EXISTS (SELECT FROM pg_depend m JOIN pg_extension e ON e.oid = m.refobjid
                                          WHERE e.extname = 'tradeup' AND m.classid = d.classid AND m.objid = d.objid
                                            AND m.deptype = 'e' AND m.refclassid = 'pg_extension'::regclass)
                        ORDER BY 1 LIMIT 10) o) AS strangers) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_schema() IS
    'Health: only their owner may create objects in the schemas of the extension, and there are only those of the extension';

CREATE FUNCTION tradeup_internal.health_row_level_security() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.idle IS NULL THEN 'ok' ELSE 'warning' END, format('%s policies', x.policies),
           'Policies without effect on ' || x.idle || ': ALTER TABLE ... ENABLE ROW LEVEL SECURITY, or drop them.'
    FROM (SELECT count(*) AS policies,
                 string_agg(DISTINCT c.oid::regclass::text, ', ') FILTER (WHERE NOT c.relrowsecurity) AS idle
          FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'tradeup'::regnamespace) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_row_level_security() IS
    'Health: every table that has policies has row-level security';

CREATE FUNCTION tradeup_internal.health_policies_on_what_follows() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE hidden (relation, through) AS (
        SELECT c.oid, c.relname::text FROM pg_class c WHERE c.relnamespace = 'tradeup'::regnamespace AND c.relrowsecurity
    ), below AS (
        SELECT i.inhrelid AS relation, h.through FROM hidden h JOIN pg_inherits i ON i.inhparent = h.relation
        UNION
        SELECT i.inhrelid, b.through FROM below b JOIN pg_inherits i ON i.inhparent = b.relation
    ), follows AS (
        SELECT b.relation FROM below b
        UNION
        SELECT format('tradeup.%I', x.relation)::regclass::oid
        FROM hidden h
        JOIN (VALUES ('customer', 'quote'), ('customer', 'quote_event'), ('vehicle', 'quote'), ('vehicle', 'quote_event'),
                     ('quote', 'quote_event')) x (through, relation) ON x.through = h.through
    )
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce('without: ' || string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text), 'complete'),
           string_agg(format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', c.oid::regclass), ' ' ORDER BY c.oid::regclass::text)
           || ' Then add policies: what policies hide elsewhere is to be read there.'
    FROM follows f JOIN pg_class c ON c.oid = f.relation AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity;
END;
COMMENT ON FUNCTION tradeup_internal.health_policies_on_what_follows() IS
    'Health: where a table hides rows, so do its children and what says the same of them';
-- Health of programs, also of what no constraint holds together, because tables are restored in any order.

CREATE FUNCTION tradeup_internal.health_default_program() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.program IS NULL THEN 'warning' WHEN x.valid THEN 'ok' ELSE 'failed' END, coalesce(x.program, 'none'),
           CASE WHEN x.program IS NULL
                THEN 'Customers without a program of their own have no offers: set_default_program(program).'
                WHEN NOT x.valid
                THEN format('No published version of program "%s" is valid today: publish one, or call set_default_program.',
                            x.program) END
    FROM (SELECT d.program, EXISTS (SELECT FROM tradeup.current_program p WHERE p.name = d.program) AS valid
          FROM (SELECT) one LEFT JOIN tradeup.program_default d ON true) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_default_program() IS
    'Health: a default program is marked, and a published version of it is valid today';

CREATE FUNCTION tradeup_internal.health_programs_that_end() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
           coalesce(string_agg(format('%s on %s', p.name, p.valid_to), ', ' ORDER BY p.valid_to, p.name), 'none within 30 days'),
           CASE WHEN count(*) > 0 THEN 'From that day there are no offers of it: publish a version that follows.' END
    FROM tradeup.current_program p
    WHERE p.valid_to <= tradeup_internal.today() + 30
      AND NOT EXISTS (SELECT FROM tradeup.program n
                      WHERE n.name = p.name AND n.published_at IS NOT NULL
                        AND (n.valid_from IS NULL OR n.valid_from <= p.valid_to)
                        AND (n.valid_to IS NULL OR n.valid_to > p.valid_to));
END;
COMMENT ON FUNCTION tradeup_internal.health_programs_that_end() IS
    'Health: no program ends within 30 days without a version that follows';

CREATE FUNCTION tradeup_internal.parts_of_programs_problems()
RETURNS TABLE (program text, version integer, problem text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    WITH parts AS (
        SELECT 'profiles'::text AS kind, x.program, x.version, count(*) AS parts
            FROM tradeup.program_profile x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'terms'::text, x.program, x.version, count(*) FROM tradeup.program_term x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'tiers'::text, x.program, x.version, count(*) FROM tradeup.program_tier x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'regions'::text, x.program, x.version, count(*) FROM tradeup.program_region x GROUP BY x.program, x.version
    )
    SELECT x.program, x.version, format('%s %s of no program'::text, x.parts, x.kind)
    FROM parts x
    WHERE NOT EXISTS (SELECT FROM tradeup.program p WHERE p.name = x.program AND p.version = x.version)
    UNION ALL
    SELECT p.name, p.version, format('%s of %s %s'::text, coalesce(x.parts, 0::bigint), w.published, w.kind)
    FROM tradeup.program p
    CROSS JOIN LATERAL (VALUES ('profiles'::text, p.profile_count), ('terms'::text, p.term_count), ('tiers'::text, p.tier_count),
                               ('regions'::text, p.region_count))
                       w (kind, published)
    LEFT JOIN parts x ON x.kind = w.kind AND x.program = p.name AND x.version = p.version
    WHERE p.published_at IS NOT NULL AND coalesce(x.parts, 0::bigint) <> w.published;
END;
COMMENT ON FUNCTION tradeup_internal.parts_of_programs_problems() IS
    'Profiles, terms, tiers and regions that belong to no program, and published programs that have not as many as when they '
    'were published';

CREATE FUNCTION tradeup_internal.health_parts_of_programs() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce(string_agg(format('%s %s: %s', x.program, x.version, x.problem), '; '
                               ORDER BY x.program COLLATE "C", x.version, x.problem), 'complete'),
           CASE WHEN count(*) > 0 THEN 'Restore the rows that are missing, or delete those without a program.' END
    FROM (SELECT p.* FROM tradeup_internal.parts_of_programs_problems() p LIMIT 10) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_parts_of_programs() IS
    'Health: profiles, terms, tiers and regions belong to programs, and published programs have all of theirs';
-- Health of customers and of the inventory.

-- Pairs of program and profile are few and come from the index, each by one look into it; customers are counted for those only
-- that are wrong, and no further than 1000 for each.
CREATE FUNCTION tradeup_internal.health_programs_of_customers() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE named AS (
        (SELECT c.program, c.risk_profile FROM tradeup.customer c WHERE c.program IS NOT NULL
         ORDER BY c.program, c.risk_profile LIMIT 1)
        UNION ALL
        SELECT n.program, n.risk_profile
        FROM named p CROSS JOIN LATERAL (
            SELECT c.program, c.risk_profile FROM tradeup.customer c
            WHERE (c.program, c.risk_profile) > (p.program, p.risk_profile) ORDER BY c.program, c.risk_profile LIMIT 1) n
    ), unnamed AS (
        (SELECT c.risk_profile FROM tradeup.customer c WHERE c.program IS NULL ORDER BY c.program, c.risk_profile LIMIT 1)
        UNION ALL
        SELECT n.risk_profile
        FROM unnamed p CROSS JOIN LATERAL (
            SELECT c.risk_profile FROM tradeup.customer c
            WHERE c.program IS NULL AND c.risk_profile > p.risk_profile ORDER BY c.program, c.risk_profile LIMIT 1) n
    ), looked_at AS (
        SELECT x.own_program, x.risk_profile,
               coalesce(x.own_program, (SELECT d.program FROM tradeup.program_default d)) AS program
        FROM (SELECT n.program AS own_program, n.risk_profile FROM named n
              UNION ALL SELECT NULL, u.risk_profile FROM unnamed u) x
        LIMIT 10000
    ), judged AS (
        SELECT x.own_program, x.risk_profile, x.program,
               CASE WHEN p.name IS NULL THEN 'program' WHEN f.profile IS NULL THEN 'profile' ELSE 'term' END AS lacks
        FROM looked_at x
        LEFT JOIN tradeup.current_program p ON p.name = x.program
        LEFT JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = x.risk_profile
        WHERE f.profile IS NULL
           OR NOT EXISTS (SELECT FROM tradeup.program_term t
                          WHERE t.program = p.name AND t.version = p.version
                            AND (p.max_adjusted_rate IS NULL OR f.annual_rate + t.rate_adjustment <= p.max_adjusted_rate))
    ), counted AS (
        SELECT j.lacks, s.customers, s.first,
               format(' (customer "%s", %s, profile "%s")', tradeup_internal.shown(s.first),
                      coalesce('program "' || tradeup_internal.shown(j.program) || '"', 'no program'),
                      tradeup_internal.shown(j.risk_profile)) AS example
        FROM judged j
        CROSS JOIN LATERAL (
            SELECT count(*) AS customers, min(y.customer_id COLLATE "C") AS first
            FROM (SELECT c.customer_id FROM tradeup.customer c
                  WHERE j.own_program IS NULL AND c.program IS NULL AND c.risk_profile = j.risk_profile LIMIT 1000) y
            WHERE j.own_program IS NULL
            UNION ALL
            SELECT count(*), min(y.customer_id COLLATE "C")
            FROM (SELECT c.customer_id FROM tradeup.customer c
                  WHERE c.program = j.own_program AND c.risk_profile = j.risk_profile LIMIT 1000) y
            WHERE j.own_program IS NOT NULL) s
        WHERE s.customers > 0
    ), summed AS (
        SELECT c.lacks, CASE WHEN bool_or(c.customers = 1000) THEN 'at least ' ELSE '' END || sum(c.customers) AS many,
               (array_agg(c.example ORDER BY c.first COLLATE "C"))[1] AS example
        FROM counted c GROUP BY c.lacks
    ), found AS (
        SELECT max(s.many || ' without a valid program' || s.example) FILTER (WHERE s.lacks = 'program') AS program,
               max(s.many || ' whose profile their program has not' || s.example) FILTER (WHERE s.lacks = 'profile') AS profile,
               max(s.many || ' for whose rate their program has no term' || s.example) FILTER (WHERE s.lacks = 'term') AS term
        FROM summed s
    )
    SELECT CASE WHEN f.program IS NOT NULL THEN 'failed' WHEN num_nonnulls(f.profile, f.term) > 0 THEN 'warning' ELSE 'ok' END,
           coalesce(nullif(concat_ws(', ', f.program, f.profile, f.term), ''), 'all valid'),
           CASE WHEN num_nonnulls(f.program, f.profile, f.term) > 0
                THEN 'They get no offers: correct customer.program and customer.risk_profile, or publish what they need.' END
    FROM found f;
END;
COMMENT ON FUNCTION tradeup_internal.health_programs_of_customers() IS
    'Health: every customer has a valid program, with her profile and a term at her rate';

-- The first 10,000 customers of each program that taxes the difference: those of no program of their own belong to the default.
CREATE FUNCTION tradeup_internal.health_trade_values_of_customers()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN f.unknown > 0 THEN 'warning' ELSE 'ok' END,
           CASE WHEN f.programs = 0 THEN 'no program taxes the difference'
                WHEN f.unknown = 0 THEN 'all known'
                ELSE format('%s of %s have none (customer "%s")', f.unknown, f.customers, tradeup_internal.shown(f.example)) END,
           CASE WHEN f.unknown > 0
                THEN 'They get no offers, because sales tax is on the difference to it: set customer.trade_value and payoff, 0 '
                     'for who trades nothing in.' END
    FROM (SELECT count(DISTINCT p.name) AS programs, count(c.customer_id) AS customers,
                 count(c.customer_id) FILTER (WHERE c.trade_value IS NULL) AS unknown,
                 min(c.customer_id COLLATE "C") FILTER (WHERE c.trade_value IS NULL) AS example
          FROM tradeup.current_program p
          LEFT JOIN LATERAL (
              (SELECT x.customer_id, x.trade_value FROM tradeup.customer x WHERE x.program = p.name
               ORDER BY x.program, x.risk_profile LIMIT 10000)
              UNION ALL
              (SELECT x.customer_id, x.trade_value FROM tradeup.customer x
               WHERE x.program IS NULL AND p.name = (SELECT d.program FROM tradeup.program_default d)
               ORDER BY x.program, x.risk_profile LIMIT 10000)) c ON true
          WHERE p.sales_tax_base = 'difference') f;
END;
COMMENT ON FUNCTION tradeup_internal.health_trade_values_of_customers() IS
    'Health: customers of programs that tax the difference have a trade value';

-- Programs with regions only; of the customers of each, the first 10,000, as of the trade values above.
CREATE FUNCTION tradeup_internal.health_regions_of_customers()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN f.unknown > 0 THEN 'warning' ELSE 'ok' END,
           CASE WHEN f.programs = 0 THEN 'no program has regions'
                WHEN f.unknown = 0 THEN 'all known'
                ELSE format('%s of %s are in no region of their program (customer "%s")', f.unknown, f.customers,
                            tradeup_internal.shown(f.example)) END,
           CASE WHEN f.unknown > 0
                THEN 'They have the sales tax and the document fee of the program itself: correct customer.region, or publish a '
                     'version with a row for their region.' END
    FROM (SELECT count(DISTINCT p.name) AS programs, count(c.customer_id) AS customers,
                 count(c.customer_id) FILTER (WHERE r.region IS NULL) AS unknown,
                 min(c.customer_id COLLATE "C") FILTER (WHERE r.region IS NULL) AS example
          FROM tradeup.current_program p
          LEFT JOIN LATERAL (
              (SELECT x.customer_id, x.region FROM tradeup.customer x WHERE x.program = p.name
               ORDER BY x.program, x.risk_profile LIMIT 10000)
              UNION ALL
              (SELECT x.customer_id, x.region FROM tradeup.customer x
               WHERE x.program IS NULL AND p.name = (SELECT d.program FROM tradeup.program_default d)
               ORDER BY x.program, x.risk_profile LIMIT 10000)) c ON true
          LEFT JOIN tradeup.program_region r ON r.program = p.name AND r.version = p.version AND r.region = c.region
          WHERE p.region_count > 0) f;
END;
COMMENT ON FUNCTION tradeup_internal.health_regions_of_customers() IS
    'Health: customers of programs that have regions are in one of them';

CREATE FUNCTION tradeup_internal.health_payments_of_customers() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT x.status,
           format('%s%s without a current payment', CASE WHEN x.share < 1 THEN 'about ' ELSE '' END, round(x.without / x.share))
           || coalesce(' (customer "' || tradeup_internal.shown(x.example) || '")', ''),
           CASE WHEN x.status <> 'ok'
                THEN 'Without it an offer has no tier, and portfolios leave the customer out: fill customer.current_payment.' END
    FROM (SELECT tradeup_internal.share_of_pages('tradeup.customer'::regclass, 300) AS share,
                 count(*) FILTER (WHERE c.current_payment IS NULL) AS without,
                 min(c.customer_id COLLATE "C") FILTER (WHERE c.current_payment IS NULL) AS example,
                 CASE WHEN 2 * count(*) FILTER (WHERE c.current_payment IS NULL) > count(*) THEN 'warning' ELSE 'ok' END AS status
          FROM tradeup.customer c TABLESAMPLE system (100 * tradeup_internal.share_of_pages('tradeup.customer'::regclass,
                                                                                            300))) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_payments_of_customers() IS
    'Health: half of the customers, in a sample, have a current payment, without which offers have no tier';

-- A sample of a table with foreign tables below it would read those from end to end, so the local ones are then sampled each by
-- itself. All have one share, so that figures of the sample are figures of the whole.
CREATE FUNCTION tradeup_internal.share_of_inventory(pages integer) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN (SELECT least(1::double precision,
                     share_of_inventory.pages / greatest(sum(pg_relation_size(t.relation))
                                                         / current_setting('block_size'::text)::double precision,
                                                         1::double precision))
        FROM tradeup_internal.vehicle_tables() t WHERE NOT t.is_foreign);
COMMENT ON FUNCTION tradeup_internal.share_of_inventory(integer) IS
    'The share of the local tables of the inventory that so many of their pages are, 1 when they have no more';

CREATE FUNCTION tradeup_internal.sample_of_inventory(pages integer) RETURNS SETOF tradeup.vehicle
LANGUAGE plpgsql VOLATILE COST 10000 ROWS 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    share CONSTANT double precision := tradeup_internal.share_of_inventory(pages);
    sampled text;
BEGIN
    FOR sampled IN
        SELECT CASE WHEN t.with_foreign THEN 'ONLY ' ELSE '' END || t.relation
        FROM (SELECT x.relation, bool_or(x.is_foreign) OVER () AS with_foreign, x.is_foreign
              FROM tradeup_internal.vehicle_tables() x) t
        WHERE NOT t.is_foreign AND (t.with_foreign OR t.relation = 'tradeup.vehicle'::regclass)
    LOOP
        RETURN QUERY EXECUTE format('SELECT (v::tradeup.vehicle).* FROM %s v TABLESAMPLE system (%s)', sampled, 100 * share);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.sample_of_inventory(integer) IS
    'The vehicles of about so many pages, at random, of the local tables of the inventory';

CREATE FUNCTION tradeup_internal.health_vehicles_that_programs_ask_about()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    /* Whether somebody has a program is one look into the index, where an EXISTS might read all customers. */
    WITH asked AS MATERIALIZED (
        SELECT coalesce(bool_or(num_nonnulls(p.min_year, p.max_age) > 0), false) AS year,
               coalesce(bool_or(p.max_kilometers IS NOT NULL), false) AS kilometers,
               coalesce(bool_or(p.makes IS NOT NULL), false) AS make
        FROM tradeup.current_program p
        WHERE num_nonnulls(p.min_year, p.max_age, p.max_kilometers, p.makes) > 0
          AND (p.name IN (SELECT d.program FROM tradeup.program_default d)
               OR (SELECT c.program FROM tradeup.customer c WHERE c.program = p.name LIMIT 1) IS NOT NULL)
    ), found AS (
        SELECT tradeup_internal.share_of_inventory(300) AS share, count(*) AS without,
               (array_agg(x.vehicle_id ORDER BY x.vehicle_id))[1] AS example,
               (array_agg(x.lacks ORDER BY x.vehicle_id))[1] AS lacks
        FROM (SELECT v.vehicle_id, concat_ws(', ', CASE WHEN a.year AND v.year IS NULL THEN 'year' END,
                                             CASE WHEN a.kilometers AND v.kilometers IS NULL THEN 'kilometers' END,
                                             CASE WHEN a.make AND v.make IS NULL THEN 'make' END) AS lacks
              FROM asked a
              JOIN tradeup_internal.sample_of_inventory(300) v ON v.status = 'available'
              WHERE a.year OR a.kilometers OR a.make) x
        WHERE x.lacks <> ''
    )
    SELECT CASE WHEN f.without = 0 THEN 'ok' ELSE 'warning' END,
           format('%s%s lack what a program asks', CASE WHEN f.share < 1 THEN 'about ' ELSE '' END, round(f.without / f.share))
           || coalesce(' (vehicle "' || tradeup_internal.shown(f.example) || '": ' || f.lacks || ')', ''),
           CASE WHEN f.without > 0 THEN 'Such a program makes no offers of them: fill year, kilometers and make.' END
    FROM found f;
END;
COMMENT ON FUNCTION tradeup_internal.health_vehicles_that_programs_ask_about() IS
    'Health: available vehicles, in a sample, have the year, kilometres and make that a program in use asks for';

CREATE FUNCTION tradeup_internal.health_price_index_is_used() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN NOT x.measured THEN 'unknown' WHEN x.only_table THEN 'warning' ELSE 'ok' END,
           format('%s scans of the index, %s of the table', x.of_index, x.of_table),
           CASE WHEN NOT x.measured THEN 'Nothing is counted: set track_counts = on.'
                WHEN x.only_table
                THEN 'A large table is read from end to end and its index never: look at EXPLAIN of your queries; compare '
                     'price_minor with bounds.' END
    FROM (SELECT s.*, s.vehicles >= 10000 AND s.of_table >= 100 AND s.of_index = 0 AS only_table
          FROM (SELECT current_setting('track_counts')::boolean AS measured, coalesce(sum(c.reltuples), 0) AS vehicles,
                       coalesce(sum(i.scans), 0) AS of_index, coalesce(sum(pg_stat_get_numscans(t.relation)), 0) AS of_table
                FROM tradeup_internal.vehicle_tables() t
                JOIN pg_class c ON c.oid = t.relation
                CROSS JOIN LATERAL (
                    SELECT sum(pg_stat_get_numscans(x.indexrelid)) AS scans FROM pg_index x
                    WHERE x.indrelid = t.relation
                      AND tradeup_internal.index_definition(x.indexrelid::regclass)
                          = tradeup_internal.index_definition(to_regclass('tradeup.vehicle_available_by_price'))) i
                WHERE NOT t.is_foreign) s) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_price_index_is_used() IS
    'Health: a large inventory is not only read from end to end';

CREATE FUNCTION tradeup_internal.health_planner_statistics() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN NOT x.measured THEN 'unknown' WHEN x.stale IS NULL THEN 'ok' ELSE 'warning' END,
           CASE WHEN x.measured THEN coalesce(x.stale, 'fresh') END,
           CASE WHEN x.measured THEN x.advice ELSE 'Nothing is counted: set track_counts = on.' END
    FROM (SELECT current_setting('track_counts')::boolean AS measured,
                 string_agg(y.stale, '; ' ORDER BY y.place, y.name COLLATE "C") AS stale,
                 string_agg(format('ANALYZE %s;', y.name), ' ' ORDER BY y.place, y.name COLLATE "C") AS advice
          FROM (SELECT 1 AS place, s.relid::regclass::text AS name,
                       format('%s: %s of %s rows changed, last analyzed %s', s.relname, s.n_mod_since_analyze,
                              greatest(s.n_live_tup, 0),
                              coalesce(greatest(s.last_analyze, s.last_autoanalyze)::date::text, 'never')) AS stale
                FROM pg_stat_user_tables s
                WHERE (s.schemaname = 'tradeup' AND s.relname IN ('vehicle', 'customer', 'quote', 'quote_event')
                       OR s.relid IN (SELECT t.relation FROM tradeup_internal.vehicle_tables() t))
                  AND s.n_mod_since_analyze
                      > 500 + 0.2 * greatest((SELECT c.reltuples FROM pg_class c WHERE c.oid = s.relid), 0)
                UNION ALL
                SELECT 2, t.relation::text, t.relation || ': a foreign table that was never analyzed'
                FROM tradeup_internal.vehicle_tables() t JOIN pg_class c ON c.oid = t.relation
                WHERE t.is_foreign AND c.reltuples < 0) y) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_planner_statistics() IS
    'Health: no large part of a table changed since it was analyzed, and foreign tables were analyzed';

CREATE FUNCTION tradeup_internal.health_visibility_map() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.worse IS NULL THEN 'ok' ELSE 'warning' END, format('%s of %s pages', x.visible, x.pages),
           'Scans of the price index must look into the table: VACUUM ' || x.worse || ', and let autovacuum run more often.'
    FROM (SELECT sum(c.relallvisible) AS visible, sum(c.relpages) AS pages,
                 string_agg(t.relation::text, ', ' ORDER BY t.relation::text COLLATE "C")
                 FILTER (WHERE c.relpages >= 100 AND c.relallvisible < 0.8 * c.relpages) AS worse
          FROM tradeup_internal.vehicle_tables() t JOIN pg_class c ON c.oid = t.relation WHERE NOT t.is_foreign) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_visibility_map() IS
    'Health: scans of the price index seldom look into the table';

CREATE FUNCTION tradeup_internal.health_inventory() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH stock AS (
        SELECT tradeup_internal.share_of_inventory(300) AS share, count(*) AS available,
               count(*) FILTER (WHERE v.listed_on < tradeup_internal.today() - 180) AS old,
               count(*) FILTER (WHERE v.listed_on IS NULL) AS undated, max(v.listed_on) AS newest,
               (SELECT sum(greatest(c.reltuples, 0)) FROM tradeup_internal.vehicle_tables() t
                JOIN pg_class c ON c.oid = t.relation WHERE t.is_foreign) AS elsewhere
        FROM tradeup_internal.sample_of_inventory(300) v
        WHERE v.status = 'available'
    )
    SELECT coalesce(j.status, 'ok'),
           format('%s%s available, %s%% listed over 180 days ago, newest %s, %s%% without a day',
                  CASE WHEN s.share < 1 THEN 'about ' ELSE '' END, round(s.available / s.share),
                  coalesce(round(100.0 * s.old / nullif(s.available, 0)), 0), coalesce(s.newest::text, 'unknown'),
                  coalesce(round(100.0 * s.undated / nullif(s.available, 0)), 0))
           || coalesce('; about ' || round(s.elsewhere::numeric) || ' on other servers, not looked at', ''),
           j.advice
    FROM stock s
    LEFT JOIN LATERAL (
        SELECT y.status, y.advice
        FROM (VALUES (1, s.available = 0 AND coalesce(s.elsewhere, 0) = 0, 'warning', 'Nobody has offers: load tradeup.vehicle.'),
                     (2, 2 * s.undated > s.available, 'unknown',
                      'Most vehicles have no day of listing: fill vehicle.listed_on.'),
                     (3, s.newest < tradeup_internal.today() - 30, 'warning',
                      'Nothing was listed for 30 days: see whether the loading of vehicles still runs.'),
                     (4, 2 * s.old > s.available, 'warning',
                      'More than half is older than 180 days: see whether sold vehicles are marked.'))
             y (place, holds, status, advice)
        WHERE y.holds ORDER BY y.place LIMIT 1) j ON true;
END;
COMMENT ON FUNCTION tradeup_internal.health_inventory() IS
    'Health: vehicles are available, and new ones are listed';

CREATE FUNCTION tradeup_internal.health_foreign_tables() RETURNS TABLE (status text, value text, advice text)
LANGUAGE plpgsql VOLATILE COST 100000 ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    looked record;
    found record;
    tables bigint := 0;
    problems text[] := '{}';
    remedies text[] := '{}';
BEGIN
    status := 'ok';
    FOR looked IN SELECT t.relation, s.srvname FROM tradeup_internal.vehicle_tables() t
                  JOIN pg_foreign_table f ON f.ftrelid = t.relation JOIN pg_foreign_server s ON s.oid = f.ftserver
                  WHERE t.is_foreign ORDER BY t.relation::text COLLATE "C" LOOP
        tables := tables + 1;
        IF NOT has_table_privilege(looked.relation, 'SELECT') THEN
            status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
            remedies := remedies || format('GRANT SELECT ON %s TO %I;', looked.relation, current_user);
            CONTINUE;
        END IF;
        BEGIN
            SELECT p.* INTO found FROM tradeup_internal.wrong_prices(looked.relation, 1000) p;
            IF found.wrong > 0 THEN
                status := 'failed';
                problems := problems || format('%s: %s of %s prices are wrong (vehicle "%s")', looked.relation, found.wrong,
                                               found.looked_at, tradeup_internal.shown(found.example));
                remedies := remedies || format('Of %s, price and price_minor are read and not computed: let its server compute '
                                               'them, as tradeup.vehicle does.', looked.relation);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            status := 'failed';
            problems := problems || format('%s: %s', looked.relation, tradeup_internal.shown(SQLERRM));
            remedies := remedies || format('All offers fail as long as server %I does not answer: start it, or leave its '
                                           'vehicles out: ALTER TABLE %s NO INHERIT tradeup.vehicle;', looked.srvname,
                                           looked.relation);
        END;
    END LOOP;
    value := coalesce(nullif(array_to_string(problems, '; '), ''), CASE tables WHEN 0 THEN 'none' ELSE tables || ' answer' END);
    advice := nullif(array_to_string(remedies, ' '), '');
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup_internal.health_foreign_tables() IS
    'Health: the servers of foreign tables below the inventory answer, and their prices are right, in a sample';

-- Each table has its own primary key, and none sees the others.
CREATE FUNCTION tradeup_internal.health_repeated_vehicles() RETURNS TABLE (status text, value text, advice text)
LANGUAGE plpgsql VOLATILE COST 100000 ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    looked record;
    part text[];
    ids text[] := '{}';
    repeated bigint;
    example text;
    places text;
BEGIN
    status := 'ok';
    value := 'one table';
    IF NOT EXISTS (SELECT FROM tradeup_internal.children_of('tradeup.vehicle'::regclass)) THEN
        RETURN NEXT;
        RETURN;
    END IF;
    BEGIN
        FOR looked IN SELECT t.relation, t.is_foreign FROM tradeup_internal.vehicle_tables() t LOOP
            EXECUTE format('SELECT array_agg(x.vehicle_id) FROM (%s) x',
                           CASE WHEN looked.is_foreign
                                THEN tradeup_internal.some_of_foreign(looked.relation, 'v.vehicle_id'::text, 1000)
                                ELSE format('SELECT v.vehicle_id FROM ONLY %s v TABLESAMPLE system (%s) LIMIT 1000',
                                            looked.relation,
                                            100 * tradeup_internal.share_of_pages(looked.relation, 30)) END)
            INTO part;
            ids := ids || part;
        END LOOP;
        SELECT count(*), min(x.vehicle_id), min(x.places) INTO repeated, example, places
        FROM (SELECT v.vehicle_id, string_agg(v.tableoid::regclass::text, ', ' ORDER BY v.tableoid::regclass::text COLLATE "C")
                                   AS places
              FROM tradeup.vehicle v WHERE v.vehicle_id = ANY (ids) GROUP BY v.vehicle_id HAVING count(*) > 1
              ORDER BY v.vehicle_id) x;
        value := format('%s of %s', repeated, cardinality(ids));
        IF repeated > 0 THEN
            status := 'failed';
            value := value || format(' (vehicle "%s" in %s)', tradeup_internal.shown(example), places);
            advice := 'Offers show such a vehicle several times: delete it from all tables but one.';
        END IF;
    EXCEPTION WHEN OTHERS THEN
        status := 'unknown';
        value := tradeup_internal.shown(SQLERRM);
        advice := 'Not all tables of the inventory can be read: see the check of foreign tables.';
    END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup_internal.health_repeated_vehicles() IS
    'Health: vehicles, in a sample, stand in one table of the inventory only';
-- Health of watched tables.

CREATE FUNCTION tradeup_internal.health_watched_tables() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.in_part IS NULL THEN 'ok' ELSE 'warning' END, coalesce(x.tables, 'none'),
           'Triggers of ' || x.in_part || ' are disabled or missing: enable them, or call watch_inventory again.'
    FROM (SELECT string_agg(w.relation || CASE WHEN w.whole THEN ' watched' ELSE ' watched in part' END, ', '
                            ORDER BY w.relation::text COLLATE "C") AS tables,
                 string_agg(w.relation::text, ', ' ORDER BY w.relation::text COLLATE "C") FILTER (WHERE NOT w.whole) AS in_part
          FROM (SELECT t.tgrelid::regclass AS relation, count(*) FILTER (WHERE t.tgenabled IN ('O', 'A')) = 4 AS whole
                FROM pg_trigger t WHERE t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure AND NOT t.tgisinternal
                GROUP BY t.tgrelid) w
          /* Children that are watched with their parent are counted by a check of their own. */
          WHERE NOT w.whole
             OR NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_trigger t ON t.tgrelid = i.inhparent
                            WHERE i.inhrelid = w.relation AND NOT t.tgisinternal
                              AND t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure)) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_watched_tables() IS
    'Health: the triggers of watch_inventory are there and enabled';

CREATE FUNCTION tradeup_internal.health_children_of_watched_tables()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE watched AS (
        SELECT DISTINCT t.tgrelid::regclass AS relation
        FROM pg_trigger t WHERE t.tgfoid = 'tradeup_internal.notify_offer_changes()'::regprocedure AND NOT t.tgisinternal
    ), below AS (
        SELECT w.relation AS parent, c.child, c.is_foreign FROM watched w
               CROSS JOIN LATERAL tradeup_internal.children_of(w.relation) c
        UNION
        SELECT b.parent, c.child, c.is_foreign FROM below b CROSS JOIN LATERAL tradeup_internal.children_of(b.child) c
    ), judged AS (
        SELECT b.parent::text AS parent, b.child::text AS child, b.is_foreign, w.relation IS NOT NULL AS watched
        FROM below b LEFT JOIN watched w ON w.relation = b.child
        WHERE b.parent NOT IN (SELECT x.child FROM below x)
    ), named AS (
        SELECT j.child, row_number() OVER (ORDER BY j.child COLLATE "C") AS place
        FROM (SELECT DISTINCT j.child FROM judged j WHERE NOT j.watched) j
    ), found AS (
        SELECT (SELECT count(DISTINCT j.child) FROM judged j WHERE j.watched) AS watched,
               (SELECT string_agg(n.child, ', ' ORDER BY n.place) FILTER (WHERE n.place <= 5)
                       || CASE WHEN max(n.place) > 5 THEN format(' and %s more', max(n.place) - 5) ELSE '' END
                FROM named n) AS unwatched,
               (SELECT string_agg(DISTINCT j.parent, ', ') FROM judged j WHERE NOT j.watched AND NOT j.is_foreign) AS again,
               (SELECT string_agg(DISTINCT j.parent, ', ') FROM judged j WHERE j.is_foreign) AS impossible
    )
    SELECT CASE WHEN f.impossible IS NOT NULL THEN 'failed' WHEN f.again IS NOT NULL THEN 'warning' ELSE 'ok' END,
           CASE WHEN f.watched = 0 AND f.unwatched IS NULL THEN 'none'
                ELSE concat_ws('; ', f.watched || ' watched', 'not watched: ' || f.unwatched) END,
           nullif(concat_ws(' ',
               'Statements on them tell nothing: call watch_inventory again, with the same arguments, for ' || f.again || '.',
               'Statements that change foreign tables through ' || f.impossible || ' fail: call unwatch_inventory for it, and '
               'watch the local tables below it one by one.'), '')
    FROM found f;
END;
COMMENT ON FUNCTION tradeup_internal.health_children_of_watched_tables() IS
    'Health: partitions and children of watched tables are watched themselves';
-- Health of inventories in tables of users' own.

CREATE FUNCTION tradeup_internal.health_registered_inventories() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH problem AS MATERIALIZED (
        SELECT i.name, p.place, format('"%s": %s', tradeup_internal.shown(i.name), p.problem) AS problem, p.remedy
        FROM tradeup.inventory i,
        LATERAL (SELECT tradeup_internal.columns_lacking(i) AS names OFFSET 0) c,
        LATERAL (VALUES (1, NOT EXISTS (SELECT FROM pg_class r WHERE r.oid = i.relation), 'the relation is gone',
                         format('SELECT tradeup.unregister_inventory(%L);', i.name)),
                        (2, c.names IS NOT NULL, i.relation || ' has no column ' || c.names,
                         'Register ' || i.relation || ' again with its columns.'),
                        (3, NOT tradeup_internal.has_price_index(i.relation, i.price_column, i.status_column IS NOT NULL),
                         i.relation || ' has no index that begins with the price',
                         format('CREATE INDEX ON %s (%I, %I);', i.relation, i.price_column, i.id_column)))
            p (place, holds, problem, remedy)
        WHERE p.holds
    ), first AS (
        SELECT DISTINCT ON (p.name) p.* FROM problem p ORDER BY p.name, p.place
    )
    SELECT CASE WHEN min(f.place) < 3 THEN 'failed' WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
           coalesce(string_agg(f.problem, '; ' ORDER BY f.name COLLATE "C"), 'as registered'),
           string_agg(f.remedy, ' ' ORDER BY f.name COLLATE "C")
    FROM first f;
END;
COMMENT ON FUNCTION tradeup_internal.health_registered_inventories() IS
    'Health: the tables and columns of registered inventories are there, and an index that begins with the price';

CREATE FUNCTION tradeup_internal.health_distributed_tables() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN d.d IS NULL THEN 'ok' ELSE 'failed' END, coalesce(d.d || ' is distributed', 'none'),
           'Nobody has offers: SELECT undistribute_table(' || quote_literal(d.d) || '); and let a distributed table of your own '
           'be an inventory, by register_inventory.'
    FROM (SELECT tradeup_internal.distributed_table() AS d OFFSET 0) d;
END;
COMMENT ON FUNCTION tradeup_internal.health_distributed_tables() IS
    'Health: no table of the extension is distributed by Citus';
-- Health of quotes, in samples.

-- As many pages as quotes, so that neighbours do not make up the sample.
CREATE FUNCTION tradeup_internal.some_quotes(most integer) RETURNS SETOF bigint
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED COST 1000 ROWS 100
BEGIN ATOMIC
    SELECT q.quote_id
    FROM tradeup.quote q
        TABLESAMPLE system (100 * tradeup_internal.share_of_pages('tradeup.quote'::regclass, some_quotes.most))
    ORDER BY random() LIMIT some_quotes.most;
END;
COMMENT ON FUNCTION tradeup_internal.some_quotes(integer) IS
    'Numbers of quotes picked at random, at most so many; all of them when there are no more';

CREATE FUNCTION tradeup_internal.health_quotes_verify() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.wrong = 0 THEN 'ok' ELSE 'failed' END, format('%s of %s in a sample fail', x.wrong, x.sampled),
           'Somebody changed figures of quote ' || left(x.examples, 100)
           || ': SELECT * FROM verify_quote(...) WHERE NOT equal.'
    FROM (SELECT count(*) AS sampled, count(*) FILTER (WHERE NOT v.verifies) AS wrong,
                 string_agg(v.quote_id::text, ', ' ORDER BY v.quote_id) FILTER (WHERE NOT v.verifies) AS examples
          FROM (SELECT q.quote_id, tradeup.quote_verifies(q) AS verifies
                FROM tradeup_internal.some_quotes(100) s (quote_id) JOIN tradeup.quote q ON q.quote_id = s.quote_id) v) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_quotes_verify() IS
    'Health: quotes are what their inputs give';

CREATE FUNCTION tradeup_internal.health_open_quotes_past_their_time()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.late = 0 THEN 'ok' ELSE 'warning' END,
           format('%s of %s in a sample, by more than a day', x.late, x.sampled),
           CASE WHEN x.late > 0 THEN 'SELECT tradeup.expire_quotes(); run it every day.' END
    FROM (SELECT count(*) AS sampled,
                 count(*) FILTER (WHERE q.valid_until < statement_timestamp() - interval '1 day'
                                    AND NOT EXISTS (SELECT FROM tradeup.quote_event e
                                                    WHERE e.quote_id = q.quote_id
                                                      AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired'))) AS late
          FROM tradeup_internal.some_quotes(1000) s (quote_id) JOIN tradeup.quote q ON q.quote_id = s.quote_id) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_open_quotes_past_their_time() IS
    'Health: quotes that are no longer valid are not open';

-- Two samples: of events, to find those without a quote; of quotes, to find those whose events cannot follow one another.
CREATE FUNCTION tradeup_internal.events_of_quotes_problems(most integer) RETURNS TABLE (quote_id bigint, problem text)
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT e.quote_id, 'events of no quote'::text
    FROM (SELECT DISTINCT x.quote_id
          FROM tradeup.quote_event x TABLESAMPLE system (
              100 * tradeup_internal.share_of_pages('tradeup.quote_event'::regclass, events_of_quotes_problems.most))
          LIMIT 50 * events_of_quotes_problems.most) e
    WHERE NOT EXISTS (SELECT FROM tradeup.quote q WHERE q.quote_id = e.quote_id)
    UNION ALL
    SELECT s.quote_id, 'no first event'::text
    FROM tradeup_internal.some_quotes(events_of_quotes_problems.most) s (quote_id)
    WHERE NOT EXISTS (SELECT FROM tradeup.quote_event e WHERE e.quote_id = s.quote_id AND e.seq = 1)
    UNION ALL
    SELECT e.quote_id, format('event %s cannot follow'::text, e.seq)
    FROM tradeup_internal.some_quotes(events_of_quotes_problems.most) s (quote_id)
    JOIN tradeup.quote_event e ON e.quote_id = s.quote_id AND e.seq > 1
    LEFT JOIN tradeup.quote_event b ON b.quote_id = e.quote_id AND b.seq = e.seq - 1
    WHERE NOT EXISTS (SELECT FROM tradeup_internal.quote_transitions() t WHERE t.standing = b.event AND t.event = e.event);
END;
COMMENT ON FUNCTION tradeup_internal.events_of_quotes_problems(integer) IS
    'Events without a quote, quotes without a first event, and events that cannot follow the one before, in samples of at most '
    'so many pages or quotes';

-- Where policies hide some quotes, their events would seem to have none.
CREATE FUNCTION tradeup_internal.health_events_of_quotes() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.hidden THEN 'unknown' WHEN x.problems IS NULL THEN 'ok' ELSE 'failed' END,
           CASE WHEN NOT x.hidden THEN coalesce(x.problems, 'complete in a sample') END,
           CASE WHEN x.problems IS NOT NULL THEN 'Quotes or events were lost, for instance in a restore: restore them again.' END
    FROM (SELECT h.hidden,
                 CASE WHEN NOT h.hidden
                      THEN (SELECT string_agg(format('quote %s: %s', p.quote_id, p.problem), '; ' ORDER BY p.quote_id, p.problem)
                            FROM (SELECT y.* FROM tradeup_internal.events_of_quotes_problems(100) y LIMIT 10) p) END AS problems
          FROM (SELECT row_security_active('tradeup.quote') OR row_security_active('tradeup.quote_event') AS hidden) h) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_events_of_quotes() IS
    'Health: quotes have their events, in an order in which they can follow, and no event is without a quote';
-- The grants of readers, desks and administrators. A desk chooses neither the number nor the role nor the time of a quote.

CREATE FUNCTION tradeup_internal.grants_of(level text) RETURNS TABLE (kind text, object text, privileges text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 30
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT array_position('{reader,desk,admin}', grants_of.level) AS rank
        WHERE tradeup_internal.require_one_of('level'::text, grants_of.level, '{reader,desk,admin}'::text[])
    )
    SELECT 'SCHEMA', s.name, 'USAGE' FROM wanted, unnest('{tradeup,tradeup_bi}'::text[]) s (name)
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           concat_ws(', ', 'SELECT', CASE WHEN w.rank >= 2 AND c.relname = 'quote'
                                          THEN (SELECT format('INSERT (%s)',
                                                               string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum))
                                                FROM pg_catalog.pg_attribute a
                                                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                                    AND a.attgenerated = ''
                                                  AND a.attname NOT IN ('quote_id', 'quoted_by', 'quoted_at'))
                                          WHEN w.rank >= 2 AND c.relname = 'quote_event' THEN 'INSERT' END,
                     CASE WHEN w.rank >= 3 AND c.relname IN ('vehicle', 'customer', 'program', 'program_profile', 'program_term',
                                                             'program_tier', 'program_region', 'program_default',
                                                             'inventory', 'offer_history')
                          THEN 'INSERT, UPDATE, DELETE' END)
    FROM wanted w
    JOIN pg_catalog.pg_extension e ON e.extname = 'tradeup'
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
                               AND d.classid = 'pg_catalog.pg_class'::regclass
    JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'v', 'm')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    /* What tradeup.vehicle shows of them needs no grant; health, and writing to one by its name, do. */
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           CASE WHEN w.rank >= 3 THEN 'SELECT, INSERT, UPDATE, DELETE' ELSE 'SELECT' END
    FROM wanted w
    CROSS JOIN tradeup_internal.vehicle_tables() t
    JOIN pg_catalog.pg_class c ON c.oid = t.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE t.relation <> 'tradeup.vehicle'::pg_catalog.regclass;
END;
COMMENT ON FUNCTION tradeup_internal.grants_of(text) IS 'The privileges that a reader, a desk or an admin has, object by object';

CREATE FUNCTION tradeup_internal.require_grantable(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'role must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Create it first: CREATE ROLE. Upper and lower case differ here.';
    ELSIF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'tradeup.quote'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the tables can grant rights on them'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_grantable(name) IS
    'The error when a role does not exist, or the caller does not own the tables; nothing otherwise';

-- GRANT takes no parameters, hence statements from strings; grants_of quotes its objects.
CREATE FUNCTION tradeup_internal.steps_of_grant_level(role name, level text)
RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object, g.privileges FROM tradeup_internal.grants_of(level) g LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', given.privileges, given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_grant_level(name, text) IS 'The steps of grant_level';

CREATE FUNCTION tradeup_internal.grant_level(role name, level text) RETURNS void
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.grant_level(name, text) IS 'Grants a role the privileges of a level: reader, desk or admin';

CREATE FUNCTION tradeup.grant_reader(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_internal.grant_level(role, 'reader');
COMMENT ON FUNCTION tradeup.grant_reader(name) IS 'Grants a role to read all: offers, searches, quotes, statistics, health';

CREATE FUNCTION tradeup.grant_desk(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_internal.grant_level(role, 'desk');
COMMENT ON FUNCTION tradeup.grant_desk(name) IS 'Grants a role to read all, to save quotes and to record their events';

CREATE FUNCTION tradeup.grant_admin(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_internal.grant_level(role, 'admin');
COMMENT ON FUNCTION tradeup.grant_admin(name) IS
    'Grants a role what a desk has, and to write customers, vehicles and programs; quotes stay as they are';

CREATE FUNCTION tradeup_internal.steps_of_revoke_grants(role name)
RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object FROM tradeup_internal.grants_of('admin') g LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_revoke_grants(name) IS 'The steps of revoke_grants';

CREATE FUNCTION tradeup.revoke_grants(role name) RETURNS void
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.revoke_grants(name) IS
    'Takes from a role whatever the owner granted on schema, tables, views and the sequence of quotes';
-- Owners of finance programs. Whoever creates the extension, superuser or not, owns its rows: she loads them, grants them and
-- puts policies on them. No script changes a row of these tables from here on: her triggers would run as a superuser.

ALTER TABLE tradeup.program OWNER TO @extowner@;
ALTER TABLE tradeup.program_profile OWNER TO @extowner@;
ALTER TABLE tradeup.program_term OWNER TO @extowner@;
ALTER TABLE tradeup.program_tier OWNER TO @extowner@;
ALTER TABLE tradeup.program_region OWNER TO @extowner@;
ALTER TABLE tradeup.program_default OWNER TO @extowner@;
-- Views stay with whoever runs this script, see ops/owners.
GRANT SELECT ON tradeup.current_program TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.rate_sheet TO @extowner@ WITH GRANT OPTION;

-- Users' rows belong in a dump; what the extension ships comes back with it.
SELECT pg_extension_config_dump('tradeup.program', 'WHERE NOT built_in');
SELECT pg_extension_config_dump('tradeup.program_profile',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_term',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_tier',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_region',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_default', '');
-- Owners of customers and vehicles, whose rows belong in a dump.

ALTER TABLE tradeup.customer OWNER TO @extowner@;
ALTER TABLE tradeup.vehicle OWNER TO @extowner@;
SELECT pg_extension_config_dump('tradeup.customer', '');
SELECT pg_extension_config_dump('tradeup.vehicle', '');
-- The owner of inventories, whose rows belong in a dump. One whose table is gone would be dumped as a number.

ALTER TABLE tradeup.inventory OWNER TO @extowner@;
SELECT pg_extension_config_dump('tradeup.inventory', 'WHERE relation IN (SELECT c.oid FROM pg_catalog.pg_class c)');
-- Owners of quotes, whose rows belong in a dump.

ALTER TABLE tradeup.quote OWNER TO @extowner@;
ALTER TABLE tradeup.quote_event OWNER TO @extowner@;
ALTER TABLE tradeup.quote_retention OWNER TO @extowner@;
-- Views stay with whoever runs this script, see ops/owners.
GRANT SELECT ON tradeup.quote_status TO @extowner@ WITH GRANT OPTION;

-- The first event of a quote is not dumped: it says what the quote says, and restoring the quote records it anew.
SELECT pg_extension_config_dump('tradeup.quote', '');
SELECT pg_extension_config_dump('tradeup.quote_event', 'WHERE seq > 1');
SELECT pg_extension_config_dump('tradeup.quote_retention', '');
SELECT pg_extension_config_dump('tradeup.quote_quote_id_seq', '');
SELECT pg_extension_config_dump('tradeup.quote_retention_purge_id_seq', '');
-- The owner of what is kept, whose rows belong in a dump; views stay with whoever runs this script, see ops/owners.

ALTER TABLE tradeup_bi.offer_history OWNER TO @extowner@;
SELECT pg_extension_config_dump('tradeup_bi.offer_history', '');
GRANT SELECT ON tradeup_bi.offers_today TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.price_by_term TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.affordability TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.best_offer TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.inventory_age TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.inventory_turn TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.quote_funnel TO @extowner@ WITH GRANT OPTION;
-- Privileges on the statistics. Views stay with whoever runs this script: their owner could replace what they select
-- (CREATE RULE), and a superuser who calls health() would run it.

GRANT SELECT ON tradeup.function_stats TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.offer_stats TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.quote_stats TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.stats TO @extowner@ WITH GRANT OPTION;
