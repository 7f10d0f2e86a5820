// The examples of docs/api.md: a request with the role of its token, then what came of it, cut to what does not change.

import { readFileSync } from 'node:fs';
import { root } from './support.js';

export const page = new URL('docs/api.md', `file://${root}`).pathname;
export const BLOCK = /^```http\n([\s\S]*?)^```$/gm;
const VOLATILE = /_at$|_until$|^(request_id|next|day|as_of|seconds|seconds_.*|listed_on|sold_on|value|advice|status)$/;

export function examples() {
    return [...readFileSync(page, 'utf8').matchAll(BLOCK)].map(([whole, content]) => {
        const [asked, shown = ''] = content.split(/\n\n(?=\d\d\d)/);
        const [line, ...body] = asked.trimEnd().split('\n');
        const [, method, target, role = 'desk_reader'] = /^(\w+) (\S.*?)(?: as (\w+))?$/.exec(line);
        return { whole, method, target, role, body: body.join('\n'), asked: asked.trimEnd(), shown: shown.trimEnd() };
    });
}

export const addressOf = (target) => {
    const [path, query] = target.split('?');
    return query === undefined ? path : `${path}?${query.split('&').map((pair) => {
        const [name, ...value] = pair.split('=');
        return `${name}=${encodeURIComponent(value.join('='))}`;
    }).join('&')}`;
};

// Lists are cut after the first element, large objects after 6, floats after 6 digits, long texts after 70 characters; what changes from day to day is left out.
export function cut(value, key = '', inHealth = false) {
    if (key === 'seconds') {
        return '...';
    }
    // The last digits of floats are those of the machine.
    if (typeof value === 'number' && !Number.isInteger(value)) {
        return Number(value.toPrecision(6));
    }
    if (Array.isArray(value)) {
        return value.length > 1 ? [cut(value[0], '', inHealth), '...'] : value.map((item) => cut(item, '', inHealth));
    }
    if (value !== null && typeof value === 'object') {
        const members = Object.entries(value);
        const few = members.length > 40 ? [...members.slice(0, 6), ['...', '...']] : members;
        return Object.fromEntries(few.map(([name, item]) => [name, cut(item, name, inHealth || 'check_name' in value || ('status' in value && 'items' in value))]));
    }
    if (value !== null && VOLATILE.test(key) && (inHealth || !/^(value|advice|status)$/.test(key))) {
        return '...';
    }
    return typeof value === 'string' && value.length > 70 ? value.slice(0, 70) + '...' : value;
}

// JSON in lines of at most 130 columns.
export function laidOut(value, indent = '', first = 0) {
    const short = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, ' ').replace(/([[{]) /g, '$1').replace(/ ([\]}])/g, '$1');
    if (value === null || typeof value !== 'object' || indent.length + first + short.length <= 128) {
        return short;
    }
    const inner = indent + '  ';
    if (Array.isArray(value)) {
        return `[\n${value.map((item) => inner + laidOut(item, inner)).join(',\n')}\n${indent}]`;
    }
    // Members of an object that have no members of their own share lines.
    const lines = [];
    for (const [name, item] of Object.entries(value)) {
        const member = `${JSON.stringify(name)}: ${laidOut(item, inner, name.length + 4)}`;
        const last = lines.at(-1);
        if (last !== undefined && !member.includes('\n') && !last.includes('\n') && last.length + member.length + 4 <= 128) {
            lines[lines.length - 1] = `${last}, ${member}`;
        } else {
            lines.push(inner + member);
        }
    }
    return `{\n${lines.join(',\n')}\n${indent}}`;
}

export function shownOf({ status, text, headers }) {
    if (text === '') {
        return String(status);
    }
    const isLines = headers.get('content-type').startsWith('application/x-ndjson');
    if (isLines) {
        const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
        // Many lines come in no order.
        const first = lines.length < 20 ? [laidOut(cut(lines[0]))] : [];
        return [status, ...first, ...(lines.length > 2 ? ['...'] : []), laidOut(lines.at(-1))].join('\n');
    }
    return `${status}\n${laidOut(cut(JSON.parse(text)))}`;
}
