import type { ContractStanding, SchoolActivity, SchoolEntry } from '../../generated/api';
import { call } from '../../lib/api/http';
import { words } from './words';
import { allOf } from './load.svelte';

/** All schools of the service, with what runs there. */
export const listSchools = (): Promise<SchoolActivity[]> =>
  allOf(async (after) => {
    const { schools, next } = await call('get', '/api/v1/school-activity', { query: { limit: '200', after } });
    return { rows: schools, next: next ?? undefined };
  });

/** All schools of the service, with how their contracts stand. */
export const listContracts = (): Promise<SchoolEntry[]> =>
  allOf(async (after) => {
    const { schools, next } = await call('get', '/api/v1/schools', { query: { limit: '200', after } });
    return { rows: schools, next: next ?? undefined };
  });

const w = words({
  de: {
    requested: 'angefragt',
    form_sent: 'Vertrag verschickt',
    signed: 'unterschrieben',
    expiring: 'läuft bald ab',
    expired: 'abgelaufen',
    ended: 'beendet',
  },
  en: {
    requested: 'requested',
    form_sent: 'form sent',
    signed: 'signed',
    expiring: 'runs out soon',
    expired: 'expired',
    ended: 'ended',
  },
});

/** In the order in which a contract goes through them. */
export const STANDINGS: ContractStanding[] = ['requested', 'form_sent', 'signed', 'expiring', 'expired', 'ended'];

/** How a contract stands, in words. */
export const standingText = (standing: ContractStanding): string => w()[standing];

/** Whether rooms open and accounts are made. */
export const holds = (standing: ContractStanding): boolean => standing === 'signed' || standing === 'expiring';

/** The state of a school's contract in words. */
export const contractText = (school: SchoolActivity): string =>
  school.contract === 'signed' && !school.open ? w().expired : w()[school.contract];

/** The domains that somebody typed, one on each line or between commas. */
export const readDomains = (text: string): string[] =>
  text
    .split(/[\s,;]+/)
    .map((one) => one.replace(/^@/, '').toLowerCase())
    .filter((one) => one !== '');
