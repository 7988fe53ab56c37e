// What Moodle 4.5's BigBlueButton activity sends, by name and order.
import { randomBytes } from 'node:crypto';

/** An activity of a course, with the passwords it keeps for its life. */
export function activity({ course = 2, instance = 1, group = 0 } = {}) {
  return {
    meetingID: `${randomBytes(20).toString('hex')}-${course}-${instance}[${group}]`,
    attendeePW: randomBytes(6).toString('hex'),
    moderatorPW: randomBytes(6).toString('hex'),
  };
}

const LOCKS = ['DisableCam', 'DisableMic', 'DisablePrivateChat', 'DisablePublicChat', 'DisableNotes', 'HideUserList'];

/** `create`: always all six locks; the seventh only if one is on. */
export function createParameters(of, moodle, { locks = [], callbacks = true, ...more } = {}) {
  const data = {
    meetingID: of.meetingID,
    name: 'Bruchrechnung & "gemischte Zahlen" <Übung> für die ganze 7b, Teil ...'.slice(0, 67),
    attendeePW: of.attendeePW,
    moderatorPW: of.moderatorPW,
    logoutURL: `${moodle}/mod/bigbluebuttonbn/bbb_view.php?action=logout&id=4&courseid=2&sesskey=aBcDeFgHiJ`,
    record: 'true',
    welcome: '<p>Willkommen bei <b>%%CONFNAME%%</b>!</p><br><br>Diese Sitzung kann aufgezeichnet werden.',
    ...more,
  };
  for (const lock of LOCKS) data[`lockSettings${lock}`] = String(locks.includes(lock));
  if (locks.length) data['lockSettingsLockOnJoin'] = 'true';
  const meta = {
    'bbb-origin': 'Moodle',
    'bbb-origin-version': '4.5.5+ (Build: 20250613)',
    'bbb-origin-server-name': '127.0.0.1',
    'bbb-origin-server-common-name': '',
    'bbb-origin-tag': 'moodle-mod_bigbluebuttonbn (2024100700)',
    'bbb-context': '<span lang="de">Mathematik 7b</span>',
    'bbb-context-id': '2',
    'bbb-context-name': 'Mathematik 7b',
    'bbb-context-label': 'M7b',
    'bbb-recording-name': 'Bruchrechnung',
    'bbb-recording-description': '',
    'bbb-recording-tags': '',
    'bn-recording-status': '{"email":{"enabled":"true"}}',
    ...(callbacks
      ? {
          'bbb-recording-ready-url': `${moodle}/mod/bigbluebuttonbn/bbb_broker.php?action=recording_ready&bigbluebuttonbn=1`,
          'analytics-callback-url': `${moodle}/mod/bigbluebuttonbn/bbb_broker.php?action=meeting_events&bigbluebuttonbn=1`,
        }
      : {}),
  };
  return [data, meta];
}

/** `join` of a user of Moodle, or of a guest without an id. */
export function joinParameters(of, moodle, { name, user, moderator = false, createTime, lang }) {
  return {
    meetingID: of.meetingID,
    fullName: name,
    password: moderator ? of.moderatorPW : of.attendeePW,
    logoutURL: `${moodle}/mod/bigbluebuttonbn/${user ? 'bbb_view.php?action=logout&id=4&courseid=2&sesskey=kLmNoP' : 'guest.php?uid=0'}`,
    role: moderator ? 'MODERATOR' : 'VIEWER',
    ...(user ? { userID: String(user) } : {}),
    guest: String(!user),
    ...(createTime ? { createTime } : {}),
    ...(lang ? { 'userdata-bbb_override_default_locale': lang } : {}),
    ...(user ? { avatarURL: `${moodle}/pluginfile.php/5/user/icon/boost/f1?token=secret` } : {}),
  };
}
