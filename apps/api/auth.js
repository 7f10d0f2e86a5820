// Who asks: a signed token (JWT) names a role, and the role must be on the list of those that the server lets in.

import { createPublicKey } from 'node:crypto';
import { createDecoder, createVerifier } from 'fast-jwt';
import { Refused } from './errors.js';

const SHARED = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVES = { prime256v1: ['ES256'], secp384r1: ['ES384'], secp521r1: ['ES512'] };

function algorithmsOf(key) {
    const found = { rsa: RSA, ed25519: ['EdDSA'], ec: CURVES[key.asymmetricKeyDetails?.namedCurve] }[key.asymmetricKeyType];
    if (!found) {
        throw new Error(`a key of type ${key.asymmetricKeyType} cannot sign tokens`);
    }
    return found;
}

// The keys of a configuration as { kid, algorithms, key }: a key fits its own algorithms and no others, so that a public
// key is never taken for a shared secret.
export function keysOf({ secrets, publicKeys, keySets }) {
    const keys = [];
    for (const secret of secrets) {
        if (Buffer.byteLength(secret) < 32) {
            throw new Error('the secret of tokens must have at least 32 bytes');
        }
        keys.push({ algorithms: SHARED, key: secret });
    }
    for (const pem of publicKeys) {
        keys.push({ algorithms: algorithmsOf(createPublicKey(pem)), key: pem });
    }
    return [...keys, ...keySets.flatMap(keysOfSet)];
}

function keysOfSet(set) {
    return (set.keys ?? []).filter((jwk) => !jwk.use || jwk.use === 'sig').map((jwk) => {
        const key = createPublicKey({ key: jwk, format: 'jwk' });
        // What a set says of a key narrows its algorithms and adds none: HS256 would make a secret of a public key.
        const algorithms = algorithmsOf(key).filter((name) => !jwk.alg || name === jwk.alg);
        if (algorithms.length === 0) {
            throw new Error(`a key of type ${key.asymmetricKeyType} cannot sign tokens with ${jwk.alg}`);
        }
        return { kid: jwk.kid, algorithms, key: key.export({ type: 'spki', format: 'pem' }) };
    });
}

// The key set of a provider, read from its address. One key that is of no use here does not spoil the others.
async function readKeySet(address) {
    const response = await fetch(address, { redirect: 'error', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(5000) });
    if (!response.ok) {
        throw new Error(`HTTP ${response.status}`);
    }
    const set = await response.json();
    const keys = (Array.isArray(set?.keys) ? set.keys : []).flatMap((jwk) => {
        try {
            return keysOfSet({ keys: [jwk] });
        } catch {
            return [];
        }
    });
    if (keys.length === 0) {
        throw new Error('it has no key of a kind that signs tokens');
    }
    return keys;
}

const at = (claims, path) => path.split('.').reduce((value, name) => (value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined), claims);

// A token is looked at once and then known until it expires, at most so many at a time.
const MOST_KNOWN = 10_000;

// A provider that does not answer cannot say which keys it has withdrawn: they hold for a day at most.
const LONGEST_UNCONFIRMED_MS = 24 * 3600_000;

// who.of(header of the request) gives { role, subject, expires } or throws 401, 403. Where the provider's keys have an address,
// who.learn() reads them, and tells whether that went well.
export function authenticator({ keys, keySetAddress, keySetMs, roles, claim, issuer, audience, clockToleranceMs }, log) {
    const decode = createDecoder({ complete: true });
    const verifierOf = (key) => ({
        ...key,
        verify: createVerifier({
            key: key.key, algorithms: key.algorithms, requiredClaims: ['exp'], clockTolerance: clockToleranceMs,
            ...(issuer ? { allowedIss: issuer } : {}), ...(audience ? { allowedAud: audience } : {}),
        }),
    });
    const own = keys.map(verifierOf);
    let ofProvider = null;
    let confirmedAt = 0;
    const known = new Map();
    const unknown = (message, hint) => new Refused(401, '28000', message, { hint });

    function claimsOf(token) {
        let header;
        try {
            ({ header } = decode(token));
        } catch {
            throw unknown('the token is malformed');
        }
        const fitting = [...own, ...(ofProvider ?? [])].filter(({ kid, algorithms }) => algorithms.includes(header.alg) && (!header.kid || !kid || header.kid === kid));
        let why;
        for (const { verify } of fitting) {
            try {
                return verify(token);
            } catch (error) {
                why = error.code === 'FAST_JWT_INVALID_SIGNATURE' ? why : error.code;
            }
        }
        if (why === undefined && keySetAddress && !ofProvider) {
            throw new Refused(503, '08006', 'the keys of the OpenID provider could not be read', { retryAfter: 5 });
        }
        const refused = unknown(
            why === 'FAST_JWT_EXPIRED' ? 'the token has expired' : why === 'FAST_JWT_INACTIVE' ? 'the token is not valid yet'
                : why === undefined ? 'the token is not signed by a known key' : 'the token is not valid here',
            why === 'FAST_JWT_EXPIRED' ? 'Log in again.' : undefined,
        );
        refused.isKeyUnknown = why === undefined;
        throw refused;
    }

    function look(token) {
        const claims = claimsOf(token);
        const named = [at(claims, claim)].flat().filter((name) => typeof name === 'string');
        const role = named.map((name) => roles.get(name)).find((name) => name !== undefined);
        if (role === undefined) {
            throw new Refused(403, '42501', 'the role of the token has no access here', { detail: `The claim ${claim} is ${named.length ? named.join(', ').slice(0, 100) : 'missing'}.` });
        }
        return { role, subject: typeof claims.sub === 'string' ? claims.sub : role, expires: claims.exp * 1000 };
    }

    function of(authorization) {
        if (!authorization) {
            throw unknown('a token is needed', 'Send the header authorization: Bearer TOKEN.');
        }
        const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
        if (!token || token.length > 8000) {
            throw unknown('the token is malformed', 'Send the header authorization: Bearer TOKEN.');
        }
        if (ofProvider && Date.now() - confirmedAt >= LONGEST_UNCONFIRMED_MS) {
            ofProvider = null;
            known.clear();
        }
        const before = known.get(token);
        if (before && Date.now() < before.expires + clockToleranceMs) {
            return before;
        }
        known.delete(token);
        const who = look(token);
        if (known.size >= MOST_KNOWN) {
            known.delete(known.keys().next().value);
        }
        known.set(token, who);
        return who;
    }

    // Somebody who sends tokens of unknown keys makes us ask the provider once in a while, and not each time.
    let reading = null;
    let readAt = 0;
    async function learn() {
        if (!keySetAddress) {
            return false;
        }
        if (!reading && Date.now() - readAt < Math.min(keySetMs, 30_000)) {
            return false;
        }
        readAt = reading ? readAt : Date.now();
        reading ??= readKeySet(keySetAddress).then((found) => {
            ofProvider = found.map(verifierOf);
            confirmedAt = Date.now();
            // Whoever was known by a key that is withdrawn is not any more.
            known.clear();
            return true;
        }).catch((error) => {
            log.warn({ address: keySetAddress }, `the key set could not be read: ${error.cause?.message ?? error.message}`);
            return false;
        }).finally(() => { reading = null; });
        return reading;
    }
    let timer;
    if (keySetAddress) {
        timer = setInterval(learn, keySetMs);
        timer.unref();
    }
    return { of, learn, stop: () => clearInterval(timer) };
}
