import { describe, expect, it } from 'vitest';
import { readOptions } from './options';
import { isEnvelope } from './protocol';

const encode = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

describe('the fragment of an embedding page', () => {
  it('is read as Jitsi writes it', () => {
    const hash = `#jitsi_meet_external_api_id=3&config.prejoinPageEnabled=false&userInfo.displayName=${encode('Frau Müller')}&config.defaultLanguage=${encode('de')}`;
    expect(readOptions(hash)).toEqual({ id: 3, displayName: 'Frau Müller', skipPreJoin: true, language: 'de' });
    expect(readOptions(`#jitsi_meet_external_api_id=0&config.prejoinConfig=${encode({ enabled: false })}`).skipPreJoin).toBe(true);
  });

  it('is nothing without an id, and nothing that is no text becomes a name', () => {
    expect(readOptions('')).toEqual({ id: null, displayName: null, skipPreJoin: false, language: null });
    expect(readOptions('#jitsi_meet_external_api_id=x&userInfo.displayName=%7B%7D').id).toBeNull();
    expect(readOptions('#jitsi_meet_external_api_id=1&userInfo.displayName=%7B%7D').displayName).toBeNull();
  });
});

describe('messages of other pages', () => {
  it('are not ours', () => {
    for (const other of [null, 'x', 1, {}, { kmzMeet: '1', type: 'x' }, { type: 'event' }]) expect(isEnvelope(other)).toBe(false);
    expect(isEnvelope({ kmzMeet: 1, type: 'hello' })).toBe(true);
  });
});
