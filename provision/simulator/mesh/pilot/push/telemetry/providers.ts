import { listAt, stringAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';

/** The provider of that name among a mesh's extensionProviders; undefined when it defines none. */
export function providerNamed(name: string, meshConfig: JsonObject): Json | undefined {
  return listAt(meshConfig, 'extensionProviders').find((one) => stringAt(one, 'name') === name);
}
