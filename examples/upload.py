#!/usr/bin/env python3
"""Sends a shop's CSV file to the database in parts, as binary parameters, and prints what became of it.

    upload.py SHOP KIND FILE [OPTIONS]      upload.py small-shop orders orders.csv '{"date_order": "DMY"}'

Connects as the environment says (PGHOST, PGDATABASE, ...). Needs psycopg 3. KIND may be auto. A part that was sent twice is no
error, so a program that lost its connection goes on with the part it was at.
"""
import json
import sys

import psycopg

PART = 1 << 20


def main():
    shop, kind, path = sys.argv[1:4]
    options = sys.argv[4] if len(sys.argv) > 4 else '{}'
    with psycopg.connect(autocommit=True) as connection, open(path, 'rb') as file:
        upload, = connection.execute('SELECT tradeup_bundles.begin_upload(%s, %s, options => %s::jsonb, file_name => %s)',
                                     (shop, kind, options, path)).fetchone()
        number = 0
        while part := file.read(PART):
            number += 1
            # %b sends the bytes as they are; %s would too, but other drivers write them as text, twice as long.
            connection.execute('SELECT tradeup_bundles.add_part(%s, %s, %b)', (upload, number, part))
        result = connection.execute('SELECT row_to_json(r) FROM tradeup_bundles.load_upload(%s) r', (upload,)).fetchone()[0]
        print(json.dumps({key: result[key] for key in ('kind', 'rows', 'loaded', 'inserted', 'updated', 'unchanged', 'rejected')}))
        rejected = connection.execute('SELECT line, column_name, reason, value FROM tradeup_bundles.rejected_row '
                                      'WHERE upload_id = %s ORDER BY row LIMIT 20', (result['upload_id'],))
        for line, column, reason, value in rejected:
            print(f'line {line}: {column or "the row"}: {reason} {value!r}')


main()
