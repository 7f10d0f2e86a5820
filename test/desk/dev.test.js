// What make desk starts: an address, a token for each role, and nothing that is left after Ctrl-C.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { root, until } from '../api/support.js';

test('make desk: prints an address and a token a role, and Ctrl-C ends all', async () => {
    const { TRADEUP_STAGE, PGHOST, PGDATABASE, PGUSER, PGPORT, ...environment } = process.env;
    const started = spawn(`${root}apps/api/dev`, { env: { ...environment, TRADEUP_API_SQL: 'apps/desk/dev.sql' }, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    started.stdout.on('data', (piece) => { said += piece; });
    const ended = new Promise((resolve) => started.on('exit', resolve));
    try {
        await until(() => /The database: /.test(said) || started.exitCode !== null, 200_000, 'the start');
        const [, url] = /The desk is at (http:\S+)/.exec(said);
        assert.match(await (await fetch(url)).text(), /<title>Deal desk<\/title>/);
        for (const role of ['desk_reader', 'desk_north', 'desk_south', 'desk_admin']) {
            const [, jwt] = new RegExp(`${role} (\\S+)`).exec(said);
            const session = await (await fetch(`${url}/api/session`, { headers: { authorization: `Bearer ${jwt}` } })).json();
            assert.equal(session.role, role);
        }
        const [, folder] = /PGHOST=(\S+)/.exec(said);
        assert.ok(existsSync(folder));
        process.kill(-started.pid, 'SIGINT');
        await ended;
        await assert.rejects(fetch(url));
        assert.ok(!existsSync(folder), 'nothing of the database is left');
    } finally {
        if (started.exitCode === null && started.signalCode === null) {
            process.kill(-started.pid, 'SIGTERM');
        }
    }
});
