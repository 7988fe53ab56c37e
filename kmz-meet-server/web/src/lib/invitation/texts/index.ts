import { de } from './de';
import { easy } from './easy';
import { en, type InvitationText } from './en';

export type InvitationLanguage = 'de' | 'easy' | 'en';

/** Invitations in every language in which they are written. */
export const TEXTS: Record<InvitationLanguage, InvitationText> = { de, easy, en };
export const INVITATION_LANGUAGES = Object.keys(TEXTS) as InvitationLanguage[];
