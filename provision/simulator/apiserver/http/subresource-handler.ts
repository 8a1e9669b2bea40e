import type { Kind } from '../../kinds/kind.ts';
import { methodNotAllowed, unknownResource } from '../errors.ts';
import { patcherOf } from '../rest/patch.ts';
import { evictPod, bindPod } from '../rest/pod-parts.ts';
import { addressed, readObject } from '../rest/prepare.ts';
import { scaleOf, withScale } from '../rest/scale.ts';
import { updateObject } from '../rest/update.ts';
import { decodePlain, mediaType, readBytes, readObjectBody } from './body.ts';
import { sendJson, type Exchange } from './exchange.ts';
import { sendLogs } from './logs.ts';
import { callOf, find, sendObject, sendPatch, targetOf } from './objects.ts';
import { sendProxied } from './proxy.ts';
import type { ResourceInfo } from './request-info.ts';
import { subresourcesOf } from './subresources.ts';
import { sendToken } from './token.ts';

/** Answers a request for a part of an object; those that switch protocols come through `http/upgrade.ts`. */
export async function handleSubresource(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const part = subresourcesOf(kind).find(({ name }) => name === info.subresource);
  if (!part) throw unknownResource();
  if (!part.verbs.includes(info.verb)) throw methodNotAllowed();
  switch (info.subresource) {
    case 'status':
    case 'finalize':
    case 'approval':
    case 'ephemeralcontainers':
      return handlePart(exchange, kind, info);
    case 'scale':
      return handleScale(exchange, kind, info);
    case 'log':
      return sendLogs(exchange, find(exchange, kind, info));
    case 'binding':
    case 'eviction':
      return handlePodPart(exchange, kind, info);
    case 'token':
      return sendToken(exchange, find(exchange, kind, info));
    case 'proxy':
      return sendProxied(exchange, kind, info);
    default:
      // exec, attach and portforward without an upgrade.
      sendJson(exchange.response, 400, upgradeRequired());
  }
}

function upgradeRequired(): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Upgrade request required',
    reason: 'BadRequest',
    code: 400,
  };
}

async function handlePart(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  if (info.verb === 'get') return sendObject(exchange, kind, find(exchange, kind, info));
  if (info.verb === 'patch') {
    const call = callOf(exchange);
    const { object } = await sendPatch(exchange, kind, info, call);
    return sendObject(exchange, kind, object, { warnings: call.warnings });
  }
  const { value, problems } = await readObjectBody(exchange.request);
  const call = callOf(exchange, problems);
  const target = targetOf(kind, info);
  const body = readObject(kind, addressed(value, target), call);
  const { subresource } = info;
  const request = { kind, target, subresource, change: () => body, call };
  const object = await updateObject(exchange.context.core, request);
  sendObject(exchange, kind, object, { warnings: call.warnings });
}

async function handleScale(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const { core } = exchange.context;
  if (info.verb === 'get') {
    sendJson(exchange.response, 200, scaleOf(core, kind, find(exchange, kind, info)));
    return;
  }
  const change = await readScaleChange(exchange, kind, info);
  const object = await updateObject(core, {
    kind,
    target: targetOf(kind, info),
    subresource: 'scale',
    change: (current) => withScale(core, kind, current, change(scaleOf(core, kind, current))),
    call: callOf(exchange),
  });
  sendJson(exchange.response, 200, scaleOf(core, kind, object));
}

async function readScaleChange(exchange: Exchange, kind: Kind, info: ResourceInfo) {
  if (info.verb !== 'patch') {
    const { value } = await readObjectBody(exchange.request);
    return () => value;
  }
  const type = mediaType(exchange.request);
  const { value: patch } = decodePlain(await readBytes(exchange.request), type);
  return patcherOf(exchange.context.core, { kind, type, patch });
}

async function handlePodPart(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const { value: body } = await readObjectBody(exchange.request);
  const { core } = exchange.context;
  const request = { kind, target: targetOf(kind, info), body, call: callOf(exchange) };
  if (info.subresource === 'binding') await bindPod(core, request);
  else await evictPod(core, request, find(exchange, kind, info));
  sendJson(exchange.response, 201, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  });
}
