import { describe, expect, it } from 'vitest';
import type { Description } from './description';
import { prepare } from './prepare';
import { LANGUAGES, requestOf, sample } from './samples';

const api: Description = {
  info: { description: 'Text.\n\n| status | code |\n| --- | --- |\n| 404 | `not_found` |\n\nMore.' },
  paths: {
    '/api/v1/rooms': {
      get: { responses: { 200: { content: { 'application/json': {} } } }, security: [{ key: [] }, { session: [] }] },
      post: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/NewRoom' } } } },
        responses: {
          201: { content: { 'application/json': {} }, headers: { RateLimit: {} } },
          409: { description: '`name_taken`', content: { 'application/problem+json': {} } },
        },
        security: [{ key: [] }, { session: [] }],
      },
    },
    '/api/v1/rooms/{id}': { delete: { responses: { 204: {} }, security: [{ key: [] }] } },
    '/api/v1/config': { get: { responses: { 200: { content: { 'application/json': {} } } } } },
  },
  components: {
    securitySchemes: { key: {}, session: {} },
    schemas: {
      NewRoom: {
        type: 'object',
        required: ['name', 'open'],
        properties: {
          name: { oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Name' }] },
          open: { type: 'boolean' },
          size: { type: 'integer' },
          title: { type: ['string', 'null'] },
        },
      },
      Name: { type: 'string' },
    },
  },
};
const prepared = prepare(api, 'https://meet.example');
const of = (path: string, method: string, language: (typeof LANGUAGES)[number]): string => {
  const request = requestOf(prepared, path, method);
  return request === null ? '' : sample(language, request);
};

describe('samples of an operation', () => {
  it('have the key from the environment, and the required members of the body', () => {
    expect(of('/api/v1/rooms', 'post', 'curl')).toBe(
      `curl --fail-with-body --request POST https://meet.example/api/v1/rooms \\
  --header "authorization: Bearer $KMZ_MEET_KEY" \\
  --header "content-type: application/json" \\
  --data '{"name":"mutiger-dachs-lomi-katu-reno","open":true,"title":"Mathematics 7b"}'`,
    );
    const python = of('/api/v1/rooms', 'post', 'Python');
    expect(python).toContain(`headers={"authorization": f"Bearer {os.environ['KMZ_MEET_KEY']}"},`);
    expect(python).toContain('        "open": True,\n');
    expect(python).toContain('print(response.json())');
    const typescript = of('/api/v1/rooms', 'post', 'TypeScript');
    expect(typescript).toContain('authorization: `Bearer ${process.env.KMZ_MEET_KEY}`');
    expect(typescript).toContain('    "open": true,\n');
  });

  it('name the ids of the path, and read no answer when there is none', () => {
    expect(of('/api/v1/rooms/{id}', 'delete', 'curl')).toContain(
      '--request DELETE https://meet.example/api/v1/rooms/ID',
    );
    for (const language of LANGUAGES) expect(of('/api/v1/rooms/{id}', 'delete', language)).not.toContain('print');
    expect(of('/api/v1/rooms/{id}', 'delete', 'TypeScript')).not.toContain('console.log');
  });

  it('send no key when none is needed', () => {
    expect(of('/api/v1/config', 'get', 'curl')).toBe('curl --fail-with-body https://meet.example/api/v1/config');
    expect(of('/api/v1/config', 'get', 'TypeScript')).toContain("await fetch('https://meet.example/api/v1/config');");
  });

  it('keep quotes in a text apart from those of the shell', () => {
    const request = { method: 'POST', url: '/x', headers: {}, body: { name: "it's" }, answer: 'nothing' as const };
    expect(sample('curl', request)).toContain(`--data '{"name":"it'\\''s"}'`);
  });
});

describe('the description on the page', () => {
  it('asks for a key only, and folds the table of codes', () => {
    expect(prepared.components.securitySchemes).toEqual({ key: {} });
    expect(prepared.paths['/api/v1/rooms']?.['get']?.security).toEqual([{ key: [] }]);
    expect(prepared.info.description).toContain('<details><summary>All codes</summary>\n\n| status');
    expect(prepared.info.description).toContain('\n\n</details>\n\nMore.');
  });

  it('has a body to try, and refusals with their code', () => {
    const post = prepared.paths['/api/v1/rooms']?.['post'];
    expect(post?.requestBody?.content['application/json']?.example).toMatchObject({ open: true });
    expect(post?.responses['409']?.content?.['application/problem+json']?.example).toMatchObject({
      status: 409,
      code: 'name_taken',
    });
    expect(post?.responses['201']?.headers).toBeUndefined();
  });

  it('stays unchanged for programs', () => {
    expect(api.paths['/api/v1/rooms']?.['get']?.security).toHaveLength(2);
    expect(requestOf(prepared, '/api/v1/none', 'get')).toBeNull();
  });
});
