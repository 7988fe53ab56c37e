/**
 * The room's end of `JitsiMeetExternalAPI`: tells the page around what happens, and does what it asks for, through the same
 * actions as the buttons. The page can do nothing that the person could not do; one that is not of the room's own school can
 * do and hear next to nothing (`foreign`).
 */
import type { Meeting } from '../lib/state/meeting.svelte';
import { answersFor } from './answers';
import { commandsFor, type Answer } from './commands';
import { watch } from './events.svelte';
import { anyoneHears, anyoneMayAsk, anyoneMayCommand } from './foreign';
import type { EmbedOptions } from './options';
import { isEnvelope, type Envelope } from './protocol';
import { rootOf } from './root.svelte';

export class EmbedBridge {
  /** The page around; known as soon as it has said hello. */
  private parent: string | null = null;
  private readonly waiting: Envelope[] = [];
  private readonly commands: Record<string, Answer>;
  private readonly answers: Record<string, Answer>;
  private readonly id: number;

  constructor(
    private readonly meeting: Meeting,
    options: EmbedOptions & { id: number },
  ) {
    this.id = options.id;
    this.commands = commandsFor(meeting, options.skipPreJoin);
    this.answers = answersFor(meeting);
    meeting.embedding.onPress = (key) => this.pressed(key, options.buttons);
    addEventListener('message', (event) => this.received(event));
    // Says nothing about anyone, so it may go to whoever frames us; the policy says who can.
    window.parent.postMessage({ kmzMeet: this.id, type: 'ready' } satisfies Envelope, '*');
    rootOf(() => watch(meeting, (name, data) => this.tell(name, data)));
  }

  private received(event: MessageEvent): void {
    if (event.source !== window.parent || !isEnvelope(event.data) || event.data.kmzMeet !== this.id) return;
    if (this.parent !== null && event.origin !== this.parent) return;
    const { type, name, id, data } = event.data;
    if (type === 'hello') {
      this.parent = event.origin;
      this.meeting.embedding.pageAround = event.origin;
      for (const envelope of this.waiting.splice(0)) this.post(envelope);
      return;
    }
    if (this.parent === null || !name) return;
    const args = Array.isArray(data) ? (data as unknown[]) : [];
    const { ownPage } = this.meeting.embedding;
    if (type === 'command' && Object.hasOwn(this.commands, name)) {
      if (ownPage || anyoneMayCommand(name, this.meeting.conference !== null)) void this.commands[name]?.(...args);
      else
        console.warn(
          `kmz-meet: '${name}' does nothing on a page whose origin the room's own school has not registered, or before coming in.`,
        );
    } else if (type === 'request') {
      const answer =
        Object.hasOwn(this.answers, name) && (ownPage || anyoneMayAsk(name)) ? this.answers[name]?.(...args) : null;
      void Promise.resolve(answer).then((data) =>
        this.post({ kmzMeet: this.id, type: 'response', data: data ?? null, ...(id === undefined ? {} : { id }) }),
      );
    }
  }

  private post(envelope: Envelope): void {
    if (this.parent === null) this.waiting.push(envelope);
    else window.parent.postMessage(envelope, this.parent);
  }

  private tell(name: string, data: Record<string, unknown> = {}): void {
    const heard = this.meeting.embedding.ownPage ? data : anyoneHears(name, data);
    if (heard) this.post({ kmzMeet: this.id, type: 'event', name, data: heard });
  }

  /** True when the page does itself what the button is for. */
  private pressed(key: string, buttons: ReadonlyMap<string, boolean>): boolean {
    const preventExecution = buttons.get(key);
    // Another page must not keep anyone from leaving or from turning the microphone off.
    if (preventExecution === undefined || !this.meeting.embedding.ownPage) return false;
    this.tell('toolbarButtonClicked', { key, preventExecution });
    return preventExecution;
  }
}
