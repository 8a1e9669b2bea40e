import { asJson } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import type { Service } from '../../../kinds/types/core.ts';
import type { MeshService } from '../registry/service.ts';
import { conditionsOf, joined, type Problem, type Stamp, type Wanted } from './conditions.ts';
import type {
  GatewayAddress,
  GatewayClass,
  KubernetesGateway,
  ListenerStatus,
  RouteParentStatus,
} from './kinds.ts';
import { GATEWAY_CONTROLLER, gatewayServices } from './managed.ts';
import type { TranslatedRoute } from './routes.ts';
import type { TranslatedGateway } from './translate.ts';

/** What a Gateway's addresses are found by. */
export interface Reached {
  /** The service of the mesh of a full name. */
  readonly service: (host: string) => MeshService | undefined;
  /** The Kubernetes Service of a full name. */
  readonly kubernetes: (host: string) => Service | undefined;
}

/** Status of a GatewayClass that istiod serves. */
export function classStatus({ status }: GatewayClass, stamp: Stamp): JsonObject {
  const wanted = { type: 'Accepted', reason: 'Accepted', message: 'Handled by Istio controller' };
  return asJson({ conditions: conditionsOf([wanted], status?.conditions ?? [], stamp) });
}

/** Status of a Gateway of a class that istiod only reports. */
export function remoteGatewayStatus({ spec, status }: KubernetesGateway, stamp: Stamp): JsonObject {
  const wanted: readonly Wanted[] = [
    { type: 'Accepted', reason: 'Accepted', message: 'Resource accepted' },
    {
      type: 'Programmed',
      reason: 'Programmed',
      message: 'This Gateway is remote; Istio will not program it',
    },
  ];
  const conditions = conditionsOf(wanted, status?.conditions ?? [], stamp);
  return asJson({ addresses: spec?.addresses ?? [], conditions });
}

/** Status of a Gateway of class istio: where it is reached, what was found in its listeners, how many routes they have. */
export function gatewayStatus(
  { gateway, listeners }: TranslatedGateway,
  routes: readonly TranslatedRoute[],
  { reached, stamp }: { readonly reached: Reached; readonly stamp: Stamp },
): JsonObject {
  const instances = instancesOf(gateway, reached);
  const before = gateway.status;
  const wanted: readonly Wanted[] = [
    { type: 'Accepted', reason: 'Accepted', message: 'Resource accepted' },
    programmed(gateway, instances),
  ];
  const addresses = instances.addresses.length > 0 ? instances.addresses : before?.addresses;
  return asJson({
    ...(addresses && { addresses }),
    conditions: conditionsOf(wanted, before?.conditions ?? [], stamp),
    listeners: listeners.map(({ parent, conditions }): ListenerStatus => {
      const { name } = parent.listener;
      const known = before?.listeners?.find((one) => one.name === name)?.conditions ?? [];
      return {
        name,
        attachedRoutes: attached(parent.internalName, routes),
        supportedKinds: parent.kinds,
        conditions: conditionsOf(conditions, known, stamp),
      };
    }),
  });
}

function attached(internalName: string, routes: readonly TranslatedRoute[]): number {
  return routes.filter(({ parents }) =>
    parents.some((one) => one.internalName === internalName && !one.denied),
  ).length;
}

interface Instances {
  /** `web-istio.default.svc.cluster.local:80` */
  readonly internal: readonly string[];
  readonly addresses: readonly GatewayAddress[];
  readonly warnings: readonly string[];
  readonly areUsable: boolean;
}

function instancesOf(gateway: KubernetesGateway, reached: Reached): Instances {
  const ports = [...new Set((gateway.spec?.listeners ?? []).map(({ port }) => port))];
  const found = gatewayServices(gateway).map((host) => instanceOf(host, ports, reached));
  return {
    internal: found.flatMap((one) => one.internal).toSorted(),
    addresses: found.flatMap((one) => one.addresses),
    warnings: [...new Set(found.flatMap((one) => one.warnings))].toSorted(),
    areUsable: found.every((one) => one.areUsable),
  };
}

