import { attendance } from './attendance';
import { comingIn } from './coming-in';
import { common } from './common';
import { conference } from './conference';
import { home } from './home';
import { over } from './over';
import { people } from './people';
import { rooms } from './rooms';
import { simple } from './simple';

/** All English texts, a file for each group of screens. Its shape is the type of every other language, so that a missing text does not compile. */
export const en = {
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

export type Messages = typeof en;
