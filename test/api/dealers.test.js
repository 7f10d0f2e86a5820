// Two dealers behind one server: nothing of the one is seen, quoted or counted by the other.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { routes } from '../../apps/api/routes/index.js';
import { sql, start } from './support.js';

const server = await start();
after(() => server.close());
const { ask } = server;
const other = { desk_north: 'south', desk_south: 'north' };
const customers = { desk_north: 'C1001', desk_south: 'C1002' };
const vehicles = { desk_north: 'GM0040', desk_south: 'GM0219' };
const roles = Object.keys(other);

test('each sees its own vehicles and customers', async () => {
    for (const role of roles) {
        const own = role.slice(5);
        const { json: { items } } = await ask('GET', '/api/vehicles?limit=1000', { role });
        assert.equal(items.length, 402);
        assert.deepEqual([...new Set(items.map(({ dealer }) => dealer))], [own]);
        const people = (await ask('GET', '/api/customers?limit=1000', { role })).json.items;
        assert.equal(people.length, 102);
        assert.deepEqual([...new Set(people.map(({ region }) => region))], [own]);
        for (const strange of roles.filter((name) => name !== role)) {
            assert.equal((await ask('GET', `/api/customers/${customers[strange]}`, { role })).status, 404);
            assert.equal((await ask('GET', `/api/vehicles/${vehicles[strange]}`, { role })).status, 404);
        }
    }
    assert.equal((await ask('GET', '/api/vehicles?limit=1000')).json.items.length, 804);
});

test('searches, offers, counts and streams have nothing of the other', async () => {
    for (const role of roles) {
        const own = role.slice(5);
        const id = customers[role];
        const found = (await ask('POST', `/api/customers/${id}/search`, { role, body: { page_size: 1000, facet_fields: ['dealer'] } })).json;
        assert.deepEqual([...new Set(found.items.map(({ dealer }) => dealer))], [own]);
        assert.deepEqual(found.facets.dealer.map(({ value }) => value), [own]);
        assert.ok(found.counts.vehicles <= 402);
        const best = (await ask('GET', `/api/customers/${id}/best-offers?per_tier=50`, { role })).json.items;
        assert.deepEqual([...new Set(best.map(({ dealer }) => dealer))], [own]);
        const { text } = await ask('POST', '/api/bulk/offers', { role, body: { customer_ids: ['C1001', 'C1002', 'C1003', 'C1004'] } });
        const lines = text.trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line));
        assert.deepEqual([...new Set(lines.map(({ dealer }) => dealer))], [own]);
        assert.deepEqual([...new Set(lines.map(({ customer_id: named }) => named))].length, 2);
        const many = (await ask('POST', '/api/search', { role, body: { customer_ids: ['C1001', 'C1002'] } })).json;
        assert.deepEqual(Object.keys(many.customers), [id]);
        assert.deepEqual(many.unknown, [customers[roles.find((name) => name !== role)]]);
    }
});

test('nothing of the other comes by any address', async () => {
    for (const role of roles) {
        const strange = roles.find((name) => name !== role);
        for (const route of routes.filter(({ method, text, path }) => method === 'GET' && text && path.includes(':customer_id'))) {
            const path = route.path.replace(':customer_id', customers[strange]).replace(':vehicle_id', vehicles[strange]);
            const query = Object.entries(route.parameters).filter(([name, { required }]) => required && !route.inPath.has(name)).map(([name]) =>
                ({ term: 'term=60', solve_for: 'solve_for=bonus&payment=400', programs: 'programs=us-simple' }[name]));
            const { status, text } = await ask('GET', `${path}?${query.join('&')}`, { role });
            assert.ok(status === 404 || text === '{"items":[]}', `${route.name}: ${status} ${text.slice(0, 200)}`);
        }
    }
});

