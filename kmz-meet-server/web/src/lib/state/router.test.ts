import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressOf, roomNameFrom, router, routeOf, safeNext } from './router.svelte';

describe('routes', () => {
  it('know the screens, and take everything else as a room', () => {
    expect(routeOf('/', '')).toEqual({ screen: 'home' });
    expect(routeOf('/sign-in/', '?next=%2Fmutiger-dachs')).toEqual({ screen: 'sign-in', next: '/mutiger-dachs' });
    expect(routeOf('/check', '')).toEqual({ screen: 'check' });
    expect(routeOf('/account', '')).toEqual({ screen: 'account' });
    expect(routeOf('/password', '')).toEqual({ screen: 'password', token: null });
    expect(routeOf('/confirm-address/', '')).toEqual({ screen: 'confirm-address', token: null });
    expect(routeOf('/Request', '')).toEqual({ screen: 'request', token: null });
    expect(routeOf('/password/x', '')).toEqual({ screen: 'nothing' });
    const test = { screen: 'test', code: null, note: false, room: null };
    expect(routeOf('/test', '')).toEqual(test);
    expect(routeOf('/test/', '?room=mutiger-dachs')).toEqual({ ...test, room: 'mutiger-dachs' });
    expect(routeOf('/test/bcdf-ghjk', '')).toEqual({ ...test, code: 'bcdf-ghjk' });
    expect(routeOf('/test/note', '?code=BCDFGHJK')).toEqual({ ...test, code: 'BCDFGHJK', note: true });
    expect(routeOf('/mutiger-dachs', '')).toEqual({ screen: 'room', name: 'mutiger-dachs' });
    expect(routeOf('/%E0%A4%A', '')).toEqual({ screen: 'room', name: '%E0%A4%A' });
  });

  it.each(['/rooms/', '/rooms//', '/Rooms', '/check/', '/sign-in///', '/', '//', '/index.html'])(
    'of ours may be written with slashes: %s',
    (path) => {
      expect(routeOf(path, '').screen).toBe(
        ({ rooms: 'rooms', check: 'check', 'sign-in': 'sign-in' } as Record<string, string>)[
          path.replace(/\//g, '').toLowerCase()
        ] ?? 'home',
      );
    },
  );

  it.each([
    '/lti/',
    '/lti/launch',
    '/api/docs/',
    '/API',
    '/bigbluebutton/',
    '/metrics',
    '/nope/nope',
    '/rooms/mine',
    '/test/a/b',
    '/sign-in/x',
    '/assets',
    '/demo/mail',
    '/demo',
    '/a/b/c',
    '/%20',
  ])('know that there is nothing at %s', (path) => expect(routeOf(path, '')).toEqual({ screen: 'nothing' }));

  it('lead to a room below a tenant only in a frame or with a token', () => {
    expect(routeOf('/schule-a/Mathe%20Übung', '', () => true)).toEqual({ screen: 'room', name: 'Mathe Übung' });
    expect(routeOf('/lti/mutiger-dachs', '', () => true)).toEqual({ screen: 'nothing' });
    expect(routeOf('/mutiger-dachs/', '')).toEqual({ screen: 'room', name: 'mutiger-dachs' });
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:x', '', null])(
    'never lead away after signing in: %s',
    (next) => expect(safeNext(next)).toBe('/rooms'),
  );
});

describe('the room field', () => {
  it.each([
    ['mutiger-dachs', 'mutiger-dachs'],
    ['  mutiger dachs ', 'mutiger-dachs'],
    ['https://meet.example/mutiger-dachs?lang=de', 'mutiger-dachs'],
    ['/mutiger-dachs', 'mutiger-dachs'],
    ['', ''],
    ['Link: http://meet.example/mutiger-dachs', 'mutiger-dachs'],
    ['Link:https://meet.example/mutiger-dachs', 'mutiger-dachs'],
    ['Einladung zur Videokonferenz https://meet.example/mutiger-dachs Passwort: Sonne 7', 'mutiger-dachs'],
    ['„https://meet.example/mutiger-dachs“.', 'mutiger-dachs'],
    ['<https://meet.example/mutiger-dachs>', 'mutiger-dachs'],
    ['https://meet.example/mutiger-dachs).', 'mutiger-dachs'],
    ['https://meet.example/schule-a/mutiger-dachs/', 'mutiger-dachs'],
    ['meet.example/mutiger-dachs', 'mutiger-dachs'],
    ['HTTPS://MEET.EXAMPLE/Mathe%20%C3%9Cbung', 'Mathe Übung'],
    ['https://meet.example', ''],
    ['https://meet.example/?lang=de', ''],
    ['/room,', 'room'],
    ['"mutiger-dachs"!', 'mutiger-dachs'],
    ['Raum: mutiger dachs', 'mutiger-dachs'],
    ['mutiger-dachs?lang=de', 'mutiger-dachs'],
    ['мутигер дахс.', 'мутигер-дахс'],
    ['...', ''],
  ])('%s', (input, expected) => expect(roomNameFrom(input)).toBe(expected));
});

describe('tokens of one-time links', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(['password', 'confirm-address', 'request', 'substitute', 'card'])(
    'leave the address bar at once: /%s',
    (page) => {
      const replaceState = vi.fn();
      vi.stubGlobal('location', new URL(`https://meet.example/${page}?lang=en#abc-_1`));
      vi.stubGlobal('history', { replaceState });
      vi.stubGlobal('addEventListener', () => undefined);
      router.start();
      expect(router.route).toEqual({ screen: page, token: 'abc-_1' });
      expect(replaceState).toHaveBeenCalledExactlyOnceWith(null, '', `/${page}?lang=en`);
    },
  );

  it.each([
    ['/request?lang=en', { screen: 'request', token: 'a b#1' }, '/request?lang=en#a%20b%231'],
    ['/request?lang=en', { screen: 'request', token: null }, '/request?lang=en'],
    ['/mutiger-dachs#config.x=1', { screen: 'room', name: 'mutiger-dachs' }, '/mutiger-dachs#config.x=1'],
  ] as const)('are in the address by which a page is loaded again: %s', (address, route, again) =>
    expect(addressOf(route, new URL(address, 'https://meet.example'))).toBe(again),
  );

  it('are of no other page', () => {
    const replaceState = vi.fn();
    vi.stubGlobal('location', new URL('https://meet.example/mutiger-dachs#config.x=1'));
    vi.stubGlobal('history', { replaceState });
    vi.stubGlobal('addEventListener', () => undefined);
    router.start();
    expect(router.route).toEqual({ screen: 'room', name: 'mutiger-dachs' });
    expect(replaceState).not.toHaveBeenCalled();
  });
});
