import { ApiError } from '../../client/api-error.ts';
import { identityOf, type Entry } from './entries.ts';
import { inOrder } from './path-tree.ts';
import { readablePath, type PathSet } from './paths.ts';

/** Fields of one manager that an apply would change. */
export interface Conflict {
  readonly entry: Entry;
  readonly paths: PathSet;
}

/** The refusal of an apply, in upstream's words; clients show the message, the causes say the same field by field. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const managers = conflicts
    .toSorted((left, right) => (identityOf(left.entry) < identityOf(right.entry) ? -1 : 1))
    .map(({ entry, paths }) => ({ name: nameOf(entry), fields: inOrder(paths).map(readablePath) }));
  const causes = managers.flatMap(({ name, fields }) =>
    fields.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${name}`,
      field,
    })),
  );
  const [only] = causes;
  const message =
    only && causes.length === 1
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${causes.length} conflicts: ${managers.map(listed).join('\n')}`;
  return new ApiError(409, 'Conflict', message, { causes });
}

function listed({ name, fields }: { readonly name: string; readonly fields: readonly string[] }) {
  return [`conflicts with ${name}:`, ...fields.map((field) => `- ${field}`)].join('\n');
}

function nameOf({ manager, operation, apiVersion, subresource }: Entry): string {
  const part = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const version = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${part}${version}`;
}
