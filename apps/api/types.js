// Kinds of parameters. Each reads what came in an address or a JSON body and gives what the database is sent: text, whose
// type the SQL says. Numbers stay the digits that they came as.

import { notValid } from './errors.js';

const shown = (value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value) ?? String(value);
    return text.length > 100 ? text.slice(0, 100) + '...' : text;
};

function refuse(name, wanted, value) {
    throw notValid(`${name} must be ${wanted}`, `It is ${shown(value)}.`);
}

const digits = (value) => (JSON.isRawJSON(value) ? value.rawJSON : value);

function kind(sql, schema, read) {
    const make = (description, options = {}) => ({
        sql, description, ...options, schema: { ...schema(options), ...(options.default === undefined ? {} : { default: options.default }) },
        read: (name, value) => read(name, value, options),
    });
    return make;
}

function readText(name, value, { longest = 1000 } = {}) {
    if (typeof value !== 'string' || value.length > longest) {
        refuse(name, `a text of at most ${longest} characters`, value);
    }
    if (value.includes('\0') || !value.isWellFormed()) {
        refuse(name, 'a text of Unicode characters, none of them 0', value.toWellFormed().replaceAll('\0', '\\0'));
    }
    return value;
}

function readInteger(name, given, { least = -2147483648, most = 2147483647 }) {
    const value = digits(given);
    if (typeof value !== 'string' || !/^-?\d{1,10}$/.test(value) || Number(value) < least || Number(value) > most) {
        refuse(name, `a whole number from ${least} to ${most}`, value);
    }
    return value;
}

function readNumber(name, given) {
    const value = digits(given);
    if (typeof value !== 'string' || value.length > 60 || !/^-?\d+(\.\d+)?([eE][-+]?\d{1,3})?$/.test(value)) {
        refuse(name, 'a number, such as 24000.55', value);
    }
    return value;
}

function readDate(name, value) {
    if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(Date.parse(value))) {
        refuse(name, 'a day, such as 2026-01-31', value);
    }
    return value;
}

export const text = kind('text', ({ longest = 1000 }) => ({ type: 'string', maxLength: longest }), readText);
export const integer = kind('integer', ({ least, most }) => ({ type: 'integer', ...(least === undefined ? {} : { minimum: least }), ...(most === undefined ? {} : { maximum: most }) }), readInteger);
export const long = kind('bigint', () => ({ type: 'integer', format: 'int64' }), (name, given) => {
    const value = digits(given);
    if (typeof value !== 'string' || !/^-?\d{1,18}$/.test(value)) {
        refuse(name, 'a whole number', value);
    }
    return value;
});
export const number = kind('numeric', () => ({ type: ['number', 'string'], description: 'a number, or its digits as a text' }), readNumber);
export const date = kind('date', () => ({ type: 'string', format: 'date' }), readDate);
export const span = kind('interval', () => ({ type: 'string' }), (name, value) => {
    if (typeof value !== 'string' || !/^\d{1,6} (minutes?|hours?|days?|weeks?|months?)$/.test(value)) {
        refuse(name, 'a time, such as 7 days', value);
    }
    return value;
});
export const flag = kind('boolean', () => ({ type: 'boolean' }), (name, value) => {
    const found = [true, 'true'].includes(value) ? 'true' : [false, 'false'].includes(value) ? 'false' : null;
    return found ?? refuse(name, 'true or false', value);
});
export const word = kind('text', ({ of }) => ({ type: 'string', enum: of }), (name, value, { of }) =>
    of.includes(value) ? value : refuse(name, `one of ${of.join(', ')}`, value));

// A JSON value: as it is in a body, as its text in an address.
export const json = kind('jsonb', ({ of = 'object' }) => (of === 'any' ? {} : { type: of }), (name, given, { of = 'object', keys }) => {
    let value = given;
    if (typeof given === 'string' && of !== 'any') {
        try {
            value = parse(given);
        } catch {
            refuse(name, `JSON: ${of === 'array' ? 'an array' : 'an object'}`, given);
        }
    }
    if (of === 'object' && (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value)) ||
        of === 'array' && !Array.isArray(value)) {
        refuse(name, `JSON: ${of === 'array' ? 'an array' : 'an object'}`, value);
    }
    const unknown = keys && Object.keys(value).find((key) => !keys.includes(key));
    if (unknown !== undefined) {
        refuse(name, `an object with keys of ${keys.join(', ')}`, unknown);
    }
    return JSON.stringify(value);
});

// A list: an array in a body, in an address the parameter repeated.
const list = (sql, items, one) => kind(sql, ({ most = 10000 }) => ({ type: 'array', maxItems: most, items }), (name, given, { most = 10000 }) => {
    const values = Array.isArray(given) ? given : [given];
    if (values.length > most) {
        refuse(name, `a list of at most ${most}`, values.length);
    }
    return values.map((value) => one(name, value, {}));
});
export const texts = list('text[]', { type: 'string' }, readText);
export const integers = list('integer[]', { type: 'integer' }, readInteger);
export const numbers = list('numeric[]', { type: ['number', 'string'] }, readNumber);

// JSON whose numbers keep their digits.
export const parse = (source) =>
    JSON.parse(source, (_, value, { source: written }) => (typeof value === 'number' ? JSON.rawJSON(written) : value));
