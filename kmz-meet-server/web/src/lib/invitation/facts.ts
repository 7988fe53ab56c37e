import { call } from '../api/http';
import { session } from '../api/session.svelte';
import { isZone } from './zone';

/** What the server knows for invitations of a school. */
export interface ServiceFacts {
  /** The school's time zone. */
  zone: string | null;
  /** The page with information for teachers, pupils and parents. */
  guide: string | null;
  /** Where people get help. */
  help: string | null;
}

/** What is not known is `null`: an invitation is made without it. Who moderates without an account has no school here. */
export async function serviceFacts(): Promise<ServiceFacts> {
  const [config, school] = await Promise.all([
    call('get', '/api/v1/config').catch(() => null),
    session.user ? call('get', '/api/v1/school').catch(() => null) : null,
  ]);
  const zone = school?.time_zone ?? '';
  return {
    zone: zone !== '' && isZone(zone) ? zone : null,
    guide: config?.information_url ?? null,
    help: config?.contact ?? null,
  };
}
