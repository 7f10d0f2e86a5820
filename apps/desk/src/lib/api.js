// Questions to the API. The token stays in the tab; an answer of 401 ends the session. A body is an object, bytes, or the text
// of JSON whose numbers must keep their digits.

import { session } from './session.svelte.js';

export class ApiError extends Error {
    constructor(status, { code, message, detail, hint, request_id: requestId } = {}) {
        super(message ?? `HTTP ${status}`);
        Object.assign(this, { status, code, detail, hint, requestId });
    }
}

export async function send(method, path, { query, body, text, headers = {}, signal, token = session.token } = {}) {
    const address = new URL(path, location.origin);
    for (const [name, value] of Object.entries(query ?? {})) {
        if (value !== null && value !== undefined && value !== '') {
            for (const one of Array.isArray(value) ? value : [value]) {
                address.searchParams.append(name, typeof one === 'object' ? JSON.stringify(one) : one);
            }
        }
    }
    const isBytes = body instanceof Blob;
    let response;
    try {
        response = await fetch(address, {
            method, signal, cache: 'no-store', credentials: 'omit',
            headers: {
                ...(token ? { authorization: `Bearer ${token}` } : {}),
                ...(body === undefined && text === undefined ? {} : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }), ...headers,
            },
            body: isBytes ? body : text ?? JSON.stringify(body),
        });
    } catch (error) {
        if (signal?.aborted) {
            throw error;
        }
        throw new ApiError(0, {});
    }
    if (!response.ok) {
        const told = await response.json().catch(() => ({}));
        if (response.status === 401 && token && token === session.token) {
            session.expire();
        }
        throw new ApiError(response.status, told);
    }
    return response;
}

async function ask(method, path, options) {
    const response = await send(method, path, options);
    return response.status === 204 ? null : response.json();
}

export const get = (path, query, options = {}) => ask('GET', path, { query, ...options });
export const post = (path, body, options = {}) => ask('POST', path, { body, ...options });
export const put = (path, body, options = {}) => ask('PUT', path, { body, ...options });
export const patch = (path, body, options = {}) => ask('PATCH', path, { body, ...options });
export const remove = (path) => ask('DELETE', path);
export const items = async (path, query) => (await get(path, query)).items;
export const named = (strings, ...values) => strings.reduce((path, part, place) => path + encodeURIComponent(values[place - 1]) + part);
