import { generateKeyPairSync } from 'node:crypto';

import { makeCertificate } from '../../apiserver/pki/certificate.ts';
import { isAlreadyExists } from '../../client/api-error.ts';
import type { ClusterClient } from '../../client/client.ts';
import { sleep } from '../../clock.ts';
import { configMaps, namespaces, secrets } from '../../kinds/resources.ts';
import { type HttpHandler, HttpHeaders, type HttpResponse } from '../../net/http.ts';
import type { ContainerContext, Program, RunningProgram } from '../../programs/program.ts';
import { publicAuthority } from '../../programs/world/authority.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { isImage } from '../images.ts';
import type { JwtRule } from '../istio/security.ts';
import { startControllers } from './controllers.ts';
import { CONTROLZ_PORT, controlZ } from './controlz.ts';
import { debugHandler, isDebugPath } from './debug/handler.ts';
import { Discovery } from './discovery.ts';
import { fetchText } from './push/security/jwks/fetch-keys.ts';
import { KeySets } from './push/security/jwks/key-sets.ts';
import { registerWebhooks } from './webhook-bundles.ts';
import { admissionHandler } from './webhooks.ts';

/** Ports of istiod (https://istio.io/latest/docs/ops/deployment/application-requirements/). */
const PORTS = {
  debug: 8080,
  xds: 15_010,
  secureXds: 15_012,
  webhook: 15_017,
  monitoring: 15_014,
} as const;
/** A real one reads its certificates and fills its caches for about this long. */
const START_MS = 900;
const ROOT_LIFE_MS = 10 * 365 * 24 * 3_600_000;

/** istiod: tells the proxies what the mesh looks like, injects sidecars, checks Istio's objects, publishes the root certificate. */
export const pilot: Program = {
  matches: (image) => isImage(image, 'pilot'),
  commands: ['pilot-discovery'],
  user: { name: '1337', uid: 1337 },
  start: (container) => new Istiod(container),
};

class Istiod implements RunningProgram {
  readonly exited = new Promise<number>(() => undefined);
  readonly #stack = new DisposableStack();
  readonly #stop = new AbortController();

