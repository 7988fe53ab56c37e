// Debian's Chromium and Firefox as a class meets them: third-party cookies blocked, fake cameras and microphones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import puppeteer from 'puppeteer-core';

import { endAtOnce } from '../../e2e/lib/browsers.mjs';

export const BROWSERS = ['chromium', 'firefox'];

/**
 * @param {'chromium' | 'firefox'} kind
 * @param {{ insecure?: boolean }} options `insecure` takes certificates of a test's own making
 */
export async function launch(kind, options = {}) {
  const browser = kind === 'firefox' ? await firefox(options) : await chromium(options);
  browser.kind = kind;
  return browser;
}

async function chromium({ insecure = false }) {
  const profile = mkdtempSync(join(tmpdir(), 'kmz-meet-interop-'));
  mkdirSync(join(profile, 'Default'));
  // The switch 'Block third-party cookies' of the settings.
  writeFileSync(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { block_third_party_cookies: true, cookie_controls_mode: 1 } }),
  );
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    userDataDir: profile,
    acceptInsecureCerts: insecure,
    env: { ...process.env, LANG: 'en_GB.UTF-8' },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--lang=en-GB',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });
  // Deleted when the process is gone: until then it writes.
  browser.process().once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return browser;
}

async function firefox({ insecure = false }) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    headless: true,
    acceptInsecureCerts: insecure,
    extraPrefsFirefox: {
      // 'Cookies: all cross-site cookies' in the settings.
      'network.cookie.cookieBehavior': 1,
      'browser.contentblocking.category': 'custom',
      'dom.disable_open_during_load': false,
      'media.navigator.permission.disabled': true,
      'media.navigator.streams.fake': true,
      'intl.accept_languages': 'en-GB, en',
      'media.gmp-manager.updateEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
    },
  });
  endAtOnce(browser);
  return browser;
}
