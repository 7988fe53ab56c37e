// @vitest-environment node
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { de } from '../i18n/de';
import { easy } from '../i18n/de-simple';
import { en } from '../i18n/en';
import { SPOKEN, type Spoken } from './labels';

const FOLDER = fileURLToPath(new URL('recorded', import.meta.url));
const said = JSON.parse(readFileSync(join(FOLDER, 'said.json'), 'utf8')) as Record<string, Record<string, string>>;

describe('recordings', () => {
  it.each([
    ['de', de],
    ['de-simple', easy],
    ['en', en],
  ] as const)('%s: say what is written (else run scripts/record-speech.mjs)', (language, messages) => {
    for (const [label, text] of Object.entries(SPOKEN)) {
      const from = said[language]?.[label] === undefined ? 'de' : language;
      expect(said[from]?.[label], label).toBe(text(messages));
      expect(existsSync(join(FOLDER, from, `${label}.mp3`)), label).toBe(true);
    }
  });

  it('are of labels that there are, and together smaller than 150 kB', () => {
    const files = ['de', 'de-simple', 'en'].flatMap((language) =>
      readdirSync(join(FOLDER, language)).map((name) => join(FOLDER, language, name)),
    );
    for (const file of files) {
      const label = /([\w-]+)\.mp3$/.exec(file)?.[1];
      expect(Object.keys(SPOKEN), file).toContain(label as Spoken);
      expect(statSync(file).size, file).toBeGreaterThan(1_000);
    }
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(150_000);
  });
});
