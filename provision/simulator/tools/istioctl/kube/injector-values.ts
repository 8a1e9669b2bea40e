import { objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { objectIn } from './json-text.ts';

/** The values that an injector's ConfigMap fills its template with; without it, or when somebody has broken them, there are none. */
export function injectorValues(configMap: JsonObject | undefined): JsonObject {
  return objectIn(textAt(configMap, 'data', 'values')) ?? {};
}

/** The proxy's image in full by these values; undefined when they name none. */
export function proxyImageBy(values: JsonObject): string | undefined {
  const global = objectAt(values, 'global');
  const image = textAt(global, 'proxy', 'image');
  if (image === '') return undefined;
  return image.includes('/') ? image : `${textAt(global, 'hub')}/${image}:${textAt(global, 'tag')}`;
}
