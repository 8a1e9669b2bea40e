import type { ClusterReader, ReadObject } from '../verifier.ts';
import { type ClusterConnection, isAbsent } from './connection.ts';

/** The cluster behind `connection`, as verifiers read it. */
export function clusterReader(connection: ClusterConnection): ClusterReader {
  return {
    async get(apiVersion, kind, name, namespace) {
      try {
        const metadata = { name, ...(namespace !== undefined && { namespace }) };
        return toReadObject(await connection.objects.read({ apiVersion, kind, metadata }));
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    async list(apiVersion, kind, options = {}) {
      try {
        const { items } = await connection.objects.list(
          apiVersion,
          kind,
          options.namespace,
          undefined,
          undefined,
          undefined,
          undefined,
          options.labelSelector,
        );
        return items.map(toReadObject);
      } catch (error) {
        if (isAbsent(error)) return [];
        throw error;
      }
    },
    proxyGet: (path) => connection.read(path),
  };
}

/** Plain JSON again: the client turns times into `Date`s. */
function toReadObject(object: unknown): ReadObject {
  const plain: unknown = JSON.parse(JSON.stringify(object));
  if (!isReadObject(plain)) throw new TypeError('Cannot read an object without metadata.name');
  return plain;
}

function isReadObject(value: unknown): value is ReadObject {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return false;
  const { metadata } = value;
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata;
}
