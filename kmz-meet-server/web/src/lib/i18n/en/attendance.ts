/** Who was in a lesson. */
export const attendance = {
  attendance: {
    title: 'Attendance',
    open: 'Show attendance',
    none: 'After the lesson everyone who was there is listed here.',
    kept: 'The lists are deleted by themselves after a while; the school decides when.',
    moment: 'One moment …',
    lesson: (day: string, present: number, absent: number) =>
      `${day}: ${present} present${absent > 0 ? `, ${absent} absent` : ''}`,
    back: 'Back to the lessons',
    name: 'Name',
    minutes: 'Minutes',
    minutesOf: (name: string) => `Minutes of ${name}`,
    measured: (n: number) => `measured: ${n}`,
    expired:
      'The access from the course has expired. Open the link in the course again; when you leave the room, the attendance is here.',
    keyUnchecked: (keys: string) =>
      `It seems that the platform could not check the key of this service, and so takes nothing. Please tell its administrator: its server must reach ${keys} (in Moodle: Security → HTTP security, blocked hosts and allowed ports).`,
    platform:
      'The platform did not take the values. Please send them again later; if it stays like this, its administrator can help.',
    noGradebook:
      'The course has no column for this. Please let the activity accept grades in its settings, or ask the administrator of the platform.',
    wrongMinutes: 'Please enter a whole number from 0 to 1440, or nothing for what was measured.',
    download: 'Download as a table',
    send: 'Send to the gradebook',
    sendTitle: 'Send to the gradebook?',
    sendText: 'The values go to the platform and are in the gradebook of the course afterwards.',
    incomplete: 'Not complete yet: the platform has not said who was absent. We ask again until it answers.',
    completion: 'Took part: one point',
    needed: 'from so many minutes on:',
    neededWhy: (minutes: number) =>
      `Two thirds are suggested; the lesson took ${minutes === 1 ? '1 minute' : `${minutes} minutes`}.`,
    absentGetNone:
      'Who was absent gets no grade, not a zero either: the place stays empty. If minutes are to count, enter them here.',
    countsInTotal:
      'The column counts in the course total. If it should not, give it the weight 0 in the platform (in Moodle: Grades → Gradebook setup).',
    asMinutes: 'Minutes, of those of the lesson',
    sendYes: 'Send',
    sent: (n: number, refused: number, failed: number) =>
      `${n} sent${refused > 0 ? `, ${refused} not accepted by the platform` : ''}${failed > 0 ? `, ${failed} not delivered: please send again later` : ''}.`,
  },
};
