// Answers of many rows, a line of JSON each (NDJSON): read from a cursor as fast as the client reads them. The last line says
// how it ended, because the status is sent before: {"done": true, "rows": 12} or {"error": {...}}.

import { once } from 'node:events';
import { body, refusal } from './errors.js';
import { queryOf } from './route.js';

export async function streamed({ config, database, route, reply, request, role, signal, values, app }) {
    const stream = reply.raw;
    let rows = 0;
    const begin = () => {
        if (!reply.sent) {
            reply.hijack();
            stream.writeHead(200, { ...reply.getHeaders(), 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' });
        }
    };
    // A client that reads nothing for a while would keep a connection of the database.
    const drained = async () => {
        const stalled = AbortSignal.timeout(config.stallMs);
        try {
            await Promise.race([once(stream, 'drain', { signal: AbortSignal.any([stalled, signal]) }), once(stream, 'close', { signal: stalled })]);
        } catch {
            stream.destroy();
        }
    };
    try {
        await database.stream(role, queryOf(route, values), { ms: config.longestMs, signal }, async (lines) => {
            begin();
            rows += lines.length;
            if (!stream.write(lines.join('\n') + '\n')) {
                await drained();
            }
            return !stream.destroyed;
        });
        begin();
        stream.end(`{"done":true,"rows":${rows}}\n`);
    } catch (error) {
        if (!reply.sent) {
            throw error;
        }
        const refused = refusal(error);
        app.log.warn({ route: route.name, code: error.code }, `a stream ended: ${error.message}`);
        stream.end(`{"error":${body(refused, request.id)}}\n`);
    }
    return reply;
}
