/* What a page gives to the constructor, and the address of the room that is made of it. */

export interface Options {
  roomName?: string;
  width?: number | string;
  height?: number | string;
  parentNode?: Element | null;
  configOverwrite?: Record<string, unknown>;
  interfaceConfigOverwrite?: Record<string, unknown>;
  jwt?: string;
  lang?: string;
  onload?: (event: Event) => void;
  userInfo?: { displayName?: string; email?: string };
  sandbox?: string;
}

/** The old form had its arguments one after the other. */
export function optionsOf(args: unknown[]): Options {
  const [first] = args;
  if (typeof first === 'object' && first !== null) return first;
  const [roomName, width, height, parentNode, configOverwrite, interfaceConfigOverwrite, , jwt, onload] = args;
  return { roomName, width, height, parentNode, configOverwrite, interfaceConfigOverwrite, jwt, onload } as Options;
}

// The address of this very file: over plain http only where the page's own script came that way (one machine, for trying).
const own = (document.currentScript as HTMLScriptElement | null)?.src ?? '';

function schemeFor(domain: string): string {
  try {
    const script = new URL(own);
    if (script.protocol === 'http:' && domain.split('/')[0] === script.host) return 'http:';
  } catch {
    // Loaded in some other way: https it is.
  }
  return 'https:';
}

function fragmentOf(id: number, options: Options): string {
  const parts = [`jitsi_meet_external_api_id=${id}`];
  const add = (prefix: string, values: Record<string, unknown> | undefined): void => {
    for (const [key, value] of Object.entries(values ?? {})) {
      if (value !== undefined) parts.push(`${prefix}.${key}=${encodeURIComponent(JSON.stringify(value))}`);
    }
  };
  add('config', options.configOverwrite);
  add('interfaceConfig', options.interfaceConfigOverwrite);
  add('userInfo', options.userInfo);
  return parts.join('&');
}

/** The address of the room in the frame. */
export function addressOf(domain: string, id: number, options: Options): URL {
  const url = new URL(
    `${schemeFor(domain)}//${domain}/${(options.roomName ?? '').split('/').map(encodeURIComponent).join('/')}`,
  );
  if (options.jwt) url.searchParams.set('jwt', options.jwt);
  if (options.lang) url.searchParams.set('lang', options.lang);
  url.hash = fragmentOf(id, options);
  return url;
}
