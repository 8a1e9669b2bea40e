import type { Labels } from '../../kinds/object.ts';
import type { Pod } from '../../kinds/types/core.ts';

/** What a proxy tells istiod of itself when it connects (https://istio.io/latest/docs/ops/configuration/mesh/, node metadata). */
export interface ProxyNode {
  readonly type: 'sidecar' | 'router';
  readonly ip: string;
  /** Of its pod. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  /** Ports of the pod's containers, by name, for target ports that are names. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether it answers DNS for its pod (metadata DNS_CAPTURE). Default false. */
  readonly capturesDns: boolean;
}

/** The node of the proxy in a pod. */
export function nodeOf(
  pod: Pod,
  type: ProxyNode['type'],
  ip: string,
  capturesDns = false,
): ProxyNode {
  const { name, namespace = 'default', labels = {}, annotations = {} } = pod.metadata;
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return {
    type,
    ip,
    name,
    namespace,
    labels,
    annotations,
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    ports: Object.fromEntries(ports.map((port) => [port.name ?? '', port.containerPort])),
    capturesDns,
  };
}
