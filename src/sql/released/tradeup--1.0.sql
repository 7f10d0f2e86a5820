\echo Use "CREATE EXTENSION tradeup" to load this file. \quit

-- Every name below is written with its schema, and nothing else is looked up anywhere but in pg_catalog: the schema may
-- have been there before, and an operator or function that somebody left in it must not be run by whoever installs this.
SET LOCAL search_path = pg_catalog, pg_temp;

-- What the COST of a C function says, in units of one comparison of two integers, measured on one core:
--    2  an amount at a price: a multiply-add, a rounding, a numeric (35 to 70 ns)
--    5  a schedule row, a rule, a look into overrides (about 100 ns)
--  100  compiling a deal (about 2.5 us)
-- Finance programs: rates, fees, taxes, down payments and tiers, as data.

CREATE TABLE tradeup.program (
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    title text,
    currency text,
    built_in boolean NOT NULL DEFAULT false,
    published_at timestamptz,
    profile_count integer,
    term_count integer,
    tier_count integer,
    tiers text,
    minor_digits integer NOT NULL DEFAULT 2,
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
    max_component numeric DEFAULT 10000000,
    max_financed numeric DEFAULT 15000000,
    max_annual_rate numeric NOT NULL DEFAULT 1,
    max_adjusted_rate numeric,
    max_service_fee_rate numeric NOT NULL DEFAULT 0.05,
    max_opening_fee_rate numeric NOT NULL DEFAULT 0.04,
    max_bonus numeric NOT NULL DEFAULT 5000,
    max_what_if_bonus numeric NOT NULL DEFAULT 10000,
    max_insurance numeric NOT NULL DEFAULT 100000,
    max_term integer NOT NULL DEFAULT 120,
    CONSTRAINT program_is_identified_by_name_and_version PRIMARY KEY (name, version),
    CONSTRAINT name_is_not_empty CHECK (name <> ''),
    CONSTRAINT version_is_positive CHECK (version > 0),
    CONSTRAINT published_program_knows_its_size CHECK (
        published_at IS NULL OR coalesce(profile_count > 0 AND term_count > 0 AND tier_count >= 0, false)),
    CONSTRAINT minor_digits_are_0_to_4 CHECK (minor_digits BETWEEN 0 AND 4),
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
    CONSTRAINT bonus_is_within_its_limit CHECK (bonus BETWEEN 0 AND max_bonus AND max_bonus <= 1000000000000),
    CONSTRAINT what_if_bonus_is_at_least_the_bonus CHECK (max_what_if_bonus BETWEEN max_bonus AND 1000000000000),
    CONSTRAINT fees_are_amounts CHECK (
        document_fee BETWEEN 0 AND 1000000000000 AND protection BETWEEN 0 AND 1000000000000
        AND gps_installation BETWEEN 0 AND 1000000000000 AND gps_monthly BETWEEN 0 AND 1000000000000
        AND margin_cost BETWEEN 0 AND 1000000000000 AND max_insurance BETWEEN 0 AND 1000000000000),
    CONSTRAINT limits_are_amounts CHECK (
        max_component BETWEEN 0 AND 1000000000000 AND max_financed BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_change_is_at_least_minus_1 CHECK (max_change BETWEEN -1 AND 1000000),
    CONSTRAINT max_annual_rate_is_at_most_9 CHECK (max_annual_rate BETWEEN 0 AND 9),
    CONSTRAINT max_adjusted_rate_is_at_most_10 CHECK (max_adjusted_rate BETWEEN 0 AND 10),
    CONSTRAINT terms_are_1_to_480_months CHECK (max_term BETWEEN 1 AND 480 AND insurance_months BETWEEN 1 AND 480)
);

COMMENT ON TABLE tradeup.program IS
    'Finance programs: one row for each version, with its fees, taxes, limits and rules. A published version never changes.';
COMMENT ON COLUMN tradeup.program.name IS 'Name by which customers, offers and quotes refer to the program';
COMMENT ON COLUMN tradeup.program.version IS 'Version; offers use the highest published one';
COMMENT ON COLUMN tradeup.program.title IS 'What people call the program';
COMMENT ON COLUMN tradeup.program.currency IS 'ISO 4217 code of the currency of all amounts';
COMMENT ON COLUMN tradeup.program.built_in IS 'Shipped with the extension, therefore not part of a dump';
COMMENT ON COLUMN tradeup.program.published_at IS 'When the version was published; null while it is a draft that may be changed';
COMMENT ON COLUMN tradeup.program.profile_count IS 'Number of risk profiles, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.term_count IS 'Number of terms, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.tier_count IS 'Number of tiers, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.tiers IS 'The tiers as deal(tiers => ...) reads them, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.minor_digits IS 'Decimals of the currency, 0 to 4';
COMMENT ON COLUMN tradeup.program.rounding IS 'How amounts are rounded: half_up, half_even, up (away from zero) or down';
COMMENT ON COLUMN tradeup.program.change_digits IS 'Decimals to which the payment change is rounded before it decides a tier; null: not rounded';
COMMENT ON COLUMN tradeup.program.interest_tax_rate IS 'Tax on interest, as a fraction';
COMMENT ON COLUMN tradeup.program.service_fee_rate IS 'Service fee as a fraction of the price, financed';
COMMENT ON COLUMN tradeup.program.sales_tax_rate IS 'Sales tax as a fraction of the price, financed';
COMMENT ON COLUMN tradeup.program.document_fee IS 'Document fee, an amount, financed';
COMMENT ON COLUMN tradeup.program.opening_fee_rate IS 'Opening fee as a fraction, taken from the customer''s equity';
COMMENT ON COLUMN tradeup.program.opening_fee_tax_rate IS 'Tax on the opening fee, as a fraction';
COMMENT ON COLUMN tradeup.program.opening_fee_less_equity IS 'Whether the opening fee is on the price less the equity rather than on the price';
COMMENT ON COLUMN tradeup.program.bonus IS 'Bonus added to the customer''s equity';
COMMENT ON COLUMN tradeup.program.protection IS 'Protection plan, an amount, financed over the term';
COMMENT ON COLUMN tradeup.program.insurance_months IS 'Months over which an insurance policy is financed';
COMMENT ON COLUMN tradeup.program.insurance_renewed IS 'Whether schedules renew the insurance while the term runs';
COMMENT ON COLUMN tradeup.program.gps_installation IS 'GPS installation before tax';
COMMENT ON COLUMN tradeup.program.gps_monthly IS 'GPS fee of each month before tax';
COMMENT ON COLUMN tradeup.program.gps_tax_rate IS 'Tax on GPS fees, as a fraction';
COMMENT ON COLUMN tradeup.program.installation_from_equity IS 'Whether the GPS installation is taken from the equity';
COMMENT ON COLUMN tradeup.program.installation_financed IS 'Whether the GPS installation is added to the amount financed';
COMMENT ON COLUMN tradeup.program.installation_in_first_payment IS 'Whether the GPS installation is part of the first, quoted, payment';
COMMENT ON COLUMN tradeup.program.margin_cost IS 'Cost that is taken from the fees to give the margin';
COMMENT ON COLUMN tradeup.program.margin_service_fee IS 'Whether the service fee is part of the margin';
COMMENT ON COLUMN tradeup.program.margin_opening_fee IS 'Whether the opening fee is part of the margin';
COMMENT ON COLUMN tradeup.program.margin_protection IS 'Whether the protection plan is part of the margin';
COMMENT ON COLUMN tradeup.program.requires_dearer IS 'Whether an offer must be dearer than the customer''s current vehicle';
COMMENT ON COLUMN tradeup.program.max_change IS 'Largest payment change of an offer, as a fraction; null: no limit';
COMMENT ON COLUMN tradeup.program.max_component IS 'Largest of each of loan, service fee, protection and insurance; null: no limit';
COMMENT ON COLUMN tradeup.program.max_financed IS 'Largest amount financed; null: no limit';
COMMENT ON COLUMN tradeup.program.max_annual_rate IS 'Largest annual rate that a profile or a what-if may have, before the adjustment of the term';
COMMENT ON COLUMN tradeup.program.max_adjusted_rate IS 'Largest annual rate with the adjustment of the term; a term beyond it makes no offer; null: no limit';
COMMENT ON COLUMN tradeup.program.max_service_fee_rate IS 'Largest service fee of a what-if, as a fraction';
COMMENT ON COLUMN tradeup.program.max_opening_fee_rate IS 'Largest opening fee of a what-if, as a fraction';
COMMENT ON COLUMN tradeup.program.max_bonus IS 'Largest bonus that the program itself may give';
COMMENT ON COLUMN tradeup.program.max_what_if_bonus IS 'Largest bonus of a what-if';
COMMENT ON COLUMN tradeup.program.max_insurance IS 'Largest insurance premium';
COMMENT ON COLUMN tradeup.program.max_term IS 'Longest term in months';

CREATE TABLE tradeup.program_profile (
    program text NOT NULL,
    version integer NOT NULL,
    profile text NOT NULL,
    annual_rate numeric NOT NULL,
    down_payment_rate numeric NOT NULL,
    insurance numeric NOT NULL DEFAULT 0,
    CONSTRAINT profile_is_once_in_its_program PRIMARY KEY (program, version, profile),
    CONSTRAINT profile_belongs_to_a_program FOREIGN KEY (program, version) REFERENCES tradeup.program ON DELETE CASCADE,
    CONSTRAINT annual_rate_is_0_to_9 CHECK (annual_rate BETWEEN 0 AND 9),
    CONSTRAINT down_payment_rate_is_a_fraction CHECK (down_payment_rate BETWEEN 0 AND 1),
    CONSTRAINT insurance_is_an_amount CHECK (insurance BETWEEN 0 AND 1000000000000)
);

COMMENT ON TABLE tradeup.program_profile IS 'What a program asks of each risk profile';
COMMENT ON COLUMN tradeup.program_profile.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_profile.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_profile.profile IS 'Risk profile, as customers have it';
COMMENT ON COLUMN tradeup.program_profile.annual_rate IS 'Annual rate as a fraction, before the adjustment of the term';
COMMENT ON COLUMN tradeup.program_profile.down_payment_rate IS 'Least down payment as a fraction of the price';
COMMENT ON COLUMN tradeup.program_profile.insurance IS 'Insurance premium, an amount, financed over the program''s insurance_months';

CREATE TABLE tradeup.program_term (
    program text NOT NULL,
    version integer NOT NULL,
    term integer NOT NULL,
    rate_adjustment numeric NOT NULL DEFAULT 0,
    CONSTRAINT term_is_once_in_its_program PRIMARY KEY (program, version, term),
    CONSTRAINT term_belongs_to_a_program FOREIGN KEY (program, version) REFERENCES tradeup.program ON DELETE CASCADE,
    CONSTRAINT term_is_1_to_480_months CHECK (term BETWEEN 1 AND 480),
    CONSTRAINT rate_adjustment_is_0_to_1 CHECK (rate_adjustment BETWEEN 0 AND 1)
);

COMMENT ON TABLE tradeup.program_term IS 'The terms that a program offers';
COMMENT ON COLUMN tradeup.program_term.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_term.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_term.term IS 'Term in months';
COMMENT ON COLUMN tradeup.program_term.rate_adjustment IS 'What this term adds to the annual rate, as a fraction';

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
    CONSTRAINT tier_belongs_to_a_program FOREIGN KEY (program, version) REFERENCES tradeup.program ON DELETE CASCADE,
    CONSTRAINT rank_is_1_to_8 CHECK (rank BETWEEN 1 AND 8),
    CONSTRAINT tier_name_is_plain CHECK (octet_length(name) BETWEEN 1 AND 39 AND name !~ '[]["(),]' AND name = btrim(name, E' \t\r\n')),
    CONSTRAINT tier_is_not_empty CHECK (lower_change <= upper_change)
);

