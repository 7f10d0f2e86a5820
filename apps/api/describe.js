// Writes columns.json, the columns of each answer as the database describes the statements; --check compares instead.
//     node describe.js [--check]

import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { describe } from './database.js';
import { routes } from './routes/index.js';

const path = new URL('columns.json', import.meta.url);
const client = new pg.Client();
await client.connect();
const columns = {};
for (const route of routes.filter(({ text }) => text)) {
    try {
        columns[route.name] = await describe(client, route.text);
    } catch (error) {
        console.error(`${route.name}: ${error.message}`);
        process.exitCode = 1;
    }
}
await client.end();
const lines = Object.entries(columns).map(([name, list]) => `    ${JSON.stringify(name)}: ${JSON.stringify(list)}`);
const text = `{\n${lines.join(',\n')}\n}\n`;
if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
} else if (readFileSync(path, 'utf8') !== text) {
    console.error('columns.json is not what the database describes: run node describe.js');
    process.exitCode = 1;
}
