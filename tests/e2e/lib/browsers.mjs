// Debian's Chromium and Firefox, driven by one library, with fake cameras and microphones.
import puppeteer from 'puppeteer-core';

const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';

/** The browsers that every story has to hold in. */
export const BROWSERS = ['chromium', 'firefox'];

/**
 * @param {'chromium' | 'firefox'} kind
 * @param {{ devices?: boolean, dark?: boolean, trusting?: boolean, frames?: number }} options without `devices` there is
 *   neither camera nor microphone; `trusting`: any certificate is taken; `frames` a second of Chromium's fake camera
 */
export async function launch(kind, { devices = true, dark = false, trusting = false, frames = 20 } = {}) {
  const browser = kind === 'firefox' ? await firefox(devices, dark, trusting) : await chromium(devices, trusting, frames);
  browser.kind = kind;
  browser.dark = dark;
  return browser;
}

function chromium(devices, trusting, frames) {
  return puppeteer.launch({
    executablePath: CHROMIUM,
    headless: true,
    // Debian's start script reads it. Without it every start prints a shell warning.
    env: { ...process.env, LANG: 'en_GB.UTF-8' },
    args: [
      '--no-sandbox',
      ...(trusting ? ['--ignore-certificate-errors'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--lang=en-GB',
      // Two people in one process: nobody's page sleeps because another one is in front.
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
      ...(devices ? [`--use-fake-device-for-media-stream=fps=${frames}`, '--use-fake-ui-for-media-stream'] : []),
    ],
  });
}

async function firefox(devices, dark, trusting) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    acceptInsecureCerts: trusting,
    extraPrefsFirefox: {
      'media.navigator.permission.disabled': true,
      'media.navigator.streams.fake': devices,
      'intl.accept_languages': 'en-GB, en',
      // What is downloaded takes the focus away from the page neither by a panel nor by a window of its own.
      'browser.download.alwaysOpenPanel': false,
      'pdfjs.disabled': true,
      // WebDriver BiDi cannot say it; 0 is dark, 1 is light.
      'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
      // No H264 plug-in is fetched, nothing is looked up.
      'media.gmp-manager.updateEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
    },
  });
  endAtOnce(browser);
  return browser;
}

/** Asked to end, Firefox goes on until Puppeteer kills it, five seconds later. */
export function endAtOnce(browser) {
  const close = browser.close.bind(browser);
  browser.close = () => {
    browser.process()?.kill('SIGKILL');
    return close();
  };
}
