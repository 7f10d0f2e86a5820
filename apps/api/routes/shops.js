// Files of a shop and what sells together (extension tradeup_bundles).

import { date, integer, integers, json, long, numbers, text, word } from '../types.js';
import { limit } from './common.js';

const shop = text('The shop', { required: true, longest: 300 });
const uploadId = long('Number of the upload', { required: true });
const options = json('How the file is read, such as {"decimal_mark": ",", "date_order": "DMY"}', { default: '{}' });
const mining = { shop, options: json('What is counted and shown, as docs/bundles.md says', { default: '{}' }), universe: text('all, or the baskets that count'), limit };
const bundleId = long('Number of the bundle', { required: true });
const proposing = { shop, as_of: date('Orders up to this day; without it all'), options: json('objective, rank_by, tests, history, resolve_sku', { default: '{}' }) };

const alias = {
    kind: word('Kind of file; shop: every kind', { of: ['orders', 'variants', 'inventory_levels', 'catalog', 'shop'], required: true }),
    alias: text('Header of the file', { required: true, longest: 300 }), column_name: text('Column that it fills', { required: true, longest: 300 }),
};

export default [
    {
        name: 'column_aliases', method: 'GET', path: '/api/column-aliases', summary: 'Headers of files and the columns that they fill, those of this house first',
        parameters: { kind: { ...alias.kind, required: false }, limit },
        sql: `SELECT a.kind, a.alias, a.column_name, a.preference, a.unless, a.built_in FROM tradeup_bundles.column_alias a
              WHERE :kind IS NULL OR a.kind = :kind ORDER BY a.built_in, a.kind, a.column_name, a.preference, a.alias LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'add_column_alias', method: 'POST', path: '/api/column-aliases', status: 201, isRead: false, summary: 'A header of files that fills a column from now on',
        parameters: { ...alias, preference: integer('Where several headers of a file fill one column, the lowest number wins', { default: 1000 }) },
        sql: `INSERT INTO tradeup_bundles.column_alias AS a (kind, alias, column_name, preference) VALUES (:kind, tradeup_bundles.canonical_column(:alias), :column_name, :preference)
              RETURNING a.kind, a.alias, a.column_name, a.preference`,
        answer: 'row',
    },
    {
        name: 'remove_column_alias', method: 'DELETE', path: '/api/column-aliases', isRead: false, summary: 'Forgets a header; those that are built in stay',
        parameters: alias,
        sql: `DELETE FROM tradeup_bundles.column_alias a WHERE a.kind = :kind AND a.alias = tradeup_bundles.canonical_column(:alias) AND a.column_name = :column_name AND NOT a.built_in
              RETURNING a.kind, a.alias, a.column_name`,
        answer: 'row', missing: 'a header of your own',
    },
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
    {
        name: 'propose_bundles', method: 'GET', path: '/api/shops/:shop/proposals', summary: 'Bundles that a shop could offer, with the counts that they came from', long: true,
        parameters: proposing, sql: 'SELECT b.* FROM tradeup_bundles.propose_bundles(:shop, :as_of, :options) b ORDER BY b.rank', answer: 'rows',
    },
    {
        name: 'save_bundles', method: 'POST', path: '/api/shops/:shop/bundles', status: 201, isRead: false, long: true,
        summary: 'Saves what would be proposed as the bundles of a run, in place of what it had',
        parameters: { ...proposing, run: text('Name of the run', { required: true, longest: 300 }) },
        sql: `SELECT s.saved, s.kept, s.removed
              FROM tradeup_bundles.save_bundles(:shop, :run, (SELECT array_agg(b ORDER BY b.rank) FROM tradeup_bundles.propose_bundles(:shop, :as_of, :options) b)) s`,
        answer: 'row',
    },
    {
        name: 'bundles', method: 'GET', path: '/api/shops/:shop/bundles', summary: 'Saved bundles by rank, with what was decided',
        parameters: {
            shop, run: text('Of one run', { longest: 300 }), limit, after_rank: integer('Rank of the last row of the page before', { default: 0 }),
            after_id: { ...long('Number of the last row of the page before'), default: 0 },
        },
        sql: `SELECT b.*, ARRAY(SELECT coalesce(c.product_title, v.variant_id) FROM unnest(b.variants) WITH ORDINALITY v (variant_id, position)
                                LEFT JOIN tradeup_bundles.catalog_item c ON c.shop = :shop AND c.variant_id = v.variant_id ORDER BY v.position) AS titles
              FROM tradeup_bundles.bundle_list(:shop, :limit, :after_rank, :after_id, :run) b`,
        answer: 'rows',
    },
    {
        name: 'bundle', method: 'GET', path: '/api/shops/:shop/bundles/:bundle_id', summary: 'One bundle, and whether its counts and price are those of today\'s orders', long: true,
        parameters: { shop, bundle_id: bundleId },
        sql: 'SELECT b.*, tradeup_bundles.bundle_verifies(b) AS verifies FROM tradeup_bundles.bundle b WHERE b.bundle_id = :bundle_id AND b.shop = :shop', answer: 'row', missing: 'the bundle',
    },
    {
        name: 'bundle_lines', method: 'GET', path: '/api/shops/:shop/bundles/:bundle_id/lines', summary: 'Its lines with titles and amounts',
        parameters: { shop, bundle_id: bundleId },
        sql: `SELECT l.position, l.variant_id, l.product_title, l.variant_title, l.sku, l.product_type, l.vendor, l.quantity, l.unit_price, l.percent, l.discount, l.line_total
              FROM tradeup_bundles.bundle_line l WHERE l.bundle_id = :bundle_id AND l.shop = :shop ORDER BY l.position`,
        answer: 'rows',
    },
    {
        name: 'bundle_events', method: 'GET', path: '/api/shops/:shop/bundles/:bundle_id/events', summary: 'What was decided, when and by whom',
        parameters: { shop, bundle_id: bundleId },
        sql: `SELECT e.seq, e.event, e.happened_at, e.happened_by, e.note FROM tradeup_bundles.bundle b, tradeup_bundles.bundle_event e
              WHERE b.bundle_id = :bundle_id AND b.shop = :shop AND e.bundle_id = b.bundle_id ORDER BY e.seq`,
        answer: 'rows',
    },
    ...['approve', 'retire'].map((what) => ({
        name: `${what}_bundle`, method: 'POST', path: `/api/shops/:shop/bundles/:bundle_id/${what}`, status: 201, isRead: false, summary: `Records that a bundle is ${what}d`,
        parameters: { shop, bundle_id: bundleId, note: text('A note') },
        sql: `SELECT tradeup_bundles.${what}_bundle(b.bundle_id, :note) AS seq FROM tradeup_bundles.bundle b WHERE b.bundle_id = :bundle_id AND b.shop = :shop`, answer: 'row', missing: 'the bundle',
    })),
    {
        name: 'bundle_price', method: 'POST', path: '/api/bundles/price', isRead: true, summary: 'What a bundle costs, and the discount of each line',
        parameters: {
            prices: numbers('Price of each line', { required: true, most: 1000 }), quantities: integers('Quantity of each line', { required: true, most: 1000 }),
            percents: numbers('Percent off each line', { required: true, most: 1000 }), objective: text('Whose bounds hold, such as gift_box'),
            minor_digits: integer('Decimals of the currency', { least: 0, most: 4, default: 2 }),
        },
        sql: 'SELECT p.* FROM tradeup_bundles.bundle_price(:prices, :quantities, :percents, :objective, :minor_digits) p', answer: 'row',
    },
];
