// Questions to the database: a pool of connections for each role, answers as JSON texts, time-outs that cancel the query in
// the server, and one query for equal reads that are in flight at once.

import pg from 'pg';
import Cursor from 'pg-cursor';
import { Refused, isLost } from './errors.js';

const OID = { bool: 16, int8: 20, int2: 21, int4: 23, json: 114, float4: 700, float8: 701, timestamp: 1114, timestamptz: 1184, jsonb: 3802 };
const ARRAYS = { 1005: 'number', 1007: 'number', 1016: 'number', 1009: 'text', 1015: 'text', 1002: 'text', 1231: 'text', 1021: 'number', 1022: 'number', 1182: 'text' };

const asIs = (text) => text;
const moment = (text) => JSON.stringify(text.replace(' ', 'T').replace(/\+00$/, 'Z'));
const real = (text) => (/^-?[\d.]/.test(text) ? text : JSON.stringify(text));
const arrayOf = (oid) => {
    const parsed = pg.types.getTypeParser(1009, 'text');
    const one = ARRAYS[oid] === 'number' ? asIs : JSON.stringify;
    return (text) => `[${parsed(text).map((item) => (item === null ? 'null' : one(item))).join(',')}]`;
};
const ENCODERS = {
    [OID.bool]: (text) => (text === 't' ? 'true' : 'false'),
    [OID.int2]: asIs, [OID.int4]: asIs, [OID.int8]: asIs, [OID.json]: asIs, [OID.jsonb]: asIs, [OID.float4]: real, [OID.float8]: real,
    [OID.timestamptz]: moment, [OID.timestamp]: moment,
    ...Object.fromEntries(Object.keys(ARRAYS).map((oid) => [oid, arrayOf(oid)])),
};
// The text of a value becomes the JSON of it: a numeric a text of its digits, JSON itself.
export const types = { getTypeParser: (oid) => ENCODERS[oid] ?? JSON.stringify };

export const keysOf = (fields) => fields.map((field, n) => `${n ? ',' : ''}${JSON.stringify(field.name)}:`);
export function objectOf(keys, row) {
    let made = '{';
    for (let n = 0; n < keys.length; n++) {
        made += keys[n] + (row[n] ?? 'null');
    }
    return made + '}';
}

export class Database {
    constructor(config, log, metrics) {
        this.config = config;
        this.log = log;
        this.metrics = metrics;
        this.pools = new Map();
        this.inFlight = new Map();
        this.control = this.newPool(null, 2);
    }

    options(role) {
        const { config } = this;
        const settings = {
            ...(role ? { role } : {}),
            search_path: 'pg_catalog', TimeZone: 'UTC', DateStyle: 'ISO', IntervalStyle: 'iso_8601', jit: 'off', extra_float_digits: '1',
            bytea_output: 'hex', plan_cache_mode: config.planCacheMode,
            // Our own timers come first: these are for when nobody is left to cancel.
            statement_timeout: `${config.longestMs + 5000}ms`, lock_timeout: `${config.lockMs}ms`,
            idle_in_transaction_session_timeout: '60s', client_connection_check_interval: '2s',
        };
        return Object.entries(settings).map(([name, value]) => `-c ${name}=${String(value).replace(/([\\ ])/g, '\\$1')}`).join(' ');
    }

    newPool(role, max) {
        const pool = new pg.Pool({
            ...this.config.connection, max, options: this.options(role), application_name: 'tradeup_api',
            connectionTimeoutMillis: this.config.waitMs, idleTimeoutMillis: 60_000, maxLifetimeSeconds: 3600, keepAlive: true,
        });
        // One that is in use has no other listener, and an error that nobody hears would end the process.
        pool.on('connect', (client) => client.on('error', () => {}));
        pool.on('error', (error) => this.log.warn({ role, code: error.code }, `a connection was lost: ${error.message}`));
        return pool;
    }

    pool(role) {
        let pool = this.pools.get(role);
        if (!pool) {
            pool = this.newPool(role, this.config.poolSize);
            this.pools.set(role, pool);
        }
        return pool;
    }

    // A connection of the role, for as long as work(client) takes.
    async withClient(role, work) {
        const pool = this.pool(role);
        if (pool.waitingCount >= this.config.mostWaiting) {
            throw new Refused(503, '53300', 'too many requests wait for the database', { retryAfter: 1 });
        }
        const client = await pool.connect();
        let broken;
        try {
            return await work(client);
        } catch (error) {
            broken = isLost(error) ? error : undefined;
            throw error;
        } finally {
            client.release(broken);
        }
    }

