// The login of an OpenID provider: authorization code with PKCE. What must be remembered until the provider sends the person
// back stays in the tab.

const KEY = 'tradeup.openid';
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64(crypto.getRandomValues(new Uint8Array(32)));
const here = () => location.origin + location.pathname;

async function provider({ issuer }) {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (!response.ok) {
        throw new Error(`HTTP ${response.status}`);
    }
    return response.json();
}

export async function leave(openid) {
    const { authorization_endpoint: address } = await provider(openid);
    const kept = { state: random(), verifier: random() };
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    const challenge = base64(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(kept.verifier)));
    location.assign(`${address}?${new URLSearchParams({
        response_type: 'code', client_id: openid.client_id, redirect_uri: here(), scope: openid.scope ?? 'openid', state: kept.state,
        code_challenge: challenge, code_challenge_method: 'S256',
    })}`);
}

// The token when the provider has just sent the person back; null otherwise.
export async function comeBack(openid) {
    const query = new URLSearchParams(location.search);
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    if (!kept || !(query.has('code') || query.has('error'))) {
        return null;
    }
    sessionStorage.removeItem(KEY);
    history.replaceState(null, '', here() + location.hash);
    if (query.get('error') || query.get('state') !== kept.state) {
        throw new Error(query.get('error_description') ?? query.get('error') ?? 'state');
    }
    const { token_endpoint: address } = await provider(openid);
    const response = await fetch(address, {
        method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: 'authorization_code', code: query.get('code'), redirect_uri: here(), client_id: openid.client_id, code_verifier: kept.verifier }),
    });
    const told = await response.json();
    if (!response.ok) {
        throw new Error(told.error_description ?? told.error ?? `HTTP ${response.status}`);
    }
    return told.access_token;
}
