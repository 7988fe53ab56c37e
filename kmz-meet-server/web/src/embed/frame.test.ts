import { afterEach, describe, expect, it, vi } from 'vitest';
import { frameAllows, framePermission, ownWindow } from './frame';

/** A page in a frame; `allowed` is what Chromium reports, and undefined when the browser does not report it. */
function framed(allowed?: string[], hash = ''): void {
  vi.stubGlobal('window', { parent: {} });
  vi.stubGlobal('location', { hash });
  vi.stubGlobal(
    'document',
    allowed ? { featurePolicy: { allowsFeature: (name: string) => allowed.includes(name) } } : {},
  );
}

describe('the page around', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is absent in a window of its own', () => {
    const own = { parent: {} };
    own.parent = own;
    vi.stubGlobal('window', own);
    expect(framePermission('camera')).toBe('yes');
  });

  it('tells what it permits when the browser reports it', () => {
    framed(['camera', 'microphone']);
    expect([framePermission('camera'), framePermission('display-capture')]).toEqual(['yes', 'no']);
    expect(frameAllows('display-capture')).toBe(false);
  });

  it('is unknown in Firefox unless our own script made the frame', () => {
    framed();
    expect(framePermission('display-capture')).toBe('unknown');
    expect(frameAllows('display-capture')).toBe(true);
    framed(undefined, '#jitsi_meet_external_api_id=0');
    expect(framePermission('display-capture')).toBe('yes');
  });
});

describe('a window of its own', () => {
  it('is the plain link without a ticket', () => {
    expect(ownWindow('mutiger dachs', null, 'de')).toBe('/mutiger%20dachs?lang=de');
  });

  it('carries the ticket in the fragment only', () => {
    const link = new URL(
      ownWindow('r', { token: 'a.b.c', name: 'Anna' } as Parameters<typeof ownWindow>[1] & object, 'en'),
      'https://x.example',
    );
    expect([link.pathname, link.search, new URLSearchParams(link.hash.slice(1)).get('ticket')]).toEqual([
      '/r',
      '',
      'a.b.c',
    ]);
  });
});
