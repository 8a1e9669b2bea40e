import type { JsonObject, KubeObject, Labels } from '../../../kinds/object.ts';
import { KUBERNETES_VERSION } from '../../../versions.ts';
import { forbidden, invalid } from '../../errors.ts';
import { asJson, isSame, listAt, objectAt, stringAt, stringMapAt } from '../../objects/json.ts';
import type { Store } from '../../store/store.ts';
import { isFor, type AdmissionPlugin, type AdmissionRequest } from '../admission.ts';
import { BASELINE } from './baseline.ts';
import type { PodLike, Violation } from './check.ts';
import {
  compareLevels,
  isSameStandard,
  readPolicy,
  standardText,
  type Standard,
} from './policy.ts';
import { RESTRICTED } from './restricted.ts';

/** Where workloads have the template of their pods. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/podtemplates': ['template'],
  '/replicationcontrollers': ['spec', 'template'],
  'apps/daemonsets': ['spec', 'template'],
  'apps/deployments': ['spec', 'template'],
  'apps/replicasets': ['spec', 'template'],
  'apps/statefulsets': ['spec', 'template'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
  'batch/jobs': ['spec', 'template'],
};
/** Parts of pods that cannot make them less secure. */
const HARMLESS_PARTS = new Set([
  'status',
  'binding',
  'eviction',
  'exec',
  'attach',
  'log',
  'portforward',
  'proxy',
]);
/** The minor version of the cluster: standards of later ones are not known here. */
const KNOWN_MINOR = Number(KUBERNETES_VERSION.split('.')[1]);

/**
 * Holds pods to the standard that their namespace is labelled with (Kubernetes documentation, "Pod Security Admission").
 * Audit annotations go into the audit log, which this cluster does not keep.
 */
export function podSecurity(store: Store): AdmissionPlugin {
  return {
    validate(request) {
      const { kind, operation, namespace, object } = request;
      if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      if (isFor(request, '/namespaces')) {
        checkNamespace(store, request, object);
        return;
      }
      const isPod = kind.group === '' && kind.plural === 'pods';
      const template = isFor(request, `${kind.group}/${kind.plural}`)
        ? TEMPLATES[`${kind.group}/${kind.plural}`]
        : undefined;
      if (!isPod && !template) return;
      const labels = store.get('/namespaces', '', namespace)?.metadata.labels;
      if (!labels) return;
      if (template) {
        const pod = objectAt(object, ...template);
        if (pod['spec'] !== undefined) warnOf(request, asPod(pod), readPolicy(labels).policy.warn);
      } else if (isSignificant(request)) checkPod(request, asPod(object), labels);
    },
  };
}

function asPod(object: JsonObject): PodLike {
  return { metadata: objectAt(object, 'metadata'), spec: objectAt(object, 'spec') };
}

function checkPod(request: AdmissionRequest, pod: PodLike, labels: Labels): void {
  const { enforce, warn } = readPolicy(labels).policy;
  const violations = violationsOf(pod, enforce);
  if (violations.length > 0) {
    const text = `violates PodSecurity "${standardText(enforce)}": ${detailsOf(violations)}`;
    throw forbidden(request.kind, request.name, text);
  }
  if (!isSameStandard(enforce, warn)) warnOf(request, pod, warn);
}

function warnOf({ call }: AdmissionRequest, pod: PodLike, standard: Standard): void {
  const violations = violationsOf(pod, standard);
  if (violations.length === 0) return;
  call.warnings.push(
    `would violate PodSecurity "${standardText(standard)}": ${detailsOf(violations)}`,
  );
}

function violationsOf(pod: PodLike, { level, minor }: Standard): readonly Violation[] {
  if (level === 'privileged') return [];
  const version = Math.min(minor, KNOWN_MINOR);
  const isInForce = ({ since = 0 }: { readonly since?: number }) => since <= version;
  const strict = level === 'restricted' ? RESTRICTED.filter(isInForce) : [];
  const replaced = new Set(strict.map(({ replaces }) => replaces));
  const mild = BASELINE.filter((check) => isInForce(check) && !replaced.has(check.name));
  return [...mild, ...strict].flatMap(({ find }) => find(pod, version) ?? []);
}

function detailsOf(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');
}

/** Of a pod that exists only other images and additional containers are looked at; nothing else can change. */
function isSignificant({ subresource, operation, object, oldObject }: AdmissionRequest): boolean {
  if (HARMLESS_PARTS.has(subresource)) return false;
  if (operation === 'CREATE') return true;
  return ['containers', 'initContainers', 'ephemeralContainers'].some((list) => {
    const images = (pod: JsonObject | undefined) =>
      listAt(pod, 'spec', list).map((container) => [
        stringAt(container, 'name') ?? '',
        stringAt(container, 'image') ?? '',
      ]);
    return !isSame(images(object), images(oldObject));
  });
}

function checkNamespace(store: Store, request: AdmissionRequest, namespace: JsonObject): void {
  const { kind, name, oldObject, call } = request;
  const { policy, errors } = readPolicy(stringMapAt(namespace, 'metadata', 'labels'));
  const old = oldObject && readPolicy(stringMapAt(oldObject, 'metadata', 'labels'));
  if (errors.length > 0 && !(old && isSame(errors, old.errors))) throw invalid(kind, name, errors);
  if (!old) return;
  const [before, after] = [old.policy.enforce, policy.enforce];
  const isLaxer =
    after.level === 'privileged' ||
    isSameStandard(before, after) ||
    (before.minor === after.minor && compareLevels(after.level, before.level) < 1);
  if (isLaxer) return;
  call.warnings.push(...existingViolations(store.list('/pods', name).items, name, after));
}

/** Warnings about pods that could not be made any more; those of one kind are told of together. */
function existingViolations(
  pods: readonly KubeObject[],
  namespace: string,
  standard: Standard,
): readonly string[] {
  const podsByReason = new Map<string, string[]>();
  for (const pod of pods) {
    const reasons = violationsOf(asPod(asJson(pod)), standard).map(({ reason }) => reason);
    if (reasons.length === 0) continue;
    const text = reasons.join(', ');
    podsByReason.set(text, [...(podsByReason.get(text) ?? []), pod.metadata.name]);
  }
  if (podsByReason.size === 0) return [];
  const lines = [...podsByReason].map(([reasons, names]) => {
    const [first = ''] = names.toSorted();
    const others = names.length - 1;
    const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${reasons}`;
  });
  return [
    `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${standardText(standard)}"`,
    ...lines.toSorted(),
  ];
}
