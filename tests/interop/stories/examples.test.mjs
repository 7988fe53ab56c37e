// The example clients do what they promise, and tools accept the OpenAPI file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, test } from 'node:test';

import { Server } from '../../e2e/lib/server.mjs';
import { python } from '../lib/process.mjs';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const server = await Server.start();
after(() => server.close());
const env = { KMZ_MEET_URL: server.origin, KMZ_MEET_API_KEY: server.demo.api_key };

test('the client in Python makes a room, lets people in, and deletes it', async () => {
  const said = await python([`${root}examples/python/kmz_meet.py`], env);
  assert.match(said, /^teacher +http:\/\/localhost:\d+\/[a-z0-9-]+#ticket=/m);
  assert.match(said, /^conference not_found$/m);
  assert.match(said, /^deleted$/m);
});

test('the client in TypeScript has its types from the OpenAPI file, and does the same', { timeout: 120_000 }, async () => {
  const cwd = `${root}examples/typescript`;
  const npm = (...args) => exec('npm', ['--silent', ...args], { cwd, env: { ...process.env, ...env }, timeout: 100_000 });
  await npm('run', 'check');
  const { stdout } = await npm('start');
  assert.match(stdout, /^teacher http:\/\/localhost:\d+\/[a-z0-9-]+#ticket=/m);
  assert.match(stdout, /^deleted$/m);
});

test('the OpenAPI file is a valid document of version 3.1', async () => {
  const said = await python(['-m', 'openapi_spec_validator', `${root}openapi/openapi.json`]);
  assert.match(said, /OK/);
});
