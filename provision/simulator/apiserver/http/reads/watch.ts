import type { ServerResponse } from 'node:http';

import type { ApiError } from '../../../client/api-error.ts';
import type { Kind } from '../../../kinds/kind.ts';
import type { KubeObject } from '../../../kinds/object.ts';
import { badRequest, expired, invalid, versionTooLarge } from '../../errors.ts';
import { WATCH_BACKLOG_LIMIT_BYTES } from '../../limits.ts';
import { toVersion } from '../../objects/convert.ts';
import { groupVersion, storageKey } from '../../served-kinds.ts';
import type { StoreEvent } from '../../store/store.ts';
import type { Exchange } from '../exchange.ts';
import type { Form } from '../requests/accept.ts';
import { metadataOnly, tableOf } from './forms.ts';
import { parseVersion, readListOptions, type ListOptions } from './list-options.ts';
import { listStored } from './list.ts';
import { objectText } from './object-text.ts';
import { parseFilter, selectedName, type Filter } from './selectors.ts';

/** What is watched. */
export interface WatchTarget {
  readonly kind: Kind;
  /** Empty for all namespaces. */
  readonly namespace: string;
  /** Empty for all names. */
  readonly name: string;
  readonly form: Form;
}

/**
 * Answers a WATCH: a line of JSON for each event until the client goes or timeoutSeconds are over.
 * @throws ApiError for parameters and selectors that cannot be read; what comes later is an event of type ERROR
 */
export function sendWatch(exchange: Exchange, target: WatchTarget): void {
  const { context, query } = exchange;
  const { store, clock } = context.core;
  const options = readListOptions(query, true);
  const filter = watchFilter(exchange, target);
  const since = startOf(exchange, target.kind, options);
  const writer = new EventWriter(exchange, target, filter);
  if (since === 'initial') writer.sendAll(listStored(store, target.kind, target.namespace).items);
  if (options.sendInitialEvents === true && options.allowsBookmarks) {
    writer.bookmark(store.revision, true);
  }
  const resource = storageKey(target.kind);
  const version = typeof since === 'number' ? since : store.revision;
  const missed = store.since(resource, version);
  if (!missed) {
    writer.sendError(expired(version, store.oldest(resource)));
    writer.end();
    return;
  }
  for (const event of missed) writer.change(event);
  const tell = (event: StoreEvent) => writer.change(event);
  const listening = store.listen(resource, tell, Math.max(version, store.revision));
  const { timeoutSeconds } = options;
  const timer =
    timeoutSeconds > 0
      ? clock.after(timeoutSeconds * 1000, () => {
          // The client goes on from the bookmark without listing again.
          if (options.allowsBookmarks) writer.bookmark(store.revision, false);
          writer.end();
        })
      : undefined;
  // Not the request's close: that comes as soon as its body is read.
  exchange.response.on('close', () => {
    listening[Symbol.dispose]();
    timer?.[Symbol.dispose]();
  });
}

