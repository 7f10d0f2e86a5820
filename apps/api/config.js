// The configuration: environment variables, each with what it means in docs/api.md.

import { readFileSync } from 'node:fs';
import { keysOf } from './auth.js';

const list = (value) => (value ?? '').split(/[\s,]+/).filter(Boolean);

function whole(environment, name, standing) {
    const value = environment[name];
    if (value === undefined || value === '') {
        return standing;
    }
    if (!/^\d{1,9}$/.test(value)) {
        throw new Error(`${name} must be a whole number, but is "${value}"`);
    }
    return Number(value);
}

// Keys that come over a plain connection could be anybody's, and codes and tokens that go over one can be read.
const OWN_MACHINE = ['127.0.0.1', '[::1]', 'localhost'];

function addressOf(name, value) {
    if (!value) {
        return null;
    }
    const { protocol, hostname } = URL.canParse(value) ? new URL(value) : {};
    if (protocol !== 'https:' && !(protocol === 'http:' && OWN_MACHINE.includes(hostname))) {
        throw new Error(`${name} must be an address with https, but is "${value}"`);
    }
    return value;
}

const rolesOf = (value) => new Map(list(value).map((entry) => {
    const [name, role = name] = entry.split('=');
    return [name, role];
}));

export function configuration(environment = process.env) {
    const e = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name.replace(/^TRADEUP_API_/, ''), value]));
    const at = (name, standing) => whole(environment, `TRADEUP_API_${name}`, standing);
    const files = (value) => list(value).map((path) => readFileSync(path, 'utf8'));
    const secrets = [...(e.SECRET ? [e.SECRET] : []), ...files(e.SECRET_FILE).map((secret) => secret.trim())];
    const keys = keysOf({ secrets, publicKeys: files(e.PUBLIC_KEY_FILE), keySets: files(e.KEY_SET_FILE).map((text) => JSON.parse(text)) });
    const roles = rolesOf(e.ROLES);
    const keySetAddress = addressOf('TRADEUP_API_KEY_SET_URL', e.KEY_SET_URL);
    if ((keys.length === 0 && !keySetAddress) || roles.size === 0) {
        throw new Error('TRADEUP_API_ROLES and one of TRADEUP_API_SECRET, _SECRET_FILE, _PUBLIC_KEY_FILE, _KEY_SET_FILE, _KEY_SET_URL must be set');
    }
    if ((keySetAddress || e.KEY_SET_FILE) && !(e.ISSUER && e.AUDIENCE)) {
        throw new Error('TRADEUP_API_ISSUER and TRADEUP_API_AUDIENCE must be set with a key set: its keys sign the tokens of other applications too');
    }
    const openidIssuer = addressOf('TRADEUP_API_OPENID_ISSUER', e.OPENID_ISSUER);
    return {
        host: e.HOST ?? '127.0.0.1',
        port: at('PORT', 8080),
        proxies: list(e.PROXIES),
        staticFolder: e.STATIC || null,
        openid: openidIssuer ? {
            issuer: openidIssuer, client_id: e.OPENID_CLIENT_ID ?? 'tradeup', scope: e.OPENID_SCOPE ?? 'openid', token: e.OPENID_TOKEN ?? 'access_token',
        } : null,
        openidHosts: list(e.OPENID_HOSTS).map((host) => addressOf('TRADEUP_API_OPENID_HOSTS', host)),
        keys, keySetAddress, roles,
        keySetMs: at('KEY_SET_MS', 3600000),
        claim: e.CLAIM ?? 'role',
        issuer: e.ISSUER || null,
        audience: e.AUDIENCE || null,
        clockToleranceMs: at('CLOCK_TOLERANCE_MS', 5000),
        // libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE) say which database, or this address.
        connection: e.DATABASE ? { connectionString: e.DATABASE } : {},
        poolSize: at('POOL', 6),
        waitMs: at('WAIT_MS', 2000),
        mostWaiting: at('MOST_WAITING', 200),
        lockMs: at('LOCK_MS', 3000),
        shortMs: at('TIME_OUT_MS', 5000),
        longestMs: at('LONG_TIME_OUT_MS', 60000),
        planCacheMode: e.PLAN_CACHE_MODE ?? 'auto',
        bodyBytes: at('BODY_BYTES', 1048576),
        requestMs: at('REQUEST_MS', 20000),
        stallMs: at('STALL_MS', 15000),
        requestsAMinute: at('REQUESTS_A_MINUTE', 1200),
        maxDelayMs: at('MAX_DELAY_MS', 1000),
        maxHeapBytes: at('MAX_HEAP_BYTES', 805306368),
        slowMs: at('SLOW_MS', 500),
        stopMs: at('STOP_MS', 10000),
        logLevel: e.LOG ?? 'info',
        channels: list(e.CHANNELS ?? 'tradeup_offers tradeup_leads'),
        eventsKept: at('EVENTS_KEPT', 1000),
        heartbeatMs: at('HEARTBEAT_MS', 15000),
        mostListeners: at('MOST_LISTENERS', 500),
    };
}
