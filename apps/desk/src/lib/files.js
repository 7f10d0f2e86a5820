// What the page must know of a file before it sends it: delimiter, header, and which column is which.

export const FIELDS = {
    vehicles: ['vehicle_id', 'make', 'model', 'body', 'year', 'kilometers', 'color', 'fuel', 'transmission', 'vin', 'region', 'dealer', 'currency', 'regular_price',
        'promotion_price', 'rebate', 'cost', 'status', 'listed_on'],
    customers: ['customer_id', 'risk_profile', 'equity', 'current_payment', 'current_price', 'current_make', 'current_model', 'current_year', 'current_kilometers', 'region',
        'program', 'trade_value', 'payoff', 'bonus', 'income'],
};
const DELIMITERS = [',', ';', '\t', '|'];
export const PART = 1024 * 1024;

// The cells of the first line.
export function header(text, delimiter) {
    const cells = [];
    let cell = '';
    let isQuoted = false;
    for (let place = text.charCodeAt(0) === 0xfeff ? 1 : 0; place < text.length; ++place) {
        const c = text[place];
        if (isQuoted) {
            if (c === '"' && text[place + 1] === '"') {
                cell += c;
                place += 1;
            } else if (c === '"') {
                isQuoted = false;
            } else {
                cell += c;
            }
        } else if (c === '"' && cell === '') {
            isQuoted = true;
        } else if (c === delimiter) {
            cells.push(cell.trim());
            cell = '';
        } else if (c === '\n' || c === '\r') {
            break;
        } else {
            cell += c;
        }
    }
    return [...cells, cell.trim()];
}

// The delimiter that makes most columns of the first line.
export const delimiterOf = (text) => DELIMITERS.map((one) => [header(text, one).length, one]).reduce((best, next) => (next[0] > best[0] ? next : best))[1];

const bare = (name) => name.toLowerCase().replace(/[\s_-]/g, '');

// Our columns that have the same name in the file but for case, blanks, hyphens and underscores: the server matches them as well.
export const sameNames = (fields, names) => Object.fromEntries(fields.flatMap((field) => {
    const found = names.filter((name) => bare(name) === bare(field));
    return found.length === 1 ? [[field, found[0]]] : [];
}));

export function mappingOf({ columns, currency, decimalMark, dateOrder, distanceUnit }) {
    const given = Object.fromEntries(Object.entries(columns).filter(([, name]) => name));
    return {
        ...(Object.keys(given).length ? { columns: given } : {}), ...(currency ? { currency } : {}), ...(decimalMark ? { decimal_mark: decimalMark } : {}),
        ...(dateOrder ? { date_order: dateOrder } : {}), ...(distanceUnit && distanceUnit !== 'km' ? { distance_unit: distanceUnit } : {}),
    };
}

// The column of the file behind one of ours.
export const sourceOf = (field, mapping, cells) => mapping?.columns?.[field] ?? Object.keys(cells).find((name) => bare(name) === bare(field ?? '')) ?? null;

// Sends a file part by part; sent(share) tells how far it is.
export async function sendParts(file, put, sent) {
    const parts = Math.max(1, Math.ceil(file.size / PART));
    for (let part = 1; part <= parts; ++part) {
        await put(part, file.slice((part - 1) * PART, part * PART));
        sent(part / parts);
    }
    return parts;
}
