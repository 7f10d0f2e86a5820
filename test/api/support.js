// What the tests have in common: a server in this process, with settings of the test, and ways to ask it.

import { createRequire } from 'node:module';
import { generateKeyPairSync } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { build } from '../../apps/api/app.js';
import { configuration } from '../../apps/api/config.js';

export const root = new URL('../../', import.meta.url).pathname;
export const require = createRequire(new URL('../../apps/api/package.json', import.meta.url));
const { createSigner } = require('fast-jwt');
export const pg = require('pg');

export const SECRET = 'a secret of the tests, of more than 32 bytes';
export const ROLES = 'desk_reader desk_north desk_south desk_admin';

export async function start(settings = {}, more = {}) {
    const environment = {
        TRADEUP_API_SECRET: SECRET, TRADEUP_API_ROLES: ROLES, TRADEUP_API_LOG: process.env.API_LOG ?? 'silent', TRADEUP_API_REQUESTS_A_MINUTE: '100000',
        // The tests themselves wait for other programs in this process.
        TRADEUP_API_MAX_DELAY_MS: '0',
        ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`TRADEUP_API_${name}`, String(value)])),
    };
    const app = await build({ ...configuration(environment), connection: { user: 'tradeup_api' }, ...more });
    const url = await app.listen({ host: '127.0.0.1', port: Number(settings.PORT ?? 0) });
    return { app, url, close: () => app.close(), ask: asker(url) };
}

const sign = createSigner({ key: SECRET, algorithm: 'HS256', expiresIn: 3600_000 });
export const token = (claims, options) => (options ? createSigner({ key: SECRET, algorithm: 'HS256', ...options })(claims) : sign(claims));
export const tokenOf = (role) => token({ sub: role, role });
export { createSigner, generateKeyPairSync };

export function asker(url) {
    return async (method, path, { role = 'desk_reader', body, headers = {}, auth = `Bearer ${role && tokenOf(role)}`, signal } = {}) => {
        const isText = typeof body === 'string' || Buffer.isBuffer(body);
        const answer = await fetch(url + path, {
            method, signal,
            headers: {
                ...(role === null || auth === null ? {} : { authorization: auth }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers,
            },
            body: body === undefined || isText ? body : JSON.stringify(body),
        });
        const text = await answer.text();
        let json;
        try {
            json = JSON.parse(text);
        } catch {
            json = undefined;
        }
        return { status: answer.status, headers: answer.headers, text, json };
    };
}

// As a superuser, in psql: the same database, or another.
export const sql = (query, database = process.env.PGDATABASE) =>
    execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', query], { encoding: 'utf8', cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }).trim();

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition, ms = 60_000, what = 'it') {
    const end = Date.now() + ms;
    while (Date.now() < end) {
        const found = await condition();
        if (found) {
            return found;
        }
        await pause(20);
    }
    throw new Error(`${what} did not happen within ${ms} ms`);
}

// Holds a table so that nobody can read it, until release().
export async function lock(table = 'tradeup.vehicle') {
    const client = new pg.Client();
    client.on('error', () => {});
    await client.connect();
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return { release: () => client.end() };
}

// How many connections of the server run or wait for a query.
export const atWork = () => Number(sql(
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tradeup_api' AND state = 'active' AND application_name = 'tradeup_api'"));
