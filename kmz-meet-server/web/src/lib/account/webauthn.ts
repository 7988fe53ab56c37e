/** The options of WebAuthn as JSON: bytes are base64url (WebAuthn Level 3, 5.1.9 and 5.1.10). */
export interface Question {
  challenge: string;
  user?: { id: string };
  excludeCredentials?: Described[];
  allowCredentials?: Described[];
}

interface Described {
  type: 'public-key';
  id: string;
  transports?: AuthenticatorTransport[];
}

/** What an answer looks like as JSON. */
export type Answer = Record<string, never>;

/** Whether this browser knows passkeys here at all. */
export const knowsPasskeys = (): boolean => 'PublicKeyCredential' in window && 'credentials' in navigator;

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const described = (all: Described[] = []): PublicKeyCredentialDescriptor[] =>
  all.map((one) => ({ ...one, id: bytes(one.id) }));

function common(credential: PublicKeyCredential): Record<string, unknown> {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: {},
  };
}

// Browsers of 2023 have neither `parseCreationOptionsFromJSON` nor `toJSON`, and schools have such browsers.

/** Asks the browser for a new passkey. */
export async function registerBy(question: Question): Promise<Answer> {
  const publicKey = {
    ...question,
    challenge: bytes(question.challenge),
    user: { ...question.user, id: bytes(question.user?.id ?? '') },
    excludeCredentials: described(question.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    ...common(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports(),
    },
  } as unknown as Answer;
}

/** Asks the browser for one of the passkeys of the account. */
export async function answerQuestion(question: Question): Promise<Answer> {
  const publicKey = {
    ...question,
    challenge: bytes(question.challenge),
    allowCredentials: described(question.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    ...common(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle === null ? null : text(response.userHandle),
    },
  } as unknown as Answer;
}
