// Amounts, rates and counts as people read them. Amounts come as texts of exact digits: Intl takes them as they are, so no
// digit passes through a float.

const cache = new Map();
function formatter(language, options) {
    const key = language + JSON.stringify(options);
    if (!cache.has(key)) {
        cache.set(key, new Intl.NumberFormat(language, options));
    }
    return cache.get(key);
}

const NOTHING = '–';
const isNothing = (value) => value === null || value === undefined || value === '';

export function money(language, value, currency, digits) {
    if (isNothing(value)) {
        return NOTHING;
    }
    if (!currency) {
        return formatter(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
    }
    const limits = digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return formatter(language, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...limits }).format(value);
}

export const count = (language, value) => (isNothing(value) ? NOTHING : formatter(language, {}).format(value));

export const number = (language, value, digits = 2) => (isNothing(value) ? NOTHING : formatter(language, { maximumFractionDigits: digits }).format(value));

// Kilometers, as miles where people drive those.
const MILES = new Set(['US', 'GB', 'LR', 'MM', 'PR']);
export function distance(language, kilometers) {
    const inMiles = MILES.has(new Intl.Locale(language).region);
    return isNothing(kilometers) ? NOTHING : formatter(language, { style: 'unit', unit: inMiles ? 'mile' : 'kilometer', maximumFractionDigits: 0 }).format(kilometers / (inMiles ? 1.609344 : 1));
}

// A fraction as a percentage.
export const percent = (language, value, digits = 2) =>
    (isNothing(value) ? NOTHING : formatter(language, { style: 'percent', minimumFractionDigits: 0, maximumFractionDigits: digits }).format(value));

export const change = (language, value, digits = 1) =>
    (isNothing(value) ? NOTHING : formatter(language, { style: 'percent', maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value));

export const difference = (language, value) => (isNothing(value) ? NOTHING : formatter(language, { signDisplay: 'exceptZero' }).format(value));

export function moment(language, value, options = { dateStyle: 'medium', timeStyle: 'short' }) {
    if (isNothing(value)) {
        return NOTHING;
    }
    const isDay = /^\d{4}-\d\d-\d\d$/.test(value);
    return new Intl.DateTimeFormat(language, isDay ? { dateStyle: 'medium', timeZone: 'UTC' } : options).format(new Date(value));
}
