import { words } from './words';

const GROUPS: Record<
  string,
  | 'unknown'
  | 'deployment'
  | 'again'
  | 'cookie'
  | 'signIn'
  | 'clocks'
  | 'keys'
  | 'reach'
  | 'names'
  | 'address'
  | 'standard'
  | 'choice'
  | 'room'
  | 'course'
  | 'teacher'
  | 'contract'
  | 'internal'
> = {
  lti_issuer_unknown: 'unknown',
  lti_issuer_missing: 'unknown',
  lti_client_unknown: 'unknown',
  lti_client_ambiguous: 'unknown',
  lti_deployment_unknown: 'deployment',
  lti_state_unknown: 'again',
  lti_state_expired: 'again',
  lti_state_missing: 'again',
  lti_nonce_wrong: 'again',
  lti_token_expired: 'again',
  lti_choice_unknown: 'again',
  lti_choice_expired: 'again',
  lti_other_browser: 'cookie',
  lti_platform_login_required: 'signIn',
  lti_clocks_differ: 'clocks',
  lti_key_unknown: 'keys',
  lti_signature: 'keys',
  lti_keys_damaged: 'keys',
  lti_keys_unreachable: 'reach',
  lti_platform_unreachable: 'reach',
  lti_platform_address: 'reach',
  lti_issuer_wrong: 'names',
  lti_audience_wrong: 'names',
  lti_target_missing: 'address',
  lti_target_foreign: 'address',
  lti_target_differs: 'address',
  lti_deep_linking_missing: 'choice',
  lti_link_not_accepted: 'choice',
  lti_return_foreign: 'choice',
  lti_room_unknown: 'room',
  lti_not_teaching: 'teacher',
  no_contract: 'contract',
  lti_internal: 'internal',
};

const w = words({
  de: {
    unknown: 'Die Plattform ist unter einem anderen Namen (Issuer, Client ID) eingetragen, als sie sendet.',
    deployment: 'Die Deployment ID der Plattform ist hier nicht eingetragen.',
    again: 'Zwischen Anmeldung und Raum ging etwas verloren. Meist hilft es, den Link im Kurs noch einmal zu öffnen.',
    cookie: 'Der Browser hat das Cookie nicht behalten. In Moodle den Startcontainer „Neues Fenster“ einstellen.',
    signIn: 'Die Person war in der Plattform nicht angemeldet.',
    clocks: 'Die Uhren der Plattform und dieses Dienstes gehen auseinander. Beide mit NTP stellen.',
    keys: 'Die Schlüssel der Plattform passen nicht: Die Keyset-URL stimmt nicht.',
    reach: 'Der Dienst erreicht die Plattform nicht. Steht sie in einem eigenen Netz?',
    names: 'Issuer oder Client ID sind hier anders eingetragen, als die Plattform sie sendet.',
    address: 'Tool-URL und Weiterleitungs-URI in der Plattform stimmen nicht.',
    standard: 'Die Antwort der Plattform ist nicht, was LTI 1.3 verlangt. Ihr Protokoll ansehen, sie aktualisieren.',
    choice: 'Die Auswahl eines Raums führt an eine Adresse, die hier nicht eingetragen ist.',
    room: 'Der Raum gehört nicht mehr zum Kurs. Im Kurs noch einmal auswählen.',
    course: 'Der Kurs passt nicht zum Link.',
    teacher: 'Nur Lehrkräfte wählen Räume aus.',
    contract: 'Die Schule hat keinen gültigen Vertrag.',
    internal: 'Beim Dienst ging etwas schief. Im Protokoll des Dienstes steht, was.',
  },
  en: {
    unknown: 'The platform is registered under another name (issuer, client ID) than it sends.',
    deployment: 'The deployment ID of the platform is not entered here.',
    again: 'Something was lost between signing in and the room. Opening the link in the course once more mostly helps.',
    cookie: 'The browser has not kept the cookie. In Moodle set the launch container to “New window”.',
    signIn: 'The person was not signed in to the platform.',
    clocks: 'The clocks of the platform and of this service differ. Set both by NTP.',
    keys: 'The keys of the platform do not fit: the keyset URL is not right.',
    reach: 'The service does not reach the platform. Is it in a network of its own?',
    names: 'Issuer or client ID are entered here in another way than the platform sends them.',
    address: 'Tool URL and redirection URI in the platform are not right.',
    standard: 'The platform’s answer is not what LTI 1.3 demands. Look at its log, update it.',
    choice: 'The choice of a room leads to an address that is not entered here.',
    room: 'The room is not one of the course any more. Choose once more in the course.',
    course: 'The course does not fit the link.',
    teacher: 'Only teachers choose rooms.',
    contract: 'The school has no contract that holds.',
    internal: 'Something went wrong at the service. Its log says what.',
  },
});

/** Why a launch failed, in words. */
export const launchText = (code: string): string => w()[GROUPS[code] ?? 'standard'];
