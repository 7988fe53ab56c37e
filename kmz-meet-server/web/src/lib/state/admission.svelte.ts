import type { ClientMessage } from '../../generated/ClientMessage';
import type { RefusalReason } from '../../generated/RefusalReason';
import { dropSeat, keepName, loadName, loadSeat } from '../signal/seat';
import { keepEntry, type Entry } from './entry';
import { overOf, type Over } from './over';

/** What is known of a visit as the server refuses it. */
interface Refused {
  /** The server has not answered this connection before. */
  readonly first: boolean;
  readonly wasInLobby: boolean;
  readonly wasInside: boolean;
}

/** What a person says to be let in: a name, a password, their seat and their ticket. */
export class Admission {
  /** The name was refused: shown beside the field. */
  badName = $state(false);
  name = '';
  private password: string | null = null;
  /** From an embedding page; what the person types comes before it. */
  private offered: string | null = null;
  /** What the last `join` said: the same password again is no new try. */
  private tried: string | null = null;

  constructor(
    private readonly room: string,
    private readonly entry: Entry | null,
  ) {}

  /** Whether this person has said a name and been on the way in. */
  get named(): boolean {
    return this.name !== '';
  }

  /** Whether there is another password to say than the last time. */
  get hasNewPassword(): boolean {
    return this.tried !== this.password;
  }

  introduce(name: string, password: string | null): void {
    this.name = name;
    this.password = password ?? this.offered;
    keepName(name);
  }

  /** A password that an embedding page knows. */
  offer(password: string): void {
    this.offered = password;
    if (this.named) this.password = password;
  }

  /** The name of before, where this tab has a seat; false where it has none. */
  recallSeat(): boolean {
    const seat = loadSeat(this.room);
    if (seat) this.name = seat.name;
    return seat !== null;
  }

  /** The last name that was said in this tab; false where somebody has to say one first. */
  recallName(): boolean {
    this.name ||= loadSeat(this.room)?.name ?? loadName();
    return this.named || this.entry !== null;
  }

  /** @param room Another platform's name for the room leads to it; its own leads back. */
  joinMessage(room: string): ClientMessage {
    const seat = loadSeat(this.room)?.seat;
    this.tried = this.password;
    return {
      type: 'join',
      room,
      name: this.name,
      ...(this.password ? { password: this.password } : {}),
      ...(seat ? { seat } : {}),
      ...(this.entry ? { token: this.entry.token } : {}),
    };
  }

  /** What a refusal means: another name (`form`), once more without the seat (`again`), or the end. */
  refused(reason: RefusalReason, { first, wasInLobby, wasInside }: Refused): 'form' | 'again' | Over {
    if (reason === 'bad_name') {
      this.badName = true;
      return 'form';
    }
    if (reason === 'bad_seat') {
      const hadSeat = loadSeat(this.room) !== null;
      dropSeat();
      // Nothing lost: in by the name or the ticket, as anyone. A person who was inside before sees why.
      if (hadSeat && first && !wasInside) return 'again';
      // Not the seat but the ticket is too old: only the platform has a new one.
      if (this.entry) {
        keepEntry(this.room, null);
        return 'bad_ticket';
      }
    }
    if (reason === 'pass_ended' || reason === 'card_ended') {
      // This tab may open the room as anybody else's.
      dropSeat();
      keepEntry(this.room, null);
    }
    return overOf(reason, wasInLobby);
  }
}
