import type { IncomingMessage, ServerResponse } from 'node:http';

import { stringify } from 'yaml';

import type { ApiError } from '../../client/api-error.ts';
import type { KubeObject } from '../../kinds/object.ts';
import type { NetworkInterface } from '../../net/network.ts';
import type { Kubelet } from '../../node/kubelet.ts';
import type { Pki } from '../pki/pki.ts';
import type { Core, User } from '../rest/context.ts';
import { wantsYaml } from './requests/accept.ts';

/** What the HTTP side of one cluster's API server works with. */
export interface ServerContext {
  readonly core: Core;
  readonly pki: Pki;
  readonly kubelet: () => Kubelet;
  readonly network: () => NetworkInterface;
}

/** One request on its way, after authentication and authorization. */
export interface Exchange {
  readonly context: ServerContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: User;
}

/** Sends JSON text; `warnings` become Warning headers, which kubectl prints. */
export function sendJsonText(
  response: ServerResponse,
  code: number,
  text: string,
  contentType = 'application/json',
): void {
  const { text: shown, type } = worded(response.req, text, contentType);
  const bytes = Buffer.from(shown, 'utf8');
  response.writeHead(code, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}

/** People who read with a browser or curl get lines and indents, as upstream, unless they ask otherwise. */
function wantsPretty({ url = '', headers }: IncomingMessage): boolean {
  const asked = /[?&]pretty=([^&]*)/.exec(url)?.[1];
  if (asked !== undefined && asked !== '') return asked === 'true' || asked === '1';
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

/** As Go's encoder writes it: sorted, lists not indented, and times in quotes, which are no strings in YAML 1.1. */
const YAML = { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 } as const;

/** JSON in the form the client wants to read: as it is, indented, or as YAML. */
function worded(request: IncomingMessage, text: string, type: string) {
  if (type !== 'application/json') return { text, type };
  if (wantsYaml(request.headers.accept)) {
    return { text: stringify(JSON.parse(text), YAML), type: 'application/yaml' };
  }
  if (!wantsPretty(request)) return { text, type };
  return { text: JSON.stringify(JSON.parse(text), undefined, 2), type };
}

export function sendJson(
  response: ServerResponse,
  code: number,
  body: object,
  warnings: readonly string[] = [],
): void {
  setWarnings(response, warnings);
  sendJsonText(response, code, `${JSON.stringify(body)}\n`);
}

/** The answer for a path that nothing stands behind. */
export function sendPageNotFound(response: ServerResponse): void {
  sendText(response, 404, '404 page not found\n');
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  sendJsonText(response, code, text, 'text/plain; charset=utf-8');
}

export function sendError(response: ServerResponse, error: ApiError): void {
  const retry = error.details?.retryAfterSeconds;
  if (retry !== undefined) response.setHeader('retry-after', String(retry));
  sendJson(response, error.code, error.toStatus());
}

/** Adds Warning headers as RFC 7234 has them, `299 - "text"`; kubectl prints them. */
export function setWarnings(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length === 0) return;
  const texts = [...new Set(warnings)].map((text) => `299 - ${quoted(text)}`);
  response.appendHeader('warning', texts);
}

/** The Status of a deletion that is done. */
export function deletionStatus(
  resource: { readonly group: string; readonly plural: string },
  object: KubeObject,
): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(resource.group !== '' && { group: resource.group }),
      kind: resource.plural,
      uid: object.metadata.uid,
    },
  };
}

// Header values hold Latin-1 at most, whatever the warning quotes.
function quoted(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, (sign) => `\\${sign}`);
  return `"${plain}"`;
}
