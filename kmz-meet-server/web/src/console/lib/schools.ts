import type { SchoolActivity } from '../../generated/api';
import { call } from '../../lib/api/http';
import { words } from './words';
import { allOf } from './load.svelte';

/** All schools of the service. */
export const listSchools = (): Promise<SchoolActivity[]> =>
  allOf(async (after) => {
    const { schools, next } = await call('get', '/api/v1/school-activity', { query: { limit: '200', after } });
    return { rows: schools, next: next ?? undefined };
  });

const w = words({
  de: {
    requested: 'angefragt',
    form_sent: 'Vertrag verschickt',
    signed: 'unterschrieben',
    ended: 'beendet',
    expired: 'abgelaufen',
  },
  en: {
    requested: 'requested',
    form_sent: 'form sent',
    signed: 'signed',
    ended: 'ended',
    expired: 'expired',
  },
});

/** The state of a school's contract in words. */
export const contractText = (school: SchoolActivity): string =>
  school.contract === 'signed' && !school.open ? w().expired : w()[school.contract];
