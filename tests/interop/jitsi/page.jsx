// A page as Jitsi's React SDK is documented to be used; only domain, room and token are ours.
import { JitsiMeeting } from '@jitsi/react-sdk';
import { createRoot } from 'react-dom/client';

const wanted = JSON.parse(document.getElementById('wanted').textContent);
window.heard = [];

const EVENTS = [
  'audioMuteStatusChanged',
  'videoMuteStatusChanged',
  'videoConferenceJoined',
  'videoConferenceLeft',
  'participantJoined',
  'participantLeft',
  'participantRoleChanged',
  'incomingMessage',
  'outgoingMessage',
  'raiseHandUpdated',
  'readyToClose',
];

createRoot(document.getElementById('root')).render(
  <JitsiMeeting
    domain={wanted.domain}
    roomName={wanted.room}
    jwt={wanted.jwt}
    lang="en"
    configOverwrite={{
      startWithAudioMuted: true,
      startWithVideoMuted: true,
      prejoinPageEnabled: false,
      prejoinConfig: { enabled: false },
      disableModeratorIndicator: true,
      defaultLanguage: 'en',
      toolbarButtons: ['microphone', 'camera', 'hangup', '', 'chat'],
    }}
    interfaceConfigOverwrite={{ DISABLE_JOIN_LEAVE_NOTIFICATIONS: true }}
    userInfo={{ displayName: wanted.name, email: 'nobody@school.example' }}
    spinner={() => <p id="spinner">Loading</p>}
    onApiReady={(api) => {
      window.api = api;
      for (const name of EVENTS) api.addListener(name, (event) => window.heard.push({ name, event }));
    }}
    onReadyToClose={() => {
      window.wrapperClosed = true;
    }}
    getIFrameRef={(parent) => {
      parent.style.height = '800px';
    }}
  />,
);
