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
    for (const set of keySets) {
        for (const jwk of set.keys ?? []) {
            if (jwk.use && jwk.use !== 'sig') {
                continue;
            }
            const key = createPublicKey({ key: jwk, format: 'jwk' });
            keys.push({ kid: jwk.kid, algorithms: jwk.alg ? [jwk.alg] : algorithmsOf(key), key: key.export({ type: 'spki', format: 'pem' }) });
        }
    }
    return keys;
}

const at = (claims, path) => path.split('.').reduce((value, name) => (value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined), claims);

// authenticate(header of the request) gives { role, subject, expires } or throws 401, 403.
export function authenticator({ keys, roles, claim, issuer, audience, clockToleranceMs }) {
    const decode = createDecoder({ complete: true });
    const verifiers = keys.map((key) => ({
        ...key,
        verify: createVerifier({
            key: key.key, algorithms: key.algorithms, requiredClaims: ['exp'], clockTolerance: clockToleranceMs,
            cache: 1000, cacheTTL: 60_000,
            ...(issuer ? { allowedIss: issuer } : {}), ...(audience ? { allowedAud: audience } : {}),
        }),
    }));
    const unknown = (message, hint) => new Refused(401, '28000', message, { hint });

    function claimsOf(token) {
        let header;
        try {
            ({ header } = decode(token));
        } catch {
            throw unknown('the token is malformed');
        }
        const fitting = verifiers.filter(({ kid, algorithms }) => algorithms.includes(header.alg) && (!header.kid || !kid || header.kid === kid));
        let why;
        for (const { verify } of fitting) {
            try {
                return verify(token);
            } catch (error) {
                why = error.code === 'FAST_JWT_INVALID_SIGNATURE' ? why : error.code;
            }
        }
        throw unknown(
            why === 'FAST_JWT_EXPIRED' ? 'the token has expired' : why === 'FAST_JWT_INACTIVE' ? 'the token is not valid yet'
                : why === undefined ? 'the token is not signed by a known key' : 'the token is not valid here',
            why === 'FAST_JWT_EXPIRED' ? 'Log in again.' : undefined,
        );
    }

    return (authorization) => {
        if (!authorization) {
            throw unknown('a token is needed', 'Send the header authorization: Bearer TOKEN.');
        }
        const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
        if (!token || token.length > 8000) {
            throw unknown('the token is malformed', 'Send the header authorization: Bearer TOKEN.');
        }
        const claims = claimsOf(token);
        const named = [at(claims, claim)].flat().filter((name) => typeof name === 'string');
        const role = named.map((name) => roles.get(name)).find((name) => name !== undefined);
        if (role === undefined) {
            throw new Refused(403, '42501', 'the role of the token has no access here', { detail: `The claim ${claim} is ${named.length ? named.join(', ').slice(0, 100) : 'missing'}.` });
        }
        return { role, subject: typeof claims.sub === 'string' ? claims.sub : role, expires: claims.exp * 1000 };
    };
}
