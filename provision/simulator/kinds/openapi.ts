/** OpenAPI v3 as kubectl reads it, one document a group version (Kubernetes documentation, "OpenAPI V3"). */
import { createHash } from 'node:crypto';

import { KUBERNETES_VERSION } from '../versions.ts';
import type { Kind } from './kind.ts';
import type { JsonObject } from './object.ts';
import { componentsOf } from './openapi/components.ts';
import { groupVersionPath, pathsOf } from './openapi/paths.ts';

export interface OpenApiDocument {
  readonly text: string;
  /** Of the text; stands in the index, so that clients may keep the document for ever. */
  readonly hash: string;
}

/** The index: where the document of each group version is. */
export function openApiIndex(kinds: readonly Kind[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [path, members] of byPath(kinds)) {
    const { hash } = documentOf(members);
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  }
  return { paths };
}

/** The document of a group version by its path (`api/v1`, `apis/apps/v1`); undefined when nothing is served there. */
export function openApiDocument(kinds: readonly Kind[], path: string): OpenApiDocument | undefined {
  const members = byPath(kinds).get(path);
  return members && documentOf(members);
}

/** Documents by the first of their kinds: clusters that share kinds share documents. */
const documents = new WeakMap<
  Kind,
  { readonly kinds: readonly Kind[]; readonly document: OpenApiDocument }
>();

function documentOf(kinds: readonly [Kind, ...Kind[]]): OpenApiDocument {
  const known = documents.get(kinds[0]);
  if (known && isSameList(known.kinds, kinds)) return known.document;
  const text = JSON.stringify({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `v${KUBERNETES_VERSION}` },
    paths: Object.assign({}, ...kinds.map(pathsOf)),
    components: { schemas: componentsOf(kinds) },
  });
  const hash = createHash('sha512').update(text).digest('hex').toUpperCase();
  const document = { text, hash };
  documents.set(kinds[0], { kinds, document });
  return document;
}

function isSameList(left: readonly Kind[], right: readonly Kind[]): boolean {
  return left.length === right.length && left.every((kind, i) => kind === right[i]);
}

function byPath(kinds: readonly Kind[]): ReadonlyMap<string, readonly [Kind, ...Kind[]]> {
  const paths = new Map<string, [Kind, ...Kind[]]>();
  for (const kind of kinds) {
    const path = groupVersionPath(kind);
    const members = paths.get(path);
    if (members) members.push(kind);
    else paths.set(path, [kind]);
  }
  return paths;
}
