// From the parts of an upload, or rows of a body, to the tables: the cells go into a temporary table, which load_vehicles or
// load_customers reads. All is one transaction.

import pg from 'pg';
import { Csv } from './csv.js';
import { Refused, notValid } from './errors.js';
import { parse } from './types.js';

const LINE = 'upload_line_number';
const BATCH = 2000;
const MOST_COLUMNS = 300;

async function makeTable(client, names) {
    if (names.length === 0 || names.length > MOST_COLUMNS) {
        throw notValid(`a file has 1 to ${MOST_COLUMNS} columns`, `This one has ${names.length}.`);
    }
    const seen = new Set([LINE]);
    for (const name of names) {
        if (name.trim() === '' || Buffer.byteLength(name) > 63 || name.includes('\0') || seen.has(name)) {
            throw notValid('names of columns must be there, differ, and have at most 63 bytes', `One is "${name.slice(0, 100)}".`);
        }
        seen.add(name);
    }
    const columns = names.map((name) => `${pg.escapeIdentifier(name)} text`).join(', ');
    await client.query(`CREATE TEMP TABLE upload_rows (${pg.escapeIdentifier(LINE)} bigint, ${columns}) ON COMMIT DROP`);
}

async function insertRows(client, names, rows, first) {
    const wrong = rows.findIndex((row) => row.length > names.length);
    if (wrong >= 0) {
        throw notValid('a line has more cells than the first', `Line ${first + wrong} has ${rows[wrong].length}, the first ${names.length}.`, 'Perhaps the delimiter is another.');
    }
    const columns = names.map((_, n) => rows.map((row) => row[n]?.replaceAll('\0', '') ?? null));
    await client.query(`INSERT INTO pg_temp.upload_rows SELECT $1::bigint + x.place - 1, ${names.map((_, n) => `x.c${n}`).join(', ')}
        FROM unnest(${names.map((_, n) => `$${n + 2}::text[]`).join(', ')}) WITH ORDINALITY x (${names.map((_, n) => `c${n}`).join(', ')}, place)`, [first, ...columns]);
}

// The rows of a file into the table; gives how many.
async function readFile(client, upload, uploadId, parts) {
    const { rows: [found] } = await client.query('SELECT count(*)::integer AS parts, coalesce(max(part), 0) AS last FROM tradeup_api.upload_part WHERE upload_id = $1', [uploadId]);
    if (found.parts !== parts || found.last !== parts) {
        throw new Refused(409, '55000', 'parts of the upload are missing', { detail: `Of ${parts} parts ${found.parts} are there.`, hint: 'Send the others.' });
    }
    const decoder = new TextDecoder(upload.encoding, { fatal: true });
    const csv = new Csv(upload.delimiter);
    let names;
    let count = 0;
    const flush = async (isLast) => {
        if (!names && csv.rows.length) {
            const [header, ...others] = csv.take();
            csv.rows = others;
            names = header.map((name) => name.trim());
            await makeTable(client, names);
        }
        while (names && (csv.rows.length >= BATCH || (isLast && csv.rows.length))) {
            const all = csv.take();
            csv.rows = all.slice(BATCH);
            const rows = all.slice(0, BATCH);
            await insertRows(client, names, rows, count + 1);
            count += rows.length;
        }
    };
    for (let part = 1; part <= parts; part++) {
        const { rows: [{ bytes }] } = await client.query('SELECT bytes FROM tradeup_api.upload_part WHERE upload_id = $1 AND part = $2', [uploadId, part]);
        let piece;
        try {
            piece = decoder.decode(bytes, { stream: part < parts });
        } catch {
            throw notValid(`the file is not in ${upload.encoding}`, `Seen in part ${part}.`, 'Name another encoding.');
        }
        csv.write(piece);
        await flush(false);
    }
    csv.end();
    await flush(true);
    if (!names) {
        throw notValid('the file is empty');
    }
    return count;
}

