// Time-outs, clients that go away or read slowly, too many requests, equal reads, and a stop while requests are under way.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { atWork, lock, pause, sql, start, tokenOf, until } from './support.js';

const servers = [];
after(() => Promise.all(servers.map((server) => server.close().catch(() => {}))));
async function starts(settings, more) {
    const server = await start(settings, more);
    servers.push(server);
    return server;
}
const best = '/api/customers/C1001/best-offers';

test('a query that takes too long is cancelled in the database: 504', async () => {
    const { ask } = await starts({ TIME_OUT_MS: 300, LOCK_MS: 20000 });
    const held = await lock();
    try {
        const begun = Date.now();
        const { status, json } = await ask('GET', best);
        assert.equal(status, 504);
        assert.equal(json.code, '57014');
        assert.ok(Date.now() - begun < 5000);
        assert.equal(atWork(), 0, 'nothing goes on in the database');
    } finally {
        await held.release();
    }
    assert.equal((await ask('GET', best)).status, 200, 'the connection serves the next');
    assert.match((await ask('GET', '/metrics')).text, /tradeup_api_cancelled_total\{why="time-out"\} 1/);
});

test('a lock that somebody else keeps: 503 with retry-after', async () => {
    const { ask } = await starts({ LOCK_MS: 200 });
    const held = await lock();
    try {
        const { status, json, headers } = await ask('GET', best);
        assert.equal(status, 503);
        assert.equal(json.code, '55P03');
        assert.equal(headers.get('retry-after'), '1');
    } finally {
        await held.release();
    }
});

test('the query of a client that has gone is cancelled', async () => {
    const { ask } = await starts({ LOCK_MS: 20000, TIME_OUT_MS: 20000 });
    const held = await lock();
    try {
        for (const [method, path, body] of [['GET', best], ['POST', '/api/quotes', { customer_id: 'C1001', vehicle_id: 'GM0040', term: 60 }], ['POST', '/api/bulk/offers', { customer_ids: ['C1001'] }]]) {
            const gone = new AbortController();
            const asked = ask(method, path, { role: 'desk_north', body, signal: gone.signal });
            asked.catch(() => {});
            await until(() => atWork() === 1, 10_000, `${path} at work`);
            gone.abort();
            await assert.rejects(asked);
            await until(() => atWork() === 0, 10_000, `the end of ${path}`);
        }
    } finally {
        await held.release();
    }
    assert.match((await ask('GET', '/metrics')).text, /tradeup_api_cancelled_total\{why="client gone"\} 3/);
    assert.equal((await ask('GET', best)).status, 200);
});

test('equal reads in flight are one query, and others are not', async () => {
    const { ask } = await starts({ LOCK_MS: 20000, TIME_OUT_MS: 20000 });
    const held = await lock();
    const gone = new AbortController();
    let asked;
    try {
        const first = ask('GET', best, { signal: gone.signal });
        first.catch(() => {});
        await until(() => atWork() === 1);
        asked = [...Array(20)].map(() => ask('GET', best));
        asked.push(ask('GET', `${best}?per_tier=1`), ask('GET', best, { role: 'desk_north' }));
        await until(() => atWork() === 3, 10_000, 'three queries');
        await pause(200);
        assert.equal(atWork(), 3);
        // One of those who wait goes; the others get their answer.
        gone.abort();
        await pause(200);
        assert.equal(atWork(), 3);
    } finally {
        await held.release();
    }
    const answers = await Promise.all(asked);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(new Set(answers.slice(0, 20).map(({ text }) => text)).size, 1);
    assert.match((await ask('GET', '/metrics')).text, /tradeup_api_shared_total 20/);
});

test('writes are never shared', async () => {
    const { ask } = await starts();
    const body = { customer_id: 'C1001', vehicle_id: 'GM0040', term: 48 };
    const answers = await Promise.all([...Array(5)].map(() => ask('POST', '/api/quotes', { role: 'desk_north', body })));
    assert.equal(new Set(answers.map(({ json }) => json.quote_id)).size, 5);
});

