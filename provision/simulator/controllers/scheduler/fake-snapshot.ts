/** Nodes and pods for tests of the scheduler. */
import type { Node, Pod, PodSpec } from '../../kinds/types/core.ts';
import type { Snapshot } from './snapshot.ts';

/** A node of four processors and 8 GiB. */
export function node(name: string, spec: Node['spec'] = {}, labels = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', labels },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
  };
}

export function pod(
  name: string,
  spec: Partial<PodSpec> = {},
  metadata: Partial<Pod['metadata']> = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
      ...metadata,
    },
    spec: { containers: [{ name: 'c', image: 'nginx' }], restartPolicy: 'Always', ...spec },
    status: { phase: 'Pending' },
  };
}

export function asking(requests: Readonly<Record<string, string>>): Partial<PodSpec> {
  return { containers: [{ name: 'c', image: 'nginx', resources: { requests } }] };
}

/** A cluster of these nodes with these pods on them; every namespace is labelled with its name. */
export function snapshot(nodes: readonly Node[], placed: readonly Pod[] = []): Snapshot {
  return {
    nodes: nodes.map((one) => ({
      node: one,
      pods: placed.filter(({ spec }) => spec.nodeName === one.metadata.name),
    })),
    namespaceLabels: (name) => ({ 'kubernetes.io/metadata.name': name }),
    claim: () => undefined,
    volume: () => undefined,
    volumes: () => [],
    storageClass: () => undefined,
    isProtected: () => false,
  };
}
