import { at, isObject } from '../../../kinds/json.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError } from '../cli/command.ts';

/** Anything with a kind and a name. */
export interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

interface Collection {
  readonly groupVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
}

function collection(
  groupVersion: string,
  plural: string,
  kind: string,
  isNamespaced = true,
): Collection {
  return { groupVersion, plural, kind, isNamespaced };
}

const RBAC = 'rbac.authorization.k8s.io/v1';
const ADMISSION = 'admissionregistration.k8s.io/v1';

/** Kinds of which an installation consists, in the order in which they are taken away again. */
export const INSTALLED_COLLECTIONS: readonly Collection[] = [
  collection('apps/v1', 'deployments', 'Deployment'),
  collection('v1', 'services', 'Service'),
  collection('v1', 'configmaps', 'ConfigMap'),
  collection('v1', 'pods', 'Pod'),
  collection('v1', 'serviceaccounts', 'ServiceAccount'),
  collection(RBAC, 'rolebindings', 'RoleBinding'),
  collection(RBAC, 'roles', 'Role'),
  collection('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  collection('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  collection(ADMISSION, 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', false),
  collection(ADMISSION, 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', false),
  collection(RBAC, 'clusterroles', 'ClusterRole', false),
  collection(RBAC, 'clusterrolebindings', 'ClusterRoleBinding', false),
  collection(
    'apiextensions.k8s.io/v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    false,
  ),
];

const KNOWN: readonly Collection[] = [
  ...INSTALLED_COLLECTIONS,
  collection('v1', 'namespaces', 'Namespace', false),
];

/** `/apis/apps/v1/deployments`: all namespaces. */
export function collectionPath({ groupVersion, plural }: Collection, namespace?: string): string {
  const root = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${namespace}/${plural}`;
}

/**
 * Path of an object of an installation.
 * @throws CommandError for a kind that no installation contains
 */
export function objectPath(object: Named): string {
  const found = KNOWN.find(({ kind }) => kind === object.kind);
  if (!found) throw new CommandError(`cannot find ${object.kind} of ${object.apiVersion}`);
  const namespace = found.isNamespaced ? (object.metadata.namespace ?? 'default') : undefined;
  return `${collectionPath(found, namespace)}/${object.metadata.name ?? ''}`;
}

/** Whether a value read from a cluster or a file has what every object has. */
export function isNamed(value: unknown): value is Named {
  return (
    isObject(value) &&
    textAt(value, 'kind') !== '' &&
    textAt(value, 'apiVersion') !== '' &&
    typeof at(value, 'metadata', 'name') === 'string'
  );
}
