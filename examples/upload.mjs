#!/usr/bin/env node
// Sends a shop's CSV file to the database in parts, as binary parameters, and prints what became of it.
//
//     node upload.mjs SHOP KIND FILE [OPTIONS]      node upload.mjs small-shop orders orders.csv '{"date_order": "DMY"}'
//
// Connects as the environment says (PGHOST, PGDATABASE, ...). Needs the package pg, which sends a Buffer in binary form. KIND may
// be auto. A part that was sent twice is no error, so a program that lost its connection goes on with the part it was at.
import { createReadStream } from 'node:fs';
import pg from 'pg';

const [shop, kind, path, options = '{}'] = process.argv.slice(2);
const client = new pg.Client();
await client.connect();
const begun = await client.query(
    'SELECT tradeup_bundles.begin_upload($1, $2, options => $3::jsonb, file_name => $4) AS upload',
    [shop, kind, options, path],
);
const { upload } = begun.rows[0];
let number = 0;
for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
    number += 1;
    await client.query('SELECT tradeup_bundles.add_part($1, $2, $3)', [upload, number, part]);
}
const loaded = await client.query(
    'SELECT upload_id, kind, rows, loaded, inserted, updated, unchanged, rejected FROM tradeup_bundles.load_upload($1)',
    [upload],
);
const { upload_id: result, ...counts } = loaded.rows[0];
console.log(JSON.stringify(counts));
const rejected = await client.query(
    'SELECT line, column_name, reason, value FROM tradeup_bundles.rejected_row WHERE upload_id = $1 ORDER BY row LIMIT 20',
    [result],
);
for (const { line, column_name: column, reason, value } of rejected.rows) {
    console.log(`line ${line}: ${column ?? 'the row'}: ${reason} '${value}'`);
}
await client.end();
