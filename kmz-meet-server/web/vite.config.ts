import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds a running server.
const server = process.env['KMZ_MEET_DEV_SERVER'] ?? 'http://localhost:8080';

/** The policy of the real server, so that `npm run preview` fails where the product would. */
const csp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export default defineConfig({
  plugins: [svelte()],
  build: {
    // Nothing may become a data: URL: the Content-Security-Policy knows only 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // `scripts/check-size.mjs` knows a language by its name.
        chunkFileNames: ({ moduleIds }) => {
          const language = /\/lib\/i18n\/([a-z]{2}(?:-[a-z]+)?)(?:\/index)?\.ts$/.exec(moduleIds.at(-1) ?? '')?.[1];
          return language ? `assets/language-${language}-[hash].js` : 'assets/[name]-[hash].js';
        },
      },
    },
  },
  server: {
    proxy: { '/api': { target: server, ws: true } },
  },
  preview: {
    proxy: { '/api': { target: server, ws: true } },
    headers: { 'Content-Security-Policy': csp },
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: './vitest.environment.ts',
    setupFiles: ['./src/testing/texts.ts'],
  },
  // Runes in tests must behave as in the browser.
  ...(process.env['VITEST'] ? { resolve: { conditions: ['browser'] } } : {}),
});
