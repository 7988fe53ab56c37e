// Fails when what a browser loads at first grows beyond the promise of 150 kB compressed: the page, and the largest language.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LIMIT = 150_000;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const html = readFileSync(join(dist, 'index.html'), 'utf8');
// Fonts are already compressed; everything that is not loaded lazily counts.
const lazy = new Set(
  readdirSync(join(dist, 'assets')).filter((name) => /\.(js|mp3)$/.test(name) && !html.includes(name)),
);
/** Of the languages a browser loads one at first; those of the way in only load another one, too. */
const isLanguage = (file) => /^assets\/language-[\w-]+\.js$/.test(file);
const PARTIAL = /^assets\/language-(ar|ru|tr|uk)-/;
const FALLBACK = /^assets\/language-de-simple-/;
const files = ['index.html', 'favicon.svg', ...readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`)];

let gzip = 0;
let brotli = 0;
const languages = new Map();
for (const file of files) {
  const bytes = readFileSync(join(dist, file));
  const packed = /\.woff2$/.test(file);
  const g = packed ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  const b = packed ? bytes.length : brotliCompressSync(bytes).length;
  const isLazy = lazy.has(file.replace('assets/', ''));
  if (isLanguage(file)) languages.set(file, [g, b]);
  if (!isLazy) {
    gzip += g;
    brotli += b;
  }
  console.log(`${String(g).padStart(8)} gzip ${String(b).padStart(8)} brotli  ${file}${isLazy ? ' (later)' : ''}`);
}
if (languages.size < 7) {
  console.error(
    `${languages.size} languages were found where there should be seven: are they named in vite.config.ts?`,
  );
  process.exit(1);
}
const fallback = [...languages].find(([file]) => FALLBACK.test(file))[1];
const firsts = [...languages].map(([file, [g, b]]) =>
  PARTIAL.test(file) ? [g + fallback[0], b + fallback[1]] : [g, b],
);
gzip += Math.max(...firsts.map(([g]) => g));
brotli += Math.max(...firsts.map(([, b]) => b));
console.log(`first load: ${gzip} bytes gzip, ${brotli} bytes brotli, limit ${LIMIT}`);
if (/<script(?![^>]*\bsrc=)|\sstyle=|<style/.test(html)) {
  console.error('index.html has an inline script or style: the Content-Security-Policy would block it.');
  process.exit(1);
}
if (gzip > LIMIT) {
  console.error('The first load is too large: find what grew, or load it later with import().');
  process.exit(1);
}
