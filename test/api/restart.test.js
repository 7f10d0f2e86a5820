// The database is restarted under the server, connections are ended, and all goes on.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { lock, pause, sql, start, until, atWork } from './support.js';

const server = await start({ LOCK_MS: 20000, TIME_OUT_MS: 20000 });
after(() => server.close());
const { ask } = server;
const best = '/api/customers/C1001/best-offers';
const endAll = () => sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tradeup_api'");

function control(action) {
    const command = ['pg_ctl', '-D', `${process.env.PGHOST}/data`, '-m', 'fast', '-w', '-t', '60', '-l', process.env.SERVER_LOG, action];
    const isRoot = process.getuid() === 0;
    const [program, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', 'env', `PATH=${process.env.PATH}`, ...command] : command;
    execFileSync(program, rest, { cwd: '/', stdio: 'ignore' });
}

test('connections that were ended while idle are made anew, unseen', async () => {
    assert.equal((await ask('GET', best)).status, 200);
    endAll();
    for (let n = 0; n < 10; n++) {
        assert.equal((await ask('GET', best)).status, 200);
    }
    endAll();
    assert.equal((await ask('POST', '/api/quotes', { role: 'desk_north', body: { customer_id: 'C1001', vehicle_id: 'GM0040', term: 60 } })).status, 201);
});

test('a read whose connection ends on its way is asked again; a write is not', async () => {
    const held = await lock();
    const read = ask('GET', best);
    const written = ask('POST', '/api/quotes', { role: 'desk_north', body: { customer_id: 'C1001', vehicle_id: 'GM0040', term: 60 } });
    try {
        await until(() => atWork() === 2, 10_000, 'both');
        endAll();
        const { status, json, headers } = await written;
        assert.equal(status, 503);
        assert.ok(['57P01', '08006'].includes(json.code), json.code);
        assert.equal(headers.get('retry-after'), '1');
        await pause(300);
    } finally {
        await held.release();
    }
    assert.equal((await read).status, 200);
});

test('the database is stopped and started', async () => {
    control('stop');
    for (const path of [best, '/health/ready', '/api/session']) {
        const { status, json, headers } = await ask('GET', path);
        assert.equal(status, 503, path);
        assert.ok(json.message);
        assert.equal(headers.get('retry-after'), '1');
    }
    assert.equal((await ask('GET', '/health/live')).status, 200);
    control('start');
    await until(async () => (await ask('GET', '/health/ready')).status === 200);
    assert.equal((await ask('GET', best)).status, 200);
});

test('under load, a restart gives nothing but answers and 503', async () => {
    const statuses = new Map();
    let isOver = false;
    const asking = [...Array(4)].map(async (_, n) => {
        while (!isOver) {
            const { status } = await ask('GET', `/api/customers/C100${n + 1}/best-offers`);
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            await pause(5);
        }
    });
    await pause(200);
    control('restart');
    await until(async () => (await ask('GET', '/health/ready')).status === 200);
    await pause(200);
    isOver = true;
    await Promise.all(asking);
    assert.deepEqual([...statuses.keys()].filter((status) => ![200, 503].includes(status)), []);
    assert.equal((await ask('GET', best)).status, 200);
    await until(async () => /tradeup_api_listening 1/.test((await ask('GET', '/metrics')).text), 20_000, 'listening again');
});