test('a role whose connections are in use: 503 for it, and not for others', async () => {
    const { ask } = await starts({ POOL: 1, WAIT_MS: 200, LOCK_MS: 20000, TIME_OUT_MS: 20000 });
    const held = await lock();
    let first;
    try {
        first = ask('GET', best);
        await until(() => atWork() === 1);
        const { status, json, headers } = await ask('GET', '/api/customers/C1001');
        assert.equal(status, 503);
        assert.equal(json.code, '53300');
        assert.equal(headers.get('retry-after'), '1');
        assert.equal((await ask('GET', '/api/customers/C1001', { role: 'desk_north' })).status, 200);
        assert.equal((await ask('GET', '/health/live')).status, 200);
    } finally {
        await held.release();
    }
    assert.equal((await first).status, 200);
});

test('no more wait than may', async () => {
    const { ask } = await starts({ POOL: 1, WAIT_MS: 20000, MOST_WAITING: 3, LOCK_MS: 20000, TIME_OUT_MS: 20000 });
    const held = await lock();
    let asked;
    try {
        asked = [ask('GET', best)];
        await until(() => atWork() === 1);
        asked.push(...[4, 5, 6].map((n) => ask('GET', `${best}?per_tier=${n}`)));
        await pause(300);
        const begun = Date.now();
        assert.equal((await ask('GET', `${best}?per_tier=9`)).status, 503);
        assert.ok(Date.now() - begun < 2000, 'at once');
    } finally {
        await held.release();
    }
    assert.deepEqual((await Promise.all(asked)).map(({ status }) => status), [200, 200, 200, 200]);
});

