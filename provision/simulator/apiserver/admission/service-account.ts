import type { Json, JsonObject } from '../../kinds/object.ts';
import { forbidden } from '../errors.ts';
import { at, isObject, listAt, objectAt, stringAt } from '../objects/json.ts';
import { randomSuffix } from '../objects/names.ts';
import type { Store } from '../store/store.ts';
import { isNew, type AdmissionPlugin, type AdmissionRequest } from './admission.ts';

/** Where containers find their token, CA and namespace. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Lifetime of projected tokens, as upstream sets it: an hour and seven seconds. */
const TOKEN_SECONDS = 3607;

/** Gives new pods their service account, its pull secrets and its token (upstream's plugin ServiceAccount). */
export function serviceAccounts(store: Store, random: () => number): AdmissionPlugin {
  return {
    mutate: (request, object) =>
      isNew(request, '/pods') ? useServiceAccount(store, random, request, object) : object,
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
