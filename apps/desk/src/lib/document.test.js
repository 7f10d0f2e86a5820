import { expect, test } from 'vitest';
import { pretty, syntaxError } from './document.js';

test('a document is indented and its numbers keep their digits', () => {
    const text = '{"name": "x, {y}", "rate": 0.0500, "tiers": [{"name": "A", "upper": 1.00}, {}], "none": [], "deep": {"a": [1, 2, {"b": "\\"q\\""}]}}';
    const shown = pretty(text, 30);
    expect(shown.split('\n').slice(0, 5)).toEqual(['{', '    "name": "x, {y}",', '    "rate": 0.0500,', '    "tiers": [', '        {']);
    expect(shown).toContain('"upper": 1.00');
    expect(JSON.parse(shown)).toEqual(JSON.parse(text));
    expect(pretty(shown, 30)).toBe(shown);
});

test('what is no JSON is told', () => {
    expect(syntaxError('{"a": 1}')).toBe(null);
    expect(syntaxError('{"a": }')).toMatch(/JSON/);
});
