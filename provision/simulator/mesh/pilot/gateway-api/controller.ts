import type { ClusterClient, NewObject, Resource } from '../../../client/client.ts';
import { type Clock, timestamp } from '../../../clock.ts';
import { targetOf } from '../../../controllers/controller.ts';
import { asJson, isSame } from '../../../kinds/json.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import {
  customResourceDefinitions,
  deployments,
  serviceAccounts,
  services,
} from '../../../kinds/resources.ts';
import type { InjectionSettings } from '../../injection/index.ts';
import type { Discovery } from '../discovery.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import { written } from '../written.ts';
import type { Stamp } from './conditions.ts';
import { managedObjects } from './deployment.ts';
import {
  GATEWAY_GROUP,
  gatewayClasses,
  grpcRoutes,
  httpRoutes,
  type KubernetesGateway,
  kubernetesGateways,
  tcpRoutes,
  tlsRoutes,
} from './kinds.ts';
import {
  controllerOf,
  GATEWAY_CONTROLLER,
  isManaged,
  managedName,
  UNMANAGED_CONTROLLER,
} from './managed.ts';
import {
  classStatus,
  gatewayStatus,
  type Reached,
  remoteGatewayStatus,
  routeStatus,
} from './status.ts';

/** Changes come in bursts. */
const DEBOUNCE_MS = 20;

const CLASSES: readonly { readonly name: string; readonly spec: JsonObject }[] = [
  {
    name: 'istio',
    spec: { controllerName: GATEWAY_CONTROLLER, description: 'The default Istio GatewayClass' },
  },
  {
    name: 'istio-remote',
    spec: {
      controllerName: UNMANAGED_CONTROLLER,
      description: 'Remote to this cluster. Does not deploy or affect configuration.',
    },
  },
];

const ROUTES: Readonly<Record<string, Resource>> = {
  HTTPRoute: httpRoutes,
  GRPCRoute: grpcRoutes,
  TLSRoute: tlsRoutes,
  TCPRoute: tcpRoutes,
};

const MADE: Readonly<Record<string, Resource>> = {
  ServiceAccount: serviceAccounts,
  Deployment: deployments,
  Service: services,
};

export interface GatewayApiOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly discovery: Discovery;
  /** What the proxies of gateways are made with, as it is now. */
  readonly settings: () => InjectionSettings;
  readonly log: (line: string) => void;
}

/**
 * Keeps the cluster in step with the Gateway API: GatewayClasses, what Gateways of class istio need, the status of all. Kinds that come
 * later are watched from then on.
 */
