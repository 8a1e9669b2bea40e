import type { JsonObject } from '../../../../../kinds/object.ts';
import type { AnalyzedKind } from '../world.ts';

/** An object: its kind, its name, what it holds beside metadata, what else its metadata holds. */
export type Row = readonly [AnalyzedKind, string, JsonObject?, JsonObject?];

/** What is in the cluster beside a healthy service and a gateway, and all that istioctl says of it. */
export type Case = readonly [readonly Row[], readonly string[]];

export function route(destination: JsonObject, more: JsonObject = {}): JsonObject {
  return { spec: { hosts: ['web'], http: [{ route: [{ destination }] }], ...more } };
}

export function gateway(
  more: JsonObject = {},
  port: JsonObject = { number: 80, name: 'http', protocol: 'HTTP' },
): JsonObject {
  const server = { port, hosts: ['shop.example'], ...more };
  return { spec: { selector: { istio: 'ingressgateway' }, servers: [server] } };
}

export const TLS_PORT = { number: 80, name: 'https', protocol: 'HTTPS' };
export const TLS = { tls: { mode: 'SIMPLE', credentialName: 'cert' } };
