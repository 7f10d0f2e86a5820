// The login of an OpenID provider: authorization code with PKCE. What must be remembered until the provider sends the person
// back stays in the tab.

import { get } from './api.js';
import { t } from './texts.svelte.js';

const KEY = 'tradeup.openid';
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64(crypto.getRandomValues(new Uint8Array(32)));
const here = () => location.origin + location.pathname;

const ACCOUNT = 'tradeup.account';

async function asked(address, options) {
    let response;
    try {
        response = await fetch(address, options);
    } catch {
        throw new Error(t('login.noProvider'));
    }
    const told = await response.json().catch(() => null) ?? {};
    if (!response.ok) {
        throw new Error(t('login.denied', { why: told.error_description ?? told.error ?? `HTTP ${response.status}` }));
    }
    return told;
}

// Addresses that another issuer names could be anybody's.
async function provider({ issuer }) {
    const told = await asked(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (told.issuer !== issuer) {
        throw new Error(t('login.otherIssuer', { issuer, told: told.issuer ?? '' }));
    }
    return told;
}

// The address of an endpoint may have a query of its own already.
function addressWith(address, parameters) {
    const url = new URL(address);
    for (const [name, value] of Object.entries(parameters)) {
        url.searchParams.set(name, value);
    }
    return url.href;
}

// Only an id_token holds the nonce of its login.
const hasNonce = ({ token }) => token === 'id_token';
function nonceOf(token) {
    try {
        return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).nonce;
    } catch {
        return undefined;
    }
}

export async function leave(openid) {
    const { authorization_endpoint: address } = await provider(openid);
    const kept = { state: random(), verifier: random(), nonce: random(), hash: location.hash };
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    const challenge = base64(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(kept.verifier)));
    location.assign(addressWith(address, {
        response_type: 'code', client_id: openid.client_id, redirect_uri: here(), scope: openid.scope, state: kept.state,
        code_challenge: challenge, code_challenge_method: 'S256', ...(hasNonce(openid) ? { nonce: kept.nonce } : {}),
    }));
}

// The token when the provider has just sent the person back; null otherwise.
export async function comeBack(openid) {
    const query = new URLSearchParams(location.search);
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    if (!(query.has('code') || query.has('error'))) {
        return null;
    }
    sessionStorage.removeItem(KEY);
    history.replaceState(null, '', here() + (kept?.hash ?? ''));
    if (!kept || query.get('state') !== kept.state) {
        throw new Error(t('login.notYours'));
    }
    if (query.has('error')) {
        throw new Error(t('login.denied', { why: query.get('error_description') ?? query.get('error') }));
    }
    const { token_endpoint: address } = await provider(openid);
    const told = await asked(address, {
        method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: 'authorization_code', code: query.get('code'), redirect_uri: here(), client_id: openid.client_id, code_verifier: kept.verifier }),
    });
    sessionStorage.setItem(ACCOUNT, 'yes');
    const token = told[openid.token];
    if (!token) {
        throw new Error(t('login.denied', { why: `no ${openid.token}` }));
    }
    if (hasNonce(openid) && nonceOf(token) !== kept.nonce) {
        throw new Error(t('login.notYours'));
    }
    return token;
}

// Who logs out of the desk logs out of the provider too, where it allows that: else the next person at this screen would be let
// in with her account.
export async function leaveProvider() {
    if (!sessionStorage.getItem(ACCOUNT)) {
        return;
    }
    sessionStorage.removeItem(ACCOUNT);
    try {
        const { openid } = await get('/api/login', {}, { token: null });
        const { end_session_endpoint: address } = await provider(openid);
        if (address) {
            location.assign(addressWith(address, { client_id: openid.client_id, post_logout_redirect_uri: here() }));
        }
    } catch {
        // Then the account of the provider stays open, as it was.
    }
}
