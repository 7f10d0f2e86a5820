// OpenAPI 3.1, made from the table of routes. The columns of answers, which the database knows, are in columns.json; the script
// describe writes it, and the tests compare.

import { readFileSync } from 'node:fs';

const COLUMNS = JSON.parse(readFileSync(new URL('columns.json', import.meta.url), 'utf8'));

const KINDS = {
    16: { type: ['boolean', 'null'] }, 20: { type: ['integer', 'null'], format: 'int64' }, 21: { type: ['integer', 'null'] }, 23: { type: ['integer', 'null'] },
    700: { type: ['number', 'null'] }, 701: { type: ['number', 'null'] }, 114: {}, 3802: {},
    1082: { type: ['string', 'null'], format: 'date' }, 1114: { type: ['string', 'null'] }, 1184: { type: ['string', 'null'], format: 'date-time' },
    1700: { type: ['string', 'null'], pattern: '^-?[0-9]+(\\.[0-9]+)?$' },
    1005: { type: ['array', 'null'] }, 1007: { type: ['array', 'null'] }, 1016: { type: ['array', 'null'] }, 1009: { type: ['array', 'null'] }, 1015: { type: ['array', 'null'] },
    1231: { type: ['array', 'null'] }, 1022: { type: ['array', 'null'] },
};

export function rowSchema(columns) {
    return {
        type: 'object', additionalProperties: false, required: columns.map(({ name }) => name),
        properties: Object.fromEntries(columns.map(({ name, oid }) => [name, KINDS[oid] ?? { type: ['string', 'null'] }])),
    };
}

const amount = { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' };
const problem = {
    type: 'object', required: ['code', 'message', 'detail', 'hint', 'request_id'], additionalProperties: false,
    properties: {
        code: { type: 'string', description: 'SQLSTATE', pattern: '^[0-9A-Z]{5}$' }, message: { type: 'string' }, detail: { type: ['string', 'null'] },
        hint: { type: ['string', 'null'] }, request_id: { type: 'string' },
    },
};

function answerSchema(route) {
    const columns = COLUMNS[route.name];
    if (route.answerSchema) {
        return route.answerSchema;
    }
    if (route.answer === 'rows' && columns) {
        return { type: 'object', required: ['items'], additionalProperties: false, properties: { items: { type: 'array', items: rowSchema(columns) } } };
    }
    return route.answer === 'document' || !columns ? { type: 'object' } : rowSchema(columns);
}

const PROBLEMS = {
    400: 'The body is no JSON', 401: 'No valid token', 403: 'The role may not', 404: 'It does not exist, or is hidden', 409: 'Its state does not allow it',
    413: 'The body is too large', 415: 'The body is of another type', 422: 'A value is not allowed', 429: 'Too many requests', 503: 'The database or the server is not ready', 504: 'It took too long',
};

function operation(route) {
    const { parameters, inPath, inBody, isOpen, answer } = route;
    const others = Object.entries(parameters).filter(([name, parameter]) => !inPath.has(name) && !parameter.isBody);
    const codes = [...(inBody ? [400, 413, 415] : []), ...(isOpen ? [] : [401, 403]), 404, ...(inBody || route.method === 'DELETE' ? [409] : []), 422, 429, 503, 504];
    const type = { lines: 'application/x-ndjson', events: 'text/event-stream' }[answer] ?? 'application/json';
    const schema = answer === 'lines' ? { description: 'A line is an object of these columns; the last is {"done": true, "rows": n} or {"error": {...}}', ...rowSchema(COLUMNS[route.name] ?? []) }
        : answer === 'events' ? { type: 'string' } : answerSchema(route);
    return {
        operationId: route.name, summary: route.summary, tags: [route.subject], ...(isOpen ? { security: [] } : {}),
        parameters: [
            ...[...inPath].map((name) => ({ name, in: 'path', required: true, description: parameters[name].description, schema: parameters[name].schema })),
            ...(inBody ? [] : others.map(([name, { description, required = false, schema: of, sql }]) => ({
                name, in: 'query', required, description,
                ...(sql === 'jsonb' ? { content: { 'application/json': { schema: of } } } : { schema: of }),
            }))),
        ],
        ...(inBody ? {
            requestBody: {
                required: route.takes === 'bytes' || others.some(([, { required }]) => required),
                content: route.takes === 'bytes' ? { 'application/octet-stream': {} } : {
                    'application/json': {
                        schema: {
                            type: 'object', additionalProperties: false, required: others.filter(([, { required }]) => required).map(([name]) => name),
                            properties: Object.fromEntries(others.map(([name, { schema: of, description }]) => [name, { description, ...of }])),
                        },
                    },
                },
            },
        } : {}),
        responses: {
            [answer === 'nothing' ? 204 : route.status]: answer === 'nothing' ? { description: 'Done' } : { description: 'The answer', content: { [type]: { schema } } },
            ...Object.fromEntries(codes.map((code) => [code, { description: PROBLEMS[code], content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } }])),
        },
    };
}

export function document(routes) {
    const paths = {};
    for (const route of routes) {
        const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
        paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
    }
    return {
        openapi: '3.1.0',
        info: { title: 'tradeup', version: '1', description: 'Loan payments and offers, computed inside PostgreSQL. Amounts and rates are texts of exact digits.' },
        servers: [{ url: '/' }],
        security: [{ token: [] }],
        paths,
        components: {
            securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
            schemas: { Problem: problem, Amount: amount },
        },
    };
}
