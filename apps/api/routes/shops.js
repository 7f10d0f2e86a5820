// Files of a shop and what sells together (extension tradeup_bundles).

import { date, integer, json, long, text, word } from '../types.js';
import { limit } from './common.js';

const shop = text('The shop', { required: true, longest: 300 });
const uploadId = long('Number of the upload', { required: true });
const options = json('How the file is read, such as {"decimal_mark": ",", "date_order": "DMY"}', { default: '{}' });
const mining = { shop, options: json('What is counted and shown, as docs/bundles.md says', { default: '{}' }), universe: text('all, or the baskets that count'), limit };

export default [
    {
        name: 'begin_shop_upload', method: 'POST', path: '/api/shops/:shop/uploads', status: 201, isRead: false, summary: 'Begins an upload of a CSV file of a shop',
        parameters: {
            shop, kind: word('What the file has; without it, the header tells', { of: ['orders', 'variants', 'inventory_levels', 'catalog'] }), run: text('Name of the run'), options,
            file_name: text('Name of the file', { longest: 300 }),
        },
        sql: 'SELECT tradeup_bundles.begin_upload(:shop, :kind, :run, :options, :file_name) AS upload_id', answer: 'row',
    },
    {
        name: 'put_shop_part', method: 'PUT', path: '/api/shops/:shop/uploads/:upload_id/parts/:part', isRead: false, bodyBytes: 4 * 1024 * 1024, takes: 'bytes',
        summary: 'One part of the file, its bytes as application/octet-stream',
        parameters: { shop, upload_id: uploadId, part: integer('Number of the part', { required: true, least: 1 }), bytes: { sql: 'bytea', isBody: true } },
        sql: `SELECT u.upload_id, :part AS part, length(:bytes) AS bytes FROM tradeup_bundles.upload u, tradeup_bundles.add_part(u.upload_id, :part, :bytes) a
              WHERE u.upload_id = :upload_id AND u.shop = :shop`,
        answer: 'row', missing: 'the upload',
    },
    {
        name: 'load_shop_upload', method: 'POST', path: '/api/shops/:shop/uploads/:upload_id/load', isRead: false, long: true, summary: 'Loads the rows of an upload, in one transaction',
        parameters: { shop, upload_id: uploadId },
        sql: `SELECT r.* FROM tradeup_bundles.upload u, tradeup_bundles.load_upload(u.upload_id) r WHERE u.upload_id = :upload_id AND u.shop = :shop`, answer: 'row', missing: 'the upload',
    },
    {
        name: 'retry_shop_upload', method: 'POST', path: '/api/shops/:shop/uploads/:upload_id/retry', isRead: false, long: true, summary: 'Loads rejected rows again under other options',
        parameters: { shop, upload_id: uploadId, options },
        sql: `SELECT r.* FROM tradeup_bundles.upload u, tradeup_bundles.retry_rejected(u.upload_id, :options) r WHERE u.upload_id = :upload_id AND u.shop = :shop`, answer: 'row', missing: 'the upload',
    },
    {
        name: 'shop_uploads', method: 'GET', path: '/api/shops/:shop/uploads', summary: 'Uploads of a shop, the latest first',
        parameters: { shop, before: long('The last number of the page before'), limit },
        sql: `SELECT u.upload_id, u.kind, u.run, u.file_name, u.state, u.repeats, u.retries, u.bytes, u.rows, u.loaded, u.inserted, u.updated, u.unchanged, u.duplicates, u.rejected, u.reasons, u.advice,
                     u.uploaded_by, u.begun_at, u.loaded_at
              FROM tradeup_bundles.upload u WHERE u.shop = :shop AND (:before IS NULL OR u.upload_id < :before) ORDER BY u.upload_id DESC LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'shop_rejected', method: 'GET', path: '/api/shops/:shop/uploads/:upload_id/rejected', summary: 'Rows that were rejected, with the reason and their own text',
        parameters: { shop, upload_id: uploadId, after: { ...long('The last row of the page before'), default: 0 }, limit },
        sql: `SELECT r."row", r.line, r.column_name, r.reason, r.value, r.raw, r.cut FROM tradeup_bundles.upload u, tradeup_bundles.rejected_row r
              WHERE u.upload_id = :upload_id AND u.shop = :shop AND r.upload_id = u.upload_id AND r."row" > :after ORDER BY r."row" LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'shop_coverage', method: 'GET', path: '/api/shops/:shop/coverage', summary: 'What the data of a shop cover, and what is missing where', long: true,
        parameters: { shop }, sql: 'SELECT c.* FROM tradeup_bundles.coverage(:shop) c', answer: 'row',
    },
    {
        name: 'product_flags', method: 'GET', path: '/api/shops/:shop/flags', summary: 'New, seasonal, high-margin and slow variants', long: true,
        parameters: { shop, as_of: date('The day; without it today'), limit: { ...limit, default: 1000 } },
        sql: 'SELECT f.* FROM tradeup_bundles.product_flags(:shop, coalesce(:as_of::timestamptz, now())) f ORDER BY f.variant_id LIMIT :limit', answer: 'rows',
    },
    {
        name: 'shop_pairs', method: 'GET', path: '/api/shops/:shop/pairs', summary: 'What is bought together, the surest first', long: true,
        parameters: mining, sql: 'SELECT m.* FROM tradeup_bundles.pairs(:shop, :options, :universe) m ORDER BY m.log10_p, m.a, m.b LIMIT :limit', answer: 'rows',
    },
    {
        name: 'shop_triples', method: 'GET', path: '/api/shops/:shop/triples', summary: 'Three that are bought together', long: true,
        parameters: mining, sql: 'SELECT m.* FROM tradeup_bundles.triples(:shop, :options, :universe) m ORDER BY m.n_abc DESC, m.a, m.b, m.c LIMIT :limit', answer: 'rows',
    },
    {
        name: 'shop_covisitation', method: 'GET', path: '/api/shops/:shop/covisitation', summary: 'What is bought with the same other things', long: true,
        parameters: mining, sql: 'SELECT m.* FROM tradeup_bundles.covisitation(:shop, :options, :universe) m ORDER BY m.cosine DESC, m.a, m.b LIMIT :limit', answer: 'rows',
    },
    {
        name: 'shop_statistics', method: 'GET', path: '/api/shops/:shop/statistics', summary: 'Uploads by day and kind',
        parameters: { shop, limit }, sql: 'SELECT s.day, s.kind, s.files, s.repeated, s.rows, s.loaded, s.rejected, s.bytes FROM tradeup_bundles.upload_statistics s WHERE s.shop = :shop ORDER BY s.day DESC, s.kind LIMIT :limit',
        answer: 'rows',
    },
];
