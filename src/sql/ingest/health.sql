-- Health, for operators: one function a check, and the list of them. The columns are those of tradeup.health().

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.health_uploads_not_loaded()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.late = 0 THEN 'ok' ELSE 'warning' END,
           format('%s begun more than a day ago', x.late),
           CASE WHEN x.late > 0
                THEN format('Load upload %s with load_upload, or delete it from tradeup_bundles.upload.', x.first) END
    FROM (SELECT count(*) AS late, min(u.upload_id) AS first FROM tradeup_bundles.upload u
          WHERE u.state = 'open' AND u.begun_at < statement_timestamp() - interval '1 day') x;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.health_uploads_not_loaded() IS
    'Health: uploads that were begun are loaded within a day';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.health_parts_without_upload()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.parts = 0 THEN 'ok' ELSE 'warning' END, format('%s parts', x.parts),
           CASE WHEN x.parts > 0 THEN 'Delete them from tradeup_bundles.upload_part: no open upload has their number.' END
    FROM (SELECT count(*) AS parts FROM tradeup_bundles.upload_part p
          WHERE NOT EXISTS (SELECT FROM tradeup_bundles.upload u WHERE u.upload_id = p.upload_id AND u.state = 'open')) x;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.health_parts_without_upload() IS
    'Health: every part that is kept belongs to an upload that is open';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.health_rejected_rows()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.bad = 0 THEN 'ok' ELSE 'warning' END,
           format('%s of %s uploads of the last 7 days lost more than 5 %% of their rows', x.bad, x.uploads),
           CASE WHEN x.bad > 0
                THEN format('SELECT reason, count(*) FROM tradeup_bundles.rejected_row WHERE upload_id = %s GROUP BY reason;',
                            x.worst) END
    FROM (SELECT count(*) AS uploads, count(*) FILTER (WHERE u.rejected > 0.05 * u.rows) AS bad,
                 (array_agg(u.upload_id ORDER BY u.rejected DESC, u.upload_id))[1] AS worst
          FROM tradeup_bundles.upload u
          WHERE u.state = 'loaded' AND u.loaded_at > statement_timestamp() - interval '7 days') x;
END;
COMMENT ON FUNCTION tradeup_bundles_internal.health_rejected_rows() IS
    'Health: uploads of the last 7 days were loaded but for 5 % of their rows';

CREATE OR REPLACE FUNCTION tradeup_bundles.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 30000 ROWS 3 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    reads text[];
    unreadable text;
    hidden text;
BEGIN
    FOR check_name, reads IN VALUES
        ('uploads not loaded', '{upload}'::text[]),
        ('parts without upload', '{upload,upload_part}'),
        ('rejected rows', '{upload}')
    LOOP
        unreadable := (SELECT string_agg('tradeup_bundles.' || t.name, ', ' ORDER BY t.place)
                       FROM unnest(reads) WITH ORDINALITY t (name, place)
                       WHERE NOT has_table_privilege('tradeup_bundles.' || quote_ident(t.name), 'SELECT'));
        IF unreadable IS NOT NULL THEN
            status := 'unknown';
            value := NULL;
            advice := format('GRANT SELECT ON %s TO %I;', unreadable, current_user);
        ELSE
            EXECUTE format('SELECT h.status, h.value, h.advice FROM tradeup_bundles_internal.health_%s() h',
                           translate(check_name, ' ', '_'))
            INTO STRICT status, value, advice;
            hidden := (SELECT string_agg('tradeup_bundles.' || t.name, ', ' ORDER BY t.name)
                       FROM unnest(reads) t (name) WHERE row_security_active('tradeup_bundles.' || quote_ident(t.name)));
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
COMMENT ON FUNCTION tradeup_bundles.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
