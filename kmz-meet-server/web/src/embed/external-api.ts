/**
 * `/external_api.js`: the class `JitsiMeetExternalAPI`, so that pages that embed a Jitsi room embed ours by changing the
 * host. What we do not have (recording, streaming, avatars) is accepted, does nothing, and says so once in the console.
 */
import { addAbsent } from './external-api/absent';
import { JitsiMeetExternalAPI } from './external-api/api';

addAbsent(JitsiMeetExternalAPI.prototype);
(globalThis as unknown as Record<string, unknown>)['JitsiMeetExternalAPI'] = JitsiMeetExternalAPI;
