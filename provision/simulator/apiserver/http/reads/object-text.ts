import type { KubeObject } from '../../../kinds/object.ts';

/** Stored objects never change, so that the text of one stands for all lists and watches that show it. */
const texts = new WeakMap<KubeObject, string>();

/** An object as JSON, made once while the object lives. */
export function objectText(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
