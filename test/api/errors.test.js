// What is refused, and how: hostile bodies, values that are not allowed, rights, states, and strings meant to break out.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { routes } from '../../apps/api/routes/index.js';
import { sql, start } from './support.js';

const server = await start();
after(() => server.close());
const { ask } = server;
const search = (body, options = {}) => ask('POST', '/api/customers/C1001/search', { body, ...options });

function problem(answer, status, code) {
    assert.equal(answer.status, status, answer.text.slice(0, 500));
    assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'detail', 'hint', 'request_id']);
    assert.equal(answer.json.request_id, answer.headers.get('x-request-id'));
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    if (code) {
        assert.equal(answer.json.code, code, answer.text);
    }
    assert.doesNotMatch(answer.text, /at \w+.*\.js:\d+|node_modules|tradeup_internal\.steps|SELECT /, 'nothing of the inside');
    return answer.json;
}

test('bodies that are no JSON: 400', async () => {
    for (const body of ['{', '{"a":}', 'nonsense', '{"filter": {}} x', "{'a': 1}", '{"a": 01}', '{"a": NaN}', '\u{feff}{}', '{"a": "\u0001"}', '[[[', '"']) {
        problem(await search(body), 400, '22P02');
    }
    problem(await search('['.repeat(300_000)), 400, '22P02');
});

test('bodies that are JSON, but not an object: 422', async () => {
    for (const body of ['[]', '7', '"text"', '[{"filter": {}}]', 'true', '1e999']) {
        problem(await search(body), 422, '22023');
    }
    assert.equal((await search('null')).status, 200);
    assert.equal((await search('', { headers: { 'content-type': 'application/json' } })).status, 200);
});

test('hostile JSON does no harm', async () => {
    problem(await search('{"__proto__": {"page_size": 1}}'), 422, '22023');
    problem(await search('{"constructor": {"prototype": {}}}'), 422, '22023');
    problem(await search('{"filter": {"__proto__": {"makes": ["Saab"]}}}'), 422, '22023');
    problem(await search('{"toString": 1}'), 422, '22023');
    assert.equal({}.page_size, undefined);
    const deep = (n) => `{"filter": {"makes": ${'['.repeat(n)}${']'.repeat(n)}}}`;
    for (const n of [100, 5000, 100_000]) {
        const { status } = await search(deep(n));
        assert.ok([400, 422].includes(status), `${n} deep: ${status}`);
    }
    problem(await search({ filter: { makes: ['a\0b'] } }), 422);
    problem(await search('{"filter": {"makes": ["\\ud800"]}}'), 422);
    problem(await search('{"program": "\\ud800"}'), 422, '22023');
    problem(await search('{"program": "a\\u0000b"}'), 422, '22023');
    problem(await search(`{"page_size": ${'9'.repeat(100_000)}}`), 422, '22023');
    problem(await search(`{"overrides": {"bonus": ${'9'.repeat(5000)}}}`), 422);
    problem(await search('{"overrides": {"bonus": 1e400}}'), 422);
    assert.equal((await search('{"page_size": 1, "page_size": 2}')).json.items.length, 2);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, n]));
    problem(await search({ filter: many }), 422, '22023');
    assert.equal((await search({ filter: { makes: Array.from({ length: 20_000 }, (_, n) => `m${n}`) } })).status, 200);
});

test('other types of bodies: 415', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/octet-stream']) {
        problem(await search('{}', { headers: { 'content-type': type } }), 415, '22023');
    }
    problem(await ask('PUT', '/api/uploads/1/parts/1', { role: 'desk_admin', body: {} }), 415, '22023');
});

test('bodies that are too large: 413', async () => {
    problem(await search(JSON.stringify({ after: 'x'.repeat(1_100_000) })), 413, '54000');
    problem(await ask('PUT', '/api/uploads/1/parts/1', { role: 'desk_admin', body: Buffer.alloc(4 * 1024 * 1024 + 1), headers: { 'content-type': 'application/octet-stream' } }), 413, '54000');
});

test('addresses that are none: 404', async () => {
    for (const [method, path] of [['GET', '/api/nothing'], ['GET', '/'], ['POST', '/api/customers/C1001'], ['TRACE', '/api/session'], ['GET', '/api/../etc/passwd'], ['GET', '/.env']]) {
        if (method !== 'TRACE') {
            problem(await ask(method, path), 404, 'P0002');
        }
    }
    problem(await ask('GET', '/api/customers/%ff'), 400);
    problem(await ask('GET', `/api/customers/${'x'.repeat(2000)}`), 414, '54000');
});

