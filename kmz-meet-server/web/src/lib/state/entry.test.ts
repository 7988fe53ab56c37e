import { describe, expect, it, vi } from 'vitest';
import { givenName, keepEntry, loadEntry, readEntry, webAddress } from './entry';

const place = (pathname: string, search: string, hash: string) => ({ pathname, search, hash });

describe('an entry', () => {
  it('is read from the fragment, and leaves the address', () => {
    const read = readEntry(
      place(
        '/raum',
        '?lang=de',
        '#ticket=abc&name=Anna+M%C3%BCller&title=Mathe+7b&lang=en&leave=https%3A%2F%2Fmoodle.example%2Fx',
      ),
    );
    expect(read).toEqual({
      // A changed address does not change the return URL.
      entry: { token: 'abc', name: 'Anna Müller', title: 'Mathe 7b', leave: null },
      clean: '/raum?lang=de',
      lang: 'en',
    });
  });

  it('is a Jitsi token in the query', () => {
    const read = readEntry(place('/Room', '?jwt=a.b.c&lang=de', '#config.startWithAudioMuted=true'));
    expect(read?.entry).toEqual({ token: 'a.b.c', name: null, title: null, leave: null });
    expect(read?.clean).toBe('/Room?lang=de#config.startWithAudioMuted=true');
  });

  it('keeps what the server said for a reload', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    });
    const entry = { token: 'abc', name: null, title: 'Mathe 7b', leave: 'https://moodle.example/x' };
    keepEntry('raum', entry);
    expect(loadEntry('raum')).toEqual(entry);
    expect(loadEntry('other')).toBeNull();
    vi.unstubAllGlobals();
  });

  it('is nothing without a token', () => {
    expect(readEntry(place('/raum', '', '#name=Anna&leave=https://a.example'))).toBeNull();
  });

  it('leads back to web pages only', () => {
    expect(webAddress('javascript:alert(1)')).toBeNull();
    expect(webAddress('data:text/html,x')).toBeNull();
    expect(webAddress('/relative')).toBeNull();
    expect(webAddress('http://moodle.example/a?b=c')).toBe('http://moodle.example/a?b=c');
  });
});

describe('a name that came with the link', () => {
  const entry = (name: string | null) => ({ token: 'a.b.c', name, title: null, leave: null });

  it.each([
    ['stands as it is', 'Anna Müller', false, 'Anna Müller'],
    ['stands when it is long: the server cuts it', 'Maria-Magdalena '.repeat(8), false, 'Maria-Magdalena '.repeat(8)],
    ['is typed anew when the server refused it', 'Anna', true, null],
    ['is typed when it is only signs', '🙂🙂', false, null],
    ['is typed when it is empty', '', false, null],
    ['is typed when there is none', null, false, null],
  ])('%s', (_, name, refused, expected) => expect(givenName(entry(name), refused)).toBe(expected));
});