async function readObjects(client, text) {
    const objects = parse(text);
    const names = new Set();
    for (const [n, object] of objects.entries()) {
        if (object === null || typeof object !== 'object' || Array.isArray(object) || JSON.isRawJSON(object)) {
            throw notValid('rows must be objects', `Row ${n + 1} is not.`);
        }
        Object.keys(object).forEach((name) => names.add(name));
    }
    const columns = [...names];
    const cell = (value) => (value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.isRawJSON(value) ? value.rawJSON : JSON.stringify(value));
    await makeTable(client, columns);
    for (let first = 0; first < objects.length; first += BATCH) {
        await insertRows(client, columns, objects.slice(first, first + BATCH).map((object) => columns.map((name) => (Object.hasOwn(object, name) ? cell(object[name]) : null))), first + 1);
    }
    return objects.length;
}

async function loadTable(client, kind, mapping) {
    const { rows } = await client.query(
        `SELECT l.outcome, l.rows::integer, l.line::integer, l.id, l.column_name, l.reason, l.value, to_jsonb(r) - $2::text AS cells
         FROM tradeup.load_${kind}('pg_temp.upload_rows', $1::jsonb || jsonb_build_object('line', $2::text)) l
         LEFT JOIN pg_temp.upload_rows r ON r.${LINE} = l.line AND l.outcome = 'refused'
         ORDER BY l.line`, [mapping, LINE]);
    const count = (outcome) => rows.filter((row) => row.outcome === outcome).reduce((sum, row) => sum + row.rows, 0);
    return {
        refusals: rows.filter((row) => row.outcome === 'refused'),
        counts: { inserted: count('inserted'), updated: count('updated'), unchanged: count('unchanged'), refused: count('refused') },
    };
}

async function loadUpload(client, { upload_id: uploadId, parts }) {
    const { rows: [upload] } = await client.query('SELECT u.* FROM tradeup_api.upload u WHERE u.upload_id = $1 FOR UPDATE', [uploadId]);
    if (!upload) {
        throw new Refused(404, 'P0002', 'the upload does not exist', { detail: `upload_id is "${uploadId}"` });
    }
    if (upload.state !== 'open') {
        throw new Refused(409, '55000', 'the upload is loaded already', { hint: 'Begin another one.' });
    }
    const count = await readFile(client, upload, uploadId, Number(parts));
    const { refusals, counts } = await loadTable(client, upload.kind, JSON.stringify(upload.mapping));
    await client.query(
        `INSERT INTO tradeup_api.upload_refusal (upload_id, line, id, column_name, reason, value, cells)
         SELECT $1, r.line, r.id, r.column_name, r.reason, r.value, r.cells
         FROM jsonb_to_recordset($2::jsonb) r (line bigint, id text, column_name text, reason text, value text, cells jsonb)`, [uploadId, JSON.stringify(refusals)]);
    await client.query(
        `UPDATE tradeup_api.upload SET state = 'loaded', loaded_at = now(), rows = $2, inserted = $3, updated = $4, unchanged = $5, refused = $6
         WHERE upload_id = $1`, [uploadId, count, counts.inserted, counts.updated, counts.unchanged, counts.refused]);
    await client.query('DELETE FROM tradeup_api.upload_part WHERE upload_id = $1', [uploadId]);
    return { upload_id: Number(uploadId), rows: count, ...counts };
}

async function loadBody(client, { kind, mapping, rows }) {
    const count = await readObjects(client, rows);
    const { refusals, counts } = await loadTable(client, kind, mapping);
    return { rows: count, ...counts, rejected: refusals.map(({ line, id, column_name, reason, value, cells }) => ({ line, id, column_name, reason, value, cells })) };
}

export async function load({ config, database, reply, route, role, signal, values }) {
    const work = route.name === 'load_upload' ? loadUpload : loadBody;
    const told = await database.withClient(role, (client) => database.limited(client, config.longestMs, signal, async () => {
        await client.query('BEGIN');
        try {
            const made = await work(client, values);
            if (signal.aborted) {
                throw new Refused(499, '57014', 'the client has gone');
            }
            await client.query('COMMIT');
            return made;
        } catch (error) {
            await client.query('ROLLBACK').catch(() => {});
            throw error;
        }
    }));
    return reply.send(told);
}
