import type { JitsiMeetExternalAPI } from './api';

/** What Jitsi has and we have not: there, so that pages do not break, with the answer that is true here. */
const ABSENT: Record<string, unknown> = {
  startRecording: undefined,
  stopRecording: undefined,
  resizeLargeVideo: undefined,
  setVirtualBackground: undefined,
  isVisitor: false,
};
for (const name of [
  'invite',
  'getDeploymentInfo',
  'getLivestreamUrl',
  'getSharedDocumentUrl',
  'captureLargeVideoScreenshot',
  'captureCameraPicture',
]) {
  ABSENT[name] = Promise.resolve(undefined);
}
for (const name of ['isP2pActive', 'isStartSilent']) ABSENT[name] = Promise.resolve(false);
ABSENT['listBreakoutRooms'] = Promise.resolve({});

/** Gives the class these methods. */
export function addAbsent(to: JitsiMeetExternalAPI): void {
  for (const [name, answer] of Object.entries(ABSENT)) {
    Object.defineProperty(to, name, {
      value(this: JitsiMeetExternalAPI) {
        this.warn(name);
        return answer;
      },
    });
  }
}
