// JSON documents as people edit them: indented, with every number written as it was.

const TOKEN = /\s+|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gy;

export function pretty(text, width = 100) {
    const tokens = (text.match(TOKEN) ?? []).filter((token) => token.trim());
    let place = 0;
    const flat = (value) => (typeof value === 'string' ? value : value.parts.length ? `${value.open}${value.parts.map(([key, part]) => (key ? `${key}: ` : '') + flat(part)).join(', ')}${value.close}` : value.open + value.close);
    function read() {
        const token = tokens[place++];
        if (token !== '{' && token !== '[') {
            return token ?? '';
        }
        const value = { open: token, close: token === '{' ? '}' : ']', parts: [] };
        while (place < tokens.length && tokens[place] !== value.close) {
            let key = null;
            if (token === '{') {
                key = tokens[place];
                place += 2;
            }
            value.parts.push([key, read()]);
            if (tokens[place] === ',') {
                place += 1;
            }
        }
        place += 1;
        return value;
    }
    function write(value, indent) {
        const line = flat(value);
        if (typeof value === 'string' || (indent && line.length + indent.length <= width)) {
            return line;
        }
        const inner = `${indent}    `;
        return `${value.open}\n${value.parts.map(([key, part]) => inner + (key ? `${key}: ` : '') + write(part, inner)).join(',\n')}\n${indent}${value.close}`;
    }
    return write(read(), '');
}

// Where JSON stops being JSON, or null.
export function syntaxError(text) {
    try {
        JSON.parse(text);
        return null;
    } catch (error) {
        return error.message;
    }
}
