import type { NewObject } from '../../client/client.ts';
import { at, objectAt, objectsAt } from '../../kinds/json.ts';
import type { Json, JsonObject, Labels } from '../../kinds/object.ts';
import { DEFAULT_GATEWAY } from './default-values.ts';
import { gatewayPodSpec } from './gateway-pod.ts';
import { kubernetesSettings } from './kubernetes-settings.ts';
import { installLabels, podLabels, revisionLabel, type ComponentName } from './names.ts';
import { operatorFor, type Operator } from './operator.ts';
import { patched } from './patches.ts';
import { gatewayRbac } from './rbac.ts';
import { merge, textAt, textsAt } from './tree.ts';
import { autoscaler, deployment, service, type Workload } from './workload.ts';

type GatewayComponent = Extract<ComponentName, 'IngressGateways' | 'EgressGateways'>;

interface GatewayKind {
  /** Below `components`. */
  readonly field: string;
  readonly istio: string;
  /** Also the entry of `values.gateways` that every gateway of the kind reads, whatever its own name. */
  readonly chart: string;
  readonly serviceType: string;
  readonly ports: readonly JsonObject[];
}

const KINDS: Readonly<Record<GatewayComponent, GatewayKind>> = {
  IngressGateways: {
    field: 'ingressGateways',
    istio: 'ingressgateway',
    chart: 'istio-ingressgateway',
    serviceType: 'LoadBalancer',
    ports: [
      { name: 'status-port', port: 15021, protocol: 'TCP', targetPort: 15021 },
      { name: 'http2', port: 80, protocol: 'TCP', targetPort: 8080 },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 8443 },
    ],
  },
  EgressGateways: {
    field: 'egressGateways',
    istio: 'egressgateway',
    chart: 'istio-egressgateway',
    serviceType: 'ClusterIP',
    ports: [
      { name: 'http2', port: 80, protocol: 'TCP', targetPort: 8080 },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 8443 },
    ],
  },
};

/** Every enabled gateway of a kind: account, Deployment, Service, autoscaler. */
export function gatewayObjects(
  operator: Operator,
  component: GatewayComponent,
): readonly NewObject[] {
  const kind = KINDS[component];
  return objectsAt(operator.spec, 'components', kind.field)
    .filter((entry) => isOn(entry['enabled']) || isOn(switchOf(operator, kind), false))
    .flatMap((entry) => oneGateway(operator, component, entry));
}

/** `values.gateways.<name>.enabled`, the switch that older files use. */
function switchOf({ spec }: Operator, { chart }: GatewayKind): Json | undefined {
  return at(spec, 'values', 'gateways', chart, 'enabled');
}

function isOn(enabled: Json | undefined, otherwise = true): boolean {
  return enabled === undefined ? otherwise : enabled === true;
}

function oneGateway(
  operator: Operator,
  component: GatewayComponent,
  entry: JsonObject,
): readonly NewObject[] {
  const kind = KINDS[component];
  const name = textAt(entry, 'name') || kind.chart;
  const namespace = textAt(entry, 'namespace') || operator.namespace;
  const selector: Labels = { app: name, istio: kind.istio, ...textsAt(entry, 'label') };
  const labels = { ...installLabels(operator, component, kind.chart), ...selector };
  const values = merge(DEFAULT_GATEWAY, objectAt(operator.values, 'gateways', kind.chart));
  const settings = kubernetesSettings(values);
  const workload: Workload = { name, namespace, labels, selector, settings };
  const asked = [objectsAt(entry, 'k8s', 'service', 'ports'), objectsAt(values, 'ports')]
    .map((ports) => ports.map(completePort))
    .find((ports) => ports.length > 0);
  const ports = asked ?? kind.ports;
  const objects = [
    ...gatewayRbac(operator, { name, namespace }, labels),
    deployment(workload, {
      metadata: {
        annotations: {
          'istio.io/rev': revisionLabel(operator),
          'prometheus.io/path': '/stats/prometheus',
          'prometheus.io/port': '15020',
          'prometheus.io/scrape': 'true',
          'sidecar.istio.io/inject': 'false',
          ...settings.podAnnotations,
        },
        labels: {
          ...podLabels(operator, component, kind.chart),
          ...selector,
          chart: 'gateways',
          heritage: 'Tiller',
          'istio.io/dataplane-mode': 'none',
          release: 'istio',
          'service.istio.io/canonical-name': name,
          'service.istio.io/canonical-revision': 'latest',
          'sidecar.istio.io/inject': 'false',
        },
      },
      spec: gatewayPodSpec(operatorFor(operator, entry, values), {
        name,
        namespace,
        ports,
        settings,
        istio: kind.istio,
      }),
    }),
    service(workload, { type: kind.serviceType, selector, ...settings.service, ports }),
    ...autoscaler(workload),
  ];
  return patched(objects, entry, { name, container: 'istio-proxy', hasOwnPorts: true });
}

function completePort(port: JsonObject): JsonObject {
  return { protocol: 'TCP', targetPort: port['port'], ...port };
}