    // Calls work, and cancels what the client's server process does when the time is over or the signal comes. The client
    // is given back only after the cancellation, so that it never hits the next query.
    async limited(client, ms, signal, work) {
        let cancelling;
        const cancel = (why) => {
            cancelling ??= this.control.query('SELECT pg_catalog.pg_cancel_backend($1)', [client.processID])
                .catch((error) => this.log.warn({ code: error.code }, `could not cancel a query: ${error.message}`));
            this.metrics.cancelled(why);
        };
        if (signal?.aborted) {
            throw new Refused(499, '57014', 'the client has gone');
        }
        const timer = setTimeout(cancel, ms, 'time-out');
        const gone = () => cancel('client gone');
        signal?.addEventListener('abort', gone, { once: true });
        try {
            return await work();
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener('abort', gone);
            await cancelling;
        }
    }

    async ask(role, query, { ms, signal }) {
        return this.withClient(role, (client) => this.limited(client, ms, signal, () => client.query({ ...query, rowMode: 'array', types })));
    }

    // A read may be asked again when the connection turns out to be lost; what writes may have been done.
    async askSafely(role, query, { ms, signal, isRead }) {
        try {
            return await this.ask(role, query, { ms, signal });
        } catch (error) {
            if (!isRead || !isLost(error) || signal?.aborted) {
                throw error;
            }
            return this.ask(role, query, { ms, signal });
        }
    }

    // The same read twice in flight is one query. It is cancelled when nobody waits for it any more.
    shared(key, signal, start) {
        let flight = this.inFlight.get(key);
        if (flight) {
            this.metrics.shared();
        } else {
            const stop = new AbortController();
            flight = { waiting: 0, stop, promise: start(stop.signal).finally(() => {
                if (this.inFlight.get(key) === flight) {
                    this.inFlight.delete(key);
                }
            }) };
            this.inFlight.set(key, flight);
        }
        flight.waiting += 1;
        const leave = () => {
            flight.waiting -= 1;
            if (flight.waiting === 0) {
                // Who comes now starts anew, rather than wait for what is being cancelled.
                if (this.inFlight.get(key) === flight) {
                    this.inFlight.delete(key);
                }
                flight.stop.abort();
            }
        };
        signal?.addEventListener('abort', leave, { once: true });
        return flight.promise.finally(() => signal?.removeEventListener('abort', leave));
    }

    // Rows in batches, from a cursor, so that a slow reader slows the database and not our memory.
    async stream(role, query, { ms, signal, batch = 200 }, take) {
        return this.withClient(role, async (client) => {
            const cursor = client.query(new Cursor(query.text, query.values, { rowMode: 'array', types }));
            try {
                let keys;
                for (;;) {
                    const rows = await this.limited(client, ms, signal, () => cursor.read(batch));
                    keys ??= keysOf(cursor._result.fields);
                    if (rows.length === 0 || await take(rows.map((row) => objectOf(keys, row))) === false) {
                        return;
                    }
                }
            } finally {
                await cursor.close().catch(() => {});
            }
        });
    }

    async ready() {
        await this.control.query('SELECT tradeup_internal.library_version()');
    }

    async close() {
        await Promise.allSettled([this.control, ...this.pools.values()].map((pool) => pool.end()));
    }
}

// The names and types of a statement's columns, without running it.
export class Description {
    constructor(text, callback) {
        this.text = text;
        this.callback = callback;
        this.fields = [];
    }

    submit(connection) {
        connection.parse({ text: this.text, name: '', types: [] });
        connection.describe({ type: 'S', name: '' });
        connection.sync();
    }

    handleRowDescription(message) {
        this.fields = message.fields.map((field) => ({ name: field.name, oid: field.dataTypeID < 16384 ? field.dataTypeID : 25 }));
    }

    handleError(error) {
        this.callback(error);
    }

    handleReadyForQuery() {
        this.callback(null, this.fields);
    }
}

export const describe = (client, text) => new Promise((resolve, reject) => {
    client.query(new Description(text, (error, fields) => (error ? reject(error) : resolve(fields))));
});
