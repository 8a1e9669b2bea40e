import { KUBERNETES_VERSION } from '../../versions.ts';
import { methodNotAllowed } from '../errors.ts';
import { sendCached } from './discovery/cached.ts';
import {
  aggregated,
  coreVersions,
  groupDocument,
  groupList,
  resourceList,
} from './discovery/discovery.ts';
import { ISSUER_PATHS, sendIssuer } from './discovery/issuer.ts';
import { sendOpenApi } from './discovery/openapi.ts';
import { sendJson, sendJsonText, sendPageNotFound, type Exchange } from './exchange.ts';
import { healthPaths, sendHealth } from './health.ts';
import type { PathInfo } from './requests/request-info.ts';
import { refuseUnknown } from './unknown-path.ts';

/** Versions of aggregated discovery, newest first. */
const DISCOVERY_VERSIONS = ['v2', 'v2beta1'];

/** Answers requests for what is no resource: version, health, discovery, OpenAPI. */
export function handlePath(exchange: Exchange, info: PathInfo): void {
  const { response } = exchange;
  const parts = info.path.split('/').filter((part) => part !== '');
  const [root = '', first, second, ...rest] = parts;
  if (parts.length === 0) return sendIndex(exchange);
  if (!ROOTS.has(root)) return sendPageNotFound(exchange.response);
  if (info.verb !== 'get' && info.verb !== 'head') throw methodNotAllowed();
  switch (root) {
    case 'version':
      return sendJson(response, 200, versionInfo());
    case 'healthz':
    case 'livez':
    case 'readyz':
      return sendHealth(exchange, root, parts.slice(1).join('/'));
    case 'openapi':
      return sendOpenApi(exchange, parts.slice(1));
    case '.well-known':
    case 'openid':
      return sendIssuer(exchange);
    case 'api':
      return sendDiscovery(exchange, ['', first]);
    default:
      return rest.length > 0
        ? refuseUnknown(exchange, first)
        : sendDiscovery(exchange, [first, second]);
  }
}

const ROOTS = new Set([
  'version',
  'healthz',
  'livez',
  'readyz',
  'openapi',
  'api',
  'apis',
  '.well-known',
  'openid',
]);

/** The paths that are served, which `kubectl get --raw /` shows. */
function sendIndex({ response, context }: Exchange): void {
  const kinds = context.core.kinds.all().filter(({ group }) => group !== '');
  const groups = new Set(kinds.flatMap(({ group, version }) => [group, `${group}/${version}`]));
  const paths = [
    ...ISSUER_PATHS,
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...[...groups].map((group) => `/apis/${group}`),
    ...healthPaths(),
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/version',
  ].toSorted();
  sendJsonText(response, 200, JSON.stringify({ paths }, undefined, 2));
}

function versionInfo(): object {
  const [major = '', minor = ''] = KUBERNETES_VERSION.split('.');
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    // The build metadata says what this is; clients compare what stands before the plus.
    gitVersion: `v${KUBERNETES_VERSION}+regatta-simulator`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: `node-${process.versions.node}`,
    compiler: 'node',
    platform: 'linux/amd64',
  };
}

/** `/api…` and `/apis…`: the group (empty for the core group) and version of the path, as far as it names them. */
function sendDiscovery(
  exchange: Exchange,
  [group, version]: readonly (string | undefined)[],
): void {
  const { request, response, context } = exchange;
  const kinds = context.core.kinds.all();
  const isCore = group === '';
  const isRoot = version === undefined && (isCore || group === undefined);
  const wanted = isRoot ? aggregatedVersion(request.headers.accept ?? '') : undefined;
  if (wanted !== undefined) {
    const type = `application/json;g=apidiscovery.k8s.io;v=${wanted};as=APIGroupDiscoveryList`;
    response.setHeader('vary', 'Accept');
    return sendCached(request, response, JSON.stringify(aggregated(kinds, isCore, wanted)), type);
  }
  if (isRoot)
    return sendJson(response, 200, isCore ? coreVersions('172.30.1.2:6443') : groupList(kinds));
  const body =
    version === undefined
      ? groupDocument(kinds, group ?? '')
      : resourceList(kinds, group ?? '', version);
  if (!body) return refuseUnknown(exchange, group);
  sendJson(response, 200, body);
}

function aggregatedVersion(accept: string): string | undefined {
  for (const part of accept.split(',')) {
    if (!part.includes('as=APIGroupDiscoveryList')) continue;
    const version = /;v=(\w+)/.exec(part)?.[1];
    if (version !== undefined && DISCOVERY_VERSIONS.includes(version)) return version;
  }
  return undefined;
}
