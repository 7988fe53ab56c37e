import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const outDir = new URL('dist-reference', import.meta.url).pathname;
const swaggerUi = new URL('node_modules/swagger-ui-dist', import.meta.url).pathname;

/** The files go into the server's binary as they are sent: compressed once, here. Swagger UI's licence goes with it. */
const packed: Plugin = {
  name: 'packed',
  closeBundle() {
    const assets = join(outDir, 'assets');
    mkdirSync(assets, { recursive: true });
    const licence = ['LICENSE', 'NOTICE', 'swagger-ui-es-bundle.js.LICENSE.txt'].map((name) => join(swaggerUi, name));
    writeFileSync(join(assets, 'licence.txt'), licence.map((path) => readFileSync(path, 'utf8')).join('\n'));
    for (const name of readdirSync(assets)) {
      const path = join(assets, name);
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      rmSync(path);
    }
  },
};

/** `/api/docs`: the reference of the REST API, apart from the client. */
export default defineConfig({
  root: 'src/reference',
  base: '/api/docs/',
  publicDir: false,
  plugins: [packed],
  build: {
    outDir,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
    target: 'es2022',
  },
  server: { proxy: { '/api': process.env['KMZ_MEET_DEV_SERVER'] ?? 'http://localhost:8080' } },
});
