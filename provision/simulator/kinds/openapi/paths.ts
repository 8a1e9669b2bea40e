/** The paths of a document: operations with the query parameters that kubectl looks for. */
import type { Kind } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { componentName } from './components.ts';

/** The path items of one kind. */
export function pathsOf(kind: Kind): JsonObject {
  const root = `/${groupVersionPath(kind)}`;
  const collection = kind.isNamespaced
    ? `${root}/namespaces/{namespace}/${kind.plural}`
    : `${root}/${kind.plural}`;
  const one = `${collection}/{name}`;
  const inNamespace = kind.isNamespaced ? [pathParameter('namespace')] : [];
  const named = [pathParameter('name'), ...inNamespace];
  const paths: Record<string, JsonObject> = {};
  const add = (path: string, item: JsonObject, parameters: readonly JsonObject[]): void => {
    if (Object.keys(item).length > 0) paths[path] = { ...item, parameters };
  };
  if (kind.isNamespaced) add(`${root}/${kind.plural}`, operations(kind, ['list']), []);
  add(collection, operations(kind, ['list', 'create', 'deletecollection']), inNamespace);
  add(one, operations(kind, ['get', 'update', 'patch', 'delete']), named);
  if (kind.hasStatus) add(`${one}/status`, operations(kind, ['get', 'update', 'patch']), named);
  return paths;
}

/** Where a group version is served: `api/v1`, `apis/apps/v1`. */
export function groupVersionPath({ group, version }: Kind): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

interface Action {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In `x-kubernetes-action`. */
  readonly action: string;
  readonly parameters: readonly string[];
}

const WRITE_PARAMETERS = ['pretty', 'dryRun', 'fieldManager', 'fieldValidation'];
const LIST_PARAMETERS = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'pretty',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
];
const DELETE_PARAMETERS = [
  'pretty',
  'dryRun',
  'gracePeriodSeconds',
  'orphanDependents',
  'propagationPolicy',
];

const ACTIONS: Readonly<Record<string, Action>> = {
  list: { method: 'get', action: 'list', parameters: LIST_PARAMETERS },
  create: { method: 'post', action: 'post', parameters: WRITE_PARAMETERS },
  deletecollection: { method: 'delete', action: 'deletecollection', parameters: DELETE_PARAMETERS },
  get: { method: 'get', action: 'get', parameters: ['pretty'] },
  update: { method: 'put', action: 'put', parameters: WRITE_PARAMETERS },
  patch: { method: 'patch', action: 'patch', parameters: [...WRITE_PARAMETERS, 'force'] },
  delete: { method: 'delete', action: 'delete', parameters: DELETE_PARAMETERS },
};

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const STRATEGIC = 'application/strategic-merge-patch+json';

function operations(kind: Kind, verbs: readonly string[]): JsonObject {
  return Object.fromEntries(
    verbs
      .filter((verb) => kind.verbs.includes(verb))
      .flatMap((verb) => {
        const action = ACTIONS[verb];
        return action ? [[action.method, operation(kind, verb, action)]] : [];
      }),
  );
}

function operation(kind: Kind, verb: string, { action, parameters }: Action): JsonObject {
  const name = verb === 'list' ? `${componentName(kind)}List` : componentName(kind);
  const isAnswered = verb !== 'delete' && verb !== 'deletecollection';
  return {
    description: `${verb} ${kind.kind}`,
    parameters: parameters.map(queryParameter),
    ...requestBody(kind, verb),
    responses: {
      '200': {
        description: 'OK',
        ...(isAnswered && { content: { 'application/json': { schema: reference(name) } } }),
      },
    },
    'x-kubernetes-action': action,
    // Unlike a schema, an operation is about one kind.
    'x-kubernetes-group-version-kind': {
      group: kind.group,
      version: kind.version,
      kind: kind.kind,
    },
  };
}

function requestBody(kind: Kind, verb: string): JsonObject {
  if (verb === 'create' || verb === 'update') {
    return { requestBody: { content: { '*/*': { schema: reference(componentName(kind)) } } } };
  }
  if (verb !== 'patch') return {};
  const types = kind.isCustom === true ? PATCH_TYPES : [...PATCH_TYPES, STRATEGIC];
  return {
    requestBody: {
      content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }])),
    },
  };
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

const BOOLEANS = new Set([
  'allowWatchBookmarks',
  'force',
  'orphanDependents',
  'sendInitialEvents',
  'watch',
]);
const NUMBERS = new Set(['gracePeriodSeconds', 'limit', 'timeoutSeconds']);

function queryParameter(name: string): JsonObject {
  const type = BOOLEANS.has(name) ? 'boolean' : NUMBERS.has(name) ? 'integer' : 'string';
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

function pathParameter(name: string): JsonObject {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
}