test('too many requests of one token: 429 with retry-after; others go on', async () => {
    const { ask } = await starts({ REQUESTS_A_MINUTE: 5 });
    const statuses = [];
    for (let n = 0; n < 7; n++) {
        statuses.push((await ask('GET', '/api/session')).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
    const { status, json, headers } = await ask('GET', '/api/session');
    assert.equal(status, 429);
    assert.equal(json.code, '53400');
    assert.ok(Number(headers.get('retry-after')) > 0);
    assert.equal((await ask('GET', '/api/session', { role: 'desk_north' })).status, 200);
    assert.equal((await ask('GET', '/health/live', { role: null })).status, 200);
    // Who guesses tokens is counted by her address.
    const guesses = [];
    for (let n = 0; n < 7; n++) {
        guesses.push((await ask('GET', '/api/session', { auth: `Bearer a.b.${n}` })).status);
    }
    assert.deepEqual(guesses, [401, 401, 401, 401, 401, 429, 429]);
});

test('an overloaded server: 503, but probes are answered', async () => {
    const { ask } = await starts({ MAX_HEAP_BYTES: 1 });
    const { status, json, headers } = await until(async () => {
        const answer = await ask('GET', '/api/session');
        return answer.status === 503 && answer;
    });
    assert.equal(status, 503);
    assert.equal(json.code, '53000');
    assert.equal(headers.get('retry-after'), '1');
    assert.equal((await ask('GET', '/health/live')).status, 200);
    assert.equal((await ask('GET', '/metrics')).status, 200);
});

test('a stop: what is under way is answered, nothing new is taken, and ready says so', async () => {
    const server = await start({ LOCK_MS: 20000, TIME_OUT_MS: 20000 });
    const { ask } = server;
    const held = await lock();
    let first;
    let closed;
    try {
        first = ask('GET', best);
        await until(() => atWork() === 1);
        closed = server.close();
        await pause(200);
        const late = await ask('GET', best).catch(() => ({ status: 503 }));
        assert.equal(late.status, 503);
    } finally {
        await held.release();
    }
    assert.equal((await first).status, 200);
    const answered = Date.now();
    await closed;
    assert.ok(Date.now() - answered < 20_000, 'a connection that is kept does not keep the server');
    await assert.rejects(ask('GET', '/health/live'));
});

test('a request that comes too slowly is cut off', async () => {
    const { url } = await starts({ REQUEST_MS: 1000 });
    const { port } = new URL(url);
    const said = await new Promise((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1');
        let text = '';
        socket.on('data', (data) => { text += data; });
        socket.on('close', () => resolve(text));
        socket.on('error', reject);
        socket.write(`POST /api/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('desk_reader')}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    });
    assert.match(said, /^HTTP\/1\.1 408[^]*"code":"57014"/);
});

test('a client that does not read a stream is let go, and so is its connection', async () => {
    const { url, ask } = await starts({ STALL_MS: 500, LONG_TIME_OUT_MS: 60000 });
    const { port } = new URL(url);
    const ids = JSON.parse(sql('SELECT json_agg(customer_id) FROM tradeup.customer'));
    const body = JSON.stringify({ customer_ids: ids, per_tier: 1000 });
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`POST /api/bulk/offers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('desk_reader')}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    await until(() => atWork() === 1, 10_000, 'the stream');
    await until(() => atWork() === 0, 20_000, 'the end of the stream');
    socket.destroy();
    assert.equal((await ask('GET', best)).status, 200);
    // One that reads gets all of it.
    const { text, status } = await ask('POST', '/api/bulk/offers', { body: { customer_ids: ids, per_tier: 20 } });
    assert.equal(status, 200);
    const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.at(-1), { done: true, rows: lines.length - 1 });
    assert.ok(lines.length > 5000);
    assert.equal(new Set(lines.slice(0, -1).map(({ customer_id: id }) => id)).size > 150, true);
});

test('a stream that fails on its way says so in its last line; one that fails at once has a status', async () => {
    const { ask } = await starts({ LONG_TIME_OUT_MS: 400, LOCK_MS: 20000 });
    const { status, json } = await ask('POST', '/api/bulk/offers', { body: { customer_ids: ['C1001'], rank_by: 'margin', overrides: { bonuss: 1 } } });
    assert.equal(status, 422);
    assert.equal(json.code, '22023');
    assert.equal((await ask('POST', '/api/bulk/offers', { body: { customer_ids: 'nobody' } })).text, '{"done":true,"rows":0}\n');
});

test('slow requests are counted and logged with their route, and no token is in the log', async () => {
    let logged = '';
    const logStream = new Writable({ write(chunk, _, done) { logged += chunk; done(); } });
    const { ask } = await starts({ SLOW_MS: 0, LOG: 'info' }, { logStream });
    await ask('GET', best, { headers: { 'x-request-id': 'slow-one' } });
    await ask('GET', '/api/nothing');
    await until(() => logged.includes('slow-one'));
    const line = logged.split('\n').filter(Boolean).map((text) => JSON.parse(text)).find(({ reqId }) => reqId === 'slow-one');
    assert.equal(line.route, 'best_offers');
    assert.equal(line.role, 'desk_reader');
    assert.equal(line.msg, 'slow request');
    assert.doesNotMatch(logged, /eyJ/);
    const { text } = await ask('GET', '/metrics');
    assert.match(text, /tradeup_api_slow_total\{route="best_offers"\} 1/);
    assert.match(text, /tradeup_api_requests_total\{route="best_offers",status="200"\} 1/);
    assert.match(text, /tradeup_api_request_seconds_count\{route="best_offers"\} 1/);
    assert.match(text, /tradeup_api_pool\{role="desk_reader",state="all"\} \d/);
});

test('pages: files of a folder and no others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pages'));
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'dist', 'index.html'), '<!doctype html><title>Desk</title>');
    writeFileSync(join(folder, 'dist', 'main.js'), 'export {};');
    const { ask } = await starts({ STATIC: join(folder, 'dist') });
    const page = (path, accept = 'text/html') => ask('GET', path, { role: null, headers: { accept } });
    assert.match((await page('/')).text, /Desk/);
    assert.match((await page('/customers/C1001')).text, /Desk/, 'addresses of the page itself');
    assert.match((await page('/main.js', '*/*')).headers.get('content-type'), /javascript/);
    assert.equal((await page('/nothing.js', '*/*')).status, 404);
    assert.equal((await page('/api/nothing')).status, 404);
    for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/....//secret.txt', '/main.js%00.html', '/dist/../../secret.txt']) {
        assert.doesNotMatch((await page(path, '*/*')).text, /^secret/, path);
    }
});

test('a connection that has asked nothing does not keep a stopping server', async () => {
    const other = await start();
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    await other.ask('GET', '/health/live');
    const begun = Date.now();
    await other.close();
    assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms`);
});
