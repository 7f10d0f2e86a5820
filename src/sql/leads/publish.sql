-- What guards, publishes and finds models.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.model_parts(model text, version integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'risk_cohort'::text, (SELECT count(*) FROM tradeup_leads.risk_cohort x
                              WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'stressor'::text, (SELECT count(*) FROM tradeup_leads.stressor x
                           WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'stressor_rule'::text, (SELECT count(*) FROM tradeup_leads.stressor_rule x
                                WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'priority_rule'::text, (SELECT count(*) FROM tradeup_leads.priority_rule x
                                WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'repair_value'::text, (SELECT count(*) FROM tradeup_leads.repair_value x
                               WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'contact_channel'::text, (SELECT count(*) FROM tradeup_leads.contact_channel x
                                  WHERE x.model = model_parts.model AND x.version = model_parts.version),
        'message_template'::text, (SELECT count(*) FROM tradeup_leads.message_template x
                                   WHERE x.model = model_parts.model AND x.version = model_parts.version));
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_parts(text, integer) IS 'Number of rows of each part of a version of a model';

-- A row that was inserted as published, as a restore does, is believed only when it has the parts that it says.
CREATE OR REPLACE FUNCTION tradeup_leads.model_is_whole(version tradeup_leads.risk_model) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
RETURN coalesce((version).parts = tradeup_leads_internal.model_parts((version).name, (version).version), false);
COMMENT ON FUNCTION tradeup_leads.model_is_whole(tradeup_leads.risk_model) IS
    'Whether a published version has as many cohorts, stressors, rules, values, channels and texts as its row says';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.may_restore(relation oid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN (SELECT pg_has_role(c.relowner, 'USAGE'::text) FROM pg_class c WHERE c.oid = relation);
COMMENT ON FUNCTION tradeup_leads_internal.may_restore(oid) IS
    'Whether the role owns this table, and so may load rows as they were in a dump';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.protect_published_model() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown text;
    problems bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL
       AND NOT (TG_OP = 'DELETE' AND NOT tradeup_leads.model_is_whole(OLD::tradeup_leads.risk_model)) THEN
        RAISE EXCEPTION 'published version of a model cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Model "%s" version %s is published.', tradeup_leads_internal.shown(OLD.name), OLD.version),
                  HINT = 'Add a new version, change it, and publish it.';
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.published_at IS NOT NULL AND NOT tradeup_leads_internal.may_restore(TG_RELID) THEN
            RAISE EXCEPTION 'model must be published by publish_model'
                USING ERRCODE = 'insufficient_privilege', HINT = 'Leave out published_at, and call publish_model.';
        END IF;
        RETURN NEW;
    ELSIF NEW.published_at IS NULL THEN
        RETURN NEW;
    END IF;
    /* Waits for whoever is changing parts, and keeps others from it until this version is published or not. */
    LOCK TABLE tradeup_leads.risk_cohort, tradeup_leads.stressor, tradeup_leads.stressor_rule, tradeup_leads.priority_rule,
        tradeup_leads.repair_value, tradeup_leads.contact_channel, tradeup_leads.message_template IN SHARE ROW EXCLUSIVE MODE;
    NEW.parts := tradeup_leads_internal.model_parts(OLD.name, OLD.version);
    SELECT count(*), string_agg(p.path || ': ' || p.problem, E'\n' ORDER BY p.n) FILTER (WHERE p.n <= 20)
    INTO problems, shown
    FROM tradeup_leads.model_problems(tradeup_leads_internal.model_document(NEW::tradeup_leads.risk_model))
             WITH ORDINALITY p (path, problem, n);
    IF problems > 0 THEN
        RAISE EXCEPTION 'model cannot be published: % %', problems, CASE WHEN problems = 1 THEN 'problem' ELSE 'problems' END
            USING ERRCODE = 'check_violation',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'model_problems(model_to_json(name, version)) lists them as rows.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.protect_published_model() IS
    'Trigger that refuses a change of a published version, and that checks and measures a version when it is published';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.protect_model_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old_key record;
    new_key record;
    whole tradeup_leads.risk_model;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT OLD.model AS name, OLD.version AS version INTO old_key;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT NEW.model AS name, NEW.version AS version INTO new_key;
        /* Keeps the model from being deleted meanwhile. A restore inserts as the owner, parts first if it so happens. */
        PERFORM FROM tradeup_leads.risk_model x WHERE (x.name, x.version) = (new_key.name, new_key.version) FOR KEY SHARE;
        IF NOT FOUND AND NOT tradeup_leads_internal.may_restore(TG_RELID) THEN
            RAISE EXCEPTION 'model "%" version % does not exist', tradeup_leads_internal.shown(new_key.name), new_key.version
                USING ERRCODE = 'no_data_found', HINT = 'Add it to tradeup_leads.risk_model first.';
        END IF;
    END IF;
    /* An old snapshot does not show what was published since: this lock fails then, and in READ COMMITTED is not needed. */
    IF current_setting('transaction_isolation'::text) IN ('repeatable read', 'serializable') THEN
        IF TG_OP <> 'INSERT' THEN
            PERFORM FROM tradeup_leads.risk_model x WHERE (x.name, x.version) = (old_key.name, old_key.version) FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM FROM tradeup_leads.risk_model x WHERE (x.name, x.version) = (new_key.name, new_key.version) FOR SHARE;
        END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        SELECT * INTO whole FROM tradeup_leads.risk_model x
        WHERE (x.name, x.version) = (old_key.name, old_key.version) AND x.published_at IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' AND whole.name IS NULL THEN
        SELECT * INTO whole FROM tradeup_leads.risk_model x
        WHERE (x.name, x.version) = (new_key.name, new_key.version) AND x.published_at IS NOT NULL;
        /* A restore brings the parts of a published version back, as many as it had. */
        IF TG_OP = 'INSERT' AND (tradeup_leads_internal.model_parts(new_key.name, new_key.version)
                                 ->> TG_TABLE_NAME::text)::bigint < (whole.parts ->> TG_TABLE_NAME::text)::bigint THEN
            RETURN NEW;
        END IF;
    END IF;
    IF whole.name IS NOT NULL THEN
        RAISE EXCEPTION 'published version of a model cannot be changed'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Model "%s" version %s is published.', tradeup_leads_internal.shown(whole.name), whole.version),
                  HINT = 'Add a new version, change it, and publish it.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.protect_model_parts() IS
    'Trigger that refuses a change of the parts of a published version';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.carry_model_parts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM tradeup_leads.risk_cohort x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.stressor x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.stressor_rule x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.priority_rule x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.repair_value x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.contact_channel x WHERE (x.model, x.version) = (OLD.name, OLD.version);
        DELETE FROM tradeup_leads.message_template x WHERE (x.model, x.version) = (OLD.name, OLD.version);
    ELSIF (NEW.name, NEW.version) <> (OLD.name, OLD.version) THEN
        UPDATE tradeup_leads.risk_cohort x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.stressor x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.stressor_rule x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.priority_rule x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.repair_value x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.contact_channel x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
        UPDATE tradeup_leads.message_template x SET model = NEW.name, version = NEW.version
            WHERE (x.model, x.version) = (OLD.name, OLD.version);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.carry_model_parts() IS
    'Trigger that deletes the parts of a draft with it, and renames them with it';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table "%" cannot be truncated', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Published models and what was recorded are kept.';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.refuse_truncate() IS
    'Trigger that keeps TRUNCATE from what is never changed, which no row trigger would see';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_model(model text, version integer, known text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF known IS NULL THEN
        RAISE EXCEPTION '%', CASE WHEN version IS NULL
                                  THEN format('model "%s" has no published version', tradeup_leads_internal.shown(model))
                                  ELSE format('model "%s" version %s does not exist', tradeup_leads_internal.shown(model),
                                              version) END
            USING ERRCODE = 'no_data_found',
                  HINT = CASE WHEN version IS NULL THEN 'Publish a version, or give the version of a draft.'
                              ELSE 'Look in the table tradeup_leads.risk_model.' END;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_model(text, integer, text) IS
    'True when a model was found; otherwise the error that there is none of this name and version';

CREATE OR REPLACE FUNCTION tradeup_leads.publish_model(model text, version integer DEFAULT 1) RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    published timestamptz;
BEGIN
    IF EXISTS (SELECT FROM tradeup_leads.risk_model x
               WHERE x.name = model AND x.version = publish_model.version AND x.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'model "%" version % is already published', tradeup_leads_internal.shown(model), version
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Add a new version, change it, and publish it.';
    END IF;
    UPDATE tradeup_leads.risk_model x SET published_at = now()
    WHERE x.name = model AND x.version = publish_model.version
    RETURNING x.published_at INTO published;
    PERFORM tradeup_leads_internal.require_model(model, coalesce(version, 0), published::text);
    RETURN published;
END
$$;
COMMENT ON FUNCTION tradeup_leads.publish_model(text, integer) IS
    'Publishes a draft version of a model: from now on leads use it, and nothing can change it';
