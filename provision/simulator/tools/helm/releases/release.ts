import { gunzipSync, gzipSync } from 'node:zlib';

import { isObject, numberAt, objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { ISTIO_VERSION } from '../../../versions.ts';
import type { Chart } from '../charts/chart.ts';

/** Largest release that is unpacked, in bytes; etcd refuses objects long before. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/** One revision of a release, under helm's own field names. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly status: string;
  readonly description: string;
  readonly firstDeployed: string;
  readonly lastDeployed: string;
  readonly notes: string;
  /** As typed by the user, without the chart's defaults. */
  readonly config: JsonObject;
  /** YAML of all objects. */
  readonly manifest: string;
  readonly chart: JsonObject;
}

/** The chart as a release keeps it. */
export function chartRecord({ name, description, keywords, values }: Chart): JsonObject {
  return {
    metadata: chartMetadata({ name, description, keywords }),
    lock: null,
    templates: [],
    values,
    schema: null,
    files: [],
  };
}

/** `Chart.yaml`. */
export function chartMetadata({
  name,
  description,
  keywords,
}: Pick<Chart, 'name' | 'description' | 'keywords'>): JsonObject {
  return {
    apiVersion: 'v2',
    appVersion: ISTIO_VERSION,
    description,
    icon: 'https://istio.io/latest/favicons/android-192x192.png',
    keywords,
    name,
    sources: ['https://github.com/istio/istio'],
    version: ISTIO_VERSION,
  };
}

/** `istiod-1.30.3` */
export function chartTitle({ chart }: Release): string {
  const metadata = objectAt(chart, 'metadata');
  return `${stringAt(metadata, 'name')}-${stringAt(metadata, 'version')}`;
}

/** Text of the key `release` in the Secret: JSON, gzip, base64 (the Secret's own base64 comes on top). */
export function encodeRelease(release: Release): string {
  const { name, namespace, version, config, manifest, chart } = release;
  const record: JsonObject = {
    name,
    info: {
      first_deployed: release.firstDeployed,
      last_deployed: release.lastDeployed,
      deleted: '',
      description: release.description,
      status: release.status,
      notes: release.notes,
    },
    chart,
    config,
    manifest,
    version,
    namespace,
  };
  return gzipSync(JSON.stringify(record)).toString('base64');
}

/** Reads what `encodeRelease` or a real helm wrote; undefined for anything else. */
export function decodeRelease(text: string): Release | undefined {
  const record = unpacked(text);
  if (!isObject(record)) return undefined;
  const info = objectAt(record, 'info');
  return {
    name: stringAt(record, 'name'),
    namespace: stringAt(record, 'namespace'),
    version: numberAt(record, 'version') ?? 1,
    status: stringAt(info, 'status'),
    description: stringAt(info, 'description'),
    firstDeployed: stringAt(info, 'first_deployed'),
    lastDeployed: stringAt(info, 'last_deployed'),
    notes: stringAt(info, 'notes'),
    config: objectAt(record, 'config'),
    manifest: stringAt(record, 'manifest'),
    chart: objectAt(record, 'chart'),
  };
}

function unpacked(text: string): unknown {
  try {
    const bytes = gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: LIMIT_BYTES });
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return value;
  } catch {
    return undefined;
  }
}
