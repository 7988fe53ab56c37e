import { and, count } from './words';

/** The screen of a conference, and what is told there. */
export const conference = {
  bar: {
    label: 'Controls',
    microphone: 'Microphone',
    camera: 'Camera',
    share: 'Share screen',
    shareStop: 'Stop sharing',
    shareShort: 'Share',
    shareStopShort: 'Stop',
    handUp: 'Raise hand',
    handDown: 'Lower hand',
    hand: 'Hand',
    chat: 'Chat',
    chatUnread: (n: number) => `Chat, ${count(n, 'new message', 'new messages')}`,
    people: 'Participants',
    safety: 'Safety',
    more: 'More',
    leave: 'Leave',
    locked: (what: string) => `${what}: not allowed at the moment. Your teacher can allow it.`,
    noShareHere: 'This device cannot share its screen',
    noShareWhy:
      'Phones and most tablets do not allow browsers to share the screen. Hold a sheet of paper in front of the camera, or join from a computer as well.',
  },

  stage: {
    label: 'Pictures',
    alone: 'You are the first one here',
    aloneHint: 'Others will appear here as soon as they come in.',
    screenOf: (name: string) => `Screen of ${name}`,
    screenLarge: (name: string) => `Show the screen of ${name} large`,
    sharing: 'You are sharing your screen.',
    sharingEnd: 'End sharing',
    page: (page: number, pages: number) => `Page ${page} of ${pages}`,
    next: 'Next page',
    previous: 'Previous page',
    speaking: (name: string) => `${name} is speaking`,
    moderator: 'Teacher',
    handPlace: (n: number) => `Hand raised, number ${n}`,
    microphoneOff: 'Microphone off',
    microphoneOn: 'Microphone on',
    isSpeaking: 'Speaking',
    lost: 'Connection lost, coming back',
    pinned: 'Pinned',
    floor: 'Has the floor',
    fair: 'Connection is fair',
    poor: 'Connection is poor',
    options: (name: string) => `Options for ${name}`,
    sound: 'Turn on sound',
    soundBlocked: 'The browser is holding back the sound.',
  },

  quality: {
    title: 'Your connection',
    direct: 'Sound and pictures go the direct way (UDP). That is the best one.',
    relay:
      'Your network blocks the direct way (UDP). Sound and pictures take the way of the web page (TCP). That works, but on a bad line they stop sooner. The people who look after the network can open it.',
    good: 'Your connection is good.',
    fair: 'Your connection is fair.',
    poor: 'Your connection is poor.',
    fairTip: 'Pictures may be less sharp. Move closer to the Wi-Fi, or close other programs.',
    poorTip: 'Turn off your camera. Then the sound gets through. Being closer to the Wi-Fi helps too.',
    poorTipWithoutCamera: 'Move closer to the Wi-Fi, or close other programs. Your camera is off already.',
    cameraOff: 'Turn my camera off',
    goodTip: 'Sound and picture get through.',
    noMedia:
      'Sound and picture do not get through. Chat works. At school, the network may block UDP port 10000: tell your teacher.',
    save: 'Save data: smaller pictures',
    test: 'Test the connection (new window)',
  },

  speakersOnly: {
    name: 'Speakers only',
    hint: 'For bad lines: only the person who speaks is seen',
    banner: 'To spare the line, only the person who speaks is seen.',
    back: 'Show everyone again',
    over: 'Everyone can be seen again.',
    waits: 'Your camera waits until you speak',
    waitsShort: 'Camera waits',
    seen: 'The others see you now.',
    proposalName: 'Bad lines',
    /** @param together So many of the poor are in one network; 0 where that says nothing. */
    proposal: (poor: number, of: number, together: number) =>
      `${poor} of ${of} people have a poor connection.${together ? ` ${together === poor ? 'All' : together} of them are in the same network: its line may be overloaded.` : ''} Show speakers only?`,
    yes: 'Yes, speakers only',
    no: 'Not now',
  },

  more: {
    title: 'More',
    view: 'View',
    tiles: 'Tiles',
    speaker: 'Large picture of who is speaking',
    devices: 'Camera, microphone and sound',
    fullScreen: 'Full screen',
    fullScreenLeave: 'End full screen',
  },

  asked: {
    microphone: (name: string) => `${name} asks you to turn on your microphone`,
    camera: (name: string) => `${name} asks you to turn on your camera`,
    screen: (name: string) => `${name} asks you to share your screen`,
    text: 'You decide. Nothing is turned on by itself.',
    yes: 'Turn on',
    no: 'Not now',
    teacher: 'Your teacher',
  },

  notice: {
    reconnecting: 'Connection lost. You are being reconnected.',
    reconnectingHint: 'You need not do anything. Your seat is kept.',
    back: 'You are back.',
    noMedia: 'Sound and picture are not getting through yet. It is tried again.',
    turnedOff: {
      microphone: 'Your teacher turned off your microphone.',
      camera: 'Your teacher turned off your camera.',
      screen: 'Your teacher stopped your screen sharing.',
    },
    granted: {
      microphone: 'You may turn on your microphone now.',
      camera: 'You may turn on your camera now.',
      screen: 'You may share your screen now.',
      chat: 'You may write in the chat now.',
    },
    floorYours: 'You have the floor. You may turn on your microphone.',
    floorOver: 'You no longer have the floor.',
    role: 'You are a co-teacher in this conference now.',
    notPermitted: 'That is not allowed at the moment.',
    unknownPerson: 'This person is no longer here.',
    full: 'The conference is full: nobody more fits in. Raise the limit in the settings of the room, or wait until someone leaves.',
    busy: 'The server is very busy. Try again in a moment.',
    alert: {
      wrong_passwords:
        'Someone is trying passwords of this room. People who are not known here now wait until you let them in, even with the right password. Let in only whom you know, or change the password.',
      presentation_not_shown:
        'The course came with a presentation, which is not shown here. Open the file on your computer and share your screen.',
      contract_ended:
        'The agreement between the school and the operator of this service does not hold any more. This conference may finish, within six hours. After that no room opens. Please tell the head of your school.',
      contract_holds:
        'The agreement between the school and the operator of this service holds again. This conference goes on like any other.',
      shared_account: (name: string) =>
        `Several devices use the account “${name}” at once, so some of them were left out: one account has three places. Each child needs an account of its own, or comes as a guest by the link.`,
      act: 'Change the password',
    },
    unplugged: (what: string) => `${what}: the device was unplugged. Plug it in or choose another one.`,
  },

  live: {
    joined: (names: string[]) => `${and(names)} joined.`,
    left: (names: string[]) => `${and(names)} left.`,
    hand: (names: string[]) => `${and(names)} raised ${names.length === 1 ? 'a hand' : 'their hands'}.`,
    message: (names: string[]) => `New message from ${and(names)}.`,
    knock: (names: string[]) => `${and(names)} ${names.length === 1 ? 'is' : 'are'} waiting to come in.`,
    door: () => 'The door was changed.',
    screen: (names: string[]) => `${and(names)} ${names.length === 1 ? 'is' : 'are'} sharing the screen.`,
  },
};
