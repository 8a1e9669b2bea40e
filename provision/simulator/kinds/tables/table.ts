/** Server-side tables: meta/v1 Table, from which `kubectl get` prints (Kubernetes documentation, "Receiving resources as Tables"). */
import { asJson } from '../json.ts';
import type { Column, Kind } from '../kind.ts';
import type { Json, JsonObject, KubeObject } from '../object.ts';

export interface TableOptions {
  /** The time that ages count to, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** What each row carries of its object. Default `Metadata`: kubectl needs names and namespaces. */
  readonly includeObject?: 'None' | 'Metadata' | 'Object';
  /** Version that the objects were read at; a watch starts from it. */
  readonly resourceVersion?: string;
  /** Token for the rest of a list that was cut. */
  readonly continueToken?: string;
  /** False leaves the column definitions out, as in a watch's later events. Default true. */
  readonly hasColumns?: boolean;
}

/** The Table of some objects of one kind. */
export function toTable(
  kind: Kind,
  objects: readonly KubeObject[],
  options: TableOptions,
): JsonObject {
  const ordered = kind.rowOrder ? objects.toSorted(kind.rowOrder) : objects;
  const { nowMs, includeObject = 'Metadata', resourceVersion, continueToken } = options;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(continueToken !== undefined && { continue: continueToken }),
    },
    columnDefinitions: options.hasColumns === false ? [] : kind.columns.map(columnDefinition),
    rows: ordered.map((object) => {
      const conditions = kind.rowConditions?.(object) ?? [];
      const carried = carriedObject(object, includeObject);
      return {
        cells: kind.columns.map((column) => column.cell(object, nowMs)),
        ...(conditions.length > 0 && { conditions }),
        ...(carried && { object: carried }),
      };
    }),
  };
}

function columnDefinition({ name, type, format, description, priority }: Column): Json {
  return { name, type, format: format ?? '', description, priority };
}

function carriedObject(
  object: KubeObject,
  include: 'None' | 'Metadata' | 'Object',
): JsonObject | undefined {
  if (include === 'None') return undefined;
  if (include === 'Object') return asJson(object);
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: asJson(object.metadata),
  };
}
