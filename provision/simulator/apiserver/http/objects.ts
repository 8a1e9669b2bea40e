import type { Kind } from '../../kinds/kind.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { badRequest, notFound } from '../errors.ts';
import { managerOf } from '../managed-fields/track.ts';
import { toVersion } from '../objects/convert.ts';
import type { Call, Written } from '../rest/context.ts';
import { patchObject } from '../rest/patch.ts';
import { addressed, readObject } from '../rest/prepare.ts';
import { updateObject } from '../rest/update.ts';
import { storageKey } from '../served-kinds.ts';
import { formOf } from './accept.ts';
import { decodePlain, mediaType, readBytes, readObjectBody } from './body.ts';
import { sendJson, type Exchange } from './exchange.ts';
import { inForm } from './list.ts';
import { isTrue, type ResourceInfo } from './request-info.ts';

/** The object that the URL names. */
export function find(
  { context }: Pick<Exchange, 'context'>,
  kind: Kind,
  { namespace, name }: ResourceInfo,
): KubeObject {
  const stored = context.core.store.get(storageKey(kind), scopeOf(kind, namespace), name);
  if (!stored) throw notFound(kind, name);
  return toVersion(stored, kind);
}

/** Where the object is that the URL names. */
export function targetOf(kind: Kind, { namespace, name }: ResourceInfo) {
  return { namespace: scopeOf(kind, namespace), name };
}

/** What the query says of a write. */
export function callOf(
  { query, user, request }: Exchange,
  decodingProblems: readonly string[] = [],
): Call {
  const validation = query.get('fieldValidation');
  return {
    user,
    isDryRun: isDryRun(query.getAll('dryRun')),
    fieldManager: managerOf(query.get('fieldManager'), request.headers['user-agent']),
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    isInternal: false,
    decodingProblems,
    warnings: [],
  };
}

/** How an object is sent. */
export interface Answer {
  /** HTTP status. Default 200. */
  readonly code?: number;
  /** Texts for Warning headers. */
  readonly warnings?: readonly string[];
}

/** Sends an object in the form the client asked for. */
export function sendObject(
  exchange: Exchange,
  kind: Kind,
  object: KubeObject,
  { code = 200, warnings = [] }: Answer = {},
): void {
  const form = formOf(exchange.request.headers.accept);
  const body = form === 'object' ? object : inForm(exchange, kind, object, form);
  sendJson(exchange.response, code, body, warnings);
}

/** The namespace of a request as the store knows it. */
export function scopeOf(kind: Kind, namespace: string): string {
  return kind.isNamespaced ? namespace : '';
}

function isDryRun(values: readonly string[]): boolean {
  const unknown = values.find((value) => value !== 'All');
  if (unknown !== undefined) {
    throw badRequest(
      `dryRun: Unsupported value: ${JSON.stringify(unknown)}: supported values: "All"`,
    );
  }
  return values.length > 0;
}

/** Carries out a PUT of an object or of one of its parts, and sends what it left. */
export async function sendUpdate(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
): Promise<void> {
  const { value, problems } = await readObjectBody(exchange.request);
  const call = callOf(exchange, problems);
  const target = targetOf(kind, info);
  const body = readObject(kind, addressed(value, target), call);
  const { subresource } = info;
  const request = { kind, target, subresource, change: () => body, call };
  const object = await updateObject(exchange.context.core, request);
  sendObject(exchange, kind, object, { warnings: call.warnings });
}

/** Carries out a PATCH of an object or of one of its parts. */
export async function sendPatch(
  exchange: Exchange,
  kind: Kind,
  info: ResourceInfo,
  call: Call,
): Promise<Written> {
  const { request, query, context } = exchange;
  const type = mediaType(request);
  const { value, problems } = decodePlain(await readBytes(request), type);
  return patchObject(context.core, {
    kind,
    target: targetOf(kind, info),
    subresource: info.subresource,
    type,
    patch: value,
    isForced: isTrue(query.get('force')),
    call: { ...call, decodingProblems: problems },
  });
}