export class GatewayApiController implements Disposable {
  readonly #options: GatewayApiOptions;
  readonly #stack = new DisposableStack();
  #pending: Disposable | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(options: GatewayApiOptions) {
    this.#options = options;
    const { client, discovery } = options;
    const changed = () => this.#changed();
    this.#stack.use(discovery.onSnapshot(changed));
    // Services and Deployments that somebody changes or deletes, and addresses that load balancers get.
    this.#stack.use(client.watch(services, ({ object }) => isMade(object) && changed()));
    this.#stack.use(client.watch(deployments, ({ object }) => isMade(object) && changed()));
    this.#stack.use(client.watch(gatewayClasses, changed));
    this.#stack.use(
      client.watch(
        customResourceDefinitions,
        ({ object }) => object.metadata.name.endsWith(`.${GATEWAY_GROUP}`) && changed(),
      ),
    );
    changed();
  }

  [Symbol.dispose](): void {
    this.#isStopped = true;
    this.#pending?.[Symbol.dispose]();
    this.#stack.dispose();
  }

  #changed(): void {
    if (this.#isStopped) return;
    this.#pending ??= this.#options.clock.after(DEBOUNCE_MS, () => {
      this.#pending = undefined;
      void this.#run();
    });
  }

  /** One pass at a time; what changes meanwhile is seen by the next. */
  async #run(): Promise<void> {
    if (this.#isRunning) {
      this.#changed();
      return;
    }
    this.#isRunning = true;
    try {
      await this.#attempt(this.#reconcile());
    } finally {
      this.#isRunning = false;
    }
  }

  async #reconcile(): Promise<void> {
    const { client, discovery } = this.#options;
    if (!this.#isServed('gatewayclasses')) return;
    for (const { name, spec } of CLASSES) await this.#keepClass(name, spec);
    const { snapshot } = discovery;
    const { gatewayApi } = snapshot;
    const classes = client.list(gatewayClasses);
    for (const gateway of client.list(kubernetesGateways)) {
      const controller = controllerOf(gateway, classes);
      if (controller === UNMANAGED_CONTROLLER) {
        await this.#tell(kubernetesGateways, gateway, (stamp) =>
          remoteGatewayStatus(gateway, stamp),
        );
      }
      if (controller === GATEWAY_CONTROLLER && isManaged(gateway)) await this.#keepGateway(gateway);
    }
    const reached = this.#reached(snapshot);
    for (const translated of gatewayApi.translatedGateways) {
      const { name, namespace } = translated.gateway.metadata;
      const gateway = client.get(kubernetesGateways, name, namespace);
      if (!gateway) continue;
      await this.#tell(kubernetesGateways, gateway, (stamp) =>
        gatewayStatus({ ...translated, gateway }, gatewayApi.routes, { reached, stamp }),
      );
    }
    for (const translated of gatewayApi.routes) {
      const resource = ROUTES[translated.kind];
      const { name, namespace } = translated.route.metadata;
      const object = resource && client.get(resource, name, namespace);
      if (!resource || !object) continue;
      const route = { ...translated.route, ...object };
      await this.#tell(resource, object, (stamp) => routeStatus({ ...translated, route }, stamp));
    }
  }

  #isServed(plural: string): boolean {
    const name = `${plural}.${GATEWAY_GROUP}`;
    return this.#options.client.get(customResourceDefinitions, name) !== undefined;
  }

  #reached({ services: all }: MeshSnapshot): Reached {
    const { client } = this.#options;
    return {
      service: (host) => all.findLast((service) => service.host === host),
      kubernetes: (host) => {
        const [name = '', namespace = ''] = host.split('.');
        return client.get(services, name, namespace);
      },
    };
  }

  async #keepClass(name: string, spec: JsonObject): Promise<void> {
    const { client } = this.#options;
    const known = client.get(gatewayClasses, name);
    if (!known) {
      const object = {
        apiVersion: `${GATEWAY_GROUP}/v1`,
        kind: 'GatewayClass',
        metadata: { name },
        spec,
      };
      await this.#attempt(client.create(gatewayClasses, object));
    }
    const current = client.get(gatewayClasses, name);
    if (current) await this.#tell(gatewayClasses, current, (stamp) => classStatus(current, stamp));
  }

  /** Creates what is missing, and sets right what differs from what is wanted; fields that others have added stay. */
  async #keepGateway(gateway: KubernetesGateway): Promise<void> {
    if (gateway.metadata.deletionTimestamp !== undefined) return;
    const { client, settings } = this.#options;
    for (const object of managedObjects(gateway, settings())) {
      const resource = MADE[object.kind];
      if (!resource) continue;
      const { name = '', namespace = '' } = object.metadata;
      const known = client.get(resource, name, namespace);
      if (!known) await this.#attempt(client.create(resource, object));
      else if (!isOther(known, gateway) && !isContained(asJson(object), asJson(known))) {
        await this.#attempt(client.patch(resource, { name, namespace }, patchOf(object)));
      }
    }
  }

  async #tell(
    resource: Resource,
    object: KubeObject,
    make: (stamp: Stamp) => JsonObject,
  ): Promise<void> {
    const { client, clock } = this.#options;
    const { generation = 1 } = object.metadata;
    const status = make({ generation, now: timestamp(clock) });
    if (isSame(asJson(object)['status'], status)) return;
    await this.#attempt(
      client.patch(resource, targetOf(object), { status }, { subresource: 'status' }),
    );
  }

  /** What is refused today, or cannot be read, may be well after the next change. */
  async #attempt(act: Promise<unknown>): Promise<void> {
    await written(act, 'gateway-api', (line) => {
      if (!this.#isStopped) this.#options.log(line);
    });
  }
}

function isMade({ metadata }: KubeObject): boolean {
  return metadata.labels?.['gateway.networking.k8s.io/gateway-name'] !== undefined;
}

/** An object of that name which was not made for the Gateway is left alone. */
function isOther({ metadata }: KubeObject, gateway: KubernetesGateway): boolean {
  return (
    metadata.name !== managedName(gateway) ||
    !metadata.ownerReferences?.some(({ uid }) => uid === gateway.metadata.uid)
  );
}

function patchOf(object: NewObject): JsonObject {
  const { labels, annotations } = object.metadata;
  const { spec } = asJson(object);
  return asJson({ metadata: { labels, annotations }, ...(spec !== undefined && { spec }) });
}

/** Whether everything that is wanted is there; lists are as long as wanted. */
function isContained(wanted: unknown, given: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(given) &&
      wanted.length === given.length &&
      wanted.every((item, at) => isContained(item, given[at]))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return isSame(wanted, given);
  const have = typeof given === 'object' && given !== null ? asJson(given) : {};
  return Object.entries(asJson(wanted)).every(([key, value]) => isContained(value, have[key]));
}
