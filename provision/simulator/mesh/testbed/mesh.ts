import type { NewObject } from '../../client/client.ts';
import { type Clock, systemClock } from '../../clock.ts';
import type { Container } from '../../kinds/types/core.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { bookinfoPrograms } from '../../programs/bookinfo/index.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { meshPrograms } from '../index.ts';
import { startBookinfo } from './bookinfo.ts';
import { Testbed } from './testbed.ts';

const HUB = 'registry.istio.io/release';
/** Where the ingress gateway's Service answers. */
export const GATEWAY_IP = '10.96.0.80';

/** What injection puts beside an application, as far as programs look at it. */
export const SIDECAR: Container = {
  name: 'istio-proxy',
  image: `${HUB}/proxyv2:${ISTIO_VERSION}`,
  args: ['proxy', 'sidecar'],
};

export interface MeshTestbedOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Default: no access log. */
  readonly accessLogFile?: string;
}

/** istiod, an ingress gateway and Bookinfo with sidecars; nothing of it has talked to istiod yet. */
export function startMesh({
  clock = systemClock,
  random = Math.random,
  accessLogFile = '',
}: MeshTestbedOptions = {}): Testbed {
  const testbed = new Testbed({ programs: [...meshPrograms, ...bookinfoPrograms], clock, random });
  const { tables } = testbed;
  for (const name of ['default', 'istio-system']) {
    tables.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  tables.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify({ accessLogFile }) },
  });
  startControlPlane(testbed);
  startGateway(testbed);
  startBookinfo(testbed, { sidecars: [SIDECAR] });
  return testbed;
}

/** istiod and its Service. */
export function startControlPlane(testbed: Testbed): void {
  testbed.addService({
    name: 'istiod',
    namespace: 'istio-system',
    clusterIp: '10.96.0.10',
    selector: { app: 'istiod' },
    ports: [
      { name: 'https-dns', port: 15_012, targetPort: 15_012 },
      { name: 'https-webhook', port: 443, targetPort: 15_017 },
    ],
  });
  testbed.startPod({
    name: 'istiod',
    namespace: 'istio-system',
    labels: { app: 'istiod' },
    containers: [{ name: 'discovery', image: `${HUB}/pilot:${ISTIO_VERSION}` }],
  });
}

function startGateway(testbed: Testbed): void {
  const labels = { app: 'istio-ingressgateway', istio: 'ingressgateway' };
  testbed.addService({
    name: 'istio-ingressgateway',
    namespace: 'istio-system',
    clusterIp: GATEWAY_IP,
    selector: labels,
    ports: [
      { name: 'http2', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8443 },
    ],
  });
  testbed.startPod({
    name: 'istio-ingressgateway',
    namespace: 'istio-system',
    labels,
    containers: [{ ...SIDECAR, args: ['proxy', 'router'] }],
  });
}

/** A place on the network without a sidecar, as a learner's shell has. */
export function plainClient(testbed: Testbed): NetworkInterface {
  return testbed.network.attach({
    ip: '10.244.1.250',
    namespace: 'default',
    podName: 'plain-client',
  });
}

/** The Gateway and VirtualService of Istio's Bookinfo sample (samples/bookinfo/networking/bookinfo-gateway.yaml). */
export const BOOKINFO_GATEWAY: readonly NewObject[] = [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'bookinfo-gateway', namespace: 'default' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'bookinfo', namespace: 'default' },
    spec: {
      hosts: ['*'],
      gateways: ['bookinfo-gateway'],
      http: [
        {
          match: [
            { uri: { exact: '/productpage' } },
            { uri: { prefix: '/static' } },
            { uri: { exact: '/login' } },
            { uri: { exact: '/logout' } },
            { uri: { prefix: '/api/v1/products' } },
          ],
          route: [{ destination: { host: 'productpage', port: { number: 9080 } } }],
        },
      ],
    },
  },
];

/** Subsets v1, v2 and v3 of reviews, by label (samples/bookinfo/networking/destination-rule-all.yaml). */
export const REVIEWS_SUBSETS: NewObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'reviews', namespace: 'default' },
  spec: {
    host: 'reviews',
    subsets: ['v1', 'v2', 'v3'].map((version) => ({ name: version, labels: { version } })),
  },
};

/** A VirtualService for one host of Bookinfo with these rules. */
export function routesFor(host: string, http: readonly object[]): NewObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: host, namespace: 'default' },
    spec: { hosts: [host], http },
  };
}
