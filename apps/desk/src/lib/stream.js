// Server-sent events read from a fetch, because EventSource cannot send the token.

// Takes pieces of text, cut anywhere, and hands whole events on.
export function reader(tell) {
    let rest = '';
    return (piece) => {
        rest += piece;
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
            const event = { type: 'message', data: '' };
            for (const line of rest.slice(0, end).split('\n')) {
                const [, key, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
                if (key === 'event') {
                    event.type = value;
                } else if (key === 'id') {
                    event.id = value;
                } else if (key === 'data') {
                    event.data += (event.data && '\n') + value;
                }
            }
            rest = rest.slice(end + 2);
            if (event.data || event.type !== 'message') {
                tell(event);
            }
        }
    };
}

// Listens until it is stopped; comes back after 1, 2, 4 ... 15 seconds when the stream breaks. open(headers, signal) gives the response.
export function listen(open, { tell, connected = () => {} }) {
    const over = new AbortController();
    let last;
    let wait = 1000;
    const asJson = (text) => {
        try {
            return JSON.parse(text);
        } catch {
            return {};
        }
    };
    async function once() {
        const response = await open(last ? { 'last-event-id': last } : {}, over.signal);
        connected(true);
        wait = 1000;
        const feed = reader((event) => {
            last = event.id ?? last;
            tell(event.type, asJson(event.data));
        });
        const body = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await body.read(); !part.done; part = await body.read()) {
            feed(part.value);
        }
    }
    (async () => {
        while (!over.signal.aborted) {
            try {
                await once();
            } catch {
                // It is tried again below.
            }
            if (!over.signal.aborted) {
                connected(false);
                await new Promise((resolve) => setTimeout(resolve, wait));
                wait = Math.min(2 * wait, 15_000);
            }
        }
    })();
    return () => over.abort();
}
