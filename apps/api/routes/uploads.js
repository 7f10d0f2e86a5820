// Files of vehicles or customers: parts are kept until all are there, then the rows are loaded by load_vehicles or
// load_customers; what they refuse is kept with its reason.

import { integer, json, long, text, word } from '../types.js';
import { limit } from './common.js';
import { load } from '../loading.js';

const uploadId = long('Number of the upload', { required: true });
const kind = word('What the rows are', { of: ['vehicles', 'customers'], required: true });
const mapping = json('Which column is which, and how cells are read, such as {"columns": {"regular_price": "Asking Price"}, "currency": "INR"}', { default: '{}' });

export default [
    {
        name: 'begin_upload', method: 'POST', path: '/api/uploads', status: 201, isRead: false, summary: 'Begins an upload of a CSV file',
        parameters: {
            kind, mapping, file_name: text('Name of the file', { longest: 300 }),
            delimiter: word('Between cells', { of: [',', ';', '\t', '|'], default: ',' }),
            encoding: word('Of the file', { of: ['utf-8', 'windows-1252', 'iso-8859-1', 'utf-16le'], default: 'utf-8' }),
        },
        sql: `INSERT INTO tradeup_api.upload AS u (kind, mapping, file_name, delimiter, encoding)
              VALUES (:kind, :mapping, :file_name, :delimiter, :encoding) RETURNING u.upload_id, u.state`,
        answer: 'row',
    },
    {
        name: 'uploads', method: 'GET', path: '/api/uploads', summary: 'Uploads of this role, the latest first',
        parameters: { before: long('The last number of the page before'), limit },
        sql: `SELECT u.* FROM tradeup_api.upload_state u WHERE :before IS NULL OR u.upload_id < :before ORDER BY u.upload_id DESC LIMIT :limit`, answer: 'rows',
    },
    {
        name: 'upload', method: 'GET', path: '/api/uploads/:upload_id', summary: 'How far an upload is',
        parameters: { upload_id: uploadId }, sql: 'SELECT u.* FROM tradeup_api.upload_state u WHERE u.upload_id = :upload_id', answer: 'row', missing: 'the upload',
    },
    {
        name: 'put_part', method: 'PUT', path: '/api/uploads/:upload_id/parts/:part', isRead: false, bodyBytes: 4 * 1024 * 1024, takes: 'bytes',
        summary: 'One part of the file, its bytes as application/octet-stream; parts are numbered from 1 and may come in any order, and again',
        parameters: { upload_id: uploadId, part: integer('Number of the part', { required: true, least: 1, most: 10000 }), bytes: { sql: 'bytea', isBody: true } },
        sql: `INSERT INTO tradeup_api.upload_part AS p (upload_id, part, bytes) SELECT u.upload_id, :part, :bytes FROM tradeup_api.upload u
              WHERE u.upload_id = :upload_id AND u.state = 'open'
              ON CONFLICT (upload_id, part) DO UPDATE SET bytes = EXCLUDED.bytes RETURNING p.upload_id, p.part, length(p.bytes) AS bytes`,
        answer: 'row', missing: 'an open upload',
    },
    {
        name: 'load_upload', method: 'POST', path: '/api/uploads/:upload_id/load', isRead: false, long: true, summary: 'Loads the rows of an upload, in one transaction',
        parameters: { upload_id: uploadId, parts: integer('How many parts there are', { required: true, least: 1, most: 10000 }) },
        handle: load, answer: 'row',
    },
    {
        name: 'rejected', method: 'GET', path: '/api/uploads/:upload_id/rejected', summary: 'Rows that were refused, with the reason and all their cells',
        parameters: { upload_id: uploadId, after: { ...integer('The last line of the page before'), default: 0 }, limit },
        sql: `SELECT r.line, r.id, r.column_name, r.reason, r.value, r.cells FROM tradeup_api.upload_refusal r
              WHERE r.upload_id = :upload_id AND r.line > :after ORDER BY r.line LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'delete_upload', method: 'DELETE', path: '/api/uploads/:upload_id', isRead: false, summary: 'Forgets an upload; what was loaded stays',
        parameters: { upload_id: uploadId }, sql: 'DELETE FROM tradeup_api.upload u WHERE u.upload_id = :upload_id RETURNING u.upload_id', answer: 'row', missing: 'the upload',
    },
    {
        name: 'load_rows', method: 'POST', path: '/api/rows', isRead: false, long: true, bodyBytes: 4 * 1024 * 1024, summary: 'Loads rows that are in the body: mended ones, or a few new ones',
        parameters: { kind, mapping, rows: json('Objects of column: text', { of: 'array', required: true }) },
        handle: load, answer: 'row',
    },
];
