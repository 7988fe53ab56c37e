import { isEnvelope, type Envelope } from '../protocol';
import { Emitter } from './emitter';
import { makeFrame } from './frame';
import { COMMANDS, EVENTS } from './names';
import { addressOf, optionsOf } from './options';

interface Person {
  id: string;
  displayName: string;
}

/** How long the frame may still say goodbye, in milliseconds, before it is taken out of the page. */
const GOODBYE = 500;

let count = 0;

/** One room in a page. */
export class JitsiMeetExternalAPI extends Emitter {
  private readonly id = count++;
  private readonly frame: HTMLIFrameElement;
  private readonly origin: string;
  private readonly requests = new Map<number, { resolve: (value: unknown) => void; reject: (reason: Error) => void }>();
  private readonly waiting: Envelope[] = [];
  private readonly people = new Map<string, Person>();
  private readonly warned = new Set<string>();
  private readonly receive = (event: MessageEvent): void => this.received(event);
  private ready = false;
  private requestCount = 0;
  private myId = '';

  constructor(domain = location.host, ...args: unknown[]) {
    super();
    const options = optionsOf(args);
    const url = addressOf(domain, this.id, options);
    this.origin = url.origin;
    this.frame = makeFrame(this.id, options);
    addEventListener('message', this.receive);
    this.frame.src = url.href;
    (options.parentNode ?? document.body).append(this.frame);
  }

  // --- commands ----------------------------------------------------------------------------------------------------

  executeCommand(name: string, ...args: unknown[]): void {
    // What is meant for one person must not be read by all.
    if (name === 'sendChatMessage' && args[1] !== undefined && args[1] !== null && args[1] !== '')
      this.warn('sendChatMessage to one person');
    else if (COMMANDS.has(name)) this.send({ kmzMeet: this.id, type: 'command', name, data: args });
    else this.warn(name);
  }

  executeCommands(commands: Record<string, unknown>): void {
    for (const [name, args] of Object.entries(commands))
      this.executeCommand(name, ...(Array.isArray(args) ? (args as unknown[]) : [args]));
  }

  /** Takes the room out of the page. Who is inside leaves: the others do not see a lost connection. */
  dispose(): void {
    this.emit('_willDispose');
    removeEventListener('message', this.receive);
    if (this.myId !== '') {
      this.executeCommand('hangup');
      this.frame.style.display = 'none';
      setTimeout(() => this.frame.remove(), GOODBYE);
    } else this.frame.remove();
    this.removeAllListeners();
    for (const request of this.requests.values()) request.reject(new Error('disposed'));
    this.requests.clear();
  }

  // --- functions ---------------------------------------------------------------------------------------------------

  getIFrame(): HTMLIFrameElement {
    return this.frame;
  }

  getNumberOfParticipants(): number {
    return this.people.size;
  }

  getParticipantsInfo(): {
    participantId: string;
    displayName: string;
    formattedDisplayName: string;
    avatarURL: string;
  }[] {
    return [...this.people.values()].map(({ id, displayName }) => ({
      participantId: id,
      displayName,
      formattedDisplayName: id === this.myId ? `${displayName} (me)` : displayName,
      avatarURL: '',
    }));
  }

  getDisplayName(id: string): string | undefined {
    return this.people.get(id)?.displayName;
  }

  getEmail(): undefined {
    return undefined;
  }

  getAvatarURL(): string {
    return '';
  }

  getVideoQuality(): number | undefined {
    return undefined;
  }

  getSupportedCommands(): string[] {
    return [...COMMANDS];
  }

  getSupportedEvents(): string[] {
    return [...EVENTS];
  }

  isParticipantsPaneOpen(): Promise<unknown> {
    return this.ask('isParticipantsPaneOpen');
  }

  getContentSharingParticipants(): Promise<unknown> {
    return this.ask('getContentSharingParticipants');
  }

  getConnectionStats(): Promise<unknown> {
    return this.ask('getConnectionStats');
  }

  isAudioDisabled(): Promise<unknown> {
    return this.ask('isAudioDisabled');
  }

  isDeviceChangeAvailable(type?: string): Promise<unknown> {
    return this.ask('isDeviceChangeAvailable', type);
  }

  setAudioInputDevice(label: string, id?: string): void {
    this.executeCommand('setAudioInputDevice', label, id);
  }

