import type { Json, JsonObject } from '../../../../kinds/object.ts';

const ENVOY = 'type.googleapis.com/';

/** A message of Envoy's with the type that protobuf's JSON writes in front of it. */
export function typed(type: string, fields: JsonObject): JsonObject {
  return { '@type': `${ENVOY}${type}`, ...fields };
}

/** A named extension and its settings, as filters and transport sockets are written. */
export function extension(name: string, type: string, fields: JsonObject = {}): JsonObject {
  return { name, typed_config: typed(type, fields) };
}

/** Protobuf's duration: `7s`, `0.500s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(3)}s`;
}

/** An address and a port as Envoy's messages hold them. */
export function socketAddress(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}

/** Where a resource comes from: the stream that istiod serves. */
export const ADS: JsonObject = { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' };

/** The path of the Istio object that a resource was made from, in Envoy's metadata. */
export function origin(group: string, plural: string, namespace: string, name: string): string {
  return `/apis/${group}/namespaces/${namespace}/${plural}/${name}`;
}

/** Fields that istiod leaves for Istio's own filters. */
export function istioMetadata(fields: JsonObject): JsonObject {
  return { filter_metadata: { istio: fields } };
}

/** Without the fields that are not set: protobuf's JSON leaves them out. */
export function present(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
