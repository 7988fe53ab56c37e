import type { Description, Operation } from './description';
import { example } from './example';

/** A request that a sample shows. */
export interface SampleRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** JSON, or text that is sent as it is. */
  body?: unknown;
  /** Whether the answer is JSON, some other text, or nothing. */
  answer: 'json' | 'text' | 'nothing';
}

export const LANGUAGES = ['curl', 'Python', 'TypeScript'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Stands for the key that every caller has; the samples read it from the environment. */
const KEY = '$KMZ_MEET_KEY';

/** A request to this operation that can be sent as soon as the ids in it are real. */
export function requestOf(description: Description, path: string, method: string): SampleRequest | null {
  const operation = description.paths[path]?.[method];
  if (!operation) return null;
  const schema = operation.requestBody?.content['application/json']?.schema;
  const query = (operation.parameters ?? []).filter((one) => one.in === 'query' && one.required);
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => `${name.toUpperCase()}`);
  return {
    method: method.toUpperCase(),
    url: `${description.servers?.[0]?.url ?? ''}${filled}${query.length > 0 ? `?${query.map(({ name }) => `${name}=…`).join('&')}` : ''}`,
    headers: {
      ...(operation.security ? { authorization: `Bearer ${KEY}` } : {}),
      ...(schema ? { 'content-type': 'application/json' } : {}),
    },
    ...(schema ? { body: example(description, schema) } : {}),
    answer: answerOf(operation),
  };
}

function answerOf({ responses }: Operation): SampleRequest['answer'] {
  const { content } = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1] ?? {};
  if (!content) return 'nothing';
  return 'application/json' in content ? 'json' : 'text';
}

export function sample(language: Language, request: SampleRequest): string {
  switch (language) {
    case 'curl':
      return curl(request);
    case 'Python':
      return python(request);
    case 'TypeScript':
      return typescript(request);
  }
}

/** In double quotes, so that the shell puts the key in. */
const shellWord = (text: string): string => `"${text.replace(/["\\`]/g, '\\$&')}"`;

function curl({ method, url, headers, body }: SampleRequest): string {
  const parts = [
    method === 'GET' ? `curl --fail-with-body ${url}` : `curl --fail-with-body --request ${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `--header ${shellWord(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data '${textOf(body).replaceAll("'", `'\\''`)}'`]),
  ];
  return parts.join(' \\\n  ');
}

function textOf(body: unknown, indent = 0): string {
  return typeof body === 'string' ? body : JSON.stringify(body, null, indent);
}

function python({ method, url, headers, body, answer }: SampleRequest): string {
  const lines = [
    'import os',
    'import requests',
    '',
    'response = requests.request(',
    `    "${method}",`,
    `    "${url}",`,
  ];
  const { 'content-type': _, ...others } = headers;
  const fields = Object.entries(others).map(([name, value]) => {
    const isKey = value.includes(KEY);
    return `"${name}": ${isKey ? 'f' : ''}${JSON.stringify(value).replace(KEY, "{os.environ['KMZ_MEET_KEY']}")}`;
  });
  if (fields.length > 0) lines.push(`    headers={${fields.join(', ')}},`);
  if (body !== undefined) lines.push(`    json=${pythonValue(body, 1)},`);
  lines.push('    timeout=30,', ')', 'if not response.ok:', '    raise SystemExit(response.json()["code"])');
  if (answer !== 'nothing') lines.push(answer === 'json' ? 'print(response.json())' : 'print(response.text)');
  return lines.join('\n');
}

function pythonValue(value: unknown, depth: number): string {
  const inner = '    '.repeat(depth + 1);
  const outer = '    '.repeat(depth);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map((one) => pythonValue(one, depth)).join(', ')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([name, one]) => `${inner}"${name}": ${pythonValue(one, depth + 1)},\n`);
    return fields.length === 0 ? '{}' : `{\n${fields.join('')}${outer}}`;
  }
  return JSON.stringify(value);
}

function typescript({ method, url, headers, body, answer }: SampleRequest): string {
  const lines = [`const response = await fetch('${url}', {`];
  if (method !== 'GET') lines.push(`  method: '${method}',`);
  const fields = Object.entries(headers).map(([name, value]) => {
    const text = value.includes(KEY) ? `\`${value.replace(KEY, '${process.env.KMZ_MEET_KEY}')}\`` : `'${value}'`;
    return `${/^\w+$/.test(name) ? name : `'${name}'`}: ${text}`;
  });
  if (fields.length > 0) lines.push(`  headers: { ${fields.join(', ')} },`);
  if (body !== undefined) lines.push(`  body: JSON.stringify(${textOf(body, 2).replaceAll('\n', '\n  ')}),`);
  if (lines.length === 1) lines[0] = `const response = await fetch('${url}');`;
  else lines.push('});');
  lines.push('if (!response.ok) throw new Error((await response.json()).code);');
  if (answer !== 'nothing') lines.push(`console.log(await response.${answer}());`);
  return lines.join('\n');
}
