// The dashboard is built without network, and every chart of it is shown without any other host.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../api/support.js';
import { browse, open, shoot, sql } from './support.js';

const folder = `${root}build/desk/dashboard`;
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };
const PAGES = { index: 3, inventory: 3, leads: 2, bundles: 2 };
let server;
let browser;
before(async () => {
    sql("SELECT tradeup_bundles.save_bundles('corner', 'dashboard', (SELECT array_agg(b) FROM tradeup_bundles.propose_bundles('corner', '2025-11-20') b))");
    const [program, ...rest] = ['unshare', ...(process.getuid() === 0 ? [] : ['-r']), '-n', `${root}apps/dashboard/build`, folder];
    execFileSync(program, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
    const http = createServer((request, response) => {
        const name = request.url.split('?')[0].replace(/\/$/, '/index');
        try {
            const file = extname(name) ? name : `${name}.html`;
            response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(folder + file));
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
    server = { url: `http://127.0.0.1:${http.address().port}`, close: () => http.close() };
    browser = await browse();
});
after(async () => {
    await browser?.close();
    server?.close();
});

for (const [name, charts] of Object.entries(PAGES)) {
    test(`dashboard: ${name}`, async () => {
        const { page, close } = await open(browser, server, { path: `/${name === 'index' ? '' : name}` });
        for (let chart = 0; chart < charts; ++chart) {
            await page.locator('svg[aria-label]').nth(chart).waitFor();
        }
        assert.equal(await page.getByText('No rows yet').count(), 0);
        assert.equal(await page.locator('.observablehq--error').count(), 0);
        await shoot(page, `dashboard-${name}`, { fullPage: true });
        await close();
    });
}
