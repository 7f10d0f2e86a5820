// Requests a second through the server of the API, and the same SQL through pgbench, in turns; four clients each, 20,100 vehicles.
// Runs in the environment that apps/api/dev COMMAND gives, and prints a line of JSON for each question: seconds a request of
// every round, and the CPU of the server.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routes } from '../../apps/api/routes/index.js';

const seconds = Number(process.argv[2] ?? 3);
const rounds = Number(process.argv[3] ?? 3);
const clients = 4;
const url = new URL(process.env.TRADEUP_API_URL);
const psql = (query) => execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', query], { encoding: 'utf8' }).trim();

psql(`INSERT INTO tradeup.vehicle (vehicle_id, make, body, year, kilometers, currency, regular_price, dealer, region)
      SELECT v.vehicle_id || '-' || n, v.make, v.body, v.year, v.kilometers + n, v.currency, v.regular_price + 7.31 * n, v.dealer, v.region
      FROM tradeup.vehicle v, generate_series(1, 24) n`);
psql('VACUUM ANALYZE tradeup.vehicle');

const filter = { bodies: ['sedan'], kilometers_to: 60000 };
const cases = [
    ['solve', 'POST', '/api/deals/solve', () => ({ annual_rate: 0.0599, term: 60, price: 24000.55, solve_for: 'bonus', payment: 400 })],
    ['best offers', 'GET', (n) => `/api/customers/D${1001 + n % 200}/best-offers?rank_by=payment`],
    ['page', 'POST', (n) => `/api/customers/D${1001 + n % 200}/search`, () => ({ filter, sort: 'payment', counts: false })],
    ['page with counts', 'POST', (n) => `/api/customers/D${1001 + n % 200}/search`, () => ({ filter, sort: 'payment' })],
];
const names = { solve: 'solve_deal', 'best offers': 'best_offers', page: 'search', 'page with counts': 'search' };

const cpu = () => {
    const fields = readFileSync(`/proc/${process.env.TRADEUP_API_PID}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
};

// One client: a request after the other on a connection that is kept.
function client(port, makeText, until) {
    return new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1');
        socket.setNoDelay(true);
        let count = 0;
        let waiting = Buffer.alloc(0);
        const ask = () => socket.write(makeText());
        socket.on('connect', ask);
        socket.on('error', reject);
        socket.on('data', (piece) => {
            waiting = waiting.length ? Buffer.concat([waiting, piece]) : piece;
            const end = waiting.indexOf('\r\n\r\n');
            if (end < 0) {
                return;
            }
            const head = waiting.toString('latin1', 0, end);
            const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
            if (waiting.length < end + 4 + length) {
                return;
            }
            if (!head.startsWith('HTTP/1.1 200')) {
                reject(new Error(waiting.toString()));
                return;
            }
            waiting = Buffer.alloc(0);
            count += 1;
            if (Date.now() >= until) {
                socket.destroy();
                resolve(count);
            } else {
                ask();
            }
        });
    });
}

let place = 0;
async function throughServer([, method, path, makeBody]) {
    const token = process.env.TRADEUP_API_TOKEN_READER;
    const makeText = () => {
        const n = place++;
        const body = makeBody ? JSON.stringify(makeBody(n)) : '';
        return `${method} ${typeof path === 'string' ? path : path(n)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
            `${body ? `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` : ''}\r\n${body}`;
    };
    const begun = Date.now();
    const before = cpu();
    const counts = await Promise.all(Array.from({ length: clients }, () => client(Number(url.port), makeText, begun + 1000 * seconds)));
    const count = counts.reduce((sum, one) => sum + one, 0);
    return { seconds: (Date.now() - begun) / 1000 / count, cpu: (cpu() - before) / count };
}

// The statement of the route, with its values as parameters of pgbench.
const folder = mkdtempSync(join(tmpdir(), 'bench'));
function throughPgbench([name, , , makeBody]) {
    const route = routes.find((one) => one.name === names[name]);
    const given = makeBody?.(0) ?? { rank_by: 'payment' };
    const literal = (parameter) => {
        const { sql: type, default: standing } = route.parameters[parameter];
        const value = Object.hasOwn(given, parameter) ? given[parameter] : standing;
        return value === undefined ? `NULL::${type}` : `'${typeof value === 'object' ? JSON.stringify(value) : value}'::${type}`;
    };
    // pgbench has no texts: a parameter is a number, and the identifier is made of it.
    const text = route.text.replace(/\$(\d+)::[a-z]+(?: precision)?(?:\[\])?/g, (_, n) => (route.places[n - 1] === 'customer_id' ? "('D' || (1000 + :n))::text" : literal(route.places[n - 1])));
    const script = join(folder, 'script');
    writeFileSync(script, `\\set n random(1, 200)\n${text};\n`);
    const done = spawnSync('pgbench', ['-n', '-M', 'prepared', '-c', String(clients), '-T', String(seconds), '-f', script], { encoding: 'utf8', env: { ...process.env, PGOPTIONS: '-c role=desk_reader -c search_path=pg_catalog -c jit=off' } });
    const rate = Number(/tps = ([\d.]+)/.exec(done.stdout)?.[1]);
    if (!rate) {
        throw new Error(done.stderr);
    }
    return 1 / rate;
}

for (const one of cases) {
    await throughServer(one);
    const found = Array.from({ length: rounds }, () => null);
    for (let round = 0; round < rounds; round++) {
        found[round] = { direct: throughPgbench(one), ...(await throughServer(one)) };
    }
    console.log(JSON.stringify({ question: one[0], direct: found.map((round) => round.direct), server: found.map((round) => round.seconds), cpu: found.map((round) => round.cpu) }));
}
rmSync(folder, { recursive: true });
