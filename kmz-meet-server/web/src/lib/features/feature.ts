import type { ClientMessage } from '../../generated/ClientMessage';
import type { Participant } from '../../generated/Participant';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Conference } from '../state/conference.svelte';
import type { PanelName } from '../state/ui.svelte';
import type { Memory } from './memory.svelte';

type MessageType = ServerMessage['type'];
export type MessageOf<T extends MessageType> = Extract<ServerMessage, { type: T }>;

/** What the visit around a conference gives to it. */
export interface Visit {
  /** False when there is no connection. */
  readonly say: (message: ClientMessage) => boolean;
  readonly memory: Memory;
  /** The ticket by which this person was sent here. */
  readonly ticket: string | null;
  /** Shows a panel beside the pictures, where a screen is shown. */
  readonly show: (panel: PanelName) => void;
  readonly own: OwnCamera;
}

/** What features do with this person's own camera. None of them turns it on. */
export interface OwnCamera {
  /** While it is held, it stays on and nothing of it is sent. */
  readonly holdCamera: (held: boolean) => void;
  readonly cameraIsOn: () => boolean;
  readonly turnCameraOff: () => void;
}

/** Where there is no camera. */
export const NO_CAMERA: OwnCamera = {
  holdCamera: () => undefined,
  cameraIsOn: () => false,
  turnCameraOff: () => undefined,
};

/** What a feature of the room can reach. */
export interface Room extends Visit {
  /** Who is here, and what the room is like. */
  readonly conference: Conference;
}

/**
 * Something that people do in a room: its state, what it does with messages of the server and tells of them, and its
 * commands as methods. Its components stand beside it. A new one is a folder here and a line in `index.ts`.
 */
export interface Feature {
  readonly receives?: { readonly [T in MessageType]?: (message: MessageOf<T>) => void };
  /** The complete state, at the entry and after every reconnection. */
  reset?(joined: MessageOf<'joined'>): void;
  /** What is known of a person who is here, oneself included, is another now. */
  personChanged?(former: Participant, person: Participant): void;
  /** A person is no longer here. */
  personLeft?(id: string): void;
  /** The room is about to change: `conference.room` is still the former. */
  roomChanged?(former: RoomInfo, now: RoomInfo): void;
}

/** Gives a message to each feature that knows it. */
export function receive(features: Iterable<Feature>, message: ServerMessage): void {
  for (const { receives } of features) {
    const handle = receives?.[message.type] as ((message: ServerMessage) => void) | undefined;
    handle?.(message);
  }
}