COMMENT ON TABLE tradeup.program_tier IS 'The tiers of a program: named intervals of the payment change, in ascending order of rank';
COMMENT ON COLUMN tradeup.program_tier.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_tier.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_tier.rank IS 'Position of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.program_tier.name IS 'Name of the tier, as offers show it';
COMMENT ON COLUMN tradeup.program_tier.lower_change IS 'Smallest payment change as a fraction; null: no bound';
COMMENT ON COLUMN tradeup.program_tier.lower_inclusive IS 'Whether the smallest payment change itself belongs to the tier';
COMMENT ON COLUMN tradeup.program_tier.upper_change IS 'Largest payment change as a fraction; null: no bound';
COMMENT ON COLUMN tradeup.program_tier.upper_inclusive IS 'Whether the largest payment change itself belongs to the tier';

CREATE TABLE tradeup.program_default (
    only_one boolean NOT NULL DEFAULT true,
    program text NOT NULL,
    CONSTRAINT there_is_one_default PRIMARY KEY (only_one),
    CONSTRAINT there_is_only_one_default CHECK (only_one)
);

COMMENT ON TABLE tradeup.program_default IS 'The program of customers that have none of their own: one row, or none';
COMMENT ON COLUMN tradeup.program_default.only_one IS 'Always true: it keeps the table to one row';
COMMENT ON COLUMN tradeup.program_default.program IS 'Name of the default program';

CREATE FUNCTION tradeup.tier_text(tier tradeup.program_tier) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN tier.name || CASE WHEN tier.lower_inclusive THEN ' [' ELSE ' (' END
    || coalesce(tier.lower_change::text, '') || ',' || coalesce(tier.upper_change::text, '')
    || CASE WHEN tier.upper_inclusive THEN ']' ELSE ')' END;

COMMENT ON FUNCTION tradeup.tier_text(tradeup.program_tier) IS
    'A tier as deal(tiers => ...) reads it: its name and its interval of payment changes';

-- A published version must give the same offers for ever, so that a quote can be computed again. A restore inserts the
-- rows of published versions anew; the sizes recorded at publication tell it from an addition.
CREATE FUNCTION tradeup.protect_published_program() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    beyond text;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'published version of a program cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Program "%s" version %s is published.', OLD.name, OLD.version),
                  HINT = 'Add a new version, change it, and publish it.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    /* Only what the extension itself brings is left out of dumps. */
    NEW.built_in := TG_OP = 'UPDATE' AND OLD.built_in;
    IF TG_OP = 'UPDATE' AND NEW.published_at IS NOT NULL THEN
        /* Waits for whoever is changing parts, and keeps others from it until this version is published or not. */
        LOCK TABLE tradeup.program_profile, tradeup.program_term, tradeup.program_tier IN SHARE ROW EXCLUSIVE MODE;
        SELECT count(*) INTO NEW.profile_count FROM tradeup.program_profile x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        SELECT count(*) INTO NEW.term_count FROM tradeup.program_term x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        SELECT count(*), string_agg(tradeup.tier_text(x), ', ' ORDER BY x.rank) INTO NEW.tier_count, NEW.tiers
            FROM tradeup.program_tier x WHERE (x.program, x.version) = (OLD.name, OLD.version);
        IF NEW.profile_count = 0 OR NEW.term_count = 0 THEN
            RAISE EXCEPTION 'program needs a risk profile and a term before it is published'
                USING ERRCODE = 'check_violation',
                      DETAIL = format('Program "%s" version %s has %s risk profiles and %s terms.',
                                      NEW.name, NEW.version, NEW.profile_count, NEW.term_count),
                      HINT = 'Add them to tradeup.program_profile and tradeup.program_term.';
        END IF;
        SELECT format('Risk profile "%s" has an annual rate of %s and an insurance of %s.', x.profile, x.annual_rate, x.insurance)
            INTO beyond FROM tradeup.program_profile x
            WHERE (x.program, x.version) = (OLD.name, OLD.version)
              AND (x.annual_rate > NEW.max_annual_rate OR x.insurance > NEW.max_insurance) LIMIT 1;
        IF beyond IS NULL THEN
            SELECT format('Term is %s months.', x.term) INTO beyond FROM tradeup.program_term x
                WHERE (x.program, x.version) = (OLD.name, OLD.version) AND x.term > NEW.max_term LIMIT 1;
        END IF;
        IF beyond IS NOT NULL THEN
            RAISE EXCEPTION 'program has a profile or term beyond its own limits'
                USING ERRCODE = 'check_violation', DETAIL = beyond,
                      HINT = 'Mend it, or raise max_annual_rate, max_insurance or max_term of the program.';
        END IF;
        PERFORM tradeup.deal_of(NEW, t.term, f.annual_rate + t.rate_adjustment, f.down_payment_rate, f.insurance, 0, NULL, NULL, NULL)
            FROM tradeup.program_profile f, tradeup.program_term t
            WHERE (f.program, f.version) = (OLD.name, OLD.version) AND (t.program, t.version) = (OLD.name, OLD.version);
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION tradeup.protect_published_program() IS
    'Trigger that refuses a change of a published version, and that checks and measures a version when it is published';
CREATE FUNCTION tradeup.protect_published_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whole tradeup.program;
    complete boolean := true;
BEGIN
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
            ELSE whole.tier_count <= (SELECT count(*) FROM tradeup.program_tier x
                                      WHERE (x.program, x.version) = (NEW.program, NEW.version))
        END;
    END IF;
    IF whole.name IS NOT NULL AND complete THEN
        RAISE EXCEPTION 'published version of a program cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Program "%s" version %s is published.', whole.name, whole.version),
                  HINT = 'Add a new version, change it, and publish it.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

COMMENT ON FUNCTION tradeup.protect_published_parts() IS
    'Trigger that refuses a change of the profiles, terms and tiers of a published version';

CREATE FUNCTION tradeup.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'finance programs cannot be truncated'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Delete the drafts that are not needed.';
END
$$;

COMMENT ON FUNCTION tradeup.refuse_truncate() IS 'Trigger that keeps TRUNCATE from published programs, which no row trigger would see';

CREATE FUNCTION tradeup.publish_program(program text, version integer DEFAULT 1) RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    published timestamptz;
BEGIN
    UPDATE tradeup.program x SET published_at = now()
    WHERE x.name = program AND x.version = publish_program.version
    RETURNING x.published_at INTO published;
    IF published IS NULL THEN
        RAISE EXCEPTION 'program "%" version % does not exist', program, version
            USING ERRCODE = 'no_data_found', HINT = 'Look in the table tradeup.program.';
    END IF;
    RETURN published;
END
$$;

COMMENT ON FUNCTION tradeup.publish_program(text, integer) IS
    'Publishes a draft version of a program: from now on offers use it, and nothing can change it';

