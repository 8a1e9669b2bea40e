import { ApiError } from '../client/api-error.ts';
import { timestamp } from '../clock.ts';
import type { KubeObject } from '../kinds/object.ts';
import { pods } from '../kinds/resources.ts';
import { matchesSelector } from '../kinds/selectors/labels.ts';
import type { LabelSelector, PodTemplate } from '../kinds/types/apps.ts';
import type { Condition, Pod } from '../kinds/types/core.ts';
import { findCondition, withCondition } from './conditions.ts';
import { type ControllerContext, keyOf, namespaceOf, targetOf } from './controller.ts';
import { claimObjects, controllerReference } from './owners.ts';
import type { WorkQueue } from './work-queue.ts';

export function podCondition({ status }: Pod, type: string): Condition | undefined {
  return findCondition(status.conditions, type);
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Milliseconds until a ready pod counts as available; 0 when it does, undefined when it is not ready. */
function msUntilAvailable(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(podCondition(pod, 'Ready')?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReadySeconds * 1_000 - nowMs);
}

/** A workload whose pods count as available when they have been ready for a while. */
type PodSet = KubeObject & { readonly spec: { readonly minReadySeconds?: number } };

export function isAvailable({ clock }: ControllerContext, { spec }: PodSet, pod: Pod): boolean {
  return msUntilAvailable(pod, spec.minReadySeconds ?? 0, clock.now()) === 0;
}

/** Queues the set for when the next of its living pods is available: no event tells when minReadySeconds have passed. */
export function requeueForAvailability(
  { clock }: ControllerContext,
  set: PodSet,
  queue: WorkQueue,
  living: () => readonly Pod[],
): void {
  const { minReadySeconds = 0 } = set.spec;
  if (minReadySeconds === 0) return;
  const waits = living()
    .map((pod) => msUntilAvailable(pod, minReadySeconds, clock.now()) ?? 0)
    .filter((waitMs) => waitMs > 0);
  if (waits.length > 0) queue.addAfter(keyOf(set), Math.min(...waits));
}

export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Whether the pod has run to its end. */
export function isFinished({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

/** Whether the pod still counts for a controller: neither finished nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !isTerminating(pod) && !isFinished(pod);
}

/** The pods of an owner with a selector; see `claimObjects`. */
export function claimPods(
  { client }: ControllerContext,
  owner: KubeObject,
  selector: LabelSelector,
): Promise<readonly Pod[]> {
  const isWanted = ({ metadata }: Pod) => matchesSelector(selector, metadata.labels);
  return claimObjects(client, { resource: pods, owner, isWanted });
}

/** What distinguishes a new pod from others of the same template. */
export interface PodIdentity {
  /** Default: the API server makes one from `generateName`. */
  readonly name?: string;
  /** Default: the owner's name and a dash. */
  readonly generateName?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Changes the template's spec for this pod. */
  readonly spec?: (spec: PodTemplate['spec']) => PodTemplate['spec'];
  /** The event of success; default `Created pod: <name>`. */
  readonly message?: string;
  /** The beginning of the event of failure; default `Error creating`. */
  readonly failure?: string;
}

/**
 * Creates a pod of `template` that `owner` controls, with upstream's events.
 * @throws ApiError as the API server refuses it
 */
export async function createPod(
  { client, events }: ControllerContext,
  owner: KubeObject,
  template: PodTemplate,
  identity: PodIdentity = {},
): Promise<Pod> {
  const { name, spec = (same) => same, message, finalizers, failure = 'Error creating' } = identity;
  const { generateName = `${owner.metadata.name}-` } = identity;
  const labels = { ...template.metadata?.labels, ...identity.labels };
  const annotations = { ...template.metadata?.annotations, ...identity.annotations };
  try {
    const pod = await client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...(name === undefined ? { generateName } : { name }),
        namespace: namespaceOf(owner),
        labels,
        ...(Object.keys(annotations).length > 0 && { annotations }),
        ownerReferences: [controllerReference(owner)],
        ...(finalizers && { finalizers }),
      },
      spec: spec(template.spec),
    });
    const text = message ?? `Created pod: ${pod.metadata.name}`;
    events.record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message: text });
    return pod;
  } catch (error) {
    if (error instanceof ApiError && !isNamespaceLeaving(error)) {
      const text = `${failure}: ${error.message}`;
      events.record(owner, { type: 'Warning', reason: 'FailedCreate', message: text });
    }
    throw error;
  }
}

/** Deletes a pod of `owner`, with upstream's events; it may be gone already. */
export async function deletePod(
  { client, events }: ControllerContext,
  owner: KubeObject,
  pod: Pod,
  message = `Deleted pod: ${pod.metadata.name}`,
): Promise<void> {
  const { uid, name, namespace } = pod.metadata;
  try {
    if (client.get(pods, name, namespace)?.metadata.uid !== uid) return;
    await client.delete(pods, targetOf(pod), { uid });
  } catch (error) {
    if (error instanceof ApiError) {
      const text = `Error deleting: ${error.message}`;
      events.record(owner, { type: 'Warning', reason: 'FailedDelete', message: text });
    }
    throw error;
  }
  events.record(owner, { type: 'Normal', reason: 'SuccessfulDelete', message });
}

/** Whether the API server refused because the namespace is being deleted: nothing to tell anybody, and no use in trying again. */
export function isNamespaceLeaving(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')
  );
}

/** Says in a pod's status why it is about to be taken away (Kubernetes documentation, "Disruptions": pod disruption conditions). */
export async function markDisruption(
  { client, clock }: Pick<ControllerContext, 'client' | 'clock'>,
  pod: Pod,
  why: { readonly reason: string; readonly message: string; readonly phase?: 'Failed' },
): Promise<void> {
  const { phase, ...condition } = why;
  const conditions = withCondition(
    pod.status.conditions ?? [],
    { type: 'DisruptionTarget', status: 'True', ...condition },
    timestamp(clock),
  ).map((one) => ({ ...one }));
  const { uid } = pod.metadata;
  const patch = { metadata: { uid }, status: { conditions, ...(phase && { phase }) } };
  await client.patch(pods, targetOf(pod), patch, { subresource: 'status' });
}
