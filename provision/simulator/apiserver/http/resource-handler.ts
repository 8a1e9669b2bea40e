import type { Kind } from '../../kinds/kind.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { handleAggregated, isAggregated } from '../aggregation/aggregated-resource.ts';
import { answerReview, isReview } from '../auth/reviews.ts';
import { methodNotAllowed } from '../errors.ts';
import { toVersion } from '../objects/convert.ts';
import { at, listAt, numberAt, stringAt } from '../objects/json.ts';
import type { Call } from '../rest/context.ts';
import { createObject } from '../rest/create.ts';
import { deleteObject, type Deletion } from '../rest/delete.ts';
import { readObject } from '../rest/prepare.ts';
import { groupVersion } from '../served-kinds.ts';
import { deletionStatus, sendJson, setWarnings, type Exchange } from './exchange.ts';
import { callOf, find, scopeOf, sendObject, sendPatch, sendUpdate, targetOf } from './objects.ts';
import { listStored, sendList } from './reads/list.ts';
import { parseFilter } from './reads/selectors.ts';
import { sendWatch } from './reads/watch.ts';
import { formOf } from './requests/accept.ts';
import { readObjectBody, readOptionalBody } from './requests/body.ts';
import type { ResourceInfo } from './requests/request-info.ts';
import { deleteOptionsError } from './requests/request-options.ts';
import { handleSubresource } from './subresources/subresource-handler.ts';
import { refuseUnknown } from './unknown-path.ts';

/** What upstream tells everybody who uses a deprecated API, by group, version and resource. */
const DEPRECATIONS: Readonly<Record<string, string>> = {
  '/v1/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
  '/v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

function deprecations(kind: Kind): readonly string[] {
  const text = kind.deprecation ?? DEPRECATIONS[`${kind.group}/${kind.version}/${kind.plural}`];
  return text === undefined ? [] : [text];
}

/** Answers a request for a resource. */
export async function handleResource(exchange: Exchange, info: ResourceInfo): Promise<void> {
  const kind = exchange.context.core.kinds.find(info.group, info.version, info.plural);
  if (!kind) return refuseUnknown(exchange, info.group);
  setWarnings(exchange.response, deprecations(kind));
  if (isAggregated(kind)) return handleAggregated(exchange, kind, info);
  if (info.subresource !== '') return handleSubresource(exchange, kind, info);
  if (!kind.verbs.includes(info.verb) || !isAddressed(info)) throw methodNotAllowed();
  return handleStored(exchange, kind, info);
}

function handleStored(exchange: Exchange, kind: Kind, info: ResourceInfo): void | Promise<void> {
  switch (info.verb) {
    case 'get':
      return sendObject(exchange, kind, find(exchange, kind, info));
    case 'list':
      return sendList(exchange, kind, info.namespace, formOf(exchange.request.headers.accept));
    case 'watch':
      return sendWatch(exchange, { kind, ...info, form: formOf(exchange.request.headers.accept) });
    case 'create':
      return create(exchange, kind, info);
    case 'update':
      return sendUpdate(exchange, kind, info);
    case 'patch':
      return patch(exchange, kind, info);
    case 'delete':
      return remove(exchange, kind, info);
    case 'deletecollection':
      return removeCollection(exchange, kind, info);
    default:
      throw methodNotAllowed();
  }
}

/** Whether the URL names an object exactly when the verb is for one. */
function isAddressed({ verb, name }: ResourceInfo): boolean {
  if (verb === 'create') return name === '';
  return name !== '' || (verb !== 'update' && verb !== 'patch');
}

async function create(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const { context, request } = exchange;
  const { value, problems } = await readObjectBody(request, kind.kind);
  const call = callOf(exchange, problems);
  if (isReview(kind)) {
    const review = readObject(kind, value, call);
    const answer = answerReview(kind.kind, review, {
      store: context.core.store,
      pki: context.pki,
      nowMs: context.core.clock.now(),
      user: exchange.user,
    });
    sendJson(exchange.response, 201, { ...answer, metadata: { creationTimestamp: null } });
    return;
  }
  const target = { namespace: scopeOf(kind, info.namespace), name: '' };
  const object = await createObject(context.core, { kind, target, body: value, call });
  sendObject(exchange, kind, object, { code: 201, warnings: call.warnings });
}

async function patch(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const call = callOf(exchange);
  const { object, isNew } = await sendPatch(exchange, kind, info, call);
  sendObject(exchange, kind, object, { code: isNew ? 201 : 200, warnings: call.warnings });
}

async function remove(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const { value } = await readOptionalBody(exchange.request);
  const call = deletionCall(exchange, value);
  const options = deleteOptions(value, exchange.query);
  const target = targetOf(kind, info);
  const deletion = await deleteObject(exchange.context.core, { kind, target, call, ...options });
  sendDeletion(exchange, kind, deletion, call.warnings);
}

function sendDeletion(
  exchange: Exchange,
  kind: Kind,
  { object, isGone }: Deletion,
  warnings: readonly string[],
): void {
  if (isGone) sendJson(exchange.response, 200, deletionStatus(kind, object), warnings);
  else sendObject(exchange, kind, object, { warnings });
}

async function removeCollection(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const { value } = await readOptionalBody(exchange.request);
  const { core } = exchange.context;
  const call = deletionCall(exchange, value);
  const options = deleteOptions(value, exchange.query);
  const filter = parseFilter(kind, exchange.query) ?? (() => true);
  const stored = listStored(core.store, kind, info.namespace).items;
  const items = stored.filter((object) => filter(toVersion(object, kind)));
  for (const { metadata } of items) {
    const target = { namespace: metadata.namespace ?? '', name: metadata.name };
    await deleteObject(core, { kind, target, call, ...options });
  }
  const metadata = { resourceVersion: String(core.store.revision) };
  const apiVersion = groupVersion(kind);
  sendJson(exchange.response, 200, { kind: kind.listKind, apiVersion, metadata, items });
}

function deletionCall(exchange: Exchange, body: JsonObject): Call {
  const error = deleteOptionsError({ ...optionsIn(exchange.query), ...body });
  if (error) throw error;
  const call = callOf(exchange);
  return { ...call, isDryRun: call.isDryRun || listAt(body, 'dryRun').includes('All') };
}

function deleteOptions(body: JsonObject, query: URLSearchParams) {
  const grace = numberAt(body, 'gracePeriodSeconds') ?? numberOf(query.get('gracePeriodSeconds'));
  const policy = stringAt(body, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined;
  const isOrphaning = at(body, 'orphanDependents') === true;
  const uid = stringAt(body, 'preconditions', 'uid');
  const resourceVersion = stringAt(body, 'preconditions', 'resourceVersion');
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...((policy ?? isOrphaning) && { propagationPolicy: policy ?? 'Orphan' }),
    preconditions: {
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

/** DeleteOptions as query parameters, which count when there is no body. */
function optionsIn(query: URLSearchParams): JsonObject {
  const propagationPolicy = query.get('propagationPolicy');
  return {
    dryRun: query.getAll('dryRun'),
    ...(propagationPolicy !== null && { propagationPolicy }),
  };
}

function numberOf(text: string | null): number | undefined {
  return text === null || text === '' ? undefined : Number(text);
}
