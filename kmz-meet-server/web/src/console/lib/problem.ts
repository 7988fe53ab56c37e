import { ApiError } from '../../lib/api/http';
import { errorText } from '../../lib/api/words';
import { i18n, t } from '../../lib/i18n/index.svelte';
import { words } from './words';

const w = words({
  de: {
    notPermitted: 'Das darf dieses Konto nicht.',
    tooMany:
      'Davon gibt es schon so viele, wie es geben darf. Bitte zuerst eins löschen, das nicht mehr gebraucht wird.',
    taken: 'Das gibt es hier schon. Bitte einen anderen Namen nehmen oder das vorhandene zuerst löschen.',
    requests: (seconds: number) => `Das waren sehr viele Anfragen. Bitte in ${seconds} Sekunden noch einmal versuchen.`,
    said: (detail: string) => `Der Server nimmt das so nicht an: ${detail}`,
    noMail: 'Dieser Server verschickt keine Mails. Bitte einen Brief drucken.',
    notNow: 'Das geht im jetzigen Zustand nicht, vielleicht war jemand schneller. Bitte neu laden.',
    addressTaken: 'Diese Mailadresse gehört schon zu einem anderen Konto.',
    schoolTaken: 'Eine Schule mit diesem Namen gibt es schon.',
    changedMeanwhile: 'Jemand anderes hat das inzwischen geändert. Bitte neu laden.',
    tooLarge: 'Die Datei ist zu groß.',
    otherKind: 'Diese Art Datei wird hier nicht angenommen.',
  },
  en: {
    notPermitted: 'This account may not do that.',
    tooMany: 'There are as many of these as there may be. Please delete one first that is not needed any more.',
    taken: 'This exists here already. Please take another name, or delete the other one first.',
    requests: (seconds: number) => `These were very many requests. Please try again in ${seconds} seconds.`,
    said: (detail: string) => `The server does not take it like this: ${detail}`,
    noMail: 'This server sends no mail. Please print a letter.',
    notNow: 'This cannot be done in the present state; perhaps somebody was faster. Please load again.',
    addressTaken: 'This mail address belongs to another account already.',
    schoolTaken: 'There is a school of this name already.',
    changedMeanwhile: 'Somebody else changed this meanwhile. Please load again.',
    tooLarge: 'The file is too large.',
    otherKind: 'This kind of file is not taken here.',
  },
});

/** A failed call in words; those that only administrators meet are here. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return errorText(t(), error);
  const detail = error.body['detail'];
  switch (error.code) {
    case 'not_permitted':
      return w().notPermitted;
    case 'too_many':
      return w().tooMany;
    case 'no_mail':
      return w().noMail;
    case 'not_now':
      return w().notNow;
    case 'address_taken':
      return w().addressTaken;
    case 'school_taken':
      return w().schoolTaken;
    case 'changed_meanwhile':
      return w().changedMeanwhile;
    case 'too_large':
      return w().tooLarge;
    case 'unsupported_media_type':
      return w().otherKind;
    case 'unreadable_list':
      return typeof detail === 'string' ? inOurs(detail) : errorText(t(), error);
    case 'app_taken':
    case 'key_taken':
    case 'platform_taken':
      return w().taken;
    case 'too_many_requests':
      return w().requests(error.retryAfter);
    case 'invalid':
    case 'bad_request':
    case 'proof_needed':
      return typeof detail === 'string' ? w().said(detail) : errorText(t(), error);
    default:
      return errorText(t(), error);
  }
}

/** Why a list is not read is said in both languages, the German one first. */
function inOurs(detail: string): string {
  const [german = detail, english = detail] = detail.split(' / ');
  return i18n.official === 'de' ? german : english;
}

/** The field that a problem document (RFC 9457) is about: its detail begins with the name. */
export function fieldOf(error: unknown): string | null {
  const detail = error instanceof ApiError ? error.body['detail'] : null;
  const named = typeof detail === 'string' ? /^(\w+): /.exec(detail) : null;
  return named?.[1] ?? null;
}
