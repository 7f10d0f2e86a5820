// Files in parts, and rows: whatever the cut, the encoding and the quotes; what is refused is kept with its cells.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Csv } from '../../apps/api/csv.js';
import { sql, start } from './support.js';

const server = await start();
after(() => server.close());
const { ask } = server;
const role = 'desk_admin';
const bytes = { 'content-type': 'application/octet-stream' };
const mapping = { columns: { vehicle_id: 'Stock No', regular_price: 'Price' }, currency: 'EUR', decimal_mark: ',' };
const begin = async (more = {}) => (await ask('POST', '/api/uploads', { role, body: { kind: 'vehicles', mapping, ...more } })).json.upload_id;
const put = (id, part, body, options = {}) => ask('PUT', `/api/uploads/${id}/parts/${part}`, { role, body: Buffer.from(body), headers: bytes, ...options });
const load = (id, parts, options = {}) => ask('POST', `/api/uploads/${id}/load`, { role, body: { parts }, ...options });

test('CSV as it comes', () => {
    const rows = (text, delimiter = ',') => {
        const csv = new Csv(delimiter);
        for (const c of text) {
            csv.write(c);
        }
        csv.end();
        return csv.take();
    };
    assert.deepEqual(rows('a,b\n1,2\n'), [['a', 'b'], ['1', '2']]);
    assert.deepEqual(rows('a,b\r\n1,2'), [['a', 'b'], ['1', '2']]);
    assert.deepEqual(rows('"a ""x""",b\n"line\none",\n'), [['a "x"', 'b'], ['line\none', '']]);
    assert.deepEqual(rows('a;b,c\n\n;\n', ';'), [['a', 'b,c'], ['', '']]);
    assert.deepEqual(rows('5" tyre,b'), [['5" tyre', 'b']]);
    assert.deepEqual(rows('""\n"",""'), [['', '']]);
    assert.throws(() => rows('a,"b\n'), /quote is not closed/);
});

test('parts cut anywhere, sent in any order and again', async () => {
    const file = Buffer.from('Stock No,Make,Price\nU1,"Citroën, ""le"" neuf",1.000\nU2,"Škoda\nOctavia",2.500\n');
    const id = await begin();
    const cuts = [0, 25, 31, 32, 58, 60, file.length];
    const parts = cuts.slice(1).map((end, n) => file.subarray(cuts[n], end));
    for (const n of [5, 0, 3, 1, 4, 2]) {
        assert.equal((await put(id, n + 1, parts[n])).status, 200);
    }
    assert.equal((await put(id, 1, parts[0])).json.bytes, 25);
    assert.deepEqual((({ parts: count, bytes: size, state }) => ({ count, size, state }))((await ask('GET', `/api/uploads/${id}`, { role })).json), { count: 6, size: file.length, state: 'open' });
    const { json } = await load(id, 6);
    assert.deepEqual(json, { upload_id: id, rows: 2, inserted: 2, updated: 0, unchanged: 0, refused: 0 });
    assert.equal(sql("SELECT string_agg(make, '|' ORDER BY vehicle_id) FROM tradeup.vehicle WHERE vehicle_id IN ('U1', 'U2')"), 'Citroën, "le" neuf|Škoda\nOctavia');
    assert.equal((await load(id, 6)).status, 409, 'only once');
    assert.equal((await put(id, 7, 'x')).status, 404, 'no parts afterwards');
});

test('parts that are missing: 409, and nothing is loaded', async () => {
    const id = await begin();
    await put(id, 1, 'Stock No,Price\n');
    await put(id, 3, 'U9,1\n');
    for (const parts of [1, 2, 3]) {
        assert.equal((await load(id, parts)).status, 409);
    }
    await put(id, 2, 'U8,1\n');
    assert.equal((await load(id, 3)).json.inserted, 2);
});

test('encodings', async () => {
    for (const [encoding, text, more] of [['windows-1252', Buffer.from('Stock No;Make;Price\nE1;Citro\xebn \x80;5\n', 'latin1'), 'Citroën €'], ['utf-16le', Buffer.from('\ufeffStock No;Make;Price\nE2;Ż;5\n', 'utf16le'), 'Ż'],
        ['utf-8', Buffer.from('\ufeffStock No;Make;Price\nE3;日本;5\n'), '日本']]) {
        const id = await begin({ encoding, delimiter: ';' });
        await put(id, 1, text);
        const { status, json } = await load(id, 1);
        assert.equal(status, 200, JSON.stringify(json));
        assert.equal(sql("SELECT make FROM tradeup.vehicle WHERE vehicle_id LIKE 'E_' ORDER BY vehicle_id DESC LIMIT 1"), more);
    }
    const id = await begin();
    await put(id, 1, Buffer.from('Stock No,Price\n\xff\xfe,1\n', 'latin1'));
    const { status, json } = await load(id, 1);
    assert.equal(status, 422);
    assert.match(json.message, /not in utf-8/);
});

test('files that are none: 422, and the upload stays open', async () => {
    for (const [file, message] of [['', /empty/], ['Stock No,Stock No\n1,2\n', /differ/], [',a\n1,2\n', /names of columns/], ['Stock No,Price\n1,2,3\n', /more cells/], ['Stock No,"Price\n', /not closed/],
        [Array.from({ length: 400 }, (_, n) => `c${n}`).join(',') + '\n', /columns/], ['Stock No\n1\n', /has no column/], [`"${'x'.repeat(200_000)}"\n`, /characters/],
        [`${'x'.repeat(70)}\n1\n`, /63 bytes/], ['upload_line_number,Stock No,Price\n1,2,3\n', /differ/]]) {
        const id = await begin();
        if (file !== '') {
            await put(id, 1, file);
        } else {
            await put(id, 1, '\n');
        }
        const { status, json } = await load(id, 1);
        assert.equal(status, 422, `${file.slice(0, 40)}: ${JSON.stringify(json)}`);
        assert.match(json.message, message);
        assert.equal((await ask('GET', `/api/uploads/${id}`, { role })).json.state, 'open');
        assert.equal((await ask('DELETE', `/api/uploads/${id}`, { role })).status, 200);
    }
});

