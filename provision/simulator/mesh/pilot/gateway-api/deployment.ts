import type { NewObject } from '../../../client/client.ts';
import type { JsonObject, Labels } from '../../../kinds/object.ts';
import { type InjectionSettings, managedGatewayPod } from '../../injection/index.ts';
import type { KubernetesGateway } from './kinds.ts';
import { managedName } from './managed.ts';

const NOT_COPIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'gateway.istio.io/name-override',
  'gateway.istio.io/service-account',
  'gateway.istio.io/controller-version',
];
const MANAGED = { 'gateway.istio.io/managed': 'istio.io-gateway-controller' };
const STATUS_PORT = 15_021;

/** What istiod makes for a Gateway of class istio: ServiceAccount, Deployment, Service (Istio's template `kube-gateway`). */
export function managedObjects(
  gateway: KubernetesGateway,
  settings: InjectionSettings,
): readonly NewObject[] {
  const { name, namespace = 'default', uid, annotations = {} } = gateway.metadata;
  const deployment = managedName(gateway);
  const serviceAccount = annotations['gateway.istio.io/service-account'] ?? deployment;
  const { labels, copied } = infrastructureOf(gateway);
  const own = {
    ...labels,
    'gateway.networking.k8s.io/gateway-name': name,
    'gateway.networking.k8s.io/gateway-class-name': gateway.spec?.gatewayClassName ?? '',
  };
  const metadata = (as: string, more: Labels = {}): NewObject['metadata'] => ({
    name: as,
    namespace,
    labels: { ...own, ...more },
    annotations: copied,
    ownerReferences: [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid }],
  });
  const selector = { 'gateway.networking.k8s.io/gateway-name': name };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(serviceAccount) },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata(deployment, MANAGED),
      spec: {
        selector: { matchLabels: selector },
        template: {
          metadata: {
            annotations: {
              ...copied,
              'istio.io/rev': settings.revision || 'default',
              'prometheus.io/path': '/stats/prometheus',
              'prometheus.io/port': '15020',
              'prometheus.io/scrape': 'true',
            },
            labels: {
              'sidecar.istio.io/inject': 'false',
              'service.istio.io/canonical-name': deployment,
              'service.istio.io/canonical-revision': 'latest',
              ...own,
              ...MANAGED,
            },
          },
          spec: managedGatewayPod(settings, {
            name: deployment,
            namespace,
            serviceAccount,
            labels: own,
            annotations: copied,
          }),
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(deployment),
      spec: {
        ...addressOf(gateway),
        ipFamilyPolicy: 'PreferDualStack',
        ports: servicePorts(gateway),
        selector,
        type: serviceType(gateway),
      },
    },
  ];
}

/** Labels and annotations that the objects get: those of spec.infrastructure, else the Gateway's own. */
function infrastructureOf({ metadata, spec }: KubernetesGateway): {
  readonly labels: Labels;
  readonly copied: Labels;
} {
  const { infrastructure } = spec ?? {};
  const labels = (infrastructure ? infrastructure.labels : metadata.labels) ?? {};
  const annotations = (infrastructure ? infrastructure.annotations : metadata.annotations) ?? {};
  const copied = Object.entries(annotations).filter(([key]) => !NOT_COPIED.includes(key));
  return { labels, copied: Object.fromEntries(copied) };
}

function serviceType({ metadata }: KubernetesGateway): string {
  return metadata.annotations?.['networking.istio.io/service-type'] ?? 'LoadBalancer';
}

function addressOf(gateway: KubernetesGateway): JsonObject {
  const [address] = gateway.spec?.addresses ?? [];
  const isWanted = address && serviceType(gateway) === 'LoadBalancer';
  return isWanted ? { loadBalancerIP: address.value } : {};
}

function servicePorts({ spec }: KubernetesGateway): readonly JsonObject[] {
  const taken = new Set<number>([STATUS_PORT]);
  const listeners = (spec?.listeners ?? []).filter(
    ({ port }) => !taken.has(port) && taken.add(port),
  );
  return [
    { name: 'status-port', port: STATUS_PORT, protocol: 'TCP', appProtocol: 'tcp' },
    ...listeners.map(({ name, port, protocol }) => ({
      name: name.replaceAll('.', '-').slice(0, 63),
      port,
      protocol: 'TCP',
      appProtocol: protocol.toLowerCase(),
    })),
  ];
}
