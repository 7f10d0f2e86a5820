-- The queries of a loading. They are composed of names that are quoted and words of our own; what a mapping says comes as
-- parameters: $1 is the mapping, $2 its translated words.

CREATE OR REPLACE FUNCTION tradeup_internal.loading_cells(columns tradeup_internal.loading_column[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN (SELECT string_agg(format('tradeup_internal.filled_cell(%s, %L::boolean) AS c%s', coalesce(c.source, 'NULL::text'),
                                 c.kind = 'text', c.n), ', ' ORDER BY c.n)
        FROM unnest(loading_cells.columns)
             WITH ORDINALITY c (name, kind, type, required, source, numeric_source, translated, blank, said, n));
COMMENT ON FUNCTION tradeup_internal.loading_cells(tradeup_internal.loading_column[]) IS
    'The cells c1, c2, ... of a source s, as SQL';

CREATE OR REPLACE FUNCTION tradeup_internal.evidence_query(relation regclass, columns tradeup_internal.loading_column[])
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

CREATE OR REPLACE FUNCTION tradeup_internal.reading_query(target text, relation regclass, mapping jsonb,
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

CREATE OR REPLACE FUNCTION tradeup_internal.writing_query(target text, mapping jsonb, columns tradeup_internal.loading_column[])
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
