// What goes wrong, as an answer: an HTTP status, and an object with the SQLSTATE, message, detail and hint.

export class Refused extends Error {
    constructor(status, code, message, { detail, hint, retryAfter } = {}) {
        super(message);
        this.status = status;
        this.code = code;
        this.detail = detail;
        this.hint = hint;
        this.retryAfter = retryAfter;
    }
}

export const notValid = (message, detail, hint) => new Refused(422, '22023', message, { detail, hint });

const BY_CODE = {
    '42501': 403, P0002: 404, '02000': 404, P0001: 422,
    '55000': 409, '23505': 409, '23503': 409, '23P01': 409, '55006': 409,
    '42703': 422, '42702': 422, '42809': 422, '42804': 422, '21000': 422,
    '25006': 503, '55P03': 503, '57014': 504,
    // Our own statements name what an extension or apps/api/schema.sql has: it is not installed.
    '42P01': 501, '42883': 501, '3F000': 501, '42704': 501,
};
const BY_CLASS = { '08': 503, 22: 422, 23: 422, 40: 409, '0A': 422, 53: 503, 54: 422, 57: 503, 58: 503 };
const HINTS = { 409: 'Read it again, then try again.', 501: 'Create the extension or schema that this address needs in the database.' };
const LOST = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

// Whether the connection is gone, so that the same question can be asked again through another.
export const isLost = (error) =>
    ['57P01', '57P02', '57P03'].includes(error.code) || error.code?.startsWith?.('08') || LOST.includes(error.code) ||
    /^Connection terminated|^Client has encountered a connection error/.test(error.message ?? '');

export function refusal(error) {
    if (error instanceof Refused) {
        return error;
    }
    if (error.message === 'timeout exceeded when trying to connect') {
        return new Refused(503, '53300', 'too many requests wait for the database', { retryAfter: 1 });
    }
    if (isLost(error)) {
        return new Refused(503, '08006', 'the database does not answer', { hint: 'Try again.', retryAfter: 1 });
    }
    const code = error.code ?? 'XX000';
    const isState = typeof code === 'string' && code.length === 5 && error.severity !== undefined;
    const status = isState ? (BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 500) : (error.statusCode ?? 500);
    if (!isState && status < 500) {
        return ofServer(error, status);
    }
    if (status === 500) {
        return new Refused(500, isState ? code : 'XX000', 'internal error', { hint: 'The log of the server says more, under the id of the request.' });
    }
    if (status === 504) {
        return new Refused(504, code, 'the question took too long and was cancelled', { hint: 'Ask for less: a filter, fewer terms, a smaller page.' });
    }
    return new Refused(status, code, error.message,
        { detail: error.detail, hint: error.hint ?? HINTS[status], retryAfter: status === 503 ? 1 : undefined });
}

// What Fastify itself refuses.
function ofServer(error, status) {
    const codes = { 400: '22P02', 404: 'P0002', 405: '42883', 408: '57014', 413: '54000', 414: '54000', 415: '22023', 429: '53400' };
    const messages = {
        408: 'the request came too slowly', 413: 'the request is too large', 414: 'the address is too long', 415: 'the body must be JSON',
        429: 'too many requests',
    };
    return new Refused(status, codes[status] ?? '22023', messages[status] ?? error.message,
        { hint: status === 415 ? 'Send the header content-type: application/json.' : undefined });
}

export const body = (refused, request) => JSON.stringify({
    code: refused.code, message: refused.message, detail: refused.detail ?? null, hint: refused.hint ?? null, request_id: request,
});
