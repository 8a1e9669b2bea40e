/** Schemas of the definitions that come with the simulator: tests show that they are good, so no cluster checks them again. */
import type { JsonObject } from '../object.ts';

// By the object itself, which nobody can change: what a learner sends is read into a new one, and checked.
const ownSchemas = new WeakSet<JsonObject>();

/** Spares a frozen schema the checks of new definitions. */
export function trustSchema(schema: JsonObject): void {
  ownSchemas.add(schema);
}

export function isTrustedSchema(schema: JsonObject): boolean {
  return ownSchemas.has(schema);
}
