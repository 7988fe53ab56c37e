/**
 * `/external_api.js`: the class `JitsiMeetExternalAPI`, so that pages that embed a Jitsi room embed ours by changing the
 * host. What we do not have (recording, streaming, avatars) is accepted, does nothing, and says so once in the console.
 */
import { isEnvelope, type Envelope } from './protocol';

type Listener = (data: unknown) => void;

interface Options {
  roomName?: string;
  width?: number | string;
  height?: number | string;
  parentNode?: Element | null;
  configOverwrite?: Record<string, unknown>;
  interfaceConfigOverwrite?: Record<string, unknown>;
  jwt?: string;
  lang?: string;
  onload?: (event: Event) => void;
  userInfo?: { displayName?: string; email?: string };
  sandbox?: string;
}

interface Person {
  id: string;
  displayName: string;
}

const COMMANDS = new Set([
  'displayName',
  'password',
  'toggleLobby',
  'toggleAudio',
  'toggleVideo',
  'muteEveryone',
  'toggleChat',
  'toggleParticipantsPane',
  'toggleRaiseHand',
  'toggleShareScreen',
  'toggleTileView',
  'setTileView',
  'setParticipantsPane',
  'sendChatMessage',
  'hangup',
  'endConference',
  'kickParticipant',
  'pinParticipant',
  'setLargeVideoParticipant',
  'subject',
  'localSubject',
  'grantModerator',
  'revokeModerator',
  'answerKnockingParticipant',
  'askToUnmute',
  'muteParticipant',
  'muteRemoteParticipant',
  'approveVideo',
  'rejectParticipant',
  'toggleModeration',
  'setAudioInputDevice',
  'setAudioOutputDevice',
  'setVideoInputDevice',
]);
const EVENTS = [
  'audioMuteStatusChanged',
  'cameraError',
  'chatUpdated',
  'contentSharingParticipantsChanged',
  'deviceListChanged',
  'displayNameChange',
  'dominantSpeakerChanged',
  'errorOccurred',
  'incomingMessage',
  'knockingParticipant',
  'micError',
  'moderationStatusChanged',
  'outgoingMessage',
  'participantJoined',
  'participantKickedOut',
  'participantLeft',
  'participantMuted',
  'participantRoleChanged',
  'participantsPaneToggled',
  'passwordRequired',
  'raiseHandUpdated',
  'readyToClose',
  'screenSharingStatusChanged',
  'subjectChange',
  'tileViewChanged',
  'toolbarButtonClicked',
  'videoConferenceJoined',
  'videoConferenceLeft',
  'videoMuteStatusChanged',
];
const ALLOW =
  'autoplay; camera; clipboard-write; compute-pressure; display-capture; fullscreen; hid; microphone; screen-wake-lock; speaker-selection';

/** How long the frame may still say goodbye, in milliseconds, before it is taken out of the page. */
const GOODBYE = 500;

let count = 0;
// The address of this very file: over plain http only where the page's own script came that way (one machine, for trying).
const own = (document.currentScript as HTMLScriptElement | null)?.src ?? '';

function size(value: number | string | undefined): string {
  if (value === undefined) return '100%';
  return typeof value === 'number' || /^\d+$/.test(value) ? `${value}px` : value;
}

function schemeFor(domain: string): string {
  try {
    const script = new URL(own);
    if (script.protocol === 'http:' && domain.split('/')[0] === script.host) return 'http:';
  } catch {
    // Loaded in some other way: https it is.
  }
  return 'https:';
}

function fragmentOf(id: number, options: Options): string {
  const parts = [`jitsi_meet_external_api_id=${id}`];
  const add = (prefix: string, values: Record<string, unknown> | undefined): void => {
    for (const [key, value] of Object.entries(values ?? {})) {
      if (value !== undefined) parts.push(`${prefix}.${key}=${encodeURIComponent(JSON.stringify(value))}`);
    }
  };
  add('config', options.configOverwrite);
  add('interfaceConfig', options.interfaceConfigOverwrite);
  add('userInfo', options.userInfo);
  return parts.join('&');
}

/** The old form had its arguments one after the other. */
function optionsOf(args: unknown[]): Options {
  const [first] = args;
  if (typeof first === 'object' && first !== null) return first;
  const [roomName, width, height, parentNode, configOverwrite, interfaceConfigOverwrite, , jwt, onload] = args;
  return { roomName, width, height, parentNode, configOverwrite, interfaceConfigOverwrite, jwt, onload } as Options;
}

