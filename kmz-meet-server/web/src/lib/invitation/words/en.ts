import type { ScheduleProblem } from '../schedule';

/** Texts of the dialog in which an invitation is made. They are loaded with it. */
export const en = {
  title: (room: string) => `Invitation to ${room}`,
  lead: 'The invitation is made in this browser and stored nowhere. You send it yourself.',
  topic: 'Topic',
  topicHint: 'For example: Maths 7b. It may stay empty.',
  language: 'Language of the invitation',
  withPassword: 'Include the password',
  withPasswordHint: 'It is safer to send it in another way than the link.',
  closed: 'The door is closed: as long as it stays so, nobody comes in by this link.',
  repeats: 'Date',
  never: 'No date',
  once: 'Once',
  weekly: 'Every week',
  day: 'Day',
  firstDay: 'First day',
  time: 'Begins at',
  lasts: 'Lasts',
  minutes: (n: number) => (n % 60 === 0 ? (n === 60 ? '1 hour' : `${n / 60} hours`) : `${n} minutes`),
  until: 'Until',
  zone: (zone: string) => `Times are in the time zone ${zone}.`,
  times: (n: number) => (n === 1 ? 'It takes place once.' : `It takes place ${n} times, in holidays too.`),
  over: 'This day is already over. Is it the right one?',
  problems: {
    date: 'Please give the day.',
    time: 'Please give the time.',
    'until-missing': 'Please give the day until which it is repeated.',
    'until-before': 'The last day is before the first one.',
    'until-far': 'Please choose a last day within one school year.',
  } satisfies Record<ScheduleProblem, string>,
  copy: 'Copy the text',
  mail: 'Write a mail',
  calendar: 'Calendar file',
  calendarNeeds: 'A calendar file needs a date.',
  calendarSaved: 'The calendar file is being saved. It can be attached to the mail.',
  print: 'Print a page',
  preview: 'This is what you send',
  picture: 'QR code of the link',
};

export type Words = typeof en;
