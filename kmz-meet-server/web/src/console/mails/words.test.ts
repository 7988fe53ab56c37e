// @vitest-environment node
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { i18n } from '../../lib/i18n/index.svelte';
import { kindText } from './words';

const folder = fileURLToPath(new URL('../../../../templates/mail', import.meta.url));
const templates = readdirSync(folder).flatMap((file) => /^(.+)\.de\.txt$/.exec(file)?.[1] ?? []);

it('has words for every mail that the server sends', async () => {
  expect(templates).toContain('first_password');
  for (const language of ['de', 'en'] as const) {
    await i18n.use(language);
    expect(templates.filter((name) => kindText(name) === name)).toEqual([]);
  }
});
