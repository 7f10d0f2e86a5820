// The server behind nginx with TLS, by the configuration that docs/api.md shows.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root, sql, start, tokenOf, until } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'nginx'));
let server;
let nginx;
let port;

before(async () => {
    server = await start({ PROXIES: '127.0.0.1', REQUESTS_A_MINUTE: 30 });
    port = await new Promise((resolve) => {
        const found = createServer().listen(0, '127.0.0.1', () => {
            const { port: free } = found.address();
            found.close(() => resolve(free));
        });
    });
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
        '-keyout', join(folder, 'key'), '-out', join(folder, 'certificate')], { stdio: 'ignore' });
    const shown = readFileSync(`${root}apps/api/nginx.conf`, 'utf8');
    const ours = { 'ssl_certificate CERTIFICATE': join(folder, 'certificate'), 'ssl_certificate_key KEY': join(folder, 'key'), 'listen LISTEN': `127.0.0.1:${port}`, 'server SERVER': new URL(server.url).host };
    const site = Object.entries(ours).reduce((text, [line, value]) => {
        assert.ok(text.includes(`    ${line}`), line);
        return text.replace(`    ${line}`, () => `    ${line.split(' ')[0]} ${value}`);
    }, shown);
    writeFileSync(join(folder, 'nginx.conf'), `${process.getuid() === 0 ? 'user root;\n' : ''}pid ${folder}/pid;\nerror_log ${folder}/error.log;\ndaemon off;\nworker_processes 1;\n` +
        `events {}\nhttp {\naccess_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};\n`).join('')}${site}\n}\n`);
    nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: 'inherit', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    await until(async () => (await ask('GET', '/health/live').catch(() => ({}))).status === 200, 15_000, 'nginx');
});
after(async () => {
    nginx?.kill();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
});

// What the certificate says is checked.
function ask(method, path, { role = 'desk_reader', body, headers = {}, take } = {}) {
    return new Promise((resolve, reject) => {
        const asked = request({
            host: '127.0.0.1', port, path, method, ca: readFileSync(join(folder, 'certificate')),
            headers: { ...(role ? { authorization: `Bearer ${tokenOf(role)}` } : {}), ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        }, (answer) => {
            let text = '';
            answer.on('data', (piece) => {
                text += piece;
                if (take?.(text)) {
                    asked.destroy();
                    resolve({ status: answer.statusCode, headers: answer.headers, text });
                }
            });
            answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
            answer.on('error', () => {});
        });
        asked.on('error', reject);
        asked.end(body ? JSON.stringify(body) : undefined);
    });
}

test('answers come through TLS, with the headers of both', async () => {
    const { status, headers, text } = await ask('GET', '/api/customers/C1001/best-offers');
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).items.length, 9);
    assert.match(headers['strict-transport-security'], /max-age=\d+/);
    assert.match(headers['x-request-id'], /^[0-9a-f]{32}$/, 'the id of nginx');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    const packed = await ask('GET', '/api/vehicles?limit=100', { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(packed.headers['content-encoding'], 'gzip');
});

test('errors stay as they are', async () => {
    const { status, text } = await ask('GET', '/api/customers/nobody');
    assert.equal(status, 404);
    assert.equal(JSON.parse(text).code, 'P0002');
    assert.equal((await ask('GET', '/api/session', { role: null })).status, 401);
});

test('figures stay inside', async () => {
    assert.equal((await ask('GET', '/metrics')).status, 403);
    assert.equal((await server.ask('GET', '/metrics')).status, 200);
});

test('news come as they are written', async () => {
    const heard = ask('GET', '/api/events', { role: 'desk_north', take: (text) => text.includes('event: inventory') });
    const stirring = setInterval(() => sql("SELECT pg_notify('tradeup_offers', '{\"vehicles\": 1, \"gained\": [\"C1001\"], \"lost\": []}')"), 300);
    try {
        const { status, headers, text } = await heard;
        assert.equal(status, 200);
        assert.match(headers['content-type'], /event-stream/);
        assert.match(text, /"gained":\["C1001"\]/);
    } finally {
        clearInterval(stirring);
    }
});

test('streams come whole', async () => {
    const { text } = await ask('POST', '/api/bulk/offers', { body: { customer_ids: ['C1001', 'C1002'], per_tier: 100 } });
    assert.match(text, /\{"done":true,"rows":600\}\n$/);
});

test('strangers are told apart by their own address, which they cannot make up', async () => {
    const statuses = [];
    for (let n = 0; n < 40; n++) {
        statuses.push((await ask('GET', '/api/session', { role: null, headers: { 'x-forwarded-for': `10.0.0.${n}` } })).status);
    }
    assert.equal(statuses[0], 401);
    assert.equal(statuses.at(-1), 429);
});
