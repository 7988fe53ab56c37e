import { list } from '../list';

export const und = (names: string[]): string => list(names, 'und', (rest) => `${rest} weitere`);
export const zahl = (n: number, eins: string, viele: string): string => `${n} ${n === 1 ? eins : viele}`;
