import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Nothing is written into the pages but files: the Content-Security-Policy of the server allows no inline script or style.
export default defineConfig({
    plugins: [svelte()],
    build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022', reportCompressedSize: false, rolldownOptions: { checks: { pluginTimings: false } } },
    test: { environment: 'node', include: ['src/**/*.test.js'] },
});