test('what does not exist: 404', async () => {
    for (const path of ['/api/customers/nobody', '/api/vehicles/nothing', '/api/quotes/999999', '/api/programs/nothing', '/api/customers/nobody/best-offers', '/api/customers/nobody/offers',
        '/api/customers/nobody/deals', '/api/customers/nobody/counts', '/api/customers/C1001/vehicles/nothing/why-no-offer', '/api/customers/C1001/vehicles/nothing/solve?term=60&solve_for=bonus&payment=1',
        '/api/customers/C1001/best-offers?program=nothing', '/api/quotes/999999/verification', '/api/customers/nobody/least-subsidies']) {
        problem(await ask('GET', path), 404, 'P0002');
    }
    problem(await ask('POST', '/api/customers/nobody/search'), 404, 'P0002');
    problem(await ask('POST', '/api/quotes', { role: 'desk_north', body: { customer_id: 'C1001', vehicle_id: 'nothing', term: 60 } }), 404, 'P0002');
    for (const path of ['/api/uploads/999999', '/api/customers/nobody']) {
        problem(await ask('DELETE', path, { role: 'desk_admin' }), 404, 'P0002');
    }
    problem(await ask('PATCH', '/api/vehicles/nothing', { role: 'desk_admin', body: { changes: { status: 'sold' } } }), 404, 'P0002');
});

test('rights that a role has not: 403', async () => {
    const quote = { customer_id: 'C1001', vehicle_id: 'GM0040', term: 72 };
    const vehicle = { currency: 'USD', regular_price: 1 };
    for (const [role, method, path, body] of [
        ['desk_reader', 'POST', '/api/quotes', quote], ['desk_reader', 'PUT', '/api/vehicles/N9', vehicle], ['desk_north', 'PUT', '/api/vehicles/N9', vehicle],
        ['desk_north', 'PATCH', '/api/vehicles/GM0040', { changes: { status: 'sold' } }], ['desk_north', 'PUT', '/api/customers/E9', { risk_profile: 'prime' }],
        ['desk_north', 'DELETE', '/api/customers/C1001'], ['desk_north', 'PUT', '/api/programs/default', { program: 'us-dealer' }],
        ['desk_north', 'POST', '/api/programs', { document: { name: 'x' } }], ['desk_reader', 'POST', '/api/programs/spring/publish', {}], ['desk_north', 'POST', '/api/uploads', { kind: 'vehicles' }],
        ['desk_reader', 'GET', '/api/uploads'], ['desk_north', 'POST', '/api/rows', { kind: 'vehicles', rows: [{ vehicle_id: 'x', regular_price: '1' }] }],
    ]) {
        const answer = await ask(method, path, { role, body });
        // A document is checked before the rights are.
        assert.ok(answer.status === 403 || (path === '/api/programs' && answer.status === 422), `${role} ${method} ${path}: ${answer.text}`);
    }
    assert.equal(sql("SELECT status FROM tradeup.vehicle WHERE vehicle_id = 'GM0040'"), 'available');
});

test('states that do not allow it: 409', async () => {
    const { json: { quote_id: id } } = await ask('POST', '/api/quotes', { role: 'desk_north', body: { customer_id: 'C1001', vehicle_id: 'GM0040', term: 84 } });
    assert.equal((await ask('POST', `/api/quotes/${id}/events`, { role: 'desk_north', body: { event: 'accepted' } })).status, 201);
    problem(await ask('POST', `/api/quotes/${id}/events`, { role: 'desk_north', body: { event: 'rejected' } }), 409, '55000');
    problem(await ask('POST', '/api/programs/us-simple/publish', { role: 'desk_admin', body: {} }), 409, '55000');
});

