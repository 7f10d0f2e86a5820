// News as server-sent events: one connection listens for everybody, a ring of the last events replays what a client has
// missed, and each role hears of those customers only that it may see.

import pg from 'pg';
import { Refused } from './errors.js';

export class Live {
    constructor(config, database, log, metrics) {
        Object.assign(this, { config, database, log, metrics });
        this.listeners = new Set();
        this.kept = [];
        this.next = 1;
        // Ids of another life of the server are told from ours.
        this.life = Date.now().toString(36);
        this.isListening = false;
        this.isStopping = false;
        this.last = Promise.resolve();
    }

    get count() {
        return this.listeners.size;
    }

    // What the roles that listen may be told is asked in the order of the events.
    start() {
        this.connect(0);
    }

    async connect(tries) {
        if (this.isStopping) {
            return;
        }
        const client = new pg.Client({
            ...this.config.connection, application_name: 'tradeup_api live', keepAlive: true, connectionTimeoutMillis: 5000,
            options: '-c idle_session_timeout=0',
        });
        let over = false;
        const again = (error) => {
            if (over || this.isStopping) {
                return;
            }
            over = true;
            this.isListening = false;
            this.log.warn({ code: error?.code }, `the connection that listens is lost: ${error?.message ?? 'it ended'}`);
            client.end().catch(() => {});
            this.timer = setTimeout(() => this.connect(tries + 1), Math.min(200 * 2 ** tries, 10_000));
        };
        client.on('error', again);
        client.on('end', () => again());
        client.on('notification', ({ channel, payload }) => this.heard(channel, payload));
        try {
            await client.connect();
            for (const channel of this.config.channels) {
                await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
            }
        } catch (error) {
            again(error);
            return;
        }
        if (over) {
            return;
        }
        if (this.isStopping) {
            client.end().catch(() => {});
            return;
        }
        this.client = client;
        this.isListening = true;
        this.metrics.add('tradeup_api_listens_total', 'Times that the connection that listens was made');
        // What was notified meanwhile is lost: everybody reads again.
        if (this.hasListened) {
            this.heard(null, '{"missed": true}');
        }
        this.hasListened = true;
        tries = 0;
    }

    heard(channel, payload) {
        let news;
        try {
            news = JSON.parse(payload);
        } catch {
            news = { text: payload };
        }
        if (news === null || typeof news !== 'object' || Array.isArray(news)) {
            news = { text: payload };
        }
        const event = { id: this.next++, type: channel === null ? 'missed' : channel === 'tradeup_offers' ? 'inventory' : channel.replace(/^tradeup_/, ''), news };
        this.kept.push(event);
        if (this.kept.length > this.config.eventsKept) {
            this.kept.shift();
        }
        this.metrics.add('tradeup_api_events_total', 'Events heard', { type: event.type });
        this.last = this.last.then(() => this.tell(event)).catch((error) => this.log.error({ err: error }, 'an event could not be told'));
    }

    // One question a role, however many of its clients listen.
    async tell(event) {
        const roles = new Map();
        for (const listener of [...this.listeners]) {
            if (!listener.isReady) {
                continue;
            }
            if (!roles.has(listener.role)) {
                roles.set(listener.role, await this.seenBy(listener.role, event.news));
            }
            this.send(listener, event, roles.get(listener.role));
        }
    }

    async seenBy(role, news) {
        const named = [...new Set([...(news.gained ?? []), ...(news.lost ?? [])])].filter((id) => typeof id === 'string');
        if (news.text !== undefined) {
            return { text: news.text };
        }
        if (named.length === 0) {
            return news.missed ? { missed: true } : this.counted(news, [], []);
        }
        try {
            const { rows } = await this.database.ask(role, {
                name: 'customers_seen', text: 'SELECT c.customer_id FROM tradeup.customer c WHERE c.customer_id = ANY ($1::text[])', values: [named],
            }, { ms: this.config.shortMs });
            const seen = new Set(rows.map(([id]) => JSON.parse(id)));
            return this.counted(news, (news.gained ?? []).filter((id) => seen.has(id)), (news.lost ?? []).filter((id) => seen.has(id)));
        } catch (error) {
            this.log.warn({ role, code: error.code }, `who sees the customers of an event is not known: ${error.message}`);
            return { missed: true };
        }
    }

    // Numbers of others' customers are left out: "more" says only that not all are named.
    counted(news, gained, lost) {
        const { table, vehicles, too_many: tooMany, truncated, failed } = news;
        const more = Boolean(news.more_gained || news.more_lost || tooMany || truncated || failed);
        return { table, vehicles, gained, lost, more };
    }

    send(listener, event, news) {
        if (!listener.stream.writable || event.id <= listener.after) {
            return;
        }
        listener.after = event.id;
        listener.stream.write(`id: ${this.life}-${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(news)}\n\n`);
        // Who does not read is let go, and replays when she comes back.
        if (listener.stream.writableLength > 1_000_000) {
            listener.stream.destroy();
        }
    }

    async listen({ request, reply, role, expires }) {
        if (this.listeners.size >= this.config.mostListeners) {
            throw new Refused(503, '53300', 'too many clients listen', { retryAfter: 30 });
        }
        if (this.isStopping) {
            throw new Refused(503, '57P03', 'the server is stopping', { retryAfter: 1 });
        }
        reply.hijack();
        const stream = reply.raw;
        stream.writeHead(200, {
            ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no',
        });
        const listener = { role, stream, after: this.next - 1, isReady: false };
        this.listeners.add(listener);
        stream.on('error', () => {});
        const beat = setInterval(() => stream.write(': still here\n\n'), this.config.heartbeatMs);
        const end = setTimeout(() => stream.end('event: expired\ndata: {}\n\n'), Math.min(Math.max(expires - Date.now(), 0), 2 ** 31 - 1));
        stream.on('close', () => {
            clearInterval(beat);
            clearTimeout(end);
            this.listeners.delete(listener);
        });
        stream.write('retry: 2000\n\n');
        // In line with the events that are being told, so that none comes twice or out of order.
        this.last = this.last.then(() => this.replay(listener, request.headers['last-event-id'])).catch((error) => {
            this.log.error({ err: error }, 'a replay failed');
            stream.destroy();
        });
    }

    async replay(listener, from) {
        const [life, id] = (from ?? '').split('-');
        if (from) {
            const known = life === this.life && /^\d+$/.test(id ?? '') && Number(id) >= (this.kept[0]?.id ?? this.next) - 1 && Number(id) < this.next;
            if (known) {
                listener.after = Number(id);
                for (const event of this.kept.filter((kept) => kept.id > Number(id) && kept.id < this.next)) {
                    this.send(listener, event, await this.seenBy(listener.role, event.news));
                }
            } else {
                listener.stream.write(`id: ${this.life}-${listener.after}\nevent: missed\ndata: {"missed":true}\n\n`);
            }
        } else {
            listener.stream.write(`id: ${this.life}-${listener.after}\nevent: hello\ndata: {}\n\n`);
        }
        listener.isReady = true;
    }

    stop() {
        this.isStopping = true;
        clearTimeout(this.timer);
        for (const { stream } of this.listeners) {
            stream.end();
        }
        this.client?.end().catch(() => {});
    }
}
