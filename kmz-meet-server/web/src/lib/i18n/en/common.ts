/** What stands on every screen, the names of the screens, and what went wrong. */
export const common = {
  skip: 'Skip to the content',
  skipToControls: 'Skip to the controls',
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back',
  dismiss: 'Close notice',
  save: 'Save',
  loading: 'One moment …',
  language: 'Language',
  you: (name: string) => `${name} (you)`,
  copied: 'Copied. You can paste it now.',
  copyFailed: 'Please copy it by hand',
  copyFailedWhy:
    'The browser or the page around does not allow copying by a button. The text is selected: copy it with Ctrl+C, or by a long press.',
  copyText: 'Text to copy',

  session: {
    signOut: 'Sign out',
    stillIn: 'You are still signed in here.',
  },

  problem: {
    offline: 'The server cannot be reached. Your internet may be down. Check the connection and try again.',
    trying: {
      unreachable: 'The server does not answer at the moment. It is tried again by itself; what you typed stays here.',
      busy: 'The server has a lot to do at the moment. It is tried again by itself; what you typed stays here.',
    },
    tryNow: 'Try now',
    other: 'That did not work, and it is not your fault. Try again in a moment.',
    retry: 'Try again',
    notFound: 'This does not exist any more. Load the page again.',
    noContract:
      'Your school has not signed the data-processing agreement yet, so no room can be opened. Please ask the head of your school.',
    roomRunning: 'A conference is running in this room. End it for all first, then try again.',
    signedOut: 'You are signed out. Sign in again.',
  },

  title: {
    home: 'Video classroom',
    signIn: 'Sign in',
    rooms: 'My rooms',
    account: 'My account',
    check: 'Check my device',
    preJoin: (room: string) => `Join ${room}`,
    waiting: 'Waiting',
    conference: (room: string) => `Conference ${room}`,
    over: 'Conference',
    nothing: 'Nothing here',
  },
};