test('names of columns that mean to break out', async () => {
    const names = ['Price"; DROP TABLE tradeup.vehicle; --', "x'); SELECT 1; --", '$1', '\\', '😀'];
    const id = await begin({ mapping: { columns: { vehicle_id: 'Stock No', regular_price: names[0], make: names[1], model: names[2] }, currency: 'EUR', decimal_mark: ',' } });
    await put(id, 1, `Stock No,${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',')}\nB1,7,"a'b",m,x,y\n`);
    assert.equal((await load(id, 1)).json.inserted, 1);
    assert.equal(sql("SELECT make || regular_price::text FROM tradeup.vehicle WHERE vehicle_id = 'B1'"), "a'b7");
});

test('ten thousand refused rows, in pages, with their cells; mended ones come back as rows', async () => {
    const id = await begin();
    await put(id, 1, 'Stock No,Make,Price\n');
    await put(id, 2, Array.from({ length: 10_000 }, (_, n) => `R${n},<b>make</b>,ask us\n`).join(''));
    await put(id, 3, 'OK1,Kia,12\n');
    const { json } = await load(id, 3);
    assert.deepEqual(json, { upload_id: id, rows: 10_001, inserted: 1, updated: 0, unchanged: 0, refused: 10_000 });
    let after = 0;
    let count = 0;
    for (;;) {
        const { items } = (await ask('GET', `/api/uploads/${id}/rejected?after=${after}&limit=1000`, { role })).json;
        if (items.length === 0) {
            break;
        }
        count += items.length;
        after = items.at(-1).line;
        assert.deepEqual(items[0].cells, { 'Stock No': items[0].id, Make: '<b>make</b>', Price: 'ask us' });
        assert.equal(items[0].column_name, 'regular_price');
    }
    assert.equal(count, 10_000);
    const rows = [{ 'Stock No': 'R1', Make: 'Kia', Price: '9.999,50' }, { 'Stock No': 'R2', Price: 'still not' }, { 'Stock No': 'R3', Price: 12.5 }];
    const again = (await ask('POST', '/api/rows', { role, body: { kind: 'vehicles', mapping, rows } })).json;
    assert.equal(again.inserted, 1, JSON.stringify(again));
    assert.equal(again.refused, 2);
    assert.deepEqual(again.rejected.map(({ line, id: number }) => [line, number]), [[2, 'R2'], [3, 'R3']]);
});

test('customers', async () => {
    const { json } = await ask('POST', '/api/rows', { role, body: { kind: 'customers', rows: [{ customer_id: 'L1', risk_profile: 'prime', current_payment: '410.25' }, { customer_id: 'L2' }] } });
    assert.equal(json.inserted, 1);
    assert.equal(json.rejected[0].column_name, 'risk_profile');
    assert.equal((await ask('GET', '/api/customers/L1')).json.current_payment, '410.25');
});

test('rows that are none', async () => {
    for (const rows of [[7], ['x'], [null], [[]], []]) {
        assert.equal((await ask('POST', '/api/rows', { role, body: { kind: 'vehicles', mapping, rows } })).status, 422);
    }
    assert.equal((await ask('POST', '/api/rows', { role, body: { kind: 'quotes', rows: [{}] } })).status, 422);
    assert.equal((await ask('POST', '/api/rows', { role, body: { kind: 'vehicles', mapping: { colums: {} }, rows: [{ vehicle_id: 'x' }] } })).status, 422);
});

test('uploads are seen by the role that made them', async () => {
    sql("SELECT tradeup_api.grant_loader('desk_north')");
    const id = await begin();
    await put(id, 1, 'Stock No,Price\nS1,1\n');
    assert.equal((await ask('GET', `/api/uploads/${id}`, { role: 'desk_north' })).status, 404);
    assert.equal((await put(id, 1, 'x', { role: 'desk_north' })).status, 404);
    assert.equal((await load(id, 1, { role: 'desk_north' })).status, 404);
    assert.equal((await ask('DELETE', `/api/uploads/${id}`, { role: 'desk_north' })).status, 404);
    assert.deepEqual((await ask('GET', `/api/uploads/${id}/rejected`, { role: 'desk_north' })).json.items, []);
    const own = (await ask('POST', '/api/uploads', { role: 'desk_north', body: { kind: 'vehicles', mapping } })).json.upload_id;
    await put(own, 1, 'Stock No,Price\nS2,1\n', { role: 'desk_north' });
    assert.equal((await load(own, 1, { role: 'desk_north' })).status, 403, 'a desk may not write vehicles');
    sql('REVOKE ALL ON ALL TABLES IN SCHEMA tradeup_api FROM desk_north; REVOKE USAGE ON SCHEMA tradeup_api FROM desk_north');
});

test('two loads of one upload at once: one loads', async () => {
    const id = await begin();
    await put(id, 1, 'Stock No,Price\nT1,1\nT2,2\n');
    const statuses = (await Promise.all([load(id, 1), load(id, 1), load(id, 1)])).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, 409, 409]);
});
