import type { ClusterClient, Resource } from '../../../client/client.ts';
import { isSame } from '../../../kinds/json.ts';
import type { KubeObject, Labels } from '../../../kinds/object.ts';
import {
  configMaps,
  endpointSlices,
  namespaces,
  nodes,
  pods,
  secrets,
  services,
} from '../../../kinds/resources.ts';
import type { Pod } from '../../../kinds/types/core.ts';
import {
  authorizationPolicies,
  destinationRules,
  envoyFilters,
  gateways,
  peerAuthentications,
  requestAuthentications,
  serviceEntries,
  sidecars,
  telemetries,
  virtualServices,
  workloadEntries,
} from '../../istio/resources.ts';
import { Derived } from '../derived.ts';
import {
  gatewayClasses,
  grpcRoutes,
  httpRoutes,
  kubernetesGateways,
  referenceGrants,
  tcpRoutes,
  tlsRoutes,
} from '../gateway-api/kinds.ts';
import type { GatewayApiObjects } from '../gateway-api/objects.ts';
import { NOTHING, translateGatewayApi, type Translation } from '../gateway-api/translate.ts';
import { ingressClasses, ingresses } from '../ingress/kinds.ts';
import { translateIngresses } from '../ingress/translate.ts';
import { type MeshConfig, meshConfigIn } from '../mesh-config.ts';
import { withDelegates } from '../push/delegates.ts';
import { withAliases } from '../registry/external-names.ts';
import { kubernetesServices } from '../registry/kubernetes.ts';
import { placesOf } from '../registry/places.ts';
import { isReady, serviceEntryServices } from '../registry/service-entries.ts';
import type { MeshService } from '../registry/service.ts';
import { revisioned } from '../revision.ts';
import { byAge, type MeshSnapshot } from '../snapshot.ts';
import { MeshTable, type Visibility } from './mesh-table.ts';

export interface WatchedMeshOptions {
  readonly client: ClusterClient;
  readonly istioNamespace: string;
  /** `default`, or the revision in the names of istiod's objects. */
  readonly revision: string;
  /** Whether kinds of the Gateway API that are in alpha count. Default false. */
  readonly allowsAlpha?: boolean;
  readonly onChange: () => void;
}

type Routing = Pick<MeshSnapshot, 'virtualServices' | 'gateways' | 'gatewayApi'>;

/** All objects that the mesh is made from, as one istiod sees them; what has not changed is not made again. */
export class WatchedMesh implements Disposable {
  readonly #options: WatchedMeshOptions;
  readonly #stack = new DisposableStack();
  readonly #tables;
  readonly #namespaceLabels = new Derived<ReadonlyMap<string, Labels>>();
  readonly #places = new Derived<ReturnType<typeof placesOf>>();
  readonly #services = new Derived<readonly MeshService[]>();
  readonly #routing = new Derived<Routing>();
  readonly #gatewayApi = new Derived<Translation>();
  readonly #shapes = new Derived<object>();
  readonly #routes = new Derived<object>();

  constructor(options: WatchedMeshOptions) {
    this.#options = options;
    const table = <T extends KubeObject>(
      resource: Resource<T>,
      isSameTo?: (before: T, after: T) => boolean,
    ) =>
      this.#stack.use(new MeshTable(options.client, resource, () => options.onChange(), isSameTo));
    this.#tables = {
      services: table(services),
      slices: table(endpointSlices, () => false),
      pods: table(pods, isSamePlace),
      nodes: table(nodes, hasSameLabels),
      namespaces: table(namespaces, hasSameLabels),
      configMaps: table(configMaps, (one) => one.metadata.name !== this.#configMapName),
      secrets: table(secrets, () => false),
      ingresses: table(ingresses),
      ingressClasses: table(ingressClasses),
      serviceEntries: table(serviceEntries, () => false),
      workloadEntries: table(workloadEntries),
      virtualServices: table(virtualServices),
      destinationRules: table(destinationRules),
      gateways: table(gateways),
      sidecars: table(sidecars),
      envoyFilters: table(envoyFilters),
      peerAuthentications: table(peerAuthentications),
      requestAuthentications: table(requestAuthentications),
      authorizationPolicies: table(authorizationPolicies),
      telemetries: table(telemetries),
      gatewayClasses: table(gatewayClasses),
      kubernetesGateways: table(kubernetesGateways),
      httpRoutes: table(httpRoutes),
      grpcRoutes: table(grpcRoutes),
      tcpRoutes: table(tcpRoutes),
      tlsRoutes: table(tlsRoutes),
      referenceGrants: table(referenceGrants),
    };
  }

  /** The mesh's settings as they are now. */
  get config(): MeshConfig {
    const { istioNamespace } = this.#options;
    const configMap = this.#tables.configMaps.get(istioNamespace, this.#configMapName);
    return meshConfigIn(configMap, istioNamespace);
  }

