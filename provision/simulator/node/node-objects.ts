import { createHash } from 'node:crypto';

import type { NewObject } from '../client/client.ts';
import { KUBERNETES_VERSION } from '../versions.ts';
import { PODS_PER_NODE } from './limits.ts';
import { KERNEL_RELEASE } from './shell/commands/system.ts';

/** One node of the cluster. */
export interface NodeSettings {
  readonly name: string;
  /** InternalIP. */
  readonly ip: string;
  /** A /24 inside 10.244.0.0/16. */
  readonly podCidr: string;
  readonly isControlPlane: boolean;
}

/** Nodes of a cluster with this many workers; the first is the control plane. */
export function nodeSettings(workers: number): readonly NodeSettings[] {
  const names = Array.from({ length: workers }, (_, index) => index + 1);
  return [
    { name: 'controlplane', ip: '172.30.1.2', podCidr: '10.244.0.0/24', isControlPlane: true },
    ...names.map((index) => ({
      name: `node${String(index).padStart(2, '0')}`,
      ip: `172.30.${index + 1}.2`,
      podCidr: `10.244.${index}.0/24`,
      isControlPlane: false,
    })),
  ];
}

const RESOURCES = {
  cpu: '4',
  memory: '8139764Ki',
  'ephemeral-storage': '101430960Ki',
  'hugepages-2Mi': '0',
  pods: String(PODS_PER_NODE),
};

/** The Node object a kubelet registers; what would name an operating system says that this is a simulator. */
export function nodeObject(node: NodeSettings, now: string): NewObject {
  const role = 'node-role.kubernetes.io/control-plane';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        ...(node.isControlPlane && {
          [role]: '',
          'node.kubernetes.io/exclude-from-external-load-balancers': '',
        }),
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: node.podCidr,
      podCIDRs: [node.podCidr],
      ...(node.isControlPlane && { taints: [{ key: role, effect: 'NoSchedule' }] }),
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: node.ip },
        { type: 'Hostname', address: node.name },
      ],
      capacity: RESOURCES,
      allocatable: { ...RESOURCES, memory: '8037364Ki', 'ephemeral-storage': '93478772582' },
      conditions: CONDITIONS.map(([type, status, reason, message]) => ({
        type,
        status,
        reason,
        message,
        lastHeartbeatTime: now,
        lastTransitionTime: now,
      })),
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: machineUuid(`boot of ${node.name}`),
        containerRuntimeVersion: 'regatta-simulator://1.0',
        kernelVersion: KERNEL_RELEASE,
        kubeProxyVersion: '',
        kubeletVersion: `v${KUBERNETES_VERSION}`,
        machineID: machineUuid(node.name).replaceAll('-', ''),
        operatingSystem: 'linux',
        osImage: 'Regatta simulator',
        systemUUID: machineUuid(`system of ${node.name}`),
      },
    },
  };
}

/** Made from the name: there is no machine that has one of its own. */
function machineUuid(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex');
  const [a, b, c, d, e] = [0, 8, 12, 16, 20].map((start) => digits.slice(start));
  return `${a?.slice(0, 8)}-${b?.slice(0, 4)}-${c?.slice(0, 4)}-${d?.slice(0, 4)}-${e?.slice(0, 12)}`;
}

const CONDITIONS = [
  [
    'MemoryPressure',
    'False',
    'KubeletHasSufficientMemory',
    'kubelet has sufficient memory available',
  ],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;
