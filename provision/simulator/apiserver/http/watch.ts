import type { ServerResponse } from 'node:http';

import { ApiError } from '../../client/api-error.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { expired, versionTooLarge } from '../errors.ts';
import { WATCH_BACKLOG_LIMIT_BYTES } from '../limits.ts';
import { toVersion } from '../objects/convert.ts';
import { groupVersion, storageKey } from '../served-kinds.ts';
import type { StoreEvent } from '../store/store.ts';
import type { Form } from './accept.ts';
import type { Exchange } from './exchange.ts';
import { inForm, listStored, readVersion } from './list.ts';
import { objectText } from './object-text.ts';
import { isTrue } from './request-info.ts';
import { parseFilter, type Filter } from './selectors.ts';

/** What is watched. */
export interface WatchTarget {
  readonly kind: Kind;
  /** Empty for all namespaces. */
  readonly namespace: string;
  /** Empty for all names. */
  readonly name: string;
  readonly form: Form;
}

/** Answers a WATCH: a line of JSON for each event until the client goes or timeoutSeconds are over. */
export function sendWatch(exchange: Exchange, target: WatchTarget): void {
  const { context, query } = exchange;
  const { store, clock } = context.core;
  const filter = parseFilter(target.kind, query, target.name);
  const start = startOf(exchange, target);
  const writer = new EventWriter(exchange, target, filter);
  if (start instanceof ApiError) {
    writer.sendError(start);
    writer.end();
    return;
  }
  for (const object of start.initial) writer.send('ADDED', object);
  if (isTrue(query.get('sendInitialEvents'))) writer.bookmark(store.revision, true);
  for (const event of start.missed) writer.change(event);
  const resource = storageKey(target.kind);
  const listening = store.listen(resource, (event) => writer.change(event));
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const timer =
    seconds > 0
      ? clock.after(seconds * 1000, () => {
          // The client goes on from the bookmark without listing again.
          if (isTrue(query.get('allowWatchBookmarks'))) writer.bookmark(store.revision, false);
          writer.end();
        })
      : undefined;
  // Not the request's close: that comes as soon as its body is read.
  exchange.response.on('close', () => {
    listening[Symbol.dispose]();
    timer?.[Symbol.dispose]();
  });
}

interface Start {
  readonly initial: readonly KubeObject[];
  readonly missed: readonly StoreEvent[];
}

function startOf({ context, query }: Exchange, { kind, namespace }: WatchTarget): Start | ApiError {
  const { store } = context.core;
  const resource = storageKey(kind);
  const asked = query.get('resourceVersion') ?? '';
  const wantsInitial = query.get('sendInitialEvents');
  const isFromNow = asked === '' || asked === '0';
  if (isTrue(wantsInitial) || (isFromNow && wantsInitial === null)) {
    return { initial: listStored(store, kind, namespace).items, missed: [] };
  }
  if (isFromNow) return { initial: [], missed: [] };
  const version = readVersion(asked);
  if (version > store.revision) throw versionTooLarge(version, store.revision);
  const missed = store.since(resource, version);
  return missed ? { initial: [], missed } : expired(version, store.oldest(resource));
}

/** Writes the events of one watch in the form the client asked for. */
class EventWriter {
  readonly #exchange: Exchange;
  readonly #target: WatchTarget;
  readonly #filter: Filter;
  readonly #response: ServerResponse;

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

  /** Tells of an object if it is wanted. */
  send(type: 'ADDED', object: KubeObject): void {
    if (this.#isInScope(object) && this.#matches(object)) this.#write(type, object);
  }

  bookmark(revision: number, isInitialEnd: boolean): void {
    const { kind, form } = this.#target;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(isInitialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    };
    const object =
      form === 'object'
        ? { kind: kind.kind, apiVersion: groupVersion(kind), metadata }
        : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
    this.#line({ type: 'BOOKMARK', object });
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
    else this.#line({ type, object: inForm(this.#exchange, kind, object, form) });
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
