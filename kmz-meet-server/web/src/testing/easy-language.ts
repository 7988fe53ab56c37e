/*
 * Counts what makes a German text hard to read. It knows no grammar: it looks for signs of what the rules of easy language
 * (Leichte Sprache; DIN SPEC 33429) avoid. `easy.test.ts` has the exceptions, each with its reason.
 */

/** Most words of a sentence. */
const MAX_WORDS = 12;
/** Most letters of a word, or of a part between hyphens. */
const MAX_LETTERS = 15;

/** Words that other languages gave, and words of offices and of technicians. */
const FOREIGN = [
  'account',
  'admin',
  'administration',
  'app',
  'attachment',
  'authenticator',
  'authentifizierung',
  'bandbreite',
  'bildschirmfreigabe',
  'browser',
  'button',
  'chat',
  'client',
  'code',
  'cookie',
  'cookies',
  'download',
  'event',
  'feature',
  'firewall',
  'feedback',
  'host',
  'hotspot',
  'identifizieren',
  'jitter',
  'konferenz',
  'laptop',
  'link',
  'links',
  'login',
  'meeting',
  'moderation',
  'moderator',
  'online',
  'offline',
  'option',
  'passkey',
  'passkeys',
  'passphrase',
  'pin',
  'port',
  'relay',
  'router',
  'screen',
  'server',
  'session',
  'smartphone',
  'spam',
  'standard',
  'streaming',
  'tablet',
  'ticket',
  'token',
  'update',
  'upload',
  'user',
  'video',
  'videokonferenz',
  'wlan',
  'zertifikat',
];

/** Signs of a clause that hangs on another one. */
const SUBCLAUSE = /(?<!^Ja|^Nein),/;
const CONJUNCTION = /\b(dass|weil|obwohl|sodass|sobald|solange|bevor|nachdem|falls|indem|damit|während|wenn|ob)\b/i;
/** Articles that are genitive wherever they stand, and a noun with the article 'der' behind another noun. */
const GENITIVE = /\b(des|eines|meines|deines|seines|ihres|Ihres|unseres|jedes|jenes|wessen|deren|dessen)\b/;
const GENITIVE_CHAIN = /(?<!^)\b\p{Lu}\p{L}+ (der|einer|dieser|meiner|deiner|seiner|ihrer|Ihrer) \p{Lu}/u;
const SUBJUNCTIVE =
  /\b(würde|würdest|würden|könnte|könntest|könnten|sollte|sollten|müsste|müssten|dürfte|dürften|wäre|wären|hätte|hätten|sei|seien)\b/i;
const PASSIVE = /\b(wird|werden|wirst|wurde|wurden|wurdest|worden)\b/i;

/** The sentences of a text. What stands before a colon is one, too: the eye rests there. */
export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?:…])\s+|\n|\s→\s/u)
    .map((one) => one.replace(/[.!?:…]+$/u, '').trim())
    .filter((one) => one !== '');
}

const words = (sentence: string): string[] => sentence.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));

/** What is hard in this text, in words; nothing when it is easy. */
export function hard(text: string): string[] {
  const found: string[] = [];
  for (const sentence of sentences(text)) {
    const all = words(sentence);
    if (all.length > MAX_WORDS) found.push(`${all.length} words: ${sentence}`);
    if (SUBCLAUSE.test(sentence)) found.push(`a comma: ${sentence}`);
    const conjunction = CONJUNCTION.exec(sentence);
    if (conjunction) found.push(`the conjunction '${conjunction[0]}': ${sentence}`);
    if (GENITIVE.test(sentence) || GENITIVE_CHAIN.test(sentence)) found.push(`a genitive: ${sentence}`);
    if (SUBJUNCTIVE.test(sentence)) found.push(`a subjunctive: ${sentence}`);
    if (PASSIVE.test(sentence)) found.push(`a passive: ${sentence}`);
    if (/[;()–]/.test(sentence)) found.push(`a sign that nobody reads aloud: ${sentence}`);
    for (const word of all.flatMap((one) => one.split('-'))) {
      const bare = word.replace(/[^\p{L}]/gu, '');
      if (bare.length > MAX_LETTERS) found.push(`the long word '${bare}'`);
      if (FOREIGN.includes(bare.toLowerCase())) found.push(`the foreign word '${bare}'`);
    }
  }
  return found;
}
