/** What single kinds do beyond the general rules when they are written (upstream: pkg/registry/<group>/<kind>/strategy.go). */
import type { Clock } from '../../clock.ts';
import { timestamp } from '../../clock.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import {
  isObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringMapAt,
  withValue,
} from '../objects/json.ts';
import { storageVersionOf } from '../served-kinds.ts';
import type { User } from './context.ts';
import { preparePod } from './pods/strategy.ts';
import { dropTypeDependentFields } from './service-strategy.ts';

/** What strategies may ask about the request. */
export interface Circumstances {
  readonly clock: Clock;
  readonly user: User;
}

/** Whether metadata.generation of the kind counts changes. */
export function hasGeneration(kind: Kind): boolean {
  const resource = `${kind.group}/${kind.plural}`;
  return (
    kind.isCustom === true ||
    GROUPS_WITH_GENERATION.has(kind.group) ||
    WITH_GENERATION.has(resource)
  );
}

/** Whether an object of the kind can only be replaced by one that says which version it is based on. */
export function needsVersion(kind: Kind): boolean {
  return kind.isCustom === true || NEEDS_VERSION.has(`${kind.group}/${kind.plural}`);
}

/** Whether a PUT of an object that does not exist creates it. */
export function isCreatedByUpdate(kind: Kind): boolean {
  return CREATED_BY_UPDATE.has(`${kind.group}/${kind.plural}`);
}

/** Completes a new object: its first status, generated selectors, what clients may not choose. */
export function prepareCreate(
  kind: Kind,
  object: JsonObject,
  circumstances: Circumstances,
): JsonObject {
  const isStatusDropped = kind.hasStatus && !KEEPS_STATUS.has(`${kind.group}/${kind.plural}`);
  const fresh = isStatusDropped ? withValue(object, ['status'], undefined) : object;
  const strategy = STRATEGIES[`${kind.group}/${kind.plural}`]?.create;
  return strategy ? strategy(fresh, circumstances) : fresh;
}

/** Completes a changed object from its old state: status has its own endpoint, allocated addresses stay. */
export function prepareUpdate(
  kind: Kind,
  object: JsonObject,
  old: JsonObject,
  circumstances: Circumstances,
): JsonObject {
  const kept = kind.hasStatus ? withValue(object, ['status'], old['status']) : object;
  const strategy = STRATEGIES[`${kind.group}/${kind.plural}`]?.update;
  return strategy ? strategy(kept, old, circumstances) : kept;
}

interface Strategy {
  readonly create?: (object: JsonObject, circumstances: Circumstances) => JsonObject;
  readonly update?: (
    object: JsonObject,
    old: JsonObject,
    circumstances: Circumstances,
  ) => JsonObject;
}

/** Keeps a deleted CustomResourceDefinition until its objects are gone. */
export const CRD_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

const GROUPS_WITH_GENERATION = new Set([
  'apps',
  'batch',
  'policy',
  'networking.k8s.io',
  'discovery.k8s.io',
  'scheduling.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
]);
const WITH_GENERATION = new Set(['/pods', '/replicationcontrollers']);
/** A kubelet registers its node together with its status. */
const KEEPS_STATUS = new Set(['/nodes', 'apiregistration.k8s.io/apiservices']);

/** Kinds whose strategies upstream do not allow unconditional updates. */
const NEEDS_VERSION = new Set([
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices',
  'coordination.k8s.io/leases',
  'node.k8s.io/runtimeclasses',
  'policy/poddisruptionbudgets',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/volumeattachments',
]);
/** Kinds whose strategies upstream allow creation by update. */
const CREATED_BY_UPDATE = new Set([
  '/endpoints',
  '/events',
  '/limitranges',
  '/services',
  'coordination.k8s.io/leases',
  'events.k8s.io/events',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
]);

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  '/namespaces': {
    create: (namespace) => ({
      ...namespace,
      metadata: {
        ...objectAt(namespace, 'metadata'),
        labels: {
          ...objectAt(namespace, 'metadata', 'labels'),
          'kubernetes.io/metadata.name': stringAt(namespace, 'metadata', 'name') ?? '',
        },
      },
      spec: { ...objectAt(namespace, 'spec'), finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    }),
    // Only the finalize subresource takes finalizers away.
    update: (namespace, old) =>
      withValue(namespace, ['spec', 'finalizers'], objectAt(old, 'spec')['finalizers']),
  },
  '/pods': { create: preparePod },
  '/secrets': { create: encodeSecret, update: encodeSecret },
  '/persistentvolumes': { create: (volume) => ({ ...volume, status: { phase: 'Pending' } }) },
  '/persistentvolumeclaims': { create: (claim) => ({ ...claim, status: { phase: 'Pending' } }) },
  '/services': {
    create: (service) => ({ ...service, status: { loadBalancer: {} } }),
    update: (service, old) => keepServiceAddresses(dropTypeDependentFields(service, old), old),
  },
  'batch/jobs': { create: selectOwnPods },
  'apps/deployments': { create: (deployment) => ({ ...deployment, status: {} }) },
  'apps/replicasets': { create: (replicaSet) => ({ ...replicaSet, status: { replicas: 0 } }) },
  'apiextensions.k8s.io/customresourcedefinitions': {
    create: (crd, { clock }) => establish(holdBack(crd), clock),
    update: (crd, _old, { clock }) => establish(crd, clock),
  },
  'certificates.k8s.io/certificatesigningrequests': {
    create: (request, { user }) => ({
      ...request,
      spec: {
        ...objectAt(request, 'spec'),
        username: user.name,
        groups: user.groups,
        ...(user.uid !== undefined && { uid: user.uid }),
        ...(user.extra && {
          extra: Object.fromEntries(Object.entries(user.extra).map(([key, list]) => [key, list])),
        }),
      },
      status: {},
    }),
    // What is asked for never changes; only its parts approval and status do.
    update: (request, old) => ({ ...request, spec: old['spec'] }),
  },
};

