/*
 * What a ticket or a Jitsi token says about its person. Read here without looking at the signature, only to spare
 * questions and to show a name: the server decides.
 */
interface Claims {
  iss?: unknown;
  sub?: unknown;
  room?: unknown;
  role?: unknown;
  context?: { user?: { id?: unknown; name?: unknown } | null } | null;
}

export function claimsOf(token: string): Claims {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Claims | null;
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

/** The person's name in a token of Jitsi's form. */
export function jitsiName(token: string): string | null {
  const name = claimsOf(token).context?.user?.name;
  return typeof name === 'string' && /[\p{L}\p{N}]/u.test(name) ? name.trim() : null;
}

/** Whether both were made for the same person. Where a token does not say who that is: no. */
export function samePerson(one: string, other: string): boolean {
  const person = (token: string): string | null => {
    const { iss, sub, room, context } = claimsOf(token);
    // In our own tickets `sub` is the person; in Jitsi's it is the platform, and `context.user.id` the person.
    const id = context ? context.user?.id : sub;
    const known = (typeof id === 'string' && id !== '') || typeof id === 'number';
    return known ? JSON.stringify([iss, room, !context, id]) : null;
  };
  const first = person(one);
  return first !== null && first === person(other);
}
