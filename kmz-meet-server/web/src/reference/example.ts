import type { Description, Schema } from './description';

/** What a field is called says more about a good value than its type does. */
const TEXTS: Record<string, string> = {
  name: 'mutiger-dachs-lomi-katu-reno',
  title: 'Mathematics 7b',
  external: 'course-4711',
  url: 'https://school.example/kmz-meet',
  leave_url: 'https://school.example/course/4711',
  user: 'teacher-17',
  room: 'mutiger-dachs-lomi-katu-reno',
  issuer: 'https://moodle.school.example',
  client_id: 'kmz-meet',
  deployment_ids: '1',
  jwks_uri: 'https://moodle.school.example/mod/lti/certs.php',
  token_endpoint: 'https://moodle.school.example/mod/lti/token.php',
  authorization_endpoint: 'https://moodle.school.example/mod/lti/auth.php',
  embed_origins: 'https://school.example',
};

/** Fields that are not required, and that show what an operation is for. */
const TELLING = ['title', 'external'];

/** A value of this schema: what is required of it, and a little more. */
export function example(description: Description, schema: Schema, field = ''): unknown {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return example(description, description.components.schemas[name] ?? {}, field);
  }
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const choice = (schema.oneOf ?? schema.anyOf)?.find((one) => one.type !== 'null');
  if (choice) return example(description, choice, field);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => example(description, part, field)));
  switch ([schema.type].flat().find((type) => type !== 'null')) {
    case 'object':
      return object(description, schema);
    case 'array':
      return schema.items ? [example(description, schema.items, field)] : [];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    default:
      return TEXTS[field] ?? 'text';
  }
}

function object(description: Description, { properties = {}, required = [] }: Schema): unknown {
  const names = Object.keys(properties).filter((name) => required.includes(name) || TELLING.includes(name));
  // Where nothing is required, as in changes, one field shows how it is done.
  if (names.length === 0) names.push(...Object.keys(properties).slice(0, 1));
  return Object.fromEntries(names.map((name) => [name, example(description, properties[name] ?? {}, name)]));
}
