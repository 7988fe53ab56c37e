import type { Content, Description, Operation, Response } from './description';
import { example } from './example';

/** The description as the page shows it: calls go to this server, and the one thing to type in is an API key. */
export function prepare(description: Description, origin: string): Description {
  const { session: _, ...securitySchemes } = description.components.securitySchemes;
  const paths: Description['paths'] = {};
  for (const [path, item] of Object.entries(description.paths)) {
    const operations = Object.entries(item ?? {}).map(([method, one]) => [method, operation(description, one)]);
    paths[path] = Object.fromEntries(operations) as Record<string, Operation>;
  }
  return {
    ...description,
    info: { ...description.info, description: folded(description.info.description) },
    servers: [{ url: origin }],
    paths,
    components: { ...description.components, securitySchemes },
  };
}

/** The table of errors is long, and the operations come after it. */
function folded(text: string): string {
  return text.replace(
    /\| status[^]*?(?=\n\n)/,
    (table) => `<details><summary>All codes</summary>\n\n${table}\n\n</details>`,
  );
}

function operation(description: Description, shown: Operation): Operation {
  const { requestBody, responses, security } = shown;
  const schema = requestBody?.content['application/json']?.schema;
  return {
    ...shown,
    // A browser sends the session's cookie by itself; a field for it would only be in the way.
    ...(security ? { security: security.filter((way) => !('session' in way)) } : {}),
    // Made of the schema's pattern alone, a text would be noise.
    ...(schema
      ? {
          requestBody: {
            ...requestBody,
            content: { 'application/json': { schema, example: example(description, schema) } },
          },
        }
      : {}),
    responses: Object.fromEntries(Object.entries(responses).map(([status, one]) => [status, response(status, one)])),
  };
}

/** Without the headers that every answer has (the text above tells of them), and refusals with their first code. */
function response(status: string, shown: Response): Response {
  const { headers: _, ...rest } = shown;
  const content: Record<string, Content> = { ...rest.content };
  const refusal = content['application/problem+json'];
  if (refusal) {
    const code = /`(\w+)`/.exec(rest.description ?? '')?.[1] ?? 'invalid';
    const example = { type: 'about:blank', title: 'What it is', status: Number(status), code, detail: 'What to do.' };
    content['application/problem+json'] = { ...refusal, example };
  }
  return { ...rest, ...(rest.content ? { content } : {}) };
}
