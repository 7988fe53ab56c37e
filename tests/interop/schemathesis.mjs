// Starts a server for each caller and lets schemathesis loose on it. Closes with 'N passed, N failed'.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Api } from '../e2e/lib/api.mjs';
import { Server } from '../e2e/lib/server.mjs';
import { until } from './lib/process.mjs';
import { Rest } from './lib/rest.mjs';

const tool = join(dirname(process.env['INTEROP_PYTHON']), 'schemathesis');
const here = fileURLToPath(new URL('.', import.meta.url));
const schema = fileURLToPath(new URL('../../openapi/openapi.json', import.meta.url));
const work = fileURLToPath(new URL('../../target/interop-schemathesis', import.meta.url));
const examples = process.env['EXAMPLES'] ?? '50';

/** What a caller has of their own, and the refusals that all hear. */
function configuration(caller) {
  const parts = [`schemathesis-${caller}.toml`, 'schemathesis-refusals.toml'];
  const file = join(work, `${caller}.toml`);
  writeFileSync(file, parts.map((part) => readFileSync(join(here, part), 'utf8')).join('\n'));
  return file;
}

function run(caller, env) {
  const args = [
    ...['--config-file', configuration(caller), 'run', schema],
    ...['--url', env.INTEROP_URL, '--checks', 'all', '--mode', 'all', '--max-examples', examples],
    ...['--continue-on-failure', '--no-color'],
    ...(process.env['SEED'] ? ['--seed', process.env['SEED']] : []),
    ...process.argv.slice(2),
  ];
  return new Promise((resolve) => {
    const child = spawn(tool, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      // What it keeps for a replay goes there.
      cwd: work,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: join(here, 'schemathesis_hooks.py'), ...env },
    });
    child.once('exit', (code) => resolve(code));
  });
}

/** A conference and a lesson, which no request can make, and a platform. */
async function life(server) {
  const rest = new Rest(server);
  const running = await rest.call('POST', '/rooms', { title: 'Running' });
  const teacher = await rest.enter(running, 'teacher', 'moderator');
  const pupil = await rest.enter(running, 'pupil', 'member');
  const over = await rest.call('POST', '/rooms', { title: 'Over' });
  await rest.enter(over, 'teacher', 'moderator');
  await rest.call('DELETE', `/rooms/${over.id}/conference`);
  const lesson = await until('attendance of a lesson', async () => (await rest.call('GET', `/rooms/${over.id}/attendance`)).lessons[0]);
  const endpoint = 'https://moodle.school.example/mod/lti';
  const platform = await rest.call('POST', '/lti/platforms', {
    issuer: 'https://moodle.school.example',
    client_id: 'abc',
    deployment_ids: ['1'],
    authorization_endpoint: `${endpoint}/auth.php`,
    token_endpoint: `${endpoint}/token.php`,
    jwks_uri: `${endpoint}/certs.php`,
  });
  const env = { INTEROP_ROOM: running.id, INTEROP_LESSON: lesson.id, INTEROP_PLATFORM: platform.id };
  return { people: [teacher, pupil], env };
}

/** A school whose contract was sent, came back signed, and holds. */
async function schoolWithContract(api) {
  const school = await api.post('/api/v1/schools', { name: 'Another school' });
  const contract = `/api/v1/schools/${school.id}/contract`;
  await api.post(`${contract}/changes`, { step: 'send_form' });
  const { origin } = api.server;
  const headers = { origin, cookie: api.cookie, 'content-type': 'application/octet-stream' };
  const body = '%PDF-1.7\n% signed\n%%EOF\n';
  const stored = await fetch(`${origin}${contract}/documents`, { method: 'POST', headers, body });
  const { id } = await stored.json();
  const day = new Date().toISOString().slice(0, 10);
  await api.post(`${contract}/changes`, { step: 'sign', signer: 'Ms Head', signed_on: day, document_id: id });
  return school;
}

mkdirSync(work, { recursive: true });
let failed = 0;
const callers = {
  stranger: () => ({}),
  key: ({ demo }) => ({ INTEROP_API_KEY: demo.api_key }),
  operator: async (server) => {
    const api = new Api(server);
    await api.post('/api/v1/session', server.demo.operator);
    const school = await schoolWithContract(api);
    return { INTEROP_COOKIE: api.cookie, INTEROP_SCHOOL: school.id };
  },
};
const asked = process.env['CALLERS']?.split(',') ?? Object.keys(callers);
for (const who of asked) {
  // Thousands of requests a minute are the point here; the limits have tests of their own.
  const server = await Server.start({ KMZ_MEET_API_REQUESTS_PER_MINUTE: '10000000' });
  console.log(`\n=== as ${who} ===`);
  const { people, env } = await life(server);
  const own = await callers[who](server);
  const code = await run(who, { ...env, ...own, INTEROP_URL: server.origin });
  for (const person of people) person.drop();
  if (code !== 0) failed += 1;
  // A panic or an early death fails here.
  await server.close().catch((error) => {
    failed += 1;
    console.error(error.message);
  });
}
const all = asked.length;
console.log(`${Math.max(0, all - failed)} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
