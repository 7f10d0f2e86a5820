// From an entry of the table of routes to what runs: the statement with numbered parameters, and the reader of a request.
//
// An entry has
//     name        unique; the name of the prepared statement, of metrics and of the operation in OpenAPI
//     method, path, summary
//     parameters  by name, from types.js; those that the path names are in it, others in the address (GET, DELETE) or the body
//     sql         one statement; :name is a parameter, sent with the type of its kind
//     answer      rows ({"items": [...]}), row (an object), document (the JSON of the first column), nothing, lines (NDJSON)
//     missing     what is not there when row or document finds nothing: 404
//     long        true: the long time-out
//     isRead      false for what writes; standing for GET it is true
//     status      of success, where it is not 200

import { Refused, notValid } from './errors.js';

const NAMES = /'(?:[^']|'')*'|::|:([a-z_]+)/g;

export function compile(entry) {
    const { parameters = {}, method, path } = entry;
    const places = [];
    const text = entry.sql?.replace(NAMES, (found, name) => {
        if (!name) {
            return found;
        }
        if (!parameters[name]) {
            throw new Error(`route ${entry.name}: :${name} is no parameter`);
        }
        let place = places.indexOf(name);
        if (place < 0) {
            place = places.push(name) - 1;
        }
        return `$${place + 1}::${parameters[name].sql}`;
    }).replace(/\s+/g, ' ').trim();
    const unused = entry.sql ? Object.keys(parameters).filter((name) => !places.includes(name) && !parameters[name].aside) : [];
    if (unused.length) {
        throw new Error(`route ${entry.name}: ${unused.join(', ')} is not used`);
    }
    const inPath = new Set([...path.matchAll(/:([a-z_]+)/g)].map(([, name]) => name));
    const inBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
    return { isRead: method === 'GET', status: 200, ...entry, parameters, text, places, inPath, inBody };
}

// The values of a request by name: texts, lists of texts, or null for what is not there.
export function read(route, request) {
    const { parameters, inPath, inBody } = route;
    const isBytes = route.takes === 'bytes';
    if (isBytes && !Buffer.isBuffer(request.body)) {
        throw new Refused(415, '22023', 'the body must be bytes', { hint: 'Send the header content-type: application/octet-stream.' });
    }
    if (!isBytes && Buffer.isBuffer(request.body)) {
        throw new Refused(415, '22023', 'the body must be JSON', { hint: 'Send the header content-type: application/json.' });
    }
    const others = (isBytes ? {} : inBody ? request.body : request.query) ?? {};
    if (typeof others !== 'object' || Array.isArray(others) || JSON.isRawJSON(others)) {
        throw notValid('the body must be a JSON object');
    }
    for (const name of Object.keys(others)) {
        if (!Object.hasOwn(parameters, name) || inPath.has(name)) {
            const allowed = Object.keys(parameters).filter((known) => !inPath.has(known));
            throw notValid(`unknown parameter "${name.slice(0, 60).toWellFormed()}"`, undefined, allowed.length ? `Allowed are ${allowed.join(', ')}.` : 'There are none here.');
        }
    }
    if (inBody && Object.keys(request.query).length) {
        throw notValid('parameters of this address belong into the body');
    }
    const values = {};
    for (const [name, parameter] of Object.entries(parameters)) {
        if (parameter.isBody) {
            values[name] = request.body;
            continue;
        }
        const from = inPath.has(name) ? request.params : others;
        const given = Object.hasOwn(from, name) ? from[name] : undefined;
        if (given === undefined || given === null || (given === '' && !inBody)) {
            if (parameter.required) {
                throw notValid(`${name} is missing`, undefined, parameter.description);
            }
            values[name] = parameter.default === undefined ? null : String(parameter.default);
        } else {
            values[name] = parameter.read(name, given);
        }
    }
    return values;
}

export const queryOf = (route, values) => ({ name: route.name, text: route.text, values: route.places.map((place) => values[place]) });

export const nothingFound = (route, values) => new Refused(404, 'P0002', `${route.missing ?? 'it'} does not exist`, {
    detail: [...route.inPath].map((name) => `${name} is "${values[name]}"`).join(', ') || undefined,
    hint: 'Row-level security may hide rows.',
});