  /** The mesh as it is now. */
  take(version: number): MeshSnapshot {
    const tables = this.#tables;
    const all = this.#visibility();
    const own = { ...all, revision: this.#options.revision };
    const rules = {
      destinationRules: tables.destinationRules.visible(own),
      sidecars: tables.sidecars.visible(own),
      envoyFilters: tables.envoyFilters.visible(own),
    };
    const routing = this.#routingOf(all, own);
    const kubernetes = tables.services.visible(all);
    const entries = tables.serviceEntries.visible(own);
    const places = this.#placesOf(all);
    const shapes = this.#shapes.of(
      [all.config, kubernetes, entries, rules.destinationRules, rules.sidecars],
      () => ({}),
    );
    return {
      version,
      config: all.config,
      shapes,
      routing: this.#routes.of([shapes, routing, rules.envoyFilters], () => ({})),
      services: this.#servicesOf(all, own),
      localityOf: (ip) => places.get(ip)?.locality,
      ...routing,
      ...rules,
      peerAuthentications: tables.peerAuthentications.visible(own),
      requestAuthentications: tables.requestAuthentications.visible(own),
      authorizationPolicies: tables.authorizationPolicies.visible(own),
      telemetries: tables.telemetries.visible(own),
      namespaceLabels: all.namespaceLabels,
      secret: (namespace, name) => tables.secrets.get(namespace, name),
    };
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  get #configMapName(): string {
    return revisioned('istio', this.#options.revision);
  }

  #visibility(): Visibility {
    const list = this.#tables.namespaces.values();
    return {
      config: this.config,
      namespaceLabels: this.#namespaceLabels.of(
        [list],
        () => new Map(list.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
      ),
      revision: undefined,
    };
  }

  #placesOf(all: Visibility): ReturnType<typeof placesOf> {
    const [podList, nodeList] = [this.#tables.pods.visible(all), this.#tables.nodes.values()];
    return this.#places.of([podList, nodeList], () => placesOf(podList, nodeList));
  }

  #servicesOf(all: Visibility, own: Visibility): readonly MeshService[] {
    const tables = this.#tables;
    const objects = {
      services: tables.services.visible(all),
      slices: tables.slices.visible(all),
      workloadEntries: tables.workloadEntries.visible(own),
      entries: tables.serviceEntries.visible(own),
      pods: tables.pods.visible(all),
      places: this.#placesOf(all),
    };
    return this.#services.of(Object.values(objects), () =>
      withAliases(
        [...kubernetesServices(objects), ...serviceEntryServices(objects)],
        objects.services,
      ),
    );
  }

  #gatewayApiOf(all: Visibility, own: Visibility): Translation {
    const tables = this.#tables;
    const routes = {
      gateways: tables.kubernetesGateways.visible(own),
      httpRoutes: tables.httpRoutes.visible(own),
      grpcRoutes: tables.grpcRoutes.visible(own),
      tcpRoutes: tables.tcpRoutes.visible(own),
      tlsRoutes: tables.tlsRoutes.visible(own),
    };
    // Most clusters have none of it, and whatever changes there is nothing to be looked at.
    if (Object.values(routes).every(({ length }) => length === 0)) return NOTHING;
    const objects: GatewayApiObjects = {
      classes: tables.gatewayClasses.values(),
      ...routes,
      grants: tables.referenceGrants.visible(all),
      services: tables.services.visible(all),
      serviceEntries: tables.serviceEntries.visible(own),
      secrets: tables.secrets.values(),
      namespaceLabels: all.namespaceLabels,
      allowsAlpha: this.#options.allowsAlpha ?? false,
    };
    return this.#gatewayApi.of(Object.values(objects), () => translateGatewayApi(objects));
  }

  /** VirtualServices with their delegates merged in, and Gateways; Ingress objects and the Gateway API give both. */
  #routingOf(all: Visibility, own: Visibility): Routing {
    const tables = this.#tables;
    const written = {
      virtualServices: tables.virtualServices.visible(own),
      gateways: tables.gateways.visible(own),
      ingresses: tables.ingresses.visible(all),
      classes: tables.ingressClasses.values(),
      services: tables.services.visible(all),
    };
    const gatewayApi = this.#gatewayApiOf(all, own);
    return this.#routing.of([...Object.values(written), all.config, gatewayApi], () => {
      const made = translateIngresses(written, all.config);
      const whole = withDelegates(written.virtualServices, all.config);
      return {
        virtualServices: merged(whole, [...made.virtualServices, ...gatewayApi.virtualServices]),
        gateways: merged(written.gateways, [...made.gateways, ...gatewayApi.gateways]),
        gatewayApi,
      };
    });
  }
}

function merged<T extends KubeObject>(written: readonly T[], made: readonly T[]): readonly T[] {
  return made.length === 0 ? written : [...written, ...made].toSorted(byAge);
}

function hasSameLabels(one: KubeObject, other: KubeObject): boolean {
  return isSame(one.metadata.labels, other.metadata.labels);
}

/** Most changes of a pod are of its status, which proxies hardly look at: endpoints tell what is ready. */
function isSamePlace(before: Pod, after: Pod): boolean {
  return (
    before.status.podIP === after.status.podIP &&
    before.spec.nodeName === after.spec.nodeName &&
    isReady(before) === isReady(after) &&
    hasSameLabels(before, after)
  );
}