/** stringData is write-only: it goes into data, encoded. */
function encodeSecret(secret: JsonObject): JsonObject {
  const { stringData, ...rest } = secret;
  if (!isObject(stringData)) return secret;
  const data: Record<string, Json | undefined> = { ...objectAt(rest, 'data') };
  for (const [key, value] of Object.entries(stringMapAt(stringData))) {
    data[key] = Buffer.from(value, 'utf8').toString('base64');
  }
  return { ...rest, data };
}

/** An update that leaves addresses and node ports out keeps them (upstream: patchAllocatedValues). */
function keepServiceAddresses(service: JsonObject, old: JsonObject): JsonObject {
  const type = stringAt(service, 'spec', 'type');
  const oldType = stringAt(old, 'spec', 'type');
  if (type === 'ExternalName' || oldType === 'ExternalName') return service;
  const spec = objectAt(service, 'spec');
  const oldSpec = objectAt(old, 'spec');
  const clusterIP = spec['clusterIP'] ?? '';
  const keptIp = clusterIP === '' && {
    clusterIP: oldSpec['clusterIP'],
    clusterIPs: oldSpec['clusterIPs'],
  };
  const keepsNodePorts = type !== 'ClusterIP' && oldType !== 'ClusterIP';
  const ports = keepsNodePorts ? keepNodePorts(spec['ports'], oldSpec['ports']) : spec['ports'];
  return { ...service, spec: { ...spec, ...keptIp, ...(ports !== undefined && { ports }) } };
}

function keepNodePorts(ports: Json | undefined, oldPorts: Json | undefined): Json | undefined {
  if (ports === undefined || oldPorts === undefined) return ports;
  return listAt(ports).map((port) => {
    if (!isObject(port) || numberAt(port, 'nodePort')) return port;
    const before = listAt(oldPorts).find(
      (other) =>
        numberAt(other, 'port') === port['port'] &&
        (stringAt(other, 'protocol') ?? 'TCP') === (port['protocol'] ?? 'TCP'),
    );
    const nodePort = numberAt(before, 'nodePort');
    return nodePort === undefined ? port : { ...port, nodePort };
  });
}

/** A Job finds its pods by its own uid unless its author insists on a selector (Kubernetes documentation, "Jobs"). */
function selectOwnPods(job: JsonObject): JsonObject {
  if (objectAt(job, 'spec')['manualSelector'] === true) return { ...job, status: {} };
  const uid = stringAt(job, 'metadata', 'uid') ?? '';
  const name = stringAt(job, 'metadata', 'name') ?? '';
  const labels = {
    ...objectAt(job, 'spec', 'template', 'metadata', 'labels'),
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  const labelled = withValue(job, ['spec', 'template', 'metadata', 'labels'], labels);
  return { ...withValue(labelled, ['spec', 'selector'], selector), status: {} };
}

/** Its objects go before the definition does. */
function holdBack(crd: JsonObject): JsonObject {
  const finalizers = listAt(crd, 'metadata', 'finalizers');
  if (finalizers.includes(CRD_FINALIZER)) return crd;
  return withValue(crd, ['metadata', 'finalizers'], [...finalizers, CRD_FINALIZER]);
}

/** Names are accepted and the kinds served at once; upstream's controllers take a moment for the same. */
function establish(crd: JsonObject, clock: Clock): JsonObject {
  const names = objectAt(crd, 'spec', 'names');
  const kind = stringAt(names, 'kind') ?? '';
  const acceptedNames = {
    ...names,
    listKind: names['listKind'] ?? `${kind}List`,
    singular: names['singular'] ?? kind.toLowerCase(),
  };
  const stored = listAt(crd, 'status', 'storedVersions');
  const storageName = storageVersionOf(crd);
  const isKnown = storageName === undefined || stored.includes(storageName);
  const known = listAt(crd, 'status', 'conditions');
  return {
    ...withValue(crd, ['spec', 'names'], acceptedNames),
    status: {
      conditions: known.length > 0 ? known : establishedConditions(timestamp(clock)),
      acceptedNames,
      storedVersions: isKnown ? stored : [...stored, storageName],
    },
  };
}

function establishedConditions(lastTransitionTime: string): readonly JsonObject[] {
  return [
    {
      lastTransitionTime,
      message: 'no conflicts found',
      reason: 'NoConflicts',
      status: 'True',
      type: 'NamesAccepted',
    },
    {
      lastTransitionTime,
      message: 'the initial names have been accepted',
      reason: 'InitialNamesAccepted',
      status: 'True',
      type: 'Established',
    },
  ];
}
