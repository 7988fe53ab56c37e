/** 'Anna', 'Anna and Ben', 'Anna, Ben and 3 more'. */
export function list(names: string[], word: string, more: (rest: number) => string): string {
  if (names.length <= 1) return names[0] ?? '';
  if (names.length <= 3) return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1) ?? ''}`;
  return `${names.slice(0, 2).join(', ')} ${word} ${more(names.length - 2)}`;
}
