import type { ClientMessage } from '../../generated/ClientMessage';
import type { ServerMessage } from '../../generated/ServerMessage';
import type { Conference } from '../state/conference.svelte';
import type { Happenings } from '../state/happenings';

type MessageType = ServerMessage['type'];
export type MessageOf<T extends MessageType> = Extract<ServerMessage, { type: T }>;

/** What a feature of the room can reach. */
export interface Room {
  /** Who is here, and what the room is like. */
  readonly conference: Conference;
  /** False when there is no connection. */
  readonly say: (message: ClientMessage) => boolean;
}

/**
 * Something that people do in a room: its state, what it does with messages of the server, and its commands as methods.
 * Its components stand beside it. A new one is a folder here and a line in `index.ts`.
 */
export interface Feature {
  /** `tell` puts into words what others should hear of. */
  readonly receives: { readonly [T in MessageType]?: (message: MessageOf<T>, tell: Happenings) => void };
  /** The complete state, at the entry and after every reconnection. */
  reset?(joined: MessageOf<'joined'>): void;
}

/** Gives a message to each feature that knows it. */
export function receive(features: Iterable<Feature>, message: ServerMessage, tell: Happenings): void {
  for (const { receives } of features) {
    const handle = receives[message.type] as ((message: ServerMessage, tell: Happenings) => void) | undefined;
    handle?.(message, tell);
  }
}
