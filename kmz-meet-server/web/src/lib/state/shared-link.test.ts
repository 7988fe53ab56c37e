import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedLink } from './shared-link';

const ORIGIN = 'https://meet.example';
const shared = (parameters: Record<string, string>): unknown =>
  sharedLink(`?${new URLSearchParams(parameters)}`, ORIGIN);

describe('shared link', () => {
  it('of this server leads to its room', () => {
    const room = { url: 'https://meet.example/mutiger-dachs' };
    expect(shared({ 'share-url': 'https://meet.example/mutiger-dachs' })).toEqual(room);
    expect(shared({ 'share-text': 'https://meet.example/mutiger-dachs' })).toEqual(room);
    expect(shared({ 'share-title': 'Hier: https://meet.example/mutiger-dachs.' })).toEqual(room);
  });

  it('in a whole invitation is that of the room', () => {
    const text = `Kamera ausprobieren: https://meet.example/test?room=mutiger-dachs
https://kmz.example/hilfe
https://meet.example/mutiger-dachs
Passwort: Sonne 7`;
    expect(shared({ 'share-text': text })).toEqual({ url: 'https://meet.example/mutiger-dachs' });
  });

  it('keeps what stands behind it', () => {
    const url = 'https://meet.example/substitute#abc_-0';
    expect(shared({ 'share-url': url })).toEqual({ url });
    const test = 'https://meet.example/test?room=mutiger-dachs';
    expect(shared({ 'share-url': test })).toEqual({ url: test });
  });

  it.each([
    'https://evil.example/mutiger-dachs',
    'https://meet.example.evil.example/mutiger-dachs',
    'https://meet.example@evil.example/mutiger-dachs https://evil.example/',
    'http://meet.example/mutiger-dachs',
    'https://meet.example:8443/mutiger-dachs',
  ])('of another server is not opened: %s', (text) => {
    expect(shared({ 'share-text': text })).toEqual({ problem: 'foreign' });
  });

  it.each(['', 'Mathe um acht', 'javascript:alert(1)', 'https://meet.example/console', 'https://meet.example/'])(
    'is none in: %s',
    (text) => {
      expect(shared({ 'share-text': text })).toEqual({ problem: 'none' });
    },
  );
});

describe('manifest', () => {
  interface Manifest extends Record<string, unknown> {
    icons: { src: string; sizes: string; type: string; purpose: string }[];
    share_target: { action: string; method: string; params: Record<string, string> };
  }
  const file = (name: string): string => `public/${name}`;
  const read = (name: string): Manifest => JSON.parse(readFileSync(file(name), 'utf8')) as Manifest;
  const all = [read('app.webmanifest'), read('app.en.webmanifest')] as const;

  it('in both languages says the same of everything but words', () => {
    const [german, english] = all.map((one) => {
      const words = { name: '', description: '', lang: '' };
      return { ...one, ...words, shortcuts: (one['shortcuts'] as object[]).map((two) => ({ ...two, name: '' })) };
    });
    expect(german).toEqual(english);
    expect(all.map((one) => one['lang'])).toEqual(['de', 'en']);
  });

  it('has what systems ask for, and icons of those sizes', () => {
    const [{ icons, ...rest }] = all;
    expect(rest).toMatchObject({ id: '/', start_url: '/', scope: '/', display: 'standalone', orientation: 'any' });
    for (const { src, sizes, type } of icons.filter((icon) => icon.type === 'image/png')) {
      const bytes = readFileSync(file(src.slice(1)));
      expect(bytes.subarray(1, 4).toString(), src).toBe('PNG');
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, `${src} ${type}`).toBe(sizes);
    }
    expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual(
      expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']),
    );
  });

  it('shares into the parameters that are read here', () => {
    const [{ share_target: target }] = all;
    expect(target).toMatchObject({ action: '/', method: 'GET' });
    for (const name of Object.values(target.params))
      expect(shared({ [name]: 'https://meet.example/mutiger-dachs' })).toHaveProperty('url');
  });
});
