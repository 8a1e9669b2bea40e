import { ApiError } from '../../client/api-error.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { toTable } from '../../kinds/table.ts';
import { badRequest, expired, versionTooLarge } from '../errors.ts';
import { toVersion } from '../objects/convert.ts';
import { isObject, numberAt, stringAt } from '../objects/json.ts';
import type { Core } from '../rest/context.ts';
import { groupVersion, storageKey } from '../served-kinds.ts';
import type { Listing, Store } from '../store/store.ts';
import type { Form } from './accept.ts';
import { sendJsonText, type Exchange } from './exchange.ts';
import { objectText } from './object-text.ts';
import { parseFilter } from './selectors.ts';

/** One page of a list. */
interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: JsonObject;
}

/** Answers a LIST: an object list, a table or a list of metadata. */
export function sendList(exchange: Exchange, kind: Kind, namespace: string, form: Form): void {
  const { context, query, response } = exchange;
  const { items, metadata } = readPage(context.core, kind, namespace, query);
  if (form === 'table') {
    const table = tableOf(context.core, kind, items, query);
    sendJsonText(response, 200, JSON.stringify({ ...table, metadata }));
    return;
  }
  const isMetadata = form === 'metadata';
  const texts = items.map((item) =>
    isMetadata ? JSON.stringify(metadataOnly(item)) : objectText(item),
  );
  const head = {
    kind: isMetadata ? 'PartialObjectMetadataList' : kind.listKind,
    apiVersion: isMetadata ? 'meta.k8s.io/v1' : groupVersion(kind),
    metadata,
  };
  const text = JSON.stringify(head);
  sendJsonText(response, 200, `${text.slice(0, -1)},"items":[${texts.join(',')}]}\n`);
}

/** The stored objects of a kind in a namespace; of all namespaces when it is empty. */
export function listStored(store: Store, kind: Kind, namespace: string): Listing {
  const scope = kind.isNamespaced && namespace !== '' ? namespace : undefined;
  return store.list(storageKey(kind), scope);
}

/** The table of some objects as `kubectl get` shows it. */
function tableOf(
  core: Core,
  kind: Kind,
  objects: readonly KubeObject[],
  query: URLSearchParams,
): JsonObject {
  const include = query.get('includeObject');
  return toTable(kind, objects, {
    nowMs: core.clock.now(),
    includeObject: include === 'Object' || include === 'None' ? include : 'Metadata',
  });
}

/** One object in the form that the client asked for when that is not its own. */
export function inForm(
  { context, query }: Exchange,
  kind: Kind,
  object: KubeObject,
  form: Exclude<Form, 'object'>,
): object {
  if (form === 'metadata') return metadataOnly(object);
  const { resourceVersion } = object.metadata;
  return { ...tableOf(context.core, kind, [object], query), metadata: { resourceVersion } };
}

/** What PartialObjectMetadata keeps of an object. */
function metadataOnly(object: KubeObject): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}

function readPage(core: Core, kind: Kind, namespace: string, query: URLSearchParams): Page {
  const resource = storageKey(kind);
  const { items: stored, revision } = listStored(core.store, kind, namespace);
  checkVersion(core, resource, query, revision);
  const filter = parseFilter(kind, query);
  const start = readContinue(query.get('continue'), core.store.oldest(resource));
  const all = stored.map((object) => toVersion(object, kind));
  const rest = start === undefined ? all : all.filter((object) => positionOf(object) > start.after);
  const wanted = filter ? rest.filter(filter) : rest;
  const limit = Number(query.get('limit') ?? 0);
  const items = limit > 0 ? wanted.slice(0, limit) : wanted;
  const last = items.at(-1);
  const version = start?.revision ?? revision;
  if (items.length === wanted.length || !last) {
    return { items, metadata: { resourceVersion: String(version) } };
  }
  return {
    items,
    metadata: {
      resourceVersion: String(version),
      continue: writeContinue({ revision: version, after: positionOf(last) }),
      ...(!filter && { remainingItemCount: wanted.length - items.length }),
    },
  };
}

function checkVersion(
  core: Core,
  resource: string,
  query: URLSearchParams,
  revision: number,
): void {
  const asked = query.get('resourceVersion') ?? '';
  if (asked === '' || asked === '0') return;
  const version = readVersion(asked);
  if (version > revision) throw versionTooLarge(version, revision);
  // Old states are not kept: an exact one can be given only while it is still the newest.
  if (
    query.get('resourceVersionMatch') === 'Exact' &&
    core.store.since(resource, version)?.length !== 0
  ) {
    throw new ApiError(
      410,
      'Expired',
      'The provided resource version is too old: this simulator lists the newest state only',
    );
  }
}

/** A resourceVersion parameter. */
export function readVersion(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

interface Continue {
  readonly revision: number;
  readonly after: string;
}

/** The order of lists, as text. No name holds the separator. */
function positionOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}\u0000${metadata.name}`;
}

function writeContinue(position: Continue): string {
  return Buffer.from(JSON.stringify({ v: 1, ...position })).toString('base64url');
}

function readContinue(token: string | null, oldest: number): Continue | undefined {
  if (token === null || token === '') return undefined;
  const value = parse(token);
  const revision = numberAt(value, 'revision');
  const after = stringAt(value, 'after');
  if (revision === undefined || after === undefined) {
    throw badRequest('continue key is not valid: it was not made by this server');
  }
  if (revision < oldest) throw expired(revision, oldest);
  return { revision, after };
}

function parse(token: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
