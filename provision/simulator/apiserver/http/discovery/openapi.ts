/** Serves OpenAPI, versions 2 and 3 (Kubernetes documentation, "The Kubernetes API", OpenAPI interface definition). */
import {
  openApiDocument,
  openApiIndex,
  openApiV2Document,
} from '../../../kinds/openapi/documents.ts';
import { sendText, type Exchange } from '../exchange.ts';
import { sendCached, sendCompressed } from './cached.ts';

// A dot where clients write `@` in Accept: they refuse the name that they ask for.
const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const PROTOBUF_NAME = 'com.github.proto-openapi.spec.v2';
/** How long clients may keep a document that they asked for by its hash: a year. */
const LIFE_MS = 365 * 24 * 3600 * 1000;

/** Answers a request below `/openapi`; `path` is what follows. */
export function sendOpenApi(exchange: Exchange, [version, ...rest]: readonly string[]): void {
  if (version === 'v2' && rest.length === 0) return sendV2(exchange);
  if (version === 'v3') return sendV3(exchange, rest.join('/'));
  sendText(exchange.response, 404, '404 page not found\n');
}

function sendV2({ request, response, context }: Exchange): void {
  const kinds = context.core.kinds.all();
  const form = (request.headers.accept ?? '').includes(PROTOBUF_NAME) ? 'protobuf' : 'json';
  const contentType = form === 'json' ? 'application/json' : PROTOBUF_TYPE;
  sendCompressed(request, response, { ...openApiV2Document(kinds, form), contentType });
}

function sendV3({ request, response, context, query }: Exchange, path: string): void {
  const kinds = context.core.kinds.all();
  if (path === '') {
    const index = JSON.stringify(openApiIndex(kinds));
    return sendCached(request, response, index, 'application/json');
  }
  const document = openApiDocument(kinds, path);
  if (!document) return sendText(response, 404, '404 page not found\n');
  if (query.get('hash') === document.hash) {
    // kubectl keeps what is said to be immutable on its disk.
    response.setHeader('cache-control', 'public, immutable');
    response.setHeader('expires', new Date(context.core.clock.now() + LIFE_MS).toUTCString());
  }
  sendCompressed(request, response, { ...document, contentType: 'application/json' });
}
