/** Texts of the page behind the picture of a card. They are loaded with it. */
export const en = {
  page: 'Your card',
  opening: 'The room is being opened …',
  over: 'This card opens nothing any more. Ask your teacher for a new one.',
  openAgain: 'Scan your card once more, or type its code on the home page.',
  home: 'To the home page',
};

export type Words = typeof en;
