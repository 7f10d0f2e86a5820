import { expect, test } from 'vitest';
import { FIELDS, PART, delimiterOf, header, mappingOf, sameNames, sendParts, sourceOf } from './files.js';

test('the header of a file is read', () => {
    expect(header('\ufeffStock No;"Asking; ""Price""" ;Year\r\n1;2', ';')).toEqual(['Stock No', 'Asking; "Price"', 'Year']);
    expect(['a,b;c,d\n', 'a;b\n', 'a\tb,c\td\n', 'a\n'].map(delimiterOf)).toEqual([',', ';', '\t', ',']);
});

test('columns of the same name are found', () => {
    expect(sameNames(FIELDS.vehicles, ['Vehicle-ID', 'MAKE', 'make', 'Regular Price'])).toEqual({ vehicle_id: 'Vehicle-ID', regular_price: 'Regular Price' });
    expect(mappingOf({ columns: { vehicle_id: 'No', make: '' }, currency: '', decimalMark: ',', dateOrder: '', distanceUnit: 'km' })).toEqual({ columns: { vehicle_id: 'No' }, decimal_mark: ',' });
    expect(sourceOf('year', { columns: { year: 'Baujahr' } }, { Baujahr: '1' })).toBe('Baujahr');
    expect(sourceOf('regular_price', {}, { 'Regular Price': '1' })).toBe('Regular Price');
    expect(sourceOf(null, {}, { a: '1' })).toBe(null);
});

test('a file goes in parts, and an empty one in one', async () => {
    for (const [size, wanted] of [[0, [0]], [PART, [PART]], [PART + 5, [PART, 5]]]) {
        const seen = [];
        const file = new Blob([new Uint8Array(size)]);
        expect(await sendParts(file, async (part, bytes) => seen.push(bytes.size), () => {})).toBe(wanted.length);
        expect(seen).toEqual(wanted);
    }
});
