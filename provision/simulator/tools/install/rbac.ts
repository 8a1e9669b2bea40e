import type { NewObject } from '../../client/client.ts';
import { listAt } from '../../kinds/json.ts';
import type { Json, JsonObject, Labels } from '../../kinds/object.ts';
import { clusterWide, revised } from './names.ts';
import type { Operator } from './operator.ts';
import { textAt } from './tree.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** The account that istiods of other clusters read this one by. */
export function readerRbac(operator: Operator, labels: Labels): readonly NewObject[] {
  const named = { ...labels, app: 'istio-reader' };
  const role = `istio-reader-clusterrole-${operator.namespace}`;
  const account = 'istio-reader-service-account';
  return [
    serviceAccount(operator, account, named),
    clusterRole(role, named, [
      rule(ISTIO_GROUPS, ['*'], READ),
      rule([''], [...CORE_OF_INTEREST, 'replicationcontrollers'], READ),
      rule(['networking.istio.io'], ['workloadentries'], ['get', 'watch', 'list']),
      rule(['networking.x-k8s.io', 'gateway.networking.k8s.io'], ['gateways'], READ),
      rule(['apiextensions.k8s.io'], ['customresourcedefinitions'], READ),
      rule(['discovery.k8s.io'], ['endpointslices'], READ),
      rule(['apps'], ['replicasets'], READ),
      rule(['authentication.k8s.io'], ['tokenreviews'], ['create']),
      rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
    ]),
    clusterRoleBinding(operator, { role, account, labels: named }),
  ];
}

/** What istiod may do in the whole cluster, and in its own namespace. */
export function istiodRbac(operator: Operator, labels: Labels): readonly NewObject[] {
  const named = { ...labels, app: 'istiod' };
  const account = revised('istiod', operator);
  const main = clusterWide('istiod-clusterrole', operator);
  const gateways = clusterWide('istiod-gateway-controller', operator);
  return [
    serviceAccount(operator, account, named),
    clusterRole(main, named, ISTIOD_RULES),
    clusterRole(gateways, named, GATEWAY_CONTROLLER_RULES),
    clusterRoleBinding(operator, { role: main, account, labels: named }),
    clusterRoleBinding(operator, { role: gateways, account, labels: named }),
    ...namespaceRole(operator, { name: account, account, labels: named }, [
      rule(['networking.istio.io'], ['gateways'], ['create']),
      rule([''], ['secrets'], ['create', 'get', 'watch', 'list', 'update', 'delete']),
      rule([''], ['configmaps'], ['delete']),
      rule(['coordination.k8s.io'], ['leases'], ['get', 'update', 'patch', 'create']),
    ]),
  ];
}

/** A gateway's account and its leave to read the certificates it serves. */
export function gatewayRbac(
  operator: Operator,
  gateway: { readonly name: string; readonly namespace: string },
  labels: Labels,
): readonly NewObject[] {
  const at = { ...operator, namespace: gateway.namespace };
  const account = `${gateway.name}-service-account`;
  return [
    serviceAccount(at, account, labels),
    ...namespaceRole(at, { name: `${gateway.name}-sds`, account, labels }, [
      rule([''], ['secrets'], ['get', 'watch', 'list']),
    ]),
  ];
}

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'update', 'patch', 'create', 'delete'];
const CORE_OF_INTEREST = ['endpoints', 'pods', 'services', 'nodes', 'namespaces', 'secrets'];
const ISTIO_GROUPS = [
  'config.istio.io',
  'security.istio.io',
  'networking.istio.io',
  'authentication.istio.io',
  'rbac.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
];
const GATEWAY_API = ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io'];
const WEBHOOKS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'];

const ISTIOD_RULES = [
  ...WEBHOOKS.map((plural) =>
    rule(['admissionregistration.k8s.io'], [plural], [...READ, 'update', 'patch']),
  ),
  rule(ISTIO_GROUPS, ['*'], READ),
  rule(
    ['networking.istio.io'],
    ['workloadentries', 'workloadentries/status', 'serviceentries/status'],
    WRITE,
  ),
  rule(['security.istio.io'], ['authorizationpolicies/status'], WRITE),
  rule(['apiextensions.k8s.io'], ['customresourcedefinitions'], READ),
  rule([''], ['pods', 'nodes', 'services', 'namespaces', 'endpoints'], READ),
  rule(['discovery.k8s.io'], ['endpointslices'], READ),
  rule(['networking.k8s.io'], ['ingresses', 'ingressclasses'], READ),
  rule(['networking.k8s.io'], ['ingresses/status'], ['*']),
  rule([''], ['configmaps'], ['create', 'get', 'list', 'watch', 'update']),
  rule(['authentication.k8s.io'], ['tokenreviews'], ['create']),
  rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
  rule(GATEWAY_API, ['*'], ['get', 'watch', 'list']),
  rule(
    GATEWAY_API,
    ['gateways', 'gatewayclasses', 'httproutes', 'grpcroutes', 'tcproutes', 'tlsroutes'].map(
      (plural) => `${plural}/status`,
    ),
    ['update', 'patch'],
  ),
  rule(GATEWAY_API, ['gatewayclasses'], ['create', 'update', 'patch', 'delete']),
  rule([''], ['secrets'], ['get', 'watch', 'list']),
  rule(['multicluster.x-k8s.io'], ['serviceexports', 'serviceimports'], [...READ, 'create']),
];

const GATEWAY_CONTROLLER_RULES = [
  rule(['apps'], ['deployments'], WRITE),
  rule(['autoscaling'], ['horizontalpodautoscalers'], WRITE),
  rule(['policy'], ['poddisruptionbudgets'], WRITE),
  rule([''], ['services'], WRITE),
  rule([''], ['serviceaccounts'], WRITE),
];

function rule(
  apiGroups: readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
): JsonObject {
  return { apiGroups, resources, verbs };
}

function serviceAccount({ namespace, values }: Operator, name: string, labels: Labels): NewObject {
  const secrets = pullSecrets(values);
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, labels },
    ...(secrets.length > 0 && { imagePullSecrets: secrets }),
  };
}

function pullSecrets(values: JsonObject): readonly Json[] {
  return listAt(values, 'global', 'imagePullSecrets').map((name) => ({ name: textAt(name) }));
}

function clusterRole(name: string, labels: Labels, rules: readonly JsonObject[]): NewObject {
  return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name, labels }, rules };
}

interface Grant {
  readonly account: string;
  readonly labels: Labels;
}

function clusterRoleBinding(
  { namespace }: Operator,
  { role, account, labels }: Grant & { readonly role: string },
): NewObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: role, labels },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  };
}

function namespaceRole(
  { namespace }: Operator,
  { name, account, labels }: Grant & { readonly name: string },
  rules: readonly JsonObject[],
): readonly NewObject[] {
  const metadata = { name, namespace, labels };
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
  ];
}
