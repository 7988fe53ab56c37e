// @vitest-environment node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { JOINING } from './joining';

const SCREENS = fileURLToPath(new URL('../../screens', import.meta.url));

/** What somebody meets before the door, and when they have left. */
const WAY_IN = ['Home', 'Nothing', 'PreJoin', 'Connecting', 'Waiting', 'Lobby', 'Over', 'SelfTest', 'DeviceCheck'];

/** Shown in an element that has a language of its own: only who moderates a course's room sees it. */
const ELSEWHERE = ['attendance'];

/** The component with all that it is made of. What is loaded later has its own place. */
function parts(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^\s*import \w+ from '(\.[^']+\.svelte)';$/gm))
    if (path !== undefined) parts(join(dirname(file), path), seen);
  return seen;
}

it.each(WAY_IN)('the screen %s has only texts that every language of the way in has', (screen) => {
  const files = [...parts(join(SCREENS, `${screen}.svelte`))];
  expect(files.length).toBeGreaterThan(1);
  const used = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bt\(\)\.(\w+)/g)].map(([, key]) => key ?? ''),
  );
  expect(used.filter((key) => !(JOINING as readonly string[]).includes(key) && !ELSEWHERE.includes(key))).toEqual([]);
});
