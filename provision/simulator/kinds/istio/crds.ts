/** Istio's CustomResourceDefinitions (release 1.30, chart `base`). */
import type { NewObject } from '../../client/client.ts';
import { objectAt } from '../json.ts';
import type { JsonObject } from '../object.ts';
import { customSchemas } from '../schemas/load.ts';
import type { KindOptions } from './definition.ts';
import { customResourceDefinition, declaredAge, schemaJson, textColumn } from './definition.ts';
import { istioRules } from './rules/istio-rules.ts';
import { withRules } from './rules/place-rules.ts';

/** The 15 definitions that an installation of Istio 1.30 brings; the same objects at every call. */
export function istioCrds(): readonly NewObject[] {
  crds ??= KINDS.map(definitionOf);
  return crds;
}

let crds: readonly NewObject[] | undefined;

interface IstioKind extends KindOptions {
  readonly group: 'extensions' | 'networking' | 'security' | 'telemetry';
}

const THREE = ['v1', 'v1alpha3', 'v1beta1'];
const TWO = ['v1', 'v1beta1'];

const KINDS: readonly IstioKind[] = [
  {
    kind: 'WasmPlugin',
    group: 'extensions',
    plural: 'wasmplugins',
    versions: ['v1alpha1'],
    columns: [declaredAge],
  },
  {
    kind: 'TrafficExtension',
    group: 'extensions',
    plural: 'trafficextensions',
    versions: ['v1alpha1'],
    columns: [declaredAge],
  },
  {
    kind: 'DestinationRule',
    group: 'networking',
    plural: 'destinationrules',
    shortNames: ['dr'],
    versions: THREE,
    columns: [textColumn('Host', '.spec.host', 'The service the rule is for'), declaredAge],
  },
  {
    kind: 'EnvoyFilter',
    group: 'networking',
    plural: 'envoyfilters',
    versions: ['v1alpha3'],
    columns: [declaredAge],
  },
  { kind: 'Gateway', group: 'networking', plural: 'gateways', shortNames: ['gw'], versions: THREE },
  {
    kind: 'ProxyConfig',
    group: 'networking',
    plural: 'proxyconfigs',
    versions: ['v1beta1'],
    columns: [declaredAge],
  },
  {
    kind: 'ServiceEntry',
    group: 'networking',
    plural: 'serviceentries',
    shortNames: ['se'],
    versions: THREE,
    columns: [
      textColumn('Hosts', '.spec.hosts', 'The hosts it describes'),
      textColumn('Location', '.spec.location', 'Whether they are inside the mesh or outside'),
      textColumn('Resolution', '.spec.resolution', 'How their addresses are found'),
      declaredAge,
    ],
  },
  {
    kind: 'Sidecar',
    group: 'networking',
    plural: 'sidecars',
    versions: THREE,
    columns: [declaredAge],
  },
  {
    kind: 'VirtualService',
    group: 'networking',
    plural: 'virtualservices',
    shortNames: ['vs'],
    versions: THREE,
    columns: [
      textColumn('Gateways', '.spec.gateways', 'Gateways and sidecars that apply the routes'),
      textColumn('Hosts', '.spec.hosts', 'Hosts that traffic is sent to'),
      declaredAge,
    ],
  },
  {
    kind: 'WorkloadEntry',
    group: 'networking',
    plural: 'workloadentries',
    shortNames: ['we'],
    versions: THREE,
    columns: [declaredAge, textColumn('Address', '.spec.address', 'Address of the workload')],
  },
  {
    kind: 'WorkloadGroup',
    group: 'networking',
    plural: 'workloadgroups',
    shortNames: ['wg'],
    versions: THREE,
    columns: [declaredAge],
  },
  {
    kind: 'AuthorizationPolicy',
    group: 'security',
    plural: 'authorizationpolicies',
    shortNames: ['ap'],
    versions: TWO,
    columns: [
      textColumn('Action', '.spec.action', 'What happens to requests that match'),
      declaredAge,
    ],
  },
  {
    kind: 'PeerAuthentication',
    group: 'security',
    plural: 'peerauthentications',
    shortNames: ['pa'],
    versions: TWO,
    columns: [
      textColumn('Mode', '.spec.mtls.mode', 'Whether mutual TLS is asked of clients'),
      declaredAge,
    ],
  },
  {
    kind: 'RequestAuthentication',
    group: 'security',
    plural: 'requestauthentications',
    shortNames: ['ra'],
    versions: TWO,
    columns: [declaredAge],
  },
  {
    kind: 'Telemetry',
    group: 'telemetry',
    plural: 'telemetries',
    shortNames: ['telemetry'],
    versions: ['v1', 'v1alpha1'],
    storage: 'v1alpha1',
    columns: [declaredAge],
  },
];

function definitionOf({ group: shortGroup, ...kind }: IstioKind): NewObject {
  const group = `${shortGroup}.istio.io`;
  const schema = customSchemas('istio')[`${group}/${kind.versions[0]}/${kind.kind}`];
  return customResourceDefinition({
    ...kind,
    group,
    categories: ['istio-io', `${shortGroup}-istio-io`],
    labels: { app: 'istio-pilot', chart: 'istio', heritage: 'Tiller', release: 'istio' },
    annotations: { 'helm.sh/resource-policy': 'keep' },
    schema: withOpenStatus(withRules(schemaJson(schema), istioRules[kind.kind] ?? [])),
  });
}

/** Istio's definitions keep whatever istiod writes into a status: the addresses of a ServiceEntry are not in the schema. */
function withOpenStatus(schema: JsonObject): JsonObject {
  const properties = objectAt(schema, 'properties');
  const status = {
    ...objectAt(properties, 'status'),
    'x-kubernetes-preserve-unknown-fields': true,
  };
  return { ...schema, properties: { ...properties, status } };
}
