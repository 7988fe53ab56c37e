import { comingIn } from '../../i18n/en/coming-in';
import type { Rule } from '../invitation';
import { endOf, lastDay, type Schedule } from '../schedule';
import { clock, day, ENGLISH } from './days';

/** An invitation as people get it, which need not be in the language of this page. */
export const en = {
  /** Of the text (BCP 47). */
  tag: 'en',
  name: 'English',
  heading: 'Invitation to the video conference',
  subject: (topic: string): string => `Invitation to the video conference: ${topic}`,
  file: 'Invitation',
  /** When it is, in sentences; the zone only where it is named. */
  when: (schedule: Schedule, zone: string, named: string | null): string[] => {
    const from = clock(schedule.time, ENGLISH);
    const to = clock(endOf(zone, schedule).time, ENGLISH);
    const times = `${from} to ${to}${named === null ? '' : ` (time in ${named})`}`;
    return schedule.until === null
      ? [`${day(schedule.date, ENGLISH, 'with weekday')}, ${times}`]
      : [
          `Every ${day(schedule.date, ENGLISH, 'weekday')}, ${times}`,
          `From ${day(schedule.date, ENGLISH)} to ${day(lastDay(schedule), ENGLISH)}`,
        ];
  },
  password: (password: string): string => `Password: ${password}`,
  noAccount: 'Open the link in an up-to-date browser. You need neither an account nor an app.',
  please: 'How to come in',
  rules: {
    muted: 'Please come in with the microphone muted and the camera off.',
    mutedByRoom: 'Please come in with the microphone muted and the camera off. The room starts both turned off.',
    firstName: 'Please give your real first name.',
    knock: 'Then please wait until you are let in.',
    microphone: 'Turn on the microphone only to speak, and turn it off again after that.',
    hand: 'If you want to say something, raise your hand.',
    cameraOff: 'The cameras of the class stay off.',
    chat: 'You can also write questions in the chat.',
    chatOff: 'Only teachers write in the chat.',
    keepLink: 'Please do not pass the link on to others.',
  } satisfies Record<Rule, string>,
  test: 'Try camera, microphone and network before the first time:',
  guide: 'More information:',
  help: (contact: string): string => `Help: ${contact}`,
  /** On paper only. */
  sheet: {
    scan: 'Point the camera of a phone or a tablet at this picture.',
    type: 'Or type this address into a browser:',
    passwordLabel: 'Password',
    steps: 'Step by step',
    open: 'Open the link in a browser.',
    name: 'Type your first name.',
    passwordStep: 'Type the password.',
    join: `Press “${comingIn.preJoin.join}”.`,
  },
};

export type InvitationText = typeof en;
