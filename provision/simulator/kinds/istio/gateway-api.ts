/** The CustomResourceDefinitions of the Kubernetes Gateway API (release 1.5). */
import type { NewObject } from '../../client/client.ts';
import type { JsonObject } from '../object.ts';
import { customSchemas } from '../schemas/load.ts';
import type { KindOptions } from './definition.ts';
import {
  customResourceDefinition,
  declaredAge,
  schemaJson,
  textColumn,
  wideTextColumn,
} from './definition.ts';
import { standardSchema } from './gateway-channel.ts';
import { gatewayApiRules } from './rules/gateway-api-rules.ts';
import { withRules } from './rules/place-rules.ts';

/** Which definitions to install: `experimental` adds TCPRoute and UDPRoute. */
export type GatewayApiChannel = 'standard' | 'experimental';

/** The definitions of a release channel; the same objects at every call. */
export function gatewayApiCrds(channel: GatewayApiChannel = 'standard'): readonly NewObject[] {
  const known = channels.get(channel);
  if (known) return known;
  const kinds = channel === 'standard' ? KINDS : [...KINDS, ...EXPERIMENTAL];
  const crds = kinds.map((kind) => definitionOf(kind, channel));
  channels.set(channel, crds);
  return crds;
}

const channels = new Map<GatewayApiChannel, readonly NewObject[]>();

const GROUP = 'gateway.networking.k8s.io';
/** Where the project agreed to the types, which its groups must name. */
const APPROVAL = 'https://github.com/kubernetes-sigs/gateway-api/pull/4530';
const BUNDLE_VERSION = 'v1.5.0';

const accepted = conditionColumn('Accepted', 'Whether a controller takes it');
const programmed = conditionColumn('Programmed', 'Whether it is in force');
const hostnames = textColumn('Hostnames', '.spec.hostnames', 'Hosts the route is for');

const KINDS: readonly KindOptions[] = [
  {
    kind: 'BackendTLSPolicy',
    plural: 'backendtlspolicies',
    shortNames: ['btlspolicy'],
    versions: ['v1'],
    columns: [declaredAge],
  },
  {
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    shortNames: ['gc'],
    isNamespaced: false,
    versions: ['v1', 'v1beta1'],
    columns: [
      textColumn('Controller', '.spec.controllerName', 'The controller of gateways of this class'),
      accepted,
      declaredAge,
      wideTextColumn('Description', '.spec.description', 'What the class is for'),
    ],
  },
  {
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gtw'],
    versions: ['v1', 'v1beta1'],
    columns: [
      textColumn('Class', '.spec.gatewayClassName', 'Its class'),
      textColumn('Address', '.status.addresses[*].value', 'Where it is reached'),
      programmed,
      declaredAge,
    ],
  },
  { kind: 'GRPCRoute', plural: 'grpcroutes', versions: ['v1'], columns: [hostnames, declaredAge] },
  {
    kind: 'HTTPRoute',
    plural: 'httproutes',
    versions: ['v1', 'v1beta1'],
    columns: [hostnames, declaredAge],
  },
  {
    kind: 'ListenerSet',
    plural: 'listenersets',
    shortNames: ['lset'],
    versions: ['v1'],
    columns: [accepted, programmed, declaredAge],
  },
  {
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    shortNames: ['refgrant'],
    versions: ['v1', 'v1beta1'],
    storage: 'v1beta1',
    columns: [declaredAge],
  },
  { kind: 'TLSRoute', plural: 'tlsroutes', versions: ['v1'], columns: [declaredAge] },
];

const EXPERIMENTAL: readonly KindOptions[] = [
  { kind: 'TCPRoute', plural: 'tcproutes', versions: ['v1alpha2'], columns: [declaredAge] },
  { kind: 'UDPRoute', plural: 'udproutes', versions: ['v1alpha2'], columns: [declaredAge] },
];

function definitionOf(kind: KindOptions, channel: GatewayApiChannel): NewObject {
  const schema = customSchemas('gateway')[`${GROUP}/${kind.versions[0]}/${kind.kind}`];
  const ruled = withRules(schemaJson(schema), gatewayApiRules[kind.kind] ?? []);
  return customResourceDefinition({
    ...kind,
    group: GROUP,
    categories: ['gateway-api'],
    annotations: {
      'api-approved.kubernetes.io': APPROVAL,
      'gateway.networking.k8s.io/bundle-version': BUNDLE_VERSION,
      'gateway.networking.k8s.io/channel': channel,
    },
    schema: channel === 'standard' ? standardSchema(ruled) : ruled,
  });
}

function conditionColumn(type: string, description: string): JsonObject {
  return textColumn(type, `.status.conditions[?(@.type=="${type}")].status`, description);
}
