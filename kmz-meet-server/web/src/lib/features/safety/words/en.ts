export const en = {
  calm: {
    title: 'Just a moment, please',
    text: 'Your teacher has paused the lesson. You need not do anything. It goes on in a moment.',
    hear: 'You can hear your teacher. Nobody hears or sees you.',
  },
  stop: {
    name: 'Everything is stopped',
    text: 'Only moderators are seen and heard. The class sees a calm picture, the chat is locked and the door is closed.',
    held: (n: number): string => (n === 1 ? '1 person is held' : `${n} people are held`),
    list: 'Release one by one',
    seat: (n: number): string => `Seat ${n}`,
    release: 'Release',
    releaseName: (name: string): string => `Release ${name}`,
    released: (name: string): string => `${name} is released.`,
    all: 'Release all',
    over: 'The lesson goes on.',
    overDoor: 'All are released. The door stays closed until you open it.',
    record: 'Record for the head of school',
    recordOffer: 'There is a record of this incident, without contents and names. It is kept for 30 days.',
    recordFailed: 'The record cannot be fetched here. The administration of the school finds it in the console.',
    shortcut: 'Shortcut: Alt + Shift + S',
  },
  lesson: {
    name: 'The lesson is closed',
    close: 'Close the lesson',
    closeHint: 'Nobody new comes in, whoever is inside can come back. The cameras of the class are locked.',
    banner: 'The lesson has begun. The door is closed. If you lose the connection, you can come back.',
    bannerCameras:
      'The lesson has begun. The door is closed and cameras are off for now. If you lose the connection, you can come back.',
    moderator: 'The lesson is closed: nobody new comes in, whoever was inside can come back.',
    moderatorCameras:
      'The lesson is closed: nobody new comes in, whoever was inside can come back. The cameras of the class are locked.',
    cameras: 'Release cameras',
    open: 'Open the lesson again',
    opened: 'The lesson is open again. Door and cameras are as they were before.',
    camerasReleased: 'Cameras may be turned on again.',
  },
  report: {
    button: 'Something is wrong here',
    hint: 'Your teacher is told at once.',
    thanks: 'Thank you for saying so. Your teacher knows now.',
    told: (name: string): string => `${name} reports: something is wrong here.`,
    act: 'Stop everything',
  },
};

export type Words = typeof en;
