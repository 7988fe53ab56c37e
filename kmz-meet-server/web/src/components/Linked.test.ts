// @vitest-environment node
import { render } from 'svelte/server';
import { expect, it } from 'vitest';
import { linking } from '../lib/state/linking.svelte';
import { attributes, shown } from '../testing/rendered';
import Linked from './Linked.svelte';

const html = (text: string): string => render(Linked, { props: { text } }).body;

it('shows plain text until the finder of links is loaded', async () => {
  expect(html('https://a.example')).not.toContain('<a');
  await linking.load();
  expect(html('https://a.example')).toContain('<a');
});

it('makes links of addresses, which open in a new tab without a referrer', () => {
  const page = html('Plan: https://padlet.example/7b?a=1&b=2", Frage an mail@a.example');
  expect(attributes(page, 'href')).toEqual(['https://padlet.example/7b?a=1&b=2']);
  expect(attributes(page, 'target', 'rel')).toEqual(['_blank', 'noopener noreferrer nofollow']);
});

it.each([
  '<a href="https://evil.example">hier</a>',
  '<b>fett</b><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<style>*{display:none}</style>',
  '&lt;b&gt; &amp;Uuml;',
  '[hier](javascript:alert(1)) javascript:alert(1) data:text/html,x',
  '{@html "<b>x</b>"}',
])('%s stays text', (text) => {
  const page = html(text);
  const tags = [...page.replace(/<!--.*?-->/gs, '').matchAll(/<\/?(\w+)/g)].map((match) => match[1]);
  expect(tags.filter((tag) => tag !== 'a')).toEqual([]);
  expect(attributes(page, 'href').filter((href) => !href.startsWith('https://evil.example'))).toEqual([]);
  expect(
    shown(page)
      .map((one) => one.text)
      .join(''),
  ).toBe(text);
});
