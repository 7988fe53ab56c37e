import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatMessage } from '../../generated/ChatMessage';
import type { ServerMessage } from '../../generated/ServerMessage';
import { en } from '../i18n/en';
import { i18n } from '../i18n/index.svelte';
import { plain } from '../i18n/isolate';
import { joinedAmong, person } from '../signal/fakes';
import { peers, settle, setUp, stubBrowser, tracks, joined } from './meeting.fakes';
import { notices } from './notices.svelte';

const paula = person({ id: 'paula', name: 'Paula' });
const stranger = person({ id: 'x', name: 'P4ULA' });

const message = (id: number, from: string, name: string): ChatMessage => ({
  id,
  from,
  name,
  role: 'participant',
  verified: false,
  listed: false,
  typed_name: true,
  text: `text ${id}`,
  at: id,
});

function lesson(role: 'moderator' | 'participant' = 'moderator') {
  const { signal, meeting } = setUp();
  meeting.join('Anna', null);
  signal.tell({
    ...joinedAmong([person({ role }), paula, stranger]),
    chat: [message(1, 'x', 'P4ULA'), message(2, 'paula', 'Paula'), message(3, 'x', 'P4ULA')],
  } as ServerMessage);
  return { signal, meeting, conference: meeting.conference! };
}

const told = (): string[] => notices.list.map(({ text }) => plain(text));

describe('a visit that is moderated', () => {
  beforeEach(() => {
    i18n.language = 'en';
    stubBrowser();
    notices.clear();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('waits in the lobby where a moderator sent it, captures nothing, and comes in again by itself', async () => {
    const { signal, meeting } = setUp();
    meeting.join('Anna', null);
    signal.tell(joined());
    await meeting.setSource('camera', true);
    await settle();
    expect(tracks).toHaveLength(1);
    signal.tell({ type: 'sent_to_lobby' });
    expect([meeting.phase, meeting.sentOut, meeting.conference]).toEqual(['lobby', true, null]);
    expect(tracks[0]?.stopped).toBe(true);
    expect(peers.every(({ closed }) => closed)).toBe(true);
    signal.tell(joined());
    await settle();
    expect([meeting.phase, meeting.conference?.you]).toEqual(['inside', 'me']);
    // Whoever knocks later, after a loss for example, reads what holds then.
    signal.tell({ type: 'lobby' });
    expect(meeting.sentOut).toBe(false);
  });

  it('keeps nothing of deleted messages, and shows new names on earlier ones', () => {
    const { signal, conference } = lesson();
    signal.tell({ type: 'chat_deleted', ids: [1] });
    signal.tell({ type: 'chat_renamed', from: 'x', name: 'Otto' });
    const { chat } = conference.features;
    expect(chat.messages.map(({ name, text, deleted = false }) => [name, text, deleted])).toEqual([
      ['', '', true],
      ['Paula', 'text 2', false],
      ['Otto', 'text 3', false],
    ]);
    chat.delete(3);
    chat.deleteAllOf('x');
    expect(signal.said.slice(-2)).toEqual([
      { type: 'delete_message', id: 3 },
      { type: 'delete_messages_of', participant: 'x' },
    ]);
  });

  it('says kindly that a moderator changed the name, and nothing where it was told apart only', () => {
    const { signal } = lesson('participant');
    signal.tell({ type: 'participant_changed', participant: person({ name: 'Anna (2)' }) });
    expect(told()).toEqual([]);
    signal.tell({ type: 'participant_changed', participant: person({ name: 'Anna Lena', renamed: true }) });
    expect(told()).toEqual([plain(en.notice.renamed('Anna Lena'))]);
    // Others read the list.
    signal.tell({ type: 'participant_changed', participant: { ...paula, name: 'Otto', renamed: true } });
    expect(told()).toHaveLength(1);
  });

  it('points out whose name looks like another one inside, once, to moderators', async () => {
    const alike: ServerMessage = {
      type: 'look_alikes_changed',
      people: [
        { participant: 'x', name: 'Paula', here: true },
        { participant: 'in the lobby', name: 'Paula', here: true },
      ],
    };
    const { signal, conference } = lesson();
    signal.tell(alike);
    signal.tell(alike);
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    expect(told()[0]).toMatch(/P4ULA.*looks like.*Paula/);
    expect(conference.features.lookAlikes.of('x')?.name).toBe('Paula');
    expect(conference.features.lookAlikes.of('in the lobby')).toBeDefined();
    signal.tell({ type: 'look_alikes_changed', people: [] });
    expect(conference.features.lookAlikes.of('x')).toBeUndefined();
    await settle();
    expect(told()).toHaveLength(1);
  });

  it('knows who belongs to the class as soon as a moderator has marked one', () => {
    const { signal, conference } = lesson();
    expect(conference.knowsClass).toBe(false);
    signal.tell({ type: 'participant_changed', participant: { ...paula, marked: true, listed: true } });
    expect(conference.knowsClass).toBe(true);
    conference.features.moderation.mark('paula', false);
    conference.features.moderation.rename('x', 'Otto');
    conference.features.moderation.sendToLobby({ these: ['x'] });
    conference.features.lobby.admit('listed');
    expect(signal.said.slice(-4)).toEqual([
      { type: 'mark', participant: 'paula', marked: false },
      { type: 'rename', participant: 'x', name: 'Otto' },
      { type: 'send_to_lobby', target: { these: ['x'] } },
      { type: 'admit', target: 'listed' },
    ]);
  });
});