  setAudioOutputDevice(label: string, id?: string): void {
    this.executeCommand('setAudioOutputDevice', label, id);
  }

  setVideoInputDevice(label: string, id?: string): void {
    this.executeCommand('setVideoInputDevice', label, id);
  }

  setLargeVideoParticipant(id?: string): void {
    this.executeCommand('setLargeVideoParticipant', id);
  }

  isAudioMuted(): Promise<unknown> {
    return this.ask('isAudioMuted');
  }

  isVideoMuted(): Promise<unknown> {
    return this.ask('isVideoMuted');
  }

  isAudioAvailable(): Promise<unknown> {
    return this.ask('isAudioAvailable');
  }

  isVideoAvailable(): Promise<unknown> {
    return this.ask('isVideoAvailable');
  }

  isModerationOn(source = 'audio'): Promise<unknown> {
    return this.ask('isModerationOn', source);
  }

  isParticipantForceMuted(id: string, source = 'audio'): Promise<unknown> {
    return this.ask('isParticipantForceMuted', id, source);
  }

  isSharingScreen(): Promise<unknown> {
    return this.ask('isSharingScreen');
  }

  getRoomsInfo(): Promise<unknown> {
    return this.ask('getRoomsInfo');
  }

  getSessionId(): Promise<unknown> {
    return this.ask('getSessionId');
  }

  getAvailableDevices(): Promise<unknown> {
    return this.ask('getAvailableDevices');
  }

  getCurrentDevices(): Promise<unknown> {
    return this.ask('getCurrentDevices');
  }

  isDeviceListAvailable(): Promise<boolean> {
    return Promise.resolve(true);
  }

  isMultipleAudioInputSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }

  pinParticipant(id?: string): void {
    this.executeCommand('pinParticipant', id);
  }

  // -----------------------------------------------------------------------------------------------------------------

  private ask(name: string, ...args: unknown[]): Promise<unknown> {
    const id = this.requestCount++;
    return new Promise((resolve, reject) => {
      this.requests.set(id, { resolve, reject });
      this.send({ kmzMeet: this.id, type: 'request', name, id, data: args });
    });
  }

  private send(envelope: Envelope): void {
    const target = this.frame.contentWindow;
    if (!this.ready) this.waiting.push(envelope);
    else if (envelope.name === 'toggleShareScreen') {
      // Only a click permits sharing; this hands the one on this page over, where the browser knows how.
      try {
        target?.postMessage(envelope, {
          targetOrigin: this.origin,
          delegate: 'display-capture',
        } as WindowPostMessageOptions);
      } catch {
        target?.postMessage(envelope, this.origin);
      }
    } else target?.postMessage(envelope, this.origin);
  }

  private received(event: MessageEvent): void {
    if (event.source !== this.frame.contentWindow || event.origin !== this.origin) return;
    if (!isEnvelope(event.data) || event.data.kmzMeet !== this.id) return;
    const { type, name, id, data } = event.data;
    if (type === 'ready') {
      this.ready = true;
      this.send({ kmzMeet: this.id, type: 'hello' });
      for (const envelope of this.waiting.splice(0)) this.send(envelope);
    } else if (type === 'response' && id !== undefined) {
      this.requests.get(id)?.resolve(data);
      this.requests.delete(id);
    } else if (type === 'event' && name) {
      this.follow(name, data as Record<string, string>);
      this.emit(name, data);
    }
  }

  /** What is asked for at once has to be known here. */
  private follow(name: string, data: Record<string, string>): void {
    const person = (): void => {
      const id = data['id'] ?? '';
      this.people.set(id, { id, displayName: data['displayName'] ?? '' });
    };
    if (name === 'videoConferenceJoined') {
      this.people.clear();
      this.myId = data['id'] ?? '';
      person();
    } else if (name === 'participantJoined') person();
    else if (name === 'participantLeft') this.people.delete(data['id'] ?? '');
    else if (name === 'displayNameChange')
      this.people.set(data['id'] ?? '', { id: data['id'] ?? '', displayName: data['displayname'] ?? '' });
    else if (name === 'videoConferenceLeft') {
      this.people.clear();
      this.myId = '';
    }
  }

  /** Says once for each what does nothing here. */
  warn(name: string): void {
    if (this.warned.has(name)) return;
    this.warned.add(name);
    console.warn(`kmz-meet: '${name}' does nothing here. docs/embedding.md lists what there is.`);
  }
}
