import type { WorkloadMetadata } from '../../../net/network.ts';
import type { ProxyNode } from '../../pilot/node.ts';

/**
 * What a proxy tells of its workload in headers to those that are no proxies of the mesh
 * (https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-ProxyHeaders, metadataExchangeHeaders).
 */
export function peerMetadata(
  { type, ip, name, namespace, labels }: ProxyNode,
  { workload, serviceAccount }: WorkloadMetadata,
): ReadonlyMap<string, string> {
  const owner = `kubernetes://apis/apps/v1/namespaces/${namespace}/deployments/${workload}`;
  const metadata = struct({
    CLUSTER_ID: 'Kubernetes',
    INSTANCE_IPS: ip,
    LABELS: struct(labels),
    NAME: name,
    NAMESPACE: namespace,
    OWNER: owner,
    SERVICE_ACCOUNT: serviceAccount,
    WORKLOAD_NAME: workload,
  });
  return new Map([
    ['x-envoy-peer-metadata', metadata.toString('base64')],
    [
      'x-envoy-peer-metadata-id',
      `${type}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    ],
  ]);
}

// Field numbers and wire types of google.protobuf.Struct, Struct.FieldsEntry and Value (protobuf/struct.proto).
const FIELDS = 0x0a;
const KEY = 0x0a;
const VALUE = 0x12;
const STRING_VALUE = 0x1a;
const STRUCT_VALUE = 0x2a;

/** A google.protobuf.Struct of texts and other such, in protobuf. */
function struct(fields: Readonly<Record<string, string | Buffer>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).map(([key, value]) => {
      const tag = typeof value === 'string' ? STRING_VALUE : STRUCT_VALUE;
      const entry = [bytes(KEY, key), bytes(VALUE, bytes(tag, value))];
      return bytes(FIELDS, Buffer.concat(entry));
    }),
  );
}

/** A field whose length comes first. */
function bytes(tag: number, value: string | Buffer): Buffer {
  const content = Buffer.from(value);
  const length: number[] = [];
  let left = content.length;
  for (; left >= 0x80; left >>>= 7) length.push((left & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([tag, ...length, left]), content]);
}
