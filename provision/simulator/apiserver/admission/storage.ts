import type { KubeObject, JsonObject } from '../../kinds/object.ts';
import { compareQuantities } from '../../kinds/values/quantity.ts';
import { forbidden } from '../errors.ts';
import { at, stringAt, stringMapAt, stringsAt, withValue } from '../objects/json.ts';
import type { Store } from '../store/store.ts';
import { isFor, isNew, type AdmissionPlugin } from './admission.ts';

const CLAIMS = '/persistentvolumeclaims';
const PROTECTED: Readonly<Record<string, string>> = {
  [CLAIMS]: 'kubernetes.io/pvc-protection',
  '/persistentvolumes': 'kubernetes.io/pv-protection',
};

/** Claims without a class get the cluster's default one (Kubernetes documentation, "Default StorageClass"). */
export function defaultStorageClass(store: Store): AdmissionPlugin {
  return {
    mutate(request, object) {
      const isOpen =
        isNew(request, CLAIMS) &&
        at(object, 'spec', 'storageClassName') === undefined &&
        at(object, 'metadata', 'annotations', 'volume.beta.kubernetes.io/storage-class') ===
          undefined;
      const found = isOpen
        ? newestDefault(store, 'storage.k8s.io/storageclasses', [
            'storageclass.kubernetes.io/is-default-class',
            'storageclass.beta.kubernetes.io/is-default-class',
          ])
        : undefined;
      return found ? withValue(object, ['spec', 'storageClassName'], found.metadata.name) : object;
    },
  };
}

/** Ingresses without a class get the cluster's default one (Kubernetes documentation, "Default IngressClass"). */
export function defaultIngressClass(store: Store): AdmissionPlugin {
  return {
    mutate(request, object) {
      const isOpen =
        isNew(request, 'networking.k8s.io/ingresses') &&
        at(object, 'spec', 'ingressClassName') === undefined &&
        at(object, 'metadata', 'annotations', 'kubernetes.io/ingress.class') === undefined;
      const found = isOpen
        ? newestDefault(store, 'networking.k8s.io/ingressclasses', [
            'ingressclass.kubernetes.io/is-default-class',
          ])
        : undefined;
      return found ? withValue(object, ['spec', 'ingressClassName'], found.metadata.name) : object;
    },
  };
}

/** Claims and volumes that are in use stay (Kubernetes documentation, "Storage Object in Use Protection"). */
export const storageProtection: AdmissionPlugin = {
  mutate(request, object) {
    const finalizer = PROTECTED[`${request.kind.group}/${request.kind.plural}`];
    if (finalizer === undefined || request.subresource !== '' || request.operation !== 'CREATE') {
      return object;
    }
    const finalizers = stringsAt(object, 'metadata', 'finalizers');
    return finalizers.includes(finalizer)
      ? object
      : withValue(object, ['metadata', 'finalizers'], [...finalizers, finalizer]);
  },
};

/** Claims grow only where their class lets them (Kubernetes documentation, "Expanding Persistent Volumes Claims"). */
export function claimResize(store: Store): AdmissionPlugin {
  return {
    validate(request) {
      const { kind, name, oldObject, object, operation } = request;
      if (operation !== 'UPDATE' || !isFor(request, CLAIMS)) return;
      const [before, after] = [oldObject, object].map(sizeOf);
      if (before === undefined || after === undefined || compareQuantities(after, before) <= 0) {
        return;
      }
      if (stringAt(oldObject, 'status', 'phase') !== 'Bound') {
        throw forbidden(kind, name, 'Only bound persistent volume claims can be expanded');
      }
      const className = stringAt(object, 'spec', 'storageClassName') ?? '';
      const storageClass = store.get('storage.k8s.io/storageclasses', '', className);
      if (at(storageClass, 'allowVolumeExpansion') === true) return;
      throw forbidden(
        kind,
        name,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    },
  };
}

function sizeOf(claim: JsonObject | undefined): string | undefined {
  return stringMapAt(claim, 'spec', 'resources', 'requests')['storage'];
}

/** Of several classes that are marked as default the newest; of those the first by name. */
function newestDefault(
  store: Store,
  resource: string,
  marks: readonly string[],
): KubeObject | undefined {
  return store
    .list(resource)
    .items.filter(({ metadata }) => marks.some((mark) => metadata.annotations?.[mark] === 'true'))
    .toSorted((left, right) =>
      left.metadata.creationTimestamp > right.metadata.creationTimestamp ? -1 : 1,
    )[0];
}
