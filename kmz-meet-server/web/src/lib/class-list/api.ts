/** The class list of a room, and the cards of its pupils. */
import type { ClassList, FoundNames } from '../../generated/api';
import { address, ApiError, ask, call } from '../api/http';
import { errorText } from '../api/words';
import { i18n, t } from '../i18n/index.svelte';
import { w } from './words';

const CARDS = '/api/v1/rooms/{id}/class-list/cards';
/** Longer than a browser needs to begin to save. */
const KEPT = 10_000;

export const loadList = (id: string): Promise<ClassList> =>
  call('get', '/api/v1/rooms/{id}/class-list', { path: { id } });
export const saveNames = (id: string, names: string[]): Promise<ClassList> =>
  call('put', '/api/v1/rooms/{id}/class-list', { path: { id }, body: { names } });

/** `pupil`: of one; else of all. */
export async function renewCards(id: string, pupil?: string): Promise<ClassList> {
  if (pupil === undefined) return call('post', '/api/v1/rooms/{id}/class-list/cards/renew', { path: { id } });
  return call('post', '/api/v1/rooms/{id}/class-list/cards/{pupil_id}/renew', { path: { id, pupil_id: pupil } });
}

export async function withdrawCards(id: string, pupil?: string): Promise<ClassList> {
  if (pupil === undefined) await call('delete', CARDS, { path: { id } });
  else await call('delete', `${CARDS}/{pupil_id}`, { path: { id, pupil_id: pupil } });
  return loadList(id);
}

/** The names in a table. Nothing is kept of it. */
export async function readTable(id: string, table: Blob): Promise<FoundNames> {
  const answer = await ask(address('/api/v1/rooms/{id}/class-list/reading', { id }), {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: table,
  });
  return (await answer.json()) as FoundNames;
}

/** The cards for the printer, as a file for this person. */
export async function downloadCards(id: string, name: string, pupil?: string): Promise<void> {
  const query = new URLSearchParams({ language: i18n.language, ...(pupil === undefined ? {} : { pupil }) });
  const answer = await ask(`${address(CARDS, { id })}?${query}`);
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}

/** What went wrong, in words. */
export function listProblem(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.code === 'invalid') return w().unfit;
    if (error.code === 'too_large') return w().tooLarge;
    // Both languages, the German first.
    if (error.code === 'unreadable_list' && typeof error.body['detail'] === 'string') {
      const [german = '', english = ''] = error.body['detail'].split(' / ');
      return i18n.language === 'de' ? german : english;
    }
  }
  return errorText(t(), error);
}
