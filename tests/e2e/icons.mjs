// Draws the icons of the installed app from the logo (web/public/favicon.svg) into web/public: `node icons.mjs`, once the logo
// has changed.
import { readFileSync, writeFileSync } from 'node:fs';

import { launch } from './lib/browsers.mjs';

const PUBLIC = new URL('../../kmz-meet-server/web/public/', import.meta.url);
const LOGO = readFileSync(new URL('favicon.svg', PUBLIC), 'utf8');
const FIGURES = LOGO.replace(/<rect [^>]*>/, '').replace(/<\/?svg[^>]*>/g, '');
const GREEN = /<rect [^>]*fill="([^"]+)"/.exec(LOGO)[1];

/** Systems cut icons to a shape of their own: the colour goes to the edge, the figures are in the middle four fifths. */
const cut = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" fill="${GREEN}"/><g transform="translate(16 17) scale(.72) translate(-16 -17.500)">${FIGURES}</g></svg>`;

const ICONS = [
  { name: 'app-192.png', size: 192, svg: LOGO },
  { name: 'app-512.png', size: 512, svg: LOGO },
  { name: 'app-maskable-512.png', size: 512, svg: cut },
  // iOS rounds the corners itself, and shows what is transparent in black.
  { name: 'apple-touch-icon.png', size: 180, svg: cut },
];

const browser = await launch('chromium');
try {
  const page = await browser.newPage();
  for (const { name, size, svg } of ICONS) {
    await page.setViewport({ width: size, height: size });
    await page.setContent(
      `<style>body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    );
    writeFileSync(new URL(name, PUBLIC), await page.screenshot({ omitBackground: true }));
    console.log(name);
  }
} finally {
  await browser.close();
}
