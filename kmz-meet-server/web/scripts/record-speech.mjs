// Makes the recordings of the pupil's view anew, of the texts in the message files (`src/lib/speech/labels.ts`).
//
// It needs espeak-ng and lame (Debian: `apt-get install espeak-ng lame`) and no network. espeak-ng is GPL-3.0 and no part of
// the product; what it says is not covered by its licence.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

/** Bytes of all recordings together. */
const LIMIT = 150_000;
const VOICES = { de: 'de', 'de-simple': 'de', en: 'en-gb' };
const web = fileURLToPath(new URL('..', import.meta.url));
const out = join(web, 'src/lib/speech/recorded');

const vite = await createServer({ root: web, logLevel: 'error', server: { middlewareMode: true } });
const { SPOKEN } = await vite.ssrLoadModule('/src/lib/speech/labels.ts');
const texts = {
  de: (await vite.ssrLoadModule('/src/lib/i18n/de/index.ts')).de,
  'de-simple': (await vite.ssrLoadModule('/src/lib/i18n/de-simple/index.ts')).easy,
  en: (await vite.ssrLoadModule('/src/lib/i18n/en/index.ts')).en,
};
await vite.close();

rmSync(out, { recursive: true, force: true });
const scratch = mkdtempSync(join(tmpdir(), 'speech-'));
const said = {};
for (const [language, messages] of Object.entries(texts)) {
  said[language] = {};
  mkdirSync(join(out, language), { recursive: true });
  for (const [label, of] of Object.entries(SPOKEN)) {
    const text = of(messages);
    // What easy German says as German does is recorded once.
    if (language === 'de-simple' && said.de[label] === text) continue;
    said[language][label] = text;
    const wave = join(scratch, 'label.wav');
    // Slow (words a minute) and with a pause between words.
    execFileSync('espeak-ng', ['-v', VOICES[language], '-s', '130', '-g', '3', '-w', wave, text]);
    execFileSync('lame', [
      '--quiet',
      '-m',
      'm',
      '--resample',
      '16',
      '-b',
      '16',
      '-t',
      wave,
      join(out, language, `${label}.mp3`),
    ]);
  }
}
rmSync(scratch, { recursive: true });
writeFileSync(join(out, 'said.json'), `${JSON.stringify(said, null, 2)}\n`);

const size = Object.keys(texts)
  .flatMap((language) => readdirSync(join(out, language)).map((name) => statSync(join(out, language, name)).size))
  .reduce((sum, bytes) => sum + bytes, 0);
console.log(`recordings: ${size} bytes, limit ${LIMIT}`);
if (size > LIMIT) process.exit(1);
