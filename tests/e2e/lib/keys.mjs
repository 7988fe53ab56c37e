// Going through a page by keyboard alone: what has the focus must be seen, and Tab must lead everywhere.
import assert from 'node:assert/strict';

import * as inside from './inside.mjs';

/**
 * Presses Tab (or Shift and Tab, with `back`) until the control with this name has the focus. All that is passed must be
 * marked and not covered. Firefox without a screen does not come back from its own controls behind the last one, so a story
 * says where it has to turn round.
 */
export async function tabTo(person, name, { back = false, most = 60 } = {}) {
  const { keyboard } = person.page;
  const passed = [];
  for (let tabs = 0; tabs < most; tabs += 1) {
    const at = await person.page.evaluate(inside.focused);
    assert.ok(at.window, `the focus left the page before '${name}'; passed: ${passed.join(' | ')}`);
    if (at.tabbable) {
      assert.ok(at.marked, `focus on '${at.name}' (${at.tag}) cannot be seen`);
      assert.ok(at.visible, `focus on '${at.name}' (${at.tag}) is covered`);
    }
    if (at.name === name) return;
    passed.push(at.name.slice(0, 40) || at.tag);
    if (back) await keyboard.down('Shift');
    await keyboard.press('Tab');
    if (back) await keyboard.up('Shift');
  }
  assert.fail(`${person.name} (${person.browser.kind}) does not reach '${name}' by Tab; passed: ${passed.join(' | ')}`);
}

/** Goes to a control and presses it. */
export async function use(person, name, { key = 'Enter', ...way } = {}) {
  await tabTo(person, name, way);
  await person.page.keyboard.press(key);
}

/** Goes to the field with this label and types into it. */
export async function types(person, label, text, way) {
  await tabTo(person, label, way);
  await person.page.keyboard.type(text);
}
