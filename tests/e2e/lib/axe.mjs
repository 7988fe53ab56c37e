// axe-core in the page, and what axe cannot see: a page, a panel or a dialog that scrolls sideways.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const LAPTOP = { width: 1366, height: 768 };
const NARROW = { width: 320, height: 640 };

/** Looks at a state in both widths, between which the layout changes; the wide one stays. */
export async function look(person, state) {
  for (const size of [NARROW, LAPTOP]) {
    await person.page.setViewport(size);
    await assertAccessible(person, state);
  }
}

/** Fails on any violation of WCAG 2.2 A/AA that axe finds; `state` names the screen in the failure. */
export async function assertAccessible(person, state) {
  const { page } = person;
  // As an expression, not a script element: the page's Content-Security-Policy stays as it is.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(SOURCE);
  const found = await page.evaluate(
    async (rules) => {
      // Half-faded text has no honest contrast: wait until what moves has come to rest (a ring that pulses for ever has not).
      // Another size may put something else under the pointer, so a change can begin a frame later.
      const moving = () =>
        document.getAnimations().some((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity);
      const end = performance.now() + 3_000;
      for (let still = 0; still < 3 && performance.now() < end; still = moving() ? 0 : still + 1) {
        await new Promise((resolve) => {
          requestAnimationFrame(resolve);
          setTimeout(resolve, 200); // a window that is not painted has no frames
        });
      }
      const result = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] });
      return {
        checked: result.passes.length,
        violations: result.violations.map((one) => ({
          rule: one.id,
          help: one.help,
          nodes: one.nodes.slice(0, 4).map((node) => `${node.target.join(' ')}: ${node.failureSummary.split('\n').slice(1).join('; ')}`),
        })),
        sideways: Math.max(
          ...[document.documentElement, ...document.querySelectorAll('aside *, dialog, dialog *')]
            .filter((one) => one === document.documentElement || /auto|scroll/.test(getComputedStyle(one).overflowX))
            .filter((one) => !/^(INPUT|TEXTAREA|SELECT)$/.test(one.tagName))
            .map((one) => one.scrollWidth - one.clientWidth),
        ),
      };
    },
    RULES,
  );
  const where = `${state} (${person.browser.kind}, ${person.theme ?? 'light'}, ${page.viewport().width} px)`;
  assert.ok(found.checked > 0, `${where}: axe checked nothing`);
  const told = found.violations.map((one) => `${one.rule}: ${one.help}\n    ${one.nodes.join('\n    ')}`).join('\n  ');
  assert.equal(found.violations.length, 0, `${where}:\n  ${told}`);
  assert.ok(found.sideways <= 0, `${where}: the page, or a panel in it, scrolls sideways by ${found.sideways} px`);
}
