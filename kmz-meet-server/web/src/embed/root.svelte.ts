/** Effects that belong to no component; ends with what it returns. */
export const rootOf = (run: () => void): (() => void) => $effect.root(run);
