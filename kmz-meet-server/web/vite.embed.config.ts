import { defineConfig } from 'vite';

/** `external_api.js`: one classic script for other people's pages, beside the client and not part of it. */
export default defineConfig({
  publicDir: false,
  build: {
    emptyOutDir: false,
    reportCompressedSize: false,
    lib: {
      entry: 'src/embed/external-api.ts',
      formats: ['iife'],
      name: 'kmzMeetEmbed',
      fileName: () => 'external_api.js',
    },
  },
});
