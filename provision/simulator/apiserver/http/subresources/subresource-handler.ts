import type { Kind } from '../../../kinds/kind.ts';
import { badRequest, methodNotAllowed } from '../../errors.ts';
import { evictPod } from '../../rest/pods/eviction.ts';
import { bindPod } from '../../rest/pods/parts.ts';
import { sendJson, type Exchange } from '../exchange.ts';
import { callOf, find, sendObject, sendPatch, sendUpdate, targetOf } from '../objects.ts';
import { sendProxied } from '../proxy/proxy.ts';
import { readObjectBody } from '../requests/body.ts';
import type { ResourceInfo } from '../requests/request-info.ts';
import { unknownPart } from '../unknown-path.ts';
import { sendLogs } from './logs.ts';
import { handleScale } from './scale-handler.ts';
import { subresourcesOf } from './subresources.ts';
import { sendToken } from './token.ts';

/** Answers a request for a part of an object; those that switch protocols come through `http/connections/upgrade.ts`. */
export async function handleSubresource(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const part = subresourcesOf(kind).find(({ name }) => name === info.subresource);
  if (!part) throw unknownPart(kind, info);
  if (!part.verbs.includes(info.verb)) throw methodNotAllowed();
  switch (info.subresource) {
    case 'status':
    case 'finalize':
    case 'approval':
    case 'ephemeralcontainers':
    case 'resize':
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
      throw badRequest('Upgrade request required');
  }
}

async function handlePart(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  if (info.verb === 'get') return sendObject(exchange, kind, find(exchange, kind, info));
  if (info.verb === 'patch') {
    const call = callOf(exchange);
    const { object } = await sendPatch(exchange, kind, info, call);
    return sendObject(exchange, kind, object, { warnings: call.warnings });
  }
  return sendUpdate(exchange, kind, info);
}

async function handlePodPart(exchange: Exchange, kind: Kind, info: ResourceInfo): Promise<void> {
  const { value: body } = await readObjectBody(exchange.request);
  const { core } = exchange.context;
  const request = { kind, target: targetOf(kind, info), body, call: callOf(exchange) };
  if (info.subresource === 'binding') await bindPod(core, request);
  else await evictPod(core, request);
  sendJson(exchange.response, 201, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  });
}
