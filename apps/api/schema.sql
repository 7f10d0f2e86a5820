-- Uploads of the HTTP server, each seen by the role that made it. Run once in the database that has the extension tradeup:
--     psql -d DATABASE -f apps/api/schema.sql
-- then for each role that may load: SELECT tradeup_api.grant_loader('ROLE');

CREATE SCHEMA tradeup_api;
COMMENT ON SCHEMA tradeup_api IS 'Uploads of the HTTP server of tradeup';

CREATE TABLE tradeup_api.upload (
    upload_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('vehicles', 'customers')),
    mapping jsonb NOT NULL,
    file_name text,
    delimiter text NOT NULL,
    encoding text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'loaded')),
    created_by name NOT NULL DEFAULT current_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    loaded_at timestamptz,
    rows bigint,
    inserted bigint,
    updated bigint,
    unchanged bigint,
    refused bigint
);
COMMENT ON TABLE tradeup_api.upload IS 'A file of vehicles or customers that comes in parts';

CREATE TABLE tradeup_api.upload_part (
    upload_id bigint NOT NULL REFERENCES tradeup_api.upload ON DELETE CASCADE,
    part integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (upload_id, part)
);
COMMENT ON TABLE tradeup_api.upload_part IS 'The parts of an upload until it is loaded';

CREATE TABLE tradeup_api.upload_refusal (
    upload_id bigint NOT NULL REFERENCES tradeup_api.upload ON DELETE CASCADE,
    line bigint NOT NULL,
    id text,
    column_name text,
    reason text NOT NULL,
    value text,
    cells jsonb,
    PRIMARY KEY (upload_id, line)
);
COMMENT ON TABLE tradeup_api.upload_refusal IS 'Rows of an upload that were refused, and why';

ALTER TABLE tradeup_api.upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup_api.upload_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup_api.upload_refusal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tradeup_api.upload USING (created_by = current_user) WITH CHECK (created_by = current_user);
CREATE POLICY of_own ON tradeup_api.upload_part
    USING (EXISTS (SELECT FROM tradeup_api.upload u WHERE u.upload_id = upload_part.upload_id));
CREATE POLICY of_own ON tradeup_api.upload_refusal
    USING (EXISTS (SELECT FROM tradeup_api.upload u WHERE u.upload_id = upload_refusal.upload_id));

CREATE VIEW tradeup_api.upload_state WITH (security_invoker = true) AS
SELECT u.upload_id, u.kind, u.file_name, u.mapping, u.state, u.created_at, u.loaded_at, p.parts, p.bytes,
       u.rows, u.inserted, u.updated, u.unchanged, u.refused
FROM tradeup_api.upload u
CROSS JOIN LATERAL (SELECT count(*) AS parts, coalesce(sum(length(p.bytes)), 0)::bigint AS bytes
                    FROM tradeup_api.upload_part p WHERE p.upload_id = u.upload_id) p;
COMMENT ON VIEW tradeup_api.upload_state IS 'How far each upload is';

CREATE FUNCTION tradeup_api.grant_loader(role name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA tradeup_api TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tradeup_api TO %I', role);
END
$$;
COMMENT ON FUNCTION tradeup_api.grant_loader(name) IS 'Lets a role upload files; what it may write with them, grant_admin says';