CREATE FUNCTION tradeup.set_default_program(program text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF NOT EXISTS (SELECT FROM tradeup.program x WHERE x.name = program AND x.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'program "%" does not exist', program
            USING ERRCODE = 'no_data_found', HINT = 'Only a published program can be the default.';
    END IF;
    INSERT INTO tradeup.program_default (program) VALUES (set_default_program.program)
    ON CONFLICT ON CONSTRAINT there_is_one_default DO UPDATE SET program = EXCLUDED.program;
END
$$;

COMMENT ON FUNCTION tradeup.set_default_program(text) IS
    'Marks the program of all customers that have none of their own';

CREATE VIEW tradeup.current_program WITH (security_invoker = true) AS
SELECT p.*
FROM tradeup.program p
WHERE p.published_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM tradeup.program newer
                  WHERE newer.name = p.name AND newer.version > p.version AND newer.published_at IS NOT NULL);

COMMENT ON VIEW tradeup.current_program IS 'The highest published version of each program';

CREATE VIEW tradeup.rate_sheet WITH (security_invoker = true) AS
SELECT p.*, f.profile, f.annual_rate, f.down_payment_rate, f.insurance, t.term, t.rate_adjustment
FROM tradeup.program p
JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version
JOIN tradeup.program_term t ON t.program = p.name AND t.version = p.version
WHERE p.published_at IS NOT NULL;

COMMENT ON VIEW tradeup.rate_sheet IS
    'The published programs, one row for each risk profile and term, with all that a deal needs of them';

CREATE FUNCTION tradeup.overrides_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup.overrides_support(internal) IS
    'Planner support: drops the functions of overrides from queries that have none';

CREATE FUNCTION tradeup.require_overrides(overrides jsonb) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 SUPPORT tradeup.overrides_support AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup.require_overrides(jsonb) IS
    'True for valid what-if overrides or null; otherwise the error that says what is allowed';

CREATE FUNCTION tradeup.overridden(overrides jsonb, key text, standing numeric, highest numeric) RETURNS numeric
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 SUPPORT tradeup.overrides_support AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup.overridden(jsonb, text, numeric, numeric) IS
    'The figure that what-if overrides give for a key, from 0 to the highest allowed, or else the standing figure';

CREATE FUNCTION tradeup.term_wanted(overrides jsonb, term integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup.term_wanted(jsonb, integer) IS
    'Whether what-if overrides leave this term in: they name it, or name no terms';
-- The deal: everything of an offer but the vehicle, compiled. All amounts are functions of a deal and a price.

CREATE TYPE tradeup.deal;

CREATE FUNCTION tradeup.deal_in(cstring) RETURNS tradeup.deal LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup.deal_out(tradeup.deal) RETURNS cstring LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup.deal_recv(internal) RETURNS tradeup.deal LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION tradeup.deal_send(tradeup.deal) RETURNS bytea LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';

CREATE TYPE tradeup.deal (
    INPUT = tradeup.deal_in,
    OUTPUT = tradeup.deal_out,
    RECEIVE = tradeup.deal_recv,
    SEND = tradeup.deal_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE tradeup.deal IS
    'What one customer, one finance program and one term make of any vehicle: every amount as a function of the price, and the prices of every tier';
COMMENT ON FUNCTION tradeup.deal_in(cstring) IS 'A deal from its text form: v1 and the terms as name=value';
COMMENT ON FUNCTION tradeup.deal_out(tradeup.deal) IS 'The text form of a deal: v1 and those terms that differ from their defaults';
COMMENT ON FUNCTION tradeup.deal_recv(internal) IS 'A deal from its binary form, which is its text';
COMMENT ON FUNCTION tradeup.deal_send(tradeup.deal) IS 'The binary form of a deal, which is its text';

CREATE FUNCTION tradeup.deal(
    annual_rate numeric,
    term integer,
    equity numeric DEFAULT 0,
    current_payment numeric DEFAULT NULL,
    current_price numeric DEFAULT NULL,
    down_payment_rate numeric DEFAULT 0,
    interest_tax_rate numeric DEFAULT 0,
    service_fee_rate numeric DEFAULT 0,
    sales_tax_rate numeric DEFAULT 0,
    document_fee numeric DEFAULT 0,
    opening_fee_rate numeric DEFAULT 0,
    opening_fee_tax_rate numeric DEFAULT 0,
    opening_fee_less_equity boolean DEFAULT false,
    bonus numeric DEFAULT 0,
    protection numeric DEFAULT 0,
    insurance numeric DEFAULT 0,
    insurance_months integer DEFAULT 12,
    insurance_renewed boolean DEFAULT false,
    gps_installation numeric DEFAULT 0,
    gps_monthly numeric DEFAULT 0,
    gps_tax_rate numeric DEFAULT 0,
    installation_from_equity boolean DEFAULT false,
    installation_financed boolean DEFAULT false,
    installation_in_first_payment boolean DEFAULT false,
    margin_cost numeric DEFAULT 0,
    margin_service_fee boolean DEFAULT true,
    margin_opening_fee boolean DEFAULT true,
    margin_protection boolean DEFAULT false,
    max_change numeric DEFAULT NULL,
    max_component numeric DEFAULT NULL,
    max_financed numeric DEFAULT NULL,
    change_digits integer DEFAULT NULL,
    minor_digits integer DEFAULT 2,
    rounding text DEFAULT 'half_up',
    tiers text DEFAULT 'Refresh [-0.05,0.05], Upgrade (0.05,0.25], Max Upgrade (0.25,1]'
) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup.deal(numeric, integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, boolean, numeric, numeric, numeric, integer, boolean, numeric, numeric, numeric, boolean, boolean, boolean, numeric, boolean, boolean, boolean, numeric, numeric, numeric, integer, integer, text, text) IS
    'Compiles a deal; amounts in major units, rates as fractions, term in months. Null for current_payment, current_price, max_*, change_digits or tiers means none; any other null gives null';

CREATE FUNCTION tradeup.deal_for(deal tradeup.deal, annual_rate numeric, term integer, equity numeric DEFAULT 0,
                                 current_payment numeric DEFAULT NULL, current_price numeric DEFAULT NULL) RETURNS tradeup.deal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.deal_for(tradeup.deal, numeric, integer, numeric, numeric, numeric) IS
    'The deal of another customer, rate and term under the same program: all else is as in the deal given. Null for current_payment or current_price means none; any other null gives null';

CREATE FUNCTION tradeup.payment(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment(tradeup.deal, numeric) IS 'The first monthly payment for a vehicle of this price, exact to the cent';

CREATE FUNCTION tradeup.payment_unrounded(deal tradeup.deal, price numeric) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_unrounded(tradeup.deal, numeric) IS 'The first monthly payment, unrounded, for analysis';

CREATE FUNCTION tradeup.payment_change(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payment_change(tradeup.deal, numeric) IS
    'The payment against the current one as a fraction (0.1 is ten percent more), to 6 decimals; null without a current payment';

CREATE FUNCTION tradeup.tier(deal tradeup.deal, price numeric) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier(tradeup.deal, numeric) IS
    'The tier of an offer at this price; null when there is no offer, or none of the tiers';

CREATE FUNCTION tradeup.tier_rank(deal tradeup.deal, price numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tier_rank(tradeup.deal, numeric) IS 'The rank of that tier: 1 for the one of the smallest payment changes';

CREATE FUNCTION tradeup.loan_amount(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.loan_amount(tradeup.deal, numeric) IS 'The amount financed: loan, fees, protection and insurance';

CREATE FUNCTION tradeup.effective_equity(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.effective_equity(tradeup.deal, numeric) IS
    'The equity left for the down payment: equity and bonus less the opening fee and what else is taken from it';

CREATE FUNCTION tradeup.service_fee(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.service_fee(tradeup.deal, numeric) IS 'The service fee, which is financed';

CREATE FUNCTION tradeup.opening_fee(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.opening_fee(tradeup.deal, numeric) IS 'The opening fee with its tax, which is taken from the equity';

CREATE FUNCTION tradeup.margin(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.margin(tradeup.deal, numeric) IS 'The fees that count as margin less the margin cost; offers are ranked by it';

CREATE FUNCTION tradeup.interest_npv(deal tradeup.deal, price numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'interest_npv_deal';
COMMENT ON FUNCTION tradeup.interest_npv(tradeup.deal, numeric) IS
    'Net present value of the taxed interest on the loan amount over the term, exact to the cent';

CREATE FUNCTION tradeup.interest_npv(loan_amount double precision, annual_rate double precision, term integer,
                             interest_tax_rate double precision DEFAULT 0) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'interest_npv_loan';
COMMENT ON FUNCTION tradeup.interest_npv(double precision, double precision, integer, double precision) IS
    'Net present value of the taxed interest on a loan, discounted at the taxed rate, unrounded';

CREATE FUNCTION tradeup.eligible(deal tradeup.deal, price numeric) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.eligible(tradeup.deal, numeric) IS 'Whether an offer exists at this price';

CREATE FUNCTION tradeup.lowest_price(deal tradeup.deal, tiered boolean DEFAULT false) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.lowest_price(tradeup.deal, boolean) IS
    'The lowest price of an offer, or of an offer with a tier; null when there is none';

CREATE FUNCTION tradeup.highest_price(deal tradeup.deal, tiered boolean DEFAULT false) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.highest_price(tradeup.deal, boolean) IS
    'The highest price of an offer, or of an offer with a tier; null when there is none';

CREATE FUNCTION tradeup.price_for_payment(deal tradeup.deal, payment numeric) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'price_for_payment_deal';
COMMENT ON FUNCTION tradeup.price_for_payment(tradeup.deal, numeric) IS
    'The dearest price whose payment is at most this one; null when even a free vehicle costs more. Whether an offer exists there is not asked';

CREATE FUNCTION tradeup.windows(deal tradeup.deal, OUT tier text, OUT rank integer, OUT lowest_price numeric, OUT highest_price numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.windows(tradeup.deal) IS
    'The closed intervals of prices, in ascending order, at which offers exist; tier and rank are null where an offer has no tier';

CREATE FUNCTION tradeup.schedule(deal tradeup.deal, price numeric, OUT month integer, OUT financed numeric, OUT opening_balance numeric,
                         OUT principal numeric, OUT interest numeric, OUT charges numeric, OUT tax numeric,
                         OUT payment numeric, OUT closing_balance numeric)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.schedule(tradeup.deal, numeric) IS
    'The amortization schedule in exact cents: the first payment is the quoted one (but for terms of one month), the principal adds up to what is financed, the last balance is 0';

CREATE FUNCTION tradeup.reference_schedule(deal tradeup.deal, price numeric, OUT month integer, OUT opening_balance double precision,
                                   OUT principal double precision, OUT interest double precision,
                                   OUT charges double precision, OUT tax double precision,
                                   OUT payment double precision, OUT closing_balance double precision,
                                   OUT closing_loan double precision, OUT closing_service double precision,
                                   OUT closing_protection double precision, OUT closing_insurance double precision)
RETURNS SETOF record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 400 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.reference_schedule(tradeup.deal, numeric) IS
    'The schedule of the audited spreadsheet, unrounded: principal at the taxed rate, interest at the untaxed one';
-- Customers, vehicles, and the offers between them.

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
    CONSTRAINT customer_is_identified PRIMARY KEY (customer_id),
    CONSTRAINT equity_is_an_amount CHECK (equity BETWEEN -1000000000000 AND 1000000000000),
    CONSTRAINT current_payment_is_positive CHECK (current_payment > 0 AND current_payment <= 1000000000000),
    CONSTRAINT current_price_is_an_amount CHECK (current_price BETWEEN 0 AND 1000000000000),
    CONSTRAINT current_kilometers_are_not_negative CHECK (current_kilometers >= 0),
    CONSTRAINT equity_has_at_most_18_digits CHECK (
        abs(equity) * power(10::numeric, scale(trim_scale(equity))) < 1000000000000000000),
    CONSTRAINT current_payment_has_at_most_18_digits CHECK (
        current_payment * power(10::numeric, scale(trim_scale(current_payment))) < 1000000000000000000),
    CONSTRAINT current_price_has_at_most_18_digits CHECK (
        current_price * power(10::numeric, scale(trim_scale(current_price))) < 1000000000000000000)
);

COMMENT ON TABLE tradeup.customer IS 'Customers with the vehicle that they drive and pay now';
COMMENT ON COLUMN tradeup.customer.customer_id IS 'Identifier, yours';
COMMENT ON COLUMN tradeup.customer.risk_profile IS 'Risk profile, one of those of the program';
COMMENT ON COLUMN tradeup.customer.equity IS 'What the current vehicle is worth less what is owed on it; may be negative';
COMMENT ON COLUMN tradeup.customer.current_payment IS 'Monthly payment now; null: unknown, so offers have no payment change and no tier';
COMMENT ON COLUMN tradeup.customer.current_price IS 'Price of the current vehicle; null: unknown, so no offer has to be dearer';
COMMENT ON COLUMN tradeup.customer.current_make IS 'Make of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_model IS 'Model of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_year IS 'Model year of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_kilometers IS 'Kilometres of the current vehicle; 0 or null: unknown';
COMMENT ON COLUMN tradeup.customer.region IS 'Region of the customer';
COMMENT ON COLUMN tradeup.customer.program IS 'Finance program of this customer; null: the default one';

CREATE TABLE tradeup.vehicle (
    vehicle_id text COLLATE "C" NOT NULL,
    make text,
    model text,
    body text,
    year integer,
    kilometers integer,
    color text,
    region text,
    dealer text,
    regular_price numeric NOT NULL,
    promotion_price numeric,
    price numeric GENERATED ALWAYS AS (round(least(regular_price, promotion_price), 2)) STORED,
    status text NOT NULL DEFAULT 'available',
    CONSTRAINT vehicle_is_identified PRIMARY KEY (vehicle_id),
    CONSTRAINT regular_price_is_an_amount CHECK (regular_price > 0 AND regular_price <= 1000000000000),
    CONSTRAINT promotion_price_is_an_amount CHECK (promotion_price > 0 AND promotion_price <= 1000000000000),
    CONSTRAINT price_has_at_most_2_decimals CHECK (
        regular_price = round(regular_price, 2) AND promotion_price = round(promotion_price, 2)),
    CONSTRAINT kilometers_are_not_negative CHECK (kilometers >= 0),
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
COMMENT ON COLUMN tradeup.vehicle.region IS 'Region where the vehicle stands';
COMMENT ON COLUMN tradeup.vehicle.dealer IS 'Dealer that has the vehicle';
COMMENT ON COLUMN tradeup.vehicle.regular_price IS 'Price without promotion';
COMMENT ON COLUMN tradeup.vehicle.promotion_price IS 'Price of a promotion; null: none';
COMMENT ON COLUMN tradeup.vehicle.price IS 'Effective price: the promotion price when there is one and it is lower';
COMMENT ON COLUMN tradeup.vehicle.status IS 'available, reserved, sold or withdrawn';

-- The index that every offer reads: ranges of prices, forward or backward, ties in a fixed order.
CREATE INDEX vehicle_available_by_price ON tradeup.vehicle (price, vehicle_id) WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_price IS 'Available vehicles by price, for offers';
CREATE INDEX customer_by_program_and_profile ON tradeup.customer (program, risk_profile);
COMMENT ON INDEX tradeup.customer_by_program_and_profile IS 'Customers by program and risk profile, for portfolios';

-- Whoever creates the extension, superuser or not, owns its rows: she loads them, grants them and puts policies on them.
ALTER TABLE tradeup.program OWNER TO @extowner@;
ALTER TABLE tradeup.program_profile OWNER TO @extowner@;
ALTER TABLE tradeup.program_term OWNER TO @extowner@;
ALTER TABLE tradeup.program_tier OWNER TO @extowner@;
ALTER TABLE tradeup.program_default OWNER TO @extowner@;
ALTER TABLE tradeup.customer OWNER TO @extowner@;
ALTER TABLE tradeup.vehicle OWNER TO @extowner@;
ALTER VIEW tradeup.current_program OWNER TO @extowner@;
ALTER VIEW tradeup.rate_sheet OWNER TO @extowner@;

-- Users' rows belong in a dump; what the extension ships comes back with it.
SELECT pg_extension_config_dump('tradeup.program', 'WHERE NOT built_in');
SELECT pg_extension_config_dump('tradeup.program_profile',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_term',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_tier',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_default', '');
SELECT pg_extension_config_dump('tradeup.customer', '');
SELECT pg_extension_config_dump('tradeup.vehicle', '');

CREATE FUNCTION tradeup.require_known(kind text, requested text, found text) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.require_known(text, text, text) IS
    'True when something was found; otherwise the error that nothing of this kind has the requested name';

CREATE FUNCTION tradeup.require_not_negative(what text, value integer) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.require_not_negative(text, integer) IS
    'True for a count of 0 or more; otherwise the error that says so';

CREATE FUNCTION tradeup.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';

CREATE FUNCTION tradeup.refusal(deal tradeup.deal, price numeric, OUT rule text, OUT required numeric, OUT actual numeric,
                        OUT short_by numeric) RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.refusal(tradeup.deal, numeric) IS
    'Why no offer exists at this price: the first rule that fails, what it requires, what there is, and the difference; null when an offer exists';

CREATE TYPE tradeup.customer_deal AS (
    customer_id text,
    program text,
    version integer,
    profile text,
    term integer,
    annual_rate numeric,
    current_payment numeric,
    deal tradeup.deal
);
COMMENT ON TYPE tradeup.customer_deal IS 'The deal of a customer for one term of a program';

CREATE TYPE tradeup.offer AS (
    customer_id text,
    program text,
    version integer,
    profile text,
    term integer,
    annual_rate numeric,
    vehicle_id text,
    make text,
    model text,
    body text,
    year integer,
    kilometers integer,
    color text,
    region text,
    dealer text,
    price numeric,
    tier text,
    tier_rank integer,
    current_payment numeric,
    payment numeric,
    payment_change numeric,
    loan_amount numeric,
    effective_equity numeric,
    service_fee numeric,
    opening_fee numeric,
    margin numeric
);
COMMENT ON TYPE tradeup.offer IS 'One vehicle for one customer at one term, with all its amounts';

-- The program comes as a row of its table, whose columns the planner then reads directly; the rest as single figures.
CREATE FUNCTION tradeup.deal_of(program tradeup.program, term integer, annual_rate numeric, down_payment_rate numeric, insurance numeric,
                        equity numeric, current_payment numeric, current_price numeric, overrides jsonb) RETURNS tradeup.deal
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tradeup.deal(
    annual_rate => annual_rate,
    term => term,
    equity => equity,
    current_payment => current_payment,
    current_price => CASE WHEN program.requires_dearer THEN current_price END,
    down_payment_rate => down_payment_rate,
    interest_tax_rate => program.interest_tax_rate,
    service_fee_rate => tradeup.overridden(overrides, 'service_fee_rate', program.service_fee_rate, program.max_service_fee_rate),
    sales_tax_rate => program.sales_tax_rate,
    document_fee => program.document_fee,
    opening_fee_rate => tradeup.overridden(overrides, 'opening_fee_rate', program.opening_fee_rate, program.max_opening_fee_rate),
    opening_fee_tax_rate => program.opening_fee_tax_rate,
    opening_fee_less_equity => program.opening_fee_less_equity,
    bonus => tradeup.overridden(overrides, 'bonus', program.bonus, program.max_what_if_bonus),
    protection => tradeup.overridden(overrides, 'protection', program.protection, coalesce(program.max_component, 1000000000000)),
    insurance => tradeup.overridden(overrides, 'insurance', insurance, program.max_insurance),
    insurance_months => program.insurance_months,
    insurance_renewed => program.insurance_renewed,
    gps_installation => tradeup.overridden(overrides, 'gps_installation', program.gps_installation,
                                   coalesce(program.max_component, 1000000000000)),
    gps_monthly => tradeup.overridden(overrides, 'gps_monthly', program.gps_monthly, coalesce(program.max_component, 1000000000000)),
    gps_tax_rate => program.gps_tax_rate,
    installation_from_equity => program.installation_from_equity,
    installation_financed => program.installation_financed,
    installation_in_first_payment => program.installation_in_first_payment,
    margin_cost => program.margin_cost,
    margin_service_fee => program.margin_service_fee,
    margin_opening_fee => program.margin_opening_fee,
    margin_protection => program.margin_protection,
    max_change => program.max_change,
    max_component => program.max_component,
    max_financed => program.max_financed,
    change_digits => program.change_digits,
    minor_digits => program.minor_digits,
    rounding => program.rounding,
    tiers => program.tiers);
COMMENT ON FUNCTION tradeup.deal_of(tradeup.program, integer, numeric, numeric, numeric, numeric, numeric, numeric, jsonb) IS
    'The deal that a program''s row, a term and the figures of a profile and a customer make, under what-if overrides';

CREATE FUNCTION tradeup.deals(customer_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL)
RETURNS SETOF tradeup.customer_deal
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 6
BEGIN ATOMIC
    SELECT c.customer_id, p.name, p.version, f.profile, t.term, r.annual_rate, c.current_payment,
           tradeup.deal_of(p, t.term, r.annual_rate, f.down_payment_rate, f.insurance, c.equity, c.current_payment, c.current_price,
                   deals.overrides)
    FROM (SELECT x.customer_id, x.risk_profile, x.equity, x.current_payment, x.current_price, p.name AS program, p.version
          FROM (SELECT deals.customer_id AS requested) q
          LEFT JOIN tradeup.customer x ON x.customer_id = q.requested
          LEFT JOIN tradeup.current_program p
                 ON p.name = coalesce(deals.program, x.program, (SELECT d.program FROM tradeup.program_default d))
          WHERE tradeup.require_known('customer', deals.customer_id, x.customer_id)
            AND tradeup.require_known('program', coalesce(deals.program, x.program, (SELECT d.program FROM tradeup.program_default d)), p.name)
            AND tradeup.require_overrides(deals.overrides)
          OFFSET 0) c
    JOIN tradeup.program p ON p.name = c.program AND p.version = c.version
    JOIN tradeup.program_profile f ON f.program = c.program AND f.version = c.version AND f.profile = c.risk_profile
    JOIN tradeup.program_term t ON t.program = c.program AND t.version = c.version
    CROSS JOIN LATERAL (
        SELECT tradeup.overridden(deals.overrides, 'annual_rate', f.annual_rate, p.max_annual_rate) + t.rate_adjustment
               AS annual_rate) r
    WHERE tradeup.term_wanted(deals.overrides, t.term)
      AND (p.max_adjusted_rate IS NULL OR r.annual_rate <= p.max_adjusted_rate)
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup.deals(text, text, jsonb) IS
    'The deals of a customer, one for each term of the program: the one named, or the customer''s own, or the default';

CREATE FUNCTION tradeup.priced(deal tradeup.customer_deal, vehicle tradeup.vehicle, tier text, tier_rank integer)
RETURNS SETOF tradeup.offer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT (priced.deal).customer_id, (priced.deal).program, (priced.deal).version, (priced.deal).profile,
           (priced.deal).term, (priced.deal).annual_rate,
           (priced.vehicle).vehicle_id, (priced.vehicle).make, (priced.vehicle).model, (priced.vehicle).body,
           (priced.vehicle).year, (priced.vehicle).kilometers, (priced.vehicle).color, (priced.vehicle).region,
           (priced.vehicle).dealer, (priced.vehicle).price,
           priced.tier, priced.tier_rank, (priced.deal).current_payment,
           tradeup.payment((priced.deal).deal, (priced.vehicle).price),
           tradeup.payment_change((priced.deal).deal, (priced.vehicle).price),
           tradeup.loan_amount((priced.deal).deal, (priced.vehicle).price),
           tradeup.effective_equity((priced.deal).deal, (priced.vehicle).price),
           tradeup.service_fee((priced.deal).deal, (priced.vehicle).price),
           tradeup.opening_fee((priced.deal).deal, (priced.vehicle).price),
           tradeup.margin((priced.deal).deal, (priced.vehicle).price);
END;
COMMENT ON FUNCTION tradeup.priced(tradeup.customer_deal, tradeup.vehicle, text, integer) IS
    'The offer that a deal makes of a vehicle; whether it exists is the caller''s business';

CREATE FUNCTION tradeup.offers(customer_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1000
BEGIN ATOMIC
    SELECT o.*
    FROM tradeup.deals(offers.customer_id, offers.program, offers.overrides) d
    CROSS JOIN LATERAL tradeup.windows(d.deal) w
    JOIN tradeup.vehicle v ON v.price BETWEEN w.lowest_price AND w.highest_price AND v.status = 'available'
    CROSS JOIN LATERAL tradeup.priced(d, v, w.tier, w.rank) o;
END;
COMMENT ON FUNCTION tradeup.offers(text, text, jsonb) IS
    'Every offer for a customer, available vehicles times terms; tier is null where the payment change is in no tier';

-- How offers are ranked: by the key, then by price and vehicle_id in the direction in which the price index is read, then
-- by term. Both take single figures rather than an offer, because only then does the planner inline them.
CREATE FUNCTION tradeup.rank_key(rank_by text, margin numeric, price numeric, payment numeric, current_payment numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE rank_by
    WHEN 'margin' THEN -margin
    WHEN 'price' THEN price
    WHEN 'payment' THEN payment
    ELSE abs(payment - current_payment)
END;
COMMENT ON FUNCTION tradeup.rank_key(text, numeric, numeric, numeric, numeric) IS
    'The number by which an offer is ranked; the smallest is the best';

CREATE FUNCTION tradeup.ranked_downward(rank_by text, payment numeric, current_payment numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rank_by = 'margin' OR (rank_by = 'closeness' AND payment <= current_payment);
COMMENT ON FUNCTION tradeup.ranked_downward(text, numeric, numeric) IS
    'Whether, of two offers of equal rank, the dearer vehicle comes first';

-- The best offers come from the ends of ranges of prices, so each branch reads a few entries of the price index in one
-- direction: the margin rises with the price, and so does the payment. The test of rank_by stands outside the LIMIT, so
-- that the branches not asked for drop out of the plan.
-- The lower bound is a comparison of rows, which means the same (no vehicle_id sorts before ''), because of two bounds on one
-- column the planner assumes that they leave 1 row in 200, and would sort so few rows rather than read the index in order.
CREATE FUNCTION tradeup.best_vehicles(deal tradeup.deal, current_payment numeric, lowest numeric, highest numeric, most integer,
                              rank_by text)
RETURNS TABLE (vehicle_id text, price numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 3
BEGIN ATOMIC
    SELECT x.vehicle_id, x.price
    FROM (SELECT v.vehicle_id, v.price FROM tradeup.vehicle v
          WHERE v.status = 'available' AND (v.price, v.vehicle_id) >= (best_vehicles.lowest, '') AND v.price <= best_vehicles.highest
            AND tradeup.tier(best_vehicles.deal, v.price) IS NOT NULL
          ORDER BY v.price DESC, v.vehicle_id DESC LIMIT best_vehicles.most) x
    WHERE best_vehicles.rank_by = 'margin'
    UNION ALL
    SELECT x.vehicle_id, x.price
    FROM (SELECT v.vehicle_id, v.price FROM tradeup.vehicle v
          WHERE v.status = 'available' AND (v.price, v.vehicle_id) >= (best_vehicles.lowest, '') AND v.price <= best_vehicles.highest
            AND tradeup.tier(best_vehicles.deal, v.price) IS NOT NULL
          ORDER BY v.price, v.vehicle_id LIMIT best_vehicles.most) x
    WHERE best_vehicles.rank_by IN ('price', 'payment')
    UNION ALL
    SELECT x.vehicle_id, x.price
    FROM (SELECT v.vehicle_id, v.price FROM tradeup.vehicle v
          WHERE v.status = 'available' AND (v.price, v.vehicle_id) >= (best_vehicles.lowest, '') AND v.price <= best_vehicles.highest
            AND v.price <= coalesce(tradeup.price_for_payment(best_vehicles.deal, best_vehicles.current_payment), -1)
            AND tradeup.tier(best_vehicles.deal, v.price) IS NOT NULL
          ORDER BY v.price DESC, v.vehicle_id DESC LIMIT best_vehicles.most) x
    WHERE best_vehicles.rank_by = 'closeness'
    UNION ALL
    SELECT x.vehicle_id, x.price
    FROM (SELECT v.vehicle_id, v.price FROM tradeup.vehicle v
          WHERE v.status = 'available' AND (v.price, v.vehicle_id) >= (best_vehicles.lowest, '') AND v.price <= best_vehicles.highest
            AND v.price > coalesce(tradeup.price_for_payment(best_vehicles.deal, best_vehicles.current_payment), -1)
            AND tradeup.tier(best_vehicles.deal, v.price) IS NOT NULL
          ORDER BY v.price, v.vehicle_id LIMIT best_vehicles.most) x
    WHERE best_vehicles.rank_by = 'closeness';
END;
COMMENT ON FUNCTION tradeup.best_vehicles(tradeup.deal, numeric, numeric, numeric, integer, text) IS
    'The available vehicles, with their prices, that have a tier at the best ends of a range of prices, at most so many from each end';

-- The best are chosen by what the price index holds; only they are looked up in the table, one by one (the OFFSET 0 keeps
-- the planner from reading the whole table for it).
CREATE FUNCTION tradeup.best_offers(customer_id text, per_tier integer DEFAULT 3, program text DEFAULT NULL,
                            overrides jsonb DEFAULT NULL, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 9
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT d.customer_id, d.program, d.version, d.profile, d.term, d.annual_rate, d.current_payment, d.deal,
                 w.tier, w.rank, v.vehicle_id,
                 row_number() OVER (
                     PARTITION BY w.rank, w.tier
                     ORDER BY tradeup.rank_key(best_offers.rank_by, k.margin, v.price, k.payment, d.current_payment), NOT k.downward,
                              CASE WHEN k.downward THEN -v.price ELSE v.price END,
                              CASE WHEN k.downward THEN v.vehicle_id END COLLATE "C" DESC, v.vehicle_id COLLATE "C",
                              d.term) AS place
          FROM (SELECT best_offers.customer_id AS id
                WHERE tradeup.require_not_negative('per_tier', best_offers.per_tier)
                  AND tradeup.require_one_of('rank_by', best_offers.rank_by, '{margin,price,payment,closeness}')) asked
          CROSS JOIN LATERAL tradeup.deals(asked.id, best_offers.program, best_offers.overrides) d
          CROSS JOIN LATERAL tradeup.windows(d.deal) w
          CROSS JOIN LATERAL tradeup.best_vehicles(d.deal, d.current_payment, w.lowest_price, w.highest_price,
                                           best_offers.per_tier, best_offers.rank_by) v
          CROSS JOIN LATERAL (
              SELECT tradeup.margin(d.deal, v.price) AS margin, tradeup.payment(d.deal, v.price) AS payment,
                     tradeup.ranked_downward(best_offers.rank_by, tradeup.payment(d.deal, v.price), d.current_payment) AS downward) k
          WHERE w.tier IS NOT NULL) b
    CROSS JOIN LATERAL (SELECT v FROM tradeup.vehicle v WHERE v.vehicle_id = b.vehicle_id OFFSET 0) x
    CROSS JOIN LATERAL tradeup.priced(ROW(b.customer_id, b.program, b.version, b.profile, b.term, b.annual_rate, b.current_payment,
                                  b.deal)::tradeup.customer_deal, x.v, b.tier, b.rank) o
    WHERE b.place <= best_offers.per_tier
    ORDER BY b.rank, b.place;
END;
COMMENT ON FUNCTION tradeup.best_offers(text, integer, text, jsonb, text) IS
    'The best offers of each tier for a customer, ranked by margin (highest first), price, payment (lowest first) or closeness to the current payment';

-- Where the rank depends on the vehicle alone (margin, price), the best vehicles of all terms are the ends of one range, so
-- a customer costs one index scan; whether some term has a tier at a price is asked of each vehicle, because the ranges of
-- the terms may leave holes. (The OFFSET 0 keeps the vehicles outside of the deals in the join: one scan a customer.) Payment and closeness rank each term's vehicles in another order, so each term is scanned.
CREATE FUNCTION tradeup.portfolio(per_customer integer DEFAULT 3, program text DEFAULT NULL, overrides jsonb DEFAULT NULL,
                          rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    SELECT b.*
    FROM (SELECT c.customer_id, c.equity, c.current_payment,
                 CASE WHEN p.requires_dearer THEN c.current_price END AS current_price, p.name, p.version, p.profile,
                 p.terms, p.rates, p.deal
          FROM tradeup.customer c
          JOIN (SELECT p.name, p.version, p.requires_dearer, f.profile,
                       tradeup.deal_of(p, 1, 0, f.down_payment_rate, f.insurance, 0, NULL, NULL, portfolio.overrides) AS deal,
                       t.terms, t.rates
                FROM tradeup.current_program w
                JOIN tradeup.program p ON p.name = w.name AND p.version = w.version
                JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version
                CROSS JOIN LATERAL (
                    SELECT array_agg(t.term ORDER BY t.term) AS terms, array_agg(r.annual_rate ORDER BY t.term) AS rates
                    FROM tradeup.program_term t
                    CROSS JOIN LATERAL (
                        SELECT tradeup.overridden(portfolio.overrides, 'annual_rate', f.annual_rate, p.max_annual_rate)
                               + t.rate_adjustment AS annual_rate) r
                    WHERE t.program = p.name AND t.version = p.version AND tradeup.term_wanted(portfolio.overrides, t.term)
                      AND (p.max_adjusted_rate IS NULL OR r.annual_rate <= p.max_adjusted_rate)) t
                WHERE p.name = portfolio.program
                   OR (portfolio.program IS NULL
                       AND p.name IN (SELECT x.program FROM tradeup.program_default x
                                      UNION ALL SELECT x.program FROM tradeup.customer x WHERE x.program IS NOT NULL))
                OFFSET 0) p
            ON p.name = coalesce(portfolio.program, c.program, (SELECT d.program FROM tradeup.program_default d))
           AND p.profile = c.risk_profile
          WHERE (portfolio.program IS NULL
                 OR tradeup.require_known('program', portfolio.program,
                                  (SELECT x.name FROM tradeup.current_program x WHERE x.name = portfolio.program)))
            AND tradeup.require_overrides(portfolio.overrides)
            AND tradeup.require_not_negative('per_customer', portfolio.per_customer)
            AND tradeup.require_one_of('rank_by', portfolio.rank_by, '{margin,price,payment,closeness}')) c
    CROSS JOIN LATERAL (
        WITH d (term, annual_rate, deal) AS MATERIALIZED (
            SELECT t.term, t.annual_rate,
                   tradeup.deal_for(c.deal, t.annual_rate, t.term, c.equity, c.current_payment, c.current_price)
            FROM (SELECT unnest(c.terms) AS term, unnest(c.rates) AS annual_rate) t
        ), range AS (
            SELECT min(tradeup.lowest_price(d.deal, true)) AS lowest, max(tradeup.highest_price(d.deal, true)) AS highest FROM d
        )
        SELECT x.*
        FROM (SELECT o.*
              FROM range r
              CROSS JOIN LATERAL (SELECT v.* FROM tradeup.vehicle v
                                  WHERE v.status = 'available' AND (v.price, v.vehicle_id) >= (r.lowest, '') AND v.price <= r.highest
                                    AND EXISTS (SELECT FROM d WHERE tradeup.tier_rank(d.deal, v.price) IS NOT NULL)
                                  ORDER BY v.price DESC, v.vehicle_id DESC LIMIT portfolio.per_customer) v
              CROSS JOIN LATERAL (SELECT d.* FROM d WHERE tradeup.tier_rank(d.deal, v.price) IS NOT NULL OFFSET 0) d
              CROSS JOIN LATERAL tradeup.priced(ROW(c.customer_id, c.name, c.version, c.profile, d.term, d.annual_rate, c.current_payment, d.deal)::tradeup.customer_deal, v, tradeup.tier(d.deal, v.price), tradeup.tier_rank(d.deal, v.price)) o
              ORDER BY o.margin DESC, o.price DESC, o.vehicle_id DESC, o.term LIMIT portfolio.per_customer) x
        WHERE portfolio.rank_by = 'margin'
        UNION ALL
        SELECT x.*
        FROM (SELECT o.*
              FROM range r
              CROSS JOIN LATERAL (SELECT v.* FROM tradeup.vehicle v
                                  WHERE v.status = 'available' AND (v.price, v.vehicle_id) >= (r.lowest, '') AND v.price <= r.highest
                                    AND EXISTS (SELECT FROM d WHERE tradeup.tier_rank(d.deal, v.price) IS NOT NULL)
                                  ORDER BY v.price, v.vehicle_id LIMIT portfolio.per_customer) v
              CROSS JOIN LATERAL (SELECT d.* FROM d WHERE tradeup.tier_rank(d.deal, v.price) IS NOT NULL OFFSET 0) d
              CROSS JOIN LATERAL tradeup.priced(ROW(c.customer_id, c.name, c.version, c.profile, d.term, d.annual_rate, c.current_payment, d.deal)::tradeup.customer_deal, v, tradeup.tier(d.deal, v.price), tradeup.tier_rank(d.deal, v.price)) o
              ORDER BY o.price, o.vehicle_id, o.term LIMIT portfolio.per_customer) x
        WHERE portfolio.rank_by = 'price'
        UNION ALL
        SELECT x.*
        FROM (SELECT o.*
              FROM d
              CROSS JOIN LATERAL tradeup.best_vehicles(d.deal, c.current_payment, tradeup.lowest_price(d.deal, true),
                                               tradeup.highest_price(d.deal, true), portfolio.per_customer, portfolio.rank_by) b
              CROSS JOIN LATERAL (SELECT v FROM tradeup.vehicle v WHERE v.vehicle_id = b.vehicle_id OFFSET 0) x
              CROSS JOIN LATERAL tradeup.priced(ROW(c.customer_id, c.name, c.version, c.profile, d.term, d.annual_rate, c.current_payment, d.deal)::tradeup.customer_deal, x.v, tradeup.tier(d.deal, b.price), tradeup.tier_rank(d.deal, b.price)) o
              CROSS JOIN LATERAL (SELECT tradeup.ranked_downward(portfolio.rank_by, o.payment, o.current_payment) AS downward) k
              ORDER BY tradeup.rank_key(portfolio.rank_by, o.margin, o.price, o.payment, o.current_payment), NOT k.downward,
                       CASE WHEN k.downward THEN -o.price ELSE o.price END,
                       CASE WHEN k.downward THEN o.vehicle_id END DESC, o.vehicle_id, o.term
              LIMIT portfolio.per_customer) x
        WHERE portfolio.rank_by IN ('payment', 'closeness')) b;
END;
COMMENT ON FUNCTION tradeup.portfolio(integer, text, jsonb, text) IS
    'The best offers of every customer, whatever their tier, ranked as best_offers ranks them';

CREATE FUNCTION tradeup.why_no_offer(customer_id text, vehicle_id text, program text DEFAULT NULL, overrides jsonb DEFAULT NULL,
                             OUT term integer, OUT offer_exists boolean, OUT rule text, OUT required numeric,
                             OUT actual numeric, OUT short_by numeric, OUT explanation text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 6
BEGIN ATOMIC
    SELECT e.term, e.rule IS NULL, e.rule, e.required, e.actual, e.short_by,
           CASE e.rule
               WHEN 'profile' THEN 'the program has no risk profile "' || e.risk_profile || '"'
               WHEN 'term' THEN 'the program has no term of ' || e.term || ' months'
               WHEN 'term_not_wanted' THEN 'the overrides leave this term out'
               WHEN 'rate' THEN 'the annual rate of ' || e.actual || ' is above ' || e.required
               WHEN 'status' THEN 'the vehicle is ' || e.status
               WHEN 'dearer' THEN 'the price of ' || e.actual || ' is not above the ' || e.required
                                  || ' of the current vehicle'
               WHEN 'down_payment' THEN 'the equity of ' || e.actual || ' is below the down payment of ' || e.required
               WHEN 'loan' THEN 'the equity covers the price, and more by ' || e.short_by
               WHEN 'max_component' THEN 'a part of the loan is ' || e.actual || ', above ' || e.required
               WHEN 'max_financed' THEN 'the amount financed is ' || e.actual || ', above ' || e.required
               WHEN 'max_change' THEN 'the payment change is ' || e.actual || ', above ' || e.required
               ELSE 'an offer exists' || coalesce(' in tier ' || e.tier, ', in no tier')
           END
    FROM (
        SELECT t.term, c.risk_profile, v.status, tradeup.tier(d.deal, v.price) AS tier,
               CASE WHEN f.profile IS NULL THEN 'profile'
                    WHEN NOT t.in_program THEN 'term'
                    WHEN NOT tradeup.term_wanted(why_no_offer.overrides, t.term) THEN 'term_not_wanted'
                    WHEN d.deal IS NULL THEN 'rate'
                    WHEN v.status <> 'available' THEN 'status'
                    ELSE (r.refusal).rule END AS rule,
               CASE WHEN x.rate_refused THEN p.max_adjusted_rate
                    WHEN v.status = 'available' THEN (r.refusal).required END AS required,
               CASE WHEN x.rate_refused
                    THEN tradeup.overridden(why_no_offer.overrides, 'annual_rate', f.annual_rate, p.max_annual_rate)
                         + t.rate_adjustment
                    WHEN v.status = 'available' THEN (r.refusal).actual END AS actual,
               CASE WHEN v.status = 'available' THEN (r.refusal).short_by END AS short_by
        FROM (SELECT x.customer_id, x.risk_profile,
                     coalesce(why_no_offer.program, x.program, (SELECT d.program FROM tradeup.program_default d)) AS program
              FROM (SELECT why_no_offer.customer_id AS requested) q
              LEFT JOIN tradeup.customer x ON x.customer_id = q.requested
              WHERE tradeup.require_known('customer', why_no_offer.customer_id, x.customer_id)
                AND tradeup.require_overrides(why_no_offer.overrides)
              OFFSET 0) c
        CROSS JOIN (SELECT x.*
                    FROM (SELECT why_no_offer.vehicle_id AS requested) q
                    LEFT JOIN tradeup.vehicle x ON x.vehicle_id = q.requested
                    WHERE tradeup.require_known('vehicle', why_no_offer.vehicle_id, x.vehicle_id)
                    OFFSET 0) v
        CROSS JOIN LATERAL (SELECT x.*
                            FROM (SELECT c.program AS requested) q
                            LEFT JOIN tradeup.current_program x ON x.name = q.requested
                            WHERE tradeup.require_known('program', c.program, x.name)
                            OFFSET 0) p
        LEFT JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = c.risk_profile
        CROSS JOIN LATERAL (
            SELECT x.term, x.rate_adjustment, true AS in_program
            FROM tradeup.program_term x WHERE x.program = p.name AND x.version = p.version
            UNION ALL
            SELECT w.term, 0, false
            FROM (SELECT DISTINCT e.term::numeric::integer AS term
                  FROM jsonb_array_elements_text(why_no_offer.overrides -> 'terms') e (term)) w
            WHERE NOT EXISTS (SELECT FROM tradeup.program_term x
                              WHERE x.program = p.name AND x.version = p.version AND x.term = w.term)) t
        LEFT JOIN tradeup.deals(why_no_offer.customer_id, why_no_offer.program, why_no_offer.overrides) d ON d.term = t.term
        CROSS JOIN LATERAL (SELECT tradeup.refusal(d.deal, v.price) AS refusal) r
        CROSS JOIN LATERAL (SELECT d.deal IS NULL AND f.profile IS NOT NULL AND t.in_program
                                   AND tradeup.term_wanted(why_no_offer.overrides, t.term) AS rate_refused) x) e
    ORDER BY e.term;
END;
COMMENT ON FUNCTION tradeup.why_no_offer(text, text, text, jsonb) IS
    'For each term, whether an offer exists, or else the first rule that fails, what it requires, what there is, and by how much it fails';
-- Time value of money, as spreadsheets and numpy-financial have it: cash paid is negative, rates are fractions per period.

CREATE FUNCTION tradeup.pv(rate double precision, nper double precision, pmt double precision, fv double precision DEFAULT 0, due text DEFAULT 'end')
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.pv(double precision, double precision, double precision, double precision, text) IS
    'Present value: what nper payments and a value at the end are worth now';

CREATE FUNCTION tradeup.fv(rate double precision, nper double precision, pmt double precision, pv double precision, due text DEFAULT 'end')
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.fv(double precision, double precision, double precision, double precision, text) IS
    'Future value: what a value now and nper payments grow to';

CREATE FUNCTION tradeup.pmt(rate double precision, nper double precision, pv double precision, fv double precision DEFAULT 0, due text DEFAULT 'end')
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.pmt(double precision, double precision, double precision, double precision, text) IS
    'The level payment of a loan or a savings plan of nper periods';

CREATE FUNCTION tradeup.ipmt(rate double precision, per double precision, nper double precision, pv double precision, fv double precision DEFAULT 0,
                             due text DEFAULT 'end') RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.ipmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The interest in the level payment of one period';

CREATE FUNCTION tradeup.ppmt(rate double precision, per double precision, nper double precision, pv double precision, fv double precision DEFAULT 0,
                             due text DEFAULT 'end') RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.ppmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The principal in the level payment of one period';

CREATE FUNCTION tradeup.nper(rate double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0, due text DEFAULT 'end')
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.nper(double precision, double precision, double precision, double precision, text) IS
    'The number of periods after which payments have paid off a loan or reached a value; null when they never do';

CREATE FUNCTION tradeup.rate(nper double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0, due text DEFAULT 'end')
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate(double precision, double precision, double precision, double precision, text) IS
    'The rate per period of a loan or a savings plan, the one nearest 0; null when there is none';

CREATE FUNCTION tradeup.cumipmt(rate double precision, nper double precision, pv double precision, first double precision, last double precision,
                                due text DEFAULT 'end') RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.cumipmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The interest paid from one period to another, both included';

CREATE FUNCTION tradeup.cumprinc(rate double precision, nper double precision, pv double precision, first double precision, last double precision,
                                 due text DEFAULT 'end') RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.cumprinc(double precision, double precision, double precision, double precision, double precision, text) IS
    'The principal paid from one period to another, both included';

CREATE FUNCTION tradeup.effect(nominal double precision, periods integer) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.effect(double precision, integer) IS
    'The effective yearly rate of a nominal one that is compounded so many times a year';

CREATE FUNCTION tradeup.nominal(effective double precision, periods integer) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.nominal(double precision, integer) IS
    'The nominal yearly rate, compounded so many times a year, of an effective one';

CREATE FUNCTION tradeup.rate_for_payment(principal double precision, payment double precision, term integer, frequency text DEFAULT 'monthly')
RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 110
RETURN CASE WHEN tradeup.require_one_of('frequency', frequency, '{monthly,bi-weekly,weekly}')
            THEN CASE frequency WHEN 'monthly' THEN 12 WHEN 'bi-weekly' THEN 26 ELSE 52 END * tradeup.rate(term, -payment, principal) END;
COMMENT ON FUNCTION tradeup.rate_for_payment(double precision, double precision, integer, text) IS
    'The yearly rate of a loan with level payments; null when the payments do not cover the principal in any way';
-- Cash flows, as arrays and as rows: what they are worth, and what they yield.

CREATE FUNCTION tradeup.year_fraction(from_date date, to_date date, day_count text DEFAULT 'actual/365') RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'year_fraction_of_dates';
COMMENT ON FUNCTION tradeup.year_fraction(date, date, text) IS
    'The years between two dates under a day count: actual/365, actual/360, actual/actual or 30/360';

CREATE FUNCTION tradeup.npv(rate double precision, amounts double precision[], first_period integer DEFAULT 0) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'npv_array';
COMMENT ON FUNCTION tradeup.npv(double precision, double precision[], integer) IS
    'Net present value of amounts one period apart, the first at period 0 (1 is what spreadsheets do)';

CREATE FUNCTION tradeup.irr(amounts double precision[]) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'irr_array';
COMMENT ON FUNCTION tradeup.irr(double precision[]) IS
    'Internal rate of return of amounts one period apart, the one nearest 0; null when there is none';

CREATE FUNCTION tradeup.irr_all(amounts double precision[]) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.irr_all(double precision[]) IS 'All internal rates of return above -1, ascending';

CREATE FUNCTION tradeup.mirr(amounts double precision[], finance_rate double precision, reinvest_rate double precision) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.mirr(double precision[], double precision, double precision) IS
    'Modified internal rate of return: costs financed at one rate, proceeds reinvested at another';

CREATE FUNCTION tradeup.xnpv(rate double precision, amounts double precision[], dates date[], day_count text DEFAULT 'actual/365')
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'xnpv_array';
COMMENT ON FUNCTION tradeup.xnpv(double precision, double precision[], date[], text) IS
    'Net present value of dated amounts on the earliest of the dates';

CREATE FUNCTION tradeup.xirr(amounts double precision[], dates date[], day_count text DEFAULT 'actual/365') RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'xirr_array';
COMMENT ON FUNCTION tradeup.xirr(double precision[], date[], text) IS
    'Yearly internal rate of return of dated amounts, the one nearest 0; null when there is none';

CREATE FUNCTION tradeup.cat(amounts double precision[], dates date[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500
RETURN tradeup.xirr(amounts, dates);
COMMENT ON FUNCTION tradeup.cat(double precision[], date[]) IS
    'Mexico''s total annual cost (costo anual total) of a credit, as a fraction: the effective yearly rate of all its dated flows';

-- Rows of flows in periods: the order of the rows is the order of the periods.
CREATE FUNCTION tradeup.irr_step(internal, double precision) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.irr_step(internal, double precision) IS 'Step of the aggregate irr';
CREATE FUNCTION tradeup.irr_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.irr_final(internal) IS 'End of the aggregate irr';
CREATE AGGREGATE tradeup.irr(amount double precision) (
    SFUNC = tradeup.irr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup.irr_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.irr(double precision) IS
    'Internal rate of return of rows one period apart, in their order: irr(amount ORDER BY period)';

CREATE FUNCTION tradeup.npv_step(internal, double precision, double precision) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.npv_step(internal, double precision, double precision) IS 'Step of the aggregate npv';
CREATE FUNCTION tradeup.npv_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.npv_final(internal) IS 'End of the aggregate npv';
CREATE AGGREGATE tradeup.npv(rate double precision, amount double precision) (
    SFUNC = tradeup.npv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup.npv_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.npv(double precision, double precision) IS
    'Net present value of rows one period apart, the first at period 0, in their order: npv(rate, amount ORDER BY period)';

-- Rows of dated flows: their order does not matter, and parallel workers can share them.
CREATE FUNCTION tradeup.dated_flows_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.dated_flows_combine(internal, internal) IS 'Joins what parallel workers have of an aggregate of dated flows';
CREATE FUNCTION tradeup.dated_flows_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.dated_flows_serialize(internal) IS 'Sends what a parallel worker has of an aggregate of dated flows';
CREATE FUNCTION tradeup.dated_flows_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.dated_flows_deserialize(bytea, internal) IS 'Receives what a parallel worker has of an aggregate of dated flows';
CREATE FUNCTION tradeup.xirr_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xirr_final(internal) IS 'End of the aggregate xirr';
CREATE FUNCTION tradeup.xnpv_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xnpv_final(internal) IS 'End of the aggregate xnpv';

CREATE FUNCTION tradeup.xirr_step(internal, double precision, date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xirr_step(internal, double precision, date) IS 'Step of the aggregate xirr';
CREATE AGGREGATE tradeup.xirr(amount double precision, date date) (
    SFUNC = tradeup.xirr_step, STYPE = internal, SSPACE = 1024, FINALFUNC = tradeup.xirr_final, COMBINEFUNC = tradeup.dated_flows_combine,
    SERIALFUNC = tradeup.dated_flows_serialize, DESERIALFUNC = tradeup.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xirr(double precision, date) IS
    'Yearly internal rate of return of dated rows (actual/365), the one nearest 0; null when there is none';

CREATE FUNCTION tradeup.xirr_step(internal, double precision, date, text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xirr_step(internal, double precision, date, text) IS 'Step of the aggregate xirr with a day count';
CREATE AGGREGATE tradeup.xirr(amount double precision, date date, day_count text) (
    SFUNC = tradeup.xirr_step, STYPE = internal, SSPACE = 1024, FINALFUNC = tradeup.xirr_final, COMBINEFUNC = tradeup.dated_flows_combine,
    SERIALFUNC = tradeup.dated_flows_serialize, DESERIALFUNC = tradeup.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xirr(double precision, date, text) IS 'Yearly internal rate of return of dated rows under a day count';

CREATE FUNCTION tradeup.xnpv_step(internal, double precision, double precision, date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xnpv_step(internal, double precision, double precision, date) IS 'Step of the aggregate xnpv';
CREATE AGGREGATE tradeup.xnpv(rate double precision, amount double precision, date date) (
    SFUNC = tradeup.xnpv_step, STYPE = internal, SSPACE = 1024, FINALFUNC = tradeup.xnpv_final, COMBINEFUNC = tradeup.dated_flows_combine,
    SERIALFUNC = tradeup.dated_flows_serialize, DESERIALFUNC = tradeup.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xnpv(double precision, double precision, date) IS
    'Net present value of dated rows on the earliest date (actual/365)';

CREATE FUNCTION tradeup.xnpv_step(internal, double precision, double precision, date, text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xnpv_step(internal, double precision, double precision, date, text) IS 'Step of the aggregate xnpv with a day count';
CREATE AGGREGATE tradeup.xnpv(rate double precision, amount double precision, date date, day_count text) (
    SFUNC = tradeup.xnpv_step, STYPE = internal, SSPACE = 1024, FINALFUNC = tradeup.xnpv_final, COMBINEFUNC = tradeup.dated_flows_combine,
    SERIALFUNC = tradeup.dated_flows_serialize, DESERIALFUNC = tradeup.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xnpv(double precision, double precision, date, text) IS
    'Net present value of dated rows on the earliest date under a day count';

CREATE AGGREGATE tradeup.cat(amount double precision, date date) (
    SFUNC = tradeup.xirr_step, STYPE = internal, SSPACE = 1024, FINALFUNC = tradeup.xirr_final, COMBINEFUNC = tradeup.dated_flows_combine,
    SERIALFUNC = tradeup.dated_flows_serialize, DESERIALFUNC = tradeup.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.cat(double precision, date) IS
    'Mexico''s total annual cost (costo anual total) of dated rows, as a fraction';
-- Plain loans and leases, exact to the unit of money; and the annual percentage rate of Regulation Z.

CREATE FUNCTION tradeup.amortization(
    principal numeric,
    annual_rate numeric,
    term integer,
    frequency text DEFAULT 'monthly',
    start_date date DEFAULT NULL,
    first_payment date DEFAULT NULL,
    balloon numeric DEFAULT 0,
    extra numeric DEFAULT 0,
    extra_keeps text DEFAULT 'payment',
    day_count text DEFAULT NULL,
    rounding text DEFAULT 'half_up',
    unit numeric DEFAULT 0.01,
    OUT period integer,
    OUT due_date date,
    OUT opening numeric,
    OUT payment numeric,
    OUT interest numeric,
    OUT principal numeric,
    OUT extra numeric,
    OUT closing numeric
) RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 ROWS 60 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.amortization(numeric, numeric, integer, text, date, date, numeric, numeric, text, text, text, numeric) IS
    'The payments of a loan, exact to the unit: interest on the opening balance, level payments, the last one pays what is left and the balloon. Null for start_date, first_payment or day_count means none; any other null gives no rows';

CREATE FUNCTION tradeup.payoff(
    principal numeric,
    annual_rate numeric,
    term integer,
    on_date date,
    start_date date,
    first_payment date DEFAULT NULL,
    frequency text DEFAULT 'monthly',
    balloon numeric DEFAULT 0,
    extra numeric DEFAULT 0,
    extra_keeps text DEFAULT 'payment',
    day_count text DEFAULT NULL,
    rounding text DEFAULT 'half_up',
    unit numeric DEFAULT 0.01,
    OUT paid_periods integer,
    OUT balance numeric,
    OUT accrued_from date,
    OUT days integer,
    OUT per_diem numeric,
    OUT interest numeric,
    OUT payoff numeric
) RETURNS record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.payoff(numeric, numeric, integer, date, date, date, text, numeric, numeric, text, text, text, numeric) IS
    'What pays off a loan on a date when all payments due so far were made: the balance, and interest by the day since the last due date. Null for first_payment or day_count means none; any other null but start_date gives null';

CREATE FUNCTION tradeup.lease_payment(
    capitalized_cost numeric,
    residual numeric,
    term integer,
    money_factor numeric,
    tax_rate numeric DEFAULT 0,
    rounding text DEFAULT 'half_up',
    unit numeric DEFAULT 0.01
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.lease_payment(numeric, numeric, integer, numeric, numeric, text, numeric) IS
    'The monthly payment of a lease: depreciation (cost less residual, over the term) and rent (cost plus residual, times the money factor), with tax, rounded once';

CREATE FUNCTION tradeup.money_factor(annual_rate numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1
RETURN pg_catalog.trim_scale(pg_catalog.round(annual_rate / 24, 16));
COMMENT ON FUNCTION tradeup.money_factor(numeric) IS 'The money factor of a lease at a yearly rate: a twenty-fourth of it, to 16 decimals';

CREATE FUNCTION tradeup.money_factor_to_apr(money_factor numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1
RETURN money_factor * 24;
COMMENT ON FUNCTION tradeup.money_factor_to_apr(numeric) IS 'The yearly rate that a lease''s money factor stands for: 24 times it';

CREATE FUNCTION tradeup.principal_for_payment(
    payment numeric,
    annual_rate numeric,
    term integer,
    frequency text DEFAULT 'monthly',
    balloon numeric DEFAULT 0,
    rounding text DEFAULT 'half_up',
    unit numeric DEFAULT 0.01
) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.principal_for_payment(numeric, numeric, integer, text, numeric, text, numeric) IS
    'The largest loan whose level payment, rounded, is at most this one; null when there is none';

CREATE FUNCTION tradeup.term_for_payment(
    principal numeric,
    payment numeric,
    annual_rate numeric,
    frequency text DEFAULT 'monthly',
    rounding text DEFAULT 'half_up',
    unit numeric DEFAULT 0.01
) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.term_for_payment(numeric, numeric, numeric, text, text, numeric) IS
    'The least number of payments whose level payment, rounded, is at most this one, up to 40 years; null when there is none';

CREATE FUNCTION tradeup.apr(
    amount numeric,
    payment numeric,
    payments integer,
    start_date date,
    first_payment date,
    frequency text DEFAULT 'monthly',
    prepaid_finance_charge numeric DEFAULT 0,
    last_payment numeric DEFAULT NULL
) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.apr(numeric, numeric, integer, date, date, text, numeric, numeric) IS
    'The annual percentage rate of equal payments by the actuarial method of US Regulation Z, Appendix J, as a fraction. Null for last_payment means a payment like the others; any other null gives null, and so does a loan that no rate explains';

CREATE FUNCTION tradeup.apr(
    advances numeric[],
    advance_dates date[],
    payments numeric[],
    payment_dates date[],
    unit_period text DEFAULT 'month'
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'apr_flows';
COMMENT ON FUNCTION tradeup.apr(numeric[], date[], numeric[], date[], text) IS
    'The annual percentage rate of any advances and payments by the actuarial method of US Regulation Z, Appendix J, as a fraction; null when no rate explains them';
-- The programs that the extension brings. mx-2025 differs from mx-reference in columns only.

INSERT INTO tradeup.program (name, title, currency, built_in, interest_tax_rate, service_fee_rate, opening_fee_rate, protection,
                     insurance_renewed, gps_installation, gps_monthly, gps_tax_rate, installation_from_equity,
                     installation_in_first_payment, margin_cost, max_adjusted_rate)
VALUES ('mx-reference', 'Mexican trade-up program', 'MXN', true, 0.16, 0.04, 0.04, 25000,
        true, 750, 350, 0.16, true, true, 2000, 1);

INSERT INTO tradeup.program (name, title, currency, built_in, interest_tax_rate, service_fee_rate, opening_fee_rate,
                     opening_fee_tax_rate, opening_fee_less_equity, protection, gps_installation, gps_monthly,
                     gps_tax_rate, installation_from_equity, installation_financed, margin_opening_fee,
                     margin_protection, requires_dearer, change_digits, max_change, max_adjusted_rate)
VALUES ('mx-2025', 'Mexican trade-up program of 2025', 'MXN', true, 0.16, 0.04, 0.0399,
        0.16, true, 17599, 750, 350,
        0.16, true, true, false,
        true, false, 4, 1.00, 1);

INSERT INTO tradeup.program (name, title, currency, built_in, sales_tax_rate, document_fee, requires_dearer)
VALUES ('us-simple', 'United States simple interest loan', 'USD', true, 0.07, 299, false);

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

INSERT INTO tradeup.program_term (program, version, term, rate_adjustment)
SELECT p.name, 1, t.term, t.rate_adjustment
FROM (VALUES ('mx-reference'), ('mx-2025')) p (name),
     (VALUES (12, 0), (24, 0), (36, 0), (48, 0), (60, 0.01), (72, 0.015)) t (term, rate_adjustment);

INSERT INTO tradeup.program_term (program, version, term)
SELECT 'us-simple', 1, term FROM unnest(ARRAY[36, 48, 60, 72, 84]) term;

INSERT INTO tradeup.program_tier (program, version, rank, name, lower_change, lower_inclusive, upper_change)
SELECT p.name, 1, t.rank, t.name, t.lower_change, t.rank = 1, t.upper_change
FROM (VALUES ('mx-reference'), ('mx-2025'), ('us-simple')) p (name),
     (VALUES (1, 'Refresh', -0.05, 0.05), (2, 'Upgrade', 0.05, 0.25), (3, 'Max Upgrade', 0.25, 1.00))
         t (rank, name, lower_change, upper_change);

-- The triggers come only now: they let nobody else mark a program as built in.
CREATE TRIGGER protect_published_program BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program
    FOR EACH ROW EXECUTE FUNCTION tradeup.protect_published_program();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_profile
    FOR EACH ROW EXECUTE FUNCTION tradeup.protect_published_parts();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_term
    FOR EACH ROW EXECUTE FUNCTION tradeup.protect_published_parts();
CREATE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_tier
    FOR EACH ROW EXECUTE FUNCTION tradeup.protect_published_parts();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_profile
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_term
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_tier
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup.refuse_truncate();

UPDATE tradeup.program SET published_at = now();
