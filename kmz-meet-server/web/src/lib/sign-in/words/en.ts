export const en = {
  title: 'With the account of your school',
  search: 'Your school',
  searchHint: 'Type a part of its name.',
  none: 'No school of this name signs in here by its own account.',
  found: (number: number) => (number === 1 ? 'One school found.' : `${number} schools found.`),
  more: 'There are more. Type a longer part of the name.',
};

export type Words = typeof en;
