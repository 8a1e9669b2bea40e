import type { Kind } from '../../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { badRequest, expiredContinue, expiredList, versionTooLarge } from '../../errors.ts';
import { toVersion } from '../../objects/convert.ts';
import { groupVersion, storageKey } from '../../served-kinds.ts';
import type { Listing, Store } from '../../store/store.ts';
import { sendJsonText, type Exchange } from '../exchange.ts';
import type { Form } from '../requests/accept.ts';
import { readContinue, writeContinue } from './continue-token.ts';
import { metadataOnly, tableOf } from './forms.ts';
import { parseVersion, readListOptions, type ListOptions } from './list-options.ts';
import { objectText } from './object-text.ts';
import { parseFilter, type Filter } from './selectors.ts';

/** One page of a list. */
interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: JsonObject;
}

/** Answers a LIST: an object list, a table or a list of metadata. */
export function sendList(exchange: Exchange, kind: Kind, namespace: string, form: Form): void {
  const { context, query, response } = exchange;
  const options = readListOptions(query, false);
  const filter = parseFilter(kind, query);
  const { items, metadata } = readPage(context.core.store, { kind, namespace, options, filter });
  if (form === 'table') {
    const table = tableOf(exchange, kind, items);
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
  return store.list(storageKey(kind), scopeOf(kind, namespace));
}

/** What a list is asked for. */
export interface PageRequest {
  readonly kind: Kind;
  /** Empty for all namespaces. */
  readonly namespace: string;
  readonly options: ListOptions;
  readonly filter: Filter | undefined;
}

/**
 * The page that a list asks for, of the state that its first page showed.
 * @throws ApiError 400, 410 or 504 when that state is not known, not any more or not yet
 */
export function readPage(store: Store, request: PageRequest): Page {
  const { kind, namespace, options, filter } = request;
  const { items, revision, first } = readState(store, request);
  const page: KubeObject[] = [];
  let next = first;
  while (next < items.length && (options.limit === 0 || page.length < options.limit)) {
    const object = items[next++];
    if (!object) break;
    const shown = toVersion(object, kind);
    if (!filter || filter(shown)) page.push(shown);
  }
  const last = page.at(-1);
  const resourceVersion = String(revision);
  if (next === items.length || !last) return { items: page, metadata: { resourceVersion } };
  const start = `${keyOf(kind, namespace, last)}\u0000`;
  return {
    items: page,
    metadata: {
      resourceVersion,
      continue: writeContinue({ revision, start }),
      // Upstream does not count what selectors would leave of the rest.
      ...(!filter && { remainingItemCount: items.length - next }),
    },
  };
}

interface State extends Listing {
  /** Index of the first item to show. */
  readonly first: number;
}

/** The state that a list asks for: the newest, an older one, or that of the list it continues. */
function readState(store: Store, { kind, namespace, options }: PageRequest): State {
  if (options.continueToken !== '') {
    const { revision, start } = readContinue(options.continueToken);
    if (options.version !== '' && options.version !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const state =
      revision < 0
        ? listStored(store, kind, namespace)
        : stateAt(store, { kind, namespace, revision });
    if (!state) throw expiredContinue(writeContinue({ revision: -1, start }));
    const first = state.items.findIndex((object) => keyOf(kind, namespace, object) >= start);
    return { ...state, first: first < 0 ? state.items.length : first };
  }
  const newest = { ...listStored(store, kind, namespace), first: 0 };
  if (options.version === '') return newest;
  const version = parseVersion(options.version);
  if (typeof version !== 'number') {
    throw badRequest(`invalid resource version: resourceVersion: ${version.problem}`);
  }
  if (version > store.revision) throw versionTooLarge(version, store.revision);
  const isExact = options.match === 'Exact' || (options.match === '' && options.limit > 0);
  if (!isExact || version === 0) return newest;
  const state = stateAt(store, { kind, namespace, revision: version });
  if (!state) throw expiredList();
  return { ...state, first: 0 };
}

function stateAt(
  store: Store,
  { kind, namespace, revision }: { kind: Kind; namespace: string; revision: number },
): Listing | undefined {
  if (revision > store.revision) throw versionTooLarge(revision, store.revision);
  return store.listAt(storageKey(kind), revision, scopeOf(kind, namespace));
}

/** The namespace to list; undefined for all. */
function scopeOf(kind: Kind, namespace: string): string | undefined {
  return kind.isNamespaced && namespace !== '' ? namespace : undefined;
}

/** What lists are ordered by: the key below that of the list, as in etcd. */
function keyOf(kind: Kind, namespace: string, { metadata }: KubeObject): string {
  const isScoped = !kind.isNamespaced || namespace !== '';
  return isScoped ? metadata.name : `${metadata.namespace ?? ''}/${metadata.name}`;
}
