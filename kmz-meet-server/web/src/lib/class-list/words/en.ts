/** Texts of the class list and its cards. They are loaded with their dialog, not with the first page. */
export const en = {
  title: (room: string) => `Class and cards in ${room}`,
  lead: 'Each child on the list gets a card with a picture and a code. With it they come in at once, under the name on the list. Whoever has no card stands out.',
  names: 'Names, one in each line',
  namesHint: (max: number) =>
    `At most ${max}. First names are enough, as long as no two look the same. You can paste cells of a spreadsheet, too.`,
  file: 'Take the names from a file (CSV)',
  found: (n: number) =>
    n === 1
      ? 'One name was found. Please look at it, then save.'
      : `${n} names were found. Please look at them, then save.`,
  leftOut: (n: number) =>
    n === 1 ? 'One row without a name was left out.' : `${n} rows without a name were left out.`,
  save: 'Save the list',
  saved: 'The list is saved.',
  change: 'Change the list',
  cancel: 'Cancel',
  changeHint: 'Who stays keeps the card. Whoever is taken off the list loses it, and is out at once.',
  none: 'Please type at least one name.',
  twice: (name: string) => `${name} stands there twice. Please add a letter of the surname.`,
  unfit:
    'The list does not fit: two names look the same, a name has no letters or is too long, or there are more than 100. Please change it.',
  tooLarge: 'This file is too large for a class list. Please take a file with the names only.',
  count: (n: number) => (n === 1 ? 'One child' : `${n} children`),
  pupils: 'The class',
  print: 'Print all cards',
  printHint: 'A PDF for the printer, ten cards on a page, with marks for cutting.',
  printed: 'The cards are downloaded. Please print them and cut them apart.',
  fileName: 'cards.pdf',
  printOne: 'Print',
  printOf: (name: string) => `Print the card of ${name}`,
  renew: 'New card',
  renewOf: (name: string) => `New card for ${name}`,
  renewSure: (name: string) =>
    `Give ${name} a new card? The old one opens nothing then, and whoever is in by it is out at once.`,
  renewAll: 'New cards for all',
  renewAllSure:
    'Give all children new cards? The old ones open nothing then. You print the new ones and hand them out.',
  renewed: 'There is a new card. Please print it.',
  renewedAll: 'All have new cards. Please print them.',
  withdraw: 'Withdraw',
  withdrawOf: (name: string) => `Withdraw the card of ${name}`,
  withdrawSure: (name: string) =>
    `Withdraw the card of ${name}? It opens nothing then, and whoever is in by it is out at once.`,
  withdrawAll: 'Withdraw all cards',
  withdrawAllSure:
    'Withdraw all cards? They open nothing then, and whoever is in by one is out at once. The names stay.',
  withdrawn: 'The card is withdrawn.',
  withdrawnAll: 'All cards are withdrawn.',
  isWithdrawn: 'card withdrawn',
  remove: 'Delete the list',
  removeSure: 'Delete the whole list? All names and cards are gone then, and whoever is in by a card is out at once.',
  removed: 'The list is deleted.',
  keep: 'No, leave it',
};

export type Words = typeof en;
