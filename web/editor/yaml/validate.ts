import { type Document, isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';

import type { GroupKinds, KindSchema } from '../cluster-schemas.ts';
import { checkMap } from './check-value.ts';
import { closest } from './closest.ts';
import { rangeOf, type YamlProblem } from './yaml-problem.ts';

/** What the cluster serves; undefined for an apiVersion that it does not. */
export interface SchemaSource {
  versions(): Promise<readonly string[]>;
  kinds(apiVersion: string): Promise<GroupKinds | undefined>;
}

/** More problems than this are one that repeats itself. */
const MOST_PROBLEMS = 200;
/** Read by kubectl, istioctl or kind themselves; no cluster serves them. */
const READ_BY_TOOLS =
  /^(?:install\.istio\.io|kustomize\.config\.k8s\.io|kind\.x-k8s\.io|audit\.k8s\.io)\//;

/**
 * What is wrong with the objects of a YAML file, in order. Without `source`, or where it fails, only the syntax is checked; a
 * file that holds no Kubernetes objects (values for helm) is left alone.
 */
export async function validateYaml(
  text: string,
  source: SchemaSource | undefined,
): Promise<readonly YamlProblem[]> {
  const problems: YamlProblem[] = [];
  for (const document of parseAllDocuments(text)) {
    const errors = syntaxErrors(document, text.length);
    problems.push(...errors);
    if (errors.length === 0 && source && isMap(document.contents)) {
      problems.push(...(await checkObject(document.contents, source)));
    }
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return problems.slice(0, MOST_PROBLEMS);
}

function syntaxErrors(document: Document, length: number): readonly YamlProblem[] {
  return document.errors.map(({ pos, message }) => {
    // The package adds the place and the line; the editor shows both itself.
    const [sentence = message] = message.split(/ at line \d+/);
    const from = Math.min(pos[0], length);
    return {
      from,
      to: Math.max(from, Math.min(pos[1], length)),
      type: 'syntax',
      message: sentence,
    };
  });
}

async function checkObject(map: YAMLMap, source: SchemaSource): Promise<readonly YamlProblem[]> {
  const apiVersion = textOf(map, 'apiVersion');
  const kind = textOf(map, 'kind');
  if (apiVersion === undefined && kind === undefined) return [];
  if (apiVersion === undefined || kind === undefined) {
    const [from, to] = keyRange(map);
    return [{ from, to, type: 'noKind' }];
  }
  if (READ_BY_TOOLS.test(apiVersion) || (apiVersion === 'v1' && kind === 'Config')) return [];
  if (apiVersion === 'v1' && kind === 'List') return checkList(map, source);
  const kinds = await source.kinds(apiVersion);
  if (!kinds) {
    const suggestion = closest(apiVersion, await source.versions());
    return [{ ...valueRange(map, 'apiVersion'), type: 'unknownVersion', apiVersion, suggestion }];
  }
  const found: KindSchema | undefined = kinds.get(kind);
  if (!found) {
    const suggestion = closest(kind, [...kinds.keys()]);
    return [{ ...valueRange(map, 'kind'), type: 'unknownKind', kind, apiVersion, suggestion }];
  }
  const [from, to] = keyRange(map);
  return checkMap(map, found.schema, { all: found.all, name: kind, at: { from, to } });
}

async function checkList(map: YAMLMap, source: SchemaSource): Promise<readonly YamlProblem[]> {
  const items: unknown = map.get('items', true);
  if (!isSeq(items)) return [];
  const lists: (readonly YamlProblem[])[] = [];
  for (const item of items.items) if (isMap(item)) lists.push(await checkObject(item, source));
  return lists.flat();
}

function textOf(map: YAMLMap, name: string): string | undefined {
  const value: unknown = map.get(name);
  return typeof value === 'string' ? value : undefined;
}

function valueRange(map: YAMLMap, name: string): { readonly from: number; readonly to: number } {
  const value: unknown = map.get(name, true);
  const [from, to] = isScalar(value) ? rangeOf(value) : keyRange(map);
  return { from, to };
}

/** Where the first key stands: what concerns the whole object is told there. */
function keyRange(map: YAMLMap): readonly [number, number] {
  return rangeOf(map.items[0]?.key);
}
