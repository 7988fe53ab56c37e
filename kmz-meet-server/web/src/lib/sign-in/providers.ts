import type { ShownProvider, ShownProviderList } from '../../generated/api';

const NONE: ShownProviderList = { providers: [], more: false };

/** The providers that are shown to everybody, by a part of the school's name. Where they cannot be had there are none: the
 * password works all the same. */
export async function shownProviders(typed: string, signal: AbortSignal): Promise<ShownProviderList> {
  const query = typed.trim() === '' ? '' : `?${new URLSearchParams({ q: typed.trim() }).toString()}`;
  try {
    const response = await fetch(`/api/v1/sign-in-providers${query}`, { signal });
    return response.ok ? ((await response.json()) as ShownProviderList) : NONE;
  } catch {
    return NONE;
  }
}

/** Where signing in by a provider begins, and `next` is where it ends. */
export function beginning(provider: ShownProvider, next: string): string {
  return `${provider.sign_in_path}?${new URLSearchParams({ next }).toString()}`;
}
