import { sleep } from '../../clock.ts';
import { configMaps } from '../../kinds/resources.ts';
import { type HttpHandler, HttpHeaders, type HttpResponse } from '../../net/http.ts';
import type { ContainerContext, Program, RunningProgram } from '../../programs/program.ts';
import { publicAuthority } from '../../programs/world/authority.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { isImage } from '../images.ts';
import type { JwtRule } from '../istio/security.ts';
import { type Authority, loadAuthority } from './ca/authority.ts';
import { publishRoot } from './ca/publish-root.ts';
import { startControllers } from './controllers.ts';
import { CONTROLZ_PORT, controlZ } from './controlz.ts';
import { debugHandler, isDebugPath } from './debug/handler.ts';
import { Discovery } from './discovery.ts';
import { fetchText } from './push/security/jwks/fetch-keys.ts';
import { KeySets } from './push/security/jwks/key-sets.ts';
import { revisioned } from './revision.ts';
import { admissionHandler } from './webhooks/admission.ts';
import { registerWebhooks } from './webhooks/authority-bundles.ts';

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
    let authority: Authority | undefined;
    const traceSampling = percentIn(container.env['PILOT_TRACE_SAMPLING']);
    const seen = { jwks, authority: () => authority, traceSampling };
    const options = { client, clock, istioNamespace: namespace, revision, allowsAlpha, ...seen };
    const discovery = this.#stack.use(new Discovery(options));
    for (const port of [PORTS.xds, PORTS.secureXds]) {
      this.#stack.use(network.listen(port, { type: 'service', service: discovery }));
    }
    const open = (port: number, handle: HttpHandler) => {
      this.#stack.use(network.listen(port, { type: 'http', handle }));
    };
    const canBeNative = container.env['ENABLE_NATIVE_SIDECARS'] !== 'false';
    open(PORTS.webhook, admissionHandler(client, namespace, { revision, canBeNative }));
    const debug = debugHandler({
      discovery,
      clusterId: container.env['CLUSTER_ID'] || 'Kubernetes',
      injector: () => {
        const name = revisioned('istio-sidecar-injector', revision);
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
    authority = await loadAuthority(client, namespace, clock.now());
    const bundle = authority.root;
    this.#stack.use(publishRoot(client, bundle, log));
    this.#stack.use(registerWebhooks(client, { bundle, revision, log }));
    const injector = { istioNamespace: namespace, revision, canBeNative };
    this.#stack.use(startControllers({ client, clock, discovery, injector, log }));
    isReady = true;
    say('All caches have been synced up, marking server ready');
  }
}

/** Whom programs of istiod's image trust, as PEM. */
function imageAuthorities(): string {
  return publicAuthority().certificate;
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

function percentIn(written: string | undefined): number | undefined {
  const percent = written === undefined || written === '' ? Number.NaN : Number(written);
  return Number.isNaN(percent) ? undefined : percent;
}
