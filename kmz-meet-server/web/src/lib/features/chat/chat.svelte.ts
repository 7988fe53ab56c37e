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

  private announce(message: ChatMessage): void {
    const { conference } = this.room;
    if (message.from === conference.you) return;
    notices.announce('message', spokenName(message.name, conference.marksInChat(message)));
  }

  private add(message: ChatMessage): void {
    if (this.messages.some((known) => known.id === message.id)) return;
    this.messages = [...this.messages, message];
    // The open chat sets this to 0 again.
    if (message.from !== this.room.conference.you) this.unread += 1;
  }
}
