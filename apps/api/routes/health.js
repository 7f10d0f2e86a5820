// Whether all is well, for machines and for people; and who asks.

import { Refused } from '../errors.js';

const EXTENSIONS = ['tradeup', 'tradeup_leads', 'tradeup_bundles'];

// A right on a whole table of an extension that may not be there. A desk has INSERT on some columns of upload only, hence upload_part.
const mayInOther = (schema, table, right) => `coalesce((SELECT has_table_privilege(c.oid, '${right}') AND has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n
    WHERE n.nspname = '${schema}' AND c.relnamespace = n.oid AND c.relname = '${table}'), false)`;

export default [
    {
        name: 'live', method: 'GET', path: '/health/live', isOpen: true, isProbe: true, summary: 'The process answers', answer: 'row',
        handle: ({ reply }) => reply.send({ status: 'ok' }),
    },
    {
        name: 'ready', method: 'GET', path: '/health/ready', isOpen: true, isProbe: true, summary: 'The database answers, with its extension', answer: 'row',
        handle: async ({ database, reply, stopping }) => {
            if (stopping()) {
                throw new Refused(503, '57P03', 'the server is stopping', { retryAfter: 1 });
            }
            try {
                await database.ready();
            } catch (error) {
                throw new Refused(503, error.code?.length === 5 ? error.code : '08006', 'the database is not ready', { retryAfter: 1 });
            }
            return reply.send({ status: 'ok' });
        },
    },
    {
        name: 'health', method: 'GET', path: '/health/detailed', summary: 'Every check of every extension of the family that is there, with advice', answer: 'rows', long: true,
        handle: async ({ config, database, reply, role, signal }) => {
            const limits = { ms: config.longestMs, signal };
            const { rows } = await database.ask(role, {
                text: `SELECT e.extname FROM pg_extension e WHERE e.extname = ANY ($1::text[]) AND to_regprocedure(e.extname || '.health()') IS NOT NULL
                       ORDER BY array_position($1::text[], e.extname::text)`,
                values: [EXTENSIONS],
            }, limits);
            const found = EXTENSIONS.filter((name) => rows.some(([row]) => row === JSON.stringify(name)));
            const answers = await database.ask(role, {
                text: found.map((name) => `SELECT '${name}' AS extension, h.check_name, h.status, h.value, h.advice FROM ${name}.health() h`).join(' UNION ALL '), values: [],
            }, limits);
            const items = answers.rows.map((row) => Object.fromEntries(answers.fields.map(({ name }, n) => [name, row[n] === null ? null : JSON.parse(row[n])])));
            const status = ['failed', 'warning', 'unknown'].find((worst) => items.some((item) => item.status === worst)) ?? 'ok';
            return reply.send({ status, items });
        },
    },
    {
        name: 'session', method: 'GET', path: '/api/session', summary: 'The role of the token, and what it may do',
        sql: `SELECT current_user::text AS role, has_table_privilege('tradeup.vehicle', 'SELECT') AS may_read,
                     has_table_privilege('tradeup.quote_event', 'INSERT') AS may_quote,
                     has_table_privilege('tradeup.vehicle', 'INSERT') AS may_load, has_table_privilege('tradeup.program', 'INSERT') AS may_publish,
                     ${mayInOther('tradeup_leads', 'owned_vehicle', 'SELECT')} AS may_read_leads, ${mayInOther('tradeup_leads', 'lead_event', 'INSERT')} AS may_follow_leads,
                     ${mayInOther('tradeup_bundles', 'upload_part', 'INSERT')} AS may_load_shops, ${mayInOther('tradeup_bundles', 'column_alias', 'INSERT')} AS may_map_columns,
                     row_security_active('tradeup.vehicle') AS sees_some_vehicles, row_security_active('tradeup.customer') AS sees_some_customers`,
        answer: 'row',
    },
    {
        name: 'login', method: 'GET', path: '/api/login', isOpen: true, summary: 'How to get a token: the OpenID provider, or null', answer: 'row',
        handle: ({ config, reply }) => reply.send({ openid: config.openid }),
    },
    {
        name: 'events', method: 'GET', path: '/api/events', isLive: true, answer: 'events', summary: 'News as server-sent events; last-event-id replays what was missed',
        handle: ({ live, request, reply, role }) => live.listen({ request, reply, role, expires: request.who.expires }),
    },
];
