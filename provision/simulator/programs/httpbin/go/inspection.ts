import { deflateSync, gzipSync } from 'node:zlib';

import type { HttpResponse } from '../../../net/http.ts';
import {
  answer,
  answerJson,
  type Asked,
  goJson,
  type Handler,
  JSON_TYPE,
  problem,
  valuesOf,
} from './asked.ts';
import { parseMultipart } from './multipart.ts';

/** What came, without a body: /get, /head, and what other answers are made of. */
export const get: Handler = (asked) => answerJson(inspected(asked));

/** What came, body and all: /post, /put, /patch, /delete, /anything. */
export const withBody: Handler = (asked) => {
  const body = readBody(asked);
  if (typeof body === 'string') return problem(400, `error parsing request body: ${body}`);
  return answerJson({ ...inspected(asked), ...body });
};

export const anything: Handler = (asked) =>
  asked.request.method === 'HEAD' ? get(asked) : withBody(asked);

export const headers: Handler = (asked) => answerJson({ headers: asked.headers });

export const ip: Handler = ({ origin }) => answerJson({ origin });

export const userAgent: Handler = ({ request }) =>
  answerJson({ 'user-agent': request.headers.get('user-agent') ?? '' });

export const gzip: Handler = (asked) => packed(asked, 'gzip');

export const deflate: Handler = (asked) => packed(asked, 'deflate');

/** The request as it was on the wire, headers in alphabetical order. */
export const dumpRequest: Handler = ({ request, headers: all }) => {
  const lines = Object.entries(all).flatMap(([name, values]) =>
    name === 'Host' ? [] : values.map((value) => `${name}: ${value}`),
  );
  const head = [`${request.method} ${request.path} HTTP/1.1`, `Host: ${request.authority}`];
  const text = [...head, ...lines, '', ''].join('\r\n');
  return answer(Buffer.concat([Buffer.from(text), request.body]), {
    headers: [['content-type', 'text/plain; charset=utf-8']],
  });
};

function inspected({ args, headers: all, request, origin, url }: Asked) {
  return { args, headers: all, method: request.method, origin, url };
}

function packed(asked: Asked, encoding: 'gzip' | 'deflate'): HttpResponse {
  const { args, headers: all, request, origin } = asked;
  const mark = encoding === 'gzip' ? { gzipped: true } : { deflated: true };
  const text = goJson({ args, headers: all, method: request.method, origin, url: '', ...mark });
  return answer(encoding === 'gzip' ? gzipSync(text) : deflateSync(text), {
    headers: [
      ['content-encoding', encoding],
      ['content-type', JSON_TYPE],
    ],
  });
}

/** Data, files, form and JSON of a body by its content type; a text says why it cannot be read. */
function readBody({ request }: Asked) {
  const { body } = request;
  const nothing = { data: '', files: {}, form: {}, json: null };
  if (body.byteLength === 0) return nothing;
  const data = Buffer.from(body).toString();
  const written = request.headers.get('content-type') ?? '';
  const [type = ''] = written.split(';', 1);
  switch (type) {
    case 'text/html':
    case 'text/plain':
      return { ...nothing, data };
    case 'application/x-www-form-urlencoded':
      return { ...nothing, data, form: valuesOf(new URLSearchParams(data)) };
    case 'multipart/form-data': {
      const parts = parseMultipart(body, written);
      return parts ? { ...nothing, data, ...parts } : 'no multipart boundary param in Content-Type';
    }
    case 'application/json':
      return readJson(data);
    default: {
      const coded = Buffer.from(body).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      const name = type || 'application/octet-stream';
      return { ...nothing, data: `data:${name};base64,${coded}` };
    }
  }
}

function readJson(data: string) {
  try {
    const json: unknown = JSON.parse(data);
    return { data, files: {}, form: {}, json };
  } catch {
    return 'invalid character in JSON';
  }
}
