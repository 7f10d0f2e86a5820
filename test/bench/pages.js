// How fast the desk is to look at, in a browser without a screen: prints a line of JSON for each figure. Runs in the environment that
// apps/api/dev COMMAND gives, with the pages.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

const { chromium } = createRequire(new URL('../../apps/desk/package.json', import.meta.url))('playwright-core');
const url = process.env.TRADEUP_API_URL;
const psql = (query) => execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', query]);
const say = (figure) => console.log(JSON.stringify(figure));
const ROUNDS = 5;
const MOVES = 20;

psql(`INSERT INTO tradeup.vehicle (vehicle_id, make, body, year, kilometers, currency, regular_price, dealer, region)
      SELECT v.vehicle_id || '-' || n, v.make, v.body, v.year, v.kilometers + n, v.currency, v.regular_price + 7.31 * n, v.dealer, v.region
      FROM tradeup.vehicle v, generate_series(1, 24) n ORDER BY 1 LIMIT 20000 - (SELECT count(*) FROM tradeup.vehicle)`);
psql('VACUUM ANALYZE tradeup.vehicle');

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
async function open() {
    const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: 'en-US' });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    const files = [];
    page.on('response', (response) => {
        if (!/\/(api|health|metrics)\b/.test(new URL(response.url()).pathname) && response.url().startsWith(url)) {
            files.push(response.body().then((body) => gzipSync(body).length));
        }
    });
    await page.addInitScript((token) => sessionStorage.setItem('tradeup.token', token), process.env.TRADEUP_API_TOKEN_READER);
    await page.goto(`${url}/#/offers/C1001`);
    await page.locator('[data-tier="Refresh"]').waitFor();
    return { context, page, files };
}

const paints = [];
let bytes = 0;
for (let round = 0; round < ROUNDS; round++) {
    const { context, page, files } = await open();
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
    bytes = (await Promise.all(files)).reduce((sum, one) => sum + one, 0);
    await context.close();
}
say({ case: 'kB of the first page and its files, compressed (at most 90)', found: bytes / 1000, most: 90 });
say({ case: 'first paint', milliseconds: paints, aim: 1000 });

// From a move of the slider to the counts on the screen; then a slider that is dragged for a second.
const { page } = await open();
const slider = 'input[type=range]';
await page.waitForTimeout(1000);
const medians = [];
for (let round = 0; round < ROUNDS; round++) {
    const times = await page.evaluate(async ({ slider, moves, round }) => {
        const columns = document.querySelector('.columns');
        const input = document.querySelector(slider);
        const found = [];
        for (let move = 0; move < moves; move++) {
            const begun = performance.now();
            input.value = String(2 + ((round * moves + move) * 0.35) % 20);
            input.dispatchEvent(new Event('input', { bubbles: true }));
            await new Promise((resolve) => {
                const look = () => (columns.getAttribute('aria-busy') === 'false' ? resolve() : requestAnimationFrame(look));
                requestAnimationFrame(look);
            });
            found.push(performance.now() - begun);
            await new Promise((resolve) => setTimeout(resolve, 30));
        }
        return found.sort((a, b) => a - b);
    }, { slider, moves: MOVES, round });
    medians.push(times[Math.floor(times.length / 2)]);
    await page.waitForTimeout(600);
}
say({ case: 'slider to counts on the screen, median of 20 moves', milliseconds: medians, aim: 60 });

let most = 0;
for (let round = 0; round < ROUNDS; round++) {
    const updates = await page.evaluate(async (slider) => {
        const input = document.querySelector(slider);
        // What is written at once is one call of the observer.
        let count = 0;
        const observer = new MutationObserver(() => { count += 1; });
        document.querySelectorAll('[data-tier]').forEach((node) => observer.observe(node, { characterData: true, childList: true, subtree: true }));
        const begun = performance.now();
        for (let now = begun; now < begun + 1000; now = performance.now()) {
            input.value = String(3 + (now - begun) / 60);
            input.dispatchEvent(new Event('input', { bubbles: true }));
            await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        observer.disconnect();
        return count;
    }, slider);
    most = Math.max(most, updates);
    await page.waitForTimeout(600);
}
say({ case: 'updates of the counts in a drag of one second (at least 24)', found: most, least: 24 });
await browser.close();
