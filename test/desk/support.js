// What the tests of the pages have in common: a browser, the server of the API in this process, and ways to look at a page.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { root, start } from '../api/support.js';

const require = createRequire(new URL('../../apps/desk/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export { sql, tokenOf, token, createSigner, SECRET, pause, until } from '../api/support.js';

export const texts = (language) => JSON.parse(readFileSync(`${root}apps/desk/src/texts/${language}.json`, 'utf8'));
export const serve = (settings = {}) => start({ STATIC: `${root}apps/desk/dist`, ...settings });
export const browse = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });

// A page whose every error is kept; close() says that there was none.
export async function open(browser, server, { token, path = '/', width = 1360, height = 900, language = 'en-US', allowed = [], hosts = [] } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, locale: language, bypassCSP: false });
    const page = await context.newPage();
    // Long enough for a machine that does much else.
    page.setDefaultTimeout(60_000);
    const errors = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('dialog', (dialog) => {
        errors.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on('request', (request) => {
        if (![server.url, 'data:', ...hosts].some((from) => request.url().startsWith(from))) {
            errors.push(`another host: ${request.url()}`);
        }
    });
    if (token) {
        await page.addInitScript((given) => {
            if (!sessionStorage.getItem('tested')) {
                sessionStorage.setItem('tested', 'yes');
                sessionStorage.setItem('tradeup.token', given);
            }
        }, token);
    }
    await page.goto(server.url + path);
    return {
        page,
        close: async () => {
            await context.close();
            assert.deepEqual(errors.filter((error) => !allowed.some((pattern) => pattern.test(error))), []);
        },
    };
}

export const shoot = (page, name, options = {}) => page.screenshot({ path: `${root}build/desk/${name}.png`, animations: 'disabled', ...options });

// axe-core is evaluated by the browser's protocol, which the Content-Security-Policy of the page does not concern.
export async function accessible(page) {
    await page.evaluate(`${axe}; null`);
    const violations = await page.evaluate(async () => {
        const { violations: found } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
    });
    assert.deepEqual(violations, []);
}
