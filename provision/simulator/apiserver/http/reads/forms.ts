/** Objects in forms other than their own: tables and metadata alone. */
import type { Kind } from '../../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { toTable } from '../../../kinds/tables/table.ts';
import { invalid } from '../../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Form } from '../requests/accept.ts';

const INCLUDED = ['None', 'Metadata', 'Object'] as const;

/**
 * The table of some objects as `kubectl get` shows it; `hasColumns` is false for all but the first event of a watch.
 * @throws ApiError 422 when the query asks for an object that rows cannot carry
 */
export function tableOf(
  { context, query }: Exchange,
  kind: Kind,
  objects: readonly KubeObject[],
  hasColumns = true,
): JsonObject {
  const asked = query.get('includeObject') ?? '';
  const includeObject = INCLUDED.find((one) => one === (asked === '' ? 'Metadata' : asked));
  if (!includeObject) {
    const message = `Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`;
    throw invalid({ group: 'meta.k8s.io', kind: 'TableOptions' }, '', [
      { field: 'includeObject', type: 'Invalid', message },
    ]);
  }
  const table = toTable(kind, objects, { nowMs: context.core.clock.now(), includeObject });
  return hasColumns ? table : { ...table, columnDefinitions: null };
}

/** One object in the form that the client asked for when that is not its own. */
export function inForm(
  exchange: Exchange,
  kind: Kind,
  object: KubeObject,
  form: Exclude<Form, 'object'>,
): object {
  if (form === 'metadata') return metadataOnly(object);
  const { resourceVersion } = object.metadata;
  return { ...tableOf(exchange, kind, [object]), metadata: { resourceVersion } };
}

/** What PartialObjectMetadata keeps of an object. */
export function metadataOnly(object: KubeObject): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}
