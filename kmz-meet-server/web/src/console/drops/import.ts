/** The import of lists, as the pages of sealed drops use it. */
import { ApiError, ask } from '../../lib/api/http';
import type { PlainFile } from '../../lib/sealed/seal';

/** What the dry run says of the rows of a list. */
export const VERDICTS = ['new', 'known', 'duplicate', 'wrong_domain', 'unreadable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A list that was checked. Nothing was made of it. */
export interface Checked {
  id: string;
  verdicts: Partial<Record<Verdict, number>>;
}

/** A workbook that only a password opens. */
export class PasswordNeeded extends Error {
  constructor(readonly wasWrong: boolean) {
    super('a password is needed');
  }
}

/** What becomes of a list that was opened. */
export interface Importer {
  /**
   * Sends a list to the dry run: here, and nowhere else, it leaves the browser.
   *
   * @throws {PasswordNeeded}
   */
  check(school: string, file: PlainFile, password: string | null): Promise<Checked>;
  /** Makes the accounts of those rows that are new. */
  confirm(school: string, id: string): Promise<void>;
  /** Deletes what is known of the list. */
  discard(school: string, id: string): Promise<void>;
}

const path = (school: string, rest = ''): string =>
  `/api/v1/schools/${encodeURIComponent(school)}/teacher-imports${rest && `/${encodeURIComponent(rest)}`}`;

export const importer: Importer = {
  async check(school, file, password) {
    const headers = {
      'content-type': 'application/octet-stream',
      ...(password === null ? {} : { 'list-password': encodeURIComponent(password) }),
    };
    try {
      const answer = await ask(path(school), { method: 'POST', headers, body: file.bytes });
      return (await answer.json()) as Checked;
    } catch (error) {
      const reason = error instanceof ApiError && error.code === 'unreadable_list' ? error.body['reason'] : null;
      if (reason === 'password_needed' || reason === 'wrong_password')
        throw new PasswordNeeded(reason === 'wrong_password');
      throw error;
    }
  },
  async confirm(school, id) {
    await ask(`${path(school, id)}/confirm`, { method: 'POST' });
  },
  async discard(school, id) {
    await ask(path(school, id), { method: 'DELETE' });
  },
};
