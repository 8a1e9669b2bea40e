import type { Json } from '../../../kinds/object.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../../../net/http.ts';
import {
  authorizationz,
  configz,
  connections,
  endpointz,
  mesh,
  registryz,
  syncz,
  type DebugSubject,
} from './pages.ts';
import { sentTo } from './sent.ts';

type Page = (subject: DebugSubject, query: URLSearchParams) => Json | HttpResponse;

/** istiod's debug pages by name, with what its index says of them; a new page is one entry here. */
const PAGES: Readonly<Record<string, { readonly help: string; readonly page: Page }>> = {
  adsz: { help: 'Connected proxies', page: connections },
  authorizationz: { help: 'Internal authorization policies', page: authorizationz },
  clusterz: { help: 'List remote clusters where istiod reads endpoints', page: clusterz },
  config_dump: { help: 'What istiod has sent to the proxy proxyID', page: configDump },
  configz: { help: 'Debug support for config', page: configz },
  connections: { help: 'Info about the connected XDS clients', page: connections },
  endpointShardz: { help: 'Info about the endpoint shards', page: endpointz },
  endpointz: { help: 'Obsolete, use endpointShardz', page: endpointz },
  inject: { help: 'Active inject template', page: inject },
  list: { help: 'List all supported debug commands in json', page: list },
  mesh: { help: 'Active mesh config', page: mesh },
  registryz: { help: 'Debug support for registry', page: registryz },
  syncz: {
    help: 'Synchronization status of all Envoys connected to this Pilot instance',
    page: (subject, query) => syncz(subject, query.get('namespace') ?? ''),
  },
};

const PREFIX = '/debug';

/** Whether a path is one of istiod's debug pages, known or not. */
export function isDebugPath(path: string): boolean {
  return path === PREFIX || path.startsWith(`${PREFIX}/`) || path.startsWith(`${PREFIX}?`);
}

/** Serves istiod's debug pages (istiod, ports 8080 and 15014: /debug/syncz and others); pages that are not simulated answer 404. */
export function debugHandler(
  subject: DebugSubject,
): (request: HttpRequest) => Promise<HttpResponse> {
  return async ({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://istiod');
    const name = pathname.slice(PREFIX.length + 1);
    if (name === '') return answer(200, index(), 'text/html; charset=utf-8');
    const found = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
    if (!found) return answer(404, '404 page not found\n', 'text/plain; charset=utf-8');
    const shown = found.page(subject, searchParams);
    if (isResponse(shown)) return shown;
    const indent = searchParams.has('pretty') ? 2 : undefined;
    return answer(200, JSON.stringify(shown, undefined, indent), 'application/json');
  };
}

function isResponse(shown: Json | HttpResponse): shown is HttpResponse {
  return typeof shown === 'object' && shown !== null && 'headers' in shown && 'body' in shown;
}

function list(): Json {
  return Object.keys(PAGES)
    .filter((name) => name !== 'list')
    .toSorted();
}

/** One cluster, whose istiod this is. */
function clusterz({ clusterId }: DebugSubject): Json {
  return [{ id: clusterId, secretName: '', syncStatus: 'synced' }];
}

function inject({ injector }: DebugSubject): Json | HttpResponse {
  return injector() ?? answer(404, '', 'text/plain; charset=utf-8');
}

function configDump({ discovery }: DebugSubject, query: URLSearchParams): Json | HttpResponse {
  const id = query.get('proxyID') ?? '';
  if (id === '') {
    return answer(400, 'You must provide a proxyID in the query string\n', 'text/plain');
  }
  const proxy = discovery.proxies().find(({ node }) => `${node.name}.${node.namespace}` === id);
  if (!proxy) {
    return answer(
      404,
      'Proxy not connected to this Pilot instance. It may be connected to another instance.\n',
      'text/plain',
    );
  }
  return sentTo(discovery, proxy, query.has('include_eds'));
}

function index(): string {
  const rows = Object.entries(PAGES)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([name, { help }]) =>
        `<tr><td><a href='/debug/${name}'>/debug/${name}</a></td><td>${help}</td></tr>`,
    );
  return `<html><head><title>Pilot Debug Console</title></head><body><table>${rows.join('')}</table></body></html>\n`;
}

function answer(status: number, body: string, type: string): HttpResponse {
  return {
    status,
    headers: new HttpHeaders([['content-type', type]]),
    body: Buffer.from(body),
  };
}
