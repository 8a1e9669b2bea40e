/** The aggregation layer's own objects (Kubernetes documentation, "Kubernetes API Aggregation Layer"). */
import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { asJson, at, listAt, numberAt, objectAt, stringAt, toKubeObject } from '../objects/json.ts';
import { API_SERVICES, groupVersion, type ServedKinds, storageKey } from '../served-kinds.ts';
import type { Store } from '../store/store.ts';

/** Where clients look first: `groupPriorityMinimum` of each group (kube-apiserver, apiVersionPriorities). */
const PRIORITIES: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
};

/**
 * Shows an APIService for each group version that the server serves itself, made when somebody looks, and tells of the
 * stored ones whether what they name answers.
 */
export function showApiServices(store: Store, kinds: ServedKinds): void {
  store.show(storageKey(API_SERVICES), (stored) => [
    ...localServices(store, kinds),
    ...stored.map((one) => withAvailability(store, one)),
  ]);
}

/** Why the server behind an aggregated kind does not answer; undefined when it does. */
export function whyUnavailable(store: Store, { group, version }: Kind): string | undefined {
  const service = store.get(storageKey(API_SERVICES), '', `${version}.${group}`);
  const available = listAt(service, 'status', 'conditions')[0];
  return stringAt(available, 'status') === 'True' ? undefined : stringAt(available, 'reason');
}

function localServices(store: Store, kinds: ServedKinds): readonly KubeObject[] {
  const since = store.get('/namespaces', '', 'kube-system')?.metadata.creationTimestamp ?? '';
  const aggregated = new Set(
    store.stored(storageKey(API_SERVICES)).map(({ metadata }) => metadata.name),
  );
  const local = new Map<string, KubeObject>();
  for (const kind of kinds.all()) {
    const name = `${kind.version}.${kind.group}`;
    // Its own group is the one that the aggregator does not register with itself.
    if (local.has(name) || aggregated.has(name) || kind.group === API_SERVICES.group) continue;
    const created = kind.isCustom
      ? (kinds.crdOf(kind)?.metadata.creationTimestamp ?? since)
      : since;
    local.set(name, localService(name, kind, created));
  }
  return [...local.values()];
}

function localService(name: string, kind: Kind, created: string): KubeObject {
  const { group, version, isCustom = false } = kind;
  return toKubeObject({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name,
      uid: uidOf(groupVersion(kind)),
      resourceVersion: '1',
      creationTimestamp: created,
      labels: { 'kube-aggregator.kubernetes.io/automanaged': isCustom ? 'true' : 'onstart' },
    },
    spec: {
      ...(group !== '' && { group }),
      groupPriorityMinimum: PRIORITIES[group] ?? 1000,
      version,
      versionPriority: isCustom ? 100 : version === 'v2' ? 30 : group === '' ? 1 : 15,
    },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastTransitionTime: created,
          reason: 'Local',
          message: 'Local APIServices are always available',
        },
      ],
    },
  });
}

/** An id that stays the same, made from the name: eight groups of digits of a hash of it. */
function uidOf(text: string): string {
  const words = [0, 1, 2, 3].map((seed) => hash(`${seed}${text}`).toString(16).padStart(8, '0'));
  const [a = '', b = '', c = '', d = ''] = words;
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x81_1c_9d_c5;
  for (const sign of text) value = Math.imul(value ^ (sign.codePointAt(0) ?? 0), 0x01_00_01_93);
  return value >>> 0;
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function withAvailability(store: Store, apiService: KubeObject): KubeObject {
  const { creationTimestamp: lastTransitionTime } = apiService.metadata;
  const condition = { type: 'Available', lastTransitionTime, ...judge(store, apiService) };
  return toKubeObject({ ...asJson(apiService), status: { conditions: [condition] } });
}

/** In the words of kube-aggregator's availability controller. */
function judge(store: Store, apiService: KubeObject): Verdict {
  const spec = objectAt(apiService, 'spec');
  const reference = at(spec, 'service');
  if (reference === undefined || reference === null) {
    const message = 'Local APIServices are always available';
    return { status: 'True', reason: 'Local', message };
  }
  const name = stringAt(reference, 'name') ?? '';
  const namespace = stringAt(reference, 'namespace') ?? '';
  const place = `service/${name} in "${namespace}"`;
  const service = store.get('/services', namespace, name);
  if (!service) return failed('ServiceNotFound', `${place} is not present`);
  const number = numberAt(reference, 'port') ?? 443;
  const port = listAt(service, 'spec', 'ports').find((one) => numberAt(one, 'port') === number);
  if (!port) return failed('ServicePortError', `${place} is not listening on port ${number}`);
  const portName = stringAt(port, 'name') ?? '';
  if (!isAnswered(store, service, portName)) {
    const message = `endpoints for ${place} have no addresses with port name "${portName}"`;
    return failed('MissingEndpoints', message);
  }
  if (stringAt(spec, 'group') === 'metrics.k8s.io') {
    return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  }
  const path = `/apis/${stringAt(spec, 'group') ?? ''}/${stringAt(spec, 'version') ?? ''}`;
  const url = `https://${stringAt(service, 'spec', 'clusterIP') ?? ''}:${number}${path}`;
  const why = 'the simulator passes no API on to other servers than metrics-server';
  return failed('FailedDiscoveryCheck', `failing or missing response from ${url}: ${why}`);
}

function failed(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}

function isAnswered(store: Store, { metadata }: KubeObject, portName: string): boolean {
  const { name, namespace = '' } = metadata;
  return store.stored('discovery.k8s.io/endpointslices', namespace).some((slice) => {
    const content: JsonObject = asJson(slice);
    return (
      slice.metadata.labels?.['kubernetes.io/service-name'] === name &&
      listAt(content, 'ports').some((port) => (stringAt(port, 'name') ?? '') === portName) &&
      listAt(content, 'endpoints').some((one) => at(one, 'conditions', 'ready') !== false)
    );
  });
}