  constructor(container: ContainerContext) {
    void this.#run(container).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) {
        container.log(`error\t${error instanceof Error ? error.message : String(error)}`);
      }
    });
  }

  stop(): void {
    this.#stop.abort(new Error('istiod has been stopped'));
    this.#stack.dispose();
  }

  async #run(container: ContainerContext): Promise<void> {
    const { client, clock, network, log } = container;
    const namespace = container.pod.metadata.namespace ?? 'istio-system';
    const say = (what: string) => log(`${new Date(clock.now()).toISOString()}\tinfo\t${what}`);
    say('FLAG: discovery');
    const revision = container.env['REVISION'] || 'default';
    const keySets = this.#stack.use(
      new KeySets({
        clock,
        fetchText: (url, signal) =>
          fetchText(url, { network, authorities: imageAuthorities }, signal),
        log: (what) => log(`${new Date(clock.now()).toISOString()}\terror\tmodel\t${what}`),
      }),
    );
    const jwks = (rule: JwtRule) => keySets.keysOf(rule);
    const allowsAlpha = container.env['PILOT_ENABLE_ALPHA_GATEWAY_API'] === 'true';
    const options = { client, clock, istioNamespace: namespace, revision, jwks, allowsAlpha };
    const discovery = this.#stack.use(new Discovery(options));
    for (const port of [PORTS.xds, PORTS.secureXds]) {
      this.#stack.use(network.listen(port, { type: 'service', service: discovery }));
    }
    const open = (port: number, handle: HttpHandler) => {
      this.#stack.use(network.listen(port, { type: 'http', handle }));
    };
    const canBeNative = container.env['ENABLE_NATIVE_SIDECARS'] !== 'false';
    open(PORTS.webhook, admissionHandler(client, namespace, { revision, canBeNative }));
    const injectorName = revision === 'default' ? '' : `-${revision}`;
    const debug = debugHandler({
      discovery,
      clusterId: container.env['CLUSTER_ID'] || 'Kubernetes',
      injector: () => {
        const name = `istio-sidecar-injector${injectorName}`;
        const data = client.get(configMaps, name, namespace)?.data;
        return data && { ...data };
      },
    });
    open(PORTS.monitoring, async (request) =>
      isDebugPath(request.path) ? debug(request) : monitoring(),
    );
    open(CONTROLZ_PORT, controlZ());
    let isReady = false;
    open(PORTS.debug, async (request) =>
      isDebugPath(request.path) ? debug(request) : text(isReady ? 200 : 503, ''),
    );
    // Everything answers at once, for clusters that come back; a new istiod is sent traffic when it says it is ready.
    await sleep(clock, START_MS, this.#stop.signal);
    const bundle = await this.#rootCertificate(container, namespace);
    this.#stack.use(publishRoot(client, bundle));
    this.#stack.use(registerWebhooks(client, { bundle, revision }));
    const injector = { istioNamespace: namespace, revision, canBeNative };
    this.#stack.use(startControllers({ client, clock, discovery, injector, log }));
    isReady = true;
    say('All caches have been synced up, marking server ready');
  }

  /** The mesh's own authority, kept in the Secret `istio-ca-secret`; of several replicas, one makes it. */
  async #rootCertificate({ client, clock }: ContainerContext, namespace: string): Promise<string> {
    const stored = () => {
      const encoded = client.get(secrets, 'istio-ca-secret', namespace)?.data?.['ca-cert.pem'];
      return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
    };
    const known = stored();
    if (known !== undefined) return known;
    const { certificate, key } = makeAuthority(clock.now());
    await ignoring(isAlreadyExists, () =>
      client.create(secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'istio-ca-secret', namespace },
        type: 'istio.io/ca-root',
        data: {
          'ca-cert.pem': Buffer.from(certificate).toString('base64'),
          'ca-key.pem': Buffer.from(key).toString('base64'),
        },
      }),
    );
    return stored() ?? certificate;
  }
}

/** Whom programs of istiod's image trust, as PEM. */
function imageAuthorities(): string {
  return publicAuthority().certificate;
}

/** Keeps ConfigMap `istio-ca-root-cert` in every namespace. */
function publishRoot(client: ClusterClient, bundle: string): Disposable {
  return client.watch(namespaces, ({ type, object }) => {
    const namespace = object.metadata.name;
    if (type === 'DELETED' || object.status?.phase === 'Terminating') return;
    if (client.get(configMaps, 'istio-ca-root-cert', namespace)) return;
    void ignoring(isAnyRefusal, () =>
      client.create(configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'istio-ca-root-cert', namespace, labels: { 'istio.io/config': 'true' } },
        data: { 'root-cert.pem': bundle },
      }),
    );
  });
}

/** A self-signed root of ten years, as istiod makes one for itself. */
function makeAuthority(nowMs: number): { readonly certificate: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = makeCertificate({
    commonName: 'cluster.local',
    organizations: ['cluster.local'],
    publicKey,
    issuer: { commonName: 'cluster.local', privateKey, publicKey },
    usage: 'authority',
    notBeforeMs: nowMs,
    notAfterMs: nowMs + ROOT_LIFE_MS,
  });
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function monitoring(): HttpResponse {
  return text(
    200,
    `# TYPE istio_build gauge\nistio_build{component="pilot",tag="${ISTIO_VERSION}"} 1\n`,
  );
}

function text(status: number, body: string): HttpResponse {
  return {
    status,
    headers: new HttpHeaders([['content-type', 'text/plain']]),
    body: Buffer.from(body),
  };
}

async function ignoring(
  isExpected: (error: unknown) => boolean,
  act: () => Promise<unknown>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
}

/** A namespace that has gone, an object that somebody else has made: the next event tells. */
function isAnyRefusal(error: unknown): boolean {
  return error instanceof Error && 'reason' in error;
}