test('values that are not allowed: 422, with a hint', async () => {
    const offers = (query) => ask('GET', `/api/customers/C1001/best-offers?${query}`);
    for (const query of ['per_tier=-1', 'per_tier=1.5', 'per_tier=x', 'per_tier=99999999999', 'rank_by=colour', 'overrides=7', 'overrides=[]', 'overrides={', 'overrides={"bonuss":1}',
        'overrides={"annual_percent":"much"}', 'per_tier=1&per_tier=2', 'unknown=1', '__proto__=1', 'toString=1', 'customer_id=C1002']) {
        problem(await offers(query), 422);
    }
    assert.match(problem(await offers('unknown=1'), 422, '22023').hint, /^Allowed are program, overrides, per_tier/);
    assert.match(problem(await ask('POST', '/api/deals/price', { body: { annual_rate: 4.9, term: 60, price: 1 } }), 422, '22023').message, /annual rate/);
    problem(await ask('POST', '/api/deals/price', { body: { annual_rate: 0.049, term: 60, price: '24000.555' } }), 422, '22023');
    problem(await ask('POST', '/api/deals/price', { body: { annual_rate: 0.049, term: 60, price: '1e1000' } }), 422);
    problem(await ask('POST', '/api/deals/price', { body: { annual_rate: 0.049, term: 60 } }), 422, '22023');
    problem(await ask('POST', '/api/deals/price?price=1', { body: { annual_rate: 0.049, term: 60, price: 1 } }), 422, '22023');
    problem(await ask('POST', '/api/loans/amortization', { body: { principal: 1000, annual_rate: 0.1, term: 3, start_date: '2026-02-31' } }), 422);
    problem(await ask('PATCH', '/api/vehicles/GM0040', { role: 'desk_admin', body: { changes: { vehicle_id: 'x' } } }), 422, '22023');
    problem(await ask('PUT', '/api/vehicles/N8', { role: 'desk_admin', body: { currency: 'USD', regular_price: '1.999' } }), 422, '23514');
    problem(await ask('POST', '/api/programs', { role: 'desk_admin', body: { document: { name: 'x' } } }), 422, '22023');
    problem(await ask('GET', '/api/quotes/abc'), 422, '22023');
    problem(await ask('GET', '/api/quotes/9999999999999999999999'), 422, '22023');
    problem(await search({ sort: 'closeness', after: 'no token' }), 422, '22023');
});

test('an unknown parameter is refused by every address', async () => {
    for (const route of routes.filter(({ takes, isLive, isOpen }) => !takes && !isLive && !isOpen)) {
        const path = route.path.replace(/:(\w+)/g, '1');
        const answer = route.inBody ? await ask(route.method, path, { body: { surprise: 1 } }) : await ask(route.method, `${path}?surprise=1`);
        assert.match(problem(answer, 422, '22023').message, /unknown parameter "surprise"/, route.name);
    }
});

test('numbers keep their digits', async () => {
    const price = async (body) => (await ask('POST', '/api/deals/price', { body })).json;
    const exact = '12345678901.23';
    assert.equal((await price(`{"annual_rate": 0, "term": 12, "price": ${exact}}`)).price, exact);
    assert.equal((await price({ annual_rate: '0', term: '12', price: exact })).price, exact);
    assert.equal((await price('{"annual_rate": 0.123456789012345678, "term": 12, "price": 100}')).deal, 'v1 annual_rate=0.123456789012345678 term=12');
    // A float would make 0.1 + 0.2 of it.
    assert.match((await price('{"annual_rate": 0.30000000000000004, "term": 12, "price": 100}')).deal, /annual_rate=0\.30000000000000004 /);
    const { json } = await ask('POST', '/api/programs/compare', { body: '{"a": {"name": "x", "bonus": 0.12345678901234567890}, "b": {"name": "x"}}' });
    assert.match(JSON.stringify(json.items), /bonus/);
    assert.match((await ask('POST', '/api/programs/compare', { body: '{"a": {"name": "x", "bonus": 0.12345678901234567890}, "b": {"name": "x"}}' })).text, /0\.12345678901234567890/);
});

test('strings meant to break out are only strings', async () => {
    const before = sql('SELECT count(*) FROM tradeup.customer');
    const hostile = ["' OR 1=1 --", "'; DROP TABLE tradeup.customer; --", '"; SELECT pg_sleep(9); --', '$1', '$$', "E'\\x27'", '\\', "\\'", '%27', '{{7*7}}', '${7*7}', '../../etc/passwd', "C1001'/**/OR/**/'1'='1",
        '<script>alert(1)</script>', "1); COPY (SELECT 1) TO PROGRAM 'id'; --", 'null', 'NaN', '{}', '\u202e', '😀', 'x'.repeat(300)];
    for (const route of routes.filter(({ text, method }) => text && method === 'GET')) {
        for (const value of hostile) {
            const encoded = encodeURIComponent(value);
            const asked = Object.entries(route.parameters).filter(([name, { sql: type }]) => !route.inPath.has(name) && ['text', 'text[]'].includes(type)).map(([name]) => `${name}=${encoded}`);
            const { status, text } = await ask('GET', `${route.path.replace(/:(\w+)/g, encoded)}${asked.length ? `?${asked.join('&')}` : ''}`);
            assert.ok([200, 403, 404, 422].includes(status), `${route.name} ${value}: ${status} ${text}`);
        }
    }
    for (const value of hostile) {
        const { status, json } = await search({ filter: { makes: [value] }, program: 'us-simple', facet_fields: ['make'] });
        assert.equal(status, 200, value);
        assert.equal(json.items.length, 0);
        assert.ok([404, 422].includes((await search({ sort: value })).status));
        const put = await ask('PUT', `/api/customers/${encodeURIComponent(value)}`, { role: 'desk_admin', body: { risk_profile: value, current_make: value } });
        assert.equal(put.status, 200, put.text);
        assert.equal((await ask('GET', `/api/customers/${encodeURIComponent(value)}`)).json.current_make, value);
        assert.equal((await ask('DELETE', `/api/customers/${encodeURIComponent(value)}`, { role: 'desk_admin' })).status, 200);
    }
    assert.equal(sql('SELECT count(*) FROM tradeup.customer'), before);
});

