// Every address, by the examples of docs/api.md: they give what the page shows, and what OpenAPI says that they give.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { routes } from '../../apps/api/routes/index.js';
import { BLOCK, addressOf, examples, page, shownOf } from './examples.js';
import { require, root, start } from './support.js';

const Ajv = require('ajv/dist/2020.js').default;
const server = await start();
const openapi = (await server.ask('GET', '/api/openapi.json', { role: null })).json;
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(openapi, 'openapi');
after(() => server.close());

const patterns = routes.map((route) => ({
    route, pattern: new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`), rank: (route.path.match(/:/g) ?? []).length,
})).sort((a, b) => a.rank - b.rank);
const routeOf = (method, target) => patterns.find(({ route, pattern }) => route.method === method && pattern.test(target.split('?')[0]))?.route;

const all = examples();

test('columns.json and api_schema.sql are what the database describes', () => {
    execFileSync(`${root}apps/api/node`, [`${root}apps/api/describe.js`, '--check'], { stdio: 'pipe' });
});

const asPointer = (path) => path.replace(/~/g, '~0').replace(/\//g, '~1').replace(/{/g, '%7B').replace(/}/g, '%7D');

function fits(route, { status, headers, text }) {
    const type = headers.get('content-type').split(';')[0];
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    const reference = `openapi#/paths/${asPointer(path)}/${route.method.toLowerCase()}/responses/${status}/content/${asPointer(type)}/schema`;
    const check = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference });
    const values = type === 'application/x-ndjson' ? text.trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line)) : [JSON.parse(text)];
    for (const value of values) {
        assert.ok(check(value), `${route.name}: ${ajv.errorsText(check.errors)}`);
    }
}

const answers = [];
for (const example of all) {
    test(`example ${example.method} ${example.target}`, async () => {
        const route = routeOf(example.method, example.target);
        assert.ok(route, 'no route');
        const isBytes = route.takes === 'bytes';
        const answer = await server.ask(example.method, addressOf(example.target), {
            role: route.isOpen ? null : example.role, body: example.body === '' ? undefined : example.body,
            headers: isBytes ? { 'content-type': 'application/octet-stream' } : {},
        });
        const shown = shownOf(answer);
        answers.push(shown);
        assert.ok(answer.status < 300, shown);
        if (answer.text !== '') {
            fits(route, answer);
        }
        if (!process.env.API_REWRITE) {
            assert.equal(shown, example.shown);
        }
    });
}

test('every route has an example', () => {
    const shown = new Set(all.map(({ method, target }) => routeOf(method, target)?.name));
    assert.deepEqual(routes.map(({ name }) => name).filter((name) => !shown.has(name)), ['events']);
});

test('the table is sound', () => {
    assert.equal(new Set(routes.map(({ name }) => name)).size, routes.length);
    assert.equal(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size, routes.length);
    for (const { name, text, summary, parameters } of routes) {
        assert.ok(summary?.length > 5, name);
        assert.ok(Object.values(parameters).every(({ description, isBody }) => description || isBody), `${name}: a parameter has no description`);
        // Every name of ours is qualified.
        assert.doesNotMatch(text ?? '', /\b(?:FROM|JOIN|INTO|UPDATE)\s+(?!tradeup|unnest|jsonb_|\(|LATERAL|SET\b)(?:[a-z_]+)\b(?!\.)/, name);
    }
});

test('OpenAPI is whole', () => {
    assert.equal(openapi.openapi, '3.1.0');
    assert.equal(Object.values(openapi.paths).flatMap((path) => Object.keys(path)).length, routes.length);
    for (const [path, operations] of Object.entries(openapi.paths)) {
        for (const { parameters, operationId } of Object.values(operations)) {
            const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
            assert.deepEqual(named.sort(), [...(path.match(/{\w+}/g) ?? [])].sort(), operationId);
        }
    }
});

test('versions are exact and the lock file names no registry', () => {
    for (const folder of ['apps/api', 'apps/dashboard', 'apps/desk', 'test/api']) {
        const read = (name) => readFileSync(`${root}${folder}/${name}`, 'utf8');
        const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
        assert.deepEqual(Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter((version) => !/^\d+\.\d+\.\d+$/.test(version)), []);
        const lock = read('package-lock.json');
        assert.doesNotMatch(lock, /"resolved"/);
        assert.doesNotMatch(lock, /https?:[^"]*(?:\.tgz|registry|npmjs)/);
        assert.match(read('.npmrc'), /^omit-lockfile-registry-resolved=true$/m);
    }
});

after(() => {
    if (process.env.API_REWRITE) {
        let place = 0;
        const written = readFileSync(page, 'utf8').replace(BLOCK, () => {
            const example = all[place];
            return '```http\n' + example.asked + '\n\n' + answers[place++] + '\n```';
        });
        writeFileSync(page, written);
    }
});
