/** The note for whoever looks after the network. It is written in official languages only. */
export const note = {
  button: 'Note for the network’s administrator',
  print: 'Print',
  back: 'Back to the test',
  title: 'Note for the network’s administrator',
  heading: (host: string) => `Video conferences with ${host}`,
  intro: (host: string) =>
    `Our school uses the video conferences at ${host}. So that picture and sound come through, please allow the following connections from all networks in which pupils and teachers work. All of them begin inside; nothing has to be opened from the outside to the inside.`,
  columns: {
    purpose: 'What for',
    to: 'To',
    port: 'Port',
    protocol: 'Protocol',
    direction: 'Direction',
  },
  direction: 'outgoing, with answers',
  media: 'Picture and sound, the direct way',
  mediaProtocol: 'UDP: STUN/ICE, DTLS, SRTP (WebRTC)',
  page: 'Web page and signalling; detour of picture and sound',
  pageProtocol: (secure: boolean): string =>
    secure ? 'TCP with TLS: HTTPS, WebSocket, TURN (RFC 8656)' : 'TCP: HTTP, WebSocket, TURN (RFC 8656)',
  names: 'Address of the host name: as the DNS says.',
  listTitle: 'Please note',
  list: [
    'UDP needs one rule for each port. Answers come back on the same flow; keep its state for at least 30 seconds.',
    'TLS inspection: please except this host. The detour carries TURN in TLS, not HTTP; a proxy that looks into it breaks it.',
    'If UDP cannot be opened, the web port alone is enough for conferences. Picture and sound then stop sooner on a bad line.',
    'No program has to be installed, no other host is contacted.',
  ],
  resultTitle: 'What the test found',
  result: (day: string) => `Test of ${day}:`,
  repeat: 'See this result and repeat the test:',
  repeatWithout: 'Test from any computer of the network:',
  command: 'From a command line:',
  code: 'Code',
  languageHint: 'The language of this page is the language of the note.',
};
