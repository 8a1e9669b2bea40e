import type { Clock } from '../../../clock.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { HttpHeaders, type HttpResponse } from '../../../net/http.ts';
import {
  NetworkError,
  type NetworkErrorCode,
  type NetworkInterface,
} from '../../../net/network.ts';
import { userInfo } from '../../auth/reviews.ts';
import { internalError } from '../../errors.ts';
import {
  at,
  isObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
} from '../../objects/json.ts';
import { makeUid } from '../../objects/names.ts';
import type { AdmissionRequest } from '../admission.ts';

/** What calling a webhook takes. */
export interface WebhookCaller {
  readonly clock: Clock;
  readonly random: () => number;
  readonly network: () => NetworkInterface;
}

/** A webhook's answer (admission.k8s.io/v1 AdmissionResponse), read. */
export interface WebhookAnswer {
  readonly isAllowed: boolean;
  readonly status: { readonly message?: string; readonly reason?: string; readonly code?: number };
  /** Operations of a JSON patch; undefined when the webhook changes nothing. */
  readonly patch: unknown;
  readonly warnings: readonly string[];
}

/** Why a webhook gave no answer; what that means is its failurePolicy's. */
export class WebhookFailure extends Error {}

/** Seconds that a webhook without timeoutSeconds has. */
const TIMEOUT_SECONDS = 10;

/**
 * Asks a webhook over the virtual network.
 * @throws WebhookFailure when there is no usable answer
 */
export async function callWebhook(
  caller: WebhookCaller,
  webhook: Json,
  request: AdmissionRequest,
): Promise<WebhookAnswer> {
  const uid = makeUid(caller.random);
  const timeoutSeconds = numberAt(webhook, 'timeoutSeconds') ?? TIMEOUT_SECONDS;
  const destination = destinationOf(webhook, timeoutSeconds);
  const post = `Post "${destination.url}"`;
  const text = JSON.stringify(review(request, uid));
  const headers = new HttpHeaders([
    ['content-type', 'application/json'],
    ['accept', 'application/json, */*'],
    ['user-agent', 'kube-apiserver-admission'],
  ]);
  const timeout = new AbortController();
  const timer = caller.clock.after(timeoutSeconds * 1000, () => timeout.abort());
  const outcome = await Promise.race([
    answerOf(caller, destination, {
      method: 'POST',
      path: destination.path,
      authority: destination.host,
      headers,
      body: Buffer.from(text),
      signal: timeout.signal,
    }),
    aborted(timeout.signal),
  ]);
  timer[Symbol.dispose]();
  if (outcome === 'timeout') throw new WebhookFailure(`${post}: context deadline exceeded`);
  if (outcome instanceof NetworkError) {
    throw new WebhookFailure(`${post}: ${networkWords(outcome, destination)}`, { cause: outcome });
  }
  return readAnswer(outcome, uid);
}

/** How upstream reports a webhook that must answer and does not. */
export function callFailed(webhookName: string, failure: WebhookFailure) {
  return internalError(
    `failed calling webhook "${webhookName}": failed to call webhook: ${failure.message}`,
  );
}

interface Destination {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly url: string;
  readonly service: string;
}

function destinationOf(webhook: Json, timeoutSeconds: number): Destination {
  const service = objectAt(webhook, 'clientConfig', 'service');
  const query = `timeout=${timeoutSeconds}s`;
  const serviceName = stringAt(service, 'name');
  if (serviceName !== undefined) {
    const host = `${serviceName}.${stringAt(service, 'namespace') ?? ''}.svc`;
    const port = numberAt(service, 'port') ?? 443;
    const path = `${stringAt(service, 'path') ?? '/'}?${query}`;
    return { host, port, path, url: `https://${host}:${port}${path}`, service: serviceName };
  }
  const url = new URL(stringAt(webhook, 'clientConfig', 'url') ?? 'https://missing.invalid/');
  url.search = url.search === '' ? query : `${url.search}&${query}`;
  const port = url.port === '' ? 443 : Number(url.port);
  return { host: url.hostname, port, path: url.pathname + url.search, url: url.href, service: '' };
}

