// News: each dealer hears of her own customers, what was missed is replayed, and nothing is lost unseen.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pause, sql, start, token, tokenOf, until } from './support.js';

const servers = [];
after(() => Promise.all(servers.map((server) => server.close())));
async function starts(settings) {
    const server = await start(settings);
    servers.push(server);
    await until(async () => /tradeup_api_listening 1/.test((await server.ask('GET', '/metrics')).text));
    return server;
}

// A client that reads the stream: events come into .all.
async function listens(server, role, { from, jwt = tokenOf(role) } = {}) {
    const stop = new AbortController();
    const answer = await fetch(`${server.url}/api/events`, { headers: { authorization: `Bearer ${jwt}`, ...(from ? { 'last-event-id': from } : {}) }, signal: stop.signal });
    const client = { status: answer.status, headers: answer.headers, all: [], isOver: false, stop: () => stop.abort() };
    if (answer.status !== 200) {
        client.json = await answer.json();
        return client;
    }
    (async () => {
        let text = '';
        for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
            text += piece;
            const blocks = text.split('\n\n');
            text = blocks.pop();
            for (const block of blocks) {
                const found = Object.fromEntries(block.split('\n').filter((line) => /^(id|event|data): /.test(line)).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
                if (found.event) {
                    client.all.push({ ...found, data: JSON.parse(found.data) });
                }
            }
        }
    })().catch(() => {}).finally(() => { client.isOver = true; });
    await until(() => client.all.length > 0, 10_000, 'the first event');
    client.last = () => client.all.at(-1).id;
    client.of = (type) => client.all.filter(({ event }) => event === type);
    return client;
}
const reprice = (vehicle, price) => sql(`UPDATE tradeup.vehicle SET promotion_price = ${price} WHERE vehicle_id = '${vehicle}'`);
let cents = 0;
// A price at which some of all customers gain.
const stir = () => reprice('GM0040', 9000 + 500 * (cents++ % 2));

test('each dealer hears of her customers, the reader of all', async () => {
    const server = await starts();
    const [north, south, reader] = await Promise.all(['desk_north', 'desk_south', 'desk_reader'].map((role) => listens(server, role)));
    assert.equal(north.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    stir();
    await Promise.all([north, south, reader].map((client) => until(() => client.of('inventory').length === 1)));
    const dealerOf = Object.fromEntries(sql('SELECT customer_id, region FROM tradeup.customer').split('\n').map((line) => line.split('|')));
    const named = (client) => client.of('inventory').flatMap(({ data }) => [...data.gained, ...data.lost]);
    assert.ok(named(north).length > 0 && named(south).length > 0);
    assert.deepEqual([...new Set(named(north).map((id) => dealerOf[id]))], ['north']);
    assert.deepEqual([...new Set(named(south).map((id) => dealerOf[id]))], ['south']);
    assert.deepEqual(new Set(named(reader)), new Set([...named(north), ...named(south)]));
    for (const { data } of [...north.of('inventory'), ...reader.of('inventory')]) {
        assert.deepEqual(Object.keys(data), ['table', 'vehicles', 'gained', 'lost', 'more']);
        assert.equal(data.vehicles, 1);
    }
    [north, south, reader].forEach((client) => client.stop());
    await until(async () => /tradeup_api_listeners 0/.test((await server.ask('GET', '/metrics')).text));
});

test('who comes back gets what she missed, once, in order', async () => {
    const server = await starts();
    const first = await listens(server, 'desk_north');
    stir();
    await until(() => first.of('inventory').length === 1);
    const from = first.last();
    first.stop();
    stir();
    stir();
    await pause(300);
    const second = await listens(server, 'desk_north', { from });
    stir();
    await until(() => second.of('inventory').length === 3);
    await pause(200);
    const numbers = second.all.map(({ id }) => Number(id.split('-')[1]));
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
    assert.equal(new Set(numbers).size, numbers.length);
    assert.equal(second.of('missed').length, 0);
    second.stop();
});

test('an id that is not known, or too old, is told as missed', async () => {
    const server = await starts({ EVENTS_KEPT: 2 });
    const first = await listens(server, 'desk_reader');
    const from = first.last();
    for (let n = 0; n < 4; n++) {
        stir();
    }
    await until(() => first.of('inventory').length === 4);
    first.stop();
    for (const id of [from, 'otherlife-3', 'x', '-', `${from.split('-')[0]}-999999`, '__proto__', `${from.split('-')[0]}-1e9`]) {
        const client = await listens(server, 'desk_reader', { from: id });
        assert.equal(client.all[0].event, 'missed', id);
        client.stop();
    }
});

test('when the connection that listens is lost, it comes back and everybody is told once', async () => {
    const server = await starts();
    const client = await listens(server, 'desk_north');
    const end = () => sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tradeup_api live'");
    end();
    await until(() => client.of('missed').length === 1, 15_000, 'missed');
    stir();
    await until(() => client.of('inventory').length === 1);
    assert.equal(client.of('missed').length, 1);
    assert.equal(sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tradeup_api live'"), String(servers.length), 'one connection a server');
    client.stop();
});

test('a stream ends with its token', async () => {
    const server = await starts();
    const jwt = token({ role: 'desk_north', exp: Math.floor(Date.now() / 1000) + 2 }, {});
    const client = await listens(server, 'desk_north', { jwt });
    await until(() => client.isOver, 10_000, 'the end');
    assert.equal(client.all.at(-1).event, 'expired');
});

test('what is notified need not be what we expect', async () => {
    const server = await starts();
    const client = await listens(server, 'desk_north');
    const payloads = ['no JSON', '[]', 'null', '7', '{"gained": 7}', '{"gained": [null, 7, {"a": 1}, "C1001", "nobody"], "lost": ["C1002"]}', '{"__proto__": {"x": 1}}', '{"failed": "22023"}', ''];
    for (const payload of payloads) {
        sql(`SELECT pg_notify('tradeup_offers', $x$${payload}$x$)`);
    }
    stir();
    await until(() => client.of('inventory').length >= payloads.length, 10_000, 'all');
    const texts = client.of('inventory').map(({ data }) => JSON.stringify(data)).join('\n');
    assert.match(texts, /C1001/);
    assert.doesNotMatch(texts, /C1002|nobody/);
    assert.equal(client.isOver, false);
    client.stop();
});

test('only so many may listen, and a stopping server ends streams', async () => {
    const server = await starts({ MOST_LISTENERS: 2 });
    const clients = [await listens(server, 'desk_north'), await listens(server, 'desk_north')];
    const third = await listens(server, 'desk_north');
    assert.equal(third.status, 503);
    assert.equal(third.json.code, '53300');
    servers.pop();
    await server.close();
    await until(() => clients.every(({ isOver }) => isOver), 5000, 'the end');
});
