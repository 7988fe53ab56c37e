/*
 * Who someone is across conferences, as tickets say it. The mirror of the server's `user_id.rs`, where the forms are
 * written down: nothing else here takes such ids apart.
 */

/** Whether a platform sent this person by LTI, that is, out of a course. */
export const isFromCourse = (user: string): boolean => user.startsWith('lti:');