test('headers: ids, no sniffing, no frames, no script from elsewhere, nothing kept', async () => {
    const { headers } = await ask('GET', '/api/session', { headers: { 'x-request-id': 'of-the-proxy-1' } });
    assert.equal(headers.get('x-request-id'), 'of-the-proxy-1');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-powered-by'), null);
    assert.doesNotMatch(headers.get('content-security-policy'), /unsafe|\*/);
    assert.match(headers.get('content-security-policy'), /default-src 'none'/);
    const made = (await ask('GET', '/api/session', { headers: { 'x-request-id': 'a b <script>' } })).headers.get('x-request-id');
    assert.match(made, /^[0-9a-f-]{36}$/);
});

test('a message of a lease that has run out: 409', async () => {
    assert.equal((await ask('POST', '/api/leads', { role: 'desk_north', body: { dealer: 'north', at_most: 1 } })).json.leads, 1);
    assert.equal((await ask('POST', '/api/messages', { role: 'desk_north', body: { dealer: 'north' } })).json.queued, 1);
    const { json: { items: [{ message_id: id, lease }] } } = await ask('POST', '/api/messages/take', { role: 'desk_admin', body: { worker: 'w' } });
    problem(await ask('POST', `/api/messages/${id}/finish`, { role: 'desk_admin', body: { lease: lease + 1, text: 'late' } }), 409, '55000');
    problem(await ask('POST', '/api/messages/take', { role: 'desk_reader', body: { worker: 'w' } }), 403, '42501');
    problem(await ask('GET', '/api/leads?dealer=north&filter={"color":"red"}', { role: 'desk_north' }), 422, '22023');
});

test('headers of files: those that are built in stay, and rights are asked', async () => {
    const own = { kind: 'orders', alias: 'Bestell-Nr.', column_name: 'order_id' };
    const query = (row) => new URLSearchParams(row);
    problem(await ask('POST', '/api/column-aliases', { role: 'desk_north', body: own }), 403, '42501');
    assert.equal((await ask('POST', '/api/column-aliases', { role: 'desk_admin', body: own })).json.alias, 'bestell_nr');
    problem(await ask('POST', '/api/column-aliases', { role: 'desk_admin', body: own }), 409, '23505');
    problem(await ask('POST', '/api/column-aliases', { role: 'desk_admin', body: { ...own, kind: 'socks' } }), 422, '22023');
    const { json: { items: [first] } } = await ask('GET', '/api/column-aliases?kind=orders&limit=1', { role: 'desk_admin' });
    assert.deepEqual([first.alias, first.built_in], ['bestell_nr', false], 'those of this house come first');
    const builtIn = { kind: 'orders', alias: 'lineitem_sku', column_name: sql("SELECT column_name FROM tradeup_bundles.column_alias WHERE kind = 'orders' AND alias = 'lineitem_sku'") };
    problem(await ask('DELETE', `/api/column-aliases?${query(builtIn)}`, { role: 'desk_admin' }), 404, 'P0002');
    assert.equal((await ask('DELETE', `/api/column-aliases?${query(own)}`, { role: 'desk_admin' })).status, 200);
});

test('an extension that is not there: 501', async () => {
    sql('DROP EXTENSION tradeup_bundles CASCADE');
    problem(await ask('GET', '/api/shops/corner/coverage'), 501);
    assert.equal((await ask('GET', '/health/detailed')).status, 200);
});

test('a schema that is not there: 501', async () => {
    sql('ALTER SCHEMA tradeup_api RENAME TO elsewhere');
    try {
        problem(await ask('GET', '/api/uploads', { role: 'desk_admin' }), 501);
    } finally {
        sql('ALTER SCHEMA elsewhere RENAME TO tradeup_api');
    }
});
