/** What a kubelet tells of its node and pods over HTTP (Kubernetes documentation, "Node metrics data"). */
import type { Clock } from '../../clock.ts';
import { timestampOf } from '../../clock.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { KUBERNETES_VERSION } from '../../versions.ts';
import { jsonPage, type KubeletPages, textPage } from '../kubelet-pages.ts';
import { PODS_PER_NODE } from '../limits.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import type { Usage } from './container-usage.ts';
import { type PodUsage, podUsages, sum, SYSTEM_USAGE } from './resource-metrics.ts';

interface Sources {
  readonly clock: Clock;
  readonly workers: () => Iterable<PodWorker>;
}

/** Memory of a node in bytes, as its Node object says. */
const NODE_MEMORY_BYTES = 8_139_764 * 1024;

/** Adds the pages with figures to those of a cluster's kubelets. */
export function addMetricsPages(pages: KubeletPages, sources: Sources): void {
  const usagesOn = (node: string) =>
    podUsages(sources.workers(), sources.clock.now()).filter(
      ({ worker }) => worker.pod.spec.nodeName === node,
    );
  pages.add('/stats/summary', (node) =>
    jsonPage(summary(node, usagesOn(node), sources.clock.now())),
  );
  pages.add('/metrics/resource', (node) =>
    textPage(resourceText(usagesOn(node), sources.clock.now())),
  );
  pages.add('/metrics/cadvisor', (node) => textPage(cadvisorText(usagesOn(node))));
  pages.add('/metrics', (node) => textPage(kubeletText(node, usagesOn(node))));
  pages.add('/configz', () => jsonPage({ kubeletconfig: KUBELET_CONFIG }));
}

function summary(node: string, usages: readonly PodUsage[], nowMs: number): JsonObject {
  const time = timestampOf(nowMs);
  return {
    node: { nodeName: node, ...figures(totalOf(usages), time) },
    pods: usages.map(({ worker, containers }) => {
      const { name, namespace = '', uid, creationTimestamp } = worker.pod.metadata;
      return {
        podRef: { name, namespace, uid },
        startTime: worker.pod.status.startTime ?? creationTimestamp,
        containers: containers.map((one) => ({ name: one.name, ...figures(one, time) })),
        ...figures(sum(containers), time),
      };
    }),
  };
}

function figures({ nanoCpu, memoryBytes }: Usage, time: string): JsonObject {
  return {
    cpu: { time, usageNanoCores: nanoCpu },
    memory: {
      time,
      availableBytes: NODE_MEMORY_BYTES - memoryBytes,
      usageBytes: memoryBytes,
      workingSetBytes: memoryBytes,
      rssBytes: Math.round(memoryBytes * 0.8),
    },
  };
}

function totalOf(usages: readonly PodUsage[]): Usage {
  return sum([SYSTEM_USAGE, ...usages.flatMap(({ containers }) => containers)]);
}

function resourceText(usages: readonly PodUsage[], nowMs: number): string {
  const total = totalOf(usages);
  const perContainer = usages.flatMap(({ worker, containers }) =>
    containers.map((one) => ({ labels: labelsOf(worker, one.name), usage: one })),
  );
  return [
    ...family(
      'container_memory_working_set_bytes',
      'gauge',
      'Current working set of the container in bytes',
    ),
    ...perContainer.map(
      ({ labels, usage }) =>
        `container_memory_working_set_bytes{${labels}} ${usage.memoryBytes} ${nowMs}`,
    ),
    ...family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes'),
    `node_memory_working_set_bytes ${total.memoryBytes} ${nowMs}`,
    ...family(
      'resource_scrape_error',
      'gauge',
      '1 if there was an error while getting container metrics, 0 otherwise',
    ),
    'resource_scrape_error 0',
    '',
  ].join('\n');
}

function cadvisorText(usages: readonly PodUsage[]): string {
  return [
    ...family('container_memory_working_set_bytes', 'gauge', 'Current working set in bytes.'),
    ...usages.flatMap(({ worker, containers }) =>
      containers.map(
        (one) =>
          `container_memory_working_set_bytes{${labelsOf(worker, one.name)}} ${one.memoryBytes}`,
      ),
    ),
    '',
  ].join('\n');
}

function kubeletText(node: string, usages: readonly PodUsage[]): string {
  const containers = usages.flatMap((usage) => usage.containers).length;
  return [
    ...family('kubelet_node_name', 'gauge', "The node's name. The count is always 1."),
    `kubelet_node_name{node="${node}"} 1`,
    ...family('kubelet_running_containers', 'gauge', 'Number of containers currently running'),
    `kubelet_running_containers{container_state="running"} ${containers}`,
    ...family('kubelet_running_pods', 'gauge', 'Number of pods that have a running pod sandbox'),
    `kubelet_running_pods ${usages.length}`,
    ...family('kubernetes_build_info', 'gauge', 'The version of Kubernetes that is simulated.'),
    `kubernetes_build_info{git_version="v${KUBERNETES_VERSION}+regatta-simulator"} 1`,
    '',
  ].join('\n');
}

function family(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function labelsOf({ pod }: PodWorker, container: string): string {
  const { name, namespace = '' } = pod.metadata;
  return `container="${container}",namespace="${namespace}",pod="${name}"`;
}

/** The settings that show in what simulated nodes do. */
const KUBELET_CONFIG = {
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  cgroupDriver: 'systemd',
  maxPods: PODS_PER_NODE,
  nodeLeaseDurationSeconds: 40,
  nodeStatusReportFrequency: '5m0s',
  staticPodPath: '/etc/kubernetes/manifests',
};
