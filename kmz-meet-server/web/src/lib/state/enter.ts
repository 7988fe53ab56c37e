type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'isComposing' | 'keyCode'>;

/** What a keyboard says while an input method has the key. Safari says it of the Enter that ends the composing, too. */
const IN_COMPOSITION = 229;

/** Whether a key sends what is written: Enter that chooses among proposed signs does not. */
export function sends({ key, shiftKey, isComposing, keyCode }: Key): boolean {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== IN_COMPOSITION;
}
