/** What of a field tells whether its text is a value. */
type Checked = Partial<Pick<HTMLInputElement, 'validity'>>;

/**
 * The fields of a form whose text is no value yet, such as half a day. The browser says that they are empty: whoever sends
 * them so sends nothing where something was meant.
 *
 * @param rules what to say of a field, by its name
 * @param find the element of a name
 */
export function unfinished(
  rules: Record<string, string>,
  find: (name: string) => Checked | null,
): Record<string, string> {
  return Object.fromEntries(Object.entries(rules).filter(([name]) => find(name)?.validity?.badInput === true));
}
