/** What a pupil card opens. */
import type { ShownCard } from '../../generated/api';
import { call } from '../api/http';

/** The address of the room with a ticket for this pupil; in the language of this page, where it was chosen. */
export async function enterByCard(card: ShownCard): Promise<URL> {
  const { url } = await call('post', '/api/v1/pupil-cards/entry', { body: card });
  const to = new URL(url);
  const language = new URLSearchParams(location.search).get('lang');
  if (language !== null) to.searchParams.set('lang', language);
  return to;
}
