import { forgetPerson } from '../signal/seat';
import { keepEntry } from '../state/entry';
import { call } from './http';

export interface User {
  id: string;
  name: string;
  username: string;
  role: string;
  school: { id: string; name: string } | null;
}

/** Who is signed in at this browser. The session itself is a cookie that no script can read. */
class Session {
  user = $state.raw<User | null>(null);
  /** False until the server was asked once. */
  known = $state(false);

  async load(): Promise<void> {
    try {
      this.user = (await call<{ user: User | null }>('GET', '/session')).user;
    } catch {
      this.user = null; // guests need none of it; the sign-in form shows what is wrong
    } finally {
      this.known = true;
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    this.user = (await call<{ user: User | null }>('POST', '/session', { username, password })).user;
  }

  /** The next person at this tab is someone else: neither seat nor ticket nor name stays for them. */
  async signOut(): Promise<void> {
    forgetPerson();
    keepEntry('', null);
    await call('DELETE', '/session');
    this.user = null;
  }
}

export const session = new Session();
