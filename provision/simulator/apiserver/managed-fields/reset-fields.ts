import type { Kind } from '../../kinds/kind.ts';
import { isWithin, type Path } from './paths.ts';

const STATUS = 'f:status';

/** Metadata that the server keeps; nobody manages it. */
const SERVER_FIELDS: ReadonlySet<Path> = new Set([
  'f:apiVersion',
  'f:kind',
  'f:metadata',
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((key) => `f:metadata\nf:${key}`),
]);

/**
 * Whether a write can own a field: the object's own endpoint does not write status, the status endpoint nothing else
 * (upstream: GetResetFields of the strategies), and what the server keeps is nobody's.
 */
export function ownableBy(kind: Kind, subresource: string): (path: Path) => boolean {
  if (subresource === 'status') return (path) => isWithin(path, STATUS);
  const isStatusApart = subresource === '' && kind.hasStatus;
  return (path) => !SERVER_FIELDS.has(path) && !(isStatusApart && isWithin(path, STATUS));
}
