// Calls functions through node-pg, as test/drivers/run asks on standard input: a line for each call, of its SQL and its values.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const pg = createRequire(process.argv[2])('pg');
const values = {
    whole: (v) => Number(v),
    float: (v) => Number(v),
    decimal: (v) => v,
    text: (v) => v,
    null: () => null,
    json: (v) => JSON.parse(v),
    array: (v) => JSON.parse(v),
    date: (v) => new Date(v + 'T00:00:00'),
    timestamp: (v) => new Date(v + 'T00:00:00'),
    dates: (v) => JSON.parse(v).map((day) => new Date(day + 'T00:00:00')),
    timestamps: (v) => JSON.parse(v).map((day) => new Date(day + 'T00:00:00')),
    boolean: (v) => v === 'true',
    interval: (v) => v,
};
const client = new pg.Client();
await client.connect();
for await (const line of createInterface({ input: process.stdin })) {
    const [id, sql, ...given] = line.split('\t');
    let n = 0;
    await client.query('BEGIN');
    let state = '';
    let message = '';
    try {
        await client.query(
            sql.replace(/\?/g, () => `$${++n}`),
            given.map((g) => values[g.slice(0, g.indexOf(':'))](g.slice(g.indexOf(':') + 1))),
        );
    } catch (error) {
        state = error.code ?? 'none';
        message = error.message;
    }
    await client.query('ROLLBACK');
    console.log([id, state, message.replace(/\s+/g, ' ')].join('\t'));
}
await client.end();
