import { type HttpRequest, HttpHeaders } from '../../net/http.ts';
import type { ProxyNode } from '../pilot/node.ts';
import { ProxyConfiguration } from '../pilot/push/proxy-configuration.ts';
import { WatchedMesh } from '../pilot/watch/watched-mesh.ts';
import { istio, service } from './push.ts';
import { Tables } from './tables.ts';

const NODE = {
  name: 'proxy',
  annotations: {},
  serviceAccount: 'default',
  ports: {},
  capturesDns: false,
};

export const SIDECAR_NODE: ProxyNode = {
  ...NODE,
  type: 'sidecar',
  ip: '10.244.250.1',
  namespace: 'default',
  labels: {},
};

export const GATEWAY_NODE: ProxyNode = {
  ...NODE,
  type: 'router',
  ip: '10.244.250.2',
  namespace: 'istio-system',
  labels: { istio: 'gateway' },
};

/**
 * Many services `svc-<n>` with an endpoint and a VirtualService each, and a gateway with as many prefixes `/department/<n>/` on the
 * host `shop.example`; objects alone, no pods run.
 */
export class LargeMesh implements Disposable {
  readonly #tables = new Tables();
  readonly #mesh: WatchedMesh;
  #version = 0;

  constructor(count: number) {
    for (let n = 0; n < count; n++) {
      for (const object of serviceOf(n, `10.244.${n >> 8}.${n & 255}`)) this.#tables.put(object);
      this.#tables.put(routeOf(n, n));
      const match = [{ uri: { prefix: `/department/${n}/` } }];
      const http = [{ match, route: [{ destination: { host: `svc-${n}` } }] }];
      const spec = { hosts: ['shop.example'], gateways: ['shop'], http };
      this.#tables.put(istio('VirtualService', `department-${n}`, spec));
    }
    const port = { number: 80, name: 'http', protocol: 'HTTP' };
    const spec = { selector: GATEWAY_NODE.labels, servers: [{ port, hosts: ['*'] }] };
    this.#tables.put(istio('Gateway', 'shop', spec));
    this.#mesh = new WatchedMesh({
      client: this.#tables,
      istioNamespace: 'istio-system',
      revision: 'default',
      onChange: () => undefined,
    });
  }

  /** What istiod tells a proxy now. */
  configuration(node: ProxyNode): ProxyConfiguration {
    return new ProxyConfiguration(this.#mesh.take(++this.#version), node);
  }

  /** Lets the VirtualService of a service lead to another. */
  async changeRoute(n: number): Promise<void> {
    this.#tables.put(routeOf(n, n + 1));
    await Promise.resolve();
  }

  /** Moves a service's endpoint. */
  async changeEndpoint(n: number): Promise<void> {
    const [, slice] = serviceOf(n, '10.244.200.1');
    if (slice) this.#tables.put(slice);
    await Promise.resolve();
  }

  request(authority: string, path: string): HttpRequest {
    return { method: 'GET', path, authority, headers: new HttpHeaders(), body: new Uint8Array() };
  }

  [Symbol.dispose](): void {
    this.#mesh[Symbol.dispose]();
  }
}

function serviceOf(n: number, pod: string) {
  return service(`svc-${n}`, { http: 80 }, { ip: `10.96.${n >> 8}.${n & 255}`, pods: [pod] });
}

function routeOf(n: number, target: number) {
  const http = [{ route: [{ destination: { host: `svc-${target}` } }] }];
  return istio('VirtualService', `svc-${n}`, { hosts: [`svc-${n}`], http });
}
