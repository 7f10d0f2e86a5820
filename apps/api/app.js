// The server: what comes before a question and after its answer.

import Fastify, { LogController } from 'fastify';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import statics from '@fastify/static';
import underPressure from '@fastify/under-pressure';
import { randomUUID } from 'node:crypto';
import { authenticator } from './auth.js';
import { Database, keysOf, objectOf } from './database.js';
import { Refused, body, refusal } from './errors.js';
import { Live } from './live.js';
import { Metrics } from './metrics.js';
import { document } from './openapi.js';
import { nothingFound, queryOf, read } from './route.js';
import { routes } from './routes/index.js';
import { parse } from './types.js';

const JSON_TYPE = 'application/json; charset=utf-8';

// Offers in the documents of a search have their amounts as JSON numbers: here they become texts of the same digits, as in
// every other answer. Inside a JSON text a quote is escaped, so what matches is a key.
const AMOUNTS = /"(annual_rate|price_before_rebate|price|current_payment|payment|monthly_payment|payment_change|loan_amount|effective_equity|service_fee|opening_fee|margin|gross)": (-?[\d.]+)/g;
const amountsAsTexts = (text) => text.replace(AMOUNTS, '"$1": "$2"');

function render(route, values, { fields, rows }) {
    if (route.answer === 'nothing') {
        return '';
    }
    if (route.answer === 'rows') {
        const keys = keysOf(fields);
        return `{"items":[${rows.map((row) => objectOf(keys, row)).join(',')}]}`;
    }
    if (rows.length === 0 || (route.answer === 'document' && rows[0][0] === null)) {
        throw nothingFound(route, values);
    }
    if (route.answer === 'row') {
        return objectOf(keysOf(fields), rows[0]);
    }
    return route.hasOffers ? amountsAsTexts(rows[0][0]) : rows[0][0];
}

