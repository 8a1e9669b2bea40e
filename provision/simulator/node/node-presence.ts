/**
 * What shows that a kubelet is alive (Kubernetes documentation, "Node heartbeats"). A real one writes its Lease every ten
 * seconds and its status every five minutes; ours writes both once, and readers are shown the times that it would have
 * written by now. So an idle cluster costs nothing, and a watch of Leases or nodes stays quiet.
 */
import { timestampOf } from '../clock.ts';
import { asJson, asKubeObject, isObject, listAt, objectAt, stringAt } from '../kinds/json.ts';
import type { KubeObject } from '../kinds/object.ts';
import { remembering } from '../remember.ts';
import { LEASE_RENEWAL_MS, STATUS_REPORT_MS } from './limits.ts';
import { imageId, imageSizeBytes } from './pods/images/images.ts';

/** Namespace of the Leases of nodes. */
export const LEASE_NAMESPACE = 'kube-node-lease';
/** Images that a node's status names (kubelet, nodeStatusMaxImages). */
const IMAGES_SHOWN = 50;

/** A Lease as its node would have renewed it last; others are left alone. */
export function renewedLease(lease: KubeObject, nowMs: number): KubeObject {
  if (lease.metadata.namespace !== LEASE_NAMESPACE) return lease;
  const content = asJson(lease);
  const spec = objectAt(content, 'spec');
  const beatMs = lastBeat(lease.metadata.creationTimestamp, LEASE_RENEWAL_MS, nowMs);
  return asKubeObject({ ...content, spec: { ...spec, renewTime: microTime(beatMs) } });
}

/** What was shown of a node last, while neither it nor what its kubelet reports has changed. */
const reported = new WeakMap<KubeObject, { readonly key: string; readonly node: KubeObject }>();

/** A Node as its kubelet would have reported it last, with the images that it has pulled. */
export function reportedNode(
  node: KubeObject,
  images: ReadonlySet<string>,
  nowMs: number,
): KubeObject {
  const beat = timestampOf(lastBeat(node.metadata.creationTimestamp, STATUS_REPORT_MS, nowMs));
  const key = `${beat} ${images.size}`;
  const known = reported.get(node);
  if (known?.key === key) return known.node;
  const content = asJson(node);
  const status = objectAt(content, 'status');
  const conditions = listAt(status, 'conditions').map((condition) => {
    if (!isObject(condition)) return condition;
    const since = stringAt(condition, 'lastTransitionTime');
    return { ...condition, lastHeartbeatTime: beat > since ? beat : since };
  });
  const entries = [...images].map(imageEntry).toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const shown = asKubeObject({
    ...content,
    status: {
      ...status,
      ...(conditions.length > 0 && { conditions }),
      ...(entries.length > 0 && { images: entries.slice(0, IMAGES_SHOWN) }),
    },
  });
  reported.set(node, { key, node: shown });
  return shown;
}

/** The Lease that a kubelet makes for itself. */
export function leaseOf(node: KubeObject, nowMs: number) {
  const { name, uid } = node.metadata;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime(nowMs) },
  };
}

function lastBeat(since: string, periodMs: number, nowMs: number): number {
  const sinceMs = Date.parse(since);
  if (Number.isNaN(sinceMs) || sinceMs > nowMs) return nowMs;
  return nowMs - ((nowMs - sinceMs) % periodMs);
}

function microTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000Z');
}

/** The same images run in most clusters. */
const imageEntry = remembering((image: string) => ({
  names: [imageId(image), image],
  sizeBytes: imageSizeBytes(image),
}));
