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
 * Deutsche Texte. Kurz und freundlich; Kinder werden geduzt, wo sie gemeint sind, sonst ohne Anrede formuliert.
 */
export const de: Messages = {
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
