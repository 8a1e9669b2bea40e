import { scaleColumns } from '../../../kinds/cells/workloads.ts';
import type { Kind } from '../../../kinds/kind.ts';
import type { JsonObject, KubeObject } from '../../../kinds/object.ts';
import { toKubeObject } from '../../objects/json.ts';
import type { Call } from '../../rest/context.ts';
import { patcherOf, PATCH_TYPES, readConfiguration } from '../../rest/patch.ts';
import { addressed, readObject, readPatched } from '../../rest/prepare.ts';
import { applyScale, readScale, SCALE, scaleOf, updateScale } from '../../rest/scale.ts';
import { sendJson, type Exchange } from '../exchange.ts';
import { callOf, find, targetOf } from '../objects.ts';
import { inForm } from '../reads/forms.ts';
import { formOf } from '../requests/accept.ts';
import { decodePlain, mediaType, readBytes, readObjectBody } from '../requests/body.ts';
import { isTrue, type ResourceInfo } from '../requests/request-info.ts';

/** Answers a request for the scale subresource of an object. */
export async function handleScale(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const { core } = exchange.context;
  if (info.verb === 'get') {
    sendScale(exchange, readScale(core, kind, find(exchange, kind, info)));
    return;
  }
  const call = callOf(exchange);
  const write = info.verb === 'patch' ? patchScale : replaceScale;
  const object = await write(exchange, { kind, info, call });
  sendScale(exchange, scaleOf(core, kind, object), call.warnings);
}

interface ScaleWrite {
  readonly kind: Kind;
  readonly info: ResourceInfo;
  readonly call: Call;
}

async function replaceScale(
  exchange: Exchange,
  { kind, info, call }: ScaleWrite,
): Promise<KubeObject> {
  const { value, problems } = await readObjectBody(exchange.request);
  const target = targetOf(kind, info);
  const reading = { ...call, decodingProblems: problems };
  const scale = addressed(readObject(SCALE, value, reading), target);
  return updateScale(exchange.context.core, { kind, target, change: () => scale, call });
}

async function patchScale(
  exchange: Exchange,
  { kind, info, call }: ScaleWrite,
): Promise<KubeObject> {
  const { core } = exchange.context;
  const type = mediaType(exchange.request);
  const { value: patch } = decodePlain(await readBytes(exchange.request), type);
  const target = targetOf(kind, info);
  if (type === PATCH_TYPES.apply) {
    const configuration = readConfiguration(SCALE, target, patch);
    const isForced = isTrue(exchange.query.get('force'));
    return applyScale(core, { kind, target, configuration, isForced, call });
  }
  const { isCustom = false } = kind;
  const apply = patcherOf({ kind: { ...SCALE, isCustom }, type, patch });
  const change = (scale: JsonObject) =>
    addressed(readPatched(SCALE, { object: apply(scale) }, call), target);
  return updateScale(core, { kind, target, change, call });
}

function sendScale(exchange: Exchange, scale: JsonObject, warnings: readonly string[] = []): void {
  const form = formOf(exchange.request.headers.accept);
  const shown = { ...SCALE, columns: scaleColumns };
  const body = form === 'object' ? scale : inForm(exchange, shown, toKubeObject(scale), form);
  sendJson(exchange.response, 200, body, warnings);
}
