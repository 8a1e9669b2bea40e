import type { Json, JsonObject } from '../kinds/object.ts';
import type { SavedFiles, SavedLogs } from '../node/index.ts';

/** What a cluster is brought back from. */
export interface ClusterSnapshot {
  readonly api: JsonObject;
  readonly files: SavedFiles;
  /** Absent in snapshots of earlier releases. */
  readonly logs?: SavedLogs;
  readonly workers: number;
}

export function writeSnapshot(snapshot: ClusterSnapshot): Uint8Array {
  return Buffer.from(JSON.stringify(snapshot));
}

/** @throws Error when the bytes are no snapshot of ours */
export function readSnapshot(bytes: Uint8Array): ClusterSnapshot {
  // A view, not a copy: snapshots have megabytes.
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parsed: unknown = JSON.parse(view.toString('utf8'));
  if (!isSnapshot(parsed))
    throw new Error('Cannot bring the cluster back: this is no snapshot of one');
  return parsed;
}

/** The parts check their own share of it when they read it. */
function isSnapshot(value: unknown): value is ClusterSnapshot {
  return (
    isObject(value) &&
    isObject(value['api']) &&
    isObject(value['files']) &&
    typeof value['workers'] === 'number'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
