import type { JsonObject } from '../../kinds/object.ts';

/** The container's name; empty for one that has none yet. */
export function nameOf(container: JsonObject | undefined): string {
  const name = container?.['name'];
  return typeof name === 'string' ? name : '';
}
