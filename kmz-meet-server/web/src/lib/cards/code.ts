/** The short code of a pupil card, as somebody types it: ten letters without vowels, so that hardly a room is called so. */
export function cardCode(text: string): string | null {
  const letters = text.replace(/[\s\u2013-]/gu, '').toUpperCase();
  return /^[BCDFGHJKLMNPQRSTVWXZ]{10}$/.test(letters) ? letters : null;
}
