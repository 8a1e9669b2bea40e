/** OpenAPI as kubectl reads it: v3, one document a group version, and v2, one document for all (Kubernetes documentation, "The Kubernetes API"). */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { KUBERNETES_VERSION } from '../../versions.ts';
import type { Kind } from '../kind.ts';
import { OPENAPI_LIMIT_DOCUMENTS } from '../limits.ts';
import type { JsonObject } from '../object.ts';
import { componentsOf } from './components.ts';
import { groupVersionPath, pathsOf } from './paths.ts';
import { encodeOpenApiV2 } from './v2-protobuf.ts';
import { openApiV2 } from './v2.ts';

export interface OpenApiDocument {
  /** Compressed by gzip: the documents are large, kept for long, and all clients take them so. */
  readonly gzipped: Buffer;
  /** Of the text; stands in the index, so that clients may keep the document for ever. */
  readonly hash: string;
}

/** The index of v3: where the document of each group version is. */
export function openApiIndex(kinds: readonly Kind[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [path, members] of byPath(kinds)) {
    const { hash } = documentOf(members);
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  }
  return { paths };
}

/** The v3 document of a group version by its path (`api/v1`, `apis/apps/v1`); undefined when nothing is served there. */
export function openApiDocument(kinds: readonly Kind[], path: string): OpenApiDocument | undefined {
  const members = byPath(kinds).get(path);
  return members && documentOf(members);
}

/** The v2 document of all kinds, as JSON or as protobuf; made when somebody asks and shared by clusters with the same kinds. */
export function openApiV2Document(
  kinds: readonly Kind[],
  form: 'json' | 'protobuf',
): OpenApiDocument {
  const known = wholeDocuments.find((one) => one.form === form && isSameList(one.kinds, kinds));
  if (known) return known.document;
  const value = openApiV2(kinds);
  const document = compressed(form === 'json' ? JSON.stringify(value) : encodeOpenApiV2(value));
  wholeDocuments.unshift({ kinds, form, document });
  wholeDocuments.splice(OPENAPI_LIMIT_DOCUMENTS);
  return document;
}

/** v2 documents, the latest first. */
const wholeDocuments: {
  readonly kinds: readonly Kind[];
  readonly form: 'json' | 'protobuf';
  readonly document: OpenApiDocument;
}[] = [];

/** Documents by the first of their kinds: clusters that share kinds share documents. */
const documents = new WeakMap<
  Kind,
  { readonly kinds: readonly Kind[]; readonly document: OpenApiDocument }
>();

function documentOf(kinds: readonly [Kind, ...Kind[]]): OpenApiDocument {
  const known = documents.get(kinds[0]);
  if (known && isSameList(known.kinds, kinds)) return known.document;
  const document = compressed(
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: `v${KUBERNETES_VERSION}` },
      paths: Object.assign({}, ...kinds.map(pathsOf)),
      components: { schemas: componentsOf(kinds) },
    }),
  );
  documents.set(kinds[0], { kinds, document });
  return document;
}

function compressed(content: string | Uint8Array): OpenApiDocument {
  const hash = createHash('sha512').update(content).digest('hex').toUpperCase();
  return { gzipped: gzipSync(content, { level: 4 }), hash };
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
