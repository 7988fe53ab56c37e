import type { ChatMessage } from '../../../generated/ChatMessage';
import { spokenName } from '../../state/marks';
import { notices } from '../../state/notices.svelte';
import type { Feature, MessageOf, Room } from '../feature';

/** What people write to each other. */
export class Chat implements Feature {
  messages = $state.raw<ChatMessage[]>([]);
  /** Messages that came while the chat was not open. */
  unread = $state(0);
  /** What is written and not sent yet: it outlives the panel and a lost connection. */
  draft = $state('');

  readonly receives: Feature['receives'] = {
    chat: ({ message }) => {
      this.announce(message);
      this.add(message);
    },
    chat_deleted: ({ ids }) => {
      this.messages = this.messages.map((one) =>
        ids.includes(one.id) ? { ...one, deleted: true, name: '', text: '' } : one,
      );
    },
    chat_renamed: ({ from, name }) => {
      this.messages = this.messages.map((one) =>
        one.from === from && !one.deleted ? { ...one, name, typed_name: false } : one,
      );
    },
    // Who was held when they came in is given the messages when they are released.
    chat_shown: ({ messages }) => {
      this.messages = messages;
    },
  };

  constructor(private readonly room: Room) {}

  reset({ chat }: MessageOf<'joined'>): void {
    const known = this.messages.at(-1)?.id ?? null;
    if (known !== null) this.unread += chat.filter((message) => message.id > known).length;
    this.messages = chat;
  }

  send(text: string): boolean {
    return this.room.say({ type: 'send_chat', text });
  }

  delete(id: number): boolean {
    return this.room.say({ type: 'delete_message', id });
  }

  deleteAllOf(participant: string): boolean {
    return this.room.say({ type: 'delete_messages_of', participant });
  }

  private announce(message: ChatMessage): void {
    const { conference } = this.room;
    if (message.from === conference.you || conference.held) return;
    notices.announce('message', spokenName(message.name, conference.marksInChat(message)));
  }

  private add(message: ChatMessage): void {
    if (this.messages.some((known) => known.id === message.id)) return;
    this.messages = [...this.messages, message];
    // The open chat sets this to 0 again.
    if (message.from !== this.room.conference.you) this.unread += 1;
  }
}
