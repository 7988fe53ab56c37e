import type { Messages } from '../en';
import { attendance } from './attendance';
import { comingIn } from './coming-in';
import { common } from './common';
import { conference } from './conference';
import { home } from './home';
import { over } from './over';
import { people } from './people';
import { rooms } from './rooms';
import { simple } from './simple';

/*
 * Texte in einfachem Deutsch. Kurze Sätze mit einem Gedanken, ohne Komma, ohne Genitiv, ohne Passiv und ohne fremde Wörter;
 * lange Wörter haben einen Bindestrich. Wer lernt, liest „du“; Lehrkräfte lesen „Sie“. `easy.test.ts` zählt nach.
 */
export const easy: Messages = {
  ...common,
  ...home,
  ...rooms,
  ...comingIn,
  ...over,
  ...conference,
  ...people,
  ...attendance,
  ...simple,
};
