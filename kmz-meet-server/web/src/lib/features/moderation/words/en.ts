import type { LookAlike } from '../../../../generated/LookAlike';
import { isolate } from '../../../i18n/isolate';

/** Texts of what moderators do with people and messages. They are loaded with their dialogs, not with the first page. */
export const en = {
  renameTitle: (name: string) => `Another name for ${isolate(name)}`,
  renameLabel: 'New name',
  renameHint: 'Everyone sees it, also on earlier messages. The person is told in friendly words.',
  renameYes: 'Change',
  renameMissing: 'Please type a name with at least one letter.',
  renameLong: (max: number) => `The name is too long. At most ${max} characters.`,
  deleteTitle: 'Delete this message?',
  deleteText: 'It is gone for everyone. In its place it says that a teacher deleted a message.',
  deleteYes: 'Delete',
  deleteAll: (n: number, name: string) => `Delete all ${n} messages of ${isolate(name)}`,
  alike: ({ name, here }: LookAlike) =>
    here ? `Looks like the name of ${isolate(name)}` : `Looks like the name of ${isolate(name)}, who was here before`,
  alikeInside: (who: string, { name, here }: LookAlike) =>
    here
      ? `The name ${isolate(who)} looks like the name of ${isolate(name)}. Are both who they say they are?`
      : `The name ${isolate(who)} looks like the name of ${isolate(name)}, who was here before. Is it the same person?`,
  alikeMany: (n: number) => `${n} people have names that look like somebody else’s.`,
  look: 'Show',
  sent: 'Asked to wait here by a teacher',
  admitListed: 'Let in all who are on the list',
  refuseUnlisted: 'Turn away all who are not on the list',
  refuseTitle: (n: number) => (n === 1 ? 'Turn away one person?' : `Turn away ${n} people?`),
  refuseText: 'Whoever is turned away cannot knock again in this conference.',
  refuseYes: 'Turn away',
};

export type Words = typeof en;
