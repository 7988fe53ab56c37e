import { count } from './words';

/** The rooms of a teacher, their rules and their invitations. */
export const rooms = {
  rooms: {
    console: 'Console',
    title: 'My rooms',
    welcome: (name: string) => `Hello, ${name}`,
    empty: 'Your rooms will be listed here. Make the first one: the name is proposed for you and hard to guess.',
    running: (n: number) => (n > 0 ? `Running, ${count(n, 'person', 'people')}` : 'Running'),
    idle: 'Not running',
    open: 'Open',
    openRoom: (name: string) => `Open ${name}`,
    copy: 'Copy invitation',
    copyRoom: (name: string) => `Copy invitation for ${name}`,
    settings: 'Settings',
    settingsRoom: (name: string) => `Settings of ${name}`,
    create: 'New room',
    createTitle: 'New room',
    name: 'Name of the room',
    nameHint: 'The name is the way in. A name that is hard to guess keeps strangers out.',
    another: 'Propose another name',
    createSubmit: 'Make the room',
    password: 'Password',
    passwordHint: 'Leave it empty if the link is enough.',
    weak: (suggestion: string) =>
      `This name is too easy to guess, so strangers could come in. ${suggestion ? `Take this one, for example: ${suggestion}` : 'Take a longer one.'}`,
    nameLength: 'The name needs 3 to 80 characters. Take a longer or shorter one.',
    nameSigns:
      'The name may only have letters, digits and hyphens, because it becomes part of the link. Take out the other signs.',
    taken: 'This name is already used. Choose another one.',
    delete: 'Delete the room',
    deleteConfirm: 'Delete this room? Its link will not work any more. That cannot be undone.',
    deleteYes: 'Yes, delete',
    saved: 'Saved.',
    whoMay: 'Pupils may',
    atJoin: 'When people come in',
    door: 'Door at the start',
    capacity: 'Most people in the room',
    capacityHint: 'From 2 to 70. Teachers always come in.',
    created: 'The room is ready.',
  },

  policy: {
    microphone: 'use the microphone',
    camera: 'use the camera',
    screen: 'share their screen',
    chat: 'write in the chat',
    microphoneOnAtJoin: 'A microphone that was turned on before joining stays on',
    cameraOnAtJoin: 'A camera that was turned on before joining stays on',
  },

  door: {
    title: 'Door',
    open: 'Open',
    openHint: 'Whoever has the link and the password comes in.',
    knock: 'Knock',
    knockHint: 'New people wait until you let them in.',
    closed: 'Closed',
    closedHint: 'Nobody new comes in. Whoever drops out can come back.',
    close: 'Close the door',
    reopen: 'Open again',
    nowClosed: 'The door is closed. Nobody new comes in.',
    nowOpen: 'The door is open.',
    nowKnock: 'New people now wait until you let them in.',
  },

  invitation: {
    heading: 'Invitation to the video conference',
    password: (password: string) => `Password: ${password}`,
    noPassword: 'Password: none needed',
    rule: 'Please join with the microphone muted and the camera off.',
  },
};
