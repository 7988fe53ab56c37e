// The certified provider `oidc-provider` from npm, with its own pages for signing in, agreeing and signing out.
import Provider from 'oidc-provider';

import { freePort } from './process.mjs';

const CLIENT = { client_id: 'kmz-meet', client_secret: 'a secret of the school: with signs & more' };

/**
 * A provider whose people are the addresses in `people`, with what it says about each.
 *
 * @param {string} origin of our server
 * @param {Record<string, object>} people
 */
export async function startProvider(origin, people) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...CLIENT,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [`${origin}/sign-in/oidc/callback`],
        post_logout_redirect_uris: [`${origin}/sign-in/oidc/signed-out`],
      },
    ],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], roles: ['roles'] },
    scopes: ['openid', 'profile', 'email', 'roles'],
    cookies: { keys: ['only of this test'] },
    pkce: { required: () => true },
    findAccount: (_, sub) => (people[sub] ? { accountId: sub, claims: () => ({ sub, ...people[sub] }) } : undefined),
  });
  const http = provider.listen(port, 'localhost');
  await new Promise((resolve) => http.once('listening', resolve));
  return {
    ...CLIENT,
    issuer,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}
