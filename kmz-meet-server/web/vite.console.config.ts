import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Pages that few people use, `/console` and `/drop`: beside the client and no part of what pupils load. */
export default defineConfig({
  plugins: [svelte()],
  publicDir: false,
  build: {
    emptyOutDir: false,
    assetsDir: 'apart',
    // The Content-Security-Policy knows only 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: ['console.html', 'drop.html'] },
  },
});
