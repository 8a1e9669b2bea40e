import { ApiError } from '../../client/api-error.ts';
import { forbidden, notFound } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Namespaces that a cluster cannot do without. */
const PROTECTED = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', plural: 'namespaces' } as const;

/** Objects are made only in namespaces that exist and stay (Kubernetes documentation, NamespaceLifecycle). */
export function namespaceLifecycle(store: Store): AdmissionPlugin {
  return {
    mutate(request, object) {
      const { operation, kind, namespace, name } = request;
      if (operation !== 'CREATE' || !kind.isNamespaced || namespace === '') return object;
      const found = store.get('/namespaces', '', namespace);
      if (!found) throw notFound(NAMESPACES, namespace);
      if (found.metadata.deletionTimestamp === undefined) return object;
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
      const refusal = forbidden(kind, name, why);
      throw new ApiError(refusal.code, refusal.reason, refusal.message, {
        ...refusal.details,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      });
    },
    validate({ operation, kind, name }) {
      const isNamespace = kind.group === '' && kind.plural === 'namespaces';
      if (operation === 'DELETE' && isNamespace && PROTECTED.has(name)) {
        throw forbidden(kind, name, 'this namespace may not be deleted');
      }
    },
  };
}