export async function build(config) {
    const app = Fastify({
        logger: { level: config.logLevel, redact: ['req.headers.authorization'], ...(config.logStream ? { stream: config.logStream } : {}) },
        logController: new LogController({ disableRequestLogging: true }),
        bodyLimit: config.bodyBytes, requestTimeout: config.requestMs, connectionTimeout: 0, keepAliveTimeout: 65_000,
        routerOptions: { maxParamLength: 1000, ignoreTrailingSlash: true },
        http: {
            requestTimeout: config.requestMs, headersTimeout: Math.min(config.requestMs, 10_000), connectionsCheckingInterval: Math.min(config.requestMs, 5000),
        },
        trustProxy: config.proxies.length ? config.proxies : false,
        forceCloseConnections: 'idle', return503OnClosing: true,
        genReqId: (raw) => (/^[\w-]{1,64}$/.test(raw.headers['x-request-id'] ?? '') ? raw.headers['x-request-id'] : randomUUID()),
        frameworkErrors: (error, request, reply) => answerError(error, request, reply),
        // What is no HTTP, or came too slowly to be a request.
        clientErrorHandler: (error, socket) => {
            if (socket.writable && error.code !== 'ECONNRESET') {
                const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
                const text = body(isSlow ? new Refused(408, '57014', 'the request came too slowly') : new Refused(400, '08P01', 'this is no HTTP request'), '');
                socket.write(`HTTP/1.1 ${isSlow ? '408 Request Timeout' : '400 Bad Request'}\r\nconnection: close\r\ncontent-type: ${JSON_TYPE}\r\n` +
                    `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
            }
            socket.destroy();
        },
    });
    const metrics = new Metrics();
    const database = new Database(config, app.log, metrics);
    const live = new Live(config, database, app.log, metrics);
    const who = authenticator(config, app.log);
    const context = { config, app, database, live, metrics };
    let stopping = false;

    function answerError(error, request, reply) {
        const refused = refusal(error);
        if (refused.status >= 500) {
            request.log.error({ route: request.routeOptions?.config?.route, code: error.code, err: error }, refused.message);
        }
        if (refused.retryAfter) {
            reply.header('retry-after', refused.retryAfter);
        }
        if (refused.status === 401) {
            reply.header('www-authenticate', 'Bearer');
        }
        return reply.code(refused.status).headers({ 'cache-control': 'no-store', 'x-request-id': request.id }).type(JSON_TYPE).send(body(refused, request.id));
    }
    app.setErrorHandler(answerError);

    // Bodies are read with their numbers' digits.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
        if (text === '') {
            done(null, undefined);
            return;
        }
        try {
            done(null, parse(text));
        } catch (error) {
            done(new Refused(400, '22P02', 'the body is no JSON', { detail: error.message.slice(0, 200).toWellFormed() }));
        }
    });
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (request, bytes, done) => done(null, bytes));

    app.decorateRequest('who', null);
    app.decorateRequest('refused', null);
    app.addHook('onRequest', async (request, reply) => {
        reply.header('x-request-id', request.id);
        if (request.routeOptions.config?.isOpen === false) {
            try {
                request.who = who.of(request.headers.authorization);
            } catch (error) {
                request.refused = error;
                if ((error.isKeyUnknown || error.status === 503) && await who.learn()) {
                    try {
                        request.who = who.of(request.headers.authorization);
                        request.refused = null;
                    } catch (again) {
                        request.refused = again;
                    }
                }
            }
        }
    });
    // A connection that is kept would keep a stopping server.
    app.addHook('onSend', async (request, reply) => {
        if (stopping) {
            reply.header('connection', 'close');
        }
    });
    app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.config?.route ?? 'other';
        metrics.answered(route, reply.statusCode, reply.elapsedTime / 1000);
        if (reply.elapsedTime >= config.slowMs && !request.routeOptions.config?.isLive) {
            metrics.slow(route);
            request.log.warn({ route, ms: Math.round(reply.elapsedTime), status: reply.statusCode, role: request.who?.role }, 'slow request');
        } else {
            request.log.info({ route, ms: Math.round(reply.elapsedTime), status: reply.statusCode, role: request.who?.role }, 'request');
        }
    });

    await app.register(helmet, {
        contentSecurityPolicy: {
            useDefaults: false,
            directives: {
                defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:'], fontSrc: ["'self'"],
                connectSrc: ["'self'", ...(config.openid ? [new URL(config.openid.issuer).origin, ...config.openidHosts] : [])],
                manifestSrc: ["'self'"], formAction: ["'self'"], baseUri: ["'none'"], frameAncestors: ["'none'"],
            },
        },
        referrerPolicy: { policy: 'no-referrer' },
        frameguard: { action: 'deny' },
    });
    await app.register(underPressure, {
        maxEventLoopDelay: config.maxDelayMs, maxHeapUsedBytes: config.maxHeapBytes, retryAfter: 1,
        pressureHandler: (request) => {
            if (!request.routeOptions.config?.isProbe) {
                throw new Refused(503, '53000', 'the server is overloaded', { retryAfter: 1 });
            }
        },
    });
    await app.register(rateLimit, {
        max: config.requestsAMinute, timeWindow: 60_000, cache: 20_000,
        keyGenerator: (request) => (request.who ? `${request.who.role} ${request.who.subject}` : request.ip),
        allowList: (request) => Boolean(request.routeOptions.config?.isProbe),
        errorResponseBuilder: (_, { ttl }) => new Refused(429, '53400', 'too many requests', {
            hint: `Wait ${Math.ceil(ttl / 1000)} seconds.`, retryAfter: Math.ceil(ttl / 1000),
        }),
    });
    // Strangers are counted by their address before they are told so.
    app.addHook('preParsing', async (request) => {
        if (request.refused) {
            throw request.refused;
        }
        if (stopping) {
            throw new Refused(503, '57P03', 'the server is stopping', { retryAfter: 1 });
        }
    });

    for (const route of routes) {
        const { isOpen = false, isProbe = false, isLive = false } = route;
        app.route({
            method: route.method, url: route.path, bodyLimit: route.bodyBytes ?? config.bodyBytes,
            config: { route: route.name, isOpen, isProbe, isLive },
            handler: async (request, reply) => {
                const values = read(route, request);
                const gone = new AbortController();
                reply.raw.once('close', () => {
                    if (!reply.raw.writableFinished) {
                        gone.abort();
                    }
                });
                reply.header('cache-control', 'no-store');
                if (route.handle) {
                    return route.handle({ ...context, route, request, reply, values, signal: gone.signal, role: request.who?.role, stopping: () => stopping });
                }
                const ms = route.long ? config.longestMs : config.shortMs;
                const query = queryOf(route, values);
                const { role } = request.who;
                const text = route.isRead
                    ? await database.shared(`${role}\n${route.name}\n${JSON.stringify(query.values)}`, gone.signal, async (signal) =>
                        render(route, values, await database.askSafely(role, query, { ms, signal, isRead: true })))
                    : render(route, values, await database.ask(role, query, { ms, signal: gone.signal }));
                reply.code(route.answer === 'nothing' ? 204 : route.status);
                return route.answer === 'nothing' ? reply.send() : reply.type(JSON_TYPE).send(text);
            },
        });
    }

    const openapi = JSON.stringify(document(routes));
    app.get('/api/openapi.json', { config: { route: 'openapi', isOpen: true } }, (request, reply) => reply.type(JSON_TYPE).send(openapi));
    app.get('/metrics', { config: { route: 'metrics', isOpen: true, isProbe: true } }, (request, reply) =>
        reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.text()));
    metrics.gauge('tradeup_api_pool', 'Connections of each role, by state', () => [...database.pools].flatMap(([role, pool]) => [
        [{ role, state: 'all' }, pool.totalCount], [{ role, state: 'idle' }, pool.idleCount], [{ role, state: 'waiting' }, pool.waitingCount]]));
    metrics.gauge('tradeup_api_in_flight', 'Reads in flight', () => [[{}, database.inFlight.size]]);
    metrics.gauge('tradeup_api_listeners', 'Clients that listen to events', () => [[{}, live.count]]);
    metrics.gauge('tradeup_api_listening', 'Whether the connection that listens is there', () => [[{}, live.isListening ? 1 : 0]]);
    metrics.gauge('tradeup_api_memory_bytes', 'Memory of the process', () => [[{}, process.memoryUsage.rss()]]);
    metrics.gauge('tradeup_api_event_loop_delay_seconds', 'Delay of the event loop', () => [[{}, app.memoryUsage().eventLoopDelay / 1000]]);

    if (config.staticFolder) {
        await app.register(statics, { root: config.staticFolder, prefix: '/', wildcard: true, decorateReply: true, maxAge: 0 });
    }
    app.setNotFoundHandler((request, reply) => {
        const isPage = config.staticFolder && request.method === 'GET' && !/^\/(api|health|metrics)\b/.test(request.url) &&
            !/\.\w+$/.test(request.url.split('?')[0]) && /text\/html/.test(request.headers.accept ?? '');
        if (isPage) {
            return reply.sendFile('index.html');
        }
        return answerError(new Refused(404, 'P0002', 'there is no such address', { detail: `${request.method} ${request.url.slice(0, 200)}`, hint: 'GET /api/openapi.json lists them.' }), request, reply);
    });

    app.addHook('onReady', async () => {
        live.start();
        await who.learn();
    });
    // Node takes a connection that has asked nothing yet, as browsers open them in advance, for one in use.
    const unused = new Set();
    app.server.on('connection', (socket) => {
        unused.add(socket);
        socket.once('close', () => unused.delete(socket));
    });
    app.server.on('request', ({ socket }) => unused.delete(socket));
    app.addHook('preClose', async () => {
        stopping = true;
        unused.forEach((socket) => socket.destroy());
        live.stop();
        who.stop();
    });
    app.addHook('onClose', () => database.close());
    return app;
}
