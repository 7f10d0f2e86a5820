import { expect, test } from 'vitest';
import { reader } from './stream.js';

const TEXT = ': heartbeat\n\nid: a-1\nevent: inventory\ndata: {"vehicles":1}\n\nevent: hello\ndata: {}\n\ndata: one\ndata: two\n\n';
const EVENTS = [
    { type: 'inventory', id: 'a-1', data: '{"vehicles":1}' }, { type: 'hello', data: '{}' }, { type: 'message', data: 'one\ntwo' },
];

test('events are whole, however the text is cut', () => {
    for (let size = 1; size <= TEXT.length; ++size) {
        const seen = [];
        const feed = reader((event) => seen.push(event));
        for (let from = 0; from < TEXT.length; from += size) {
            feed(TEXT.slice(from, from + size));
        }
        expect(seen).toEqual(EVENTS);
    }
});
