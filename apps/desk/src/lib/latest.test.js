import { expect, test } from 'vitest';
import { latest } from './latest.js';

const pause = () => new Promise((resolve) => setTimeout(resolve));

function trial() {
    const open = [];
    const seen = [];
    const put = latest((question) => new Promise((resolve, reject) => open.push({ question, resolve, reject })), {
        done: (answer, question) => seen.push([question, answer]), failed: (error, question) => seen.push([question, error.message]),
    });
    return { open, seen, put };
}

test('one question is under way, and the last one is asked', async () => {
    const { open, seen, put } = trial();
    [1, 2, 3, 4].forEach(put);
    expect(open.map(({ question }) => question)).toEqual([1]);
    open[0].resolve('a');
    await pause();
    expect(open.map(({ question }) => question)).toEqual([1, 4]);
    open[1].resolve('b');
    await pause();
    expect(seen).toEqual([[1, 'a'], [4, 'b']]);
});

test('an error is told only when nothing newer waits', async () => {
    const { open, seen, put } = trial();
    [1, 2].forEach(put);
    open[0].reject(new Error('no'));
    await pause();
    open[1].reject(new Error('neither'));
    await pause();
    expect(seen).toEqual([[2, 'neither']]);
});

test('what is forgotten is not told', async () => {
    const { open, seen, put } = trial();
    [1, 2].forEach(put);
    put.forget();
    put(3);
    open[0].resolve('old');
    await pause();
    open[1].resolve('new');
    await pause();
    expect(seen).toEqual([[3, 'new']]);
});
