/*
 * An invitation: what goes into it, and its parts in the order in which they are read. What it says of the room follows from
 * the room's policy, so that it promises nothing that the room does not do.
 */
import type { Policy } from '../../generated/Policy';
import type { Schedule } from './schedule';
import { isolate } from '../i18n/isolate';
import { TEXTS, type InvitationLanguage } from './texts';

export interface Invitation {
  language: InvitationLanguage;
  /** What it is about; may be empty. */
  topic: string;
  /** The link of the room. */
  url: string;
  /** `null`: there is none, or it is told in another way. */
  password: string | null;
  policy: Policy;
  schedule: Schedule | null;
  zone: string;
  /** Whether the zone is named, because somebody may think of another one. */
  namesZone: boolean;
  /** The page of the service with information for people. */
  guide: string | null;
  /** Where people get help. */
  help: string | null;
}

export type Rule =
  | 'muted'
  | 'mutedByRoom'
  | 'firstName'
  | 'knock'
  | 'microphone'
  | 'hand'
  | 'cameraOff'
  | 'chat'
  | 'chatOff'
  | 'keepLink';

/** The rules of this room, in their order. */
export function rulesOf(policy: Policy): Rule[] {
  const { microphone, camera, chat, door } = policy;
  // What somebody turned on before stays off only where the room sees to it.
  const byRoom = !policy.microphone_on_at_join && !policy.camera_on_at_join;
  return [
    byRoom ? 'mutedByRoom' : 'muted',
    'firstName',
    ...(door === 'knock' ? (['knock'] as const) : []),
    ...(microphone === 'everyone' ? (['microphone'] as const) : []),
    'hand',
    ...(camera === 'everyone' ? [] : (['cameraOff'] as const)),
    chat === 'everyone' ? 'chat' : 'chatOff',
    'keepLink',
  ];
}

/** The page on which a browser is tried before the lesson; the test counts for the school of this room. */
export function testUrl(room: string): string {
  const url = new URL(room);
  return `${url.origin}/test?room=${url.pathname.split('/').at(-1) ?? ''}`;
}

/** A link as people read and type it: with its letters, and without what browsers add by themselves. */
export function readableUrl(url: string): string {
  const readable = url.replace(/^https:\/\//, '');
  try {
    return decodeURI(readable);
  } catch {
    return readable;
  }
}

export const MAX_TOPIC = 100;

/** One line of a person's text: no line breaks, no signs that are not seen, and not without end. */
export function oneLine(text: string, max = MAX_TOPIC): string {
  const signs = [...text.replace(/\p{Cc}+/gu, ' ').replace(/\p{Cs}/gu, '')];
  const line = signs.join('').replace(/\s+/gu, ' ').trim();
  return [...line].slice(0, max).join('').trim();
}

/** A part of the text: a heading, paragraphs of lines that belong together, or points. */
export type Block =
  { kind: 'heading'; text: string } | { kind: 'lines'; lines: Line[] } | { kind: 'points'; points: string[] };
export type Line = { text: string } | { link: string };

/** All of it, in its order; plain text and HTML are made of it. What people typed is isolated in it (`i18n/isolate.ts`). */
export function blocksOf(invitation: Invitation): Block[] {
  const { language, topic, url, password, policy, schedule, zone, namesZone, guide, help } = invitation;
  const text = TEXTS[language];
  const title = oneLine(topic);
  return [
    { kind: 'heading', text: text.heading },
    ...(title === '' ? [] : [lines({ text: isolate(title) })]),
    ...(schedule ? [lines(...text.when(schedule, zone, namesZone ? zone : null).map((line) => ({ text: line })))] : []),
    // The link and the password each have a line of their own, so that both can be copied.
    lines({ link: url }, ...(password === null ? [] : [{ text: text.password(isolate(oneLine(password))) }])),
    lines({ text: text.noAccount }),
    { kind: 'heading', text: text.please },
    { kind: 'points', points: rulesOf(policy).map((rule) => text.rules[rule]) },
    lines({ text: text.test }, { link: testUrl(url) }),
    ...(guide === null ? [] : [lines({ text: text.guide }, { link: guide })]),
    ...(help === null ? [] : [lines({ text: text.help(isolate(oneLine(help))) })]),
  ];
}

const lines = (...all: Line[]): Block => ({ kind: 'lines', lines: all });

/** The line under which mails and calendars show it. */
export function subjectOf({ language, topic }: Invitation): string {
  const title = oneLine(topic);
  const { heading, subject } = TEXTS[language];
  return title === '' ? heading : subject(title);
}
