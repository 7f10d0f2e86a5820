-- What guards, publishes and reads finance programs.

CREATE OR REPLACE FUNCTION tradeup_internal.tier_text(tier tradeup.program_tier) RETURNS text
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
CREATE OR REPLACE FUNCTION tradeup.program_is_whole(version tradeup.program) RETURNS boolean
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
CREATE OR REPLACE FUNCTION tradeup_internal.protect_published_program() RETURNS trigger
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
CREATE OR REPLACE FUNCTION tradeup_internal.protect_published_parts() RETURNS trigger
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

CREATE OR REPLACE FUNCTION tradeup_internal.carry_program_parts() RETURNS trigger
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

CREATE OR REPLACE FUNCTION tradeup_internal.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'finance programs cannot be truncated'
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Delete the drafts that are not needed.';
END
$$;

COMMENT ON FUNCTION tradeup_internal.refuse_truncate() IS
    'Trigger that keeps TRUNCATE from published programs, which no row trigger would see';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_publish_program(program text, version integer)
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

CREATE OR REPLACE FUNCTION tradeup.publish_program(program text, version integer DEFAULT 1) RETURNS timestamptz
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.publish_program(text, integer) IS
    'Publishes a draft version of a program: from now on offers use it, and nothing can change it';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_set_default_program(program text)
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

CREATE OR REPLACE FUNCTION tradeup.set_default_program(program text) RETURNS void
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.set_default_program(text) IS
    'Marks the program of all customers that have none of their own';

CREATE OR REPLACE FUNCTION tradeup_internal.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE 'UTC')::date;

COMMENT ON FUNCTION tradeup_internal.today() IS
    'The day on which the transaction began, in UTC, whatever the time zone of the session';

CREATE OR REPLACE FUNCTION tradeup_internal.oldest_year(min_year integer, max_age integer) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN greatest(min_year, extract(year FROM tradeup_internal.today())::integer - max_age);

COMMENT ON FUNCTION tradeup_internal.oldest_year(integer, integer) IS
    'The oldest model year that a program with this lowest year and largest age finances today; null: any';
