import { count } from './words';

/** The home page, signing in and the account. */
export const home = {
  home: {
    title: 'Your video classroom',
    lead: 'Come in with the room name or the link from your teacher. You need no account.',
    room: 'Room',
    roomHint: 'For example: mutiger-dachs-lomi-katu-reno',
    roomMissing: 'Type the name of the room first. It is in the invitation from your teacher.',
    join: 'Join',
    teacher: 'I am a teacher',
    teacherHint: 'Sign in and open your rooms',
    roomsHint: 'You are signed in',
    check: 'Test connection and devices',
    checkHint: 'Does video work in this network? Try camera, microphone and sound',
    privacy: 'No recording. No tracking. Everything stays on this server.',
  },

  signIn: {
    title: 'Sign in',
    lead: 'For teachers. Pupils need no account.',
    user: 'User name',
    password: 'Password',
    submit: 'Sign in',
    missing: 'Type your user name and your password.',
    wrong:
      'User name or password is not right. Check both and try again. If you forgot them, ask those who gave you the account.',
    tooMany: (seconds: number) =>
      `There were too many attempts just now. Please try again in ${count(Math.max(1, Math.ceil(seconds)), 'second', 'seconds')}.`,
    trying: 'Very many are trying to sign in just now. We keep trying for you. You need not do anything.',
    stop: 'Stop trying',
    noTurn:
      'Very many are trying to sign in just now, and it has not been your turn yet. Your password was not looked at. Please try again.',
    locked: 'This account is locked. Please ask those who gave it to you.',
  },

  account: {
    title: 'My account',
    open: 'My account',
    back: 'My rooms',
    passwordTitle: 'Change the password',
    current: 'Current password',
    fresh: 'New password',
    freshHint: 'At least 10 characters. Several words that do not belong together make a good one.',
    again: 'New password again',
    submit: 'Change the password',
    missing: 'Please fill in all three fields.',
    differs: 'The two new passwords differ. Please enter both again.',
    wrong: 'The current password is wrong. Please check it and try again.',
    weak: 'The new password is too short or easily guessed. Use at least 10 characters: several words that do not belong together.',
    changed: 'The password is changed. You are signed out everywhere else.',
    sessionsTitle: 'Where I am signed in',
    sessionsHint:
      'You do not know one of these? Sign out there, then change the password. Whoever is in a conference there leaves it. This device stays where it is.',
    unknownBrowser: 'Unknown browser',
    thisOne: 'this device',
    today: (time: string) => `today, ${time}`,
    times: (since: string, used: string) => `Signed in: ${since}. Last used: ${used}.`,
    end: 'Sign out there',
    endOne: (browser: string, since: string) => `Sign out there: ${browser}, signed in ${since}`,
    endOthers: 'Sign out everywhere else',
    ended: 'Signed out there.',
    othersEnded: 'Signed out everywhere else.',
  },

  nothing: {
    title: 'There is nothing here',
    text: 'This address does not lead to a room. Compare it with the invitation, or type the name of the room on the home page.',
    home: 'To the home page',
  },
};
