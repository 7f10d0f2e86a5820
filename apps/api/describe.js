// Writes what the database says of the statements: columns.json, the columns of each answer, of which OpenAPI is made; and
// api_schema.sql and its kin, the same statements as functions for PostgREST and PostGraphile. --check compares instead.
//     node describe.js [--check]

import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { describe } from './database.js';
import { routes } from './routes/index.js';

const client = new pg.Client();
await client.connect();
const asked = routes.filter(({ text }) => text);
const columns = {};
for (const route of asked) {
    try {
        columns[route.name] = await describe(client, route.text);
    } catch (error) {
        console.error(`${route.name}: ${error.message}`);
        process.exitCode = 1;
    }
}
const { rows } = await client.query('SELECT t.oid::integer AS oid, format_type(t.oid, NULL) AS name FROM pg_type t WHERE t.oid < 16384');
const typeNames = new Map(rows.map(({ oid, name }) => [oid, name]));
const words = await client.query("SELECT k.word FROM pg_get_keywords() k WHERE k.catcode <> 'U'");
const keywords = new Set(words.rows.map(({ word }) => word));
const identifier = (name) => (keywords.has(name) ? `"${name}"` : name);
await client.end();

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

// A line of at most 130 columns where blanks allow it.
const folded = (text, indent) => text.split(' ').reduce((lines, word) => {
    const last = lines.at(-1);
    if (last.length + word.length + 1 > 130) {
        lines.push(indent + word);
    } else {
        lines[lines.length - 1] = last.trim() === '' ? last + word : `${last} ${word}`;
    }
    return lines;
}, ['']).join('\n');

function schema(extension, file) {
    const made = [`-- The addresses of the server about ${extension} as functions, for PostgREST and PostGraphile, which show no objects of extensions. Made by
-- describe.js. Functions run with the rights of who calls them; amounts stay numeric. Run once, in the database:
--     psql -d DATABASE -f apps/api/${file}
--     GRANT USAGE ON SCHEMA tradeup_http TO ROLE;

CREATE SCHEMA IF NOT EXISTS tradeup_http;
COMMENT ON SCHEMA tradeup_http IS 'Functions of tradeup for servers that show a schema, such as PostgREST and PostGraphile';
`];
    const kinds = new Map();
    for (const route of asked.filter(({ subject, extension: of, parameters }) => of === extension && subject !== 'uploads' && Object.values(parameters).every(({ isBody }) => !isBody))) {
        const found = columns[route.name];
        let result = 'void';
        if (route.answer === 'document') {
            result = 'jsonb';
        } else if (route.answer !== 'nothing') {
            const list = found.map(({ name, oid }) => `${identifier(name)} ${typeNames.get(oid)}`).join(', ');
            if (!kinds.has(list)) {
                kinds.set(list, `${route.name}_row`);
                made.push(folded(`CREATE TYPE tradeup_http.${route.name}_row AS (${list});`, '    '),
                    folded(`COMMENT ON TYPE tradeup_http.${route.name}_row IS ${quoted(`Rows of the function ${route.name}`)};`, '    '));
            }
            result = `${route.answer === 'row' ? '' : 'SETOF '}tradeup_http.${kinds.get(list)}`;
        }
        // Parameters that must be given come first.
        const order = [...route.places].sort((a, b) => (route.parameters[b].required ? 1 : 0) - (route.parameters[a].required ? 1 : 0));
        const named = order.map((name) => {
            const { sql: type, required, default: standing } = route.parameters[name];
            return `${identifier(name)} ${type}${required ? '' : ` DEFAULT ${standing === undefined ? 'NULL' : quoted(String(standing))}`}`;
        });
        const body = route.text.replace(/'(?:[^']|'')*'|\$(\d+)::/g, (whole, place) => (place ? `$${order.indexOf(route.places[place - 1]) + 1}::` : whole));
        made.push(folded(`CREATE FUNCTION tradeup_http.${route.name}(${named.join(', ')}) RETURNS ${result}`, '    '),
            `LANGUAGE sql ${route.isRead ? 'STABLE' : 'VOLATILE'}`, 'BEGIN ATOMIC', `${folded(`    ${body}`.trimStart(), '        ').replace(/^/, '    ')};`, 'END;',
            folded(`COMMENT ON FUNCTION tradeup_http.${route.name}(${order.map((name) => route.parameters[name].sql).join(', ')}) IS ${quoted(route.summary)};`, '    '), '');
    }
    return made.join('\n').replaceAll(';\nCREATE TYPE', ';\n\nCREATE TYPE');
}

const files = {
    'columns.json': `{\n${Object.entries(columns).map(([name, list]) => `    ${JSON.stringify(name)}: ${JSON.stringify(list)}`).join(',\n')}\n}\n`,
    ...Object.fromEntries([['tradeup', 'api_schema.sql'], ['tradeup_leads', 'api_schema_leads.sql'], ['tradeup_bundles', 'api_schema_bundles.sql']]
        .map(([extension, file]) => [file, schema(extension, file)])),
};
for (const [name, text] of Object.entries(files)) {
    const path = new URL(name, import.meta.url);
    if (!process.argv.includes('--check')) {
        writeFileSync(path, text);
    } else if (readFileSync(path, 'utf8') !== text) {
        console.error(`${name} is not what the database describes: run test/server run -- test/api/run --rewrite`);
        process.exitCode = 1;
    }
}
