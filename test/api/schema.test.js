// api_schema.sql: the same answers as the server's, from plain SQL and through PostGraphile, with row-level security in force.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { root, sql, start } from './support.js';

const graph = createRequire(`${root}build/postgraphile/package.json`);
const load = (name) => import(pathToFileURL(graph.resolve(name)).href);
let server;
let ask;
let service;

before(async () => {
    execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', 'SET client_min_messages = warning',
        ...['api_schema', 'api_schema_leads', 'api_schema_bundles'].flatMap((name) => ['-f', `${root}apps/api/${name}.sql`])], { stdio: ['ignore', 'ignore', 'pipe'] });
    sql('GRANT USAGE ON SCHEMA tradeup_http TO desk_reader, desk_north, desk_south');
    server = await start();
    const { postgraphile } = await load('postgraphile');
    const { PostGraphileAmberPreset } = await load('postgraphile/presets/amber');
    const { makePgService } = await load('postgraphile/adaptors/pg');
    const { grafast } = await load('grafast');
    const { PGHOST, PGPORT, PGDATABASE } = process.env;
    service = makePgService({ connectionString: `postgres:///${PGDATABASE}?host=${encodeURIComponent(PGHOST)}&port=${PGPORT}&user=tradeup_api`, schemas: ['tradeup_http'] });
    const instance = postgraphile({
        extends: [PostGraphileAmberPreset], pgServices: [service],
        grafast: { context: ({ role }) => ({ pgSettings: { role } }) },
    });
    const schema = await instance.getSchema();
    const resolvedPreset = instance.getResolvedPreset();
    ask = (role, source) => grafast({ schema, source, resolvedPreset, requestContext: { role } });
});
after(async () => {
    await service?.release?.();
    await server?.close();
});

test('every function has a comment and none runs with the rights of its owner', () => {
    assert.equal(sql("SELECT count(*) FROM pg_proc WHERE pronamespace = 'tradeup_http'::regnamespace AND (prosecdef OR obj_description(oid, 'pg_proc') IS NULL)"), '0');
    assert.ok(Number(sql("SELECT count(*) FROM pg_proc WHERE pronamespace = 'tradeup_http'::regnamespace")) > 100);
});

test('a function gives what the address gives', async () => {
    const { json } = await server.ask('GET', '/api/customers/C1001/best-offers?per_tier=2&rank_by=payment');
    const rows = JSON.parse(sql("SELECT json_agg(json_build_object('id', o.vehicle_id, 'payment', o.payment::text)) FROM tradeup_http.best_offers('C1001', per_tier => 2, rank_by => 'payment') o"));
    assert.deepEqual(rows, json.items.map(({ vehicle_id: id, payment }) => ({ id, payment })));
});

test('PostGraphile: offers of the dealer, amounts as texts', async () => {
    const question = '{ bestOffers(customerId: "C1001", perTier: 1, rankBy: "payment") { nodes { vehicleId dealer payment tier } } }';
    const { data, errors } = await ask('desk_north', question);
    assert.equal(errors, undefined, JSON.stringify(errors));
    const { json } = await server.ask('GET', '/api/customers/C1001/best-offers?per_tier=1&rank_by=payment', { role: 'desk_north' });
    assert.deepEqual(data.bestOffers.nodes.map((node) => ({ ...node })), json.items.map(({ vehicle_id: vehicleId, dealer, payment, tier }) => ({ vehicleId, dealer, payment, tier })));
    assert.deepEqual([...new Set(data.bestOffers.nodes.map(({ dealer }) => dealer))], ['north']);
});

test('PostGraphile: customers of another dealer do not exist', async () => {
    const { errors } = await ask('desk_south', '{ bestOffers(customerId: "C1001") { nodes { vehicleId } } }');
    assert.match(errors[0].message, /customer "C1001" does not exist/);
});

test('PostGraphile: a quote is a mutation, and needs its right', async () => {
    const mutation = 'mutation { saveQuote(input: { customerId: "C1001", vehicleId: "GM0040", term: 72 }) { result { quoteId } } }';
    const denied = await ask('desk_reader', mutation);
    assert.match(denied.errors[0].message, /permission denied/);
    const { data, errors } = await ask('desk_north', mutation);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.equal(String(data.saveQuote.result.quoteId), '1');
});

test('PostGraphile: leads of the dealer', async () => {
    const { data, errors } = await ask('desk_north', '{ leads(dealer: "north", limit: 3) { nodes { vehicleId expectedValue } } other: leads(dealer: "south") { nodes { vehicleId } } }');
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.equal(data.leads.nodes.length, 3);
    assert.equal(typeof data.leads.nodes[0].expectedValue, 'string');
    assert.deepEqual([...data.other.nodes], []);
});

test('PostGraphile: the search is a document', async () => {
    const { data, errors } = await ask('desk_north', '{ search(customerId: "C1001", pageSize: 1, counts: false) }');
    assert.equal(errors, undefined, JSON.stringify(errors));
    const document = typeof data.search === 'string' ? JSON.parse(data.search) : data.search;
    assert.equal(document.items.length, 1);
});
