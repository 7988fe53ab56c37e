import { describe, expect, it } from 'vitest';
import { linkify } from './links';

const links = (text: string) => linkify(text).flatMap((piece) => piece.href ?? []);

describe('links in chat', () => {
  it('are found, without the punctuation after them', () => {
    expect(linkify('Siehe https://example.org/a(b). Danke!')).toEqual([
      { text: 'Siehe ' },
      { text: 'https://example.org/a(b)', href: 'https://example.org/a(b)' },
      { text: '. Danke!' },
    ]);
    expect(links('(http://example.org/x)')).toEqual(['http://example.org/x']);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.org',
    'https://school.example@evil.example/',
    'https://',
    '//example.org',
    '<a href="x">',
  ])('%s is no link', (text) => {
    expect(links(text)).toEqual([]);
    expect(linkify(text).map((piece) => piece.text).join('')).toBe(text);
  });

  it('loses no character of the message', () => {
    const text = 'a https://x.example/?q=1&r=2, b\nhttp://y.example! <script>';
    expect(linkify(text).map((piece) => piece.text).join('')).toBe(text);
  });

  it('stays fast on hostile text', () => {
    const text = 'https://' + '('.repeat(1000) + ')'.repeat(990);
    const start = performance.now();
    linkify(text);
    expect(performance.now() - start).toBeLessThan(200);
  });
});