/** A watch of one object may say its name in the selector as well, but no other. */
function watchFilter({ query }: Exchange, { kind, name }: WatchTarget): Filter | undefined {
  const selector = query.get('fieldSelector') ?? '';
  if (name !== '' && selector !== '' && selectedName(query) !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  return parseFilter(kind, query, name);
}

/** The revision to go on from; `initial` begins with all objects as they are, `now` with what comes next. */
function startOf(
  { context }: Exchange,
  kind: Kind,
  { version: asked, sendInitialEvents }: ListOptions,
): number | 'initial' | 'now' {
  const { store } = context.core;
  const version = parseVersion(asked === '' ? '0' : asked);
  if (typeof version !== 'number') {
    throw invalid({ group: kind.group, kind: kind.plural }, '', [
      { field: 'resourceVersion', type: 'Invalid', message: version.problem },
    ]);
  }
  if (sendInitialEvents === true) {
    if (version > store.revision) throw versionTooLarge(version, store.revision);
    return 'initial';
  }
  if (version > 0) return version;
  return sendInitialEvents === false ? 'now' : 'initial';
}

/** Writes the events of one watch in the form the client asked for. */
class EventWriter {
  readonly #exchange: Exchange;
  readonly #target: WatchTarget;
  readonly #filter: Filter;
  readonly #response: ServerResponse;
  #hasColumns = true;

  constructor(exchange: Exchange, target: WatchTarget, filter: Filter | undefined) {
    this.#exchange = exchange;
    this.#target = target;
    this.#filter = filter ?? (() => true);
    this.#response = exchange.response;
    this.#response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
    });
    // A quiet watch must be seen to have begun.
    this.#response.flushHeaders();
  }

  /** Tells of a change; for a watch with selectors, of what it means for the selected objects. */
  change({ type, object, previous }: StoreEvent): void {
    if (!this.#isInScope(object)) return;
    const isWanted = type !== 'DELETED' && this.#matches(object);
    const wasWanted = previous !== undefined && this.#matches(previous);
    if (isWanted) this.#write(wasWanted ? 'MODIFIED' : 'ADDED', object);
    else if (wasWanted)
      this.#write('DELETED', type === 'DELETED' ? object : atVersion(previous, object));
  }

  /** Tells of those objects that are wanted. */
  sendAll(objects: readonly KubeObject[]): void {
    for (const object of objects) {
      if (this.#isInScope(object) && this.#matches(object)) this.#write('ADDED', object);
    }
  }

  bookmark(revision: number, isInitialEnd: boolean): void {
    const { kind, form } = this.#target;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(isInitialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    };
    const object =
      form === 'metadata'
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
        : { kind: kind.kind, apiVersion: groupVersion(kind), metadata };
    const shown = form === 'table' ? this.#bookmarkTable(object) : object;
    this.#line({ type: 'BOOKMARK', object: shown });
  }

  /** A table whose only row carries the bookmark, as upstream shows one. */
  #bookmarkTable(object: { readonly metadata: object }): object {
    const { kind } = this.#target;
    const row = { cells: kind.columns.map(() => null), object };
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
      columnDefinitions: null,
      rows: [row],
    };
  }

  sendError(error: ApiError): void {
    this.#line({ type: 'ERROR', object: error.toStatus() });
  }

  end(): void {
    this.#response.end();
  }

  #isInScope(object: KubeObject): boolean {
    const { kind, namespace } = this.#target;
    return !kind.isNamespaced || namespace === '' || object.metadata.namespace === namespace;
  }

  #matches(object: KubeObject): boolean {
    return this.#filter(toVersion(object, this.#target.kind));
  }

  #write(type: 'ADDED' | 'MODIFIED' | 'DELETED', stored: KubeObject): void {
    const { kind, form } = this.#target;
    const object = toVersion(stored, kind);
    if (form === 'object') this.#send(`{"type":"${type}","object":${objectText(object)}}\n`);
    else this.#line({ type, object: this.#shown(object, form) });
  }

  #shown(object: KubeObject, form: 'table' | 'metadata'): object {
    if (form === 'metadata') return metadataOnly(object);
    const table = tableOf(this.#exchange, this.#target.kind, [object], this.#hasColumns);
    // Clients remember the columns of the first event.
    this.#hasColumns = false;
    return { ...table, metadata: { resourceVersion: object.metadata.resourceVersion } };
  }

  #line(event: object): void {
    this.#send(`${JSON.stringify(event)}\n`);
  }

  #send(line: string): void {
    this.#response.write(line);
    if (this.#response.writableLength > WATCH_BACKLOG_LIMIT_BYTES) this.#response.destroy();
  }
}

/** An object that left the selection, as it was, with the version of the change. */
function atVersion(previous: KubeObject, change: KubeObject): KubeObject {
  const { resourceVersion } = change.metadata;
  return { ...previous, metadata: { ...previous.metadata, resourceVersion } };
}
