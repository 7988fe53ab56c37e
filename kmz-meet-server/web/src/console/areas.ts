/**
 * The areas of the console, in the order of the navigation. Another one is a component in `areas/` and a line here; its texts
 * stand in the component, and both are loaded when somebody goes there.
 */
import type { Component } from 'svelte';
import Activity from '@lucide/svelte/icons/activity';
import Boxes from '@lucide/svelte/icons/boxes';
import FileSignature from '@lucide/svelte/icons/file-signature';
import FileUp from '@lucide/svelte/icons/file-up';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import KeyRound from '@lucide/svelte/icons/key-round';
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard';
import LogIn from '@lucide/svelte/icons/log-in';
import Mail from '@lucide/svelte/icons/mail';
import Megaphone from '@lucide/svelte/icons/megaphone';
import LockKeyhole from '@lucide/svelte/icons/lock-keyhole';
import MonitorPlay from '@lucide/svelte/icons/monitor-play';
import Presentation from '@lucide/svelte/icons/presentation';
import School from '@lucide/svelte/icons/school';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import Settings from '@lucide/svelte/icons/settings';
import UserCheck from '@lucide/svelte/icons/user-check';
import Users from '@lucide/svelte/icons/users';
import Webhook from '@lucide/svelte/icons/webhook';
import type { Where } from './lib/place.svelte';
import type { Both } from './lib/words';

export interface Area {
  /** Its part of the address; empty for the overview. */
  path: string;
  name: Both<string>;
  icon: typeof Settings;
  /** The component has the id of the school and its name; they are empty for the whole service. */
  load: () => Promise<{ default: Component<never> }>;
}

const area = (path: string, [de, en]: [string, string], icon: Area['icon'], load: Area['load']): Area => ({
  path,
  name: { de, en },
  icon,
  load,
});

/** Of the whole service: for operators. */
export const OF_SERVICE: Area[] = [
  area('', ['Übersicht', 'Overview'], LayoutDashboard, () => import('./areas/Overview.svelte')),
  area('schools', ['Schulen', 'Schools'], School, () => import('./areas/Schools.svelte')),
  area(
    'sealed-lists',
    ['Verschlüsselte Listen', 'Sealed lists'],
    LockKeyhole,
    () => import('./areas/SealedLists.svelte'),
  ),
  area('mails', ['Mails', 'Mails'], Mail, () => import('./areas/Mails.svelte')),
  area('notices', ['Hinweise', 'Notices'], Megaphone, () => import('./areas/Notices.svelte')),
  area('privacy', ['Datenschutz', 'Privacy'], ShieldCheck, () => import('./areas/Privacy.svelte')),
  area('audit', ['Protokoll', 'Audit log'], ScrollText, () => import('./areas/Audit.svelte')),
];

/** Of one school: for its administrators, and for operators. */
export const OF_SCHOOL = {
  first: [
    area('', ['Überblick', 'At a glance'], Activity, () => import('./areas/School.svelte')),
    area('contract', ['Vertrag', 'Contract'], FileSignature, () => import('./areas/Contract.svelte')),
    area('teachers', ['Lehrkräfte', 'Teachers'], Users, () => import('./areas/Teachers.svelte')),
    area('requests', ['Anfragen', 'Requests'], UserCheck, () => import('./areas/Requests.svelte')),
    area('imports', ['Listen einlesen', 'Import lists'], FileUp, () => import('./areas/Imports.svelte')),
    area('rooms', ['Laufende Räume', 'Rooms that run'], MonitorPlay, () => import('./areas/Rooms.svelte')),
    area('incidents', ['Vorfälle', 'Incidents'], ShieldAlert, () => import('./areas/Incidents.svelte')),
  ],
  integrations: [
    area('moodle', ['Moodle (LTI)', 'Moodle (LTI)'], GraduationCap, () => import('./areas/Moodle.svelte')),
    area(
      'bigbluebutton',
      ['BigBlueButton', 'BigBlueButton'],
      Presentation,
      () => import('./areas/BigBlueButton.svelte'),
    ),
    area('jitsi', ['Jitsi-Apps', 'Jitsi apps'], Boxes, () => import('./areas/Jitsi.svelte')),
    area('keys', ['API-Schlüssel', 'API keys'], KeyRound, () => import('./areas/Keys.svelte')),
    area('webhooks', ['Webhooks', 'Webhooks'], Webhook, () => import('./areas/Webhooks.svelte')),
  ],
  last: [
    area('sign-in', ['Anmeldung', 'Sign-in'], LogIn, () => import('./areas/SignIn.svelte')),
    area('mails', ['Mails', 'Mails'], Mail, () => import('./areas/Mails.svelte')),
    area('settings', ['Einstellungen', 'Settings'], Settings, () => import('./areas/Settings.svelte')),
    area('privacy', ['Datenschutz', 'Privacy'], ShieldCheck, () => import('./areas/Privacy.svelte')),
    area('audit', ['Protokoll', 'Audit log'], ScrollText, () => import('./areas/Audit.svelte')),
  ],
};

/** The area at this place, if there is one. */
export function areaOf({ school, area }: Where): Area | null {
  const { first, integrations, last } = OF_SCHOOL;
  const all = school === null ? OF_SERVICE : [...first, ...integrations, ...last];
  return all.find((one) => one.path === area) ?? null;
}
