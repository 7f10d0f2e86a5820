// The login of an OpenID provider: a stub of one, which checks what a real one would.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { accessible, browse, createSigner, open, serve, shoot } from './support.js';
import { generateKeyPairSync } from '../api/support.js';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CLIENT = 'desk-of-north';
let provider;
let browser;
let server;

function serveProvider() {
    const codes = new Map();
    const stub = { seen: [], account: 'desk_north', lasts: 600_000, denies: false, gives: (tokens) => tokens };
    const http = createServer(async (request, response) => {
        const { pathname, searchParams: query } = new URL(request.url, stub.url);
        stub.seen.push(`${request.method} ${pathname}`);
        const answer = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...headers }).end(JSON.stringify(body));
        if (pathname === '/.well-known/openid-configuration') {
            answer(200, {
                issuer: stub.calledItself ?? stub.url, authorization_endpoint: `${stub.url}/authorize?flow=desk`, token_endpoint: `${stub.url}/token?flow=desk`, jwks_uri: `${stub.url}/keys`,
                end_session_endpoint: `${stub.url}/leave?flow=desk`,
            });
        } else if (pathname === '/keys') {
            answer(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] });
        } else if (pathname === '/authorize') {
            const isWhole = query.get('flow') === 'desk' && query.get('response_type') === 'code' && query.get('client_id') === CLIENT && query.get('code_challenge_method') === 'S256' && /openid/.test(query.get('scope'));
            const code = `code-${codes.size + 1}`;
            codes.set(code, { challenge: query.get('code_challenge'), address: query.get('redirect_uri'), nonce: query.get('nonce') });
            const told = stub.denies ? { error: 'access_denied', error_description: 'Nobody by this name works here' } : isWhole ? { code } : { error: 'invalid_request' };
            response.writeHead(302, { location: `${query.get('redirect_uri')}?${new URLSearchParams({ ...told, state: query.get('state') })}` }).end();
        } else if (pathname === '/token') {
            let text = '';
            for await (const piece of request) {
                text += piece;
            }
            const body = new URLSearchParams(text);
            const kept = codes.get(body.get('code'));
            codes.delete(body.get('code'));
            const isGood = kept && kept.challenge === createHash('sha256').update(body.get('code_verifier')).digest('base64url') && kept.address === body.get('redirect_uri');
            const sign = createSigner({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }), algorithm: 'RS256', kid: 'k1', expiresIn: stub.lasts, iss: stub.url, aud: 'desk' });
            const claims = { sub: 'ann', realm_access: { roles: ['offline_access', stub.account] } };
            answer(isGood ? 200 : 400, isGood ? stub.gives({
                access_token: sign(claims), id_token: sign({ ...claims, ...(kept.nonce ? { nonce: stub.nonce ?? kept.nonce } : {}) }), token_type: 'Bearer',
            }) : { error: 'invalid_grant' });
        } else if (pathname === '/leave' && query.get('flow') === 'desk') {
            response.writeHead(302, { location: query.get('post_logout_redirect_uri') }).end();
        } else {
            answer(404, {});
        }
    });
    return new Promise((resolve) => http.listen(0, '127.0.0.1', () => {
        stub.url = `http://127.0.0.1:${http.address().port}`;
        stub.close = () => http.close();
        resolve(stub);
    }));
}

const settings = () => ({
    SECRET: '', KEY_SET_URL: `${provider.url}/keys`, ISSUER: provider.url, AUDIENCE: 'desk', CLAIM: 'realm_access.roles', CLOCK_TOLERANCE_MS: 0,
    OPENID_ISSUER: provider.url, OPENID_CLIENT_ID: CLIENT,
});
before(async () => {
    provider = await serveProvider();
    server = await serve(settings());
    browser = await browse();
});
after(async () => {
    await browser?.close();
    await server?.close();
    provider?.close();
});
const desk = (path, options) => open(browser, server, { path, hosts: [provider.url], ...options });
const login = (page) => page.getByRole('button', { name: 'Log in with your account' }).click();

test('openid: login comes back to the page that was asked for, logout leaves the provider too', async () => {
    const { page, close } = await desk('/#/offers/C1001');
    await page.getByRole('button', { name: 'Log in with your account' }).waitFor();
    await accessible(page);
    await shoot(page, 'login');
    await login(page);
    await page.getByRole('heading', { name: 'C1001' }).waitFor();
    await page.getByText('desk_north').waitFor();
    assert.equal(new URL(page.url()).search, '', 'the code is not in the address');
    assert.equal(new URL(page.url()).hash, '#/offers/C1001');
    // A page that is loaded anew is still logged in.
    await page.reload();
    await page.getByRole('heading', { name: 'C1001' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in with your account' }).waitFor();
    assert.ok(provider.seen.includes('GET /leave'), provider.seen.join(', '));
    await close();
});

test('openid: a token that ends leads to the login, and a new one goes on', async () => {
    provider.lasts = 4000;
    const { page, close } = await desk('/#/portfolio', { allowed: [/401/] });
    await login(page);
    await page.getByText('Your session has ended').waitFor();
    provider.lasts = 600_000;
    await login(page);
    await page.getByRole('heading', { name: 'All customers, by tier' }).waitFor();
    await close();
});

test('openid: a login that is denied, forged, or of an account without access', async () => {
    provider.denies = true;
    const { page, close } = await desk('/', { allowed: [/403/] });
    await login(page);
    await page.getByRole('alert').getByText('Nobody by this name works here').waitFor();
    provider.denies = false;
    await page.goto(`${server.url}/?code=stolen&state=of-somebody-else`);
    await page.getByRole('alert').getByText('This login was not begun here').waitFor();
    assert.equal(new URL(page.url()).search, '');
    provider.account = 'cleaning';
    await login(page);
    await page.getByRole('alert').getByText('the role of the token has no access here').waitFor();
    provider.account = 'desk_north';
    await login(page);
    await page.getByText('Choose a customer').waitFor();
    await close();
});

test('openid: a provider that calls itself otherwise, or gives no token', async () => {
    const { page, close } = await desk('/');
    provider.calledItself = 'https://login.example';
    await login(page);
    await page.getByRole('alert').getByText('The provider of accounts calls itself "https://login.example"').waitFor();
    delete provider.calledItself;
    provider.gives = ({ access_token: _, ...others }) => others;
    await login(page);
    await page.getByRole('alert').getByText('The provider did not let you in: no access_token').waitFor();
    provider.gives = (tokens) => tokens;
    await close();
});

test('openid: an id_token must hold the nonce of its login', async () => {
    const other = await serve({ ...settings(), OPENID_TOKEN: 'id_token' });
    const { page, close } = await open(browser, other, { path: '/', hosts: [provider.url] });
    provider.nonce = 'of-another-login';
    await login(page);
    await page.getByRole('alert').getByText('This login was not begun here').waitFor();
    delete provider.nonce;
    await login(page);
    await page.getByText('Choose a customer').waitFor();
    await close();
    await other.close();
});

test('openid: a provider that does not answer', async () => {
    const gone = await serveProvider();
    const other = await serve({ OPENID_ISSUER: gone.url, OPENID_CLIENT_ID: CLIENT });
    gone.close();
    const { page, close } = await open(browser, other, { path: '/', hosts: [gone.url], allowed: [/ERR_|Failed to load/] });
    await login(page);
    await page.getByRole('alert').getByText('The provider of accounts does not answer').waitFor();
    await page.getByLabel('Token').waitFor();
    await close();
    await other.close();
});
