import { describe, expect, it } from 'vitest';
import { readOptions } from './options';
import { isEnvelope } from './protocol';

const encode = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

const NOTHING = { id: null, displayName: null, skipPreJoin: false, language: null, subject: null, buttons: new Map() };

describe('the fragment of an embedding page', () => {
  it('is read as Jitsi writes it', () => {
    const hash = `#jitsi_meet_external_api_id=3&config.prejoinPageEnabled=false&userInfo.displayName=${encode('Frau Müller')}&config.defaultLanguage=${encode('de')}`;
    expect(readOptions(hash)).toEqual({
      ...NOTHING,
      id: 3,
      displayName: 'Frau Müller',
      skipPreJoin: true,
      language: 'de',
    });
    expect(
      readOptions(`#jitsi_meet_external_api_id=0&config.prejoinConfig=${encode({ enabled: false })}`).skipPreJoin,
    ).toBe(true);
  });

  it('is nothing without an id, and takes only text as a name', () => {
    expect(readOptions('')).toEqual(NOTHING);
    expect(readOptions('#jitsi_meet_external_api_id=x&userInfo.displayName=%7B%7D').id).toBeNull();
    expect(readOptions('#jitsi_meet_external_api_id=1&userInfo.displayName=%7B%7D').displayName).toBeNull();
  });
});

describe('the texts and buttons of an embedding page', () => {
  it('are text, and names of buttons', () => {
    const buttons = encode([
      'camera',
      { key: '__end', preventExecution: true },
      { key: 'chat', preventExecution: false },
      null,
      3,
      '',
    ]);
    const options = readOptions(`#config.subject=${encode(' Mathe\n7b ')}&config.buttonsWithNotifyClick=${buttons}`);
    expect(options.subject).toBe('Mathe 7b');
    expect([...options.buttons]).toEqual([
      ['camera', false],
      ['__end', true],
      ['chat', false],
    ]);
    expect(readOptions(`#config.subject=${encode('a')}&config.localSubject=${encode('b')}`).subject).toBe('b');
  });
});

describe('messages of other pages', () => {
  it('are ignored', () => {
    for (const other of [null, 'x', 1, {}, { kmzMeet: '1', type: 'x' }, { type: 'event' }])
      expect(isEnvelope(other)).toBe(false);
    expect(isEnvelope({ kmzMeet: 1, type: 'hello' })).toBe(true);
  });
});
