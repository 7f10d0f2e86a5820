// From what the desk's sliders and boxes say to what the API is asked.

export const emptyWhatIf = () => ({ annualPercent: null, bonus: 0, downPayment: 0, terms: [] });

// A down payment goes to the equity, as a bonus does, so both make the same offers.
export function overridesOf({ annualPercent, bonus, downPayment, terms }) {
    const overrides = {};
    if (annualPercent !== null) {
        overrides.annual_percent = annualPercent;
    }
    if (bonus + downPayment > 0) {
        overrides.bonus = bonus + downPayment;
    }
    if (terms.length) {
        overrides.terms = [...terms].sort((a, b) => a - b);
    }
    return Object.keys(overrides).length ? overrides : null;
}

const LISTS = { make: 'makes', body: 'bodies', region: 'regions', dealer: 'dealers', fuel: 'fuels', color: 'colors', model: 'models', transmission: 'transmissions' };

// chosen: by facet, a Set of values. Bands of years such as 2005-2009 make one span from the first to the last.
export function filterOf({ chosen = {}, priceFrom = null, priceTo = null, tiers = [] }) {
    const filter = {};
    for (const [facet, key] of Object.entries(LISTS)) {
        if (chosen[facet]?.size) {
            filter[key] = [...chosen[facet]].sort();
        }
    }
    if (chosen.year?.size) {
        const years = [...chosen.year].flatMap((band) => band.split('-').map(Number)).filter(Number.isInteger);
        filter.year_from = Math.min(...years);
        filter.year_to = Math.max(...years);
    }
    if (priceFrom !== null) {
        filter.price_from = priceFrom;
    }
    if (priceTo !== null) {
        filter.price_to = priceTo;
    }
    if (tiers.length) {
        filter.tiers = tiers;
    }
    return filter;
}

// What a person typed as a number, or null. A comma is a decimal point where no point is.
export function typed(text) {
    const trimmed = String(text ?? '').replace(/\s/g, '');
    const plain = /^\d+,\d{1,2}$/.test(trimmed) ? trimmed.replace(',', '.') : trimmed.replace(/,(?=\d{3}(\D|$))/g, '');
    return /^\d+(\.\d+)?$/.test(plain) ? plain : null;
}
