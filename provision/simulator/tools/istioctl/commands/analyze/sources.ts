import type * as YamlModule from 'yaml';

import { isObject, listAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';

/** Where in a file an object stands. */
export interface Source {
  readonly file: string;
  /** Of the object's first line, from 1. */
  readonly line: number;
  /** Lines of the values of scalar fields, by path: `.spec.hosts[0]`. */
  readonly lines: ReadonlyMap<string, number>;
}

export interface ReadObject {
  readonly object: JsonObject;
  readonly source: Source;
}

/** The objects of a file, and what is wrong with the documents that hold none. */
export interface ReadFile {
  readonly objects: readonly ReadObject[];
  readonly problems: readonly string[];
}

/** What the names of files end in that are read from a folder. */
export const EXTENSIONS: readonly string[] = ['.json', '.yaml', '.yml'];

export function hasKnownExtension(file: string): boolean {
  return EXTENSIONS.some((extension) => file.endsWith(extension));
}

/** Reads YAML (JSON is YAML too) document by document: one that cannot be read does not hide the others. */
export async function readObjects(file: string, text: string): Promise<ReadFile> {
  const yaml = await import('yaml');
  const objects: ReadObject[] = [];
  const problems: string[] = [];
  for (const [index, chunk] of chunksOf(text).entries()) {
    const counter = new yaml.LineCounter();
    const document = yaml.parseDocument(chunk.text, { lineCounter: counter });
    const [problem] = document.errors;
    const value: unknown = problem ? undefined : document.toJS();
    if (problem || (value !== null && !isObject(value))) {
      const why = problem ? (problem.message.split('\n')[0] ?? '') : 'it holds no object';
      problems.push(`error processing ${file}[${index}]: failed converting YAML to JSON: ${why}`);
      continue;
    }
    if (!isObject(value)) continue;
    if (textAt(value, 'kind') === '') {
      problems.push(
        `error processing ${file}[${index}]: unable to parse resource with no group, version and kind`,
      );
      continue;
    }
    const lines = new Map<string, number>();
    const lineAt = (offset: number) => counter.linePos(offset).line + chunk.line - 1;
    for (const { path, offset } of scalarsOf(document.contents, yaml))
      lines.set(path, lineAt(offset));
    objects.push(...inLists(value, { file, line: chunk.line, lines }));
  }
  return { objects, problems };
}

/** The items of a List, which istioctl reads one by one; their fields keep the line of the list. */
function inLists(object: JsonObject, source: Source): readonly ReadObject[] {
  if (textAt(object, 'kind') !== 'List') return [{ object, source }];
  return listAt(object, 'items')
    .filter(isObject)
    .map((item) => ({ object: item, source: { ...source, lines: new Map<string, number>() } }));
}

interface Chunk {
  readonly text: string;
  /** Of its first line that is neither empty nor a separator, from 1. */
  readonly line: number;
}

function chunksOf(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let lines: string[] = [];
  let start = 0;
  const close = () => {
    if (lines.some((line) => line.trim() !== ''))
      chunks.push({ text: lines.join('\n'), line: start });
    lines = [];
    start = 0;
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (/^---\s*$/.test(line)) {
      close();
      continue;
    }
    if (start === 0 && line.trim() === '') continue;
    if (start === 0) start = index + 1;
    lines.push(line);
  }
  close();
  return chunks;
}

interface Scalar {
  readonly path: string;
  readonly offset: number;
}

type Yaml = Pick<typeof YamlModule, 'isMap' | 'isScalar' | 'isSeq'>;

function* scalarsOf(node: unknown, yaml: Yaml, path = ''): Generator<Scalar> {
  if (yaml.isScalar(node)) {
    if (node.range) yield { path, offset: node.range[0] };
  } else if (yaml.isMap(node)) {
    for (const { key, value } of node.items) {
      const name = yaml.isScalar(key) ? String(key.value) : '';
      yield* scalarsOf(value, yaml, `${path}.${name}`);
    }
  } else if (yaml.isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      yield* scalarsOf(item, yaml, `${path}[${index}]`);
    }
  }
}
