import type { QualityLevel } from '../generated/QualityLevel';
import { canChooseSpeaker, devices } from '../lib/media/devices.svelte';
import type { Meeting } from '../lib/state/meeting.svelte';
import type { Answer } from './commands';

/** Jitsi tells the quality of a connection in per cent. */
const PER_CENT: Record<QualityLevel, number> = { good: 100, fair: 60, poor: 20 };

/** What an embedding page may ask, by Jitsi's names. */
export function answersFor(meeting: Meeting): Record<string, Answer> {
  return {
    isAudioMuted: () => !meeting.sources.isOn('microphone'),
    isVideoMuted: () => !meeting.sources.isOn('camera'),
    isSharingScreen: () => meeting.sources.isOn('screen'),
    isAudioAvailable: () => has('audioinput'),
    isVideoAvailable: () => has('videoinput'),
    isAudioDisabled: () => false,
    isDeviceChangeAvailable: (type) => (type === 'output' ? canChooseSpeaker() : navigator.mediaDevices !== undefined),
    isParticipantsPaneOpen: () => meeting.ui?.panel === 'people',
    isModerationOn: (kind) => {
      const policy = meeting.conference?.room.policy;
      return (kind === 'video' ? policy?.camera : policy?.microphone) === 'moderators';
    },
    isParticipantForceMuted: (id, kind) => {
      const person = meeting.conference?.people.get(String(id));
      const policy = meeting.conference?.room.policy;
      const right = kind === 'video' ? 'camera' : 'microphone';
      return policy?.[right] === 'moderators' && person?.role !== 'moderator' && !person?.grants.includes(right);
    },
    getContentSharingParticipants: () => ({ sharingParticipantIds: sharing(meeting) }),
    getConnectionStats: () => {
      const { conference } = meeting;
      const level = conference?.features.quality.own ?? (meeting.media.state === 'connected' ? 'good' : null);
      return { connectionQuality: level === null ? 0 : PER_CENT[level] };
    },
    getSessionId: () => meeting.conference?.room.name ?? '',
    getRoomsInfo: () => {
      const name = meeting.conference?.room.name ?? meeting.room;
      const participants = (meeting.conference?.list ?? []).map((person) => ({
        id: person.id,
        jid: person.id,
        displayName: person.name,
        role: person.role,
      }));
      return { rooms: [{ isMainRoom: true, id: name, jid: name, participants }] };
    },
    getAvailableDevices: availableDevices,
    getCurrentDevices: () => {
      const of = (track: MediaStreamTrack | null): object =>
        track ? { deviceId: track.getSettings().deviceId ?? '', label: track.label, kind: track.kind } : {};
      const speaker = devices.speaker.find((one) => one.id === devices.chosen.speaker);
      return {
        audioInput: of(meeting.sources.microphone),
        audioOutput: speaker ? { deviceId: speaker.id, label: speaker.label, kind: 'audiooutput' } : {},
        videoInput: of(meeting.sources.camera),
      };
    },
  };
}

/** Who shares a screen, oneself included. */
export const sharing = (meeting: Meeting): string[] =>
  (meeting.conference?.list ?? []).filter((person) => person.sources.includes('screen')).map((person) => person.id);

export async function availableDevices(): Promise<object> {
  const all = await everyDevice();
  const of = (kind: MediaDeviceKind): object[] =>
    all
      .filter((device) => device.kind === kind)
      .map(({ deviceId, groupId, label }) => ({ deviceId, groupId, kind, label }));
  return { audioInput: of('audioinput'), audioOutput: of('audiooutput'), videoInput: of('videoinput') };
}

const everyDevice = async (): Promise<MediaDeviceInfo[]> => (await navigator.mediaDevices?.enumerateDevices()) ?? [];

const has = async (kind: MediaDeviceKind): Promise<boolean> =>
  (await everyDevice()).some((device) => device.kind === kind);
