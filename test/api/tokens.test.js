// Who is let in: tokens that are forged, expired, of other keys, of other roles.

import assert from 'node:assert/strict';
import { after, mock, test } from 'node:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import { authenticator, keysOf } from '../../apps/api/auth.js';
import { routes } from '../../apps/api/routes/index.js';
import { SECRET, createSigner, generateKeyPairSync, pause, start, token, tokenOf } from './support.js';

const server = await start();
after(() => server.close());
const session = (auth) => server.ask('GET', '/api/session', { auth });
const pathOf = (route) => route.path.replace(/:(\w+)/g, (_, name) => (name.endsWith('_id') && name !== 'customer_id' && name !== 'vehicle_id' ? '1' : name === 'part' ? '1' : 'x'));
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const OF_PROVIDER = { iss: 'https://login.example', aud: 'desk' };
const PROVIDER = { ISSUER: OF_PROVIDER.iss, AUDIENCE: OF_PROVIDER.aud };

async function refused(auth, status, message) {
    const { status: found, json, headers } = await session(auth);
    assert.equal(found, status, JSON.stringify(json));
    assert.deepEqual(Object.keys(json), ['code', 'message', 'detail', 'hint', 'request_id']);
    assert.equal(json.code, status === 401 ? '28000' : '42501');
    assert.match(json.message, message);
    if (status === 401) {
        assert.equal(headers.get('www-authenticate'), 'Bearer');
    }
}

test('every address but the open ones needs a token', async () => {
    for (const route of routes) {
        const { status, json } = await server.ask(route.method, pathOf(route), { role: null });
        assert.equal(status === 401, !route.isOpen, `${route.name}: ${status}`);
        if (!route.isOpen) {
            assert.equal(json.code, '28000', route.name);
        }
    }
});

test('every address refuses a role that is not on the list', async () => {
    for (const route of routes.filter(({ isOpen }) => !isOpen)) {
        const { status, json } = await server.ask(route.method, pathOf(route), { role: 'postgres' });
        assert.equal(status, 403, route.name);
        assert.equal(json.code, '42501', route.name);
    }
});

test('a token of a role is that role', async () => {
    for (const role of ['desk_reader', 'desk_north', 'desk_south', 'desk_admin']) {
        assert.equal((await session(`Bearer ${tokenOf(role)}`)).json.role, role);
    }
    assert.equal((await session(`bearer ${tokenOf('desk_north')}`)).json.role, 'desk_north');
});

test('forged tokens', async () => {
    const good = tokenOf('desk_reader');
    const [header, claims, signature] = good.split('.');
    const admin = encode({ ...JSON.parse(Buffer.from(claims, 'base64url')), role: 'desk_admin' });
    await refused(`Bearer ${header}.${admin}.${signature}`, 401, /not signed by a known key/);
    await refused(`Bearer ${createSigner({ key: 'another secret, of more than 32 bytes too', expiresIn: 1000 })({ role: 'desk_admin' })}`, 401, /not signed by a known key/);
    for (const alg of ['none', 'None', 'HS1', 'RS256', 'ES256']) {
        await refused(`Bearer ${encode({ alg, typ: 'JWT' })}.${admin}.${signature}`, 401, /not signed by a known key|malformed/);
    }
    await refused(`Bearer ${encode({ alg: 'none' })}.${admin}.`, 401, /malformed/);
    await refused(`Bearer ${header}.${claims}.`, 401, /malformed/);
    await refused(`Bearer ${header}.${claims}`, 401, /malformed/);
    await refused(`Bearer ${good}x`, 401, /not signed by a known key|malformed/);
    await refused(`Bearer ${'a'.repeat(5000)}.${'b'.repeat(5000)}.c`, 401, /malformed/);
    await refused('Bearer a.b.c', 401, /malformed/);
    await refused('Bearer ', 401, /malformed/);
    await refused(`Basic ${Buffer.from('postgres:postgres').toString('base64')}`, 401, /malformed/);
    await refused(`${good}`, 401, /malformed/);
});