class JitsiMeetExternalAPI {
  private readonly id = count++;
  private readonly frame: HTMLIFrameElement;
  private readonly origin: string;
  private readonly known = new Map<string, Set<Listener>>();
  private readonly requests = new Map<number, { resolve: (value: unknown) => void; reject: (reason: Error) => void }>();
  private readonly waiting: Envelope[] = [];
  private readonly people = new Map<string, Person>();
  private readonly warned = new Set<string>();
  private readonly receive = (event: MessageEvent): void => this.received(event);
  private ready = false;
  private requestCount = 0;
  private myId = '';

  constructor(domain = location.host, ...args: unknown[]) {
    const options = optionsOf(args);
    const url = new URL(
      `${schemeFor(domain)}//${domain}/${(options.roomName ?? '').split('/').map(encodeURIComponent).join('/')}`,
    );
    if (options.jwt) url.searchParams.set('jwt', options.jwt);
    if (options.lang) url.searchParams.set('lang', options.lang);
    url.hash = fragmentOf(this.id, options);
    this.origin = url.origin;

    this.frame = document.createElement('iframe');
    this.frame.allow = ALLOW;
    this.frame.allowFullscreen = true;
    this.frame.name = `jitsiConferenceFrame${this.id}`;
    this.frame.id = this.frame.name;
    this.frame.title = options.roomName ?? 'Video';
    this.frame.style.border = '0';
    this.frame.style.width = size(options.width);
    this.frame.style.height = size(options.height);
    if (options.sandbox) this.frame.setAttribute('sandbox', options.sandbox);
    if (options.onload) this.frame.addEventListener('load', options.onload);
    addEventListener('message', this.receive);
    this.frame.src = url.href;
    (options.parentNode ?? document.body).append(this.frame);
  }

  // --- events ------------------------------------------------------------------------------------------------------

  addListener(name: string, listener: Listener): this {
    const those = this.known.get(name) ?? new Set();
    those.add(listener);
    this.known.set(name, those);
    return this;
  }

  on(name: string, listener: Listener): this {
    return this.addListener(name, listener);
  }

  once(name: string, listener: Listener): this {
    const first: Listener = (data) => {
      this.removeListener(name, first);
      listener(data);
    };
    return this.addListener(name, first);
  }

  listeners(name: string): Listener[] {
    return [...(this.known.get(name) ?? [])];
  }

  listenerCount(name: string): number {
    return this.known.get(name)?.size ?? 0;
  }

  eventNames(): string[] {
    return [...this.known.keys()].filter((name) => this.listenerCount(name) > 0);
  }

  addEventListener(name: string, listener: Listener): void {
    this.addListener(name, listener);
  }

  addEventListeners(listeners: Record<string, Listener>): void {
    for (const [name, listener] of Object.entries(listeners)) this.addListener(name, listener);
  }

  removeListener(name: string, listener: Listener): this {
    this.known.get(name)?.delete(listener);
    return this;
  }

  off(name: string, listener: Listener): this {
    return this.removeListener(name, listener);
  }

  removeAllListeners(name?: string): this {
    if (name === undefined) this.known.clear();
    else this.known.delete(name);
    return this;
  }

  removeEventListener(name: string): void {
    this.removeAllListeners(name);
  }

  removeEventListeners(names: string[]): void {
    for (const name of names) this.removeAllListeners(name);
  }

  emit(name: string, data?: unknown): boolean {
    const those = this.listeners(name);
    for (const listener of those) listener(data);
    return those.length > 0;
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
    this.known.clear();
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

/** What Jitsi has and we have not: there, so that pages do not break, with the answer that is true here. */
const ABSENT: Record<string, unknown> = {
  startRecording: undefined,
  stopRecording: undefined,
  resizeLargeVideo: undefined,
  setVirtualBackground: undefined,
  isVisitor: false,
};
for (const name of [
  'invite',
  'getDeploymentInfo',
  'getLivestreamUrl',
  'getSharedDocumentUrl',
  'captureLargeVideoScreenshot',
  'captureCameraPicture',
]) {
  ABSENT[name] = Promise.resolve(undefined);
}
for (const name of ['isP2pActive', 'isStartSilent']) ABSENT[name] = Promise.resolve(false);
ABSENT['listBreakoutRooms'] = Promise.resolve({});
for (const [name, answer] of Object.entries(ABSENT)) {
  Object.defineProperty(JitsiMeetExternalAPI.prototype, name, {
    value(this: JitsiMeetExternalAPI) {
      this.warn(name);
      return answer;
    },
  });
}

(globalThis as unknown as Record<string, unknown>)['JitsiMeetExternalAPI'] = JitsiMeetExternalAPI;
