/**
 * What the page around a room and the room in its frame say to each other. Both ends are ours: other pages only see the
 * class `JitsiMeetExternalAPI`. Nothing personal is said before the frame knows the origin of the page.
 */
export interface Envelope {
  /** Tells our messages from others', and rooms in one page from each other. */
  kmzMeet: number;
  type: 'ready' | 'hello' | 'event' | 'command' | 'request' | 'response';
  name?: string;
  /** Ties a response to its request. */
  id?: number;
  data?: unknown;
}

export function isEnvelope(value: unknown): value is Envelope {
  const envelope = value as Partial<Envelope> | null;
  return (
    typeof envelope === 'object' &&
    envelope !== null &&
    typeof envelope.kmzMeet === 'number' &&
    typeof envelope.type === 'string'
  );
}