test('tokens out of their time', async () => {
    const now = Math.floor(Date.now() / 1000);
    await refused(`Bearer ${token({ role: 'desk_reader', exp: now - 60 }, {})}`, 401, /has expired/);
    await refused(`Bearer ${token({ role: 'desk_reader', exp: now + 600, nbf: now + 60 }, {})}`, 401, /not valid yet/);
    await refused(`Bearer ${token({ role: 'desk_reader' }, {})}`, 401, /not valid here/);
    assert.equal((await session(`Bearer ${token({ role: 'desk_reader', exp: now - 2 }, {})}`)).status, 200, 'clocks may differ by 5 seconds');
});

test('a token that was good is not good any more once it has expired', async () => {
    const short = token({ role: 'desk_reader', exp: Math.floor(Date.now() / 1000) - 4 }, {});
    assert.equal((await session(`Bearer ${short}`)).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await refused(`Bearer ${short}`, 401, /has expired/);
});

test('roles that are none', async () => {
    for (const role of ['postgres', 'tradeup_api', 'desk_reader; DROP TABLE x', 'desk_reader -c role=postgres', 'DESK_READER', '', '__proto__', 'constructor', null, 7, {}, ['x'], { role: 'desk_admin' }]) {
        await refused(`Bearer ${token({ role })}`, 403, /no access here/);
    }
    await refused(`Bearer ${token({ sub: 'x' })}`, 403, /no access here/);
});

test('keys of a pair, key sets, claims by path, issuer and audience', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keys'));
    const write = (name, text) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
    };
    const pem = (key, type) => key.export({ type, format: 'pem' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ed = generateKeyPairSync('ed25519');
    const set = { keys: [{ ...ed.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA', use: 'sig' }, { ...ec.publicKey.export({ format: 'jwk' }), kid: 'two', use: 'enc' }] };
    const other = await start({
        SECRET: '', SECRET_FILE: '', PUBLIC_KEY_FILE: `${write('rsa.pem', pem(rsa.publicKey, 'spki'))} ${write('ec.pem', pem(ec.publicKey, 'spki'))}`, KEY_SET_FILE: write('set.json', JSON.stringify(set)),
        CLAIM: 'realm_access.roles', ISSUER: 'https://login.example', AUDIENCE: 'desk', ROLES: 'desk_reader seller=desk_north',
    });
    try {
        const claims = { iss: 'https://login.example', aud: 'desk', realm_access: { roles: ['offline', 'seller', 'desk_reader'] } };
        const signed = (key, algorithm, more = {}, options = {}) => createSigner({ key: pem(key.privateKey, 'pkcs8'), algorithm, expiresIn: 60_000, ...options })({ ...claims, ...more });
        const ask = (jwt) => other.ask('GET', '/api/session', { auth: `Bearer ${jwt}` });
        for (const [key, algorithm, options] of [[rsa, 'RS256'], [rsa, 'PS256'], [ec, 'ES256'], [ed, 'EdDSA', { kid: 'one' }]]) {
            const { status, json } = await ask(signed(key, algorithm, {}, options));
            assert.equal(status, 200, `${algorithm} ${JSON.stringify(json)}`);
            assert.equal(json.role, 'desk_north');
        }
        // The public key taken for a secret: the oldest trick.
        const head = encode({ alg: 'HS256', typ: 'JWT' });
        const body = encode({ ...claims, exp: Math.floor(Date.now() / 1000) + 60 });
        for (const secret of [pem(rsa.publicKey, 'spki'), pem(ec.publicKey, 'spki'), pem(createPublicKey(pem(rsa.publicKey, 'spki')), 'pkcs1')]) {
            const forged = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
            assert.equal((await ask(`${head}.${body}.${forged}`)).status, 401);
        }
        // The same trick by a key set that says so of its key.
        const tricked = { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), alg: 'HS256' }] };
        await assert.rejects(start({ SECRET: '', KEY_SET_FILE: write('tricked.json', JSON.stringify(tricked)), ...PROVIDER }), /a key of type rsa cannot sign tokens with HS256/);
        assert.equal((await ask(signed(ed, 'EdDSA', {}, { kid: 'three' }))).status, 401, 'another key id');
        assert.equal((await ask(signed(rsa, 'RS256', { iss: 'https://evil.example' }))).status, 401, 'issuer');
        assert.equal((await ask(signed(rsa, 'RS256', { aud: 'shop' }))).status, 401, 'audience');
        assert.equal((await ask(signed(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'))).status, 401, 'another key');
        assert.equal((await ask(signed(rsa, 'RS256', { realm_access: { roles: ['desk_north'] } }))).status, 403, 'only the names that the list has');
        assert.equal((await ask(token({ ...claims }))).status, 401, 'a secret where only keys are known');
    } finally {
        await other.close();
    }
});

test('the key set of a provider is read from its address, and again when a key is new', async () => {
    const keys = Object.fromEntries(['one', 'two'].map((kid) => [kid, generateKeyPairSync('ec', { namedCurve: 'P-256' })]));
    const jwk = (kid) => ({ ...keys[kid].publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' });
    // One token of each key, so that the server knows them already when they come again.
    const signed = Object.fromEntries(Object.keys(keys).map((kid) =>
        [kid, createSigner({ key: keys[kid].privateKey.export({ type: 'pkcs8', format: 'pem' }), algorithm: 'ES256', expiresIn: 600_000, kid })({ ...OF_PROVIDER, role: 'desk_reader' })]));
    let answer = { status: 500, text: '' };
    const asked = { '/slow': 0, '/quick': 0 };
    const provider = createServer((request, response) => {
        asked[request.url] += 1;
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
    });
    await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${provider.address().port}`;
    const slow = await start({ SECRET: '', KEY_SET_URL: `${at}/slow`, ...PROVIDER });
    const quick = await start({ SECRET: '', KEY_SET_URL: `${at}/quick`, KEY_SET_MS: 100, ...PROVIDER });
    const ask = async (server, kid) => (await server.ask('GET', '/api/session', { auth: `Bearer ${signed[kid]}` })).status;
    try {
        assert.equal(asked['/slow'], 1, 'a server asks at its start');
        assert.equal(await ask(slow, 'one'), 503, 'no key is known');
        // Keys that we cannot use do not spoil the others.
        const useless = [{ kty: 'oct', k: 'AAAA' }, { ...jwk('two'), alg: 'RSA-OAEP' }, { ...jwk('two'), alg: 'HS256' }];
        answer = { status: 200, text: JSON.stringify({ keys: [...useless, jwk('one')] }) };
        await pause(150);
        assert.equal(await ask(quick, 'one'), 200, 'the keys are read when they are needed');
        assert.equal(await ask(quick, 'two'), 401);
        answer.text = JSON.stringify({ keys: [jwk('two')] });
        await pause(150);
        assert.equal(await ask(quick, 'two'), 200, 'the new key');
        await pause(150);
        assert.equal(await ask(quick, 'one'), 401, 'the key that is withdrawn, though its token was known');
        // The provider that fails does not lock out those who are known, and is not asked by every stranger.
        answer = { status: 200, text: 'no JSON' };
        await pause(150);
        assert.equal(await ask(quick, 'two'), 200);
        for (let n = 0; n < 5; n++) {
            assert.equal(await ask(slow, 'one'), 503);
        }
        assert.ok(asked['/slow'] <= 2, 'asked seldom');
    } finally {
        await Promise.all([slow.close(), quick.close()]);
        provider.close();
    }
});

test('keys that the provider has not confirmed for a day are dropped, and those who are known by them', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let answers = true;
    const provider = createServer((request, response) => {
        response.writeHead(answers ? 200 : 500).end(JSON.stringify({ keys: [pair.publicKey.export({ format: 'jwk' })] }));
    });
    await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const hour = 3600_000;
    const who = authenticator({
        keys: keysOf({ secrets: [SECRET], publicKeys: [], keySets: [] }), keySetAddress: `http://127.0.0.1:${provider.address().port}/`, keySetMs: hour,
        roles: new Map([['desk_reader', 'desk_reader']]), claim: 'role', issuer: null, audience: null, clockToleranceMs: 0,
    }, { warn() {} });
    const theirs = `Bearer ${createSigner({ key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), algorithm: 'ES256', expiresIn: 100 * hour })({ role: 'desk_reader' })}`;
    const ours = `Bearer ${token({ role: 'desk_reader' }, { expiresIn: 100 * hour })}`;
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    try {
        assert.ok(await who.learn());
        assert.equal(who.of(theirs).role, 'desk_reader');
        answers = false;
        mock.timers.tick(23 * hour);
        assert.equal(await who.learn(), false);
        assert.equal(who.of(theirs).role, 'desk_reader', 'a provider that fails for less than a day');
        mock.timers.tick(hour);
        assert.throws(() => who.of(theirs), ({ status, message }) => status === 503 && /could not be read/.test(message));
        assert.equal(who.of(ours).role, 'desk_reader', 'keys of the configuration stay');
        answers = true;
        assert.ok(await who.learn());
        assert.equal(who.of(theirs).role, 'desk_reader');
    } finally {
        mock.timers.reset();
        who.stop();
        provider.close();
    }
});

test('a token is known once, however its header is written', () => {
    const who = authenticator({
        keys: keysOf({ secrets: [SECRET], publicKeys: [], keySets: [] }), roles: new Map([['desk_reader', 'desk_reader']]), claim: 'role', clockToleranceMs: 0,
    }, {});
    const jwt = tokenOf('desk_reader');
    for (const header of [`Bearer  ${jwt}`, `Bearer   ${jwt}`, `bearer ${jwt}`]) {
        assert.equal(who.of(header), who.of(`Bearer ${jwt}`));
    }
});

test('addresses of a provider have https, but for this machine', async () => {
    for (const name of ['KEY_SET_URL', 'OPENID_ISSUER', 'OPENID_HOSTS']) {
        for (const address of ['http://login.example/keys', 'http://localhost:x@login.example/', 'http://localhost.login.example/', 'file:///etc/passwd', 'login.example']) {
            await assert.rejects(start({ ...PROVIDER, [name]: address }), new RegExp(`TRADEUP_API_${name} must be an address with https`), address);
        }
    }
    await (await start({ OPENID_ISSUER: 'http://localhost/realm', OPENID_HOSTS: 'http://[::1]:1 https://login.example' })).close();
});

test('a key set without the issuer and the audience does not start', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'keys')), 'set.json');
    writeFileSync(file, JSON.stringify({ keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] }));
    for (const set of [{ KEY_SET_URL: 'https://127.0.0.1:1/keys' }, { KEY_SET_FILE: file }]) {
        for (const missing of ['ISSUER', 'AUDIENCE']) {
            await assert.rejects(start({ ...set, ...PROVIDER, [missing]: '' }), /ISSUER and TRADEUP_API_AUDIENCE must be set/);
        }
    }
});

test('a configuration without roles or keys, or with a short secret, does not start', async () => {
    await assert.rejects(start({ ROLES: '' }), /must be set/);
    await assert.rejects(start({ SECRET: '' }), /must be set/);
    await assert.rejects(start({ SECRET: 'short' }), /at least 32 bytes/);
    await assert.rejects(start({ PORT: 'http' }), /whole number/);
    assert.ok(SECRET.length > 32);
});
