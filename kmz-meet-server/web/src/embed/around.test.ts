import { afterEach, describe, expect, it, vi } from 'vitest';
import { signalUrl } from '../lib/signal/socket';
import { tabKey } from '../lib/signal/tab';
import { areKnown, pagesAround } from './around';

/** A frame; `ancestors` as browsers other than Firefox tell them, `deep` where the page around is in a frame itself. */
function framed(ancestors: string[] | null, { deep = false, referrer = '' } = {}): void {
  const parent = {};
  vi.stubGlobal('window', { parent, top: deep ? {} : parent });
  vi.stubGlobal('location', ancestors ? { ancestorOrigins: ancestors } : {});
  vi.stubGlobal('document', { referrer });
}

describe('the pages around', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are none in a window of its own', () => {
    const own = { parent: {} };
    own.parent = own;
    vi.stubGlobal('window', own);
    expect([pagesAround(null), areKnown(null), tabKey('seat')]).toEqual([null, true, 'seat']);
  });

  it('are the ones that the browser tells, whatever the page around claims', () => {
    framed(['https://a.example', 'https://b.example'], { deep: true });
    expect(pagesAround('https://c.example')).toEqual(['https://a.example', 'https://b.example']);
  });

  it('are in Firefox the one that sent a message, if it is the outermost page', () => {
    framed(null);
    expect([pagesAround(null), areKnown(null)]).toEqual([[''], false]);
    expect([pagesAround('https://a.example'), areKnown('https://a.example')]).toEqual([['https://a.example'], true]);
    framed(null, { deep: true });
    expect(pagesAround('https://a.example')).toEqual(['']);
  });

  it('are unknown when the browser hides one', () => {
    framed(['null']);
    expect([pagesAround(null), pagesAround('https://a.example')]).toEqual([[''], ['https://a.example']]);
    framed(['https://a.example', 'null'], { deep: true });
    expect(pagesAround('https://a.example')).toEqual(['']);
  });

  it('are sent to the server one by one', () => {
    const page = { protocol: 'https:', host: 'meet.example' };
    expect(signalUrl(page, null)).toBe('wss://meet.example/api/v1/signal');
    expect(signalUrl(page, [''])).toBe('wss://meet.example/api/v1/signal?around=');
    const url = new URL(signalUrl(page, ['https://a.example', 'https://b.example&around=']));
    expect(url.searchParams.getAll('around')).toEqual(['https://a.example', 'https://b.example&around=']);
  });

  it('have separate storage for seats and tickets, so that no page uses those of another', () => {
    const keys = [
      ...[['https://a.example'], ['https://b.example'], ['https://a.example', 'https://b.example']].map(
        (origins) => (framed(origins), tabKey('seat')),
      ),
      ...['https://a.example/page', 'https://b.example/', ''].map(
        (referrer) => (framed(null, { referrer }), tabKey('seat')),
      ),
      'seat',
    ];
    expect(new Set(keys).size).toBe(5);
    expect(keys[0]).toBe(keys[3]);
  });
});
