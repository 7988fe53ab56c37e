// The reference of the REST API as an integrator uses it: without other hosts, by keyboard, with their own key.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { assertAccessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { Stage } from '../lib/stage.mjs';

const LAPTOP = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };
const stage = await Stage.set();
afterEach(() => stage.clear());

/** Moves the focus to the first element that this finds, as Tab would reach it, and presses Enter. */
async function enter(page, selector) {
  await page.waitForSelector(selector);
  await page.focus(selector);
  await page.keyboard.press('Enter');
}

/**
 * Of more than a hundred operations the page draws those in view. Scrolls from the top to the end, or until this selector is
 * drawn, and gives the ids of the operations and webhooks that were drawn on the way.
 */
async function scrollThrough(page, until = null) {
  return page.evaluate(async (selector) => {
    const seen = new Set();
    const pause = () => new Promise((resolve) => setTimeout(resolve, 150));
    scrollTo(0, 0);
    const end = performance.now() + 60_000;
    while (performance.now() < end) {
      await pause();
      for (const one of document.querySelectorAll('.opblock')) seen.add(one.id);
      const wanted = selector && document.querySelector(selector);
      if (wanted) wanted.scrollIntoView({ block: 'center' });
      if (wanted || scrollY + innerHeight >= document.documentElement.scrollHeight - 1) break;
      scrollBy(0, innerHeight / 2);
    }
    await pause();
    return [...seen];
  }, until);
}

for (const kind of BROWSERS) {
  test(`an integrator in ${kind} tries a call with a pasted key, and the page asks no other host`, { timeout: 180_000 }, async () => {
    const room = await stage.api.room({ title: 'Mathematics 7b' });
    const integrator = await stage.person(kind, 'Ida Integrator');
    const { page } = integrator;
    await page.setViewport(LAPTOP);
    await integrator.visit('/api/docs');
    await page.waitForSelector('.opblock');

    // The page shows every operation, every webhook and every code.
    const api = await stage.api.request('GET', '/api/v1/openapi.json');
    const methods = Object.values(api.paths).flatMap((item) => Object.keys(item).filter((key) => key !== 'parameters'));
    const all = methods.length + Object.keys(api.webhooks).length;
    const drawn = await scrollThrough(page);
    assert.equal(drawn.length, all, drawn.join(' '));
    const codes = await page.evaluate(() => [...document.querySelectorAll('details td code')].map((one) => one.textContent));
    assert.ok(codes.includes('name_taken') && codes.includes('no_contract'), codes.join());

    // It shows every type when their list is open.
    await enter(page, '.models-control');
    // Of more than a hundred, those in view are drawn.
    const schemas = Object.keys(api.components.schemas).sort();
    const types = await page.evaluate(async (count) => {
      const seen = new Set();
      const end = performance.now() + 30_000;
      while (seen.size < count && performance.now() < end) {
        const drawn = [...document.querySelectorAll('.models .json-schema-2020-12__title')];
        for (const one of drawn) seen.add(one.textContent);
        drawn.at(-1)?.scrollIntoView();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return [...seen];
    }, schemas.length);
    assert.deepEqual(types.sort(), schemas);
    await enter(page, '.models-control');

    // The key is pasted once, by keyboard alone.
    await enter(page, '.btn.authorize');
    await page.waitForSelector('.auth-container input');
    await page.focus('.auth-container input');
    await page.keyboard.type(stage.server.demo.api_key);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => [...document.querySelectorAll('.auth-btn-wrapper button')].some((one) => one.textContent === 'Logout'));
    await enter(page, '.btn-done');

    await scrollThrough(page, '#operations-rooms-rooms_list');
    await enter(page, '#operations-rooms-rooms_list .opblock-summary-control');
    await page.waitForSelector('#operations-rooms-rooms_list .samples');
    assert.match(page.url(), /#\/rooms\/rooms_list$/);
    const sample = () => page.evaluate(() => document.querySelector('#operations-rooms-rooms_list .samples code').textContent);
    assert.match(await sample(), /^curl .*\/api\/v1\/rooms/);
    for (const [place, text] of [
      [2, /import requests/],
      [3, /await fetch\(/],
    ]) {
      await enter(page, `#operations-rooms-rooms_list .samples-bar button:nth-child(${place})`);
      assert.match(await sample(), text);
    }
    await enter(page, '#operations-rooms-rooms_list .btn.execute');
    await page.waitForSelector('#operations-rooms-rooms_list .live-responses-table');
    const answer = await page.evaluate(() => document.querySelector('#operations-rooms-rooms_list .live-responses-table').textContent);
    assert.match(answer, /200/);
    assert.ok(answer.includes(room.name), answer);

    for (const size of [PHONE, LAPTOP]) {
      await page.setViewport(size);
      await assertAccessible(integrator, 'the reference');
    }
    await integrator.assertClean();
  });

  test(`the reference in ${kind} has enough contrast in the dark`, { timeout: 120_000 }, async () => {
    const integrator = await stage.person(kind, 'Ida Integrator', { browser: kind === 'firefox' ? { dark: true } : {} });
    const { page } = integrator;
    integrator.theme = 'dark';
    if (kind === 'chromium') await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await integrator.visit('/api/docs');
    await page.waitForSelector('.opblock');
    assert.ok(await page.evaluate(() => document.documentElement.classList.contains('dark-mode')), 'the page is not dark');
    for (const operation of ['rooms-rooms_list', 'rooms-rooms_create']) {
      await scrollThrough(page, `#operations-${operation}`);
      await enter(page, `#operations-${operation} .opblock-summary-control`);
      await page.waitForSelector(`#operations-${operation} .samples`);
    }
    await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
    for (const size of [PHONE, LAPTOP]) {
      await page.setViewport(size);
      await assertAccessible(integrator, 'the reference');
    }
    await integrator.assertClean();
  });
}
