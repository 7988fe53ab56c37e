/** The way into a conference, and the devices. */
export const comingIn = {
  check: {
    title: 'Check my device',
    lead: 'Nothing is sent anywhere. You only see and hear yourself.',
    camera: 'Camera',
    cameraHint: 'Turn on the camera. Do you see yourself?',
    microphone: 'Microphone',
    microphoneHint: 'Turn on the microphone and speak. Does the bar move?',
    sound: 'Sound',
    soundHint: 'Play the sound. Do you hear three notes?',
    play: 'Play sound',
    server: 'Connection to the server',
    serverOk: 'The server answers.',
    serverBad: 'The server does not answer. Check the internet connection. At school, ask for the network settings.',
    browser: 'Browser',
    browserOk: 'This browser can take part.',
    browserBad: 'This browser cannot do video conferences. Take a current Firefox, Chrome, Edge or Safari.',
    works: 'Works',
    open: 'Not tried yet',
    bad: 'Does not work',
    hear: 'Yes, I hear it',
    notHear: 'No, I hear nothing',
    notHearTip: 'Turn the volume up, check headphones, or choose another speaker.',
  },

  devices: {
    title: 'Camera, microphone and sound',
    camera: 'Camera',
    microphone: 'Microphone',
    speaker: 'Speaker',
    standard: 'Standard device',
    level: 'Level of your microphone',
    levelHint: 'Speak: the bar should move.',
    namesLater: 'The names appear once camera or microphone was turned on.',
  },

  media: {
    microphoneOn: 'Turn on microphone',
    microphoneOff: 'Turn off microphone',
    cameraOn: 'Turn on camera',
    cameraOff: 'Turn off camera',
    microphone: 'Microphone',
    camera: 'Camera',
    denied: (what: string) =>
      `${what}: the browser does not allow it. Click the symbol beside the address of the page, allow it, and try again.`,
    framed: (what: string) =>
      `${what}: not allowed here, by the browser or by the page around. Allow it by the symbol beside the address and try again, or open the room in a window of its own.`,
    missing: (what: string) =>
      `${what}: none found. Plug one in, or take part without it. You can listen and write in the chat.`,
    busy: (what: string) => `${what}: another program is using it. Close that program and try again.`,
    insecure: (what: string) => `${what}: only works on a secure page. The address must begin with https.`,
    failed: (what: string) =>
      `${what}: it could not be started. Unplug it and plug it in again, or choose another one.`,
    system: (what: string) =>
      `${what}: the system of this device does not allow it. On a Mac: System Settings → Privacy & Security → ${what}, switch the browser on there and start it anew. On Windows: Settings → Privacy & security → ${what}. On a phone: the app settings of the browser.`,
    screenSystem:
      'The system of this device does not let the browser see the screen. On a Mac: System Settings → Privacy & Security → Screen & System Audio Recording, switch the browser on there and start it anew. On other devices: ask whoever looks after them.',
    stopped: (what: string) =>
      `${what}: it was stopped by the browser or by the device. Switch it on again when you need it.`,
    silenced: {
      microphone:
        'Something else has your microphone, for example a phone call: nobody hears you now. It goes on by itself afterwards.',
      camera: 'Something else has your camera: nobody sees you now. It goes on by itself afterwards.',
    },
    heardAgain: 'Your microphone is back: the others can hear you again.',
    takenOver: (what: string, label: string) => `${what}: the device was unplugged. In use now: ${label}.`,
    standard: 'the standard device',
    speakerGone: 'The chosen speaker is not there any more. The sound comes from the standard device now.',
    again: 'Switch on again',
    held: 'in use elsewhere',
    screenFailed: 'The screen could not be shared. Try again and choose a window.',
  },

  preJoin: {
    title: 'Ready?',
    room: (name: string) => `Room ${name}`,
    name: 'Your name',
    nameGiven: 'Your name came with the link.',
    nameHint: 'Everyone in the conference sees it.',
    nameMissing: 'Type your name first, so that your teacher knows you.',
    nameBad: 'This name does not work. It needs at least one letter and at most 60 characters.',
    signedInAs: (name: string) => `You are signed in. The others see you as ${name}.`,
    password: 'Password',
    passwordHint: 'Only if you were given one.',
    join: 'Join',
    off: 'You come in muted, camera off.',
    kept: 'What is turned on here stays on only if your teacher allows it from the start.',
    cameraIsOff: 'Your camera is off',
    preview: 'Your own picture',
    noDevices: 'It also works without camera and microphone.',
    privacy: 'Privacy: what happens with your data (new tab)',
    teacher: 'I am a teacher',
  },

  waiting: {
    title: 'Not yet',
    text: 'There is no conference here at the moment that you can enter.',
    reasons: 'Perhaps your teacher has not started yet. Perhaps the name of the room or the password is not right.',
    notStarted: 'Perhaps your teacher has not started yet.',
    next: 'You can simply wait: this page goes on by itself.',
    change: 'Try with another password',
    leave: 'Stop waiting',
    signIn: 'This is my room: sign in',
  },

  lobby: {
    title: 'Your teacher knows that you are here',
    text: 'Please wait a moment. As soon as you are let in, this page goes on by itself.',
    sentTitle: 'You are waiting outside for a moment',
    sentText:
      'A teacher asked you to wait out here. You need not do anything: as soon as you are let in again, this page goes on by itself.',
    leave: 'Stop waiting',
  },

  connecting: {
    title: 'One moment …',
    text: 'The way into the conference is being opened.',
    back: 'You are coming back to your seat.',
    slow: 'This takes longer than usual. Your internet may be slow. It is tried again and again.',
  },

  frame: {
    title: 'Share from a window of its own',
    why: 'The page around does not allow sharing the screen. It works in a window of its own; you leave the conference here as you go there.',
    before: 'You cannot share your screen inside this page. If you plan to, open the room in a window of its own now.',
    perhaps:
      'Inside another page, sharing the screen may not work. If you plan to, open the room in a window of its own now.',
    deviceTitle: 'Better in a window of its own',
    devicesBefore:
      'The page around does not allow camera or microphone here. Open the room in a window of its own to be seen and heard. Listening and writing work here too.',
    signedIn: (name: string) =>
      `You are signed in as ${name}. Here that counts only if this page belongs to the room's school; else you come in as a guest. In a window of its own it always counts.`,
    open: 'Open in its own window',
  },
};
