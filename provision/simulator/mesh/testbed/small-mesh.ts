import type { NewObject } from '../../client/client.ts';
import { FakeClock } from '../../fake-clock.ts';
import type { Labels } from '../../kinds/object.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { idle } from '../../programs/idle.ts';
import type { Program } from '../../programs/program.ts';
import { meshPrograms } from '../index.ts';
import { SIDECAR, startControlPlane } from './mesh.ts';
import { Testbed, type TestService } from './testbed.ts';

/** Until istiod is up and every proxy has heard from it. */
const START_MS = 2_000;
/** A change is in force this much later. */
const CHANGE_MS = 100;
const PORT = 8080;

/** A pod of that name with a sidecar, whose application answers on port 8080. */
export interface TestServer {
  readonly name: string;
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>;
}

/** A server by its name and what it answers. */
export function httpServer(name: string, answer: TestServer['answer']): TestServer {
  return { name, answer };
}

/** A Service on port 80 for port 8080 of the pods with these labels. */
export function meshService(name: string, selector: Labels): TestService {
  return {
    name,
    clusterIp: '10.96.0.70',
    selector,
    ports: [{ name: 'http', port: 80, targetPort: PORT }],
  };
}

/**
 * istiod, a client with a sidecar, and servers with sidecars, all with the labels `pool: web`, access logs on, time standing
 * still. Without `service` the first server is behind a Service of its name; without `random` choices fall on what is first.
 */
export async function startSmallMesh(
  servers: readonly TestServer[],
  service?: TestService,
  random = () => 0,
) {
  const clock = new FakeClock();
  const listening = new Map<string, Disposable>();
  const application: Program = {
    matches: (image) => image === 'application',
    start: ({ pod, network }) => {
      const server = servers.find(({ name }) => name === pod.metadata.name);
      if (!server) return idle();
      const handle = (request: HttpRequest) => server.answer(request);
      listening.set(server.name, network.listen(PORT, { type: 'http', handle }));
      return idle();
    },
  };
  const testbed = new Testbed({ programs: [...meshPrograms, application], clock, random });
  testbed.tables.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'accessLogFile: /dev/stdout' },
  });
  startControlPlane(testbed);
  testbed.addService(
    service ?? meshService(servers[0]?.name ?? '', { app: servers[0]?.name ?? '' }),
  );
  const places = new Map<string, NetworkInterface>();
  for (const name of ['client', ...servers.map((server) => server.name)]) {
    const labels = {
      app: name,
      'security.istio.io/tlsMode': 'istio',
      ...(name !== 'client' && { pool: 'web' }),
    };
    const containers = [SIDECAR, { name: 'application', image: 'application' }];
    places.set(name, testbed.startPod({ name, labels, annotations: KEEP_STATS, containers }));
  }
  await clock.advance(START_MS);
  const network = (name: string) => {
    const place = places.get(name);
    if (!place) throw new Error(`The small mesh has no pod ${name}`);
    return place;
  };
  return {
    testbed,
    clock,
    network,
    get: (url: string, headers: Labels = {}) => testbed.get(network('client'), url, headers),
    stopListening: (name: string) => listening.get(name)?.[Symbol.dispose](),
    /** Writes an object and waits until it is in force. */
    put: async (object: NewObject) => {
      testbed.tables.put(object);
      await clock.advance(CHANGE_MS);
    },
    /** Code, flags, details and cluster of the last line in a sidecar's access log. */
    lastLog: (name: string) => {
      const line = testbed.logs.get(`${name}/istio-proxy`)?.at(-1) ?? '';
      const [, code, flags, details] = /" (\d+) (\S+) (\S+) /.exec(line) ?? [];
      return `${code} ${flags} ${details} ${/ ((?:in|out)bound\|\S+)/.exec(line)?.[1]}`;
    },
  };
}

const KEEP_STATS = { 'sidecar.istio.io/statsInclusionPrefixes': 'cluster.outbound' };
