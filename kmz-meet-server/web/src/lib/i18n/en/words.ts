import { list } from '../list';

export const and = (names: string[]): string => list(names, 'and', (rest) => `${rest} more`);
export const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
