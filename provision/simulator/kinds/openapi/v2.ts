/** OpenAPI v2 made from the parts of v3: what kubectl 1.28 and older, `explain --output=plaintext-openapiv2` and many tools read. */
import { KUBERNETES_VERSION } from '../../versions.ts';
import { isList, isObject, listAt, objectAt, stringAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { componentsOf } from './components.ts';
import { pathsOf } from './paths.ts';

/** The whole document for some kinds. */
export function openApiV2(kinds: readonly Kind[]): JsonObject {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: `v${KUBERNETES_VERSION}` },
    paths: mapped(Object.assign({}, ...kinds.map(pathsOf)), pathItem),
    definitions: mapped(componentsOf(kinds), definitionOf),
  };
}

function mapped(object: JsonObject, change: (value: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, isObject(value) ? change(value) : value]),
  );
}

/** Keywords that v2 does not have; upstream leaves them out as well. */
const ONLY_V3 = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default']);

/** A schema in the words of v2: references stand for themselves, alternatives become text. */
function definitionOf(schema: JsonObject): JsonObject {
  const reference = stringAt(schema, '$ref') || stringAt(listAt(schema, 'allOf')[0], '$ref');
  const kept: Record<string, Json | undefined> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (!ONLY_V3.has(key) && key !== '$ref') kept[key] = part(key, value);
  }
  if (reference !== '') {
    return { ...kept, $ref: reference.replace('#/components/schemas/', '#/definitions/') };
  }
  // A value that may be null has no type in v2.
  if (schema['nullable'] === true) {
    const { type: _type, items: _items, properties: _properties, ...free } = kept;
    return free;
  }
  const isAlternative = isList(schema['oneOf']) && kept['type'] === undefined;
  return { ...kept, ...(isAlternative && { type: 'string' }) };
}

function part(key: string, value: Json | undefined): Json | undefined {
  if (!isObject(value)) return value;
  if (key === 'properties') return mapped(value, definitionOf);
  return key === 'items' || key === 'additionalProperties' ? definitionOf(value) : value;
}

function pathItem(item: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      if (key === 'parameters') return [key, listAt(item, key).map(parameter)];
      return [key, isObject(value) ? operation(value) : value];
    }),
  );
}

const MEDIA_TYPES = ['application/json', 'application/yaml'];

function operation(v3: JsonObject): JsonObject {
  const { requestBody, responses, parameters, ...rest } = v3;
  const content = objectAt(requestBody, 'content');
  const types = Object.keys(content);
  const [body] = Object.values(content);
  const answer = objectAt(responses, '200', 'content', 'application/json', 'schema');
  const hasBody = requestBody !== undefined;
  return {
    ...rest,
    consumes: hasBody && types[0] !== '*/*' ? types : ['*/*'],
    produces: MEDIA_TYPES,
    parameters: [
      ...(hasBody
        ? [
            {
              in: 'body',
              name: 'body',
              required: true,
              schema: definitionOf(objectAt(body, 'schema')),
            },
          ]
        : []),
      ...listAt({ parameters }, 'parameters').map(parameter),
    ],
    responses: {
      '200': {
        description: 'OK',
        ...(Object.keys(answer).length > 0 && { schema: definitionOf(answer) }),
      },
      '401': { description: 'Unauthorized' },
    },
  };
}

/** A parameter has its type beside its name. */
function parameter(v3: Json): Json {
  const { schema, ...rest } = objectAt(v3);
  return { ...rest, ...objectAt(schema) };
}