function instanceOf(
  host: string,
  ports: readonly number[],
  { service: find, kubernetes }: Reached,
): Instances {
  const service = find(host);
  const object = kubernetes(host);
  const none = { internal: [], addresses: [] };
  if (!service || !object) {
    return { ...none, warnings: [`hostname "${host}" not found`], areUsable: false };
  }
  if (service.ports.every(({ endpoints }) => endpoints.length === 0)) {
    return { ...none, warnings: [`no instances found for hostname "${host}"`], areUsable: true };
  }
  const missing = ports.filter((port) => !service.ports.some(({ number }) => number === port));
  const internal = ports.filter((port) => !missing.includes(port)).map((port) => `${host}:${port}`);
  const external = (object.status?.loadBalancer?.ingress ?? []).map(
    ({ ip, hostname }): GatewayAddress =>
      ip === undefined
        ? { type: 'Hostname', value: hostname ?? '' }
        : { type: 'IPAddress', value: ip },
  );
  const isPending = object.spec.type === 'LoadBalancer' && external.length === 0;
  return {
    internal,
    addresses:
      external.length > 0 ? external : isPending ? [] : [{ type: 'Hostname', value: host }],
    warnings: [
      ...missing.map((port) => `port ${port} not found for hostname "${host}"`),
      ...(isPending ? [`address pending for hostname "${host}"`] : []),
    ],
    areUsable: missing.length === 0,
  };
}

function programmed(gateway: KubernetesGateway, instances: Instances): Wanted {
  const { internal, warnings, areUsable } = instances;
  const names = readable(internal);
  const assigned = internal.length === 0 ? '' : `, assigned to service(s) ${names}`;
  const problem = (): Problem | undefined => {
    if (gatewayServices(gateway).length === 0) {
      return {
        reason: 'UnsupportedAddress',
        message: 'Failed to assign to any requested addresses',
      };
    }
    if (warnings.length === 0) return undefined;
    const reason = areUsable ? 'AddressNotAssigned' : 'AddressNotUsable';
    const all = warnings.join('; ');
    return internal.length === 0
      ? { reason, message: `Failed to assign to any requested addresses: ${all}` }
      : {
          reason,
          message: `Assigned to service(s) ${names}, but failed to assign to all requested addresses: ${all}`,
        };
  };
  const message = `Resource programmed${assigned}`;
  return { type: 'Programmed', reason: 'Programmed', message, problem: problem() };
}

function readable(names: readonly string[]): string {
  if (names.length <= 2) return names.join(' and ');
  return `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
}

const SEVERITY = [
  '',
  'NotAllowedByListeners',
  'NoMatchingListenerHostname',
  'ParentRefConflict',
  'NoMatchingParent',
];

/** Status of a route: an entry for each parent that is Istio's, beside what other controllers have said. */
export function routeStatus(translated: TranslatedRoute, stamp: Stamp): JsonObject {
  const { route, parents, problem } = translated;
  const before = route.status?.parents ?? [];
  const others = before.filter(({ controllerName }) => controllerName !== GATEWAY_CONTROLLER);
  const own = Map.groupBy(parents, ({ reference }) => reference);
  const entries = [...own].map(([reference, found]): RouteParentStatus => {
    const key = JSON.stringify(reference);
    const known = before.find(
      (one) => one.controllerName === GATEWAY_CONTROLLER && JSON.stringify(one.parentRef) === key,
    );
    const accepted = found.filter(({ denied }) => !denied).length;
    const wanted: readonly Wanted[] = [
      {
        type: 'Accepted',
        reason: 'Accepted',
        message: accepted > 1 ? `Route was valid, bound to ${accepted} parents` : 'Route was valid',
        problem: accepted > 0 ? undefined : denialOf(found.flatMap(({ denied }) => denied ?? [])),
      },
      { type: 'ResolvedRefs', reason: 'ResolvedRefs', message: 'All references resolved', problem },
    ];
    return {
      parentRef: reference,
      controllerName: GATEWAY_CONTROLLER,
      conditions: conditionsOf(wanted, known?.conditions ?? [], stamp),
    };
  });
  return asJson({ parents: [...others, ...entries] });
}

/** The gravest kind of refusal, with the words of all that are alike. */
function denialOf(problems: readonly Problem[]): Problem | undefined {
  const [first] = problems.toSorted(
    (one, other) => SEVERITY.indexOf(one.reason) - SEVERITY.indexOf(other.reason),
  );
  return joined(problems.filter(({ reason }) => reason === first?.reason));
}
