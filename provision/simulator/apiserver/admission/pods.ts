import type { Json, JsonObject } from '../../kinds/object.ts';
import { forbidden } from '../errors.ts';
import { at, isObject, listAt, numberAt, objectAt, stringAt, withValue } from '../objects/json.ts';
import { randomSuffix } from '../objects/names.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** Where containers find their token, CA and namespace. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Lifetime of projected tokens, as upstream sets it: an hour and seven seconds. */
const TOKEN_SECONDS = 3607;
/** How long pods stay on a node that is gone, as upstream's DefaultTolerationSeconds. */
const TOLERATION_SECONDS = 300;
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/**
 * Completes new pods as upstream's ServiceAccount, Priority and DefaultTolerationSeconds plugins do.
 */
export function podDefaults(store: Store, random: () => number): AdmissionPlugin {
  return {
    mutate(request, object) {
      const { operation, kind, subresource } = request;
      if (operation !== 'CREATE' || kind.group !== '' || kind.plural !== 'pods') return object;
      if (subresource !== '') return object;
      const withAccount = useServiceAccount(store, random, request, object);
      return tolerate(prioritize(store, request, withAccount));
    },
  };
}

function useServiceAccount(
  store: Store,
  random: () => number,
  { kind, namespace, name }: AdmissionRequest,
  pod: JsonObject,
): JsonObject {
  // Static pods' mirrors have no service account.
  if (at(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined) return pod;
  const asked = stringAt(pod, 'spec', 'serviceAccountName') ?? '';
  const accountName = asked === '' ? 'default' : asked;
  const account = store.get('/serviceaccounts', namespace, accountName);
  if (!account) {
    throw forbidden(
      kind,
      name,
      `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`,
    );
  }
  const spec: JsonObject = {
    ...objectAt(pod, 'spec'),
    serviceAccountName: accountName,
    serviceAccount: accountName,
  };
  const pullSecrets = listAt(account, 'imagePullSecrets');
  const withSecrets =
    listAt(spec, 'imagePullSecrets').length === 0 && pullSecrets.length > 0
      ? { ...spec, imagePullSecrets: pullSecrets }
      : spec;
  const isMounted =
    at(spec, 'automountServiceAccountToken') ?? at(account, 'automountServiceAccountToken');
  if (isMounted === false) return { ...pod, spec: withSecrets };
  return { ...pod, spec: mountToken(withSecrets, random) };
}

function mountToken(spec: JsonObject, random: () => number): JsonObject {
  const existing = listAt(spec, 'volumes')
    .map((volume) => stringAt(volume, 'name') ?? '')
    .find((volumeName) => volumeName.startsWith('kube-api-access-'));
  const name = existing ?? `kube-api-access-${randomSuffix(random)}`;
  let isUsed = false;
  const mount = (container: Json): Json => {
    if (!isObject(container)) return container;
    const mounts = listAt(container, 'volumeMounts');
    if (mounts.some((other) => stringAt(other, 'mountPath') === TOKEN_PATH)) return container;
    isUsed = true;
    return {
      ...container,
      volumeMounts: [...mounts, { name, readOnly: true, mountPath: TOKEN_PATH }],
    };
  };
  const containers = listAt(spec, 'containers').map(mount);
  const initContainers = listAt(spec, 'initContainers').map(mount);
  if (!isUsed) return spec;
  return {
    ...spec,
    containers,
    ...(initContainers.length > 0 && { initContainers }),
    ...(existing === undefined && { volumes: [...listAt(spec, 'volumes'), tokenVolume(name)] }),
  };
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}

function prioritize(store: Store, { kind, name }: AdmissionRequest, pod: JsonObject): JsonObject {
  const className = stringAt(pod, 'spec', 'priorityClassName') ?? '';
  const system = SYSTEM_PRIORITIES[className];
  const found = store.get('scheduling.k8s.io/priorityclasses', '', className);
  if (className !== '' && system === undefined && !found) {
    throw forbidden(kind, name, `no PriorityClass with name ${className} was found`);
  }
  return {
    ...pod,
    spec: {
      ...objectAt(pod, 'spec'),
      priority: system ?? numberAt(found, 'value') ?? 0,
      preemptionPolicy: stringAt(found, 'preemptionPolicy') ?? 'PreemptLowerPriority',
    },
  };
}

function tolerate(pod: JsonObject): JsonObject {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !tolerations.some((toleration) => isTolerated(toleration, key)),
  );
  if (missing.length === 0) return pod;
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATION_SECONDS,
  }));
  return withValue(pod, ['spec', 'tolerations'], [...tolerations, ...added]);
}

function isTolerated(toleration: Json, key: string): boolean {
  const own = stringAt(toleration, 'key') ?? '';
  const effect = stringAt(toleration, 'effect') ?? '';
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}
