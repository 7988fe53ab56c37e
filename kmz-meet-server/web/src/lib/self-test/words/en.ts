import { note } from './note-en';

/** Texts of the self test. They are loaded with it, not with the first page. */
export const en = {
  title: 'Test connection and devices',
  lead: 'Will video work here? The test finds out in about 20 seconds. It needs no room and no account.',
  privacy:
    'Nobody sees or hears you: your picture and your voice stay in this browser. The server gets a test picture and a test tone. It keeps what was measured for 30 days, without a name.',
  permission: 'The browser will ask for camera and microphone. You may refuse: the connection is tested all the same.',
  start: 'Start the test',
  again: 'Test again',
  stillRunning: 'The test is running …',
  steps: {
    queued: 'Others are testing at this moment. Your test begins by itself.',
    connecting: 'Trying every path to the server …',
    measuring: 'Measuring how well picture and sound come through …',
    reporting: 'Almost done …',
  },
  failed: {
    title: 'The test broke off',
    offline: 'The server was not reached. Check whether the internet works at all, then test again.',
    gaveWay:
      'Very many are testing at this moment, so this test had to give its place to others, twice. Please test again in a few minutes.',
    other: 'Something went wrong. Please test again.',
  },

  network: 'Connection',
  devices: 'Camera, microphone and sound',
  choose: 'Which devices?',
  path: {
    udp: (port: number) => `Direct way (UDP port ${port})`,
    relay: (port: number) => `Way of the web page (TCP port ${port})`,
  },
  pathHint: { udp: 'the best way for picture and sound', relay: 'the detour, where the direct way is blocked' },
  state: {
    waiting: 'Open',
    connecting: 'Trying …',
    measuring: 'Measuring …',
    reached: 'Open',
    blocked: 'Blocked',
  },
  numbers: 'What was measured',
  number: {
    connect: 'Time to connect',
    roundTrip: 'Round trip',
    jitter: 'Jitter',
    lost: 'Loss, up / down',
    rate: 'Rate, up / down',
  },
  notMeasured: 'not measured',
  rateHint: 'The test sends at most about 2 Mbit/s: about as much as one camera in a conference.',

  verdict: {
    good: {
      title: 'Everything works',
      text: 'Picture and sound come through on the direct way. You can take part from here.',
    },
    weak: {
      title: 'Video works, but the line is weak',
      text: 'Words may be missing and pictures may stop.',
    },
    relay: {
      title: 'Video works, but through the web port',
      text: 'This network blocks the direct way. Picture and sound take a detour; with many pictures they stop sooner.',
    },
    blocked: {
      title: 'Your network blocks picture and sound',
      text: 'The web page works here, but neither way for picture and sound is open.',
    },
    unfit: {
      title: 'This browser cannot do video conferences',
      text: 'The browser is too old, or what video needs is turned off in it.',
    },
  },
  advice: {
    good: ['Nothing to do. Headphones make it even better.'],
    weak: [
      'Move closer to the Wi-Fi, or use a cable.',
      'Close other programs and pages that use the internet.',
      'In the conference: turn your camera off when words are missing.',
    ],
    relay: [
      'You can take part. Nothing else is needed today.',
      'Give the note to whoever looks after the network: one rule in the firewall opens the direct way.',
    ],
    blocked: [
      'Give the note to whoever looks after the network. It says what has to be opened.',
      'Until then: use another network, for example a phone’s hotspot or the one at home.',
    ],
    unfit: ['Take a current Firefox, Chrome, Edge or Safari.'],
  },
  weakToo: 'The line is also weak: words may be missing. Close to the Wi-Fi, or with a cable, it gets better.',
  partly: (ports: string) => `Not every port is open (${ports}). One is enough.`,
  noDetour: 'The detour through the web page is not open here. It is only needed where the direct way fails.',
  devicesBad: (what: string) => `Look at the devices below: ${what}.`,

  code: {
    title: 'The code of this result',
    text: 'With this code others see this result, for example whoever looks after the network. It holds for 30 days.',
    link: 'Link to this result',
    copy: 'Copy the link',
    copied: 'The link is copied.',
    spoken: (code: string) => `Code ${code}`,
  },
  note,
  result: {
    title: (code: string) => `Result ${code}`,
    earlier: (time: string) => `Test of ${time}`,
    now: 'Now, on this device',
    repeat: 'Repeat the test here',
    hint: 'The test takes about 20 seconds. A test picture and a tone go to the server, nothing else.',
    loading: 'Looking for the result …',
    missing: 'There is no result with this code',
    missingText: 'Please compare the code: eight letters, no digits. Results are kept for 30 days.',
    offline: 'The result cannot be read at the moment. Please try again.',
  },
  enter: {
    title: 'You were given a code?',
    label: 'Code',
    submit: 'Show the result',
  },
  device: {
    camera: 'camera',
    microphone: 'microphone',
    speaker: 'sound',
  },
  tested: {
    title: 'Devices at that time',
    works: 'works',
    refused: 'not permitted',
    missing: 'none found',
    failed: 'does not work',
    untried: 'not tried',
  },
};

export type Words = typeof en;