async function answerOf(
  caller: WebhookCaller,
  { host, port }: Destination,
  request: Parameters<NetworkInterface['request']>[1],
): Promise<HttpResponse | NetworkError> {
  try {
    return await caller.network().request({ host, port }, request);
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<'timeout'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('timeout'), { once: true });
  });
}

function networkWords(error: NetworkError, { host, port, service }: Destination): string {
  const isService = service !== '';
  const words: Readonly<Record<NetworkErrorCode, string>> = {
    ENOTFOUND: isService
      ? `service "${service}" not found`
      : `dial tcp: lookup ${host}: no such host`,
    EHOSTUNREACH: isService
      ? `no endpoints available for service "${service}"`
      : `dial tcp ${host}:${port}: connect: no route to host`,
    ECONNREFUSED: `dial tcp ${host}:${port}: connect: connection refused`,
    ECONNRESET: 'EOF',
    ETIMEDOUT: 'context deadline exceeded',
  };
  return words[error.code];
}

function readAnswer(response: HttpResponse, uid: string): WebhookAnswer {
  const text = Buffer.from(response.body).toString('utf8');
  if (response.status < 200 || response.status > 299) {
    throw new WebhookFailure(
      `the server could not process the request (status ${response.status}): ${text.slice(0, 200)}`,
    );
  }
  const answer = parseAnswer(text);
  if (stringAt(answer, 'uid') !== uid) {
    throw new WebhookFailure(
      `expected response.uid="${uid}", got "${stringAt(answer, 'uid') ?? ''}"`,
    );
  }
  const patch = stringAt(answer, 'patch');
  const message = stringAt(answer, 'status', 'message');
  const reason = stringAt(answer, 'status', 'reason');
  const code = numberAt(answer, 'status', 'code');
  return {
    isAllowed: at(answer, 'allowed') === true,
    status: {
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      ...(code !== undefined && { code }),
    },
    patch: patch === undefined || patch === '' ? undefined : parsePatch(patch),
    warnings: stringsAt(answer, 'warnings'),
  };
}

function parseAnswer(text: string): JsonObject {
  try {
    const body: unknown = JSON.parse(text);
    const answer = at(body, 'response');
    if (isObject(answer)) return answer;
  } catch (cause) {
    throw new WebhookFailure('the answer is no JSON', { cause });
  }
  throw new WebhookFailure('webhook response was absent');
}

function parsePatch(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch (cause) {
    throw new WebhookFailure('the patch of the answer is no JSON', { cause });
  }
}

function review(request: AdmissionRequest, uid: string): JsonObject {
  const { kind, subresource, name, namespace, operation, call } = request;
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const gvr = { group: kind.group, version: kind.version, resource: kind.plural };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind: gvk,
      resource: gvr,
      ...(subresource !== '' && { subResource: subresource, requestSubResource: subresource }),
      requestKind: gvk,
      requestResource: gvr,
      // A generated name is not yet settled when webhooks are asked, so upstream leaves it out.
      ...(isGenerated(request) ? {} : { name }),
      ...(namespace !== '' && { namespace }),
      operation,
      userInfo: userInfo(call.user),
      object: request.object ?? null,
      oldObject: request.oldObject ?? null,
      dryRun: call.isDryRun,
      options: null,
    },
  };
}

/** Whether the name of a new object was not its writer's choice; requests do not show it. */
export function isGenerated({ operation, object }: AdmissionRequest): boolean {
  return operation === 'CREATE' && (stringAt(object, 'metadata', 'generateName') ?? '') !== '';
}

/** The webhooks of all configurations of a kind, in the order of the configurations' names. */
export function webhooksOf(configurations: readonly object[]): readonly Json[] {
  return configurations.flatMap((configuration) => listAt(configuration, 'webhooks'));
}
