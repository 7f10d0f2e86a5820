// Runs a file of SQL, one query, on the database of libpq's variables, and prints its rows as JSON. Where an extension is not
// installed, there are no rows.
//     node sql.js FILE

import { readFileSync } from 'node:fs';
import pg from 'pg';

const NOT_THERE = ['42P01', '42883', '3F000'];
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const client = new pg.Client({ application_name: 'tradeup_dashboard' });
await client.connect();
let rows = [];
try {
    ({ rows } = await client.query(readFileSync(process.argv.at(2), 'utf8')));
} catch (error) {
    if (!NOT_THERE.includes(error.code)) {
        throw error;
    }
}
await client.end();
process.stdout.write(JSON.stringify(rows));
