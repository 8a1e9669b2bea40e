import { createHash } from 'node:crypto';

import type { NewObject } from '../client/client.ts';
import type { Json, JsonObject } from '../kinds/object.ts';
import { KUBERNETES_VERSION } from '../versions.ts';
import { CLUSTER_DNS_IP } from './cluster-dns.ts';
import { metricsServerObjects } from './metrics/metrics-server.ts';

const NAMESPACE = 'kube-system';
const NODE_CRITICAL = 'system-node-critical';
const REGISTRY = 'registry.k8s.io';

/** Releases that kubeadm installs with this Kubernetes. */
const ETCD_IMAGE = `${REGISTRY}/etcd:3.6.5-0`;
const COREDNS_IMAGE = `${REGISTRY}/coredns/coredns:v1.12.1`;

/**
 * What kubeadm leaves in kube-system: the control plane's static pods, kube-proxy and CoreDNS, and metrics-server. Their work is done by
 * the simulator itself; the pods are there because a cluster has them. To be created by whoever composes the cluster.
 */
export function systemObjects(): readonly NewObject[] {
  return [
    staticPod('etcd', ETCD_IMAGE, ['etcd', '--data-dir=/var/lib/etcd']),
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) =>
      staticPod(name, `${REGISTRY}/${name}:v${KUBERNETES_VERSION}`, [name]),
    ),
    ...['coredns', 'kube-proxy'].map((name) => object('v1', 'ServiceAccount', { name })),
    kubeProxy(),
    coreFile(),
    coreDns(),
    dnsService(),
    ...metricsServerObjects(),
  ];
}

/** A mirror pod: the kubelet runs it from a file on the node, the API only shows it. */
function staticPod(component: string, image: string, command: readonly string[]): NewObject {
  const node = 'controlplane';
  const hash = createHash('md5').update(component).digest('hex');
  return object(
    'v1',
    'Pod',
    {
      name: `${component}-${node}`,
      labels: { component, tier: 'control-plane' },
      annotations: {
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.source': 'file',
      },
    },
    {
      nodeName: node,
      hostNetwork: true,
      priorityClassName: NODE_CRITICAL,
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
      containers: [{ name: component, image, command, resources: { requests: { cpu: '100m' } } }],
    },
  );
}

function kubeProxy(): NewObject {
  const labels = { 'k8s-app': 'kube-proxy' };
  const image = `${REGISTRY}/kube-proxy:v${KUBERNETES_VERSION}`;
  return object(
    'apps/v1',
    'DaemonSet',
    { name: 'kube-proxy', labels },
    {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          priorityClassName: NODE_CRITICAL,
          serviceAccountName: 'kube-proxy',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'kube-proxy', image, command: ['/usr/local/bin/kube-proxy'] }],
        },
      },
    },
  );
}

/** What the documentation's page on debugging DNS looks at; the simulator's own DNS answers as it says, and reads none of it. */
function coreFile(): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'coredns', namespace: NAMESPACE },
    data: { Corefile: COREFILE },
  };
}

const COREFILE = `# Changes have no effect: the simulator answers for CoreDNS.
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

function coreDns(): NewObject {
  const labels = { 'k8s-app': 'kube-dns' };
  return object(
    'apps/v1',
    'Deployment',
    { name: 'coredns', labels },
    {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'coredns',
          priorityClassName: 'system-cluster-critical',
          dnsPolicy: 'Default',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          volumes: [
            {
              name: 'config-volume',
              configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
            },
          ],
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
          ],
          containers: [
            {
              name: 'coredns',
              image: COREDNS_IMAGE,
              args: ['-conf', '/etc/coredns/Corefile'],
              volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
              ports: [
                { name: 'dns', containerPort: 53, protocol: 'UDP' },
                { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
                { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
              ],
              resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
            },
          ],
        },
      },
    },
  );
}

function dnsService(): NewObject {
  const labels = {
    'k8s-app': 'kube-dns',
    'kubernetes.io/cluster-service': 'true',
    'kubernetes.io/name': 'CoreDNS',
  };
  return object(
    'v1',
    'Service',
    { name: 'kube-dns', labels },
    {
      clusterIP: CLUSTER_DNS_IP,
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  );
}

interface Metadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

function object(
  apiVersion: string,
  kind: string,
  metadata: Metadata,
  spec?: Readonly<Record<string, Json>> | JsonObject,
): NewObject {
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, namespace: NAMESPACE },
    ...(spec && { spec }),
  };
}
