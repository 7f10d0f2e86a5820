// Figures for a monitor, in the text format of Prometheus.

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const escaped = (value) => String(value).replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : '\\' + found));
const labelled = (labels) => `{${Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;

export class Metrics {
    constructor() {
        this.counters = new Map();
        this.times = new Map();
        this.gauges = [];
    }

    add(name, help, labels = {}) {
        const counter = this.counters.get(name) ?? { help, values: new Map() };
        this.counters.set(name, counter);
        const key = labelled(labels);
        counter.values.set(key, (counter.values.get(key) ?? 0) + 1);
    }

    answered(route, status, seconds) {
        this.add('tradeup_api_requests_total', 'Requests answered, by route and status', { route, status });
        const time = this.times.get(route) ?? { counts: BOUNDS.map(() => 0), count: 0, sum: 0 };
        this.times.set(route, time);
        time.count += 1;
        time.sum += seconds;
        const place = BOUNDS.findIndex((bound) => seconds <= bound);
        if (place >= 0) {
            time.counts[place] += 1;
        }
    }

    cancelled(why) {
        this.add('tradeup_api_cancelled_total', 'Queries cancelled in the database', { why });
    }

    shared() {
        this.add('tradeup_api_shared_total', 'Reads answered by the query of an equal one in flight');
    }

    slow(route) {
        this.add('tradeup_api_slow_total', 'Requests above the limit of slow ones', { route });
    }

    // read() gives [labels, value] pairs.
    gauge(name, help, read) {
        this.gauges.push({ name, help, read });
    }

    text() {
        const lines = [];
        for (const [name, { help, values }] of this.counters) {
            lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...[...values].map(([labels, value]) => `${name}${labels === '{}' ? '' : labels} ${value}`));
        }
        const name = 'tradeup_api_request_seconds';
        lines.push(`# HELP ${name} Time to answer, by route`, `# TYPE ${name} histogram`);
        for (const [route, { counts, count, sum }] of this.times) {
            let below = 0;
            BOUNDS.forEach((bound, n) => {
                below += counts[n];
                lines.push(`${name}_bucket${labelled({ route, le: bound })} ${below}`);
            });
            lines.push(`${name}_bucket${labelled({ route, le: '+Inf' })} ${count}`, `${name}_sum${labelled({ route })} ${sum}`, `${name}_count${labelled({ route })} ${count}`);
        }
        for (const { name: gauge, help, read } of this.gauges) {
            lines.push(`# HELP ${gauge} ${help}`, `# TYPE ${gauge} gauge`, ...read().map(([labels, value]) => `${gauge}${Object.keys(labels).length ? labelled(labels) : ''} ${value}`));
        }
        return lines.join('\n') + '\n';
    }
}
