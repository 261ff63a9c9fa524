import * as z from 'zod/mini';
import type { AnswerDescription, Route } from './route.ts';

type Json = Record<string, unknown>;

/** The OpenAPI document of these routes, made of the schemas that check their requests. */
export function describeRoutes(routes: readonly Route[], version: string): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operationOf(route, schemas);
  }
  return {
    openapi: '3.0.3',
    info: { title: 'joulebook meter', version },
    paths,
    components: { schemas }
  };
}

function operationOf({ path, summary, query, body, answers }: Route, schemas: Json): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } }
  }));
  return {
    summary,
    parameters: [...inPath, ...(query ? parametersOf(query, schemas) : [])],
    ...(body && { requestBody: { required: true, content: jsonOf(body, schemas) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, schemas)])
    )
  };
}

function parametersOf(query: z.ZodMiniType, schemas: Json): Json[] {
  const { properties = {}, required = [] } = schemaOf(query, schemas) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema }
  }));
}

function responseOf({ description, type, schema }: AnswerDescription, schemas: Json): Json {
  if (schema) return { description, content: jsonOf(schema, schemas) };
  return { description, ...(type && { content: { [type]: { schema: { type: 'string' } } } }) };
}

function jsonOf(schema: z.ZodMiniType, schemas: Json): Json {
  return { 'application/json': { schema: schemaOf(schema, schemas) } };
}

/** A schema as JSON; those with a name are put beside it in `schemas` and referred to. */
function schemaOf(schema: z.ZodMiniType, schemas: Json): Json {
  const made = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' });
  const text = JSON.stringify(made).replaceAll('"#/definitions/', '"#/components/schemas/');
  const { definitions, id, ...json } = JSON.parse(text) as Json & { id?: string };
  Object.assign(schemas, definitions);
  if (id === undefined) return json;
  schemas[id] = json;
  return { $ref: `#/components/schemas/${id}` };
}
