import { expect, test } from 'vitest';
import { change, count, distance, money, moment, percent } from './format.js';

const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');

test('amounts keep all their digits, in their currency', () => {
    expect(money('en', '9007199254740993.07', 'USD')).toBe('$9,007,199,254,740,993.07');
    expect(plain(money('es', '12345.6', 'MXN'))).toBe('12.345,60 $');
    expect(money('en', '1500', 'JPY')).toBe('¥1,500');
    expect(money('en', '438.20')).toBe('438.20');
});

test('what is not known is a dash', () => {
    for (const show of [money, count, percent, change, moment]) {
        expect(show('en', null)).toBe('–');
    }
    expect(money('en', '0', 'USD')).toBe('$0.00');
});

test('fractions are shown as percentages', () => {
    expect(percent('en', '0.0549')).toBe('5.49%');
    expect(change('en', '0.050253')).toBe('+5.0%');
    expect(change('en', '0')).toBe('0.0%');
    expect(plain(change('es', '-0.05'))).toBe('-5,0 %');
});

test('a day is that day in every time zone', () => {
    expect(moment('en', '2026-01-31')).toBe('Jan 31, 2026');
});

test('distances are in the unit of the country', () => {
    expect(distance('en-US', 20294)).toBe('12,610 mi');
    expect(distance('es-MX', '20294')).toBe('20,294 km');
    expect(distance('en', 100)).toBe('100 km');
    expect(distance('en-US', null)).toBe('–');
});
