import type { SessionUser } from '../../generated/api';
import { pause } from '../signal/backoff';
import { forgetPerson } from '../signal/seat';
import { keepEntry } from '../state/entry';
import { ApiError, call } from './http';

/** Why it is not known yet who is signed in. */
export type Trouble = 'unreachable' | 'busy';

/** What signing in still needs: a code, or that a second factor is set up. */
export interface Step {
  kind: string;
  token: string;
  /** With which a code can be given: `app`, `passkey`. */
  factors: string[];
}

/** Pauses between two questions, in milliseconds: they grow up to the first, and a busy server may ask for the second. */
const MAX_PAUSE = 30_000;
const MAX_WISH = 120_000;
/** So often it is asked again, some minutes long; after that only who wants it asks. */
const TRIES = 15;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether it may pass by itself. Everything else is an answer: this browser is not signed in. */
function troubleIn(error: unknown): Trouble | null {
  // No answer of our server at all: for example the page of a Wi-Fi that wants a sign-in first.
  if (!(error instanceof ApiError) || error.status === 0) return 'unreachable';
  if (error.status === 429 || error.status === 503) return 'busy';
  return error.status >= 500 ? 'unreachable' : null;
}

/** Who is signed in at this browser. The session itself is a cookie that no script can read. */
class Session {
  user = $state.raw<SessionUser | null>(null);
  /** False until the server has answered once. */
  known = $state(false);
  /** The server does not answer who is signed in. */
  trouble = $state<Trouble | null>(null);
  /** It is asked again by itself. */
  trying = $state(false);
  /** Where signing out goes on, for who signed in by a provider. */
  private after: string | null = null;
  private turn = 0;

  /** Asks the server, again and again where it cannot answer. Guests need no session, so nobody waits for it. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    this.trying = true;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.ask();
      // Someone signed in or out meanwhile, or asked anew.
      if (turn !== this.turn) return;
      if (answer.trouble === null) {
        this.is(answer.user, answer.next);
        return;
      }
      this.trouble = answer.trouble;
      if (attempt >= TRIES) break;
      await sleep(Math.max(pause(attempt + 1, Math.random, MAX_PAUSE), Math.min(answer.after * 1_000, MAX_WISH)));
      if (turn !== this.turn) return;
    }
    this.trying = false;
  }

  /** Asks at once, if it is not known. */
  again(): void {
    if (!this.known) void this.load();
  }

  /** Gives what is still needed, if the password alone is not enough. */
  async signIn(username: string, password: string): Promise<Step | null> {
    const { user, step, step_token, factors } = await call('post', '/api/v1/session', { body: { username, password } });
    if (step) return { kind: step, token: step_token ?? '', factors: factors ?? [] };
    this.is(user ?? null);
    return null;
  }

  /** The second step, by a code. */
  async finish(token: string, code: string): Promise<void> {
    this.is((await call('post', '/api/v1/session/code', { body: { step_token: token, code } })).user ?? null);
  }

  /** The next person at this tab is someone else: neither seat nor ticket nor name stays for them. Gives the page on which
   * it goes on: at the provider by which somebody signed in they are still known. */
  async signOut(): Promise<string | null> {
    const { after } = this;
    forgetPerson();
    keepEntry('', null);
    await call('delete', '/api/v1/session').catch((error: unknown) => {
      // Whoever is not signed in any more is signed out.
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    });
    this.is(null);
    return after;
  }

  private async ask(): Promise<{
    user: SessionUser | null;
    next: string | null;
    trouble: Trouble | null;
    after: number;
  }> {
    try {
      const { user, sign_out_path: next } = await call('get', '/api/v1/session');
      return { user: user ?? null, next: next ?? null, trouble: null, after: 0 };
    } catch (error) {
      const after = error instanceof ApiError ? error.retryAfter : 0;
      return { user: null, next: null, trouble: troubleIn(error), after };
    }
  }

  private is(user: SessionUser | null, after: string | null = null): void {
    this.turn += 1;
    this.user = user;
    this.after = after;
    this.known = true;
    this.trouble = null;
    this.trying = false;
  }
}

export const session = new Session();
