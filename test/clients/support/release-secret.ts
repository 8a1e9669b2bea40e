import { gzipSync } from 'node:zlib';

import protobuf from 'protobufjs';

/** What helm stores of a release: a Secret with the release in it, zipped. */
export interface ReleaseRecord {
  readonly name: string;
  readonly version: number;
  readonly status: 'pending-install' | 'pending-upgrade' | 'deployed' | 'superseded';
}

/** Fields by number of k8s.io/api/core/v1 Secret and what it holds. */
const SCHEMA = `
syntax = "proto3";
message TypeMeta { string apiVersion = 1; string kind = 2; }
message Unknown { TypeMeta typeMeta = 1; bytes raw = 2; string contentEncoding = 3; string contentType = 4; }
message ObjectMeta { string name = 1; string namespace = 3; map<string, string> labels = 11; }
message Secret { ObjectMeta metadata = 1; map<string, bytes> data = 2; string type = 3; }
`;

export function secretName({ name, version }: ReleaseRecord): string {
  return `sh.helm.release.v1.${name}.v${version}`;
}

/** The Secret as Kubernetes' protobuf, which helm's typed client sends since 3.17. */
export function releaseSecret(record: ReleaseRecord): Uint8Array {
  const { root } = protobuf.parse(SCHEMA);
  const labels = {
    name: record.name,
    owner: 'helm',
    status: record.status,
    version: String(record.version),
  };
  const release = gzipSync(JSON.stringify(record)).toString('base64');
  const raw = encode(root, 'Secret', {
    metadata: { name: secretName(record), namespace: 'default', labels },
    data: { release: Buffer.from(release) },
    type: 'helm.sh/release.v1',
  });
  const message = encode(root, 'Unknown', { typeMeta: { apiVersion: 'v1', kind: 'Secret' }, raw });
  return Buffer.concat([Buffer.from('k8s\0'), message]);
}

function encode(root: protobuf.Root, type: string, value: Readonly<Record<string, unknown>>) {
  const found = root.lookupType(type);
  return found.encode(found.fromObject(value)).finish();
}
