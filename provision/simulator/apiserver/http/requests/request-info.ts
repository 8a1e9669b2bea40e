/** What a request's line asks for (upstream: apiserver, pkg/endpoints/request/requestinfo). */
import type { Attributes } from '../../auth/rbac.ts';

export type RequestInfo = ResourceInfo | PathInfo;

export interface ResourceInfo {
  readonly type: 'resource';
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty for cluster scope and all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** What follows the subresource, without a slash in front: the path of a proxied request. */
  readonly rest: string;
}

export interface PathInfo {
  readonly type: 'path';
  readonly verb: string;
  readonly path: string;
}

/** Parts of a namespace's own URL that are no resources in it. */
const NAMESPACE_PARTS = new Set(['status', 'finalize']);

export function parseRequest(method: string, path: string, query: URLSearchParams): RequestInfo {
  const verb = method.toLowerCase();
  const parts = path.split('/').slice(1).map(decode);
  const [root, ...after] = parts;
  if (root === 'api' && after.length >= 2) {
    return resourceInfo(
      { group: '', version: after[0] ?? '', method, query },
      after.slice(1),
      path,
    );
  }
  if (root === 'apis' && after.length >= 3) {
    const target = { group: after[0] ?? '', version: after[1] ?? '', method, query };
    return resourceInfo(target, after.slice(2), path);
  }
  return { type: 'path', verb, path };
}

/** What the sender needs permission for. */
export function attributesOf(info: RequestInfo): Attributes {
  if (info.type === 'path') return { type: 'path', verb: info.verb, path: info.path };
  const { verb, group, plural, subresource, name } = info;
  // A role in a namespace may also speak about the namespace itself.
  const isNamespace = group === '' && plural === 'namespaces';
  const namespace = isNamespace ? name : info.namespace;
  return { type: 'resource', verb, group, resource: plural, subresource, name, namespace };
}

interface Target {
  readonly group: string;
  readonly version: string;
  readonly method: string;
  readonly query: URLSearchParams;
}

function resourceInfo(target: Target, parts: readonly string[], path: string): RequestInfo {
  // `/api/v1/watch/pods`: the old way to ask for a watch, which servers still understand.
  if (parts[0] === 'watch' && parts.length > 1) {
    const info = resourceInfo(target, parts.slice(1), path);
    return { ...info, verb: target.method === 'GET' ? 'watch' : info.verb };
  }
  const trimmed = withoutEmptyEnd(parts);
  const [first = '', namespace = '', third] = trimmed;
  if (first === '') return { type: 'path', verb: target.method.toLowerCase(), path };
  const isInNamespace =
    first === 'namespaces' && third !== undefined && !NAMESPACE_PARTS.has(third);
  const [plural = '', name = '', subresource = '', ...rest] = isInNamespace
    ? trimmed.slice(2)
    : trimmed;
  return {
    type: 'resource',
    verb: verbOf(target, name),
    group: target.group,
    version: target.version,
    plural,
    namespace: isInNamespace ? namespace : '',
    name,
    subresource,
    rest: rest.map((part) => encodeURIComponent(part)).join('/'),
  };
}

/** A slash at the end means nothing, but in the path of a proxied request. */
function withoutEmptyEnd(parts: readonly string[]): readonly string[] {
  const isProxied = parts.includes('proxy');
  return parts.at(-1) === '' && parts.length > 1 && !isProxied ? parts.slice(0, -1) : parts;
}

function verbOf({ method, query }: Target, name: string): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    case 'GET':
      if (isTrue(query.get('watch'))) return 'watch';
      return name === '' ? 'list' : 'get';
    default:
      return method.toLowerCase();
  }
}

/** Whether a query parameter says yes: all that is there does, but for `false` and `0` (apimachinery, conversion of queries). */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
