/** The part of an OpenAPI 3.1 description that the page reads or changes. */
export interface Description {
  info: { description: string };
  servers?: { url: string }[];
  paths: Record<string, Record<string, Operation> | undefined>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

export interface Operation {
  operationId?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, Response>;
  security?: Record<string, string[]>[];
}

export interface Response {
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, Content>;
}

export interface Content {
  schema?: Schema;
  example?: unknown;
}

export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  minimum?: number;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}