test('leads, vehicles that are looked after, and messages', async () => {
    for (const role of roles) {
        const own = role.slice(5);
        assert.ok((await ask('GET', `/api/leads?dealer=${own}`, { role })).json.items.length > 0);
        assert.equal((await ask('GET', `/api/fleet/vehicles?dealer=${own}&limit=1`, { role })).json.items.length, 1);
        for (const path of ['leads', 'leads/open', 'leads/statistics', 'fleet/vehicles', 'messages', 'outcomes']) {
            assert.deepEqual((await ask('GET', `/api/${path}?dealer=${other[role]}`, { role })).json.items, [], path);
        }
        assert.equal((await ask('POST', '/api/leads', { role, body: { dealer: own, at_most: 2 } })).json.leads, 2);
        assert.equal((await ask('POST', '/api/leads', { role, body: { dealer: other[role], at_most: 2 } })).json.leads, 0);
    }
    const { json: { items } } = await ask('GET', '/api/leads/open?dealer=south', { role: 'desk_south' });
    assert.equal(items.length, 2);
    assert.equal((await ask('GET', `/api/leads/${items[0].lead_id}`, { role: 'desk_north' })).status, 404);
    assert.ok([403, 404].includes((await ask('POST', `/api/leads/${items[0].lead_id}/events`, { role: 'desk_north', body: { event: 'contacted' } })).status));
    assert.equal((await ask('PUT', '/api/fleet/toggles', { role: 'desk_north', body: { dealer: 'south', model: 'battery', stressor: 'heat', enabled: false } })).status, 403);
});

test('quotes and their events', async () => {
    const ids = {};
    for (const role of roles) {
        const { status, json } = await ask('POST', '/api/quotes', { role, body: { customer_id: customers[role], vehicle_id: vehicles[role], term: 84 } });
        assert.equal(status, 201, JSON.stringify(json));
        ids[role] = json.quote_id;
    }
    for (const role of roles) {
        const strange = roles.find((name) => name !== role);
        assert.ok((await ask('GET', '/api/quotes', { role })).json.items.every(({ quote_id: id }) => id !== ids[strange]));
        assert.equal((await ask('GET', `/api/quotes/${ids[strange]}`, { role })).status, 404);
        assert.deepEqual((await ask('GET', `/api/quotes/${ids[strange]}/events`, { role })).json.items, []);
        assert.equal((await ask('GET', `/api/quotes/${ids[strange]}/verification`, { role })).status, 404);
        assert.equal((await ask('POST', `/api/quotes/${ids[strange]}/events`, { role, body: { event: 'accepted' } })).status, 404);
        assert.equal((await ask('POST', '/api/quotes', { role, body: { customer_id: customers[role], vehicle_id: vehicles[strange], term: 84 } })).status, 404);
        assert.equal((await ask('POST', `/api/quotes/${ids[role]}/events`, { role, body: { event: 'viewed' } })).status, 201);
    }
});

test('totals are of what each may see', async () => {
    const total = async (role) => Number((await ask('GET', '/api/statistics/totals', { role })).json.items.find(({ topic, name }) => topic === 'inventory' && name === 'vehicles').value);
    assert.deepEqual(await Promise.all([...roles, 'desk_reader'].map(total)), [402, 402, 804]);
    const summary = async (role) => (await ask('POST', '/api/portfolio/summary', { role, body: {} })).json.items.reduce((sum, { offers }) => sum + offers, 0);
    const [north, south, all] = await Promise.all([...roles, 'desk_reader'].map(summary));
    assert.ok(north > 0 && south > 0 && north + south < all);
});

test('equal questions of two roles are two questions', async () => {
    const answers = await Promise.all([...Array(10)].flatMap(() => roles.map((role) => ask('GET', '/api/vehicles?limit=1', { role }))));
    answers.forEach(({ json }, n) => assert.equal(json.items[0].dealer, roles[n % 2].slice(5)));
});

test('shops: a desk sends files and decides about bundles, and nobody changes a decision', async () => {
    const rights = async (role) => {
        const { may_load_shops: loads, may_map_columns: maps } = (await ask('GET', '/api/session', { role })).json;
        return { loads, maps };
    };
    assert.deepEqual(await rights('desk_reader'), { loads: false, maps: false });
    assert.deepEqual(await rights('desk_north'), { loads: true, maps: false });
    assert.deepEqual(await rights('desk_admin'), { loads: true, maps: true });
    assert.equal(sql("SELECT has_table_privilege('desk_admin', 'tradeup_bundles.bundle_event', 'UPDATE, DELETE')"), 'f');
});
