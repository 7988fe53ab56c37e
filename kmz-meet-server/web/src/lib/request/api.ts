/** What the page of requests asks of the server, and what may go wrong, in words. */
import type { NewTeacherRequest, OwnTeacherRequest, SchoolToAsk } from '../../generated/api';
import { ApiError, ask, call } from '../api/http';
import { errorText } from '../api/words';
import { t } from '../i18n/index.svelte';
import { w } from './words';
import type { Words } from './words/en';

/** The same as the server's `MAX_PROOF_BYTES`. */
export const MAX_PROOF_BYTES = 5 * 1024 * 1024;

export const schoolsToAsk = async (): Promise<SchoolToAsk[]> =>
  (await call('get', '/api/v1/teacher-requests/schools')).schools;
export const askForAccess = (asked: NewTeacherRequest): Promise<unknown> =>
  call('post', '/api/v1/teacher-requests', { body: asked });
export const confirmRequest = (token: string): Promise<OwnTeacherRequest> =>
  call('post', '/api/v1/teacher-requests/confirm', { body: { token } });
export const answerQuestion = (token: string, text: string): Promise<unknown> =>
  call('put', '/api/v1/teacher-requests/answer', { body: { token, text } });

type FileProblem = keyof Pick<Words['problem'], 'noFile' | 'empty' | 'kind' | 'tooLarge' | 'unreadable'>;

/** What is wrong with a file before it is sent; `null`: nothing. The server looks at its first bytes. */
export function wrongWithFile(file: Pick<File, 'size'> | null): FileProblem | null {
  if (file === null) return 'noFile';
  if (file.size === 0) return 'empty';
  return file.size > MAX_PROOF_BYTES ? 'tooLarge' : null;
}

/**
 * Sends the proof of employment.
 *
 * @throws {ApiError} when the server does not take it
 */
export async function sendProof(token: string, file: File): Promise<void> {
  const bytes = await file.arrayBuffer().catch(() => null);
  if (bytes === null) throw new ApiError(0, 'unreadable', {}, 0);
  try {
    await ask('/api/v1/teacher-requests/proof', {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', 'request-token': token },
      body: bytes,
    });
  } catch (error) {
    // A proxy in front may have a bound of its own, and no problem document.
    if (error instanceof ApiError && error.status === 413) throw new ApiError(413, 'too_large', error.body, 0);
    throw error;
  }
}

/** What went wrong, in words. `of`: what was sent. */
export function requestProblem(error: unknown, of: 'request' | 'answer' | 'file'): string {
  const { problem } = w();
  if (!(error instanceof ApiError)) return errorText(t(), error);
  switch (error.code) {
    case 'too_many_requests':
      return problem.tooMany(Math.max(1, Math.ceil(error.retryAfter / 60)));
    case 'no_mail':
      return problem.noMail;
    case 'no_contract':
      return problem.noSchool;
    case 'not_found':
      return of === 'request' ? problem.noSchool : w().over;
    case 'not_now':
      return problem.decided;
    case 'too_large':
      return problem.tooLarge;
    case 'unreadable':
      return problem.unreadable;
    case 'invalid':
      if (of === 'file') return problem.kind;
      if (of === 'answer') return w().answerHint;
      return String(error.body['detail']).startsWith('email') ? problem.email : problem.name;
    default:
      return errorText(t(), error);
  }
}
