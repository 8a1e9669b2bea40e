import type { Kind } from '../../kinds/kind.ts';
import { aggregatedKinds } from '../../kinds/registry.ts';
import { methodNotAllowed, notFound } from '../errors.ts';
import { sendText, type Exchange } from '../http/exchange.ts';
import { sendObject } from '../http/objects.ts';
import { sendList } from '../http/reads/list.ts';
import { formOf } from '../http/requests/accept.ts';
import type { ResourceInfo } from '../http/requests/request-info.ts';
import { storageKey } from '../served-kinds.ts';
import { whyUnavailable } from './api-services.ts';

/** Whether another server than this one answers for the kind. */
export function isAggregated(kind: Kind): boolean {
  return aggregatedKinds().includes(kind);
}

/** Answers in the place of metrics-server, whose refusals name things in a way of their own. */
export function handleAggregated(exchange: Exchange, kind: Kind, info: ResourceInfo): void {
  const { response, request, context } = exchange;
  const { store } = context.core;
  if (whyUnavailable(store, kind) !== undefined) {
    sendText(response, 503, 'service unavailable\n');
    return;
  }
  if (!kind.verbs.includes(info.verb)) throw methodNotAllowed();
  if (info.verb === 'list') {
    sendList(exchange, kind, info.namespace, formOf(request.headers.accept));
    return;
  }
  const { name } = info;
  const namespace = kind.isNamespaced ? info.namespace : '';
  const measured = store.get(storageKey(kind), namespace, name);
  if (measured) {
    sendObject(exchange, kind, measured);
    return;
  }
  const isThere = store.get(`/${kind.plural}`, namespace, name) !== undefined;
  if (!isThere) throw notFound({ group: '', plural: kind.plural }, name);
  const full = namespace === '' ? name : `${namespace}/${name}`;
  throw notFound({ group: kind.group, plural: kind.kind.toLowerCase() }, full);
}
