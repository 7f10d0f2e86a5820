import { expect, test } from 'vitest';
import { emptyWhatIf, filterOf, overridesOf, typed } from './whatif.js';

test('nothing is overridden unless a slider was moved', () => {
    expect(overridesOf(emptyWhatIf())).toBe(null);
    expect(overridesOf({ annualPercent: 0, bonus: 500, downPayment: 250, terms: [60, 48] })).toEqual({ annual_percent: 0, bonus: 750, terms: [48, 60] });
});

test('facets become conditions', () => {
    expect(filterOf({})).toEqual({});
    expect(filterOf({ chosen: { make: new Set(['Saab', 'Buick']), year: new Set(['2005-2009', '2000-2004']), body: new Set() }, priceTo: 20000, tiers: ['Upgrade'] })).toEqual({
        makes: ['Buick', 'Saab'], year_from: 2000, year_to: 2009, price_to: 20000, tiers: ['Upgrade'],
    });
});

test('numbers are read as they are typed', () => {
    expect(['400', '1,250', ' 1 250.50 ', '437,50', '1,250,000', '', 'x', '-5', '1e3'].map(typed)).toEqual(
        ['400', '1250', '1250.50', '437.50', '1250000', null, null, null, null]);
});
